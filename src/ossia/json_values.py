"""Values of JSON, told apart: after `isinstance` alone, a type checker knows nothing of what is inside."""

from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """True for an object of JSON, whose keys are always texts."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """True for a list of JSON."""
    return isinstance(value, list)


def as_object(value: object) -> dict[str, Any]:
    """Return an object; an empty one in the place of any other value."""
    return value if is_object(value) else {}


def as_list(value: object) -> list[Any]:
    """Return a list; an empty one in the place of any other value."""
    return value if is_list(value) else []

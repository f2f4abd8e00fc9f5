"""Requests with many inputs, on each of which the same work is done by a model: embeddings, and reranking.

This module knows no vendor, and not what the work is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from ossia.errors import InvalidRequest

AT_ONCE: Final = 16
"""Inputs of one request that the engine gets at a time, so that a long list does not hold up other requests."""

Item = TypeVar("Item")
Result = TypeVar("Result")


async def each_of(items: Sequence[Item], work: Callable[[Item], Awaitable[Result]]) -> list[Result]:
    """Return the results of all items, in order. The first failure is raised and cancels the rest."""
    waiting = iter(enumerate(items))
    results: dict[int, Result] = {}

    async def next_ones() -> None:
        for index, item in waiting:
            results[index] = await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(items))):
                group.create_task(next_ones())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [results[index] for index in range(len(items))]


def check_number(number: int, limit: int) -> None:
    if number > limit:
        raise InvalidRequest(
            f"there are {number} inputs, but a request may have {limit}: send several, or set OSSIA_MAX_INPUTS"
        )

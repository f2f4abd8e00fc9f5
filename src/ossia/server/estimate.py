"""Estimate of the memory that a model will take when it is loaded. Its process knows better, once it runs."""

from contextlib import suppress

from ossia.engine.costs import stored_costs
from ossia.errors import OssiaError
from ossia.store.models import Model


def file_bytes(model: Model) -> int:
    """Return the size of a model's files, which is quick to find out; 0 if they are missing."""
    with suppress(OSError):  # loading will report what is wrong with the file
        return sum(path.stat().st_size for path in model.files)
    return 0


def weight_bytes(model: Model) -> int:
    """Return the bytes of a model's weights as they will be in memory, where some types take more than in the file."""
    with suppress(OssiaError, OSError):
        if costs := stored_costs(model.files):
            return costs.weights
    return file_bytes(model)

"""Places of a batch, each for one sequence, and extra ones for clients that have none.

As many places as were asked for are anybody's. Whoever comes when one client has them all gets an extra one, so that
the long answers of one do not shut out another. A batch of few places has none.
"""


def num_extra(places: int) -> int:
    """Extra places of a batch with so many."""
    return min(2, places // 8)


def num_sequences(places: int) -> int:
    """Most sequences that run together in a batch with so many places."""
    return places + num_extra(places)

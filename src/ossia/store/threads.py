"""Work in threads, while the calling thread reports progress until the work is done, fails or is cancelled.

Knows neither registries nor blobs.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import Final, TypeVar

from ossia.store.http import HttpClient

_T = TypeVar("_T")
TICK: Final = 0.1  # seconds between two reports


def run_in_threads(
    http: HttpClient, tick: Callable[[], None], work: Iterable[Callable[[], _T]], threads: int = 1
) -> list[_T]:
    """Run all of `work` in threads and return the results. `tick` is called first, every TICK seconds and at the end.

    If one call fails or `tick` raises, the others are stopped through `http` and awaited, and the error is raised.
    """
    with ThreadPoolExecutor(threads) as executor:
        tick()  # before any thread has begun, so that progress begins where it was
        futures = [executor.submit(action) for action in work]
        pending: set[Future[_T]] = set(futures)
        try:
            while pending:
                done, pending = wait(pending, TICK, FIRST_EXCEPTION)
                tick()
                for future in done:
                    future.result()
        except BaseException:
            http.stop()
            executor.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]

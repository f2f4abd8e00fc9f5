"""Cache of a function's results, bounded by bytes: arguments and results come from clients and model files.

functools.lru_cache counts results, and 512 of them may be anything between a kilobyte and a gigabyte.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class CacheInfo(NamedTuple):
    hits: int
    misses: int
    num_bytes: int


class ByteStore(Generic[K, V]):
    """The latest results by their arguments, as many as `limit` bytes hold.

    `size` estimates the bytes of an argument and its result. A result larger than `limit` is not kept at all. May be
    used in any thread.
    """

    def __init__(self, limit: int, size: Callable[[K, V], int]) -> None:
        self._limit, self._size = limit, size
        self._results: OrderedDict[K, tuple[V, int]] = OrderedDict()  # with their sizes, least recently used first
        self._lock = Lock()
        self._hits = self._misses = self._num_bytes = 0

    def get(self, argument: K) -> V | None:
        with self._lock:
            if argument not in self._results:
                self._misses += 1
                return None
            self._hits += 1
            self._results.move_to_end(argument)
            return self._results[argument][0]

    def put(self, argument: K, result: V) -> None:
        size = self._size(argument, result)
        with self._lock:
            if argument in self._results or size > self._limit:  # another thread may have been quicker
                return
            self._results[argument] = result, size
            self._num_bytes += size
            while self._num_bytes > self._limit:
                self._num_bytes -= self._results.popitem(last=False)[1][1]

    def cache_info(self) -> CacheInfo:
        return CacheInfo(self._hits, self._misses, self._num_bytes)

    def cache_clear(self) -> None:
        with self._lock:
            self._results.clear()
            self._hits = self._misses = self._num_bytes = 0


class ByteCache(ByteStore[K, V]):
    """A function of one argument that keeps its latest results. The function never returns None."""

    def __init__(self, function: Callable[[K], V], limit: int, size: Callable[[K, V], int]) -> None:
        super().__init__(limit, size)
        self._function = function

    def __call__(self, argument: K) -> V:
        known = self.get(argument)
        if known is not None:
            return known
        result = self._function(argument)
        self.put(argument, result)
        return result


def byte_cache(limit: int, size: Callable[[K, V], int]) -> Callable[[Callable[[K], V]], ByteCache[K, V]]:
    """Decorate a function as functools.lru_cache does, but with a limit in bytes."""
    return lambda function: ByteCache(function, limit, size)

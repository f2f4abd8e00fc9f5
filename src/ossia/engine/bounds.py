"""Bounds: what a request may ask of a loaded model, in tokens and ids. It knows neither text nor what computes."""

from collections.abc import Sequence
from dataclasses import dataclass

from ossia.errors import ContextLengthExceeded, InvalidRequest
from ossia.types import GenerateRequest


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of a loaded model: contexts are at most `longest` tokens, and there is memory for those of `room`."""

    vocab_size: int
    room: int
    longest: int

    def context(self, asked: int | None) -> int:
        """Return the context's length for a request. Raises InvalidRequest if more is asked for than there is room."""
        wanted = min(asked or self.room, self.longest)
        if wanted > self.room:
            raise InvalidRequest(
                f"a context of {wanted} tokens does not fit into memory: there is room for {self.room}",
                hint="ask for fewer (num_ctx), or unload other models and this one, which is then loaded anew",
            )
        return wanted

    def max_tokens(self, request: GenerateRequest, prompt_tokens: int) -> int:
        """Return how many tokens the answer may have. Raises InvalidRequest or ContextLengthExceeded."""
        if prompt_tokens == 0:
            raise InvalidRequest("the prompt is empty", hint="a model needs at least one token to go on from")
        limit = self.context(request.placement.context_length)
        if prompt_tokens >= limit:
            raise ContextLengthExceeded(prompt_tokens, limit)
        wanted = request.sampling.max_tokens
        return limit - prompt_tokens if wanted is None else min(max(wanted, 0), limit - prompt_tokens)

    def checked(self, ids: Sequence[int]) -> list[int]:
        """Return ids from outside. Raises InvalidRequest for an unknown one, which would end the model's process."""
        for id in (min(ids, default=0), max(ids, default=0)):
            if not 0 <= id < self.vocab_size:
                raise InvalidRequest(f"there is no token {id}: the model has {self.vocab_size} tokens")
        return list(ids)

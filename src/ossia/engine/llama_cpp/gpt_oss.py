"""GptOssByLlamaCpp: gpt-oss on llama.cpp, for devices that our own engine does not know.

Everything above ids is NativeEngine's. llama.cpp drops a grammar in silence where it cannot follow, so what was
demanded is checked again at the end of each answer.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from ossia.chat import Problem
from ossia.chat.grammar.checks import checked_grammar
from ossia.chat.length import length_of
from ossia.config import EngineOptions
from ossia.engine import PLAIN, Start
from ossia.engine.codec import Codec, Sandboxes
from ossia.engine.facts import ModelFacts
from ossia.engine.llama_cpp.child import LlamaChild
from ossia.engine.llama_cpp.demands import Demands, demands_of
from ossia.engine.llama_cpp.lost import LostIds
from ossia.engine.llama_cpp.patterns import check_patterns
from ossia.engine.llama_cpp.start import LoadedModel, load_model
from ossia.engine.native import NativeEngine
from ossia.engine.process import start_and_read
from ossia.gguf import GGUF
from ossia.sandbox.sandbox import LLAMA_GRAMMARS, Sandbox
from ossia.types import Event, Finished, GenerateRequest, fold


class GptOssByLlamaCpp(NativeEngine):
    """NativeEngine over a process of llama.cpp."""

    def __init__(self, model: LoadedModel, facts: ModelFacts, codec: Codec, allowed: int | None = None) -> None:
        super().__init__(LlamaChild(model, LostIds(codec.tokenizer)), facts, codec, allowed)
        self._has_grammars = model.process.ready.has_grammars

    @classmethod
    async def load(
        cls, gguf: GGUF, facts: ModelFacts, options: EngineOptions, start: Start = PLAIN
    ) -> "GptOssByLlamaCpp":
        sandboxes = Sandboxes(grammars=Sandbox("llama_grammars", LLAMA_GRAMMARS))
        read = partial(Codec.of, gguf, facts, options, sandboxes, flat=True)
        model, codec = await start_and_read(load_model(gguf, facts, options, start), read)
        return cls(model, facts, codec, options.context_length)

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        demands = await checked_grammar(self, request, length_of(request), self.sandboxes.grammars)
        demanded = demands.answer or demands.arguments or demands.requires_call
        events: list[Event] = []
        async with aclosing(super().generate(request)) as stream:
            async for event in stream:
                if demanded:
                    events.append(event)
                yield await _checked(event, events, demands) if isinstance(event, Finished) else event

    def grammar(self, request: GenerateRequest, problem: Problem) -> Demands:
        demands = demands_of(request, problem, has_grammars=self._has_grammars)
        check_patterns((tool.parameters for tool in request.tools), problem)  # strict or not, ours enforces them
        return demands


async def _checked(finished: Finished, events: list[Event], demands: Demands) -> Finished:
    if finished.reason == "error" or not events:
        return finished
    message = fold(events).message
    return await demands.check(finished, message.content, message.tool_calls)

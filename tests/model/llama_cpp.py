"""llama.cpp as an oracle, through xllamacpp: greedy continuations of token ids, with the likeliest alternatives."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xllamacpp


@dataclass(frozen=True)
class Choice:
    """One greedy step: the id chosen, and the log probabilities of the likeliest ids."""

    token: int
    logprobs: dict[int, float]

    def gap(self, other: int) -> float:
        """Return the gap in log probability between the choice and `other`, infinite if `other` was not among the most
        likely."""
        return self.logprobs[self.token] - self.logprobs.get(other, float("-inf"))


def _params(model: Path) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx = 1024
    params.n_parallel = 1
    params.cpuparams.n_threads = 1  # more would spin while they wait for each other, and starve other tests
    params.warmup = False
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    return params


class LlamaCpp:
    def __init__(self, model: Path) -> None:
        self._server = xllamacpp.Server(_params(model))

    def greedy(self, ids: list[int], count: int) -> list[Choice]:
        request: dict[str, Any] = {
            "prompt": ids,
            "n_predict": count,
            "n_probs": 20,
            "temperature": 0,
            "cache_prompt": False,
            "post_sampling_probs": False,
        }
        answer = self._server.handle_completions(request)
        steps = answer["choices"][0]["logprobs"]["content"]
        return [Choice(s["id"], {t["id"]: t["logprob"] for t in s["top_logprobs"]}) for s in steps]


class LlamaCppEmbeddings:
    """Means over all tokens of a text; all of them in one batch, which llama.cpp asks for."""

    def __init__(self, model: Path) -> None:
        params = _params(model)
        params.embedding = True
        params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
        params.n_batch = params.n_ubatch = params.n_ctx
        self._server = xllamacpp.Server(params)

    def embed(self, ids: list[int]) -> list[float]:
        answer = self._server.handle_embeddings({"input": ids})
        (item,) = answer["data"]
        return item["embedding"]

"""lm-eval scores continuations of texts on the embedded model: the sums are those of the engine itself."""

import json
from pathlib import Path
from typing import Any

import pytest

from ossia.engine.gpt_oss.weights import load
from ossia.engine.sequence import Sampled, Score, Scored, Sequence
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from tests.clients.all.conftest import RunPython
from tests.clients.conftest import Server
from tests.clients.environments import python_with
from tests.model.test_embeddings import engine
from tests.vocabulary import vocabulary

PAIRS = [
    ("The capital of France is", " Paris"),
    ("The capital of France is", " Paris, of course."),
    ("One, two,", " the"),
]


def own_score(model: Path, context: str, continuation: str) -> tuple[float, bool]:
    """Log-likelihood of a continuation, and whether it is the greedy one, by the engine without server or client."""
    tokenizer = Tokenizer.from_gguf(GGUF.open(model).metadata)
    core = engine(load(model))
    core.add(Sequence(1, tokenizer.encode(context + continuation), Score(1)))
    tokens: list[Sampled] = []
    while core.has_work:
        tokens += [token for output in core.step() if isinstance(output, Scored) for token in output.tokens]
    continued = tokens[len(tokenizer.encode(context)) - 1 :]
    greedy = all(token.logprob >= token.top[0][1] for token in continued)
    return sum(token.logprob for token in continued), greedy


@pytest.mark.timeout(600)  # with the installation
def test_lm_eval(server: Server, tiny_models: dict[str, Path], tmp_path: Path, run_python: RunPython) -> None:
    """It asks with texts, and counts the tokens of each context by a tokenizer of its own."""
    (tmp_path / "tokenizer.json").symlink_to(vocabulary().tokenizer_json)
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    programs = python_with("lm-eval[api]==0.4.13", "transformers==5.24.0")
    settings: Any = {"URL": server.url, "TOKENIZER": str(tmp_path), "PAIRS": json.dumps(PAIRS), "HF_HUB_OFFLINE": "1"}
    seen = run_python(programs, "lm_eval_scores.py", **settings)
    assert seen["answer"].strip()
    for pair, (score, greedy) in zip(PAIRS, seen["scores"], strict=True):
        expected, is_greedy = own_score(tiny_models["mxfp4"], *pair)
        assert (score, greedy) == (pytest.approx(expected, abs=2e-3), is_greedy), pair

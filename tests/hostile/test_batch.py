"""One sequence of a batch, whatever it asks for, costs the others neither their answers nor their turns."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
import pytest

from ossia.chat import TurnGrammar
from ossia.chat.grammar.rules import grammar_rule, json_rule
from ossia.engine import constraint as constraint_module
from ossia.engine import core as core_module
from ossia.engine.constraint import Constraint, Vocabulary
from ossia.engine.core import EngineCore
from ossia.engine.edits import Edits
from ossia.engine.gpt_oss.sampler import sample
from ossia.engine.sequence import Sample, Sequence, StepOutput
from ossia.errors import InvalidRequest
from ossia.sandbox.grammars import problem
from ossia.types import Grammar, SamplingParams
from tests.doubles.random_runner import RandomRunner
from tests.unit.byte_vocabulary import byte_vocabulary

TOKENIZER = byte_vocabulary("<|end|>", eos_token_id=0)
VOCABULARY = Vocabulary(TOKENIZER)
END = min(TOKENIZER.eos_ids)
TOKENS = 40


def constrained(id: int, rule: str) -> Sequence:
    grammar = TurnGrammar(f"start: answer <[{END}]>\nanswer: {rule}", finishers=(END,))
    constraint = Constraint(VOCABULARY, grammar, TOKENS)
    return Sequence(id, [1, 2], Sample(SamplingParams(), TOKENS, id, TOKENIZER.eos_ids, constraint=constraint))


def free(id: int) -> Sequence:
    return Sequence(id, [1, 2], Sample(SamplingParams(), TOKENS, id))


def run(core: EngineCore, until: Callable[[], bool]) -> list[StepOutput]:
    outputs: list[StepOutput] = []
    while core.has_work and not until():
        outputs += [output for output in core.step() if isinstance(output, StepOutput)]
    return outputs


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """While it is shut, masks are computed without end, in as many threads as there are."""
    gate, read = threading.Event(), Constraint._read

    def held(constraint: Constraint, token: int) -> None:
        gate.wait()
        read(constraint, token)

    monkeypatch.setattr(Constraint, "_read", held)
    monkeypatch.setattr(core_module, "PATIENCE", 0.001)
    yield gate
    gate.set()


@pytest.mark.parametrize("attackers", [1, 4, 9])
def test_the_others_finish_while_masks_are_computed_for_ever(gate: threading.Event, attackers: int) -> None:
    core = EngineCore(RandomRunner(TOKENIZER.vocab_size), max_sequences=16)
    for id in range(attackers):
        core.add(constrained(id, "/[a-z]{30}/"))
    core.add(neighbour := free(99))
    outputs = run(core, lambda: len(neighbour.token_ids) == 2 + TOKENS)
    assert sum(output.id == 99 for output in outputs) == TOKENS
    assert sum(output.id != 99 for output in outputs) == attackers, "each has the id of its first mask"
    gate.set()
    outputs += run(core, lambda: False)
    for id in range(attackers):
        text = TOKENIZER.decode([output.sampled.token for output in outputs if output.id == id][:-1])
        assert len(text) == 30
        assert text.isalpha()


def test_a_mask_that_is_never_done_ends_its_sequence(gate: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constraint_module, "_LONGEST", 0.0)
    core = EngineCore(RandomRunner(TOKENIZER.vocab_size), max_sequences=16)
    core.add(constrained(1, "/[a-z]{30}/"))
    core.add(free(2))
    assert [output.id for output in run(core, lambda: False) if output.finished] == [2]
    assert not core.has_work


GRAMMARS: dict[str, Callable[[], str]] = {
    "counted in counted": lambda: grammar_rule(Grammar("regex", "(((((a{99}){99}){99}){99}){99}){99}"), "g", problem),
    "counted dots": lambda: grammar_rule(Grammar("regex", "(.*a.{200}){3}"), "g", problem),
    "optional in optional": lambda: grammar_rule(Grammar("regex", "((((a?){30}b?){30}c?){30}d?){30}"), "g", problem),
    "ambiguous": lambda: grammar_rule(Grammar("lark", 'start: x\nx: x x | x x x | "a" | '), "g", problem),
    "a complement": lambda: grammar_rule(
        Grammar("lark", r"start: A" + "\n" + r"A: ~/(.|\n)*a(.|\n){200}/"), "g", problem
    ),
    "intersections": lambda: json_rule(
        {"type": "string", "allOf": [{"pattern": f"w{i}"} for i in range(24)]}, "s", problem
    ),
    "many values": lambda: json_rule({"enum": [f"value {i}" for i in range(2000)]}, "s", problem),
    "letters": lambda: json_rule({"type": "string", "pattern": "^\\p{L}{1,1000}\\p{N}{1,1000}$"}, "s", problem),
}


@pytest.mark.parametrize("rule", GRAMMARS.values(), ids=GRAMMARS.keys())
def test_a_costly_grammar_is_refused_or_comes_to_an_end_beside_others(rule: Callable[[], str]) -> None:
    core = EngineCore(RandomRunner(TOKENIZER.vocab_size), max_sequences=16)
    with suppress(InvalidRequest, ValueError):  # refused by the server, or by the process when it is compiled
        core.add(constrained(1, rule()))
    core.add(free(2))
    core.add(constrained(3, json_rule({"type": "integer"}, "s", problem)))
    outputs = run(core, lambda: False)
    assert {2, 3} <= {output.id for output in outputs if output.finished}
    digits = TOKENIZER.decode([output.sampled.token for output in outputs if output.id == 3][:-1])
    assert isinstance(json.loads(digits), int)


LARGE = 100_000
IDS = np.random.default_rng(0).integers(0, LARGE, LARGE).tolist()


@pytest.mark.parametrize(
    "params",
    [
        SamplingParams(logit_bias=tuple((id, 1.0) for id in range(LARGE))),
        SamplingParams(logit_bias=tuple((id % 7, 1e300) for id in range(LARGE))),
        SamplingParams(repeat_penalty=1.3, repeat_last_n=-1),
        SamplingParams(frequency_penalty=1.3, repeat_last_n=LARGE // 2),
    ],
)
def test_what_a_request_names_is_read_once_and_not_at_each_step(
    params: SamplingParams, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    count = Edits._count
    monkeypatch.setattr(Edits, "_count", lambda edits, ids, by: (read.append(len(ids)), count(edits, ids, by))[1])
    sequence = Sequence(1, list(IDS), Sample(params, 100))
    row = np.random.default_rng(0).standard_normal((1, LARGE)).astype(np.float32)
    sample(row, [sequence])
    read.clear()
    before = sequence.edits.bias(LARGE)[0]
    for id in range(10):
        sequence.token_ids.append(id)
        sample(row, [sequence])
    assert sum(read) <= 20, "one id comes and one may leave the window"
    assert np.shares_memory(before, sequence.edits.bias(LARGE)[0]) or not before.size


ODD = [2**31, 2**63, -1, -(2**63), 10**30]


@pytest.mark.parametrize("id", ODD)
def test_odd_ids_are_nobodys(id: int) -> None:
    """An id that no vocabulary has: as a bias, to stop at, or not to be penalised."""
    params = SamplingParams(logit_bias=((id, 5.0),), repeat_penalty=1.1)
    row = np.random.default_rng(0).standard_normal((1, 50)).astype(np.float32)
    tasks = [
        Sample(params, 5, seed=id, stop_token_ids=frozenset({id}), unpenalised_ids=frozenset({id})),
        Sample(SamplingParams(repeat_penalty=1.1), 5, seed=id),
    ]
    odd, plain = (sample(row, [Sequence(1, [1, 2], task)]) for task in tasks)
    assert odd == plain

"""Answers of a model without sense under a grammar: well-formed, of the schema, and at an end."""

import json
import re
from collections.abc import Sequence as Seq
from concurrent.futures import Future
from datetime import date

import jsonschema
import pytest

from ossia.chat.harmony.format import Harmony
from ossia.chat.jinja import JinjaTemplate
from ossia.engine import mask_threads
from ossia.engine.constraint import Constraint, Vocabulary, allows
from ossia.engine.core import EngineCore
from ossia.engine.detokenizer import Detokenizer
from ossia.engine.mask_threads import make
from ossia.engine.sequence import Sample, Sequence
from ossia.types import (
    ANY_OBJECT,
    Event,
    GenerateRequest,
    Grammar,
    Message,
    ReasoningDelta,
    ResponseFormat,
    SamplingParams,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
)
from tests.doubles.in_process import TemplatesHere, problem, rendered
from tests.doubles.random_runner import RandomRunner
from tests.random_schemas import random_schema
from tests.unit.byte_vocabulary import byte_vocabulary
from tests.waiting import PATIENCE

HARMONY = ["<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|constrain|>", "<|return|>", "<|call|>"]
TOKENIZER = byte_vocabulary(*HARMONY, "<|endoftext|>", eos_token_id=7)
VOCABULARY = Vocabulary(TOKENIZER)
CHAT = Harmony(TOKENIZER)
QUESTION = (Message("user", "?"),)
WEATHER = Tool(
    "get_weather", parameters={"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
)
OTHER = Tool("get_time", parameters={"type": "object", "properties": {"zone": {"enum": ["utc", "cet"]}}})
FORMATS = jsonschema.FormatChecker()


@FORMATS.checks("date", ValueError)
def is_date(value: object) -> bool:
    """True for a date in a year that may have a 29 February: grammars do not compute which have."""
    return not isinstance(value, str) or bool(date.fromisoformat(value.replace("-02-29", "-02-28")))


class Spoken:
    """One answer of the senseless model, folded."""

    def __init__(self, request: GenerateRequest, max_tokens: int = 320, seed: int = 0, chat: Harmony = CHAT) -> None:
        prompt = rendered(chat, request)
        grammar = chat.grammar(request, problem)
        self.answer = Detokenizer(request, chat.parser(request), TOKENIZER, chat.stop_token_ids, prompt)
        task = Sample(
            SamplingParams(temperature=2.0),
            max_tokens,
            seed,
            chat.stop_token_ids,
            constraint=Constraint(VOCABULARY, grammar, max_tokens) if grammar else None,
        )
        sequence = Sequence(1, list(prompt), task)
        core = EngineCore(RandomRunner(TOKENIZER.vocab_size, seed), max_sequences=1)
        core.add(sequence)
        events: list[Event] = []
        while core.has_work:
            for output in core.step():
                events += self.answer.feed(output)
        self.ids = sequence.token_ids[len(prompt) :]
        self.raw = TOKENIZER.decode(self.ids)
        self.text = "".join(event.text for event in events if isinstance(event, TextDelta))
        self.reasoning = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
        self.calls = _calls([event for event in events if isinstance(event, ToolCallDelta)])
        self.reason = self.answer.reason


def _calls(deltas: Seq[ToolCallDelta]) -> list[ToolCall]:
    calls: dict[int, ToolCall] = {}
    for delta in deltas:
        before = calls.get(delta.index)
        calls[delta.index] = ToolCall(delta.id, delta.name, (before.arguments if before else "") + delta.arguments)
    return list(calls.values())


def valid(text: str, schema: dict[str, object]) -> object:
    value = json.loads(text)
    jsonschema.validate(value, schema, format_checker=FORMATS)
    return value


def many(count: int) -> list[pytest.param]:
    return [pytest.param(seed, id=str(seed)) for seed in range(count)]


@pytest.mark.parametrize("seed", many(10))
def test_a_random_schema_is_kept(seed: int) -> None:
    schema = random_schema(seed)
    spoken = Spoken(GenerateRequest(QUESTION, response_format=ResponseFormat(schema)), 1200, seed)
    assert spoken.reason == "stop"
    valid(spoken.text, schema)


@pytest.mark.parametrize("seed", many(10))
def test_a_required_call_is_made_with_arguments_of_its_schema(seed: int) -> None:
    tools = tuple(Tool(f"tool_{i}", parameters=random_schema(1000 + seed * 3 + i)) for i in range(3))
    spoken = Spoken(GenerateRequest(QUESTION, tools, ToolChoice(required=True)), 1200, seed)
    assert spoken.reason == "tool_calls"
    schemas = {tool.name: tool.parameters for tool in tools}
    for call in spoken.calls:
        valid(call.arguments, schemas[call.name] or {})


@pytest.mark.slow
@pytest.mark.parametrize("seed", many(1000))
def test_a_thousand_random_schemas_are_kept(seed: int) -> None:
    test_a_random_schema_is_kept(5000 + seed)
    test_a_required_call_is_made_with_arguments_of_its_schema(5000 + seed)


@pytest.mark.parametrize("seed", range(8))
def test_a_turn_is_well_formed_when_nothing_is_asked(seed: int) -> None:
    """However it goes on, it begins with a header, and ends by the rules or for want of room."""
    spoken = Spoken(GenerateRequest(QUESTION), 1500, seed)
    assert spoken.raw.startswith(("<|channel|>analysis<|message|>", "<|channel|>commentary<|message|>")) or (
        spoken.raw.startswith("<|channel|>final") and "<|message|>" in spoken.raw
    )
    assert not spoken.calls
    assert spoken.reason == "length" or spoken.raw.endswith("<|return|>")


@pytest.mark.parametrize("seed", range(8))
def test_without_reasoning_there_is_none_also_with_tools(seed: int) -> None:
    spoken = Spoken(GenerateRequest(QUESTION, (WEATHER,), reasoning_effort="none"), 400, seed)
    assert spoken.reasoning == ""
    assert "analysis" not in spoken.raw


@pytest.mark.parametrize("seed", range(8))
def test_only_an_allowed_tool_is_called(seed: int) -> None:
    choice = ToolChoice(allowed=("get_time",), required=True)
    spoken = Spoken(GenerateRequest(QUESTION, (WEATHER, OTHER), choice), seed=seed)
    assert {call.name for call in spoken.calls} == {"get_time"}


@pytest.mark.parametrize("seed", range(8))
def test_one_call_at_most_unless_several_may_be(seed: int) -> None:
    choice = ToolChoice(required=True, parallel=False)
    spoken = Spoken(GenerateRequest(QUESTION, (WEATHER, OTHER), choice), 2000, seed)
    assert len(spoken.calls) == 1


def test_several_calls_come_out_whole() -> None:
    """A model that goes on after a call, which noise does now and then."""
    request = GenerateRequest(QUESTION, (WEATHER,), ToolChoice(required=True))
    spoken = (Spoken(request, 2000, seed) for seed in range(12))
    calls = next(one.calls for one in spoken if len(one.calls) > 1)
    assert len({call.id for call in calls}) == len(calls)
    for call in calls:
        valid(call.arguments, WEATHER.parameters or {})


@pytest.mark.parametrize("effort", ["none", "high"])
def test_a_schema_with_tools_ends_in_a_call_or_in_json(effort: str) -> None:
    for seed in range(8):
        request = GenerateRequest(QUESTION, (OTHER,), response_format=ANY_OBJECT, reasoning_effort=effort)  # type: ignore[arg-type]
        spoken = Spoken(request, 600, seed)
        if spoken.reason == "stop":
            assert isinstance(json.loads(spoken.text), dict)
        else:
            assert spoken.reason == "tool_calls"


def test_thinking_is_ended_so_that_the_answer_fits() -> None:
    """The model would think on until it has no tokens left: noise ends a thought only by accident."""
    thought = (*QUESTION, Message("assistant", reasoning="It began so"))
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    for seed in range(8):
        spoken = Spoken(GenerateRequest(thought, response_format=ResponseFormat(schema)), 500, seed)
        assert spoken.reason == "stop"
        valid(spoken.text, schema)


def test_too_few_tokens_for_anything_is_length() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "string", "minLength": 50}}, "required": ["n"]}
    spoken = Spoken(GenerateRequest(QUESTION, response_format=ResponseFormat(schema)), 20)
    assert spoken.reason == "length"


def test_an_answer_that_was_begun_is_continued() -> None:
    begun = (*QUESTION, Message("assistant", ' {"n": 4'))
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "additionalProperties": False}
    spoken = Spoken(GenerateRequest(begun, response_format=ResponseFormat(schema)))
    assert valid('{"n": 4' + spoken.text, schema)


def test_a_beginning_that_does_not_fit_is_refused() -> None:
    begun = (*QUESTION, Message("assistant", "Well, "))
    with pytest.raises(ValueError, match="does not fit"):
        Spoken(GenerateRequest(begun, response_format=ANY_OBJECT))


@pytest.mark.parametrize(
    ("grammar", "pattern"),
    [
        (Grammar("regex", "[ab]{3,5}/[0-9]+"), r"[ab]{3,5}/[0-9]+"),
        (Grammar("lark", 'start: "SELECT " NAME\nNAME: /[a-z]{1,9}/'), r"SELECT [a-z]{1,9}"),
    ],
)
def test_a_text_tool_speaks_its_grammar(grammar: Grammar, pattern: str) -> None:
    tool = Tool("sql", takes_text=True, grammar=grammar)
    for seed in range(6):
        spoken = Spoken(GenerateRequest(QUESTION, (tool,), ToolChoice(required=True, parallel=False)), 600, seed)
        assert [call.name for call in spoken.calls] == ["sql"]
        assert re.fullmatch(pattern, spoken.calls[0].arguments)


@pytest.mark.parametrize(("pattern", "text"), [(r"a\/b", "a/b"), (r"a{0}", ""), (r"[\/]", "/")])
def test_a_text_may_have_slashes_or_be_empty(pattern: str, text: str) -> None:
    tool = Tool("f", takes_text=True, grammar=Grammar("regex", pattern))
    spoken = Spoken(GenerateRequest(QUESTION, (tool,), ToolChoice(required=True, parallel=False)), 300)
    assert [call.arguments for call in spoken.calls] == [text]


def test_a_grammar_that_allows_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Spoken(GenerateRequest(QUESTION, response_format=ResponseFormat({"$ref": "#"}), reasoning_effort="none"))


def test_a_grammar_that_turns_out_to_be_too_much_cuts_the_answer_off() -> None:
    """An answer that is not whole is never said to be."""
    schema = {"type": "string", "pattern": "^a{1000000}$"}
    spoken = Spoken(GenerateRequest(QUESTION, response_format=ResponseFormat(schema), reasoning_effort="none"))
    assert spoken.reason == "length"


EMAIL = {"type": "string", "format": "email", "pattern": r"^(?!\.)x", "maxLength": 9}
KINDS = [{"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]} for kind in ("a", "b")]


@pytest.mark.parametrize("field", [EMAIL, {"oneOf": KINDS}], ids=["a pattern that looks ahead", "kinds"])
def test_what_can_be_enforced_of_a_tool_that_is_not_strict_is(field: dict[str, object]) -> None:
    schema = {"type": "object", "properties": {"x": field}, "required": ["x"], "additionalProperties": False}
    choice = ToolChoice(required=True, parallel=False)
    for seed in range(4):
        spoken = Spoken(GenerateRequest(QUESTION, (Tool("f", parameters=schema),), choice), 800, seed)
        (value,) = (json.loads(call.arguments) for call in spoken.calls)
        assert list(value) == ["x"]
        if "oneOf" in field:
            assert value["x"]["kind"] in ("a", "b")


def test_a_call_is_demanded_also_after_an_answer() -> None:
    said = (*QUESTION, Message("assistant", "Hello"))
    spoken = Spoken(GenerateRequest(said, (WEATHER,), ToolChoice(required=True)), 400)
    assert spoken.calls


def test_json_of_a_model_without_harmony() -> None:
    tokenizer = TOKENIZER
    chat = JinjaTemplate(tokenizer, {"tokenizer.chat_template": "{{ messages[0].content }}"}, TemplatesHere())
    schema = random_schema(3)
    for seed in range(8):
        spoken = Spoken(GenerateRequest(QUESTION, response_format=ResponseFormat(schema)), 1200, seed, chat)  # type: ignore[arg-type]
        assert spoken.reason == "stop"
        valid(spoken.text, schema)


def test_a_bias_cannot_bring_back_what_the_grammar_forbids() -> None:
    request = GenerateRequest(QUESTION, response_format=ANY_OBJECT, reasoning_effort="none")
    constraint = Constraint(VOCABULARY, CHAT.grammar(request, problem), 10)  # type: ignore[arg-type]
    constraint.prepare()
    allowed = [id for id in range(TOKENIZER.vocab_size) if allows(constraint.words.result(), id)]
    assert [TOKENIZER.decode([id]) for id in allowed] == ["{"]


@pytest.mark.parametrize(("number", "parsers"), [(3, 2), (17, 1), (17, 2)])
def test_masks_that_are_made_together_are_those_made_alone(
    number: int, parsers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happens to one of them, the others are there."""
    monkeypatch.setattr(mask_threads, "_PARSERS", parsers)
    grammars = [
        CHAT.grammar(
            GenerateRequest(QUESTION, response_format=(None, ANY_OBJECT)[i % 2], reasoning_effort="none"), problem
        )
        for i in range(number)
    ]
    together, alone = ([Constraint(VOCABULARY, each, 99) for each in grammars if each] for _ in range(2))
    for one, other in zip(together, alone, strict=True):
        first = next(id for id in range(TOKENIZER.vocab_size) if allows(one.words.result(), id))
        one.accept(first)
        one.words = Future()
        other.accept(first)
        other.prepare()
        other.words.result(PATIENCE)
    broken = together[1]
    monkeypatch.setattr(broken, "_read", lambda token: 1 // 0)
    make(together)
    assert isinstance(broken.words.exception(), ZeroDivisionError)
    for one, other in zip(together, alone, strict=True):
        assert one is broken or one.words.result().tolist() == other.words.result().tolist()


def test_masks_of_grammars_that_cannot_be_read_are_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of those that are made together."""

    def unusable(token: int) -> None:
        raise ValueError("the grammar is too large")

    monkeypatch.setattr(mask_threads, "_PARSERS", 2)
    grammar = CHAT.grammar(GenerateRequest(QUESTION, reasoning_effort="none"), problem)
    assert grammar
    constraints = [Constraint(VOCABULARY, grammar, 99) for _ in range(mask_threads._MANY)]
    for constraint in constraints:
        constraint.accept(TOKENIZER.vocab_size - 1)
        constraint.words = Future()
        monkeypatch.setattr(constraint, "_read", unusable)
    make(constraints)
    assert all(constraint.failed for constraint in constraints)
    assert all(allows(constraint.words.result(), grammar.finishers[0]) for constraint in constraints)

"""Masks inside texts and strings that nobody parsed for: they are those that llguidance would have made."""

import json
import random
from typing import Any

import numpy as np
import pytest

from ossia.chat import TurnGrammar
from ossia.chat.grammar.alike import letters_are_alike
from ossia.chat.harmony.format import Harmony
from ossia.engine import letters
from ossia.engine.constraint import Constraint, Vocabulary, allows
from ossia.engine.figures import masks
from ossia.sandbox.grammars import problem
from ossia.tokenizer import Tokenizer
from ossia.types import GenerateRequest, Grammar, Message, ResponseFormat, Tool, ToolChoice
from tests.random_schemas import random_schema
from tests.unit.byte_vocabulary import byte_vocabulary
from tests.vocabulary import harmony_tokenizer

CONTROL = ["<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|constrain|>", "<|return|>", "<|call|>"]
WORDS = ["ab", "abc", " the", "lighthouse", "é", "日本", "語", "ªª", '":', '":"', '","', '"}', 'b"', 'ab","t', '": "x']
ESCAPES = ["\\n", "\\\\", '\\"', '\\"a', "a\\", "\\u", "\\u000", "\\u001f", "a\\nb", "\n\n", ' "', "{", '{"', "a\n"]
TOKENIZER = byte_vocabulary(*CONTROL, words=[*WORDS, *ESCAPES])
QUESTION = (Message("user", "?"),)


def test_masks_of_strings_are_those_that_llguidance_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk(TOKENIZER, monkeypatch)
    for seed in (5, 7, 8, 9, 15, 21, 22):
        walk.go(asks_for(strings(random.Random(seed))), seed)
    assert walk.unparsed > 100


def test_masks_of_thoughts_and_calls_are_those_that_llguidance_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk(TOKENIZER, monkeypatch)
    for seed in range(4):
        tool = Tool("f", parameters=strings(random.Random(seed)))
        walk.go(GenerateRequest(QUESTION, (tool,), ToolChoice(required=seed % 2 == 0)), seed)
    assert walk.unparsed > 20


@pytest.mark.slow
@pytest.mark.parametrize("tokenizer", ["words", "gpt-oss"])
def test_masks_of_many_schemas_are_those_that_llguidance_makes(tokenizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk(TOKENIZER if tokenizer == "words" else harmony_tokenizer(), monkeypatch)
    for seed in range(200):
        for schema in (random_schema(seed), strings(random.Random(seed))):
            walk.go(asks_for(schema), seed)
    assert walk.unparsed > 1000


def asks_for(schema: dict[str, Any]) -> GenerateRequest:
    return GenerateRequest(QUESTION, response_format=ResponseFormat(schema), reasoning_effort="none")


class Walk:
    """Answers at random, with and without what is to be tested."""

    def __init__(self, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps = self.unparsed = 0
        self._tokenizer, self._monkeypatch = tokenizer, monkeypatch
        self._vocabulary, self._chat = Vocabulary(tokenizer), Harmony(tokenizer)
        is_blank = [not token.strip() for token in self._vocabulary.tokens]
        self._is_plain = np.array(self._vocabulary.letters.added) > np.array(is_blank) * 255

    def go(self, request: GenerateRequest, seed: int, steps: int = 60) -> None:
        grammar = self._chat.grammar(request, problem)
        assert grammar
        one, other = (Constraint(self._vocabulary, grammar, 100_000) for _ in range(2))
        self._monkeypatch.setattr(other, "_inside", letters.Inside(self._vocabulary.letters, "/"))
        choose, written = random.Random(seed), list[int]()
        for _ in range(steps):
            mask, expected = (each.words.result(5) for each in (one, other))
            assert np.array_equal(mask, expected), self._tokenizer.decode(written)
            written.append(self._token(choose, mask))
            if written[-1] in grammar.finishers:
                break
            self._step(one, other, written[-1])

    def _token(self, choose: random.Random, mask: np.ndarray) -> int:
        """Choose letters more often than what ends a string or a text, and than blanks."""
        allowed = np.flatnonzero(np.unpackbits(mask.view(np.uint8), bitorder="little"))
        plain = allowed[self._is_plain[allowed]]
        return int(choose.choice(plain if len(plain) and choose.random() < 0.8 else allowed))

    def _step(self, one: Constraint, other: Constraint, token: int) -> None:
        one.accept(token)
        one.prepare()
        one.words.result(5)
        self.steps += 1
        self.unparsed += bool(one._unread)
        with self._monkeypatch.context() as patch:
            patch.setattr(letters, "letters_are_alike", lambda grammar: False)
            other.accept(token)
            other.prepare()
            other.words.result(5)


def strings(choose: random.Random) -> dict[str, Any]:
    """An object's schema with bounded strings, and more that may be taken for such."""
    fields = {f"{name}{i}": _field(choose) for i, name in enumerate(choose.sample(["t", "ªª", "日本", "a b"], 3))}
    return {
        "type": "object",
        "properties": fields,
        "required": [name for name in fields if choose.random() < 0.7],
        "additionalProperties": choose.choice([False, False, False, True, _string(choose)]),
        "$defs": {"S": _string(choose)},
    }


def _field(choose: random.Random) -> dict[str, Any]:
    return choose.choice(
        [
            _string(choose),
            _string(choose) | {"type": ["string", "integer"]},
            {"anyOf": [_string(choose), {"type": "null"}]},
            {"anyOf": [_string(choose), _string(choose)]},
            {"anyOf": [{"enum": ["ªªªª", "abab"]}, {"type": "integer"}]},
            {"type": "array", "items": _string(choose)},
            {"type": "object", "additionalProperties": _string(choose)},
            {"enum": ["ªªªª", "abab", 3]},
            {"$ref": "#/$defs/S"},
            {"type": "string", "pattern": choose.choice(["^[a-c]{2,40}$", "^a[ -~]*$", "^[^a]{1,9}$", "t{3}"])},
            {"type": "object", "patternProperties": {choose.choice(["^a", "b$", "é"]): _string(choose)}},
            {"type": "string", "format": choose.choice(["date", "email", "uri", "uuid", "hostname"])},
        ]
    )


def _string(choose: random.Random) -> dict[str, Any]:
    least = choose.choice([0, 0, 0, 1, 3])
    limits = {"minLength": least, "maxLength": least + choose.choice([0, 1, 2, 5, 9, 31, 60, 255, 256, 300])}
    return {"type": "string", **(limits if choose.random() < 0.8 else {})}


@pytest.mark.parametrize(
    ("schema", "alike"),
    [
        ({"type": "object", "properties": {"pattern": {"type": "string", "maxLength": 9}}}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        ({"type": ["string", "null"], "format": "date"}, True),
        ({"type": "array", "items": {"const": "%json /x/"}}, True),
        ({"type": "string", "pattern": "^a"}, False),
        ({"type": "string", "pattern": r"^[A-Z]{2}-[0-9 ]+\.\d*$"}, True),
        ({"type": "string", "pattern": "^[^a]$"}, False),
        ({"type": "string", "pattern": "^[a-é]$"}, False),
        ({"type": "string", "pattern": "^a|b$"}, False),
        ({"type": "string", "pattern": r"^\w$"}, False),
        ({"type": "object", "patternProperties": {".": {"type": "string"}}}, True),
        ({"anyOf": [{"type": "string", "maxLength": 2}, {"const": "long"}]}, False),
        ({"type": "array", "items": {"oneOf": [{"type": "object"}, {"type": "string"}]}}, False),
        ({"type": "string", "$defs": []}, False),
        ({"type": "integer", "definitions": [1]}, False),
        ({"type": "integer", "patternProperties": 5}, False),
        ({"type": "object", "properties": {"n": {"type": "integer", "pattern": 1}}}, False),
    ],
)
def test_letters_of_a_schema(schema: dict[str, object], alike: bool) -> None:
    assert letters_are_alike(turn(GenerateRequest(QUESTION, response_format=ResponseFormat(schema))).whole) == alike


@pytest.mark.parametrize(
    ("reference", "alike"),
    [
        ("#", True),
        ("#/$defs/S", True),
        ("#/properties/const", True),
        ("#/properties/list/items", True),
        ("#/$defs/C/const", False),
        ("#/$defs/C/enum/0", False),
        ("#/$defs/C/%63onst", False),
        ("#/$defs/C~1const", False),
        ("#/x-mine/S", False),
        ("#S", False),
        ("", False),
        ("https://example.org/S", False),
        (["#"], False),
    ],
)
def test_letters_behind_a_reference(reference: object, alike: bool) -> None:
    """Whatever is given or unknown may hold a schema, which is looked at only where a schema is expected."""
    schema = {"type": "array", "items": {"$ref": reference}}
    assert letters_are_alike(f"start: %json {json.dumps(schema)}") == alike


def test_masks_behind_a_reference_into_a_given_value(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"type": "string", "pattern": "^([^x]{0,3}|x[a-zß]{5})$"}
    fields = {"b": {"const": given}, "a": {"$ref": "#/properties/b/const"}}
    schema = {"type": "object", "properties": fields, "required": ["a"], "additionalProperties": False}
    walk = Walk(TOKENIZER, monkeypatch)
    for seed in range(8):
        walk.go(asks_for(schema), seed)


@pytest.mark.parametrize(
    ("grammar", "alike"),
    [
        (None, True),
        (Grammar("regex", "a*"), False),
        (Grammar("regex", "%json a*"), False),
        (Grammar("lark", 'start: "a" "b"*'), False),
    ],
)
def test_letters_of_a_clients_own_grammar(grammar: Grammar | None, alike: bool) -> None:
    tool = Tool("f", takes_text=True, grammar=grammar)
    ((arguments,),) = turn(GenerateRequest(QUESTION, (tool,))).arguments
    assert letters_are_alike(arguments) == alike


def turn(request: GenerateRequest) -> TurnGrammar:
    grammar = Harmony(TOKENIZER).grammar(request, problem)
    assert grammar
    return grammar


def test_a_strings_end_takes_no_parsing() -> None:
    """Its masks are the slow ones of a large vocabulary."""
    schema = {"type": "object", "properties": {"t": {"type": "string", "maxLength": 40}}, "required": ["t"]}
    constraint = Constraint(Vocabulary(TOKENIZER), turn(asks_for(schema)), 1000)
    for token in TOKENIZER.encode('{"t": "'):
        constraint.accept(token)
    constraint.prepare()
    constraint.words.result(5)
    computed = masks.count
    for left in reversed(range(40)):
        constraint.accept(*TOKENIZER.encode("x"))
        constraint.prepare()
        assert constraint.words.done()
        assert constraint._unread
        mask = constraint.words.result()
        assert [allows(mask, id) for word in ("x", "lighthouse", '"') for id in ids(word)] == [left > 0, left > 9, True]
    assert masks.count == computed, "what nobody computed is not counted"


def ids(word: str) -> list[int]:
    """Return the id of a token: nothing is merged in this vocabulary."""
    return [id for id in range(TOKENIZER.vocab_size) if TOKENIZER.token_bytes(id) == word.encode()]


@pytest.mark.parametrize(("missing", "tried"), [(b"", True), (b"\n", False), (b'"', False), ("ª".encode()[1:], True)])
def test_a_vocabulary_that_cannot_spell_what_is_tried(missing: bytes, tried: bool) -> None:
    tokens = [bytes([byte]) for byte in range(256)]
    spelled = letters.Letters(tokens, frozenset(), lambda text: [byte for byte in text.encode() if byte not in missing])
    unnamed = bytes(spelled.unnamed("start: TEXT"))
    assert bool(unnamed) == tried
    assert unnamed in letters._CANDIDATES.encode()
    assert not unnamed or len(unnamed.decode()) == 1

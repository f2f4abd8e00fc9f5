"""Chat templates of other models: what they make is encoded as it is, but what users write is never a control token."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ossia.chat import choose
from ossia.chat.harmony.format import Harmony
from ossia.chat.jinja import JinjaTemplate
from ossia.errors import InvalidRequest, NotSupported
from ossia.types import GenerateRequest, Message, TextDelta
from tests.doubles.in_process import TemplatesHere
from tests.doubles.in_process import rendered as prompt
from tests.unit.byte_vocabulary import byte_vocabulary
from tests.vocabulary import harmony_tokenizer

SMOLLM2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
TRIMMED = SMOLLM2.replace("message['content']", "message['content'] | trim")
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<s>", "</s>", "<repo_name>"]
TOKENIZER = byte_vocabulary(*SPECIAL, bos_token_id=1, eos_token_id=2)
DEFAULT = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
QUESTION = "<|im_start|>user\nHi<|im_end|>\n"
ASSISTANT = "<|im_start|>assistant\n"


def template(source: str | None = SMOLLM2, **metadata: Any) -> JinjaTemplate:
    return JinjaTemplate(
        TOKENIZER,
        {"tokenizer.chat_template": source} | metadata,
        TemplatesHere(),
        now=lambda: datetime(2025, 6, 28, 12, 30),
    )


def ids(*messages: Message, source: str = SMOLLM2) -> list[int]:
    return prompt(template(source), GenerateRequest(messages))


def user(text: str) -> Message:
    return Message("user", text)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([user("Hi")], DEFAULT + QUESTION + ASSISTANT),
        (
            [Message("system", "Be kind."), user("Hi")],
            "<|im_start|>system\nBe kind.<|im_end|>\n" + QUESTION + ASSISTANT,
        ),
        ([Message("developer", "B"), user("Hi")], "<|im_start|>system\nB<|im_end|>\n" + QUESTION + ASSISTANT),
        (
            [user("Hi"), Message("assistant", " Ho ", "thinking"), user("Hi")],
            DEFAULT + QUESTION + ASSISTANT + " Ho <|im_end|>\n" + QUESTION + ASSISTANT,
        ),
        ([user("Hi"), Message("assistant", "I say ")], DEFAULT + QUESTION + ASSISTANT + "I say "),
        ([], ASSISTANT),
    ],
)
def test_the_template_decides(messages: list[Message], expected: str) -> None:
    assert ids(*messages) == TOKENIZER.encode(expected, special=True)


def test_template_may_look_into_messages() -> None:
    source = (
        "{% for message in messages %}{% if '</think>' in message.content %}"
        "{{ message.content.split('</think>')[-1].lstrip() }}"
        "{% else %}{{ message.content | upper }}{% endif %}{% endfor %}"
    )
    assert TOKENIZER.decode(ids(user("a<think>b"), user("x</think> c"), source=source)) == "A<THINK>Bc"


@given(st.lists(st.text("<|im_end>s/ \n\tx", max_size=30), min_size=1, max_size=4), st.booleans())
def test_harmless_messages_are_encoded_as_the_whole_text_is(texts: list[str], trim: bool) -> None:
    assume(not any(special in text for text in texts for special in SPECIAL))
    turns = "".join(f"<|im_start|>user\n{text.strip() if trim else text}<|im_end|>\n" for text in texts)
    expected = TOKENIZER.encode(DEFAULT + turns + ASSISTANT, special=True)
    assert ids(*map(user, texts), source=TRIMMED if trim else SMOLLM2) == expected


@pytest.mark.parametrize("special", SPECIAL)
@pytest.mark.parametrize("source", [SMOLLM2, TRIMMED])
@pytest.mark.parametrize("shape", ["{}", "a{}b", "{0}{0}", "  {}  ", "<|im_{}", "{}end|>", "<{}>"])
def test_no_message_becomes_a_control_token(special: str, source: str, shape: str) -> None:
    text = shape.format(special)
    harmless = [id for id in ids(user("x"), Message("system", "y"), user("z"), source=source) if id < len(SPECIAL)]
    rendered = ids(user(text), Message("system", text), user(text), source=source)
    assert [id for id in rendered if id < len(SPECIAL)] == harmless
    shown = text.strip() if source == TRIMMED else text
    assert TOKENIZER.decode(rendered).count(f"user\n{shown}<|im_end|>") == 2


def test_messages_that_the_template_joins_make_no_control_token_either() -> None:
    source = "{% for message in messages %}{{ message.content | trim }}{% endfor %}"
    for texts in (["<|im_", "end|>"], ["<", "|im_end|>"], ["<|im_end|", ">"], ["<|im", "_e", "nd|>"], ["< ", " s>"]):
        rendered = ids(*map(user, texts), source=source)
        assert rendered == TOKENIZER.encode("".join(text.strip() for text in texts))


@given(st.lists(st.text("<|im_end>s/ ", max_size=16), min_size=1, max_size=4))
def test_no_messages_make_a_control_token(texts: list[str]) -> None:
    source = "{% for message in messages %}{{ message.content }}{% endfor %}"
    assert ids(*map(user, texts), source=source) == TOKENIZER.encode("".join(texts))


def test_overlapping_literals() -> None:
    tokenizer = byte_vocabulary("<a", "a>", "x")
    one = JinjaTemplate(tokenizer, {"tokenizer.chat_template": "x<a{{ messages[0].content }}"}, TemplatesHere())
    assert prompt(one, GenerateRequest((user("<a>x<a"),))) == [*tokenizer.encode("x"), 0, *tokenizer.encode("<a>x<a")]


def test_what_templates_expect_to_find() -> None:
    source = "{{ bos_token }}{{ eos_token }}{{ strftime_now('%d %b %Y') }}{{ {'a': '<é>'} | tojson }}{% break %}"
    source = "{% for message in messages %}" + source + "{% endfor %}"
    metadata = {"tokenizer.ggml.eos_token_id": 2}
    rendered = prompt(template(source, **metadata), GenerateRequest((user("x"), user("y"))))
    assert TOKENIZER.decode(rendered) == '<|im_start|><|im_end|>28 Jun 2025{"a": "<é>"}'


def test_begin_of_sequence_comes_once_where_the_model_wants_it() -> None:
    wanted = {"tokenizer.ggml.add_bos_token": True}
    for source in ("{{ bos_token }}x", "x"):
        assert prompt(template(source, **wanted), GenerateRequest((user("Hi"),))) == TOKENIZER.encode(
            "<|im_start|>x", special=True
        )
    assert prompt(template(**wanted), GenerateRequest("x")) == TOKENIZER.encode("<|im_start|>x", special=True)


def test_raw_prompt_is_taken_as_it_is() -> None:
    assert prompt(template(), GenerateRequest("<|im_start|>x")) == TOKENIZER.encode("<|im_start|>x", special=True)
    assert prompt(template(), GenerateRequest("")) == []


def test_refusals() -> None:
    with pytest.raises(InvalidRequest, match="only users may speak"):
        ids(user("x"), source="{{ raise_exception('only users may speak') }}")
    with pytest.raises(InvalidRequest, match="refuses"):
        ids(user("x"), source="{{ 1 / 0 }}")
    with pytest.raises(InvalidRequest, match="refuses"):
        ids(user("x"), source="{{ messages.append(1) }}")
    with pytest.raises(NotSupported, match="cannot be read"):
        ids(user("x"), source="{% if %}")


def test_without_a_template_there_is_only_raw_completion() -> None:
    one = template(None)
    assert prompt(one, GenerateRequest("x"))
    with pytest.raises(NotSupported, match="no chat template") as caught:
        prompt(one, GenerateRequest((user("x"),)))
    assert caught.value.hint


def test_stop_tokens() -> None:
    assert template().stop_token_ids == {TOKENIZER.special_tokens[name] for name in ("<|im_end|>", "<|endoftext|>")}


def test_answers_are_text() -> None:
    answer = TOKENIZER.encode("<|im_start|>Hé!<|im_end|>", special=True)
    parser = template().parser(GenerateRequest((user("x"),)))
    events = [event for id in answer for event in parser.feed(id)] + parser.finish()
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "Hé!"
    raw = template().parser(GenerateRequest("x"))
    events = [event for id in [*answer[:-1], *TOKENIZER.encode("é")[:1]] for event in raw.feed(id)] + raw.finish()
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "<|im_start|>Hé!\ufffd"


def test_choice_of_the_format() -> None:
    assert isinstance(choose(harmony_tokenizer(), {}, TemplatesHere(), is_harmony=True), Harmony)
    assert isinstance(
        choose(TOKENIZER, {"tokenizer.chat_template": SMOLLM2}, TemplatesHere(), is_harmony=False), JinjaTemplate
    )

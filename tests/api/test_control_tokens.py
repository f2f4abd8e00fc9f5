"""Control tokens never reach a client: turns of every form, cut anywhere, as every API tells them."""

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ossia.chat.harmony.format import Harmony
from ossia.engine.detokenizer import Detokenizer
from ossia.engine.sequence import Sampled, StepOutput
from ossia.errors import OssiaError
from ossia.server.http.stream import Chunk
from ossia.server.protocols.anthropic import messages
from ossia.server.protocols.anthropic.types import MessagesRequest
from ossia.server.protocols.ollama import answer
from ossia.server.protocols.openai import chat
from ossia.server.protocols.openai.types import ChatCompletionRequest
from ossia.server.protocols.protocol import Envelope
from ossia.server.protocols.responses.builder import ResponseBuilder
from ossia.server.protocols.responses.parse import new_response
from ossia.server.protocols.responses.tools import Tools
from ossia.server.protocols.responses.types import ResponseRequest
from ossia.types import Event, Finished, GenerateRequest, Message, Timings, Tool, fold
from tests.vocabulary import harmony_tokenizer

TOKENIZER = harmony_tokenizer()
HARMONY = Harmony(TOKENIZER)
CODE = {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]}
TOOLS = (Tool("f"), Tool("note", takes_text=True), Tool("python", parameters=CODE), Tool("browser.search"))
REQUEST = GenerateRequest((Message("user", "x"),), tools=TOOLS)
BEFORE = [
    "",
    "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant",
    "<|channel|>commentary<|message|>Wait<|end|><|start|>assistant",
]
HEADERS = [
    "<|channel|>final",
    "<|channel|>final <|constrain|>json",
    "<|channel|>commentary to=functions.f <|constrain|>json",
    " to=functions.f<|channel|>commentary <|constrain|>json",
    " to=functions.f<|channel|>commentary<|constrain|>json",
    "assistant to=functions.f<|channel|>commentary json",
    "<|channel|>commentary to=functions.f<|channel|>json",
    "<|channel|>commentary <|constrain|>json to=functions.f",
    "<|channel|>commentary <|constrain|> to=functions.f",
    "<|channel|>analysis to=functions.f code",
    " to=functions.note<|channel|>commentary<|constrain|>text",
    "<|channel|>commentary to=functions.note <|constrain|>",
    "<|channel|>analysis to=python code",
    " to=python<|channel|>analysis <|constrain|>code",
    "<|channel|>commentary to=functions.python <|constrain|>json",
    "<|channel|>analysis to=browser.search code",
    " to=browser.search<|channel|>analysis <|constrain|>json",
    "<|channel|>commentary<|channel|>final",
    "<|constrain|>json",
    "<|channel|>??<|reserved_200013|>",
    "",
]
CONTENTS = ['{"a": 1}', '{"a"<|constrain|>: 1}', '{"a": 1}<|startoftext|>']


def ids_of(text: str, *, letter_by_letter: bool) -> list[int]:
    if not letter_by_letter:
        return TOKENIZER.encode(text, special=True)
    return [id for letter in text for id in TOKENIZER.encode(letter)]


def events_of(ids: list[int]) -> list[Event]:
    """The events of a turn that a limit ends after these ids, unless it ends by itself."""
    done = Detokenizer(REQUEST, HARMONY.parser(REQUEST), TOKENIZER, HARMONY.stop_token_ids, [1])
    events: list[Event] = []
    for index, id in enumerate(ids):
        ending = "stop" if id in HARMONY.stop_token_ids else "length" if index == len(ids) - 1 else None
        events += done.feed(StepOutput(0, Sampled(id), ending, 0))
        if done.reason:
            break
    return [*events, done.finished(Timings())] if done.reason else [Finished("length")]


def told(events: list[Event]) -> list[Chunk]:
    """All that clients of the four APIs get of an answer: as streams, and whole."""
    envelope, lines = Envelope("tiny"), answer.LineFormat("content", in_message=True)
    asked = ChatCompletionRequest(model="tiny", messages=[])
    message = MessagesRequest(model="tiny", messages=[], max_tokens=9)
    builder = ResponseBuilder(new_response(ResponseRequest(model="tiny"), REQUEST), Tools(REQUEST.tools))
    streams = [
        chat.ChatStream.of(asked, envelope),
        answer.AnswerStream(envelope, lines),
        messages.MessageStream.of(message, envelope),
        builder,
    ]
    chunks = [chunk for stream in streams for event in events for chunk in stream.feed(event)]
    collected = fold(events)
    whole = [
        chat.response(collected, asked, envelope),
        answer.response(collected, envelope, lines),
        messages.response(collected, message, envelope),
        builder.response,
    ]
    return chunks + whole


@settings(max_examples=100)
@given(
    before=st.sampled_from(BEFORE),
    header=st.sampled_from(HEADERS),
    message=st.sampled_from(["<|message|>", " ", ""]),
    content=st.sampled_from(CONTENTS),
    end=st.sampled_from(["", "<|end|>", "<|call|>", "<|return|>", "<|channel|>", "<|start|>assistant"]),
    letters=st.booleans(),
)
def test_a_turn_cut_anywhere(before: str, header: str, message: str, content: str, end: str, letters: bool) -> None:
    ids = ids_of(before, letter_by_letter=False)
    begun, tail = len(ids), ids_of(end, letter_by_letter=False)
    ids += ids_of(header, letter_by_letter=letters) + ids_of(message + content, letter_by_letter=False)
    for stop in range(begun, len(ids) + 1):
        sampled = [*ids[:stop], *tail]
        try:
            written = json.dumps(told(events_of(sampled)))
        except OssiaError as error:
            written = error.message  # of arguments that a mark ended in the middle of their JSON
        assert not re.search(r"<\|\w*", written), TOKENIZER.decode(sampled)

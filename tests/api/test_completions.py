"""POST /v1/completions: questions and raw texts, several prompts and answers, echo and log probabilities."""

from typing import Any

import openai
import pytest

from ossia.errors import ContextLengthExceeded
from ossia.types import Finished, Message, ReasoningDelta, TextDelta, TokenLogprob, Usage
from tests.api.conftest import NAME, Api
from tests.doubles.scripted_engine import DONE

PATH = "/v1/completions"


def test_a_prompt_is_a_question(api: Api) -> None:
    api.say(ReasoningDelta("Hm."), TextDelta("Hi."), DONE)
    answer = api.post(PATH, prompt="Hello").json
    assert answer["object"] == "text_completion"
    assert answer["id"].startswith("cmpl-")
    assert answer["choices"] == [{"text": "Hi.", "index": 0, "logprobs": None, "finish_reason": "stop"}]
    assert answer["usage"]["total_tokens"] == 18
    assert api.engine.requests[-1].prompt == (Message("user", "Hello"),)


@pytest.mark.parametrize(
    ("body", "prompt", "context"),
    [
        ({"prompt": "<|start|>x", "raw": True}, "<|start|>x", ()),
        ({"prompt": "<|start|>x", "echo": True, "logprobs": 0}, "<|start|>x", ()),
        ({"prompt": ["<|start|>x"], "echo": True, "logprobs": 1, "max_tokens": 1}, "<|start|>x", ()),
        ({"prompt": [1, 2, 3]}, "", (1, 2, 3)),
        ({"prompt": [[1, 2, 3]]}, "", (1, 2, 3)),
    ],
)
def test_a_raw_prompt_is_continued(api: Api, body: Any, prompt: str, context: tuple[int, ...]) -> None:
    api.say(TextDelta("<|channel|>"), DONE)
    assert api.post(PATH, **body).json["choices"][0]["text"] == "<|channel|>"
    request = api.engine.requests[-1]
    assert (request.prompt, request.context) == (prompt, context)


def test_each_prompt_of_ids_counts(api: Api) -> None:
    api.say(TextDelta("!"), DONE)
    usage = api.post(PATH, prompt=[[1, 2], [3, 4]], n=2).json["usage"]
    assert usage["prompt_tokens"] == 2 * DONE.usage.prompt_tokens


def test_a_raw_prompt_is_echoed_by_the_model(api: Api) -> None:
    """Only it knows the text of ids, and how likely they are; a limit of 0 asks for nothing else."""
    first = TokenLogprob("A", b"A", None)
    then = TokenLogprob("da", b"da", -0.5, (TokenLogprob("da", b"da", -0.5),))
    api.say(TextDelta("Ada", (first, then)), Finished("length", Usage(2, 0)))
    (choice,) = api.post(PATH, prompt=[1, 2], echo=True, logprobs=1, max_tokens=0).json["choices"]
    assert (choice["text"], choice["finish_reason"]) == ("Ada", "length")
    assert choice["logprobs"] == {
        "tokens": ["A", "da"],
        "token_logprobs": [None, -0.5],
        "top_logprobs": [None, {"da": -0.5}],
        "text_offset": [0, 1],
    }
    request = api.engine.requests[-1]
    assert (request.echo, request.sampling.logprobs, request.sampling.max_tokens) == (True, 1, 0)


def test_the_tokens_of_one_character_begin_where_it_does(api: Api) -> None:
    """Evaluators find by `text_offset` where an answer begins behind its context."""
    pieces = [b"a", b"\xe2\x82", b"\xac", b"b"]
    scored = tuple(TokenLogprob(piece.decode("utf-8", "replace"), piece, -1.0) for piece in pieces)
    api.say(TextDelta("a€b", scored), Finished("length", Usage(4, 0)))
    (choice,) = api.post(PATH, prompt="a€b", echo=True, logprobs=0, max_tokens=0).json["choices"]
    assert choice["logprobs"]["text_offset"] == [0, 1, 1, 2]


def test_several_prompts_have_several_answers_each(api: Api) -> None:
    api.say(TextDelta("!"), DONE)
    answer = api.post(PATH, prompt=["a", "b"], n=2, echo=True, seed=1).json
    assert [(choice["index"], choice["text"]) for choice in answer["choices"]] == [
        (0, "a!"),
        (1, "a!"),
        (2, "b!"),
        (3, "b!"),
    ]
    assert answer["usage"]["prompt_tokens"] == 2 * DONE.usage.prompt_tokens
    assert answer["usage"]["completion_tokens"] == 4 * DONE.usage.completion_tokens
    assert [request.sampling.seed for request in api.engine.requests] == [1, 2, 1, 2]


def test_a_stream(api: Api, openai_client: openai.OpenAI) -> None:
    api.say(ReasoningDelta("Hm."), TextDelta("Hi"), TextDelta("."), DONE)
    *chunks, last = openai_client.completions.create(
        model=NAME, prompt="Hello", stream=True, echo=True, stream_options={"include_usage": True}
    )
    assert [chunk.choices[0].text for chunk in chunks] == ["Hello", "Hi", ".", ""]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None, None, "stop"]
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.prompt_tokens == 11


def test_a_failure_comes_before_the_echo(api: Api) -> None:
    api.say(ContextLengthExceeded(9000, 8192))
    answer = api.post(PATH, prompt="Hello", echo=True, stream=True)
    assert (answer.status, answer.json["error"]["code"]) == (400, "context_length_exceeded")


def test_log_probabilities(api: Api, openai_client: openai.OpenAI) -> None:
    a = TokenLogprob("Hi", b"Hi", -0.5, (TokenLogprob("Hi", b"Hi", -0.5), TokenLogprob("Ho", b"Ho", -1.5)))
    b = TokenLogprob(".", b".", -0.25, (TokenLogprob(".", b".", -0.25),))
    api.say(TextDelta("Hi", (a,)), TextDelta(".", (b,)), DONE)
    logprobs = openai_client.completions.create(model=NAME, prompt="Hello", logprobs=2).choices[0].logprobs
    assert logprobs is not None
    assert logprobs.tokens == ["Hi", "."]
    assert logprobs.token_logprobs == [-0.5, -0.25]
    assert logprobs.top_logprobs == [{"Hi": -0.5, "Ho": -1.5}, {".": -0.25}]
    assert logprobs.text_offset == [0, 2]
    assert api.engine.requests[-1].sampling.logprobs == 2
    stream = openai_client.completions.create(model=NAME, prompt="Hello", logprobs=2, stream=True)
    assert [chunk.choices[0].logprobs.text_offset for chunk in stream if chunk.choices[0].logprobs] == [[0], [2]]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "prompt must be a text"),
        ({"prompt": []}, "prompt must be a text"),
        ({"prompt": ""}, "prompt must be a text"),
        ({"prompt": [True]}, "prompt must be a text"),
        ({"prompt": ["a", [1]]}, "prompt must be a text"),
        ({"prompt": ["a"] * 129}, "at most 128 answers"),
        ({"prompt": "a", "suffix": "b"}, "does not support insert"),
        ({"prompt": "a", "best_of": 3}, "best_of is not supported beyond n"),
        (
            {"prompt": "a", "echo": True, "logprobs": 1, "raw": False},
            "echo with logprobs is not supported for a question",
        ),
        ({"prompt": "a", "logprobs": 6}, "logprobs must be between 0 and 5"),
    ],
)
def test_what_is_wrong_is_refused_by_name(api: Api, body: Any, text: str) -> None:
    answer = api.post(PATH, **body)
    assert (answer.status, answer.json["error"]["type"]) == (400, "invalid_request_error")
    assert text in answer.json["error"]["message"]
    assert not api.loads

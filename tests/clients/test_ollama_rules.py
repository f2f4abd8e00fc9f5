"""Rules of Ollama's own integration tests, with its own client: counts, contexts, histories, thinking."""

import concurrent.futures
import json
from collections.abc import Iterator
from typing import Any

import httpx
import ollama
import openai
import pytest

from ossia.tokenizer import Tokenizer
from tests.clients.conftest import Server

GREEDY = {"temperature": 0, "seed": 123}


@pytest.fixture
def client(server: Server) -> Iterator[ollama.Client]:
    with ollama.Client(server.url) as client:
        yield client


@pytest.fixture
def without_harmony(template_server: Server) -> Iterator[ollama.Client]:
    with ollama.Client(template_server.url) as client:
        yield client


def test_num_predict_is_exact(client: ollama.Client) -> None:
    """Ten tokens are ten entries of log probabilities, in a stream or not."""
    asked: Any = {"model": "tiny", "prompt": "1, 2, 3, 4, 5, 6, 7, 8,", "raw": True, "logprobs": True}
    asked["options"] = {"num_predict": 10, **GREEDY}
    whole = client.generate(**asked)
    assert (whole.eval_count, len(whole.logprobs or []), whole.done_reason) == (10, 10, "length")
    chunks = list(client.generate(**asked, stream=True))
    assert sum(len(chunk.logprobs or []) for chunk in chunks) == 10
    assert chunks[-1].eval_count == 10


def test_log_probabilities_are_of_the_tokens_bytes(client: ollama.Client) -> None:
    asked: Any = {"model": "tiny", "prompt": "Hello", "options": {"num_predict": 5, **GREEDY}}
    for entry in client.generate(**asked, logprobs=True, top_logprobs=5).logprobs or []:
        assert entry.logprob <= 0
        assert [top.logprob for top in entry.top_logprobs or []] == sorted(
            (top.logprob for top in entry.top_logprobs or []), reverse=True
        )
        assert len(entry.top_logprobs or []) == 5
    assert client.generate(**asked).logprobs is None


def test_a_prompt_that_is_too_long_is_a_4xx_that_says_so(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError) as caught:
        client.chat("tiny", [{"role": "user", "content": "word " * 500}], options={"num_ctx": 128})
    assert caught.value.status_code == 400
    assert "context" in caught.value.error
    assert "too long" in caught.value.error


def test_an_answer_that_fills_the_context_ends_there(client: ollama.Client) -> None:
    answer = client.generate("tiny", "Write a long story about a dog. 🐕", options={"num_ctx": 128, **GREEDY})
    assert answer.done_reason in ("length", "stop")
    assert (answer.prompt_eval_count or 0) + (answer.eval_count or 0) <= 128


def test_a_history_by_context(client: ollama.Client) -> None:
    """The ids of the first answer are the beginning of the second prompt, found in the cache."""
    first = client.generate("tiny", "My name is Ada.", options={"num_predict": 12, **GREEDY})
    assert first.context is not None
    assert len(first.context) == (first.prompt_eval_count or 0) + (first.eval_count or 0)
    second = client.generate("tiny", "What is my name?", context=first.context, options={"num_predict": 12, **GREEDY})
    assert second.context is not None
    assert second.context[: len(first.context)] == first.context
    assert (second.prompt_eval_count or 0) > len(first.context)


def test_histories_side_by_side_are_the_same_as_alone(client: ollama.Client) -> None:
    questions = [["The first is red.", "And the second?"], ["I count: one, two.", "What follows?"]]

    def talk(asked: list[str]) -> list[str]:
        messages: list[Any] = []
        for question in asked:
            messages.append({"role": "user", "content": question})
            answer = client.chat("tiny", messages, options={"num_predict": 12, **GREEDY}).message
            messages.append(answer.model_dump(exclude_none=True))
        return [message["content"] for message in messages]

    alone = [talk(asked) for asked in questions]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        assert list(pool.map(talk, questions)) == alone


def test_no_thinking_is_asked_of_a_model_that_cannot_think(without_harmony: ollama.Client) -> None:
    answer = without_harmony.chat(
        "smollm2", [{"role": "user", "content": "Hello"}], think=False, options={"num_predict": 5, **GREEDY}
    )
    assert not answer.message.thinking
    assert answer.message.content


def test_json_of_a_model_without_harmony(without_harmony: ollama.Client) -> None:
    """A very small model that would rather chat."""
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer", "maximum": 150}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
    for format in (schema, "json"):
        answer = without_harmony.chat(
            "smollm2",
            [{"role": "user", "content": "Who is Ada?"}],
            format=format,
            options={"num_predict": 200, **GREEDY},
        )
        value = json.loads(answer.message.content or "")
        assert isinstance(value, dict)
    assert without_harmony.generate("smollm2", "Who is Ada?", format=schema, options=GREEDY).done_reason == "stop"


def test_a_text_is_as_likely_when_it_is_read_as_when_it_was_written(server: Server) -> None:
    """As programs that evaluate models ask: the log probabilities of a prompt, by token ids, and nothing written."""
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="x", max_retries=0) as client:
        prompt = "1, 2, 3, 4, 5, 6, 7, 8,"
        asked: Any = {"model": "tiny", "logprobs": 1, "temperature": 0, "extra_body": {"raw": True}}
        written = client.completions.create(prompt=prompt, max_tokens=6, **asked).choices[0]
        read = client.completions.create(prompt=prompt + written.text, max_tokens=0, echo=True, **asked).choices[0]
        assert written.logprobs is not None
        assert read.logprobs is not None
        assert read.text == prompt + written.text
        assert "".join(read.logprobs.tokens or []) == read.text
        assert (read.logprobs.token_logprobs or [])[0] is None
        assert (read.logprobs.token_logprobs or [])[-6:] == pytest.approx(written.logprobs.token_logprobs, abs=1e-3)


def test_a_text_is_scored_as_evaluators_ask(server: Server) -> None:
    """As lm-eval's local-completions does: one id beyond the text, whose likelihood is the sum up to it."""
    context, continuation = "Ada is", " naïve, says 漢"
    asked: Any = {"model": "tiny", "temperature": 0, "max_tokens": 1, "logprobs": 1, "seed": 1234, "echo": True}
    shown = httpx.post(f"{server.url}/api/show", json={"model": "tiny", "verbose": True}).json()
    ids = Tokenizer.from_gguf(shown["model_info"]).encode(context + continuation)
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="x", max_retries=0) as openai_client:
        of_text = openai_client.completions.create(prompt=context + continuation, **asked).choices[0].logprobs
        of_ids = openai_client.completions.create(prompt=ids, **asked).choices[0].logprobs
        alone = openai_client.completions.create(prompt=context, **{**asked, "max_tokens": 0}).choices[0].logprobs
    assert of_text is not None
    assert of_ids is not None
    assert alone is not None
    scores, begin = of_text.token_logprobs or [], len(alone.tokens or [])
    assert (of_text.text_offset or [])[begin] == len(context)
    assert len(scores) == len(ids) + 1
    assert scores[1:-1] == pytest.approx((of_ids.token_logprobs or [])[1:-1], abs=1e-4)
    tops = (of_text.top_logprobs or [])[begin:-1]
    assert all(
        score is not None and score <= max(top.values()) for score, top in zip(scores[begin:-1], tops, strict=True)
    )

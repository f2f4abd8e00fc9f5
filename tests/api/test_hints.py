"""Hints of errors for newcomers, in every API, and the ids by which a request is found in the log."""

from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from ossia.errors import ModelNotFound
from ossia.store.models import ModelStore
from ossia.store.suggest import closest, existing_tag
from ossia.types import Finished, TextDelta, Usage
from tests.api.conftest import NAME, Api

HELLO: Any = [{"role": "user", "content": "Hi"}]
CHATS: dict[str, dict[str, Any]] = {
    "/api/chat": {"messages": HELLO},
    "/v1/chat/completions": {"messages": HELLO},
    "/v1/responses": {"input": "Hi"},
    "/v1/messages": {"messages": HELLO, "max_tokens": 9},
}


def said(api: Api, path: str, **body: Any) -> str:
    answer = api.post(path, **{**CHATS[path], **body})
    assert answer.status in (400, 404)
    error = answer.json["error"]
    return error["message"] if isinstance(error, dict) else f"{error} (hint: {answer.json['hint']})"


@pytest.mark.parametrize("path", CHATS)
def test_other_names_of_a_model_that_is_here(api: Api, path: str) -> None:
    for name in ("gpt-oss", "gpt-oss:latest", "GPT-OSS", "openai/gpt-oss-20b", "gpt-oss-20b", "gpt-oss20b"):
        assert f"model '{name}' not found (hint: did you mean `{NAME}`?" in said(api, path, model=name)


def test_a_model_that_is_like_none_may_be_pulled(api: Api) -> None:
    for name in ("gpt-4o", "gpt-oss:120b", "llama3.2", "a" * 80):
        assert "(hint: `ossia list` shows the models that are here, and `ossia pull` downloads others)" in said(
            api, "/api/chat", model=name
        )


@pytest.mark.parametrize(("name", "meant"), [("openai/gpt-oss-20b", "gpt-oss:20b"), ("tiyn", "tiny")])
def test_a_known_model_that_is_not_here_may_be_pulled(tmp_path: Path, name: str, meant: str) -> None:
    with pytest.raises(ModelNotFound) as missing:
        ModelStore(tmp_path).manifest(name)
    assert missing.value.hint == f"did you mean `{meant}`? `ossia pull {meant}` downloads it"


def test_of_several_tags_that_were_left_out_the_smallest_is_suggested() -> None:
    assert existing_tag("gpt-oss", ["gpt-oss:120b", "gpt-oss:20b"]) == "gpt-oss:20b"


def test_a_misspelt_name_is_found_among_many() -> None:
    names = [f"{a}{b}{c}-model" for a in "abcdefgh" for b in "ijklmnop" for c in "qrstuvwx"]
    assert closest("bjz-model", [*names, "bjyz-model"]) == "bjyz-model"


def test_only_a_tag_that_was_left_out_is_suggested() -> None:
    local = ["notes:v1", "me/notes:v2", "other:latest"]
    assert existing_tag("notes", local) == existing_tag("Notes:latest", local) == "notes:v1"
    assert existing_tag("me/notes", local) == "me/notes:v2"
    assert existing_tag("notes:v3", local) is existing_tag("else", local) is None


@pytest.mark.parametrize("path", CHATS)
def test_who_runs_tools(api: Api, path: str) -> None:
    for kind in ("file_search", "code_interpreter", "mcp"):
        text = said(api, path, tools=[{"type": kind}])
        assert text.startswith(
            f"tools[0].type: the tool '{kind}' is not supported in this version (hint: the server runs"
        )


def test_who_runs_the_tools_of_mcp_servers(api: Api) -> None:
    assert "the server runs no tools" in said(api, "/v1/messages", mcp_servers=[{"type": "url", "url": "http://x"}])


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/v1/chat/completions", [{"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}]),
        ("/v1/chat/completions", [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]),
        ("/v1/messages", [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": ""}}]),
        ("/api/chat", {"images": ["aGk="]}),
    ],
)
def test_what_a_model_reads(api: Api, path: str, content: Any) -> None:
    message = {"role": "user", "content": "Look"} | (content if isinstance(content, dict) else {"content": content})
    assert "(hint: the model reads text only" in said(api, path, messages=[message])


def test_the_official_clients_know_a_requests_id(api: Api, openai_client: openai.OpenAI) -> None:
    api.say(TextDelta("Hi"), Finished("stop", Usage(1, 1)))
    headers = api.post("/v1/chat/completions", messages=HELLO).headers
    assert headers["x-request-id"] == headers["request-id"]
    answer = openai_client.chat.completions.create(model=NAME, messages=HELLO)
    assert (answer._request_id or "").startswith("req_")
    with pytest.raises(openai.NotFoundError) as missing:
        openai_client.models.retrieve("missing")
    assert (missing.value.request_id or "").startswith("req_")
    with pytest.raises(anthropic.NotFoundError) as missing:
        anthropic.Anthropic(base_url=api.url, api_key="x").models.retrieve("missing")
    assert (missing.value.request_id or "").startswith("req_")

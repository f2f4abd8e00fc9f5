"""/v1/rerank over the wire, with an engine that counts the letters that two texts share."""

from typing import Any

import pytest

from ossia.errors import NotSupported
from tests.api.conftest import NAME, Api

PANDA = {"query": "panda", "documents": ["xyz", {"text": "pandas"}, "dad"]}


def test_the_best_come_first(api: Api) -> None:
    body = api.post("/v1/rerank", **PANDA).json
    assert body["results"] == [
        {"index": 1, "relevance_score": 4.0},
        {"index": 2, "relevance_score": 2.0},
        {"index": 0, "relevance_score": 0.0},
    ]
    assert (body["model"], body["object"]) == (NAME, "list")
    assert body["usage"] == {"prompt_tokens": 27, "total_tokens": 27}


@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank", "/rerank", "/v1/reranking", "/reranking"])
def test_a_few_with_their_texts(api: Api, path: str) -> None:
    body = api.post(path, **PANDA, top_n=1, return_documents=True).json
    assert body["results"] == [{"index": 1, "relevance_score": 4.0, "document": {"text": "pandas"}}]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"query": ""}, "query must not be empty"),
        ({"documents": []}, "documents must not be empty"),
        ({"documents": [5]}, "documents"),
        ({"documents": ["a"] * 3000}, "OSSIA_MAX_INPUTS"),
        ({"top_n": 0}, "top_n must be at least 1"),
        ({"model": "absent"}, "not found"),
    ],
)
def test_what_is_refused(api: Api, change: dict[str, Any], message: str) -> None:
    answer = api.post("/v1/rerank", **PANDA | change)
    assert answer.status in (400, 404)
    assert message in answer.json["error"]["message"]
    assert not api.loads


def test_models_that_cannot_say_so_in_the_apis_form(api: Api) -> None:
    api.say(NotSupported("the model does not rerank"))
    answer = api.post("/v1/rerank", **PANDA)
    assert (answer.status, answer.json["error"]["type"]) == (400, "invalid_request_error")
    assert "does not rerank" in answer.json["error"]["message"]

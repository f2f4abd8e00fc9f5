"""Requests made from the document, right ones and wrong ones: no route may break, hang, or answer what is not in it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
import requests
import schemathesis

from ossia.config import Settings
from ossia.server.app import create_app
from ossia.server.http.openapi import document
from ossia.server.pool import EnginePool
from ossia.store.http import Limits
from ossia.store.models import ModelStore
from ossia.types import ReasoningDelta, TextDelta, ToolCallDelta
from tests.api.conftest import NAME, Api
from tests.doubles.scripted_engine import DONE
from tests.fuzz.mutation import fuzz
from tests.waiting import PATIENCE

ALIASES = [
    "/v1/messages/count_tokens",
    "/v1/responses/compact",
    "/v1/responses/input_tokens",
    "/rerank",
    "/reranking",
    "/v1/reranking",
    "/v2/rerank",
]
"""Routes that take the body of another one, where every value of every field is tried."""
CONFIG = {
    # A schema knows types. That a role or a digest is none is found by who reads it, and is a 400 all the same.
    "checks": {"positive_data_acceptance": {"enabled": False}},
    "operations": [
        {
            "include-path": ["/api/pull", "/api/push", "/api/create"],  # no registry answers here
            "checks": {"not_a_server_error": {"expected-statuses": ["2xx", "4xx", "502"]}},
        },
        {"include-path": ALIASES, "phases": {"coverage": {"enabled": False}}},
    ],
}


def published() -> dict[str, Any]:
    settings = Settings(models=Path("none"))
    pool = EnginePool(settings, load=lambda model, start: pytest.fail("nothing is loaded"))
    published = document(create_app(settings, ModelStore(settings.models), pool).routes)
    return cast(dict[str, Any], without_lengths(published))


def without_lengths(part: object) -> object:
    """Return the document without the largest lengths of lists: one list that is too long has all of the time."""
    if isinstance(part, list):
        return [without_lengths(item) for item in part]
    if isinstance(part, dict):
        return {key: without_lengths(value) for key, value in part.items() if key != "maxItems"}
    return part


schema = schemathesis.openapi.from_dict(published(), config=schemathesis.Config.from_dict(CONFIG))


@pytest.fixture
def models(store: ModelStore) -> ModelStore:
    store.copy(NAME, "spare")
    store.copy(NAME, "tiny")  # which a pull would download
    return store


@pytest.fixture
def no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves this machine: every registry is behind a proxy that is not there, and it is given up at once."""
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for module in ("pull", "push"):
        monkeypatch.setattr(f"ossia.store.{module}.Limits", partial(Limits, backoff=0.0))


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """Connections that stay open from one request to the next."""
    with requests.Session() as session:
        yield session


@schema.parametrize()
@fuzz(8)
@pytest.mark.usefixtures("no_registry")
def test_any_request(case: schemathesis.Case, api: Api, models: ModelStore, session: requests.Session) -> None:
    api.say(ReasoningDelta("Hm"), TextDelta("Hi"), ToolCallDelta(0, "call_1", "f", "{}"), DONE)
    if case.path in ("/api/delete", "/api/create"):
        models.copy("spare", NAME)  # in the place of what the last request deleted or made
    if isinstance(case.body, dict) and isinstance(case.body.get("model"), str):
        case.body["model"] = NAME  # any other name is a 404 and nothing more
    case.call_and_validate(base_url=api.url, session=session, timeout=PATIENCE)

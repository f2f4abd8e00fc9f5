"""Long jobs: what they report is streamed, what fails is told, and a client that leaves ends its job."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from ossia.config import Settings
from ossia.engine import Start
from ossia.errors import StoreError
from ossia.server.http import endpoint
from ossia.server.http.endpoint import Call, Endpoint
from ossia.server.http.locality import Locality
from ossia.server.http.stream import Chunk
from ossia.server.pool import EnginePool
from ossia.server.protocols.ollama.errors import error
from ossia.server.protocols.ollama.jobs import MOST_JOBS, Job, run_job
from ossia.server.protocols.ollama.model_types import PULL, TransferRequest
from ossia.server.protocols.ollama.types import OllamaError
from ossia.server.services import Services
from ossia.store.keyring import KeyRing
from ossia.store.keys import KeyFile
from ossia.store.models import Model, ModelStore
from ossia.store.progress import Progress, Report
from tests.api.conftest import Answer, Api
from tests.conftest import Serve
from tests.doubles.scripted_engine import ScriptedEngine
from tests.waiting import PATIENCE

DIGEST = "sha256:" + "0" * 64
SUCCESS = Progress("success")


async def no_model(model: Model, start: Start) -> ScriptedEngine:
    raise AssertionError("jobs load no model")


@pytest.fixture
def start(serve: Serve) -> Callable[[Job], Api]:
    """A server whose only route does this job."""

    def start(job: Job) -> Api:
        async def handler(call: Call[TransferRequest]) -> Chunk | None:
            return await run_job(job, call.reply, call.body.stream)

        store, settings = ModelStore(Path("nowhere")), Settings()
        services = Services(store, EnginePool(settings, no_model), settings.limits, settings.access, KeyRing(KeyFile()))
        api = endpoint.Api("Jobs", "/", error, OllamaError, (Endpoint("POST", "/job", PULL, handler),))
        app = Starlette(
            routes=endpoint.routes([api], services), middleware=[Middleware(Locality, access=settings.access)]
        )
        return Api(serve(app), ScriptedEngine(), [])

    return start


def post(api: Api, **body: object) -> Answer:
    return api.request("POST", "/job", body)


def test_reports_are_lines_without_what_is_empty(start: Callable[[Job], Api]) -> None:
    def job(report: Report) -> None:
        report(Progress("pulling manifest"))
        report(Progress("pulling 000000000000", DIGEST, 10))
        report(Progress("pulling 000000000000", DIGEST, 10, 10))
        report(SUCCESS)

    api = start(job)
    assert post(api).lines == [
        {"status": "pulling manifest"},
        {"status": "pulling 000000000000", "digest": DIGEST, "total": 10},
        {"status": "pulling 000000000000", "digest": DIGEST, "total": 10, "completed": 10},
        {"status": "success"},
    ]
    assert post(api, stream=False).json == {"status": "success"}


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([Progress("pulling manifest")], id="a registry that does not answer"),
        pytest.param([Progress("pulling 00", DIGEST, 10, done) for done in (0, 4, 10)], id="a download that stalls"),
        pytest.param([Progress("pushing 00", DIGEST, 10, 5), SUCCESS], id="an upload that stalls"),
        pytest.param([Progress("quantizing"), Progress("hashing"), Progress("quantizing")], id="steps that come again"),
    ],
)
def test_a_line_is_not_repeated(start: Callable[[Job], Api], steps: list[Progress]) -> None:
    def job(report: Report) -> None:
        for step in steps:
            for _ in range(11):
                report(step)

    assert [line["status"] for line in post(start(job)).lines] == [step.status for step in steps]


def test_an_error_is_a_status_before_the_first_report_and_a_line_after_it(start: Callable[[Job], Api]) -> None:
    def job(report: Report) -> None:
        if talks:
            report(Progress("pulling manifest"))
        raise StoreError("no space left", hint="delete something")

    talks, api = False, start(job)
    shown = {"error": "no space left", "hint": "delete something"}
    assert (post(api).status, post(api).json) == (500, shown)
    talks = True
    assert (post(api).status, post(api).lines) == (200, [{"status": "pulling manifest"}, shown])
    assert (post(api, stream=False).status, post(api, stream=False).json) == (500, shown)


def test_a_bug_in_a_job_is_told_without_its_insides(start: Callable[[Job], Api]) -> None:
    assert post(start(lambda report: 1 // 0)).json["error"] == "internal error"


def test_a_client_that_leaves_ends_its_job(start: Callable[[Job], Api]) -> None:
    ended = threading.Event()

    def job(report: Report) -> None:
        try:
            while True:
                report(Progress("working"))
        finally:
            ended.set()

    connection = start(job).connect()
    connection.request("POST", "/job", b"{}")
    response = connection.getresponse()
    assert json.loads(response.readline()) == {"status": "working"}
    assert not ended.is_set()
    response.close()
    connection.close()
    assert ended.wait(PATIENCE)


def test_a_job_for_which_there_is_no_thread_takes_no_place(
    start: Callable[[Job], Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = start(lambda report: report(SUCCESS))
    really = threading.Thread.start

    def refuse_jobs(thread: threading.Thread) -> None:
        if thread.name == "job":
            raise RuntimeError("can't start new thread")
        really(thread)

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse_jobs)
        assert {post(api, stream=False).status for _ in range(MOST_JOBS + 1)} == {503}
    assert post(api, stream=False).status == 200

"""Holes that Ollama had or has, by their CVE or issue: each kind has its test here, or where the last test finds it."""

import json
import re
import socket
import struct
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ossia.addresses import read_networks
from ossia.config import Access, Settings
from ossia.server.app import create_app
from ossia.store.models import ModelStore
from ossia.types import TextDelta
from tests.api.conftest import NAME, Answer, Api, write_gguf
from tests.conftest import Serve
from tests.doubles.scripted_engine import DONE, ScriptedEngine, pool_of
from tests.unit.test_gguf import ARRAY, DATA, STRING, UINT32, header, string, tensor, u32, u64, value

ROOT = Path(__file__).parents[2]
CLASSES = [
    *("CVE-2024-28224", "CVE-2024-37032", "CVE-2024-39719", "CVE-2024-39720", "CVE-2024-39721", "CVE-2024-39722"),
    *("CVE-2024-8063", "CVE-2024-12055", "CVE-2024-12886", "CVE-2025-0312", "CVE-2025-0315", "CVE-2025-0317"),
    *("CVE-2025-1975", "CVE-2025-51471", "CVE-2025-63389", "CVE-2026-7482", "CVE-2026-42248", "CVE-2026-42249"),
    *("ollama#17042", "ollama#16236"),
]
OTHER_MACHINE = "127.0.0.2"
Start = Callable[..., Api]


@pytest.fixture
def start(serve: Serve, store: ModelStore) -> Start:
    """Start servers for which 127.0.0.1 is its own machine, and 127.0.0.2 another one."""

    def start(**settings: Any) -> Api:
        engine = ScriptedEngine(TextDelta("Hi."), DONE)
        chosen = Settings(models=store.root, access=Access(local=read_networks("127.0.0.1")), **settings)
        return Api(serve(create_app(chosen, store, pool_of(engine, chosen))), engine, [])

    return start


@pytest.fixture
def api(start: Start) -> Api:
    return start()


def ask(api: Api, method: str, path: str, body: Any, headers: dict[str, str], source: str = OTHER_MACHINE) -> Answer:
    connection = api.connect()
    connection.source_address = (source, 0)
    with closing(connection):
        connection.request(method, path, json.dumps(body), headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())


# ---- CVE-2024-28224: a web page whose name resolves to this machine (DNS rebinding)


@pytest.mark.parametrize("path", ["/", "/api/tags", "/v1/models", "/api/nowhere"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:11434",
        "evil.example.",
        "localhost@evil.example",
    ],
)
def test_cve_2024_28224_dns_rebinding(api: Api, path: str, host: str) -> None:
    assert api.request("GET", path, headers={"Host": host}).status == 403
    page = {"Host": host, "Origin": f"http://{host}"}
    assert api.request("POST", "/api/generate", {"model": NAME, "prompt": "Hi"}, page).status == 403
    assert api.engine.requests == []


# ---- CVE-2024-39719: a create whose errors tell which files exist


@pytest.mark.parametrize(
    "body",
    [
        lambda path: {"from": path},
        lambda path: {"files": {"model.gguf": path}},
        lambda path: {"files": {path: f"sha256:{'0' * 64}"}},
        lambda path: {"path": path},
        lambda path: {"modelfile": f"FROM {path}"},
        lambda path: {"from": NAME, "adapters": {"a.gguf": path}},
    ],
)
def test_cve_2024_39719_a_create_tells_nothing_of_files(api: Api, body: Callable[[str], Any], tmp_path: Path) -> None:
    (tmp_path / "there").write_text("secret")
    there, missing = (
        api.request("POST", "/api/create", {"model": "new", **body(str(tmp_path / name)), "stream": False})
        for name in ("there", "gone_")
    )
    assert there.status == missing.status == 400
    assert there.body.replace(b"there", b"gone_").replace(b"-is-", b"") == missing.body.replace(b"-is-", b"")
    assert b"secret" not in there.body


# ---- GGUF files that are uploaded and made a model of


def created(api: Api, content: bytes, **fields: Any) -> Answer:
    """The answer to the creation of a model from a file that is uploaded first."""
    digest = f"sha256:{sha256(content).hexdigest()}"
    assert api.request("POST", f"/api/blobs/{digest}", content).status in (200, 201)
    return api.request("POST", "/api/create", {"model": "new", "files": {"m.gguf": digest}, "stream": False, **fields})


ARCHITECTURE = value("general.architecture", STRING, string("gpt-oss"))
TABLES = {
    "no metadata at all": header(1, 0) + tensor(),
    "no architecture": header(1, 1) + value("a", UINT32, u32(1)) + tensor(),
    "an architecture that is no text": header(1, 1) + value("general.architecture", UINT32, u32(1)) + tensor(),
    "an empty list of tokens": header(1, 2)
    + ARCHITECTURE
    + value("tokenizer.ggml.tokens", ARRAY, u32(STRING) + u64(0))
    + tensor(),
    "tokens that are numbers": header(1, 2)
    + ARCHITECTURE
    + value("tokenizer.ggml.tokens", ARRAY, u32(UINT32) + u64(2) + u32(1) + u32(2))
    + tensor(),
    "no tensors": header(0, 1) + ARCHITECTURE,
    "a tensor without a name": header(1, 1) + ARCHITECTURE + tensor(name=""),
}


@pytest.mark.parametrize("tables", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("quantize", ["", "q8_0"])
def test_cve_2025_0312_a_file_without_what_is_expected(api: Api, tables: bytes, quantize: str) -> None:
    """Ollama's server followed a null pointer."""
    answer = created(api, tables + bytes(-len(tables) % 32) + DATA, quantize=quantize)
    assert answer.status in (200, 400)
    assert answer.status == 200 or "internal" not in answer.json["error"]
    for path in ("/api/show", "/api/chat"):
        shown = api.request("POST", path, {"model": "new", "messages": [{"role": "user", "content": "Hi"}]})
        assert shown.status in (200, 400, 404), shown.body
    assert api.request("GET", "/api/tags").status == 200


@pytest.mark.parametrize("kind", [0, 1, 8])
@pytest.mark.parametrize("dims", [(1 << 20,), (1 << 31, 2), (1 << 40,), ((1 << 63) - 32,)])
def test_cve_2026_7482_a_tensor_is_never_read_beyond_its_file(api: Api, kind: int, dims: tuple[int, ...]) -> None:
    """Ollama's quantization read on, and wrote what lay there, prompts and keys, into the new model."""
    tables = header(1, 1) + ARCHITECTURE + tensor(dims=dims, kind=kind)
    answer = created(api, tables + bytes(-len(tables) % 32) + DATA, quantize="q8_0")
    assert answer.status == 400
    assert api.post("/api/show", model="new").status == 404


@pytest.mark.parametrize("count", [1 << 30, 1 << 40, (1 << 64) - 1])
@pytest.mark.parametrize("kind", [STRING, UINT32, ARRAY])
def test_ollama_17042_an_array_that_is_longer_than_its_file(api: Api, count: int, kind: int) -> None:
    """ollama#17042: memory was taken for as many elements as the file said."""
    array = value("tokenizer.ggml.tokens", ARRAY, u32(kind) + u64(count))
    answer = created(api, header(1, 2) + ARCHITECTURE + array + tensor() + DATA)
    assert answer.status == 400


@pytest.mark.parametrize("number", [0, 1, 3])
def test_cve_2024_39720_a_file_of_few_bytes_is_refused_by_the_server(api: Api, number: int) -> None:
    assert created(api, b"GGUF"[:number] or b"G").status == 400
    assert api.request("GET", "/api/tags").status == 200


@pytest.mark.parametrize("alignment", [0, 3, (1 << 32) - 1])
def test_cve_2025_0317_an_alignment_is_never_a_divisor_of_zero(api: Api, alignment: int) -> None:
    tables = header(1, 2) + ARCHITECTURE + value("general.alignment", UINT32, struct.pack("<I", alignment)) + tensor()
    assert created(api, tables + bytes(-len(tables) % 32) + DATA).status == 400


# ---- CVE-2025-63389: anybody who reaches the port may do anything


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/pull", {"model": "x"}),
        ("POST", "/api/push", {"model": NAME}),
        ("POST", "/api/create", {"model": NAME, "from": NAME, "system": "Obey me."}),
        ("POST", "/api/copy", {"source": NAME, "destination": "x"}),
        ("DELETE", "/api/delete", {"model": NAME}),
        ("POST", f"/api/blobs/sha256:{'0' * 64}", {}),
        ("POST", "/api/generate", {"model": NAME, "keep_alive": 0}),
    ],
)
def test_cve_2025_63389_who_may_manage_and_who_may_ask(
    start: Start, store: ModelStore, method: str, path: str, body: dict[str, Any]
) -> None:
    """Without keys nobody on another machine manages. With keys nobody there does anything without one."""
    with_keys = start(api_keys=("sk-manager:manage,inference", "sk-reader:inference"))
    without = start()
    assert ask(without, method, path, body, {}).status == 403
    assert ask(with_keys, method, path, body, {}).status == 401
    assert ask(with_keys, method, path, body, {"Authorization": "Bearer sk-nobody"}).status == 401
    chat = {"model": NAME, "messages": [{"role": "user", "content": "Hi"}]}
    assert ask(with_keys, "POST", "/api/chat", chat, {}).status == 401
    assert ask(without, "POST", "/api/chat", chat, {}).status == 200
    assert store.resolve(NAME).system == ""


# ---- ollama#16236: pulls from registries that a stranger chooses (see also tests/registry/test_networks.py)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "http://127.0.0.1"])
@pytest.mark.parametrize("route", ["pull", "push", "create"])
def test_ollama_16236_another_machine_makes_this_one_ask_nobody(api: Api, host: str, route: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        name = f"{host}:{listening.getsockname()[1]}/library/x"
        body = {"model": name, "from": name, "insecure": True, "stream": False}
        assert ask(api, "POST", f"/api/{route}", body, {}).status == 403
        with pytest.raises(BlockingIOError):
            listening.accept()


# ---- CVE-2026-42248 and CVE-2026-42249: an updater that runs what it is sent


def test_cve_2026_42248_and_42249_there_is_no_updater() -> None:
    """The program asks nobody but registries and where `tiny` is, runs nothing that it fetched, and pickles nothing."""
    source = {path: path.read_text() for path in (ROOT / "src").rglob("*.py")}
    fetching = {path.parent.name for path, text in source.items() if re.search(r"\b(HTTPS?Connection|urlopen)\(", text)}
    assert fetching <= {"store", "cli", "http", "doctor"}  # the doctor asks its own port who has it
    starting = re.compile(r"\b(os\.exec\w*|os\.system|os\.startfile|pickle\.loads?|shell=True)\b")
    found = [str(path.relative_to(ROOT)) for path, text in source.items() if starting.search(text)]
    assert found == ["src/ossia/cli/launch/agents.py"]  # becomes the agent that its user names


def test_every_class_has_a_test() -> None:
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    here = Path(__file__).read_text().split("def start(", 1)[1]
    named = {name.upper().replace("_", "-") for name in re.findall(r"(?i)cve[-_]\d{4}[-_]\d+", tests + here)}
    named |= {f"CVE-{year}-{number}" for year, number in re.findall(r"(?:and|or)_(\d{4})_(\d+)", tests + here)}
    named |= {f"ollama#{number}" for number in re.findall(r"ollama(?:#|_)(\d{5})", tests + here)}
    assert [name for name in CLASSES if name not in named] == []


def test_the_good_file_is_good(api: Api, tmp_path: Path) -> None:
    assert created(api, write_gguf(tmp_path / "good.gguf").read_bytes()).json == {"status": "success"}

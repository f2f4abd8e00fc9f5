"""`ossia doctor`: what it finds, and that each finding has its remedy."""

import json
import os
import resource
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gguf
import numpy as np
import pytest

from ossia import _cpu
from ossia.admin.doctor import engines, gpu, limits, memory, network, processor, registry, storage, trust
from ossia.admin.doctor.check import Check
from ossia.admin.doctor.clock import clock
from ossia.admin.doctor.examination import examine
from ossia.admin.doctor.settings import read_settings
from ossia.cli.arguments import main
from ossia.config import EngineOptions, Settings, home
from ossia.errors import InvalidRequest
from ossia.store.identity import Identity
from ossia.store.inspection import Files, Inspection, inspect
from ossia.store.keys import KeyFile
from ossia.store.models import Model, ModelStore
from tests.doubles.scripted_server import scripted_server
from tests.unit.test_memory import fake_root


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture
def model(store: ModelStore, tmp_path: Path) -> Model:
    writer = gguf.GGUFWriter(tmp_path / "model.gguf", "gpt-oss")
    writer.add_tensor("output.weight", np.zeros((64, 64), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return store.create("whole", files=[tmp_path / "model.gguf"], system="Be brief.")


def one(checks: Iterator[Check]) -> Check:
    (check,) = checks
    return check


def manifest_of(store: ModelStore, name: str) -> Path:
    return store.root / "manifests" / "registry.ollama.ai" / "library" / name / "latest"


def cut_off(store: ModelStore, model: Model) -> None:
    with model.path.open("r+b") as file:
        file.truncate(1000)


def spoil(store: ModelStore, model: Model) -> None:
    with model.path.open("r+b") as file:
        file.write(b"junk")


def forget_a_text(store: ModelStore, model: Model) -> None:
    store.blobs.delete(model.manifest.of_kind("system")[0].digest)


def forget_the_weights(store: ModelStore, model: Model) -> None:
    model.path.unlink()


@pytest.mark.parametrize("harm", [cut_off, spoil, forget_a_text, forget_the_weights])
def test_a_model_that_is_not_whole_is_named_with_its_remedy(
    store: ModelStore, model: Model, harm: Callable[[ModelStore, Model], None]
) -> None:
    assert inspect(store) == Inspection((model,), {}, Files(0, 0), Files(0, 0))
    harm(store, model)
    found = inspect(store)
    assert (found.models, [*found.broken]) == ((), ["whole:latest"])
    check = one(storage.store(Settings(), found))
    assert "whole:latest" in check.text
    assert "ossia pull whole:latest" in check.remedy


def test_a_link_out_of_the_store_is_for_its_owner_to_remove(store: ModelStore, model: Model, tmp_path: Path) -> None:
    (tmp_path / "manifest").write_bytes(manifest_of(store, "whole").read_bytes())
    manifest_of(store, "whole").unlink()
    manifest_of(store, "whole").symlink_to(tmp_path / "manifest")
    check, _ = storage.store(Settings(), inspect(store))
    assert check.remedy == "remove the link"


def test_a_manifest_that_cannot_be_read_keeps_the_orphans(store: ModelStore, model: Model) -> None:
    manifest_of(store, "whole").write_text("{")
    broken, orphans = storage.store(Settings(), inspect(store))
    assert not broken.is_good
    assert (orphans.name, orphans.is_good) == ("orphans", False)


def test_old_orphans_are_told_and_how_they_go(store: ModelStore, model: Model) -> None:
    manifest_of(store, "whole").unlink()
    assert one(storage.store(Settings(), inspect(store))).is_good  # a blob may be for a model that is yet to be made
    for path in store.blobs.root.iterdir():
        os.utime(path, (0, 0))
    (store.blobs.root / f"sha256-{'0' * 64}-partial").write_bytes(b"x")
    (store.blobs.root / f"sha256-{'0' * 64}-partial-0").write_bytes(b"{}")
    found = inspect(store)
    empty, orphans, downloads = storage.store(Settings(no_prune=True), found)
    assert empty.is_good
    assert found.leftovers
    assert (found.leftovers.count, found.unfinished.count) == (3, 1)
    assert "OLLAMA_NOPRUNE" in orphans.remedy
    assert downloads.is_good
    store.sweep()
    assert inspect(store).leftovers == Files(0, 0)


def test_a_disk_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(models=tmp_path / "not" / "there")
    (tmp_path / "file").touch()
    assert "OLLAMA_MODELS" in one(storage.disk(Settings(models=tmp_path / "file" / "models"))).remedy
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1 << 20))
    assert "OLLAMA_MODELS" in one(storage.disk(settings)).remedy
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert "owner" in one(storage.disk(settings)).remedy


@pytest.mark.parametrize(
    ("of_system", "remedy"),
    [
        (SimpleNamespace(f_flag=os.ST_RDONLY, f_files=1, f_favail=1), "mount it for writing"),
        (SimpleNamespace(f_flag=0, f_files=100, f_favail=0), "no inodes left"),
        (SimpleNamespace(f_flag=0, f_files=0, f_favail=0), ""),  # one that counts none
    ],
)
def test_a_file_system_that_takes_no_more_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_system: object, remedy: str
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1 << 40))
    monkeypatch.setattr("os.statvfs", lambda path: of_system)
    check = one(storage.disk(Settings(models=tmp_path)))
    assert remedy in check.remedy
    assert check.is_good == (not remedy)


def test_a_store_that_leads_nowhere_or_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").symlink_to(tmp_path / "unmounted")
    check = one(storage.disk(Settings(models=tmp_path / "models" / "below")))
    assert check.text == f"{tmp_path / 'models'} is a link to {tmp_path / 'unmounted'}, which is not there"
    assert "mount" in check.remedy
    monkeypatch.setenv("HOME", str(tmp_path))
    assert one(storage.disk(Settings(models=Path("~/m")))).remedy == f"name it whole: OLLAMA_MODELS={tmp_path / 'm'}"


def test_an_empty_store_beside_that_of_ollamas_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_OF_OLLAMA", tmp_path)
    empty, settings = inspect(ModelStore(tmp_path / "mine")), Settings(models=tmp_path / "mine")
    assert "OLLAMA_MODELS" not in one(storage.store(settings, empty)).text
    (tmp_path / "manifests").mkdir()
    assert f"OLLAMA_MODELS={tmp_path}" in one(storage.store(settings, empty)).text


def test_a_clock_that_is_behind_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(clock()).is_good
    monkeypatch.setattr("time.time", lambda: 86400.0)
    assert "timedatectl" in one(clock()).remedy


def test_memory_that_is_too_little_by_setting_or_for_a_model(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "OSSIA_MEMORY_BYTES" in one(memory.memory(Settings(memory_bytes=1000), [])).remedy
    monkeypatch.setattr(memory, "_LEAST", 0)
    few = Settings(memory_bytes=1000, engine=EngineOptions(device="cpu"))
    assert "whole:latest" in one(memory.memory(few, [model])).text
    monkeypatch.setattr(memory, "_LEAST", 1 << 60)
    assert not one(memory.memory(Settings(memory_bytes=1 << 61), [])).is_good


def test_slow_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MEASURED", 1 << 20)
    monkeypatch.setattr(memory, "_SLOW", 0)
    assert one(memory.speed(Settings())).is_good
    monkeypatch.setattr(memory, "_SLOW", 1e18)
    assert "memory" in one(memory.speed(Settings())).remedy


def test_an_instruction_set_that_is_not_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    best = _cpu.available_isas()[-1]
    assert one(processor.instructions(Settings())).is_good
    monkeypatch.setattr(_cpu, "isa", lambda: "scalar")
    monkeypatch.setattr(_cpu, "available_isas", lambda: ["scalar", best])
    assert one(processor.instructions(Settings(isa="scalar"))).remedy.startswith("unset OSSIA_ISA")
    monkeypatch.setattr(_cpu, "available_isas", lambda: ["scalar"])
    check = one(processor.instructions(Settings()))
    assert "no AVX2" in check.text
    assert "AVX2" in check.remedy


def test_more_threads_than_cores_or_than_the_container_may_use(tmp_path: Path) -> None:
    assert one(processor.processor(Settings(), tmp_path)).is_good
    many = Settings(engine=EngineOptions(threads=1000))
    assert "OSSIA_THREADS" in one(processor.processor(many, tmp_path)).remedy
    fake_root(tmp_path, "0::/\n", {"cpu.max": "150000 100000\n"})
    check = one(processor.processor(Settings(engine=EngineOptions(threads=2)), tmp_path))
    assert "OSSIA_THREADS=1" in check.remedy
    assert "1 cores, 1 threads" in one(processor.processor(Settings(), tmp_path)).text


def test_a_gpu_without_its_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "has_driver", lambda: False)
    assert one(gpu.gpus(Settings(), tmp_path)).is_good
    assert "OSSIA_DEVICE" in one(gpu.gpus(Settings(engine=EngineOptions(device="cuda")), tmp_path)).remedy
    card = tmp_path / "sys/bus/pci/devices/0000:01:00.0"
    card.mkdir(parents=True)
    (card / "vendor").write_text("0x10de\n")
    (card / "class").write_text("0x030200\n")
    assert "driver" in one(gpu.gpus(Settings(), tmp_path)).remedy


@pytest.mark.parametrize(
    ("capability", "installed", "cuda", "driver", "remedies"),
    [
        ("9.0", "2.11", 13, 13, ["", ""]),
        ("7.5", "2.11", 13, 13, ["OSSIA_DEVICE=cpu", ""]),
        ("9.0", "", 13, 13, ["", "make cuda"]),
        ("9.0", "2.11", None, 13, ["", "extra"]),
        ("9.0", "2.11", 13, 12, ["", "update"]),
    ],
)
def test_gpus_and_what_they_need(
    monkeypatch: pytest.MonkeyPatch,
    capability: str,
    installed: str,
    cuda: int | None,
    driver: int,
    remedies: list[str],
) -> None:
    monkeypatch.setattr(gpu, "has_driver", lambda: True)
    monkeypatch.setattr(gpu, "_listed", lambda: [f"NVIDIA Card, 80000 MiB, 580.95, {capability}"])
    monkeypatch.setattr(gpu, "version_of", lambda package: installed)
    monkeypatch.setattr(gpu, "_cuda_of_torch", lambda: cuda)
    monkeypatch.setattr(gpu, "driver_cuda_version", lambda: driver)
    monkeypatch.setattr("shutil.which", lambda name: name)
    found = [check.remedy for check in gpu.gpus(Settings())]
    assert [remedy in text and bool(remedy) == bool(text) for remedy, text in zip(remedies, found, strict=True)] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("family", "options", "installed", "remedy"),
    [
        ("gpt-oss", {}, False, ""),
        ("llama", {}, True, ""),
        ("llama", {}, False, "pip install"),
        ("llama", {"engine_name": "native"}, True, "unset OSSIA_ENGINE"),
        ("gpt-oss", {"engine_name": "llamacpp"}, False, "pip install"),
        ("gpt-oss", {"device": "vulkan"}, False, "pip install"),
    ],
)
def test_llama_cpp_where_it_is_needed(
    model: Model, monkeypatch: pytest.MonkeyPatch, family: str, options: dict[str, Any], installed: bool, remedy: str
) -> None:
    monkeypatch.setattr(engines, "is_installed", lambda: installed)
    monkeypatch.setattr(engines, "version", lambda package: "2026.10")
    models = [replace(model, config={"model_family": family})]
    check = one(engines.llama_cpp(Settings(engine=EngineOptions(**options)), models))
    assert remedy in check.remedy
    assert check.is_good == (not remedy)


def test_a_taken_port_is_named_with_its_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_SECONDS", 0.01)  # it answers nobody
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(port=taken.getsockname()[1])
        check = one(network.port(settings))
    assert f"process {os.getpid()}" in check.text
    assert "OLLAMA_HOST" in check.remedy
    assert one(network.port(settings)).is_good


@pytest.mark.parametrize(
    ("answers", "text", "is_good"),
    [
        ({"GET /openapi.json": {"info": {"title": "ossia", "version": "0.1.0"}}}, "ossia 0.1.0 answers", True),
        ({"GET /openapi.json": {"info": {"title": "ossia", "version": "0.0.9"}}}, "this is 0.1.0", False),
        ({"GET /api/version": {"version": "0.14.0"}}, "Ollama 0.14.0", False),
        ({"GET /api/version": {"version": "9" * 99}}, "by Ollama 9999", False),
        *(({"GET /openapi.json": data}, "is in use by", False) for data in (b"[" * 10**5, b'"\xff"', b"null")),
    ],
)
def test_a_server_that_has_the_port(answers: dict[str, object], text: str, is_good: bool) -> None:
    with scripted_server() as server:
        server.script.update(answers)
        check = one(network.port(Settings(port=int(server.host.rpartition(":")[2]))))
    assert text in check.text
    assert check.is_good == is_good


def test_who_reaches_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(network.exposure(Settings())).is_good
    assert "ossia key create" in one(network.exposure(Settings(host="0.0.0.0"))).remedy
    KeyFile().create("laptop")
    assert "OSSIA_TLS_CERT" in one(network.exposure(Settings(host="0.0.0.0"))).remedy
    assert one(network.exposure(Settings(host="0.0.0.0", tls_cert=Path("x")))).is_good
    assert "1 made here (1 with inference)" in one(network.keys(Settings())).text


def test_a_proxy_that_clients_would_ask_for_localhost(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret@proxy:3128")
    check = one(network.proxies(Settings()))
    assert check.remedy == "NO_PROXY=localhost,127.0.0.1"
    assert "secret" not in check.text
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert one(network.proxies(Settings())).remedy == "NO_PROXY=localhost,127.0.0.1"
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    assert one(network.proxies(Settings())).is_good


def test_the_command_prints_json_and_fails_if_there_is_something_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(memory, "_MEASURED", 1 << 20)
    monkeypatch.setenv("OSSIA_MEMORY_BYTES", "1000")
    KeyFile().create("laptop")
    KeyFile().path.chmod(0o666)
    assert main(["doctor", "--offline", "--json"]) == 1
    out, err = capsys.readouterr()
    bad = {each["name"]: each["remedy"] for each in json.loads(out) if not each["good"]}
    assert {"memory", "keys"} <= bad.keys()
    assert "chmod 600" in bad["keys"]
    assert err.startswith("error: there is something to do: ")
    assert main(["doctor", "--offline"]) == 1
    assert "\n              → unset OSSIA_MEMORY_BYTES\n" in capsys.readouterr().out


def test_a_setting_that_cannot_be_read_ends_no_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MEASURED", 1 << 20)
    monkeypatch.setenv("OSSIA_THREADS", "many")
    first, *others = examine(offline=True)
    assert "OSSIA_THREADS" in first.text
    assert not first.is_good
    assert len(others) > 8


def test_each_bad_setting_is_named_with_what_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = {
        "OLLAMA_HOST": "ftp://x",
        "OLLAMA_KEEP_ALIVE": "soon",
        "OSSIA_THREADS": "many",
        "OSSIA_ISA": "mmx",
        "OSSIA_THREAD": "3",
        "OSSIA_NOTHING": "1",
    }
    for name, text in (bad | {"OLLAMA_FLASH_ATTENTION": "1", "OLLAMA_NUM_PARALLEL": "3"}).items():
        monkeypatch.setenv(name, text)
    settings, checks = read_settings()
    assert settings.engine.num_parallel == 3
    remedies = {check.text.split()[0].strip(":"): check.remedy for check in checks}
    assert remedies.keys() == bad.keys()
    assert remedies["OSSIA_ISA"].endswith("(default: the best)")
    assert remedies["OSSIA_THREAD"].startswith("OSSIA_THREADS may be meant")
    assert all(remedies.values())
    with pytest.raises(InvalidRequest, match=r"OLLAMA_HOST: .*; OLLAMA_KEEP_ALIVE: .*; OSSIA_THREADS: .*; OSSIA_ISA: "):
        Settings.from_env()


def test_settings_of_ollama_that_are_not_needed_are_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_FLASH_ATTENTION", "1")
    _, (check,) = read_settings()
    assert (check.text, check.is_good) == ("OLLAMA_FLASH_ATTENTION has no effect here", True)


@pytest.mark.parametrize(
    ("kind", "number", "remedy"),
    [
        (resource.RLIMIT_NOFILE, 64, "ulimit -n 1280"),
        (resource.RLIMIT_FSIZE, 1 << 20, "ulimit -f unlimited"),
        (resource.RLIMIT_AS, 1 << 30, "ulimit -v unlimited"),
        (None, 0, ""),
    ],
)
def test_limits_of_the_shell(monkeypatch: pytest.MonkeyPatch, kind: int | None, number: int, remedy: str) -> None:
    infinite = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr("resource.getrlimit", lambda asked: (number, number) if asked == kind else infinite)
    check = one(limits.limits(Settings()))
    assert remedy in check.remedy
    assert check.is_good == (not remedy)


def test_the_folder_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".ollama"
    assert one(storage.own_folder()).is_good
    folder.touch()
    assert "move it away" in one(storage.own_folder()).remedy
    folder.unlink()
    Identity.load()
    assert one(storage.own_folder()).is_good
    (folder / "id_ed25519").chmod(0o644)
    assert one(storage.own_folder()).remedy == f"chmod 600 {folder / 'id_ed25519'}"
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert "HOME" in one(storage.own_folder()).remedy


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as for one that is in no list of users
    assert home() == Path("/")


def test_certificates_that_are_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert one(trust.trust(Settings())).is_good
    (tmp_path / "junk.pem").write_text("junk")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "junk.pem"))
    no_ca, junk = trust.trust(Settings(ca=tmp_path / "none.pem"))
    assert no_ca.text == f"OSSIA_CA={tmp_path / 'none.pem'}: No such file or directory"
    assert junk.text.endswith("there is no certificate in it")
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setattr(trust, "_has_any", lambda: False)
    assert "ca-certificates" in one(trust.trust(Settings())).remedy


def test_the_registry_and_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server() as server:
        assert one(registry.registry(f"http://{server.host}/v2/")).is_good
        monkeypatch.setattr(registry, "_APART", timedelta(0))
        answers, clock = registry.registry(f"http://{server.host}/v2/")
    assert answers.is_good
    assert (clock.name, "timedatectl" in clock.remedy) == ("clock", True)
    assert "is there a network" in one(registry.registry(f"http://{server.host}/v2/")).remedy


def test_a_registry_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not one(registry.registry(f"http://127.0.0.1:{silent.getsockname()[1]}/v2/")).is_good


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "socks5://127.0.0.1:1", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_named_as_what_keeps_from_the_registry(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    check = one(registry.registry())
    assert check.text.startswith("the proxy on the way to registry.ollama.ai")
    assert "HTTPS_PROXY" in check.remedy


def test_an_address_that_is_not_this_machines_is_nobody_elses() -> None:
    check = one(network.port(Settings(host="192.0.2.1")))
    assert "by " not in check.text
    assert "OLLAMA_HOST=0.0.0.0" in check.remedy

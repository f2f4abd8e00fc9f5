"""Everything that is tried and measured on a machine with an NVIDIA GPU: part by part, each within a limit of time.

    python bench/card.py FOLDER [--parts tests failures ...] [--out OUT] [--seconds 560] [--vocabulary tokenizer.json]
                         [--toy] [--again]

Models of random weights are made in FOLDER when a part needs them: /dev/shm has room for the larger ones on most
machines. What a part prints goes to OUT/PART.log, and its end to the terminal. OUT/card.json keeps how each ended, and
its last line if that is JSON; a part that has succeeded is not run again. Once the seconds are over, nothing more is
begun. `--toy` takes models that a processor runs, to try the parts themselves. Exits with 1 if a part has failed.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BENCH = Path(__file__).parent
SHOWN = 4000  # characters of a part's end
LEAST = 10  # seconds in which a part is worth beginning
SHAPES = {
    "20b": ("--shape", "20b"),
    "120b": ("--shape", "120b"),
    "eight": ("--shape", "20b", "--layers", "8"),
    "two": ("--shape", "20b", "--layers", "2"),
    "toy": ("--shape", "toy"),
}
STREAMS = ("1", "2", "4", "8", "32", "64")
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--durations=12", "-o", "timeout=170")


@dataclass(frozen=True)
class Part:
    """A program, with {MODEL} for the file of a model, and its most seconds."""

    seconds: int
    command: tuple[str, ...]
    models: tuple[str, ...] = ()


def bench(name: str, *arguments: str) -> tuple[str, ...]:
    return str(BENCH / f"{name}.py"), *arguments


PARTS = {
    "tests": Part(300, (*PYTEST, "-m", "gpu", "tests/gpu/test_runner.py", "-k", "not embedded and not memory")),
    "memory": Part(60, (*PYTEST, "-m", "gpu", "tests/gpu/test_runner.py", "-k", "memory")),
    "failures": Part(200, (*PYTEST, "-m", "gpu", "tests/gpu/test_failures.py")),
    "ranks": Part(120, (*PYTEST, "-m", "gpu", "tests/gpu/test_ranks.py")),
    "kernels": Part(300, (*PYTEST, "tests/cuda")),
    "grammar": Part(150, bench("grammar", "{20b}", "--tokens", "160", "--rounds", "3", "--streams", "32"), ("20b",)),
    "first": Part(90, bench("first_token", "{20b}"), ("20b",)),
    "loop": Part(150, bench("cuda_serve", "{20b}", "--only", "loop", "first", "gaps", "--batches", *STREAMS), ("20b",)),
    "http": Part(200, bench("cuda_serve", "{20b}", "--only", "http"), ("20b",)),
    "load": Part(150, bench("load", "{20b}", "--llama-server", "none", "--clients", "1", "8", "32", "64"), ("20b",)),
    "120b": Part(150, bench("cuda_serve", "{120b}", "--only", "loop", "first", "--batches", "1", "8"), ("120b",)),
    "soak": Part(
        260,
        bench("soak", "{eight}", "{two}", "--minutes", "2.5", "--clients", "64", "--longest", "3000", "--fault"),
        ("eight", "two"),
    ),
    "divided": Part(
        120,
        bench("cuda_serve", "{20b}", "--only", "loop", "first", "--batches", "1", "8", "64", "--gpus", "2"),
        ("20b",),
    ),
    "cap": Part(200, bench("cuda_cap", "{20b}"), ("20b",)),
    "invariant": Part(120, bench("cuda_invariant", "{20b}", "--prompts", "60"), ("20b",)),
}


def made(name: str, folder: Path, vocabulary: Path | None) -> Path:
    """The file of a model, which is written if it is not there."""
    path = folder / f"{name}.gguf"
    if not path.exists():
        own = () if vocabulary is None else ("--vocabulary", str(vocabulary))
        part = path.with_suffix(".part")
        command = [sys.executable, *bench("random_model", str(part)), *SHAPES[name], *own]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        part.rename(path)
    return path


def run(command: list[str], log: Path, seconds: float, environment: dict[str, str]) -> tuple[int | None, float]:
    """The exit code of a program, None if it was ended with all that it started since its time was over; and its
    seconds."""
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            end_group(process)
    return code, time.monotonic() - began


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a program and all that it has left running."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def last_json(log: Path) -> Any:
    """The last line that a program has printed, if it is a JSON object."""
    lines = log.read_text(errors="replace").splitlines()
    try:
        found = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def environment(folder: Path) -> dict[str, str]:
    """Of all parts: kernels are kept and files are made in the folder."""
    own = {"TMPDIR": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "PYTHONUNBUFFERED": "1"}
    path = os.pathsep.join(filter(None, [str(BENCH.parent), os.environ.get("PYTHONPATH")]))
    return {**os.environ, **own, "PYTHONPATH": path}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--out", type=Path, default=Path("card"))
    parser.add_argument("--seconds", type=float, default=560)
    parser.add_argument("--vocabulary", type=Path, help="tokenizer.json of gpt-oss, which the models have then")
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--again", action="store_true", help="run what has succeeded before, too")
    arguments = parser.parse_args()
    end = time.monotonic() + arguments.seconds
    arguments.out.mkdir(parents=True, exist_ok=True)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    file = arguments.out / "card.json"
    results: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    for name in arguments.parts:
        if results.get(name, {}).get("code") == 0 and not arguments.again:
            continue
        part = PARTS[name]
        models = {
            model: made("toy" if arguments.toy else model, arguments.folder, arguments.vocabulary)
            for model in part.models
        }
        seconds = min(part.seconds, end - time.monotonic())
        if seconds < LEAST:
            print(f"== {name}: no time is left", flush=True)
            continue
        command = [sys.executable, *(word.format(**models) for word in part.command)]
        log = arguments.out / f"{name}.log"
        code, took = run(command, log, seconds, environment(arguments.folder))
        results[name] = {"code": code, "seconds": round(took, 1), "limit": round(seconds), "figures": last_json(log)}
        file.write_text(json.dumps(results))
        shown = "\n".join(line for line in log.read_text(errors="replace").splitlines() if not line.startswith("{"))
        print(f"== {name}: {'time is over' if code is None else code} after {took:.0f} s\n{shown[-SHOWN:]}", flush=True)
    sys.exit(any(results.get(name, {}).get("code") != 0 for name in arguments.parts))


if __name__ == "__main__":
    main()

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
    "120b_again": Part(  # loads without compiling
        60, bench("cuda_serve", "{120b}", "--only", "loop", "--batches", "1", "--tokens", "64"), ("120b",)
    ),
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


def written(path: Path, shape: str, vocabulary: Path | None) -> list[str]:
    """The program that writes a model's file."""
    own = () if vocabulary is None else ("--vocabulary", str(vocabulary))
    return [sys.executable, *bench("random_model", str(path), *SHAPES[shape], *own)]


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


def carry_out(part: Part, arguments: argparse.Namespace, log: Path, end: float) -> dict[str, Any]:
    """Write the models that a part lacks, and run it, before the clock says `end`; how it ended."""
    own, models = environment(arguments.folder), {name: arguments.folder / f"{name}.gguf" for name in part.models}
    for name, path in models.items():
        if not path.exists():
            unfinished = path.with_suffix(".part")
            command = written(unfinished, "toy" if arguments.toy else name, arguments.vocabulary)
            code, seconds = run(command, log, end - time.monotonic(), own)
            if code != 0:
                return {"code": code, "seconds": round(seconds, 1), "figures": None}
            unfinished.rename(path)
    words = (word.format(**models) for word in part.command)
    code, seconds = run([sys.executable, *words], log, min(part.seconds, end - time.monotonic()), own)
    return {"code": code, "seconds": round(seconds, 1), "figures": last_json(log)}


def shown(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join(line for line in lines if not line.startswith("{"))[-SHOWN:]


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
        if end - time.monotonic() < LEAST:
            print(f"== {name}: no time is left", flush=True)
            continue
        log = arguments.out / f"{name}.log"
        found = results[name] = carry_out(PARTS[name], arguments, log, end)
        file.write_text(json.dumps(results))
        how = "time is over" if found["code"] is None else found["code"]
        print(f"== {name}: {how} after {found['seconds']} s\n{shown(log)}", flush=True)
    sys.exit(any(results.get(name, {}).get("code") != 0 for name in arguments.parts))


if __name__ == "__main__":
    main()

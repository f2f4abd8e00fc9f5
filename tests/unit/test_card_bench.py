"""bench/card.py: parts that end, that fail, and whose time is over."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench"))

import card
from card import PARTS, Part, end_group, main, run


def test_a_program_is_ended_with_what_it_has_started():
    """Whoever reads what they print sees its end once both are gone."""
    command = [sys.executable, "-c", "import os, time; os.fork() and os.write(1, b'both'); time.sleep(600)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        assert process.stdout.read(4) == b"both"
        end_group(process)
        assert process.stdout.read() == b""


def test_a_program_whose_time_is_over_has_no_exit_code(tmp_path: Path):
    code, _ = run(["sleep", "600"], tmp_path / "log", 0.01, dict(os.environ))
    assert code is None


def test_what_has_succeeded_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Figures are the last line; a model that is there is not made."""
    good = Part(60, ("-c", "import json, sys; print(sys.argv[1]); print(json.dumps(dict(speed=7)))", "{20b}"), ("20b",))
    bad = Part(60, ("-c", "raise SystemExit(3)"))
    monkeypatch.setattr(card, "PARTS", {"good": good, "bad": bad})
    (tmp_path / "20b.gguf").touch()
    monkeypatch.setattr(sys, "argv", ["card", str(tmp_path), "--out", str(tmp_path / "out")])
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code
    found = json.loads((tmp_path / "out" / "card.json").read_text())
    assert {name: (part["code"], part["figures"]) for name, part in found.items()} == {
        "good": (0, {"speed": 7}),
        "bad": (3, None),
    }
    assert (tmp_path / "out" / "good.log").read_text().splitlines()[0] == str(tmp_path / "20b.gguf")
    shown = capsys.readouterr().out
    assert (shown.count("== good: 0"), shown.count("== bad: 3")) == (1, 2)


@pytest.mark.parametrize("name", PARTS)
def test_every_part_has_the_models_that_it_names(name: str):
    part = PARTS[name]
    words = [word.format(**dict.fromkeys(part.models, "file")) for word in part.command]
    assert words.count("file") == len(part.models)
    assert Path(words[0]).exists() or words[0] == "-m"

"""Model names: what they mean, what they refuse, and that none leads out of the store."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ossia.errors import InvalidRequest
from ossia.store.name import ModelName

FIRST = "abcXYZ019_"


def part(more: str) -> st.SearchStrategy[str]:
    return st.builds(str.__add__, st.sampled_from(FIRST), st.text(FIRST + more, max_size=12))


NAMES = st.builds(ModelName, part("-.:"), part("-"), part("-."), part("-.")) | st.builds(
    ModelName, st.just("registry.ollama.ai"), st.just("library") | part("-"), part("-."), st.just("latest")
)


@pytest.mark.parametrize(
    ("text", "full", "short"),
    [
        ("gpt-oss", "registry.ollama.ai/library/gpt-oss:latest", "gpt-oss:latest"),
        ("gpt-oss:20b", "registry.ollama.ai/library/gpt-oss:20b", "gpt-oss:20b"),
        ("me/x", "registry.ollama.ai/me/x:latest", "me/x:latest"),
        ("hf.co/o/r:Q4_K_M", "hf.co/o/r:Q4_K_M", "hf.co/o/r:Q4_K_M"),
        ("localhost:5000/library/x", "localhost:5000/library/x:latest", "localhost:5000/library/x:latest"),
        ("https://registry.ollama.ai/library/x:1", "registry.ollama.ai/library/x:1", "x:1"),
        ("http://localhost:5000/n/m:t", "localhost:5000/n/m:t", "localhost:5000/n/m:t"),
        ("_x", "registry.ollama.ai/library/_x:latest", "_x:latest"),
    ],
)
def test_parse(text: str, full: str, short: str) -> None:
    name = ModelName.parse(text)
    assert (name.full, str(name)) == (full, short)


@pytest.mark.parametrize(
    "text",
    [
        *("", ":", "x:", ":x", "/x", "x/", "a//b", "a/b/c/d", "x:a:b", "x@sha256:" + "0" * 64),
        *("..", "../x", "a/../b", ".x", "-x", "x:..", "x y", "x\n", "x\0", "a\\b", "ü", "n.s/x"),
        *(
            "ftp://h/n/m",
            "HTTP://h/n/m",
            "a://b",
            "http://",
            "http://http://x",
            "://x",
            "https:/x",
            "http://me@h/n/m",
            "h/n/m?x",
            "h/n/m#x",
        ),
        *("x" * 81, "x:" + "t" * 81, "h" * 351 + "/n/m"),
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^invalid model name$"):
        ModelName.parse(text)


@given(NAMES)
def test_both_forms_parse_back(name: ModelName) -> None:
    assert ModelName.parse(str(name)) == name
    assert ModelName.parse(name.full) == name


@given(st.text() | st.text("./:\\-_aA0~%\0\n", max_size=30))
@example("../../etc/passwd")
@example("..:..")
@example("C:/x/y/z")
def test_no_text_escapes_the_root(text: str) -> None:
    try:
        name = ModelName.parse(text)
    except InvalidRequest:
        return
    path = Path("/root/manifests").joinpath(*name.parts)
    assert path.parts[:3] == ("/", "root", "manifests")
    assert len(path.parts) == 7
    assert not any(piece.startswith(".") for piece in path.parts)

"""Modelfiles: Ollama's grammar and texts of errors; what is printed parses back."""

import re
import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ossia.errors import InvalidModelFile, NotSupported
from ossia.parameters import PARAMETERS, ParameterValue
from ossia.store.modelfile import Modelfile, decode, parse
from ossia.types import Message


def test_every_instruction() -> None:
    modelfile = parse(
        '''# a comment
from  gpt-oss:20b

PARAMETER temperature 0.5
parameter num_ctx 4096
PARAMETER use_mmap true
PARAMETER stop <|end|>
PARAMETER stop "two words "
SYSTEM """You are
a "bird"."""
TEMPLATE "{{ .Prompt }}"
MESSAGE user Hello there # not a comment
MESSAGE assistant """
Hi
"""
LICENSE first
LICENSE """second"""
'''
    )
    assert modelfile == Modelfile(
        ("gpt-oss:20b",),
        {"temperature": 0.5, "num_ctx": 4096, "use_mmap": True, "stop": ["<|end|>", "two words "]},
        template="{{ .Prompt }}",
        system='You are\na "bird".',
        licenses=("first", "second"),
        messages=(Message("user", "Hello there # not a comment"), Message("assistant", "\nHi\n")),
    )


COMMANDS = (
    'command must be one of "from", "license", "template", "system", "adapter", "draft", "renderer", "parser", '
    '"parameter", "message", or "requires"'
)


@pytest.mark.parametrize(
    ("text", "error", "hint"),
    [
        ("", "no FROM line", "a Modelfile begins with FROM and a model's name or a GGUF file"),
        ("SYSTEM hi", "no FROM line", "a Modelfile begins with FROM and a model's name or a GGUF file"),
        ("FROM", "missing value", "line 1 of the Modelfile"),
        ("FROM x\nPARAMETER temperature", "missing value", "line 2 of the Modelfile"),
        ('FROM x\nSYSTEM """one\ntwo', "unexpected EOF", "line 2 of the Modelfile"),
        ("FROM x\nINSTALL y", COMMANDS, "line 2 of the Modelfile"),
        ("FROM x\nINSTALL", COMMANDS, "line 2 of the Modelfile"),
        ('FROM x\nSYSTEM """\n\n"""\nPARAMETER heat 1', "unknown parameter 'heat'", "line 5 of the Modelfile"),
        ("FROM x\nPARAMETER temperature warm", "invalid float value [warm]", "line 2 of the Modelfile"),
        ("FROM x\nPARAMETER temperature nan", "invalid float value [nan]", "line 2 of the Modelfile"),
        ("FROM x\nPARAMETER num_ctx 4k", "invalid int value [4k]", "line 2 of the Modelfile"),
        ("FROM x\nPARAMETER num_ctx 1_000", "invalid int value [1_000]", "line 2 of the Modelfile"),
        ("FROM x\nPARAMETER use_mmap maybe", "invalid bool value [maybe]", "line 2 of the Modelfile"),
        (
            "FROM x\nMESSAGE tool hi",
            'message role must be one of "system", "user", or "assistant"',
            "line 2 of the Modelfile",
        ),
    ],
)
def test_errors(text: str, error: str, hint: str) -> None:
    with pytest.raises(InvalidModelFile) as caught:
        parse(text)
    assert (caught.value.message, caught.value.hint) == (error, hint)


def test_what_cannot_be_followed_is_refused() -> None:
    with pytest.raises(NotSupported, match="is not supported"):
        parse("FROM x\nDRAFT small")


def test_adapters_are_kept() -> None:
    modelfile = Modelfile(("x",), adapters=("./a.gguf", "two words.gguf"))
    assert parse(str(modelfile)) == modelfile


def test_what_changes_nothing_here_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert parse("FROM x\nPARAMETER mirostat 1") == Modelfile(("x",))
    assert [record.message for record in caplog.records] == ["parameter mirostat is deprecated"]


def test_directives_are_kept() -> None:
    modelfile = Modelfile(("x",), template="t", renderer="harmony", parser="harmony", requires="0.14.0")
    assert parse(str(modelfile)) == modelfile


@pytest.mark.parametrize("version", ["0.14.0", "v0.14.0", "1", "1.2", "1.2.3-rc.1+build.5", "1.2.3--", "1.2.3+01"])
def test_a_required_version_is_accepted(version: str) -> None:
    assert parse(f"FROM x\nREQUIRES {version}") == Modelfile(("x",), requires=version)


@pytest.mark.parametrize(
    "version",
    ["latest", "01.2.3", "1.2.3.4", "1.2-rc", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.", ".1", "vv1", '""', "1 2"],
)
def test_a_required_version_is_semver(version: str) -> None:
    with pytest.raises(InvalidModelFile, match=re.escape("requires must be a valid semver (e.g. 0.14.0)")):
        parse(f"FROM x\nREQUIRES {version}")


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("hello # not a comment", "hello # not a comment"),
        ("  spaces around \t", "spaces around"),
        ('""', ""),
        ('""""""', ""),
        ('" "', " "),
        ('"a" b"', 'a" b'),
        ('"a', None),
        ('"""a"', None),
        ('"""', None),
        ('"a" # still open\nb"', 'a" # still open\nb'),
        ("'single'", "'single'"),
        ('a "quoted" word', 'a "quoted" word'),
        ('"""a\n\n  b\n"""', "a\n\n  b\n"),
        ('"""a\r\nb"""\r\n', "a\r\nb"),
        ('"""a\rb"""\r', "a\rb"),
        ("\\n stays", "\\n stays"),
        ("#x", "#x"),
    ],
)
def test_values(text: str, system: str | None) -> None:
    if system is None:
        with pytest.raises(InvalidModelFile, match=r"^unexpected EOF$"):
            parse(f"FROM x\nSYSTEM {text}")
    else:
        assert parse(f"FROM x\nSYSTEM {text}\nTEMPLATE t") == Modelfile(("x",), system=system, template="t")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    lines = ["# comment", "", "  # indented", "\tFROM x", 'SYSTEM """', "two", 'lines"""', "PARAMETER num_ctx 5"]
    modelfile = parse(end.join(lines))
    assert modelfile == Modelfile(("x",), {"num_ctx": 5}, system=f"{end}two{end}lines")
    with pytest.raises(InvalidModelFile) as caught:
        parse(end.join([*lines, "BAD x"]))
    assert caught.value.hint == "line 9 of the Modelfile"


@pytest.mark.parametrize(
    "source", ["gpt-oss:20b", "hf.co/o/r:Q4", "./model.gguf", "/a folder/with spaces", "~/m", "@sha256:0"]
)
def test_the_source_stays_text(source: str) -> None:
    assert parse(f"from {source}").sources == (source,)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    assert parse(decode("FROM x\r\nSYSTEM Grüße\r\n".encode(encoding))) == Modelfile(("x",), system="Grüße")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidModelFile, match="neither UTF-8 nor UTF-16"):
        decode(b"GGUF\x03\xff\xfe\xfd")


def test_quotes_are_as_few_as_can_be() -> None:
    modelfile = Modelfile(
        ("x",),
        {"use_mmap": True, "stop": ["<|end|>", " a"]},
        template='"',
        system="two\nlines",
        licenses=("MIT", '"two"\nlines'),
    )
    assert str(modelfile) == (
        'FROM x\nTEMPLATE """""""\nSYSTEM "two\nlines"\nPARAMETER use_mmap true\nPARAMETER stop <|end|>\n'
        'PARAMETER stop " a"\nLICENSE MIT\nLICENSE """"two"\nlines"""\n'
    )


TEXTS = (st.text() | st.text('a" \n\r\t#', max_size=12)).filter(
    lambda text: not any(line.rstrip().endswith('"""') for line in re.split(r"[\r\n]", text))
)
TYPES: dict[str, st.SearchStrategy[ParameterValue]] = {
    "int": st.integers(-(10**17), 10**17),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "bool": st.booleans(),
    "strings": st.lists(TEXTS, min_size=1, max_size=3),
}
MODELFILES = st.builds(
    Modelfile,
    st.lists(TEXTS, min_size=1, max_size=3).map(tuple),
    st.fixed_dictionaries({}, optional={name: TYPES[kind] for name, kind in PARAMETERS.items()}),
    st.none() | TEXTS,
    st.none() | TEXTS,
    st.lists(TEXTS, max_size=3).map(tuple),
    st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), TEXTS), max_size=3).map(tuple),
)


@given(MODELFILES)
@example(Modelfile(('a"',), system='"""open\nnever closed'))
def test_what_is_printed_parses_back(modelfile: Modelfile) -> None:
    assert parse(str(modelfile)) == modelfile


@given(st.binary() | st.text('FROM x\n"SYSTEM').map(lambda text: text.encode("utf-16")))
def test_bytes_are_a_text_or_one_clear_error(data: bytes) -> None:
    with suppress(InvalidModelFile, NotSupported):
        parse(decode(data))


@given(
    st.text() | st.text('FROM x\n"SYSTEM', max_size=60) | st.lists(TEXTS).map(lambda lines: "FROM " + " ".join(lines))
)
def test_junk_is_one_clear_error(text: str) -> None:
    with suppress(InvalidModelFile, NotSupported):
        parse(text)


def test_a_long_value_is_read_in_one_pass() -> None:
    system = "line\n" * 200_000
    assert parse(f'FROM x\nSYSTEM """{system}"""').system == system


@pytest.mark.parametrize(
    ("before", "unit"),
    [
        *(("", unit) for unit in ('"', "\r", "#", "x ", "\0", "\u3000")),
        *(("FROM x\nSYSTEM ", unit) for unit in ('"', '"\n', '"""\n', '"" ', "x\n")),
        *(('FROM x\nSYSTEM """', unit) for unit in ('"', '"\n', " \n", 'x"""')),
        *(("FROM x\n", unit) for unit in ("PARAMETER stop x\n", 'PARAMETER stop """x\n', "LICENSE x\n")),
        *(("FROM x\nREQUIRES 1.1.1-", unit) for unit in ("0", "a", "a.", "0.", "-")),
    ],
)
def test_a_megabyte_of_anything_is_read_in_one_pass(before: str, unit: str) -> None:
    text = before + unit * ((1 << 20) // len(unit))
    began = time.process_time()
    with suppress(InvalidModelFile, NotSupported):
        assert parse(str(parsed := parse(text))) == parsed
    assert time.process_time() - began < 5  # a second on an idle machine; with a pass for each line minutes

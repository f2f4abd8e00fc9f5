"""Modelfiles: Ollama's grammar and texts of errors; what is printed parses back."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ossia.errors import InvalidModelFile, NotSupported
from ossia.store.modelfile import PARAMETERS, Modelfile, Value, decode, parse
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
        "gpt-oss:20b",
        {"temperature": 0.5, "num_ctx": 4096, "use_mmap": True, "stop": ["<|end|>", "two words "]},
        template="{{ .Prompt }}",
        system='You are\na "bird".',
        license="first\nsecond",
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


@pytest.mark.parametrize("text", ["FROM x\nADAPTER lora.gguf", "FROM x\nDRAFT small", "FROM x\nFROM y"])
def test_what_cannot_be_followed_is_refused(text: str) -> None:
    with pytest.raises(NotSupported, match="is not supported"):
        parse(text)


def test_what_changes_nothing_here_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert parse("FROM x\nPARSER harmony\nPARAMETER mirostat 1") == Modelfile("x")
    assert [record.message for record in caplog.records] == [
        "PARSER is ignored: ossia reads the chat format from the model itself",
        "parameter mirostat is deprecated",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    assert parse(decode("FROM x\r\nSYSTEM Grüße\r\n".encode(encoding))) == Modelfile("x", system="Grüße")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidModelFile, match="neither UTF-8 nor UTF-16"):
        decode(b"GGUF\x03\xff\xfe\xfd")


def test_quotes_are_as_few_as_can_be() -> None:
    modelfile = Modelfile(
        "x", {"use_mmap": True, "stop": ["<|end|>", " a"]}, template='"', system="two\nlines", license='"two"\nlines'
    )
    assert str(modelfile) == (
        'FROM x\nTEMPLATE """""""\nSYSTEM "two\nlines"\nPARAMETER use_mmap true\nPARAMETER stop <|end|>\n'
        'PARAMETER stop " a"\nLICENSE """"two"\nlines"""\n'
    )


TEXTS = (st.text() | st.text('a" \n\r\t#', max_size=12)).filter(
    lambda text: not any(line.rstrip().endswith('"""') for line in text.split("\n"))
)
TYPES: dict[str, st.SearchStrategy[Value]] = {
    "int": st.integers(-(10**17), 10**17),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "bool": st.booleans(),
    "strings": st.lists(TEXTS, min_size=1, max_size=3),
}
MODELFILES = st.builds(
    Modelfile,
    TEXTS,
    st.fixed_dictionaries({}, optional={name: TYPES[kind] for name, kind in PARAMETERS.items()}),
    st.none() | TEXTS,
    st.none() | TEXTS,
    st.none() | TEXTS,
    st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), TEXTS), max_size=3).map(tuple),
)


@given(MODELFILES)
@example(Modelfile('a"', system='"""open\nnever closed'))
def test_what_is_printed_parses_back(modelfile: Modelfile) -> None:
    assert parse(str(modelfile)) == modelfile


@given(
    st.text() | st.text('FROM x\n"SYSTEM', max_size=60) | st.lists(TEXTS).map(lambda lines: "FROM " + " ".join(lines))
)
def test_junk_is_one_clear_error(text: str) -> None:
    with suppress(InvalidModelFile, NotSupported):
        parse(text)


def test_a_long_value_is_read_in_one_pass() -> None:
    system = "line\n" * 200_000
    assert parse(f'FROM x\nSYSTEM """{system}"""').system == system

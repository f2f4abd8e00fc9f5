"""Settings: what each variable may say, in Ollama's and Go's grammar, and what is said when it does not parse."""

import logging
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.config import VARIABLES, EngineOptions, Settings, environment, meant_by, without_effect
from ossia.durations import FOREVER, parse_duration
from ossia.errors import InvalidRequest
from ossia.hosts import parse_host
from ossia.setting_values import parse_bool


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *((0, 0), (300, 300), (0.5, 0.5), (-1, FOREVER), (-0.001, FOREVER), (10**400, FOREVER), (1e300, FOREVER)),
        *(("0", 0), ("-0", 0), ("5m", 300), ("1h30m", 5400), ("24h", 86400)),
        *(("1.5h", 5400), (".5s", 0.5), ("1.s", 1), ("+5s", 5), ("300ms", 0.3), ("5us", 5e-6), ("5µs", 5e-6)),
        *(("5μs", 5e-6), ("7ns", 7e-9), ("0s", 0), ("0h0m0s", 0), ("-1m", FOREVER), ("-1ns", FOREVER)),
        *(("9999999999h", FOREVER), ("9" * 400 + "s", FOREVER)),
    ],
)
def test_durations(value: str | float, seconds: float) -> None:
    assert parse_duration(value) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "5", "-1", "+", "-", "m", "5 m", " 5m", "5m ", "5m\n", "5x", "5M", "1h30", "1e3s", "--1s", "1_0s"),
        *("٣s", "infs", "nans", ".s", "1..5s", "5m-1s", "true"),
    ],
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as 5m, 1h30m or 300s"):
        parse_duration(text)


def test_a_long_text_that_is_no_duration_is_refused_at_once() -> None:
    began = time.monotonic()
    for text in ("1" * 1_000_000, "1." * 500_000, "1s" * 500_000 + "x"):
        with pytest.raises(ValueError, match="is not a duration"):
            parse_duration(text)
    assert time.monotonic() - began < 5


@given(st.text() | st.text("0123456789.hmsnuµ+-"))
def test_any_text_is_seconds_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert parse_duration(text) >= 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5m", 300), ("300", 300), ("0.5", 0.5), ("0", 0), ("-1", FOREVER), ("-1m", FOREVER), ("'10m'", 600)],
)
def test_the_environment_has_bare_seconds_too(text: str, seconds: float) -> None:
    settings = Settings.from_env({"OLLAMA_KEEP_ALIVE": text, "OLLAMA_LOAD_TIMEOUT": text})
    assert (settings.keep_alive, settings.load_timeout) == (seconds, seconds)


@pytest.mark.parametrize("text", ["nan", "inf", "1e3", "1_0", "soon"])
def test_the_environment_has_no_other_numbers(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^OLLAMA_KEEP_ALIVE: .*is not a duration"):
        Settings.from_env({"OLLAMA_KEEP_ALIVE": text})


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("OLLAMA_NUM_PARALLEL", str(2**63), f"'{2**63}' is more than {2**63 - 1}"),
        ("OSSIA_MAX_CONNECTIONS", "9" * 23, f"'{'9' * 23}' is more than {2**63 - 1}"),
        ("OSSIA_THREADS", "1025", "'1025' is more than 1024"),
        ("OLLAMA_MAX_QUEUE", "-1", "'-1' is negative"),
    ],
)
def test_no_number_is_larger_than_what_uses_it_can_hold(name: str, text: str, problem: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Settings.from_env({name: text})
    assert caught.value.message == f"{name}: {problem}"


@pytest.mark.parametrize("name", ["OSSIA_DEVICE", "OLLAMA_NUM_PARALLEL", "OSSIA_MANAGE_FROM", "OLLAMA_DEBUG"])
def test_a_long_value_is_quoted_in_part(name: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^{name}: ") as caught:
        Settings.from_env({name: "x" * 10_000})
    assert len(caught.value.message) <= 300


@pytest.mark.parametrize(
    ("text", "address", "url"),
    [
        ("0.0.0.0", ("", "0.0.0.0", 11434), "http://127.0.0.1:11434"),
        ("example.org:8080", ("", "example.org", 8080), "http://example.org:8080"),
        (":8080", ("", "127.0.0.1", 8080), "http://127.0.0.1:8080"),
        ("http://example.org", ("http", "example.org", 80), "http://example.org:80"),
        ("HTTP://example.org:1/", ("http", "example.org", 1), "http://example.org:1"),
        ("https://example.org", ("https", "example.org", 443), "https://example.org:443"),
        ("HTTPS://[::]:11434/", ("https", "::", 11434), "https://[::1]:11434"),
        ("[::1]:8080", ("", "::1", 8080), "http://[::1]:8080"),
        ("[::1]", ("", "::1", 11434), "http://[::1]:11434"),
        ("::1", ("", "::1", 11434), "http://[::1]:11434"),
        (' "10.0.0.1" ', ("", "10.0.0.1", 11434), "http://10.0.0.1:11434"),
        ("127.0.0.1:0", ("", "127.0.0.1", 0), "http://127.0.0.1:0"),
    ],
)
def test_hosts(text: str, address: tuple[str, str, int], url: str) -> None:
    settings = Settings.from_env({"OLLAMA_HOST": text})
    assert (settings.scheme, settings.host, settings.port) == address
    assert settings.url == url


def test_a_certificate_makes_it_https_unless_the_host_says_http() -> None:
    def url(host: str) -> str:
        return Settings.from_env({"OLLAMA_HOST": host, "OSSIA_TLS_CERT": "a.pem"}).url

    assert url("box") == "https://box:11434"
    assert url("https://box:1") == "https://box:1"
    assert url("http://box:1") == "http://box:1"  # commands may speak with another server


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("*", ("*",)),
        ("AI.example.org, *.Example.net,.x.y. ,box", ("ai.example.org", "*.example.net", ".x.y", "box")),
        ("bücher.example", ("xn--bcher-kva.example",)),
    ],
)
def test_names_of_the_server(text: str, names: tuple[str, ...]) -> None:
    assert Settings.from_env({"OSSIA_HOSTS": text}).access.hosts == names


@pytest.mark.parametrize("text", ["http://x", "x:80", "a b", "*x", "a.*.b", "x/y", "..", "a..b", "\xad.x", "*."])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^OSSIA_HOSTS: "):
        Settings.from_env({"OSSIA_HOSTS": text})


def test_networks() -> None:
    env = {
        "OSSIA_MANAGE_FROM": "192.168.1.7/16, ::1,[fd00::5], ::ffff:10.0.0.0/104",
        "OSSIA_TRUSTED_PROXIES": "10.0.0.5",
    }
    access = Settings.from_env(env).access
    assert [str(network) for network in access.manage_from] == [
        "192.168.0.0/16",
        "::1/128",
        "fd00::5/128",
        "10.0.0.0/8",
    ]
    assert [str(network) for network in access.trusted_proxies] == ["10.0.0.5/32"]


@pytest.mark.parametrize("text", ["localhost", "1.2.3", "10.0.0.0/33", "1.2.3.4-9", "*", "::/129", "1.2.3.4:80"])
def test_what_is_no_network(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^OSSIA_MANAGE_FROM: "):
        Settings.from_env({"OSSIA_MANAGE_FROM": text})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        *((text, "is not host:port") for text in ("x:y", "x:99999", "1:2:3", "[::1", "x:-1", "x y", "x\ny", "a..b")),
        *((text, "is not host:port") for text in ("*", "a\\b", "x" * 64)),
        *((text, "is neither http nor") for text in ("wss://example.org", "ftp://x", "https://x://y", "://x")),
        *((text, "more than a host") for text in ("http://x/ollama", "x:80/v1", "x?y", "x#y", "me@x", "me:pw@x:80")),
    ],
)
def test_what_is_no_host(text: str, problem: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^OLLAMA_HOST: .*{problem}") as caught:
        parse_host(text)
    assert caught.value.hint


@given(st.text() | st.text("htps:/[]@?#.%0129ax"))
def test_any_text_is_an_address_or_an_invalid_request(text: str) -> None:
    try:
        scheme, host, port = parse_host(text)
    except InvalidRequest:
        return
    assert scheme in ("", "http", "https")
    assert host
    assert 0 <= port < 65536


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, True) for text in ("1", "t", "TRUE", "True", "yes", "2")),
        *((text, False) for text in ("0", "f", "False")),
    ],
)
def test_flags_are_true_unless_plainly_false(text: str, value: bool) -> None:
    settings = Settings.from_env({"OLLAMA_NOPRUNE": text, "OLLAMA_NOHISTORY": text})
    assert (settings.no_prune, settings.no_history) == (value, value)


@pytest.mark.parametrize("text", ["yes", "tRUE", "", " 1", "2"])
def test_go_knows_few_words_for_true(text: str) -> None:
    with pytest.raises(ValueError, match="is neither true nor false"):
        parse_bool(text)


@pytest.mark.parametrize(
    ("text", "level"),
    [("0", logging.INFO), ("false", logging.INFO), ("1", logging.DEBUG), ("true", logging.DEBUG), ("2", 5)],
)
def test_debug_is_a_level(text: str, level: int) -> None:
    assert Settings.from_env({"OLLAMA_DEBUG": text}).log_level == level


def test_the_rest_of_the_environment() -> None:
    assert Settings.from_env({"OLLAMA_MODELS": "/m", "OLLAMA_EDITOR": "vim -n", "OSSIA_MEMORY_BYTES": "7"}) == Settings(
        models=Path("/m"), editor="vim -n", memory_bytes=7
    )
    assert Settings.from_env(dict.fromkeys(VARIABLES, " ")) == Settings()
    assert Settings.from_env({"OLLAMA_NUM_PARALLEL": "7", "OSSIA_PRECISION": "fp32"}) == Settings(
        engine=EngineOptions(num_parallel=7, precision="fp32")
    )


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:1"])
def test_devices(device: str) -> None:
    assert Settings.from_env({"OSSIA_DEVICE": device}).engine == EngineOptions(device=device)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("OLLAMA_MAX_QUEUE", "-1"),
        ("OLLAMA_NUM_PARALLEL", "many"),
        ("OLLAMA_DEBUG", "loud"),
        ("OSSIA_ISA", "sse"),
        ("OLLAMA_KV_CACHE_TYPE", "q4_0"),
        ("OSSIA_DEVICE", "gpu"),
        ("OSSIA_DEVICE", "cuda:"),
        ("OSSIA_DEVICE", "cuda:x"),
    ],
)
def test_an_error_names_the_variable(name: str, text: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^{name}: "):
        Settings.from_env({name: text})


def test_help_and_warnings_know_the_same_variables() -> None:
    assert {"OLLAMA_HOST", *VARIABLES} <= environment().keys()
    known = dict.fromkeys(["OLLAMA_HOST", *VARIABLES], "1")
    assert without_effect(known) == []
    others = {"OLLAMA_MULTIUSER_CACHE": "1", "OSSIA_TREADS": "4", "OLLAMA_FLASH_ATTENTION": "", "PATH": "/bin"}
    assert without_effect(known | others) == ["OLLAMA_MULTIUSER_CACHE", "OSSIA_TREADS"]
    assert meant_by("OLLAMA_MULTIUSER_CACHE") is None
    assert meant_by("OSSIA_TREADS") == "OSSIA_THREADS"
    assert meant_by("OSSIA_NUM_PARALLEL") == "OLLAMA_NUM_PARALLEL"


@pytest.mark.parametrize("name", ["OLLAMA_CONTEXT_LENGTH", "OSSIA_BODY_BYTES"])
def test_what_is_no_number_is_told_in_words(name: str) -> None:
    with pytest.raises(InvalidRequest, match=f"^{name}: '8k' is not a whole number"):
        Settings.from_env({name: "8k"})


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("sk-one", ("sk-one",)),
        (" sk-one , sk-two:manage ,", ("sk-one", "sk-two:manage")),
        ('"sk-one"', ("sk-one",)),
        ("a+b/c=:x", ("a+b/c=:x",)),
    ],
)
def test_api_keys(text: str, keys: tuple[str, ...]) -> None:
    assert Settings.from_env({"OSSIA_API_KEYS": text}).api_keys == keys


@pytest.mark.parametrize("text", ["sk one", "sk-ö", "sk-one\nx", ",", ":manage", "sk-one,:manage", "\x7fsk"])
def test_what_is_no_api_key_is_refused_and_not_repeated(text: str) -> None:
    for name in ("OSSIA_API_KEYS", "OSSIA_API_KEY", "OLLAMA_API_KEY"):
        if name == "OSSIA_API_KEYS" or ":" not in text:
            with pytest.raises(InvalidRequest, match=f"^{name}: ") as refused:
                Settings.from_env({name: text})
            assert "sk" not in refused.value.message


def test_the_key_that_commands_send() -> None:
    assert Settings.from_env({}).api_key == ""
    assert Settings.from_env({"OLLAMA_API_KEY": "theirs"}).api_key == "theirs"
    for names in (("OSSIA_API_KEY", "OLLAMA_API_KEY"), ("OLLAMA_API_KEY", "OSSIA_API_KEY")):
        assert Settings.from_env({name: name.lower() for name in names}).api_key == "ossia_api_key"


def test_settings_do_not_show_keys() -> None:
    settings = Settings.from_env({"OSSIA_API_KEYS": "sk-one", "OSSIA_API_KEY": "sk-two"})
    assert "sk-" not in repr(settings)

"""The caller that a connection and its headers tell of: who is believed, and who is at home."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from ossia.addresses import read_address, read_networks
from ossia.config import Access
from ossia.server.http.caller import Caller, caller_of
from ossia.server.http.locality import Locality

PROXY = "10.0.0.5"
TRUSTING = Access(trusted_proxies=read_networks("10.0.0.0/24, fd00::5"))


def caller(
    peer: str,
    *headers: tuple[str, str],
    access: Access = TRUSTING,
    server: str = "192.0.2.1",
    version: str = "1.1",
) -> Caller:
    found: list[Caller] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(caller_of(scope))

    sent = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "http_version": version, "client": (peer, 1), "server": (server, 2), "headers": sent}
    asyncio.run(Locality(app, access)(scope, None, None))  # type: ignore[arg-type]
    return found[0]


@pytest.mark.parametrize(
    ("peer", "server", "is_local"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.9.9.9", "127.0.0.1", True),
        ("::1", "::1", True),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1", True),
        ("192.168.1.5", "192.168.1.5", True),
        ("::ffff:192.168.1.5", "192.168.1.5", True),
        ("fe80::1%eth0", "fe80::1%eth0", True),
        ("192.168.1.6", "192.168.1.5", False),
        ("172.17.0.1", "172.17.0.2", False),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("fe80::2%lo", "fe80::1%lo", False),
        ("", "", False),
        ("/run/socket", "", False),
    ],
)
def test_this_machine(peer: str, server: str, is_local: bool) -> None:
    assert caller(peer, ("Host", "x"), server=server).is_local == is_local


def test_an_address_has_one_form() -> None:
    assert caller("::ffff:1.2.3.4").address == "1.2.3.4"
    assert caller("fe80:0::1%eth0").address == "fe80::1"


def test_a_test_may_call_one_of_its_addresses_another_machine() -> None:
    access = Access(local=read_networks("127.0.0.1"))
    assert caller("127.0.0.1", access=access).is_local
    assert not caller("127.0.0.2", access=access, server="127.0.0.1").is_local


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Real-IP",
        "Via",
        "X-Forwarded-Proto",
        "X-Forwarded-User",
        "CDN-Loop",
        "CF-Connecting-IP",
    ],
)
@pytest.mark.parametrize("value", ["127.0.0.1", "for=127.0.0.1", "", "1.1 proxy", "::1"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", PROXY])
def test_what_passed_a_proxy_is_never_from_here(header: str, value: str, peer: str) -> None:
    assert not caller(peer, (header, value), server=peer).is_local


def test_nginx_tells_nothing_unless_it_is_told_to_but_speaks_an_old_version() -> None:
    assert caller("127.0.0.1", version="1.0") == Caller("127.0.0.1", is_proxy=True)
    assert caller("127.0.0.1", version="1.1").is_local


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ([("X-Forwarded-For", "203.0.113.9")], "203.0.113.9"),
        ([("X-Forwarded-For", "6.6.6.6, 203.0.113.9")], "203.0.113.9"),
        ([("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "203.0.113.9")], "203.0.113.9"),
        ([("X-Forwarded-For", "203.0.113.9, 10.0.0.7 ,10.0.0.6")], "203.0.113.9"),
        ([("X-Forwarded-For", "6.6.6.6, 203.0.113.9, fd00::5, 10.0.0.6")], "203.0.113.9"),
        ([("X-Forwarded-For", "10.0.0.7, 10.0.0.6")], "10.0.0.7"),
        ([("X-Forwarded-For", "203.0.113.9:4711")], "203.0.113.9"),
        ([("X-Forwarded-For", "[2001:db8::1]:4711")], "2001:db8::1"),
        ([("X-Forwarded-For", "2001:db8::1")], "2001:db8::1"),
        ([("X-Forwarded-For", "::ffff:203.0.113.9")], "203.0.113.9"),
        ([("X-Forwarded-For", "127.0.0.1")], "127.0.0.1"),
        ([("Forwarded", "for=203.0.113.9;proto=https;by=10.0.0.5")], "203.0.113.9"),
        ([("Forwarded", "for=6.6.6.6, For=203.0.113.9")], "203.0.113.9"),
        ([("Forwarded", "for=6.6.6.6"), ("Forwarded", 'proto=http ; for="203.0.113.9:80"')], "203.0.113.9"),
        ([("Forwarded", 'for="[2001:db8::1]:4711", for=10.0.0.7')], "2001:db8::1"),
        ([("Forwarded", "for=203.0.113.9"), ("X-Forwarded-For", "203.0.113.9")], "203.0.113.9"),
        ([("X-Forwarded-For", "203.0.113.9"), ("Via", "1.1 x"), ("X-Real-IP", "6.6.6.6")], "203.0.113.9"),
    ],
)
def test_a_trusted_proxy_is_believed_about_the_last_hop_that_is_none(
    headers: list[tuple[str, str]], address: str
) -> None:
    assert caller(PROXY, *headers) == Caller(address)
    assert caller("203.0.113.1", *headers) == Caller("203.0.113.1", is_proxy=True)  # who is not trusted


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Forwarded-For", "")],
        [("X-Forwarded-For", "unknown")],
        [("X-Forwarded-For", "203.0.113.9, unknown")],
        [("X-Forwarded-For", "203.0.113.9,")],
        [("X-Forwarded-For", "203.0.113.9, nonsense, 10.0.0.6")],
        [("X-Forwarded-For", "203.0.113.999")],
        [("X-Forwarded-For", "203.0.113.9 10.0.0.6")],
        [("X-Forwarded-For", "1" * 60_000)],
        [("X-Forwarded-For", "localhost")],
        [("X-Forwarded-For", "\xff")],
        [("Forwarded", "for=unknown")],
        [("Forwarded", "for=_hidden")],
        [("Forwarded", "proto=https")],
        [("Forwarded", "for=203.0.113.9, proto=https")],
        [("Forwarded", "for=2001:db8::1")],
        [("Forwarded", 'for="203.0.113.9')],
        [("Forwarded", "203.0.113.9")],
        [("Forwarded", "for=203.0.113.9, ")],
        [("Forwarded", "for=127.0.0.1"), ("X-Forwarded-For", "203.0.113.9")],
        [("X-Real-IP", "203.0.113.9")],
        [("Via", "1.1 proxy")],
    ],
)
def test_what_makes_no_sense_is_not_believed(headers: list[tuple[str, str]]) -> None:
    assert caller(PROXY, *headers) == Caller(PROXY, is_proxy=True)


addresses = st.ip_addresses().map(str)


@given(st.lists(addresses | st.just("10.0.0.9") | st.text(max_size=9), max_size=4), addresses, st.integers(0, 3))
def test_whatever_a_client_writes_the_proxies_add_its_own_address(written: list[str], own: str, hops: int) -> None:
    """Each trusted proxy appends the address that it sees: what stands before the client's own changes nothing."""
    told = ", ".join([*(text.encode("ascii", "replace").decode() for text in written), own, *["10.0.0.6"] * hops])
    seen = caller(PROXY, ("X-Forwarded-For", told), access=Access(trusted_proxies=read_networks("10.0.0.5, 10.0.0.6")))
    if own not in ("10.0.0.5", "10.0.0.6"):
        assert seen == Caller(str(read_address(own)))
    assert not seen.is_local


@given(st.text(alphabet='for=";,\\ 1.:[]ab', max_size=40))
def test_any_forwarded_header_is_read(value: str) -> None:
    assert not caller(PROXY, ("Forwarded", value)).is_local


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_who_has_a_network_of_ipv6_takes_turns_as_one_client(one: str, other: str, same: bool) -> None:
    assert (Caller(one).turn == Caller(other).turn) == same

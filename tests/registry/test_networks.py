"""Registries that lead into private networks: one of the internet may not, one of a private network may.

127.0.0.2 counts as an address of the internet here, and 127.0.0.1 as one of a private network.
"""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ossia.addresses import is_public, read_address
from ossia.errors import RegistryError
from ossia.store import http
from ossia.store.identity import Identity
from ossia.store.models import ModelStore
from ossia.store.name import ModelName
from ossia.store.progress import ignore
from ossia.store.pull import pull
from ossia.store.push import push
from tests.registry.conftest import LIMITS, Stored, write_gguf
from tests.registry.proxy import Faults, Proxy, proxy_before
from tests.registry.server import Registry
from tests.registry.tokens import TokenServer

PUBLIC, PRIVATE = "127.0.0.2", "127.0.0.1"
REFUSED = "which is in a private network"


@pytest.fixture(autouse=True)
def one_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "is_public", lambda address: str(address) == PUBLIC)


@pytest.fixture
def public(registry: Registry, stored: Stored) -> Iterator[Proxy]:
    with proxy_before(registry.host, PUBLIC) as proxy:
        yield proxy


@pytest.fixture
def mirror(registry: Registry) -> Iterator[Proxy]:
    """A second host of the internet."""
    with proxy_before(registry.host, PUBLIC) as proxy:
        yield proxy


@pytest.fixture
def private(registry: Registry, stored: Stored) -> Iterator[Proxy]:
    with proxy_before(registry.host, PRIVATE) as proxy:
        yield proxy


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Sequence[str]], None]:
    """Give a name addresses, of which each look-up finds the next; the last one is found for ever."""
    known: dict[str, list[str]] = {}
    really = socket.getaddrinfo

    def look_up(host: str, port: Any, *rest: Any, **more: Any) -> Any:
        if found := known.get(host):
            addresses = (found.pop(0) if len(found) > 1 else found[0]).split()
            return [each for address in addresses for each in really(address, port, *rest, **more)]
        return really(host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return lambda name, addresses: known.update({name: list(addresses)})


def fetch(host: str, store: ModelStore, identity: Identity) -> None:
    pull(ModelName.parse(f"{host}/library/x"), store, identity, ignore, insecure=True, limits=LIMITS)


def send(host: str, store: ModelStore, identity: Identity, folder: Path) -> None:
    model = store.create(f"{host}/me/secret", files=[write_gguf(folder / "model.gguf", 1, seed=5)])
    push(model.name, store, identity, ignore, insecure=True, limits=LIMITS)


@pytest.mark.parametrize("everything", [False, True])
def test_a_pull_is_not_led_into_a_private_network(
    public: Proxy, private: Proxy, store: ModelStore, identity: Identity, everything: bool
) -> None:
    public.faults = Faults(redirect_to=private.host, redirect_all=everything)
    with pytest.raises(RegistryError, match=REFUSED) as caught:
        fetch(public.host, store, identity)
    assert caught.value.hint
    assert private.asked == []
    assert store.list() == []


@pytest.mark.parametrize(
    "where",
    [
        "localhost",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "127.0.0.1\\@127.0.0.2",
        "127.0.0.2@127.0.0.1",
        "127.0.0.1#@127.0.0.2",
        "[::1]",
    ],
)
def test_however_the_address_is_written(
    public: Proxy, private: Proxy, store: ModelStore, identity: Identity, where: str
) -> None:
    public.faults = Faults(redirect_to=f"{where}:{private.host.rpartition(':')[2]}", redirect_all=True)
    with pytest.raises(RegistryError):
        fetch(public.host, store, identity)
    assert private.asked == []


@pytest.mark.parametrize("odd", ["127.0.0.1\\@127.0.0.2", "127.0.0.2\\@127.0.0.1", "127.0.0.2\\.example.org"])
def test_a_host_that_can_be_read_in_two_ways_is_asked_nothing(
    public: Proxy, store: ModelStore, identity: Identity, odd: str
) -> None:
    """Not even over a proxy, which looks names up itself: it might read another host than the one that was checked."""
    public.faults = Faults(redirect_to=odd, redirect_all=True)
    with pytest.raises(RegistryError, match="redirects to what is not followed"):
        fetch(public.host, store, identity)


def test_not_over_another_host_either(
    public: Proxy, mirror: Proxy, private: Proxy, store: ModelStore, identity: Identity
) -> None:
    public.faults, mirror.faults = Faults(redirect_to=mirror.host), Faults(redirect_to=private.host)
    with pytest.raises(RegistryError, match=REFUSED):
        fetch(public.host, store, identity)
    assert mirror.asked
    assert private.asked == []


def test_a_private_registry_may_lead_anywhere_but_who_it_leads_to_may_not(
    public: Proxy, private: Proxy, elsewhere: Proxy, store: ModelStore, identity: Identity
) -> None:
    private.faults, public.faults = Faults(redirect_to=public.host), Faults(redirect_to=elsewhere.host)
    with pytest.raises(RegistryError, match=REFUSED):
        fetch(private.host, store, identity)
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "faults",
    [
        lambda host: Faults(redirect_to=host, redirect_heads=True),
        lambda host: Faults(uploads_at=host),
        lambda host: Faults(redirect_to=host, redirect_writes="/uploads/"),
    ],
    ids=["a question", "where uploads go", "an upload"],
)
def test_a_push_is_not_led_into_a_private_network(
    public: Proxy,
    private: Proxy,
    store: ModelStore,
    identity: Identity,
    tmp_path: Path,
    faults: Callable[[str], Faults],
) -> None:
    public.faults = faults(private.host)
    with pytest.raises(RegistryError):
        send(public.host, store, identity, tmp_path)
    assert private.asked == []


def test_what_stays_among_its_like_is_followed(
    public: Proxy, mirror: Proxy, private: Proxy, elsewhere: Proxy, store: ModelStore, identity: Identity
) -> None:
    for registry, other in ((public, mirror), (private, elsewhere), (private, public)):
        registry.faults, other.faults = Faults(redirect_to=other.host), Faults()
        fetch(registry.host, store, identity)
        assert other.blobs()
        store.delete(f"{registry.host}/library/x")


Names = Callable[[str, Sequence[str]], None]


@pytest.mark.parametrize("later", [PRIVATE, f"{PRIVATE} {PUBLIC}"])
def test_a_name_that_means_another_address_later(
    public: Proxy, private: Proxy, store: ModelStore, identity: Identity, names: Names, later: str
) -> None:
    """DNS rebinding: the address is checked when the connection is there, before anything is sent."""
    port = public.host.rpartition(":")[2]
    with proxy_before(private.registry, PRIVATE) as trap:
        names("registry.example", [PUBLIC, later])
        with pytest.raises((RegistryError, OSError)):
            fetch(f"registry.example:{trap.host.rpartition(':')[2]}", store, identity)
        assert trap.asked == []
        names("mirror.example", [PUBLIC, later])
        public.faults = Faults(redirect_to=f"mirror.example:{trap.host.rpartition(':')[2]}")
        with pytest.raises((RegistryError, OSError)):
            fetch(f"{PUBLIC}:{port}", store, identity)
        assert trap.asked == []


@pytest.mark.parametrize("addresses", [PRIVATE, f"{PUBLIC} {PRIVATE}", f"{PRIVATE} {PUBLIC}"])
def test_one_private_address_of_a_name_is_enough(
    public: Proxy, private: Proxy, store: ModelStore, identity: Identity, names: Names, addresses: str
) -> None:
    names("mirror.example", [addresses])
    public.faults = Faults(redirect_to=f"mirror.example:{private.host.rpartition(':')[2]}")
    with pytest.raises(RegistryError, match=REFUSED):
        fetch(public.host, store, identity)
    assert private.asked == []


def test_a_registry_with_both_kinds_of_addresses_leads_only_to_the_internet(
    public: Proxy, private: Proxy, store: ModelStore, identity: Identity, names: Names
) -> None:
    names("registry.example", [f"{PUBLIC} {PRIVATE}"])
    public.faults = Faults(redirect_to=private.host, redirect_all=True)
    with pytest.raises(RegistryError, match=REFUSED):
        fetch(f"registry.example:{public.host.rpartition(':')[2]}", store, identity)
    assert private.asked == []


@pytest.mark.parametrize(
    ("where", "followed"),
    [
        *((name, False) for name in ("127.0.0.1", "localhost", "localhost.", "router", "nas.local", "x.internal")),
        *((name, False) for name in ("127.1", "0x7f.1", "2130706433", "[::1]", "fritz.home.arpa", "a.localhost")),
        *((name, True) for name in ("127.0.0.2", "mirror.example", "1and1.example")),
    ],
)
def test_behind_a_proxy_the_form_of_a_name_decides(
    public: Proxy, monkeypatch: pytest.MonkeyPatch, where: str, followed: bool
) -> None:
    """The proxy looks names up, often one on this very machine; nobody else can tell what they mean."""
    monkeypatch.setenv("http_proxy", f"http://{public.host}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name)
    with closing(http.HttpClient(LIMITS)) as client:
        assert client.reach("http://registry.example/") == {True}
        try:
            with client.request("GET", f"http://{where}/v2/", {}, public_only=True):
                assert followed
        except RegistryError:
            assert not followed


def test_tokens_of_the_internet_still_come(public: Proxy, store: ModelStore, identity: Identity) -> None:
    public.faults = Faults(tokens=TokenServer())
    fetch(public.host, store, identity)
    assert store.list()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *((text, True) for text in ("8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::1")),
        *((text, False) for text in ("127.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.0.1", "192.168.1.1", "0.1.1.1")),
        *((text, False) for text in ("169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.1.1", "255.255.255.255")),
        *((text, False) for text in ("::1", "::", "fe80::1%eth0", "fd00::1", "fec0::1", "ff0e::1", "::10.0.0.1")),
        *((text, False) for text in ("::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "2001:db8::1", "240.1.1.1")),
        *((text, False) for text in ("", "localhost", "nonsense", "203.0.113.1")),
    ],
)
def test_addresses_of_the_internet(address: str, public: bool) -> None:
    assert is_public(read_address(address)) == public

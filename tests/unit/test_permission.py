"""Permissions: every state of the rules, against the rules in words."""

from itertools import product

from ossia.addresses import is_in, read_address, read_networks
from ossia.config import Access
from ossia.errors import Forbidden, Unauthorized
from ossia.server.http.caller import Caller
from ossia.server.http.permission import Right, refusal

RIGHTS: tuple[Right, ...] = ("open", "inference", "manage", "metrics")
LAN = read_networks("192.168.0.0/16, fd00::/8")
ADDRESSES = ("127.0.0.1", "192.168.7.7", "fd00::7", "10.0.0.1", "203.0.113.9", "", "nonsense")
KEYS = (("", ()), ("web", ("inference",)), ("admin", ("inference", "manage")), ("none", ()), ("eye", ("metrics",)))
BOTH = (False, True)
CALLERS = [
    Caller(address, key, is_local and not is_proxy, is_proxy, frozenset(scopes), unknown and not key)
    for address, (key, scopes), is_local, is_proxy, unknown in product(ADDRESSES, KEYS, BOTH, BOTH, BOTH)
]
ACCESSES = [Access(manage_from=networks, local_keys=local_keys) for networks, local_keys in product(((), LAN), BOTH)]
STATES = [*product(RIGHTS, CALLERS, ACCESSES, BOTH)]


def may(right: Right, caller: Caller, access: Access, has_keys: bool) -> bool:
    return refusal(right, caller, access, has_keys) is None


def rules_in_words(right: Right, caller: Caller, access: Access, has_keys: bool) -> bool:
    if right == "open":
        return True
    if caller.key:
        return right in caller.scopes or (right == "metrics" and "manage" in caller.scopes)
    if has_keys:
        return caller.is_local and not access.local_keys
    is_admitted = not caller.is_proxy and is_in(read_address(caller.address), access.manage_from)
    return right == "inference" or caller.is_local or is_admitted


def test_the_rules() -> None:
    for state in STATES:
        assert may(*state) == rules_in_words(*state), state


def test_who_may_manage_may_infer_unless_a_key_says_otherwise() -> None:
    for right, caller, access, has_keys in STATES:
        if right == "manage" and not caller.key and may(right, caller, access, has_keys):
            assert may("inference", caller, access, has_keys), caller


def test_what_is_added_to_the_rules_takes_or_gives_in_one_direction() -> None:
    for right, caller, access, has_keys in STATES:
        if may(right, caller, access, has_keys):  # what was never set takes nothing from those without keys
            assert may(right, caller, Access(manage_from=LAN, local_keys=access.local_keys), has_keys), caller
        else:  # a first key, and keys here too, give nobody more
            assert has_keys or not may(right, caller, access, has_keys=True), caller
            assert not may(right, caller, Access(manage_from=access.manage_from, local_keys=True), has_keys), caller


def test_a_proxy_is_never_a_machine_that_manages() -> None:
    for right, caller, access, has_keys in STATES:
        if right == "manage" and caller.is_proxy and not caller.key:
            assert not may(right, caller, access, has_keys), caller


def test_every_refusal_says_what_to_do() -> None:
    for state in STATES:
        error = refusal(*state)
        assert error is None or (error.hint and isinstance(error, Forbidden | Unauthorized)), state


def told(right: Right, caller: Caller, *, has_keys: bool = False) -> str:
    error = refusal(right, caller, Access(), has_keys)
    return f"{error} {error.hint}" if error else ""


def test_a_missing_key_is_told_from_a_wrong_one() -> None:
    assert "needs an API key" in told("inference", Caller("10.0.0.1"), has_keys=True)
    assert "not known here" in told("inference", Caller("10.0.0.1", unknown_key=True), has_keys=True)


def test_a_proxy_is_told_from_another_machine_and_each_of_the_setting_that_admits_it() -> None:
    proxy, other = (told("manage", Caller("10.0.0.1", is_proxy=is_proxy)) for is_proxy in (True, False))
    assert "passed a proxy (10.0.0.1)" in proxy
    assert "OSSIA_TRUSTED_PROXIES" in proxy
    assert "another machine (10.0.0.1)" in other
    assert "OSSIA_MANAGE_FROM" in other


def test_a_refusal_names_what_was_asked_for_and_what_the_key_is_for() -> None:
    assert "metrics are read" in told("metrics", Caller("10.0.0.1"))
    assert "models are managed" in told("manage", Caller("10.0.0.1"))
    key = Caller("10.0.0.1", "web", scopes=frozenset({"inference", "metrics"}))
    assert "the API key web is for inference and metrics, not for manage" in told("manage", key)
    assert "is for nothing" in told("manage", Caller("10.0.0.1", "none"))

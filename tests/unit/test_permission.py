"""Permissions: every state of the rules, against the rules in words."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from ossia.addresses import is_in, read_address, read_networks
from ossia.config import Access
from ossia.errors import Forbidden, Unauthorized
from ossia.server.http.caller import Caller
from ossia.server.http.permission import Right, refusal

RIGHTS: tuple[Right, ...] = ("open", "inference", "manage", "metrics")
LAN = read_networks("192.168.0.0/16, fd00::/8")
ADDRESSES = ("127.0.0.1", "192.168.7.7", "fd00::7", "10.0.0.1", "203.0.113.9", "", "nonsense")
KEYS = (("", ()), ("web", ("inference",)), ("admin", ("inference", "manage")), ("none", ()), ("eye", ("metrics",)))

callers = st.builds(
    lambda address, key, is_local, is_proxy, unknown: Caller(
        address, key[0], is_local and not is_proxy, is_proxy, frozenset(key[1]), unknown and not key[0]
    ),
    st.sampled_from(ADDRESSES),
    st.sampled_from(KEYS),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
accesses = st.builds(Access, manage_from=st.sampled_from([(), LAN]), local_keys=st.booleans())


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


@given(st.sampled_from(RIGHTS), callers, accesses, st.booleans())
def test_the_rules(right: Right, caller: Caller, access: Access, has_keys: bool) -> None:
    assert may(right, caller, access, has_keys) == rules_in_words(right, caller, access, has_keys)


@given(callers, accesses, st.booleans())
def test_who_may_manage_may_infer_unless_a_key_says_otherwise(caller: Caller, access: Access, has_keys: bool) -> None:
    if not caller.key and may("manage", caller, access, has_keys):
        assert may("inference", caller, access, has_keys)


@given(st.sampled_from(RIGHTS), callers, accesses, st.booleans())
def test_what_is_added_to_the_rules_takes_or_gives_in_one_direction(
    right: Right, caller: Caller, access: Access, has_keys: bool
) -> None:
    allowed = may(right, caller, access, has_keys)
    if not allowed:  # a first key, and keys here too, give nobody more
        assert not (may(right, caller, access, has_keys=True) and not has_keys)
        assert not may(right, caller, Access(manage_from=access.manage_from, local_keys=True), has_keys=has_keys)
    if allowed:  # and what was never set takes nothing from those without keys
        assert may(right, caller, Access(manage_from=LAN, local_keys=access.local_keys), has_keys)


@given(callers, accesses, st.booleans())
def test_a_proxy_is_never_a_machine_that_manages(caller: Caller, access: Access, has_keys: bool) -> None:
    if caller.is_proxy and not caller.key:
        assert not may("manage", caller, access, has_keys)


def test_every_refusal_says_what_to_do() -> None:
    for right, address, key, is_proxy, has_keys in product(RIGHTS, ADDRESSES, KEYS, (False, True), (False, True)):
        caller = Caller(address, key[0], is_proxy=is_proxy, scopes=frozenset(key[1]))
        error = refusal(right, caller, Access(local_keys=True), has_keys)
        assert error is None or (error.hint and isinstance(error, Forbidden | Unauthorized)), caller


def test_a_missing_key_is_told_from_a_wrong_one() -> None:
    missing = refusal("inference", Caller("10.0.0.1"), Access(), has_keys=True)
    wrong = refusal("inference", Caller("10.0.0.1", unknown_key=True), Access(), has_keys=True)
    assert isinstance(missing, Unauthorized)
    assert isinstance(wrong, Unauthorized)
    assert missing.message != wrong.message

"""Addresses: IP addresses and networks as texts name them, in one form however they are written.

An IPv4 address that IPv6 carries (::ffff:1.2.3.4) is the IPv4 address, and an interface's name (%eth0) is not part of
an address. Knows no names: nothing is looked up.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_NAT64 = ip_network("64:ff9b::/96")
_LONGEST = 100  # characters of an address


def read_address(text: str) -> Address | None:
    """Return the address that a text is; None for anything else."""
    return _read(text) if len(text) <= _LONGEST else None


@lru_cache(4096)
def _read(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def read_networks(text: str) -> tuple[Network, ...]:
    """Read addresses and networks between commas. Raises ValueError."""
    return tuple(_network(part.strip()) for part in text.split(",") if part.strip())


def _network(text: str) -> Network:
    network = ip_network(text.strip("[]"), strict=False)
    if isinstance(network, IPv6Network) and (mapped := network.network_address.ipv4_mapped) and network.prefixlen >= 96:
        return IPv4Network((mapped, network.prefixlen - 96))
    return network


def is_public(address: Address | None) -> bool:
    """True for an address of the internet: not of a private network, this machine, a link or a group of machines.

    Of an IPv6 address that stands for an IPv4 address (NAT64, 6to4), the latter counts.
    """
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour:
            return is_public(address.sixtofour)
        if address.is_site_local:
            return False
    return address is not None and address.is_global and not (address.is_multicast or address.is_reserved)


def is_in(address: Address | None, networks: Iterable[Network]) -> bool:
    """True if one of the networks has the address."""
    return address is not None and any(address in network for network in networks)


def client_name(text: str) -> str:
    """Return the name of the client that has an address: of IPv6 its network of 64 bits, which is one client.

    Addresses of a link are named whole, since all that share it have the same network.
    """
    address = read_address(text)
    if isinstance(address, IPv6Address) and not address.is_link_local and not address.is_loopback:
        return str(IPv6Network((address, 64), strict=False))
    return text if address is None else str(address)

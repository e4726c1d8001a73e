"""Whether a rule of a namespace's nftables table takes a packet: of a ping, of neighbour discovery, or any other.

Sources: nft(8), EXPRESSIONS; kernel net/netfilter/nft_ct.c (nft_ct_get_eval: a packet that is not tracked is invalid,
unless it is left out of tracking), net/netfilter/nf_conntrack_proto_icmpv6.c (neighbour discovery is left out).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network
from typing import TYPE_CHECKING

from netc.parts.match import STATES, WITH_PORTS, Match, OneOf

if TYPE_CHECKING:
    from netc.topology.model import DeviceKey, IPAddress, IPNetwork

_LINK_LOCAL = ip_network("fe80::/64")


class Kind(StrEnum):
    """What a packet says, by the name that nft(8) has for its ICMP type."""

    REQUEST = "echo-request"
    REPLY = "echo-reply"
    SOLICIT = "nd-neighbor-solicit"
    ADVERT = "nd-neighbor-advert"
    OTHER = "any packet"


class State(StrEnum):
    """What connection tracking says of a packet."""

    NEW = "new"
    ESTABLISHED = "established"
    INVALID = "invalid"
    UNTRACKED = "untracked"


@dataclass(frozen=True, slots=True)
class Seen:
    """A packet as a chain sees it; a device is None where the chain cannot know it.

    `carrier` is the protocol of a packet that is none of a ping, by its name in nft(8), and its destination port.
    """

    kind: Kind
    source: IPAddress
    target: IPAddress
    state: State
    entered: DeviceKey | None = None
    leaving: DeviceKey | None = None
    carrier: tuple[object, ...] = ()


def takes(match: Match, seen: Seen) -> bool | None:
    """Whether a match takes a packet; None where the model does not know what decides."""
    version = seen.target.version
    if match.family not in {None, version}:
        return False
    if match.mark is not None and match.mark[0] != 0:  # nothing that netc follows marks a packet
        return False
    if not (_device(match.in_device, seen.entered) and _device(match.out_device, seen.leaving)):
        return False
    found = [_address(match.source, seen.source), _address(match.destination, seen.target)]
    if seen.kind is not Kind.OTHER:
        found += [_protocol(match, seen, version), not match.states or seen.state in match.states]
    else:
        found += [_carrier(match, seen.carrier), None if match.states else True]
    return False if False in found else None if None in found else True


def _protocol(match: Match, seen: Seen, version: int) -> bool:
    if match.protocol in WITH_PORTS or match.ports or match.source_ports:
        return False
    if match.protocol not in {None, "icmp" if version == 4 else "icmpv6"}:
        return False
    return match.icmp_type in {None, seen.kind}


def _carrier(match: Match, carrier: tuple[object, ...]) -> bool | None:
    """Whether a match takes a protocol; its source port nobody knows."""
    if match.protocol is None:
        return True
    if not carrier:
        return None
    if match.protocol != carrier[0]:
        return False
    port = carrier[1] if len(carrier) > 1 else None
    if match.ports and isinstance(port, int) and not any(ports.first <= port <= ports.last for ports in match.ports):
        return False
    return None if match.source_ports or (match.ports and not isinstance(port, int)) else True


def _device(one: OneOf[DeviceKey] | None, device: DeviceKey | None) -> bool:
    if one is None:
        return True
    return (device is not None and device.name in {key.name for key in one.values}) != one.negated


def _address(one: OneOf[IPNetwork] | None, ip: IPAddress) -> bool | None:
    if one is None:
        return True
    for network in one.values:
        # Devices make such addresses themselves, from MAC addresses that a lab need not say.
        if ip in _LINK_LOCAL and network.version == 6 and network.prefixlen > 64 and network.overlaps(_LINK_LOCAL):
            return None
    return any(ip in network for network in one.values if network.version == ip.version) != one.negated


assert {State.NEW, State.INVALID, State.ESTABLISHED} == set(STATES)

"""What of a lab this model does not follow: where a packet comes to it, the answer is "unknown".

The kernel lets much decide about a packet beside its routes: rules in nft's own words, eBPF programs, and parameters
that the rest of netc/reach does not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from netc.kinds import kinds
from netc.kinds.link import ARP
from netc.parts.impair import Impair
from netc.parts.ipsec import Policy
from netc.parts.program import Program
from netc.parts.table import RawRule, TableRule
from netc.topology.model import Device, DeviceKey, NetnsKey, Topology

#: Parameters that decide whether a ping is answered, or with which TTL (Documentation/networking/ip-sysctl.rst,
#: Documentation/admin-guide/sysctl/net.rst); with `*` for a device, `all` or `default`.
_DECIDING = frozenset(
    {
        "net/ipv4/icmp_echo_ignore_all",
        "net/ipv6/icmp/echo_ignore_all",
        "net/ipv4/ip_default_ttl",
        "net/ipv4/raw_l3mdev_accept",
        "net/ipv6/conf/*/hop_limit",
        "net/ipv4/conf/*/disable_policy",
        "net/ipv4/conf/*/disable_xfrm",
        "net/ipv4/conf/*/drop_unicast_in_l2_multicast",
        "net/ipv4/conf/*/ignore_routes_with_linkdown",
        "net/ipv4/conf/*/route_localnet",
        "net/ipv4/conf/*/src_valid_mark",
        "net/ipv6/conf/*/ignore_routes_with_linkdown",
        "net/ipv6/conf/*/seg6_enabled",
        "net/ipv6/conf/*/use_oif_addrs_only",
        "net/ipv6/conf/*/use_tempaddr",
        "net/ipv6/ip_nonlocal_bind",
        "net/ipv4/ip_nonlocal_bind",
    }
)


#: What a rule of nft begins with that is for no ping, and for no tunnel's packets: nft(8), PAYLOAD EXPRESSIONS.
_OTHERS = frozenset({"tcp", "udplite", "sctp", "dccp", "comp"})


@lru_cache(maxsize=2)
def deciders(topology: Topology) -> Mapping[NetnsKey, str]:
    """Return what, in a namespace, may drop packets or change them, so that nothing can be told of what it takes."""
    found: dict[NetnsKey, str] = {}
    for sysctl in topology.sysctls:
        path = sysctl.path
        any_device = "/".join((*path[:3], "*", *path[4:])) if path[2:3] == ("conf",) else "/".join(path)
        if any_device in _DECIDING:
            found[sysctl.netns] = f"{sysctl.netns.label} sets {'.'.join(path)}, which decides about pings"
    for program in topology.parts_of(Program):
        if program.device.name == "lo":
            found[program.netns] = f"{program.netns.label} has an eBPF program at lo"
    beside = {device.netns: "a VRF" for device in topology.devices.values() if _is_vrf(device)}
    beside |= {rule.netns: "a table" for rule in topology.parts_of(TableRule)}
    for policy in topology.parts_of(Policy):
        if policy.netns in beside:
            found[policy.netns] = f"{policy.netns.label} has IPsec policies and {beside[policy.netns]}"
    for rule in topology.parts_of(RawRule):
        if rule.words.split(maxsplit=1)[0] in _OTHERS:
            continue
        found[rule.netns] = f"{rule.netns.label} has a rule in nft's own words"
    return found


def _is_vrf(device: Device) -> bool:
    return kinds()[device.kind].routing_table(device) is not None


@lru_cache(maxsize=2)
def _disturbed(topology: Topology) -> frozenset[DeviceKey]:
    """Return the devices at which a program may drop packets, that ask for no neighbours, or that lose all packets."""
    found = {program.device for program in topology.parts_of(Program)}
    found |= {device.key for device in topology.devices.values() if ARP.of(device) is False}
    for impair in topology.parts_of(Impair):
        if impair.arriving <= 0:
            found.add(impair.device)
    return frozenset(found)


@lru_cache(maxsize=2)
def _followed(topology: Topology) -> frozenset[DeviceKey]:
    """Return the devices of which `is_followed` is true, each asked once: a bridge has to look at all its ports."""
    known = (device for device in topology.devices.values() if kinds()[device.kind].is_followed(device, topology))
    return frozenset(device.key for device in known) - _disturbed(topology)


def is_followed(topology: Topology, device: Device) -> bool:
    """Whether it is known where frames go that come to a device."""
    return device.key in _followed(topology)


def is_partly_followed(topology: Topology, device: Device) -> bool:
    """Whether it is known of whom the lab knows beyond a device, though not of others."""
    known = kinds()[device.kind].is_partly_followed(device, topology)
    return known and device.key not in _disturbed(topology)


def doubt(topology: Topology, device: Device) -> str:
    """Return why it is not known where frames go that come to a device."""
    kind = kinds()[device.kind]
    text = f"netc does not know {kind.unknown(device)}"
    if any(program.device == device.key for program in topology.parts_of(Program)):
        return f"{text}: an eBPF program is there"
    if ARP.of(device) is False:
        return f"{text}: `arp off` keeps it from asking for neighbours"
    if device.key in _disturbed(topology):
        return f"{text}: `impair` loses all that it sends"
    why = kind.doubt(device, topology)
    return f"{text}: {why}" if why else text


@lru_cache(maxsize=2)
def open_devices(topology: Topology) -> frozenset[DeviceKey]:
    """Return the devices that are followed and by themselves let every frame on."""
    devices = (topology.devices[key] for key in _followed(topology))
    return frozenset(device.key for device in devices if kinds()[device.kind].passes_all(device, topology))

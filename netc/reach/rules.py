"""Policy rules: which packets look into which routing table.

Sources: kernel net/core/fib_rules.c (fib_rule_match, fib_rules_lookup: by preference, `goto` forwards only),
net/ipv4/fib_rules.c and net/ipv6/fib6_rules.c (the rules 0 local, 32766 main and, IPv4 alone, 32767 default),
drivers/net/vrf.c (vrf_fib_rule: the first VRF of a namespace brings a rule with preference 1000).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

from netc.topology.model import DEFAULT_TABLE, LOCAL_TABLE, MAIN_TABLE

if TYPE_CHECKING:
    from netc.topology.model import DeviceKey, IPAddress, IPNetwork, Rule

L3MDEV = 1000  # include/net/l3mdev.h, as vrf.c uses it
#: Selectors that ask for what this model does not follow: marks that a firewall sets, and ports, which a ping has only
#: while it looks for its source address.
_OPAQUE = frozenset({"fwmark", "ipproto", "sport", "dport"})


@dataclass(frozen=True, slots=True)
class Flow:
    """What a route lookup asks for: `entered` is None for what the namespace itself sends.

    `source` is None while a sender has none yet. `table` is that of the VRF that the packet belongs to. `preferred`
    is the device that wins among IPv6 routes that are otherwise equal: the one that the packet, or for an echo reply
    the request, came in by (kernel net/ipv6/icmp.c, icmpv6_echo_reply). `bound` is the device that the sender has bound
    the packet to, as tunnels do; `strict` is whether IPv6 then takes no other device.
    """

    target: IPAddress
    source: IPAddress | None = None
    entered: DeviceKey | None = None
    table: int | None = None
    preferred: DeviceKey | None = None
    bound: DeviceKey | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class FibRule:
    """One rule; exactly one of `table`, `blocks`, `goto` and `of_vrf` says what it does.

    One with `of_vrf` looks into the table of the packet's VRF, or with `not` of what is in none, into main
    (fib_rule_get_table, which finds the table 0 then: net/ipv4/fib_frontend.c and net/ipv6/ip6_fib.c take it for main).
    """

    preference: int
    selector: tuple[str, ...] = ()
    table: int | None = None
    blocks: str | None = None
    goto: int | None = None
    of_vrf: bool = False
    vrfs: Mapping[str, int] = field(default_factory=dict)  # the tables of the namespace's VRFs, by name

    def matches(self, flow: Flow) -> bool | None:
        """Whether the rule is for a packet; None where this model cannot tell."""
        words = list(self.selector)
        inverted = "not" in words
        words = [word for word in words if word != "not"]
        if "l3mdev" in words:
            words.remove("l3mdev")
            if flow.table is None:
                return inverted
        unknown = False
        for name, value in zip(words[::2], words[1::2], strict=True):
            of_vrf = name in {"iif", "oif"} and value in self.vrfs
            fits = self._of_vrf(name, value, flow) if of_vrf else _fits(name, value, flow)
            if fits is None:
                unknown = True
            elif not fits:
                return inverted
        return None if unknown else not inverted

    def _of_vrf(self, name: str, vrf: str, flow: Flow) -> bool | None:
        """Whether `iif` or `oif` with the name of a VRF is for a packet; None where kernels differ.

        What is in another VRF it is not for. Since kernel 6.15 it is for whatever is in the VRF (net/core/fib_rules.c,
        fib_rule_iif_match), from 5.18 to then for what the VRF itself is the incoming device of, and never by `oif`
        (net/l3mdev/l3mdev.c, l3mdev_update_flow).
        """
        if flow.table != self.vrfs[vrf] or (name == "oif" and flow.entered is not None):
            return False
        return True if flow.entered is not None and flow.entered.name == vrf else None


def _fits(name: str, value: str, flow: Flow) -> bool | None:
    match name:
        case "from" | "to":
            if value == "all":
                return True
            network: IPNetwork = ip_network(value)
            ip = flow.source if name == "from" else flow.target
            return network.prefixlen == 0 if ip is None else ip in network
        case "iif":
            return value == ("lo" if flow.entered is None else flow.entered.name)
        case "tos":
            return int(value, 16) == 0  # ping(8) sends 0 unless it is told otherwise
        case "oif":
            # A socket that is bound to a device, or an IPv6 echo reply.
            out = flow.bound or flow.preferred
            return flow.entered is None and out is not None and value == out.name
        case _:
            assert name in _OPAQUE
            return None


def read_rules(rules: list[Rule], vrfs: Mapping[str, int], version: int) -> list[FibRule]:
    """Return a namespace's rules of a family in the kernel's order; none where only the kernel's own are there.

    `vrfs` are the tables of its VRFs.
    """
    if not rules and not vrfs:
        return []
    found = [FibRule(0, table=LOCAL_TABLE), FibRule(32766, table=MAIN_TABLE)]
    if version == 4:
        found.append(FibRule(32767, table=DEFAULT_TABLE))
    if vrfs:
        found.append(FibRule(L3MDEV, ("l3mdev",), of_vrf=True))
    found += [_read(rule, vrfs) for rule in rules]
    known = {rule.preference for rule in found}
    return sorted((_resolved(rule, known) for rule in found), key=lambda rule: rule.preference)


def _resolved(rule: FibRule, known: set[int]) -> FibRule:
    """Return a rule whose goto goes on from itself where no rule has its preference (fib_nl_newrule, unresolved)."""
    return rule if rule.goto is None or rule.goto in known else replace(rule, goto=rule.preference)


def _read(rule: Rule, vrfs: Mapping[str, int]) -> FibRule:
    read = FibRule(rule.preference, rule.selector, vrfs=vrfs)
    match rule.action:
        case ("lookup", value):
            return replace(read, table=int(value))
        case ("goto", value):
            return replace(read, goto=int(value))
        case (blocks,):
            return replace(read, blocks=blocks)
        case _:
            return replace(read, of_vrf=True)

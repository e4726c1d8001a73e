"""The nftables table of a namespace: what `filter`, `nat`, `masquerade` and `nft` put into it, and its one step.

A namespace has one table, of family inet, named after the lab. nft(8) loads it in one transaction: all of it is there
or nothing. `create` makes that fail where a table of this name is there already, and the table's comment, set in the
same command, is the lab's mark (kernel 5.10 and nftables 0.9.7 keep it). Every rule says in a comment which line of
the lab it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from netc.kinds.base import Making, object_name
from netc.parts.match import Match, Ports
from netc.plan.step import (
    Absorbed,
    Inverse,
    Look,
    Need,
    Observation,
    Stage,
    Step,
    Taken,
    Undo,
)
from netc.topology.model import IPAddress, NetnsKey, Part, Topology


class Chain(StrEnum):
    """The chains of the table, in the order in which packets come to them."""

    PREROUTING = "prerouting"
    DSTNAT = "dstnat"
    INPUT = "input"
    FORWARD = "forward"
    OUTPUT = "output"
    POSTROUTING = "postrouting"
    SRCNAT = "srcnat"


#: What a chain hooks into: nft(8), CHAINS, with its names for the usual priorities.
_HOOKS = {
    Chain.PREROUTING: "type filter hook prerouting priority mangle",
    Chain.DSTNAT: "type nat hook prerouting priority dstnat",
    Chain.INPUT: "type filter hook input priority filter",
    Chain.FORWARD: "type filter hook forward priority filter",
    Chain.OUTPUT: "type filter hook output priority filter",
    Chain.POSTROUTING: "type filter hook postrouting priority mangle",
    Chain.SRCNAT: "type nat hook postrouting priority srcnat",
}


class Verdict(StrEnum):
    """What `filter` says to a packet."""

    ACCEPT = "accept"
    DROP = "drop"
    REJECT = "reject"


class Translation(StrEnum):
    """What `nat` does to the first packet of a connection, and so to all of them; RETURN leaves it as it is."""

    MASQUERADE = "masquerade"
    SNAT = "snat"
    DNAT = "dnat"
    REDIRECT = "redirect"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class TableRule(Part):
    """A rule of a namespace's table, in the order of the text within its chain."""

    chain: Chain

    def text(self) -> str:
        """Return the rule in nft's words."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Filter(TableRule):
    """A packet that matches is accepted, dropped, or refused with an ICMP error."""

    match: Match
    verdict: Verdict

    def text(self) -> str:
        """Return the rule in nft's words."""
        return " ".join([*self.match.words(), self.verdict])


@dataclass(frozen=True, slots=True)
class Nat(TableRule):
    """A connection that matches gets another source or destination: `ip` and `ports` where the lab says them.

    `fully_random` takes source ports at random, nft(8), NAT STATEMENTS.
    """

    match: Match
    translation: Translation
    ip: IPAddress | None = None
    ports: Ports | None = None
    fully_random: bool = False

    def text(self) -> str:
        """Return the rule in nft's words."""
        words = [*self.match.words(), self.translation]
        if self.ip is not None:
            port = "" if self.ports is None else f":{self.ports}"
            words.append(f"ip to {self.ip}{port}" if self.ip.version == 4 else f"ip6 to {_bracketed(self.ip, port)}")
        elif self.ports is not None:
            words.append(f"to :{self.ports}")
        return " ".join([*words, *(["fully-random"] if self.fully_random else [])])


@dataclass(frozen=True, slots=True)
class RawRule(TableRule):
    """A rule in the lab's own words; what it does is not known."""

    words: str

    def text(self) -> str:
        """Return the rule as the lab says it."""
        return self.words


def rewriters(topology: Topology) -> frozenset[NetnsKey]:
    """Return the namespaces that may give packets on their way other addresses, or rules that are not known."""
    return frozenset(rule.netns for rule in topology.parts_of(TableRule) if isinstance(rule, Nat | RawRule))


def table_name(lab: str) -> str:
    """Return the name of a lab's tables: no keyword of nft(8), and no name that others use."""
    return f"netc-{lab}"


def steps(making: Making, machine: str) -> Iterator[Step]:
    """Yield the step that loads the table of each namespace that has rules."""
    found: dict[NetnsKey, list[TableRule]] = {}
    for rule in making.topology.parts_of(TableRule):
        if rule.netns.machine == machine:
            found.setdefault(rule.netns, []).append(rule)
    for netns, rules in found.items():
        yield _step(netns, rules, making)


def _step(netns: NetnsKey, rules: list[TableRule], making: Making) -> Step:
    name, mark, origin = table_name(making.mark.lab), making.mark.alias, rules[0].origin
    undo: Undo = Absorbed(object_name(netns))
    taken: tuple[Taken, ...] = ()
    if netns.is_root:
        # The table's own comment stands one tab deep, those of its chains and rules deeper.
        look = Look(f'?comment "{mark}"', ("nft", "-t", "list", "ruleset", "inet"))
        undo = Inverse(("nft", "delete", "table", "inet", name), look)
        there = Look(f"table inet {name}", ("nft", "list", "tables"))
        taken = (Taken(f"an nftables table inet {name}", there, origin),)
    text = "\n".join(_table(name, mark, rules))
    show = ("nft", "-s", "-t", "list", "table", "inet", name)
    observation = Observation(f"nftables table {name} of {netns.label}", show, (), loaded=text)
    need = Need(("unshare", "--net", "nft", f'create table inet {name} {{ comment "{mark}"; }}'), _REFUSAL, origin)
    return Step(
        ("nft", "-f", "-"),
        undo,
        origin,
        netns,
        Stage.POLICY,
        makes=f"nftables table inet {name} of {netns.label}",
        observation=observation,
        stdin=text,
        taken=taken,
        needs=(need,),
    )


_REFUSAL = "nft cannot make a table that carries the lab's mark: the kernel has no nf_tables, or is older than 5.10"


def _table(name: str, mark: str, rules: list[TableRule]) -> Iterator[str]:
    yield f'create table inet {name} {{ comment "{mark}"; }}'
    yield f"table inet {name} {{"
    for chain in Chain:
        inside = [rule for rule in rules if rule.chain is chain]
        if inside:
            yield f"  chain {chain} {{"
            yield f"    {_HOOKS[chain]}; policy accept;"
            yield from (f"    {rule.text()}{_comment(rule)}" for rule in inside)
            yield "  }"
    yield "}"


def _comment(rule: TableRule) -> str:
    """Return the rule's place in the lab as a comment, unless it has one of its own."""
    if re.search(r"\bcomment\b", re.sub(r'"[^"]*"', "", rule.text())):
        return ""
    # A file's name may hold anything; nft(8) takes at most 128 bytes, and knows no escape for a quote.
    place = re.sub(r"[^ !#-\[\]-~]", "?", rule.origin.span.place)[-120:]
    return f' comment "{place}"'


def _bracketed(ip: IPAddress, port: str) -> str:
    return f"[{ip}]{port}" if port else str(ip)

"""What IPsec makes of a packet: the policy that is for it, the states that protect it, and which of them open it.

Sources: RFC 4301, 5.1 and 5.2; kernel net/xfrm/xfrm_policy.c (xfrm_policy_match: what a policy is for;
xfrm_lookup_with_ifid: what goes out; __xfrm_policy_check: what has come in, xfrm_policy_ok and xfrm_state_ok: by which
states it may have come), net/xfrm/xfrm_state.c (xfrm_state_find, xfrm_state_look_at: the state of what goes out;
__xfrm_state_lookup: that of what comes in), net/xfrm/xfrm_input.c (xfrm_input).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from netc.parts.ipsec import Policy, State, Template, room, shares_keys, value_of

if TYPE_CHECKING:
    from netc.topology.model import IPAddress, NetnsKey, Origin, Topology

_PORTS = ("sport", "dport", "key")
_OTHER_WORDS = ("output-mark", "encap", "sel")  # of a state, that change which packets it takes or where they go
_ANY = frozenset({"0.0.0.0", "::"})


@dataclass(frozen=True, slots=True)
class Session:
    """What a policy knows a packet by.

    `protocol` is the name that the words of `ipsec` have for it, and `type` its ICMP type. `mark` and `if_id` are those
    of the device that it goes through, 0 where that has none.
    """

    source: IPAddress
    target: IPAddress
    protocol: str
    type: int | None = None
    mark: int = 0
    if_id: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """Why IPsec holds a packet back, or, with `unknown`, why nobody knows whether it does.

    `told` is whether the kernel tells the program that sends it.
    """

    text: str
    help: str = ""
    origin: Origin | None = None
    unknown: bool = False
    told: bool = False


@dataclass(frozen=True)
class Ipsec:
    """The policies and the states of a lab."""

    topology: Topology

    @cached_property
    def _policies(self) -> Mapping[tuple[NetnsKey, str], tuple[Policy, ...]]:
        """The policies of a namespace and a direction: the smallest priority first, then the oldest."""
        found: dict[tuple[NetnsKey, str], list[Policy]] = {}
        for policy in self.topology.parts_of(Policy):
            found.setdefault((policy.netns, policy.direction), []).append(policy)
        return {key: tuple(sorted(policies, key=_priority)) for key, policies in found.items()}

    @cached_property
    def _states(self) -> Mapping[NetnsKey, tuple[State, ...]]:
        found: dict[NetnsKey, list[State]] = {}
        for state in self.topology.parts_of(State):
            found.setdefault(state.netns, []).append(state)
        return {netns: tuple(states) for netns, states in found.items()}

    @cached_property
    def netnses(self) -> frozenset[NetnsKey]:
        """The namespaces that have policies."""
        return frozenset(netns for netns, _ in self._policies)

    def leaving(self, netns: NetnsKey, session: Session) -> tuple[State, ...] | Held:
        """Return the states that protect a packet which a namespace sends, the innermost first; none is in the clear.

        A template without its state makes the kernel ask a key daemon, which a lab does not have: the packet is dropped
        without a word (net.core.xfrm_larval_drop, xfrm_lookup_route).
        """
        policy = self._policy(netns, "out", session)
        if policy is None or isinstance(policy, Held):
            return policy or ()
        if _blocks(policy):
            return Held(f"{netns.label} blocks it: {_quoted(policy)}", "change the policy", policy.origin, told=True)
        states: list[State] = []
        ends = session.source, session.target
        for template in policy.templates:
            found = self._state(netns, session, template, ends)
            if isinstance(found, Held):
                return replace(found, origin=policy.origin)
            states.append(found)
            ends = found.source, found.destination
        if sum(state.mode != "transport" for state in states) > 1:
            return Held(f"a policy of {netns.label} puts packets into several others", "", policy.origin, unknown=True)
        return tuple(states)

    def coming(self, netns: NetnsKey, direction: str, session: Session, path: tuple[State, ...]) -> Held | None:
        """Return why a namespace does not take what has come in and been opened by the states of `path`.

        `direction` is `in` for what is its own, `fwd` for what it forwards.
        """
        policy = self._policy(netns, direction, session)
        if isinstance(policy, Held):
            return policy
        if policy is None:
            if all(state.mode == "transport" for state in path):
                return None
            text = f"{netns.label} has no policy `dir {direction}` for what it takes out of IPsec's tunnel"
            help = f"add an `ipsec policy` with `dir {direction}`, and a `tmpl` with the ends of the tunnel, there"
            return Held(text, help)
        if _blocks(policy):
            return Held(f"{netns.label} blocks it: {_quoted(policy)}", "change the policy", policy.origin)
        place = 0
        for template in reversed(policy.templates):
            place = _after(template, path, place, session.if_id)
            if place < 0:
                text = f"{netns.label} takes it only through IPsec: {_quoted(policy)}"
                return Held(text, "let the sender have such a policy `dir out`, and a state", policy.origin)
        if any(state.mode != "transport" for state in path[place:]):
            text = f"{netns.label} has taken it out of a tunnel that its policy does not want: {_quoted(policy)}"
            return Held(text, "give the policy a `tmpl` with the ends of the tunnel", policy.origin)
        return None

    def decides(self, netns: NetnsKey, direction: str, session: Session) -> bool:
        """Whether a policy of a namespace may be for a packet."""
        return self._policy(netns, direction, session) is not None

    def opened(self, netns: NetnsKey, target: IPAddress, sent: State, mark: int = 0) -> State | Held:
        """Return the state of a namespace that opens a packet for `target` which another one's state has made."""
        same = [
            state
            for state in self._states.get(netns, ())
            if (state.destination, state.protocol, state.spi) == (target, sent.protocol, sent.spi)
            and _marked(state.words, mark)
        ]
        if not same:
            text = f"{netns.label} has no state for what comes to {target} with {sent.protocol} and spi {sent.spi:#x}"
            return Held(text, f"add `ipsec state {' '.join(sent.key)}`, with the same words and keys, there")
        if len(same) > 1:
            return Held(f"{netns.label} has several states that it may be for", unknown=True)
        state = same[0]
        if (why := _unclear(state)) is not None:
            return Held(why, "", state.origin, unknown=True)
        told = f"{_quoted(state)} of {netns.label}"
        if state.mode != sent.mode:
            text = f"{told} is in {state.mode} mode, and the sender's in {sent.mode} mode"
            return Held(text, "give both ends the same state", state.origin)
        agree = _agree(sent, state)
        if agree is None:
            return Held(f"netc does not know whether {told} has the sender's keys", "", state.origin, unknown=True)
        if not agree:
            return Held(f"{told} has other keys than the sender's", "give both ends the same state", state.origin)
        return state

    def _policy(self, netns: NetnsKey, direction: str, session: Session) -> Policy | Held | None:
        for policy in self._policies.get((netns, direction), ()):
            found = _is_for(policy, session)
            if found is None:
                why = f"netc does not know whether {_quoted(policy)} of {netns.label} is for it"
                return Held(why, "", policy.origin, unknown=True)
            if found:
                return policy
        return None

    def _state(
        self, netns: NetnsKey, session: Session, template: Template, around: tuple[IPAddress, IPAddress]
    ) -> State | Held:
        """Return the state that a template finds, for the addresses that it says or, in transport mode, the packet's.

        `around` are those, of the packet that the templates before it have made (xfrm_tmpl_resolve_one).

        Which one counts of several is a matter of age, and of the kernel's version.
        """
        words = _said(template.words)
        mode = words.get("mode", "transport")
        ends = (words.get("src"), words.get("dst")) if mode != "transport" else around
        if mode != "transport" and (ends[1] is None or str(ends[1]) in _ANY):
            return Held(f"a template of {netns.label} names no far end", "say its `dst`", unknown=True)
        inner, outer = (around[1] if mode == "transport" else session.target).version, ip_address(str(ends[1])).version
        own = [
            state
            for state in self._states.get(netns, ())
            if (state.protocol, state.mode, state.reqid) == (words["proto"], mode, template.reqid)
            and ("spi" not in words or int(words["spi"], 16) == state.spi)
            and _marked(state.words, session.mark)
            and state.if_id == session.if_id
            and str(state.destination) == str(ends[1])
            and (ends[0] is None or str(ends[0]) in {str(state.source), *_ANY})
            and (inner == outer or _flagged(state, "af-unspec"))
            and not _flagged(state, "wildrecv")
        ]
        if len(own) == 1:
            why = _unclear(own[0])
            return own[0] if why is None else Held(why, unknown=True)
        if own:
            return Held(f"{netns.label} has several states that protect it", unknown=True)
        if "use" in template.tail:
            return Held(f"{netns.label} has no state for a policy that would rather have one", unknown=True)
        text = f"{netns.label} has no state for a policy that is for it"
        return Held(text, "add an `ipsec state` with the ends, `proto`, `mode` and `reqid` of the template")


def _said(words: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2], strict=True))


def _priority(policy: Policy) -> int:
    return int(value_of(policy.words, "priority") or 0)


def _blocks(policy: Policy) -> bool:
    return value_of(policy.words, "action") == "block"


def _quoted(part: Policy | State) -> str:
    return f"`{part.origin.title}`, {part.origin.span.place}"


def _flagged(state: State, flag: str) -> bool:
    return any(pair == ("flag", flag) for pair in zip(state.words, state.words[1:], strict=False))


def _marked(words: tuple[str, ...], mark: int) -> bool:
    """Whether the `mark` and `mask` of a state or a policy let a packet's mark pass (include/net/xfrm.h, xfrm_mark)."""
    said = value_of(words, "mark")
    if said is None:
        return True
    mask = int(value_of(words, "mask") or 2**32 - 1)
    return mark & mask == int(said)


def _is_for(policy: Policy, session: Session) -> bool | None:
    """Whether a policy is for a packet (xfrm_selector_match); None where it asks for what netc does not follow."""
    said = _said(policy.selector)
    source, target = ip_network(said["src"]), ip_network(said["dst"])
    if not _marked(policy.mark, session.mark) or int(value_of(policy.mark, "if_id") or 0) != session.if_id:
        return False
    if source.version != session.source.version or session.source not in source or session.target not in target:
        return False
    if said.get("proto", session.protocol) != session.protocol:
        return False
    if session.type is not None and int(said.get("type", session.type)) != session.type:
        return False
    if session.type is not None and int(said.get("code", 0)) != 0:
        return False
    return None if "dev" in said or any(name in said for name in _PORTS) else True


def _unclear(state: State) -> str | None:
    """Return why nothing is known of what a state does.

    IPComp leaves small packets as they are (kernel net/ipv4/ipcomp.c), and UDP around ESP wants a daemon's socket.
    """
    words = next((word for word in _OTHER_WORDS if word in state.words), None)
    if room(state, 1500) is None:
        return f"netc does not know how large {_quoted(state)} makes packets"
    if state.protocol == "comp" or state.mode == "beet":
        words = words or (f"proto {state.protocol}" if state.protocol == "comp" else "mode beet")
    return None if words is None else f"netc does not follow the `{words}` of {_quoted(state)}"


def _agree(one: State, other: State) -> bool | None:
    """Whether what one state makes another can open; None where their keys are in files that may be the same."""
    mine, theirs = ([(a.sort, a.name, a.size, a.tail) for a in state.algorithms] for state in (one, other))
    if _flagged(one, "esn") != _flagged(other, "esn"):
        return None
    if mine != theirs:
        return False if all(a.size for a in (*one.algorithms, *other.algorithms)) else None
    if any(algorithm.fresh for algorithm in (*one.algorithms, *other.algorithms)):
        return one == other or shares_keys(one, other)
    files = [[a.file for a in state.algorithms] for state in (one, other)]
    return True if files[0] == files[1] and one.netns.machine == other.netns.machine else None


def _after(template: Template, path: tuple[State, ...], place: int, if_id: int) -> int:
    """Return the place in a path after the state that a template wants, or -1 where it is not there (xfrm_policy_ok).

    A path begins with the outermost state. What lies before the one that is wanted has to be in transport mode.
    """
    words = _said(template.words)
    optional = "use" in template.tail
    if optional and words.get("mode", "transport") == "transport":
        return place
    for number in range(place, len(path)):
        if _came_by(template, path[number], if_id):
            return number + 1
        if path[number].mode != "transport":
            break
    return place if optional else -1


def _came_by(template: Template, state: State, if_id: int) -> bool:
    words = _said(template.words)
    mode = words.get("mode", "transport")
    ends = (("src", state.source), ("dst", state.destination)) if mode != "transport" else ()
    return (
        (state.protocol, state.mode) == (words["proto"], mode)
        and ("spi" not in words or int(words["spi"], 16) == state.spi)
        and template.reqid in {0, state.reqid}
        and if_id in {0, state.if_id}
        and all(words.get(name, str(own)) in {str(own), *_ANY} for name, own in ends)
    )

"""IPsec: the states (SAs) and policies that `ip xfrm` adds to a namespace.

A key is a secret: it stands in no script, and on no command line that ps(1) shows. The shell that up.sh starts reads it
from its file, or from /dev/urandom, and hands it to `ip -batch -` through a pipe; `printf` is the shell's own.

A state carries the lab's mark on the host in its `reqid`, and a policy in that of its templates, since neither has a
field for who made it: there `reqid N` becomes the number of the lab's group plus N.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.kinds.base import Making, object_name
from netc.plan.step import Absorbed, Inverse, Look, Need, Observation, Stage, Step, Taken, Undo
from netc.topology.model import IPAddress, NetnsKey, Part

#: Makes a line of $0 and its words, in which @FILE stands for what a file holds and %N for N random bytes in hex. The
#: first word lists the namespaces that it is for; none is the host.
_ADD = (
    'line=$0 all=$1; shift; for word; do case $word in @*) word=$(cat -- "${word#@}") || exit ;; '
    '%*) word=0x$(od -An -v -tx1 -N "${word#%}" /dev/urandom | tr -d " \\n") || exit ;; '
    'esac; line="$line $word"; done; [ -n "$all" ] || printf "%s\\n" "$line" | ip -batch - || exit; '
    'for netns in $all; do printf "%s\\n" "$line" | ip -n "$netns" -batch - || exit; done'
)
#: A key file holds one line of hex digits, no more than the kernel takes: `ip` would print a word that it cannot read.
_HOLDS_KEY = '[[ $(<"$0") =~ ^0x([0-9A-Fa-f]{2}){1,128}$ ]]'


@dataclass(frozen=True, slots=True)
class Algorithm:
    """An algorithm of a state: iproute2's word for its sort, its name in the kernel, its key, and a length after it.

    `size` is that of a usual key in bytes, 0 if there is none or it is not known; `file` names the file with the key.
    Without a file, up.sh makes a key of that size.
    """

    sort: str
    name: str
    size: int = 0
    file: str = ""
    tail: tuple[str, ...] = ()

    @property
    def fresh(self) -> bool:
        """Whether up.sh makes its key."""
        return self.size > 0 and not self.file

    @property
    def words(self) -> tuple[str, ...]:
        """Iproute2's words, the key as the script's own."""
        key = f"@{self.file}" if self.file else f"%{self.size}" if self.size else '""'
        return (self.sort, self.name, *(() if self.sort == "comp" else (key,)), *self.tail)

    @property
    def trial(self) -> tuple[str, ...]:
        """Iproute2's words with a key of zeros."""
        key = "0x" + "00" * self.size if self.size else ""
        return (self.sort, self.name, *(() if self.sort == "comp" else (key,)), *self.tail)


@dataclass(frozen=True, slots=True)
class State(Part):
    """A state of one namespace: what the kernel finds it by, and the rest in iproute2's words."""

    source: IPAddress
    destination: IPAddress
    protocol: str
    spi: int
    reqid: int
    algorithms: tuple[Algorithm, ...]
    words: tuple[str, ...]

    @property
    def mode(self) -> str:
        """Whether it protects what is in a packet, or puts the packet into another."""
        return value_of(self.words, "mode") or "transport"

    @property
    def if_id(self) -> int:
        """The number of the device that it is for, 0 for none."""
        return int(value_of(self.words, "if_id") or 0)

    @property
    def key(self) -> tuple[str, ...]:
        """What the kernel finds it by, in iproute2's words (kernel net/xfrm/xfrm_state.c, __xfrm_state_lookup)."""
        ends = ("src", str(self.source), "dst", str(self.destination))
        return (*ends, "proto", self.protocol, "spi", f"0x{self.spi:08x}")


@dataclass(frozen=True, slots=True)
class Template:
    """What a policy wants done to a packet, but for its `reqid` in iproute2's words."""

    words: tuple[str, ...]
    reqid: int
    tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy(Part):
    """A policy of one namespace: which packets, in which direction, and what is done to them."""

    selector: tuple[str, ...]
    direction: str
    mark: tuple[str, ...]  # mark and interface, which are part of what the kernel finds it by
    words: tuple[str, ...]
    templates: tuple[Template, ...]


#: Of ciphers: the blocks that they fill, and the bytes of the IV that goes with each packet (kernel crypto/; RFC 3602,
#: 3686, 4106, 4309, 4543, 7634). ESP fills blocks of four bytes at least (net/ipv4/esp4.c, esp_output).
_CIPHERS = {
    "rfc4106(gcm(aes))": (4, 8),
    "rfc4543(gcm(aes))": (4, 8),
    "rfc4309(ccm(aes))": (4, 8),
    "rfc7539esp(chacha20,poly1305)": (4, 8),
    "rfc3686(ctr(aes))": (4, 8),
    "cbc(aes)": (16, 16),
    "cbc(camellia)": (16, 16),
    "cbc(des3_ede)": (8, 8),
    "ecb(cipher_null)": (4, 0),
}
#: Bits of the ICV that `auth` cuts a digest to (kernel net/xfrm/xfrm_algo.c, aalg_list).
_DIGESTS = {
    "digest_null": 0,
    "hmac(md5)": 96,
    "hmac(sha1)": 96,
    "hmac(sha256)": 96,
    "hmac(sha384)": 192,
    "hmac(sha512)": 256,
    "xcbc(aes)": 96,
    "cmac(aes)": 96,
}


def room(state: State, most: int) -> int | None:
    """Return how large a packet may be, in bytes, for what a state makes of it to be no larger than `most`.

    None where netc does not know its algorithms. Source: kernel net/ipv4/esp4.c (esp_output), net/ipv4/ah4.c
    (ah_init_state), RFC 4302, 4303.
    """
    header = 20 if state.source.version == 4 else 40
    inside = header if state.mode == "transport" else 0
    if (icv := _icv(state)) is None or "tfcpad" in state.words:
        return None
    if state.protocol == "ah":
        unit = 4 if ("flag", "align4") in zip(state.words, state.words[1:], strict=False) else 8
        return most - header - -(-(12 + icv) // unit) * unit + inside
    name = next((algorithm.name for algorithm in state.algorithms if algorithm.sort in {"aead", "enc"}), None)
    if name not in _CIPHERS:
        return None
    block, iv = _CIPHERS[name]
    left = most - header - 8 - iv - icv
    return left - left % block - 2 + inside


def _icv(state: State) -> int | None:
    """Return the bytes of the check value of a state's packets."""
    for algorithm in state.algorithms:
        if algorithm.tail:
            return int(algorithm.tail[0]) // 8
        if algorithm.sort == "auth":
            bits = _DIGESTS.get(algorithm.name)
            return None if bits is None else bits // 8
    return 0


def value_of(words: tuple[str, ...], name: str) -> str | None:
    """Return what stands after a word, or None where it is not there."""
    return words[words.index(name) + 1] if name in words else None


def steps(making: Making, machine: str) -> Iterator[Step]:
    """Yield the steps of states, and then those of policies, which need them."""
    states = [state for state in making.topology.parts_of(State) if state.netns.machine == machine]
    done: set[int] = set()
    for state in states:
        if id(state) not in done:
            same = [state]
            if any(algorithm.fresh for algorithm in state.algorithms):
                same = [other for other in states if shares_keys(state, other)]
            done |= {id(other) for other in same}
            yield from _state_steps(state, same, making)
    for policy in making.topology.parts_of(Policy):
        if policy.netns.machine == machine:
            yield _policy_step(policy, making)


def shares_keys(one: State, other: State) -> bool:
    """Whether two states are the ends of one association, so that a fresh key is the key of both."""
    return (one.key, one.algorithms, one.words, one.reqid) == (other.key, other.algorithms, other.words, other.reqid)


def _reqid(reqid: int, netns: NetnsKey, making: Making) -> tuple[str, ...]:
    number = (making.mark.group + reqid) % 2**32 if netns.is_root else reqid
    return ("reqid", str(number)) if number else ()


def _state_steps(first: State, states: list[State], making: Making) -> Iterator[Step]:
    netns, reqid = first.netns, _reqid(first.reqid, first.netns, making)
    words = [*first.key, *reqid, *first.words, *(word for one in first.algorithms for word in one.words)]
    show = ("ip", "-o", "xfrm", "state", "list", "nokeys", *first.key)
    needs = [_kernel_can(first)]
    for file in dict.fromkeys(one.file for one in first.algorithms if one.file):
        refusal = f"the file {file} holds no key: one line, such as 0x0123abcd"
        needs.append(Need(("bash", "-c", _HOLDS_KEY, file), refusal, first.origin))
    what = f"ipsec state {' '.join(first.key)} of"
    seen = tuple(" ".join(pair) for pair in (reqid, first.words[:2]) if pair)
    root = NetnsKey(netns.machine, "")
    if netns.is_root:
        mark = f"*{' '.join(reqid)} *"
        undo: Undo = Inverse(("ip", "xfrm", "state", "delete", *first.key), Look(mark, show))
        taken = (Taken(f"a state {' '.join(first.key)}", Look("src *", show), first.origin),)
        argv = ("sh", "-c", _ADD, "xfrm state add", "", *words)
        seen_on_host = Observation(f"{what} {netns.label}", show, seen)
        yield Step(
            argv, undo, first.origin, root, Stage.POLICY, observation=seen_on_host, taken=taken, needs=tuple(needs)
        )
        return
    argv = ("sh", "-c", _ADD, "xfrm state add", " ".join(state.netns.netns for state in states), *words)
    observation = Observation(f"{what} {netns.label}", show, seen)
    step = Step(
        argv,
        Absorbed(object_name(netns)),
        first.origin,
        root,
        Stage.POLICY,
        observation=observation,
        observed_in=netns,
        needs=tuple(needs),
    )
    yield step


def _kernel_can(state: State) -> Need:
    """Return the need for a kernel that takes such a state, tried with a key of zeros where a key's size is known."""
    argv, refusal = ("unshare", "--net", "ip", "xfrm", "state"), "this kernel has no IPsec"
    if any(algorithm.file and not algorithm.size for algorithm in state.algorithms):
        return Need((*argv, "count"), refusal, state.origin)
    ends = ("192.0.2.1", "192.0.2.2") if state.source.version == 4 else ("2001:db8::1", "2001:db8::2")
    key = ("src", ends[0], "dst", ends[1], "proto", state.protocol, "spi", "0x1000")
    words = tuple(word for algorithm in state.algorithms for word in algorithm.trial)
    names = ", ".join(algorithm.name for algorithm in state.algorithms)
    return Need((*argv, "add", *key, *words), f"{refusal} with {state.protocol} and {names}", state.origin)


def _policy_step(policy: Policy, making: Making) -> Step:
    found_by = (*policy.selector, "dir", policy.direction, *policy.mark)
    words = [*found_by, *policy.words]
    for template in policy.templates:
        words += ["tmpl", *template.words, *_reqid(template.reqid, policy.netns, making), *template.tail]
    show = ("ip", "-o", "xfrm", "policy", "list", *policy.selector, "dir", policy.direction)
    undo: Undo = Absorbed(object_name(policy.netns))
    taken: tuple[Taken, ...] = ()
    if policy.netns.is_root:
        mark = f"*{' '.join(_reqid(policy.templates[0].reqid, policy.netns, making))} *"
        undo = Inverse(("ip", "xfrm", "policy", "delete", *found_by), Look(mark, show))
        taken = (Taken(f"a policy {' '.join(found_by)}", Look("src *", show), policy.origin),)
    text = " ".join((*policy.selector, "dir", policy.direction))
    observation = Observation(f"ipsec policy {text} of {policy.netns.label}", show, (f"dir {policy.direction}",))
    argv = ("ip", "xfrm", "policy", "add", *words)
    return Step(argv, undo, policy.origin, policy.netns, Stage.POLICY, observation=observation, taken=taken)

"""The steps of `impair` and `mirror`: queueing disciplines and filters of devices.

What goes out passes the device's root queueing discipline: netem for what befalls packets, tbf for their rate, netem
first where both are wanted. What comes in has no queue of its own: a filter at the ingress hook of clsact hands it to
an ifb, whose root queue it passes before it comes back. A copy is made by a filter at either hook, before the queue of
what goes out, and before what comes in is handed on.

A queue on a device of the lab goes with the device. On another, such as an uplink, the root queue carries a handle
worked out from the lab's name, and clsact, whose own handle is always ffff:, two indexes of filter blocks; both are
said in the command that makes them. Sources: tc(8), tc-netem(8), tc-tbf(8), tc-mirred(8), kernel net/sched/sch_api.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.kinds.base import Making, object_name
from netc.kinds.common import MTU
from netc.parts.impair import Impair, in_flight
from netc.parts.mirror import Mirror
from netc.plan.mark import block_of, handle_of
from netc.plan.step import Absorbed, Inverse, Look, Need, Observation, Stage, Step, Taken, Undo
from netc.topology.model import Device, DeviceKey, Made, Origin

_EVERYTHING = ("protocol", "all")
_ANY = ("u32", "match", "u32", "0", "0")  # matchall is younger, and not in every kernel
_DEFAULT_LIMIT = 1000  # packets, tc-netem(8)
_LAST = "100"  # where what comes in is handed on, after every copy
#: A handle that is not 0: is somebody's; 0: has the queue that the kernel gives to every device.
_SOMEBODYS = "qdisc +([! ]) [!0]*: dev {} root *"
_NO_MIRROR = "this kernel cannot mirror or redirect packets: clsact, cls_u32 or act_mirred is missing"


def steps(making: Making, machine: str) -> Iterator[Step]:
    """Yield the steps of every mirror and impairment of a machine, the hooks of each device first."""
    mirrors = [part for part in making.topology.parts_of(Mirror) if part.netns.machine == machine]
    impairs = [part for part in making.topology.parts_of(Impair) if part.netns.machine == machine]
    hooked = [(mirror.device, mirror.origin) for mirror in mirrors]
    hooked += [(impair.device, impair.origin) for impair in impairs if impair.ifb is not None]
    hooks: dict[DeviceKey, _Hooks] = {}
    for device, origin in hooked:
        if device not in hooks:
            hooks[device] = _Hooks(making.topology.devices[device], origin, making)
            yield hooks[device].step()
    turns: dict[tuple[DeviceKey, str], int] = {}
    for mirror in mirrors:
        for hook in (*(["ingress"] if mirror.ingress else []), *(["egress"] if mirror.egress else [])):
            turn = turns[mirror.device, hook] = turns.get((mirror.device, hook), 0) + 1
            # `continue`: a packet goes on to the next filter, which may copy it as well or hand it on.
            copy = ("mirred", "egress", "mirror", "dev", mirror.to.name, "continue")
            what = f"mirror of {mirror.device.label} ({hook}) to {mirror.to.name}"
            seen = f"(Egress Mirror to device {mirror.to.name})"
            yield hooks[mirror.device].filter(hook, str(turn), copy, mirror.origin, what, seen)
    for impair in impairs:
        if impair.ifb is not None:
            yield from _queues(making, making.topology.devices[impair.ifb], impair)
            action = ("mirred", "egress", "redirect", "dev", impair.ifb.name)
            what, seen = f"ingress of {impair.device.label}", f"(Egress Redirect to device {impair.ifb.name})"
            yield hooks[impair.device].filter("ingress", _LAST, action, impair.origin, what, seen)
        if impair.egress:
            yield from _queues(making, making.topology.devices[impair.device], impair)


@dataclass(frozen=True, slots=True)
class _Hooks:
    """The hooks of a device at which filters see its packets: clsact."""

    device: Device
    origin: Origin
    making: Making

    @property
    def _marked(self) -> bool:
        return not _goes_along(self.device)

    def _block(self, hook: str) -> str:
        return block_of(self.making.mark.lab, self.device.name, hook)

    def step(self) -> Step:
        """Return the step that opens them."""
        name, words, undo = self.device.name, [], _absorbed(self.device)
        taken: tuple[Taken, ...] = ()
        if self._marked:
            words = ["ingress_block", self._block("ingress"), "egress_block", self._block("egress")]
            show = ("tc", "qdisc", "show")
            look = Look(f"qdisc clsact ffff: dev {name} * {' '.join(words)} *", show)
            undo = Inverse(("tc", "qdisc", "del", "dev", name, "clsact"), look)
            there = Look(f"qdisc @(clsact|ingress) ffff: dev {name} *", show)
            taken = (Taken(f"a clsact or ingress qdisc at {name}", there, self.origin),)
        argv = ("tc", "qdisc", "add", "dev", name, *words, "clsact")
        observation = Observation(
            f"clsact of {self.device.key.label}", ("tc", "qdisc", "show", "dev", name), ("clsact",)
        )
        add = " ".join(("tc filter add dev lo ingress", *_EVERYTHING, *_ANY, "action mirred egress mirror dev lo"))
        need = Need(("unshare", "--net", "sh", "-c", f"tc qdisc add dev lo clsact && {add}"), _NO_MIRROR, self.origin)
        return Step(
            argv,
            undo,
            self.origin,
            self.device.netns,
            Stage.TRAFFIC,
            makes=f"clsact of {self.device.key.label}",
            observation=observation,
            taken=taken,
            needs=(need,),
        )

    def filter(self, hook: str, pref: str, action: tuple[str, ...], origin: Origin, what: str, seen: str) -> Step:
        """Return the step that does something to every packet at a hook."""
        where = ("block", self._block(hook)) if self._marked else ("dev", self.device.name, hook)
        argv = ("tc", "filter", "add", *where, *_EVERYTHING, "pref", pref, *_ANY, "action", *action)
        undo = Absorbed(f"clsact of {self.device.key.label}")
        observation = Observation(what, ("tc", "filter", "show", *where), (f"pref {pref}", seen))
        return Step(argv, undo, origin, self.device.netns, Stage.TRAFFIC, observation=observation)


def _goes_along(device: Device) -> bool:
    """Whether what is at a device goes when the lab does: the lab made it, or the namespace that it is in."""
    return device.made in {Made.LAB, Made.PEER} or not device.netns.is_root


def _absorbed(device: Device) -> Undo:
    made = device.key if device.made is Made.LAB else device.peer if device.made is Made.PEER else None
    return Absorbed(object_name(made or device.netns))


def _queues(making: Making, device: Device, impair: Impair) -> Iterator[Step]:
    """Yield the steps of the queues that a device gets: the first at its root, the second below it."""
    netem, tbf = _netem(impair), _tbf(impair, making.topology.devices[impair.device])
    root = "1:" if _goes_along(device) else handle_of(making.mark.lab)
    place: tuple[str, ...] = ("root",)
    handle = ("handle", root)
    for words, seen in ((netem, _seen_netem(impair)), (tbf, _seen_tbf(impair))):
        if words:
            yield _queue(device, impair, place, handle, words, seen)
            place, handle = ("parent", f"{root}1"), ("handle", f"{int(root[:-1], 16) + 1:x}:")


def _queue(
    device: Device,
    impair: Impair,
    place: tuple[str, ...],
    handle: tuple[str, str],
    words: list[str],
    seen: tuple[str, ...],
) -> Step:
    name, kind = device.name, words[0]
    what = f"{kind} of {device.key.label}"
    undo, taken, by = _absorbed(device), [], handle[1]
    if place != ("root",):
        undo = Absorbed(f"root qdisc of {device.key.label}")
    elif not _goes_along(device):
        undo = Inverse(
            ("tc", "qdisc", "del", "dev", name, "root", *handle),
            Look(f"qdisc {kind} {by} dev {name} root *", ("tc", "qdisc", "show")),
        )
        there = Look(_SOMEBODYS.format(name), ("tc", "qdisc", "show"))
        taken = [Taken(f"a queueing discipline at the root of {name}", there, impair.origin)]
    observation = Observation(what, ("tc", "qdisc", "show", "dev", name), (f"qdisc {kind} {by}", *seen))
    probe = ("unshare", "--net", "tc", "qdisc", "add", "dev", "lo", "root", *words)
    refusal = f"this host's tc or kernel does not take `{' '.join(words)}`"
    return Step(
        ("tc", "qdisc", "add", "dev", name, *place, *handle, *words),
        undo,
        impair.origin,
        device.netns,
        Stage.TRAFFIC,
        makes=f"root qdisc of {device.key.label}" if place == ("root",) else "",
        observation=observation,
        taken=tuple(taken),
        needs=(Need(probe, refusal, impair.origin),),
    )


def _netem(impair: Impair) -> list[str]:
    """Return netem and its words, or nothing where it has nothing to do. `reorder` needs `delay` before it."""
    words: list[str] = []
    if impair.delay is not None:
        words += ["delay", shown_time(impair.delay)]
        words += [shown_time(impair.jitter)] if impair.jitter is not None else []
        words += ["distribution", impair.distribution] if impair.distribution is not None else []
    for name, share in (
        ("loss", impair.loss),
        ("duplicate", impair.duplicate),
        ("reorder", impair.reorder),
        ("corrupt", impair.corrupt),
    ):
        words += [name, f"{share:g}%"] if share is not None else []
    limit = _limit(impair)
    words += ["limit", str(limit)] if limit is not None else []
    return ["netem", *words] if words else []


def _limit(impair: Impair) -> int | None:
    """Return netem's queue in packets: long enough for what goes at the rate within the delay; None for its own 1000.

    Packets may be smaller than 1500 bytes: twice as many have room.
    """
    if impair.limit is not None or impair.delay is None or impair.rate is None:
        return impair.limit
    wanted = 2 * in_flight(impair.delay + (impair.jitter or 0), impair.rate)
    return wanted if wanted > _DEFAULT_LIMIT else None


def _tbf(impair: Impair, device: Device) -> list[str]:
    if impair.rate is None:
        return []
    burst = impair.burst or default_burst(impair.rate, mtu_of(device))
    latency = shown_time(impair.latency or 50_000)
    return ["tbf", "rate", shown_rate(impair.rate), "burst", str(burst), "latency", latency]


def default_burst(rate: int, mtu: int) -> int:
    """Return the bucket of tbf in bytes: two full frames, or what comes in a tick of the slowest clock (10 ms)."""
    return max(2 * frame_of(mtu), rate // 8 // 100)


def frame_of(mtu: int) -> int:
    """Return the octets of a full frame: Ethernet's header, and a VLAN's, before the packet."""
    return mtu + 18


def mtu_of(device: Device) -> int:
    """Return a device's MTU as far as the lab says it: else that of Ethernet, or of lo."""
    return MTU.of(device) or (65536 if device.made is Made.KERNEL else 1500)


def _seen_netem(impair: Impair) -> tuple[str, ...]:
    """Return words of what `tc qdisc show` prints of netem: values that every tc prints alike."""
    shares = (("loss", impair.loss), ("duplicate", impair.duplicate), ("reorder", impair.reorder))
    seen = [f"{name} {share:g}%" for name, share in (*shares, ("corrupt", impair.corrupt)) if share and share % 1 == 0]
    if impair.delay is not None and impair.delay % 1000 == 0 and impair.delay < 1_000_000:
        seen.append(f"delay {impair.delay // 1000}ms")
    return (*seen, *((f"limit {impair.limit}",) if impair.limit is not None else ()))


def _seen_tbf(impair: Impair) -> tuple[str, ...]:
    rate = shown_rate(impair.rate or 0)
    return (f"rate {rate[:-4]}{rate[-4].upper()}bit",) if rate[-4:] in {"kbit", "mbit", "gbit"} else ()


def shown_time(microseconds: int) -> str:
    """Return a time as tc(8) reads it, in the largest unit that takes it whole."""
    unit, factor = next((u, f) for u, f in (("s", 10**6), ("ms", 10**3), ("us", 1)) if microseconds % f == 0)
    return f"{microseconds // factor}{unit}"


def shown_rate(bits: int) -> str:
    """Return a rate as tc(8) reads it, in the largest unit that takes it whole."""
    units = (("gbit", 10**9), ("mbit", 10**6), ("kbit", 10**3), ("bit", 1))
    unit, factor = next((u, f) for u, f in units if bits % f == 0)
    return f"{bits // factor}{unit}"

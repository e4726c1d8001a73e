"""eBPF programs at devices: XDP, and tc at a device's ingress or egress."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netc.kinds.base import Making, object_name
from netc.plan.step import Absorbed, Need, Observation, Stage, Step
from netc.topology.model import Device, DeviceKey, Made, Part

#: Hooks of ip-link(8), and how `ip link show` tells of each.
XDP = {"xdp": "prog/xdp", "xdpgeneric": "prog/xdp", "xdpdrv": "prog/xdp"}
#: Hooks of tc-bpf(8).
TC = ("ingress", "egress")


@dataclass(frozen=True, slots=True)
class Program(Part):
    """A program at a device: the hook, the object file, and where in it the program is (iproute2's own words)."""

    device: DeviceKey
    hook: str
    file: str
    words: tuple[str, ...]
    preference: int | None = None


def steps(making: Making, machine: str) -> Iterator[Step]:
    """Yield the steps of programs, a device's clsact before the first of its filters."""
    with_clsact: set[DeviceKey] = set()
    for program in making.topology.parts_of(Program):
        if program.netns.machine != machine:
            continue
        device = making.topology.devices[program.device]
        refusal = f"there is no file {program.file} that can be read"
        needs = (Need(("head", "-c0", "--", program.file), refusal, program.origin),)
        if program.hook in XDP:
            yield _xdp_step(program, device, needs)
            continue
        if device.key not in with_clsact:
            with_clsact.add(device.key)
            argv = ("tc", "qdisc", "add", "dev", device.name, "clsact")
            yield Step(argv, _undo(device), program.origin, device.netns, Stage.TRAFFIC)
        yield _tc_step(program, device, needs)


def _undo(device: Device) -> Absorbed:
    """Return what takes a program along: the device, or the one that is made with it."""
    key = device.peer if device.made is Made.PEER and device.peer is not None else device.key
    return Absorbed(object_name(device.netns if device.made is Made.KERNEL else key))


def _xdp_step(program: Program, device: Device, needs: tuple[Need, ...]) -> Step:
    argv = ("ip", "link", "set", "dev", device.name, program.hook, "object", program.file, *program.words)
    show = ("ip", "-o", "link", "show", "dev", device.name)
    observation = Observation(f"{program.hook} program of {device.key.label}", show, (XDP[program.hook],))
    return Step(argv, _undo(device), program.origin, device.netns, Stage.TRAFFIC, observation=observation, needs=needs)


def _tc_step(program: Program, device: Device, needs: tuple[Need, ...]) -> Step:
    preference = () if program.preference is None else ("pref", str(program.preference))
    place = ("dev", device.name, program.hook)
    argv = ("tc", "filter", "add", *place, *preference, "bpf", "direct-action", "object-file", program.file)
    show = ("tc", "filter", "show", *place)
    words = ("bpf", *(f"pref {program.preference}" for _ in preference))
    observation = Observation(f"{program.hook} program of {device.key.label}", show, words)
    return Step(
        (*argv, *program.words),
        _undo(device),
        program.origin,
        device.netns,
        Stage.TRAFFIC,
        observation=observation,
        needs=needs,
    )

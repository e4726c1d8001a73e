"""Steps for forwarding and other kernel parameters, with what each of them changes along."""

from __future__ import annotations

from collections.abc import Iterator

from netc.plan.step import Absorbed, Note, Observation, Restore, Stage, Step, Undo
from netc.topology.model import Made, NetnsKey, Origin, Topology

_PROC = "/proc/sys/"


def forward_steps(topology: Topology, machine: str) -> Iterator[Step]:
    """Yield the steps of `forward`."""
    seen: set[tuple[NetnsKey, int]] = set()
    for forward in topology.forwards:
        if forward.netns.machine != machine or (forward.netns, forward.family) in seen:
            continue
        seen.add((forward.netns, forward.family))
        path = ("net", "ipv4", "ip_forward") if forward.family == 4 else ("net", "ipv6", "conf", "all", "forwarding")
        yield _sysctl_step(path, "1", forward.netns, forward.origin, ".".join(path))


def sysctl_steps(topology: Topology, machine: str) -> Iterator[Step]:
    """Yield the steps of `sysctl`."""
    for sysctl in topology.sysctls:
        if sysctl.netns.machine != machine:
            continue
        device = None if sysctl.device is None else topology.devices[sysctl.device]
        if device is not None and device.made in {Made.LAB, Made.PEER} and sysctl.netns.is_root:
            undo = Absorbed(f"link {(device.key if device.made is Made.LAB else device.peer or device.key).label}")
            argv = ("sysctl", "-qw", f"{sysctl.key}={sysctl.value}")
            yield Step(argv, undo, sysctl.origin, sysctl.netns, Stage.SETTING)
        else:
            stage = Stage.SETTING if device is not None else None
            yield _sysctl_step(sysctl.path, sysctl.value, sysctl.netns, sysctl.origin, sysctl.key, stage)


def _sysctl_step(
    path: tuple[str, ...], value: str, netns: NetnsKey, origin: Origin, key: str, stage: Stage | None = None
) -> Step:
    argv = ("sysctl", "-qw", f"{key}={value}")
    observation = Observation(f"sysctl {key} of {netns.label}", ("sysctl", "-n", key), tuple(value.split()))
    undo: Undo = Restore() if netns.is_root else Absorbed(f"netns {netns.label}")
    notes = notes_of(path, value) if netns.is_root else ()
    used = stage or (Stage.HOST if netns.is_root else Stage.NETNS)
    return Step(argv, undo, origin, netns, used, notes=notes, observation=observation)


def notes_of(path: tuple[str, ...], value: str) -> tuple[Note, ...]:
    """Return what to note before a parameter of the host changes: itself, and what the kernel changes along.

    kernel net/ipv4/devconf.c: `ip_forward` and `conf/all/forwarding` are one and rewrite every `conf/*/forwarding`
    (inet_forward_change), together with `conf/all/accept_redirects`; `conf/default/*` reaches every device whose own
    value was never set (devinet_copy_dflt_conf). net/ipv6/addrconf.c: `conf/all/forwarding` rewrites every device's.
    """
    own = _PROC + "/".join(path)
    forwarding = path in {("net", "ipv4", "ip_forward"), ("net", "ipv4", "conf", "all", "forwarding")}
    if forwarding:
        redirects = Note("0" if value == "1" else "1", (_PROC + "net/ipv4/conf/all/accept_redirects",))
        return Note(value, (own, _PROC + "net/ipv4/conf/*/forwarding")), redirects
    if len(path) == 5 and path[2] == "conf" and (path[3] == "default" or path[3:] == ("all", "forwarding")):
        return (Note(value, (own, _PROC + "/".join((*path[:3], "*", path[4])))),)
    return (Note(value, (own,)),)

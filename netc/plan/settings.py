"""Steps for forwarding and other kernel parameters, with what each of them changes along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from netc.plan.step import Absorbed, Need, Note, Observation, Restore, Stage, Step, Undo
from netc.topology.model import FORWARDING, IP_FORWARD, Made, NetnsKey, Origin, Topology

_PROC = "/proc/sys/"
#: Forwarding makes the kernel forget default routes from router advertisements, for good, unless their device has
#: accept_ra 2 (kernel net/ipv6/addrconf.c, addrconf_fixup_forwarding; net/ipv6/route.c, rt6_purge_dflt_routers).
_KEEPS_ITS_ROUTE = (
    "sh",
    "-c",
    "ip -6 route show default proto ra | while read -r _ _ _ _ device _; do"
    ' [ "$(cat /proc/sys/net/ipv6/conf/"$device"/accept_ra)" = 2 ] || exit 1; done',
)
_LOSES_ITS_ROUTE = (
    "a router advertised this host's default route, and IPv6 forwarding would remove it for good: "
    "set net.ipv6.conf.DEVICE.accept_ra to 2 first"
)


def forward_steps(topology: Topology, machine: str) -> Iterator[Step]:
    """Yield the steps of `forward`."""
    seen: set[tuple[NetnsKey, int]] = set()
    for forward in topology.forwards:
        if forward.netns.machine != machine or (forward.netns, forward.family) in seen:
            continue
        seen.add((forward.netns, forward.family))
        path = FORWARDING[forward.family]
        step = _sysctl_step(path, "1", forward.netns, forward.origin, ".".join(path))
        lost = forward.family == 6 and forward.netns.is_root
        yield replace(step, needs=(Need(_KEEPS_ITS_ROUTE, _LOSES_ITS_ROUTE, forward.origin),)) if lost else step


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

    kernel net/ipv4/devinet.c: `ip_forward` and `conf/all/forwarding` are one and rewrite every `conf/*/forwarding`
    (inet_forward_change), together with `conf/all/accept_redirects`; any other `conf/default/*` reaches every device
    whose own value was never set (devinet_copy_dflt_conf), but not `all`. net/ipv6/addrconf.c:
    `conf/all/forwarding` rewrites every device's; `conf/default/*` is for devices to come.
    """
    own = _PROC + "/".join(path)
    if path == IP_FORWARD:
        redirects = Note("0" if value == "1" else "1", (_PROC + "net/ipv4/conf/all/accept_redirects",))
        return Note(value, (own, _PROC + "net/ipv4/conf/*/forwarding")), redirects
    default = path[1] == "ipv4" and path[3:4] == ("default",) and path[4:] != ("forwarding",)
    if len(path) == 5 and path[2] == "conf" and (default or path[3:] == ("all", "forwarding")):
        return (Note(value, (own, _PROC + "/".join((*path[:3], "*", path[4])))),)
    return (Note(value, (own,)),)

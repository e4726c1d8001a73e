"""Devices stand on each other in a circle

## What it does
Follows masters and parents from device to device, and finds the one that comes back to where it began: a bridge that
is its own master, two bonds in each other, a VLAN on its own child.

## What happens at run time
One of them has to be made first, and the other is not there yet: `Cannot find device`. Made in another order, the
kernel refuses the link that closes the circle (kernel net/core/dev.c, __netdev_upper_dev_link: a device is never its
own upper device).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.topology.model import DeviceKey, Topology

BAD = """
netns a {
  bond bond0 { master bond1 }
  bond bond1 { master bond0 }
}
"""
GOOD = """
netns a {
  bond bond0
  bond bond1
}
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    done: set[DeviceKey] = set()
    for device in topology.devices.values():
        path: list[DeviceKey] = []
        waiting = [(device.key, 0)]
        while waiting:  # a walk in depth; the path is what leads to the device at hand
            key, depth = waiting.pop()
            del path[depth:]
            if key in path:
                yield _finding(check, topology, path[path.index(key) :])
                done.update(path)
            elif key not in done:
                path.append(key)
                waiting += [(lower, depth + 1) for lower in _lower(topology, key)]
        done.add(device.key)


def _lower(topology: Topology, key: DeviceKey) -> list[DeviceKey]:
    device = topology.devices[key]
    return [other for other in (device.master, device.parent) if other is not None]


def _finding(check: Check, topology: Topology, circle: list[DeviceKey]) -> Finding:
    last = topology.devices[max(circle, key=lambda key: topology.devices[key].origin.order)]
    names = [key.name for key in circle]
    message = f"{names[0]} is its own master or parent" if len(names) == 1 else f"{', '.join(names)} stand in a circle"
    return check.find(
        last.span,
        message,
        effect="none of them could be made first: a device must be there before another can stand on it",
        help=f"leave out the `master`, or the `on`, of {last.name}",
    )


CHECK = Check("N312", "device-circle", Severity.ERROR, _run, BAD, GOOD)

"""A device that the host already has, with the addresses that it already has.

    segment lan 192.168.50.0/24
    uplink eth0 192.168.50.11/24 on lan { mtu 9000 }
    uplink enp1s0 { vfs 4 }

up.sh checks that it is there, with these addresses and this MTU, before it changes anything. It is never created or
deleted; the lab can route by it and name it as a parent. What lies beyond it is unknown to netc, but for the uplinks
of other hosts that are on the same segment.

`vfs` gives it virtual functions (SR-IOV), which `vf` puts into namespaces. A number cannot follow another: the kernel
wants 0 between them, and that ends those that are there. So up.sh refuses where one of them is used: where its device
is up, or in another namespace. If the number is right already, it stays. down.sh writes back what it was.

Source: ip-link(8), ip-address(8), kernel Documentation/PCI/pci-iov-howto.rst.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from netc.kinds.base import Form, Kind, Making
from netc.kinds.common import MTU
from netc.kinds.virtual import VFS
from netc.plan.step import Need, Note, Observation, Restore, Stage, Step
from netc.topology.frames import Passing, Way
from netc.topology.model import Device, DeviceKey, Made, Topology

if TYPE_CHECKING:
    from netc.topology.frames import Frame
    from netc.topology.options import Option

# kernel drivers/pci/iov.c, sriov_numvfs_store: a number that is there already is no error, another one is EBUSY.
_WRITE = '[ "$(cat "$0")" = "$1" ] || { echo 0 >"$0" && echo "$1" >"$0"; }'


class Uplink(Kind):
    """The kind `uplink`."""

    name = "uplink"
    form = Form.DEVICE
    made = Made.OTHERS
    takes_segment = True
    options = (VFS,)

    def is_partly_followed(self, device: Device, topology: Topology) -> bool:
        """Return True: the uplinks on its segment are known."""
        return True

    def sends(self, device: Device, frame: Frame, topology: Topology) -> Iterator[Passing]:
        """Yield the uplinks on the same segment; a frame for one of them goes there alone, as a switch sees to."""
        others = uplinks_on(topology).get(device.segment, ())
        for other in (frame.target,) if frame.target in others else others:
            if other is not None and other != device.key:
                yield Passing(other, Way.IN, frame, checked=True)

    @property
    def all_options(self) -> dict[str, Option[Any]]:
        """The options that are looked at, and `vfs`: what else would change the device has no place here."""
        return {option.name: option for option in (*self.options, MTU)}

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the step that makes virtual functions; otherwise an uplink is only looked at."""
        count = VFS.of(device)
        if count is None:
            return
        name, wanted = device.name, str(count)
        folder = f"/sys/class/net/{name}/device"
        file = f"{folder}/sriov_numvfs"
        needs = (
            Need(
                ("sh", "-c", '[ "$(cat "$0")" -ge "$1" ]', f"{folder}/sriov_totalvfs", wanted),
                f"{name} cannot have {wanted} virtual functions: see its sriov_totalvfs",
                device.origin,
            ),
            Need(
                ("resizable", name, wanted),
                f"{name} has another number of virtual functions, and one of them is up or in another namespace",
                device.origin,
            ),
        )
        observation = Observation(f"virtual functions of {name}", ("cat", file), (wanted,))
        yield Step(
            ("sh", "-c", _WRITE, file, wanted),
            Restore(),
            device.origin,
            device.netns,
            Stage.HOST,
            notes=(Note(wanted, (file,)),),
            observation=observation,
            needs=needs,
        )


@lru_cache(maxsize=2)
def uplinks_on(topology: Topology) -> Mapping[str | None, Mapping[DeviceKey, None]]:
    """Return the uplinks on each physical segment, in the order of the text."""
    found: dict[str | None, dict[DeviceKey, None]] = {}
    for device in topology.devices.values():
        if device.segment is not None:
            found.setdefault(device.segment, {})[device.key] = None
    return found


KIND = Uplink()

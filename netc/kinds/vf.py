"""A virtual function of a NIC (SR-IOV), put into a namespace: hardware of its own, behind the NIC's own switch.

    uplink enp1s0 { vfs 4 }
    netns c { vf eth0 192.168.7.13/24 on enp1s0 { index 0; mac 02:00:00:00:07:13; vlan 100 } }

The device's name on the host is the driver's choice, so up.sh looks for it in sysfs, marks it, makes the settings that
only the physical function can make (`ip link set dev enp1s0 vf 0 ...`), and moves it under its new name. down.sh sets
them back, and brings the device home with the name, MAC and MTU that it had. It does so even if somebody has deleted
the namespace meanwhile, when the kernel brings the device back under the name that it had inside.

up.sh refuses a virtual function that is up or in another namespace, and a physical function that is down, since
most drivers then give the virtual ones no carrier. Flags, queues and the sizes of packets stay as they are.

The devices of virtual functions come into the machine's first network namespace, so the scripts must run there. Nothing
stands in for them: `netc build --emulate` refuses them, and so does `netc try` of several hosts.

Source: ip-link(8) "ip link set", kernel Documentation/PCI/pci-iov-howto.rst.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.kinds.base import Form, Kind, Making, configuration, object_name
from netc.kinds.common import COMMON, MAC, MTU
from netc.kinds.link import LINK
from netc.kinds.virtual import (
    INDEX,
    LINK_STATE,
    MAX_RATE,
    MIN_RATE,
    PROTO,
    QOS,
    SPOOFCHK,
    TRUST,
    VLAN,
)
from netc.plan.step import (
    Absorbed,
    AtRunTime,
    Borrowing,
    Inverse,
    Look,
    Need,
    NicLook,
    Observation,
    Stage,
    Step,
)
from netc.topology.model import Device, NetnsKey


class VirtualFunction(Kind):
    """The kind `vf`."""

    name = "vf"
    form = Form.DEVICE
    takes_parent = True
    needs_parent = True
    required = ("index",)
    probe = None
    common = tuple(option for option in COMMON if option not in LINK)  # the device would keep them
    options = (INDEX, VLAN, QOS, PROTO, MIN_RATE, MAX_RATE, SPOOFCHK, TRUST, LINK_STATE)

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the steps that mark the device, set it up through the physical function, and move it."""
        yield self.creation(device, making)
        (pf, index), host = _place(device), NetnsKey(device.netns.machine, "")
        for words in _settings(device):
            undo = Inverse(_set(device, _old(device, words)), NicLook(pf, index))
            yield Step(_set(device, words), undo, device.origin, host, Stage.LINK)
        yield _move(device, making)
        made, origin = Absorbed(object_name(device.key)), device.origin
        if own := (*_pair("address", MAC.of(device)), *_pair("mtu", MTU.of(device))):
            yield Step(("ip", "link", "set", "dev", device.name, *own), made, origin, device.netns, Stage.LINK)
        yield from configuration(device, making, self)

    def creation(self, device: Device, making: Making) -> Step:
        """Return the step that marks the device: from here on it is the lab's to give back."""
        (pf, index), host = _place(device), NetnsKey(device.netns.machine, "")
        argv = ("ip", "link", "set", "dev", AtRunTime("vf", pf, str(index)))
        name = _was(device, "name", f"{pf}v{index}")
        own = {"address": MAC.of(device), "mtu": MTU.of(device)}
        old = [word for what, said in own.items() if said is not None for word in (what, _was(device, what))]
        old += ["alias", _was(device, "ifalias", ""), "group", _was(device, "netdev_group", "0")]
        return Step(
            (*argv, "group", str(making.mark.group)),
            Inverse(("sh", "-c", _COME_HOME, AtRunTime("vf", pf, str(index)), name, *old), NicLook(pf, index)),
            device.origin,
            host,
            Stage.LINK,
            makes=object_name(device.key),
            notes=(Borrowing(pf, index),),
            needs=tuple(_needs(device)),
        )


def _place(device: Device) -> tuple[str, int]:
    """Return the name of the physical function, and the index of the virtual one."""
    index, parent = INDEX.of(device), device.parent
    assert index is not None
    assert parent is not None
    return parent.name, index


def _was(device: Device, what: str, *otherwise: str) -> AtRunTime:
    pf, index = _place(device)
    return AtRunTime("was", pf, str(index), what, *otherwise)


# Intel's igbvf takes the MAC that the NIC has for it when its device goes up, and no other once the NIC has one.
_SET_MAC = 'ip link set dev "$0" vf "$1" mac "$2" && ip link set dev "$3" up && ip link set dev "$3" down'


# A device that the kernel brought home is new to udev, which gives it the name that it had for an alternative one. It
# is renamed before all else: the kernel takes the group before the name (net/core/rtnetlink.c, do_setlink), and the
# mark must stay where the name is refused.
_COME_HOME = (
    '[ "$0" = "$1" ] || { ip link property del dev "$0" altname "$1" 2>/dev/null; ip link set dev "$0" name "$1"; } && '
    'home=$1 && shift && ip link set dev "$home" "$@"'
)


def _set(device: Device, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command that makes a setting through the physical function."""
    pf, index = _place(device)
    if words[0] == "mac":
        return ("sh", "-c", _SET_MAC, pf, str(index), words[1], AtRunTime("vf", pf, str(index)))
    return ("ip", "link", "set", "dev", pf, "vf", str(index), *words)


def _needs(device: Device) -> Iterator[Need]:
    pf, index = _place(device)
    up = ("sh", "-c", '[ $(($(cat "$0") % 2)) = 1 ]', f"/sys/class/net/{pf}/flags")
    yield Need(up, f"{pf} is down: its virtual functions would have no carrier", device.origin)
    used = f"virtual function {index} of {pf} is used: it is up or in another namespace"
    yield Need(("idle", pf, str(index)), used, device.origin)


def _move(device: Device, making: Making) -> Step:
    """Return the step that moves and renames the device, one request to the kernel: it takes both or none."""
    (pf, index), host = _place(device), NetnsKey(device.netns.machine, "")
    argv = ("ip", "link", "set", "dev", AtRunTime("vf", pf, str(index)), "netns", device.netns.netns)
    back = ("ip", "link", "set", "dev", device.name, "netns", AtRunTime())
    look = Look(f"*: {device.name}[@:]*", ("ip", "-N", "-o", "link", "show", "group", str(making.mark.group)))
    undo = Inverse((*back, "name", _was(device, "name", f"{pf}v{index}")), look, device.netns)
    show = ("sh", "-c", 'ip link show dev "$0" | grep -w "vf $1"', pf, str(index))
    observation = Observation(f"virtual function {index} of {pf}", show, _seen(device))
    return Step((*argv, "name", device.name), undo, device.origin, host, Stage.LINK, observation=observation)


def _pair(word: str, value: object) -> tuple[str, ...]:
    return () if value is None else (word, str(value))


def _switch(value: bool | None) -> str | None:
    return None if value is None else "on" if value else "off"


def _settings(device: Device) -> list[tuple[str, ...]]:
    """Return what is set through the physical function, in ip-link(8)'s words and the order of sriov-cni."""
    found = [
        (*_pair("vlan", VLAN.of(device)), *_pair("qos", QOS.of(device)), *_pair("proto", PROTO.of(device))),
        _pair("mac", MAC.of(device)),
        (*_pair("max_tx_rate", MAX_RATE.of(device)), *_pair("min_tx_rate", MIN_RATE.of(device))),
        _pair("spoofchk", _switch(SPOOFCHK.of(device))),
        _pair("trust", _switch(TRUST.of(device))),
        _pair("state", LINK_STATE.of(device)),
    ]
    return [words for words in found if words]


#: What holds where nothing was noted: the state of a fresh virtual function.
_FRESH = {
    "vlan": "0",
    "qos": "0",
    "proto": "802.1Q",
    "mac": "00:00:00:00:00:00",
    "max_tx_rate": "0",
    "min_tx_rate": "0",
    "spoofchk": "on",
    "trust": "off",
    "state": "auto",
}


def _old(device: Device, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that set back what `words` set: a VLAN is set back as a whole."""
    whole = {"vlan": ("vlan", "qos", "proto"), "max_tx_rate": ("max_tx_rate", "min_tx_rate")}
    whole["min_tx_rate"] = whole["max_tx_rate"]
    return tuple(word for what in whole.get(words[0], (words[0],)) for word in (what, _was(device, what, _FRESH[what])))


def _seen(device: Device) -> tuple[str, ...]:
    """Return the words by which `ip link show` tells what is set through the physical function."""
    rates = {"max_tx_rate": MAX_RATE.of(device), "min_tx_rate": MIN_RATE.of(device)}
    found = (
        ("vlan", VLAN.of(device)),
        ("qos", QOS.of(device) or None),
        ("link/ether", MAC.of(device)),
        *((name, f"{value}Mbps" if value else None) for name, value in rates.items()),
        ("spoof checking", _switch(SPOOFCHK.of(device))),
        ("trust", _switch(TRUST.of(device))),
        ("link-state", LINK_STATE.of(device)),
    )
    return (f"vf {INDEX.of(device)}", *(f"{word} {value}" for word, value in found if value is not None))


KIND = VirtualFunction()

"""A bridge: an Ethernet switch in the kernel, on the host or in a namespace.

    bridge br0 10.0.0.1/24 { stp off }

Devices join it by naming it as their end (`-- br0:port`) or by `master br0`. It comes up after its ports, so that
what interfaces send when they start is not flooded to every port. Without `mac`, its MAC is worked out from the lab's
and the bridge's names: a bridge left to itself takes the lowest MAC of its ports, and changes it as ports come and go.

Source: bridge(8), ip-link(8) "BRIDGE Type Support", kernel Documentation/networking/bridge.rst.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from netc.kinds.base import Form, Kind, Making
from netc.plan.mark import mac_of
from netc.plan.step import Absorbed, Note, Restore, Stage, Step
from netc.topology.options import Option, one, several
from netc.topology.values import number, prefix, switch

if TYPE_CHECKING:
    from netc.syntax.tree import Word
    from netc.topology.model import Device, IPNetwork

SUBNET: Option[tuple[tuple[IPNetwork, Word], ...]] = Option(
    "subnet",
    several(prefix),
    "PREFIX...",
    "The subnets of the bridge's segment: addresses are checked against them, and `auto` takes from them.",
    "none",
)
STP: Option[bool] = Option("stp", one(switch), "on|off", "Spanning tree protocol: finds loops and blocks ports.", "off")
NF_CALL: Option[bool] = Option(
    "nf-call",
    one(switch),
    "on|off",
    "Whether bridged packets pass the hooks of iptables and nftables. `off` writes 0 to the namespace's "
    "net.bridge.bridge-nf-call-*, where br_netfilter is loaded (without it nothing is filtered); these hold for every "
    "bridge of the namespace. `on` switches this bridge alone.",
)
_NUMBERS: tuple[tuple[Option[int], str, int], ...] = tuple(
    (Option(name, one(number(low, high)), "N", doc, default), word, factor)
    for name, word, factor, low, high, doc, default in (
        (
            "forward-delay",
            "forward_delay",
            100,
            2,
            30,
            "Seconds that a port listens, and then learns, before it forwards.",
            "15",
        ),
        ("hello-time", "hello_time", 100, 1, 10, "Seconds between STP hello packets.", "2"),
        ("max-age", "max_age", 100, 6, 40, "Seconds after which a silent root bridge counts as gone.", "20"),
        (
            "ageing-time",
            "ageing_time",
            100,
            0,
            1_000_000,
            "Seconds that the FDB keeps a MAC address unseen.",
            "300",
        ),
        ("priority", "priority", 1, 0, 65535, "STP bridge priority: the lowest becomes the root.", "32768"),
    )
)
_SNOOPING: Option[bool] = Option(
    "mcast-snooping", one(switch), "on|off", "Sends multicast only to ports that asked for it.", "on"
)
_NF_KEYS = ("iptables", "ip6tables", "arptables")


class Bridge(Kind):
    """The kind `bridge`."""

    name = "bridge"
    form = Form.DEVICE
    modelled = True
    options = (SUBNET, STP, NF_CALL, *(option for option, _, _ in _NUMBERS), _SNOOPING)
    can_have_ports = True
    up_last = True

    def default_mac(self, device: Device, making: Making) -> str:
        """Return a MAC that stays: see the page."""
        return mac_of(making.mark.lab, device.key.label)

    def type_words(self, device: Device, making: Making) -> tuple[str, ...]:
        """Return the bridge's own attributes."""
        words = ["bridge"]
        if (stp := STP.of(device)) is not None:
            words += ["stp_state", str(int(stp))]
        for option, word, factor in _NUMBERS:
            if (value := option.of(device)) is not None:
                words += [word, str(value * factor)]
        if (snooping := _SNOOPING.of(device)) is not None:
            words += ["mcast_snooping", str(int(snooping))]
        if NF_CALL.of(device):
            words += [word for key in _NF_KEYS for word in (f"nf_call_{key}", "1")]
        return tuple(words)

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the bridge's steps, and the sysctls of `nf-call off`."""
        yield from super().steps(device, making)
        if NF_CALL.of(device) is not False:
            return
        names = [f"net.bridge.bridge-nf-call-{key}" for key in _NF_KEYS]
        # -e: no such key means that br_netfilter is not loaded, and then nothing is filtered.
        argv = ("sysctl", "-e", "-qw", *(f"{name}=0" for name in names))
        undo = Absorbed(f"netns {device.netns.label}")
        step = Step(argv, undo, device.origin, device.netns, Stage.LINK)
        if device.netns.is_root:
            note = Note("0", tuple("/proc/sys/" + name.replace(".", "/") for name in names))
            step = replace(step, undo=Restore(), notes=(note,))
        yield step


KIND = Bridge()

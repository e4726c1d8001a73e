"""A tunnel of IPv6 packets in IPv4 packets; of others, too, where `mode` says so.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    sit a:t0 fd09::1/64 -- b:t0 fd09::2/64 { ttl 64 }

A device with `6rd-prefix` needs no `remote`: it works each far end out from the IPv4 address that is in the IPv6 one.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    in a { sit rd0 2001:db8:a00:1::1/32 { local 10.0.0.1; 6rd-prefix 2001:db8::/32 } }
    in b { sit rd0 2001:db8:a00:2::1/32 { local 10.0.0.2; 6rd-prefix 2001:db8::/32 } }

Source: ip-link(8) "GRE, IPIP, SIT Type Support", RFC 4213; ISATAP: RFC 5214; 6rd: ip-tunnel(8), RFC 5969.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from netc.kinds.attributes import flag, of_link, one_of, shown, value
from netc.kinds.tunnel import EXTERNAL, OUTER4, Tunnel4
from netc.plan.step import Need, Step
from netc.syntax.tree import Word
from netc.topology.model import Device, IPNetwork, Setting
from netc.topology.values import bad_value, prefix, spelled

if TYPE_CHECKING:
    from netc.kinds.base import Making

MODE = of_link(
    shown(
        one_of("mode", ("ip6ip", "ipip", "mplsip", "any"), "What is carried: IPv6, IPv4, MPLS or all of them.", "any"),
        lambda given: (given,),
    )
)


def _prefix(version: int) -> Callable[[Word], str]:
    def read(word: Word) -> str:
        found: IPNetwork = prefix(word)
        if found.version != version:
            raise bad_value(word.span, f"{word.text} is no IPv{version} prefix")
        return spelled(found)

    return read


_SIXRD = value(
    "6rd-prefix", _prefix(6), "PREFIX", "IPv6 addresses below it hold the IPv4 address of their end.", "2002::/16"
)
_RELAY = value(
    "6rd-relay-prefix",
    _prefix(4),
    "PREFIX",
    "The bits that all those IPv4 addresses have in common, which the IPv6 ones leave out.",
    "0.0.0.0/0",
    "6rd-relay_prefix",
)
_MOST = 64  # bits: kernel net/ipv6/sit.c, ipip6_tunnel_update_6rd


class Sit(Tunnel4):
    """The kind `sit`."""

    name = "sit"
    modelled = True
    attributes = (
        *(attribute for attribute in OUTER4 if attribute is not EXTERNAL),  # the kernel's sit knows no such mode
        *MODE,
        flag("isatap", "Finds the far ends by ISATAP, without `remote`.", "off"),
        _SIXRD,
        _RELAY,
    )

    def _sends(self, device: Device) -> set[int]:
        """Return both: the mode counts where packets come in, and what is in IPv4 an IPIP tunnel may take as well.

        kernel net/ipv6/sit.c, sit_tunnel_xmit and sit_tunnel_rcv; seen on kernel 6.1.
        """
        return {4, 6}

    def creation(self, device: Device, making: Making) -> Step:
        """Return the step that makes the device, with what the kernel must know for it."""
        return replace(super().creation(device, making), needs=tuple(_needs(device)))

    def clashing(self, settings: Mapping[str, Setting]) -> Iterator[tuple[str, str, str]]:
        """Yield what of 6rd does not go together."""
        sixrd, relay = (settings.get(one.option.name) for one in (_SIXRD, _RELAY))
        common = 0 if relay is None else int(relay.value.partition("/")[2])
        if sixrd is None and relay is not None:
            yield _RELAY.option.name, "`6rd-relay-prefix` means nothing without `6rd-prefix`", "write `6rd-prefix`"
        elif sixrd is not None and (bits := int(sixrd.value.partition("/")[2]) + 32 - common) > _MOST:
            message = f"prefix and IPv4 address are {bits} bits together, and the kernel takes {_MOST}"
            yield _SIXRD.option.name, message, "write a shorter prefix, or a longer `6rd-relay-prefix`"


def _needs(device: Device) -> Iterator[Need]:
    """Yield what preflight tries: a kernel without CONFIG_IPV6_SIT_6RD passes over the word."""
    if _SIXRD.option.of(device) is not None:
        script = "ip link add name probe type sit remote 192.0.2.1 6rd-prefix 2001:db8::/32 && "
        script += "ip -d link show probe | grep -q 6rd-prefix"
        yield Need(("unshare", "--net", "sh", "-c", script), "this kernel's sit knows no 6rd", device.origin)


KIND = Sit()

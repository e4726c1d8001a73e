"""Options that every device takes, whatever its kind."""

from __future__ import annotations

from typing import Any

from netc.kinds.link import LINK
from netc.topology.options import Option, one
from netc.topology.values import mac, number, switch, text

MTU: Option[int] = Option(
    "mtu",
    one(number(68, 65535, "an MTU")),
    "BYTES",
    "The largest packet that the device takes, in bytes, without the link header (ip-link(8)). Said at one end of a "
    "link, it holds for both.",
    "1500",
    of_link=True,
)
MAC: Option[str] = Option(
    "mac",
    one(mac),
    "MAC",
    "The device's MAC address, given when it is made (ip-link(8), `address`).",
    "the kernel's choice",
)
MASTER: Option[str] = Option(
    "master",
    one(text),
    "DEVICE",
    "The bridge, bond or VRF of the same namespace that the device belongs to (ip-link(8)).",
    "none",
)


def _sysctl(name: str, family: str, doc: str, most: int = 1, directory: str = "conf", key: str = "") -> Option[Any]:
    path = ("net", family, directory, "*", key or name.replace("-", "_"))
    parse = one(switch) if most == 1 else one(number(0, most))
    form = "on|off" if most == 1 else f"0..{most}"
    return Option(name, parse, form, f"{doc} Sysctl `{'.'.join(path).replace('*', 'DEVICE')}`.", kernel=path)


#: kernel: Documentation/networking/ip-sysctl.rst
SYSCTLS: tuple[Option[Any], ...] = (
    _sysctl(
        "proxy-arp",
        "ipv4",
        "Answers ARP requests for addresses that it has a route to through another device.",
    ),
    _sysctl(
        "proxy-arp-pvlan",
        "ipv4",
        "Answers ARP requests also for addresses behind the device that they came in by.",
    ),
    _sysctl(
        "proxy-delay",
        "ipv4",
        "Longest wait before a proxy ARP answer, in hundredths of a second.",
        6000,
        "neigh",
    ),
    _sysctl(
        "rp-filter",
        "ipv4",
        "Source validation: 0 none, 1 strict, 2 loose; the larger of this and `all` holds.",
        2,
    ),
    _sysctl(
        "forwarding",
        "ipv4",
        "Forwards IPv4 packets that come in by this device (IPv6 knows it only per namespace: `forward ipv6`).",
    ),
    _sysctl("accept-local", "ipv4", "Takes packets whose source is an address of this namespace."),
    _sysctl("route-localnet", "ipv4", "Routes 127/8 on this device."),
    _sysctl("send-redirects", "ipv4", "Tells hosts of a better first hop."),
    _sysctl(
        "arp-ignore",
        "ipv4",
        "Which ARP requests are answered: 0 for any local address, 1 for this device's own, up to 8.",
        8,
    ),
    _sysctl(
        "arp-announce",
        "ipv4",
        "Which source address ARP requests carry: 0 any, 1 of the target's subnet, 2 the best local one.",
        2,
    ),
    _sysctl("arp-filter", "ipv4", "Answers ARP only for addresses that this namespace would route by this device."),
    _sysctl("arp-notify", "ipv4", "Announces the device's addresses when it comes up."),
    _sysctl("accept-ra", "ipv6", "Takes router advertisements: 0 never, 1 unless forwarding, 2 always.", 2),
    _sysctl(
        "accept-dad",
        "ipv6",
        "Duplicate address detection: 0 off, 1 on, 2 on and IPv6 off for a duplicate link-local.",
        2,
    ),
    _sysctl("autoconf", "ipv6", "Makes addresses from prefixes that a router advertises."),
    _sysctl("disable-ipv6", "ipv6", "No IPv6 on the device, link-local addresses included."),
    _sysctl("proxy-ndp", "ipv6", "Answers neighbour solicitations for the addresses of `neigh proxy`."),
    _sysctl("ndisc-notify", "ipv6", "Announces the device's IPv6 addresses when it comes up."),
    _sysctl(
        "addr-gen-mode",
        "ipv6",
        "How the link-local address is made: 0 from the MAC, 1 none, 2 stable, 3 random.",
        3,
    ),
)

COMMON: tuple[Option[Any], ...] = (MTU, MAC, MASTER, *LINK, *SYSCTLS)

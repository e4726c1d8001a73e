"""Words that people know from other tools, and what netc calls the same thing."""

from __future__ import annotations

_STATEMENTS = {
    "interface": "say the kind of device: `veth`, `dummy`, `bridge`; one that the host has already is an `uplink`",
    "iface": "say the kind of device: `veth`, `dummy`, `bridge`; one that the host has already is an `uplink`",
    "nic": "a device that the host has already is an `uplink`",
    "dev": "say the kind of device: `veth`, `dummy`, `bridge`",
    "device": "say the kind of device: `veth`, `dummy`, `bridge`",
    "link": "say the kind of link: `veth a -- b`",
    "connect": "a link is `veth a -- b`",
    "cable": "a link is `veth a -- b`",
    "switch": "a switch is a `bridge`",
    "hub": "a hub is a `bridge`",
    "br": "write `bridge`",
    "router": "a router is a namespace that forwards: `netns r { forward ipv4 }`",
    "node": "write `netns`",
    "ns": "write `netns`",
    "namespace": "write `netns`",
    "network": "a network is a `bridge` with a `subnet`",
    "subnet": "`subnet` is an option of a bridge or a link: `bridge br0 { subnet 10.0.0.0/24 }`",
    "ip": "leave out `ip`: `address lo 10.0.0.1/32`, `route default via 10.0.0.1`, `rule pref 100 ...`",
    "addr": "write `address`",
    "gateway": "write `route default via GATEWAY`",
    "gw": "write `route default via GATEWAY`",
    "default": "write `route default via GATEWAY`",
    "ping": "write `expect a -> b`",
    "test": "write `expect a -> b`",
    "assert": "write `expect a -> b`",
    "run": "write `exec`",
    "cmd": "write `exec`",
    "set": "a value is `let NAME = VALUE`, a kernel parameter `sysctl KEY = VALUE`",
    "var": "write `let NAME = VALUE`",
    "import": 'write `include "FILE"`',
    "source": 'write `include "FILE"`',
    "foreach": "write `for NAME in FIRST..LAST { ... }`",
    "macro": "write `template NAME(PARAMETER, ...) { ... }`",
    "call": "write `use NAME(ARGUMENT, ...)`",
    "mtu": "`mtu` is an option: `veth a { mtu 1400 } -- b`",
    "up": "leave it out: every device is up",
}


def habit(keyword: str) -> str:
    """Return what to write for a word that another tool has in this place, or ""."""
    return _STATEMENTS.get(keyword.lower(), "")

"""A device of the lab takes a name on the host that others use.

## What it does
Looks at the devices that the lab makes on the host itself, not inside its namespaces, for names
- that well-known software gives to its own devices: docker0, cni0, flannel.1, cilium_host, virbr0, lxcbr0, podman0,
  ...;
- that the kernel makes by itself with a module: tunl0, gre0, sit0, bond0, ifb0, dummy0, ...;
- of the patterns of network cards: eth0, enp1s0, ens3, eno1, wlan0, wlp2s0.

Devices that a `network` makes have the names that its software gives them on purpose, and are passed over.

It is a warning and not an error, since it depends on the host: where none of these is there, the lab works. Names of
the patterns are compared as a whole, so that br0 or veth1 are not taken for any of them.

## What happens at run time
Where the name is taken, up.sh says so and changes nothing; `ip link add` would end in `RTNETLINK answers: File
exists`. Where the lab comes first, the others find a device of their name, and use it, reconfigure it or fail: podman
issue #12306, cilium issue #8990. Patterns of network cards: systemd.net-naming-scheme(7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.names import name_span
from netc.diagnostics import Finding, Severity
from netc.topology.model import Device, Made, Topology

BAD = """
bridge docker0 10.0.0.1/24
netns ns1 { veth eth0 10.0.0.2/24 -- docker0 }
expect ns1 -> host
"""
GOOD = """
bridge br0 10.0.0.1/24
netns ns1 { veth eth0 10.0.0.2/24 -- br0 }
expect ns1 -> host
"""
_OWNERS = {
    "docker0": "docker",
    "docker_gwbridge": "docker",
    "cni0": "Kubernetes (the CNI bridge plugin)",
    "cbr0": "Kubernetes (kubenet)",
    "kube-bridge": "Kubernetes (kube-router)",
    "kube-ipvs0": "Kubernetes (kube-proxy)",
    "nodelocaldns": "Kubernetes (its DNS cache)",
    "vxlan.calico": "calico",
    "cilium_host": "cilium",
    "cilium_net": "cilium",
    "cilium_vxlan": "cilium",
    "podman0": "podman",
    "nerdctl0": "nerdctl",
    "weave": "weave",
    "lxcbr0": "LXC",
    "lxdbr0": "LXD",
    "incusbr0": "Incus",
    "ovs-system": "Open vSwitch",
    "br-int": "Open vSwitch",
    "tailscale0": "tailscale",
}
_OWNERS |= dict.fromkeys(("tunl0", "gre0", "gretap0", "erspan0", "sit0", "ip6tnl0", "ip6gre0"), "the kernel's tunnels")
_OWNERS |= dict.fromkeys(("ip_vti0", "ip6_vti0"), "the kernel's tunnels")
_OWNERS |= dict.fromkeys(("bond0", "dummy0", "ifb0", "ifb1", "teql0"), "a kernel module of that name")
_PATTERNS = (
    (re.compile(r"flannel(\.[0-9]+|-v6\.[0-9]+)"), "flannel"),
    (re.compile(r"virbr[0-9]+(-nic)?"), "libvirt"),
    (re.compile(r"(eth|wlan|wwan)[0-9]+"), "network cards"),
    (re.compile(r"(en|wl|ww|ib)(o[0-9]+|x[0-9a-f]{12}|(P[0-9]+)?(p[0-9]+)?s[0-9]+([fnd][a-z0-9]+)*)"), "network cards"),
)


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for device in topology.devices.values():
        owner = _owner(device)
        if owner is None or any(frame.expanded for frame in device.span.frames):
            continue
        yield check.find(
            name_span(topology, device),
            f"the lab makes a device {device.name} on the host, which is a name of {owner}",
            effect="where the name is taken, the lab does not come up; where the lab is first, the other finds it",
            help=f"choose a name of the lab's own, such as `lab-{device.name}`"
            if len(device.name) <= 11
            else "choose a name of the lab's own",
        )


def _owner(device: Device) -> str | None:
    if not device.netns.is_root or device.made not in {Made.LAB, Made.PEER}:
        return None
    if device.name in _OWNERS:
        return _OWNERS[device.name]
    return next((owner for pattern, owner in _PATTERNS if pattern.fullmatch(device.name)), None)


CHECK = Check("N107", "foreign-name", Severity.WARNING, _run, BAD, GOOD)

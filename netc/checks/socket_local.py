"""A port is bound to an address that its namespace does not have

## What it does
Looks for `local` of every `l2tp` device and every `fou` among the addresses of the namespace, as the kernel does when
it opens the socket: an address of a VRF's member is the VRF's alone, and there only for a `fou` with `dev`. The host is
left out, since it has addresses that the lab does not know, and so is a namespace in which `exec` runs a program that
could add some.

## What happens at run time
`RTNETLINK answers: Cannot assign requested address`, and up.sh undoes what it did (kernel net/ipv4/af_inet.c,
__inet_bind; net/l2tp/l2tp_ip.c, l2tp_ip_bind; net/ipv6/addrconf.c, ipv6_chk_addr).
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity, did_you_mean
from netc.kinds import kinds
from netc.kinds.overlay import Overlay, ends_of
from netc.parts.fou import FouPort
from netc.reach.net import net_of
from netc.source import Span
from netc.topology.model import DeviceKey, IPAddress, NetnsKey, Topology

BAD = """
netns a { vrf red { table 10 } }
netns b
veth a:eth0 10.0.0.1/24 { master red } -- b:eth0 10.0.0.2/24
l2tp a:l0 10.8.0.1/24 { local 10.0.0.1 } -- b:l0 10.8.0.2/24 { tunnel-id 1; session-id 1; local 10.0.0.2 }
"""
GOOD = BAD.replace("{ vrf red { table 10 } }", "").replace("{ master red } ", "")


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    net = net_of(topology)
    for netns, device, local, span, takes_dev in _bound(topology):
        if netns.is_root or netns in net.unsettled or net.is_local(device or DeviceKey(netns, "lo"), local):
            continue
        holder = next((one.key for one in net.holders.get(local, ()) if one.key.netns == netns), None)
        vrf = None if holder is None else net.vrf_of(holder)
        own = [str(address.ip) for address, _ in topology.addresses_of(netns) if address.ip != local]
        help = did_you_mean(str(local), own) or f"write an address that {netns.label} has"
        if vrf is not None and device is None:
            help = f"write `dev {vrf.name}` beside it" if takes_dev else "write one that no member of a VRF has"
        yield check.find(
            span,
            f"{netns.label} has no address {local}" + ("" if vrf is None else f" but in the VRF {vrf.name}"),
            effect="the kernel would refuse it (Cannot assign requested address), and up.sh would undo everything",
            help=help,
            stops=True,
        )


def _bound(topology: Topology) -> Iterator[tuple[NetnsKey, DeviceKey | None, IPAddress, Span, bool]]:
    """Yield namespace, device and address of each socket, where the address stands, and if a device can be said."""
    for device in topology.devices.values():
        kind = kinds()[device.kind]
        local = ends_of(topology, device)[0] if isinstance(kind, Overlay) and kind.binds else None
        if local is not None:
            setting = device.settings.get("local")
            yield device.netns, None, local, device.span if setting is None else setting.span, False
    for port in topology.parts_of(FouPort):
        if port.local is not None:
            yield port.netns, port.device, port.local, port.origin.span, True


CHECK = Check("N363", "socket-local", Severity.ERROR, _run, BAD, GOOD)

"""A port of a bridge has an IP address.

## What it does
Finds devices that belong to a bridge and have an address of their own.

## What happens at run time
What comes in by a port goes to the bridge, before any IP address is looked at (kernel net/bridge/br_input.c,
br_handle_frame). The address neither answers nor is of use to send from: its ARP requests go out, the replies come in
at the port and are given to the bridge. The address of a machine on its bridge belongs to the bridge itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.names import said_name
from netc.diagnostics import Finding, Label, Severity
from netc.topology.model import Topology

BAD = """
bridge br0
netns ns1 { veth eth0 10.0.0.2/24 -- br0:port1 10.0.0.1/24 }
"""
GOOD = """
bridge br0 10.0.0.1/24
netns ns1 { veth eth0 10.0.0.2/24 -- br0:port1 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    for device in topology.devices.values():
        if device.master is None or not device.addresses or topology.devices[device.master].kind != "bridge":
            continue
        bridge = said_name(topology, topology.devices[device.master])
        texts = " ".join(str(address.interface) for address in device.addresses)
        labels = [] if device.master_span is None else [Label(device.master_span, f"it is a port of {bridge}")]
        yield check.find(
            device.addresses[0].span,
            f"{device.key.label} is a port of {bridge} and has an address",
            labels=labels,
            effect="the address would be of no use in either direction: what comes in by a port goes to the bridge",
            help=f"give the address to the bridge: `bridge {bridge} {texts}`",
        )


CHECK = Check("N302", "port-with-ip", Severity.ERROR, _run, BAD, GOOD, comes_up=True)

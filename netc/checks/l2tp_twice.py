"""Two L2TP sessions, or two tunnels, cannot be told apart

## What it does
Compares the `l2tp` devices of each namespace: the numbers of the sessions of one tunnel, or of any where one is over
IP; and, of different tunnels over UDP, the outer address and `udp-sport`.

## What happens at run time
The kernel refuses the second. A session: `RTNETLINK answers: File exists` (kernel net/l2tp/l2tp_core.c,
l2tp_session_register: packets over IP carry no number but the session's). A tunnel: `Address already in use`, since
each is a socket that is bound to its address and port, whatever its far end. up.sh undoes what it did.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.layer2 import of_kind, option, option_span
from netc.diagnostics import Finding, Label, Severity
from netc.kinds.overlay import ends_of, number_of
from netc.topology.model import Device, Topology

BAD = """
netns a; netns b
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
l2tp a:l0 10.8.0.1/24 -- b:l0 10.8.0.2/24 { tunnel-id 1; session-id 1 }
l2tp a:l1 10.9.0.1/24 -- b:l1 10.9.0.2/24 { tunnel-id 2; session-id 2 }
"""
GOOD = """
netns a; netns b
veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
l2tp a:l0 10.8.0.1/24 -- b:l0 10.8.0.2/24 { tunnel-id 1; session-id 1 }
l2tp a:l1 10.9.0.1/24 -- b:l1 10.9.0.2/24 { tunnel-id 1; session-id 2 }
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    sessions: dict[tuple[object, ...], list[Device]] = {}
    sockets: dict[tuple[object, ...], Device] = {}
    for device in of_kind(topology, "l2tp"):
        number = number_of(device, "session-id")
        earlier = sessions.setdefault((device.netns, number), [])
        clash = next((one for one in earlier if _is_one_session(one, device)), None)
        earlier.append(device)
        if clash is not None:
            yield check.find(
                option_span(device, "session-id"),
                f"{device.netns.label} has a session {number} already, {clash.name}",
                effect="the kernel would refuse it (File exists), and up.sh would undo everything",
                help="write another `session-id`",
                labels=[Label(clash.span, "the first")],
            )
        if option(device, "encap") != "ip":
            tunnel, address = number_of(device, "tunnel-id"), _bound(topology, device)
            first = sockets.setdefault((device.netns, *address), device)
            other = number_of(first, "tunnel-id")
            if other != tunnel:
                yield check.find(
                    device.span,
                    f"tunnel {tunnel} sends from {address[0]} port {address[1]}, as tunnel {other} does",
                    effect="the kernel would refuse it (Address already in use), and up.sh would undo everything",
                    help=f"write another `udp-sport`, or `tunnel-id {other}` for one more session of it",
                    labels=[Label(first.span, "the first")],
                )


def _is_one_session(one: Device, other: Device) -> bool:
    """Whether two sessions with the same number are one to the kernel."""
    over_ip = "ip" in {option(one, "encap"), option(other, "encap")}
    return over_ip or number_of(one, "tunnel-id") == number_of(other, "tunnel-id")


def _bound(topology: Topology, device: Device) -> tuple[object, int]:
    """Return the address and the port that a tunnel's socket is bound to."""
    return ends_of(topology, device)[0], option(device, "udp-sport") or 1701


CHECK = Check("N361", "l2tp-twice", Severity.ERROR, _run, BAD, GOOD)

"""Two IPsec states of one namespace have the same destination, protocol and SPI.

## What it does
Compares the `ipsec state` statements of every namespace. The source does not count.

## What happens at run time
The second is refused: `RTNETLINK answers: File exists`. A packet that comes in is matched to its state by destination,
protocol and SPI alone, so that the kernel could not tell the two apart (RFC 4301, section 4.1; kernel
net/xfrm/xfrm_state.c, xfrm_state_add). up.sh undoes what it did.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.diagnostics import Finding, Label, Severity
from netc.parts.ipsec import State, value_of
from netc.topology.model import Topology

BAD = """
netns a {
  ipsec state src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x101 aead "rfc4106(gcm(aes))" auto 128
  ipsec state src 10.0.0.3 dst 10.0.0.1 proto esp spi 0x101 aead "rfc4106(gcm(aes))" auto 128
}
"""
GOOD = """
netns a {
  ipsec state src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x101 aead "rfc4106(gcm(aes))" auto 128
  ipsec state src 10.0.0.3 dst 10.0.0.1 proto esp spi 0x102 aead "rfc4106(gcm(aes))" auto 128
}
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], State] = {}
    for state in topology.parts_of(State):
        key = (state.netns, state.destination, state.protocol, state.spi, value_of(state.words, "mark"))
        earlier = seen.setdefault(key, state)
        if earlier is not state:
            yield check.find(
                state.origin.span,
                f"{state.netns.label} has a state to {state.destination} with SPI {state.spi:#x} already",
                effect="the kernel would refuse the second, and up.sh would undo everything",
                help="write another `spi`, here and at the other end",
                labels=[Label(earlier.origin.span, "the first")],
            )


CHECK = Check("N359", "spi-twice", Severity.ERROR, _run, BAD, GOOD)

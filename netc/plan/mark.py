"""The lab's mark: numbers worked out from its name, so that scripts agree without talking."""

from __future__ import annotations

from hashlib import sha256

from netc.plan.step import Mark

# Route protocol numbers that /etc/iproute2/rt_protos and the kernel's rtnetlink.h leave free.
_PROTOCOLS = [*range(100, 180), *range(200, 250)]


def mark_of(lab: str) -> Mark:
    """Return the mark of a lab by its full name.

    The link group (a 32-bit number, ip-link(8)) stays clear of the small ones that people give out by hand; the
    route protocol has only eight bits (ip-route(8), RTPROTO), so it marks a route together with the route's key.
    """
    digest = sha256(f"netc {lab}".encode()).digest()
    group = 100_000 + int.from_bytes(digest[:4], "big") % 2_000_000_000
    return Mark(lab, group, _PROTOCOLS[int.from_bytes(digest[4:8], "big") % len(_PROTOCOLS)])


def mac_of(lab: str, device: str) -> str:
    """Return a locally administered unicast MAC address for a device, the same on every run."""
    digest = sha256(f"{lab} {device}".encode()).digest()
    return ":".join(f"{byte:02x}" for byte in (0x02, *digest[:5]))

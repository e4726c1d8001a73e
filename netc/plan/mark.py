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


def handle_of(lab: str) -> str:
    """Return the handle of the queueing disciplines that a lab gives to devices that are not its own.

    tc(8) writes it in hexadecimal, with a colon. The kernel gives out numbers from 8000 by itself
    (net/sched/sch_api.c, qdisc_alloc_handle), people small ones.
    """
    return f"{0x1000 + _number('handle', lab) % 0x6000:x}:"


def block_of(lab: str, device: str, hook: str) -> str:
    """Return the index of the filter block at a hook of a device that is not the lab's own (tc(8), `ingress_block`)."""
    return str(100_000 + _number("block", lab, device, hook) % 2_000_000_000)


def _number(*words: str) -> int:
    return int.from_bytes(sha256(" ".join(words).encode()).digest()[:4], "big")


def mac_of(lab: str, device: str) -> str:
    """Return a locally administered unicast MAC address for a device, the same on every run."""
    digest = sha256(f"{lab} {device}".encode()).digest()
    return ":".join(f"{byte:02x}" for byte in (0x02, *digest[:5]))

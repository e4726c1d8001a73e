"""Expectations to the lines of verify.sh."""

from __future__ import annotations

import math
from collections.abc import Iterator

from netc.plan.step import Plan, Probe
from netc.render.quote import command, one_line, quote
from netc.topology.model import Expected

# Octets of IP and ICMP echo header before the payload that `ping -s` counts: RFC 791, 792, 8200, 4443.
_HEADERS = {4: 28, 6: 48}


def verify_lines(plan: Plan) -> list[str]:
    """Return the lines of verify.sh that test a plan's expectations."""
    return [line for probe in plan.probes for line in _lines(probe)]


def _lines(probe: Probe) -> Iterator[str]:
    expectation = probe.expectation
    if expectation.expected is Expected.UNANSWERED:
        yield f"unanswered {_what(probe, '')} {_ping(probe, *_silent(probe))}"
        return
    ttl = "" if expectation.ttl is None else f"ttl={expectation.ttl} "
    text = "" if expectation.ttl is None else f"ttl {expectation.ttl}"
    yield f"answered {_what(probe, text)} {quote(ttl or 'ttl=')} {_ping(probe, *_heard(probe))}"
    if expectation.mtu is not None:
        fits = str(expectation.mtu - _HEADERS[probe.family])
        more = str(expectation.mtu + 1 - _HEADERS[probe.family])
        passes = _what(probe, f"mtu {expectation.mtu}: {expectation.mtu} bytes pass")
        stops = _what(probe, f"mtu {expectation.mtu}: {expectation.mtu + 1} bytes do not")
        yield f"answered {passes} ttl= {_ping(probe, *_heard(probe), '-M', 'do', '-s', fits)}"
        yield f"unanswered {stops} {_ping(probe, *_silent(probe), '-M', 'do', '-s', more)}"
    if expectation.via is not None and expectation.via.machine == probe.source.machine:  # else out of reach here
        what = _what(probe, f"via {expectation.via.label}")
        count = _MANY if probe.arriving >= 1 else min(20 * _MANY, math.ceil(2 * _MANY / max(probe.arriving, 0.1)))
        words = ("-c", str(count), "-i", "0.02", "-W", str(probe.wait))
        yield f"through {what} {quote(expectation.via.netns)} {_ping(probe, *words)}"


#: How many packets `through` wants to see: of pings that may get lost, more are sent.
_MANY = 20
#: How often `answered` runs a ping that is not answered, at most; more often where packets get lost.
_TRIES = 5
_PACE = 0.2


def tries(plan: Plan) -> int:
    """Return how often verify.sh runs a ping that is not answered.

    Where packets get lost, so do the questions for a neighbour, and of these the kernel sends but one a second, however
    many pings wait for the answer (arp(7), retrans_time_ms).
    """
    return max((_tries(probe) for probe in plan.probes), default=_TRIES)


def _tries(probe: Probe) -> int:
    seconds = _PACE * (_packets(probe) - 1) + probe.wait
    return max(_TRIES, math.ceil(probe.attempts / seconds))


def _packets(probe: Probe) -> int:
    return math.ceil(probe.attempts / _TRIES)


def _heard(probe: Probe) -> tuple[str, ...]:
    """Return ping's words where an answer is expected: one packet, or so many that one of them comes through.

    ping(8) ends well if it gets one answer at all.
    """
    count = _packets(probe)
    pace = ("-i", str(_PACE)) if count > 1 else ()
    return ("-c", str(count), *pace, "-W", str(probe.wait))


def _silent(probe: Probe) -> tuple[str, ...]:
    """Return ping's words where no answer is expected: so many packets that not all are lost by mere chance."""
    return ("-c", str(max(2, probe.attempts)), "-i", str(_PACE), "-W", str(probe.wait))


def _ping(probe: Probe, *words: str) -> str:
    source = () if probe.interface is None else ("-I", probe.interface)
    return command(("ping", "-n", *words, *source, str(probe.target)), probe.source)


def _what(probe: Probe, text: str) -> str:
    expectation = probe.expectation
    place = expectation.origin.span.place
    target = expectation.target.text
    shown = target if target == str(probe.target) else f"{target} ({probe.target})"
    ends = f"{expectation.source.text} {expectation.expected} {shown} {text}"
    return quote(one_line(f"{place}  {ends}"))

"""Which programs of a lab leave its namespaces as they are."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netc.topology.model import Process

#: Commands that leave a namespace's devices, routes and switches alone; any other may be a daemon of theirs.
_HARMLESS = frozenset(
    {"ping", "sleep", "iperf", "iperf3", "nc", "ncat", "socat", "curl", "tcpdump", "dnsmasq", "nginx"}
)


def is_harmless(process: Process) -> bool:
    """Whether a program changes nothing of how its namespace's packets go."""
    name = posixpath.basename(process.argv[0])
    return name in _HARMLESS or process.argv[1:3] == ("-m", "http.server")

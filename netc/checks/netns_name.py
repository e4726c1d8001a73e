"""The name of a namespace or host is no good name for a file, or not a safe one.

## What it does
Holds the name of every namespace, with the lab's name prefix, and of every host, against what device names are held
against: ASCII letters, digits, `_`, `.` and `-`, the first of them a letter or digit; at most 255 bytes.

## What happens at run time
A namespace's name is a file's name below /run/netns (ip-netns(8)). `ip netns add` refuses `a/b`, `.`, `..` and names
of more than 255 bytes: `Invalid netns name`. It takes `a b` and `x;reboot`, and every script that splits the output
of `ip netns list` by blanks then reads two names, or a command. A host's name is that of the folder that its scripts
are written to.
"""

from __future__ import annotations

from collections.abc import Iterator

from netc.checks.base import Check
from netc.checks.names import ALLOWED, ALLOWED_TEXT, LONGEST_FILE, visible
from netc.diagnostics import Finding, Severity
from netc.topology.model import Netns, Topology

BAD = """
netns "web server" { veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""
GOOD = """
netns web-server { veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }
netns ns2
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    prefix = topology.lab.prefix
    for netns in topology.netnses.values():
        name = netns.key.netns
        if netns.key.is_root:
            if not ALLOWED.fullmatch(netns.key.machine) or len(netns.key.machine) > LONGEST_FILE:
                yield _machine(check, netns)
            continue
        # A bad prefix is one finding of the lab (N106), not one of every namespace.
        said = name.removeprefix(prefix)
        if not ALLOWED.fullmatch(said) and not (prefix and ALLOWED.fullmatch(prefix + said) and said):
            message = f"`{visible(said)}` is no safe name for a namespace" if said else "the namespace's name is empty"
            help = f"use a name that holds only {ALLOWED_TEXT}"
        elif len(name) > LONGEST_FILE:
            message, help = f"the namespace's name is {len(name)} bytes long", f"use at most {LONGEST_FILE}"
        else:
            continue
        yield check.find(netns.span, message, effect=_effect(name), help=help)


def _effect(name: str) -> str:
    """Return what would come of a bad name, the lab's prefix included."""
    if name in {"", ".", ".."} or "/" in name or len(name) > LONGEST_FILE:
        return "`ip netns add` would refuse it: Invalid netns name"
    if len(words := name.split()) > 1 and all(word.isprintable() for word in words):
        shown = [f"`{visible(word)}`" for word in words[:4]]
        more = ", ..." if len(words) > 4 else ""
        return f"scripts that list namespaces would read {len(words)} names: {', '.join(shown)}{more}"
    return "scripts that list namespaces would read it as something else"


def _machine(check: Check, netns: Netns) -> Finding:
    name = netns.key.machine
    return check.find(
        netns.span,
        f"`{visible(name)}` is no safe name for a host",
        effect="its scripts could not be put into a folder of this name, or into one outside the others'",
        help=f"use a name that holds only {ALLOWED_TEXT}, of at most {LONGEST_FILE} bytes",
    )


CHECK = Check("N108", "netns-name", Severity.ERROR, _run, BAD, GOOD)

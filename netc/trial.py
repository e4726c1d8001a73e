"""`netc try`: brings a lab up in namespaces of its own, tests it, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from netc.plan.step import Plan
from netc.render.quote import command

#: Ways into a throw-away host, the tightest first: with a process namespace even a killed try leaves nothing.
_WAYS = (
    ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
    ("unshare", "--net", "--mount"),
)
_PRIVATE = ("--propagation", "private")


class NoTrial(Exception):
    """The machine does not let its user make namespaces; the text says what is missing."""


def run_trial(plan: Plan, scripts: Mapping[str, str], *, shell: bool, verbose: bool, cwd: Path | None = None) -> int:
    """Bring the lab up in a throw-away user (unless root), network and mount namespace, and test it.

    The scripts run in `cwd`, from which they find the files that the lab names by relative names.
    Returns 0 if it came up, every expectation held and it went down; raises NoTrial.
    """
    way = _way()
    with tempfile.TemporaryDirectory(prefix="netc-") as folder:
        for name, text in (*scripts.items(), ("host.sh", _host(plan, shell, verbose))):
            Path(folder, name).write_text(text, encoding="utf-8")
        return subprocess.run([*way, "bash", f"{folder}/host.sh", folder], cwd=cwd, check=False).returncode


def _way() -> Sequence[str]:
    if shutil.which("unshare") is None:
        raise NoTrial("the command unshare (Debian: util-linux) is not installed")
    if shutil.which("ip") is None:
        raise NoTrial("the command ip (Debian: iproute2) is not installed")
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    problem = ""
    for first, *rest in _WAYS:
        way = (first, *user, *rest, *_PRIVATE)
        test = subprocess.run([*way, "true"], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if test.returncode == 0:
            return way
        problem = problem or test.stderr.strip()
    hint = "" if os.geteuid() == 0 else "; unprivileged user namespaces may be switched off here: run it as root"
    raise NoTrial(f"this machine does not let you make namespaces: {problem}{hint}")


def _host(plan: Plan, shell: bool, verbose: bool) -> str:
    """Return the script that runs inside: a fresh host, stand-ins for the uplinks, then the lab's own scripts."""
    quiet = "" if verbose else " -q"
    lines = ["set -u", "mount -t tmpfs tmpfs /run", "ip link set dev lo up", "trap : INT"]
    for index, uplink in enumerate(plan.uplinks):
        lines.append(
            command(("ip", "link", "add", "name", uplink.name, "type", "veth", "peer", "name", f"far-end{index}"))
        )
        lines += [command(("ip", "addr", "add", address, "dev", uplink.name)) for address in uplink.addresses]
        up = [f"far-end{index}", *([] if uplink.moved else [uplink.name])]
        lines += [command(("ip", "link", "set", "dev", name, "up")) for name in up]
    lines.append(f'bash "$1/up.sh"{quiet} || exit 1')
    lines.append('bash "$1/verify.sh"; status=$?')
    if shell:
        prompt = command((f"{plan.lab.name}# ",))
        lines.append("echo 'a shell on the host of the lab: `ip netns exec NETNS COMMAND`; `exit` ends it all' >&2")
        lines.append(f"PS1={prompt} bash --norc")
    lines.append(f'bash "$1/down.sh"{quiet} || status=1')
    lines.append("exit $status")
    return "\n".join(lines) + "\n"

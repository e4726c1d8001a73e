"""A throw-away host to run scripts in: nothing of it is left when it closes, whatever the scripts did."""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ParamSpec, TypeVar

from tests.kernel.state import State, snapshot, snapshot_inside

ROOT = Path(__file__).resolve().parents[2]
BASH = "/bin/bash"
#: An ordinary user's PATH may lack what root's has.
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
P = ParamSpec("P")
T = TypeVar("T")


def unshare(net: bool = True) -> list[str]:
    """Return the command that enters a new host; an ordinary user becomes root of a user namespace of its own."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    own = [*user, *(["--net"] if net else [])]
    return ["unshare", *own, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


@lru_cache(maxsize=1)
def missing() -> str | None:
    """Return what keeps throw-away hosts from working here; None if nothing does."""
    script = (
        "mount -t tmpfs tmpfs /run && ip link set dev lo up && ip netns add probe && sysctl -qw net.ipv4.ip_forward=1"
    )
    try:
        argv, env = [*unshare(), "sh", "-ec", script], {**os.environ, "PATH": PATH}
        ran = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    except FileNotFoundError as problem:
        return f"no {problem.filename}"
    if ran.returncode == 0:
        return None
    return f"`{' '.join(unshare())}` and a tmpfs, a namespace and a sysctl in it: {ran.stderr.strip()}"


@dataclass(frozen=True)
class Ran:
    """How a command ended: its exit status as a shell tells it, and what it wrote."""

    status: int
    out: str
    err: str

    def __str__(self) -> str:
        """Return it as an assertion shows it."""
        return f"exit status {self.status}\n--- stdout\n{self.out}--- stderr\n{self.err}---"


#: Seconds that a command may take. It is far from what any takes, even in an emulated machine on a busy host.
LIMIT = 300.0


@dataclass(frozen=True)
class Job:
    """A command to run."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None


def run_jobs(jobs: tuple[Job, ...], timeout: float) -> list[Ran]:
    """Run commands at the same time, each a process group of its own. Those not done in time are killed (status 124).

    Their output goes to files, since what a script leaves running holds on to it.
    """
    with ExitStack() as files:
        started = []
        for job in jobs:
            out, err = (files.enter_context(tempfile.TemporaryFile()) for _ in range(2))
            env = {**os.environ, **job.env}
            process = subprocess.Popen(job.argv, env=env, cwd=job.cwd, stdout=out, stderr=err, start_new_session=True)
            started.append((process, out, err))
        deadline = time.monotonic() + timeout
        return [Ran(_wait(process, deadline), _text(out), _text(err)) for process, out, err in started]


def _wait(process: subprocess.Popen[bytes], deadline: float) -> int:
    """Return a process's exit status. It sleeps till then: looking costs an emulated machine much."""
    ended = os.pidfd_open(process.pid)
    try:
        select.select([ended], [], [], max(0.0, deadline - time.monotonic()))
    finally:
        os.close(ended)
    if (status := process.poll()) is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        status = 124
    return status if status >= 0 else 128 - status


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


class World:
    """One throw-away host. Functions called through `call` run inside, as its root.

    Without `net` it has the network of who starts it: for hardware, which is in a machine's first namespace alone.
    """

    def __init__(self, net: bool = True) -> None:
        self._agent = subprocess.Popen(
            [*unshare(net), sys.executable, "-m", "tests.kernel.agent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PATH": PATH},
        )
        self._answer()

    def __enter__(self) -> World:
        """Return the host itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.close()

    def close(self) -> None:
        """End the host, and every process and namespace in it."""
        for pipe in (self._agent.stdin, self._agent.stdout):
            assert pipe is not None
            pipe.close()
        self._agent.kill()
        self._agent.wait()

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function of an importable module inside the host."""
        assert self._agent.stdin is not None
        pickle.dump((function, args, kwargs), self._agent.stdin)
        self._agent.stdin.flush()
        result: T = self._answer()
        return result

    def _answer(self) -> Any:
        assert self._agent.stdout is not None
        try:
            worked, result = pickle.load(self._agent.stdout)
        except EOFError:
            raise RuntimeError(f"the throw-away host ended with {self._agent.wait()}") from None
        if not worked:
            raise RuntimeError(f"in the throw-away host: {result}")
        return result

    def run(self, *argv: str, env: Mapping[str, str] | None = None, timeout: float = LIMIT) -> Ran:
        """Run one command to its end."""
        return self.call(run_jobs, (Job(argv, env or {}),), timeout)[0]

    def together(self, *jobs: Job, timeout: float = LIMIT) -> list[Ran]:
        """Run commands at the same moment."""
        return self.call(run_jobs, jobs, timeout)

    def do(self, *lines: str) -> str:
        """Run lines of shell that must work, and return what they wrote."""
        ran = self.run("/bin/sh", "-ec", "\n".join(lines))
        assert ran.status == 0, f"{lines}: {ran}"
        return ran.out

    def script(self, path: Path, *flags: str, env: Mapping[str, str] | None = None) -> Ran:
        """Run a generated script."""
        return self.run(BASH, str(path), *flags, env=env)

    def state(self) -> State:
        """Return everything that scripts may change in the host."""
        return self.call(snapshot)

    def inside(self, netnses: Iterable[str]) -> State:
        """Return the same of named namespaces."""
        return self.call(snapshot_inside, tuple(netnses))


def until_ready(device: str) -> str:
    """Return a line of shell that waits for what IPv6 gives a device once its carrier is seen, a moment after it is up.

    The kernel sees to carriers in a work queue of its own (net/core/link_watch.c; net/ipv6/addrconf.c,
    addrconf_add_mroute).
    """
    return f"until ip -6 route show table local | grep -q 'ff00::/8 dev {device} '; do sleep 0.01; done"


#: What a host has before any lab comes: a wired NIC, a default route, a policy rule, a firewall, a namespace.
FURNITURE = f"""
ip netns add other
ip link add name nic0 type veth peer name wire0 netns other
ip -n other link set dev wire0 up
ip link set dev nic0 addrgenmode none up
ip addr add 203.0.113.2/24 dev nic0
ip -6 addr add 2001:db8:ffff::2/64 dev nic0 nodad
ip route add default via 203.0.113.1 dev nic0
ip route add 198.51.100.0/24 via 203.0.113.9 dev nic0 proto static metric 50
ip neigh add 203.0.113.1 lladdr 02:00:5e:00:00:01 dev nic0
ip rule add pref 31000 from 203.0.113.2 table main
until ip -6 route show table local | grep -q 2001:db8:ffff::2; do sleep 0.01; done
{until_ready("nic0")}
for family in inet bridge; do
  nft add table $family firewall || continue
  nft add chain $family firewall input '{{ type filter hook input priority 0; policy accept; }}'
  break
done
"""


def furnished() -> World:
    """Return a host that is in use already."""
    world = World()
    try:
        world.do(FURNITURE)
    except BaseException:
        world.close()
        raise
    return world


#: Makes a NIC that has virtual functions, wherever it has been, a fresh one with a name of one's own: $1.
PHYSICAL_FUNCTION = """
for file in /sys/class/net/*/device/sriov_numvfs; do
  nic=${file#/sys/class/net/} && nic=${nic%%/*}
  break
done
echo 0 >"$file"
ip addr flush dev "$nic"
ip link set dev "$nic" down
# udev gives a NIC that has lost the name it chose that name as an alternative one, and no device can be called so then.
ip link property del dev "$nic" altname "$1" 2>/dev/null || :
ip link set dev "$nic" addrgenmode none name "$1" up
for i in $(seq 300); do
  if ip link show dev "$1" | grep -q LOWER_UP; then break; fi
  sleep 0.1
done
"""


def with_virtual_functions(name: str) -> World:
    """Return a host with a NIC `name` that can have virtual functions. There can be one such host at a time."""
    world = World(net=False)
    try:
        world.do(f"set -- {name}", PHYSICAL_FUNCTION)
    except BaseException:
        world.close()
        raise
    return world

"""The findings of several hosts, asked of the kernel: the bad lab fails as its page promises, and the good one works.

Each lab's hosts are machines of their own, whose scripts are made whatever netc finds. In all of them a namespace `a`
of the host n1 is to reach `b` of n2.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from netc.checks import checks
from netc.topology.model import NetnsKey
from tests.kernel.labs import hosts_despite_findings
from tests.kernel.machines import Machines
from tests.kernel.world import Ran

#: For each code a question to the kernel of the bad lab, beside the ping that is not answered, and what it says.
SHOWS: dict[str, tuple[str, str, str]] = {
    # n2's own namespaces are behind n1, for n2 itself.
    "N501": ("n2", "ip -o route get 10.244.1.9", "via 192.168.50.11 dev eth0"),
    # The way to n1 itself is n2's bridge of namespaces, where nobody has that address.
    "N502": ("n2", "ip -o route get 10.50.0.11", "dev cni0"),
    "N503": ("n1", "ip route add 10.244.2.0/24 via 192.168.60.12", "Nexthop has invalid gateway"),
    # n2 counts what it drops for its source.
    "N504": ("n2", "nstat -asz TcpExtIPReversePathFilter", "TcpExtIPReversePathFilter +[1-9]"),
    # What is for the other host is sent to the host's own address.
    "N505": ("n1", "bridge fdb show dev flannel.1", "dst 10.0.2.15 "),
    "N506": ("n1", "ip route show 10.244.2.0/24", r"\A\Z"),
    # Routes and neighbours look right.
    "N507": ("n1", "ip route show 10.244.2.0/24", "via 10.0.0.12 dev eth0"),
}


def ping(machines: Machines, target: str) -> Ran:
    """Ping from a of n1 until it is answered, three times at most."""
    command = shlex.split(f"ip netns exec a ping -n -q -c 1 -W 1 {target}")
    return next(
        (ran for _ in range(3) if (ran := machines.run("n1", *command)).status == 0), machines.run("n1", *command)
    )


@pytest.mark.parametrize("code", SHOWS)
@pytest.mark.parametrize("which", ["bad", "good"])
def test_examples_on_machines(code: str, which: str, tmp_path: Path) -> None:
    check = checks()[code]
    labs, topology = hosts_despite_findings(getattr(check, which), tmp_path)
    assert check.can_be_allowed, "the bad example comes up"
    for lab in labs:
        if (lack := lab.lacks()) is not None:
            pytest.skip(f"{code} {lack}")
    (address,) = topology.devices_in(NetnsKey("n2", "b"))[-1].addresses
    with Machines(topology) as machines:
        machines.must(labs, "up")
        answer = ping(machines, str(address.ip))
        assert (answer.status == 0) == (which == "good"), answer
        if which == "bad":
            machine, question, told = SHOWS[code]
            ran = machines.run(machine, *shlex.split(question))
            assert re.search(told, ran.out + ran.err), ran

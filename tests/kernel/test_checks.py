"""The checks against the kernel: a bad example fails as its page promises, the good one works.

The bad lab's scripts are made all the same, as if netc had found nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from netc.checks import checks
from netc.checks.base import Check
from tests.kernel.labs import Lab, despite_findings
from tests.kernel.world import ROOT, World


@dataclass(frozen=True)
class Refused:
    """up.sh fails, with a message that the finding or its page promises."""

    message: str
    before: str = "true"  # what the host has that the lab does not say


@dataclass(frozen=True)
class Seen:
    """up.sh works; then lines of shell print one thing in the bad lab, and another in the good one."""

    lines: str
    bad: str
    good: str
    before: str = "true"


@dataclass(frozen=True)
class Unanswered:
    """up.sh works; what the lab expects does not hold in the bad lab, and holds in the good one."""

    before: str = "true"


@dataclass(frozen=True)
class Unseen:
    """No kernel here shows it, for a reason."""

    reason: str


def ping(source: str, target: str) -> str:
    return f"ip netns exec {source} ping -c 1 -W 1 {target} 2>&1 || true"


ONE_ANSWERS = " 1 received"
NONE_ANSWERS = " 0 received"
#: A neighbour on br0 that is none of the lab's.
NEIGHBOUR = """
ip link add name extra type veth peer name e0 netns other
ip link set dev extra master br0 up
ip -n other addr add {0} dev e0 {1}
ip -n other link set dev e0 up
"""
#: How a code shows itself. A lab that expects something needs no entry: its expectations are tested.
SHOWS: dict[str, Refused | Seen | Unanswered | Unseen] = {
    "N101": Refused("not a valid ifname"),
    "N102": Refused("not a valid ifname"),
    "N103": Refused("Invalid argument"),
    "N104": Refused("Cannot find device"),
    "N105": Unseen("the scripts quote every word: tests/test_properties.py and tests/test_hostile.py"),
    "N106": Unseen("the scripts quote every word: tests/test_properties.py and tests/test_hostile.py"),
    "N107": Refused("docker0", before="ip link add docker0 type bridge"),
    "N108": Seen("ip netns list | cut -d' ' -f1 | tr '\n' ,", bad=",?web,", good=",?web-server,"),
    "N109": Refused("cd"),
    "N202": Seen(ping("ns2", "10.0.0.200"), bad="Network is unreachable", good=ONE_ANSWERS),
    "N203": Seen(
        NEIGHBOUR.format("10.0.0.9/24", "") + "ip -n ns1 link set dev eth0 down\n" + ping("other", "10.0.0.1"),
        bad=ONE_ANSWERS,  # by the other one
        good=NONE_ANSWERS,
    ),
    "N204": Seen(
        NEIGHBOUR.format("fd00::9/64", "nodad") + "ip -n ns1 link set dev eth0 down\n" + ping("other", "fd00::1"),
        bad=ONE_ANSWERS,
        good=NONE_ANSWERS,
    ),
    "N205": Seen(ping("ns2", "10.0.0.255") + "\n" + ping("ns2", "10.0.0.1"), bad="-b", good=ONE_ANSWERS),
    "N206": Unseen("kernels from 5.14 on take the address"),
    "N207": Seen("ip -n r1 route get 10.0.0.200", bad="dev eth1", good="dev eth0"),
    "N208": Refused("Nexthop has invalid gateway"),
    "N209": Refused("Nexthop has invalid gateway"),
    "N210": Seen(ping("ns1", "198.51.100.1"), bad="Host Unreachable|100% packet loss", good="Net Unreachable"),
    "N211": Seen(ping("ns1", "10.0.0.2"), bad="Network is unreachable", good=ONE_ANSWERS),
    "N212": Seen(
        "ip -n ns1 route get 10.1.99.1 | head -1; ip -n ns1 route add 10.1.2.3/16 dev lo metric 7 2>&1 || true",
        bad="Invalid prefix for given prefix length",  # the lab's own words, which the scripts do not repeat
        good="10.1.99.1 via 10.0.0.1",
    ),
    "N213": Seen("ip -n ns1 -4 route show table local type broadcast dev eth0", bad=r"\A\Z", good="10.0.0.3"),
    "N214": Refused("Egress device not specified"),
    "N215": Refused("File exists"),
    "N216": Seen(
        "ip link set dev eth0 down; ip route del default; " + ping("ns1", "203.0.113.2"),
        bad=NONE_ANSWERS,
        good=ONE_ANSWERS,
    ),
    "N217": Seen(ping("ns1", "198.51.100.1"), bad="Host Unreachable|100% packet loss", good="Net Unreachable"),
    "N218": Seen("ip -n r1 route get 10.255.0.2", bad="local 10.255.0.2 dev lo", good="via 10.0.0.2 dev eth0"),
    "N219": Seen(f"{ping('ns1', '10.5.0.2')}; {ping('ns1', '127.5.0.2')}", bad="Invalid argument", good=ONE_ANSWERS),
    "N220": Refused("IPv6 is disabled on this device"),
    "N301": Seen(
        "frames() { ip -s -o link show dev left0 | sed -E 's/.*RX: [^0-9]*[0-9]+ +([0-9]+) .*/\\1/'; }\n"
        "one=$(frames); sleep 0.5; two=$(frames)\n"
        "[ $((two - one)) -gt 2000 ] && echo circling || echo quiet",
        bad="circling",
        good="quiet",
    ),
    "N302": Seen(ping("ns1", "10.0.0.1"), bad=NONE_ANSWERS, good=ONE_ANSWERS),
    "N407": Unanswered(before="ip route del default"),
    "N408": Seen(ping("ns1", "203.0.113.2"), bad=NONE_ANSWERS, good=ONE_ANSWERS),
    "N415": Seen(ping("a", "10.2.0.2"), bad="ttl=64", good="ttl=63"),
}


def elsewhere(code: str) -> str:
    """Return the file of another kernel test that shows a check's failure, or ""."""
    files = (path for folder in ("kernel", "vm") for path in sorted((ROOT / "tests" / folder).glob("*.py")))
    return next((p.name for p in files if p.name != Path(__file__).name and code in p.read_text(encoding="utf-8")), "")


@pytest.mark.parametrize("check", checks().values(), ids=checks())
def test_examples_on_a_kernel(check: Check, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    shows = SHOWS.get(check.code, Unanswered())
    if isinstance(shows, Unseen):
        pytest.skip(f"{check.code}: {shows.reason}")
    bad, good = despite_findings(check.bad, tmp_path / "bad"), despite_findings(check.good, tmp_path / "good")
    if not good.alone:
        record_property("check shown", check.code if elsewhere(check.code) else "")
        pytest.skip(f"{check.code} needs several hosts: see {elsewhere(check.code)}")
    if (lacks := good.lacks()) is not None:
        where = elsewhere(check.code)
        pytest.skip(f"{check.code} {lacks}; {f'see {where}' if where else 'no test shows it on a kernel'}")
    if check.code not in SHOWS and not bad.plan.probes:
        where = elsewhere(check.code)
        if where:
            record_property("check shown", check.code)
        pytest.skip(f"{check.code}: {f'see {where}' if where else 'no test shows it on a kernel'}")
    for lab, is_bad in ((bad, True), (good, False)):
        with lab.host() as world:
            world.do(shows.before)
            look(shows, world, lab, check, is_bad=is_bad)
            lab.must(world, "down")
    record_property("check shown", check.code)


def look(shows: Refused | Seen | Unanswered, world: World, lab: Lab, check: Check, *, is_bad: bool) -> None:
    """Bring a lab up, and see that it fails as promised, or works."""
    up = lab.run(world, "up")
    if is_bad and (isinstance(shows, Refused) or (up.status != 0 and check.code not in SHOWS)):
        assert up.status != 0, "the page promises that up.sh fails"
        if isinstance(shows, Refused):
            assert shows.message in up.err
            assert shows.message in check.page
        assert not check.comes_up, "an error that can be allowed comes up"
        return
    assert up.status == 0, up
    if is_bad and check.code in SHOWS:
        assert check.can_be_allowed or check.code in NOT_TO_BE_ALLOWED, "it comes up: say so, or why it shall not"
    if isinstance(shows, Seen):
        told = world.do(shows.lines)
        assert re.search(shows.bad if is_bad else shows.good, told), told
    elif isinstance(shows, Unanswered):
        verify = lab.run(world, "verify")
        assert (verify.status != 0) == is_bad, verify


#: Their examples come up; what they are about is not safe, or not what the lab says.
NOT_TO_BE_ALLOWED = {
    "N108": "a shell's words",
    "N212": "it is not what the lab says that comes up",
    "N301": "it takes the machine's processor",
}


def test_no_entry_is_left_over() -> None:
    assert set(SHOWS) <= set(checks())
    assert set(NOT_TO_BE_ALLOWED) <= set(checks())

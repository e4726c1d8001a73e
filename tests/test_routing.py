"""`routing auto`: which routes it stands for."""

from __future__ import annotations

import os
import random

import pytest

from netc.pipeline import printed
from netc.reach import pings
from netc.reach.matrix import matrix_of
from tests.compiled import compile_text
from tests.reach.generator import draw_right

FRESH = int(os.environ.get("NETC_SEED", "0")) or random.SystemRandom().randrange(1 << 20, 1 << 30)

#: a - r1 - r2 - b in a square: r1 and r2 are joined by r3 as well as by r4.
SQUARE = """
netns a { veth e 10.1.0.2/24 -- r1:a 10.1.0.1/24 }
netns b { veth e 10.2.0.2/24 -- r2:b 10.2.0.1/24 }
for r in r1 r2 r3 r4 { netns ${r} { forward ipv4 } }
veth r1:r4 10.0.14.1/30 -- r4:r1 10.0.14.2/30
veth r1:r3 10.0.13.1/30 -- r3:r1 10.0.13.2/30
veth r2:r4 10.0.24.1/30 -- r4:r2 10.0.24.2/30
veth r2:r3 10.0.23.1/30 -- r3:r2 10.0.23.2/30
routing auto
"""
HOSTS = """
host n1 { netns a { veth e 10.1.0.2/24 -- r:a 10.1.0.1/24 }; netns b { veth e 10.2.0.2/24 -- r:b 10.2.0.1/24 }
          netns r { forward ipv4 } }
host n2 { netns a { veth e 10.3.0.2/24 -- n2:a 10.3.0.1/24 }; netns c { veth e 10.4.0.2/24 -- n2:c 10.4.0.1/24 } }
routing auto
"""


def routes(lab: str, netns: str) -> list[str]:
    """Return the routes of a namespace, as `netc expand` prints those of `routing auto` and the lab's own."""
    compiled = compile_text(lab)
    assert not compiled.failed, [finding.message for finding in compiled.findings]
    found, inside = [], ""
    for line in printed(compiled).splitlines():
        if line.startswith("in "):
            inside = line.split()[1]
        elif line.startswith("  route ") and inside == netns:
            found.append(line.removeprefix("  route "))
    return found


def codes(lab: str) -> list[str]:
    return [finding.code for finding in compile_text(lab).findings]


def test_the_shortest_way_is_taken_and_the_smaller_name_decides() -> None:
    assert routes(SQUARE, "r1") == [
        "10.0.23.0/30 via 10.0.13.2",
        "10.0.24.0/30 via 10.0.14.2",
        "10.2.0.0/24 via 10.0.13.2",
    ]
    shortcut = SQUARE.replace("routing auto", "veth r1:r2 10.0.12.1/30 -- r2:r1 10.0.12.2/30\nrouting auto")
    assert "10.2.0.0/24 via 10.0.12.2" in routes(shortcut, "r1")


def test_who_does_not_forward_has_a_default_route_where_all_ways_begin_alike() -> None:
    assert routes(SQUARE, "a") == ["default via 10.1.0.1"]
    two = SQUARE.replace("routing auto", "veth a:f 10.3.0.2/24 -- r4:a 10.3.0.1/24\nrouting auto")
    assert "10.2.0.0/24 via 10.3.0.1" in routes(two, "a")
    assert not any(route.startswith("default") for route in routes(two, "a"))


@pytest.mark.parametrize(
    ("said", "netns", "kept", "gone"),
    [
        # To the very subnet, and to one that contains it.
        ("in r1 { route 10.2.0.0/24 via 10.0.14.2 }", "r1", "10.0.23.0/30 via 10.0.13.2", "10.2.0.0/24 via 10.0.13.2"),
        ("in r1 { route 10.2.0.0/15 via 10.0.14.2 }", "r1", "10.0.23.0/30 via 10.0.13.2", "10.2.0.0/24 via 10.0.13.2"),
        ("in r1 { route blackhole 10.2.0.0/24 }", "r1", "10.0.23.0/30 via 10.0.13.2", "10.2.0.0/24 via 10.0.13.2"),
        # A default route does not stand for a subnet.
        ("in r1 { route default via 10.0.14.2 }", "r1", "10.2.0.0/24 via 10.0.13.2", "default via 10.0.13.2"),
        ("in a { route default via 10.1.0.9 onlink }", "a", "10.2.0.0/24 via 10.1.0.1", "default via 10.1.0.1"),
        # The way past one that sends the packets elsewhere, or nowhere.
        ("in r3 { route blackhole 10.2.0.0/24 }", "r1", "10.2.0.0/24 via 10.0.14.2", "10.2.0.0/24 via 10.0.13.2"),
        ("in r3 { route 10.2.0.0/24 via 10.0.13.1 }", "r1", "10.2.0.0/24 via 10.0.14.2", "10.2.0.0/24 via 10.0.13.2"),
        ("in r3 { route 10.2.0.0/24 via 10.0.23.1 }", "r1", "10.2.0.0/24 via 10.0.13.2", "10.2.0.0/24 via 10.0.14.2"),
    ],
)
def test_what_the_lab_writes_itself_wins(said: str, netns: str, kept: str, gone: str) -> None:
    found = routes(f"{SQUARE}{said}\n", netns)
    assert kept in found
    assert gone not in found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("for r in r1 r2 r3 r4 { netns ${r} { forward ipv4 } }", "netns r1; netns r2; netns r3; netns r4"),
        ("-- r1:a 10.1.0.1/24", "-- r1:a"),
        ("netns a {", "netns a { vrf v { table 9 }; "),
    ],
)
def test_there_is_no_way_through_what_cannot_be_gone_through(old: str, new: str) -> None:
    lab = SQUARE.replace(old, new)
    if "vrf" in new:
        lab = lab.replace("e 10.1.0.2/24 --", "e 10.1.0.2/24 { master v } --")
    assert routes(lab, "a") == []


def test_an_address_alone_is_a_subnet_too() -> None:
    lab = f"{SQUARE}in b {{ address lo 10.9.0.1/32 }}\n"
    assert "10.9.0.1/32 via 10.0.13.2" in routes(lab, "r1")
    assert "10.9.0.1/32 via 10.2.0.2" in routes(lab, "r2")


def test_the_host_gets_routes_where_it_is_a_router() -> None:
    lab = "netns a { veth e 10.1.0.2/24 -- host:a 10.1.0.1/24; forward ipv4 }\n"
    lab += "netns b { veth e 10.2.0.2/24 -- a:b 10.2.0.1/24 }\nrouting auto\n"
    assert routes(lab, "host") == []
    assert routes(lab + "forward ipv4\n", "host") == ["10.2.0.0/24 via 10.1.0.2"]


def test_namespaces_of_several_hosts_are_named_whole() -> None:
    assert routes(HOSTS, "n1/a") == ["default via 10.1.0.1"]
    assert routes(HOSTS, "n2/a") == []  # n2 does not forward
    assert codes(HOSTS) == []


def test_everybody_reaches_everybody() -> None:
    ring = [
        f"veth r{i}:x 10.0.{i}.1/30 fd00:{i}::1/64 -- r{i % 6 + 1}:y 10.0.{i}.2/30 fd00:{i}::2/64" for i in range(1, 7)
    ]
    lab = "\n".join([*(f"netns r{i} {{ forward ipv4 ipv6 }}" for i in range(1, 7)), *ring, "routing auto"])
    topology = compile_text(lab).topology
    cells = matrix_of(topology).cells
    assert len(cells) == 2 * 6 * 5
    assert all(cell.ping.answered for cell in cells)
    assert {cell.ping.ttl for cell in cells} == {64, 63, 62}


@pytest.mark.parametrize("first", [1, FRESH], ids=["fixed", "fresh"])
def test_random_labs_without_their_routes_reach_as_far_and_as_fast(first: int) -> None:
    print(f"seeds {first}..{first + 99}")
    compared = 0
    for seed in range(first, first + 100):
        lab = draw_right(seed)
        if "proxy" in lab:  # who answers for others is on no way, so that these routes are no matter of ways
            continue
        automatic = "".join(line for line in lab.splitlines(True) if not line.startswith("  route ")) + "routing auto\n"
        compiled = compile_text(automatic)
        assert [(f.code, f.message) for f in compiled.findings] == [], f"seed {seed}:\n{automatic}"
        by_hand, by_itself = pings.tests_of(compile_text(lab).topology), pings.tests_of(compiled.topology)
        assert [test.ping.ttl for test in by_hand] == [test.ping.ttl for test in by_itself], f"seed {seed}:\n{lab}"
        compared += len(by_hand)
    assert compared > 100


@pytest.mark.parametrize(
    ("lab", "code"),
    [
        ("netns a { routing auto }", "N009"),
        ("host n1 { routing auto }", "N009"),
        ("routing", "N009"),
        ("routing ospf", "N009"),
        ("routing auto 3", "N009"),
        ("routing auto\nrouting auto", "N007"),
    ],
)
def test_it_stands_once_at_the_top(lab: str, code: str) -> None:
    assert codes(lab) == [code]

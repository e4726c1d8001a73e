"""Which namespaces are alike where not everybody hears everybody; test_reach.py judges it over random labs."""

from __future__ import annotations

from functools import partial

import pytest

from netc.reach.matrix import matrix_of
from netc.topology.model import Topology
from tests.growth import grows_with
from tests.labs import topology_of

ISOLATED = "veth e 10.0.1.{i}/16 -- sw:p{i} {{ master br0; isolated on }}"
ACCESS = "veth e 10.0.1.{i}/16 -- sw:p{i} {{ master br0; vlan 1{last} pvid untagged }}"
TRUNK = "veth e -- sw:p{i} {{ master br0; vlan 10 20 }}; vlan v 10.0.1.{i}/16 on e {{ id 10 }}"
CHILD = "macvlan e 10.0.1.{i}/16 on sw:d {{ mode {mode} }}"


def on_wire(leaf: str, size: int, more: str = "") -> Topology:
    """Return a lab of leaves at a bridge `sw:br0`, which filters VLANs if they are of any, or at a device `sw:d`."""
    filtering = "{ vlan-filtering on }" if "vlan" in leaf else ""
    modes = ("bridge", "private")
    leaves = (f"netns n{i} {{ {leaf.format(i=i, last=i % 2, mode=modes[i % 2])} }}\n" for i in range(1, size + 1))
    return topology_of("".join([f"netns sw {{ bridge br0 {filtering}; dummy d }}\n", *leaves, more]))


@pytest.mark.parametrize(
    ("leaf", "sizes", "marks"),
    [
        (ISOLATED, [20], ["-"]),
        (ACCESS, [10, 10], ["64", "-", "-", "64"]),
        (TRUNK, [20], ["64"]),
        (CHILD, [10, 10], ["-", "-", "-", "64"]),
    ],
)
def test_leaves_whose_cables_end_alike_are_one_group(leaf: str, sizes: list[int], marks: list[str]) -> None:
    matrix = matrix_of(on_wire(leaf, 20))
    assert [len(group.members) for group in matrix.groups] == sizes
    assert [cell.mark for cell in matrix.cells] == marks
    if leaf != TRUNK:
        assert grows_with(lambda size: partial(matrix_of, on_wire(leaf, size)), 25) < 5


def test_a_star_of_both_families_grows_with_its_leaves() -> None:
    def star(size: int) -> Topology:
        leaf = (
            "netns n{i} {{ veth e 10.0.{i}.2/24 fd00:{i}::2/64 -- r:v{i} 10.0.{i}.1/24 fd00:{i}::1/64; "
            "route default via 10.0.{i}.1; route default via fd00:{i}::1 }}\n"
        )
        return topology_of("netns r { forward ipv4 ipv6 }\n" + "".join(leaf.format(i=i) for i in range(size)))

    assert [len(group.members) for group in matrix_of(star(20)).groups] == [1, 20]
    assert grows_with(lambda size: partial(matrix_of, star(size)), 25) < 5


@pytest.mark.parametrize(
    "more",
    [
        "in sw { fdb 02:00:00:00:00:01 dev p2 master }",
        "in sw { mirror p2 to d }",
        "in sw { impair p2 { delay 1ms } }",
        "in sw { address p2 10.9.0.1/24 }",
        "in sw { vlan v on p2 { id 5 } }",
        "netns far { vlan v on n2:e { id 5 } }",
        "in n2 { sysctl net.ipv4.ip_forward = 1 }",
        "in sw { route 10.9.0.0/16 via 10.0.1.2 dev br0 onlink }",
    ],
)
def test_a_port_that_something_names_stands_alone(more: str) -> None:
    matrix = matrix_of(on_wire(ISOLATED, 4, more))
    names = [[key.netns for key in group.members] for group in matrix.groups]
    assert [group for group in names if group[0] not in {"sw", "far"}] == [["n1", "n3", "n4"], ["n2"]]


def test_whose_mac_a_child_lists_stands_alone() -> None:
    leaves = (f"netns n{i} {{ veth e 10.0.0.{i}/24 {{ mac 02:00:00:00:00:0{i} }} -- sw:br }}" for i in range(1, 4))
    child = "netns h { veth w -- sw:br }; netns c { macvlan m 10.0.0.9/24 on h:w { mode source; macaddr MAC } }"
    lab = "\n".join(["netns sw { bridge br }", *leaves, child.replace("MAC", "02:00:00:00:00:02")])
    names = [[key.netns for key in group.members] for group in matrix_of(topology_of(lab)).groups]
    assert [group for group in names if group[0].startswith("n")] == [["n1", "n3"], ["n2"]]

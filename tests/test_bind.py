"""Document to Topology: what words mean, and what is told where they mean nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netc.kinds import kinds
from netc.kinds.base import Form, Kind
from netc.topology.model import MAIN_TABLE, DeviceKey, Made, NetnsKey, Origin, RouteType, Topology
from tests.growth import grows_with
from tests.labs import HOST, addresses, assert_spans_inside, bound, covered, device, told, topology_of
from tests.strategies import examples

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.net"))
TWO = "netns a; netns b\nveth a:x 10.0.0.1/24 -- b:y 10.0.0.2/24\n"
BRIDGED = "bridge br0\nnetns a\nnetns sw { bridge br1 }\n"


def faults(text: str, prefix: str | None = None) -> list[tuple[str, str, str]]:
    """Return code, covered text and message of what is told."""
    _, findings = bound(text, prefix)
    assert_spans_inside(findings)
    return [(one.code, one.at, one.message) for one in told(findings)]


def helps(text: str) -> list[str]:
    return [finding.help for finding in bound(text)[1].sorted()]


def labels(text: str) -> list[tuple[str, int, int]]:
    found = [label for finding in bound(text)[1].sorted() for label in finding.labels]
    return [(label.text, label.span.line, label.span.column) for label in found]


def names(topology: Topology, netns: str) -> list[str]:
    return [found.name for found in topology.devices_in(NetnsKey("host", netns))]


def key(netns: str, name: str) -> DeviceKey:
    return DeviceKey(NetnsKey("host", netns), name)


# -- the lab -----------------------------------------------------------------------------------------------------


def test_the_lab() -> None:
    assert topology_of("").lab.name == "lab"
    assert topology_of("lab x").lab.name == "x"
    assert topology_of("netns a\nlab x { name-prefix p- }").lab.name == "p-x"
    assert topology_of("lab x { name_prefix p- }").lab.prefix == "p-"
    assert topology_of("lab x { name-prefix p- }", "q-").lab.name == "q-x"
    assert topology_of("lab x { name-prefix p- }", "").lab.name == "x"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("lab", ("N009", "lab", "the lab's name is missing")),
        ("lab x y", ("N009", "y", "`y` cannot stand here")),
        ('lab ""', ("N005", '""', "the name of the lab is empty")),
        ("lab x { prefix p }", ("N004", "prefix", "`lab` has no option `prefix`")),
        ("lab x { name-prefix }", ("N009", "name-prefix", "the prefix is missing")),
        ("lab x { name-prefix p; name_prefix q }", ("N007", "name_prefix", "`name_prefix` is said twice")),
        ("lab x\nlab y", ("N009", "lab y", "a file has one `lab` statement")),
        ("netns a { lab x }", ("N009", "lab x", "`lab` cannot stand inside a")),
    ],
)
def test_faults_of_the_lab(text: str, wanted: tuple[str, str, str]) -> None:
    assert faults(text) == [wanted]


# -- namespaces --------------------------------------------------------------------------------------------------


def test_namespaces_have_lo() -> None:
    topology = topology_of("netns a\nnetns b { address lo 1.1.1.1/32 }")
    assert list(topology.netnses) == [HOST, NetnsKey("host", "a"), NetnsKey("host", "b")]
    assert names(topology, "a") == ["lo"]
    assert device(topology, "b", "lo").made is Made.KERNEL
    assert addresses(topology, "b", "lo") == ["1.1.1.1/32"]


def test_in_adds_to_a_namespace_declared_before_or_after() -> None:
    topology = topology_of("in a { bridge x }\nnetns a { bridge y }\nin a { bridge z }\nin host { bridge h }")
    assert names(topology, "a") == ["lo", "x", "y", "z"]
    assert names(topology, "") == ["lo", "h"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("netns a\nnetns a", ("N007", "a", "the namespace a is declared twice")),
        ("netns", ("N009", "netns", "the namespace's name is missing")),
        ('netns ""', ("N005", '""', "the name of a namespace is empty")),
        ('netns "" { bridge x }', ("N005", '""', "the name of a namespace is empty")),
        ("netns a b", ("N009", "b", "`b` cannot stand here")),
        ("netns a { } { }", ("N009", "{ }", "a block cannot stand here")),
        ("netns a { netns b }", ("N009", "netns b", "`netns` cannot stand inside a")),
        ("netns a\nnetns b { in a { bridge x } }", ("N009", "in a { bridge x }", "`in` cannot stand inside b")),
        ("in host { netns x }", ("N009", "netns x", "`netns` cannot stand inside host")),
        ("in a { bridge x }", ("N006", "a", "there is no namespace `a`")),
        ("netns a\nin a", ("N009", "in a", "`in` needs a block")),
        ("netns a { expect a -> a }", ("N009", "expect a -> a", "`expect` cannot stand inside a")),
        ("netns a { module m }", ("N009", "module m", "`module` cannot stand inside a")),
    ],
)
def test_faults_of_namespaces(text: str, wanted: tuple[str, str, str]) -> None:
    assert faults(text) == [wanted]


def test_twice_says_where_first() -> None:
    assert labels("netns a\n  netns a") == [("first declared here", 1, 7)]
    assert labels("bridge x\nbridge y\nbridge x") == [("first declared here", 1, 8)]


def test_a_namespace_may_be_called_like_a_keyword() -> None:
    for name in ("on", "route", "netns", "in", "auto", "1"):
        topology = topology_of(
            f"netns {name}\nnetns b\nveth {name}:e0 1.1.1.1/24 -- b:e1 1.1.1.2/24\nexpect {name} -> b"
        )
        assert names(topology, name) == ["lo", "e0"]


def test_a_namespace_called_as_its_machine_needs_a_path() -> None:
    text = "netns host\nnetns b\nveth {}:x 1.1.1.1/24 -- b:y 1.1.1.2/24"
    assert faults(text.format("host")) == [("N008", "host:x", "`host` is both the machine and a namespace")]
    assert names(topology_of(text.format("host/host")), "host") == ["lo", "x"]


# -- statements --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at", "help"),
    [
        ("brdige x", "brdige", "did you mean `bridge`?"),
        ("netsn a", "netsn", "did you mean `netns`?"),
        ("fro x", "fro", "did you mean `for`?"),
        ("lo x", "lo", "`netns`, `veth`, `bridge` and `route` are statements"),
        ("qqqqqqq", "qqqqqqq", "`netns`, `veth`, `bridge` and `route` are statements"),
    ],
)
def test_unknown_statements(text: str, at: str, help: str) -> None:
    assert faults(text) == [("N003", at, f"there is no statement `{at}`")]
    assert helps(text) == [help]


@pytest.mark.parametrize("head", ["netns", "bridge", "in", "lab", "route", "veth"])
def test_a_keyword_in_quotes_is_no_keyword(head: str) -> None:
    message = "a statement starts with a keyword, not with a string"
    assert faults(f'"{head}" x') == [("N003", f'"{head}"', message)]


def test_one_fault_does_not_hide_the_others() -> None:
    text = "netns a { brdige x; bridge b { mtuu 1; mtu 1 } }\nroute\nveth a -- gone\nsysctl x = 1"
    assert [(code, at) for code, at, _ in faults(text)] == [
        ("N003", "brdige"),
        ("N004", "mtuu"),
        ("N005", "1"),
        ("N009", "route"),
        ("N006", "gone"),
        ("N005", "x"),
    ]


# -- devices -----------------------------------------------------------------------------------------------------


def test_devices() -> None:
    topology = topology_of(
        "netns a { bridge b1 10.0.0.1/24 fd00::1/64 }\nbridge a:b2\nbridge b3 { mtu 9000; stp on }\n"
        "uplink eth0 10.1.0.1/24"
    )
    assert names(topology, "a") == ["lo", "b1", "b2"]
    assert addresses(topology, "a", "b1") == ["10.0.0.1/24", "fd00::1/64"]
    found = device(topology, "", "b3")
    assert (found.kind, found.made, found.settings["mtu"].value, found.settings["stp"].value) == (
        "bridge",
        Made.LAB,
        9000,
        True,
    )
    assert device(topology, "", "eth0").made is Made.OTHERS


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("bridge", ("N009", "bridge", "the device's name is missing")),
        ('bridge ""', ("N005", '""', "the name of a device is empty")),
        ("netns a\nbridge a:", ("N005", "a:", "the name of a device is empty")),
        ("bridge gone:x", ("N006", "gone:x", "there is no namespace `gone`")),
        ("bridge x\nbridge x", ("N007", "x", "the device x of host is declared twice")),
        ("bridge lo", ("N007", "lo", "lo, which host has from the start, is declared twice")),
        ("bridge x y", ("N009", "y", "`y` is neither an address nor `auto`")),
        (
            "bridge x 10.0.0.1/24 -- y",
            ("N009", "bridge x 10.0.0.1/24 -- y", "`bridge` is a device and has no second end"),
        ),
        ("bridge x on y", ("N009", "on y", "`bridge` has no parent")),
        ("bridge x on", ("N009", "bridge x on", "the parent is missing")),
        ("bridge x { } y", ("N009", "y", "`y` cannot stand here")),
        ("bridge x { } { }", ("N009", "{ }", "a block cannot stand here")),
        ("bridge x (y)", ("N009", "(y)", "( ) cannot stand here")),
        ("bridge x = y", ("N009", "=", "`=` cannot stand here")),
        ("bridge x -> y", ("N009", "->", "`->` cannot stand here")),
        ("netns a { uplink x }", ("N009", "x", "`uplink` names a device of the host, not of a")),
        ("veth x", ("N009", "veth x", "`veth` is a link and needs two ends")),
        ("netns a\nveth a:x -> a:y", ("N009", "veth a:x -> a:y", "`veth` is a link and needs two ends")),
    ],
)
def test_faults_of_devices(text: str, wanted: tuple[str, str, str]) -> None:
    assert faults(text) == [wanted]


@pytest.mark.parametrize(
    ("option", "wanted"),
    [
        ("mtuu 9", ("N004", "mtuu", "`bridge` has no option `mtuu`")),
        ("mtu", ("N004", "mtu", "`mtu` takes one word")),
        ("mtu 1500 9", ("N004", "mtu 1500 9", "`mtu` takes one word")),
        ("mtu 1500 { x }", ("N004", "mtu 1500 { x }", "`mtu` takes words")),
        ("mtu 67", ("N005", "67", "67 is out of range for an MTU")),
        ("mtu 65536", ("N005", "65536", "65536 is out of range for an MTU")),
        ("mtu x", ("N005", "x", "`x` is not an MTU")),
        ("mtu 99999999999999999999999", ("N005", "99999999999999999999999", "`99999999999999999999999` is not an MTU")),
        ("stp yes", ("N005", "yes", "`yes` is neither `on` nor `off`")),
        ("stp on; stp off", ("N007", "stp", "`stp` is said twice")),
        ("nf-call on; nf_call on", ("N007", "nf_call", "`nf-call` is said twice")),
        ("mac 02:00:00:00:00", ("N005", "02:00:00:00:00", "`02:00:00:00:00` is no MAC address")),
        ("mac 03:00:00:00:00:01", ("N005", "03:00:00:00:00:01", "03:00:00:00:00:01 is no address of one device")),
        ("mac 00:00:00:00:00:00", ("N005", "00:00:00:00:00:00", "00:00:00:00:00:00 is no address of one device")),
        ("subnet", ("N004", "subnet", "`subnet` takes one word or more")),
        ("subnet 10.0.0.1/24", ("N005", "10.0.0.1/24", "10.0.0.1/24 has bits set beyond its /24")),
        ("master gone", ("N006", "gone", "host has no bridge `gone`")),
        ("master lo", ("N006", "lo", "host has no bridge `lo`")),
        ("rp-filter 3", ("N005", "3", "3 is out of range for a number")),
    ],
)
def test_faults_of_options(option: str, wanted: tuple[str, str, str]) -> None:
    assert faults(f"bridge x {{ {option} }}") == [wanted]


@pytest.mark.parametrize(
    ("written", "at", "message"),
    [
        ("1.1.1.300/24", "300", "300 is not an octet"),
        ("256.1.1.1/24", "256", "256 is not an octet"),
        ("1.1.01.3/24", "01", "01 is not an octet"),
        ("1..1.3/24", ".", "nothing is not an octet"),
        ("1.1.1/24", "1.1.1/24", "`1.1.1` has 3 octets, not four"),
        ("1.1.1.1/33", "33", "`33` is no prefix length"),
        ("1.1.1.1/", "", "`` is no prefix length"),
        ("1.1.1.1/024", "024", "`024` is no prefix length"),
        ("1.1.1.1/24/3", "24/3", "`24/3` is no prefix length"),
        ("fd00::1/129", "129", "`129` is no prefix length"),
        ("fd00:::1/64", "fd00:::1/64", None),
        ("fd00::12345/64", "fd00::12345/64", None),
        ("1:2:3/64", "1:2:3/64", None),
    ],
)
def test_addresses_are_told_at_their_own_column(written: str, at: str, message: str | None) -> None:
    ((code, where, text),) = faults(f"bridge x {written}")
    assert (code, where) == ("N005", at)
    assert text == message or (message is None and text.endswith("is no IPv6 address"))


def test_a_zone_is_refused() -> None:
    ((_, at, message),) = faults(TWO + "in a { route fd00::/64 via fe80::1%x dev x }")
    assert (at, message) == ("fe80::1%x", "`fe80::1%x`: an address here has no zone")


class _Child(Kind):
    name = "child"
    form = Form.DEVICE
    takes_parent = True


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        ("netns a { child c on x }\nveth a:x -- host:y", ("a", "x")),
        ("netns a { child c on y }\nveth a:x -- host:y", ("", "y")),
        ("netns a { child c on x }\nuplink x\nveth a:x -- host:y", ("a", "x")),
        ("netns a { child c on host:x }\nuplink x\nveth a:x -- host:y", ("", "x")),
        ("child c on late\nchild late on last\nuplink last", ("", "late")),
    ],
)
def test_parents(text: str, parent: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    known: Any = kinds()
    monkeypatch.setitem(known, "child", _Child())
    topology, findings = bound(text)
    assert [one.code for one in told(findings) if one.code != "N012"] == []
    (child,) = [found for found in topology.devices.values() if found.name == "c"]
    assert child.parent == key(*parent)


def test_a_parent_that_nobody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    known: Any = kinds()
    monkeypatch.setitem(known, "child", _Child())
    assert faults("uplink eth0\nchild c on eth1") == [("N006", "eth1", "there is no device `eth1` to be the parent")]
    assert helps("uplink eth0\nchild c on eth1") == ["did you mean `eth0`?"]


# -- links -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "left", "right"),
    [
        # Each end: namespace, device, master.
        ("veth a:x -- host:y", ("a", "x", None), ("", "y", None)),
        ("veth a:x -- sw:y", ("a", "x", None), ("sw", "y", None)),
        ("veth host:x -- a:y", ("", "x", None), ("a", "y", None)),
        ("veth x -- a:y", ("", "x", None), ("a", "y", None)),
        ("veth a:x -- br0", ("a", "x", None), ("", "a-x", ("", "br0"))),
        ("veth a:x -- br0:p", ("a", "x", None), ("", "p", ("", "br0"))),
        ("veth a:x -- host:br0", ("a", "x", None), ("", "a-x", ("", "br0"))),
        ("veth a:x -- host:br0:p", ("a", "x", None), ("", "p", ("", "br0"))),
        ("veth a:x -- sw:br1", ("a", "x", None), ("sw", "a-x", ("sw", "br1"))),
        ("veth a:x -- sw:br1:p", ("a", "x", None), ("sw", "p", ("sw", "br1"))),
        ("veth br0 -- a:x", ("", "a-x", ("", "br0")), ("a", "x", None)),
        ("veth br0:p -- a:x", ("", "p", ("", "br0")), ("a", "x", None)),
        ("veth br0 -- sw:br1", ("", "sw", ("", "br0")), ("sw", "host", ("sw", "br1"))),
        ("veth a -- sw", ("a", "to-sw", None), ("sw", "to-a", None)),
        ("veth a -- host", ("a", "to-host", None), ("", "to-a", None)),
        ("veth a -- br0", ("a", "to-br0", None), ("", "a", ("", "br0"))),
        ("in a { veth x -- br0 }", ("a", "x", None), ("", "a-x", ("", "br0"))),
        ("in a { veth x -- br0:p }", ("a", "x", None), ("", "p", ("", "br0"))),
        ("in a { veth x -- sw }", ("a", "x", None), ("sw", "to-a", None)),
        ("in a { veth x -- sw:y }", ("a", "x", None), ("sw", "y", None)),
        ("in sw { veth br1:p -- a:x }", ("sw", "p", ("sw", "br1")), ("a", "x", None)),
        ("in sw { veth x -- br1:p }", ("sw", "x", None), ("sw", "p", ("sw", "br1"))),
        ("in sw { veth x -- br0:p }", ("sw", "x", None), ("", "p", ("", "br0"))),
    ],
)
def test_ends(link: str, left: tuple[str, str, Any], right: tuple[str, str, Any]) -> None:
    for text in (f"{BRIDGED}{link}", f"{link}\n{BRIDGED}"):
        topology, findings = bound(text)
        assert [one for one in told(findings) if one.code != "N012"] == []
        one, two = (device(topology, netns, name) for netns, name, _ in (left, right))
        assert (one.peer, two.peer) == (two.key, one.key)
        assert [one.master, two.master] == [end[2] and key(*end[2]) for end in (left, right)]
        assert {one.made, two.made} == {Made.LAB, Made.PEER}
        # An end on the host makes both, since it can name the other's namespace.
        maker = one if one.made is Made.LAB else two
        assert maker.netns.is_root or not (one.netns.is_root or two.netns.is_root)


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("veth a:x -- brr0", ("N006", "brr0", "there is no bridge `brr0`")),
        ("in a { veth x -- y }", ("N006", "y", "there is no bridge `y`")),
        ("veth a:x -- gone:y", ("N006", "gone:y", "there is neither a namespace nor a bridge `gone`")),
        ("veth gone:x -- a:y", ("N006", "gone:x", "there is neither a namespace nor a bridge `gone`")),
        ("veth a:x -- gone:br1:y", ("N006", "gone:br1:y", "there is no namespace `gone`")),
        ("veth a:x -- sw:br2:y", ("N006", "sw:br2:y", "sw has no bridge `br2`")),
        ("veth a:x -- a:lo:y", ("N006", "a:lo:y", "a has no bridge `lo`")),
        ("veth a:x -- a:b:c:d", ("N009", "a:b:c:d", "`a:b:c:d` is no end of a link")),
        ("veth a: -- br0", ("N009", "a:", "`a:` is no end of a link")),
        ("veth a:x -- :y", ("N009", ":y", "`:y` is no end of a link")),
        ('veth a:x -- ""', ("N009", '""', "`` is no end of a link")),
        ("veth a:x --", ("N009", "veth a:x --", "the right end is missing")),
        ("veth -- a:x", ("N009", "--", "the left end is missing")),
        ("veth a:x -- a:y -- a:z", ("N009", "--", "`--` cannot stand here")),
        ("veth a:x -- a:x", ("N007", "a:x", "the device x of a is declared twice")),
        ("veth a:lo -- a:x", ("N007", "a:lo", "lo, which a has from the start, is declared twice")),
        ("veth a:x -- br0 10.0.0.1", None),
        ("veth a:x y -- br0", ("N005", "y", "`y` is no IP address")),
        (
            "veth a:x { mtu 1400 } -- br0 { mtu 1500 }",
            ("N007", "1500", "the link's `mtu` is said twice, and differently"),
        ),
        ("veth a:x { mtu 1400 } -- br0 { mtu 1400 }", None),
        ("veth a:x -- br0 { master br0 }", None),
        ("bridge br3\nveth a:x -- br0 { master br3 }", ("N007", "br3", "host:a-x belongs to two masters")),
        (
            "in sw { veth a -- br0 }",
            ("N008", "a", "`a` could be the namespace, or a new device of sw"),
        ),
    ],
)
def test_faults_of_links(link: str, wanted: tuple[str, str, str] | None) -> None:
    assert faults(BRIDGED + link) == ([wanted] if wanted else [])


def test_a_name_that_is_a_namespace_and_a_bridge() -> None:
    text = "netns br0\nbridge br0\nnetns b\n"
    for link, at in (("veth b:x -- br0", "br0"), ("veth b:x -- br0:y", "br0:y"), ("veth br0:y -- b:x", "br0:y")):
        assert faults(text + link) == [("N008", at, "`br0` is both a namespace and a bridge")]
        assert labels(text + link) == [("the namespace", 1, 7), ("the bridge", 2, 8)]
    # Said with its scope, it is one of them.
    topology = topology_of(text + "veth b:x -- host:br0:p")
    assert device(topology, "", "p").master == key("", "br0")


def test_the_nearest_bridge_is_meant() -> None:
    topology = topology_of("bridge br\nnetns a { bridge br; veth x -- br:p }\nnetns b { veth x -- br:p }")
    assert device(topology, "a", "p").master == key("a", "br")
    assert device(topology, "", "p").master == key("", "br")


def test_did_you_mean_a_bridge() -> None:
    assert helps("bridge br-lan\nnetns a\nveth a:x -- br-lam") == ["did you mean `br-lan`?"]
    # What the lab calls it, not what it is called on the host.
    assert helps("lab x { name-prefix pp- }\nbridge br-lan\nnetns a\nveth a:x -- br-lam") == ["did you mean `br-lan`?"]


def test_addresses_and_blocks_belong_to_the_end_that_they_follow() -> None:
    topology = topology_of(
        "netns a\nnetns b\n"
        "veth a:x 10.0.0.1/24 fd00::1/64 { proxy-arp on; mtu 1400 } -- b:y 10.0.0.2/24 { rp_filter 2 }"
    )
    one, two = device(topology, "a", "x"), device(topology, "b", "y")
    assert addresses(topology, "a", "x") == ["10.0.0.1/24", "fd00::1/64"]
    assert addresses(topology, "b", "y") == ["10.0.0.2/24"]
    assert {name: setting.value for name, setting in one.settings.items()} == {"proxy-arp": True, "mtu": 1400}
    assert {name: setting.value for name, setting in two.settings.items()} == {"rp-filter": 2, "mtu": 1400}


def test_derived_names_give_way_to_said_ones_wherever_they_stand() -> None:
    for text in ("veth a -- b\nveth a:to-b -- b:z", "veth a:to-b -- b:z\nveth a -- b"):
        topology, _ = bound(f"netns a; netns b\n{text}")
        assert device(topology, "a", "to-b").peer == key("b", "z")
        assert device(topology, "a", "to-b-2").peer == key("b", "to-a")


def test_derived_names_are_free_and_short_enough() -> None:
    many = "netns a-rather-long-name\nnetns b\n" + "veth a-rather-long-name -- b\n" * 40
    topology, _ = bound(many)
    found = [n for n in names(topology, "b") if n != "lo"]
    assert len(set(found)) == 40
    assert all(len(n) <= 15 and re.fullmatch(r"to-a-rathe-[0-9a-f]{4}", n) for n in found)
    assert found == [n for n in names(bound(many)[0], "b") if n != "lo"]


def test_derived_names_leave_room_for_the_prefix() -> None:
    topology = topology_of("bridge br\nnetns namespace { veth eth0 -- br }", "copy-")
    (port,) = topology.ports_of(key("", "copy-br"))
    assert port.name.startswith("copy-names-")
    assert len(port.name) == 15


# -- name prefix -------------------------------------------------------------------------------------------------

EVERY_REFERENCE = """
bridge br0 { subnet 10.0.0.0/24 }
bridge br1
uplink up0 10.9.0.2/24
netns a { bridge b1; veth x 10.0.0.1/24 -- br0 }
netns b
in b { address lo 10.8.0.1/32 }
veth host:h 10.1.0.1/24 -- b:y 10.1.0.2/24
veth a:z -- host:br0:p
veth a -- b { subnet 10.7.0.0/24 }
veth q { master br1 } -- b:q
address br0 10.0.0.9/24
route 10.5.0.0/16 via 10.1.0.2 dev h
route 10.6.0.0/16 dev up0
rule pref 9 ipv4 iif h lookup 9
neigh 10.1.0.7 lladdr 02:00:00:00:00:07 dev h
sysctl net.ipv4.conf.h.rp_filter = 0
sysctl net.ipv4.conf.up0.rp_filter = 0
exec a "ping b"
expect a:x -> host:br0
expect b -> host via a
"""


def test_the_prefix_goes_before_every_name_and_every_reference() -> None:
    plain, prefixed = topology_of(EVERY_REFERENCE), topology_of(EVERY_REFERENCE, "p-")
    root = {found.name for found in plain.devices_in(HOST)} - {"lo", "up0"}
    assert {found.name for found in prefixed.devices_in(HOST)} == {"lo", "up0"} | {f"p-{name}" for name in root}
    assert {netns.netns for netns in prefixed.netnses} == {"", "p-a", "p-b"}
    # Names inside a namespace are those of any other copy.
    assert names(prefixed, "p-a") == names(plain, "a")
    assert names(prefixed, "p-b") == names(plain, "b")
    assert [route.device for route in prefixed.routes] == [key("", "p-h"), key("", "up0")]
    assert prefixed.rules[0].selector == ("iif", "p-h")
    assert prefixed.neighbours[0].device == key("", "p-h")
    assert [sysctl.path[3] for sysctl in prefixed.sysctls] == ["p-h", "up0"]
    assert prefixed.processes[0].netns.netns == "p-a"
    assert [(e.source.netns.netns, e.target.netns.netns) for e in prefixed.expectations] == [("p-a", ""), ("p-b", "")]
    assert prefixed.expectations[0].target.device == key("", "p-br0")
    assert prefixed.expectations[1].via == NetnsKey("host", "p-a")
    assert device(prefixed, "", "p-q").master == key("", "p-br1")
    assert device(prefixed, "", "p-p").master == key("", "p-br0")
    for found in prefixed.devices.values():
        for other in (found.peer, found.master):
            assert other is None or other in prefixed.devices


def test_two_names_that_are_one_on_the_host() -> None:
    message = "the device p-x of host is declared twice"
    assert faults("lab l { name-prefix p- }\nbridge x\nuplink p-x") == [("N007", "p-x", message)]
    assert faults("lab l { name-prefix l }\nbridge o") == [
        ("N007", "o", "lo, which host has from the start, is declared twice")
    ]


# -- auto --------------------------------------------------------------------------------------------------------


def test_auto_takes_the_lowest_free_addresses_in_the_order_of_the_text() -> None:
    topology = topology_of(
        "netns a { veth x auto -- br0 }\nnetns b { veth x auto -- br0; route 10.9.0.0/16 via 10.0.0.2 }\n"
        "netns c { veth x 10.0.0.1/24 -- br0 }\nbridge br0 auto { subnet 10.0.0.0/24 }"
    )
    assert addresses(topology, "a", "x") == ["10.0.0.3/24"]
    assert addresses(topology, "b", "x") == ["10.0.0.4/24"]
    assert addresses(topology, "", "br0") == ["10.0.0.5/24"]
    assert all(address.auto for address in device(topology, "a", "x").addresses)


def test_auto_of_a_loop_follows_its_turns() -> None:
    topology = topology_of("bridge br0 { subnet 10.0.0.0/24 }\nfor i in 1..3 { netns n${i} { veth x auto -- br0 } }")
    assert [addresses(topology, f"n{i}", "x") for i in (1, 2, 3)] == [[f"10.0.0.{i}/24"] for i in (1, 2, 3)]


def test_auto_is_dual_stack_where_the_segment_is() -> None:
    topology = topology_of("bridge br0 { subnet fd00::/64 10.0.0.0/24 }\nnetns a { veth x auto -- br0 }")
    assert addresses(topology, "a", "x") == ["10.0.0.1/24", "fd00::1/64"]
    topology = topology_of("bridge br0 { subnet fd00::/64 }\nnetns a { veth x auto 10.0.0.9/24 -- br0 }")
    # A family whose subnet only an address implies counts as well.
    assert addresses(topology, "a", "x") == ["10.0.0.1/24", "fd00::1/64", "10.0.0.9/24"]


def test_auto_from_what_the_addresses_imply() -> None:
    topology = topology_of("netns a; netns b\nveth a:x 10.0.0.1/29 -- b:y auto")
    assert addresses(topology, "b", "y") == ["10.0.0.2/29"]


def test_a_link_without_a_word_has_auto_addresses() -> None:
    topology = topology_of("netns a; netns b\nveth a { subnet 10.0.0.0/31 } -- b")
    assert addresses(topology, "a", "to-b") == ["10.0.0.0/31"]
    assert addresses(topology, "b", "to-a") == ["10.0.0.1/31"]


def test_auto_of_an_address_statement_knows_its_statement() -> None:
    topology = topology_of(TWO + "in b { address y auto }")
    assert addresses(topology, "b", "y") == ["10.0.0.2/24", "10.0.0.3/24"]
    origin = device(topology, "b", "y").addresses[1].origin
    assert origin is not None
    assert origin.text == "lab.net:3  address y auto"


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("netns a; netns b\nveth a:x auto -- b:y", "auto", "there is no subnet to take an address for a:x from"),
        (
            "bridge b { subnet 10.0.0.0/24 10.1.0.0/24 }\nnetns a { veth x auto -- b }",
            "auto",
            "`auto` could mean any of 10.0.0.0/24, 10.1.0.0/24",
        ),
        (
            "bridge b { subnet 10.0.0.0/30 }\nfor i in 1..3 { netns a${i} { veth x auto -- b } }",
            "auto",
            "10.0.0.0/30 has no free address left",
        ),
        ("bridge b auto", "auto", "there is no subnet to take an address for host:b from"),
    ],
)
def test_faults_of_auto(text: str, at: str, message: str) -> None:
    assert faults(text) == [("N012", at, message)]


def test_the_turn_that_finds_no_address_is_named() -> None:
    _, findings = bound("bridge b { subnet 10.0.0.0/30 }\nfor i in 1..3 { netns a${i} { veth x auto -- b } }")
    assert [[frame.text for frame in f.span.frames] for f in findings] == [["in the turn i = 3 of this loop"]]


# -- the other statements ----------------------------------------------------------------------------------------


def test_routes() -> None:
    topology = topology_of(
        TWO + "in a {\n  route default via 10.0.0.2\n"
        "  route 10.5.0.1/16 dev x scope link metric 7 table 100 src 10.0.0.1 mtu 1400\n"
        "  route blackhole 10.6.0.0/16\n"
        "  route 10.7.0.0/16 via 10.99.0.1 dev x onlink\n  route default via fd00::1 dev x\n}"
    )
    default, full, blackhole, onlink, six = topology.routes
    assert (str(default.prefix), default.device, default.device_said) == ("0.0.0.0/0", key("a", "x"), False)
    assert (str(full.written), str(full.prefix), full.device_said) == ("10.5.0.1/16", "10.5.0.0/16", True)
    assert (full.scope, full.metric, full.table, str(full.source), full.mtu) == ("link", 7, 100, "10.0.0.1", 1400)
    assert (blackhole.type, blackhole.device, blackhole.table) == (RouteType.BLACKHOLE, None, MAIN_TABLE)
    assert onlink.onlink
    assert str(six.prefix) == "::/0"
    assert default.origin.text == "lab.net:4  route default via 10.0.0.2"


@pytest.mark.parametrize(
    ("routes", "wanted"),
    [
        ("route default via 10.0.0.2", "x"),
        ("route default via 10.5.0.1; route 10.5.0.0/16 dev z", "z"),
        ("route 10.5.0.0/16 dev z; route default via 10.5.0.1", "z"),
        ("route default via 10.0.0.2; route 10.0.0.2/32 dev z", "z"),
        ("route default via 10.0.0.2; route 10.0.0.0/16 dev z", "x"),
        ("route default via 10.9.9.9", None),
        ("route default via fe80::1", None),
        ("route default via 10.0.1.2", "z"),
    ],
)
def test_a_gateway_finds_its_device(routes: str, wanted: str | None) -> None:
    topology = topology_of(f"{TWO}veth a:z 10.0.1.1/24 -- b:z 10.0.1.2/24\nin a {{ {routes} }}")
    (found,) = [route for route in topology.routes if route.gateway is not None]
    assert found.device == (None if wanted is None else key("a", wanted))


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", ("N009", "route", "the destination is missing")),
        ("default", ("N009", "route default", "a route needs a gateway or a device")),
        ("10.0.0.0/33 dev x", ("N005", "33", "`33` is no prefix length")),
        ("default via", ("N009", "route default via", "the value of `via` is missing")),
        ("default via 10.0.0.2/24", ("N005", "10.0.0.2/24", "`10.0.0.2/24` is a prefix; an address alone stands here")),
        ("default dev y", ("N006", "y", "a has no device `y`")),
        ("default va 10.0.0.2", ("N009", "va", "`va` cannot stand here")),
        ("default dev x dev x", ("N007", "dev", "`dev` is said twice")),
        ("default dev x onlink onlink", ("N007", "onlink", "`onlink` is said twice")),
        ("default dev x metric 5 metric 6", ("N007", "metric", "`metric` is said twice")),
        ("default dev x metric x", ("N005", "x", "`x` is not a metric")),
        ("default dev x scope univers", ("N005", "univers", "`univers` is not possible here")),
        ("default dev x table 0", ("N005", "0", "0 is out of range for a routing table")),
        ("default dev x vrf x", ("N006", "x", "a has no VRF `x`")),
        (
            "blackhole default via 10.0.0.2",
            ("N009", "route blackhole default via 10.0.0.2", "a blackhole route goes nowhere"),
        ),
        ("10.5.0.0/16 via fd00::1", ("N005", "fd00::1", "an IPv6 gateway for an IPv4 destination")),
        ("fd00::/64 dev x src 10.0.0.1", ("N005", "10.0.0.1", "an IPv4 source for an IPv6 destination")),
        ("default dev x { y }", ("N009", "{ y }", "a block cannot stand here")),
    ],
)
def test_faults_of_routes(words: str, wanted: tuple[str, str, str]) -> None:
    assert faults(f"{TWO}in a {{ route {words} }}") == [wanted]


def test_rules() -> None:
    topology = topology_of(
        TWO + "in a {\n  rule pref 5 ipv4 ipv6 iif x lookup 100\n"
        "  rule pref 6 from 10.0.0.0/24 to 10.1.0.0/16 fwmark 7 lookup main\n"
        "  rule pref 7 not from fd00::/64 tos 4 ipproto tcp sport 1 dport 2 goto 9\n"
        "  rule pref 8 from all ipv4 blackhole\n}"
    )
    assert [(r.preference, r.family, r.selector, r.action) for r in topology.rules] == [
        (5, 4, ("iif", "x"), ("lookup", "100")),
        (5, 6, ("iif", "x"), ("lookup", "100")),
        (6, 4, ("from", "10.0.0.0/24", "to", "10.1.0.0/16", "fwmark", "0x7"), ("lookup", "254")),
        (
            7,
            6,
            ("not", "from", "fd00::/64", "tos", "0x04", "ipproto", "tcp", "sport", "1", "dport", "2"),
            ("goto", "9"),
        ),
        (8, 4, ("from", "all"), ("blackhole",)),
    ]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("from 10.0.0.0/8 lookup 5", ("N009", "rule from 10.0.0.0/8 lookup 5", "`pref N` is missing")),
        (
            "pref 5 from 10.0.0.0/8 to 10.1.0.0/16 lookup 5; rule to 10.1.0.0/16 from 10.0.0.0/8 pref 5 lookup 5",
            ("N007", "rule to 10.1.0.0/16 from 10.0.0.0/8 pref 5 lookup 5", "this rule is said twice"),
        ),
        ("pref 5 from 10.0.0.0/8", ("N009", "rule pref 5 from 10.0.0.0/8", "the rule says nothing to do")),
        ("pref 5 lookup 5", ("N009", "rule pref 5 lookup 5", "the rule does not say for which family it is")),
        ("pref 0 ipv4 lookup 5", ("N005", "0", "0 is out of range for a preference")),
        ("pref 5 pref 6 ipv4 lookup 5", ("N007", "pref", "`pref` is said twice")),
        ("pref 5 ipv4 from 10.0.0.1/8 lookup 5", ("N005", "10.0.0.1/8", "10.0.0.1/8 has bits set beyond its prefix")),
        (
            "pref 5 ipv6 from 10.0.0.0/8 lookup 5",
            ("N005", "10.0.0.0/8", "an IPv4 address in a rule for another family"),
        ),
        (
            "pref 5 from 10.0.0.0/8 to fd00::/8 lookup 5",
            ("N005", "fd00::/8", "an IPv6 address in a rule for another family"),
        ),
        ("pref 5 ipv4 iif gone lookup 5", ("N006", "gone", "a has no device `gone`")),
        ("pref 5 ipv4 lookup 5 blackhole", ("N009", "blackhole", "the rule already says what to do")),
        ("pref 5 ipv4 loookup 5", ("N009", "loookup", "`loookup` cannot stand here")),
        ("pref 5 ipv4 dport 0 lookup 5", ("N005", "0", "0 is out of range for a port")),
        ("pref", ("N009", "rule pref", "the value of `pref` is missing")),
    ],
)
def test_faults_of_rules(words: str, wanted: tuple[str, str, str]) -> None:
    assert faults(f"{TWO}in a {{ rule {words} }}") == [wanted]


def test_neighbours() -> None:
    topology = topology_of(
        TWO + "in a { neigh 10.0.0.9 lladdr 02:00:00:00:00:AA dev x nud permanent; neigh proxy fd00::9 dev x }"
    )
    assert [(str(n.ip), n.mac, n.device) for n in topology.neighbours] == [
        ("10.0.0.9", "02:00:00:00:00:aa", key("a", "x")),
        ("fd00::9", None, key("a", "x")),
    ]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", ("N009", "neigh", "the address is missing")),
        ("proxy", ("N009", "neigh proxy", "the address is missing")),
        ("10.0.0.9 dev x", ("N009", "neigh 10.0.0.9 dev x", "`lladdr MAC` is missing")),
        (
            "10.0.0.9 lladdr 02:00:00:00:00:01",
            ("N009", "neigh 10.0.0.9 lladdr 02:00:00:00:00:01", "`dev DEVICE` is missing"),
        ),
        ("10.0.0.9 lladdr x dev x", ("N005", "x", "`x` is no MAC address")),
        ("10.0.0.9 dev x dev x", ("N007", "dev", "`dev` is said twice")),
        ("proxy fd00::9 lladdr 02:00:00:00:00:01 dev x", ("N009", "lladdr", "`lladdr` cannot stand here")),
        (
            "10.0.0.9 lladdr 02:00:00:00:00:01 dev x; neigh 10.0.0.9 dev x lladdr 02:00:00:00:00:02",
            (
                "N007",
                "neigh 10.0.0.9 dev x lladdr 02:00:00:00:00:02",
                "a:x has a neighbour entry for 10.0.0.9 already",
            ),
        ),
        ("10.0.0.9/24 dev x", ("N005", "10.0.0.9/24", "`10.0.0.9/24` is a prefix; an address alone stands here")),
    ],
)
def test_faults_of_neighbours(words: str, wanted: tuple[str, str, str]) -> None:
    assert faults(f"{TWO}in a {{ neigh {words} }}") == [wanted]


def test_forward_sysctl_module_exec() -> None:
    topology = topology_of(
        TWO + "forward ipv4\n"
        "in a { forward ipv4 ipv6; sysctl net.ipv4.tcp_rmem = 1 2 3; sysctl net/ipv4/conf/x/rp_filter = 2 }\n"
        "module br_netfilter\nexec a \"sh -c 'echo a b'\"\nin b { exec ls }"
    )
    assert [(f.netns.label, f.family) for f in topology.forwards] == [("host", 4), ("a", 4), ("a", 6)]
    assert topology.forwards_in(NetnsKey("host", "a"), 6)
    assert not topology.forwards_in(NetnsKey("host", "b"), 4)
    assert [(s.key, s.value, s.device) for s in topology.sysctls] == [
        ("net.ipv4.tcp_rmem", "1 2 3", None),
        ("net.ipv4.conf.x.rp_filter", "2", key("a", "x")),
    ]
    assert [module.name for module in topology.modules] == ["br_netfilter"]
    assert [(p.netns.label, p.argv) for p in topology.processes] == [("a", ("sh", "-c", "echo a b")), ("b", ("ls",))]


@pytest.mark.parametrize(
    ("path", "family", "wanted"),
    [
        ("net.ipv4.ip_forward", 4, True),
        ("net.ipv4.conf.all.forwarding", 4, True),
        ("net.ipv6.conf.all.forwarding", 6, True),
        ("net.ipv6.conf.all.forwarding", 4, False),
        ("net.ipv4.conf.default.forwarding", 4, False),
    ],
)
def test_forwarding_by_sysctl(path: str, family: int, wanted: bool) -> None:
    topology = topology_of(f"netns a {{ sysctl {path} = 1 }}\nnetns b {{ sysctl {path} = 0 }}")
    assert topology.forwards_in(NetnsKey("host", "a"), family) is wanted
    assert not topology.forwards_in(NetnsKey("host", "b"), family)


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("forward", ("N009", "forward", "the family is missing")),
        ("forward ipv5", ("N009", "ipv5", "`ipv5` cannot stand here")),
        ("forward ipv4 ipv4", ("N007", "ipv4", "`ipv4` is said twice")),
        ("forward ipv4 { }", ("N009", "{ }", "a block cannot stand here")),
        ("sysctl", ("N009", "sysctl", "the key is missing")),
        ("sysctl net.ipv4.x", ("N009", "sysctl net.ipv4.x", "`=` is missing")),
        ("sysctl net.ipv4.x =", ("N009", "sysctl net.ipv4.x =", "the value is missing")),
        ('sysctl net.ipv4.x = "$(id)"', ("N005", '"$(id)"', "`$(id)` is no value of a kernel parameter")),
        ('sysctl net.ipv4.x = "1\\n2"', ("N005", '"1\\n2"', "`1\n2` is no value of a kernel parameter")),
        (
            "sysctl kernel.core_pattern = x",
            ("N005", "kernel.core_pattern", "`kernel.core_pattern` is not a parameter of networking"),
        ),
        ("sysctl net.x = 1", ("N005", "net.x", "`net.x` is not a parameter of networking")),
        ("sysctl net..x = 1", ("N005", "net..x", "`net..x` is no kernel parameter")),
        ("sysctl net/../kernel/x = 1", ("N005", "net/../kernel/x", "`net/../kernel/x` is no kernel parameter")),
        ('sysctl "net.ipv4.a b" = 1', ("N005", '"net.ipv4.a b"', "`net.ipv4.a b` is no kernel parameter")),
        (
            "sysctl net.ipv6.conf.all.disable_ipv6 = 1",
            ("N005", "net.ipv6.conf.all.disable_ipv6", "this removes every IPv6 address of the namespace"),
        ),
        ("module", ("N009", "module", "the module's name is missing")),
        ('module "a b"', ("N005", '"a b"', "`a b` is no module's name")),
        ('module "-r"', ("N005", '"-r"', "`-r` is no module's name")),
        ("exec a", ("N009", "exec a", "the namespace or the command is missing")),
        ("exec gone ls", ("N006", "gone", "there is no namespace `gone`")),
        ("exec a ls x", ("N009", "x", "`x` cannot stand here")),
        ('exec a "it\'s"', ("N005", '"it\'s"', "a quote in the command is never closed")),
        ('exec a ""', ("N005", '""', "there is no command to run")),
        ("exec a \"'' x\"", ("N005", "\"'' x\"", "there is no command to run")),
        ("address", ("N009", "address", "the device is missing")),
        ("address lo", ("N009", "address lo", "an address is missing")),
        ("address gone 1.1.1.1", ("N006", "gone", "host has no device `gone`")),
        ("uplink u\naddress u 1.1.1.1/24", ("N009", "u", "u is an uplink, which a lab never changes")),
        ("address lo x", ("N009", "x", "`x` is neither an address nor `auto`")),
        ("address lo 1.1.1.1 on x", ("N009", "on", "`on` cannot stand here")),
    ],
)
def test_faults_of_the_other_statements(statement: str, wanted: tuple[str, str, str]) -> None:
    assert faults(TWO + statement) == [wanted]


# -- expectations ------------------------------------------------------------------------------------------------


def test_expectations() -> None:
    topology = topology_of(
        TWO
        + "expect a -> b ttl 64\nexpect a:x <-> b:y via b mtu 1400\nexpect 10.0.0.1 -/> host\naddress lo 10.8.0.1/32"
    )
    assert [(e.source.text, str(e.expected), e.target.text, e.ttl, e.via, e.mtu) for e in topology.expectations] == [
        ("a", "->", "b", 64, None, None),
        ("a:x", "->", "b:y", None, NetnsKey("host", "b"), 1400),
        ("b:y", "->", "a:x", None, NetnsKey("host", "b"), 1400),
        ("10.0.0.1", "-/>", "host", None, None, None),
    ]
    by_address = topology.expectations[3].source
    assert (by_address.netns.netns, str(by_address.ip), by_address.device) == ("a", "10.0.0.1", None)
    assert topology.expectations[1].source.device == key("a", "x")


def test_ends_that_look_like_addresses() -> None:
    # Hex digits around a colon, and digits alone, can be names.
    text = "netns {0}; netns b\nveth {0}:e0 10.0.0.1/24 fd00::1/64 -- b:d1 10.0.0.2/24 fd00::2/64\n"
    topology = topology_of(text.format("a") + "expect a:e0 -> b:d1\nexpect fd00::1 -> b")
    assert topology.expectations[0].target.device == key("b", "d1")
    assert str(topology.expectations[1].source.ip) == "fd00::1"
    topology = topology_of(text.format("1") + "expect 1 -> b\nexpect 1:e0 -> 10.0.0.2")
    assert [e.source.netns.netns for e in topology.expectations] == ["1", "1"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", ("N009", "expect", "the left end is missing")),
        ("a", ("N009", "expect a", "`->` or `<->` or `-/>` is missing")),
        ("a -- b", ("N009", "--", "`->` or `<->` or `-/>` is missing")),
        ("a ->", ("N009", "expect a ->", "the right end is missing")),
        ("a -> gone", ("N006", "gone", "there is no namespace `gone`")),
        ("a:gone -> b", ("N006", "a:gone", "a has no device `gone`")),
        ("a -> b ttl 0", ("N005", "0", "0 is out of range for a TTL")),
        ("a -> b ttl 256", ("N005", "256", "256 is out of range for a TTL")),
        ("a -> b ttl", ("N009", "expect a -> b ttl", "the value of `ttl` is missing")),
        ("a -> b ttl 9 ttl 9", ("N007", "ttl", "`ttl` is said twice")),
        ("a -> b mtu 67", ("N005", "67", "67 is out of range for an MTU")),
        ("a -> b via gone", ("N006", "gone", "there is no namespace `gone`")),
        ("a -> b tll 9", ("N009", "tll", "`tll` cannot stand here")),
        ("a -/> b ttl 9", ("N009", "expect a -/> b ttl 9", "what does not arrive has no TTL, path or MTU")),
        ("a -> 10.0.0.9", ("N013", "10.0.0.9", "nobody in the lab has the address 10.0.0.9")),
        ("a -> 10.0.0.2/24", ("N005", "10.0.0.2/24", "`10.0.0.2/24` is a prefix; an address alone stands here")),
        ("a -> 10.0.0.300", ("N005", "300", "300 is not an octet")),
        ("a -> host", ("N013", "host", "`host` has no address to ping")),
        ("a -/> host", ("N013", "host", "`host` has no address to ping")),
        ("a -> b:lo", ("N013", "b:lo", "`b:lo` has no address to ping")),
        ("a -> c", ("N013", "c", "`a` and `c` have no address family in common")),
        ("a -> 10.7.7.7", ("N013", "10.7.7.7", "10.7.7.7 belongs to c:lo and d:lo")),
    ],
)
def test_faults_of_expectations(words: str, wanted: tuple[str, str, str]) -> None:
    others = "netns c { address lo fd00::1/128 }\nnetns d { address lo 10.7.7.7/32 }\n"
    if "10.7.7.7" in words:
        others += "in c { address lo 10.7.7.7/32 }\n"
    assert faults(TWO + others + f"expect {words}") == [wanted]


# -- order -------------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Return a value of the model without what depends on the order of the text, or on the place in it."""
    if isinstance(value, Mapping):
        return sorted(((repr(_plain(k)), _plain(v)) for k, v in value.items()), key=repr)
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(_plain(item) for item in value)
    if isinstance(value, Origin):
        return value.title
    slots = getattr(type(value), "__dataclass_fields__", None)
    if slots is None:
        return value
    return (type(value).__name__, *(_plain(getattr(value, s)) for s in slots if "span" not in s and s != "order"))


def _unordered(topology: Topology) -> Any:
    fields = {name: getattr(topology, name) for name in type(topology).__dataclass_fields__}
    return {
        name: sorted(map(repr, map(_plain, value))) if isinstance(value, tuple) else _plain(value)
        for name, value in fields.items()
    }


LAB_OF_EVERYTHING = [line for line in EVERY_REFERENCE.strip().split("\n") if not line.startswith("veth a -- b")]


@given(st.permutations(LAB_OF_EVERYTHING))
@examples(40)
def test_order_does_not_matter(lines: list[str]) -> None:
    assert _unordered(topology_of("\n".join(lines), "p-")) == _unordered(
        topology_of("\n".join(LAB_OF_EVERYTHING), "p-")
    )


# Which address `auto` takes is a matter of order, and which one an `attach`.
ORDERLY = [path for path in EXAMPLES if not re.search("auto|attach", path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("path", ORDERLY, ids=lambda path: path.name)
def test_the_order_of_an_example_does_not_matter(path: Path) -> None:
    topology = topology_of(path.read_text(encoding="utf-8"))
    # At the top level a line that starts a statement starts in the first column; the rest belongs to it.
    chunks = re.split(r"\n(?=[a-z])", "\n" + path.read_text(encoding="utf-8"))
    assert len(chunks) > 3
    for seed in range(3):
        random.Random(seed).shuffle(chunks)
        shuffled = topology_of("\n".join(chunks))
        assert _unordered(shuffled) == _unordered(topology)


def test_order_is_seen_by_the_comparison() -> None:
    one, two = topology_of(TWO), topology_of(TWO.replace("10.0.0.1", "10.0.0.3"))
    assert _unordered(one) != _unordered(two)


def test_devices_come_in_the_order_of_the_text() -> None:
    topology = topology_of("netns a\nveth a:x -- host:x\nbridge y\nveth a:z -- host:z")
    assert names(topology, "") == ["lo", "x", "y", "z"]
    assert names(topology, "a") == ["lo", "x", "z"]


# -- size --------------------------------------------------------------------------------------------------------

STAR = (
    "bridge br0 {{ subnet 10.0.0.0/16 }}\n"
    "for i in 1..{0} {{ netns n${{i}} {{ veth x auto -- br0; route 10.9.0.0/16 via 10.0.0.1 }}; expect n${{i}} -> n1 }}"
)


def test_work_does_not_grow_with_the_square() -> None:
    assert grows_with(lambda count: lambda: bound(STAR.format(count)), 100) < 5


def test_a_star_is_bound_whole() -> None:
    topology = topology_of(STAR.format(300))
    assert len(topology.netnses) == 301
    assert addresses(topology, "n300", "x") == ["10.0.1.45/16"]
    assert len(topology.ports_of(key("", "br0"))) == 300
    assert all(route.device is not None for route in topology.routes)


@pytest.mark.parametrize(
    ("text", "code", "at", "help"),
    [
        ("iface eth0 10.0.0.1/24", "N003", "iface", "an `uplink`"),
        ("switch s", "N003", "switch", "a `bridge`"),
        ("ns a", "N003", "ns", "write `netns`"),
        ("qwertz a", "N003", "qwertz", "are statements"),
        ("netns a { route add default via 10.0.0.1 }", "N009", "add", "leave it out"),
        ("netns a { rule add pref 1 from 10.0.0.1 lookup 7 }", "N009", "add", "leave it out"),
        ("netns a { neigh replace 10.0.0.1 lladdr 02:00:00:00:00:01 dev lo }", "N009", "replace", "leave it out"),
        ("address add 10.0.0.1/24 dev lo", "N009", "add", "leave it out"),
        ("netns a { address lo 10.0.0.1 255.255.255.0 }", "N005", "255.255.255.0", "write 10.0.0.1/24"),
        ("netns a { address lo 10.0.0.1/255.255.255.0 }", "N005", "255.255.255.0", "write 10.0.0.1/24"),
        ("netns a { address lo 10.0.0.1/0.0.0.255 }", "N005", "0.0.0.255", "prefix lengths from 0 to 32"),
    ],
)
def test_words_from_elsewhere(text: str, code: str, at: str, help: str) -> None:
    _, findings = bound(text + "\n")
    (finding,) = findings
    assert (finding.code, covered(finding)) == (code, at)
    assert help in finding.help

"""The checks: each by its own examples, then at the edges, then by how the work grows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from netc.bind import bind
from netc.checks import checks, run_checks
from netc.diagnostics import Finding, Findings, Severity
from netc.explain import codes, page
from netc.language_pages import PAGES
from netc.networks import expand
from netc.pipeline import compile_lab
from netc.source import Source
from netc.syntax.parser import parse
from netc.topology.model import Topology
from netc.unroll import unroll
from tests.compiled import ROOT
from tests.growth import grows_with

SECTIONS = ["What it does", "What happens at run time", "Example", "Use instead"]
FILES = {"common.net": "netns shared\n"}
CASES = [(check.code, check.bad, check.good) for check in checks().values()]
CASES += [(entry.code, entry.bad, entry.good) for entry in PAGES]


def findings(text: str, prefix: str | None = None) -> tuple[Finding, ...]:
    return compile_lab(Source("lab.net", text), lambda path: FILES[path], prefix).findings


def raised(text: str, prefix: str | None = None) -> list[str]:
    return sorted({finding.code for finding in findings(text, prefix)})


def marked(finding: Finding) -> str:
    """Return the text that a finding points at."""
    span = finding.span
    return span.source.line(span.line)[span.column - 1 : span.end_column - 1]


# -- every code by its own examples ---------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "bad", "good"), CASES, ids=[case[0] for case in CASES])
def test_examples(code: str, bad: str, good: str) -> None:
    # The model says of the same mistake that a ping ends for it, or that it cannot tell.
    assert [found for found in raised(bad) if found not in {"N409", "N414"} or found == code] == [code]
    # What only verify.sh can prove does no harm.
    assert [found for found in raised(good) if found != "N414" or code == "N414"] == []


@pytest.mark.parametrize(("code", "name", "title"), codes(), ids=[entry[0] for entry in codes()])
def test_pages(code: str, name: str, title: str) -> None:
    text = page(code)
    assert text is not None
    assert text == page(name) == page(code.lower())
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert re.match(
        rf"# {code} {name}: {re.escape(title)}\n\n(An error|A warning|Information)[,;] .*allow.*\.\n\n## ", text
    )
    assert not title.endswith(".")
    for section in re.split(r"^## .+$", text, flags=re.MULTILINE):
        assert section.strip()


def test_codes_and_names_are_unique() -> None:
    listed = codes()
    assert len({code for code, _, _ in listed}) == len({name for _, name, _ in listed}) == len(listed)
    assert [code for code, _, _ in listed] == sorted(code for code, _, _ in listed)
    assert all(re.fullmatch(r"N[0-9]{3}", code) for code, _, _ in listed)
    assert page("N999") is None


def test_every_code_of_the_language_has_a_page() -> None:
    """The codes that the phases before the checks use, read from the code, are those that have a page."""
    used = set()
    for path in (ROOT / "netc").rglob("*.py"):
        if path.name != "language_pages.py" and path.parent.name != "checks":
            used |= set(re.findall(r'"(N0[0-9]{2})"', path.read_text(encoding="utf-8")))
    assert used == {entry.code for entry in PAGES}


@pytest.mark.parametrize("check", checks().values(), ids=checks())
def test_findings_are_complete(check: object) -> None:
    """A finding says what would happen and what to write, points at one line, and speaks no Python."""
    bad = getattr(check, "bad")  # noqa: B009 - Check is frozen, its fields are plain
    for finding in findings(bad):
        assert finding.effect
        assert finding.help
        assert finding.span.line == finding.span.end_line
        assert finding.span.column < finding.span.end_column
        texts = [finding.message, finding.effect, finding.help, *(label.text for label in finding.labels)]
        assert not re.search(r"\bNone\b|DeviceKey|NetnsKey|IPv[46]Network|object at", " ".join(texts))


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.net")), ids=lambda path: path.stem)
def test_examples_of_the_project_raise_nothing(path: object) -> None:
    """But for what only verify.sh can prove."""
    assert set(raised((ROOT / "examples" / str(path)).read_text(encoding="utf-8"))) <= {"N414"}


def test_information_does_not_fail() -> None:
    found = Findings()
    found.extend(findings(checks()["N213"].bad))
    assert [finding.severity for finding in found] == [Severity.INFO]
    assert not found.failed


# -- names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("x" * 15, None),
        ("x" * 16, "N101"),
        ("a.b", None),
        ("dev", None),
        ("0", None),
        ("..", "N102"),
        ("a/b", "N102"),
        ("a\\tb", "N102"),
        ("a\u00a0b", "N102"),
        ("all", "N103"),
        ("a%d", "N104"),
        ("x;y$(id)", "N105"),
        ("-x", "N105"),
        ("\u00e9th0", "N105"),
        ("x;" * 20, "N105"),
    ],
)
def test_device_names(name: str, code: str | None) -> None:
    lab = f'netns a {{ veth "{name}" 10.0.0.1/24 -- b:eth0 10.0.0.2/24 }}\nnetns b\n'
    assert [finding.code for finding in findings(lab)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("name", "effect"),
    [
        ("a b", "`ip link add` would refuse it: not a valid ifname"),
        ("a\\tb", "`ip link add` would refuse it: not a valid ifname"),
        ("..", "the kernel would refuse it: Invalid argument"),
        ("a\u00a0b", "the kernel would refuse it: Invalid argument"),
        ("a\u200bb", "`ip` would accept it and print it raw, so that nobody can read it"),
    ],
)
def test_what_comes_of_a_device_name(name: str, effect: str) -> None:
    (finding,) = findings(f'netns a {{ bridge "{name}" }}\n')
    assert finding.effect == effect


def test_a_prefix_counts_in_names() -> None:
    lab = "bridge br0-for-tests\nnetns a { veth eth0 10.0.0.1/24 -- br0-for-tests:port }\n"
    assert raised(lab) == []
    (finding,) = findings(lab, prefix="copy-")
    assert finding.code == "N101"
    assert "with the lab's prefix `copy-`" in finding.message
    assert marked(finding) == "br0-for-tests"


def test_derived_names_fit() -> None:
    lab = "bridge br0 { subnet 10.0.0.0/24 }\nnetns a-namespace-with-a-long-name { veth eth0 auto -- br0 }\n"
    assert raised(lab) == []
    assert raised(lab, prefix="copy-2-") == []


def test_a_name_is_pointed_at_alone() -> None:
    (finding,) = findings("netns a\nnetns b\nveth a:a%d 10.0.0.1/24 -- b:eth0 10.0.0.2/24\n")
    assert marked(finding) == "a%d"


@pytest.mark.parametrize(
    ("name", "foreign"),
    [
        ("br0", False),
        ("veth1", False),
        ("cni0", True),
        ("flannel.1", True),
        ("eth0", True),
        ("eth0-a", False),
        ("enp1s0", True),
        ("enp0s31f6", True),
        ("ens3", True),
        ("eno1", True),
        ("end", False),
        ("ens", False),
        ("enx001122334455", True),
        ("wlp2s0", True),
        ("dummy0", True),
        ("dummy9", False),
    ],
)
def test_foreign_names(name: str, foreign: bool) -> None:
    assert raised(f"bridge {name}\n") == (["N107"] if foreign else [])
    assert raised(f"netns a {{ bridge {name} }}\n") == []
    assert raised(f"uplink {name} 10.0.0.1/24\n") == []


def test_names_of_namespaces() -> None:
    assert raised("netns " + "x" * 256 + "\n") == ["N108"]
    assert raised('netns ".."\n') == ["N108"]
    assert raised("netns a.b-c_1\n") == []
    assert [finding.effect for finding in findings('netns "a/b"\nnetns "a b"\nnetns "a;b"\n')] == [
        "`ip netns add` would refuse it: Invalid netns name",
        "scripts that list namespaces would read 2 names: `a`, `b`",
        "scripts that list namespaces would read it as something else",
    ]


@pytest.mark.parametrize(
    ("command", "help"),
    [
        ("cd /srv && ls", "write the command as `\"sh -c 'cd /srv && ls'\"`"),
        ("echo 'a b' > log", "write the command as `\"sh -c '...'\"`"),
        ("echo $HOME | cat", "write the command as `\"sh -c '...'\"`"),
    ],
)
def test_a_command_for_a_shell(command: str, help: str) -> None:
    (finding,) = findings(f'netns a {{ exec "{command}" }}\n')
    assert (finding.code, finding.help) == ("N109", help)


def test_texts() -> None:
    assert raised("netns a { exec \"sh -c 'echo a | grep a > /dev/null; date'\" }\n") == []
    assert raised('netns a { exec "ping \\t 10.0.0.1" }\n') == ["N106"]
    assert raised("netns a\n", prefix="x;y-") == ["N106"]
    assert raised('lab x { name-prefix "a b" }\nnetns a\nnetns b\n') == ["N106"]


def test_a_file_name_becomes_the_lab_name() -> None:
    found = Findings()
    run_checks(bind(parse(Source("my lab.net", "netns a\n"), found), "my lab", found), found)
    (finding,) = found
    assert finding.code == "N106"
    assert "`lab NAME`" in finding.help


# -- addresses ------------------------------------------------------------------------------------------------


def test_the_message_of_the_language_document() -> None:
    lab = (
        "bridge br0 {\n  subnet  1.1.1.0/24\n}\n"
        "netns ns1 { veth veth1-ns1 1.1.1.1/24 -- br0:veth1 }\n"
        "netns ns2 { veth veth2-ns2 1.1.2.2/24 -- br0:veth2 }\nexpect ns1 <-> ns2\n"
    )
    (finding,) = findings(lab)
    assert finding.code == "N201"
    assert finding.message == "1.1.2.2/24 is outside br0's subnet 1.1.1.0/24"
    assert [label.text for label in finding.labels] == ["the subnet is declared here"]
    assert finding.effect == 'ns2 would have no on-link route to ns1: every ping ends in "Network is unreachable"'
    assert finding.help == "use an address of 1.1.1.0/24; the next free one is 1.1.1.2/24"
    assert marked(finding) == "1.1.2.2/24"


@pytest.mark.parametrize(
    ("lab", "expected"),
    [
        # a bridge inside a namespace, IPv6, dual stack
        ("netns sw { bridge br0 { subnet fd00::/64 } }\nnetns a { veth eth0 fd01::1/64 -- sw:br0 }", ["N201"]),
        ("netns sw { bridge br0 { subnet fd00::/64 } }\nnetns a { veth eth0 fd00::1/64 10.0.0.1/24 -- sw:br0 }", []),
        ("bridge br0 { subnet 10.0.0.0/24 fd00::/64 }\nnetns a { veth eth0 10.0.0.1/24 fd01::1/64 -- br0 }", ["N201"]),
        ("bridge br0 { subnet fd00::/64 }\nnetns a { veth eth0 fd00::1/64 fe80::1/64 -- br0 }", []),
        # nothing declared: an end that shares a subnet with nobody
        ("netns a { veth e 10.0.0.1/24 -- b:e 10.0.1.1/24 }\nnetns b", ["N201"]),
        ("netns a { veth e fd00::1/64 -- b:e fd01::1/64 }\nnetns b", ["N201"]),
        ("netns a { veth e 10.0.0.1/24 -- b:e fd01::1/64 }\nnetns b", []),
        ("netns a { veth e 10.0.0.1/24 10.0.1.1/24 -- b:e 10.0.1.2/24 }\nnetns b", []),
        ("netns a { veth e 10.0.0.1/24 -- b:e 10.0.1.1/24 }\nnetns b\nexpect a -/> b", []),
        (
            "netns a { veth e 10.0.0.1/24 -- b:e 10.0.1.1/24; route 10.0.1.0/24 dev e }\n"
            "netns b { route 10.0.0.0/24 dev e }",
            [],
        ),
        # what an uplink leads to may have a subnet of its own
        ("uplink eth9 10.0.0.1/24\nnetns a { macvlan e 10.7.0.2/24 on eth9 { mode bridge } }", []),
        ("uplink eth9 10.0.0.1/24\nnetns a { macvlan e 10.0.0.1/24 on eth9 { mode bridge } }", ["N203"]),
        # two subnets on one bridge are fine as long as nobody is alone
        (
            "bridge br\n" + "".join(f"netns n{i} {{ veth e 10.0.{i % 2}.{i}/24 -- br }}\n" for i in range(1, 5)),
            [],
        ),
        ("netns a { veth e 10.0.0.1/16 -- b:e 10.0.0.2/24 }\nnetns b", ["N202"]),
        ("bridge br0 { subnet 10.0.0.0/24 }\nnetns a { veth e 10.0.0.1/16 -- br0 }", ["N202"]),
        ("netns a { veth e fd00::1/64 -- b:e fd00::2/48 }\nnetns b", ["N202"]),
        ("netns a { veth e 10.0.0.1/16 -- b:e 10.0.0.2/24 { proxy-arp on } }\nnetns b", []),
        # duplicates
        ("netns a { veth e 10.0.0.1/24 -- b:e 10.0.0.1/24 }\nnetns b", ["N203"]),
        ("netns a { veth e 10.0.0.1/24 10.0.0.1/24 -- b:e 10.0.0.2/24 }\nnetns b", ["N203"]),
        ("netns a { veth e fe80::1/64 -- b:e fe80::1/64 }\nnetns b", ["N204"]),
        (
            "netns r { veth e1 fe80::1/64 fd01::1/64 -- a:e fd01::2/64\n"
            "veth e2 fe80::1/64 fd02::1/64 -- b:e fd02::2/64 }\n"
            "netns a\nnetns b",
            [],
        ),
        # the same /32 on several devices of a namespace, as a gateway of many links
        (
            "netns r { veth e1 169.254.1.1/32 -- a:e 10.0.0.1/32; veth e2 169.254.1.1/32 -- b:e 10.0.0.2/32\n"
            "route 10.0.0.1 dev e1; route 10.0.0.2 dev e2 }\n"
            "netns a { route 169.254.1.1 dev e }\nnetns b { route 169.254.1.1 dev e }",
            [],
        ),
        # the ends of a subnet
        ("netns a { veth e 10.0.0.3/30 -- b:e 10.0.0.1/30 }\nnetns b", ["N205"]),
        ("netns a { veth e 10.0.0.0/30 -- b:e 10.0.0.1/30 }\nnetns b", ["N206"]),
        ("netns a { veth e fd00::/64 -- b:e fd00::1/64 }\nnetns b", ["N206"]),
        ("netns a { veth e fd00::/127 -- b:e fd00::1/127 }\nnetns b", []),
        ("netns a { address lo 10.0.0.255/32 10.0.1.0/32 }", []),
        # overlaps
        ("netns a { veth e1 10.0.0.1/24 -- b:e 10.0.0.2/24; address lo 10.0.0.9/32 }\nnetns b", []),
        ("netns a { veth e1 10.0.0.1/24 -- b:e 10.0.0.2/24; address lo 10.0.0.9/24 }\nnetns b", ["N218"]),
        ("uplink eth0 10.0.0.1/24\nbridge br0 10.0.0.9/24", ["N207"]),
        (
            "netns a { veth e1 fd00::1/64 -- b:e fd00::2/64; veth e2 fd00::3/64 -- c:e fd00::4/64 }\nnetns b\nnetns c",
            ["N207"],
        ),
    ],
)
def test_addresses(lab: str, expected: list[str]) -> None:
    assert raised(lab + "\n") == expected


def test_a_loop_says_its_turn() -> None:
    lab = "bridge br0 { subnet 10.0.0.0/24 }\nfor i in 1..3 { netns n${i} { veth e 10.0.${i / 3}.${i}/24 -- br0 } }\n"
    (finding,) = findings(lab)
    assert finding.code == "N201"
    assert [frame.text for frame in finding.span.frames] == ["in the turn i = 3 of this loop"]


def test_a_template_is_checked_where_it_is_used() -> None:
    lab = (
        "bridge br0 { subnet 10.0.0.0/24 }\n"
        "template pod(name, ip) { netns ${name} { veth e ${ip} -- br0 } }\n"
        "use pod(a, 10.0.0.1/24)\nuse pod(b, 10.0.0.1/24)\n"
    )
    (finding,) = findings(lab)
    assert finding.code == "N203"
    assert finding.span.frames[0].span.line == 4


LO = """
netns r {{ forward ipv4 ipv6; veth e 10.0.0.1/24 fd00::1/64 -- a:e 10.0.0.2/24 fd00::2/64; {} }}
netns a {{ veth f 10.5.0.1/24 fd05::1/64 -- b:f 10.5.0.2/24 fd05::2/64; {} }}
netns b
"""
BOTH = "route 10.5.0.0/16 via 10.0.0.2; route fd05::/48 via fd00::2"


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (f"{BOTH}; address lo 10.5.0.9/24", "", ["N218"]),
        (f"{BOTH}; address lo fd05::9/64", "", ["N218"]),
        (f"{BOTH}; address lo 10.5.0.9/32; address lo fd05::9/128", "", []),
        ("address lo 10.5.0.9/24", "", ["N218"]),  # a neighbour has an address in it
        ("address lo 10.5.0.9/24", "address lo 10.9.0.1/32", ["N218"]),
        ("address lo 10.9.0.9/24; address lo fd09::9/64", "", []),  # nobody else is in it
        ("address lo 10.9.0.9/24", "address lo 10.9.0.9/24", []),  # both are meant to have it
        ("address lo 127.5.0.9/24", "address lo 127.5.0.1/24", []),
        # what goes before it
        (f"{BOTH}; address lo 10.5.0.9/16; route 10.5.0.0/24 via 10.0.0.2", "", []),
        (
            f"{BOTH}; address lo 10.5.0.9/16; route 10.5.0.0/24 via 10.0.0.2; rule pref 9 from 10.1.1.1 lookup 9",
            "",
            ["N218"],
        ),
        (f"{BOTH}; address lo fd05::9/48; route fd05::/64 via fd00::2; rule -6 pref 9 from fd01::1 lookup 9", "", []),
        # a link of its own
        ("address lo 10.0.0.129/25", "", ["N218"]),
        ("address lo 10.0.0.9/16", "", []),
        ("address lo 10.0.0.9/16; rule pref 9 from 10.1.1.1 lookup 9", "", ["N218"]),
        ("address lo fd00::1:0:0:9/80", "", ["N218"]),
        ("address lo fd00::9/48", "", []),
        ("address lo fd00::9/64", "", []),  # the link's own comes first
        ("address lo fd05::9/64; address e fd05::8/64", "", ["N218"]),
        ("address e fd05::8/64; address lo fd05::9/64", "", ["N218"]),  # up.sh gives lo its own first
    ],
)
def test_subnets_of_lo(here: str, there: str, expected: list[str]) -> None:
    lab = LO.format(here, there)
    assert [code for code in raised(lab) if code in {"N207", "N218"}] == expected


def test_a_subnet_of_lo_elsewhere_is_left_alone() -> None:
    island = "netns c { address lo 10.5.0.9/24 }\nnetns d { veth e 10.6.0.1/24 -- c:e 10.6.0.2/24 }\n"
    assert raised(LO.format("", "") + island) == []


def test_what_a_subnet_of_lo_takes_is_told_once() -> None:
    found = {
        finding.code: finding
        for finding in findings(LO.format(f"{BOTH}; address lo 10.5.0.9/24", "") + "expect r -> b\n")
    }
    assert found["N218"].help == "write 10.5.0.9/32"
    assert found["N415"].help == "N218 tells why, and what to write"


def test_a_route_by_lo_takes_what_is_expected_elsewhere() -> None:
    lab = LO.format("route 10.5.0.0/24 dev lo", "") + "expect r -> a:f\n"
    (finding,) = (finding for finding in findings(lab) if finding.code == "N415")
    assert finding.message == "r has a route to 10.5.0.1 by lo, and takes what is meant for a"
    assert finding.help == "remove it from r"


def test_a_router_takes_what_is_for_the_first_address_of_its_subnet() -> None:
    lab = LO.format("", "forward ipv6").replace("fd05::2/64", "fd05::/64")
    lab += "in r { route fd05::/64 via fd00::2 }\nin b { route default via fd05::1 }\nexpect r -> b\n"
    (finding,) = (finding for finding in findings(lab) if finding.code == "N415")
    assert finding.message == "a has fd05:: as every router of the subnet, and takes what is meant for b"
    assert finding.help == "give b another address"
    told = raised(
        lab.replace("forward ipv6", "sysctl net.ipv6.conf.all.forwarding = 1; sysctl net.ipv6.conf.f.forwarding = 0")
    )
    assert "N415" not in told


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.5.0.1/24", []),
        ("127.5.0.1/24", ["N219"]),
        ("0.0.0.0/24", ["N219"]),
        ("10.5.0.1/0", ["N219"]),
        ("10.5.0.1/4", ["N219"]),
        ("10.5.0.1/5", []),
        ("224.0.0.5/24", ["N219"]),
        ("255.255.255.255/32", ["N219"]),
        ("255.255.255.254/24", []),
        ("0.0.0.5/24", ["N219"]),
        ("0.1.2.5/24", []),
        ("::/64", ["N219"]),
        ("::1/64", ["N219"]),
        ("::2/64", []),
        ("ff02::5/64", ["N219"]),
        ("fe80::5/64", []),
        ("::ffff:10.0.0.1/112", ["N219"]),
    ],
)
def test_addresses_that_mean_something_else(address: str, expected: list[str]) -> None:
    lab = f"netns a {{ veth e {address} -- b:e }}\nnetns b\n"
    assert [code for code in raised(lab) if code == "N219"] == expected
    assert "N219" not in raised(f"{lab}in a {{ sysctl net.ipv4.conf.e.route_localnet = 1 }}\n") or "127." not in address


@pytest.mark.parametrize(("address", "can"), [("127.5.0.1/24", True), ("ff02::5/64", False), ("::/64", False)])
def test_an_address_that_the_kernel_refuses_cannot_be_allowed(address: str, can: bool) -> None:
    lab = f"netns a {{\n# netc: allow odd-address -- it is tried\nveth e {address} -- b:e }}\nnetns b\n"
    assert ("N219" not in raised(lab)) == can


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1/8", ["N219"]),
        ("::1/128", ["N219"]),
        ("127.0.0.2/32", []),
        ("::ffff:10.0.0.1/128", []),
        ("127.0.0.1/32", []),
    ],
)
def test_loopback_addresses_of_lo(address: str, expected: list[str]) -> None:
    assert raised(f"netns a {{ address lo {address} }}\n") == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("sysctl net.ipv6.conf.e.disable_ipv6 = 1", ["N220"]),
        ("sysctl net.ipv6.conf.default.disable_ipv6 = 1", ["N220"]),
        ("sysctl net.ipv6.conf.default.disable_ipv6 = 1; sysctl net.ipv6.conf.e.disable_ipv6 = 0", []),
        ("sysctl net.ipv6.conf.lo.disable_ipv6 = 1", []),
    ],
)
def test_addresses_where_ipv6_is_off(more: str, expected: list[str]) -> None:
    lab = f"netns a {{ veth e 10.0.0.1/24 fd00::1/64 -- b:e 10.0.0.2/24 fd00::2/64; {more} }}\nnetns b\n"
    assert raised(lab) == expected
    assert raised(lab.replace("fd00::1/64 ", "").replace("fd00::2/64", "")) == []
    option = lab.replace(more, "").replace("fd00::2/64", "fd00::2/64 { disable-ipv6 on }")
    assert raised(option) == ["N220"]


# -- gateways and routes --------------------------------------------------------------------------------------

LINK = (
    "netns r {{ forward ipv4 ipv6; address lo 10.9.0.1/32 }}\n"
    "netns a {{ veth e 10.0.0.2/24 fd00::2/64 -- r:e 10.0.0.1/24 fd00::1/64; {} }}\n"
)


BESIDE = "veth f 10.3.0.2/24 fd03::2/64 -- r:f 10.3.0.1/24 fd03::1/64"


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("route default via 10.0.0.1", []),
        ("route default via fd00::1", []),
        ("route default via fd01::1", ["N208"]),
        ("route default via 10.9.0.1 dev e onlink", []),
        # `onlink` of IPv6: no route but a default one may lead to the gateway by another device (seen on kernel 6.18)
        (f"{BESIDE}; route fd04::/64 via fd03::1 dev e onlink", ["N208"]),
        (f"{BESIDE}; route fd05::/64 via fd03::1; route fd04::/64 via fd05::1 dev e onlink", ["N208"]),
        (f"{BESIDE}; route fd04::/64 via fd05::1 dev e onlink; route fd05::/64 via fd03::1", []),
        (f"{BESIDE}; route fd05::/64 via fd03::1; route fd05::/65 via fd05::1 dev e onlink", ["N208"]),
        (f"{BESIDE}; route default via fd03::1; route fd04::/64 via fd05::1 dev e onlink", []),
        (f"{BESIDE}; route unreachable fd05::/64; route fd04::/64 via fd05::1 dev e onlink", []),
        (f"{BESIDE}; route fd04::/64 via fd03::1 dev f onlink", []),
        (f"{BESIDE}; route 10.4.0.0/24 via 10.3.0.1 dev e onlink", []),
        ("route default via 10.9.0.1", ["N208"]),
        ("route 10.9.9.9 dev e; route default via 10.9.9.9", ["N408"]),
        ("route 10.9.0.1 dev e; route default via 10.9.0.1", []),
        ("route default via 10.9.0.1; route 10.9.0.1 dev e", []),
        ("route default via 10.0.0.1; route 10.2.0.0/24 via 10.9.0.1", ["N209"]),
        ("route default via fd00::1; route fd02::/64 via fd09::1", ["N209"]),
        # IPv4 looks on past a route with a gateway, IPv6 does not
        ("route 10.0.0.128/25 via 10.0.0.1; route 10.2.0.0/24 via 10.0.0.200", ["N217"]),
        ("route fd00::8000/113 via fd00::1; route fd02::/64 via fd00::8001", ["N209"]),
        ("route default via 10.0.0.2", ["N210"]),
        ("\n# netc: allow gw-self -- one that comes up\nroute default via 10.0.0.2", []),
        ("\n# netc: allow gw-self -- the kernel refuses it\nroute default via 10.0.0.2 dev e onlink", ["N014", "N210"]),
        ("address lo 10.6.0.1/24; route default via 10.6.0.9 dev e onlink", ["N210"]),  # the kernel refuses it
        ("route default via fd00::2", ["N210"]),
        ("route 10.3.0.1/24 via 10.0.0.1", ["N212"]),
        ("route fd03::1/64 via fd00::1", ["N212"]),
        ("route default via fe80::1", ["N214"]),
        ("route default via fe80::1 dev e", []),
        ("route default via fd00::1; route default via fd00::1 metric 1024", ["N215"]),
        ("route default via 10.0.0.1; route default via 10.0.0.1 metric 0", ["N215"]),
        ("route default via 10.0.0.1; route default via 10.0.0.1 table 100", []),
        ("route default via 10.0.0.1; route default via fd00::1", []),
        ("route 10.0.0.0/24 dev e", ["N215"]),
        ("route fd00::/64 dev e", []),
        ("route blackhole 10.3.0.0/24; route blackhole 10.3.0.0/24", ["N215"]),
    ],
)
def test_routes(route: str, expected: list[str]) -> None:
    assert raised(LINK.format(route)) == expected


def test_a_gateway_on_another_link() -> None:
    lab = LINK.format("veth f 10.1.0.2/24 -- r:f 10.1.0.1/24; route default via 10.0.0.1 dev f")
    (finding,) = findings(lab)
    assert finding.code == "N208"
    assert finding.help.startswith("write `dev e`")


def test_gateways_of_the_host_may_be_undeclared() -> None:
    assert raised("uplink eth0 10.0.0.1/24\nroute 10.5.0.0/16 via 192.168.9.9\n") == []
    lab = "netns a { veth e 10.0.0.2/24 -- host:h 10.0.0.1/24 }\nroute 10.5.0.0/16 via 10.9.0.1 dev h\n"
    assert raised(lab) == ["N208"]


@pytest.mark.parametrize(
    ("lab", "expected"),
    [
        ("netns a { veth e fd00::1 -- b:e fd00::2/64 }\nnetns b", ["N211"]),
        ("netns a { veth e 10.0.0.1 10.0.0.9/24 -- b:e 10.0.0.2/24 }\nnetns b", []),
        (
            "netns a { veth e 10.0.0.1/32 -- b:e 10.0.0.2/32; route 10.0.0.2 dev e }\nnetns b { route 10.0.0.1 dev e }",
            [],
        ),
        ("netns a { veth e 10.0.0.1/32 -- b:e 10.0.0.2/32; route 10.0.0.2 dev e }\nnetns b", ["N211"]),
        (
            "netns a { veth e fd00::1/128 -- b:e fd01::1/128; route default via fe80::b dev e }\n"
            "netns b { address e fe80::b/64; route fd00::1 dev e; forward ipv6 }",
            [],
        ),
        ('netns a { veth e 10.0.0.1/32 -- b:e 10.0.0.2/24; exec "bird -f" }\nnetns b', []),
        ('netns a { veth e 10.0.0.1/32 -- b:e 10.0.0.2/24; exec "iperf3 -s" }\nnetns b', ["N211"]),
        ("netns a { address lo 10.255.0.1/32 fd00::1/128 }", []),
    ],
)
def test_addresses_alone(lab: str, expected: list[str]) -> None:
    assert raised(lab + "\n") == expected


def test_small_subnets_are_told_once() -> None:
    lab = "".join(f"netns n{i} {{ veth e 10.0.{i}.0/31 -- r:e{i} 10.0.{i}.1/31 }}\n" for i in range(9)) + "netns r\n"
    assert [finding.code for finding in findings(lab)] == ["N213"]


VLANS = (
    "bridge b0 {{ vlan-filtering on }}\nbridge b1 {{ vlan-filtering on }}\n"
    "veth b0:p {{ {0} }} -- b1:q {{ {0} }}\nveth b0:r {{ {1} }} -- b1:s {{ {1} }}\n"
    + "".join(f"netns n{v} {{{{ veth e -- b0:n{v} {{{{ vlan {v} pvid untagged }}}} }}}}\n" for v in (10, 20, 30))
)


OWN_GATEWAY = """
netns a {
  veth e0 10.0.1.1/24 -- b:e0 10.0.1.5/24
  veth e1 10.0.1.2/24 -- c:e 10.0.1.3/24 { proxy-arp on }
  route 10.0.3.0/24 via 10.0.1.2 dev DEVICE
}
netns b; netns c { forward ipv4 }
"""


@pytest.mark.parametrize(
    ("changed", "effect", "help"),
    [
        ({"DEVICE": "e1"}, "the kernel takes the route, and asks its own link", "such as 10.0.1.3 of c"),
        ({"DEVICE": "e0"}, "up.sh says `dev e0`, so that routed packets go to whoever has", "such as 10.0.1.5 of b"),
        ({"DEVICE": "e0", "10.0.1.5": "10.0.1.2"}, "up.sh says `dev e0`", "give a:e1 or b:e0 another address"),
        ({"DEVICE": "e0 onlink"}, "the kernel would refuse the route", "such as 10.0.1.5 of b"),
    ],
)
def test_a_gateway_of_ones_own_is_one_only_where_the_route_leaves(
    changed: dict[str, str], effect: str, help: str
) -> None:
    lab = OWN_GATEWAY
    for old, new in changed.items():
        lab = lab.replace(old, new)
    found = {finding.code: finding for finding in findings(lab)}
    assert found["N210"].effect.startswith(effect)
    assert found["N210"].help.endswith(help)
    assert not {"N401", "N407", "N408"} & set(found), "nobody is asked for a gateway that is one's own"


# -- bridges --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lab", "expected"),
    [
        ("bridge b0\nveth b0:p -- b0:q", ["N301"]),
        ("bridge b0\nbridge b1\nveth b0:p -- b1:q", []),
        ("bridge b0\nbridge b1\nbridge b2\nveth b0 -- b1\nveth b1 -- b2\nveth b2 -- b0", ["N301"]),
        ("bridge b0\nbridge b1\nbridge b2 { stp on }\nveth b0 -- b1\nveth b1 -- b2\nveth b2 -- b0", []),
        ("netns s { bridge b0 }\nnetns t { bridge b0 }\nveth s:b0:p -- t:b0:p\nveth s:b0:q -- t:b0:q", ["N301"]),
        # a cable for each VLAN closes no circle; two trunks with a VLAN in common do
        (VLANS.format("vlan 10 pvid untagged", "vlan 20 pvid untagged"), []),
        (VLANS.format("vlan 10 pvid untagged", "vlan 10 pvid untagged"), ["N301"]),
        (VLANS.format("vlan 10 20", "vlan 20 30"), ["N301"]),
        (VLANS.format("vlan 10", "vlan 30"), []),
        (VLANS.format("", ""), ["N301"]),
        # two bridges joined by a router and not by a second cable
        ("bridge b0\nbridge b1\nveth b0:p -- b1:q\nnetns r { veth e 10.0.0.1/24 -- b0; veth f fd00::1/64 -- b1 }", []),
        ("bridge b0\nnetns a { veth e 10.0.0.1/24 -- b0:p fd00::1/64 }", ["N302"]),
    ],
)
def test_bridges(lab: str, expected: list[str]) -> None:
    assert raised(lab + "\n") == expected


TUNNELLED = """
netns h1 {
  veth eth0 192.168.0.1/24 -- h2:eth0 192.168.0.2/24
  bridge br0 { subnet 10.0.0.0/24 }
  KIND t0 { OPTIONS remote 192.168.0.2; master br0 }
  veth br0:p1 -- a:eth0 10.0.0.1/24 { mtu MTU }
}
netns h2; netns a
"""
PORTS = (
    "bridge br0 {{ subnet 10.0.0.0/24; vlan-filtering {} }}\n"
    "netns a {{ veth eth0 10.0.0.1/24 -- br0 {{ mtu {}; vlan 10 pvid untagged }} }}\n"
    "netns b {{ veth eth0 10.0.0.2/24 -- br0 {{ vlan {} pvid untagged }} }}\n"
)


@pytest.mark.parametrize(
    ("lab", "expected"),
    [
        # four bytes more pass, but not where br_netfilter is loaded, which no lab says
        (PORTS.format("on", 1501, 10), {"N318": "host:b-eth0 takes packets of 1500 bytes, and a:eth0 sends 1501"}),
        # what another VLAN takes is no matter
        (PORTS.format("on", 9000, 20), {}),
        (
            TUNNELLED.replace("KIND", "geneve").replace("OPTIONS", "id 1;").replace("MTU", "1500"),
            {"N319": "a:eth0 sends packets of 1500 bytes, and h1:t0 takes 1450"},
        ),
        (
            TUNNELLED.replace("KIND", "gretap").replace("OPTIONS", "local 192.168.0.1;").replace("MTU", "1500"),
            {"N319": "a:eth0 sends packets of 1500 bytes, and h1:t0 takes 1462"},
        ),
        (TUNNELLED.replace("KIND", "geneve").replace("OPTIONS", "id 1;").replace("MTU", "1450"), {}),
        # without a device below, a VXLAN has Ethernet's; with an uplink below, nobody knows
        (TUNNELLED.replace("KIND", "vxlan").replace("OPTIONS", "id 1; dstport 4789;").replace("MTU", "1500"), {}),
        (
            "uplink eth0 192.168.0.1/24\nbridge br0\nveth br0:p -- a:e 10.0.0.1/24\nnetns a\n"
            "vxlan t0 on eth0 { id 1; dstport 4789; remote 192.168.0.2; master br0 }\n",
            {},
        ),
        (
            "uplink eth0 192.168.0.1/24 { mtu 1500 }\nbridge br0\nveth br0:p -- a:e 10.0.0.1/24\nnetns a\n"
            "vxlan t0 on eth0 { id 1; dstport 4789; remote 192.168.0.2; master br0 }\n",
            {"N319": "a:e sends packets of 1500 bytes, and host:t0 takes 1450"},
        ),
    ],
)
def test_what_a_segment_has_no_room_for(lab: str, expected: dict[str, str]) -> None:
    told = {finding.code: finding.message for finding in findings(lab) if finding.code in {"N318", "N319"}}
    assert told == expected


# -- forwarding -----------------------------------------------------------------------------------------------


def routed(router: str = "forward ipv4", left: str = "", right: str = "", rest: str = "expect a <-> b") -> str:
    return (
        f"netns a {{ veth e 10.1.0.2/24 -- r:e1 10.1.0.1/24; {left or 'route default via 10.1.0.1'} }}\n"
        f"netns b {{ veth e 10.2.0.2/24 -- r:e2 10.2.0.1/24; {right or 'route default via 10.2.0.1'} }}\n"
        f"netns r {{ {router} }}\n{rest}\n"
    )


@pytest.mark.parametrize(
    ("lab", "expected"),
    [
        (routed(), []),
        (routed(router=""), ["N401"]),
        (routed(router="", rest=""), ["N401"]),
        (routed(router="", rest="expect a -/> b"), []),
        (routed(router="forward ipv6"), ["N401"]),
        (routed(router="sysctl net.ipv4.ip_forward = 1"), []),
        (routed(router="sysctl net.ipv4.conf.all.forwarding = 1"), []),
        (routed(router="sysctl net.ipv4.conf.e1.forwarding = 1; sysctl net.ipv4.conf.e2.forwarding = 1"), []),
        (routed(router="sysctl net.ipv4.conf.e1.forwarding = 1"), ["N401"]),
        (routed(router='exec "zebra -d"'), ["N414"]),
        (routed(right="route blackhole 10.9.0.0/16"), ["N403"]),
        (routed(right="route blackhole 10.9.0.0/16", rest="expect a -> b"), ["N402"]),
        (routed(right="route blackhole 10.9.0.0/16", rest="expect a -/> b"), []),
        (routed(left='exec "bird"'), ["N414"]),
        (routed(left="rule pref 100 ipv4 lookup 100"), ["N403"]),
        (routed(left="rule pref 100 ipv4 lookup 100; route default via 10.1.0.1 table 100"), []),
        # the host as a router counts like any other
        ("bridge br0 10.0.0.1/24\nnetns a { veth e 10.0.0.2/24 -- br0; route default via 10.0.0.1 }", ["N401"]),
        ("netns a { veth e 10.0.0.2/24 -- host:h 10.0.0.1/24 }\nuplink eth0 192.168.0.2/24\nexpect a -> host:h", []),
        # a route to the router's own address needs no forwarding
        (
            "netns a { veth e 10.0.0.2/24 -- b:e 10.0.0.1/24; route 10.255.0.1 via 10.0.0.1 }\n"
            "netns b { address lo 10.255.0.1/32 }\nexpect a -> 10.255.0.1",
            [],
        ),
    ],
)
def test_forwarding(lab: str, expected: list[str]) -> None:
    assert raised(lab + "\n") == expected


LAN = (
    "bridge br0 {{ subnet 10.0.0.0/24 }}\n"
    "netns a {{ veth e 10.0.0.2/24 -- br0; route {0} via 10.0.0.1 }}\n"
    "netns b {{ veth e 10.0.0.3/24 -- br0; route {0} via 10.0.0.1 }}\n"
    "netns g {{ veth e 10.0.0.1/24 -- br0; {1} }}\n{2}\n"
)


@pytest.mark.parametrize(
    ("prefix", "gateway", "rest", "expected"),
    [
        # what else the gateway has leads to nobody, and the neighbours on the LAN need none
        ("default", "dummy d 10.9.0.1/24", "expect a -> 10.9.0.1\nexpect a <-> b", []),
        ("default", "dummy d", "", []),
        ("default", "address lo 10.9.0.1/24", "expect a -> g:lo", []),
        ("default", "veth x -- c:e", "netns c", []),
        ("default", "veth x 10.9.0.1/24 -- c:e 10.9.0.2/24", "netns c", ["N401"]),
        ("10.9.0.0/24", "veth x 10.9.0.1/24 -- c:e 10.9.0.2/24", "netns c", ["N401"]),
        ("10.9.0.1", "veth x 10.9.0.1/24 -- c:e 10.9.0.2/24", "netns c", []),
        ("10.8.0.0/24", "veth x 10.9.0.1/24 -- c:e 10.9.0.2/24; route 10.8.0.0/16 via 10.9.0.2", "netns c", ["N401"]),
        ("10.8.0.0/24", "veth x 10.9.0.1/24 -- c:e 10.9.0.2/24; route blackhole 10.8.0.0/16", "netns c", []),
        ("default", "vrf v { table 7 }; veth x 10.9.0.1/24 { master v } -- c:e 10.9.0.2/24", "netns c", []),
        # by a tunnel whose far end the lab does not say, and by the host, which has routes of its own
        ("default", "ipip t 10.7.0.1/24 { local 10.0.0.1; remote 10.0.0.9 }", "", ["N401"]),
    ],
)
def test_who_has_to_forward_is_asked_of_the_routes(prefix: str, gateway: str, rest: str, expected: list[str]) -> None:
    assert [code for code in raised(LAN.format(prefix, gateway, rest)) if code != "N414"] == expected


@pytest.mark.parametrize(("prefix", "expected"), [("10.5.0.1", []), ("10.5.0.0/24", []), ("10.6.0.0/24", ["N401"])])
def test_a_host_may_have_routes_of_its_own(prefix: str, expected: list[str]) -> None:
    lab = f"netns a {{ veth e 10.0.0.2/24 -- host:g 10.0.0.1/24; route {prefix} via 10.0.0.1 }}\ndummy d 10.5.0.1/24\n"
    assert raised(lab) == expected


def test_forwarding_of_ipv6_is_the_whole_namespace() -> None:
    lab = (
        "netns a {{ veth e fd01::2/64 -- r:e1 fd01::1/64; route default via fd01::1 }}\n"
        "netns b {{ veth e fd02::2/64 -- r:e2 fd02::1/64; route default via fd02::1 }}\n"
        "netns r {{ {} }}\nexpect a <-> b\n"
    )
    assert raised(lab.format("forward ipv6")) == []
    assert raised(lab.format("sysctl net.ipv6.conf.e1.forwarding = 1")) == ["N401"]


def test_help_names_the_missing_route() -> None:
    (finding,) = findings(routed(left="route blackhole 10.9.0.0/16"))
    assert finding.help == "add `route default via 10.1.0.1` to a"
    chain = (
        "netns a { veth e 10.1.0.2/24 -- r1:a 10.1.0.1/24; route default via 10.1.0.1 }\n"
        "netns r1 { forward ipv4; veth x 10.9.0.1/24 -- r2:x 10.9.0.2/24 }\n"
        "netns r2 { forward ipv4; route 10.1.0.0/24 via 10.9.0.1 }\n"
        "netns b { veth e 10.2.0.2/24 -- r2:b 10.2.0.1/24; route default via 10.2.0.1 }\nexpect a <-> b\n"
    )
    (finding,) = findings(chain)
    assert finding.code == "N403"
    assert finding.help == "add `route 10.2.0.0/24 via 10.9.0.2` to r1"


def test_missing_routes_wait_for_the_whole_lab() -> None:
    """A route that could not be understood is not missed as well."""
    assert raised(routed(left="route default via 10.1.0.1 dve e")) == ["N009"]


def proxied(host: str, one: str = "{ proxy-arp on }", rest: str = "expect ns1 <-> ns2") -> str:
    pod = (
        "netns ns{0} {{ veth eth0 192.168.100.{0}/32 -- host:veth{0} {1}\n"
        "route 169.254.1.1 dev eth0 scope link; route default via 169.254.1.1 dev eth0 }}\n"
        "route 192.168.100.{0}/32 dev veth{0}\n"
    )
    return f"{host}\n{pod.format(1, one)}{pod.format(2, '{ proxy-arp on }')}{rest}\n"


@pytest.mark.parametrize(
    ("lab", "expected"),
    [
        (proxied("forward ipv4; route 169.254.1.1/32 dev lo"), []),
        (proxied("forward ipv4"), ["N407"]),
        (proxied("forward ipv4", rest="expect ns1 -/> ns2\nexpect ns2 -/> ns1"), []),
        (proxied("forward ipv4; route blackhole 0.0.0.0/0"), ["N407"]),
        (proxied("forward ipv4; route 169.254.1.1/32 dev veth1"), ["N407"]),
        (proxied("forward ipv4; uplink eth0 192.168.5.2/24; route default via 192.168.5.1 dev eth0"), []),
        (proxied("forward ipv4; address lo 169.254.1.1/32"), []),
        (proxied("route 169.254.1.1/32 dev lo"), ["N408"]),
        (proxied("forward ipv4; route 169.254.1.1/32 dev lo", one=""), ["N408"]),
        (proxied("forward ipv4; route 169.254.1.1/32 dev lo; sysctl net.ipv4.conf.all.proxy_arp = 1", one=""), []),
        (
            proxied("forward ipv4; route 169.254.1.1/32 dev lo").replace("route 192.168.100.2/32 dev veth2", ""),
            ["N403"],
        ),
    ],
)
def test_proxy_arp(lab: str, expected: list[str]) -> None:
    assert raised(lab) == expected


# -- by the clock ---------------------------------------------------------------------------------------------


def star(size: int, expected: bool) -> Iterator[str]:
    yield "bridge br0 10.0.0.1/16 fd00::1/64\nforward ipv4 ipv6\n"
    yield "bridge br1\nbridge br2\nveth br0 -- br1\nveth br0 -- br2\n"  # a bridge has 1023 ports
    for number in range(size):
        ip = f"10.0.{1 + number // 250}.{1 + number % 250}"
        yield f"netns n{number} {{ veth eth0 {ip}/16 fd00::{number + 2:x}/64 -- br{1 + number % 2}\n"
        yield "route default via 10.0.0.1 }\n"
        if expected and number:
            yield f"expect n{number} <-> n{number - 1}\n"


def bound_lab(text: str) -> tuple[Topology, Findings]:
    """Return a lab, bound, and what was found on the way."""
    found = Findings()
    return bind(unroll(parse(Source("lab.net", text), found), lambda path: "", found), "lab", found), found


@pytest.mark.parametrize("expected", [False, True], ids=["plain", "expectations"])
def test_the_work_grows_with_a_star(expected: bool) -> None:
    def work(size: int) -> Callable[[], object]:
        topology, found = bound_lab("".join(star(size, expected)))
        return lambda: run_checks(topology, found)

    assert grows_with(work, 100) < 5


@pytest.mark.parametrize("expected", [False, True], ids=["plain", "expectations"])
def test_a_large_star_is_right(expected: bool) -> None:
    topology, found = bound_lab("".join(star(2000, expected)))
    run_checks(topology, found)
    assert found.sorted() == ()


def pods(hosts: int, each: int) -> str:
    """Return a lab of hosts on one segment, with flannel between them and pods on each."""
    lines = ["segment lan 10.9.0.0/16\nnetwork pods flannel 10.0.0.0/8 { backend vxlan { id 1 } }\n"]
    for host in range(hosts):
        lines.append(f"host h{host} {{\nuplink eth0 10.9.1.{host + 1}/16 on lan\njoin pods 10.{host}.0.0/24 on eth0\n")
        lines += [f"netns p{host}-{i} {{ attach eth0 to pods }}\n" for i in range(each)]
        lines.append("}\n")
    return "".join(lines)


def expanded_lab(text: str) -> tuple[Topology, Findings]:
    """Return a lab with networks, bound, and what was found on the way."""
    found = Findings()
    expansion = expand(unroll(parse(Source("lab.net", text), found), lambda path: "", found), found, None)
    return replace(bind(expansion.document, "lab", found), networks=expansion.networks), found


def test_the_work_grows_with_the_pods_of_a_host_and_with_the_pairs_of_hosts() -> None:
    def more_pods(size: int) -> Callable[[], object]:
        topology, found = expanded_lab(pods(2, size))
        return lambda: run_checks(topology, found)

    def more_hosts(size: int) -> Callable[[], object]:
        topology, found = expanded_lab(pods(size, 2))
        return lambda: run_checks(topology, found)

    assert grows_with(more_pods, 25) < 5
    assert grows_with(more_hosts, 8) < 13  # every host has an FDB entry for every other: four times the hosts, 16 times


def test_isolated_ports_cost_no_more_than_their_pairs() -> None:
    def work(size: int) -> Callable[[], object]:
        lab = "".join(star(size, False)).replace(" -- br1\nroute", " -- br1 { isolated on }\nroute")
        topology, found = bound_lab(lab)
        return lambda: run_checks(topology, found)

    assert grows_with(work, 20) < 17


def wrong_star(size: int) -> str:
    """Return a lab with every namespace outside of the subnet, without a route, and with one address."""
    lines = ["bridge br0 { subnet 10.9.0.0/16 }\nbridge br1\nveth br0 -- br1\n"]
    lines += [f"netns n{i} {{ veth eth0 10.{i // 250}.{i % 250}.1/24 -- br{i % 2} }}\n" for i in range(size)]
    return "".join([*lines, *(f"expect n{i} -> n{i + 1}\n" for i in range(size - 1))])


def test_the_work_grows_with_the_findings() -> None:
    def work(size: int) -> Callable[[], object]:
        topology, found = bound_lab(wrong_star(size))
        return lambda: run_checks(topology, found)

    assert grows_with(work, 100) < 5
    topology, found = bound_lab(wrong_star(400))
    run_checks(topology, found)
    assert {finding.code for finding in found} == {"N201"}

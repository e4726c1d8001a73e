"""Label routes: the commands that they become, what comes along with them, and what is refused."""

from __future__ import annotations

import pytest

from tests.compiled import compile_text, plan_of
from tests.labs import bound, told

WIRES = "netns a { veth e 10.0.0.1/24 fd00::1/64 -- b:f 10.0.0.2/24 fd00::2/64 }\nnetns b { WORDS }\n"


def commands(text: str) -> list[str]:
    """Return the commands of a lab's plan that are about labels, each with its namespace."""
    found = [f"{step.netns.label}: {' '.join(step.argv)}" for step in plan_of(text).steps]
    return [line for line in found if "mpls" in line]


def test_what_comes_with_label_routes() -> None:
    text = WIRES.replace("WORDS", "mpls 100 as 200/300 via 10.0.0.1; mpls 101 via fd00::1 dev f; mpls 5000 dev lo")
    assert commands(text) == [
        "host: modprobe mpls_router",
        "b: sysctl -qw net.mpls.platform_labels=5001",
        "b: sysctl -qw net.mpls.conf.f.input=1",
        "b: ip -f mpls route add 100 as 200/300 via inet 10.0.0.1",
        "b: ip -f mpls route add 101 via inet6 fd00::1 dev f",
        "b: ip -f mpls route add 5000 dev lo",
    ]


def test_several_next_hops() -> None:
    hops = "ttl-propagate disabled nexthop as 200 via 10.0.0.1 nexthop via fd00::1 dev f"
    assert commands(WIRES.replace("WORDS", f"mpls 100 {hops}"))[-1] == (
        "b: ip -f mpls route add 100 ttl-propagate disabled nexthop as 200 via inet 10.0.0.1 nexthop via inet6 fd00::1 "
        "dev f"
    )


def test_what_the_lab_sets_itself_holds() -> None:
    text = WIRES.replace(
        "WORDS", "mpls 100 dev lo; sysctl net.mpls.platform_labels = 1000; sysctl net.mpls.conf.f.input = 1"
    )
    found = commands(text)
    assert found.count("b: sysctl -qw net.mpls.conf.f.input=1") == 1
    assert [line for line in found if "platform_labels" in line] == ["b: sysctl -qw net.mpls.platform_labels=1000"]


def test_on_the_host_the_routes_are_marked_and_the_parameters_come_back() -> None:
    text = "netns a\nveth e 10.0.0.1/24 -- a:f 10.0.0.2/24\nmpls 100 as 200 via 10.0.0.2\n"
    plan = plan_of(text)
    protocol = plan.mark.protocol
    add = next(step for step in plan.steps if step.argv[:3] == ("ip", "-f", "mpls"))
    assert add.argv[-2:] == ("proto", str(protocol))
    assert any("platform_labels" in line for line in plan.host_changes)
    assert any("mpls route add 100" in line for line in plan.host_changes)
    assert "a route for label 100" in {taken.what for taken in plan.taken}


@pytest.mark.parametrize(
    ("words", "code", "at"),
    [
        ("mpls 15 dev lo", "N005", "15"),
        ("mpls 1048576 dev lo", "N005", "1048576"),
        ("mpls 100 as 3 dev f", "N005", "3"),
        ("mpls 100 as 16/x dev f", "N005", "16/x"),
        ("mpls 100", "N009", "mpls 100"),
        ("mpls 100 as 200", "N009", "mpls 100 as 200"),
        ("mpls add 100 dev lo", "N009", "add"),
        ("mpls 100 swap 200", "N009", "swap"),
        ("mpls 100 dev lo dev f", "N007", "dev"),
        ("mpls 100 via 10.0.0.1 nexthop dev lo", "N009", "nexthop"),
        ("mpls 100 nexthop via 10.0.0.1 nexthop as 7", "N009", "mpls 100 nexthop via 10.0.0.1 nexthop as 7"),
        ("mpls 100 nexthop nexthop dev lo", "N009", "nexthop"),
        ("mpls 100 nexthop dev lo nexthop as 3 dev lo", "N005", "3"),
        ("mpls 100 ttl-propagate on dev lo", "N005", "on"),
        ("mpls 100 dev lo; mpls 100 dev f", "N007", "100"),
    ],
)
def test_faults_of_label_routes(words: str, code: str, at: str) -> None:
    assert [(one.code, one.at) for one in told(bound(WIRES.replace("WORDS", words))[1])] == [(code, at)]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("mpls 100 via 10.7.0.1", "N208"),
        ("mpls 100 nexthop via 10.0.0.1 nexthop via 10.7.0.1", "N208"),
        ("mpls 100 dev lo; sysctl net.mpls.platform_labels = 100", "N462"),
    ],
)
def test_findings_of_label_routes(words: str, code: str) -> None:
    found = [one.code for one in compile_text(WIRES.replace("WORDS", words)).findings]
    assert found == [code]

"""Devices that are given to a namespace: what is refused, and what the other phases make of them."""

from __future__ import annotations

import pytest

from tests.compiled import compile_text, plan_of
from tests.labs import bound, told


@pytest.mark.parametrize(
    ("words", "code", "at"),
    [
        ("move nic7 c", "N009", "move nic7 c"),
        ("move nic7 to d", "N006", "d"),
        ("move nic7 to host", "N009", "host"),
        ("move nic7 to c; move nic7 to b", "N007", "nic7"),
        ("move nic7 to c; uplink nic7", "N007", "nic7"),
        ("move eth0 to c", "N007", "eth0"),
        ("move nic7 to c { mac 02:00:00:00:00:01 }", "N004", "mac"),
        ("move nic7 to c 10.7.0.1/24 as eth1", "N009", "as"),
        ("in c { move nic7 to c }", "N009", "move nic7 to c"),
    ],
)
def test_faults(words: str, code: str, at: str) -> None:
    text = f"netns b; netns c {{ veth eth0 -- b:eth0 }}\n{words}\n"
    assert [(one.code, one.at) for one in told(bound(text)[1])] == [(code, at)]


def test_a_route_goes_by_it_and_the_host_must_have_it() -> None:
    plan = plan_of("netns c { route default via 10.7.0.254; address nic7 fd07::1/64 }\nmove nic7 to c 10.7.0.1/24\n")
    assert [(uplink.name, uplink.addresses, uplink.moved) for uplink in plan.uplinks] == [("nic7", (), True)]
    assert any(step.argv[-2:] == ("dev", "nic7") and "route" in step.argv for step in plan.steps)


def test_a_prefix_is_not_for_a_device_of_the_host() -> None:
    names = {step.argv[4] for step in plan_of("netns c\nmove nic7 to c\n", prefix="x-").steps if step.argv[1] == "link"}
    assert "nic7" in names


def test_emulated_it_is_a_wire_to_nowhere() -> None:
    text = "segment s 10.0.0.0/24\nhost h1 { uplink e 10.0.0.1/24 on s; netns c; move nic7 to c 10.7.0.1/24 }\n"
    text += "host h2 { uplink e 10.0.0.2/24 on s }\n"
    compiled = compile_text(text, emulated=True)
    (plan,) = compiled.plans
    assert plan.uplinks == ()
    assert any("nic7" in step.argv and "veth" in step.argv for step in plan.steps)

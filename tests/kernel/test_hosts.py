"""Labs of several hosts with each host's own scripts, unchanged, on machines of their own that only wires join."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.compiled import compile_file
from tests.kernel.labs import EXAMPLES, Lab
from tests.kernel.machines import Machines, several
from tests.kernel.state import State, difference, steady

Hosts = tuple[list[Lab], Machines]


@pytest.fixture(params=[path for path in EXAMPLES if several(path)], ids=lambda path: str(path.stem))
def cluster(request: pytest.FixtureRequest, built: Callable[[Path], list[Lab]]) -> Iterator[Hosts]:
    """Return the scripts of each host of an example, and its machines."""
    *labs, emulated = built(request.param)
    if (lack := emulated.lacks()) is not None:
        pytest.skip(f"{request.param.name} {lack}")
    with Machines(compile_file(request.param).topology) as machines:
        yield labs, machines


def unchanged(before: dict[str, State], machines: Machines) -> str:
    """Return what is not as it was on any machine."""
    return "\n".join(filter(None, (difference(state, machines.state(name)) for name, state in before.items())))


@pytest.mark.parametrize("turned", [False, True])
def test_hosts_agree_without_talking(cluster: Hosts, turned: bool) -> None:
    labs, machines = cluster
    before = machines.states()
    machines.must(reversed(labs) if turned else labs, "up")
    machines.must(labs, "status")
    machines.must(labs, "verify")
    machines.must(labs, "down")
    assert unchanged(before, machines) == ""


def test_every_expectation_is_tested_by_one_host(cluster: Hosts) -> None:
    labs, machines = cluster
    machines.must(labs, "up")
    told = [line for lab in labs for line in machines.script(lab, "verify").out.splitlines() if line.startswith("ok ")]
    assert {line.split()[1] for line in told} == {
        probe.expectation.origin.span.place for lab in labs for probe in lab.plan.probes
    }
    assert all(probe.source.machine == lab.plan.machine for lab in labs for probe in lab.plan.probes)


def test_a_host_that_fails_or_comes_late_harms_no_other(cluster: Hosts) -> None:
    (late, *others), machines = cluster
    name = late.plan.host_devices[0][0]
    assert machines.run(late.plan.machine, "ip", "link", "add", "name", name, "type", "veth").status == 0
    before = machines.state(late.plan.machine)
    machines.must(others, "up")
    while_up = {lab.plan.machine: steady(machines.state(lab.plan.machine)) for lab in others}
    refused = machines.script(late, "up")
    assert refused.status != 0
    assert f"there is a device {name}" in refused.err
    assert difference(before, machines.state(late.plan.machine)) == ""
    for machine, state in while_up.items():
        assert difference(state, steady(machines.state(machine))) == ""
    machines.must(others, "status")
    assert machines.run(late.plan.machine, "ip", "link", "del", "dev", name).status == 0
    machines.must([late], "up")
    machines.must([late, *others], "verify")
    machines.must([late], "down")
    machines.must(others, "status")


def test_a_script_refuses_another_host(cluster: Hosts) -> None:
    (one, two, *_), machines = cluster
    before = machines.state(two.plan.machine)
    refused = machines.script(one, "up", on=two.plan.machine)
    assert refused.status != 0
    assert f"is this the host {one.plan.machine}?" in refused.err
    assert difference(before, machines.state(two.plan.machine)) == ""

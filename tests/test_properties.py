"""Whatever the text: the phases end, with a Topology and findings whose spans lie inside the text."""

from __future__ import annotations

from hypothesis import given

from netc.topology.model import Topology
from tests.labs import assert_spans_inside, bound
from tests.strategies import any_text, documents, examples


def assert_survives(text: str) -> None:
    topology, findings = bound(text)
    assert isinstance(topology, Topology)
    assert_spans_inside(findings)
    told = list(findings.sorted())
    assert told == sorted(told, key=lambda finding: finding.sort_key())
    assert {finding.code for finding in findings if finding not in told} <= {"N003", "N005", "N006", "N009", "N010"}
    assert all(finding.message and finding.code.startswith("N0") for finding in findings)
    for key, device in topology.devices.items():
        assert key == device.key
        assert key.name
        assert key.netns in topology.netnses
        for other in (device.peer, device.parent, device.master):
            assert other is None or other in topology.devices


@given(any_text)
@examples(400)
def test_any_text(text: str) -> None:
    assert_survives(text)


@given(documents)
@examples(400)
def test_documents(text: str) -> None:
    assert_survives(text)

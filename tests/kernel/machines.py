"""The hosts of a lab as separate machines: each a namespace with a /run of its own, wired as the segments say."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from netc.kinds.common import MTU
from netc.topology.model import Device, Made, Topology
from tests.kernel.labs import Lab
from tests.kernel.state import State
from tests.kernel.world import BASH, ROOT, Ran, World

_HOLDER = (
    "mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys; ip link set dev lo up && echo ready && exec sleep 9999"
)
_SNAPSHOT = "import json, sys; from tests.kernel.state import snapshot; json.dump(snapshot(), sys.stdout)"


class Machines:
    """One throw-away host that holds a lab's hosts, with their uplinks and the segments between them."""

    def __init__(self, topology: Topology) -> None:
        self.world = World()
        self._holders: dict[str, str] = {}
        for segment in topology.segments:
            self.world.do(f"ip link add name br-{segment} type bridge", f"ip link set dev br-{segment} up")
        for machine in topology.machines:
            self._start(machine)
        uplinks = [device for device in topology.devices.values() if device.made is Made.OTHERS]
        for number, uplink in enumerate(uplinks):
            self._wire(uplink, number)
        for physical in topology.segments.values():
            if physical.source_check:
                self._check_sources(physical.name, uplinks)
        self.world.do("until ! ip -o link show up | grep -q 'br-.*NO-CARRIER'; do sleep 0.01; done")

    def __enter__(self) -> Machines:
        """Return the machines."""
        return self

    def __exit__(self, *problem: object) -> None:
        """End them."""
        self.world.close()

    def _start(self, machine: str) -> None:
        ready = f"/run/{machine}.ready"
        holder = (
            f"nsenter --net=/run/netns/{machine} unshare --mount --propagation private sh -c {shlex.quote(_HOLDER)}"
        )
        self._holders[machine] = self.world.do(
            f"ip netns add {machine}",
            f"{holder} >{ready} 2>&1 &",
            "echo $!",
            f"until grep -q ready {ready}; do sleep 0.01; done",
        ).strip()

    def _wire(self, uplink: Device, number: int) -> None:
        machine, mtu = uplink.netns.machine, MTU.of(uplink) or 1500
        usable = f"ip -n {machine} -6 addr show dev {uplink.name} scope link -tentative"
        self.world.do(
            f"ip link add name port{number} mtu {mtu} type veth peer name {uplink.name} mtu {mtu} netns {machine}",
            f"ip link set dev port{number} {f'master br-{uplink.segment}' if uplink.segment else ''} up",
            f"ip netns exec {machine} sysctl -qw net/ipv6/conf/{uplink.name}/accept_dad=0",
            *(f"ip -n {machine} addr add {address.interface} dev {uplink.name}" for address in uplink.addresses),
            f"ip -n {machine} link set dev {uplink.name} up",
            # A router asks for its neighbours by its link-local address: kernel net/ipv6/ndisc.c, ndisc_solicit.
            f"until {usable} | grep -q fe80; do sleep 0.01; done",
        )

    def _check_sources(self, segment: str, uplinks: list[Device]) -> None:
        """Do as a cloud does: the segment passes only packets from and to the addresses of its uplinks."""
        there = [(number, uplink) for number, uplink in enumerate(uplinks) if uplink.segment == segment]
        ports = ", ".join(f'"port{number}"' for number, _ in there)
        passed = ", ".join(
            str(address.ip) for _, uplink in there for address in uplink.addresses if address.ip.version == 4
        )
        name = f"cloud-{segment}"
        self.world.do(
            f"nft add table bridge {name}",
            f"nft 'add chain bridge {name} forward {{ type filter hook forward priority 0; }}'",
            *(
                f"nft 'add rule bridge {name} forward iifname {{ {ports} }} ip {end} != {{ {passed} }} drop'"
                for end in ("saddr", "daddr")
            ),
        )

    def run(self, machine: str, *argv: str) -> Ran:
        """Run a command on a machine."""
        enter = ("nsenter", "--target", self._holders[machine], "--mount", "--net")
        return self.world.run(*enter, *argv, env={"PYTHONPATH": str(ROOT)})

    def script(self, lab: Lab, script: str, *flags: str, on: str | None = None) -> Ran:
        """Run a script of a host, on it or on another machine."""
        return self.run(on or lab.plan.machine, BASH, str(lab.path(script)), *flags)

    def must(self, labs: Iterable[Lab], script: str) -> None:
        """Run a script of each of these hosts; all have to end well."""
        for lab in labs:
            ran = self.script(lab, script)
            assert ran.status == 0, f"{script}.sh of {lab.plan.machine}: {ran}"

    def state(self, machine: str) -> State:
        """Return everything that scripts may change on a machine."""
        ran = self.run(machine, sys.executable, "-c", _SNAPSHOT)
        assert ran.status == 0, ran
        found: State = json.loads(ran.out)
        return found

    def states(self) -> dict[str, State]:
        """Return the state of every machine."""
        return {machine: self.state(machine) for machine in self._holders}


def several(example: Path) -> bool:
    """Whether an example has several hosts."""
    return "\nhost " in example.read_text()

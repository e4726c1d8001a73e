"""What a lab needs of a kernel, and what the kernel here has: who runs a test, this machine or one of tests/vm.

Each feature has a name and a probe, a line of shell that works where the feature is there. A lab of a test needs the
features whose signs are in its commands; a test whose lab needs what is not here is skipped, and says so. Inside a
machine of tests/vm the environment variable `NETC_ELSEWHERE` holds what the kernels before it have (a list of lists
of names, in JSON); what runs there is skipped here. So every test runs once, on the first kernel that can.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from netc.kinds import kinds
from netc.plan.step import Plan
from tests.kernel.world import PATH, unshare

ELSEWHERE = "NETC_ELSEWHERE"
#: Inside a machine: its name.
MACHINE = "NETC_MACHINE"
#: Inside a machine that has twins: N/M, its part of the examples.
SHARE = "NETC_SHARE"
SRIOV = "a NIC with virtual functions"
_SAYS_NO = re.compile(r"unknown|not supported|not found|no such file|cannot find", re.IGNORECASE)


@dataclass(frozen=True)
class Feature:
    """Something that a kernel has or has not. `sign` is searched for in each command of up.sh, with its input."""

    name: str
    sign: str
    probe: str


_ENDS = "src 192.0.2.1 dst 192.0.2.2"
_GCM = f"aead 'rfc4106(gcm(aes))' 0x{'00' * 20} 128"
_SHA = f"auth-trunc 'hmac(sha256)' 0x{'00' * 32} 128"
#: A kernel test whose lab needs more than devices: add what it needs here.
_OTHERS = (
    Feature(SRIOV, "/sriov_numvfs", ""),  # see `here`
    Feature(
        "bridge VLAN filtering",
        r"vlan_filtering 1|^bridge vlan ",
        # A kernel without it passes over the word.
        "ip link add name probe type bridge vlan_filtering 1 && bridge vlan add dev probe vid 2 self",
    ),
    Feature(
        "tunnels in UDP",
        r" encap (fou|gue)( |$)|^ip fou ",
        "modprobe fou; ip link add name probe type ipip remote 192.0.2.1 encap fou encap-dport 5 || "
        "{ echo not supported >&2; exit 1; }",  # a kernel without them calls the word invalid
    ),
    Feature(
        "IPv6 segment routing",
        r"encap seg6",
        "ip link add name probe type bridge && ip link set probe up && "
        "ip -6 route add 2001:db8::/64 encap seg6 mode encap segs 2001:db8::1 dev probe",
    ),
    Feature(
        "MPLS",
        r"encap mpls|^ip -f mpls",
        "modprobe mpls_iptunnel; ip link add name probe type bridge && ip link set probe up && "
        "ip route add 192.0.2.0/24 encap mpls 16 dev probe",
    ),
    Feature("sch_netem", r"^tc qdisc .* netem( |$)", "tc qdisc add dev lo root netem delay 1ms"),
    Feature("sch_tbf", r"^tc qdisc .* tbf( |$)", "tc qdisc add dev lo root tbf rate 1mbit burst 10k latency 1s"),
    Feature("sch_ingress", r"^tc qdisc .* (ingress|clsact)( |$)", "tc qdisc add dev lo clsact"),
    Feature(
        "cls_u32 and act_mirred",
        r"^tc filter .* u32 .* mirred ",
        "tc qdisc add dev lo clsact && tc filter add dev lo ingress protocol all u32 match u32 0 0 "
        "action mirred egress mirror dev lo",
    ),
    Feature("nftables of the family inet", r"^nft |\binet\b.*\{", "nft add table inet probe"),
    Feature("tun", r"ip tuntap add", "ip tuntap add dev probe mode tap"),
    Feature(
        "l2tp",
        r"^ip l2tp add",
        "ip link set dev lo up && ip l2tp add tunnel remote 127.0.0.2 local 127.0.0.1 tunnel_id 1 peer_tunnel_id 1 "
        "encap ip && ip l2tp add session name probe tunnel_id 1 session_id 1 peer_session_id 1",
    ),
    Feature("ESP with AES-GCM", r"xfrm state add.* aead ", f"ip xfrm state add {_ENDS} proto esp spi 1 {_GCM}"),
    Feature("AH with SHA-256", r"xfrm state add.* proto ah ", f"ip xfrm state add {_ENDS} proto ah spi 1 {_SHA}"),
    Feature(
        "eBPF at tc",
        r"^tc filter add .* bpf ",
        "tc qdisc add dev lo clsact && tc filter add dev lo ingress bpf da object-file packets.o section tc_pass",
    ),
    Feature("XDP", r" xdp\w* object ", "ip link set dev lo xdpgeneric object packets.o section xdp_pass"),
    Feature(
        "br_netfilter",
        r"^modprobe br_netfilter|bridge[./]bridge-nf",
        "[ -e /proc/sys/net/bridge ] || modprobe br_netfilter",
    ),
)


@lru_cache(maxsize=1)
def features() -> dict[str, Feature]:
    """Return all features that labs are searched for, by name: a type of devices for each kind, and others."""
    types = [
        Feature(f"devices of type {kind}", rf"^ip link add .* type {kind}( |$)", f"ip link add name probe type {kind}")
        for kind in kinds()
    ]
    return {feature.name: feature for feature in (*types, *_OTHERS)}


def needed(plan: Plan) -> frozenset[str]:
    """Return the names of the features that a lab needs."""
    lines = [f"{' '.join(step.argv)}\n{step.stdin}" for step in plan.steps]
    found = (name for name, feature in features().items() if any(re.search(feature.sign, line) for line in lines))
    return frozenset(found)


@lru_cache
def has(name: str) -> bool:
    """Whether the kernel here has a feature: its probe works, or fails for another reason."""
    if name == SRIOV:
        # Hardware is in the first namespace alone, and tests may change it only where the whole machine is theirs.
        return MACHINE in os.environ and any(Path("/sys/class/net").glob("*/device/sriov_totalvfs"))
    argv, env = [*unshare(), "sh", "-c", features()[name].probe], {**os.environ, "PATH": PATH}
    probe = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    return probe.returncode == 0 or not _SAYS_NO.search(probe.stderr)


def here() -> frozenset[str]:
    """Return the names of all that the kernel here has."""
    return frozenset(name for name in features() if has(name))


def lacks(plan: Plan) -> str | None:
    """Return why a lab does not run here; None if it does."""
    return why_not(needed(plan))


def why_not(wants: frozenset[str]) -> str | None:
    """Return why what needs these features does not run here; None if it does."""
    if missing := {name for name in wants if not has(name)}:
        return f"needs what this kernel has not: {', '.join(sorted(missing))}"
    if any(wants <= set(others) for others in json.loads(os.environ.get(ELSEWHERE, "[]"))):
        return "it runs on another kernel already"
    return None


def told() -> str:
    """Return the line that tells what the kernel here has, for tests/vm."""
    return f"has: {json.dumps(sorted(here()))}"


if __name__ == "__main__":
    print(told())

"""Tells how netc's work grows with the lab: user CPU of a command for labs of 100, 1,000 and 5,000 namespaces.

`make growth`. Behind the seconds stands how many times they are those of the size before: 10 and 5 where the work grows
with the lab, 100 and 25 where it grows with its square. Other sizes: `python benchmarks/growth.py 100 400`.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = (100, 1000, 5000)
COMMANDS = ("reach", "check")
MANY = 50  # routers of the chain, and hosts of the flannel
AT_BRIDGE = 500


def star(size: int) -> Iterator[str]:
    """Yield a router with a leaf behind each of its links."""
    yield "let links = 10.0.0.0/8"
    yield "netns r { forward ipv4 }"
    for i in range(size - 1):
        near, far = f"${{links[{4 * i + 1}]}}", f"${{links[{4 * i + 2}]}}"
        yield f"netns n{i} {{ veth e {far}/30 -- r:v{i} {near}/30; route default via {near} }}"


def chain(size: int) -> Iterator[str]:
    """Yield routers in a row, each with a LAN of leaves, and no route written."""
    yield "routing auto"
    for r in range(MANY):
        yield f"netns r{r} {{ forward ipv4; bridge lan 10.{r}.0.1/16 }}"
        if r:
            yield f"veth r{r - 1}:right 172.16.{r}.1/30 -- r{r}:left 172.16.{r}.2/30"
    for i in range(size - MANY):
        r, place = i % MANY, i // MANY + 2
        yield f"netns n{i} {{ veth e 10.{r}.{place // 256}.{place % 256}/16 -- r{r}:lan }}"


def flannel(size: int) -> Iterator[str]:
    """Yield hosts with pods, on VXLAN."""
    yield "segment wire 192.168.0.0/16"
    yield "network pods flannel 10.244.0.0/16 { backend vxlan }"
    for h in range(MANY):
        pods = (size - MANY) // MANY
        lines = [f"netns p{h}x{pod} {{ attach eth0 to pods }}" for pod in range(pods)]
        yield f"host h{h} {{ uplink eth0 192.168.1.{h + 1}/16 on wire; join pods 10.244.{h}.0/24 on eth0"
        yield from lines
        yield "}"


def _switches(size: int, bridge: str, port: Callable[[int], str], trunk: str) -> Iterator[str]:
    """Yield bridges, as one has no more than 1,023 ports, with leaves, and one that joins them."""
    yield "let lan = 10.0.0.0/16"
    yield f"netns core {{ bridge br0 {{ {bridge} }} }}"
    for s in range(0, size, AT_BRIDGE):
        yield f"netns sw{s} {{ bridge br0 {{ {bridge} }} }}"
        yield f"veth sw{s}:br0:up {{ {trunk} }} -- core:br0:p{s} {{ {trunk} }}"
        for i in range(s + 1, min(s + AT_BRIDGE, size)):
            yield f"netns n{i} {{ veth e ${{lan[{i}]}}/16 -- sw{s}:br0:p{i} {{ {port(i)} }} }}"


def vlans(size: int) -> Iterator[str]:
    """Yield leaves in four VLANs of bridges."""
    return _switches(size, "vlan-filtering on", lambda i: f"vlan {10 + i % 4} pvid untagged", "vlan 10-13")


def isolated(size: int) -> Iterator[str]:
    """Yield leaves at isolated ports of bridges."""
    return _switches(size, "", lambda i: "isolated on", "")


def macvlan(size: int) -> Iterator[str]:
    """Yield children of one device."""
    yield "let lan = 10.0.0.0/16"
    yield "netns wire { dummy d0 }"
    for i in range(size - 1):
        yield f"netns n{i} {{ macvlan e ${{lan[{i + 1}]}}/16 on wire:d0 {{ mode bridge }} }}"


LABS: dict[str, Callable[[int], Iterator[str]]] = {
    "star": star,
    f"chain of {MANY} routers, `routing auto`": chain,
    f"flannel of {MANY} hosts": flannel,
    "bridges that filter VLANs": vlans,
    "isolated ports": isolated,
    "macvlan": macvlan,
}


def cpu(command: str, lab: Path) -> float:
    """Return the seconds of user CPU that a command takes for a lab."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([sys.executable, "-m", "netc", command, str(lab)], check=True, capture_output=True, cwd=ROOT)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main(sizes: tuple[int, ...]) -> None:
    """Print a line for each lab and command."""
    print(f"{'seconds of user CPU, and times those before':<44}" + "".join(f"{size:>14}" for size in sizes))
    with tempfile.TemporaryDirectory() as folder:
        for name, draw in LABS.items():
            labs = []
            for size in sizes:
                labs.append(Path(folder) / f"{draw.__name__}{size}.net")
                labs[-1].write_text("\n".join(["lab growth", *draw(size)]) + "\n", encoding="utf-8")
            for command in COMMANDS:
                taken = [cpu(command, lab) for lab in labs]
                rises = ["", *(f"{after / before:.1f}x" for before, after in pairwise(taken))]
                cells = (f"{seconds:.2f} {rise:>6}" for seconds, rise in zip(taken, rises, strict=True))
                print(f"{name + ', ' + command:<44}" + "".join(f"{cell:>14}" for cell in cells), flush=True)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)

"""Everything that a lab's scripts may change in a host, as text that two moments can be compared by."""

from __future__ import annotations

import ctypes
import json
import os
import re
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

#: What it is -> how it is; for example "sysctl net/ipv4/ip_forward" -> "1".
State: TypeAlias = dict[str, str]

_CLONE_NEWNET = 0x40000000
#: Links change these by themselves.
_RESTLESS_KEYS = re.compile(r".*(_timer|operstate|topology_change(_detected)?|info_slave_data\.state)")
#: DAD takes its time over link-local addresses, and bridges learn.
_RESTLESS_LINES = re.compile(r"ipv6 2 fe80::.* table 255 |fdb (?!.*(permanent|static))")
_COMES_LATER = re.compile(r"\bfe80::|\bff00::/8|\bfdb 33:33:")
_RESTLESS_FLAGS = {"RUNNING", "LOWER_UP", "NO-CARRIER", "M-DOWN"}
_RESTLESS_SYSCTLS = {"net/netfilter/nf_conntrack_count"}
#: iproute2 makes these and keeps them; the labs share theirs.
_SHARED = {"file /run/netns/", "file /run/netc/", "mount /run/netns /netns"}
#: What a device made again need not have in common with the one before: numbers, and what the kernel draws by lot.
_OWN_KEYS = {
    *("ifindex", "link_index", "link_netnsid", "address", "permaddr", "perm_hwaddr"),
    *("bridge_id", "root_id", "designated_root"),
}
_PROGRAM_KEYS = {"xdp.attached", "xdp.prog.id", "xdp.prog.load_time"}
#: Every command of a batch in one process: to start one costs most where a machine is emulated.
_BATCHES = {
    "link": ("ip -d -j", "link show", "addr show"),
    "ipv4": ("ip -4 -N", "route show table all", "rule show", "neigh show nud permanent", "neigh show proxy"),
    "ipv6": ("ip -6 -N", "route show table all", "rule show", "neigh show nud permanent", "neigh show proxy"),
    "bridge": ("bridge -o", "fdb show", "vlan show"),
    "qdisc": ("tc", "qdisc show"),
    "nft": ("nft", "list ruleset"),
}
_MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2} ")


def snapshot() -> State:
    """Return the state of the host that this process is in: its root namespace, files in /run, and processes."""
    _wait_for_processes()
    beside = {**dict(_files("/run")), **dict(_mounts()), **dict(_processes())}
    return {**_netns(), **dict(_sysctls()), **{key: value for key, value in beside.items() if key not in _SHARED}}


def snapshot_inside(netnses: tuple[str, ...]) -> State:
    """Return the state of named namespaces, each key with the name before it."""
    found: State = {}
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        for name in netnses:
            there = os.open(f"/run/netns/{name}", os.O_RDONLY)
            if libc.setns(there, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), f"cannot enter {name}")
            os.close(there)
            inner = {**_netns(), **dict(_sysctls())}
            found.update({f"{name}: {key}": value for key, value in inner.items()})
    finally:
        libc.setns(home, _CLONE_NEWNET)
        os.close(home)
    return found


def difference(before: State, after: State) -> str:
    """Return what changed, a line each: gone (-), new (+), other (~); "" if nothing did."""
    lines = []
    came, went = (_devices(one) - _devices(other) for one, other in ((after, before), (before, after)))
    for key in sorted(before.keys() | after.keys()):
        if _belongs_to(key, came | went):
            continue
        old, new = before.get(key), after.get(key)
        if new is None:
            lines.append(f"- {key} {_short(old)}".rstrip())
        elif old is None:
            lines.append(f"+ {key} {_short(new)}".rstrip())
        elif old != new:
            lines.append(f"~ {key}: {_short(old)} -> {_short(new)}")
    return "\n".join(lines)


def _short(value: str | None) -> str:
    text = value or ""
    return text if len(text) < 200 else f"{text[:200]}..."


def _devices(found: State) -> set[str]:
    return {key.removesuffix(" ifname") for key in found if key.endswith(" ifname")}


def _belongs_to(key: str, devices: set[str]) -> bool:
    """Whether a key only details a device of which another line says that it came or went."""
    netns, _, rest = key.rpartition(": ")
    start = f"{netns}: " if netns else ""
    words = rest.split()
    if words[0] == "link":
        return words[-1] != "ifname" and f"{start}link {words[1]}" in devices
    parts = rest.split("/")
    return words[0] == "sysctl" and len(parts) > 3 and f"{start}link {parts[3]}" in devices


def steady(found: State) -> State:
    """Return a state without what comes to links that are up by itself: link-local addresses, a moment later."""
    return {key: value for key, value in found.items() if not _COMES_LATER.search(key)}


def alike(found: State) -> State:
    """Return a state without what differs between two makings of the same thing: numbers and MACs the kernel chose."""
    return {key: value for key, value in map(_alike, steady(found).items()) if key}


def _netns() -> State:
    running = {what: _batch(*batch) for what, batch in _BATCHES.items()}
    found: State = {}
    for what, process in running.items():
        out, err = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{_BATCHES[what]}: {err}")
        found.update(_read(what, out))
    return found


def _batch(command: str, *lines: str) -> subprocess.Popen[str]:
    argv = [*command.split(), *(lines[0].split() if len(lines) == 1 else ("-batch", "-"))]
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    )
    assert process.stdin is not None
    if len(lines) > 1:
        process.stdin.write("\n".join(lines) + "\n")
    process.stdin.close()
    process.stdin = None
    return process


def _read(what: str, out: str) -> Iterator[tuple[str, str]]:
    if what == "link":
        links, addresses = _arrays(out)
        for link in links:
            yield from _link(link)
        for link in addresses:
            yield from _addresses(link)
    elif what == "nft":
        if out:
            yield "nftables", out
    else:
        for line in out.splitlines():
            name = ("fdb" if _MAC.match(line) else "vlan") if what == "bridge" else what
            if not _RESTLESS_LINES.match(f"{name} {line}"):
                yield f"{name} {line.replace('linkdown ', '').strip()}", ""


def _arrays(out: str) -> list[list[dict[str, Any]]]:
    """Return what two commands of one batch wrote, each an array, in their order."""
    found, rest = [], out.strip()
    while rest:
        array, end = json.JSONDecoder().raw_decode(rest)
        found.append(array)
        rest = rest[end:].strip()
    assert len(found) == 2, out
    return found


def _link(link: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in _flat("", link):
        if not _RESTLESS_KEYS.fullmatch(key):
            if key == "flags":
                value = sorted(set(value) - _RESTLESS_FLAGS)
            yield f"link {link['ifname']} {key}", json.dumps(value)


def _flat(prefix: str, tree: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield prefix + key, value


def _addresses(link: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for address in link["addr_info"]:
        if address:
            name = f"addr {link['ifname']} {address['local']}/{address['prefixlen']}"
            yield name, json.dumps({key: address[key] for key in ("scope", "label", "metric") if key in address})


def _sysctls() -> Iterator[tuple[str, str]]:
    base = "/proc/sys/"
    for folder, _, files in os.walk(base + "net"):
        for file in files:
            path = f"{folder}/{file}"
            key = path.removeprefix(base)
            if key not in _RESTLESS_SYSCTLS:
                try:
                    with open(path, "rb", buffering=0) as opened:
                        yield f"sysctl {key}", opened.read().decode().strip()
                except (OSError, UnicodeDecodeError):
                    continue  # write-only, or without a value yet


def _files(top: str) -> Iterator[tuple[str, str]]:
    for folder, folders, files in os.walk(top):
        for name in folders:
            yield f"file {folder}/{name}/", ""
        for name in files:
            path = Path(folder, name)
            yield f"file {path}", "" if folder == "/run/netns" else path.read_text()


def _mounts() -> Iterator[tuple[str, str]]:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        words = line.split()
        yield f"mount {words[4]} {words[3]}", ""


def _processes() -> Iterator[tuple[str, str]]:
    ours = os.stat("/proc/self/ns/net").st_ino
    for pid in _others():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
            where = "" if os.stat(f"/proc/{pid}/ns/net").st_ino == ours else "in another network namespace"
        except OSError:
            continue
        yield f"process {pid} {command}", where


def _others() -> list[int]:
    """Return the processes of this host besides this one, its children and the dead."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] not in "ZX":
                found.append(int(name))
    return found


def _wait_for_processes() -> None:
    """Give what a script leaves behind a moment to end: a kill or a closing pipe takes effect after the script."""
    for _ in range(100):
        if not _others():
            return
        time.sleep(0.01)


def _alike(item: tuple[str, str]) -> tuple[str, str]:
    key, value = item
    words = key.rpartition(": ")[2].split()
    if words[0] == "link" and (words[-1].rpartition(".")[2] in _OWN_KEYS or words[-1] in _PROGRAM_KEYS):
        return "", ""
    if words[0] == "sysctl" and words[-1].endswith("/stable_secret"):
        return "", ""
    if words[0] == "mount":
        return key.partition("net:[")[0], value
    if words[0] == "file" and not key.endswith("/exec.log"):
        return re.sub(r"/run/netc/\d+", "/run/netc/NETNS", key), value
    return ("", "") if words[0] in {"process", "fdb", "file"} else item


def names(found: Iterable[str]) -> set[str]:
    """Return the keys of namespaces in /run/netns."""
    return {key.rpartition("/")[2] for key in found if key.startswith("file /run/netns/")}

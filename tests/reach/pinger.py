"""Pings pairs of namespaces of a lab that is up, all at once, and says what became of each.

Run inside the lab's host: `python3 pinger.py JOB RESULT`. It needs nothing but Python. JOB is JSON: `netnses`, and
`pings`, each a list of namespace ("" for the host), target, source or null, and the results that would be right, and
`alone`, the numbers of those that are tried once more by themselves: all at once they teach each other neighbours. A
result is `reply TTL`, `error NAME` where the kernel refuses to send, `icmp TYPE` where an ICMP error came back, or
`silent`. What is not right at once is tried again, and then alone, from an empty neighbour table.
"""

from __future__ import annotations

import ctypes
import errno
import glob
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
IPV6_HOPLIMIT = 52
SETTINGS = (
    ("net/ipv4/neigh/*/retrans_time_ms", "100"),
    ("net/ipv6/neigh/*/retrans_time_ms", "100"),
    ("net/ipv4/neigh/*/proxy_delay", "0"),  # by chance up to 0.8 s, when three questions are long given up
    ("net/ipv6/neigh/*/proxy_delay", "0"),
    ("net/ipv4/icmp_ratelimit", "0"),
    ("net/ipv4/icmp_msgs_per_sec", "100000"),
    ("net/ipv4/icmp_msgs_burst", "100000"),
    ("net/ipv6/icmp/ratelimit", "0"),
    ("net/ipv4/conf/*/accept_redirects", "0"),
    ("net/ipv6/conf/*/accept_redirects", "0"),
)
ICMP4 = {(3, 0): "net", (3, 1): "host", (3, 13): "prohibited", (11, 0): "ttl"}
ICMP6 = {(1, 0): "net", (1, 3): "host", (1, 1): "prohibited", (3, 0): "ttl", (1, 6): "host"}


class Door:
    """The sockets of one namespace."""

    def __init__(self, name: str, home: int) -> None:
        if name:
            with open(f"/run/netns/{name}") as file:
                enter(file.fileno())
        for pattern, value in SETTINGS:
            for path in glob.glob("/proc/sys/" + pattern):
                with open(path, "w") as file:
                    file.write(value)
        self.four = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.six = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        self.six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
        for one in (self.four, self.six):
            one.setblocking(False)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        enter(home)


def enter(descriptor: int) -> None:
    """Enter a network namespace."""
    if LIBC.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def checksum(data: bytes) -> int:
    """Return the checksum of RFC 1071."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def send(door: Door, number: int, target: str, source: str | None) -> str | None:
    """Send one echo request; return a result if the kernel refuses."""
    ident, sequence = number, 1  # by the identifier alone NAT tells one ping from another
    body = b"netc" * 14
    six = ":" in target
    head = struct.pack("!BBHHH", 128 if six else 8, 0, 0, ident + 1, sequence)
    if not six:
        head = struct.pack("!BBHHH", 8, 0, checksum(head + body), ident + 1, sequence)
    extra: list[tuple[int, int, bytes]] = []
    if source is not None and six:
        packed = socket.inet_pton(socket.AF_INET6, source) + struct.pack("@I", 0)
        extra = [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, packed)]
    elif source is not None:
        packed = struct.pack("@I", 0) + socket.inet_aton(source) + bytes(4)
        extra = [(socket.IPPROTO_IP, 8, packed)]
    try:
        (door.six if six else door.four).sendmsg([head + body], extra, 0, (target, 0))
    except OSError as reason:
        return f"error {errno.errorcode[reason.errno or 0]}"
    return None


def receive(door: Door, six: bool) -> Iterator[tuple[int, str]]:
    """Yield (number, result) of everything that has come in."""
    one = door.six if six else door.four
    while True:
        try:
            data, extra, _, _ = one.recvmsg(2048, 256)
        except BlockingIOError:
            return
        except OSError:
            continue  # an error that the kernel told the socket; the ICMP message itself comes as well
        if six:
            ttl = next((struct.unpack("@i", value)[0] for _, kind, value in extra if kind == IPV6_HOPLIMIT), 0)
            reply, known, inner = 129, ICMP6, 40
        else:
            ttl = data[8]
            data = data[(data[0] & 15) * 4 :]
            reply, known, inner = 0, ICMP4, 20
        kind, code = data[0], data[1]
        if kind == reply:
            (ident,) = struct.unpack("!H", data[4:6])
            yield ident - 1, f"reply {ttl}"
        elif kind in {3, 11} if not six else kind in {1, 3}:
            quoted = data[8 + inner :]
            if len(quoted) >= 8:
                (ident,) = struct.unpack("!H", quoted[4:6])
                yield ident - 1, f"icmp {known.get((kind, code), f'{kind}/{code}')}"


def ping(doors: Mapping[str, Door], wanted: Mapping[int, Any], patience: float) -> dict[int, str]:
    """Send the pings of `wanted` (number to ping), and return the result of each."""
    found = {}
    for number, (netns, target, source, _) in wanted.items():
        refused = send(doors[netns], number, target, source)
        if refused is not None:
            found[number] = refused
    sockets = {
        one.fileno(): (name, door, one is door.six) for name, door in doors.items() for one in (door.four, door.six)
    }
    deadline = time.monotonic() + patience
    poll = select.poll()
    for descriptor in sockets:
        poll.register(descriptor, select.POLLIN)
    while len(found) < len(wanted) and (left := deadline - time.monotonic()) > 0:
        for descriptor, _ in poll.poll(left * 1000):
            name, door, six = sockets[descriptor]
            for number, result in receive(door, six):
                if number in wanted and wanted[number][0] == name:
                    found.setdefault(number, result)
    return {number: found.get(number, "silent") for number in wanted}


def flush(netnses: Iterable[str]) -> None:
    """Empty the neighbour tables."""
    for name in netnses:
        for family in ("-4", "-6"):
            argv = ["ip", *(["-n", name] if name else []), family, "neigh", "flush", "all"]
            subprocess.run(argv, check=False, capture_output=True)


def main(job_path: str, result_path: str) -> None:
    """Do a job."""
    with open(job_path) as file:
        job = json.load(file)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    doors = {name: Door(name, home) for name in job["netnses"]}
    pings = dict(enumerate(job["pings"]))
    results = ping(doors, pings, job.get("patience", 0.9))
    turn = 1 << 15

    def wrong() -> list[int]:
        return [number for number, entry in pings.items() if results[number] not in entry[3]]

    if again := wrong():  # a bridge's port may take a second to hear of its carrier
        time.sleep(1)
        flush(doors)
        found = ping(doors, {turn + number: pings[number] for number in again}, job.get("patience", 0.9))
        results |= {number: found[turn + number] for number in again}
        turn += len(pings)
    for number in set(job["alone"]) - set(wrong()):
        flush(doors)
        turn += 1
        results |= {number: ping(doors, {turn: pings[number]}, 1)[turn]}
    for number in wrong()[:40]:
        for patience in (1, 2, 4):
            flush(doors)
            turn += 1
            results[number] = next(iter(ping(doors, {turn: pings[number]}, patience).values()))
            if results[number] in pings[number][3]:
                break
    with open(result_path, "w") as file:
        json.dump([results[number] for number in pings], file)


main(*sys.argv[1:])

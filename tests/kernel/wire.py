"""Counts the packets that pass a device, by how they travel: `python -m tests.kernel.wire DEVICE`.

Prints `ready` once it listens; when it is terminated, a line of JSON with the counts.
"""

from __future__ import annotations

import json
import signal
import socket
import struct
import sys

_ALL = 3  # linux/if_ether.h, ETH_P_ALL
VXLAN_PORTS = {8472, 4789}
_ECHO6 = {128, 129}  # RFC 4443, section 4: echo request, echo reply
_OFFSET = 0x1FFF  # RFC 791, section 3.1: the fragment offset, in 8 octets


def kind_of(frame: bytes) -> str | None:
    """Return how a packet travels: by VXLAN, by IPIP, or as it is if it is a ping; None for anything else.

    Of what is in fragments the first counts for what it is, and the others for `fragment`.
    """
    if frame[12:14] == b"\x86\xdd":
        if frame[20] == socket.IPPROTO_FRAGMENT:
            return "fragment"
        is_ping = frame[20] == socket.IPPROTO_ICMPV6 and frame[54] in _ECHO6
        header, protocol = 54, socket.IPPROTO_ICMP if is_ping else frame[20]
    elif frame[12:14] == b"\x08\x00":
        header, protocol = 14 + (frame[14] & 0x0F) * 4, frame[23]
        if struct.unpack_from("!H", frame, 20)[0] & _OFFSET:
            return "fragment"
    else:
        return None
    if protocol == socket.IPPROTO_UDP and struct.unpack_from("!H", frame, header + 2)[0] in VXLAN_PORTS:
        return "vxlan"
    if protocol == socket.IPPROTO_ICMP:
        return "plain"
    return "ipip" if protocol == socket.IPPROTO_IPIP else None


def main() -> None:
    counts = dict.fromkeys(("vxlan", "plain", "ipip", "fragment"), 0)
    ended = False
    listening = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
    listening.bind((sys.argv[1], 0))

    def end(number: int, frame: object) -> None:
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    listening.settimeout(0.1)
    print("ready", flush=True)
    while True:
        try:
            kind = kind_of(listening.recv(65536))
        except TimeoutError:
            if ended:
                break  # and nothing is left that came before
            continue
        if kind is not None:
            counts[kind] += 1
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    main()

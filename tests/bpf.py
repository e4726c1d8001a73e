"""A tiny assembler of eBPF objects: programs of two instructions, one a section, in an ELF file that libbpf reads.

`python -m tests.bpf` writes examples/packets.o, so that the tests need no compiler.
"""

from __future__ import annotations

import struct
from pathlib import Path

#: What the programs of examples/packets.o return: XDP_PASS and XDP_DROP of uapi/linux/bpf.h, TC_ACT_OK and TC_ACT_SHOT
#: of uapi/linux/pkt_cls.h.
PROGRAMS = {"xdp_pass": 2, "xdp_drop": 1, "tc_pass": 0, "tc_drop": 2}
OBJECT = Path(__file__).resolve().parents[1] / "examples" / "packets.o"

_MOV_R0, _EXIT = 0xB7, 0x95  # BPF_ALU64 | BPF_MOV | BPF_K, and BPF_JMP | BPF_EXIT: RFC 9669
_EM_BPF, _PROGBITS, _SYMTAB, _STRTAB = 247, 1, 2, 3
_WRITE, _ALLOC, _EXEC = 1, 2, 4
_GLOBAL_FUNC = (1 << 4) | 2


def program(returns: int) -> bytes:
    """Return a program that returns a number, whatever the packet."""
    return struct.pack("<BBhiBBhi", _MOV_R0, 0, 0, returns, _EXIT, 0, 0, 0)


def elf(programs: dict[str, int]) -> bytes:
    """Return a relocatable ELF object with a section and a function of that name for each program."""
    names = ["", *programs, "license", ".symtab", ".strtab"]
    strings = b"\0" + b"".join(name.encode() + b"\0" for name in names[1:])
    offset = {name: strings.index(b"\0" + name.encode() + b"\0") + 1 if name else 0 for name in names}
    code = {name: program(returns) for name, returns in programs.items()}
    symbols = bytes(24) + b"".join(
        struct.pack("<IBBHQQ", offset[name], _GLOBAL_FUNC, 0, index, 0, len(text))
        for index, (name, text) in enumerate(code.items(), 1)
    )
    contents = [b"", *code.values(), b"GPL\0", symbols, strings]
    headers, body = [bytes(64)], b""
    for name, content in list(zip(names, contents, strict=True))[1:]:
        body += bytes(-len(body) % 8)
        kind = {".symtab": _SYMTAB, ".strtab": _STRTAB}.get(name, _PROGBITS)
        flags = _ALLOC | _EXEC if name in code else _ALLOC | _WRITE if name == "license" else 0
        link, info, size = (len(names) - 1, 1, 24) if kind == _SYMTAB else (0, 0, 0)
        header = (offset[name], kind, flags, 0, 64 + len(body), len(content), link, info, 8, size)
        headers.append(struct.pack("<IIQQQQIIQQ", *header))
        body += content
    body += bytes(-len(body) % 8)
    ident = b"\x7fELF" + bytes([2, 1, 1, 0]) + bytes(8)
    counts = (64, 0, 0, 64, len(names), len(names) - 1)
    start = ident + struct.pack("<HHIQQQIHHHHHH", 1, _EM_BPF, 1, 0, 0, 64 + len(body), 0, *counts)
    return start + body + b"".join(headers)


if __name__ == "__main__":
    OBJECT.write_bytes(elf(PROGRAMS))

"""What the tunnels over UDP have in common: values of the outer header."""

from netc.kinds.attributes import flag, numeric, one_of, shown, unseen, value
from netc.syntax.tree import Word
from netc.topology.model import Device
from netc.topology.values import number

CHECKSUMS = (
    flag("udpcsum", "UDP checksums over IPv4.", "off", "udpcsum", "noudpcsum"),
    unseen(flag("udp6zerocsumtx", "Sends without UDP checksums over IPv6.", "off", "udp6zerocsumtx",
                "noudp6zerocsumtx")),
    unseen(flag("udp6zerocsumrx", "Takes packets without UDP checksums over IPv6.", "off", "udp6zerocsumrx",
                "noudp6zerocsumrx")),
)  # fmt: skip


def tos(word: Word) -> str:
    """Parse a type of service: a number, or `inherit`, the inner packet's."""
    return word.text if word.text == "inherit" else str(number(0, 255, "a type of service")(word))


def ttl(word: Word) -> str:
    """Parse a TTL of vxlan: a number, `inherit`, the inner packet's, or `auto`, the namespace's default."""
    return word.text if word.text in {"inherit", "auto"} else str(number(1, 255, "a TTL")(word))


def _shown_tos(given: str) -> tuple[str, ...]:
    return (f"tos {given}" if given == "inherit" else f"tos {int(given):#x}",) if given != "0" else ()


TOS = shown(value("tos", tos, "0..255|inherit", "The outer packets' type of service.", "0"), _shown_tos)


DF = shown(
    one_of("df", ("set", "unset", "inherit"), "The outer packets' DF bit.", "unset"),
    lambda given: () if given == "unset" else (f"df {given}",),
)
FLOWLABEL = shown(
    numeric("flowlabel", 0, 2**20 - 1, "The flow label of outer packets over IPv6.", "0"),
    lambda given: (f"flowlabel {given:#x}",) if given else (),
)


def is_whole(device: Device, version: int) -> bool:
    """Whether routers may not cut the outer packets of a packet with DF: IPv6 never cuts, IPv4 asks the DF bit."""
    return version == 6 or DF.option.of(device) in {"set", "inherit"}

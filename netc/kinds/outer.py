"""What the tunnels over UDP have in common: values of the outer header."""

from netc.kinds.attributes import flag
from netc.syntax.tree import Word
from netc.topology.values import number

CHECKSUMS = (
    flag("udpcsum", "UDP checksums over IPv4.", "off", "udpcsum", "noudpcsum"),
    flag("udp6zerocsumtx", "Sends without UDP checksums over IPv6.", "off", "udp6zerocsumtx", "noudp6zerocsumtx"),
    flag("udp6zerocsumrx", "Takes packets without UDP checksums over IPv6.", "off", "udp6zerocsumrx",
         "noudp6zerocsumrx"),
)  # fmt: skip


def tos(word: Word) -> str:
    """Parse a type of service: a number, or `inherit`, the inner packet's."""
    return word.text if word.text == "inherit" else str(number(0, 255, "a type of service")(word))


def ttl(word: Word) -> str:
    """Parse a TTL of vxlan: a number, `inherit`, the inner packet's, or `auto`, the namespace's default."""
    return word.text if word.text in {"inherit", "auto"} else str(number(1, 255, "a TTL")(word))

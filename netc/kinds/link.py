"""What `ip link` sets of any device, whatever its kind: flags, queues, and the sizes of what is put together.

Source: ip-link(8) "ip link add" and "ip link set"; what is printed: iproute2 ip/ipaddress.c, print_linkinfo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netc.topology.options import Option, one
from netc.topology.values import number, switch

if TYPE_CHECKING:
    from netc.topology.model import Device

ARP: Option[bool] = Option(
    "arp",
    one(switch),
    "on|off",
    "Whether neighbours are asked for and answered, by ARP and ND; with `off`, `neigh` says who they are, on both ends "
    "(ip-link(8)).",
    "on, where a device has link addresses",
)
_MULTICAST: Option[bool] = Option(
    "multicast", one(switch), "on|off", "The flag by which programs know that a device can multicast (ip-link(8))."
)
_ALL: Option[bool] = Option(
    "allmulticast", one(switch), "on|off", "Takes the frames of all multicast groups (ip-link(8)).", "off"
)
PROMISC: Option[bool] = Option(
    "promisc",
    one(switch),
    "on|off",
    "Takes frames for all MAC addresses (ip-link(8)). Not of bridges, whose ports do.",
    "off",
)
#: Each flag with the word that `ip link` prints where it is set, and whether that is where the option is on.
_FLAGS = ((ARP, "NOARP", False), (_MULTICAST, "MULTICAST", True), (_ALL, "ALLMULTI", True), (PROMISC, "PROMISC", True))

# kernel include/linux/netdevice.h: GSO_MAX_SIZE and GRO_MAX_SIZE are 8 * 65535, and GSO_MAX_SEGS is 65535;
# net/core/rtnetlink.c wants a packet to have room for the headers, MAX_TCP_HEADER.
_SIZE = one(number(512, 8 * 65535, "a size of packets"))
#: Each with what `ip -d link` calls it.
_NUMBERS: tuple[tuple[Option[int], str], ...] = (
    (
        Option(
            "txqueuelen",
            one(number(0, 2**31 - 1, "a number of packets")),
            "N",
            "How many packets may wait to be sent, for queueing disciplines that say nothing else (ip-link(8)).",
            "1000",
        ),
        "qlen",
    ),
    (
        Option(
            "gso-max-size",
            _SIZE,
            "BYTES",
            "The largest packet that is left whole until the device cuts it, in bytes; no more than the device's "
            "`tso_max_size` (ip-link(8)).",
            "65536",
        ),
        "gso_max_size",
    ),
    (
        Option(
            "gso-max-segs",
            one(number(1, 65535, "a number of segments")),
            "N",
            "Into how many segments such a packet may be cut (ip-link(8)).",
            "65535",
        ),
        "gso_max_segs",
    ),
    (
        Option(
            "gro-max-size",
            _SIZE,
            "BYTES",
            "The largest packet that received ones are put together to, in bytes (ip-link(8)).",
            "65536",
        ),
        "gro_max_size",
    ),
)
#: What only `ip link add` can say.
QUEUES: tuple[Option[int], ...] = tuple(
    Option(
        f"num{way}queues",
        one(number(1, 4096, "a number of queues")),
        "N",
        f"How many {what} queues it is made with (ip-link(8)). Not of tun, tap and l2tp.",
        "1, for most kinds",
    )
    for way, what in (("tx", "transmit"), ("rx", "receive"))
)
LINK: tuple[Option[int] | Option[bool], ...] = (
    *(option for option, _, _ in _FLAGS),
    *(option for option, _ in _NUMBERS),
    *QUEUES,
)


def set_words(device: Device) -> list[str]:
    """Return the words of `ip link set` for what the lab says of a device."""
    words = []
    for switched, _, _ in _FLAGS:
        if (on := switched.of(device)) is not None:
            words += [switched.name, "on" if on else "off"]
    for option, _ in _NUMBERS:
        if (given := option.of(device)) is not None:
            words += [option.name.replace("-", "_"), str(given)]
    return words


def queue_words(device: Device) -> list[str]:
    """Return the words of `ip link add` for the queues."""
    return [word for option in QUEUES if (n := option.of(device)) is not None for word in (option.name, str(n))]


def printed(device: Device) -> tuple[str, ...]:
    """Return what `ip -d link show` prints of it, each phrase for itself."""
    # How many queues it receives by is told by kernels with CONFIG_RPS alone (net/core/rtnetlink.c, rtnl_fill_ifinfo).
    numbers = [*_NUMBERS, *((option, option.name) for option in QUEUES[:1])]
    found = [f"{word} {given}" for option, word in numbers if (given := option.of(device))]  # no `qlen 0` is printed
    return tuple([word for option, word, when in _FLAGS if option.of(device) is when] + found)


def not_printed(device: Device) -> tuple[str, ...]:
    """Return the words that it prints only where a flag is otherwise than the lab says."""
    return tuple(word for option, word, when in _FLAGS if option.of(device) is (not when))

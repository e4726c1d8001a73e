"""An encrypted tunnel of IP packets in UDP packets, between ends that know each other by their public keys.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    wireguard a:wg0 10.9.0.1/24 -- b:wg0 10.9.0.2/24

In a link each end is the other's only peer. Its public key is read from the other end's device when the script runs,
its endpoint is the other end's outer address and port, and all addresses are allowed through, so that routes decide.

As a device, it lists its peers. One that is in the lab is named, and its public key is read from its device; any other
says its public key:

    netns hub { wireguard wg0 10.9.0.1/24 { listen-port 51820; peer spoke:wg0 { allowed-ips 10.9.0.2 } } }
    netns spoke {
      veth eth0 10.0.0.2/24 -- hub:eth0 10.0.0.1/24
      wireguard wg0 10.9.0.2/24 { peer hub:wg0 { endpoint 10.0.0.1:51820; allowed-ips 10.9.0.0/24 } }
    }

Keys are secrets, and stand in no lab and no script. `private-key FILE` names a file that `wg genkey` wrote, on the host
where up.sh runs; a relative name counts from the folder in which up.sh is run. Without it, up.sh makes a fresh key that
never leaves the kernel.

A device that comes up turns ICMP redirects off in its whole namespace; on the host, down.sh turns them on again.

Source: wg(8), ip-link(8), https://www.wireguard.com/papers/wireguard.pdf.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from netc.kinds.attributes import numeric
from netc.kinds.base import Making, configuration, ends, object_name
from netc.kinds.files import file_name
from netc.kinds.handshake import STRANGER, Handshaking, Stranger
from netc.kinds.overlay import LOCAL, mtu_of, outer_of, said
from netc.plan.step import Absorbed, Need, Note, Observation, Restore, Stage, Step
from netc.syntax.tree import Word
from netc.topology.frames import Far, Wrapping
from netc.topology.model import Device, DeviceKey, IPAddress, NetnsKey, Setting, Topology
from netc.topology.options import Blocks, Entry, Option, no_words, one, several
from netc.topology.values import PUBLIC_KEY, endpoint, number, prefix

LINK_PORT = 51820
USUAL_MTU = 1420

PRIVATE_KEY: Option[str] = Option(
    "private-key", one(file_name), "FILE", "A file with the private key, read when up.sh runs.", "a fresh key"
)
LISTEN_PORT: Option[int] = Option(
    "listen-port", one(number(1, 65535, "a port")), "PORT", "The UDP port.", "51820 in a link; else the kernel's choice"
)
FWMARK: Option[int] = numeric(
    "fwmark", 1, 2**32 - 1, "The mark that policy rules see on the outer packets.", "none"
).option
OUTER: Option[Any] = replace(
    LOCAL.option,
    mirror="",
    doc="In a link, the address of this namespace that the other end sends to; else worked out from the addresses of "
    "both namespaces where they leave one answer.",
    default="worked out",
)
PUBLIC_KEY_OF_PEER: Option[str] = Option(
    "public-key",
    one(file_name),
    "KEY|FILE",
    'The peer\'s public key, in quotes (`"...="`), or a file that holds it. Not needed where the peer is in the lab.',
    "read from the peer",
)
PRESHARED_KEY: Option[str] = Option(
    "preshared-key",
    one(file_name),
    "FILE",
    "A file with a key that both have in common, read when up.sh runs.",
    "none",
    of_link=True,
)
ENDPOINT: Option[tuple[str, int]] = Option(
    "endpoint",
    one(endpoint),
    "ADDRESS:PORT",
    "Where the peer is reached: 10.0.0.1:51820 or [fd00::1]:51820.",
    "in a link, worked out; else where it was heard last",
)
ALLOWED_IPS: Option[Any] = Option(
    "allowed-ips",
    several(prefix),
    "PREFIX...",
    "The addresses that packets from the peer may have as their source, and that are sent to it.",
    "all in a link; else none",
)
KEEPALIVE: Option[int] = Option(
    "persistent-keepalive",
    one(number(1, 65535, "a number of seconds")),
    "SECONDS",
    "Sends an empty packet that often, which keeps the way through a NAT open.",
    "off",
)
_OF_PEER: tuple[Option[Any], ...] = (PUBLIC_KEY_OF_PEER, ENDPOINT, ALLOWED_IPS, KEEPALIVE, PRESHARED_KEY)
PEER = Blocks(
    "peer",
    no_words,
    "[NETNS:DEVICE] { ... }",
    "A peer, one statement each: its options stand below.",
    "none",
    repeatable=True,
    inner=_OF_PEER,
    required=("public-key",),
)

# $0 is the device, the words after the first ones are those of `wg set`. Keys pass between programs by pipes alone.
_FRESH = 'key=$(wg genkey) && printf "%s\\n" "$key" | wg set "$0" private-key /dev/stdin "$@"'
_FROM_FILE = 'key=$(cat -- "$1") && shift && exec wg set "$0" peer "$key" "$@"'
_FROM_NETNS = 'key=$(ip netns exec "$1" wg show "$2" public-key) && shift 2 && exec wg set "$0" peer "$key" "$@"'
_FROM_HOST = (
    'key=$(wg show "$2" public-key) && netns=$1 && shift 2 && exec ip netns exec "$netns" wg set "$0" peer "$key" "$@"'
)
_FROM_HERE = 'key=$(wg show "$2" public-key) && shift 2 && exec wg set "$0" peer "$key" "$@"'


class Wireguard(Handshaking):
    """The kind `wireguard`."""

    name = "wireguard"
    modelled = True
    is_marked = True
    over_udp = True
    unfollowed = ("fwmark",)
    outer_versions = (4, 6)
    options = ()

    @classmethod
    def extra_options(cls) -> tuple[Option[Any], ...]:
        """Return options that are words of wg(8), and not of `ip link add`."""
        return (*super().extra_options(), LISTEN_PORT, PRIVATE_KEY, FWMARK, OUTER, PEER, *_OF_PEER)

    def overhead(self, device: Device, version: int) -> int:
        """Return the outer IP header, UDP, and WireGuard's own header and tag (32 bytes)."""
        return (20 if version == 4 else 40) + 8 + 32

    def default_mtu(self, device: Device, making: Making) -> int | None:
        """Return what fits below, where that is less than what the kernel takes for every device: 1420."""
        devices = making.topology.devices
        mtu = self.kernel_mtu(device, lambda below: mtu_of(devices[below], making), making.topology)
        return mtu if mtu < USUAL_MTU else None

    def kernel_mtu(self, device: Device, mtu_of: Callable[[DeviceKey], int], topology: Topology) -> int:
        """Return what fits below in a link, at most the 1420 that the kernel takes (drivers/net/wireguard/device.c)."""
        outer = outer_of(topology, device) if device.peer is not None else None
        if outer is None or outer.device is None:
            return USUAL_MTU
        return min(mtu_of(outer.device) - self.overhead(device, outer.local.version), USUAL_MTU)

    def is_followed(self, device: Device, topology: Topology) -> bool:
        """Return whether each peer is said once, and no other device has the same key."""
        peers = [peer.device for peer in peers_of(topology, device) if peer.device is not None]
        file = PRIVATE_KEY.of(device)
        if len(peers) != len(set(peers)) or not super().is_followed(device, topology):
            return False
        return file is None or [PRIVATE_KEY.of(other) for other in topology.devices.values()].count(file) == 1

    def doubt(self, device: Device, topology: Topology) -> str:
        """Return that somebody else may be meant by a key, where no option decides."""
        names = any(said(device, name) for name in self.unfollowed)
        return (
            super().doubt(device, topology) if names else "it has a peer twice, or a key that another one has as well"
        )

    def advice(self, device: Device) -> str:
        """Return what a peer needs that is to get a packet."""
        return f"give {device.key.label} a peer with such `allowed-ips`, and an `endpoint`"

    def peer_for(self, device: Device, ip: IPAddress, topology: Topology) -> DeviceKey | Stranger | None:
        """Return the peer with the longest of the `allowed-ips` that hold an address, the last of equal ones.

        drivers/net/wireguard/allowedips.c (find_node; add: a prefix that is there already goes to the new peer).
        """
        held = [
            (network.prefixlen, number, peer)
            for number, peer in enumerate(peers_of(topology, device))
            for network, _ in ALLOWED_IPS.of(peer) or ()
            if ip in network
        ]
        peer = max(held, key=lambda one: one[:2])[2] if held else None
        return None if peer is None else _owner(peer)

    def knows(self, device: Device, other: DeviceKey, topology: Topology) -> bool | None:
        """Return whether another is among the peers (drivers/net/wireguard/noise.c)."""
        owners = [_owner(peer) for peer in peers_of(topology, device)]
        return True if other in owners else None if STRANGER in owners else False

    def agrees(self, device: Device, other: Device, topology: Topology) -> bool | None:
        """Return whether both read the same file for their preshared key, or have none."""
        one, two = (
            None if peer is None else PRESHARED_KEY.of(peer)
            for peer in (_peer(device, other.key, topology), _peer(other, device.key, topology))
        )
        return True if one == two else None if one and two else False

    def endpoint(self, device: Device, other: DeviceKey, topology: Topology) -> Far | None:
        """Return the `endpoint` of a peer."""
        peer = _peer(device, other, topology)
        said = None if peer is None else ENDPOINT.of(peer)
        return None if said is None else Far(ip_address(said[0]), said[1])

    def port(self, device: Device) -> int | None:
        """Return `listen-port`."""
        return listen_port(device)

    def calls(self, device: Device, other: DeviceKey, topology: Topology) -> bool:
        """Return whether there is a `persistent-keepalive`."""
        peer = _peer(device, other, topology)
        return peer is not None and KEEPALIVE.of(peer) is not None

    def sends_to(
        self, device: Device, other: DeviceKey, far: Far, source: IPAddress | None, topology: Topology
    ) -> Wrapping:
        """Return the UDP packet, which the namespace may cut (drivers/net/wireguard/socket.c, send4, send6).

        What it carries is filled up to blocks of 16 bytes (send.c, calculate_skb_padding).
        """
        where = "" if far.port is None else f", UDP port {far.port}"
        mark, text = ("udp", far.port, self.name, other), f"WireGuard{where}"
        size, whole = self.overhead(device, far.ip.version), far.ip.version == 6
        return Wrapping(far.ip, mark, text, size, source, whole=whole, cut=True, block=16)

    def unwraps(self, device: Device, wrapping: Wrapping, topology: Topology) -> int | None:
        """Return whether the packet comes to the port, and its MAC is made with the key (cookie.c)."""
        return 0 if wrapping.mark == ("udp", self.port(device), self.name, device.key) else None

    def steps(self, device: Device, making: Making) -> Iterator[Step]:
        """Yield the device, its key, and its peers once every device of the lab has a key."""
        if device.netns.is_root:
            yield _redirects_step(device)
        yield self.creation(device, making)
        yield _key_step(device)
        for end in ends(device, making.topology):
            yield from configuration(end, making, self)
        for peer in peers_of(making.topology, device):
            yield _peer_step(device, peer)


def _owner(peer: Entry) -> DeviceKey | Stranger:
    """Return whose key a peer's is: a key that is written out may be anybody's."""
    return STRANGER if peer.device is None or PUBLIC_KEY_OF_PEER.of(peer) is not None else peer.device


def _peer(device: Device, other: DeviceKey, topology: Topology) -> Entry | None:
    return next((peer for peer in peers_of(topology, device) if _owner(peer) == other), None)


def listen_port(device: Device) -> int | None:
    """Return the UDP port of a device, where it is known beforehand."""
    return LISTEN_PORT.of(device) or (None if device.peer is None else LINK_PORT)


def peers_of(topology: Topology, device: Device) -> tuple[Entry, ...]:
    """Return the peers of a device, the far end of a link with all that the link gives it."""
    listed = PEER.of(device) or ()
    if device.peer is None:
        return listed
    far, outer = topology.devices[device.peer], outer_of(topology, device)
    known: dict[str, Setting] = {}
    if outer is not None:
        known["endpoint"] = Setting((str(outer.remote), listen_port(far)), device.span, device.span)
    every = several(prefix)((Word("0.0.0.0/0", device.span), Word("::/0", device.span)))
    known["allowed-ips"] = Setting(every, device.span, device.span)
    said = {option.name: device.settings[option.name] for option in _OF_PEER if option.name in device.settings}
    return (Entry(device.span, {**known, **said}, device=far.key), *listed)


def _redirects_step(device: Device) -> Step:
    """Return the step that does openly what the kernel does in silence when the device comes up, so that it is undone.

    kernel drivers/net/wireguard/device.c, wg_open: it turns ICMP redirects off, in the whole namespace.
    """
    key = "net.ipv4.conf.all.send_redirects"
    note = Note("0", (f"/proc/sys/{key.replace('.', '/')}",))
    return Step(("sysctl", "-qw", f"{key}=0"), Restore(), device.origin, device.netns, Stage.HOST, notes=(note,))


def _key_step(device: Device) -> Step:
    words = []
    for option, value in ((LISTEN_PORT, listen_port(device)), (FWMARK, FWMARK.of(device))):
        if value is not None:
            words += [option.name, str(value)]
    needs = [Need(("wg", "--version"), "this lab needs the command wg, which is not here", device.origin)]
    if (file := PRIVATE_KEY.of(device)) is not None:
        argv: tuple[str, ...] = ("wg", "set", device.name, "private-key", file, *words)
        needs.append(_holds_key(file, device))
    else:
        argv = ("sh", "-c", _FRESH, device.name, *words)
    port = listen_port(device)
    observation = None
    if port is not None:
        show = ("wg", "show", device.name, "listen-port")
        observation = Observation(f"listen-port of {device.key.label}", show, (str(port),))
    undo = Absorbed(object_name(device.key))
    return Step(argv, undo, device.origin, device.netns, Stage.LINK, observation=observation, needs=tuple(needs))


def _holds_key(file: str, device: Device) -> Need:
    return Need(("sh", "-c", 'wg pubkey <"$0"', file), f"there is no key in the file {file}", device.origin)


def _peer_step(device: Device, peer: Entry) -> Step:
    words, needs = [], []
    if (file := PRESHARED_KEY.of(peer)) is not None:
        words += ["preshared-key", file]
        needs.append(_holds_key(file, device))
    if (where := ENDPOINT.of(peer)) is not None:
        words += ["endpoint", endpoint_text(where)]
    if (seconds := KEEPALIVE.of(peer)) is not None:
        words += ["persistent-keepalive", str(seconds)]
    allowed = [str(network) for network, _ in ALLOWED_IPS.of(peer) or ()]
    words += ["allowed-ips", ",".join(allowed)] if allowed else []
    netns = device.netns
    key = PUBLIC_KEY_OF_PEER.of(peer)
    if key is not None and PUBLIC_KEY.fullmatch(key):
        argv: tuple[str, ...] = ("wg", "set", device.name, "peer", key, *words)
    elif key is not None:
        argv = ("sh", "-c", _FROM_FILE, device.name, key, *words)
        needs.append(Need(("head", "-c0", "--", key), f"there is no file {key} that can be read", device.origin))
    else:
        assert peer.device is not None
        argv, netns = _read_from(device, peer.device, words)
    show = ("wg", "show", device.name, "allowed-ips")
    observation = Observation(f"allowed-ips of {device.key.label}", show, tuple(allowed)) if allowed else None
    undo = Absorbed(object_name(device.key))
    return Step(
        argv,
        undo,
        device.origin,
        netns,
        Stage.NEIGHBOUR,
        observation=observation,
        observed_in=device.netns,
        needs=tuple(needs),
    )


def _read_from(device: Device, far: DeviceKey, words: list[str]) -> tuple[tuple[str, ...], NetnsKey]:
    """Return the command that reads a peer's public key from its device, and where it runs."""
    if not far.netns.is_root:
        return ("sh", "-c", _FROM_NETNS, device.name, far.netns.netns, far.name, *words), device.netns
    if device.netns.is_root:
        return ("sh", "-c", _FROM_HERE, device.name, "", far.name, *words), device.netns
    return ("sh", "-c", _FROM_HOST, device.name, device.netns.netns, far.name, *words), far.netns


def endpoint_text(where: tuple[str, int]) -> str:
    """Return an endpoint as wg(8) reads it."""
    address, port = where
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


KIND = Wireguard()

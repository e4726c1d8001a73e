"""The forwarding model through IPsec, as its users see it; tests/kernel judges it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from netc.parts.ipsec import State, room
from netc.reach.hop import Stop
from netc.reach.net import net_of
from netc.reach.pings import Ping, ping
from netc.reach.trace import trace_of
from tests.compiled import ROOT, compile_text
from tests.labs import topology_of

_GCM = 'aead "rfc4106(gcm(aes))" auto 128'
_THERE = f"ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 mode transport {_GCM}"
_BACK = f"ipsec state src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x102 mode transport {_GCM}"


def _policies(near: str, far: str, template: str = "tmpl proto esp mode transport") -> str:
    return f"ipsec policy src {near} dst {far} dir out {template}; ipsec policy src {far} dst {near} dir in {template}"


_A = f"{_THERE}; {_BACK}; {_policies('10.0.0.1', '10.0.0.2')}"
_B = f"{_THERE}; {_BACK}; {_policies('10.0.0.2', '10.0.0.1')}"


def pair(a: str = _A, b: str = _B, more: str = "") -> str:
    """Return two namespaces on a link, with these statements."""
    return f"""
netns a {{ {a} }}
netns b {{ {b} }}
veth a:e 10.0.0.1/24 fd00::1/64 -- b:e 10.0.0.2/24 fd00::2/64
{more}
"""


def pinged(lab: str, source: str, target: str) -> Ping:
    topology = topology_of(lab)
    netns = next(key for key in topology.netnses if key.label == source)
    return ping(net_of(topology), netns, ip_address(target))


def told(lab: str, source: str = "a", target: str = "10.0.0.2") -> str:
    """Return what `netc trace` ends with, without the size of packets that pass."""
    lines = trace_of(topology_of(lab), source, target)[0].splitlines()
    return next(line for line in reversed(lines) if line.startswith(("answered", "not answered", "unknown")))


@pytest.mark.parametrize("name", ["ipsec", "gre-ipsec", "vti", "xfrm"])
def test_examples_are_proved(name: str) -> None:
    compiled = compile_text((ROOT / "examples" / f"{name}.net").read_text(encoding="utf-8"))
    assert compiled.topology.expectations
    assert [finding.message for finding in compiled.findings] == []


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        pytest.param(_A, _B, "answered, ttl 64", id="both"),
        pytest.param(_A.replace("dir out", "dir out action block"), _B, "not answered: a blocks it", id="blocked"),
        pytest.param(_A.replace(_THERE, ""), _B, "not answered: a has no state for a policy", id="no state here"),
        pytest.param(_A, _B.replace(_THERE, ""), "not answered: b has no state for what comes", id="no state there"),
        pytest.param(_A, _B.replace("0x101", "0x103"), "not answered: b has no state for what comes", id="other spi"),
        pytest.param(_A, _B.replace("proto esp spi 0x101 mode transport", "proto esp spi 0x101 mode tunnel"),
                     "is in tunnel mode, and the sender's in transport", id="other mode"),
        pytest.param(_A, _B.replace("auto 128", "auto 96"), "has other keys than the sender's", id="other keys"),
        pytest.param("", _B, "not answered: b takes it only through IPsec", id="in the clear"),
        pytest.param("", _B.replace("dir in", "dir in priority 2").replace("dir out", "dir out priority 2")
                     + "; ipsec policy src 10.0.0.0/24 dst 10.0.0.0/24 dir in priority 1"
                     + "; ipsec policy src 10.0.0.0/24 dst 10.0.0.0/24 dir out priority 1",
                     "answered, ttl 64", id="a policy before it"),
        pytest.param("", _B.replace("tmpl proto esp mode transport", "tmpl proto esp mode transport level use")
                     .replace("dst 10.0.0.1 dir out", "dst 10.0.0.1 proto tcp dir out"), "answered, ttl 64",
                     id="rather, but not only"),
        pytest.param(_A.replace("dir out", "dir out if_id 5"), _B, "not answered: b takes it only", id="another's"),
        pytest.param(_A.replace("dst 10.0.0.2 dir out", "dst 10.0.0.2 dev e dir out"), _B, "unknown: ", id="by device"),
        pytest.param(_A.replace("auto 128", "k 128"), _B.replace("auto 128", "k 128"), "answered", id="one key file"),
        pytest.param(_A.replace("auto 128", "k 128"), _B.replace("auto 128", "l 128"), "unknown: netc does not know",
                     id="two key files"),
        pytest.param(_A + "; filter input accept icmp", _B, "unknown: a has IPsec policies and a table", id="a table"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_ping(a: str, b: str, says: str) -> None:
    assert says in told(pair(a, b))


def test_nobody_is_told_but_by_a_block() -> None:
    blocked = pinged(pair(_A.replace("dir out", "dir out action block")), "a", "10.0.0.2").there
    missing = pinged(pair(_A.replace(_THERE, "")), "a", "10.0.0.2").there
    assert blocked.stop is missing.stop is Stop.HELD
    assert blocked.held is not None
    assert missing.held is not None
    assert (blocked.held.told, missing.held.told) == (True, False)


def test_a_namespace_pings_itself_whatever_its_policies() -> None:
    assert told(pair(_A + "; " + _policies("10.0.0.1", "10.0.0.1")), target="10.0.0.1") == "answered, ttl 64"


def test_neighbour_discovery_passes_policies() -> None:
    """A policy for all of IPv6 is for neighbour discovery, too; one for pings is not."""
    states = [
        f"ipsec state src fd00::{one} dst fd00::{two} proto esp spi 0x20{one} mode transport {_GCM}"
        for one, two in ((1, 2), (2, 1))
    ]
    for words, says in (("", "unknown: an IPsec policy of"), ("proto ipv6-icmp type", "answered")):
        ends = []
        for near, far in (("fd00::1", "fd00::2"), ("fd00::2", "fd00::1")):
            kinds = ("",) if not words else (f" {words} 128", f" {words} 129")
            template = "tmpl proto esp mode transport"
            ends.append(
                "; ".join(
                    f"ipsec policy src {source} dst {target}{kind} dir {way} {template}"
                    for kind in kinds
                    for source, target, way in ((near, far, "out"), (far, near, "in"))
                )
            )
        assert told(pair("; ".join([*states, ends[0]]), "; ".join([*states, ends[1]])), target="fd00::2").startswith(
            says
        )


GATEWAYS = """
netns c1 { veth e 10.1.0.2/24 -- g1:in 10.1.0.1/24; route default via 10.1.0.1 }
netns c2 { veth e 10.2.0.2/24 -- g2:in 10.2.0.1/24; route default via 10.2.0.1 }
netns g1 { forward ipv4; veth out 10.8.1.1/24 -- r:a 10.8.1.9/24; route default via 10.8.1.9; rp-filter }
netns g2 { forward ipv4; veth out 10.8.2.1/24 -- r:b 10.8.2.9/24; route default via 10.8.2.9 }
netns r { forward ipv4 }
template gateway(name, near, far, inside, outside) {
  in ${name} {
    ipsec state src 10.8.1.1 dst 10.8.2.1 proto esp spi 0x301 mode tunnel reqid 3 aead "rfc4106(gcm(aes))" auto 128
    ipsec state src 10.8.2.1 dst 10.8.1.1 proto esp spi 0x302 mode tunnel reqid 3 aead "rfc4106(gcm(aes))" auto 128
    ipsec policy src ${inside} dst ${outside} dir out tmpl src ${near} dst ${far} proto esp mode tunnel reqid 3
    ipsec policy src ${outside} dst ${inside} dir fwd tmpl src ${far} dst ${near} proto esp mode tunnel reqid 3
  }
}
use gateway(g1, 10.8.1.1, 10.8.2.1, 10.1.0.0/24, 10.2.0.0/24)
use gateway(g2, 10.8.2.1, 10.8.1.1, 10.2.0.0/24, 10.1.0.0/24)
""".replace("; rp-filter", "; sysctl net.ipv4.conf.all.rp_filter = 1")


def test_a_tunnel_walks_by_itself() -> None:
    """The router between the gateways sees none of what is inside, and takes nothing of its TTL."""
    text = trace_of(topology_of(GATEWAYS), "c1", "c2")[0]
    assert "in ESP by IPsec at g1:out: 10.8.1.1 -> 10.8.2.1, g1 -> r -> g2, taken by g2:out" in text
    assert "answered, ttl 62\npackets of up to 1446 bytes pass" in text
    assert "[" not in text


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("dir fwd tmpl", "dir in tmpl", "g2 has no policy `dir fwd` for what it takes out of IPsec's tunnel"),
        ("netns r { forward ipv4 }", "netns r", "to 10.8.2.1 comes to nothing: r does not forward IPv4 (add `forward"),
        (
            "route default via 10.8.1.9",
            "route 10.0.0.0/8 dev lo",
            "unknown: a tunnel of IPsec ends in g1, where it begins",
        ),
    ],
)
def test_a_tunnel_that_comes_to_nothing(before: str, after: str, says: str) -> None:
    assert says in told(GATEWAYS.replace(before, after), "c1", "c2")


VTI = (ROOT / "examples" / "vti.net").read_text(encoding="utf-8")
XFRM = (ROOT / "examples" / "xfrm.net").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lab", "before", "after", "says"),
    [
        (VTI, "key 42 }", "key 44 }", "not answered: no policy of a is for what a:vti4 sends"),
        (VTI, "vti a:vti4 10.9.0.1/30", "vti a:vti4 10.9.0.1/30 { local 10.0.0.7 }", "is not in tunnel mode with its"),
        (VTI, "dir in mark", "dir fwd mark", "comes to nothing: b has no policy `dir in`"),
        (XFRM, "if-id 42", "if-id 43", "not answered: no policy of a is for what a:ipsec0 sends"),
        (XFRM, "dir in if_id", "dir fwd if_id", "b has no policy `dir in` for what it takes out"),
        (XFRM, "veth a:eth0", "in a { route 10.0.0.2 dev ipsec0 }\nveth a:eth0", "of a:ipsec0 go into itself"),
    ],
)
def test_devices_with_policies_of_their_own(lab: str, before: str, after: str, says: str) -> None:
    assert before in lab
    assert says in told(lab.replace(before, after), target="10.9.0.2")


@pytest.mark.parametrize(
    ("words", "most"),
    [
        ('esp spi 1 mode tunnel aead "rfc4106(gcm(aes))" auto 128', 1446),
        ('esp spi 1 mode transport aead "rfc4106(gcm(aes))" auto 128', 1466),
        ('esp spi 1 mode tunnel enc "cbc(aes)" auto auth-trunc "hmac(sha256)" auto 128', 1438),
        ('esp spi 1 mode tunnel enc "cbc(aes)" auto auth "hmac(sha1)" auto', 1438),
        ('ah spi 1 mode transport auth "hmac(sha1)" auto', 1476),
        ('ah spi 1 mode tunnel auth-trunc "hmac(sha256)" auto 128', 1448),
        ('esp spi 1 mode tunnel enc "cbc(serpent)" k', None),
        ('esp spi 1 mode tunnel tfcpad 9 aead "rfc4106(gcm(aes))" auto 128', None),
    ],
)
def test_what_a_state_leaves_of_1500_bytes(words: str, most: int | None) -> None:
    topology = topology_of(f"netns a {{ ipsec state src 10.0.0.1 dst 10.0.0.2 proto {words} }}")
    (state,) = topology.parts_of(State)
    assert room(state, 1500) == most

"""What happens to packets on their way, asked of the kernel: translation, filters, the table that holds them."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.compiled import ROOT
from tests.kernel.labs import Brought, Lab
from tests.kernel.state import difference
from tests.kernel.world import World, furnished

Compiled = Callable[[str], Lab]

NAT = (ROOT / "examples" / "nat.net").read_text()

# A server that takes one connection and prints who came, and a client that prints what it was told.
_SERVER = """
import socket, sys
listening = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listening.bind((sys.argv[1], int(sys.argv[2])))
listening.listen()
listening.settimeout(5)
talk, peer = listening.accept()
print(peer[0], flush=True)
talk.sendall(b"served")
talk.close()
"""
_CLIENT = """
import socket, sys
talk = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1)
print(talk.recv(100).decode())
"""


def connection(world: World, server: tuple[str, str, int], client: tuple[str, str, int]) -> tuple[str, str]:
    """Open a TCP connection, and return whom the server saw and what the client got; "" each where nothing came.

    `server` is a namespace with the address and port that it listens at; `client` one with those that it calls.
    """
    python = shlex.quote(sys.executable)
    (at, listen, port), (calling, called, number) = server, client
    serve = f"ip netns exec {at} {python} -c {shlex.quote(_SERVER)} {listen} {port}"
    call = f"ip netns exec {calling} {python} -c {shlex.quote(_CLIENT)} {called} {number}"
    ready = f"until ip netns exec {at} grep -qi ':{port:04X} .* 0A ' /proc/net/tcp /proc/net/tcp6; do sleep 0.05; done"
    ran = world.run("/bin/sh", "-c", f"{serve} >/run/saw 2>/dev/null & {ready}; {call} 2>/run/why; kill $!; wait")
    saw = world.do("cat /run/saw; rm -f /run/saw /run/why")
    return saw.strip(), ran.out.strip()


@pytest.fixture
def nat(compiled: Compiled) -> Iterator[World]:
    """Return a host where the lab `nat` is up."""
    lab = compiled(NAT)
    with lab.host() as world:
        lab.must(world, "up")
        yield world


def test_masquerade_hides_the_client(nat: World) -> None:
    seen = connection(nat, ("outside", "203.0.113.1", 7), ("client", "203.0.113.1", 7))
    assert seen == ("203.0.113.2", "served")


def test_dnat_brings_the_outside_to_the_server(nat: World) -> None:
    seen = connection(nat, ("server", "192.168.1.20", 80), ("outside", "203.0.113.2", 8080))
    assert seen == ("203.0.113.1", "served")


def test_the_filter_lets_only_that_in(nat: World) -> None:
    nat.do("ip -n outside route add 192.168.1.0/24 via 203.0.113.2")
    assert connection(nat, ("server", "192.168.1.20", 80), ("outside", "192.168.1.20", 80))[1] == "served"
    assert connection(nat, ("server", "192.168.1.20", 81), ("outside", "192.168.1.20", 81)) == ("", "")
    assert connection(nat, ("client", "192.168.1.10", 80), ("outside", "192.168.1.10", 80)) == ("", "")
    assert connection(nat, ("router", "203.0.113.2", 22), ("outside", "203.0.113.2", 22)) == ("", "")
    assert connection(nat, ("router", "192.168.1.1", 22), ("client", "192.168.1.1", 22))[1] == "served"


SOURCES = {
    "snat": ("nat snat 10.1.0.0/24 out wan to 10.9.0.9", "10.9.0.9"),
    "snat of another subnet": ("nat snat 10.2.0.0/24 out wan to 10.9.0.9", "10.1.0.2"),
    "snat of what does not leave by the device": ("nat snat 10.1.0.0/24 out not wan to 10.9.0.9", "10.1.0.2"),
    "return first": ("nat return srcnat daddr 10.9.0.1\nmasquerade 10.1.0.0/24 out wan", "10.1.0.2"),
    "return too late": ("masquerade 10.1.0.0/24 out wan\nnat return srcnat daddr 10.9.0.1", "10.9.0.2"),
    "masquerade of one port": ("nat masquerade tcp 7 fully-random", "10.9.0.2"),
    "masquerade of another port": ("nat masquerade tcp 8-99", "10.1.0.2"),
    "mark": (
        'nft prerouting "ip saddr 10.1.0.0/24 meta mark set 0x4001"\nnat masquerade mark 0x4000/0x4000',
        "10.9.0.2",
    ),
    "no mark": ("nat masquerade mark 0x4000/0x4000", "10.1.0.2"),
}


@pytest.mark.parametrize("case", SOURCES)
def test_which_source_the_far_end_sees(case: str, compiled: Compiled) -> None:
    rules, source = SOURCES[case]
    lab = compiled(
        f"""
        netns r {{ forward ipv4; {rules.replace(chr(10), "; ")} }}
        netns a {{ veth eth0 10.1.0.2/24 -- r:lan 10.1.0.1/24; route default via 10.1.0.1 }}
        netns b {{ veth eth0 10.9.0.1/24 -- r:wan 10.9.0.2/24; route 10.1.0.0/24 via 10.9.0.2 }}
        in r {{ address wan 10.9.0.9/24 }}
        """
    )
    with lab.host() as world:
        lab.must(world, "up")
        assert connection(world, ("b", "10.9.0.1", 7), ("a", "10.9.0.1", 7)) == (source, "served")
        lab.must(world, "status")


TARGETS = {
    "dnat": ("nat dnat tcp 80 in wan to 10.1.0.2:7", 80),
    "dnat without a port": ("nat dnat daddr 10.9.0.2 tcp 7 to 10.1.0.2", 7),
    "dnat of several ports": ("nat dnat tcp 70-79 90 to 10.1.0.2:7", 90),
    "dnat from a port": ("nat dnat tcp sport 1024-65535 in wan to 10.1.0.2:7", 99),
}


@pytest.mark.parametrize("case", TARGETS)
def test_where_a_connection_ends(case: str, compiled: Compiled) -> None:
    rules, port = TARGETS[case]
    lab = compiled(
        f"""
        netns r {{ forward ipv4; {rules} }}
        netns a {{ veth eth0 10.1.0.2/24 -- r:lan 10.1.0.1/24; route default via 10.1.0.1 }}
        netns b {{ veth eth0 10.9.0.1/24 -- r:wan 10.9.0.2/24 }}
        """
    )
    with lab.host() as world:
        lab.must(world, "up")
        assert connection(world, ("a", "10.1.0.2", 7), ("b", "10.9.0.2", port)) == ("10.9.0.1", "served")


def test_redirect_ends_here(compiled: Compiled) -> None:
    lab = compiled(
        """
        netns r { forward ipv4; nat redirect tcp 80 in lan to 3128 }
        netns a { veth eth0 10.1.0.2/24 -- r:lan 10.1.0.1/24; route default via 10.1.0.1 }
        """
    )
    with lab.host() as world:
        lab.must(world, "up")
        assert connection(world, ("r", "10.1.0.1", 3128), ("a", "10.7.7.7", 80)) == ("10.1.0.2", "served")


def test_both_families(compiled: Compiled) -> None:
    lab = compiled(
        """
        netns r { forward ipv4 ipv6; masquerade fd00:1::/64 out wan; filter forward reject udp; filter input drop ipv4 }
        netns a { veth eth0 10.1.0.2/24 fd00:1::2/64 -- r:lan 10.1.0.1/24 fd00:1::1/64; route default via fd00:1::1 }
        netns b { veth eth0 fd00:9::1/64 -- r:wan fd00:9::2/64 }
        expect a -> b
        expect a -/> 10.1.0.1
        expect a -> fd00:1::1
        """
    )
    with lab.host() as world:
        lab.must(world, "up")
        lab.must(world, "verify")
        assert connection(world, ("b", "fd00:9::1", 7), ("a", "fd00:9::1", 7)) == ("fd00:9::2", "served")


VERDICTS = {
    "accept first": (
        "filter forward accept icmp echo-request\nfilter forward accept icmp echo-reply\nfilter forward drop icmp",
        "100% packet loss",
        False,
    ),
    "drop": ("filter forward drop in lan out wan icmp", "100% packet loss", True),
    "reject": ("filter forward reject daddr 10.9.0.0/24", "Destination Port Unreachable", True),
    "new": ("filter forward accept established\nfilter forward drop new in wan", "100% packet loss", False),
    "source": ("filter forward drop saddr not 10.1.0.0/24 10.9.0.0/24", "100% packet loss", False),
    "protocol": ("filter forward drop tcp\nfilter forward drop udp 1-100\nfilter forward drop gre", "100%", False),
    "output of another": ("filter output drop out wan", "100% packet loss", False),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_what_a_filter_does_to_a_ping(case: str, compiled: Compiled) -> None:
    rules, told, stopped = VERDICTS[case]
    lab = compiled(
        f"""
        netns r {{ forward ipv4; {rules.replace(chr(10), "; ")} }}
        netns a {{ veth eth0 10.1.0.2/24 -- r:lan 10.1.0.1/24; route default via 10.1.0.1 }}
        netns b {{ veth eth0 10.9.0.1/24 -- r:wan 10.9.0.2/24; route default via 10.9.0.2 }}
        expect a {"-/>" if stopped else "->"} b
        """
    )
    with lab.host() as world:
        lab.must(world, "up")
        lab.must(world, "verify")
        ping = world.run(*shlex.split("ip netns exec a ping -n -c 1 -W 1 10.9.0.1"))
        assert (told in ping.out) == stopped, ping


# A sender that says how long so many octets took, and a receiver that takes them all.
_SEND = """
import socket, sys, time
talk = socket.create_connection((sys.argv[1], 9), timeout=20)
talk.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
start = time.monotonic()
talk.sendall(bytes(int(sys.argv[2])))
talk.shutdown(socket.SHUT_WR)
talk.recv(1)
print(time.monotonic() - start)
"""
_RECEIVE = """
import socket
listening = socket.create_server(("", 9))
print("ready", flush=True)
talk, _ = listening.accept()
while talk.recv(65536):
    pass
"""


def seconds(world: World, sender: str, receiver: str, address: str, octets: int) -> float:
    """Return how long it takes to send octets over TCP from one namespace to another."""
    python = shlex.quote(sys.executable)
    receive = f"ip netns exec {receiver} {python} -c {shlex.quote(_RECEIVE)} >/run/ready"
    send = f"ip netns exec {sender} {python} -c {shlex.quote(_SEND)} {address} {octets}"
    took = world.do(f"{receive} & until grep -q ready /run/ready; do sleep 0.05; done; {send}; wait; rm /run/ready")
    return float(took)


LINE = """
netns a {{ veth eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24 }}
netns b
in a {{ {} }}
"""
#: What is said of `a`, and whether 250 kB take a second, the time that 2 Mbit/s need, to go and to come.
RATES = {
    "impair eth0 { rate 2mbit }": (True, False),
    "impair eth0 { rate 2mbit; egress; burst 20kb; latency 200ms }": (True, False),
    "impair eth0 { rate 2mbit; ingress }": (False, True),
    "impair eth0 { rate 2mbit; both }": (True, True),
    "impair eth0 { rate 2mbit }; impair eth0 { rate 900mbit; ingress }": (True, False),
}


@pytest.mark.parametrize("said", RATES)
def test_a_rate_holds_in_its_direction(said: str, compiled: Compiled) -> None:
    lab = compiled(LINE.format(said))
    with lab.host() as world:
        before = world.state()
        lab.must(world, "up")
        going, coming = (
            seconds(world, sender, receiver, address, 250_000) > 0.7
            for sender, receiver, address in (("a", "b", "10.0.0.2"), ("b", "a", "10.0.0.1"))
        )
        assert (going, coming) == RATES[said]
        lab.must(world, "status")
        lab.must(world, "down")
        assert difference(before, world.state()) == ""


def test_a_rate_of_a_port_and_of_an_uplink(compiled: Compiled) -> None:
    """On the host, too: the lab's own port, whose queue goes with it, and an uplink, whose queue carries the mark."""
    lab = compiled(
        "uplink nic0 203.0.113.2/24\nimpair nic0 { rate 1mbit; both }\n"
        "bridge br0\nnetns a { veth eth0 -- br0:port }\nimpair port { rate 1mbit; both }"
    )
    with furnished() as world:
        before = world.state()
        lab.must(world, "up")
        lab.must(world, "status")
        lab.must(world, "down")
        assert difference(before, world.state()) == ""


def pings(world: World, words: str) -> tuple[int, int, int, float]:
    """Ping from `a` to `b`: how many went, came back, came back twice, and the mean of the times in milliseconds."""
    out = world.run("/bin/sh", "-c", f"ip netns exec a ping -n -q {words} 10.0.0.2").out
    counts = re.search(r"(\d+) packets transmitted, (\d+) received(?:, \+(\d+) duplicates)?", out)
    assert counts is not None, out
    mean = re.search(r"= [\d.]+/([\d.]+)/", out)
    sent, came, twice = (int(count or 0) for count in counts.groups())
    return sent, came, twice, float(mean[1]) if mean else 0.0


#: What netem does to a hundred pings: the mean in milliseconds, and the shares that come back and come back twice.
NETEM = {
    "delay 40ms": ((40, 80), (1, 1), (0, 0)),
    "delay 40ms; ingress": ((40, 80), (1, 1), (0, 0)),
    "delay 40ms; both": ((80, 130), (1, 1), (0, 0)),
    "delay 40ms; jitter 10ms; distribution normal": ((30, 80), (1, 1), (0, 0)),
    "delay 10ms; rate 80kbit": ((10, 200), (1, 1), (0, 0)),
    "loss 50%": ((0, 40), (0.25, 0.75), (0, 0)),
    "loss 100%": ((0, 0), (0, 0), (0, 0)),
    "corrupt 50%": ((0, 40), (0.2, 0.9), (0, 0)),
    "duplicate 100%": ((0, 40), (1, 1), (0.9, 1)),
    "delay 20ms; reorder 50%": ((5, 40), (1, 1), (0, 0)),
}


@pytest.mark.parametrize("said", NETEM)
def test_what_netem_does_to_pings(said: str, compiled: Compiled) -> None:
    lab = compiled(LINE.format(f"impair eth0 {{ {said} }}"))
    with lab.host() as world:
        before = world.state()
        lab.must(world, "up")
        lab.must(world, "status")
        world.do("ip -n a neigh replace 10.0.0.2 lladdr $(ip netns exec b cat /sys/class/net/eth0/address) dev eth0")
        world.do("ip -n b neigh replace 10.0.0.1 lladdr $(ip netns exec a cat /sys/class/net/eth0/address) dev eth0")
        sent, came, twice, mean = pings(world, "-c 100 -i 0.02 -W 2")
        times, shares, doubles = NETEM[said]
        assert times[0] <= mean <= times[1]
        assert shares[0] <= came / sent <= shares[1]
        assert doubles[0] <= twice / sent <= doubles[1]
        lab.must(world, "down")
        assert difference(before, world.state()) == ""


def test_verify_holds_over_a_lossy_line(compiled: Compiled) -> None:
    """Half of the packets are lost each way: what is expected still holds, every time."""
    line = LINE.format("impair eth0 { loss 50%; delay 20ms; both }")
    lab = compiled(f"{line}expect a -> b mtu 1500\nexpect b -> a\nexpect a -> b via b\n")
    with lab.host() as world:
        lab.must(world, "up")
        for _ in range(2):
            lab.must(world, "verify")


def test_what_shall_not_be_answered_is_not_lost_by_chance(bring: Callable[[str, str], Brought]) -> None:
    lab, world, up = bring("lossy", LINE.format("impair eth0 { loss 60% }") + "expect a -/> b\n")
    assert up.status == 0, up
    for _ in range(3):
        assert lab.run(world, "verify").status == 1, "the pings are answered, if not every one"


DRIFTS_OF_QUEUES = {
    "tc -n a qdisc del dev eth0 root": "tbf of a:eth0",
    "tc -n a qdisc replace dev eth0 root handle 1: tbf rate 3mbit burst 20kb latency 50ms": "tbf of a:eth0",
    "tc -n a qdisc del dev eth0 clsact": "clsact of a:eth0",
    "tc -n a filter del dev eth0 ingress pref 100": "ingress of a:eth0",
    "tc -n a filter del dev eth0 egress": "mirror of a:eth0 (egress) to probe",
    "ip -n a link del dev ifb-eth0": "ifb a:ifb-eth0",
}


@pytest.mark.parametrize("drift", DRIFTS_OF_QUEUES)
def test_drift_of_queues(drift: str, compiled: Compiled) -> None:
    lab = compiled(LINE.format("impair eth0 { rate 2mbit; both }; veth probe -- b:probe; mirror eth0 to probe"))
    with lab.host() as world:
        before = world.state()
        lab.must(world, "up")
        lab.must(world, "status")
        world.do(drift)
        status = lab.run(world, "status")
        assert status.status == 1
        told = [line for line in status.out.splitlines() if line.startswith(("differs", "missing"))]
        assert any(DRIFTS_OF_QUEUES[drift] in line for line in told), status
        lab.must(world, "down")
        assert difference(before, world.state()) == ""


def test_an_uplink_whose_queue_someone_replaced(compiled: Compiled) -> None:
    lab = compiled("uplink nic0 203.0.113.2/24\nimpair nic0 { rate 1mbit; both }")
    with furnished() as world:
        lab.must(world, "up")
        world.do("tc qdisc del dev nic0 root", "tc qdisc del dev nic0 clsact")
        world.do("tc qdisc add dev nic0 root handle 7: tbf rate 1gbit burst 100kb latency 5ms")
        world.do("tc qdisc add dev nic0 clsact")
        lab.must(world, "down")
        shown = world.do("tc qdisc show dev nic0")
        assert "tbf 7: root" in shown
        assert "clsact" in shown


def test_an_uplink_that_went_away(compiled: Compiled) -> None:
    lab = compiled("uplink nic0 203.0.113.2/24\nimpair nic0 { rate 1mbit; both }\nmirror nic0 to nic0x\nbridge nic0x")
    with furnished() as world:
        lab.must(world, "up")
        world.do("ip link del dev nic0")
        lab.must(world, "down")
        assert "ifb-nic0" not in world.do("ip -o link show")


MIRRORS = {"": (True, True), " ingress": (True, False), " egress": (False, True), " both": (True, True)}


@pytest.mark.parametrize("direction", MIRRORS)
def test_a_mirror_copies_its_direction(direction: str, compiled: Compiled) -> None:
    """A ping to `a`: what comes in by eth0 has its MAC as the target, what goes out as the source."""
    probes = "veth probe -- p:eth0; veth other -- q:eth0"
    rules = f"mirror eth0 to probe{direction}; mirror eth0 to other{direction}"
    lab = compiled(LINE.format(f"{probes}; {rules}") + "netns p\nnetns q\nexpect b -> a")
    with lab.host() as world:
        lab.must(world, "up")
        lab.must(world, "verify")
        for probe in ("p", "q"):
            heard = frames(world, probe, "ip netns exec b ping -n -c 3 -i 0.1 10.0.0.1 >/dev/null")
            own = world.do("ip netns exec a cat /sys/class/net/eth0/address").strip().replace(":", "")
            assert (f"to {own}" in heard, f"from {own}" in heard) == MIRRORS[direction], heard


_LISTEN = """
import socket, sys
listening = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
listening.bind(("eth0", 0))
listening.settimeout(1.5)
print("ready", flush=True)
try:
    while frame := listening.recv(2048):
        print("to", frame[:6].hex(), "from", frame[6:12].hex(), flush=True)
except TimeoutError:
    pass
"""


def frames(world: World, netns: str, command: str) -> str:
    """Return what a namespace hears of IPv4 at its eth0 while a command runs: a line for each frame."""
    listen = f"ip netns exec {netns} {shlex.quote(sys.executable)} -c {shlex.quote(_LISTEN)}"
    waiting = "until grep -q ready /run/heard; do sleep 0.05; done"
    return world.do(f"{listen} >/run/heard & {waiting}; {command}; wait; cat /run/heard; rm /run/heard")


#: What flannel's iptables rules say (pkg/trafficmngr/iptables), in the language's words.
FLANNEL = """
nat return srcnat mark 0x4000/0x4000
nat return srcnat saddr 10.244.1.0/24 daddr 10.244.0.0/16
nat return srcnat saddr 10.244.0.0/16 daddr 10.244.1.0/24
nat return srcnat saddr not 10.244.0.0/16 daddr 10.244.1.0/24
nat masquerade saddr 10.244.0.0/16 daddr not 224.0.0.0/4 fully-random
nat masquerade saddr not 10.244.0.0/16 daddr 10.244.0.0/16 fully-random
filter forward accept saddr 10.244.0.0/16
filter forward accept daddr 10.244.0.0/16
"""
FLANNEL_LOADED = """\
	chain forward {
		type filter hook forward priority filter; policy accept;
		ip saddr 10.244.0.0/16 accept comment "test.net:8"
		ip daddr 10.244.0.0/16 accept comment "test.net:9"
	}

	chain srcnat {
		type nat hook postrouting priority srcnat; policy accept;
		meta mark & 0x00004000 == 0x00004000 return comment "test.net:2"
		ip saddr 10.244.1.0/24 ip daddr 10.244.0.0/16 return comment "test.net:3"
		ip saddr 10.244.0.0/16 ip daddr 10.244.1.0/24 return comment "test.net:4"
		ip saddr != 10.244.0.0/16 ip daddr 10.244.1.0/24 return comment "test.net:5"
		ip saddr 10.244.0.0/16 ip daddr != 224.0.0.0/4 masquerade fully-random comment "test.net:6"
		ip saddr != 10.244.0.0/16 ip daddr 10.244.0.0/16 masquerade fully-random comment "test.net:7"
	}
"""


def test_flannels_rules_can_be_said(compiled: Compiled) -> None:
    lab = compiled(FLANNEL)
    with lab.host() as world:
        before = world.state()
        lab.must(world, "up")
        assert FLANNEL_LOADED in world.do("nft list table inet netc-test")
        lab.must(world, "status")
        lab.must(world, "down")
        assert difference(before, world.state()) == ""


TABLE = """
lab one
netns a { filter input drop tcp 22; filter input accept tcp 23; nft input "ip saddr 10.0.0.0/8 counter" }
filter forward drop in lo
filter forward drop out lo
"""
IN_A = "ip netns exec a nft"
DRIFTS = {
    f"{IN_A} delete table inet netc-one": ("missing  test.net:3  nftables table netc-one of a", False),
    f"{IN_A} flush chain inet netc-one input": ("tcp dport 22 drop", False),
    f"{IN_A} insert rule inet netc-one input tcp dport 5 accept": ("tcp dport 5 accept", False),
    f"{IN_A} add rule inet netc-one input tcp dport 22 drop comment '\"test.net:3\"'": ("the order", False),
    f"{IN_A} add chain inet netc-one new": ("chain new", False),
    "nft flush table inet netc-one": ('iifname "lo" drop', False),
    "nft delete table inet netc-one": ("missing  test.net:4", False),
    # A table of that name without the mark is not the lab's.
    "nft delete table inet netc-one; nft add table inet netc-one": ("test.net:4", True),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_drift_of_a_table(drift: str, compiled: Compiled) -> None:
    told, stays = DRIFTS[drift]
    lab = compiled(TABLE)
    with lab.host() as world:
        before = world.state()
        lab.must(world, "up")
        world.do("ip netns exec a ping -c 1 127.0.0.1 >/dev/null || :")
        assert "3 as declared, 0 differ" in lab.must(world, "status").out
        world.do(drift)
        status = lab.run(world, "status")
        assert status.status == 1
        (line,) = [line for line in status.out.splitlines() if line.startswith(("differs", "missing"))]
        assert told in line, status
        lab.must(world, "down")
        left = difference(before, world.state())
        assert ("netc-one" in left) == stays
        assert stays or left == ""


def test_a_table_that_is_taken(compiled: Compiled) -> None:
    lab = compiled(TABLE)
    with lab.host() as world:
        world.do("nft add table inet netc-one", "nft add table ip netc-one")
        before = world.state()
        refused = lab.run(world, "up")
        assert refused.status == 1
        assert "there is an nftables table inet netc-one, which is not the lab's (test.net:4)" in refused.err
        assert difference(before, world.state()) == ""
        world.do("nft delete table inet netc-one")
        lab.must(world, "up")
        lab.must(world, "down")
        assert "table ip netc-one" in world.do("nft list tables"), "of another family, it is another table"


def test_a_rule_that_nft_refuses(compiled: Compiled) -> None:
    lab = compiled('filter forward drop in lo\nnft forward "tcp dport nonsense drop"')
    with lab.host() as world:
        before = world.state()
        failed = lab.run(world, "up")
        assert failed.status != 0
        assert "nonsense" in failed.err
        assert "FAILED with status 1 at test.net:1  filter forward drop in lo: nft -f -" in failed.err
        assert difference(before, world.state()) == ""


#: Rules that pass netc, and that hold what would be a command of nft's if it could begin there.
TRICKY = (
    'accept comment "} } flush ruleset"',
    'log prefix "; flush ruleset; #" drop',
    'accept include "/etc/passwd"',
    'meta mark set 1 include "/etc/passwd"',
    "drop flush ruleset",
    "tcp dport 22 delete table inet firewall",
    "accept table inet firewall { }",
    "jump flush",
    "accept define x",
    "ip saddr { 10.0.0.1, 10.0.0.2 } accept policy drop",
    "tcp dport { 22 } { flush ruleset }",
)


@pytest.mark.parametrize("rule", TRICKY)
def test_a_rule_reaches_nothing_but_its_chain(rule: str, compiled: Compiled) -> None:
    escaped = rule.replace('"', '\\"')
    lab = compiled(f'lab one\nnft forward "{escaped}"\nfilter forward drop in lo')
    with furnished() as world:
        before = world.state()
        ran = lab.run(world, "up")
        assert "root:" not in ran.err, "no other file is read"
        if ran.status:
            assert difference(before, world.state()) == ""
            return
        assert "table inet firewall" in world.do("nft list tables")
        assert world.do("nft list table inet netc-one").count("chain ") == 1
        lab.must(world, "status")
        lab.must(world, "down")
        assert difference(before, world.state()) == ""


def test_two_labs_have_a_table_each(compiled: Compiled) -> None:
    one, two = compiled(TABLE), compiled(TABLE.replace("lab one", "lab one-2").replace("netns a", "netns b"))
    with one.host() as world:
        before = world.state()
        one.must(world, "up")
        two.must(world, "up")
        one.must(world, "down")
        two.must(world, "status")
        assert "netc-one-2" in world.do("nft list tables")
        two.must(world, "down")
        assert difference(before, world.state()) == ""

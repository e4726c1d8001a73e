"""What is not the lab's: things of others in its way, before it comes, while it comes, and while it is up."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kernel import labs
from tests.kernel.faults import Shims, commands
from tests.kernel.labs import Lab
from tests.kernel.state import difference, names
from tests.kernel.world import BASH, World, furnished

Compiled = Callable[[str], Lab]

GUEST = labs.GUEST.read_text()


@dataclass(frozen=True)
class Stranger:
    """Something of someone else."""

    comes: str
    goes: str
    named: str  # by a refusal
    step: str = ""  # of the lab, that it is in the way of
    beside: bool = False  # whether the kernel takes the lab's beside it


STRANGERS = {
    "bridge": Stranger("ip link add name gbr type bridge", "ip link del dev gbr", "gbr", "ip link add name gbr "),
    "port": Stranger("ip link add name gp1 type bridge", "ip link del dev gp1", "gp1", "ip link add name gp1 "),
    "altname": Stranger(
        "ip link property add dev nic0 altname gv2",
        "ip link property del dev nic0 altname gv2",
        "gv2",
        "ip link add name gv2 ",
    ),
    "group": Stranger("ip link add name any group {group} type bridge", "ip link del dev any", "link group {group}"),
    "netns": Stranger("ip netns add g1", "ip netns del g1", "namespace g1", "ip netns attach g1 "),
    # An empty file is what a killed `ip netns attach` leaves: found by the undo, it counts as that.
    "netns-file": Stranger("touch /run/netns/g2", "rm /run/netns/g2", "namespace g2"),
    "route": Stranger(
        "ip route add 10.5.0.0/16 via 203.0.113.9",
        "ip route del 10.5.0.0/16 via 203.0.113.9",
        "10.5.0.0/16",
        "ip route add 10.5.0.0/16 ",
    ),
    "route-elsewhere": Stranger(
        "ip route add 10.5.0.0/16 via 203.0.113.7 proto static",
        "ip route del 10.5.0.0/16 via 203.0.113.7",
        "10.5.0.0/16",
        "ip route add 10.5.0.0/16 ",
    ),
    "route-in-table": Stranger(
        "ip route add unreachable 10.6.0.0/16 table 77",
        "ip route del unreachable 10.6.0.0/16 table 77",
        "10.6.0.0/16",
        "ip route add blackhole 10.6.0.0/16 ",
    ),
    "connected-route": Stranger(
        "ip route add 10.8.0.0/24 dev nic0", "ip route del 10.8.0.0/24 dev nic0", "10.8.0.0/24"
    ),
    "rule": Stranger(
        "ip rule add pref 500 from 10.9.0.0/16 table 77",
        "ip rule del pref 500 from 10.9.0.0/16 table 77",
        "500",
        "ip -4 rule add pref 500 ",
        beside=True,
    ),
    "other-rule": Stranger(
        "ip rule add pref 500 from 10.77.0.0/16 table 78", "ip rule del pref 500 from 10.77.0.0/16 table 78", "500"
    ),
    "address": Stranger(
        "ip addr add 10.99.0.1/32 dev lo", "ip addr del 10.99.0.1/32 dev lo", "10.99.0.1", "ip addr add 10.99.0.1/32 "
    ),
    "neighbour": Stranger(
        "ip neigh add 203.0.113.44 lladdr 02:00:00:00:00:01 dev nic0",
        "ip neigh del 203.0.113.44 dev nic0",
        "203.0.113.44",
        "ip neigh add 203.0.113.44 ",
    ),
    "table": Stranger(
        "nft add table inet netc-guest", "nft delete table inet netc-guest", "table inet netc-guest", "nft -f -"
    ),
    "root-queue": Stranger(
        "tc qdisc add dev nic0 root handle 7: tbf rate 1gbit burst 100kb latency 5ms",
        "tc qdisc del dev nic0 root handle 7:",
        "a queueing discipline at the root of nic0",
        "tc qdisc add dev nic0 root ",
    ),
    "hooks": Stranger(
        "tc qdisc add dev nic0 clsact",
        "tc qdisc del dev nic0 clsact",
        "a clsact or ingress qdisc at nic0",
        "tc qdisc add dev nic0 ingress_block ",
    ),
    # The kernel adds a proxy entry that is there already without a word: nobody can tell whose it is.
    "proxy": Stranger(
        "ip neigh add proxy 203.0.113.45 dev nic0", "ip neigh del proxy 203.0.113.45 dev nic0", "203.0.113.45"
    ),
}
IN_THE_WAY = [name for name, stranger in STRANGERS.items() if stranger.step]


def fill(text: str, lab: Lab) -> str:
    """Put the lab's numbers into a stranger's command."""
    return text.format(group=lab.plan.mark.group)


@pytest.fixture
def guest(compiled: Compiled) -> Lab:
    """Return the lab that has to do with everything."""
    return compiled(GUEST)


@pytest.fixture
def world(guest: Lab) -> Iterator[World]:
    """Return a host for it; nic0 is part of its furniture."""
    with furnished() as host:
        yield host


def test_the_guest_comes_and_goes(guest: Lab, world: World) -> None:
    before = world.state()
    guest.must(world, "up")
    guest.must(world, "verify")
    guest.must(world, "status")
    guest.must(world, "down")
    assert difference(before, world.state()) == ""


@pytest.mark.parametrize("name", STRANGERS)
def test_refused_before_any_change(name: str, guest: Lab, world: World) -> None:
    stranger = STRANGERS[name]
    world.do(fill(stranger.comes, guest))
    before = world.state()
    up = guest.run(world, "up")
    assert up.status != 0
    assert fill(stranger.named, guest) in up.err
    assert "FAILED" not in up.err
    assert difference(before, world.state()) == ""
    guest.must(world, "down")
    assert difference(before, world.state()) == ""
    world.do(fill(stranger.goes, guest))
    guest.must(world, "up")


def test_every_refusal_at_once(compiled: Compiled, world: World) -> None:
    guest = compiled(GUEST.replace("uplink nic0 203.0.113.2/24", "uplink nic0 203.0.113.222/24"))
    compatible = [name for name in STRANGERS if name not in {"route-elsewhere", "other-rule"}]
    world.do(*(fill(STRANGERS[name].comes, guest) for name in compatible))
    before = world.state()
    up = guest.run(world, "up")
    assert up.status != 0
    for name in compatible:
        assert fill(STRANGERS[name].named, guest) in up.err, name
    assert "203.0.113.222/24" in up.err
    assert difference(before, world.state()) == ""


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_comes_between_the_look_and_the_step(name: str, guest: Lab, world: World, tmp_path: Path) -> None:
    stranger = STRANGERS[name]
    before = world.state()
    up, down = guest.path("up"), guest.path("down")
    plain = Shims(tmp_path / "plain", [up, down])
    calls = plain.calls(world, up)
    guest.must(world, "down")
    at = next(number for number, call in enumerate(calls, 1) if call.startswith(stranger.step))
    trial = Shims(tmp_path / "late", [up, down], setup=stranger.comes).run(world, up, "run", at)
    assert trial.hit.startswith(stranger.step)
    if stranger.beside:
        assert trial.ran.status == 0, trial
    else:
        assert trial.ran.status != 0, trial
        assert re.search(r"FAILED with status \d+ at test\.net:\d+ ", trial.ran.err), trial
    guest.must(world, "down")
    world.do(stranger.goes)  # fails if it is not there any more
    assert difference(before, world.state()) == ""


def test_an_uplink_that_is_not_there(guest: Lab) -> None:
    with World() as world:
        before = world.state()
        up = guest.run(world, "up")
        assert up.status != 0
        assert "nic0" in up.err
        assert difference(before, world.state()) == ""


def test_a_sysctl_that_someone_changed(guest: Lab, world: World) -> None:
    before = world.state()
    guest.must(world, "up")
    world.do("sysctl -qw net.ipv4.ip_default_ttl=99")
    down = guest.must(world, "down")
    assert "ip_default_ttl" in down.err
    assert "99" in down.err
    assert difference(before, world.state()) == "~ sysctl net/ipv4/ip_default_ttl: 64 -> 99"


def test_a_device_that_came_while_forwarding_was_on(guest: Lab, world: World) -> None:
    world.do("sysctl -qw net.ipv4.conf.lo.forwarding=1")
    before = world.state()
    guest.must(world, "up")
    world.do("ip link add name later type bridge")
    guest.must(world, "down")
    assert world.state()["sysctl net/ipv4/conf/lo/forwarding"] == "1", "it was on before"
    world.do("ip link del dev later")
    assert difference(before, world.state()) == ""


def test_objects_that_lost_the_mark(guest: Lab, world: World) -> None:
    guest.must(world, "up")
    world.do("ip link del dev gbr", "ip link add name gbr type bridge")
    world.do("ip route del 10.5.0.0/16", "ip route add 10.5.0.0/16 via 203.0.113.7")
    world.do("ip netns del g2", "ip netns add g2")
    guest.run(world, "down")
    after = world.state()
    assert "link gbr ifname" in after
    assert "ipv4 10.5.0.0/16 via 203.0.113.7 dev nic0" in after
    assert names(after) == {"g2", "other"}


def test_the_processes_of_others_live_on(guest: Lab, world: World) -> None:
    guest.must(world, "up")
    started = [key for key in world.state() if key.startswith("process ") and "sleep 1000" in key]
    assert len(started) == 1
    pid = world.do("ip netns exec g1 setsid sleep 600 >/dev/null 2>&1 & echo $!").strip()
    world.do("for i in $(seq 100); do ip netns pids g1 | grep -qx " + pid + " && break; sleep 0.02; done")
    down = guest.run(world, "down")
    assert re.search(rf"\b{pid}\b", down.err), down
    assert re.search(r"\bg1\b", down.err), down
    processes = [key for key in world.state() if key.startswith("process ")]
    assert processes == [f"process {pid} sleep 600 "]


@pytest.mark.parametrize(
    "command", ["sh -c 'trap : TERM; while :; do sleep 0.1; done'", "sh -c 'sleep 1000 & sleep 1001 & wait'"]
)
def test_processes_of_the_lab_end(command: str, compiled: Compiled) -> None:
    lab = compiled(f'lab busy\nnetns b1\nexec b1 "{command}"\n')
    with lab.host() as world:
        before = world.state()
        for _ in range(2):
            lab.must(world, "up")
            assert any(key.startswith("process ") for key in world.state())
            lab.must(world, "down")
            assert difference(before, world.state()) == ""


def test_a_process_holds_no_lock(compiled: Compiled) -> None:
    busy, other = compiled('lab busy\nnetns b1\nexec b1 "sleep 1000"\n'), compiled("lab other\nnetns o1\n")
    with busy.host() as world:
        busy.must(world, "up")
        ran = world.run(BASH, str(other.path("up")), timeout=10)
        assert ran.status == 0, ran


def paths_without(tool: str, folder: Path) -> str:
    """Return a PATH on which everything is but one command."""
    folder.mkdir()
    for name, path in commands().items():
        if name != tool:
            (folder / name).symlink_to(path)
    return str(folder)


@pytest.mark.parametrize("tool", ["ip", "sysctl", "flock", "unshare", "sleep", "setsid", "nft", "tc"])
def test_a_missing_tool(tool: str, guest: Lab, world: World, tmp_path: Path) -> None:
    before = world.state()
    up = world.script(guest.path("up"), env={"PATH": paths_without(tool, tmp_path / "bin")})
    assert up.status != 0
    assert re.search(rf"needs the command {tool}\b", up.err), up
    assert difference(before, world.state()) == ""


def test_several_missing_tools_at_once(guest: Lab, world: World) -> None:
    up = world.script(guest.path("up"), env={"PATH": "/nowhere"})
    assert up.status != 0
    for tool in guest.plan.tools:
        assert re.search(rf"\b{tool}\b", up.err), tool


@pytest.mark.parametrize("script", ["up", "down", "verify", "status"])
def test_not_root(script: str, guest: Lab, world: World) -> None:
    before = world.state()
    ran = world.run("unshare", "--user", BASH, str(guest.path(script)))
    assert ran.status != 0
    assert "root" in ran.err
    assert difference(before, world.state()) == ""


def rebooted(world: World, guest: Lab, old_state: Path, boot_id: str | None) -> None:
    """Make a fresh host look like the same one after a reboot that /run survived."""
    world.do(
        "netns=$(readlink /proc/self/ns/net | tr -dc 0-9)",
        "mkdir -p /run/netc",
        f"cp -a {shlex.quote(str(old_state))}/[0-9]* /run/netc/$netns",
    )
    if boot_id is not None:
        world.do(f"echo {boot_id} >/run/tmp/boot_id", "mount --bind /run/tmp/boot_id /proc/sys/kernel/random/boot_id")


def test_after_a_reboot(guest: Lab, world: World, tmp_path: Path) -> None:
    guest.must(world, "up")
    old_state = tmp_path / "netc"
    world.do(f"cp -a /run/netc {shlex.quote(str(old_state))}")
    with furnished() as same_boot:
        rebooted(same_boot, guest, old_state, None)
        assert guest.run(same_boot, "up").status != 0, "this is how it would be if the boot did not matter"
    for script in ("up", "down"):
        with furnished() as next_boot:
            next_boot.do("sysctl -qw net.ipv4.ip_default_ttl=70", "sysctl -qw net.ipv4.ip_forward=1")
            before = next_boot.state()
            rebooted(next_boot, guest, old_state, "11111111-2222-3333-4444-555555555555")
            guest.must(next_boot, script)
            if script == "up":
                guest.must(next_boot, "verify")
                guest.must(next_boot, "down")
            changed = [line for line in difference(before, next_boot.state()).splitlines() if "boot_id" not in line]
            assert changed == []


def test_a_torn_script_does_nothing(guest: Lab, world: World, tmp_path: Path) -> None:
    torn = tmp_path / "torn.sh"
    down = world.state()
    guest.must(world, "up")
    up = world.state()
    for script, before in (("down", up), ("up", down)):
        if script == "up":
            guest.must(world, "down")
        text = guest.path(script).read_text()
        for length in [len(text) * percent // 100 for percent in range(0, 100, 5)] + [len(text.rstrip()) - 1]:
            torn.write_text(text[:length])
            world.script(torn)
        assert difference(before, world.state()) == ""


def test_nobody_listens(guest: Lab, world: World) -> None:
    before = world.state()
    for script in ("up", "down"):
        path = shlex.quote(str(guest.path(script)))
        ran = world.run(BASH, "-c", f"{BASH} {path} 2>&1 >/dev/null | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}")
        if script == "up" and ran.status == 0:
            guest.must(world, "status")
        elif script == "up":
            assert difference(before, world.state()) == ""
    guest.must(world, "down")
    assert difference(before, world.state()) == ""


@pytest.mark.parametrize("pages", range(9))
def test_no_space_for_the_state(pages: int, guest: Lab, world: World) -> None:
    world.do(
        "mkdir /run/netc",  # a folder takes no page of its own, but may an inode
        "mount -t tmpfs -o size=64k tmpfs /run/netc",
        f"dd if=/dev/zero of=/run/netc/full bs=4096 count={16 - pages} 2>/dev/null",
    )
    before = world.state()
    up = guest.run(world, "up")
    if up.status == 0:
        guest.must(world, "status")
        guest.must(world, "down")
    assert difference(before, world.state()) == "", up


def test_a_module_is_loaded_and_stays(compiled: Compiled, tmp_path: Path) -> None:
    lab = compiled("lab mod\nmodule some_module\nnetns m1\n")
    tools = tmp_path / "bin"
    path = paths_without("modprobe", tools)
    (tools / "modprobe").write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{shlex.quote(str(tmp_path / "loaded"))}\n')
    (tools / "modprobe").chmod(0o755)
    with lab.host() as world:
        up = world.script(lab.path("up"), env={"PATH": path})
        assert up.status == 0, up
        assert "some_module" in (tmp_path / "loaded").read_text().splitlines()
        down = world.script(lab.path("down"), env={"PATH": path})
        assert down.status == 0
        assert "some_module stays loaded" in down.err
        assert "-r" not in (tmp_path / "loaded").read_text()


def test_a_module_that_this_kernel_has_not(compiled: Compiled) -> None:
    lab = compiled("lab mod\nmodule no_such_module_anywhere\nnetns m1\n")
    with lab.host() as world:
        before = world.state()
        up = lab.run(world, "up")
        assert up.status != 0
        assert "no_such_module_anywhere" in up.err
        assert difference(before, world.state()) == ""


def test_a_dry_run_runs_nothing_whatever_the_names(compiled: Compiled, world: World) -> None:
    lab = compiled("lab laundry\nforward ipv4\nnetns laundry { veth dry0 10.0.0.1/24 -- host:dryv 10.0.0.2/24 }\n")
    before = world.state()
    assert lab.must(world, "up", "-n").out
    assert difference(before, world.state()) == ""


def test_parameters_that_two_statements_change_come_back(compiled: Compiled, world: World) -> None:
    lab = compiled(
        "forward ipv4\nforward ipv6\nsysctl net.ipv6.conf.default.forwarding = 0\n"
        "sysctl net.ipv4.conf.default.rp_filter = 2\nsysctl net.ipv4.conf.all.rp_filter = 0\n"
    )
    before = world.state()
    lab.must(world, "up")
    lab.must(world, "down")
    assert difference(before, world.state()) == ""


SHARED = {
    "by another name": ("forward ipv4", "sysctl net.ipv4.conf.all.forwarding = 1"),
    "a device's own": ("forward ipv4", "uplink nic0\nsysctl net.ipv4.conf.nic0.forwarding = 1"),
    "of devices to come": ("forward ipv4", "sysctl net.ipv4.conf.default.forwarding = 1"),
    "changed along": ("sysctl net.ipv4.conf.default.rp_filter = 2", "sysctl net.ipv4.conf.all.rp_filter = 2"),
    "changed along, one device": (
        "sysctl net.ipv4.conf.default.rp_filter = 2",
        "uplink nic0\nsysctl net.ipv4.conf.nic0.rp_filter = 2",
    ),
    "IPv6": ("forward ipv6", "sysctl net.ipv6.conf.default.forwarding = 1"),
}


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_labs_that_change_one_parameter_in_two_ways(
    name: str, first: int, order: tuple[int, int], compiled: Compiled, world: World
) -> None:
    """Whoever comes or goes first: what each wants holds while it is up, and nothing of it holds after."""
    both = [compiled(f"lab {lab}\n{text}\n") for lab, text in zip(("one", "two"), SHARED[name], strict=True)]
    before = world.state()
    alone = []
    for lab in both:
        lab.must(world, "up")
        alone.append(world.state())
        lab.must(world, "down")
        assert difference(before, world.state()) == ""
    for index in order:
        both[index].must(world, "up")
    both[first].must(world, "down")
    both[1 - first].must(world, "status")
    if (name, first, order) != ("changed along, one device", 1, (1, 0)):  # there it came as the other wants it, too
        assert difference(alone[1 - first], world.state()) == ""
    both[1 - first].must(world, "down")
    assert difference(before, world.state()) == ""


def test_a_parameter_that_another_lab_changed_along_is_not_taken_from_it(compiled: Compiled, world: World) -> None:
    one = compiled("lab one\nuplink nic0\nsysctl net.ipv4.conf.nic0.forwarding = 0\n")
    two = compiled("lab two\nforward ipv4\n")
    one.must(world, "up")
    before = world.state()
    refused = two.run(world, "up")
    assert refused.status == 1
    assert "nic0/forwarding" in refused.err
    assert difference(before, world.state()) == ""


ROUTES = """
route 10.5.0.0/16 dev lo metric 0
route 10.5.0.0/16 dev lo metric 7
route fd05::/64 dev lo
route fd05::/64 dev lo metric 7
route fd06::/64 dev lo metric 0
route ::ffff:0:0/96 dev lo
route ::1:2 dev lo
route blackhole ::ffff:10.9.0.0/112 metric 9
address lo ::ffff:10.0.0.1/128
uplink nic0
neigh ::ffff:10.0.0.9 lladdr 02:00:00:00:00:09 dev nic0
rule pref 500 from ::ffff:0:0/96 lookup 77
"""


def test_routes_by_any_metric_and_spelling(compiled: Compiled, world: World) -> None:
    lab = compiled(ROUTES)
    before = world.state()
    lab.must(world, "up")
    lab.must(world, "status")
    again = compiled("lab other\n" + ROUTES).run(world, "up")
    assert again.err.count("which is not the lab's") == ROUTES.count("\nroute") + 3, again
    lab.must(world, "down")
    assert difference(before, world.state()) == ""


def test_an_uplink_that_is_gone(compiled: Compiled, world: World) -> None:
    before = world.state()
    world.do("ip link add name gone type bridge", "ip link set dev gone up")
    text = "uplink gone\nneigh 10.0.0.9 lladdr 02:00:00:00:00:09 dev gone\nneigh proxy fd00::9 dev gone\n"
    lab = compiled(text + "route 10.5.0.0/16 dev gone\nnetns a\n")
    lab.must(world, "up")
    world.do("ip link del dev gone")
    lab.must(world, "down")
    assert difference(before, world.state()) == ""


def test_a_device_of_the_lab_that_someone_renamed(compiled: Compiled, world: World) -> None:
    lab = compiled("bridge sw 10.1.0.1/24\nveth host:one 10.2.0.1/24 -- sw:two\n")
    before = world.state()
    lab.must(world, "up")
    world.do("ip link set dev one down", "ip link set dev one name uno", "ip link set dev sw name switch")
    lab.must(world, "down")
    assert difference(before, world.state()) == ""


def test_a_default_route_from_a_router_advertisement(compiled: Compiled, world: World) -> None:
    lab = compiled("forward ipv6\n")
    world.do("ip -6 route add default via fe80::99 dev nic0 proto ra")
    before = world.state()
    refused = lab.run(world, "up")
    assert refused.status == 1
    assert "accept_ra" in refused.err
    assert difference(before, world.state()) == ""
    world.do("sysctl -qw net.ipv6.conf.nic0.accept_ra=2")
    before = world.state()
    lab.must(world, "up")
    lab.must(world, "down")
    assert difference(before, world.state()) == ""


def test_programs_start_as_if_from_a_shell(compiled: Compiled, world: World, tmp_path: Path) -> None:
    """Neither up.sh's file mode mask, nor its locale, nor its way with SIGPIPE reach what `exec` runs."""
    say = "umask; grep SigIgn /proc/self/status; echo locale=$LC_ALL; ls -ld /run/netns"
    lab = compiled(f"lab busy\nnetns b1\nexec b1 \"sh -c '{say}; exec sleep 1000'\"\n")
    shell = ("sh", "-c", f"umask 022; export LC_ALL=C.UTF-8; {say.replace('; ls -ld /run/netns', '')}")
    plain = world.run(*shell).out.splitlines()
    ran = world.run("sh", "-c", f"umask 022; LC_ALL=C.UTF-8 exec {BASH} {shlex.quote(str(lab.path('up')))}")
    assert ran.status == 0, ran
    wait = "until grep -q drwx /run/netc/*/busy/exec.log; do sleep 0.05; done; cat /run/netc/*/busy/exec.log"
    said = world.do(wait).splitlines()
    assert said[:3] == plain
    assert said[3].startswith("drwxr-xr-x")
    assert world.do("stat -c %a /run/netc/*/busy").strip() == "700"
    lab.must(world, "down")
    world.do(f"umask 000; {BASH} {shlex.quote(str(lab.path('up')))}")
    assert world.do("stat -c %a /run/netc /run/netc/* /run/netc/*/busy").split() == ["755", "755", "700"]
    lab.must(world, "down")


def test_status_sees_that_a_program_has_ended(compiled: Compiled, world: World) -> None:
    lab = compiled(
        'lab busy\nnetns b1\nexec b1 "sleep 1000"\nexec b1 "sh -c \'exec sleep 1001\'"\nexec host "sleep 0"\n'
    )
    lab.must(world, "up")
    said = lab.run(world, "status")
    assert said.status == 1
    assert [line.split()[0] for line in said.out.splitlines() if "exec" in line] == ["ok", "ok", "missing"]
    world.do("pkill -f 'sleep 100[1]'")
    told = lab.run(world, "status", "-q").out
    assert [line for line in told.splitlines() if "sleep 1001" in line]
    assert "sleep 1000" not in told
    lab.must(world, "down")

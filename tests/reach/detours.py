"""Policy rules with several selectors, loops, and neighbours that a router answers for, in random labs."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_interface
from typing import TYPE_CHECKING

from tests.reach.tables import some_prefix

if TYPE_CHECKING:
    from tests.reach.generator import Lab

_RULED = 200  # the number of the table that the rules look into


def rules_of_several(lab: Lab) -> None:
    """Policy rules that ask for several things at once, and a table with routes that lead on, fall through or drop."""
    from tests.reach.generator import Route  # noqa: PLC0415 - the generator takes its faults from here

    netns = lab.netnses[lab.random.choice([name for name in lab.netnses if name != "sw"])]
    version = lab.random.choice(lab.families)
    devices = [end.name for end in lab.ends(netns.name)]
    for _ in range(lab.random.choice([1, 1, 2, 3])):
        possible = [f"from {some_prefix(lab, version)}", f"to {some_prefix(lab, version)}"]
        possible.append(f"iif {lab.random.choice([*devices, 'lo'])}")
        if devices and lab.random.random() < 0.3:
            possible.append(f"oif {lab.random.choice(devices)}")
        said = lab.random.sample(possible, lab.random.choice([2, 2, 3]))
        if lab.random.random() < 0.2:
            said.insert(0, "not")
        if lab.random.random() < 0.15:
            said.append(lab.random.choice(["tos 0", "tos 0x10"]))
        family = "" if any(word.startswith(("from", "to ")) for word in said) else f"ipv{version} "
        actions = [f"lookup {_RULED}"] * 4 + ["blackhole", "unreachable", "prohibit", "goto 32500"]
        pref = lab.random.choice([0, 0, 0, 32000]) + lab.random.randint(1, 400)
        netns.statements.append(f"rule pref {pref} {family}{' '.join(said)} {lab.random.choice(actions)}")
    if lab.random.random() < 0.7:
        netns.statements.append(f"rule pref 32500 ipv{version} lookup main")
    for _ in range(lab.random.choice([1, 2, 2])):
        prefix = some_prefix(lab, version)
        gateways = _beside(lab, netns.name, version)
        ways = [f"via {lab.random.choice(gateways)} table {_RULED}"] * 3 if gateways else []
        ways += [f"dev {device} table {_RULED}" for device in devices]
        if ways and lab.random.random() < 0.8:
            netns.routes.append(Route(prefix, lab.random.choice(ways)))
        else:
            word = lab.random.choice(["throw", "blackhole", "unreachable"])
            netns.routes.append(Route(f"{word} {prefix}", f"table {_RULED}"))


def _beside(lab: Lab, netns: str, version: int) -> list[str]:
    """Return the addresses of others in the subnets of a namespace."""
    own = [ip.network for end in lab.ends(netns) for ip in end.addresses if ip.version == version]
    others = [ip for end in lab.ends() if end.netns != netns for ip in end.addresses if ip.version == version]
    return [str(ip.ip) for ip in others if any(ip.ip in network for network in own)]


def loop(lab: Lab) -> None:
    """Let two or three namespaces of one subnet send an address of another one round and round."""
    from tests.reach.generator import Route  # noqa: PLC0415 - the generator takes its faults from here

    version = lab.random.choice(lab.families)
    members: dict[str, dict[str, str]] = {}
    for end in lab.ends():
        for ip in end.addresses:
            if ip.version == version:
                members.setdefault(str(ip.network), {}).setdefault(end.netns, str(ip.ip))
    subnets = [subnet for subnet, own in members.items() if len(own) > 1]
    if not subnets:
        return
    ring = list(members[lab.random.choice(subnets)].items())
    ring = lab.random.sample(ring, min(len(ring), lab.random.choice([2, 2, 3])))
    targets = [ip for end in lab.ends() if end.netns not in dict(ring) for ip in end.addresses if ip.version == version]
    if not targets:
        return
    target = lab.random.choice(targets).ip
    for place, (name, _) in enumerate(ring):
        netns = lab.netns(name)
        if not any(line.startswith("forward") for line in netns.statements) and lab.random.random() < 0.95:
            netns.statements.append(f"forward ipv{version}")
        gateway = ring[(place + 1) % len(ring)][1]
        netns.routes.append(Route(f"{target}/{target.max_prefixlen}", f"via {gateway}"))


def split_subnet(lab: Lab) -> None:
    """Leaves of one subnet on links of their own to a router, which answers for each of them at the others' links."""
    from tests.reach.generator import End, Route  # noqa: PLC0415 - the generator takes its shapes from here

    router, subnet = lab.netns("r"), lab.subnet()
    router.statements.append(f"forward {' '.join(f'ipv{version}' for version in lab.families)}")
    leaves = [lab.address(subnet, 10 + number) for number in range(lab.random.randint(2, 3))]
    everywhere = lab.random.random() < 0.2
    if everywhere and 6 in lab.families:
        router.statements.append("sysctl net.ipv6.conf.all.proxy_ndp = 1")
    by_switch = lab.random.random() < 0.5  # of IPv4, where the router need not be told for whom
    for number, addresses in enumerate(leaves):
        near, options = f"v{number}", ["proxy-delay 0"] if 4 in lab.families else []
        if 6 in lab.families and not everywhere and _sure(lab, 0.9):
            options.append("proxy-ndp on")
        if 4 in lab.families and by_switch and _sure(lab, 0.9):
            options.append("proxy-arp on")
        own = lab.address(subnet, 1) if number == 0 and lab.random.random() < 0.3 else []
        own = [ip_interface((ip.ip, ip.max_prefixlen)) for ip in own]
        lab.netns(f"h{number}")
        lab.links.append((End(f"h{number}", "e0", addresses), End("r", near, own, options)))
        for ip in addresses:
            router.routes.append(Route(f"{ip.ip}/{ip.max_prefixlen}", f"dev {near}"))
            for other in range(len(leaves)):
                asked = ip.version == 6 or not by_switch
                if other != number and asked and _sure(lab, 0.9):
                    place = other if _sure(lab, 0.9) else number
                    router.statements.append(f"neigh proxy {ip.ip} dev v{place}")
    router.statements[:] = dict.fromkeys(router.statements)


def _sure(lab: Lab, share: float) -> bool:
    """Whether something is as it should be: always in a right lab."""
    return lab.random.random() < share or lab.right


DETOURS: tuple[Callable[[Lab], None], ...] = (rules_of_several, loop)

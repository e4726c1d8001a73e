"""Reads the networks of a Document: what is declared, which hosts join, and which devices are attached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from netc.bind.cursor import Cursor, shape
from netc.diagnostics import Findings, Label, did_you_mean, error
from netc.networks.base import Driver, Port, drivers, gateway
from netc.syntax.tree import Block, Statement, Word
from netc.topology.networks import Member, Network, Underlay
from netc.topology.options import read_block
from netc.topology.values import BindError, address, bad_value, interface, looks_like_address, number, prefix

if TYPE_CHECKING:
    from netc.source import Span
    from netc.syntax.tree import Document
    from netc.topology.model import IPAddress, IPNetwork

NETWORK = "network NAME DRIVER PREFIX... [{ OPTIONS }]"
JOIN = "join NETWORK [PREFIX...] [on UPLINK]"
ATTACH = "attach DEVICE [ADDRESS...] to NETWORK [{ OPTIONS }]"
#: The machine of a file without `host`.
_ONLY_HOST = "host"
_MTU = 1500  # of Ethernet, where the lab does not say that of an uplink


@dataclass(slots=True)
class Host:
    """A host of a Document: its statements, and the uplinks among them."""

    name: str
    statements: tuple[Statement, ...]
    uplinks: dict[str, Underlay] = field(default_factory=dict)


@dataclass(slots=True)
class Survey:
    """What was found. A statement is known by its identity: the same tree is walked again to be written out."""

    networks: dict[str, Network] = field(default_factory=dict)
    members: dict[int, tuple[str, str]] = field(default_factory=dict)  # join -> network, machine
    ports: dict[int, tuple[str, str, Port]] = field(default_factory=dict)  # attach -> network, machine, port
    read: set[int] = field(default_factory=set)  # what has been read, and told where something was wrong with it

    def member(self, network: str, machine: str) -> Member:
        """Return a host that has joined a network."""
        return next(member for member in self.networks[network].members if member.machine == machine)


def survey(document: Document, findings: Findings) -> Survey:
    """Return the networks of a document; what is wrong is told, and left out."""
    return _Surveyor(document, findings).survey()


class _Surveyor:
    def __init__(self, document: Document, findings: Findings) -> None:
        self._document = document
        self._findings = findings
        self._found = Survey()
        self._used: dict[tuple[str, str], set[IPAddress]] = {}
        self._tried: set[tuple[str, str]] = set()  # networks and hosts of `join`, whatever came of it
        self._shares: dict[tuple[str, int], Iterator[IPNetwork]] = {}  # of each network and family, those not yet taken
        self._said_subnets: dict[tuple[str, int], list[IPNetwork]] = {}

    def survey(self) -> Survey:
        hosts = list(_hosts(self._document))
        top = self._document.statements
        for statement in top:
            if statement.keyword == "network":
                self._found.read.add(id(statement))
                self._guarded(lambda s=statement: self._network(s))  # type: ignore[misc]
        for host in hosts:
            for statement in host.statements:
                if statement.keyword == "uplink":
                    self._guarded(lambda s=statement, h=host: self._uplink(s, h))  # type: ignore[misc]
        for host in hosts:
            for statement in host.statements:
                if statement.keyword == "join":
                    self._found.read.add(id(statement))
                    self._guarded(lambda s=statement, h=host: self._join(s, h))  # type: ignore[misc]
        attached = list(self._attached(hosts))
        self._found.read |= {id(each.statement) for each in attached}
        wanted = [(each, words) for each in attached if (words := self._read(each)) is not None]
        for each, words in wanted:
            self._guarded(lambda e=each, w=words: self._set_aside(e, w))  # type: ignore[misc]
        for each, words in wanted:
            self._guarded(lambda e=each, w=words: self._attach(e, w))  # type: ignore[misc]
        return self._found

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BindError as bad:
            self._findings.add(bad.finding)

    # -- network ---------------------------------------------------------------------------------------------

    def _network(self, statement: Statement) -> None:
        cursor = Cursor(statement, NETWORK)
        name, kind = cursor.word("the network's name"), cursor.word("the driver")
        driver = drivers().get(kind.text)
        if driver is None:
            raise _unknown(kind, f"there is no network driver `{kind.text}`", drivers())
        words, block = cursor.words(), cursor.block()
        cursor.end()
        if not words:
            raise shape(statement.span, "the network's prefix is missing", f"write `{NETWORK}`")
        prefixes = _by_family([(prefix(word), word.span) for word in words])
        earlier = self._found.networks.get(name.text)
        if earlier is not None:
            raise _twice(name.span, f"the network {name.text}", earlier.span)
        what = f"`network {name.text} {kind.text}`"
        settings = {} if block is None else read_block(block, driver.all_options, what, self._findings)
        networks = {version: network for version, (network, _) in prefixes.items()}
        network = Network(name.text, kind.text, networks, settings, statement.span)
        tunnels = driver.tunnels(network)
        if tunnels is not None:
            network = replace(
                network,
                plain_families=frozenset(networks) - tunnels,
                tunnel_families=tunnels,
                direct_families=tunnels if driver.is_direct(network) else frozenset(),
            )
        self._found.networks[name.text] = network

    # -- join ------------------------------------------------------------------------------------------------

    def _uplink(self, statement: Statement, host: Host) -> None:
        """Take up an uplink; whatever is wrong with it is told when it is bound."""
        words = list(statement.words)
        if not words:
            return
        name, rest = words[0], words[1:]
        addresses = tuple(
            interface(word) for word in rest if looks_like_address(word) and ("." in word.text or ":" in word.text)
        )
        texts = [word.text for word in rest]
        segment = texts[texts.index("on") + 1] if "on" in texts[:-1] else None
        mtu = _MTU
        for option in _options(statement):
            if option.head.text == "mtu" and len(option.words) == 1:
                mtu = number(68, 65535, "an MTU")(option.words[0])
        host.uplinks.setdefault(name.text, Underlay(name.text, addresses, segment, mtu, statement.span))

    def _join(self, statement: Statement, host: Host) -> None:
        cursor = Cursor(statement, JOIN)
        network = self._named(cursor.word("the network"))
        self._tried.add((network.name, host.name))
        driver, words = drivers()[network.driver], []
        while (following := cursor.peek_word()) is not None and looks_like_address(following):
            words.append(cursor.word("a prefix"))
        said = cursor.word("the uplink") if cursor.accept("on") is not None else None
        cursor.end()
        earlier = next((member for member in network.members if member.machine == host.name), None)
        if earlier is not None:
            raise _twice(statement.span, f"that {host.name} joins {network.name}", earlier.span)
        subnets = _by_family([(prefix(word), word.span) for word in words])
        for version, (subnet, span) in subnets.items():
            whole = network.prefixes.get(version)
            if whole is None or not subnet.subnet_of(whole):  # type: ignore[arg-type]
                known = " and ".join(str(prefix) for prefix in network.prefixes.values())
                message = f"{subnet} is no part of {network.name}, which is {known}"
                raise bad_value(span, message, f"take it from {known}")
        underlay = self._underlay(said, statement, host)
        found = {version: subnet for version, (subnet, _) in subnets.items()}
        spans = {version: span for version, (_, span) in subnets.items()}
        for version in network.prefixes:
            if version not in found:
                found[version], spans[version] = self._share(network, driver, version, statement), statement.span
        ordered = {version: found[version] for version in sorted(found)}
        member = Member(host.name, ordered, spans, underlay, statement.span)
        self._found.networks[network.name] = replace(network, members=(*network.members, member))
        self._found.members[id(statement)] = (network.name, host.name)
        for subnet in ordered.values():
            if driver.has_gateway:
                self._used.setdefault((network.name, host.name), set()).add(gateway(subnet))

    def _named(self, word: Word) -> Network:
        network = self._found.networks.get(word.text)
        if network is None:
            raise _unknown(word, f"there is no network `{word.text}`", self._found.networks)
        return network

    def _underlay(self, said: Word | None, statement: Statement, host: Host) -> Underlay | None:
        if said is not None:
            if said.text not in host.uplinks:
                raise _unknown(said, f"{host.name} has no uplink `{said.text}`", host.uplinks)
            return host.uplinks[said.text]
        if len(host.uplinks) > 1:
            names = ", ".join(f"`{name}`" for name in host.uplinks)
            help = f"write `on UPLINK`: there is {names}"
            raise shape(statement.span, f"{host.name} has several uplinks, and `join` does not say which", help)
        return next(iter(host.uplinks.values()), None)

    def _share(self, network: Network, driver: Driver, version: int, statement: Statement) -> IPNetwork:
        """Return the first subnet of the network that no host has, the very first one left out."""
        whole = network.prefixes[version]
        length = driver.share[version]
        help = "give the network a shorter prefix, or the hosts longer ones"
        if whole.prefixlen >= length:
            if not network.members:
                return whole
            message = (
                f"{network.name} has no subnet left for this host: {network.members[0].machine} has all of {whole}"
            )
            raise bad_value(statement.span, message, help)
        key = (network.name, version)
        if key not in self._shares:
            self._said_subnets[key] = [p for p in self._said_in_joins(network) if p.version == version]
            self._shares[key] = iter(whole.subnets(new_prefix=length))
            next(self._shares[key])
        for share in self._shares[key]:
            if not any(share.overlaps(other) for other in self._said_subnets[key]):
                return share
        raise bad_value(statement.span, f"{network.name} has no /{length} left for this host", help)

    def _said_in_joins(self, network: Network) -> Iterator[IPNetwork]:
        """Yield the subnets that any `join` of a network says."""
        for host in _hosts(self._document):
            for statement in host.statements:
                words = statement.words
                if statement.keyword == "join" and words and words[0].text == network.name:
                    for word in words[1:]:
                        if "/" in word.text:
                            try:
                                yield prefix(word)
                            except BindError:
                                continue  # told where it is read

    # -- attach ----------------------------------------------------------------------------------------------

    def _attached(self, hosts: list[Host]) -> Iterator[_Attached]:
        """Yield the `attach` statements in the order of the text, with their namespaces."""
        machines: dict[str, list[str]] = {}
        for host in hosts:
            for statement in host.statements:
                if statement.keyword == "netns" and statement.words:
                    machines.setdefault(statement.words[0].text, []).append(host.name)
        for host in hosts:
            yield from self._inside(host.statements, host.name, machines)
        if hosts[0].statements is not self._document.statements:
            yield from self._inside(self._document.statements, "", machines)

    def _inside(
        self, statements: Iterable[Statement], host: str, machines: Mapping[str, list[str]]
    ) -> Iterator[_Attached]:
        for statement in statements:
            if statement.keyword not in {"netns", "in"} or not statement.words:
                continue
            text = statement.words[0].text
            machine, slash, netns = text.rpartition("/")
            owners = machines.get(netns, []) if not slash else [machine]
            machine = host if host in owners else owners[0] if len(owners) == 1 else ""
            for inner in _options(statement):
                if inner.keyword == "attach":
                    yield _Attached(inner, machine, netns)

    def _read(self, each: _Attached) -> _Words | None:
        cursor = Cursor(each.statement, ATTACH)
        try:
            device = cursor.word("the device's name")
            words = []
            while (word := cursor.peek_word()) is not None and word.text != "to":
                words.append(cursor.word("an address"))
            if cursor.accept("to") is None:
                raise shape(each.statement.span, "`to NETWORK` is missing", f"write `{ATTACH}`")
            network = self._named(cursor.word("the network"))
            block = cursor.block()
            cursor.end()
            member = next((m for m in network.members if m.machine == each.machine), None)
            if member is None:
                if not each.machine or (network.name, each.machine) in self._tried:
                    return None  # the namespace is told where it is bound, and the `join` where it is read
                help = f"write `join {network.name}` for {each.machine}"
                raise shape(each.statement.span, f"{each.machine} has not joined the network {network.name}", help)
            return _Words(network, member, device, tuple(words), block)
        except BindError as bad:
            self._findings.add(bad.finding)
            return None

    def _set_aside(self, each: _Attached, words: _Words) -> None:
        """Note the addresses that are said, so that nobody is given one of them."""
        used = self._used.setdefault((words.network.name, each.machine), set())
        for version, (ip, _) in self._said(words).items():
            used.add(ip)
            assert version in words.member.subnets

    def _said(self, words: _Words) -> dict[int, tuple[IPAddress, Span]]:
        found: dict[int, tuple[IPAddress, Span]] = {}
        for word in words.addresses:
            if word.text == "auto":
                continue
            ip = interface(word).ip if "/" in word.text else address(word)
            subnet = words.member.subnets.get(ip.version)
            if subnet is None or ip not in subnet:
                known = " and ".join(str(subnet) for subnet in words.member.subnets.values())
                message = f"{ip} is outside {words.member.machine}'s subnet {known} of {words.network.name}"
                effect = "the other hosts would send packets for it elsewhere"
                raise bad_value(word.span, message, f"use an address of {known}", effect)
            if ip.version in found:
                raise bad_value(word.span, f"this is a second IPv{ip.version} address", "attach one of each family")
            found[ip.version] = (ip, word.span)
        return found

    def _attach(self, each: _Attached, words: _Words) -> None:
        try:
            said = self._said(words)
        except BindError:
            return  # told before
        used = self._used.setdefault((words.network.name, each.machine), set())
        addresses: dict[int, IPAddress] = {}
        for version, subnet in words.member.subnets.items():
            if version in said:
                addresses[version] = said[version][0]
                continue
            free = next((ip for ip in subnet.hosts() if ip not in used), None)
            if free is None:
                help = "give the host a larger subnet, or say fewer addresses"
                raise bad_value(each.statement.span, f"{subnet} has no free address left", help)
            used.add(free)
            addresses[version] = free
        port = Port(each.netns, words.device.text, addresses, words.block)
        self._found.ports[id(each.statement)] = (words.network.name, each.machine, port)


@dataclass(frozen=True, slots=True)
class _Attached:
    statement: Statement
    machine: str
    netns: str


@dataclass(frozen=True, slots=True)
class _Words:
    """What an `attach` says."""

    network: Network
    member: Member
    device: Word
    addresses: tuple[Word, ...]
    block: Block | None


def _hosts(document: Document) -> Iterator[Host]:
    found = [statement for statement in document.statements if statement.keyword == "host" and statement.words]
    if not found:
        yield Host(_ONLY_HOST, document.statements)
    for statement in found:
        yield Host(statement.words[0].text, _options(statement))


def _options(statement: Statement) -> tuple[Statement, ...]:
    """Return what stands in a statement's block."""
    last = statement.parts[-1] if statement.parts else None
    return last.statements if isinstance(last, Block) else ()


def _by_family(found: list[tuple[IPNetwork, Span]]) -> dict[int, tuple[IPNetwork, Span]]:
    sorted_: dict[int, tuple[IPNetwork, Span]] = {}
    for network, span in found:
        if network.version in sorted_:
            raise bad_value(span, f"{network} is a second IPv{network.version} prefix", "say one of each family")
        sorted_[network.version] = (network, span)
    return dict(sorted(sorted_.items()))


def _unknown(word: Word, message: str, known: Iterable[str]) -> BindError:
    return BindError(error("N006", word.span, message, help=did_you_mean(word.text, known)))


def _twice(span: Span, what: str, earlier: Span) -> BindError:
    labels = [Label(earlier, "first said here")]
    return BindError(error("N007", span, f"{what} is said twice", labels=labels, help="keep one of the two"))

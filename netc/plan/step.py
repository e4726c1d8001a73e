"""Step, Undo, Plan: what a script does, as data, with what undoes it beside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from netc.topology.model import Expectation, IPAddress, Lab, NetnsKey, Origin


class Stage(IntEnum):
    """The order of steps; within a stage the order of the text holds, as far as objects allow it."""

    MODULE = 0
    HOST = 1  # sysctls of the host itself
    NETNS = 2
    LINK = 3  # from parents and masters to children
    UP = 4  # bridges, once their ports are up: frames that interfaces flood at start would reach every port
    ADDRESS = 5  # of `address` statements
    SETTING = 6  # sysctls that name a device
    NEIGHBOUR = 7  # and FDB entries
    ROUTE = 8
    RULE = 9
    POLICY = 10  # what is done to packets on their way: IPsec, nftables
    TRAFFIC = 11  # queueing disciplines, filters and programs of devices
    PROCESS = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells the lab's objects from others: see `plan/mark.py` for how it is chosen."""

    lab: str
    group: int
    protocol: int

    @property
    def alias(self) -> str:
        """The alias of lo in a namespace of the lab, and the start of every link's."""
        return f"netc {self.lab}"


#: The inverse of making a link, but for its name.
REMOVE_LINK = ("ip", "link", "del", "dev")


class AtRunTime(str):
    """A word of a command that the script finds only when it runs: what a function of its frame prints.

    Without a call it is the script's own process, by which ip-link(8) knows the namespace that the script runs in.
    """

    call: tuple[str, ...]

    def __new__(cls, *call: str) -> AtRunTime:
        """Return the word that the function `call[0]` prints when it is called with the other words."""
        made = super().__new__(cls, " ".join(call) or "$$")
        made.call = call
        return made


@dataclass(frozen=True, slots=True)
class Look:
    """A command that changes nothing, and the shell pattern that a line of its output must match."""

    pattern: str
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkLook:
    """Whether the host has a link of a name that carries the lab's mark, its group."""

    name: str


@dataclass(frozen=True, slots=True)
class NetnsLook:
    """Whether a namespace is there and carries the lab's mark on its lo."""

    name: str


@dataclass(frozen=True, slots=True)
class NicLook:
    """Whether the device of virtual function `index` of `pf` is on the host, with the lab's mark."""

    pf: str
    index: int


@dataclass(frozen=True, slots=True)
class Inverse:
    """Undo by a command, run only where the look finds the object with the lab's mark."""

    argv: tuple[str, ...]
    look: Look | LinkLook | NetnsLook | NicLook
    netns: NetnsKey | None = None  # where command and look run, if not where the step does


@dataclass(frozen=True, slots=True)
class Restore:
    """Undo by writing back the values that were noted before the change."""


@dataclass(frozen=True, slots=True)
class EndProcesses:
    """Undo by ending the processes that carry the lab's name in their environment."""


@dataclass(frozen=True, slots=True)
class Absorbed:
    """Undone by the undo of the step that makes the named object, which takes this one with it."""

    by: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Left in place on purpose."""

    reason: str


Undo: TypeAlias = Inverse | Restore | EndProcesses | Absorbed | Kept


@dataclass(frozen=True, slots=True)
class Note:
    """Files below /proc/sys whose values are noted before a step; globs are allowed.

    `wanted` is what the files hold once the step has run.
    """

    wanted: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Borrowing:
    """What is noted of a virtual function before the lab changes it: its device's state, and its settings."""

    pf: str
    index: int


@dataclass(frozen=True, slots=True)
class Observation:
    """How status.sh sees that a step's result is there: a command and the words that its output must hold.

    Of the `absent` words it must hold none; they are single words.

    With `loaded`, its output must be what it is in a fresh namespace once `COMMAND -f -`, COMMAND being the first word
    of `argv`, has read this text there: so both are printed by the same program, in its own form.
    """

    what: str
    argv: tuple[str, ...]
    words: tuple[str, ...]
    loaded: str = ""
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """Something that must not be there before the lab comes up: a look, and what to call it if it is."""

    what: str
    look: Look
    origin: Origin


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must be there before the lab comes up: a command that ends well if it is, and what to say if not.

    The command changes nothing outside a namespace of its own; it runs on the host.
    """

    argv: tuple[str, ...]
    refusal: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Step:
    """One command. `netns` is where it runs; `makes` names the object that it makes, for `Absorbed`.

    `stdin` is text that the command reads, for commands that take a whole file at once. `taken` and `needs` are what
    preflight looks for on account of this step: what must be free, and what must be there.
    """

    argv: tuple[str, ...]
    undo: Undo
    origin: Origin
    netns: NetnsKey
    stage: Stage
    makes: str = ""
    notes: tuple[Note | Borrowing, ...] = ()
    observation: Observation | None = None
    observed_in: NetnsKey | None = None  # where to look, if not where the step runs
    background: bool = False
    stdin: str = ""
    taken: tuple[Taken, ...] = ()
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Uplink:
    """A device that must be there before the lab comes up, with its addresses, and its MTU where the lab says it.

    One that the lab moves into a namespace (`moved`) has no addresses on the host, and is down.
    """

    name: str
    addresses: tuple[str, ...]
    origin: Origin
    mtu: int | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """One ping of verify.sh.

    `wait` is how long an answer may take, in whole seconds; `arriving` the share of pings that come back where nothing
    but declared losses keeps them; `attempts` how many it takes to be sure.
    """

    expectation: Expectation
    source: NetnsKey
    target: IPAddress
    interface: str | None = None  # ping -I: an address of the source, where the lab names one
    wait: int = 1
    arriving: float = 1.0
    attempts: int = 1

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.target.version


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table at a script's head."""

    netns: str
    device: str
    addresses: tuple[str, ...]
    joined: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What the scripts of one host do; `alone` says that the lab has no other."""

    lab: Lab
    machine: str
    alone: bool
    mark: Mark
    steps: tuple[Step, ...]
    netnses: tuple[str, ...]
    host_devices: tuple[tuple[str, Origin], ...]
    taken: tuple[Taken, ...]
    uplinks: tuple[Uplink, ...]
    needs: tuple[Need, ...]
    kinds: tuple[tuple[tuple[str, ...], str], ...]  # words after `type`, tried in the preflight, and who needs them
    modules: tuple[tuple[str, Origin], ...]
    tools: tuple[str, ...]
    probes: tuple[Probe, ...]
    table: tuple[Row, ...]
    host_changes: tuple[str, ...]

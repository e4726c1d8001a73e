"""Faults: wrappers put first on PATH, one of which fails, or kills its script, at the k-th command."""

from __future__ import annotations

import os
import re
import shlex
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.kernel.world import BASH, PATH, Ran, World

FAILURES = ("fail-before", "fail-after")
SIGNALS = ("TERM", "INT", "HUP")
MOMENTS = ("before-script", "after-script", "before-group", "after-group")
KINDS = (*FAILURES, *(f"{name}-{moment}" for name in (*SIGNALS, "KILL") for moment in MOMENTS))

# One wrapper: counts itself in a file, and runs the real command unless it is the one to go wrong.
# The file holds: commands so far, the one to go wrong, how, and the script's process. The commands of a pipeline count
# themselves one after the other: each waits for the one line in a FIFO. Who died with it in hand would stop all others.
_WRAPPER = """\
#!/bin/sh
trap '' TERM INT HUP
{{
  read -r turn <&3
  read -r n at what pid <{count}
  n=$((n + 1))
  echo "$n $at $what $pid" >{count}
  echo "$turn" >&3
}} 3<>{turn}
trap - TERM INT HUP
if [ "$n" != "$at" ]; then
  [ "$what" != log ] || printf '%s\\036' "{name} $*" >>{log}
  exec {real} "$@"
fi
printf '%s\\036' "{name} $*" >>{log}
case $what in
  fail-before) echo "{name}: made to fail" >&2; exit 1 ;;
  fail-after) {real} "$@"; echo "{name}: made to fail, after its work" >&2; exit 1 ;;
  *-before-script) kill -"${{what%%-*}}" "$pid"; exec {real} "$@" ;;
  *-before-group) kill -"${{what%%-*}}" -"$pid"; exec {real} "$@" ;;
  *-after-script) {real} "$@"; s=$?; kill -"${{what%%-*}}" "$pid"; exit $s ;;
  *-after-group) {real} "$@"; s=$?; kill -"${{what%%-*}}" -"$pid"; exit $s ;;
  run) {setup}
    exec {real} "$@" ;;
esac
"""


@dataclass(frozen=True)
class Trial:
    """One run of a script with a fault in it. `hit` is the command that went wrong, "" if the script has fewer."""

    ran: Ran
    hit: str

    def __str__(self) -> str:
        """Return it as an assertion shows it."""
        return f"at `{self.hit}`: {self.ran}"


class Shims:
    """A folder of wrappers for every command that scripts may run."""

    def __init__(self, folder: Path, scripts: Iterable[Path], setup: str = ":") -> None:
        self._bin, self._count, self._log = folder / "bin", folder / "count", folder / "log"
        self._turn = folder / "turn"
        self._open: int | None = None
        self._bin.mkdir(parents=True)
        words = set(re.findall(r"[A-Za-z0-9_.+-]+", "\n".join(path.read_text() for path in scripts)))
        for name in words & commands().keys():
            text = _WRAPPER.format(
                name=name,
                real=shlex.quote(commands()[name]),
                count=shlex.quote(str(self._count)),
                turn=shlex.quote(str(self._turn)),
                log=shlex.quote(str(self._log)),
                setup=setup,
            )
            (self._bin / name).write_text(text)
            (self._bin / name).chmod(0o755)

    def run(self, world: World, script: Path, what: str = "log", at: int = 0, flags: tuple[str, ...] = ()) -> Trial:
        """Run a script with the fault `what` at its `at`-th command."""
        self._log.write_text("")
        self._give_turn()
        # The wrappers have to know the script's process before its first command.
        start = f'echo "0 {at} {what} $$" >"$1"; shift; exec "$@"'
        argv = ("/bin/sh", "-c", start, "sh", str(self._count), BASH, str(script), *flags)
        ran = world.run(*argv, env={"PATH": f"{self._bin}:{PATH}"})
        return Trial(ran, "".join(self._logged()) if at else "")

    def _give_turn(self) -> None:
        """Make the FIFO anew. What it holds stays while somebody has it open: this object does, till the next run."""
        if self._open is not None:
            os.close(self._open)
        self._turn.unlink(missing_ok=True)
        os.mkfifo(self._turn)
        self._open = os.open(self._turn, os.O_RDWR | os.O_CLOEXEC)
        os.write(self._open, b"\n")

    def calls(self, world: World, script: Path, *flags: str) -> list[str]:
        """Run a script without a fault and return the commands that it ran, in order."""
        trial = self.run(world, script, flags=flags)
        assert trial.ran.status == 0, trial
        return self._logged()

    def _logged(self) -> list[str]:
        """Return the commands in the log. Words of theirs may be of several lines: U+001E ends each command."""
        return self._log.read_text().split("\x1e")[:-1]


@lru_cache(maxsize=1)
def commands() -> dict[str, str]:
    """Return the commands of this machine by name, as PATH finds them."""
    found: dict[str, str] = {}
    for folder in PATH.split(os.pathsep):
        if os.path.isdir(folder) and os.access(folder, os.R_OK | os.X_OK):
            for entry in os.scandir(folder):
                if entry.is_file() and os.access(entry.path, os.X_OK):
                    found.setdefault(entry.name, entry.path)
    return found


def status_of(kind: str) -> int:
    """Return the exit status of a script that the fault ends: as a shell tells it."""
    return 128 + signal.Signals[f"SIG{kind.partition('-')[0]}"]


def in_dry_run(world: World, script: Path) -> set[str]:
    """Return the commands that `-n` prints, without quotes: the script's steps."""
    ran = world.script(script, "-n")
    assert ran.status == 0, ran
    # What a command reads from a here document is no command.
    out = re.sub(r" <<'(END_*)'\n(?:.*\n)*?\1\n", "\n", ran.out)
    return {
        " ".join(shlex.split(line))
        for line in out.splitlines()
        if line and not line.startswith(("#", "note ", "borrow ", "at "))
    }

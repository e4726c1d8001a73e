"""Plan to files: a target is a folder of templates, one for each file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from netc import resources
from netc.plan.step import EndProcesses, Inverse, Look, NetnsLook, Observation, Plan, Restore, Step
from netc.render.expectations import verify_lines
from netc.render.quote import command, one_line, quote

SCRIPTS = ("up.sh", "down.sh", "verify.sh", "status.sh")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader = FileSystemLoader(resources.folder("templates") / "bash")
    return Environment(
        loader=loader,
        comment_start_string="<!--",  # bash writes {# itself, in ${#array[@]}
        comment_end_string="-->",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # it is bash that is written; every word comes quoted from `_context`
    )


def render(plan: Plan, script: str) -> str:
    """Return the text of one of `SCRIPTS`."""
    return _environment().get_template(f"{script}.j2").render(_context(plan, script))


def _context(plan: Plan, script: str) -> Mapping[str, Any]:
    groups = list(_groups(plan))
    noted = any(step.notes for step in plan.steps)
    processes = any(isinstance(step.undo, EndProcesses) for step in plan.steps)
    shared: dict[str, Any] = {
        "script": script,
        "lab": quote(plan.lab.name),
        "lab_text": one_line(plan.lab.name),
        "file": one_line(plan.lab.span.source.name),
        "first_place": quote(one_line(f"{plan.lab.span.place}  lab {plan.lab.name}")),
        "looks": script == "up.sh"
        or any(" " in item["condition"] and item["condition"].startswith("ours ") for item in _undo(plan)),
        "witness": _witness(plan),
        "netnses": " ".join(quote(name) for name in plan.netnses),
        "host_devices": " ".join(quote(name) for name, _ in plan.host_devices),
        "group": plan.mark.group,
        "noted": noted,
        "processes": processes,
        "undo": list(_undo(plan)),
        "modules": list(_modules(plan)),
        "table": [one_line(line) for line in _table(plan)],
    }
    if script == "up.sh":
        return shared | _up_context(plan, groups, noted, processes)
    if script == "verify.sh":
        lines = verify_lines(plan)
        uses = {
            name: any(line.startswith(f"{name} ") for line in lines) for name in ("answered", "unanswered", "through")
        }
        return shared | uses | {"lines": lines}
    if script == "status.sh":
        return shared | {"lines": [_observe(step.observation, step) for step in plan.steps if step.observation]}
    return shared


def _up_context(plan: Plan, groups: list[dict[str, Any]], noted: bool, processes: bool) -> dict[str, Any]:
    functions = ["undo"]
    functions += ["ours"] if plan.taken else []
    functions += ["ours_netns", "users"] if plan.netnses else []
    functions += ["held", "restore"] if noted else []
    functions += ["started", "end_started"] if processes else []
    return {
        "groups": groups,
        "digest": sha256(repr(groups).encode()).hexdigest()[:16],
        "functions": " ".join(functions),
        "tools": " ".join(quote(tool) for tool in plan.tools),
        "host_changes": [one_line(line) for line in plan.host_changes],
        "taken": [
            {
                "look": f"{quote(taken.look.pattern)} {command(taken.look.argv)}",
                "refusal": quote(
                    f"there is {taken.what} already, which this lab did not make ({taken.origin.span.place})"
                ),
            }
            for taken in plan.taken
        ],
        "uplinks": [_Uplink(uplink.name, uplink.addresses, uplink.origin.span.place) for uplink in plan.uplinks],
        "kinds": [
            {
                "name": quote(kind),
                "refusal": quote(f"this kernel cannot make a device of type {kind} ({one_line(where)})"),
            }
            for kind, where in plan.kinds
        ],
        "wishes": list(_wishes(plan)),
    }


class _Uplink:
    """An uplink as the preflight looks at it."""

    def __init__(self, name: str, addresses: tuple[str, ...], place: str) -> None:
        self.name, self.addresses, self._place = name, addresses, place

    def refusal(self, address: str) -> str:
        """Return the message for an address that the uplink has not."""
        return quote(f"the uplink {self.name} has not the address {address} ({self._place})")

    @property
    def missing(self) -> str:
        """Return the message for an uplink that is not there."""
        return quote(f"there is no uplink {self.name} on this host ({self._place})")


def _groups(plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield the steps' lines by the statement that they come from, one heading for neighbours of the same."""
    for origin, steps in groupby(plan.steps, key=lambda step: step.origin):
        lines = [line for step in steps for line in _lines(step)]
        yield {"at": quote(one_line(origin.text)), "lines": lines}


def _lines(step: Step) -> Iterator[str]:
    for note in step.notes:
        yield " ".join(["note", quote(note.wanted), *note.files])
    if step.background:
        yield f'NETC_LAB="$state" setsid {command(step.argv, step.netns)} </dev/null >>"$state/exec.log" 2>&1 9>&- &'
    else:
        yield command(step.argv, step.netns)


def _undo(plan: Plan) -> Iterator[dict[str, Any]]:
    for step in reversed(plan.steps):
        if not isinstance(step.undo, Inverse):
            continue
        at, undone = quote(one_line(step.origin.text)), command(step.undo.argv, step.netns)
        match step.undo.look:
            case NetnsLook(name):
                yield {"at": at, "condition": f"ours_netns {quote(name)}", "command": undone, "netns": quote(name)}
            case Look(glob, argv):
                condition = f"ours {quote(glob)} {command(argv, step.netns)}"
                yield {"at": at, "condition": condition, "command": undone, "netns": ""}


def _witness(plan: Plan) -> str:
    """Return a condition that holds while the lab is up: that the first object that it makes is there."""
    for item in reversed(list(_undo(plan))):
        return str(item["condition"])
    return ":"


def _modules(plan: Plan) -> Iterator[dict[str, str]]:
    for name, origin in plan.modules:
        yield {
            "name": quote(name),
            "file": quote(name.replace("-", "_")),
            "refusal": quote(f"this kernel has no module {name} ({origin.span.place})"),
            "kept": quote(f"the module {name} stays loaded: others may use it by now"),
        }


def _wishes(plan: Plan) -> Iterator[dict[str, str]]:
    """Yield the host's parameters that two labs cannot want differently."""
    for step in plan.steps:
        if step.notes and isinstance(step.undo, Restore):
            note = step.notes[0]
            message = f"another lab that is up wants {note.files[0]} otherwise ({step.origin.span.place})"
            yield {"file": note.files[0], "value": quote(note.wanted), "refusal": quote(message)}


def _observe(observation: Observation, step: Step) -> str:
    what = quote(one_line(f"{step.origin.span.place}  {observation.what}"))
    words = " ".join(quote(word) for word in observation.words)
    where = step.observed_in or step.netns
    return f"object {what} {len(observation.words)} {words} {command(observation.argv, where)}"


def _table(plan: Plan) -> list[str]:
    rows = [
        ("netns", "device", "addresses", "joined"),
        *((r.netns, r.device, " ".join(r.addresses) or "-", r.joined) for r in plan.table),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    ]

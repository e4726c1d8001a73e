"""What templates see of a plan: lines that are quoted already, grouped by the statements that they come from."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import count, groupby
from typing import Any

from netc.plan.step import (
    REMOVE_LINK,
    Borrowing,
    EndProcesses,
    Inverse,
    LinkLook,
    Look,
    NetnsLook,
    NicLook,
    Note,
    Observation,
    Plan,
    Restore,
    Step,
)
from netc.render.expectations import tries, verify_lines
from netc.render.quote import command, entered, here_document, one_line, quote


def context_of(plan: Plan) -> dict[str, Any]:
    """Return the variables that every template of every target can use."""
    groups, undo, verify = list(_groups(plan)), list(_undo(plan)), verify_lines(plan)
    noted = any(step.notes for step in plan.steps)
    processes = any(isinstance(step.undo, EndProcesses) for step in plan.steps)
    preflight = _preflight(plan)
    conditions = [item["condition"] for item in undo]
    if preflight["taken"] or any(uplink["looks"] for uplink in preflight["uplinks"]):
        conditions.append("ours ")
    virtual = any(isinstance(note, Note) and "sriov" in note.files[0] for step in plan.steps for note in step.notes)
    if virtual:
        conditions.append("ours_link ")
    return {
        "lab": quote(plan.lab.name),
        "lab_text": one_line(plan.lab.name),
        "on_host": "" if plan.alone else one_line(f" on the host {plan.machine}"),
        "file": one_line(plan.lab.span.place.rpartition(":")[0]),
        "first_place": quote(one_line(f"{plan.lab.span.place}  lab {plan.lab.name}")),
        "table": [one_line(line) for line in _table(plan)],
        "host_changes": [one_line(line) for line in plan.host_changes],
        "groups": groups,
        "digest": sha256(repr(groups).encode()).hexdigest()[:16],
        "undo": undo,
        "looks": {name: any(f"{helper} " in condition for condition in conditions) for name, helper in _LOOKS.items()},
        "group": str(plan.mark.group),
        "remove_link": command(REMOVE_LINK),
        "witness": undo[-1]["condition"] if undo else ":",
        "noted": noted,
        "processes": processes,
        "virtual": virtual,
        "functions": _functions(plan, conditions, noted, processes, virtual),
        "verify": verify,
        "tries": tries(plan),
        "verify_uses": {name: any(line.startswith(f"{name} ") for line in verify) for name in _VERIFY_HELPERS},
        "observations": [*(_observe(s.observation, s) for s in plan.steps if s.observation), *_programs(plan)],
        "status_uses": {
            "object": any(step.observation and not step.observation.loaded for step in plan.steps),
            "absent": any(step.observation and step.observation.absent for step in plan.steps),
            "loaded": any(step.observation and step.observation.loaded for step in plan.steps),
        },
    } | preflight


#: What looks for an object with the lab's mark, by the name that templates have for it.
_LOOKS = {"link": "ours_link", "netns": "ours_netns", "line": "ours"}
_VERIFY_HELPERS = ("answered", "unanswered", "through")


def _preflight(plan: Plan) -> dict[str, Any]:
    return {
        "netnses": " ".join(quote(name) for name in plan.netnses),
        "host_devices": " ".join(quote(name) for name, _ in plan.host_devices),
        "tools": " ".join(quote(tool) for tool in plan.tools),
        "taken": list(_taken(plan)),
        "uplinks": list(_uplinks(plan)),
        "kinds": list(_kinds(plan)),
        "needs": list(_needs(plan)),
        "modules": list(_modules(plan)),
        "wishes": list(_wishes(plan)),
    }


def _functions(plan: Plan, conditions: list[str], noted: bool, processes: bool, virtual: bool) -> str:
    """Return the functions that the saved undo needs."""
    names = ["undo", "undone", *(helper for helper in _LOOKS.values() if any(f"{helper} " in c for c in conditions))]
    names += ["users"] if "ours_netns" in names else []
    names += ["renamed"] if plan.host_devices else []
    names += ["held", "restore"] if noted else []
    names += ["vf", "idle", "resizable", "borrowed", "was"] if virtual else []
    names += ["started", "end_started"] if processes else []
    return " ".join(names)


def _groups(plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield the steps' lines by the statement that they come from, one heading for neighbours of the same."""
    numbers = count(1)
    for origin, steps in groupby(plan.steps, key=lambda step: step.origin):
        lines = [line for step in steps for line in _lines(step, numbers)]
        yield {"at": quote(one_line(origin.text)), "lines": lines}


def _lines(step: Step, numbers: Iterator[int]) -> Iterator[str]:
    for note in step.notes:
        match note:
            case Note(wanted, files):
                yield " ".join(["note", quote(wanted), *files])
            case Borrowing(pf, index):
                yield command(("borrow", pf, str(index)))
    if step.background:
        # --fork: by the time setsid(1) is done the process is there and carries its mark; after a `&` it might not yet.
        run = command(step.argv, step.netns)
        mark = f'NETC_LAB="$state" NETC_EXEC={next(numbers)}'
        yield f'{mark} setsid --fork {run} </dev/null >>"$state/exec.log" 2>&1 9>&-'
    elif step.stdin:
        yield here_document(command(step.argv, step.netns), step.stdin)
    else:
        yield command(step.argv, step.netns)


def _undo(plan: Plan) -> Iterator[dict[str, str]]:
    for step in reversed(plan.steps):
        if not isinstance(step.undo, Inverse):
            continue
        where = step.undo.netns or step.netns
        at, undone = quote(one_line(step.origin.text)), command(step.undo.argv, where)
        match step.undo.look:
            case LinkLook(name):
                yield {"at": at, "condition": f"ours_link {quote(name)}", "command": undone, "netns": ""}
            case NetnsLook(name):
                yield {"at": at, "condition": f"ours_netns {quote(name)}", "command": undone, "netns": quote(name)}
            case NicLook(pf, index):
                condition = command(("borrowed", pf, str(index)))
                yield {"at": at, "condition": condition, "command": undone, "netns": ""}
            case Look(pattern, argv):
                inside = "" if where.is_root else f"ours_netns {quote(where.netns)} && "
                condition = f"{inside}ours {quote(pattern)} {command(argv, where)}"
                yield {"at": at, "condition": condition, "command": undone, "netns": ""}


def _taken(plan: Plan) -> Iterator[dict[str, str]]:
    for taken in plan.taken:
        refusal = f"there is {taken.what}, which is not the lab's ({taken.origin.span.place})"
        yield {"look": f"{quote(taken.look.pattern)} {command(taken.look.argv)}", "refusal": quote(one_line(refusal))}


def _uplinks(plan: Plan) -> Iterator[dict[str, Any]]:
    for uplink in plan.uplinks:
        where = f"({uplink.origin.span.place})"
        doubt = "" if plan.alone else f": is this the host {plan.machine}?"
        name, what = quote(uplink.name), "device" if uplink.moved else "uplink"
        looks = [
            {
                "look": f"{quote(f'*inet* {address} *')} ip -o addr show dev {name}",
                "refusal": quote(one_line(f"the uplink {uplink.name} has not the address {address}{doubt} {where}")),
            }
            for address in uplink.addresses
        ]
        if uplink.mtu is not None:
            refusal = quote(one_line(f"the {what} {uplink.name} has not the MTU {uplink.mtu} {where}"))
            looks.append({"look": f"{quote(f'* mtu {uplink.mtu} *')} ip -o link show dev {name}", "refusal": refusal})
        missing = quote(one_line(f"there is no {what} {uplink.name} on this host{doubt} {where}"))
        yield {"name": name, "looks": looks, "missing": missing}


def _kinds(plan: Plan) -> Iterator[dict[str, str]]:
    for words, where in plan.kinds:
        refusal = quote(one_line(f"this kernel cannot make a {words[0]} ({where})"))
        yield {"name": command(words), "refusal": refusal}


def _needs(plan: Plan) -> Iterator[dict[str, str]]:
    for need in plan.needs:
        refusal = quote(one_line(f"{need.refusal} ({need.origin.span.place})", 200))
        yield {"command": command(need.argv), "refusal": refusal}


def _modules(plan: Plan) -> Iterator[dict[str, str]]:
    for name, origin in plan.modules:
        yield {
            "name": quote(name),
            "file": quote(name.replace("-", "_")),
            "refusal": quote(one_line(f"this kernel has no module {name} ({origin.span.place})")),
            "kept": quote(f"the module {name} stays loaded: others may use it by now"),
        }


def _wishes(plan: Plan) -> Iterator[dict[str, str]]:
    """Yield the host's parameters that two labs cannot want differently."""
    found: dict[tuple[str, str], list[str]] = {}
    for step in plan.steps:
        notes = [note for note in step.notes if isinstance(note, Note)] if isinstance(step.undo, Restore) else []
        for note in notes:
            found.setdefault((step.origin.span.place, note.wanted), []).extend(note.files)
    for (place, wanted), files in found.items():
        yield {"place": quote(one_line(place)), "value": quote(wanted), "files": " ".join(dict.fromkeys(files))}


def _programs(plan: Plan) -> Iterator[str]:
    programs = (step for step in plan.steps if step.background)
    for number, step in enumerate(programs, 1):
        what = f"{step.origin.span.place}  exec {step.netns.label} {' '.join(step.argv)}"
        yield f"program {quote(one_line(what))} {number}"


def _observe(observation: Observation, step: Step) -> str:
    what = quote(one_line(f"{step.origin.span.place}  {observation.what}"))
    words = " ".join(quote(word) for word in observation.words)
    where = step.observed_in or step.netns
    if observation.loaded:
        enter = len(entered(observation.argv, where)) - len(observation.argv)
        return here_document(f"loaded {what} {enter} {command(observation.argv, where)}", observation.loaded)
    absent = f"absent={quote(' '.join(observation.absent))} " if observation.absent else ""
    return f"{absent}object {what} {len(observation.words)} {words} {command(observation.argv, where)}"


def _table(plan: Plan) -> list[str]:
    """Return the table of the lab at a script's head, in columns."""
    rows = [("netns", "device", "addresses", "joined")]
    rows += [(row.netns, row.device, " ".join(row.addresses) or "-", row.joined) for row in plan.table]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ([cell.ljust(width) for cell, width in zip(row, widths, strict=False)] + [row[3]] for row in rows)
    return ["  ".join(cells).rstrip() for cells in lines]

"""Sets apart what a lab means: findings that a comment `# netc: allow NAME -- REASON` allows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from netc.checks import checks
from netc.diagnostics import Finding, Findings, Severity, did_you_mean, error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netc.checks.base import Check
    from netc.syntax.tree import Allow, Word


def allow(allows: Sequence[Allow], findings: Findings, *, complete: bool) -> tuple[Findings, tuple[Finding, ...]]:
    """Return the findings that are left, and those that the lab allows, each with its reason.

    What a comment asks for and cannot have is told, and so is one that allows nothing: the latter only where the lab
    is `complete`, since a statement that was left out may be what it is for.
    """
    if not allows:
        return findings, ()
    known = {name: check for check in checks().values() for name in (check.code.lower(), check.name)}
    wanted: dict[str, list[tuple[Allow, Word]]] = {}
    left, allowed = Findings(), []
    for comment in allows:
        for name in comment.names:
            check = known.get(name.text.lower())
            if check is None or not check.can_be_allowed:
                left.add(_refusal(name, check, known))
            else:
                wanted.setdefault(check.code, []).append((comment, name))
    used: set[Word] = set()
    for finding in findings:
        means = [pair for pair in wanted.get(finding.code, ()) if pair[0].covers(finding.span)]
        used |= {name for _, name in means}
        if not means or finding.stops:
            left.add(finding)
            left.extend(_stopped(name) for _, name in means)
        elif means[0][0].reason:  # one without a reason is told instead
            allowed.append(replace(finding, allowed=means[0][0].reason))
    if complete:
        asked = [name for pairs in wanted.values() for _, name in pairs]
        left.extend(_idle(name) for name in asked if name not in used)
    return left, tuple(sorted(allowed, key=Finding.sort_key))


def _refusal(name: Word, check: Check | None, known: dict[str, Check]) -> Finding:
    if check is not None:
        message = f"`{check.name}` cannot be allowed: it is about what cannot work, or is not safe"
        return error("N014", name.span, message, help=f"`netc explain {check.code}` says what to write instead")
    if name.text.upper().startswith("N0"):
        return error("N014", name.span, f"`{name.text}` cannot be allowed: it is an error of the text", help="mend it")
    near = did_you_mean(name.text, {check.name for check in known.values()})
    return error("N014", name.span, f"there is no finding `{name.text}`", help=near or "`netc explain` lists them all")


def _stopped(name: Word) -> Finding:
    message = f"what is found here cannot be allowed, unlike other findings `{name.text}`"
    return error("N014", name.span, message, effect="up.sh would fail over it", help="put it right")


def _idle(name: Word) -> Finding:
    message = f"there is no `{name.text}` finding here for this comment to allow"
    effect = "left in place, it would hide a new one that nobody intends"
    return Finding("N015", Severity.WARNING, message, name.span, (), effect, "remove the comment")

"""What a check is: its page, a bad and a good example, and its code, in one file."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from netc.diagnostics import Edit, Finding, Label, Severity
from netc.source import Span
from netc.topology.model import Topology


@dataclass(frozen=True, slots=True)
class Check:
    """A check. A new one is a file in this folder with a `CHECK`.

    The file's docstring is the page: a title line, then the sections `What it does` and `What happens at run time`
    (with its source), each as a Markdown heading of level 2. `bad` is a whole lab that the check finds fault with,
    `good` the same lab put right; tests and the page's last two sections are made from them. A check with `whole` asks
    what is missing from a lab: it waits until every statement is understood, since one left out may be what it misses.
    """

    code: str
    name: str
    severity: Severity
    run: Callable[[Check, Topology], Iterator[Finding]]
    bad: str
    good: str
    whole: bool = False
    comes_up: bool = False

    @property
    def can_be_allowed(self) -> bool:
        """Whether a lab can say that it means what the check finds."""
        return self.comes_up or self.severity is not Severity.ERROR

    def find(
        self,
        span: Span,
        message: str,
        *,
        effect: str,
        help: str,
        labels: Iterable[Label] = (),
        edits: Iterable[Edit] = (),
        stops: bool = False,
        causes: Iterable[object] = (),
    ) -> Finding:
        """Build a finding: `effect` says what would happen at run time, `help` what to write instead.

        `edits` do what `help` says, where it leaves no choice: `netc check --fix` makes them. `stops` says that up.sh
        would fail over this one, so that it cannot be allowed where others of the check can. `causes` are the
        symptoms of other findings that this one explains.
        """
        return Finding(
            self.code,
            self.severity,
            message,
            span,
            tuple(labels),
            effect,
            help,
            tuple(edits),
            stops,
            causes=frozenset(causes),
        )

    @property
    def page(self) -> str:
        """The check's page, in Markdown."""
        examples = f"## Example\n\n```\n{self.bad.strip()}\n```\n\n## Use instead\n\n```\n{self.good.strip()}\n```\n"
        body = self._doc.partition("\n")[2]
        return f"# {self.code} {self.name}: {self.title}\n\n{self._standing}\n\n{body.strip()}\n\n{examples}"

    @property
    def _standing(self) -> str:
        if not self.can_be_allowed:
            return "An error, which cannot be allowed."
        what = {Severity.ERROR: "An error", Severity.WARNING: "A warning", Severity.INFO: "Information"}[self.severity]
        return f"{what}; `# netc: allow {self.name} -- REASON` allows it."

    @property
    def title(self) -> str:
        """What is wrong, in one line."""
        return self._doc.partition("\n")[0].rstrip(".")

    @property
    def _doc(self) -> str:
        return inspect.cleandoc(sys.modules[self.run.__module__].__doc__ or "")

"""The commands of the command line that ask the forwarding model."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from netc.topology.model import Topology

LAB = click.Path(exists=True, dir_okay=False, allow_dash=True)
PREFIX = click.option("--name-prefix", metavar="PREFIX", help="Goes before every namespace and host-side device.")


def add_commands(group: click.Group, bound: Callable[[str, str | None], Topology], tell: Callable[[str], None]) -> None:
    """Add `trace` and `reach`: `bound` reads a lab, with a name prefix or without; `tell` prints."""

    @group.command()
    @click.argument("lab", type=LAB)
    @click.argument("source")
    @click.argument("target")
    @PREFIX
    def trace(lab: str, source: str, target: str, name_prefix: str | None) -> None:
        """Print the way of a ping in LAB, hop by hop; 1 if it gets no answer.

        SOURCE and TARGET are words of `expect`: NETNS, NETNS:DEVICE or an address.
        """
        from netc.reach.trace import NoEnd, trace_of

        try:
            text, answered = trace_of(bound(lab, name_prefix), source, target)
        except NoEnd as reason:
            raise click.UsageError(str(reason)) from None
        tell(text)
        sys.exit(0 if answered else 1)

    @group.command()
    @click.argument("lab", type=LAB)
    @click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
    @PREFIX
    def reach(lab: str, form: str, name_prefix: str | None) -> None:
        """Print who reaches whom in LAB."""
        from netc.reach.matrix import matrix_of

        matrix = matrix_of(bound(lab, name_prefix))
        tell(matrix.text() if form == "text" else matrix.json())

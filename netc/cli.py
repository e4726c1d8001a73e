"""The command line: options, files, exit codes. It knows no phase but the pipeline."""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from netc import __version__
from netc.cli_reach import LAB, PREFIX, add_commands
from netc.files import overwrite, read_included, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from netc.diagnostics import Finding
    from netc.pipeline import Compiled, Reader
    from netc.plan.step import Plan
    from netc.source import Source
    from netc.topology.model import Topology

FORMS = ("text", "json", "sarif", "github")
SHELLS = ("bash", "zsh", "fish")


class _Group(click.Group):
    """A group of commands that answers a failing write with a sentence, wherever it happens."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except OSError as reason:  # click itself writes help texts
            _cannot_print(reason)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="netc", message="%(prog)s %(version)s")
def main() -> None:
    """Compile a network lab (lab.net) to reviewable bash scripts that bring it up and take it down."""
    gc.disable()  # a compilation makes many small objects, keeps them all, and ends: collecting finds nothing


@main.command()
@click.argument("lab", type=LAB)
@click.option("--down", "script", flag_value="down.sh", help="Print down.sh.")
@click.option("--verify", "script", flag_value="verify.sh", help="Print verify.sh.")
@click.option("--status", "script", flag_value="status.sh", help="Print status.sh.")
@click.option("-o", "--output", metavar="DIR", type=click.Path(file_okay=False), help="Write all four scripts to DIR.")
@click.option("--host", metavar="NAME", help="Of a lab of several hosts, take this one.")
@click.option("--emulate", is_flag=True, help="Make it a lab of one machine: each host is a namespace.")
@PREFIX
def build(
    lab: str, script: str | None, output: str | None, host: str | None, emulate: bool, name_prefix: str | None
) -> None:
    """Print up.sh of LAB (-: standard input).

    Of a lab of several hosts, -o writes a folder of scripts for each.
    """
    if script is not None and output is not None:
        raise click.UsageError("-o writes all scripts: leave out --down, --verify and --status")
    if emulate and host is not None:
        raise click.UsageError("--emulate makes one machine of all hosts: leave out --host")
    plans = _chosen(_compile(lab, name_prefix, emulate), host)
    if output is None and len(plans) > 1:
        names = ", ".join(plan.machine for plan in plans[:5]) + (", ..." if len(plans) > 5 else "")
        raise click.UsageError(
            f"{_shown(lab)} has several hosts ({names}): -o DIR writes a folder for each, --host NAME prints one, "
            "--emulate makes one machine of them"
        )
    _tell_host_changes(plans)
    if output is None:
        _print(_render(plans[0], script or "up.sh"))
    for plan in plans if output is not None else ():
        _write(plan, Path(output or "") / plan.machine if len(plans) > 1 else Path(output or ""))


@main.command()
@click.argument("labs", type=LAB, nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="text",
    show_default=True,
    help="How to tell the findings: text goes to standard error, the others to standard output.",
)
@click.option("--fix", "fixing", is_flag=True, help="Change the files where there is but one cure, then check again.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@PREFIX
def check(labs: tuple[str, ...], form: str, fixing: bool, diff: bool, name_prefix: str | None) -> None:
    """Print what is wrong with LABS; 1 for an error."""
    if diff and (fixing or form != "text"):
        raise click.UsageError("--diff changes nothing and prints a diff: leave out --fix and --format")
    if fixing and "-" in labs:
        raise click.UsageError("standard input cannot be changed: leave out --fix")
    compiled = []
    for lab in labs:
        if fixing or diff:
            _fix(lab, name_prefix, only_show=diff)
        compiled.append(_compiled(lab, name_prefix))
    if form == "text":
        for found in compiled:
            _tell(found.findings)
    else:
        _print_as(form, compiled)
    for found in compiled:
        _tell_host_changes(found.plans)
    if any(found.failed for found in compiled):
        sys.exit(1)


@main.command()
@click.argument("lab", type=LAB)
@PREFIX
def expand(lab: str, name_prefix: str | None) -> None:
    """Print LAB as plain statements.

    Loops, templates, included files and networks are written out. What is printed compiles to the same scripts.
    """
    from netc.pipeline import printed

    _print(printed(_compile(lab, name_prefix)))


@main.command()
@click.argument("labs", type=LAB, nargs=-1, required=True)
@click.option("--check", "only_check", is_flag=True, help="Change nothing; the status is 1 if a file would change.")
def fmt(labs: tuple[str, ...], only_check: bool) -> None:
    """Write LABS in the one canonical form."""
    outcomes = [_format(lab, only_check) for lab in labs]
    if None in outcomes or (only_check and True in outcomes):
        sys.exit(1)


@main.command("try")
@click.argument("lab", type=LAB)
@click.option("--shell", is_flag=True, help="Open a shell inside once the lab is up; it ends when the shell does.")
@click.option("-v", "--verbose", is_flag=True, help="Say what up.sh and down.sh do.")
@PREFIX
def try_(lab: str, shell: bool, verbose: bool, name_prefix: str | None) -> None:
    """Bring LAB up in a host of its own, and test it.

    Several hosts are emulated on one.
    """
    from netc.trial import NoTrial, run_trial

    compiled = _compile(lab, name_prefix)
    if len(compiled.plans) > 1:
        compiled = _compile(lab, name_prefix, emulated=True, quiet=True)
    plan = compiled.plans[0]
    scripts = {name: _render(plan, name) for name in ("up.sh", "down.sh", "verify.sh")}
    try:
        folder = None if lab == "-" else Path(lab).resolve().parent
        sys.exit(run_trial(plan, scripts, shell=shell, verbose=verbose, cwd=folder))
    except NoTrial as reason:
        _say(f"netc try: {reason}\n")
        sys.exit(1)


@main.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Print the page of a finding, or list them."""
    from netc.explain import codes, page

    if code is None:
        _print("".join(f"{number}  {name:<20}  {title}\n" for number, name, title in codes()))
        return
    text = page(code)
    if text is None:
        raise click.UsageError(f"there is no finding {code}; `netc explain` lists them all")
    _print(text)


@main.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print a completion script for SHELL.

    For bash, put `eval "$(netc completion bash)"` into ~/.bashrc.
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    _print(found(main, {}, "netc", "_NETC_COMPLETE").source() + "\n")


def _read(path: str) -> str:
    """Return a file's text; whatever it is, the user gets a sentence and not a traceback."""
    try:
        if path == "-" and sys.stdin is None:
            raise OSError(errno.EBADF, "it is closed")
        with sys.stdin.buffer if path == "-" else Path(path).open("rb") as file:
            return read_text(file)
    except UnicodeDecodeError as bad:
        _say(f"{_shown(path)}: error: this is not UTF-8 text (byte {bad.start + 1})\n")
    except OSError as reason:
        _say(f"{_shown(path)}: error: cannot read it: {reason.strerror}\n")
    sys.exit(1)


def _shown(path: str) -> str:
    return "<stdin>" if path == "-" else path


def _compile(lab: str, prefix: str | None, emulated: bool = False, quiet: bool = False) -> Compiled:
    """Compile a lab and tell its findings; with an error among them, end."""
    compiled = _compiled(lab, prefix, emulated)
    if not quiet or compiled.failed:
        _tell(compiled.findings)
    if compiled.failed:
        sys.exit(1)
    return compiled


def _bound(lab: str, prefix: str | None) -> Topology:
    """Return a lab as a topology, whatever checks would find in it; with an error in a statement, end."""
    from netc.pipeline import bind_lab

    bound = bind_lab(*_opened(lab, {}), prefix)
    if bound.findings.failed:
        _tell(bound.findings.sorted())
        sys.exit(1)
    return bound.topology


def _compiled(lab: str, prefix: str | None, emulated: bool = False, texts: Mapping[str, str] | None = None) -> Compiled:
    """Compile a lab; `texts` stand for what some of its files hold, by their paths from its folder."""
    from netc.pipeline import compile_lab

    return compile_lab(*_opened(lab, texts or {}), prefix, emulated)


def _opened(lab: str, texts: Mapping[str, str]) -> tuple[Source, Reader]:
    """Return a lab's text, and what reads the files that it includes."""
    from netc.source import Source

    folder = Path() if lab == "-" else Path(lab).parent
    name = _name(lab)
    text = texts[name] if name in texts else _read(lab)

    def read(path: str) -> str:
        return texts[path] if path in texts else read_included(folder / path)

    return Source(name, text, _shown(lab)), read


def _name(lab: str) -> str:
    return "stdin" if lab == "-" else Path(lab).name


def _fix(lab: str, prefix: str | None, *, only_show: bool) -> None:
    """Make the edits of a lab's findings in its files, or print them as a diff."""
    from netc.fix import fix

    if lab == "-":  # it can be read once
        text = _read(lab)
        before = {_name(lab): text}
        changed = fix(lambda texts: _compiled(lab, prefix, texts=before | dict(texts)).findings)
    else:
        before = {}
        changed = fix(lambda texts: _compiled(lab, prefix, texts=texts).findings)
    folder = Path() if lab == "-" else Path(lab).parent
    for name, text in sorted(changed.items()):
        path = folder / name
        if only_show:
            _print_diff(str(path), before[name] if name in before else _read(str(path)), text)
        elif not _overwrite(path, text):
            sys.exit(1)
        else:
            _say(f"fixed {path}\n")


def _print_diff(path: str, before: str, after: str) -> None:
    from difflib import unified_diff

    lines = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), path, path)
    _print("".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines))


def _tell(findings: Sequence[Finding]) -> None:
    """Print findings as text."""
    from netc.report import COLOUR, PLAIN, report

    if findings:
        terminal = sys.stderr is not None and sys.stderr.isatty()
        coloured = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        _say(report(findings, COLOUR if coloured else PLAIN), coloured=coloured)


def _print_as(form: str, compiled: Sequence[Compiled]) -> None:
    from netc.report.forms import FORMS as WRITERS

    findings = [finding for found in compiled for finding in found.findings]
    allowed = [finding for found in compiled for finding in found.allowed]
    _print(WRITERS[form](findings, allowed))


def _chosen(compiled: Compiled, host: str | None) -> tuple[Plan, ...]:
    """Return the plans of all hosts, or of the one that is asked for."""
    from netc.diagnostics import did_you_mean

    known = {plan.machine: plan for plan in compiled.plans}
    if host is None:
        return compiled.plans
    if host not in known:
        raise click.UsageError(f"the lab has no host {host}: {did_you_mean(host, known)}".rstrip(": "))
    return (known[host],)


def _tell_host_changes(plans: tuple[Plan, ...]) -> None:
    for plan in plans:
        for line in plan.host_changes:
            _say(f"note: on the host {'itself' if plan.alone else plan.machine}: {line}\n")


def _render(plan: Plan, script: str) -> str:
    from netc.render.render import render

    return render(plan, script)


def _say(text: str, *, coloured: bool = False) -> None:
    """Print to standard error; where that is full or closed, nothing more can be told."""
    with suppress(OSError):
        click.echo(text, err=True, nl=False, color=coloured)


def _print(text: str) -> None:
    """Print text as it is, in UTF-8 whatever the locale; a closed pipe is no error of ours."""
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it is closed")
        sys.stdout.buffer.write(text.encode(errors="backslashreplace"))
        sys.stdout.buffer.flush()
    except OSError as reason:
        _cannot_print(reason)


def _cannot_print(reason: OSError) -> NoReturn:
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left in buffers goes nowhere when Python ends
    if not isinstance(reason, BrokenPipeError):
        _say(f"netc: error: cannot write to standard output: {reason.strerror}\n")
    sys.exit(1)


def _write(plan: Plan, folder: Path) -> None:
    from netc.render.render import BASH, files_of

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in files_of(BASH):
            path = folder / name
            path.write_text(_render(plan, name), encoding="utf-8", newline="\n")
            path.chmod(0o755)
    except OSError as reason:
        _say(f"{folder}: error: cannot write the scripts: {reason.strerror}\n")
        sys.exit(1)


def _format(lab: str, only_check: bool) -> bool | None:
    """Format one file; return whether it changed, or None where it could not be read or written."""
    from netc.diagnostics import Findings
    from netc.report import report
    from netc.source import Source
    from netc.syntax.formatter import format_document
    from netc.syntax.parser import parse

    text = _read(lab)
    findings = Findings()
    document = parse(Source(_name(lab), text, _shown(lab)), findings)
    if findings.failed:
        _say(report(findings.sorted()))
        return None
    formatted = format_document(document)
    if lab == "-" and not only_check:
        _print(formatted)
    elif formatted != text:
        if not only_check and not _overwrite(Path(lab), formatted):
            return None
        _say(f"{'would format' if only_check else 'formatted'} {_shown(lab)}\n")
    return formatted != text


def _overwrite(path: Path, text: str) -> bool:
    """Put a text into a file, whole or not at all; say why where that is not possible."""
    try:
        overwrite(path, text)
    except OSError as reason:
        _say(f"{path}: error: cannot write it: {reason.strerror}\n")
        return False
    return True


add_commands(main, _bound, _print)

"""The command line: options, files, exit codes. It knows no phase but the pipeline."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netc import __version__

if TYPE_CHECKING:
    from netc.pipeline import Compiled
    from netc.plan.step import Plan

LAB = click.Path(exists=True, dir_okay=False, allow_dash=True)
PREFIX = click.option("--name-prefix", metavar="PREFIX", help="Goes before every namespace and host-side device.")
SHELLS = ("bash", "zsh", "fish")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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
@PREFIX
def build(lab: str, script: str | None, output: str | None, name_prefix: str | None) -> None:
    """Print up.sh of LAB (-: standard input)."""
    if script is not None and output is not None:
        raise click.UsageError("-o writes all scripts: leave out --down, --verify and --status")
    plan = _only_plan(_compile(lab, name_prefix))
    _tell_host_changes(plan)
    if output is None:
        _print(_render(plan, script or "up.sh"))
    else:
        _write(plan, Path(output))


@main.command()
@click.argument("lab", type=LAB)
@PREFIX
def check(lab: str, name_prefix: str | None) -> None:
    """Print what is wrong with LAB; 1 for an error."""
    _tell_host_changes(_only_plan(_compile(lab, name_prefix)))


@main.command()
@click.argument("labs", type=LAB, nargs=-1, required=True)
@click.option("--check", "only_check", is_flag=True, help="Change nothing; the status is 1 if a file would change.")
def fmt(labs: tuple[str, ...], only_check: bool) -> None:
    """Write LABS in the one canonical form."""
    changed = False
    for lab in labs:
        changed |= _format(lab, only_check)
    if changed and only_check:
        sys.exit(1)


@main.command("try")
@click.argument("lab", type=LAB)
@click.option("--shell", is_flag=True, help="Open a shell inside once the lab is up; it ends when the shell does.")
@click.option("-v", "--verbose", is_flag=True, help="Say what up.sh and down.sh do.")
@PREFIX
def try_(lab: str, shell: bool, verbose: bool, name_prefix: str | None) -> None:
    """Bring LAB up in a host of its own, and test it."""
    from netc.trial import NoTrial, run_trial

    plan = _only_plan(_compile(lab, name_prefix))
    scripts = {name: _render(plan, name) for name in ("up.sh", "down.sh", "verify.sh")}
    try:
        sys.exit(run_trial(plan, scripts, shell=shell, verbose=verbose))
    except NoTrial as reason:
        click.echo(f"netc try: {reason}", err=True)
        sys.exit(1)


@main.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Print the page of a finding, or list them."""
    from netc.explain import codes, page

    if code is None:
        for number, name, title in codes():
            click.echo(f"{number}  {name:<20}  {title}")
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
    click.echo(found(main, {}, "netc", "_NETC_COMPLETE").source())


def _read(path: str) -> str:
    """Return a file's text; whatever it is, the user gets a sentence and not a traceback."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return data.decode("utf-8")
    except UnicodeDecodeError as bad:
        click.echo(f"{_shown(path)}: error: this is not UTF-8 text (byte {bad.start + 1})", err=True)
    except OSError as reason:
        click.echo(f"{_shown(path)}: error: cannot read it: {reason.strerror}", err=True)
    sys.exit(1)


def _shown(path: str) -> str:
    return "<stdin>" if path == "-" else path


def _compile(lab: str, prefix: str | None) -> Compiled:
    from netc.pipeline import compile_lab
    from netc.source import Source

    folder = Path() if lab == "-" else Path(lab).parent
    name = "stdin" if lab == "-" else Path(lab).name
    source = Source(name, _read(lab), _shown(lab))
    compiled = compile_lab(source, lambda path: (folder / path).read_text(encoding="utf-8"), prefix)
    _tell(compiled)
    return compiled


def _tell(compiled: Compiled) -> None:
    """Print the findings; with an error among them, end."""
    from netc.report import COLOUR, PLAIN, report

    if compiled.findings:
        coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        click.echo(report(compiled.findings, COLOUR if coloured else PLAIN), err=True, nl=False, color=coloured)
    if compiled.failed:
        sys.exit(1)


def _only_plan(compiled: Compiled) -> Plan:
    return compiled.plans[0]


def _tell_host_changes(plan: Plan) -> None:
    for line in plan.host_changes:
        click.echo(f"note: on the host itself: {line}", err=True)


def _render(plan: Plan, script: str) -> str:
    from netc.render.render import render

    return render(plan, script)


def _print(text: str) -> None:
    """Print text as it is, in UTF-8 whatever the locale; a closed pipe is no error of ours."""
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)
    except OSError as reason:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        click.echo(f"netc: error: cannot write to standard output: {reason.strerror}", err=True)
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
        click.echo(f"{folder}: error: cannot write the scripts: {reason.strerror}", err=True)
        sys.exit(1)


def _format(lab: str, only_check: bool) -> bool:
    """Format one file and return whether it changed."""
    from netc.diagnostics import Findings
    from netc.source import Source
    from netc.syntax.formatter import format_document
    from netc.syntax.parser import parse

    text = _read(lab)
    findings = Findings()
    document = parse(Source(Path(lab).name, text, _shown(lab)), findings)
    if findings.failed:
        from netc.report import report

        click.echo(report(findings.sorted()), err=True, nl=False)
        sys.exit(1)
    formatted = format_document(document)
    if lab == "-" and not only_check:
        _print(formatted)
    elif formatted != text:
        click.echo(f"{'would format' if only_check else 'formatted'} {_shown(lab)}", err=True)
        if not only_check:
            Path(lab).write_text(formatted, encoding="utf-8", newline="\n")
    return formatted != text

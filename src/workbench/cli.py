"""The `workbench` command.

What is heavy is imported where it is needed, so that help, `status` and a batch
with nothing to do answer at once. Exit 0: all done; 1: some part failed, the rest was done;
2: the call was wrong and nothing was started.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click

from helpers import memory, places
from helpers.schema import LANGS, HelpersError, WrongCall, check_word
from workbench import batch, paper, parameters, progress
from workbench.processes import run_python
from workbench.project import Folders, project
from workbench.record import Report, Result, Settings

FAILED, WRONG_CALL = 1, 2
door = project()


class _Commands(click.Group):
    """An error of ours, or of a disk, is a message and an exit code, never a traceback.

    Where JSON is asked for, it is one JSON document, too.
    """

    def invoke(self, ctx: click.Context) -> Any:
        is_json = "--json" in ctx.args
        # Whoever ends a command, be it a schedule, ends it as Ctrl-C does: with its lists written.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader had seen enough: `workbench status | head`
            raise
        except KeyboardInterrupt:
            if is_json:
                door.tell(is_json, {"error": "interrupted"})
            click.echo("interrupted: what was done stands; the same command resumes", err=True)
            sys.exit(FAILED)
        except (click.UsageError, HelpersError, OSError) as error:
            is_usage = isinstance(error, click.UsageError)
            told = error if is_usage else click.ClickException(str(error))
            told.exit_code = WRONG_CALL if is_usage or isinstance(error, WrongCall) else FAILED
            if is_json:
                door.tell(is_json, {"error": told.format_message()})
            raise told from None


_FILE = click.Path(path_type=Path)
_SECONDS = click.FloatRange(0, min_open=True)


def _axes(command: Callable) -> Callable:
    """An option for each axis of the project, with any number of values."""
    for axis in door.AXES[::-1]:
        default = "Default: what is usual, or the notebook's own."
        command = door.listed(axis.name, axis.metavar, f"{axis.help} {default}")(command)
    return command


def _one_of_each_axis(command: Callable) -> Callable:
    for axis in door.AXES[::-1]:
        about = {"metavar": axis.metavar.partition(",")[0], "help": axis.help}
        command = click.option(f"--{axis.name}", required=True, **about)(command)
    return command


@contextmanager
def _planning() -> Iterator[None]:
    try:
        yield
    except HelpersError as error:
        raise WrongCall(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=memory.DISTRIBUTION)
def main() -> None:
    """Parameterised notebooks in; pages, PDFs and their index out."""


@main.command()
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@_axes
@door.listed("lang", "fa,en", "Default: both.")
@door.listed("to", "html,pdf", "Default: html, and pdf where an engine for it is found.")
@click.option("--param", multiple=True, metavar="NAME=VALUE", help="Another parameter; repeatable.")
@click.option("--batch", "batch_file", type=_FILE, metavar="FILE.yml", help="The matrix in a file.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="At once; default: the cores.")
@click.option("--force", is_flag=True, help="Render what is as good as new, too.")
@click.option("--dry-run", is_flag=True, help="Only say what would be rendered, and why.")
@click.option("--help-notebook", is_flag=True, help="Explain the notebooks' parameters.")
@door.as_json
@door.folder("raw")
@door.folder("processed")
@door.folder("outputs")
@click.option("--cell-timeout", type=_SECONDS, metavar="S", help="Seconds for each cell.")
@click.option("--timeout", type=_SECONDS, metavar="S", help="Seconds for each report.")
@click.option("--batch-timeout", type=_SECONDS, metavar="S", help="Seconds for everything.")
@click.option("--cluster", metavar="ADDRESS", help="A dask scheduler whose workers render.")
def render(as_json: bool, **options: Any) -> None:
    """Render notebooks for all values of the axes and languages; only what is stale.

    NOTEBOOK is a stem of notebooks/ or the path of any parameterised notebook; without one, all
    of notebooks/ are rendered except the exploratory (00_).
    """
    folders = _folders(options)

    def plan() -> tuple[Folders, list[Report]]:
        # All reports of a batch read the one store they were planned with, also while another is
        # made.
        pinned = folders._replace(processed=places.current(folders.processed))
        return pinned, batch.plan_reports(wanted, pinned, force=options["force"])

    with _planning():
        wanted = _wanted(options)
        if options["help_notebook"]:
            paths = batch.notebooks_of(wanted, folders)
            _explain({p.stem: list(parameters.declared(p).values()) for p in paths}, as_json)
            return
        pinned, planned = plan()
    if options["dry_run"]:
        _tell_plan(planned, _data_is_stale(folders), as_json)
        return
    if batch.needs_data(planned) and _data_is_stale(folders):
        click.echo("the raw data changed: cleaning it first", err=True)
        _clean_apart(folders)
        pinned, planned = plan()
    not_used = door.failures(pinned.processed) if batch.needs_data(planned) else []
    environment = {f"WORKBENCH_{n.upper()}": str(path) for n, path in pinned._asdict().items()}
    limits = ("cell_timeout", "timeout", "batch_timeout", "jobs", "cluster")
    given = {name: options[name] for name in limits}
    settings = Settings(pinned.outputs, environment, **given)
    with progress.shown() as shown:
        results = batch.run(planned, settings, shown)
    _tell_results(results, not_used, folders.outputs, as_json)
    has_failed = bool(not_used) or any(result.status == "failed" for result in results)
    if not paper.has_engine() and "pdf" in (options["to"] or batch.FORMATS):
        click.echo(paper.ADVICE, err=True)
        has_failed = has_failed or "pdf" in options["to"]
    sys.exit(FAILED if has_failed else 0)


@main.command()
@door.as_json
@door.folder("raw")
@door.folder("processed")
@door.folder("outputs")
def status(as_json: bool, **options: Any) -> None:
    """What is stale, and why: the data, the reports that stand, those never rendered."""
    folders = _folders(options)
    with _planning():
        planned = batch.plan_reports(batch.wanted_again(folders.outputs), folders)
        usual = batch.plan_reports([batch.Wanted()], folders)
    names = {report.name for report in planned}
    planned += [report for report in usual if report.name not in names]
    _tell_plan(planned, _data_is_stale(folders), as_json)


@main.command("share")
@_one_of_each_axis
@click.option("--out", type=_FILE, required=True, metavar="FILE.zip")
@door.listed("lang", "fa,en", "Default: both.")
@door.as_json
@door.folder("outputs")
def share_reports(out: Path, lang: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Pack the reports of one place and time into one zip that opens alone."""
    from workbench import share as sharing

    outputs = _folders(options).outputs
    with _planning():
        values = {axis.name: axis.read(options[axis.name]) for axis in door.AXES}
        for word in lang:
            check_word("language", word, LANGS)
        names = sharing.pack(outputs, values, out, lang or LANGS)
    failed = sharing.failed_reports(outputs, values)
    document = {"out": str(out), "files": names, "failed": failed}
    door.tell(as_json, document, f"{len(names)} files", out)
    for name in failed:
        click.echo(f"not inside, or not as new as wanted, since it failed: {name}", err=True)
    sys.exit(FAILED if failed else 0)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: Sequence[str]) -> None:
    """Open JupyterLab in notebooks/ with a warm kernel as the default."""
    from workbench import kernels

    folder = places.project_root() / "notebooks"
    kernels.kernel_name()
    command = [sys.executable, "-m", "jupyter", "lab", f"--notebook-dir={folder}", *arguments]
    # `run` ends what it started when it is left by an exception, but not by a bare signal.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(subprocess.run(command, check=False).returncode)


@main.command()
@click.argument("name")
def new(name: str) -> None:
    """Write a notebook that runs and renders already; NAME as 08_compare_ports."""
    from workbench.new import new_notebook

    with _planning():
        click.echo(new_notebook(name, places.project_root() / "notebooks"))


# Folders and data


def _folders(options: dict[str, Any]) -> Folders:
    """Those that options name, and the project's own for the others.

    Where there is no project, the working folder is one: notebooks of others may use it.
    """
    try:
        root = places.project_root()
    except HelpersError:
        if os.environ.get("WORKBENCH_ROOT"):
            raise
        root = Path.cwd()
    usual = Folders(root, root / "data" / "raw", root / "data" / "processed", root / "outputs")
    return usual._replace(**{n: options[n] for n in usual._fields if options.get(n)})


def _data_is_stale(folders: Folders) -> list[str]:
    hashes = memory.Hashes(folders.outputs / ".work" / "raw-hashes.json")
    if note := door.made_elsewhere(folders.raw, folders.processed):
        click.echo(note, err=True)
    reasons = door.stale_because(folders.raw, folders.processed, hashes)
    hashes.save()
    return reasons


def _clean_apart(folders: Folders) -> None:
    # In a process of its own: cleaning leaves threads behind, and workers are forked from here.
    given = (f"--raw={folders.raw}", f"--processed={folders.processed}")
    done = run_python("workbench.cli", "clean", "--json", *given, capture_output=True, text=True)
    if done.returncode not in (0, FAILED) or _data_is_stale(folders):
        click.echo(done.stderr, err=True)
        raise HelpersError(
            f"the raw data in {folders.raw} could not be cleaned (above); nothing rendered"
        )


# Rendering


def _wanted(options: dict[str, Any]) -> list[batch.Wanted]:
    axes = {axis.name: options[axis.name] for axis in door.AXES}
    given = dict(_pair(text) for text in options["param"])
    one = batch.Wanted(options["notebooks"], axes, options["lang"], options["to"], given)
    file = options["batch_file"]
    matrices = batch.read_wanted(file, one) if file else [one]
    for word in (word for matrix in matrices for word in matrix.to):
        check_word("format", word, batch.FORMATS)
    has_pdf = paper.has_engine()
    return [
        replace(m, to=tuple(f for f in m.to or batch.FORMATS if f != "pdf" or has_pdf))
        for m in matrices
    ]


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise WrongCall(f"expected --param NAME=VALUE, found {text!r}")
    return name, value


# What is told


def _explain(declared: dict[str, list[parameters.Parameter]], as_json: bool) -> None:
    lines = []
    for stem, listed in declared.items():
        lines.append(f"{stem} takes{':' if listed else ' none'}")
        for p in listed:
            lines.append(f"  {p.name}: {p.type} = {p.computed or repr(p.default)}")
            lines += [f"      {p.help}"] * bool(p.help)
    door.tell(
        as_json, {stem: list(map(asdict, listed)) for stem, listed in declared.items()}, *lines
    )


def _tell_plan(planned: list[Report], data_reasons: list[str], as_json: bool) -> None:
    data = {"stale": bool(data_reasons), "reasons": data_reasons}
    reports = [{"report": p.name, "stale": bool(p.reasons), "reasons": p.reasons} for p in planned]
    lines = [f"data: {'; '.join(data_reasons)}"] * bool(data_reasons)
    lines += [f"{p.name}: {'; '.join(p.reasons) or 'as good as new'}" for p in planned]
    door.tell(as_json, {"data": data, "reports": reports}, *lines)


def _tell_results(
    results: list[Result], not_used: list[dict[str, str]], outputs: Path, as_json: bool
) -> None:
    counts = {s: sum(r.status == s for r in results) for s in ("rendered", "fresh", "failed")}
    listed = {"reports": [asdict(r) for r in results], "raw_files_not_used": not_used}
    files = [outputs / name for result in results for name in result.files]
    summary = ", ".join(f"{count} {status}" for status, count in counts.items())
    document = {**counts, **listed, "outputs": str(outputs)}
    door.tell(as_json, document, *files, summary, outputs / "index.html")
    # Plain lines, which a terminal, a log and an e-mail of cron show alike.
    lines = [f"{file['status']}: {file['source_file']}: {file['error']}" for file in not_used]
    lines += [f"not shown: {r.report}: {sentence}" for r in results for sentence in r.lost]
    for f in (result for result in results if result.status == "failed"):
        executed = str(outputs / f.executed) if f.executed else ""
        lines.append(
            "\n  ".join(filter(None, (f"failed: {f.report}", f.cell, f.message, executed)))
        )
    for line in [] if as_json else lines:
        click.echo(line, err=True)


for _command in door.click_commands():
    main.add_command(_command)


if __name__ == "__main__":
    main()

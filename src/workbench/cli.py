"""The `workbench` command.

Everything heavy is imported inside the command that needs it, so that help, `status` and a batch
with nothing to do answer at once. Exit 0: all done; 1: some part failed, the rest was done;
2: the call was wrong and nothing was started.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from helpers import memory, places
from helpers.lifetimes import die_with_parent
from helpers.schema import LANGS, HelpersError, WrongCall, check_word
from workbench.project import project

if TYPE_CHECKING:
    from workbench.batch import Planned, Wanted
    from workbench.record import Result

FAILED, WRONG_CALL = 1, 2


class _Words(click.ParamType):
    name = "words"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        words = tuple(word.strip() for word in value.split(",") if word.strip())
        if not words:  # a variable of a script that was never set, say
            self.fail(f"expected {param.metavar}, found nothing", param, ctx)
        return words


class _Commands(click.Group):
    """A wrong call is one JSON document, too, where JSON is asked for."""

    def invoke(self, ctx: click.Context) -> Any:
        is_json = "--json" in ctx.args
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if is_json:
                _print_json({"error": error.format_message()})
            raise


_FILE = click.Path(path_type=Path)
_PASSED_ON = {"ignore_unknown_options": True}
_SECONDS = click.FloatRange(0, min_open=True)


def _words(name: str, metavar: str, explanation: str) -> Callable:
    return click.option(f"--{name}", type=_Words(), default=(), metavar=metavar, help=explanation)


def _axes(command: Callable) -> Callable:
    """An option for each axis of the project, with any number of values."""
    for axis in project().AXES[::-1]:
        default = "Default: what is usual, or the notebook's own."
        command = _words(axis.name, axis.metavar, f"{axis.help} {default}")(command)
    return command


def _one_of_each_axis(command: Callable) -> Callable:
    for axis in project().AXES[::-1]:
        metavar = axis.metavar.partition(",")[0]
        option = click.option(f"--{axis.name}", required=True, metavar=metavar, help=axis.help)
        command = option(command)
    return command


def _folder(name: str, variable: str, explanation: str, *, is_there: bool = False) -> Callable:
    kind = click.Path(exists=is_there, file_okay=not is_there, path_type=Path, resolve_path=True)
    return click.option(f"--{name}", type=kind, metavar="DIR", envvar=variable, help=explanation)


_raw = _folder("raw", "WORKBENCH_RAW", "Files as received; default data/raw.", is_there=True)
_processed = _folder("processed", "WORKBENCH_PROCESSED", "Derived tables; default data/processed.")
_outputs = _folder("outputs", "WORKBENCH_OUTPUTS", "Where pages are written; default outputs.")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON document, nothing else.")


def _reported(command: Callable) -> Callable:
    """An error of ours, or of a disk, is a message and an exit code, never a traceback."""

    @wraps(command)
    def guarded(**options: Any) -> None:
        # Whoever ends a command, be it a schedule, ends it as Ctrl-C does: with its lists written.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        as_json = options.get("as_json") or "--json" in options.get("arguments", ())
        try:
            command(**options)
        except BrokenPipeError:  # the reader had seen enough: `workbench status | head`
            raise
        except KeyboardInterrupt:
            if as_json:
                _print_json({"error": "interrupted"})
            click.echo("interrupted: what was done stands; the same command resumes", err=True)
            sys.exit(FAILED)
        except (HelpersError, OSError) as error:
            if as_json:
                _print_json({"error": str(error)})
            click.echo(f"Error: {error}", err=True)
            sys.exit(WRONG_CALL if isinstance(error, WrongCall) else FAILED)

    return guarded


@contextmanager
def _planning() -> Iterator[None]:
    try:
        yield
    except HelpersError as error:
        raise WrongCall(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="alborz-trade-workbench")
def main() -> None:
    """Parameterised notebooks in; pages, PDFs and their index out."""


@main.command()
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@_axes
@_words("lang", "fa,en", "Default: both.")
@_words("to", "html,pdf", "Default: html, and pdf where an engine for it is found.")
@click.option("--param", multiple=True, metavar="NAME=VALUE", help="Another parameter; repeatable.")
@click.option("--batch", "batch_file", type=_FILE, metavar="FILE.yml", help="The matrix in a file.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="At once; default: cores + 2.")
@click.option("--force", is_flag=True, help="Render what is as good as new, too.")
@click.option("--dry-run", is_flag=True, help="Only say what would be rendered, and why.")
@click.option("--help-notebook", is_flag=True, help="Explain the notebooks' parameters.")
@_json
@_raw
@_processed
@_outputs
@click.option("--cell-timeout", type=_SECONDS, metavar="S", help="Seconds for each cell.")
@click.option("--timeout", type=_SECONDS, metavar="S", help="Seconds for each report.")
@click.option("--batch-timeout", type=_SECONDS, metavar="S", help="Seconds for everything.")
@click.option("--cluster", metavar="ADDRESS", help="A dask scheduler whose workers render.")
@_reported
def render(
    as_json: bool, raw: Path | None, processed: Path | None, outputs: Path | None, **options: Any
) -> None:
    """Render notebooks for all values of the axes and languages; only what is stale.

    NOTEBOOK is a stem of notebooks/ or the path of any parameterised notebook; without one, all
    of notebooks/ are rendered except the exploratory (00_).
    """
    from workbench import batch, paper, parameters

    raw, processed, outputs = _folders(raw, processed, outputs)
    notebooks = _root() / "notebooks"
    # All reports of a batch read the one store they were planned with, also while another is made.
    store = places.current(processed)
    with _planning():
        wanted = _wanted(options)
        if options["help_notebook"]:
            paths = batch.notebooks_of(wanted, notebooks)
            if as_json:
                listed = {p: parameters.declared(p).values() for p in paths}
                _print_json({p.stem: [asdict(d) for d in found] for p, found in listed.items()})
            else:
                click.echo("\n\n".join(map(parameters.explain, paths)))
            return
        planned = batch.plan_reports(wanted, notebooks, store, outputs, force=options["force"])
    if options["dry_run"]:
        _tell_plan(planned, _data_is_stale(raw, processed, outputs), as_json)
        return
    if batch.needs_data(planned) and _data_is_stale(raw, processed, outputs):
        click.echo("the raw data changed: cleaning it first", err=True)
        _clean_apart(raw, processed, outputs)
        store = places.current(processed)
        planned = batch.plan_reports(wanted, notebooks, store, outputs, force=options["force"])
    not_used = project().failures(store) if batch.needs_data(planned) else []
    results = _run(planned, raw, store, outputs, options)
    _tell_results(results, not_used, outputs, as_json)
    has_failed = bool(not_used) or any(result.status == "failed" for result in results)
    if not paper.has_engine() and "pdf" in (options["to"] or batch.FORMATS):
        click.echo(paper.ADVICE, err=True)
        has_failed = has_failed or "pdf" in options["to"]
    sys.exit(FAILED if has_failed else 0)


@main.command()
@_json
@_raw
@_processed
@_outputs
@_reported
def status(as_json: bool, raw: Path | None, processed: Path | None, outputs: Path | None) -> None:
    """What is stale, and why: the data, the reports that stand, those never rendered."""
    from workbench import batch

    raw, processed, outputs = _folders(raw, processed, outputs)
    notebooks = _root() / "notebooks"
    with _planning():
        usual = batch.plan_reports([batch.Wanted()], notebooks, processed, outputs)
        planned = batch.plan_reports(batch.wanted_again(outputs), notebooks, processed, outputs)
    names = {p.report.name for p in planned}
    planned += [p for p in usual if p.report.name not in names]
    _tell_plan(planned, _data_is_stale(raw, processed, outputs), as_json)


@main.command("share")
@_one_of_each_axis
@click.option("--out", type=_FILE, required=True, metavar="FILE.zip")
@_words("lang", "fa,en", "Default: both.")
@_json
@_outputs
@_reported
def share_reports(
    out: Path, lang: tuple[str, ...], as_json: bool, outputs: Path | None, **values: str
) -> None:
    """Pack the reports of one place and time into one zip that opens alone."""
    from workbench import share as sharing

    outputs = _folders(None, None, outputs)[2]
    with _planning():
        values = {axis.name: axis.read(values[axis.name]) for axis in project().AXES}
        for word in lang:
            check_word("language", word, LANGS)
        sharing.reports_to_share(outputs, values, lang or LANGS)
    names = sharing.pack(outputs, values, out, lang or LANGS)
    failed = sharing.failed_reports(outputs, values)
    if as_json:
        _print_json({"out": str(out), "files": names, "failed": failed})
    else:
        click.echo(f"{len(names)} files\n{out}")
    for name in failed:
        click.echo(f"not inside, or not as new as wanted, since it failed: {name}", err=True)
    sys.exit(FAILED if failed else 0)


@main.command(context_settings=_PASSED_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@_reported
def lab(arguments: Sequence[str]) -> None:
    """Open JupyterLab in notebooks/ with a warm kernel as the default."""
    from workbench import kernels

    with _planning():
        folder = places.project_root() / "notebooks"
    with kernels.warm(is_default=True):
        command = [sys.executable, "-m", "jupyter", "lab", f"--notebook-dir={folder}", *arguments]
        # `run` ends what it started when it is left by an exception, but not by a bare signal.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        sys.exit(subprocess.run(command, check=False).returncode)


@main.command()
@click.argument("name")
@_reported
def new(name: str) -> None:
    """Write a notebook that runs and renders already; NAME as 08_compare_ports."""
    from workbench.new import new_notebook

    with _planning():
        path = new_notebook(name, places.project_root() / "notebooks")
    click.echo(path)


# Folders and data


def _root() -> Path:
    """The project; where there is none, the working folder, which notebooks of others may use."""
    try:
        return places.project_root()
    except HelpersError as error:
        if os.environ.get("WORKBENCH_ROOT"):
            raise WrongCall(str(error)) from error
        return Path.cwd()


def _folders(
    raw: Path | None, processed: Path | None, outputs: Path | None
) -> tuple[Path, Path, Path]:
    data = _root() / "data"
    return raw or data / "raw", processed or data / "processed", outputs or _root() / "outputs"


def _data_is_stale(raw: Path, processed: Path, outputs: Path) -> list[str]:
    hashes = memory.Hashes(outputs / ".work" / "raw-hashes.json")
    if note := project().made_elsewhere(raw, processed):
        click.echo(note, err=True)
    reasons = project().stale_because(raw, processed, hashes)
    hashes.save()
    return reasons


def _clean_apart(raw: Path, processed: Path, outputs: Path) -> None:
    # In a process of its own: cleaning leaves threads behind, and workers are forked from here.
    command = [sys.executable, "-m", "workbench.cli", "clean", "--json"]
    folders = [f"--raw={raw}", f"--processed={processed}"]
    # It ends with this process, however that ends.
    done = subprocess.run(
        [*command, *folders], capture_output=True, text=True, check=False,
        preexec_fn=die_with_parent if sys.platform == "linux" else None,
    )  # fmt: skip
    if done.returncode not in (0, FAILED) or _data_is_stale(raw, processed, outputs):
        click.echo(done.stderr, err=True)
        raise HelpersError(f"the raw data in {raw} could not be cleaned (above); nothing rendered")


# Rendering


def _wanted(options: dict[str, Any]) -> list[Wanted]:
    from workbench import batch

    one = batch.Wanted(
        options["notebooks"],
        {axis.name: options[axis.name] for axis in project().AXES},
        options["lang"],
        to=options["to"],
        parameters=dict(_pair(text) for text in options["param"]),
    )
    file = options["batch_file"]
    return [
        replace(matrix, to=_formats(matrix.to))
        for matrix in (batch.read_wanted(file, one) if file else [one])
    ]


def _formats(asked: tuple[str, ...]) -> tuple[str, ...]:
    from workbench import batch, paper

    for word in asked:
        check_word("format", word, batch.FORMATS)
    wanted = asked or batch.FORMATS
    return tuple(word for word in wanted if word != "pdf" or paper.has_engine())


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise WrongCall(f"expected --param NAME=VALUE, found {text!r}")
    return name, value


def _run(
    planned: list[Planned], raw: Path, store: Path, outputs: Path, options: dict[str, Any]
) -> list[Result]:
    from workbench import batch, progress
    from workbench.record import Settings

    places_told = {"ROOT": _root(), "RAW": raw, "PROCESSED": store, "OUTPUTS": outputs}
    settings = Settings(
        outputs,
        {f"WORKBENCH_{name}": str(path) for name, path in places_told.items()},
        options["cell_timeout"],
        options["timeout"],
        options["force"],
    )
    with progress.shown() as shown:
        return batch.run(
            planned,
            settings,
            jobs=options["jobs"],
            batch_timeout=options["batch_timeout"],
            cluster=options["cluster"],
            progress=shown,
        )


# What is told


def _tell_plan(planned: list[Planned], data_reasons: list[str], as_json: bool) -> None:
    reports = [
        {"report": p.report.name, "stale": bool(p.reasons), "reasons": p.reasons} for p in planned
    ]
    if as_json:
        _print_json(
            {"data": {"stale": bool(data_reasons), "reasons": data_reasons}, "reports": reports}
        )
        return
    if data_reasons:
        click.echo(f"data: {'; '.join(data_reasons)}")
    for report in reports:
        click.echo(f"{report['report']}: {'; '.join(report['reasons']) or 'as good as new'}")


def _tell_results(
    results: list[Result], not_used: list[dict[str, str]], outputs: Path, as_json: bool
) -> None:
    counts = {s: sum(r.status == s for r in results) for s in ("rendered", "fresh", "failed")}
    if as_json:
        listed = {"reports": [asdict(r) for r in results], "raw_files_not_used": not_used}
        _print_json({**counts, **listed, "outputs": str(outputs)})
        return
    _tell_not_used(not_used)
    for result in results:
        for file in result.files:
            click.echo(outputs / file)
        for sentence in result.lost:
            click.echo(f"not shown: {result.report}: {sentence}", err=True)
    _tell_failures([r for r in results if r.status == "failed"], outputs)
    click.echo(", ".join(f"{count} {status}" for status, count in counts.items()))
    click.echo(outputs / "index.html")


def _tell_not_used(files: list[dict[str, str]]) -> None:
    for file in files:
        click.echo(f"{file['status']}: {file['source_file']}: {file['error']}", err=True)


def _tell_failures(failures: list[Result], outputs: Path) -> None:
    """Plain lines, which a terminal, a log and an e-mail of cron show alike."""
    for f in failures:
        executed = str(outputs / f.executed) if f.executed else ""
        known = filter(None, (f"failed: {f.report}", f.cell, f.message, executed))
        click.echo("\n  ".join(known), err=True)


def _print_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=1, default=str))


for _command in project().click_commands():
    _command.callback = _reported(_command.callback)
    main.add_command(_command)


if __name__ == "__main__":
    main()

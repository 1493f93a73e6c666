"""A batch: which reports are wanted, which of them are stale, and how they all ended.

The matrix is notebooks x values of the axes x languages. Everything is checked before anything
starts; what failed does not stop the rest; what is as good as new is left alone, so a batch that
was interrupted is resumed by giving the same command again.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import msgspec

from helpers import memory
from helpers.documents import as_document, read_document
from helpers.lifetimes import WORK, scratch, sweep
from helpers.schema import LANGS, HelpersError, UnreadableFile, suggest
from workbench import freshness, parameters, record
from workbench.project import Folders, project
from workbench.record import Report, Result, Settings

FORMATS = ("html", "pdf")
EXPLORATORY = ("00_",)
"""Notebooks whose stem starts so are the analyst's own: rendered only where they are named."""

Progress = Callable[[list[str], Sequence[Result], int], None]


@dataclass(frozen=True)
class Wanted:
    """A matrix of reports; an empty tuple is "as the notebook says" (for `lang`: both).

    Attributes:
        notebooks: stems or paths; empty is every notebook of the project but the exploratory.
        axes: name of an axis -> values, or `all`.
        lang: `fa`, `en`.
        to: `html`, `pdf`.
        parameters: any others, by name.
        name: what the files are called instead of as the notebook: one notebook, seen two ways.
    """

    notebooks: tuple[str, ...] = ()
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lang: tuple[str, ...] = ()
    to: tuple[str, ...] = ("html",)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


class _OutOfTime(Exception):
    pass


def read_wanted(path: Path, default: Wanted) -> list[Wanted]:
    """The matrices of a batch file: a YAML mapping with the names of `Wanted`, or a list of them.

    Args:
        path: the file; its notebooks may be given relative to it.
        default: what the file leaves out.

    Raises:
        UnreadableFile: it is not such a file; the message names the place in it.
    """
    if not path.is_file():
        raise UnreadableFile(f"expected a batch file (YAML) at {path}; there is no such file")
    content = read_document(path, Any)
    blocks = content if isinstance(content, list) and content else [content]
    return [_block(path, block, default) for block in blocks]


def plan_reports(
    wanted: Iterable[Wanted], folders: Folders, *, force: bool = False
) -> list[Report]:
    """Every report that is wanted, checked, with the reasons why it is stale.

    Args:
        wanted: one or more matrices.
        folders: of the project's notebooks, of the processed tables and of the reports.
        force: all are stale.

    Raises:
        HelpersError: a notebook, parameter or value is not one, or two reports have one name.
    """
    outputs, hashes = folders.outputs, memory.Hashes(folders.outputs / WORK / "hashes.json")
    made_from = cache(lambda path: freshness.made_from(path, folders.processed, hashes))
    reports = []
    for matrix in wanted:
        for path in _notebooks(matrix, folders.notebooks):
            reports += _reports(matrix, path, made_from(path), hashes)
    _refuse_same_names(reports)
    for report in reports:
        report.reasons = [record.FORCED] if force else record.why_stale(report, outputs, hashes)
    hashes.save()
    return reports


def wanted_again(outputs: Path) -> list[Wanted]:
    """What would render every report of the outputs again whose notebook is still there."""
    wanted = []
    for each in record.standing_records(outputs).values():
        source = (outputs / each.source).resolve()
        if source.is_file():
            formats = tuple(e for e in FORMATS if e in each.files)
            name = each.notebook if each.notebook != source.stem else ""
            wanted.append(Wanted((str(source),), {}, (), formats, each.parameters, name))
    return wanted


def needs_data(planned: Sequence[Report]) -> bool:
    """Whether any notebook asks the store, so that the data has to be prepared."""
    return any(freshness.uses_project(report.parts) for report in planned)


def run(
    planned: Sequence[Report], settings: Settings, progress: Progress = lambda *_: None
) -> list[Result]:
    """Renders what is stale; the results of all, in the order of the plan.

    Args:
        planned: of `plan_reports`.
        settings: for all reports.
        progress: told what runs now, what has ended, and how many there are.

    The manifest is written at the end, and after an interruption as well; where it cannot be, that
    is one more result that failed.
    """
    stale = [report for report in planned if report.reasons]
    results = {r.name: Result(r.name, "fresh", "; ".join(r.reasons)) for r in planned}
    is_listed, work = _is_listed(settings.outputs), settings.outputs / WORK
    if stale:
        _make_writable(work)
    sweep(work)
    try:
        with scratch(work) if stale else nullcontext():
            for result in _render(stale, settings, progress):
                result.reason = result.reason or results[result.report].reason
                results[result.report] = result
                if result.status == "failed":
                    record.keep_failure(result, settings.outputs)
    finally:
        problem = "" if is_listed and not stale else _list_outputs(settings)
    ended = list(results.values())
    return [*ended, Result(record.MANIFEST, "failed", message=problem)] if problem else ended


def _render(stale: list[Report], settings: Settings, progress: Progress) -> Iterator[Result]:
    if not stale:
        return
    done: list[Result] = []
    started = time.monotonic()

    def on_tick(running: list[str]) -> None:
        progress(running, done, len(stale))
        if settings.batch_timeout and time.monotonic() - started > settings.batch_timeout:
            raise _OutOfTime

    from workbench import workers

    render = workers.render_on if settings.cluster else workers.render_all
    try:
        for result in render(stale, settings, on_tick):
            done.append(result)
            yield result
    except _OutOfTime:
        late = {report.name for report in stale} - {result.report for result in done}
        yield from (Result(name, "failed", message="the batch ran out of time") for name in late)
    progress([], done, len(stale))


def _is_listed(outputs: Path) -> bool:
    """Whether the manifest can be read and the pages of the index are whole."""
    try:
        record.read_manifest(outputs)
        texts = [(outputs / name).read_text("utf-8") for name in record.INDEX.values()]
    except (OSError, HelpersError, UnicodeDecodeError):
        return False
    return all(text.rstrip().endswith("</html>") for text in texts)


def _list_outputs(settings: Settings) -> str:
    """Writes manifest and index; says in words what kept it from doing so, where anything did."""
    from workbench import gallery

    outputs = settings.outputs
    processed = settings.environment.get("WORKBENCH_PROCESSED")
    standing: list[Report] = []
    if processed:
        folders = Folders(Path(), Path(), Path(processed), outputs)
        # A notebook changed its parameters: what it made is no longer its own.
        with suppress(HelpersError):
            standing = plan_reports(wanted_again(outputs), folders)
    try:
        record.write_manifest(outputs, {report.name: report.reasons for report in standing})
        gallery.write_index(outputs)
    except OSError as error:
        return (
            f"the list of reports in {outputs} could not be written: {error}; the reports stand, "
            "and the next batch lists them"
        )
    return ""


def _block(path: Path, block: Any, default: Wanted) -> Wanted:
    axes = [axis.name for axis in project().AXES]
    words = ("notebooks", "lang", "to", *axes)
    declared = [
        *((name, str | int | list[str | int], msgspec.UNSET) for name in words),
        ("parameters", dict[str, Any], msgspec.UNSET),
        ("name", Annotated[str, msgspec.Meta(pattern=r"^[\w-]*$")], msgspec.UNSET),
    ]
    kind = msgspec.defstruct("Block", declared, forbid_unknown_fields=True, omit_defaults=True)
    given = msgspec.to_builtins(as_document(block, kind, path.name))
    given |= {name: _words(given[name]) for name in words if name in given}
    given["axes"] = {**default.axes, **{name: given.pop(name) for name in axes if name in given}}
    given["notebooks"] = tuple(
        str(path.parent / n) if (path.parent / n).is_file() else n
        for n in given.get("notebooks", default.notebooks)
    )
    return replace(default, **given)


def _words(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else str(value).split(",")
    return tuple(str(item).strip() for item in items)


def notebooks_of(wanted: Iterable[Wanted], folders: Folders) -> list[Path]:
    """The notebooks that are wanted, each once."""
    paths = (path for matrix in wanted for path in _notebooks(matrix, folders.notebooks))
    return list(dict.fromkeys(paths))


def _notebooks(matrix: Wanted, folder: Path) -> list[Path]:
    if matrix.notebooks:
        return [_notebook(name, folder) for name in matrix.notebooks]
    found = [p for p in sorted(folder.glob("*.ipynb")) if not p.stem.startswith(EXPLORATORY)]
    if not found:
        raise HelpersError(f"expected notebooks in {folder}, found none; name one by its path")
    return found


def _notebook(name: str, folder: Path) -> Path:
    for path in (Path(name), folder / f"{name}.ipynb", folder / name):
        if path.suffix == ".ipynb" and path.is_file():
            return path.absolute()
    stems = [path.stem for path in sorted(folder.glob("*.ipynb"))]
    raise HelpersError(
        f"no notebook {name!r}{suggest(name, stems)}; "
        f"there are: {', '.join(stems) or 'none'}, or give the path of another"
    )


def _reports(
    matrix: Wanted, notebook: Path, made_from: memory.Parts, hashes: memory.Hashes
) -> list[Report]:
    declared = parameters.declared(notebook)
    defaults = {p.name: p.default for p in declared.values() if not p.computed}
    axes = _axes(matrix, notebook, declared)
    languages = tuple(axes.get("lang", ()))
    reports = []
    for values in product(*axes.values()):
        given = {**matrix.parameters, **dict(zip(axes, values, strict=True))}
        passed = parameters.checked(notebook, declared, given)
        effective = {**defaults, **passed}
        parts = freshness.with_parameters(made_from, notebook, effective, hashes)
        reports.append(
            Report(notebook, passed, effective, matrix.to, languages, parts, matrix.name)
        )
    return reports


def _axes(
    matrix: Wanted, notebook: Path, declared: Mapping[str, parameters.Parameter]
) -> dict[str, Sequence[str]]:
    """What varies. What is not asked for is left to the notebook, but `lang` has both, and where
    no notebook is named the project says what is usual."""
    asked: dict[str, Sequence[str]] = {}
    for axis in project().AXES:
        values = matrix.axes.get(axis.name, ())
        is_all = axis.every and "all" in values
        asked[axis.name] = axis.every if is_all else tuple(map(axis.read, values))
    # A notebook of one language is rendered in its own, whatever the others are asked for in.
    asked["lang"] = matrix.lang if "lang" in declared else ()
    asked = {name: values for name, values in asked.items() if values}
    usual = {} if matrix.notebooks else project().usual(notebook.stem)
    usual = {name: values for name, values in {"lang": LANGS, **usual}.items() if name in declared}
    return {k: v for k, v in {**usual, **asked}.items() if k not in matrix.parameters}


def _refuse_same_names(reports: Sequence[Report]) -> None:
    seen: dict[str, Report] = {}
    for report in reports:
        other = seen.setdefault(report.name, report)
        if other is not report:
            raise HelpersError(
                f"two reports would be written as {report.name}: {other.notebook} with "
                f"{other.passed} and {report.notebook} with {report.passed}; "
                "render them into different --outputs"
            )


def _make_writable(work: Path) -> None:
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HelpersError(
            f"cannot write into {work.parent} ({error.strerror}); give another folder with "
            "--outputs"
        ) from None

"""One report: run, exported, and written whole or not at all.

Everything is made in a private folder below `outputs/.work` and moved into place by renames. The
same function serves a worker process of a batch and a worker of a cluster. Importing
this takes as long as a report: commands with nothing to render do without.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
from nbformat import NotebookNode, v4

from helpers import memory
from helpers.documents import read_json
from helpers.lifetimes import WORK, scratch
from helpers.places import locked, write_whole
from helpers.schema import LANGS
from workbench import engine, export, freshness, paper, record
from workbench.processes import peak_memory_bytes
from workbench.record import FAILED, FORCED, Record, Report, Result, Settings, path_of


def rehearse(with_pdf: bool = False) -> None:
    """Exports a small notebook, so that processes forked from here have done it before."""
    cells = [
        v4.new_markdown_cell("# عنوان Title"),
        v4.new_code_cell(outputs=[v4.new_output("display_data", {"text/html": "<p>۱ 1</p>"})]),
    ]
    # What is wrong with any of it is told by the first report.
    with suppress(Exception):
        nb = v4.new_notebook(cells=cells)
        page = export.export_page(nb)
        export.book_of(nb, page)
        engine.kernel_shell()
        if with_pdf:
            paper.html_to_pdf(page.html)


def render_report(
    report: Report, settings: Settings, on_cell: Callable[[str], None] = lambda _: None
) -> Result:
    """Renders one report in this process; what goes wrong is in the result, not raised.

    The outputs of an earlier success stay until they are replaced by those of a new one.
    """
    started = time.monotonic()
    try:
        lock = settings.outputs / WORK / f"{report.name.replace('/', '~')}.lock"
        with locked(lock), scratch(settings.outputs / WORK) as work:
            result = _render(report, settings, work, on_cell)
    except OSError as error:
        result = Result(report.name, "failed", message=f"cannot write: {error}")
    result.seconds = round(time.monotonic() - started, 3)
    return result


def _render(
    report: Report, settings: Settings, work: Path, on_cell: Callable[[str], None]
) -> Result:
    outputs, hashes = settings.outputs, memory.Hashes(work / "hashes.json")
    if report.reasons != [FORCED] and not record.why_stale(report, outputs, hashes):
        return Result(report.name, "fresh", "rendered by another batch meanwhile")
    started = time.monotonic()
    run = engine.Execution(report.notebook.parent.absolute(), settings, on_cell)
    try:
        executed = engine.run_notebook(report.notebook.absolute(), report.passed, run)
        page = export.export_page(
            executed, report=report.stem, languages=_languages(report, outputs),
            data_book=f"{report.name.rpartition('/')[2]}.xlsx", folder=report.notebook.parent,
        )  # fmt: skip
        made = {"html": page.html.encode(), "ipynb": record.encode(executed)}
        made["xlsx"] = export.book_of(executed, page)
        if "pdf" in report.formats:
            made["pdf"] = paper.html_to_pdf(page.html)
        document = _record(report, executed, page, made, outputs)
        document.seconds = round(time.monotonic() - started, 3)
        if old := read_json(path_of(outputs, report.name, "json"), Record):
            document.revised = record.changes(old, document) or old.revised
        made["json"] = record.encode(document)
        record.publish(report.name, made, outputs, work)
    except Exception as error:  # The batch goes on, whatever a notebook or the export does.
        return _keep_failed(report, run, error, outputs)
    record.forget_failure(outputs, report.name)
    files = [f"{report.name}.{ending}" for ending in made]
    return Result(report.name, "rendered", files=files, lost=page.lost)


def _languages(report: Report, outputs: Path) -> list[str]:
    """Those of this batch, and those that stand there already."""
    stem = report.name.removesuffix(f".{report.effective.get('lang')}")
    standing = [lang for lang in LANGS if path_of(outputs, stem, f"{lang}.html").is_file()]
    return sorted({*report.languages, *standing})


def _record(
    report: Report, nb: NotebookNode, page: export.Exported, made: dict[str, bytes], outputs: Path
) -> Record:
    facts = export.provenance_record(nb)
    # What was hashed is what ran, though the notebook was saved anew since the batch was planned.
    ran = {"notebook": {report.notebook.name: freshness.source_hash(nb.cells)}}
    parts = freshness.reading(report.parts | ran, facts.get("tables"))
    lang, name = report.effective.get("lang"), report.name.rpartition("/")[2]
    return Record(
        notebook=report.stem,
        source=Path(os.path.relpath(report.notebook, outputs)).as_posix(),
        title=page.title,
        lang=lang,
        axes=report.axes,
        parameters=report.effective,
        files={ending: f"{name}.{ending}" for ending in (*made, "json")},
        sha256={ending: record.sha256(content) for ending, content in made.items()},
        inputs=facts.get("inputs", []),
        tables=facts.get("tables"),
        versions=facts.get("versions") or memory.environment(),
        is_synthetic=facts.get("is_synthetic"),
        notice=export.data_notice(nb),
        seconds=0.0,
        peak_memory_bytes=peak_memory_bytes(),
        numbers=msgspec.convert(page.numbers, list[record.Figure]),
        lost=page.lost,
        created=memory.now(),
        key=memory.key(parts),
        parts=parts,
    )


def _keep_failed(report: Report, run: engine.Execution, error: Exception, outputs: Path) -> Result:
    cell = getattr(error, "cell", "")
    kind = "" if cell or not str(error) else f"{type(error).__name__}: "
    result = Result(report.name, "failed", cell=cell, message=f"{kind}{error}")
    if run.notebook is not None:
        path = path_of(outputs / FAILED, report.name, "ipynb")
        with suppress(OSError):
            write_whole(path, record.encode(run.notebook))
            result.executed = path.relative_to(outputs).as_posix()
    return result

"""One report: run, exported, and written whole or not at all.

Everything is made in a private folder below `outputs/.work` and moved into place by renames, the
`.json` last: its presence says that what stands beside it is complete. The same function serves a
worker process of a batch and a worker of a cluster. papermill and nbconvert are imported only
when a report is rendered, since names and freshness are asked for by light commands.
"""

from __future__ import annotations

import glob
import json
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import memory
from helpers.places import locked
from helpers.schema import LANGS
from workbench import freshness
from workbench.project import project

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from workbench.engine import Run

WORK = ".work"
FAILED = "failed"
FAILURE = ("report", "cell", "message", "executed", "created")
"""What is kept of a report that failed."""


@dataclass(frozen=True)
class Settings:
    """What all reports of a batch share."""

    outputs: Path
    environment: dict[str, str] = field(default_factory=dict)
    cell_timeout: float | None = None
    timeout: float | None = None
    is_forced: bool = False


@dataclass(frozen=True)
class Report:
    """A notebook with parameters, and the files asked for.

    Attributes:
        notebook: its source.
        passed: the parameters that papermill is given.
        effective: these and the defaults of all others.
        formats: `html`, `pdf`; the executed notebook, the data book (`.xlsx`) and the `.json` are
            always written.
        parts: what it is made from (`freshness`).
        given_stem: what its files are called; empty is as the notebook.
    """

    notebook: Path
    passed: dict[str, Any]
    effective: dict[str, Any]
    formats: tuple[str, ...]
    languages: tuple[str, ...]
    parts: memory.Parts
    given_stem: str = ""

    @property
    def stem(self) -> str:
        """What its files are called, before language and ending."""
        return self.given_stem or self.notebook.stem

    @property
    def name(self) -> str:
        """Values of the axes and `<stem>.<lang>`, joined by `/`; `-` for what is not declared."""
        values = (str(self.effective.get(axis.name) or "-") for axis in project().AXES)
        # They become folders: nothing but words, and never `..`.
        folders = [re.sub(r"^\.+$|[^\w.-]+", "_", value) for value in values]
        lang = self.effective.get("lang")
        return "/".join([*folders, f"{self.stem}.{lang}" if lang else self.stem])


@dataclass
class Result:
    """How a report ended.

    Attributes:
        status: `rendered`, `fresh` (nothing to do) or `failed`.
        files: what was written, relative to the outputs.
        executed: where the executed notebook of a failed report is, relative to the outputs.
    """

    report: str
    status: str
    reason: str = ""
    seconds: float = 0.0
    files: list[str] = field(default_factory=list)
    cell: str = ""
    message: str = ""
    executed: str = ""
    is_warm: bool = False


def path_of(folder: Path, name: str, ending: str) -> Path:
    """`<folder>/<name>.<ending>`: names hold dots, so `with_suffix` would cut them."""
    return folder / f"{name}.{ending}"


def read_record(folder: Path, name: str) -> dict[str, Any] | None:
    """The `.json` of a report; None where there is none that can be read."""
    try:
        record = json.loads(path_of(folder, name, "json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def read_failure(path: Path) -> dict[str, Any] | None:
    """What was written of a report that failed; None where it is not whole."""
    try:
        facts = json.loads(path.read_text("utf-8"))
        return {name: str(facts[name]) for name in FAILURE}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_failure(result: Result, outputs: Path) -> None:
    """Writes down that a report failed, where that is possible, until it is rendered again."""
    facts = {name: getattr(result, name) for name in FAILURE[:-1]}
    facts["created"] = datetime.now(UTC).isoformat(timespec="seconds")
    path = path_of(outputs / FAILED, result.report, "json")
    with suppress(OSError):
        replace_whole(path, json.dumps(facts, ensure_ascii=False), outputs / WORK)


def stale_because(report: Report, outputs: Path) -> list[str]:
    """Why a report has to be rendered, in words; empty where it is as good as new."""
    record = read_record(outputs, report.name) or {}
    try:
        now = freshness.reading(report.parts, record["tables"])
        changed = memory.differences(record["key"]["parts"], now)
    except (KeyError, TypeError, AttributeError):  # What stands there is no record of ours.
        return ["never rendered"]
    formats = (*report.formats, "xlsx")
    missing = [e for e in formats if not path_of(outputs, report.name, e).is_file()]
    return changed + [f"no .{ending} yet" for ending in missing]


def render_report(report: Report, settings: Settings) -> Result:
    """Renders one report; what goes wrong is in the result, not raised.

    The outputs of an earlier success stay until they are replaced by those of a new one.
    """
    started = time.monotonic()
    try:
        lock = settings.outputs / WORK / f"{report.name.replace('/', '~')}.lock"
        with locked(lock), _work_folder(settings.outputs) as work:
            result = _render(report, settings, work)
    except OSError as error:
        result = Result(report.name, "failed", message=f"cannot write: {error}")
    result.seconds = round(time.monotonic() - started, 3)
    return result


def replace_whole(path: Path, content: str | bytes, work: Path) -> None:
    """Writes a file that is seen complete or not at all; `work` is on the same disk."""
    partial = work / f"{os.getpid()}-{path.name}"
    partial.write_bytes(content.encode() if isinstance(content, str) else content)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial.replace(path)


def sweep(outputs: Path) -> None:
    """Removes what processes of this machine left in `.work` that are no more.

    Other machines may share the folder; of their processes nothing can be told.
    """
    for folder in (outputs / WORK).glob(f"{glob.escape(platform.node())}-*-*"):
        pid = folder.name.split("-")[-2]
        if folder.is_dir() and pid.isdigit() and not _is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _render(report: Report, settings: Settings, work: Path) -> Result:
    from workbench import engine

    if not settings.is_forced and not stale_because(report, settings.outputs):
        return Result(report.name, "fresh", "rendered by another batch meanwhile")
    started = time.monotonic()
    run = engine.Run(
        report.notebook.parent.absolute(),
        settings.environment,
        settings.cell_timeout,
        settings.timeout,
    )
    try:
        executed = engine.run_notebook(report.notebook.absolute(), report.passed, run)
        made = _export(report, executed, settings.outputs)
        record = _record(report, run, made, settings.outputs, time.monotonic() - started)
        made["json"] = json.dumps(record, ensure_ascii=False, indent=1)
        _publish(report.name, made, settings.outputs, work)
    except Exception as error:  # The batch goes on, whatever a notebook or the export does.
        return _keep_failed(report, run, error, settings.outputs, work)
    _forget_failure(settings.outputs, report.name)
    files = [f"{report.name}.{ending}" for ending in made]
    return Result(report.name, "rendered", files=files, is_warm=run.is_warm)


def _export(report: Report, executed: NotebookNode, outputs: Path) -> dict[str, str | bytes]:
    """The files of a report by ending."""
    import nbformat

    from workbench import export

    lang = report.effective.get("lang")
    languages = _languages(report, outputs)
    book = path_of(Path(), Path(report.name).name, "xlsx").name
    page = export.export_html(
        executed, lang, report=report.stem, languages=languages, data_book=book
    )
    made: dict[str, str | bytes] = {"html": page, "ipynb": nbformat.writes(executed)}
    made["xlsx"] = export.book_of(executed, page, lang)
    if "pdf" in report.formats:
        made["pdf"] = export.html_to_pdf(page)
    return made


def _languages(report: Report, outputs: Path) -> list[str]:
    """Those of this batch, and those that stand there already."""
    stem = report.name.removesuffix(f".{report.effective.get('lang')}")
    standing = [lang for lang in LANGS if path_of(outputs, stem, f"{lang}.html").is_file()]
    return sorted({*report.languages, *standing})


def _record(
    report: Report, run: Run, made: dict[str, str | bytes], outputs: Path, seconds: float
) -> dict[str, Any]:
    from workbench import export

    told = export.provenance_record(run.notebook) or {}
    tables = told.get("tables")
    parts = freshness.reading(report.parts, tables)
    page = str(made["html"])
    return {
        "notebook": report.stem,
        "source": Path(os.path.relpath(report.notebook, outputs)).as_posix(),
        "title": export.title_of(run.notebook, report.effective.get("lang")),
        **{axis.name: report.effective.get(axis.name) for axis in project().AXES},
        "lang": report.effective.get("lang"),
        "parameters": report.effective,
        "files": {ending: f"{report.name.split('/')[-1]}.{ending}" for ending in (*made, "json")},
        "inputs": told.get("inputs", []),
        "tables": tables,
        "versions": told.get("versions") or memory.environment(),
        "is_synthetic": told.get("is_synthetic"),
        "notice": export.data_notice(run.notebook),
        "seconds": round(seconds, 3),
        "peak_memory_bytes": run.peak_memory_bytes,
        "kernel": "warm" if run.is_warm else "ordinary",
        "numbers": export.read_numbers(page),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "key": {"sha256": memory.key(parts), "parts": parts},
    }


def _publish(name: str, made: dict[str, str | bytes], outputs: Path, work: Path) -> None:
    # All is on the disk before the first rename: a full disk leaves the old report whole.
    target = path_of(outputs, name, "json").parent
    for ending, content in made.items():
        data = content.encode() if isinstance(content, str) else content
        (work / ending).write_bytes(data)
    target.mkdir(parents=True, exist_ok=True)
    for ending in made:
        (work / ending).replace(path_of(outputs, name, ending))


def _keep_failed(report: Report, run: Run, error: Exception, outputs: Path, work: Path) -> Result:
    cell = getattr(error, "cell", "")
    kind = "" if cell or not str(error) else f"{type(error).__name__}: "
    result = Result(report.name, "failed", cell=cell, message=f"{kind}{error}", is_warm=run.is_warm)
    if run.notebook is not None:
        import nbformat

        path = path_of(outputs / FAILED, report.name, "ipynb")
        with suppress(OSError):
            replace_whole(path, nbformat.writes(run.notebook), work)
            result.executed = path.relative_to(outputs).as_posix()
    return result


def _forget_failure(outputs: Path, name: str) -> None:
    for ending in ("ipynb", "json"):
        with suppress(OSError):
            path_of(outputs / FAILED, name, ending).unlink(missing_ok=True)


@contextmanager
def _work_folder(outputs: Path) -> Iterator[Path]:
    folder = outputs / WORK / f"{platform.node()}-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

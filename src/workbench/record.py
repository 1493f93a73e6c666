"""What stands in the outputs: reports, their records, failures, and the manifest of all.

Every document is a declared type and is decoded here. A record that is damaged or of an older
version is none: its report is rendered again. A record says which bytes belong to it, so a report
of which some files were replaced and others not is seen for what it is.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import msgspec

from helpers import memory
from helpers.documents import read_json
from helpers.places import is_demo, write_whole
from helpers.schema import UnreadableFile
from workbench import freshness
from workbench.project import project

FAILED, FORCED = "failed", "forced"
MANIFEST = "manifest.json"
INDEX = {"fa": "index.html", "en": "index.en.html"}
"""The pages that are written of all reports once a batch is over, beside the manifest."""


@dataclass(frozen=True)
class Settings:
    """What all reports of a batch share.

    Attributes:
        environment: what notebooks find in theirs beside ours.
        cell_timeout, timeout, batch_timeout: seconds for a cell, a report and all; None: no limit.
        jobs: how many reports at once; None is as many as cores.
        cluster: address of a dask scheduler, whose workers render instead of this machine.
    """

    outputs: Path
    environment: dict[str, str] = field(default_factory=dict)
    cell_timeout: float | None = None
    timeout: float | None = None
    batch_timeout: float | None = None
    jobs: int | None = None
    cluster: str | None = None


@dataclass
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
        reasons: why it has to be rendered; none: it is as good as new.
    """

    notebook: Path
    passed: dict[str, Any]
    effective: dict[str, Any]
    formats: tuple[str, ...]
    languages: tuple[str, ...]
    parts: memory.Parts
    given_stem: str = ""
    reasons: list[str] = field(default_factory=list)

    @property
    def stem(self) -> str:
        """What its files are called, before language and ending."""
        return self.given_stem or self.notebook.stem

    @property
    def axes(self) -> dict[str, Any]:
        """Its values of the project's axes; None for what the notebook does not declare."""
        return {axis.name: self.effective.get(axis.name) for axis in project().AXES}

    @cached_property
    def name(self) -> str:
        """Values of the axes and `<stem>.<lang>`, joined by `/`; `-` for what is not declared."""
        *folders, lang = map(_as_word, [*self.axes.values(), self.effective.get("lang")])
        return "/".join([*folders, self.stem if lang == "-" else f"{self.stem}.{lang}"])


def _as_word(value: Any) -> str:
    """A value as (a part of) the name of a folder: never `..`, nor a folder of our own."""
    word = re.sub(r"^\.+|[^\w.-]+", "_", str(value or "-"))
    return f"{word}_" if word == FAILED else word


@dataclass
class Result:
    """How a report ended.

    Attributes:
        status: `rendered`, `fresh` (nothing to do) or `failed`.
        files: what was written, relative to the outputs.
        executed: where the executed notebook of a failed report is, relative to the outputs.
        lost: what the page could not show, in words.
        created: when it failed.
    """

    report: str
    status: str
    reason: str = ""
    seconds: float = 0.0
    files: list[str] = field(default_factory=list)
    cell: str = ""
    message: str = ""
    executed: str = ""
    lost: list[str] = field(default_factory=list)
    created: str = ""


class Figure(msgspec.Struct):
    """A named number that a page prints, unrounded; None is not known."""

    name: str
    value: float | None
    unit: str
    scope: str
    period: str
    source: str
    shown: str


class Change(msgspec.Struct):
    """A number that two reports of one kind print, as each shows it."""

    measure: str
    before: str
    now: str


class _Told(msgspec.Struct, kw_only=True):
    """What a report's record and the manifest both say of it.

    Attributes:
        axes: its values of the project's axes.
        files: ending -> file name; `sha256`: ending -> hash of its bytes.
        notice: the banner it bears; empty for none.
        key: one hash of all that it was made from.
        revised: what it printed otherwise when its numbers were last others.
    """

    notebook: str
    title: str
    lang: str | None
    axes: dict[str, Any]
    parameters: dict[str, Any]
    files: dict[str, str]
    sha256: dict[str, str]
    created: str
    seconds: float
    is_synthetic: bool | None
    notice: str
    key: str
    revised: list[Change] = []


class Record(_Told, kw_only=True):
    """The `.json` beside a report.

    Attributes:
        format: version of this document.
        source: the notebook, relative to the outputs.
        tables: the processed tables it read; None is not known.
        lost: what the page could not show, in words.
        parts: what it was made from.
    """

    format: Literal[2] = 2
    source: str
    inputs: list[dict[str, Any]]
    tables: list[str] | None
    versions: dict[str, str]
    peak_memory_bytes: int | None
    numbers: list[Figure]
    parts: memory.Parts
    lost: list[str] = []


class Listed(_Told, kw_only=True):
    """What the manifest says of a report.

    Attributes:
        folder: relative to the outputs.
        stale: why it is not as good as new.
        on_the_map: what the index says of its place.
        earlier: the time of the last report of its kind before it, where there is one.
        since: what changed since that.
    """

    folder: str
    stale: list[str] = []
    on_the_map: dict[str, float | None] = {}
    earlier: str = ""
    since: list[Change] = []


class Manifest(msgspec.Struct):
    """`manifest.json`: every report that stands in the outputs, and every failure."""

    created: str
    reports: list[Listed]
    failed: list[Result]


def path_of(folder: Path, name: str, ending: str) -> Path:
    """`<folder>/<name>.<ending>`: names hold dots, so `with_suffix` would cut them."""
    return folder / f"{name}.{ending}"


def encode(document: Any) -> bytes:
    """A document as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1)


def read_manifest(outputs: Path) -> Manifest:
    """What stands in the outputs.

    Reports on synthetic data count in a demo's folder only: what an older version rendered among
    the real ones is left out.

    Raises:
        UnreadableFile: there is no manifest, or it is not one; the message says what to do.
    """
    path = outputs / MANIFEST
    manifest = read_json(path, Manifest)
    if manifest is None:
        raise UnreadableFile(
            f"expected the manifest of rendered reports at {path}, found none that can be read; "
            "render a report first: workbench render"
        )
    if not is_demo(path):
        manifest.reports = [listed for listed in manifest.reports if not listed.is_synthetic]
    return manifest


def standing_records(outputs: Path) -> dict[str, Record]:
    """Name of each report that stands in the outputs -> its record."""
    paths = (p for p in sorted(outputs.glob("[!.]*/*/*.json")) if p.parts[-3] != FAILED)
    records = {path: read_json(path, Record) for path in paths}
    return {
        path.relative_to(outputs).as_posix().removesuffix(".json"): record
        for path, record in records.items()
        if record
    }


def write_manifest(outputs: Path, stale: Mapping[str, Sequence[str]] | None = None) -> Path:
    """Writes the manifest.

    Args:
        outputs: the folder of the reports.
        stale: name of a report -> why it is not as good as new, as far as that was looked at.
    """
    records, reports = standing_records(outputs), []
    for name, record in records.items():
        listed = Listed(
            folder=name.rpartition("/")[0],
            stale=list((stale or {}).get(name, ())),
            on_the_map=project().on_the_map(record.axes, record.numbers),
            **{name: getattr(record, name) for name in _Told.__struct_fields__},
        )
        if before := _earlier(record, records.values()):
            listed.earlier, listed.since = _time(before), changes(before, record)
        reports.append(listed)
    failed = [read_json(path, Result) for path in sorted((outputs / FAILED).glob("*/*/*.json"))]
    manifest = Manifest(memory.now(), reports, [failure for failure in failed if failure])
    write_whole(outputs / MANIFEST, encode(manifest))
    return outputs / MANIFEST


MOST_CHANGES = 6
"""Of a report that the index tells."""
_SUMS = ("USD", "kg", "n")
"""Units of what adds up over time: not set beside that of a time of another length."""


def changes(before: Record, now: Record) -> list[Change]:
    """The first numbers of a report that differ from those of another of its kind.

    A number is the same in both if its name is, where both are of the report's own place and time.
    One whose source does not say what it measures is left out.
    """
    is_same_time = _time(before) == _time(now)
    old = {figure.name: figure for figure in reversed(before.numbers) if _is_own(figure, before)}
    new = {figure.name: figure for figure in reversed(now.numbers) if _is_own(figure, now)}
    told = {}
    for name, figure in reversed(new.items()):
        measure, *about = figure.source.split(" · ")
        # Not what is only written otherwise, nor what moved by less than is written.
        is_changed = name in old and figure.value != old[name].value
        is_changed = is_changed and figure.shown != old[name].shown and len(about) > 2
        if is_changed and (is_same_time or name == "rank" or figure.unit not in _SUMS):
            told.setdefault(measure, Change(measure, *map(_signed, (old[name], figure))))
    return list(told.values())[:MOST_CHANGES]


def _signed(figure: Figure) -> str:
    """As it is shown, with the sign that the words around it gave on its page (“fell by”)."""
    is_unsigned = (figure.value or 0) < 0 and not re.search("[-\u2212]", figure.shown)
    return "\u200e\u2212" * is_unsigned + figure.shown


def _is_own(figure: Figure, record: Record) -> bool:
    *_, place = project().AXES
    return figure.period == _time(record) and figure.scope == record.axes.get(place.name)


def _time(record: Record) -> str:
    return str(record.axes.get(project().AXES[0].name) or "")


def _earlier(record: Record, others: Iterable[Record]) -> Record | None:
    """The last report of its kind: of the same notebook, place and language, of a time before."""
    time, *rest = project().AXES
    alike = [
        other
        for other in others
        if (other.notebook, other.lang) == (record.notebook, record.lang)
        and all(other.axes.get(axis.name) == record.axes.get(axis.name) for axis in rest)
        and _time(other) and time.order(_time(other)) < time.order(_time(record))
    ]  # fmt: skip
    return max(alike, key=lambda other: time.order(_time(other)), default=None)


def why_stale(report: Report, outputs: Path, hashes: memory.Hashes) -> list[str]:
    """Why a report has to be rendered, in words; empty where it is as good as new."""
    path = path_of(outputs, report.name, "json")
    record = read_json(path, Record)
    if record is None:
        is_there = path.is_file()
        return ["its record is damaged or of an older version" if is_there else "never rendered"]
    current = freshness.reading(report.parts, record.tables)
    reasons = memory.differences(record.parts, current)
    for ending in ("html", "ipynb", "xlsx", *report.formats):
        file = path_of(outputs, report.name, ending)
        if ending not in record.sha256 or not file.is_file():
            reasons.append(f"no .{ending} yet")
        elif hashes.of(file) != record.sha256[ending]:
            reasons.append(f"its .{ending} is another than the one its record speaks of")
    return list(dict.fromkeys(reasons))


def publish(name: str, made: Mapping[str, bytes], outputs: Path, work: Path) -> None:
    """Puts the files of a report in place, the record last.

    Whatever is cut short here leaves a record that does not fit its files, and is seen.

    Args:
        name: of the report.
        made: ending -> content; `json` comes last.
        outputs: the folder of the reports.
        work: a folder on the same disk.
    """
    # All is on the disk before the first rename: a full disk leaves the old report whole.
    for ending, content in made.items():
        (work / ending).write_bytes(content)
    path_of(outputs, name, "json").parent.mkdir(parents=True, exist_ok=True)
    for ending in made:
        (work / ending).replace(path_of(outputs, name, ending))
    for ending in {"pdf"} - set(made):  # One that belongs to an earlier record.
        path_of(outputs, name, ending).unlink(missing_ok=True)


def sha256(content: bytes) -> str:
    """The hash of a file's bytes."""
    return hashlib.sha256(content).hexdigest()


def keep_failure(result: Result, outputs: Path) -> None:
    """Writes down that a report failed, where that is possible, until it is rendered again."""
    result.created = memory.now()
    with suppress(OSError):
        write_whole(path_of(outputs / FAILED, result.report, "json"), encode(result))


def forget_failure(outputs: Path, name: str) -> None:
    """Takes away what an earlier failure of a report left."""
    for ending in ("ipynb", "json"):
        with suppress(OSError):
            path_of(outputs / FAILED, name, ending).unlink(missing_ok=True)

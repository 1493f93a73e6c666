"""Which of several files for one period counts, so that nothing is counted twice.

Three rules, in this order. A later file for the same flow, months and office takes the place of
an earlier one of its grain, unless their `scope` (sidecar) or chapters of goods tell them to be
parts of one whole. Where months overlap, the longer run is reduced to what it adds: the first
seven months less the first six are the seventh, flagged `month_by_difference`. And where lines
cover an office and destination that a table by office and destination covers too, the lines
count; what that table, their control, holds above them stays as one row, `residual_of_control`.
Lines that name no office cannot take the place of a table that does, and are left out beside it;
so is a file that names no place at all beside one with lines of offices.

All rules work on cells: sums of one file for a flow, year, run of months, office, partner and
grain. So the same files give the same store, in whatever order they arrived.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers.classification import office_key
from helpers.customs.quality import (
    MEASURES,
    AboveControl,
    FileAccount,
    MonthsByDifference,
    Revision,
    Rows,
)
from helpers.customs.sources import Months, Source
from helpers.places import linked, write_whole
from helpers.schema import GRAINS, CheckFailed

FLAGS = ("month_by_difference", "residual_of_control")

SMALL_BYTES = 1 << 18
"""Parts smaller than this are joined, all of a flow and year."""

LEAST_USD = 0.5
"""Less than this between a control and its lines is rounding, and no residual."""

_RUN = ["month_first_sh", "month_last_sh"]
_LEFT = ["left_first", "left_last"]
_KEY = [*_RUN, "customs_office", "grain"]
_CELL = [
    "flow", "year_sh", *_RUN, "province_basis", "customs_office", "partner_iso3", "grain",
]  # fmt: skip
# The same trade by place of clearance and of production stands side by side.
_AT = ["flow", "year_sh", "province_basis", "is_synthetic", "scope", "customs_office"]
_TERMS = [
    *_CELL, "n_rows", *MEASURES, "file", "is_synthetic", "scope", *_LEFT, "sign", "is_new", "owner",
]  # fmt: skip
_CONTROLS = [*_AT, "partner_iso3", *_LEFT, *MEASURES, "n_rows", "owner", "rest_usd"]
_SAME_GOODS = [
    "province", "province_basis", "customs_office", "partner_iso3", "hs_code", "hs2_code",
    "hs4_code", "hs6_code", "grain", "is_synthetic",
]  # fmt: skip


class Run(msgspec.Struct, frozen=True):
    """The chapters of goods that a file has for one flow, year, run of months and grain."""

    flow: str
    year_sh: int
    months: Months
    grain: str
    chapters: frozenset[str]


class Entry(msgspec.Struct, kw_only=True):
    """What is remembered of a cleaned file, beside its Parquet parts.

    Attributes:
        account: what became of it, before other files are looked at.
        key: names its folder in the cache; empty where it has none.
        source: what its sidecars say.
        cells: columns `_CELL` (offices by `office_key`), `n_rows` and `MEASURES`, as lists.
        runs: of months, with their chapters.
        n_doubts: rows of its `doubts.parquet`.
        parts: name of each of these parts -> its hash.
    """

    account: FileAccount
    key: str = ""
    source: Source = msgspec.field(default_factory=Source)
    cells: dict[str, list] = {}
    runs: list[Run] = []
    n_doubts: int = 0
    parts: dict[str, str] = {}


@dataclass(frozen=True)
class Plan:
    """Which cells stand, and how.

    Attributes:
        terms: one row a cell that counts and a run of months it counts in: the cell's columns;
            `left_first`, `left_last` (the run); `sign` (+1, or -1 where it is taken away);
            `is_new` (whether the run is the cell's own, or what it adds); `owner`, the file whose
            part holds the run.
        controls: one row an office, partner and run of a control that has lines: `owner`, `_AT`,
            `partner_iso3`, `_LEFT`, `n_rows`, `MEASURES`, `rest_usd` (missing where none is left).
        replaced_by: file -> the files that count instead.
        revisions: of files by later ones.
        above_control: cells whose lines exceed their control.
        n_cleaned: (file, flow, year) -> rows that the file has.
    """

    terms: pd.DataFrame
    controls: pd.DataFrame
    replaced_by: dict[str, set[str]]
    revisions: list[Revision]
    above_control: list[AboveControl]
    n_cleaned: dict[tuple[str, str, int], int]


def cells_in(kept: pa.Table) -> pa.Table:
    """Sums of declarations, all of a file or a piece of it, by `_CELL`, for `cells_of`."""
    sums = _grouped(kept, _CELL, [([], "count_all"), *((name, "sum") for name in MEASURES)])
    return sums.rename_columns([*_CELL, "n_rows", *MEASURES])


def cells_of(pieces: list[pa.Table]) -> dict[str, list]:
    """Sums of a file's declarations by `_CELL`, of those of its pieces."""
    names = ["n_rows", *MEASURES]
    joined = pa.concat_tables(pieces).group_by(_CELL, use_threads=False)
    sums = joined.aggregate([(name, "sum") for name in names]).rename_columns([*_CELL, *names])
    columns = sums.to_pydict()
    columns["customs_office"] = [office_key(name or "") for name in columns["customs_office"]]
    return columns | {name: [x or 0.0 for x in columns[name]] for name in MEASURES}


_CHAPTERS = ["flow", "year_sh", *_RUN, "grain", "chapter"]


def chapters_in(kept: pa.Table) -> pa.Table:
    """The distinct `_CHAPTERS` of declarations, all of a file or a piece of it, for `runs_of`."""
    codes = _grouped(kept, [*_CHAPTERS[:-1], "hs_code"], [])
    chapters = pc.utf8_slice_codeunits(codes["hs_code"], 0, 2)
    return (
        codes.append_column("chapter", chapters)
        .group_by(_CHAPTERS, use_threads=False)
        .aggregate([])
    )


def runs_of(pieces: list[pa.Table]) -> list[Run]:
    """The runs of months of a file, with the chapters of goods in each, of those of its pieces."""
    chapters: dict[tuple, set[str | None]] = defaultdict(set)
    for row in pa.concat_tables(pieces).to_pylist():
        *run, chapter = (row[name] for name in _CHAPTERS)
        chapters[tuple(run)].add(chapter)
    return [
        Run(flow, year, (first, last), grain, frozenset(filter(None, found)))
        for (flow, year, first, last, grain), found in chapters.items()
    ]


def _grouped(kept: pa.Table, names: list[str], aggregations: list[tuple]) -> pa.Table:
    """Declarations by some of their columns; words are grouped by their places: few differ."""
    columns = {name: _codes(kept[name]) for name in {*names, *(n for n, _ in aggregations if n)}}
    groups = pa.table(columns).group_by(names, use_threads=False).aggregate(aggregations)
    words = {
        name: kept[name].chunk(0).dictionary.take(groups[name].combine_chunks())
        for name in names
        if pa.types.is_dictionary(kept[name].type)
    }
    return pa.table({name: words.get(name, groups[name]) for name in groups.column_names})


def _codes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return pa.chunked_array([chunk.indices for chunk in column.chunks])
    return pc.if_else(pc.is_nan(column), None, column) if column.type == "double" else column


# What counts


def plan(entries: list[Entry]) -> Plan:
    """Decides for each flow, year, office and partner which cells count, and for which months.

    Args:
        entries: of clean files. Later is: has codes of goods, then the sidecar's `accessed`, then
            the name.
    """
    cells = _cells(entries)
    if cells.empty:
        return Plan(cells.reindex(columns=_TERMS), cells.reindex(columns=_CONTROLS), {}, [], [], {})
    chapters = {
        (e.account.source_file, run.flow, run.year_sh, run.months, run.grain): run.chapters
        for e in entries
        for run in e.runs
    }
    dates = {e.account.source_file: e.source.accessed for e in entries}
    replaced_by: dict[str, set[str]] = defaultdict(set)
    revised, terms = [], []
    of_no_office = _lines_of_no_office(cells, replaced_by)
    for (*at, grain), files_of in _files_of_runs(cells.drop(of_no_office)).items():
        for months, files in files_of.items():
            known = {f: chapters[f, at[0], at[1], months, grain] for f in files}
            files_of[months], gone = _latest(known, dates)
            revised += [(earlier, later, *at, grain, *months) for earlier, later in gone]
        counted, out = disjoint(files_of)
        for months, instead in out.items():
            for file in files_of[months]:
                replaced_by[file].add(files_of[instead][0])
        for left, (newest, signs) in counted.items():
            whole = left == newest
            terms += [
                (file, *at, grain, *months, *left, sign, months == newest,
                 file if whole else files_of[newest][0])
                for months, sign in signs.items()
                for file in files_of[months]
            ]  # fmt: skip
    for earlier, later, *_ in revised:
        replaced_by[earlier].add(later)
    keys = ["file", *_AT, "grain", *_RUN]
    table = pd.DataFrame(terms, columns=[*keys, *_LEFT, "sign", "is_new", "owner"])
    table = cells.merge(table, on=keys, how="inner", validate="m:m")
    controls, above = table.iloc[:0].reindex(columns=_CONTROLS), []
    if set(GRAINS[:2]) <= set(table["grain"]):
        controls, above = _controls(table, replaced_by)
    revisions = _revisions(revised, cells) if revised else []
    n_cleaned = cells.groupby(["file", "flow", "year_sh"])["n_rows"].sum().to_dict()
    return Plan(table, controls, replaced_by, revisions, above, n_cleaned)


def _cells(entries: list[Entry]) -> pd.DataFrame:
    parts = [(e, len(e.cells["flow"])) for e in entries if e.cells]
    names = [*_CELL, "n_rows", *MEASURES]
    columns = {name: [x for e, _ in parts for x in e.cells[name]] for name in names}
    for name, of in _OF_FILE.items():
        columns[name] = [value for e, n in parts for value in [of(e)] * n]
    return pd.DataFrame(columns)


_OF_FILE: dict[str, Callable[[Entry], object]] = {
    "file": lambda entry: entry.account.source_file,
    "is_synthetic": lambda entry: entry.source.synthetic,
    "scope": lambda entry: entry.source.scope,
    "names_no_place": lambda entry: (
        entry.account.repairs.get("province_unknown") == entry.account.rows.kept
        and not any(entry.cells["customs_office"])
    ),
}


def _lines_of_no_office(cells: pd.DataFrame, replaced_by: dict[str, set[str]]) -> pd.Index:
    """Cells of lines that name no office, of months that a table by office covers.

    They speak of the same trade, and cannot be held against any row of it. So do lines of a file
    that names no place at all beside lines of offices.
    """
    is_line, is_nameless = cells["grain"] == GRAINS[0], cells["customs_office"] == ""
    lines = cells[is_line & is_nameless]
    of_offices = cells[(cells["grain"] == GRAINS[1]) | (is_line & ~is_nameless)]
    tables = of_offices[[*_AT[:-1], *_RUN, "grain", "file"]].drop_duplicates()
    both = lines.reset_index(names="cell").merge(tables, on=_AT[:-1], suffixes=("", "_table"))
    same = (
        (both["month_first_sh"] <= both["month_last_sh_table"])
        & (both["month_first_sh_table"] <= both["month_last_sh"])
        & ((both["grain_table"] == GRAINS[1]) | both["names_no_place"])
    )
    for file, table in both[same][["file", "file_table"]].drop_duplicates().to_numpy():
        replaced_by[file].add(table)
    return pd.Index(both[same]["cell"].unique())


def _files_of_runs(cells: pd.DataFrame) -> dict[tuple, dict[Months, list[str]]]:
    """(`_AT`, grain) -> run of months -> the files that have it."""
    found: dict[tuple, dict[Months, list[str]]] = defaultdict(lambda: defaultdict(list))
    distinct = cells[[*_AT, "grain", *_RUN, "file"]].drop_duplicates().sort_values("file")
    for *at, first, last, file in distinct.itertuples(index=False, name=None):
        found[tuple(at)][first, last].append(file)
    return found


def _latest(
    chapters: dict[str, frozenset[str]], dates: dict[str, str]
) -> tuple[list[str], list[tuple[str, str]]]:
    """The files that count for one run of months, and pairs of a file and what replaces it."""
    ranked = sorted(chapters, key=lambda file: (bool(chapters[file]), dates[file], file))
    stay, gone = [], []
    for place, file in enumerate(ranked):
        for later in ranked[place + 1 :]:
            both = chapters[file], chapters[later]
            if not all(both) or not both[0].isdisjoint(both[1]):
                gone.append((file, later))
                break
        else:
            stay.append(file)
    return stay, gone


def disjoint(
    runs: Collection[Months],
) -> tuple[dict[Months, tuple[Months, Counter[Months]]], dict[Months, Months]]:
    """Makes runs of months disjoint, from the first months on.

    Returns:
        What counts: months left -> the run that adds them, and what it is made of (+1, -1); and
        what does not: run -> the run that counts instead.
    """
    counted: dict[Months, tuple[Months, Counter[Months]]] = {}
    out: dict[Months, Months] = {}
    for run in sorted(runs, key=lambda r: (r[1], r[1] - r[0])):
        touching = [m for m in counted if run[0] <= m[1] and m[0] <= run[1]]
        inside = [m for m in touching if run[0] <= m[0] and m[1] <= run[1]]
        known = sorted(n for m in inside for n in range(m[0], m[1] + 1))
        from_the_start = known == list(range(run[0], run[0] + len(known)))
        if not touching:
            counted[run] = run, Counter({run: 1})
        elif touching != inside or len(known) == run[1] - run[0] + 1:
            out[run] = counted[touching[0]][0]
        elif from_the_start:
            signs = Counter({run: 1})
            for m in inside:
                signs.subtract(counted[m][1])
            counted[known[-1] + 1, run[1]] = run, Counter({m: n for m, n in signs.items() if n})
        elif any(counted[m][0] != m for m in inside):
            out[run] = counted[inside[0]][0]
        else:
            # Months with gaps between them cannot be taken away from a longer run.
            out |= dict.fromkeys(inside, run)
            for m in inside:
                del counted[m]
            counted[run] = run, Counter({run: 1})
    return counted, out


def _controls(
    terms: pd.DataFrame, replaced_by: dict[str, set[str]]
) -> tuple[pd.DataFrame, list[AboveControl]]:
    """The cells of tables by office and destination that lines cover, and what is left of them."""
    where = [*_AT, "partner_iso3"]
    cells = _signed(terms).groupby([*where, *_LEFT, "grain"], as_index=False).agg(
        dict.fromkeys((*MEASURES, "n_rows"), "sum") | {"owner": "first", "file": "unique"}
    )  # fmt: skip
    line, control = (cells[cells["grain"] == grain].drop(columns="grain") for grain in GRAINS[:2])
    both = control.reset_index(names="cell").merge(line, on=where, suffixes=("", "_line"))
    first, last, first_line, last_line = (
        both[name] for name in (*_LEFT, "left_first_line", "left_last_line")
    )
    both["lies_in"] = (first <= first_line) & (last_line <= last)
    both = both[(first_line <= last) & (first <= last_line)]
    for owner, files in zip(both["owner"], both["file_line"], strict=True):
        replaced_by[owner].update(files)
    by = both.groupby("cell")
    found = control.loc[list(by.groups)].assign(
        lines_usd=by["value_usd_line"].sum(), by=by["owner_line"].first()
    )
    rest = (found["value_usd"] - found["lines_usd"]).where(by["lies_in"].all())
    above = found[rest < -LEAST_USD]
    return found.assign(rest_usd=rest.where(rest > LEAST_USD)), [
        AboveControl(
            row.by, row.flow, row.year_sh, (row.left_first, row.left_last), row.customs_office,
            row.partner_iso3, row.lines_usd, row.value_usd,
        )
        for row in above.itertuples()
    ]  # fmt: skip


def _signed(terms: pd.DataFrame) -> pd.DataFrame:
    """The terms with their amounts as they add up; a row counts where its months are its own."""
    amounts = {name: terms[name] * terms["sign"] for name in MEASURES}
    return terms.assign(**amounts, n_rows=terms["n_rows"].where(terms["is_new"], 0))


def _revisions(revised: list[tuple], cells: pd.DataFrame) -> list[Revision]:
    """For each pair of files and run of months, by how much the later moves the earlier."""
    keys, names = [*_AT, "grain", *_RUN], ["value_usd", "net_mass_kg"]
    pairs = pd.DataFrame(revised, columns=["earlier", "later", *keys])
    sums = cells.groupby(["file", *keys])[names].sum()
    for which in ("earlier", "later"):
        own = sums.add_suffix(f"_{which}").rename_axis(index={"file": which}).reset_index()
        pairs = pairs.merge(own, on=[which, *keys], how="left", validate="m:1")
    by = pairs.groupby(["earlier", "later", "flow", "year_sh", *_RUN])
    offices = by["customs_office"].nunique()
    totals = by[[f"{name}_{which}" for name in names for which in ("earlier", "later")]].sum()
    made = []
    for place, total in totals.to_dict("index").items():
        earlier, later, flow, year, first, last = place
        moves = {}
        for name in names:
            before, after = total[f"{name}_earlier"], total[f"{name}_later"]
            moves[name] = {"earlier": before, "later": after, "difference": after - before}
        months, n_offices = (int(first), int(last)), int(offices[place])
        made.append(Revision(flow, int(year), months, n_offices, earlier, later, **moves))
    return made


def account(entries: list[Entry], made: Plan) -> None:
    """Says in each file's account what of it stands in the store, and what was replaced."""
    terms = _signed(made.terms)
    # What is taken away is taken from the file that adds the months.
    of = terms["file"].where(terms["is_new"], terms["owner"])
    by_owner, names = made.controls.groupby("owner"), [*MEASURES, "n_rows"]
    rest = by_owner["rest_usd"].agg(value_usd="sum", n_rows="count").reindex(columns=names)
    lost = by_owner[names].sum() - rest.fillna(0)
    kept = terms.groupby(of)[names].sum().sub(lost, fill_value=0)
    standing = kept.to_dict("index")
    for entry in entries:
        file = entry.account
        own = standing.get(file.source_file, dict.fromkeys(kept.columns, 0))
        for name in MEASURES:
            sums = getattr(file, name)
            sums.replaced, sums.kept = float(sums.kept - own[name]), float(own[name])
        rows: Rows = file.rows
        rows.replaced, rows.kept = int(rows.kept - own["n_rows"]), int(own["n_rows"])
        file.replaced_by = sorted(made.replaced_by.get(file.source_file, ()))


# What is written


def write_declarations(
    entries: list[Entry], made: Plan, cache: Path, target: Path, before: Path
) -> list[MonthsByDifference]:
    """Makes `target` hold the parts of all files, as the plan has them.

    Args:
        entries: of clean files.
        made: the plan.
        cache: folder of the parts as cleaned, `KEY/declarations/flow=…/year_sh=…/part.parquet`.
        target: an empty folder, or one of parts: those that are not wanted are removed.
        before: a folder written earlier, whose parts may be linked.

    Returns:
        For each part that holds months by difference: what they add up to.
    """
    folders = {e.account.source_file: cache / e.key / "declarations" for e in entries}
    terms, controls = (
        dict(tuple(rows.groupby(["owner", "flow", "year_sh"])))
        for rows in (made.terms[~_is_whole(made)], made.controls)
    )
    standing = set(made.terms[["owner", "flow", "year_sh"]].itertuples(index=False, name=None))
    small: dict[Path, list[Path]] = defaultdict(list)
    wanted: set[Path] = set()
    reports = []
    for entry in entries:
        name = entry.account.source_file
        for cached in sorted(folders[name].glob("*/*/part.parquet")):
            flow, year = (folder.split("=")[1] for folder in cached.parts[-3:-1])
            of, place = (name, flow, int(year)), Path(*cached.parts[-3:-1])
            if of in terms:
                piece = _Piece(cached, terms[of], controls.get(of), folders)
                path = place / f"{entry.key}-{piece.digest}.parquet"
                write = piece.write
            elif of not in standing:
                continue
            elif cached.stat().st_size < SMALL_BYTES:
                small[place].append(cached)
                continue
            else:
                piece, path, write = None, place / f"{entry.key}.parquet", partial(linked, cached)
            wanted.add(_put(path, write, target, before))
            if piece:
                reports += _reports(target / path, name, piece.differences)
    for place, parts in small.items():
        # A question opens every file: thousands of small ones take longer than their rows do.
        keys = "".join(part.parts[-5] for part in parts)
        path = place / f"{hashlib.sha256(keys.encode()).hexdigest()[:24]}.parquet"
        wanted.add(_put(path, partial(_write_joined, parts), target, before))
    for path in set(target.rglob("*.parquet")) - wanted:
        path.unlink()
    return reports


def _is_whole(made: Plan) -> pd.Series:
    """Of each term, whether its part stands as it was cleaned: all of its cells, each as it is."""
    terms = made.terms
    part = [terms["owner"], terms["flow"], terms["year_sh"]]
    as_it_is = (terms["owner"] == terms["file"]) & _has_own_months(terms)
    n_standing = terms.groupby(part)["n_rows"].transform("sum")
    parts = pd.MultiIndex.from_arrays(part)
    controls = pd.MultiIndex.from_frame(made.controls[["owner", "flow", "year_sh"]])
    is_all = (n_standing == parts.map(made.n_cleaned).to_numpy()) & ~parts.isin(controls)
    return as_it_is.groupby(part).transform("all") & is_all


def _has_own_months(terms: pd.DataFrame) -> np.ndarray:
    return (terms[_RUN].to_numpy() == terms[_LEFT].to_numpy()).all(axis=1)


def _put(path: Path, write: Callable[[Path], object], target: Path, before: Path) -> Path:
    """The part in the target: as it stands there, else linked from before, else written."""
    if not (target / path).exists():
        if (before / path).exists():
            linked(before / path, target / path)
        else:
            write_whole(target / path, write)
    return target / path


def _write_joined(parts: list[Path], path: Path) -> None:
    pq.write_table(pa.concat_tables([pq.ParquetFile(part).read() for part in parts]), path)


class _Piece:
    """The rows of one file for one flow and year, as they are to stand."""

    def __init__(
        self,
        cached: Path,
        terms: pd.DataFrame,
        controls: pd.DataFrame | None,
        folders: dict[str, Path],
    ) -> None:
        whole = _has_own_months(terms)
        self.cached, self.folders = cached, folders
        self.controls = terms.iloc[:0] if controls is None else controls
        self.staying = terms[whole][_KEY].drop_duplicates()
        self.differences = terms[~whole]
        self.value_usd = (terms["value_usd"] * terms["sign"]).sum()

    @property
    def digest(self) -> str:
        """Changes whenever the rows do."""
        made_of = self.differences[["file", *_KEY, *_LEFT, "sign"]].drop_duplicates()
        keys = [self.folders[file].parent.name for file in made_of["file"]]
        left = self.controls.reindex(columns=["customs_office", "partner_iso3", *_LEFT, "rest_usd"])
        texts = [
            rows.to_csv(index=False) for rows in (self.staying, made_of.assign(file=keys), left)
        ]
        return hashlib.sha256("\n\n".join(texts).encode()).hexdigest()[:8]

    def write(self, path: Path) -> None:
        """Writes the rows that stand, those by difference, and the residuals of controls."""
        own = pq.ParquetFile(self.cached).read()
        added = [
            self._by_difference(terms, months, own.schema)
            for months, terms in self.differences.groupby(_LEFT)
        ]
        rows = pa.concat_tables([own.filter(_among(own, self.staying)), *added])
        expected = self.value_usd
        if len(self.controls):
            rows = _less_lines(rows, self.controls)
            expected += (self.controls["rest_usd"].fillna(0) - self.controls["value_usd"]).sum()
        value = pc.sum(rows["value_usd"]).as_py() or 0.0
        if abs(value - expected) > max(LEAST_USD, 1e-9 * abs(expected)):
            raise CheckFailed(
                f"{self.cached}: {value:,.2f} USD would stand where the plan has {expected:,.2f}; "
                "please report these files"
            )
        pq.write_table(rows, path)

    def _by_difference(self, terms: pd.DataFrame, months: Months, schema: pa.Schema) -> pa.Table:
        """Rows of the months left, one a kind of goods, office and partner.

        A row names the file and row of the cumulative figure, or, where it has none, the earlier.
        """
        signed = []
        for (_, file, sign), cells in terms.assign(new=~terms["is_new"]).groupby(
            ["new", "file", "sign"]
        ):
            part = self.folders[file].joinpath(*self.cached.parts[-3:])
            rows = pq.ParquetFile(part).read()
            chosen = rows.filter(_among(rows, cells[_KEY].drop_duplicates())).to_pandas()
            signed.append(chosen.assign(**{name: chosen[name] * sign for name in MEASURES}))
        both = pd.concat(signed, ignore_index=True)
        one_name = both["customs_office"].groupby(_office_keys(both["customs_office"]))
        both = both.assign(customs_office=one_name.transform("first"))
        rows = monthly(both, months)
        return pa.Table.from_pandas(rows[schema.names], schema=schema, preserve_index=False)


def _among(rows: pa.Table, cells: pd.DataFrame) -> pa.BooleanArray:
    """Which rows lie in one of the cells (`_KEY`)."""
    offices = _office_keys(rows["customs_office"].to_pandas())
    places = [rows[n].to_numpy(zero_copy_only=False) for n in (*_RUN, "grain")]
    index = pd.MultiIndex.from_arrays([*places[:2], offices, places[2]])
    return pa.array(index.isin(pd.MultiIndex.from_frame(cells)))


def _office_keys(offices: pd.Series) -> np.ndarray:
    places, names = pd.factorize(offices)
    return np.array([*map(office_key, names), ""], dtype=object)[places]


def _less_lines(rows: pa.Table, controls: pd.DataFrame) -> pa.Table:
    """The rows of a control without those that lines replace, and what these leave of them."""
    given = rows.to_pandas()
    keys = [*_RUN, "office", "partner_iso3"]
    left = controls.rename(columns=dict(zip(_LEFT, _RUN, strict=True)))
    left = left.rename(columns={"customs_office": "office"})[[*keys, "rest_usd"]]
    given = given.assign(office=_office_keys(given["customs_office"]))
    given = given.merge(left, on=keys, how="left", validate="m:1", indicator=True)
    is_control = given["grain"].eq(GRAINS[1])
    replaced = is_control & given["_merge"].eq("both")
    rest = given[replaced & given["rest_usd"].notna()].drop_duplicates(keys)
    flags = rest["flags"].str.cat([FLAGS[1]] * len(rest), sep=",").str.lstrip(",")
    rest = rest.assign(
        value_usd=rest["rest_usd"], value_irr=None, net_mass_kg=None, flags=flags, grain=GRAINS[2]
    )
    stays = pd.concat([given[~replaced], rest])[rows.column_names]
    return pa.Table.from_pandas(stays, schema=rows.schema, preserve_index=False)


def monthly(signed: pd.DataFrame, months: Months) -> pd.DataFrame:
    """What is left of cumulative figures when earlier ones are taken away.

    Args:
        signed: declarations of the later period, then those of the earlier ones with their
            measures negated.
        months: first and last month that are left.

    Returns:
        Declarations, one a kind of goods, office and partner. Where either period lacks a
        measure, the difference lacks it. Rows in which nothing is left are not there.
    """
    by = signed.groupby(_SAME_GOODS, dropna=False, sort=False)
    sums = by[list(MEASURES)].sum(min_count=1, skipna=False).reset_index()
    named = by[["goods", "source_file", "source_row"]].first().reset_index(drop=True)
    rows = pd.concat([sums, named], axis=1)
    left = rows[list(MEASURES)].round(6)
    rows = rows.assign(
        month_first_sh=np.int8(months[0]),
        month_last_sh=np.int8(months[1]),
        flags=np.where((left < 0).any(axis=1), f"negative,{FLAGS[0]}", FLAGS[0]),
    )
    return rows[(left.fillna(0) != 0).any(axis=1)]


def _reports(path: Path, source_file: str, terms: pd.DataFrame) -> Iterator[MonthsByDifference]:
    """Of each run of months that a part holds by difference: what it is made of and adds up to."""
    if terms.empty:
        return
    flow, year = (folder.split("=")[1] for folder in path.parts[-3:-1])
    rows = pq.ParquetFile(path).read(columns=["flags", "value_usd", *_RUN]).to_pandas()
    rows = rows[rows["flags"].str.contains(FLAGS[0])]
    for months, of in terms.groupby(_LEFT):
        own = rows[rows[_RUN].eq(list(months)).all(axis=1)]
        negative = own[own["flags"].str.contains("negative")]
        yield MonthsByDifference(
            source_file, sorted(of["file"][~of["is_new"]].unique()), flow, int(year), months,
            len(own), float(own["value_usd"].sum()),
            len(negative), float(negative["value_usd"].sum()),
        )  # fmt: skip

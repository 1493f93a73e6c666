"""Which of several files for one period counts, so that nothing is counted twice.

A later file for the same flow, period and office takes the place of an earlier one; a table with
codes of goods takes the place of one without. Files that differ in `scope` (sidecar), or whose
chapters of goods have nothing in common, are parts of one whole and stand side by side.

Where the periods of two files overlap, the longer one is reduced to what it adds: the first seven
months less the first six are the seventh month, flagged `month_by_difference`. Months that come
out negative (a later revision of earlier months) are kept, flagged and reported. Nothing is
replaced silently: what was left out, and by how much figures moved, is in `quality.json`.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers.classification import office_key
from helpers.customs import layouts
from helpers.places import write_whole

FLAGS = ("month_by_difference",)

Months = tuple[int, int]
Source = tuple[str, Months]
"""Rows of one file (its key) for one run of months."""

Terms = tuple[tuple[Source, int], ...]
"""Rows to add (+1) and to take away (-1)."""

Entry = dict[str, Any]
"""What became of a file, as `cleaning` has it."""

Of = tuple[str, str, int]
"""The part of a file (its key) for one flow and year."""

_CELL = ("flow", "year_sh", "month_first_sh", "month_last_sh", "customs_office")
_MEASURES = ["net_mass_kg", "value_usd", "value_irr"]
_SAME_GOODS = [
    "province", "province_basis", "customs_office", "partner_iso3", "hs_code", "hs2_code",
    "hs4_code", "hs6_code", "grain", "is_synthetic",
]  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """Months that a cumulative file adds to what is known of the months before.

    Attributes:
        months: the months left when the known ones are taken away.
        offices: the customs offices this holds for.
        terms: rows to add (+1) and to take away (-1).
    """

    months: Months
    offices: tuple[str, ...]
    terms: Terms


_Told = tuple[dict[str, Any], dict[str, Any]]  # the entry of a file, and one of its slices


@dataclass(frozen=True)
class Plan:
    """What is left out of each file's part, and the revisions this makes.

    Attributes:
        left_out: (key of the file, flow, year) -> cells, each a dict of `months`, `office`,
            `rows`, `value_usd`, `net_mass_kg` and `by`, the file that counts instead.
        differences: of a cumulative file -> months left and their terms -> offices.
        moved: (key of a file, flow, year) -> (months, office) whose rows are in a difference.
        revisions: one dict a pair of files and period.
    """

    left_out: dict[Of, list[dict[str, Any]]] = field(default_factory=dict)
    differences: dict[Of, dict[tuple[Months, Terms], list[str]]] = field(default_factory=dict)
    moved: dict[Of, set[tuple[Months, str]]] = field(default_factory=dict)
    revisions: list[dict[str, Any]] = field(default_factory=list)

    def left_out_of(self, key: str | None) -> dict[str, Any] | None:
        """Rows and sums of a file that another one replaces; None where all of it counts."""
        cells = [c for (of, _, _), found in self.left_out.items() if of == key for c in found]
        if not cells:
            return None
        sums = {n: sum(c[n] for c in cells) for n in ("rows", "value_usd", "net_mass_kg")}
        return sums | {"replaced_by": sorted({c["by"] for c in cells})}


def slices_of(kept: pa.Table, sidecar: dict) -> list[dict[str, Any]]:
    """What a file says about each flow and period: its offices with their sums, its chapters.

    Offices go by `office_key`, because two files may spell one office differently.
    """
    sums = kept.group_by(list(_CELL), use_threads=False).aggregate(
        [("value_usd", "sum"), ("net_mass_kg", "sum"), ("source_row", "count")]
    )
    codes = pc.unique(kept["hs_code"].cast(pa.string())).to_pylist()
    about = {
        "is_synthetic": bool(pc.any(kept["is_synthetic"]).as_py()),
        "chapters": sorted({code[:2] for code in codes if code}),
        # The same trade by place of clearance and of production stands side by side.
        "scope": f"{sidecar.get('scope', '')} {pc.unique(kept['province_basis'])[0]}",
        "date": layouts.accessed_on(sidecar),
    }
    slices: dict[tuple[Any, ...], dict[str, Any]] = {}
    for cell in sums.to_pylist():
        period = (cell["flow"], cell["year_sh"], cell["month_first_sh"], cell["month_last_sh"])
        named = dict(zip(("flow", "year_sh", "first", "last"), period, strict=True))
        found = slices.setdefault(period, {**named, **about, "offices": {}})
        office = found["offices"].setdefault(office_key(cell["customs_office"] or ""), Counter())
        office["rows"] += cell["source_row_count"]
        office["value_usd"] += cell["value_usd_sum"] or 0.0
        office["net_mass_kg"] += cell["net_mass_kg_sum"] or 0.0
    return list(slices.values())


def plan(entries: list[dict[str, Any]]) -> Plan:
    """Decides for each flow, period and office which file counts, and for which months.

    Args:
        entries: of clean files, with their `slices`. Later is: has codes of goods, then the
            sidecar's `accessed`, then the name.
    """
    told: dict[tuple[Any, ...], list[_Told]] = defaultdict(list)
    for entry in entries:
        for part in entry["slices"]:
            of = (part["flow"], part["year_sh"], part["is_synthetic"], part["scope"])
            told[of].append((entry, part))
    made = Plan()
    for (flow, year, *_), several in told.items():
        _replace_earlier(several, made)
        for office in sorted({office for _, part in several for office in part["offices"]}):
            _part_overlaps(flow, year, office, several, made)
    return made


def _replace_earlier(several: list[_Told], made: Plan) -> None:
    """Among files for the same months, the later ones replace the earlier ones."""
    ranked = sorted(several, key=_rank)
    for place, earlier in enumerate(ranked):
        for later in ranked[place + 1 :]:
            if _months(earlier[1]) == _months(later[1]):
                _replace(earlier, later, made)


def _months(part: dict[str, Any]) -> Months:
    return part["first"], part["last"]


def _rank(told: _Told) -> tuple[bool, str, str]:
    entry, part = told
    return bool(part["chapters"]), part["date"], entry["source_file"]


def _part_overlaps(flow: str, year: int, office: str, several: list[_Told], made: Plan) -> None:
    """Makes the periods of one office disjoint, from the first months on."""
    told: dict[Months, list[_Told]] = defaultdict(list)
    for entry, part in several:
        gone = made.left_out.get((entry["key"], flow, year), [])
        if office in part["offices"] and (_months(part), office) not in _cells(gone):
            told[_months(part)].append((entry, part))
    counted: dict[Months, Counter[Source]] = {}
    for months in sorted(told, key=lambda m: (m[1], m[1] - m[0])):
        inside = [m for m in counted if months[0] <= m[0] and m[1] <= months[1]]
        touching = [m for m in counted if months[0] <= m[1] and m[0] <= months[1]]
        known = sorted(n for m in inside for n in range(m[0], m[1] + 1))
        from_the_start = known == list(range(months[0], months[0] + len(known)))
        is_known = len(known) == months[1] - months[0] + 1
        if not touching:
            counted[months] = _rows_of(told[months], months)
        elif touching != inside or is_known or (not from_the_start and _stay(inside, months, told)):
            _leave_out(told[months], office, told.get(touching[0], told[months]), made)
        elif from_the_start:
            left = (known[-1] + 1, months[1])
            counted[left] = _rows_of(told[months], months)
            for m in inside:
                counted[left].subtract(counted[m])
            _add_difference(left, office, told[months], counted[left], made)
        else:
            # Months with gaps between them cannot be taken away from a longer period.
            for m in inside:
                _leave_out(told[m], office, told[months], made)
                del counted[m]
            counted[months] = _rows_of(told[months], months)


def _rows_of(several: list[_Told], months: Months) -> Counter[Source]:
    return Counter({(entry["key"], months): 1 for entry, _ in several})


def _stay(inside: list[Months], months: Months, told: dict[Months, list[_Told]]) -> bool:
    """Whether shorter periods with gaps between them count, and the longer one does not.

    So it is where only the shorter ones tell of goods, or one of them is a difference itself.
    """
    if any(m not in told for m in inside):
        return True
    coded = any(part["chapters"] for m in inside for _, part in told[m])
    return coded and not any(part["chapters"] for _, part in told[months])


def _add_difference(
    left: Months, office: str, several: list[_Told], terms: Counter[Source], made: Plan
) -> None:
    signed = tuple(sorted((source, sign) for source, sign in terms.items() if sign))
    for number, (entry, part) in enumerate(several):
        of = (entry["key"], part["flow"], part["year_sh"])
        made.moved.setdefault(of, set()).add((_months(part), office))
        if number == 0:  # the rows that are left are written with the first of several files
            made.differences.setdefault(of, {}).setdefault((left, signed), []).append(office)


def _leave_out(several: list[_Told], office: str, instead: list[_Told], made: Plan) -> None:
    for entry, part in several:
        cells = made.left_out.setdefault((entry["key"], part["flow"], part["year_sh"]), [])
        cell = {"months": _months(part), "office": office, "by": instead[0][0]["source_file"]}
        cells.append(cell | part["offices"][office])


def _cells(left_out: list[dict[str, Any]]) -> set[tuple[Months, str]]:
    return {(cell["months"], cell["office"]) for cell in left_out}


def _replace(earlier: _Told, later: _Told, made: Plan) -> None:
    (entry, part), (instead, newer) = earlier, later
    same = sorted(set(part["offices"]) & set(newer["offices"]))
    chapters = set(part["chapters"]), set(newer["chapters"])
    if not same or (all(chapters) and chapters[0].isdisjoint(chapters[1])):
        return
    gone = _cells(made.left_out.get((entry["key"], part["flow"], part["year_sh"]), []))
    fresh = [office for office in same if (_months(part), office) not in gone]
    for office in fresh:
        _leave_out([earlier], office, [later], made)
    if fresh:
        revision = {
            "flow": part["flow"], "year_sh": part["year_sh"],
            "months": [part["first"], part["last"]], "n_offices": len(fresh),
            "earlier": entry["source_file"], "later": instead["source_file"],
        }  # fmt: skip
        made.revisions.append(revision | _moves(part, newer, fresh))


def _moves(part: dict[str, Any], newer: dict[str, Any], offices: list[str]) -> dict[str, Any]:
    """By how much the newer figures of these offices move the earlier ones."""
    moves = {}
    for measure in ("value_usd", "net_mass_kg"):
        before, after = (sum(p["offices"][o][measure] for o in offices) for p in (part, newer))
        moves[measure] = {"earlier": before, "later": after, "difference": after - before}
    return moves


def write_declarations(entries: list[Entry], made: Plan, store: Path, target: Path) -> list[dict]:
    """Brings `target` to hold the parts of all files, as the plan has them.

    Parts that are there already are not written again; those of no file any more are removed.

    Returns:
        For each part that holds months by difference: what they add up to, and how many rows
        came out negative.
    """
    wanted: set[Path] = set()
    reports = []
    for entry in entries:
        parts = (store / entry["key"] / "declarations") if entry["key"] else store / "none"
        for part in sorted(parts.rglob("part.parquet")):
            flow, year = (folder.split("=")[1] for folder in part.parts[-3:-1])
            of = (entry["key"], flow, int(year))
            gone = sorted(_cells(made.left_out.get(of, [])) | made.moved.get(of, set()))
            told = made.differences.get(of, {}).items()
            differences = [Difference(months, tuple(o), terms) for (months, terms), o in told]
            digest = hashlib.sha256(repr((gone, differences)).encode()).hexdigest()[:8]
            path = target.joinpath(*part.parts[-3:-1], f"{entry['key']}-{digest}.parquet")
            wanted.add(path)
            if not path.exists():
                rows = _changed(part, gone, differences, store)
                # An unchanged part is linked: it is on the disk only once.
                write = partial(os.link, part) if rows is None else partial(pq.write_table, rows)
                write_whole(path, write)
            if differences:
                reports.append(_report(path, entry["source_file"], flow, int(year)))
    for path in set(target.rglob("*.parquet")) - wanted:
        path.unlink()
    return reports


def _changed(
    part: Path, gone: list[tuple[Months, str]], differences: list[Difference], store: Path
) -> pa.Table | None:
    """The part less the cells that are gone, with the differences; None if it stays whole."""
    if not gone:
        return None
    rows = pq.ParquetFile(part).read()
    added = [_by_difference(difference, part, store, rows.schema) for difference in differences]
    return pa.concat_tables([rows.filter(_outside(rows, gone)), *added])


def _outside(rows: pa.Table, cells: Iterable[tuple[Months, str]]) -> pa.BooleanArray:
    """Which rows are in none of the cells."""
    months = [rows[name].to_numpy() for name in ("month_first_sh", "month_last_sh")]
    offices = _office_keys(rows["customs_office"].to_pandas())
    found = pd.MultiIndex.from_arrays([*months, offices])
    return pa.array(~found.isin([(*of, office) for of, office in cells]))


def _office_keys(offices: pd.Series) -> np.ndarray:
    places, names = pd.factorize(offices)
    return np.array([*map(office_key, names), ""], dtype=object)[places]


def _by_difference(difference: Difference, part: Path, store: Path, schema: pa.Schema) -> pa.Table:
    """Rows of the months left, one a kind of goods, office and partner; those of nothing left out.

    A row names the file and row of the cumulative figure, or, where that has none, the earlier.
    """
    signed = []
    for (key, months), sign in sorted(difference.terms, key=lambda term: -term[1]):
        path = store / key / "declarations" / part.parent.parent.name / part.parent.name
        rows = pq.ParquetFile(path / part.name).read()
        cells = {(months, office) for office in difference.offices}
        chosen = rows.filter(pc.invert(_outside(rows, cells))).to_pandas()
        signed.append(chosen.assign(**{name: chosen[name] * sign for name in _MEASURES}))
    both = pd.concat(signed, ignore_index=True)
    one_name = both["customs_office"].groupby(_office_keys(both["customs_office"]))
    both = both.assign(customs_office=one_name.transform("first"))
    rows = monthly(both, difference.months)
    return pa.Table.from_pandas(rows[schema.names], schema=schema, preserve_index=False)


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
    sums = by[_MEASURES].sum(min_count=1, skipna=False).reset_index()
    named = by[["goods", "source_file", "source_row"]].first().reset_index(drop=True)
    rows = pd.concat([sums, named], axis=1)
    left = rows[_MEASURES].round(6)
    rows = rows.assign(
        month_first_sh=np.int8(months[0]),
        month_last_sh=np.int8(months[1]),
        flags=np.where((left < 0).any(axis=1), f"negative,{FLAGS[0]}", FLAGS[0]),
    )
    return rows[(left.fillna(0) != 0).any(axis=1)]


def _report(path: Path, source_file: str, flow: str, year: int) -> dict[str, Any]:
    rows = pq.ParquetFile(path).read(columns=["flags", "value_usd"]).to_pandas()
    rows = rows[rows["flags"].str.contains(FLAGS[0])]
    negative = rows[rows["flags"].str.contains("negative")]
    return {
        "source_file": source_file, "flow": flow, "year_sh": year, "n_rows": len(rows),
        "value_usd": float(rows["value_usd"].sum()), "n_negative": len(negative),
        "value_usd_negative": float(negative["value_usd"].sum()),
    }  # fmt: skip

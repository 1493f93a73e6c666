"""Which of several files for one period counts, so that nothing is counted twice.

A later file for the same flow, period and office takes the place of an earlier one; a table with
codes of goods takes the place of one without. Files that differ in `scope` (sidecar), or whose
chapters of goods have nothing in common, are parts of one whole and stand side by side. Nothing
is replaced silently: what was left out, and by how much the figures moved, is in `quality.json`.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

FLAGS = ("month_by_difference",)

_CELL = ("flow", "year_sh", "month_first_sh", "month_last_sh", "customs_office")


@dataclass(frozen=True)
class Plan:
    """What is left out of each file's part, and the revisions this makes.

    Attributes:
        left_out: (key of the file, flow, year) -> cells, each a dict of `months`, `office`,
            `rows`, `value_usd`, `net_mass_kg` and `by`, the file that counts instead.
        revisions: one dict a pair of files and period.
    """

    left_out: dict[tuple[str, str, int], list[dict[str, Any]]] = field(default_factory=dict)
    revisions: list[dict[str, Any]] = field(default_factory=list)

    def left_out_of(self, key: str | None) -> dict[str, Any] | None:
        """Rows and sums of a file that another one replaces; None where all of it counts."""
        cells = [c for (of, _, _), found in self.left_out.items() if of == key for c in found]
        if not cells:
            return None
        sums = {n: sum(c[n] for c in cells) for n in ("rows", "value_usd", "net_mass_kg")}
        return sums | {"replaced_by": sorted({c["by"] for c in cells})}


def slices_of(kept: pa.Table, sidecar: dict[str, Any]) -> list[dict[str, Any]]:
    """What a file says about each flow and period: its offices with their sums, its chapters."""
    sums = kept.group_by(list(_CELL), use_threads=False).aggregate(
        [("value_usd", "sum"), ("net_mass_kg", "sum"), ("source_row", "count")]
    )
    codes = pc.unique(kept["hs_code"].cast(pa.string())).to_pylist()
    about = {
        "is_synthetic": bool(pc.any(kept["is_synthetic"]).as_py()),
        "chapters": sorted({code[:2] for code in codes if code}),
        "scope": str(sidecar.get("scope", "")),
        "date": str(sidecar.get("accessed", "")),
    }
    slices: dict[tuple[Any, ...], dict[str, Any]] = {}
    for cell in sums.to_pylist():
        period = (cell["flow"], cell["year_sh"], cell["month_first_sh"], cell["month_last_sh"])
        named = dict(zip(("flow", "year_sh", "first", "last"), period, strict=True))
        found = slices.setdefault(period, {**named, **about, "offices": {}})
        found["offices"][cell["customs_office"] or ""] = {
            "rows": cell["source_row_count"],
            "value_usd": cell["value_usd_sum"] or 0.0,
            "net_mass_kg": cell["net_mass_kg_sum"] or 0.0,
        }
    return list(slices.values())


def plan(entries: list[dict[str, Any]]) -> Plan:
    """Decides for each flow, period and office which file counts.

    Args:
        entries: of clean files, with their `slices`. Later is: has codes of goods, then the
            sidecar's `accessed`, then the name.
    """
    told: dict[tuple[Any, ...], list[tuple[dict[str, Any], dict[str, Any]]]] = defaultdict(list)
    for entry in entries:
        for part in entry["slices"]:
            period = (part["flow"], part["year_sh"], part["first"], part["last"])
            told[(*period, part["is_synthetic"], part["scope"])].append((entry, part))
    made = Plan()
    for several in told.values():
        ranked = sorted(several, key=_rank)
        for place, (entry, part) in enumerate(ranked):
            for later, newer in ranked[place + 1 :]:
                _replace(entry, part, later, newer, made)
    return made


def _rank(told: tuple[dict[str, Any], dict[str, Any]]) -> tuple[bool, str, str]:
    entry, part = told
    return bool(part["chapters"]), part["date"], entry["source_file"]


def _replace(
    entry: dict[str, Any],
    part: dict[str, Any],
    later: dict[str, Any],
    newer: dict[str, Any],
    made: Plan,
) -> None:
    same = sorted(set(part["offices"]) & set(newer["offices"]))
    chapters = set(part["chapters"]), set(newer["chapters"])
    if not same or (all(chapters) and chapters[0].isdisjoint(chapters[1])):
        return
    cells = made.left_out.setdefault((entry["key"], part["flow"], part["year_sh"]), [])
    gone = {(c["months"], c["office"]) for c in cells}
    months = (part["first"], part["last"])
    fresh = [office for office in same if (months, office) not in gone]
    for office in fresh:
        cell = {"months": months, "office": office, "by": later["source_file"]}
        cells.append(cell | part["offices"][office])
    if fresh:
        made.revisions.append(_revision(entry, part, later, newer, fresh))


def _revision(
    entry: dict[str, Any],
    part: dict[str, Any],
    later: dict[str, Any],
    newer: dict[str, Any],
    offices: list[str],
) -> dict[str, Any]:
    revision = {
        "flow": part["flow"], "year_sh": part["year_sh"], "months": [part["first"], part["last"]],
        "earlier": entry["source_file"], "later": later["source_file"], "n_offices": len(offices),
    }  # fmt: skip
    for measure in ("value_usd", "net_mass_kg"):
        before = sum(part["offices"][office][measure] for office in offices)
        after = sum(newer["offices"][office][measure] for office in offices)
        revision[measure] = {"earlier": before, "later": after, "difference": after - before}
    return revision


def write_declarations(
    entries: list[dict[str, Any]], made: Plan, store: Path, target: Path
) -> None:
    """Brings `target` to hold the parts of all files, less what the plan leaves out.

    Parts that are there already are not written again; those of no file any more are removed.
    """
    wanted: set[Path] = set()
    for entry in entries:
        parts = (store / entry["key"] / "declarations") if entry["key"] else store / "none"
        for part in sorted(parts.rglob("part.parquet")):
            flow, year = (folder.split("=")[1] for folder in part.parts[-3:-1])
            cells = made.left_out.get((entry["key"], flow, int(year)), [])
            digest = hashlib.sha256(repr(cells).encode()).hexdigest()[:8] if cells else "all"
            path = target.joinpath(*part.parts[-3:-1], f"{entry['key']}-{digest}.parquet")
            if cells and sum(c["rows"] for c in cells) == pq.read_metadata(part).num_rows:
                continue
            wanted.add(path)
            if not path.exists():
                _place(part, path, cells)
    for path in list(target.rglob("*.parquet")):
        if path not in wanted:
            path.unlink()


def _place(part: Path, path: Path, cells: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    if cells:
        rows = pq.read_table(part)
        pq.write_table(rows.filter(_counts(rows, cells)), partial)
    else:
        os.link(part, partial)
    os.replace(partial, path)


def _counts(rows: pa.Table, cells: list[dict[str, Any]]) -> pa.ChunkedArray:
    """Which rows are in none of the cells."""
    keep = None
    for months in {cell["months"] for cell in cells}:
        offices = pa.array([c["office"] for c in cells if c["months"] == months], pa.string())
        office = pc.fill_null(rows["customs_office"].cast(pa.string()), "")
        gone = pc.and_(
            pc.and_(
                pc.equal(rows["month_first_sh"], months[0]),
                pc.equal(rows["month_last_sh"], months[1]),
            ),
            pc.is_in(office, offices),
        )
        keep = pc.invert(gone) if keep is None else pc.and_not(keep, gone)
    return keep

"""What a fetched answer says: whether it is whole, and its rows as tables for cleaning.

A source is asked chapter by chapter, and searches for the two digits anywhere in the code: a row
stands in every answer whose digits its code contains, and counts in the one that owns it. Nothing
here speaks to a network: `fetching` does.
"""

from __future__ import annotations

import csv
import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from lxml import html

from helpers.customs import cells, layouts
from helpers.customs.files import Words
from helpers.customs.reading import TextTable, read_tables
from helpers.schema import UnreadableFile
from helpers.text import normalise

CHAPTERS = tuple(f"{number:02}" for number in range(1, 100))
AGGREGATE = "aggregate.html.gz"
CHAPTER_LAYOUT, AGGREGATE_LAYOUT = "tccim_chapter", "tccim_aggregate"
"""What the sidecars of a fetched year, and of its aggregate view, call their layouts."""

_TOTAL = "مجموع"
_FIRST_WORDS = 120
_FIGURE = re.compile("[0-9][0-9,٬.]*")


@dataclass(frozen=True)
class Contents:
    """What a whole answer holds: its rows, and their sums as its own total row has them."""

    n_rows: int = 0
    value_usd: float = 0.0
    net_mass_kg: float = 0.0


@cache
def _layout(name: str) -> list[layouts.Layout]:
    return [layout for layout in layouts.layouts() if layout.name == name]


def unpacked(path: Path) -> bytes:
    """The bytes of an answer, unpacked if it came packed.

    Raises:
        UnreadableFile: it is a damaged gzip file.
    """
    body = path.read_bytes()
    try:
        return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(f"it came packed and cannot be unpacked: {error}") from error


# One chapter


def check_chapter(path: Path, year: int, chapter: str) -> Contents:
    """What an answer of the detail view holds, having proved that it is whole and to the question.

    Args:
        path: the answer as received, unpacked.
        year: the Solar Hijri year that was asked for.
        chapter: the two digits that were searched for.

    Returns:
        Zeros where the source says that there is nothing.

    Raises:
        UnreadableFile: no table (its first words are told), cut before its total row, a total
            that its rows do not add up to, or rows of another question.
    """
    tables = [t for t in read_tables(path, _layout("customs_ten_column")) if t.layout]
    if not tables:
        return Contents()
    if len(tables) > 1:
        raise UnreadableFile(f"expected one table, found {len(tables)}; run `fetch --check`")
    table = tables[0]
    last = list(table.row(len(table) - 1).values()) if len(table) else []
    if not any(normalise(text).startswith(_TOTAL) for text in last):
        ends = " | ".join(last)[:_FIRST_WORDS] or "its heading"
        raise UnreadableFile(f"the table is cut: expected a last row {_TOTAL!r}, found {ends}")
    sums = {name: _sum(table, name) for name in ("net_mass_kg", "value_usd")}
    stated, _ = cells.numbers_of(pa.array(last, pa.string()))
    for name, found in sums.items():
        if not np.isclose(stated, found, rtol=1e-9, atol=0.5).any():
            raise UnreadableFile(
                f"its {len(table) - 1:,} rows add up to {found:,.0f} {name}, which its total row "
                f"does not say ({' | '.join(last)[:_FIRST_WORDS]})"
            )
    _refuse_other_question(table, "hs_code", lambda word: chapter in normalise(word), chapter)
    _refuse_other_question(table, "year_sh", lambda word: cells.year_of(word) == year, str(year))
    return Contents(len(table) - 1, sums["value_usd"], sums["net_mass_kg"])


def _sum(table: TextTable, name: str) -> float:
    """The sum of a column over all rows but the last."""
    column = table.column(name)
    if column is None:
        raise UnreadableFile(f"expected a column {name}, found: {', '.join(table.headings)}")
    values, readable = cells.numbers_of(column.words)
    rows = column.codes[:-1]
    if not readable[rows].all():
        bad = column.words[int(rows[~readable[rows]][0])]
        raise UnreadableFile(f"expected a number in {name}, found {bad.as_py()!r}")
    return float(np.nansum(values[rows]))


def _refuse_other_question(table: TextTable, name: str, fits, asked: str) -> None:
    column = table.column(name)
    words = [] if column is None else np.unique(column.codes[:-1])
    other = [w for w in (column.words[int(n)].as_py() for n in words) if not fits(w)]
    if other:
        raise UnreadableFile(f"it answers another question: {asked} was asked, {other[0]!r} came")


def owner(code: str) -> str:
    """The chapter in whose answer a row counts; "" for a text that is no code.

    The chapter that the code begins with; where that is none (`00123456`), the least chapter
    found anywhere in it. So each row counts in exactly one of the answers it stands in.
    """
    text = normalise(code)
    if text[:2] in CHAPTERS:
        return text[:2]
    return min((c for c in CHAPTERS if c in text), default="")


# A year, for cleaning


def files_of(path: Path) -> list[Path]:
    """What a source consists of: the answers of a fetched year (a folder), or the file itself."""
    if path.is_file():
        return [path]
    return [p for c in CHAPTERS if (p := path / f"{c}.html.gz").is_file()]


def read_answers(path: Path) -> Iterator[TextTable]:
    """The tables of a fetched year (a folder), one a chapter, or of its aggregate view (a file).

    Total rows, which `fetching` has proved, and rows that another chapter's answer owns are
    counted as structural; sheets are named by chapter, rows by their place in its answer.

    Raises:
        UnreadableFile: the year is not there in full, or an answer is no longer readable.
    """
    if path.is_file():
        yield from _aggregate_table(path)
        return
    missing = [c for c in CHAPTERS if not (path / f"{c}.html.gz").is_file()]
    if missing:
        raise UnreadableFile(
            f"{len(missing)} of {len(CHAPTERS)} chapters are not there yet, {missing[0]} first: "
            "the same `workbench fetch` goes on where it stopped"
        )
    for chapter in CHAPTERS:
        answer = path / f"{chapter}.html.gz"
        for table in read_tables(answer, _layout("customs_ten_column")):
            yield replace(_owned(table, chapter), sheet=chapter)


def _owned(table: TextTable, chapter: str) -> TextTable:
    codes = table.column("hs_code")
    if codes is None:
        return table
    own = np.array([owner(word) == chapter for word in codes.words.to_pylist()])[codes.codes]
    rows = [Words(column.words, column.codes[own]) for column in table.cells]
    n_above = table.n_above + int((~own).sum())
    return replace(table, cells=rows, source_rows=table.source_rows[own], n_above=n_above)


# The view by office and country


def check_aggregate(path: Path, year: int) -> Contents:
    """What the aggregate view holds: rows, and the totals that stand above them.

    Raises:
        UnreadableFile: a page of another kind, or rows that do not add up to the total.
    """
    text = unpacked(path).decode("utf-8", errors="replace")
    plain = normalise(" ".join(html.fromstring(text).itertext())) if text.strip() else ""
    if any(normalise(words) in plain for words in layouts.words()["no_data"]):
        return Contents()
    names = ("ارزش دلاری", "وزن")
    totals = [re.search(rf"{_TOTAL} {name} ?:? ?({_FIGURE.pattern})", plain) for name in names]
    if not all(totals):
        raise UnreadableFile(
            f"expected a page with {_TOTAL} ارزش دلاری and {_TOTAL} وزن, found "
            f"{plain[:_FIRST_WORDS]!r}"
        )
    value_usd, net_mass_kg = (cells.number_of(total[1]) or 0.0 for total in totals)
    rows = _aggregate_rows(text, year)
    found = sum(cells.number_of(row[-1]) or 0.0 for row in rows)
    if not np.isclose(found, value_usd, rtol=1e-9, atol=0.5):
        raise UnreadableFile(
            f"its {len(rows):,} rows of {year} add up to {found:,.0f} USD, its total says "
            f"{value_usd:,.0f}"
        )
    return Contents(len(rows), value_usd, net_mass_kg)


def _aggregate_rows(text: str, year: int) -> list[list[str]]:
    """Rows by their shape, five elements in a row: number, year, office, country, dollars."""
    leaves = [e.text or "" for e in html.fromstring(text).iter() if len(e) == 0]
    texts = [" ".join(leaf.split()) for leaf in leaves]
    plain = list(map(normalise, texts))
    return [
        texts[n : n + 5]
        for n in range(len(texts) - 4)
        if plain[n].isdigit() and plain[n + 1] == str(year) and _FIGURE.fullmatch(plain[n + 4])
    ]


def _aggregate_table(path: Path) -> Iterator[TextTable]:
    page = unpacked(path).decode("utf-8", errors="replace")
    year = re.search(r"1[34][0-9]{2}", path.parent.name)
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "aggregate.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(["ردیف", "سال", "گمرک", "کشور", "ارزش (دلار)"])
            csv.writer(file).writerows(_aggregate_rows(page, int(year[0]) if year else 0))
        yield from read_tables(table, _layout("customs_office_destination"))

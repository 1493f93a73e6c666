"""A raw file of any layout -> tables of text, every row knowing its place in the file.

A sheet may hold several tables, each under its own heading and title, and a heading may give one
measure a column for each year, month or flow: then each of these is a table of its own.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from helpers.customs import cells, headings, layouts
from helpers.customs.files import HEAD_ROWS, Grid, Room, Words, grids
from helpers.customs.headings import FIGURES, Column, Heading, Of, find_heading
from helpers.customs.layouts import Layout
from helpers.schema import UnreadableFile, check_word
from helpers.text import match_key, normalise

ROW_LIMITS = (65_536, 1_048_576)
"""Rows that a sheet of xls and of xlsx can have: a table that ends there may be cut off."""

_MANY_WORDS = frozenset({*FIGURES, "row_number", "quantity"})
"""Columns in which nearly every row has a word of its own."""


@dataclass(frozen=True)
class TextTable:
    """Rows of one table, as text.

    Attributes:
        sheet: what tells it from the other tables of its file: names of the archive's member, of
            the sheet, of the table within it; "" where there is only one.
        layout: None where no layout fits this sheet (but one fits another sheet of the file).
        columns: our name -> where it stands.
        of: the flow, year and months that its heading says of its figures.
        is_one_of_many: whether the same rows are another table too, of another year, say.
        headings: the heading of every position, also of those no layout knows.
        width: positions that the heading has.
        unnamed: positions right of the first figure, beyond the heading or under a blank one.
        cells: one `Words` a position.
        source_rows: of each row, 1 = first line of the sheet.
        titles: text above the heading, the nearest first.
        heading_words: the cells of the heading rows, by which a repeated heading is known.
        n_above: rows above the first data row; 0 in all chunks of a table but the first.
        is_hidden: whether its sheet is hidden, beside one that is not.
        warnings: what the reader lost, or passed over, in words.
    """

    sheet: str
    layout: Layout | None
    columns: dict[str, Column]
    of: Of
    is_one_of_many: bool
    headings: list[str]
    width: int
    unnamed: frozenset[int]
    cells: list[Words]
    source_rows: np.ndarray
    titles: tuple[str, ...]
    heading_words: frozenset[str]
    n_above: int
    is_hidden: bool = False
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.source_rows)

    def column(self, name: str) -> Words | None:
        """The cells of one of our columns, or None where the table has no such column."""
        return self.cells[self.columns[name].position] if name in self.columns else None

    def row(self, position: int) -> dict[str, str]:
        """A row by its headings, blanks left out: what `rejects.raw` keeps."""
        texts = ((h, c.text(position)) for h, c in zip(self.headings, self.cells, strict=True))
        return {heading: text for heading, text in texts if text}


def read_tables(path: Path, known: list[Layout], forced: str | None = None) -> Iterator[TextTable]:
    """The tables of a raw file, in chunks, every row of every sheet in exactly one place.

    Args:
        path: xlsx, xls, ods, HTML or Spreadsheet 2003 XML under any name, csv or tsv in UTF-8,
            UTF-16 or windows-1256, and gz or zip of these.
        known: layouts to try (`layouts`).
        forced: name of the only layout to try, where a sidecar says it.

    Yields:
        One table or more a sheet, several for a long csv. Hidden sheets, and sheets without a
        known heading (their `layout` is None), come last. A file that says there is no data gives
        one empty table.

    Raises:
        UnreadableFile: not a table, damaged, no sheet has a known layout, or one has two readings.
    """
    if forced:
        check_word("layout", forced, tuple(layout.name for layout in known))
        known = [layout for layout in known if layout.name == forced]
    later: list[tuple[Grid, Heading | None]] = []
    lone: Heading | None = None
    any_known = False
    with tempfile.TemporaryDirectory() as folder:
        given = grids(path, "", Room.for_file(folder, path))
        for grid, place in (pair for one in given for pair in _apart(one, known)):
            of_lone = place is None and lone and len(lone.texts) == grid.width
            # The rows of a heading that stands alone are the next table.
            place = replace(lone, first_row=0, last_row=0) if of_lone else place
            lone = place if place and place.last_row == len(grid.head) else None
            if place is None or grid.is_hidden:
                later.append((grid, place))
            else:
                any_known = True
                yield from _Sheet(grid, place, known).tables()
        found = any_known or any(place for _, place in later)
        if not found and not any(_says_no_data(grid) for grid, _ in later):
            raise UnreadableFile(_unknown_layout([grid for grid, _ in later], known))
        for grid, place in later:
            for table in _Sheet(grid, place or Heading(), known).tables():
                yield replace(table, is_hidden=grid.is_hidden and any_known)


def _apart(grid: Grid, known: list[Layout]) -> list[tuple[Grid, Heading | None]]:
    """A sheet with its heading, or the tables that stand side by side in it with theirs.

    Raises:
        UnreadableFile: the heading has two readings, as `find_heading` says it.
    """
    parts = list(_side_by_side(grid))
    headed: list[tuple[Grid, Heading | None]] = []
    if len(parts) > 1:
        with suppress(UnreadableFile):
            headed = [(part, find_heading(part.head, known)) for part in parts]
    n_headings = sum(place is not None for _, place in headed)
    if n_headings > 1:
        return headed
    try:
        return [(grid, find_heading(grid.head, known))]
    except UnreadableFile:
        if n_headings:
            return headed
        raise


def _side_by_side(grid: Grid) -> Iterator[Grid]:
    """The parts of a sheet between its blank columns, or of a heading that repeats itself.

    A title that stands alone in its row is of all of them.
    """
    used = {n for row in grid.head for n, cell in enumerate(row) if cell}
    starts = [n for n in sorted(used) if n - 1 not in used]
    for row in grid.head if len(starts) == 1 else ():
        sizes = (size for size in range(2, len(row) // 2 + 1) if len(row) % size == 0)
        size = next((size for size in sizes if row == row[:size] * (len(row) // size)), 0)
        starts = [*range(0, len(row), size)] if size and all(row) else starts
    for first, stop in pairwise([*starts, grid.width]):
        alone = [len([*filter(None, row)]) == 1 for row in grid.head]
        head = [
            [*filter(None, row)] if one else row[first:stop]
            for row, one in zip(grid.head, alone, strict=True)
        ]

        def batches(
            figures: set[int], first: int = first, stop: int = stop
        ) -> Iterator[tuple[np.ndarray, list[Words]]]:
            for rows, columns in grid.batches({n + first for n in figures}):
                yield rows, columns[first : None if stop == grid.width else stop]

        yield replace(
            grid, sheet=f"{grid.sheet} columns {first + 1}-{stop}".strip(), head=head,
            width=stop - first, batches=batches,
            merged=[(c - first, *rows) for c, *rows in grid.merged if first <= c < stop],
            warnings=() if first else grid.warnings,
        )  # fmt: skip


def _says_no_data(grid: Grid) -> bool:
    text = match_key(" ".join(cell for row in grid.head for cell in row))
    return any(match_key(message) in text for message in layouts.words()["no_data"])


class _Sheet:
    """A sheet on its way to tables: the heading that holds now, and what stood above it."""

    def __init__(self, grid: Grid, place: Heading, known: list[Layout]) -> None:
        self.grid, self.known = grid, known
        self.number = 1
        rows = grid.head[: max(place.first_row - 1, 0)]
        self.unheaded = place.first_row - 1 if any(map(_is_data, rows)) else 0
        self.sheet_titles = " ".join([*(cell for row in rows for cell in row), grid.title]).strip()
        self.warnings = grid.warnings
        self._start(place, self.sheet_titles, place.last_row)

    def _start(self, place: Heading, titles: str, n_above: int) -> None:
        self.place, self.n_above = place, n_above
        first = self.number == 1
        self.titles = (titles,) if first else (titles, self.sheet_titles)
        self.extra: dict[str, Column] | None = None

    def tables(self) -> Iterator[TextTable]:
        """The tables of the sheet, in chunks where it is long."""
        many = {c.position for c in self._columns(self.place) if c.heading}
        following = self.grid.batches(many)
        place = self.place
        if self.unheaded:
            self._start(Heading(), "", 0)
        batch = next(following, None)
        while batch is not None:
            source_rows, cells = batch
            batch = next(following, None)
            if batch is None and len(source_rows) and source_rows[-1] in ROW_LIMITS:
                self.warnings += (
                    f"it ends in row {source_rows[-1]:,}, the last that such a sheet can have: ask "
                    "the sender whether it was cut off",
                )
            if self.unheaded:  # rows of another width may come in a chunk of their own
                above = source_rows <= self.unheaded
                n_above = int(above.sum())
                yield from self._of_heading(source_rows[above], _rows(cells, above), 0, n_above)
                if n_above < len(above):
                    self._start(place, "", place.last_row - self.unheaded)
                    self.unheaded = 0
            below = source_rows > place.last_row
            yield from self._parts(source_rows[below], _rows(cells, below))

    def _columns(self, place: Heading) -> list[Column]:
        parts = [place.labels, *place.figures.values()]
        return [c for part in parts for name, c in part.items() if name in _MANY_WORDS]

    def _parts(self, source_rows: np.ndarray, cells: list[Words]) -> Iterator[TextTable]:
        """The rows of a chunk, cut where another heading stands."""
        start = 0
        for row, n_titles, titles, place in self._other_headings(cells):
            yield from self._of_heading(source_rows, cells, start, row - n_titles)
            start = min(row + place.last_row, len(source_rows))
            self.number += bool(titles) or not place.reads_like(self.place)
            self._start(place, titles or self.titles[0], start - row + n_titles)
        yield from self._of_heading(source_rows, cells, start, len(source_rows))

    def _other_headings(self, cells: list[Words]) -> Iterator[tuple[int, int, str, Heading]]:
        """Rows where another heading stands: with the rows of titles above, these, and itself."""
        if self.place.layout is None:
            return
        keys = frozenset(key for layout in self.known for key in layout.known)
        n_known = np.zeros(len(cells[0]) if cells else 0, dtype=np.int32)
        lettered = sorted((c for c in cells if c.has_letters()), key=lambda c: len(c.words))
        for n, column in enumerate(lettered, 1):
            # Two cells make a heading: where one is nowhere yet, the longest column cannot.
            if n < len(lettered) or n_known.any():
                n_known += _is_heading(column, keys)
        after = 0
        for row in np.flatnonzero(n_known >= 2):
            head = [[c.text(n) for c in cells] for n in range(row, min(row + 3, len(n_known)))]
            if row < after or any(headings.is_figure(cell) for cell in head[0]):
                continue
            place = find_heading(head, self.known)
            if place is None or place.first_row != 1:
                if _repeats(head[0], self.place):
                    continue
                place = Heading(last_row=1, words=frozenset(filter(None, head[0])))
            n_titles, titles = _titles_above(cells, row, after)
            if place.reads_like(self.place) and not _says_more(titles, self.titles):
                if place.words <= self.place.words:
                    continue
                n_titles, titles = 0, ""  # the same heading, in other words
            after = row + place.last_row
            yield int(row), n_titles, titles, place

    def _of_heading(
        self, source_rows: np.ndarray, cells: list[Words], start: int, stop: int
    ) -> Iterator[TextTable]:
        """The rows of one heading in a chunk: a table for each year, month or flow it names."""
        place, n_above = self.place, self.n_above
        if start == stop and not n_above:
            return
        chosen = np.arange(start, stop)
        rows, part = source_rows[chosen], _rows(cells, chosen)
        numbers = [c.position for columns in place.figures.values() for c in columns.values()]
        part = _filled(part, rows, self.grid.merged, {*numbers} if place.layout else None)
        names = _names(place.texts, len(part))
        used = [n for n, c in enumerate(part) if n < len(place.texts) or not _is_blank(c)]
        part = [part[n] for n in used]
        unnamed = _unnamed(place, part, numbers)
        if self.extra is None and place.layout:
            self.extra = _qualifying(place, part)
            read = {column.position for column in self.extra.values()}
            self.warnings += _passed_over(place, part, unnamed | read)
        labels = place.labels | (self.extra or {})
        kinds = place.figures or {Of(): {}}
        for n, (of, figures) in enumerate(kinds.items()):
            number = f"table {self.number}" if self.number > 1 else ""
            parts = (self.grid.sheet, number, str(of) if len(kinds) > 1 else "")
            yield TextTable(
                " ".join(filter(None, parts)), place.layout, labels | figures,
                of, len(kinds) > 1, [names[n] for n in used], len(place.texts),
                unnamed, part, rows, self.titles, place.words,
                0 if n else n_above, warnings=self.warnings,
            )  # fmt: skip
            self.warnings = ()
        self.n_above = 0


def _is_data(row: list[str]) -> bool:
    """Whether a row above the first heading holds figures: then it is no title."""
    return sum(headings.is_figure(cell) for cell in row) >= 2


def _repeats(row: list[str], place: Heading) -> bool:
    """Whether each cell of a row stands in the heading at its own place."""
    texts = [*map(headings.key, place.texts), *[""] * len(row)]
    return all(headings.key(cell) in text for cell, text in zip(row, texts, strict=False))


def _rows(cells: list[Words], rows: np.ndarray) -> list[Words]:
    """Some rows of each column; the words of figures, one a row, are cut along with them."""
    if rows.dtype == bool and rows.all():
        return cells
    chosen = np.flatnonzero(rows) if rows.dtype == bool else rows
    first, n_rows = (int(chosen[0]), len(chosen)) if len(chosen) else (0, 0)
    in_a_row = bool(n_rows) and chosen[-1] - first + 1 == n_rows
    cut = []
    for column in cells:
        codes = column.codes[chosen]
        words = column.words
        one_each = in_a_row and len(words) == len(column.codes) and (np.diff(codes) == 1).all()
        if one_each:
            words, codes = words[int(codes[0]) : int(codes[-1]) + 1], codes - codes[0]
        cut.append(Words(words, codes))
    return cut


def _is_blank(column: Words) -> bool:
    if len(column.words) == 1:
        return not column.words[0].as_py()
    return not pc.any(pc.not_equal(column.words, "")).as_py()


def _is_heading(column: Words, keys: frozenset[str]) -> np.ndarray:
    """Of each row, whether its cell is a heading that any layout knows."""
    likely = pc.match_substring_regex(column.words, f"[{layouts.LETTERS}]").to_numpy(False)
    short = pc.less(pc.binary_length(column.words), 150).to_numpy(False)
    found = np.zeros(len(column.words), dtype=bool)
    places = np.flatnonzero(likely & short)
    texts = column.words.take(pa.array(places)).to_pylist()
    found[places] = [headings.key(text) in keys for text in texts]
    return found[column.codes]


def _titles_above(cells: list[Words], row: int, after: int) -> tuple[int, str]:
    """How many rows right above a heading are titles or blank, and what they say."""
    texts: list[str] = []
    n_rows = 0
    for above in range(row - 1, max(after, row - 11) - 1, -1):
        filled = [text for column in cells if (text := column.text(above).strip())]
        if len(filled) > 2 or any(headings.is_figure(text) for text in filled):
            break
        if filled and layouts.is_sum(filled[0]):
            break
        n_rows += 1
        texts[:0] = filled
    return n_rows, " ".join(texts)


def _says_more(titles: str, before: tuple[str, ...]) -> bool:
    """Whether titles name a flow, a time or a unit, and not in the words of those before."""
    said = re.sub(r"\W+", "", normalise(titles))
    if not said or any(said in re.sub(r"\W+", "", normalise(text)) for text in before):
        return False
    units = (layouts.unit_in_text(titles, name) for name in ("net_mass_kg", "value"))
    of = headings.split(titles)[1]
    return bool(of.flow or of.year_sh or of.months or any(units))


def _filled(
    cells: list[Words], source_rows: np.ndarray, merged: list[tuple[int, int, int]],
    figures: set[int] | None,
) -> list[Words]:  # fmt: skip
    """The cells with each merged one in all its rows; a figure stays in the first, as one."""
    filled = list(cells)
    for position, first, last in merged if figures is not None else ():
        rows = np.flatnonzero((source_rows >= first) & (source_rows <= last))
        if position >= len(filled) or position in figures or first not in source_rows[rows[:1]]:
            continue
        codes = filled[position].codes.copy()
        codes[rows] = codes[rows[0]]
        filled[position] = Words(filled[position].words, codes)
    return filled


def _qualifying(place: Heading, columns: list[Words]) -> dict[str, Column]:
    """Columns that say a row's own flow, months, unit or currency, by what most cells hold.

    Raises:
        UnreadableFile: two columns say the same of a row, or one says what its figure measures.
    """
    spare = "" if "quantity" in place.labels else "quantity_unit"
    named = {column.position for name, column in place.labels.items() if name != spare}
    named |= {c.position for part in place.figures.values() for c in part.values()}
    meanings = {
        "flow": lambda text: layouts.flow_of(text) or layouts.flows_in(text) or None,
        "mass_unit": layouts.mass_of,
        "currency": layouts.money_of,
    }
    if "period" not in place.labels and not any(of.months for of in place.figures):
        meanings["month"] = lambda text: None if text.isdigit() else cells.months_of(text)
    found: dict[str, Column] = {}
    for position, column in enumerate(columns):
        if position in named or len(column.words) > 64:
            continue
        texts = _words_of(column)
        measures = {headings.measure_named_in(text) for text in texts}
        if len(measures) > 1 and "" not in measures:
            raise UnreadableFile(
                f"a column says of each row what its figure is ({', '.join(texts[:3])}); make a "
                "column of weights and one of values"
            )
        for kind in meanings.keys() - place.labels.keys():
            n_known = sum(meanings[kind](text) is not None for text in texts)
            if n_known and n_known * 2 >= len(texts):
                if kind in found:
                    raise UnreadableFile(f"two columns say the {kind} of a row; delete one of them")
                found[kind] = Column(position, kind)
    return found


def _words_of(column: Words, limit: int | None = None) -> list[str]:
    """The words that stand in its rows, blanks left out."""
    words = column.words.take(pa.array(np.unique(column.codes)[:limit])).to_pylist()
    return [word for word in words if word.strip()]


def _passed_over(place: Heading, columns: list[Words], others: Collection[int]) -> tuple[str, ...]:
    """A warning of the columns that no layout knows, and of figures under no heading."""
    named = []
    for position, text in enumerate(place.texts[: len(columns)]):
        if position in others or (text and text not in place.unread):
            continue
        figures = [headings.is_figure(word) for word in _words_of(columns[position], 50)]
        if text and figures:
            named.append(text)
        elif sum(figures) * 2 > len(figures) and not counts_rows(columns[position]):
            named.append(f"column {position + 1}")
    if {"year_sh", "month", "period"} <= place.labels.keys():
        named.append(place.labels["period"].heading)  # what the others say counts
    if not named:
        return ()
    return (f"columns that no layout knows, or needs, were not read: {', '.join(named)}",)


def counts_rows(column: Words) -> bool:
    """Whether a column without a heading only numbers the rows."""
    values = cells.numbers_of(column.words)[0][column.codes]
    values = values[~np.isnan(values)]
    return len(values) > 1 and bool((np.diff(values) == 1).all())


def _unnamed(place: Heading, cells: list[Words], figures: list[int]) -> frozenset[int]:
    """Positions to the right of the first figure where a row may hold what was shifted."""
    if not place.layout:
        return frozenset()
    right = range(min(figures, default=0), len(cells))
    return frozenset(n for n in right if n >= len(place.texts) or not place.texts[n])


def _names(given: tuple[str, ...], width: int) -> list[str]:
    """One different heading for each position, so that a row can be told by them."""
    names: dict[str, None] = {}
    for position, heading in islice(enumerate((*given, *[""] * width)), width):
        name = heading or f"column {position + 1}"
        names[name if name not in names else f"{name} ({position + 1})"] = None
    return list(names)


def _unknown_layout(grids: list[Grid], known: list[Layout]) -> str:
    """What was seen, which layout is nearest, and what it lacks."""
    seen = [row for grid in grids for row in grid.head if any(row)][:5]
    if not seen:
        return "there is no text in it; ask the sender for it again"
    shown = "; ".join(" | ".join(filter(None, row))[:120] for row in seen)
    if shown.count("?") > len(shown) / 3:
        return (
            f"its letters were lost when it was saved: {shown:.80}; ask for xlsx, or csv in UTF-8"
        )
    near = [found for grid in grids if (found := headings.nearest(grid.head, known))]
    hint = f"no heading in its first {HEAD_ROWS} rows is known; delete what stands above it"
    if near and max(near)[0]:
        count, name, row, lacking = max(near, key=lambda found: (found[0], -len(found[3])))
        hint = f"nearest is {name} (row {row} has {count} of its columns), which lacks {lacking}"
    return (
        f"its layout is not known; first rows seen: {shown}; {hint}. Rename the headings, or "
        "describe the table in a NAME.layout.yml beside it"
    )

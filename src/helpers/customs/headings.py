"""Where the heading of a table stands, and what it says: by meaning, never by position.

A heading is one row, or two or three under merged cells, whose cells a layout knows. Figures may
stand in several columns of one measure, each of its own year, months or flow; then the heading
says so for each. What has two readings is refused in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import combinations

from helpers.customs import cells
from helpers.customs.layouts import Layout, flows_in, words
from helpers.schema import UnreadableFile
from helpers.text import match_key, normalise

FIGURES = ("net_mass_kg", "gross_mass_kg", "value_usd", "value_irr", "value")
"""Columns of measures; of each there may be one for every year, month and flow."""

_FOOTNOTE = re.compile("[\u00b9\u00b2\u00b3\u2070-\u2079*†‡]+|(?<=[)\\]])[0-9۰-۹]+$")

key = lru_cache(maxsize=1 << 16)(match_key)
"""`match_key`, remembered: chunks of one file share most of their words."""


@dataclass(frozen=True)
class Column:
    """A column of a text table: where it stands, how it is headed, its factor to the base unit.

    The factor is None where the heading says no unit.
    """

    position: int
    heading: str
    factor: float | None = None


@dataclass(frozen=True)
class Of:
    """What the heading of a figure says beside its measure; "", 0 and None where it does not."""

    flow: str = ""
    year_sh: int = 0
    months: tuple[int, int] | None = None
    is_total: bool = False

    def __str__(self) -> str:
        months = "M{:02}-{:02}".format(*self.months) if self.months else ""
        return " ".join(filter(None, (self.flow, f"{self.year_sh or ''}{months}")))

    def overlaps(self, other: Of) -> bool:
        """Whether both may speak of the same trade."""
        (first, last), (start, end) = self.months or (1, 12), other.months or (1, 12)
        return (
            (not self.flow or not other.flow or self.flow == other.flow)
            and (not self.year_sh or not other.year_sh or self.year_sh == other.year_sh)
            and first <= end
            and start <= last
        )


@dataclass(frozen=True)
class Heading:
    """Where the heading of a table stands, and what it says. Rows count from 1; 0 is nowhere.

    Attributes:
        layout: None where no layout knows it.
        labels: the columns that are no figures, by our names.
        figures: for each year, run of months or flow of its own, the columns of its measures.
        texts: the heading of every position, "" where there is none.
        words: the cells of the heading rows, by which a repeated heading is known.
        unread: the texts that no layout knows.
        trouble: why it cannot be used, though nothing in the sheet fits better.
    """

    layout: Layout | None = None
    first_row: int = 0
    last_row: int = 0
    labels: dict[str, Column] = field(default_factory=dict)
    figures: dict[Of, dict[str, Column]] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()
    trouble: str = ""

    def reads_like(self, other: Heading) -> bool:
        """Whether both heads of columns mean the same at the same places."""
        return self._meanings() == other._meanings()

    def _meanings(self) -> set[tuple[object, ...]]:
        parts = [(Of(), self.labels), *self.figures.items()]
        return {(of, n, c.position, c.factor) for of, part in parts for n, c in part.items()}


def find_heading(head: list[list[str]], known: list[Layout]) -> Heading | None:
    """The first row, or two or three merged rows, in which a layout finds all it requires.

    Of several that begin there, the one with most columns is meant; of equals, one without two
    readings, then the one whose lower row adds units to the upper one (`weight` over `tonne`),
    then the earlier layout and row.

    Raises:
        UnreadableFile: it has two readings, or a weight or value in it is not known.
    """
    found = [
        (score, heading)
        for first, rows in _candidates(head)
        for layout in known
        for score, heading in [_scored(first, rows, layout)]
        if score
    ]
    if not found:
        return None
    begins = min(heading.last_row for _, heading in found)
    _, best = max(
        ((score, heading) for score, heading in found if heading.first_row <= begins),
        key=lambda one: one[0],
    )
    trouble = best.trouble or _times_below(best, head) or _unread_measure(best)
    if trouble:
        raise UnreadableFile(f"in its heading (row {best.last_row}) {trouble}")
    return best


def _scored(first: int, rows: list[list[str]], layout: Layout) -> tuple[tuple[int, ...], Heading]:
    """A candidate with how well it fits; () where it lacks a column."""
    heading, n_joined = _match(first, rows, layout)
    n_columns = len(heading.labels) + sum(map(len, heading.figures.values()))
    measures = [text for text in heading.unread if measure_named_in(text)]
    missing = lacking(heading, layout)
    if measures:
        missing = [m for m in missing if not m.startswith("value")]  # one of these may be it
    if not n_columns or missing:
        return (), heading
    return (n_columns + len(measures), int(not heading.trouble), n_joined), heading


def _times_below(heading: Heading, head: list[list[str]]) -> str:
    """Why a row of years or months below a heading must be read with it, and cannot be."""
    row = head[heading.last_row] if heading.last_row < len(head) else []
    cell = dict(enumerate(row))
    if any(is_figure(cell.get(column.position, "")) for column in heading.labels.values()):
        return ""  # a declaration
    figures = [c.position for part in heading.figures.values() for c in part.values()]
    named = [text for n in figures if _is_time(text := cell.get(n, ""))]
    times = [text for text in named if cells.year_of(text) or not is_figure(text)]
    if not times:
        return ""
    return (
        f"the row below names times ({times[0]}) that fit no column; give each column one heading"
    )


def _is_time(cell: str) -> bool:
    """Whether a cell names a year or months and nothing else."""
    rest, year, months = cells.without_time(cell)
    return not rest and bool(year or months)


def _candidates(head: list[list[str]]) -> Iterator[tuple[int, list[list[str]]]]:
    is_data = [any(is_figure(cell) and not _is_time(cell) for cell in row) for row in head]
    for n_rows in (1, 2, 3):
        for first in range(len(head) - n_rows + 1):
            rows = head[first : first + n_rows]
            is_blank = not any(rows[-1]) or not any(rows[0])
            is_title = any(_is_title(row, below) for row, below in combinations(rows, 2))
            if not (is_blank or is_title or any(is_data[first : first + n_rows])):
                yield first + 1, rows


def _is_title(row: list[str], below: list[str]) -> bool:
    """Whether a row is a title, no upper part of a heading: few cells, from the first one on."""
    filled, under = ([n for n, cell in enumerate(one) if cell] for one in (row, below))
    return 0 < len(filled) * 3 <= len(under) and filled[0] <= under[0]


def _match(first_row: int, rows: list[list[str]], layout: Layout) -> tuple[Heading, int]:
    """What a layout makes of rows as a heading, and how many columns two rows say together."""
    labels: dict[str, Column] = {}
    read: list[tuple[str, Column, Of]] = []
    texts, unread, trouble, n_joined = [], [], "", 0
    width = max(map(len, rows))
    rows = [
        [_FOOTNOTE.sub("", c).strip() for c in (*row, *[""] * (width - len(row)))] for row in rows
    ]
    filled = [_fill_right(row) for row in rows]
    for position, own in enumerate(zip(*rows, strict=True)):
        depth = max((n for n, cell in enumerate(own) if key(cell)), default=-1)
        above = [row[position] for row in filled[: max(depth, 0)]]
        said = [cell for cell in (*above, *own[max(depth, 0) :][:1]) if key(cell)]
        texts.append(" ".join(dict.fromkeys(said)) if depth >= 0 else "")
        name, column, of, is_joined = _meaning(position, own, said, layout)
        if not name and depth > 0 and is_figure(own[depth]):
            return Heading(), 0  # a declaration, not the second row of a heading
        n_joined += is_joined
        if name in FIGURES:
            read.append((name, column, of))
        elif name in labels:
            trouble = _TWICE.format(name)
        elif name:
            labels[name] = column
        elif texts[-1]:
            unread.append(texts[-1])
    figures, sums, twice = _by_kind(read)
    found = Heading(
        layout, first_row, first_row + len(rows) - 1, labels, figures, tuple(texts),
        frozenset(cell for row in rows for cell in row if cell), (*unread, *sums),
    )  # fmt: skip
    return replace(found, trouble=trouble or twice or _two_readings(found)), n_joined


_TWICE = (
    "more than one column reads as {}: delete or rename all but one; where these are two tables, "
    "leave a blank column between them"
)


def _meaning(
    position: int, own: tuple[str, ...], said: list[str], layout: Layout
) -> tuple[str, Column | None, Of, bool]:
    """The name of a column by its cells from top to bottom, and what they say beside it."""
    for first in range(len(said)):
        text = " ".join(said[first:])
        for text_key, of in ((key(text), None), split(text)):
            name, factor = layout.known.get(text_key, ("", None))
            if name and (of is None or name in FIGURES):
                of = split(" ".join(said))[1] if name in FIGURES else Of()
                return (
                    name,
                    Column(position, text, factor),
                    of,
                    of == Of() and first < len(said) - 1,
                )
    # The lower cell of a label says nothing that is known: the upper one does.
    for text in own if len(said) > 1 else ():
        name, factor = layout.known.get(key(text), ("", None))
        if name and name not in FIGURES and not is_figure(said[-1]):
            return name, Column(position, text, factor), Of(), False
    return "", None, Of(), False


def is_figure(cell: str) -> bool:
    """Whether a cell is a number or a code, and no year."""
    text = normalise(cell) if cell else ""
    return bool(text and re.fullmatch(r"[(+-]?[0-9][0-9.,/ -]*\)?", text)) and not cells.year_of(
        text
    )


def _fill_right(row: list[str]) -> list[str]:
    filled: list[str] = []
    for cell in row:
        filled.append(cell or (filled[-1] if filled else ""))
    return filled


@lru_cache(maxsize=1 << 14)
def split(text: str) -> tuple[str, Of]:
    """The heading of a figure as the `match_key` of its measure, and what else it says.

    Example: `"ارزش صادرات ۱۴۰۳ (دلار)"` -> the key of `"ارزش (دلار)"`, export, 1403
    """
    rest, year, months = cells.without_time(text)
    flows = flows_in(rest)
    if len(flows) == 1:
        for word in words()["flows"][next(iter(flows))]:
            rest = re.sub(re.escape(normalise(word)), " ", rest, flags=re.I)
    tokens = rest.split()
    parts = [token for token in tokens if key(token) not in _total_words()]
    of = Of(flows.pop() if len(flows) == 1 else "", year, months, len(parts) < len(tokens))
    return key(" ".join(parts)), of


@lru_cache(maxsize=1)
def _total_words() -> frozenset[str]:
    return frozenset(map(match_key, words()["totals"]))


def _by_kind(
    read: list[tuple[str, Column, Of]],
) -> tuple[dict[Of, dict[str, Column]], list[str], str]:
    """Columns of figures by what is said beside their measure, headings of sums, and trouble.

    A column that sums up others of its measure is left out. The one year, run of months or flow
    that some measures name holds for those that name none.
    """
    with_parts = {name for name, _, of in read if not of.is_total}
    sums = [column.heading for name, column, of in read if of.is_total and name in with_parts]
    kept = [(name, column, of) for name, column, of in read if column.heading not in sums]
    common: dict[str, object] = {"is_total": False}
    for part in ("flow", "year_sh", "months"):
        named = {getattr(of, part) for _, _, of in kept} - {"", 0, None}
        bare = {name for name, _, of in kept if not getattr(of, part)}
        if len(named) == 1 and not bare & {name for name, _, of in kept if getattr(of, part)}:
            common[part] = named.pop()
    figures: dict[Of, dict[str, Column]] = {}
    trouble = ""
    for name, column, of in kept:
        columns = figures.setdefault(replace(of, **common), {})
        trouble = _TWICE.format(name) if name in columns else trouble
        columns[name] = column
    return figures, sums, trouble


def _two_readings(heading: Heading) -> str:
    """Why the columns of figures cannot be told apart; "" where they can."""
    kinds = list(heading.figures)
    if len(kinds) < 2:
        return ""
    names = [sorted(column.heading for column in heading.figures[of].values()) for of in kinds]
    for n, m in combinations(range(len(kinds)), 2):
        if kinds[n].overlaps(kinds[m]):
            return (
                f"the columns {names[n]} and {names[m]} may speak of the same trade; expected each "
                "of a year, months or flow of its own; delete or rename what is a sum or an extract"
            )
    if len({frozenset(columns) for columns in heading.figures.values()}) > 1:
        return f"not every year, month or flow has the same measures: {names}; delete the odd ones"
    twice = (
        {"year_sh", "period"} & heading.labels.keys() if any(k.year_sh for k in kinds) else set()
    )
    twice |= {"month", "period"} & heading.labels.keys() if any(k.months for k in kinds) else set()
    return f"the columns {names} say a time, and so does {sorted(twice)}; keep one" if twice else ""


def lacking(heading: Heading, layout: Layout) -> list[str]:
    """The required columns that are not there, and the absence of unwanted ones that are."""
    names = {*heading.labels, *(name for part in heading.figures.values() for name in part)}
    choices = [(name,) if isinstance(name, str) else name for name in layout.required]
    missing = [" or ".join(choice) for choice in choices if not set(choice) & names]
    return missing + [f"the absence of {name}" for name in layout.absent if name in names]


def measure_named_in(text: str) -> str:
    """The measure that the words of an unknown heading speak of; "" for none, or for a ratio."""
    tokens = re.findall(r"[^\W\d_]+|\$", normalise(text).lower())
    if any(token in words()["no_measures"] for token in tokens):
        return ""
    for name, stems in words()["measures"].items():
        if any(token in stems for token in tokens):
            return name
    return ""


def _unread_measure(heading: Heading) -> str:
    """Why a heading that is not known cannot be passed over: it may be the only weight or value."""
    names = {name for part in heading.figures.values() for name in part}
    same = {"net_mass_kg": {"net_mass_kg", "gross_mass_kg"}, "value": {"value_usd", "value"}}
    for text in heading.unread:
        name = measure_named_in(text)
        if name and not same.get(name, {name, "value"}) & names:
            return (
                f"the heading {text!r} is not known, and may be {name} in some unit; rename the "
                "heading, or say what it is and its factor in a NAME.layout.yml beside the file"
            )
    return ""


def nearest(head: list[list[str]], known: list[Layout]) -> tuple[int, str, int, list[str]] | None:
    """The layout that lacks least in a sheet that none fits: columns, name, row, what it lacks."""
    found = [
        (len(heading.labels) + sum(map(len, heading.figures.values())), layout.name, first,
         lacking(heading, layout))
        for first, rows in _candidates(head)
        for layout in known
        for heading, _ in [_match(first, rows, layout)]
    ]  # fmt: skip
    return max(found, key=lambda one: (one[0], -len(one[3])), default=None)

"""A text table -> typed declarations and rejects, row by row accounted.

Everything is decided once for each distinct word of a column and then spread over the rows. A row
gets the first reason that keeps it from being used; what was repaired in the others is flagged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from helpers import checks, classification, memory, schema
from helpers.customs import cells, doubts, headings, layouts, vintages
from helpers.customs.files import SEPARATORS, Words
from helpers.customs.headings import FIGURES
from helpers.customs.reading import TextTable, counts_rows
from helpers.schema import DECLARATION_COLUMNS, REJECT_COLUMNS, CheckFailed, UnreadableFile
from helpers.text import match_key, normalise

CORRECTIONS = classification.REFERENCE / "corrections.csv"

FLAGS = (
    "hs_padded", "hs_separators", "hs_unknown", "hs_missing", "partner_unknown", "partner_group",
    "province_unknown",
    "months_not_given", "value_missing", "mass_missing", "gross_mass", "negative", "letters_lost",
    "corrected", "duplicate", *doubts.KINDS, *vintages.FLAGS,
)  # fmt: skip
"""What may be said of a kept row, in the order in which `flags` lists it."""

REASONS: dict[str, str] = layouts.words()["reasons"]
"""Why a row is rejected; a row gets the first reason that fits."""

MEASURES = ("value_usd", "value_irr", "net_mass_kg")

_MONEY = {"value_usd", "value_irr"}
_OTHER_UNITS = {
    "value_usd": ("irr", "toman", "other_money"), "value_irr": ("usd", "other_money"),
    "net_mass_kg": ("other_mass",), "gross_mass_kg": ("other_mass",), "value": (),
}  # fmt: skip
"""Column -> the units in which its figures cannot be, where no other column has these."""
_MEASURE_COLUMNS = frozenset({*MEASURES, "gross_mass_kg", "value", "quantity"})
_LOST_LETTER = re.compile("\ufffd|[\u0600-\u06ff]\\?[\u0600-\u06ff]")
_PAGE = re.compile(r"(\d[\d,]*) ?(?:-|–|to|تا) ?(\d[\d,]*) ?(?:of|از) ?(\d[\d,]*)", re.I)
_GREGORIAN = re.compile(r"(?<![\d/.-])20[1-3]\d(?!\d|[/.-]\d{1,2}[/.-])")

Columns = dict[str, Words]
Measures = dict[str, tuple[np.ndarray, np.ndarray]]
Meaning = tuple[Any, str]
"""What a word means, and comma-joined `FLAGS` and `REASONS` that are to be noted of it."""


REMEMBERED = 1 << 17
"""Of longer sheets an extract is known by the rows that come first."""


@dataclass
class Above:
    """What is known of a sheet's rows so far.

    Attributes:
        since: sums of `MEASURES` since its last total row.
        before: the same before it.
        rows: what the first `REMEMBERED` rows say, as numbers.
        waiting: tables whose rows are still to be added to these, and which of their rows count.
    """

    since: np.ndarray | float = 0.0
    before: np.ndarray | float = 0.0
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    waiting: list[tuple[TextTable, np.ndarray]] = field(default_factory=list)


@dataclass(frozen=True)
class Context:
    """What is known of a sheet apart from its cells."""

    source_file: str
    flow: str = ""
    year_sh: int | None = None
    months: tuple[int, int] | None = None
    province_basis: str = ""
    province: str | None = None
    is_synthetic: bool = False
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
        total: row and measures of the table's own total row, or None.
        columns: names of the columns that the table has.
        rejected_codes: flow, year and tariff code of the rows rejected; None and -1 where one could
            not be read.
        rejects_partners: whether a row rejected names a partner that is known.
        papers: its documents, as `_document_totals` gives them.
        warnings: what the reader lost or passed over.
    """

    kept: pa.Table
    rejects: pd.DataFrame
    n_structural: int
    read: dict[str, float]
    rejected: dict[str, float]
    total: dict[str, Any] | None
    columns: frozenset[str] = frozenset()
    rejected_codes: frozenset[tuple[str | None, int, str | None]] = frozenset()
    rejects_partners: bool = False
    papers: Sequence[pd.DataFrame] = ()
    warnings: tuple[str, ...] = ()


def clean_table(
    table: TextTable, context: Context, corrections: Corrections, above: Above
) -> CleanTable:
    """Types the rows of a text table, or says why a row cannot be used.

    Args:
        table: a sheet, or a chunk of one.
        context: what is known of it.
        corrections: of its file; they count where they were met.
        above: sums over the earlier chunks of the sheet; this chunk is added to them.
    """
    if table.layout is None:
        return _unknown_sheet(table, context)
    context = replace(context, **{k: v for k, v in vars(table.of).items() if v and k != "is_total"})
    columns, corrected = corrections.apply(table)
    notes = Flags(len(table))
    notes.add("corrected", corrected)
    measures = _measures(table, columns, context, notes)
    is_total, is_no_part, of_which = _sum_rows(table, columns)
    furniture, is_note, starts = _furniture(table, columns, measures)
    structural = is_total | is_no_part | furniture
    bare, sums = _bare_rows(columns, measures, is_total | is_no_part, ~structural, above)
    is_total, structural = is_total | sums, structural | sums
    notes.add("nameless", bare & ~structural)
    warnings = _heed_texts(table, columns, context, is_note, ~structural)
    notes.add("too_many_cells", _beyond_width(table))
    notes.add("hidden_sheet", np.full(len(table), table.is_hidden))
    typed = _typed(columns, context, notes) | _figures(table, measures, notes)
    notes.add("shifted", _shifted(columns, notes))
    notes.add("nameless", _of_nobody(columns, notes, ~structural))
    notes.add("nameless", _heads(columns, typed, ~structural))
    notes.add("of_which", of_which)
    notes.add("copy_of_table", _extracts(table, starts, ~structural, above))
    of_paper, papers = _document_totals(table, typed, notes, ~structural, np.cumsum(is_note))
    notes.add("total_of_document", of_paper)
    rejected = notes.rejected() & ~structural
    warnings += _of_months_and_oil(table, typed, context, ~structural & ~rejected)
    everything = _assemble(typed, notes, table, context)
    fine = ~structural & ~rejected
    kept = everything if fine.all() else everything.filter(pa.array(fine))
    return CleanTable(
        kept=kept,
        rejects=_rejects(table, context, rejected, notes, typed["value_usd"]),
        n_structural=int(structural.sum()),
        read=_sums(typed, ~structural),
        rejected=_sums(typed, rejected),
        total=_last_total(table, is_total, typed, np.flatnonzero(~structural)),
        columns=frozenset(columns),
        rejected_codes=_codes(typed, rejected),
        rejects_partners=bool((rejected & ~notes.has("partner_unknown")).any()),
        papers=papers,
        warnings=table.warnings + warnings,
    )


class Flags:
    """What is noted of rows: one bit a flag (few sets of flags differ), and reasons to reject."""

    def __init__(self, n_rows: int) -> None:
        self.bits = np.zeros(n_rows, dtype=np.int32)
        self.reasons: dict[str, np.ndarray] = {}

    def add(self, note: str, rows: np.ndarray) -> None:
        """Notes a word of `FLAGS` or `REASONS` of the rows where the mask is true."""
        if note in REASONS:
            self.reasons[note] = self.reasons.get(note, False) | rows
        else:
            self.bits |= np.where(rows, np.int32(1 << FLAGS.index(note)), np.int32(0))

    @classmethod
    def of(cls, kept: pa.Table) -> Flags:
        """Those of declarations, `flag_bits`."""
        flags = cls(len(kept))
        flags.bits |= kept["flag_bits"].to_numpy()
        return flags

    def has(self, flag: str) -> np.ndarray:
        """Of each row, whether it has a flag."""
        return (self.bits >> FLAGS.index(flag) & 1).astype(bool)

    def rejected(self) -> np.ndarray:
        """The rows with any reason to be rejected."""
        return np.logical_or.reduce([np.zeros(len(self.bits), dtype=bool), *self.reasons.values()])

    def meanings(self, column: Words, meaning: Callable[[str], Meaning]) -> list[Any]:
        """What each distinct word of a column means; what is to be noted of it is noted."""
        read = [meaning(word) for word in column.words.to_pylist()]
        for note in {note for _, joined in read for note in joined.split(",") if note}:
            words = np.array([note in joined.split(",") for _, joined in read], dtype=bool)
            self.add(note, words[column.codes])
        return [value for value, _ in read]


def flags_text(bits: np.ndarray) -> pa.DictionaryArray:
    """Bits of `Flags` as comma-joined words, in the order of `FLAGS`."""
    distinct, codes = np.unique(bits, return_inverse=True)
    texts = [",".join(f for n, f in enumerate(FLAGS) if value >> n & 1) for value in distinct]
    return dictionary(texts, codes)


def dictionary(values: Sequence[str | None], codes: np.ndarray) -> pa.DictionaryArray:
    """`values[codes]` as a dictionary column; None is missing."""
    places, distinct = pd.factorize(np.array(values, dtype=object))
    taken = places[codes].astype(np.int32)
    indices = pa.array(taken, mask=taken < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(distinct, pa.string()))


def _constant(value: str | None, n_rows: int) -> pa.DictionaryArray:
    return dictionary([value], np.zeros(n_rows, dtype=np.int32))


def _measures(table: TextTable, columns: Columns, context: Context, notes: Flags) -> Measures:
    """Of each measure, the numbers in kg, USD and rial, and whether its cell could be read."""
    units = dict(context.units)
    names = [
        name
        for name in ("net_mass_kg", "gross_mass_kg", "value_usd", "value_irr", "value")
        if name in columns and not (name == "value" and "value_usd" in columns)
    ]
    numbers = cells.numbers_of_columns([columns[name].words for name in names])
    measures: Measures = {}
    for name, (values, readable) in zip(names, numbers, strict=True):
        codes = columns[name].codes
        if name == "value" and "currency" in columns and name not in units:
            measures |= _by_currency(values[codes], readable[codes], columns["currency"], notes)
            continue
        factor = _factor(table, name, columns, units, notes)
        if "currency" in columns and name not in units and len(_MONEY & columns.keys()) == 1:
            _heed_currency(table, name, columns["currency"], notes)
        values = values[codes] * factor if np.ndim(factor) else (values * factor)[codes]
        measures[_measure_named(name, units)] = values, readable[codes]
    gross = measures.pop("gross_mass_kg", None)
    if gross is not None and "net_mass_kg" not in measures:
        measures["gross_mass_kg"] = gross
    return measures


def _by_currency(
    values: np.ndarray, readable: np.ndarray, currency: Words, notes: Flags
) -> Measures:
    """Values whose own column says in each row whether they are dollars or rials."""
    factors = layouts.words()["units"]
    units = [layouts.money_of(word) or "" for word in currency.words.to_pylist()]
    notes.add("currency_unreadable", np.array([not unit for unit in units])[currency.codes])
    values = values * np.array([factors.get(unit, np.nan) for unit in units])[currency.codes]
    measures = {}
    for name in ("value_usd", "value_irr"):
        mine = np.array([unit.endswith(name[-3:]) for unit in units])[currency.codes]
        measures[name] = np.where(mine, values, np.nan), readable | ~mine
    return measures


def _heed_currency(table: TextTable, name: str, currency: Words, notes: Flags) -> None:
    """Rejects rows whose own currency, in a column headed so, is not that of the only value."""
    if name in _MONEY and table.columns["currency"].heading != "currency":
        units = [layouts.money_of(word) or "" for word in currency.words.to_pylist()]
        other = np.array([not unit.endswith(name[-3:]) for unit in units])
        notes.add("currency_unreadable", other[currency.codes])


def _factor(
    table: TextTable, name: str, columns: Columns, units: dict[str, str], notes: Flags
) -> float | np.ndarray:
    """To kg, USD or rial: as the sidecar says, else the heading, else the row's own column."""
    column = table.columns[name]
    if name in units:
        return float(layouts.words()["units"][units[name]])
    by_row = columns.get("mass_unit") if name.endswith("_kg") else None
    if by_row is not None:
        kilograms = np.array([layouts.mass_of(word) for word in by_row.words.to_pylist()], float)
        if column.factor is None:
            notes.add("unit_unreadable", np.isnan(kilograms)[by_row.codes])
            return kilograms[by_row.codes]
        if table.columns["mass_unit"].heading != "mass_unit":  # it is headed as a unit of weight
            notes.add("unit_unreadable", (kilograms != column.factor)[by_row.codes])
    return 1.0 if column.factor is None else column.factor


def _measure_named(name: str, units: dict[str, str]) -> str:
    if name != "value":
        return name
    if "value" not in units:
        raise UnreadableFile(
            "the heading of the value does not say its unit; put `units: {value: usd}` "
            "(thousand_usd, million_usd, irr, million_irr) into the sidecar"
        )
    return "value_usd" if units["value"].endswith("usd") else "value_irr"


def _words_where(column: Words, test: Callable[[str], bool]) -> np.ndarray:
    """Of each row, whether its word passes the test; the test sees each word once."""
    return np.array([test(word) for word in column.words.to_pylist()], dtype=bool)[column.codes]


def _has_code(columns: Columns, n_rows: int) -> np.ndarray:
    """Rows with digits, and no words, where their code should stand."""
    if "hs_code" not in columns:
        return np.zeros(n_rows, dtype=bool)
    is_code = re.compile(r"[^\W\d_]{2}").search
    return _words_where(columns["hs_code"], lambda w: any(map(str.isdigit, w)) and not is_code(w))


def _sum_rows(table: TextTable, columns: Columns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows whose label says a total; a share, a mean, a carried sum; or a part, with a code.

    Another word in the description of a coded good, or in a column without a name, says nothing.
    """
    has_code = _has_code(columns, len(table))
    names = {column.position: name for name, column in table.columns.items()}
    found = np.zeros((3, len(table)), dtype=bool)
    for position, column in enumerate(table.cells):
        name = names.get(position)
        if name in _MEASURE_COLUMNS or not column.has_letters():
            continue
        # Few words start like such a word: the others need not be looked at one by one.
        likely = pc.match_substring_regex(column.words, layouts.sum_start()).to_numpy(False)
        kinds = np.zeros(len(column.words), dtype=int)
        places = np.flatnonzero(likely)
        texts = column.words.take(pa.array(places)).to_pylist()
        kinds[places] = [layouts.is_sum(text) for text in texts]
        if name == "customs_office":  # Mianeh is a town, and the word for a median
            offices = classification.province_of_office(pd.Series(texts, dtype="string"))
            kinds[places[offices.ne(schema.UNALLOCATED)]] = 0
        decides = name is not None and name not in {"goods", "hs_code"}
        for kind in np.unique(kinds[kinds > 0]):
            says = (kinds == kind)[column.codes]
            found[min(kind, 2) - 1] |= says & (True if decides else ~has_code)
            found[2] |= says & (kind == 3)
    return found[0], found[1] & ~found[0], found[2] & ~found[0] & ~found[1]


def _bare_rows(
    columns: Columns, measures: Measures, is_total: np.ndarray, counted: np.ndarray, above: Above
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of no good, partner or office, or which may be sums; and, of nobody's, those that are.

    They sum up the rows above, since the last total or from the start, or, of a row of nobody, the
    rows below. A row that lacks the good (or one of the others where there are none) may be a sum
    if its figures are those of two rows or more, whatever its label says.
    """
    who = {"hs_code", "partner", "partner_code", "customs_office"} & columns.keys()
    bare, lacks = counted & bool(who), np.zeros(len(counted), dtype=bool)
    decisive = {"hs_code"} & who or who
    # Where only one of these is told, rows may be of a place or a good instead.
    for name in who if len(who) > 1 else {*who, "province", "goods"} & columns.keys():
        is_blank = _words_where(columns[name], lambda word: not any(map(str.isalnum, word)))
        bare &= is_blank
        if name == "hs_code":
            is_blank = _words_where(columns[name], lambda word: not any(map(str.isdigit, word)))
        # Where most have none, it says nothing.
        lacks |= counted & is_blank & (name in decisive) & (is_blank.sum() * 2 < counted.sum())
    nothing = np.zeros(len(bare)), None
    figures = [np.nan_to_num(measures.get(name, nothing)[0]) for name in MEASURES]
    values = np.stack([*figures, np.ones(len(bare))]) * counted
    found = np.zeros(len(bare), dtype=bool)
    others = values @ ~(bare | lacks)
    start = 0
    for row in np.flatnonzero(bare | lacks | is_total):
        above.since = above.since + values[:, start:row].sum(axis=1)
        sums = (above.since, above.since + above.before, others)[: 2 if bare[row] else 3]
        found[row] = _sums_up(values[:, row], *sums, n=1 if bare[row] else 2)
        start = row
        if found[row] or is_total[row]:
            above.since, above.before = 0.0, above.since + above.before
            start = row + 1
    above.since = above.since + values[:, start:].sum(axis=1)
    stops = [*np.flatnonzero(bare | is_total), len(bare)]
    others = values @ ~bare
    for row, stop in pairwise(stops):
        below = values[:, row + 1 : stop].sum(axis=1), others
        found[row] |= not is_total[row] and _sums_up(values[:, row], *below)
    return (bare | found) & ~is_total, found & bare


def _sums_up(figures: np.ndarray, *sums: np.ndarray, n: int = 1) -> bool:
    """Whether the figures that a row has are those of one of these sums of so many rows or more."""
    own = figures[:-1] != 0
    near = (
        np.allclose(figures[:-1][own], one[:-1][own], rtol=1e-6, atol=0) and one[-1] >= n
        for one in sums
    )
    return bool(own.any() and any(near))


def _furniture(
    table: TextTable, columns: Columns, measures: Measures
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Blank rows, repeated headings, numbered columns and notes; the notes; and where one starts.

    A note is text with no figure beside it; what looks like a code may be one too.
    """
    heading_words = pa.array(sorted(table.heading_words), pa.string())
    n_filled = np.zeros(len(table), dtype=np.int32)
    n_heading = np.zeros(len(table), dtype=np.int32)
    few = np.arange(len(table))
    # Columns of few words first: hardly a row is left to be looked at in those of many.
    for column in sorted(table.cells, key=lambda column: len(column.words)):
        codes = column.codes[few]
        words = column.words
        if len(words) > len(few):
            words, codes = words.take(pa.array(codes)), np.arange(len(few))
        words = pc.utf8_trim_whitespace(words)
        n_filled[few] += pc.not_equal(words, "").to_numpy(zero_copy_only=False)[codes]
        n_heading[few] += pc.is_in(words, heading_words).to_numpy(zero_copy_only=False)[codes]
        few = few[(n_filled[few] <= 2) | (n_heading[few] == n_filled[few])]
    figures = np.logical_or.reduce([~np.isnan(values) for values, _ in measures.values()])
    is_note = (n_filled <= 2) & ~_has_code(columns, len(table)) & ~figures
    alone = (n_filled == 1) & ~figures
    furniture = (n_heading == n_filled) | is_note | _numbered(table)
    if table.is_one_of_many:  # the row is there for the sake of another year, say
        blank = [_words_where(columns[n], lambda w: not w.strip()) for n in FIGURES if n in columns]
        furniture |= np.logical_and.reduce(blank)
    has_words = n_filled > 0
    return furniture, (is_note | alone) & (n_filled > n_heading), furniture & has_words


def _heed_texts(
    table: TextTable, columns: Columns, context: Context, is_note: np.ndarray, counted: np.ndarray
) -> tuple[str, ...]:
    """Refuses a table whose titles, notes or names say something else than was read.

    Returns:
        Warnings of a text that says this is a page of a list, and of texts between the rows, which
        may say whose they are.

    Raises:
        UnreadableFile: another unit than the heading's; between the rows, another flow, year or
            month than the table's; or rows parted by another mark.
    """
    rows = np.flatnonzero(is_note)[:500]
    notes = {int(row): " ".join(table.row(row).values()) for row in rows}
    texts = (*table.titles[:1], *notes.values(), context.source_file, *_stray_texts(table))
    _heed_units(texts, table, columns, context)
    _heed_cumulative(texts, columns, context)
    warnings = _heed_names(table, context)
    last = int(np.flatnonzero(counted)[-1]) if counted.any() else -1
    for row, text in notes.items():
        parts = [text.split(mark) for mark in SEPARATORS]
        if any(len(p) == table.width and sum(map(headings.is_figure, p)) > 1 for p in parts):
            raise UnreadableFile(
                f"row {table.source_rows[row]} is parted by another mark than its heading: "
                f"{text[:60]!r}; are these two files in one? part them"
            )
        of = headings.split(text)[1]
        said = {
            "flow": of.flow if "flow" not in columns else "",
            "year_sh": of.year_sh if not {"year_sh", "period"} & columns.keys() else 0,
            "months": of.months if not {"month", "period"} & columns.keys() else None,
        }
        other = [value for key, value in said.items() if value and value != getattr(context, key)]
        of_group = "partner" not in columns and layouts.is_partner_group(text)
        if (other or of_group) and row < last:
            raise UnreadableFile(
                f"in row {table.source_rows[row]}, between its rows, stands {text[:60]!r}; expected"
                " a heading of its own below; repeat the heading there, or make two files of it"
            )
    warnings += _of_pages_and_years(table, columns, context, notes.values())
    between = [row for row in notes if row < last]
    if not between:
        return warnings
    first = f"in row {table.source_rows[between[0]]}: {notes[between[0]][:60]!r}"
    return (
        *warnings,
        f"{len(between)} rows of text between the rows were not read, the first {first}",
    )


def _of_pages_and_years(
    table: TextTable, columns: Columns, context: Context, notes: Iterable[str]
) -> tuple[str, ...]:
    """Warnings of texts that speak of a page of a list, or of a Gregorian year and no other."""
    texts = (*table.titles[:1], *notes)
    warnings = [
        f"beside the table stands {page!r}: is it a page of a longer list? ask for all of it"
        for text in texts
        if (page := _page_in(text))
    ]
    if not {"year_sh", "period"} & columns.keys():
        warnings += (
            f"beside the table stands {text[:60]!r}: a Gregorian year lies in two others, "
            f"and it was read as {context.year_sh}; ask for the months"
            for text in (*texts, *context.source_file.split("#")[1:])
            if _GREGORIAN.search(normalise(text)) and not cells.year_in(text)
        )
    return tuple(warnings)


def _heed_names(table: TextTable, context: Context) -> tuple[str, ...]:
    """Refuses a table called a forecast, a mean or transit; warns of one called a share."""
    names = (*table.titles[:1], *context.source_file.split("/")[-1].split("#"))
    for name in names:
        if layouts.begins_as(name, "other_sums"):
            raise UnreadableFile(
                f"it is called {name[:60]!r}; expected sums of what was declared, no forecast, "
                "mean or transit: take it out, or, if it is trade after all, take that word out"
            )
    return tuple(
        f"it is called {name[:60]!r}: see that its figures are sums of trade, no shares or changes"
        for name in names
        if layouts.begins_as(name, "may_be_other_sums")
    )


def _heed_cumulative(texts: Iterable[str], columns: Columns, context: Context) -> None:
    """Raises UnreadableFile where a text says that figures of single months count earlier ones."""
    by_month = {"month", "period"} & columns.keys() or (context.months or (1, 1))[0] > 1
    for text in texts if by_month else ():
        if any(match_key(word) in match_key(text) for word in layouts.words()["cumulative"]):
            raise UnreadableFile(
                f"beside its months stands {text[:60]!r}: do the figures of each month count the "
                "months before? keep the last, with its months in the title; else delete the word"
            )


def _page_in(text: str) -> str:
    """What a text says of a part of a list, such as `1 to 25 of 250`; "" where it says nothing."""
    for page in _PAGE.finditer(normalise(text)):
        first, last, of_all = (int(number.replace(",", "")) for number in page.groups())
        if last - first + 1 < of_all:
            return page[0]
    return ""


def _stray_texts(table: TextTable) -> Iterator[str]:
    """Headings over blank columns, and the words under blank headings."""
    read = {column.position for column in table.columns.values()}
    for position in {*range(min(table.width, len(table.cells)))} - read:
        column = table.cells[position]
        words = column.words.take(pa.array(np.unique(column.codes)[:50])).to_pylist()
        if position in table.unnamed:
            yield from words
        elif not any(map(str.strip, words)):
            yield table.headings[position]


def _heed_units(texts: Iterable[str], table: TextTable, columns: Columns, context: Context) -> None:
    """Raises UnreadableFile where a text says another unit than a heading, and no sidecar does."""
    factors = layouts.words()["units"]
    one_money = len(_MONEY & columns.keys()) == 1
    names = [n for n in FIGURES if n in columns and n not in dict(context.units)]
    names = [n for n in names if not (n.endswith("_kg") and "mass_unit" in columns)]
    of_columns = ((table.headings[table.columns[name].position], name) for name in names)
    for text, name in (*product(texts, names), *of_columns):
        others = _OTHER_UNITS[name] if one_money else ("other_mass",)
        unit = layouts.unit_in_text(text, name, others)
        if unit and (unit in others or table.columns[name].factor != factors.get(unit)):
            raise UnreadableFile(
                f"the heading {table.columns[name].heading!r} does not say it, but beside the "
                f"table stands {text[:60]!r}; put `units: {{{name}: {unit}}}` into the "
                "sidecar, or whatever else is true"
            )


def _of_months_and_oil(
    table: TextTable, typed: dict[str, Any], context: Context, counted: np.ndarray
) -> tuple[str, ...]:
    """Warnings of crude oil, and of rows of later months than a title, a name or sidecar says."""
    oil = (_OIL,) if pc.any(pc.starts_with(typed["hs_code"].dictionary, "2709")).as_py() else ()
    last = (context.months or (1, 12))[1]
    rows = np.flatnonzero(counted & (typed["month_last_sh"] > last))
    if not len(rows):
        return oil
    return (
        *oil,
        f"{len(rows)} rows are of months after month {last}, the last that its title, name or "
        f"sidecar says; row {table.source_rows[rows[0]]} is the first",
    )


_OIL = (
    "it holds crude oil (2709), which figures of non-oil trade leave out: its rows count like "
    "others; delete them where the rest of the data has none"
)


def _numbered(table: TextTable) -> np.ndarray:
    """The row under a heading that only counts the columns: (1), (2), (3) and so on."""
    found = np.zeros(len(table), dtype=bool)
    for row in range(min(3, len(table)) if table.n_above else 0):
        texts = [normalise(column.text(row)).strip("()") for column in table.cells]
        found[row] = len(texts) >= 3 and texts == [str(n) for n in range(1, len(texts) + 1)]
    return found


def _beyond_width(table: TextTable) -> np.ndarray:
    """Rows with a cell beyond the heading, or with a number under a blank one."""
    beyond = np.zeros(len(table), dtype=bool)
    for position in table.unnamed:
        column = table.cells[position]
        is_odd = headings.is_figure if position < table.width else bool
        odd = _words_where(column, lambda word, test=is_odd: test(word.strip()))
        if odd.any() and not counts_rows(column):
            beyond |= odd
    return beyond


def _typed(columns: Columns, context: Context, notes: Flags) -> dict[str, Any]:
    """What the cells that are no figures mean; what is wrong or repaired is noted."""
    n_rows = len(notes.bits)

    def text(name: str, meaning: Callable[[str], Meaning], absent: str | None) -> Any:
        column = columns.get(name)
        if column is None:
            return _constant(absent, n_rows)
        return dictionary(notes.meanings(column, meaning), column.codes)

    def flow(word: str) -> Meaning:
        found = layouts.flow_of(word)
        return found, "" if found else "flow_unreadable"

    return {
        "flow": text("flow", flow, context.flow),
        **_times(columns, context, notes),
        "hs_code": text("hs_code", _hs_code, None),
        "goods": text("goods", _goods, None),
        **_places(columns, context, notes),
    }


@lru_cache(maxsize=1 << 16)
def _goods(word: str) -> Meaning:
    name = _normal(word)
    if re.fullmatch("[0-9]{3}", name):  # the end of a number that its own comma has cut
        return name, "too_many_cells"
    return name or None, "letters_lost" if _LOST_LETTER.search(name) else ""


def _hs_code(word: str) -> Meaning:
    code, note = cells.hs_code_of(word)
    return code, note if code or note else "hs_missing"


def _times(columns: Columns, context: Context, notes: Flags) -> dict[str, Any]:
    """Year and months: of columns of their own, else of the column `period`, else the context's."""
    whole_year = context.months or (1, 12)

    # Beside another year than the file's, a blank may be either, or the sum of both.
    given = columns["year_sh"].words.to_pylist() if "year_sh" in columns else ()
    one_year = {cells.year_of(word) for word in given} <= {0, None, context.year_sh}
    year_of_blank = context.year_sh if one_year else -1

    def year(found: int | None) -> Meaning:
        value = -1 if found is None else found or year_of_blank or -1
        return value, "year_unreadable" * (value < 0)

    def months(found: tuple[int, int] | None) -> Meaning:
        blank = found == (0, 0) and context.months is None
        value = whole_year if found == (0, 0) else found or (-1, -1)
        return value, "month_unreadable" if found is None else "months_not_given" * blank

    read = {
        "year_sh": (year, cells.year_of, lambda word: cells.period_of(word)[0]),
        "month": (months, cells.months_of, lambda word: cells.period_of(word)[1]),
    }
    nothing = Words(pa.array([""], pa.string()), np.zeros(len(notes.bits), dtype=np.int32))
    typed = {}
    for name, (meaning, of_cell, of_period) in read.items():
        own = name in columns or "period" not in columns
        column = columns.get(name, nothing) if own else columns["period"]
        of_word = of_cell if own else of_period
        values = notes.meanings(column, lambda word, m=meaning, o=of_word: m(o(word)))
        typed[name] = np.array(values)[column.codes]
    first, last = typed["month"].astype(np.int8).T
    years = typed["year_sh"].astype(np.int16)
    return {"year_sh": years, "month_first_sh": first, "month_last_sh": last}


def _places(columns: Columns, context: Context, flags: Flags) -> dict[str, Any]:
    """Office, province and partner. A column of provinces decides; where blank, the office."""
    n_rows = len(flags.bits)
    office = columns.get("customs_office")
    names = _normal_words(office)
    codes = np.zeros(n_rows, dtype=np.int32) if office is None else office.codes
    of_office = classification.province_of_office(pd.Series(names, dtype="string"))
    provinces, of_row = list(of_office.fillna(schema.UNALLOCATED)), codes
    if context.province:  # a table of one province, through whatever offices
        provinces = [context.province] * len(provinces)
    if "province" in columns:
        given = columns["province"]
        texts = pd.Series(_normal_words(given), dtype="string")
        named = classification.province_of_name(texts).fillna(schema.UNALLOCATED)
        blank = np.array(texts.isna())
        of_row = np.where(blank[given.codes], codes, given.codes + len(provinces))
        provinces += list(named)
    flags.add("province_unknown", np.array([p == schema.UNALLOCATED for p in provinces])[of_row])
    partner = columns.get("partner", columns.get("partner_code"))
    at = np.zeros(n_rows, dtype=np.int32) if partner is None else partner.codes
    iso3 = classification.partner_iso3(pd.Series(_normal_words(partner), dtype="string"))
    is_group = [
        bool(word) and unknown and layouts.is_partner_group(word)
        for word, unknown in zip(_normal_words(partner), iso3.isna(), strict=True)
    ]
    flags.add("partner_unknown", np.array(iso3.isna())[at])
    flags.add("partner_group", np.array(is_group, dtype=bool)[at])
    return {
        "customs_office": dictionary(names, codes),
        "province": dictionary(provinces, of_row),
        "province_basis": _constant(context.province_basis, n_rows),
        "partner_iso3": dictionary(list(iso3.fillna(schema.UNKNOWN_ISO3)), at),
    }


_normal = lru_cache(maxsize=1 << 16)(normalise)  # chunks of one file share most of their words


def _normal_words(column: Words | None) -> list[str | None]:
    if column is None:
        return [None]
    return [_normal(word) or None for word in column.words.to_pylist()]


def _figures(table: TextTable, measures: Measures, notes: Flags) -> dict[str, Any]:
    n_rows = len(table)
    missing = np.full(n_rows, np.nan)
    if "gross_mass_kg" in measures:
        notes.add("gross_mass", ~np.isnan(measures["gross_mass_kg"][0]))
        measures = measures | {"net_mass_kg": measures["gross_mass_kg"]}
    typed = {}
    for name in MEASURES:
        values, readable = measures.get(name, (missing, np.ones(n_rows, dtype=bool)))
        typed[name] = values
        notes.add(f"{name}_unreadable", ~readable)
        notes.add("negative", values < 0)
    absent = {name: np.isnan(values) for name, values in typed.items()}
    notes.add("no_figures", np.logical_and.reduce(list(absent.values())))
    notes.add("value_missing", absent["value_usd"])
    notes.add("mass_missing", absent["net_mass_kg"] & ("net_mass_kg" in measures))
    return typed


def _of_nobody(columns: Columns, notes: Flags, counted: np.ndarray) -> np.ndarray:
    """Rows without the code that most have, of no good, partner or office that is known.

    Whatever word stands there, it may say a sum; what says "others" is a part.
    """
    lacks = counted & notes.has("hs_missing") & notes.has("partner_unknown")
    if not lacks.any() or lacks.sum() > (~notes.has("hs_missing")).sum():
        return np.zeros(len(counted), dtype=bool)
    for name in {"goods", "partner", "customs_office"} & columns.keys():
        words = pd.Series(_normal_words(columns[name]), dtype="string")
        spared = words.fillna("").map(layouts.is_rest).to_numpy(dtype=bool)
        if name == "goods":
            spared = spared | words.notna().to_numpy(dtype=bool)
        if name == "customs_office":
            provinces = classification.province_of_office(words).fillna(schema.UNALLOCATED)
            spared = spared | provinces.ne(schema.UNALLOCATED).to_numpy(dtype=bool)
        lacks &= ~spared[columns[name].codes]
    return lacks


def _heads(columns: Columns, typed: dict[str, Any], counted: np.ndarray) -> np.ndarray:
    """Rows of a code without a partner right above those of partners without a code, or reversed.

    They may be the sums of the rows below. Which kind is the upper one, the figures say: that which
    sums up more often what follows it; where they do not say it, it may be both.
    """
    names = ("hs_code", "partner")
    found = np.zeros(len(counted), dtype=bool)
    rows = np.flatnonzero(counted)
    if not columns.keys() >= {*names} or not len(rows):
        return found
    blank = [_words_where(columns[n], lambda w: not any(map(str.isalnum, w)))[rows] for n in names]
    lacks = np.where(blank[0] != blank[1], 1 + blank[0], 0)
    turns = np.flatnonzero(lacks[1:] != lacks[:-1])
    stops = np.append(turns[1:], len(rows) - 1) + 1
    both = (lacks[turns] > 0) & (lacks[np.minimum(turns + 1, len(rows) - 1)] > 0)
    heads, stops = turns[both], stops[both]
    figures = np.nan_to_num([typed[name][rows] for name in MEASURES])
    sums = np.cumsum(figures, axis=1)
    below = sums[:, stops - 1] - sums[:, heads]
    ties = np.isclose(figures[:, heads], below, rtol=1e-6, atol=0.5).all(axis=0)
    n_ties = np.bincount(lacks[heads[ties]], minlength=3)
    found[rows[heads[n_ties[lacks[heads]] == n_ties.max()]]] = True
    return found


def _extracts(
    table: TextTable, starts: np.ndarray, counted: np.ndarray, above: Above
) -> np.ndarray:
    """Rows below a repeated heading or a note that stand further above too: a "top ten".

    Where less than half of the rows there do, it is a page of rows of its own.
    """
    found = np.zeros(len(table), dtype=bool)
    is_below = bool(table.n_above) and (len(above.rows) > 0 or len(above.waiting) > 0)
    part = np.cumsum(starts)[counted] + is_below
    if len(part) and part[-1]:
        said = [_said(*one) for one in above.waiting]
        above.rows, above.waiting = np.concatenate([above.rows, *said])[:REMEMBERED], []
        rows = pd.DataFrame({"row": _said(table, counted), "part": part})
        is_copy = rows.groupby("row")["part"].transform("min") < rows["part"]
        is_copy |= rows["row"].isin(above.rows) & (rows["part"] > 0)
        found[counted] = is_copy & (is_copy.groupby(rows["part"]).transform("mean") >= 0.5)
    if len(above.rows) + sum(len(rows) for _, rows in above.waiting) < REMEMBERED:
        above.waiting.append((table, counted))  # Few sheets have such a part: no work before it.
    return found


def _said(table: TextTable, counted: np.ndarray) -> np.ndarray:
    """What rows say in all columns but that of their numbers, as a number each."""
    names = {column.position: name for name, column in table.columns.items()}
    return doubts.mixed(
        pd.util.hash_array(column.words.to_numpy(zero_copy_only=False))[column.codes[counted]]
        for position, column in enumerate(table.cells)
        if names.get(position) != "row_number"
    )


def _shifted(columns: Columns, notes: Flags) -> np.ndarray:
    """Rows where a number stands in the place of a name: a cell before it is missing."""
    found = np.zeros(len(notes.bits), dtype=bool)
    lacks = notes.has("value_missing") | notes.has("mass_missing")
    for name, doubted in (("partner", notes.has("partner_unknown")), ("goods", lacks)):
        if name in columns and doubted.any():
            found |= doubted & _words_where(columns[name], headings.is_figure)
    return found


def _document_totals(
    table: TextTable,
    typed: dict[str, Any],
    notes: Flags,
    counted: np.ndarray,
    section: np.ndarray,
) -> tuple[np.ndarray, list[pd.DataFrame]]:
    """Rows of several goods in one document (a declaration, an invoice) that say one figure.

    It may be the document's total on each. Where half of the documents do not, it is chance.

    Returns:
        The rows, and of each column of documents every one by a hash of its number: a hash of its
        goods, and of each measure the one figure that its rows say, infinite where none can be
        read, NaN where they say several or none.
    """
    found = np.zeros(len(table), dtype=bool)
    papers = []
    read = {column.position for column in table.columns.values()}
    for position, heading in enumerate(table.headings):
        is_paper = any(word in headings.key(heading) for word in layouts.words()["documents"])
        if not is_paper or position in read or headings.measure_named_in(heading):
            continue
        column = table.cells[position]
        named = counted & _words_where(column, lambda word: bool(word.strip()))
        rows = pd.DataFrame({name: typed[name] for name in MEASURES})[named]
        for name in ("hs_code", "goods", "customs_office", "partner_iso3"):
            rows[name] = _hashes(typed[name].dictionary.to_pylist(), typed[name].indices)[named]
        rows["month"], rows["section"] = typed["month_first_sh"][named], section[named] + 1
        documents = column.codes[named]
        of_document = rows.groupby(documents)
        sizes, kinds = of_document.size(), of_document.nunique()
        unlike = (kinds > 1).any(axis=1)
        numbers = _hashes([*map(_normal, column.words.to_pylist())], pa.array(kinds.index))
        goods = rows.drop(columns=[*MEASURES]).astype("uint64").prod(axis=1)
        paper = {"document": numbers, "goods": goods.groupby(documents).sum()}
        for name in MEASURES:
            unreadable = notes.reasons.get(f"{name}_unreadable", np.zeros(len(table), dtype=bool))
            n_filled = (rows[name].notna() | unreadable[named]).groupby(documents).sum()
            several = n_filled > 1
            is_one = (n_filled == sizes) & (kinds[name] <= 1)
            same = several & is_one & unlike
            if same.any() and same.sum() * 2 >= several.sum():
                found |= named & np.isin(column.codes, same.index[same])
            paper[name] = of_document[name].first().fillna(np.inf).where(is_one)
        papers.append(pd.DataFrame(paper))
    return found, papers


def _hashes(words: list[str | None], codes: pa.Array) -> np.ndarray:
    """A number for the word at each of these places, the same in every table."""
    hashed = pd.util.hash_array(np.array([*(word or "" for word in words), ""], dtype=object))
    return hashed[codes.fill_null(-1).to_numpy(zero_copy_only=False)]


def _assemble(typed: dict[str, Any], flags: Flags, table: TextTable, context: Context) -> pa.Table:
    n_rows = len(table)
    constant = {
        "is_synthetic": np.full(n_rows, context.is_synthetic),
        "source_file": _constant(context.source_file, n_rows),
        "source_row": table.source_rows.astype(np.int64),
        "flag_bits": flags.bits,
    }
    columns = typed | constant
    names = [n for n in DECLARATION_COLUMNS if n in columns] + ["flag_bits"]
    return pa.table({name: columns[name] for name in names})


def _codes(typed: dict[str, Any], rows: np.ndarray) -> frozenset[tuple[str, int, str | None]]:
    """Flow, year and tariff code of these rows, each once."""
    flows, codes = (typed[name].filter(pa.array(rows)).to_pylist() for name in ("flow", "hs_code"))
    return frozenset(zip(flows, typed["year_sh"][rows].tolist(), codes, strict=True))


def _sums(typed: dict[str, Any], rows: np.ndarray) -> dict[str, float]:
    return {name: float(np.nansum(typed[name][rows])) for name in MEASURES}


def _last_total(
    table: TextTable, is_total: np.ndarray, typed: dict[str, Any], others: np.ndarray
) -> dict[str, Any] | None:
    """The table's own total: its last total row, if no declaration follows it, else its first.

    The first one counts only if it stands above all declarations and is the only one there.
    """
    rows = table.source_rows
    totals = np.flatnonzero(is_total)
    if not len(totals):
        return None
    chosen = totals[-1]
    if rows[others].max(initial=0) > rows[chosen]:
        above = table.n_above and len(totals) == 1 and len(others) and others[0] > chosen
        if not above:
            return None
    figures = {name: float(typed[name][chosen]) for name in MEASURES}
    return {"source_row": int(rows[chosen])} | figures


def _rejects(
    table: TextTable, context: Context, where: np.ndarray, notes: Flags, value_usd: np.ndarray
) -> pd.DataFrame:
    rows = np.flatnonzero(where)
    if not len(rows):
        return no_rejects()
    first = [
        next(n for n in REASONS if n in notes.reasons and notes.reasons[n][row]) for row in rows
    ]
    return reject_table(
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


def reject_table(columns: dict[str, Any]) -> pd.DataFrame:
    """Rejects as a table with the columns and types of `schema.REJECT_COLUMNS`."""
    return pd.DataFrame(columns, columns=list(REJECT_COLUMNS)).astype(REJECT_COLUMNS)


@cache
def no_rejects() -> pd.DataFrame:
    """Rejects of a table all of whose rows can be used."""
    return reject_table({})


def _detail(table: TextTable, row: int, reason: str) -> str:
    """The reason in words, with the cell that gave it."""
    column = next((name for name in table.columns if reason.startswith(name)), None)
    column = {"hs": "hs_code", "year": "year_sh"}.get(reason.split("_")[0], column)
    found = table.column(column) if column else None
    return REASONS[reason] + (f": {found.text(row)!r}" if found is not None else "")


def _unknown_sheet(table: TextTable, context: Context) -> CleanTable:
    """A sheet beside the one that could be read: notes are structural, figures are rejected."""
    n_rows = len(table)
    n_numbers = np.zeros(n_rows, dtype=np.int32)
    filled = np.zeros(n_rows, dtype=bool)
    for column in table.cells:
        values, _ = cells.numbers_of(column.words)
        n_numbers += ~np.isnan(values)[column.codes]
        filled |= _words_where(column, lambda word: bool(word.strip()))
    rejected = filled & bool((n_numbers >= (1 if table.heading_words else 2)).any())
    notes = Flags(n_rows)
    notes.add("unknown_layout", rejected)
    nothing = dict.fromkeys(MEASURES, 0.0)
    rejects = _rejects(table, context, rejected, notes, np.full(n_rows, np.nan))
    texts = [" ".join(table.row(int(row)).values()) for row in np.flatnonzero(filled)[:3]]
    passed = (
        () if rejected.any() or not texts else (_NO_TABLE.format(table.sheet, " ".join(texts)),)
    )
    n_structural = int((~rejected).sum())
    return CleanTable(pa.table({}), rejects, n_structural, nothing, nothing, None, warnings=passed)


_NO_TABLE = "no table was read in {}; see that it says no unit or time: {:.100}"


# Corrections


class Corrections:
    """The reviewed corrections of one file: a cell that reads `expect` is to read `value`.

    A correction that no longer finds what it expects has expired, and stops its file: the sender
    has corrected it, or it now hits something else.
    """

    def __init__(self, name: str) -> None:
        self.rows = corrections_of(name)
        self.n_applied = dict.fromkeys(self.rows.index, 0)

    def apply(self, table: TextTable) -> tuple[Columns, np.ndarray]:
        """The table's columns as corrected, and the rows that were."""
        columns = {name: table.cells[column.position] for name, column in table.columns.items()}
        touched = np.zeros(len(table), dtype=bool)
        for index, correction in self.rows.iterrows():
            name = correction["column"]
            if name not in columns:
                continue
            expected = normalise(correction["expect"])
            hit = _words_where(columns[name], lambda word, e=expected: normalise(word) == e)
            if correction["source_row"]:
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


def corrections_of(name: str | None) -> pd.DataFrame:
    """The rows of `corrections.csv` for one raw file, or for all; the index is the line there.

    Raises:
        CheckFailed, UnreadableFile: columns or cells are missing, or rows have other cells than
            these; only `value` (the cell is emptied) and `source_row` (every row is meant) may be
            empty.
    """
    by_file = _corrections(CORRECTIONS, memory.mark_of(CORRECTIONS))
    return by_file.get(name, by_file[""])


@lru_cache(maxsize=1)
def _corrections(path: Path, _mark: str) -> dict[str | None, pd.DataFrame]:
    key = ["source_file", "source_row", "column", "expect"]
    types = dict.fromkeys([*key, "value", "reason", "source", "reviewed"], "string")
    may_be_missing = ("source_row", "expect", "value", "reviewed")
    rows = checks.read_reviewed(path, types, key, may_be_missing=may_be_missing).fillna("")
    rule = "source_row is not the number of a row; leave it empty where all rows are meant"
    checks.refuse(rows, ~rows["source_row"].str.fullmatch("[0-9]*"), path.name, key, rule)
    rows.index += 2
    return {None: rows, "": rows.iloc[:0], **dict(iter(rows.groupby("source_file")))}


def _replaced(column: Words, where: np.ndarray, word: str) -> Words:
    words = pa.concat_arrays([column.words, pa.array([word], pa.string())])
    return Words(words, np.where(where, np.int32(len(words) - 1), column.codes))

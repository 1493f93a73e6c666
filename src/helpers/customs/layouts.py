"""A raw file of any layout -> tables of text, every row knowing its place in the file.

Where the heading row stands is told by meaning: the row (or two merged rows) whose cells a layout
knows. Layouts are YAML; for a table that none fits, one is added beside the file, not in code.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from itertools import islice, pairwise, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from helpers.customs.files import Grid, Words, grids
from helpers.schema import FLOWS, PROVINCE_BASES, HelpersError, UnreadableFile, check_word, suggest
from helpers.text import match_key, normalise

LAYOUTS = Path(__file__).parent / "builtin"

SIDECAR_KEYS = (
    "layout", "flow", "year_sh", "months", "province_basis", "producer", "title", "url",
    "accessed", "licence", "synthetic", "units", "scope",
    "control_total_usd", "control_total_kg", "months_note",
)  # fmt: skip

COLUMNS = (
    "row_number", "year_sh", "month", "period", "customs_office", "customs_office_code", "province",
    "partner", "partner_code", "hs_code", "goods", "quantity", "quantity_unit", "net_mass_kg",
    "gross_mass_kg", "value_irr", "value_usd", "value", "flow", "mass_unit", "currency",
)  # fmt: skip
"""What a layout may call a column; another name would be read and lost."""

_MASS = ("kg", "tonne")
_UNIT_ENDINGS = {
    "net_mass_kg": _MASS, "gross_mass_kg": _MASS, "value_usd": ("usd",), "value_irr": ("irr",),
    "value": ("usd", "irr"),
}  # fmt: skip

FIGURES = frozenset(
    {"row_number", "net_mass_kg", "gross_mass_kg", "value_usd", "value_irr", "value", "quantity"}
)
"""Columns in which nearly every row has a word of its own."""


@dataclass(frozen=True)
class Column:
    """A column of a text table: where it stands, how it is headed, its factor to the base unit.

    The factor is None where the heading says no unit.
    """

    position: int
    heading: str
    factor: float | None = None


@dataclass(frozen=True)
class Layout:
    """What headings a kind of table has. See `layouts/customs_ten_column.yml`.

    Attributes:
        required: names of columns; a tuple among them means one of these.
        absent: names of columns a table of this layout must not have.
        known: heading's `match_key` -> (name of the column, factor to its base unit or None).
    """

    name: str
    required: tuple[str | tuple[str, ...], ...]
    absent: tuple[str, ...]
    known: dict[str, tuple[str, float | None]] = field(repr=False)


@dataclass(frozen=True)
class TextTable:
    """Rows of one sheet, as text.

    Attributes:
        sheet: name of the sheet, or of the member of an archive; "" where there is only one.
        layout: None where no layout fits this sheet (but one fits another sheet of the file).
        columns: our name -> where it stands.
        headings: the heading of every position, also of those no layout knows.
        cells: one `Words` a position.
        source_rows: of each row, 1 = first line of the sheet.
        titles: text above the heading.
        heading_words: the cells of the heading rows, by which a repeated heading is told.
        width: columns that the heading has; a row with more cells than that reaches beyond it.
        n_above: rows above the first data row; 0 in all chunks of a sheet but the first.
    """

    sheet: str
    layout: Layout | None
    columns: dict[str, Column]
    headings: list[str]
    cells: list[Words]
    source_rows: np.ndarray
    titles: str
    heading_words: frozenset[str]
    width: int
    n_above: int

    def __len__(self) -> int:
        return len(self.source_rows)

    def column(self, name: str) -> Words | None:
        """The cells of one of our columns, or None where the table has no such column."""
        return self.cells[self.columns[name].position] if name in self.columns else None

    def row(self, position: int) -> dict[str, str]:
        """A row by its headings, blanks left out: what `rejects.raw` keeps."""
        texts = ((h, c.text(position)) for h, c in zip(self.headings, self.cells, strict=True))
        return {heading: text for heading, text in texts if text}


# Layouts and sidecars


@cache
def words() -> dict[str, Any]:
    """The words of `layouts/words.yml`: totals, flows, units."""
    return yaml.safe_load((LAYOUTS / "words.yml").read_text(encoding="utf-8"))


def layouts(raw: Path | None = None) -> list[Layout]:
    """The built-in layouts, preceded by the analyst's own (`*.layout.yml` below `raw`).

    Raises:
        UnreadableFile: a layout file is not one; the message says what it lacks.
    """
    own = sorted(raw.rglob("*.layout.yml")) if raw else []
    built_in = [path for path in sorted(LAYOUTS.glob("*.yml")) if path.name != "words.yml"]
    return [read_layout(path) for path in (*own, *built_in)]


def read_layout(path: Path) -> Layout:
    """The layout a YAML file describes."""
    given = _read_yaml(path)
    lacking = {"name", "required", "columns"} - set(given)
    if lacking:
        raise UnreadableFile(f"layout {path.name} lacks {sorted(lacking)}; see {LAYOUTS.name}/")
    known: dict[str, tuple[str, float | None]] = {}
    try:
        for name, spec in given["columns"].items():
            check_word("column", name, COLUMNS)
            for key, factor in _heading_keys(spec):
                owner, said = known.setdefault(key, (name, factor))
                if owner != name or factor not in (said, None):
                    raise ValueError(f"heading {key!r} belongs to {known[key][0]} and to {name}")
        required = tuple(tuple(r) if isinstance(r, list) else r for r in given["required"])
    except (AttributeError, TypeError, ValueError, HelpersError) as error:
        raise UnreadableFile(
            f"layout {path.name}: {error}; write it as {LAYOUTS.name}/customs_ten_column.yml is"
        ) from error
    return Layout(given["name"], required, tuple(given.get("absent", ())), known)


def _heading_keys(spec: dict[str, Any]) -> Iterator[tuple[str, float | None]]:
    units = spec.get("units", {})
    for heading in (*spec.get("headings", ()), *spec.get("headings_with_unit", ())):
        for unit, factor in units.items():
            for joined in (f"{heading}{unit}", f"{heading} به {unit}", f"{heading} بر حسب {unit}"):
                yield match_key(joined), float(factor)
    # Last: `value irr` is a heading of its own, and `value` with its unit.
    for heading in spec.get("headings", ()):
        yield match_key(str(heading)), None


def read_sidecar(path: Path, raw: Path) -> dict[str, Any]:
    """What the sidecars say about a raw file.

    `_source.yml` of each folder from `raw` down, then `NAME.source.yml` beside the file
    (NAME with or without its suffix); the nearer one wins, key by key.

    Raises:
        UnreadableFile: a sidecar is not YAML, has an unknown key or an unknown word.
    """
    told: dict[str, Any] = {}
    for sidecar in sidecars_of(path, raw):
        given = _read_yaml(sidecar)
        unknown = [str(key) for key in given if key not in SIDECAR_KEYS]
        if unknown:
            raise UnreadableFile(
                f"sidecar {sidecar.name} has {unknown[0]!r}"
                f"{suggest(unknown[0], SIDECAR_KEYS)}; it may have: {', '.join(SIDECAR_KEYS)}"
            )
        _check_sidecar(given, sidecar.name)
        told |= given
    return told


def sidecars_of(path: Path, raw: Path) -> list[Path]:
    """The sidecars that speak of a raw file, farthest first; those that exist."""
    above = (path, *path.parents) if path.is_dir() else path.parents
    folders = [raw, *reversed([p for p in above if p != raw and p.is_relative_to(raw)])]
    stem = path.name.split(".")[0]
    beside = [
        path.with_name(f"{n}.source.yml") for n in dict.fromkeys((stem, path.stem, path.name))
    ]
    return [p for p in (*(f / "_source.yml" for f in folders), *beside) if p.is_file()]


def _check_sidecar(given: dict[str, Any], name: str) -> None:
    try:
        for key, known in (("flow", FLOWS), ("province_basis", PROVINCE_BASES)):
            if key in given:
                check_word(key, str(given[key]), known)
        if not re.fullmatch("1[34][0-9]{2}", normalise(str(given.get("year_sh", 1404)))):
            raise UnreadableFile(f"year_sh {given['year_sh']} is not a Solar Hijri year: 1404, say")
        sidecar_months(given)
        accessed_on(given)
        units = given.get("units") or {}
        if not isinstance(units, dict):
            raise UnreadableFile(f"units are said by column, as {{value_usd: usd}}, not {units!r}")
        for column, unit in units.items():
            check_word("column with a unit", str(column), tuple(_UNIT_ENDINGS))
            check_word("unit", str(unit), tuple(words()["units"]))
            if not str(unit).endswith(_UNIT_ENDINGS[column]):
                raise UnreadableFile(f"{unit} is no unit of {column}")
        if not isinstance(given.get("synthetic", False), bool):
            raise UnreadableFile(f"synthetic is true or false, not {given['synthetic']!r}")
    except Exception as error:
        raise UnreadableFile(f"sidecar {name}: {error}") from error


def sidecar_months(sidecar: dict[str, Any]) -> tuple[int, int] | None:
    """`months` of a sidecar as first and last month: `7`, `1-7`, or [1, 7]."""
    given = sidecar.get("months")
    if given is None:
        return None
    text = "-".join(map(str, given)) if isinstance(given, list) else str(given)
    found = re.fullmatch(r"([0-9]{1,2})(?: ?[-–] ?([0-9]{1,2}))?", normalise(text))
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= 12:
        raise UnreadableFile(f"months {given!r} are not a month or a run of months such as 1-7")
    return first, last


def accessed_on(sidecar: dict[str, Any]) -> str:
    """`accessed` of a sidecar as an ISO date of the Common Era; "" where it says none.

    Raises:
        UnreadableFile: it is a date neither of the Common Era nor of the Solar Hijri calendar.
    """
    from persiantools.jdatetime import JalaliDate

    told = normalise(str(sidecar.get("accessed") or ""))
    found = re.fullmatch(r"((?:13|14|19|20)[0-9]{2})([-/.])([0-9]{1,2})\2([0-9]{1,2})", told)
    if not told:
        return ""
    try:
        day = [int(found[n]) for n in (1, 3, 4)]
        return (JalaliDate(*day).to_gregorian() if day[0] < 1900 else date(*day)).isoformat()
    except (TypeError, ValueError) as error:
        wanted = "write it as 2025-10-23 or 1404/08/01"
        raise UnreadableFile(f"accessed {told!r} is no date; {wanted}") from error


def flows_in(text: str, kind: str = "flows") -> set[str]:
    """The flows that a text names, by the words of `kind` in `words.yml`; longer words first."""
    key = match_key(text)
    found = set()
    for flow, flow_words in words()[kind].items():
        for word in map(match_key, flow_words):
            if word in key:
                found.add(flow)
                key = key.replace(word, " ")
    return found


@lru_cache(maxsize=1 << 12)
def flow_of(word: str) -> str | None:
    """The one flow that a cell names, by a word or a code such as `X`; None where it names none."""
    key = match_key(word)
    coded = {flow for flow, codes in words()["flow_codes"].items() if key in codes}
    named = coded or flows_in(word)
    return named.pop() if len(named) == 1 else None


@cache
def _units_in_cells() -> dict[str, str]:
    given = words()["units_in_cells"]
    return {match_key(word) or word: unit for unit, names in given.items() for word in names}


def mass_of(word: str) -> float | None:
    """Kilograms of a unit of weight in a cell; None where the cell names none."""
    unit = _units_in_cells().get(match_key(word) or word.strip(), "")
    return float(words()["units"][unit]) if unit.endswith(_MASS) else None


def money_of(word: str) -> str | None:
    """A unit of dollars or rials that a cell names, such as `thousand_usd`; None where none."""
    unit = _units_in_cells().get(match_key(word) or word.strip(), "")
    return unit if unit.endswith(("usd", "irr")) else None


def _qualifying(columns: dict[str, Column], cells: list[Words]) -> dict[str, Column]:
    """Columns that say a row's own flow, unit of weight or currency, by what most cells hold.

    Raises:
        UnreadableFile: two columns say the same of a row.
    """
    spare = "" if "quantity" in columns else "quantity_unit"
    named = {column.position for name, column in columns.items() if name != spare}
    found: dict[str, Column] = {}
    for position, column in enumerate(cells):
        if position in named or len(column.words) > 64:
            continue
        texts = {word for word in column.words.to_pylist() if word.strip()}
        for kind, meaning in (("flow", flow_of), ("mass_unit", mass_of), ("currency", money_of)):
            n_known = sum(meaning(text) is not None for text in texts)
            if n_known and n_known * 2 >= len(texts) and kind not in columns:
                if kind in found:
                    raise UnreadableFile(f"two columns say the {kind} of a row; delete one of them")
                found[kind] = Column(position, kind)
    return found


def unit_in_titles(table: TextTable, name: str) -> str | None:
    """The unit other than kg, USD and rial that the titles above a table name for a column.

    Returns:
        A word that `units` of a sidecar may say, such as `tonne`; None where they name none.
    """
    titles = f" {_spoken(table.titles)} "
    for unit, phrases in words()["units_in_titles"].items():
        if unit.endswith(_UNIT_ENDINGS[name]) and any(f" {_spoken(p)} " in titles for p in phrases):
            return unit
    return None


def _spoken(text: str) -> str:
    return " ".join(match_key(word) for word in re.findall(r"\w+", normalise(text)))


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, ValueError) as error:
        # To YAML 1404-06-31 is a day of the Common Era, and June has none.
        wanted = "YAML in UTF-8, its Persian dates written as 1404/06/31"
        raise UnreadableFile(f"{path.name} is not {wanted}: {error}") from error
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise UnreadableFile(f"{path.name} should hold `key: value` lines, not {given!r:.80}")
    return given


# A file, whatever it is


def read_tables(path: Path, known: list[Layout], forced: str | None = None) -> Iterator[TextTable]:
    """The tables of a raw file, in chunks, every row of every sheet in exactly one place.

    Args:
        path: xlsx, xls, ods, HTML or Spreadsheet 2003 XML under any name, csv or tsv in UTF-8,
            UTF-16 or windows-1256, and gz or zip of these.
        known: layouts to try (`layouts`).
        forced: name of the only layout to try, where a sidecar says it.

    Yields:
        One table a sheet, several for a long csv. Sheets without a known heading come last, with
        `layout` None. A file that says there is no data gives one empty table.

    Raises:
        UnreadableFile: not a table, damaged, or no sheet has a known layout.
    """
    if forced:
        check_word("layout", forced, tuple(layout.name for layout in known))
        known = [layout for layout in known if layout.name == forced]
    unknown: list[Grid] = []
    any_known = False
    with tempfile.TemporaryDirectory() as folder:
        for grid in grids(path, "", Path(folder)):
            place = find_heading(grid.head, known)
            if place is None:
                unknown.append(grid)
                continue
            any_known = True
            _refuse_unknown_units(place)
            yield from _tables(grid, place)
        if not any_known and not any(_says_no_data(grid) for grid in unknown):
            raise UnreadableFile(_unknown_layout(unknown, known))
        for grid in unknown:
            yield from _tables(grid, Heading(None, 0, 0, {}, [], frozenset()))


def _says_no_data(grid: Grid) -> bool:
    said = match_key(" ".join(cell for row in grid.head for cell in row))
    return any(match_key(message) in said for message in words()["no_data"])


def _tables(grid: Grid, place: Heading) -> Iterator[TextTable]:
    titles = " ".join(cell for row in grid.head[: max(place.first_row - 1, 0)] for cell in row)
    n_above = place.last_row
    figures = {column.position for name, column in place.columns.items() if name in FIGURES}
    for source_rows, cells in grid.batches(figures):
        below = source_rows > place.last_row
        if not below.all():
            source_rows = source_rows[below]
            cells = [Words(column.words, column.codes[below]) for column in cells]
        if n_above:
            qualified = place.columns | _qualifying(place.columns, cells)
        headings = _headings(place.headings, len(cells))
        columns = place.columns if place.layout is None else qualified
        yield TextTable(
            grid.sheet, place.layout, columns, headings, cells, source_rows, titles,
            heading_words=place.words, width=len(place.headings) or grid.width, n_above=n_above,
        )  # fmt: skip
        n_above = 0


def _headings(given: list[str], width: int) -> list[str]:
    """One different heading for each position, so that a row can be told by them."""
    named: list[str] = []
    for position, heading in islice(enumerate((*given, *[""] * width)), width):
        name = heading or f"column {position + 1}"
        named.append(name if name not in named else f"{name} ({position + 1})")
    return named


# Headings


@dataclass(frozen=True)
class Heading:
    """Where the heading of a sheet stands, and what it says. Rows count from 1; 0 is nowhere."""

    layout: Layout | None
    first_row: int
    last_row: int
    columns: dict[str, Column]
    headings: list[str]
    words: frozenset[str]


def find_heading(head: list[list[str]], known: list[Layout]) -> Heading | None:
    """The row, or two merged rows, in which a layout finds all columns it requires.

    The one with most known columns wins; of equals, the one whose lower row adds units to the
    upper one (`weight` over `tonne`), then the earlier layout, then the upper row.
    Two columns of one meaning fit no layout: which of them counts would be a guess.
    """
    best: Heading | None = None
    best_score = (0, 0)
    for first, headings in _candidates(head):
        for layout in known:
            columns = _match(headings, layout)
            if columns is None or _lacking(columns, layout):
                continue
            pairs = {
                " ".join(cells) for cells in _across(headings) if len(cells) > 1 and all(cells)
            }
            score = len(columns), sum(column.heading in pairs for column in columns.values())
            if score > best_score:
                best_score = score
                flat = [" ".join(dict.fromkeys(filter(None, cell))) for cell in _across(headings)]
                cells = frozenset(cell for row in headings for cell in row if cell)
                best = Heading(layout, first, first + len(headings) - 1, columns, flat, cells)
    return best


_WITH_UNIT = re.compile(r"(.+?) ?(?:[(\[].+[)\]]|(?:به|بر حسب) .+)")


def _refuse_unknown_units(place: Heading) -> None:
    """Refuses a weight or value in a unit that its layout does not know, if it is the only one."""
    # Of a unit in the row below, only the upper cell may have been known.
    texts = {name: place.headings[c.position] for name, c in place.columns.items()}
    whole = {n for n, c in place.columns.items() if match_key(c.heading) == match_key(texts[n])}
    for heading in set(place.headings) - {texts[name] for name in whole}:
        found = _WITH_UNIT.fullmatch(normalise(heading))
        name, _ = place.layout.known.get(match_key(found[1]) if found else "", ("", None))
        same = {name, "net_mass_kg" if name.endswith("kg") else "value_usd"}
        if name in _UNIT_ENDINGS and not same & whole:
            raise UnreadableFile(
                f"the unit in the heading {heading!r} is not known, expected a unit of "
                f"{' or '.join(_UNIT_ENDINGS[name])}; rename the heading if it is something else, "
                "or say the factor in a NAME.layout.yml beside the file"
            )


def _candidates(head: list[list[str]]) -> Iterator[tuple[int, list[list[str]]]]:
    for number, row in enumerate(head, start=1):
        yield number, [row]
    for number, (upper, lower) in enumerate(pairwise(head), start=1):
        yield number, [_fill_right(upper), lower]


def _fill_right(row: list[str]) -> list[str]:
    filled: list[str] = []
    for cell in row:
        filled.append(cell or (filled[-1] if filled else ""))
    return filled


def _across(rows: list[list[str]]) -> list[tuple[str, ...]]:
    return list(zip_longest(*rows, fillvalue=""))


def _match(headings: list[list[str]], layout: Layout) -> dict[str, Column] | None:
    columns: dict[str, Column] = {}
    for position, cells in enumerate(_across(headings)):
        # Punctuation adds no unit: else a dash in the first declaration would be a heading's end.
        joined = " ".join(cells) if all(map(match_key, filter(None, cells))) else ""
        for text in (joined, *reversed(cells)):
            name, factor = layout.known.get(match_key(text), ("", None))
            if name:
                break
        if name in columns:
            return None
        if name:
            columns[name] = Column(position, text, factor)
    return columns


def _lacking(columns: dict[str, Column], layout: Layout) -> list[str]:
    """The required columns that are not there, and the absence of unwanted ones that are."""
    choices = [(name,) if isinstance(name, str) else name for name in layout.required]
    lacking = [" or ".join(names) for names in choices if not set(names) & set(columns)]
    return lacking + [f"the absence of {name}" for name in layout.absent if name in columns]


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
    nearest = [
        (len(columns), layout.name, number, _lacking(columns, layout))
        for grid in grids
        for number, headings in _candidates(grid.head)
        for layout in known
        if (columns := _match(headings, layout))
    ]
    hint = "no heading in it is known"
    if nearest:
        count, name, row, lacking = max(nearest, key=lambda found: (found[0], -len(found[3])))
        hint = f"nearest is {name} (row {row} has {count} of its columns), which lacks {lacking}"
    twice = [name for grid in grids for layout in known for name in _twice(grid, layout)]
    if twice:
        hint += f"; more than one column reads as {twice[0]}: delete or rename all but one"
    return (
        f"its layout is not known; first rows seen: {shown}; {hint}. Rename the headings, or "
        "describe the table in a NAME.layout.yml beside it"
    )


def _twice(grid: Grid, layout: Layout) -> list[str]:
    for row in grid.head:
        names = [layout.known.get(match_key(cell), ("",))[0] for cell in row]
        repeated = [name for name in names if name and names.count(name) > 1]
        if repeated and len(set(names)) > len(layout.required):
            return repeated
    return []

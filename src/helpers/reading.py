"""A raw file of any layout -> tables of text, every row knowing its place in the file.

What a file is, is told by its first bytes, never by its name: most `.xls` of customs are HTML.
Where its heading row stands is told by meaning: the row (or two merged rows) whose cells a layout
knows. Layouts are YAML; one that fits no file is added beside the file, not in code.

A column is kept as its distinct words and the place of each row's word, because customs columns
have few distinct values: cleaning then works on thousands of words instead of millions of rows.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, pairwise, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import yaml
from lxml import etree, html

from helpers.schema import FLOWS, PROVINCE_BASES, UnreadableFile, check_word, suggest
from helpers.text import match_key, normalise

LAYOUTS = Path(__file__).parent / "layouts"

SIDECAR_KEYS = (
    "layout", "flow", "year_sh", "months", "province_basis", "producer", "title", "url",
    "accessed", "licence", "synthetic", "units", "scope",
)  # fmt: skip

SEPARATORS = ",;\t|"
HEAD_ROWS = 40
"""Rows looked at for a heading: ten rows of titles and two of headings, with room to spare."""

FIGURES = frozenset(
    {"row_number", "net_mass_kg", "gross_mass_kg", "value_usd", "value_irr", "value", "quantity"}
)
"""Columns in which nearly every row has a word of its own."""

BATCH_BYTES = 32 << 20
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())

_NOT_TABLES = {
    b"%PDF": "a PDF",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
}


@dataclass(frozen=True)
class Column:
    """A column of a text table: where it stands, how it is headed, its factor to the base unit."""

    position: int
    heading: str
    factor: float = 1.0


@dataclass(frozen=True)
class Layout:
    """What headings a kind of table has. See `layouts/customs_ten_column.yml`.

    Attributes:
        required: names of columns; a tuple among them means one of these.
        absent: names of columns a table of this layout must not have.
        known: heading's `match_key` -> (name of the column, factor to its base unit).
    """

    name: str
    required: tuple[str | tuple[str, ...], ...]
    absent: tuple[str, ...]
    known: dict[str, tuple[str, float]] = field(repr=False)


@dataclass(frozen=True)
class Words:
    """A text column: its words, and for each row the place of its word. "" is missing.

    Words are distinct, or nearly so; where nearly all differ (figures) they stand as they came.
    """

    words: pa.StringArray
    codes: np.ndarray

    def __len__(self) -> int:
        return len(self.codes)

    def text(self, row: int) -> str:
        """The word of the row at this position."""
        return self.words[int(self.codes[row])].as_py()


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
        width: columns of a regular row; a csv row with more cells than that reaches beyond it.
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


@dataclass(frozen=True)
class _Grid:
    """A sheet before its heading is known: its first rows, and a way to all of them.

    The way is told the positions where nearly every word differs: looking for the distinct ones
    there costs more than it saves.
    """

    sheet: str
    head: list[list[str]]
    width: int
    batches: Callable[[set[int]], Iterator[tuple[np.ndarray, list[Words]]]]


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
    known: dict[str, tuple[str, float]] = {}
    for name, spec in given["columns"].items():
        for key, factor in _heading_keys(spec):
            if known.setdefault(key, (name, factor)) != (name, factor):
                raise UnreadableFile(
                    f"layout {path.name}: heading {key!r} belongs to {known[key][0]} and to {name}"
                )
    required = tuple(tuple(r) if isinstance(r, list) else r for r in given["required"])
    return Layout(given["name"], required, tuple(given.get("absent", ())), known)


def _heading_keys(spec: dict[str, Any]) -> Iterator[tuple[str, float]]:
    units = spec.get("units", {})
    for heading in spec.get("headings", ()):
        yield match_key(str(heading)), 1.0
    for heading in (*spec.get("headings", ()), *spec.get("headings_with_unit", ())):
        for unit, factor in units.items():
            for joined in (f"{heading}{unit}", f"{heading} به {unit}", f"{heading} بر حسب {unit}"):
                yield match_key(joined), float(factor)


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
    folders = [raw, *reversed([p for p in path.parents if p != raw and p.is_relative_to(raw)])]
    stem = path.name.split(".")[0]
    beside = [
        path.with_name(f"{n}.source.yml") for n in dict.fromkeys((stem, path.stem, path.name))
    ]
    return [p for p in (*(f / "_source.yml" for f in folders), *beside) if p.is_file()]


def _check_sidecar(given: dict[str, Any], name: str) -> None:
    try:
        if "flow" in given:
            check_word("flow", str(given["flow"]), FLOWS)
        if "province_basis" in given:
            check_word("province_basis", str(given["province_basis"]), PROVINCE_BASES)
        if "year_sh" in given and not 1300 <= int(given["year_sh"]) <= 1500:
            raise UnreadableFile(f"year_sh {given['year_sh']} is not a Solar Hijri year")
        sidecar_months(given)
        for unit in dict(given.get("units") or {}).values():
            check_word("unit", str(unit), tuple(words()["units"]))
    except Exception as error:
        raise UnreadableFile(f"sidecar {name}: {error}") from error


def sidecar_months(sidecar: dict[str, Any]) -> tuple[int, int] | None:
    """`months` of a sidecar as first and last month: `7`, `1-7`, or [1, 7]."""
    if sidecar.get("months") is None:
        return None
    found = [int(n) for n in re.findall(r"[0-9]+", normalise(str(sidecar["months"])))]
    if not found or not 1 <= found[0] <= found[-1] <= 12:
        raise UnreadableFile(f"months {sidecar['months']!r} are not a run of months such as 1-7")
    return found[0], found[-1]


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path.name} is not YAML in UTF-8: {error}") from error
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
    unknown: list[_Grid] = []
    any_known = False
    with tempfile.TemporaryDirectory() as folder:
        for grid in _grids(path, "", Path(folder)):
            place = find_heading(grid.head, known)
            if place is None:
                unknown.append(grid)
                continue
            any_known = True
            yield from _tables(grid, place)
        if not any_known and not any(_says_no_data(grid) for grid in unknown):
            raise UnreadableFile(_unknown_layout(path, unknown, known))
        for grid in unknown:
            yield from _tables(grid, None)


def _says_no_data(grid: _Grid) -> bool:
    said = match_key(" ".join(cell for row in grid.head for cell in row))
    return any(match_key(message) in said for message in words()["no_data"])


def _tables(grid: _Grid, place: Heading | None) -> Iterator[TextTable]:
    first_row = place.last_row + 1 if place else 1
    titles = " ".join(c for row in grid.head[: place.first_row - 1] for c in row) if place else ""
    n_above = first_row - 1
    figures = {c.position for n, c in place.columns.items() if n in FIGURES} if place else set()
    for source_rows, cells in grid.batches(figures):
        below = source_rows >= first_row
        if not below.all():
            source_rows = source_rows[below]
            cells = [Words(column.words, column.codes[below]) for column in cells]
        headings = _headings(place.headings if place else [], len(cells))
        yield TextTable(
            sheet=grid.sheet,
            layout=place.layout if place else None,
            columns=place.columns if place else {},
            headings=headings,
            cells=cells,
            source_rows=source_rows,
            titles=titles,
            heading_words=place.words if place else frozenset(),
            width=grid.width,
            n_above=n_above,
        )
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
    """Where the heading of a sheet stands, and what it says. Rows count from 1."""

    layout: Layout
    first_row: int
    last_row: int
    columns: dict[str, Column]
    headings: list[str]
    words: frozenset[str]


def find_heading(head: list[list[str]], known: list[Layout]) -> Heading | None:
    """The row, or two merged rows, in which a layout finds all columns it requires.

    The one with most known columns wins; of equals, the earlier layout, then the upper row.
    Two columns of one meaning fit no layout: which of them counts would be a guess.
    """
    best: Heading | None = None
    for first, headings in _candidates(head):
        for layout in known:
            columns = _match(headings, layout)
            if columns is None or _lacking(columns, layout):
                continue
            if best is None or len(columns) > len(best.columns):
                last = first + (len(headings) - 1)
                flat = [" ".join(dict.fromkeys(filter(None, cell))) for cell in _across(headings)]
                cells = frozenset(cell for row in headings for cell in row if cell)
                best = Heading(layout, first, last, columns, flat, cells)
    return best


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
        for text in (" ".join(cells), *reversed(cells)):
            name, factor = layout.known.get(match_key(text), ("", 1.0))
            if name:
                break
        if name in columns:
            return None
        if name:
            columns[name] = Column(position, text, factor)
    return columns


def _lacking(columns: dict[str, Column], layout: Layout) -> list[str]:
    """The required columns that are not there, and (`no x`) the unwanted that are."""
    lacking = []
    for name in layout.required:
        choices = (name,) if isinstance(name, str) else name
        if not set(choices) & set(columns):
            lacking.append(" or ".join(choices))
    return lacking + [f"no {name}" for name in layout.absent if name in columns]


def _unknown_layout(path: Path, grids: list[_Grid], known: list[Layout]) -> str:
    """What was seen, which layout is nearest, and what it lacks."""
    seen = [row for grid in grids for row in grid.head if any(row)][:5]
    shown = "; ".join(" | ".join(filter(None, row))[:120] for row in seen) or "nothing"
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
        f"{path.name}: the layout is not known; first rows seen: {shown}; {hint}. Rename the "
        "headings, or describe the table in a NAME.layout.yml beside it"
    )


def _twice(grid: _Grid, layout: Layout) -> list[str]:
    for row in grid.head:
        names = [layout.known.get(match_key(cell), ("",))[0] for cell in row]
        repeated = [name for name in names if name and names.count(name) > 1]
        if repeated and len(set(names)) > len(layout.required):
            return repeated
    return []


# Containers and formats: all end as grids


def _grids(path: Path, sheet: str, folder: Path, depth: int = 0) -> Iterator[_Grid]:
    start = path.open("rb").read(4096)
    for magic, what in _NOT_TABLES.items():
        if start.startswith(magic):
            raise UnreadableFile(f"{path.name} is {what}; ask the sender for xlsx or csv")
    if not start:
        raise UnreadableFile(f"{path.name} is empty (0 bytes); ask the sender for it again")
    if start.startswith(b"\x1f\x8b"):
        yield from _gunzip(path, sheet, folder, depth)
    elif start.startswith(b"PK\x03\x04") and not _is_workbook(path):
        yield from _unzip(path, sheet, folder, depth)
    elif start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        yield from _workbook(path, sheet)
    else:
        yield from _text_file(path, sheet, folder)


def _gunzip(path: Path, sheet: str, folder: Path, depth: int) -> Iterator[_Grid]:
    inner = _inner(folder, path.name.removesuffix(".gz"), depth)
    try:
        with gzip.open(path) as packed, inner.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    except (OSError, EOFError, ValueError, gzip.zlib.error) as error:
        raise UnreadableFile(f"{path.name} is a damaged gzip file: {error}") from error
    yield from _grids(inner, sheet, folder, depth + 1)


def _is_workbook(path: Path) -> bool:
    try:
        names = zipfile.ZipFile(path).namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(f"{path.name} is a damaged zip or xlsx file: {error}") from error
    return any(n.startswith("xl/") or n in {"[Content_Types].xml", "content.xml"} for n in names)


def _unzip(path: Path, sheet: str, folder: Path, depth: int) -> Iterator[_Grid]:
    archive = zipfile.ZipFile(path)
    hidden = ("__MACOSX/", ".")
    members = [
        m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith(hidden)
    ]
    if not members:
        raise UnreadableFile(f"{path.name} is a zip file with nothing in it")
    for member in members:
        inner = _inner(folder, Path(member.filename).name, depth)
        try:
            with archive.open(member) as packed, inner.open("wb") as plain:
                shutil.copyfileobj(packed, plain)
        except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError) as error:
            raise UnreadableFile(
                f"{path.name}: {member.filename} cannot be unpacked: {error}"
            ) from error
        label = " ".join(filter(None, (sheet, member.filename))) if len(members) > 1 else sheet
        yield from _grids(inner, label, folder, depth + 1)


def _inner(folder: Path, name: str, depth: int) -> Path:
    if depth >= 3:
        raise UnreadableFile(f"{name}: archives within archives within archives; unpack it first")
    return Path(tempfile.mkdtemp(dir=folder)) / (name or "unpacked")


def _workbook(path: Path, sheet: str) -> Iterator[_Grid]:
    """Sheets of xlsx, xls, xlsb and ods, by calamine."""
    import python_calamine

    try:
        book = python_calamine.load_workbook(str(path))
        names = book.sheet_names
    except python_calamine.PasswordError as error:
        raise UnreadableFile(f"{path.name} has a password; save it without one") from error
    except BaseException as error:
        raise _damaged(path, error) from error
    for name in names:
        try:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        except python_calamine.WorksheetNotFound:
            continue  # a chart sheet has no cells
        except BaseException as error:
            raise _damaged(path, error) from error
        if rows:
            label = " ".join(filter(None, (sheet, name))) if len(names) > 1 else sheet
            yield _grid_of_rows(label, rows)


def _damaged(path: Path, error: BaseException) -> BaseException:
    """The reader is compiled: on a mangled file it may panic, which is no `Exception`."""
    if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
        return error
    return UnreadableFile(f"{path.name} is a damaged workbook: {error!s:.200}; ask for it again")


def _grid_of_rows(sheet: str, rows: list[list[Any]]) -> _Grid:
    head = [[_cell_text(cell) for cell in row] for row in rows[:HEAD_ROWS]]

    def batches(_: set[int]) -> Iterator[tuple[np.ndarray, list[Words]]]:
        columns = zip_longest(*rows, fillvalue="")
        yield np.arange(1, len(rows) + 1), [_words(column) for column in columns]

    return _Grid(sheet, head, max(map(len, rows)), batches)


def _words(values: tuple[Any, ...]) -> Words:
    places: dict[Any, int] = {}
    codes = np.fromiter((places.setdefault(v, len(places)) for v in values), np.int32, len(values))
    return Words(pa.array([_cell_text(value) for value in places], pa.string()), codes)


def _cell_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return "" if value is None else str(value)


# Text: csv, HTML, XML


def _text_file(path: Path, sheet: str, folder: Path) -> Iterator[_Grid]:
    encoding = _encoding(path)
    start = path.open("rb").read(1 << 16).decode(encoding, errors="replace").lstrip("\ufeff \r\n\t")
    if start.startswith("<"):
        text = path.read_bytes().decode(encoding, errors="replace").lstrip("\ufeff \r\n\t")
        is_2003 = "urn:schemas-microsoft-com:office:spreadsheet" in text[:4096]
        yield from (_xml_grids if is_2003 and "<html" not in text[:4096].lower() else _html_grids)(
            text, sheet
        )
        return
    if "\x00" in start:
        raise UnreadableFile(f"{path.name} is neither a workbook nor text; ask for xlsx or csv")
    yield _csv_grid(_as_utf8(path, encoding, folder), start, sheet)


def _encoding(path: Path) -> str:
    """UTF-16 by its mark or its zeros, UTF-8 where nearly all decodes, else windows-1256."""
    start = path.open("rb").read(1 << 20)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for zeros, encoding in ((start[1::2], "utf-16-le"), (start[0::2], "utf-16-be")):
        if (
            len(start) > 8
            and zeros.count(0) > 0.3 * len(zeros)
            and start.count(0) == zeros.count(0)
        ):
            return encoding
    high = int((np.frombuffer(start[: 1 << 17], np.uint8) >= 0x80).sum())
    lost = start[: 1 << 17].decode("utf-8", errors="replace").count("\ufffd")
    return "utf-8-sig" if lost <= max(0.05 * high, 1 if high > 8 else 0) else "cp1256"


def _as_utf8(path: Path, encoding: str, folder: Path) -> Path:
    """The file itself if it is clean UTF-8, else a copy that is."""
    if encoding == "utf-8-sig" and _is_clean_utf8(path):
        return path
    copy = _inner(folder, path.name, 0)
    with (
        path.open(encoding=encoding, errors="replace", newline="") as given,
        copy.open("w", encoding="utf-8", newline="") as plain,
    ):
        shutil.copyfileobj(given, plain, 1 << 20)
    return copy


def _is_clean_utf8(path: Path) -> bool:
    try:
        for block in _blocks(path):
            block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _blocks(path: Path) -> Iterator[bytes]:
    """The file in blocks of whole lines, so that no letter is cut."""
    with path.open("rb") as file:
        while block := file.read(1 << 22) + file.readline():
            yield block


def _csv_grid(path: Path, start: str, sheet: str) -> _Grid:
    heads = {s: _csv_rows(start, s, csv.QUOTE_MINIMAL, HEAD_ROWS) for s in SEPARATORS}
    separator = max(SEPARATORS, key=lambda s: _regularity(heads[s]))
    quoting = csv.QUOTE_MINIMAL
    if _has_stray_quotes(path, separator, _regularity(heads[separator])[1]):
        quoting = csv.QUOTE_NONE
    head = _csv_rows(start, separator, quoting, HEAD_ROWS)
    width = max([len(row) for row in head] + [1])

    def batches(figures: set[int]) -> Iterator[tuple[np.ndarray, list[Words]]]:
        types = [pa.string() if n in figures else _DICTIONARY for n in range(width)]
        return _csv_batches(path, separator, quoting, types)

    return _Grid(sheet, head, width, batches)


def _has_stray_quotes(path: Path, separator: str, width: int) -> bool:
    """Whether a quote is only a letter (of inches, say): it would swallow the lines after it.

    So it is where quotes do not pair, or where one stays open on a line that is whole without it.
    """
    n_quotes = 0
    mark = re.escape(separator.encode())
    opened, closed = re.compile(b'(^|%b)"' % mark), re.compile(b'"(%b|\r?$)' % mark)
    for block in _blocks(path):
        quotes = block.count(b'"')
        n_quotes += quotes
        for line in block.split(b"\n") if quotes else ():
            whole = line.count(b'"') % 2 and line.count(separator.encode()) == width - 1
            if whole and opened.search(line) and not closed.search(line):
                return True
    return n_quotes % 2 == 1


def _csv_rows(text: str, separator: str, quoting: int, limit: int) -> list[list[str]]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
    try:
        return [[cell.strip() for cell in row] for row in islice(lines, limit)]
    except csv.Error:
        return []


def _regularity(rows: list[list[str]]) -> tuple[int, int]:
    """How many rows have the commonest width above one, and that width."""
    widths = [len(row) for row in rows if len(row) > 1]
    commonest = max(set(widths), key=widths.count, default=0)
    return widths.count(commonest), commonest


def _csv_batches(
    path: Path, separator: str, quoting: int, types: list[pa.DataType]
) -> Iterator[tuple[np.ndarray, list[Words]]]:
    """The rows of a csv; rows of another width than the rest are padded, or reach beyond it."""
    ragged: dict[int, str] = {}

    def keep(row: Any) -> str:
        ragged[row.number] = row.text
        return "skip"

    names = [str(position) for position in range(len(types))]
    try:
        reader = pa.csv.open_csv(
            pa.OSFile(str(path)),
            pa.csv.ReadOptions(column_names=names, block_size=BATCH_BYTES, use_threads=False),
            pa.csv.ParseOptions(
                delimiter=separator,
                quote_char='"' if quoting == csv.QUOTE_MINIMAL else False,
                newlines_in_values=quoting == csv.QUOTE_MINIMAL,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            pa.csv.ConvertOptions(
                column_types=dict(zip(names, types, strict=True)), strings_can_be_null=False
            ),
        )
        last = 0
        for batch in _ahead(reader):
            numbers, last = _row_numbers(batch.num_rows, last, ragged)
            yield numbers, [_as_words(column) for column in batch.columns]
    except pa.ArrowInvalid as error:
        raise UnreadableFile(f"{path.name} is a damaged csv file: {error!s:.200}") from error
    if ragged:
        yield _ragged_rows(ragged, separator, quoting, len(types))


def _ahead(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches, each parsed while the one before is being cleaned."""
    source = iter(batches)
    with ThreadPoolExecutor(max_workers=1) as pool:
        following = pool.submit(next, source, None)
        while (batch := following.result()) is not None:
            following = pool.submit(next, source, None)
            yield batch


def _row_numbers(n: int, last: int, ragged: dict[int, str]) -> tuple[np.ndarray, int]:
    """The numbers of the next n regular rows: those that the ragged rows leave free."""
    known = list(ragged)  # the parser, a batch ahead, may be adding to it
    numbers = np.arange(last + 1, last + 1 + n + len(known))
    numbers = numbers[~np.isin(numbers, known)][:n]
    return numbers, int(numbers[-1]) if n else last


def _as_words(column: pa.Array) -> Words:
    if pa.types.is_dictionary(column.type):
        return Words(column.dictionary, column.indices.to_numpy())
    return Words(column, np.arange(len(column), dtype=np.int32))


def _ragged_rows(
    ragged: dict[int, str], separator: str, quoting: int, width: int
) -> tuple[np.ndarray, list[Words]]:
    rows = [next(iter(_csv_rows(text, separator, quoting, 1)), []) for text in ragged.values()]
    widest = max(width, *map(len, rows))
    padded = [[*row, *[""] * (widest - len(row))] for row in rows]
    return np.array(list(ragged)), [_words(column) for column in zip(*padded, strict=True)]


def _html_grids(text: str, sheet: str) -> Iterator[_Grid]:
    """The tables of a page; a table that only holds other tables is page furniture."""
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    declared = re.sub(r"^<\?xml[^>]*\?>", "", text).replace("\x00", "")
    try:
        page = html.document_fromstring(declared.encode("utf-8", errors="replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise UnreadableFile(f"the HTML page holds nothing that can be read: {error}") from error
    tables = [table for table in page.iter("table") if table.find(".//table") is None]
    for number, table in enumerate(tables, start=1):
        rows = _span_rows(_html_row(row) for row in table.iter("tr"))
        if rows:
            yield _grid_of_rows(sheet if number == 1 else f"{sheet} table {number}".strip(), rows)
    if not tables:
        yield _grid_of_rows(sheet, [[" ".join(page.text_content().split())]])


def _html_row(row: Any) -> Iterator[tuple[str, int, int, int]]:
    for cell in row.iterchildren("td", "th"):
        text = cell.text if len(cell) == 0 else " ".join(cell.itertext())
        across, down = (max(_span(cell.get(key)), 1) for key in ("colspan", "rowspan"))
        yield (text or "").strip(), across, down, 0


def _span(text: str | None) -> int:
    return min(int(text), 1000) if text and re.fullmatch(r"[0-9]{1,4}", text.strip()) else 1


def _xml_grids(text: str, sheet: str) -> Iterator[_Grid]:
    """Worksheets of Spreadsheet 2003 XML."""
    parser = etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True)
    try:
        book = etree.fromstring(re.sub(r"^<\?xml[^>]*\?>", "", text).encode("utf-8"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise UnreadableFile(f"the XML workbook is damaged: {error}") from error
    sheets = [] if book is None else list(book.iter("{*}Worksheet"))
    for worksheet in sheets:
        rows = _span_rows(_xml_row(row) for row in worksheet.iter("{*}Row"))
        name = _attribute(worksheet, "Name") if len(sheets) > 1 else ""
        if rows:
            yield _grid_of_rows(" ".join(filter(None, (sheet, name))), rows)


def _xml_row(row: Any) -> Iterator[tuple[str, int, int, int]]:
    for cell in row.iterchildren("{*}Cell"):
        text = "".join("".join(data.itertext()) for data in cell.iterchildren("{*}Data"))
        across, down = (_span(_attribute(cell, key) or "0") for key in ("MergeAcross", "MergeDown"))
        yield text.strip(), across + 1, down + 1, _span(_attribute(cell, "Index") or "0")


def _attribute(element: Any, name: str) -> str:
    local = {re.split("[}:]", str(key))[-1]: value for key, value in element.attrib.items()}
    return local.get(name, "")


def _span_rows(rows: Iterator[Iterator[tuple[str, int, int, int]]]) -> list[list[str]]:
    """Rows of (text, columns, rows, position or 0) laid out; a merged cell's text stands first."""
    laid: list[list[str]] = []
    taken: dict[int, int] = {}  # column -> rows below that a merged cell still covers
    for row in rows:
        cells: dict[int, str] = {}
        position = 0
        covered = {column for column, left in taken.items() if left > 0}
        taken = {column: left - 1 for column, left in taken.items() if left > 1}
        for text, across, down, index in row:
            position = index - 1 if index > 0 else position
            while position in covered:
                position += 1
            cells[position] = text
            if down > 1:
                taken |= dict.fromkeys(range(position, position + across), down - 1)
            position += across
        laid.append([cells.get(column, "") for column in range(max(cells, default=-1) + 1)])
    return laid

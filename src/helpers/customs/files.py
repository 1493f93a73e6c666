"""A file of any kind -> sheets of text: the first bytes tell the kind, never the name.

Workbooks are read by calamine, HTML and XML by lxml, csv by Arrow in chunks; archives are
unpacked first. What a sheet means is not known here: that is `reading`.

A column is kept as its distinct words and the place of each row's word, because customs columns
have few distinct values: cleaning then works on thousands of words instead of millions of rows.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
from lxml import etree, html

from helpers.schema import UnreadableFile

SEPARATORS = ",;\t|"
HEAD_ROWS = 40
"""Rows looked at for a heading: ten rows of titles and two of headings, with room to spare."""

BATCH_BYTES = 16 << 20
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())

_NOT_TABLES = {
    b"%PDF": "a PDF", b"Rar!": "a RAR archive", b"7z\xbc\xaf": "a 7z archive",
    b"\x89PNG": "an image", b"\xff\xd8\xff": "an image",
}  # fmt: skip


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
class Grid:
    """A sheet before its heading is known: its first rows, and a way to all of them.

    Attributes:
        batches: takes the positions where nearly every word differs (looking for the distinct
            ones there costs more than it saves), and gives numbers of rows and their cells.
        merged: cells merged downwards: column (0 is the first), first and last row (from 1).
        warnings: what the reader lost.
    """

    sheet: str
    head: list[list[str]]
    width: int
    batches: Callable[[set[int]], Iterator[tuple[np.ndarray, list[Words]]]]
    is_hidden: bool = False
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    warnings: tuple[str, ...] = ()


def grids(path: Path, sheet: str, folder: Path, depth: int = 0) -> Iterator[Grid]:
    """The sheets of a file, of whatever kind.

    Args:
        path: the file.
        sheet: name to put before the names of its sheets; "" for a file that is no member.
        folder: a temporary folder, for what is unpacked or decoded.
        depth: how many archives it lies in.

    Raises:
        UnreadableFile: it is no table, or damaged; the message says what it is.
    """
    start = path.open("rb").read(4096)
    for magic, what in _NOT_TABLES.items():
        if start.startswith(magic):
            raise UnreadableFile(f"it is {what}; ask the sender for xlsx or csv")
    if not start:
        raise UnreadableFile("it is empty (0 bytes); ask the sender for it again")
    if start.startswith(b"\x1f\x8b"):
        yield from _gunzip(path, sheet, folder, depth)
    elif start.startswith(b"PK"):
        ending = _ending_of_zip(path)
        if ending == ".zip":
            yield from _unzip(path, sheet, folder, depth)
        else:
            yield from _workbook(path, ending, sheet, folder)
    elif start.startswith(b"\xd0\xcf\x11\xe0"):
        yield from _workbook(path, _ending_of_ole(path), sheet, folder)
    else:
        yield from _text_file(path, sheet, folder)


def _gunzip(path: Path, sheet: str, folder: Path, depth: int) -> Iterator[Grid]:
    inner = _inner(folder, path.name.removesuffix(".gz"), depth)
    try:
        with gzip.open(path) as packed, inner.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    except (OSError, EOFError, ValueError, gzip.zlib.error) as error:
        raise UnreadableFile(f"it is a damaged gzip file: {error}; ask for it again") from error
    yield from grids(inner, sheet, folder, depth + 1)


def _ending_of_zip(path: Path) -> str:
    """The ending that a zip file of this content has, whatever it is called."""
    try:
        names = zipfile.ZipFile(path).namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(f"it is a damaged zip or xlsx file: {error}; ask again") from error
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise UnreadableFile("it is a Word or PowerPoint file; ask the sender for xlsx or csv")
    if "content.xml" in names:
        return ".ods"
    if any(name.startswith("xl/") or name == "[Content_Types].xml" for name in names):
        return ".xlsb" if "xl/workbook.bin" in names else ".xlsx"
    return ".zip"


def _ending_of_ole(path: Path) -> str:
    """`.xls`, but `.xlsx` where a password has wrapped a newer workbook."""
    return ".xlsx" if "EncryptedPackage".encode("utf-16-le") in path.read_bytes() else ".xls"


def _unzip(path: Path, sheet: str, folder: Path, depth: int) -> Iterator[Grid]:
    archive = zipfile.ZipFile(path)
    hidden = ("__MACOSX/", ".")
    members = [
        m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith(hidden)
    ]
    if not members:
        raise UnreadableFile("it is a zip file with nothing in it; ask the sender for it again")
    for member in members:
        inner = _inner(folder, Path(member.filename).name, depth)
        try:
            with archive.open(member) as packed, inner.open("wb") as plain:
                shutil.copyfileobj(packed, plain)
        except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError) as error:
            raise UnreadableFile(f"{member.filename} cannot be unpacked: {error}") from error
        label = " ".join(filter(None, (sheet, member.filename))) if len(members) > 1 else sheet
        try:
            yield from grids(inner, label, folder, depth + 1)
        except UnreadableFile as error:
            raise UnreadableFile(f"in {member.filename}: {error}") from error


def _inner(folder: Path, name: str, depth: int) -> Path:
    if depth >= 3:
        raise UnreadableFile("it lies in archives within archives; unpack them first")
    return Path(tempfile.mkdtemp(dir=folder)) / (name or "unpacked")


def _workbook(path: Path, ending: str, sheet: str, folder: Path) -> Iterator[Grid]:
    """Sheets of xlsx, xls, xlsb and ods, by calamine, which goes by the ending of the name."""
    import python_calamine

    if path.suffix.lower() != ending:
        path = Path(shutil.copyfile(path, _inner(folder, f"workbook{ending}", 0)))
    try:
        with _silence():
            book = python_calamine.load_workbook(str(path))
        metadata = book.sheets_metadata
    except python_calamine.PasswordError as error:
        raise UnreadableFile("it has a password; ask for it without one") from error
    except BaseException as error:
        raise _damaged(error) from error
    for sheet_of_book in metadata:
        name = sheet_of_book.name
        try:
            with _silence():
                found = book.get_sheet_by_name(name)
                rows = found.to_python(skip_empty_area=False)
        except python_calamine.WorksheetNotFound:
            continue  # a chart sheet has no cells
        except BaseException as error:
            raise _damaged(error) from error
        if rows:
            label = " ".join(filter(None, (sheet, name))) if len(metadata) > 1 else sheet
            merged = [
                (c, top + 1, low + 1) for (top, c), (low, _) in found.merged_cell_ranges or ()
            ]
            visible = python_calamine.SheetVisibleEnum.Visible
            yield replace(
                _grid_of_rows(label, rows),
                is_hidden=sheet_of_book.visible != visible,
                merged=[span for span in merged if span[2] > span[1]],
            )


@contextmanager
def _silence() -> Iterator[None]:
    """A compiled reader prints where it panicked, past Python; its error says enough."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _damaged(error: BaseException) -> BaseException:
    """The reader is compiled: on a mangled file it may panic, which is no `Exception`."""
    if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
        return error
    return UnreadableFile(f"it is a damaged workbook: {error!s:.200}; ask for it again")


def _grid_of_rows(sheet: str, rows: list[list[Any]]) -> Grid:
    head = [[_cell_text(cell) for cell in row] for row in rows[:HEAD_ROWS]]

    def batches(_: set[int]) -> Iterator[tuple[np.ndarray, list[Words]]]:
        columns = zip_longest(*rows, fillvalue="")
        yield np.arange(1, len(rows) + 1), [_words(column) for column in columns]

    return Grid(sheet, head, max(map(len, rows)), batches)


def _words(values: tuple[Any, ...]) -> Words:
    if bool in set(map(type, values)):  # True and 1 would be one key, and so one word.
        values = tuple(str(value) if isinstance(value, bool) else value for value in values)
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


def _text_file(path: Path, sheet: str, folder: Path) -> Iterator[Grid]:
    encoding = _encoding(path)
    start = path.open("rb").read(1 << 16).decode(encoding, errors="replace").lstrip("\ufeff \r\n\t")
    if start.startswith("<"):
        text = path.read_bytes().decode(encoding, errors="replace").lstrip("\ufeff \r\n\t")
        head = text[:4096].lower()
        is_2003 = "urn:schemas-microsoft-com:office:spreadsheet" in head and "<html" not in head
        yield from (_xml_grids if is_2003 else _html_grids)(text, sheet)
        return
    if "\x00" in start:
        raise UnreadableFile("it is neither a workbook nor text; ask for xlsx or csv")
    yield _csv_grid(_as_utf8(path, encoding, folder), start, sheet)


def _encoding(path: Path) -> str:
    """UTF-16 by its mark or its zeros, UTF-8 where nearly all decodes, else windows-1256."""
    start = path.open("rb").read(1 << 20)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for zeros, encoding in ((start[1::2], "utf-16-le"), (start[0::2], "utf-16-be")):
        n = zeros.count(0)
        if len(start) > 8 and n > 0.3 * len(zeros) and start.count(0) == n:
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
            pa.array([block], pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _blocks(path: Path) -> Iterator[bytes]:
    """The file in blocks of whole lines, so that no letter is cut."""
    with path.open("rb") as file:
        while block := file.read(1 << 22) + file.readline():
            yield block


def _csv_grid(path: Path, start: str, sheet: str) -> Grid:
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

    return Grid(sheet, head, width, batches)


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
    of, quotes = dict(zip(names, types, strict=True)), quoting == csv.QUOTE_MINIMAL
    try:
        reader = pa.csv.open_csv(
            pa.OSFile(str(path)),
            pa.csv.ReadOptions(column_names=names, block_size=BATCH_BYTES, use_threads=False),
            pa.csv.ParseOptions(
                delimiter=separator, quote_char='"' if quotes else False, newlines_in_values=quotes,
                ignore_empty_lines=False, invalid_row_handler=keep,
            ),
            # `_as_utf8` has seen to UTF-8.
            pa.csv.ConvertOptions(column_types=of, strings_can_be_null=False, check_utf8=False),
        )  # fmt: skip
        last = 0
        for batch in _ahead(reader):
            numbers, last = _row_numbers(batch.num_rows, last, ragged)
            yield numbers, [_as_words(column) for column in batch.columns]
    except pa.ArrowInvalid as error:
        raise UnreadableFile(f"it is a damaged csv file: {error!s:.200}") from error
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


def _html_grids(text: str, sheet: str) -> Iterator[Grid]:
    """The tables of a page; a table that only holds other tables is page furniture."""
    # Plain elements: those of lxml.html ask Python for their class, for each of millions of cells.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
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
        yield _grid_of_rows(sheet, [[" ".join("".join(page.itertext()).split())]])


_NO_SPANS = (1, 1, 0)


def _html_row(row: Any) -> Iterator[tuple[str, int, int, int]]:
    for cell in row.iterchildren("td", "th"):
        text = cell.text if len(cell) == 0 else " ".join(cell.itertext())
        across, down = cell.get("colspan"), cell.get("rowspan")
        spans = (max(_span(across), 1), max(_span(down), 1), 0) if across or down else _NO_SPANS
        yield (text or "").strip(), *spans


def _span(text: str | None) -> int:
    return min(int(text), 1000) if text and re.fullmatch(r"[0-9]{1,4}", text.strip()) else 1


def _xml_grids(text: str, sheet: str) -> Iterator[Grid]:
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
    for row in map(list, rows):
        if not taken and all(cell[1:] == _NO_SPANS for cell in row):
            laid.append([cell[0] for cell in row])
            continue
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

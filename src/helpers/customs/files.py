"""A file of any kind -> sheets of text: the first bytes tell the kind, never the name.

Workbooks and pages are read by another process (`sheets`), csv by Arrow in chunks; archives are
unpacked first. What a sheet means is not known here: that is `reading`.

A column is kept as its distinct words and the place of each row's word, because customs columns
have few distinct values: cleaning then works on thousands of words instead of millions of rows.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from helpers.customs.sheets import MAX_COLUMNS, word_column
from helpers.schema import UnreadableFile

SEPARATORS = ",;\t|"
HEAD_ROWS = 40
"""Rows looked at for a heading: ten rows of titles and two of headings, with room to spare."""

BATCH_BYTES = 16 << 20
BLOCKS_AHEAD = 4
"""Blocks of a csv that may be read before the rows of the first of them are asked for."""

MAX_MEMBERS = 1_000
"""Files that an archive or a workbook may hold."""

MAX_UNPACKED = 16 << 30
MAX_RATIO = 200
"""Bytes to which one raw file may unpack (20 million rows of csv are 3 GiB), and how many times its
own size: tables pack to a tenth, bombs to a thousandth. The first GiB is free of the second."""

MAX_HEADINGS = 1_000
"""Columns that hold anything among which a heading is looked for."""

READ_SECONDS = 600
MAX_MEMORY = 8 << 30
"""Seconds and bytes that the reader of workbooks and pages may take for one file."""

_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
_BLANK = pa.array([""], pa.string())

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

    def has_letters(self) -> bool:
        """Whether any word has a character that comes after the digits; all words in one look."""
        text = self.words.buffers()[2]
        return text is not None and bool((np.frombuffer(text, np.uint8) > ord("9")).any())


@dataclass(frozen=True)
class Grid:
    """A sheet before its heading is known: its first rows, and a way to all of them.

    Attributes:
        batches: takes the positions where nearly every word differs (looking for the distinct
            ones there costs more than it saves), and gives numbers of rows and their cells.
        merged: cells merged downwards: column (0 is the first), first and last row (from 1).
        warnings: what the reader lost.
        title: text around it in a page; its name, where it is the only sheet of its file.
    """

    sheet: str
    head: list[list[str]]
    width: int
    batches: Callable[[set[int]], Iterator[tuple[np.ndarray, list[Words]]]]
    is_hidden: bool = False
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    warnings: tuple[str, ...] = ()
    title: str = ""


@dataclass
class Room:
    """Where archives are unpacked and texts decoded, and how many bytes may still be written."""

    folder: Path
    left: int = 1 << 30

    @classmethod
    def for_file(cls, folder: str, path: Path) -> Room:
        """The room that a raw file of this size may take."""
        return cls(Path(folder), min(MAX_UNPACKED, max(1 << 30, MAX_RATIO * path.stat().st_size)))

    def place(self, name: str) -> Path:
        """A path of its own with the ending of a name."""
        return Path(tempfile.mkdtemp(dir=self.folder)) / f"member{Path(name).suffix[:9]}"

    def unpack(self, packed: IO[bytes], place: Path) -> None:
        """Writes a member.

        Raises:
            UnreadableFile: it unpacks to more than there may be.
        """
        self.left = min(self.left, shutil.disk_usage(self.folder).free // 2)
        with place.open("wb") as plain:
            while block := packed.read(1 << 20):
                self.left -= len(block)
                if self.left < 0:
                    raise UnreadableFile(
                        f"it unpacks to more than 1 GiB and {MAX_RATIO} times its size, to more "
                        f"than {MAX_UNPACKED >> 30} GiB, or to half of the free disk; unpack it by "
                        "hand and put in what is needed"
                    )
                plain.write(block)


def is_furniture(name: str) -> bool:
    """Whether a file of this name is an operating system's or an office program's own."""
    return name.startswith((".", "~$", "__MACOSX")) or name.lower() in ("thumbs.db", "desktop.ini")


def grids(path: Path, sheet: str, room: Room, depth: int = 0) -> Iterator[Grid]:
    """The sheets of a file, of whatever kind.

    Args:
        path: the file.
        sheet: name to put before the names of its sheets; "" for a file that is no member.
        room: for what is unpacked or decoded.
        depth: how many archives it lies in.

    Raises:
        UnreadableFile: it is no table, damaged, or beyond a limit; the message says what it is.
    """
    start = path.open("rb").read(4096)
    for magic, what in _NOT_TABLES.items():
        if start.startswith(magic):
            raise UnreadableFile(f"it is {what}; ask the sender for xlsx or csv")
    if not start:
        raise UnreadableFile("it is empty (0 bytes); ask the sender for it again")
    if depth > 3:
        raise UnreadableFile("it lies in archives within archives; unpack them first")
    if start.startswith(b"\x1f\x8b"):
        yield from _gunzip(path, sheet, room, depth)
    elif start.startswith(b"PK"):
        ending = _ending_of_zip(path, room)
        if ending == ".zip":
            yield from _unzip(path, sheet, room, depth)
        else:
            yield from _sheets(path, ending, sheet, room)
    elif start.startswith(b"\xd0\xcf\x11\xe0"):
        yield from _sheets(path, _ending_of_ole(path), sheet, room)
    else:
        yield from _text_file(path, sheet, room)


def _gunzip(path: Path, sheet: str, room: Room, depth: int) -> Iterator[Grid]:
    inner = room.place(path.name.removesuffix(".gz"))
    try:
        with gzip.open(path) as packed:
            room.unpack(packed, inner)
    except (OSError, EOFError, ValueError, gzip.zlib.error) as error:
        raise UnreadableFile(f"it is a damaged gzip file: {error}; ask for it again") from error
    yield from grids(inner, sheet, room, depth + 1)


def _ending_of_zip(path: Path, room: Room) -> str:
    """The ending that a zip file of this content has, whatever it is called."""
    try:
        members = zipfile.ZipFile(path).infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(f"it is a damaged zip or xlsx file: {error}; ask again") from error
    names = [member.filename for member in members]
    if len(names) > MAX_MEMBERS:
        raise UnreadableFile(
            f"it holds {len(names):,} files, expected at most {MAX_MEMBERS:,}; unpack it by hand"
        )
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise UnreadableFile("it is a Word or PowerPoint file; ask the sender for xlsx or csv")
    is_book = any(name.startswith("xl/") or name == "[Content_Types].xml" for name in names)
    if not is_book and "content.xml" not in names:
        return ".zip"
    n_bytes = sum(member.file_size for member in members)
    if n_bytes > room.left:
        raise UnreadableFile(
            f"it is a workbook that unpacks to {n_bytes / 2**30:.1f} GiB, expected at most "
            f"{room.left / 2**30:.1f}; ask for it as csv"
        )
    if not is_book:
        return ".ods"
    return ".xlsb" if "xl/workbook.bin" in names else ".xlsx"


def _ending_of_ole(path: Path) -> str:
    """`.xls`, but `.xlsx` where a password has wrapped a newer workbook."""
    return ".xlsx" if "EncryptedPackage".encode("utf-16-le") in path.read_bytes() else ".xls"


def _unzip(path: Path, sheet: str, room: Room, depth: int) -> Iterator[Grid]:
    archive = zipfile.ZipFile(path)
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not any(map(is_furniture, member.filename.split("/")))
    ]
    if not members:
        raise UnreadableFile("it is a zip file with nothing in it; ask the sender for it again")
    for member in members:
        inner = room.place(member.filename)
        try:
            with archive.open(member) as packed:
                room.unpack(packed, inner)
        except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError) as error:
            raise UnreadableFile(f"{member.filename} cannot be unpacked: {error}") from error
        label = _label(sheet, member.filename) if len(members) > 1 else sheet
        try:
            yield from grids(inner, label, room, depth + 1)
        except UnreadableFile as error:
            raise UnreadableFile(f"in {member.filename}: {error}") from error


def _label(*names: str) -> str:
    """Names in a row, a control character in them as a question mark."""
    joined = " ".join(filter(None, names))
    return "".join(letter if letter.isprintable() else "?" for letter in joined)


# Workbooks and pages: read by another process


class _Reader:
    """The process that reads workbooks and pages; one that ends is replaced."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.owner = 0

    def ask(self, **request: str) -> list[dict[str, Any]]:
        """What `sheets` finds in a file.

        Raises:
            UnreadableFile: it refuses the file, ends over it, or takes too long.
        """
        process = self._running()
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            with ThreadPoolExecutor(max_workers=1) as pool:
                reply = pool.submit(process.stdout.readline)
                watch = threading.Timer(READ_SECONDS, process.kill)
                watch.start()
                line = reply.result()
                watch.cancel()
        except BaseException:
            self._end()
            raise
        if not line.endswith("\n"):
            code = self._end()
            raise UnreadableFile(
                f"its reader stopped (signal {-code}) within its limits of {READ_SECONDS} s and "
                f"{_memory() >> 30} GiB: it is damaged, or has a stray cell far below or to the "
                "right; delete what lies outside the table, or ask for csv"
            )
        answer = json.loads(line)
        if "errno" in answer:
            raise OSError(answer["errno"], os.strerror(answer["errno"]))
        if "refused" in answer:
            raise UnreadableFile(answer["refused"])
        return answer["sheets"]

    def _running(self) -> subprocess.Popen[str]:
        if self.process is None or self.owner != os.getpid() or self.process.poll() is not None:
            root = str(Path(__file__).parents[2])
            paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
            self.process = subprocess.Popen(
                [sys.executable, "-m", "helpers.customs.sheets", str(_memory())],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True, encoding="utf-8", env=os.environ | {"PYTHONPATH": paths},
            )  # fmt: skip
            self.owner = os.getpid()
        return self.process

    def _end(self) -> int:
        process, self.process = self.process, None
        process.kill()
        code = process.wait()
        process.stdin.close()
        process.stdout.close()
        return code


_READER = _Reader()


def _memory() -> int:
    """Bytes that the reader may use: three quarters of what the machine has, at most 8 GiB."""
    has = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return min(MAX_MEMORY, has * 3 // 4 or MAX_MEMORY)


def _sheets(path: Path, kind: str, sheet: str, room: Room, encoding: str = "") -> Iterator[Grid]:
    """The sheets of a workbook, whose reader goes by the ending of its name, or of a page."""
    if kind.startswith(".") and path.suffix.lower() != kind:
        path = Path(shutil.copyfile(path, room.place(f"workbook{kind}")))
    folder = tempfile.mkdtemp(dir=room.folder)
    found = _READER.ask(path=str(path), kind=kind, encoding=encoding, folder=folder)
    for about in found:
        name = about["name"] if len(found) > 1 or kind == "html" else ""
        yield replace(
            _grid_of_words(_label(sheet, name), about),
            is_hidden=about["is_hidden"],
            merged=[tuple(span) for span in about["merged"]],
            warnings=tuple(about["warnings"]),
            title=" ".join(filter(None, (about["title"], "" if name else about["name"]))),
        )


def _grid_of_words(sheet: str, about: dict[str, Any]) -> Grid:
    """A sheet as the reader has written it: only the columns that hold anything stand there."""
    width, n_rows = about["width"], about["n_rows"]
    with pa.memory_map(about["path"]) as file:
        table = pa.ipc.open_file(file).read_all()
    blank = Words(_BLANK, np.zeros(n_rows, dtype=np.int32))
    columns = [blank] * width
    for name in table.column_names:
        columns[int(name)] = _as_words(table[name].combine_chunks())
    filled = sorted(map(int, table.column_names))[:MAX_HEADINGS]
    head = []
    for row in range(min(n_rows, HEAD_ROWS)):
        texts = {n: text for n in filled if (text := columns[n].text(row))}
        head.append([texts.get(n, "") for n in range(max(texts, default=-1) + 1)])

    def batches(_: set[int]) -> Iterator[tuple[np.ndarray, list[Words]]]:
        yield np.arange(1, n_rows + 1), columns

    return Grid(sheet, head, width, batches)


# Text: csv, HTML, XML


def _text_file(path: Path, sheet: str, room: Room) -> Iterator[Grid]:
    encoding = _encoding(path)
    start = path.open("rb").read(1 << 16).decode(encoding, errors="replace").lstrip("\ufeff \r\n\t")
    if start.startswith("<"):
        head = start[:4096].lower()
        is_2003 = "urn:schemas-microsoft-com:office:spreadsheet" in head and "<html" not in head
        yield from _sheets(path, "xml" if is_2003 else "html", sheet, room, encoding)
        return
    if "\x00" in start:
        raise UnreadableFile("it is neither a workbook nor text; ask for xlsx or csv")
    yield _csv_grid(_as_utf8(path, encoding, room), start, sheet)


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


def _as_utf8(path: Path, encoding: str, room: Room) -> Path:
    """The file itself if it is clean UTF-8, else a copy that is."""
    if encoding == "utf-8-sig" and _is_clean_utf8(path):
        return path
    copy = room.place(path.name)
    with (
        path.open(encoding=encoding, errors="replace", newline="") as given,
        copy.open("w", encoding="utf-8", newline="") as plain,
    ):
        shutil.copyfileobj(given, plain, 1 << 20)
    return copy


def _is_clean_utf8(path: Path) -> bool:
    try:
        for block in _blocks(path):
            ends = pa.py_buffer(np.array([0, len(block)]))
            text = [None, ends, pa.py_buffer(block)]
            pa.Array.from_buffers(pa.large_string(), 1, text).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _blocks(path: Path) -> Iterator[bytes]:
    """The file in blocks of whole lines, so that no letter is cut."""
    with path.open("rb") as file:
        while block := file.read(1 << 22) + file.readline(1 << 24):
            yield block


def _csv_grid(path: Path, start: str, sheet: str) -> Grid:
    heads = {s: _csv_rows(start, s, csv.QUOTE_MINIMAL, HEAD_ROWS) for s in SEPARATORS}
    separator = max(SEPARATORS, key=lambda s: _regularity(heads[s]))
    quoting = csv.QUOTE_MINIMAL
    if _has_stray_quotes(path, separator, _regularity(heads[separator])[1]):
        quoting = csv.QUOTE_NONE
    head = _csv_rows(start, separator, quoting, HEAD_ROWS)
    width = max([len(row) for row in head] + [1])
    if width > MAX_COLUMNS:
        raise UnreadableFile(
            f"it has more columns than a spreadsheet ({MAX_COLUMNS:,}); ask the sender what it is"
        )

    def batches(figures: set[int]) -> Iterator[tuple[np.ndarray, list[Words]]]:
        types = [pa.string() if n in figures else _DICTIONARY for n in range(width)]
        return _csv_batches(path, separator, quoting, types)

    with path.open("rb") as file:
        file.seek(-min(1, path.stat().st_size), os.SEEK_END)
        is_cut = file.read() not in b"\r\n\x1a"
    return Grid(sheet, head, width, batches, warnings=(_CUT,) * is_cut)


_CUT = "its last line has no end: see that it was not cut off on the way"


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
    """The rows of a csv in order; those of another width are padded, or reach beyond it."""
    ragged: dict[int, str] = {}

    def keep(row: Any) -> str:
        ragged[row.number] = row.text
        return "skip"

    file = _Patient(path)
    names = [str(position) for position in range(len(types))]
    of, quotes = dict(zip(names, types, strict=True)), quoting == csv.QUOTE_MINIMAL
    try:
        reader = pa.csv.open_csv(
            file,
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
            file.room.release()
            numbers, last = _row_numbers(batch.num_rows, last, ragged)
            columns = [_as_words(column) for column in batch.columns]
            before = {n: ragged.pop(n) for n in list(ragged) if n < last}
            if before:
                odd = _ragged_rows(before, separator, quoting, len(types))
                numbers, columns = _merged((numbers, columns), odd)
            yield numbers, columns
    except pa.ArrowInvalid as error:
        raise UnreadableFile(f"it is a damaged csv file: {error!s:.200}") from error
    finally:
        file.room.release(1 << 10)
    if ragged:
        yield _ragged_rows(ragged, separator, quoting, len(types))


class _Patient(io.FileIO):
    """A file of which a block is read when there is room: Arrow alone reads 32 blocks ahead."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.room = threading.Semaphore(BLOCKS_AHEAD)

    def read(self, size: int = -1) -> bytes:
        self.room.acquire(timeout=10)  # a block without a row might never make room
        return super().read(size)


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


def _merged(
    one: tuple[np.ndarray, list[Words]], other: tuple[np.ndarray, list[Words]]
) -> tuple[np.ndarray, list[Words]]:
    """Rows of both in the order of their numbers; what one is too narrow for is blank there."""
    numbers = np.concatenate([one[0], other[0]])
    order = np.argsort(numbers, kind="stable")
    columns = []
    for n in range(max(len(one[1]), len(other[1]))):
        parts = [
            cells[n] if n < len(cells) else Words(_BLANK, np.zeros(len(rows), dtype=np.int32))
            for rows, cells in (one, other)
        ]
        words = pa.concat_arrays([part.words for part in parts])
        codes = np.concatenate([parts[0].codes, parts[1].codes + np.int32(len(parts[0].words))])
        columns.append(Words(words, codes[order]))
    return numbers[order], columns


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
    columns = [_as_words(word_column(column)) for column in zip(*padded, strict=True)]
    return np.array(list(ragged)), columns

"""Workbooks and pages -> sheets of text, in a process of their own.

A compiled reader may abort, hang or ask for all memory there is: then this process ends, and one
file has failed. Run as `python -m helpers.customs.sheets` it answers a line of JSON with a line of
JSON; the cells of each sheet stand in an Arrow file. What a sheet means is not known here.
"""

from __future__ import annotations

import json
import re
import struct
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from lxml import etree, html

from helpers.lifetimes import FULL_DISK, die_with_parent
from helpers.schema import UnreadableFile

MAX_COLUMNS = 16_384
"""The most that a spreadsheet can have."""

SCANNED_BYTES = 64 << 20
"""Of a larger sheet only so much is looked through for what the reader passes over in silence."""

AROUND = 200
"""Letters of the text above and below a table of a page that are looked at."""

Rows = list[list[Any]]

_TWO_READINGS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")


@dataclass
class Sheet:
    """A sheet as its file has it: cells as they come, what is merged, hidden, lost, around it."""

    name: str
    rows: Rows
    is_hidden: bool = False
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    title: str = ""


def sheets(path: Path, kind: str, encoding: str) -> Iterator[Sheet]:
    """The sheets of a workbook (`kind` is its ending), an HTML page or Spreadsheet 2003 XML.

    Raises:
        UnreadableFile: it is damaged, has a password, or more columns than a spreadsheet can have.
    """
    if kind.startswith("."):
        yield from _of_workbook(path, kind)
        return
    text = path.read_bytes().decode(encoding, errors="replace").lstrip("\ufeff \r\n\t")
    yield from (_of_xml if kind == "xml" else _of_html)(text)


# Workbooks


def _of_workbook(path: Path, ending: str) -> Iterator[Sheet]:
    import python_calamine

    try:
        book = python_calamine.load_workbook(str(path))
        metadata = book.sheets_metadata
    except python_calamine.PasswordError as error:
        raise UnreadableFile("it has a password; ask for it without one") from error
    except BaseException as error:
        raise _damaged(error) from error
    lost = _Lost(path, ending)
    for about in metadata:
        try:
            sheet = book.get_sheet_by_name(about.name)
            rows = sheet.to_python(skip_empty_area=False)
            spans = sheet.merged_cell_ranges or []
        except python_calamine.WorksheetNotFound:
            continue  # a chart sheet has no cells
        except BaseException as error:
            raise _damaged(error) from error
        found = Sheet(about.name, rows)
        found.is_hidden = about.visible != python_calamine.SheetVisibleEnum.Visible
        found.merged = [(c, top + 1, low + 1) for (top, c), (low, _) in spans if low > top]
        lost.put_back(found)
        _uncover(found, spans)
        yield found


def _uncover(sheet: Sheet, spans: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Blanks the cells under merged ones: what they may hold, nobody sees."""
    n_covered = 0
    for (top, left), (low, right) in spans:
        for n, row in enumerate(sheet.rows[top : low + 1], start=top):
            for column in range(left + (n == top), min(right + 1, len(row))):
                n_covered += row[column] != ""
                row[column] = ""
    if n_covered:
        sheet.warnings.append(f"{n_covered:,} cells under merged ones hold what nobody sees")


def _damaged(error: BaseException) -> BaseException:
    """The reader is compiled: on a mangled file it may panic, which is no `Exception`."""
    if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
        return error
    return UnreadableFile(f"it is a damaged workbook: {error!s:.200}; ask for it again")


class _Lost:
    """What the reader of workbooks passes over: formulas without values, errors, marks, hidden."""

    def __init__(self, path: Path, ending: str) -> None:
        self.parts: dict[str, bytes] = {}
        self.marked: dict[str, str] = {}
        self.hidden: dict[str, tuple[int, list[str]]] = {}
        self.notes: dict[str, str] = {}
        self.words: dict[str, str] = {}
        self.styled: dict[str, list[tuple[int, int, str]]] = {}
        self.beside: dict[str, list[str]] = {}
        self.title = ""
        self.unknown = ["hides rows or columns", "strikes out cells"] * (ending == ".xlsb")
        self.empty = rb"<v>\s*</v>"
        if ending == ".ods":
            with zipfile.ZipFile(path) as archive, archive.open("content.xml") as file:
                text = file.read(SCANNED_BYTES)
            self.hidden = _hidden_of_ods(text)
            lines = re.search(rb'text-line-through-(?:style|type)="(?!none)', text)
            self.unknown = ["strikes out cells"] * bool(lines)
            if re.search(rb'value-type="percentage"|display-factor=', text):
                self.unknown.append("shows figures in per cent or in thousands")
            currencies = set(
                re.findall(r'office:currency="([A-Z]+)"', text.decode(errors="replace"))
            )
            self.title = " ".join(f"({currency})" for currency in sorted(currencies))
        if ending == ".xls":
            try:
                self._look_into_xls(path)
            except (ImportError, IndexError, OSError, struct.error, ValueError):
                self.unknown = ["hides rows or columns", "strikes out cells"]
        if ending == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                self._look_into(archive)

    def _look_into(self, archive: zipfile.ZipFile) -> None:
        names = archive.namelist()
        try:
            text = archive.read("xl/workbook.xml")
            book = etree.fromstring(text)
            if b'fullCalcOnLoad="1"' in text:  # no spreadsheet program has reckoned it yet
                self.empty = rb"<v>\s*0?\s*</v>"
            links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        except (KeyError, etree.LxmlError, zipfile.BadZipFile, OSError):
            return
        targets = {link.get("Id"): link.get("Target", "").lstrip("/") for link in links}
        for sheet in book.iter("{*}sheet"):
            target = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), "")
            part = targets.get(target, "")
            part = part if part.startswith("xl/") else f"xl/{part}"
            if part in names:
                with archive.open(part) as file:
                    self.parts[sheet.get("name", "")] = file.read(SCANNED_BYTES)
                self.beside[sheet.get("name", "")] = _texts_beside(archive, part)
        if "xl/sharedStrings.xml" in names:
            with archive.open("xl/sharedStrings.xml") as file:
                self.marked = _marks(file.read(SCANNED_BYTES))
        for text in self.parts.values():
            self.marked |= _marks(text) if b"<is>" in text else {}
        if "xl/styles.xml" in names:
            try:
                self.notes, self.words = _said_by(_read_styles(archive.read("xl/styles.xml")))
            except etree.LxmlError:
                self.unknown = ["strikes out cells"]

    def _look_into_xls(self, path: Path) -> None:
        """Hidden rows and columns, and how cells are shown ([MS-XLS] 2.4)."""
        import olefile

        with olefile.OleFileIO(str(path)) as book:
            stream = book.openstream("Workbook").read(SCANNED_BYTES)
        places, fonts, formats, styles = {}, [], dict(_PER_CENT), list[_Style]()
        for kind, body in _records(stream, 0):
            if kind == 0x31:  # Font: whether it strikes out, whether it is white
                fonts.append((bool(body[2] & 8), body[4] in _WHITES))
            elif kind == 0x41E:  # Format
                formats[str(struct.unpack_from("<H", body)[0])] = _xls_text(body[4:])
            elif kind == 0xE0:  # XF: font (there is none with the number 4), format, fill
                font, form = struct.unpack_from("<HH", body)
                is_struck, is_white = fonts[font - (font > 4)]
                is_plain = not body[17] >> 2 or body[18] & 0x7F in _WHITES
                styles.append((formats.get(str(form), "General"), is_struck, is_white and is_plain))
            elif kind == 0x85:  # BoundSheet8: where a sheet begins, and its name
                places[_xls_text(body[7:])] = struct.unpack_from("<I", body)[0]
        self.notes, self.words = _said_by(styles)
        for name, place in places.items():
            n_rows, columns, self.styled[name] = 0, [], []
            for kind, body in _records(stream, place):
                if kind == 0x208:
                    n_rows += bool(body[12] & 0x20)
                elif kind == 0x7D and body[8] & 1:
                    columns.append(
                        "{}-{}".format(*(n + 1 for n in struct.unpack_from("<HH", body)))
                    )
                elif kind in _XLS_CELLS:
                    row, first = struct.unpack_from("<HH", body)
                    forms = range(4, len(body) - 5 if kind == 0xBD else 5, 6)
                    self.styled[name] += [
                        (row, first + n, str(struct.unpack_from("<H", body, at)[0]))
                        for n, at in enumerate(forms)
                    ]
            self.hidden[name] = n_rows, columns

    def put_back(self, sheet: Sheet) -> None:
        """Writes what was lost into the rows, so that it cannot pass as blank, and says it."""
        text = self.parts.get(sheet.name, b"")
        if self.marked:
            sheet.rows = [[_marked(cell, self.marked) for cell in row] for row in sheet.rows]
        n_formulas = _put(sheet, _without_value(text, self.empty)) if b"<f" in text else 0
        n_errors = _put(sheet, _errors(text)) if b't="e"' in text else 0
        if n_formulas:
            sheet.warnings.append(
                f"{n_formulas:,} formulas hold no value and were not read: open the workbook in a "
                "spreadsheet program, save it, and put it in again"
            )
        if n_errors:
            sheet.warnings.append(f"{n_errors:,} cells hold an error such as #DIV/0!")
        wanted = self.notes | self.words
        styled = self.styled.get(sheet.name) or ([*_styled(text, wanted)] if wanted else [])
        n_noted = _put(sheet, _noted(styled, self.notes, sheet.rows))
        if n_noted:
            sheet.warnings.append(
                f"{n_noted:,} cells are struck out, hidden, in per cent or in thousands by their "
                "format: their figures do not count"
            )
        sheet.title = self.title
        if self.words:
            used = {style for *_, style in styled} & self.words.keys()
            sheet.title = " ".join(sorted({f"({self.words[style]})" for style in used}))
        beside = dict.fromkeys((*self.beside.get(sheet.name, ()), *_heads_and_feet(text)))
        if beside:
            said = "".join(filter(str.isprintable, "; ".join(beside)))[:100]
            sheet.warnings.append(
                f"comments, text boxes, headers and footers were not read; see that none says a "
                f"unit or a time: {said}"
            )
        if len(text) == SCANNED_BYTES:
            sheet.warnings.append(
                "formulas, errors, formats and hidden rows far below are not known"
            )
        sheet.warnings += self._hidden_parts(sheet.name, text)
        for what in self.unknown:
            sheet.warnings.append(f"whether it {what} is not known: look, or ask")

    def _hidden_parts(self, name: str, text: bytes) -> list[str]:
        """What is said of hidden rows and columns of a sheet."""
        rows = re.findall(rb'<row [^>]*?r="([0-9]+)"[^>]*?hidden="(?:1|true)"', text)
        columns = re.findall(rb'<col [^>]*?hidden="(?:1|true)"[^>]*>', text)
        n_rows, spans = self.hidden.get(name, (len(rows), _spans(columns)))
        found = [f"{n_rows:,} hidden rows were read like the others"] if n_rows else []
        if spans:
            found.append(f"hidden columns were read like the others: {', '.join(spans)}")
        return found


def _heads_and_feet(text: bytes) -> list[str]:
    """What stands above and below a sheet's printed pages, without codes of fonts and numbers."""
    end = text[-(1 << 16) :].decode("utf-8", "replace")
    given = re.findall("<(?:odd|even|first)(?:Head|Foot)er>([^<]+)", end)
    plain = [re.sub(r'&"[^"]*"|&([A-Z]|[0-9]+)', " ", unescape(one)).strip() for one in given]
    return [one for one in plain if len(re.findall(r"[^\W\d_]{2,}", one)) > 2]


_CELL = rb'<c (?![^>]*t="str")[^>]*?r="([A-Z]+)([0-9]+)"[^>]*>'


def _without_value(text: bytes, empty: bytes) -> Iterator[tuple[int, int, str]]:
    formula = rb"\s*<f(?:\s[^>]*)?(?:/>|>([^<]*)</f>)\s*(?:<v\s*/>|" + empty + rb")?\s*</c>"
    for found in re.finditer(_CELL + formula, text):
        said = (found[3] or b"").decode("utf-8", errors="replace")
        yield int(found[2]) - 1, _column_number(found[1]), f"={said}"


def _errors(text: bytes) -> Iterator[tuple[int, int, str]]:
    for found in re.finditer(rb'<c (?=[^>]*t="e")[^>]*?r="([A-Z]+)([0-9]+)"[^>]*>.*?</c>', text):
        said = re.search(rb"<v>([^<]*)</v>", found[0])
        yield int(found[2]) - 1, _column_number(found[1]), said[1].decode() if said else "#ERROR"


STRUCK, HIDDEN = "struck out: ", "not shown: "
"""Before such a text: no figure and no code can be read of it."""

_FORMAT_NOTES = (
    (r"[0#?],+(?![0#?,])", "shown in thousands: "), (r"[%٪]", "shown in per cent: "),
    (r"^;*$", HIDDEN),
)  # fmt: skip
_PER_CENT = {"9": "0%", "10": "0.00%"}
_WHITE = "white on white: "
_WHITES = (1, 9)
"""The numbers of white among the colours of a workbook."""

_Style = tuple[str, bool, bool]
"""How a cell is shown: its format, whether it is struck out, whether it is white on white."""


def _read_styles(text: bytes) -> list[_Style]:
    """The styles of the cells of an xlsx, in order."""
    book = etree.fromstring(text)
    fonts = [
        ((s := font.find("{*}strike")) is not None and s.get("val") not in _NO,
         _is_white(font.find("{*}color")))
        for font in book.iterfind("{*}fonts/{*}font")
    ]  # fmt: skip
    fills = [
        fill.find("{*}patternFill[@patternType='solid']") is None
        or _is_white(fill.find("{*}patternFill/{*}fgColor"))
        for fill in book.iterfind("{*}fills/{*}fill")
    ]
    formats = _PER_CENT | {
        f.get("numFmtId"): f.get("formatCode", "") for f in book.iter("{*}numFmt")
    }
    styles = []
    for style in book.iterfind("{*}cellXfs/{*}xf"):
        font, fill = (int(style.get(name, 0)) for name in ("fontId", "fillId"))
        is_struck, is_white = fonts[font] if font < len(fonts) else (False, False)
        is_plain = fill >= len(fills) or fills[fill]
        styles.append(
            (formats.get(style.get("numFmtId"), "General"), is_struck, is_white and is_plain)
        )
    return styles


def _is_white(color: Any) -> bool:
    if color is None or color.get("tint"):
        return False
    is_indexed = color.get("indexed") in map(str, _WHITES)
    return color.get("rgb", "")[-6:].upper() == "FFFFFF" or color.get("theme") == "0" or is_indexed


def _said_by(styles: Iterable[_Style]) -> tuple[dict[str, str], dict[str, str]]:
    """Of styles, by number: why a figure is not what it shows; words beside it."""
    notes, words = {}, {}
    for n, (form, is_struck, is_white) in enumerate(styles):
        said = re.findall(r'"([^"]*)"|\[\$([^-\]]*)|([€£¥])', form)
        words[str(n)] = "".join(map("".join, said)).strip()
        bare = re.sub(r'"[^"%٪]*"|\[[^\]]*\]|\\.|_.', "", form)
        why = [_WHITE] * is_white
        why += [note for pattern, note in _FORMAT_NOTES if re.search(pattern, bare)]
        why += ["shown with more digits: "] * bool(re.search(r'"[^"]*\d[^"]*"|\\\d', form))
        why += [STRUCK] * is_struck
        notes[str(n)] = why[-1] if why else ""
    names = {n: word for n, word in words.items() if re.search(r"[^\W\d_]|[$€£¥]", word)}
    return {n: note for n, note in notes.items() if note}, names


_NO = ("0", "false")


def _styled(text: bytes, styles: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """The cells of an xlsx that have one of these styles: row, column and style."""
    style = rb'<c(?=\s[^>]*?\bs="(%b)")[^>]*?\br="([A-Z]+)([0-9]+)"' % "|".join(styles).encode()
    for found in re.finditer(style, text):
        yield int(found[3]) - 1, _column_number(found[2]), found[1].decode()


def _noted(
    styled: Iterable[tuple[int, int, str]], notes: dict[str, str], rows: Rows
) -> Iterator[tuple[int, int, str]]:
    for row, column, style in styled:
        note = notes.get(style)
        cell = rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
        if note and cell != "" and (note in (STRUCK, HIDDEN) or isinstance(cell, (int, float))):
            yield row, column, f"{note}{_cell_text(cell)}"


def _texts_beside(archive: zipfile.ZipFile, part: str) -> list[str]:
    """What a sheet's comments and text boxes say."""
    name = part.replace("worksheets/", "worksheets/_rels/") + ".rels"
    links = archive.read(name) if name in archive.namelist() else b""
    texts = []
    for link in re.findall(rb'Target="([^"]*)"', links):
        place = f"xl/{link.decode(errors='replace').removeprefix('/xl/').removeprefix('../')}"
        is_text = re.fullmatch(r"xl/(comments|drawings/drawing)[^/]*\.xml", place)
        if is_text and place in archive.namelist():
            with archive.open(place) as file:
                texts += re.findall(rb"<(?:a:)?t(?: [^>]*)?>([^<]+)<", file.read(SCANNED_BYTES))
    return [said for text in texts if (said := unescape(text.decode("utf-8", "replace")).strip())]


def _put(sheet: Sheet, lost: Iterable[tuple[int, int, str]]) -> int:
    n_lost = 0
    for row, column, text in lost:
        if row < len(sheet.rows) and column < len(sheet.rows[row]):
            sheet.rows[row][column] = text
            n_lost += 1
    return n_lost


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _spans(columns: list[bytes]) -> list[str]:
    ends = [(re.search(rb'min="([0-9]+)"', c), re.search(rb'max="([0-9]+)"', c)) for c in columns]
    return [f"{a[1].decode()}-{b[1].decode()}" for a, b in ends if a and b]


def _hidden_of_ods(text: bytes) -> dict[str, tuple[int, list[str]]]:
    found = {}
    hidden = rb' [^>]*visibility="(?:collapse|filter)'
    for part in text.split(b"<table:table ")[1:]:
        name = re.search(rb'table:name="([^"]*)"', part)
        columns = re.findall(b"table-column" + hidden, part)
        spans = [f"{len(columns)} of them"] if columns else []
        n_rows = len(re.findall(b"table-row" + hidden, part))
        found[name[1].decode("utf-8", "replace") if name else ""] = n_rows, spans
    return found


_XLS_CELLS = (0x06, 0xBD, 0xFD, 0x203, 0x204, 0x27E)
"""Formula, MulRk, LabelSst, Number, Label, Rk."""


def _xls_text(body: bytes) -> str:
    """A text by its mark and its letters."""
    return body[1:].decode("utf-16-le" if body[0] & 1 else "latin-1")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of a part of a workbook up to its end: kind and body."""
    kind = 0
    while at + 4 <= len(stream) and kind != 0x0A:
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _marks(text: bytes) -> dict[str, str]:
    """Strings with raised or struck-out letters -> the same with footnote marks, or in pieces."""
    if b'script"' not in text and b"<strike" not in text:
        return {}
    marked = {}
    for found in re.finditer(rb"<(si|is)>.*?</\1>", text, re.S):
        plain = raised = ""
        for run in re.finditer(rb"<r>.*?</r>", found[0], re.S):
            said = "".join(re.findall(r"<t[^>]*>([^<]*)</t>", run[0].decode("utf-8", "replace")))
            plain += said
            is_struck = re.search(rb"<strike(?![^>]*val=.(?:0|false))", run[0])
            said = f"\n{STRUCK}{said}\n" if is_struck else said
            raised += _raised(said) if b'script"' in run[0] else said
        if plain != raised:
            marked[plain] = raised
    return marked


def _marked(cell: Any, marked: dict[str, str]) -> Any:
    return marked.get(cell, cell) if isinstance(cell, str) else cell


def _raised(text: str) -> str:
    return text.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


# Pages and Spreadsheet 2003 XML

_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?![.\d]*[1-9])"
    r"|mso-hide\s*:\s*all|opacity\s*:\s*0(?![.\d]*[1-9])|clip\s*:\s*rect\(0"
    r"|(?:left|right|top|text-indent)\s*:\s*-\d{3,}|width\s*:\s*[01]px\s*;\s*height\s*:\s*[01]px"
)
_HIDDEN_CLASSES = {"d-none", "hidden", "invisible", "sr-only", "visually-hidden"}
"""What the usual style sheets hide; they are not saved with a page."""

_NEVER_SHOWN = {"script", "style", "template", "noscript", "title"}
_STRUCK_TAGS = ("del", "s", "strike")
_BLOCKS = {
    "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "option",
    "br", "hr", "img", "rt", "rp", "svg", "dt", "dd", *_STRUCK_TAGS,
}  # fmt: skip
"""What stands in these, and what is struck out, is no part of the text beside it."""
_FORMS = {"select", "button", "nav", "textarea"}
_SPACES = re.compile(r"[ \t\r\n\f]+")


def _of_html(text: str) -> Iterator[Sheet]:
    """The tables of a page; a table that only holds other tables is page furniture."""
    # Plain elements: those of lxml.html ask Python for their class, for each of millions of cells.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    declared = re.sub(r"^<\?xml[^>]*\?>", "", text).replace("\x00", "")
    try:
        page = html.document_fromstring(declared.encode("utf-8", errors="replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise UnreadableFile(f"the HTML page holds nothing that can be read: {error}") from error
    styles = " ".join(style.text or "" for style in page.iter("style"))
    rules = [
        (name, rule)
        for names, rule in re.findall(r"([^{}]+)\{([^{}]*)\}", styles)
        for name in re.findall(r"[.]([\w-]+)\s*(?:,|$)|(#[\w-]+)\s*(?:,|$)", names)
    ]
    hidden = _HIDDEN_CLASSES | {"".join(name) for name, rule in rules if _HIDDEN_STYLE.search(rule)}
    if _STRUCK.search(declared):
        _mark_struck(page, {"".join(name) for name, rule in rules if _STRUCK.search(rule)})
    tables = [table for table in page.iter("table") if table.find(".//table") is None]
    around = [""]
    _read_around(page, set(tables), hidden, around)
    for number, table in enumerate(tables, start=1):
        rows = list(table.iter("tr"))
        shown = [not any(_is_hidden(e, hidden) for e in (row, row.getparent())) for row in rows]
        cells = (_html_row(r, hidden) if s else iter(()) for r, s in zip(rows, shown, strict=True))
        laid, merged = _lay_out(cells)
        sheet = Sheet("" if number == 1 else f"table {number}", laid, merged=merged)
        sheet.is_hidden = any(_is_hidden(e, hidden) for e in (table, *table.iterancestors()))
        below = around[number] if number == len(tables) else ""
        sheet.title = f"{around[number - 1][-AROUND:]} {below[:AROUND]}".strip()
        left_out = [n for n, is_shown in enumerate(shown, start=1) if not is_shown]
        if left_out:
            sheet.warnings.append(
                f"{len(left_out):,} rows that the page hides were left out, row {left_out[0]} first"
            )
        if laid:
            yield sheet
    if not tables:
        yield Sheet("", [[" ".join("".join(page.itertext()).split())]])


_STRUCK = re.compile("line-through|<(?:s|del|strike)[ >]", re.I)


def _mark_struck(page: Any, classes: set[str]) -> None:
    for element in page.iter("tr", "td", "th", "span", "font", "b", "i", "p", "div", *_STRUCK_TAGS):
        named = classes & set((element.get("class") or "").split())
        if element.tag in _STRUCK_TAGS or named or "line-through" in (element.get("style") or ""):
            for part in element.iter("td", "th") if element.tag == "tr" else (element,):
                if "".join(part.itertext()).strip():
                    part.text = f"{STRUCK}{part.text or ''}"


def _read_around(element: Any, tables: set[Any], hidden: set[str], texts: list[str]) -> None:
    """Adds the text outside the tables of a page: before the first, between two, after the last."""
    if element in tables:
        texts[-1] += f" {element.findtext('caption') or ''}"
        texts.append("")
    elif isinstance(element.tag, str) and element.tag not in _NEVER_SHOWN | _FORMS:
        texts[-1] += "" if _is_hidden(element, hidden) else _SPACES.sub(" ", element.text or "")
        for child in element:
            _read_around(child, tables, hidden, texts)
            texts[-1] += _SPACES.sub(" ", f" {child.tail or ''}")


def _is_hidden(element: Any, classes: set[str]) -> bool:
    style = (element.get("style") or "").lower()
    named = classes & {*(element.get("class") or "").split(), f"#{element.get('id')}"}
    return bool(_HIDDEN_STYLE.search(style) or named or element.get("hidden") is not None)


_NO_SPANS = (1, 1, 0)


def _html_row(row: Any, classes: set[str]) -> Iterator[tuple[str, int, int, int]]:
    for cell in row.iterchildren("td", "th"):
        if len(cell) == 0 and not cell.attrib:
            yield _SPACES.sub(" ", cell.text or "").strip(), *_NO_SPANS
            continue
        across, down = (max(_span(cell.get(key)), 1) for key in ("colspan", "rowspan"))
        lines = "" if _is_hidden(cell, classes) else _html_text(cell, classes)
        yield "\n".join(filter(None, map(str.strip, lines.split("\n")))), across, down, 0


def _html_text(element: Any, classes: set[str]) -> str:
    """What can be seen of an element: no hidden parts; line breaks and raised marks stay."""
    text = _SPACES.sub(" ", element.text or "")
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _NEVER_SHOWN:
            inner = "" if _is_hidden(child, classes) else _html_text(child, classes)
            if child.tag == "input" and child.get("type", "text") == "text":
                inner = child.get("value") or ""
            if child.tag in ("sup", "sub"):
                inner = _raised(inner)
            inner = f"\n{inner}\n" if child.tag in _BLOCKS else inner
            text = _joined(text, inner, is_one=child.tag == "wbr")
            text = _joined(text, _SPACES.sub(" ", child.tail or ""), is_one=not inner)
        else:
            text += _SPACES.sub(" ", child.tail or "")
    return text


def _joined(text: str, more: str, is_one: bool = False) -> str:
    """Both texts; digits of two elements (a figure and its footnote, say) as pieces."""
    parted = text[-1:].isdigit() and more[:1].isdigit() and not is_one
    return f"{text}\n{more}" if parted else text + more


def _span(text: str | None) -> int:
    return min(int(text), MAX_COLUMNS) if text and re.fullmatch(r"[0-9]{1,7}", text.strip()) else 1


def _of_xml(text: str) -> Iterator[Sheet]:
    """Worksheets of Spreadsheet 2003 XML."""
    parser = etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True)
    try:
        book = etree.fromstring(re.sub(r"^<\?xml[^>]*\?>", "", text).encode("utf-8"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise UnreadableFile(f"the XML workbook is damaged: {error}") from error
    for worksheet in [] if book is None else book.iter("{*}Worksheet"):
        rows = list(worksheet.iter("{*}Row"))
        laid, merged = _lay_out(map(_xml_row, rows))
        sheet = Sheet(_attribute(worksheet, "Name"), laid, merged=merged)
        sheet.is_hidden = any(v.text != "SheetVisible" for v in worksheet.iter("{*}Visible"))
        n_hidden = sum(_attribute(row, "Hidden") == "1" for row in rows)
        if n_hidden:
            sheet.warnings.append(f"{n_hidden:,} hidden rows were read like the others")
        if 'StrikeThrough="1"' in text:
            sheet.warnings.append("whether it strikes out cells is not known: look, or ask")
        if re.search(r'Format="(?:Percent|[^"]*(?:%|[0#],+["; ]))', text):
            sheet.warnings.append(
                "whether it shows figures in per cent or in thousands is not known"
            )
        if laid:
            yield sheet


def _xml_row(row: Any) -> Iterator[tuple[str, int, int, int]]:
    for cell in row.iterchildren("{*}Cell"):
        text = "".join("".join(data.itertext()) for data in cell.iterchildren("{*}Data"))
        across, down = (_span(_attribute(cell, key) or "0") for key in ("MergeAcross", "MergeDown"))
        yield text.strip(), across + 1, down + 1, _span(_attribute(cell, "Index") or "0")


def _attribute(element: Any, name: str) -> str:
    local = {re.split("[}:]", str(key))[-1]: value for key, value in element.attrib.items()}
    return local.get(name, "")


def _lay_out(
    rows: Iterable[Iterable[tuple[str, int, int, int]]],
) -> tuple[Rows, list[tuple[int, int, int]]]:
    """Rows of (text, columns, rows, position or 0) laid out, and the cells merged downwards.

    A merged cell's text stands in its first row and column.
    """
    laid: Rows = []
    merged: list[tuple[int, int, int]] = []
    taken: dict[int, int] = {}  # column -> rows below that a merged cell still covers
    for number, row in enumerate(map(list, rows), start=1):
        if not taken and len(row) <= MAX_COLUMNS and all(cell[1:] == _NO_SPANS for cell in row):
            laid.append([cell[0] for cell in row])
            continue
        cells: dict[int, str] = {}
        position = 0
        covered = set(taken)
        taken = {column: left - 1 for column, left in taken.items() if left > 1}
        for text, across, down, index in row:
            position = index - 1 if index > 0 else position
            while position in covered:
                position += 1
            if position + across > MAX_COLUMNS:
                raise UnreadableFile(_too_wide(position + across))
            cells[position] = text
            if down > 1:
                taken |= dict.fromkeys(range(position, position + across), down - 1)
                merged.append((position, number, number + down - 1))
            position += across
        laid.append([cells.get(column, "") for column in range(max(cells, default=-1) + 1)])
    return laid, merged


def _too_wide(width: int) -> str:
    return (
        f"it has {width:,} columns or more, expected at most the {MAX_COLUMNS:,} of a spreadsheet; "
        "delete what stands far to the right"
    )


# Cells as columns of words


def word_column(values: Iterable[Any]) -> pa.DictionaryArray:
    """A column of cells by its distinct texts; "" is a blank cell."""
    column = tuple(values)
    kinds = set(map(type, column))
    if bool in kinds:  # True and 1 would be one key, and so one word.
        column = tuple(str(v) if isinstance(v, bool) else v for v in column)
    places = {value: n for n, value in enumerate(dict.fromkeys(column))}
    codes = np.fromiter(map(places.__getitem__, column), np.int32, len(column))
    # Beside real numbers, a text that looks like one has two readings, whatever they say.
    doubt = "?" if str in kinds and kinds & {float, int} else ""
    texts = [_cell_text(v) + (doubt if _is_doubtful(v) else "") for v in places]
    return pa.DictionaryArray.from_arrays(codes, pa.array(texts, pa.string()))


def _is_doubtful(value: Any) -> bool:
    return isinstance(value, str) and bool(_TWO_READINGS.fullmatch(value))


def _cell_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        text = str(int(value)) if value.is_integer() else repr(value)
        # A real number with three decimals is no text that may mean thousands.
        return f"{text}0" if _TWO_READINGS.fullmatch(text) else text
    return "" if value is None else str(value)


def _written(sheet: Sheet, path: Path) -> dict[str, Any]:
    """Writes the columns that hold anything; says which these are, and all else of the sheet."""
    width = max(map(len, sheet.rows))
    if width > MAX_COLUMNS:
        raise UnreadableFile(_too_wide(width))
    columns = {
        n: word_column(column)
        for n, column in enumerate(zip_longest(*sheet.rows, fillvalue=""))
        if any(cell != "" for cell in column)
    }
    table = pa.table({str(n): column for n, column in columns.items()})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return {
        "name": sheet.name, "title": sheet.title, "is_hidden": sheet.is_hidden,
        "merged": sheet.merged, "width": width, "warnings": sheet.warnings,
        "n_rows": len(sheet.rows), "path": str(path),
    }  # fmt: skip


def _answer(request: dict[str, str]) -> dict[str, Any]:
    try:
        found = []
        for sheet in sheets(Path(request["path"]), request["kind"], request["encoding"]):
            if sheet.rows and max(map(len, sheet.rows)):
                found.append(_written(sheet, Path(request["folder"]) / f"{len(found)}.arrow"))
    except UnreadableFile as error:
        return {"refused": str(error)}
    except RecursionError:
        return {"refused": "its parts lie too deep in one another; ask for xlsx or csv"}
    return {"sheets": found}


def answer_requests() -> None:
    """Answers requests until there are none; the first says how many bytes may be used."""
    die_with_parent()
    limit = int(sys.argv[1])
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for line in sys.stdin:
        try:
            answer = _answer(json.loads(line))
        except MemoryError:
            answer = {"refused": f"it takes more than {limit >> 30} GiB of memory to read"}
        except OSError as error:
            if error.errno not in FULL_DISK:
                raise
            answer = {"errno": error.errno}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    answer_requests()

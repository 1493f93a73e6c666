"""A corpus of small dirty files: one table in every dress that customs files wear.

Each entry of `DRESSES` writes the same six declarations (`EXPECTED` says what they are) with its
own kind of dirt around them. Everything here is made up.
"""

from __future__ import annotations

import csv
import gzip
import io
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import xlsxwriter

HEADINGS = [
    "ردیف", "ماه", "سال", "نام گمرک", "نام کشور", "شماره تعرفه", "توضیحات تعرفه",
    "وزن (کیلوگرم)", "ارزش (ریال)", "ارزش (دلار)",
]  # fmt: skip

ROWS = [
    # Arabic yeh, thousands separators.
    ["1", "7", "1404", "بازرگان", "ترکيه", "08021200", "بادام", "1,000", "5,000,000", "4,000"],
    # A lost leading zero; a name with Arabic letters.
    ["2", "7", "1404", "بازرگان", "امارات متحده عربي", "9021000", "چاي", "500", "", "2,500"],
    # Persian digits, Arabic-Indic digits, Persian separators, a month by name.
    ["3", "مهر", "۱۴۰۴", "خسروي", "عراق", "۳۹۰۱۲۰۰۰", "", "۲٬۰۰۰", "٧٠٠", "۱٬۲۳۴٫۵"],
    # Dots in the code; weight in exponent form; ISO code of Namibia.
    ["4", "7", "1404", "خسروي", "NA", "8418.10.00", "يخچال", "1.2E+03", "", "9,000"],
    # Zero kilograms stay zero.
    ["5", "7", "1404", "بازرگان", "ترکيه", "71081200", "طلا", "0", "", "60"],
    # A negative correction in brackets.
    ["6", "7", "1404", "خسروي", "عراق", "39012000", "", "(100)", "", "(50)"],
]

TOTAL = ["مجموع", "", "", "", "", "", "", "4,600", "5,000,700", "16,744.5"]

EXPECTED = {
    "partner_iso3": ["TUR", "ARE", "IRQ", "NAM", "TUR", "IRQ"],
    "hs_code": ["08021200", "09021000", "39012000", "84181000", "71081200", "39012000"],
    "net_mass_kg": [1000.0, 500.0, 2000.0, 1200.0, 0.0, -100.0],
    "value_usd": [4000.0, 2500.0, 1234.5, 9000.0, 60.0, -50.0],
    "flags": ["", "hs_padded", "", "hs_separators", "", "negative"],
}
VALUE_USD = 16_744.5
NET_MASS_KG = 4_600.0

Table = list[list[str]]


def table() -> Table:
    """Headings, declarations and the total row."""
    return [HEADINGS, *ROWS, TOTAL]


def csv_text(rows: Table, separator: str = ",") -> str:
    """The rows as csv with quotes where needed."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def html_text(rows: Table) -> str:
    """The rows as the HTML table that the customs site calls .xls."""
    lines = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<html><head><meta charset='utf-8'></head><body><table border=1>{body}</table></body>"


def xml_text(rows: Table) -> str:
    """The rows as Spreadsheet 2003 XML; blank cells are skipped by an index, as Excel does."""
    lines = []
    for row in rows:
        cells = [
            f'<Cell ss:Index="{n}"><Data ss:Type="String">{cell}</Data></Cell>'
            for n, cell in enumerate(row, start=1)
            if cell
        ]
        lines.append(f"<Row>{''.join(cells)}</Row>")
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0" encoding="utf-8"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
        f'<Worksheet ss:Name="Sheet1"><Table>{"".join(lines)}</Table></Worksheet></Workbook>'
    )


def write_xlsx(path: Path, sheets: dict[str, Table]) -> Path:
    """A workbook; cells that look like plain numbers are numbers, so zeros at the left are lost."""
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                for column, cell in enumerate(row):
                    is_number = cell.isascii() and cell.isdigit() and not cell.startswith("0")
                    write = sheet.write_number if is_number else sheet.write_string
                    write(line, column, float(cell) if is_number else cell)
    return path


def xls_bytes(
    rows: Table,
    hidden_rows: tuple[int, ...] = (),
    hidden_columns: tuple[int, ...] = (),
    form: str = "",
    color: int = 8,
) -> bytes:
    """A real .xls: one BIFF8 sheet of text cells, in the smallest compound file there can be.

    With a `form`, whole numbers are numbers in this format and in a font of this `color`.
    """

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def label(row: int, column: int, text: str) -> bytes:
        if form and text.isdigit():
            return record(0x0203, struct.pack("<HHHd", row, column, 1, float(text)))
        head = struct.pack("<HHHHB", row, column, 0, len(text), 1)
        return record(0x0204, head + text.encode("utf-16-le"))

    cells = [
        label(line, column, cell)
        for line, row in enumerate(rows)
        for column, cell in enumerate(row)
        if cell
    ]
    size = struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0)
    sheet = record(0x0809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + record(0x0200, size)
    for n in hidden_columns:
        sheet += record(0x007D, struct.pack("<HHHHHH", n, n, 0x900, 0, 1, 0))
    for n in hidden_rows:
        sheet += record(0x0208, struct.pack("<HHHHHHI", n, 0, max(map(len, rows)), 0, 0, 0, 0x120))
    sheet += b"".join(cells) + record(0x000A, b"")
    start = record(0x0809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0))
    for n, one in enumerate(("General", form) if form else ()):
        font = struct.pack("<HHHHHBBBBBB", 200, 0, color if n else 8, 400, 0, 0, 0, 0, 0, 1, 0)
        start += record(0x31, font + b"A")
        start += record(0x41E, struct.pack("<HHB", 164 + n, len(one), 1) + one.encode("utf-16-le"))
        start += record(0xE0, struct.pack("<HH", n, 164 + n) + bytes(16))
    name = b"Sheet1"
    offset = len(start) + 4 + 8 + len(name) + 4
    bound = record(0x0085, struct.pack("<IBBBB", offset, 0, 0, len(name), 0) + name)
    return compound_file(start + bound + record(0x000A, b"") + sheet)


def compound_file(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file (OLE2) that holds one stream."""
    padded = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    n_sectors = len(padded) // 512
    chain = [*range(3, n_sectors + 2), 0xFFFFFFFE]
    fat = struct.pack("<128I", *([0xFFFFFFFD, 0xFFFFFFFE, *chain] + [0xFFFFFFFF] * 128)[:128])

    def entry(name: str, kind: int, first: int, size: int, child: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
        head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text), kind, 1) + links
        return head + bytes(36) + struct.pack("<IQ", first, size)

    folder = entry("Root Entry", 5, 0xFFFFFFFE, 0, 1) + entry(name, 2, 2, len(padded), 0xFFFFFFFF)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + fat + folder.ljust(512, b"\0") + padded


def titled(n_titles: int) -> Table:
    """The table under rows of titles."""
    titles = [[f"آمار صادرات قطعی، سطر {n}"] for n in range(n_titles)]
    return [*titles, *table()]


def merged_headings() -> Table:
    """Headings over two rows: 'value' stands over rial and dollar, the others reach down."""
    upper = [*HEADINGS[:7], "وزن (کیلوگرم)", "ارزش", ""]
    lower = [""] * 8 + ["ریال", "دلار"]
    return [["آمار صادرات"], upper, lower, *ROWS, TOTAL]


def furnished() -> Table:
    """Headings repeated, a numbered row, blanks, sub-totals and notes among the rows."""
    subtotal = ["", "", "", "جمع بازرگان", "", "", "", "1,500", "", "6,500"]
    numbers = [f"({n})" for n in range(1, 11)]
    note = ["* ارقام موقت است", *[""] * 9]
    blank = [""] * 10
    return [HEADINGS, numbers, *ROWS[:2], subtotal, blank, HEADINGS, *ROWS[2:], TOTAL, note]


def zipped(name: str, content: bytes, **others: bytes) -> bytes:
    """A zip archive with one member, or more."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for member, inside in {name: content, **others}.items():
            archive.writestr(member, inside)
    return packed.getvalue()


def rezipped(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """An archive with each member changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: change(archive.read(name)) for name in archive.namelist()}
    first, *others = members
    return zipped(first, members[first], **{name: members[name] for name in others})


def ods_bytes(rows: Table) -> bytes:
    """The least that is an OpenDocument spreadsheet."""

    def cell(text: str) -> str:
        if not text:
            return '<table:table-cell table:number-columns-repeated="1"/>'
        return (
            '<table:table-cell office:value-type="string">'
            f"<text:p>{text}</text:p></table:table-cell>"
        )

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        f'xmlns:office="{space}office:1.0" xmlns:table="{space}table:1.0" '
        f'xmlns:text="{space}text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Sheet1">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    listed = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind.decode()}"/>'
        "</manifest:manifest>"
    )
    inside = {"content.xml": content, "META-INF/manifest.xml": listed}
    return zipped("mimetype", kind, **{name: text.encode() for name, text in inside.items()})


def xlsx_bytes(rows: Table) -> bytes:
    """The rows as a workbook."""
    with tempfile.TemporaryDirectory() as folder:
        return write_xlsx(Path(folder) / "book.xlsx", {"Sheet1": rows}).read_bytes()


def _cp1256(rows: Table) -> bytes:
    """Windows-1256 has no Persian yeh: such files have the Arabic one."""
    plain = csv_text(rows).translate(str.maketrans("یک٬٫۰۱۲۳۴۵۶۷۸۹", "يك،.0123456789"))
    return plain.translate(str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")).encode("cp1256")


def _text(content: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content.encode(encoding)) and None


def _bytes(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def _xlsx(rows: Table) -> Callable[[Path], None]:
    return lambda path: write_xlsx(path, {"Sheet1": rows}) and None


DRESSES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "csv": ("export.csv", _text(csv_text(table()))),
    "csv with a byte-order mark": ("export.csv", _text(csv_text(table()), "utf-8-sig")),
    "csv in UTF-16": ("export.csv", _text(csv_text(table()), "utf-16")),
    "csv in UTF-16 without a mark": ("export.csv", _text(csv_text(table()), "utf-16-le")),
    "csv in windows-1256": ("export.csv", _bytes(_cp1256(table()))),
    "csv with semicolons": ("export.csv", _text(csv_text(table(), ";"))),
    "tab-separated text called .xls": ("export.xls", _text(csv_text(table(), "\t"))),
    "csv under titles": ("export.csv", _text(csv_text(titled(3)))),
    "gzipped csv": ("export.csv.gz", _bytes(gzip.compress(csv_text(table()).encode()))),
    "zipped csv": ("export.zip", _bytes(zipped("a.csv", csv_text(table()).encode()))),
    "zipped HTML": ("export.zip", _bytes(zipped("a.xls", html_text(table()).encode()))),
    "HTML called .xls": ("export.xls", _text(html_text(table()))),
    "HTML in UTF-16": ("export.xls", _text(html_text(table()), "utf-16")),
    "HTML under titles": ("export.xls", _text(html_text(titled(4)))),
    "XML called .xls": ("export.xls", _text(xml_text(table()))),
    "a real xls": ("export.xls", _bytes(xls_bytes(table()))),
    "a real xls under titles": ("export.xls", _bytes(xls_bytes(titled(10)))),
    "xlsx": ("export.xlsx", _xlsx(table())),
    "xlsx under ten titles": ("export.xlsx", _xlsx(titled(10))),
    "xlsx with merged headings": ("export.xlsx", _xlsx(merged_headings())),
    "xlsx with furniture": ("export.xlsx", _xlsx(furnished())),
    "csv with furniture": ("export.csv", _text(csv_text(furnished()))),
    "csv in UTF-16, high byte first": ("export.csv", _text(csv_text(table()), "utf-16-be")),
    "csv with bars": ("export.txt", _text(csv_text(table(), "|"))),
    "csv with an old Mac's line ends": (
        "export.csv",
        _bytes(csv_text(table()).replace("\r\n", "\r").encode()),
    ),
    "csv called .xlsx": ("export.xlsx", _text(csv_text(table()))),
    "xlsx called .xls": ("export.xls", _bytes(xlsx_bytes(table()))),
    "xlsx called .csv": ("export.csv", _bytes(xlsx_bytes(table()))),
    "a real xls called .xlsx": ("export.xlsx", _bytes(xls_bytes(table()))),
    "ods": ("export.ods", _bytes(ods_bytes(table()))),
    "ods called .xlsx": ("export.xlsx", _bytes(ods_bytes(table()))),
    "gzipped xlsx": ("export.xlsx.gz", _bytes(gzip.compress(xlsx_bytes(table())))),
    "zipped xlsx": ("export.zip", _bytes(zipped("a.xlsx", xlsx_bytes(table())))),
    "a zip in a zip": (
        "export.zip",
        _bytes(zipped("b.zip", zipped("a.csv", csv_text(table()).encode()))),
    ),
    "a zip made on a Mac": (
        "export.zip",
        _bytes(zipped("a.csv", csv_text(table()).encode(), **{"__MACOSX/._a.csv": b"\0\5\26\7"})),
    ),
    "HTML with merged headings": ("export.xls", _text(html_text(merged_headings()))),
}


def put_on(dress: str, folder: Path) -> Path:
    """Writes one dress of the table into a folder; the path of the file."""
    name, write = DRESSES[dress]
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path)
    return path

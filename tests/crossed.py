"""Made-up files in which kinds of trouble meet two at a time, with the trade that is truly in them.

`made(seed, kinds, folder)` writes one file and says its true declarations. What is read of it must
be among these, and what is missing must have been said (`wrong_without_a_word`).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations, zip_longest
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

import dirty

HEADINGS = {
    "n": "ردیف", "month": "ماه", "year": "سال", "office": "نام گمرک", "partner": "نام کشور",
    "hs": "شماره تعرفه", "goods": "توضیحات تعرفه", "kg": "وزن (کیلوگرم)", "irr": "ارزش (ریال)",
    "usd": "ارزش (دلار)",
}  # fmt: skip
PARTNERS = ["عراق", "ترکیه", "افغانستان", "آلمان", "چین"]
OFFICES = ["پیام", "بازرگان", "شهید رجایی"]
CODES = ["84713010", "84714100", "27101290", "39012000", "08021200", "30049010"]
FORMATS = ("csv", "xlsx", "html")

Row = dict[str, Any]


@dataclass
class Block:
    """A table with its titles: rows are cells by column, `true` where they are a declaration."""

    rows: list[Row]
    columns: list[str]
    headings: dict[str, str]
    titles: list[str] = field(default_factory=list)


@dataclass
class Case:
    """A file in the making."""

    rng: random.Random
    blocks: list[Block]
    flow: str = "export"
    scale: float = 1.0
    others: dict[str, list[Block]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    merged: bool = False
    is_zipped: bool = False
    is_beside: bool = False
    year: str = "1404"
    dress: str = ""


def _start(rng: random.Random) -> Case:
    rows = []
    places = [(p, o, c, m) for p in PARTNERS for o in OFFICES for c in CODES for m in (6, 7)]
    for n, (partner, office, code, month) in enumerate(rng.sample(places, rng.randint(4, 9)), 1):
        kg, usd = rng.randint(1001, 99_000), rng.randint(1001, 990_000)
        rows.append(
            {"n": n, "month": month, "year": 1404, "office": office, "partner": partner, "hs": code,
             "goods": f"کالای {code[:4]}", "kg": kg, "irr": usd * 500_000, "usd": usd,
             "true": {"flow": "export", "year": 1404, "month": month, "hs": code, "usd": usd, "kg": kg}}
        )  # fmt: skip
    return Case(rng, [Block(rows, list(HEADINGS), dict(HEADINGS))])


def _declared(block: Block) -> list[Row]:
    return [row for row in block.rows if row.get("true")]


def _first(case: Case) -> list[Row]:
    """The declarations of the first table that has any."""
    return _declared(case.blocks[0]) or _declared(case.blocks[-1])


def _sum(rows: list[Row], **labels: Any) -> Row:
    known = {m: [n for row in rows if isinstance(n := row[m], int)] for m in ("kg", "irr", "usd")}
    return {**labels, **{measure: sum(numbers) for measure, numbers in known.items()}}


def _levels(case: Case) -> None:
    block = case.blocks[0]
    for digits in (2, 4, 6):
        keys = {(r["hs"][:digits], r["partner"], r["office"], r["month"]) for r in _declared(block)}
        for code, partner, office, month in sorted(keys):
            parts = [r for r in _declared(block) if r["hs"].startswith(code)
                     and (r["partner"], r["office"], r["month"]) == (partner, office, month)]  # fmt: skip
            labels = {
                "hs": code,
                "partner": partner,
                "office": office,
                "month": month,
                "year": 1404,
            }
            block.rows.append(_sum(parts, **labels))


def _world(case: Case) -> None:
    block, name = case.blocks[0], case.rng.choice(["جهان", "World", "کل جهان", "همه کشورها"])
    for code, office, month in sorted(
        {(r["hs"], r["office"], r["month"]) for r in _declared(block)}
    ):
        parts = [r for r in _declared(block) if (r["hs"], r["office"], r["month"]) == (code, office, month)]  # fmt: skip
        labels = {"hs": code, "partner": name, "office": office, "month": month, "year": 1404}
        block.rows.insert(0, _sum(parts, **labels))


def _groups(case: Case) -> None:
    block = case.blocks[0]
    name = case.rng.choice(["کشورهای همسایه", "اتحادیه اروپا", "آسیا", "European Union"])
    parts = case.rng.sample(_declared(block), 2)
    labels = {"hs": parts[0]["hs"], "office": "پیام", "month": 7, "year": 1404}
    block.rows.insert(1, _sum(parts, partner=name, **labels))


def _total(case: Case) -> None:
    block = case.blocks[-1]
    label = case.rng.choice(["مجموع", "جمع کل", "TOTAL", "سرجمع", "Σ", "Toplam"])
    at = case.rng.choice([0, len(block.rows)])
    block.rows.insert(at, _sum(_declared(block), office=label))


def _carried(case: Case) -> None:
    block = case.blocks[0]
    at = len(block.rows) // 2
    above = [row for row in block.rows[:at] if row.get("true")] or _declared(block)
    for label in ("نقل به صفحه بعد", "منقول از صفحه قبل"):
        block.rows.insert(at, _sum(above, partner=label))


def _means(case: Case) -> None:
    rows = _declared(case.blocks[-1]) or _first(case)
    mean = {m: n // len(rows) for m, n in _sum(rows).items()}
    label = case.rng.choice(["میانگین", "متوسط", "Average"])
    case.blocks[-1].rows.append({"office": label, **mean})
    case.blocks[-1].rows.append({"office": "درصد", "kg": 100, "irr": 100, "usd": 100})


def _copy(case: Case) -> None:
    case.others["نسخه قبلی"] = case.blocks
    if case.rng.random() < 0.5:
        case.hidden.add("نسخه قبلی")


def _summary(case: Case) -> None:
    rows = [row for block in case.blocks for row in _declared(block)]
    chapters = sorted({row["hs"][:2] for row in rows})
    sums = [_sum([r for r in rows if r["hs"][:2] == c], hs=c) for c in chapters]
    case.others["خلاصه"] = [Block(sums, ["hs", "kg", "usd"], dict(HEADINGS))]


def _stacked(case: Case) -> None:
    block = case.blocks[0]
    half = len(block.rows) // 2
    columns = [*block.columns[:-3], "usd", "irr", "kg"] if "irr" in block.columns else block.columns
    case.blocks.append(Block(block.rows[half:], columns, block.headings))
    block.rows = block.rows[:half]


def _stacked_flows(case: Case) -> None:
    _stacked(case)
    case.blocks[0].titles = ["جدول ۱: صادرات"]
    case.blocks[1].titles = ["جدول ۲: واردات"]
    case.flow = ""
    for row in _declared(case.blocks[1]):
        row["true"] = row["true"] | {"flow": "import"}


def _flow_column(case: Case) -> None:
    for block in case.blocks:
        block.columns = [*block.columns, "flow"]
        block.headings = block.headings | {"flow": case.rng.choice(["نوع", "جریان تجارت", "flow"])}
        for row in _declared(block):
            flow, word = case.rng.choice([("export", "صادرات"), ("import", "واردات")])
            for key in {"true", "more_true"} & row.keys():
                row[key] = row[key] | {"flow": flow}
            row["flow"] = word


def _unit_column(case: Case) -> None:
    for block in case.blocks:
        block.columns = [*block.columns, "unit"]
        block.headings = block.headings | {"kg": "وزن", "unit": "واحد"}
        for row in _declared(block):
            unit, factor = case.rng.choice([("کیلوگرم", 1), ("تن", 1000)])
            row |= {"unit": unit, "true": row["true"] | {"kg": row["kg"] * factor}}


def _unknown_measure(case: Case) -> None:
    for block in case.blocks:
        block.columns = [*block.columns, "more"]
        block.headings = block.headings | {"more": case.rng.choice(["ارزش گمرکی (دلار)", "Statistical value", "حقوق ورودی"])}  # fmt: skip
        for row in _declared(block):
            row["more"] = row["usd"] + 7


def _word_of_a_heading(case: Case) -> None:
    for block in case.blocks:
        block.columns = [*block.columns[:7], "count", *block.columns[7:]]
        block.headings = block.headings | {"count": "واحد شمارش"}
        for row in _declared(block):
            row["count"] = case.rng.choice(["تعداد", "کالا", "شرح"])


def _dots(case: Case) -> None:
    _formatted(case, lambda text: text.replace(",", "."))


def _commas(case: Case) -> None:
    _formatted(case, dirty_digits)


def _formatted(case: Case, form: Callable[[str], str]) -> None:
    """All weights and dollars in the form of one writer."""
    blocks = [*case.blocks, *(b for others in case.others.values() for b in others)]
    for row in {id(row): row for block in blocks for row in block.rows}.values():
        for measure in ("kg", "usd"):
            if isinstance(row.get(measure), int):
                row[measure] = form(f"{row[measure]:,}")


def dirty_digits(text: str) -> str:
    """The number with Persian digits and separators."""
    return text.translate(str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬"))


def _pieces(case: Case) -> None:
    row = case.rng.choice(_first(case))
    row["usd"] = f"{row['usd']}{case.rng.choice(['²', chr(10) + '456', '*', ' 123'])}"


def _ranges(case: Case) -> None:
    row = dict(case.rng.choice(_first(case)))
    codes = ["84-85", "7208-7210", "2008-11-01", "10/01/2001", "8471/8473"]
    case.blocks[0].rows.append(row | {"hs": case.rng.choice(codes), "true": None})


def _thousands(case: Case) -> None:
    case.scale = 1000.0
    case.blocks[0].titles = [*case.blocks[0].titles, case.rng.choice(["واحد: ۱۰۰۰ دلار", "Value: US$ '000", "ارقام به هزار دلار", "(000's)", "میلیون‌دلار"])]  # fmt: skip
    for block in case.blocks:
        block.headings = block.headings | {"usd": "ارزش دلاری"}


def _merged(case: Case) -> None:
    case.merged = True
    for block in case.blocks:
        block.rows.sort(key=lambda row: (bool(row.get("true")), str(row.get("office", ""))))


def _periods(case: Case) -> None:
    for block in case.blocks:
        block.columns = ["period", *(c for c in block.columns if c not in ("month", "year"))]
        block.headings = block.headings | {"period": "دوره"}
        for row in _declared(block):
            row["period"] = case.rng.choice([f"1404{row['month']:02}", f"2025{row['month']:02}"])


def _years(case: Case) -> None:
    """Value and weight of two years side by side; only in a file of one block."""
    block = case.blocks[0]
    block.columns = [c for c in block.columns if c not in ("kg", "irr", "usd", "year", "n")]
    block.columns += ["kg3", "kg", "usd3", "usd"]
    block.headings = block.headings | {
        "kg3": "وزن (کیلوگرم) ۱۴۰۳", "kg": "وزن (کیلوگرم) ۱۴۰۴",
        "usd3": "ارزش (دلار) ۱۴۰۳", "usd": "ارزش (دلار) ۱۴۰۴",
    }  # fmt: skip
    for row in _declared(block):
        row |= {"kg3": row["kg"] + 1, "usd3": row["usd"] + 3}
        row["more_true"] = row["true"] | {"year": 1403, "kg": row["kg3"], "usd": row["usd3"]}


def _titles(case: Case) -> None:
    case.blocks[0].titles = [
        "گمرک جمهوری اسلامی ایران",
        "آمار سال ۱۴۰۴",
        "",
        *case.blocks[0].titles,
    ]


def _blanks(case: Case) -> None:
    for block in case.blocks:
        block.rows[1:1] = [{}, {"n": "* ارقام موقت است"}]


def _zipped(case: Case) -> None:
    case.is_zipped = True


def _returns(case: Case) -> None:
    """Goods that came back: a row below zero."""
    row = case.rng.choice(_first(case))
    for measure in ("kg", "irr", "usd"):
        row[measure] = -row[measure]
    row["true"] = row["true"] | {measure: -row["true"][measure] for measure in ("kg", "usd")}


def _beside(case: Case) -> None:
    """Two tables side by side."""
    block = case.blocks[0]
    half = len(block.rows) // 2
    case.blocks.append(Block(block.rows[half:], block.columns, block.headings))
    block.rows = block.rows[:half]
    case.is_beside = True


def _subtotals(case: Case) -> None:
    """A sum below the rows of each partner, the word for it at either end."""
    block = case.blocks[0]
    form = case.rng.choice(["{} Total", "جمع {}", "{} - جمع", "{} جمع"])
    rows = []
    for partner in sorted({row["partner"] for row in _declared(block)}):
        own = [row for row in _declared(block) if row["partner"] == partner]
        rows += [*own, _sum(own, partner=form.format(partner))]
    block.rows = [*rows, *(row for row in block.rows if not row.get("true"))]


def _bare_total(case: Case) -> None:
    """The sum of all rows, without a label."""
    block = case.blocks[-1]
    rows = _declared(block)
    block.rows.insert(case.rng.choice([0, len(block.rows)]), _sum(rows))


def _sections(case: Case) -> None:
    """Partners as headings between the rows, not as a column."""
    for block in case.blocks:
        block.columns = [column for column in block.columns if column != "partner"]
        block.rows.sort(key=lambda row: str(row.get("partner", "")))
        partners = [row.get("partner", "") for row in block.rows]
        for n in range(len(partners) - 1, -1, -1):
            if partners[n] and (n == 0 or partners[n - 1] != partners[n]):
                block.rows.insert(n, {block.columns[0]: partners[n]})


def _month_names(case: Case) -> None:
    for block in case.blocks:
        for row in block.rows:
            row["month"] = {6: "شهریور", 7: "مهر ماه"}.get(row.get("month"), row.get("month", ""))


def _lost_zeros(case: Case) -> None:
    for block in case.blocks:
        for row in block.rows:
            row["hs"] = row.get("hs", "").lstrip("0")


def _missing(case: Case) -> None:
    row = case.rng.choice(_first(case))
    row["kg"] = case.rng.choice(["-", "—", "...", "", "n/a"])
    row["true"] = row["true"] | {"kg": float("nan")}


def _footers(case: Case) -> None:
    block = case.blocks[0]
    at = len(block.rows) // 2
    headings = {column: block.headings[column] for column in block.columns}
    block.rows[at:at] = [{"n": "صفحه ۱ از ۲"}, headings]
    block.rows.append({"n": "تاریخ گزارش: ۱۴۰۴/۰۸/۱۵"})


def _year_in_title(case: Case) -> None:
    case.year = ""
    case.blocks[0].titles = ["آمار تجارت خارجی سال ۱۴۰۴", *case.blocks[0].titles]
    for block in case.blocks:
        block.columns = [column for column in block.columns if column != "year"]


def _english(case: Case) -> None:
    names = {
        "n": "row", "month": "month", "year": "year", "office": "customs office",
        "partner": "country", "hs": "HS code", "goods": "description", "kg": "net weight (kg)",
        "irr": "value (IRR)", "usd": "value (USD)",
    }  # fmt: skip
    for block in case.blocks:
        plain = {column for column, text in block.headings.items() if text == HEADINGS.get(column)}
        block.headings = block.headings | {column: names[column] for column in plain}


def _papers(case: Case) -> None:
    """Each two goods of one declaration, which says its total on both."""
    for block in case.blocks:
        block.columns = ["paper", *block.columns]
        block.headings = block.headings | {"paper": case.rng.choice(["شماره اظهارنامه", "invoice"])}
        rows = _declared(block)
        for n, (row, other) in enumerate(zip(rows[::2], rows[1::2], strict=False), 70_001):
            total = row["usd"] + other["usd"]
            for one in (row, other):
                one |= {"paper": n, "usd": total}


def _shifted(case: Case) -> None:
    """A row that lacks its partner's cell: all that follow stand one too far left."""
    block = case.blocks[0]
    row = dict(case.rng.choice(_declared(block))) | {"true": None}
    columns = block.columns[block.columns.index("partner") :]
    cells = [row.get(column, "") for column in columns[1:]]
    block.rows.append(row | dict(zip(columns, [*cells, ""], strict=True)))


def _of_which(case: Case) -> None:
    """A part of the row above, with a code of its own."""
    block = case.blocks[0]
    row = case.rng.choice(_declared(block))
    word = case.rng.choice(["از آن جمله", "از جمله:", "که از آن", "of which", "سهم از کل"])
    part = {measure: row[measure] // 2 for measure in ("kg", "irr", "usd")}
    at = next(n for n, one in enumerate(block.rows) if one is row)
    block.rows.insert(at + 1, row | part | {"goods": f"{word} {row['goods']}", "true": None})


def _extract(case: Case) -> None:
    """Some rows of a table once more below it, with or without a heading of their own."""
    block = case.blocks[-1]
    rows = _declared(block) or _first(case)
    again = [dict(row) | {"true": None} for row in rows[: case.rng.randint(1, 3)]]
    title = {block.columns[0]: case.rng.choice(["ده قلم عمده", "Top ten", "عمده‌ترین کالاها"])}
    heading = [{c: block.headings[c] for c in block.columns}] * case.rng.randint(0, 1)
    block.rows += [title, *heading, *again]


def _outline(case: Case) -> None:
    """Codes with the sums of their partners, which stand below them without a code."""
    block = case.blocks[0]
    own, rows = _declared(block), []
    for code in sorted({row["hs"] for row in own}):
        parts = [row for row in own if row["hs"] == code]
        rows.append(_sum(parts, hs=code, year=1404, month=parts[0]["month"], goods="کالا"))
        for row in parts:
            row |= {"hs": "", "goods": "", "true": row["true"] | {"hs": "nan"}}
        rows += parts
    block.rows = [*rows, *(row for row in block.rows if row not in own)]


def _province(case: Case) -> None:
    """The sum of a province's offices, as one of them."""
    block = case.blocks[0]
    keys = {
        (r["hs"], r["partner"], r["month"]) for r in _declared(block) if r["office"] == OFFICES[1]
    }
    for hs, partner, month in sorted(keys):
        parts = [r for r in _declared(block) if r["office"] == OFFICES[1]
                 and (r["hs"], r["partner"], r["month"]) == (hs, partner, month)]  # fmt: skip
        labels = {"hs": hs, "partner": partner, "month": month, "year": 1404, "n": 99}
        block.rows.insert(0, _sum(parts, office="آذربایجان غربی", **labels))


def _bloc(case: Case) -> None:
    block = case.blocks[0]
    row = case.rng.choice(_declared(block))
    name = case.rng.choice(["OIC", "پنج کشور اول", "شرکای عمده", "Main partners", "G7"])
    block.rows.insert(0, row | {"partner": name, "usd": row["usd"] + 90, "true": None})


def _shortened(case: Case) -> None:
    """A figure as a spreadsheet shows it in a narrow column."""
    row = case.rng.choice(_first(case))
    row |= {"usd": case.rng.choice(["1.2E+07", "1.23457E+11", "9E+09"]), "true": None}


def _dress(case: Case) -> None:
    """Another kind of file than the usual three."""
    case.dress = case.rng.choice(["xls", "ods", "xml", "semicolons", "tabs", "utf-16", "cp1256"])


KINDS: dict[str, Callable[[Case], None]] = {
    kind.__name__[1:]: kind
    for kind in (
        _years, _stacked, _stacked_flows, _levels, _world, _groups, _total, _carried, _means,
        _flow_column, _unit_column, _unknown_measure, _word_of_a_heading, _periods, _ranges,
        _shifted, _of_which, _bloc, _province, _returns, _subtotals, _bare_total, _sections, _missing,
        _outline, _shortened, _extract, _copy, _summary, _beside, _papers, _pieces, _dots, _commas, _thousands, _merged, _titles, _blanks,
        _month_names, _lost_zeros, _footers, _year_in_title, _english, _dress, _zipped,
    )
}  # fmt: skip
"""In the order in which they are put on: first what needs plain numbers."""

_WITH_YEARS = {
    "stacked", "stacked_flows", "levels", "world", "groups", "total", "carried", "means", "periods",
    "unit_column", "unknown_measure", "pieces", "copy", "summary", "dots", "commas", "thousands",
    "papers", "shifted", "returns", "subtotals", "bare_total", "missing", "beside", "year_in_title",
}  # fmt: skip
_DIVIDE = ("stacked", "stacked_flows", "beside")
APART = {
    *(("years", kind) for kind in _WITH_YEARS), ("dots", "commas"), ("beside", "merged"),
    *(("outline", kind) for kind in (*_DIVIDE, "years", "merged", "sections")),
    *(("extract", kind) for kind in (*_DIVIDE, "years", "merged")), ("years", "bloc"), ("years", "of_which"),
    ("years", "province"), ("periods", "province"), ("years", "shortened"),
    ("summary", "papers"), ("missing", "dots"), ("missing", "pieces"), ("missing", "unit_column"), *combinations(_DIVIDE, 2),
}  # fmt: skip
"""Pairs of which no file can be made whose true trade is plain."""

PAIRS = [p for p in combinations(KINDS, 2) if p not in APART and p[::-1] not in APART]


def made(seed: int, kinds: tuple[str, ...], folder: Path) -> list[Row]:
    """Writes `raw/a.*` below a folder; the declarations that are truly in it."""
    return made_by(random.Random(f"{seed} {kinds}"), kinds, folder)


def made_by(rng: random.Random, kinds: tuple[str, ...], folder: Path) -> list[Row]:
    """The same, of what a generator chooses."""
    case = _start(rng)
    for kind in KINDS:
        if kind in kinds:
            KINDS[kind](case)
    true = [row[key] for block in case.blocks for row in block.rows
            for key in ("true", "more_true") if row.get(key)]  # fmt: skip
    true = [row | {"usd": row["usd"] * case.scale} for row in true]
    raw = folder / "raw"
    raw.mkdir(parents=True)
    said = {"flow": case.flow, "year_sh": case.year}
    (raw / "_source.yml").write_text("".join(f"{k}: {v}\n" for k, v in said.items() if v))
    _write(case, raw)
    return true


def _lines(blocks: list[Block], is_beside: bool = False) -> dirty.Table:
    if is_beside:
        parts = [_lines([block]) for block in blocks]
        widths = [len(block.columns) + 1 for block in blocks]
        return [
            [cell for row, width in zip(rows, widths, strict=True)
             for cell in (*row, *[""] * (width - len(row)))][:-1]
            for rows in zip_longest(*parts, fillvalue=[])
        ]  # fmt: skip
    lines: dirty.Table = []
    for number, block in enumerate(blocks):
        lines += [[]] if number else []
        lines += [[title] for title in block.titles]
        lines += [[block.headings[c] for c in block.columns]]
        lines += [[str(row.get(c, "")) for c in block.columns] for row in block.rows]
    return lines


def _write(case: Case, raw: Path) -> None:
    sheets = {"Sheet1": case.blocks, **case.others}
    kind = case.rng.choice(FORMATS)
    kind = "xlsx" if case.others else "html" if case.merged and kind == "csv" else kind
    kind = case.dress if case.dress and not (case.others or case.merged) else kind
    path = raw / f"a.{'xls' if kind == 'html' else kind}"
    if kind not in ("xlsx", "html"):
        path.write_bytes(_in_dress(_lines(case.blocks, case.is_beside), kind))
    elif kind == "xlsx":
        _write_xlsx(case, sheets, path)
    else:
        path.write_text(_html(case), encoding="utf-8")
    if case.is_zipped:
        content = dirty.zipped(
            path.name, path.read_bytes(), **{"Thumbs.db": b"\0", "~$a.xlsx": b"\0"}
        )
        path.unlink()
        (raw / "a.zip").write_bytes(content)


def _in_dress(lines: dirty.Table, kind: str) -> bytes:
    if kind in ("xls", "ods"):
        return (dirty.xls_bytes if kind == "xls" else dirty.ods_bytes)(lines)
    if kind == "xml":
        return dirty.xml_text(lines).encode()
    text = dirty.csv_text(lines, {"semicolons": ";", "tabs": "\t"}.get(kind, ","))
    if kind == "cp1256":
        arabic = text.translate(str.maketrans("یک٬٫۰۱۲۳۴۵۶۷۸۹", "يك،.0123456789"))
        return arabic.encode("cp1256", errors="replace")
    return text.encode("utf-16" if kind == "utf-16" else "utf-8")


def _spans(case: Case, lines: dirty.Table) -> dict[int, tuple[int, int]]:
    """Runs of equal offices below one another: first line -> (column, lines)."""
    if not case.merged:
        return {}
    column = case.blocks[0].columns.index("office")
    texts = [line[column] if len(line) > column else "" for line in lines]
    spans, first = {}, 0
    for n in range(1, len(texts) + 1):
        if n == len(texts) or texts[n] != texts[first]:
            if n - first > 1 and texts[first] in OFFICES:
                spans[first] = (column, n - first)
            first = n
    return spans


def _write_xlsx(case: Case, sheets: dict[str, list[Block]], path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, blocks in sheets.items():
            sheet = book.add_worksheet(name)
            lines = _lines(blocks, case.is_beside and blocks is case.blocks)
            for n, line in enumerate(lines):
                for column, cell in enumerate(line):
                    if cell.isascii() and cell.isdigit() and len(cell) < 8:
                        sheet.write_number(n, column, float(cell))
                    else:
                        sheet.write_string(n, column, cell) if cell else None
            for n, (column, height) in _spans(case, lines).items():
                sheet.merge_range(n, column, n + height - 1, column, lines[n][column])
            if name in case.hidden:
                sheet.hide()


def _html(case: Case) -> str:
    lines = _lines(case.blocks, case.is_beside)
    spans = _spans(case, lines)
    covered = {(n + k, c) for n, (c, height) in spans.items() for k in range(1, height)}
    body = ""
    for n, line in enumerate(lines):
        cells = ""
        for column, cell in enumerate(line):
            if (n, column) in covered:
                continue
            down = f" rowspan={spans[n][1]}" if n in spans and spans[n][0] == column else ""
            cells += f"<td{down}>{cell.replace(chr(10), '<br>')}</td>"
        body += f"<tr>{cells}</tr>"
    return f"<html><meta charset=utf-8><table>{body}</table></html>"


def wrong_without_a_word(folder: Path, true: list[Row]) -> str:
    """What is wrong in silence in what cleaning makes of the file; "" where nothing is.

    Every row kept must be true. Where a true row is missing, the file must have failed, rows must
    have been rejected, or its own total must be off.
    """
    from helpers.customs import cleaning

    (file,) = cleaning.clean(folder / "raw", folder / "processed").files
    if file.status == "failed":
        return "" if file.error and "please report" not in file.error else f"{file.error}"
    names = {"flow": "flow", "year": "year_sh", "month": "month_first_sh", "hs": "hs_code",
             "usd": "value_usd", "kg": "net_mass_kg"}  # fmt: skip
    rows = pd.read_parquet(folder / "processed" / "declarations")
    read = rows[list(names.values())].itertuples(index=False)
    kept = Counter(tuple(str(cell).removesuffix(".0") for cell in row) for row in read)
    truth = Counter(tuple(str(row[name]).removesuffix(".0") for name in names) for row in true)
    if kept - truth:
        return f"kept though not true: {list(kept - truth)[:3]}"
    missing = sum((truth - kept).values())
    differences = file.control_total.difference.values() if file.control_total else ()
    said = file.rows.rejected or any(map(abs, differences))
    return f"{missing} true rows are missing without a word" if missing and not said else ""

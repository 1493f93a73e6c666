"""A seeded synthetic set of customs files, in the layout and with the dirt of the real ones.

Nothing here is an observation: structure, prices, partners and offices are plausible inventions
(the tables beside this file), and only the national totals of the months are made to meet the
published ones. Every file says SYNTHETIC in its first row and in its sidecar.

`synthetic_declarations` says what the rows mean; `write_synthetic` writes them as such files
arrive, so that cleaning can be held against the truth. Quirks: those met in Iranian customs files
(Arabic letters, three digit systems, hidden marks, lost zeros, totals among the rows, ...).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from helpers.schema import FLOWS, PROVINCES, NotEnoughData

HEADINGS = (
    "ردیف", "ماه", "سال", "نام گمرک", "نام کشور", "شماره تعرفه", "توضیحات تعرفه",
    "وزن (کیلوگرم)", "ارزش (ریال)", "ارزش (دلار)",
)  # fmt: skip
AMOUNTS = ("net_mass_kg", "value_irr", "value_usd")
TOTAL = "مجموع"
MIN_ROWS = 2_000

MISTAKES = {
    "duplicate": 0.002,
    "tonnes": 0.0005,
    "swapped": 0.0005,
    "unknown_code": 0,
    "no_value": 0,
}
"""Planted mistakes and their share of a file's rows; each file has at least a few of each."""

_IRR_PER_USD = {1402: 400_000, 1403: 550_000, 1404: 720_000}  # invented
_SEASON = np.array([0.72, 0.95, 1.0, 0.98, 1.0, 1.02, 1.0, 1.02, 1.04, 1.03, 1.06, 1.2])
_HARVEST = {"agri": 0.45, "food": 0.15}  # swing around the year's mean, highest in month 8
_BULK = ("petro", "metals", "minerals")
_VARIANTS = (("10", 0.65, 1.04), ("90", 0.35, 0.9))  # national digits: name, share, price
_GATE = 6.0  # how much likelier a neighbour is a province's partner
_UNLISTED_OFFICE = "سایر گمرکات"

Grid = np.ndarray
Rng = np.random.Generator


@dataclass(frozen=True)
class SyntheticFile:
    """One file of the set: what it covers and how it arrives."""

    flow: str
    year_sh: int
    n_months: int
    suffix: str

    @property
    def name(self) -> str:
        """Name of the raw file."""
        return f"{self.flow}_{self.year_sh}{self.suffix}"

    @property
    def title(self) -> str:
        """What stands above the table: synthetic, in both languages."""
        flow = {"export": ("صادرات", "exports"), "import": ("واردات", "imports")}[self.flow]
        return (
            f"داده‌های ساختگی برای آزمایش، نه آمار واقعی - {flow[0]} {self.year_sh} | "
            f"SYNTHETIC data for testing, not real statistics - {flow[1]} {self.year_sh}"
        )


FILES = (
    SyntheticFile("export", 1402, 12, ".xls"),
    SyntheticFile("export", 1403, 12, ".xls"),
    SyntheticFile("export", 1404, 10, ".xlsx"),
    SyntheticFile("import", 1402, 12, ".xls"),
    SyntheticFile("import", 1403, 12, ".csv"),
    SyntheticFile("import", 1404, 10, ".xls"),
)
"""`.xls` are HTML tables, as the customs site serves them; `.xlsx` and `.csv` are what they say."""


def write_synthetic(folder: Path, rows: int = 60_000, seed: int = 1404) -> list[Path]:
    """Write the synthetic set: six raw files, each with its sidecar.

    Args:
        folder: where to write; made if absent, files of the same names are replaced.
        rows: detail rows in all files together (2,000 or more), planted mistakes included.
        seed: the same seed and rows give the same bytes.

    Returns:
        The raw files, exports first, by year; sidecars stand beside them as `NAME.source.yml`.

    Raises:
        NotEnoughData: fewer rows than every month of every file needs.
    """
    if rows < MIN_ROWS:
        raise NotEnoughData(
            f"the synthetic set needs at least {MIN_ROWS:,} rows; {rows:,} were asked for"
        )
    folder.mkdir(parents=True, exist_ok=True)
    return [_write_file(folder, file, _rows_of(file, rows), seed) for file in FILES]


def synthetic_declarations(file: SyntheticFile, rows: int, seed: int = 1404) -> pd.DataFrame:
    """What the rows of a file of the set mean, before the dirt.

    The sum of `value_usd` over the rows without a mistake, month by month, meets the published
    national totals at their months (`totals.csv`) to the dollar; so does that of
    `net_mass_kg`, over the rows which have a weight. Between the published months the year's
    season decides, and the mass follows the value. Rows with a planted mistake come on top: they
    are copies of small rows and add less than a thousandth.

    Returns:
        `month, year_sh, province, customs_office, partner, partner_iso3, hs_code, goods,
        net_mass_kg` (NaN: not given), `value_irr, value_usd, mistake`; one row a row of the
        file. `mistake` is empty or one of `MISTAKES`; a duplicate carries its original's label.
    """
    market = _market(file.flow, seed)
    rng = np.random.default_rng([seed, FLOWS.index(file.flow), file.year_sh])
    n_mistakes = sum(_counts_of_mistakes(rows).values())
    drawn = _draw_rows(market, file, rows - n_mistakes, rng)
    valued = drawn.assign(value_usd=_values(market, file, drawn, rng))
    weighed = valued.assign(net_mass_kg=_masses(market, file, valued, rng))
    named = _name_rows(market, file, weighed, rng)
    return _plant_mistakes(named, rows, rng)


# What the invented country trades


@dataclass(frozen=True)
class _Market:
    goods: pd.DataFrame  # hs_code, goods, profile, weight, usd_per_kg
    partners: pd.DataFrame  # partner_name, iso3, weights, gates
    cell_share: Grid  # province x good: share of national value
    cell_price: Grid  # province x good: USD per kg
    partner_chance: Grid  # province x (bulk, other) x partner, cumulated


@cache
def _market(flow: str, seed: int) -> _Market:
    rng = np.random.default_rng([seed, FLOWS.index(flow)])
    provinces = _table("provinces")
    provinces = provinces[provinces["flow"].eq(flow)].set_index("province").loc[list(PROVINCES)]
    goods = _goods(flow)
    partners = _table("partners")
    shape = (len(provinces), len(goods))
    share = _cell_share(provinces, goods) * rng.lognormal(0, 0.6, shape)
    share *= (provinces["share"].to_numpy() / share.sum(axis=1))[:, None]
    level = provinces["price_level"].to_numpy()[:, None] * rng.lognormal(0, 0.1, shape)
    price = level * goods["usd_per_kg"].to_numpy()
    chance = _partner_chance(flow, partners)
    return _Market(goods, partners, share / share.sum(), price, chance)


def _table(name: str) -> pd.DataFrame:
    path = Path(__file__).with_name(f"{name}.csv")
    return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={"hs6": str})


def _goods(flow: str) -> pd.DataFrame:
    """The traded goods at eight digits: each subheading has a named line and one of `سایر`."""
    six = _table("goods")
    six = six[six["flow"].eq(flow)]
    lines = [
        six.assign(
            hs_code=six["hs6"] + digits,
            weight=six["weight"] * share,
            usd_per_kg=six["usd_per_kg"] * price,
            goods=six["name_fa"] if digits == "10" else "ساير",
        )
        for digits, share, price in _VARIANTS
    ]
    return pd.concat(lines, ignore_index=True).sort_values("hs_code", ignore_index=True)


def _cell_share(provinces: pd.DataFrame, goods: pd.DataFrame) -> Grid:
    """Value of each good in each province, before its own specialisation."""
    in_profile = goods["weight"] / goods.groupby("profile")["weight"].transform("sum")
    mix = provinces[goods["profile"].tolist()].fillna(0).to_numpy(dtype=float)
    return mix * in_profile.to_numpy()


def _partner_chance(flow: str, partners: pd.DataFrame) -> Grid:
    columns = ["import", "import"] if flow == "import" else ["export_bulk", "export_other"]
    weight = partners[columns].to_numpy(dtype=float).T
    gates = partners["gates"].fillna("").str.split("|")
    gate = np.array([[_GATE if p in g else 1.0 for g in gates] for p in PROVINCES])
    chance = gate[:, None, :] * weight[None, :, :]
    return np.cumsum(chance / chance.sum(axis=2, keepdims=True), axis=2)


# Rows


def _rows_of(file: SyntheticFile, rows: int) -> int:
    months = sum(f.n_months for f in FILES if f.flow == file.flow)
    share = {"export": 0.6, "import": 0.4}[file.flow]
    return round(rows * share * file.n_months / months)


def _draw_rows(market: _Market, file: SyntheticFile, rows: int, rng: Rng) -> pd.DataFrame:
    """Months, cells (province x good) and partners; small cells are oversampled, then weighted."""
    share = market.cell_share
    within = share**0.6 / (share**0.6).sum(axis=1, keepdims=True)
    chance = within * (share.sum(axis=1) ** 0.4)[:, None]
    chance = (chance / chance.sum()).ravel()
    month = np.arange(rows) * file.n_months // rows
    cell = np.searchsorted(np.cumsum(chance)[:-1], _even_draw(month, rng))
    province, good = np.divmod(cell, share.shape[1])
    return pd.DataFrame(
        {
            "month": 1 + month,
            "province_at": province,
            "good_at": good,
            "partner_at": _draw_partners(market, province, good, rng),
            "weight": share.ravel()[cell] / chance[cell] * rng.lognormal(0, 0.35, rows),
        }
    )


def _even_draw(month: Grid, rng: Rng) -> Grid:
    """Numbers in [0, 1) spread evenly within each month, in random order: a stable structure."""
    rows = np.bincount(month)
    place = np.empty(len(month))
    place[np.lexsort((rng.random(len(month)), month))] = np.arange(len(month))
    first = np.cumsum(rows) - rows
    return (place - first[month] + rng.random(len(month))) / rows[month]


def _draw_partners(market: _Market, province: Grid, good: Grid, rng: Rng) -> Grid:
    is_other = (~market.goods["profile"].isin(_BULK)).to_numpy().astype(int)[good]
    chance = market.partner_chance
    ladders = chance.reshape(-1, chance.shape[2])
    steps = ladders + np.arange(len(ladders))[:, None]  # one rising ladder for one search
    which = province * 2 + is_other
    found = np.searchsorted(steps.ravel(), which + rng.random(len(good)))
    partner = np.minimum(found - which * chance.shape[2], chance.shape[2] - 1)
    partner[0] = int(market.partners["iso3"].eq("NAM").to_numpy().argmax())  # in every file
    return partner


def _values(market: _Market, file: SyntheticFile, rows: pd.DataFrame, rng: Rng) -> Grid:
    """USD: provinces keep their share of the nation but for slow growth; months meet the totals."""
    month, province = rows["month"].to_numpy() - 1, rows["province_at"].to_numpy()
    swing = market.goods["profile"].map(_HARVEST).fillna(0).to_numpy()[rows["good_at"]]
    raw = rows["weight"].to_numpy() * (1 + swing * np.cos(2 * np.pi * (month - 7) / 12))
    growth = rng.lognormal(0, 0.06, len(PROVINCES))
    noise = rng.lognormal(0, 0.05, (file.n_months, len(PROVINCES)))
    wanted = market.cell_share.sum(axis=1) * growth * noise
    drawn = np.zeros_like(wanted)
    np.add.at(drawn, (month, province), raw)
    raw = raw * wanted[month, province] / drawn[month, province]
    return _meet_totals(raw, month, monthly_totals(file)["value_usd"].to_numpy())


def _masses(market: _Market, file: SyntheticFile, rows: pd.DataFrame, rng: Rng) -> Grid:
    """kg, from each row's price; some rows have none, some have 0, as in the real files."""
    month = rows["month"].to_numpy() - 1
    price = market.cell_price[rows["province_at"], rows["good_at"]]
    partner = rng.lognormal(0, 0.06, len(market.partners))[rows["partner_at"]]
    price = price * partner * rng.lognormal(0, 0.08, len(rows))
    lot = rng.random(len(rows))
    has_mass = lot > 0.015
    mass = np.where(lot > 0.007, 0.0, np.nan)
    raw = rows["value_usd"].to_numpy()[has_mass] / price[has_mass]
    totals = monthly_totals(file)["net_mass_kg"].to_numpy()
    mass[has_mass] = _meet_totals(raw, month[has_mass], totals)
    return mass


def _meet_totals(raw: Grid, month: Grid, totals: Grid) -> Grid:
    """Whole numbers of at least 1 in the proportions of `raw`; each month adds up to its total."""
    scaled = raw * (totals / np.bincount(month, raw, len(totals)))[month]
    whole = np.maximum(np.rint(scaled), 1.0)
    short = totals - np.bincount(month, whole, len(totals))
    for m in range(len(totals)):
        inside = np.flatnonzero(month == m)
        whole[inside[np.argmax(whole[inside])]] += short[m]
    return whole


def monthly_totals(file: SyntheticFile) -> pd.DataFrame:
    """`value_usd` and `net_mass_kg` of each month: published cumulative totals, split by season.

    The table must know the total of the file's last month.
    """
    rows = _table("totals")
    knots = rows[rows["flow"].eq(file.flow) & rows["year_sh"].eq(file.year_sh)]
    season = np.concatenate([[0], np.cumsum(_SEASON)])
    at = [0, *knots["month_last_sh"]]
    reached = np.interp(season[: file.n_months + 1], season[at], [0, *knots["value_usd"]])
    weighed = knots.dropna(subset="net_mass_kg")
    mass = np.interp(reached, [0, *weighed["value_usd"]], [0, *weighed["net_mass_kg"]])
    # Whole numbers at the ends of the months, so that the months add up to them exactly.
    ends = pd.DataFrame({"value_usd": np.rint(reached), "net_mass_kg": np.rint(mass)})
    return ends.diff().iloc[1:].set_index(pd.RangeIndex(1, file.n_months + 1, name="month"))


def _name_rows(market: _Market, file: SyntheticFile, rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    goods, partners = market.goods.iloc[rows["good_at"]], market.partners.iloc[rows["partner_at"]]
    province = np.array(PROVINCES, dtype=object)[rows["province_at"]]
    office = _offices(rows["province_at"].to_numpy(), rng)
    rate = _IRR_PER_USD[file.year_sh] * (1 + 0.01 * rows["month"])
    return pd.DataFrame(
        {
            "month": rows["month"],
            "year_sh": file.year_sh,
            "province": np.where(office == _UNLISTED_OFFICE, "unallocated", province),
            "customs_office": office,
            "partner": partners["partner_name"].to_numpy(),
            "partner_iso3": partners["iso3"].to_numpy(),
            "hs_code": goods["hs_code"].to_numpy(),
            "goods": goods["goods"].to_numpy(),
            "net_mass_kg": rows["net_mass_kg"],
            "value_irr": (rows["value_usd"] * rate).round(),
            "value_usd": rows["value_usd"],
        }
    )


def _offices(province_at: Grid, rng: Rng) -> Grid:
    """An office of each row's province, the first ones oftener; a few rows name none we know."""
    names = _table("offices").groupby("province")["customs_office"].agg(list)
    grid = np.array([(names[p] * 6)[:6] for p in PROVINCES], dtype=object)
    pick = np.minimum(rng.geometric(0.45, len(province_at)) - 1, 5)
    unlisted = rng.random(len(province_at)) < 0.003
    return np.where(unlisted, _UNLISTED_OFFICE, grid[province_at, pick])


def _counts_of_mistakes(rows: int) -> dict[str, int]:
    return {kind: max(2, round(share * rows)) for kind, share in MISTAKES.items()}


def _plant_mistakes(rows: pd.DataFrame, n: int, rng: Rng) -> pd.DataFrame:
    """Rows on top that are wrong, made from small rows so that totals hardly move."""
    weighed = rows[rows["net_mass_kg"] > 1_000]
    size = weighed[["value_usd", "net_mass_kg"]].max(axis=1)  # either may end up as the value
    small = weighed[size < size.quantile(0.2)]
    planted = []
    for kind, count in _counts_of_mistakes(n).items():
        copies = small.loc[np.sort(rng.choice(small.index, count, replace=False))]
        planted.append(_spoil(copies, kind).assign(mistake=kind))
    spoilt = pd.concat(planted[1:], ignore_index=True)
    spoilt.index += len(rows)
    return pd.concat([rows.assign(mistake=""), spoilt, planted[0]]).sort_values(
        "month", kind="stable"
    )


def _spoil(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    wrong = {
        "duplicate": {},
        "tonnes": {"net_mass_kg": (rows["net_mass_kg"] / 1000).round()},
        "swapped": {"net_mass_kg": rows["value_usd"], "value_usd": rows["net_mass_kg"]},
        "unknown_code": {"hs_code": "77" + rows["hs_code"].str[2:]},  # the HS has no chapter 77
        "no_value": {"value_usd": np.nan, "value_irr": np.nan},
    }
    return rows.assign(**wrong[kind])


# Dirt: rows as they are typed

_ARABIC_LETTERS = str.maketrans("یک", "يك")
_PERSIAN_DIGITS = str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")
_ARABIC_DIGITS = str.maketrans("0123456789,", "٠١٢٣٤٥٦٧٨٩٬")

Dirt = tuple[tuple[float, Callable[[str], str]], ...]

_LETTERS: Dirt = (
    (0.35, lambda text: text.translate(_ARABIC_LETTERS)),
    (0.1, lambda text: text.replace("ي", "ی", 1).replace("ک", "ك", 1)),  # two in one name
)
_NAMES: Dirt = (
    *_LETTERS,
    (0.02, lambda text: f"\u202b{text}\u202c"),
    (0.02, lambda text: text.replace(" ", "  ") + " "),
    (0.02, lambda text: "\u200f" + text),
)
_WORDS: Dirt = (
    *_LETTERS,
    (0.02, lambda text: text.replace("ا", "ا ", 1)),  # split
    (0.03, lambda text: text.replace("ی", "?").replace("ي", "?")),  # a letter lost
    (0.06, lambda _: ""),
)
_CODES: Dirt = (
    (0.25, lambda text: text.lstrip("0")),
    (0.08, lambda text: text.translate(_PERSIAN_DIGITS)),
)
_NUMBERS: Dirt = (
    (0.1, lambda text: text.translate(_PERSIAN_DIGITS)),
    (0.05, lambda text: text.translate(_ARABIC_DIGITS)),
    (0.01, lambda text: text and "\u200e" + text),
)
"""Each kind of dirt: the share of the cells it falls on, and what it does to them."""


def _as_text(rows: pd.DataFrame, rng: Rng) -> pd.DataFrame:
    """The ten columns but the row number, as text; duplicates repeat their original's text."""
    once = rows[~rows.index.duplicated()]
    placeholder = "کد کالا " + once["hs_code"].str[:6]
    goods = once["goods"].mask(rng.random(len(once)) < 0.03, placeholder)
    columns = [
        once["month"].astype(str),
        once["year_sh"].astype(str),
        _soil(once["customs_office"], _NAMES, rng),
        _soil(once["partner"], _NAMES, rng),
        _soil(once["hs_code"], _CODES, rng),
        _soil(goods, _WORDS, rng),
        *(_soil(_printed(once[amount]), _NUMBERS, rng) for amount in AMOUNTS),
    ]
    text = pd.concat(columns, axis=1, keys=HEADINGS[1:])
    text.loc[once["mistake"].eq("no_value"), HEADINGS[-1]] = "؟؟؟"
    return text.loc[rows.index]


def _soil(values: pd.Series, dirt: Dirt, rng: Rng) -> pd.Series:
    soiled = values.to_numpy(dtype=object, copy=True)
    for share, form in dirt:
        hit = rng.random(len(soiled)) < share
        soiled[hit] = [form(value) for value in soiled[hit]]
    return pd.Series(soiled, index=values.index)


def _printed(values: pd.Series) -> pd.Series:
    typed = ["" if value != value else f"{value:,.0f}" for value in values.tolist()]
    return pd.Series(typed, index=values.index, dtype=object)


# Files


def _write_file(folder: Path, file: SyntheticFile, rows: int, seed: int) -> Path:
    meant = synthetic_declarations(file, rows, seed)
    rng = np.random.default_rng([seed, FLOWS.index(file.flow), file.year_sh, 1])
    text = _as_text(meant, rng)
    path = folder / file.name
    write = {".xls": _write_html, ".xlsx": _write_xlsx, ".csv": _write_csv}[file.suffix]
    # The file's own control total: every readable amount above it, mistakes included.
    totals = [f"{meant[amount].sum():,.0f}" for amount in AMOUNTS]
    write(path, file, list(_lines(text, totals)))
    sidecar = folder / f"{path.stem}.source.yml"
    sidecar.write_text(_sidecar(file), encoding="utf-8", newline="\n")
    return path


def _lines(text: pd.DataFrame, totals: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """Heading, numbered rows with the heading repeated among them, the total row."""
    yield HEADINGS
    repeat_at = {len(text) // 3, 2 * len(text) // 3}
    columns = [text[heading].tolist() for heading in HEADINGS[1:]]
    for number, line in enumerate(zip(*columns, strict=True), start=1):
        yield (str(number), *line)
        if number in repeat_at:
            yield HEADINGS
    yield (TOTAL, *[""] * 6, *totals)


def _write_html(path: Path, file: SyntheticFile, lines: list[tuple[str, ...]]) -> None:
    title = f'<tr><td colspan="10">{escape(file.title)}</td></tr>'
    body = ["".join(f"<td>{escape(cell, quote=False)}</td>" for cell in line) for line in lines]
    page = (
        f'<html dir="rtl"><head><meta charset="utf-8"></head><body><table border="1">\n{title}\n'
        + "\n".join(f"<tr>{row}</tr>" for row in body)
        + "\n</table></body></html>\n"
    )
    path.write_text(page, encoding="utf-8", newline="\n")


def _write_csv(path: Path, file: SyntheticFile, lines: list[tuple[str, ...]]) -> None:
    """With a byte-order mark, and Namibia as the two letters that pandas takes for missing."""
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target, lineterminator="\r\n")
        writer.writerow([file.title])
        writer.writerow([])
        for line in lines:
            writer.writerow(["NA" if "ناميبيا" in cell else cell for cell in line])


def _write_xlsx(path: Path, file: SyntheticFile, lines: list[tuple[str, ...]]) -> None:
    """Plain numbers are number cells, so codes that lost their zero are numbers as well."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    book.set_properties({"created": datetime(2025, 1, 1), "comments": "SYNTHETIC"})
    sheet = book.add_worksheet("sample")
    sheet.right_to_left()
    sheet.write_string(0, 0, file.title)
    for at, line in enumerate(lines, start=3):
        for column, cell in enumerate(line):
            plain = cell.replace(",", "")
            is_code = column == 5 and len(cell) == 8
            if plain.isascii() and plain.isdigit() and not is_code:
                sheet.write_number(at, column, float(plain))
            elif cell:
                sheet.write_string(at, column, cell)
    book.close()


def _sidecar(file: SyntheticFile) -> str:
    facts = {
        "title": file.title,
        "flow": file.flow,
        "year_sh": file.year_sh,
        "months": f"1-{file.n_months}",
        "province_basis": "clearance",
        "producer": "workbench demo",
        "synthetic": True,
    }
    return yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=200)

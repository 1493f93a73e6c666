"""Charts of the comparison of a province with the nation."""

from __future__ import annotations

import pandas as pd

from helpers import classification, narrative
from helpers.figures.forms import (
    NATION,
    NATION_NAME,
    PROVINCE,
    REST,
    Chart,
    bars,
    lines,
    money,
    paired_bars,
    small_multiples,
    stacked_shares,
)
from helpers.schema import Lang


def value_per_tonne_by_quarter(
    quarters: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Chart:
    """Value per tonne of the province and of the other provinces, quarter by quarter.

    Args:
        quarters: `comparison.value_per_tonne_by_quarter`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    names = {"rest_of_nation": {"fa": "دیگر استان‌ها", "en": "Other provinces"}[lang]}
    own = [scope for scope in quarters["scope"].unique() if scope != "rest_of_nation"]
    names = {**dict.fromkeys(own, place), **names}
    table = quarters.assign(
        label=[f"{year}Q{q}" for year, q in quarters[["year_sh", "quarter_sh"]].to_numpy()]
    )
    last = table.groupby("scope")["unit_value_usd_per_tonne"].last()
    ends = {scope: narrative.amount(last.get(scope), "USD/t", lang) for scope in names}
    comma = {"fa": "، ", "en": ", "}[lang]
    told = comma.join(f"{names[scope]} {end}" for scope, end in ends.items())
    words = {
        "fa": (
            f"ارزش هر تن در آخرین فصل کامل: {told}",
            f"خط‌های فصلی ارزش هر تن؛ در پایان: {told}.",
        ),
        "en": (
            f"Value per tonne in the last full quarter: {told}",
            f"Lines of value per tonne by quarter; at the end: {told}.",
        ),
    }[lang]
    return lines(
        table, x="label", y="unit_value_usd_per_tonne", hue="scope", names=names,
        show_x=lambda code: _quarter_tick(code, lang), show_y=narrative.plain, title=words[0],
        alt=words[1], source=source, unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


_PANELS = {
    "value_index": {"fa": "ارزش", "en": "Value"},
    "mass_index": {"fa": "وزن", "en": "Weight"},
    "unit_value_index": {"fa": "ارزش هر تن", "en": "Value per tonne"},
    "price_index": {"fa": "بهای همان کالاها", "en": "Price of the same goods"},
}


def weight_to_value(
    own: pd.DataFrame | None,
    nation: pd.DataFrame | None,
    lang: Lang,
    *,
    place: str,
    source: str,
) -> Chart | narrative.Html:
    """From weight to value: value, weight, value per tonne and price over the years.

    Args:
        own: `measures.weight_to_value` of the province by `year_sh`; None without weights.
        nation: the same of the nation; both against their first year.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if own is None or nation is None or len(own) < 2:
        return narrative.nothing_to_show(lang)
    both = pd.concat([own.assign(scope="own"), nation.assign(scope="nation")], ignore_index=True)
    years = [narrative.year(int(y), lang) for y in own["year_sh"].iloc[[0, -1]]]
    last = own.iloc[-1]
    comma = {"fa": "، ", "en": ", "}[lang]
    told = comma.join(
        f"{name[lang]} {narrative.plain(last[column], lang, 2)}" for column, name in _PANELS.items()
    )
    words = {
        "fa": (
            f"{place} در {years[1]} ({years[0]} = ۱): {told}",
            f"چهار نمودار کنار هم، {place} و کل کشور از {years[0]}؛ {place} در {years[1]}: {told}.",
        ),
        "en": (
            f"{place} in {years[1]} ({years[0]} = 1): {told}",
            f"Four panels, {place} and Iran since {years[0]}; {place} in {years[1]}: {told}.",
        ),
    }[lang]
    return small_multiples(
        both, x="year_sh", hue="scope", names={"own": place, "nation": NATION_NAME[lang]},
        panels={column: name[lang] for column, name in _PANELS.items()},
        show_x=lambda y: narrative.year(int(y), lang), title=words[0], alt=words[1],
        source=source, lang=lang,
    )  # fmt: skip


def _quarter_tick(code: str, lang: Lang) -> str:
    """The year under its first quarter, the quarter's number under the others."""
    year, quarter = map(int, code.split("Q"))
    return narrative.year(year if quarter == 1 else quarter, lang)


def sector_shares(
    sectors: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Chart | narrative.Html:
    """Sector shares of the province's exports above the nation's.

    Args:
        sectors: `comparison.against_nation` by `sector`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if sectors["share_in_province"].isna().all():
        return narrative.nothing_to_show(lang)
    parts = _sector_names(sectors, lang)
    shares = sectors.assign(sector=list(parts)).set_index("sector")
    shares = shares[["share_in_province", "share_in_nation"]]
    table = shares.T.assign(label=[place, NATION_NAME[lang]]).reset_index(drop=True)
    largest = shares["share_in_province"].idxmax()
    share = narrative.share(shares["share_in_province"].max(), lang)
    words = {
        "fa": (
            f"{parts[largest]} با {share} بزرگ‌ترین بخش صادرات {place} است",
            f"دو نوار هم‌اندازه از سهم بخش‌ها، یکی برای {place} و یکی برای کل کشور؛ در {place} بزرگ‌ترین بخش {parts[largest]} با {share} است.",
        ),
        "en": (
            f"{parts[largest]}: the largest part of {place}’s exports, {share}",
            f"Two bars of equal length cut into sector shares, {place} and the nation; the largest part of {place} is {parts[largest]} with {share}.",
        ),
    }[lang]
    return stacked_shares(
        table, label="label", parts=parts, title=words[0], alt=words[1], source=source, lang=lang
    )


def value_per_tonne_by_sector(
    sectors: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Chart:
    """Value per tonne of the province beside the rest of the nation, sector by sector.

    Args:
        sectors: `comparison.against_nation` by `sector`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    table = pd.DataFrame(
        {
            "label": list(_sector_names(sectors, lang).values()),
            "rest": sectors["unit_value_usd_per_tonne_rest"],
            "province": sectors["unit_value_usd_per_tonne_province"],
        }
    )
    above = narrative.plain(int((table["province"] > table["rest"]).sum()), lang)
    known = narrative.plain(int(table[["province", "rest"]].notna().all(axis=1).sum()), lang)
    words = {
        "fa": (
            f"{place} در {above} بخش از {known} بخش برای هر تن بیشتر می‌گیرد",
            f"برای هر بخش دو نوار: ارزش هر تن در دیگر استان‌ها و در {place}؛ {place} در {above} بخش بالاتر است.",
            ("دیگر استان‌ها", place),
        ),
        "en": (
            f"{place} earns more per tonne in {above} of {known} sectors",
            f"Two bars a sector: value per tonne of the other provinces and of {place}, which is higher in {above} sectors.",
            ("Other provinces", place),
        ),
    }[lang]
    return paired_bars(
        table, label="label", pair=("rest", "province"), names=words[2], show=narrative.plain,
        title=words[0], alt=words[1], source=source, unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def gap_drivers(
    split: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> Chart | narrative.Html:
    """The ten HS chapters that make most of the gap in value per tonne.

    Args:
        split: `comparison.gap_split` by `hs2_code`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if split.empty:
        return narrative.nothing_to_show(lang)
    chapters = classification.hs_names(2).set_index("hs_code")[f"name_{lang}"]
    table = split.head(10).assign(label=lambda rows: rows["hs2_code"].map(chapters))
    top = table.iloc[0]
    effect = narrative.amount(top["gap_usd_per_tonne"], "USD/t", lang)
    words = {
        "fa": (
            f"کدام کالاها شکاف را می‌سازند؟ بیش از همه «{top['label']}»",
            f"نوار سهم ده فصل کالا از شکاف ارزش هر تن {place} و دیگر استان‌ها؛ بزرگ‌ترین: {top['label']} با {effect}.",
        ),
        "en": (
            f"Which goods make the gap? Above all “{top['label']}”",
            f"Bars of ten chapters’ parts in the gap between {place} and the other provinces; the largest is {top['label']} with {effect}.",
        ),
    }[lang]
    return bars(
        table[["hs2_code", "label", "gap_usd_per_tonne"]],
        label="label", y="gap_usd_per_tonne", show=narrative.plain,
        colours=[PROVINCE if value >= 0 else NATION for value in table["gap_usd_per_tonne"]],
        title=words[0], alt=words[1], source=source, unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def province_ranks(
    ranks: pd.DataFrame, lang: Lang, *, province: str, place: str, source: str
) -> Chart:
    """The ten largest exporters among the provinces, and this province if it is not one of them.

    Args:
        ranks: `comparison.rank_provinces` by `value_usd`.
        lang: `fa` or `en`.
        province: the slug of the marked province.
        place: its name.
        source: where the data come from.
    """
    ranked = ranks.dropna(subset="rank")
    table = ranked[(ranked["rank"] <= 10) | (ranked["province"] == province)]
    table = table.assign(label=[classification.province_name(p, lang) for p in table["province"]])
    own = table.loc[table["province"] == province, "value_usd"].iloc[0]
    value, first = narrative.amount(own, "USD", lang), table["label"].iloc[0]
    rank = narrative.plain(int(table.loc[table["province"] == province, "rank"].iloc[0]), lang)
    count = narrative.plain(len(ranked), lang)
    words = {
        "fa": (
            f"{place} با {value} رتبهٔ {rank} را در میان {count} استان دارد؛ نخست {first} است",
            f"نوار ارزش صادرات استان‌ها از بزرگ به کوچک؛ نخست {first}، و {place} با {value}.",
        ),
        "en": (
            f"{place} ranks {rank} among {count} provinces with {value}; {first} comes first",
            f"Bars of the provinces’ exports from the largest, {first}, down; {place} has {value}.",
        ),
    }[lang]
    return bars(
        table[["province", "label", "rank", "value_usd"]], label="label", y="value_usd",
        show=money, colours=[PROVINCE if p == province else REST for p in table["province"]],
        title=words[0], alt=words[1], source=source, unit="", lang=lang,
    )  # fmt: skip


def _sector_names(sectors: pd.DataFrame, lang: Lang) -> dict[str, str]:
    """Sector -> its name, in the order of the table; rows without a sector are `none`."""
    unknown = {"fa": "بدون بخش", "en": "No sector"}[lang]
    return {
        "none" if pd.isna(sector) else sector: unknown
        if pd.isna(sector)
        else classification.sector_name(sector, lang)
        for sector in sectors["sector"]
    }

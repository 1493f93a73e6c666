"""Charts of what agencies and officials published."""

from __future__ import annotations

import pandas as pd

from helpers import classification, narrative
from helpers.figures.forms import (
    NATION,
    REST,
    Chart,
    heatmap,
    lines,
    money,
    paired_bars,
    stacked_shares,
)
from helpers.schema import Lang


def national_value_per_tonne(
    exports: pd.DataFrame, imports: pd.DataFrame, lang: Lang, *, source: str
) -> Chart:
    """The nation's value per tonne by year, exports beside imports.

    Args:
        exports: `published.longest_of_each_year`.
        imports: the same of imports; years without exports are left out.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    same_years = imports[imports["year_sh"].isin(exports["year_sh"])]
    table = pd.concat([exports, same_years], ignore_index=True).sort_values(["year_sh", "flow"])
    table = table.assign(label=[narrative.year(year, lang) for year in table["year_sh"]])
    ends = table[table["flow"] == "export"]["label"]
    last = exports.iloc[-1]
    value = narrative.amount(last["unit_value_usd_per_tonne"], "USD/t", lang)
    period = narrative.period_name(last["period"], lang)
    import_end = same_years["unit_value_usd_per_tonne"].iloc[-1] if len(same_years) else None
    import_value = narrative.amount(import_end, "USD/t", lang)
    words = {
        "fa": (
            f"هر تن صادرات کشور در {period} {value} ارزید",
            f"دو خط ارزش هر تن صادرات و واردات کشور از {ends.iloc[0]} تا {ends.iloc[-1]}؛ خط صادرات با {value} و خط واردات با {import_value} پایان می‌یابد.",
            ("صادرات", "واردات"),
        ),
        "en": (
            f"A tonne of Iran’s exports was worth {value} in {period}",
            f"Two lines, value per tonne of Iran’s exports and imports from {ends.iloc[0]} to {ends.iloc[-1]}; exports end at {value}, imports at {import_value}.",
            ("Exports", "Imports"),
        ),
    }[lang]
    return lines(
        table[["label", "period", "flow", "unit_value_usd_per_tonne", "source"]],
        x="label", y="unit_value_usd_per_tonne", hue="flow",
        names=dict(zip(("export", "import"), words[2], strict=True)), show_x=str,
        show_y=narrative.plain, colours=(NATION, REST), title=words[0], alt=words[1],
        source=source, unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def published_pairs(pairs: pd.DataFrame, lang: Lang, *, source: str) -> Chart:
    """Value per tonne of exports of provinces beside the nation's, where both were published.

    Args:
        pairs: export rows of `published.against_nation`.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    comma = {"fa": "،", "en": ","}[lang]
    places = [classification.province_name(scope, lang) for scope in pairs["scope"]]
    periods = [narrative.period_name(period, lang) for period in pairs["period"]]
    labels = [f"{place}{comma} {period}" for place, period in zip(places, periods, strict=True)]
    table = pairs.assign(label=labels)
    n = narrative.plain(int((table["relative_unit_value"] > 1).sum()), lang)
    of = narrative.plain(len(table), lang)
    words = {
        "fa": (
            f"در {n} سنجش از {of}، استان برای هر تن بیش از کشور گرفته است",
            f"برای هر استان و دوره دو نوار: ارزش هر تن صادرات کشور و استان؛ در {n} مورد استان بالاتر است.",
            ("کل کشور", "استان"),
        ),
        "en": (
            f"In {n} of {of} comparisons the province earned more per tonne than the nation",
            f"Two bars for each province and period, value per tonne of the nation’s exports and of the province’s; the province is higher in {n}.",
            ("Iran", "Province"),
        ),
    }[lang]
    return paired_bars(
        table[["label", "unit_value_nation_usd_per_tonne", "unit_value_usd_per_tonne", "source"]],
        label="label", pair=("unit_value_nation_usd_per_tonne", "unit_value_usd_per_tonne"),
        names=words[2], show=narrative.plain, title=words[0], alt=words[1], source=source,
        unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def payam_destinations(changes: pd.DataFrame, lang: Lang, *, source: str) -> Chart:
    """Destinations of the Payam customs office, 1403 beside 1404.

    Args:
        changes: `published.destination_change` of `payam_destinations`.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    years = {"fa": ("۱۴۰۳", "۱۴۰۴ (ده ماه)"), "en": ("1403", "1404 (ten months)")}[lang]
    office = {"fa": "پیام", "en": "Payam"}[lang]
    table = changes.assign(
        label=[classification.partner_name(code, lang) for code in changes["partner_iso3"]]
    )
    first = table.iloc[0]
    value = narrative.amount(first["value_usd"], "USD", lang)
    words = {
        "fa": (
            f"بزرگ‌ترین مقصد {office} در {years[1]}: {first['label']} با {value}",
            f"برای هر مقصد دو نوار، {years[0]} و {years[1]}؛ بزرگ‌ترین در {years[1]} {first['label']} با {value}. مقصدهای زیر آستانهٔ فهرست نوار ندارند.",
        ),
        "en": (
            f"The largest destination of {office} in {years[1]}: {first['label']}, {value}",
            f"Two bars a destination, {years[0]} and {years[1]}; the largest in {years[1]} is {first['label']} with {value}. Destinations below the list’s floor have no bar.",
        ),
    }[lang]
    return paired_bars(
        table[["label", "value_usd_before", "value_usd"]],
        label="label", pair=("value_usd_before", "value_usd"), names=years, show=money,
        title=words[0], alt=words[1], source=source, unit="", lang=lang,
    )  # fmt: skip


def clearance_matrix(
    matrix: pd.DataFrame, lang: Lang, *, source: str, n_rows: int = 9, n_columns: int = 6
) -> Chart:
    """Province of clearance by destination, the largest of each, the rest together.

    Args:
        matrix: `published.clearance_matrix`.
        lang: `fa` or `en`.
        source: where the data come from.
        n_rows: how many provinces are named.
        n_columns: how many destinations are named.
    """
    rest = {"fa": "دیگر", "en": "Others"}[lang]
    floor = {"fa": "زیر آستانه (نامعلوم)", "en": "Below the floor (unknown)"}[lang]
    listed = matrix.dropna(subset="partner_iso3")
    top = {
        column: listed.groupby(column)["value_usd"].sum().nlargest(n).index
        for column, n in (("province", n_rows), ("partner_iso3", n_columns))
    }
    names = {
        "province": {p: classification.province_name(p, lang) for p in top["province"]},
        "partner_iso3": {p: classification.partner_name(p, lang) for p in top["partner_iso3"]},
    }
    named = listed.assign(**{key: listed[key].map(names[key]).fillna(rest) for key in names})
    table = named.pivot_table("value_usd", "province", "partner_iso3", aggfunc="sum") / 1e9
    rows, columns = ([*names[key].values(), rest] for key in ("province", "partner_iso3"))
    table = table.reindex(index=rows, columns=columns)
    table.loc[floor, rest] = matrix.loc[matrix["partner_iso3"].isna(), "value_usd"].sum() / 1e9
    first = listed.iloc[0]
    value = narrative.amount(first["value_usd"], "USD", lang)
    place = classification.province_name(first["province"], lang)
    partner = classification.partner_name(first["partner_iso3"], lang)
    words = {
        "fa": (
            f"بزرگ‌ترین جریان: از گمرک‌های {place} به {partner}، {value}",
            f"ماتریس استان اظهار و مقصد؛ تیره‌ترین خانه {place} به {partner} با {value}. ردیف آخر آن چیزی است که در فهرست نیست.",
            "میلیارد دلار",
        ),
        "en": (
            f"The largest flow: cleared in {place} for {partner}, {value}",
            f"A matrix of province of clearance by destination; the darkest cell is {place} to {partner} with {value}. The last row is what the list leaves out.",
            "billion USD",
        ),
    }[lang]
    return heatmap(
        table, show=lambda v, of: narrative.plain(v, of, 1), title=words[0], alt=words[1],
        source=source, unit=words[2], lang=lang,
    )  # fmt: skip


def imports_by_use(uses: pd.DataFrame, lang: Lang, *, source: str) -> Chart:
    """The nation's imports by use, one bar a period.

    Args:
        uses: `published.use_shares`.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    names = {
        "fa": ("کالاهای واسطه‌ای", "کالاهای سرمایه‌ای", "کالاهای مصرفی", "دیگر"),
        "en": ("Intermediate", "Capital", "Consumer", "Others"),
    }[lang]
    parts = dict(zip(("intermediate", "capital", "consumption", "others"), names, strict=True))
    wide = uses.pivot(index="period", columns="category", values="value_share")
    table = wide.reindex(columns=list(parts)).reset_index()
    table = table.assign(label=[narrative.period_name(p, lang) for p in table["period"]])
    low, high = (narrative.share(f(table["intermediate"]), lang, 0) for f in (min, max))
    words = {
        "fa": (
            f"میان {low} تا {high} ارزش واردات کشور کالای واسطه‌ای است",
            f"نوارهای سهم کالاهای واسطه‌ای، سرمایه‌ای و مصرفی در {narrative.plain(len(table), lang)} دوره؛ سهم کالاهای واسطه‌ای میان {low} و {high}.",
        ),
        "en": (
            f"Between {low} and {high} of the value of Iran’s imports are intermediate goods",
            f"Bars cut into the shares of intermediate, capital and consumer goods in {narrative.plain(len(table), lang)} periods; intermediate goods lie between {low} and {high}.",
        ),
    }[lang]
    return stacked_shares(
        table, label="label", parts=parts, title=words[0], alt=words[1], source=source, lang=lang
    )

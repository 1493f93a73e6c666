"""Charts of what agencies and officials published."""

from __future__ import annotations

import pandas as pd

from helpers import classification, narrative
from helpers.figures import forms
from helpers.schema import Lang

PAYAM_PERIODS = ("1403", "1404M01-10")
"""What the two years of the Payam office's list hold."""


def national_value_per_tonne(
    exports: pd.DataFrame, imports: pd.DataFrame, lang: Lang, *, source: str
) -> forms.Chart:
    """The nation's value per tonne by year, exports beside imports.

    Args:
        exports: the whole years of `published.national_series`, at least one.
        imports: the same of imports; years without exports are left out.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    same_years = imports[imports["year_sh"].isin(exports["year_sh"])]
    table = pd.concat([exports, same_years], ignore_index=True).sort_values(["year_sh", "flow"])
    table = table.assign(label=[narrative.year(year, lang) for year in table["year_sh"]])
    first, last = (exports["unit_value_usd_per_tonne"].iloc[at] for at in (0, -1))
    began, ended = (narrative.period_name(exports["period"].iloc[at], lang) for at in (0, -1))
    moved = last / first - 1 if len(exports) > 1 else None
    import_end = same_years["unit_value_usd_per_tonne"].iloc[-1] if len(same_years) else None
    told = forms.worded(
        "national_value_per_tonne", lang, narrative.direction(moved, narrative.ALIKE_UNIT_VALUE),
        began=began, ended=ended, first=forms.money(first, lang), last=forms.money(last, lang),
        imports=forms.money(import_end, lang),
    )  # fmt: skip
    names = forms.terms("national_value_per_tonne", lang, "export", "import")
    return forms.lines(
        table[["label", "period", "flow", "unit_value_usd_per_tonne", "source"]],
        x="label", y="unit_value_usd_per_tonne", hue="flow", names=names, show_x=str,
        show_y=narrative.plain, colours=(forms.NATION, forms.REST), source=source,
        unit=narrative.UNITS["USD/t"][lang], **told,
    )  # fmt: skip


def published_pairs(
    pairs: pd.DataFrame, lang: Lang, *, source: str, place: str = ""
) -> forms.Chart | narrative.Html:
    """Value per tonne of exports of provinces beside the nation's, where both were published.

    Args:
        pairs: export rows of `published.against_nation`.
        lang: `fa` or `en`.
        source: where the data come from.
        place: the page's own province; the title says so where no row is of it.
    """
    if pairs.empty:
        return narrative.nothing_to_show(lang)
    comma = forms.term("comma", lang)
    places = [classification.province_name(scope, lang) for scope in pairs["scope"]]
    periods = [narrative.period_name(period, lang) for period in pairs["period"]]
    labels = [f"{name}{comma}{period}" for name, period in zip(places, periods, strict=True)]
    table = pairs.assign(label=labels)
    above = int((table["relative_unit_value"] > 1).sum())
    none_of = forms.term("none_of", lang, "published_pairs") if place not in ["", *places] else ""
    told = forms.worded(
        "published_pairs", lang, narrative.how_many(above, len(table)),
        above=narrative.plain(above, lang), count=narrative.plain(len(table), lang),
        places=comma.join(dict.fromkeys(places)), none_of=none_of.format(place=place),
    )  # fmt: skip
    return forms.paired_bars(
        table[["label", "unit_value_nation_usd_per_tonne", "unit_value_usd_per_tonne", "source"]],
        label="label", pair=("unit_value_nation_usd_per_tonne", "unit_value_usd_per_tonne"),
        names=(forms.NATION_NAME[lang], forms.term("province", lang, "published_pairs")),
        show=narrative.plain, source=source, unit=narrative.UNITS["USD/t"][lang], **told,
    )  # fmt: skip


def payam_destinations(changes: pd.DataFrame, lang: Lang, *, source: str) -> forms.Chart:
    """Destinations of the Payam customs office, 1403 beside 1404.

    Args:
        changes: `published.destination_change` of `payam_destinations`.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    before, now = (narrative.period_name(period, lang) for period in PAYAM_PERIODS)
    table = changes.assign(
        label=[classification.partner_name(code, lang) for code in changes["partner_iso3"]]
    )
    told = forms.worded(
        "payam_destinations", lang, forms.lead(table["value_usd"]), before=before, now=now,
        first=table["label"].iloc[0], second=table["label"].iloc[:2].iloc[-1],
        value=forms.money(table["value_usd"].iloc[0], lang),
    )  # fmt: skip
    return forms.paired_bars(
        table[["label", "value_usd_before", "value_usd"]],
        label="label", pair=("value_usd_before", "value_usd"),
        names=(before, now[0].upper() + now[1:]), show=forms.money, source=source, unit="", **told,
    )  # fmt: skip


def clearance_matrix(
    matrix: pd.DataFrame, lang: Lang, *, source: str, n_rows: int = 9, n_columns: int = 6
) -> forms.Chart:
    """Province of clearance by destination, the largest of each, the rest together.

    Args:
        matrix: `published.clearance_matrix`.
        lang: `fa` or `en`.
        source: where the data come from.
        n_rows: how many provinces are named.
        n_columns: how many destinations are named.
    """
    rest, floor = forms.terms("clearance_matrix", lang, "rest", "floor").values()
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
    told = forms.worded(
        "clearance_matrix", lang, value=forms.money(first["value_usd"], lang),
        place=classification.province_name(first["province"], lang),
        partner=classification.partner_name(first["partner_iso3"], lang),
    )  # fmt: skip
    return forms.heatmap(
        table, show=forms.one_decimal, source=source,
        unit=forms.term("billion_usd", lang), **told,
    )  # fmt: skip


def imports_by_use(uses: pd.DataFrame, lang: Lang, *, source: str) -> forms.Chart:
    """The nation's imports by use, one bar a period.

    Args:
        uses: `published.use_shares`.
        lang: `fa` or `en`.
        source: where the data come from.
    """
    uses_shown = ("intermediate", "capital", "consumption", "others")
    parts = forms.terms("imports_by_use", lang, *uses_shown)
    wide = uses.pivot(index="period", columns="category", values="value_share")
    table = wide.reindex(columns=list(parts)).reset_index()
    table = table.assign(label=[narrative.period_name(p, lang) for p in table["period"]])
    low, high = (narrative.share(f(table["intermediate"]), lang, 0) for f in (min, max))
    told = forms.worded(
        "imports_by_use", lang, "steady" if low == high else "range", low=low, high=high,
        n=narrative.plain(len(table), lang),
    )  # fmt: skip
    return forms.stacked_shares(table, label="label", parts=parts, source=source, **told)

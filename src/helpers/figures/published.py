"""Charts of what agencies and officials published."""

from __future__ import annotations

import pandas as pd

from helpers import classification, narrative
from helpers.figures import forms
from helpers.schema import Lang


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
        pairs: export rows of `published.beside_nation`.
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

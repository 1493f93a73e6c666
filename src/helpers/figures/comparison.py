"""Charts of the comparison of a province with the nation."""

from __future__ import annotations

import pandas as pd

from helpers import classification, narrative
from helpers.figures import forms
from helpers.schema import Lang


def value_per_tonne_by_quarter(
    quarters: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> forms.Chart:
    """Value per tonne of the province and of the other provinces, quarter by quarter.

    Args:
        quarters: `values.value_per_tonne_by_quarter`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    own = [scope for scope in quarters["scope"].unique() if scope != "rest_of_nation"]
    names = {**dict.fromkeys(own, place), "rest_of_nation": forms.term("rest", lang)}
    table = quarters.assign(
        label=[f"{year}Q{q}" for year, q in quarters[["year_sh", "quarter_sh"]].to_numpy()]
    )
    by_quarter = table.pivot(index="label", columns="scope", values="unit_value_usd_per_tonne")
    # Without trade of its own the province has no column.
    sides = by_quarter.reindex(columns=[*(own or ["none"]), "rest_of_nation"])
    known = sides.astype("float64").dropna()
    ends = known.iloc[-1].to_list() if len(known) else [float("nan")] * 2
    told = forms.worded(
        "value_per_tonne_by_quarter", lang,
        narrative.direction(ends[0] / ends[1] - 1, narrative.ALIKE_UNIT_VALUE), place=place,
        quarter=narrative.period_name(known.index[-1], lang) if len(known) else "",
        own=narrative.per_tonne(ends[0], lang), rest=narrative.per_tonne(ends[1], lang),
    )  # fmt: skip
    return forms.lines(
        table, x="label", y="unit_value_usd_per_tonne", hue="scope", names=names,
        show_x=lambda code: _quarter_tick(code, lang), show_y=narrative.plain,
        source=source, unit=narrative.UNITS["USD/t"][lang], **told,
    )  # fmt: skip


def weight_to_value(
    own: pd.DataFrame | None,
    nation: pd.DataFrame | None,
    lang: Lang,
    *,
    place: str,
    source: str,
) -> forms.Chart | narrative.Html:
    """From weight to value: value, weight, value per tonne and price over the years.

    Args:
        own: `indexes.weight_to_value` of the province by `year_sh`; None without weights.
        nation: the same of the nation; both against their first year.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if own is None or nation is None or len(own) < 2:
        return narrative.nothing_to_show(lang)
    both = pd.concat([own.assign(scope="own"), nation.assign(scope="nation")], ignore_index=True)
    first, last = (narrative.year(int(y), lang) for y in own["year_sh"].iloc[[0, -1]])
    panels = {
        column: name[lang] for column, name in forms.WORDS["weight_to_value"]["panels"].items()
    }
    ends = {column: narrative.plain(own[column].iloc[-1], lang, 2) for column in panels}
    listed = forms.term("comma", lang).join(
        f"{panels[column]} {end}" for column, end in ends.items()
    )
    moved = narrative.direction(own["unit_value_index"].iloc[-1] - 1, narrative.STEADY_GROWTH)
    told = forms.worded(
        "weight_to_value", lang, moved, place=place, first=first, last=last, told=listed, **ends
    )
    return forms.small_multiples(
        both, x="year_sh", hue="scope", names={"own": place, "nation": forms.NATION_NAME[lang]},
        panels=panels, show_x=lambda y: narrative.year(int(y), lang), source=source, **told,
    )  # fmt: skip


def _quarter_tick(code: str, lang: Lang) -> str:
    """The year under its first quarter, the quarter's number under the others."""
    year, quarter = map(int, code.split("Q"))
    return narrative.year(year if quarter == 1 else quarter, lang)


def sector_shares(
    sectors: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> forms.Chart | narrative.Html:
    """Sector shares of the province's exports above the nation's.

    Args:
        sectors: `values.against_nation` by `sector`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if sectors["share_in_province"].isna().all():
        return narrative.nothing_to_show(lang)
    parts = _sector_names(sectors, lang)
    names = {sector: narrative.in_sentence(name) for sector, name in parts.items()}
    shares = sectors.assign(sector=list(parts)).set_index("sector")
    return forms.province_above_nation(
        "sector_shares", shares, parts, lang, place=place, source=source, names=names,
        unassigned="none",
    )  # fmt: skip


def value_per_tonne_by_sector(
    sectors: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> forms.Chart:
    """Value per tonne of the province beside the rest of the nation, sector by sector.

    Args:
        sectors: `values.against_nation` by `sector`.
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
    above = int((table["province"] > table["rest"]).sum())
    known = int(table[["province", "rest"]].notna().all(axis=1).sum())
    told = forms.worded(
        "value_per_tonne_by_sector", lang, narrative.how_many(above, known), place=place,
        above=narrative.plain(above, lang), known=narrative.plain(known, lang),
    )  # fmt: skip
    return forms.paired_bars(
        table, label="label", pair=("rest", "province"), names=(forms.term("rest", lang), place),
        show=narrative.plain, source=source, unit=narrative.UNITS["USD/t"][lang], **told,
    )  # fmt: skip


def gap_drivers(
    split: pd.DataFrame, lang: Lang, *, place: str, source: str
) -> forms.Chart | narrative.Html:
    """The ten HS chapters that make most of the gap in value per tonne.

    Args:
        split: `gap.gap_split` by `hs2_code`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if split.empty:
        return narrative.nothing_to_show(lang)
    chapters = classification.hs_names(2).set_index("hs_code")[f"name_{lang}"]
    table = split.head(10).assign(label=lambda rows: rows["hs2_code"].map(chapters))
    top = table.iloc[0]
    effect = float(top["gap_usd_per_tonne"])
    told = forms.worded(
        "gap_drivers", lang, narrative.direction(effect, narrative.LEAST_USD_PER_TONNE),
        place=place, top=top["label"], effect=narrative.amount(abs(effect), "USD/t", lang),
        signed=narrative.amount(effect, "USD/t", lang), count=narrative.plain(len(table), lang),
    )  # fmt: skip
    return forms.bars(
        table[["hs2_code", "label", "gap_usd_per_tonne"]],
        label="label", y="gap_usd_per_tonne", show=narrative.plain,
        colours=forms.by_sign(table["gap_usd_per_tonne"]),
        source=source, unit=narrative.UNITS["USD/t"][lang], **told,
    )  # fmt: skip


def province_ranks(
    ranks: pd.DataFrame, lang: Lang, *, province: str, place: str, source: str
) -> forms.Chart | narrative.Html:
    """The ten largest exporters among the provinces, and this province if it is not one of them.

    Args:
        ranks: `ranks.rank_provinces` by `value_usd`.
        lang: `fa` or `en`.
        province: the slug of the marked province.
        place: its name.
        source: where the data come from.
    """
    ranked = ranks.dropna(subset="rank")
    if province not in set(ranked["province"]) or not (ranked["value_usd"] > 0).any():
        return narrative.nothing_to_show(lang)
    own = ranked.set_index("province").loc[province]
    table = ranked[(ranked["rank"] <= 10) | (ranked["province"] == province)]
    table = table.assign(label=[classification.province_name(p, lang) for p in table["province"]])
    told = forms.worded(
        "province_ranks", lang, _standing(own), place=place, first=table["label"].iloc[0],
        value=forms.money(own["value_usd"], lang), rank=narrative.plain(int(own["rank"]), lang),
        count=narrative.plain(len(ranked), lang),
    )  # fmt: skip
    return forms.bars(
        table[["province", "label", "rank", "value_usd"]], label="label", y="value_usd",
        colours=[forms.PROVINCE if p == province else forms.REST for p in table["province"]],
        show=forms.money, source=source, unit="", **told,
    )  # fmt: skip


def _standing(own: pd.Series) -> str:
    """How a province stands among the others; without exports its rank says nothing."""
    if not own["value_usd"] > 0:
        return "none"
    if own["n_tied"] > 1:
        return "tied"
    return "first" if own["rank"] == 1 else "behind"


def _sector_names(sectors: pd.DataFrame, lang: Lang) -> dict[str, str]:
    """Sector -> its name, in the order of the table; rows without a sector are `none`."""
    unknown = forms.term("unassigned_name", lang, "sector_shares")
    keys = sectors["sector"].fillna("none")
    return {k: unknown if k == "none" else classification.sector_name(k, lang) for k in keys}

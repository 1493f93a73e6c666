"""What the title of a table says: which of its titles the numbers call for, and with what parts.

The titles stand with the other words of the tables in `sentences/tables.toml`; their thresholds
are those of the sentences. Each function is named like its table. A part is text: a title has no
traced numbers, the table below it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from helpers.claims import Verdict
from helpers.classification import partner_name, sector_name, use_name
from helpers.narrative import imports, words
from helpers.narrative.markets import ALIKE_NUMBER, UNNAMED
from helpers.schema import Lang

SHORT_USES = words.words_of("figures")["short_uses"]
"""The uses in as few letters as a legend has room for."""
MARKETS_NAMED = 3
"""How many of the largest named markets a title adds up, as the sentence on them does."""

Finding = tuple[str, dict[str, str]]
"""The case, and the parts that its title is filled in with."""


def _money(value: float, lang: Lang) -> str:
    return words.amount(float(value), "USD", lang)


def overview(lang: Lang, table: pd.DataFrame) -> Finding:
    """How the province grew beside the nation; `values.overview`, the province first."""
    own, nation = table["growth_share"].iloc[[0, -1]]
    told = {"own": words.share(own, lang), "nation": words.share(nation, lang)}
    return words.direction(own - nation, words.STEADY_GROWTH), told


def published_growth(lang: Lang, growths: pd.DataFrame) -> Finding:
    """In how many periods the nation's exports rose for sure; `published.yearly_growth`."""
    known = growths.dropna(subset="growth")
    up = int((~known["is_open"] & (known["growth"] > 0)).sum())
    told = {"up": words.plain(up, lang), "n": words.plain(len(known), lang)}
    return words.how_many(up, len(known)), told


def contradictions(lang: Lang, listed: pd.DataFrame) -> Finding:
    """How many there are."""
    n = len(listed)
    return {0: "none", 1: "one"}.get(n, "many"), {"n": words.plain(n, lang)}


def imports_by_use(lang: Lang, uses: pd.DataFrame) -> Finding:
    """The use that weighs more than in the nation; `values.against_nation` by `use`."""
    shares = uses.set_index("use")[["share_in_province", "share_in_nation"]].astype("float64")
    named = shares.drop("not_assigned", errors="ignore").fillna(0.0)
    if named.empty:
        return "alike", {}
    apart = named["share_in_province"] - named["share_in_nation"]
    own, nation = named.loc[apart.idxmax()]
    told = {"own": words.share(own, lang), "nation": words.share(nation, lang)}
    case = "alike" if apart.max() < imports.ALIKE_SHARE else "apart"
    return case, {**told, "use": use_name(str(apart.idxmax()), lang)}


def chapter_moves(lang: Lang, moves: pd.DataFrame) -> Finding:
    """The largest rise and fall; `values.growth_by` by `use` and `hs2_code`."""
    ranked = moves.dropna(subset="hs2_code").sort_values("change_usd")
    if ranked.empty:
        return "steady", {}
    parts = {}
    # A chapter may rise in one use and fall in another, so its use is told with it.
    for side, row in (("down", ranked.iloc[0]), ("up", ranked.iloc[-1])):
        parts[side] = imports.chapter_name(row["hs2_code"], lang)
        parts[f"{side}_use"] = imports.in_sentence(SHORT_USES[row["use"]][lang])
        parts[f"{side}_change"] = _money(abs(row["change_usd"]), lang)
    has_moved = (ranked["change_usd"].iloc[-1] > 0, ranked["change_usd"].iloc[0] < 0)
    cases = {(True, True): "both", (True, False): "up", (False, True): "down"}
    return cases.get(has_moved, "steady"), parts


def input_dependence(lang: Lang, own: pd.DataFrame, nation: pd.DataFrame) -> Finding:
    """Imported inputs per dollar exported; `imports.input_dependence` of both."""
    ratios = [imports.inputs_per_export(side) for side in (own, nation)]
    if not ratios[0] or not ratios[1]:
        return "missing", {}
    told = {"own": words.plain(ratios[0], lang, 2), "nation": words.plain(ratios[1], lang, 2)}
    return words.direction(ratios[0] / ratios[1] - 1, imports.ALIKE_RATIO), told


def sectors_in_short(lang: Lang, sectors: pd.DataFrame) -> Finding:
    """The sector that moved exports most; `values.growth_by` by `sector`."""
    known = sectors.dropna(subset=["sector", "contribution_share"])
    if known.empty:
        return "missing", {}
    top = known.loc[known["contribution_share"].abs().idxmax()]
    points = words.plain(100 * abs(top["contribution_share"]), lang, 1)
    told = {"sector": sector_name(top["sector"], lang), "points": points}
    return words.direction(top["contribution_share"], words.STEADY_SHARE), told


def claims_in_short(lang: Lang, verdicts: Sequence[Verdict]) -> Finding:
    """How many claims are supported, contradicted and at most fit."""
    said = Counter(verdict.verdict for verdict in verdicts)
    kinds = ("supported", "contradicted", "consistent")
    counts = {kind: words.plain(said[kind], lang) for kind in kinds}
    is_settled = said["supported"] + said["contradicted"] > 0
    case = "some" if is_settled else "fit" if said["consistent"] else "none"
    return case, {"n": words.plain(said.total(), lang), **counts}


def partners(lang: Lang, served: pd.DataFrame) -> Finding:
    """What the first named markets take; `values.against_nation`, the largest first."""
    first = served[~served["partner_iso3"].isin(UNNAMED)].head(MARKETS_NAMED)
    if first.empty:
        return "unnamed", {}
    part = words.share(first["share_in_province"].sum(), lang)
    name = partner_name(first["partner_iso3"].iloc[0], lang)
    told = {"n": words.plain(len(first), lang), "first": name, "share": part}
    return "only" if len(served) == 1 else "several", told


def markets_won_and_lost(lang: Lang, lines: pd.DataFrame) -> Finding:
    """Whether more markets were won or lost; `markets.won_and_lost`."""
    won, lost = (int((lines["status"] == status).sum()) for status in ("won", "lost"))
    case = "up" if won > lost else "down" if lost > won else "steady"
    return case, {"won": words.plain(won, lang), "lost": words.plain(lost, lang)}


def candidate_markets(lang: Lang, shown: pd.DataFrame) -> Finding:
    """The first candidate; `markets.candidate_markets`, by market or by offer."""
    first = shown.iloc[0]
    told = {
        "first": partner_name(first["partner_iso3"], lang),
        "value": _money(first["rest_value_usd"], lang),
        "code": str(first.get("hs4_code", "")),
    }
    return "first", told


candidate_goods = candidate_markets


def gap_headings(lang: Lang, headings: pd.DataFrame) -> Finding:
    """The heading that makes most of the gap; `gap.gap_split` by `hs4_code`."""
    top = headings.iloc[0]
    effect = top["gap_usd_per_tonne"]
    told = {"code": str(top["hs4_code"]), "effect": words.amount(abs(effect), "USD/t", lang)}
    return words.direction(effect, words.LEAST_USD_PER_TONNE), told


def specialisation(lang: Lang, special: pd.DataFrame) -> Finding:
    """How many headings weigh more than in the nation; `structure.specialisation`."""
    known = special[special["value_usd"] > 0].dropna(subset="rca_vs_nation")
    above = int((known["rca_vs_nation"] > 1).sum())
    told = {"above": words.plain(above, lang), "n": words.plain(len(known), lang)}
    return words.how_many(above, len(known)), told


def shift_share(lang: Lang, table: pd.DataFrame) -> Finding:
    """What the province's own lead or lag did; `structure.shift_share`."""
    sums = table.select_dtypes("number").sum()
    if not sums["value_usd_before"] > 0:
        return "missing", {}
    own = sums["competitive_usd"] + sums["new_usd"]
    case = words.direction(own / sums["value_usd_before"], words.STEADY_GROWTH)
    return case, {"own": _money(abs(own), lang)}


def structure(lang: Lang, table: pd.DataFrame) -> Finding:
    """How concentrated exports are beside the median province's; `structure.export_structure`."""
    rows = table.set_index("measure")
    value, median = rows.loc["equivalent_number", ["province_value", "provinces_median"]]
    told = {"own": words.plain(value, lang, 1), "median": words.plain(median, lang, 1)}
    return words.direction(value / median - 1, ALIKE_NUMBER), told

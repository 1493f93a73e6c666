"""Sentences of the briefing: headlines, why value changed, markets, claims, and questions.

A question is asked where a stated rule finds something in the data; the rule is shown beside it,
so that nobody has to wonder why this and not that is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from helpers.claims import Verdict
from helpers.classification import partner_name
from helpers.measures.gap import GROWTH_PARTS, gap_split
from helpers.measures.imports import INPUT_USES
from helpers.measures.markets import candidate_markets, won_and_lost
from helpers.measures.structure import concentration
from helpers.measures.values import against_nation, growth_by, known, unit_values
from helpers.measures.values import summed as added_up
from helpers.narrative.imports import chapter_name
from helpers.narrative.markets import UNNAMED
from helpers.narrative.published import claim_words
from helpers.narrative.words import (
    STEADY_GROWTH,
    Html,
    amount,
    cards,
    direction,
    doubt,
    fill,
    is_na,
    number,
    on_one_scale,
    per_tonne,
    period_name,
    plain,
    say,
    share,
    size,
    words_of,
)
from helpers.periods import parse_period
from helpers.schema import UNALLOCATED, Lang, Number

if TYPE_CHECKING:  # The models behind it take a second to import.
    from helpers.measures.outlook import MonthlyOutlook

_WORDS = words_of("briefing")

# ---------------------------------------------------------------- what the page looks at


@dataclass(frozen=True)
class Evidence:
    """What the page looks at: totals by `province, hs2_code, hs6_code, partner_iso3, use`.

    Exports of the nation now and before, imports of the province now and before.
    """

    province: str
    period: str
    source: str
    sold: pd.DataFrame
    sold_before: pd.DataFrame
    bought: pd.DataFrame
    bought_before: pd.DataFrame

    @property
    def own(self) -> pd.DataFrame:
        """The province's exports."""
        return self.sold[self.sold["province"] == self.province]

    @property
    def own_before(self) -> pd.DataFrame:
        """The province's exports a year before."""
        return self.sold_before[self.sold_before["province"] == self.province]

    def number(self, name: str, value: float | None, unit: str, scope: str = "") -> Number:
        """A number of this place and period."""
        return Number(name, known(value), unit, scope or self.province, self.period, self.source)


# ---------------------------------------------------------------- headlines


def briefing_cards(
    sold: pd.DataFrame,
    bought: pd.DataFrame,
    ranks: pd.DataFrame,
    lang: Lang,
    *,
    period: str,
    source: str,
) -> Html:
    """The four numbers to remember, each against the nation or a year before.

    Args:
        sold: `values.overview` of exports; the province's row first, the nation's last.
        bought: the same of imports.
        ranks: `ranks.rank_provinces`.
        lang: `fa` or `en`.
        period: code of the period.
        source: where the data come from.
    """
    own, rest, nation = (sold.iloc[i] for i in range(3))
    own_bought, nation_bought = bought.iloc[0], bought.iloc[2]
    province = str(own["scope"])
    # All provinces without trade share one rank, which says nothing.
    rank = ranks.set_index("province")["rank"].get(province) if own["value_usd"] > 0 else None
    notes = {
        "value_usd": _growths(own, nation, lang),
        "unit_value_usd_per_tonne": {
            "own": share(own["unit_value_growth_share"], lang),
            "rest": per_tonne(rest["unit_value_usd_per_tonne"], lang),
        },
        "national_share": {"rank": plain(None if pd.isna(rank) else int(rank), lang)},
        "import_value_usd": _growths(own_bought, nation_bought, lang),
    }
    values = {**own, "import_value_usd": own_bought["value_usd"]}
    units = ("USD", "USD/t", "1", "USD")
    shown = []
    for (name, parts), unit in zip(notes.items(), units, strict=True):
        figure = Number(name, known(values[name]), unit, province, period, source)
        note = _WORDS["card_notes"][name][lang].format(**parts)
        shown.append((_WORDS["cards"][name][lang], figure, note))
    return cards(shown, lang)


def _growths(own: pd.Series, nation: pd.Series, lang: Lang) -> dict[str, str]:
    return {"own": share(own["growth_share"], lang), "nation": share(nation["growth_share"], lang)}


LARGE_CHAPTER = 0.05
"""A chapter must make this part of the exports before it can set a province apart."""
APART = 1.5
"""From this ratio of shares on a chapter sets the province apart."""


def portrait(evidence: Evidence, lang: Lang, *, place: str) -> Html:
    """What the province sells most, to whom, and what sets it apart from the nation."""
    own = evidence.own
    total = own["value_usd"].sum()
    if not total > 0:
        when = period_name(evidence.period, lang)
        return say(lang, _WORDS["portrait"]["missing"], place=place, period=when)
    chapters = against_nation(own, evidence.sold, ["hs2_code"]).dropna(subset=["hs2_code"])
    markets = own.groupby("partner_iso3")["value_usd"].sum()
    told = {
        "place": place, "partner": partner_name(str(markets.idxmax()), lang),
        "partner_share": evidence.number("share", markets.max() / total, "1"),
    }  # fmt: skip
    if chapters.empty:
        return say(lang, _WORDS["portrait"]["no_codes"], **told)
    first, large = chapters.iloc[0], chapters[chapters["share_in_province"] >= LARGE_CHAPTER]
    special = large.sort_values("rca_vs_nation").iloc[-1] if len(large) else first
    case = "special" if special["rca_vs_nation"] >= APART else "alike"
    return say(
        lang, _WORDS["portrait"][case], goods=chapter_name(str(first["hs2_code"]), lang), **told,
        goods_share=evidence.number("share", first["share_in_province"], "1"),
        special=chapter_name(str(special["hs2_code"]), lang),
        rca=evidence.number("rca_vs_nation", special["rca_vs_nation"], "ratio"),
    )  # fmt: skip


# ---------------------------------------------------------------- what changed and why

GROWTH_PART_NAMES = _WORDS["growth_part_names"]


def why_it_changed(
    split: pd.DataFrame,
    before_usd: float,
    lang: Lang,
    *,
    place: str,
    province: str,
    period: str,
    source: str = "",
) -> Html:
    """Whether more, other or dearer goods made the change of value.

    Args:
        split: `gap.value_growth_split`, one row a product.
        before_usd: value a year before; 0 or missing leaves nothing to compare.
        lang: `fa` or `en`.
        place: the province's name.
        province: its slug.
        period: code of the period.
        source: where the data come from.
    """
    if not before_usd > 0:
        return say(lang, _WORDS["why"]["missing"], place=place)
    sums = split[["change_usd", *GROWTH_PARTS]].sum()
    case = direction(sums["change_usd"] / before_usd, STEADY_GROWTH)
    # The verbs say the direction: new goods cannot take away, nor lost ones add.
    unsigned = ["entry_usd", "exit_usd"] + ["change_usd"] * (case != "steady")
    usd = Number("change_usd", None, "USD", province, period, source)
    amounts = {name: replace(usd, name=name, value=float(v)) for name, v in sums.items()}
    told = on_one_scale(amounts, lang, unsigned)
    shown, nothing = (
        amount(value, "USD", lang, sums.abs().max()) for value in (sums["not_comparable_usd"], 0.0)
    )
    rest = fill(lang, _WORDS["why"]["rest"], **told) if shown != nothing else ""
    return say(
        lang, _WORDS["why"][case], place=place, rest=rest,
        largest=GROWTH_PART_NAMES[sums[GROWTH_PARTS].abs().idxmax()][lang], **told,
    )  # fmt: skip


# ---------------------------------------------------------------- markets


def markets_in_short(
    own: pd.DataFrame, lang: Lang, *, place: str, province: str, period: str, source: str = ""
) -> Html:
    """How many named markets there are and how much rests on the first; `own` by `partner_iso3`."""
    named = own[~own["partner_iso3"].isin(UNNAMED)]
    by_partner = added_up(named, ["partner_iso3"]).set_index("partner_iso3")["value_usd"]
    if not by_partner.sum() > 0:
        when = period_name(period, lang)
        return say(lang, _WORDS["markets"]["missing"], place=place, period=when)
    facts = concentration(by_partner)
    part = Number("share", facts.top1_share, "1", province, period, source)
    equal = replace(part, name="equivalent_number", value=facts.equivalent_number, unit="n")
    return say(
        lang, _WORDS["markets"]["known"], place=place, top1=part,
        first=partner_name(str(by_partner.idxmax()), lang),
        top3=replace(part, value=facts.top3_share),
        n=replace(equal, name="n_parts", value=float(facts.n_parts)),
        equal=number(equal, lang, plain(facts.equivalent_number, lang, 1)),
    )  # fmt: skip


# ---------------------------------------------------------------- claims


def claims_about(verdicts: Sequence[Verdict], province: str) -> list[Verdict]:
    """The verdicts on measurable claims about a province, then on those about the nation."""
    order = {province: 0, "nation": 1}
    mine = [v for v in verdicts if v.claim.scope in order and not v.claim.own_check]
    return sorted(mine, key=lambda verdict: order[verdict.claim.scope])


def claims_in_short(
    verdicts: Sequence[Verdict], lang: Lang, *, place: str, is_synthetic: bool
) -> Html:
    """What the table of claims may be used for."""
    if not verdicts:
        return doubt(fill(lang, _WORDS["claims"]["none"], place=place))
    scopes = {verdict.claim.scope for verdict in verdicts}
    said = "" if scopes - {"nation"} else say(lang, _WORDS["claims"]["of_nation"], place=place)
    return Html(said + doubt(fill(lang, _WORDS["claims"]["synthetic" if is_synthetic else "real"])))


# ---------------------------------------------------------------- questions for the meeting

POINT_OF_GROWTH = 0.01
"""A chapter or market that moves the total by a hundredth is asked about."""
LARGE_SHARE = 0.30
"""One market or chapter with this part of the value is asked about."""
LEAST_COVERAGE = 0.97
"""Below this part of the value with a weight, value per tonne is asked about."""
MOST_UNALLOCATED = 0.05
"""Above this part of the nation's value without a province, attribution is asked about."""
INPUT_FALL = -0.10
"""Imports of inputs that fell by a tenth are asked about."""
CHEAPER = -0.05
"""The same goods sold this much below the other provinces', of the province's value per tonne."""
LESS_LIKELY = 0.33
"""A probability below this that the year ends above the last is asked about."""
MOST_QUESTIONS = 10

_THRESHOLDS = {
    "points": POINT_OF_GROWTH,
    "large": LARGE_SHARE,
    "cheaper": CHEAPER,
    "inputs": INPUT_FALL,
    "likely": LESS_LIKELY,
    "coverage": LEAST_COVERAGE,
    "unallocated": MOST_UNALLOCATED,
}


@dataclass(frozen=True)
class Question:
    """What a rule found: the numbers, and the code (`what`) of the good, market or claim it is on."""

    rule: str
    numbers: dict[str, Number]
    what: str = ""
    words: Callable[[Lang], dict[str, str]] = lambda _: {}


def find_questions(
    evidence: Evidence,
    monthly: MonthlyOutlook,
    split: pd.DataFrame,
    verdicts: Sequence[Verdict],
    contradictions: pd.DataFrame,
) -> list[Question]:
    """The questions that the rules find, trade first and data last, `MOST_QUESTIONS` at most.

    Args:
        evidence: the trade of the province and the nation.
        monthly: the province's `outlook.monthly_outlook`.
        split: `gap.value_growth_split` of the province.
        verdicts: of the claims about the province and the nation, on published figures.
        contradictions: `published.contradiction_numbers` merged with `contradictions`.
    """
    trade = [
        *_moved(evidence),
        *_rests_on(evidence),
        *_lost(evidence),
        *_cheaper(evidence),
        *_price_only(evidence, split),
        *_inputs(evidence),
        *_candidate(evidence),
        *_year_end(evidence, monthly),
    ]
    data = [
        *_coverage(evidence),
        *_contradiction(evidence, contradictions),
        *_untested(evidence, verdicts),
        *_unallocated(evidence),
    ]
    room = max(MOST_QUESTIONS - len(data), MOST_QUESTIONS // 2)
    return [*trade[:room], *data][:MOST_QUESTIONS]


def _moved(evidence: Evidence) -> list[Question]:
    """The chapters that moved the total most, down and up."""
    moves = growth_by(evidence.own, evidence.own_before, ["hs2_code"]).dropna(subset=["hs2_code"])
    if moves.empty or not evidence.own_before["value_usd"].sum() > 0:
        return []
    found = []
    for rule, row in (("fall", moves.iloc[-1]), ("rise", moves.iloc[0])):
        points = float(row["contribution_share"])
        if points * (-1 if rule == "fall" else 1) >= POINT_OF_GROWTH:
            numbers = {
                "change": evidence.number("change_usd", row["change_usd"], "USD"),
                "points": evidence.number("contribution_share", points, "1"),
            }
            found.append(Question(rule, numbers, str(row["hs2_code"])))
    return found


def _rests_on(evidence: Evidence) -> list[Question]:
    """A market or a chapter on which much of the value rests."""
    total = evidence.own["value_usd"].sum()
    found = []
    for rule, key in (("market", "partner_iso3"), ("goods", "hs2_code")):
        parts = evidence.own.groupby(key)["value_usd"].sum().drop([*UNNAMED], errors="ignore")
        if total > 0 and len(parts) and parts.max() / total >= LARGE_SHARE:
            numbers = {"part": evidence.number("share", parts.max() / total, "1")}
            found.append(Question(rule, numbers, str(parts.idxmax())))
    return found


def _lost(evidence: Evidence) -> list[Question]:
    markets = won_and_lost(evidence.own, evidence.own_before)
    markets = markets[(markets["status"] == "lost") & ~markets["partner_iso3"].isin(UNNAMED)]
    before = evidence.own_before["value_usd"].sum()
    if markets.empty or markets["value_usd_before"].iloc[0] < POINT_OF_GROWTH * before:
        return []
    first = markets.iloc[0]
    value = evidence.number("value_usd", first["value_usd_before"], "USD")
    before_code = str(parse_period(evidence.period).year_before)
    return [Question("lost", {"change": replace(value, period=before_code)}, first["partner_iso3"])]


def _cheaper(evidence: Evidence) -> list[Question]:
    rest = evidence.sold[evidence.sold["province"] != evidence.province]
    effect = float(gap_split(evidence.own, rest, "hs6_code")["price_usd_per_tonne"].sum())
    own = float(unit_values(added_up(evidence.own))["unit_value_usd_per_tonne"].iloc[0])
    if not effect <= CHEAPER * own:
        return []
    change = evidence.number("price_usd_per_tonne", effect, "USD/t")
    return [Question("cheaper", {"change": change})]


def _price_only(evidence: Evidence, split: pd.DataFrame) -> list[Question]:
    quantity = float(split["quantity_usd"].sum())
    is_known = evidence.own_before["value_usd"].sum() > 0
    if not (is_known and split["change_usd"].sum() > 0 > quantity):
        return []
    return [Question("price_only", {"change": evidence.number("quantity_usd", quantity, "USD")})]


def _inputs(evidence: Evidence) -> list[Question]:
    now, before = (
        side.loc[side["use"].isin(INPUT_USES), "value_usd"].sum()
        for side in (evidence.bought, evidence.bought_before)
    )
    if not (before > 0 and now / before - 1 <= INPUT_FALL):
        return []
    fall = evidence.number("inputs_value_usd_growth", now / before - 1, "1")
    return [Question("inputs", {"change": fall})]


def _candidate(evidence: Evidence) -> list[Question]:
    """The market expected to buy most of what the province makes and does not sell there."""
    total = evidence.own["value_usd"].sum()
    markets = candidate_markets(evidence.own, evidence.sold, product="hs6_code")
    markets = markets[markets["is_new_market"]]
    if markets.empty or markets["expected_usd"].iloc[0] < POINT_OF_GROWTH * total:
        return []
    first = markets.iloc[0]
    value = evidence.number("value_usd", first["rest_value_usd"], "USD", "rest_of_nation")
    return [Question("candidate", {"change": value}, first["partner_iso3"])]


def _year_end(evidence: Evidence, monthly: MonthlyOutlook) -> list[Question]:
    end, carried = monthly.outlook and monthly.outlook.year_end, monthly.carried
    if not (end and carried) or end.probability_above_last >= LESS_LIKELY:
        return []
    part = evidence.number("probability_above_last", end.probability_above_last, "1")
    months = evidence.number("n_months", 12.0 - carried.months_known, "n")
    needed = evidence.number("value_to_equal_usd", carried.to_equal, "USD")
    return [Question("year_end", {"part": part, "n": months, "change": needed})]


def _coverage(evidence: Evidence) -> list[Question]:
    covered = unit_values(added_up(evidence.own))["coverage_share"].iloc[0]
    if is_na(covered) or covered >= LEAST_COVERAGE:
        return []
    missing = evidence.number("not_weighed_share", 1 - float(covered), "1")
    return [Question("coverage", {"part": missing})]


def _unallocated(evidence: Evidence) -> list[Question]:
    by_province = evidence.sold.groupby("province")["value_usd"].sum()
    part = by_province.get(UNALLOCATED, 0.0) / by_province.sum() if by_province.sum() else 0.0
    if part <= MOST_UNALLOCATED:
        return []
    share_of_nation = evidence.number("national_share", part, "1", UNALLOCATED)
    return [Question("unallocated", {"part": share_of_nation})]


def _contradiction(evidence: Evidence, contradictions: pd.DataFrame) -> list[Question]:
    """The widest one of the province's own figures, or else of the nation's."""
    apart = (contradictions["ratio"].astype("float64") - 1).abs()
    by_width = contradictions.loc[apart[apart > 0].sort_values(ascending=False).index]
    for scope in (evidence.province, "nation"):
        rows = by_width[by_width["figures"].str.startswith(f"{scope}-")]
        if len(rows):
            row = rows.iloc[0]
            numbers = {
                side: Number("published", float(row[f"{side}_value"]), row["unit"], scope)
                for side in ("stated", "against")
            }
            said = partial(_said_of_figures, row)
            return [Question("contradiction", numbers, words=said)]
    return []


def _untested(evidence: Evidence, verdicts: Sequence[Verdict]) -> list[Question]:
    """The first claims, of the province if there are any, for which no figure was published."""
    open_ones = [v for v in verdicts if v.verdict == "not_testable"]
    own = [v for v in open_ones if v.claim.scope == evidence.province]
    # What settles several claims is asked for once.
    by_need = {v.claim.settle.en: v for v in reversed(own or open_ones)}
    first = list(reversed(by_need.values()))[:2]
    return [Question("claim", {}, words=partial(_said_of_claim, v)) for v in first]


def _said_of_figures(row: pd.Series, lang: Lang) -> dict[str, str]:
    return {part: row[f"{part}_{lang}"] for part in ("what", "action")}


def _said_of_claim(verdict: Verdict, lang: Lang) -> dict[str, str]:
    statement = claim_words(verdict, "statement", lang).removesuffix(".")
    return {"what": statement, "settle": claim_words(verdict, "settle", lang)}


_BECAUSE = {"fa": "قاعده: {rule}", "en": "Rule: {rule}"}


def questions_to_ask(questions: Sequence[Question], lang: Lang, *, place: str) -> Html:
    """The questions as a numbered list, each with the rule that asked it."""
    if not questions:
        return say(lang, _WORDS["no_question"], place=place)
    items = "".join(f"<li>{_asked(question, lang, place)}</li>" for question in questions)
    return Html(f'<ol class="wb-questions">{items}</ol>')


def _asked(question: Question, lang: Lang, place: str) -> str:
    thresholds = {name: share(value, lang, 0) for name, value in _THRESHOLDS.items()}
    rule = _WORDS["rules"][question.rule][lang].format(**thresholds)
    words = {"what": _called(question, lang), **question.words(lang)}
    numbers = {name: _unsigned(figure, lang) for name, figure in question.numbers.items()}
    asked = fill(lang, _WORDS["questions"][question.rule], place=place, **words, **numbers)
    return f"{asked} <small>({fill(lang, _BECAUSE, rule=rule)})</small>"


def _unsigned(figure: Number, lang: Lang) -> Html:
    """A number of which the words say the direction; large amounts in two decimals."""
    if figure.unit == "USD" and not is_na(figure.value):
        return number(figure, lang, _fine_amount(abs(figure.value), lang))  # type: ignore[arg-type]
    if figure.name == "contribution_share" and not is_na(figure.value):
        return number(figure, lang, plain(100 * abs(figure.value), lang, 1))  # type: ignore[arg-type]
    return size(figure, lang)


def _fine_amount(value: float, lang: Lang) -> str:
    """Dollars with two decimals of a billion: the ends of a range must not round to one number."""
    if abs(value) < 1e9:
        return amount(value, "USD", lang)
    billion = {"fa": "میلیارد دلار", "en": "billion USD"}[lang]
    return f"{plain(value / 1e9, lang, 2)} {billion}"


def _called(question: Question, lang: Lang) -> str:
    if question.rule in ("fall", "rise", "goods"):
        return chapter_name(question.what, lang)
    return partner_name(question.what, lang) if question.what else ""

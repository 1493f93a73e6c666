"""The briefing: why value changed, what sets a province apart, and which rule asks what."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from helpers import claims, figures, narrative, tables
from helpers.measures import gap, outlook, ranks, values
from helpers.narrative import Evidence
from helpers.periods import parse_period
from said import both, numbers, text

PERIOD = "1404M01-07"
ABOUT = {"place": "X", "province": "alborz", "period": PERIOD}
COLUMNS = ("province", "hs2_code", "partner_iso3", "value_usd", "net_mass_kg", "use")


def trade(*rows: tuple) -> pd.DataFrame:
    """Totals of `(province, chapter, partner, value, mass[, use])`; a mass of 0 is not weighed."""
    padded = [(*row, "intermediate")[:6] for row in rows]
    table = pd.DataFrame(padded, columns=list(COLUMNS))
    text_columns = ["province", "hs2_code", "partner_iso3", "use"]
    amounts = table[["value_usd", "net_mass_kg"]].astype("float64")
    return table.assign(
        **table[text_columns].astype("string"),
        **amounts,
        hs6_code=(table["hs2_code"].astype("string") + "0000").astype("string"),
        value_usd_weighed=amounts["value_usd"].where(amounts["net_mass_kg"] > 0, 0.0),
        n_declarations=1,
    )


BEFORE = trade(
    ("alborz", "30", "IRQ", 40, 4),
    ("alborz", "84", "AFG", 40, 4),
    ("alborz", "94", "KEN", 20, 2),
    ("tehran", "30", "IRQ", 400, 40),
    ("tehran", "84", "CHN", 500, 50),
)
NOW = trade(
    ("alborz", "30", "IRQ", 70, 7),
    ("alborz", "84", "AFG", 20, 2),
    ("alborz", "94", "AFG", 20, 2),
    ("tehran", "30", "IRQ", 400, 40),
    ("tehran", "84", "CHN", 500, 50),
)
NOTHING = trade()


def evidence(now=NOW, before=BEFORE, bought=NOTHING, bought_before=NOTHING) -> Evidence:
    return Evidence("alborz", PERIOD, "customs", now, before, bought, bought_before)


def no_months() -> outlook.MonthlyOutlook:
    empty = pd.DataFrame(
        columns=["year_sh", "month_first_sh", "month_last_sh", "value_usd"], dtype="float64"
    )
    return outlook.monthly_outlook(empty, "alborz", parse_period(PERIOD))


CONTRADICTIONS = pd.DataFrame(
    {
        "figures": ["nation-a;nation-b", "alborz-a;alborz-b", "alborz-c;alborz-d"],
        "stated_value": [1.0, 10.0, 30.0],
        "against_value": [9.0, 11.0, 10.0],
        "ratio": [1 / 9, 10 / 11, 3.0],
        "unit": ["USD"] * 3,
        "what_fa": ["کشور", "کم", "زیاد"],
        "what_en": ["nation", "narrow", "wide"],
        "action_fa": ["بپرسید."] * 3,
        "action_en": ["Ask."] * 3,
    }
)


def asked(now=NOW, before=BEFORE, *, contradictions=CONTRADICTIONS, **imports) -> dict:
    """What each rule asks, by rule."""
    found = evidence(now, before, **imports)
    split = gap.value_growth_split(found.own, found.own_before, "hs6_code")
    listed = narrative.find_questions(found, no_months(), split, [], contradictions)
    return {
        question.rule: both(
            lambda lang, question=question: narrative.questions_to_ask([question], lang, place="X")
        )["en"]
        for question in listed
    }


# Questions


def test_the_largest_fall_and_rise_are_asked_about_with_their_points_of_growth():
    questions = asked()
    assert "took 20.0 percentage points off growth" in questions["fall"]  # 40 to 20, of 100
    assert "added 30.0 percentage points to growth" in questions["rise"]  # 40 to 70


def test_a_large_market_a_large_chapter_and_a_lost_market_are_asked_about():
    questions = asked()
    assert "63.6% of X’s exports go to Iraq" in questions["market"]  # 70 of 110
    assert "63.6% of X’s exports are “Pharmaceuticals”" in questions["goods"]
    assert "Kenya bought 20 USD last year and nothing this year" in questions["lost"]


def test_an_unserved_market_of_its_own_goods_is_asked_about():
    assert "China buys 500 USD from other provinces" in asked()["candidate"]


@pytest.mark.parametrize(
    ("rule", "now", "words"),
    [
        (
            "cheaper",
            trade(("alborz", "30", "IRQ", 70, 14), ("tehran", "30", "IRQ", 400, 40)),
            "X loses",
        ),
        (
            "price_only",  # less than before, and dearer
            trade(("alborz", "30", "IRQ", 120, 3), ("alborz", "84", "AFG", 40, 4)),
            "Value rose although quantity took",
        ),
        (
            "coverage",
            trade(("alborz", "30", "IRQ", 90, 9), ("alborz", "84", "AFG", 10, 0)),
            "10.0% of the value of X’s exports has no weight",
        ),
        (
            "unallocated",
            trade(("alborz", "30", "IRQ", 90, 9), ("unallocated", "30", "IRQ", 10, 1)),
            "10.0% of the nation’s exports are not allocated",
        ),
    ],
)
def test_a_rule_asks_where_it_finds_something(rule, now, words):
    assert words in asked(now)[rule]


def test_rules_are_silent_where_nothing_is_found():
    even = trade(
        *(("alborz", f"{i:02}", partner, 25, 2.5)
          for i, partner in enumerate(("IRQ", "AFG", "CHN", "TUR"), 30)),
        *(("tehran", f"{i:02}", partner, 25, 2.5)
          for i, partner in enumerate(("IRQ", "AFG", "CHN", "TUR"), 30)),
    )  # fmt: skip
    assert asked(even, even, contradictions=CONTRADICTIONS.head(0)) == {}


@pytest.mark.parametrize(("now", "is_asked"), [(89.0, True), (91.0, False), (120.0, False)])
def test_a_fall_of_imported_inputs_is_asked_about(now, is_asked):
    bought = {
        "bought": trade(
            ("alborz", "84", "CHN", now, 1), ("alborz", "04", "CHN", 9, 1, "consumption")
        ),
        "bought_before": trade(("alborz", "84", "CHN", 100, 1)),
    }  # fmt: skip
    assert ("inputs" in asked(**bought)) is is_asked


def test_the_widest_contradiction_of_the_province_goes_before_the_nations():
    assert "(wide): 30 USD against 10 USD. Ask." in asked()["contradiction"]
    of_nation = asked(contradictions=CONTRADICTIONS.head(1))["contradiction"]
    assert "(nation): 1 USD against 9 USD" in of_nation


def test_a_year_end_that_is_unlikely_to_pass_the_last_is_asked_about():
    end = outlook.YearEnd(
        1404, 7, 70.0, 90.0, 80.0, 100.0, 75.0, 105.0, 120.0, 0.1, 0.8, 30, 4.0, True
    )
    carried = outlook.CarriedYearEnd(1404, 7, 70.0, 120.0, 50.0, 120.0, 110.0, 50.0)
    months = replace(
        no_months(), carried=carried,
        outlook=outlook.Outlook("pace_year", pd.DataFrame(), pd.DataFrame(), end),
    )  # fmt: skip
    found = evidence()
    split = gap.value_growth_split(found.own, found.own_before, "hs6_code")
    questions = narrative.find_questions(found, months, split, [], CONTRADICTIONS)
    year_end = next(q for q in questions if q.rule == "year_end")
    said = both(lambda lang: narrative.questions_to_ask([year_end], lang, place="X"))
    assert "is 10.0%; to equal it the 5 months to come must bring 50 USD" in said["en"]


def test_a_province_without_any_trade_is_asked_nothing_about_it():
    assert set(asked(NOTHING, NOTHING)) <= {"contradiction"}
    empty = asked(NOTHING, NOTHING, contradictions=CONTRADICTIONS.head(0))
    assert empty == {}
    said = both(lambda lang: narrative.questions_to_ask([], lang, place="X"))
    assert "No rule found" in said["en"]


def test_every_rule_is_shown_with_its_question():
    for rule, words in asked().items():
        assert "Rule: " in words, rule


# Claims


def verdict(scope="alborz", word="not_testable", key="k", **parts):
    text = claims.Both("رقم‌ها", "figures of 1404")
    words = dict.fromkeys(("settle", "weakest", "owner"), text)
    number = None if parts.get("own_check") else 1
    claim = claims.Claim(
        number=number, key=key, fa="ادعا.", en="A claim.", scope=scope, **words, **parts
    )
    return claims.Verdict(claim, word, "no_figures")


def test_claims_of_the_province_come_first_and_own_checks_are_left_out():
    given = [verdict("nation"), verdict("tehran"), verdict(own_check=True), verdict()]
    scopes = [each.claim.scope for each in narrative.claims_about(given, "alborz")]
    assert scopes == ["alborz", "nation"]


def test_what_settles_several_claims_is_asked_for_once():
    found = evidence(NOTHING, NOTHING)
    split = gap.value_growth_split(found.own, found.own_before, "hs6_code")
    given = [verdict(), verdict(key="other")]
    questions = narrative.find_questions(found, no_months(), split, given, CONTRADICTIONS.head(0))
    assert [question.rule for question in questions] == ["claim"]
    said = both(lambda lang: narrative.questions_to_ask(questions, lang, place="X"))
    assert "“A claim” cannot be tested" in said["en"]


@pytest.mark.parametrize(
    ("given", "is_synthetic", "words"),
    [
        ([verdict()], True, "say nothing of whether the real claims hold"),
        ([verdict()], False, "place of clearance"),
        ([verdict("nation")], True, "The statement says nothing of X"),
        ([], True, "claims nothing of X or of the nation"),
    ],
)
def test_what_the_table_of_claims_may_be_used_for(given, is_synthetic, words):
    said = both(
        lambda lang: narrative.claims_in_short(given, lang, place="X", is_synthetic=is_synthetic)
    )
    assert words in said["en"]


def test_the_table_of_claims_has_their_numbers_and_no_own_check():
    given = [verdict(word="supported"), verdict(own_check=True, word="contradicted")]
    for lang, supported, other in (
        ("fa", "تأیید می‌شود", "رد می‌شود"),
        ("en", "Supported", "Contradicted"),
    ):
        shown = text(tables.claims_in_short(given, lang, source="s"))
        assert supported in shown
        assert other not in shown


# What changed, markets, portrait


def why(change: float, before: float):
    parts = dict.fromkeys(gap.GROWTH_PARTS, 0.0)
    split = pd.DataFrame([{"change_usd": change, **parts, "quantity_usd": change}])
    return both(lambda lang: narrative.why_it_changed(split, before, lang, **ABOUT))


@pytest.mark.parametrize(
    ("change", "before", "fa", "en"),
    [
        (20.0, 100.0, "بیشتر شد", "rose by 20 USD"),
        (-20.0, 100.0, "کمتر شد", "fell by 20 USD"),
        (0.5, 100.0, "تقریباً تغییری نکرد", "hardly changed"),
        (20.0, 0.0, "در دست نیست", "cannot be said"),
    ],
)
def test_why_value_changed(change, before, fa, en):
    said = why(change, before)
    assert fa in said["fa"]
    assert en in said["en"]


@pytest.mark.parametrize(
    ("rest", "fa", "en"),
    [
        # The parts that are told add up to the change: 30 - 0.8 - 20 + 0.8 of millions.
        (8e5, "کاست؛ سهم کالاهای سنجش‌ناپذیر ۰٫۸ میلیون", "compared account for 0.8 million USD."),
        (4e4, "کاست. اثر", "took away 0.0 million USD. The largest"),  # rounds to 0.0 million
    ],
)
def test_what_cannot_be_compared_is_told_where_it_does_not_round_to_zero(rest, fa, en):
    parts = dict.fromkeys(gap.GROWTH_PARTS, 0.0) | {
        "quantity_usd": 3e7, "mix_usd": -8e5, "price_usd": -2e7, "not_comparable_usd": rest,
    }  # fmt: skip
    split = pd.DataFrame([{"change_usd": sum(parts.values()), **parts}])
    said = both(lambda lang: narrative.why_it_changed(split, 1e8, lang, **ABOUT))
    assert fa in said["fa"]
    assert en in said["en"]


def test_parts_of_a_change_are_told_on_one_scale():
    parts = dict.fromkeys(gap.GROWTH_PARTS, 0.0) | {"quantity_usd": 3e7, "mix_usd": -7.5e5}
    split = pd.DataFrame([{"change_usd": sum(parts.values()), **parts}])
    said = both(lambda lang: narrative.why_it_changed(split, 1e8, lang, **ABOUT))
    assert "the mix of goods for −0.8 million USD" in said["en"]
    assert "thousand" not in said["en"]


def test_a_portrait_names_what_sets_the_province_apart():
    words = both(lambda lang: narrative.portrait(evidence(), lang, place="X"))["en"]
    assert "“Pharmaceuticals” (63.6%), its largest destination Iraq (63.6%)" in words
    assert "What sets X apart is “Furniture" in words  # the nation has no other furniture
    alike = evidence(trade(("alborz", "30", "IRQ", 10, 1), ("tehran", "30", "IRQ", 90, 9)))
    assert (
        "much like the nation’s"
        in both(lambda lang: narrative.portrait(alike, lang, place="X"))["en"]
    )
    none = both(lambda lang: narrative.portrait(evidence(NOTHING), lang, place="X"))
    assert "No exports were recorded" in none["en"]


def test_goods_without_a_tariff_code_have_a_market_and_no_portrait_of_goods():
    uncoded = [side.assign(hs2_code=None, hs6_code=None) for side in (NOW, BEFORE)]
    said = both(lambda lang: narrative.portrait(evidence(*uncoded), lang, place="X"))
    assert "کد تعرفه ندارد" in said["fa"]
    assert "largest destination is Iraq (63.6%)" in said["en"]
    questions = asked(*uncoded)
    assert not {"fall", "rise", "goods", "cheaper", "price_only", "candidate"} & set(questions)
    assert "go to Iraq" in questions["market"]


@pytest.mark.parametrize("unnamed", narrative.UNNAMED)
def test_markets_in_short_by_hand(unnamed):
    zones = trade(("alborz", "30", unnamed, 500, 50))  # as on the page of markets, no market
    own = pd.concat([evidence().own, zones])
    said = both(lambda lang: narrative.markets_in_short(own, lang, **ABOUT))
    assert "went to 2 named markets." in said["en"]
    assert "the value with a named market the largest, Iraq, takes 63.6%" in said["en"]
    assert "as concentrated as 1.9 markets" in said["en"]  # 1 / (0.636^2 + 0.364^2)
    for nowhere in (NOTHING, zones):
        none = both(lambda lang, own=nowhere: narrative.markets_in_short(own, lang, **ABOUT))
        assert "no markets to tell" in none["en"]


def test_the_largest_markets_are_drawn_without_those_that_are_no_market():
    zones = trade(("alborz", "30", narrative.UNNAMED[0], 500, 50))
    own = pd.concat([evidence().own, zones])
    chart = figures.largest_markets(own, "en", place="X", source="s")
    assert list(chart.data["partner_iso3"]) == ["IRQ", "AFG"]
    assert "wb-doubt" in figures.largest_markets(zones, "en", place="X", source="s")


# Cards


def cards(now, before, lang):
    sold = values.overview(now, before, "alborz")
    ranked = ranks.rank_provinces(now)
    return narrative.briefing_cards(sold, sold, ranked, lang, period=PERIOD, source="s")


def test_the_cards_set_the_province_against_the_nation_and_a_year_before():
    said = both(lambda lang: cards(NOW, BEFORE, lang))["en"]
    assert "growth 10.0%, Iran’s 1.0%" in said
    assert "rank 2 of 31" in said
    assert "growth 0.0%; a tonne of other provinces 10,000 USD" in said  # 900 USD of 90 kg
    assert len(numbers(cards(NOW, BEFORE, "fa"))) == 4


def test_cards_without_trade_claim_no_rank():
    said = both(lambda lang: cards(NOW[NOW["province"] == "tehran"], BEFORE, lang))["en"]
    assert "rank n/a of 31" in said


def test_cards_without_a_year_before_say_so():
    assert "growth n/a, Iran’s n/a" in both(lambda lang: cards(NOW, NOTHING, lang))["en"]

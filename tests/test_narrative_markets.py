"""Sentences on target markets: the verb follows the numbers, both languages say the same."""

import pandas as pd
import pytest

from helpers import narrative
from helpers.measures import markets, structure, values
from helpers.measures.markets import SHARE_EFFECTS
from helpers.schema import NotEnoughData
from said import both

TOLD = {"province": "alborz", "period": "1404M01-07"}
NAMED = {"fa": "البرز", "en": "Alborz"}


def totals(values, tonnes=None):
    """Totals by partner; a tonne for each 1,000 USD, or the tonnes given."""
    rows = pd.DataFrame({"partner_iso3": list(values), "value_usd": list(values.values())})
    rows = rows.astype({"partner_iso3": "string", "value_usd": "float64"})
    mass = rows["partner_iso3"].map(tonnes or {}).astype("float64") * 1000
    return rows.assign(
        net_mass_kg=mass.fillna(rows["value_usd"]), value_usd_weighed=rows["value_usd"],
        n_declarations=1,
    )  # fmt: skip


def against(own, nation, **more):
    return values.against_nation(totals(own, **more), totals(nation), ["partner_iso3"])


def said_of(function, *args, **more):
    return both(lambda lang: function(*args, lang, place=NAMED[lang], **TOLD, **more))


NATION = {"IRQ": 400.0, "CHN": 500.0, "TUR": 50.0, "XXA": 40.0, "XXU": 10.0}


def test_the_largest_markets_of_province_and_nation_are_named():
    markets = against({"IRQ": 60.0, "TUR": 20.0, "XXA": 20.0}, NATION)
    said = said_of(narrative.market_mix, markets, n=2)
    assert "went to 2 markets" in said["en"]
    assert "(Iraq, Turkey) took 80.0% of the value; the same markets take 45.0%" in said["en"]
    assert "(China, Iraq) have 90.0%" in said["en"]
    assert "(عراق، ترکیه) ۸۰٫۰٪" in said["fa"]


@pytest.mark.parametrize("own", [{}, {"XXU": 5.0}], ids=["no exports", "unknown only"])
def test_a_province_without_a_named_market(own):
    said = said_of(narrative.market_mix, against(own, NATION))
    assert "No exports to a named market" in said["en"]
    assert "ثبت نشده" in said["fa"]


def test_free_zones_and_unknown_destinations_are_shown_as_such():
    def said(own):
        return both(lambda lang: narrative.unnamed_partners(against(own, NATION), lang, **TOLD))

    some = said({"IRQ": 70.0, "XXA": 20.0, "XXU": 10.0})
    assert "20.0% of the value" in some["en"]
    assert "10.0% to “other or unknown” (in the nation 4.0% and 1.0%)" in some["en"]
    assert "nothing went to free zones" in said({"IRQ": 1.0})["en"]
    assert said({}) == {"fa": "", "en": ""}


def concentration(*values):
    return narrative.if_enough(structure.concentration, pd.Series(values, dtype="float64"))


@pytest.mark.parametrize(
    ("own", "fa", "en"),
    [
        ((1, 1, 1, 1), "پراکنده‌تر از کشور", "over 4.0 equal markets"),
        ((1,), "به چند بازار گره خورده", "rests on fewer markets than the nation"),
        ((2, 2), "کم‌وبیش مانند کشور", "about as the nation’s (2.0 markets, 0.500)"),
        ((), "نمی‌توان گفت", "cannot be said"),
    ],
    ids=["spread", "concentrated", "alike", "none"],
)  # fmt: skip
def test_whether_exports_rest_on_few_markets(own, fa, en):
    said = said_of(narrative.market_concentration, concentration(*own), concentration(1, 1))
    assert fa in said["fa"]
    assert en in said["en"]


def test_too_little_data_gives_none_and_other_errors_pass():
    def refuse():
        raise NotEnoughData("too little")

    assert narrative.if_enough(refuse) is None
    with pytest.raises(ZeroDivisionError):
        narrative.if_enough(lambda: 1 / 0)


def lines(now, before, earlier=None):
    past = [totals(earlier)] if earlier else []
    return markets.won_and_lost(totals(now), totals(before), absent_from=past, floor_usd=5.0)


def test_markets_won_lost_kept_and_returned_are_counted():
    moved = lines(
        {"IRQ": 100.0, "GHA": 30.0, "DEU": 20.0}, {"IRQ": 90.0, "KEN": 40.0}, {"DEU": 10.0}
    )
    said = both(lambda lang: narrative.won_and_lost(moved, lang, **TOLD, floor_usd=5))
    assert "1 markets were kept, 1 were won (30 USD), the largest Ghana" in said["en"]
    assert (
        "1 were lost (40 USD, at last year’s value), the largest Kenya, and 1 returned"
        in said["en"]
    )
    assert "بزرگ‌ترین غنا" in said["fa"]


@pytest.mark.parametrize(("now", "before"), [({}, {"IRQ": 9.0}), ({"IRQ": 9.0}, {})])
def test_markets_won_need_both_years(now, before):
    said = both(lambda lang: narrative.won_and_lost(lines(now, before), lang, **TOLD, floor_usd=5))
    assert "cannot be said" in said["en"]
    assert "نمی‌توان گفت" in said["fa"]


def test_value_per_tonne_in_the_same_market():
    markets = against({"IRQ": 60.0, "TUR": 40.0}, NATION, tonnes={"IRQ": 0.03, "TUR": 0.04})
    said = said_of(narrative.market_unit_values, markets)
    assert "In 1 of 2 markets" in said["en"]
    assert "these markets take 60.0%" in said["en"]
    assert "In the largest, Iraq, the province’s goods are worth 2,000 USD per tonne" in said["en"]


def test_value_per_tonne_without_a_common_market():
    said = said_of(narrative.market_unit_values, against({"GHA": 1.0}, {**NATION, "GHA": 1.0}))
    assert "in no market do both have a weight" in said["en"]


def split(before, now, *effects):
    row = {"share_before": before, "share": now, "change": now - before}
    return pd.DataFrame([{**row, **dict(zip(SHARE_EFFECTS, effects, strict=True))}])


@pytest.mark.parametrize(
    ("given", "fa", "en"),
    [
        (split(0.02, 0.03, 0.009, 0.001, 0.0), "رسید (۱٫۰۰۰", "due to the province’s own share"),
        (split(0.03, 0.02, 0.0, 0.001, -0.011), "کاهش یافت", "Most of it is due to the markets"),
        (split(0.02, 0.0201, 0.0, 0.0001, 0.0), "کم‌وبیش همان ماند", "held at 2.01%"),
        (split(0.02, 0.03, 0.008, -0.03, 0.032), "بازارها و ترکیب", "the markets and the goods"),
        (split(0.0, 0.03, 0.03, 0.0, 0.0), "نمی‌توان شکافت", "cannot be split"),
        (None, "نمی‌توان شکافت", "cannot be split"),
    ],
    ids=["up", "down", "steady", "no part is most", "nothing before", "too little"],
)  # fmt: skip
def test_why_the_share_of_the_nation_moved(given, fa, en):
    said = said_of(narrative.market_share_change, given)
    assert fa in said["fa"]
    assert en in said["en"]


def candidates(**rows):
    return pd.DataFrame(
        [
            {
                "partner_iso3": iso3, "n_products": 3, "rest_value_usd": 2e6,
                "rest_unit_value_usd_per_tonne": 500.0, "expected_usd": expected,
                "province_value_usd": sold, "is_new_market": sold == 0,
            }
            for iso3, (expected, sold) in rows.items()
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("table", "fa", "en"),
    [
        (candidates(IRQ=(9.0, 1.0), GHA=(2.0, 0.0)), "نخستین آن‌ها غنا است", "1 of 2 candidate"),
        (candidates(IRQ=(9.0, 1.0)), "یکسره تازه‌ای در میان نیست", "none is wholly new"),
        (candidates(), "بازار نامزدی یافت نشد", "No candidate market"),
    ],
    ids=["some new", "all served", "none"],
)  # fmt: skip
def test_which_markets_come_next(table, fa, en):
    said = said_of(narrative.candidates, table)
    assert fa in said["fa"]
    assert en in said["en"]


def test_the_first_candidates_are_the_first_of_all_and_the_first_new_ones():
    table = candidates(
        IRQ=(9.0, 1.0), TUR=(8.0, 1.0), CHN=(7.0, 1.0), GHA=(2.0, 0.0), KEN=(1.0, 0.0)
    )
    assert list(narrative.first_candidates(table, 1)["partner_iso3"]) == ["IRQ", "GHA"]


def test_long_heading_texts_are_cut_at_a_word_and_unknown_ones_stay_codes():
    name = narrative.heading_name("8418", "en")
    assert name.endswith(" …")
    assert len(name) <= 62
    assert narrative.heading_name("0000", "en") == "0000"

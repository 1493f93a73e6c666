"""Sentences on imports by use: the verb follows the numbers, both languages say the same."""

import pandas as pd
import pytest

from helpers import narrative
from helpers.measures import imports, values
from helpers.schema import USES
from said import both, text

TOLD = {"province": "alborz", "period": "1404M01-07"}
NAMED = {"fa": "البرز", "en": "Alborz"}


def totals(values, key="use", mass=True):
    """Totals by a key, a tonne for each 1,000 USD where they have a mass."""
    rows = pd.DataFrame({key: list(values), "value_usd": list(values.values())}, dtype="object")
    value = rows["value_usd"].astype("float64")
    return rows.assign(
        value_usd=value, net_mass_kg=value if mass else float("nan"),
        value_usd_weighed=value if mass else float("nan"), n_declarations=1,
    )  # fmt: skip


def against(own, nation, **more):
    return values.against_nation(totals(own, **more), totals(nation), ["use"])


def said_of(function, *args, **more):
    return both(lambda lang: function(*args, lang, place=NAMED[lang], **TOLD, **more))


NATION = {"capital": 200.0, "consumption": 100.0, "intermediate": 500.0, "raw_material": 200.0}


@pytest.mark.parametrize(
    ("own", "fa", "en"),
    [
        ({"capital": 6.0, "intermediate": 4.0}, "بیش از کشور: ماشین‌آلات", "More than in the"),
        ({u: v / 10 for u, v in NATION.items()}, "کم‌وبیش همان سهم‌های کشور", "about those of the"),
        ({}, "وارداتی از گمرک‌های البرز ثبت نشده", "No imports were recorded"),
    ],
    ids=["apart", "alike", "none"],
)  # fmt: skip
def test_what_imports_are_for(own, fa, en):
    said = said_of(narrative.use_mix, against(own, NATION))
    assert fa in said["fa"]
    assert en in said["en"]


def test_the_use_that_stands_out_bears_both_shares():
    said = said_of(narrative.use_mix, against({"capital": 60.0, "intermediate": 40.0}, NATION))
    assert "machinery and other capital goods (60.0% against 20.0%)" in said["en"]
    assert "raw materials (0.0% against 20.0%)" in said["en"]
    assert "are 100.0% of the province’s imports and 90.0% of the nation’s" in said["en"]


def test_the_farthest_value_per_tonne_is_named():
    own = totals({"capital": 50.0, "intermediate": 50.0})
    own.loc[own["use"] == "capital", "net_mass_kg"] = 10.0
    uses = values.against_nation(own, totals(NATION), ["use"])
    said = said_of(narrative.use_unit_values, uses)
    assert "in 1 of 2 uses" in said["en"]
    assert "machinery and other capital goods: 5,000 USD per tonne" in said["en"]


def test_value_per_tonne_without_a_weight_is_said_to_be_unknown():
    said = said_of(narrative.use_unit_values, against({"capital": 50.0}, NATION, mass=False))
    assert "no use has a weight on both sides" in said["en"]
    assert "وزن ندارند" in said["fa"]


@pytest.mark.parametrize(
    ("now", "before", "fa", "en"),
    [
        ({"capital": 3e6, "consumption": 1e6}, {"capital": 1e6, "consumption": 4e6},
         "بیشترین کاهش را «کالاهای مصرفی» (۳٫۰ میلیون دلار)", "that of “Consumer goods” (3.0"),
        ({"capital": 3e6}, {"capital": 1e6}, "هیچ‌یک کاهش نیافته", "none fell"),
        ({"capital": 1e6}, {"capital": 3e6}, "هیچ‌یک افزایش نیافته", "none rose"),
        ({"capital": 1e6}, {"capital": 1e6}, "برابر است", "are those of the same months"),
        ({"capital": 1e6}, {}, "رقمی در دست نیست", "There is no figure"),
        ({}, {"capital": 1e6}, "رقمی در دست نیست", "There is no figure"),
    ],
    ids=["both", "up", "down", "unchanged", "no year before", "nothing now"],
)  # fmt: skip
def test_what_rose_and_what_fell(now, before, fa, en):
    moves = values.growth_by(totals(now), totals(before), ["use"])
    said = both(lambda lang: narrative.largest_moves(moves, lang, **TOLD))
    assert fa in said["fa"]
    assert en in said["en"]


def test_a_chapter_that_moved_is_named_with_its_use():
    now = totals({"84": 5e6}, "hs2_code").assign(use="capital")
    before = totals({"84": 2e6}, "hs2_code").assign(use="capital")
    moves = values.growth_by(now, before, ["use", "hs2_code"])
    said = both(lambda lang: narrative.largest_moves(moves, lang, **TOLD))
    name = "“Machinery (Machinery and other capital goods)”"
    assert f"the largest rise is that of {name} (3.0 million" in said["en"]


def test_a_country_that_moved_is_named_without_quotes():
    now, before = (totals({"IRQ": v, "TUR": 9e6 - v}, "partner_iso3") for v in (5e6, 2e6))
    moves = values.growth_by(now, before, ["partner_iso3"])
    said = both(lambda lang: narrative.largest_moves(moves, lang, **TOLD))
    assert "largest rise is that of Iraq (3.0 million" in said["en"]
    assert "بیشترین کاهش را ترکیه (۳٫۰ میلیون" in said["fa"]


def dependence(inputs, exports):
    bought = totals({"intermediate": inputs}).assign(sector="industry")
    return imports.input_dependence(bought, totals({"industry": exports}, "sector"))


@pytest.mark.parametrize(
    ("own", "fa", "en"),
    [
        ((300.0, 100.0), "بیش از ۱٫۰۰ دلار", "3.00 dollars of inputs"),
        ((50.0, 100.0), "کمتر از ۱٫۰۰ دلار", "less than the nation’s 1.00"),
        ((105.0, 100.0), "کم‌وبیش همان", "about the same as the nation’s"),
        ((100.0, 0.0), "نمی‌توان گفت", "cannot be said"),
        ((0.0, 100.0), "نمی‌توان گفت", "cannot be said"),
    ],
    ids=["more", "less", "same", "no exports", "no inputs"],
)
def test_inputs_per_dollar_exported(own, fa, en):
    said = said_of(narrative.dependence, dependence(*own), dependence(1000.0, 1000.0))
    assert fa in said["fa"]
    assert en in said["en"]


IMPORTS = {"consumption": 20e6, "capital": 30e6, "intermediate": 50e6}


@pytest.mark.parametrize(
    ("cut", "en"),
    [
        (0.1, "only goods outside production go, first consumer goods: 10.0 million USD of 20.0"),
        (0.3, "before all machinery and other capital goods (10.0 million USD), since only 20.0%"),
        (0.0, "there is no cut to show"),
    ],
    ids=["spared", "reached", "none"],
)
def test_what_a_cut_of_currency_touches_first(cut, en):
    table = imports.currency_cut(totals(IMPORTS), cut)
    assert en in said_of(narrative.currency_cut_touches, table)["en"]


def test_the_same_cut_spread_evenly_stands_beside():
    said = said_of(narrative.currency_cut_touches, imports.currency_cut(totals(IMPORTS), 0.1))
    assert "Up to a cut of 20.0% no input" in said["en"]
    assert "spread evenly takes 8.0 million USD of inputs" in said["en"]


def test_a_province_without_imports_has_no_cut():
    said = said_of(narrative.currency_cut_touches, imports.currency_cut(totals({}), 0.1))
    assert "کاهشی برای نشان دادن نیست" in said["fa"]


SPLIT = pd.DataFrame(
    {
        "period": ["1397"] * 3 + ["1398M01"],
        "category": ["intermediate", "capital", "consumption", "capital"],
        "value_share": [0.65, 0.2, 0.1, 0.3],
    }
)


def test_official_shares_need_all_three_classes_and_leave_the_rest_to_other():
    shares = narrative.official_shares(SPLIT)
    assert list(shares["period"]) == ["1397"]
    assert shares["other"].iloc[0] == pytest.approx(0.05)


def test_raw_materials_are_counted_as_intermediate_as_official_statistics_do():
    shares = narrative.declared_official_shares(against({}, NATION), "share_in_nation")
    assert shares == pytest.approx(
        {"intermediate": 0.7, "capital": 0.2, "consumption": 0.1, "other": 0.0}
    )


@pytest.mark.parametrize(
    ("split", "nation", "fa", "en"),
    [
        (SPLIT, NATION, "از سال ۱۳۹۷", "by this project’s table: 70.0%, 20.0% and 10.0%"),
        (SPLIT, {}, "اظهارنامه‌ای در دست نیست", "There are no declarations of"),
        (SPLIT.tail(1), NATION, "تقسیم منتشرشده‌ای", "No published split"),
    ],
    ids=["both", "no declarations", "none published"],
)
def test_the_published_split_beside_declarations(split, nation, fa, en):
    uses = against({}, nation)
    said = both(lambda lang: narrative.official_split(split, uses, lang, period="1404"))
    assert fa in said["fa"]
    assert en in said["en"]


def test_how_much_rests_on_rules_for_whole_chapters():
    basis = totals({"2": 70.0, "4": 20.0, "6": 10.0}, "level")
    said = said_of(narrative.use_basis, basis, table="uses.csv")
    assert "70.0% of the value of Alborz’s imports is classed by a rule for a whole" in said["en"]
    assert (
        "There is no value"
        in said_of(narrative.use_basis, totals({}, "level"), table="uses.csv")["en"]
    )


def test_goods_without_a_use_are_said_and_nothing_is_said_without_imports():
    def said(own):
        uses = against(own, {**NATION, "not_assigned": 50.0})
        return both(lambda lang: narrative.not_assigned(uses, lang, **TOLD))

    assert "25.0% of the value" in said({"capital": 30.0, "not_assigned": 10.0})["en"]
    assert "All of the value" in said({"capital": 30.0})["en"]
    assert said({}) == {"fa": "", "en": ""}


def test_every_use_has_a_short_name_in_both_languages():
    from helpers import figures

    assert set(figures.SHORT_USES) == set(USES)
    assert all(names["fa"] and names["en"] for names in figures.SHORT_USES.values())


def test_a_chapter_that_is_none_is_called_by_its_number():
    assert narrative.chapter_name("77", "en")
    assert narrative.chapter_name("00", "fa") == "00"


def test_what_stands_for_an_empty_chart_is_a_sentence():
    assert text(narrative.nothing_to_show("en")).startswith("There are not enough data")

"""Sentences of the comparison: the verb follows the numbers, both languages say the same."""

import pandas as pd
import pytest

from helpers import narrative
from helpers.measures.gap import GapSplitFacts
from helpers.measures.values import GrowthFacts, ShareFacts, ShareRange, ValuePerTonneFacts
from helpers.periods import parse_period
from helpers.schema import Number
from said import both, numbers

PERIOD = "1404M01-07"
NAN = float("nan")


def growth(value, before):
    change = value / before - 1 if value and before else None
    return GrowthFacts("alborz", "value_usd", PERIOD, value, before, change)


@pytest.mark.parametrize(
    ("value", "before", "fa", "en"),
    [
        (120.0, 100.0, "۲۰٫۰٪ بیشتر از", "20.0% more than"),
        (101.0, 100.0, "۱٫۰٪ بیشتر از", "1.0% more than"),
        (80.0, 100.0, "۲۰٫۰٪ کمتر از", "20.0% less than"),
        (100.9, 100.0, "تقریباً برابر با", "almost unchanged from"),
        (120.0, None, "رقم همین دوره در سال پیش در دست نیست", "its growth cannot be said"),
        (None, 100.0, "رقم صادرات البرز", "There is no figure for the exports"),
        (None, None, "رقم صادرات البرز", "There is no figure for the exports"),
    ],
)
def test_a_flow_against_a_year_before(value, before, fa, en):
    place = {"fa": "البرز", "en": "Alborz"}
    facts = growth(value, before)
    said = both(lambda lang: narrative.change(facts, lang, place=place[lang], source="IRICA"))
    assert fa in said["fa"]
    assert en in said["en"]


def test_a_fall_is_told_without_its_sign_and_kept_with_it():
    markup = narrative.change(growth(80.0, 100.0), "en", place="Alborz")
    told = {name: float(value) for name, value, *_ in numbers(markup) if name == "growth_share"}
    assert told == pytest.approx({"growth_share": -0.2})
    assert "−" not in said_by(markup)


def said_by(markup):
    return both(lambda _: markup)["en"]


def test_the_year_before_is_named_by_its_own_period():
    periods = [n[-1] for n in numbers(narrative.change(growth(120.0, 100.0), "fa", place="البرز"))]
    assert sorted(periods) == ["1403M01-07", PERIOD, PERIOD]


def test_imports_are_called_imports():
    facts = growth(120.0, 100.0)
    said = both(lambda lang: narrative.change(facts, lang, place="X", flow="import"))
    assert "واردات" in said["fa"]
    assert "imports" in said["en"]


def per_tonne(own, rest):
    ratio = own / rest if own is not None and rest is not None else None
    return ValuePerTonneFacts("alborz", PERIOD, own, 500.0, rest, None, ratio, 0.9, 0.95)


@pytest.mark.parametrize(
    ("own", "rest", "fa", "en"),
    [
        (1000.0, 500.0, "۲٫۰۰ برابر.", "2.00 times as much"),
        (525.0, 500.0, "۱٫۰۵ برابر.", "1.05 times as much"),
        (250.0, 500.0, "کمتر از", "less than the"),
        (520.0, 500.0, "کم‌وبیش همان", "about the same"),
        (None, 500.0, "نمی‌توان", "one of the two has no weight"),
        (500.0, None, "نمی‌توان", "one of the two has no weight"),
    ],
)
def test_value_per_tonne_against_the_other_provinces(own, rest, fa, en):
    facts = per_tonne(own, rest)
    said = both(lambda lang: narrative.value_per_tonne(facts, lang, place="X"))
    assert fa in said["fa"]
    assert en in said["en"]


@pytest.mark.parametrize("known", [0.9, None])
def test_coverage_is_said_of_both_sides(known):
    facts = ValuePerTonneFacts("alborz", PERIOD, 1.0, 1.0, 1.0, 1.0, 1.0, known, 0.95)
    said = both(lambda lang: narrative.coverage(facts, lang, place="X"))
    assert ("90.0%" if known else "n/a") in said["en"]
    assert "95.0%" in said["en"]


def gap(mix, price, own_only, reference_only=0.0, unlike=0.0):
    total = mix + price + own_only + reference_only + unlike
    return GapSplitFacts("alborz", "rest_of_nation", PERIOD, 500 + total, 500.0, total, mix, price,
                         own_only, reference_only, unlike, 9, 0.9)  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "fa", "en"),
    [
        ((300.0, 100.0, 0.0), "چه می‌فروشد", "lies in what X sells"),
        ((-300.0, 100.0, 0.0), "چه می‌فروشد", "lies in what X sells"),
        ((100.0, -300.0, 0.0), "بهای همان کالاهاست", "what the same goods fetch"),
        ((100.0, 90.0, 80.0), "ترکیب کالایی و ارزش واحد", "the mix of goods and unit values"),
        ((300.0, -500.0, 400.0), "مشترک و کالاهای یک‌طرفه", "No part alone makes"),
        ((50.0, -50.0, 0.0), "شکافی نیست", "There is no gap"),
        ((10.0, 20.0, 0.0, 0.0, 300.0), "کالاهای یک‌طرفه", "that cannot be compared, make most"),
        ((10.0, 20.0, 300.0), "کالاهای یک‌طرفه", "goods of one side"),
        ((200.0, 20.0, 300.0, -290.0), "چه می‌فروشد", "lies in what X sells"),
    ],
)
def test_the_part_that_makes_most_of_a_gap_is_named_or_the_two_largest(parts, fa, en):
    facts = gap(*parts)
    said = both(lambda lang: narrative.gap_split(facts, lang, place="X"))
    assert fa in said["fa"]
    assert en in said["en"]


def test_the_parts_of_a_gap_add_up_to_it():
    told = {
        n[0]: float(n[1])
        for n in numbers(narrative.gap_split(gap(3.0, 5.0, 7.0, -1.0, 2.0), "en", place="X"))
    }
    assert told.pop("gap_usd_per_tonne") == sum(told.values()) == 16.0


@pytest.mark.parametrize(
    ("share", "before", "fa", "en"),
    [
        (0.77, 0.70, "بیش از", "up from"),
        (0.705, 0.70, "بیش از", "up from"),
        (0.60, 0.70, "کمتر از", "down from"),
        (0.704, 0.70, "تقریباً همان", "about the same"),
        (0.77, None, "رقمی در دست نیست", "there is no figure for the same months"),
        (None, 0.70, "در دست نیست", "is not known"),
        (NAN, NAN, "در دست نیست", "is not known"),
    ],
)
def test_the_share_of_a_sector_against_a_year_before(share, before, fa, en):
    facts = ShareFacts("alborz", "industry", PERIOD, 1.0, share, before)
    said = both(lambda lang: narrative.sector_share(facts, lang, place="X", part="Y"))
    assert fa in said["fa"]
    assert en in said["en"]


def test_how_far_judgements_move_a_share():
    facts = ShareRange("industry", 0.77, 0.70, 0.85, 0.15)
    said = both(lambda lang: narrative.share_range(facts, lang, part="Y", scope="alborz"))
    for share in ("15.0%", "70.0%", "85.0%", "sectors.csv"):
        assert share in said["en"]


def ranks(n_tied=1, unallocated=True):
    rows = {"province": ["tehran", "alborz"], "rank": [1.0, 2.0], "n_tied": [1, n_tied],
            "national_share": [0.3, 0.05], "n_ranked": [30, 30]}  # fmt: skip
    if unallocated:
        extra = {
            "province": "unallocated",
            "rank": NAN,
            "n_tied": 0,
            "national_share": 0.65,
            "n_ranked": 30,
        }
        rows = {name: [*rows[name], extra[name]] for name in rows}
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("table", "fa", "en"),
    [
        (ranks(), "رتبهٔ ۲ را در میان ۳۰ استان دارد.", "holds rank 2 among 30 provinces. 65.0%"),
        (ranks(n_tied=2), "با استان دیگری شریک است", "a rank it shares"),
        (ranks(unallocated=False), "رتبهٔ ۲", "n/a of the value is not allocated"),
        (ranks().assign(national_share=NAN), "نمی‌توان گفت", "cannot be told"),
        (ranks().assign(rank=NAN), "نمی‌توان گفت", "cannot be told"),
    ],
)
def test_where_the_province_stands(table, fa, en):
    said = both(lambda lang: narrative.rank(table, "alborz", lang, place="X", period=PERIOD))
    assert fa in said["fa"]
    assert en in said["en"]


@pytest.mark.parametrize("value", [0, 0.0])
def test_nothing_left_out_is_not_spoken_of(value):
    assert narrative.left_out(value, parse_period(PERIOD), "fa") == ""


def test_what_was_left_out_is_said():
    said = both(lambda lang: narrative.left_out(2e6, parse_period(PERIOD), lang))
    assert "2.0 million USD" in said["en"]
    assert "هفت ماه نخست ۱۴۰۴" in said["fa"]


@pytest.mark.parametrize(
    ("here", "there", "fa", "en"),
    [
        (101.9, 100.0, "در محدودهٔ پذیرفتنی ۲٪", "within the tolerance of 2%"),
        (98.1, 100.0, "در محدودهٔ پذیرفتنی", "within the tolerance"),
        (103.0, 100.0, "علت را بیابید", "find out why"),
        (90.0, 100.0, "علت را بیابید", "find out why"),
        (90.0, None, "منتشرشده‌ای", "no published figure"),
    ],
)
def test_the_sum_is_held_against_the_published_figure(here, there, fa, en):
    official = Number("value_usd", there, "USD", "nation", PERIOD, "IRICA")
    own = Number("value_usd", here, "USD", "nation", PERIOD, "files")
    said = both(lambda lang: narrative.reconcile(own, official, lang))
    assert fa in said["fa"]
    assert en in said["en"]


def test_a_sum_that_is_not_known_is_not_held_against_anything():
    unknown = Number("value_usd", NAN, "USD", "nation", PERIOD, "files")
    official = Number("value_usd", 100.0, "USD", "nation", PERIOD, "IRICA")
    said = both(lambda lang: narrative.reconcile(unknown, official, lang))
    assert "در دست نیست" in said["fa"]
    assert "There is no sum of declarations" in said["en"]

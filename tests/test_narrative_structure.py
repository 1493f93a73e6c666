"""Sentences on weight and value over the years, and on what the exports are made of."""

import pandas as pd
import pytest

from helpers import narrative
from helpers.measures.gap import GAP_PARTS
from helpers.measures.structure import STRUCTURE
from said import both, numbers

NAN = float("nan")
PLACE = {"fa": "البرز", "en": "Alborz"}


def years(unit_value, n=2):
    ends = {"value_index": 1.1, "mass_index": 1.1 / unit_value, "price_index": 1.02}
    rows = [{"year_sh": 1402 + i, "unit_value_index": 1.0, **dict.fromkeys(ends, 1.0)}
            for i in range(n)]  # fmt: skip
    rows[-1] |= {"unit_value_index": unit_value, **ends}
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("own", "fa", "en"),
    [
        (years(1.25), "چرخش «از وزن به ارزش» دیده می‌شود", "“from weight to value” is seen"),
        (years(0.8), "چرخش «از وزن به ارزش» دیده نمی‌شود", "“from weight to value” is not seen"),
        (years(1.005), "تقریباً همان ماند", "worth about the same"),
        (years(1.25, n=1), "در دست نیست", "cannot be said"),
        (years(NAN), "در دست نیست", "cannot be said"),
        (None, "در دست نیست", "cannot be said"),
    ],
    ids=["up", "down", "steady", "one year", "no weights", "no rows"],
)
def test_the_turn_from_weight_to_value(own, fa, en):
    said = both(
        lambda lang: narrative.weight_to_value(
            own, years(1.1), lang, place=PLACE[lang], scope="alborz", source="IRICA"
        )
    )
    assert fa in said["fa"]
    assert en in said["en"]


def test_the_ratios_of_the_turn_are_named_and_belong_to_the_last_year():
    markup = narrative.weight_to_value(
        years(1.25), years(1.1), "en", place="Alborz", scope="alborz", source="IRICA"
    )
    told = [(name, value, scope, period) for name, value, _, scope, period in numbers(markup)]
    assert ("unit_value_index", "1.25", "alborz", "1403") in told
    assert ("unit_value_index", "1.1", "nation", "1403") in told


def test_value_over_weight_is_the_value_of_a_tonne_where_some_rows_have_no_weight():
    own = years(0.9).assign(value_index=[1.0, 5.0], mass_index=[1.0, 1.2])  # 5 with all rows
    said = both(
        lambda lang: narrative.weight_to_value(
            own, years(1.1), lang, place="X", scope="alborz", source="s"
        )
    )
    assert "exports with a weight became 1.08 times what it was" in said["en"]
    assert "their weight 1.20 times, so that a tonne was worth 0.90 times" in said["en"]
    assert "ارزش صادراتِ دارای وزن X ۱٫۰۸ برابر، وزن آن ۱٫۲۰ برابر" in said["fa"]


def gaps(*rows):
    table = pd.DataFrame([(*row, 0)[:5] for row in rows], columns=GAP_PARTS)
    return table.assign(level=["hs2_code", "hs6_code"][: len(rows)])


@pytest.mark.parametrize(
    ("levels", "fa", "en"),
    [
        (gaps((350, 120, 20, -25), (390, 80, 0, -5)), "به سطح تعرفه بسته نیست", "does not hang"),
        (gaps((50, 120, 20, -25), (390, 80, 0, -5)), "سطح ریزتر درست‌تر است", "The finer level"),
        (gaps((-50, 20, 0, 0), (-90, 80, 0, 0)), "ترکیب کالاها", "the mix of goods"),
        (gaps((-50, 20, 0, 0, 90)), "سنجیدنی نیستند", "be compared"),
        (gaps((NAN,) * 5, (NAN,) * 5), "نمی‌توان شکافت", "cannot be split"),
    ],
    ids=["same part", "turns", "negative", "not comparable", "missing"],
)
def test_the_largest_part_of_the_gap_at_every_level(levels, fa, en):
    said = both(lambda lang: narrative.gap_levels(levels, lang, province="alborz", source="IRICA"))
    assert fa in said["fa"]
    assert en in said["en"]


def special(*rca):
    return pd.DataFrame(
        {"hs4_code": ["3004", "5702", "3402"][: len(rca)], "value_usd": 5.0, "rca_vs_nation": rca}
    )


@pytest.mark.parametrize(
    ("table", "fa", "en"),
    [
        (special(19.3, 0.5, 6.1), "۲ ردیف در سبد البرز سنگین‌تر", "2 weigh more"),
        (special(0.9, 0.5), "هیچ‌یک از ۲ ردیف", "Not one of the 2"),
        (special(), "ردیفی از تعرفه در صادرات البرز نیست", "hold no heading"),
        (special(NAN), "ردیفی از تعرفه در صادرات البرز نیست", "hold no heading"),
    ],
    ids=["some", "none", "no rows", "nation has none"],
)
def test_what_the_province_specialises_in(table, fa, en):
    said = both(
        lambda lang: narrative.specialisation(
            table, lang, place=PLACE[lang], scope="alborz", source="IRICA"
        )
    )
    assert fa in said["fa"]
    assert en in said["en"]


def test_the_heading_of_the_largest_advantage_is_named():
    said = both(
        lambda lang: narrative.specialisation(
            special(0.5, 3.0), lang, place=PLACE[lang], scope="alborz", source="IRICA"
        )
    )
    assert "5702" in said["fa"]
    assert "5702" in said["en"]


def shifts(competitive, new=0.0, before=100.0):
    parts = {"national_usd": 5.0, "mix_usd": -2.0, "competitive_usd": competitive, "new_usd": new}
    row = {"sector": "industry", "value_usd_before": before, **parts}
    return pd.DataFrame([{**row, "change_usd": sum(parts.values())}])


@pytest.mark.parametrize(
    ("table", "fa", "en"),
    [
        (shifts(10.0), "بهتر از همان بخش‌ها", "did better"),
        (shifts(-10.0), "کمتر از همان بخش‌ها", "did worse"),
        (shifts(0.5), "همان‌قدر رشد کرده‌اند", "grew like"),
        (shifts(0.0, new=5.0), "بهتر از همان بخش‌ها", "did better"),
        (shifts(1.0, before=0.0), "در دست نیست", "cannot be shared out"),
        (None, "در دست نیست", "cannot be shared out"),
    ],
    ids=["up", "down", "steady", "what is new is its own", "no year before", "no reference"],
)
def test_where_the_growth_came_from(table, fa, en):
    said = both(
        lambda lang: narrative.shift_share(
            table, lang, place=PLACE[lang], scope="alborz", source="IRICA"
        )
    )
    assert fa in said["fa"]
    assert en in said["en"]


def make_up(equal, median):
    table = pd.DataFrame(
        {"measure": STRUCTURE, "province_value": 0.5, "provinces_median": 0.4, "rank": 3.0,
         "n_provinces": 31}
    )  # fmt: skip
    table.loc[table["measure"] == "equivalent_number", ["province_value", "provinces_median"]] = [
        equal, median,
    ]  # fmt: skip
    return table


@pytest.mark.parametrize(
    ("table", "fa", "en"),
    [
        (make_up(40.0, 29.0), "پراکنده‌تر از", "spread wider than"),
        (make_up(10.0, 29.0), "متمرکزتر از", "more concentrated than"),
        (make_up(30.0, 29.0), "به اندازهٔ سبد", "as concentrated as the"),
        (make_up(NAN, 29.0), "چیزی نمی‌توان گفت", "Nothing can be said"),
    ],
    ids=["up", "down", "steady", "missing"],
)
def test_what_the_exports_are_made_of(table, fa, en):
    said = both(
        lambda lang: narrative.structure(
            table, lang, place=PLACE[lang], scope="alborz", source="IRICA"
        )
    )
    assert fa in said["fa"]
    assert en in said["en"]


def groups(*ratios):
    return pd.DataFrame(
        {
            "group": ["pharmaceuticals", "chemicals", "carpets"][: len(ratios)],
            "unit_value_usd_per_tonne_province": [1000.0 * ratio for ratio in ratios],
            "unit_value_usd_per_tonne_rest": 1000.0,
            "relative_unit_value_vs_rest": ratios,
        }
    )


@pytest.mark.parametrize(
    ("table", "fa", "en"),
    [
        (groups(1.2, 3.0), "همه در البرز گران‌تر", "All the goods"),
        (groups(1.2, 0.3), "۱ گروه در البرز گران‌تر", "1 fetched more"),
        (groups(0.2, 0.3), "هیچ‌یک از کالاهای نام‌برده", "Not one of the goods"),
        (groups(NAN), "نمی‌توان سنجید", "cannot be compared"),
    ],
    ids=["all", "some", "none", "missing"],
)
def test_the_goods_that_the_statement_names(table, fa, en):
    said = both(
        lambda lang: narrative.named_goods(
            table, lang, place=PLACE[lang], scope="alborz", source="IRICA"
        )
    )
    assert fa in said["fa"]
    assert en in said["en"]

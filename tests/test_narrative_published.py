"""Sentences on published figures and claims: the verb follows, both languages say the same."""

import pandas as pd
import pytest

from helpers import narrative, tables
from helpers.claims import VERDICTS, Both, Claim, Finding, Verdict
from helpers.schema import Number
from said import both, numbers, text

NAN = float("nan")


def series(*values):
    """Value per tonne of the nation, one year after the other from 1401."""
    periods = ["1401", "1402", "1403", "1404M01-07"][: len(values)]
    return pd.DataFrame(
        {
            "period": periods, "scope": "nation", "unit_value_usd_per_tonne": list(values),
            "value_usd": [1e10 * (i + 1) for i in range(len(values))], "source": "IRICA",
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "fa", "en"),
    [
        ((400.0, 500.0, 450.0), "رسید؛ بالاترین", "went up from 400 USD in"),
        ((500.0, 450.0, 400.0), "پایین آمد", "came down from 500 USD in"),
        ((400.0, 500.0, 410.0), "کم‌وبیش همان", "is about that of"),
        ((400.0,), "دو دوره در دست نیست", "not two periods"),
        ((), "دو دوره در دست نیست", "not two periods"),
    ],
)
def test_the_nations_value_per_tonne_over_the_years(values, fa, en):
    said = both(lambda lang: narrative.national_trend(series(*values), lang))
    assert fa in said["fa"]
    assert en in said["en"]


def test_the_peak_is_named_wherever_it_lies():
    said = both(lambda lang: narrative.national_trend(series(400.0, 700.0, 450.0), lang))
    assert "it was highest, 700 USD, in 1402" in said["en"]


@pytest.mark.parametrize(
    ("periods", "values", "en"),
    [
        (("1402M01-10", "1404M01-10"), (300.0, 350.0), "350 USD, more than in the first ten"),
        (("1402M01-10", "1404M01-10"), (400.0, 350.0), "less than in the first ten months of"),
        (("1402M01-10", "1404M01-10"), (358.0, 346.0), "about the same as in the first"),
        (("1404M01-10",), (346.0,), "the same months of no other year were published"),
        (("1402", "1403"), (300.0, 350.0), None),  # a whole year stands among the whole years
        ((), (), None),
    ],
)  # fmt: skip
def test_a_year_that_goes_on_is_held_against_the_same_months(periods, values, en):
    rows = pd.DataFrame(
        {"period": periods, "unit_value_usd_per_tonne": values, "scope": "nation", "source": "s"}
    )
    said = both(lambda lang: narrative.running_year(rows, lang))
    assert (en in said["en"]) if en else said == {"fa": "", "en": ""}


def pair(own, nation, flow="export"):
    return {
        "scope": "alborz", "period": "1403", "flow": flow, "unit_value_usd_per_tonne": own,
        "unit_value_nation_usd_per_tonne": nation, "relative_unit_value": own / nation,
        "source": "office", "nation_source": "IRICA",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("own", "nation", "fa", "en"),
    [
        (1000.0, 400.0, "۲٫۵۰ برابر.", "2.50 times as much"),
        (200.0, 400.0, "کمتر از", "less than the nation’s"),
        (410.0, 400.0, "کم‌وبیش همان", "about the same as the nation’s"),
    ],
)
def test_the_province_beside_the_nation(own, nation, fa, en):
    pairs = pd.DataFrame([pair(own, nation)])
    said = both(lambda lang: narrative.published_pairs(pairs, lang, place="X"))
    assert fa in said["fa"]
    assert en in said["en"]


def test_a_province_of_which_nothing_was_published():
    none = pd.DataFrame([pair(1.0, 1.0)]).iloc[:0]
    said = both(lambda lang: narrative.published_pairs(none, lang, place="X"))
    assert "نمی‌توان گفت" in said["fa"]
    assert "cannot be told" in said["en"]


def test_each_pair_is_a_sentence_and_imports_are_called_so():
    pairs = pd.DataFrame([pair(2.0, 1.0), pair(2.0, 1.0, "import")])
    markup = narrative.published_pairs(pairs, "en", place="X")
    assert markup.count('class="wb-say"') == 2
    assert "X’s imports" in text(markup)


MATRIX = pd.DataFrame(
    {
        "province": ["bushehr", "hormozgan", "bushehr", "below_floor"],
        "partner_iso3": ["CHN", "CHN", "IRQ", None],
        "value_usd": [50.0, 20.0, 10.0, 20.0],
        "national_share": [0.5, 0.2, 0.1, 0.2],
    }
)


def test_imports_by_use_speak_of_the_last_period_and_of_what_is_missing():
    uses = pd.DataFrame(
        {
            "period": ["1402", "1403", "1403"],
            "category": ["intermediate", "intermediate", "capital"],
            "value_share": [0.1, 0.7, 0.2],
        }
    )
    said = both(lambda lang: narrative.imports_by_use(uses, lang))
    assert "In 1403 intermediate goods made up 70.0%" in said["en"]
    assert "consumer goods n/a" in said["en"]
    assert "کالاهای مصرفی نامعلوم" in said["fa"]


@pytest.mark.parametrize(
    ("n", "fa", "en"),
    [
        (14, "۱۴ تناقض", "There are 14 contradictions"),
        (1, "۱ تناقض", "There is 1 contradiction in"),
        (0, "تناقضی", "No contradiction"),
    ],
)
def test_contradictions_are_counted(n, fa, en):
    said = both(lambda lang: narrative.contradictions(n, lang))
    assert fa in said["fa"]
    assert en in said["en"]


def test_verdicts_are_counted():
    words = ["supported", "supported", "contradicted", "not_testable", "consistent"]
    markup = narrative.verdicts(words, "en")
    assert "Of 5 claims 2 are supported, 1 fit" in text(markup)
    assert sum(float(n[1]) for n in numbers(markup)) == 2 * len(words)
    both(lambda lang: narrative.verdicts([], lang))


def growths(*values, doubtful=(), rough=(), is_open=()):
    """Growth of the nation's exports, one year after the other from 1401; marks by their place."""
    places = range(len(values))
    return pd.DataFrame(
        {
            "period": ["1401", "1402", "1403", "1404M01-07"][: len(values)],
            "growth": list(values), "source": "IRICA",
            "is_doubtful": [i in doubtful for i in places],
            "qualifiers": [["over", "about"] if i in rough else [] for i in places],
            "is_open": [i in is_open for i in places],
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "fa", "en"),
    [
        ((0.1, -0.1, 0.05), "در سال ۱۴۰۳", "rose in 2 and fell in 1; the change in 1403 is 5.0%"),
        ((0.1, -0.1, -0.05), "در سال ۱۴۰۳", "rose in 1 and fell in 2; the change in 1403 is −5.0%"),
        ((), "نمی‌توان گفت", "cannot be told"),
    ],
)
def test_how_often_exports_rose(values, fa, en):
    table = growths(*values)
    said = both(lambda lang: narrative.published_growth(table, lang))
    assert fa in said["fa"]
    assert en in said["en"]


def test_doubtful_growth_is_not_counted():
    said = both(lambda lang: narrative.published_growth(growths(0.1, -0.9, doubtful=(1,)), lang))
    assert "Of the 1 periods" in said["en"]
    assert "the change in 1401 is 10.0%" in said["en"]


@pytest.mark.parametrize(
    ("marks", "said", "unsaid"),
    [
        # -1.5 % from "over 32": what lies above 32 may make it a rise.
        ({"rough": (1,), "is_open": (1,)}, "rose in 1 and fell in 0", ""),
        ({"rough": (1,), "is_open": (1,)}, "In 1 of the periods the change is smaller than", ""),
        ({"rough": (1,), "is_open": (1,)}, "in 1402 (figure published as “over” or “about”)", ""),
        ({"rough": (1,)}, "rose in 1 and fell in 1", "In 1 of the"),
        ({}, "the change in 1402 is −1.5%", "figure published as"),
    ],
)
def test_a_change_smaller_than_the_rounding_of_its_figure_is_no_fall(marks, said, unsaid):
    table = growths(0.1, -0.015, **marks)
    told = both(lambda lang: narrative.published_growth(table, lang))["en"]
    assert said in told
    assert not unsaid or unsaid not in told


def test_the_growth_of_a_rough_figure_says_so_wherever_it_stands():
    rough = growths(0.1, -0.015, rough=(1,), is_open=(1,))
    now = Number("value_usd", 32e9, "USD", "nation", "1404M01-07", "x")
    tiles = both(lambda lang: narrative.headlines(series(400.0), rough, now, lang))
    table = both(lambda lang: tables.published_growth(rough_values(rough), lang, source="s"))
    for said in (tiles, table):
        assert "1402 (figure published as “over” or “about”)" in said["en"]
        assert "سال ۱۴۰۲ (رقم با «بیش از» یا «حدود» منتشر شده)" in said["fa"]
    assert "in 1 of 2 periods" in table["en"]


def rough_values(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(value=32e9, value_before=32.5e9)


@pytest.mark.parametrize("value", [3.1e10, None])
def test_headlines_stand_with_their_periods(value):
    now = Number("value_usd", value, "USD", "nation", "1404M01-07", "IRICA")
    said = both(
        lambda lang: narrative.headlines(series(400.0, 500.0), growths(0.1, 0.2), now, lang)
    )
    assert "the first seven months of 1404" in said["en"]
    assert ("31.0 billion USD" if value else "n/a") in said["en"]
    assert "20.0 billion USD" in said["en"]


def test_the_figures_a_page_rests_on_are_counted():
    figures = pd.DataFrame(
        {"source": ["a", "a", "b"], "qualifier": ["exact", "about,period_doubtful", "over"]}
    )
    said = both(lambda lang: narrative.figures_used(figures, lang))
    assert "made from 3 published figures of 2 sources; 1 " in said["en"]


CLAIM = Claim(
    number=1, key="k", fa="گفته <b>", en="A claim <b>", settle=Both("ت", "Ask <i>"),
    weakest=Both("س", "Weak & thin"), owner=Both("گ", "customs"),
)  # fmt: skip


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_claim_stands_with_its_verdict_evidence_and_weakest_link(verdict):
    tested = Number("value_usd", 3.1e10, "USD", "nation", "1404M01-07", "IRICA")
    checked = Verdict(CLAIM, verdict, "settled", (Finding(tested, True, "settled", ""),))
    markup = {lang: narrative.claims_checked([checked], lang) for lang in ("fa", "en")}
    assert numbers(markup["fa"]) == numbers(markup["en"])
    assert f'class="wb-claim wb-{verdict}"' in markup["en"]
    assert "<h3>A claim &lt;b&gt;</h3>" in markup["en"]
    for part in ("Weak & thin", "Ask <i>", "31.0 billion USD value · Iran · the first seven"):
        assert part in text(markup["en"])


def test_a_claim_without_evidence_has_no_empty_list():
    checked = Verdict(CLAIM, "not_testable", "no_figures")
    markup = narrative.claims_checked([checked], "fa")
    assert "<ul>" not in markup
    assert narrative.claims_checked([], "fa") == ""


def test_a_headline_says_how_its_sources_qualify_it():
    now = Number("value_usd", 32e9, "USD", "nation", "1404M01-07", "x")
    said = both(
        lambda lang: narrative.headlines(
            series(400.0), growths(0.1), now, lang, qualifiers=("over", "about")
        )
    )
    assert "“over” or “about”" in said["en"]
    assert "«بیش از» یا «حدود»" in said["fa"]

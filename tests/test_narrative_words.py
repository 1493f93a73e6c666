"""Numbers, periods and places in words, in both languages."""

import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from helpers import narrative
from helpers.periods import parse_period
from helpers.schema import PROVINCES, Number
from helpers.text import normalise
from said import both

NAN = float("nan")
SENTENCES = sorted((Path(narrative.__file__).parent / "sentences").glob("*.toml"))
LRM_MINUS = "\u200e\u2212"


@pytest.mark.parametrize(
    ("value", "decimals", "expected", "reason"),
    [
        (1234.5, 0, "1235", "half up, where Python's own format gives 1234"),
        (0.5, 0, "1", "half up"),
        (-0.5, 0, "-1", "half away from zero"),
        (2.675, 2, "2.68", "as it is written, not as binary has it"),
        (0.125, 2, "0.13", "half up"),
        (1e15, 0, "1000000000000000", "no exponent"),
        (0.1 + 0.2, 1, "0.3", "binary noise is rounded away"),
    ],
)
def test_numbers_are_rounded_half_up(value, decimals, expected, reason):
    assert f"{narrative.rounded(value, decimals):f}" == expected, reason


@pytest.mark.parametrize(
    ("value", "decimals", "fa", "en"),
    [
        (1234.5, 1, "۱٬۲۳۴٫۵", "1,234.5"),
        (1234567, 0, "۱٬۲۳۴٬۵۶۷", "1,234,567"),
        (-1234.5, 1, f"{LRM_MINUS}۱٬۲۳۴٫۵", "−1,234.5"),
        (-0.4, 0, "۰", "0"),
        (0, 0, "۰", "0"),
        (None, 0, "نامعلوم", "n/a"),
        (NAN, 2, "نامعلوم", "n/a"),
        (float("inf"), 0, "نامعلوم", "n/a"),
    ],
)
def test_plain_numbers_have_the_digits_and_separators_of_their_language(value, decimals, fa, en):
    assert narrative.plain(value, "fa", decimals) == fa
    assert narrative.plain(value, "en", decimals) == en


@pytest.mark.parametrize(
    ("value", "fa", "en"),
    [
        (0.7734, "۷۷٫۳٪", "77.3%"),
        (-0.051, f"{LRM_MINUS}۵٫۱٪", "−5.1%"),
        (1.0, "۱۰۰٫۰٪", "100.0%"),
        (0.00049, "۰٫۰٪", "0.0%"),
        (None, "نامعلوم", "n/a"),
    ],
)
def test_shares_are_percentages(value, fa, en):
    assert (narrative.share(value, "fa"), narrative.share(value, "en")) == (fa, en)


@pytest.mark.parametrize(
    ("value", "unit", "fa", "en"),
    [
        (4.5e10, "USD", "۴۵٫۰ میلیارد دلار", "45.0 billion USD"),
        (3.25e6, "USD", "۳٫۳ میلیون دلار", "3.3 million USD"),
        (12_345, "USD", "۱۲٫۳ هزار دلار", "12.3 thousand USD"),
        (9_999, "USD", "۹٬۹۹۹ دلار", "9,999 USD"),
        (9_999.6, "USD", "۱۰٬۰۰۰ دلار", "10,000 USD"),
        (999_960, "USD", "۱٫۰ میلیون دلار", "1.0 million USD"),
        (999_999_999, "USD", "۱٫۰ میلیارد دلار", "1.0 billion USD"),
        (-2e9, "USD", f"{LRM_MINUS}۲٫۰ میلیارد دلار", "−2.0 billion USD"),
        (0, "USD", "۰ دلار", "0 USD"),
        (999, "kg", "۹۹۹ کیلوگرم", "999 kg"),
        (1000, "kg", "۱ تن", "1 t"),
        (4.6318e10, "kg", "۴۶٫۳ میلیون تن", "46.3 million t"),
        (837.25, "USD/t", "۸۳۷ دلار بر تن", "837 USD per tonne"),
        (123_456, "USD/t", "۱۲۳٬۴۵۶ دلار بر تن", "123,456 USD per tonne"),
        (0.773, "1", "۷۷٫۳٪", "77.3%"),
        (1.255, "ratio", "۱٫۲۶", "1.26"),
        (31, "n", "۳۱", "31"),
        (None, "USD", "نامعلوم", "n/a"),
    ],
)
def test_amounts_are_scaled_to_be_read(value, unit, fa, en):
    assert (narrative.amount(value, unit, "fa"), narrative.amount(value, unit, "en")) == (fa, en)


@pytest.mark.parametrize(
    ("value", "unit", "largest", "en"),
    [
        (-751_900, "USD", 47.9e6, "−0.8 million USD"),
        (40_000, "USD", 47.9e6, "0.0 million USD"),
        (751_900, "USD", 9_000, "751,900 USD"),
        (500, "kg", 2e6, "1 t"),
    ],
)
def test_an_amount_takes_the_scale_of_the_largest_it_is_added_up_with(value, unit, largest, en):
    assert narrative.amount(value, unit, "en", largest) == en


def test_a_value_per_tonne_is_never_scaled():
    figure = Number("unit_value_usd_per_tonne", 13_012.0, "USD/t", "alborz")
    said = both(lambda lang: narrative.dollars(figure, lang))
    assert (said["fa"], said["en"]) == ("۱۳٬۰۱۲ دلار", "13,012 USD")
    assert narrative.per_tonne(None, "en") == "n/a"


@given(st.floats(-1e13, 1e13), st.sampled_from(["USD", "kg", "USD/t", "1", "ratio", "n"]))
def test_both_languages_show_the_same_digits(value, unit):
    fa, en = (narrative.amount(value, unit, lang) for lang in ("fa", "en"))
    digits = [re.sub(r"[^0-9\u2212]", "", normalise(text)) for text in (fa, en)]
    assert digits[0] == digits[1]


@pytest.mark.parametrize(
    ("code", "fa", "en"),
    [
        ("1404", "سال ۱۴۰۴", "1404"),
        ("1404M01", "فروردین ۱۴۰۴", "Farvardin 1404"),
        ("1404M12", "اسفند ۱۴۰۴", "Esfand 1404"),
        ("1404M01-07", "هفت ماه نخست ۱۴۰۴", "the first seven months of 1404"),
        ("1404M01-11", "یازده ماه نخست ۱۴۰۴", "the first eleven months of 1404"),
        ("1404Q1", "سه ماه نخست ۱۴۰۴", "the first three months of 1404"),
        ("1404Q4", "فصل چهارم ۱۴۰۴", "the fourth quarter of 1404"),
        ("1404M02-07", "اردیبهشت تا مهر ۱۴۰۴", "Ordibehesht to Mehr 1404"),
        ("1404M02-04", "اردیبهشت تا تیر ۱۴۰۴", "Ordibehesht to Tir 1404"),
    ],
)
def test_periods_have_names(code, fa, en):
    assert narrative.period_name(code, "fa") == fa
    assert narrative.period_name(parse_period(code), "en") == en


def test_a_year_may_come_as_a_number():
    """As `papermill -p period 1404` gives it."""
    assert narrative.period_name(1404, "fa") == "سال ۱۴۰۴"
    figure = Number("value_usd", 1.0, "USD", "nation", 1404)
    assert 'data-period="1404"' in narrative.number(figure, "en")


def test_a_year_takes_no_separator():
    assert (narrative.year(1404, "fa"), narrative.year(1404, "en")) == ("۱۴۰۴", "1404")


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_every_place_has_a_name(lang):
    names = [narrative.place_name(slug, lang) for slug in (*PROVINCES, "nation", "rest_of_nation")]
    assert all(names)
    assert len(set(names)) == 33
    assert narrative.place_name("nowhere", lang) == ""


@pytest.mark.parametrize(
    ("name", "fa", "en"),
    [
        ("value_usd", "ارزش", "value"),
        ("value_usd_growth", "رشد ارزش", "growth of value"),
        ("net_mass_kg_interpolated", "وزن خالص، میان‌یابی", "net mass, interpolated"),
        ("no_such", "", ""),
    ],
)
def test_measures_have_names_built_from_their_parts(name, fa, en):
    assert (narrative.measure_name(name, "fa"), narrative.measure_name(name, "en")) == (fa, en)


# On the page


def test_a_number_carries_what_it_is_and_who_says_so():
    figure = Number("value_usd", 4.5e10, "USD", "nation", "1404M01-07", "IRICA")
    assert narrative.number(figure, "en") == (
        '<data class="wb-number" value="45000000000.0" data-name="value_usd" data-unit="USD" '
        'data-scope="nation" data-period="1404M01-07" '
        'title="value · the first seven months of 1404 · IRICA">45.0 billion USD</data>'
    )


def test_a_number_of_zero_is_not_missing():
    assert 'value="0.0"' in narrative.number(Number("value_usd", 0.0, "USD"), "en")


@pytest.mark.parametrize("value", [None, NAN])
def test_a_missing_number_is_a_word_and_no_data(value):
    markup = narrative.number(Number("value_usd", value, "USD"), "fa")
    assert markup == '<span class="wb-missing">نامعلوم</span>'


def test_what_comes_from_data_is_escaped():
    hostile = '<script>x</script>" onclick="x'
    figure = Number(hostile, 1.0, hostile, hostile, "", hostile)
    for markup in (
        narrative.number(figure, "en"),
        narrative.number(Number("a", None, "USD"), "en", hostile),
        narrative.fill("en", {"en": "{a}"}, a=hostile),
        narrative.code(hostile),
        narrative.cards([(hostile, figure, hostile)], "en"),
    ):
        assert "<script" not in markup
        assert 'onclick="x' not in markup.replace("&quot;", "")


def test_words_are_filled_with_numbers_markup_and_text():
    words = {"en": "{n} of {place} {mark}"}
    parts = {"n": Number("n", 2.0, "n"), "place": "A & B", "mark": narrative.Html("<b>!</b>")}
    filled = narrative.say("en", words, **parts)
    assert filled.startswith('<p class="wb-say"><data class="wb-number" value="2.0"')
    assert filled.endswith("2</data> of A &amp; B <b>!</b></p>")
    assert narrative.doubt("x") == '<p class="wb-doubt">x</p>'
    assert filled._repr_html_() == filled


def test_braces_in_a_part_stay_what_they_are():
    assert narrative.fill("en", {"en": "{a}"}, a="{b}") == "{b}"


@pytest.mark.parametrize(("lang", "shown"), [("fa", "۵٫۰٪"), ("en", "5.0%")])
def test_the_size_of_a_change_has_no_sign_but_keeps_its_value(lang, shown):
    markup = narrative.size(Number("growth_share", -0.05, "1"), lang)
    assert 'value="-0.05"' in markup
    assert f">{shown}<" in markup
    assert "wb-missing" in narrative.size(Number("growth_share", None, "1"), lang)


@pytest.mark.parametrize(
    ("value", "unit", "lang", "shown", "small"),
    [
        (1.697e8, "USD", "fa", "۱۶۹٫۷ میلیون دلار", ["میلیون دلار"]),
        (1.697e8, "USD", "en", "169.7 million USD", ["million USD"]),
        (1016.0, "USD/t", "en", "1,016 USD per tonne", ["USD per tonne"]),
        (0.044, "1", "en", "4.4%", []),
        (None, "USD", "en", "n/a", []),
    ],
)
def test_a_card_sets_the_unit_smaller_and_in_one_piece(value, unit, lang, shown, small):
    card = narrative.cards([("Exports", Number("value_usd", value, unit), "")], lang)
    dd = html.fragment_fromstring(card).find(".//dd")
    assert dd.text_content() == shown
    assert [unit.text for unit in dd.iter("small")] == small


@pytest.mark.parametrize(
    ("change", "expected"),
    [(0.02, "up"), (-0.02, "down"), (0.01, "up"), (-0.01, "down"), (0.0099, "steady"),
     (0.0, "steady"), (None, "missing"), (NAN, "missing")],
)  # fmt: skip
def test_the_direction_of_a_change_has_a_stated_threshold(change, expected):
    assert narrative.direction(change, 0.01) == expected


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fa", "البرز · هفت ماه نخست ۱۴۰۴ (۲۱ مارس ۲۰۲۵ تا ۲۲ اکتبر ۲۰۲۵ میلادی)"),
        ("en", "Alborz · the first seven months of 1404 (21 March 2025 to 22 October 2025)"),
    ],
)
def test_the_scope_of_a_page_gives_the_days_of_both_calendars(lang, words):
    place = narrative.place_name("alborz", lang)
    assert words in narrative.scope(place, parse_period("1404M01-07"), lang)


@pytest.mark.parametrize(("lang", "word"), [("fa", "ساختگی"), ("en", "synthetic")])
def test_synthetic_declarations_are_called_so(lang, word):
    assert word in narrative.declarations_source(True, lang)
    assert word not in narrative.declarations_source(False, lang)


def wordings(table, path=()):
    """Every pair of wordings of a file of sentences, by where it stands."""
    if {"fa", "en"} <= set(table):
        yield ".".join(path), table
    else:
        for key, part in table.items():
            yield from wordings(part, (*path, key))


@pytest.mark.parametrize("path", SENTENCES, ids=lambda path: path.stem)
def test_both_languages_of_a_wording_are_filled_in_with_the_same_things(path):
    pairs = dict(wordings(tomllib.loads(path.read_text("utf-8"))))
    assert pairs
    for name, words in pairs.items():
        assert set(words) - {"unit", "scale", "decimals"} == {"fa", "en"}, name
        parts = {lang: list_of(words[lang]) for lang in ("fa", "en")}
        assert [places(text) for text in parts["fa"]] == [places(text) for text in parts["en"]], (
            name
        )


def list_of(words):
    return [words] if isinstance(words, str) else words


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


SEVEN = parse_period("1404M01-07")
ALL = range(1, 8)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (ALL, ALL, []),
        ([], ALL, ["No exports are declared for the first seven months of 1404"]),
        ([1, 2, 3, 4, 6, 7], ALL, ["No exports are declared for Mordad 1404."]),
        (ALL, [1, 2, 3, 4, 5, 6], ["for Mehr 1403, so that growth on the year before is overst"]),
        ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], ["for Mehr 1404."]),
        ([1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6], ["for Mehr 1404.", "for Farvardin 1403, so"]),
        (ALL, [], []),
    ],
    ids=["all", "none", "a gap", "one less before", "the same", "each its own", "no year before"],
)
def test_months_that_nobody_declared_are_named(now, before, said):
    told = both(lambda lang: narrative.undeclared(now, before, SEVEN, lang))["en"]
    assert [words in told for words in said] == [True] * len(said)
    assert told.count("No exports") == len(said)

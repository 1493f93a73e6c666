"""Text: one form for every letter and digit, and nothing that can be read is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.text import ZWNJ, match_key, normalise, to_persian_digits

SPELLINGS = [
    ("امارات متحده عربي", "امارات متحده عربی", "Arabic yeh"),
    ("ترکيه", "ترکیه", "Arabic yeh inside a word"),
    ("بازارچه كیله سردشت", "بازارچه کیله سردشت", "both yehs and an Arabic kaf in one name"),
    ("۰۹۰۲۱۰", "090210", "Persian digits"),
    ("٠٩٠٢", "0902", "Arabic-Indic digits"),
    ("‏عراق‎", "عراق", "direction marks"),
    ("\ufeffردیف", "ردیف", "byte-order mark"),
    ("  نام \xa0 کشور ", "نام کشور", "runs of spaces, one of them no-break"),
    (f"می{ZWNJ}شود", f"می{ZWNJ}شود", "the half-space stays"),
    (f"می{ZWNJ}{ZWNJ}شود", f"می{ZWNJ}شود", "doubled half-space"),
    (f"کالا{ZWNJ} ها", "کالا ها", "a half-space beside a space says nothing"),
    ("ﭘﺴﺘﻪ", "پسته", "presentation forms"),
    ("پسـته", "پسته", "tatweel"),
    ("Côte d'Ivoire", "Côte d'Ivoire", "Latin letters keep their marks"),
    ("", "", "nothing"),
]


@pytest.mark.parametrize(("given", "expected", "reason"), SPELLINGS)
def test_text_comes_to_one_form(given, expected, reason):
    assert normalise(given) == expected, reason


SAME_KEY = [
    ("جمهوری مقدونيه(یوگسلاوی)", "جمهوري مقدونیه (یوگسلاوي)", "bracket spacing"),
    ("آلباني", "البانی", "alef with and without its hat"),
    ("موریتانی", "موریتانی ", "trailing space"),
    ("Côte d'Ivoire", "COTE D’IVOIRE", "case, accents, apostrophes"),
    (f"صنایع{ZWNJ}دستی", "صنایع دستی", "half-space or space"),
]


@pytest.mark.parametrize(("one", "other", "reason"), SAME_KEY)
def test_two_spellings_of_a_name_share_a_key(one, other, reason):
    assert match_key(one) == match_key(other), reason


@pytest.mark.parametrize(
    ("one", "other"), [("هند", "هلند"), ("نیجر", "نیجریه"), ("گینه", "گینه بیسائو")]
)
def test_different_names_keep_different_keys(one, other):
    assert match_key(one) != match_key(other)


@given(st.text())
def test_normalising_twice_is_normalising_once(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی", min_size=1))
def test_persian_letters_survive(text):
    assert normalise(text) == text


def test_digits_are_shown_in_persian_and_nothing_else_changes():
    assert to_persian_digits("HS 0902") == "HS ۰۹۰۲"

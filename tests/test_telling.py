"""A fact's forms: what a part is written as, in both languages, and what is left out."""

import pandas as pd
import pytest

from helpers import telling
from helpers.periods import parse_period
from helpers.schema import Number
from helpers.telling import numbers
from helpers.telling import page as pages
from helpers.telling.page import Fact, Name, Page

WORDS = {
    "few": {
        "up": {
            "sentence": {"fa": "{n} بازار، {share} ({change:abs})", "en": "{n} {n:market was|markets were} kept, {share}"},
            "title": {"fa": "{markets}", "en": "{markets}"},
        },
        "alt": {"fa": "{place}: {value:1}", "en": "{place}: {value:bare,2}"},
        "missing": {},
        "asks": {"fa": "چرا {place}؟", "en": "why {place}?"},
        "needs": {"fa": "وزن", "en": "weights"},
        "one_scale": ["large", "small"],
        "sums": {"sentence": {"fa": "{large} {small}", "en": "{large} and {small}"}},
        "ranks": {"sentence": {"fa": "{rank:bare} {n}", "en": "{rank:nth}, {n:none} lost"}},
        "reached": {"sentence": {"fa": "-", "en": "{last.value_usd}, before {growth.before}"}},
        "attribute": {"sentence": {"fa": "-", "en": "{n.value}"}},
        "goods": {"sentence": {"fa": "{goods:lower}", "en": "{goods:lower}"}},
    },
    "comment": {"sentence": {"fa": "{n}", "en": "{n}"}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def words(monkeypatch):
    def of(subject):
        return WORDS if subject == "try" else numbers.words_of(subject)

    monkeypatch.setattr(pages, "words_of", of)


def page(lang="en"):
    return Page("alborz", parse_period("1403"), lang, "customs")


def plain(fact, lang="en", form="sentence"):
    return pages.text(fact, form, page(lang))


def fact(case="up", **parts):
    return Fact("try.few", case, parts)


CASES = [
    ("one has its own form", {"n": (1, "n")}, "one market was kept, n/a", "یک بازار، نامعلوم (نامعلوم)"),
    ("below ten in words", {"n": (2, "n")}, "two markets were kept, n/a", "دو بازار، نامعلوم (نامعلوم)"),
    ("from ten in digits", {"n": (12, "n")}, "12 markets were kept, n/a", "۱۲ بازار، نامعلوم (نامعلوم)"),
    ("a small share is not zero", {"n": (2, "n"), "share": (0.00013, "1")}, "two markets were kept, 0.01%", "دو بازار، ۰٫۰۱\u00a0درصد (نامعلوم)"),
    ("no false decimals", {"n": (2, "n"), "share": (1.0, "1")}, "two markets were kept, 100%", "دو بازار، ۱۰۰\u00a0درصد (نامعلوم)"),
    ("the verb says the sign", {"n": (3, "n"), "share": (0.123, "1"), "change": (-0.05, "1")}, "three markets were kept, 12.3%", "سه بازار، ۱۲٫۳\u00a0درصد (۵\u00a0درصد)"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "parts", "en", "fa"), CASES, ids=[c[0] for c in CASES])
def test_a_part_is_written_by_its_kind(reason, parts, en, fa):
    given = {"n": None, "share": None, "change": None}
    filled = {name: page().number(name, *(parts.get(name) or (None, "1"))) for name in given}
    assert plain(fact(**filled)) == en
    assert plain(fact(**filled), "fa") == fa


PUBLISHED = {"scope": "tehran", "period": "1402", "source": "an agency", "value_usd": 5.0}
PARTS = [
    ("a number is its measure", 3, "", ("part", 3.0, "1", "alborz", "1403", "customs")),
    ("its name has its unit", pd.NA, "", ("part", None, "1", "alborz", "1403", "customs")),
    ("a row is about what it says", PUBLISHED, ".value_usd", ("value_usd", 5.0, "USD", "tehran", "1402", "an agency")),
    ("a row of a table too", pd.DataFrame([PUBLISHED]).iloc[0], ".value_usd", ("value_usd", 5.0, "USD", "tehran", "1402", "an agency")),
    ("else it is the page's", {"n_rows": 2}, ".n_rows", ("n_rows", 2.0, "n", "alborz", "1403", "customs")),
    ("a measure may be of something", {"value_usd": 5.0, "of": "IRQ"}, ".value_usd", ("IRQ_value_usd", 5.0, "USD", "alborz", "1403", "customs")),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "part", "column", "number"), PARTS, ids=[p[0] for p in PARTS])
def test_rows_and_measures_become_numbers(reason, part, column, number):
    made = page().fact("try.few", "up", part=part)
    assert made[f"part{column}"] == Number(*number)


def test_codes_of_a_row_are_names_and_those_of_a_table_a_list():
    rows = pd.DataFrame({"partner_iso3": ["IRQ", "TUR"]})
    made = page().fact("try.few", "up", markets=rows, first=rows.iloc[0])
    assert made["markets.partner_iso3"] == Name("partner_iso3", ["IRQ", "TUR"])
    assert made["first.partner_iso3"] == Name("partner_iso3", ["IRQ"])
    assert "first.value_usd" not in made
    assert page().nation.fact("try.few", "up", n=1)["n"].scope == "nation"


def test_words_reach_columns_of_rows_and_parts_of_facts_and_nothing_else():
    growth = telling.growth_fact(page(), "value_usd", 2e6, 1e6)
    made = page().fact("try.few", "reached", last={"value_usd": 5e6}, growth=growth)
    assert plain(made) == "5 million USD, before 1 million USD"
    with pytest.raises(TypeError, match="not subscriptable"):
        plain(fact("attribute", n=page().number("n", 1)))


RANKS = [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (22, "22nd"), (31, "31st"), (112, "112th")]  # fmt: skip


@pytest.mark.parametrize(("rank", "written"), RANKS)
def test_english_ranks_are_ordinals_and_nothing_is_none(rank, written):
    none = {"rank": page().number("rank", rank, "n"), "n": page().number("n", 0, "n")}
    assert plain(fact("ranks", **none)) == f"{written}, none lost"


def test_goods_have_no_capital_inside_a_sentence_but_those_that_are_written_so():
    goods = Name("hs4_code", ["3402", "6109"])
    assert plain(fact("goods", goods=goods)) == "detergents and T-shirts"


def test_names_are_listed_in_the_language_of_the_page():
    three = fact(markets=Name("partner_iso3", ["IRQ", "TUR", "ARE"]))
    assert plain(three, "en", "title") == "Iraq, Turkey and the United Arab Emirates"
    assert plain(three, "fa", "title") == "عراق، ترکیه و امارات متحدهٔ عربی"


def test_amounts_that_a_reader_adds_up_stand_on_one_scale():
    both = fact("sums", large=page().number("a", 12e6, "USD"), small=page().number("b", 4e5, "USD"))
    assert plain(both) == "12 million USD and 0.4 million USD"


def test_a_sentence_carries_the_unrounded_number_and_escapes_texts():
    filled = telling.say(
        fact("sums", large=page().number("a", 1234567.0, "USD"), small="<b>"), page()
    )
    assert 'value="1234567.0"' in filled
    assert "&lt;b&gt;" in filled


def test_a_missing_fact_is_one_line_that_names_the_file_it_needs():
    line = telling.say(Fact("try.few", "missing"), page())
    assert line == (
        '<p class="wb-unanswered" data-question="try.few">'
        '<span class="wb-lead">Not answered by these data: </span>why Alborz? Needed: weights</p>'
    )
    assert telling.draw(Fact("try.few", "missing"), pd.DataFrame(), page()) == line
    assert telling.table(Fact("try.few", "missing"), pd.DataFrame(), page()) == line


GROWTH = [
    ("a rise", 110.0, 100.0, "up", "rose by 10%"),
    ("a fall", 90.0, 100.0, "down", "fell by 10%"),
    ("less than one per cent", 100.5, 100.0, "steady", "hardly changed"),
    ("above 300 % both amounts are told", 49e5, 5e5, "multiple", "went from 0.5 million USD to 4.9 million USD"),
    ("from nothing it is new, not unknown", 49e5, 0.0, "new", "began, with 4.9 million USD"),
    ("to nothing", 0.0, 49e5, "gone", "ended, from 4.9 million USD"),
    ("not known", None, 5.0, "missing", "changed by an unknown amount"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "now", "before", "case", "verb"), GROWTH, ids=[g[0] for g in GROWTH]
)
def test_growth_is_told_by_its_size(reason, now, before, case, verb):
    moved = telling.growth_fact(page(), "value_usd", now, before)
    assert moved.case == case
    verb_en = pages.template(moved, "verb", "en")
    written = pages._Filler(page(), moved, markup=False).filled(verb_en)
    assert written == verb


def test_a_number_of_nothing_is_missing_not_zero():
    assert page().number("value_usd", float("nan")) == Number(
        "value_usd", None, "USD", "alborz", "1403", "customs"
    )


def test_a_list_without_an_answer_says_what_is_asked():
    """So that the export drops its section: a heading with nothing below it helps nobody."""
    some = fact("sums", large=page().number("a", 2e6, "USD"), small=page().number("b", 1e6, "USD"))
    assert "wb-unanswered" not in telling.listing([some, fact("missing")], page())
    assert telling.listing([fact("missing")], page()) == telling.say(fact("missing"), page())
    comment = Fact("try.comment", "missing")  # it asks nothing of its own
    assert telling.listing([comment, fact("missing")], page()) == telling.say(
        fact("missing"), page()
    )

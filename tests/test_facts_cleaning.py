"""Facts on the quality of the data: accounts in, case and numbers out; an example of every case."""

import base64
import io

import msgspec
import pandas as pd
import pytest
from lxml import html
from python_calamine import CalamineWorkbook

from helpers.customs import declarations
from helpers.customs.quality import Quality
from helpers.periods import parse_period
from helpers.schema import Number
from helpers.store import DeclaredPeriod, Evidence
from helpers.telling.facts import cleaning as facts
from helpers.telling.numbers import words_of
from helpers.telling.page import Fact, Page, say
from helpers.telling.tables import table
from workbench import page as page_of

PAGE = Page("alborz", parse_period("1403"), "en", "customs")
NAN = float("nan")


REPAIRS = {"hs_padded": 2, "duplicate": 5}


def account(name="a.xls", read=10, kept=7, rejected=1, structural=2, replaced=0, **other):
    """A file in the quality document."""
    return {
        "source_file": name,
        "status": "clean",
        "layout": "customs_ten_column",
        "rows": {
            "read": read, "kept": kept, "replaced": replaced, "rejected": rejected,
            "structural": structural,
        },
        "value_usd": {"kept": 1e6},
        **other,
    }  # fmt: skip


def quality(*files, repairs=REPAIRS, **other):
    given = {"files": list(files), "totals": {"repairs": repairs}, **other}
    return msgspec.convert(given, Quality)


def control(difference):
    return {"control_total": {"value_usd": 1e6, "difference": {"value_usd": difference}}}


REVISION = {
    "flow": "export", "year_sh": 1403, "months": [1, 7], "n_offices": 3, "earlier": "a.xls",
    "later": "b.xls", "value_usd": {"earlier": 1e6, "later": 2e6, "difference": 1e6}, "net_mass_kg": {},
}  # fmt: skip
BY_DIFFERENCE = {
    "source_file": "b.xls", "less": ["a.xls"], "flow": "export", "year_sh": 1404, "months": [7, 7],
    "n_rows": 9, "value_usd": 5e6, "n_negative": 0, "value_usd_negative": 0.0,
}  # fmt: skip
FELL = BY_DIFFERENCE | {"n_negative": 2, "value_usd_negative": -3e3}
FETCHED = (account("b.xls", accessed="2026-11-30"), account("a.xls"))
REPLACED = {"kept": 1e6, "replaced": 306.8e6}
ABOVE = {
    "source_file": "a.xls", "flow": "export", "year_sh": 1403, "months": [1, 12],
    "customs_office": "x", "partner_iso3": "IRQ", "value_usd": 5e6, "control_usd": 4e6,
}  # fmt: skip

FILES = [
    ("the parts add up", [account()], "whole"),
    ("replaced rows count", [account(read=13, replaced=3)], "whole"),
    ("a row is lost", [account(read=11)], "lost"),
    ("one that could not be read is no account", [account(error="torn")], "missing"),
    ("published figures are no declarations", [account(layout="published")], "missing"),
]


@pytest.mark.parametrize(("reason", "given", "case"), FILES, ids=[f[0] for f in FILES])
def test_every_row_is_accounted_for(reason, given, case):
    assert facts.files_fact(facts.accounts(quality(*given)), PAGE).case == case


def test_a_replaced_file_names_the_one_that_counts():
    coarse = account("b.xls", read=13, replaced=3, replaced_by=["a.xls"])
    rows = facts.accounts(quality(account(), coarse))
    assert list(rows["replaced_by"]) == ["", "a.xls"]
    assert facts.replaced_fact(rows, PAGE)["n_replaced"].value == 3
    assert facts.replaced_fact(facts.accounts(quality(account())), PAGE).is_missing


CONTROLS = [
    ("no total", [account()], "none", 0),
    ("equal", [account(**control(0.0))], "equal", 1),
    ("within rounding", [account(**control(0.4))], "equal", 1),
    ("apart", [account(**control(0.0)), account("b.xls", **control(9.0))], "apart", 2),
]


@pytest.mark.parametrize(("reason", "given", "case", "n"), CONTROLS, ids=[c[0] for c in CONTROLS])
def test_files_are_held_against_their_own_totals(reason, given, case, n):
    fact = facts.control_fact(facts.accounts(quality(*given)), PAGE)
    assert (fact.case, fact["n_files"].value) == (case, n)


def grains(**value_usd):
    return pd.DataFrame({"grain": list(value_usd), "value_usd": list(value_usd.values())}).assign(
        n_declarations=4
    )


DETAILS = [
    ("value alone", grains(office_destination=5.0), "coarse", 0.0),
    ("by line", grains(line=5.0), "lines", 1.0),
    ("lines and tables", grains(line=6.0, office_destination=3.0, residual=1.0), "mixed", 0.6),
    ("nothing", grains(), "missing", None),
]


@pytest.mark.parametrize(("reason", "rows", "case", "lines"), DETAILS, ids=[d[0] for d in DETAILS])
def test_how_finely_the_store_tells_trade_apart(reason, rows, case, lines):
    fact = facts.detail_fact(rows, PAGE)
    assert fact.case == case
    assert lines is None or fact["line_share"].value == pytest.approx(lines)


def test_the_residual_of_controls_is_told_with_its_share():
    fact = facts.residual_fact(grains(line=6.0, office_destination=3.0, residual=1.0), PAGE)
    amounts = [fact[f"nation.residual_{of}"].value for of in ("usd", "share")]
    assert amounts == pytest.approx([1.0, 0.1])
    assert facts.residual_fact(grains(line=6.0), PAGE).is_missing


def test_what_the_pages_of_a_province_rest_on():
    totals = pd.DataFrame({
        "province": ["alborz", "unallocated"], "value_usd": [9.0, 1.0], "n_declarations": [3, 1],
    })  # fmt: skip
    fact = facts.evidence_fact(Evidence("value", 0.0, 0.0, (1, 2)), totals, PAGE)
    assert (fact.case, fact["n_rows"].value) == ("value", 3)
    assert facts.unplaced_fact(totals, PAGE)["unallocated_share"].value == pytest.approx(0.1)
    assert facts.unplaced_fact(totals.head(1), PAGE).case == "all"
    elsewhere = facts.evidence_fact(Evidence("none", None, None, (1,)), totals.tail(1), PAGE)
    assert (elsewhere.case, elsewhere["n_rows"].value) == ("none", 0)
    assert facts.evidence_fact(Evidence("none", None, None, ()), totals, PAGE).is_missing


NOTE = {"fa": "منبع تنها سال را نوشته است.", "en": "The source says the year only."}
DECLARED = {
    "export": [
        DeclaredPeriod(parse_period("1403")), DeclaredPeriod(parse_period("1404M01-10"), NOTE),
    ]
}  # fmt: skip
SUMS = pd.DataFrame({
    "flow": "export", "year_sh": [1403, 1404], "month_first_sh": 1, "month_last_sh": [12, 10],
    "value_usd": [101.0, 50.0], "n_declarations": [4, 2],
})  # fmt: skip


def covered(**published):
    def official(period, flow):
        return Number("value_usd", published.get(f"p{period.year}"), "USD")

    return facts.period_rows(DECLARED, SUMS, official)


PERIODS = [
    ("one per cent apart", covered(p1403=100.0), "within", 1),
    ("half is missing", covered(p1403=101.0, p1404=100.0), "outside", 2),
    ("nothing published", covered(), "unpublished", 0),
    ("nothing declared", covered().head(0), "missing", None),
]


@pytest.mark.parametrize(("reason", "rows", "case", "n"), PERIODS, ids=[p[0] for p in PERIODS])
def test_periods_stand_beside_the_published_figures(reason, rows, case, n):
    fact = facts.periods_fact(rows, PAGE)
    assert fact.case == case
    assert n is None or fact["n_compared"].value == n


def test_a_sample_made_to_agree_tests_nothing():
    assert facts.periods_fact(covered(p1403=100.0), PAGE, is_synthetic=True).case == "built"


def test_presumed_months_are_told_with_the_reason_of_the_source():
    fact = facts.presumed_fact(DECLARED, PAGE)
    assert fact["periods"].codes == ["1404M01-10"]
    assert "The source says the year only." in say(fact, PAGE)
    assert facts.presumed_fact({"export": DECLARED["export"][:1]}, PAGE).is_missing


def test_a_period_that_holds_fewer_months_than_it_says_is_told():
    rows = pd.DataFrame({
        "net_mass_kg": [130e9], "published_kg": [130e9], "period": ["1404"],
        "likely_period": ["1404M01-10"],
    })  # fmt: skip
    (fact,) = facts.fewer_months_facts(rows, PAGE)
    assert "very likely the first ten months of 1404" in say(fact, PAGE)
    assert facts.fewer_months_facts(rows.head(0), PAGE) == []


def test_revisions_tell_by_how_much_figures_moved():
    fact, rows = facts.vintages_fact(quality(revisions=[REVISION]), PAGE)
    assert fact.case == "some"
    line = rows.loc[0, ["period", "value_usd_before", "value_usd"]]
    assert list(line) == ["1403M01-07", 1e6, 2e6]
    assert facts.vintages_fact(quality(), PAGE)[0].case == "none"


def test_a_cumulative_figure_that_fell_is_told():
    some, fell = facts.by_difference_facts(
        quality(*FETCHED, differences=[BY_DIFFERENCE, FELL]), PAGE
    )
    assert (some.case, some["made.value_usd"].value) == ("some", 5e6)
    assert (fell.case, fell["made.n_negative"].value) == ("negative", 2)
    assert fell["made.negative_usd"].value == -3e3
    assert facts.by_difference_facts(quality(), PAGE) == []


def test_months_by_difference_name_both_files_and_the_days_they_were_fetched():
    (fact,) = facts.by_difference_facts(quality(*FETCHED, differences=[BY_DIFFERENCE]), PAGE)
    assert "b.xls (fetched 30 November 2026) less a.xls (no date of fetching)" in say(fact, PAGE)
    persian = Page("alborz", PAGE.period, "fa", "گمرک")
    (fact,) = facts.by_difference_facts(quality(*FETCHED, differences=[BY_DIFFERENCE]), persian)
    assert "«b.xls» (دریافت ۹ آذر ۱۴۰۵)" in say(fact, persian)


def test_the_most_frequent_flag_leads():
    fact, rows = facts.flags_fact(quality(), PAGE)
    assert (fact.case, list(rows["flag"])) == ("several", ["duplicate", "hs_padded"])
    assert "an identical record came before" in say(fact, PAGE)
    assert facts.flags_fact(quality(repairs={}), PAGE)[0].case == "none"


REJECTS = pd.DataFrame(
    {
        "source_file": ["a.csv"], "source_row": [4], "reason": ["value_usd_unreadable"],
        "detail": ["?"], "raw": ['{"ردیف": "3", "ارزش": "=1+1"}'], "value_usd": [NAN],
    }
)  # fmt: skip


def test_rejects_are_told_by_reason_with_what_to_ask():
    fact, rows = facts.rejected_fact(pd.concat([REJECTS, REJECTS]), PAGE)
    assert (fact.case, fact["n_rejected"].value, rows["n_rows"].item()) == ("some", 2, 2)
    assert "ask for the figure" in rows["ask"].item()
    assert facts.rejected_fact(REJECTS.head(0), PAGE)[0].case == "none"


def workbook(markup: str) -> bytes:
    link = html.fromstring(f"<div>{markup}</div>").xpath("//a[@download='rejects.xlsx']")[0]
    return base64.b64decode(link.get("href").split(",", 1)[1])


def test_the_workbook_of_rejects_reaches_the_reader_of_the_page():
    markup = page_of.sanitised(str(facts.workbook_link(REJECTS, PAGE)))
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook(markup)))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == ["source_file", "source_row", "reason", "detail", "ردیف", "ارزش"]
    assert rows[1] == ["a.csv", "4", "value_usd_unreadable", "?", "3", "=1+1"]
    assert facts.workbook_link(REJECTS.head(0), PAGE) == ""


DOUBTS = pd.DataFrame({
    "source_file": "a.csv", "source_row": [3, 4], "flag": "mass_in_tonnes",
    "hs_code": "30049090", "value_usd": [1e3, 2e3], "unit_value_usd_per_kg": 1e5,
    "usual_usd_per_kg": 1e2,
})  # fmt: skip
WEIGHED = pd.DataFrame({"value_usd_weighed": [1.0]})


def test_doubtful_records_are_told_the_largest_first():
    fact, rows = facts.doubted_fact(DOUBTS, WEIGHED, PAGE)
    assert (fact.case, fact["nation.value_usd"].value) == ("some", 3e3)
    assert list(rows["source_row"]) == [4, 3]
    assert facts.doubted_fact(DOUBTS.head(0), WEIGHED, PAGE)[0].case == "none"
    assert facts.doubted_fact(DOUBTS.head(0), WEIGHED * NAN, PAGE)[0].is_missing


def test_names_of_files_are_marked_as_code_and_bring_no_markup():
    rows = facts.accounts(quality(account("<script>x</script>.xls")))
    markup = table(facts.files_fact(rows, PAGE), rows, PAGE).markup
    assert '<code dir="ltr">&lt;script&gt;' in markup
    assert "<script>" not in markup


def test_every_flag_and_every_reason_has_its_words():
    words = words_of("cleaning")
    assert set(words["flag"]) >= set(declarations.FLAGS)
    assert set(words["reason"]) >= set(declarations.REASONS)


def _examples():
    own = pd.DataFrame({
        "province": ["alborz", "unallocated"], "value_usd": [2.18e8, 3e6],
        "n_declarations": [73, 2],
    })  # fmt: skip
    rungs = [
        Evidence("goods", 1.0, 0.956, (1,)), Evidence("value", 0.0, 0.0, (1,)),
        Evidence("none", None, None, (1,)), Evidence("none", None, None, ()),
    ]  # fmt: skip
    yield from (facts.evidence_fact(rung, own, PAGE) for rung in rungs)
    yield facts.unplaced_fact(own, PAGE)
    yield facts.unplaced_fact(own.head(1), PAGE)
    for _, given, _ in (FILES[0], FILES[2], FILES[3]):
        yield facts.files_fact(facts.accounts(quality(*given)), PAGE)
    coarse = account(read=13, replaced=3, replaced_by=["b.xls"], value_usd=REPLACED)
    yield facts.replaced_fact(facts.accounts(quality(coarse)), PAGE)
    for _, given, _, _ in (CONTROLS[0], CONTROLS[1], CONTROLS[3]):
        yield facts.control_fact(facts.accounts(quality(*given)), PAGE)
    yield facts.failed_fact(quality(account()), PAGE)[0]
    yield facts.failed_fact(quality(account(error="torn")), PAGE)[0]
    yield from (facts.detail_fact(rows, PAGE) for _, rows, _, _ in DETAILS)
    yield facts.residual_fact(grains(line=6e9, office_destination=3e9, residual=4e6), PAGE)
    yield facts.above_fact(quality(above_control=[ABOVE]), PAGE)
    yield from (facts.periods_fact(rows, PAGE) for _, rows, _, _ in PERIODS)
    yield facts.periods_fact(covered(p1403=100.0), PAGE, is_synthetic=True)
    yield facts.presumed_fact(DECLARED, PAGE)
    months = {"here": ("1404", 130.02e9), "there": ("1404M01-10", 130.026e9)}
    rows = {name: {"period": code, "net_mass_kg": kg} for name, (code, kg) in months.items()}
    yield PAGE.fact("cleaning.mislabelled", "some", **rows)
    yield facts.vintages_fact(quality(revisions=[REVISION]), PAGE)[0]
    yield facts.vintages_fact(quality(), PAGE)[0]
    both = facts.by_difference_facts(quality(*FETCHED, differences=[BY_DIFFERENCE, FELL]), PAGE)
    yield from both
    yield from (both[0]["later"], *both[0]["earlier"])
    for repairs in ({}, {"hs_padded": 441}, {"hs_padded": 441, "duplicate": 5}):
        yield facts.flags_fact(quality(repairs=repairs), PAGE)[0]
    for rows in (REJECTS.head(0), REJECTS, pd.concat([REJECTS] * 12)):
        yield facts.rejected_fact(rows, PAGE)[0]
    yield facts.doubted_fact(DOUBTS, WEIGHED, PAGE)[0]
    yield facts.doubted_fact(DOUBTS.head(0), WEIGHED, PAGE)[0]
    yield facts.doubted_fact(DOUBTS.head(0), WEIGHED * NAN, PAGE)[0]
    for question in ("flag", "reason"):
        yield from (Fact(f"cleaning.{question}", code) for code in words_of("cleaning")[question])


def examples():
    return list(_examples())

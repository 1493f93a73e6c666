"""Charts and tables of imports and markets: both languages, and a sentence where nothing is."""

import pandas as pd
import pytest
from lxml import html

from helpers import figures, narrative, tables
from helpers.figures import Chart
from helpers.measures import imports, markets, values
from said import numbers, text

LANGS = pytest.mark.parametrize("lang", ["fa", "en"])
SHOWN = {"place": "Alborz", "source": "IRICA"}


def totals(key, values):
    rows = pd.DataFrame({key: list(values), "value_usd": list(values.values())})
    rows = rows.astype({key: "string", "value_usd": "float64"})
    return rows.assign(
        net_mass_kg=rows["value_usd"], value_usd_weighed=rows["value_usd"], n_declarations=1
    )


USES_NOW = {"capital": 3e6, "intermediate": 6e6, "consumption": 1e6}
USES_BEFORE = {"capital": 5e6, "intermediate": 5e6}
PARTNERS = {"IRQ": 3e6, "CHN": 2e6, "XXA": 1e6}
SPLIT = pd.DataFrame(
    {
        "period": ["1397"] * 3, "category": ["intermediate", "capital", "consumption"],
        "value_share": [0.65, 0.2, 0.15],
    }
)  # fmt: skip


def goods(pairs):
    """Totals by heading and partner: `{"IRQ 8418": value}`."""
    rows = totals("offer", pairs)
    return rows.assign(partner_iso3=rows["offer"].str[:3], hs4_code=rows["offer"].str[4:])


def charts(lang, uses, before, partners, sold):
    """Every chart of the two notebooks, of the given imports and exports."""
    nation = {use: 10 * value for use, value in USES_NOW.items()}
    by_use = values.against_nation(totals("use", uses), totals("use", nation), ["use"])
    moves = values.growth_by(totals("use", uses), totals("use", before), ["use"])
    wide = {iso3: 10 * value for iso3, value in PARTNERS.items()}
    exports, nation_exports = (totals("partner_iso3", each) for each in (partners, wide))
    by_market = values.against_nation(exports, nation_exports, ["partner_iso3"])
    flows = values.growth_by(exports, nation_exports, ["partner_iso3"])
    rest = goods({**sold, "GHA 8418": 5e6, "IRQ 3004": 2e6})
    found = markets.candidate_markets(goods(sold), rest)
    cut = imports.currency_cut(totals("use", uses), 0.1)
    return {
        "use_shares": figures.use_shares(by_use, lang, **SHOWN),
        "use_changes": figures.use_changes(moves, lang, **SHOWN),
        "currency_cut": figures.currency_cut(cut, lang, **SHOWN),
        "market_shares": figures.market_shares(by_market, lang, **SHOWN),
        "market_changes": figures.market_changes(flows, lang, **SHOWN),
        "market_unit_values": figures.market_unit_values(by_market, lang, **SHOWN),
        "candidate_markets": figures.candidate_markets(found, lang, **SHOWN),
    }


@LANGS
def test_every_chart_has_title_alternative_text_and_data(lang):
    made = charts(lang, USES_NOW, USES_BEFORE, PARTNERS, {"IRQ 8418": 3e6})
    assert {name: type(chart) for name, chart in made.items()} == dict.fromkeys(made, Chart)
    assert all(chart.title and chart.alt and len(chart.data) for chart in made.values())


@LANGS
def test_a_province_without_trade_gets_a_sentence_for_every_chart(lang):
    made = charts(lang, {}, {}, {}, {})
    assert not [name for name, shown in made.items() if isinstance(shown, Chart)]
    assert all(text(shown) for shown in made.values())


@pytest.mark.parametrize(
    ("uses", "n_rows"), [(USES_NOW, 3), ({}, 2)], ids=["with imports", "province without"]
)
def test_the_official_split_leaves_out_who_has_no_imports(uses, n_rows):
    table = values.against_nation(totals("use", uses), totals("use", USES_NOW), ["use"])
    chart = figures.official_use_split(SPLIT, table, "en", period="1404", **SHOWN)
    assert len(chart.data) == n_rows
    shares = chart.data.drop(columns="label").sum(axis=1)
    assert shares.to_list() == pytest.approx([1.0] * n_rows)


def test_wholly_new_markets_stand_out_by_colour():
    made = charts("en", USES_NOW, USES_BEFORE, PARTNERS, {"IRQ 8418": 3e6})["candidate_markets"]
    colours = [patch.get_facecolor() for patch in made.figure.axes[0].patches]
    assert made.data["is_new_market"].to_list() == [True]
    assert len(colours) == 1
    assert "every candidate is wholly new" in made.title


def both_tables(lang, uses, before, partners, was, sold):
    by_use = values.against_nation(totals("use", uses), totals("use", USES_NOW), ["use"])
    moves = values.growth_by(totals("use", uses), totals("use", before), ["use"])
    chapters = moves.assign(hs2_code="84")
    exports, earlier = (totals("partner_iso3", each) for each in (partners, was))
    by_market = values.against_nation(exports, exports, ["partner_iso3"])
    flows = values.growth_by(exports, earlier, ["partner_iso3"])
    inputs = imports.input_dependence(
        totals("use", uses).assign(sector="industry"),
        totals("sector", {"industry": 2e6} if uses else {}),
    )
    rest = goods({**sold, "GHA 8418": 5e6, "IRQ 3004": 2e6})
    found = markets.candidate_markets(goods(sold), rest)
    offers = markets.candidate_markets(goods(sold), rest, market="offer")
    source = {"source": "IRICA"}
    return {
        "imports_by_use": tables.imports_by_use(by_use, moves, lang, **SHOWN),
        "chapter_moves": tables.chapter_moves(chapters, lang, **source),
        "input_dependence": tables.input_dependence(inputs, inputs, lang, **SHOWN),
        "partners": tables.partners(by_market, flows, lang, **SHOWN),
        "won_and_lost": tables.markets_won_and_lost(
            markets.won_and_lost(exports, earlier), lang, **source
        ),
        "candidate_markets": tables.candidate_markets(found, lang, **source),
        "candidate_goods": tables.candidate_goods(offers, lang, **source),
    }


def test_every_table_says_the_same_numbers_in_both_languages():
    given = (USES_NOW, USES_BEFORE, PARTNERS, {"IRQ": 1e6, "KEN": 1e6}, {"IRQ 8418": 3e6})
    made = {lang: both_tables(lang, *given) for lang in ("fa", "en")}
    for name, markup in made["fa"].items():
        values = {lang: [n[1] for n in numbers(made[lang][name])] for lang in made}
        assert "wb-table" in markup, name
        assert sorted(values["fa"]) == sorted(values["en"]), name


@LANGS
def test_a_province_without_trade_gets_a_sentence_for_every_table(lang):
    made = both_tables(lang, {}, {}, {}, {}, {})
    assert not [name for name, markup in made.items() if "wb-table" in markup]


def test_goods_are_named_beside_their_code():
    made = both_tables("en", USES_NOW, USES_BEFORE, PARTNERS, {"IRQ": 1e6}, {"IRQ 8418": 3e6})
    assert "Refrigerators" in made["candidate_goods"]
    assert "Ghana" in made["candidate_goods"]


def in_order(*names):
    """One market a name, each larger than the next."""
    return {name: 1e6 * (len(names) - i) for i, name in enumerate(names)}


def rows_of(markup):
    return [
        [cell.text_content() for cell in row] for row in html.fromstring(markup).xpath("//tbody/tr")
    ]


@LANGS
def test_markets_won_that_have_no_row_are_told_with_their_value(lang):
    now, before = in_order("IRQ", "CHN", "TUR", "AFG"), in_order("IRQ")
    lines = markets.won_and_lost(*(totals("partner_iso3", side) for side in (now, before)))
    shown = rows_of(tables.markets_won_and_lost(lines, lang, source="s", each=1))
    # China is listed; Turkey and Afghanistan, 2 and 1 million, are the rest.
    assert [row[0] for row in shown][1] == {"fa": "و ۲ بازار دیگر", "en": "and 2 more"}[lang]
    assert [row[3] for row in shown] == {"fa": ["۳٫۰۰", "۳٫۰۰"], "en": ["3.00", "3.00"]}[lang]
    every = rows_of(tables.markets_won_and_lost(lines, lang, source="s", each=3))
    assert len(every) == 3


@pytest.mark.parametrize(("n", "is_noted"), [(1, True), (3, False)])
def test_a_table_of_markets_notes_that_it_is_cut(n, is_noted):
    rows = totals("partner_iso3", PARTNERS)
    table = values.against_nation(rows, rows, ["partner_iso3"])
    moves = values.growth_by(rows, rows, ["partner_iso3"])
    shown = text(tables.partners(table, moves, "en", **SHOWN, n=n))
    assert ("1 of 3 rows" in shown) is is_noted


def test_candidates_bear_their_rank_among_all_of_them():
    """The first of all, then the first of those to which the province sells nothing."""
    found = pd.DataFrame(
        {"partner_iso3": ["IRQ", "CHN", "KEN", "TUR"], "is_new_market": [False, False, True, True],
         "expected_usd": [4e6, 3e6, 2e6, 1e6]}
    )  # fmt: skip
    first = narrative.first_candidates(found, n=1)
    assert first["partner_iso3"].to_list() == ["IRQ", "KEN"]
    assert first["candidate_rank"].to_list() == [1, 3]
    for lang, label in (("fa", "۳. کنیا"), ("en", "3. Kenya")):
        chart = figures.candidate_markets(found, lang, **SHOWN)
        assert chart.data["label"].iloc[2] == label


def test_a_use_has_one_colour_whatever_stands_before_it():
    def colours(chart):
        axes = chart.figure.axes[0]
        return {
            bars.get_label(): bars.patches[0].get_facecolor() for bars in axes.containers
        }  # fmt: skip

    table = values.against_nation(*[totals("use", USES_NOW)] * 2, ["use"])
    by_use = colours(figures.use_shares(table, "en", **SHOWN))
    official = colours(figures.official_use_split(SPLIT, table, "en", period="1404", **SHOWN))
    published = colours(figures.imports_by_use(SPLIT, "en", source="s"))
    assert set(by_use) == {"Intermediate", "Capital", "Consumer"}
    for other in (official, published):
        assert {use: other[use] for use in by_use} == by_use
    # What is in none of the classes has one name, and one colour.
    assert official["Not classified"] == published["Not classified"]


@LANGS
def test_a_cut_of_currency_is_drawn_in_millions(lang):
    cut = imports.currency_cut(totals("use", USES_NOW), 0.1)
    chart = figures.currency_cut(cut, lang, **SHOWN)
    assert chart.data["cut_million_usd"].sum() == pytest.approx(1.0)
    written = [label.get_text() for label in chart.figure.axes[0].texts]
    assert {"fa": "۱٫۰", "en": "1.0"}[lang] in written
    assert not [label for label in written if "USD" in label or "دلار" in label]

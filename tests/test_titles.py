"""Titles of charts and tables: the finding of every case, the same numbers in both languages."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers import figures, narrative, tables
from helpers.figures import lead
from helpers.measures.gap import GROWTH_PARTS
from helpers.measures.imports import currency_cut
from helpers.measures.structure import STRUCTURE

NAN = float("nan")
PLACE = {"fa": "البرز", "en": "Alborz"}
ASKING = re.compile(r"[?؟]|^(Which|Where|What|How) |^(کدام|چه|کجا|چرا) ")
LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫٬", "0123456789.,")


def shown_numbers(text: str) -> list[str]:
    """Numbers as they are written, in digits of no language."""
    return sorted(re.findall(r"\d[\d.,]*\d|\d", text.translate(LATIN)))


def titles(chart) -> dict[str, str]:
    """The titles of a chart in both languages, which state the same numbers and ask nothing."""
    made = {lang: chart(lang) for lang in PLACE}
    agree({lang: shown.alt for lang, shown in made.items()})
    return agree({lang: shown.title for lang, shown in made.items()})


def agree(words: dict[str, str]) -> dict[str, str]:
    """The words, which state the same numbers in both languages and ask nothing."""
    fa, en = (words[lang] for lang in PLACE)
    assert shown_numbers(fa) == shown_numbers(en), (fa, en)
    assert not ASKING.search(fa + en)
    assert "nan" not in (fa + en).replace("finance", "")
    return words


def told(function, *args, **others):
    """A chart of the given rows, by language."""
    return lambda lang: function(*args, lang, place=PLACE[lang], source="IRICA", **others)


def ranks(**rank_of):
    rows = [(province, *row) for province, row in rank_of.items()]
    return pd.DataFrame(rows, columns=["province", "value_usd", "rank", "n_tied"])


def quarters(own, rest):
    rows = {"year_sh": 1404, "quarter_sh": 2, "scope": ["alborz", "rest_of_nation"]}
    return pd.DataFrame({**rows, "unit_value_usd_per_tonne": [own, rest]})


def years(unit_value):
    rows = {name: [1.0, 1.2] for name in ("value_index", "mass_index", "price_index")}
    return pd.DataFrame({"year_sh": [1402, 1404], **rows, "unit_value_index": [1.0, unit_value]})


def shares(key, nation=0.2, **share_of):
    rows = {"share_in_province": list(share_of.values()), "share_in_nation": nation}
    keys = [None if name == "none" else name for name in share_of]
    return pd.DataFrame({key: keys, **rows})


def worths(key, *pairs):
    own, rest = zip(*pairs, strict=True)
    rows = {"unit_value_usd_per_tonne_province": own, "unit_value_usd_per_tonne_rest": rest}
    keys = {"sector": ["industry", "mining"], "partner_iso3": ["IRQ", "CHN"]}[key][: len(pairs)]
    ratios = [a / b for a, b in pairs]
    return pd.DataFrame({key: keys, **rows, "relative_unit_value_vs_rest": ratios})


def gap(effect):
    return pd.DataFrame({"hs2_code": ["84"], "gap_usd_per_tonne": [effect]})


def parts(**effects):
    return pd.DataFrame([dict.fromkeys(GROWTH_PARTS, 0.0) | effects])


def moves(key, *now_and_before):
    """Pairs of values now and a year before; one row each."""
    codes = {"use": ["capital", "intermediate"], "partner_iso3": ["IRQ", "CHN"]}[key]
    rows = pd.DataFrame(now_and_before, columns=["value_usd", "value_usd_before"])
    rows = rows.assign(**{key: codes[: len(rows)]})
    return rows.assign(change_usd=rows["value_usd"] - rows["value_usd_before"])


def exports(**value_of):
    return pd.DataFrame({"partner_iso3": list(value_of), "value_usd": list(value_of.values())})


def markets(**value_of):
    table = exports(**value_of).rename(columns={"value_usd": "value_usd_province"})
    return table.assign(
        share_in_province=table["value_usd_province"] / table["value_usd_province"].sum(),
        share_in_nation=0.1,
    )


def cut(share, **value_of):
    imports = pd.DataFrame({"use": list(value_of), "value_usd": list(value_of.values())})
    return currency_cut(imports, share)


def candidates(*is_new):
    rows = {"partner_iso3": ["IRQ", "CHN"][: len(is_new)], "expected_usd": [2e6, 1e6]}
    return pd.DataFrame({**rows, "is_new_market": is_new})


@pytest.mark.parametrize(
    ("chart", "given", "fa", "en"),
    [
        ("province_ranks", [ranks(alborz=(9e6, 1, 1), ilam=(1e6, 2, 1))],
         "در میان ۲ استان نخست است", "comes first among 2 provinces"),
        ("province_ranks", [ranks(ilam=(9e6, 1, 1), alborz=(1e6, 2, 1))],
         "نخست ایلام است", "Ilam comes first"),
        ("province_ranks", [ranks(ilam=(9e6, 1, 2), alborz=(9e6, 1, 2))],
         "برابر با استانی دیگر", "shares rank 1"),
        ("province_ranks", [ranks(ilam=(9e6, 1, 1), alborz=(0.0, 2, 1))],
         "صادراتی از البرز ثبت نشده", "recorded no exports"),
        ("value_per_tonne_by_quarter", [quarters(500.0, 300.0)],
         "فصل دوم ۱۴۰۴ هر تن صادرات البرز ۵۰۰ دلار ارزید، بیش از",
         "500 USD, above the others’ 300"),
        ("value_per_tonne_by_quarter", [quarters(200.0, 300.0)], "کمتر از", "below"),
        ("value_per_tonne_by_quarter", [quarters(303.0, 300.0)], "کم‌وبیش همان", "about the same"),
        ("value_per_tonne_by_quarter", [quarters(NAN, 300.0)], "در دست نیست", "In no full quarter"),
        ("weight_to_value", [years(1.2), years(1.1)],
         "به ۱٫۲۰ برابر ۱۴۰۲ رسید", "had risen to 1.20"),
        ("weight_to_value", [years(0.8), years(1.1)], "۰٫۸۰ برابر ۱۴۰۲ کاهش", "had fallen to 0.80"),
        ("weight_to_value", [years(1.001), years(1.1)], "کم‌وبیش همان ۱۴۰۲", "about what it was"),
        ("weight_to_value", [years(NAN), years(1.1)], "در دست نیست", "is not known"),
        ("sector_shares", [shares("sector", industry=0.7, mining=0.3)],
         "صنعت با ۷۰٫۰٪ بزرگ‌ترین", "70.0% of Alborz’s exports come from industry"),
        ("sector_shares", [shares("sector", industry=0.5, mining=0.5)], "هر یک با", "each"),
        ("sector_shares", [shares("sector", industry=1.0)],
         "یک بخش است: صنعت", "one sector: industry"),
        ("sector_shares", [shares("sector", none=0.6, industry=0.4)],
         "در هیچ بخشی نیست", "belong to no sector"),
        ("value_per_tonne_by_sector", [worths("sector", (9.0, 5.0), (9.0, 5.0))],
         "همهٔ بخش‌ها", "every"),
        ("value_per_tonne_by_sector", [worths("sector", (9.0, 5.0), (4.0, 5.0))],
         "۱ بخش از ۲ بخش", "1 of 2 sectors"),
        ("value_per_tonne_by_sector", [worths("sector", (4.0, 5.0))],
         "هیچ بخشی", "In no sector does"),
        ("value_per_tonne_by_sector", [worths("sector", (4.0, NAN))], "در دست نیست", "known"),
        ("gap_drivers", [gap(79.0)], "۷۹ دلار بر تن جلو", "79 USD per tonne ahead"),
        ("gap_drivers", [gap(-79.0)], "۷۹ دلار بر تن عقب", "79 USD per tonne behind"),
        ("gap_drivers", [gap(0.3)], "هیچ فصلی", "No chapter"),
        ("growth_parts", [parts(quantity_usd=5e6, exit_usd=-1e6), 1e8],
         "بیشتر شدن مقدار ۵٫۰ میلیون دلار به صادرات البرز افزود",
         "Larger quantities added 5.0 million"),
        ("growth_parts", [parts(quantity_usd=-5e6, entry_usd=1e6), 1e8],
         "کمتر شدن مقدار ۵٫۰ میلیون دلار از صادرات البرز کاست",
         "Smaller quantities took 5.0 million"),
        ("growth_parts", [parts(price_usd=5e5), 1e8], "جابه‌جا نکرد", "Nothing moved"),
        ("largest_markets", [exports(IRQ=9e6, CHN=1e6)], "عراق با ۹٫۰", "is Iraq, with 9.0"),
        ("largest_markets", [exports(IRQ=9e6, CHN=9e6)], "هر یک با", "each"),
        ("largest_markets", [exports(IRQ=9e6)], "تنها بازار", "The only market"),
        ("use_shares", [shares("use", capital=0.7, intermediate=0.3)],
         "با ۷۰٫۰٪ بزرگ‌ترین", "70.0% of Alborz’s imports are machinery"),
        ("use_shares", [shares("use", capital=0.5, intermediate=0.5)], "هر یک با", "each"),
        ("use_shares", [shares("use", capital=1.0)], "از یک نوع", "one kind"),
        ("use_shares", [shares("use", not_assigned=0.6, capital=0.4)],
         "به هیچ مصرفی تخصیص نیافته", "assigned to no use"),
        ("use_changes", [moves("use", (9e6, 5e6))],
         "۴٫۰ میلیون دلار بیشتر", "rose by"),
        ("use_changes", [moves("use", (4e6, 5e6))],
         "۱٫۰ میلیون دلار کمتر", "fell by"),
        ("use_changes", [moves("use", (5.01e6, 5e6))],
         "تغییری نکرد", "hardly"),
        ("currency_cut", [cut(0.1, consumption=5e6, capital=5e6)],
         "نمی‌رسد و اگر یکسان پخش شود ۵۰۰٫۰ هزار دلار", "spares Alborz’s inputs"),
        ("currency_cut", [cut(0.2, consumption=1e6, capital=9e6)],
         "۱٫۰ میلیون دلار از نهاده‌های تولید البرز می‌گیرد",
         "takes 1.0 million USD of Alborz’s inputs"),
        ("market_shares", [markets(IRQ=9e6, CHN=1e6)],
         "عراق با ۹۰٫۰٪", "90.0% of Alborz’s exports go to Iraq"),
        ("market_shares", [markets(IRQ=9e6, CHN=9e6)], "هر یک با", "each"),
        ("market_shares", [markets(IRQ=9e6)], "به یک مقصد می‌رود: عراق", "one destination: Iraq"),
        ("market_changes", [moves("partner_iso3", (9e6, 5e6), (1e6, 2e6))],
         "۳٫۰ میلیون دلار بیشتر شد: ۱ مقصد بیشتر", "rose by 3.0 million USD"),
        ("market_changes", [moves("partner_iso3", (5e6, 9e6))],
         "کمتر شد", "fell by"),
        ("market_changes", [moves("partner_iso3", (5.01e6, 5e6))],
         "تغییری نکرد", "hardly"),
        ("market_unit_values", [worths("partner_iso3", (9.0, 5.0))],
         "همهٔ بازارهای بزرگ", "every large"),
        ("market_unit_values", [worths("partner_iso3", (9.0, 5.0), (4.0, 5.0))],
         "۱ بازار از ۲ بازار", "1 of 2 large markets"),
        ("market_unit_values", [worths("partner_iso3", (4.0, 5.0))],
         "هیچ بازار بزرگی", "In no large"),
        ("candidate_markets", [candidates(True, True)], "همهٔ نامزدها", "every candidate"),
        ("candidate_markets", [candidates(False, True)],
         "از ۲ نامزد، ۱ بازار", "of 2 candidates 1"),
        ("candidate_markets", [candidates(False, False)], "هیچ نامزدی", "no candidate"),
    ],
)  # fmt: skip
def test_a_title_states_the_finding_of_its_case(chart, given, fa, en):
    others = {"province": "alborz"} if chart == "province_ranks" else {}
    said = titles(told(getattr(figures, chart), *given, **others))
    assert fa in said["fa"], said["fa"]
    assert en in said["en"], said["en"]


@pytest.mark.parametrize(
    ("first", "last", "fa", "en"),
    [(300.0, 360.0, "به ۳۶۰ دلار در", "rose from 300 USD"),
     (300.0, 240.0, "کاهش یافت", "fell from 300 USD"),
     (300.0, 303.0, "کم‌وبیش همان", "about the same"),
     (None, 303.0, "۳۰۳ دلار ارزید", "was worth 303 USD")],
    ids=["up", "down", "steady", "one year"],
)  # fmt: skip
def test_the_nation_s_value_per_tonne_is_told_from_its_first_year_to_its_last(first, last, fa, en):
    rows = pd.DataFrame(
        {
            "year_sh": [1400, 1401], "period": ["1400", "1401"], "flow": "export", "source": "x",
            "unit_value_usd_per_tonne": [first, last],
        }
    ).dropna(subset="unit_value_usd_per_tonne")  # fmt: skip
    imported = rows.assign(flow="import")
    said = titles(
        lambda lang: figures.national_value_per_tonne(rows, imported, lang, source="IRICA")
    )
    assert fa in said["fa"]
    assert en in said["en"]


@pytest.mark.parametrize(
    ("ratios", "fa", "en"),
    [([2.0, 2.0], "همهٔ سنجش‌ها", "every comparison"),
     ([2.0, 0.5], "۱ سنجش از ۲", "1 of 2 comparisons"),
     ([0.5], "هیچ سنجشی", "In no comparison")],
)  # fmt: skip
def test_published_pairs_are_counted(ratios, fa, en):
    rows = pd.DataFrame(
        {
            "scope": "alborz", "period": "1403", "relative_unit_value": ratios, "source": "x",
            "unit_value_usd_per_tonne": ratios, "unit_value_nation_usd_per_tonne": 1.0,
        }
    )  # fmt: skip
    said = titles(lambda lang: figures.published_pairs(rows, lang, source="IRICA"))
    assert fa in said["fa"]
    assert en in said["en"]
    assert "wb-doubt" in figures.published_pairs(rows.head(0), "en", source="IRICA")


@pytest.mark.parametrize(
    ("place", "said"),
    [("Ilam", "(2: Alborz, Tehran) the province earned more per tonne than the nation; none is of"),
     ("Alborz", "than the nation"), ("", "than the nation")],
)  # fmt: skip
def test_published_pairs_name_their_provinces_and_say_where_the_page_s_own_has_none(place, said):
    rows = pd.DataFrame(
        {
            "scope": ["alborz", "tehran"], "period": "1403", "relative_unit_value": 2.0,
            "unit_value_usd_per_tonne": 2.0, "unit_value_nation_usd_per_tonne": 1.0, "source": "x",
        }
    )  # fmt: skip
    title = figures.published_pairs(rows, "en", source="IRICA", place=place).title
    assert said in title
    assert title.endswith("; none is of Ilam" if place == "Ilam" else "than the nation")


@pytest.mark.parametrize(
    ("shares_of_inputs", "fa", "en"),
    [([0.6, 0.7], "۶۰٪ تا ۷۰٪", "60% to 70%"), ([0.6, 0.6], "در هر دوره", "in every period")],
)
def test_a_range_of_one_number_is_no_range(shares_of_inputs, fa, en):
    rows = pd.DataFrame(
        {
            "period": ["1402", "1403"],
            "category": "intermediate",
            "value_share": shares_of_inputs,
        }
    )
    said = titles(lambda lang: figures.imports_by_use(rows, lang, source="IRICA"))
    assert fa in said["fa"]
    assert en in said["en"]


@pytest.mark.parametrize(
    ("uses", "fa", "en"),
    [(shares("use", nation=0.5, intermediate=0.6), "۵۰٫۰٪ از واردات", "are 50.0% of Iran’s"),
     (shares("use"), "آخرین رقم منتشرشده ۷۰٫۰٪", "70.0% of Iran’s imports as last published")],
    ids=["declared", "printed only"],
)  # fmt: skip
def test_the_official_split_states_the_part_of_intermediate_goods(uses, fa, en):
    split = pd.DataFrame(
        {
            "period": "1397", "category": narrative.OFFICIAL_USES, "value_share": [0.7, 0.2, 0.1],
        }
    )  # fmt: skip
    said = titles(told(figures.official_use_split, split, uses, period="1404"))
    assert fa in said["fa"]
    assert en in said["en"]


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [([3.0, 1.0], "first"), ([3.0, 3.0], "tied"), ([3.0], "only"), ([3.0, 0.0], "only"),
     ([3.0, NAN], "only")],
)  # fmt: skip
def test_how_the_largest_amount_stands(amounts, expected):
    assert lead(pd.Series(amounts)) == expected


@pytest.mark.parametrize(
    ("count", "of", "expected"), [(2, 2, "all"), (1, 2, "some"), (0, 2, "none"), (0, 0, "missing")]
)
def test_how_many_of_how_many(count, of, expected):
    assert narrative.how_many(count, of) == expected


@pytest.mark.parametrize(
    "table",
    [ranks(ilam=(9e6, 1, 1), alborz=(NAN, None, None)), ranks(ilam=(0, 1, 2), alborz=(0, 1, 2))],
    ids=["it has no value", "nobody has any"],
)
def test_a_province_that_is_not_ranked_gets_a_sentence(table):
    shown = figures.province_ranks(table, "en", province="alborz", place="Alborz", source="s")
    assert "wb-doubt" in shown


# Tables.


def table_titles(name, *of):
    """The titles of a table of `sentences/tables.toml` in both languages."""
    words = tables._WORDS.get(name) or tables._WORDS["comparison"][name]
    return agree({lang: tables._title(words, name, lang, of, place=PLACE[lang]) for lang in PLACE})


def column(**values):
    return pd.DataFrame(values)


def grown(*growth, is_open=False):
    return column(growth=list(growth), is_open=[is_open] * len(growth))


def uses(capital, nation, **others):
    return shares("use", nation=nation, capital=capital, **others)


def chapters(*changes):
    rows = {"use": ["capital", "intermediate"], "hs2_code": ["84", "72"], "change_usd": changes}
    return pd.DataFrame({key: values[: len(changes)] for key, values in rows.items()})


def inputs(bought, sold):
    return column(input_usd=[bought], export_usd=[sold])


def sectors(contribution):
    return column(sector=["industry", "mining"], contribution_share=[contribution, 0.001])


def claims(*verdicts):
    return [SimpleNamespace(verdict=verdict) for verdict in verdicts]


def statuses(*status):
    return column(status=list(status))


def advantages(*ratios):
    return column(value_usd=[1.0] * len(ratios), rca_vs_nation=list(ratios))


def shifts(own, before=1e8):
    return column(competitive_usd=[own], new_usd=[0.0], value_usd_before=[before])


def make_up(own):
    rows = column(measure=STRUCTURE, province_value=NAN, provinces_median=20.0)
    return rows.assign(province_value=own)


@pytest.mark.parametrize(
    ("table", "of", "fa", "en"),
    [
        ("overview", [column(growth_share=[0.05, 0.01, 0.02])], "بیشتر از رشد", "above Iran’s"),
        ("overview", [column(growth_share=[-0.05, 0.01, 0.02])], "کمتر از رشد", "below Iran’s"),
        ("overview", [column(growth_share=[0.025, 0.01, 0.02])], "کم‌وبیش همان", "about Iran’s"),
        ("overview", [column(growth_share=[NAN, 0.01, 0.02])], "در دست نیست", "is not known"),
        ("published_growth", [grown(0.1, 0.2)], "همهٔ دوره‌ها", "in every period"),
        ("published_growth", [grown(0.1, -0.2)], "۱ دوره از ۲ دوره", "1 of 2 periods"),
        ("published_growth", [grown(-0.2)], "هیچ دوره‌ای", "in no period"),
        ("published_growth", [grown(0.01, is_open=True)], "هیچ دوره‌ای", "in no period"),
        ("published_growth", [grown()], "منتشر نشده", "No months were published"),
        ("contradictions", [column(what=["a", "b"])], "۲ جا", "2 places"),
        ("contradictions", [column(what=["a"])], "۱ جا", "1 place"),
        ("contradictions", [column(what=[])], "ثبت نشده", "No contradiction"),
        ("imports_by_use", [uses(0.5, 0.2)], "سنگین‌تر", "weigh more in Alborz’s imports"),
        ("imports_by_use", [uses(0.21, 0.2)], "کم‌وبیش مانند", "much like Iran’s"),
        ("imports_by_use", [shares("use", not_assigned=1.0)], "کم‌وبیش مانند", "much like Iran’s"),
        ("chapter_moves", [chapters(5e6, -3e6)],
         "«ماشین‌آلات و وسایل مکانیکی» (سرمایه‌ای) بود، ۵٫۰ میلیون",
         "“Iron and steel” (intermediate) fell most, by 3.0 million USD"),
        ("chapter_moves", [chapters(5e6, 3e6)], "هیچ فصلی کم نشد", "no chapter fell"),
        ("chapter_moves", [chapters(-5e6, -3e6)], "هیچ فصلی بیشتر نشد", "no chapter rose"),
        ("chapter_moves", [chapters(0.0)], "کم یا زیاد نشد", "No chapter’s imports"),
        ("input_dependence", [inputs(2.0, 1.0), inputs(1.0, 1.0)], "بیش از ۱٫۰۰", "more than"),
        ("input_dependence", [inputs(0.5, 1.0), inputs(1.0, 1.0)], "کمتر از", "less than Iran’s"),
        ("input_dependence", [inputs(1.05, 1.0), inputs(1.0, 1.0)], "کم‌وبیش همان", "about Iran’s"),
        ("input_dependence", [inputs(1.0, 0.0), inputs(1.0, 1.0)], "نمی‌توان", "cannot be set"),
        ("sectors_in_short", [sectors(0.06)], "۶٫۰ واحد درصد به رشد", "adding 6.0 percentage"),
        ("sectors_in_short", [sectors(-0.06)], "۶٫۰ واحد درصد از رشد", "taking 6.0 percentage"),
        ("sectors_in_short", [sectors(0.004)], "چندان جابه‌جا نکرد", "No sector moved"),
        ("sectors_in_short", [sectors(0.06).assign(contribution_share=NAN)],
         "در دست نیست", "is not known"),
        ("claims_in_short", [claims("supported", "contradicted", "consistent")],
         "۱ ادعا را تأیید و ۱ ادعا را رد می‌کنند و با ۱ ادعا سازگارند", "contradict 1 and fit 1"),
        ("claims_in_short", [claims("consistent", "not_testable")],
         "با ۱ ادعا از ۲ ادعا سازگارند", "fit 1 of 2 claims; none is supported"),
        ("claims_in_short", [claims("not_testable")], "هیچ‌یک از ۱ ادعا", "settle none of 1"),
        ("partners", [markets(IRQ=9e6, CHN=1e6)], "۲ بازار بزرگ‌تر ۱۰۰٫۰٪", "2 markets, Iraq first"),
        ("partners", [markets(IRQ=9e6)], "یک بازار می‌رود: عراق", "to one market: Iraq"),
        ("partners", [markets(**{narrative.UNNAMED[0]: 9e6})], "مناطق آزاد یا", "to free zones or"),
        ("markets_won_and_lost", [statuses("won", "kept")], "۱ در برابر ۰", "won than lost: 1"),
        ("markets_won_and_lost", [statuses("lost", "kept")], "ازدست‌رفته بیش", "lost than won: 1"),
        ("markets_won_and_lost", [statuses("won", "lost")], "برابر بود: ۱", "won as lost: 1"),
        ("candidate_markets", [column(partner_iso3=["IRQ"], rest_value_usd=[2e9])],
         "به عراق، نخستین", "To Iraq, the first candidate market"),
        ("candidate_goods", [column(partner_iso3=["IRQ"], rest_value_usd=[2e9], hs4_code=["8418"])],
         "ردیف 8418 برای عراق", "heading 8418 for Iraq"),
        ("gap_headings", [column(hs4_code=["2517"], gap_usd_per_tonne=[65.0])], "جلو", "ahead"),
        ("gap_headings", [column(hs4_code=["2517"], gap_usd_per_tonne=[-65.0])], "عقب", "behind"),
        ("gap_headings", [column(hs4_code=["2517"], gap_usd_per_tonne=[0.1])], "هیچ", "No heading"),
        ("specialisation", [advantages(2.0, 3.0)], "هر ۲ ردیف", "All 2"),
        ("specialisation", [advantages(2.0, 0.3)], "۱ ردیف از ۲", "1 of Alborz’s 2"),
        ("specialisation", [advantages(0.3)], "هیچ‌یک از ۱ ردیف", "None of"),
        ("specialisation", [advantages(NAN)], "نمی‌توان", "cannot be set"),
        ("shift_share", [shifts(6e6)], "پیش افتادند و ۶٫۰ میلیون", "outgrew"),
        ("shift_share", [shifts(-6e6)], "عقب ماندند و ۶٫۰ میلیون", "lagged"),
        ("shift_share", [shifts(1e5)], "همپای", "grew like"),
        ("shift_share", [shifts(1e5, before=0.0)], "در دست نیست", "is not known"),
        ("structure", [make_up(40.0)], "پراکنده‌تر", "spread wider"),
        ("structure", [make_up(10.0)], "متمرکزتر", "more concentrated"),
        ("structure", [make_up(21.0)], "به اندازهٔ", "as concentrated"),
        ("structure", [make_up(NAN)], "چیزی نمی‌توان گفت", "Nothing can be said"),
    ],
)  # fmt: skip
def test_the_title_of_a_table_states_the_finding_of_its_case(table, of, fa, en):
    said = table_titles(table, *of)
    assert fa in said["fa"], said["fa"]
    assert en in said["en"], said["en"]


@pytest.mark.parametrize(
    "name", [name for name, words in tables._WORDS.items() if "title" in words]
)
def test_a_title_that_names_its_table_does_not_ask(name):
    agree(tables._WORDS[name]["title"])

"""What codes and names stand for: real spellings, longest prefixes, reviewed tables."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest

from helpers import classification
from helpers.demo import synthetic
from helpers.schema import PROVINCES, SECTORS, USES, CheckFailed, UnknownCode, UnreadableFile
from helpers.telling.page import NAME_LETTERS

RECEIVED = Path(__file__).resolve().parents[2] / "shared" / "data"

needs_received = pytest.mark.skipif(
    not RECEIVED.is_dir(), reason="the received data sets are not beside this checkout"
)


def text(*values: str | None) -> pd.Series:
    return pd.Series(values, dtype="string")


def received(name: str, **options: object) -> pd.DataFrame:
    return pd.read_csv(RECEIVED / name, dtype="string", keep_default_na=False, **options)


# Provinces and customs offices


@pytest.mark.parametrize(
    ("name", "province"),
    [
        ("البرز", "alborz"),
        ("آذربايجان شرقي", "azarbaijan_east"),  # Arabic yeh
        ("آذربایجان\u200cغربی", "azarbaijan_west"),  # half-space
        ("كهگيلويه و بويراحمد", "kohgiluyeh_boyerahmad"),  # Arabic kaf
        ("سیستان وبلوچستان", "sistan_baluchestan"),  # a space lost
        ("استان چهار محال و بختیاری", "chaharmahal_bakhtiari"),  # prefix and another spelling
        ("Razavi Khorasan", "khorasan_razavi"),
        ("alborz", "alborz"),
        ("نامشخص", None),
    ],
)
def test_a_province_is_known_by_any_of_its_spellings(name: str, province: str | None):
    found = classification.province_of_name(text(name)).iloc[0]
    assert (None if pd.isna(found) else found) == province


@pytest.mark.parametrize(
    ("office", "province"),
    [
        ("منطقه ویژه اقتصادی پیام", "alborz"),
        ("گمرك تبريز", "azarbaijan_east"),  # the word customs, Arabic letters
        ("چذابه - مرزبستان", "khuzestan"),  # a space more than in the table
        ("بازارچه كیله سردشت", "azarbaijan_west"),  # kaf and yeh of two alphabets in one name
        ("\u200fبازرگان ", "azarbaijan_west"),  # hidden mark
        ("گمرکات استان یزد", "yazd"),  # bears a province's name
        ("BR-217800", "unallocated"),
        (None, "unallocated"),
    ],
)
def test_an_office_lies_in_a_province_or_is_unallocated(office: str | None, province: str):
    assert classification.province_of_office(text(office)).tolist() == [province]


def test_every_province_has_an_office_and_a_name_in_both_languages():
    assert set(classification.customs_offices()["province"]) == set(PROVINCES)
    assert classification.provinces()["province"].tolist() == list(PROVINCES)
    assert classification.code_name("province", "alborz", "fa") == "البرز"
    assert classification.code_name("province", "azarbaijan_west", "en") == "West Azerbaijan"
    assert classification.code_name("province", "unallocated", "en") == "Unallocated"


def test_one_office_in_two_spellings_is_refused(tmp_path, monkeypatch):
    lines = ["customs_office,province,reason,source", "پرویز خان,kermanshah,r,s"]
    lines.append("گمرک پرويزخان,ilam,r,s")
    (tmp_path / "customs_offices.csv").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(classification, "REFERENCE", tmp_path)
    with pytest.raises(
        CheckFailed, match=r"customs_office twice, in whatever spelling.* row 3: .*'گمرک پر"
    ):
        classification.customs_offices.__wrapped__()


@needs_received
def test_the_offices_of_the_largest_flows_lie_where_the_excerpt_says():
    seen = received("irica-excerpt/customs_offices_seen.csv")
    found = classification.province_of_office(seen["customs_office_fa"])
    assert found.tolist() == seen["province"].tolist()


# Partners


@pytest.mark.parametrize(
    ("name", "iso3"),
    [
        ("امارات متحده عربي", "ARE"),
        ("امارات متحده عربی", "ARE"),
        ("فدراسیون روسيه", "RUS"),  # two alphabets in one name
        ("ساحل عاج (ساحل عاج)", "CIV"),
        ("نيوزيلند (Aotearoa)", "NZL"),
        ("جمهوری مقدونيه(یوگسلاوی)", "MKD"),
        ("هند", "IND"),  # transliterating matchers make it Honduras
        ("مصر", "EGY"),  # ... and this Montserrat
        ("کره (شمالی)", "PRK"),
        ("کره (جنوبی)", "KOR"),
        ("کنگو", "COG"),
        ("جمهوري دموکراتيک کنگو", "COD"),
        ("ناميبيا", "NAM"),
        ("NA", "NAM"),  # the two letters pandas takes for missing
        ("iq", "IRQ"),
        ("BUR", "MMR"),  # a withdrawn code
        ("Turkey", "TUR"),
        ("Türkiye", "TUR"),
        ("مناطق آزاد", "XXA"),
        ("مناطق ويژه", "XXA"),
        ("سایر کشورهای خارجی", "XXU"),
        ("نامشخص", "XXU"),
        ("آتلانتیس", None),
        ("", None),
    ],
)
def test_a_partner_is_known_by_name_or_code(name: str, iso3: str | None):
    found = classification.partner_iso3(text(name)).iloc[0]
    assert (None if pd.isna(found) else found) == iso3


@needs_received
def test_all_120_real_country_spellings_resolve_to_the_right_code():
    names = received("irica-excerpt/country_names_fa.csv")
    own = {"XO": "XXU", "ZZ": "XXU", "ZF": "XXA", "ZS": "XXA"}
    expected = names["iso2"].map(dict(classification._iso3_of_iso2()) | own)
    found = classification.partner_iso3(names["country_fa"])
    assert len(names) == 120
    assert found.tolist() == expected.tolist()


@needs_received
def test_all_countries_of_the_volume_file_resolve():
    names = received("real-volume/exports-month-01.csv.gz", usecols=["نام کشور"])["نام کشور"]
    unknown = names[classification.partner_iso3(names).isna()].unique()
    assert list(unknown) == []


def test_every_partner_code_has_a_name_that_leads_back_to_it():
    for lang in ("fa", "en"):
        names = classification.names_of("partner", lang)
        back = classification.partner_iso3(text(*names.values()))
        assert back.tolist() == list(names)


def test_partner_names_of_pages():
    assert classification.code_name("partner", "HKG", "fa") == "هنگ\u200cکنگ"
    assert classification.code_name("partner", "XXA", "en") == "Free and special zones"
    with pytest.raises(UnknownCode, match="'ZZZ' is not a partner: expected an ISO 3166"):
        classification.code_name("partner", "ZZZ", "fa")


# Goods


@pytest.mark.parametrize(("digits", "count"), [(2, 97), (4, 1229), (6, 5613)])
def test_the_nomenclature_is_hs_2022(digits: int, count: int):
    assert len(classification.hs_codes(digits)) == count
    names = classification.hs_names(digits)
    assert names.columns.tolist() == ["hs_code", "name_en", "name_fa"]
    assert names["name_en"].notna().all()


def test_the_hs_has_no_level_of_eight_digits():
    with pytest.raises(UnknownCode, match="2, 4 and 6 digits, not of 8"):
        classification.hs_codes(8)


@pytest.mark.parametrize("digits", [2, 4])
def test_persian_names_are_written_with_care(digits: int):
    names = classification.hs_names(digits)["name_fa"].dropna()
    assert names.is_unique
    assert not names.str.contains(r"[يك]| ها\b| های |ه ی |[0-9,]", regex=True).any()


def test_headings_with_a_name_of_our_own_are_short_in_both_languages():
    short = classification.hs_names(4).dropna(subset="name_fa")
    assert short[["name_en", "name_fa"]].map(len).to_numpy().max() <= NAME_LETTERS


def test_every_chapter_lies_in_one_section_that_has_a_name():
    chapters = pd.Series(sorted(classification.hs_codes(2)), dtype="string")
    sections = classification.look_up("hs_section", chapters)
    assert sections.notna().all()
    assert sections.nunique() == 21
    assert classification.look_up("hs_section", text("870321", "9801")).isna().tolist() == [
        False,
        True,
    ]
    assert classification.look_up("hs_section", text("870321")).item() == "XVII"


def test_chapters_and_the_headings_of_the_demo_have_a_persian_name():
    chapters = classification.hs_names(2).set_index("hs_code")["name_fa"]
    headings = classification.hs_names(4).dropna(subset="name_fa")
    goods = Path(synthetic.__file__).with_name("goods.csv")
    sold = pd.read_csv(goods, dtype="string")["hs6"]
    assert chapters.notna().all()
    assert chapters["30"] == "دارو"
    assert set(sold.str[:4]) <= set(headings["hs_code"])
    assert classification.hs_names(6)["name_fa"].isna().all()


@pytest.mark.parametrize(
    ("code", "sector", "certainty", "group"),
    [
        ("30049090", "industry", "sure", "pharmaceuticals"),
        ("29051100", "petrochemicals", "sure", None),  # methanol
        ("29336100", "petrochemicals", "sure", None),  # melamine departs from its heading
        ("29337900", "industry", "judgement", "chemicals"),
        ("34025000", "industry", "sure", "chemicals"),
        ("310210", "petrochemicals", "sure", None),  # urea
        ("3902", "petrochemicals", "sure", None),
        ("39241000", "industry", "sure", None),
        ("26011100", "mining", "sure", None),
        ("7207", "mining", "sure", None),
        ("08025100", "agriculture", "sure", None),
        ("19021900", "agriculture", "judgement", None),  # pasta
        ("57011000", "carpets_handicrafts", "sure", "carpets"),
        ("57021000", "carpets_handicrafts", "sure", "carpets"),  # kilims
        ("57024200", "industry", "judgement", None),  # machine-made
        ("71131100", "carpets_handicrafts", "judgement", "handicrafts"),
        ("84", "industry", "sure", None),
        ("99999999", None, None, None),
        (None, None, None, None),
    ],
)
def test_the_sector_of_a_code_is_that_of_its_longest_prefix(code, sector, certainty, group):
    codes = text(code)
    answers = [
        classification.look_up("sector", codes),
        classification.look_up("certainty", codes),
        classification.look_up("group", codes),
    ]
    found = [None if pd.isna(answer.iloc[0]) else answer.iloc[0] for answer in answers]
    assert found == [sector, certainty, group]


def test_every_chapter_has_a_sector_and_a_use_of_its_own():
    chapters = {f"{n:02}" for n in range(1, 98)}
    assert chapters <= set(classification.sectors()["hs_prefix"])
    assert chapters <= set(classification.uses()["hs_prefix"])


@pytest.mark.parametrize("table", [classification.sectors, classification.uses])
def test_the_reviewed_prefixes_are_codes_of_the_nomenclature(table):
    known = set().union(*(classification.hs_codes(digits) for digits in (2, 4, 6)))
    assert sorted(set(table()["hs_prefix"]) - known) == []


def test_a_group_lies_within_one_sector_and_a_judgement_has_another_answer():
    rows = classification.sectors()
    assert rows.groupby("group")["sector"].nunique().max() == 1
    assert not (rows["alternative"] == rows["sector"]).fillna(False).any()
    assert rows.loc[rows["certainty"] == "sure", "alternative"].isna().all()
    assert (rows["reason_fa"].notna() == rows["certainty"].eq("judgement")).all()


@pytest.mark.parametrize(
    ("code", "use"),
    [
        ("10059000", "raw_material"),  # maize
        ("10063000", "consumption"),  # milled rice
        ("09024000", "intermediate"),  # tea in bulk for packers
        ("29411000", "intermediate"),
        ("30049000", "consumption"),
        ("84221900", "capital"),
        ("84229000", "intermediate"),  # parts
        ("84143000", "intermediate"),  # compressors of refrigerators
        ("87032300", "not_assigned"),
        ("71081200", "not_assigned"),  # gold bars
        ("84", "capital"),
        (None, "not_assigned"),
        ("9999", "not_assigned"),
    ],
)
def test_the_use_of_a_code(code: str | None, use: str):
    assert classification.look_up("use", text(code)).tolist() == [use]


END_USE_OF_BEC4 = {
    **dict.fromkeys(("41", "521"), "capital"),
    **dict.fromkeys(("111", "121", "21", "22", "31", "322", "42", "53"), "intermediate"),
    **dict.fromkeys(("112", "122", "522", "61", "62", "63"), "consumption"),
}
"""UN Statistics Division, Classification by Broad Economic Categories Rev.4 (M/53/Rev.4)."""


@needs_received
@pytest.mark.parametrize(
    ("name", "code", "bec"),
    [("HS2017-BEC4.csv", "HS 2017", "BEC"), ("HS2022-BEC4.csv", "HS 2022", "BEC 4")],
)
def test_uses_agree_with_the_un_on_95_percent_of_subheadings(name, code, bec, capsys):
    rows = received(f"hs-bec/{name}", encoding="utf-8-sig")
    rows = rows[rows[code].ne("")].assign(use=rows[bec].map(END_USE_OF_BEC4)).dropna(subset="use")
    allowed = rows.groupby(code)["use"].agg(set)
    ours = classification.look_up("use", text(*allowed.index)).replace(
        "raw_material", "intermediate"
    )
    agrees = pd.Series([use in un for use, un in zip(ours, allowed, strict=True)])
    differ = ours[~agrees].groupby(allowed.index.str[:4][~agrees]).size()
    agreement = agrees.mean()
    with capsys.disabled():
        found = ", ".join(f"{heading} ({n})" for heading, n in differ.items())
        sys.stdout.write(f"\n{name}: {agreement:.1%} of {len(agrees)} agree; not: {found}\n")
    assert agreement >= 0.95


@needs_received
def test_raw_materials_are_what_the_un_calls_primary_inputs():
    un = classification.uses_of_un_workbook(RECEIVED / "hs-bec" / "HS2012-17-BEC5.xlsx")
    assert set(un["use"]) == set(USES)
    ours = classification.look_up("use", un["hs_prefix"])
    inputs = un["use"].isin(["raw_material", "intermediate"])
    both = inputs & ours.isin(["raw_material", "intermediate"])
    assert (ours[both] == un["use"][both]).mean() >= 0.95


@needs_received
def test_the_un_workbook_can_stand_in_for_our_table():
    un = classification.uses_of_un_workbook(RECEIVED / "hs-bec" / "HS2012-17-BEC5.xlsx")
    codes = text("84143000", "10059000", "99")
    assert classification.look_up("use", codes, un).tolist() == [
        "capital",
        "raw_material",
        "not_assigned",
    ]


# Words and tables


def read_uses_from(name: str) -> None:
    classification._reference(name, "hs_prefix", "use", "reason", "source", use=USES)


def test_every_word_of_a_vocabulary_has_a_name_in_both_languages():
    for lang in ("fa", "en"):
        assert len({classification.code_name("sector", word, lang) for word in SECTORS}) == len(
            SECTORS
        )
        assert len({classification.code_name("use", word, lang) for word in USES}) == len(USES)
        assert all(classification.code_name("group", word, lang) for word in classification.GROUPS)
    with pytest.raises(UnknownCode, match=r"'industri' is not a sector \(did you mean 'industry'"):
        classification.code_name("sector", "industri", "fa")


def test_questions_are_asked_once_for_each_distinct_value_and_keep_the_index():
    asked = []
    values = pd.Series(["a", "b", None, "a"], index=[3, 1, 4, 1], name="x", dtype="string")
    answer = classification._by_unique(values, lambda v: asked.append(v) or v.upper())
    assert asked == ["a", "b"]
    expected = pd.Series(["A", "B", None, "A"], index=[3, 1, 4, 1], name="x", dtype="string")
    pd.testing.assert_series_equal(answer, expected)


def test_editing_what_a_reader_got_does_not_change_the_table():
    rows = classification.sectors()
    rows["sector"] = "mining"
    assert classification.look_up("sector", text("30")).tolist() == ["industry"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["01,farming,,r,s"], r"bad.csv, 1 rows: use is not made of .* row 2: .*'farming'"),
        (["01,capital,,r,s", "01,capital,,r,s"], r"key twice.* row 2: .*'01'"),
        (["01,capital,,,s"], r"bad.csv, 1 rows: a required cell is empty.* row 2: .*'01'"),
    ],
)
def test_a_malformed_row_is_refused_with_its_file_and_line(tmp_path, monkeypatch, lines, words):
    (tmp_path / "bad.csv").write_text("\n".join(["hs_prefix,use,group,reason,source", *lines]))
    monkeypatch.setattr(classification, "REFERENCE", tmp_path)
    with pytest.raises(CheckFailed, match=words):
        read_uses_from("bad.csv")


def test_a_table_without_a_column_is_refused(tmp_path, monkeypatch):
    (tmp_path / "bad.csv").write_text("hs_prefix,use\n01,capital\n")
    monkeypatch.setattr(classification, "REFERENCE", tmp_path)
    with pytest.raises(UnreadableFile, match=r"bad.csv has the columns .*expected .*'reason'"):
        classification._reference("bad.csv", "hs_prefix", "use", "reason", "source")


@pytest.mark.parametrize(
    "name", ["provinces", "customs_offices", "country_aliases", "sectors", "uses"]
)
def test_every_judgement_has_a_reason_and_a_source(name: str):
    rows = getattr(classification, name)()
    assert rows[["reason", "source"]].notna().all(axis=None)


def test_a_threshold_that_no_row_names_is_an_error():
    assert classification.threshold("least_rows") == 5
    with pytest.raises(KeyError, match="no_such_rule"):
        classification.threshold("no_such_rule")

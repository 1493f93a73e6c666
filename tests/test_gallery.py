"""The page that leads to all reports."""

import pytest
from lxml import html

from helpers import project
from helpers.schema import PROVINCES, Number, UnreadableFile
from workbench import gallery
from workbench.page import CSP
from workbench.record import Change, Figure, Listed, Manifest, Record, Result, changes, encode


@pytest.fixture(autouse=True)
def a_map_of_any_size(monkeypatch):
    monkeypatch.setattr(gallery, "MAP_FROM", 1)


def record(lang="fa", province="alborz", **changes) -> Listed:
    """What the manifest says of a report."""
    period = changes.pop("period", "1404M01-07")
    stem = f"03_compare_with_nation.{lang}"
    said = {
        "notebook": "03_compare_with_nation",
        "title": {"fa": "البرز در برابر کشور", "en": "Alborz and the nation"}.get(lang, ""),
        "lang": lang,
        "axes": {"period": period, "province": province},
        "parameters": {},
        "files": {ending: f"{stem}.{ending}" for ending in ("html", "pdf", "ipynb", "json")},
        "sha256": {},
        "folder": f"{period}/{province}",
        "seconds": 1.0,
        "is_synthetic": False,
        "notice": "",
        "key": "",
        "created": "2026-11-22T23:20:00+00:00",
    }
    return Listed(**(said | changes))


def page(*reports, failed=(), lang="en"):
    manifest = Manifest("2026-11-22T23:20:00+00:00", list(reports), list(failed))
    return html.document_fromstring(gallery.index_page(manifest, lang))


def text(element) -> str:
    return " ".join(element.text_content().split())


def test_the_index_is_written_in_both_languages_and_the_persian_one_is_the_index(tmp_path):
    manifest = Manifest("2026-11-22T23:20:00+00:00", [record()], [])
    (tmp_path / "manifest.json").write_bytes(encode(manifest))
    assert gallery.write_index(tmp_path) == tmp_path / "index.html"
    roots = [html.parse(tmp_path / name).getroot() for name in ("index.html", "index.en.html")]
    assert [(r.get("lang"), r.get("dir")) for r in roots] == [("fa", "rtl"), ("en", "ltr")]


@pytest.mark.parametrize("content", [None, "", "[]", "{}"])
def test_without_a_manifest_the_error_says_what_to_do(tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(UnreadableFile, match=r"manifest.json.*workbench render"):
        gallery.write_index(tmp_path)


def test_a_card_says_that_what_its_report_was_made_from_has_changed():
    fresh, stale = page(
        record(stale=[]), record(province="yazd", stale=["data changed: declarations"])
    ).find_class("wb-report")
    assert "Not up to date" in text(stale)
    assert "Not up to date" not in text(fresh)


def test_a_report_in_two_languages_is_one_card_with_links_to_every_file():
    (card,) = page(record("fa"), record("en")).find_class("wb-report")
    assert text(card.find("h3")) == "Alborz and the nation"
    assert card.find("h3/a").get("href").endswith("03_compare_with_nation.en.html")
    assert [a.get("href").split(".", 1)[1] for a in card.xpath("./p/a")] == [
        "en.html", "en.pdf", "fa.html", "fa.pdf",
    ]  # fmt: skip
    folded = [a.get("href").split(".", 1)[1] for a in card.xpath("./details/a")]
    assert folded == ["en.ipynb", "en.json", "fa.ipynb", "fa.json"]


def test_a_map_is_shown_from_five_places_on(monkeypatch):
    monkeypatch.setattr(gallery, "MAP_FROM", 5)
    provinces = ("alborz", "yazd", "qom", "ilam", "tehran")
    assert not page(*(record(province=slug) for slug in provinces[:4])).find_class("wb-tiles")
    assert page(*(record(province=slug) for slug in provinces)).find_class("wb-tiles")


def test_the_briefing_stands_first_and_larger():
    briefing = record(province="yazd", notebook=project.FIRST)
    cards = page(record(), briefing, record(period="1403")).find_class("wb-report")
    assert ["wb-first" in card.get("class") for card in cards] == [True, False, False]


def test_times_are_in_the_calendar_of_the_language():
    assert "2026-11-23 02:50 Tehran time" in text(page(record(), lang="en"))
    assert "۲ آذر ۱۴۰۵، ۰۲:۵۰ به وقت تهران" in text(page(record(), lang="fa"))


@pytest.mark.parametrize(
    ("answer", "mark"),
    [("synthetic", "SYNTHETIC DATA"), ("unknown", "PROVENANCE UNKNOWN"), ("", None)],
)
def test_a_card_says_what_its_data_are(answer, mark):
    marks = [text(element) for element in page(record(notice=answer)).find_class("wb-mark")]
    assert marks == ([mark] if mark else [])


def test_failures_are_listed_with_cell_message_and_notebook():
    executed = "failed/1404/qom/03.fa.ipynb"
    failure = Result(
        "1404/qom/03.fa",
        "failed",
        cell="7",
        message="ValueError: <b>no rows</b>",
        executed=executed,
    )
    root = page(failed=[failure])
    assert "ValueError: <b>no rows</b>" in text(root)
    assert root.xpath("//table//a/@href") == ["failed/1404/qom/03.fa.ipynb"]
    assert "No report has been made yet" in text(root)


def test_a_report_whose_last_run_failed_says_so_and_its_province_is_marked():
    failure = Result("1404M01-07/alborz/03_compare_with_nation.fa", "failed", message="m")
    root = page(record("fa"), record(period="1403"), failed=[failure], lang="en")
    newer, older = root.find_class("wb-report")
    assert "Its last run failed" in text(newer)
    assert "Its last run failed" not in text(older)
    (marked,) = root.find_class("wb-failing")
    assert text(next(marked.iterancestors("label"))) == "Alborz– ✕ 1"


def said(name, scope, value, period="1404M01-07") -> Number:
    """A number as the record beside a report says it."""
    return Number(name, value, "", scope, period)


def test_the_newest_period_is_the_one_that_ends_last():
    worth = {"ratio": 2.0, "share": 0.02}
    periods = ("1404Q2", "1404M07", "1404M01-07", "1403")
    root = page(*(record("en", period=period, on_the_map=worth) for period in periods))
    assert root.xpath("//h3/a/@href")[0].startswith("1404M01-07/")
    assert "first seven months of 1404" in text(root.xpath("//p[@class='wb-key']")[0])


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("03_compare.fa", "03_compare"),
        ("08_open", "08_open"),
        ("09_a.b", "09_a.b"),
    ],
    ids=["a language", "ends like one", "a dot"],
)
def test_a_failure_belongs_to_the_report_of_its_name(name, stem):
    assert gallery._key_of_failure(f"1404/-/{name}") == ("1404", "", stem)


TONNE = "unit_value_usd_per_tonne"


@pytest.mark.parametrize(
    ("numbers", "worth", "reason"),
    [
        ([said(TONNE, "alborz", 800), said(TONNE, "rest_of_nation", 400)], 2, "both sides"),
        ([said(TONNE, "alborz", 800), said(TONNE, "nation", 400)], None, "not the other provinces"),
        ([said(TONNE, "alborz", 800)], None, "one side"),
        ([said(TONNE, "alborz", None), said(TONNE, "rest_of_nation", 4)], None, "not known"),
        ([said(TONNE, "alborz", 8), said(TONNE, "rest_of_nation", 0)], None, "no division by zero"),
        (
            [said(TONNE, "alborz", 8, "1403"), said(TONNE, "rest_of_nation", 4, "1403")],
            None,
            "of another period than the report's",
        ),
        (
            [said(TONNE, s, v) for s, v in (("alborz", 8), ("rest_of_nation", 4), ("alborz", 1))],
            2,
            "the first is the headline, later ones are of a sector",
        ),
    ],
)
def test_what_a_province_is_worth_is_read_from_the_record(numbers, worth, reason):
    axes = {"period": "1404M01-07", "province": "alborz"}
    assert project.on_the_map(axes, numbers).get("ratio") == worth, reason


def tiles(root) -> dict[str, str]:
    """What the tile of each province with reports says."""
    labels = root.xpath("//label[contains(@class, 'wb-tile')]")
    return {label.text.replace("\u00ad", ""): text(label.find("small")) for label in labels}


@pytest.mark.parametrize(
    ("ratio", "lang", "tile"),
    [
        (2.354, "en", "▲ 2.35"),
        (0.5, "en", "▼ 0.50"),
        (1.004, "en", "= 1.00"),
        (0.995, "en", "= 1.00"),
        (2.354, "fa", "▲ ۲٫۳۵"),
    ],
)
def test_a_tile_says_with_a_sign_and_a_number_what_its_shade_says(ratio, lang, tile):
    root = page(record(on_the_map={"ratio": ratio, "share": 0.02}), lang=lang)
    assert list(tiles(root).values()) == [tile]
    (row,) = root.xpath("//details//tbody/tr")
    assert [text(cell) for cell in row[1:]] == [tile, {"en": "2.0%", "fa": "۲٫۰٪"}[lang]]


def test_the_tiles_speak_of_one_period_and_a_province_without_it_is_silent():
    worth = {"ratio": 2, "share": None}
    root = page(
        record(period="1404", on_the_map=worth),
        record(province="yazd", period="1403", on_the_map=worth),
    )
    assert tiles(root) == {"Alborz": "▲ 2.00", "Yazd": "–"}
    assert "average, 1404." in text(root.find_class("wb-key")[0])


@pytest.mark.parametrize(
    ("worth", "notice", "key"),
    [
        ({}, "", "No report yet says"),
        ({"ratio": 2, "share": None}, "synthetic", "SYNTHETIC DATA"),
        ({"ratio": 2, "share": None}, "unknown", "PROVENANCE UNKNOWN"),
    ],
)
def test_the_key_of_the_map_says_what_its_numbers_are(worth, notice, key):
    root = page(record(on_the_map=worth, notice=notice))
    assert key in text(root.find_class("wb-key")[0])


def test_every_filter_hides_what_does_not_match():
    root = page(record(), record(province="tehran"), record(period="1403"))
    style = root.findtext(".//style")
    for choice in root.xpath("//input/@id"):
        if not choice.endswith("-all"):
            rule = f"body:has(#{choice}:checked) .wb-report:not(.{choice}) {{ display: none; }}"
            assert rule in style
            assert root.find_class(choice)


def test_all_provinces_have_a_tile_once():
    assert sorted(slug for row in project.tiles() for slug in row if slug) == sorted(PROVINCES)


def test_what_records_say_is_escaped_and_nothing_is_fetched():
    hostile = '"><script>x</script>'
    manifest = Manifest("", [record(title=hostile, province=hostile)], [])
    written = gallery.index_page(manifest, "en")
    assert "<script" not in written
    assert CSP in html.document_fromstring(written).xpath("//meta/@content")


def test_a_question_is_named_in_the_language_of_the_page_where_any_report_is():
    newest = record("en", period="1405")
    roots = [page(newest, record("fa"), lang=lang) for lang in ("fa", "en")]
    names = [root.xpath("//label[@for='notebook-1']/bdi")[0].text_content() for root in roots]
    assert names == ["البرز در برابر کشور", "Alborz and the nation"]


@pytest.mark.parametrize(("is_demo", "listed"), [(False, [False]), (True, [False, True])])
def test_synthetic_reports_are_listed_in_the_demo_s_folder_only(is_demo, listed, tmp_path):
    reports = [record(is_synthetic=answer) for answer in (False, True)]
    manifest = Manifest("2026-11-22T23:20:00+00:00", reports, [])
    (tmp_path / "manifest.json").write_bytes(encode(manifest))
    if is_demo:
        (tmp_path / "demo.yml").touch()
    found = gallery.read_manifest(tmp_path).reports
    assert [report.is_synthetic for report in found] == listed


def printed(value, shown, name="share", unit="1", period="1404M01-07", scope="alborz"):
    """A number as a record keeps it."""
    source = f"share of exports · Alborz · {period} · customs"
    return Figure(name, value, unit, scope, period, source, shown)


def of(period, *figures):
    """A record of the same notebook and province."""
    about = {"period": period, "province": "alborz"}
    blank = {"parameters": {}, "files": {}, "sha256": {}, "title": "", "notice": "", "key": ""}
    return Record(
        notebook="07", source="", lang="en", axes=about, inputs=[], tables=None, versions={},
        is_synthetic=False, seconds=0.0, peak_memory_bytes=None, numbers=list(figures),
        created="", parts={}, **blank,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "expected", "reason"),
    [
        (of("1404M01-07", printed(0.2, "20%")), ["20% 30%"], "a revision"),
        (of("1403", printed(0.2, "20%", period="1403")), ["20% 30%"], "the report before it"),
        (of("1404M01-07", printed(0.3, "30%")), [], "the same number"),
        (of("1404M01-07", printed(0.3, "0.3")), [], "the same number in other words"),
        (of("1404M01-07", printed(0.2, "20%", scope="nation")), [], "of somebody else"),
        (of("1404M01-07", printed(0.2, "20%", period="1402")), [], "of another time"),
        (of("1404M01-07", printed(0.2, "20%", name="rca")), [], "another number"),
    ],
)
def test_what_changed_is_told_of_numbers_that_two_records_share(before, expected, reason):
    now = of("1404M01-07", printed(0.3, "30%"))
    told = [f"{change.before} {change.now}" for change in changes(before, now)]
    assert told == expected, reason


def test_sums_over_times_of_other_lengths_are_not_set_beside_each_other():
    before = of("1403", printed(9e6, "9 million USD", unit="USD", period="1403"))
    now = of("1404M01-07", printed(5e6, "5 million USD", unit="USD"))
    assert changes(before, now) == []
    ranks = [
        of(p, printed(n, str(n), "rank", "n", p)) for p, n in (("1403", 22), ("1404M01-07", 23))
    ]
    assert [change.now for change in changes(*ranks)] == ["23"]


def test_a_fall_that_its_page_tells_in_words_bears_its_sign():
    fell, rose = printed(-0.18, "18%", "growth"), printed(0.06, "6%", "growth")
    (change,) = changes(of("1404M01-07", fell), of("1404M01-07", rose))
    assert (change.before.lstrip("\u200e"), change.now) == ("\u221218%", "6%")


def test_a_card_tells_what_changed_since_the_report_before_it():
    change = Change("share of exports", "20%", "30%")
    shown = page(record(lang="en", earlier="1403", since=[change]))
    (told,) = shown.xpath("//details[contains(., 'What changed')]")
    assert text(told) == "What changed since the report on 1403 share of exports: 20% → 30%"

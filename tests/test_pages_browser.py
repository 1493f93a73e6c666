"""Pages in a real Chromium: no request, no script, no overflow, no script needed."""

import shutil

import pytest

from executed import report
from workbench import export, gallery
from workbench.record import Listed, Manifest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("no Chromium is installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


PLACES = ("alborz", "tehran", "qom", "yazd", "ilam")
"""From five on the index has a map."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Name -> address of a report and of the gallery, in both languages."""
    folder = tmp_path_factory.mktemp("outputs")
    made = "2026-11-22T23:20:00+00:00"
    records = [
        Listed(
            notebook="report", title=f"Report of {province}", lang=lang, folder=".", seconds=1.0,
            axes={"period": "1404", "province": province}, is_synthetic=True, notice="synthetic",
            key="", sha256={}, parameters={}, created=made, files={"html": f"report.{lang}.html"},
        )
        for province in PLACES for lang in ("fa", "en")
    ]  # fmt: skip
    manifest = Manifest(made, records, [])
    for lang in ("fa", "en"):
        page = export.export_page(report(lang, is_synthetic=True), report="report").html
        (folder / f"report.{lang}.html").write_text(page, encoding="utf-8")
        index = gallery.index_page(manifest, lang)
        (folder / gallery.INDEX[lang]).write_text(index, encoding="utf-8")
    return {path.name: path.as_uri() for path in folder.glob("*.html")}


NAMES = ("report.fa.html", "report.en.html", "index.html", "index.en.html")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_for_nothing_complains_of_nothing_and_runs_nothing(browser, pages, name):
    tab = browser.new_page()
    requests, complaints = [], []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(pages[name])
    assert [url for url in requests if not url.startswith("data:")] == [pages[name]]
    assert complaints == []
    assert "taken" not in tab.title()
    tab.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_page_is_wider_than_its_screen(browser, pages, name, width):
    tab = browser.new_page(viewport={"width": width, "height": 800})
    tab.goto(pages[name])
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.close()


@pytest.mark.parametrize("name", NAMES)
def test_no_page_is_wider_than_a_sheet_of_paper(browser, pages, name):
    tab = browser.new_page(viewport={"width": 665, "height": 1000})  # A4 within its margins
    tab.emulate_media(media="print")
    tab.goto(pages[name])
    assert tab.evaluate("document.documentElement.scrollWidth") <= 665
    tab.close()


def test_persian_pages_use_the_embedded_fonts_of_letters_and_digits(browser, pages):
    tab = browser.new_page()
    tab.goto(pages["report.fa.html"])
    loaded = "[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family)"
    assert {family.strip('"') for family in tab.evaluate(loaded)} == {
        "IBM Plex Sans Arabic", "Noto Sans Arabic",
    }  # fmt: skip
    tab.close()


def test_a_number_shows_where_it_comes_from_without_a_script(browser, pages):
    tab = browser.new_context(java_script_enabled=False).new_page()
    tab.goto(pages["report.en.html"])
    tab.locator("data.wb-number").first.focus()
    tab.close()
    tab = browser.new_page()
    tab.goto(pages["report.en.html"])
    tab.locator("data.wb-number").first.focus()
    shown = "getComputedStyle(document.activeElement, '::after').content"
    assert "IRICA" in tab.evaluate(shown)
    tab.close()


def test_the_banner_stays_in_sight(browser, pages):
    tab = browser.new_page(viewport={"width": 360, "height": 600})
    tab.goto(pages["report.fa.html"])
    tab.mouse.wheel(0, 1500)
    tab.wait_for_function("window.scrollY > 500")
    assert tab.locator(".wb-synthetic").bounding_box()["y"] == 0
    tab.close()


def test_the_gallery_filters_by_a_choice_and_by_a_tile(browser, pages):
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(pages["index.en.html"])
    cards = tab.locator(".wb-report:visible")
    assert cards.count() == len(PLACES)
    tab.locator("label.wb-tile", has_text="Tehran").click()
    assert cards.count() == 1
    assert "Tehran" in cards.first.inner_text()
    tab.locator("label[for=province-all]").click()
    assert cards.count() == len(PLACES)
    tab.close()


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_on_a_phone_every_tile_is_whole_can_be_touched_and_filters(browser, pages, lang):
    tab = browser.new_page(viewport={"width": 360, "height": 800})
    tab.goto(pages[gallery.INDEX[lang]])
    tiles = "[...document.querySelectorAll('.wb-tile')]"
    boxes = tab.evaluate(f"{tiles}.map(tile => tile.getBoundingClientRect().toJSON())")
    assert len(boxes) == 31
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes)
    assert all(min(box["width"], box["height"]) >= 24 for box in boxes)  # WCAG 2.5.8
    spilt = f"{tiles}.filter(tile => tile.scrollWidth > tile.clientWidth)"
    assert tab.evaluate(f"{spilt}.map(tile => tile.textContent)") == []
    tab.locator("label.wb-tile").first.click()
    assert tab.locator(".wb-report:visible").count() == 1
    tab.close()

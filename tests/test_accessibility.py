"""All pages as people meet them: axe-core, headings and tables for those who see little; paper."""

import itertools
import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from lxml import html
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from helpers.schema import LANGS
from workbench import paper

ROOT = Path(__file__).parents[1]
AXE = ROOT / ".venv" / "node" / "node_modules" / "axe-core" / "axe.min.js"
NOTEBOOKS = [path.stem for path in sorted((ROOT / "notebooks").glob("0[1-7]_*.ipynb"))]
NAMES = [
    *(f"1404M01-07/alborz/{notebook}.{lang}.html" for notebook in NOTEBOOKS for lang in LANGS),
    "index.html",
    "index.en.html",
]
RULES = {
    "light": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
"""What axe tries: all its rules, and by dark those on which colours bear."""

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def real_outputs(tmp_path_factory):
    """The pages on the real data, in both languages."""
    folder = tmp_path_factory.mktemp("published")
    for command in (
        ["clean", f"--processed={folder / 'data'}"],
        ["render", "--province=alborz", "--period=1404M01-10", "--to=html",
         f"--processed={folder / 'data'}", f"--outputs={folder / 'outputs'}"],
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "workbench.cli", *command],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    return folder / "outputs" / "1404M01-10" / "alborz"


@pytest.fixture(scope="module")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_wrong_by_light_and_by_dark(browser, demo_pages, name):
    if not AXE.is_file():
        pytest.skip("axe-core is not there: npm install --prefix .venv/node axe-core")
    # The page forbids scripts, those of the test included.
    context = browser.new_context(bypass_csp=True)
    tab = context.new_page()
    tab.goto((demo_pages / name).as_uri())
    tab.add_script_tag(path=AXE)
    # Most of a page is the register of its numbers, whose rows are all of one form.
    tab.evaluate("document.querySelectorAll('.wb-register tr:nth-child(n+20)')"
                 ".forEach(row => row.remove())")  # fmt: skip
    wrong = []
    for scheme, rules in RULES.items():
        tab.emulate_media(color_scheme=scheme)
        violations = tab.evaluate("rules => axe.run({runOnly: rules})", rules)["violations"]
        wrong += [f"{scheme} {v['id']}: {v['help']}: {v['nodes'][0]['html']}" for v in violations]
    context.close()
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_headings_go_down_one_step_at_a_time(demo_pages, name):
    root = html.parse(demo_pages / name).getroot()
    levels = [int(h.tag[1]) for h in root.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("name", NAMES)
def test_every_heading_of_a_table_says_what_it_heads(demo_pages, name):
    tables = html.parse(demo_pages / name).getroot().xpath("//table")
    assert [table for table in tables if not table.xpath(".//th")] == []
    assert [th.text_content() for t in tables for th in t.xpath(".//th[not(@scope)]")] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_says_what_a_sighted_reader_sees(demo_pages, name):
    images = html.parse(demo_pages / name).getroot().xpath("//img")
    assert [image.get("alt") for image in images if len(image.get("alt", "")) < 20] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_every_screen_and_the_letters_of_its_charts_paper(browser, demo_pages, name):
    tab = browser.new_page(viewport={"width": 360, "height": 800})
    tab.goto((demo_pages / name).as_uri())
    # Titles and notes of a wide table are whole on a phone.
    cut = """[...document.querySelectorAll('caption span, .wb-stay')].filter(
      words => words.offsetWidth > words.closest('.wb-table').clientWidth)"""
    assert tab.evaluate(f"{cut}.map(words => words.textContent)") == []
    for width in (360, 768, 1440):
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.set_viewport_size({"width": 665, "height": 1000})  # A4 within its margins
    tab.emulate_media(media="print")
    charts = tab.evaluate(CHARTS)
    tab.close()
    assert [chart for chart in charts if chart["smallest"] * chart["scale"] < 7] == []


CHARTS = """[...document.querySelectorAll('.wb-chart img')].map(img => ({
  // Matplotlib draws a letter of n points as a shape that is scaled by n / 100.
  smallest: 100 * Math.min(...[...decodeURIComponent(img.src).matchAll(/scale\\((0\\.\\d+) /g)]
    .map(found => +found[1])),
  scale: img.getBoundingClientRect().width / img.naturalWidth,
  alt: img.alt,
}))"""


MEASURED = """[...document.querySelectorAll('.wb-chart img')].map(img => {
  const at = img.getBoundingClientRect();
  const holder = document.createElement('div');
  holder.innerHTML = decodeURIComponent(img.src.slice(img.src.indexOf(',') + 1));
  const svg = holder.querySelector('svg');
  Object.assign(svg.style, {position: 'absolute', left: at.left + scrollX + 'px',
    top: at.top + scrollY + 'px', width: at.width + 'px', height: at.height + 'px'});
  document.body.append(svg);
  const box = group => { const b = group.getBoundingClientRect();
    return [b.left, b.top, b.right, b.bottom]; };
  const scale = at.width / svg.viewBox.baseVal.width;
  const words = [...svg.querySelectorAll('g[id^=text_]')].filter(g => g.querySelector('use'));
  // Grids are drawn below everything and in a colour of their own.
  const lines = [...svg.querySelectorAll(
    'g[id^=axes_] > g[id^=line2d_] > path, g[id^=axes_] > g[id^=LineCollection_] > path')]
    .filter(path => getComputedStyle(path).stroke != 'rgb(217, 222, 226)');
  const strokes = lines.flatMap(path => {
    const to = path.getScreenCTM(), long = path.getTotalLength();
    return [...Array(Math.ceil(long) + 1).keys()].map(n => {
      const p = path.getPointAtLength(n).matrixTransform(to); return [p.x, p.y]; });
  });
  const found = {
    alt: img.alt, chart: box(svg),
    // Matplotlib draws a letter of n points as a shape that is scaled by n / 100.
    sizes: words.map(g => 100 * scale * +g.innerHTML.match(/scale\\(([\\d.]+)/)[1]),
    words: words.map(box),
    bars: [...svg.querySelectorAll('g[id^=axes_] > g[id^=patch_]')].map(box), strokes,
  };
  svg.remove();
  return found;
})"""


def wrong_with(chart: dict, width: int) -> list[str]:
    """What a reader of a window of that width would not see or could not read of a chart."""
    slack = 0.6  # of a pixel: strokes are drawn half outside their shapes
    left, top, right, bottom = chart["chart"]
    inside = (max(left, 0) - slack, top - slack, min(right, width) + slack, bottom + slack)
    wrong = [f"letters of {size:.1f} px" for size in chart["sizes"] if size < 11]
    for kind in ("words", "bars"):
        wrong += [
            f"{kind} outside: {box}"
            for box in chart[kind]
            if box[0] < inside[0] or box[1] < inside[1] or box[2] > inside[2] or box[3] > inside[3]
        ]
    for a, b in itertools.combinations(chart["words"], 2):
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
            wrong.append(f"words on words: {a} {b}")
    for x, y in chart["strokes"]:
        wrong += [f"a line through words: {b}" for b in chart["words"]
                  if b[0] < x < b[2] and b[1] < y < b[3]]  # fmt: skip
    return sorted(set(wrong))


PAGES = [f"{notebook}.{lang}.html" for notebook in NOTEBOOKS for lang in LANGS]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("data", ["real", "demo"])
def test_on_a_phone_every_word_and_bar_of_a_chart_is_seen_and_large_enough(
    browser, demo_pages, real_outputs, name, data
):
    page = real_outputs / name if data == "real" else demo_pages / "1404M01-07" / "alborz" / name
    tab = browser.new_page(viewport={"width": 360, "height": 800})
    tab.goto(page.as_uri())
    charts = tab.evaluate(MEASURED)
    tab.close()
    assert {
        chart["alt"]: wrong_with(chart, 360) for chart in charts if wrong_with(chart, 360)
    } == {}


@pytest.mark.parametrize("name", NAMES[:-2])
def test_warnings_are_short_and_main_points_are_few(demo_pages, name):
    main = html.parse(demo_pages / name).getroot().find(".//main")
    warnings = [" ".join(p.text_content().split()) for p in main.find_class("wb-doubt")]
    assert [text for text in warnings if len(text) > 280] == []
    for points in main.find_class("wb-list")[:1]:
        assert len(points) <= 6


OF_FILES = re.compile(r"github:|\.xlsx?$|\.csv$")
MACHINE_NAME = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+|<[a-z/]")


def broken_rules(path: Path) -> list[str]:
    """Which rules of "Releasing statistics in spreadsheets" a data book breaks."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheets = [text for name, text in parts.items() if name.startswith("xl/worksheets/sheet")]
    tables = [text for name, text in parts.items() if name.startswith("xl/tables/")]
    book = CalamineWorkbook.from_path(path)
    wrong = []
    if len(tables) != len(sheets) - 1:
        wrong.append("a sheet but the cover has no table, or more than one")
    wrong += [f"a table without {of}" for of in ("displayName", "altText")
              for text in tables if of not in text]  # fmt: skip
    if re.search("<mergeCell|<pane|<autoFilter|hidden=", "".join(sheets)):
        wrong.append("merged, frozen, filtered or hidden")
    about = parts["docProps/core.xml"] + parts["docProps/custom.xml"]
    wrong += [f"no {of}" for of in ("dc:title", "dc:creator", "Language") if of not in about]
    for name in book.sheet_names[1:]:
        rows = book.get_sheet_by_name(name).to_python()
        top = next(n for n, row in enumerate(rows) if n > 1 and (len(row) < 2 or any(row[1:])))
        if any(any(row[1:]) for row in rows[:top]) or not all(row[0] for row in rows[:top]):
            wrong.append(f"{name}: something but lines of words above the table")
        if not all(rows[top]) or len(set(rows[top])) < len(rows[top]):
            wrong.append(f"{name}: headings {rows[top]}")
        if not all(any(cell != "" for cell in row) for row in rows[top:]):
            wrong.append(f"{name}: a blank row")
        words = [cell for row in rows for cell in row if isinstance(cell, str)]
        wrong += [f"{name}: {cell!r}" for cell in words
                  if MACHINE_NAME.search(cell) and not OF_FILES.search(cell)][:3]  # fmt: skip
    if [row[0] for row in book.get_sheet_by_name(book.sheet_names[1]).to_python()][3:] != [
        name for name in book.sheet_names if re.search("[0-9۰-۹]", name)
    ]:
        wrong.append("the contents are not the tables in their order")
    return wrong


# Names of files and codes of reasons are what the first page is about.
@pytest.mark.parametrize("name", [name for name in NAMES[:-2] if "01_clean" not in name])
def test_every_data_book_keeps_the_rules_of_official_statistics(demo_pages, name):
    book = (demo_pages / name).with_suffix(".xlsx")
    assert broken_rules(book) == []


@pytest.mark.pdf
@pytest.mark.parametrize("name", NAMES[:-2])
def test_every_pdf_keeps_the_rules_of_pdf_ua_that_a_machine_can_check(demo_pages, name):
    checker = pytest.importorskip("page", reason="needs page-validation: make test installs it")
    if "weasyprint" not in paper.pdf_engines():
        pytest.skip("what Chromium prints does not claim PDF/UA")
    printed = paper.html_to_pdf((demo_pages / name).read_text("utf-8"), "weasyprint")
    profile = checker.ValidationProfile.PDF_UA_1
    report = checker.validate_pdf_bytes(printed, profile=profile)
    assert [failure.message for failure in report.failures] == []
    assert report.is_compliant


@pytest.mark.pdf
@pytest.mark.parametrize("engine", ["weasyprint", "chromium"])
@pytest.mark.parametrize("lang", LANGS)
def test_the_first_page_of_the_briefing_is_complete_with_its_decisions(demo_pages, lang, engine):
    if engine not in paper.pdf_engines():
        pytest.skip(f"{engine} cannot run here")
    page = demo_pages / f"1404M01-07/alborz/07_quarterly_briefing.{lang}.html"
    printed = PdfReader(BytesIO(paper.html_to_pdf(page.read_text("utf-8"), engine)))
    assert len(printed.pages) <= 6
    first = printed.pages[0].extract_text()
    if lang == "en":  # Persian comes out in another order of letters than it was written in
        assert "number to watch" in " ".join(first.split("Decisions proposed")[-1].lower().split())
        assert "Level and standing" not in first
    assert filled(printed.pages[0]) >= 0.6


def filled(sheet) -> float:
    """How far down the lowest line above the running foot stands."""
    height, lows = float(sheet.mediabox.height), []

    def note(text, matrix, text_matrix, *_):
        low = text_matrix[4] * matrix[1] + text_matrix[5] * matrix[3] + matrix[5]
        if text.strip() and low > 15 * 72 / 25.4:
            lows.append(low)

    sheet.extract_text(visitor_text=note)
    return 1 - min(lows) / height

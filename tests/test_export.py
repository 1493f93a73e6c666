"""What a page keeps, what it drops, and what it can never be without."""

import re
import subprocess
import sys
from io import BytesIO

import pandas as pd
import pytest
from lxml import html
from nbformat.v4 import new_output

from executed import (
    DOT,
    HOSTILE,
    PROVENANCE,
    SVG,
    markdown,
    notebook,
    number,
    parameters,
    provenance,
    ran,
    report,
    shows,
    write,
)
from helpers.schema import UnknownCode
from made_notebooks import write_notebook
from workbench import export, paper
from workbench.page import CSP, css_string, sanitised
from workbench.style import font_faces


def page_of(*cells, **given) -> str:
    return export.export_page(notebook(*cells, **given)).html


def body_of(page: str) -> str:
    return re.search(r"<body>.*", page, re.DOTALL)[0]


def text_of(page: str) -> str:
    return html.document_fromstring(page).body.text_content()


# Languages


@pytest.mark.parametrize(
    ("lang", "kept", "dropped"), [("fa", "سلام", "hello"), ("en", "hello", "سلام")]
)
def test_a_page_keeps_the_cells_of_its_language_and_those_without_one(lang, kept, dropped):
    page = page_of(markdown("سلام", "fa"), markdown("hello", "en"), markdown("both"), lang=lang)
    assert kept in text_of(page)
    assert "both" in text_of(page)
    assert dropped not in text_of(page)


@pytest.mark.parametrize(("lang", "direction"), [("fa", "rtl"), ("en", "ltr")])
def test_a_page_says_its_language_and_direction(lang, direction):
    root = html.document_fromstring(page_of(lang=lang))
    assert (root.get("lang"), root.get("dir")) == (lang, direction)


def test_the_language_is_what_papermill_was_given_else_the_default_of_the_notebook_else_persian():
    declares = parameters('lang: str = "en"  # fa or en\nprovince = "qom"\nrows = len("x")')
    bare = notebook(declares)
    del bare.metadata["papermill"]
    assert export.page_language(notebook(declares, lang="fa")) == "fa"
    assert export.page_language(bare) == "en"
    assert export.effective_parameters(bare) == {"lang": "en", "province": "qom"}
    bare.cells = []
    assert export.page_language(bare) == "fa"


def test_a_language_without_pages_is_refused():
    with pytest.raises(UnknownCode, match=r"'de' is not a language of a page.*fa, en"):
        page_of(lang="de")


def test_a_page_names_province_and_period_and_links_to_its_sibling():
    page = export.export_page(notebook(lang="en"), report="03_compare").html
    assert "Alborz · the first seven months of 1404" in text_of(page)
    assert 'href="03_compare.fa.html"' in page
    alone = export.export_page(notebook(lang="en"), report="03_compare", languages=["en"]).html
    assert ".fa.html" not in alone


def test_the_sibling_of_a_file_follows_from_its_name(tmp_path):
    page = export.export_page(write(notebook(), tmp_path / "03_compare.fa.ipynb")).html
    assert 'href="03_compare.en.html"' in page


@pytest.mark.parametrize("period", ["", "spring", "2020-01"])
def test_a_notebook_of_others_may_mean_another_thing_by_period(period):
    assert "<h1>" in page_of(period=period, province="bavaria")


# What is shown


def test_code_streams_and_parameters_are_not_on_the_page():
    page = page_of(
        parameters('province: str = "secret_default"'),
        ran(new_output("stream", name="stdout", text="secret noise")),
        ran(new_output("stream", name="stderr", text="secret warning")),
        shows({"text/plain": "<Axes at 0x7f00>"}),
    )
    assert "secret" not in page
    assert "0x7f00" not in page


def test_an_error_is_shown_readably():
    error = new_output(
        "error", ename="ValueError", evalue="no <rows>", traceback=["\x1b[31mValueError\x1b[0m"]
    )
    page = page_of(ran(error))
    assert "ValueError: no &lt;rows&gt;" in page
    assert "\x1b" not in page


@pytest.mark.parametrize(("mime", "payload"), [("image/png", DOT), ("image/svg+xml", SVG)])
def test_an_image_is_inside_the_page_with_its_words(mime, payload):
    page = page_of(shows({mime: payload}, metadata={"alt": 'rises "fast"'}))
    image = html.document_fromstring(page).find(".//img")
    assert image.get("src").startswith(f"data:{mime};base64,")
    assert image.get("alt") == 'rises "fast"'


def test_an_image_without_words_says_so():
    image = html.document_fromstring(page_of(shows({"image/png": DOT}), lang="en")).find(".//img")
    assert image.get("alt") == "Picture without a description"


def test_the_first_heading_is_the_title_and_the_second_level_the_contents():
    page = page_of(markdown("# Title & more\n\n## One\n\ntext\n\n## Two"), lang="en")
    root = html.document_fromstring(page)
    assert [h.text_content() for h in root.iter("h1")] == ["Title & more"]
    assert root.findtext(".//title") == "Title & more – Alborz"
    links = [(a.get("href"), a.text) for a in root.find_class("wb-toc")[0].iter("a")]
    assert links == [("#section-1", "One"), ("#section-2", "Two")]


@pytest.mark.parametrize(
    ("lang", "text", "isolated"),
    [
        ("fa", "ارزش در UN Comtrade (2024) آمده است", ["UN Comtrade"]),
        ("fa", "کد HS 0902.10 و IRICA", ["HS 0902.10", "IRICA"]),
        ("fa", "رشد ۶٫۳٪ است", ["۶٫۳٪"]),
        ("fa", "بدون حرف لاتین ۱۴۰۴", []),
        ("en", "the office (گمرک البرز) of Alborz", ["گمرک البرز"]),
    ],
)
def test_names_in_the_other_script_keep_their_own_direction(lang, text, isolated):
    page = page_of(markdown(text), lang=lang)
    runs = html.document_fromstring(page).xpath("//main//bdi")
    assert [run.text for run in runs] == isolated
    assert {run.get("dir") for run in runs} <= {{"fa": "ltr", "en": "rtl"}[lang]}
    assert text in text_of(page)


def test_a_table_scrolls_in_a_frame_that_its_caption_names():
    table = "<table><caption>Finding</caption><tr><td>1</td></tr></table>"
    root = html.document_fromstring(page_of(shows(table), lang="en"))
    (frame,) = root.xpath("//table/ancestor::div[@class='wb-table']")
    assert (frame.get("tabindex"), frame.get("aria-label")) == ("0", "Finding")


@pytest.mark.parametrize(
    ("n_rows", "text", "is_whole"),
    [
        (12, "short", True),
        (13, "short", False),
        (5, "a reason of several lines " * 3, True),
        (6, "a reason of several lines " * 5, False),
    ],
)
def test_a_table_is_kept_on_one_sheet_as_long_as_it_is_short_in_rows_and_in_lines(
    n_rows, text, is_whole
):
    rows = f"<tr><td>1</td><td>{text}</td></tr>" * n_rows
    page = export.export_page(notebook(shows(f"<table><tr><th>a</th></tr>{rows}</table>"))).html
    assert ('class="wb-whole"' in page) == is_whole


def test_half_spaces_are_kept():
    assert "گران\u200cتر" in text_of(page_of(markdown("گران\u200cتر")))


# What may be on a page


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("<p>a<script>b</script>c</p>", "<p>ac</p>"),
        ("<p onclick='x()'>a</p>", "<p>a</p>"),
        ("<style>p{}</style><p>a</p>", "<p>a</p>"),
        ("<iframe src='https://e.org'>x</iframe>a", "a"),
        ("<svg><script>x</script></svg>a", "a"),
        ("<a href='javascript:x()'>a</a>", "<a>a</a>"),
        ("<a href=' java\nscript:x()'>a</a>", "<a>a</a>"),
        ("<a href='data:text/html,x'>a</a>", "<a>a</a>"),
        ("<a href='https://e.org'>a</a>", '<a href="https://e.org">a</a>'),
        ("<img src='https://e.org/p.png' alt='a'>", ""),
        ("<img src=x onerror='x()'>", ""),
        ("<form action='/x'><b>a</b><input></form>", "<b>a</b>"),
        ("<p style='background:url(https://e.org); width: 5%'>a</p>", '<p style="width: 5%">a</p>'),
        ("<!-- a --><b>b", "<b>b</b>"),
        ("</div></body><b>a</b>", "<b>a</b>"),
        ("1 &lt; 2 & 3", "1 &lt; 2 &amp; 3"),
        ("", ""),
    ],
)
def test_clean_keeps_only_what_a_page_may_have(given, expected):
    assert sanitised(given) == expected


def test_cleaning_twice_is_cleaning_once():
    once = sanitised(HOSTILE + SVG + number("1"))
    assert sanitised(once) == once


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_a_page_holds_no_script_and_nothing_to_fetch(lang):
    page = export.export_page(report(lang)).html
    assert not re.search(r"<script|<link|<iframe|onerror|@import", page)
    assert not re.search(r"(src|url)\s*[=(]\s*[\"']?(?!data:)\w", page)
    assert "mathjax" not in page.lower()
    policy = html.document_fromstring(page).xpath("//meta[@http-equiv]/@content")
    assert policy == [CSP]
    assert policy[0].startswith("default-src 'none';")


@pytest.mark.parametrize(
    ("given", "expected"),
    [('a"b', '"a\\22 b"'), ("</style>", '"\\3c /style\\3e "'), ("a\\b\n", '"a\\5c b\\a "')],
)
def test_a_title_cannot_leave_its_string_in_the_style(given, expected):
    assert css_string(given) == expected


# Banner


@pytest.mark.parametrize(
    ("cells", "expected", "reason"),
    [
        ([provenance(False)], "", "the record says the data are real"),
        ([provenance(True)], "synthetic", "the record says they are not"),
        ([provenance(False), provenance(True)], "synthetic", "one of two is enough"),
        ([provenance(None)], "unknown", "a record that does not know proves nothing"),
        ([provenance("no")], "synthetic", "whatever is not false is not believed"),
        ([], "unknown", "no record"),
        ([shows("<p>Synthetic sample</p>")], "synthetic", "the outputs say it"),
        ([shows("<p>دادهٔ ساختگی</p>")], "synthetic", "the outputs say it"),
    ],
)
def test_only_a_record_that_says_so_clears_a_page_of_its_banner(cells, expected, reason):
    assert export.data_notice(notebook(*cells)) == expected, reason
    banners = html.document_fromstring(page_of(*cells)).xpath(
        "//body/*[@class='wb-synthetic' or @class='wb-unknown']"
    )
    assert [banner.get("class") for banner in banners] == ([f"wb-{expected}"] if expected else [])


def test_the_record_is_read_back_and_shown_in_the_footer():
    made = report()
    assert export.provenance_record(made) == {"is_synthetic": False}
    root = html.document_fromstring(export.export_page(made).html)
    assert root.xpath("//footer//details[@class='wb-provenance']")
    assert not root.xpath("//main//details[@class='wb-provenance']")


def test_a_record_without_markup_leaves_no_dump_on_the_page():
    page = page_of(shows({PROVENANCE: {"is_synthetic": False}, "text/plain": "secret"}))
    assert "secret" not in page


# Numbers, fonts, sameness


def test_numbers_come_unrounded_in_order_and_once():
    made = notebook(shows(f"<p>{number('۸۳۷')} {number('۴۷۴', '474.5')} {number('۸۳۷')}</p>"))
    assert export.export_page(made).numbers == [
        {
            "name": "unit_value",
            "value": value,
            "unit": "USD/t",
            "scope": "alborz",
            "period": "1404M01-07",
            "source": "گمرک & IRICA",
            "shown": shown,
        }
        for value, shown in ((837.25, "۸۳۷"), (474.5, "۴۷۴"))
    ]


def test_a_number_shows_its_source_without_the_browsers_own_tooltip():
    figure = html.document_fromstring(page_of(shows(number("1")))).find(".//data")
    assert figure.get("title") is None
    assert figure.get("data-source") == "گمرک & IRICA"
    assert figure.get("tabindex") == "0"


def test_two_exports_of_one_notebook_are_the_same_bytes():
    table = pd.DataFrame({"a": [1]})
    first, second = (page_of(shows(table.to_html())) for _ in range(2))
    assert first == second


def test_ids_that_nothing_points_to_are_dropped():
    page = page_of(shows('<p id="random">a</p><a href="#note">1</a><p id="note">b</p>'))
    assert 'id="random"' not in page
    assert 'id="note"' in page


def test_the_font_of_a_page_joins_persian_letters():
    from base64 import b64decode

    from fontTools.ttLib import TTFont

    found = re.findall(r"base64,([^)]+)\)", font_faces("پ"))
    digits, _, letters, _ = (TTFont(BytesIO(b64decode(data))) for data in found)
    features = {record.FeatureTag for record in letters["GSUB"].table.FeatureList.FeatureRecord}
    assert {"init", "medi", "fina", "rlig"} <= features
    assert {ord(c) for c in "پچژگکی"} <= set(letters.getBestCmap())
    assert {ord(c) for c in "۰۹٫٬٪"} == set(digits.getBestCmap()) & {ord(c) for c in "۰۹٫٬٪پ"}


def test_a_small_report_is_a_small_file():
    assert len(export.export_page(report()).html.encode()) < 250_000


# On paper


TABLE = """<table><thead><tr><th scope="col">Good</th><th scope="col">USD</th></tr></thead>
<tbody><tr><th scope="row">Tea</th><td>1</td></tr></tbody></table>"""
CARDS = "".join(
    f'<div class="wb-card"><dt>{name}</dt><dd>1</dd><dd class="wb-note">2</dd></div>'
    for name in ("exports", "imports")
).join(['<dl class="wb-cards">', "</dl>"])

needs_weasyprint = pytest.mark.skipif(
    "weasyprint" not in paper.pdf_engines(), reason="WeasyPrint cannot run here"
)


@pytest.mark.pdf
@pytest.mark.slow
@needs_weasyprint
@pytest.mark.parametrize(("lang", "title"), [("fa", "آیا صادرات البرز گران"), ("en", "Alborz")])
def test_a_pdf_has_language_title_tags_bookmarks_and_text_in_order(lang, title):
    from pypdf import PdfReader

    printed = PdfReader(
        BytesIO(paper.html_to_pdf(export.export_page(report(lang)).html, "weasyprint"))
    )
    assert title in printed.metadata.title
    assert printed.trailer["/Root"]["/Lang"] == lang
    assert printed.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert len(printed.outline) >= 1
    assert title in printed.pages[0].extract_text()
    assert printed.pages[0].mediabox.width == pytest.approx(595, abs=1)  # A4


@pytest.mark.pdf
@needs_weasyprint
@pytest.mark.parametrize(
    ("markup", "kind", "expected", "reason"),
    [
        (TABLE, "/TH", ["/Column", "/Column", "/Row"], "a heading says which way it heads"),
        (CARDS, "/LI", ["/L", "/L"], "the items of a list are its children, cards too"),
    ],
)
def test_the_tags_of_a_pdf_say(markup, kind, expected, reason):
    from pypdf import PdfReader

    printed = PdfReader(BytesIO(paper.html_to_pdf(page_of(shows(markup)), "weasyprint")))
    objects = (printed.get_object(number) for number in range(1, printed.trailer["/Size"]))
    tags = [tag for tag in objects if isinstance(tag, dict) and tag.get("/S") == kind]
    said = [tag["/A"]["/Scope"] if kind == "/TH" else tag["/P"]["/S"] for tag in tags]
    assert said == expected, reason


@pytest.mark.pdf
@pytest.mark.slow
@needs_weasyprint
def test_every_printed_page_of_synthetic_data_says_so_and_repeats_table_heads():
    from pypdf import PdfReader

    page = export.export_page(report("en", is_synthetic=True)).html
    texts = [sheet.extract_text() for sheet in PdfReader(BytesIO(paper.html_to_pdf(page))).pages]
    assert len(texts) > 2
    assert all("SYNTHETIC DATA" in text for text in texts)
    assert sum("heading of a" in text for text in texts) >= 2


@pytest.mark.pdf
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif("chromium" not in paper.pdf_engines(), reason="no Chromium is installed")
def test_a_chromium_prints_the_same_page():
    assert paper.html_to_pdf(export.export_page(report("en")).html, "chromium").startswith(b"%PDF")


def test_no_engine_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setattr(paper, "_weasyprint", lambda: None)
    monkeypatch.setattr(paper, "_chromium", lambda: None)
    with pytest.raises(paper.PdfEngineMissing, match=r"apt install libpango.*apt install chromium"):
        paper.html_to_pdf("<p>a</p>")


def test_an_engine_that_does_not_exist_is_refused():
    with pytest.raises(UnknownCode, match=r"'latex' is not a PDF engine.*weasyprint, chromium"):
        paper.html_to_pdf("<p>a</p>", "latex")


# By the ecosystem's rules


@pytest.mark.slow
def test_nbconvert_may_run_the_notebook_itself(tmp_path):
    """Its parameters and what it says of its data are looked at where they are: after the run."""
    cell = "from IPython.display import HTML; HTML(f'<p>{province}, synthetic</p>')"
    path = write_notebook(tmp_path / "own.ipynb", cell)
    command = [sys.executable, "-m", "nbconvert", "--to", "workbench-html", "--execute", str(path)]
    subprocess.run(command, check=True, cwd=tmp_path, timeout=120)
    page = (tmp_path / "own.html").read_text("utf-8")
    assert "alborz, synthetic" in page
    assert 'class="wb-synthetic"' in page


@pytest.mark.slow
@pytest.mark.parametrize(("name", "ending"), [("workbench-html", "html"), ("workbench-pdf", "pdf")])
def test_nbconvert_alone_finds_the_exporters(name, ending, tmp_path):
    if ending == "pdf" and not paper.pdf_engines():
        pytest.skip("no PDF engine can run here")
    path = write(report(), tmp_path / "03_compare.fa.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", name, str(path)]
    subprocess.run(command, check=True, cwd=tmp_path, timeout=120)
    assert (tmp_path / f"03_compare.fa.{ending}").stat().st_size > 10_000

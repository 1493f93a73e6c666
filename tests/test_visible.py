"""Notebooks of others: what a page cannot show is said on it and in its record."""

import base64
import re
from pathlib import Path

import pytest
from lxml import html
from nbformat.v4 import new_notebook, new_output

from executed import DOT, PROVENANCE, markdown, notebook, ran, shows
from workbench import export

PNG = base64.b64decode(DOT)
PLOTLY, VEGA = "application/vnd.plotly.v1+json", "application/vnd.vegalite.v5+json"


def exported(*cells, folder=None):
    page, _, lost, _ = export.export_page(notebook(*cells, lang="en"), folder=folder)
    return html.document_fromstring(page).find(".//main"), lost


def pictures(main) -> list[tuple[str, str]]:
    """Start of the address and alternative text of every picture."""
    return [(image.get("src")[:15], image.get("alt")) for image in main.iter("img")]


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "notebooks").mkdir()
    for path in ("notebooks/img.png", "notebooks/a b.png", "outside.png"):
        (tmp_path / path).write_bytes(PNG)
    return tmp_path / "notebooks"


@pytest.mark.parametrize(
    "text", ["![mine](img.png)", '<img src="img.png" alt="mine">', "![mine](a%20b.png)"]
)
def test_a_picture_in_the_notebook_s_folder_is_put_into_the_page(folder, text):
    main, lost = exported(markdown(text), folder=folder)
    assert pictures(main) == [("data:image/png;", "mine")]
    assert lost == []


@pytest.mark.parametrize(
    "address",
    ["none.png", "https://example.org/x.png", "//example.org/x.png", "../outside.png",
     "/etc/passwd", "attachment:none.png", "file:///etc/passwd", "notes.txt"],
)  # fmt: skip
def test_any_other_picture_is_a_sentence_with_its_alternative_text(folder, address):
    (folder / "notes.txt").write_text("x")
    main, lost = exported(
        markdown(f'<img src="{address}" alt="my &quot;plan&quot;">'), folder=folder
    )
    assert pictures(main) == []
    assert '[a picture that this page cannot hold: my "plan"]' in main.text_content()
    assert lost == ['a picture that this page cannot hold: my "plan"']


@pytest.mark.parametrize(
    ("markup", "alt"),
    [
        ('<iframe src="https://example.org" title="A map"></iframe>', "A map"),
        ('<svg width="9"><text>7</text></svg>', "svg"),
        ('<video src="x.mp4"></video>', "video"),
        ('<object data="x.pdf"><embed src="x.pdf"></object>', "object"),
    ],
)
def test_what_is_embedded_is_a_sentence_with_its_title(markup, alt):
    main, lost = exported(markdown(f"before\n\n{markup}\n\nafter"))
    assert lost == [f"a picture that this page cannot hold: {alt}"]
    assert " ".join(main.text_content().split()) == f"before [{lost[0]}] after"


def test_an_attached_picture_is_shown_however_it_is_named():
    cell = markdown('![one](attachment:a.png)\n\n<img src="attachment:a.png" alt="two">')
    cell["attachments"] = {"a.png": {"image/png": DOT}}
    main, lost = exported(cell)
    assert pictures(main) == [("data:image/png;", "one"), ("data:image/png;", "two")]
    assert lost == []


CHART = "a chart that only a script can draw"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"text/html": '<div id="p"></div><script>draw()</script>'}, CHART),
        ({PLOTLY: {"data": []}}, f"{CHART}: plotly"),
        ({VEGA: {}, "text/plain": "<VegaLite 5 object>"}, f"{CHART}: vegalite"),
        ({"application/javascript": "x", "text/plain": "<J object>"}, f"{CHART}: javascript"),
        ({"application/pdf": "JVBERg==", "text/plain": "<PDF>"}, f"{CHART}: pdf"),
        ({"text/plain": "<sklearn.Model object>"}, "an output that is no text, table or picture: "
         "sklearn.Model object"),
    ],
    ids=["script", "plotly", "vega", "javascript", "pdf", "repr"],
)  # fmt: skip
def test_what_no_page_can_show_is_said_and_recorded(data, sentence):
    main, lost = exported(shows(data))
    assert f"[{sentence}]" in main.text_content()
    assert lost == [sentence]
    assert not main.xpath(".//pre")


@pytest.mark.parametrize(
    "data",
    [
        {VEGA: {}, "text/plain": "alt.Chart", "image/png": DOT},
        {"text/html": "<script>draw()</script>", "image/png": DOT},
        {"image/gif": DOT, "text/plain": "<IPython.core.display.Image object>"},
    ],
    ids=["a chart's picture", "beside a script", "gif"],
)
def test_a_picture_beside_what_cannot_be_shown_is_shown(data):
    main, lost = exported(shows(data))
    assert len(pictures(main)) == 1
    assert lost == []


def test_a_table_with_a_script_beside_it_stays():
    main, lost = exported(
        shows({"text/html": "<table><tr><td>7</td></tr></table><script>1</script>"})
    )
    assert main.xpath("string(.//td)") == "7"
    assert lost == []


@pytest.mark.parametrize(
    "left",
    ["<matplotlib.lines.Line2D at 0x7f>", "[<matplotlib.lines.Line2D at 0x7f>]", "<Axes: >",
     "Text(0.5, 1.0, 'a title')", "(array([1., 2.]), <BarContainer object of 2 artists>)"],
)  # fmt: skip
def test_an_object_that_the_last_line_left_beside_a_chart_is_no_loss(left):
    cell = shows({"text/plain": left})
    cell.outputs += shows({"image/png": DOT}).outputs
    main, lost = exported(cell)
    assert (main.text_content().strip(), len(pictures(main)), lost) == ("", 1, [])


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("np.float64(2.25)", "2.25"),
        ("-3", "-3"),
        ("'it''s'", "its"),
        ("'تهران'", "تهران"),
        ("(np.float64(2.0), None)", "2.0, None"),
        ("{'a': 1, 'b': [2, 3]}", "a: 1; b: 2, 3"),
        ("array([1.5, 2. ])", "1.5, 2.0"),
        ("Timestamp('2025-03-21 00:00:00')", "2025-03-21 00:00:00"),
        ("Period('2025-03', 'M')", "2025-03"),
        ("0    1.0\n1    2.0\nName: a, dtype: float64", "0    1.0\n1    2.0"),
        ("a    int64\ndtype: object", "a    int64"),
        ("Total (USD)", "Total (USD)"),  # the words of an object's own
        ("from 1404-07 on", "from 1404-07 on"),
    ],
)
def test_a_value_is_said_without_the_marks_of_python(printed, said):
    main, lost = exported(shows({"text/plain": printed}))
    assert (main.text_content().strip(), lost) == (said, [])


@pytest.mark.parametrize("printed", ["range(0, 3)", "datetime.date(2025, 3, 21)", "D(a=1)"])
def test_an_object_that_is_no_single_value_is_a_sentence(printed):
    main, lost = exported(shows({"text/plain": printed}))
    kind = printed.partition("(")[0]
    assert lost == [f"an output that is no text, table or picture: {kind}"]
    assert main.text_content().strip() == f"[{lost[0]}]"


def test_a_record_alone_shows_nothing():
    main, lost = exported(shows({PROVENANCE: {"number": 1}}), shows({"text/plain": ""}))
    assert (main.text_content().strip(), lost) == ("", [])


def test_what_a_cell_prints_is_not_on_the_page_and_that_is_recorded():
    main, lost = exported(ran(new_output("stream", name="stdout", text="7\n")))
    assert (main.text_content().strip(), lost) == ("", ["what the program printed"])


@pytest.mark.parametrize(
    "cell",
    [
        markdown("The square $a^2+b^2$ is."),
        markdown("$$\\sum_{i=1}^n x_i$$"),
        shows({"text/latex": "$\\displaystyle \\frac{1}{2}$", "text/plain": "<Math object>"}),
    ],
    ids=["in a line", "on its own", "displayed"],
)
def test_a_formula_is_drawn_and_no_tex_reaches_the_reader(cell):
    main, lost = exported(cell)
    ((address, alt),) = pictures(main)
    assert address == "data:image/svg+"
    assert not re.search(r"[\\$]", main.text_content() + alt)
    assert lost == []


def test_a_formula_that_cannot_be_drawn_is_a_sentence():
    main, lost = exported(markdown("$$\\begin{unknown}x\\end{unknown}$$"))
    assert "[a formula that cannot be drawn]" in main.text_content()
    assert lost == ["a formula that cannot be drawn"]


def test_dollars_are_no_formula():
    main, _ = exported(markdown("It costs \\$5 and then \\$6."))
    assert "It costs $5 and then $6." in main.text_content()


def test_control_characters_leave_the_page():
    stream = new_output("stream", name="stdout", text="a\x0b\x0c\x1b\x00b")
    page = export.export_page(
        notebook(ran(stream), shows("<p>c\x1bd</p>"), markdown("e\x0cf"))
    ).html
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", page)


def test_a_notebook_without_any_metadata_has_a_page():
    assert "Hello" in export.export_page(new_notebook(cells=[markdown("Hello")])).html

"""Charts on paper: drawn as WeasyPrint draws them, and left to it where they are none of ours."""

import io
import re
import shutil
import subprocess
from urllib.parse import quote

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from workbench import paper
from workbench.drawings import Drawing


def chart(hatch=None) -> str:
    """Lines, dots, dashes, a transparent area, bars and letters of both scripts, as SVG."""
    with mpl.rc_context({"svg.fonttype": "path"}):
        figure = Figure((4, 3))
        axes = figure.subplots()
        axes.plot([1, 2, 4], "o--", color="#b5471b")
        axes.fill_between([0, 1, 2], [1, 1, 1], [2, 3, 4], alpha=0.3, color="#33566b")
        axes.barh([1, 2], [0.5, 1.5], edgecolor="#22282d", color="none", hatch=hatch)
        axes.text(0, 3, "البرز Alborz 1.5", rotation=30)
        target = io.StringIO()
        figure.savefig(target, format="svg")
    return target.getvalue()


def page_with(svg: str) -> str:
    address = f"data:image/svg+xml,{quote(svg)}"
    return f'<html lang="fa"><title>x</title><img src="{address}" alt="x"></html>'


def pixels(pdf: bytes) -> bytes:
    command = ["pdftoppm", "-r", "60", "-gray", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout


@pytest.mark.pdf
@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="poppler is not installed")
def test_a_chart_looks_as_weasyprint_would_draw_it(pdf_engine, monkeypatch):
    ours = pixels(paper.html_to_pdf(page_with(chart()), pdf_engine))
    monkeypatch.setattr(paper, "_CHART", re.compile("never found"))
    theirs = pixels(paper.html_to_pdf(page_with(chart()), pdf_engine))
    assert len(ours) == len(theirs)
    differ = [abs(a - b) for a, b in zip(ours, theirs, strict=True)]
    assert sum(d > 64 for d in differ) < len(differ) / 2000, "lines may lie half a pixel apart"
    assert sum(byte < 128 for byte in ours) > 1000, "and something is drawn"


@pytest.mark.parametrize(
    "svg",
    [
        pytest.param(chart(hatch="//"), id="a pattern"),
        pytest.param('<svg viewBox="0 0 1 1"><text>x</text></svg>', id="no outlines"),
        pytest.param('<svg viewBox="0 0 1 1"><path d="M 0 0" style="fill: red"/></svg>', id="red"),
        pytest.param('<svg viewBox="0 0 1 1"><path d="M 0 0 A 1 1"/></svg>', id="an arc"),
        pytest.param("<svg/>", id="no size"),
        pytest.param("<svg", id="no SVG"),
    ],
)
def test_what_is_not_of_matplotlib_s_few_forms_is_refused(svg):
    with pytest.raises((ValueError, KeyError, SyntaxError)):
        Drawing(svg)


@pytest.mark.pdf
def test_what_is_refused_is_drawn_by_weasyprint(pdf_engine):
    assert paper.html_to_pdf(page_with(chart(hatch="//")), pdf_engine).startswith(b"%PDF")

"""The font of the page: what is copied from a PDF is what was written."""

import shutil
import subprocess

import pytest

from executed import markdown, notebook
from workbench import export, paper, style

WRITTEN = ("دلار", "کالای", "الآن", "سلام", "علی", "می‌گوید", "خانه‌ها", "البرز", "دادهٔ", "خانهٔ ما")


@pytest.mark.pdf
@pytest.mark.parametrize("bold", ["", "**"])
def test_words_are_found_in_the_pdf_as_they_were_written(pdf_engine, tmp_path, bold):
    if pdf_engine != "weasyprint" or not shutil.which("pdftotext"):
        pytest.skip("needs WeasyPrint and pdftotext")
    said = markdown("\n\n".join(f"{bold}{word}{bold}" for word in WRITTEN))
    page = export.export_page(notebook(markdown("# واژه‌ها"), said, lang="fa")).html
    (tmp_path / "page.pdf").write_bytes(paper.html_to_pdf(page))
    read = subprocess.check_output(["pdftotext", tmp_path / "page.pdf", "-"], text=True)
    assert [word for word in WRITTEN if word not in read] == []


def test_a_subset_of_the_font_is_made_once(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = style._kept_subset(style.LETTERS, 400, "ab")
    monkeypatch.setattr(style, "_subset", lambda *_: pytest.fail("made a second time"))
    assert style._kept_subset(style.LETTERS, 400, "ab") == made


def test_without_a_cache_to_write_to_the_subset_is_made_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert style._kept_subset(style.LETTERS, 400, "ab")

"""Whether a PDF can be made here, and what is said where it cannot."""

import ctypes
import shutil

import pytest

from workbench import paper


@pytest.fixture
def nothing_installed(monkeypatch):
    def refuse(name):
        raise OSError(f"no {name}")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(paper, "_weasyprint", lambda: None)


@pytest.mark.usefixtures("nothing_installed")
def test_without_pango_and_a_browser_there_is_no_engine():
    assert not paper.has_engine()
    assert paper.pdf_engines() == []


@pytest.mark.usefixtures("nothing_installed")
def test_a_pdf_without_an_engine_is_refused_with_what_to_install():
    with pytest.raises(paper.PdfEngineMissing, match=r"libpango.*chromium"):
        paper.html_to_pdf("<p>x</p>")


def test_a_browser_alone_is_an_engine(nothing_installed, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/x" if name == "chromium" else None)
    assert paper.has_engine()
    assert paper.pdf_engines() == ["chromium"]

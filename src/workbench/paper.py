"""The page on paper: WeasyPrint first, an installed Chromium else, advice if neither.

Whether a PDF can be made here is found out without importing what would make it: that costs more
than a batch with nothing to do may take, and the plan has to know which files to expect.
"""

import base64
import ctypes
import os
import re
import shutil
from contextlib import suppress
from functools import cache, lru_cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from helpers.schema import HelpersError, check_word

_CHROMIUMS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge",
    "msedge", "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)  # fmt: skip
_PANGO = ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll", "pango-1.0-0")
_REGISTER = r'<details class="wb-register">.*?</details>'
_FOR_SCREENS = re.compile(
    rf'{_REGISTER}|<a [^>]*download=.*?</a>| (?:data-[a-z]+|tabindex)="[^"]*"', re.DOTALL
)
"""The register of numbers would be most of what is laid out; the rest has no form on paper."""
_FONT = re.compile(r'url\(data:font/woff2;base64,([^)]*)\) format\("woff2"\)')
_CHART = re.compile(r'src="data:image/svg\+xml,([^"]*)"')
_REMEDY = (
    "install the libraries of WeasyPrint (apt install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0; brew install pango) or a browser (apt install chromium; "
    "brew install --cask chromium; Chrome and Edge do too)"
)
ADVICE = f"no PDF was made: {_REMEDY}, and run the same command again"


class PdfEngineMissing(HelpersError):
    """Neither WeasyPrint nor a Chromium can run here; the message says what to install."""


def has_engine() -> bool:
    """Whether WeasyPrint with its libraries, or a Chromium, seems to be installed."""
    has_weasyprint = find_spec("weasyprint") is not None and any(map(_can_be_loaded, _PANGO))
    return has_weasyprint or _chromium() is not None


def pdf_engines() -> list[str]:
    """The PDF engines that can run here, the preferred first: `weasyprint`, `chromium`."""
    found = {"weasyprint": _weasyprint(), "chromium": _chromium()}
    return [name for name, engine in found.items() if engine]


def html_to_pdf(page: str, engine: str | None = None) -> bytes:
    """The page as a PDF: A4, tagged, with bookmarks and embedded fonts; nothing is fetched.

    Args:
        page: a page of this package.
        engine: `weasyprint` or `chromium`; None takes the first that can run.

    Raises:
        PdfEngineMissing: none can, or not the one asked for; the message says what to install.
    """
    engines = {"weasyprint": _by_weasyprint, "chromium": _by_chromium}
    if engine:
        check_word("PDF engine", engine, tuple(engines))
    usable = [name for name in pdf_engines() if engine in (None, name)]
    if not usable:
        raise PdfEngineMissing(
            f"no PDF engine: expected {engine or 'WeasyPrint or a Chromium'}, found none; "
            f"{_REMEDY}. The HTML pages need neither"
        )
    return engines[usable[0]](page)


def _chromium() -> str | None:
    """The path of an installed Chromium, or of a browser made of it."""
    return next((path for name in _CHROMIUMS if (path := shutil.which(name))), None)


def _can_be_loaded(library: str) -> bool:
    with suppress(OSError):
        return bool(ctypes.CDLL(library))
    return False


def _weasyprint() -> Any:
    try:
        import weasyprint
    except (ImportError, OSError):  # OSError: the package is there, its system libraries are not
        return None
    return weasyprint


def _by_weasyprint(page: str) -> bytes:
    from html import unescape
    from xml.etree.ElementTree import ParseError

    from workbench.drawings import Drawing

    charts: dict[str, Drawing] = {}

    def drawn(source: re.Match[str]) -> str:
        name = f"chart:{len(charts)}"
        # What is not matplotlib's, WeasyPrint draws itself.
        with suppress(ValueError, KeyError, ParseError):
            charts[name] = Drawing(unquote(unescape(source[1])))
            return f'src="{name}"'
        return source[0]

    rules, sheet, counters = _print_style()
    used = {"stylesheets": [sheet]} if rules in page else {}
    page = _CHART.sub(drawn, _FOR_SCREENS.sub("", page.replace(rules, "")))
    page = _FONT.sub(lambda font: f"url(data:font/ttf;base64,{_unpacked(font[1])})", page)
    weasyprint = _weasyprint()
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=("data",))
    document = weasyprint.HTML(string=page, url_fetcher=fetcher, media_type="print")
    laid_out = document.render(counter_style=counters, cache=charts, **used)
    return laid_out.write_pdf(pdf_variant="pdf/ua-1", finisher=_complete_tags)


@lru_cache(maxsize=16)
def _unpacked(font: str) -> str:
    """A font as WeasyPrint needs it: most pages have the same, and so it is unpacked once."""
    from fontTools.ttLib import TTFont

    target, opened = BytesIO(), TTFont(BytesIO(base64.b64decode(font)))
    opened.flavor = None
    opened.save(target)
    return base64.b64encode(target.getvalue()).decode()


@cache
def _print_style() -> tuple[str, Any, Any]:
    """The style of every page, read once: its rules, and what WeasyPrint makes of them."""
    from weasyprint.css.counters import CounterStyle

    from workbench.style import stylesheet

    rules, counters = stylesheet().partition("/*fonts*/")[2], CounterStyle()
    css = _weasyprint().CSS(string=rules, media_type="print", counter_style=counters)
    return rules, css, counters


def _complete_tags(_document: Any, pdf: Any) -> None:
    """What WeasyPrint's tags do not say: what a heading heads, and that a card is one list item."""

    def at(reference: str) -> dict[str, Any]:
        return pdf.objects[int(reference.split()[0])]

    for element in pdf.objects:
        kind = element.get("S") if isinstance(element, dict) else None
        if kind == "/TH":
            heads_column = at(at(element["P"])["P"])["S"] == "/THead" or "ColSpan" in element["A"]
            element["A"]["Scope"] = "/Column" if heads_column else "/Row"
        elif kind == "/LI" and at(element["P"])["S"] != "/L":
            at(element["P"])["S"], element["S"] = "/LI", "/LBody"
            for body in element["K"]:
                at(body)["S"] = "/Div"


def _by_chromium(page: str) -> bytes:
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(re.sub(_REGISTER, "", page, flags=re.DOTALL), encoding="utf-8")
        command = [
            _chromium(), "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
            "--generate-pdf-document-outline", f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={target}", source.as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if not target.exists():
            raise HelpersError(f"{command[0]} wrote no PDF (exit {done.returncode}): {done.stderr}")
        return target.read_bytes()

"""Whether a PDF can be made here, found out without importing what would make it.

`export` does the work and looks properly; importing it costs more than a batch with nothing to do
may take, and the plan has to know which files to expect.
"""

from __future__ import annotations

import ctypes
import shutil
from contextlib import suppress
from importlib.util import find_spec

_CHROMIUMS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge",
    "msedge", "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)  # fmt: skip
_PANGO = ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll", "pango-1.0-0")

REMEDY = (
    "install the libraries of WeasyPrint (apt install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0; brew install pango) or a browser (apt install chromium; "
    "brew install --cask chromium; Chrome and Edge do too)"
)
ADVICE = f"no PDF was made: {REMEDY}, and run the same command again"


def has_engine() -> bool:
    """Whether WeasyPrint with its libraries, or a Chromium, seems to be installed."""
    return _has_weasyprint() or chromium() is not None


def chromium() -> str | None:
    """The path of an installed Chromium, or of a browser made of it."""
    return next((path for name in _CHROMIUMS if (path := shutil.which(name))), None)


def _has_weasyprint() -> bool:
    return find_spec("weasyprint") is not None and any(_can_be_loaded(name) for name in _PANGO)


def _can_be_loaded(library: str) -> bool:
    with suppress(OSError):
        return bool(ctypes.CDLL(library))
    return False

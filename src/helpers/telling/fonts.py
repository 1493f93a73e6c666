"""The fonts of charts: letters of IBM Plex Sans Arabic, Persian digits of Noto Sans Arabic.

In Plex the Persian zero is a dot, and the thousands and decimal marks are two nearly equal commas.
Noto sets the marks apart. Its digits alone are cut out of it, as a font of the same weight that
stands before the other.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import fontpkg
import platformdirs
from matplotlib import font_manager

from helpers.places import write_whole

LETTERS, DIGITS = "IBM Plex Sans Arabic", "Noto Sans Arabic"
FAMILIES = [DIGITS, LETTERS]
WEIGHTS = (400, 600)
CHARACTERS = "۰۱۲۳۴۵۶۷۸۹٫٬٪"


@cache
def register() -> None:
    """Makes both fonts known to matplotlib, once a process."""
    for weight in WEIGHTS:
        font_manager.fontManager.addfont(str(digits_font(weight)))
        font_manager.fontManager.addfont(str(fontpkg.path(LETTERS, weight=weight)))


def digits_font(weight: int) -> Path:
    """A font of nothing but Persian digits and their marks, in the user's cache."""
    source = Path(fontpkg.path(DIGITS, weight=weight))
    name = hashlib.sha256(source.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:16]
    made = platformdirs.user_cache_path("alborz-trade-workbench") / f"digits-{name}-{weight}.ttf"
    if not made.is_file():
        write_whole(made, lambda path: _cut_out(source, weight, path))
    return made


def _cut_out(source: Path, weight: int, target: Path) -> None:
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    font = TTFont(source, recalcTimestamp=False)
    instancer.instantiateVariableFont(font, {"wght": weight, "wdth": 100}, inplace=True)
    font["OS/2"].usWeightClass = weight
    subsetter = subset.Subsetter(subset.Options(name_IDs=[1, 2], drop_tables=["GSUB", "GPOS"]))
    subsetter.populate(text=CHARACTERS)
    subsetter.subset(font)
    # matplotlib tells outlines apart by this name: without it both weights would share theirs.
    font["name"].setName(f"PersianDigits-{weight}", 6, 3, 1, 0x409)
    font.save(target)

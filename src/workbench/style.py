"""The style, the words and the fonts that every page carries inside."""

import base64
import hashlib
import io
import json
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import platformdirs

from helpers.places import write_whole
from helpers.schema import Lang
from workbench.project import project

TEMPLATES = Path(__file__).parent / "template"
LETTERS, DIGITS = "IBM Plex Sans Arabic", "Noto Sans Arabic"
"""In Plex the Persian zero is a dot, and thousands and decimal marks are two like commas: digits
and marks come from Noto, which stands before it in the style sheet."""
WEIGHTS = (400, 600)
PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹٫٬٪"


@cache
def page_words(lang: Lang) -> dict[str, Any]:
    """The words of pages that do not come from notebooks."""
    own = json.loads((TEMPLATES / "words.json").read_text(encoding="utf-8"))[lang]
    return own | project().trade_words(lang)


@cache
def stylesheet() -> str:
    """The style of every page, with `/*fonts*/` where `font_faces` goes."""
    return (TEMPLATES / "page.css").read_text(encoding="utf-8")


READERS = timezone(timedelta(hours=3, minutes=30))
"""Tehran, which has no summer time since 2022."""


def day_name(iso: str, lang: Lang, *, with_time: bool = False) -> str:
    """The readers' day of a moment, in the calendar of the language: `۱ آذر ۱۴۰۵`; else nothing.

    With its time it is `۲ آذر ۱۴۰۵، ۰۲:۵۰ به وقت تهران`.
    """
    from persiantools.jdatetime import JalaliDate

    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return ""
    moment = moment.astimezone(READERS) if moment.tzinfo else moment
    day, comma = f"{moment:%Y-%m-%d}", " "
    if lang == "fa":
        here, comma = JalaliDate.to_jalali(moment.date()), "، "
        day = f"{here.day} {here.strftime('%B %Y', locale='fa')}"
    time = f"{comma}{moment:%H:%M} {page_words(lang)['zone']}" if with_time else ""
    return digits(day + time, lang)


_PERSIAN = str.maketrans("0123456789.,%-", "۰۱۲۳۴۵۶۷۸۹٫٬٪−")


def digits(text: str, lang: Lang) -> str:
    """A number's text in the digits and marks of the language."""
    return text.translate(_PERSIAN) if lang == "fa" else text


def written(value: float, lang: Lang, decimals: int = 0, unit: str = "") -> str:
    """A number in the digits of the language, half rounded up as people do."""
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(repr(value)).quantize(step, ROUND_HALF_UP)
    return digits(f"{rounded:,}{unit}", lang)


_REPERTOIRE = "".join(map(chr, range(0x20, 0x7F))) + (
    "ءآأؤئابتثجحخدذرزسشصضطظعغفقلمنهوپچژکگیۀةيك۰۱۲۳۴۵۶۷۸۹،؛؟٪٫٬«»ًٌٍَُِّْٔ"
    "\u00a0\u00ab\u00b7\u00d7\u200c\u200e\u200f\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2212"
)
"""Letters that nearly every page has: with them, most pages share one subset of each font."""


def font_faces(page: str) -> str:
    """`@font-face` rules with the glyphs that the page uses, joining and all, as data URLs."""
    characters = "".join(sorted({*_REPERTOIRE, *page}))
    sets = {DIGITS: PERSIAN_DIGITS, LETTERS: characters}
    return "\n".join(_font_face(f, weight, text) for f, text in sets.items() for weight in WEIGHTS)


@lru_cache(maxsize=64)
def _font_face(family: str, weight: int, characters: str) -> str:
    data = base64.b64encode(_kept_subset(family, weight, characters)).decode()
    only = "unicode-range:U+6F0-6F9,U+66A-66C;" if family == DIGITS else ""
    return (
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-display:block;{only}'
        f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
    )


def _kept_subset(family: str, weight: int, characters: str) -> bytes:
    """The subset, from the user's cache if it is there: making it takes as long as a page."""
    import fontpkg

    font, code = Path(fontpkg.path(family, weight)), Path(__file__)
    files = [path.read_bytes() for path in (font, code, code.with_name("letters.py"))]
    made_from = [*files, str(weight).encode(), version("fonttools").encode(), characters.encode()]
    name = hashlib.sha256(b"".join(made_from)).hexdigest()
    kept = platformdirs.user_cache_path("alborz-trade-workbench") / f"{name}.woff2"
    with suppress(OSError):
        return kept.read_bytes()
    made = _subset(font, weight, characters)
    with suppress(OSError):  # A cache is a convenience.
        write_whole(kept, made)
    return made


def _subset(path: Path, weight: int, characters: str) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    from workbench import letters

    options = subset.Options(
        flavor="woff2", layout_features=["*"], hinting=False, notdef_outline=True,
        name_IDs=[1, 2], recalc_timestamp=False,
        drop_tables=["meta"],
    )  # fmt: skip
    font = TTFont(path, recalcTimestamp=False)
    if "fvar" in font:
        instancer.instantiateVariableFont(font, {"wght": weight, "wdth": 100}, inplace=True)
    else:
        letters.keep_letters_apart(font)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(font)
    target = io.BytesIO()
    subset.save_font(font, target, options)
    return target.getvalue()

"""Persian and Arabic script brought to one form, and never deleted.

Customs files mix Arabic and Persian letters inside one name, three digit systems in one column,
and invisible direction marks. `normalise` makes text readable and comparable and keeps every
letter; `match_key` goes further and is only for looking things up, never for showing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import chain

ZWNJ = "\u200c"

_LETTERS = {
    "ي": "ی",
    "ى": "ی",
    "ې": "ی",
    "ك": "ک",
    "ڪ": "ک",
    "ۀ": "ه",
    "ة": "ه",
    "ہ": "ه",
    "ھ": "ه",
}
_DIGITS = {
    **{chr(0x06F0 + d): str(d) for d in range(10)},  # Persian
    **{chr(0x0660 + d): str(d) for d in range(10)},  # Arabic-Indic
}
# Direction marks, byte-order marks, soft hyphens and joiners other than the half-space.
_HIDDEN_RANGES = (range(0x202A, 0x202F), range(0x2066, 0x206A))
_HIDDEN_SINGLES = (0x200B, 0x200D, 0x200E, 0x200F, 0x061C, 0xFEFF, 0x00AD, 0x0640)
_HIDDEN = dict.fromkeys(chain(*_HIDDEN_RANGES, _HIDDEN_SINGLES))
_NORMAL = str.maketrans(_LETTERS) | str.maketrans(_DIGITS) | _HIDDEN
_LOOSE_ZWNJ = re.compile(rf"{ZWNJ}*\s+{ZWNJ}*|{ZWNJ}{{2,}}")
_HAMZA = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ؤ": "و", "ئ": "ی", "ء": None})
_NOT_WORD = re.compile(r"[\W_]+")


def normalise(text: str) -> str:
    """The text with one form for each letter and digit; no word is lost.

    Arabic yeh and kaf become Persian, all digits ASCII, direction marks and tatweel go,
    presentation forms are decomposed (NFKC), runs of spaces become one, and «ۀ» is a plain heh.
    Half-spaces stay.
    Normalising twice is normalising once.

    Example: `"امارات متحده عربي  ١٢"` -> `"امارات متحده عربی 12"`
    """
    composed = unicodedata.normalize("NFKC", text.translate(_NORMAL)).translate(_NORMAL)
    spaced = " ".join(composed.split())
    if ZWNJ not in spaced:  # most words: a search for loose ones would take longer than the rest
        return spaced
    return _LOOSE_ZWNJ.sub(lambda run: " " if " " in run[0] else ZWNJ, spaced).strip(" " + ZWNJ)


@lru_cache(maxsize=1 << 16)
def match_key(text: str) -> str:
    """A key under which two spellings of one name meet: for look-ups only.

    Case, spaces, half-spaces, punctuation, diacritics and hamza seats are folded away.

    Example: `"جمهوری مقدونيه(یوگسلاوی)"` and `"جمهوري مقدونیه (یوگسلاوي)"` share one key.
    """
    decomposed = unicodedata.normalize("NFKD", normalise(text).translate(_HAMZA))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _NOT_WORD.sub("", letters).casefold()


def to_persian_digits(text: str) -> str:
    """The text with ASCII digits shown as Persian ones; nothing else changes."""
    return text.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))

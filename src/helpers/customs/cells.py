"""What the text of one cell means: a number, an HS code, a year, a run of months.

Everything works on distinct words and says for each what it means or why it has no meaning.
A word with two readings has none: it is refused with a reason, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from helpers import classification
from helpers.periods import MONTHS_EN, MONTHS_FA
from helpers.text import match_key, normalise

NOTHING = frozenset(
    {"", "-", "--", "–", "—", "..", "...", "n/a", "na", "#n/a", "null", "none", "nan"}
)
"""Cells that say "no figure", after `normalise` and in lower case."""

_SPLIT = r"^[+-]?0[0-9]{2}$"
"""The end of a number that a separator has cut: nobody writes twelve as `012`."""

_LOST = r"^[+-]?[0-9](\.[0-9]{1,5})?E\+?(0?[6-9]|1[0-5])$"
"""A large number that a spreadsheet has shortened: its other digits are nowhere."""

_PIECES = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]")
"""Line breaks: what stands on both sides are two things in one cell, never one number."""

_PLAIN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_GROUPED = r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$"

_MARKS = {
    "dots": r"^[+-]?[0-9]{1,3}(\.[0-9]{3}){2,}(,[0-9]+)?$",
    "decimal_point": r"^[+-]?([0-9]{4,}\.[0-9]+|0?\.[0-9]+|[0-9]+\.([0-9]{1,2}|[0-9]{4,})"
    r"|[0-9,]+,[0-9]{3}\.[0-9]+)$",
    "decimal_comma": r"^[+-]?[0-9.]*,([0-9]{1,2}|[0-9]{4,})$",
    "commas": r"^[+-]?[0-9]{1,3}((,[0-9]{3}){2,}(\.[0-9]+)?|,[0-9]{3}\.[0-9]+)$",
}
"""Words that can be read in one way only, and so say what a dot or a comma means beside them."""

_ASCII = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٬٫", "01234567890123456789,.")

_ORDINALS = (
    "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه", "ده", "یازده", "دوازده",
)  # fmt: skip
_YEAR = re.compile(r"(?<![0-9])1[34][0-9]{2}(?![0-9]{3})")
_YEAR_MONTH = re.compile(
    # What goes on with another number is a date: 1404/08/15.
    r"(?<![0-9])1[34][0-9]{2}[-_/. ]?(0[1-9]|1[0-2])(?![0-9]|[-/.][0-9])"
)
_YEAR_MONTHS = re.compile(
    r"(?<![0-9])1[34][0-9]{2}[-_/. ]?M(0[1-9]|1[0-2])(?:-(0[1-9]|1[0-2]))?(?![0-9])", re.I
)
_MONTH_LABEL = re.compile(r"(?:month|ماه)[-_ ]?(0?[1-9]|1[0-2])(?![0-9])", re.I)
_QUARTERS = (("بهار", "Q1"), ("تابستان", "Q2"), ("پاییز", "Q3"), ("زمستان", "Q4"))
_PARTS = {"اول": 1, "نخست": 1, "یکم": 1, "دوم": 2, "سوم": 3, "چهارم": 4}
_FIRST_MONTHS = re.compile(
    rf"([0-9]{{1,2}}|{'|'.join(reversed(_ORDINALS))})[ _\-\u200c]?ماهه"
    rf"(?:[ _\-\u200c]?ی)?(?:[ _\-\u200c]?({'|'.join(_PARTS)})(?!\w))?"
)


def numbers_of(words: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of a column that stands alone; see `numbers_of_columns`."""
    return numbers_of_columns([words])[0]


def numbers_of_columns(columns: list[pa.StringArray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The numbers that the words of a table's figure columns stand for.

    Args:
        columns: `۱٬۲۳۴٫۵`, `1,234`, `(123)`, `123-`, `1.2E+05`, mixed digit systems. What a dot
            or a comma means is decided by all of them: `1.234.567` leaves `45.300` two readings.

    Returns:
        For each column its values (NaN where there is none), and whether each word could be read:
        a blank or a dash is read as missing; `1,23`, `12/5`, words with letters, pieces on two
        lines, footnote marks and numbers with two readings cannot be read.
    """
    plain = [_all_plain(words) for words in columns]
    in_ascii = [w if p is not None else _in_ascii(w) for w, p in zip(columns, plain, strict=True)]
    doubtful = _two_readings(in_ascii)
    return [_numbers(*three, doubtful) for three in zip(columns, in_ascii, plain, strict=True)]


def _numbers(
    words: pa.StringArray, in_ascii: pa.StringArray, plain: np.ndarray | None, doubtful: str
) -> tuple[np.ndarray, np.ndarray]:
    doubted = _matches(in_ascii, doubtful) if doubtful else np.zeros(len(words), dtype=bool)
    if pc.any(pc.starts_with(in_ascii, "0")).as_py():
        doubted |= _matches(in_ascii, _SPLIT)
    if _has(in_ascii, "E"):
        doubted |= _matches(in_ascii, _LOST)
    if plain is not None:
        return np.where(doubted, np.nan, plain), ~doubted
    values = np.full(len(words), np.nan)
    readable = np.zeros(len(words), dtype=bool)
    for pattern, grouping in ((_PLAIN, ""), (_GROUPED, ",")):
        fits = _matches(in_ascii, pattern) & ~doubted
        values[fits] = _as_floats(in_ascii.filter(pa.array(fits)), grouping)
        readable |= fits
    odd = np.flatnonzero(~readable)
    for place, word in zip(odd, words.take(pa.array(odd)).to_pylist(), strict=True):
        number = number_of(word, doubtful)
        readable[place] = number is not None
        values[place] = np.nan if number is None else number
    too_large = np.isinf(values)
    values[too_large] = np.nan
    return values, readable & ~too_large


def _two_readings(columns: list[pa.StringArray]) -> str:
    """A pattern of the words that have two readings in these columns; "" where none has.

    A dot before three digits is a decimal point only beside a word that says so (`12.5`); a comma
    there is one of thousands unless a word says otherwise (`12,5`).
    """
    with_dots, with_commas = ([c for c in columns if _has(c, mark)] for mark in ".,")
    patterns = []
    if with_dots and (_any(with_dots, "dots") or not _any(with_dots, "decimal_point")):
        patterns.append(r"[1-9][0-9]{0,2}\.[0-9]{3}")
    if with_commas and _any(with_commas, "decimal_comma") and not _any(with_commas, "commas"):
        patterns.append("[1-9][0-9]{0,2},[0-9]{3}")
    return rf"^[+-]?({'|'.join(patterns)})$" if patterns else ""


def _any(columns: list[pa.StringArray], mark: str) -> bool:
    parts = (part for words in columns for part in (words[:1000], words[1000:]))
    return any(_matches(part, _MARKS[mark]).any() for part in parts)


def _has(words: pa.StringArray, mark: str) -> bool:
    text = words.buffers()[2]
    return text is not None and bool((np.frombuffer(text, np.uint8) == ord(mark)).any())


def _all_plain(words: pa.StringArray) -> np.ndarray | None:
    """The numbers of words that are all plain or blank, at once; None where a word is neither."""
    blank = pc.equal(words, "")
    try:
        values = pc.cast(pc.if_else(blank, None, words), pa.float64()).to_numpy(False)
    except pa.ArrowInvalid:
        return None
    # The cast also knows the words "nan" and "inf", which are no plain numbers.
    return values if np.isfinite(values).sum() == len(words) - pc.sum(blank).as_py() else None


def _in_ascii(words: pa.StringArray) -> pa.StringArray:
    """Persian and Arabic digits and separators as ASCII, for all words at once."""
    joined = "\n".join(words.to_pylist()).translate(_ASCII)
    parts = joined.split("\n") if len(words) else []
    return pa.array(parts, pa.string()) if len(parts) == len(words) else words


def _matches(words: pa.StringArray, pattern: str) -> np.ndarray:
    return pc.match_substring_regex(words, pattern).to_numpy(zero_copy_only=False).astype(bool)


def _as_floats(words: pa.StringArray, grouping: str) -> np.ndarray:
    plain = pc.replace_substring(words, grouping, "") if grouping else words
    return pc.cast(pc.utf8_ltrim(plain, "+"), pa.float64()).to_numpy(zero_copy_only=False)


def number_of(word: str, doubtful: str = "") -> float | None:
    """The number one word stands for; NaN for "no figure", None where it cannot be read.

    A word that matches the pattern `doubtful` has two readings in its table, and so none.
    """
    if is_in_pieces(word):
        return None
    spaced = re.sub(r"(?<=[0-9])[\u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))", ",", word)
    text = _unquoted(normalise(spaced)).translate(_ASCII | {0x60C: ",", 0x2212: "-"})
    if text.lower() in NOTHING:
        return float("nan")
    negative = re.fullmatch(r"\((.+)\)|([^-].*)-", text)
    if negative:
        text = "-" + (negative[1] or negative[2]).strip()
    if re.search("|".join(filter(None, (doubtful, _SPLIT, _LOST))), text):
        return None
    # One plain space alone may as well part two numbers.
    if re.fullmatch(r"[+-]?[0-9]{1,3}('[0-9]{3}|( [0-9]{3}){2,})+(\.[0-9]+)?", text):
        text = re.sub("[ ']", "", text)
    if re.fullmatch(_MARKS["dots"], text):
        text = text.replace(".", "").replace(",", ".")
    if re.fullmatch(_GROUPED, text):
        text = text.replace(",", "")
    return float(text) if re.fullmatch(_PLAIN, text) else None


def _unquoted(text: str) -> str:
    """A cell without the marks that say "this is text": `'12`, `"12"`, `="12"`."""
    return re.sub(r"^=?([\"'])(.*)\1$", r"\2", text).removeprefix("'")


def is_in_pieces(word: str) -> bool:
    """Whether a cell holds two things: lines, or a number and a footnote mark (`5000²`)."""
    odd = not word.isascii() and any(unicodedata.category(letter) == "No" for letter in word)
    return odd or bool(_PIECES.search(word.strip()))


@lru_cache(maxsize=1 << 16)
def hs_code_of(word: str) -> tuple[str | None, str]:
    """The HS code one word stands for, with what was repaired or why it was refused.

    Returns:
        (code, repair) with repair `""`, `hs_padded`, `hs_separators` or `hs_unknown` (joined by
        commas), or (None, reason); (None, "") for a blank.

    A code of odd length has lost its leading zero, as it does in a spreadsheet. It gets it back
    only if the padded code's chapter, heading or subheading is in HS 2022; zeros are never added
    at the right. Ranges (`84-85`), dates and several codes in one cell are refused. A well-formed
    code that HS 2022 lacks (an older edition) is kept and flagged.

    Examples: `"۰۹۰۲.۱۰"` -> `("090210", "hs_separators")`,
        `"9021000"` -> `("09021000", "hs_padded")`
    """
    if word.isascii() and word.isdigit() and len(word) <= 8:
        return _repaired(word, [])
    text = _unquoted(normalise(word))
    if text.lower() in NOTHING:
        return None, ""
    text = re.sub(r"(?<=[0-9]{5})\.0$", "", text)  # a number that a spreadsheet wrote as text
    groups = re.split(f"[{_HS_SEPARATORS}]", text)
    if is_in_pieces(word) or not all(re.fullmatch("[0-9]+", group) for group in groups):
        return None, "hs_unreadable"
    if len(groups) == 1:
        return _repaired(text, [])
    if not _is_one_code(groups, set(re.findall(f"[{_HS_SEPARATORS}]", text))):
        return None, "hs_unreadable"
    return _repaired("".join(groups), ["hs_separators"])


_HS_SEPARATORS = r".\-–/ \u200c"
_HS_GROUPS = {(4, 2), (4, 2, 2), (6, 2)}
_HS_GROUPS_WITH_DOTS = _HS_GROUPS | {(4, 4), (2, 2), (2, 2, 2), (2, 2, 2, 2)}


def _is_one_code(groups: list[str], separators: set[str]) -> bool:
    """Whether digits in groups are one tariff code; not a range, a date or several codes."""
    sizes = (len(groups[0]) + len(groups[0]) % 2, *map(len, groups[1:]))
    if sizes not in (_HS_GROUPS_WITH_DOTS if separators <= set(". \u200c") else _HS_GROUPS):
        return False
    if sizes == (4, 4) and "." not in separators and groups[1] in _known_codes(4):
        return False
    first, second, *rest = map(int, groups)
    if not rest and separators & set("-–/") and second > first % 100:
        return False  # 8471-73 may be the headings from 8471 to 8473
    is_year = 1300 <= first < 1500 or 1900 <= first < 2100
    if sizes[0] == 4 and is_year and 1 <= second <= 12:
        return not rest and separators == {"."}
    return not (sizes == (2, 2, 2) and 1 <= first <= 31 and 1 <= second <= 12)


def _repaired(digits: str, repairs: list[str]) -> tuple[str | None, str]:
    if len(digits) % 2:
        digits = "0" + digits
        repairs = [*repairs, "hs_padded"]
    if len(digits) > 8:
        return None, "hs_too_long"
    if not digits.strip("0"):
        return None, "hs_unreadable"  # some call all goods so
    level = min(len(digits), 6)
    if digits[:level] not in _known_codes(level):
        if "hs_padded" in repairs:
            return None, "hs_zero_lost"
        repairs = [*repairs, "hs_unknown"]
    return digits, ",".join(repairs)


@cache
def _known_codes(level: int) -> frozenset[str]:
    return classification.hs_codes(level)


def year_of(word: str) -> int | None:
    """A Solar Hijri year of four digits; None where the word is none; 0 for a blank."""
    text = normalise(word)
    if text.lower() in NOTHING:
        return 0
    return int(text.removesuffix(".0")) if re.fullmatch(r"1[34][0-9]{2}(\.0)?", text) else None


def period_of(word: str) -> tuple[int | None, tuple[int, int] | None]:
    """Year and months of a cell that holds both, such as `1404-07` or `هفت ماهه ۱۴۰۴`.

    Returns:
        What `year_of` and `months_of` would: 0 and (0, 0) for what it does not mention, None for
        both where any of its numbers is neither (`202403`, a month 13, a day).
    """
    text = normalise(word)
    if text.lower() in NOTHING:
        return 0, (0, 0)
    of_years = re.findall(r"(?<![0-9])1[34][0-9]{2}(?:(?:0[1-9]|1[0-2])(?![0-9])|(?![0-9]))", text)
    years = {int(found[:4]) for found in of_years}
    other = re.findall("[0-9]{3,}", re.sub("|".join(of_years) or "$", "", text))
    months = months_in(text) or months_of(re.sub(r"1[34][0-9]{2}|سال|[-_/. ]+", " ", text).strip())
    if other or len(years) > 1 or months is None:
        return None, None
    return next(iter(years), 0), months


def months_of(word: str) -> tuple[int, int] | None:
    """A month by number or name, or the first n months; None where none; (0, 0) for a blank."""
    text = normalise(word)
    if text.lower() in NOTHING:
        return 0, 0
    if re.fullmatch(r"0?[1-9](\.0)?|1[0-2](\.0)?", text):
        return (int(float(text)),) * 2
    span = re.fullmatch(r"(0?[1-9]|1[0-2]) ?(?:-|–|تا) ?(0?[1-9]|1[0-2])", text)
    if span:
        return (int(span[1]), int(span[2])) if int(span[1]) <= int(span[2]) else None
    return _month_names().get(match_key(text).removesuffix("ماه")) or counted_months_of(text)


@cache
def _month_names() -> dict[str, tuple[int, int]]:
    """Names of months, and of what is made of them, by `match_key`."""
    months = (*enumerate(MONTHS_FA, start=1), *enumerate(MONTHS_EN, start=1), (5, "امرداد"))
    runs = {match_key(name): (n, n) for n, name in months} | {match_key("سال"): (1, 12)}
    for n, names in enumerate(_QUARTERS):
        runs |= dict.fromkeys(map(match_key, names), (3 * n + 1, 3 * n + 3))
    return runs


def without_time(text: str) -> tuple[str, int, tuple[int, int] | None]:
    """A heading without the year and the months it names, and these; 0 and None for none.

    Example: `"ارزش فروردین تا مهر ۱۴۰۴ (دلار)"` -> `("ارزش دلار", 1404, (1, 7))`
    """
    plain = normalise(text)
    years = set(re.findall("(?<![0-9])1[34][0-9]{2}(?![0-9])", plain))
    months = counted_months_of(plain)
    tokens = re.findall(r"[^\W_]+|\$", _FIRST_MONTHS.sub(" ", plain))
    tokens = [token for token in tokens if token not in _TIME_WORDS]
    named = [run for token in tokens if (run := _month_names().get(match_key(token)))]
    named += [(int(token),) * 2 for token in tokens if re.fullmatch("0?[1-9]|1[0-2]", token)]
    if len(years) > 1 or len(named) > 2 or (months and named):
        return plain, 0, None
    if len(named) == 2 and not (re.search("تا|-|–|to", plain) and named[0] < named[1]):
        return plain, 0, None
    rest = [t for t in tokens if match_key(t) not in _month_names() and t not in years]
    rest = [t for t in rest if not re.fullmatch("0?[1-9]|1[0-2]", t)]
    return (
        " ".join(rest),
        int(next(iter(years), 0)),
        months or ((named[0][0], named[-1][1]) if named else None),
    )


_TIME_WORDS = frozenset({"سال", "ماه", "طی", "در", "از", "تا", "year", "month", "in", "of", "to"})


def counted_months_of(text: str) -> tuple[int, int] | None:
    """`هفت ماهه` or `7 ماهه` as (1, 7), `سه ماهه دوم` as (4, 6); None where nothing is counted."""
    found = _FIRST_MONTHS.search(normalise(text))
    if not found:
        return None
    n = int(found[1]) if found[1].isdigit() else _ORDINALS.index(found[1]) + 1
    last = n * _PARTS.get(found[2], 1)
    return (last - n + 1, last) if 1 <= n <= last <= 12 else None


def year_in(text: str) -> int | None:
    """The one Solar Hijri year that a title or a file name mentions; None for none or several."""
    found = {int(year) for year in _YEAR.findall(normalise(text))}
    return found.pop() if len(found) == 1 else None


def months_in(text: str) -> tuple[int, int] | None:
    """The months that a title or a file name mentions: `1404-07`, `مهر`, `هفت ماهه`, `month-01`.

    Counted months go before a year with a month, which may be the day of the report.
    """
    plain = normalise(text)
    counted = counted_months_of(plain)
    if counted:
        return counted
    found = _YEAR_MONTHS.search(plain)
    if found:
        first, last = int(found[1]), int(found[2] or found[1])
        return (first, last) if first <= last else None
    label = _YEAR_MONTH.search(plain) or _MONTH_LABEL.search(plain)
    if label:
        return (int(label[1]),) * 2
    # Digits part words (`مهر1404`), but not those of a quarter (`1404Q2`).
    words = re.split(r"[\W_]+|(?<=[0-9])(?=[^\W\d])|(?<=[^\W\dqQ])(?=[0-9])", plain)
    keys = {match_key(word) for word in words} - {match_key("سال")}
    named = {run for key in keys if (run := _month_names().get(key))}
    return named.pop() if len(named) == 1 else None

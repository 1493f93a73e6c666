"""Layouts: what headings a kind of table has; and the words that files, headings and cells use.

Layouts are YAML; for a table that none fits, one is added beside the file, not in code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from helpers.schema import FLOWS, PROVINCE_BASES, HelpersError, UnreadableFile, check_word, suggest
from helpers.text import match_key, normalise

LAYOUTS = Path(__file__).parent / "builtin"

SIDECAR_KEYS = (
    "layout", "flow", "year_sh", "months", "province_basis", "producer", "title", "url",
    "accessed", "licence", "synthetic", "units", "scope",
    "control_total_usd", "control_total_kg", "months_note",
)  # fmt: skip

LETTERS = r"a-zA-Z\x{0620}-\x{065F}\x{066E}-\x{06EF}"
"""Latin and Arabic letters in a pattern; it takes a hundredth of the time of all there are."""

COLUMNS = (
    "row_number", "year_sh", "month", "period", "customs_office", "customs_office_code", "province",
    "partner", "partner_code", "hs_code", "goods", "quantity", "quantity_unit", "net_mass_kg",
    "gross_mass_kg", "value_irr", "value_usd", "value", "flow", "mass_unit", "currency",
)  # fmt: skip
"""What a layout may call a column; another name would be read and lost."""

_MASS = ("kg", "tonne")
_RIAL = ("irr", "toman")
_UNIT_ENDINGS = {
    "net_mass_kg": _MASS, "gross_mass_kg": _MASS, "value_usd": ("usd",), "value_irr": _RIAL,
    "value": ("usd", *_RIAL),
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """What headings a kind of table has. See `layouts/customs_ten_column.yml`.

    Attributes:
        required: names of columns; a tuple among them means one of these.
        absent: names of columns a table of this layout must not have.
        known: heading's `match_key` -> (name of the column, factor to its base unit or None).
        province_basis: what its provinces are, where the layout itself says so.
    """

    name: str
    required: tuple[str | tuple[str, ...], ...]
    absent: tuple[str, ...]
    known: dict[str, tuple[str, float | None]] = field(repr=False)
    province_basis: str = ""


# Layouts and sidecars


@cache
def words() -> dict[str, Any]:
    """The words of `layouts/words.yml`: totals, flows, units."""
    return yaml.safe_load((LAYOUTS / "words.yml").read_text(encoding="utf-8"))


def layouts(raw: Path | None = None) -> list[Layout]:
    """The built-in layouts, preceded by the analyst's own (`*.layout.yml` below `raw`).

    Raises:
        UnreadableFile: a layout file is not one; the message says what it lacks.
    """
    own = sorted(raw.rglob("*.layout.yml")) if raw else []
    built_in = [path for path in sorted(LAYOUTS.glob("*.yml")) if path.name != "words.yml"]
    return [read_layout(path) for path in (*own, *built_in)]


def read_layout(path: Path) -> Layout:
    """The layout a YAML file describes; one that has not changed is read once."""
    return _layout(path, path.stat().st_mtime_ns, path.stat().st_size)


@lru_cache(maxsize=1 << 8)
def _layout(path: Path, _changed: int, _size: int) -> Layout:
    given = _read_yaml(path)
    lacking = {"name", "required", "columns"} - set(given)
    if lacking:
        raise UnreadableFile(f"layout {path.name} lacks {sorted(lacking)}; see {LAYOUTS.name}/")
    known: dict[str, tuple[str, float | None]] = {}
    try:
        for name, spec in given["columns"].items():
            check_word("column", name, COLUMNS)
            for key, factor in _heading_keys(spec):
                owner, said = known.setdefault(key, (name, factor))
                if owner != name or factor not in (said, None):
                    raise ValueError(f"heading {key!r} belongs to {known[key][0]} and to {name}")
        required = tuple(tuple(r) if isinstance(r, list) else r for r in given["required"])
    except (AttributeError, TypeError, ValueError, HelpersError) as error:
        raise UnreadableFile(
            f"layout {path.name}: {error}; write it as {LAYOUTS.name}/customs_ten_column.yml is"
        ) from error
    absent, basis = tuple(given.get("absent", ())), str(given.get("province_basis", ""))
    return Layout(given["name"], required, absent, known, basis)


def _heading_keys(spec: dict[str, Any]) -> Iterator[tuple[str, float | None]]:
    units = spec.get("units", {})
    for heading in (*spec.get("headings", ()), *spec.get("headings_with_unit", ())):
        for unit, factor in units.items():
            for joined in (f"{heading}{unit}", f"{heading} به {unit}", f"{heading} بر حسب {unit}"):
                yield match_key(joined), float(factor)
    # Last: `value irr` is a heading of its own, and `value` with its unit.
    for heading in spec.get("headings", ()):
        yield match_key(str(heading)), None


def read_sidecar(path: Path, raw: Path) -> dict[str, Any]:
    """What the sidecars say about a raw file.

    `_source.yml` of each folder from `raw` down, then `NAME.source.yml` beside the file
    (NAME with or without its suffix); the nearer one wins, key by key.

    Raises:
        UnreadableFile: a sidecar is not YAML, has an unknown key or an unknown word.
    """
    told: dict[str, Any] = {}
    for sidecar in sidecars_of(path, raw):
        given = _read_yaml(sidecar)
        unknown = [str(key) for key in given if key not in SIDECAR_KEYS]
        if unknown:
            raise UnreadableFile(
                f"sidecar {sidecar.name} has {unknown[0]!r}"
                f"{suggest(unknown[0], SIDECAR_KEYS)}; it may have: {', '.join(SIDECAR_KEYS)}"
            )
        _check_sidecar(given, sidecar.name)
        told |= given
    return told


def sidecars_of(path: Path, raw: Path) -> list[Path]:
    """The sidecars that speak of a raw file, farthest first; those that exist."""
    above = (path, *path.parents) if path.is_dir() else path.parents
    folders = [raw, *reversed([p for p in above if p != raw and p.is_relative_to(raw)])]
    stem = path.name.split(".")[0]
    beside = [
        path.with_name(f"{n}.source.yml") for n in dict.fromkeys((stem, path.stem, path.name))
    ]
    return [p for p in (*(f / "_source.yml" for f in folders), *beside) if p.is_file()]


def _check_sidecar(given: dict[str, Any], name: str) -> None:
    try:
        for key, known in (("flow", FLOWS), ("province_basis", PROVINCE_BASES)):
            if key in given:
                check_word(key, str(given[key]), known)
        if not re.fullmatch("1[34][0-9]{2}", normalise(str(given.get("year_sh", 1404)))):
            raise UnreadableFile(f"year_sh {given['year_sh']} is not a Solar Hijri year: 1404, say")
        sidecar_months(given)
        accessed_on(given)
        units = given.get("units") or {}
        if not isinstance(units, dict):
            raise UnreadableFile(f"units are said by column, as {{value_usd: usd}}, not {units!r}")
        for column, unit in units.items():
            check_word("column with a unit", str(column), tuple(_UNIT_ENDINGS))
            check_word("unit", str(unit), tuple(words()["units"]))
            if not str(unit).endswith(_UNIT_ENDINGS[column]):
                raise UnreadableFile(f"{unit} is no unit of {column}")
        if not isinstance(given.get("synthetic", False), bool):
            raise UnreadableFile(f"synthetic is true or false, not {given['synthetic']!r}")
    except Exception as error:
        raise UnreadableFile(f"sidecar {name}: {error}") from error


def sidecar_months(sidecar: dict[str, Any]) -> tuple[int, int] | None:
    """`months` of a sidecar as first and last month: `7`, `1-7`, or [1, 7]."""
    given = sidecar.get("months")
    if given is None:
        return None
    text = "-".join(map(str, given)) if isinstance(given, list) else str(given)
    found = re.fullmatch(r"([0-9]{1,2})(?: ?[-–] ?([0-9]{1,2}))?", normalise(text))
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= 12:
        raise UnreadableFile(f"months {given!r} are not a month or a run of months such as 1-7")
    return first, last


def accessed_on(sidecar: dict[str, Any]) -> str:
    """`accessed` of a sidecar as an ISO date of the Common Era; "" where it says none.

    Raises:
        UnreadableFile: it is a date neither of the Common Era nor of the Solar Hijri calendar.
    """
    from persiantools.jdatetime import JalaliDate

    told = normalise(str(sidecar.get("accessed") or ""))
    found = re.fullmatch(r"((?:13|14|19|20)[0-9]{2})([-/.])([0-9]{1,2})\2([0-9]{1,2})", told)
    if not told:
        return ""
    try:
        day = [int(found[n]) for n in (1, 3, 4)]
        return (JalaliDate(*day).to_gregorian() if day[0] < 1900 else date(*day)).isoformat()
    except (TypeError, ValueError) as error:
        wanted = "write it as 2025-10-23 or 1404/08/01"
        raise UnreadableFile(f"accessed {told!r} is no date; {wanted}") from error


def flows_in(text: str, kind: str = "flows") -> set[str]:
    """The flows that a text names, by the words of `kind` in `words.yml`; longer words first."""
    key = match_key(text)
    found = set()
    for flow, flow_words in words()[kind].items():
        for word in map(match_key, flow_words):
            if word in key:
                found.add(flow)
                key = key.replace(word, " ")
    return found


@lru_cache(maxsize=1 << 12)
def flow_of(word: str) -> str | None:
    """The one flow that a cell names, by a word or a code such as `X`; None where it names none."""
    key = match_key(word)
    coded = {flow for flow, codes in words()["flow_codes"].items() if key in codes}
    named = coded or flows_in(word)
    return named.pop() if len(named) == 1 else None


@cache
def _units_in_cells() -> dict[str, str]:
    given = words()["units_in_cells"]
    return {match_key(word) or word: unit for unit, names in given.items() for word in names}


@cache
def _sum_words() -> dict[str, int]:
    kinds = enumerate(("totals", "no_parts"), start=1)
    return {match_key(word): n for n, kind in kinds for word in words()[kind]}


@lru_cache(maxsize=1 << 16)
def is_sum(label: str) -> int:
    """1 for a label that starts with a word of `totals`, 2 with one of `no_parts`, else 0."""
    # Half-spaces join: the compound that means "gathering" is not the word that means "sum".
    parts = normalise(label).split(" ")[:3]
    starts = (match_key(" ".join(parts[:n])) for n in range(1, len(parts) + 1))
    return next((_sum_words()[start] for start in starts if start in _sum_words()), 0)


@lru_cache(maxsize=1 << 12)
def is_partner_group(name: str) -> bool:
    """Whether a name that is no country's speaks of several: the world, a union, the neighbours."""
    if match_key(name).startswith(tuple(map(match_key, words()["other_partners"]))):
        return False
    return any(f" {_spoken(group)} " in f" {_spoken(name)} " for group in words()["partner_groups"])


def _spoken(text: str) -> str:
    return " ".join(match_key(word) for word in re.findall(r"[^\W_]+", normalise(text)))


@cache
def sum_start() -> str:
    """A pattern that every label of `is_sum` matches, and few others do."""
    starts = sorted({word[0] for kind in ("totals", "no_parts") for word in words()[kind]})
    return rf"(?i)^[^{LETTERS}]*[{''.join(starts)}]"


def mass_of(word: str) -> float | None:
    """Kilograms of a unit of weight in a cell; None where the cell names none."""
    unit = _units_in_cells().get(match_key(word) or word.strip(), "")
    return float(words()["units"][unit]) if unit.endswith(_MASS) else None


def money_of(word: str) -> str | None:
    """A unit of dollars or rials that a cell names, such as `thousand_usd`; None where none."""
    unit = _units_in_cells().get(match_key(word) or word.strip(), "")
    return unit if unit.endswith(("usd", "irr")) else None


def unit_in_text(text: str, name: str) -> str | None:
    """The unit other than kg, USD and rial that a title, a note or a name says of a column.

    Returns:
        A word that `units` of a sidecar may say, such as `tonne`; None where it names none. An
        amount (`5 million dollars`) is no unit.
    """
    said = words()["units_in_titles"]
    bases = {match_key(w) or w: base for base, names in said["bases"].items() for w in names}
    scales = {match_key(w): scale for scale, names in said["scales"].items() for w in names}
    tokens = [match_key(t) or t for t in re.findall(r"[^\W\d_]+|[0-9]+|\$", normalise(text))]
    for place, base in ((n, bases[t]) for n, t in enumerate(tokens) if t in bases):
        before, after = place - 1, place + 1
        while before >= 0 and tokens[before] in said["joints"]:
            before -= 1
        while after < len(tokens) and (tokens[after] in said["joints"] or tokens[after] in bases):
            after += 1
        scale = next(
            (n for n in (before, after) if 0 <= n < len(tokens) and tokens[n] in scales), -1
        )
        first = min(place, scale) if scale >= 0 else place
        previous = tokens[first - 1] if first else ""
        is_year = re.fullmatch("1[34][0-9]{2}", previous)
        if previous in said["amounts"] or (previous.isdigit() and previous != "1" and not is_year):
            continue
        unit = f"{scales[tokens[scale]]}_{base}" if scale >= 0 else base
        unit = "tonne" if unit == "thousand_kg" else unit
        if (
            unit in words()["units"]
            and unit.endswith(_UNIT_ENDINGS[name])
            and words()["units"][unit] > 1
        ):
            return unit
    return None


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, ValueError) as error:
        # To YAML 1404-06-31 is a day of the Common Era, and June has none.
        wanted = "YAML in UTF-8, its Persian dates written as 1404/06/31"
        raise UnreadableFile(f"{path.name} is not {wanted}: {error}") from error
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise UnreadableFile(f"{path.name} should hold `key: value` lines, not {given!r:.80}")
    return given

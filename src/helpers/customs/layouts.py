"""Layouts: what headings a kind of table has; and the words that files, headings and cells use.

Layouts are YAML; for a table that none fits, one is added beside the file, not in code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from helpers.documents import read_yaml
from helpers.schema import HelpersError, UnreadableFile, check_word
from helpers.text import match_key, normalise

LAYOUTS = Path(__file__).parent / "builtin"

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
UNIT_ENDINGS = {
    "net_mass_kg": _MASS, "gross_mass_kg": _MASS, "value_usd": ("usd",), "value_irr": _RIAL,
    "value": ("usd", *_RIAL),
}  # fmt: skip
"""Column with a unit -> how the units that it may have end."""


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


# Layouts


@cache
def words() -> dict[str, Any]:
    """The words of `layouts/words.yml`: totals, flows, units."""
    return yaml.safe_load((LAYOUTS / "words.yml").read_text(encoding="utf-8"))


def layouts(own: Iterable[Path] = ()) -> list[Layout]:
    """The built-in layouts, preceded by the analyst's own (`*.layout.yml` among the raw files).

    Raises:
        UnreadableFile: a layout file is not one; the message says what it lacks.
    """
    built_in = [path for path in sorted(LAYOUTS.glob("*.yml")) if path.name != "words.yml"]
    return [read_layout(path) for path in (*own, *built_in)]


def read_layout(path: Path) -> Layout:
    """The layout a YAML file describes; one that has not changed is read once."""
    return _layout(path, path.stat().st_mtime_ns, path.stat().st_size)


@lru_cache(maxsize=1 << 8)
def _layout(path: Path, _changed: int, _size: int) -> Layout:
    given = read_yaml(path)
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


def begins_as(title: str, kind: str) -> bool:
    """Whether a title begins with a word of `kind` in `words.yml`, after `table 1: report of`."""
    opening = r"^(?:[\W\d_]|(?:جدول|گزارش|آمار|table|report|statistics|of)\b)*"
    key = match_key(re.sub(opening, "", normalise(title).lower()))
    return key.startswith(tuple(map(match_key, words()[kind])))


@lru_cache(maxsize=1 << 12)
def flow_of(word: str) -> str | None:
    """The one flow that a cell names, by a word or a code such as `X`; None where it names none."""
    key = match_key(word)
    coded = {flow for flow, codes in words()["flow_codes"].items() if key in codes}
    named = coded or flows_in(word)
    others = any(match_key(other) in key for other in words()["no_flows"])
    return named.pop() if len(named) == 1 and not others else None


@cache
def _units_in_cells() -> dict[str, str]:
    given = words()["units_in_cells"]
    return {match_key(word) or word: unit for unit, names in given.items() for word in names}


@cache
def _sum_words() -> dict[str, int]:
    kinds = enumerate(("totals", "no_parts", "of_which"), start=1)
    return {match_key(word): n for n, kind in kinds for word in words()[kind]}


@lru_cache(maxsize=1 << 16)
def is_sum(label: str) -> int:
    """1 for a label that starts with a word of a sum, 2 of `no_parts`, 3 of `of_which`; else 0."""
    # Half-spaces join: the compound that means "gathering" is not the word that means "sum".
    parts = normalise(label).split(" ")
    starts = (match_key(" ".join(parts[:n])) for n in range(min(len(parts), 3), 0, -1))
    kind = next((_sum_words()[start] for start in starts if start in _sum_words()), 0)
    return kind or int(parts[-1].strip(":.-()").casefold() in words()["total_ends"])


@lru_cache(maxsize=1 << 12)
def is_partner_group(name: str) -> bool:
    """Whether a name that is no country's speaks of several: the world, a union, the neighbours."""
    return not is_rest(name) and any(
        f" {_spoken(group)} " in f" {_spoken(name)} " for group in words()["partner_groups"]
    )


def is_rest(name: str) -> bool:
    """Whether a name says "others"."""
    return match_key(name).startswith(tuple(map(match_key, words()["other_partners"])))


def is_office_group(name: str) -> bool:
    """Whether a name speaks of customs offices: all of a province, say."""
    return name.startswith("گمرکات ")


def _spoken(text: str) -> str:
    return " ".join(match_key(word) for word in re.findall(r"[^\W_]+", normalise(text)))


@cache
def sum_start() -> str:
    """A pattern that every label of `is_sum` matches, and few others do."""
    starts = sorted(
        {word[0] for kind in ("totals", "no_parts", "of_which") for word in words()[kind]}
    )
    ends = "|".join(words()["total_ends"])
    return rf"(?i)^[^{LETTERS}]*[{''.join(starts)}]|({ends})[^{LETTERS}]*$"


def mass_of(word: str) -> float | None:
    """Kilograms of a unit of weight in a cell; None where the cell names none."""
    unit = _units_in_cells().get(match_key(word) or word.strip(), "")
    return float(words()["units"][unit]) if unit.endswith(_MASS) else None


def money_of(word: str) -> str | None:
    """A unit of dollars or rials that a cell names, such as `thousand_usd`; None where none."""
    unit = _units_in_cells().get(match_key(word) or word.strip(), "")
    return unit if unit.endswith(("usd", "irr")) else None


def unit_in_text(text: str, name: str, others: tuple[str, ...] = ()) -> str | None:
    """The unit other than kg, USD and rial that a title, a note or a name says of a column.

    Args:
        text: the title.
        name: of the column.
        others: bases of `units_in_titles` that would be another unit than the column's.

    Returns:
        A word that `units` of a sidecar may say, such as `tonne`; None where it names none. An
        amount (`5 million dollars`) is no unit.
    """
    said = words()["units_in_titles"]
    bases = {match_key(w) or w: base for base, names in said["bases"].items() for w in names}
    scales = {match_key(w): scale for scale, names in said["scales"].items() for w in names}
    plain = re.sub("(?<=[0-9])[,٬](?=[0-9]{3})", "", normalise(text))
    plain = re.sub("(هزار|میلیون|میلیارد)\u200c?(?=دلار|ریال|تومان|تن)", r"\1 ", plain)
    tokens = [match_key(t) or t for t in re.findall(r"[^\W\d_]+|[0-9]+|[^\s\w'’.]", plain)]
    for place, base in ((n, bases[t]) for n, t in enumerate(tokens) if t in bases):
        before, after = place - 1, place + 1
        while before >= 0 and tokens[before] in said["joints"]:
            before -= 1
        while after < len(tokens) and tokens[after] in (*said["joints"], *bases, *"(×x*"):
            after += 1
        scale = next(
            (n for n in (before, after) if 0 <= n < len(tokens) and tokens[n] in scales), -1
        )
        first = min(place, scale) if scale >= 0 else place
        previous = tokens[first - 1] if first else ""
        is_year = re.fullmatch("1[34][0-9]{2}", previous)
        if previous in said["amounts"] or (previous.isdigit() and previous != "1" and not is_year):
            continue
        unit = _scaled(scales[tokens[scale]], base) if scale >= 0 else base
        is_own = unit.endswith(UNIT_ENDINGS[name]) and words()["units"].get(unit, 0) > 1
        if is_own or base in others:
            return unit
    edges = ["", *tokens, ""]
    for before, token, after in zip(edges, tokens, edges[2:], strict=False):
        of_all = before in said["before"] and after in said["after"]
        if token in scales and of_all and (before or token == "000" or not token.isdigit()):
            return _scaled(scales[token], UNIT_ENDINGS[name][0])
    return None


def _scaled(scale: str, base: str) -> str:
    of_mass = {"thousand_kg": "tonne", "million_kg": "thousand_tonne"}
    return of_mass.get(f"{scale}_{base}", f"{scale}_{base}")

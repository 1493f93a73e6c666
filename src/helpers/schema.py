"""The words of the project: vocabularies, columns, types and errors, in one place.

First in the order of modules: it imports none of the others. Vocabularies are plain tuples, so
that the command line can check a slug without importing pandas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FLOWS: tuple[str, ...] = ("export", "import", "re_export", "re_import")

Lang = Literal["fa", "en"]
LANGS: tuple[str, ...] = ("fa", "en")

PROVINCE_BASES: tuple[str, ...] = ("clearance", "production")
GRAINS: tuple[str, ...] = ("line", "office_destination", "residual")
"""How finely a row tells trade apart: by tariff line; by office and destination; what a table by
office and destination holds above the lines that replace it."""

UNALLOCATED = "unallocated"
PROVINCES: tuple[str, ...] = (
    "alborz", "ardabil", "azarbaijan_east", "azarbaijan_west", "bushehr", "chaharmahal_bakhtiari",
    "fars", "gilan", "golestan", "hamadan", "hormozgan", "ilam", "isfahan", "kerman", "kermanshah",
    "khorasan_north", "khorasan_razavi", "khorasan_south", "khuzestan", "kohgiluyeh_boyerahmad",
    "kurdistan", "lorestan", "markazi", "mazandaran", "qazvin", "qom", "semnan",
    "sistan_baluchestan", "tehran", "yazd", "zanjan",
)  # fmt: skip

SECTORS: tuple[str, ...] = (
    "industry",
    "mining",
    "petrochemicals",
    "agriculture",
    "carpets_handicrafts",
)

USES: tuple[str, ...] = ("raw_material", "intermediate", "capital", "consumption", "not_assigned")

PROVENANCE_MIME = "application/vnd.alborz-workbench.provenance+json"
"""What the last cell of a notebook displays its record as."""

FREE_ZONES_ISO3 = "XXA"
UNKNOWN_ISO3 = "XXU"

DECLARATION_COLUMNS: dict[str, str] = {
    "flow": "string",
    "year_sh": "int16",
    "month_first_sh": "int8",
    "month_last_sh": "int8",
    "province": "string",
    "province_basis": "string",
    "customs_office": "string",
    "partner_iso3": "string",
    "hs_code": "string",
    "hs2_code": "string",
    "hs4_code": "string",
    "hs6_code": "string",
    "goods": "string",
    "net_mass_kg": "float64",
    "value_usd": "float64",
    "value_irr": "float64",
    "flags": "string",
    "grain": "string",
    "is_synthetic": "bool",
    "source_file": "string",
    "source_row": "int64",
}
"""Contract 1: the columns of `declarations` in the store, in order, with their types."""

REJECT_COLUMNS: dict[str, str] = {
    "source_file": "string",
    "source_row": "int64",
    "reason": "string",
    "detail": "string",
    "raw": "string",
    "value_usd": "float64",
}

PUBLISHED_COLUMNS: dict[str, str] = {
    "figure": "string",
    "scope": "string",
    "attribution": "string",
    "year_sh": "int16",
    "month_first_sh": "int8",
    "month_last_sh": "int8",
    "flow": "string",
    "category": "string",
    "measure": "string",
    "value": "float64",
    "unit": "string",
    "qualifier": "string",
    "is_derived": "bool",
    "publisher": "string",
    "source": "string",
    "note": "string",
}
"""One row a published figure; `docs/codebook.md` explains each column."""


class HelpersError(Exception):
    """An input or a call cannot be worked with; the message names the next step."""


class WrongCall(HelpersError):
    """The call was wrong, and nothing was started."""


class CheckFailed(HelpersError):
    """A statement about a table does not hold; the message carries the first offenders."""


class UnknownParameter(HelpersError):
    """A notebook does not declare this parameter, or its value is outside the vocabulary."""


class UnreadableFile(HelpersError):
    """A raw file, or a file of ours, cannot be read as what it claims to be."""


class UnknownCode(HelpersError):
    """A code, slug or period is not in its vocabulary."""


class NotEnoughData(HelpersError):
    """The rows do not suffice for an answer; the message names the rows that are missing."""


@dataclass(frozen=True)
class Number:
    """A number on its way to a page, with what a reader needs to trace it.

    Attributes:
        name: what it measures, in the codebook's words (`unit_value_usd_per_tonne`).
        value: unrounded; None is "not known", never 0.
        unit: `USD`, `kg`, `USD/t`, `1` for a share or ratio.
        scope: province slug, `nation`, `rest_of_nation`, or what the source calls it.
        period: period code (`1404M01-07`), or empty where time does not matter.
        source: a citation, or the files it was computed from.
    """

    name: str
    value: float | None
    unit: str
    scope: str = ""
    period: str = ""
    source: str = ""


def suggest(word: str, vocabulary: tuple[str, ...] | list[str]) -> str:
    """The end of an error message: ` (did you mean 'alborz'?)`, or nothing where none is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, vocabulary, n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def check_word(kind: str, word: str, vocabulary: tuple[str, ...]) -> str:
    """The word itself, if the vocabulary has it.

    Raises:
        UnknownCode: it has not; the message names the nearest word and the whole vocabulary.
    """
    if word in vocabulary:
        return word
    allowed = ", ".join(vocabulary)
    raise UnknownCode(
        f"{word!r} is not a {kind}{suggest(word, vocabulary)}; it is one of: {allowed}"
    )

"""What came in, file by file: the types behind `quality.json`, and what is said of them.

Every row that was read is kept, replaced, rejected or structural, and so is every dollar. Kept is
what stands in the store; what a finer or later file replaced names that file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from helpers.periods import Period
from helpers.schema import CheckFailed

MEASURES = ("value_usd", "value_irr", "net_mass_kg")


class Rows(msgspec.Struct):
    """Numbers of rows: read = kept + replaced + rejected + structural."""

    read: int = 0
    kept: int = 0
    replaced: int = 0
    rejected: int = 0
    structural: int = 0


class Sums(msgspec.Struct):
    """Sums of a measure over rows: read = kept + replaced + rejected, to the unit."""

    read: float = 0.0
    kept: float = 0.0
    replaced: float = 0.0
    rejected: float = 0.0


class ControlTotal(msgspec.Struct):
    """What a file, by its own total row, or its sidecar says that its rows add up to."""

    source_row: int | None = None
    value_usd: float | None = None
    value_irr: float | None = None
    net_mass_kg: float | None = None
    difference: dict[str, float] = {}

    @property
    def off(self) -> dict[str, float]:
        """The differences that are more than rounding."""
        return {
            name: less
            for name, less in self.difference.items()
            if abs(less) > max(0.5, 1e-9 * abs(getattr(self, name)))
        }


class Account(msgspec.Struct, kw_only=True):
    """What became of the rows and the amounts of one file, or of all."""

    rows: Rows = msgspec.field(default_factory=Rows)
    value_usd: Sums = msgspec.field(default_factory=Sums)
    value_irr: Sums = msgspec.field(default_factory=Sums)
    net_mass_kg: Sums = msgspec.field(default_factory=Sums)
    repairs: dict[str, int] = {}
    rejects: dict[str, int] = {}


class FileAccount(Account, kw_only=True):
    """What became of a raw file; `docs/codebook.md` says what each key means."""

    source_file: str
    sha256: str = ""
    layout: str | None = None
    status: Literal["clean", "empty", "refused", "failed"]
    warnings: list[str] = []
    control_total: ControlTotal | None = None
    flow: str | None = None
    is_synthetic: bool | None = None
    months_note: dict[str, str] = {}
    accessed: str = ""
    replaced_by: list[str] = []
    error: str | None = None
    bytes: int | None = None


class Revision(msgspec.Struct):
    """A later file that took the place of an earlier one, and by how much figures moved."""

    flow: str
    year_sh: int
    months: tuple[int, int]
    n_offices: int
    earlier: str
    later: str
    value_usd: dict[str, float]
    net_mass_kg: dict[str, float]


class MonthsByDifference(msgspec.Struct):
    """Months that a cumulative file (`source_file`) adds to those of the files in `less`."""

    source_file: str
    less: list[str]
    flow: str
    year_sh: int
    months: tuple[int, int]
    n_rows: int
    value_usd: float
    n_negative: int
    value_usd_negative: float


class AboveControl(msgspec.Struct):
    """Lines that add up to more than the table by office and destination that they replace."""

    source_file: str
    flow: str
    year_sh: int
    months: tuple[int, int]
    customs_office: str
    partner_iso3: str
    value_usd: float
    control_usd: float


class Totals(Account, kw_only=True):
    """Sums over all files."""

    n_files: int = 0
    status: dict[str, int] = {}


class Quality(msgspec.Struct, kw_only=True):
    """The quality document."""

    files: list[FileAccount]
    carried: list[FileAccount] = []
    totals: Totals = msgspec.field(default_factory=Totals)
    revisions: list[Revision] = []
    differences: list[MonthsByDifference] = []
    above_control: list[AboveControl] = []


def totals_of_files(files: list[FileAccount]) -> Totals:
    """Sums over all files."""
    sums: dict[str, Any] = {}
    for name, kind in (("rows", Rows), *((measure, Sums) for measure in MEASURES)):
        parts = [getattr(file, name) for file in files]
        sums[name] = kind(*(sum(getattr(p, key) for p in parts) for key in kind.__struct_fields__))
    for name in ("repairs", "rejects"):
        sums[name] = dict(sum((Counter(getattr(file, name)) for file in files), Counter()))
    return Totals(n_files=len(files), status=dict(Counter(file.status for file in files)), **sums)


def prove(file: FileAccount) -> None:
    """Checks that each row and each unit of the file is in exactly one place.

    Raises:
        CheckFailed: read is not kept + replaced + rejected + structural.
    """
    for what in ("rows", *MEASURES):
        parts = msgspec.structs.asdict(getattr(file, what))
        read = parts.pop("read")
        # Sums of many fractions differ in their last digits; sums of whole units do not.
        allowed = 0 if what == "rows" else max(0.5, 1e-12 * abs(read))
        if abs(read - sum(parts.values())) > allowed or min(file.rows.kept, file.rows.replaced) < 0:
            places = " + ".join(f"{number:,} {place}" for place, number in parts.items())
            raise CheckFailed(
                f"{file.source_file}: {read:,} {what} were read, but {places} = "
                f"{sum(parts.values()):,}: a row was lost or counted twice; please report this file"
            )


def remarks(quality: Quality) -> Iterable[str]:
    """What a person should look at, one sentence each."""
    yield from filter(None, map(off_its_total, quality.files))
    yield from (f"{file.source_file}: {text}" for file in quality.files for text in file.warnings)
    yield from replacements(quality)
    yield from (_by_difference(made) for made in quality.differences if made.n_rows)


def _by_difference(made: MonthsByDifference) -> str:
    period = Period(made.year_sh, *made.months)
    negative = (
        f"; {made.n_negative:,} of them below zero ({made.value_usd_negative:,.0f} USD), where the "
        "later figure is the lower one"
    )
    return (
        f"{made.flow} {period} is {made.source_file} less {' and '.join(made.less)}: "
        f"{made.n_rows:,} rows, {made.value_usd:,.0f} USD{negative if made.n_negative else ''}"
    )


def off_its_total(file: FileAccount) -> str:
    """By how much the rows of a file differ from its own total row; "" where they agree."""
    control = file.control_total or ControlTotal()
    if not control.off:
        return ""
    off = (f"{name} {less:+,.0f} (total row: {getattr(control, name):,.0f})"
           for name, less in control.off.items())  # fmt: skip
    row = control.source_row
    place = f"its own total in row {row}" if row else "the control total of its sidecar"
    return f"{file.source_file}: its rows less {place}: {', '.join(off)}"


def replacements(quality: Quality) -> Iterable[str]:
    """What was replaced by what, and how to keep both; one sentence a file."""
    for file in quality.files:
        if file.replaced_by and file.layout == "customs_office_destination":
            yield (
                f"{file.source_file}: control of {', '.join(file.replaced_by)}, whose tariff lines "
                f"count for {file.value_usd.replaced:,.0f} of its {file.value_usd.read:,.0f} USD; "
                f"{file.value_usd.kept:,.0f} USD of it stand without goods and weight"
            )
        elif file.replaced_by:
            yield (
                f"{file.source_file}: {file.value_usd.replaced:,.0f} of its "
                f"{file.value_usd.read:,.0f} USD ({file.rows.replaced:,} rows) are replaced by "
                f"{', '.join(file.replaced_by)}, which is finer or later, or alone names customs "
                "offices; where both should count, because they are parts of one whole, put a "
                "`scope:` of its own into the sidecar of one of them"
            )
    for cell in quality.above_control:
        yield (
            f"{cell.source_file}: by line, {cell.customs_office} to {cell.partner_iso3} in "
            f"{cell.year_sh} adds up to {cell.value_usd:,.0f} USD, above its control of "
            f"{cell.control_usd:,.0f}; the lines count"
        )

"""Facts on the quality of the data: what came in, what was corrected, what was not accepted."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path

import pandas as pd
from msgspec.structs import asdict, astuple

from helpers.customs.quality import ControlTotal, FileAccount, Quality, Rows
from helpers.periods import Period
from helpers.schema import UNALLOCATED, Number
from helpers.store import DeclaredPeriod, Evidence
from helpers.telling.numbers import Html, day_words, threshold, words_of
from helpers.telling.page import Fact, Name, Page, text

KINDS_OF_ROWS = Rows.__struct_fields__
XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_REJECTS = 2000
"""More would make a page too heavy to send; all of them are in `rejects.parquet`."""
_SUMS = ("kept", "replaced", "rejected")
_OTHER_LAYOUTS = ("published", "un_bec5")


def evidence_fact(evidence: Evidence, totals: pd.DataFrame, page: Page) -> Fact:
    """What the pages of the province rest on in the period.

    Args:
        evidence: `store.evidence` of the province.
        totals: of the period by `province`.
        page: whose pages.

    Returns:
        Case `goods`, `value`, `none` (others declared, the province did not) or `missing`.
    """
    rows = totals.set_index("province")[["value_usd", "n_declarations"]]
    return page.fact(
        "cleaning.basis", evidence.rung if evidence.months else "missing", evidence=vars(evidence),
        n_rows=rows["n_declarations"].get(page.province, 0),
        value_usd=rows["value_usd"].get(page.province),
    )  # fmt: skip


def unplaced_fact(totals: pd.DataFrame, page: Page) -> Fact:
    """How much of the nation's value belongs to no province: `all` placed, `some` not, `missing`.

    Args:
        totals: of the period by `province`.
        page: its language and source.
    """
    values = totals.set_index("province")["value_usd"]
    whole, value = values.sum(), values.get(UNALLOCATED, 0.0)
    if not whole > 0:
        return Fact("cleaning.unplaced", "missing")
    parts = {"unallocated_usd": value, "unallocated_share": value / whole}
    return page.nation.fact("cleaning.unplaced", "some" if value else "all", **parts)


def _received(quality: Quality) -> list[FileAccount]:
    return [file for file in quality.files if file.layout not in _OTHER_LAYOUTS]


def accounts(quality: Quality) -> pd.DataFrame:
    """What became of every file of declarations that was read.

    Args:
        quality: `store.quality`.

    Returns:
        One row a file: `file`, `KINDS_OF_ROWS`, `value_usd` (kept), `replaced_usd`, `replaced_by`
        (empty where nothing was, missing where no file was), `control_usd` (its own total or its
        sidecar's), `control_difference_usd` (its rows less that) and `is_apart` (by any measure);
        missing where it has no total.
    """
    columns = ["file", *KINDS_OF_ROWS, "value_usd", "replaced_usd", "replaced_by", "control_usd"]
    lines = []
    for file in _received(quality):
        if file.error:
            continue
        control = file.control_total or ControlTotal()
        lines.append((
            file.source_file, *astuple(file.rows), file.value_usd.kept,
            file.value_usd.replaced, ", ".join(file.replaced_by), control.value_usd,
            control.difference.get("value_usd"), bool(control.off) if control.difference else None,
        ))  # fmt: skip
    table = pd.DataFrame(lines, columns=[*columns, "control_difference_usd", "is_apart"])
    return table if table["replaced_by"].any() else table.assign(replaced_by=None)


def files_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """Whether every row read is accounted for (`accounts`): `whole`, `lost` or `missing`."""
    sums = rows[list(KINDS_OF_ROWS)].sum()
    adds_up = sums["read"] == sums[[*_SUMS, "structural"]].sum()
    case = "missing" if rows.empty else "whole" if adds_up else "lost"
    return page.fact("cleaning.files", case, n_files=len(rows), **sums.add_prefix("n_"))


def replaced_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """How much of files other files took the place of (`accounts`): `some`, or `missing`."""
    some = rows[rows["replaced_by"].notna() & (rows["replaced_by"] != "")]
    sums = some[["replaced", "replaced_usd"]].sum()
    return page.fact(
        "cleaning.replaced", "some" if len(some) else "missing", nation=sums,
        n_replaced=sums["replaced"], n_files=len(some),
    )  # fmt: skip


def failed_fact(quality: Quality, page: Page) -> tuple[Fact, pd.DataFrame]:
    """The files that could not be read (`store.quality`).

    Returns:
        The fact (`none`, `some`), and a row a file: `file`, `error` as the program says it.
    """
    rows = [(file.source_file, file.error) for file in _received(quality) if file.error]
    fact = page.fact("cleaning.failed", "some" if rows else "none", n_files=len(rows))
    return fact, pd.DataFrame(rows, columns=["file", "error"])


def control_fact(rows: pd.DataFrame, page: Page) -> Fact:
    """Whether files agree with their own totals: `equal`, `apart` or `none` (no file has one)."""
    known = rows["is_apart"].dropna()
    case = "none" if known.empty else "apart" if known.any() else "equal"
    return page.fact("cleaning.control", case, n_files=len(known), n_apart=known.sum())


def detail_fact(totals: pd.DataFrame, page: Page) -> Fact:
    """How finely the store divides trade: by tariff line, or by office and destination.

    Args:
        totals: of all flows and years by `grain`.
        page: its language and source.

    Returns:
        Case `coarse` (by office and destination), `lines` (by tariff line), `mixed` or `missing`;
        parts are each grain's share of the value.
    """
    values = totals.set_index("grain")["value_usd"].astype("float64")
    if not values.sum() > 0:
        return Fact("cleaning.detail", "missing")
    grains = ["line", "office_destination"]
    shares = (values / values.sum()).reindex(grains, fill_value=0.0)
    has_lines, has_coarse = shares > 0
    case = "coarse" if not has_lines else "mixed" if has_coarse else "lines"
    return page.nation.fact("cleaning.detail", case, **shares.add_suffix("_share"))


def residual_fact(totals: pd.DataFrame, page: Page) -> Fact:
    """What controls hold above the lines that replace them: `some`, or `missing` if nothing."""
    rows = totals[totals["grain"] == "residual"]
    if rows.empty:
        return Fact("cleaning.residual", "missing")
    value, n = rows[["value_usd", "n_declarations"]].sum()
    share = value / totals["value_usd"].sum()
    nation = {"residual_usd": value, "residual_share": share}
    return page.fact("cleaning.residual", "some", nation=nation, n_rows=n)


def above_fact(quality: Quality, page: Page) -> Fact:
    """How many cells' lines exceed their control: `some`, or `missing` if none."""
    cells = quality.above_control
    nation = {"above_control_usd": sum(cell.value_usd - cell.control_usd for cell in cells)}
    case = "some" if cells else "missing"
    return page.fact("cleaning.above", case, nation=nation, n_cells=len(cells))


def period_rows(
    declared: Mapping[str, Sequence[DeclaredPeriod]],
    totals: pd.DataFrame,
    official: Callable[[Period, str], Number],
) -> pd.DataFrame:
    """Every declared period with its records and value beside the published figure.

    Args:
        declared: flow -> `store.periods_declared`.
        totals: of all flows by `flow` and `values.MONTHS`.
        official: `store.official_total`.

    Returns:
        `[flow, period, is_presumed, n_declarations, value_usd, published_usd, difference_share]`.
    """
    lines = []
    for flow, periods in declared.items():
        for each in periods:
            p, of_flow = each.period, totals[totals["flow"] == flow]
            inside = of_flow[
                (of_flow["year_sh"] == p.year)
                & (of_flow["month_first_sh"] >= p.month_first)
                & (of_flow["month_last_sh"] <= p.month_last)
            ]
            sums = inside[["n_declarations", "value_usd"]].sum()
            lines.append((flow, str(p), each.is_presumed, *sums, official(p, flow).value))
    columns = ["flow", "period", "is_presumed", "n_declarations", "value_usd", "published_usd"]
    rows = pd.DataFrame(lines, columns=columns)
    rows = rows.astype({"n_declarations": "int64", "published_usd": "float64"})
    return rows.assign(difference_share=rows["value_usd"] / rows["published_usd"] - 1)


def periods_fact(rows: pd.DataFrame, page: Page, *, is_synthetic: bool = False) -> Fact:
    """Whether the sums of the periods (`period_rows`) agree with the published figures.

    Returns:
        Case `within` or `outside` of the tolerance, `unpublished` (nothing to compare with),
        `built` (a sample made to agree) or `missing` (nothing declared).
    """
    if rows.empty:
        return Fact("cleaning.periods", "missing")
    known = rows.dropna(subset="difference_share").assign(scope="nation")
    tolerance = threshold("reconcile_tolerance")
    nation = {"tolerance_share": tolerance}
    parts = {"n_periods": len(rows), "n_compared": len(known), "nation": nation}
    if is_synthetic or known.empty:
        return page.fact("cleaning.periods", "built" if is_synthetic else "unpublished", **parts)
    largest = known.loc[known["difference_share"].abs().idxmax()]
    case = "within" if abs(largest["difference_share"]) <= tolerance else "outside"
    return page.fact("cleaning.periods", case, **parts, largest=largest)


def presumed_fact(declared: Mapping[str, Sequence[DeclaredPeriod]], page: Page) -> Fact:
    """Periods whose months the source does not state, with the first one's reason; or `missing`."""
    periods = [each for of_flow in declared.values() for each in of_flow if each.is_presumed]
    if not periods:
        return Fact("cleaning.presumed", "missing")
    codes = list(dict.fromkeys(str(each.period) for each in periods))
    note = periods[0].months_note[page.lang].rstrip(".")
    return Fact("cleaning.presumed", "some", {"periods": Name("period", codes), "note": note})


def fewer_months_facts(rows: pd.DataFrame, page: Page) -> list[Fact]:
    """Periods with fewer months than their label (`store.mislabelled_periods`), one fact each."""
    return [
        page.nation.fact(
            "cleaning.mislabelled", "some", here={**row},
            there={"period": row["likely_period"], "net_mass_kg": row["published_kg"]},
        )
        for row in rows.to_dict("records")
    ]  # fmt: skip


def vintages_fact(quality: Quality, page: Page) -> tuple[Fact, pd.DataFrame]:
    """Which files took the place of which (`store.quality`).

    Returns:
        The fact (`none`, `some`), and a row a pair of files: `period`, `flow`, `earlier`, `later`,
        `n_offices`, `value_usd_before`, `value_usd`.
    """
    columns = ["period", "flow", "earlier", "later", "n_offices", "value_usd_before", "value_usd"]
    lines = [
        (str(Period(r.year_sh, *r.months)), *(getattr(r, name) for name in columns[1:5]),
         r.value_usd["earlier"], r.value_usd["later"])
        for r in quality.revisions
    ]  # fmt: skip
    fact = page.fact("cleaning.vintages", "some" if lines else "none", n_revisions=len(lines))
    return fact, pd.DataFrame(lines, columns=columns)


def by_difference_facts(quality: Quality, page: Page) -> list[Fact]:
    """What cumulative files add to the months before, with both vintages: `some` or `negative`."""
    dates = {file.source_file: file.accessed for file in quality.files}
    return [
        page.fact(
            "cleaning.by_difference", "negative" if made.n_negative else "some",
            made={**asdict(made), "scope": "nation", "negative_usd": made.value_usd_negative,
                  "period": str(Period(made.year_sh, *made.months))},
            later=_vintage(made.source_file, dates, page),
            earlier=[_vintage(file, dates, page) for file in made.less],
        )
        for made in quality.differences
    ]  # fmt: skip


def _vintage(file: str, dates: Mapping[str, str], page: Page) -> Fact:
    day = dates.get(file, "")
    parts = {"file": file, "day": day_words(day, page.lang)}
    return Fact("cleaning.vintage", "dated" if day else "undated", parts)


def _words(question: str, code: str, page: Page) -> str:
    return text(Fact(f"cleaning.{question}", code), "sentence", page)


def flags_fact(quality: Quality, page: Page) -> tuple[Fact, pd.DataFrame]:
    """What was corrected or noted on kept rows, and how often.

    Returns:
        The fact (`none`, `one`, `several`), and the kinds, the most frequent first: `flag`,
        `meaning`, `n_rows`.
    """
    counts = quality.totals.repairs
    lines = [(flag, _words("flag", flag, page), n) for flag, n in counts.items()]
    rows = pd.DataFrame(lines, columns=["flag", "meaning", "n_rows"])
    rows = rows.sort_values("n_rows", ascending=False, ignore_index=True, kind="stable")
    if rows.empty:
        return Fact("cleaning.flags", "none"), rows
    flag, n = rows.loc[0, ["flag", "n_rows"]]
    return page.fact(
        "cleaning.flags", "one" if len(rows) == 1 else "several", n_kinds=len(rows),
        first=Fact("cleaning.flag", flag), rows=page.number(f"n_{flag}", n),
    ), rows  # fmt: skip


def rejected_fact(rejects: pd.DataFrame, page: Page) -> tuple[Fact, pd.DataFrame]:
    """Which rows were not accepted and what to ask (`store.rejects`).

    Returns:
        The fact (`none`, `one`, `some`), and a row a file and reason: `file`, `reason`, `ask`,
        `n_rows`, `first_row`.
    """
    by = rejects.groupby(["source_file", "reason"], sort=True)["source_row"]
    rows = by.agg(n_rows="size", first_row="min").reset_index()
    rows = rows.rename(columns={"source_file": "file"})
    rows["ask"] = [_words("reason", reason, page) for reason in rows["reason"]]
    case = "none" if rejects.empty else "one" if len(rejects) == 1 else "some"
    return page.fact("cleaning.rejected", case, n_rejected=len(rejects)), rows


def workbook_link(rejects: pd.DataFrame, page: Page) -> Html:
    """The rows that were not accepted as a workbook to take away; nothing without any."""
    from helpers.customs.cleaning import rejects_workbook  # its libraries take a second to import

    if rejects.empty:
        return Html("")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rejects.xlsx"
        rejects_workbook(rejects.head(MOST_REJECTS), path)
        content = base64.b64encode(path.read_bytes()).decode()
    label = escape(words_of("cleaning")["terms"]["workbook"][page.lang])
    return Html(
        '<p class="wb-source"><a download="rejects.xlsx" '
        f'href="data:{XLSX_MIME};base64,{content}">{label}</a></p>'
    )


def doubted_fact(
    doubts: pd.DataFrame, totals: pd.DataFrame, page: Page
) -> tuple[Fact, pd.DataFrame]:
    """Which kept rows look wrong (`store.doubts`).

    Args:
        doubts: one row a doubt.
        totals: of all flows and years; without a weighed row nothing can be doubted.
        page: its language and source.

    Returns:
        The fact (`none`, `some`, `missing`), and the doubts, the largest value first, with `file`
        and what is doubted in words (`doubt`).
    """
    rows = doubts.sort_values("value_usd", ascending=False, kind="stable")
    words = [_words("flag", flag, page) for flag in rows["flag"]]
    rows = rows.assign(file=rows["source_file"], doubt=words)
    nation = {"value_usd": rows["value_usd"].sum()}
    has_weight = totals["value_usd_weighed"].sum() > 0
    case = "some" if len(rows) else "none" if has_weight else "missing"
    return page.fact("cleaning.doubted", case, n_doubted=len(rows), nation=nation), rows

"""What several subjects share: the page on declarations, and fair comparisons over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from helpers import store
from helpers.classification import look_up
from helpers.measures.values import per_month
from helpers.schema import Number
from helpers.store import Base
from helpers.telling.numbers import both_or_one, is_missing, threshold, word, words_of
from helpers.telling.page import Fact, Name, Page


def of_like_length(
    now: pd.DataFrame, before: pd.DataFrame, base: Base
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two totals tables as they compare: by month's average where they differ in length.

    Args:
        now: totals of the page's period.
        before: `store.totals_before` of its base.
        base: `store.comparison_base` of the period.
    """
    if base.kind != "monthly_average":
        return now, before
    return per_month(now, len(base.months)), per_month(before, base.n_months)


def until(rows: pd.DataFrame, page: Page) -> pd.DataFrame:
    """Rows by year and months up to the end of the page's period; later months are not its."""
    ends = rows["year_sh"].astype(int) * 12 + rows["month_last_sh"].astype(int)
    return rows[ends <= page.period.year * 12 + page.period.month_last]


def told_as_new(rows: pd.DataFrame, before: pd.DataFrame, page: Page) -> pd.DataFrame:
    """Rows whose `growth_share` is the word "new", not unknown, where nothing was there before.

    Args:
        rows: of a table, with `growth_share`.
        before: totals of the base; without any row nothing is known of the year before.
        page: in whose language.
    """
    if before.empty:
        return rows
    new = word("kinds", "new", page.lang)
    growth = rows["growth_share"].astype("object")
    return rows.assign(growth_share=growth.where(rows["growth_share"].notna(), new))


def on_published(page: Page) -> Page:
    """The same page for numbers that agencies and officials published."""
    source = words_of("common")["sources"]["published"][page.lang]
    return replace(page, source=source, is_presumed=False)


def months_fact(base: Base, page: Page) -> Fact:
    """Whether the page's months are certain: `presumed`, `gaps` (some undeclared) or `missing`.

    A doubt: `doubt(months(base, page), page)` shows nothing where all months are known.
    """
    absent = [str(p) for p in page.period.months() if p.month_last not in base.months]
    parts = {"months": Name("period", [str(page.period)]), "absent": Name("period", absent)}
    case = "presumed" if page.is_presumed else "gaps" if absent and base.months else "missing"
    return Fact("common.months", case, parts)


def base_fact(base: Base, page: Page) -> Fact:
    """What the period is compared with: `same_months`, `monthly_average` or `none`."""
    before = [str(base.period)] if base.period else []
    parts = {"months": Name("period", [str(page.period)]), "before": Name("period", before)}
    return Fact("common.base", base.kind, parts)


def left_out_fact(value_usd: float, page: Page) -> Fact:
    """The value that could not be counted, because its months straddle the page's; or `missing`.

    Args:
        value_usd: `store.left_out` of the period.
        page: of the declarations.
    """
    case = "some" if value_usd else "missing"
    return page.nation.fact("common.left_out", case, left_out_usd=value_usd)


def reconcile_fact(value_usd: float, official: Number, page: Page) -> Fact:
    """Whether the nation's sum of the declarations agrees with the published figure.

    Args:
        value_usd: what the declarations of the period add up to, all provinces and none.
        official: `store.official_total` of the period.
        page: of the declarations.

    Returns:
        Case `equal`, `within` or `outside` of the tolerance; `missing` where one of them is not
        known.
    """
    if not value_usd or is_missing(value_usd) or official.value is None:
        return Fact("common.reconcile", "missing")
    apart, tolerance = value_usd / official.value - 1, threshold("reconcile_tolerance")
    case = "outside" if abs(apart) > tolerance else "within"
    # Closer than the sentence could write the difference.
    case = "equal" if abs(apart) < threshold("equal_share") else case
    return page.nation.fact("common.reconcile", case, value_usd=value_usd, official=official,
                            difference_share=apart, tolerance_share=tolerance)  # fmt: skip


def movers(
    question: str, changes: pd.DataFrame, rows: pd.DataFrame, by: Sequence[str], page: Page
) -> Fact:
    """What rose and what fell most, of any question.

    Args:
        question: the id of its words.
        changes: `values.growth_by`; with periods of unlike length, of averages of months.
        rows: those of its rows that may be named.
        by: the keys of the rows, the one that names a row last.
        page: whose trade.

    Returns:
        Case `both`, `up`, `down` or `steady`; `missing` where one of the periods has no trade.
    """
    rows = rows.dropna(subset=[*by, "change_usd"]).sort_values("change_usd", kind="stable")
    if rows.empty or not (changes[["value_usd", "value_usd_before"]].sum() > 0).all():
        return Fact(question, "missing")
    parts: dict[str, Any] = {}
    for side, row, sign in (("down", rows.iloc[0], -1), ("up", rows.iloc[-1], 1)):
        parts[side] = {**row, "of": "_".join(row[list(by)])}
        parts[f"n_{side}"] = (sign * rows["change_usd"] > 0).sum()
    case = both_or_one([side for side in ("up", "down") if parts[f"n_{side}"]], "steady")
    return page.fact(question, case, **parts)


def published_rows(totals: pd.DataFrame, page: Page, *, pairs_only: bool = False) -> pd.DataFrame:
    """Published totals as a table shows them: periods and basis in words, doubtful ones left out.

    Args:
        totals: `published.published_totals`.
        page: the language.
        pairs_only: whether rows without a value or a weight are left out.
    """
    rows = totals[~totals["is_doubtful"]]
    rows = rows.dropna(subset=["value_usd", "net_mass_kg"]) if pairs_only else rows
    bases = rows["attribution"].map(lambda basis: word("attributions", basis, page.lang))
    derived = words_of("common")["derived"][page.lang]
    return rows.assign(basis=bases + rows["is_derived"].map({True: derived, False: ""}))


def use_levels(own: pd.DataFrame) -> pd.DataFrame:
    """Imports with the digits (`level`) of the rule by which each reached its use."""
    _, rules = store.uses_in_force()
    levels = rules.assign(use=rules["hs_prefix"].str.len().astype("string"))
    return own.assign(level=look_up("use", own["hs_code"], levels))

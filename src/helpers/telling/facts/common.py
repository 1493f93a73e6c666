"""What several subjects share: the page on declarations, and fair comparisons over time."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.measures.values import per_month
from helpers.schema import Number
from helpers.store import Base
from helpers.telling.numbers import threshold, words_of
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


def on_published(page: Page) -> Page:
    """The same page for numbers that agencies and officials published."""
    return replace(page, source=words_of("common")["sources"]["published"][page.lang])


def months(base: Base, page: Page) -> Fact:
    """What is to be said of the page's months: `presumed`, `gaps` (some undeclared) or `missing`.

    A doubt: `doubt(months(base, page), page)` shows nothing where all months are known.
    """
    absent = [str(p) for p in page.period.months() if p.month_last not in base.months]
    parts = {
        "months": Name("period", [str(page.period)]),
        "absent": Name("period", absent),
    }
    case = "presumed" if page.is_presumed else "gaps" if absent and base.months else "missing"
    return Fact("common.months", case, parts)


def base_of(base: Base, page: Page) -> Fact:
    """What the period is compared with: `same_months`, `monthly_average` or `none`."""
    before = [str(base.period)] if base.period else []
    parts = {"months": Name("period", [str(page.period)]), "before": Name("period", before)}
    return Fact("common.base", base.kind, parts)


def reconcile(value_usd: float, official: Number, page: Page) -> Fact:
    """Whether the nation's sum of the declarations agrees with the published figure.

    Args:
        value_usd: what the declarations of the period add up to, all provinces and none.
        official: `store.official_total` of the period.
        page: of the declarations.

    Returns:
        Case `within` or `outside` of the tolerance; `missing` where either is not known.
    """
    here = page.number("value_usd", value_usd, "USD", scope="nation")
    if here.value is None or official.value is None:
        return Fact("common.reconcile", "missing")
    apart, tolerance = here.value / official.value - 1, threshold("reconcile_tolerance")
    parts = {
        "here": here,
        "there": official,
        "difference": page.number("difference_share", apart, scope="nation"),
        "tolerance": page.number("tolerance_share", tolerance, scope="nation"),
    }
    return Fact("common.reconcile", "within" if abs(apart) <= tolerance else "outside", parts)

"""Facts on published figures: where a province stands, how the nation grew, what does not agree."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.telling import numbers
from helpers.telling.facts.common import until
from helpers.telling.numbers import direction
from helpers.telling.page import Fact, Html, Page, growth_fact


def standing_fact(nearest: pd.DataFrame, comparable: pd.DataFrame, page: Page) -> Fact:
    """Where the province stands among those with a published value per tonne of a like period.

    Args:
        nearest: `published.nearest_of_each_province`.
        comparable: `published.comparable_rows`: how often any province lay above the nation.
        page: whose province.

    Returns:
        Case `above` or `below` the median of the provinces, `unranked` (nothing of the province
        can be compared), `missing` (nothing of any).
    """
    if nearest.empty:
        return Fact("published.standing", "missing")
    first, unit = nearest.iloc[0], "relative_unit_value"
    median, rows = nearest[unit].median(), nearest[nearest["scope"] == page.province]
    nation = {**_above_nation(comparable), "n_provinces": len(nearest), unit: median}
    parts = {"nation": nation, "first": first[["scope", unit]]}
    if rows.empty:
        return page.fact("published.standing", "unranked", **parts)
    own = rows.iloc[0]
    case = "above" if own[unit] >= median else "below"
    return page.fact("published.standing", case, **parts, own=own, rank=own["rank"])


def _above_nation(comparable: pd.DataFrame) -> dict[str, Any]:
    """How often any province lay above the nation."""
    n = (comparable["relative_unit_value"] > 1).sum()
    return {"n_rows": len(comparable), "n_above_nation": n}


def standing_rows(nearest: pd.DataFrame) -> pd.DataFrame:
    """The provinces as dots of a strip; the first, the median and the last bear their names."""
    is_named = [i in (0, len(nearest) // 2, len(nearest) - 1) for i in range(len(nearest))]
    rows = nearest.assign(province=nearest["scope"], is_named=is_named)
    return rows.astype({"relative_unit_value": "float64"})


def years_fact(pairs: pd.DataFrame, page: Page) -> Fact:
    """How the nation's exports grew: whole years, and the latest first months of a year.

    Args:
        pairs: `published.yearly_growth` of the nation.
        page: up to whose period.

    Returns:
        Case `up`, `down` or `steady` of the latest; `open` where rounded figures leave open which;
        `missing` without a pair.
    """
    rows = _of_years(pairs, page)
    if rows.empty:
        return Fact("published.years", "missing")
    whole, last = rows[rows["month_last_sh"] == 12], rows.iloc[-1]
    at = {"scope": "nation", "period": last["period"], "source": last["source"]}
    moved = growth_fact(page, "value_usd", last["value"], last["value_before"], **at)
    n_up = (whole["growth"] > 0).sum()
    counted = page.nation.fact(
        "published.whole_years", numbers.how_many(n_up, len(whole)),
        n_years=len(whole), n_years_up=n_up,
    )  # fmt: skip
    case = "open" if last["is_open"] else direction(last["growth"], "steady_growth")
    return page.fact("published.years", case, growth=moved, last=last, whole_years=counted)


def year_rows(pairs: pd.DataFrame, page: Page) -> pd.DataFrame:
    """The undoubted growths of whole years, and of the latest first months, with period names."""
    rows = _of_years(pairs, page)
    table = pd.concat([rows[rows["month_last_sh"] == 12], rows.tail(1)]).drop_duplicates("period")
    is_open, words = table["is_open"], numbers.word("kinds", "open", page.lang)
    return table.assign(scope="nation", growth=table["growth"].astype(object).mask(is_open, words))


def _of_years(pairs: pd.DataFrame, page: Page) -> pd.DataFrame:
    """The undoubted pairs of first months of a year, up to the page's period."""
    return until(pairs[~pairs["is_doubtful"] & (pairs["month_first_sh"] == 1)], page)


def contradictions_fact(listed: pd.DataFrame, page: Page) -> Fact:
    """How many published figures do not agree, and how many stand in the annex."""
    n, shown = len(listed), (~listed["is_annex"]).sum()
    case = "some" if n else "missing"
    return page.nation.fact("published.contradictions", case, n_contradictions=n, n_shown=shown)


def contradiction_rows(listed: pd.DataFrame, pairs: pd.DataFrame, page: Page) -> pd.DataFrame:
    """Each contradiction with what to do, and below it both numbers of each comparison.

    Args:
        listed: the published table `contradictions`.
        pairs: `published.contradiction_numbers`; a contradiction may have none.
        page: the language.
    """
    lang = page.lang
    both = pairs.rename(columns={f"what_{lang}": "pair"})
    columns = ["contradiction", "pair", "stated_value", "against_value", "ratio", "unit"]
    rows = listed.merge(both[columns], how="left", on="contradiction", validate="1:m")
    arrow = " ← " if lang == "fa" else " → "
    rows = rows.assign(subject=rows[f"what_{lang}"] + arrow + rows[f"action_{lang}"])
    for name in ("stated", "against"):
        both = zip(rows[f"{name}_value"], rows["unit"], strict=True)
        figures = (page.number("published", *each) for each in both)
        rows[name] = [Html(numbers.ZERO) if each.value is None else each for each in figures]
    return rows.assign(pair=rows["pair"].fillna(numbers.ZERO))


def used_fact(figures: pd.DataFrame, page: Page) -> Fact:
    """How many figures the page rests on, from how many sources, how many of them in doubt."""
    doubtful = figures["qualifier"].str.contains("doubtful").sum()
    counts = {"n": len(figures), "sources": figures["source"].nunique(), "doubtful": doubtful}
    parts = {name: page.number("n_figures", n, scope=name) for name, n in counts.items()}
    return Fact("published.used", "known" if counts["n"] else "missing", parts)


def as_stated_fact(rows: pd.DataFrame, comparable: pd.DataFrame, page: Page) -> Fact:
    """Whether "above the national average" holds as stated, and what it is worth.

    Args:
        rows: `comparison.own_published_rows` of the province.
        comparable: `published.comparable_rows`.
        page: whose exports.

    Returns:
        Case `all`, `some` or `none` by the periods in which the province lay above the nation;
        `missing` without a period of both.
    """
    both = rows[~rows["is_doubtful"]].dropna(subset="unit_value_nation_usd_per_tonne")
    n_above, n = int((both["relative_unit_value"] > 1).sum()), len(both)
    return page.fact(
        "published.as_stated", numbers.how_many(n_above, n), n_periods=n, n_above_nation=n_above,
        last=both.tail(1), nation=_above_nation(comparable),
    )  # fmt: skip

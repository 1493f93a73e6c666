"""Facts on published figures: where a province stands, how the nation grew, what does not agree."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.measures.values import known
from helpers.schema import Number
from helpers.telling import numbers
from helpers.telling.numbers import direction, threshold
from helpers.telling.page import Fact, Html, Name, Page, growth_fact


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
    nation, first, unit = replace(page, province="nation"), nearest.iloc[0], "relative_unit_value"
    median = nearest[unit].median()
    parts = {
        **_above_nation(comparable, page),
        "n": nation.number("n_provinces", len(nearest)),
        "median": nation.number(unit, median),
        "first": Name("province", [first["scope"]]),
        "first_ratio": page.number(unit, first[unit], scope=first["scope"]),
    }
    rows = nearest[nearest["scope"] == page.province]
    if rows.empty:
        return Fact("published.standing", "unranked", parts)
    own = rows.iloc[0]
    at = {"period": own["period"], "source": own["source"]}
    parts |= {
        "rank": page.number("rank", own["rank"]),
        "ratio": page.number(unit, own[unit], **at),
        "when": Name("period", [own["period"]]),
    }
    return Fact("published.standing", "above" if own[unit] >= median else "below", parts)


def _above_nation(comparable: pd.DataFrame, page: Page) -> dict[str, Number]:
    n = int((comparable["relative_unit_value"] > 1).sum())
    return {
        "n_rows": page.number("n_rows", len(comparable), scope="nation"),
        "n_above": page.number("n_above_nation", n, scope="nation"),
    }


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
    rows = _until(pairs, page)
    if rows.empty:
        return Fact("published.years", "missing")
    whole, last = rows[rows["month_last_sh"] == 12], rows.iloc[-1]
    at = {"scope": "nation", "period": last["period"], "source": last["source"]}
    moved = growth_fact(page, "value_usd", last["value"], last["value_before"], **at)
    n_up = int((whole["growth"] > 0).sum())
    counts = {
        "n": page.number("n_years", len(whole), scope="nation"),
        "n_up": page.number("n_years_up", n_up, scope="nation"),
    }
    parts = {
        "growth": moved,
        "before": moved.parts["before"],
        "when": Name("period", [last["period"]]),
        "value": page.number("value_usd", last["value"], **at),
        "whole_years": Fact("published.whole_years", numbers.how_many(n_up, len(whole)), counts),
    }
    case = direction(known(last["growth"]), threshold("steady_growth"))
    return Fact("published.years", "open" if last["is_open"] else case, parts)


def year_rows(pairs: pd.DataFrame, page: Page) -> pd.DataFrame:
    """The undoubted growths of whole years, and of the latest first months, with period names."""
    rows = _until(pairs, page)
    table = pd.concat([rows[rows["month_last_sh"] == 12], rows.tail(1)]).drop_duplicates("period")
    growth = (
        table["growth"]
        .astype(object)
        .mask(table["is_open"], numbers.word("kinds", "open", page.lang))
    )
    return table.assign(scope="nation", growth=growth)


def _until(pairs: pd.DataFrame, page: Page) -> pd.DataFrame:
    """The undoubted pairs of first months of a year, up to the page's period."""
    ends = pairs["year_sh"].astype(int) * 12 + pairs["month_last_sh"]
    is_until = ends <= page.period.year * 12 + page.period.month_last
    return pairs[~pairs["is_doubtful"] & is_until & (pairs["month_first_sh"] == 1)]


def contradictions_fact(listed: pd.DataFrame, page: Page) -> Fact:
    """How many published figures do not agree, and how many stand in the annex."""
    n, annex = len(listed), int(listed["is_annex"].sum())
    if not n:
        return Fact("published.contradictions", "missing")
    parts = {
        "n": page.number("n_contradictions", n, scope="nation"),
        "n_shown": page.number("n_shown", n - annex, scope="nation"),
    }
    return Fact("published.contradictions", "some", parts)


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
        figures = zip(rows[f"{name}_value"], rows["unit"], strict=True)
        rows[name] = [
            Html(numbers.ZERO) if pd.isna(value) else page.number("published", value, unit)
            for value, unit in figures
        ]
    return rows.assign(pair=rows["pair"].fillna(numbers.ZERO))


def used_fact(figures: pd.DataFrame, page: Page) -> Fact:
    """How many figures the page rests on, from how many sources, how many of them in doubt."""
    counts = {
        "n": len(figures),
        "sources": figures["source"].nunique(),
        "doubtful": int(figures["qualifier"].str.contains("doubtful").sum()),
    }
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
    above = both[both["relative_unit_value"] > 1]
    parts = {
        "n": page.number("n_periods", len(both)),
        "above": page.number("n_above_nation", len(above)),
        "last": Name("period", list(both["period"].tail(1))),
        **_above_nation(comparable, page),
    }
    return Fact("published.as_stated", numbers.how_many(len(above), len(both)), parts)

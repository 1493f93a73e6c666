"""What agencies, officials and customs bodies published: reading it, checking it, asking it.

After `checks`, before `store`: it reads `data/raw/published` and takes tables, never the store.
Every figure is a row with its source, contradictions included. A question that can use only one
release of a figure takes the preferred one (see `preferred`) and never averages sources. A figure
marked as doubtful may be shown and never decides.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache, reduce
from operator import and_
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import checks
from helpers.classification import threshold
from helpers.customs import quality
from helpers.memory import Hashes
from helpers.periods import Period
from helpers.schema import (
    PROVINCES,
    PUBLISHED_COLUMNS,
    SECTORS,
    CheckFailed,
    Number,
    UnreadableFile,
    check_word,
)

UNITS = {
    "value_usd": "USD",
    "net_mass_kg": "kg",
    "balance_usd": "USD",
    "unit_value_usd_per_tonne": "USD/t",
    "value_share": "1",
    "net_mass_share": "1",
    "value_growth": "1",
    "net_mass_growth": "1",
    "volume_growth": "1",
    "plan_share": "1",
}
"""The measures of a published figure, with their units."""

FLOWS = ("export", "import", "trade")
ATTRIBUTIONS = ("clearance", "production", "made_and_cleared", "exit", "unstated")
"""How a figure assigns goods to a province: declared at its offices; made there, wherever they were
declared; both; leaving over its border, wherever they were declared; or the source does not say."""
_BASES_IN_ORDER = ("clearance", "made_and_cleared", "production", "unstated", "exit")
"""Which basis goes first where several were published for one period."""
QUALIFIERS = ("exact", "about", "over", "at_least", "under", "period_doubtful", "value_doubtful")
SCOPES = ("nation", *PROVINCES)
OFFICIAL_USES = ("intermediate", "capital", "consumption")
"""The classes of imports that Iran's statistics print; raw materials are inside intermediate."""
ROUGH = ("over", "about", "at_least", "under")
"""The qualifiers of a figure that was rounded by whoever said it."""

_KG_PER_TONNE = 1000.0
_PERIOD = ["year_sh", "month_first_sh", "month_last_sh"]
_SUBJECT = ["scope", "attribution", *_PERIOD, "flow", "category"]
_WEIGHED = [*_SUBJECT, "period", "value_usd", "net_mass_kg", "unit_value_usd_per_tonne",
            "qualifier", "is_derived", "publisher", "source", "is_doubtful"]  # fmt: skip
_MIRROR = "github:amirreza-torbat/Market-Research"
_WORDS = ("what_fa", "what_en")
_CONTRADICTION = ("contradiction", *_WORDS, "action_fa", "action_en", "source")
_NUMBERS = ("contradiction", *_WORDS, "stated", "against", "unit")
_OTHER_TABLES: dict[str, tuple[dict[str, str], list[str]]] = {
    "contradictions": (
        dict.fromkeys(_CONTRADICTION, "string") | {"is_annex": "bool"},
        ["contradiction"],
    ),
    "contradiction_numbers": (dict.fromkeys(_NUMBERS, "string"), ["contradiction", "what_en"]),
}
"""The tables of the folder that hold no figures: their columns with types, and their keys."""
_FIGURE_WORDS = {
    "scope": SCOPES,
    "attribution": ATTRIBUTIONS,
    "flow": FLOWS,
    "measure": tuple(UNITS),
    "qualifier": QUALIFIERS,
}


# Reading


def clean_published(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of the folder, typed and checked.

    Args:
        folder: `data/raw/published`. Every CSV but the two on contradictions is a table of figures.

    Returns:
        `figures` (the figures of all files, `PUBLISHED_COLUMNS`, key `figure`), `weighed` (as the
        function), `contradictions` and `contradiction_numbers`.

    Raises:
        UnreadableFile: a file is missing, or has other columns.
        CheckFailed: a word, key, unit or source is wrong; file, rows and offenders are named.
    """
    for name in ("figures", *_OTHER_TABLES):
        if not (folder / f"{name}.csv").is_file():
            raise UnreadableFile(f"{folder.name}/{name}.csv is missing")
    files = [path for path in _files(folder) if path.stem not in _OTHER_TABLES]
    figures = pd.concat([_read_figures(path) for path in files], ignore_index=True)
    others = {
        name: checks.read_reviewed(folder / f"{name}.csv", types, key)
        for name, (types, key) in _OTHER_TABLES.items()
    }
    checks.refuse(figures, figures["figure"].duplicated(), "all files", ["figure"], "key twice")
    _check_references(figures, **others)
    return {"figures": figures, "weighed": weighed(figures), **others}


def file_accounts(
    folder: Path, tables: Mapping[str, pd.DataFrame], hashes: Hashes
) -> list[quality.FileAccount]:
    """For every file: lines read = rows kept + structural (the heading).

    Lines are counted in the file, rows by their keys in the table. None is rejected: a row that
    cannot be used is refused with an error when it is read.

    Raises:
        CheckFailed: a row of the file is not in its table.
    """
    accounts = []
    for path in _files(folder):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            heading, *rows = [row for row in csv.reader(lines) if row]
        key = _OTHER_TABLES.get(path.stem, ({}, ["figure"]))[1]
        at = [heading.index(column) for column in key]
        keys = tables[path.stem if path.stem in _OTHER_TABLES else "figures"][key]
        in_table = set(keys.itertuples(index=False, name=None))
        n_kept = sum(tuple(row[i] for i in at) in in_table for row in rows)
        account = quality.FileAccount(
            source_file=f"{folder.name}/{path.name}", sha256=hashes.of(path), status="clean",
            bytes=path.stat().st_size, layout="published", is_synthetic=False,
            rows=quality.Rows(read=len(rows) + 1, kept=n_kept, structural=1),
        )  # fmt: skip
        quality.prove(account)
        accounts.append(account)
    return accounts


def _files(folder: Path) -> list[Path]:
    """The tables, `more_figures` first: of equal releases the one listed last is preferred."""
    return sorted(folder.glob("*.csv"), key=lambda path: (path.stem != "more_figures", path.stem))


def _read_figures(path: Path) -> pd.DataFrame:
    rows = checks.read_reviewed(
        path, PUBLISHED_COLUMNS, ["figure"], may_be_missing=["note"], vocabularies=_FIGURE_WORDS
    )
    wrong = rows["unit"] != rows["measure"].map(UNITS)
    checks.refuse(rows, wrong, path.name, ["measure", "unit"], "the unit is not the measure's")
    first, last = rows["month_first_sh"], rows["month_last_sh"]
    wrong = ~((first >= 1) & (first <= last) & (last <= 12))
    checks.refuse(rows, wrong, path.name, _PERIOD, "the months are not a period")
    return rows


def _check_references(
    figures: pd.DataFrame, contradictions: pd.DataFrame, contradiction_numbers: pd.DataFrame
) -> None:
    """Contradictions name figures that are there."""
    rows, file = contradiction_numbers, "contradiction_numbers.csv"
    wrong = ~rows["contradiction"].isin(contradictions["contradiction"])
    checks.refuse(rows, wrong, file, ["contradiction"], "is not a row of contradictions.csv")
    keys = (rows["stated"] + " " + rows["against"]).map(_figure_keys)
    known = set(figures["figure"])
    unknown = keys.map(lambda names: " ".join(key for key in names if key not in known))
    rows = rows.assign(unknown=unknown)
    checks.refuse(rows, unknown != "", file, ["unknown"], "names a figure that no file has")


# Releases and unit values


def is_doubtful(figures: pd.DataFrame) -> pd.Series:
    """Whether the period or the value of each figure is in doubt, by its qualifier."""
    return figures["qualifier"].str.contains("doubtful", regex=False).astype("bool")


def preferred(figures: pd.DataFrame) -> pd.DataFrame:
    """One release of each figure, in the order given.

    A figure is a scope, attribution, period, flow, category and measure. The rule: undoubted
    before doubtful, printed before derived, the customs mirror before the press, and of what is
    left the one listed last, since files list releases in order of date.
    """
    # In `weighed` one key stands for all of a subject.
    keys = ["subject"] if "subject" in figures else _SUBJECT
    keys = [*keys, *(["measure"] if "measure" in figures else [])]
    is_mirror = figures["source"].str.startswith(_MIRROR).astype("bool")
    merit = 4 * ~is_doubtful(figures).astype("bool") + 2 * ~figures["is_derived"].astype("bool")
    order = np.argsort((merit + is_mirror).to_numpy("int64"), kind="stable")
    best = ~figures[keys].take(order).duplicated(keep="last")
    return figures.take(np.sort(order[best.to_numpy()]))


def weighed(figures: pd.DataFrame) -> pd.DataFrame:
    """Value and weight side by side, as published of one subject and period, and their ratio.

    Both come from one item where an item gives both; else the preferred value meets the preferred
    weight. Printed values per tonne are not used.

    Returns:
        One row a subject (scope, attribution, period, flow, category) and item: `value_usd`,
        `net_mass_kg`, `unit_value_usd_per_tonne` (USD/t), each NA where not published, `period`
        (code), `qualifier` (of both), `is_derived` (either), who says so, and `is_doubtful`.
    """
    figures = figures.assign(
        item=figures["figure"].str.rsplit("-", n=1).str[-1],
        subject=figures.groupby(_SUBJECT).ngroup(),
    )
    value, mass = (figures[figures["measure"] == m] for m in ("value_usd", "net_mass_kg"))
    # By one number for all the words of a subject: a merge by words takes thrice as long.
    both = value.drop(columns=_SUBJECT).merge(
        mass.drop(columns=_SUBJECT), "outer", "subject", suffixes=("", "_mass"), validate="m:m"
    )
    subjects = figures[["subject", *_SUBJECT]].drop_duplicates("subject")
    both = both.merge(subjects, on="subject", validate="m:1")
    is_same = both["item"] == both["item_mass"]
    has_same = both["subject"].isin(both.loc[is_same, "subject"])
    best = preferred(figures)["figure"]
    is_best = [both[key].isna() | both[key].isin(best) for key in ("figure", "figure_mass")]
    both = both[is_same | ~has_same & is_best[0] & is_best[1]]
    texts = {}
    for column, joint in (("qualifier", ","), ("source", " ; "), ("publisher", " ; ")):
        left, right = both[column], both[f"{column}_mass"]
        differ = left.notna() & right.notna() & (left != right)
        texts[column] = left.fillna(right).mask(differ, left + joint + right)
    return both.assign(
        value_usd=both["value"],
        net_mass_kg=both["value_mass"],
        unit_value_usd_per_tonne=both["value"] / both["value_mass"] * _KG_PER_TONNE,
        period=period_codes(both),
        is_derived=both["is_derived"].eq(True) | both["is_derived_mass"].eq(True),
        **texts,
        is_doubtful=is_doubtful,
    )[_WEIGHED].sort_values([*_PERIOD, "scope", "flow"], kind="stable", ignore_index=True)


def period_codes(rows: pd.DataFrame) -> pd.Series:
    """The period code (`1404M01-07`) of each row that has a year and its months."""
    code_of = cache(lambda *year_and_months: str(Period(*map(int, year_and_months))))
    codes = map(code_of, *(rows[column] for column in _PERIOD))
    return pd.Series(codes, rows.index, dtype="string")


# The nation


def national_series(weighed: pd.DataFrame) -> pd.DataFrame:
    """Value per tonne of the nation's exports: one preferred release a period, in order of time.

    Only whole years, and first months of the same number, can be compared.
    """
    return _per_tonne(weighed, scope="nation")


def longest_of_each_year(series: pd.DataFrame) -> pd.DataFrame:
    """Of each year the row that covers most months from its start: the year, or the first n months.

    Args:
        series: `national_series`.
    """
    from_start = series[series["month_first_sh"] == 1]
    longest = from_start.groupby("year_sh")["month_last_sh"].idxmax()
    return series.loc[longest].reset_index(drop=True)


def national_total(figures: pd.DataFrame, period: Period, flow: str) -> Number:
    """The nation's preferred value for exactly these months; None where none was published."""
    totals = _of(figures, scope="nation", flow=flow, measure="value_usd")
    best = preferred(totals[period_codes(totals) == str(period)])
    value, source = next(zip(best["value"], best["source"], strict=True), (None, ""))
    return Number("value_usd", value, "USD", "nation", str(period), source)


def _of(rows: pd.DataFrame, **what: str) -> pd.DataFrame:
    """The rows of the total category that have these words."""
    wanted = {"category": "total"} | what
    return rows[reduce(and_, (rows[column] == word for column, word in wanted.items()))]


def yearly_growth(figures: pd.DataFrame) -> pd.DataFrame:
    """The nation's exports against the same months a year before, where both were published.

    Returns:
        `attribution`, `period`, `value`, `value_before`, `growth` (fraction), `is_doubtful`,
        `source`, `source_before` and `is_open` (a release of one of the two figures is `ROUGH`, so
        it may have risen or fallen); one row an attribution and period in order of time, preferred
        releases.
    """
    chosen = _of(figures, scope="nation", flow="export", measure="value_usd")
    keys = ["attribution", *_PERIOD]
    words = chosen.groupby(keys)["qualifier"].agg(",".join).rename("words")
    now = preferred(chosen).assign(is_doubtful=is_doubtful).join(words, on=keys)
    now = now.sort_values(_PERIOD)[[*keys, "value", "source", "is_doubtful", "words"]]
    before = now.assign(year_sh=now["year_sh"] + 1)
    both = now.merge(before, on=keys, suffixes=("", "_before"), validate="1:1")
    growth = both["value"] / both["value_before"] - 1
    is_rough = (both["words"] + both["words_before"]).str.contains("|".join(ROUGH)).astype("bool")
    return both.assign(
        period=period_codes(both),
        growth=growth,
        is_doubtful=both["is_doubtful"] | both["is_doubtful_before"],
        is_open=is_rough & (growth.abs() < threshold("rough_growth")),
    ).drop(columns=["is_doubtful_before", "words", "words_before"])


# Provinces beside the nation and beside one another


def beside_nation(weighed: pd.DataFrame) -> pd.DataFrame:
    """Value per tonne of every province's exports beside the nation's, one release a period.

    The nation's figure is that of the same period; where none was published, the one of the same
    year's first n months that lies nearest, at most `nearest_months` away; else NA.

    Returns:
        Rows of `weighed` (totals of provinces), with `unit_value_nation_usd_per_tonne`,
        `nation_period`, `is_same_period`, `relative_unit_value` (1 = the nation's) and
        `is_doubtful` (of either side), in order of time.
    """
    values = _per_tonne(weighed).sort_values("month_last_sh", kind="stable")
    names = {
        "unit_value_usd_per_tonne": "unit_value_nation_usd_per_tonne", "period": "nation_period",
        "is_doubtful": "is_nation_doubtful",
    }  # fmt: skip
    is_nation, added = values["scope"] == "nation", [*names.values()]
    both = pd.merge_asof(
        values[~is_nation].reset_index(names="row"),
        values[is_nation].rename(columns=names)[["year_sh", *_PERIOD[1:], *added]],
        on="month_last_sh", by=["year_sh", "month_first_sh"],
        direction="nearest", tolerance=int(threshold("nearest_months")),
    ).sort_values("row", ignore_index=True)  # fmt: skip
    is_same = (both["period"] == both["nation_period"]).fillna(False).astype("bool")
    # A month, or a quarter within the year, has no neighbour that could stand for it.
    is_from_start = (both["month_first_sh"] == 1) & (both["month_last_sh"] > 1)
    both[added] = both[added].mask(~(is_same | is_from_start))
    return both.assign(
        is_same_period=is_same,
        relative_unit_value=both["unit_value_usd_per_tonne"] / both[added[0]],
        is_doubtful=both["is_doubtful"] | both["is_nation_doubtful"].eq(True),
    ).drop(columns=["row", "is_nation_doubtful"])


def _per_tonne(weighed: pd.DataFrame, **of: str) -> pd.DataFrame:
    """Of all goods exported, the preferred releases that have both a value and a weight."""
    rows = _releases(weighed, flow="export", **of).dropna(subset=["value_usd", "net_mass_kg"])
    return preferred(rows).reset_index(drop=True)


def _releases(weighed: pd.DataFrame, **of: str) -> pd.DataFrame:
    if "value_usd" not in weighed:
        raise CheckFailed(
            'expected value and weight side by side, `store.published("weighed")` or '
            f"`published.weighed(figures)`; found a table of {', '.join(weighed)[:90]}"
        )
    return _of(weighed, **of)


def comparable_rows(beside: pd.DataFrame) -> pd.DataFrame:
    """The undoubted rows of `beside_nation` whose nation's figure is of the same period."""
    return beside[beside["is_same_period"] & ~beside["is_doubtful"]]


def nearest_of_each_province(beside: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Every province's published value per tonne for the like period nearest to the page's.

    Only undoubted rows with the nation's figure of the same period count. Of several the one
    whose end lies nearest in time is taken, and of one period the one by clearance, then by
    production, then of no stated basis.

    Args:
        beside: `beside_nation`.
        period: the page's.

    Returns:
        Its rows, one a province, the highest `relative_unit_value` first, with `rank`.
    """
    rows = comparable_rows(beside)
    end = rows["year_sh"].astype(int) * 12 + rows["month_last_sh"]
    ranked = rows.assign(
        away=(end - (period.year * 12 + period.month_last)).abs(),
        order=rows["attribution"].map(_BASES_IN_ORDER.index),
    ).sort_values(["away", "order"], kind="stable")
    nearest = ranked.drop_duplicates("scope").sort_values("relative_unit_value", ascending=False)
    return nearest.assign(rank=range(1, len(nearest) + 1)).drop(columns=["away", "order"])


def both_bases(weighed: pd.DataFrame) -> pd.DataFrame:
    """Exports of a province on more than one basis for one period.

    The first basis is `clearance`, else `made_and_cleared`; each other one is a row beside it.

    Returns:
        `scope`, `period`, `attribution` (`unstated` where the source does not say which),
        `value_usd`, `unit_value_usd_per_tonne` (NA where no weight was published), `source`; the
        same with `_first`; `ratio` (value over the first's) and `is_doubtful` (either), in order
        of time.
    """
    totals = published_totals(weighed)
    bases = totals[(totals["scope"] != "nation") & totals["value_usd"].notna()].sort_values(
        "attribution", key=lambda words: words.map(_BASES_IN_ORDER.index), kind="stable"
    )
    keys = ["scope", *_PERIOD, "period"]
    named = [*keys, "attribution", "value_usd", "unit_value_usd_per_tonne", "source", "is_doubtful"]
    is_first = ~bases.duplicated(keys)
    first = bases[is_first & bases["attribution"].isin(_BASES_IN_ORDER[:2])]
    both = first[named].merge(bases.loc[~is_first, named], on=keys, suffixes=("_first", ""))
    return both.assign(
        ratio=both["value_usd"] / both["value_usd_first"],
        is_doubtful=both["is_doubtful"] | both["is_doubtful_first"],
    ).sort_values(_PERIOD, kind="stable", ignore_index=True)


def published_totals(weighed: pd.DataFrame, scope: str = "", flow: str = "export") -> pd.DataFrame:
    """Value, weight and value per tonne of a flow as published: one row an attribution and period.

    Args:
        weighed: the table of this name.
        scope: `nation` or a province's slug; every scope where empty.
        flow: `export`, `import` or `trade`.

    Returns:
        `scope`, `attribution`, the period and its code, `value_usd`, `net_mass_kg`,
        `unit_value_usd_per_tonne` (NA what was not published), `qualifier`, `is_derived`,
        `is_doubtful`, `source`, in order of time. Value and weight are of one item where an item
        gives both.
    """
    check_word("flow", flow, FLOWS)
    of_scope = {"scope": check_word("scope", scope, SCOPES)} if scope else {}
    rows = preferred(_releases(weighed, flow=flow, **of_scope))
    rows = rows.drop(columns=["flow", "category", "publisher"])
    return rows.sort_values([*_PERIOD, "scope", "attribution"], kind="stable", ignore_index=True)


# Sectors and uses


def sector_shares(figures: pd.DataFrame) -> pd.DataFrame:
    """Shares of sectors in a province's exports, as printed, else from the printed values.

    Returns:
        `scope`, `attribution`, the period and its code, `category` (a sector), `share` (fraction),
        `qualifier`, `is_doubtful`, `source`; one row a sector, preferred release.
    """
    exports = figures[figures["flow"] == "export"]
    sectors = exports[exports["category"].isin(SECTORS) & (exports["scope"] != "nation")]
    printed = sectors[sectors["measure"] == "value_share"]
    totals = preferred(_of(exports, measure="value_usd"))
    keys = ["scope", "attribution", *_PERIOD]
    values = sectors[sectors["measure"] == "value_usd"].merge(
        totals[[*keys, "value"]], on=keys, suffixes=("", "_total"), validate="m:1"
    )
    shares = values["value"] / values["value_total"]
    computed = values.assign(value=shares, measure="value_share")
    rows = preferred(pd.concat([computed, printed], ignore_index=True))
    rows = rows.rename(columns={"value": "share"})
    columns = [*keys, "category", "share", "qualifier", "source"]
    return rows[columns].assign(period=period_codes(rows), is_doubtful=is_doubtful(rows))


def use_shares(figures: pd.DataFrame) -> pd.DataFrame:
    """Shares of the nation's imports by official class: of the printed total, else as printed.

    Returns:
        `[period, *OFFICIAL_USES, other]`, one row a period that has all of them, in order of time;
        `other` is the rest of 1, with gold and goods of no stated class in it.
    """
    rows = figures[(figures["scope"] == "nation") & (figures["flow"] == "import")]
    rows = preferred(rows[rows["category"].isin(["total", *OFFICIAL_USES])])
    rows = rows.assign(period=period_codes(rows).astype("str"))
    values, printed = (
        rows[rows["measure"] == measure].pivot(index="period", columns="category", values="value")
        for measure in ("value_usd", "value_share")
    )
    wide = values.div(values.get("total"), axis=0).combine_first(printed)
    wide = wide.reindex(columns=list(OFFICIAL_USES)).dropna()
    # Printed shares are rounded, so that three of them can exceed 1 by a little.
    other = (1 - wide.sum(axis=1)).clip(lower=0.0)
    return wide.assign(other=other).rename_axis(None, axis=1).reset_index()


# Labels and contradictions


def mislabelled(totals: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Totals whose weight is that of fewer months than they are labelled with.

    The weight is compared and not the value, because values are revised more than weights.

    Args:
        totals: `store.totals` by `flow, year_sh, month_first_sh, month_last_sh`.
        figures: the table `figures`.

    Returns:
        One row a total that agrees, within `same_weight_within`, with the nation's published
        weight for the first n months, n fewer than its own, and not with that of its own months:
        the keys, `net_mass_kg`, `published_kg`, `period` (its label) and `likely_period`.
    """
    weights = preferred(_of(figures, scope="nation", measure="net_mass_kg"))
    keys = ["flow", "year_sh", "month_first_sh"]
    both = totals.merge(
        weights[[*keys, "month_last_sh", "value"]].rename(columns={"value": "published_kg"}),
        on=keys, suffixes=("", "_published"), validate="m:m",
    )  # fmt: skip
    agrees = (both["net_mass_kg"] / both["published_kg"] - 1).abs() < threshold(
        "same_weight_within"
    )
    within = both[agrees & (both["month_last_sh_published"] <= both["month_last_sh"])]
    longest = within.groupby([*keys, "month_last_sh"])["month_last_sh_published"].idxmax()
    shorter = within.loc[longest].query("month_last_sh_published < month_last_sh")
    likely = shorter.assign(month_last_sh=shorter["month_last_sh_published"])
    return shorter.assign(period=period_codes(shorter), likely_period=period_codes(likely))


def contradiction_numbers(numbers: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Both sides of each contradiction, computed from the figures that it names.

    Args:
        numbers: `contradiction_numbers`; `stated` and `against` are sums, as an analyst writes
            them: figure keys and numbers with spaced `+ - * /`.
        figures: the table `figures`.

    Returns:
        The table with `stated_value`, `against_value`, `difference` (stated - against) and
        `ratio` (stated / against), in `unit`, and `figures` (the keys, `;` between them).
    """
    values = figures.set_index("figure")["value"].to_dict()
    stated, against = (
        numbers[side].map(lambda sum_: _worked(sum_, values)).astype("float64")
        for side in ("stated", "against")
    )
    terms = numbers["stated"] + " " + numbers["against"]
    return numbers.assign(
        stated_value=stated,
        against_value=against,
        difference=stated - against,
        ratio=stated / against,
        figures=terms.map(lambda t: ";".join(dict.fromkeys(_figure_keys(t)))).astype("string"),
    )


def _figure_keys(terms: str) -> list[str]:
    return [term for term in terms.split() if term not in "+-*/" and not term.isdigit()]


def _worked(terms: str, values: Mapping[str, float]) -> float:
    """The result of `a / b * 1000 - c`."""
    words = [t if t in "+-*/" else repr(float(values.get(t, t))) for t in terms.split()]
    return float(pd.eval(" ".join(words), engine="python"))

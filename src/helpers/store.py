"""The Parquet store and the questions DuckDB answers on it, in place.

Small tables come back, however many declarations there are. Two rules hold in every answer:
real figures never mix with synthetic ones (once one real declaration is there, the synthetic
ones are left out), and a row counts for a period only if all its months lie inside it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import duckdb
import pandas as pd

from helpers import classification
from helpers.customs.quality import Quality
from helpers.documents import read_json
from helpers.periods import Period
from helpers.places import processed_dir, published_dir, raw_dir
from helpers.published import clean_published, mislabelled, national_total
from helpers.schema import (
    FLOWS,
    PROVINCES,
    UNALLOCATED,
    HelpersError,
    NotEnoughData,
    Number,
    check_word,
    suggest,
)

# Answers are short tables: in them Python's own strings take a seventh off all that follows, where
# Arrow's, the default, are made for millions of rows (as in `cleaning`, which is without this).
pd.options.mode.string_storage = "python"

LOOKED_UP = ("hs_section", "sector", "certainty", "group", "use")
"""Keys that are not columns of `declarations` but follow from `hs_code` by a reviewed table."""

KEYS = (
    "flow", "year_sh", "month_first_sh", "month_last_sh", "province", "province_basis",
    "customs_office", "partner_iso3", "hs_code", "hs2_code", "hs4_code", "hs6_code", "grain",
    *LOOKED_UP, "is_synthetic", "source_file",
)  # fmt: skip

AMOUNTS = ("value_usd", "net_mass_kg", "value_usd_weighed", "n_declarations")
"""What `totals` says of a key."""

VIEWS = {"clearance": "declarations", "production": "declarations_by_production"}
"""Where goods were declared, and where they were made: the same trade twice, never added."""

_used: set[str] = set()

_SUMS = """
    -- A total of nothing but missing values is missing, not zero: SUM does just that.
    SUM(value_usd) AS value_usd,
    -- Goods that came back have a value and a mass below 0, and both are taken off.
    SUM(net_mass_kg) FILTER (net_mass_kg <> 0 AND value_usd IS NOT NULL) AS net_mass_kg,
    SUM(value_usd) FILTER (net_mass_kg <> 0) AS value_usd_weighed,
    COUNT(*) AS n_declarations
"""


def published(name: str = "figures") -> pd.DataFrame:
    """A table of what agencies and officials published (`figures`, `contradictions`, …).

    What was not cleaned yet is read from the raw files, so that a page on published figures alone
    needs no other command.

    Raises:
        HelpersError: there is no such table; the message lists those there are.
    """
    folder = processed_dir() / "published"
    cleaned = sorted(path.stem for path in folder.glob("*.parquet"))
    tables = {} if name in cleaned else _raw_published(published_dir(raw_dir()))
    names = sorted({*cleaned, *tables})
    if name not in names:
        known = f"there are: {names}" if names else "there is none: run `workbench clean` first"
        raise HelpersError(f"no published table {name!r}{suggest(name, names)}; {known}")
    _used.add(f"published/{name}")
    return tables[name].copy() if tables else pd.read_parquet(folder / f"{name}.parquet")


@cache
def _raw_published(folder: Path) -> dict[str, pd.DataFrame]:
    return clean_published(folder) if folder.is_dir() else {}


def official_total(period: Period, flow: str = "export") -> Number:
    """The nation's published value (USD) for exactly these months; None where there is none."""
    if not _has_published():
        return Number("value_usd", None, "USD", "nation", str(period))
    return national_total(published(), period, flow)


def _has_published() -> bool:
    folder = processed_dir() / "published"
    return any(folder.glob("*.parquet")) or published_dir(raw_dir()).is_dir()


def mislabelled_periods() -> pd.DataFrame:
    """Declared periods that hold fewer months than they say, by the published weights.

    Returns:
        As `published.mislabelled`; no rows where nothing was declared or published.
    """
    keys = ["flow", "year_sh", "month_first_sh", "month_last_sh"]
    if not (_has_published() and has_declarations()):
        return pd.DataFrame(columns=keys)
    return mislabelled(totals(keys, flow=None), published())


def statement(name: str) -> Path:
    """The ledger of claims of a statement (`2025-12-17`), for `claims.read_ledger`.

    Raises:
        HelpersError: there is no such statement; the message lists those there are.
    """
    folder = processed_dir() / "published" / "claims"
    if not folder.is_dir():
        folder = published_dir(raw_dir()) / "claims"
    names = sorted(p.stem for p in folder.glob("*.yml"))
    if name not in names:  # `../x` is a file, and none
        raise HelpersError(
            f"no statement {name!r}{suggest(name, names)} in data/raw/published/claims "
            f"as last cleaned; there are: {names}"
        )
    _used.add("published/claims")
    return folder / f"{name}.yml"


def quality() -> Quality:
    """For every raw file what was read, kept, rejected and repaired; `quality.json`, typed."""
    document = _quality()
    _used.update(("rejects", "doubts"))
    return document


def _quality() -> Quality:
    document = read_json(_processed_file("quality.json"), Quality)
    if document is None:
        raise HelpersError("quality.json is damaged or of another version: run `workbench clean`")
    return document


def rejects() -> pd.DataFrame:
    """The rows that could not be used, each with its reason (`schema.REJECT_COLUMNS`)."""
    return _of_counted_files("rejects")


def doubts() -> pd.DataFrame:
    """The rows that were kept but look wrong, each with the evidence."""
    return _of_counted_files("doubts")


def has_declarations() -> bool:
    """Whether any declarations have been cleaned."""
    return any((processed_dir() / "declarations").glob("**/*.parquet"))


def used() -> frozenset[str]:
    """The processed tables that this process was answered from.

    Kept here and not by the notebook, so that no page can forget that it rests on synthetic data.
    """
    return frozenset(_used)


def note_used(table: str) -> None:
    """Keeps that this process was answered from a table of the store which another module reads."""
    _used.add(table)


def is_synthetic() -> bool:
    """Whether the declarations are synthetic, since there are no real ones."""
    return has_declarations() and not _has_real_rows(_stamp())


def _why_none() -> str:
    try:
        failed = [file for file in quality().files if file.error]
    except HelpersError:
        failed = []
    if failed:
        first = f"{failed[0].source_file}: {failed[0].error}"
        return f"no declarations could be cleaned; {len(failed)} files failed, the first {first}"
    return (
        "no declarations have been cleaned: put customs files into data/raw, then run "
        "`workbench clean`"
    )


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB connection whose view `declarations` is the processed table.

    Raises:
        NotEnoughData: nothing has been cleaned yet.
    """
    stamp = _stamp()
    if not stamp:
        raise NotEnoughData(_why_none())
    _used.add("declarations")
    connection = database(os.getpid()).cursor()
    connection.execute(f"USE {_schema_of(os.getpid(), stamp)}")
    return connection


@lru_cache(maxsize=8)
def _schema_of(process: int, stamp: tuple[tuple[str, int], ...]) -> str:
    """The schema that holds the views of a state of the files: most answers take no longer."""
    schema = f"state_{hash(stamp) % 2**64}"
    files = ", ".join("'{}'".format(path.replace("'", "''")) for path, _ in stamp)
    synthetic = "NOT is_synthetic" if _has_real_rows(stamp) else "is_synthetic"
    with database(process).cursor() as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for basis, view in VIEWS.items():
            connection.execute(
                f"CREATE OR REPLACE VIEW {schema}.{view} AS SELECT * FROM read_parquet([{files}], "
                "hive_partitioning = true, hive_types = {'flow': VARCHAR, 'year_sh': SMALLINT}) "
                f"WHERE {synthetic} AND province_basis = '{basis}'"
            )
    return schema


def query(sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
    """The answer to a question in SQL about the `VIEWS`, as a pandas table."""
    with connect() as connection:
        return connection.execute(sql, list(parameters)).df()


def totals(
    by: Sequence[str],
    *,
    period: Period | None = None,
    flow: str | None = "export",
    province: str | None = None,
    months: Collection[int] | None = None,
    basis: str = "clearance",
) -> pd.DataFrame:
    """Sums of the declarations by some keys.

    Args:
        by: keys out of `KEYS`; those of `LOOKED_UP` follow from the HS code.
        period: only rows that lie wholly inside it; None is every row.
        flow: one flow; None is all of them.
        province: one province; None is the nation, unallocated rows included.
        months: only rows of these months of a year, such as `months_declared`; None is any.
        basis: `clearance`, or `production`: what a trade office told of its own exporters.

    Returns:
        One row a key, sorted: the keys, `value_usd`, `net_mass_kg` (kg, of the rows that have
        both a value and a mass above zero), `value_usd_weighed` (USD of those same rows, so that
        `value_usd_weighed / net_mass_kg` is the unit value and `value_usd_weighed / value_usd`
        its coverage) and `n_declarations`. A sum of nothing but missing values is missing.

    Raises:
        UnknownCode: a key, flow or province is not in its vocabulary.
    """
    for key in by:
        check_word("key of declarations", key, KEYS)
    looked_up = [key for key in by if key in LOOKED_UP]
    stored = [key for key in by if key not in LOOKED_UP] + ["hs_code"] * bool(looked_up)
    keys = ", ".join(dict.fromkeys(stored))
    conditions, parameters = _conditions(period, flow, province, months)
    view = VIEWS[check_word("basis", basis, tuple(VIEWS))]
    select = f"SELECT {', '.join(filter(None, (keys, _SUMS)))} FROM {view} {conditions}"
    sums = query(select + (f" GROUP BY {keys} ORDER BY {keys}" if keys else ""), parameters)
    if not looked_up:
        return sums
    table = _with_looked_up(sums, looked_up)
    if "hs_code" in by:  # They follow from it: no key has two rows.
        return table.sort_values(list(by), ignore_index=True)[[*by, *AMOUNTS]]
    amounts = table.groupby(list(by), dropna=False, sort=True)[list(AMOUNTS)].sum(min_count=1)
    return amounts.reset_index().astype({"n_declarations": "int64"})


def uses_in_force() -> tuple[str, pd.DataFrame]:
    """The assignment of goods to uses: the UN's where the analyst gave its workbook, else ours.

    Returns:
        What to call it, and its rows `[hs_prefix, use, …]`.
    """
    _used.add("uses")  # Also where it is not there: its coming changes the answer.
    path = processed_dir() / "uses.parquet"
    if not path.is_file():
        return "uses.csv", classification.uses()
    return "HS-BEC5", pd.read_parquet(path)


@lru_cache(maxsize=8)  # A page asks for several periods of one flow.
def _spans(flow: str, _changed: tuple[tuple[str, int], ...]) -> pd.DataFrame:
    """Year, months and file of the declarations of a flow, each span once."""
    return query(
        "SELECT DISTINCT year_sh, month_first_sh, month_last_sh, split_part(source_file, '#', 1) "
        "AS source_file FROM declarations WHERE flow = ? ORDER BY ALL",
        [check_word("flow", flow, FLOWS)],
    )


def months_declared(period: Period, flow: str = "export") -> list[int]:
    """The months of a period of which the declarations of a flow say anything, of any province."""
    return _months_within(period, range(period.month_first, period.month_last + 1), flow)


def _months_within(period: Period, months: Collection[int], flow: str) -> list[int]:
    """The months that are declared by rows all of whose months are among these."""
    spans = _spans(flow, _stamp())
    of_year = spans[spans["year_sh"] == period.year]
    runs = zip(of_year["month_first_sh"], of_year["month_last_sh"], strict=True)
    covered = [set(range(int(first), int(last) + 1)) for first, last in runs]
    return sorted(set().union(*(run for run in covered if run <= set(months))))


@dataclass(frozen=True)
class DeclaredPeriod:
    """Months that the declarations of a flow cover, gap-free and as long as they can be.

    Attributes:
        period: the months.
        months_note: why they are presumed, in `fa` and `en`; empty where they are known.
    """

    period: Period
    months_note: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_presumed(self) -> bool:
        """Whether the source does not say which months these are."""
        return bool(self.months_note)


def periods_declared(flow: str = "export") -> list[DeclaredPeriod]:
    """The periods that a flow is declared for, in order; none where nothing is declared."""
    if not has_declarations():
        return []
    notes = _months_notes()
    declared = []
    for year, of_year in _spans(flow, _stamp()).groupby("year_sh"):
        note = next((notes[name] for name in of_year["source_file"] if name in notes), {})
        months = _months_within(Period(int(year)), range(1, 13), flow)
        starts = [m for m in months if m - 1 not in months]
        ends = [m for m in months if m + 1 not in months]
        runs = zip(starts, ends, strict=True)
        declared += [DeclaredPeriod(Period(int(year), *run), note) for run in runs]
    return declared


def months_note(period: Period, flow: str = "export") -> Mapping[str, str]:
    """Why the months of a period are presumed, in `fa` and `en`; empty where they are known."""
    notes = (each.months_note for each in periods_declared(flow) if each.period.year == period.year)
    return next(filter(None, notes), {})


def _months_notes() -> dict[str, dict[str, str]]:
    """Of each raw file whose months are presumed, why."""
    if not (processed_dir() / "quality.json").is_file():
        return {}
    return {file.source_file: file.months_note for file in quality().files if file.months_note}


@dataclass(frozen=True)
class Base:
    """What a period is compared with.

    Attributes:
        period: the period before; None where there is none.
        kind: `same_months` of the year before, `monthly_average` (only the whole year before is
            declared: divide each side by its number of months), or `none`.
        months: the months declared of the period itself, to be given to `totals`.
        n_months: how many months of the base count; as many as `months` where they are the same.
    """

    period: Period | None
    kind: Literal["same_months", "monthly_average", "none"]
    months: tuple[int, ...]
    n_months: int


def comparison_base(period: Period, flow: str = "export") -> Base:
    """What the declarations of a period can be compared with, fairly or by month's average."""
    months = months_declared(period, flow) if has_declarations() else []
    before = period.year_before
    if months and _months_within(before, months, flow) == months:
        return Base(before, "same_months", tuple(months), len(months))
    if months and len(months_declared(Period(before.year), flow)) == 12:
        return Base(Period(before.year), "monthly_average", tuple(months), 12)
    return Base(None, "none", tuple(months), 0)


def totals_before(
    by: Sequence[str], base: Base, *, flow: str = "export", province: str | None = None
) -> pd.DataFrame:
    """`totals` of what a period is compared with; no rows where there is nothing.

    Divide both sides by their months (`measures.values.per_month`) where `base.kind` is
    `monthly_average`: they are of different length.
    """
    if base.period is None:
        return pd.DataFrame(columns=[*by, *AMOUNTS], dtype="float64")
    months = base.months if base.kind == "same_months" else None
    return totals(by, period=base.period, flow=flow, province=province, months=months)


@dataclass(frozen=True)
class Evidence:
    """How far the declarations of a flow answer for a province, or the nation, in a period.

    Attributes:
        rung: `goods` (some rows have a code and a mass), `value` (value alone), or `none`.
        goods_share: share of the value whose rows have a code of goods; None without rows.
        weight_share: share of the value whose rows have a mass; None without rows.
        months: the months of the period that anybody declared; some, and rung `none`, is a
            province through whose offices nothing went.
    """

    rung: Literal["goods", "value", "none"]
    goods_share: float | None
    weight_share: float | None
    months: tuple[int, ...]


def evidence(province: str | None, period: Period, flow: str = "export") -> Evidence:
    """Which rung of the ladder of evidence the declarations reach.

    Args:
        province: its slug; None is the nation.
        period: only rows that lie wholly inside it count.
        flow: of trade.
    """
    if not has_declarations():
        return Evidence("none", None, None, ())
    conditions, parameters = _conditions(period, flow, province, None)
    ((value, goods, weighed, both),) = query(
        "SELECT SUM(value_usd), SUM(value_usd) FILTER (hs_code IS NOT NULL), "
        "SUM(value_usd) FILTER (net_mass_kg <> 0), "
        "SUM(value_usd) FILTER (net_mass_kg <> 0 AND hs_code IS NOT NULL) "
        f"FROM declarations {conditions}",
        parameters,
    ).itertuples(index=False, name=None)
    months = tuple(months_declared(period, flow))
    if pd.isna(value):
        return Evidence("none", None, None, months)
    goods_share, weight_share = (0.0 if pd.isna(x) else x / value for x in (goods, weighed))
    return Evidence("value" if pd.isna(both) else "goods", goods_share, weight_share, months)


def rial_sums(flow: str = "export") -> pd.DataFrame:
    """Dollars and rials of the rows that have both, by span of months and file.

    Returns:
        `[year_sh, month_first_sh, month_last_sh, source_file, value_usd, value_irr]`.
    """
    return query(
        "SELECT year_sh, month_first_sh, month_last_sh, split_part(source_file, '#', 1) AS "
        "source_file, SUM(value_usd) AS value_usd, SUM(value_irr) AS value_irr FROM declarations "
        "WHERE flow = ? AND value_usd > 0 AND value_irr > 0 GROUP BY ALL ORDER BY ALL",
        [check_word("flow", flow, FLOWS)],
    )


def left_out(period: Period, flow: str = "export") -> float:
    """The value (USD) of rows that share months with a period without lying inside it."""
    months = [period.month_last, period.month_first, period.month_first, period.month_last]
    answer = query(
        "SELECT COALESCE(SUM(value_usd), 0) AS value_usd FROM declarations "
        "WHERE flow = ? AND year_sh = ? AND month_first_sh <= ? AND month_last_sh >= ? "
        "AND NOT (month_first_sh >= ? AND month_last_sh <= ?)",
        [check_word("flow", flow, FLOWS), period.year, *months],
    )
    return float(answer["value_usd"].iloc[0])


def _of_counted_files(name: str) -> pd.DataFrame:
    """Rejects or doubts; those of synthetic files only while there is nothing real."""
    table = pd.read_parquet(_processed_file(f"{name}.parquet"))
    _used.update(("declarations", name))
    if is_synthetic() or not has_declarations():
        return table
    synthetic = [file.source_file for file in _quality().files if file.is_synthetic]
    return table[~table["source_file"].str.split("#").str[0].isin(synthetic)]


def _processed_file(name: str) -> Path:
    path = processed_dir() / name
    if not path.is_file():
        raise HelpersError(f"{name} is not there yet: run `workbench clean` first")
    _used.add("declarations")
    return path


@cache
def database(_process: int) -> duckdb.DuckDBPyConnection:
    """The engine of this process (`os.getpid()`), within 3 GB of memory."""
    # An engine takes longer to start than most questions take to answer; its threads do not
    # survive a fork, hence one for each process.
    return duckdb.connect(config={"memory_limit": "3GB"})


def _stamp() -> tuple[tuple[str, int], ...]:
    """Changes whenever the declarations do."""
    paths = sorted((processed_dir() / "declarations").glob("**/*.parquet"))
    return tuple((str(path), path.stat().st_mtime_ns) for path in paths)


@lru_cache(maxsize=1)
def _has_real_rows(stamp: tuple[tuple[str, int], ...]) -> bool:
    """Whether any declaration is real; looked up once for each state of the files."""
    with database(os.getpid()).cursor() as connection:
        sql = "SELECT 1 FROM read_parquet(?) WHERE NOT is_synthetic LIMIT 1"
        return connection.execute(sql, [[path for path, _ in stamp]]).fetchone() is not None


def _conditions(
    period: Period | None,
    flow: str | None,
    province: str | None,
    months: Collection[int] | None,
) -> tuple[str, list[object]]:
    tests: list[str] = []
    parameters: list[object] = []
    if flow is not None:
        tests.append("flow = ?")
        parameters.append(check_word("flow", flow, FLOWS))
    if province is not None:
        tests.append("province = ?")
        parameters.append(check_word("province", province, (*PROVINCES, UNALLOCATED)))
    if period is not None:
        tests.append("year_sh = ? AND month_first_sh >= ? AND month_last_sh <= ?")
        parameters += [period.year, period.month_first, period.month_last]
    if months is not None:
        tests.append("list_has_all(?::INT[], range(month_first_sh, month_last_sh + 1)::INT[])")
        parameters.append(sorted(months))
    return ("WHERE " + " AND ".join(tests) if tests else ""), parameters


def _with_looked_up(sums: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    tables = {"use": uses_in_force()[1]} if "use" in keys else {}
    codes = sums["hs_code"]
    return sums.assign(**{k: classification.look_up(k, codes, tables.get(k)) for k in keys})

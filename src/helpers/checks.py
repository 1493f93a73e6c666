"""Statements about a table that must hold; a failure carries the first offenders.

They raise, and never warn: a number that stands on a broken table is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from helpers.schema import CheckFailed

SHOWN = 5
"""Offenders shown in a message."""


def holds(rows: pd.DataFrame, right: pd.Series, statement: str) -> None:
    """Fails unless `right` is true of every row.

    Args:
        rows: the table the statement is about.
        right: bool on the index of `rows`; missing counts as false.
        statement: what should be true, in words.

    Raises:
        CheckFailed: some rows break it; the message shows the first five.
    """
    wrong = rows[~right.fillna(False).astype(bool)]
    if len(wrong):
        raise CheckFailed(
            f"expected: {statement}; {len(wrong):,} of {len(rows):,} rows break it, the first "
            f"of them:\n{wrong.head(SHOWN).to_string()}"
        )


def has_columns(table: pd.DataFrame, columns: Sequence[str]) -> None:
    """Fails unless the table has these columns."""
    lacking = [column for column in columns if column not in table.columns]
    if lacking:
        raise CheckFailed(f"expected columns {lacking}; the table has {list(table.columns)}")


def complete(table: pd.DataFrame, columns: Sequence[str]) -> None:
    """Fails where one of the columns is missing a value."""
    has_columns(table, columns)
    for column in columns:
        holds(table, table[column].notna(), f"{column} is never missing")


def unique(table: pd.DataFrame, key: Sequence[str]) -> None:
    """Fails where two rows share a key."""
    has_columns(table, key)
    holds(table, ~table.duplicated(list(key), keep=False), f"one row for each {', '.join(key)}")


def within(table: pd.DataFrame, column: str, vocabulary: Collection[str]) -> None:
    """Fails where a column holds a word that is not in its vocabulary."""
    has_columns(table, [column])
    known = ", ".join(sorted(vocabulary)[:12])
    holds(table, table[column].isin(list(vocabulary)), f"{column} is one of {known}")


def accounted(source_file: str, *, read: int, kept: int, rejected: int, structural: int) -> None:
    """Fails unless every row that was read is kept, rejected or structural."""
    if read != kept + rejected + structural:
        raise CheckFailed(
            f"{source_file}: {read:,} rows were read, but {kept:,} kept + {rejected:,} rejected "
            f"+ {structural:,} structural = {kept + rejected + structural:,}: "
            "a row was lost or counted twice; please report this file"
        )


def conserved(source_file: str, what: str, *, read: float, kept: float, rejected: float) -> None:
    """Fails unless a sum over the rows read is the sum over rows kept and rejected, to the unit."""
    # Sums of many fractions differ in their last digits; sums of whole units do not.
    allowed = max(0.5, 1e-12 * abs(read))
    if abs(read - kept - rejected) > allowed:
        raise CheckFailed(
            f"{source_file}: {what} of {read:,.2f} was read, but {kept:,.2f} kept + "
            f"{rejected:,.2f} rejected; please report this file"
        )

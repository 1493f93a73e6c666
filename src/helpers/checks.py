"""Statements about a table that must hold; a failure carries the first offenders.

They raise, and never warn: a number that stands on a broken table is wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from helpers.schema import CheckFailed, UnreadableFile

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


def unique(table: pd.DataFrame, key: Sequence[str]) -> None:
    """Fails where two rows share a key."""
    holds(table, ~table.duplicated(list(key), keep=False), f"one row for each {', '.join(key)}")


def refuse(
    rows: pd.DataFrame, wrong: pd.Series, file: str, columns: Sequence[str], rule: str
) -> None:
    """Fails where any row of a reviewed table is wrong.

    Args:
        rows: the table as read, in the order of the file.
        wrong: bool on the index of `rows`.
        file: name of the file, as its reader knows it.
        columns: what is shown of an offender.
        rule: what is wrong, in words.

    Raises:
        CheckFailed: names the file, the number of rows, and line and cells of the first five.
    """
    at = wrong.to_numpy(dtype=bool).nonzero()[0]
    if len(at):
        # Line 1 of the file is its heading.
        first = [f"row {i + 2}: {dict(rows[list(columns)].iloc[i])}" for i in at[:SHOWN]]
        raise CheckFailed(f"{file}, {len(at)} rows: {rule}. First: {'; '.join(first)}")


def read_reviewed(
    path: Path,
    types: Mapping[str, str],
    key: Sequence[str],
    *,
    may_be_missing: Collection[str] = (),
    vocabularies: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> pd.DataFrame:
    """A reviewed CSV as a typed table that has passed every check of its own.

    Args:
        path: a CSV in UTF-8.
        types: pandas type of each column, in the order of the file.
        key: the columns that no two rows share.
        may_be_missing: the columns whose cells may be empty.
        vocabularies: the words that each of these columns is made of; cells may join several by
            commas.

    Raises:
        UnreadableFile: it is no CSV in UTF-8, or has other columns.
        CheckFailed: a cell is empty, of another type or outside its vocabulary, or a key is there
            twice; file, rows and first offenders are named.
    """
    try:
        text = pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""])
    except ValueError as error:
        raise UnreadableFile(
            f"{path.name} is no CSV in UTF-8 with as many cells in each line: {str(error).strip()}"
        ) from None
    if not isinstance(text.index, pd.RangeIndex):  # pandas takes the first cells for an index
        raise UnreadableFile(f"{path.name} has more cells in its lines than in its heading")
    if list(text.columns) != list(types):
        raise UnreadableFile(
            f"{path.name} has the columns {list(text.columns)}; expected {list(types)}"
        )
    required = [column for column in types if column not in may_be_missing]
    refuse(text, text[required].isna().any(axis=1), path.name, key, "a required cell is empty")
    refuse(text, text.duplicated(list(key), keep=False), path.name, key, "key twice")
    for column, words in vocabularies.items():
        used = text[column].fillna("").str.split(",")
        wrong = text[column].notna() & ~used.map({*words}.issuperset)
        rule = f"{column} is not made of {', '.join(list(words)[:40])}"
        refuse(text, wrong, path.name, [column], rule)
    return text.assign(**{c: _typed(text, c, kind, path.name) for c, kind in types.items()})


def _typed(text: pd.DataFrame, column: str, kind: str, file: str) -> pd.Series:
    if kind == "string":
        return text[column]
    if kind == "bool":
        wrong = ~text[column].isin(["true", "false"])
        refuse(text, wrong, file, [column], f"{column} is neither true nor false")
        return (text[column] == "true").astype("bool")
    numbers = pd.to_numeric(text[column], errors="coerce")
    refuse(text, numbers.isna(), file, [column], f"{column} is not a number")
    return numbers.astype(kind)

"""A check that fails says what was expected and shows the offenders."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import checks
from helpers.customs.quality import FileAccount, Rows, Sums, prove
from helpers.schema import CheckFailed, UnreadableFile

TABLE = pd.DataFrame({"province": ["alborz", "alborz", None], "value_usd": [1.0, 2.0, 3.0]})


def account(rows: Rows, **sums: Sums) -> FileAccount:
    return FileAccount(source_file="a.csv", status="clean", rows=rows, **sums)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda: checks.holds(TABLE, TABLE["value_usd"] < 3, "value below 3"), "below 3; 1 of 3"),
        (lambda: checks.unique(TABLE, ["province"]), "one row for each province; 2 of 3"),
        (
            lambda: prove(account(Rows(read=5, kept=3, rejected=1))),
            "5 rows were read, but 3 kept .* a row was lost or counted twice",
        ),
        (
            lambda: prove(account(Rows(), value_usd=Sums(read=10.0, kept=8.0, rejected=1.0))),
            r"10.0 value_usd were read, but 8.0 kept \+ 0.0 replaced \+ 1.0 rejected = 9.0",
        ),
    ],
)
def test_a_statement_that_does_not_hold_fails_in_words(check, words):
    with pytest.raises(CheckFailed, match=words):
        check()


def test_statements_that_hold_say_nothing():
    checks.holds(TABLE, TABLE["value_usd"] > 0, "positive")
    checks.unique(TABLE, ["value_usd"])
    sums = Sums(read=0.3, kept=0.1, rejected=0.2)
    prove(account(Rows(read=5, kept=3, rejected=1, structural=1), value_usd=sums))


REVIEWED = {"name": "string", "n": "int64", "is_odd": "bool", "note": "string"}


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["a,1,true,"], ""),
        (["a,x,true,"], r"bad.csv, 1 rows: n is not a number.*row 2.*'x'"),
        (["a,1,true,", "b,2,no,"], r"is_odd is neither true nor false.*row 3.*'no'"),
        ([",1,true,"], "a required cell is empty"),
        (["a,1,true,", "a,2,true,"], r"2 rows: key twice.*row 2"),
        (["z,1,true,"], r"name is not made of a, b.*'z'"),
        (["a,1,true,,"], "more cells in its lines than in its heading"),
    ],
)
def test_a_reviewed_table_is_typed_or_refused_by_file_row_and_cell(tmp_path, lines, words):
    path = tmp_path / "bad.csv"
    path.write_text("\n".join(["name,n,is_odd,note", *lines]), encoding="utf-8")

    def read():
        return checks.read_reviewed(
            path, REVIEWED, ["name"], may_be_missing=["note"], vocabularies={"name": ["a", "b"]}
        )

    if words:
        with pytest.raises((CheckFailed, UnreadableFile), match=words):
            read()
    else:
        assert {c: str(t) for c, t in read().dtypes.items()} == REVIEWED

"""A check that fails says what was expected and shows the offenders."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import checks
from helpers.schema import CheckFailed

TABLE = pd.DataFrame({"province": ["alborz", "alborz", None], "value_usd": [1.0, 2.0, 3.0]})


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda: checks.holds(TABLE, TABLE["value_usd"] < 3, "value below 3"), "below 3; 1 of 3"),
        (lambda: checks.has_columns(TABLE, ["hs_code"]), r"expected columns \['hs_code'\]"),
        (lambda: checks.complete(TABLE, ["province"]), "province is never missing; 1 of 3"),
        (lambda: checks.unique(TABLE, ["province"]), "one row for each province; 2 of 3"),
        (lambda: checks.within(TABLE, "province", ["tehran"]), "province is one of tehran; 3 of 3"),
        (
            lambda: checks.accounted("a.csv", read=5, kept=3, rejected=1, structural=0),
            "a row was lost or counted twice",
        ),
        (
            lambda: checks.conserved("a.csv", "value_usd", read=10, kept=8, rejected=1),
            "value_usd of 10.00 was read",
        ),
    ],
)
def test_a_statement_that_does_not_hold_fails_in_words(check, words):
    with pytest.raises(CheckFailed, match=words):
        check()


def test_statements_that_hold_say_nothing():
    checks.holds(TABLE, TABLE["value_usd"] > 0, "positive")
    checks.complete(TABLE, ["value_usd"])
    checks.unique(TABLE, ["value_usd"])
    checks.within(TABLE.dropna(), "province", ["alborz"])
    checks.accounted("a.csv", read=5, kept=3, rejected=1, structural=1)
    checks.conserved("a.csv", "value_usd", read=0.3, kept=0.1, rejected=0.2)

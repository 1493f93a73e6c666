"""Imports by use, by hand, and laws that must hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.measures import imports
from helpers.schema import CheckFailed
from measured import totals


def test_inputs_per_dollar_exported_by_hand():
    bought = totals(
        [30, 20, 10, 99], use=["raw_material", "capital", "intermediate", "consumption"]
    )
    # Neither machinery nor consumer goods are inputs of the year's exports.
    assert imports.inputs_per_export(bought, totals([40, 10])) == 40 / 50
    assert imports.inputs_per_export(bought, totals([])) is None


def test_a_currency_cut_takes_consumer_goods_first():
    bought = totals([20, 50, 30], use=["consumption", "capital", "raw_material"])
    table = imports.currency_cut(bought, 0.4).set_index("use")
    assert table["cut_usd"].to_dict() == {
        "consumption": 20,
        "not_assigned": 0,
        "capital": 20,
        "intermediate": 0,
        "raw_material": 0,
    }
    assert table["even_cut_usd"].sum() == pytest.approx(table["cut_usd"].sum()) == 40


@pytest.mark.parametrize(
    ("use", "cut", "words"),
    [
        ("capital", 40, "a part of 1, from 0 to 1; got 40"),  # per cent by mistake
        ("machines", 0.4, r"without a place in the order .*\['machines'\]"),
    ],
)
def test_a_cut_that_makes_no_sense_is_refused(use, cut, words):
    with pytest.raises(CheckFailed, match=words):
        imports.currency_cut(totals([1], use=[use]), cut)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 10**9), min_size=5, max_size=5), st.floats(0, 1))
def test_a_cut_takes_what_it_should_and_never_more_than_there_is(values, share):
    bought = totals(values, use=list(imports.CUT_ORDER))
    table = imports.currency_cut(bought, share)
    assert table["cut_usd"].sum() == pytest.approx(share * sum(values), abs=0.005)
    assert (table["cut_usd"] <= table["value_usd"]).all()
    assert (table["cut_usd"] >= 0).all()

"""The words of the project, and what its errors say."""

import subprocess
import sys

import pandas as pd
import pandera.errors
import pytest

from conftest import declarations
from contract import declarations_model
from helpers.periods import parse_period
from helpers.schema import (
    DECLARATION_COLUMNS,
    FLOWS,
    PROVINCES,
    PUBLISHED_COLUMNS,
    REJECT_COLUMNS,
    CheckFailed,
    HelpersError,
    NotEnoughData,
    UnknownCode,
    UnknownParameter,
    UnreadableFile,
    check_word,
    suggest,
)


def test_there_are_31_provinces_in_order():
    assert len(set(PROVINCES)) == 31
    assert list(PROVINCES) == sorted(PROVINCES)


def test_a_word_of_the_vocabulary_comes_back():
    assert check_word("flow", "export", FLOWS) == "export"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("exprot", r"'exprot' is not a flow \(did you mean 'export'\?\); it is one of: export, im"),
        ("zzz", r"'zzz' is not a flow; it is one of: export, import, re_export, re_import$"),
        ("", r"'' is not a flow"),
        ("Export", r"did you mean 'export'"),
    ],
)
def test_another_word_is_refused_with_the_nearest_and_all(word, message):
    with pytest.raises(UnknownCode, match=message):
        check_word("flow", word, FLOWS)


def test_suggestions_are_near_or_none():
    assert suggest("albroz", PROVINCES) == " (did you mean 'alborz'?)"
    assert suggest("qqqq", PROVINCES) == ""


@pytest.mark.parametrize(
    "error", [CheckFailed, UnknownParameter, UnreadableFile, UnknownCode, NotEnoughData]
)
def test_every_error_of_ours_is_one_of_the_family(error):
    assert issubclass(error, HelpersError)


def test_the_model_has_the_contracts_columns_and_types():
    columns = declarations_model().columns
    assert list(columns) == list(DECLARATION_COLUMNS)
    types = {name: str(column.dtype).split("[")[0] for name, column in columns.items()}
    assert types == DECLARATION_COLUMNS


def test_the_model_takes_what_may_be_missing():
    missing = dict.fromkeys(
        ("customs_office", "hs_code", "hs2_code", "hs4_code", "hs6_code", "goods")
    )
    amounts = dict.fromkeys(("net_mass_kg", "value_usd", "value_irr"), float("nan"))
    assert len(declarations({**missing, **amounts})) == 1


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("flow", "exports", "isin"),
        ("province", "karaj", "isin"),
        ("province", None, "non-nullable"),
        ("province_basis", "guess", "isin"),
        ("month_first_sh", 13, "in_range"),
        ("month_first_sh", 0, "in_range"),
        ("month_first_sh", 8, "month_first_sh is after month_last_sh"),
        ("year_sh", 2025, "in_range"),
        ("partner_iso3", "Iraq", "str_matches"),
        ("hs_code", "3004.90", "str_matches"),
        ("hs_code", "300490990", "str_matches"),
        ("hs4_code", "30", "str_matches"),
        ("flags", None, "non-nullable"),
        ("source_row", 0, "greater_than_or_equal"),
    ],
)
def test_the_model_refuses_what_is_not_in_the_contract(column, value, words):
    with pytest.raises(pandera.errors.SchemaError, match=words):
        declarations({column: value})


def test_the_model_refuses_other_columns_and_another_order():
    rows = declarations({})
    for wrong in (rows.assign(extra=1), rows.drop(columns="goods"), rows[rows.columns[::-1]]):
        with pytest.raises((pandera.errors.SchemaError, pandera.errors.SchemaErrors)):
            declarations_model().validate(wrong)


@pytest.mark.parametrize("columns", [DECLARATION_COLUMNS, REJECT_COLUMNS, PUBLISHED_COLUMNS])
def test_types_are_types_of_pandas(columns):
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    assert list(empty.columns) == list(columns)


def test_one_quantity_has_one_name_and_unit_in_every_table():
    money = [n for n in (*DECLARATION_COLUMNS, *REJECT_COLUMNS) if "value" in n]
    assert all(name.endswith(("_usd", "_irr")) for name in money)
    shared = set(REJECT_COLUMNS) & set(DECLARATION_COLUMNS)
    assert {DECLARATION_COLUMNS[n] for n in shared} == {REJECT_COLUMNS[n] for n in shared}


@pytest.mark.parametrize("module", ["helpers.schema", "helpers.periods", "workbench.cli"])
def test_what_the_command_line_imports_stays_light(module):
    heavy = ("pandas", "matplotlib", "nbformat", "papermill", "duckdb", "pandera")
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_period_that_is_none_says_the_forms():
    with pytest.raises(UnknownCode, match=r"1404Q2 \(a quarter\), 1404M07 \(a month\)"):
        parse_period("2025-07")

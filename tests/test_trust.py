"""The table of faults: what is wrong fails the call and is not written down as the truth."""

import re
from pathlib import Path

import pytest

from trust import __main__ as trust
from trust.table import tried, untried

DOCS = Path(__file__).parents[1] / "docs" / "trust.md"


def call(rows, monkeypatch, *arguments):
    monkeypatch.setattr(trust, "KINDS", {kind: lambda _, r=r: r() for kind, r in rows.items()})
    return trust.main([*map(str, arguments)])


def test_what_is_right_is_a_table_that_is_left_alone_while_it_is_the_same(tmp_path, monkeypatch):
    rows = {"a": lambda: [tried("cut", "then", "heals", ["", ""])]}
    table = tmp_path / "t.md"
    assert call(rows, monkeypatch, "--table", table) == 0
    assert table.read_text().endswith("| cut | then | 2 | heals |\n")
    written = table.stat().st_mtime_ns
    call(rows, monkeypatch, "--table", table)
    assert table.stat().st_mtime_ns == written


def wrong():
    return [tried("cut", "then", "heals", ["", "a row was lost"])]


def not_tried():
    return [untried("full", "then", "told", "no disk")]


@pytest.mark.parametrize(
    ("rows", "ci", "arguments", "code"),
    [
        (wrong, "", [], 1),
        (not_tried, "", [], 0),
        (not_tried, "", ["--strict"], 1),
        (not_tried, "true", [], 1),
    ],
    ids=["wrong", "not tried at a desk", "not tried, strictly", "not tried where CI is set"],
)
def test_a_row_that_is_wrong_or_could_not_be_tried_writes_no_table(
    rows, ci, arguments, code, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("CI", ci)
    table = tmp_path / "t.md"
    assert call({"a": rows}, monkeypatch, "--table", table, *arguments) == code
    assert not table.exists()
    assert re.search("a row was lost|full, then: no disk", capsys.readouterr().out)


def test_kinds_may_be_tried_in_calls_of_their_own(tmp_path, monkeypatch):
    rows = {k: lambda k=k: [tried(k, "then", "heals", [""])] for k in ("a", "b")}
    table, kept = tmp_path / "t.md", tmp_path / "kept.json"
    for kind in ("b", "a"):
        assert not table.exists(), "half of the kinds are no table"
        call(rows, monkeypatch, kind, "--table", table, "--kept", kept)
    assert [line[:4] for line in table.read_text().splitlines()[-2:]] == ["| a ", "| b "]


def test_the_table_that_is_published_has_no_row_that_is_wrong():
    text = DOCS.read_text("utf-8")
    assert "wrong**" not in text
    assert text.count("\n| ") > 20

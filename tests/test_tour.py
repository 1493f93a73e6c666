"""Every line of the tour is run, and shows something."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import pytest

from test_notebooks import write_small_sample

TOUR = (Path(__file__).parents[1] / "docs" / "tour.md").read_text("utf-8")
BLOCKS = [textwrap.dedent(b) for b in re.findall(r"```python\n(.*?)```", TOUR, re.DOTALL)]
PREPARATION, *LINES = BLOCKS


@pytest.fixture
def bench(processed, keep_quality) -> dict:
    """The names that the first cell of the tour binds."""
    keep_quality({"sample/small.xlsx": True})
    write_small_sample(processed)
    names: dict = {}
    exec(PREPARATION, names)
    return names


def test_ten_questions_have_an_answer_of_one_line_each():
    asked = re.findall(r"^([0-9]+)\. .*\?$", TOUR, re.MULTILINE)
    assert [int(number) for number in asked] == list(range(1, 11))
    assert len(LINES) == 11
    assert all(line.count("\n") == 1 for line in LINES)


def test_every_line_of_the_tour_shows_something(bench):
    for line in LINES:
        answer = eval(compile(ast.parse(line.strip(), mode="eval"), line, "eval"), bench)
        shown = answer._repr_html_() if hasattr(answer, "_repr_html_") else repr(answer)
        assert len(shown) > 1, line
        assert ">nan<" not in shown, line


def test_the_first_cell_imports_nothing_that_no_line_uses():
    [imported] = re.findall(r"^from helpers import (.*)$", PREPARATION, re.MULTILINE)
    used = "".join([*LINES, PREPARATION.replace(imported, "")])
    assert not [name for name in imported.split(", ") if f"{name}." not in used]


def test_a_wrong_word_teaches(bench):
    from helpers.schema import UnknownCode

    with pytest.raises(UnknownCode, match=r"it is one of: .*hs2_code"):
        bench["store"].totals(["hs2"])

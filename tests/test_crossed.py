"""Kinds of trouble meet two at a time, and no wrong number comes out without a word."""

from __future__ import annotations

import random

import pytest

import crossed

FEW = random.Random(1404).sample(crossed.PAIRS, 40)


@pytest.mark.parametrize("kinds", FEW, ids=" and ".join)
def test_no_two_kinds_of_trouble_give_a_wrong_number_in_silence(tmp_path, kinds):
    true = crossed.made(1404, kinds, tmp_path)
    assert crossed.wrong_without_a_word(tmp_path, true) == ""


MANY = [pair for pair in random.Random(1405).sample(crossed.PAIRS, 200) if pair not in FEW]


@pytest.mark.slow
@pytest.mark.parametrize("kinds", MANY, ids=" and ".join)
def test_no_other_two_kinds_do_either(tmp_path, kinds):
    true = crossed.made(1405, kinds, tmp_path)
    assert crossed.wrong_without_a_word(tmp_path, true) == ""


@pytest.mark.parametrize("kind", crossed.KINDS)
def test_a_kind_alone_is_read_or_refused(tmp_path, kind):
    true = crossed.made(7, (kind,), tmp_path)
    assert crossed.wrong_without_a_word(tmp_path, true) == ""


def test_a_wrong_number_would_be_seen(tmp_path):
    true = crossed.made(7, ("titles",), tmp_path)
    assert "kept though not true" in crossed.wrong_without_a_word(tmp_path, true[1:])
    assert "missing without a word" in crossed.wrong_without_a_word(tmp_path, [*true, true[0]])

"""Imports by use: inputs per dollar exported, and what a cut of foreign currency touches."""

from __future__ import annotations

import pandas as pd

from helpers.measures.values import ratio
from helpers.schema import CheckFailed

INPUT_USES = ("raw_material", "intermediate", "capital")
"""The uses of schema.USES that feed production."""


CUT_ORDER = ("consumption", "not_assigned", "capital", "intermediate", "raw_material")
"""Who loses foreign currency first. A judgement: what stops a factory soonest is spared longest."""


def inputs_per_export(imports: pd.DataFrame, exports: pd.DataFrame) -> float | None:
    """Imported raw materials and intermediate goods for a dollar exported [15].

    Machinery serves for years and is no input of the year's exports.

    Args:
        imports: totals with the column `use`.
        exports: totals of the same period.

    Returns:
        USD per USD; None without exports.
    """
    sold = exports["value_usd"].sum()
    inputs = imports.loc[imports["use"].isin(["raw_material", "intermediate"]), "value_usd"]
    return float(inputs.sum() / sold) if sold > 0 else None


def currency_cut(imports: pd.DataFrame, cut_share: float) -> pd.DataFrame:
    """What a cut of foreign currency touches first, if uses lose it in `CUT_ORDER`.

    A scenario, not a forecast: the cut is taken from the first use until nothing is left, then
    from the next. `even_cut_usd` beside it is the same cut spread evenly.

    Args:
        imports: totals with the column `use`; a missing use counts as `not_assigned`.
        cut_share: part of all imports that cannot be paid, from 0 to 1.

    Returns:
        One row a use in that order: `[use, value_usd, cut_usd, cut_share, even_cut_usd]`; the two
        cuts add up to the same sum.

    Raises:
        CheckFailed: `cut_share` is not between 0 and 1, or a use is not in `CUT_ORDER`.
    """
    if not 0 <= cut_share <= 1:
        raise CheckFailed(f"cut_share is a part of 1, from 0 to 1; got {cut_share}")
    values = imports["value_usd"].groupby(imports["use"].fillna("not_assigned")).sum()
    unknown = values.index.difference(list(CUT_ORDER))
    if len(unknown):
        raise CheckFailed(
            f"uses without a place in the order {list(CUT_ORDER)}: {list(unknown[:5])}"
        )
    values = values.reindex(list(CUT_ORDER), fill_value=0.0)
    spared = (values.cumsum() - values).clip(upper=cut_share * values.sum())
    cut = (cut_share * values.sum() - spared).clip(upper=values)
    table = values.to_frame().assign(
        cut_usd=cut, cut_share=ratio(cut, values), even_cut_usd=cut_share * values
    )
    return table.reset_index(names="use")

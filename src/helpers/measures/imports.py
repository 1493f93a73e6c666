"""Imports by use: inputs per dollar exported, and what a cut of foreign currency touches."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.measures.values import ratio, summed
from helpers.schema import CheckFailed

INPUT_USES = ("raw_material", "intermediate", "capital")
"""The uses of schema.USES that feed production."""


CUT_ORDER = ("consumption", "not_assigned", "capital", "intermediate", "raw_material")
"""Who loses foreign currency first. A judgement: what stops a factory soonest is spared longest."""


def input_dependence(
    imports: pd.DataFrame, exports: pd.DataFrame, by: str = "sector", use: str = "use"
) -> pd.DataFrame:
    """Imported inputs per dollar exported, by sector [15].

    Inputs are raw materials, intermediate goods and machinery. The sector of an import is that of
    the good itself, not of the factory that buys it, which no customs table names.

    Returns:
        `[by, raw_material_usd, intermediate_usd, capital_usd, input_usd, export_usd,
        inputs_per_export_usd]`, the most inputs first; the ratio is NA where nothing is exported.
    """
    inputs = summed(imports[imports[use].isin(INPUT_USES)], [by, use])
    table = inputs.pivot(index=by, columns=use, values="value_usd")
    table = table.reindex(columns=list(INPUT_USES)).fillna(0.0).add_suffix("_usd")
    sold = summed(exports, [by]).set_index(by)["value_usd"]
    table = table.reindex(table.index.union(sold.index), fill_value=0.0).rename_axis(None, axis=1)
    table["input_usd"] = table.sum(axis=1)
    table["export_usd"] = sold.reindex(table.index, fill_value=0.0)
    table["inputs_per_export_usd"] = ratio(table["input_usd"], table["export_usd"])
    return (
        table.rename_axis(by)
        .reset_index()
        .sort_values("input_usd", ascending=False, ignore_index=True, kind="stable")
    )


def currency_cut(
    imports: pd.DataFrame,
    cut_share: float,
    *,
    use: str = "use",
    order: Sequence[str] = CUT_ORDER,
) -> pd.DataFrame:
    """What a cut of foreign currency touches first, if uses lose it in `order`.

    A scenario, not a forecast: the cut is taken from the first use until nothing is left, then
    from the next. `even_cut_usd` beside it is the same cut spread evenly.

    Args:
        imports: totals with the column `use`; a missing use counts as `not_assigned`.
        cut_share: part of all imports that cannot be paid, from 0 to 1.
        use: the column of the use.
        order: who loses first; a judgement, see `CUT_ORDER`.

    Returns:
        One row a use in that order: `[use, value_usd, cut_usd, cut_share, even_cut_usd]`; the two
        cuts add up to the same sum.

    Raises:
        CheckFailed: `cut_share` is not between 0 and 1, or a use is not in `order`.
    """
    if not 0 <= cut_share <= 1:
        raise CheckFailed(f"cut_share is a part of 1, from 0 to 1; got {cut_share}")
    values = imports["value_usd"].groupby(imports[use].fillna("not_assigned")).sum()
    unknown = values.index.difference(list(order))
    if len(unknown):
        raise CheckFailed(f"uses without a place in the order {list(order)}: {list(unknown[:5])}")
    values = values.reindex(list(order), fill_value=0.0)
    spared = (values.cumsum() - values).clip(upper=cut_share * values.sum())
    cut = (cut_share * values.sum() - spared).clip(upper=values)
    return pd.DataFrame(
        {
            "value_usd": values,
            "cut_usd": cut,
            "cut_share": ratio(cut, values),
            "even_cut_usd": cut_share * values,
        }
    ).reset_index(names=use)

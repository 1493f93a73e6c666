"""Rows that were kept but look wrong: repeated rows, and values that do not fit their weight.

A doubt flags a row and keeps the evidence; it never changes or deletes one. Unit values are
compared within HS code and flow of one file, as logarithms, by the robust z-score.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, reduce

import numpy as np
import pandas as pd
import pyarrow as pa

KINDS = ("unit_value_outlier", "value_mass_swapped", "mass_in_tonnes")

THRESHOLD = 3.5
"""Robust z-score above which a value is doubted: Iglewicz and Hoaglin (1993), How to Detect and
Handle Outliers."""

MIN_ROWS = 10
"""Rows a code needs before one of its rows can stand out."""

MIN_SPREAD = np.log(1.25)
"""Least spread of ln unit value: identical prices make the median deviation 0, and then any
difference an outlier."""

NEAR = np.log(3.0)
"""How near to the usual unit value a swapped or rescaled row must come to be explained by it."""

ROWS_AT_ONCE = 1_000_000
"""Codes are taken in groups of about so many rows: the comparison needs much room for each."""

COLUMNS = {
    "source_file": "string", "source_row": "int64", "flag": "string", "hs_code": "string",
    "value_usd": "float64", "net_mass_kg": "float64", "unit_value_usd_per_kg": "float64",
    "usual_usd_per_kg": "float64", "n_rows": "int64", "robust_z": "float64", "evidence": "string",
}  # fmt: skip


def repeated_rows(kept: pa.Table) -> np.ndarray:
    """Of each row, whether an earlier row of the file, of whatever sheet, says the same."""
    names = [n for n in kept.column_names if n not in {"source_file", "source_row", "flag_bits"}]
    rows = mixed(pd.util.hash_array(plain_values(kept[name])) for name in names)
    return pd.Series(rows).duplicated().to_numpy()


def mixed(columns: Iterable[np.ndarray]) -> np.ndarray:
    """One number for each different set of values of a row, of the hashes of its columns."""
    return reduce(lambda rows, hashes: rows * np.uint64(1_000_003) ^ hashes, columns)


def plain_values(column: pa.ChunkedArray) -> np.ndarray:
    """Numbers as they are; dictionary columns by their codes, which one table shares."""
    if pa.types.is_dictionary(column.type):
        codes = [chunk.indices.fill_null(-1) for chunk in column.chunks]
        return pa.chunked_array(codes).to_numpy()
    return column.to_numpy()


def find(kept: pa.Table) -> pd.DataFrame:
    """The rows whose value per kilogram is far from what is usual for their code.

    Args:
        kept: declarations of one file, text columns by dictionary.

    Returns:
        `COLUMNS` and `position` (of the row in `kept`), one row a doubt: `value_mass_swapped` or
        `mass_in_tonnes` where that alone would explain it, else `unit_value_outlier`. Codes with
        fewer than `MIN_ROWS` weighed rows raise no doubt.
    """
    value, mass = kept["value_usd"].to_numpy(), kept["net_mass_kg"].to_numpy()
    codes = plain_values(kept["hs_code"])
    weighed = np.flatnonzero((value > 0) & (mass > 0) & (codes >= 0))
    weighed = weighed[np.bincount(codes[weighed])[codes[weighed]] >= MIN_ROWS]
    n_parts = 1 + len(weighed) // ROWS_AT_ONCE if len(weighed) else 0
    found = [no_doubts()]
    for part in range(n_parts):
        chosen = weighed[codes[weighed] % n_parts == part]
        rows = pd.DataFrame(
            {
                "position": chosen,
                "flow": plain_values(kept["flow"])[chosen],
                "code": codes[chosen],
                "ln_unit_value": np.log(value[chosen]) - np.log(mass[chosen]),
            }
        )
        outliers = _outliers(rows)
        if len(outliers):
            found.append(_evidence(outliers, kept).astype(found[0].dtypes))
    return pd.concat(found[1:], ignore_index=True) if found[1:] else found[0]


@cache
def no_doubts() -> pd.DataFrame:
    """What `find` gives of rows that raise no doubt."""
    types = {"position": "int64", **COLUMNS}
    return pd.DataFrame(columns=list(types)).astype(types)


def _outliers(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows beyond the threshold, with the median, spread and size of their group."""
    by = rows.groupby(["flow", "code"], sort=False)["ln_unit_value"]
    n_rows, middle = by.transform("size"), by.transform("median")
    distance = (rows["ln_unit_value"] - middle).abs()
    deviation = distance.groupby([rows["flow"], rows["code"]], sort=False).transform("median")
    spread = (1.4826 * deviation).clip(lower=MIN_SPREAD)
    z = (rows["ln_unit_value"] - middle) / spread
    far = (z.abs() > THRESHOLD) & (n_rows >= MIN_ROWS)
    return rows.assign(n_rows=n_rows, middle=middle, robust_z=z)[far]


def _evidence(outliers: pd.DataFrame, kept: pa.Table) -> pd.DataFrame:
    ln, middle = outliers["ln_unit_value"], outliers["middle"]
    # Kilograms written as tonnes make the value per kilogram a thousand times too high.
    in_tonnes = (ln - np.log(1000) - middle).abs() <= NEAR
    swapped = (-ln - middle).abs() <= NEAR
    flag = np.select([in_tonnes, swapped], ["mass_in_tonnes", "value_mass_swapped"], KINDS[0])
    rows = kept.select(["source_file", "source_row", "hs_code", "value_usd", "net_mass_kg"])
    doubts = rows.take(pa.array(outliers["position"])).to_pandas()
    doubts = doubts.assign(
        position=outliers["position"].to_numpy(),
        flag=flag,
        unit_value_usd_per_kg=np.exp(ln).to_numpy(),
        usual_usd_per_kg=np.exp(middle).to_numpy(),
        n_rows=outliers["n_rows"].to_numpy(),
        robust_z=outliers["robust_z"].to_numpy(),
    )
    shown = doubts[["unit_value_usd_per_kg", "usual_usd_per_kg", "n_rows"]]
    doubts["evidence"] = [
        f"{ours:,.4g} USD/kg, where {usual:,.4g} is the median of {n} rows"
        for ours, usual, n in shown.itertuples(index=False)
    ]
    return doubts[["position", *COLUMNS]]

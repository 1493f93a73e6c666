"""Totals tables of a few rows, as the tests of the measures make them."""

from __future__ import annotations

import numpy as np
import pandas as pd


def totals(value, mass=None, weighed=None, **keys) -> pd.DataFrame:
    """A totals table; by default one kilogram a dollar; a mass of 0 is value not weighed."""
    value = [float(v) for v in value]
    mass = [float(m) for m in (value if mass is None else mass)]
    if weighed is None:
        weighed = [v if m else 0.0 for v, m in zip(value, mass, strict=True)]
    return pd.DataFrame(
        {
            **keys,
            "value_usd": value,
            "net_mass_kg": mass,
            "value_usd_weighed": weighed,
            "n_declarations": 1,
        }
    )


def codes(n: int) -> list[str]:
    return [f"{i:02}" for i in range(n)]


def from_prices(prices, quantities, name="hs", **keys) -> pd.DataFrame:
    prices, quantities = np.array(prices, dtype=float), np.array(quantities, dtype=float)
    return totals(prices * quantities, quantities, **{name: codes(len(prices))}, **keys)

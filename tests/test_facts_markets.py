"""Facts on target markets: rows in, case and numbers out; and an example of every case."""

import pandas as pd
import pytest

from helpers.measures.structure import concentration
from helpers.periods import parse_period
from helpers.telling.facts import markets as facts
from helpers.telling.page import Fact, Page

PAGE = Page("alborz", parse_period("1403"), "en", "customs")


def destinations(own: dict[str, float], nation: dict[str, float]) -> pd.DataFrame:
    """Like `measures.ranks.against_nation` by `partner_iso3`."""
    rows = pd.DataFrame({"value_usd_province": own, "value_usd_nation": nation}).fillna(0.0)
    for of in ("province", "nation"):
        rows[f"share_in_{of}"] = rows[f"value_usd_{of}"] / rows[f"value_usd_{of}"].sum()
    return rows.rename_axis("partner_iso3").reset_index()


IRAN = {"CHN": 50.0, "IRQ": 30.0, "ARE": 15.0, "TUR": 5.0}
SEVERAL = destinations({"IRQ": 6.0, "ARE": 3.0, "TUR": 1.0}, IRAN)
ONE = destinations({"IRQ": 6.0}, IRAN)
NONE = destinations({"XXA": 6.0}, IRAN)

MIX = [
    ("three markets take all, as is known of the nation", SEVERAL, "several", 3, 1.0, 0.5),
    ("a single market", ONE, "one", 1, 1.0, 0.3),
    ("free zones are no market", NONE, "missing", None, None, None),
]


@pytest.mark.parametrize(
    ("reason", "rows", "case", "n", "own", "same"), MIX, ids=[m[0] for m in MIX]
)
def test_the_mix_of_markets(reason, rows, case, n, own, same):
    fact = facts.mix(rows, PAGE)
    assert fact.case == case
    if n:
        values = [fact.parts[name].value for name in ("n", "own", "same")]
        assert values == pytest.approx([n, own, same])


SPREADS = [
    ("one market against four", [10.0], "down"),
    ("as even as the nation", [50.0, 30.0, 15.0, 5.0], "steady"),
    ("eight equal markets", [1.0] * 8, "up"),
]


def spread(values):
    return concentration(pd.Series(values))


@pytest.mark.parametrize(("reason", "values", "case"), SPREADS, ids=[s[0] for s in SPREADS])
def test_concentration_is_told_beside_the_nation(reason, values, case):
    fact = facts.concentration(spread(values), spread(list(IRAN.values())), PAGE)
    assert fact.case == case


def test_without_exports_concentration_is_not_known():
    assert facts.concentration(None, spread([1.0]), PAGE).is_missing


EXAMPLES = [
    *[facts.mix(rows, PAGE) for _, rows, *_ in MIX],
    *[facts.concentration(spread(v), spread(list(IRAN.values())), PAGE) for _, v, _ in SPREADS],
    *[Fact("markets.concentration_band", band) for band in ("low", "moderate", "high")],
]

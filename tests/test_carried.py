"""The real declarations that the project carries: exports by customs office and destination."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from helpers import classification, places, store
from helpers.customs import cleaning
from helpers.periods import Period

CARRIED = places.project_root() / "data" / "raw" / "office_destination"

CONTROL = {
    1400: (2662, 48_169_252_889),
    1401: (2546, 52_999_955_953),
    1402: (2566, 49_474_253_576),
    1403: (2541, 57_807_603_060),
    1404: (2471, 45_009_201_052),
}
"""Rows and dollars of each year, as the public mirror of the Tehran chamber sums them."""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The carried rows, cleaned once for all tests."""
    processed = tmp_path_factory.mktemp("real")
    quality = cleaning.clean(CARRIED, processed)
    assert [file.status for file in quality.files] == ["clean"] * 5
    return processed


@pytest.fixture(autouse=True)
def _ask_the_real(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PROCESSED", str(real))
    monkeypatch.setattr(store, "_used", set())


def by_year(key: str, **options: str) -> pd.DataFrame:
    """Value in USD: one row a value of the key, one column a year."""
    totals = store.totals(["year_sh", key], **options)
    return totals.pivot(index=key, columns="year_sh", values="value_usd")


def test_every_year_is_the_controls_to_the_dollar():
    years = store.totals(["year_sh"]).set_index("year_sh")
    sums = {y: (int(r.n_declarations), int(r.value_usd)) for y, r in years.iterrows()}
    assert sums == CONTROL
    assert years["net_mass_kg"].isna().all(), "nothing is known of weight"


def test_the_year_labelled_1404_is_ten_months():
    lasts = {each.period.year: each.period.month_last for each in store.periods_declared()}
    assert lasts == {1400: 12, 1401: 12, 1402: 12, 1403: 12, 1404: 10}


def test_no_more_than_3_dollars_in_1000_of_a_year_belong_to_no_province():
    provinces = by_year("province")
    lost = provinces.reindex(["unallocated"]).fillna(0).iloc[0]
    assert (lost / provinces.sum() <= 0.003).all(), lost.to_dict()


def test_each_office_has_a_row_of_its_own():
    """A name that merely contains a province's is no review."""
    offices = pd.Series(store.totals(["customs_office"])["customs_office"])
    reviewed = set(
        classification.customs_offices()["customs_office"].map(classification.office_key)
    )
    assert len(offices) == 118
    assert not set(offices.map(classification.office_key)) - reviewed


def test_alborz_in_its_five_years():
    provinces = by_year("province")
    millions = (provinces.loc["alborz"] / 1e6).round(1).tolist()
    assert millions == [95.4, 206.4, 376.5, 307.6, 218.0]
    ranks = provinces.drop(index="unallocated", errors="ignore").rank(ascending=False)
    assert ranks.loc["alborz"].tolist() == [25, 23, 19, 22, 23]
    assert ranks.count().tolist() == [31] * 5, "each province has exports in each year"


def test_north_khorasan_exports_through_bojnord_and_jajarm():
    millions = (by_year("province").loc["khorasan_north"] / 1e6).round(1).tolist()
    assert millions == [67.0, 129.7, 85.1, 55.5, 38.7]


@pytest.mark.parametrize(
    ("partner", "year", "n_months", "million_usd_a_month"),
    [
        ("ARE", 1402, 12, 11.9),
        ("ARE", 1404, 10, 0.9),
        ("IRQ", 1403, 12, 4.5),
        ("IRQ", 1404, 10, 8.1),
    ],
)
def test_alborz_changed_its_markets(partner, year, n_months, million_usd_a_month):
    markets = by_year("partner_iso3", province="alborz")
    assert round(markets.loc[partner, year] / 1e6 / n_months, 1) == million_usd_a_month


def test_each_destination_is_known():
    flags = store.query("SELECT COUNT(*) AS n FROM declarations WHERE flags LIKE '%unknown%'")
    assert flags["n"].iloc[0] == 0
    shares = store.totals(["partner_iso3"]).set_index("partner_iso3")["value_usd"]
    assert shares["XXU"] / shares.sum() < 0.001, "what the source itself calls other or unknown"


def test_what_is_carried_is_value_alone_and_its_1404_presumed():
    declared = store.periods_declared()
    assert [str(d.period) for d in declared] == ["1400", "1401", "1402", "1403", "1404M01-10"]
    assert [d.is_presumed for d in declared] == [False] * 4 + [True]
    assert "presumably ten months" in declared[-1].months_note["en"]
    assert "ده ماه" in declared[-1].months_note["fa"]
    period = declared[-1].period
    evidence = store.evidence("alborz", period)
    assert (evidence.rung, evidence.goods_share) == ("value", 0.0)
    base = store.comparison_base(period)
    assert (str(base.period), base.kind, base.n_months) == ("1403", "monthly_average", 12)


def test_a_table_by_line_for_one_office_brings_goods_and_keeps_the_total(tmp_path, monkeypatch):
    """Half of what Payam exported to Iraq in 1403, by tariff line."""
    shutil.copytree(CARRIED, tmp_path / "raw" / "office_destination")
    rows = "\n".join(
        f"منطقه ویژه اقتصادی پیام,{country},{code},{kg},{usd}"
        for country, code, kg, usd in (
            ("عراق", "30049099", 100_000, 20_000_000),
            ("عراق", "39241000", 900_000, 7_000_000),
        )
    )
    heading = "نام گمرک,نام کشور,شماره تعرفه,وزن (کیلوگرم),ارزش (دلار)"
    (tmp_path / "raw" / "payam.csv").write_text(f"{heading}\n{rows}\n", encoding="utf-8")
    (tmp_path / "raw" / "payam.source.yml").write_text("flow: export\nyear_sh: 1403\n")
    quality = cleaning.clean(tmp_path / "raw", tmp_path / "processed")
    monkeypatch.setenv("WORKBENCH_PROCESSED", str(tmp_path / "processed"))
    sums = {int(y): int(v) for y, v in store.totals(["year_sh"]).iloc[:, :2].to_numpy()}
    assert sums == {year: usd for year, (_, usd) in CONTROL.items()}, "the control's, to the dollar"
    year = Period(1403)
    iraq = store.totals(["partner_iso3"], province="alborz", period=year)
    assert iraq.set_index("partner_iso3")["value_usd"]["IRQ"] == 54_144_912
    found = store.evidence("alborz", year)
    assert (found.rung, round(found.goods_share, 3)) == ("goods", round(27e6 / 307_581_987, 3))
    assert store.evidence("tehran", year).rung == "value"
    control = next(f for f in quality.files if f.source_file.endswith("exports_1403.csv"))
    assert control.value_usd.replaced == 27_000_000
    assert control.replaced_by == ["payam.csv"]

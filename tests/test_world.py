"""World trade: four layouts that say the same, and each trap of theirs."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pandas as pd
import pytest

from helpers import memory, places, preparation, store, world
from helpers.customs.sources import received
from helpers.schema import NotEnoughData

NUMBER = {"IRN": 364, "IRQ": 368, "TUR": 792, "CHN": 156, "USA": 842, "TWN": 490}
FLOWS = [  # exporter, importer, six digits, year, USD, kg (None: not known)
    ("IRN", "IRQ", "300490", 2022, 1_000_000, 100_000),
    ("TUR", "IRQ", "300490", 2022, 3_000_000, 200_000),
    ("CHN", "IRQ", "300490", 2022, 2_000_000, None),
    ("TUR", "IRQ", "300490", 2023, 4_000_000, 250_000),
    ("IRN", "IRQ", "010121", 2023, 500_000, 50_000),
    ("CHN", "TUR", "010121", 2023, 700_000, 70_000),
    ("USA", "TWN", "870899", 2023, 9_000_000, 900_000),
]


def baci(flows=FLOWS) -> str:
    rows = [
        f"{y},{NUMBER[i]},{NUMBER[j]},{k},{v / 1000},{'NA' if q is None else q / 1000}"
        for i, j, k, y, v, q in flows
    ]
    return "\n".join(["t,i,j,k,v,q", *rows])


COMTRADE = {
    "typeCode": "C", "freqCode": "A", "refPeriodId": "20220101", "refYear": "", "refMonth": "52",
    "period": "", "reporterCode": "", "reporterISO": "", "flowCode": "M", "partnerCode": "",
    "partnerISO": "", "partner2Code": "0", "classificationCode": "H6", "cmdCode": "",
    "customsCode": "C00", "motCode": "0", "qtyUnitCode": "8", "qty": "", "netWgt": "",
    "isNetWgtEstimated": "False", "cifvalue": "", "primaryValue": "", "legacyEstimationFlag": "0",
    "isReported": "True", "isAggregate": "False",
}  # fmt: skip


def report(flow, **differences) -> dict:
    """A row of Comtrade by which the importer tells of a flow."""
    exporter, importer, code, year, value, mass = flow
    row = {"refYear": year, "period": year, "reporterCode": NUMBER[importer], "cmdCode": code,
           "partnerCode": NUMBER[exporter], "primaryValue": value, "netWgt": mass or 0}  # fmt: skip
    return COMTRADE | row | differences


def comtrade(rows=()) -> str:
    return pd.DataFrame(rows or map(report, FLOWS)).to_csv(index=False)


def old_report(flow, **differences) -> dict:
    exporter, importer, code, year, value, mass = flow
    iso = {"TWN": "S19"}
    return {
        "Classification": "H6", "Year": year, "Period": year, "Aggregate Level": 6,
        "Trade Flow": "Import", "Reporter": "-", "Reporter ISO": iso.get(importer, importer),
        "Partner": "-", "Partner ISO": iso.get(exporter, exporter), "Commodity Code": code,
        "Qty": "", "Netweight (kg)": mass or 0, "Trade Value (US$)": value, "Flag": 0, **differences,
    }  # fmt: skip


def comtrade_old(rows=()) -> str:
    return pd.DataFrame(rows or map(old_report, FLOWS)).to_csv(index=False)


def atlas(flows=FLOWS) -> str:
    """Each flow as the sales of the one country, and again as the purchases of the other."""
    rows = ["country_id,country_iso3_code,partner_country_id,partner_iso3_code,product_id,"
            "product_hs22_code,year,export_value,import_value"]  # fmt: skip
    for i, j, k, y, v, _ in flows:
        rows += [f"1,{i},2,{j},9,{k},{y},{v},0", f"2,{j},1,{i},9,{k},{y},0,{v}"]
    return "\n".join(rows)


WRITTEN = {
    "baci": ("BACI_HS22_Y2022_V202601.csv", baci),
    "comtrade": ("TradeData.csv", comtrade),
    "comtrade_old": ("comtrade.csv", comtrade_old),
    "atlas": ("hs22_country_country_product_year_6.csv", atlas),
}


@pytest.fixture
def world_of(tmp_path, monkeypatch):
    """Checks these files below `raw/world` into a store; of each, why it cannot be used."""
    raw, processed = tmp_path / "raw", tmp_path / "processed"
    monkeypatch.setenv("WORKBENCH_RAW", str(raw))
    monkeypatch.setenv("WORKBENCH_PROCESSED", str(processed))

    def made(files: dict[str, str | bytes]) -> dict[str, str | None]:
        for name, text in files.items():
            path = raw / "world" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        found = received(raw)
        before, folder = (
            places.current(processed),
            processed / f"store-{len(list(processed.glob('store-*')))}",
        )
        folder.mkdir(parents=True)
        accounts = world.prepare_world(
            found.others, folder, memory.Hashes(tmp_path / "hashes"), before
        )
        places.make_current(processed, folder)
        return found.failures | {account.source_file: account.error for account in accounts}

    return made


def table_of(trade: world.WorldTrade) -> pd.DataFrame:
    with world.flows(trade) as connection:
        return connection.execute(
            "SELECT exporter, importer, hs6_code, year, value_usd, net_mass_kg FROM world_flows "
            "ORDER BY ALL"
        ).df()


@pytest.mark.parametrize("layout", WRITTEN)
def test_four_layouts_give_the_same_flows(world_of, layout):
    name, write = WRITTEN[layout]
    assert world_of({name: write()}) == {f"world/{name}": None}
    trade = world.world_trade()
    assert (trade.layout, trade.edition, trade.years) == (layout, "H6", (2022, 2023))
    expected = sorted(FLOWS, key=lambda row: row[:5])
    found = table_of(trade)
    assert found.iloc[:, :5].to_numpy().tolist() == [list(row[:5]) for row in expected]
    masses = found["net_mass_kg"].astype(object).where(found["net_mass_kg"].notna(), None)
    assert list(masses) == [None if layout == "atlas" else row[5] for row in expected]
    bought = world.markets(trade).set_index(["partner_iso3", "year"])
    assert bought.loc[("IRQ", 2022), "value_usd"] == 6_000_000
    assert bought.loc[("IRQ", 2022), "iran_value_usd"] == 1_000_000
    sellers = world.suppliers(
        trade, pd.DataFrame({"hs6_code": ["300490"], "partner_iso3": "IRQ"}), (2022, 2023)
    )
    assert len(sellers) == 4
    assert sellers["value_usd"].sum() == 10_000_000
    everything = world.suppliers(trade, pd.DataFrame({"partner_iso3": ["IRQ"]}), (2022, 2023))
    assert everything["value_usd"].sum() == 10_500_000


def test_suppliers_are_read_from_the_files_of_their_years_alone(world_of, tmp_path):
    before, after = ([row for row in FLOWS if row[3] == year] for year in (2022, 2023))
    world_of({"BACI_HS22_Y2022.csv": baci(before), "BACI_HS22_Y2023.csv": baci(after)})
    Path(tmp_path / "raw/world/BACI_HS22_Y2022.csv").unlink()
    rows = world.suppliers(world.world_trade(), pd.DataFrame({"partner_iso3": ["IRQ"]}), (2023,))
    assert dict(zip(rows["supplier_iso3"], rows["value_usd"], strict=True)) == {
        "IRN": 500_000, "TUR": 4_000_000,
    }  # fmt: skip


ONE = FLOWS[0]
TRAPS = [  # what is in the file beside the flow, which alone counts
    ("a flow by modes of transport", report(ONE, motCode="2100", primaryValue=400_000)),
    ("a flow by customs procedure", report(ONE, customsCode="C01", primaryValue=400_000)),
    ("a flow by second partner", report(ONE, partner2Code=792, primaryValue=400_000)),
    ("the world is the sum of the others", report(ONE, partnerCode=0)),
    ("a month of the year", report(ONE, period=202203, freqCode="M", primaryValue=80_000)),
    ("a heading of the same goods", report(ONE, cmdCode="3004")),
    ("all goods", report(ONE, cmdCode="TOTAL")),
    ("re-imports are in the imports", report(ONE, flowCode="RM", primaryValue=5_000)),
    ("services", report(ONE, typeCode="S")),
    ("another classification", report(ONE, classificationCode="S4", cmdCode="300490")),
    ("a country's trade with itself", report(ONE, partnerCode=368)),
]


@pytest.mark.parametrize(("reason", "row"), TRAPS, ids=[reason for reason, _ in TRAPS])
def test_what_would_count_twice_in_comtrade_does_not(world_of, reason, row):
    world_of({"a.csv": comtrade([report(ONE), row])})
    assert table_of(world.world_trade())["value_usd"].sum() == 1_000_000


OLD_TRAPS = [
    ("the world", old_report(ONE, **{"Partner ISO": "WLD"})),
    ("a month", old_report(ONE, Period=202203)),
    ("a heading", old_report(ONE, **{"Commodity Code": "3004"})),
    ("re-imports", old_report(ONE, **{"Trade Flow": "Re-Import"})),
]


@pytest.mark.parametrize(("reason", "row"), OLD_TRAPS, ids=[reason for reason, _ in OLD_TRAPS])
def test_what_would_count_twice_in_the_old_comtrade_does_not(world_of, reason, row):
    world_of({"a.csv": comtrade_old([old_report(ONE), row])})
    assert table_of(world.world_trade())["value_usd"].sum() == 1_000_000


WEIGHTS = [
    ("reported", comtrade([report(ONE)]), 100_000.0),
    ("estimated", comtrade([report(ONE, isNetWgtEstimated="True")]), None),
    ("estimated, by its flag of 4", comtrade([report(ONE, legacyEstimationFlag=4)]), None),
    ("estimated, by its flag of 6", comtrade([report(ONE, legacyEstimationFlag=6)]), None),
    ("the quantity alone was estimated", comtrade([report(ONE, legacyEstimationFlag=2)]), 100_000.0),
    ("zero is not reported", comtrade([report(ONE, netWgt=0)]), None),
    ("old: zero is not reported", comtrade_old([old_report(ONE, **{"Netweight (kg)": 0})]), None),
    ("old: estimated", comtrade_old([old_report(ONE, Flag=4)]), None),
    ("old: reported", comtrade_old([old_report(ONE)]), 100_000.0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "text", "mass"), WEIGHTS, ids=[reason for reason, *_ in WEIGHTS]
)
def test_estimated_and_missing_weights_leave_every_value_per_tonne(world_of, reason, text, mass):
    world_of({"a.csv": text})
    rows = world.suppliers(
        world.world_trade(), pd.DataFrame({"partner_iso3": ["IRQ"]}), (2022, 2023)
    )
    assert rows["value_usd"].sum() == 1_000_000
    if mass is None:
        assert rows[["net_mass_kg", "value_usd_weighed"]].isna().all(axis=None)
    else:
        assert (rows["net_mass_kg"].sum(), rows["value_usd_weighed"].sum()) == (mass, 1_000_000)


REFUSED = [
    ("as many rows as the cap", {"a.csv": comtrade([report(ONE, primaryValue=n) for n in range(500)])}, "a.csv", "500 rows, as many as UN Comtrade sends at most"),
    ("months alone", {"a.csv": comtrade([report(ONE, period=202203)])}, "a.csv", "none of its 1 rows is a year's flow"),
    ("breakdowns alone", {"a.csv": comtrade([report(ONE, motCode=1000), report(ONE, motCode=2100)])}, "a.csv", "partner2Code=0, motCode=0 and customsCode=C00"),
    ("breakdowns without their columns", {"a.csv": pd.DataFrame([report(ONE)] * 9).drop(columns=["motCode", "customsCode", "partner2Code"]).to_csv(index=False)}, "a.csv", "one flow stands several times in world/a.csv"),
    ("the same download twice", {"a.csv": comtrade(), "b.csv": comtrade()}, "b.csv", "in world/a.csv and world/b.csv"),
    ("two versions of a year", {"BACI_HS22_Y2022_V1.csv": baci(), "BACI_HS22_Y2022_V2.csv": baci()}, "BACI_HS22_Y2022_V2.csv", "world/BACI_HS22_Y2022_V1.csv holds the same years"),
    ("an edition that nobody says", {"baci.csv": baci()}, "baci.csv", "write `edition: H6` into its sidecar"),
    ("a value that is none", {"BACI_HS22.csv": baci().replace("1000.0", "1 000")}, "BACI_HS22.csv", "1 of its 7 flows have no year, or no value"),
    ("another table", {"a.csv": "country,gdp\nIraq,5\n"}, "a.csv", "expected those of baci, comtrade"),
    ("not what its sidecar says", {"BACI_HS22.csv": baci(), "BACI_HS22.source.yml": "layout: atlas\n"}, "BACI_HS22.csv", "expected the columns of atlas"),
    ("two editions, neither ours", {"a.csv": "H5,H0\n300490,300490\n"}, "a.csv", "must be ours, H6"),
    ("no table", {"a.csv": b"\x00\x01\x02"}, "a.csv", ""),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "files", "name", "words"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_cannot_be_used_is_refused_with_its_reason(world_of, reason, files, name, words):
    error = world_of(files)[f"world/{name}"]
    assert error
    assert words in error


def test_cleaning_takes_the_world_along_and_a_refused_file_stops_no_other(world_of, tmp_path):
    world_of({"bad.csv": "country,gdp\n", "BACI_HS22.csv": baci()})
    processed = tmp_path / "processed"
    quality = preparation.prepare(tmp_path / "raw", processed, memory.Hashes(tmp_path / "hashes"))
    of_world = [file for file in quality.carried if file.layout == "world"]
    assert [(f.source_file, f.rows.kept) for f in of_world] == [("world/BACI_HS22.csv", 7)]
    assert [f["source_file"] for f in preparation.failures(processed)] == ["world/bad.csv"]
    assert len(table_of(world.world_trade())) == len(FLOWS)


def test_a_country_that_is_silent_is_told_from_its_partners_and_says_so(world_of):
    """Iraq reported nothing in 2023: what others say of their sales to it stands in, marked."""
    told = report(FLOWS[3], flowCode="X", reporterCode=NUMBER["TUR"], partnerCode=NUMBER["IRQ"])
    also = report(ONE, flowCode="X", reporterCode=NUMBER["IRN"], partnerCode=NUMBER["IRQ"])
    world_of({"a.csv": comtrade([*map(report, FLOWS[:3]), told, also])})
    iraq = world.markets(world.world_trade()).set_index("year")
    assert list(iraq["reported_by"]) == ["importer", "exporter"]
    assert list(iraq["value_usd"]) == [
        6_000_000,
        4_000_000,
    ]  # not its partners' words beside its own


def test_codes_of_several_editions_never_meet(world_of):
    world_of({"a.csv": comtrade([report(ONE), report(FLOWS[1], classificationCode="H5")])})
    trade = world.world_trade()
    assert trade.edition == "H6"
    assert list(world.demand(trade, ["300490"])["value_usd"]) == [1_000_000]


OURS = pd.DataFrame(
    {"hs6_code": ["300490", "300212", "870899", None], "value_usd": [5.0, 3.0, 2.0, 1.0]}
)


def test_a_concordance_carries_codes_over_and_what_it_could_not_is_said(world_of):
    table = "H6,HS1992\n300490,300490\n300212,300210\n300212,300220\n010121,010111\n"
    world_of({"hs92_x.csv": atlas().replace("hs22", "hs92"), "ours.csv": table})
    assert world.world_trade().edition == "H0"
    assert world.joins("H0")
    carried, lost = world.in_edition(OURS, "H0")
    assert list(carried["hs6_code"]) == [
        "300490"
    ]  # split over two, not listed, no code: not carried
    assert lost == 6.0
    own, lost = world.in_edition(OURS, "H6")
    assert (len(own), lost) == (3, 1.0)


def test_our_own_edition_goes_before_another_and_reconciled_before_reports(world_of):
    world_of({"hs92_x.csv": atlas().replace("hs22", "hs92"), "a.csv": comtrade(),
              "BACI_HS22.csv": baci(), "BACI_HS17.csv": baci()})  # fmt: skip
    assert world.world_trade() == world.WorldTrade("baci", "H6", (2022, 2023))


def test_a_year_that_few_have_reported_is_not_the_last(world_of):
    late = ("CHN", "TUR", "010121", 2024, 1_000, 100)
    world_of({"a.csv": comtrade([*map(report, FLOWS), report(late)])})
    assert world.world_trade().years == (2022, 2023)


def test_complexities_of_the_last_year_are_read(world_of):
    text = (
        "country_id,country_iso3_code,product_id,product_hs92_code,year,export_value,import_value,pci\n"
        "1,IRN,5,3004,2022,9,0,0.1\n1,IRN,5,3004,2023,4,0,1.5\n2,TUR,5,3004,2023,6,0,1.5\n2,TUR,6,0101,2023,6,0,\n"
    )
    world_of({"hs92_country_product_year_4.csv": text})
    assert world.complexities().to_dict("records") == [
        {"hs4_code": "3004", "edition": "H0", "year": 2023, "pci": 1.5, "value_usd": 10.0}
    ]
    assert world.world_trade() is None


def test_the_lists_beside_baci_are_no_failures(world_of):
    errors = world_of({"BACI_HS22.csv": baci(), "country_codes.csv": "country_code,country_name,country_iso2,country_iso3\n4,A,AF,AFG\n", "product_codes.csv": "code,description\n010121,Horses\n"})  # fmt: skip
    assert set(errors.values()) == {None}


def test_a_link_to_another_disk_is_followed_where_its_sidecar_allows_it(world_of, tmp_path):
    far = tmp_path / "BACI_HS22.csv"
    far.write_text(baci())
    (tmp_path / "raw" / "world").mkdir(parents=True)
    (tmp_path / "raw" / "world" / "BACI_HS22.csv").symlink_to(far)
    assert "link: allowed" in world_of({})["world/BACI_HS22.csv"]
    world_of({"BACI_HS22.source.yml": "link: allowed\n"})
    assert len(table_of(world.world_trade())) == len(FLOWS)


def test_parquet_and_packed_files_are_read_alike(world_of, tmp_path):
    pd.read_csv(io.StringIO(baci())).to_parquet(tmp_path / "x.parquet")
    world_of({"BACI_HS22_Y22.parquet": (tmp_path / "x.parquet").read_bytes()})
    parquet = table_of(world.world_trade())
    (tmp_path / "raw/world/BACI_HS22_Y22.parquet").unlink()
    world_of({"BACI_HS22_Y22.csv.gz": gzip.compress(baci().encode())})
    pd.testing.assert_frame_equal(parquet, table_of(world.world_trade()))


def test_without_a_file_there_is_no_world(world_of, tmp_path):
    (tmp_path / "raw").mkdir()
    world_of({})
    assert world.world_trade() is None
    assert world.complexities().empty
    assert not world.joins("H0")
    assert "world" in store.used()


def test_what_was_made_from_the_same_files_is_not_made_again(world_of, monkeypatch):
    world_of({"BACI_HS22.csv": baci()})
    monkeypatch.setattr(world, "_checked", None)
    assert world_of({}) == {"world/BACI_HS22.csv": None}
    assert len(table_of(world.world_trade())) == len(FLOWS)


def test_a_report_that_is_given_one_store_finds_the_files_as_well(world_of, monkeypatch):
    world_of({"BACI_HS22.csv": baci()})
    monkeypatch.setenv("WORKBENCH_PROCESSED", str(places.processed_dir()))
    assert len(table_of(world.world_trade())) == len(FLOWS)


def test_a_file_that_is_gone_is_asked_for(world_of, tmp_path):
    world_of({"BACI_HS22.csv": baci()})
    Path(tmp_path / "raw/world/BACI_HS22.csv").unlink()
    with pytest.raises(NotEnoughData, match=r"BACI_HS22\.csv.*put it back, or clean again"):
        world.suppliers(world.world_trade(), pd.DataFrame({"partner_iso3": ["IRQ"]}), (2022, 2023))

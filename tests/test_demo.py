"""The synthetic files: their totals, their dirt, and that they say what they are."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import click
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from helpers import classification, places
from helpers.demo import command, synthetic
from helpers.schema import PROVINCES, HelpersError, NotEnoughData

ROWS = 4_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("demo")
    synthetic.write_synthetic(path, ROWS)
    return path


@pytest.fixture(scope="module")
def meant() -> dict[str, pd.DataFrame]:
    return {f.name: synthetic.synthetic_declarations(f, 6_000) for f in synthetic.FILES}


class Cells(HTMLParser):
    """The rows of a HTML table, as lists of text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip("\n")  # newlines stand between rows only


def rows_of(path: Path) -> list[list[str]]:
    if path.suffix == ".xls":
        rows = Cells(path.read_text(encoding="utf-8")).rows
    elif path.suffix == ".csv":
        table = pd.read_csv(path, header=None, names=range(10), dtype=str, keep_default_na=False)
        rows = table.to_numpy().tolist()
    else:
        table = pd.read_excel(path, header=None, engine="calamine", dtype=str)
        rows = table.fillna("").to_numpy().tolist()
    return [row for row in rows if len(row) == 10]


# What the rows mean


@pytest.mark.parametrize(
    ("file", "month", "value_bn", "mass_mt"),
    [
        ("export_1402.xls", 4, 15.906, 45.758),
        ("export_1402.xls", 12, 49.474, 136.391),
        ("export_1403.xls", 6, 25.8, 70.0),
        ("export_1403.xls", 7, 32.5, 88.7),
        ("export_1403.xls", 10, 47.8, None),
        ("export_1403.xls", 12, 57.808, 151.955),
        ("export_1404.xlsx", 1, 2.942, 8.956),
        ("export_1404.xlsx", 7, 32.0, None),
        ("export_1404.xlsx", 8, 36.997, 105.231),
        ("export_1404.xlsx", 10, 45.009, 130.026),
        ("import_1402.xls", 10, 54.8, 32.7),
        ("import_1403.csv", 7, 39.5, 21.7),
        ("import_1403.csv", 12, 72.4, 39.3),
        ("import_1404.xls", 8, 39.54, 25.823),
    ],
)
def test_cumulative_totals_meet_the_published_ones(meant, file, month, value_bn, mass_mt):
    rows = meant[file]
    until = rows[rows["mistake"].eq("") & rows["month"].le(month)]
    assert until["value_usd"].sum() / 1e9 == pytest.approx(value_bn, abs=5e-4)
    if mass_mt is not None:
        assert until["net_mass_kg"].sum() / 1e9 == pytest.approx(mass_mt, abs=5e-4)


@pytest.mark.parametrize("file", synthetic.FILES, ids=lambda f: f.name)
def test_months_meet_every_published_total_to_the_dollar(meant, file):
    rows = meant[file.name]
    monthly = rows[rows["mistake"].eq("")].groupby("month")[["value_usd", "net_mass_kg"]].sum()
    pd.testing.assert_frame_equal(monthly, synthetic.monthly_totals(file), check_index_type=False)
    assert monthly.index.tolist() == list(range(1, file.n_months + 1))
    assert (monthly > 0).all(axis=None)


def test_the_set_is_the_one_it_was(meant):
    """Whatever happens to the reviewed tables: pages are held against kept numbers of this set."""
    columns = ["month", "customs_office", "partner_iso3", "hs_code", "net_mass_kg", "value_usd"]
    first, later = meant["export_1402.xls"][columns].iloc[[0, 999]].values.tolist()
    assert first == [1, "همدان", "NAM", "08051090", 2_264_213, 866_926]
    assert later == [2, "مهران", "IRQ", "56031190", 1_153_134, 1_987_464]


@pytest.mark.parametrize("file", synthetic.FILES, ids=lambda f: f.name)
def test_all_provinces_and_a_few_hundred_goods_are_there(meant, file):
    rows = meant[file.name]
    assert set(rows["province"]) == {*PROVINCES, "unallocated"}
    assert rows["hs_code"].nunique() > 180
    assert {"NAM", "XXA", "XXU", "IRQ"} <= set(rows["partner_iso3"])


def test_goods_offices_and_partners_are_classified_as_the_set_means_them(meant):
    rows = pd.concat(meant.values())
    rows = rows[rows["mistake"].ne("unknown_code")]
    assert set(rows["hs_code"].str[:6]) <= classification.hs_codes(6)
    assert classification.province_of_office(rows["customs_office"]).eq(rows["province"]).all()
    assert classification.partner_iso3(rows["partner"]).eq(rows["partner_iso3"]).all()


def test_the_cells_that_cannot_be_used_are_few_and_small(meant):
    for rows in meant.values():
        usable = rows["mistake"].eq("")
        assert set(rows["mistake"]) == {"", *synthetic.MISTAKES}
        assert 0 < (~usable).mean() < 0.01
        assert abs(rows["value_usd"].sum() / rows.loc[usable, "value_usd"].sum() - 1) < 0.002
        without_mass = rows["net_mass_kg"].isna() | rows["net_mass_kg"].eq(0)
        assert 0.005 < without_mass.mean() < 0.03


def test_alborz_is_small_dear_and_much_the_same_each_year(meant):
    exports = pd.concat([meant[f.name] for f in synthetic.FILES if f.flow == "export"])
    exports = exports[exports["mistake"].eq("") & exports["net_mass_kg"].gt(0)]
    by = exports.groupby(["year_sh", "province"])[["value_usd", "net_mass_kg"]].sum()
    alborz = by.xs("alborz", level="province")
    nation = by.groupby("year_sh").sum()
    share = alborz["value_usd"] / nation["value_usd"]
    assert share.between(0.003, 0.008).all()
    dearness = (alborz["value_usd"] / alborz["net_mass_kg"]) / (
        nation["value_usd"] / nation["net_mass_kg"]
    )
    assert dearness.between(1.3, 4).all()


def test_the_same_good_has_other_prices_in_other_provinces(meant):
    rows = pd.concat(meant.values())
    rows = rows[rows["mistake"].eq("") & rows["net_mass_kg"].gt(10_000)]
    prices = (rows["value_usd"] / rows["net_mass_kg"]).groupby([rows["hs_code"], rows["province"]])
    spread = prices.median().groupby("hs_code").agg(lambda p: p.max() / p.min())
    assert 1.2 < spread.median() < 4


# Files


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(folder, tmp_path):
    again = synthetic.write_synthetic(tmp_path / "again", ROWS)
    other = synthetic.write_synthetic(tmp_path / "other", ROWS, seed=7)
    assert [p.name for p in again] == [f.name for f in synthetic.FILES]
    for path in again:
        assert path.read_bytes() == (folder / path.name).read_bytes()
    assert all(p.read_bytes() != (folder / p.name).read_bytes() for p in other)


def test_too_few_rows_are_refused(tmp_path):
    with pytest.raises(NotEnoughData, match="at least 2,000 rows; 100 were asked for"):
        synthetic.write_synthetic(tmp_path, 100)


@pytest.mark.parametrize("file", synthetic.FILES, ids=lambda f: f.name)
def test_every_file_says_in_two_languages_that_it_is_synthetic(folder, file):
    path = folder / file.name
    sidecar = yaml.safe_load((folder / f"{path.stem}.source.yml").read_text(encoding="utf-8"))
    assert sidecar["synthetic"] is True
    assert sidecar["flow"] == file.flow
    assert sidecar["year_sh"] == file.year_sh
    assert sidecar["months"] == f"1-{file.n_months}"
    assert sidecar["producer"] == "workbench demo"
    assert "SYNTHETIC" in sidecar["title"]
    assert "ساختگی" in sidecar["title"]
    if file.suffix != ".xlsx":
        assert sidecar["title"] in path.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("file", synthetic.FILES, ids=lambda f: f.name)
def test_files_are_what_the_layout_says(folder, file):
    rows = rows_of(folder / file.name)
    heading = list(synthetic.HEADINGS)
    assert rows.count(heading) == 3  # repeated among the rows
    assert rows[-1][0] == "مجموع"
    details = [row for row in rows[rows.index(heading) :] if row != heading][:-1]
    assert len(details) == synthetic._rows_of(file, ROWS)
    total = float(rows[-1][9].replace(",", ""))
    assert total == synthetic.synthetic_declarations(file, len(details))["value_usd"].sum()


def test_the_formats_are_those_of_their_names_or_html(folder):
    starts = {f.suffix: (folder / f.name).read_bytes()[:6] for f in synthetic.FILES}
    assert starts[".xls"] == b"<html "
    assert starts[".xlsx"][:2] == b"PK"
    assert starts[".csv"][:3] == b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("dirt", "file", "pattern"),
    [
        ("Arabic yeh", "export_1402.xls", "عربي"),
        ("Arabic kaf", "export_1402.xls", "تركيه"),
        ("two alphabets in one name", "export_1402.xls", "[يك][^<]*[یک]"),
        ("Persian digits and separator", "export_1402.xls", "[۰-۹]٬[۰-۹]{3}"),
        ("Arabic digits", "export_1402.xls", "[٠-٩]{2}"),
        ("thousands separators", "export_1402.xls", "[0-9],[0-9]{3},[0-9]{3}<"),
        ("hidden marks", "export_1402.xls", "[\u200e\u200f\u202b]"),
        ("lost leading zero", "export_1402.xls", "<td>[1-9][0-9]{6}</td>"),
        ("placeholder for a description", "export_1402.xls", "کد کالا [0-9]{6}"),
        ("a letter lost", "export_1402.xls", "سا\\?ر"),
        ("split letters", "export_1402.xls", "سا [يی]ر"),
        ("empty description", "export_1402.xls", "<td>[0-9]{8}</td><td></td>"),
        ("zero weight", "export_1402.xls", "<td>0</td>"),
        ("free zones as destination", "export_1402.xls", "مناطق (آزاد|و[يی]ژه)"),
        ("Namibia", "export_1402.xls", "نام[يی]ب[يی]ا|نا م"),
        ("Namibia as letters", "import_1403.csv", ",NA,"),
        ("an office that nobody knows", "export_1402.xls", "گمرکات|گمركات"),
        ("an unreadable amount", "export_1402.xls", "؟؟؟"),
        ("a code outside the HS", "export_1402.xls", "<td>77[0-9]{6}</td>|<td>۷۷"),
    ],
)
def test_the_files_hold_every_kind_of_dirt(folder, dirt, file, pattern):
    assert re.search(pattern, (folder / file).read_text(encoding="utf-8-sig")), dirt


def test_a_duplicate_repeats_its_original_to_the_letter(folder):
    rows = [tuple(row[1:]) for row in rows_of(folder / "export_1402.xls")]
    repeated = {row for row in rows if rows.count(row) > 1 and row != synthetic.HEADINGS[1:]}
    assert len(repeated) >= 2


def test_codes_in_the_workbook_are_numbers_where_the_zero_was_lost(folder):
    table = pd.read_excel(folder / "export_1404.xlsx", header=None, engine="calamine")
    kinds = table.iloc[3:-1, 5].map(type).value_counts()
    assert set(kinds.index) >= {str}
    assert any(issubclass(kind, (int, float)) for kind in kinds.index)


@pytest.mark.slow
def test_a_quarter_of_a_million_rows_are_written_in_seconds(tmp_path):
    paths = synthetic.write_synthetic(tmp_path, 250_000)
    assert sum(p.stat().st_size for p in paths) > 30e6


def test_the_totals_the_set_meets_are_among_the_published_figures():
    path = Path(__file__).parents[1] / "data" / "raw" / "published" / "figures.csv"
    if not path.is_file():
        pytest.skip("the published figures are not in this checkout")
    figures = pd.read_csv(path).query("scope == 'nation' and category == 'total'")
    figures = figures[figures["month_first_sh"].eq(1)]
    keys = ["flow", "year_sh", "month_last_sh", "measure"]
    published = figures.groupby(keys)["value"].agg(list)
    ours = pd.read_csv(Path(synthetic.__file__).with_name("totals.csv")).query("not is_derived")
    totals = ours.melt(keys[:3], ["value_usd", "net_mass_kg"], var_name="measure").dropna()
    for *key, value in totals[[*keys, "value"]].itertuples(index=False):
        assert any(abs(value / v - 1) < 5e-4 for v in published[tuple(key)]), key


# The demo's folder


def test_the_demo_is_marked_and_can_be_written_again(tmp_path):
    folder = tmp_path / "demo"
    assert command.write_demo(folder, 2_000) == folder / "data" / "raw"
    assert places.is_demo(command.write_demo(folder, 2_000, seed=7))
    assert not places.is_demo(tmp_path)
    assert "seed: 7" in (folder / "demo.yml").read_text("utf-8")


def test_the_demo_is_not_written_among_other_things(tmp_path):
    (tmp_path / "export.xlsx").touch()
    with pytest.raises(HelpersError, match=r"with its mark demo\.yml; found export\.xlsx in"):
        command.write_demo(tmp_path, 2_000)
    assert [path.name for path in tmp_path.iterdir()] == ["export.xlsx"]


@pytest.mark.parametrize(
    "given",
    [
        [],
        ["03_x", "--lang", "en"],
        ["--province=qom"],  # the later of two counts
    ],
)
def test_the_demo_renders_within_its_folder_whatever_else_is_asked(given, tmp_path):
    calls = []

    @click.command("render", context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def render(arguments):
        calls.append(list(arguments))

    folder = tmp_path / "demo"
    group = click.Group(commands=[render, command.demo])
    done = CliRunner().invoke(group, ["demo", "--rows=2000", f"--out={folder}", *given])
    data = folder / "data"
    inside = [f"--raw={data}/raw", f"--processed={data}/processed", f"--outputs={folder}"]
    assert (done.exit_code, calls) == (0, [[*command.USUAL, *given, *inside]])

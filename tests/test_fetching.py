"""Fetching, against a stand-in on the loopback address: every fault ends whole, or is told."""

import gzip
import json
import os
import random
import signal
import time
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest
from click.testing import CliRunner

import mirror as standin
from helpers import classification
from helpers.customs import answers, cleaning, fetching
from helpers.customs import quality as accounts
from helpers.customs.fetching import Ask, Line
from helpers.customs.sources import received
from helpers.periods import Period
from helpers.schema import UnknownCode
from workbench import cli

CHAPTERS = ("30", "84")


@pytest.fixture
def mirror():
    """A stand-in that holds a small 1403, and nothing else."""
    with standin.serving(standin.Mirror({("Export", 1403): standin.a_year(4_000)})) as served:
        yield served


def asks(chapters=CHAPTERS, years=("1403",), months="", flows=("export",)):
    return fetching.requests_of("tccim", years, flows, months, chapters)


def call(mirror, raw, chapters=CHAPTERS, *, refresh=False, timeout=2.0, **asked):
    line = Line(mirror.address, pause=0, timeout=timeout)
    return fetching.fetch_all(asks(chapters, **asked), raw, line, refresh=refresh)


def statuses(outcomes):
    return [outcome.status for outcome in outcomes]


def page_of(raw, name, year="1403"):
    return gzip.decompress((raw / f"tccim/export-{year}/{name}.html.gz").read_bytes()).decode()


def leftovers(raw):
    """Half files, and whatever else nobody asked for."""
    return [p.name for p in raw.rglob(".*") if p.is_file() and p.suffix != ".lock"]


def test_answers_are_kept_as_received_with_what_is_known_of_them(mirror, tmp_path):
    assert statuses(call(mirror, tmp_path)) == ["fetched"] * 3
    folder = tmp_path / "tccim/export-1403"
    assert page_of(tmp_path, "30") == standin.chapter_page(mirror.years["Export", 1403], 1403, "30")
    answer = fetching.held_answer(folder, asks()[1])
    assert (answer.flow, answer.year_sh, answer.months) == ("export", 1403, "1-12")
    assert answer.parameters["txtSearchWord"] == "30"
    assert answer.address.startswith(mirror.address)
    assert answer.bytes == len(page_of(tmp_path, "30").encode())
    assert answer.etag
    assert answer.http_date
    assert answer.retrieved_at.startswith("20")
    assert leftovers(tmp_path) == []


def test_manners(mirror, tmp_path):
    """One connection, robots.txt first, an honest name, and the pause between any two requests."""
    line = Line(mirror.address, pause=0.1, timeout=2)
    mirror.orders["84"] = ["half"]
    fetching.fetch_all(asks(), tmp_path, line)
    names, headers, times = zip(*mirror.asked, strict=True)
    assert names == ("robots.txt", "stats", "30", "84", "84")
    assert mirror.most_open == 1
    assert all("alborz-trade-workbench" in h["User-Agent"] for h in headers)
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.1


def test_what_is_there_is_not_asked_for_again_and_needs_no_network(mirror, tmp_path):
    call(mirror, tmp_path)
    nobody = Line("http://127.0.0.1:9", pause=0, timeout=1)
    assert statuses(fetching.fetch_all(asks(), tmp_path, nobody)) == ["there"] * 3


@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize(
    "order",
    [
        "half",
        "429 0",
        "503 0",
        "403 0",
        "503",  # busy, and does not say for how long: ten pauses
        "500",
        "silence",
    ],
)
def test_a_passing_fault_ends_in_the_right_file(mirror, tmp_path, order, is_packed):
    mirror.is_packed = is_packed
    mirror.orders["30"] = [order]
    assert statuses(call(mirror, tmp_path, timeout=0.5)) == ["fetched"] * 3
    assert mirror.parts().count("30") == 2
    assert page_of(tmp_path, "30") == standin.chapter_page(mirror.years["Export", 1403], 1403, "30")
    assert leftovers(tmp_path) == []


def test_a_broken_answer_is_gone_on_with(mirror, tmp_path):
    """The second request asks for what lacks, if the answer is still the same."""
    mirror.is_packed = False
    mirror.orders["30"] = ["half"]
    call(mirror, tmp_path)
    second = mirror.asked[-2][1]
    assert second["Range"].startswith("bytes=")
    assert second["Range"] != "bytes=0-"
    assert second["If-Range"].startswith('"')


@pytest.mark.parametrize("then", ["no ranges", "changed"])
def test_a_broken_answer_that_cannot_be_gone_on_with_is_taken_anew(mirror, tmp_path, then):
    mirror.is_packed = False
    mirror.orders["30"] = ["half", then]
    if then == "changed":
        before = mirror.page
        pages = iter([before("/stats_x?txtSearchWord=30&slcImpExp=Export&sYear=1403")])
        mirror.page = lambda path: next(pages, before(path)) if "Word=30" in path else before(path)
        mirror.years["Export", 1403] = standin.a_year(4_000, seed=2)
    assert statuses(call(mirror, tmp_path)) == ["fetched"] * 3
    assert page_of(tmp_path, "30") == standin.chapter_page(mirror.years["Export", 1403], 1403, "30")


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ("login", "نام کاربری"),
        ("truncated", "the table is cut: expected a last row 'مجموع'"),
        ("wrong total", "which its total row does not say"),
        ("another question", "it answers another question: 30 was asked, '99887766' came"),
        ("404", "it answers 404"),
        ("302", "it moved to"),
    ],
)
def test_a_wrong_answer_is_refused_in_words_and_the_others_are_taken(
    mirror, tmp_path, order, words
):
    mirror.orders["30"] = [order]
    outcomes = call(mirror, tmp_path)
    assert statuses(outcomes) == ["fetched", "failed", "fetched"]
    assert words in outcomes[1].note
    assert not (tmp_path / "tccim/export-1403/30.html.gz").exists()
    assert leftovers(tmp_path) == []
    assert statuses(call(mirror, tmp_path)) == ["there", "fetched", "there"]


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        (["429 0"] * 4, "it answers 429, 4 times in a row"),
        (["403"], "it answers 403, which is no"),
        (["503 86400"], "it asks to be left alone until"),
    ],
)
def test_a_source_that_wants_to_be_left_alone_is_left_alone(mirror, tmp_path, orders, words):
    mirror.orders["30"] = orders
    outcomes = call(mirror, tmp_path)
    assert statuses(outcomes) == ["fetched", "stopped"]
    assert words in outcomes[1].note
    assert "84" not in mirror.parts()


def test_retry_after_is_obeyed(mirror, tmp_path):
    mirror.orders["30"] = ["429 1"]
    call(mirror, tmp_path)
    times = [at for name, _, at in mirror.asked if name == "30"]
    assert times[1] - times[0] >= 1


def test_the_aggregate_must_add_up_too(mirror, tmp_path):
    mirror.years["Export", 1403].clear()
    good = standin.aggregate_page(standin.a_year(50), 1403, 0)
    mirror.page = lambda path: ("stats", good.replace("<div>1403</div>", "<div>1402</div>", 1))
    mirror.robots = ""
    outcomes = fetching.fetch_all(asks()[:1], tmp_path, _at(mirror))
    assert "rows of 1403 add up to" in outcomes[0].note


def _at(mirror):
    line = Line(mirror.address, pause=0)
    line._rules = fetching.RobotFileParser()
    line._rules.parse([])
    return line


def test_a_year_that_the_source_has_not_is_said_once(mirror, tmp_path):
    outcomes = call(mirror, tmp_path, years=("1405",), months="1-6")
    assert statuses(outcomes) == ["empty"]
    assert mirror.parts() == ["stats"]
    assert not [path for path in (tmp_path / "tccim").rglob("*") if path.is_file()]


def test_refresh_keeps_what_changed_as_an_earlier_vintage(mirror, tmp_path):
    call(mirror, tmp_path)
    before = page_of(tmp_path, "30")
    assert statuses(call(mirror, tmp_path, refresh=True)) == ["unchanged"] * 3
    assert mirror.asked[-1][1]["If-None-Match"]
    rows = mirror.years["Export", 1403]
    place = next(n for n, row in enumerate(rows) if row[0].startswith("30") and "84" not in row[0])
    rows[place] = (*rows[place][:5], rows[place][5] + 1_000)
    outcomes = call(mirror, tmp_path, refresh=True)
    assert statuses(outcomes) == ["changed", "changed", "unchanged"]
    assert "before" in outcomes[1].note
    assert page_of(tmp_path, "30") != before
    (earlier,) = (tmp_path / "tccim/export-1403/earlier").rglob("30.html.gz")
    assert gzip.decompress(earlier.read_bytes()).decode() == before


def test_a_damaged_file_is_asked_for_again(mirror, tmp_path):
    call(mirror, tmp_path)
    path = tmp_path / "tccim/export-1403/30.html.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    assert statuses(call(mirror, tmp_path)) == ["there", "fetched", "there"]
    assert path.read_bytes() == whole


def test_no_network_is_one_sentence_and_nothing_written(tmp_path):
    line = Line("http://127.0.0.1:9", pause=0, timeout=1)
    (outcome,) = fetching.fetch_all(asks(), tmp_path, line)
    assert outcome.status == "stopped"
    assert "there is no network, or it answers only inside Iran" in outcome.note
    assert leftovers(tmp_path) == []
    assert not (tmp_path / "tccim").exists()


@pytest.mark.parametrize(
    ("robots", "words"),
    [
        ("User-agent: *\nDisallow: /stats", "forbids /stats"),
        ("User-agent: alborz-trade-workbench\nDisallow: /", "forbids /stats"),
    ],
)
def test_robots_txt_is_kept_to(mirror, tmp_path, robots, words):
    mirror.robots = robots
    (outcome,) = call(mirror, tmp_path)
    assert words in outcome.note
    assert mirror.parts() == []


def test_the_pause_of_robots_txt_is_kept(mirror, tmp_path):
    mirror.robots = "User-agent: *\nCrawl-delay: 1\nAllow: /"
    line = Line(mirror.address, pause=0)
    fetching.fetch_all(asks()[:1], tmp_path, line)
    assert line.pause == 1


def test_a_key_appears_nowhere(mirror, tmp_path, monkeypatch):
    detail = fetching.views_of("tccim")[0]
    view = replace(detail, key_variable="SOURCE_KEY", parameters=f"{detail.parameters}&key={{key}}")
    with pytest.raises(UnknownCode, match="asks for a key: put it into SOURCE_KEY"):
        fetching.key_of(view)
    monkeypatch.setenv("SOURCE_KEY", "s3cret&+")
    requests = [Ask(view, "export", Period(1403), chapter) for chapter in ("30", "84", "85")]
    mirror.orders |= {"30": ["half"], "84": ["echo"], "85": ["500"] * 4}
    line = Line(mirror.address, pause=0, timeout=1, key=fetching.key_of(view))
    outcomes = fetching.fetch_all(requests, tmp_path, line)
    assert statuses(outcomes) == ["fetched", "failed", "failed"]
    assert "no such user: {key}" in outcomes[1].note
    assert sum("key=s3cret%26%2B" in path for path in mirror.paths) == 7
    fetching.try_out(requests, line, tmp_path / "check.yml")
    written = "".join(p.read_text(errors="replace") for p in tmp_path.rglob("*") if p.is_file())
    for text in (repr(line), repr(outcomes), written, repr(requests)):
        assert "s3cret" not in text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"source": "customs"}, "'customs' is not a source"),
        ({"years": ["04"]}, "'04' is not a Solar Hijri year"),
        ({"years": ["1404"]}, "give them as --months 1-9"),
        ({"years": ["1403"], "months": "1-6"}, "--months is for a year that is not over"),
        ({"years": ["1404"], "months": "3-6"}, "are not the first months of a year"),
        ({"years": ["1404"], "months": "1-13"}, "are not the first months of a year"),
        ({"flows": ["exports"]}, "did you mean 'export'"),
        ({"chapters": ["3"]}, "'3' is not a chapter"),
    ],
)
def test_a_wrong_call_is_said_before_anything_is_asked(given, words):
    usual = {"source": "tccim", "years": [], "flows": [], "months": "", "chapters": []}
    with pytest.raises(UnknownCode, match=words):
        fetching.requests_of(**usual | given)


def test_what_is_asked_where_nothing_is_said():
    """The last two whole years, both flows, the control first."""
    usual = fetching.requests_of("tccim", [], [], "", [])
    assert len(usual) == 2 * 2 * 100
    assert (str(usual[0]), str(usual[1])) == ("export 1402 aggregate", "export 1402 chapter 01")
    assert usual[-1].parameters()["slcImpExp"] == "Import"


def test_a_short_pause_is_for_loopback_only():
    with pytest.raises(UnknownCode, match="below the least, 2 s"):
        Line("https://service.tccim.ir", pause=1)
    assert not fetching.is_loopback("http://127.0.0.1.example.org")


def test_a_call_killed_at_any_moment_is_taken_up_to_the_same_bytes(mirror, tmp_path):
    """Twenty times SIGKILL, then a call that ends: as if nothing had been."""
    undisturbed, killed = tmp_path / "a", tmp_path / "b"
    some = tuple(f"{n:02}" for n in range(1, 13))
    call(mirror, undisturbed, some)
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    rng = random.Random(1404)
    mirror.orders["07"] = ["half"] * 3
    for _ in range(20):
        child = os.fork()
        if not child:
            try:
                line = Line(mirror.address, pause=0.002, timeout=2)
                fetching.fetch_all(asks(some), killed, line)
            finally:
                os._exit(0)
        time.sleep(rng.uniform(0.005, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    call(mirror, killed, some)
    assert leftovers(killed) == []
    names = [p.relative_to(undisturbed) for p in undisturbed.rglob("*.gz")]
    assert len(names) == 13
    for name in names:
        assert (killed / name).read_bytes() == (undisturbed / name).read_bytes(), name


def test_the_check_writes_down_what_came(mirror, tmp_path):
    line = Line(mirror.address, pause=0)
    good, bad = asks(("66", "77"))[1:]
    mirror.orders["77"] = ["login"]
    log = tmp_path / "check.yml"
    reports = fetching.try_out([good, bad], line, log)
    assert [report["is_whole"] for report in reports] == [True, False]
    assert reports[0]["n_rows"] > 0
    assert "نام کاربری" in reports[1]["error"]
    assert "headers" in log.read_text(encoding="utf-8")
    assert leftovers(tmp_path) == []


# The command


def workbench(*arguments):
    return CliRunner().invoke(cli.main, ["fetch", *arguments])


def test_the_command_fetches_tells_and_goes_on(mirror, tmp_path):
    mirror.orders["30"] = ["truncated"]
    call_ = ("tccim", "--years", "1403", "--flow", "export", "--chapters", "30,84", "--pause", "0",
             "--at", mirror.address, "--raw", str(tmp_path))  # fmt: skip
    first = workbench(*call_)
    assert first.exit_code == 1
    assert "[3/3] export 1403 chapter 84: fetched, " in first.stderr
    assert "failed: export 1403 chapter 30: the table is cut" in first.stderr
    second = workbench(*call_, "--json")
    document = json.loads(second.stdout)
    assert (second.exit_code, document["counts"]) == (0, {"there": 2, "fetched": 1})
    assert document["parts"][1]["value_usd"] > 0


def test_a_dry_run_lists_addresses_and_asks_nothing(mirror, tmp_path):
    result = workbench("tccim", "--years", "1403", "--flow", "import", "--chapters", "30",
                       "--dry-run", "--raw", str(tmp_path))  # fmt: skip
    assert result.exit_code == 0
    assert "sYear=1403&txtSearchWord=30" in result.output
    assert "slcImpExp=Import" in result.output
    assert "2 of 2 would be asked" in result.output
    assert mirror.asked == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["irica"], "'irica' is not a source"),
        (["tccim", "--years", "1404"], "give them as --months 1-9"),
        (["tccim", "--pause", "1"], "below the least, 2 s"),
        (["tccim", "--at", "service.tccim.ir"], "expected --at as http://"),
        (["tccim", "--years", ""], "expected Y,..., found nothing"),
    ],
)
def test_a_wrong_call_of_the_command_is_exit_2(arguments, words):
    result = workbench(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_without_a_network_the_command_says_what_to_do(tmp_path):
    result = workbench(
        "tccim", "--at", "http://127.0.0.1:9", "--pause", "0", "--raw", str(tmp_path)
    )
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "take the tables by hand (docs/how-to/public-files.md)" in result.stderr


def test_the_command_checks_one_small_chapter(mirror, tmp_path):
    result = workbench("tccim", "--check", "--years", "1403", "--flow", "export", "--pause", "0",
                       "--at", mirror.address, "--raw", str(tmp_path))  # fmt: skip
    assert result.exit_code == 0, result.output
    assert mirror.parts() == ["stats", "66"]
    assert "200: whole, " in result.output
    usual = workbench("tccim", "--check", "--pause", "0", "--at", mirror.address,
                      "--raw", str(tmp_path))  # fmt: skip
    assert usual.exit_code == 0, usual.output
    assert mirror.parts()[2:] == ["stats", "66"] * 2  # exports and imports of one year
    assert (tmp_path / "tccim/check.yml").is_file()


# Cleaning what was fetched


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    """A fetched year, its stand-in's rows, and the quality document of cleaning it."""
    raw, processed = tmp_path_factory.mktemp("raw"), tmp_path_factory.mktemp("processed")
    rows = standin.a_year(with_months=True)
    with standin.serving(standin.Mirror({("Export", 1403): rows})) as served:
        call(served, raw, answers.CHAPTERS)
    return raw, rows, cleaning.clean(raw, processed), processed


def test_a_fetched_year_is_one_source_with_its_control(fetched):
    _, rows, quality, _ = fetched
    lines, aggregate = quality.files
    assert lines.source_file == "tccim/export-1403"
    assert lines.rows.kept == len(rows)
    assert lines.value_usd.kept == sum(row[5] for row in rows)
    assert lines.net_mass_kg.kept == sum(row[4] for row in rows)
    assert lines.control_total.difference["value_usd"] == -16 * 7
    assert aggregate.value_usd.read == sum(row[5] for row in rows) + 16 * 7
    assert "the control total of its sidecar: value_usd -112" in accounts.off_its_total(lines)


def test_with_the_residual_the_store_holds_the_control_to_the_dollar(fetched):
    _, rows, _, processed = fetched
    stored = pd.concat(map(pd.read_parquet, (processed / "declarations").rglob("*.parquet")))
    by_grain = stored.groupby("grain")["value_usd"].sum()
    assert by_grain["line"] == sum(row[5] for row in rows)
    assert by_grain["residual"] == 16 * 7
    months = stored[stored["grain"] == "line"].groupby("month_first_sh")["net_mass_kg"].sum()
    assert dict(months) == {m: sum(r[4] for r in rows if r[3] == m) for m in range(1, 13)}


def test_two_vintages_give_the_quarter_to_the_dollar(mirror, tmp_path, monkeypatch):
    """What stood there after six months, then after nine, when one line had been revised down."""
    for module in (answers, fetching):  # nine chapters are enough here, and soon cleaned
        monkeypatch.setattr(module, "CHAPTERS", answers.CHAPTERS[:9])
    both = (standin.a_year(2_000), standin.a_year(1_500, seed=5))
    six, more = ([row for row in rows if row[0] < "1"] for rows in both)
    nine = [*six, *more]
    nine[3] = (*six[3][:4], six[3][4] - 500, six[3][5] - 700)
    raw = tmp_path / "raw"
    for months, rows in (("1-6", six), ("1-9", nine)):
        mirror.years["Export", 1405] = rows
        call(mirror, raw, answers.CHAPTERS, years=("1405",), months=months)
    document = cleaning.clean(raw, tmp_path / "processed")
    stored = pd.concat(
        pd.read_parquet(part) for part in (tmp_path / "processed/declarations").rglob("*.parquet")
    )
    quarter = stored[stored["month_first_sh"] == 7]
    assert set(quarter["month_last_sh"]) == {9}
    for column, place in (("value_usd", 5), ("net_mass_kg", 4)):
        truth = sum(row[place] for row in nine) - sum(row[place] for row in six)
        assert quarter[quarter["grain"] == "line"][column].sum() == truth
    control = sum(row[5] for row in nine) + 16 * 7
    assert stored["value_usd"].sum() == control
    (made,) = (each for each in document.differences if each.n_rows)
    assert made.source_file == "tccim/export-1405M01-09"
    assert made.less == ["tccim/export-1405M01-06"]
    assert (made.months, made.n_negative, made.value_usd_negative) == ((7, 9), 1, -700)
    told = [remark for remark in accounts.remarks(document) if "1405Q3" in remark]
    assert "1405Q3 is tccim/export-1405M01-09 less tccim/export-1405M01-06: " in told[0]
    assert "1 of them below zero (-700 USD), where the later figure is the lower one" in told[0]


def test_a_year_that_is_not_there_in_full_is_not_used(mirror, tmp_path):
    call(mirror, tmp_path / "raw")
    quality = cleaning.clean(tmp_path / "raw", tmp_path / "processed")
    assert quality.files[0].status == "failed"
    assert "97 of 99 chapters are not there yet, 01 first" in quality.files[0].error


def test_every_office_of_the_reviewed_table_is_an_office(tmp_path):
    """Mianeh is a town, and the Persian word for a median: its rows are trade."""
    offices = classification.customs_offices()["customs_office"]
    lines = [f"1403,{office},عراق,30049099,10,100" for office in offices]
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "export.csv").write_text(
        "\n".join(["سال,نام گمرک,نام کشور,شماره تعرفه,وزن (کیلوگرم),ارزش (دلار)", *lines]), "utf-8"
    )
    cleaning.clean(tmp_path / "raw", tmp_path / "processed")
    parts = (tmp_path / "processed" / "declarations").rglob("*.parquet")
    assert sum(len(pd.read_parquet(part)) for part in parts) == len(offices)


@pytest.mark.parametrize(
    ("code", "chapter"),
    [
        ("30049099", "30"),
        ("84303000", "84"),  # stands in the answer to 30, too
        ("٣٠٠٤٩٠٩٩", "30"),
        ("00123456", "01"),  # no chapter 00: the least that it is found by
        ("", ""),
    ],
)
def test_each_row_counts_in_one_answer(code, chapter):
    assert answers.owner(code) == chapter


def test_the_owner_of_a_row_is_an_answer_it_stands_in():
    """Else a row would be dropped everywhere."""
    for number in range(0, 10_000_000, 9_973):
        code = f"{number:08}"
        owner = answers.owner(code)
        assert owner in code if owner else not any(c in code for c in answers.CHAPTERS)


# Files of world trade: `workbench fetch atlas`

FLOWS, PRODUCTS = "13685118", "13685110"
PCI = "country_id,country_iso3_code,product_id,product_hs92_code,year,export_value,import_value,pci\n1,TUR,5,3004,2024,9,0,1.5\n"


@pytest.fixture
def dataverse():
    """A stand-in that sends the Atlas's two files from another place, as Dataverse does."""
    with standin.serving(
        standin.Mirror(files={FLOWS: standin.bilateral(), PRODUCTS: PCI})
    ) as served:
        yield served


def take_atlas(dataverse, raw, **options):
    line = Line(dataverse.address, pause=0, timeout=2.0)
    return fetching.fetch_all(fetching.requests_of("atlas", [], [], "", []), raw, line, **options)


def test_the_atlas_is_taken_whole_with_its_terms_and_read_as_it_is(dataverse, tmp_path):
    outcomes = take_atlas(dataverse, tmp_path)
    assert statuses(outcomes) == ["fetched", "fetched"]
    assert "terms: https://doi.org/10.7910/DVN/T4CHWJ" in outcomes[0].note
    path = tmp_path / "world" / "hs92_country_country_product_year_6_2020_2024.csv"
    assert path.read_text() == dataverse.files[FLOWS]
    sidecar = path.with_suffix(".source.yml").read_text()
    assert "see https://doi.org/10.7910/DVN/T4CHWJ" in sidecar
    assert "signature" not in sidecar + (path.parent / f".{path.stem}.answer.yml").read_text()
    found = received(tmp_path)
    assert [file.name.split("/")[0] for file in found.others] == ["world", "world"]
    assert found.failures == {}


def test_what_is_there_is_not_asked_for_again_and_what_is_the_same_is_not_sent(dataverse, tmp_path):
    take_atlas(dataverse, tmp_path)
    n_asked = len(dataverse.asked)
    assert statuses(take_atlas(dataverse, tmp_path)) == ["there", "there"]
    assert len(dataverse.asked) == n_asked
    assert statuses(take_atlas(dataverse, tmp_path, refresh=True)) == ["unchanged", "unchanged"]
    dataverse.files[PRODUCTS] = PCI.replace("1.5", "1.6")
    assert statuses(take_atlas(dataverse, tmp_path, refresh=True)) == ["unchanged", "changed"]
    (earlier,) = (tmp_path / "world" / ".earlier").rglob("*.csv")
    assert earlier.read_text() == PCI
    path = tmp_path / "world" / "hs92_country_product_year_4.csv"
    path.write_text(path.read_text()[:-5])  # damaged since
    assert statuses(take_atlas(dataverse, tmp_path)) == ["there", "fetched"]


def test_a_broken_file_is_gone_on_with_where_it_ended(dataverse, tmp_path):
    dataverse.orders[f"signed {FLOWS}"] = ["half"]
    assert statuses(take_atlas(dataverse, tmp_path)) == ["fetched", "fetched"]
    asked = [
        (name, headers.get("Range", "")) for name, headers, _ in dataverse.asked if FLOWS in name
    ]
    half = len(dataverse.files[FLOWS]) // 2
    assert asked[-1][0] == f"signed {FLOWS}"
    assert asked[-1][1].startswith("bytes=")
    assert int(asked[-1][1][6:-1]) <= half
    assert (
        tmp_path / "world" / "hs92_country_country_product_year_6_2020_2024.csv"
    ).read_text() == dataverse.files[FLOWS]


ATLAS_FAULTS = [
    ("another page", {FLOWS: "<html>log in</html>"}, "", "expected a table headed country_iso3_code"),
    ("no such number any more", {}, "404", "it answers 404"),
    ("sent to a host that its row does not allow", None, "elsewhere", "it moved to http"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "files", "order", "words"), ATLAS_FAULTS, ids=[f[0] for f in ATLAS_FAULTS]
)
def test_a_file_that_is_none_is_refused_and_leaves_nothing(
    dataverse, tmp_path, monkeypatch, reason, files, order, words
):
    dataverse.files |= files or {}
    dataverse.orders[f"signed {FLOWS}"] = [order] if order == "404" else []
    asks = fetching.requests_of("atlas", [], [], "", [])
    line = Line(dataverse.address, pause=0, timeout=2.0)
    if order == "elsewhere":
        monkeypatch.setattr(fetching, "is_loopback", lambda _: False)
    first, *_ = fetching.fetch_all(asks, tmp_path, line)
    assert first.status == "failed"
    assert words in first.note
    assert "signature" not in first.note
    assert not list((tmp_path / "world").glob("hs92_country_country*"))


def test_a_disk_without_room_is_said_before_anything_is_written(dataverse, tmp_path, monkeypatch):
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10}))
    outcomes = take_atlas(dataverse, tmp_path)
    assert "the disk has room for 10" in outcomes[0].note
    assert not list((tmp_path / "world").glob("*.csv"))


def test_the_command_takes_and_checks_the_atlas(dataverse, tmp_path):
    runner, at = CliRunner(), ["--at", dataverse.address, "--pause", "0", "--raw", str(tmp_path)]
    checked = runner.invoke(cli.main, ["fetch", "atlas", "--check", *at])
    assert (checked.exit_code, checked.output.count("as described")) == (0, 2)
    listed = runner.invoke(cli.main, ["fetch", "atlas", "--dry-run", *at])
    assert "2 of 2 would be asked" in listed.output
    taken = runner.invoke(cli.main, ["fetch", "atlas", *at])
    assert (taken.exit_code, "2 fetched" in taken.output) == (0, True)
    wrong = runner.invoke(cli.main, ["fetch", "atlas", "--years", "1403", *at])
    assert (wrong.exit_code, "atlas is whole files" in wrong.output) == (2, True)

"""What the countries of the world buy from each other: large files, read in place by DuckDB.

After `store`. An analyst puts the files into `data/raw/world` as they came: the Atlas of Economic
Complexity, BACI, UN Comtrade in its present or former headings. All become one table,
`world_flows`: exporter, importer, six digits of the tariff with their edition, year, dollars and
kilograms. Cleaning checks each file, and makes one small table of what each country buys; who
supplies it is asked of the files themselves. Codes are a key only inside one edition of the HS:
they are joined within ours, or through a concordance that the analyst supplies.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import msgspec
import pandas as pd

from helpers import classification, memory, store
from helpers.customs.quality import FileAccount, Rows
from helpers.customs.sources import RawFile
from helpers.documents import read_json
from helpers.places import linked, processed_dir
from helpers.schema import UNKNOWN_ISO3, HelpersError, NotEnoughData, UnreadableFile

IRAN = "IRN"
OWN_EDITION = "H6"
"""HS 2022, the edition of `hs6_code` in the declarations."""

EDITIONS = {"92": "H0", "96": "H1", "02": "H2", "07": "H3", "12": "H4", "17": "H5", "22": "H6"}
"""The editions of the HS by the end of their year, as UN Comtrade names them."""

CAPS = (500, 100_000, 250_000)
"""As many rows UN Comtrade sends at most: without a key, with one, to subscribers."""

TO_COMPARE = 5_000_000
"""Up to so many reported rows are held against each other one by one, beyond it by a sketch."""


class WorldLayout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A layout of world trade, as a table of `reference/world_layouts.toml` says it."""

    needs: frozenset[str]
    exporter: str
    importer: str
    goods: str
    year: str
    value: str
    mass: str = "NULL"
    is_estimated: str = "FALSE"
    edition: str = "'{edition}'"
    reported_by: str = "'both'"
    where: str = "TRUE"
    totals: dict[str, str] = {}
    thousands: float = 1.0
    is_reported: bool = False


_LAYOUTS = classification.REFERENCE / "world_layouts.toml"
LAYOUTS = msgspec.toml.decode(_LAYOUTS.read_bytes(), type=dict[str, WorldLayout])
"""In the order in which one is taken before another."""

_FILES, PCI, CONCORDANCE = "files.json", "atlas_pci", "concordance"
_BESIDE = {
    PCI: frozenset({"country_iso3_code", "year", "export_value", "pci"}),
    "countries": frozenset({"country_code", "country_iso3"}),
    "products": frozenset({"code", "description"}),
}
"""What else lies there: complexities of products, and the lists beside BACI, which are not read."""

_FLOWS = """
    SELECT '{layout}' AS layout, edition, {name} AS source_file,
        coalesce(e.iso3, '{unknown}') AS exporter, coalesce(i.iso3, '{unknown}') AS importer,
        goods AS hs6_code, TRY_CAST(year AS SMALLINT) AS year,
        TRY_CAST(value AS DOUBLE) * {thousands} AS value_usd,
        nullif(TRY_CAST(mass AS DOUBLE), 0) * {thousands} AS net_mass_kg,
        coalesce(is_estimated, FALSE) AS is_mass_estimated, reported_by
    FROM (SELECT {columns} FROM {file} WHERE {where})
    LEFT JOIN world_codes e ON e.code = ltrim(exporter_code, '0')
    LEFT JOIN world_codes i ON i.code = ltrim(importer_code, '0')
    WHERE edition IN ('H0', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6') AND exporter_code <> importer_code
"""
_COLUMNS = ["goods", "year", "value", "mass", "is_estimated", "edition", "reported_by"]
_DEMAND = f"""
    SELECT layout, edition, importer AS partner_iso3, year, reported_by,
        CASE WHEN regexp_full_match(hs6_code, '[0-9]{{6}}') THEN hs6_code END AS hs6_code,
        SUM(value_usd) AS value_usd,
        coalesce(SUM(value_usd) FILTER (exporter = '{IRAN}'), 0) AS iran_value_usd
    FROM world_flows GROUP BY ALL ORDER BY hs6_code
"""
_BEST = """
    CREATE TEMP VIEW bought AS SELECT * EXCLUDE (has_own) FROM (
        SELECT *, bool_or(reported_by = 'importer') OVER (PARTITION BY partner_iso3, year) has_own
        FROM read_parquet({path}) WHERE layout = '{layout}' AND edition = '{edition}'
    ) WHERE reported_by <> 'exporter' OR NOT has_own
"""


class WorldFile(msgspec.Struct):
    """A file of flows that was checked; its path is from the store, of which there are several."""

    path: str
    name: str
    layout: str
    edition: str
    columns: list[str]
    n_rows: int = 0
    years: tuple[int, int] = (0, 0)


class WorldFiles(msgspec.Struct):
    """`world/files.json` of a store; `key` changes with any of the files, and with this code."""

    key: str
    files: list[WorldFile] = []
    failures: dict[str, str] = {}


@dataclass(frozen=True)
class WorldTrade:
    """World trade of one layout, in one edition of the HS.

    Attributes:
        layout: one of `LAYOUTS`.
        edition: `H0` to `H6`.
        years: of the Common Era, in order, but those with less than half of the usual value: not
            yet reported by most.
    """

    layout: str
    edition: str
    years: tuple[int, ...]


# Checked, once


def prepare_world(
    files: Sequence[RawFile], to: Path, hashes: memory.Hashes, before: Path
) -> list[FileAccount]:
    """Checks the files of `data/raw/world`, and writes what each country buys into the store.

    Writes `world/`: `files.json`; `demand.parquet`, and `pci.parquet` and `concordance.parquet`
    where the analyst supplied these. Without files there is nothing.

    Args:
        files: as received, with their sidecars.
        to: the store that is being made.
        hashes: of contents.
        before: the store that counted; what was made from the same files is taken from there.

    Returns:
        An account of each file; what cannot be used is `failed`, with its reason.
    """
    if not files:
        return []
    parts = {file.name: f"{hashes.of(file.path)} {file.source}" for file in files}
    key = memory.key(
        {"files": parts, "code": {p.name: hashes.of(p) for p in (Path(__file__), _LAYOUTS)}}
    )
    target, earlier = to / "world", before / "world"
    target.mkdir(parents=True)
    manifest = read_json(earlier / _FILES, WorldFiles)
    if manifest and manifest.key == key:
        for path in earlier.iterdir():
            linked(path, target / path.name)
    else:
        manifest = _checked(files, target, to, key)
        (target / _FILES).write_bytes(msgspec.json.encode(manifest))
    n_rows = {file.name: file.n_rows for file in manifest.files}
    return [
        FileAccount(
            source_file=file.name, sha256=parts[file.name][:64], layout="world",
            bytes=file.path.stat().st_size, error=manifest.failures.get(file.name),
            status="failed" if file.name in manifest.failures else "clean", is_synthetic=False,
            rows=Rows(read=n_rows.get(file.name, 0), kept=n_rows.get(file.name, 0)),
        )
        for file in files
    ]  # fmt: skip


def _checked(files: Sequence[RawFile], target: Path, root: Path, key: str) -> WorldFiles:
    flows: list[WorldFile] = []
    failures: dict[str, str] = {}
    tables: dict[str, list[pd.DataFrame]] = {PCI: [], CONCORDANCE: []}
    world = _World(root)
    with world.db:
        for file in files:
            try:
                columns = world.columns(file.path)
                kind = _kind(columns, file.source.layout)
                if kind in LAYOUTS:
                    flows.append(world.check(file, kind, columns))
                elif kind in tables:
                    read = world.pci if kind == PCI else world.concordance
                    tables[kind].append(read(file.path, columns))
            except (duckdb.Error, HelpersError) as error:
                failures[file.name] = str(error).split("\n")[0]
        flows = world.without_repeats(flows, failures)
        if flows:
            world.view(flows)
            world.db.execute(f"COPY ({_DEMAND}) TO {_quoted(target / 'demand.parquet')}")
    for name, found in tables.items():
        if found:
            pd.concat(found, ignore_index=True).to_parquet(target / f"{name}.parquet", index=False)
    return WorldFiles(key, flows, failures)


def _quoted(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _of(path: Path) -> str:
    """A file as SQL; every column is text, so that no code loses its zeros."""
    if path.suffix == ".parquet":
        return f"(SELECT COLUMNS(*)::VARCHAR FROM read_parquet({_quoted(path)}))"
    return f"read_csv({_quoted(path)}, all_varchar = true, header = true, nullstr = ['', 'NA'])"


def _kind(columns: Sequence[str], said: str) -> str:
    """The layout of a file's columns, which must be that of its sidecar if it says one."""
    known = {name: layout.needs for name, layout in LAYOUTS.items()} | _BESIDE
    fits = [name for name, needs in known.items() if needs <= set(columns)]
    fits += [CONCORDANCE] * (len(list(filter(edition_of, columns))) == 2)
    if not fits or (said and said not in fits):
        expected = f"the columns of {said}" if said else f"those of {', '.join(known)}"
        raise UnreadableFile(
            f"expected {expected}, or two editions of the HS (H6,H0); found "
            f"{', '.join(columns)[:200]}: see docs/how-to/world-trade.md"
        )
    return said or fits[0]


def edition_of(name: str) -> str:
    """The edition of the HS (`H0` to `H6`) that a heading or a file's name tells; else ""."""
    match = re.search(r"(?i)(?<![a-z])hs[ _]?(?:19|20)?(92|96|02|07|12|17|22)(?!\d)", name)
    plain = re.fullmatch("H[0-6]", name)
    return EDITIONS[match[1]] if match else name if plain else ""


def _flows(file: WorldFile, root: Path) -> str:
    layout = LAYOUTS[file.layout]
    product = next((column for column in file.columns if column.startswith("product_hs")), "")
    about = {"edition": file.edition, "product": product}

    def filled(words: str) -> str:
        return re.sub(
            r"\{([^}]+)\}",
            lambda m: about.get(m[1]) or (f'"{m[1]}"' if m[1] in file.columns else "NULL::VARCHAR"),
            words,
        )

    sides = f"{layout.exporter} AS exporter_code, {layout.importer} AS importer_code"
    columns = [sides, *(f"{getattr(layout, name)} AS {name}" for name in _COLUMNS)]
    whole = [f'"{c}" = {_quoted(v)}' for c, v in layout.totals.items() if c in file.columns]
    return _FLOWS.format(
        layout=file.layout, name=_quoted(file.name), unknown=UNKNOWN_ISO3,
        thousands=layout.thousands, columns=filled(", ".join(columns)), file=_of(root / file.path),
        where=filled(" AND ".join([layout.where, *whole])),
    )  # fmt: skip


class _World:
    """DuckDB with `world_codes` (numbers and letters of countries to ISO 3166), and `world_flows`.

    Args:
        root: the store from which the files lie where they are said to.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.db = root, store.database(os.getpid()).cursor()
        with suppress(duckdb.Error):  # It cannot be moved once it has been used.
            self.db.execute(f"SET temp_directory = {_quoted(tempfile.gettempdir())}")
        self.db.register("codes", classification.world_codes())
        self.db.execute("CREATE OR REPLACE TEMP TABLE world_codes AS SELECT * FROM codes")

    def columns(self, path: Path) -> list[str]:
        described = self.db.execute(f"DESCRIBE SELECT * FROM {_of(path)}").fetchall()
        return [row[0] for row in described]

    def check(self, file: RawFile, layout: str, columns: list[str]) -> WorldFile:
        """What a file of flows holds, having proved that it can be used."""
        is_reported = LAYOUTS[layout].is_reported
        told = (file.source.edition, *map(edition_of, [*columns, file.path.name]))
        edition = next(filter(None, told), "")
        if not is_reported and edition not in EDITIONS.values():
            raise UnreadableFile(
                "neither its name nor its headings say the edition of the HS (BACI_HS22_…, "
                "product_hs92_code); write `edition: H6` into its sidecar"
            )
        place = os.path.relpath(file.path.absolute(), self.root.absolute())
        known = WorldFile(place, file.name, layout, edition, columns)
        ((n_rows,),) = self.db.execute(f"SELECT count(*) FROM {_of(file.path)}").fetchall()
        if is_reported and n_rows in CAPS:
            raise UnreadableFile(
                f"it has {n_rows:,} rows, as many as UN Comtrade sends at most, so others may have "
                "been cut off: ask for fewer years, countries or goods at a time"
            )
        self.view([known])
        n_flows, n_wrong, *years = self.db.execute(
            "SELECT count(*), count(*) FILTER (value_usd IS NULL OR year IS NULL), min(year), "
            "max(year) FROM world_flows"
        ).fetchone()
        if not n_flows:
            raise UnreadableFile(
                f"none of its {n_rows:,} rows is a year's flow between two countries by six digits "
                "of the HS; ask for annual data with partner2Code=0, motCode=0 and customsCode=C00"
            )
        if n_wrong:
            raise UnreadableFile(f"{n_wrong:,} of its {n_flows:,} flows have no year, or no value")
        return msgspec.structs.replace(known, n_rows=n_rows, years=tuple(years))

    def without_repeats(self, files: list[WorldFile], failures: dict[str, str]) -> list[WorldFile]:
        """The files without those whose flows another, or a row of their own, holds too."""
        kept: list[WorldFile] = []
        for file in files:
            same = [k for k in kept if (k.layout, k.edition) == (file.layout, file.edition)]
            twice = [k for k in same if k.years[0] <= file.years[1] and file.years[0] <= k.years[1]]
            if twice and not LAYOUTS[file.layout].is_reported:
                failures[file.name] = f"{twice[0].name} holds the same years: keep one of the two"
            else:
                kept.append(file)
        for layout in [name for name in LAYOUTS if LAYOUTS[name].is_reported]:
            while again := self.repeated([file for file in kept if file.layout == layout]):
                failures[again[-1]] = (
                    f"one flow stands several times in {' and '.join(again)}: keep one of files "
                    "that repeat each other, and ask for partner2Code=0, motCode=0, customsCode=C00"
                )
                kept = [file for file in kept if file.name != again[-1]]
        return kept

    def repeated(self, files: list[WorldFile]) -> list[str]:
        """Files that hold a flow twice; of very many rows, the last of those of which most do."""
        if not files:
            return []
        self.view(files)
        keys = "edition, exporter, importer, hs6_code, year, reported_by"
        is_named = f"exporter <> '{UNKNOWN_ISO3}' AND importer <> '{UNKNOWN_ISO3}'"
        if sum(file.n_rows for file in files) <= TO_COMPARE:
            row = self.db.execute(
                "SELECT list(DISTINCT source_file ORDER BY source_file) FROM world_flows "
                f"WHERE {is_named} GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"
            ).fetchone()
            return row[0] if row else []
        ((times,),) = self.db.execute(
            f"SELECT count(*) / approx_count_distinct(hash({keys})) FROM world_flows "
            f"WHERE {is_named}"
        ).fetchall()
        return [files[-1].name] if times > 1.1 else []

    def view(self, files: Sequence[WorldFile], where: str = "") -> None:
        """Makes `world_flows` the flows of the files."""
        selects = " UNION ALL ".join(_flows(file, self.root) for file in files)
        self.db.execute(
            f"CREATE OR REPLACE TEMP VIEW world_flows AS SELECT * FROM ({selects}) {where}"
        )

    def pci(self, path: Path, columns: list[str]) -> pd.DataFrame:
        """Complexity and world exports of each heading, in the last year of the Atlas's table."""
        product = next(column for column in columns if column.startswith("product_hs"))
        return self.db.execute(
            f"SELECT lpad({product}, 4, '0') AS hs4_code, '{edition_of(product)}' AS edition, "
            "CAST(year AS SMALLINT) AS year, avg(TRY_CAST(pci AS DOUBLE)) AS pci, "
            f"sum(TRY_CAST(export_value AS DOUBLE)) AS value_usd FROM {_of(path)} "
            f"WHERE year = (SELECT max(year) FROM {_of(path)}) GROUP BY ALL "
            "HAVING avg(TRY_CAST(pci AS DOUBLE)) IS NOT NULL"
        ).df()

    def concordance(self, path: Path, columns: list[str]) -> pd.DataFrame:
        """Our codes and those of another edition: `hs6_code, edition, world_code`."""
        named = {edition_of(column): column for column in columns if edition_of(column)}
        if OWN_EDITION not in named:
            raise UnreadableFile(f"one of its editions must be ours, {OWN_EDITION}: {columns}")
        (other,) = set(named) - {OWN_EDITION}
        return self.db.execute(
            f"SELECT DISTINCT lpad(\"{named[OWN_EDITION]}\", 6, '0') AS hs6_code, '{other}' AS "
            f"edition, lpad(\"{named[other]}\", 6, '0') AS world_code FROM {_of(path)}"
        ).df()


# Asked


def world_trade() -> WorldTrade | None:
    """The world trade that pages are told from; None where there is none.

    Of several, one whose codes are ours, else one with a concordance, else any; of equal ones the
    first in the order of `LAYOUTS`.
    """
    path = _asked("demand")
    if not path.is_file():
        return None
    with _World(processed_dir()).db as connection:
        years = connection.execute(
            "SELECT layout, edition, year, SUM(value_usd) AS value_usd FROM read_parquet(?) "
            "GROUP BY ALL ORDER BY year", [str(path)],
        ).df()  # fmt: skip
    usual = years.groupby(["layout", "edition"])["value_usd"].transform("median")
    found = [
        WorldTrade(*key, tuple(map(int, rows["year"])))
        for key, rows in years[years["value_usd"] >= usual / 2].groupby(["layout", "edition"])
    ]
    order = list(LAYOUTS)
    return min(
        found,
        key=lambda t: (t.edition != OWN_EDITION, not joins(t.edition), order.index(t.layout)),
    )


def concordance(edition: str) -> pd.DataFrame:
    """Our codes and those of another edition, as the analyst supplied them: `hs6_code, world_code`.

    Of an edition without a concordance there are no rows.
    """
    rows = _supplied(CONCORDANCE, ["hs6_code", "edition", "world_code"])
    return rows[rows["edition"] == edition].drop(columns="edition").reset_index(drop=True)


def complexities() -> pd.DataFrame:
    """Complexity of products from outside: `hs4_code, edition, year, pci, value_usd`.

    The value is the world's exports; no rows where the analyst supplied no such table.
    """
    return _supplied(PCI, ["hs4_code", "edition", "year", "pci", "value_usd"])


def _supplied(name: str, columns: list[str]) -> pd.DataFrame:
    path = _asked(name)
    return pd.read_parquet(path) if path.is_file() else pd.DataFrame(columns=columns, dtype="str")


def joins(edition: str) -> bool:
    """Whether our codes can be brought to an edition."""
    return edition == OWN_EDITION or len(concordance(edition)) > 0


def in_edition(totals: pd.DataFrame, edition: str) -> tuple[pd.DataFrame, float]:
    """Our totals by codes of another edition, and the value that none could carry over.

    A code that the concordance splits over several has no one code there, and is not carried.

    Args:
        totals: with `hs6_code` of ours, NA where not given, and `value_usd`.
        edition: of the world's trade.

    Returns:
        The rows that were carried, `own_hs6_code` beside `hs6_code`, and dollars.
    """
    coded = totals.assign(own_hs6_code=totals["hs6_code"])
    if edition != OWN_EDITION:
        table = concordance(edition).drop_duplicates("hs6_code", keep=False)
        carried = dict(zip(table["hs6_code"], table["world_code"], strict=True))
        coded["hs6_code"] = coded["hs6_code"].map(carried)
    coded = coded[coded["hs6_code"].notna()]
    return coded, float(totals["value_usd"].sum() - coded["value_usd"].sum())


def markets(trade: WorldTrade) -> pd.DataFrame:
    """What each country buys, of all goods, year by year.

    Returns:
        `[partner_iso3, year, reported_by, value_usd, iran_value_usd]`: what it reports itself,
        where it reports anything in that year, else what others report of their sales to it
        (`reported_by` is `exporter`); of reconciled files `both`. `iran_value_usd` is the part
        from Iran.
    """
    return _bought(trade, "partner_iso3, year, reported_by")


def demand(trade: WorldTrade, codes: Iterable[str]) -> pd.DataFrame:
    """What each country buys of some goods: `markets` by `hs6_code` of the trade's edition."""
    return _bought(trade, "hs6_code, partner_iso3, year, reported_by", sorted(set(codes)))


def _bought(trade: WorldTrade, keys: str, codes: list[str] | None = None) -> pd.DataFrame:
    path = _quoted(_asked("demand"))
    with _World(processed_dir()).db as connection:
        connection.execute(_BEST.format(path=path, layout=trade.layout, edition=trade.edition))
        return connection.execute(
            f"SELECT {keys}, SUM(value_usd) AS value_usd, SUM(iran_value_usd) AS iran_value_usd "
            "FROM bought WHERE ? IS NULL OR list_contains(?, hs6_code) GROUP BY ALL ORDER BY ALL",
            [codes, codes],
        ).df()


def suppliers(trade: WorldTrade, pairs: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Who supplies some goods to some countries, year by year, read from the files in place.

    Args:
        trade: which files.
        pairs: `hs6_code` and `partner_iso3`; without `hs6_code`, all goods of these countries.
        years: of which years; files of other years are not read.

    Returns:
        `[hs6_code, partner_iso3, supplier_iso3, year, value_usd, value_usd_weighed, net_mass_kg]`
        of the side that `markets` takes; the last two of flows whose mass was reported, and not
        estimated.

    Raises:
        NotEnoughData: a file is no longer where it was cleaned.
    """
    keys = [column for column in ("hs6_code", "partner_iso3") if column in pairs]
    goods = "world_flows.hs6_code" if "hs6_code" in keys else "NULL::VARCHAR"
    sides = markets(trade)[["partner_iso3", "year", "reported_by"]]
    sides = sides[sides["year"].isin(years)]
    with flows(trade, years) as connection:
        pairs = sides.merge(pairs[keys].drop_duplicates(), on="partner_iso3", validate="m:m")
        connection.register("pairs", pairs)
        connection.execute("CREATE TEMP TABLE wanted AS SELECT * FROM pairs")
        same = "AND wanted.hs6_code = world_flows.hs6_code " if "hs6_code" in keys else ""
        return connection.execute(
            f"SELECT {goods} AS hs6_code, importer AS partner_iso3, exporter AS supplier_iso3, "
            "world_flows.year, SUM(value_usd) AS value_usd, SUM(value_usd) FILTER (net_mass_kg > 0 "
            "AND NOT is_mass_estimated) AS value_usd_weighed, SUM(net_mass_kg) FILTER (NOT "
            "is_mass_estimated AND value_usd IS NOT NULL) AS net_mass_kg FROM world_flows JOIN "
            "wanted ON wanted.partner_iso3 = importer AND wanted.year = world_flows.year AND "
            f"wanted.reported_by = world_flows.reported_by {same}GROUP BY ALL ORDER BY ALL"
        ).df()


def flows(trade: WorldTrade, years: Sequence[int] = ()) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection whose view `world_flows` is the trade, read from its files in place.

    Columns: `layout, edition, source_file, exporter, importer, hs6_code, year, value_usd,
    net_mass_kg, is_mass_estimated, reported_by`.

    Args:
        trade: which files.
        years: files that hold none of them are left out; none by default.

    Raises:
        NotEnoughData: a file is no longer where it was cleaned.
    """
    manifest, root = read_json(_asked("demand").with_name(_FILES), WorldFiles), processed_dir()
    files = [f for f in manifest.files if f.layout == trade.layout] if manifest else []
    if years:
        files = [f for f in files if any(f.years[0] <= year <= f.years[1] for year in years)]
    gone = [file.name for file in files if not (root / file.path).is_file()]
    if gone or not files:
        raise NotEnoughData(f"world trade was cleaned from {gone}: put it back, or clean again")
    world = _World(root)
    world.view(files, f"WHERE edition = '{trade.edition}'")
    return world.db


def _asked(name: str) -> Path:
    store.note_used("world")  # Also where it is not there: its coming changes the answer.
    return processed_dir() / "world" / f"{name}.parquet"

"""Rows of one file that sum up other rows of it: nothing counts twice.

Chapters beside headings and tariff lines, the world and groups of countries beside their members,
months run together beside single months, and a table beside one that says the same trade in finer
detail. Where the figures are the sum of their parts, the row is a total like one with a label;
where they are not, it may be a sum or a part, and is rejected. Copies of a table count once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import combinations, product

import numpy as np
import pandas as pd
import pyarrow as pa

from helpers import schema
from helpers.classification import code_name, is_office, province_of
from helpers.customs import doubts, layouts
from helpers.customs.declarations import MEASURES, REASONS, CleanTable, Flags, reject_table
from helpers.schema import UnreadableFile
from helpers.text import match_key

SUM = "sum"
TOLERANCE = 0.005
"""How far a sum may be from its parts, as a share of it: both were rounded."""

_TIME = ["flow", "year_sh", "month_first_sh", "month_last_sh"]
_PLACE = ["province", "customs_office", "partner_iso3"]
_WORDS = ("flow", "source_file", "hs_code", "customs_office")
_DETAILS = {
    "hs_code": "hs_code", "partner": "partner_iso3", "partner_code": "partner_iso3",
    "customs_office": "customs_office", "province": "province", "month": "month", "period": "month",
}  # fmt: skip
"""Columns of a table -> what they tell apart."""


@dataclass
class Tables:
    """What is known of all tables of a file together, gathered as they come.

    Attributes:
        columns: table, as `source_file` names it -> names of its columns.
        rejected: flow, year and tariff code of rows rejected, as `CleanTable` has them.
        with_partners: tables of which a row rejected names a partner that is known.
        kept: tables of which a row was kept, in their order.
        with_members: flow and year in which a row kept names a partner that is known.
        of_all_goods: tariff codes of rows kept that may sum up goods of all chapters.
        goods: table, flow, year -> sums of `MEASURES` and number of the rows that these may sum up,
            of the pieces of the file so far.
        with_offices: provinces of which a table names one office.
        papers: each table with its documents.
    """

    columns: dict[str, frozenset[str]] = field(default_factory=dict)
    rejected: set[tuple[str | None, int, str | None]] = field(default_factory=set)
    with_partners: set[str] = field(default_factory=set)
    kept: dict[str, None] = field(default_factory=dict)
    with_members: set[tuple[str, int]] = field(default_factory=set)
    of_all_goods: set[str] = field(default_factory=set)
    goods: dict[tuple[str, str, int], np.ndarray] = field(default_factory=dict)
    with_offices: set[str] = field(default_factory=set)
    papers: list[tuple[str, pd.DataFrame]] = field(default_factory=list)

    def add(self, label: str, table: CleanTable) -> None:
        """Takes note of a table, or of a chunk of one."""
        self.columns[label] = table.columns
        self.rejected |= table.rejected_codes
        self.papers += ((label, paper) for paper in table.papers)
        self.with_partners |= {label} if table.rejects_partners else set()
        if not len(table.kept):
            return
        self.kept[label] = None
        rows = _Rows(table.kept, ["flow", "year_sh", "hs_code", "customs_office"])
        offices = [w for w in rows.words["customs_office"] if w and not _is_office_group(w)]
        self.with_offices |= {province_of(office) for office in offices} - {schema.UNALLOCATED}
        odd = pd.unique(rows.codes["hs_code"][_of_all_goods(rows)])
        self.of_all_goods |= {rows.words["hs_code"][n] for n in odd}
        known = ~rows.has("partner_group") & ~rows.has("partner_unknown")
        pairs = pd.unique(rows.flow_and_year()[known])
        self.with_members |= {(rows.words["flow"][n // 10_000], n % 10_000) for n in pairs.tolist()}

    def must_be_whole(self) -> bool:
        """Whether `take_out` must see all rows at once; else a code, or chapter, does at a time.

        Raises:
            UnreadableFile: two tables part the goods of a document, with one figure on all.
        """
        _heed_papers(self.papers if self.kept else [])
        return len(self.kept) > 1


def take_out(kept: pa.Table, tables: Tables) -> tuple[pa.Table, dict[str, CleanTable]]:
    """The declarations of a file without those that sum up others, and what became of these.

    What a judge must know of rows of other chapters stands in `tables`, or `must_be_whole` says
    that there are no others: of a long file only some chapters (codes) are here, those of
    `tables.of_all_goods` last, and together.

    Args:
        kept: declarations of a file, or of some of its chapters; text columns by dictionary.
        tables: what is known of all tables of the file.

    Returns:
        The rows left, and by table the rows taken out: `n_structural` sums that tie to their
        parts (their figures are taken from `read`), the others as `rejects`.

    Raises:
        UnreadableFile: two tables of the file may say the same trade, and neither is finer.
    """
    rows = _Rows(kept)
    verdicts = np.full(len(kept), "", dtype=object)
    _groups(rows, verdicts, tables)
    _levels(rows, verdicts)
    _runs(rows, verdicts)
    if tables.of_all_goods:
        _all_goods(rows, verdicts, tables.goods)
    _nameless(rows, verdicts)
    _of_rejected(rows, verdicts, tables.rejected, tables.with_partners)
    if len(tables.kept) > 1:
        _copies(rows, verdicts)
        _coarser_tables(rows, verdicts, tables.columns)
    out = verdicts != ""
    if not out.any():
        return kept, {}
    labels = kept["source_file"].to_numpy(zero_copy_only=False)
    taken = {label: _taken(kept, (labels == label) & out, verdicts) for label in set(labels[out])}
    return kept.filter(pa.array(~out)), taken


def _taken(kept: pa.Table, where: np.ndarray, verdicts: np.ndarray) -> CleanTable:
    rows = kept.filter(pa.array(where)).to_pandas()
    is_sum = verdicts[where] == SUM
    rejects = rows[~is_sum]
    reasons = verdicts[where][~is_sum]
    given = ["flow", "year_sh", "customs_office", "partner_iso3", "hs_code", "goods", *MEASURES]
    raw = [
        json.dumps({k: str(v) for k, v in row.items() if pd.notna(v)}, ensure_ascii=False)
        for row in rejects[given].to_dict("records")
    ]
    told = {
        "source_file": rejects["source_file"], "source_row": rejects["source_row"],
        "reason": reasons, "detail": [REASONS[reason] for reason in reasons], "raw": raw,
        "value_usd": rejects["value_usd"],
    }  # fmt: skip
    return CleanTable(
        kept=pa.table({}),
        rejects=reject_table(told).reset_index(drop=True),
        n_structural=int(is_sum.sum()),
        read={name: -float(np.nansum(rows.loc[is_sum, name])) for name in MEASURES},
        rejected={name: float(np.nansum(rejects[name])) for name in MEASURES},
        total=None,
    )


class _Rows:
    """The rows of a file as numbers: codes of words, and keys of what they have in common."""

    def __init__(
        self, kept: pa.Table, names: Iterable[str] = ("source_file", *_TIME, *_PLACE, "hs_code")
    ) -> None:
        self.kept = kept
        self.codes = {name: doubts.plain_values(kept[name]) for name in names}
        chunk = {name: kept[name].chunk(0) for name in _WORDS if name in self.codes}
        self.words = {name: column.dictionary.to_pylist() for name, column in chunk.items()}
        self.flags = Flags.of(kept)
        lengths = np.array([*map(len, self.words["hs_code"]), 0])
        self.level = lengths[self.codes["hs_code"]]

    @cached_property
    def values(self) -> np.ndarray:
        return np.column_stack([self.kept[name].to_numpy() for name in MEASURES])

    def has(self, flag: str) -> np.ndarray:
        return self.flags.has(flag)

    def flow_and_year(self) -> np.ndarray:
        """One number for each flow and year: the code of the flow times 10,000, plus the year."""
        return self.codes["flow"].astype(np.int64) * 10_000 + self.codes["year_sh"]

    def key(self, names: Iterable[str], *others: np.ndarray) -> np.ndarray:
        """One number for each different set of values of these columns."""
        columns = (*(self.codes[name] for name in names), *others)
        return doubts.mixed(pd.util.hash_array(np.asarray(values)) for values in columns)

    def sheet(self) -> np.ndarray:
        """A number for the sheet of each row: tables that stand side by side are of one."""
        names = [re.sub(" ?columns [0-9]+-[0-9]+$", "", w) for w in self.words["source_file"]]
        return pd.factorize(np.array(names, dtype=object))[0][self.codes["source_file"]]

    def prefix(self, digits: int) -> np.ndarray:
        """A number for the first digits of each row's code."""
        firsts = pd.factorize(np.array([*(w[:digits] for w in self.words["hs_code"]), ""]))[0]
        return firsts[self.codes["hs_code"]]


@dataclass(frozen=True)
class _Claim:
    """Rows that may sum up others, rows that may be their parts, and what joins both."""

    wholes: np.ndarray
    parts: np.ndarray
    key: np.ndarray


def _judge(
    rows: _Rows,
    claims: list[_Claim],
    verdicts: np.ndarray,
    reason: str,
    *,
    doubtful: np.ndarray,
    tolerance: float = TOLERANCE,
    min_parts: int = 1,
) -> None:
    """Marks wholes that have parts: as sums where the figures tie, else by the reason.

    Parts that are wholes themselves do not count. Where `doubtful` is false, a whole that does not
    tie to its parts, or has fewer than `min_parts`, stays.
    """
    has_parts = np.zeros(len(verdicts), dtype=bool)
    for claim in claims:
        # Few rows are wholes: the many parts are looked up among these, and not the other way.
        of_wholes = claim.key[claim.wholes]
        parts = claim.key[claim.parts & pd.Series(claim.key).isin(of_wholes).to_numpy()]
        has_parts[claim.wholes] |= pd.Series(of_wholes).isin(parts).to_numpy()
    for claim in claims:
        wholes = np.flatnonzero(claim.wholes & has_parts & (verdicts == ""))
        leaves = np.flatnonzero(claim.parts & ~has_parts & (verdicts == ""))
        leaves = leaves[pd.Series(claim.key[leaves]).isin(claim.key[wholes]).to_numpy()]
        if not len(leaves):
            continue
        of_key = pd.DataFrame(rows.values[leaves]).groupby(claim.key[leaves])
        found = of_key.sum(min_count=1).reindex(claim.key[wholes]).to_numpy()
        enough = of_key.size().reindex(claim.key[wholes], fill_value=0).to_numpy() >= min_parts
        own = rows.values[wholes]
        ties = enough & _ties(found, own, tolerance)
        verdicts[wholes[ties]] = SUM
        verdicts[wholes[~ties & doubtful[wholes]]] = reason


def _groups(rows: _Rows, verdicts: np.ndarray, tables: Tables) -> None:
    """The world, unions and neighbours beside countries; the offices of a province beside each.

    An office that bears its province's name is a group where it has what the others have together.
    Where only some tables of the file tell the flow, that of the others is in doubt.
    """
    offices = np.array([*map(_is_office_group, rows.words["customs_office"]), False])
    of_offices = offices[rows.codes["customs_office"]]
    namesakes = _namesakes(rows, offices)[rows.codes["customs_office"]]
    if of_offices.any() or namesakes.any():
        key = rows.key(["source_file", *_TIME, "province", "partner_iso3", "hs_code"])
        same = _Claim(namesakes, ~namesakes & ~of_offices, key)
        never = np.zeros(len(namesakes), dtype=bool)
        _judge(rows, [same], verdicts, "", doubtful=never, min_parts=2)
        claim = _Claim(of_offices, ~of_offices, key)
        _judge(rows, [claim], verdicts, "group_beside_members", doubtful=of_offices)
        words = rows.words["customs_office"]
        parted = np.array([*(province_of(word) in tables.with_offices for word in words), False])
        beside = of_offices & parted[rows.codes["customs_office"]] & (verdicts == "")
        verdicts[beside] = "group_beside_members"
    groups = rows.has("partner_group")
    if not groups.any():
        return
    flows = {flow: number * 10_000 for number, flow in enumerate(rows.words["flow"])}
    members = [flows[flow] + year for flow, year in tables.with_members if flow in flows]
    told = {"flow" in tables.columns[label] for label in tables.kept}
    years = [year for _, year in tables.with_members] if len(told) > 1 else []
    beside = np.isin(rows.flow_and_year(), members) | np.isin(rows.codes["year_sh"], years)
    beside &= groups
    names = [*_TIME, "province", "customs_office", "hs_code"]
    claim = _Claim(beside, ~groups, rows.key(names))
    _judge(rows, [claim], verdicts, "group_beside_members", doubtful=beside)
    verdicts[beside & (verdicts == "")] = "group_beside_members"


def _namesakes(rows: _Rows, is_group: np.ndarray) -> np.ndarray:
    """Of each office, whether it bears its province's name and has about what all others have."""
    words, codes = rows.words["customs_office"], rows.codes["customs_office"]
    is_named = np.array([*map(_is_namesake, words)], dtype=bool)
    if len(words) < 3 or not is_named.any():
        return np.zeros(len(words) + 1, dtype=bool)
    value_usd = np.nan_to_num(rows.values[:, MEASURES.index("value_usd")])
    sums = np.bincount(codes[codes >= 0], value_usd[codes >= 0], len(words))
    offices = pd.DataFrame({"province": [*map(province_of, words)], "value_usd": sums})
    others = offices[~is_named & ~is_group[:-1]].groupby("province")["value_usd"]
    beside = offices["province"].map(others.sum()[others.size() > 1])
    return np.append(is_named & ((sums - beside).abs() <= 0.2 * beside).to_numpy(), False)


@lru_cache(maxsize=1 << 14)
def _is_namesake(name: str) -> bool:
    """Whether an office bears the name of its province."""
    province = province_of(name)
    names = [code_name("province", province, lang) for lang in schema.LANGS]
    return bool(name) and match_key(name) in map(match_key, names)


@lru_cache(maxsize=1 << 14)
def _is_office_group(name: str) -> bool:
    """Whether a name speaks of all offices of a province: that of none which is listed does."""
    is_listed = not name or is_office(name)
    is_province = province_of(name) != schema.UNALLOCATED
    return bool(name) and (layouts.is_office_group(name) or (is_province and not is_listed))


def _levels(rows: _Rows, verdicts: np.ndarray) -> None:
    """Chapters, headings and subheadings beside the finer codes that they begin.

    One that names no partner, office or months may sum up over these too.
    """
    levels = np.unique(rows.level[rows.level > 0])
    if len(levels) < 2:
        return
    live = verdicts == ""
    blank = {
        ("partner_iso3",): rows.has("partner_unknown"),
        ("customs_office", "province"): rows.codes["customs_office"] < 0,
        ("month_first_sh", "month_last_sh"): rows.has("months_not_given"),
    }
    kinds = np.array([flags.astype(int) for flags in blank.values()]).T @ np.array([1, 2, 4])
    claims = []
    for digits in levels[:-1]:
        of_level = live & (rows.level == digits)
        for kind in np.unique(kinds[of_level]):
            left = {name for n, part in enumerate(blank) for name in part if kind >> n & 1}
            base = [name for name in (*_TIME, *_PLACE) if name not in left]
            key = rows.key(base, rows.sheet(), rows.prefix(int(digits)))
            claims.append(_Claim(of_level & (kinds == kind), live & (rows.level > digits), key))
    _judge(rows, claims, verdicts, "sum_or_part", doubtful=live)


def _of_all_goods(rows: _Rows) -> np.ndarray:
    """Rows of `99`, `99999999` and the like: goods of their own here, all goods there."""
    nines = np.array([*(word[:4] == "9999" for word in rows.words["hs_code"]), False])
    return (rows.level == 2) & rows.has("hs_unknown") | nines[rows.codes["hs_code"]]


def _all_goods(
    rows: _Rows, verdicts: np.ndarray, goods: dict[tuple[str, str, int], np.ndarray]
) -> None:
    """Rows of all goods, which sum up those of other codes, here and in `goods`, to the unit."""
    odd = _of_all_goods(rows)
    of_row, trades = pd.factorize(
        rows.codes["source_file"].astype(np.int64) << 32 | rows.flow_and_year()
    )
    places = [
        (rows.words["source_file"][table], rows.words["flow"][trade // 10_000], trade % 10_000)
        for table, trade in ((t >> 32, t & 0xFFFF_FFFF) for t in trades.tolist())
    ]
    parts = ~odd & (verdicts == "")
    found = [np.bincount(of_row, parts, len(places))]
    for values in rows.values.T:
        has_one = parts & ~np.isnan(values)
        sums = np.bincount(of_row, np.where(has_one, values, 0.0), len(places))
        found.append(np.where(np.bincount(of_row, has_one, len(places)) > 0, sums, np.nan))
    for place, figures in zip(places, np.transpose(found), strict=True):
        both = [figures, goods.get(place, np.full(len(figures), np.nan))]
        goods[place] = np.where(np.isnan(both).all(axis=0), np.nan, np.nansum(both, axis=0))
    for number in np.unique(of_row[odd]):
        n_rows, *sums = goods[places[number]]
        whole = np.flatnonzero(odd & (of_row == number) & (verdicts == ""))
        if n_rows >= 2:
            verdicts[whole[_ties(np.array(sums), rows.values[whole], 1e-9)]] = SUM


def _ties(found: np.ndarray, own: np.ndarray, tolerance: float) -> np.ndarray:
    """Of each row of figures, whether those that both have are the same, and there are any."""
    both = ~np.isnan(found) & ~np.isnan(own)
    near = np.abs(found - own) <= tolerance * np.abs(own) + 0.5
    return both.any(axis=1) & (near | ~both).all(axis=1)


def _nameless(rows: _Rows, verdicts: np.ndarray) -> None:
    """Rows of no partner or province that is known, which sum up others to the unit."""
    nobody = np.zeros(len(verdicts), dtype=bool)
    for flag, of_whom in (
        ("partner_unknown", ["partner_iso3"]), ("province_unknown", ["province", "customs_office"]),
    ):  # fmt: skip
        unknown = rows.has(flag) & (verdicts == "")
        known = ~rows.has(flag) & (verdicts == "")
        if unknown.any() and known.any():
            names = [n for n in ("source_file", *_TIME, *_PLACE, "hs_code") if n not in of_whom]
            claim = _Claim(unknown, known, rows.key(names))
            _judge(rows, [claim], verdicts, "", doubtful=nobody, tolerance=1e-9, min_parts=2)


def _of_rejected(
    rows: _Rows,
    verdicts: np.ndarray,
    rejected: set[tuple[str | None, int, str | None]],
    with_partners: set[str],
) -> None:
    """Shorter codes and groups whose parts were rejected: nobody knows what they sum up."""
    tables = np.array([label in with_partners for label in rows.words["source_file"]])
    groups = rows.has("partner_group") & tables[rows.codes["source_file"]]
    verdicts[groups & (verdicts == "")] = "group_beside_members"
    shorter = {
        (*trade, code[:n]) for *trade, code in rejected for n in range(2, len(code or ""), 2)
    }
    for flow, year in {trade[:2] for trade in shorter}:
        of_word = np.array([(flow, year, w) in shorter for w in (*rows.words["hs_code"], "")])
        mine = (verdicts == "") & of_word[rows.codes["hs_code"]]
        if flow:  # else it could not be read, and may be any
            mine &= np.array([w == flow for w in rows.words["flow"]])[rows.codes["flow"]]
        if year >= 0:
            mine &= rows.codes["year_sh"] == year
        verdicts[mine] = "sum_or_part"


def _heed_papers(papers: list[tuple[str, pd.DataFrame]]) -> None:
    """Raises UnreadableFile where two tables part the goods of documents, with one figure on all.

    Where half of the documents that two tables share say figures of their own, it is chance.
    """
    if len(papers) < 2:
        return
    joined = pd.concat([paper.assign(table=n) for n, (_, paper) in enumerate(papers)])
    joined = joined[joined.duplicated("document", keep=False)]
    both = joined.merge(joined, on="document")
    both = both[(both["table_x"] < both["table_y"]) & (both["goods_x"] != both["goods_y"])]
    for name in MEASURES:
        one, other = both[f"{name}_x"], both[f"{name}_y"]
        same = one.eq(other) | np.isinf(one) | np.isinf(other)
        same &= np.isfinite(np.minimum(one, other))
        is_total = same.groupby([both["table_x"], both["table_y"]]).mean() >= 0.5
        if is_total.any():
            pair = [papers[n][0] for n in is_total.idxmax()]
            raise UnreadableFile(
                f"{' and '.join(dict.fromkeys(pair))}: goods of one declaration or invoice stand "
                f"in two tables, and all say the same {name}: is it their total, on each of them? "
                "Write what is each one's own, or delete the column of the paper's number"
            )


def _runs(rows: _Rows, verdicts: np.ndarray) -> None:
    """Months run together beside single months or shorter runs of the same good and place."""
    first, last = rows.codes["month_first_sh"], rows.codes["month_last_sh"]
    runs = [divmod(run, 100) for run in np.unique(first.astype(np.int16) * 100 + last).tolist()]
    key = None
    claims = []
    for start, end in runs:
        within = [r for r in runs if start <= r[0] and r[1] <= end and r != (start, end)]
        if within:
            live = verdicts == ""
            key = (
                rows.key(["source_file", "flow", "year_sh", *_PLACE, "hs_code"])
                if key is None
                else key
            )
            inside = (first >= start) & (last <= end) & ((first > start) | (last < end))
            claims.append(_Claim(live & (first == start) & (last == end), live & inside, key))
    if claims:
        # A blank month is no run of months that somebody has summed up.
        _judge(rows, claims, verdicts, "sum_or_part", doubtful=~rows.has("months_not_given"))


def _copies(rows: _Rows, verdicts: np.ndarray) -> None:
    """Tables that are there twice: the second one is rejected, or the file if they differ."""
    live = verdicts == ""
    table = rows.codes["source_file"]
    key = rows.key([*_TIME, *_PLACE, "hs_code"])
    full = rows.key([], key, *np.nan_to_num(rows.values.T, nan=-1.0))
    pairs = pd.DataFrame({"table": table, "key": key, "full": full, "row": np.arange(len(key))})[
        live
    ]
    shared = pairs[["table", "key"]].drop_duplicates()
    sizes = shared["table"].value_counts()
    shared = shared[shared.duplicated("key", keep=False)]
    both = shared.merge(shared, on="key")
    both = both[both["table_x"] < both["table_y"]].value_counts(["table_x", "table_y"])
    for (one, other), n_shared in both.items():
        if n_shared * 2 < min(sizes[one], sizes[other]):
            continue
        of_one, of_other = pairs[pairs["table"] == one], pairs[pairs["table"] == other]
        small, large = sorted((of_one, of_other), key=len)
        small, large = (of_other, of_one) if len(small) == len(large) else (small, large)
        if not small["full"].isin(large["full"]).all():
            names = [rows.words["source_file"][n] for n in (one, other)]
            raise UnreadableFile(
                f"{names[0]} and {names[1]} say the same goods, partners and months, with other "
                "figures: is one an older copy? Delete it; or, if they are parts, give them a "
                "column that tells them apart (partner, customs office)"
            )
        verdicts[small["row"].to_numpy()] = "copy_of_table"


@dataclass(frozen=True)
class _Detail:
    """How finely a table tells trade apart, and of what."""

    columns: frozenset[str]
    level: int
    runs: frozenset[tuple[int, int]]
    sets: dict[str, frozenset[int]]
    flows: frozenset[tuple[int, int]]
    prefixes: frozenset[str]
    tells_flow: bool


def _coarser_tables(
    rows: _Rows, verdicts: np.ndarray, columns_of: dict[str, frozenset[str]]
) -> None:
    """Tables whose trade another table of the file says in finer detail."""
    details = {n: found for n in range(len(rows.words["source_file"]))
               if (found := _detail(rows, n, verdicts, columns_of))}  # fmt: skip
    finer: dict[int, set[int]] = {}
    for one, other in combinations(details, 2):
        a, b = details[one], details[other]
        if _are_alike(a, b) or not _meet(a, b):
            continue
        below, above = _is_finer(a, b), _is_finer(b, a)
        if below == above:
            names = [rows.words["source_file"][n] for n in (one, other)]
            raise UnreadableFile(
                f"{names[0]} and {names[1]} say the same trade in unlike detail, and neither is "
                "finer in all: count which? Put the other into a file of its own with a sidecar"
            )
        finer.setdefault(other if below else one, set()).add(one if below else other)
    table = rows.codes["source_file"]
    live = verdicts == ""
    for coarse, parts in finer.items():
        lowest = [part for part in parts if not finer.get(part, set()) & parts]
        mine = live & (table == coarse)
        total = np.nansum(rows.values[mine], axis=0)
        found = np.nansum(rows.values[live & np.isin(table, lowest)], axis=0)
        ties = (np.abs(total - found) <= TOLERANCE * np.abs(total) + 0.5) | (total == 0)
        verdicts[mine] = SUM if ties.all() and total.any() else "coarser_table"


def _detail(
    rows: _Rows, number: int, verdicts: np.ndarray, columns_of: dict[str, frozenset[str]]
) -> _Detail | None:
    mine = (rows.codes["source_file"] == number) & (verdicts == "")
    if not mine.any():
        return None
    codes = {name: values[mine] for name, values in rows.codes.items()}

    def pairs(*names: str) -> frozenset[tuple[int, ...]]:
        return frozenset(zip(*(codes[name].tolist() for name in names), strict=True))

    columns = {
        _DETAILS[c] for c in columns_of.get(rows.words["source_file"][number], ()) if c in _DETAILS
    }
    used = np.unique(codes["hs_code"])
    words = [rows.words["hs_code"][n] for n in used if n >= 0]
    return _Detail(
        columns=frozenset(columns - {"month"}),
        level=max(map(len, words), default=0),
        runs=pairs("month_first_sh", "month_last_sh"),
        sets={name: frozenset(np.unique(codes[name]).tolist()) for name in _PLACE},
        flows=pairs("flow", "year_sh"),
        prefixes=frozenset(word[:n] for word in words for n in (2, 4, 6, 8) if n <= len(word)),
        tells_flow="flow" in columns_of.get(rows.words["source_file"][number], ()),
    )


def _are_alike(a: _Detail, b: _Detail) -> bool:
    """Whether both tell trade apart as finely: one may have more months, but no longer runs."""
    runs = [(r, s) for r, s in product(a.runs, b.runs) if r != s]
    longer = any(
        (r[0] <= s[0] and s[1] <= r[1]) or (s[0] <= r[0] and r[1] <= s[1]) for r, s in runs
    )
    return (a.columns, a.level) == (b.columns, b.level) and not longer


def _meet(a: _Detail, b: _Detail) -> bool:
    """Whether both may say the same trade: nothing that both tell keeps them apart."""
    apart = [
        name for name in _PLACE if name in a.columns & b.columns and not a.sets[name] & b.sets[name]
    ]
    overlap = any(p <= s and r <= q for r, s in a.runs for p, q in b.runs)
    goods = not ({"hs_code"} <= a.columns & b.columns) or bool(_common(a, b))
    flows = [{f if a.tells_flow == b.tells_flow else f[1:] for f in d.flows} for d in (a, b)]
    return not apart and overlap and goods and bool(flows[0] & flows[1])


def _common(a: _Detail, b: _Detail) -> frozenset[str]:
    digits = min(a.level, b.level)
    return (
        frozenset(w for w in a.prefixes & b.prefixes if len(w) == digits) if digits else a.prefixes
    )


def _is_finer(a: _Detail, b: _Detail) -> bool:
    """Whether a tells in finer detail what b tells, and in nothing coarser."""
    within = all(any(p <= r and s <= q for p, q in b.runs) for r, s in a.runs)
    return a.columns >= b.columns and a.level >= b.level and within

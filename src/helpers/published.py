"""What agencies, officials and customs bodies published: reading it, checking it, asking it.

After `cleaning`, before `store`: it reads `data/raw/published` and takes tables, never the store.
Every figure is a row with its source, contradictions included. A question that can use only one
release of a figure takes the preferred one (see `preferred`) and never averages sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add, mul, sub, truediv
from pathlib import Path

import pandas as pd

from helpers import classification
from helpers.periods import Period
from helpers.schema import (
    PROVINCES,
    PUBLISHED_COLUMNS,
    CheckFailed,
    NotEnoughData,
    Number,
    UnreadableFile,
    check_word,
    suggest,
)

UNITS = {
    "value_usd": "USD",
    "net_mass_kg": "kg",
    "balance_usd": "USD",
    "unit_value_usd_per_tonne": "USD/t",
    "value_share": "1",
    "net_mass_share": "1",
    "value_growth": "1",
    "net_mass_growth": "1",
    "volume_growth": "1",
    "plan_share": "1",
}
"""The measures of a published figure, with their units."""

FLOWS = ("export", "import", "trade")
ATTRIBUTIONS = ("clearance", "production", "unstated")
QUALIFIERS = ("exact", "about", "over", "at_least", "period_doubtful", "value_doubtful")
SPECIAL_SCOPES = ("payam_sez", "isfahan_customs", "khorasan_south_anywhere")
"""Scopes that are neither the nation nor a province's own figure; `scope_name` explains them."""

SCOPES = ("nation", *PROVINCES, *SPECIAL_SCOPES)
FIGURE_TABLES = ("figures", "printed_figures", "imports_by_use", "sectors_by_province")
ROUGH = ("over", "about", "at_least")
"""The qualifiers of a figure that was rounded by whoever said it."""
OPEN_BELOW = 0.05
"""A smaller growth from a rough figure may be a rise or a fall: half a unit in 10 is 5 per cent."""
BELOW_FLOOR = "below_floor"
KG_PER_TONNE = 1000.0

_PERIOD = ["year_sh", "month_first_sh", "month_last_sh"]
_SUBJECT = ["scope", *_PERIOD, "flow", "category"]
_PAIR_COLUMNS = [
    *_SUBJECT, "scope_name", "attribution", "value_usd", "net_mass_kg", "qualifier", "is_derived",
    "publisher", "source", "figure", "figure_mass",
]  # fmt: skip
SAME_WITHIN = 0.005
"""Two weights closer than this are taken for one: many are published in whole million tonnes."""

_MIRROR = "github:amirreza-torbat/Market-Research"
_FLOW_TABLE = {
    "year_sh": "int16",
    "customs_office": "string",
    "destination": "string",
    "value_usd": "float64",
}
_DOUBT = {"qualifier": "string", "note": "string"}
_WORDS = ("what_fa", "what_en")


@dataclass(frozen=True)
class _Table:
    """The columns of a file with their types, its key, and the columns that may be empty."""

    columns: Mapping[str, str]
    key: tuple[str, ...]
    may_be_missing: tuple[str, ...] = ()


_TABLES: dict[str, _Table] = {
    **{name: _Table(PUBLISHED_COLUMNS, ("figure",), ("note",)) for name in FIGURE_TABLES},
    "year_totals": _Table(
        {
            "year_sh": "int16",
            "months_in_source": "int8",
            **dict.fromkeys(("n_rows", "n_partners", "n_hs8_codes"), "int64"),
            **dict.fromkeys(
                ("value_usd", "net_mass_kg", "value_usd_by_office_and_partner"), "float64"
            ),
            **_DOUBT,
        },
        ("year_sh",),
        ("note",),
    ),
    "payam_destinations": _Table(
        {**_FLOW_TABLE, **_DOUBT}, ("year_sh", "customs_office", "destination"), ("note",)
    ),
    "largest_flows_1404": _Table(_FLOW_TABLE, ("year_sh", "customs_office", "destination")),
    "contradictions": _Table(
        dict.fromkeys(("contradiction", *_WORDS, "action_fa", "action_en", "source"), "string"),
        ("contradiction",),
    ),
    "contradiction_numbers": _Table(
        dict.fromkeys(("contradiction", *_WORDS, "stated", "against", "unit"), "string"),
        ("contradiction", "what_en"),
    ),
}
_VOCABULARIES = {
    "scope": SCOPES,
    "flow": FLOWS,
    "attribution": ATTRIBUTIONS,
    "measure": tuple(UNITS),
}


# Reading


def clean_published(folder: Path) -> dict[str, pd.DataFrame]:
    """Every table of the folder, typed and checked, and `all_figures`: the figures of all files.

    Args:
        folder: `data/raw/published`.

    Returns:
        Table by name. Those of `FIGURE_TABLES` and `all_figures` have `PUBLISHED_COLUMNS`.

    Raises:
        UnreadableFile: a file is missing, is not expected here, or has other columns or types.
        CheckFailed: a word, key, unit or source is wrong; file, rows and offenders are named.
    """
    _check_files(folder)
    tables = {name: _read(folder / f"{name}.csv", table) for name, table in _TABLES.items()}
    tables["all_figures"] = pd.concat([tables[name] for name in FIGURE_TABLES], ignore_index=True)
    _check_references(tables)
    return tables


def row_accounts(folder: Path, tables: Mapping[str, pd.DataFrame]) -> list[dict[str, object]]:
    """For every file: lines read = rows kept + rejected + structural (the heading).

    None is rejected: a row that cannot be used is refused with an error when it is read.
    """
    return [
        {
            "file": f"{folder.name}/{name}.csv",
            "rows_read": len(tables[name]) + 1,
            "rows_kept": len(tables[name]),
            "rows_rejected": 0,
            "rows_structural": 1,
        }
        for name in _TABLES
    ]


def _check_files(folder: Path) -> None:
    found = {path.stem for path in folder.glob("*.csv")}
    for name in sorted(found ^ set(_TABLES)):
        problem = "is not a table of this folder" if name in found else "is missing"
        hint = suggest(name, list(_TABLES)) if name in found else ""
        raise UnreadableFile(
            f"{folder.name}/{name}.csv {problem}{hint}; expected are: {', '.join(_TABLES)}. "
            "New figures go into figures.csv as rows"
        )


def _read(path: Path, table: _Table) -> pd.DataFrame:
    """One file as a typed table that has passed every check of its own."""
    try:
        text = pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""])
    except ValueError as error:
        raise UnreadableFile(
            f"{path.name} is no CSV in UTF-8 with as many cells in each line: {str(error).strip()}"
        ) from None
    if list(text.columns) != list(table.columns):
        raise UnreadableFile(
            f"{path.name} has the columns {list(text.columns)}; expected {list(table.columns)}"
        )
    required = [column for column in table.columns if column not in table.may_be_missing]
    _refuse(
        path, text[required].isna().any(axis=1), text[list(table.key)], "a required cell is empty"
    )
    rows = text.assign(**{c: _typed(path, text[c], kind) for c, kind in table.columns.items()})
    _refuse(path, rows.duplicated(list(table.key), keep=False), text[list(table.key)], "key twice")
    _check_words(path, rows)
    return rows


def _typed(path: Path, text: pd.Series, kind: str) -> pd.Series:
    if kind == "string":
        return text
    if kind == "bool":
        _refuse(path, ~text.isin(["true", "false"]), text, f"{text.name} is neither true nor false")
        return (text == "true").astype("bool")
    numbers = pd.to_numeric(text, errors="coerce")
    _refuse(path, numbers.isna(), text, f"{text.name} is not a number")
    return numbers.astype(kind)


def _check_words(path: Path, rows: pd.DataFrame) -> None:
    for column, words in _VOCABULARIES.items():
        if column in rows:
            rule = f"{column} is not one of {', '.join(words)}"
            _refuse(path, ~rows[column].isin(words), rows[column], rule)
    if "qualifier" in rows:
        known = rows["qualifier"].map(lambda words: set(words.split(",")) <= set(QUALIFIERS))
        rule = f"qualifier is not made of {', '.join(QUALIFIERS)}"
        _refuse(path, ~known.astype(bool), rows["qualifier"], rule)
    if "measure" in rows:
        wrong = rows["unit"] != rows["measure"].map(UNITS)
        _refuse(path, wrong, rows[["measure", "unit"]], "the unit is not the measure's")
    if "month_first_sh" in rows:
        first, last = rows["month_first_sh"], rows["month_last_sh"]
        wrong = ~((first >= 1) & (first <= last) & (last <= 12))
        _refuse(path, wrong, rows[_PERIOD], "the months are not a period")


def _refuse(path: Path, wrong: pd.Series, shown: pd.DataFrame | pd.Series, rule: str) -> None:
    """Raises when any row is wrong, naming file, rows and the first five offenders."""
    if not wrong.any():
        return
    offenders = shown[wrong].head(5)
    listed = offenders.to_frame() if isinstance(offenders, pd.Series) else offenders
    lines = [f"row {i + 2}: {dict(row)}" for i, row in listed.iterrows()]
    raise CheckFailed(f"{path.name}, {int(wrong.sum())} rows: {rule}. First: {'; '.join(lines)}")


def _check_references(tables: Mapping[str, pd.DataFrame]) -> None:
    """Figure keys are unique over all files; contradictions name figures that are there."""
    figures, numbers = tables["all_figures"], tables["contradiction_numbers"]
    _refuse(Path("all figures"), figures["figure"].duplicated(), figures["figure"], "key twice")
    listed = numbers["contradiction"].isin(tables["contradictions"]["contradiction"])
    path = Path("contradiction_numbers.csv")
    _refuse(path, ~listed, numbers["contradiction"], "is not a row of contradictions.csv")
    known = set(figures["figure"])
    terms = numbers["stated"] + " " + numbers["against"]
    unknown = terms.map(lambda t: " ".join(key for key in _figure_keys(t) if key not in known))
    _refuse(path, unknown != "", unknown, "names a figure that no file has")


# Releases and unit values


def is_doubtful(figures: pd.DataFrame) -> pd.Series:
    """Whether the period or the value of each figure is in doubt, by its qualifier."""
    return figures["qualifier"].str.contains("doubtful")


def preferred(figures: pd.DataFrame) -> pd.DataFrame:
    """One release of each figure (scope, period, flow, category, measure), in the order given.

    The rule: undoubted before doubtful, printed before derived, the customs mirror before the
    press, and of what is left the one listed last, since files list releases in order of date.
    """
    keys = [*_SUBJECT, *(["measure"] if "measure" in figures else [])]
    ranked = figures.assign(
        _undoubted=~is_doubtful(figures),
        _printed=~figures["is_derived"],
        _mirror=figures["source"].str.startswith(_MIRROR),
    ).sort_values(["_undoubted", "_printed", "_mirror"], kind="stable")
    return figures.loc[sorted(ranked.drop_duplicates(keys, keep="last").index)]


def unit_values(figures: pd.DataFrame) -> pd.DataFrame:
    """Value per tonne wherever a value and a weight of one subject and period were published.

    Both come from one item where an item gives both; else the preferred value meets the preferred
    weight and `is_one_source` is False. Printed values per tonne are not used.

    Returns:
        One row a subject (scope, period, flow, category) and item: `value_usd`, `net_mass_kg`,
        `unit_value_usd_per_tonne` (USD/t), `period` (code), and who says so.
    """
    figures = figures.assign(item=figures["figure"].str.rsplit("-", n=1).str[-1])
    value, mass = (figures[figures["measure"] == m] for m in ("value_usd", "net_mass_kg"))
    same = _paired(value, mass, ["item"])
    rest = _paired(preferred(value), preferred(mass), [])
    known = rest.set_index(_SUBJECT).index.isin(same.set_index(_SUBJECT).index)
    pairs = pd.concat([same.assign(is_one_source=True), rest[~known].assign(is_one_source=False)])
    return (
        pairs.assign(
            unit_value_usd_per_tonne=pairs["value_usd"] / pairs["net_mass_kg"] * KG_PER_TONNE,
            period=period_codes(pairs),
        )
        .sort_values([*_PERIOD, "scope", "flow"], kind="stable")
        .reset_index(drop=True)
    )


def _paired(value: pd.DataFrame, mass: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    weights = mass[[*_SUBJECT, *on, "value", "source", "qualifier", "is_derived", "figure"]]
    both = value.merge(weights, on=[*_SUBJECT, *on], suffixes=("", "_mass"), validate="1:1")
    one = both["source"] == both["source_mass"]
    return both.assign(
        value_usd=both["value"],
        net_mass_kg=both["value_mass"],
        is_derived=both["is_derived"] | both["is_derived_mass"],
        qualifier=both["qualifier"].where(
            both["qualifier"] == both["qualifier_mass"],
            both["qualifier"] + "," + both["qualifier_mass"],
        ),
        source=both["source"].where(one, both["source"] + " ; " + both["source_mass"]),
    )[_PAIR_COLUMNS]


def period_codes(rows: pd.DataFrame) -> pd.Series:
    """The period code (`1404M01-07`) of each row that has a year and its months."""
    triples = zip(*(rows[column] for column in _PERIOD), strict=True)
    return pd.Series([str(Period(*map(int, t))) for t in triples], rows.index, dtype="string")


def national_series(figures: pd.DataFrame, flow: str = "export") -> pd.DataFrame:
    """Value per tonne of the nation by period, in order of time: one preferred release a period.

    `kind` is `year`, `cumulative` (the first n months) or `part` (a month or a later quarter);
    only rows of one kind, and cumulative ones of the same months, can be compared.
    """
    check_word("flow", flow, FLOWS)
    values = unit_values(figures)
    nation = (
        (values["scope"] == "nation") & (values["flow"] == flow) & (values["category"] == "total")
    )
    series = preferred(values[nation])
    ends = {1: "part", 12: "year"}
    months = zip(series["month_first_sh"], series["month_last_sh"], strict=True)
    kinds = [ends.get(last, "cumulative") if first == 1 else "part" for first, last in months]
    return series.assign(kind=kinds).reset_index(drop=True)


def longest_of_each_year(series: pd.DataFrame) -> pd.DataFrame:
    """Of each year the row that covers most months from its start: the year, or the first n months.

    Args:
        series: `national_series`.
    """
    from_start = series[series["month_first_sh"] == 1]
    longest = from_start.groupby("year_sh")["month_last_sh"].idxmax()
    return series.loc[longest].reset_index(drop=True)


def same_months(series: pd.DataFrame) -> pd.DataFrame:
    """The latest year, or its first n months, after the same months of earlier years.

    Args:
        series: `national_series`; doubtful rows of earlier years are left out.
    """
    last = longest_of_each_year(series).tail(1)
    same = series.merge(last[["month_first_sh", "month_last_sh"]])
    return same[~is_doubtful(same) | same["period"].isin(last["period"])]


def against_nation(figures: pd.DataFrame) -> pd.DataFrame:
    """Value per tonne of every other scope beside the nation's in the same period and flow.

    Returns:
        Rows of `unit_values` that have a match: with `unit_value_nation_usd_per_tonne` and
        `relative_unit_value` (1 = the nation's), `nation_source`.
    """
    values = unit_values(figures).query("category == 'total'")
    keys = [*_PERIOD, "flow"]
    nation = preferred(values[values["scope"] == "nation"])[keys].assign(
        unit_value_nation_usd_per_tonne=values["unit_value_usd_per_tonne"],
        nation_source=values["source"],
    )
    both = preferred(values[values["scope"] != "nation"]).merge(nation, on=keys, validate="m:1")
    relative = both["unit_value_usd_per_tonne"] / both["unit_value_nation_usd_per_tonne"]
    return both.assign(relative_unit_value=relative)


def uncontradicted(pairs: pd.DataFrame, numbers: pd.DataFrame) -> pd.DataFrame:
    """The rows of `against_nation` whose value and weight no contradiction calls into question.

    Args:
        pairs: `against_nation`.
        numbers: `contradiction_numbers`; the figures in question are those of its `stated`.
    """
    stated = {key for terms in numbers["stated"] for key in _figure_keys(terms)}
    return pairs[~pairs[["figure", "figure_mass"]].isin(stated).any(axis=1)]


def mislabelled(totals: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Totals whose weight is that of fewer months than they are labelled with.

    The weight is compared and not the value, because values are revised more than weights.

    Args:
        totals: `store.totals` by `flow, year_sh, month_first_sh, month_last_sh`.
        figures: `all_figures`.

    Returns:
        One row a total that agrees, within `SAME_WITHIN`, with the nation's published weight for
        the first n months, n fewer than its own, and not with that of its own months: the keys,
        `net_mass_kg`, `published_kg`, `period` (its label) and `likely_period`.
    """
    nation = figures["scope"].eq("nation") & figures["category"].eq("total")
    weights = preferred(figures[nation & figures["measure"].eq("net_mass_kg")])
    keys = ["flow", "year_sh", "month_first_sh"]
    both = totals.merge(
        weights[[*keys, "month_last_sh", "value"]].rename(columns={"value": "published_kg"}),
        on=keys, suffixes=("", "_published"), validate="m:m",
    )  # fmt: skip
    agrees = (both["net_mass_kg"] / both["published_kg"] - 1).abs() < SAME_WITHIN
    within = both[agrees & (both["month_last_sh_published"] <= both["month_last_sh"])]
    longest = within.groupby([*keys, "month_last_sh"])["month_last_sh_published"].idxmax()
    shorter = within.loc[longest].query("month_last_sh_published < month_last_sh")
    likely = shorter.assign(month_last_sh=shorter["month_last_sh_published"])
    return shorter.assign(period=period_codes(shorter), likely_period=period_codes(likely))


# Questions


def growth(
    figures: pd.DataFrame, scope: str = "nation", flow: str = "export", measure: str = "value_usd"
) -> pd.DataFrame:
    """Published totals against the same months a year before, where both were published.

    Returns:
        `period`, `value`, `value_before`, `growth` (fraction), `is_doubtful`, `source`,
        `source_before`, `qualifiers` (those of `ROUGH` that any release of the two figures bears)
        and `is_open` (whether it rose or fell, they leave open); one row a period in order of
        time, preferred releases.
    """
    check_word("scope", scope, SCOPES)
    chosen = _totals(figures, scope, flow, measure)
    said = chosen.groupby(_PERIOD)["qualifier"].agg(",".join).rename("said")
    now = preferred(chosen).assign(is_doubtful=is_doubtful).join(said, on=_PERIOD)
    now = now.sort_values(_PERIOD)[[*_PERIOD, "value", "source", "is_doubtful", "said"]]
    before = now.assign(year_sh=now["year_sh"] + 1)
    both = now.merge(before, on=_PERIOD, suffixes=("", "_before"), validate="1:1")
    growth = both["value"] / both["value_before"] - 1
    rough = (both["said"] + "," + both["said_before"]).map(_rough).astype("object")
    return both.assign(
        period=period_codes(both),
        growth=growth,
        is_doubtful=both["is_doubtful"] | both["is_doubtful_before"],
        qualifiers=rough,
        is_open=rough.astype("bool") & (growth.abs() < OPEN_BELOW),
    ).drop(columns=["is_doubtful_before", "said", "said_before"])


def _totals(figures: pd.DataFrame, scope: str, flow: str, measure: str) -> pd.DataFrame:
    what = {"scope": scope, "flow": flow, "measure": measure, "category": "total"}
    return figures[(figures[list(what)] == pd.Series(what)).all(axis=1)]


def _rough(qualifiers: str) -> list[str]:
    return [word for word in dict.fromkeys(qualifiers.split(",")) if word in ROUGH]


def destination_change(destinations: pd.DataFrame) -> pd.DataFrame:
    """The destinations of an office in the last year of the table against the year before.

    Each year lists only its largest destinations: one that is missing lies below the year's floor
    (its smallest listed value) and comes out as NA, not as 0.

    Returns:
        One row a destination: `destination`, `partner_iso3`, `value_usd_before`, `value_usd`,
        `growth` (NA where one is missing), largest first.
    """
    last = int(destinations["year_sh"].max())
    years = {last: "value_usd", last - 1: "value_usd_before"}
    both = destinations.pivot(index="destination", columns="year_sh", values="value_usd")
    both = both.reindex(columns=list(years)).set_axis(years.values(), axis=1).reset_index()
    return both.assign(
        partner_iso3=classification.partner_iso3(both["destination"]),
        growth=both["value_usd"] / both["value_usd_before"] - 1,
    )[["destination", "partner_iso3", "value_usd_before", "value_usd", "growth"]].sort_values(
        ["value_usd", "value_usd_before"], ascending=False, ignore_index=True
    )


def clearance_matrix(flows: pd.DataFrame, total_usd: float) -> pd.DataFrame:
    """Who clears the nation's exports, and for whom: province of clearance by destination.

    Args:
        flows: customs office by destination, complete above a floor (`largest_flows_1404`).
        total_usd: value of all flows, those below the floor included.

    Returns:
        One row a province and partner: `province`, `partner_iso3`, `value_usd`, `national_share`;
        the last row, `below_floor` with no partner, is what the list leaves out.

    Raises:
        CheckFailed: the flows add up to more than the total.
    """
    rest = total_usd - flows["value_usd"].sum()
    if rest < 0:
        raise CheckFailed(f"the flows exceed the total of {total_usd:,.0f} USD by {-rest:,.0f} USD")
    named = flows.assign(
        province=classification.province_of_office(flows["customs_office"]),
        partner_iso3=classification.partner_iso3(flows["destination"]),
    )
    sums = named.groupby(["province", "partner_iso3"], dropna=False)["value_usd"].sum()
    matrix = sums.sort_values(ascending=False).reset_index()
    matrix.loc[len(matrix)] = [BELOW_FLOOR, pd.NA, rest]
    return matrix.assign(national_share=matrix["value_usd"] / total_usd)


def use_shares(imports_by_use: pd.DataFrame) -> pd.DataFrame:
    """National imports by use: value, weight, share of value and value per tonne, by period.

    Returns:
        One row a period and use: `value_usd`, `net_mass_kg`, `value_share` (fraction; of the
        printed total, else as printed), `is_printed_share`, `unit_value_usd_per_tonne`; NA where
        it was not published.
    """
    keys = [*_PERIOD, "category"]
    wide = (
        preferred(imports_by_use)
        .pivot(index=keys, columns="measure", values="value")
        .rename_axis(columns=None)
        .reset_index()
    )
    total = wide[wide["category"] == "total"][[*_PERIOD, "value_usd"]]
    parts = wide[wide["category"] != "total"].merge(
        total, how="left", on=_PERIOD, suffixes=("", "_total"), validate="m:1"
    )
    share = parts["value_usd"] / parts["value_usd_total"]
    return parts.assign(
        period=period_codes(parts),
        value_share=share.fillna(parts["value_share"]),
        is_printed_share=share.isna(),
        unit_value_usd_per_tonne=parts["value_usd"] / parts["net_mass_kg"] * KG_PER_TONNE,
    ).drop(columns=["value_usd_total"])


def contradiction_numbers(numbers: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Both sides of each contradiction, computed from the figures that it names.

    Args:
        numbers: `contradiction_numbers`; `stated` and `against` are sums, as an analyst writes
            them: figure keys and numbers with spaced `+ - * /`, worked from left to right.
        figures: `all_figures`.

    Returns:
        The table with `stated_value`, `against_value`, `difference` (stated - against) and
        `ratio` (stated / against), in `unit`, and `figures` (the keys, `;` between them).
    """
    values = figures.set_index("figure")["value"].to_dict()
    stated, against = (
        numbers[side].map(lambda sum_: _worked(sum_, values)).astype("float64")
        for side in ("stated", "against")
    )
    terms = numbers["stated"] + " " + numbers["against"]
    return numbers.assign(
        stated_value=stated,
        against_value=against,
        difference=stated - against,
        ratio=stated / against,
        figures=terms.map(lambda t: ";".join(dict.fromkeys(_figure_keys(t)))).astype("string"),
    )


def _figure_keys(terms: str) -> list[str]:
    return [term for term in terms.split() if term not in "+-*/" and not term.isdigit()]


def _worked(terms: str, values: Mapping[str, float]) -> float:
    """The result of `a / b * 1000 - c`, strictly from left to right."""
    acts = {"+": add, "-": sub, "*": mul, "/": truediv}
    first, *rest = terms.split()

    def number(term: str) -> float:
        return float(term) if term.isdigit() else values[term]

    steps = zip(rest[::2], rest[1::2], strict=True)
    return reduce(lambda total, step: acts[step[0]](total, number(step[1])), steps, number(first))


def ten_month_evidence(figures: pd.DataFrame, year_totals: pd.DataFrame) -> list[Number]:
    """Why the year the mirror labels 1404 is very likely its first ten months.

    Returns:
        Its weight over the ten-month weight in print (about 1 if it is ten months), its value a
        month for ten and for twelve months over that of the first eight months, and its growth
        against the whole year before, which a reader would wrongly see.

    Raises:
        NotEnoughData: a figure that the comparison needs is not there.
    """
    totals = year_totals.set_index("year_sh")
    year = int(totals.index.max())
    kg, usd = totals.loc[year, "net_mass_kg"], totals.loc[year, "value_usd"]
    printed = figures[~figures["source"].str.startswith(_MIRROR)]
    ten_months_kg = _published_value(printed, Period(year, 1, 10), "net_mass_kg")
    a_month = _published_value(printed, Period(year, 1, 8), "value_usd") / 8

    def evidence(name: str, value: float, months: int) -> Number:
        return Number(name, float(value), "1", "nation", str(Period(year, 1, months)), _MIRROR)

    return [
        evidence("net_mass_to_printed_ten_months", kg / ten_months_kg, 10),
        evidence("value_a_month_if_ten_to_first_eight", usd / 10 / a_month, 10),
        evidence("value_a_month_if_twelve_to_first_eight", usd / 12 / a_month, 12),
        evidence("growth_if_read_as_year", usd / totals.loc[year - 1, "value_usd"] - 1, 12),
    ]


def national_total(
    figures: pd.DataFrame, period: Period, flow: str = "export", measure: str = "value_usd"
) -> Number:
    """The preferred figure of the nation for a period; its value is None where none was published.

    Args:
        figures: `all_figures`.
        period: exactly these months.
        flow: `export` or `import`.
        measure: `value_usd` or `net_mass_kg`.
    """
    chosen = _national(figures, period, flow, measure)
    unit = {"value_usd": "USD", "net_mass_kg": "kg"}[measure]
    if chosen.empty:
        return Number(measure, None, unit, "nation", str(period))
    best = preferred(chosen).iloc[0]
    return Number(measure, float(best["value"]), unit, "nation", str(period), str(best["source"]))


def _national(figures: pd.DataFrame, period: Period, flow: str, measure: str) -> pd.DataFrame:
    totals = _totals(figures, "nation", flow, measure)
    return totals[period_codes(totals) == str(period)]


def national_qualifiers(figures: pd.DataFrame, period: Period) -> list[str]:
    """How the releases of the nation's export value for a period qualify it: `over`, `about`, …"""
    return _rough(",".join(_national(figures, period, "export", "value_usd")["qualifier"]))


def _published_value(figures: pd.DataFrame, period: Period, measure: str) -> float:
    value = national_total(figures, period, measure=measure).value
    if value is None:
        raise NotEnoughData(f"no published {measure} of the nation's exports for {period}")
    return value

"""Charts of target markets; where a province has no exports, the sentence that says so."""

from __future__ import annotations

import pandas as pd

from helpers import narrative
from helpers.classification import partner_name
from helpers.figures.forms import NATION, NATION_NAME, PROVINCE, REST, Chart, bars, paired_bars
from helpers.figures.imports import MILLION_USD
from helpers.narrative import Html
from helpers.schema import Lang


def market_shares(
    markets: pd.DataFrame, lang: Lang, *, place: str, source: str, n: int = 10
) -> Chart | Html:
    """Shares of the largest markets in the province's exports, beside the nation's.

    Args:
        markets: `comparison.against_nation` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
        n: how many markets.
    """
    table = _named(markets[markets["value_usd_province"] > 0].head(n), lang)
    if table.empty:
        return narrative.nothing_to_show(lang)
    first, count = table["label"].iloc[0], narrative.plain(len(table), lang)
    share = narrative.share(table["share_in_province"].iloc[0], lang)
    words = {
        "fa": (
            f"بزرگ‌ترین مقصد صادرات {place} {first} است: {share}",
            f"برای {count} مقصد بزرگ دو نوار: سهم آن در صادرات کل کشور و در صادرات {place}؛ نخست {first} با {share}.",
        ),
        "en": (
            f"The largest destination of {place}’s exports is {first}: {share}",
            f"Two bars for each of {count} large destinations: its share of the nation’s exports and of {place}’s; the first is {first} with {share}.",
        ),
    }[lang]
    return paired_bars(
        table[["partner_iso3", "label", "share_in_nation", "share_in_province"]], label="label",
        pair=("share_in_nation", "share_in_province"), names=(NATION_NAME[lang], place),
        show=narrative.share, title=words[0], alt=words[1], source=source, unit="", lang=lang,
    )  # fmt: skip


def market_changes(
    moves: pd.DataFrame, lang: Lang, *, place: str, source: str, n: int = 10
) -> Chart | Html:
    """The destinations whose value changed most on the same months a year before.

    Args:
        moves: `measures.growth_by` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
        n: how many destinations.
    """
    if not narrative.is_comparable(moves):
        return narrative.nothing_to_show(lang)
    largest = moves["change_usd"].abs().nlargest(n).index
    table = _named(moves.loc[largest].sort_values("change_usd", ascending=False), lang)
    table = table.assign(change_million_usd=table["change_usd"] / 1e6)
    total = narrative.amount(moves["change_usd"].sum(), "USD", lang)
    up, down = (narrative.plain(int(n), lang) for n in _rises_and_falls(moves))
    words = {
        "fa": (
            f"صادرات {place} به {up} مقصد بیشتر شد و به {down} مقصد کمتر؛ در جمع {total}",
            f"نوار تغییر صادرات {place} به مقصدهایی که بیش از همه تغییر کردند، افزایش به یک سو و کاهش به سوی دیگر؛ جمع همهٔ مقصدها: {total}.",
        ),
        "en": (
            f"{place}’s exports rose to {up} destinations and fell to {down}; in all {total}",
            f"Bars of the change of {place}’s exports to the destinations that changed most, rises to one side and falls to the other; all destinations together: {total}.",
        ),
    }[lang]
    return bars(
        table[["partner_iso3", "label", "value_usd", "value_usd_before", "change_million_usd"]],
        label="label", y="change_million_usd", show=_one_decimal,
        colours=[PROVINCE if value >= 0 else NATION for value in table["change_usd"]],
        title=words[0], alt=words[1], source=source, unit=MILLION_USD[lang], lang=lang,
    )  # fmt: skip


def market_unit_values(
    markets: pd.DataFrame, lang: Lang, *, place: str, source: str, n: int = 8
) -> Chart | Html:
    """Value per tonne in the largest markets, the province beside the other provinces.

    Args:
        markets: `comparison.against_nation` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
        n: how many markets.
    """
    table = _named(narrative.comparable_markets(markets).head(n), lang)
    if table.empty:
        return narrative.nothing_to_show(lang)
    above = narrative.plain(int((table["relative_unit_value_vs_rest"] > 1).sum()), lang)
    count = narrative.plain(len(table), lang)
    words = {
        "fa": (
            f"در {above} بازار از {count} بازار بزرگ، هر تن کالای {place} گران‌تر از دیگر استان‌هاست",
            f"برای {count} بازار بزرگ دو نوار: ارزش هر تن کالای دیگر استان‌ها و {place}؛ {place} در {above} بازار بالاتر است.",
            ("دیگر استان‌ها", place),
        ),
        "en": (
            f"In {above} of {count} large markets a tonne from {place} is dearer than the others’",
            f"Two bars for each of {count} large markets: value per tonne of the other provinces and of {place}, which is higher in {above}.",
            ("Other provinces", place),
        ),
    }[lang]
    columns = ("unit_value_usd_per_tonne_rest", "unit_value_usd_per_tonne_province")
    return paired_bars(
        table[["partner_iso3", "label", *columns]], label="label", pair=columns, names=words[2],
        show=narrative.plain, title=words[0], alt=words[1], source=source,
        unit=narrative.UNITS["USD/t"][lang], lang=lang,
    )  # fmt: skip


def candidate_markets(table: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Chart | Html:
    """The first candidate markets; those that the province does not serve at all stand out.

    Args:
        table: `comparison.candidate_markets` by `partner_iso3`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    shown = _named(narrative.first_candidates(table), lang)
    if shown.empty:
        return narrative.nothing_to_show(lang)
    shown = shown.assign(expected_million_usd=shown["expected_usd"] / 1e6)
    first, new = shown["label"].iloc[0], narrative.plain(int(table["is_new_market"].sum()), lang)
    count = narrative.plain(len(table), lang)
    words = {
        "fa": (
            f"در صدر بازارهای نامزد {place}: {first}؛ {new} بازار از {count} بازار یکسره تازه است",
            f"نوار ارزش رتبه‌بندی بازارهای نامزد از بزرگ به کوچک، نخست {first}؛ بازارهایی که {place} هیچ به آن‌ها نمی‌فروشد پررنگ‌اند.",
        ),
        "en": (
            f"First among candidate markets of {place}: {first}; {new} of {count} are wholly new",
            f"Bars of the ranking value of candidate markets from the largest, {first}, down; markets to which {place} sells nothing stand out.",
        ),
    }[lang]
    return bars(
        shown[["partner_iso3", "label", "expected_million_usd", "is_new_market"]],
        label="label", y="expected_million_usd", show=_one_decimal,
        colours=[PROVINCE if is_new else REST for is_new in shown["is_new_market"]],
        title=words[0], alt=words[1], source=source, unit=MILLION_USD[lang], lang=lang,
    )  # fmt: skip


def _named(rows: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    return rows.assign(label=[partner_name(iso3, lang) for iso3 in rows["partner_iso3"]])


def _rises_and_falls(moves: pd.DataFrame) -> tuple[int, int]:
    return (moves["change_usd"] > 0).sum(), (moves["change_usd"] < 0).sum()


def _one_decimal(value: float, lang: Lang) -> str:
    return narrative.plain(value, lang, 1)

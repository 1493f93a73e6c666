"""Charts of imports by use; where a province has no imports, the sentence that says so."""

from __future__ import annotations

import pandas as pd

from helpers import narrative
from helpers.classification import use_name
from helpers.figures.forms import (
    NATION,
    NATION_NAME,
    PROVINCE,
    Chart,
    bars,
    money,
    paired_bars,
    stacked_shares,
)
from helpers.narrative import Html
from helpers.schema import USES, Lang

SHORT_USES = {
    "raw_material": {"fa": "مواد اولیه", "en": "Raw materials"},
    "intermediate": {"fa": "واسطه‌ای", "en": "Intermediate"},
    "capital": {"fa": "سرمایه‌ای", "en": "Capital"},
    "consumption": {"fa": "مصرفی", "en": "Consumer"},
    "not_assigned": {"fa": "تخصیص‌نیافته", "en": "Not assigned"},
}
"""The uses in as few letters as a legend has room for."""
MILLION_USD = {"fa": "میلیون دلار", "en": "million USD"}


def use_shares(uses: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Chart | Html:
    """Shares of the uses in the imports of the province, above the nation's.

    Args:
        uses: `comparison.against_nation` by `use`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    shares = uses.set_index("use")[["share_in_province", "share_in_nation"]].astype("float64")
    if shares["share_in_province"].isna().all():
        return narrative.nothing_to_show(lang)
    parts = {use: SHORT_USES[use][lang] for use in USES if use in shares.index}
    table = shares.T.assign(label=[place, NATION_NAME[lang]]).reset_index(drop=True)
    first = shares["share_in_province"].idxmax()
    name, share = use_name(first, lang), narrative.share(shares.loc[first].iloc[0], lang)
    words = {
        "fa": (
            f"{name} با {share} بزرگ‌ترین بخش واردات {place} است",
            f"دو نوار هم‌اندازه از سهم مصرف‌ها در واردات، یکی برای {place} و یکی برای کل کشور؛ در {place} بزرگ‌ترین بخش {name} با {share} است.",
        ),
        "en": (
            f"{name}: the largest part of {place}’s imports, {share}",
            f"Two bars of equal length cut into shares of uses in imports, {place} and the nation; the largest part of {place} is {name} with {share}.",
        ),
    }[lang]
    return stacked_shares(
        table, label="label", parts=parts, title=words[0], alt=words[1], source=source, lang=lang
    )


def use_changes(moves: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Chart | Html:
    """Change of imports by use on the same months a year before.

    Args:
        moves: `measures.growth_by` by `use`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    if not narrative.is_comparable(moves):
        return narrative.nothing_to_show(lang)
    table = moves.assign(
        label=[SHORT_USES[use][lang] for use in moves["use"]],
        change_million_usd=moves["change_usd"] / 1e6,
    )
    total = table["change_usd"].sum()
    change = narrative.amount(total, "USD", lang)
    words = {
        "fa": (
            f"واردات {place} نسبت به همین دوره در سال پیش: {change}",
            f"نوار تغییر ارزش واردات {place} برای هر مصرف، افزایش به یک سو و کاهش به سوی دیگر؛ جمع: {change}.",
        ),
        "en": (
            f"{place}’s imports against the same months a year before: {change}",
            f"Bars of the change of {place}’s imports by use, rises to one side and falls to the other; in all {change}.",
        ),
    }[lang]
    return bars(
        table[["use", "label", "value_usd", "value_usd_before", "change_million_usd"]],
        label="label", y="change_million_usd", show=_one_decimal,
        colours=[PROVINCE if value >= 0 else NATION for value in table["change_usd"]],
        title=words[0], alt=words[1], source=source, unit=MILLION_USD[lang], lang=lang,
    )  # fmt: skip


def currency_cut(cut: pd.DataFrame, lang: Lang, *, place: str, source: str) -> Chart | Html:
    """What each use loses by a cut of foreign currency, in order and spread evenly.

    Args:
        cut: `comparison.currency_cut`.
        lang: `fa` or `en`.
        place: the province's name.
        source: where the data come from.
    """
    lost = cut["cut_usd"].sum()
    if not lost > 0:
        return narrative.nothing_to_show(lang)
    table = cut.assign(label=[use_name(use, lang) for use in cut["use"]])
    amount = narrative.amount(lost, "USD", lang)
    share = narrative.share(lost / cut["value_usd"].sum(), lang)
    words = {
        "fa": (
            f"کاهش {share} ارز واردات {place} ({amount}) از کجا کم می‌شود؟",
            f"برای هر مصرف دو نوار: کاهش اگر یکسان پخش شود، و کاهش اگر نخست از کالاهای مصرفی گرفته شود؛ جمع هر کدام {amount}.",
            ("پخش یکسان", "به ترتیب"),
        ),
        "en": (
            f"Where does a cut of {share} of the currency for {place}’s imports ({amount}) fall?",
            f"Two bars a use: the cut spread evenly, and the cut taken from consumer goods first; each adds up to {amount}.",
            ("Spread evenly", "In order"),
        ),
    }[lang]
    return paired_bars(
        table[["use", "label", "value_usd", "even_cut_usd", "cut_usd"]], label="label",
        pair=("even_cut_usd", "cut_usd"), names=words[2], show=money,
        title=words[0], alt=words[1], source=source, unit="", lang=lang,
    )  # fmt: skip


def official_use_split(
    split: pd.DataFrame, uses: pd.DataFrame, lang: Lang, *, period: str, place: str, source: str
) -> Chart | Html:
    """Published national splits of imports, then those of the declarations, in official classes.

    Args:
        split: `published.use_shares`.
        uses: `comparison.against_nation` by `use`.
        lang: `fa` or `en`.
        period: code of the period of the declarations.
        place: the province's name.
        source: where the data come from.
    """
    official = narrative.official_shares(split)
    if official.empty:
        return narrative.nothing_to_show(lang)
    when, nation = narrative.period_name(period, lang), NATION_NAME[lang]
    printed = official.assign(label=[narrative.period_name(p, lang) for p in official["period"]])
    declared = pd.DataFrame(
        [
            {"label": f"{name}\n{when}", **narrative.declared_official_shares(uses, column)}
            for name, column in ((nation, "share_in_nation"), (place, "share_in_province"))
            if uses[column].notna().any()
        ]
    )
    parts = {use: SHORT_USES[use][lang] for use in narrative.OFFICIAL_USES}
    parts["other"] = {"fa": "طلا و دیگر", "en": "Gold and other"}[lang]
    words = {
        "fa": (
            "تقسیم منتشرشدهٔ واردات کشور، و همان تقسیم از اظهارنامه‌ها",
            f"نوارهای هم‌اندازه از سهم کالاهای واسطه‌ای، سرمایه‌ای و مصرفی: {narrative.plain(len(printed), lang)} دورهٔ منتشرشده از کل کشور، سپس کل کشور و {place} از اظهارنامه‌ها.",
        ),
        "en": (
            "The nation’s imports by use in print, and the same split from declarations",
            f"Bars of equal length cut into intermediate, capital and consumer goods: {len(printed)} published periods of the nation, then the nation and {place} from declarations.",
        ),
    }[lang]
    table = pd.concat([printed, declared], ignore_index=True)
    return stacked_shares(
        table[["label", *parts]], label="label", parts=parts,
        title=words[0], alt=words[1], source=source, lang=lang,
    )  # fmt: skip


def _one_decimal(value: float, lang: Lang) -> str:
    return narrative.plain(value, lang, 1)

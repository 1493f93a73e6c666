"""Sentences on published figures, and the claims held against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import pandas as pd

from helpers.claims import VERDICTS, Verdict
from helpers.narrative.words import (
    ALIKE_UNIT_VALUE,
    FLOW_NAMES,
    Html,
    cards,
    direction,
    dollars,
    doubt,
    fill,
    measure_name,
    number,
    period_name,
    place_name,
    say,
    unit_value_of,
    words_of,
)
from helpers.periods import parse_period
from helpers.schema import Lang, Number
from helpers.telling import numbers as telling_numbers

_WORDS = words_of("published")


def national_trend(series: pd.DataFrame, lang: Lang) -> Html:
    """How the nation's value per tonne moved over whole years of `published.national_series`."""
    if len(series) < 2:
        return say(lang, _WORDS["national_trend"]["missing"])
    values = series["unit_value_usd_per_tonne"]
    rows = {"first": series.iloc[0], "last": series.iloc[-1], "peak": series.loc[values.idxmax()]}
    numbers = {name: dollars(unit_value_of(row), lang) for name, row in rows.items()}
    names = {f"{name}_period": period_name(row["period"], lang) for name, row in rows.items()}
    moved = values.iloc[-1] / values.iloc[0] - 1
    return say(
        lang, _WORDS["national_trend"][direction(moved, ALIKE_UNIT_VALUE)], **numbers, **names
    )


def running_year(series: pd.DataFrame, lang: Lang) -> Html:
    """The year that goes on beside the same months before (`published.same_months`).

    Nothing where the latest year is there in full: `national_trend` speaks of it.
    """
    if series.empty or parse_period(series["period"].iloc[-1]).n_months == 12:
        return Html("")
    before, last = series.iloc[max(len(series) - 2, 0)], series.iloc[-1]
    now, then = unit_value_of(last), unit_value_of(before)
    case = direction(now.value / then.value - 1, ALIKE_UNIT_VALUE) if len(series) > 1 else "missing"
    return say(
        lang, _WORDS["running_year"][case], last=dollars(now, lang), before=dollars(then, lang),
        last_period=period_name(now.period, lang), before_period=period_name(then.period, lang),
    )  # fmt: skip


def published_pairs(pairs: pd.DataFrame, lang: Lang, *, place: str) -> Html:
    """The province beside the nation where both were published; rows of `published.beside_nation`."""
    if pairs.empty:
        return say(lang, _WORDS["published_pair"]["missing"], place=place)
    return Html("".join(_published_pair(row, lang, place) for _, row in pairs.iterrows()))


def _published_pair(row: pd.Series, lang: Lang, place: str) -> Html:
    own = unit_value_of(row)
    nation = replace(
        own, value=float(row["unit_value_nation_usd_per_tonne"]), scope="nation",
        source=row["nation_source"],
    )  # fmt: skip
    ratio = float(row["relative_unit_value"])
    return say(
        lang, _WORDS["published_pair"][direction(ratio - 1, ALIKE_UNIT_VALUE)], place=place, own=dollars(own, lang), nation=dollars(nation, lang),
        period=period_name(row["period"], lang), flow=FLOW_NAMES[row["flow"]][lang],
        ratio=replace(own, name="relative_unit_value", value=ratio, unit="ratio"),
    )  # fmt: skip


def imports_by_use(uses: pd.DataFrame, lang: Lang) -> Html:
    """The last published split of national imports by use; `uses` as `published.use_shares`."""
    last = uses[uses["period"] == uses["period"].iloc[-1]].set_index("category")
    period = str(uses["period"].iloc[-1])
    shares = {
        use: Number("share", last["value_share"].get(use), "1", use, period)
        for use in ("intermediate", "capital", "consumption")
    }
    return say(lang, _WORDS["uses"], period=period_name(period, lang), **shares)


def contradictions(n: int, lang: Lang) -> Html:
    """How many contradictions a reader has to act on."""
    case = {0: "none", 1: "one"}.get(n, "many")
    return say(lang, _WORDS["contradictions"][case], n=Number("n_contradictions", float(n), "n"))


def claim_words(verdict: Verdict, part: str, lang: Lang) -> str:
    """The words for `statement`, `verdict`, `reason`, `weakest` or `settle`."""
    if part in ("verdict", "reason"):
        return telling_numbers.words_of("claims")[part][getattr(verdict, part)]["sentence"][lang]
    text = verdict.claim if part == "statement" else getattr(verdict.claim, part)
    return getattr(text, lang).replace("'", "’")  # Ledgers are typed on keyboards.


def verdicts(words: Sequence[str], lang: Lang) -> Html:
    """How many claims came out how; `words` holds the verdict of each claim."""
    kinds = VERDICTS
    counts = {kind: Number("n_claims", float(list(words).count(kind)), "n", kind) for kind in kinds}
    return say(lang, _WORDS["verdicts"], n=Number("n_claims", float(len(words)), "n"), **counts)


def headlines(
    series: pd.DataFrame,
    growths: pd.DataFrame,
    now: Number,
    lang: Lang,
    *,
    qualifiers: Sequence[str] = (),
) -> Html:
    """The first numbers of the page: the period's own figure and the latest that are known.

    Args:
        series: `published.national_series`.
        growths: `published.yearly_growth`.
        now: the nation's published total of the page's period; its value may be None.
        lang: `fa` or `en`.
        qualifiers: how the sources of `now` qualify it (`published.national_qualifiers`).
    """
    last, grown = series.iloc[-1], growths[~growths["is_doubtful"]].iloc[-1]
    unit_value = unit_value_of(last)
    value = replace(unit_value, name="value_usd", value=float(last["value_usd"]), unit="USD")

    def tile(key: str, figure: Number, qualifiers: Sequence[str] = ()) -> tuple[str, Number, str]:
        period = rough_period(figure.period, qualifiers, lang)
        return _WORDS["headline_labels"][key][lang].format(period=period), figure, ""

    growth = tile("growth", _growth_of(grown), grown["qualifiers"])
    first = tile("value", now, qualifiers)
    return cards([first, tile("value", value), tile("unit_value", unit_value), growth], lang)


def _growth_of(row: pd.Series) -> Number:
    growth = float(row["growth"])
    return Number("growth_share", growth, "1", "nation", row["period"], row["source"])


def rough_period(period: str, qualifiers: Sequence[str], lang: Lang) -> str:
    """A period, with the words by which its figure was rounded when it was published."""
    name = period_name(period, lang)
    if not qualifiers:
        return name
    said = {"fa": "» یا «", "en": "” or “"}[lang].join(
        _WORDS["qualifiers"][word][lang] for word in qualifiers
    )
    return _WORDS["rough_period"][lang].format(period=name, said=said)


def published_growth(growths: pd.DataFrame, lang: Lang) -> Html:
    """How often exports rose against a year before; `growths` is `published.yearly_growth`."""
    sure = growths[~growths["is_doubtful"].astype(bool)]
    if sure.empty:
        return say(lang, _WORDS["no_growth"])
    last, told = sure.iloc[-1], sure[~sure["is_open"].astype(bool)]["growth"]
    counts = {"n": len(sure), "up": (told > 0).sum(), "down": (told < 0).sum()}
    counts["open"] = len(sure) - len(told)
    numbers = {key: Number("n_periods", float(n), "n", "nation") for key, n in counts.items()}
    period = rough_period(last["period"], last["qualifiers"], lang)
    said = say(lang, _WORDS["growth"], period=period, change=_growth_of(last), **numbers)
    return Html(said + (doubt(fill(lang, _WORDS["open"], **numbers)) if counts["open"] else ""))


def figures_used(figures: pd.DataFrame, lang: Lang) -> Html:
    """How many figures the page rests on, from how many sources, how many of them in doubt."""
    counts = {
        "n": len(figures),
        "sources": figures["source"].nunique(),
        "doubtful": figures["qualifier"].str.contains("doubtful").sum(),
    }
    numbers = {name: Number("n_figures", float(n), "n", name) for name, n in counts.items()}
    return say(lang, _WORDS["figures_used"], **numbers)


def claims_checked(verdicts: Sequence[Verdict], lang: Lang) -> Html:
    """Each claim with its verdict, reason, evidence, weakest link and what would settle it."""
    return Html("".join(_claim_checked(verdict, lang) for verdict in verdicts))


def _claim_checked(verdict: Verdict, lang: Lang) -> str:
    evidence = "".join(f"<li>{_evidence(number, lang)}</li>" for number in verdict.evidence)
    parts = {
        "evidence": f"<ul>{evidence}</ul>" if evidence else "",
        "weakest": escape(claim_words(verdict, "weakest", lang)),
        "settle": escape(claim_words(verdict, "settle", lang)),
    }
    rows = "".join(
        f"<dt>{_WORDS['claim_parts'][k][lang]}</dt><dd>{v}</dd>" for k, v in parts.items() if v
    )
    badge = f'<span class="wb-verdict">{escape(claim_words(verdict, "verdict", lang))}</span>'
    return (
        f'<article class="wb-claim wb-{verdict.verdict}">'
        f"<h3>{escape(claim_words(verdict, 'statement', lang))}</h3>"
        f"<p>{badge} {escape(claim_words(verdict, 'reason', lang))}</p><dl>{rows}</dl></article>"
    )


def _evidence(figure: Number, lang: Lang) -> str:
    """A number of a claim with its measure, place and period in words."""
    period = period_name(figure.period, lang) if figure.period else ""
    told = (measure_name(figure.name, lang), place_name(figure.scope, lang), period)
    words = " · ".join(escape(part) for part in told if part)
    return f"{number(figure, lang)} <small>{words}</small>"

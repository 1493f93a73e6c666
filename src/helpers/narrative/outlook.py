"""Sentences of the outlook: season, trend, where the year may end, and how well that was tried."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from helpers.narrative.words import (
    STEADY_GROWTH,
    Html,
    amount,
    direction,
    doubt,
    fill,
    number,
    period_name,
    plain,
    say,
    share,
    size,
    year,
)
from helpers.periods import MONTHS_EN, MONTHS_FA, parse_period
from helpers.schema import Lang, Number

if TYPE_CHECKING:  # The models behind it take a second to import.
    from helpers.outlook import MonthlyOutlook

FEW_FORECASTS = 50
"""Below this many tried forecasts their coverage is called a rough guide."""

NARROW = 0.70
"""Coverage of the 80 % interval from which the intervals are called too narrow."""

_LIKELIHOODS = (
    (0.90, {"fa": "بسیار محتمل است", "en": "It is very likely"}),
    (0.66, {"fa": "محتمل است", "en": "It is likely"}),
    (0.33, {"fa": "کم‌وبیش به یک اندازه محتمل و نامحتمل است", "en": "It is about as likely as not"}),
    (0.10, {"fa": "نامحتمل است", "en": "It is unlikely"}),
    (0.00, {"fa": "بسیار نامحتمل است", "en": "It is very unlikely"}),
)
"""From which probability on a word is used: the scale of the IPCC's guidance note on uncertainty
(Mastrandrea and others, 2010)."""

MODEL_NAMES = {
    "seasonal_naive": {"fa": "همان ماه سال پیش", "en": "last year’s month"},
    "ets": {"fa": "هموارسازی نمایی", "en": "exponential smoothing"},
    "arima": {"fa": "آریما", "en": "ARIMA"},
}

_OBSTACLE = {
    "no_trade": {
        "fa": "{place} تا {until} هیچ صادراتی اظهار نکرده است؛ پس روند و چشم‌اندازی نیست که گفته شود.",
        "en": "{place} declared no exports up to {until}, so there is no season and no outlook to tell.",
    },
    "cumulative": {
        "fa": "برای چشم‌انداز، داده‌های تک‌ماهه لازم است و این داده‌ها برای {place} تا {until} تنها چندماهه‌اند. پرونده‌های ماهانه را به data/raw بیفزایید.",
        "en": "An outlook needs single months; up to {until} the data of {place} hold runs of months only. Add the monthly files to data/raw.",
    },
    "gap": {
        "fa": "چشم‌انداز به زنجیره‌ای از ماه‌های بی‌وقفه نیاز دارد؛ از {n} ماهِ {place} تا {until}، {unusable} ماه خالی یا صفر است، از جمله {first}. پس چشم‌اندازی گفته نمی‌شود.",
        "en": "An outlook needs months without a gap; of the {n} months of {place} up to {until}, {unusable} are missing or zero, {first} among them. So no outlook is given.",
    },
    "short": {
        "fa": "چشم‌انداز دست‌کم {needed} ماه پیوسته می‌خواهد و برای {place} تا {until} تنها {n} ماه هست. پس بازه و احتمالی گفته نمی‌شود؛ ماه‌های پیش‌تر را به data/raw بیفزایید.",
        "en": "An outlook needs at least {needed} months without a gap, and up to {until} there are only {n} of {place}. So no range and no probability are given; add earlier months to data/raw.",
    },
}


def outlook_obstacle(monthly: MonthlyOutlook, lang: Lang, *, place: str) -> Html:
    """Why there is no outlook, and what to do; nothing where there is one."""
    obstacle = monthly.obstacle
    if obstacle is None:
        return Html("")
    first = obstacle.unusable[0] if obstacle.unusable else monthly.until
    counts = {"n": obstacle.n_months, "needed": obstacle.n_needed}
    counts["unusable"] = len(obstacle.unusable)
    numbers = {
        name: Number("n_months", float(n), "n", monthly.scope, monthly.until)
        for name, n in counts.items()
    }
    return doubt(
        fill(
            lang,
            _OBSTACLE[obstacle.reason],
            place=place,
            until=_end_of(monthly, lang),
            first=period_name(first, lang),
            **numbers,
        )
    )


def _end_of(monthly: MonthlyOutlook, lang: Lang) -> str:
    """The last month that was looked at, in words."""
    return period_name(parse_period(monthly.until).months()[-1], lang)


_TREND = {
    "up": {
        "fa": "اگر فصل و ماه‌های نامعمول را کنار بگذاریم، صادرات ماهانهٔ {place} در {last} به {now} رسیده است، {change} بیشتر از یک سال پیش.",
        "en": "With the season and odd months set aside, the monthly exports of {place} came to {now} in {last}, {change} more than a year before.",
    },
    "down": {
        "fa": "اگر فصل و ماه‌های نامعمول را کنار بگذاریم، صادرات ماهانهٔ {place} در {last} به {now} رسیده است، {change} کمتر از یک سال پیش.",
        "en": "With the season and odd months set aside, the monthly exports of {place} came to {now} in {last}, {change} less than a year before.",
    },
    "steady": {
        "fa": "اگر فصل و ماه‌های نامعمول را کنار بگذاریم، صادرات ماهانهٔ {place} در {last} {now} است و نسبت به یک سال پیش تقریباً تغییری نکرده است.",
        "en": "With the season and odd months set aside, the monthly exports of {place} stand at {now} in {last}, almost unchanged from a year before.",
    },
    "missing": {
        "fa": "برای جدا کردن روند از فصل دو سال کامل لازم است؛ برای {place} تا {last} این اندازه داده نیست.",
        "en": "To tell the trend from the season takes two full years; up to {last} there are not that many months of {place}.",
    },
}


def month_trend(monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str = "") -> Html:
    """Where the trend stands against twelve months before."""
    last = _end_of(monthly, lang)
    if monthly.season is None:
        return say(lang, _TREND["missing"], place=place, last=last)
    trend = monthly.season["trend"]
    moved = float(trend.iloc[-1] / trend.iloc[-13] - 1)
    now = Number("trend_value_usd", float(trend.iloc[-1]), "USD", monthly.scope,
                 str(monthly.season["period"].iloc[-1]), source)  # fmt: skip
    return say(
        lang, _TREND[direction(moved, STEADY_GROWTH)], place=place, last=last, now=now,
        change=size(replace(now, name="trend_value_usd_growth", value=moved, unit="1"), lang),
    )  # fmt: skip


_SEASON = {
    "known": {
        "fa": "در {place} پُررونق‌ترین ماه {high} است ({high_factor} یک ماه معمول) و کم‌رونق‌ترین {low} ({low_factor}).",
        "en": "In {place} the strongest month is {high} ({high_factor} of a usual month), the weakest {low} ({low_factor}).",
    },
    "missing": {
        "fa": "از {place} دو سال کامل در دست نیست؛ پس فصل‌های آن را نمی‌توان گفت.",
        "en": "There are not two full years of {place}, so its seasons cannot be told.",
    },
}


def season_months(monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str = "") -> Html:
    """Which month is strong and which is weak, against a month without a season."""
    if monthly.season is None:
        return say(lang, _SEASON["missing"], place=place)
    year_of_factors = monthly.season.tail(12)
    ends = {
        "high": year_of_factors.loc[year_of_factors["season"].idxmax()],
        "low": year_of_factors.loc[year_of_factors["season"].idxmin()],
    }
    months = {name: month_name(str(row["period"]), lang) for name, row in ends.items()}
    factors = {
        f"{name}_factor": Number(
            "season_factor", float(row["season"]), "1", monthly.scope, source=source
        )
        for name, row in ends.items()
    }
    return say(lang, _SEASON["known"], place=place, **months, **factors)


def month_name(code: str, lang: Lang) -> str:
    """The month of a period code without its year: `1404M07` -> `Mehr`."""
    return (MONTHS_FA if lang == "fa" else MONTHS_EN)[parse_period(code).month_first - 1]


_YEAR_END = {
    "running": {
        "fa": "صادرات {place} در {n} ماه {known} بوده است. سال {year} به احتمال ۸۰ درصد میان {low} و {high} به پایان می‌رسد (میانه: {median}). {likelihood} که از سال پیش ({last}) بیشتر شود: احتمال آن {probability} است.",
        "en": "In {n} months the exports of {place} came to {known}. With a probability of 80 per cent {year} ends between {low} and {high} (median {median}). {likelihood} that it ends above the year before ({last}): the probability is {probability}.",
    },
    "next": {
        "fa": "سال تمام شده است. صادرات {place} در سال {year} به احتمال ۸۰ درصد میان {low} و {high} خواهد بود (میانه: {median}). {likelihood} که از سال پیش ({last}) بیشتر شود: احتمال آن {probability} است.",
        "en": "The year is complete. With a probability of 80 per cent the exports of {place} in {year} lie between {low} and {high} (median {median}). {likelihood} that they exceed the year before ({last}): the probability is {probability}.",
    },
}


def year_end(monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str = "") -> Html:
    """Where the year may end and how probably above the last; why not, where that is unknown."""
    if monthly.outlook is None:
        return outlook_obstacle(monthly, lang, place=place)
    end = monthly.outlook.year_end
    known = Number("value_usd", end.known, "USD", monthly.scope, _months_code(end), source)
    bound = replace(known, name="year_end_value_usd", period=str(end.year_sh))
    return say(
        lang, _YEAR_END["running" if end.months_known else "next"], place=place,
        n=plain(end.months_known, lang), known=_finely(known, lang), year=year(end.year_sh, lang),
        low=_finely(replace(bound, value=end.low_80), lang),
        high=_finely(replace(bound, value=end.high_80), lang),
        median=_finely(replace(bound, value=end.median), lang),
        last=_finely(replace(known, value=end.last_year, period=str(end.year_sh - 1)), lang),
        likelihood=_likelihood(end.probability_above_last)[lang],
        probability=_probability(end.probability_above_last, bound, lang),
    )  # fmt: skip


def fine_amount(value: float, lang: Lang) -> str:
    """Dollars with two decimals of a billion: the ends of a range must not round to one number."""
    if abs(value) < 1e9:
        return amount(value, "USD", lang)
    billion = {"fa": "میلیارد دلار", "en": "billion USD"}[lang]
    return f"{plain(value / 1e9, lang, 2)} {billion}"


def _finely(figure: Number, lang: Lang) -> Html:
    return number(figure, lang, fine_amount(float(figure.value or 0), lang))


def _months_code(end: object) -> str:
    return f"{end.year_sh}M01-{max(end.months_known, 1):02}"


def _likelihood(probability: float) -> dict[str, str]:
    return next(words for least, words in _LIKELIHOODS if probability >= least)


def _probability(value: float, of: Number, lang: Lang) -> Html:
    """A probability in whole per cent; a simulation knows no certainty, so 0 and 100 are bounds."""
    shown = share(value, lang, 0)
    if value > 0.99:
        shown = {"fa": f"بیش از {share(0.99, lang, 0)}", "en": f"over {share(0.99, lang, 0)}"}[lang]
    if value < 0.01:
        shown = {"fa": f"کمتر از {share(0.01, lang, 0)}", "en": f"under {share(0.01, lang, 0)}"}[
            lang
        ]
    return number(replace(of, name="probability_above_last", value=value, unit="1"), lang, shown)


_WIDE = {
    "fa": "با احتمال ۹۵ درصد بازه از {low} تا {high} است. مدل تحریم، جنگ، تغییر نرخ ارز و تصمیم‌های تازه را نمی‌شناسد.",
    "en": "With a probability of 95 per cent the range is {low} to {high}. The model does not know of sanctions, war, exchange rates or decisions to come.",
}


def year_end_wide(monthly: MonthlyOutlook, lang: Lang, *, source: str = "") -> Html:
    """The wide interval, and what no model knows; nothing without an outlook."""
    if monthly.outlook is None:
        return Html("")
    end = monthly.outlook.year_end
    low = Number("year_end_value_usd", end.low_95, "USD", monthly.scope, str(end.year_sh), source)
    high = replace(low, value=end.high_95)
    return doubt(fill(lang, _WIDE, low=_finely(low, lang), high=_finely(high, lang)))


_PLAIN = {
    "reached": {
        "fa": "حساب ساده، بی مدل: {place} همین حالا از کل سال پیش ({last}) گذشته است. اگر {n} ماه مانده تکرار سال پیش باشد سال با {repeated} و اگر با آهنگ امسال پیش برود با {grown} تمام می‌شود.",
        "en": "By plain sums, without a model: {place} has already passed the whole of last year ({last}). If the {n} months to come repeat last year’s, the year ends at {repeated}; at this year’s pace, at {grown}.",
    },
    "more": {
        "fa": "حساب ساده، بی مدل: برای رسیدن به سال پیش ({last})، {n} ماه مانده باید {needed} بیاورد؛ همین ماه‌ها سال پیش {rest} آورد، پس {gap} بیشتر لازم است. تکرار سال پیش سال را به {repeated} می‌رساند و آهنگ امسال به {grown}.",
        "en": "By plain sums, without a model: to equal last year ({last}) the {n} months to come must bring {needed}; last year the same months brought {rest}, so it takes {gap} more. A repeat of last year ends the year at {repeated}, this year’s pace at {grown}.",
    },
    "less": {
        "fa": "حساب ساده، بی مدل: برای رسیدن به سال پیش ({last})، {n} ماه مانده باید {needed} بیاورد؛ همین ماه‌ها سال پیش {rest} آورد، پس حتی {gap} کمتر هم بس است. تکرار سال پیش سال را به {repeated} می‌رساند و آهنگ امسال به {grown}.",
        "en": "By plain sums, without a model: to equal last year ({last}) the {n} months to come must bring {needed}; last year the same months brought {rest}, so even {gap} less would do. A repeat of last year ends the year at {repeated}, this year’s pace at {grown}.",
    },
    "missing": {
        "fa": "ماه‌های سال پیش کامل در دست نیست؛ پس نمی‌توان گفت {place} برای رسیدن به آن به چه نیاز دارد.",
        "en": "The months of last year are not all there, so what {place} needs to equal it cannot be said.",
    },
}


def plain_year_end(monthly: MonthlyOutlook, lang: Lang, *, place: str, source: str = "") -> Html:
    """What the months to come must bring to equal last year, by sums alone.

    Nothing where the year is complete.
    """
    carried = monthly.carried
    if carried is None:
        is_complete = parse_period(monthly.until).month_last == 12
        return Html("") if is_complete else say(lang, _PLAIN["missing"], place=place)
    gap = carried.to_equal / carried.rest_of_last_year - 1
    case = "reached" if carried.to_equal <= 0 else "more" if gap > 0 else "less"
    last = Number("value_usd", carried.last_year, "USD", monthly.scope,
                  str(carried.year_sh - 1), source)  # fmt: skip
    end = replace(last, name="year_end_value_usd", period=str(carried.year_sh))
    return say(
        lang, _PLAIN[case], place=place, last=_finely(last, lang),
        n=plain(12 - carried.months_known, lang),
        needed=_finely(replace(end, name="value_to_equal_usd", value=carried.to_equal), lang),
        rest=_finely(replace(last, value=carried.rest_of_last_year), lang),
        gap=size(replace(last, name="value_to_equal_usd_growth", value=gap, unit="1"), lang),
        repeated=_finely(replace(end, value=carried.repeated), lang),
        grown=_finely(replace(end, value=carried.grown), lang),
    )  # fmt: skip


_TRIED = {
    "better": {
        "fa": "از سه روش، «{model}» با کمترین خطا برگزیده شد: خطای آن {mase} خطای «{floor}» در گذشته است. در {n} پیش‌بینی آزمایشی، بازهٔ ۸۰ درصدی {c80} و بازهٔ ۹۵ درصدی {c95} از مقدارها را در بر گرفت.",
        "en": "Of three methods, “{model}” was chosen for the least error: {mase} of the error that “{floor}” had in the past. In {n} trial forecasts the 80 per cent interval held {c80} of the values, the 95 per cent interval {c95}.",
    },
    "worse": {
        "fa": "از سه روش، «{model}» کمترین خطا را داشت، اما خطای آن {mase} خطای «{floor}» در گذشته است، یعنی این ماه‌ها دشوارتر از پیش بوده‌اند. در {n} پیش‌بینی آزمایشی، بازهٔ ۸۰ درصدی {c80} و بازهٔ ۹۵ درصدی {c95} از مقدارها را در بر گرفت.",
        "en": "Of three methods “{model}” had the least error, but {mase} of the error that “{floor}” had in the past: these months were harder than those before. In {n} trial forecasts the 80 per cent interval held {c80} of the values, the 95 per cent interval {c95}.",
    },
}
_TRIED_DOUBT = {
    "few": {
        "fa": "آزمون بر {n} پیش‌بینی استوار است؛ کمتر از {few} تا راهنمایی تقریبی است، نه سنجه‌ای دقیق.",
        "en": "The trial rests on {n} forecasts; fewer than {few} are a rough guide and no exact measure.",
    },
    "narrow": {
        "fa": "بازه‌ها در آزمون تنگ‌تر از آن بودند که می‌نمایند ({c80} به جای ۸۰ درصد)؛ آن‌ها را در ذهن پهن‌تر کنید.",
        "en": "In the trial the intervals were narrower than they claim ({c80} in place of 80 per cent); widen them in your mind.",
    },
    "fair": {
        "fa": "بازه‌ها در آزمون آنچه می‌گویند را نگه داشتند ({c80} برای بازهٔ ۸۰ درصدی)؛ آینده می‌تواند با گذشته فرق کند.",
        "en": "In the trial the intervals held what they promise ({c80} for that of 80 per cent); the future may differ from the past.",
    },
}


def method_tried(monthly: MonthlyOutlook, lang: Lang, *, source: str = "") -> Html:
    """Which method was chosen, by what error, and whether its intervals can be trusted."""
    if monthly.outlook is None:
        return Html("")
    best = monthly.outlook.scores.iloc[0]
    numbers = _tried_numbers(best, monthly, source)
    narrow, few = best["coverage_80_share"] < NARROW, best["n_forecasts"] < FEW_FORECASTS
    case = "narrow" if narrow else "few" if few else "fair"
    names = {"model": monthly.outlook.model, "floor": "seasonal_naive"}
    words = _TRIED["better" if best["mase"] < 1 else "worse"]
    said = say(lang, words, **numbers, **{k: MODEL_NAMES[m][lang] for k, m in names.items()})
    return Html(
        said + doubt(fill(lang, _TRIED_DOUBT[case], **numbers, few=plain(FEW_FORECASTS, lang)))
    )


def _tried_numbers(best: pd.Series, monthly: MonthlyOutlook, source: str) -> dict[str, Number]:
    columns = {
        "mase": ("mase", "1"),
        "c80": ("coverage_80_share", "1"),
        "c95": ("coverage_95_share", "1"),
        "n": ("n_forecasts", "n"),
    }
    return {
        key: Number(name, float(best[name]), unit, monthly.scope, monthly.until, source)
        for key, (name, unit) in columns.items()
    }


def no_chart(lang: Lang, *, place: str) -> Html:
    """What stands in place of a chart for which the data do not suffice."""
    words = {
        "fa": "برای {place} نموداری کشیده نشد: داده بس نیست.",
        "en": "No chart of {place} is drawn: there are not enough data.",
    }
    return doubt(fill(lang, words, place=place))

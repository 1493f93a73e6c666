"""Sentences on what came in, what was repaired, what was refused, and what to ask the sender."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape

import pandas as pd

from helpers.narrative.words import Html, fill, period_name, say, sentence
from helpers.schema import Lang, Number

REPAIRS = {
    "hs_padded": {"fa": "صفر آغاز کد تعرفه افتاده بود و برگردانده شد", "en": "a lost leading zero of the tariff code was restored"},
    "hs_separators": {"fa": "نقطه یا خط تیره از کد تعرفه برداشته شد", "en": "dots or dashes were taken out of the tariff code"},
    "hs_unknown": {"fa": "کد تعرفه در ویرایش ۲۰۲۲ نیست؛ همان‌طور که بود ماند", "en": "the tariff code is not in the 2022 edition; it stays as it was"},
    "hs_missing": {"fa": "کد تعرفه ندارد", "en": "no tariff code"},
    "partner_unknown": {"fa": "کشور شناخته نشد", "en": "the country was not recognised"},
    "province_unknown": {"fa": "گمرک به هیچ استانی نسبت داده نشد", "en": "the customs office is not allocated to a province"},
    "months_not_given": {"fa": "ماه داده نشده؛ سطر از آنِ همهٔ سال گرفته شد", "en": "no month given; the row is taken for the whole year"},
    "value_missing": {"fa": "ارزش دلاری ندارد", "en": "no value in dollars"},
    "mass_missing": {"fa": "وزن ندارد؛ در ارزش هر تن نمی‌آید", "en": "no weight; it is left out of value per tonne"},
    "gross_mass": {"fa": "وزن ناخالص است", "en": "the weight is gross"},
    "negative": {"fa": "رقم منفی است", "en": "a negative figure"},
    "letters_lost": {"fa": "حرفی از شرح کالا افتاده است", "en": "a letter of the description is lost"},
    "corrected": {"fa": "با جدول اصلاحات یا پروندهٔ برگشتی اصلاح شد", "en": "corrected by the table of corrections or a returned workbook"},
    "duplicate": {"fa": "سطری یکسان پیش‌تر هم آمده است؛ هر دو نگه داشته شد", "en": "an identical row came before; both are kept"},
    "unit_value_outlier": {"fa": "ارزش هر کیلوگرم دور از عادت همان کالاست", "en": "value per kilogram far from what is usual for the good"},
    "value_mass_swapped": {"fa": "گویا ارزش و وزن جابه‌جا شده‌اند", "en": "value and weight look swapped"},
    "mass_in_tonnes": {"fa": "گویا وزن به تن نوشته شده است، نه کیلوگرم", "en": "the weight looks given in tonnes, not kilograms"},
    "month_by_difference": {"fa": "رقم ماه از تفاضل دو رقم انباشته به دست آمد", "en": "the month is the difference of two cumulative figures"},
}  # fmt: skip
"""What each flag of a kept row means."""

REJECTS = {
    "unknown_layout": {"fa": "سرستون شناخته نشد؛ بپرسید هر ستون چیست یا پروندهٔ چیدمان بنویسید", "en": "the headings are not known; ask what each column is, or write a layout file"},
    "too_many_cells": {"fa": "خانه‌های سطر بیش از سرستون‌هاست؛ پرونده را با جداکننده‌ای دیگر بخواهید", "en": "more cells than headings; ask for the file with another separator"},
    "hs_unreadable": {"fa": "کد تعرفه خوانا نیست؛ کد هشت‌رقمی را بخواهید", "en": "the tariff code cannot be read; ask for the eight-digit code"},
    "hs_too_long": {"fa": "کد تعرفه بیش از هشت رقم دارد؛ کد درست را بخواهید", "en": "the tariff code has more than eight digits; ask for the right one"},
    "hs_zero_lost": {"fa": "رقمی از کد تعرفه افتاده است و با صفر هم کدی شناخته‌شده نمی‌شود؛ کد درست را بخواهید", "en": "the tariff code lacks a digit and no known code begins with the zero; ask for the right one"},
    "year_unreadable": {"fa": "سال خوانا نیست؛ سال خورشیدی چهاررقمی را بخواهید", "en": "the year cannot be read; ask for the Solar Hijri year in four digits"},
    "month_unreadable": {"fa": "ماه خوانا نیست؛ شماره یا نام ماه را بخواهید", "en": "the month cannot be read; ask for its number or name"},
    "value_usd_unreadable": {"fa": "ارزش دلاری عدد نیست؛ رقم آن را بخواهید", "en": "the dollar value is no number; ask for the figure"},
    "value_irr_unreadable": {"fa": "ارزش ریالی عدد نیست؛ رقم آن را بخواهید", "en": "the rial value is no number; ask for the figure"},
    "net_mass_kg_unreadable": {"fa": "وزن عدد نیست؛ وزن خالص به کیلوگرم را بخواهید", "en": "the weight is no number; ask for the net mass in kilograms"},
    "no_figures": {"fa": "نه ارزش دارد و نه وزن؛ بپرسید سطر چه می‌گوید", "en": "neither value nor weight; ask what the row is for"},
    "no_longer_rejected": {"fa": "سطری که این اصلاح برای آن بود دیگر در میان ردشده‌ها نیست؛ اصلاح را بردارید", "en": "the row this corrects is no longer among the rejects; take the correction away"},
}  # fmt: skip
"""What each reason of rejection means, and what to ask the sender."""

_FILES = {
    "whole": {
        "fa": "از {n_files} پرونده {read} سطر خوانده شد: {kept} پذیرفته، {rejected} ردشده و {structural} ساختاری (عنوان، جمع، سطر خالی). هیچ سطری گم نشده است.",
        "en": "From {n_files} files {read} rows were read: {kept} kept, {rejected} rejected and {structural} structural (titles, totals, blanks). No row is lost.",
    },
    "lost": {
        "fa": "از {n_files} پرونده {read} سطر خوانده شد: {kept} پذیرفته، {rejected} ردشده و {structural} ساختاری. این اعداد با هم نمی‌خوانند: سطرهایی گم شده‌اند و نباید به نتیجه‌ها تکیه کرد.",
        "en": "From {n_files} files {read} rows were read: {kept} kept, {rejected} rejected and {structural} structural. These do not add up: rows are lost, and the results cannot be relied on.",
    },
    "none": {
        "fa": "هیچ پرونده‌ای خوانده نشده است. پرونده‌های گمرک را در data/raw بگذارید و دوباره پاک‌سازی کنید.",
        "en": "No file was read. Put customs files into data/raw and clean again.",
    },
}


def files_read(quality: Mapping, lang: Lang) -> Html:
    """Whether every row that was read is accounted for; `quality` is `store.quality`."""
    files = declaration_files(quality)
    rows = {
        kind: sum(file["rows"][kind] for file in files)
        for kind in ("read", "kept", "rejected", "structural")
    }
    adds_up = rows["read"] == rows["kept"] + rows["rejected"] + rows["structural"]
    counts = {kind: Number("n_rows", float(n), "n", kind) for kind, n in rows.items()}
    case = "none" if not files else "whole" if adds_up else "lost"
    return say(lang, _FILES[case], n_files=Number("n_files", float(len(files)), "n"), **counts)


_CONTROL = {
    "none": {
        "fa": "هیچ پرونده‌ای جمع کنترلی خود را ندارد؛ پس درستی جمع را تنها از شمار سطرها می‌توان گفت.",
        "en": "No file carries a total of its own, so that its sum can be told only from its rows.",
    },
    "equal": {
        "fa": "{n} پرونده جمع کنترلی خود را دارند و جمع سطرها در همهٔ آن‌ها با آن برابر است.",
        "en": "{n} files carry a total of their own, and the rows add up to it in all of them.",
    },
    "apart": {
        "fa": "{n} پرونده جمع کنترلی خود را دارند، اما در {apart} پرونده جمع سطرها با آن نمی‌خواند: از فرستنده بپرسید چه سطرهایی کم یا زیاد است.",
        "en": "{n} files carry a total of their own, but in {apart} of them the rows do not add up to it: ask the sender which rows are missing or too many.",
    },
}


def control_totals(quality: Mapping, lang: Lang) -> Html:
    """Whether the rows add up to the totals that the files themselves give."""
    totals = [f["control_total"] for f in declaration_files(quality) if f.get("control_total")]
    apart = [t for t in totals if any(abs(d or 0) > 0.5 for d in t["difference"].values())]
    case = "none" if not totals else "apart" if apart else "equal"
    counts = {"n": len(totals), "apart": len(apart)}
    return say(
        lang, _CONTROL[case], **{k: Number("n_files", float(n), "n", k) for k, n in counts.items()}
    )


_REJECTED = {
    "none": {"fa": "هیچ سطری رد نشده است.", "en": "No row was rejected."},
    "some": {
        "fa": "{n} سطر رد شده است. کارپوشهٔ آن‌ها را بگیرید، خانه‌های نادرست را درست کنید و با همان نام در data/raw بگذارید؛ در پاک‌سازی بعدی خوانده می‌شود.",
        "en": "{n} rows were rejected. Take their workbook, mend the wrong cells and put it into data/raw under the same name; the next cleaning takes it in.",
    },
}


def rows_rejected(n: int, lang: Lang) -> Html:
    """How many rows were rejected, and how to give them back."""
    return say(
        lang, _REJECTED["some" if n else "none"], n=Number("n_rows", float(n), "n", "rejected")
    )


_DOUBTED = {
    "none": {"fa": "هیچ سطری تردیدبرانگیز نیست.", "en": "No row looks doubtful."},
    "some": {
        "fa": "{n} سطر پذیرفته شده اما مشکوک است و ارزش آن‌ها روی‌هم {value} است. این سطرها در همهٔ جمع‌ها هستند؛ اگر نادرست‌اند، اصلاح هر یک سطری است با دلیل در {table}.",
        "en": "{n} rows were kept although they look doubtful, {value} in all. They are in every sum; where one is wrong, its correction is a row with a reason in {table}.",
    },
}


def rows_doubted(n: int, value_usd: float, lang: Lang) -> Html:
    """How many kept rows look wrong, and what they weigh."""
    table = Html('<bdi dir="ltr"><code>corrections.csv</code></bdi>')
    return say(
        lang, _DOUBTED["some" if n else "none"], table=table,
        n=Number("n_rows", float(n), "n", "doubted"),
        value=Number("value_usd", value_usd, "USD", "doubted"),
    )  # fmt: skip


_FAILED = {
    "fa": "پروندهٔ {file} خوانده نشد: {error}",
    "en": "The file {file} was not read: {error}",
}
_ALL_READ = {"fa": "همهٔ پرونده‌ها خوانده شدند.", "en": "Every file was read."}


def files_failed(quality: Mapping, lang: Lang) -> Html:
    """The files that could not be read, each with its reason."""
    failed = [file for file in quality["files"] if file.get("error")]
    if not failed:
        return sentence(_ALL_READ[lang])
    told = (
        fill(lang, _FAILED, file=Html(f"<bdi>{escape(f['source_file'])}</bdi>"), error=f["error"])
        for f in failed
    )
    return Html("".join(sentence(text) for text in told))


_REVISED = {
    "none": {
        "fa": "هیچ پرونده‌ای جای پروندهٔ پیش از خود را نگرفته است.",
        "en": "No file took the place of an earlier one.",
    },
    "some": {
        "fa": "{n} بازبینی هست: پرونده‌ای تازه‌تر جای پروندهٔ پیشین همان دوره را گرفته است.",
        "en": "There are {n} revisions: a later file took the place of an earlier one of its period.",
    },
}


def revisions(quality: Mapping, lang: Lang) -> Html:
    """Whether later files replaced earlier ones."""
    n = len(quality["revisions"])
    return say(
        lang, _REVISED["some" if n else "none"], n=Number("n_files", float(n), "n", "revised")
    )


_MISLABELLED = {
    "none": {
        "fa": "وزن هیچ دوره‌ای با رقم منتشرشدهٔ ماه‌هایی کمتر از آنچه ادعا می‌کند برابر نیست.",
        "en": "No period’s weight equals the published weight of fewer months than it claims.",
    },
    "some": {
        "fa": "آنچه «{label}» نامیده شده به احتمال بسیار {likely} است: وزن آن ({here}) با وزن منتشرشدهٔ همان ماه‌ها ({there}) یکی است. ماه‌های درست را در شناسنامهٔ پرونده بنویسید (months).",
        "en": "What is labelled {label} is very likely {likely}: its weight ({here}) is the published weight of those months ({there}). Write the right months into the file’s sidecar (months).",
    },
}


def mislabelled(found: pd.DataFrame, lang: Lang) -> Html:
    """Totals that hold fewer months than they say; `found` is `published.mislabelled`."""
    if found.empty:
        return sentence(_MISLABELLED["none"][lang])
    return Html("".join(_mislabelled(row, lang) for _, row in found.iterrows()))


def _mislabelled(row: pd.Series, lang: Lang) -> Html:
    here = Number("net_mass_kg", float(row["net_mass_kg"]), "kg", "nation", row["period"])
    there = replace(here, value=float(row["published_kg"]), period=row["likely_period"])
    return say(
        lang, _MISLABELLED["some"], here=here, there=there,
        label=period_name(row["period"], lang), likely=period_name(row["likely_period"], lang),
    )  # fmt: skip


def declaration_files(quality: Mapping) -> list[Mapping]:
    """The entries of `quality.json` on files of declarations, those that failed left out."""
    return [
        file for file in quality["files"] if file["layout"] != "published" and not file.get("error")
    ]

"""Sentences on what came in, what was repaired, what was refused, and what to ask the sender."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape

import pandas as pd

from helpers.narrative.words import Html, fill, period_name, say, sentence, words_of
from helpers.schema import Lang, Number

_WORDS = words_of("cleaning")

REPAIRS = _WORDS["repairs"]
"""What each flag of a kept row means."""

REJECTS = _WORDS["rejects"]
"""What each reason of rejection means, and what to ask the sender."""


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
    return say(
        lang, _WORDS["files"][case], n_files=Number("n_files", float(len(files)), "n"), **counts
    )


def control_totals(quality: Mapping, lang: Lang) -> Html:
    """Whether the rows add up to the totals that the files themselves give."""
    totals = [f["control_total"] for f in declaration_files(quality) if f.get("control_total")]
    apart = [t for t in totals if any(abs(d or 0) > 0.5 for d in t["difference"].values())]
    case = "none" if not totals else "apart" if apart else "equal"
    counts = {"n": len(totals), "apart": len(apart)}
    return say(
        lang,
        _WORDS["control"][case],
        **{k: Number("n_files", float(n), "n", k) for k, n in counts.items()},
    )


def rows_rejected(n: int, lang: Lang) -> Html:
    """How many rows were rejected, and how to give them back."""
    return say(
        lang,
        _WORDS["rejected"]["some" if n else "none"],
        n=Number("n_rows", float(n), "n", "rejected"),
    )


def rows_doubted(n: int, value_usd: float, lang: Lang) -> Html:
    """How many kept rows look wrong, and what they weigh."""
    table = Html('<bdi dir="ltr"><code>corrections.csv</code></bdi>')
    return say(
        lang, _WORDS["doubted"]["some" if n else "none"], table=table,
        n=Number("n_rows", float(n), "n", "doubted"),
        value=Number("value_usd", value_usd, "USD", "doubted"),
    )  # fmt: skip


_ALL_READ = {"fa": "همهٔ پرونده‌ها خوانده شدند.", "en": "Every file was read."}


def files_failed(quality: Mapping, lang: Lang) -> Html:
    """The files that could not be read, each with its reason."""
    failed = [file for file in quality["files"] if file.get("error")]
    if not failed:
        return sentence(_ALL_READ[lang])
    told = (
        fill(
            lang,
            _WORDS["failed"],
            file=Html(f"<bdi>{escape(f['source_file'])}</bdi>"),
            error=f["error"],
        )
        for f in failed
    )
    return Html("".join(sentence(text) for text in told))


def revisions(quality: Mapping, lang: Lang) -> Html:
    """Whether later files replaced earlier ones."""
    n = len(quality["revisions"])
    return say(
        lang,
        _WORDS["revised"]["some" if n else "none"],
        n=Number("n_files", float(n), "n", "revised"),
    )


def mislabelled(found: pd.DataFrame, lang: Lang) -> Html:
    """Totals that hold fewer months than they say; `found` is `published.mislabelled`."""
    if found.empty:
        return sentence(_WORDS["mislabelled"]["none"][lang])
    return Html("".join(_mislabelled(row, lang) for _, row in found.iterrows()))


def _mislabelled(row: pd.Series, lang: Lang) -> Html:
    here = Number("net_mass_kg", float(row["net_mass_kg"]), "kg", "nation", row["period"])
    there = replace(here, value=float(row["published_kg"]), period=row["likely_period"])
    return say(
        lang, _WORDS["mislabelled"]["some"], here=here, there=there,
        label=period_name(row["period"], lang), likely=period_name(row["likely_period"], lang),
    )  # fmt: skip


def declaration_files(quality: Mapping) -> list[Mapping]:
    """The entries of `quality.json` on files of declarations, those that failed left out."""
    return [
        file for file in quality["files"] if file["layout"] != "published" and not file.get("error")
    ]

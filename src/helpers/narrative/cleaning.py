"""Sentences on what came in, what was repaired and what was refused."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.narrative.words import Html, say
from helpers.schema import Lang, Number

_FILES = {
    "fa": "از {n_files} پرونده {read} سطر خوانده شد: {kept} پذیرفته، {rejected} ردشده و {structural} ساختاری (عنوان، جمع، سطر خالی). هیچ سطری گم نشده است.",
    "en": "From {n_files} files {read} rows were read: {kept} kept, {rejected} rejected and {structural} structural (titles, totals, blanks). No row is lost.",
}
_FILES_LOST = {
    "fa": "از {n_files} پرونده {read} سطر خوانده شد: {kept} پذیرفته، {rejected} ردشده و {structural} ساختاری. این اعداد با هم نمی‌خوانند: سطرهایی گم شده‌اند و نباید به نتیجه‌ها تکیه کرد.",
    "en": "From {n_files} files {read} rows were read: {kept} kept, {rejected} rejected and {structural} structural. These do not add up: rows are lost, and the results cannot be relied on.",
}


def files_read(n_files: int, rows: Mapping[str, int], lang: Lang) -> Html:
    """Whether every row that was read is accounted for: read = kept + rejected + structural."""
    adds_up = rows["read"] == rows["kept"] + rows["rejected"] + rows["structural"]
    counts = {kind: Number("n_rows", float(n), "n", kind) for kind, n in rows.items()}
    files = Number("n_files", float(n_files), "n")
    return say(lang, _FILES if adds_up else _FILES_LOST, n_files=files, **counts)

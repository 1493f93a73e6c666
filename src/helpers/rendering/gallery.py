"""The page that leads to all reports: by period, province and notebook, failures listed.

Two pages, one a language, that a reader filters without a script: every choice is a radio button,
and a style rule hides the reports that do not match. The 31 provinces lie as tiles roughly where
they lie on the map, because that is how readers look for theirs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from helpers import narrative
from helpers.classification import province_name
from helpers.periods import MONTHS_FA
from helpers.rendering import page, style
from helpers.rendering.report import WORK, read_record, replace_whole
from helpers.schema import LANGS, PROVINCES, Lang, UnknownCode, UnreadableFile
from helpers.text import to_persian_digits

INDEX = {"fa": "index.html", "en": "index.en.html"}
LINKS = ("html", "pdf", "ipynb", "xlsx", "csv")
_FACETS = ("period", "province", "notebook")


@dataclass(frozen=True)
class Card:
    """One report in the languages it exists in.

    Attributes:
        key: its period, province and notebook, as the records write them.
        links: language -> pairs of file ending and address.
        notice: `synthetic`, `unknown`, or empty.
        is_outdated: it failed when it was last rendered; what stands is from before.
        is_stale: what it was made from has changed since.
        thumbnail: a small picture as a data URL, or empty.
    """

    key: tuple[str, str, str]
    title: str
    made: str
    notice: str
    is_outdated: bool
    is_stale: bool
    thumbnail: str
    links: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def write_index(outputs: Path) -> Path:
    """Writes `index.html` (Persian) and `index.en.html` beside the manifest.

    Args:
        outputs: the folder of the reports; its `manifest.json` says what there is.

    Returns:
        The path of the Persian page.

    Raises:
        UnreadableFile: there is no manifest, or it is not one.
    """
    manifest = read_manifest(outputs)
    manifest["reports"] = [_with_thumbnail(record, outputs) for record in manifest["reports"]]
    (outputs / WORK).mkdir(exist_ok=True)
    for lang in LANGS:
        replace_whole(outputs / INDEX[lang], index_page(manifest, lang), outputs / WORK)
    return outputs / INDEX["fa"]


def index_page(manifest: dict[str, Any], lang: Lang) -> str:
    """The index as one page of HTML.

    Args:
        manifest: `reports` (records with `folder`, and `thumbnail` where there is one), `failed`,
            `created`.
        lang: `fa` or `en`.
    """
    failed = [tuple(failure["report"].split("/")) for failure in manifest["failed"]]
    cards = _cards(manifest["reports"], lang, {_key_of_failure(*parts) for parts in failed})
    other = next(code for code in LANGS if code != lang)
    written = _template().render(
        lang=lang,
        direction=page.DIRECTION[lang],
        other_lang=other,
        sibling=INDEX[other],
        csp=page.CSP,
        css=style.stylesheet(),
        words=style.page_words(lang),
        names={code: style.page_words(code)["language_name"] for code in LANGS},
        facets=[(name, _choices(cards, name, lang)) for name in _FACETS],
        tiles=_tiles(),
        failures=Counter(province for _, province, _ in failed),
        province_name=lambda slug: province_name(slug, lang),
        shown=lambda facet, value: _shown(facet, value, lang),
        digits=lambda number: narrative.plain(number, lang),
        cards=cards,
        failed=manifest["failed"],
        made=_moment(manifest["created"], lang),
        quote=quote,
    )
    return written.replace("/*fonts*/", style.font_faces(written))


def read_manifest(outputs: Path) -> dict[str, Any]:
    """What stands in the outputs: `created`, `reports` and `failed`.

    Raises:
        UnreadableFile: there is no manifest, or it is not one.
    """
    path = outputs / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return {name: manifest[name] for name in ("created", "reports", "failed")}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UnreadableFile(
            f"expected the manifest of rendered reports at {path} ({type(problem).__name__}); "
            "render a report first: workbench render"
        ) from None


def _with_thumbnail(record: dict[str, Any], outputs: Path) -> dict[str, Any]:
    name = record["files"]["html"].removesuffix(".html")
    own = read_record(outputs / record["folder"], name) or {}
    return record | {"thumbnail": own.get("thumbnail", "")}


def _key_of_failure(period: str, province: str, name: str) -> tuple[str, str, str]:
    """As the records write it: files are named `-` for what a notebook does not declare."""
    stem = name.rpartition(".")[0] if name.endswith(LANGS) else name
    return (period.strip("-"), province.strip("-"), stem)


def _cards(
    records: Iterable[dict[str, Any]], lang: Lang, failed: set[tuple[str, ...]]
) -> list[Card]:
    """One card a report, with its title in `lang` where it exists in it."""
    together: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for record in records:
        key = tuple(str(record.get(facet) or "") for facet in _FACETS)
        together.setdefault(key, []).append(record)
    newest_first = sorted(together, key=lambda key: key[1:])
    newest_first.sort(key=lambda key: key[0], reverse=True)
    return [_card(key, together[key], lang, key in failed) for key in newest_first]


def _card(
    key: tuple[str, str, str], records: list[dict[str, Any]], lang: Lang, is_outdated: bool
) -> Card:
    records = sorted(records, key=lambda record: record.get("lang") != lang)
    synthetic = [record.get("is_synthetic") for record in records]
    real = all(answer is False for answer in synthetic)
    return Card(
        key=key,
        title=next((r["title"] for r in records if r.get("title")), key[2].replace("_", " ")),
        made=_moment(max(str(r.get("created", "")) for r in records), lang),
        notice="synthetic" if any(synthetic) else "" if real else "unknown",
        is_outdated=is_outdated,
        is_stale=any(record.get("stale") for record in records),
        thumbnail=next((r["thumbnail"] for r in records if r.get("thumbnail")), ""),
        links={str(record.get("lang") or ""): _links(record) for record in records},
    )


def _links(record: dict[str, Any]) -> list[tuple[str, str]]:
    files = record.get("files", {})
    return [(end, quote(f"{record['folder']}/{files[end]}")) for end in LINKS if end in files]


def _choices(cards: list[Card], facet: str, lang: Lang) -> list[tuple[str, str, int]]:
    """The values of a facet as (value, what is shown, reports), sorted."""
    values = [card.key[_FACETS.index(facet)] for card in cards]
    counted = {value: values.count(value) for value in sorted(values) if value}
    # The newest card's title, of those in this language where there is one.
    titles = {card.key[-1]: card.title for card in reversed(cards)}
    titles |= {card.key[-1]: card.title for card in reversed(cards) if lang in card.links}
    show = titles.get if facet == "notebook" else lambda value: _shown(facet, value, lang)
    return [(value, show(value), n) for value, n in counted.items()]


def _shown(facet: str, value: str, lang: Lang) -> str:
    if facet == "province" and value in PROVINCES:
        return province_name(value, lang)
    try:
        return narrative.period_name(value, lang) if facet == "period" else value
    except UnknownCode:  # the notebook of somebody else
        return value


def _moment(iso: str, lang: Lang) -> str:
    """A moment in the calendar of the language: `۱ آذر ۱۴۰۵، ۲۳:۲۰ UTC`."""
    from persiantools.jdatetime import JalaliDate

    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return ""
    if lang == "en":
        return f"{moment:%Y-%m-%d %H:%M} UTC"
    day = JalaliDate.to_jalali(moment.date())
    date = f"{day.day} {MONTHS_FA[day.month - 1]} {day.year}"
    return to_persian_digits(f"{date}، {moment:%H:%M}") + " UTC"


@cache
def _tiles() -> list[list[str]]:
    return json.loads((style.TEMPLATES / "tiles.json").read_text(encoding="utf-8"))


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(style.TEMPLATES)
    return jinja2.Environment(loader=loader, autoescape=True).get_template("gallery.html.j2")

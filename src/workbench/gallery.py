"""The page that leads to all reports: by the project's axes and notebook, failures listed.

Two pages, one a language, that a reader filters without a script: every choice is a radio button,
and a style rule hides the reports that do not match. The values of the last axis lie as tiles
roughly where they lie on the map, because that is how readers look for theirs; each says a number
of its own, where a report of the newest period has it.
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

from helpers.places import is_demo
from helpers.schema import LANGS, Lang, UnreadableFile
from workbench import page, style
from workbench.project import project
from workbench.report import WORK, read_record, replace_whole

INDEX = {"fa": "index.html", "en": "index.en.html"}
LINKS = ("html", "pdf", "ipynb", "xlsx", "csv")


@dataclass(frozen=True)
class Card:
    """One report in the languages it exists in.

    Attributes:
        key: its values of the axes and its notebook, as the records write them.
        links: language -> pairs of file ending and address.
        notice: `synthetic`, `unknown`, or empty.
        is_outdated: it failed when it was last rendered; what stands is from before.
        is_stale: what it was made from has changed since.
    """

    key: tuple[str, ...]
    title: str
    made: str
    notice: str
    is_outdated: bool
    is_stale: bool
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
    manifest["reports"] = [with_own(record, outputs) for record in manifest["reports"]]
    (outputs / WORK).mkdir(exist_ok=True)
    for lang in LANGS:
        replace_whole(outputs / INDEX[lang], index_page(manifest, lang), outputs / WORK)
    return outputs / INDEX["fa"]


def index_page(manifest: dict[str, Any], lang: Lang) -> str:
    """The index as one page of HTML.

    Args:
        manifest: `reports` (records with `folder`, and `worth` where there is one), `failed`,
            `created`.
        lang: `fa` or `en`.
    """
    failed = [_key_of_failure(failure["report"]) for failure in manifest["failed"]]
    cards = _cards(manifest["reports"], lang, set(failed))
    *_, place = project().AXES
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
        facets=[(name, _choices(cards, name, lang)) for name in _facets()],
        tiles=project().tiles(),
        worths=_worths(manifest["reports"], lang),
        failures=Counter(key[-2] for key in failed),
        place_name=lambda value: place.name_in(value, lang),
        where=lambda key: [_name(name, value, lang) for name, value in _pairs(key) if value],
        digits=lambda value, decimals=0: page.number(value, lang, decimals),
        percent=lambda share: page.number(100 * share, lang, 1, "%") if share is not None else "–",
        cards=cards,
        failed=manifest["failed"],
        made=_moment(manifest["created"], lang),
        quote=quote,
    )
    return written.replace("/*fonts*/", style.font_faces(written))


def read_manifest(outputs: Path) -> dict[str, Any]:
    """What stands in the outputs: `created`, `reports` and `failed`.

    Reports on synthetic data count in a demo's folder only: what an older version rendered among
    the real ones is left out.

    Raises:
        UnreadableFile: there is no manifest, or it is not one.
    """
    path = outputs / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        reports = [r for r in manifest["reports"] if is_demo(path) or not r.get("is_synthetic")]
        return {"created": manifest["created"], "reports": reports, "failed": manifest["failed"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise UnreadableFile(
            f"expected the manifest of rendered reports at {path} ({type(problem).__name__}); "
            "render a report first: workbench render"
        ) from None


def with_own(record: dict[str, Any], outputs: Path) -> dict[str, Any]:
    """The record with what only the record beside the report says."""
    name = record["files"]["html"].removesuffix(".html")
    own = read_record(outputs / record["folder"], name) or {}
    return record | {"worth": project().on_the_map(own)}


def _worths(records: Iterable[dict[str, Any]], lang: Lang) -> dict[str, Any]:
    """What each place's tile says, all of one time: the newest of which a report says it."""
    time, *_, place = project().AXES
    telling = [record for record in records if record.get("worth")]
    newest = max((record[time.name] for record in telling), key=time.order, default="")
    newest_of_each = [record for record in telling if record[time.name] == newest]
    return {
        "time_name": time.name_in(newest, lang),
        "notice": _notice(newest_of_each),
        "of": {record[place.name]: record["worth"] for record in newest_of_each},
    }


def _facets() -> list[str]:
    return [*(axis.name for axis in project().AXES), "notebook"]


def _pairs(key: tuple[str, ...]) -> list[tuple[str, str]]:
    """Axis and value, the place before the time."""
    return list(zip(_facets(), key, strict=True))[-2::-1]


def _key_of_failure(report: str) -> tuple[str, ...]:
    """As the records write it: files are named `-` for what a notebook does not declare."""
    *folders, name = report.split("/")
    stem, _, ending = name.rpartition(".")
    return (*(folder.strip("-") for folder in folders), stem if ending in LANGS else name)


def _cards(
    records: Iterable[dict[str, Any]], lang: Lang, failed: set[tuple[str, ...]]
) -> list[Card]:
    """One card a report, with its title in `lang` where it exists in it."""
    together: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for record in records:
        key = tuple(str(record.get(facet) or "") for facet in _facets())
        together.setdefault(key, []).append(record)
    newest_first = sorted(together, key=lambda key: key[1:])
    newest_first.sort(key=lambda key: project().AXES[0].order(key[0]), reverse=True)
    return [_card(key, together[key], lang, key in failed) for key in newest_first]


def _card(
    key: tuple[str, ...], records: list[dict[str, Any]], lang: Lang, is_outdated: bool
) -> Card:
    records = sorted(records, key=lambda record: record.get("lang") != lang)
    return Card(
        key=key,
        title=next((r["title"] for r in records if r.get("title")), key[2].replace("_", " ")),
        made=_moment(max(str(r.get("created", "")) for r in records), lang),
        notice=_notice(records),
        is_outdated=is_outdated,
        is_stale=any(record.get("stale") for record in records),
        links={str(record.get("lang") or ""): _links(record) for record in records},
    )


def _notice(records: list[dict[str, Any]]) -> str:
    """As `Card.notice`, of reports that are shown together."""
    notices = {record.get("notice", "unknown") for record in records}
    return next((notice for notice in ("synthetic", "unknown") if notice in notices), "")


def _links(record: dict[str, Any]) -> list[tuple[str, str]]:
    files = record.get("files", {})
    return [(end, quote(f"{record['folder']}/{files[end]}")) for end in LINKS if end in files]


def _choices(cards: list[Card], facet: str, lang: Lang) -> list[tuple[str, str, int]]:
    """The values of a facet as (value, what is shown, reports), sorted."""
    values = [card.key[_facets().index(facet)] for card in cards]
    counted = {value: values.count(value) for value in sorted(values) if value}
    # The newest card's title, of those in this language where there is one.
    titles = {card.key[-1]: card.title for card in reversed(cards)}
    titles |= {card.key[-1]: card.title for card in reversed(cards) if lang in card.links}
    show = titles.get if facet == "notebook" else lambda value: _name(facet, value, lang)
    return [(value, show(value), n) for value, n in counted.items()]


def _name(axis: str, value: str, lang: Lang) -> str:
    named = {axis.name: axis.name_in for axis in project().AXES}
    return named[axis](value, lang) or value


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
    date = f"{day.day} {day.strftime('%B %Y', locale='fa')}"
    return page.digits(f"{date}، {moment:%H:%M}", lang) + " UTC"


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(style.TEMPLATES)
    return jinja2.Environment(loader=loader, autoescape=True).get_template("gallery.html.j2")

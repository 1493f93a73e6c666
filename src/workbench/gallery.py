"""The page that leads to all reports: by period, province and notebook, failures listed.

Two pages, one a language, that a reader filters without a script: every choice is a radio button,
and a style rule hides the reports that do not match. The 31 provinces lie as tiles roughly where
they lie on the map, because that is how readers look for theirs; each says what a tonne of its
exports was worth against the other provinces, where a report of the newest period says so.
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
from helpers.periods import MONTHS_FA, parse_period
from helpers.places import is_demo
from helpers.schema import LANGS, PROVINCES, Lang, UnknownCode, UnreadableFile
from helpers.text import to_persian_digits
from workbench import page, style
from workbench.report import WORK, read_record, replace_whole

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
    manifest["reports"] = [with_own(record, outputs) for record in manifest["reports"]]
    (outputs / WORK).mkdir(exist_ok=True)
    for lang in LANGS:
        replace_whole(outputs / INDEX[lang], index_page(manifest, lang), outputs / WORK)
    return outputs / INDEX["fa"]


def index_page(manifest: dict[str, Any], lang: Lang) -> str:
    """The index as one page of HTML.

    Args:
        manifest: `reports` (records with `folder`, and `thumbnail` and `worth` where there is
            one), `failed`, `created`.
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
        worths=_worths(manifest["reports"]),
        failures=Counter(province for _, province, _ in failed),
        province_name=lambda slug: province_name(slug, lang),
        shown=lambda facet, value: _shown(facet, value, lang),
        digits=lambda number, decimals=0: narrative.plain(number, lang, decimals),
        percent=lambda share: narrative.amount(share, "1", lang),
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
    return record | {"thumbnail": own.get("thumbnail", ""), "worth": _worth(own)}


def _worth(record: dict[str, Any]) -> dict[str, float | None]:
    """Value per tonne as a multiple of the other provinces', and the share of the nation.

    Empty where the report does not say both sides of the multiple for its own period.
    """
    province, measure = record.get("province"), "unit_value_usd_per_tonne"
    try:
        said = {
            (number["name"], number["scope"]): number["value"]
            for number in reversed(record.get("numbers") or [])
            if number["period"] == record.get("period")
        }
        own, others = said.get((measure, province)), said.get((measure, "rest_of_nation"))
        return {"ratio": own / others, "share": said.get(("national_share", province))}
    except (KeyError, TypeError, ZeroDivisionError):  # It does not say both, or is damaged.
        return {}


def _worths(records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """`_worth` of each province, all of one period: the newest of which a report says it."""
    telling = [record for record in records if record.get("worth")]
    period = max((record["period"] for record in telling), key=_recency, default="")
    told = [record for record in telling if record["period"] == period]
    return {
        "period": period,
        "notice": _notice(told),
        "of": {record["province"]: record["worth"] for record in told},
    }


def _recency(period: str) -> tuple[int, int, int]:
    """By the last month, of equal ones the longer period; what is no period of ours comes first."""
    try:
        found = parse_period(period)
    except UnknownCode:
        return (0, 0, 0)
    return (found.year, found.month_last, found.n_months)


def _key_of_failure(period: str, province: str, name: str) -> tuple[str, str, str]:
    """As the records write it: files are named `-` for what a notebook does not declare."""
    stem, _, ending = name.rpartition(".")
    stem = stem if ending in LANGS else name
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
    newest_first.sort(key=lambda key: _recency(key[0]), reverse=True)
    return [_card(key, together[key], lang, key in failed) for key in newest_first]


def _card(
    key: tuple[str, str, str], records: list[dict[str, Any]], lang: Lang, is_outdated: bool
) -> Card:
    records = sorted(records, key=lambda record: record.get("lang") != lang)
    return Card(
        key=key,
        title=next((r["title"] for r in records if r.get("title")), key[2].replace("_", " ")),
        made=_moment(max(str(r.get("created", "")) for r in records), lang),
        notice=_notice(records),
        is_outdated=is_outdated,
        is_stale=any(record.get("stale") for record in records),
        thumbnail=next((r["thumbnail"] for r in records if r.get("thumbnail")), ""),
        links={str(record.get("lang") or ""): _links(record) for record in records},
    )


def _notice(records: list[dict[str, Any]]) -> str:
    """As `Card.notice`, of reports that are shown together."""
    answers = [record.get("is_synthetic") for record in records]
    real = all(answer is False for answer in answers)
    return "synthetic" if any(answers) else "" if real else "unknown"


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

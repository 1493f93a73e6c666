"""The page that leads to all reports: by the project's axes and notebook, failures listed.

Two pages, one a language, that a reader filters without a script: every choice is a radio button,
and a style rule hides the reports that do not match. The values of the last axis lie as tiles
roughly where they lie on the map, because that is how readers look for theirs; each says a number
of its own, where a report of the newest period has it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from helpers.places import write_whole
from helpers.schema import LANGS, Lang
from workbench import page, style
from workbench.project import project
from workbench.record import Change, Listed, Manifest, read_manifest

INDEX = {"fa": "index.html", "en": "index.en.html"}
LINKS = ("html", "pdf", "xlsx")
FOR_ANALYSTS = ("ipynb", "json")
MAP_FROM = 5
"""Places from which a map says more than a list."""


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
    for lang in LANGS:
        page_bytes = index_page(manifest, lang).encode()
        write_whole(outputs / INDEX[lang], lambda path, made=page_bytes: path.write_bytes(made))
    return outputs / INDEX["fa"]


def index_page(manifest: Manifest, lang: Lang) -> str:
    """The index as one page of HTML.

    Args:
        manifest: of the outputs.
        lang: `fa` or `en`.
    """
    failed = [_key_of_failure(failure.report) for failure in manifest.failed]
    cards = _cards(manifest.reports, lang, set(failed))
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
        worths=_worths(manifest.reports, lang),
        failures=Counter(key[-2] for key in failed),
        place_name=lambda value: place.name_in(value, lang),
        where=lambda key: [_name(name, value, lang) for name, value in _pairs(key) if value],
        digits=lambda value, decimals=0: style.written(value, lang, decimals),
        percent=lambda share: (
            style.written(100 * share, lang, 1, "%") if share is not None else "–"
        ),
        cards=cards,
        map_from=MAP_FROM,
        failed=manifest.failed,
        made=_moment(manifest.created, lang),
        quote=quote,
    )
    return written.replace("/*fonts*/", style.font_faces(written))


def _worths(reports: Iterable[Listed], lang: Lang) -> dict[str, Any]:
    """What each place's tile says, all of one time: the newest of which a report says it."""
    time, *_, place = project().AXES
    mapped = [report for report in reports if report.on_the_map]
    newest = max((report.axes[time.name] for report in mapped), key=time.order, default="")
    newest_of_each = [report for report in mapped if report.axes[time.name] == newest]
    return {
        "time_name": time.name_in(newest, lang),
        "notice": _notice(newest_of_each),
        "of": {report.axes[place.name]: report.on_the_map for report in newest_of_each},
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
    reports: Iterable[Listed], lang: Lang, failed: set[tuple[str, ...]]
) -> list[dict[str, Any]]:
    """One card a report, in the languages it exists in; its words in `lang` where it has them."""
    together: dict[tuple[str, ...], list[Listed]] = {}
    for report in reports:
        values = {**report.axes, "notebook": report.notebook}
        key = tuple(str(values.get(facet) or "") for facet in _facets())
        together.setdefault(key, []).append(report)
    newest_first = sorted(together, key=lambda key: (key[-1] != project().FIRST, key[1:]))
    newest_first.sort(key=lambda key: project().AXES[0].order(key[0]), reverse=True)
    return [
        _card(key, sorted(together[key], key=lambda report: report.lang != lang), lang)
        | {"is_first": key[-1] == project().FIRST, "is_outdated": key in failed}
        for key in newest_first
    ]


def _card(key: tuple[str, ...], reports: list[Listed], lang: Lang) -> dict[str, Any]:
    return {
        "key": key,
        "title": next((r.title for r in reports if r.title), key[-1].replace("_", " ")),
        "made": _moment(max(report.created for report in reports), lang),
        "notice": _notice(reports),
        "is_stale": any(report.stale for report in reports),
        "links": {report.lang or "": _links(report, LINKS) for report in reports},
        "for_analysts": [link for report in reports for link in _links(report, FOR_ANALYSTS)],
        "changed": _changed(reports[0], lang) if reports[0].lang == lang else [],
    }


def _changed(report: Listed, lang: Lang) -> list[tuple[str, list[Change]]]:
    """What a report prints otherwise than when it was last made, and than the one before it."""
    words, time = style.page_words(lang), project().AXES[0]
    since = words["since"].format(time.name_in(report.earlier, lang)) if report.earlier else ""
    both = ((words["revised"], report.revised), (since, report.since))
    return [(of, changes) for of, changes in both if changes]


def _notice(reports: list[Listed]) -> str:
    """Of reports that are shown together: `synthetic`, `unknown`, or empty."""
    notices = {report.notice for report in reports}
    return next((notice for notice in ("synthetic", "unknown") if notice in notices), "")


def _links(report: Listed, endings: Sequence[str]) -> list[tuple[str, str]]:
    files = report.files
    return [(end, quote(f"{report.folder}/{files[end]}")) for end in endings if end in files]


def _choices(cards: list[dict[str, Any]], facet: str, lang: Lang) -> list[tuple[str, str, int]]:
    """The values of a facet as (value, what is shown, reports), sorted."""
    counted = Counter(card["key"][_facets().index(facet)] for card in cards)
    # The newest card's title, of those in this language where there is one.
    by_use = sorted(cards, key=lambda card: lang not in card["links"])
    titles = {card["key"][-1]: card["title"] for card in by_use[::-1]}
    show = titles.get if facet == "notebook" else lambda value: _name(facet, value, lang)
    return [(value, show(value), counted[value]) for value in sorted(counted) if value]


def _name(axis: str, value: str, lang: Lang) -> str:
    named = {axis.name: axis.name_in for axis in project().AXES}
    return named[axis](value, lang) or value


def _moment(iso: str, lang: Lang) -> str:
    """A moment where the readers are: `۲ آذر ۱۴۰۵، ۰۲:۵۰ به وقت تهران`."""
    try:
        moment = datetime.fromisoformat(iso).astimezone(style.READERS)
    except ValueError:
        return ""
    comma = "، " if lang == "fa" else " "
    time = style.digits(f"{moment:%H:%M}", lang)
    zone = style.page_words(lang)["zone"]
    return f"{style.day_name(moment.isoformat(), lang)}{comma}{time} {zone}"


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(style.TEMPLATES)
    return jinja2.Environment(loader=loader, autoescape=True).get_template("gallery.html.j2")

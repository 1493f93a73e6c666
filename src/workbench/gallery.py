"""The page that leads to all reports: by the project's axes and notebook, failures listed.

Two pages, one a language, that a reader filters without a script: every choice is a radio button,
and a style rule hides the reports that do not match. The values of the last axis lie as tiles
roughly where they lie on the map, because that is how readers look for theirs; each says a number
of its own, where a report of the newest period has it.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import jinja2

from helpers.places import write_whole
from helpers.schema import LANGS, Lang
from workbench import page, style
from workbench.project import project
from workbench.record import INDEX, Listed, Manifest, read_manifest

_TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(style.TEMPLATES), autoescape=True)
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
        write_whole(outputs / INDEX[lang], index_page(manifest, lang).encode())
    return outputs / INDEX["fa"]


def index_page(manifest: Manifest, lang: Lang) -> str:
    """The index as one page of HTML.

    Args:
        manifest: of the outputs.
        lang: `fa` or `en`.
    """
    failed = [_key_of_failure(failure.report) for failure in manifest.failed]
    cards = _cards(manifest.reports, lang)
    names = _names(cards, lang)
    facets = []
    for at, (facet, name_of) in enumerate(names.items()):
        counts = Counter(card["key"][at] for card in cards)
        facets.append((facet, [(v, name_of(v), counts[v]) for v in sorted(counts) if v]))
    written = _TEMPLATES.get_template("gallery.html.j2").render(
        lang=lang, other=page.OTHER[lang], addresses=INDEX, manifest=manifest, cards=cards,
        page=page, style=style, project=project(), words=style.page_words(lang),
        names=names, facets=facets,
        # The place before the time.
        where=lambda key: [
            call(value) for call, value in [*zip(names.values(), key, strict=True)][-2::-1] if value
        ],
        worths=_worths(manifest.reports), map_from=MAP_FROM,
        failed=failed, failures=Counter(key[-2] for key in failed),
        digits=partial(style.written, lang=lang), day=partial(style.day_name, lang=lang),
    )  # fmt: skip
    return written.replace("/*fonts*/", style.font_faces(written))


def _worths(reports: Iterable[Listed]) -> dict[str, Any]:
    """What each place's tile says, all of one time: the newest of which a report says it."""
    time, *_, place = project().AXES
    mapped = [report for report in reports if report.on_the_map]
    newest = max((report.axes[time.name] for report in mapped), key=time.order, default="")
    newest_of_each = [report for report in mapped if report.axes[time.name] == newest]
    return {
        "time": newest,
        "reports": newest_of_each,
        "of": {report.axes[place.name]: report.on_the_map for report in newest_of_each},
    }


def _key_of_failure(report: str) -> tuple[str, ...]:
    """As the records write it: files are named `-` for what a notebook does not declare."""
    *folders, name = report.split("/")
    stem, _, ending = name.rpartition(".")
    return (*(folder.strip("-") for folder in folders), stem if ending in LANGS else name)


def _cards(reports: Iterable[Listed], lang: Lang) -> list[dict[str, Any]]:
    """One card a report, in the languages it exists in; its words in `lang` where it has them.

    Its `key` are its values of the axes and its notebook.
    """
    together: dict[tuple[str, ...], list[Listed]] = {}
    for report in sorted(reports, key=lambda report: report.lang != lang):
        values = (*(report.axes.get(axis.name) for axis in project().AXES), report.notebook)
        together.setdefault(tuple(str(value or "") for value in values), []).append(report)
    newest_first = sorted(together, key=lambda key: (key[-1] != project().FIRST, key[1:]))
    newest_first.sort(key=lambda key: project().AXES[0].order(key[0]), reverse=True)
    return [
        {
            "key": key,
            "title": next((r.title for r in together[key] if r.title), key[-1].replace("_", " ")),
            "reports": together[key],
        }
        for key in newest_first
    ]


def _names(cards: list[dict[str, Any]], lang: Lang) -> dict[str, Callable[[str], str]]:
    """What the values of each axis, and notebooks, are called on the page."""
    # The newest card's title, of those in this language where there is one.
    by_use = sorted(cards, key=lambda card: card["reports"][0].lang != lang)
    titles = {card["key"][-1]: card["title"] for card in by_use[::-1]}
    named = {
        axis.name: lambda value, axis=axis: axis.name_in(value, lang) or value
        for axis in project().AXES
    }
    return named | {"notebook": lambda stem: titles[stem]}

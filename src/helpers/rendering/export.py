"""An executed notebook becomes one page, and the page a PDF: nbconvert exporters and their parts.

The template decides what is shown, `clean` what may be in it, `compose` how the parts become one
page. Text from data is taken to be hostile: whatever is not on the lists of `clean` goes, and the
Content-Security-Policy of the page forbids scripts and requests even if something slipped through.
"""

from __future__ import annotations

import ast
import base64
import io
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from lxml import html as lxml_html
from lxml.html import HtmlElement
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets import List, Unicode, default
from traitlets.config import Config

from helpers import narrative
from helpers.classification import province_name
from helpers.provenance import MIME as PROVENANCE_MIME
from helpers.schema import LANGS, PROVINCES, HelpersError, Lang, UnknownCode

TEMPLATES = Path(__file__).parent / "template"
CSP = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
FONT_FAMILY = "IBM Plex Sans Arabic"
WEIGHTS = (400, 600)

WIDE_TABLE = 7
"""Columns from which a table is set smaller on paper, so that none is cut."""

DIRECTION = {"fa": "rtl", "en": "ltr"}
COUNTER_STYLE = {"fa": "persian-digits", "en": "decimal"}

_SYNTHETIC = re.compile(r"\bsynthetic\b|ساختگی|wb-synthetic", re.IGNORECASE)


class PdfEngineMissing(HelpersError):
    """Neither WeasyPrint nor a Chromium can run here; the message says what to install."""


class WorkbenchHTMLExporter(HTMLExporter):
    """One self-contained page in the language of the notebook's parameters.

    Config: `languages` are the languages the report exists in; the page links to the sibling
    `NAME.<other>.html` only if both are listed. `report` is the file name without language.
    """

    export_from_notebook = "Workbench page"
    languages = List(Unicode(), list(LANGS), help="languages the report exists in").tag(config=True)
    report = Unicode("", help="name of the report's files, without language").tag(config=True)
    exclude_anchor_links = True

    @default("template_name")
    def _template_name_default(self) -> str:
        return "workbench"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(TEMPLATES)]

    @property
    def default_config(self) -> Config:
        ours = Config(
            {
                # Some exporters other than HTML skip the tags unless this is said.
                "TagRemovePreprocessor": {
                    "enabled": True,
                    "remove_cell_tags": {"parameters", "injected-parameters", "remove_cell"},
                    "remove_all_outputs_tags": {"remove_output"},
                },
                "HighlightMagicsPreprocessor": {"enabled": False},
                "NbConvertBase": {
                    "display_data_priority": [
                        "text/html",
                        "text/markdown",
                        "image/svg+xml",
                        "image/png",
                        "image/jpeg",
                        "text/plain",
                    ]
                },
            }
        )
        config = super().default_config.copy()
        config.merge(ours)
        return config

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """nbconvert's filters and those of our template."""
        yield from super().default_filters()
        yield from (("clean", clean), ("compose", compose), ("picture", picture))
        yield "css_string", css_string

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page, and nbconvert's resources."""
        lang = page_language(nb)
        resources = resources or {}
        about = self._about(nb, lang, resources.get("metadata", {}).get("name", ""))
        shown = nb | {"cells": [cell for cell in nb.cells if _in_language(cell, lang)]}
        page, resources = super().from_notebook_node(
            NotebookNode(shown), {**resources, "about": about}, **kw
        )
        return page.replace("/*fonts*/", font_faces(page)), resources

    def _about(self, nb: NotebookNode, lang: Lang, name: str) -> dict[str, Any]:
        """What the template needs to know beside the cells."""
        parameters = effective_parameters(nb)
        stem = self.report or re.sub(r"\.(fa|en)$", "", name) or "notebook"
        other = next(code for code in LANGS if code != lang)
        words = page_words(lang)
        notice = data_notice(nb)
        place, period = _place(parameters, lang), _period(parameters, lang)
        return {
            "lang": lang,
            "direction": DIRECTION[lang],
            "digits": COUNTER_STYLE[lang],
            "other_lang": other,
            "other_direction": DIRECTION[other],
            "sibling": f"{stem}.{other}.html" if other in self.languages else "",
            "words": words,
            "csp": CSP,
            "css": stylesheet(),
            "notice": notice,
            "notice_short": words[f"{notice}_short"] if notice else "",
            "place": place,
            "place_and_period": " · ".join(part for part in (place, period) if part),
            "fallback_title": nb.metadata.get("title", "") or stem.replace("_", " "),
            "provenance_mime": PROVENANCE_MIME,
        }


class WorkbenchPDFExporter(WorkbenchHTMLExporter):
    """The same page as a PDF."""

    export_from_notebook = "Workbench PDF"
    engine = Unicode("", help="weasyprint or chromium; empty: the first there").tag(config=True)

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    @default("template_extension")
    def _template_extension_default(self) -> str:
        return ".html.j2"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """The PDF's bytes, and nbconvert's resources."""
        page, resources = super().from_notebook_node(nb, resources, **kw)
        resources["output_extension"] = ".pdf"
        return html_to_pdf(page, self.engine or None), resources


def export_html(
    notebook: Path | str | NotebookNode,
    lang: Lang | None = None,
    *,
    report: str = "",
    languages: Sequence[str] = LANGS,
) -> str:
    """The page of an executed notebook.

    Args:
        notebook: the executed notebook, or its path.
        lang: overrides the language of its parameters.
        report: file name without language and ending, for the link to the other language;
            by default the notebook's own.
        languages: those the report exists in; no link to one that is not listed.
    """
    if isinstance(notebook, NotebookNode):
        nb, name = notebook, ""
    else:
        nb, name = nbformat.read(notebook, as_version=4), Path(notebook).stem
    if lang:
        nb = NotebookNode(nb | {"metadata": _with_language(nb.metadata, lang)})
    exporter = WorkbenchHTMLExporter(report=report, languages=list(languages))
    page, _ = exporter.from_notebook_node(nb, {"metadata": {"name": name}})
    return page


def read_numbers(page: str) -> list[dict[str, Any]]:
    """The named numbers that a page prints, unrounded, in the order of reading.

    Returns:
        One dict a number: `name`, `value` (float, or None where it is not known), `unit`, `scope`,
        `period`, `source` (the words shown with it) and `shown`. A number that the page repeats
        is listed each time.
    """
    return _numbers(lxml_html.document_fromstring(page))


# What the notebook says about itself


def effective_parameters(nb: NotebookNode) -> dict[str, Any]:
    """The defaults of the `parameters` cell, overlaid with what papermill was given."""
    declared: dict[str, Any] = {}
    for cell in nb.cells:
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", []):
            declared |= _literals(cell.source)
    return declared | dict(nb.metadata.get("papermill", {}).get("parameters", {}))


def page_language(nb: NotebookNode) -> Lang:
    """`lang` of the parameters; Persian where the notebook does not say.

    Raises:
        UnknownCode: the parameter is neither `fa` nor `en`.
    """
    lang = effective_parameters(nb).get("lang", "fa")
    if lang not in LANGS:
        raise UnknownCode(f"{lang!r} is not a language of a page; it is one of: {', '.join(LANGS)}")
    return lang


def provenance_record(nb: NotebookNode) -> dict[str, Any] | None:
    """What the notebook's provenance cell displayed; None if it has none."""
    records = _provenance_records(nb)
    return records[-1] if records else None


def data_notice(nb: NotebookNode) -> str:
    """The banner the page cannot be without: `synthetic`, `unknown`, or empty for real data.

    Only a record that says `is_synthetic: false` clears a page. A notebook without one is not
    known to be real, and one whose outputs speak of synthetic data is taken at its word.
    """
    answers = [record.get("is_synthetic") for record in _provenance_records(nb)]
    if any(answers):
        return "synthetic"
    if answers and all(answer is False for answer in answers):
        return ""
    spoken = (str(text) for data in _displays(nb) for text in data.values())
    return "synthetic" if any(map(_SYNTHETIC.search, spoken)) else "unknown"


def _provenance_records(nb: NotebookNode) -> list[dict[str, Any]]:
    records = [data[PROVENANCE_MIME] for data in _displays(nb) if PROVENANCE_MIME in data]
    return [json.loads(record) if isinstance(record, str) else record for record in records]


def _displays(nb: NotebookNode) -> list[dict[str, Any]]:
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    return [output.data for cell in cells for output in cell.outputs if "data" in output]


def _literals(source: str) -> dict[str, Any]:
    """Names bound to a literal in a parameters cell; what is computed is left out."""
    found = {}
    for line in ast.parse(source).body:
        target = line.target if isinstance(line, ast.AnnAssign) else None
        if isinstance(line, ast.Assign) and len(line.targets) == 1:
            target = line.targets[0]
        if isinstance(target, ast.Name) and isinstance(line.value, ast.Constant):
            found[target.id] = line.value.value
    return found


def _in_language(cell: NotebookNode, lang: Lang) -> bool:
    spoken = set(cell.metadata.get("tags", [])) & set(LANGS)
    return not spoken or lang in spoken


def _with_language(metadata: NotebookNode, lang: Lang) -> NotebookNode:
    papermill = metadata.get("papermill", {})
    parameters = {**papermill.get("parameters", {}), "lang": lang}
    return NotebookNode(metadata | {"papermill": {**papermill, "parameters": parameters}})


def _place(parameters: dict[str, Any], lang: Lang) -> str:
    slug = parameters.get("province")
    return province_name(slug, lang) if slug in PROVINCES else ""


def _period(parameters: dict[str, Any], lang: Lang) -> str:
    try:
        return narrative.period_name(parameters.get("period", ""), lang)
    except UnknownCode:  # a notebook of somebody else may mean another thing by "period"
        return ""


# What may be on a page


@cache
def _allowed(kind: str) -> frozenset[str]:
    lists = json.loads((TEMPLATES / "allowed.json").read_text(encoding="utf-8"))
    return frozenset(lists[kind].split())


_SKELETON = re.compile(r"</?(html|head|body|frameset)\b[^>]*>", re.IGNORECASE)
_SAFE_HREF = re.compile(r"https?://|mailto:|#|data:text/csv[;,]|[^:]*$", re.IGNORECASE)
_SAFE_SRC = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml)[;,]", re.IGNORECASE)
_SAFE_STYLE = re.compile(r"(--[\w-]+|width|inline-size|font-weight)\s*:\s*[\w.%+\- ]+")


def clean(markup: str) -> str:
    """The markup with only the elements, attributes and addresses that a page may have.

    Scripts, styles and embedded documents go with what is in them; an unknown element goes and
    its text stays. Unbalanced markup comes back balanced, so no cell can break the next one.
    """
    body = _parsed(markup)
    for element in list(body.iterdescendants()):
        if not isinstance(element.tag, str) or element.tag in _allowed("dropped_whole"):
            element.drop_tree()
        elif element.tag not in _allowed("elements"):
            element.drop_tag()
        else:
            _clean_attributes(element)
    for picture_lost in body.xpath(".//img[not(@src)]"):
        picture_lost.drop_tree()
    return _inner(body)


def _clean_attributes(element: HtmlElement) -> None:
    for name, value in element.items():
        if not _is_safe(name, value):
            del element.attrib[name]
    if "style" in element.attrib:
        kept = [part.strip() for part in element.get("style").split(";")]
        element.set("style", "; ".join(part for part in kept if _SAFE_STYLE.fullmatch(part)))


def _is_safe(name: str, value: str) -> bool:
    if name in ("href", "src"):
        # Browsers ignore control characters and spaces inside a scheme.
        address = re.sub(r"[\x00-\x20]+", "", value[:200])
        return bool((_SAFE_HREF if name == "href" else _SAFE_SRC).match(address))
    return name in _allowed("attributes") or name.startswith(("data-", "aria-"))


def picture(output: NotebookNode, mime: str) -> str:
    """An image output as a figure with a data URL; its words from the output's `alt` metadata."""
    payload = output.data[mime]
    if mime == "image/svg+xml":
        payload = base64.b64encode("".join(payload).encode()).decode()
    about = {**output.metadata, **output.metadata.get(mime, {})}
    source = f"data:{mime};base64,{payload.replace(chr(10), '')}"
    alt = escape(str(about.get("alt", "")))
    return clean(f'<figure class="wb-chart"><img src="{escape(source)}" alt="{alt}"></figure>')


def css_string(text: str) -> str:
    """Text as a CSS string that can end neither the string nor the style element."""
    return '"' + re.sub(r'[\\"<>\n\r\f\0]', lambda c: f"\\{ord(c[0]):x} ", text) + '"'


# The parts become one page


@dataclass(frozen=True)
class Page:
    """What the template puts round the cells is made from the cells."""

    title: str
    title_html: str
    body: str
    contents: list[tuple[str, str]]
    numbers: list[dict[str, Any]]
    footer: str


def compose(cells: str, about: dict[str, Any]) -> Page:
    """The cleaned cells as one page: title, contents, captions, isolated names, traced numbers."""
    body = _parsed(cells)
    title = _take_title(body) or about["fallback_title"]
    contents = _number_headings(body)
    _drop_idle_ids(body)
    for table in body.iter("table"):
        _prepare_table(table, about["words"])
    for image in body.iter("img"):
        image.set("alt", image.get("alt") or about["words"]["no_alt"])
    for image in body.xpath(".//figure[contains(@class, 'wb-chart')]/img"):
        _framed(image, {"class": "wb-canvas", "role": "group", "tabindex": "0"}, image.get("alt"))
    for number in body.iter("data"):
        _trace(number)
    _isolate(body, about["lang"])
    heading = _parsed(escape(title))
    _isolate(heading, about["lang"])
    footer = "".join(_taken(element) for element in body.find_class("wb-provenance"))
    numbers = list({tuple(n.items()): n for n in _numbers(body)}.values())
    return Page(title, _inner(heading), _inner(body), contents, numbers, footer)


def _take_title(body: HtmlElement) -> str:
    """The text of the first heading of the first level, which moves to the head of the page."""
    headings = list(body.iter("h1"))
    for later in headings[1:]:
        later.tag = "h2"
    if not headings:
        return ""
    title = _text(headings[0])
    headings[0].drop_tree()
    return title


def _number_headings(body: HtmlElement) -> list[tuple[str, str]]:
    headings = list(body.iter("h2"))
    for order, heading in enumerate(headings, 1):
        heading.set("id", f"section-{order}")
    return [(heading.get("id"), _text(heading)) for heading in headings]


def _drop_idle_ids(body: HtmlElement) -> None:
    """Ids that nothing points to go: libraries make them up at random, or use one twice."""
    used = {a.get("href", "")[1:] for a in body.iter("a")} | {h.get("id") for h in body.iter("h2")}
    seen: set[str] = set()
    for element in body.xpath(".//*[@id]"):
        if element.get("id") not in used - seen:
            del element.attrib["id"]
        else:
            seen.add(element.get("id"))
    for name in ("aria-labelledby", "aria-describedby", "headers"):
        for element in body.xpath(f".//*[@{name}]"):
            del element.attrib[name]


def _prepare_table(table: HtmlElement, words: dict[str, str]) -> None:
    """Title rows become a caption that screen readers announce; a bare table gets its frame."""
    titles = table.xpath("./thead/tr[contains(@class, 'gt_heading')]")
    if titles:
        caption = lxml_html.Element("caption")
        for row in titles:
            line = lxml_html.Element("span")
            line.set("class", row[0].get("class", ""))
            line.text = _text(row)
            caption.append(line)
            row.drop_tree()
        table.insert(0, caption)
    for empty in table.xpath(".//th[not(normalize-space())]"):
        empty.tag = "td"  # a heading that says nothing is read out as one
        empty.attrib.pop("scope", None)
    if max((len(row) for row in table.iter("tr")), default=0) > WIDE_TABLE:
        table.set("class", f"{table.get('class', '')} wb-wide".strip())
    if not table.xpath("ancestor::*[contains(@class, 'wb-table')]"):
        label = " ".join(map(_text, table.iter("caption"))) or words["table"]
        _framed(table, {"class": "wb-table", "role": "region", "tabindex": "0"}, label)


def _framed(element: HtmlElement, attributes: dict[str, str], label: str) -> None:
    """Puts the element into a box of its own that can scroll, named for those who cannot see."""
    frame = lxml_html.Element("div", {**attributes, "aria-label": label})
    frame.tail, element.tail = element.tail, None
    element.addprevious(frame)
    frame.append(element)


def _trace(number: HtmlElement) -> None:
    """The source moves out of `title`, whose own tooltip would cover ours."""
    if "wb-number" in number.get("class", "") and number.get("title"):
        number.set("data-source", number.attrib.pop("title"))
        inside_table = next(number.iterancestors("table"), None) is not None
        number.set("tabindex", "-1" if inside_table else "0")


_FOREIGN = {
    "fa": re.compile(r"([A-Za-z][A-Za-z0-9]*(?:[ .,:/&+\-–_'’]+[A-Za-z0-9]+)*)"),
    "en": re.compile(r"([\u0600-\u06ff]+(?:[ \u200c()«»\-]+[\u0600-\u06ff]+)*)"),
}
_FOREIGN_TEXT = (
    ".//text()[not(ancestor::pre or ancestor::code or ancestor::bdi or ancestor::*[@dir])]"
)


def _isolate(body: HtmlElement, lang: Lang) -> None:
    """Runs in the other script get their own direction, so that they cannot reorder the line."""
    other = next(code for code in LANGS if code != lang)
    for text in body.xpath(_FOREIGN_TEXT):
        before, *rest = _FOREIGN[lang].split(text)
        runs = [_run(word, tail, other) for word, tail in zip(rest[::2], rest[1::2], strict=True)]
        holder = text.getparent()
        if runs and text.is_text:
            holder.text = before
            holder[0:0] = runs
        elif runs:
            holder.tail = before
            for run in reversed(runs):
                tail, run_tail = holder.tail, run.tail
                holder.addnext(run)
                holder.tail, run.tail = tail, run_tail


def _run(word: str, tail: str, lang: str) -> HtmlElement:
    run = lxml_html.Element("bdi", {"lang": lang, "dir": DIRECTION[lang]})
    run.text, run.tail = word, tail
    return run


def _numbers(body: HtmlElement) -> list[dict[str, Any]]:
    return [
        {
            "name": number.get("data-name", ""),
            "value": float(number.get("value")) if number.get("value") else None,
            "unit": number.get("data-unit", ""),
            "scope": number.get("data-scope", ""),
            "period": number.get("data-period", ""),
            "source": number.get("data-source") or number.get("title", ""),
            "shown": _text(number),
        }
        for number in body.xpath(".//data[contains(@class, 'wb-number')]")
    ]


def _parsed(markup: str) -> HtmlElement:
    # What stands behind an end of the body in a cell would be lost.
    inside = _SKELETON.sub("", markup.replace("\0", ""))
    return lxml_html.document_fromstring(f"<html><body>{inside}</body></html>").body


def _inner(element: HtmlElement) -> str:
    parts = (lxml_html.tostring(child, encoding="unicode") for child in element)
    return escape(element.text or "", quote=False) + "".join(parts)


def _taken(element: HtmlElement) -> str:
    element.tail, tail = None, element.tail
    markup = lxml_html.tostring(element, encoding="unicode")
    element.tail = tail
    element.drop_tree()
    return markup


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


# Style and fonts


@cache
def page_words(lang: Lang) -> dict[str, str]:
    """The words of pages that do not come from notebooks."""
    return json.loads((TEMPLATES / "words.json").read_text(encoding="utf-8"))[lang]


@cache
def stylesheet() -> str:
    """The style of every page, with `/*fonts*/` where `font_faces` goes."""
    return (TEMPLATES / "page.css").read_text(encoding="utf-8")


_REPERTOIRE = "".join(map(chr, range(0x20, 0x7F))) + (
    "ءآأؤئابتثجحخدذرزسشصضطظعغفقلمنهوپچژکگیۀةيك۰۱۲۳۴۵۶۷۸۹،؛؟٪٫٬«»ًٌٍَُِّْٔ"
    "\u00a0\u00ab\u00b7\u00d7\u200c\u200e\u200f\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2212"
)
"""Letters that nearly every page has: with them, most pages share one subset of each font."""


_LAM = {"uniFEDF", "uniFEE0"}  # initial and medial, as the font names them


def font_faces(page: str) -> str:
    """`@font-face` rules with the glyphs that the page uses, joining and all, as data URLs."""
    characters = "".join(sorted({*_REPERTOIRE, *page}))
    return "\n".join(_font_face(weight, characters) for weight in WEIGHTS)


@lru_cache(maxsize=64)
def _font_face(weight: int, characters: str) -> str:
    import fontpkg
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(
        flavor="woff2", layout_features=["*"], hinting=False, notdef_outline=True,
        name_IDs=[1, 2], recalc_timestamp=False,
        drop_tables=["meta"],
    )  # fmt: skip
    font = TTFont(fontpkg.path(FONT_FAMILY, weight), recalcTimestamp=False)
    _keep_letters_apart(font)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(font)
    target = io.BytesIO()
    subset.save_font(font, target, options)
    data = base64.b64encode(target.getvalue()).decode()
    return (
        f'@font-face{{font-family:"{FONT_FAMILY}";font-weight:{weight};font-display:block;'
        f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
    )


def _keep_letters_apart(font: Any) -> None:
    """Ligatures go, except lam-alef, which the script requires.

    Readers of PDF give the letters of a right-to-left ligature back in the wrong order: the name
    of the province could not be searched for.
    """
    table = font["GSUB"].table
    features = (f.Feature for f in table.FeatureList.FeatureRecord if f.FeatureTag == "rlig")
    for index in {index for feature in features for index in feature.LookupListIndex}:
        for subtable in table.LookupList.Lookup[index].SubTable:
            pairs = getattr(subtable, "ExtSubTable", subtable).ligatures
            for first in set(pairs) - _LAM:
                del pairs[first]


# The page on paper

_CHROMIUMS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge",
    "msedge", "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)  # fmt: skip


def pdf_engines() -> list[str]:
    """The PDF engines that can run here, the preferred first: `weasyprint`, `chromium`."""
    found = {"weasyprint": _weasyprint(), "chromium": _chromium()}
    return [name for name, engine in found.items() if engine]


def html_to_pdf(page: str, engine: str | None = None) -> bytes:
    """The page as a PDF: A4, tagged, with bookmarks and embedded fonts; nothing is fetched.

    Args:
        page: a page of this module.
        engine: `weasyprint` or `chromium`; None takes the first that can run.

    Raises:
        PdfEngineMissing: none can, or not the one asked for; the message says what to install.
    """
    engines = {"weasyprint": _by_weasyprint, "chromium": _by_chromium}
    if engine and engine not in engines:
        raise UnknownCode(f"{engine!r} is not a PDF engine; it is one of: {', '.join(engines)}")
    usable = [name for name in pdf_engines() if engine in (None, name)]
    if not usable:
        raise PdfEngineMissing(
            f"no PDF engine: expected {engine or 'WeasyPrint or a Chromium'}, found none. "
            "Install one of: the libraries of WeasyPrint (apt install libpango-1.0-0 "
            "libpangoft2-1.0-0 libharfbuzz-subset0; brew install pango), or a browser "
            "(apt install chromium; brew install --cask chromium; Chrome and Edge do too). "
            "The HTML pages need neither."
        )
    return engines[usable[0]](page)


def _weasyprint() -> Any:
    try:
        import weasyprint
    except (ImportError, OSError):  # OSError: the package is there, its system libraries are not
        return None
    return weasyprint


def _by_weasyprint(page: str) -> bytes:
    weasyprint = _weasyprint()
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=("data",))
    document = weasyprint.HTML(string=page, url_fetcher=fetcher, media_type="print")
    return document.write_pdf(pdf_variant="pdf/ua-1")


def _chromium() -> str | None:
    return next((path for name in _CHROMIUMS if (path := shutil.which(name))), None)


def _by_chromium(page: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(page, encoding="utf-8")
        command = [
            _chromium(), "--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer",
            "--generate-pdf-document-outline", f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={target}", source.as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if not target.exists():
            raise HelpersError(f"{command[0]} wrote no PDF (exit {done.returncode}): {done.stderr}")
        return target.read_bytes()

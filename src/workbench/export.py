"""An executed notebook becomes one page, and the page a PDF: nbconvert's exporters.

The template decides what is shown; `page` cleans it and composes the page; `style` gives it fonts;
`pdf` prints it. The banner on synthetic data is put here, so that no notebook can forget it.
"""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbconvert.exporters import TemplateExporter
from nbconvert.preprocessors import ExecutePreprocessor, Preprocessor
from nbformat import NotebookNode
from traitlets import Dict, List, Unicode

from helpers.schema import LANGS, Lang, check_word
from workbench import databook
from workbench import page as pages
from workbench.paper import html_to_pdf
from workbench.parameters import declared_in
from workbench.project import place_names, project
from workbench.style import TEMPLATES, day_name, font_faces, page_words, stylesheet
from workbench.visible import Scene


class _Told(Preprocessor):
    """Keeps one language, and has the page told about what the notebook says of itself."""

    enabled = True

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        lang = page_language(nb)
        scene = Scene(self.parent.folder, page_words(lang))
        name = resources.get("metadata", {}).get("name", "")
        resources["about"] = self.parent.about(nb, lang, name) | {"scene": scene}
        nb.cells = [cell for cell in nb.cells if _in_language(cell, lang)]
        return nb, resources


class WorkbenchHTMLExporter(TemplateExporter):
    """One self-contained page in the language of the notebook's parameters.

    Config: `languages` are the languages the report exists in; the page links to the sibling
    `NAME.<other>.html` only if both are listed. `report` is the file name without language.
    `data_book` is the name of the workbook that will stand beside the page, if one will.
    """

    export_from_notebook = "Workbench page"
    output_mimetype = "text/html"
    file_extension = Unicode(".html").tag(config=True)
    template_extension = Unicode(".html.j2").tag(config=True, affects_environment=True)
    languages = List(Unicode(), list(LANGS), help="languages the report exists in").tag(config=True)
    report = Unicode("", help="name of the report's files, without language").tag(config=True)
    data_book = Unicode("", help="name of the workbook beside the page").tag(config=True)
    template_name = Unicode("workbench").tag(config=True, affects_template=True)
    extra_template_basedirs = List([str(TEMPLATES)]).tag(config=True, affects_environment=True)
    filters = Dict({"compose": pages.compose, "css_string": pages.css_string}).tag(
        config=True, affects_environment=True
    )
    folder = Path()
    optimistic_validation = True  # Checked once at the end, not after each preprocessor.
    # With `--execute` the cells run before the page is told of them; what the template's settings
    # name (parameters are removed) comes last.
    default_preprocessors = List([ExecutePreprocessor, _Told]).tag(config=True)

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page, and nbconvert's resources."""
        page, resources = super().from_notebook_node(nb, resources, **kw)
        page = pages.CONTROL.sub("", page)
        return page.replace("/*fonts*/", font_faces(page)), resources

    def about(self, nb: NotebookNode, lang: Lang, name: str) -> dict[str, Any]:
        """What the template needs to know beside the cells, once they have run."""
        parameters, words = effective_parameters(nb), page_words(lang)
        stem = self.report or re.sub(r"\.(fa|en)$", "", name) or "notebook"
        other = pages.OTHER[lang]
        place = project().place_name(parameters, lang)
        return {
            "lang": lang,
            "other": other,
            "directions": pages.DIRECTION,
            "sibling": f"{stem}.{other}.html" if other in self.languages else "",
            "data_book": self.data_book,
            "words": words,
            "csp": pages.CSP,
            "css": stylesheet(),
            "is_brief": any("brief" in cell.metadata.get("tags", []) for cell in nb.cells),
            "notice": data_notice(nb),
            "names": place_names(parameters, lang),
            "issuer": words["issuer"].format(place) if place else "",
            "issued": day_name(provenance_record(nb).get("created", ""), lang),
            "fallback_title": nb.metadata.get("title", "") or stem.replace("_", " "),
        }


class WorkbenchPDFExporter(WorkbenchHTMLExporter):
    """The same page as a PDF."""

    export_from_notebook = "Workbench PDF"
    engine = Unicode("", help="weasyprint or chromium; empty: the first there").tag(config=True)
    file_extension = Unicode(".pdf").tag(config=True)

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """The PDF's bytes, and nbconvert's resources."""
        page, resources = super().from_notebook_node(nb, resources, **kw)
        resources["output_extension"] = ".pdf"
        return html_to_pdf(page, self.engine or None), resources


class Exported(NamedTuple):
    """A page, its title, what it cannot show in words, and the named numbers that it prints.

    The numbers are dicts of `name`, `value` (unrounded; None where it is not known), `unit`,
    `scope`, `period`, `source` (the words shown with it) and `shown`, each once.
    """

    html: str
    title: str
    lost: list[str]
    numbers: list[dict[str, Any]]


def export_page(
    notebook: Path | str | NotebookNode, *, folder: Path | None = None,
    report: str = "", languages: Sequence[Lang] = LANGS, data_book: str = "",
) -> Exported:  # fmt: skip
    """The page of an executed notebook.

    Args:
        notebook: the executed notebook, or its path.
        folder: where pictures that the notebook names lie; by default the notebook's own.
        report, languages, data_book: as of `WorkbenchHTMLExporter`.
    """
    nb, path = notebook, Path()
    if not isinstance(notebook, NotebookNode):
        nb, path = nbformat.read(notebook, as_version=4), Path(notebook)
    exporter = _exporter()
    exporter.folder, exporter.report = folder or path.parent, report
    exporter.languages, exporter.data_book = list(languages), data_book
    html, resources = exporter.from_notebook_node(nb, {"metadata": {"name": path.stem}})
    about = resources["about"]
    lost = list(dict.fromkeys(about["scene"].lost))
    return Exported(html, about["title"], lost, about["numbers"])


def book_of(nb: NotebookNode, page: Exported) -> bytes:
    """The data book of an executed notebook (`.xlsx`), beside its page."""
    lang = page_language(nb)
    words, notice, record = page_words(lang), data_notice(nb), provenance_record(nb)
    where = " · ".join(place_names(effective_parameters(nb), lang))
    run = [f"{name}: {record[name]}" for name in ("created", "git") if record.get(name)]
    files = [f"{file['path']} ({file['sha256'][:12]})" for file in record.get("inputs", [])]
    cover = [words[notice] if notice else "", where, *run, *files, words["made_by"]]
    cells = [cell for cell in nb.cells if _in_language(cell, lang)]
    tables = [*databook.tables_of(cells, lang), *databook.numbers_table(page.numbers, lang)]
    return databook.data_book(page.title, lang, list(filter(None, cover)), tables)


@cache
def _exporter() -> WorkbenchHTMLExporter:
    # One for all pages of a process: a new one compiles its templates again.
    return WorkbenchHTMLExporter()


# What the notebook says about itself


def effective_parameters(nb: NotebookNode) -> dict[str, Any]:
    """The defaults of the `parameters` cell, overlaid with what papermill was given."""
    declared: dict[str, Any] = {}
    for cell in nb.cells:
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", []):
            with suppress(SyntaxError):  # A cell of somebody else, in another language.
                found = declared_in(cell.source).values()
                declared |= {p.name: p.default for p in found if not p.computed}
    return declared | dict(nb.metadata.get("papermill", {}).get("parameters", {}))


def page_language(nb: NotebookNode) -> Lang:
    """`lang` of the parameters; Persian where the notebook does not say.

    Raises:
        UnknownCode: the parameter is neither `fa` nor `en`.
    """
    return check_word("language of a page", str(effective_parameters(nb).get("lang", "fa")), LANGS)


def provenance_record(nb: NotebookNode) -> dict[str, Any]:
    """What the notebook's provenance cell displayed; empty if it has none."""
    return [{}, *_provenance_records(nb)][-1]


def data_notice(nb: NotebookNode) -> str:
    """The banner that the project puts on the page; empty for none."""
    displayed = (str(text) for data in _displays(nb) for text in data.values())
    return project().banner(_provenance_records(nb), displayed)


def _provenance_records(nb: NotebookNode) -> list[dict[str, Any]]:
    mime = project().PROVENANCE_MIME
    records = [data[mime] for data in _displays(nb) if mime in data]
    return [json.loads(record) if isinstance(record, str) else record for record in records]


def _displays(nb: NotebookNode) -> list[dict[str, Any]]:
    outputs = (output for cell in nb.cells for output in cell.get("outputs", ()))
    return [output.data for output in outputs if "data" in output]


def _in_language(cell: NotebookNode, lang: Lang) -> bool:
    spoken = set(cell.metadata.get("tags", [])) & set(LANGS)
    return not spoken or lang in spoken

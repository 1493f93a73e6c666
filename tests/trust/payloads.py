"""Hostile texts in every text that a user can reach, opened in Chromium: none runs, none asks.

Each payload has a number and, where it runs, writes it down; what it would ask for bears it too. A
page of the bare payloads is opened first: if none ran there, nothing would be proved.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import yaml
from lxml import html as lxml_html
from nbformat import v4, write

import dirty
from trust.project import Project, project
from trust.table import Row, tried, untried
from workbench import gallery
from workbench.record import Listed, Manifest, Result

ROOT = Path(__file__).parents[2]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NOBODY = "http://127.0.0.1:9"
"""Where a payload would ask; nobody answers there."""

VECTORS = (
    "<script>{run}</script>", "<img src=x onerror={run}>", "<svg onload={run}>",
    "<svg><script>{run}</script></svg>", "<iframe src='javascript:{run}'></iframe>",
    "<iframe srcdoc='<script>{run}</script>'></iframe>", "<a href='javascript:{run}'>x</a>",
    "<details open ontoggle={run}>x</details>", "<input autofocus onfocus={run}>",
    "<video><source onerror={run}></video>", "<body onload={run}>", "<select autofocus onfocus={run}>",
    "<style>@import '{ask}';</style>", "<style>*{{background:url({ask})}}</style>",
    "<link rel=stylesheet href={ask}>", "<meta http-equiv=refresh content='0;url={ask}'>",
    "<base href={ask}>", "<object data={ask}></object>", "<embed src={ask}>",
    "<form action={ask}><button autofocus onfocus={run}>x</button></form>", "<img src={ask}>",
    "<img srcset='{ask} 1x'>", "<picture><source srcset={ask}><img></picture>",
    "<video poster={ask}></video>", "<audio src={ask} autoplay></audio>",
    "<div style='background:url({ask})'>x</div>", "<svg><image href={ask} /></svg>",
    "<svg><use href={ask}#x /></svg>", "<table background={ask}><tr><td>x</table>",
    "<math><mtext><img src=x onerror={run}></mtext></math>", "<track src={ask}>",
    "<noscript><p title=\"</noscript><img src=x onerror={run}>\">", "--><script>{run}</script>",
    "\"><script>{run}</script>", "'><img src=x onerror={run}>", "]]><script>{run}</script>",
    "</title><script>{run}</script>", "</textarea><img src=x onerror={run}>",
    "</style><script>{run}</script>", "</script><script>{run}</script>",
    "</data></td></tr></table><script>{run}</script>", "<x onclick={run}>x</x>",
    "<a href=' jav\tascript:{run}'>x</a>", "<a href='&#106;avascript:{run}'>x</a>",
    "<img/src='x'/onerror='{run}'>", "<svg><a xlink:href='javascript:{run}'><text>x</text></a></svg>",
    "<svg><animate onbegin={run} attributeName=x dur=1s>", "<marquee onstart={run}>x</marquee>",
    "<svg><style><img src=x onerror={run}></style></svg>", "[x](javascript:{run})", "![x]({ask})",
    "<{{x}} onpointerenter={run}>", "{{{{ ''.__class__.__mro__ }}}}<script>{run}</script>",
    "$\\href{{javascript:{run}}}{{x}}$", "data:text/html,<script>{run}</script>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror={run}></annotation-xml></math>",
    "<svg><foreignObject><img src=x onerror={run}></foreignObject></svg>",
    "<template><script>{run}</script></template><img src=x onerror={run}>",
    "<object data='data:text/html,<script>{run}</script>'></object>", "<img src=x:x onerror={run}>",
)  # fmt: skip
FORMULAS = (
    '=HYPERLINK("{ask}")', "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-1+1", "@SUM(1)", "\t=1+1",
    "＝1+1", "\u2060=1+1", "\xa0 =1+1", "\u200f\u200b＋1", " \u00ad-1+2", "x;=1+1", '=WEBSERVICE("{ask}")',
)  # fmt: skip
DRESSES = (
    lambda text: text,
    lambda text: re.sub(r"<(/?)(\w+)", lambda tag: f"<{tag[1]}{tag[2].upper()}", text),
    lambda text: f"\"'>{text}",
    html.escape,
    lambda text: f"\u202e{text}",
    lambda text: f"صادرات {text} به عراق",
    lambda text: f"x\x07{text}",
)
"""As it is, in capitals, out of an attribute, escaped already, turned round, in words, with a bell."""


def payloads(n: int) -> list[str]:
    """So many, each with its number in what it runs and asks; formulas are among them."""
    forms = [dress(vector) for dress in DRESSES for vector in VECTORS]
    every = [*FORMULAS, *forms, *forms][:n]
    return [
        text.replace("{{", "{").replace("}}", "}").replace("{run}", f"(window.ran??=[]).push({number})")
        .replace("{ask}", f"{NOBODY}/{number}")
        for number, text in enumerate(every)
    ]  # fmt: skip


def rows(n: int) -> Iterator[Row]:
    """What runs or asks, as the pages are and without their policy; what becomes a formula."""
    fault = "a hostile text, of markup or a formula"
    moment = "in each text that a user can reach, opened in Chromium{}"
    outcome = "none runs, none asks, none is left as something that could"
    if not CHROMIUM:
        yield untried(fault, moment.format(""), outcome, "no Chromium is installed")
        return
    with project("payloads") as of:
        texts = payloads(n)
        pages = [*_of_project(of, texts), *_of_notebook(of, texts), *_of_index(of, texts)]
        for is_bare, words in ((False, ""), (True, ", and with its policy taken out")):
            trials = _opened(of, pages, texts, is_bare=is_bare)
            yield tried(fault, moment.format(words), outcome, trials)
        yield tried(
            "a hostile text, of markup or a formula", "in each workbook and csv of these pages",
            "texts all, no formula, no link out", _in_tables(of, pages, n),
        )  # fmt: skip


# Every text that a user can reach


def _of_project(of: Project, texts: list[str]) -> list[Path]:
    """The project's own notebooks, on raw files, sidecars and published figures full of payloads."""
    shutil.rmtree(of.folder / "notebooks")
    shutil.copytree(ROOT / "notebooks", of.folder / "notebooks")
    _write_customs(of, texts)
    _write_published(of, texts)
    of.run("clean")
    names = [p.stem for p in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    return _rendered(of, *names, "--period=1404M01-07", "--province=alborz", "--lang=fa,en")


def _write_customs(of: Project, texts: list[str]) -> None:
    heads = ["ماه", "سال", "نام گمرک", "نام کشور", "شماره تعرفه", "توضیحات تعرفه",
             "وزن (کیلوگرم)", "ارزش (دلار)"]  # fmt: skip
    usual = ["7", "1404", "البرز", "عراق", "30049099", "دارو", "10", "1000"]
    n_rows = 0
    for place, head in enumerate(heads):
        lines = [[*usual[:place], text, *usual[place + 1 :]] for text in texts]
        sound = [[*usual[:4], f"300490{n + 10}", *usual[5:]] for n in range(20)]
        for year in ("1403", "1404"):
            rows = [
                [*row[:1], year if row[1] == "1404" else row[1], *row[2:]]
                for row in (*sound, *lines)
            ]
            _raw(of, f"{head[:3]}{year}", texts[n_rows % len(texts)], [heads, *rows])
            n_rows += 1
    _raw(of, "headings", texts[-1], [[*heads, *texts[:40]], [*usual, *texts[40:80]]])
    _raw(of, "titles", texts[-2], [*[[text] for text in texts[:20]], heads, usual])
    for number, text in enumerate(texts[:60]):
        name = text.replace("/", "\u2044").encode()[:120].decode("utf-8", "ignore")
        (of.raw / f"{name}{number}.csv").write_text(f"{text}\n{text}\n", "utf-8")


def _raw(of: Project, name: str, text: str, table: list[list[str]]) -> None:
    words = dict.fromkeys(("producer", "title", "url", "licence", "months_note"), text)
    sidecar = {"flow": "export", "scope": name, "year_sh": 1404, **words}
    clean = {k: "".join(c for c in str(v) if c.isprintable()) for k, v in sidecar.items()}
    (of.raw / f"{name}.source.yml").write_text(yaml.safe_dump(clean, allow_unicode=True), "utf-8")
    (of.raw / f"{name}.csv").write_text(dirty.csv_text(table), "utf-8")


PUBLISHED = ("publisher", "note", "what_fa", "what_en", "action_fa", "action_en")


def _write_published(of: Project, texts: list[str]) -> None:
    """The project's published figures and claims, a payload behind each of their words."""
    shutil.copytree(ROOT / "data" / "raw" / "published", of.raw / "published")
    number = 0
    for path in (of.raw / "published").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        for line in lines:
            for column in set(PUBLISHED) & set(line):
                line[column], number = f"{line[column]} {texts[number % len(texts)]}", number + 1
        with path.open("w", encoding="utf-8", newline="") as file:
            written = csv.DictWriter(file, lines[0])
            written.writeheader()
            written.writerows(lines)
    for path in (of.raw / "published" / "claims").glob("*.yml"):
        ledger = yaml.safe_load(path.read_text("utf-8"))
        path.write_text(
            yaml.safe_dump(_worded(ledger, iter(texts * 9)), allow_unicode=True), "utf-8"
        )


def _worded(part: Any, texts: Iterator[str], key: str = "") -> Any:
    if isinstance(part, dict):
        return {name: _worded(value, texts, name) for name, value in part.items()}
    if isinstance(part, list):
        return [_worded(value, texts, key) for value in part]
    return f"{part} {next(texts)}" if key in ("fa", "en", "sources") else part


SHOWN = """
import json, sys
from IPython.display import HTML, SVG, Latex, Markdown, display
texts = json.load(open("payloads.json"))
for text in texts:
    display(HTML(text), Markdown(text), Latex(text))
    display({"text/plain": text}, raw=True)
    display({"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{text}</svg>"}, raw=True)
    display({"image/png": text}, raw=True, metadata={"alt": text})
    display({"application/x-" + text[:20]: text}, raw=True)
    print(text)
    print(text, file=sys.stderr)
columns = [{"name": text, "heading": text, "unit": text} for text in texts[:12]]
table = {"title": texts[0], "source": texts[1], "notes": texts[2], "columns": columns,
         "rows": [[text] * 12 for text in texts]}
display({"application/vnd.workbench.table+json": table, "text/html": ""}, raw=True)
"""


def _of_notebook(of: Project, texts: list[str]) -> list[Path]:
    """A notebook of somebody else: its cells, outputs, parameters, attachments, and a failure."""
    folder = of.folder / "foreign"
    folder.mkdir()
    (folder / "payloads.json").write_text(json.dumps(texts), "utf-8")
    parameters = (
        f"note: str = {texts[0]!r}\nperiod: str = {texts[1]!r}\nprovince: str = {texts[2]!r}\n"
    )
    cells = [
        v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *(v4.new_markdown_cell(f"## {text}\n\n{text}\n\n{text}") for text in texts),
        v4.new_code_cell(SHOWN),
    ]
    kernel = {"name": "python3", "display_name": texts[3], "language": "python"}
    notebook = v4.new_notebook(cells=cells, metadata={"title": texts[4], "kernelspec": kernel})
    write(notebook, folder / "foreign.ipynb")
    cells[-1] = v4.new_code_cell("raise ValueError(repr(open('payloads.json').read()))")
    write(v4.new_notebook(cells=cells[-1:], metadata=notebook.metadata), folder / "fails.ipynb")
    return _rendered(of, str(folder / "foreign.ipynb"), str(folder / "fails.ipynb"))


def _rendered(of: Project, *arguments: str) -> list[Path]:
    """The pages that a call of render made."""
    _, output, errors = of.run("render", *arguments, "--to=html", "--json")
    if not output or "Traceback" in errors:
        raise RuntimeError(f"render came to no end: {errors[-500:]}")
    reports = json.loads(output)["reports"]
    failed = [r for r in reports if r["status"] == "failed" and "fails" not in r["report"]]
    if failed:
        raise RuntimeError(f"not rendered, so not looked at: {failed[0]}")
    files = [file for report in reports for file in report["files"]]
    return [of.outputs / file for file in files if file.endswith(".html")]


def _of_index(of: Project, texts: list[str]) -> list[Path]:
    """The index, on a manifest full of payloads, beside that of the reports above."""
    reports = [
        Listed(
            notebook=text, title=text, lang=lang, axes={"period": text, "province": text},
            parameters={text: text}, files={"html": f"{text}.html", "pdf": text}, sha256={},
            folder=text, created="2026-11-22T23:20:00+00:00", seconds=1.0, is_synthetic=None,
            notice="unknown", key=text, stale=[text], on_the_map={"ratio": 1.5, "share": None},
        )
        for text in texts for lang in ("fa", "en")
    ]  # fmt: skip
    failed = [Result(f"{t}/{t}/{t}.fa", "failed", cell=t, message=t, executed=t) for t in texts]
    pages = [of.outputs / name for name in gallery.INDEX.values()]
    for lang in ("fa", "en"):
        path = of.folder / f"index-of-payloads.{lang}.html"
        path.write_text(
            gallery.index_page(Manifest("2026-11-22T23:20:00+00:00", reports, failed), lang),
            "utf-8",
        )
        pages.append(path)
    return pages


# Opened

LIVE = """() => {
  const found = new Set();
  for (const element of document.querySelectorAll('*')) {
    for (const {name, value} of element.attributes) {
      if (name.startsWith('on') || /^\\s*(javascript|vbscript):/i.test(value.replace(/[\\0-\\x20]/g, '')))
        found.add(`${element.localName} ${name}=${value}`);
      if (['src', 'srcset', 'poster', 'background', 'action', 'data'].includes(name) && /127\\.0\\.0\\.1:9/.test(value) && !value.startsWith('data:'))
        found.add(`${element.localName} ${name}=${value}`);
    }
    if (['script', 'iframe', 'object', 'embed', 'base', 'link', 'form', 'template'].includes(element.localName))
      found.add(element.localName);
  }
  return [...found];
}"""


def _opened(of: Project, pages: list[Path], texts: list[str], *, is_bare: bool) -> Iterator[str]:
    """For each payload what it did on any page; then what on any page is live."""
    from playwright.sync_api import sync_playwright

    did: dict[int, str] = {}
    live: list[str] = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        control = of.folder / "control.html"
        control.write_text("".join(f"<div>{text}</div>" for text in texts), "utf-8")
        if len(_did(browser, control)[0]) < 3:
            live.append("the bare payloads do nothing: this proves nothing")
        for page in pages:
            acts, found = _did(browser, _without_policy(page) if is_bare else page)
            did |= {
                number: f"payload {number} {act} on {page.name}: {texts[number]}"
                for number, act in acts.items()
            }
            live += [f"{page.name} has a live {each[:120]}" for each in found]
        browser.close()
    yield from (did.get(number, "") for number in range(len(texts)))
    yield from live


def _without_policy(page: Path) -> Path:
    text = page.read_text("utf-8")
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    if bare == text:
        raise RuntimeError(f"{page.name} has no policy")
    path = page.with_name(f"bare-{page.name}")
    path.write_text(bare, "utf-8")
    return path


def _did(browser: Any, page: Path) -> tuple[dict[int, str], list[str]]:
    """Number of a payload -> what it did (ran, asked); and what of the page is live."""
    tab, did = browser.new_page(), {}
    address = page.as_uri()

    def asked(request: Any) -> None:
        if request.url.startswith(NOBODY):
            number = re.search(r"9/(\d+)", request.url)
            did[int(number[1]) if number else 0] = "asked"
        elif not request.url.startswith("data:") and unquote(request.url) != unquote(address):
            did.setdefault(0, f"asked for {request.url[:80]}")

    tab.on("request", asked)
    tab.on("dialog", lambda dialog: dialog.dismiss())
    tab.goto(address, wait_until="load", timeout=120_000)
    tab.wait_for_timeout(200)
    try:
        did |= dict.fromkeys(tab.evaluate("window.ran || []"), "ran")
        live = tab.evaluate(LIVE)
    except Exception as error:  # the page went away: something on it has led elsewhere
        live = [f"page that left: {error!s:.80}"]
    tab.close()
    return did, live


# Taken away as a table


def _in_tables(of: Project, pages: list[Path], n: int) -> Iterator[str]:
    """For as many payloads as there are: what became a formula in a workbook or a csv."""
    wrong = [
        *_formulas_of_books(of.outputs),
        *(w for page in pages for w in _formulas_of_csv(page)),
    ]
    yield from wrong
    yield from [""] * (n - len(wrong))


def _formulas_of_books(folder: Path) -> Iterator[str]:
    books = list(folder.rglob("*.xlsx"))
    if not books:
        yield "there is no workbook to look into"
    for path in books:
        for sheet in openpyxl.load_workbook(path):
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                is_out = cell.hyperlink is not None and cell.hyperlink.target
                if cell.data_type == "f" or is_out:
                    yield f"{path.name}, {sheet.title}!{cell.coordinate}: {cell.value!r:.80}"


def _formulas_of_csv(page: Path) -> Iterator[str]:
    root = lxml_html.fromstring(page.read_bytes())
    for address in root.xpath("//a[starts-with(@href, 'data:text/csv')]/@href"):
        text = unquote(address.partition(",")[2]).removeprefix("\ufeff")
        for separator in ",;":
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
                yield from (f"{page.name}, csv: {cell!r:.80}" for cell in row if _is_formula(cell))


def _is_formula(cell: str) -> bool:
    """As a spreadsheet might see it: full-width marks as plain, what is not seen passed over."""
    plain = unicodedata.normalize("NFKC", cell)
    seen = "".join(c for c in plain if unicodedata.category(c)[0] not in "CZ").lstrip('"')
    return seen[:1] in "=+-@" and seen != "" and not re.fullmatch(r"[+-]?[\d.eE+-]+|-", seen)

"""The reports of a province as one file to send: pages, PDFs, data books, and an index to open.

What is packed is read back before it gets its name: every link leads to something inside, and no
page asks a host for anything.
"""

from __future__ import annotations

import io
import json
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import html as lxml_html

from helpers.schema import LANGS, CheckFailed, Lang, NotEnoughData, UnreadableFile
from workbench import gallery
from workbench.page import CSP
from workbench.report import replace_whole

ENDINGS = ("html", "pdf", "xlsx")
_SWITCH = re.compile(r'<nav [^>]*class="wb-switch".*?</nav>', re.DOTALL)
_FETCHED = "//@src | //link/@href | //@srcset | //@poster | //object/@data"
_IN_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]*)|@import\s+['\"]([^'\"]*)")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The same reports give the same bytes; when each was made is in the manifest."""


def share(
    outputs: Path, period: str, province: str, target: Path, langs: Sequence[Lang] = LANGS
) -> list[str]:
    """Packs the reports of a province and a period into a zip that opens alone.

    Args:
        outputs: the folder of the reports.
        period: as the records write it.
        province: its slug.
        target: the `.zip`; written whole or not at all.
        langs: of the pages.

    Returns:
        The names inside, in order.

    Raises:
        NotEnoughData: of `check_reports`.
        CheckFailed: a link would lead nowhere, or a page would ask a host; nothing is written.
    """
    records = check_reports(outputs, period, province, langs)
    members = _members(outputs, records, langs)
    content = packed(members)
    check_package(content)
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_whole(target, content, target.parent)
    return list(members)


def failures(outputs: Path, period: str, province: str) -> list[str]:
    """The reports of a province and a period that were not made when last tried."""
    names = (failure["report"] for failure in gallery.read_manifest(outputs)["failed"])
    return [name for name in names if name.startswith(f"{period}/{province}/")]


def check_package(content: bytes) -> None:
    """Whether a zip opens alone: all links resolve within it and no page asks any host.

    Raises:
        CheckFailed: the first five links and addresses that do not fit.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = set(package.namelist())
        pages = {n: package.read(n).decode() for n in sorted(names) if n.endswith(".html")}
    wrong = [f"{name}: {what}" for name in pages for what in _wrong(name, pages[name], names)]
    if "index.html" not in names:
        wrong.insert(0, "no index.html")
    if wrong:
        raise CheckFailed(
            "expected a package that opens alone, found "
            f"{len(wrong)} that do not fit: {'; '.join(wrong[:5])}; render these reports again"
        )


def check_reports(
    outputs: Path, period: str, province: str, langs: Sequence[Lang]
) -> list[dict[str, Any]]:
    """What the manifest says of the reports to pack, with the files that are packed.

    Raises:
        NotEnoughData: there is no report of them in one of the languages.
        UnreadableFile: there is no manifest, or it is not one.
    """
    records = [
        {**record, "files": {e: f for e, f in record["files"].items() if e in ENDINGS}}
        for record in gallery.read_manifest(outputs)["reports"]
        if (record["period"], record["province"]) == (period, province) and record["lang"] in langs
    ]
    missing = set(langs) - {record["lang"] for record in records}
    if missing:
        lang = ",".join(sorted(missing))
        raise NotEnoughData(
            f"expected reports of {province} for {period} in {lang}, found none; make them first: "
            f"workbench render --period {period} --province {province} --lang {lang}"
        )
    return records


def _members(
    outputs: Path, records: list[dict[str, Any]], langs: Sequence[Lang]
) -> dict[str, bytes]:
    """Name in the zip -> content, what a reader opens first first."""
    created = max(record["created"] for record in records)
    manifest = {"created": created, "reports": records, "failed": []}
    addresses = gallery.INDEX if len(langs) > 1 else dict.fromkeys(langs, "index.html")
    told = manifest | {"reports": [gallery.with_own(record, outputs) for record in records]}
    shown = {addresses[lang]: gallery.index_page(told, lang) for lang in langs}
    files = [f"{r['folder']}/{file}" for r in records for file in r["files"].values()]
    inside = {*shown, *files}
    members = {name: page.encode() for name, page in shown.items()}
    members |= {name: _content(outputs / name) for name in files}
    members["manifest.json"] = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    return {name: _without_dead_switch(name, data, inside) for name, data in members.items()}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise UnreadableFile(
            f"expected {path.name}, which the manifest lists, in {path.parent}, found "
            f"{problem.strerror}; render the report again"
        ) from None


def _without_dead_switch(name: str, content: bytes, inside: set[str]) -> bytes:
    """A page without the link to a language that is not sent along."""
    if not name.endswith(".html"):
        return content
    page = content.decode()
    switch = _SWITCH.search(page)
    if not switch:
        return content
    href = lxml_html.fromstring(switch[0]).find(".//a").get("href")
    alive = _resolved(name, href) in inside - {name}
    return content if alive else (page[: switch.start()] + page[switch.end() :]).encode()


def packed(members: Mapping[str, bytes]) -> bytes:
    """The members as a zip, in their order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(zipfile.ZipInfo(name, _EARLIEST), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _wrong(name: str, text: str, names: set[str]) -> Iterator[str]:
    """What of a page does not fit a package that opens alone, in words."""
    root = lxml_html.document_fromstring(text)
    if CSP not in root.xpath("//meta/@content"):
        yield "does not forbid requests"
    styles = (match for style in root.xpath("//style") for match in _IN_STYLE.findall(style.text))
    for address in [*root.xpath(_FETCHED), *("".join(match) for match in styles)]:
        if not address.startswith("data:"):
            yield f"asks for {address[:80]}"
    anchors = set(root.xpath("//@id"))
    for href in root.xpath("//a/@href"):
        address = urlsplit(href)
        leads = not address.path or _resolved(name, href) in names
        stays = not address.fragment or address.path or address.fragment in anchors
        if not address.scheme and not (leads and stays):
            yield f"leads to {href[:80]}"


def _resolved(page: str, href: str) -> str:
    """The name in the package that a link of a page leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(urlsplit(href).path)))

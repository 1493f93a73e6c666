"""The reports of one place and time as one file to send: pages, PDFs, data books, and an index."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from helpers.places import write_whole
from helpers.schema import LANGS, Lang, NotEnoughData, UnreadableFile
from workbench import gallery, record
from workbench.project import project
from workbench.record import Listed, Manifest

ENDINGS = ("html", "pdf", "xlsx")
_SWITCH = re.compile(r'<nav [^>]*class="wb-switch".*?</nav>', re.DOTALL)
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The same reports give the same bytes; when each was made is in the manifest."""


def pack(
    outputs: Path, values: Mapping[str, str], target: Path, langs: Sequence[Lang] = LANGS
) -> list[str]:
    """Packs the reports of one place and time into a zip that opens alone.

    Args:
        outputs: the folder of the reports.
        values: name of each axis -> its value, as the records write it.
        target: the `.zip`; written whole or not at all.
        langs: of the pages.

    Returns:
        The names inside, in order: what a reader opens first is first.

    Raises:
        NotEnoughData: there is no report of them in one of the languages.
        UnreadableFile: there is no manifest, or a file that it lists is not there.
    """
    reports = reports_to_share(outputs, values, langs)
    manifest = Manifest(max(report.created for report in reports), reports, [])
    addresses = gallery.INDEX if len(langs) > 1 else dict.fromkeys(langs, "index.html")
    members = {addresses[lang]: gallery.index_page(manifest, lang).encode() for lang in langs}
    members |= {
        f"{report.folder}/{name}": _content(outputs, f"{report.folder}/{name}", report, ending)
        for report in reports
        for ending, name in report.files.items()
    }
    if len(langs) == 1:  # The other language is not sent along: no page may link to it.
        pages = [name for name in members if name.endswith(".html")]
        members |= {n: _SWITCH.sub("", members[n].decode(), count=1).encode() for n in pages}
    members["README.txt"] = _read_me(values, langs).encode()
    members["manifest.json"] = record.encode(manifest)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(zipfile.ZipInfo(name, _EARLIEST), data, zipfile.ZIP_DEFLATED)
    write_whole(target, lambda beside: beside.write_bytes(content.getvalue()))
    return list(members)


def failed_reports(outputs: Path, values: Mapping[str, str]) -> list[str]:
    """The reports of one place and time that were not made when last tried."""
    folder = "/".join(values[axis.name] for axis in project().AXES)
    names = (failure.report for failure in record.read_manifest(outputs).failed)
    return [name for name in names if name.startswith(f"{folder}/")]


def reports_to_share(
    outputs: Path, values: Mapping[str, str], langs: Sequence[Lang]
) -> list[Listed]:
    """What the manifest says of the reports to pack, with the files that are packed.

    Raises:
        NotEnoughData: there is no report of them in one of the languages.
        UnreadableFile: there is no manifest, or it is not one.
    """
    reports = [
        msgspec.structs.replace(r, files={e: f for e, f in r.files.items() if e in ENDINGS})
        for r in record.read_manifest(outputs).reports
        if values.items() <= r.axes.items() and r.lang in langs
    ]
    missing = set(langs) - {report.lang for report in reports}
    if missing:
        wanted = {**values, "lang": ",".join(sorted(missing))}
        options = " ".join(f"--{name} {value}" for name, value in wanted.items())
        raise NotEnoughData(
            f"expected reports for {options}, found none; "
            f"make them first: workbench render {options}"
        )
    return reports


def _read_me(values: Mapping[str, str], langs: Sequence[Lang]) -> str:
    """How to open the package and how to cite it, in the languages of its pages."""
    where = {lang: "، " if lang == "fa" else ", " for lang in langs}
    names = {
        lang: where[lang].join(a.name_in(values[a.name], lang) for a in project().AXES[::-1])
        for lang in langs
    }
    return "\n".join(project().trade_words(lang)["read_me"].format(names[lang]) for lang in langs)


def _content(outputs: Path, name: str, report: Listed, ending: str) -> bytes:
    path = outputs / name
    if not path.resolve().is_relative_to(outputs.resolve()):
        raise UnreadableFile(f"the manifest lists {name}, which does not lie in {outputs}")
    try:
        content, problem = path.read_bytes(), "one with other bytes"
    except OSError as error:
        content, problem = b"", error.strerror
    if record.sha256(content) != report.sha256[ending]:
        raise UnreadableFile(
            f"expected {path.name} as the manifest lists it in {path.parent}, found {problem}; "
            "render the report again"
        )
    return content

"""The reports of one place and time as one file to send: pages, PDFs, data books, and an index."""

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from helpers.places import write_whole
from helpers.schema import LANGS, Lang, NotEnoughData, UnreadableFile
from workbench import gallery, record
from workbench.project import place_names, project
from workbench.record import Listed, Manifest
from workbench.style import page_words

ENDINGS = ("html", "pdf", "xlsx")
_SWITCH = re.compile(r'<nav [^>]*class="wb-switch".*?</nav>', re.DOTALL)


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
    reports = _reports(outputs, values, langs)
    manifest = Manifest(max(report.created for report in reports), reports, [])
    addresses = gallery.INDEX if len(langs) > 1 else dict.fromkeys(langs, "index.html")
    members = {addresses[lang]: gallery.index_page(manifest, lang).encode() for lang in langs}
    members |= {
        f"{report.folder}/{name}": _content(outputs, report, ending)
        for report in reports
        for ending, name in report.files.items()
    }
    if len(langs) == 1:  # The other language is not sent along: no page may link to it.
        pages = [name for name in members if name.endswith(".html")]
        members |= {n: _SWITCH.sub("", members[n].decode(), count=1).encode() for n in pages}
    members["README.txt"] = "\n".join(_read_me(values, lang) for lang in langs).encode()
    members["manifest.json"] = record.encode(manifest)

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as package:
            # With no time: the same reports give the same bytes, and the manifest says when.
            for name, content in members.items():
                package.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)

    write_whole(target, write)
    return list(members)


def failed_reports(outputs: Path, values: Mapping[str, str]) -> list[str]:
    """The reports of one place and time that were not made when last tried."""
    folder = "/".join(values[axis.name] for axis in project().AXES)
    names = (failure.report for failure in record.read_manifest(outputs).failed)
    return [name for name in names if name.startswith(f"{folder}/")]


def _reports(outputs: Path, values: Mapping[str, str], langs: Sequence[Lang]) -> list[Listed]:
    """What the manifest says of the reports to pack, with the files that are packed."""
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


def _read_me(values: Mapping[str, str], lang: Lang) -> str:
    """How to open the package and how to cite it."""
    words = page_words(lang)
    return words["read_me"].format(words["comma"].join(place_names(values, lang)))


def _content(outputs: Path, report: Listed, ending: str) -> bytes:
    path = outputs / report.folder / report.files[ending]
    if not path.resolve().is_relative_to(outputs.resolve()):
        raise UnreadableFile(f"the manifest lists {path}, which does not lie in {outputs}")
    content = path.read_bytes() if path.is_file() else b""
    if record.sha256(content) != report.sha256[ending]:
        raise UnreadableFile(
            f"expected {path.name} as the manifest lists it in {path.parent}, found "
            f"{'other bytes' if content else 'none'}; render the report again"
        )
    return content

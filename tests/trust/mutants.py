"""Files that are damaged at random, bombs, links: each row is accounted for, nothing is aborted."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import resource
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import dirty
from made_notebooks import write_notebook
from trust.project import HEADINGS, Project, project
from trust.table import Row, tried

ROOT = Path(__file__).parents[2]
BATCH = 100
"""Damaged files that lie beside each other in one call."""
SECONDS, BYTES = 300, 8 << 30
"""What one call of `clean` may take."""
SOUND = [["7", "1404", "غرب تهران", "ترکیه", "84713010", "5", "1000"]]


def rows(n: int) -> Iterator[Row]:
    """Damaged files by the hundred, then what is made to hurt."""
    accounted = "read or refused by name, every row accounted for; the file beside it is read"
    limits = f"{BATCH} in one call of `workbench clean`, {BYTES >> 30} GiB, {SECONDS} s"
    yield tried("a file damaged at random", limits, accounted, damaged(n))
    yield tried(
        "a bomb (archives, XML, YAML, pages, columns)", "`workbench clean`",
        "refused by name within the limits; the file beside it is read", bombs(),
    )  # fmt: skip
    yield tried(
        "a link, a pipe, a socket, `../` in an archive", "`workbench clean`",
        "refused by name; nothing outside is read or written", links(),
    )  # fmt: skip
    yield tried(
        "a parameter that leads elsewhere (`../`)", "`workbench render`",
        "refused in words, or a name without `../`; nothing outside is read or written",
        parameters(),
    )  # fmt: skip


def damaged(n: int) -> Iterator[str]:
    """Each kind of dress in turn, damaged in one of many ways."""
    made = _made(random.Random(1404))
    for start in range(0, n, BATCH):
        with project("mutants") as of:
            _beside(of)
            for number in range(start, min(start + BATCH, n)):
                name, content = next(made)
                ending = name.partition(".")[2]
                (of.raw / f"m{number}.{ending}").write_bytes(content)
                (of.raw / f"m{number}.source.yml").write_text(f"flow: export\nscope: s{number}\n")
            yield from _judged(of, {f"m{n}." for n in range(start, min(start + BATCH, n))})


def _made(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Names and contents, without end."""
    sound = []
    with project("dresses") as of:
        for dress in dirty.DRESSES:
            path = dirty.put_on(dress, of.folder / "dress")
            sound.append((path.name, path.read_bytes()))
    while True:
        for name, content in sound:
            damage = rng.choice(DAMAGES)
            yield name, damage(content, rng, rng.choice(sound)[1])


def _flipped(content: bytes, rng: random.Random, _: bytes) -> bytes:
    changed = bytearray(content)
    for _n in range(rng.choice((1, 3, 30, 300))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut_off(content: bytes, rng: random.Random, _: bytes) -> bytes:
    return content[: rng.randrange(1, len(content))]


def _cut_out(content: bytes, rng: random.Random, _: bytes) -> bytes:
    start = rng.randrange(len(content))
    return content[:start] + content[start + rng.randrange(1, 2_000) :] or b"x"


def _doubled(content: bytes, rng: random.Random, _: bytes) -> bytes:
    start, end = sorted(rng.randrange(len(content)) for _n in range(2))
    return content[:end] + content[start:]


def _spliced(content: bytes, rng: random.Random, other: bytes) -> bytes:
    return content[: rng.randrange(1, len(content))] + other[rng.randrange(len(other)) :]


WORDS = (b"\x00", b"\xff\xfe", b'"', b"<table>", b"</tr>", b"<!--", b"&#0;", b"NaN", b"1e999", b"-",
         b"9" * 400, "٬".encode(), "\u202e".encode(), b"=cmd|' /C calc'!A0", b"\r", b",,,,", b"%n",
         b"rowspan=9999999", b"xl/workbook.xml", b"<?xml", b"1404", "مجموع".encode())  # fmt: skip


def _worded(content: bytes, rng: random.Random, _: bytes) -> bytes:
    for _n in range(rng.choice((1, 5, 50))):
        at = rng.randrange(len(content))
        content = content[:at] + rng.choice(WORDS) + content[at:]
    return content


def _inside(content: bytes, rng: random.Random, other: bytes) -> bytes:
    """A part of an archive or workbook damaged, and packed so that its sum is right again."""
    try:
        parts = {i.filename: zipfile.ZipFile(io.BytesIO(content)).read(i) for i in
                 zipfile.ZipFile(io.BytesIO(content)).infolist()}  # fmt: skip
    except (zipfile.BadZipFile, OSError):
        return _worded(content, rng, other)
    name = rng.choice(sorted(parts))
    if parts[name]:
        parts[name] = rng.choice(DAMAGES[:-1])(parts[name], rng, other)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for member, inside in parts.items():
            archive.writestr(member, inside)
    return packed.getvalue()


DAMAGES: tuple[Callable[[bytes, random.Random, bytes], bytes], ...] = (
    _flipped, _cut_off, _cut_out, _doubled, _spliced, _worded, _inside,
)  # fmt: skip


def _beside(of: Project) -> None:
    """A sound file that must be read, whatever lies beside it."""
    (of.raw / "sound.csv").write_text(dirty.csv_text([HEADINGS, *SOUND]), "utf-8")
    (of.raw / "sound.source.yml").write_text("flow: export\nscope: sound\n")


def _judged(of: Project, names: set[str]) -> Iterator[str]:
    """Of one call over a folder: what is wrong with each file of these names."""
    code, document, errors = _clean(of)
    if code not in (0, 1) or not document or "Traceback" in errors:
        yield from [f"the call was aborted, exit {code}: {errors[-300:]}"] * len(names)
        return
    files = {f["source_file"]: f for f in document["files"]}
    sound = files.get("sound.csv", {})
    if sound.get("status") != "clean" or of.left() or of.litter():
        yield f"beside them: {sound.get('error') or of.left() or of.litter()}"
    for name in sorted(names):
        found = [file for source, file in files.items() if source.startswith(name)]
        yield _unaccounted(found[0]) if found else f"{name}: nobody speaks of it"


def _unaccounted(file: dict) -> str:
    counts, error = file["rows"], file.get("error") or ""
    parts = sum(counts.get(k, 0) for k in ("kept", "replaced", "rejected", "structural"))
    if counts["read"] != parts:
        return f"{file['source_file']}: {counts} do not add up"
    if file["status"] in ("failed", "refused") and not error:
        return f"{file['source_file']}: {file['status']} without a reason"
    if "please report" in error or "Traceback" in error:
        return f"{file['source_file']}: a mistake of ours: {error[-200:]}"
    if file["status"] != "clean" and file["value_usd"]["kept"]:
        return f"{file['source_file']}: {file['status']}, and yet it counts"
    return ""


def _clean(of: Project) -> tuple[int, dict, str]:
    """`workbench clean --json` within limits of memory and time."""
    command = [sys.executable, "-m", "workbench.cli", "clean", "--json"]
    try:
        done = subprocess.run(
            command, env=of.environment, cwd=of.folder, capture_output=True, text=True,
            check=False, timeout=SECONDS,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES)),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return -1, {}, f"it took longer than {SECONDS} s"
    try:
        return done.returncode, json.loads(done.stdout), done.stderr
    except ValueError:
        return done.returncode, {}, done.stderr


# What is made to hurt


def bombs() -> Iterator[str]:
    """Small files that would be large, deep or endless."""
    with project("bombs") as of:
        _beside(of)
        for name, content in BOMBS.items():
            (of.raw / name).write_bytes(content())
        (of.raw / "aliases.csv").write_text("x")
        (of.raw / "aliases.source.yml").write_text(_aliases())
        (of.raw / "deep.csv").write_text("x")
        (of.raw / "deep.source.yml").write_text("title: " + "[" * 100_000)
        names = {f"{name.partition('.')[0]}." for name in BOMBS} | {"aliases.", "deep."}
        yield from _judged(of, names)


def _zeros(n_mib: int) -> bytes:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w", force_zip64=True) as member,
    ):
        for _ in range(n_mib):
            member.write(bytes(1 << 20))
    return packed.getvalue()


def _in_each_other(n: int) -> bytes:
    content = b"x"
    for _ in range(n):
        content = gzip.compress(content)
    return content


def _large_strings() -> bytes:
    """A workbook whose shared strings say how large they are, and are larger than may be."""
    return dirty.zipped(
        "[Content_Types].xml", b"<Types/>",
        **{"xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": b"<si/>" * (1 << 20)},
    )  # fmt: skip


def _entities() -> bytes:
    names = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "ha">{names}]><Workbook xmlns="{space}">'
        "<Worksheet><Table><Row><Cell><Data>&l11;</Data></Cell></Row></Table></Worksheet></Workbook>"
    ).encode()


def _outside() -> bytes:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    return (
        '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY out SYSTEM "file:///etc/passwd">]>'
        f'<Workbook xmlns="{space}"><Worksheet><Table><Row><Cell><Data>&out;</Data></Cell></Row>'
        "</Table></Worksheet></Workbook>"
    ).encode()


def _aliases() -> str:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    return "\n".join(["a0: &a0 ha", *levels])


BOMBS: dict[str, Callable[[], bytes]] = {
    "zip.zip": lambda: _zeros(3_000),
    "gzip.gz": lambda: gzip.compress(bytes(1 << 30), 9),
    "nested.gz": lambda: _in_each_other(30),
    "members.zip": lambda: dirty.zipped("a", b"x", **{f"m{n}.csv": b"x" for n in range(70_000)}),
    "strings.xlsx": _large_strings,
    "entities.xls": _entities,
    "outside.xls": _outside,
    "tags.xls": lambda: b"<html><table>" + b"<tr><td><div>" * 200_000,
    "spans.xls": lambda: b"<table>" + b"<tr><td rowspan=1000 colspan=1000>x" * 200,
    "columns.csv": lambda: b",".join([b"x"] * 300_000),
    "quotes.csv": lambda: b'"' * 2_000_000,
    "line.csv": lambda: b"x" * (64 << 20),
    "commas.csv": lambda: b"a,b,c,d\n" + b"," * (8 << 20),
}


def links() -> Iterator[str]:
    """Names that lead elsewhere; a secret lies there that nobody may read."""
    with project("links") as of:
        secret = of.folder / "secret"
        secret.mkdir()
        table = [HEADINGS, [*SOUND[0][:-1], "987654321"]]
        (secret / "s.csv").write_text(dirty.csv_text(table), "utf-8")
        before = _tree(of.folder, of)
        _beside(of)
        sockets = _lead_elsewhere(of, secret)
        names = {"file.", "folder", "loop.", "pipe.", "nothing.", "socket.", "slip.", "member."}
        yield from _judged(of, names)
        sockets.close()
        known = [p for p in of.processed.rglob("*.json") if "987654321" in p.read_text("utf-8")]
        yield (
            f"{known[0].name} holds what lies elsewhere" if known or of.value_usd() > 5_000 else ""
        )
        new = _tree(of.folder, of) - before
        yield f"written elsewhere: {sorted(new)[0]}" if new else ""


SECRET = """statement: {key: s, date: d, province: alborz, speaker: {fa: secret987, en: secret987},
            occasion: {fa: secret987, en: secret987}}
claims: [{number: 1, key: k, fa: secret987, en: secret987, weakest: {fa: w, en: w},
          settle: {fa: s, en: s}, owner: {fa: o, en: o}}]
"""


def parameters() -> Iterator[str]:
    """A statement outside the ledgers; a notebook whose period and province are folders above."""
    with project("elsewhere") as of:
        shutil.copytree(ROOT / "data" / "raw" / "published", of.raw / "published")
        shutil.copy(
            ROOT / "notebooks" / "02_check_published_figures.ipynb", of.folder / "notebooks"
        )
        (of.folder / "secret.yml").write_text(SECRET, "utf-8")
        of.run("clean")
        for name in (
            "../../../../../../secret",
            str(of.folder / "secret"),
            "../../raw/../../secret",
        ):
            asked = ("02_check_published_figures", f"--param=statement={name}", "--lang=en")
            code, _, errors = of.run("render", *asked, "--to=html")
            words = "no statement" in errors and "Traceback" not in errors
            yield "" if code == 1 and words else f"statement={name}: exit {code}, {errors[-200:]}"
        written = [
            p for p in of.outputs.rglob("*") if p.is_file() and b"secret987" in p.read_bytes()
        ]
        yield f"{written[0].name} holds what lies elsewhere" if written else ""
        before = _tree(of.folder, of) | _tree(of.folder.parent, of, "trust-out*")
        for value in ("..", "../..", "/tmp", "../../trust-out", "a/../../../b", "failed", ".work"):
            declared = f"period: str = {value!r}\nprovince: str = {value!r}\nlang = {value!r}\n"
            path = write_notebook(of.folder / "mine.ipynb", "1", parameters=declared)
            code, output, errors = of.run("render", str(path), "--to=html", "--json")
            yield (
                "" if code in (0, 1) and output else f"period {value}: exit {code}, {errors[-200:]}"
            )
        new = (_tree(of.folder, of) | _tree(of.folder.parent, of, "trust-out*")) - before
        yield f"written elsewhere: {sorted(new)[0]}" if new - {str(path)} else of.litter()


def _lead_elsewhere(of: Project, secret: Path) -> socket.socket:
    raw = of.raw
    (raw / "file.csv").symlink_to(secret / "s.csv")
    (raw / "folder").symlink_to(secret)
    (raw / "loop.csv").symlink_to(raw / "loop.csv")
    (raw / "nothing.csv").symlink_to(secret / "nothing")
    os.mkfifo(raw / "pipe.csv")
    ours = socket.socket(socket.AF_UNIX)
    ours.bind(str(raw / "socket.csv"))
    content = dirty.csv_text([HEADINGS, [*SOUND[0][:-1], "77"]]).encode()
    slip = dirty.zipped("../../../slipped.csv", content, **{"/tmp/trust-slipped.csv": b"x"})
    (raw / "slip.zip").write_bytes(slip)
    packed, inside = io.BytesIO(), zipfile.ZipInfo("link.csv")
    inside.external_attr = 0o120777 << 16  # a link, as `zip -y` packs it
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(inside, str(secret / "s.csv"))
    (raw / "member.zip").write_bytes(packed.getvalue())
    for name in ("slip", "member"):
        (raw / f"{name}.source.yml").write_text(f"flow: export\nscope: {name}\n")
    return ours


def _tree(folder: Path, of: Project, names: str = "**/*") -> set[str]:
    """All files but those that a command may write, in the project and beside it."""
    own = (of.raw, of.processed, of.outputs)
    beside = {str(p) for p in folder.parent.glob("*slipped*")}
    found = (p for p in folder.glob(names) if not any(p == o or o in p.parents for o in own))
    return beside | {str(p) for p in found}

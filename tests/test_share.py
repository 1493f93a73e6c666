"""The package of a province's reports."""

import json
import shutil
import zipfile

import pytest
from click.testing import CliRunner
from lxml import html

from executed import report
from helpers.schema import UnreadableFile
from workbench import cli, export, gallery, share
from workbench.record import Listed, Manifest, Result, encode, sha256

MADE = "2026-11-22T23:20:00+00:00"
VALUES = {"period": "1404", "province": "alborz"}
ASKED = ("--period", "1404", "--province", "alborz")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Two reports of alborz and one of tehran, which failed in one language."""
    folder = tmp_path_factory.mktemp("outputs")
    made = (("fa", "alborz"), ("en", "alborz"), ("fa", "tehran"))
    reports = [listed(folder, lang, province) for lang, province in made]
    failed = [Result("1404/tehran/first.en", "failed", cell="1", message="m")]
    (folder / "manifest.json").write_bytes(encode(Manifest(MADE, reports, failed)))
    return folder


def listed(folder, lang: str, province: str) -> Listed:
    """Writes a report; what the manifest says of it."""
    page = export.export_page(
        report(lang, is_synthetic=False), report="first", data_book=f"first.{lang}.xlsx",
        languages=["fa", "en"] if province == "alborz" else ["fa"],
    ).html  # fmt: skip
    contents = {"html": page.encode(), "pdf": b"%PDF", "xlsx": b"PK", "ipynb": b"{}", "json": b"{}"}
    for ending, content in contents.items():
        path = folder / "1404" / province / f"first.{lang}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Listed(
        notebook="first", title="T", lang=lang, axes={"period": "1404", "province": province},
        parameters={}, files={e: f"first.{lang}.{e}" for e in contents},
        sha256={e: sha256(content) for e, content in contents.items()}, folder=f"1404/{province}",
        created=MADE, seconds=1.0, is_synthetic=False, notice="", key="",
        on_the_map={"ratio": 1.5, "share": None},
    )  # fmt: skip


def run(written, *asked: str):
    return CliRunner().invoke(cli.main, ["share", f"--outputs={written}", *asked])


def test_a_package_holds_pages_pdfs_data_books_manifest_and_an_index(written, tmp_path):
    names = share.pack(written, VALUES, tmp_path / "a.zip")
    kinds = [f"1404/alborz/first.{lang}.{e}" for lang in ("fa", "en") for e in share.ENDINGS]
    assert names == ["index.html", "index.en.html", *kinds, "README.txt", "manifest.json"]
    with zipfile.ZipFile(tmp_path / "a.zip") as package:
        assert package.testzip() is None
        manifest = json.loads(package.read("manifest.json"))
        index = html.document_fromstring(package.read("index.html").decode())
        read_me = package.read("README.txt").decode()
    assert "البرز، سال ۱۴۰۴" in read_me
    assert "Alborz, 1404" in read_me
    assert {r["axes"]["province"] for r in manifest["reports"]} == {"alborz"}
    assert "1404/alborz/first.fa.xlsx" in index.xpath("//a/@href")
    assert not list(tmp_path.glob("[!a]*"))


def test_the_index_inside_says_of_the_province_what_the_index_outside_says(
    written, tmp_path, monkeypatch
):
    monkeypatch.setattr(gallery, "MAP_FROM", 1)
    share.pack(written, VALUES, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as package:
        index = html.document_fromstring(package.read("index.en.html").decode())
    assert "▲ 1.50" in index.xpath("//label[contains(@class, 'wb-tile')]")[0].text_content()


def test_a_page_sent_without_its_other_language_has_no_link_to_it(written, tmp_path):
    names = share.pack(written, VALUES, tmp_path / "en.zip", ("en",))
    assert "index.en.html" not in names
    with zipfile.ZipFile(tmp_path / "en.zip") as package:
        for name in ("index.html", "1404/alborz/first.en.html"):
            root = html.document_fromstring(package.read(name).decode())
            assert root.get("lang") == "en"
            assert not root.find_class("wb-switch")


def test_the_same_reports_give_the_same_bytes(written, tmp_path):
    for name in ("a.zip", "b.zip"):
        share.pack(written, VALUES, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_file_that_the_manifest_lists_and_nobody_finds_leaves_no_package(written, tmp_path):
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    (outputs / "manifest.json").write_text((written / "manifest.json").read_text())
    with pytest.raises(UnreadableFile, match=r"first.fa.html.*render the report again"):
        share.pack(outputs, VALUES, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_a_file_with_other_bytes_than_the_manifest_lists_leaves_no_package(written, tmp_path):
    """As after a kill between the renames of a report's files."""
    outputs = tmp_path / "outputs"
    shutil.copytree(written, outputs)
    (outputs / "1404" / "alborz" / "first.en.pdf").write_bytes(b"%PDF of before")
    with pytest.raises(UnreadableFile, match=r"first.en.pdf.*other bytes.*render the report again"):
        share.pack(outputs, VALUES, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_a_manifest_of_somebody_else_packs_nothing_that_lies_elsewhere(written, tmp_path):
    outputs, secret = tmp_path / "outputs", tmp_path / "secret.pdf"
    shutil.copytree(written, outputs)
    secret.write_bytes(b"%PDF")  # the very bytes that the manifest lists
    manifest = (outputs / "manifest.json").read_text()
    listed = manifest.replace('"first.fa.pdf"', '"../../../secret.pdf"')
    (outputs / "manifest.json").write_text(listed)
    with pytest.raises(UnreadableFile, match=r"secret.pdf, which does not lie in"):
        share.pack(outputs, VALUES, tmp_path / "a.zip")


def test_the_command_tells_what_it_packed(written, tmp_path):
    done = run(written, *ASKED, f"--out={tmp_path / 'new' / 'a.zip'}", "--json")
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)["files"]) == 10


def test_the_command_fails_where_a_report_of_the_province_failed_but_packs_the_rest(
    written, tmp_path
):
    out = tmp_path / "t.zip"
    asked = ("--period=1404", "--province=tehran", "--lang=fa", f"--out={out}")
    done = run(written, *asked)
    assert (done.exit_code, out.is_file()) == (1, True)
    assert "1404/tehran/first.en" in done.stderr


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("--period=1404", "--province=qum"), "did you mean 'qom'"),
        (("--period=1404", "--province=alborz", "--lang=de"), "'de' is not a language"),
        (("--period=1404", "--province=qom"), "workbench render --period 1404 --province qom"),
        (
            ("--period=1404", "--province=tehran"),
            "--province tehran --lang en, found none",
        ),
        (("--period=1404",), "Missing option '--province'"),
    ],
)
def test_a_wrong_call_packs_nothing(written, tmp_path, asked, words):
    out = tmp_path / "a.zip"
    done = run(written, *asked, f"--out={out}")
    assert (done.exit_code, out.exists()) == (2, False)
    assert words in done.stderr

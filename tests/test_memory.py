"""A hash is trusted without reading only where the file cannot have changed."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from helpers import memory as remembering
from helpers.memory import Hashes


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(b"one")
    return path


@pytest.fixture(autouse=True)
def _everything_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "SETTLED", -1 << 62)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def replaced_with_the_same_times(file: Path) -> None:
    stat = os.stat(file)
    other = file.with_name("other")
    other.write_bytes(b"two")
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(file)


def written_over_with_the_same_times(file: Path) -> None:
    stat = os.stat(file)
    file.write_bytes(b"two")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_bytes(b"two"),
        written_over_with_the_same_times,  # size and mtime agree: the ctime does not
        replaced_with_the_same_times,
    ],
)
@pytest.mark.parametrize("is_another_run", [False, True])
def test_a_changed_file_is_hashed_anew(file, tmp_path, change, is_another_run):
    memory = Hashes(tmp_path / "memory.json")
    assert memory.of(file) == sha256(b"one")
    memory.save()
    change(file)
    if is_another_run:
        memory = Hashes(tmp_path / "memory.json")
    assert memory.of(file) == sha256(b"two")


def test_a_file_that_was_changed_and_changed_back_has_changed(file, tmp_path):
    memory = Hashes(tmp_path / "memory.json")
    one = memory.of(file)
    assert not memory.has_changed(file)
    stat = os.stat(file)
    for content in (b"two", b"one"):
        file.write_bytes(content)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert memory.of(file) == one
    assert memory.has_changed(file)
    file.unlink()
    assert memory.has_changed(file)
    assert not memory.has_changed(tmp_path / "never asked for")


def test_documents_bear_the_time_that_is_told(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert remembering.now() == "2023-11-14T22:13:20+00:00"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert remembering.now() > "2026"


def test_an_unchanged_file_is_not_read_again(file, tmp_path, monkeypatch):
    memory = Hashes(tmp_path / "memory.json")
    memory.of(file)
    memory.save()
    monkeypatch.setattr(hashlib, "file_digest", lambda *_: pytest.fail("it was read again"))
    assert Hashes(tmp_path / "memory.json").of(file) == sha256(b"one")


def test_a_file_that_just_changed_is_not_remembered(file, tmp_path, monkeypatch):
    """Another change within the same tick of the clock would leave no trace in its mark."""
    monkeypatch.setattr(remembering, "SETTLED", 2_000_000_000)
    memory = Hashes(tmp_path / "memory.json")
    memory.of(file)
    memory.save()
    assert not (tmp_path / "memory.json").exists()


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"a": 1}', '{"a": [[1], "x"]}', "null"])
def test_a_damaged_memory_is_no_memory(file, tmp_path, damage):
    (tmp_path / "memory.json").write_text(damage)
    assert Hashes(tmp_path / "memory.json").of(file) == sha256(b"one")


def test_a_copy_elsewhere_has_the_same_hash(file, tmp_path):
    memory = Hashes(tmp_path / "memory.json")
    assert memory.of(file) == memory.of(Path(shutil.copy(file, tmp_path / "b.csv")))

"""The kept rows of one file in pieces that fit into memory, each of which can be judged alone.

A short file is one piece. The rows of a longer one are put on disk as they come, a file for each
chapter of goods, and are read back in bundles: rows of one tariff code always together, and rows
of one chapter where codes have several lengths, since a heading may sum up the codes below it.
Within a code, rows keep the order of the file.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

ROWS_HELD = 2_000_000
"""Rows of one file that are held at once: with all that is made of them 0.6 GB, or 0.9 where rows
may be of all goods. A code, or a chapter, of more rows than a quarter of these, the size of a
piece, is one piece all the same."""

_LATE = "~"
"""Comes after all codes."""

_ROWS_OF_TEXT = 65_536
"""Rows read before their texts, which take much room, are made a dictionary."""


class Pieces:
    """Takes the kept rows of a file as they come, and gives them back in pieces.

    Args:
        folder: an empty one, for rows that are not held; at most about the size of the file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.held: list[pa.Table] = []
        self.n_rows: Counter[str] = Counter()
        self.written: dict[str, pa.ipc.RecordBatchStreamWriter] = {}

    def add(self, kept: pa.Table) -> None:
        """Takes the rows of one table: text columns by dictionary, in one chunk."""
        if not len(kept):
            return
        self.held.append(kept)
        if self.written or sum(map(len, self.held)) > ROWS_HELD:
            while self.held:
                self._put(self.held.pop(0))
            _give_back()

    def _put(self, kept: pa.Table) -> None:
        """Appends each row to the file of its chapter; "" is the chapter of rows without a code."""
        codes = kept["hs_code"].combine_chunks()
        words = [*codes.dictionary.to_pylist(), ""]
        at = codes.indices.fill_null(len(words) - 1).to_numpy()
        self.n_rows.update(dict(zip(words, np.bincount(at).tolist(), strict=False)))
        of_word, chapters = pd.factorize(np.array([word[:2] for word in words], dtype=object))
        of_row = of_word[at]
        rows = kept.take(pa.array(np.argsort(of_row, kind="stable")))
        plain = [
            pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type)
            for f in rows.schema
        ]
        rows = rows.cast(pa.schema(plain))
        sizes = np.bincount(of_row, minlength=len(chapters)).tolist()
        start = 0
        for chapter, size in zip(chapters, sizes, strict=True):
            if size and chapter not in self.written:
                packed = pa.ipc.IpcWriteOptions(compression="lz4")
                path = str(self.folder / f"{chapter}.arrow")
                self.written[chapter] = pa.ipc.new_stream(path, rows.schema, options=packed)
            if size:
                self.written[chapter].write_table(rows.slice(start, size))
            start += size

    def read(
        self, labels: Collection[str], *, at_once: bool, last: Collection[str] = ()
    ) -> Iterator[pa.Table]:
        """The rows, once; of several chunks each text column has one dictionary.

        Args:
            labels: all values of `source_file`, in their order.
            at_once: whether they must all be in one piece, however many they are.
            last: codes whose rows must be in the last piece.
        """
        if self.held:
            held, self.held = self.held, []
            yield pa.concat_tables(held).unify_dictionaries()
        for writer in self.written.values():
            writer.close()
        self.written = {}
        for codes in self._bundles(at_once=at_once, last=last):
            _give_back()
            yield self._read_codes(codes, labels)

    def _bundles(self, *, at_once: bool, last: Collection[str]) -> Iterator[set[str]]:
        """Sets of codes whose rows are one piece."""
        codes = sorted(+self.n_rows)
        digits = 2 if len({*map(len, codes)} - {0}) > 1 else None
        late = {code[:digits] for code in last}
        start_of = {code: _LATE if code[:digits] in late else code[:digits] for code in codes}
        sizes: Counter[str] = Counter()
        for code in codes:
            sizes[start_of[code]] += self.n_rows[code]
        bundle: set[str] = set()
        n_rows = 0
        for start in sorted(sizes):
            if n_rows and n_rows + sizes[start] > ROWS_HELD // 4 and not at_once:
                yield {code for code in codes if start_of[code] in bundle}
                bundle, n_rows = set(), 0
            bundle.add(start)
            n_rows += sizes[start]
        if bundle:
            yield {code for code in codes if start_of[code] in bundle}

    def _read_codes(self, codes: set[str], labels: Collection[str]) -> pa.Table:
        parts, held = [], []
        for batch in self._batches(codes):
            held.append(batch)
            if sum(map(len, held)) > _ROWS_OF_TEXT:
                parts.append(_by_dictionary(pa.Table.from_batches(held), labels))
                held = []
        if held:
            parts.append(_by_dictionary(pa.Table.from_batches(held), labels))
        return pa.concat_tables(parts).unify_dictionaries()

    def _batches(self, codes: set[str]) -> Iterator[pa.RecordBatch]:
        for chapter in sorted({code[:2] for code in codes}):
            wanted = pa.array(sorted(code for code in codes if code[:2] == chapter), pa.string())
            is_all = len(wanted) == sum(code[:2] == chapter for code in +self.n_rows)
            with pa.OSFile(str(self.folder / f"{chapter}.arrow")) as file:
                for batch in pa.ipc.open_stream(file):
                    yield batch if is_all else batch.filter(pc.is_in(batch["hs_code"], wanted))


def _by_dictionary(rows: pa.Table, labels: Collection[str]) -> pa.Table:
    """The rows with text columns by dictionary; that of `source_file` is the labels."""
    columns = {}
    for name in rows.column_names:
        columns[name] = rows[name].combine_chunks()
        if name == "source_file":
            words = pa.array(labels, pa.string())
            at = pc.index_in(columns[name], words)
            columns[name] = pa.DictionaryArray.from_arrays(at, words)
        elif pa.types.is_string(rows[name].type):
            columns[name] = columns[name].dictionary_encode()
    return pa.table(columns)


def _give_back() -> None:
    """Gives the system the memory that nobody uses; allocators keep it, here 0.2 GB and more."""
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError, TypeError, OSError):  # other systems than Linux have no such call
        ctypes.CDLL(None).malloc_trim(0)

"""Reads a large delimited table once, on the word of a few samples (docs/decisions/0035).

Types are taken from pieces of the file here and there, then all rows are read with them while every field is looked
at. When the fields turn out to be what the full scan would have called them, the result is the one it would have led
to. Otherwise ``Surprise`` is raised, and the file is read the thorough way.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.formats import text_scan as scanner
from services.formats.base import Surprise
from services.formats.column_names import unique_names
from services.formats.text_automaton import FORTRAN, PADDED, TEXT, ByteArray
from services.formats.text_cells import KINDS, SETTLED_TEXT, Cells, gather, parsed_cells
from services.formats.text_numbers import SPARE_BYTES
from services.formats.text_pieces import Findings, Layout, header_length
from services.formats.text_stream import BLOCK_BYTES
from services.formats.text_values import ARROW_TYPES, column_dtype
from services.models.tables import TableColumn

SMALLEST_FILE_BYTES = 2**23
"""Smaller files are scanned in no time."""

SAMPLES = 8
SAMPLE_BYTES = 2**18
PIECE_BYTES = 2**21
"""Bytes parsed at once: their values fit into the second-level cache of two cores."""

PARSE_THREADS = 2
LONGEST_RECORD_BYTES = 2**17
"""Longer ones are left to the full scan."""

DELIMITERS = ",;\t|"
ODDITIES = [scanner.STATUS, scanner.COMMENTS, scanner.BLANKS, scanner.TRAILING, scanner.QUOTED, scanner.STRAY]
"""Counters of a scan that are 0 in a plain file."""

_LINE_FEED = ord("\n")

Masks = NDArray[np.int64]


class Trial:
    """One attempt at the rows of a file.

    Parameters
    ----------
    path : Path
    layout : Layout
        Of a plain file, see ``trial_of``.
    header_bytes : int
        Bytes of the records with names and units.
    seen : int64, shape (n_columns,)
        What the fields of the samples are.
    rows_per_byte : float
    """

    def __init__(self, path: Path, layout: Layout, header_bytes: int, seen: Masks, rows_per_byte: float) -> None:
        self._path, self._layout, self._header_bytes, self._seen = path, layout, header_bytes, seen
        self._dtypes = [column_dtype(int(mask)) for mask in seen]
        self._has_text = "string" in self._dtypes
        self._lent = threading.local()
        self._n_rows = 0
        self.columns = self._named()
        """Names, types and units that ``batches`` will have."""
        self.n_rows_expected = int(rows_per_byte * path.stat().st_size)
        self.findings: Findings | None = None
        """What the file holds, once all rows were read."""

    def _named(self) -> tuple[TableColumn, ...]:
        header = self._layout.header
        units = header.units or (None,) * len(header.names)
        names = unique_names(header.names)[0]
        return tuple(TableColumn(*column) for column in zip(names, self._dtypes, units, strict=True))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows in file order; raises ``Surprise`` when the samples did not tell the truth."""
        parsing: deque[Future[tuple[Masks, pa.RecordBatch]]] = deque()
        with self._path.open("rb") as file, ThreadPoolExecutor(PARSE_THREADS) as ahead:
            for place, n_bytes in self._pieces(file):
                parsing.append(ahead.submit(self._parsed, file.fileno(), place, n_bytes))
                if len(parsing) > PARSE_THREADS:
                    yield self._joined(*parsing.popleft().result())
            while parsing:
                yield self._joined(*parsing.popleft().result())
        totals = np.zeros(scanner.N_COUNTERS, dtype=np.int64)
        totals[scanner.ROWS] = self._n_rows
        self.findings = Findings(self._seen, header_bytes=self._header_bytes, totals=totals)

    def _joined(self, seen: Masks, batch: pa.RecordBatch) -> pa.RecordBatch:
        self._seen |= seen
        if not self._fits(self._seen):
            raise Surprise
        self._n_rows += batch.num_rows
        return batch

    def _fits(self, seen: Masks) -> bool:
        """Whether such fields leave every column the type it was given."""
        return all(column_dtype(int(mask)) == dtype for mask, dtype in zip(seen, self._dtypes, strict=True))

    def _pieces(self, file: BinaryIO) -> Iterator[tuple[int, int]]:
        """Place and number of bytes of some whole records, up to the end of the file."""
        place, size = self._layout.offset + self._header_bytes, self._path.stat().st_size
        while place + PIECE_BYTES < size:
            file.seek(place + PIECE_BYTES - LONGEST_RECORD_BYTES)
            n_bytes = PIECE_BYTES - LONGEST_RECORD_BYTES + file.read(LONGEST_RECORD_BYTES).rfind(b"\n") + 1
            if n_bytes <= PIECE_BYTES - LONGEST_RECORD_BYTES:
                raise Surprise
            yield place, n_bytes
            place += n_bytes
        if place < size:
            yield place, size - place

    def _parsed(self, file: int, place: int, n_bytes: int) -> tuple[Masks, pa.RecordBatch]:
        data, n_bytes = self._read(file, place, n_bytes)
        seen = np.zeros_like(self._seen)
        kinds = [
            SETTLED_TEXT if mask & TEXT else KINDS[dtype] for mask, dtype in zip(self._seen, self._dtypes, strict=True)
        ]
        cells = parsed_cells(data, n_bytes, self._layout.grammar, np.array(kinds, dtype=np.int64), seen)
        if cells is None or not self._fits(self._seen | seen):
            raise Surprise
        self._take_slow(cells)
        arrays = [self._array(cells, column) for column in range(len(kinds))]
        return seen, pa.RecordBatch.from_arrays(arrays, names=[column.name for column in self.columns])

    def _read(self, file: int, place: int, n_bytes: int) -> tuple[bytearray, int]:
        """Bytes of a piece, ended with a line feed, in memory that is used again by the next one of this thread."""
        data: bytearray | None = getattr(self._lent, "data", None)
        if data is None:
            data = self._lent.data = bytearray(PIECE_BYTES + 1 + SPARE_BYTES)
        if os.preadv(file, [memoryview(data)[:n_bytes]], place) != n_bytes:
            raise Surprise
        if data[n_bytes - 1] != _LINE_FEED:
            data[n_bytes] = _LINE_FEED
            n_bytes += 1
        if self._has_text and not _is_plain_text(data, n_bytes):
            raise Surprise
        return data, n_bytes

    def _take_slow(self, cells: Cells) -> None:
        """Fill in the numbers that the compiled loop left: more digits than 19, infinities, far exponents."""
        numbers = {"float64": np.float64, "int64": np.int64, "uint64": np.uint64}
        for column, row, start, end in cells.slow:
            text = cells.buffer[start:end].tobytes().decode()
            dtype = self._dtypes[column]
            cells.out[column].view(numbers[dtype])[row] = float(text) if dtype == "float64" else int(text)

    def _array(self, cells: Cells, column: int) -> pa.Array:
        kind = ARROW_TYPES[self._dtypes[column]]
        values, missing = cells.out[column], cells.missing[column]
        if pa.types.is_string(kind):
            return _texts(cells.buffer, values)
        present = None if pa.types.is_floating(kind) or not missing.any() else _bitmap(~missing)
        return pa.Array.from_buffers(kind, values.size, [present, pa.py_buffer(values)])


def _bitmap(present: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(present, bitorder="little"))


def _texts(data: ByteArray, spans: NDArray[np.uint64]) -> pa.Array:
    lengths = spans >> np.uint64(32)
    offsets = np.zeros(spans.size + 1, dtype=np.int32)
    letters = np.empty(int(lengths.sum()), dtype=np.uint8)
    gather(data, spans, offsets, letters)
    buffers = [_bitmap(lengths > 0), pa.py_buffer(offsets), pa.py_buffer(letters)]
    return pa.Array.from_buffers(pa.string(), spans.size, buffers)


def _is_plain_text(data: bytearray, n_bytes: int) -> bool:
    """Whether there are neither quotes nor zero bytes, and letters are UTF-8. Columns of numbers need not be asked."""
    if data.find(b'"', 0, n_bytes) >= 0 or data.find(b"\0", 0, n_bytes) >= 0:
        return False
    try:
        str(memoryview(data)[:n_bytes], "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def trial_of(path: Path, layout: Layout) -> Trial | None:
    """An attempt at a file whose samples look plain; None when they do not."""
    if not _is_plain(layout):
        return None
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(layout.offset)
        header_bytes = _header_bytes(file.read(BLOCK_BYTES), layout)
        samples = list(_samples(file, layout.offset + header_bytes, size))
    seen = np.zeros(len(layout.header.names), dtype=np.int64)
    counters = [scanner.scan(data, layout.grammar, seen) for data in samples if data]
    if len(counters) < SAMPLES or any(found[ODDITIES].any() for found in counters) or not _is_settled(seen):
        return None
    n_rows = sum(int(found[scanner.ROWS]) for found in counters)
    return Trial(path, layout, header_bytes, seen, n_rows / sum(map(len, samples)))


def _samples(file: BinaryIO, first: int, size: int) -> Iterator[bytes]:
    """Whole lines from places all over a file, beginning and end among them."""
    last = max(first, size - SAMPLE_BYTES)
    for number in range(SAMPLES):
        file.seek(first + (last - first) * number // (SAMPLES - 1))
        data = file.read(SAMPLE_BYTES)
        start = data.find(b"\n") + 1 if number else 0
        if number == SAMPLES - 1 and not data.endswith(b"\n"):
            data += b"\n"
        yield data[start : data.rfind(b"\n") + 1]


def _is_settled(seen: Masks) -> bool:
    """Whether the fields of the samples say what the columns are, and are such that ``text_cells`` reads them.

    Where all columns are text, several files may be joined: their header lines are found by the full scan.
    """
    return not np.any(seen & (FORTRAN | PADDED)) and not np.all(seen & TEXT)


def _is_plain(layout: Layout) -> bool:
    grammar = layout.grammar
    is_separated = grammar.delimiter is not None and grammar.delimiter in DELIMITERS
    return is_separated and grammar.decimal == "." and layout.encoding == "utf-8" and not layout.declared


def _header_bytes(block: bytes, layout: Layout) -> int:
    """Bytes of the records with names and units."""
    n_bytes = 0
    for _ in range(1 + layout.header.n_unit_records if layout.header.in_first_record else 0):
        n_bytes += header_length(block[n_bytes:], layout.grammar)[0]
    return n_bytes

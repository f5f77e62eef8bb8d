"""Comma-separated text (RFC 4180): one header line, empty fields for missing values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from services.exports.base import Export
from services.exports.numbers import vector_texts

OPTIONS = pacsv.WriteOptions(include_header=False, quoting_style="needed")


def write_csv(export: Export) -> Iterator[bytes]:
    """Header, then batch by batch."""
    head = io.StringIO()
    csv.writer(head, lineterminator="\n").writerow(export.names)
    yield head.getvalue().encode()
    for batch in export.rows():
        if batch.num_rows:
            yield _lines(batch)


def _lines(batch: pa.RecordBatch) -> bytes:
    columns = [_column(values) for values in batch.columns]
    out = io.BytesIO()
    names = [str(place) for place in range(len(columns))]
    pacsv.write_csv(pa.RecordBatch.from_arrays(columns, names=names), out, OPTIONS)
    return out.getvalue()


def _column(values: pa.Array) -> pa.Array:
    if pa.types.is_fixed_size_list(values.type):
        return vector_texts(values)
    if pa.types.is_floating(values.type):  # float32 is written in its own precision: 0.38
        return pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    return values

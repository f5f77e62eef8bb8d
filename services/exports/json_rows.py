"""Rows as JSON objects: ``{"count": ..., "columns": [...], "results": [{...}, ...]}``, written while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from services.exports.base import Export
from services.exports.numbers import written_numbers


def write_json(export: Export, n_matching: int) -> Iterator[bytes]:
    """The answer; ``count`` is the number of rows that match, of which these may be a part.

    Integers are exact, float32 as the source wrote it, missing values null; infinities, which JSON lacks, are texts.
    """
    yield b'{"count":%d,"columns":%b,"results":[' % (n_matching, orjson.dumps(export.names))
    comma = b""
    for batch in export.rows():
        if batch.num_rows:
            yield comma + orjson.dumps(rows_as_objects(batch))[1:-1]
            comma = b","
    yield b"]}"


def rows_as_objects(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """One dict a row."""
    names = batch.schema.names
    columns = [_plain(values) for values in batch.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(values: pa.Array) -> list[Any]:
    if pa.types.is_fixed_size_list(values.type):
        size = int(values.type.list_size)
        flat = _plain(values.values.slice(values.offset * size, len(values) * size))
        return [flat[place * size : (place + 1) * size] for place in range(len(values))]
    if not pa.types.is_floating(values.type):
        plain: list[Any] = values.to_pylist()
        return plain
    written = written_numbers(values)
    found: list[Any] = written.to_pylist()
    endless = pc.is_inf(written).fill_null(False)  # noqa: FBT003 - the value, not a flag
    for place in np.flatnonzero(endless.to_numpy(zero_copy_only=False)):
        found[place] = str(found[place])
    return found

"""Parquet, and Arrow as a stream of record batches (IPC): types exactly those of the table, units in the metadata."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from services.exports.base import Drain, Export
from services.models.tables import TableColumn


def write_parquet(export: Export) -> Iterator[bytes]:
    """One row group a batch; the footer comes last, so nothing is held back."""
    drain = Drain()
    schema = described_schema(export)
    texts = [field.name for field in schema if pa.types.is_string(field.type)]
    options = {"compression": "zstd", "compression_level": 1, "use_dictionary": texts}  # numbers seldom repeat
    with pq.ParquetWriter(pa.PythonFile(drain, mode="w"), schema, **options) as writer:
        for batch in export.rows():
            writer.write_batch(batch.cast(schema))
            yield drain.take()
    yield drain.take()


def write_arrow(export: Export) -> Iterator[bytes]:
    """Schema, batches, end mark: what ``pyarrow.ipc.open_stream`` reads."""
    drain = Drain()
    schema = described_schema(export)
    with pa.ipc.new_stream(pa.PythonFile(drain, mode="w"), schema) as writer:
        for batch in export.rows():
            writer.write_batch(batch.cast(schema))
            yield drain.take()
    yield drain.take()


def described_schema(export: Export) -> pa.Schema:
    """Types of the table with unit, UCD and description of each column as metadata of its field."""
    fields = [export.schema.field(column.name).with_metadata(_facts(column)) for column in export.columns]
    return pa.schema(fields, metadata={"title": export.title})


def _facts(column: TableColumn) -> dict[str, str] | None:
    facts = {"unit": column.unit, "ucd": column.ucd, "description": column.description}
    return {name: text for name, text in facts.items() if text} or None

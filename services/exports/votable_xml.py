"""VOTable 1.4 with rows as text (TABLEDATA), the serialisation every reader knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.compute as pc

from services.exports.base import Export
from services.exports.numbers import vector_texts, written_numbers
from services.models.tables import TableColumn

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters XML 1.0 cannot hold."""

_TYPES = {
    "float32": "float",
    "float64": "double",
    "int8": "short",
    "uint8": "unsignedByte",
    "int16": "short",
    "uint16": "int",
    "int32": "int",
    "uint32": "long",
    "int64": "long",
    "bool": "boolean",
}
"""VOTable has no type for uint64: such columns travel as text, exactly."""

_TEXT = 'datatype="unicodeChar" arraysize="*"'


def write_votable(export: Export) -> Iterator[bytes]:
    """Head with the fields, rows, tail."""
    fields = "".join(f"   {_field(column)}\n" for column in export.columns)
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">\n <RESOURCE type="results">\n'
        f"  <TABLE name={_attribute(export.title)} nrows={_attribute(str(export.n_rows))}>\n{fields}"
        "   <DATA><TABLEDATA>\n"
    ).encode()
    for batch in export.rows():
        yield _rows(batch)
    yield b"   </TABLEDATA></DATA>\n  </TABLE>\n </RESOURCE>\n</VOTABLE>\n"


def _attribute(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("�", text))


def _field(column: TableColumn) -> str:
    facts = {"unit": column.unit, "ucd": column.ucd}
    known = "".join(f" {name}={_attribute(text)}" for name, text in facts.items() if text)
    head = f"<FIELD name={_attribute(column.name)} {_datatype(column.dtype)}{known}"
    if not column.description:
        return f"{head}/>"
    return f"{head}><DESCRIPTION>{escape(_FORBIDDEN.sub('�', column.description))}</DESCRIPTION></FIELD>"


def _datatype(dtype: str) -> str:
    if dtype.startswith("vector<"):
        kind, _, rest = dtype.removeprefix("vector<").partition(">")
        return f'datatype="{_TYPES[kind]}" arraysize="{rest.strip("[]")}"'
    return f'datatype="{_TYPES[dtype]}"' if dtype in _TYPES else _TEXT


def _rows(batch: pa.RecordBatch) -> bytes:
    columns = [_cells(values) for values in batch.columns]
    return "".join(f"<TR>{''.join(cells)}</TR>\n" for cells in zip(*columns, strict=True)).encode()


def _cells(values: pa.Array) -> list[str]:
    """Cells as XML; a missing value is an empty cell."""
    if pa.types.is_fixed_size_list(values.type):
        texts = vector_texts(values).to_pylist()
    elif pa.types.is_string(values.type):
        texts = [None if text is None else escape(_FORBIDDEN.sub("�", text)) for text in values.to_pylist()]
    elif pa.types.is_floating(values.type):
        texts = _number_texts(values)
    else:
        texts = pc.cast(values, pa.string()).to_pylist()
    return [f"<TD>{text}</TD>" if text is not None else "<TD/>" for text in texts]


def _number_texts(values: pa.Array) -> list[str | None]:
    words = {"inf": "+Inf", "-inf": "-Inf"}
    texts = pc.cast(written_numbers(values), pa.string()).to_pylist()
    return [words.get(text, text) for text in texts]

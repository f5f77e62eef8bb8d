"""ECSV (enhanced CSV, astropy APE 6): CSV whose comments declare types, units and descriptions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import yaml
from numpy.typing import NDArray

from services.formats.arrays import arrow_type
from services.formats.base import ClosingReader, unreadable
from services.formats.column_names import listed
from services.formats.grids import MAX_VECTOR, grid_in_words
from services.formats.text import TextReader, open_text
from services.formats.text_dialect import first_lines, split_records
from services.formats.text_header import Header
from services.formats.text_pieces import Layout
from services.formats.text_scan import Grammar
from services.models.tables import TableColumn

_ALLOWED_DELIMITERS = (" ", ",")
_SHAPE = re.compile(r"(?P<item>(float|u?int)\d+)\[(?P<sizes>\d{1,6}(,\d{1,6})*)\]")


class _PlainLoader(yaml.SafeLoader):
    """YAML without objects: tags that astropy adds (!!omap, !astropy...) are read as the plain thing they mark."""


def _untagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:  # noqa: ARG001
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


_PlainLoader.add_multi_constructor("", _untagged)


def open_ecsv(path: Path, name: str) -> TextReader | EcsvVectors:
    """A reader for an ECSV file."""
    vectors: dict[str, str] = {}
    reader = open_text(path, name, partial(declared_layout, vectors))
    return EcsvVectors(reader, vectors) if vectors else reader


def declared_layout(vectors: dict[str, str], name: str, head: bytes, is_whole: bool) -> Layout:
    """Layout as the YAML comment of the file declares it; ``vectors`` gets the types of columns of vectors."""
    lines = first_lines(head, is_whole)
    meta = _declaration(name, head, lines.offset)
    delimiter = meta.get("delimiter", " ")
    if delimiter not in _ALLOWED_DELIMITERS:
        raise unreadable(name, "the ECSV header declares a delimiter that is neither a blank nor a comma.")
    if not lines.body:
        raise unreadable(name, "the ECSV header is not followed by a line of names and rows.")
    names = split_records(lines.body[:1], delimiter)[0]
    declared, warnings = _columns(name, meta, names)
    vectors.update(_vectors(meta))
    grid = grid_in_words(
        _named_values(meta), [replace(one, dtype=vectors.get(one.name, "float64")) for one in declared]
    )
    header = Header(tuple(names), has_header=True, in_first_record=True)
    grammar = Grammar(delimiter, quoting=True)
    return Layout(header, grammar, lines.offset, lines.line, "utf-8", warnings, declared, "ecsv", grid)


def _declaration(name: str, head: bytes, offset: int) -> dict[str, Any]:
    comments = [line[2:] for line in head[:offset].decode(errors="replace").splitlines() if line.startswith("# ")]
    text = "\n".join(line for line in comments if not line.startswith("%ECSV"))
    if "&" in text and "*" in text:
        raise unreadable(name, "the ECSV header uses YAML aliases, which may unfold without end.")
    try:
        meta = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader that makes plain values only
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise unreadable(name, "the ECSV header (the YAML in the # lines) cannot be read.") from error
    if not isinstance(meta, dict) or not isinstance(meta.get("datatype"), list):
        raise unreadable(name, "the ECSV header does not declare its columns under datatype.")
    return meta


def _columns(name: str, meta: dict[str, Any], names: list[str]) -> tuple[tuple[TableColumn, ...], tuple[str, ...]]:
    entries = [entry for entry in meta["datatype"] if isinstance(entry, dict)]
    if [str(entry.get("name")) for entry in entries] != names:
        raise unreadable(name, f"the ECSV header declares other columns than the line of names ({listed(names)}).")
    nested = [str(entry["name"]) for entry in entries if entry.get("subtype") and not _vector_dtype(entry)]
    warnings = (f"Columns with lists in their cells are kept as text: {listed(nested)}.",) if nested else ()
    return tuple(map(_column, entries)), warnings


def _column(entry: dict[str, Any]) -> TableColumn:
    kind = str(entry.get("datatype", ""))
    dtype = "float64" if kind.startswith("float") else kind if kind in ("string", "bool") else ""
    texts = [entry.get(key) for key in ("unit", "description")]
    unit, description = (str(text) if text is not None else None for text in texts)
    return TableColumn(str(entry["name"]), dtype, unit=unit, description=description)


def _vector_dtype(entry: dict[str, Any]) -> str | None:
    """Type of a column of vectors of numbers; None for all others."""
    shape = _SHAPE.fullmatch(str(entry.get("subtype", "")))
    width = math.prod(int(size) for size in shape["sizes"].split(",")) if shape else 0
    if shape is None or not 1 < width <= MAX_VECTOR:
        return None
    return f"vector<{'float32' if shape['item'] == 'float32' else 'float64'}>[{width}]"


def _vectors(meta: dict[str, Any]) -> dict[str, str]:
    found = {str(entry["name"]): _vector_dtype(entry) for entry in meta["datatype"] if isinstance(entry, dict)}
    return {name: dtype for name, dtype in found.items() if dtype}


def _named_values(meta: dict[str, Any]) -> dict[str, object]:
    """What the metadata of the table and of its columns name; ordered maps come as lists of pairs."""
    parts = [meta.get("meta"), *(entry.get("meta") for entry in meta["datatype"] if isinstance(entry, dict))]
    pairs = [pair for part in parts for pair in _pairs(part)]
    return {str(pair[0]): pair[1] for pair in pairs if isinstance(pair, tuple) and len(pair) == 2}


def _pairs(part: object) -> Iterable[object]:
    if isinstance(part, dict):
        return part.items()
    return part if isinstance(part, list) else ()


class EcsvVectors(ClosingReader):
    """An ECSV table with lists of equal length in some cells, as astropy writes columns of vectors: JSON in text."""

    def __init__(self, reader: TextReader, vectors: Mapping[str, str]) -> None:
        super().__init__(reader.name)
        self._reader, self._vectors = reader, vectors
        columns = tuple(replace(one, dtype=vectors.get(one.name, one.dtype)) for one in reader.info.columns)
        self.info = replace(reader.info, columns=columns)

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows in file order, see ``TableReader``."""
        first = 1
        for batch in self._reader.batches(columns):
            arrays = [self._array(name, batch.column(place), first) for place, name in enumerate(batch.schema.names)]
            yield pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
            first += batch.num_rows

    def _array(self, name: str, values: pa.Array, first: int) -> pa.Array:
        if name not in self._vectors:
            return values
        target = arrow_type(self._vectors[name])
        rows = np.full((len(values), target.list_size), np.nan, target.value_type.to_pandas_dtype())
        for place, text in enumerate(values.to_pylist()):
            if text:
                rows[place] = self._row(name, text, target.list_size, first + place)
        return pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), target.list_size)

    def _row(self, name: str, text: str, width: int, row: int) -> NDArray[np.float64]:
        try:
            found = np.array(orjson.loads(text), np.float64).reshape(-1)
        except (ValueError, TypeError):
            found = np.empty(0)
        if found.size != width:
            raise unreadable(self.name, f"column {name}, row {row}: the cell is no list of {width} numbers.")
        return found

    def close(self) -> None:
        """Release the file."""
        self._reader.close()

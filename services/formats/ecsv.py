"""ECSV (enhanced CSV, astropy APE 6): CSV whose comments declare types, units and descriptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from services.formats.base import unreadable
from services.formats.column_names import listed
from services.formats.text import TextReader, open_text
from services.formats.text_dialect import first_lines, split_records
from services.formats.text_header import Header
from services.formats.text_pieces import Layout
from services.formats.text_scan import Grammar
from services.models.tables import TableColumn

_ALLOWED_DELIMITERS = (" ", ",")


class _PlainLoader(yaml.SafeLoader):
    """YAML without objects: tags that astropy adds (!!omap, !astropy...) are read as the plain thing they mark."""


def _untagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:  # noqa: ARG001
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


_PlainLoader.add_multi_constructor("", _untagged)


def open_ecsv(path: Path, name: str) -> TextReader:
    """A reader for an ECSV file."""
    return open_text(path, name, declared_layout)


def declared_layout(name: str, head: bytes, is_whole: bool) -> Layout:
    """Layout as the YAML comment of the file declares it."""
    lines = first_lines(head, is_whole)
    meta = _declaration(name, head, lines.offset)
    delimiter = meta.get("delimiter", " ")
    if delimiter not in _ALLOWED_DELIMITERS:
        raise unreadable(name, "the ECSV header declares a delimiter that is neither a blank nor a comma.")
    if not lines.body:
        raise unreadable(name, "the ECSV header is not followed by a line of names and rows.")
    names = split_records(lines.body[:1], delimiter)[0]
    declared, warnings = _columns(name, meta, names)
    header = Header(tuple(names), has_header=True, in_first_record=True)
    grammar = Grammar(delimiter, quoting=True)
    return Layout(header, grammar, lines.offset, lines.line, "utf-8", warnings, declared, "ecsv")


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
    nested = [str(entry["name"]) for entry in entries if entry.get("subtype")]
    warnings = (f"Columns with lists in their cells are kept as text: {listed(nested)}.",) if nested else ()
    return tuple(map(_column, entries)), warnings


def _column(entry: dict[str, Any]) -> TableColumn:
    kind = str(entry.get("datatype", ""))
    dtype = "float64" if kind.startswith("float") else kind if kind in ("string", "bool") else ""
    texts = [entry.get(key) for key in ("unit", "description")]
    unit, description = (str(text) if text is not None else None for text in texts)
    return TableColumn(str(entry["name"]), dtype, unit=unit, description=description)

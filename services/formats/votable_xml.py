"""A walk through the XML of a VOTable that meets nothing but the file itself.

Document types, entities and links to other places (``STREAM href``) are refused as soon as they are seen, so nothing is
ever expanded, opened or asked for over the network.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from services.formats.base import unreadable

BLOCK_BYTES = 256 * 1024
MAX_CELL_CHARACTERS = 16 * 2**20
MAX_FIELDS = 20_000
MAX_TABLES = 1_000
MAX_WORDS = 1_000
MAX_WORD_CHARACTERS = 2**20


@dataclass(slots=True)
class Field:
    """A FIELD element."""

    name: str
    datatype: str
    arraysize: str
    unit: str | None = None
    ucd: str | None = None
    null: str | None = None
    description: str | None = None


@dataclass(slots=True)
class VoTable:
    """A TABLE element: its fields, how its rows are written (TABLEDATA, BINARY, BINARY2, FITS), rows met so far."""

    fields: list[Field] = field(default_factory=list)
    coding: str = ""
    n_rows: int = 0
    name: str = ""


class Walker:
    """Reads tables, and the rows of one of them.

    Parameters
    ----------
    name : str
        Name of the file for messages.
    wanted : int, optional
        Number of the table whose rows are kept in ``rows`` (lists of cell texts) or ``stream`` (decoded bytes).
    """

    def __init__(self, name: str, wanted: int | None = None) -> None:
        self._name, self._wanted = name, wanted
        self.tables: list[VoTable] = []
        self.words: dict[str, object] = {}
        """Values of PARAM and INFO elements by name."""
        self.rows: list[list[str]] = []
        self.stream = bytearray()
        self._row: list[str] = []
        self._texts: list[str] | None = None
        self._n_characters = 0
        self._base64 = ""
        self._is_described = False
        self._in_table = False
        self._parser = self._made_parser()

    def _made_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.EntityDeclHandler = self._refuse_entity
        parser.ExternalEntityRefHandler = self._refuse_external
        return parser

    def walk(self, path: Path) -> Iterator[None]:
        """Parses the file block by block, pausing after each."""
        with path.open("rb") as file:
            try:
                while block := file.read(BLOCK_BYTES):
                    self._parser.Parse(block, False)  # noqa: FBT003 - expat knows no keyword
                    yield
                self._parser.Parse(b"", True)  # noqa: FBT003
            except expat.ExpatError as error:
                reason = expat.ErrorString(error.code)
                raise unreadable(
                    self._name, f"the XML breaks off or is damaged on line {error.lineno} ({reason})."
                ) from error
        yield

    def _refuse_doctype(self, *_: object) -> None:
        raise unreadable(self._name, "the XML declares a document type (DOCTYPE), which no VOTable needs: refused.")

    def _refuse_entity(self, *_: object) -> None:
        raise unreadable(self._name, "the XML declares entities, which no VOTable needs: refused.")

    def _refuse_external(self, *_: object) -> int:
        raise unreadable(self._name, "the XML refers to another file, which is never opened: refused.")

    @property
    def _table(self) -> VoTable:
        return self.tables[-1]

    @property
    def _is_wanted(self) -> bool:
        return self._in_table and len(self.tables) - 1 == self._wanted

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        element = tag.rsplit(":", 1)[-1]
        if element == "TABLE":
            self._in_table = True
            self.tables.append(VoTable(name=attributes.get("name", "")))
            self._check_count(len(self.tables), MAX_TABLES, "tables")
        elif element == "STREAM" and any("href" in key.lower() for key in attributes):
            raise unreadable(self._name, "its rows lie elsewhere (STREAM href), and links are not followed: refused.")
        elif element in ("PARAM", "INFO"):
            self._take_words(attributes)
        elif self._in_table:
            self._start_inside(element, attributes)

    def _take_words(self, attributes: dict[str, str]) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if len(self.words) < MAX_WORDS and len(value) <= MAX_WORD_CHARACTERS:
            self.words.setdefault(name, value)

    def _start_inside(self, element: str, attributes: dict[str, str]) -> None:
        if element == "FIELD":
            self._table.fields.append(_field(attributes, len(self._table.fields) + 1))
            self._check_count(len(self._table.fields), MAX_FIELDS, "columns")
            self._is_described = True
        elif element == "VALUES" and self._table.fields and self._is_described:
            self._table.fields[-1].null = attributes.get("null")
        elif element in ("TABLEDATA", "BINARY", "BINARY2", "FITS"):
            self._table.coding = element
        elif element == "STREAM" and attributes.get("encoding", "base64").lower() != "base64":
            raise unreadable(
                self._name, f"its rows are encoded as {attributes['encoding']!r:.40}; only base64 is read."
            )
        elif element == "TR":
            self._row = []
        elif element in ("TD", "STREAM", "DESCRIPTION"):
            self._texts, self._n_characters = [], 0

    def _check_count(self, count: int, most: int, things: str) -> None:
        if count > most:
            raise unreadable(self._name, f"it declares more than {most} {things}.")

    def _characters(self, text: str) -> None:
        if self._texts is None:
            return
        if self._table.coding.startswith("BINARY"):
            if self._is_wanted:
                self._take_base64(text)
            return
        self._n_characters += len(text)
        if self._n_characters > MAX_CELL_CHARACTERS:
            raise unreadable(self._name, f"a cell of row {self._table.n_rows + 1} is longer than 16 MiB.")
        self._texts.append(text)

    def _take_base64(self, text: str) -> None:
        letters = self._base64 + "".join(text.split())
        whole = len(letters) // 4 * 4
        self._base64 = letters[whole:]
        try:
            self.stream += binascii.a2b_base64(letters[:whole])
        except (binascii.Error, ValueError) as error:
            raise unreadable(self._name, "the base64 text of its rows is damaged.") from error

    def _end(self, tag: str) -> None:
        element = tag.rsplit(":", 1)[-1]
        if element == "TABLE":
            self._in_table = False
        elif element == "FIELD":
            self._is_described = False
        elif element == "TD" and self._texts is not None:
            self._row.append("".join(self._texts))
            self._texts = None
        elif element == "TR" and self._in_table:
            self._table.n_rows += 1
            if self._is_wanted:
                self.rows.append(self._row)
        elif element in ("STREAM", "DESCRIPTION"):
            if element == "DESCRIPTION" and self._is_described and self._texts:
                self._table.fields[-1].description = " ".join("".join(self._texts).split())
            self._texts = None


def _field(attributes: dict[str, str], position: int) -> Field:
    name = attributes.get("name") or attributes.get("ID") or f"col{position}"
    arraysize = attributes.get("arraysize", "").strip()
    return Field(name, attributes.get("datatype", "char"), arraysize, attributes.get("unit"), attributes.get("ucd"))

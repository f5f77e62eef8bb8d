"""Headers of a FITS file (FITS standard 4.0): where each table lies and what its columns are. Reads no data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from services.formats.base import unreadable

BLOCK = 2880
"""Bytes of a FITS block; headers and data fill whole blocks."""

CARD = 80
MAX_HEADER_BLOCKS = 4096
MAX_HDUS = 1000

Value = str | int | float | bool | None

_STRING = re.compile(r"\s*'((?:[^']|'')*)'")


@dataclass(frozen=True, slots=True)
class Hdu:
    """One header-data unit: its keywords, and the place and length of its data in bytes."""

    number: int
    keywords: dict[str, Value]
    data_start: int
    data_bytes: int
    present_bytes: int

    @property
    def kind(self) -> str:
        """Kind of extension: BINTABLE, TABLE, IMAGE; PRIMARY for the first unit."""
        return str(self.keywords.get("XTENSION", "PRIMARY")).strip().upper()

    @property
    def title(self) -> str:
        """Number and name, as messages call it."""
        name = str(self.keywords.get("EXTNAME") or "").strip()
        return f"HDU {self.number} {name}".strip()

    @property
    def label(self) -> str:
        """Name that prefixes columns taken from it."""
        return str(self.keywords.get("EXTNAME") or "").strip() or f"HDU{self.number}"

    def integer(self, keyword: str, default: int = 0) -> int:
        """Value of a keyword as an integer; the default for anything else."""
        value = self.keywords.get(keyword)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def text(self, keyword: str) -> str | None:
        """Value of a keyword as text without padding; None when absent or empty."""
        value = self.keywords.get(keyword)
        return str(value).strip() or None if value is not None else None


def read_hdus(file: BinaryIO, size_bytes: int, name: str) -> Iterator[Hdu]:
    """All units of a file in order. A last unit cut off by the end of the file is still given."""
    place = 0
    for number in range(MAX_HDUS):
        file.seek(place)
        keywords = _read_keywords(file, name, number)
        if not keywords:
            return
        start = file.tell()
        length = _data_bytes(keywords)
        if length < 0:
            raise unreadable(name, f"the header of HDU {number} declares a negative size.")
        yield Hdu(number, keywords, start, length, max(0, min(length, size_bytes - start)))
        place = start + -(-length // BLOCK) * BLOCK
        if place >= size_bytes:
            return


def _read_keywords(file: BinaryIO, name: str, number: int) -> dict[str, Value]:
    keywords: dict[str, Value] = {}
    last = ""
    for _ in range(MAX_HEADER_BLOCKS):
        block = file.read(BLOCK)
        if not keywords and (not block.strip(b" \0") or (number and not block.startswith(b"XTENSION"))):
            return {}  # padding or other bytes behind the last unit
        for start in range(0, len(block), CARD):
            card = block[start : start + CARD].decode("latin-1")
            keyword = card[:8].rstrip()
            if keyword == "END":
                return keywords
            last = _take_card(keywords, keyword, card, last)
        if len(block) < BLOCK:
            break
    raise unreadable(name, f"the header of HDU {number} has no END: the file is cut off or damaged.")


def _take_card(keywords: dict[str, Value], keyword: str, card: str, last: str) -> str:
    """Adds one card; gives the keyword a CONTINUE card would extend."""
    if keyword == "CONTINUE" and isinstance(before := keywords.get(last), str) and before.endswith("&"):
        more = _STRING.match(card[8:])
        keywords[last] = before[:-1] + (more[1].replace("''", "'").rstrip() if more else "")
        return last
    if card[8:10] == "= ":
        keywords.setdefault(keyword, _value(card[10:]))
        return keyword
    return last


def _value(text: str) -> Value:
    if match := _STRING.match(text):
        return match[1].replace("''", "'").rstrip()
    word = text.split("/", 1)[0].strip()
    if word in ("T", "F"):
        return word == "T"
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return float(word.replace("D", "E").replace("d", "e"))
    except ValueError:
        return word or None


def _data_bytes(keywords: dict[str, Value]) -> int:
    """Length of the data of a unit, equation 2 of the standard."""

    def number(keyword: str, default: int = 0) -> int:
        value = keywords.get(keyword, default)
        return value if isinstance(value, int) else default

    n_axes = number("NAXIS")
    if not 0 <= n_axes <= 999:
        return -1
    if n_axes == 0:
        return 0
    n_values = 1
    for axis in range(1, n_axes + 1):
        length = number(f"NAXIS{axis}")
        if length < 0:
            return -1
        n_values *= length if not (axis == 1 and length == 0 and keywords.get("GROUPS") is True) else 1
    return abs(number("BITPIX", 8)) // 8 * number("GCOUNT", 1) * (number("PCOUNT") + n_values)

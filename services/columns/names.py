"""Column names made comparable: table prefix and bracketed unit cut away, lower case, words split."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PREFIXED = re.compile(r"^(\w+)[./](\w.*)$")
_UNIT_IN_BRACKETS = re.compile(r"^(.*\S)\s*[(\[]\s*([^()\[\]]*)\s*[)\]]\s*$")
_PLACE_NAME = re.compile(r"^(c|col|column|f|field|var|unnamed)?[ _:.]*\d+$", re.IGNORECASE)
_WORD = re.compile(r"[^_\s./]+")


def word_set(text: str) -> frozenset[str]:
    """Words between blanks, as a set: keeps long vocabularies readable."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class ColumnName:
    """A column name taken apart.

    ``text`` is the normalised name that synonyms are compared with, ``base`` the same with its own capitals,
    ``table`` the prefix cut away ("" when there is none), ``unit`` what stood in brackets.
    """

    original: str
    table: str
    base: str
    text: str
    unit: str | None

    @property
    def words(self) -> tuple[str, ...]:
        """Words of the name between ``_``, blanks, dots and slashes, with their own capitals."""
        return tuple(_WORD.findall(self.base))


def parse_name(name: str) -> ColumnName:
    """Take a column name apart: ``ds_spectra.Z`` -> table ds_spectra, text z; ``RA(deg)`` -> text ra, unit deg."""
    base, unit = _without_unit(name.strip())
    table, base = _without_table(base)
    text = re.sub(r"[-\s]+", "_", base.lower())
    return ColumnName(name, table, base, text, unit)


def _without_unit(name: str) -> tuple[str, str | None]:
    found = _UNIT_IN_BRACKETS.match(name)
    return (found[1], found[2] or None) if found else (name, None)


def _without_table(name: str) -> tuple[str, str]:
    """Cut one prefix; names with dots AND slashes are filter paths (``f_hsc/gHSC.pb``) and stay whole."""
    found = _PREFIXED.match(name)
    if not found or "/" in found[2] or "." in found[2]:
        return "", name
    return found[1], found[2]


def is_place_name(name: str) -> bool:
    """Whether a name only says where the column stands (``col3``, ``c1``, ``0``): the file had no names."""
    return bool(_PLACE_NAME.match(name.strip()))

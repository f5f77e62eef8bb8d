"""Columns by the words that a cut calls them: which of them a cut can limit, and those whose range people set most."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from services.cuts.parser import parse_column
from services.cuts.parts import RangeWord
from services.cuts.tree import DZ, CutError, Difference, Value
from services.models.products import ProductColumn
from services.models.roles import RoleMap
from services.statistics.cuts import role_words, scaled_error_columns
from services.statistics.measured import measured_role, reference_magnitude

PLOTS = {"n_z": ("Redshift", "redshift"), "n_z_phot": ("Photo-z", "z_phot")}
"""Plot to the words beside the field and the role that its axis shows."""


@dataclass(frozen=True, slots=True)
class CutWords:
    """What the columns of one table are called in a cut.

    ``converted`` are the columns that plots read through a conversion: a cut compares the numbers of the file, not
    those that the plot shows.
    """

    dtypes: Mapping[str, str]
    words: Mapping[str, str]
    converted: frozenset[str] = frozenset()
    turning: str | None = None
    """Column of angles that begin again at 360."""
    redshifts: tuple[str, str] | None = None
    """Columns of the photometric and the spectroscopic redshift, where ``dz`` can be computed."""

    def number(self, column: str | None, title: str = "", statistic: str = "") -> RangeWord | None:
        """A column of numbers whose range a cut can set, as plots show it; None for any other."""
        if column in self.converted or not self._is_number(column):
            return None
        return self._word(str(column), title, statistic)

    def axis(self, words: str | None) -> RangeWord | None:
        """What an axis of a plot says it shows: a column, ``first - second``, or the two redshifts of dz."""
        if words is None or words in self.dtypes:
            return self.number(words)
        if self.redshifts is not None and words == ", ".join(self.redshifts):
            return self._scaled_error()
        parts = words.split(" - ")
        pairs = ((" - ".join(parts[:k]), " - ".join(parts[k:])) for k in range(1, len(parts)))
        return next((found for pair in pairs if (found := self._difference(*pair)) is not None), None)

    def named(self, text: str) -> RangeWord | None:
        """What people and browsers call a range: a column or its role, ``dz``, or a difference as cuts write it."""
        column = self.column(text)
        if column is not None:
            return self.number(column)
        if text == DZ:
            return self._scaled_error()
        try:
            found = parse_column(text)
        except CutError:
            return None
        if isinstance(found, Difference):
            return self._difference(self.column(found.first), self.column(found.second))
        column = self.column(found)
        return None if column is None else self.number(column)

    def _difference(self, first: str | None, second: str | None) -> RangeWord | None:
        one, other = self.number(first), self.number(second)
        if one is None or other is None:
            return None
        names = tuple(Difference(str(blue), str(red)) for blue, red in product(one.names, other.names))
        return RangeWord("", "", names[0], names)

    @property
    def has_dz(self) -> bool:
        """Whether ``dz`` stands for the scaled error here."""
        return self.redshifts is not None and self.column(DZ) is None

    def _scaled_error(self) -> RangeWord | None:
        return RangeWord("", "", DZ, (DZ,)) if self.has_dz else None

    def category(self, column: str | None) -> RangeWord | None:
        """A column whose values a cut can name; None where a row holds several numbers, and for no column."""
        dtype = self.dtypes.get(column or "", "vector")
        return None if dtype.startswith("vector") else self._word(str(column), "", "")

    def column(self, word: str) -> str | None:
        """The column that a word stands for: that of the name, else of the role."""
        return word if word in self.dtypes else self.words.get(word)

    def holds_numbers(self, column: str) -> bool:
        """Whether values of a column are written as numbers in a cut."""
        return self._is_number(column)

    def value(self, column: str, text: str) -> Value | None:
        """Value of a category as a cut names it; None for one that no cut can name."""
        if not self._is_number(column):
            return text
        try:
            return number_of(text)
        except ValueError:
            return None

    @property
    def numbers(self) -> tuple[str, ...]:
        """Words of all columns whose range a cut can set, in the order of the table."""
        ranges = [*map(self.number, self.dtypes), self._scaled_error()]
        return tuple(found.text for found in ranges if found is not None)

    def _is_number(self, column: str | None) -> bool:
        return self.dtypes.get(column or "", "").startswith(("float", "int", "uint"))

    def _word(self, column: str, title: str, statistic: str) -> RangeWord:
        """A word of a role reads better than a name and fits other tables; a column called so comes first, though."""
        meant = (word for word, name in self.words.items() if name == column)
        usable = [word for word in meant if word not in self.dtypes or word == column]
        names = tuple(dict.fromkeys((*usable, column)))
        return RangeWord(statistic, title, names[0], names, turns=column == self.turning)


def number_of(text: str) -> int | float:
    """Number that a text says, whole ones exactly; ValueError when it says none that a column could hold."""
    found = float(text)
    if not math.isfinite(found):
        raise ValueError("not a number")
    return int(text) if text.lstrip("+-").isdecimal() else found


def cut_words(columns: Sequence[ProductColumn], roles: RoleMap) -> CutWords:
    """Words of a table."""
    converted = {roles.columns[role] for role, how in roles.transforms.items() if how and role in roles.columns}
    converted |= {band.column for band in roles.bands if band.kind != "mag"}
    dtypes = {column.name: column.dtype for column in columns}
    return CutWords(dtypes, role_words(roles), frozenset(converted), roles.column("ra"), scaled_error_columns(roles))


def range_words(words: CutWords, roles: RoleMap) -> tuple[RangeWord, ...]:
    """Redshifts and the magnitude an object is known by, as far as a cut can set their range."""
    found = [(plot, title, measured_role(roles, role)) for plot, (title, role) in PLOTS.items()]
    magnitude = reference_magnitude(roles)
    title = f"Magnitude {magnitude.band}" if magnitude and magnitude.band else "Magnitude"
    asked = ((one, plot, title) for plot, title, one in (*found, ("magnitudes", title, magnitude)) if one is not None)
    return tuple(word for one, plot, title in asked if (word := words.number(one.column, title, plot)) is not None)

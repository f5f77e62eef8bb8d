"""Columns whose range people set most: redshifts and the magnitude an object is known by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.cuts.parts import RangeWord
from services.models.products import ProductColumn
from services.models.roles import RoleMap
from services.statistics.cuts import role_words
from services.statistics.measured import Measured, measured_role, reference_magnitude

PLOTS = {"n_z": ("Redshift", "redshift"), "n_z_phot": ("Photo-z", "z_phot")}
"""Plot to the words beside the field and the role that its axis shows."""


def range_words(columns: Sequence[ProductColumn], roles: RoleMap) -> tuple[RangeWord, ...]:
    """Columns of numbers that are compared as the plots show them: none that is converted first."""
    found = [(plot, title, measured_role(roles, role)) for plot, (title, role) in PLOTS.items()]
    magnitude = reference_magnitude(roles)
    title = f"Magnitude {magnitude.band}" if magnitude and magnitude.band else "Magnitude"
    dtypes = {column.name: column.dtype for column in columns}
    return tuple(
        _word(plot, title, measured.column, dtypes, role_words(roles))
        for plot, title, measured in (*found, ("magnitudes", title, magnitude))
        if measured is not None and _is_plain(measured, dtypes)
    )


def _is_plain(measured: Measured, dtypes: Mapping[str, str]) -> bool:
    """Whether a cut compares the numbers that the plot shows."""
    dtype = dtypes.get(measured.column, "")
    return not measured.transform and dtype.startswith(("float", "int", "uint"))


def _word(plot: str, title: str, column: str, dtypes: Mapping[str, str], words: Mapping[str, str]) -> RangeWord:
    """A word of a role reads better than a name and fits other tables; a column called so comes first, though."""
    usable = [word for word, name in words.items() if name == column and (word not in dtypes or word == column)]
    return RangeWord(plot, title, usable[0] if usable else column, (*usable, column))

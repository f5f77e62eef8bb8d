"""Cuts on a canonical table: bound to its columns by the rules of their roles, and walked over with what they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.cuts.bound import Bound, bind, bound_columns
from services.cuts.domains import Domain, every_number, valid_numbers
from services.cuts.parser import parse_cut
from services.cuts.tree import Cut
from services.models.roles import RoleMap
from services.statistics.canonical import CanonicalTable, Wanted
from services.statistics.column_statistics import roles_by_column
from services.statistics.cut_masks import Mask, mask
from services.statistics.transforms import transformed
from services.statistics.validity import quantity_of

State = TypeVar("State")
Numbers = NDArray[np.floating[Any]]
Step = Callable[[State, tuple[Numbers, ...], Mask], None]

EVERY_ROW: Mask = np.empty(0, np.bool_)
"""Mask that stands for "no row is cut away"."""


def column_domains(table: CanonicalTable, roles: RoleMap) -> Mapping[str, Domain]:
    """Per column which values count: sentinels and values outside the range of its role are missing, as in plots.

    Columns are compared as the source holds them, before any conversion their role asks for.
    """
    known = roles_by_column(roles)
    return {name: _domain(table.dtype(name), known.get(name)) for name in table.names}


def _domain(dtype: str, role: str | None) -> Domain:
    if not dtype.startswith(("float", "int", "uint")):
        return every_number(dtype)
    rule = quantity_of(role)
    return valid_numbers(dtype, rule.low, rule.high, rule.sentinels)


def bound_cut(table: CanonicalTable, roles: RoleMap, cut: Cut | str | None) -> Bound | None:
    """A cut, or its text, on this table; None for no cut. ``column_words`` stand for columns too.

    Raises
    ------
    CutError
        If it cannot be read or does not fit the table.
    """
    tree = parse_cut(cut) if isinstance(cut, str) else cut
    if tree is None:
        return None
    return bind(tree, column_domains(table, roles), column_words(table, roles), scaled_error_columns(roles))


def column_words(table: CanonicalTable, roles: RoleMap) -> Mapping[str, str]:
    """Words that stand for columns of this table: those of the roles, and the place of a column without a name.

    Such columns are called col1, col2, ... here, while programs know them by their places "0", "1", ..., as the lists
    of columns in the API tell (REST contract, section 3.5).
    """
    places = {str(place): name for place, name in enumerate(table.names) if name == f"col{place + 1}"}
    return {**places, **role_words(roles)}


def scaled_error_columns(roles: RoleMap) -> tuple[str, str] | None:
    """Columns of z_phot and z_spec from which ``dz`` is computed; None where one is missing or read by conversion."""
    found = [roles.columns.get(role) for role in ("z_phot", "redshift") if not roles.transforms.get(role)]
    return (found[0], found[1]) if len(found) == 2 and found[0] and found[1] else None


def role_words(roles: RoleMap) -> Mapping[str, str]:
    """Words that stand for columns in any table: names of roles, and ``mag_i`` for the magnitude in band i."""
    bands = {f"mag_{band.band}": band.column for band in roles.bands if band.kind == "mag"}
    return {**bands, **roles.columns}


def tallied(
    table: CanonicalTable, wanted: Sequence[Wanted], cut: Bound | None, start: Callable[[], State], step: Step[State]
) -> list[State]:
    """As ``table.tallied``, with the mask of the rows the cut leaves; EVERY_ROW when there is no cut."""
    if cut is None:
        return table.tallied(wanted, start, lambda state, numbers: step(state, numbers, EVERY_ROW))
    names = bound_columns(cut)

    def work(state: State, _first_row: int, arrays: list[pa.Array]) -> None:
        keep = mask(cut, dict(zip(names, arrays[len(wanted) :], strict=True)))
        numbers = (transformed(stored, how) for stored, (_, how) in zip(arrays, wanted, strict=False))
        step(state, tuple(numbers), keep)

    return table.walked([*(name for name, _ in wanted), *names], start, work)


def walked(
    table: CanonicalTable, wanted: Sequence[Wanted], cut: Bound | None
) -> Iterator[tuple[tuple[Numbers, ...], Mask]]:
    """Numbers of several columns per row group, in file order, with the mask of the rows the cut leaves."""
    if cut is None:
        yield from ((numbers, EVERY_ROW) for numbers in table.columns_chunks(wanted))
        return
    names = bound_columns(cut)
    for arrays in table.arrow_chunks([*(name for name, _ in wanted), *names]):
        keep = mask(cut, dict(zip(names, arrays[len(wanted) :], strict=True)))
        yield tuple(transformed(stored, how) for stored, (_, how) in zip(arrays, wanted, strict=False)), keep


def kept_rows(table: CanonicalTable, cut: Bound) -> Iterator[Mask]:
    """Per row group which rows pass."""
    names = bound_columns(cut)
    for arrays in table.arrow_chunks(names):
        yield mask(cut, dict(zip(names, arrays, strict=True)))


def n_cut(keep: Mask) -> int:
    """Rows a mask takes away."""
    return int(keep.size - np.count_nonzero(keep))

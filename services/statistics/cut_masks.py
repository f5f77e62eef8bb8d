"""A bound cut as a mask over one chunk of rows: numbers by compiled loops or numpy, texts by arrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from services.cuts.bound import All, Among, Bound, BoundLeaf, Derived, Some, TextIs, VectorIs, Within, leaf_columns
from services.cuts.domains import INTEGER_RANGES
from services.statistics.kernels import keep_in_range

Mask = NDArray[np.bool_]
Chunk = Mapping[str, pa.Array]
"""Stored arrays of the columns a cut reads, for the same rows."""

FEW = 4
"""Up to this many values are looked for one by one."""

BLOCK = 32_768
"""Rows computed at a time: what is computed stays in the cache, which takes a fraction of the time of whole chunks."""

_COMPARE: Mapping[str, Callable[[pa.Array, pa.Scalar], pa.Array]] = {
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
    "=": pc.equal,
    "!=": pc.not_equal,
}


def mask(cut: Bound, chunk: Chunk) -> Mask:
    """Which rows of a chunk pass (bool, one per row).

    Raises
    ------
    ValueError
        If the cut holds a test of text, which only pages of rows ask for.
    """
    if isinstance(cut, All):
        return _all(cut, chunk)
    if isinstance(cut, Some):
        found = mask(cut.parts[0], chunk)
        for part in cut.parts[1:]:
            found |= mask(part, chunk)
        return found
    keep = np.ones(len(chunk[leaf_columns(cut)[0]]), np.bool_)
    _restrict(keep, cut, chunk)
    return keep


def _all(cut: All, chunk: Chunk) -> Mask:
    keep = np.ones(len(next(iter(chunk.values()))), np.bool_)
    for part in cut.parts:
        if isinstance(part, All | Some):
            keep &= mask(part, chunk)
        else:
            _restrict(keep, part, chunk)
    return keep


def _restrict(keep: Mask, cut: BoundLeaf, chunk: Chunk) -> None:
    """Clear the rows that do not pass."""
    match cut:
        case Within(inverted=True) | Derived(inverted=True):
            inside = np.ones(keep.size, np.bool_)
            _restrict_to_numbers(inside, cut, chunk)
            keep &= ~inside
        case Within() | Derived():
            _restrict_to_numbers(keep, cut, chunk)
        case Among(column=column):
            keep &= _among(cut, chunk[column])
        case TextIs(column=column):
            keep &= _texts(cut, chunk[column])
        case VectorIs(column=column, missing=missing):
            keep &= _empty_vectors(chunk[column]) == missing


def _restrict_to_numbers(keep: Mask, cut: Within | Derived, chunk: Chunk) -> None:
    if isinstance(cut, Within):
        _restrict_to_span(keep, cut, chunk[cut.column])
        return
    for one in (cut.first, cut.second):
        _restrict_to_span(keep, one, chunk[one.column])
    first, second = (_numbers(chunk[one.column]) for one in (cut.first, cut.second))
    allowed, excluded = (np.sort(np.array(values, np.float64)) for values in (cut.allowed, cut.excluded))
    for start in range(0, keep.size, BLOCK):
        part = slice(start, start + BLOCK)
        values = _computed(first[part], second[part], scaled=cut.scaled)
        keep_in_range(values, float(cut.span.low), float(cut.span.high), cut.span.closed, keep[part])
        if allowed.size:
            keep[part] &= _is_one_of(values, allowed)
        if excluded.size:
            keep[part] &= ~_is_one_of(values, excluded)


def _is_one_of(values: NDArray[np.float64], ordered: NDArray[np.float64]) -> Mask:
    """By search in ordered values, which for a block is quicker than sorting the block as numpy's ``isin`` would."""
    if ordered.size <= FEW:
        return np.logical_or.reduce([values == value for value in ordered])
    places = np.searchsorted(ordered, values)
    found: Mask = ordered.take(places, mode="clip") == values
    return found


def _computed(first: NDArray[Any], second: NDArray[Any], *, scaled: bool) -> NDArray[np.float64]:
    """In double precision; anything where a number is missing."""
    with np.errstate(all="ignore"):
        wide = second.astype(np.float64)
        values: NDArray[np.float64] = first - wide
        if scaled:
            wide += 1
            values /= wide
    return values


def _restrict_to_span(keep: Mask, cut: Within, stored: pa.Array) -> None:
    values = _numbers(stored)
    span = cut.span
    if cut.dtype in INTEGER_RANGES:
        keep &= (values >= span.low) & (values <= span.high)
    else:
        keep_in_range(values, float(span.low), float(span.high), span.closed, keep)
    if 0 < len(cut.excluded) <= FEW:
        for value in cut.excluded:
            keep &= values != values.dtype.type(value)
    elif cut.excluded:
        keep &= ~np.isin(values, np.array(cut.excluded, values.dtype))
    if stored.null_count:
        keep &= stored.is_valid().to_numpy(zero_copy_only=False)


def _among(cut: Among, stored: pa.Array) -> Mask:
    if not cut.values:
        return np.zeros(len(stored), np.bool_)
    values = _numbers(stored)
    found = np.isin(values, np.array(cut.values, values.dtype))
    return found & stored.is_valid().to_numpy(zero_copy_only=False) if stored.null_count else found


def _numbers(stored: pa.Array) -> NDArray[Any]:
    """Values in the type of the column; anything where there is none."""
    if pa.types.is_boolean(stored.type):
        stored = stored.cast(pa.uint8())
    return (stored.fill_null(0) if stored.null_count else stored).to_numpy(zero_copy_only=False)


def _texts(cut: TextIs, stored: pa.Array) -> Mask:
    if cut.how in ("missing", "present"):
        found = stored.is_null() if cut.how == "missing" else stored.is_valid()
    elif cut.how in ("in", "not in"):
        inside = pc.is_in(stored, value_set=pa.array(cut.values, stored.type))
        found = inside if cut.how == "in" else pc.and_(pc.invert(inside), stored.is_valid())
    elif cut.how in _COMPARE:
        found = pc.fill_null(_COMPARE[cut.how](stored, pa.scalar(cut.values[0], stored.type)), fill_value=False)
    else:
        raise ValueError("tests of text are for pages of rows")
    result: Mask = found.to_numpy(zero_copy_only=False)
    return result


def _empty_vectors(stored: pa.Array) -> Mask:
    size = int(stored.type.list_size)
    numbers = stored.values.slice(stored.offset * size, len(stored) * size).to_numpy(zero_copy_only=False)
    found: Mask = np.isnan(numbers.reshape(len(stored), size)).all(axis=1)
    return found

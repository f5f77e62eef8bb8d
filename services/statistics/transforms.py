"""Conversions a column needs before its values mean what its role says: units, sexagesimal text, flux, velocity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from services.statistics.arrow_types import stored_numbers
from services.statistics.column_profiles import as_numbers

Numbers = NDArray[np.floating[Any]]

SPEED_OF_LIGHT_KM_S = 299_792.458
"""Exact by definition of the metre (CODATA)."""

POGSON = -2.5
"""Magnitudes per decade of flux (Pogson 1856)."""

STORED = "stored"
"""Transform for comparisons only: integers stay integers where none is missing, which spares a copy."""

_SEXAGESIMAL = (
    r"^\s*(?P<sign>[+\-−]?)\s*(?P<whole>\d+)\s*[:hd°\s]\s*(?P<minutes>\d+(?:\.\d*)?)"
    r"\s*(?:[:m'′\s]\s*(?P<seconds>\d+(?:\.\d*)?)?)?\s*[s\"″]?\s*$"
)


def sexagesimal(texts: pa.Array) -> NDArray[np.float64]:
    """Numbers of "12:34:56.7", "12h34m56.7s", "-0 30 00"; NaN for other text. The sign counts for all parts."""
    parts = pc.extract_regex(texts, _SEXAGESIMAL)
    whole, minutes, seconds = (_part(parts, name) for name in ("whole", "minutes", "seconds"))
    signs = pc.struct_field(parts, "sign")
    negative = pc.is_in(signs, value_set=pa.array(["-", "−"])).to_numpy(zero_copy_only=False)
    size = whole + minutes / 60 + np.nan_to_num(seconds) / 3600
    return np.where(negative, -size, size)


def _part(parts: pa.Array, name: str) -> NDArray[np.float64]:
    texts = pc.struct_field(parts, name)
    present = pc.if_else(pc.equal(texts, ""), None, texts)
    return present.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)


def flux_to_mag(zero_point_mag: float) -> str:
    """Name of the transform m = zero point - 2.5 log10(flux)."""
    return f"flux_to_mag:{zero_point_mag}"


def _magnitudes(flux: Numbers, zero_point_mag: float) -> Numbers:
    """AB magnitudes, float64; NaN where the flux is not positive: such an object was not detected."""
    wide = flux.astype(np.float64)
    return zero_point_mag + POGSON * np.log10(wide, out=np.full(wide.shape, np.nan), where=wide > 0)


_NUMERIC: Mapping[str, Callable[[Numbers], Numbers]] = MappingProxyType(
    {
        "": lambda values: values,
        STORED: lambda values: values,
        "rad_to_deg": lambda values: np.degrees(values.astype(np.float64)),
        "hour_to_deg": lambda values: values.astype(np.float64) * 15,
        "km_s_to_z": lambda values: values.astype(np.float64) / SPEED_OF_LIGHT_KM_S,
    }
)
_TEXTUAL: Mapping[str, float] = MappingProxyType({"hms_to_deg": 15.0, "dms_to_deg": 1.0})


def transformed(values: pa.Array, transform: str) -> Numbers:
    """Numbers of a canonical array after a transform: float32 stays float32 when nothing is done to it.

    Text columns give NaN unless the transform reads text.

    Raises
    ------
    ValueError
        If there is no such transform.
    """
    if transform in _TEXTUAL and pa.types.is_string(values.type):
        return sexagesimal(values) * _TEXTUAL[transform]
    if not (pa.types.is_floating(values.type) or pa.types.is_integer(values.type) or pa.types.is_boolean(values.type)):
        return np.full(len(values), np.nan)
    if transform == STORED and pa.types.is_integer(values.type) and not values.null_count:
        return stored_numbers(values)
    if transform.startswith("flux_to_mag:"):
        return _magnitudes(as_numbers(values), float(transform.partition(":")[2]))
    if transform not in _NUMERIC:
        raise ValueError(f"there is no transform {transform!r}")
    return _NUMERIC[transform](as_numbers(values))

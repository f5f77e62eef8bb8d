"""Which values of a quantity are measurements: sentinels that stand for "none", and valid ranges.

A value is valid when it is finite, no sentinel of its role, and strictly inside ``valid_range``. Columns of float32
are compared in float32, so that 99.9 written with four bytes is still the sentinel 99.9.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

BELOW_ZERO = math.nextafter(0.0, -math.inf)
"""Lower bound that lets zero itself in."""

_NINES_BELOW = (-9.99, -99.0, -99.9, -99.99, -999.0, -999.9, -9999.0, -99999.0)
_NINES_ABOVE = (99.0, 99.9, 99.99, 99.999, 999.0, 999.9, 9999.0, 99999.0)
_UNDEFINED_SKY = -1.6375e30
"""What HEALPix tools write for "no value here"."""

_REDSHIFT = (-1.0, -9.0, *_NINES_BELOW, 9.99, 9.999, 9.9999, *_NINES_ABOVE, _UNDEFINED_SKY)
_MAGNITUDE = (-1.0, -9.0, *_NINES_BELOW, 0.0, *_NINES_ABOVE, _UNDEFINED_SKY)
_ERROR = (-1.0, -9.0, *_NINES_BELOW, *_NINES_ABOVE, _UNDEFINED_SKY)
_FLUX = (-99.0, -99.9, -999.0, -9999.0, -99999.0, _UNDEFINED_SKY)
_POSITION = (-99.0, -99.9, -999.0, -9999.0, 999.0, 999.9, 9999.0, 99999.0, _UNDEFINED_SKY)
_VELOCITY = (-9999.0, -99999.0, 99999.0, 999999.0, _UNDEFINED_SKY)
_ODDS = (-1.0, *_NINES_BELOW, *_NINES_ABOVE, _UNDEFINED_SKY)

SENTINELS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "redshift": _REDSHIFT,
        "z_phot": _REDSHIFT,
        "z_low": _REDSHIFT,
        "z_high": _REDSHIFT,
        "redshift_err": _ERROR,
        "z_phot_err": _ERROR,
        "mag": _MAGNITUDE,
        "ref_mag": _MAGNITUDE,
        "mag_err": _ERROR,
        "flux": _FLUX,
        "flux_err": _FLUX,
        "ra": _POSITION,
        "dec": _POSITION,
        "odds": _ODDS,
        "velocity": _VELOCITY,
    }
)
"""Role name to the values that mean "no measurement". Roles that are not here have none: flags keep every value."""

REDSHIFT_RANGE = (-0.05, 12.0)
MAGNITUDE_RANGE = (5.0, 40.0)

_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "redshift": REDSHIFT_RANGE,
        "z_phot": REDSHIFT_RANGE,
        "z_low": REDSHIFT_RANGE,
        "z_high": REDSHIFT_RANGE,
        "redshift_err": (BELOW_ZERO, math.inf),
        "z_phot_err": (BELOW_ZERO, math.inf),
        "mag": MAGNITUDE_RANGE,
        "ref_mag": MAGNITUDE_RANGE,
        "mag_err": (BELOW_ZERO, math.inf),
        "ra": (math.nextafter(-180.0, -math.inf), math.nextafter(360.0, math.inf)),
        "dec": (math.nextafter(-90.0, -math.inf), math.nextafter(90.0, math.inf)),
    }
)


def sentinels(role: str | None) -> tuple[float, ...]:
    """Values of a role that mean "no measurement", empty when the role has none (or there is no role)."""
    return SENTINELS.get(role or "", ())


def valid_range(role: str | None) -> tuple[float, float] | None:
    """Open interval ``low < value < high`` of a role, None when every finite value may be right.

    RA and Dec are in degrees, after the conversion of the column; their ends are let in by bounds one step outside.
    """
    return _RANGES.get(role or "")

"""Units as column declarations write them: what quantity they belong to, and AB zero points of flux units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

CGS_FLUX = "erg / (s cm2 Hz)"

FLUX_ZERO_POINTS_MAG: Mapping[str, float] = MappingProxyType(
    {"nJy": 31.4, "uJy": 23.9, "mJy": 16.4, "Jy": 8.90, "nanomaggy": 22.5, CGS_FLUX: -48.60}
)
"""Flux unit to the zero point of ``m_AB = zero_point - 2.5 log10(flux)`` (Oke & Gunn 1983, ApJ 266, 713)."""

_FLUX_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("njy", "nanojy", "nanojansky"), "nJy"),
        **dict.fromkeys(("ujy", "microjy", "microjansky", "µjy", "μjy"), "uJy"),
        **dict.fromkeys(("millijy", "millijansky", "mjy"), "mJy"),
        **dict.fromkeys(("jy", "jansky"), "Jy"),
        **dict.fromkeys(("nanomaggy", "nanomaggies", "nmgy", "nmaggy", "nanomaggie"), "nanomaggy"),
    }
)
_FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "deg": ("deg", "degree", "degrees", "degs", "°"),
        "rad": ("rad", "radian", "radians"),
        "hour": ("hourangle", "hour", "hours", "h", "hr", "hrs"),
        "hms": ("h:m:s", "hms", '"h:m:s"', "hh:mm:ss", "h_m_s", "hh:mm:ss.ss"),
        "dms": ("d:m:s", "dms", '"d:m:s"', "dd:mm:ss", "dd:mm:ss.s", "deg:min:sec"),
        "mag": ("mag", "mags", "magnitude", "abmag", "mag(ab)", "abmags"),
        "km/s": ("km/s", "kms-1", "km/sec", "kms^-1", "km.s-1", "kms**-1"),
        "": ("", "-", "--", "none", "dimensionless", "unitless", "redshift", "1", "z"),
    }
)
_BY_SPELLING = {spelling: family for family, spellings in _FAMILIES.items() for spelling in spellings}


def unit_family(unit: str | None) -> str | None:
    """Family of a unit: deg, rad, hour, hms, dms, mag, km/s, flux, "" (none stated); None for any other unit."""
    if flux_unit(unit):
        return "flux"
    return _BY_SPELLING.get(_folded(unit or ""))


def flux_unit(unit: str | None) -> str | None:
    """Flux unit in the one spelling of ``FLUX_ZERO_POINTS_MAG``, None when it is none of them."""
    folded = _folded(unit or "")
    if (unit or "").strip().startswith("MJ"):  # megajansky: only the capital tells it from millijansky
        return None
    if folded.startswith("erg") and "cm" in folded and "hz" in folded:
        return CGS_FLUX
    return _FLUX_SPELLINGS.get(folded)


def zero_point_mag(unit: str | None) -> float | None:
    """AB zero point of a flux unit, None when the unit is unknown (the flux is then plotted as flux)."""
    known = flux_unit(unit)
    return FLUX_ZERO_POINTS_MAG[known] if known else None


def _folded(unit: str) -> str:
    return re.sub(r"[\s*^']+", "", unit.strip().lower())

"""Units of positions: degrees unless the unit, the text or the values say otherwise (domain §2, Units)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from services.columns.names import parse_name
from services.columns.sexagesimal import angle_format, first_numbers
from services.columns.units import unit_family
from services.models.tables import ColumnProfile

FULL_CIRCLE_RAD = 2.0 * math.pi
_FULL_WIDTH_RAD = 0.95 * FULL_CIRCLE_RAD
"""RA that runs over nearly all of 0..2 pi and never beyond, with |Dec| <= pi/2: a field in degrees that ends just there
would be an absurd accident, a wide survey in radians is not (22 431 quasars of 2QZ would lie inside 6.3 x 0.6 deg)."""

_WIDE_FIELD_H = 12.0


@dataclass(frozen=True, slots=True)
class AngleUnit:
    """How to bring a coordinate to degrees: ``transform`` of ``ProductColumn``, and whether a person must agree."""

    transform: str
    unit: str
    needs_confirmation: bool = False
    note: str = ""


_STATED = {
    ("ra", "rad"): AngleUnit("rad_to_deg", "rad", note="unit is radians"),
    ("dec", "rad"): AngleUnit("rad_to_deg", "rad", note="unit is radians"),
    ("ra", "hour"): AngleUnit("hour_to_deg", "hourangle", note="unit is hours"),
    ("ra", "deg"): AngleUnit("", "deg"),
    ("dec", "deg"): AngleUnit("", "deg"),
}


def angle_unit(role: str, profile: ColumnProfile, *, pair_is_radians: bool) -> AngleUnit:
    """Conversion of an RA or Dec column.

    Parameters
    ----------
    role : str
        "ra" or "dec".
    profile : ColumnProfile
        The column.
    pair_is_radians : bool
        What ``are_radians`` says about both columns together.
    """
    if not profile.is_numeric:
        return _text_angle(role, profile)
    stated = unit_family(profile.unit or parse_name(profile.name).unit)
    if (role, stated) in _STATED:
        return _STATED[role, stated or ""]
    if _name_states_degrees(profile):
        return AngleUnit("", "deg")
    if pair_is_radians:
        return AngleUnit("rad_to_deg", "rad", needs_confirmation=True, note="values look like radians, please confirm")
    if role == "ra" and _may_be_hours(profile):
        return AngleUnit("", "deg", needs_confirmation=True, note="values in 0..24, degrees or hours? Please confirm")
    return AngleUnit("", "deg")


def are_radians(ra: ColumnProfile, dec: ColumnProfile) -> bool:
    """Whether values alone say radians: nearly all of 0..2 pi and |Dec| <= pi/2."""
    if None in (ra.minimum, ra.maximum, dec.minimum, dec.maximum):
        return False
    is_inside = (ra.minimum or 0.0) >= 0.0 and (ra.maximum or 0.0) <= FULL_CIRCLE_RAD and _reach(dec) <= math.pi / 2
    return is_inside and _width(ra) > _FULL_WIDTH_RAD


def _text_angle(role: str, profile: ColumnProfile) -> AngleUnit:
    if angle_format(profile.examples) is None:
        return AngleUnit("", "deg")
    if role == "dec":
        return AngleUnit("dms_to_deg", "dms", note="text d:m:s")
    if max(first_numbers(profile.examples)) >= 24 or unit_family(profile.unit) == "dms":
        return AngleUnit("dms_to_deg", "dms", note="text d:m:s")
    return AngleUnit("hms_to_deg", "hms", note="text h:m:s, times 15")


def _name_states_degrees(profile: ColumnProfile) -> bool:
    return "deg" in parse_name(profile.name).text


def _may_be_hours(profile: ColumnProfile) -> bool:
    is_inside = (profile.minimum or 0.0) >= 0.0 and (profile.maximum or 360.0) <= 24.0
    return is_inside and profile.dtype.startswith("float") and _width(profile) > _WIDE_FIELD_H


def _width(profile: ColumnProfile) -> float:
    return (profile.maximum or 0.0) - (profile.minimum or 0.0)


def _reach(profile: ColumnProfile) -> float:
    return max(abs(profile.minimum or 0.0), abs(profile.maximum or 0.0))

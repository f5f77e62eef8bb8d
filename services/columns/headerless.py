"""Roles of a table without column names: from values alone, always to be confirmed by a person."""

from __future__ import annotations

from collections.abc import Sequence

from services.columns.positions import FULL_CIRCLE_RAD, angle_unit, are_radians
from services.columns.sentinels import valid_range
from services.models.roles import RoleGuess
from services.models.tables import ColumnProfile

VALUE_SCORE = 40.0
"""Below what a name gives: values alone never make a fact."""

_REDSHIFT_MEDIAN_MAX = 7.0


def guess_by_values(profiles: Sequence[ColumnProfile]) -> tuple[RoleGuess, ...]:
    """RA and Dec side by side, then the first column that can be a redshift (``2df.dat``: radians, radians, z)."""
    place = next((n for n in range(len(profiles) - 1) if _is_position(profiles[n], profiles[n + 1])), None)
    if place is None:
        return ()
    ra, dec = profiles[place], profiles[place + 1]
    is_radians = are_radians(ra, dec)
    guesses = [_angle_guess("ra", ra, is_radians), _angle_guess("dec", dec, is_radians)]
    redshift = next((p for p in profiles[place + 2 :] if _may_be_redshift(p)), None)
    if redshift:
        reason = "by values: the first column after the position with values of a redshift. Please confirm"
        guesses.append(_guess("redshift", redshift, reason))
    if place > 0 and profiles[0].dtype.startswith(("int", "uint", "string")):
        guesses.insert(
            0, _guess("id", profiles[0], "by values: numbers or text in front of the position. Please confirm")
        )
    return tuple(guesses)


def _guess(role: str, profile: ColumnProfile, reason: str) -> RoleGuess:
    return RoleGuess(profile.name, role, "values", VALUE_SCORE, reason, needs_confirmation=True)


def _angle_guess(role: str, profile: ColumnProfile, is_radians: bool) -> RoleGuess:
    angle = angle_unit(role, profile, pair_is_radians=is_radians)
    unit = "radians" if angle.transform == "rad_to_deg" else "degrees"
    reason = f"by values: range fits {'RA' if role == 'ra' else 'Dec'} in {unit}. Please confirm"
    return RoleGuess(
        profile.name,
        role,
        "values",
        VALUE_SCORE,
        reason,
        transform=angle.transform,
        unit=angle.unit,
        needs_confirmation=True,
    )


def _is_position(ra: ColumnProfile, dec: ColumnProfile) -> bool:
    """Whether two neighbours can be RA and Dec: right ranges, and something that redshifts or magnitudes never show."""
    if not all(p.dtype.startswith("float") and p.minimum is not None and not p.is_constant for p in (ra, dec)):
        return False
    low, high = valid_range("dec") or (0.0, 0.0)
    is_inside = (ra.minimum or 0.0) >= 0.0 and (ra.maximum or 0.0) <= 360.0
    is_inside &= low < (dec.minimum or 0.0) and (dec.maximum or 0.0) < high
    is_telling = (dec.minimum or 0.0) < -0.05 or (ra.maximum or 0.0) > 40.0
    return is_inside and is_telling and ((ra.maximum or 0.0) > FULL_CIRCLE_RAD or are_radians(ra, dec))


def _may_be_redshift(profile: ColumnProfile) -> bool:
    low, high = valid_range("redshift") or (0.0, 0.0)
    if profile.median is None or profile.maximum is None or not profile.dtype.startswith("float"):
        return False
    return low < profile.median < _REDSHIFT_MEDIAN_MAX and profile.maximum < high and not profile.is_constant

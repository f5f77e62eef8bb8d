"""How well a column fits a role: points for UCD, name, unit and type, and the values that forbid it.

Points (domain rule 1): UCD +100, exact name +60, weaker pattern +30, unit or range fits +20, type fits +10.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.columns.names import parse_name, word_set
from services.columns.roles import ROLES, Role, role_for_ucd
from services.columns.sentinels import SENTINELS, sentinels, valid_range
from services.columns.sexagesimal import angle_format
from services.columns.units import unit_family
from services.models.tables import ColumnProfile

UCD_POINTS, NAME_POINTS, PATTERN_POINTS, UNIT_POINTS, TYPE_POINTS = 100.0, 60.0, 30.0, 20.0, 10.0
FIRST_COLUMN_POINTS = 20.0
"""An identifier mostly stands first; this takes the place of the unit it cannot have."""

MISSING_FRACTION_MAX = 0.99
CONSTANT_ROWS = 10
"""In fewer rows equal values are no sign of a placeholder."""

EXACT_INTEGER_MAX = 2.0**53
"""Longer identifiers look alike once they are float64: they are not constant for that."""

_QUALIFIERS = word_set(
    "err error errs unc uncertainty flag flags flg qual quality conf confidence warn warning points number count n nobs"
    " ref reference bib source type method code min max low high lower upper l68 u68 l95 u95 std rms sigma var ivar"
    " err68 fiberid chi2 prob class mask bin weight use good e sig"
)
"""Words that make a column say something ABOUT a quantity: such a column is not the quantity."""

_MEASUREMENTS = ("ra", "dec", "redshift", "z_phot", "velocity")
_UNIT_FAMILIES = {
    "ra": ("deg", "rad", "hour", "hms", "dms"),
    "dec": ("deg", "rad", "dms", "hms"),
    "velocity": ("km/s",),
    "ref_mag": ("mag",),
}
_DIMENSIONLESS = ("redshift", "redshift_err", "z_phot", "z_phot_err", "z_low", "z_high", "odds")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A column as a candidate for a role. ``tier`` breaks ties between names of one role, 0 is best."""

    role: str
    profile: ColumnProfile
    score: float
    how: str
    reason: str
    tier: int


def evidence(role_name: str, profile: ColumnProfile, *, is_first: bool = False) -> Evidence | None:
    """Points of a column for a role, None when nothing speaks for it or something forbids it."""
    role = ROLES[role_name]
    how, points, tier, reason = _named(role, profile)
    if not points or _is_forbidden(role, profile, how):
        return None
    bonus = _unit_points(role, profile) + _type_points(role, profile)
    if role.name == "id" and is_first:
        bonus += FIRST_COLUMN_POINTS
    return Evidence(role_name, profile, points + bonus, how, reason, tier)


def _named(role: Role, profile: ColumnProfile) -> tuple[str, float, int, str]:
    by_ucd = role_for_ucd(profile.ucd)
    text = parse_name(profile.name).text
    tier = role.tier(text)
    if by_ucd == role.name:
        return "ucd", UCD_POINTS, tier or 0, f"by UCD: {profile.ucd}"
    if by_ucd is not None or _speaks_of_another(role, profile):
        return "", 0.0, 0, ""
    if tier is not None:
        return "name", NAME_POINTS, tier, f'by name: "{profile.name}" is a usual name for this'
    if role.hints(text) and not _is_qualified(role, text):
        extra_words = text.count("_") if role.name in ("ra", "dec") else 0  # ra_centroid before ra_psf_f158
        return "name", PATTERN_POINTS, len(role.synonyms) + extra_words, f'by name: "{profile.name}" looks like it'
    return "", 0.0, 0, ""


def _speaks_of_another(role: Role, profile: ColumnProfile) -> bool:
    """Whether the UCD is of another kind: an error, a count, photometry."""
    ucd = (profile.ucd or "").lower()
    if not ucd:
        return False
    is_error = ucd.startswith("stat.error")
    wants_error = role.name.endswith("_err")
    is_count = ucd.endswith(";meta.number") or ucd.startswith("meta.bib")
    is_photometry = ucd.startswith("phot.") and role.name not in ("ref_mag",)
    return (is_error != wants_error and is_error) or is_count or is_photometry


def _is_qualified(role: Role, text: str) -> bool:
    if role.name not in _MEASUREMENTS:
        return False
    return bool(_QUALIFIERS & set(text.replace("_", " ").split()))


def _is_forbidden(role: Role, profile: ColumnProfile, how: str) -> bool:
    """Values that veto (domain rule 2)."""
    if role.kind == "vector":
        return not profile.is_vector
    if profile.is_vector or profile.dtype == "bool":
        return True
    if role.kind == "number" and not profile.is_numeric:
        return angle_format(profile.examples) is None or role.name not in ("ra", "dec")
    if role.kind == "text" and profile.dtype != "string":
        return True
    if _is_out_of_range(role, profile, how):
        return True
    may_be_empty = role.name.endswith("_err") or role.name == "z_flag"  # all 99, all blank: still that column
    return not may_be_empty and (_is_empty(profile) or _is_placeholder(role, profile))


def _is_empty(profile: ColumnProfile) -> bool:
    return profile.n_rows > 0 and profile.n_valid < (1.0 - MISSING_FRACTION_MAX) * profile.n_rows


def _is_placeholder(role: Role, profile: ColumnProfile) -> bool:
    """A constant column: nobody's position or redshift, though one survey may fill a whole catalogue."""
    is_exact = profile.maximum is None or abs(profile.maximum) < EXACT_INTEGER_MAX
    is_constant = profile.is_constant and is_exact and profile.n_rows >= CONSTANT_ROWS
    return is_constant and (role.name in SENTINELS or role.name == "id")


def _is_out_of_range(role: Role, profile: ColumnProfile, how: str) -> bool:
    if profile.minimum is None or profile.maximum is None or profile.median is None:
        return False
    if role.name in ("ra", "dec"):
        low, high = valid_range(role.name) or (0.0, 0.0)
        return not (low < profile.minimum and profile.maximum < high)
    if _has_wrong_unit(role, profile) and how != "ucd":
        return True
    if role.name in ("redshift", "z_phot", "z_low", "z_high") and profile.median not in sentinels("redshift"):
        low, high = valid_range("redshift") or (0.0, 0.0)
        return not low < profile.median < high
    return role.name == "ref_mag" and not 5.0 < profile.median < 40.0


def _has_wrong_unit(role: Role, profile: ColumnProfile) -> bool:
    """A redshift has no unit: magnitudes, fluxes, angles and velocities are something else."""
    return role.name in _DIMENSIONLESS and unit_family(profile.unit) not in ("", None)


def _unit_points(role: Role, profile: ColumnProfile) -> float:
    """Points for a fitting unit, stated or in the name; without one, for values in the range of the quantity."""
    name = parse_name(profile.name)
    family = unit_family(profile.unit or name.unit)
    if role.name in _UNIT_FAMILIES:
        fits = family in _UNIT_FAMILIES[role.name]
        return UNIT_POINTS if fits or (family == "" and _values_fit(role, profile)) else 0.0
    if role.name in _DIMENSIONLESS and family == "" and _values_fit(role, profile):
        return UNIT_POINTS
    return 0.0


def _values_fit(role: Role, profile: ColumnProfile) -> bool:
    if not profile.is_numeric:
        return angle_format(profile.examples) is not None
    if role.name in ("redshift_err", "z_phot_err"):
        return profile.median is not None and (0.0 <= profile.median < 1.0 or profile.median in sentinels(role.name))
    return profile.median is not None


def _type_points(role: Role, profile: ColumnProfile) -> float:
    if role.name == "id":
        return TYPE_POINTS if profile.dtype == "string" or profile.dtype.startswith(("int", "uint")) else 0.0
    is_fitting = {
        "number": profile.is_numeric,
        "text": profile.dtype == "string",
        "any": True,
        "vector": profile.is_vector,
    }[role.kind]
    return TYPE_POINTS if is_fitting else 0.0

"""What the owner says about the columns of a product: one column takes a role, the one that had it gives it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.columns.pdf_ends import grid_ends
from services.columns.positions import angle_unit
from services.columns.roles import CORE_ROLES, ROLES, Role, role_for_alias
from services.columns.units import unit_family
from services.errors import InvalidInput, NotFound
from services.models.tables import ColumnProfile
from services.schema import ProductColumnRow
from services.text_rules import is_one_line

_ANGLES = ("ra", "dec")
_REDSHIFTS = ("redshift", "z_phot")
_ANGLE_TRANSFORMS = ("rad_to_deg", "hour_to_deg", "hms_to_deg", "dms_to_deg")
VELOCITY_TRANSFORM = "km_s_to_z"
"""z = v/c, the convention of catalogues that give velocities."""

TRANSFORMS_OF = dict.fromkeys(_ANGLES, _ANGLE_TRANSFORMS) | dict.fromkeys(_REDSHIFTS, (VELOCITY_TRANSFORM,))
"""Conversions a role may ask for; roles that are not named here have none."""

_MAX_BAND = 32
MAX_WORDS = {"alias": 256, "ucd": 128}
"""Characters of the words of the REST contract."""


def associate(
    rows: Sequence[ProductColumnRow], column_name: str, role: str | None, band: str | None, transform: str
) -> ProductColumnRow:
    """Give a column a role, or none, by the word of the owner; rows are changed in place.

    Where no conversion is given, the unit of a position column decides, and a velocity taken for a redshift is read as
    z = v/c.

    Raises
    ------
    NotFound
        If no column has that name.
    InvalidInput
        If role, band and transform do not go together.
    """
    row = next((row for row in rows if row.name == column_name), None)
    if row is None:
        raise NotFound(f'The product has no column "{column_name[:100]}".')
    was_velocity = row.role == "velocity" or unit_family(row.unit) == "km/s"
    _clear(row)
    row.how = "owner"
    if role is not None:
        known = _known_role(role)
        band = _checked_band(known, band)
        _check_transform(role, transform)
        for other in rows:
            if other is not row and other.role == role and other.band == band:
                _clear(other)
        stated = VELOCITY_TRANSFORM if was_velocity and role in _REDSHIFTS else _stated_angle(role, row)
        _take(row, known, band, transform or stated)
    return row


def describe(rows: Sequence[ProductColumnRow], row: ProductColumnRow, words: Mapping[str, str | None]) -> None:
    """Set alias, UCD or both of one of ``rows`` by the word of the owner; see ``ContentService.describe_column``.

    Raises
    ------
    InvalidInput
        If a word is too long or not on one line.
    """
    clean = {field: _checked_word(field, word) for field, word in words.items()}
    if "alias" in clean:
        _set_alias(rows, row, clean["alias"])
    if "ucd" in clean:
        row.ucd = clean["ucd"]
    if clean:
        row.how = "owner"


def _checked_word(field: str, word: str | None) -> str | None:
    text = (word or "").strip()
    if len(text) > MAX_WORDS[field] or not is_one_line(text):
        raise InvalidInput(f"The {field} is one line of at most {MAX_WORDS[field]} characters.", field=field)
    return text or None


def _set_alias(rows: Sequence[ProductColumnRow], row: ProductColumnRow, alias: str | None) -> None:
    role = role_for_alias(alias)
    if role is None:
        if row.role in CORE_ROLES:
            _clear(row)
        row.alias = alias
    elif row.role != role or row.alias != ROLES[role].alias:
        associate(rows, row.name, role, None, "")
    row.needs_confirmation = False


def _known_role(role: str) -> Role:
    if role not in ROLES:
        raise InvalidInput(f'There is no column role "{role[:40]}". Choose one of: {", ".join(ROLES)}.', field="role")
    return ROLES[role]


def _checked_band(role: Role, band: str | None) -> str | None:
    band = (band or "").strip() or None
    if role.per_band and band is None:
        raise InvalidInput(f"{role.title} needs a band, such as i.", field="band")
    if band is not None and not role.per_band:
        raise InvalidInput(f"{role.title} has no band. Leave it empty.", field="band")
    if band is not None and (len(band) > _MAX_BAND or not is_one_line(band)):
        raise InvalidInput(f"The name of a band is one line of at most {_MAX_BAND} characters.", field="band")
    return band


def _check_transform(role: str, transform: str) -> None:
    is_grid = role == "pdf" and grid_ends(transform) is not None
    if transform and not is_grid and transform not in TRANSFORMS_OF.get(role, ()):
        raise InvalidInput(f'There is no conversion "{transform[:40]}" for {ROLES[role].title}.', field="transform")


def _stated_angle(role: str, row: ProductColumnRow) -> str:
    """Conversion that the unit of a position column asks for; text holds sexagesimal angles, RA in hours."""
    if role not in _ANGLES:
        return ""
    if row.dtype == "string":
        return "dms_to_deg" if role == "dec" or unit_family(row.unit) == "dms" else "hms_to_deg"
    profile = ColumnProfile(row.name, row.dtype, n_rows=0, n_valid=0, unit=row.unit)
    return angle_unit(role, profile, pair_is_radians=False).transform


def _clear(row: ProductColumnRow) -> None:
    """Take the role away, and the words of the REST contract that came with it; a UCD from the file stays."""
    if row.role is not None and row.role in ROLES and row.ucd == ROLES[row.role].ucd:
        row.ucd = None
    row.role = row.band = row.alias = row.how = None
    row.transform, row.needs_confirmation = "", False


def _take(row: ProductColumnRow, role: Role, band: str | None, transform: str) -> None:
    row.role, row.band, row.transform = role.name, band, transform
    row.alias = role.alias
    if role.alias is not None:
        row.ucd = role.ucd

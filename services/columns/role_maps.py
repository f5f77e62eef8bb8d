"""Roles as stored with a product, turned into what statistics and pages ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.columns.band_names import band_order
from services.columns.bands import implied_flux_unit
from services.columns.names import parse_name
from services.columns.roles import BAND_ROLES, ROLES, Role
from services.columns.units import zero_point_mag
from services.models.products import ProductColumn
from services.models.roles import BandColumn, RoleMap
from services.product_types import PRODUCT_TYPES


def role_map(columns: Sequence[ProductColumn]) -> RoleMap:
    """Roles of a product by name, photometry sorted by wavelength, and candidates for the core roles nobody has."""
    plain = {c.role: c for c in columns if c.role and c.role in ROLES and c.role not in BAND_ROLES}
    names = {role: column.name for role, column in plain.items()}
    return RoleMap(
        columns=names,
        transforms={role: column.transform for role, column in plain.items() if column.transform},
        bands=_bands(columns),
        candidates=_candidates(columns, [role for role in ("ra", "dec", "redshift", "z_phot") if role not in names]),
    )


def open_roles(columns: Sequence[ProductColumn], product_type: str) -> Mapping[str, tuple[str, ...]]:
    """Needed and welcome roles of a product type that no column has, with the columns they could be chosen from.

    A role without a column that is named at all like it is open to every column without a role.
    """
    kind = PRODUCT_TYPES[product_type]
    held = {column.role for column in columns}
    held |= {"mag", "mag_err"} if "flux" in held else set()
    wanted = [role for role in (*kind.needed_roles, *kind.welcome_roles) if role not in held]
    by_name = _candidates(columns, wanted)
    free = tuple(column.name for column in columns if column.role is None)
    return {role: by_name.get(role, free) for role in wanted}


def _candidates(columns: Sequence[ProductColumn], roles: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found = {role: tuple(c.name for c in columns if _could_be(ROLES[role], c)) for role in roles}
    return {role: names for role, names in found.items() if names}


def _could_be(role: Role, column: ProductColumn) -> bool:
    """Whether a free column is named like the role; a velocity can stand for a redshift, as z = v/c."""
    if column.role is not None:
        return role.name == "redshift" and column.role == "velocity"
    return _is_named(role, column)


def _is_named(role: Role, column: ProductColumn) -> bool:
    text = parse_name(column.name).text
    return role.tier(text) is not None or role.hints(text)


def _bands(columns: Sequence[ProductColumn]) -> tuple[BandColumn, ...]:
    """One entry per band; a magnitude wins over a flux in the same band."""
    found: dict[str, BandColumn] = {}
    for kind in ("flux", "mag"):
        errors = {c.band: c.name for c in columns if c.role == f"{kind}_err"}
        for column in (c for c in columns if c.role == kind and c.band):
            found[str(column.band)] = _band(column, kind, errors.get(column.band))
    return tuple(sorted(found.values(), key=lambda band: band_order(band.band)))


def _band(column: ProductColumn, kind: str, error: str | None) -> BandColumn:
    unit = column.unit or (implied_flux_unit(column.name) if kind == "flux" else "mag")
    zero_point = zero_point_mag(unit) if kind == "flux" else None
    return BandColumn(str(column.band), column.name, error, kind, unit, zero_point)

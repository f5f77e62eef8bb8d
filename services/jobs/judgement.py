"""What people are told about a table that was read: what was noticed, and what is missing before it is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.columns.matching import unusable_columns
from services.columns.roles import role_title
from services.models.products import ProductColumn
from services.models.roles import RoleMap
from services.models.tables import ColumnProfile, TableInfo
from services.product_rules import role_titles
from services.product_types import ProductType

_MISSED = {
    "redshift": "No column with spectroscopic or true redshifts was found, so estimates cannot be compared with truth.",
    "z_phot": "No column with photo-z estimates was found.",
    "mag": "No magnitudes or fluxes were found, so there are no magnitude plots.",
}
"""What a missing welcome role means to people; roles that are merely nice to have are not listed."""

_STATE_THEM = "They can be stated under Columns; without them there are no plots of PDFs."


def has_role(roles: RoleMap, role: str) -> bool:
    """Whether a table has what a type asks for: photometry in any band, photo-z as numbers or as PDFs."""
    if role == "mag":
        return bool(roles.bands)
    if role == "z_phot":
        return roles.has("z_phot") or roles.has("pdf")
    return roles.has(role)


def reader_notes(
    kind: ProductType, info: TableInfo, roles: RoleMap, rivals: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Warnings of the reader, then what a product of this type should have and this one has not.

    ``rivals`` are roles left open between several columns.
    """
    asked = (*kind.needed_roles, *kind.welcome_roles)
    pdf = roles.column("pdf")
    no_grid = (f"The file does not say at which redshifts {pdf} holds its PDFs. {_STATE_THEM}",)
    missed = [_MISSED[role] for role in kind.welcome_roles if role in _MISSED and not has_role(roles, role)]
    doubts = [
        f"{role_title(role)}: {_listed(names)} are equally good, so none was taken. Choose one under Columns."
        for role, names in rivals.items()
        if role in asked and len(names) > 1 and not roles.has(role)
    ]
    return (*info.warnings, *missed, *doubts, *(no_grid if pdf is not None and not info.grid else ()))


def unusable_notes(kind: ProductType, profiles: Sequence[ColumnProfile], roles: RoleMap) -> tuple[str, ...]:
    """Sentences about columns that are needed by their name but hold nothing of use."""
    missing = [role for role in kind.needed_roles if not has_role(roles, role)]
    return tuple(
        f'Column "{name}", by its name the {role_titles([role])[0]}, {why}.'
        for role in missing
        for name, why in unusable_columns(profiles, role).items()
    )


def unconfirmed(kind: ProductType, columns: Sequence[ProductColumn]) -> str | None:
    """Why a product waits for its owner although every needed role has a column; None when it need not wait."""
    unsure = [c for c in columns if c.needs_confirmation and c.role in kind.needed_roles]
    if not unsure:
        return None
    named = _listed([f"{column.name} ({role_title(column.role or '')})" for column in unsure])
    return (
        f"Not published yet: the file does not say what its columns are, so the portal guessed {named}. "
        "Check this under Columns, then publish."
    )


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

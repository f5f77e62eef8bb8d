"""Columns as they stand after a reading: what the owner said stays, what the portal guessed is guessed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.columns.roles import ROLES
from services.models.products import ProductColumn
from services.models.roles import RoleGuess
from services.models.tables import ColumnProfile

BY_OWNER = "owner"

_Slot = tuple[str, str | None]
"""A role and its band: what only one column of a table can be."""


def merged_columns(
    before: Sequence[ProductColumn],
    profiles: Sequence[ColumnProfile],
    guesses: Sequence[RoleGuess],
    *,
    keep_guesses: bool = False,
) -> tuple[ProductColumn, ...]:
    """Columns of a table just read, in file order.

    Parameters
    ----------
    before : sequence of ProductColumn
        Columns of the last reading. Where the owner set or cleared a role (``how`` is "owner") it stays, also when the
        file is read again; alias and UCD of a column that keeps its name stay too.
    profiles : sequence of ColumnProfile
        What the file holds now.
    guesses : sequence of RoleGuess
        Roles for it; one that belongs to another column already is dropped.
    keep_guesses : bool
        Roles the portal guessed earlier stay as well: the product may be published by them. A guess that says the
        same now may still refine how values are converted.
    """
    said = {guess.column: (guess.role, guess.band) for guess in guesses}
    kept = {column.name: column for column in before if _stays(column, said, keep_guesses=keep_guesses)}
    present = {profile.name for profile in profiles}
    taken = {_slot(column) for name, column in kept.items() if name in present and column.role is not None}
    free = {guess.column: guess for guess in guesses if (guess.role, guess.band) not in taken}
    earlier = {column.name: column for column in before}
    return tuple(
        _column(place, profile, kept.get(profile.name), free, earlier.get(profile.name))
        for place, profile in enumerate(profiles)
    )


def _stays(column: ProductColumn, said: Mapping[str, _Slot], *, keep_guesses: bool) -> bool:
    """Whether the role of a column is settled, whatever is guessed now."""
    if column.how == BY_OWNER:
        return True
    return keep_guesses and column.role is not None and said.get(column.name) != _slot(column)


def _slot(column: ProductColumn) -> _Slot:
    return column.role or "", column.band


def _column(
    place: int,
    profile: ColumnProfile,
    kept: ProductColumn | None,
    guesses: Mapping[str, RoleGuess],
    earlier: ProductColumn | None,
) -> ProductColumn:
    """One column; ids belong to the rows and are not known here."""
    if kept is not None:
        words: dict[str, object] = {
            "role": kept.role,
            "band": kept.band,
            "how": kept.how,
            "transform": kept.transform,
            "needs_confirmation": kept.needs_confirmation,
            "alias": kept.alias,
            "ucd": kept.ucd,
        }
    else:
        words = _guessed(profile, guesses.get(profile.name), earlier)
    return ProductColumn(
        id=0,
        product_id=0,
        name=profile.name,
        order=place,
        dtype=profile.dtype,
        description=profile.description,
        **{"unit": profile.unit, **words},  # type: ignore[arg-type]
    )


def _guessed(profile: ColumnProfile, guess: RoleGuess | None, earlier: ProductColumn | None) -> dict[str, object]:
    """Role by the guess. Alias and UCD are the contract's words for it, else those the column had, else the file's."""
    before = (earlier.role, earlier.alias, earlier.ucd) if earlier is not None else (None, None, None)
    if guess is None:
        alias, ucd = before[1:] if before[0] is None else (None, None)
        return {"alias": alias, "ucd": ucd or profile.ucd}
    role = ROLES[guess.role]
    alias, ucd = before[1:] if before[0] == guess.role else (None, None)
    return {
        "role": guess.role,
        "band": guess.band,
        "how": guess.how,
        "transform": guess.transform,
        "needs_confirmation": guess.needs_confirmation,
        "unit": profile.unit or guess.unit,
        "alias": alias or role.alias,
        "ucd": ucd or role.ucd or profile.ucd,
    }

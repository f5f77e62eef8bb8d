"""Which columns of a table the numbers of a plot come from."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator
from typing import Any

from services.models.roles import RoleMap
from services.statistics.needs import PHOTOMETRY, Needs

NAMING = ("z_phot", "z_spec", "magnitude")
"""Fields that name a column without saying so; all others have "column" in their name."""

_BETWEEN = re.compile(", | - ")


def needed_columns(needs: Needs, roles: RoleMap) -> tuple[str, ...]:
    """Columns of the needed roles; of alternatives the first that is known."""
    names = (name for alternatives in needs for name in _first_known(alternatives, roles))
    return tuple(dict.fromkeys(names))


def _first_known(alternatives: tuple[str, ...], roles: RoleMap) -> tuple[str, ...]:
    for role in alternatives:
        found = _band_columns(role, roles) if role in PHOTOMETRY else (roles.columns.get(role, ""),)
        if any(found):
            return found
    return ()


def _band_columns(word: str, roles: RoleMap) -> tuple[str, ...]:
    if word == "mag_err":
        return tuple(band.error_column for band in roles.bands if band.error_column)
    return () if word == "any" else tuple(band.column for band in roles.bands)


def used_columns(value: Any, known: Collection[str]) -> tuple[str, ...]:
    """Columns that a value object names, in its order; several in one text have commas or a minus between."""
    return tuple(dict.fromkeys(name for text in _names(value) for name in _columns_in(text, known)))


def _columns_in(text: str, known: Collection[str]) -> list[str]:
    return [text] if text in known else [part for part in _BETWEEN.split(text) if part in known]


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, tuple):
        for item in value:
            yield from _names(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _names_in_field(field.name, getattr(value, field.name))


def _names_in_field(name: str, value: Any) -> Iterator[str]:
    if "column" in name or name in NAMING:
        items = value if isinstance(value, tuple) else (value,)
        yield from (item for item in items if isinstance(item, str))
    yield from _names(value)

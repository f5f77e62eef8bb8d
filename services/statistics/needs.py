"""What a statistic needs to know of a table before it can be computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.models.roles import RoleMap
from services.statistics.measured import magnitudes

Needs = tuple[tuple[str, ...], ...]
"""Roles that must all be known, each as its alternatives; ``PHOTOMETRY`` lists words that stand for bands."""

PHOTOMETRY: Mapping[str, Callable[[RoleMap], bool]] = {
    "mag": lambda roles: bool(roles.bands),
    "colour": lambda roles: len(magnitudes(roles)) > 1,
    "colours": lambda roles: len(magnitudes(roles)) > 2,
    "mag_err": lambda roles: any(band.error_column for band in roles.bands),
    "any": lambda _: True,
}
"""A magnitude or flux in any band; magnitudes in two bands, in three; an error in any band; nothing at all."""


def needs_met(needs: Needs, roles: RoleMap) -> bool:
    """Whether the roles of a table suffice."""
    return all(any(_has(roles, role) for role in alternatives) for alternatives in needs)


def _has(roles: RoleMap, role: str) -> bool:
    known = PHOTOMETRY.get(role)
    return known(roles) if known else roles.has(role)

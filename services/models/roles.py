"""What the columns of one table mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """A column taken for a role, and why.

    ``how`` is "owner", "ucd", "name" or "values"; ``reason`` one sentence for people; ``transform`` as in
    ``ProductColumn``; ``needs_confirmation`` when a person must agree before the guess is published as fact.
    """

    column: str
    role: str
    how: str
    score: float
    reason: str
    band: str | None = None
    transform: str = ""
    unit: str | None = None
    needs_confirmation: bool = False


@dataclass(frozen=True, slots=True)
class BandColumn:
    """Photometry in one band. ``kind`` is "mag" or "flux"; ``zero_point_mag`` turns a flux into an AB magnitude."""

    band: str
    column: str
    error_column: str | None
    kind: str
    unit: str | None = None
    zero_point_mag: float | None = None


@dataclass(frozen=True, slots=True)
class RoleMap:
    """Roles of one table: what every statistic asks for.

    ``columns`` maps a role name to a column name, ``transforms`` a role name to a conversion (absent: none).
    Photometry lies in ``bands``, sorted by wavelength.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    transforms: Mapping[str, str] = field(default_factory=dict)
    bands: tuple[BandColumn, ...] = ()
    candidates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Roles left open because several columns are equally good, with those columns."""

    def column(self, role: str) -> str | None:
        """Column that has the role, None when no column has it."""
        return self.columns.get(role)

    def has(self, *roles: str) -> bool:
        """Whether all these roles are taken."""
        return all(role in self.columns for role in roles)

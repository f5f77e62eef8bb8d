"""A quantity of a table: which column holds it, how to read it, which values count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.models.roles import BandColumn, RoleMap
from services.statistics.canonical import CanonicalTable
from services.statistics.quantiles import Summary, column_summary
from services.statistics.transforms import flux_to_mag
from services.statistics.validity import ANY, Quantity, quantity_of

Numbers = NDArray[np.floating[Any]]

REFERENCE_BANDS = ("i", "r", "z", "g", "y", "Y", "J", "H", "Ks", "K", "u")
"""Bands in the order in which one of them stands for the brightness of an object."""

LABELS = {
    "redshift": "z_spec",
    "z_phot": "z_phot",
    "redshift_err": "σ(z_spec)",
    "z_phot_err": "σ(z_phot)",
    "z_flag": "Quality flag",
    "survey": "Survey",
    "odds": "odds",
    "ra": "RA",
    "dec": "Dec",
    "ref_mag": "Reference magnitude",
}

DERIVED_LABELS = {"km_s_to_z": "z = v/c"}
"""Quantities that are computed from another one say so."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One quantity: ``column`` of the table read through ``transform``, with the rule of ``quantity``."""

    label: str
    column: str
    quantity: Quantity = ANY
    transform: str = ""
    unit: str | None = None
    band: str | None = None

    def chunks(self, table: CanonicalTable) -> Iterator[Numbers]:
        """Its numbers, one row group at a time."""
        return table.chunks(self.column, self.transform)

    def summary(self, table: CanonicalTable) -> Summary:
        """Its summary over all rows, computed once per open table."""
        return column_summary(table, self.column, self.quantity, self.transform)

    def sentinels(self, dtype: np.dtype[Any]) -> NDArray[np.float64]:
        """Sentinels inside the valid range: the only ones a loop must look for."""
        marks = self.quantity.sentinels_as(dtype)
        return marks[(marks > self.quantity.low) & (marks < self.quantity.high)]


def measured_role(roles: RoleMap, role: str) -> Measured | None:
    """The quantity of a role that one column can hold; None when no column has it."""
    column = roles.column(role)
    if column is None:
        return None
    unit = {"ra": "deg", "dec": "deg", "ref_mag": "mag"}.get(role)
    transform = roles.transforms.get(role, "")
    label = DERIVED_LABELS.get(transform, LABELS.get(role, role))
    return Measured(label, column, quantity_of(role), transform, unit)


def measured_band(band: BandColumn) -> Measured | None:
    """Magnitude in a band; from the flux where its zero point is known, None for a flux on an unknown scale."""
    if band.kind == "mag":
        return Measured(f"{band.band} magnitude", band.column, quantity_of("mag"), unit="mag", band=band.band)
    if band.zero_point_mag is None:
        return None
    transform = flux_to_mag(band.zero_point_mag)
    return Measured(f"{band.band} magnitude", band.column, quantity_of("mag"), transform, "mag", band.band)


def magnitudes(roles: RoleMap) -> tuple[Measured, ...]:
    """Magnitudes in all bands that have one, in the order of the role map (by wavelength)."""
    return tuple(found for band in roles.bands if (found := measured_band(band)) is not None)


def reference_magnitude(roles: RoleMap) -> Measured | None:
    """The magnitude an object is known by: i, else the next best band, else the reference magnitude."""
    bands = magnitudes(roles)
    for name in REFERENCE_BANDS:
        for found in bands:
            if found.band == name:
                return found
    return measured_role(roles, "ref_mag") or (bands[0] if bands else None)


def any_redshift(roles: RoleMap) -> Measured | None:
    """The spectroscopic redshift, or the photometric one where there is no other."""
    return measured_role(roles, "redshift") or measured_role(roles, "z_phot")

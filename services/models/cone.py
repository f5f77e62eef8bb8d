"""A cone diagram: right ascension as the angle, redshift as the distance from its tip."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.statistics import Density


@dataclass(frozen=True, eq=False, slots=True)
class ConeDensity(Detail):
    """Counts in the plane x = -z sin a, y = z cos a with a = ``stretch`` x (RA - ``middle_deg``): RA grows to the left.

    The wedge reaches ``half_width_deg`` of right ascension to either side of the middle and ``z_max`` in redshift.
    Right ascensions of a field across 0h run on past 360 deg. Rows beyond the wedge are outside.
    """

    grid: Density
    ra_column: str
    dec_column: str
    z_column: str
    z_label: str
    middle_deg: float
    half_width_deg: float
    stretch: float
    z_max: float

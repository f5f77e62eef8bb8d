"""A cone diagram: right ascension as the angle, redshift as the distance from its tip."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.statistics import Density

GAP_PART = 0.06
"""Room between two separate fields in the diagram, in parts of the width of all of them."""


@dataclass(frozen=True, eq=False, slots=True)
class ConeDensity(Detail):
    """Counts in the plane x = -z sin a, y = z cos a; the angle a is an offset in RA times ``stretch``, to the left.

    ``fields`` are stretches of right ascension (deg, first and last); those across 0h run on past 360. Fields far apart
    are moved together, with a little room between them. The wedge reaches ``z_max``; rows beyond it, or in no field,
    are outside.
    """

    grid: Density
    ra_column: str
    dec_column: str
    z_column: str
    z_label: str
    fields: tuple[tuple[float, float], ...]
    stretch: float
    z_max: float

    @property
    def offsets_deg(self) -> tuple[float, ...]:
        """Where each field begins, from the middle of the wedge, before it is stretched."""
        return field_offsets(self.fields)


def field_offsets(fields: tuple[tuple[float, float], ...]) -> tuple[float, ...]:
    """Where each field begins, in degrees from the middle of all of them."""
    widths = [high - low for low, high in fields]
    room = GAP_PART * sum(widths)
    start = -opening_deg(fields) / 2
    return tuple(start + sum(widths[:place]) + room * place for place in range(len(widths)))


def opening_deg(fields: tuple[tuple[float, float], ...]) -> float:
    """Width of all fields and the room between them."""
    return sum(high - low for low, high in fields) * (1 + GAP_PART * (len(fields) - 1))

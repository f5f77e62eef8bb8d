"""Colours of objects: differences of magnitudes, bluer minus redder."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.details import Detail
from services.models.statistics import Density

USUAL_COLOURS = (-0.5, 2.0)
"""Colours of adjacent bands lie in here for most galaxies; elsewhere bands may be swapped, or not AB magnitudes."""


@dataclass(frozen=True, eq=False, slots=True)
class ColourColour(Detail):
    """Counts over two adjacent colours; ``n_usual`` rows have both in ``USUAL_COLOURS``."""

    grid: Density
    n_usual: int

    @property
    def usual_fraction(self) -> float:
        """Share of the rows with both colours, those beyond the axes included; 0 without any."""
        n_both = self.grid.tally.n_shown + self.grid.tally.n_outside
        return self.n_usual / n_both if n_both else 0.0

"""Which columns the axes of a plot stand for: what dragging across it, or a click on its bars, can limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.models.colours import ColourColour
from services.models.groups import GroupedHistogram
from services.models.healpix import HealpixMap
from services.models.sky_fields import SkyFields
from services.models.statistics import CategoryCounts, HistogramSet, SkyDensity
from services.statistics.measured import REFERENCE_BANDS


@dataclass(frozen=True, slots=True)
class PlotAxes:
    """Columns along x and y, None where an axis counts or shows something derived; ``category`` has a bar per value."""

    x: str | None = None
    y: str | None = None
    category: str | None = None


def axes_of(statistic: Any) -> PlotAxes:
    """Axes of the plot of any statistic or detail.

    Statistics say it by their fields: ``x_column`` and ``y_column``, or ``column`` alone for counts along x. What they
    hold may also be two columns, for a difference or for dz: whoever asks looks it up in the table.
    """
    match statistic:
        case ColourColour() | HealpixMap():
            return axes_of(statistic.grid)
        case HistogramSet(items=items):
            return PlotAxes(x=_known_by(statistic) if items else None)
        case SkyDensity():
            return axes_of(statistic.grid)
        case SkyFields():
            return PlotAxes(statistic.ra_column, statistic.dec_column)
        case GroupedHistogram():
            return axes_of(statistic.whole)
        case CategoryCounts():
            return PlotAxes(category=statistic.column)
    x = getattr(statistic, "x_column", None) or getattr(statistic, "column", None)
    return PlotAxes(_name(x), _name(getattr(statistic, "y_column", None)))


def _name(found: Any) -> str | None:
    return found if isinstance(found, str) else None


def _known_by(histograms: HistogramSet) -> str:
    """Column of the band in which objects are known."""
    columns = {item.band or item.label: item.column for item in histograms.items}
    return next((columns[band] for band in REFERENCE_BANDS if band in columns), histograms.items[0].column)

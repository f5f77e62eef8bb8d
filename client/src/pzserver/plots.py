"""Pictures of catalogues with matplotlib, which is loaded here only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pzserver.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Values = np.ndarray[tuple[int], np.dtype[np.float64]]

N_BINS = 30
RA_LABEL, DEC_LABEL, REDSHIFT_LABEL = "R.A. (deg)", "Dec. (deg)", "Redshift"
REDSHIFTS, MAGNITUDES = (-0.05, 12.0), (5.0, 40.0)
"""Between these a value is one; what lies outside stands for a missing value, as -99 and 99 do."""


def pyplot() -> Any:
    """``matplotlib.pyplot``.

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise MissingExtra('Plots need matplotlib. Install it: pip install "pzserver[plot]"') from error
    return plt


def plot_specz_catalog(data: pd.DataFrame, columns: Mapping[str, str], *, savefig: bool) -> str | None:
    """Positions on the left, histogram of redshifts on the right."""
    figure, (sky, redshifts) = pyplot().subplots(1, 2, figsize=(12, 5))
    sky.plot(data[columns["RA"]], data[columns["Dec"]], ",", alpha=0.5)
    sky.set(xlabel=RA_LABEL, ylabel=DEC_LABEL)
    _histogram(redshifts, valid(data[columns["redshift"]], REDSHIFTS), None, REDSHIFT_LABEL)
    return _finish(figure, "specz_catalog.png" if savefig else None)


def plot_training_set(data: pd.DataFrame, redshift: str, magnitude: str | None, *, savefig: bool) -> str | None:
    """Histogram of redshifts; with a magnitude also its histogram, and the magnitude against the redshift."""
    import numpy as np

    z = valid(data[redshift], REDSHIFTS)
    if magnitude is None:
        figure, axes = pyplot().subplots(figsize=(8, 5))
        _histogram(axes, z, redshift_range(z), REDSHIFT_LABEL)
        return _finish(figure, "train_set.png" if savefig else None)
    figure, (left, middle, right) = pyplot().subplots(1, 3, figsize=(16, 5))
    mags = valid(data[magnitude], MAGNITUDES)
    _histogram(left, mags, magnitude_range(mags), magnitude)
    _histogram(middle, z, redshift_range(z), REDSHIFT_LABEL)
    pairs = np.column_stack([_numbers(data[redshift]), _numbers(data[magnitude])])
    inside = (pairs > [REDSHIFTS[0], MAGNITUDES[0]]) & (pairs < [REDSHIFTS[1], MAGNITUDES[1]])
    right.plot(*pairs[inside.all(axis=1)].T, ".", markersize=2, alpha=0.3)
    right.set(xlabel=REDSHIFT_LABEL, ylabel=magnitude, xlim=redshift_range(z), ylim=magnitude_range(mags))
    return _finish(figure, "train_set.png" if savefig else None)


def redshift_range(z: Values) -> tuple[float, float]:
    """Range of the axis: a tenth beyond the data, within 0 and 10."""
    if not z.size:
        return (0.0, 1.0)
    lowest, highest = float(z.min()), float(z.max())
    return (0.0 if lowest <= 0.1 else lowest - 0.1, 10.0 if highest > 10 else highest + 0.1)


def magnitude_range(magnitudes: Values) -> tuple[float, float]:
    """Range of the axis: two tenths beyond the data; 16 or 28 where they reach below 16 or above 30."""
    if not magnitudes.size:
        return (16.0, 28.0)
    lowest, highest = float(magnitudes.min()), float(magnitudes.max())
    return (16.0 if lowest < 16 else lowest - 0.2, 28.0 if highest > 30 else highest + 0.2)


def valid(column: pd.Series[Any], limits: tuple[float, float]) -> Values:
    """The numbers of a column that lie between limits."""
    values = _numbers(column)
    return values[(values > limits[0]) & (values < limits[1])]


def _numbers(column: pd.Series[Any]) -> Values:
    import numpy as np
    import pandas as pd

    numbers: Values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


def _histogram(axes: Any, values: Values, limits: tuple[float, float] | None, label: str) -> None:
    axes.hist(values, bins=N_BINS, range=limits)
    axes.set(xlabel=label, ylabel="Counts", xlim=limits)


def _finish(figure: Any, file_name: str | None) -> str | None:
    figure.tight_layout()
    if file_name is not None:
        figure.savefig(file_name)
    if getattr(figure.canvas, "required_interactive_framework", None):
        pyplot().show()
    return file_name

"""Small values of the plots of catalogues, made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.models.cone import ConeDensity
from services.models.duplicates import CloseObjects
from services.models.groups import GroupedHistogram
from services.models.missing import MissingMap
from services.models.statistics import Tally
from tests.components.figures import statistics_samples as samples


def groups() -> GroupedHistogram:
    """Two flags and a row without one."""
    whole = samples.histogram((1, 4, 0, 9))
    counts = np.array([[1, 0, 0, 7], [0, 4, 0, 1], [0, 0, 0, 1]])
    return GroupedHistogram("Quality flag", "q_z", ("3", "4", "no value"), counts, whole)


def cone(stretch: float = 10.0, *fields: tuple[float, float]) -> ConeDensity:
    """A narrow field across 0h."""
    grid = samples.density(
        [[0, 2], [1, 4]], x_edges=[-0.3, 0.0, 0.3], y_edges=[0.0, 0.5, 1.0], x_label="z_spec sin", y_label="z_spec cos"
    )
    return ConeDensity(grid, "ra", "dec", "Z", "z_spec", fields or ((357.0, 361.0),), stretch, 1.0)


def close_objects() -> CloseObjects:
    """Three pairs: a conflict, one that agrees exactly, one with a redshift missing."""
    return CloseObjects(
        ra_column="ra",
        dec_column="dec",
        z_column="Z",
        z_label="z_spec",
        n_pairs=3,
        n_compared=2,
        n_conflicts=1,
        edges=np.array([0.0, 0.5, 1.0]),
        counts=np.array([2, 1]),
        first=np.array([5, 1, 8]),
        second=np.array([9, 2, 11]),
        separation=np.array([0.2, 0.3, 0.9]),
        z_first=np.array([0.5, 1.0, np.nan]),
        z_second=np.array([0.8, 1.0, 0.3]),
        tally=Tally(20, 18, 2),
    )


def many_close_objects() -> CloseObjects:
    """More pairs than are listed: a map in their place."""
    grid = samples.density([[0, 3], [2, 1]], x_edges=[0.0, 0.5, 1.0], y_edges=[-5.0, -2.0, 1.0], y_column="Z")
    return replace(close_objects(), n_pairs=3000, grid=grid)


def missing() -> MissingMap:
    """Two of three columns shown, in two blocks of ten rows."""
    return MissingMap(
        columns=("Z", "i"),
        roles=("redshift", "mag"),
        row_edges=np.array([0, 10, 20]),
        counts=np.array([[0, 3], [10, 10]]),
        all_columns=("Z", "note", "i"),
        totals=np.array([3, 0, 20]),
        tally=Tally(25, 20, 0, 0, 5),
    )

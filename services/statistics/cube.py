"""The count cube: flag x redshift x magnitude x RA x Dec, made once, so that cross-filters never scan.

Counts are exact for cuts on the edges of the axes; snap a cut to an edge, or scan when it lies between. What lies
beyond an axis, or is missing, is in ``Tally`` numbers of the histograms, not in the cube.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from services.formats.arrays import number_array
from services.models.roles import RoleMap
from services.models.statistics import Density
from services.statistics.arrow_types import stored_numbers
from services.statistics.canonical import CanonicalTable
from services.statistics.cube_kernel import cube_counts
from services.statistics.densities import redshift_axis
from services.statistics.edges import map_edges
from services.statistics.measured import Measured, any_redshift, measured_role, reference_magnitude
from services.statistics.metrics import valid_or_nan
from services.statistics.sky import TURN_DEG, Positions, positions, sky

FloatArray = NDArray[np.float64]
Counts = NDArray[np.uint32]

AXES = ("flag", "redshift", "magnitude", "ra", "dec")
MOST_BINS: Mapping[str, int] = {"flag": 5, "redshift": 100, "magnitude": 64, "ra": 16, "dec": 16}
EVERYTHING = np.array([-np.inf, np.inf])
"""Edges of an axis the table has no column for: one bin that takes every row."""


@dataclass(frozen=True, eq=False, slots=True)
class CountCube:
    """Counts uint32 of shape (flag, redshift, magnitude, ra, dec) and the edges of every axis.

    An axis without a column has one bin from -inf to inf. Flags are binned by value: edges halfway between the
    distinct values, the rarer ones of more than five together in the last bin.
    """

    counts: Counts
    edges: Mapping[str, FloatArray]
    columns: Mapping[str, str]
    """Axis to the column it was counted from."""

    def marginal(self, *axes: str) -> NDArray[np.uint32]:
        """Counts summed over all other axes, in the order of ``AXES``; (flag, redshift, magnitude) take 256 kB."""
        others = tuple(i for i, axis in enumerate(AXES) if axis not in axes)
        return self.counts.sum(axis=others, dtype=np.uint32)

    def bins(self, axis: str, low: float, high: float) -> slice:
        """Bins of an axis inside a cut; exact when both ends are edges (ends between edges move inwards)."""
        edges = self.edges[axis]
        first = int(np.searchsorted(edges, low, side="left"))
        last = int(np.searchsorted(edges, high, side="right")) - 1
        return slice(first, max(first, last))

    def redshift_counts(self, cuts: Mapping[str, tuple[float, float]]) -> NDArray[np.uint32]:
        """N(z) under cuts on any axes, shape (n_redshift,)."""
        where = tuple(self.bins(axis, *cuts[axis]) if axis in cuts else slice(None) for axis in AXES)
        chosen = self.counts[where]
        return chosen.sum(axis=tuple(i for i, axis in enumerate(AXES) if axis != "redshift"), dtype=np.uint32)


def build_cube(table: CanonicalTable, roles: RoleMap) -> CountCube | None:
    """Count all rows of a table; None without a redshift, whose cross-filters it serves."""
    redshift = any_redshift(roles)
    if redshift is None or not redshift.summary(table).n_used:
        return None
    measured = _axes(table, roles, redshift)
    where = positions(roles)
    edges = {**dict.fromkeys(AXES, EVERYTHING), **_edges(table, measured)}
    seen = sky(table, roles)
    if where and seen:
        edges["ra"], edges["dec"] = _coarse(seen.grid)
        measured |= {"ra": where.ra, "dec": where.dec}
    counts = _counted(table, measured, where if seen else None, edges)
    return CountCube(counts, edges, {axis: one.column for axis, one in measured.items()})


def _counted(
    table: CanonicalTable,
    measured: Mapping[str, Measured],
    where: Positions | None,
    edges: Mapping[str, FloatArray],
) -> Counts:
    plain = [axis for axis in AXES if axis in measured and axis not in {"ra", "dec"}]

    def count(counts: Counts, chunk: tuple[NDArray[Any], ...]) -> None:
        row = {axis: valid_or_nan(values, measured[axis]) for axis, values in zip(plain, chunk, strict=False)}
        if where:
            row["ra"], row["dec"] = where.valid(*chunk[len(plain) :])
            row["ra"] = _run_on(row["ra"], edges["ra"][0])
        nothing = np.zeros(chunk[0].size)
        cube_counts(*(row.get(axis, nothing) for axis in AXES), *(edges[axis] for axis in AXES), counts)

    wanted = tuple((measured[axis].column, measured[axis].transform) for axis in plain) + (
        where.wanted if where else ()
    )
    counts = np.zeros(tuple(edges[axis].size - 1 for axis in AXES), np.uint32)
    for chunk in table.columns_chunks(wanted):  # by one thread: a second one would need as much memory again
        count(counts, chunk)
    return counts


def _axes(table: CanonicalTable, roles: RoleMap, redshift: Measured) -> dict[str, Measured]:
    found = {"redshift": redshift}
    magnitude, flag = reference_magnitude(roles), measured_role(roles, "z_flag")
    if magnitude and magnitude.summary(table).n_used:
        found["magnitude"] = magnitude
    if flag and not table.dtype(flag.column).startswith(("string", "vector")) and flag.summary(table).n_used:
        found["flag"] = flag
    return found


def _edges(table: CanonicalTable, measured: Mapping[str, Measured]) -> dict[str, FloatArray]:
    z_edges = redshift_axis(measured["redshift"].summary(table))
    found = {"redshift": map_edges(z_edges[0], z_edges[-2], MOST_BINS["redshift"])}
    if "magnitude" in measured:
        summary = measured["magnitude"].summary(table)
        found["magnitude"] = map_edges(summary.min, summary.max, MOST_BINS["magnitude"])
    if "flag" in measured:
        found["flag"] = _flag_edges(table, measured["flag"])
    return found


def _flag_edges(table: CanonicalTable, flag: Measured) -> FloatArray:
    # Looking values up is faster than sorting them: there are few of them.
    values = np.unique(np.concatenate([stored_numbers(pc.unique(number_array(chunk))) for chunk in flag.chunks(table)]))
    values = values[np.isfinite(values)]
    between = (values[1:] + values[:-1]) / 2
    return np.concatenate([[-np.inf], between[: MOST_BINS["flag"] - 1], [np.inf]])


def _coarse(grid: Density) -> tuple[FloatArray, FloatArray]:
    """Sixteen bins or fewer over the extent of the sky map."""
    ra, dec = grid.x_edges, grid.y_edges
    return (
        np.linspace(ra[0], ra[-1], min(MOST_BINS["ra"], ra.size - 1) + 1),
        np.linspace(dec[0], dec[-1], min(MOST_BINS["dec"], dec.size - 1) + 1),
    )


def _run_on(ra_deg: FloatArray, start: float) -> FloatArray:
    """RA continued past 360 deg as the edges are."""
    return np.where(ra_deg < start, ra_deg + TURN_DEG, ra_deg)


def save_cube(cube: CountCube, target: Path | BinaryIO) -> None:
    """Write a cube as a compressed npz archive without pickles; the same counts give the same bytes."""
    arrays: dict[str, NDArray[Any]] = {f"edges_{axis}": cube.edges[axis] for axis in AXES}
    arrays["columns"] = np.array([f"{axis}={column}" for axis, column in cube.columns.items()])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in (arrays | {"counts": cube.counts}).items():
            with archive.open(f"{name}.npy", "w") as stream:  # in parts: the counts take 33 MB; the time is fixed
                np.lib.format.write_array(stream, array, allow_pickle=False)


def load_cube(source: Path | BinaryIO) -> CountCube:
    """Read what ``save_cube`` wrote."""
    with np.load(source, allow_pickle=False) as stored:
        edges = {axis: stored[f"edges_{axis}"] for axis in AXES}
        columns = dict(str(item).split("=", 1) for item in stored["columns"])
        return CountCube(stored["counts"], edges, columns)

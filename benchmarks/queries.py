"""Questions asked of ten million rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.dataset import BANDS, ROLES, Dataset
from benchmarks.timing import Line, median_ms, milliseconds, paired
from services.models.queries import TableQuery
from services.statistics.canonical import CanonicalTable
from services.statistics.cube import build_cube
from services.statistics.cuts import bound_cut
from services.statistics.densities import density
from services.statistics.edges import multiples
from services.statistics.histograms import histogram, histograms_together
from services.statistics.measured import magnitudes, measured_role
from services.statistics.overview import build_overview
from services.statistics.rows import table_page

Z_EDGES = multiples(0.02, 0, 100)
MAG_EDGES = multiples(0.1, 160, 280)
PAGE_ROWS = 100


def n_z(data: Dataset) -> Iterator[Line]:
    """N(z) in 100 bins: open the table, read the column, count."""
    raw, redshift = data.raw("redshift"), measured_role(ROLES, "redshift")
    assert redshift

    def ours() -> None:
        with CanonicalTable.open(data.canonical()) as table:
            histogram(table, redshift, Z_EDGES)

    def baseline() -> None:
        np.histogram(raw, 100, (0, 2))

    yield Line("N(z)", *paired(ours, baseline), "np.histogram", 0.5)


def six_magnitudes(data: Dataset) -> Iterator[Line]:
    """Six magnitude histograms on common edges."""
    raws, bands = [data.raw(f"mag_{band}") for band in BANDS], magnitudes(ROLES)

    def ours() -> None:
        with CanonicalTable.open(data.canonical()) as table:
            histograms_together(table, bands, MAG_EDGES)

    def baseline() -> None:
        for raw in raws:
            np.histogram(raw, MAG_EDGES.size - 1, (MAG_EDGES[0], MAG_EDGES[-1]))

    yield Line("six magnitudes", *paired(ours, baseline), "np.histogram x 6", 0.5)


def filtered_n_z(data: Dataset) -> Iterator[Line]:
    """N(z) of the rows with mag_i < 24.1 and a secure flag."""
    raw, mag_i, flag = data.raw("redshift"), data.raw("mag_i"), data.raw("z_flag")
    redshift = measured_role(ROLES, "redshift")
    assert redshift

    def ours() -> None:
        with CanonicalTable.open(data.canonical()) as table:
            histogram(table, redshift, Z_EDGES, bound_cut(table, ROLES, "mag_i < 24.1 and z_flag >= 3"))

    def baseline() -> None:
        np.histogram(raw[(mag_i < 24.1) & (flag >= 3)], 100, (0, 2))

    yield Line("filtered N(z)", *paired(ours, baseline), "mask + np.histogram", 1.3)


def density_map(data: Dataset) -> Iterator[Line]:
    """Redshift against magnitude in 200 x 200 cells."""
    raw, mag_i = data.raw("redshift"), data.raw("mag_i")
    redshift = measured_role(ROLES, "redshift")
    magnitude = next(band for band in magnitudes(ROLES) if band.band == "i")
    assert redshift
    edges = multiples(0.05, 340, 540), multiples(0.02, 0, 200)

    def ours() -> None:
        with CanonicalTable.open(data.canonical()) as table:
            density(table, magnitude, redshift, edges)

    def baseline() -> None:
        np.histogram2d(mag_i, raw, 200, ((17, 27), (0, 4)))

    yield Line("density 200 x 200", *paired(ours, baseline), "np.histogram2d", 0.12)


def sorted_page(data: Dataset) -> Iterator[Line]:
    """The first hundred rows by redshift, all columns."""
    raw = data.raw("redshift")

    def ours() -> None:
        table_page(data.canonical(), TableQuery(sort=("redshift",), limit=PAGE_ROWS))

    def baseline() -> None:
        np.argpartition(raw, PAGE_ROWS)

    yield Line("sorted page, 18 columns", *paired(ours, baseline), "np.argpartition", 1.5)


def cube(data: Dataset) -> Iterator[Line]:
    """Cross-filtered N(z) from the count cube and from its three-dimensional marginal."""
    with CanonicalTable.open(data.canonical()) as table:
        build_overview(table, ROLES, "training_set")
        made_in = milliseconds(lambda: build_cube(table, ROLES))  # as at ingest: summaries and sky are known
        made = build_cube(table, ROLES)
    assert made
    yield Line("cube, made after the overview", made_in, None, "absolute, ms", 300)
    cuts = {"flag": (2.5, np.inf), "magnitude": (-np.inf, float(made.edges["magnitude"][24]))}
    small = made.marginal("flag", "redshift", "magnitude")
    flags, bins = made.bins("flag", *cuts["flag"]), made.bins("magnitude", *cuts["magnitude"])
    yield Line("cube, 5-D", median_ms(lambda: made.redshift_counts(cuts)), None, "absolute, ms", 1.0)
    yield Line("cube, 3-D", median_ms(lambda: small[flags, :, bins].sum(axis=(0, 2))), None, "absolute, ms", 0.05)


QUERIES = {
    "n_z": n_z,
    "magnitudes": six_magnitudes,
    "filtered": filtered_n_z,
    "density": density_map,
    "sorted": sorted_page,
    "cube": cube,
}

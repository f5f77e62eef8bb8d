"""Checks of redshifts and their flags."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from services.models.quality import Level, QualityCheck
from services.quality.findings import (
    Flagged,
    Limits,
    Subject,
    finding,
    flagged,
    flagged_in,
    is_marked,
    is_outside,
    note,
)
from services.statistics.edges import multiples
from services.statistics.histograms import histogram
from services.statistics.measured import Measured, any_redshift, measured_role
from services.statistics.metrics import valid_or_nan

STAR_REDSHIFT = 0.002
SECURE_FLAG = 3
IDENTICAL_SHARE = 0.05
PILE_BIN_WIDTH = 0.01
PILE_FACTOR = 10
FEWEST_IN_PILE = 50
"""Objects below which a full bin beside empty ones says nothing."""


def missing_redshift(subject: Subject) -> Iterator[QualityCheck]:
    """Rows without a redshift: empty, NaN, or a number that stands for none."""
    z = any_redshift(subject.roles)
    if z is None:
        return
    found = flagged_in(subject.table, z, lambda values: is_marked(values, z))
    advice = "Leave these rows out before you train or validate, or ask the owner why they are empty."
    yield finding(
        "missing_redshift", z.column, found, subject.table.n_rows, Limits(0.01, 0.2), "have no redshift", advice
    )


def redshift_range(subject: Subject) -> Iterator[QualityCheck]:
    """Redshifts outside -0.05 < z < 12 that are no sentinel."""
    z = any_redshift(subject.roles)
    if z is None:
        return
    found = flagged_in(subject.table, z, lambda values: is_outside(values, z))
    advice = "Check whether the column is a redshift, and whether another number stands for missing values."
    words = "have a redshift outside -0.05 to 12"
    yield finding("redshift_range", z.column, found, subject.table.n_rows, Limits(0.0, 0.01), words, advice)


def identical_redshifts(subject: Subject) -> Iterator[QualityCheck]:
    """One value in more than 5 % of the rows."""
    z = any_redshift(subject.roles)
    if z is None:
        return
    value, found = _most_frequent(subject, z)
    n = subject.table.n_rows
    advice = "A value that comes back so often is mostly a default or a limit: leave it out or ask where it is from."
    if value is None or found.count <= IDENTICAL_SHARE * n:
        yield finding("identical_redshifts", z.column, Flagged(), n, Limits(None), "share one redshift", advice)
        return
    words = f"have the same redshift {value:g}"
    yield finding("identical_redshifts", z.column, found, n, Limits(IDENTICAL_SHARE), words, advice)


def _most_frequent(subject: Subject, z: Measured) -> tuple[float | None, Flagged]:
    """Valid value in most rows among those with more than 5 % of some row group: no other can reach 5 % overall."""
    candidates: set[float] = set()
    for values in z.chunks(subject.table):
        valid = valid_or_nan(values, z)
        distinct, counts = np.unique(valid[np.isfinite(valid)], return_counts=True)
        candidates |= set(distinct[counts > IDENTICAL_SHARE * values.size].tolist())
    best: tuple[float | None, Flagged] = (None, Flagged())
    for candidate in sorted(candidates):
        found = flagged_in(subject.table, z, lambda values, same=candidate: values.astype(np.float64) == same)
        best = max(best, (candidate, found), key=lambda pair: pair[1].count)
    return best


def stars(subject: Subject) -> Iterator[QualityCheck]:
    """Objects at z < 0.002, which are stars or very near galaxies."""
    z = measured_role(subject.roles, "redshift")
    if z is None:
        return
    found = flagged_in(subject.table, z, lambda values: valid_or_nan(values, z) < STAR_REDSHIFT)
    advice = "Leave them out of the training, unless the estimator shall learn to tell stars."
    words = f"are stars or very near (z < {STAR_REDSHIFT})"
    yield finding("stars", z.column, found, subject.table.n_rows, Limits(0.005, 0.05), words, advice)


def insecure_flags(subject: Subject) -> Iterator[QualityCheck]:
    """Redshifts whose quality flag is below 3 (ZWARN: not 0)."""
    name = subject.roles.column("z_flag")
    if name is None:
        return
    counts_warnings = "zwarn" in name.lower()

    def meets(flags: NDArray[np.float64]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = flags != 0 if counts_warnings else flags < SECURE_FLAG
        return found & np.isfinite(flags)

    def step(state: Flagged, first_row: int, arrays: list[pa.Array]) -> None:
        state.add(first_row, meets(_flag_classes(arrays[0])))

    parts = subject.table.walked([name], Flagged, step)
    found = Flagged(sum(part.count for part in parts), sorted(row for part in parts for row in part.rows)[:5])
    words = "have a warning flag" if counts_warnings else f"have a quality flag below {SECURE_FLAG}"
    advice = "Train on secure redshifts only, or weight the others down. Read what the survey's flags mean first."
    yield finding("insecure_flags", name, found, subject.table.n_rows, Limits(0.0, 0.1), words, advice)


def _flag_classes(values: pa.Array) -> NDArray[np.float64]:
    """Class of a flag: for text such as "4.5" or "B*" the number it begins with, NaN without one.

    VIMOS surveys add 10 for broad lines and 20 for a second object; their last digit is the class.
    """
    if pa.types.is_string(values.type):
        text = pc.struct_field(pc.extract_regex(values, r"^\s*(?P<number>-?\d+)"), "number")
        values = pc.if_else(pc.equal(text, ""), None, text).cast(pa.float64())
    flags = np.floor(values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    return np.where((flags > 10) & (flags < 1000), flags % 10, flags)


def pile_up(subject: Subject) -> Iterator[QualityCheck]:
    """A 0.01 wide bin of N(z) that holds more than ten times what its neighbours hold."""
    z = any_redshift(subject.roles)
    if z is None:
        return
    counts = histogram(subject.table, z, multiples(PILE_BIN_WIDTH, -5, 1200)).counts
    neighbours = (counts[:-2] + counts[2:]) / 2
    middle = counts[1:-1]
    piles = np.flatnonzero((middle >= FEWEST_IN_PILE) & (middle > PILE_FACTOR * np.maximum(neighbours, 1)))
    if not piles.size:
        yield note("pile_up", z.column, Level.OK, "No narrow bin of N(z) stands out from its neighbours.")
        return
    highest = int(piles[middle[piles].argmax()])
    low = (highest - 4) * PILE_BIN_WIDTH

    def inside(values: NDArray[np.float64]) -> NDArray[np.bool_]:
        valid = valid_or_nan(values, z)
        return (valid >= low) & (valid < low + PILE_BIN_WIDTH)

    found = flagged_in(subject.table, z, inside)
    words = f"pile up at redshift {low:.2f} to {low + PILE_BIN_WIDTH:.2f}, over ten times the bins beside it"
    advice = "Such peaks come from rounding, template grids or confused lines. Look at N(z) in fine bins."
    yield finding("pile_up", z.column, found, subject.table.n_rows, Limits(0.0), words, advice)


def truth_leak(subject: Subject) -> Iterator[QualityCheck]:
    """Estimates that equal the truth exactly."""
    truth, estimate = measured_role(subject.roles, "redshift"), measured_role(subject.roles, "z_phot")
    if truth is None or estimate is None or truth.column == estimate.column:
        return
    wanted = ((truth.column, truth.transform), (estimate.column, estimate.transform))
    found = flagged(subject.table, wanted, lambda spec, phot: valid_or_nan(spec, truth) == valid_or_nan(phot, estimate))
    advice = "The truth may have leaked into the estimate: metrics of these rows say nothing."
    columns = f"{estimate.column}, {truth.column}"
    words = "have an estimate that equals the truth exactly"
    yield finding("truth_leak", columns, found, subject.table.n_rows, Limits(0.01, 0.1), words, advice)

"""Checks of positions on the sky and of objects that are there twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from services.columns.sentinels import sentinels
from services.models.duplicates import CONFLICT_DZ, DUPLICATE_RADIUS_ARCSEC
from services.models.quality import Level, QualityCheck
from services.quality.findings import N_EXAMPLES, Flagged, Limits, Numbers, Subject, finding, flagged, note
from services.statistics.measured import Measured, any_redshift, measured_role
from services.statistics.neighbours import close_pairs, values_at

DUPLICATE_LIMITS = Limits(0.001, 0.02)


def position_range(subject: Subject) -> Iterator[QualityCheck]:
    """Positions outside their range, or exactly at (0, 0)."""
    pair = _positions(subject)
    if pair is None:
        return
    marks = np.array(sentinels("ra"))

    def wrong(ra: Numbers, dec: Numbers) -> np.ndarray:
        present = np.isfinite(ra) & np.isfinite(dec) & ~np.isin(ra, marks) & ~np.isin(dec, marks)
        outside = (ra < -180) | (ra > 360) | (np.abs(dec) > 90)
        return present & (outside | ((ra == 0) & (dec == 0)))

    found = flagged(subject.table, [(one.column, one.transform) for one in pair], wrong)
    words = "have a position outside its range, or exactly at (0, 0)"
    advice = "Check units (degrees, hours, radians) and what stands for a missing position."
    columns = ", ".join(one.column for one in pair)
    yield finding("position_range", columns, found, subject.table.n_rows, Limits(0.0, 0.01), words, advice)


def constant_position(subject: Subject) -> Iterator[QualityCheck]:
    """A coordinate that is the same in all rows."""
    for one in _positions(subject) or ():
        summary = one.summary(subject.table)
        is_constant = summary.n_used > 1 and summary.min == summary.max
        level = Level.SERIOUS if is_constant else Level.OK
        message = f"{one.label} is {summary.min:g} in all rows." if is_constant else f"{one.label} varies."
        yield note("constant_position", one.column, level, message, "Choose the column that holds the real position.")


def duplicates(subject: Subject) -> Iterator[QualityCheck]:
    """Objects within one arc second of another; serious too when two of them have different redshifts."""
    pair = _positions(subject)
    if pair is None:
        return
    found = close_pairs(subject.table, *pair, DUPLICATE_RADIUS_ARCSEC)
    rows = Flagged(found.rows.size, (found.rows[:N_EXAMPLES] + 1).tolist())
    columns = ", ".join(one.column for one in pair)
    words = "lie within 1 arcsec of another row"
    advice = "Decide which measurement of an object to keep; the same object on both sides of a split leaks truth."
    yield finding("duplicates", columns, rows, subject.table.n_rows, DUPLICATE_LIMITS, words, advice)
    z = any_redshift(subject.roles)
    if z is not None and found.rows.size:
        yield _conflicts(subject, z, found.first, found.second)


def _conflicts(subject: Subject, z: Measured, first: np.ndarray, second: np.ndarray) -> QualityCheck:
    values = values_at(subject.table, z, np.concatenate([first, second]))
    one, other = values[: first.size], values[first.size :]
    differ = np.abs(one - other) > CONFLICT_DZ * (1 + np.minimum(one, other))
    rows = np.unique(np.concatenate([first[differ], second[differ]]))
    found = Flagged(rows.size, (rows[:N_EXAMPLES] + 1).tolist())
    words = "lie within 1 arcsec of another row with a different redshift"
    advice = "At least one of the two redshifts is wrong, or two objects are blended: look at both."
    return finding("redshift_conflicts", z.column, found, subject.table.n_rows, Limits(None, 0.0), words, advice)


def _positions(subject: Subject) -> tuple[Measured, Measured] | None:
    ra, dec = measured_role(subject.roles, "ra"), measured_role(subject.roles, "dec")
    return None if ra is None or dec is None else (ra, dec)

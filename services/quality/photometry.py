"""Checks of magnitudes, fluxes, their errors and colours."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from services.columns.sentinels import sentinels
from services.models.quality import Level, QualityCheck
from services.models.roles import BandColumn
from services.quality.findings import Limits, Numbers, Subject, finding, flagged_in, is_marked, is_outside, note
from services.statistics.measured import Measured, measured_band
from services.statistics.metrics import valid_or_nan
from services.statistics.quantiles import summary_of
from services.statistics.validity import Quantity, quantity_of

LARGEST_MAG_ERROR = 2.0
FLOOR_WIDTH_MAG = 1e-4
FLOOR_SHARE = 0.2
USUAL_COLOURS = ("g", "r", "i", "z")
COLOUR_RANGE = (-0.5, 2.0)
FEWEST_COLOURS = 10


def missing_in_band(subject: Subject) -> Iterator[QualityCheck]:
    """Rows without a measurement in a band. A flux below zero is one: forced photometry gives them by right."""
    for band in subject.roles.bands:
        stored = Measured(band.band, band.column, quantity_of("mag" if band.kind == "mag" else "flux"))
        found = flagged_in(subject.table, stored, lambda values, rule=stored: is_marked(values, rule))
        advice = "Estimators treat missing bands differently: say how you fill or drop them."
        words = f"have no {band.band} {'magnitude' if band.kind == 'mag' else 'flux'}"
        yield finding("missing_in_band", band.column, found, subject.table.n_rows, Limits(0.05, 0.5), words, advice)


def magnitude_range(subject: Subject) -> Iterator[QualityCheck]:
    """Magnitudes outside 5 to 40 that are no sentinel."""
    for band, measured in _magnitudes(subject):
        found = flagged_in(subject.table, measured, lambda values, rule=measured: is_outside(values, rule))
        advice = "Look for numbers that stand for missing values, or a flux taken for a magnitude."
        words = f"have a {band.band} magnitude outside 5 to 40"
        yield finding("magnitude_range", band.column, found, subject.table.n_rows, Limits(0.001, 0.05), words, advice)


def magnitude_errors(subject: Subject) -> Iterator[QualityCheck]:
    """Errors of zero or less, or above 2 mag."""
    for band, measured in _errors(subject):

        def wrong(values: Numbers, rule: Measured = measured) -> np.ndarray:
            bad = (values <= 0) | (values > LARGEST_MAG_ERROR)
            return bad & ~is_marked(values, rule)

        found = flagged_in(subject.table, measured, wrong)
        advice = "Errors like these break weights and likelihoods: leave the rows out or treat the band as missing."
        words = f"have an error of the {band.band} magnitude of zero, less, or over {LARGEST_MAG_ERROR:g} mag"
        yield finding(
            "magnitude_errors", measured.column, found, subject.table.n_rows, Limits(0.001, 0.05), words, advice
        )


def error_floor(subject: Subject) -> Iterator[QualityCheck]:
    """More than a fifth of the errors within 1e-4 mag of the smallest: a floor was added. Worth knowing, no fault."""
    for band, measured in _errors(subject):
        summary = measured.summary(subject.table)
        if not summary.n_used:
            continue
        limit = summary.min + FLOOR_WIDTH_MAG
        found = flagged_in(
            subject.table, measured, lambda values, rule=measured, top=limit: valid_or_nan(values, rule) <= top
        )
        share = found.count / summary.n_used
        if share > FLOOR_SHARE:
            words = f"{share:.0%} of the {band.band} errors lie at their minimum of {summary.min:g} mag: a floor."
            yield note("error_floor", measured.column, Level.INFO, words, "Know it when you weight by errors.")
        else:
            yield note("error_floor", measured.column, Level.OK, f"The {band.band} errors show no floor.")


def median_colours(subject: Subject) -> Iterator[QualityCheck]:
    """Median g-r, r-i and i-z outside -0.5 to 2: swapped bands, Vega magnitudes, or a flux read as a magnitude."""
    bands = {band.band: measured for band, measured in _magnitudes(subject)}
    for blue, red in pairwise(USUAL_COLOURS):
        if blue in bands and red in bands:
            yield from _median_colour(subject, f"{blue}-{red}", bands[blue], bands[red])


def _median_colour(subject: Subject, name: str, blue: Measured, red: Measured) -> Iterator[QualityCheck]:
    wanted = ((blue.column, blue.transform), (red.column, red.transform))

    def colours() -> Iterator[Numbers]:
        for first, second in subject.table.columns_chunks(wanted):
            yield valid_or_nan(first, blue) - valid_or_nan(second, red)

    summary = summary_of(colours)
    if summary.n_used < FEWEST_COLOURS:
        return
    low, high = COLOUR_RANGE
    level = Level.OK if low <= summary.median <= high else Level.WARN
    advice = "Check that the bands are not swapped, the system is AB, and the columns are magnitudes."
    where = "as usual" if level is Level.OK else f"outside the usual {low:g} to {high:g}"
    columns = f"{blue.column}, {red.column}"
    yield note("median_colours", columns, level, f"The median {name} is {summary.median:.3f}, {where}.", advice)


def _magnitudes(subject: Subject) -> Iterator[tuple[BandColumn, Measured]]:
    for band in subject.roles.bands:
        measured = measured_band(band)
        if measured is not None:
            yield band, measured


def _errors(subject: Subject) -> Iterator[tuple[BandColumn, Measured]]:
    """Errors of magnitudes as stored: zero and less are to be seen, so only sentinels are left out."""
    quantity = Quantity("stored_mag_err", sentinels("mag_err"))
    for band in subject.roles.bands:
        if band.kind == "mag" and band.error_column in subject.table.names:
            assert band.error_column is not None
            yield band, Measured(f"error of {band.band}", band.error_column, quantity)

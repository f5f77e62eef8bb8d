"""The numbers of a coverage report: as rows to read, and each of its parts as CSV text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from components.figures.numbers import Cell, Numbers, numbers_csv
from components.quantities import count_text, number_text
from services.models.comparison import Curve
from services.models.coverage import (
    LEAST_EFFECTIVE,
    CoverageMap,
    CoverageReport,
    CoverageSource,
    NearestNeighbours,
    SampleTally,
    SomMap,
    SourcedCoverage,
    WeightedRedshifts,
)

NO_BREAK = "\u00a0"
"""A space at which no line ends, so that colours stay whole."""


def coverage_facts(report: CoverageReport) -> list[tuple[str, str]]:
    """What is told in single numbers, as people read them."""
    near, som, z = report.neighbours, report.som, report.redshifts
    share = z.effective_n / z.n
    warning = f" – below {LEAST_EFFECTIVE:.0%}: few objects carry the weight" if z.is_poor else ""
    return [
        ("Features", ", ".join(name.replace(" ", NO_BREAK) for name in report.features)),
        ("Training sample", _tally(report.train)),
        ("Target sample", _tally(report.target)),
        ("Covered by nearest neighbour", f"{near.covered:.1%} ± {near.covered_err:.1%}"),
        ("d_ref", _number(near.d_ref)),
        ("Median distance of the target", _number(near.median_target)),
        (f"Effective N of the weights (k = {z.k})", f"{count_text(round(z.effective_n))} = {share:.0%} of N{warning}"),
        ("Training objects of no weight", f"{z.zero_fraction:.1%}"),
        ("Map cells with target, without spec-z", f"{som.n_uncovered} of {som.n_with_target}"),
        ("Target in cells without spec-z", f"{som.uncovered_fraction:.1%}"),
        ("Median σ_z per cell, over the target", _number(som.median_sigma_z)),
        ("Mean |<z_spec> - <z_phot>| / (1 + z) per cell", _number(som.mean_offset)),
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else number_text(float(f"{value:.4g}"))


def _tally(tally: SampleTally) -> str:
    words = f"{count_text(tally.n_used)} used of {count_text(tally.n_drawn)} drawn / {count_text(tally.n_total)} rows"
    return f"{words}, {count_text(tally.n_not_detected)} at the limit in some band"


def coverage_notes(found: SourcedCoverage) -> list[str]:
    """Where the cut was not applied, one sentence each."""
    return [f"{one.product.display_name}: {one.cut_note}" for one in (found.train, found.target) if one.cut_note]


def coverage_csv(part: str, found: SourcedCoverage) -> str:
    """One part of a report as CSV text, with all digits; its first line says of what, by what and under which cut."""
    report = found.report
    numbers = _PARTS[part](report)
    words = f"Coverage of {_source(found.target, report.target)} by {_source(found.train, report.train)}"
    return numbers_csv(numbers, f"{words} · features {', '.join(report.features)}", found.cut or "")


def _source(source: CoverageSource, tally: SampleTally) -> str:
    whole = ", whole" if source.cut_note else ""
    return f"{source.product.internal_name} ({tally.n_used:,} of {tally.n_drawn:,} drawn / {tally.n_total:,}{whole})"


def _single_numbers(report: CoverageReport) -> Numbers:
    near, som, z = report.neighbours, report.som, report.redshifts
    rows: Mapping[str, float | None] = {
        "covered": near.covered,
        "covered_err": near.covered_err,
        "d_ref": near.d_ref,
        "median_distance_target": near.median_target,
        "n_train": z.n,
        "effective_n": z.effective_n,
        "zero_weight_fraction": z.zero_fraction,
        "n_cells_with_target": som.n_with_target,
        "n_cells_uncovered": som.n_uncovered,
        "uncovered_fraction": som.uncovered_fraction,
        "median_sigma_z": som.median_sigma_z,
        "mean_offset": som.mean_offset,
    }
    return Numbers(("quantity", "value"), tuple((name, _cell(value)) for name, value in rows.items()))


def _distances(found: NearestNeighbours) -> Numbers:
    columns = (found.edges[:-1], found.edges[1:], found.train, found.target)
    rows = zip(*(one.tolist() for one in columns), strict=True)
    return Numbers(("distance_low", "distance_high", "n_train", "n_target"), tuple(rows))


def _map(found: CoverageMap) -> Numbers:
    """Cells that hold objects of the target."""
    header = [f"{label}_{end}" for label in (found.x_label, found.y_label) for end in ("low", "high")]
    return Numbers((*header, "n_target", "n_covered"), tuple(_map_rows(found)))


def _map_rows(found: CoverageMap) -> Iterator[tuple[Cell, ...]]:
    x, y = found.x_edges.tolist(), found.y_edges.tolist()
    for row, column in zip(*(one.tolist() for one in np.nonzero(found.target)), strict=True):
        counts = int(found.target[row, column]), int(found.covered[row, column])
        yield x[column], x[column + 1], y[row], y[row + 1], *counts


def _cells(found: SomMap) -> Numbers:
    """Every cell, also those that hold nothing."""
    rows = (
        (row, column, int(n_target), int(found.train[row, column]), _cell(float(found.sigma_z[row, column])))
        for (row, column), n_target in np.ndenumerate(found.target)
    )
    return Numbers(("row", "column", "n_target", "n_train", "sigma_z"), tuple(rows))


def _redshifts(found: WeightedRedshifts) -> Numbers:
    curves = {"train": found.plain, "weighted": found.weighted, "target": found.target}
    known = {name: curve for name, curve in curves.items() if curve is not None}
    header = [word for name in known for word in (name, f"{name}_err")]
    columns = [column for curve in known.values() for column in _columns(curve)]
    edges = found.edges.tolist()
    return Numbers(("bin_low", "bin_high", *header), tuple(zip(edges[:-1], edges[1:], *columns, strict=True)))


def _columns(curve: Curve) -> Iterator[list[Cell]]:
    """Heights and their errors, which are as long to both sides."""
    for part in (curve.values, curve.err_high):
        yield [_cell(value) for value in part.tolist()]


def _cell(value: float | None) -> Cell:
    return "" if value is None or value != value else value


_PARTS: Mapping[str, Callable[[CoverageReport], Numbers]] = MappingProxyType(
    {
        "numbers": _single_numbers,
        "distances": lambda report: _distances(report.neighbours),
        "map": lambda report: _map(report.map),
        "som": lambda report: _cells(report.som),
        "weighted": lambda report: _redshifts(report.redshifts),
    }
)
"""Table of each part by the name of its button."""

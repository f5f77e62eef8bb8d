"""How well a training set covers another product, over HTTP."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.compare import CurveWire, curve_wire, finite_or_none
from api.data_marks import marked
from api.data_numbers import CUT, TAG
from api.data_wire import RunningWire
from api.endpoints import Resource
from api.provenance import ProvenanceWire, provenance_wire
from api.wire import Query, Wire
from services.container import Container
from services.context import current_actor
from services.models.coverage import (
    COVERAGE_DEFINITIONS,
    LEAST_EFFECTIVE,
    CoverageMap,
    CoverageSource,
    NearestNeighbours,
    SampleTally,
    SomMap,
    SourcedCoverage,
    WeightedRedshifts,
)


class CoverageQuery(Query):
    """Of which product, over which rows."""

    target: int = Field(ge=1, lt=10**9, description="Id of the product that the one of the address could train for.")
    cut: str | None = Field(default=None, description=f"{CUT} A table it does not fit counts whole and says so.")


class SampleWire(Wire):
    """Rows of one product: of ``n_total`` under the cut ``n_drawn`` were drawn, ``n_used`` have what is needed."""

    n_total: int
    n_drawn: int
    n_used: int
    n_not_detected: int = Field(description="Used rows that lack a detection in at least one band.")
    cut_note: str | None = Field(description="Why the cut was not applied; null when it was, or there is none.")
    provenance: ProvenanceWire


class NeighboursWire(Wire):
    """Distances to the nearest training object, in standardised features."""

    d_ref: float
    covered: float = Field(description="Share of the target within d_ref of a training object.")
    covered_err: float
    median_target: float
    edges: list[float] = Field(description="The last bin holds all that lies beyond.")
    train: list[int] = Field(description="Training objects by their distance to the nearest other one.")
    target: list[int]


class CoverageMapWire(Wire):
    """Objects of the target, and covered ones among them; rows follow y."""

    x_label: str
    y_label: str
    x_edges: list[float]
    y_edges: list[float]
    target: list[list[int]]
    covered: list[list[int]]


class WeightedRedshiftsWire(Wire):
    """N(z) as densities: of the training sample, weighted to the target, and of the target where its truth is known."""

    n: int
    k: int
    effective_n: float
    is_poor: bool = Field(description=f"Whether effective_n is below {LEAST_EFFECTIVE:.0%} of n.")
    zero_fraction: float = Field(description="Training objects without an object of the target near.")
    edges: list[float]
    plain: CurveWire
    weighted: CurveWire
    target: CurveWire | None


class SomWire(Wire):
    """Cells of a self-organising map, row by row."""

    train: list[list[int]]
    target: list[list[int]]
    sigma_z: list[list[float | None]]
    n_with_target: int
    n_uncovered: int
    uncovered_fraction: float = Field(description="Share of the target in cells without a training object.")
    median_sigma_z: float | None
    mean_offset: float | None = Field(description="Mean |<z_spec> - <z_phot>| / (1 + <z_spec>) over cells.")


class CoverageWire(Wire):
    """Coverage of a target by a training set."""

    features: list[str]
    limit_mag: float = Field(description="Magnitude at which objects stand that are not detected in a band.")
    cut: str | None
    train: SampleWire
    target: SampleWire
    neighbours: NeighboursWire
    map: CoverageMapWire
    redshifts: WeightedRedshiftsWire
    som: SomWire
    definitions: dict[str, str]


def coverage_resource(container: Container) -> Resource:
    """Route of coverage."""
    routes = Resource("coverage", tag=TAG)
    service = container.coverage

    @routes.get(
        "/products/<identifier:product_id>/coverage/",
        query=CoverageQuery,
        answers={200: CoverageWire, 202: RunningWire},
        errors=(422,),
        summary="How well a training set covers another product",
    )
    def coverage(product_id: int, query: CoverageQuery) -> Any:
        """Nearest neighbours, weights to the target and a self-organising map in magnitude and colours.

        From seeded random samples of at most 12,000 rows of each: the same rows each time. The product of the address
        needs redshifts, and both two bands in common. `definitions` says what each part is.
        """
        actor = current_actor()
        return marked(
            service.mark(actor, product_id, query.target),
            lambda: coverage_wire(service.coverage(actor, product_id, query.target, query.cut)),
        )

    return routes


def coverage_wire(found: SourcedCoverage) -> CoverageWire:
    """Coverage as it travels."""
    report = found.report
    return CoverageWire(
        features=list(report.features),
        limit_mag=report.limit_mag,
        cut=found.cut,
        train=_sample(found.train, report.train),
        target=_sample(found.target, report.target),
        neighbours=_neighbours(report.neighbours),
        map=_map(report.map),
        redshifts=_redshifts(report.redshifts),
        som=_som(report.som),
        definitions=dict(COVERAGE_DEFINITIONS),
    )


def _sample(source: CoverageSource, tally: SampleTally) -> SampleWire:
    return SampleWire(
        n_total=tally.n_total,
        n_drawn=tally.n_drawn,
        n_used=tally.n_used,
        n_not_detected=tally.n_not_detected,
        cut_note=source.cut_note or None,
        provenance=provenance_wire(source.product, source.columns, source.cut),
    )


def _neighbours(found: NearestNeighbours) -> NeighboursWire:
    return NeighboursWire(
        d_ref=found.d_ref,
        covered=found.covered,
        covered_err=found.covered_err,
        median_target=found.median_target,
        edges=found.edges.tolist(),
        train=found.train.tolist(),
        target=found.target.tolist(),
    )


def _map(found: CoverageMap) -> CoverageMapWire:
    return CoverageMapWire(
        x_label=found.x_label,
        y_label=found.y_label,
        x_edges=found.x_edges.tolist(),
        y_edges=found.y_edges.tolist(),
        target=found.target.tolist(),
        covered=found.covered.tolist(),
    )


def _redshifts(found: WeightedRedshifts) -> WeightedRedshiftsWire:
    return WeightedRedshiftsWire(
        n=found.n,
        k=found.k,
        effective_n=found.effective_n,
        is_poor=found.is_poor,
        zero_fraction=found.zero_fraction,
        edges=found.edges.tolist(),
        plain=curve_wire(found.plain),
        weighted=curve_wire(found.weighted),
        target=curve_wire(found.target) if found.target else None,
    )


def _som(found: SomMap) -> SomWire:
    return SomWire(
        train=found.train.tolist(),
        target=found.target.tolist(),
        sigma_z=[finite_or_none(row) for row in found.sigma_z],
        n_with_target=found.n_with_target,
        n_uncovered=found.n_uncovered,
        uncovered_fraction=found.uncovered_fraction,
        median_sigma_z=found.median_sigma_z,
        mean_offset=found.mean_offset,
    )

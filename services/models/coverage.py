"""How well a training set covers a target: nearest neighbours, weights, and a self-organising map."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.comparison import Curve
from services.models.products import Product
from services.models.statistics import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class SampleTally:
    """Rows of one product: of ``n_total`` under the cut ``n_drawn`` were drawn, and ``n_used`` have what is needed.

    ``n_not_detected`` counts used rows that lack a detection in at least one band.
    """

    n_total: int
    n_drawn: int
    n_used: int
    n_not_detected: int


@dataclass(frozen=True, eq=False, slots=True)
class NearestNeighbours:
    """Distances in standardised features: ``edges`` (n + 1), ``train`` leave-one-out counts, ``target`` counts (n).

    ``d_ref`` is the 95th percentile of the leave-one-out distances; ``covered`` the share of the target within it of a
    training object, ``covered_err`` its binomial error.
    """

    d_ref: float
    covered: float
    covered_err: float
    median_target: float
    edges: FloatArray
    train: IntArray
    target: IntArray


@dataclass(frozen=True, eq=False, slots=True)
class CoverageMap:
    """Objects of the target and covered ones among them in cells of magnitude (x) and colour (y), (n_y, n_x)."""

    x_label: str
    y_label: str
    x_edges: FloatArray
    y_edges: FloatArray
    target: IntArray
    covered: IntArray


@dataclass(frozen=True, eq=False, slots=True)
class WeightedRedshifts:
    """N(z) of the training sample as it is, weighted to the target, and of the target where its truth is known.

    All are densities. ``effective_n`` is (sum w)^2 / sum w^2 of ``n`` objects; ``zero_fraction`` have no target near.
    """

    n: int
    k: int
    effective_n: float
    zero_fraction: float
    edges: FloatArray
    plain: Curve
    weighted: Curve
    target: Curve | None

    @property
    def is_poor(self) -> bool:
        """Whether few objects carry most of the weight."""
        return self.effective_n < LEAST_EFFECTIVE * self.n


LEAST_EFFECTIVE = 0.3
"""Share of the objects below which weights say little (flag of the portal)."""


@dataclass(frozen=True, eq=False, slots=True)
class SomMap:
    """Cells of a self-organising map, all arrays (n_side, n_side).

    ``sigma_z`` is the scatter of z_spec in cells with enough training objects, NaN elsewhere. ``uncovered_fraction``
    is the share of the target in cells without a training object. ``median_sigma_z`` is over the target in cells that
    have one; ``mean_offset`` the mean of |mean z_spec - mean z_phot| / (1 + mean z_spec) over cells, weighted by the
    target, None without estimates.
    """

    train: IntArray
    target: IntArray
    sigma_z: FloatArray
    n_with_target: int
    n_uncovered: int
    uncovered_fraction: float
    median_sigma_z: float | None
    mean_offset: float | None


@dataclass(frozen=True, eq=False, slots=True)
class CoverageReport:
    """Everything about one training set and one target; ``features`` are written as people say them."""

    features: tuple[str, ...]
    limit_mag: float
    train: SampleTally
    target: SampleTally
    neighbours: NearestNeighbours
    map: CoverageMap
    redshifts: WeightedRedshifts
    som: SomMap


@dataclass(frozen=True, slots=True)
class CoverageSource:
    """Where one sample comes from: ``cut`` as it was applied, None with the reason in ``cut_note`` where it was not."""

    product: Product
    columns: tuple[str, ...]
    cut: str | None
    cut_note: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class SourcedCoverage:
    """A report with where its numbers come from; ``cut`` is the one that was asked for."""

    report: CoverageReport
    train: CoverageSource
    target: CoverageSource
    cut: str | None


COVERAGE_DEFINITIONS = {
    "features": "The i magnitude (else the band that reaches deepest) and the colours of neighbouring bands, "
    "standardised by mean and standard deviation of the training set. Objects that are not detected in a band stand at "
    "its limit; those not observed, or not detected in the first band, are left out.",
    "neighbours": "d_ref is the 95th percentile of the distances from each training object to its nearest other one. "
    "An object of the target is covered when its nearest training object lies within d_ref: 95 % are when both are one "
    "population.",
    "redshifts": "w = N_target(within d_k) / k × N_train / N_target, d_k being the distance of a training object to "
    "its k-th neighbour (Lima et al. 2008). Effective N = (Σ w)² / Σ w²; errors of the weighted N(z) are √(Σ w²).",
    "som": "20 × 20 cells trained on the target's features (Masters et al. 2015). A cell is not covered when it holds "
    "objects of the target and none of the training sample. σ_z is the scatter of z_spec in a cell with three training "
    "objects or more.",
}
"""What each part of a report is."""

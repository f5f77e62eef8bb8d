"""How well a training set covers a target: nearest neighbours, weights, and a self-organising map."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.comparison import Curve
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
    notes: tuple[str, ...] = ()

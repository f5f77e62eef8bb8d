"""Two to four products side by side: the same quantity on the same bins, and how far their distributions are apart."""

from __future__ import annotations

from dataclasses import dataclass

from services.models.products import Product
from services.models.statistics import FloatArray, Histogram

FEWEST_PRODUCTS, MOST_PRODUCTS = 2, 4


@dataclass(frozen=True, slots=True)
class CompareQuestion:
    """Which products, which quantity by its word (None: the first that all have), in which bins, under which cut."""

    product_ids: tuple[int, ...]
    word: str | None = None
    width: float | None = None
    cut: str | None = None
    is_normalised: bool = True
    has_distances: bool = True
    """Whether samples and two-sample numbers are wanted: they take longer than counts."""


@dataclass(frozen=True, slots=True)
class SharedQuantity:
    """Something all compared products have.

    ``word`` names it in addresses: a role, ``mag_i`` for the magnitude in band i, ``any_z`` for the spectroscopic
    redshift or, where there is none, the photometric one; else a name of a column.
    """

    word: str
    title: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The values of one product that count under the cut, in the unit of the quantity; NaN where there is none."""

    n: int
    mean: float
    std: float
    median: float
    min: float
    max: float


@dataclass(frozen=True, slots=True)
class TwoSample:
    """One product (b) against the first (a); ``services.statistics.two_samples.DEFINITIONS`` says what each is.

    NaN where one of them has no value. ``kl`` is in nats.
    """

    ks: float
    ks_p: float
    wasserstein: float
    kl: float
    median_difference: float
    mean_difference: float
    mean_difference_err: float


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """Numbers per bin with the lengths of their error bars, float64 (n); NaN where there is nothing to draw."""

    values: FloatArray
    err_low: FloatArray
    err_high: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class ComparedProduct:
    """One product of a comparison.

    ``histogram`` holds the counts, ``curve`` what is drawn: counts, or density per unit when it is normalised.
    ``difference`` (this less the first), ``ratio`` (this by the first) and ``two_sample`` are None for the first
    product; ``sample`` and ``two_sample`` are None, too, where distances were not asked for. ``cut_note`` says why the
    cut was not applied, and is empty when it was.
    """

    product: Product
    histogram: Histogram
    sample: Sample | None
    curve: Curve
    cut_note: str = ""
    difference: Curve | None = None
    ratio: Curve | None = None
    two_sample: TwoSample | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """All compared products on common ``edges`` (float64, n + 1); ``cut`` as it is written."""

    quantity: SharedQuantity
    unit: str | None
    edges: FloatArray
    is_normalised: bool
    items: tuple[ComparedProduct, ...]
    cut: str | None = None

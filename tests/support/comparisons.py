"""Comparisons made from counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from services.models.comparison import ComparedProduct, Comparison, Sample, SharedQuantity, TwoSample
from services.models.products import Product, ProductStatus
from services.models.statistics import Histogram, Tally
from services.statistics.comparison import curve_of, difference, ratio
from services.statistics.poisson import poisson_errors

MADE = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
APART = TwoSample(0.1, 0.02, 0.25, 0.5, 0.61, 0.6, 0.07)


def compared_product(number: int) -> Product:
    """A published training set."""
    return Product(
        id=number,
        internal_name=f"{number}_product",
        display_name=f"Product {number}",
        product_type="training_set",
        product_type_title="Training Set",
        release_id=None,
        release_name=None,
        owner_id=1,
        owner_username="owner1",
        owner_display_name="Owner",
        official=False,
        pz_code=None,
        description=None,
        status=ProductStatus.PUBLISHED,
        status_reason=None,
        created_at=MADE,
        updated_at=MADE,
        n_rows=100,
        n_columns=3,
    )


def comparison(*counts: Sequence[int] | np.ndarray) -> Comparison:
    """Products with these counts in bins of 0.5; none normalised."""
    found = [np.asarray(one, np.int64) for one in counts]
    edges = np.arange(found[0].size + 1) * 0.5
    histograms = [
        Histogram("z_spec", "z", edges, one, *poisson_errors(one), Tally(int(one.sum()), int(one.sum())))
        for one in found
    ]
    curves = [curve_of(one, is_normalised=False) for one in histograms]
    items = []
    for place, (histogram, curve) in enumerate(zip(histograms, curves, strict=True)):
        sample = Sample(int(histogram.counts.sum()), 0.7, 0.2, 0.6, 0.0, 2.0)
        item = ComparedProduct(compared_product(place + 1), histogram, sample, curve)
        if place:
            against = difference(curve, curves[0]), ratio(curve, curves[0])
            item = ComparedProduct(compared_product(place + 1), histogram, sample, curve, "", *against, APART)
        items.append(item)
    return Comparison(SharedQuantity("redshift", "z_spec"), None, edges, False, tuple(items))

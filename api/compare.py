"""Products side by side over HTTP: counts on common bins and two-sample numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from api.data_marks import marked
from api.data_numbers import CUT, TAG
from api.data_wire import RunningWire, TallyWire, tally_fields
from api.endpoints import Resource
from api.wire import Query, Wire
from services.container import Container
from services.context import current_actor
from services.errors import InvalidInput
from services.models.comparison import MOST_PRODUCTS, ComparedProduct, CompareQuestion, Comparison, Curve, TwoSample
from services.statistics.two_samples import DEFINITIONS


class CompareQuery(Query):
    """Which other products, which quantity, in which bins."""

    others: str = Field(alias="with", description="Ids of one to three other products, with commas between.")
    column: str | None = Field(
        default=None,
        description="Quantity that all have: a role (redshift, z_phot, odds, ...), `mag_i` for the magnitude in band "
        "i, `any_z` for z_spec or else z_phot, or a name of a column. The first they have in common when left out.",
    )
    width: float | None = Field(default=None, gt=0, description="Width of the bins; fits the data when left out.")
    cut: str | None = Field(default=None, description=f"{CUT} Products it does not fit count whole and say so.")
    norm: bool = Field(default=True, description="Whether values are counts / (n x width); else counts.")


class CurveWire(Wire):
    """Numbers per bin with the lengths of their error bars; null where both or, for ratios, either is empty."""

    values: list[float | None]
    err_low: list[float | None]
    err_high: list[float | None]


class TwoSampleWire(Wire):
    """One product against the first; null where one of them has no value."""

    ks: float | None = Field(description=DEFINITIONS["ks"])
    ks_p: float | None = Field(description=DEFINITIONS["ks_p"])
    wasserstein: float | None = Field(description=DEFINITIONS["wasserstein"])
    kl: float | None = Field(description=DEFINITIONS["kl"])
    median_difference: float | None = Field(description=DEFINITIONS["median_difference"])
    mean_difference: float | None = Field(description=DEFINITIONS["mean_difference"])
    mean_difference_err: float | None


class ComparedWire(TallyWire):
    """One product. ``difference``, ``ratio`` and ``two_sample`` are against the first and null for it."""

    id: int
    internal_name: str
    column: str
    counts: list[int]
    curve: CurveWire
    difference: CurveWire | None
    ratio: CurveWire | None
    two_sample: TwoSampleWire | None
    n: int = Field(description="Values that count, also those outside the bins.")
    mean: float | None
    median: float | None
    std: float | None
    cut_note: str | None = Field(description="Why the cut was not applied; null when it was, or there is none.")


class CompareWire(Wire):
    """Products on common bins, the one of the address first."""

    column: str
    title: str
    unit: str | None
    normalised: bool
    cut: str | None
    edges: list[float]
    products: list[ComparedWire]
    definitions: dict[str, str]


def compare_resource(container: Container) -> Resource:
    """Route of comparisons."""
    routes = Resource("compare", tag=TAG)

    @routes.get(
        "/products/<identifier:product_id>/compare/",
        query=CompareQuery,
        answers={200: CompareWire, 202: RunningWire},
        errors=(422,),
        summary="Products side by side on common bins, and how far apart they are",
    )
    def compare(product_id: int, query: CompareQuery) -> Any:
        """Counts, KS and Wasserstein distances are exact over all rows; `definitions` says what each number is."""
        ids = (product_id, *_ids(query.others))
        question = CompareQuestion(ids, query.column, query.width, query.cut, query.norm)
        return marked(
            container.comparison.mark(current_actor(), ids),
            lambda: compare_wire(container.comparison.compare(current_actor(), question)),
        )

    return routes


def _ids(text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not 1 <= len(words) < MOST_PRODUCTS or not all(_is_id(word) for word in words):
        raise InvalidInput(f"Give one to {MOST_PRODUCTS - 1} ids of products, with commas between.", field="with")
    return tuple(map(int, words))


def _is_id(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) < 10


def compare_wire(found: Comparison) -> CompareWire:
    """Comparison as it travels."""
    return CompareWire(
        column=found.quantity.word,
        title=found.quantity.title,
        unit=found.unit,
        normalised=found.is_normalised,
        cut=found.cut,
        edges=found.edges.tolist(),
        products=[_compared(item) for item in found.items],
        definitions=dict(DEFINITIONS),
    )


def _compared(item: ComparedProduct) -> ComparedWire:
    sample = item.sample
    assert sample is not None
    return ComparedWire(
        id=item.product.id,
        internal_name=item.product.internal_name,
        column=item.histogram.column,
        counts=item.histogram.counts.tolist(),
        curve=curve_wire(item.curve),
        difference=curve_wire(item.difference) if item.difference else None,
        ratio=curve_wire(item.ratio) if item.ratio else None,
        two_sample=_two_sample(item.two_sample) if item.two_sample else None,
        n=sample.n,
        mean=_number(sample.mean),
        median=_number(sample.median),
        std=_number(sample.std),
        **tally_fields(TallyWire, item.histogram.tally),
        cut_note=item.cut_note or None,
    )


def _two_sample(found: TwoSample) -> TwoSampleWire:
    return TwoSampleWire(**{name: _number(getattr(found, name)) for name in TwoSample.__dataclass_fields__})


def curve_wire(curve: Curve) -> CurveWire:
    """Curve as it travels."""
    return CurveWire(
        values=finite_or_none(curve.values),
        err_low=finite_or_none(curve.err_low),
        err_high=finite_or_none(curve.err_high),
    )


def finite_or_none(values: NDArray[np.floating[Any]]) -> list[float | None]:
    """Numbers as they travel: null for those that are not finite."""
    return [_number(value) for value in values.tolist()]


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None

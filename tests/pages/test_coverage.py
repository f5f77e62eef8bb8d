"""Coverage on the Compare page, by the real services: who is offered it, what it says, what stays hidden."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from dash.exceptions import PreventUpdate

from components.compare.address import CompareView, parameters_of
from components.compare.callbacks import show_comparison, show_coverage
from services.container import Container
from services.errors import InvalidInput, NotFound
from services.models.identity import Actor
from services.models.products import Product
from tests.components.tree import find, words
from tests.support.ingests import catalogue_csv, ingested
from tests.support.products import draft, person


def _csv(n: int, seed: int, *, prefix: str = "mag", red: float = 0.0) -> bytes:
    rng = np.random.default_rng(seed)
    z = rng.gamma(3, 0.25, n).round(4)
    i = 25 - rng.exponential(1, n)
    r = i + 0.3 + 0.4 * z + red + rng.normal(0, 0.05, n)
    frame = pd.DataFrame({"redshift": z, f"{prefix}_g": r + 0.5, f"{prefix}_r": r, f"{prefix}_i": i}).round(4)
    out = io.StringIO()
    frame.to_csv(out, index=False)
    return out.getvalue().encode()


@pytest.fixture
def pair(sqlite_container: Container, owner: Actor) -> tuple[Product, Product]:
    return (
        ingested(sqlite_container, owner, _csv(600, 1), "train.csv", "training_set"),
        ingested(sqlite_container, owner, _csv(400, 2, prefix="mag_auto"), "target.csv", "training_set"),
    )


def data(*products: Product, cut: str = "") -> dict[str, str]:
    return parameters_of(CompareView(tuple(product.internal_name for product in products), cut=cut))


def test_it_is_offered_for_a_training_set_and_computed_when_opened(pair: tuple[Product, Product]) -> None:
    assert f"Coverage of {pair[1].display_name}" in words(show_comparison(data(*pair))[6])
    place = {"index": pair[1].internal_name}
    with pytest.raises(PreventUpdate):
        show_coverage(None, data(*pair), place)
    text = words(show_coverage(1, data(*pair), place)).replace("\u00a0", " ")
    for part in ("i, g - r, r - i", "600 used of 600 drawn / 600 rows", "Effective N", "d_ref", "Lima", "Masters"):
        assert part in text


def test_a_cut_counts_and_says_where_it_does_not_fit(pair: tuple[Product, Product]) -> None:
    text = words(show_coverage(1, data(*pair, cut="mag_r < 26"), {"index": pair[1].internal_name}))
    assert "600 rows" not in text.split("Target sample")[0]
    text = words(show_coverage(1, data(*pair, cut="mag_auto_i < 99"), {"index": pair[1].internal_name}))
    assert f"{pair[0].display_name}: The cut does not fit" in text


def test_a_fold_of_the_address_is_drawn_open(pair: tuple[Product, Product]) -> None:
    for opened, is_open in (
        (None, False),
        ([pair[1].internal_name], True),
        ([str(pair[1].id)], True),
        (["9_x"], False),
    ):
        (fold,) = find(show_comparison(data(*pair), opened)[6], "Details", className="compare-fold")
        assert fold.open is is_open


def test_reports_are_kept(sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]) -> None:
    first = sqlite_container.coverage.coverage(owner, pair[0].id, pair[1].id).report
    assert sqlite_container.coverage.coverage(owner, pair[0].id, pair[1].id).report is first
    assert sqlite_container.coverage.coverage(owner, pair[1].id, pair[0].id).report is not first


def test_it_is_not_offered_without_redshifts_or_two_bands(
    sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]
) -> None:
    spec = ingested(sqlite_container, owner, catalogue_csv(), "spec.csv")
    assert "Coverage" not in words(show_comparison(data(pair[0], spec))[6])
    assert "Coverage" not in words(show_comparison(data(spec, pair[0]))[6])
    with pytest.raises(InvalidInput, match="shares two bands"):
        sqlite_container.coverage.coverage(owner, pair[0].id, spec.id)


def test_too_few_rows_say_so(sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]) -> None:
    few = ingested(sqlite_container, owner, _csv(30, 3), "few.csv", "training_set")
    assert "Only 30 rows of the target" in words(show_coverage(1, data(pair[0], few), {"index": few.internal_name}))


def test_hidden_products_are_not_there(
    sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]
) -> None:
    hidden = draft(sqlite_container, person(sqlite_container, "owner2"), "zq secret", "training_set")
    for ids in ((pair[0].id, hidden.id), (hidden.id, pair[0].id)):
        with pytest.raises(NotFound):
            sqlite_container.coverage.coverage(owner, *ids)
        with pytest.raises(NotFound):
            sqlite_container.coverage.is_offered(owner, *ids)
    with pytest.raises(PreventUpdate):
        show_coverage(1, data(pair[0], hidden), {"index": hidden.internal_name})

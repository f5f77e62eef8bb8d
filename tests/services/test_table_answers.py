"""Questions about a table of a product that pages ask: depth of the photometry, by its roles and under a cut."""

from __future__ import annotations

import numpy as np
import pytest

from services.container import Container
from services.errors import InvalidInput, NotFound
from tests.support.ingests import catalogue_csv, ingested, submitted
from tests.support.products import person

N = 2000


def _photometry_csv() -> bytes:
    random = np.random.default_rng(3)
    mag = 27 - random.exponential(1.5, N)
    error = 0.2171472 * 10 ** (0.4 * (mag - 25))
    columns = (random.uniform(149, 151, N), random.uniform(1, 3, N), random.gamma(2, 0.3, N), mag, error)
    rows = (f"{ra:.6f},{dec:.6f},{z:.4f},{m:.4f},{e:.5f}" for ra, dec, z, m, e in zip(*columns, strict=True))
    return "\n".join(["ra,dec,z_spec,mag_i,magerr_i", *rows, ""]).encode()


def test_depth_follows_roles_and_cuts(container: Container) -> None:
    owner = person(container, "owner1")
    product = ingested(container, owner, _photometry_csv(), kind="training_set")
    report = container.answers.depth(owner, product.id)
    (band,) = report.bands
    assert (band.band, band.column, band.error_column) == ("i", "mag_i", "magerr_i")
    assert band.limit is not None
    assert band.limit.value == pytest.approx(25, abs=0.03)
    assert report.area_deg2 == pytest.approx(4, rel=0.3)
    (bright,) = container.answers.depth(owner, product.id, "mag_i < 24").bands
    assert bright.limit is not None
    assert (bright.limit.n, bright.limit.is_beyond_faintest) == (0, True)
    assert bright.limit.extrapolated == pytest.approx(25, abs=0.03)
    assert bright.tally.n_cut == N - bright.tally.n_shown


def test_depth_without_errors_is_counts(container: Container) -> None:
    owner = person(container, "owner1")
    product = ingested(container, owner, catalogue_csv())
    (band,) = container.answers.depth(owner, product.id).bands
    assert (band.limit, band.errors) == (None, ())
    assert band.counts.counts.sum() == band.tally.n_shown
    with pytest.raises(InvalidInput):
        container.answers.depth(owner, product.id, "nothing < 1")


def test_depth_of_a_hidden_product_is_not_told(container: Container) -> None:
    owner, other = person(container, "owner1"), person(container, "owner2")
    hidden = submitted(container, owner, catalogue_csv())
    with pytest.raises(NotFound):
        container.answers.depth(other, hidden.id)

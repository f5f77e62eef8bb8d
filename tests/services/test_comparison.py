"""Comparing products by the real services: exact numbers, cuts that fit only some, and rights."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from services.container import Container
from services.errors import InvalidInput, NotFound
from services.models.comparison import CompareQuestion
from services.models.identity import Actor
from services.models.products import Product
from tests.support.ingests import N_ROWS, catalogue_csv, ingested
from tests.support.products import draft, person

CUT = "mag_i < 22.5 and z_flag >= 3"


def _column(content: bytes, name: str) -> np.ndarray:
    head, *lines = content.decode().split()
    return np.array([float(line.split(",")[head.split(",").index(name)]) for line in lines])


ESTIMATES = b"id,z_phot\n" + b"".join(b"%d,%.3f\n" % (i, 0.01 + i / 60) for i in range(90))
FIRST, SECOND = catalogue_csv(), catalogue_csv(700, seed=2).replace(b"mag_i", b"i_mag")


@pytest.fixture
def owner(sqlite_container: Container) -> Actor:
    return person(sqlite_container, "owner1")


@pytest.fixture
def pair(sqlite_container: Container, owner: Actor) -> tuple[Product, Product]:
    """Two catalogues whose magnitudes are called differently."""
    first = ingested(sqlite_container, owner, FIRST, "first.csv")
    return first, ingested(sqlite_container, owner, SECOND, "second.csv")


def question(*products: Product, **more: object) -> CompareQuestion:
    return CompareQuestion(tuple(product.id for product in products), **more)  # type: ignore[arg-type]


def test_two_catalogues_on_the_same_bins(
    sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]
) -> None:
    found = sqlite_container.comparison.compare(owner, question(*pair))
    z = [_column(content, "z_spec") for content in (FIRST, SECOND)]
    assert (found.quantity.word, found.is_normalised, found.cut) == ("redshift", True, None)
    for item, values in zip(found.items, z, strict=True):
        counts = np.histogram(values, found.edges)[0]
        assert np.array_equal(item.histogram.counts, counts)
        assert counts.sum() == item.sample.n == values.size
        np.testing.assert_allclose(item.curve.values, counts / (values.size * np.diff(found.edges)))
    apart = found.items[1].two_sample
    assert apart is not None
    assert apart.ks == pytest.approx(stats.ks_2samp(*z).statistic)
    assert apart.wasserstein == pytest.approx(stats.wasserstein_distance(*z))
    assert apart.median_difference == pytest.approx(np.median(z[1]) - np.median(z[0]))
    p, q = (item.histogram.counts for item in reversed(found.items))
    filled = (p > 0) | (q > 0)
    assert apart.kl == pytest.approx(stats.entropy(p[filled] + 0.5, q[filled] + 0.5))
    assert found.items[0].sample is not None
    counts = sqlite_container.comparison.compare(owner, question(*pair, has_distances=False))
    assert [(item.sample, item.two_sample) for item in counts.items] == [(None, None)] * 2
    assert (found.items[0].two_sample, found.items[0].difference, found.items[0].ratio) == (None, None, None)


def test_magnitudes_meet_by_their_band_and_a_width_is_taken(
    sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]
) -> None:
    found = sqlite_container.comparison.compare(owner, question(*pair, word="mag_i", width=0.5, is_normalised=False))
    assert [item.histogram.column for item in found.items] == ["mag_i", "i_mag"]
    assert np.diff(found.edges) == pytest.approx(0.5)
    assert found.items[1].curve.values.tolist() == found.items[1].histogram.counts.tolist()
    assert found.unit == "mag"


def test_a_cut_holds_where_it_fits_and_axes_stay(
    sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]
) -> None:
    whole = sqlite_container.comparison.compare(owner, question(*pair))
    first = sqlite_container.comparison.compare(owner, question(*pair, cut=CUT))
    keep = (_column(FIRST, "mag_i") < 22.5) & (_column(FIRST, "z_flag") >= 3)
    assert np.array_equal(first.edges, whole.edges)
    assert first.items[0].histogram.tally.n_shown == keep.sum() == first.items[0].sample.n
    assert first.items[0].histogram.tally.n_cut == N_ROWS - keep.sum()
    assert all(item.cut_note == "" for item in first.items)
    only_first = sqlite_container.comparison.compare(owner, question(*pair, cut="z_err < 5e-4 and i_mag < 22"))
    assert "does not fit" in only_first.items[0].cut_note
    assert only_first.items[0].histogram.tally.n_shown == N_ROWS
    assert only_first.items[1].cut_note == ""
    assert only_first.items[1].histogram.tally.n_cut > 0


def test_photometric_redshifts_stand_in(
    sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]
) -> None:
    estimates = ingested(sqlite_container, owner, ESTIMATES, "pz.csv", "photoz_estimates")
    found = sqlite_container.comparison.compare(owner, question(pair[0], estimates))
    assert found.quantity.word == "any_z"
    assert [item.histogram.column for item in found.items] == ["z_spec", "z_phot"]


def test_what_is_not_common_is_refused(
    sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]
) -> None:
    compare = sqlite_container.comparison.compare
    for word in ("z_phot", "mag_g", "no such"):
        with pytest.raises(InvalidInput, match="Not all of these tables"):
            compare(owner, question(*pair, word=word))
    with pytest.raises(InvalidInput):
        compare(owner, question(*pair, cut="mag_i < "))
    numbers = ingested(sqlite_container, owner, b"a,b\n" + b"1,2\n" * 40, "numbers.csv", "other")
    with pytest.raises(InvalidInput, match="no numbers in common"):
        compare(owner, question(pair[0], numbers))


def test_hidden_products_are_not_there(
    sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]
) -> None:
    other = person(sqlite_container, "owner2")
    hidden = draft(sqlite_container, other, "zq hidden qz", "training_set")
    found = sqlite_container.comparison.candidates(
        owner, (pair[0].internal_name, hidden.internal_name, str(pair[1].id), "999_nothing", pair[0].internal_name)
    )
    assert [product.id for product in found.products] == [pair[0].id, pair[1].id]
    assert found.notes == tuple(
        f'"{word}" was left out: it is not there, or not open to you.' for word in (hidden.internal_name, "999_nothing")
    )
    for ask in (
        lambda: sqlite_container.comparison.compare(owner, question(pair[0], hidden)),
        lambda: sqlite_container.comparison.quantities(owner, (pair[0].id, hidden.id)),
        lambda: sqlite_container.comparison.mark(owner, (pair[0].id, hidden.id)),
        lambda: sqlite_container.comparison.depth(owner, hidden.id),
    ):
        with pytest.raises(NotFound):
            ask()


def test_products_without_a_table_are_left_out_with_the_reason_and_four_are_the_most(
    sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]
) -> None:
    described = draft(sqlite_container, owner, "Only described", "training_set")
    more = [ingested(sqlite_container, owner, FIRST, f"copy{k}.csv") for k in range(3)]
    names = [product.internal_name for product in (described, *pair, *more)]
    found = sqlite_container.comparison.candidates(owner, names)
    assert len(found.products) == 4
    assert found.notes[0].startswith("Only described was left out: This product is described only")
    assert "At most 4" in found.notes[1]


def test_the_mark_changes_with_what_columns_mean(
    sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]
) -> None:
    ids = [product.id for product in pair]
    before = sqlite_container.comparison.mark(owner, ids)
    assert sqlite_container.comparison.mark(owner, ids) == before
    sqlite_container.catalog.set_role(owner, ids[1], "z_flag", None)
    assert sqlite_container.comparison.mark(owner, ids) != before

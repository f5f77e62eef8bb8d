"""Histograms counted again: in other bins, split, under a cut, against numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from services.container import Container
from services.errors import InvalidInput, NotFound
from services.models.binnings import EQUAL, LENS, Binning
from services.models.identity import Actor
from services.models.products import Product
from tests.support.ingests import N_ROWS, catalogue_csv, ingested
from tests.support.products import draft, person

CUT = "mag_i < 22.5"


@pytest.fixture
def owner(sqlite_container: Container) -> Actor:
    return person(sqlite_container, "owner1")


@pytest.fixture
def catalogue(sqlite_container: Container, owner: Actor) -> Product:
    return ingested(sqlite_container, owner, catalogue_csv())


@pytest.fixture
def table() -> np.ndarray:
    """Columns of the catalogue: z is 3, z_flag 5, mag_i 6."""
    return np.array([line.split(",") for line in catalogue_csv().decode().split()[1:]], dtype=np.float64)


def test_other_bins_are_those_of_numpy(
    sqlite_container: Container, owner: Actor, catalogue: Product, table: np.ndarray
) -> None:
    found: Any = sqlite_container.binnings.binned(owner, catalogue.id, "n_z", Binning(0.25))
    assert np.allclose(np.diff(found.edges), 0.25)
    assert np.array_equal(found.counts, np.histogram(table[:, 3], found.edges)[0])
    assert found.counts.sum() == found.tally.n_shown == N_ROWS


def test_splits_add_up_and_follow_the_cut(
    sqlite_container: Container, owner: Actor, catalogue: Product, table: np.ndarray
) -> None:
    found: Any = sqlite_container.binnings.binned(owner, catalogue.id, "n_z", Binning(0.25, "z_flag"), CUT)
    chosen = table[table[:, 6] < 22.5]
    assert 0 < len(chosen) < N_ROWS
    assert found.whole.tally.n_cut == N_ROWS - len(chosen)
    assert found.whole.tally.n_total == N_ROWS
    assert found.groups == ("1", "2", "3", "4")
    for flag, counts in zip(found.groups, found.counts, strict=True):
        assert np.array_equal(counts, np.histogram(chosen[chosen[:, 5] == float(flag), 3], found.whole.edges)[0])


def test_tomographic_bins_hold_equal_numbers_of_all_rows_also_under_a_cut(
    sqlite_container: Container, owner: Actor, catalogue: Product, table: np.ndarray
) -> None:
    z, bright = table[:, 3], table[:, 6] < 22.5
    ends = [-1, *np.quantile(z, [0.2, 0.4, 0.6, 0.8]), 99]
    whole: Any = sqlite_container.binnings.binned(owner, catalogue.id, "n_z", Binning(None, EQUAL))
    assert np.array_equal(whole.counts.sum(axis=1), np.histogram(z, ends)[0])
    left: Any = sqlite_container.binnings.binned(owner, catalogue.id, "n_z", Binning(None, EQUAL), CUT)
    assert left.groups == whole.groups
    assert np.array_equal(left.counts.sum(axis=1), np.histogram(z[bright], ends)[0])
    assert whole.groups[0].startswith("z_spec < ")
    assert whole.groups[-1].startswith("z_spec ≥ ")


def test_lens_bins_leave_a_rest_outside(
    sqlite_container: Container, owner: Actor, catalogue: Product, table: np.ndarray
) -> None:
    found: Any = sqlite_container.binnings.binned(owner, catalogue.id, "n_z", Binning(None, LENS))
    counts = dict(zip(found.groups, found.counts.sum(axis=1), strict=True))
    assert counts["outside the bins"] == int(np.sum((table[:, 3] < 0.2) | (table[:, 3] >= 1.2)))
    assert sum(counts.values()) == N_ROWS


def test_rare_values_come_together(sqlite_container: Container, owner: Actor) -> None:
    rows = "".join(f"{k},{150 + k / 1e3},2,{k % 97 / 100},{'abcdefghijkl'[k % 12]}\n" for k in range(600))
    product = ingested(sqlite_container, owner, f"id,ra,dec,z_spec,survey\n{rows}".encode())
    found: Any = sqlite_container.binnings.binned(owner, product.id, "n_z", Binning(None, "survey"))
    assert len(found.groups) == 9
    assert found.groups[-1] == "all others"
    assert found.counts.sum() == 600


def test_what_makes_no_plot_is_refused_with_the_reason(
    sqlite_container: Container, owner: Actor, catalogue: Product
) -> None:
    binned = sqlite_container.binnings.binned
    for binning, word in (
        (Binning(1e-9), "too many"),
        (Binning(None, "nothing"), "nothing"),
        (Binning(None, "ra"), "too many values"),
    ):
        with pytest.raises(InvalidInput, match=word):
            binned(owner, catalogue.id, "n_z", binning)
    with pytest.raises(NotFound):
        binned(owner, catalogue.id, "nothing", Binning(0.1))


def test_choices_name_roles_bins_and_columns_of_few_values(
    sqlite_container: Container, owner: Actor, catalogue: Product
) -> None:
    words = [choice.word for choice in sqlite_container.binnings.choices(owner, catalogue.id)]
    assert words[:3] == ["z_flag", EQUAL, LENS]
    assert "ra" not in words


def test_hidden_products_have_neither_choices_nor_counts(sqlite_container: Container, owner: Actor) -> None:
    hidden = draft(sqlite_container, person(sqlite_container, "owner2"))
    with pytest.raises(NotFound):
        sqlite_container.binnings.choices(owner, hidden.id)
    with pytest.raises(NotFound):
        sqlite_container.binnings.binned(owner, hidden.id, "n_z", Binning(0.1))

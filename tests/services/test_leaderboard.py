"""Leaderboards: test sets by true redshifts, metrics as they are known, nothing of what is hidden."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import event

from services.leaderboard import ALL
from tests.support.ingests import ingested
from tests.support.products import person

N = 300


def results(scatter: float, *, seed: int = 1, order: int = 1) -> bytes:
    """CSV of true redshifts, always the same for one seed, and of estimates with a scatter."""
    z = np.random.default_rng(seed).gamma(2, 0.3, N).round(4)
    photo = z + scatter * (1 + z) * np.random.default_rng(9).normal(0, 1, N)
    lines = [f"{a:.4f},{b:.4f}" for a, b in zip(z, photo, strict=True)]
    return "\n".join(["z_spec,z_phot", *lines[::order], ""]).encode()


@pytest.fixture
def owner(container):
    return person(container, "owner1")


@pytest.fixture
def products(container, owner):
    kinds = {"good.csv": results(0.02), "poor.csv": results(0.1, order=-1), "other.csv": results(0.02, seed=2)}
    return {
        name.split(".")[0]: ingested(container, owner, content, name, "validation_results")
        for name, content in kinds.items()
    }


def test_the_same_truth_in_any_order_is_one_test_set(container, owner, products):
    sets = container.leaderboard.test_sets(owner)
    assert [{product.id for product in one.products} for one in sets] == [
        {products["good"].id, products["poor"].id},
        {products["other"].id},
    ]
    assert (sets[0].n_objects, sets[0].low) == (N, 0.0)


def test_metrics_appear_once_they_are_computed(container, owner, products):
    board = container.leaderboard.board(owner)
    assert board.chosen == container.leaderboard.test_sets(owner)[0]
    assert [entry.is_known for entry in board.entries] == [False, False]
    for entry in board.entries:
        container.leaderboard.compute(owner, entry.product.id)
    found = {entry.product.id: entry.metrics for entry in container.leaderboard.board(owner).entries}
    good, poor = (found[products[name].id].value("sigma_nmad") for name in ("good", "poor"))
    assert good.value == pytest.approx(0.02, rel=0.2)
    assert poor.value == pytest.approx(0.1, rel=0.2)


def test_a_board_of_another_set_of_all_and_of_names(container, owner, products):
    other = next(one for one in container.leaderboard.test_sets(owner) if len(one.products) == 1)
    assert [one.product.id for one in container.leaderboard.board(owner, other.key).entries] == [products["other"].id]
    everything = container.leaderboard.board(owner, ALL)
    assert (everything.chosen, len(everything.entries)) == (None, 3)
    named = container.leaderboard.board(owner, names=(products["other"].internal_name, "77_gone"))
    assert [one.product.id for one in named.entries] == [products["other"].id]
    assert named.missed == ("77_gone",)


def test_drafts_of_others_stay_hidden(container, owner, products):
    with_draft = container.leaderboard.board(person(container, "stranger"), names=(products["good"].internal_name,))
    hidden = not container.leaderboard.test_sets(person(container, "stranger2"))
    published = products["good"].status.name == "PUBLISHED"
    assert bool(with_draft.entries) == published
    assert hidden != published


def test_a_board_seen_before_asks_the_database_little(container, owner, products):
    for entry in container.leaderboard.board(owner, ALL).entries:
        container.leaderboard.compute(owner, entry.product.id)
    container.leaderboard.board(owner, ALL)
    asked = []
    event.listen(container.engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    assert all(entry.is_known for entry in container.leaderboard.board(owner, ALL).entries)
    assert len(asked) <= 8


def test_a_column_of_another_meaning_changes_the_test_set(container, owner, products):
    (before, *_others) = container.leaderboard.test_sets(owner)
    container.catalog.set_role(owner, products["poor"].id, "z_spec", None)
    after = container.leaderboard.test_sets(owner)
    assert products["poor"].id not in {product.id for one in after for product in one.products}
    assert len(before.products) == 2

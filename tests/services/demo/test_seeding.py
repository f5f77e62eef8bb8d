"""The demo data: what operations promise, the same bytes every time, through the services people use."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from services.container import Container, build_container
from services.demo.recipe import Recipe
from services.demo.recipes import RECIPES, small_recipes
from services.demo.seeding import is_empty, make_people, seed_demo
from services.errors import InvalidInput
from services.models.products import FileRole, Product, ProductQuery
from services.product_types import PRODUCT_TYPES
from services.settings import MIB, Settings

FEW_ROWS = 3000
WITH_FILES = [recipe for recipe in RECIPES if recipe.make is not None]


def _made(recipe: Recipe, folder: Path) -> bytes:
    folder.mkdir()
    assert recipe.make is not None
    files = recipe.make(np.random.default_rng(3), folder, 240)
    assert files.main is not None
    return b"".join(path.read_bytes() for path in (files.main, *files.auxiliary, *files.description))


@pytest.mark.parametrize("recipe", WITH_FILES, ids=lambda recipe: recipe.new.display_name)
def test_the_same_seed_gives_the_same_bytes(recipe: Recipe, tmp_path: Path) -> None:
    first, second = _made(recipe, tmp_path / "first"), _made(recipe, tmp_path / "second")
    assert first == second
    assert first


def test_the_table_holds_what_operations_promise() -> None:
    kinds = Counter(recipe.new.product_type for recipe in RECIPES)
    assert kinds["redshift_catalog"] >= 3
    assert kinds["training_set"] >= 3
    assert kinds["validation_results"] >= 2
    assert kinds["photoz_estimates"] >= 2
    assert {recipe.new.product_type for recipe in RECIPES if recipe.new.official} == set(PRODUCT_TYPES)
    assert {recipe.owner for recipe in RECIPES} == {"demo", "owner1", "owner2", "curator"}
    assert {recipe.new.release for recipe in RECIPES} == {"sdr1", "sdr2", None}
    assert [recipe.new.product_type for recipe in RECIPES if recipe.make is None] == ["photoz_estimates"]
    assert max(recipe.n_rows for recipe in RECIPES) == 1_000_000


def test_small_products_have_names_of_their_own() -> None:
    assert len({recipe.new.display_name for recipe in small_recipes(120)}) == 120


def _products(container: Container) -> dict[str, Product]:
    curator = container.users.actor_named("curator")
    assert curator is not None
    return {p.display_name: p for p in container.catalog.search(curator, ProductQuery(page_size=100)).items}


def test_seeding_fills_an_empty_portal_and_does_not_do_it_twice(sqlite_container: Container) -> None:
    assert is_empty(sqlite_container)
    lines: list[str] = []
    assert seed_demo(sqlite_container, n_small=2, large_rows=FEW_ROWS, report=lines.append) == len(RECIPES) + 2
    assert len(lines) == len(RECIPES) + 2
    assert not is_empty(sqlite_container)
    assert seed_demo(sqlite_container, n_small=2, large_rows=FEW_ROWS) == 0
    _every_product_is_as_its_recipe_says(sqlite_container)
    _plots_and_reports_lie_beside_their_product(sqlite_container)


def _every_product_is_as_its_recipe_says(container: Container) -> None:
    products = _products(container)
    assert len(products) == len(RECIPES) + 2
    for recipe in RECIPES:
        product = products[recipe.new.display_name]
        assert product.owner_username == recipe.owner
        assert product.official is recipe.new.official
        if recipe.make is not None and PRODUCT_TYPES[recipe.new.product_type].is_tabular:
            assert product.n_rows == min(recipe.n_rows, FEW_ROWS) or product.n_rows == recipe.n_rows
    assert sum(product.size_bytes for product in products.values()) < 200 * MIB


def _plots_and_reports_lie_beside_their_product(container: Container) -> None:
    curator = container.users.actor_named("curator")
    assert curator is not None
    product = _products(container)["Validation with report"]
    files = container.catalog.files(curator, product.id)
    assert {file.name for file in files if file.role is FileRole.AUXILIARY} == {
        "z_phot_vs_z_spec.png",
        "validation_report.html",
    }


def test_outside_demo_mode_nobody_knows_the_passwords(sqlite_container: Container) -> None:
    assert make_people(sqlite_container)["curator"].is_admin
    with pytest.raises(InvalidInput):
        sqlite_container.users.authenticate("curator", "curator")


def test_in_demo_mode_the_password_is_the_name(migrated_settings: Settings) -> None:
    container = build_container(migrated_settings.model_copy(update={"demo": True}))
    make_people(container)
    assert container.users.authenticate("owner1", "owner1").username == "owner1"
    container.engine.dispose()

"""Putting the demo data into a portal, through the same services that people use."""

from __future__ import annotations

import secrets
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from services.container import Container
from services.demo.recipe import DemoFiles, Recipe
from services.demo.recipes import (
    CURATOR,
    DEMO,
    FIRST_RELEASE,
    LARGE_ROWS,
    LARGE_TRAINING_SET,
    OWNER1,
    OWNER2,
    RECIPES,
    SECOND_RELEASE,
    small_recipes,
)
from services.errors import Conflict
from services.jobs.ingest import run_ingest
from services.models.identity import Actor
from services.models.products import Product, ProductQuery, ProductStatus

SEED = 20261122

_PEOPLE = {
    DEMO: ("Demo", "User"),
    OWNER1: ("First", "Owner"),
    OWNER2: ("Second", "Owner"),
    CURATOR: ("Data", "Curator"),
}
_RELEASES = (
    (FIRST_RELEASE, "Simulated Data Release 1", "Two simulated years, four deep fields."),
    (SECOND_RELEASE, "Simulated Data Release 2", "Ten simulated years over the wide field."),
)
_OPERATOR = Actor(user_id=0, username="operator", display_name="Operator", is_admin=True)
"""Whoever starts the command: sees everything, owns nothing."""
_PAGE_SIZE = 100


def is_empty(container: Container) -> bool:
    """Whether nothing has been published yet."""
    return sum(container.catalog.counts(_OPERATOR)) == 0


def seed_demo(
    container: Container,
    *,
    n_small: int = 0,
    large_rows: int = LARGE_ROWS,
    report: Callable[[str], None] = lambda _line: None,
) -> int:
    """Add people, releases and products; what is there already stays as it is.

    Parameters
    ----------
    container : Container
        Services of a migrated portal.
    n_small : int
        Extra small products.
    large_rows : int
        Rows of the large training set.
    report : callable
        Gets one line a product as it is added.

    Returns
    -------
    int
        Products added. The same seed and numbers give the same bytes.
    """
    people = make_people(container)
    _make_releases(container, people[CURATOR])
    known = _known_products(container, people[CURATOR])
    todo = [recipe for recipe in _recipes(n_small, large_rows) if (recipe.owner, recipe.new.display_name) not in known]
    for recipe in todo:
        product = _add(container, people[recipe.owner], recipe)
        report(f"{product.display_name}: {product.n_rows or 0:,} rows")
    return len(todo)


def _recipes(n_small: int, large_rows: int) -> tuple[Recipe, ...]:
    sized = tuple(
        replace(recipe, n_rows=large_rows) if recipe.new.display_name == LARGE_TRAINING_SET else recipe
        for recipe in RECIPES
    )
    return sized + small_recipes(n_small)


def make_people(container: Container) -> dict[str, Actor]:
    """The four accounts of the demo by user name; those that exist stay as they are."""
    return {name: _person(container, name) for name in _PEOPLE}


def _person(container: Container, name: str) -> Actor:
    """Account of the demo. The password equals the name in demo mode; elsewhere nobody can know it."""
    known = container.users.actor_named(name)
    if known is not None:
        return known
    first_name, last_name = _PEOPLE[name]
    password = name if container.settings.demo else secrets.token_urlsafe(32)
    return container.users.create_user(
        name, password, first_name=first_name, last_name=last_name, is_admin=name == CURATOR
    )


def _make_releases(container: Container, curator: Actor) -> None:
    known = {release.name for release in container.releases.visible(curator)}
    for name, title, description in _RELEASES:
        if name not in known:
            container.releases.create(name, title, description, is_public=True)


def _known_products(container: Container, curator: Actor) -> set[tuple[str, str]]:
    known: set[tuple[str, str]] = set()
    query = ProductQuery(owners=tuple(_PEOPLE), statuses=(ProductStatus.PUBLISHED,), page_size=_PAGE_SIZE)
    while True:
        page = container.catalog.search(curator, query)
        known.update((product.owner_username, product.display_name) for product in page.items)
        if query.page * _PAGE_SIZE >= page.total:
            return known
        query = replace(query, page=query.page + 1)


def _generator(recipe: Recipe) -> np.random.Generator:
    """Random numbers of one product: they depend on its name only, so that adding a product changes no other."""
    return np.random.default_rng([SEED, zlib.crc32(recipe.new.display_name.encode())])


def _add(container: Container, owner: Actor, recipe: Recipe) -> Product:
    with tempfile.TemporaryDirectory(prefix="pzserver-demo-") as folder:
        made = recipe.make(_generator(recipe), Path(folder), recipe.n_rows) if recipe.make else DemoFiles()
        product = _submit(container, owner, recipe, made)
    job = container.jobs.latest_for_product(owner, product.id)
    if job is not None:
        run_ingest(container, job.id)
    product = container.catalog.get(owner, product.id)
    if product.status is not ProductStatus.PUBLISHED:
        raise Conflict(f'The demo product "{product.display_name}" was not published: {product.status_reason}')
    return product


def _submit(container: Container, owner: Actor, recipe: Recipe, made: DemoFiles) -> Product:
    def staged(path: Path) -> str:
        return container.uploads.stage(owner, path, path.name).id

    return container.uploads.submit(
        owner,
        recipe.new,
        main=staged(made.main) if made.main else None,
        auxiliary=tuple(map(staged, made.auxiliary)),
        description_files=tuple(map(staged, made.description)),
    )

"""Lists: every filter, its counts, order, pages, in a bounded number of statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert

from services.container import Container
from services.errors import InvalidInput
from services.models.identity import Actor
from services.models.products import SORT_FIELDS, FileRole, ProductQuery, ProductStatus
from services.schema import ProductFileRow, ProductRow, utc_now
from services.text_rules import folded, sort_key
from services.unit_of_work import unit_of_work
from tests.support.products import draft, person, published, with_columns, with_file, with_status

MAX_STATEMENTS = 6


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Every statement sent to the database within the block."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def names(container: Container, actor: Actor, query: ProductQuery) -> list[str]:
    """Display names of a list, in its order."""
    return [product.display_name for product in container.catalog.search(actor, query).items]


def stock(container: Container) -> tuple[Actor, Actor]:
    """Two owners with five published products and one draft; the second and third product lie in releases."""
    owner, admin = person(container, "owner1"), person(container, "curator", is_admin=True)
    container.releases.create("dp1", "Data Preview 1")
    container.releases.create("dp2", "Data Preview 2")
    published(container, owner, "Été field", "specz_catalog", description="Deep spectroscopy")
    published(container, owner, "beta 100%", "training_set", release="dp1")
    published(container, owner, "Gamma_x", "photoz_table", release="dp2", pz_code="LePHARE")
    published(container, admin, "Βeta official", "training_set", official=True)
    published(container, admin, "omega", "other")
    draft(container, owner, "My draft", "training_set")
    return owner, admin


FILTERS: tuple[tuple[ProductQuery, set[str]], ...] = (
    (ProductQuery(search="ÉTÉ"), {"Été field"}),
    (ProductQuery(search="fiéld"), set()),
    (ProductQuery(search="βETA"), {"Βeta official"}),
    (ProductQuery(search="beta"), {"beta 100%"}),
    (ProductQuery(search="SPECTROscopy deep"), {"Été field"}),
    (ProductQuery(search="deep, field"), {"Été field"}),
    (ProductQuery(search="deep omega"), set()),
    (ProductQuery(search="lephare"), {"Gamma_x"}),
    (ProductQuery(search="curator"), {"Βeta official", "omega"}),
    (ProductQuery(search="100%"), {"beta 100%"}),
    (ProductQuery(search="%"), {"beta 100%"}),
    (ProductQuery(search="a_x"), {"Gamma_x"}),
    (ProductQuery(search="1_ete"), {"Été field"}),
    (ProductQuery(search="'; DROP TABLE products; --"), set()),
    (ProductQuery(search="\x00 , ,"), {"Été field", "beta 100%", "Gamma_x", "Βeta official", "omega"}),
    (ProductQuery(official=True), {"Βeta official"}),
    (ProductQuery(official=False), {"Été field", "beta 100%", "Gamma_x", "omega"}),
    (ProductQuery(product_types=("specz_catalog", "Photo-z Estimates")), {"Été field", "Gamma_x"}),
    (ProductQuery(releases=("dp1",)), {"beta 100%"}),
    (ProductQuery(releases=("dp1", "none"), owners=("OWNER1",)), {"beta 100%", "Été field"}),
    (ProductQuery(releases=("unknown",)), set()),
    (ProductQuery(owners=("curator", "nobody")), {"Βeta official", "omega"}),
    (ProductQuery(statuses=(ProductStatus.REGISTERING,)), set()),
    (ProductQuery(product_types=("training set",), owners=("owner1",)), {"beta 100%"}),
)


def test_filters(container: Container) -> None:
    stock(container)
    reader = person(container, "reader")
    for query, found in FILTERS:
        assert set(names(container, reader, query)) == found, query
        assert container.catalog.search(reader, query).total == len(found)


def test_column_names_are_searched(container: Container) -> None:
    owner, _ = stock(container)
    made = draft(container, owner, "With columns")
    with_columns(container, made, "ra", "Zspec_Straße")
    assert names(container, owner, ProductQuery(search="zspec_STRASSE")) == ["With columns"]


def test_an_unknown_type_is_named(sqlite_container: Container) -> None:
    with pytest.raises(InvalidInput, match="no product type"):
        sqlite_container.catalog.search(person(sqlite_container, "reader"), ProductQuery(product_types=("x",)))


def test_own_drafts_stand_in_the_users_list_only(container: Container) -> None:
    owner, admin = stock(container)
    with_status(container, draft(container, owner, "Torn"), ProductStatus.FAILED, "why")
    everything = ProductQuery()
    assert {"My draft", "Torn"} <= set(names(container, owner, everything))
    assert names(container, owner, replace(everything, official=True)) == ["Βeta official"]
    assert not {"My draft", "Torn"} & set(names(container, admin, everything))
    unpublished = ProductQuery(statuses=(ProductStatus.REGISTERING, ProductStatus.FAILED))
    assert names(container, admin, unpublished) == ["Torn", "My draft"]
    assert names(container, person(container, "reader"), unpublished) == []


def test_deleted_products_are_in_no_list(container: Container) -> None:
    owner, admin = stock(container)
    made = published(container, owner, "Gone")
    container.catalog.delete(owner, made.id)
    for actor in (owner, admin):
        assert container.catalog.search(actor, ProductQuery(statuses=(ProductStatus.DELETED,))).total == 0
        assert "deleted" not in {choice.value for choice in container.catalog.facets(actor, ProductQuery()).statuses}


def test_facets_count_with_the_other_filters_in_force(container: Container) -> None:
    owner, _ = stock(container)
    facets = container.catalog.facets(owner, ProductQuery(product_types=("training_set",), owners=("owner1",)))
    assert [(choice.value, choice.count) for choice in facets.product_types] == [
        ("redshift_catalog", 1),
        ("training_set", 2),
        ("photoz_estimates", 1),
    ]
    assert [(choice.value, choice.label, choice.count) for choice in facets.releases] == [
        ("dp1", "Data Preview 1", 1),
        ("none", "No release", 1),
    ]
    assert [(choice.value, choice.count) for choice in facets.owners] == [("curator", 1), ("owner1", 2)]
    assert [(choice.value, choice.label, choice.count) for choice in facets.statuses] == [
        ("registering", "Registering", 1),
        ("published", "Published", 1),
    ]


def test_facets_and_lists_count_alike(container: Container) -> None:
    owner, _ = stock(container)
    facets = container.catalog.facets(owner, ProductQuery())
    for choice in facets.product_types:
        query = ProductQuery(product_types=(choice.value,))
        assert container.catalog.search(owner, query).total == choice.count
    for choice in facets.releases:
        assert container.catalog.search(owner, ProductQuery(releases=(choice.value,))).total == choice.count
    for choice in facets.owners:
        assert container.catalog.search(owner, ProductQuery(owners=(choice.value,))).total == choice.count


def test_chosen_values_stay_in_the_facets_at_zero(container: Container) -> None:
    owner, _ = stock(container)
    query = ProductQuery(
        search="nothing at all",
        product_types=("specz_catalog",),
        releases=("dp1",),
        owners=("owner1",),
        statuses=(ProductStatus.FAILED,),
    )
    facets = container.catalog.facets(owner, query)
    kept = (*facets.product_types, *facets.releases, *facets.owners, *facets.statuses)
    assert [(choice.value, choice.count) for choice in kept] == [
        ("redshift_catalog", 0),
        ("dp1", 0),
        ("owner1", 0),
        ("failed", 0),
    ]


def test_closed_releases_show_in_no_facet(container: Container) -> None:
    owner, admin = stock(container)
    container.releases.create("secret", "Secret", groups=["inner"])
    published(container, admin, "Hidden", release="secret")
    facets = container.catalog.facets(owner, ProductQuery())
    assert "secret" not in {choice.value for choice in facets.releases}
    assert "Hidden" not in names(container, owner, ProductQuery())
    insider = container.users.create_user("insider", "insider", groups=["inner"])
    assert "Hidden" in names(container, insider, ProductQuery())


def _many(container: Container, owner: Actor, n_products: int) -> None:
    """Published products of one moment, each with two files, half of them without rows."""
    now = utc_now()
    products: list[dict[str, Any]] = [
        {
            "id": 1000 + number,
            "internal_name": f"{1000 + number}_p",
            "display_name": f"Product {number % 7}",
            "sort_name": sort_key(f"Product {number % 7}"),
            "folded_text": folded(f"product {number}"),
            "product_type_id": 1 + number % 7,
            "owner_id": owner.user_id,
            "status": int(ProductStatus.PUBLISHED),
            "n_rows": number if number % 2 else None,
            "created_at": now,
            "updated_at": now,
            "official": False,
            "origin": "Upload",
            "notes": [],
        }
        for number in range(n_products)
    ]
    files = [
        {
            "product_id": product["id"],
            "role": int(role),
            "name": f"{role}.csv",
            "media_type": "text/csv",
            "size_bytes": 10,
            "sha256": "0" * 64,
            "key": "0" * 64,
            "created_at": now,
            "updated_at": now,
        }
        for product in products
        for role in (FileRole.MAIN, FileRole.AUXILIARY)
    ]
    with unit_of_work(container.sessions) as unit:
        unit.session.execute(insert(ProductRow), products)
        unit.session.execute(insert(ProductFileRow), files)


def test_a_list_of_any_size_costs_few_statements(container: Container) -> None:
    owner = person(container, "owner1")
    _many(container, owner, 500)
    query = ProductQuery(search="product", page_size=500, owners=("owner1",))
    with counted(container.engine) as sent:
        page = container.catalog.search(owner, query)
    assert (page.total, len(page.items)) == (500, 500)
    assert {product.size_bytes for product in page.items} == {20}
    assert len(sent) <= MAX_STATEMENTS
    with counted(container.engine) as sent:
        container.catalog.facets(owner, query)
    assert len(sent) <= MAX_STATEMENTS


def test_every_order_is_stable_over_pages(container: Container) -> None:
    owner = person(container, "owner1")
    _many(container, owner, 60)
    for sort in [sign + field for field in SORT_FIELDS for sign in ("", "-")]:
        whole = container.catalog.search(owner, ProductQuery(sort=sort, page_size=60)).items
        pages = [container.catalog.search(owner, ProductQuery(sort=sort, page=n, page_size=25)) for n in (1, 2, 3)]
        assert [product.id for page in pages for product in page.items] == [product.id for product in whole], sort
        assert [page.total for page in pages] == [60, 60, 60]


def test_orders_put_missing_values_last_and_the_newest_first_among_equals(container: Container) -> None:
    owner = person(container, "owner1")
    _many(container, owner, 6)
    ids = {
        sort: [product.id - 1000 for product in container.catalog.search(owner, ProductQuery(sort=sort)).items]
        for sort in ("n_rows", "-n_rows", "display_name", "created_at", "nonsense", "-")
    }
    assert ids["n_rows"] == [1, 3, 5, 4, 2, 0]
    assert ids["-n_rows"] == [5, 3, 1, 4, 2, 0]
    assert ids["display_name"] == [0, 1, 2, 3, 4, 5]
    assert ids["created_at"] == ids["nonsense"] == ids["-"] == [5, 4, 3, 2, 1, 0]


def test_names_are_ordered_without_regard_to_case_and_accents(container: Container) -> None:
    owner = person(container, "owner1")
    for name in ("zeta", "Élan", "east", "Éa", "_x", "Zero"):
        published(container, owner, name)
    assert names(container, owner, ProductQuery(sort="display_name")) == ["_x", "Éa", "east", "Élan", "Zero", "zeta"]


@pytest.mark.parametrize(("page", "page_size"), [(2, 25), (10**30, 25), (2**62, 10_000)])
def test_pages_beyond_the_end_are_empty(sqlite_container: Container, page: int, page_size: int) -> None:
    owner = person(sqlite_container, "owner1")
    published(sqlite_container, owner)
    found = sqlite_container.catalog.search(owner, ProductQuery(page=page, page_size=page_size))
    assert (found.items, found.total) == ((), 1)


def test_absurd_pages_are_brought_into_range(container: Container) -> None:
    owner = person(container, "owner1")
    with_file(container, published(container, owner))
    page = container.catalog.search(owner, ProductQuery(page=-3, page_size=0))
    assert (page.page, page.page_size, len(page.items)) == (1, 1, 1)

"""Lists: every filter, its counts, order, pages, in a bounded number of statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, event

from services.container import Container
from services.errors import InvalidInput
from services.models.identity import Actor
from services.models.product_lists import ORDER_FIELDS, ProductFilter
from services.models.products import SORT_FIELDS, ProductQuery, ProductStatus
from tests.support.products import draft, many_published, person, published, with_columns, with_file, with_status

MAX_STATEMENTS = 7
"""One for each filter of the rail, one more for the names of owners, and BEGIN."""


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


def test_a_list_of_any_size_costs_few_statements(container: Container) -> None:
    owner = person(container, "owner1")
    many_published(container, owner, 500)
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
    many_published(container, owner, 60)
    for sort in [sign + field for field in SORT_FIELDS for sign in ("", "-")]:
        whole = container.catalog.search(owner, ProductQuery(sort=sort, page_size=60)).items
        pages = [container.catalog.search(owner, ProductQuery(sort=sort, page=n, page_size=25)) for n in (1, 2, 3)]
        assert [product.id for page in pages for product in page.items] == [product.id for product in whole], sort
        assert [page.total for page in pages] == [60, 60, 60]


def test_orders_put_missing_values_last_and_the_newest_first_among_equals(container: Container) -> None:
    owner = person(container, "owner1")
    many_published(container, owner, 6)
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


def kept(field: str, *values: Any, every: bool = False) -> ProductQuery:
    """Query with one filter of the API."""
    return ProductQuery(filters=(ProductFilter(field, values, every),))  # type: ignore[arg-type]


EVERYTHING = {"Été field", "beta 100%", "Gamma_x", "Βeta official", "omega"}
API_FILTERS: tuple[tuple[ProductQuery, set[str]], ...] = (
    (kept("product_type_name", "SPEC-Z"), {"Été field"}),
    (kept("product_type_name", "Reference Redshift"), {"Été field"}),
    (kept("product_type_name", "estimates"), {"Gamma_x"}),
    (kept("product_type_name", "set", "training", every=True), {"beta 100%", "Βeta official"}),
    (kept("product_type_name", "set", "spec-z", every=True), set()),
    (kept("product_type_name", "training", "spec-z"), {"beta 100%", "Βeta official", "Été field"}),
    (kept("release_name", "PREVIEW"), {"beta 100%", "Gamma_x"}),
    (kept("release_name", "preview", "dp2", every=True), {"Gamma_x"}),
    (kept("release_name", "dp1", "dp2"), {"beta 100%", "Gamma_x"}),
    (kept("uploaded_by", "CURA"), {"Βeta official", "omega"}),
    (kept("uploaded_by", "cura", "owner", every=True), set()),
    (kept("uploaded_by", "cura", "owner"), EVERYTHING),
    (kept("product_name", "ÉTÉ"), {"Été field"}),
    (kept("product_name", "ete"), {"Été field"}),
    (kept("product_name", "ΒETA"), {"Βeta official"}),
    (kept("product_name", "_x", "gamma", every=True), {"Gamma_x"}),
    (kept("product_name", "100%"), {"beta 100%"}),
    (kept("product_name", "spectroscopy"), set()),
    (kept("product_name", "lephare"), set()),
    (kept("product_name", "field\n1_ete"), set()),
    (kept("product_name", "\x00"), EVERYTHING),
    (kept("product_name", "omega", "x"), {"omega", "Gamma_x"}),
    (kept("internal_name", "1_ete_field"), {"Été field"}),
    (kept("internal_name", "1_ETE_field"), set()),
    (kept("internal_name", "1_ete_field", "5_omega"), {"Été field", "omega"}),
    (kept("display_name", "omega"), {"omega"}),
    (kept("display_name", "OMEGA"), set()),
    (kept("display_name", "omega\x00"), set()),
    (kept("product_type", 2), {"beta 100%", "Βeta official"}),
    (kept("product_type", 1, 4), {"Été field", "Gamma_x"}),
    (kept("release", 1), {"beta 100%"}),
    (kept("release", 1, 2, 99), {"beta 100%", "Gamma_x"}),
    (kept("release", 10**30, -1), set()),
    (kept("user", 2), {"Βeta official", "omega"}),
    (kept("user", 1, 2), EVERYTHING),
    (kept("official_product", True), {"Βeta official"}),
    (kept("official_product", True, False), EVERYTHING),
    (kept("status", 1), EVERYTHING),
    (kept("status", 0, 2, 3, 9), set()),
    (kept("release__isnull", True), {"Été field", "Βeta official", "omega"}),
    (kept("release__isnull", False), {"beta 100%", "Gamma_x"}),
)


def test_filters_of_the_api(container: Container) -> None:
    stock(container)
    reader = person(container, "reader")
    for query, found in API_FILTERS:
        assert set(names(container, reader, query)) == found, query


def test_filters_of_the_api_are_joined(container: Container) -> None:
    stock(container)
    filters = kept("user", 1).filters + kept("release__isnull", False).filters + kept("product_name", "GAMMA").filters
    assert names(container, person(container, "reader"), ProductQuery(filters=filters)) == ["Gamma_x"]


def test_a_product_name_is_its_first_line(container: Container) -> None:
    """What is found further on in the searched text does not count, nor does what begins in the name and goes on."""
    owner = person(container, "owner1")
    published(container, owner, "abc", description="needle in the text", pz_code="code")
    for part, n in (("needle", 0), ("code", 0), ("abc", 1), ("c\n1", 0), ("1_abc", 1)):
        assert container.catalog.search(owner, kept("product_name", part)).total == n, part


def test_many_words_are_refused_in_words(container: Container) -> None:
    owner = person(container, "owner1")
    published(container, owner)
    words = [f"w{number}" for number in range(2000)]
    for query in (ProductQuery(search=" ".join(words)), kept("product_name", *words), kept("uploaded_by", *words)):
        with pytest.raises(InvalidInput, match="At most 100 words"):
            container.catalog.search(owner, query)
    doubles = ProductQuery(search="sample " * 2000)
    assert container.catalog.search(owner, doubles).total == 1
    assert container.catalog.search(owner, kept("internal_name", *words)).total == 0
    assert container.catalog.search(owner, kept("product_name", *words[:100])).total == 0


def test_drafts_are_filtered_with_the_rights_of_the_caller(container: Container) -> None:
    owner, admin = stock(container)
    reader = person(container, "reader")
    drafts = replace(kept("status", 0), statuses=tuple(ProductStatus))
    assert names(container, owner, drafts) == names(container, admin, drafts) == ["My draft"]
    assert names(container, reader, drafts) == []


def walk(container: Container, actor: Actor, query: ProductQuery) -> list[int]:
    """Ids of a list read page by page with cursors."""
    ids: list[int] = []
    while True:
        page = container.catalog.search(actor, query)
        ids += [product.id for product in page.items]
        if page.next_cursor is None:
            return ids
        query = replace(query, cursor=page.next_cursor)


def test_cursors_walk_through_every_order(container: Container) -> None:
    owner = person(container, "owner1")
    many_published(container, owner, 30)
    for name in ("Étude", "east", "zeta\u0101"):
        published(container, owner, name)
    fields = ORDER_FIELDS.values()
    sorts = [sign + field for field in fields for sign in ("", "-")]
    for sort in (*sorts, "product_type_id,-display_name", "-created_at,id"):
        whole = container.catalog.search(owner, ProductQuery(sort=sort, page_size=100))
        assert walk(container, owner, ProductQuery(sort=sort, page_size=7)) == [p.id for p in whole.items], sort
        assert whole.next_cursor is None


def test_a_cursor_goes_on_where_it_was_whatever_was_added(container: Container) -> None:
    owner = person(container, "owner1")
    made = [published(container, owner, f"P{number}").id for number in range(6)]
    first = container.catalog.search(owner, ProductQuery(page_size=2))
    published(container, owner, "New")
    container.catalog.delete(owner, made[5])
    second = container.catalog.search(owner, ProductQuery(page_size=2, cursor=first.next_cursor or ""))
    assert [product.id for product in (*first.items, *second.items)] == [made[5], made[4], made[3], made[2]]
    assert second.total == 6


@pytest.mark.parametrize(
    "cursor",
    ["x", "e", "W10", "W10=", "é", "bnVsbA", "eyJhIjoxfQ", "WyItY3JlYXRlZF9hdCwtaWQiLDEsMV0", "A" * 4000, "W" * 3000],
)
def test_cursors_that_are_none_are_refused(sqlite_container: Container, cursor: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        sqlite_container.catalog.search(person(sqlite_container, "reader"), ProductQuery(cursor=cursor))
    assert caught.value.field == "cursor"


def test_a_cursor_belongs_to_its_order(sqlite_container: Container) -> None:
    owner = person(sqlite_container, "owner1")
    many_published(sqlite_container, owner, 3)
    cursor = sqlite_container.catalog.search(owner, ProductQuery(page_size=1, sort="id")).next_cursor
    assert cursor is not None
    with pytest.raises(InvalidInput, match="does not belong"):
        sqlite_container.catalog.search(owner, ProductQuery(page_size=1, sort="-id", cursor=cursor))
    for sort in ("n_rows", "release"):
        assert sqlite_container.catalog.search(owner, ProductQuery(page_size=1, sort=sort)).next_cursor is None

"""Lists of files and columns: who sees what, in which order, and what it costs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from services.container import Container
from services.errors import InvalidInput, NotAllowed, NotFound
from services.models.contents import ContentQuery
from services.models.products import FileRole
from tests.support.ingests import catalogue_csv
from tests.support.products import draft, person, published, with_columns, with_file

MOST_STATEMENTS = 6


@contextmanager
def counted(container: Container) -> Iterator[list[str]]:
    """SQL statements sent within the block."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(container.engine, "before_cursor_execute", note)
    yield sent
    event.remove(container.engine, "before_cursor_execute", note)


def test_everybody_sees_what_is_open_to_them(container: Container) -> None:
    owner, member, other = (
        person(container, "owner", groups=["survey"]),
        person(container, "member", groups=["survey"]),
        person(container, "other"),
    )
    admin = person(container, "admin", is_admin=True)
    container.releases.create("closed", "Closed", groups=["survey"])
    products = {
        "open": published(container, owner, "open"),
        "closed": published(container, owner, "closed", release="closed"),
        "draft": draft(container, owner, "draft"),
        "deleted": published(container, owner, "deleted"),
    }
    for product in products.values():
        with_file(container, product)
        with_columns(container, product, "x", "y")
    container.catalog.delete(owner, products["deleted"].id)
    seen = {
        actor.username: [
            name
            for name, product in products.items()
            if container.contents.files(actor, ContentQuery(product_id=product.id)).total
        ]
        for actor in (owner, member, other, admin)
    }
    assert seen == {
        "owner": ["open", "closed", "draft"],
        "member": ["open", "closed"],
        "other": ["open"],
        "admin": ["open", "closed", "draft"],
    }
    for actor, n_columns in ((owner, 6), (member, 4), (other, 2), (admin, 6)):
        assert container.contents.columns(actor, ContentQuery()).total == n_columns
    hidden = container.contents.columns(owner, ContentQuery(product_id=products["draft"].id)).items[0]
    with pytest.raises(NotFound):
        container.contents.column(other, hidden.id)


def test_who_may_remove_files(container: Container) -> None:
    owner, other = person(container, "owner"), person(container, "other")
    admin = person(container, "admin", is_admin=True)
    product = published(container, owner)
    main, notes = with_file(container, product), with_file(container, product, "n.txt", FileRole.AUXILIARY)
    for actor, expected in ((owner, [False, True]), (admin, [False, True]), (other, [False, False])):
        assert [container.contents.file(actor, one).can_delete for one in (main, notes)] == expected


def test_orders_and_parts(container: Container) -> None:
    owner = person(container, "owner")
    product = draft(container, owner)
    with_columns(container, product, *(f"c{place}" for place in range(12)))
    part = container.contents.columns(owner, ContentQuery(product.id, sort="-order", offset=2, limit=3))
    assert ([column.name for column in part.items], part.total) == (["c9", "c8", "c7"], 12)
    beyond = container.contents.columns(owner, ContentQuery(product.id, offset=50, limit=3))
    assert (beyond.items, beyond.total) == ((), 12)


def test_lists_cost_the_same_at_any_size(container: Container) -> None:
    owner = person(container, "owner")
    for number in range(30):
        product = published(container, owner, f"p{number}")
        with_columns(container, product, *(f"c{place}" for place in range(20)))
        with_file(container, product, "main.fits")
    with counted(container) as sent:
        container.contents.columns(owner, ContentQuery())
        container.contents.files(owner, ContentQuery())
    assert len(sent) <= MOST_STATEMENTS
    with counted(container) as sent:
        container.contents.main_file(owner, product.id)
    assert len(sent) <= MOST_STATEMENTS


def test_words_need_the_owner(container: Container) -> None:
    owner, other = person(container, "owner"), person(container, "other")
    product = draft(container, owner)
    container.uploads.receive_file(owner, product.id, io.BytesIO(catalogue_csv()), "a.csv", FileRole.MAIN)
    container.registration.register_table(owner, product.id)
    column = container.catalog.columns(owner, product.id)[0]
    with pytest.raises(NotFound):
        container.contents.describe_column(other, column.id, {"alias": "z"})
    container.catalog.publish(owner, product.id)
    with pytest.raises(NotAllowed):
        container.contents.describe_column(other, column.id, {"alias": "z"})
    with pytest.raises(InvalidInput):
        container.contents.describe_column(owner, column.id, {"ucd": "u" * 129})
    changed = container.contents.describe_column(owner, column.id, {"alias": "  my id  "})
    assert (changed.alias, changed.role, changed.how) == ("my id", None, "owner")
    assert container.catalog.get(owner, product.id).updated_at > product.updated_at
    assert container.catalog.history(owner, product.id)[0].what == "role_set"

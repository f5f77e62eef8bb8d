"""Row actions on real services: delete, undo, rights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from components.product_table.callbacks import (
    delete_listed,
    draw_sparklines,
    draw_verdicts,
    list_panel,
    refresh_list,
    small_redshifts,
    undo_delete,
)
from components.product_table.layout import OFFICIAL, USER
from services.container import Container, build_container
from services.context import RequestContext, use_context
from services.database import migrate
from services.errors import InvalidInput, NotAllowed
from services.models.identity import Actor
from services.models.products import NewProduct
from services.settings import Settings
from tests.components.tree import words
from tests.support.ingests import catalogue_csv, ingested


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    built = build_container(settings)
    yield built
    built.engine.dispose()


@pytest.fixture
def owner(container: Container) -> Actor:
    return container.users.create_user("owner", "a long password")


@pytest.fixture
def product_id(container: Container, owner: Actor) -> int:
    product = container.catalog.register(owner, NewProduct("Deep field", "other"))
    return container.catalog.publish(owner, product.id).id


def asking(container: Container, actor: Actor) -> RequestContext:
    return RequestContext(container, actor, "test")


def test_the_list_shows_what_its_address_asks_for(container: Container, owner: Actor, product_id: int) -> None:
    with use_context(asking(container, owner)):
        assert "Deep field" in words(list_panel(USER, {}))
        assert "Deep field" not in words(list_panel(OFFICIAL, {}))
        assert "No product passes" in words(list_panel(USER, {"search": "shallow"}))
        with pytest.raises(InvalidInput):
            list_panel(USER, {"type": "nonsense"})


def test_delete_and_undo(container: Container, owner: Actor, product_id: int) -> None:
    with use_context(asking(container, owner)):
        said = delete_listed(1, product_id)
        assert "Deep field was deleted." in words(said)
        assert "Deep field" not in words(refresh_list(said, "/user_products", ""))
        assert "Deep field is back." in words(undo_delete(1, product_id))
        assert "Deep field" in words(refresh_list(said, "/user_products", "?owner=owner"))


def test_others_cannot_delete(container: Container, product_id: int) -> None:
    stranger = container.users.create_user("stranger", "a long password")
    with use_context(asking(container, stranger)), pytest.raises(NotAllowed):
        delete_listed(1, product_id)


def test_nothing_happens_without_a_click(container: Container, owner: Actor, product_id: int) -> None:
    with use_context(asking(container, owner)):
        for act in (delete_listed, undo_delete):
            with pytest.raises(PreventUpdate):
                act(0, product_id)


def test_products_without_a_table_have_no_picture(container: Container, owner: Actor, product_id: int) -> None:
    with use_context(asking(container, owner)):
        assert small_redshifts(product_id) is None
        assert small_redshifts(999) is None
        assert draw_sparklines([product_id], [{"product": product_id}]) == [None]


def test_verdicts_follow_once_the_checks_have_run(container: Container, owner: Actor) -> None:
    product = ingested(container, owner, catalogue_csv())
    place = {"product": product.id}
    with use_context(RequestContext(container, owner, "r")):
        assert draw_verdicts([product.id, 999], [place, {"product": 999}]) == [None, None]
        report = container.quality.report(owner, product.id)
        (link,) = draw_verdicts([product.id], [place])
        assert draw_verdicts([], [place]) == [no_update]
    assert words(link).casefold() == report.verdict.value
    assert link.href == f"/product/{product.internal_name}?tab=quality"

"""Errors as people see them: every class has a look, unexpected ones tell only their request id."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.errors import STATUS
from components.alerts import LOOK, error_panel, field_errors, look_of, toast
from services import errors
from services.context import RequestContext, use_context
from services.errors import InvalidInput, NotFound, PZServerError


def _classes(root: type[PZServerError]) -> Iterator[type[PZServerError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _classes(kind)


def test_every_error_has_a_look_and_a_status() -> None:
    kinds = {kind for kind in _classes(PZServerError) if kind.__module__ == errors.__name__}
    assert kinds == set(LOOK) == set(STATUS)


def test_a_subclass_looks_like_its_parent() -> None:
    class GoneForGood(NotFound):
        code = "gone"

    assert look_of(GoneForGood("It is gone.")) == LOOK[NotFound]


def test_expected_errors_show_their_sentence() -> None:
    assert "There is no product 7." in str(error_panel(NotFound("There is no product 7.")))


def test_unexpected_errors_show_only_the_request_id() -> None:
    with use_context(RequestContext(None, None, "abc123")):  # type: ignore[arg-type]
        panel = str(error_panel(KeyError("/secret/path")))
    assert "abc123" in panel
    assert "secret" not in panel


def test_good_news_goes_away_by_itself_and_bad_news_stays() -> None:
    assert toast("Saved.", "Product").duration > 0
    assert toast("Not saved.", "Product", "danger").duration is None


@pytest.mark.parametrize(("field", "marks"), [("name", {"name": "Too long."}), (None, {})])
def test_errors_of_fields_are_marked_there(field: str | None, marks: dict[str, str]) -> None:
    assert field_errors(InvalidInput("Too long.", field)) == marks

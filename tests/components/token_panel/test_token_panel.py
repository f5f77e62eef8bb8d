"""API tokens: made, shown once, listed, revoked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from components.token_panel.callbacks import generate_token, revoke_token, tokens_now
from components.token_panel.layout import revoke_question, token_panel, token_table
from services.container import build_container
from services.context import RequestContext, current_actor, use_context
from services.database import migrate
from services.errors import NotFound
from services.models.identity import TokenInfo
from services.settings import Settings
from tests.components.tree import find, words
from tests.components.values import THEN


def token(**more: object) -> TokenInfo:
    facts = {
        "id": 3,
        "label": "laptop",
        "prefix": "3cb61541",
        "created_at": THEN,
        "expires_at": None,
        "last_used_at": None,
    }
    return TokenInfo(**{**facts, **more})  # type: ignore[arg-type]


@pytest.fixture
def signed_in(tmp_path: Path) -> Iterator[RequestContext]:
    settings = Settings(data_dir=tmp_path)
    migrate(settings)
    container = build_container(settings)
    context = RequestContext(container, container.users.create_user("owner", "a long password"), "test")
    with use_context(context):
        yield context
    container.engine.dispose()


def test_the_table_never_shows_a_key() -> None:
    table = token_table([token(last_used_at=THEN)], THEN)
    assert "laptop" in words(table)
    assert "3cb61541…" in words(table)
    (revoke,) = find(table, "Button")
    assert revoke.id == {"type": "token-revoke", "token": 3}
    assert words(revoke) == "Revoke  laptop"


def test_expired_tokens_say_so() -> None:
    assert "expired" in words(token_table([token(expires_at=THEN)], THEN))
    assert "expired" not in words(token_table([token(expires_at=THEN + timedelta(days=1))], THEN))


def test_without_tokens_the_page_says_what_to_do() -> None:
    page = token_panel([], THEN)
    assert "You have no tokens yet" in words(page)
    assert {label.htmlFor for label in find(page, "Label")} == {"token-label", "token-expires", "token-scope"}


def test_the_question_names_the_token() -> None:
    assert "laptop" in words(revoke_question(token()))


def test_generate_list_revoke(signed_in: RequestContext) -> None:
    actor = current_actor()
    issued, table, label, *errors = generate_token(1, "laptop", "30", "all")
    (code,) = find(issued, "Code")
    key = code.children
    assert signed_in.container.tokens.actor_for(key) == actor
    assert "laptop" in words(table)
    assert key not in words(table)
    assert [label, *errors] == ["", "", "", ""]
    (made,) = signed_in.container.tokens.list(actor)
    assert made.scope == "all"
    assert "You have no tokens yet" in words(revoke_token(1, made.id))
    assert signed_in.container.tokens.actor_for(key) is None


def test_refusals_stand_beside_their_field(signed_in: RequestContext) -> None:
    for label, expires, scope, wrong in (
        ("x" * 300, "30", "all", 0),
        ("  ", "30", "all", 0),
        (None, "30", "all", 0),
        ("x", "12345", "all", 1),
        ("x", "30", "everything", 2),
    ):
        *others, label_error, expires_error, scope_error = generate_token(1, label, expires, scope)
        assert others == [no_update] * 3
        marks = [bool(label_error), bool(expires_error), bool(scope_error)]
        assert marks == [place == wrong for place in range(3)]
    assert "You have no tokens yet" in words(tokens_now())


def test_a_token_that_only_reads_says_so(signed_in: RequestContext) -> None:
    generate_token(1, "notebook", "", "read")
    (made,) = signed_in.container.tokens.list(current_actor())
    assert (made.scope, made.is_read_only, made.expires_at) == ("read", True, None)
    assert "only read" in words(token_table([made], THEN))
    assert "only read" not in words(token_table([token()], THEN))


def test_a_strangers_token_cannot_be_revoked(signed_in: RequestContext) -> None:
    stranger = signed_in.container.users.create_user("stranger", "a long password")
    issued = signed_in.container.tokens.create(stranger)
    with pytest.raises(NotFound):
        revoke_token(1, issued.info.id)
    assert signed_in.container.tokens.actor_for(issued.key) == stranger


def test_nothing_happens_without_a_click(signed_in: RequestContext) -> None:
    with pytest.raises(PreventUpdate):
        generate_token(0, "", "30", "all")
    with pytest.raises(PreventUpdate):
        revoke_token(0, 1)

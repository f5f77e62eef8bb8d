"""Making and revoking API tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from components.alerts import field_errors
from components.token_panel.layout import EXPIRIES, Ids, issued_token, revoke_question, token_table
from services.context import current_actor, portal
from services.errors import InvalidInput, NotFound
from services.models.identity import TokenScope


def tokens_now() -> Any:
    """Table of the tokens as they are."""
    return token_table(portal().tokens.list(current_actor()), datetime.now(UTC))


Made = tuple[Any, Any, Any, Any, Any, Any]
"""Outcome, table, label, and what is wrong with label, expiry and scope."""


def generate_token(n_clicks: int | None, label: str | None, expires: str | None, scope: str | None) -> Made:
    """Make a token: the key once, the list, an empty label, and what is wrong beside its field."""
    if not n_clicks:
        raise PreventUpdate
    try:
        token = portal().tokens.create(current_actor(), _named(label), _days(expires), _scope(scope))
    except InvalidInput as error:
        marks = field_errors(error)
        beside = (marks.get("label", ""), marks.get("expires_days", ""), marks.get("scope", ""))
        return no_update, no_update, no_update, *beside
    return issued_token(token), tokens_now(), "", "", "", ""


def _named(label: str | None) -> str:
    if not (label or "").strip():
        raise InvalidInput("Give the token a label, so that you can tell it from others later.", field="label")
    return label or ""


def _scope(scope: str | None) -> TokenScope:
    if scope == "all":
        return "all"
    if scope == "read":
        return "read"
    raise InvalidInput("Choose one of the scopes offered.", field="scope")


def _days(expires: str | None) -> int | None:
    if expires not in dict(EXPIRIES):
        raise InvalidInput("Choose one of the times offered.", field="expires_days")
    return int(expires) if expires else None


def ask_before_revoke(clicks: list[int | None]) -> tuple[Any, int]:
    """Fill the dialog with the token whose Revoke was pressed."""
    if not any(clicks) or ctx.triggered_id is None:
        raise PreventUpdate
    token_id = ctx.triggered_id["token"]
    found = [token for token in portal().tokens.list(current_actor()) if token.id == token_id]
    if not found:
        raise NotFound("You have no such token; it may have been revoked already.")
    return revoke_question(found[0]), token_id


def revoke_token(n_clicks: int | None, token_id: int | None) -> Any:
    """End the token of the dialog."""
    if not n_clicks or token_id is None:
        raise PreventUpdate
    portal().tokens.revoke(current_actor(), token_id)
    return tokens_now()


def change_tokens(
    n_generate: int | None,
    n_revoke: int | None,
    label: str | None,
    expires: str | None,
    scope: str | None,
    token_id: int | None,
) -> Made:
    """Outcome, table, label and field errors after Generate or Revoke."""
    if ctx.triggered_id == Ids.confirm:
        return "The token was revoked.", revoke_token(n_revoke, token_id), *(no_update,) * 4
    return generate_token(n_generate, label, expires, scope)


def register(app: Dash) -> None:
    """Attach the callbacks of the panel."""
    app.callback(
        Output(Ids.question, "children"),
        Output(Ids.chosen, "data"),
        Input(Ids.revoke(ALL), "n_clicks"),
        prevent_initial_call=True,
    )(ask_before_revoke)
    app.callback(
        Output(Ids.outcome, "children"),
        Output(Ids.tokens, "children"),
        Output(Ids.label, "value"),
        Output(Ids.label_error, "children"),
        Output(Ids.expires_error, "children"),
        Output(Ids.scope_error, "children"),
        Input(Ids.generate, "n_clicks"),
        Input(Ids.confirm, "n_clicks"),
        State(Ids.label, "value"),
        State(Ids.expires, "value"),
        State(Ids.scope, "value"),
        State(Ids.chosen, "data"),
        prevent_initial_call=True,
    )(change_tokens)

"""API tokens: make one, see it once, see which there are, revoke."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.dialogs import copy_block, dialog
from components.product_fields import field_group
from components.quantities import date_element
from components.shell.page import empty_state
from services.models.identity import IssuedToken, TokenInfo

EXPIRIES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("", "never"))
DEFAULT_EXPIRY = "365"
HEADINGS = ("Label", "Starts with", "Programs may", "Created", "Expires", "Last used", "Action")
SCOPES = {"all": "read and change", "read": "only read"}


class Ids:
    """Ids of the token panel."""

    label = "token-label"
    label_error = "token-error-label"
    expires = "token-expires"
    expires_error = "token-error-expires"
    scope = "token-scope"
    scope_error = "token-error-scope"
    generate = "token-generate"
    outcome = "token-outcome"
    tokens = "token-list"
    dialog = "token-revoke-dialog"
    question = "token-revoke-question"
    chosen = "token-revoke-chosen"
    confirm = "token-revoke-confirm"

    @staticmethod
    def revoke(token_id: int | Any) -> dict[str, Any]:
        """Id of the Revoke button of a token."""
        return {"type": "token-revoke", "token": token_id}


def token_panel(tokens: Sequence[TokenInfo], now: datetime) -> html.Div:
    """Everything on the page below its heading."""
    return html.Div(
        [
            html.P(
                "A token lets your programs act for you: they see what you see and may do what you may do, or only "
                "read if you say so. Treat it like a password, and make one for each place you use.",
                className="prose",
            ),
            html.Section([html.H2("Generate a token"), token_form(), html.Div(id=Ids.outcome, role="status")]),
            html.Section([html.H2("Your tokens"), html.Div(token_table(tokens, now), id=Ids.tokens)]),
            _revoke_dialog(),
        ],
        className="token-panel",
    )


def token_form() -> html.Div:
    """Label, expiry, scope and the button."""
    label = dbc.Input(id=Ids.label, value="", maxlength=255, autocomplete="off")
    options = [{"label": words, "value": days} for days, words in EXPIRIES]
    expires = dbc.Select(id=Ids.expires, options=options, value=DEFAULT_EXPIRY)
    allowed = [{"label": words, "value": name} for name, words in SCOPES.items()]
    scope = dbc.Select(id=Ids.scope, options=allowed, value="all")
    return html.Div(
        [
            field_group("Label", label, Ids.label_error, "Where you will use it, such as your laptop."),
            field_group("Expires after", expires, Ids.expires_error),
            field_group("Programs may", scope, Ids.scope_error, "Reading includes downloads."),
            html.Button("Generate token", id=Ids.generate, type="button", n_clicks=0, className="btn btn-primary"),
        ],
        className="token-form",
    )


def issued_token(token: IssuedToken) -> html.Div:
    """The key, for the only time."""
    return html.Div(
        [
            html.P(html.Strong("Copy the token now: it is not shown again and not stored.")),
            copy_block(token.key, "your new token"),
        ],
        className="state token-issued",
    )


def token_table(tokens: Sequence[TokenInfo], now: datetime) -> Any:
    """Tokens without their secrets, newest first."""
    if not tokens:
        return empty_state("You have no tokens yet. Generate one above to use the portal from Python.")
    head = html.Tr([html.Th(words, scope="col") for words in HEADINGS])
    table = html.Table(
        [html.Thead(head), html.Tbody([_token_row(token, now) for token in tokens])], className="token-table"
    )
    return html.Div(table, className="table-scroll", tabIndex="0", role="region", **{"aria-label": "Your tokens"})


def _token_row(token: TokenInfo, now: datetime) -> html.Tr:
    name = token.label or "no label"
    revoke = html.Button(
        ["Revoke", html.Span(f" {name}", className="visually-hidden")],
        id=Ids.revoke(token.id),
        type="button",
        n_clicks=0,
        className="btn btn-outline-danger btn-sm",
        **{"data-open-dialog": Ids.dialog, "aria-haspopup": "dialog"},
    )
    return html.Tr(
        [
            html.Th(name, scope="row"),
            html.Td(html.Code(f"{token.prefix}…")),
            html.Td(SCOPES[token.scope]),
            html.Td(date_element(token.created_at)),
            html.Td(_expiry(token, now)),
            html.Td(date_element(token.last_used_at) if token.last_used_at else "never"),
            html.Td(revoke),
        ]
    )


def _expiry(token: TokenInfo, now: datetime) -> Any:
    if token.expires_at is None:
        return "never"
    has_ended = _aware(token.expires_at) <= now
    return [date_element(token.expires_at), html.Span(" expired", className="status-failed") if has_ended else ""]


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _revoke_dialog() -> html.Dialog:
    confirm = html.Button(
        "Revoke",
        id=Ids.confirm,
        type="button",
        n_clicks=0,
        className="btn btn-danger",
        **{"data-close-dialog": ""},
    )
    return dialog(
        Ids.dialog,
        "Revoke this token?",
        html.P(id=Ids.question),
        html.P("Programs that use it stop working at once. This cannot be undone."),
        dcc.Store(id=Ids.chosen),
        actions=(confirm,),
    )


def revoke_question(token: TokenInfo) -> list[Any]:
    """Which token the dialog is about."""
    return [html.Strong(token.label or "no label"), " (", html.Code(f"{token.prefix}…"), ")"]

"""The table from an error of the services to what the eye sees, and the toasts every callback may show."""

from __future__ import annotations

import logging
from typing import Any

import dash_bootstrap_components as dbc
from dash import html, set_props

from services.context import current_context
from services.errors import (
    Conflict,
    InvalidInput,
    MissingColumns,
    NoTable,
    NotAllowed,
    NotATable,
    NotFound,
    NotSignedIn,
    PZServerError,
    StillRunning,
    TooLarge,
    Unavailable,
    UnreadableTable,
)

logger = logging.getLogger(__name__)

TOASTS_ID = "shell-toasts"
TOAST_MS = 8000
"""Long enough to read two sentences; errors stay until closed."""

LOOK: dict[type[PZServerError], tuple[str, str]] = {
    PZServerError: ("danger", "This did not work"),
    NotFound: ("warning", "Not found"),
    NotAllowed: ("warning", "Not allowed"),
    NotSignedIn: ("warning", "Log in again"),
    InvalidInput: ("warning", "Please check"),
    Conflict: ("warning", "Not possible now"),
    MissingColumns: ("warning", "Columns are missing"),
    TooLarge: ("warning", "Too large"),
    NotATable: ("warning", "The file is no table"),
    UnreadableTable: ("warning", "The file cannot be read"),
    NoTable: ("info", "No table"),
    StillRunning: ("info", "Still working"),
    Unavailable: ("danger", "Not available"),
}


def look_of(error: PZServerError) -> tuple[str, str]:
    """Colour and heading of an error: those of the nearest class in the table."""
    return next(LOOK[kind] for kind in type(error).__mro__ if kind in LOOK)


def toast(message: str, title: str, colour: str = "success") -> dbc.Toast:
    """Short message in the corner; warnings and errors stay until they are closed."""
    stays = colour in ("danger", "warning")
    return dbc.Toast(
        html.P(message, className="mb-0"),
        header=title,
        icon=colour,
        dismissable=True,
        duration=None if stays else TOAST_MS,
        is_open=True,
        className="shell-toast",
    )


def show_toast(message: str, title: str, colour: str = "success") -> None:
    """Show a message from inside a callback; other outputs are untouched."""
    set_props(TOASTS_ID, {"children": [toast(message, title, colour)]})


def error_panel(error: Exception) -> html.Section:
    """Panel in the place of content that could not be made: what happened, and the request id when unexpected."""
    heading, sentence = _words(error)
    return html.Section(
        [
            html.H2(heading, className="h5"),
            html.P(sentence),
            html.P([html.A("Try again", href="", className="btn btn-outline-primary btn-sm")], className="mb-0"),
        ],
        className="state state-error",
        role="alert",
    )


def report_callback_error(error: Exception) -> None:
    """Hook of ``Dash(on_error=...)``: a failing callback becomes a toast and changes nothing else."""
    heading, sentence = _words(error)
    colour = look_of(error)[0] if isinstance(error, PZServerError) else "danger"
    show_toast(sentence, heading, colour)


def _words(error: Exception) -> tuple[str, str]:
    if isinstance(error, PZServerError):
        return look_of(error)[1], error.message
    request_id = current_context().request_id
    logger.error("callback failed unexpectedly", extra={"request_id": request_id}, exc_info=error)
    return "The portal failed", f"Something failed inside the portal. It was logged under request id {request_id}."


def field_errors(error: InvalidInput) -> dict[str, Any]:
    """Field name to sentence, for marks beside form fields; empty when the error concerns no field."""
    return {error.field: error.message} if error.field else {}

"""Native dialogs of the browser: it keeps the focus inside, closes on Escape and dims the page behind.

Opened and closed by ``assets/js/dialogs.js``; no callback is needed for that.
"""

from __future__ import annotations

from typing import Any

from dash import html


def dialog(dialog_id: str, title: str, *content: Any, actions: tuple[Any, ...] = ()) -> html.Dialog:
    """Closed dialog with a heading, content and a row of buttons (Close is added)."""
    heading = f"{dialog_id}-title"
    close = html.Button("Close", type="button", className="btn btn-outline-secondary", **{"data-close-dialog": ""})
    return html.Dialog(
        [
            html.H2(title, id=heading, className="h5"),
            *content,
            html.Div([*actions, close], className="dialog-actions"),
        ],
        id=dialog_id,
        className="dialog",
        **{"aria-labelledby": heading},
    )


def opening_button(words: str, dialog_id: str, class_name: str = "btn btn-outline-primary btn-sm") -> html.Button:
    """Button that opens a dialog of the page."""
    return html.Button(
        words, type="button", className=class_name, **{"data-open-dialog": dialog_id, "aria-haspopup": "dialog"}
    )


def copy_button(text: str, what: str) -> html.Button:
    """Button that puts a text on the clipboard; ``what`` is named to people who do not see it."""
    return html.Button(
        "Copy",
        type="button",
        className="btn btn-outline-secondary btn-sm copy-button",
        **{"data-copy": text, "aria-label": f"Copy {what}"},
    )


def copy_block(text: str, what: str) -> html.Div:
    """Lines of code or an address with a Copy button."""
    code = html.Pre(html.Code(text), tabIndex="0", className="copy-code", role="region", **{"aria-label": what})
    return html.Div([code, copy_button(text, what)], className="copy-block")

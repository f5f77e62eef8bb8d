"""A place to drop files on. ``assets/js/uploads.js`` fills it and tells the store what has arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

Staged = Mapping[str, Any]
"""What a zone keeps: ``files`` (staged_id, name, size_bytes each) and ``pending``, how many are on their way."""


def upload_zone(store_id: str, label: str, hint: str, max_bytes: int, *, multiple: bool, error_id: str) -> html.Div:
    """Drop zone with its store; files travel in pieces over the resumable upload route, never through a callback."""
    name_id = f"{store_id}-label"
    zone = html.Div(
        className="upload-zone",
        role="group",
        **{
            "aria-labelledby": name_id,
            "data-upload-zone": store_id,
            "data-upload-multiple": "true" if multiple else "false",
            "data-upload-max-bytes": str(max_bytes),
        },
    )
    return html.Div(
        [
            html.Div(label, id=name_id, className="form-label"),
            html.Div(hint, className="form-text"),
            zone,
            html.Div(id=error_id, className="field-error", role="alert"),
            dcc.Store(id=store_id, data={"files": [], "pending": 0}),
        ],
        className="form-group",
    )


def staged_ids(staged: Staged | None) -> tuple[str, ...]:
    """Ids of the files of a zone that have arrived."""
    return tuple(str(file["staged_id"]) for file in (staged or {}).get("files", ()))


def is_waiting(staged: Staged | None) -> bool:
    """Whether a file of the zone is still on its way."""
    return bool((staged or {}).get("pending"))

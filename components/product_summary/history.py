"""What happened to a product, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html

from components.quantities import date_element
from services.columns.roles import ROLES, role_title
from services.models.products import ProductEvent

_SENTENCES = {
    "registered": "Made",
    "edited": "Edited",
    "published": "Published",
    "deleted": "Deleted",
    "restored": "Restored",
    "file_added": "File added",
    "file_removed": "File removed",
    "read": "Main file read",
    "failed": "Main file could not be read",
    "role_set": "Column role set",
}


def history_list(events: Sequence[ProductEvent]) -> html.Ol:
    """One line an event: day, what, by whom, details."""
    return html.Ol([_event(event) for event in events], className="history")


def _event(event: ProductEvent) -> html.Li:
    who = f" by {event.actor_display_name}" if event.actor_display_name else ""
    details = event_details(event.what, event.details)
    return html.Li(
        [
            date_element(event.happened_at),
            html.Span(f"{event.happened_at:%H:%M} UTC", className="quiet"),
            html.Span([_SENTENCES.get(event.what, event.what), who, f": {details}" if details else ""]),
        ]
    )


def event_details(what: str, details: Mapping[str, object]) -> str:
    """The details of an event in words."""
    if what == "edited":
        changed = details.get("changed")
        return ", ".join(name.replace("_", " ") for name in changed) if isinstance(changed, Mapping) else ""
    if what == "role_set":
        role, band = details.get("role"), details.get("band")
        words = role_title(str(role), str(band) if band else None) if role in ROLES else "no role"
        return f"{details.get('column')} is {words}"
    if what == "read" and isinstance(n_rows := details.get("n_rows"), int):
        return f"{n_rows:,} rows"
    return ", ".join(str(details[name]) for name in ("name", "reason") if details.get(name) is not None)

"""Strip under the head: being read, failed, draft, or nothing to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from components.product_summary.layout import Ids, product_address
from services import product_rules
from services.models.jobs import Job
from services.models.products import Product, ProductColumn, ProductRights, ProductStatus
from services.product_rules import role_titles
from services.product_types import PRODUCT_TYPES


def status_strip(product: Product, rights: ProductRights, job: Job | None, columns: Sequence[ProductColumn]) -> Any:
    """What stands between this product and being used; None for a published one with data."""
    match product.status:
        case ProductStatus.PROCESSING:
            return progress_strip(job)
        case ProductStatus.FAILED:
            return failed_strip(product, rights)
        case ProductStatus.REGISTERING:
            return draft_strip(product, rights, columns)
        case _:
            return None if product.main_file_name else elsewhere_strip()


def elsewhere_strip() -> html.Div:
    """Note on a product that is only described."""
    words = "No main file is stored here: this entry describes data that are kept elsewhere."
    return html.Div(words, className="strip")


def progress_strip(job: Job | None) -> html.Div:
    """How far the reading of the main file is."""
    fraction = job.progress if job else 0.0
    words = (job.message if job else "") or "Waiting for its turn"
    return html.Div(
        [
            html.Div([html.Strong("Reading the main file"), html.Span(f" {words}, {fraction:.0%}")]),
            html.Progress(value=str(round(fraction, 3)), max="1", **{"aria-label": "Reading the main file"}),
            html.P("You can leave this page; the work goes on and this address stays.", className="mb-0 quiet"),
        ],
        className="strip strip-info",
    )


def failed_strip(product: Product, rights: ProductRights) -> html.Div:
    """Why the main file could not be read, and what to do."""
    reason = product.status_reason or "The main file could not be read."
    return html.Div(
        [
            html.Strong("The main file could not be read. "),
            html.P(reason, className="strip-reason"),
            *([_ways_out(product)] if rights.can_edit else []),
        ],
        className="strip strip-error",
        role="alert",
    )


def _ways_out(product: Product) -> html.Div:
    retry = _act_button("Retry", "retry")
    replace = dcc.Link(
        "Replace the file", href=f"/product/edit/{product.internal_name}", className="btn btn-outline-primary btn-sm"
    )
    return html.Div([retry, replace, html.Span("The original stays available for download.")], className="button-row")


def draft_strip(product: Product, rights: ProductRights, columns: Sequence[ProductColumn]) -> html.Div:
    """What a draft lacks, where to set it, and Publish when nothing is missing."""
    missing = missing_roles(product, columns)
    buttons = [_act_button("Publish", "publish")] if rights.can_publish and not missing else []
    words = html.Div([html.Strong("This is a draft. "), *_draft_words(product, columns, missing)])
    return html.Div([words, html.Div(buttons, className="button-row")], className="strip strip-warning")


def _draft_words(product: Product, columns: Sequence[ProductColumn], missing: Sequence[str]) -> list[Any]:
    place = product_address(product, "columns")
    if missing:
        names = html.Strong(", ".join(missing))
        link = dcc.Link("Choose columns", href=place)
        return ["Before it can be published, say which column holds ", names, ". ", link]
    if any(column.needs_confirmation for column in columns):
        return ["Some columns were guessed: ", dcc.Link("confirm or change them", href=place), ", then publish."]
    return ["Only you and the administrators see it."]


def missing_roles(product: Product, columns: Sequence[ProductColumn]) -> tuple[str, ...]:
    """Titles of the roles that publishing needs and no column has; none without a main file."""
    if product.main_file_name is None:
        return ()
    roles = (column.role for column in columns)
    return role_titles(product_rules.missing_roles(PRODUCT_TYPES[product.product_type], roles))


def _act_button(words: str, action: str) -> html.Button:
    return html.Button(
        words,
        id={"type": Ids.act, "index": action},
        type="button",
        className="btn btn-primary btn-sm",
        n_clicks=0,
    )

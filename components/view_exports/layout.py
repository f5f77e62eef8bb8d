"""Buttons that take the whole view away; ``assets/js/report.js`` makes the report from the plots on the page."""

from __future__ import annotations

import json

from dash import html

from components.quantities import count_text
from services.models.products import Product
from services.version import VERSION


def view_tools(product: Product) -> html.Div:
    """Report, PDF and notebook of the view; not to be seen while the cut bar before them is hidden."""
    return html.Div(
        [
            html.Span("Whole view", className="quiet"),
            _button("Report (HTML)", "report", "One file with every plot, its caption and where the numbers come from"),
            _button("Print / PDF", "print", "The same through the print dialog of the browser, as one page"),
            _button("Notebook", "notebook", "A Jupyter notebook that draws this view from Python"),
            html.Span(className="quiet", role="status"),
        ],
        className="view-tools",
        role="group",
        **{"aria-label": "Take the whole view away", "data-report": json.dumps(_facts(product))},
    )


def _button(words: str, view: str, title: str) -> html.Button:
    return html.Button(
        words,
        type="button",
        title=title,
        className="btn btn-outline-secondary btn-sm",
        **{"data-view": view},
    )


def _facts(product: Product) -> dict[str, object]:
    """What the head of a report says of a product."""
    official = "official" if product.official else "user-generated"
    words = [product.product_type_title, product.release_name, product.pz_code, official]
    return {
        "product": product.id,
        "file": product.internal_name,
        "name": product.display_name,
        "lead": " · ".join(word for word in words if word),
        "software": f"PZ Server {VERSION}",
        "rows": [
            ("Product", product.internal_name),
            ("Owner", product.owner_display_name or product.owner_username),
            ("Created", f"{product.created_at:%Y-%m-%d}"),
            ("Main file", product.main_file_name),
            ("SHA-256", product.main_file_sha256),
            ("Rows of the file", count_text(product.n_rows)),
            ("Columns of the file", count_text(product.n_columns)),
        ],
    }

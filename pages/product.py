"""One product: head, state, and one of its tabs."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.column_mapping.layout import empty_panel
from components.cut_bar.layout import cut_bar, cut_line
from components.cut_bar.reading import usable_cut
from components.explore.layout import explore_panel, no_plots
from components.figures.registry import FIGURES
from components.file_list.layout import file_list
from components.markdown import markdown_view
from components.pdf_viewer.layout import pdf_viewer
from components.product_summary.callbacks import strip_of, verdict_of
from components.product_summary.history import history_list
from components.product_summary.layout import Shared, Tab, chosen_tab, product_page
from components.quality_panel.layout import quality_panel
from components.row_table.layout import table_panel, waiting_panel
from components.shell.page import empty_state
from components.view_bar.layout import view_bar
from components.view_bar.view import view_of, view_query
from components.view_exports.layout import view_tools
from services.context import current_actor, current_context, portal
from services.errors import NoTable, StillRunning
from services.models.products import Product
from services.product_types import PRODUCT_TYPES


def title(internal_name: str = "") -> str:
    """Name of the product, for the browser tab."""
    return portal().catalog.find(current_actor(), internal_name).display_name


def layout(internal_name: str = "", tab: str | None = None, cut: str | None = None, **query: str) -> html.Div:
    """Page of the product that the path names."""
    actor, catalog = current_actor(), portal().catalog
    product = catalog.find(actor, internal_name)
    chosen = chosen_tab(product, tab)
    panel = _panel(product, chosen, cut, query)
    rights = catalog.rights(actor, product)
    shared = Shared(cut, view_query(view_of(query)[0]))
    status, verdict = strip_of(product), verdict_of(product)
    return product_page(product, rights, chosen, panel, status, current_context().base_url, shared, verdict)


def _panel(product: Product, tab: Tab, cut: str | None, query: dict[str, str]) -> Any:
    actor, container = current_actor(), portal()
    match tab.name:
        case "files":
            return file_list(container.catalog.files(actor, product.id))
        case "history":
            return history_list(container.catalog.history(actor, product.id))
        case "about":
            return _description(product)
    if product.main_file_name is None:
        return no_plots(product)
    match tab.name:
        case "table":
            columns = container.catalog.columns(actor, product.id)
            return [_cut_line(product, cut), table_panel(columns, _row(product, query))] if columns else waiting_panel()
        case "columns":
            return empty_panel(_place(query.get("from")))
        case "quality":
            return quality_panel()
        case _:
            view = view_bar(*view_of(query), has_metrics=_has_metrics(product))
            bars = [cut_bar(product, cut), view, view_tools(product)]
            return [*bars, explore_panel(product), pdf_viewer(query.get("pdf"))]


def _has_metrics(product: Product) -> bool:
    """Whether products of this type have plots over which requirements can be drawn."""
    names = PRODUCT_TYPES[product.product_type].plots
    return any(FIGURES[name].overlay is not None for name in names if name in FIGURES)


def _cut_line(product: Product, cut: str | None) -> Any:
    """The cut above the table; a table that is being read again has its own words for that."""
    try:
        return cut_line(product, *usable_cut(product.id, cut))
    except (StillRunning, NoTable):
        return None


def _description(product: Product) -> Any:
    if product.description:
        return markdown_view(product.description)
    return empty_state("The owner has not written a description yet.")


def _row(product: Product, query: dict[str, str]) -> int:
    """Number of the row the address asks for, from 1; 0 when there is no such row."""
    text = query.get("row") or ""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    return number if number <= (product.n_rows or 0) else 0


def _place(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 7 else 0


dash.register_page(__name__, path_template="/product/<internal_name>", title=title, order=90)

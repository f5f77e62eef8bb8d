"""One product: head, state, and one of its tabs."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from components.column_mapping.layout import empty_panel
from components.explore.layout import explore_panel, no_plots
from components.file_list.layout import file_list
from components.markdown import markdown_view
from components.product_summary.callbacks import strip_of
from components.product_summary.history import history_list
from components.product_summary.layout import Tab, chosen_tab, product_page
from components.quality_panel.layout import quality_panel
from components.row_table.layout import table_panel, waiting_panel
from components.shell.page import empty_state
from services.context import current_actor, current_context, portal
from services.models.products import Product


def title(internal_name: str = "") -> str:
    """Name of the product, for the browser tab."""
    return portal().catalog.find(current_actor(), internal_name).display_name


def layout(internal_name: str = "", tab: str | None = None, **query: str) -> html.Div:
    """Page of the product that the path names."""
    actor, catalog = current_actor(), portal().catalog
    product = catalog.find(actor, internal_name)
    chosen = chosen_tab(product, tab)
    panel = _panel(product, chosen, query)
    rights = catalog.rights(actor, product)
    return product_page(product, rights, chosen, panel, strip_of(product), current_context().base_url)


def _panel(product: Product, tab: Tab, query: dict[str, str]) -> Any:
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
            return table_panel(columns) if columns else waiting_panel()
        case "columns":
            return empty_panel(_place(query.get("from")))
        case "quality":
            return quality_panel()
        case _:
            return explore_panel(product)


def _description(product: Product) -> Any:
    if product.description:
        return markdown_view(product.description)
    return empty_state("The owner has not written a description yet.")


def _place(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 7 else 0


dash.register_page(__name__, path_template="/product/<internal_name>", title=title, order=90)

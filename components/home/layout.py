"""Home: what this place is, the two lists with their counts, what is new, and how to start from Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from components.dialogs import copy_block
from components.product_summary.layout import product_address
from components.product_table.layout import OFFICIAL, USER, ListKind
from components.quantities import count_text, date_element
from components.shell.page import empty_state
from services.models.products import Product

N_NEWEST = 6
PURPOSE = (
    "Spectroscopic catalogues, training sets, validation results and photo-z tables of the Rubin Observatory and its "
    "community, in one place. Upload a catalogue in any usual format and see within seconds what is in it."
)


class Ids:
    """Ids of the home page."""

    newest = "home-newest"

    @staticmethod
    def sparkline(product_id: int | Any) -> dict[str, Any]:
        """Id of the place of the N(z) picture of a product."""
        return {"type": "home-sparkline", "product": product_id}


def home_page(counts: tuple[int, int], newest: Sequence[Product], base_url: str) -> html.Div:
    """Whole page.

    Parameters
    ----------
    counts : (int, int)
        Published products the person may see: official ones, those of users.
    """
    official, user = counts
    return html.Div(
        [
            html.Div([html.H1("Photo-z Server", className="page-title"), html.P(PURPOSE, className="home-purpose")]),
            html.Div(
                [
                    list_card(OFFICIAL, official, "Curated for a data release of the Rubin Observatory."),
                    list_card(USER, user, "Uploaded by members of the community, who answer for them."),
                ],
                className="home-lists",
            ),
            html.Section([html.H2("Newest products"), newest_products(newest)], className="home-section"),
            html.Section([html.H2("Start from Python"), *python_start(base_url)], className="home-section"),
        ],
        className="page home",
    )


def list_card(kind: ListKind, count: int, sentence: str) -> html.Section:
    """Large card that leads to a list."""
    noun = "product" if count == 1 else "products"
    return html.Section(
        [
            html.H2(dcc.Link(kind.title, href=kind.path, className="home-card-link")),
            html.P(sentence),
            html.P([html.Span(count_text(count), className="home-count"), f" {noun}"], className="home-count-line"),
        ],
        className="home-card",
    )


def newest_products(products: Sequence[Product]) -> Any:
    """Small cards, newest first."""
    if not products:
        upload = dcc.Link("Upload the first product", href="/product/new", className="btn btn-primary")
        return empty_state("Nothing has been published yet.", upload)
    store = dcc.Store(id=Ids.newest, data=[product.id for product in products])
    return html.Div([html.Ul([html.Li(small_card(product)) for product in products], className="home-newest"), store])


def small_card(product: Product) -> html.Article:
    """One product in four lines."""
    rows = f"{count_text(product.n_rows)} rows" if product.n_rows is not None else "no table"
    owner = product.owner_display_name or product.owner_username
    return html.Article(
        [
            html.H3(dcc.Link(product.display_name, href=product_address(product))),
            html.P([product.product_type_title, *([" · ", product.release_name] if product.release_name else [])]),
            html.Div(id=Ids.sparkline(product.id), className="sparkline-place"),
            html.P(
                [
                    rows,
                    " · ",
                    owner,
                    " · ",
                    date_element(product.created_at),
                ]
            ),
        ],
        className="small-card",
    )


def python_start(base_url: str) -> list[Any]:
    """Three lines that list the products, and where the token comes from."""
    lines = (
        "from pzserver import PzServer\n"
        f'pz_server = PzServer(token="<your token>", host="{base_url}/api/")\n'
        "pz_server.display_products_list()"
    )
    token = html.P(["The token comes from ", dcc.Link("API Token", href="/tokens"), "."])
    return [copy_block(lines, "Python lines to start with"), token]

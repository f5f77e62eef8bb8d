"""A product list: rail of filters, table with its sort links, row actions, pages; pure functions of one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dash import dcc, html

from components.dialogs import dialog
from components.product_filters.layout import filter_rail, reset_link
from components.product_filters.url import PAGE_SIZES, has_filters, query_to_url, sorted_by
from components.product_summary.layout import product_address, status_word
from components.product_table.ticks import compare_bar, tick_box
from components.quantities import count_text, date_element, size_text
from components.shell.page import empty_state
from components.verdicts import VERDICT_WORDS
from services.models.products import Facets, Product, ProductPage, ProductQuery, ProductRights, ProductStatus
from services.models.quality import Verdict

TOOLTIP_LENGTH = 300
VALIDATION = "validation_results"
PAGES_AROUND = 2


class Ids:
    """Ids of a product list."""

    panel = "product-list-panel"
    notice = "product-list-notice"
    loaded = "product-list-loaded"
    delete_dialog = "product-list-delete-dialog"
    delete_question = "product-list-delete-question"
    delete_confirm = "product-list-delete-confirm"
    delete_product = "product-list-delete-product"
    undo = "product-list-undo"
    undo_product = "product-list-undo-product"

    @staticmethod
    def delete(product_id: int | Any) -> dict[str, Any]:
        """Id of the Delete button in the row of a product."""
        return {"type": "product-list-delete", "product": product_id}

    @staticmethod
    def sparkline(product_id: int | Any) -> dict[str, Any]:
        """Id of the place of the N(z) picture in the row of a product."""
        return {"type": "product-list-sparkline", "product": product_id}

    @staticmethod
    def verdict(product_id: int | Any) -> dict[str, Any]:
        """Id of the place of the verdict of the checks in the row of a product."""
        return {"type": "product-list-verdict", "product": product_id}


@dataclass(frozen=True, slots=True)
class ListKind:
    """One of the two lists: where it lives and what it is called."""

    path: str
    title: str
    official: bool
    empty_sentence: str


OFFICIAL = ListKind(
    "/official_products",
    "Rubin Observatory PZ Data Products",
    official=True,
    empty_sentence="No official data product has been published yet.",
)
USER = ListKind(
    "/user_products",
    "User-generated Data Products",
    official=False,
    empty_sentence="No data product has been uploaded yet. Yours can be the first.",
)
KINDS = {kind.path: kind for kind in (OFFICIAL, USER)}

COLUMNS: tuple[tuple[str, str | None], ...] = (
    ("Name", "display_name"),
    ("N(z)", None),
    ("Release", "release"),
    ("Product Type", "product_type"),
    ("Owner", "owner"),
    ("Rows", "n_rows"),
    ("Size", "size_bytes"),
    ("QA", None),
    ("Status", "status"),
    ("Created at", "created_at"),
    ("Actions", None),
)
"""Heading of each column, and the field it sorts by."""

_NUMERIC = ("Rows", "Size")


def product_list(
    kind: ListKind, query: ProductQuery, found: ProductPage, facets: Facets, rights: Mapping[int, ProductRights]
) -> html.Div:
    """Rail and table side by side.

    Parameters
    ----------
    rights : mapping
        Product id to what the person may do with it, for every product of the page.
    """
    links = [reset_link(kind.path, query), *_board_link(query)]
    count = html.Div([count_line(found), *links], className="list-count")
    ticked = compare_bar() if found.items else None
    main = html.Div([count, ticked, *_body(kind, query, found, rights)], className="list-main")
    key = query_to_url(kind.path, query)
    return html.Div([filter_rail(kind.path, query, facets), main], className="list-page", key=key)


def list_frame(panel: Any) -> html.Div:
    """Panel with the places that row actions write to."""
    return html.Div(
        [
            html.Div(id=Ids.notice, role="status"),
            html.Div(panel, id=Ids.panel),
            _delete_dialog(),
        ]
    )


def new_product_link() -> dcc.Link:
    """Way to the upload form."""
    return dcc.Link("NEW PRODUCT", href="/product/new", className="btn btn-primary")


def _board_link(query: ProductQuery) -> list[Any]:
    """Way to the leaderboard from a list of validation products."""
    if VALIDATION not in query.product_types:
        return []
    return [dcc.Link("Leaderboard", href="/leaderboard", className="list-board")]


def count_line(found: ProductPage) -> html.P:
    """How many there are and which of them are shown."""
    if not found.total:
        return html.P("No products", role="status")
    first = (found.page - 1) * found.page_size + 1
    last = first + len(found.items) - 1
    noun = "product" if found.total == 1 else "products"
    shown = (
        f", showing {count_text(first)}–{count_text(last)}" if found.total > len(found.items) and found.items else ""
    )
    return html.P(f"{count_text(found.total)} {noun}{shown}", role="status")


def _body(kind: ListKind, query: ProductQuery, found: ProductPage, rights: Mapping[int, ProductRights]) -> list[Any]:
    if found.items:
        return [product_table(kind, query, found.items, rights), pages(kind.path, query, found)]
    if found.total:
        first = dcc.Link("Go to the first page", href=query_to_url(kind.path, replace(query, page=1)))
        return [empty_state("There are fewer pages than that.", first)]
    if has_filters(query):
        return [empty_state("No product passes these filters. Take one out, or clear them all.")]
    return [empty_state(kind.empty_sentence, *([] if kind.official else [new_product_link()]))]


def product_table(
    kind: ListKind, query: ProductQuery, products: Sequence[Product], rights: Mapping[int, ProductRights]
) -> html.Div:
    """Table of products; CSS turns its rows into cards on a phone."""
    head = html.Thead(html.Tr([_heading(kind.path, query, words, field) for words, field in COLUMNS]))
    rows = html.Tbody([product_row(product, rights[product.id]) for product in products])
    caption = html.Caption(kind.title, className="visually-hidden")
    table = html.Table([caption, head, rows], className="product-table")
    return html.Div([table, dcc.Store(id=Ids.loaded, data=[product.id for product in products])])


def _heading(path: str, query: ProductQuery, words: str, field: str | None) -> html.Th:
    class_name = "number" if words in _NUMERIC else ""
    if field is None:
        return html.Th(words, scope="col", className=f"{class_name} unsorted")
    is_current = query.sort.removeprefix("-") == field
    is_down = query.sort.startswith("-")
    arrow = html.Span("↓" if is_down else "↑", className="sort-arrow", **{"aria-hidden": "true"}) if is_current else ""
    link = dcc.Link([words, arrow], href=query_to_url(path, sorted_by(query, field)), className="sort-link")
    state = {"aria-sort": "descending" if is_down else "ascending"} if is_current else {}
    return html.Th(link, scope="col", className=class_name, **state)


def product_row(product: Product, rights: ProductRights) -> html.Tr:
    """One product."""
    return html.Tr(
        [
            _name_cell(product),
            _cell("N(z)", html.Div(id=Ids.sparkline(product.id), className="sparkline-place")),
            _cell("Release", product.release_name or "–"),
            _cell("Product Type", product.product_type_title),
            _cell("Owner", product.owner_display_name or product.owner_username),
            _cell("Rows", count_text(product.n_rows), "number"),
            _cell("Size", size_text(product.size_bytes) if product.size_bytes else "–", "number"),
            _cell("QA", html.Div(id=Ids.verdict(product.id), className="verdict-place")),
            _cell("Status", html.Span(status_word(product), className=_status_class(product.status))),
            _cell("Created at", date_element(product.created_at)),
            _cell("Actions", html.Div(row_actions(product, rights), className="row-actions")),
        ]
    )


def verdict_link(product: Product, verdict: Verdict) -> dcc.Link:
    """Verdict of the checks in one word, leading to them."""
    word, sentence = VERDICT_WORDS[verdict]
    return dcc.Link(
        word, href=product_address(product, "quality"), title=sentence, className=f"status-word verdict-{verdict.value}"
    )


def _name_cell(product: Product) -> html.Th:
    link = dcc.Link(
        product.display_name,
        href=product_address(product),
        title=_shortened(product.description) or product.display_name,
        className="product-name",
    )
    return html.Th(html.Div([tick_box(product), link], className="ticked-name"), scope="row", className="name-cell")


def _cell(label: str, content: Any, class_name: str = "") -> html.Td:
    return html.Td(content, className=class_name, **{"data-label": label})


def _status_class(status: ProductStatus) -> str:
    return f"status-word status-{status.name.lower()}"


def _shortened(text: str | None) -> str:
    words = " ".join((text or "").split())
    return words if len(words) <= TOOLTIP_LENGTH else f"{words[:TOOLTIP_LENGTH].rsplit(' ', 1)[0]} …"


def row_actions(product: Product, rights: ProductRights) -> list[Any]:
    """Download, Share, Edit, Delete; what is not allowed stands there disabled, with the reason."""
    return [_download(product), _share(product), _edit(product, rights), _delete(product, rights)]


def _about(words: str, product: Product) -> list[Any]:
    """Word of a row action with the product it concerns, for people who do not see the row."""
    return [words, html.Span(f" {product.display_name}", className="visually-hidden")]


def _download(product: Product) -> html.A:
    what = "download_main_file" if product.main_file_name else "download"
    title = f"Download {product.main_file_name or 'everything as a zip'}"
    address = f"/api/products/{product.id}/{what}/"
    return html.A(_about("Download", product), href=address, title=title, className="row-action", download="")


def _share(product: Product) -> html.Button:
    return html.Button(
        _about("Share", product),
        type="button",
        title="Copy the address of its page",
        className="row-action",
        **{"data-share": product_address(product)},
    )


def _edit(product: Product, rights: ProductRights) -> Any:
    if not rights.can_edit:
        return _refused("Edit", product, rights.reasons.get("edit"))
    return dcc.Link(_about("Edit", product), href=f"/product/edit/{product.internal_name}", className="row-action")


def _delete(product: Product, rights: ProductRights) -> Any:
    if not rights.can_delete:
        return _refused("Delete", product, rights.reasons.get("delete"))
    return html.Button(
        _about("Delete", product),
        id=Ids.delete(product.id),
        type="button",
        n_clicks=0,
        className="row-action row-action-danger",
        **{"data-open-dialog": Ids.delete_dialog, "aria-haspopup": "dialog"},
    )


def _refused(words: str, product: Product, reason: str | None) -> html.Span:
    why = reason or "Only the owner or an administrator may do this."
    button = html.Button(_about(words, product), type="button", disabled=True, className="row-action")
    return html.Span(button, title=why)


def pages(path: str, query: ProductQuery, found: ProductPage) -> html.Nav | None:
    """Links to the other pages, and to other page sizes; nothing when everything is in sight."""
    if found.total <= min(PAGE_SIZES):
        return None
    last = -(-found.total // found.page_size)
    steps = [_page_link(path, query, number, found.page) for number in _page_numbers(found.page, last)]
    sizes = [_size_link(path, query, size) for size in PAGE_SIZES]
    return html.Nav(
        [html.Ul(steps, className="page-steps"), html.Div(["Rows per page ", *sizes], className="page-sizes")],
        className="list-pages",
        **{"aria-label": "Pages"},
    )


def _page_numbers(here: int, last: int) -> list[int | None]:
    """First, last and the neighbours of this page; None where some are left out."""
    near = range(max(1, here - PAGES_AROUND), min(last, here + PAGES_AROUND) + 1)
    wanted = sorted({1, last, *near})
    steps: list[int | None] = []
    for number in wanted:
        if steps and number - (steps[-1] or 0) > 1:
            steps.append(None)
        steps.append(number)
    return steps


def _page_link(path: str, query: ProductQuery, number: int | None, here: int) -> html.Li:
    if number is None:
        return html.Li("…")
    words = [html.Span("Page ", className="visually-hidden"), count_text(number)]
    if number == here:
        return html.Li(html.Span(words, className="page-step is-here"), **{"aria-current": "page"})
    return html.Li(dcc.Link(words, href=query_to_url(path, replace(query, page=number)), className="page-step"))


def _size_link(path: str, query: ProductQuery, size: int) -> Any:
    if size == query.page_size:
        return html.Span(str(size), className="page-step is-here")
    return dcc.Link(str(size), href=query_to_url(path, replace(query, page_size=size, page=1)), className="page-step")


def _delete_dialog() -> html.Dialog:
    confirm = html.Button(
        "Delete",
        id=Ids.delete_confirm,
        type="button",
        n_clicks=0,
        className="btn btn-danger",
        **{"data-close-dialog": ""},
    )
    return dialog(
        Ids.delete_dialog,
        "Delete this product?",
        html.P(id=Ids.delete_question),
        html.P("It vanishes from every list and its address stops working. You can undo this right after."),
        dcc.Store(id=Ids.delete_product),
        actions=(confirm,),
    )


def delete_question(product: Product) -> list[Any]:
    """Which product the dialog is about."""
    return [html.Strong(product.display_name), f" by {product.owner_display_name or product.owner_username}"]


def notice(words: str, undo_product: Product | None = None) -> list[Any]:
    """Line above the list after something was done, with the way back where there is one."""
    if undo_product is None:
        return [html.Div(html.P(words), className="list-notice")]
    undo = html.Button("Undo", id=Ids.undo, type="button", n_clicks=0, className="btn btn-outline-primary btn-sm")
    return [
        html.Div([html.P(words), undo, dcc.Store(id=Ids.undo_product, data=undo_product.id)], className="list-notice")
    ]

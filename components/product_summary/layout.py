"""Product page: head, where the product stands, tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from components.compare.address import compare_address
from components.cut_bar.reading import readable_cut
from components.delete_dialog.layout import Ids as DeleteIds
from components.delete_dialog.layout import delete_dialog
from components.dialogs import copy_block, copy_button, dialog, opening_button
from components.quantities import count_text, date_element, size_text
from components.share_dialog.layout import Ids as ShareIds
from components.share_dialog.layout import share_dialog
from components.shell.page import breadcrumbs
from components.verdicts import VERDICT_WORDS
from services.models.products import Product, ProductRights, ProductStatus
from services.models.quality import Verdict
from services.product_types import PRODUCT_TYPES

WATCH_MS = 1000
"""How often the page asks for progress while a file is being read."""


LONGEST_PLAIN_NAME = 60
"""Characters of a name that are always shown whole in the heading."""


class Ids:
    """Ids of the product page."""

    product = "product-id"
    revision = "product-revision"
    watch = "product-watch"
    head = "product-head"
    status = "product-status"
    act = "product-act"
    acted = "product-acted"
    roles_changed = "product-roles-changed"
    python = "product-python-dialog"
    cut = "product-cut"
    view = "product-view"
    log = "product-log"
    tab = "product-tab"
    compare = "product-compare"


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: its word in the address and the words on it."""

    name: str
    title: str
    needs_file: bool = False
    needs_table: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """What an address brings along and every tab hands on: the cut, and the parameters of the view."""

    cut: str | None = None
    view: Mapping[str, str] = field(default_factory=dict)


TABS = (
    Tab("explore", "Explore", needs_file=True),
    Tab("table", "Table", needs_file=True, needs_table=True),
    Tab("columns", "Columns", needs_file=True, needs_table=True),
    Tab("quality", "Quality", needs_file=True, needs_table=True),
    Tab("about", "Description"),
    Tab("files", "Files"),
    Tab("history", "History"),
)


def product_address(
    product: Product, tab: str = "", cut: str | None = None, view: Mapping[str, str] | None = None
) -> str:
    """Path of a product page, of one of its tabs when named, with a cut and a view when there are any."""
    facts = {"tab": tab, "cut": cut, **(view or {})}
    query = urlencode({name: value for name, value in facts.items() if value})
    return f"/product/{product.internal_name}" + (f"?{query}" if query else "")


def chosen_tab(product: Product, wanted: str | None) -> Tab:
    """The tab an address asks for; Explore for types that are tables, Description for all others."""
    by_name = {tab.name: tab for tab in TABS}
    default = "explore" if PRODUCT_TYPES[product.product_type].is_tabular and product.main_file_name else "about"
    return by_name.get(wanted or "", by_name[default])


def product_page(
    product: Product,
    rights: ProductRights,
    tab: Tab,
    panel: Any,
    status: Any,
    base_url: str,
    shared: Shared | None = None,
    verdict: Verdict | None = None,
) -> html.Div:
    """Whole page of one product; deleting it replaces everything inside. All tabs carry cut and view of the address."""
    shared = shared or Shared()
    return html.Div(
        [
            breadcrumbs(product.display_name, (_list_crumb(product),)),
            html.Div(head(product, rights, shared.cut, verdict), id=Ids.head),
            html.Div(status, id=Ids.status, **{"aria-live": "polite"}),
            _tab_bar(product, tab, shared),
            html.Div(panel, className="tab-panel"),
            share_dialog(product, base_url + product_address(product)),
            delete_dialog(product),
            _python_dialog(product, base_url),
            dcc.Store(id=Ids.product, data=product.id),
            dcc.Store(id=Ids.revision, data=revision(product)),
            dcc.Store(id=Ids.cut, data=shared.cut),
            dcc.Store(id=Ids.view, data={name: words for name, words in shared.view.items() if name != "log"}),
            dcc.Store(id=Ids.log, data=[name for name in shared.view.get("log", "").split(",") if name]),
            dcc.Store(id=Ids.acted),
            dcc.Store(id=Ids.roles_changed),
            dcc.Interval(id=Ids.watch, interval=WATCH_MS, disabled=not is_moving(product)),
        ],
        id=DeleteIds.place,
        className="page product-page",
    )


def revision(product: Product) -> str:
    """Word that changes whenever the product does."""
    return f"{product.updated_at.isoformat()}/{int(product.status)}/{product.n_rows}"


def is_moving(product: Product) -> bool:
    """Whether the page should ask again by itself."""
    return product.status is ProductStatus.PROCESSING


def _list_crumb(product: Product) -> tuple[str, str]:
    if product.official:
        return "Rubin Observatory PZ Data Products", "/official_products"
    return "User-generated Data Products", "/user_products"


def head(product: Product, rights: ProductRights, cut: str | None = None, verdict: Verdict | None = None) -> list[Any]:
    """Name, chips, facts and actions.

    ``cut`` goes along to where the product is compared, ``verdict`` is that of the checks, once they have run.
    """
    return [
        html.Div([_title(product.display_name), _chips(product, verdict)], className="product-title"),
        _facts(product),
        html.Div(_actions(product, rights, cut), className="button-row product-actions"),
    ]


def _title(name: str) -> html.H1:
    """Heading; a name that would fill a phone is cut to two lines and shown whole when it has the focus."""
    if len(name) <= LONGEST_PLAIN_NAME:
        return html.H1(name, className="page-title")
    return html.H1(name, className="page-title long-name", title=name, tabIndex="0")


def _chips(product: Product, verdict: Verdict | None) -> html.Ul:
    words = [product.product_type_title, product.release_name, product.pz_code]
    chips = [html.Li("Official", className="chip chip-official")] if product.official else []
    chips += [html.Li(word, className="chip") for word in words if word]
    chips.append(html.Li(_visibility(product), className="chip"))
    if product.status is not ProductStatus.PUBLISHED:
        chips.append(html.Li(status_word(product), className=f"chip chip-{product.status.label.lower()}"))
    if verdict is not None:
        chips.append(_verdict_chip(product, verdict))
    return html.Ul(chips, className="chips", **{"aria-label": "Properties"})


def _verdict_chip(product: Product, verdict: Verdict) -> html.Li:
    """What the checks came to, as lists tell it, leading to them."""
    word, sentence = VERDICT_WORDS[verdict]
    style = f"chip-link status-word verdict-{verdict.value}"
    link = dcc.Link(f"Checks: {word}", href=product_address(product, "quality"), title=sentence, className=style)
    return html.Li(link, className="chip chip-verdict")


def status_word(product: Product) -> str:
    """Status as people say it."""
    return "Draft" if product.status is ProductStatus.REGISTERING else product.status.label


def _visibility(product: Product) -> str:
    if product.status is not ProductStatus.PUBLISHED:
        return "Visible to you"
    return "Visible to groups of its release" if product.release_group_ids else "Visible to all users"


def _facts(product: Product) -> html.Dl:
    facts: list[tuple[str, Any]] = [
        ("Owner", product.owner_display_name or product.owner_username),
        ("Created", date_element(product.created_at)),
        ("Updated", date_element(product.updated_at)),
        ("Rows", count_text(product.n_rows)),
        ("Columns", count_text(product.n_columns)),
        ("Size", size_text(product.size_bytes) if product.size_bytes else "–"),
    ]
    if sha := product.main_file_sha256:
        facts.append(("SHA-256", [html.Code(sha[:12], title=sha), copy_button(sha, "SHA-256 of the main file")]))
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts")


def _actions(product: Product, rights: ProductRights, cut: str | None) -> list[Any]:
    main = f"/api/products/{product.id}/download_main_file"
    everything = f"/api/products/{product.id}/download"
    actions = [_button_link("Download everything (zip)", everything)]
    if product.main_file_name:
        actions.insert(0, _button_link("Download main file", main, "btn btn-primary btn-sm"))
    return [
        *actions,
        opening_button("Share", ShareIds.dialog),
        opening_button("Use in Python", Ids.python),
        *_compare_link(product, cut),
        _edit_link(product, rights),
        _delete_button(rights),
    ]


def _compare_link(product: Product, cut: str | None) -> list[Any]:
    """Way to put it beside others; nothing for a product without a table. A cut that cannot be read stays behind."""
    if product.n_columns is None:
        return []
    href = compare_address(product.internal_name, cut=readable_cut(cut))
    place = {"type": Ids.compare, "index": product.internal_name}
    return [dcc.Link("Compare", id=place, href=href, className="btn btn-outline-primary btn-sm")]


def _button_link(words: str, href: str, class_name: str = "btn btn-outline-primary btn-sm") -> html.A:
    return html.A(words, href=href, className=class_name, download="")


def _edit_link(product: Product, rights: ProductRights) -> Any:
    if rights.can_edit:
        return dcc.Link(
            "Edit", href=f"/product/edit/{product.internal_name}", className="btn btn-outline-primary btn-sm"
        )
    return _refused("Edit", rights.reasons.get("edit"))


def _delete_button(rights: ProductRights) -> Any:
    if rights.can_delete:
        return opening_button("Delete", DeleteIds.dialog, "btn btn-outline-danger btn-sm")
    return _refused("Delete", rights.reasons.get("delete"))


def _refused(words: str, reason: str | None) -> html.Span:
    button = html.Button(words, type="button", disabled=True, className="btn btn-outline-secondary btn-sm")
    return html.Span(button, title=reason or "Only the owner or an administrator may do this.")


def _tab_bar(product: Product, current: Tab, shared: Shared) -> html.Nav:
    tabs = [tab for tab in TABS if tab == current or _is_offered(tab, product)]
    return html.Nav(
        html.Ul([_tab(product, tab, shared, is_current=tab == current) for tab in tabs]),
        className="tabs",
        **{"aria-label": "Tabs"},
    )


def _is_offered(tab: Tab, product: Product) -> bool:
    """Whether a tab can show something: a published main file without columns is read, and is no table."""
    is_no_table = product.status is ProductStatus.PUBLISHED and product.n_columns is None
    return not (tab.needs_file and not product.main_file_name) and not (tab.needs_table and is_no_table)


def _tab(product: Product, tab: Tab, shared: Shared, *, is_current: bool) -> html.Li:
    link = dcc.Link(
        tab.title,
        id={"type": Ids.tab, "index": tab.name},
        href=product_address(product, tab.name, shared.cut, shared.view),
        className="tab active" if is_current else "tab",
    )
    return html.Li(link, **({"aria-current": "page"} if is_current else {}))


def python_snippet(product: Product, base_url: str) -> str:
    """Lines that fetch the product with the Python client."""
    lines = [
        "from pzserver import PzServer",
        "",
        f'pz_server = PzServer(token="<your token>", host="{base_url}/api/")',
    ]
    if PRODUCT_TYPES[product.product_type].is_tabular and product.main_file_name:
        lines.append(f"catalog = pz_server.get_product({product.id})")
    else:
        lines.append(f'pz_server.download_product({product.id}, save_in=".")')
    return "\n".join(lines)


def _python_dialog(product: Product, base_url: str) -> html.Dialog:
    token = html.P(["The token comes from ", dcc.Link("API Token", href="/tokens"), " in your menu."])
    return dialog(
        Ids.python,
        "Use in Python",
        copy_block(python_snippet(product, base_url), "Python lines for this product"),
        token,
    )

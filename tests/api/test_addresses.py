"""Addresses: canonical ones, other spellings, and honest statuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from services.models.products import Product
from tests.support.live import Live
from tests.support.products import draft, published


@pytest.fixture(scope="module")
def product(live: Live) -> Product:
    """A published product of owner1."""
    return published(live.container, live.people["owner1"], "Deep Field")


@pytest.fixture(scope="module")
def hidden(live: Live) -> Iterator[Product]:
    """A draft of owner1, which nobody else may know of."""
    return draft(live.container, live.people["owner1"], "Secret Field")


@pytest.mark.parametrize("spelling", ["/product/{id}", "/products/{id}", "/products/{name}", "/product/{name}/"])
def test_other_spellings_lead_to_the_canonical_address(
    live: Live, stranger: requests.Session, product: Product, spelling: str
) -> None:
    path = spelling.format(id=product.id, name=product.internal_name)
    answer = stranger.get(f"{live.url}{path}?tab=table&x=%2F", allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/product/{product.internal_name}?tab=table&x=%2F"


@pytest.mark.parametrize(
    ("alias", "target"), [("/oficial_products", "/official_products"), ("/upload", "/product/new")]
)
def test_aliases_lead_on(live: Live, owner: requests.Session, alias: str, target: str) -> None:
    answer = owner.get(f"{live.url}{alias}?search=a", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{target}?search=a")


def test_the_canonical_address_answers(live: Live, stranger: requests.Session, product: Product) -> None:
    answer = stranger.get(f"{live.url}/product/{product.internal_name}", allow_redirects=False)
    assert answer.status_code == 200


def test_hidden_and_unknown_products_answer_alike(
    live: Live, owner: requests.Session, stranger: requests.Session, hidden: Product
) -> None:
    for path in (f"/product/{hidden.internal_name}", f"/product/{hidden.id}", "/product/99999", "/products/no_such"):
        assert stranger.get(live.url + path, allow_redirects=False).status_code == 404
    assert owner.get(f"{live.url}/product/{hidden.internal_name}", allow_redirects=False).status_code == 200


def test_only_the_owner_and_admins_may_open_the_edit_page(
    live: Live, owner: requests.Session, stranger: requests.Session, product: Product
) -> None:
    path = f"{live.url}/product/edit/{product.internal_name}"
    assert owner.get(path).status_code == 200
    assert stranger.get(path).status_code == 403
    assert live.session("curator").get(path).status_code == 200
    assert stranger.get(f"{live.url}/product/edit/no_such").status_code == 404


@pytest.mark.parametrize("path", ["/nowhere", "/about/more", "/product", "/product/a/b/c", "/.env", "/etc/passwd"])
def test_unknown_addresses_answer_404_with_a_page(live: Live, owner: requests.Session, path: str) -> None:
    answer = owner.get(live.url + path, allow_redirects=False)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/api/nothing/", "/files/nothing/else"])
def test_unknown_addresses_of_programs_answer_404_in_json(live: Live, owner: requests.Session, path: str) -> None:
    answer = owner.get(live.url + path, allow_redirects=False)
    assert answer.status_code == 404
    assert answer.json()["detail"]


def test_files_outside_the_assets_stay_outside(live: Live) -> None:
    for path in ("/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/..%2fapp.py", "/assets/%2e%2e%2fapp.py"):
        answer = requests.Request("GET", live.url).prepare()
        answer.url = live.url + path
        with requests.Session() as session:
            assert session.send(answer, allow_redirects=False).status_code in (302, 404)

"""Products over HTTP: making and reading them, and every refusal on the way."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from services.models.products import ProductStatus
from tests.support.live import Live
from tests.support.products import draft, published, with_status

FIELDS = [
    "id",
    "internal_name",
    "display_name",
    "product_type_name",
    "release_name",
    "uploaded_by",
    "official_product",
    "pz_code",
    "description",
    "created_at",
    "product_type",
    "product_type_internal_name",
    "release",
    "updated_at",
    "status",
    "product_status",
    "is_owner",
    "can_delete",
    "can_update",
    "origin",
    "process_id",
    "process_status",
    "release_year",
]
AS_CLIENTS_SEND = {
    "display_name": "Deep field",
    "product_type": 2,
    "release": None,
    "official_product": False,
    "pz_code": None,
    "description": "text",
    "status": 0,
}


def count(live: Live) -> int:
    """Drafts of owner1: what a refused creation must leave as it is."""
    session = live.token_session("owner1")
    return int(session.get(f"{live.url}/api/products/?status=0&uploaded_by=owner1").json()["count"])


def test_a_product_has_the_fields_of_the_contract_in_its_order(api: str, owner1: requests.Session) -> None:
    done = owner1.post(f"{api}products/", json=AS_CLIENTS_SEND)
    made = done.json()
    assert (done.status_code, done.headers["Content-Type"]) == (201, "application/json")
    assert list(made) == FIELDS
    assert made == {
        **made,
        "internal_name": f"{made['id']}_deep_field",
        "display_name": "Deep field",
        "product_type": 2,
        "product_type_name": "Training Set",
        "product_type_internal_name": "training_set",
        "release": None,
        "release_name": None,
        "uploaded_by": "owner1",
        "official_product": False,
        "pz_code": None,
        "description": "text",
        "status": 0,
        "product_status": "Registering",
        "is_owner": True,
        "can_delete": True,
        "can_update": True,
        "origin": "Upload",
        "process_id": None,
        "process_status": None,
        "release_year": None,
    }
    for moment in (made["created_at"], made["updated_at"]):
        assert (moment[10], moment[-1], len(moment)) == ("T", "Z", 27)
    assert owner1.get(f"{api}products/{made['id']}/").json() == made
    assert owner1.get(f"{api}products/", params={"internal_name": made["internal_name"]}).json()["results"] == [made]


@pytest.mark.parametrize("kind", [2, "2", "training_set", "Training Set", "TRAINING SET"])
@pytest.mark.parametrize("encoding", ["json", "form", "multipart"])
def test_types_and_releases_are_taken_by_id_and_by_words(
    api: str, owner1: requests.Session, releases: dict[str, int], kind: object, encoding: str
) -> None:
    for release in (releases["open"], "PROD-open", "products open"):
        fields = {"display_name": "By word", "product_type": kind, "release": release}
        sent: dict[str, Any] = {"json": {"json": fields}, "form": {"data": fields}}.get(
            encoding, {"files": {name: (None, str(value)) for name, value in fields.items()}}
        )
        made = owner1.post(f"{api}products", **sent)
        assert made.status_code == 201, made.text
        assert (made.json()["product_type"], made.json()["release"]) == (2, releases["open"])


@pytest.mark.parametrize("alias", ["specz_catalog", "Spec-z Catalog", "Redshift Catalog", "Reference Redshift Catalog"])
def test_older_names_of_types_are_taken(api: str, owner1: requests.Session, alias: str) -> None:
    made = owner1.post(f"{api}products/", json={"display_name": "Alias", "product_type": alias})
    assert made.json()["product_type_internal_name"] == "redshift_catalog"


REFUSED: tuple[tuple[dict[str, Any], int, str | None], ...] = (
    ({"display_name": None}, 400, "display_name"),
    ({"display_name": ""}, 400, "display_name"),
    ({"display_name": "  \t "}, 400, "display_name"),
    ({"display_name": "x" * 256}, 400, "display_name"),
    ({"display_name": 5}, 400, "display_name"),
    ({"display_name": ["x"]}, 400, "display_name"),
    ({"product_type": None}, 400, "product_type"),
    ({"product_type": ""}, 400, "product_type"),
    ({"product_type": 99}, 400, "product_type"),
    ({"product_type": True}, 400, "product_type"),
    ({"product_type": "nonsense"}, 400, "product_type"),
    ({"product_type": "nonsense", "official_product": True}, 400, "product_type"),
    ({"release": 9999}, 400, "release"),
    ({"release": "nowhere"}, 400, "release"),
    ({"release": True}, 400, "release"),
    ({"release": "prod-closed"}, 403, None),
    ({"release": "prod-closed", "product_type": 1}, 403, None),
    ({"release": "prod-open", "product_type": 1}, 400, "release"),
    ({"pz_code": "BPZ", "product_type": 1}, 400, "pz_code"),
    ({"pz_code": "BPZ", "product_type": 2}, 400, "pz_code"),
    ({"pz_code": "BPZ", "product_type": 5, "official_product": True}, 400, "pz_code"),
    ({"pz_code": "x" * 56, "product_type": 3}, 400, "pz_code"),
    ({"official_product": True}, 403, None),
    ({"official_product": True, "status": 1}, 403, None),
    ({"official_product": "maybe"}, 400, "official_product"),
    ({"description": "x" * 100_001}, 400, "description"),
    ({"status": 1}, 400, "status"),
    ({"status": 5}, 400, "status"),
    ({"status": "abc"}, 400, "status"),
    ({"release_year": 26}, 400, "release_year"),
)


def test_refused_products_leave_nothing_behind(
    live: Live, api: str, owner1: requests.Session, releases: dict[str, int]
) -> None:
    before = count(live)
    newest = draft(live.container, live.people["owner1"]).id
    for fields, status, field in REFUSED:
        done = owner1.post(f"{api}products/", json={**AS_CLIENTS_SEND, **fields})
        assert done.status_code == status, (fields, done.text)
        body = done.json()
        assert isinstance(body["detail"], str)
        if field:
            assert all(isinstance(reason, str) for reason in body[field]), fields
    assert count(live) == before + 1
    assert owner1.post(f"{api}products/", json=AS_CLIENTS_SEND).json()["id"] == newest + 1


def test_both_missing_fields_are_named(api: str, owner1: requests.Session) -> None:
    bodies: tuple[dict[str, Any], ...] = ({"json": {}}, {"data": {}}, {"json": {"description": "x"}})
    for sent in bodies:
        body = owner1.post(f"{api}products/", **sent).json()
        assert body["display_name"] == body["product_type"] == ["Field required."]


@pytest.mark.parametrize("sent", [b"{", b"[]", b"[1]", b'"x"', b"null", b"\xff", b"{" * 5000, b'{"a":' * 5000])
def test_broken_bodies_are_refused(api: str, owner1: requests.Session, sent: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    for method, path in (("POST", "products/"), ("PATCH", "products/1/")):
        done = owner1.request(method, api + path, data=sent, headers=headers)
        assert done.status_code == 400, done.text
        assert isinstance(done.json()["detail"], str)


def test_admins_make_official_products_in_any_release(
    api: str, curator: requests.Session, releases: dict[str, int]
) -> None:
    fields = {"display_name": "Official", "product_type": 4, "official_product": True, "release": releases["closed"]}
    made = curator.post(f"{api}products/", json=fields).json()
    assert (made["official_product"], made["release_name"]) == (True, "Products Closed")


def test_unknown_and_hidden_products_are_not_found(live: Live, api: str, owner2: requests.Session) -> None:
    hidden = draft(live.container, live.people["owner1"], "Hidden")
    gone = published(live.container, live.people["owner2"], "Gone")
    live.container.catalog.delete(live.people["owner2"], gone.id)
    addresses = [hidden.id, gone.id, 2**31, 10**20, 999_999, "None", "abc", "+7", "007", "%207", "-1", "1.0", "\u0661"]
    for address in addresses:
        for method in ("GET", "PATCH", "DELETE"):
            done = owner2.request(method, f"{api}products/{address}/")
            assert done.status_code == 404, (method, address)
            assert isinstance(done.json()["detail"], str)


def test_others_see_what_is_published_and_change_nothing(live: Live, api: str, owner2: requests.Session) -> None:
    made = published(live.container, live.people["owner1"], "Seen")
    seen = owner2.get(f"{api}products/{made.id}/").json()
    assert (seen["is_owner"], seen["can_delete"], seen["can_update"]) == (False, False, False)
    changed = owner2.patch(f"{api}products/{made.id}/", data={"description": "x"})
    deleted = owner2.delete(f"{api}products/{made.id}/")
    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert live.container.catalog.get(live.people["owner1"], made.id) == made


def test_the_oldest_draft_waits_for_publication(live: Live, api: str) -> None:
    session = live.token_session("demo")
    assert session.get(f"{api}products/pending_publication/").json() == {"product": None}
    first = draft(live.container, live.people["demo"], "First draft")
    draft(live.container, live.people["demo"], "Second draft")
    waiting = session.get(f"{api}products/pending_publication/").json()["product"]
    assert (waiting["id"], list(waiting)) == (first.id, FIELDS)


def test_other_methods_are_refused(live: Live, api: str, owner1: requests.Session) -> None:
    made = published(live.container, live.people["owner1"], "Methods")
    refused = [("PUT", f"products/{made.id}/", {"GET", "PATCH", "DELETE"}), ("PUT", "products/", {"GET", "POST"})]
    refused += [("DELETE", "products/", {"GET", "POST"}), ("POST", "products-specz/", {"GET"})]
    refused += [(method, f"products-specz/{made.id}/", {"GET"}) for method in ("PUT", "PATCH", "DELETE")]
    for method, path, allowed in refused:
        done = owner1.request(method, api + path, json={})
        assert (done.status_code, "detail" in done.json()) == (405, True), (method, path)
        assert allowed <= set(done.headers["Allow"].split(", "))


def test_nothing_without_a_token(api: str) -> None:
    for method, path in (("GET", "products/"), ("OPTIONS", "products/"), ("POST", "products/"), ("GET", "products/1/")):
        for headers in ({}, {"Authorization": "Token " + "0" * 40}):
            done = requests.request(method, api + path, headers=headers)
            assert (done.status_code, "detail" in done.json()) == (401, True), (method, path)


def test_reading_tokens_do_not_write(live: Live, api: str) -> None:
    made = published(live.container, live.people["owner1"], "Read")
    key = live.container.tokens.create(live.people["owner1"], "reads", scope="read").key
    headers = {"Authorization": f"Bearer {key}"}
    assert requests.get(f"{api}products/{made.id}/", headers=headers).status_code == 200
    for method, path in (("POST", ""), ("PATCH", f"{made.id}/"), ("DELETE", f"{made.id}/")):
        done = requests.request(method, f"{api}products/{path}", headers=headers, json=AS_CLIENTS_SEND)
        assert done.status_code == 403, (method, done.text)


def test_spec_z_catalogues_have_a_list_of_their_own(live: Live, api: str, owner1: requests.Session) -> None:
    owner = live.people["owner1"]
    made = published(live.container, owner, "A catalogue", "specz_catalog")
    others = [draft(live.container, owner, "Draft", "specz_catalog"), published(live.container, owner, "Other")]
    listed = owner1.get(f"{api}products-specz/", params={"status": "0", "ordering": "id"}).json()
    assert listed["count"] == 0
    rows = owner1.get(f"{api}products-specz/?uploaded_by=owner1").json()["results"]
    assert {(row["product_type"], row["status"]) for row in rows} == {(1, 1)}
    assert made.id in [row["id"] for row in rows]
    assert owner1.get(f"{api}products-specz/{made.id}").json() == owner1.get(f"{api}products/{made.id}").json()
    assert [owner1.get(f"{api}products-specz/{other.id}/").status_code for other in others] == [404, 404]


def test_failed_products_tell_nobody_else(live: Live, api: str, owner1: requests.Session) -> None:
    made = draft(live.container, live.people["owner1"], "Failed")
    with_status(live.container, made, ProductStatus.FAILED, "why")
    assert owner1.get(f"{api}products/{made.id}/").json()["product_status"] == "Failed"
    assert live.token_session("owner2").get(f"{api}products/{made.id}/").status_code == 404
    assert live.token_session("curator").get(f"{api}products/{made.id}/").status_code == 200

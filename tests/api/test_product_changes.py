"""Products over HTTP, once they are there: changed, published, deleted, and every refusal on the way."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.support.live import Live
from tests.support.products import draft, published, with_columns, with_file


def test_admins_may_change_but_are_no_owners(live: Live, api: str, curator: requests.Session) -> None:
    made = published(live.container, live.people["owner1"], "Of another")
    seen = curator.patch(f"{api}products/{made.id}/", data={"official_product": "true"}).json()
    assert (seen["is_owner"], seen["can_delete"], seen["can_update"]) == (False, True, True)
    assert seen["official_product"] is True


def test_forms_change_and_clear(live: Live, api: str, owner1: requests.Session, releases: dict[str, int]) -> None:
    made = draft(live.container, live.people["owner1"], "Fields", "photoz_table")
    address = f"{api}products/{made.id}"
    full = {"display_name": " New name ", "release": "prod-open", "pz_code": "BPZ", "description": "d"}
    changed = owner1.patch(address, data={**full, "release_year": "2026"}).json()
    assert (changed["display_name"], changed["release"], changed["pz_code"]) == ("New name", releases["open"], "BPZ")
    assert (changed["description"], changed["release_year"]) == ("d", 2026)
    assert changed["internal_name"] == made.internal_name
    cleared = owner1.patch(address, data=dict.fromkeys(("release", "pz_code", "description", "release_year"), ""))
    assert [cleared.json()[name] for name in ("release", "pz_code", "description", "release_year")] == [None] * 4
    owner1.patch(address, json=full)
    nulled = owner1.patch(address, json={"release": None, "pz_code": None, "description": None}).json()
    assert [nulled[name] for name in ("release", "pz_code", "description")] == [None] * 3
    for empty in ("display_name", "status", "official_product"):
        done = owner1.patch(address, data={empty: ""})
        assert (done.status_code, empty in done.json()) == (400, True)


CHANGES: tuple[tuple[str, dict[str, Any], int, str | None], ...] = (
    ("specz_catalog", {"release": "prod-open"}, 400, "release"),
    ("specz_catalog", {"pz_code": "BPZ"}, 400, "pz_code"),
    ("training_set", {"pz_code": "BPZ"}, 400, "pz_code"),
    ("training_results", {"pz_code": "BPZ"}, 400, "pz_code"),
    ("training_set", {"release": "prod-closed"}, 403, None),
    ("training_set", {"release": "9999"}, 400, "release"),
    ("training_set", {"official_product": "true"}, 403, None),
    ("training_set", {"official_product": "abc"}, 400, "official_product"),
    ("training_set", {"display_name": "x" * 256}, 400, "display_name"),
    ("training_set", {"status": "abc"}, 400, "status"),
    ("training_set", {"status": "5"}, 400, "status"),
    ("training_set", {"status": "2"}, 409, None),
    ("training_set", {"status": "3"}, 409, None),
    ("training_set", {"release_year": "year"}, 400, "release_year"),
)


@pytest.mark.parametrize(("kind", "changes", "status", "field"), CHANGES)
def test_refused_changes_change_nothing(
    live: Live,
    api: str,
    owner1: requests.Session,
    releases: dict[str, int],
    kind: str,
    changes: dict[str, Any],
    status: int,
    field: str | None,
) -> None:
    made = draft(live.container, live.people["owner1"], "Kept", kind)
    done = owner1.patch(f"{api}products/{made.id}/", data={"description": "new", **changes})
    assert done.status_code == status, done.text
    assert field is None or done.json()[field]
    assert live.container.catalog.get(live.people["owner1"], made.id) == made


def test_fields_that_are_read_only_are_passed_over(live: Live, api: str, owner1: requests.Session) -> None:
    made = draft(live.container, live.people["owner1"], "Read only")
    sent = {"id": 5, "internal_name": "x", "product_type": 1, "uploaded_by": "owner2", "created_at": "x", "foo": "bar"}
    done = owner1.patch(f"{api}products/{made.id}/", data=sent)
    assert done.status_code == 200
    assert live.container.catalog.get(live.people["owner1"], made.id) == made


def test_statuses_move_as_the_contract_says(live: Live, api: str, owner1: requests.Session) -> None:
    made = draft(live.container, live.people["owner1"], "Moves")
    address = f"{api}products/{made.id}/"
    steps = [("0", 200), ("3", 409), ("9", 200), ("9", 200), ("0", 200), ("2", 409), ("1", 200), ("1", 200)]
    steps += [("0", 409), ("9", 409), ("3", 409), ("2", 409)]
    for status, answer in steps:
        done = owner1.patch(address, data={"status": status})
        assert done.status_code == answer, (status, done.text)
    assert owner1.get(address).json()["product_status"] == "Published"


def test_publishing_without_needed_columns_tells_which_and_where(
    live: Live, api: str, owner1: requests.Session
) -> None:
    made = draft(live.container, live.people["owner1"], "Columns", "specz_catalog")
    with_file(live.container, made)
    with_columns(live.container, made, "ra", "dec", "x")
    live.container.catalog.set_role(live.people["owner1"], made.id, "ra", "ra")
    done = owner1.patch(f"{api}products/{made.id}/", data={"status": "1", "description": "new"})
    assert (done.status_code, done.json()["missing"]) == (406, ["Dec", "z"])
    assert f"/product/edit/{made.internal_name}" in done.json()["detail"]
    assert live.container.catalog.get(live.people["owner1"], made.id).description is None
    for column, role in (("dec", "dec"), ("x", "redshift")):
        live.container.catalog.set_role(live.people["owner1"], made.id, column, role)
    assert owner1.patch(f"{api}products/{made.id}/", data={"status": "1"}).json()["status"] == 1


@pytest.mark.parametrize("kind", ["specz_catalog", "training_set", "object_catalog", "other"])
def test_products_without_a_main_file_are_published(live: Live, api: str, owner1: requests.Session, kind: str) -> None:
    made = draft(live.container, live.people["owner1"], "Described only", kind)
    done = owner1.patch(f"{api}products/{made.id}/", data={"status": 1})
    assert (done.status_code, done.json()["status"]) == (200, 1)


def test_deleted_products_are_gone(live: Live, api: str, owner1: requests.Session) -> None:
    made = published(live.container, live.people["owner1"], "To delete")
    done = owner1.delete(f"{api}products/{made.id}/")
    assert (done.status_code, done.content) == (204, b"")
    assert "Content-Type" not in done.headers
    assert "Set-Cookie" not in done.headers
    assert owner1.get(f"{api}products/{made.id}/").status_code == 404
    assert owner1.delete(f"{api}products/{made.id}/").status_code == 404
    for query in ("status=2", "status__in=0,1,2,3,9", ""):
        listed = owner1.get(f"{api}products/?{query}").json()["results"]
        assert made.id not in [row["id"] for row in listed]

"""The automatic checks of a product over HTTP."""

from __future__ import annotations

import requests

from tests.support.ingests import catalogue_csv, ingested, submitted
from tests.support.live import Live
from tests.support.products import published


def test_the_checks_of_a_table_are_json(live: Live, owner: requests.Session) -> None:
    product = ingested(live.container, live.people["owner1"], catalogue_csv())
    answer = owner.get(f"{live.url}/api/products/{product.id}/quality/")
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"verdict", "version", "computed_at", "checks"}
    assert body["verdict"] in ("good", "check", "serious")
    assert body["computed_at"].endswith("Z")
    missing = next(check for check in body["checks"] if check["name"] == "missing_redshift")
    assert missing["column"] == "z_spec"
    assert set(missing) == {"name", "column", "level", "count", "fraction", "example_rows", "message", "advice"}
    known = {"If-None-Match": answer.headers["ETag"]}
    assert owner.get(f"{live.url}/api/products/{product.id}/quality", headers=known).status_code == 304


def test_products_without_a_table_have_no_checks(live: Live, owner: requests.Session) -> None:
    product = published(live.container, live.people["owner1"])
    answer = owner.get(f"{live.url}/api/products/{product.id}/quality/")
    assert answer.status_code == 422
    assert "no main file" in answer.json()["detail"]


def test_drafts_of_others_have_no_checks(live: Live, stranger: requests.Session) -> None:
    product = submitted(live.container, live.people["owner1"], catalogue_csv())
    assert stranger.get(f"{live.url}/api/products/{product.id}/quality/").status_code == 404

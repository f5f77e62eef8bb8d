"""Lists of products over HTTP: the filters of the contract, orders, pages, cursors, and what a list costs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, event

from api.paging import CAP_ROWS
from services.models.products import ProductStatus
from services.settings import Settings
from tests.support.databases import DIALECTS
from tests.support.live import Live, running
from tests.support.products import draft, many_published, published, with_file

MAX_STATEMENTS = 6
FILTERS = [
    *("product_type_name", "product_type_name__or", "release_name", "release_name__or"),
    *("uploaded_by", "uploaded_by__or", "product_name", "product_name__or"),
    *("internal_name", "display_name", "internal_name__in", "display_name__in"),
    *("product_type", "release", "user", "product_type__in", "release__in", "user__in"),
    *("official_product", "official_product__in", "status", "status__in", "release__isnull", "checks"),
]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Server with six published products in two releases, and a draft."""
    with running(Settings(data_dir=tmp_path_factory.mktemp("lists"), demo=True)) as live:
        catalog = live.container
        catalog.releases.create("dp1", "Data Preview 1")
        catalog.releases.create("dp02", "Data Preview 0.2")
        catalog.releases.create("secret", "Secret", groups=["inner"])
        ada = catalog.users.create_user("ada", "ada", first_name="Ada", last_name="Lövelace")
        owner, curator = live.people["owner1"], live.people["curator"]
        published(catalog, owner, "Été field", "specz_catalog", description="Deep spectroscopy")
        published(catalog, owner, "Simple, training set", "training_set", release="dp1")
        published(catalog, curator, "Mock data", "training_set", official=True, release="dp02")
        published(catalog, ada, "Estimates 100%", "photoz_table", release="dp1", pz_code="LePHARE")
        published(catalog, ada, "Results_x", "validation_results", release="dp02")
        published(catalog, curator, "Models", "training_results", official=True)
        draft(catalog, owner, "My draft", "training_set", release="dp1")
        published(catalog, curator, "Closed", release="secret")
        yield live


@pytest.fixture(scope="module")
def reader(stocked: Live) -> requests.Session:
    return stocked.token_session("owner2")


def names(live: Live, session: requests.Session, query: str) -> list[str]:
    """Display names of a listing, asked for as released clients do: with two slashes."""
    done = session.get(f"{live.url}/api//products/?{query}")
    assert done.status_code == 200, (query, done.text)
    listed = done.json()
    assert listed["count"] == len(listed["results"])
    return [row["display_name"] for row in listed["results"]]


FIELD, SIMPLE, MOCK, ESTIMATES = "Été field", "Simple, training set", "Mock data", "Estimates 100%"
RESULTS, MODELS = "Results_x", "Models"
EVERYTHING = {FIELD, SIMPLE, MOCK, ESTIMATES, RESULTS, MODELS}
SAMPLES: tuple[tuple[str, set[str]], ...] = (
    ("", EVERYTHING),
    ("status=1", EVERYTHING),
    ("unknown=x&foo", EVERYTHING),
    ("product_type_name=", EVERYTHING),
    ("product_type_name=%20,%20,", EVERYTHING),
    ("product_type_name=Spec-z%20Catalog", {FIELD}),
    ("product_type_name=specz_catalog", {FIELD}),
    ("product_type_name=Reference%20Redshift%20Catalog", {FIELD}),
    ("product_type_name=training%20set", {SIMPLE, MOCK}),
    ("product_type_name=results", {RESULTS, MODELS}),
    ("product_type_name=estimates", {ESTIMATES}),
    ("product_type_name=training,results", {MODELS}),
    ("product_type_name=training,%20", {SIMPLE, MOCK, MODELS}),
    ("product_type_name=nonsense", set()),
    ("product_type_name__or=specz_catalog,photoz_table", {FIELD, ESTIMATES}),
    ("product_type_name__or=validation,%20TRAINING%20SET", {RESULTS, SIMPLE, MOCK}),
    ("release_name=dp1", {SIMPLE, ESTIMATES}),
    ("release_name=preview", {SIMPLE, ESTIMATES, MOCK, RESULTS}),
    ("release_name=PREVIEW,0.2", {MOCK, RESULTS}),
    ("release_name=secret", set()),
    ("release_name__or=dp1,0.2", {SIMPLE, ESTIMATES, MOCK, RESULTS}),
    ("uploaded_by=owner1", {FIELD, SIMPLE}),
    ("uploaded_by=LÖVELACE", {ESTIMATES, RESULTS}),
    ("uploaded_by=ada,love", set()),
    ("uploaded_by=ada,löve", {ESTIMATES, RESULTS}),
    ("uploaded_by__or=ada,curator", {ESTIMATES, RESULTS, MOCK, MODELS}),
    ("product_name=ÉTÉ", {FIELD}),
    ("product_name=1_ete", {FIELD}),
    ("product_name=simple,set", {SIMPLE}),
    ("product_name=simple,mock", set()),
    ("product_name=100%25", {ESTIMATES}),
    ("product_name=s_x", {RESULTS}),
    ("product_name=spectroscopy", set()),
    ("product_name__or=simple,mock", {SIMPLE, MOCK}),
    ("internal_name=1_ete_field", {FIELD}),
    ("internal_name=1_ete", set()),
    ("internal_name=1_ETE_FIELD", set()),
    ("internal_name__in=1_ete_field,%203_mock_data,99_x", {FIELD, MOCK}),
    ("display_name=Mock%20data", {MOCK}),
    ("display_name=mock%20data", set()),
    ("display_name=Simple,%20training%20set", {SIMPLE}),
    ("display_name=E%CC%81te%CC%81%20field", {FIELD}),
    ("display_name__in=Mock%20data,Models", {MOCK, MODELS}),
    ("product_type=2", {SIMPLE, MOCK}),
    ("product_type__in=1,%205", {FIELD, MODELS}),
    ("release=1", {SIMPLE, ESTIMATES}),
    ("release=999", set()),
    ("release=3", set()),
    ("release=100000000000000000", set()),
    ("release__in=1,2,999", {SIMPLE, ESTIMATES, MOCK, RESULTS}),
    ("release__isnull=true", {FIELD, MODELS}),
    ("release__isnull=False", {SIMPLE, ESTIMATES, MOCK, RESULTS}),
    ("user=2", {FIELD, SIMPLE}),
    ("user=-1", set()),
    (f"user={'9' * 5000}", set()),
    (f"release__in=1,{'9' * 40}", {SIMPLE, ESTIMATES}),
    ("user__in=2,5", {FIELD, SIMPLE, ESTIMATES, RESULTS}),
    ("official_product=TRUE", {MOCK, MODELS}),
    ("official_product=0", {FIELD, SIMPLE, ESTIMATES, RESULTS}),
    ("official_product__in=true,0", EVERYTHING),
    ("official_product__in=1", {MOCK, MODELS}),
    ("status=0", set()),
    ("status=2", set()),
    ("status__in=0,1,9", EVERYTHING),
    ("status=1&status=0", set()),
    ("status=0&status=1", EVERYTHING),
    ("checks=not_run", EVERYTHING),
    ("checks=good,SERIOUS", set()),
    ("checks=", EVERYTHING),
    ("product_type=2&official_product=true&release_name=0.2", {MOCK}),
    ("search=SPECTROscopy", {FIELD}),
    ("search=deep%20field", {FIELD}),
    ("search=deep,mock", set()),
    ("search=lephare", {ESTIMATES}),
    ("search=lövelace", {ESTIMATES, RESULTS}),
    ("search=3_mock", {MOCK}),
)


@pytest.mark.parametrize(("query", "found"), SAMPLES)
def test_filters(stocked: Live, reader: requests.Session, query: str, found: set[str]) -> None:
    assert set(names(stocked, reader, query)) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("product_type=99", "product_type"),
        ("product_type=abc", "product_type"),
        ("product_type=1.0", "product_type"),
        ("product_type__in=1,99", "product_type__in"),
        ("release=abc", "release"),
        ("release__in=1,abc", "release__in"),
        ("user=abc", "user"),
        ("user=%D9%A1", "user"),
        ("official_product=yes", "official_product"),
        ("official_product__in=true,maybe", "official_product__in"),
        ("status=abc", "status"),
        ("status=5", "status"),
        ("status__in=1,x", "status__in"),
        ("checks=good,bad", "checks"),
        ("release__isnull=maybe", "release__isnull"),
        ("page_size=abc", "page_size"),
        ("page_size=-1", "page_size"),
        ("cursor=nonsense", "cursor"),
        ("search=" + ",".join(map(str, range(300))), "search"),
        ("product_name__or=" + ",".join(map(str, range(300))), "product_name"),
    ],
)
def test_bad_filters_are_refused_by_name(stocked: Live, reader: requests.Session, query: str, field: str) -> None:
    done = reader.get(f"{stocked.url}/api/products/?{query}")
    assert done.status_code == 400, done.text
    assert isinstance(done.json()["detail"], str)
    assert done.json()[field]


def test_own_drafts_are_listed_to_their_owner_and_to_admins(stocked: Live, reader: requests.Session) -> None:
    for username, found in (("owner1", ["My draft"]), ("curator", ["My draft"]), ("owner2", [])):
        session = stocked.token_session(username)
        assert names(stocked, session, "status=0") == found
        assert names(stocked, session, "internal_name=7_my_draft") == found
    assert "Closed" in names(stocked, stocked.token_session("curator"), "")


def test_all_filters_are_announced(stocked: Live, reader: requests.Session) -> None:
    for path in ("products/", "products-specz/"):
        told = reader.options(f"{stocked.url}/api/{path}").json()
        announced = [row["name"] for row in told["filter_classes"]]
        assert (len(announced), set(announced)) == (24, set(FILTERS))
        assert {"search", "ordering", "name"} <= told.keys()
    choices = {row["name"]: row.get("choices") for row in told["filter_classes"]}["status"]
    assert choices[0] == {"value": 0, "display_name": "Registering"}
    assert told["ordering"] == ["id", "display_name", "product_type", "created_at"]


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("", [6, 5, 4, 3, 2, 1]),
        ("unknown", [6, 5, 4, 3, 2, 1]),
        ("id", [1, 2, 3, 4, 5, 6]),
        ("-id", [6, 5, 4, 3, 2, 1]),
        ("created_at", [1, 2, 3, 4, 5, 6]),
        ("-created_at", [6, 5, 4, 3, 2, 1]),
        ("display_name", [4, 1, 3, 6, 5, 2]),
        ("-display_name", [2, 5, 6, 3, 1, 4]),
        ("product_type,id", [1, 2, 3, 5, 4, 6]),
        ("-product_type,nonsense,-id", [6, 4, 5, 3, 2, 1]),
    ],
)
def test_orders(stocked: Live, reader: requests.Session, ordering: str, expected: list[int]) -> None:
    rows = reader.get(f"{stocked.url}/api/products/", params={"ordering": ordering}).json()["results"]
    assert [row["id"] for row in rows] == expected


def test_pages(stocked: Live, reader: requests.Session) -> None:
    address = f"{stocked.url}/api/products/"
    page = reader.get(address, params={"page_size": "4", "ordering": "id", "status": "1"}).json()
    assert (page["count"], [row["id"] for row in page["results"]], page["previous"]) == (6, [1, 2, 3, 4], None)
    assert page["next"].startswith("/api/products/?")
    last = reader.get(stocked.url + page["next"]).json()
    assert (last["count"], [row["id"] for row in last["results"]], last["next"]) == (6, [5, 6], None)
    for number in ("3", "0", "-1", "abc", "10000000000"):
        gone = reader.get(address, params={"page_size": "4", "page": number})
        assert (gone.status_code, "detail" in gone.json()) == (404, True)
    assert len(reader.get(address, params={"page_size": "0"}).json()["results"]) == 6


def test_cursors(stocked: Live, reader: requests.Session) -> None:
    address = f"{stocked.url}/api/products/"
    page = reader.get(address, params={"page_size": "4", "ordering": "display_name", "status": "1"}).json()
    going_on = {"page_size": "4", "ordering": "display_name", "status": "1", "page": "7", "cursor": page["next_cursor"]}
    last = reader.get(address, params=going_on).json()
    assert (last["count"], [row["id"] for row in last["results"]]) == (6, [5, 2])
    assert (last["next"], last["next_cursor"]) == (None, None)
    first = reader.get(address, params={**going_on, "page_size": "1"}).json()
    assert [row["id"] for row in reader.get(stocked.url + first["next"]).json()["results"]] == [2]
    assert reader.get(address, params={"cursor": page["next_cursor"]}).status_code == 400


def test_an_unchanged_list_is_not_sent_again(stocked: Live, reader: requests.Session) -> None:
    address = f"{stocked.url}/api/products/?user=2"
    first = reader.get(address)
    again = reader.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@contextmanager
def counted() -> Iterator[list[str]]:
    """Statements that any engine of this process sends within the block, BEGIN included."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture(params=DIALECTS)
def large(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    """Server of an empty portal, on SQLite and on PostgreSQL."""
    url = ""
    if request.param == "postgresql":
        make: Callable[[str], str] = request.getfixturevalue("new_postgres_url")
        url = make(request.getfixturevalue("migrated_postgres_template"))
    with running(Settings(data_dir=tmp_path, demo=True, database_url=url)) as live:
        yield live


ASKED = (
    "products/",
    "products/?page_size=25",
    "products/?page=2&page_size=25&status=1",
    "products/?search=number&product_type_name=set,training&uploaded_by__or=owner,demo&release_name__or=dp,x",
    "products/?product_name=product&official_product=false&user__in=2,3&release__isnull=true&page_size=10",
    "products/?internal_name=1000_p",
    "products/1000/",
    "products/99/",
)


def test_a_list_of_any_size_costs_six_statements(large: Live) -> None:
    """All statements of a request count: who asks, how many there are, the rows, who may see the release."""
    owner = large.people["owner1"]
    for name, groups in (("dp1", ["inner"]), ("dp2", ["outer"])):
        large.container.releases.create(name, name, groups=groups)
        seen = published(large.container, large.people["curator"], name, release=name)
        with_file(large.container, seen)
    session = large.token_session("curator")
    session.get(f"{large.url}/api/")
    n_products = 0
    for size in (100, 1000, 9990):
        many_published(large.container, owner, size - n_products, first_id=1000 + n_products)
        n_products = size
        for query in ASKED:
            with counted() as sent:
                done = session.get(f"{large.url}/api/{query}")
            assert done.status_code in (200, 404)
            assert len(sent) <= MAX_STATEMENTS, (query, sent)
        whole = session.get(f"{large.url}/api/products/").json()
        assert whole["count"] == len(whole["results"]) == size + 2
    many_published(large.container, owner, 60, first_id=1000 + n_products)
    check_the_cap(large, session, n_products + 62)


def check_the_cap(live: Live, session: requests.Session, n_all: int) -> None:
    """A list that is cut at the cap says so, and goes on both ways."""
    listed = session.get(f"{live.url}/api/products/").json()
    assert (listed["count"], len(listed["results"])) == (n_all, CAP_ROWS)
    for rest in (session.get(live.url + listed["next"]), _after(live, session, listed["next_cursor"])):
        ids = {row["id"] for row in (*listed["results"], *rest.json()["results"])}
        assert len(ids) == n_all


def _after(live: Live, session: requests.Session, cursor: str) -> requests.Response:
    return session.get(f"{live.url}/api/products/", params={"cursor": cursor, "page_size": "1000"})


def test_parallel_edits_are_all_kept(stocked: Live) -> None:
    made = draft(stocked.container, stocked.people["owner2"], "Parallel", "photoz_table")
    fields = {"display_name": "A", "pz_code": "B", "description": "C", "release": "dp1", "release_year": "2026"}
    answers: list[int] = []

    def change(name: str, value: str) -> None:
        session = stocked.token_session("owner2")
        done = session.patch(f"{stocked.url}/api/products/{made.id}/", data={name: value})
        answers.append(done.status_code)

    workers = [threading.Thread(target=change, args=pair) for pair in fields.items()]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    kept: Any = stocked.container.catalog.get(stocked.people["owner2"], made.id)
    assert answers == [200] * len(fields)
    assert (kept.display_name, kept.pz_code, kept.description, kept.release_id) == ("A", "B", "C", 1)
    assert (kept.release_year, kept.status) == (2026, ProductStatus.REGISTERING)
    stocked.container.catalog.delete(stocked.people["owner2"], made.id)

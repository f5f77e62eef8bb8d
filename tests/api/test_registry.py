"""The upload of a released client, step by step, and what registering refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from services.jobs.ingest import run_ingest
from tests.support.ingests import N_ROWS, catalogue_csv
from tests.support.live import Live
from tests.support.released_client import ReleasedClient


@pytest.fixture
def client(live: Live) -> ReleasedClient:
    """Client of owner1."""
    return ReleasedClient(live.url, live.container.tokens.create(live.people["owner1"], "test").key)


@pytest.fixture
def other(live: Live) -> ReleasedClient:
    """Client of owner2."""
    return ReleasedClient(live.url, live.container.tokens.create(live.people["owner2"], "test").key)


def test_the_oldest_uploading_client_publishes_in_one_call(live: Live, client: ReleasedClient) -> None:
    types = client.get("product-types/?name=specz_catalog").json()
    assert types["count"] == 1
    product = client.post_product("Seed catalogue", types["results"][0]["id"]).json()["id"]
    assert client.send_file(product, catalogue_csv(), "seed.csv").status_code == 201
    assert client.send_file(product, b"notes", "notes.txt", role=2).status_code == 201
    registered = client.register(product)
    assert (registered.status_code, registered.json()["status"]) == (200, 0)
    assert client.columns(product)["z_spec"]["alias"] == "z"
    published = client.publish(product)
    assert (published.status_code, published.json()["status"]) == (200, 1)
    listed = client.get("/products/?status=1&product_name=Seed catalogue").json()
    assert [row["id"] for row in listed["results"]] == [product]
    job = live.container.jobs.latest(product)
    assert job is not None
    run_ingest(live.container, job.id)
    assert client.get(f"products/{product}/").json()["status"] == 1
    assert client.columns(product)["z_spec"]["alias"] == "z"


def test_a_newer_client_associates_columns_before_it_publishes(client: ReleasedClient) -> None:
    product = client.registered(b"lon,lat,speed,best\n1,2,3,0.4\n2,3,4,0.5\n3,4,5,0.7\n")
    refused = client.publish(product)
    assert refused.status_code == 406
    assert refused.json()["missing"] == ["RA", "Dec", "z"]
    columns = client.columns(product)
    words = {
        "lon": ("RA", "pos.eq.ra;meta.main"),
        "lat": ("Dec", "pos.eq.dec;meta.main"),
        "best": ("z", "src.redshift"),
    }
    for name, (alias, ucd) in words.items():
        done = client.patch(f"product-contents/{columns[name]['id']}/", ucd=ucd, alias=alias)
        assert (done.status_code, done.json()["alias"], done.json()["ucd"]) == (200, alias, ucd)
    assert client.publish(product).status_code == 200


def test_it_answers_without_the_last_slash_and_to_post(client: ReleasedClient, live: Live) -> None:
    product = client.draft(catalogue_csv())
    assert client.get(f"products/{product}/registry").json()["id"] == product
    key = live.container.tokens.create(live.people["owner1"], "test").key
    posted = requests.post(
        f"{live.url}/api/products/{product}/registry/", headers={"Authorization": f"Bearer {key}"}, timeout=60
    )
    assert posted.status_code == 200


def test_a_browser_session_cannot_be_led_to_it(live: Live, client: ReleasedClient) -> None:
    product = client.draft(catalogue_csv())
    refused = live.session("owner1").get(f"{live.url}/api/products/{product}/registry/")
    assert refused.status_code == 403
    assert client.columns(product) == {}


def test_a_token_that_may_only_read_does_not_register(live: Live, client: ReleasedClient) -> None:
    product = client.draft(catalogue_csv())
    key = live.container.tokens.create(live.people["owner1"], "test", scope="read").key
    assert ReleasedClient(live.url, key).register(product).status_code == 403


def test_what_cannot_be_read_is_refused_with_the_reason(client: ReleasedClient) -> None:
    product = client.draft(b"ra,dec,z\n1,2,3\n4,5\n6,7,8\n", "ragged.csv")
    refused = client.register(product)
    assert refused.status_code == 422
    assert "ragged.csv: line 3" in refused.json()["detail"]
    assert client.get(f"products/{product}/").json()["status"] == 9
    (main,) = client.get(f"product-files/?product_id={product}").json()["results"]
    assert client.delete(f"product-files/{main['id']}/").status_code == 204
    assert client.send_file(product, catalogue_csv(), "good.csv").status_code == 201
    assert client.register(product).json()["status"] == 0
    assert client.publish(product).status_code == 200


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + bytes(200), b"%PDF-1.4 " + b"x" * 99])
def test_files_that_are_no_tables_are_refused(client: ReleasedClient, content: bytes) -> None:
    assert client.register(client.draft(content, "a.csv", 2)).status_code == 422


def test_no_letter_is_taken_for_a_delimiter(client: ReleasedClient) -> None:
    product = client.registered(b"garbage\n" * 3, "a.csv", 2)
    assert len(client.columns(product)) == 1
    assert client.publish(product).status_code == 406


def test_without_a_main_file_there_is_a_conflict(client: ReleasedClient) -> None:
    product = client.post_product("Only words", 7).json()["id"]
    assert client.register(product).status_code == 409


def test_strangers_and_unknown_ids(client: ReleasedClient, other: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    assert other.register(product).status_code == 404
    client.publish(product)
    assert other.register(product).status_code == 403
    for wrong in ("999999", "None", "0", "+7", "007"):
        assert client.get(f"products/{wrong}/registry/").status_code == 404


def test_calls_at_the_same_time_double_no_columns(client: ReleasedClient) -> None:
    product = client.draft(catalogue_csv())
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.register(product).status_code, range(4)))
    assert answers == [200] * 4
    rows = client.get(f"product-contents/?product={product}").json()
    assert rows["count"] == len({row["column_name"] for row in rows["results"]}) == 7


def test_a_published_product_is_read_again(client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    client.publish(product)
    before = client.columns(product)
    assert client.register(product).json()["status"] == 1
    assert client.columns(product) == before


def test_a_file_for_a_free_type_is_taken_as_it_is(client: ReleasedClient) -> None:
    product = client.registered(b"%PDF-1.4 a report", "report.pdf", 5)
    assert client.publish(product).status_code == 200
    assert client.get(f"products/{product}/main_file_info/").json()["main_file"]["n_rows"] is None


def test_the_rows_of_the_table(live: Live, client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    waiting = client.get(f"products/{product}/read_data/")
    assert (waiting.status_code, waiting.json()["status"]) == (202, "running")
    job = live.container.jobs.latest(product)
    assert job is not None
    run_ingest(live.container, job.id)
    first = client.get(f"products/{product}/read_data/").json()
    assert (first["count"], len(first["results"])) == (N_ROWS, 100)
    assert first["columns"] == ["id", "ra", "dec", "z_spec", "z_err", "z_flag", "mag_i"]
    last = client.get(f"products/{product}/read_data/?page=2&page_size=390").json()
    assert len(last["results"]) == 10
    assert last["results"][0]["z_flag"] == 390 % 4 + 1
    assert client.get(f"products/{product}/read_data/?page=3&page_size=390").status_code == 404
    assert client.get(f"products/{product}/read_data/?page_size=-1").status_code == 400


def test_rows_of_what_is_no_table(client: ReleasedClient) -> None:
    product = client.registered(b"%PDF-1.4 a report", "report.pdf", 5)
    assert client.get(f"products/{product}/read_data/").status_code == 422
    assert client.get("products/999999/read_data/").status_code == 404

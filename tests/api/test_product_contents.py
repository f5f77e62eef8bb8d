"""Columns over the API: lists of any length, words set and cleared as released clients do, rights."""

from __future__ import annotations

import pytest
import requests

from services.columns.roles import ROLES
from tests.support.ingests import catalogue_csv
from tests.support.live import Live
from tests.support.released_client import ReleasedClient

N_WIDE = 150
VOCABULARY = {
    "ID": "meta.id;meta.main",
    "RA": "pos.eq.ra;meta.main",
    "Dec": "pos.eq.dec;meta.main",
    "z": "src.redshift",
    "z_err": "stat.error;src.redshift",
    "z_flag": "stat.rank",
    "survey": "meta.curation",
}


@pytest.fixture
def client(live: Live) -> ReleasedClient:
    """Client of owner1."""
    return ReleasedClient(live.url, live.container.tokens.create(live.people["owner1"], "test").key)


@pytest.fixture
def other(live: Live) -> ReleasedClient:
    """Client of owner2."""
    return ReleasedClient(live.url, live.container.tokens.create(live.people["owner2"], "test").key)


def wide_csv(n_columns: int = N_WIDE) -> bytes:
    """A table whose names say nothing."""
    names = ",".join(f"q{place}x" for place in range(n_columns))
    rows = "".join(",".join(f"{row}.{place}" for place in range(n_columns)) + "\n" for row in range(1, 4))
    return f"{names}\n{rows}".encode()


def test_the_words_of_the_contract_are_those_of_the_roles() -> None:
    assert {role.alias: role.ucd for role in ROLES.values() if role.alias} == VOCABULARY


def test_rows_are_those_of_the_contract(client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    answer = client.get(f"product-contents/?product={product}")
    assert answer.headers["Content-Type"].startswith("application/json")
    first = answer.json()["results"][0]
    assert first == {
        "id": first["id"],
        "product": product,
        "column_name": "id",
        "ucd": "meta.id;meta.main",
        "order": 0,
        "alias": "ID",
    }
    assert client.get(f"product-contents/{first['id']}/").json() == first
    assert client.get(f"product-contents/?id={first['id']}").json()["results"] == [first]


def test_a_table_of_150_columns_is_associated_at_its_end(client: ReleasedClient) -> None:
    product = client.registered(wide_csv(), "wide.csv", 2)
    listed = client.get(f"product-contents/?product={product}").json()
    assert (listed["count"], len(listed["results"]), listed["next"]) == (N_WIDE, N_WIDE, None)
    assert [row["order"] for row in listed["results"]] == list(range(N_WIDE))
    column = client.columns(product)["q140x"]
    done = client.patch(f"product-contents/{column['id']}/", ucd="src.redshift", alias="z")
    assert (done.status_code, done.json()["alias"], done.json()["column_name"]) == (200, "z", "q140x")
    assert client.publish(product).status_code == 200


def test_pages_and_orders(client: ReleasedClient) -> None:
    product = client.registered(wide_csv(), "wide.csv", 2)
    page = client.get(f"product-contents/?product={product}&page_size=40&page=4").json()
    assert (page["results"][0]["order"], len(page["results"])) == (120, 30)
    assert client.get(f"product-contents/?product={product}&page=5&page_size=40").status_code == 404
    backwards = client.get(f"product-contents/?product={product}&ordering=-order&page_size=1").json()
    assert backwards["results"][0]["order"] == N_WIDE - 1
    assert client.get(f"product-contents/?product={product}&ordering=nonsense").status_code == 200


def test_every_word_of_the_vocabulary(client: ReleasedClient) -> None:
    product = client.registered(wide_csv(len(VOCABULARY)), "wide.csv", 2)
    for column, (alias, ucd) in zip(client.columns(product).values(), VOCABULARY.items(), strict=True):
        done = client.patch(f"product-contents/{column['id']}/", alias=alias)
        assert (done.json()["alias"], done.json()["ucd"]) == (alias, ucd)


def test_an_alias_of_the_system_is_given_once(client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    columns = client.columns(product)
    client.patch(f"product-contents/{columns['mag_i']['id']}/", ucd="src.redshift", alias="z")
    after = client.columns(product)
    assert (after["mag_i"]["alias"], after["mag_i"]["ucd"]) == ("z", "src.redshift")
    assert (after["z_spec"]["alias"], after["z_spec"]["ucd"]) == (None, None)


def test_a_reset_clears_and_is_not_guessed_again(client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    column = client.columns(product)["z_err"]
    cleared = client.patch(f"product-contents/{column['id']}/", ucd="", alias="").json()
    assert (cleared["ucd"], cleared["alias"]) == (None, None)
    client.register(product)
    again = client.columns(product)["z_err"]
    assert (again["ucd"], again["alias"], again["id"]) == (None, None, column["id"])


def test_a_free_alias_keeps_the_rest(client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    columns = client.columns(product)
    named = client.patch(f"product-contents/{columns['mag_i']['id']}/", alias="cModel i").json()
    assert (named["alias"], named["ucd"]) == ("cModel i", "phot.mag")
    renamed = client.patch(f"product-contents/{columns['z_spec']['id']}/", alias="my redshift").json()
    assert (renamed["alias"], renamed["ucd"]) == ("my redshift", None)
    assert client.publish(product).json()["missing"] == ["z"]


def test_a_ucd_alone(client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    column = client.columns(product)["ra"]
    done = client.patch(f"product-contents/{column['id']}/", ucd="pos.eq.ra").json()
    assert (done["alias"], done["ucd"]) == ("RA", "pos.eq.ra")


def test_json_sets_and_clears_too(live: Live, client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    column = client.columns(product)["mag_i"]
    headers = {"Authorization": "Token " + live.container.tokens.create(live.people["owner1"], "test").key}
    address = f"{client.base}product-contents/{column['id']}"
    assert requests.patch(address, json={"alias": "survey"}, headers=headers, timeout=60).json()["alias"] == "survey"
    assert requests.patch(address, json={"alias": None}, headers=headers, timeout=60).json()["alias"] is None


@pytest.mark.parametrize(("field", "limit"), [("alias", 256), ("ucd", 128)])
def test_words_have_a_length(client: ReleasedClient, field: str, limit: int) -> None:
    product = client.registered(catalogue_csv())
    address = f"product-contents/{client.columns(product)['mag_i']['id']}/"
    assert client.patch(address, **{field: "w" * limit}).json()[field] == "w" * limit
    refused = client.patch(address, **{field: "w" * (limit + 1)})
    assert (refused.status_code, field in refused.json()) == (400, True)
    assert client.patch(address, **{field: "two\nlines"}).status_code == 400


def test_other_fields_are_not_for_writing(client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    column = client.columns(product)["mag_i"]
    done = client.patch(f"product-contents/{column['id']}/", column_name="other", order="5", product="1")
    assert (done.status_code, done.json()) == (200, column)


@pytest.mark.parametrize("wrong", ["None", "0", "999999999", "+7", "007", "99999999999999999999"])
def test_unknown_columns(client: ReleasedClient, wrong: str) -> None:
    assert client.patch(f"product-contents/{wrong}/", alias="z").status_code == 404
    assert client.get(f"product-contents/{wrong}/").status_code == 404


def test_rights(client: ReleasedClient, other: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    column = client.columns(product)["mag_i"]["id"]
    assert other.columns(product) == {}
    assert other.get(f"product-contents/{column}/").status_code == 404
    assert other.patch(f"product-contents/{column}/", alias="x").status_code == 404
    assert column not in [row["id"] for row in other.get("product-contents/").json()["results"]]
    client.publish(product)
    assert other.patch(f"product-contents/{column}/", alias="x").status_code == 403
    assert other.columns(product)["mag_i"]["alias"] is None


def test_products_without_columns(client: ReleasedClient) -> None:
    empty: dict[str, object] = {"count": 0, "next": None, "previous": None, "results": []}
    product = client.post_product("Words only", 7).json()["id"]
    for wanted in (product, 999999, -1, 99999999999999999999999):
        assert client.get(f"product-contents/?product={wanted}").json() == empty
    assert client.get("product-contents/?product=abc").status_code == 400


def test_columns_are_not_made_or_removed(client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    column = client.columns(product)["mag_i"]["id"]
    assert client.delete(f"product-contents/{column}/").status_code == 405
    key = client.get("").request.headers
    assert requests.post(f"{client.base}product-contents/", headers=key, timeout=60).status_code == 405
    announced = requests.options(f"{client.base}product-contents/", headers=key, timeout=60)
    assert announced.json()["filterset"] == ["id", "product"]

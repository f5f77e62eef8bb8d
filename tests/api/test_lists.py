"""Product types, releases and people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from services.product_types import PRODUCT_TYPES
from services.settings import Settings
from tests.support.live import Live, running
from tests.support.products import draft, person, published

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
RELEASE_FIELDS = {
    "id",
    "name",
    "display_name",
    "description",
    "created_at",
    "indexing_column",
    "has_mag_hats",
    "has_flux_hats",
    "dereddening",
    "fluxes",
    "is_public",
    "access_groups",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Three releases, one of them for a group; owner1 has published, owner2 has a draft."""
    with running(Settings(data_dir=tmp_path_factory.mktemp("library"))) as server:
        container = server.container
        server.people["insider"] = person(container, "insider", groups=["dp1-team"])
        container.releases.create("dp02", "DP0.2", "Simulated sky")
        container.releases.create("dp1", "Data Preview 1", "Commissioning camera", groups=["dp1-team"])
        container.releases.create("dr1", "Été", groups=["dp1-team"], is_public=True)
        published(container, server.people["owner1"])
        draft(container, server.people["owner2"])
        yield server


@pytest.fixture(scope="module")
def user(library: Live) -> requests.Session:
    return library.token_session("demo")


def rows(library: Live, session: requests.Session, address: str) -> list[dict[str, Any]]:
    answer = session.get(f"{library.url}/api/{address}")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"count", "next", "previous", "results"}
    assert body["count"] == len(body["results"])
    return body["results"]


def test_every_product_type_is_listed_in_its_order(library: Live, user: requests.Session) -> None:
    found = rows(library, user, "product-types/")
    assert [row["name"] for row in found] == sorted(PRODUCT_TYPES, key=lambda name: PRODUCT_TYPES[name].order)
    for row in found:
        kind = PRODUCT_TYPES[row["name"]]
        assert (row["id"], row["display_name"], row["order"]) == (kind.id, kind.title, kind.order)
        assert row["description"] == kind.blurb
        assert TIME.fullmatch(row["created_at"])
    assert found == rows(library, user, "product-types/?ordering=order")


WORDS = [
    (word, kind.name)
    for kind in PRODUCT_TYPES.values()
    for word in (kind.name, kind.name.upper(), kind.title, kind.long_title.lower(), *kind.aliases)
]


@pytest.mark.parametrize(("word", "name"), WORDS)
def test_every_word_of_a_type_finds_exactly_its_row(
    library: Live, user: requests.Session, word: str, name: str
) -> None:
    found = user.get(f"{library.url}/api/product-types/", params={"name": word}).json()
    assert [row["name"] for row in found["results"]] == [name]
    assert found["count"] == 1


def test_types_are_found_by_id_and_words_and_ordered(library: Live, user: requests.Session) -> None:
    assert rows(library, user, "product-types/?name=nonsense") == []
    assert len(rows(library, user, "product-types/?name=")) == len(PRODUCT_TYPES)
    assert [row["id"] for row in rows(library, user, "product-types/?id=4")] == [4]
    assert rows(library, user, "product-types/?id=4&name=other") == []
    assert [row["name"] for row in rows(library, user, "product-types/?search=TRAINING,set")] == ["training_set"]
    assert rows(library, user, "product-types/?search=training+nonsense") == []
    assert [row["id"] for row in rows(library, user, "product-types/?ordering=-id")] == [7, 6, 5, 4, 3, 2, 1]
    by_name = [row["name"] for row in rows(library, user, "product-types/?ordering=name")]
    assert by_name == sorted(by_name)
    assert rows(library, user, "product-types/?ordering=nonsense") == rows(library, user, "product-types/")
    assert user.get(f"{library.url}/api/product-types/?id=one").status_code == 400


def test_one_type(library: Live, user: requests.Session) -> None:
    one = user.get(f"{library.url}/api/product-types/1/").json()
    assert one == rows(library, user, "product-types/?id=1")[0]
    for id_ in ("99", "0", "01", "None", "%2B1"):
        answer = user.get(f"{library.url}/api/product-types/{id_}/")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")


def test_releases_have_every_field_and_the_newest_comes_first(library: Live, user: requests.Session) -> None:
    found = rows(library, user, "releases/")
    assert [row["name"] for row in found] == ["dr1", "dp02"]
    assert all(set(row) == RELEASE_FIELDS for row in found)
    assert all(TIME.fullmatch(row["created_at"]) for row in found)
    assert found[1]["description"] == "Simulated sky"


def test_a_release_of_a_group_is_hidden_from_everybody_else(library: Live, user: requests.Session) -> None:
    admin, insider = library.token_session("curator"), library.token_session("insider")
    (hidden,) = rows(library, admin, "releases/?name=DP1")
    for session, status in ((user, 404), (insider, 200), (admin, 200)):
        assert session.get(f"{library.url}/api/releases/{hidden['id']}/").status_code == status
        assert len(rows(library, session, "releases/?name=dp1")) == (status == 200)
    assert rows(library, user, "releases/?search=preview") == []


def test_groups_are_told_to_administrators_only(library: Live) -> None:
    groups = {
        name: [row["access_groups"] for row in rows(library, library.token_session(name), "releases/?name=dp1")]
        for name in ("insider", "curator")
    }
    assert groups["insider"] == [[]]
    assert len(groups["curator"][0]) == 1


def test_releases_are_found_by_words_in_any_case_and_ordered(library: Live, user: requests.Session) -> None:
    assert [row["name"] for row in rows(library, user, "releases/?search=ÉTÉ")] == ["dr1"]
    assert [row["name"] for row in rows(library, user, "releases/?search=SKY")] == ["dp02"]
    assert [row["name"] for row in rows(library, user, "releases/?ordering=display_name")] == ["dp02", "dr1"]
    assert [row["name"] for row in rows(library, user, "releases/?ordering=-display_name")] == ["dr1", "dp02"]


def test_pages(library: Live, user: requests.Session) -> None:
    first = user.get(f"{library.url}/api/product-types/?page_size=3").json()
    assert (first["count"], len(first["results"]), first["previous"]) == (7, 3, None)
    second = user.get(library.url + first["next"]).json()
    assert len({row["id"] for row in (*first["results"], *second["results"])}) == 6
    assert user.get(f"{library.url}/api/product-types/?page=9").status_code == 404


def test_people_are_those_who_published_and_oneself(library: Live) -> None:
    for name, expected in (("demo", ["demo", "owner1"]), ("owner1", ["owner1"]), ("owner2", ["owner1", "owner2"])):
        found = rows(library, library.token_session(name), "users/")
        assert [row["username"] for row in found] == expected
        assert all(set(row) == {"username", "first_name", "last_name", "display_name"} for row in found)


def test_only_administrators_ask_for_everybody(library: Live, user: requests.Session) -> None:
    everybody = rows(library, library.token_session("curator"), "users/?all=true&ordering=-username")
    assert [row["username"] for row in everybody] == ["owner2", "owner1", "insider", "demo", "curator"]
    assert user.get(f"{library.url}/api/users/?all=1").status_code == 403
    assert [row["username"] for row in rows(library, user, "users/?search=OWNER")] == ["owner1"]


@pytest.mark.parametrize("address", ["product-types/", "product-types/1/", "releases/", "releases/1/", "users/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_lists_are_only_read(library: Live, user: requests.Session, method: str, address: str) -> None:
    answer = user.request(method, f"{library.url}/api/{address}", data={"name": "x"})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "detail" in answer.json()


def test_filters_are_announced(library: Live, user: requests.Session) -> None:
    for address in ("product-types", "releases"):
        announced = user.options(f"{library.url}/api/{address}/").json()
        assert announced["filterset"] == ["id", "name"]
        assert announced["search"] == ["display_name", "description"]
    assert "search" in user.options(f"{library.url}/api/users/").json()

"""The core of the REST API: declared routes, what they take and give, paths, pages, ETags, the document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import Field

from api import errors, etags
from api.endpoints import Content, Identifier, Resource
from api.nowhere import nowhere_blueprint
from api.openapi import openapi_document
from api.paging import Listing, PageQuery, listing, page_window
from api.paths import CanonicalPaths, canonical_path
from api.wire import Body, UtcTime, Wire
from services.context import RequestContext, use_context

N_THINGS = 250
PORTAL: Any = SimpleNamespace(settings=SimpleNamespace(base_url=""))


class ThingWire(Wire):
    id: int
    made: UtcTime


class ThingBody(Body):
    name: str = Field(min_length=1)
    parts: list[int] = Field(default_factory=list)


def things() -> Resource:
    routes = Resource("things", tag="Things")

    @routes.get("/things/", query=PageQuery, answers={200: Listing[ThingWire]}, summary="All things")
    def all_things(query: PageQuery) -> Any:
        window = page_window(query)
        ids = range(N_THINGS)[window.offset : window.offset + window.limit]
        made = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
        return listing([ThingWire(id=id_, made=made) for id_ in ids], N_THINGS, window)

    @routes.post("/things/", body=ThingBody, answers={201: ThingWire}, summary="A new thing")
    def make(body: ThingBody) -> Any:
        return {"name": body.name, "parts": body.parts, "sent": sorted(body.model_fields_set), "nan": float("nan")}, 201

    @routes.get("/things/<identifier:thing_id>/", answers={200: ThingWire}, summary="One thing")
    def one(thing_id: int) -> Any:
        return {"id": thing_id}

    @routes.delete("/things/<identifier:thing_id>/", answers={204: None}, summary="No thing")
    def remove(thing_id: int) -> None:
        return None

    @routes.get(
        "/things/<identifier:thing_id>/stir/", answers={200: Content()}, summary="Stir", writes=True, token_only=True
    )
    def stir(thing_id: int) -> Any:
        return {"stirred": thing_id}

    routes.options("/things/", {"name": "Things", "filterset": ["id"]})
    return routes


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    server = Flask("things")
    server.url_map.converters["identifier"] = Identifier
    errors.register(server)
    etags.register(server)
    server.register_blueprint(things().blueprint)
    server.register_blueprint(nowhere_blueprint())
    server.wsgi_app = CanonicalPaths(server.wsgi_app)  # type: ignore[method-assign]
    with use_context(RequestContext(PORTAL, None, "test", by_token=True)):
        yield server.test_client()


@pytest.mark.parametrize(
    ("sent", "routed"),
    [
        ("/api//products/", "/api/products/"),
        ("//api///products//7", "/api/products/7/"),
        ("/api/products/7/download", "/api/products/7/download/"),
        ("/api", "/api"),
        ("/api/", "/api/"),
        ("/api//", "/api/"),
        ("/apiproducts", "/apiproducts"),
        ("/product/6_a", "/product/6_a"),
        ("//elsewhere", "//elsewhere"),
    ],
)
def test_paths_below_the_api_are_put_right(sent: str, routed: str) -> None:
    assert canonical_path(sent) == routed


@pytest.mark.parametrize("path", ["/api/things/", "/api/things", "/api//things", "/api///things//"])
def test_every_spelling_of_a_path_answers_directly(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200
    assert client.post(path, json={"name": "a"}).status_code == 201
    assert client.options(path).json == {"name": "Things", "filterset": ["id"]}


def test_a_list_is_whole_unless_a_page_is_asked_for(client: FlaskClient) -> None:
    whole = client.get("/api/things/").json
    assert (whole["count"], len(whole["results"]), whole["next"], whole["previous"]) == (N_THINGS, N_THINGS, None, None)
    assert whole["results"][0] == {"id": 0, "made": "2026-01-31T08:15:00.000000Z"}
    page = client.get("/api/things/?page=2&x=1").json
    assert [row["id"] for row in page["results"]] == list(range(100, 200))
    assert page["next"] == "/api/things/?page=3&x=1"
    assert page["previous"] == "/api/things/?page=1&x=1"
    assert len(client.get("/api/things/?page_size=7").json["results"]) == 7
    assert len(client.get("/api/things/?page_size=0").json["results"]) == N_THINGS


@pytest.mark.parametrize(
    ("query", "status"),
    [("page=4", 404), ("page=0", 404), ("page=x", 404), ("page=-1", 404), ("page_size=x", 400), ("page_size=-1", 400)],
)
def test_pages_that_do_not_exist(client: FlaskClient, query: str, status: int) -> None:
    answer = client.get(f"/api/things/?{query}")
    assert answer.status_code == status
    assert answer.json["detail"].endswith(".")


def test_addresses_carry_the_deployment_prefix(client: FlaskClient) -> None:
    page = client.get("/api/things/?page=1", environ_overrides={"SCRIPT_NAME": "/pz"}).json
    assert page["next"] == "/pz/api/things/?page=2"


def test_addresses_begin_with_the_public_address_when_there_is_one(client: FlaskClient) -> None:
    public: Any = SimpleNamespace(settings=SimpleNamespace(base_url="https://pz.example/portal/"))
    with use_context(RequestContext(public, None, "test")):
        page = client.get("/api/things/?page=1", headers={"Host": "elsewhere.example"}).json
    assert page["next"] == "https://pz.example/portal/api/things/?page=2"


def test_of_a_repeated_parameter_the_last_counts_and_an_empty_one_is_none(client: FlaskClient) -> None:
    assert client.get("/api/things/?page_size=9&page_size=3").json["results"][-1]["id"] == 2
    assert len(client.get("/api/things/?page_size=").json["results"]) == N_THINGS


def test_a_body_means_the_same_in_every_encoding(client: FlaskClient) -> None:
    expected = {"name": "a", "parts": [1, 2], "sent": ["name", "parts"], "nan": None}
    fields = {"name": "a", "parts": ["1", "2"], "unknown": "x"}
    assert client.post("/api/things/", json={"name": "a", "parts": [1, 2], "unknown": 1}).json == expected
    assert client.post("/api/things/", data=fields).json == expected
    assert client.post("/api/things/", data=fields, content_type="multipart/form-data").json == expected


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[1]",
        "3",
        '"text"',
        '{"name": ""}',
        "{}",
        "",
        '{"name": "a", "parts": ["x"]}',
        "[" * 100_000,
        '{"name": 1}',
    ],
)
def test_a_wrong_body_is_refused_with_a_sentence(client: FlaskClient, body: str) -> None:
    answer = client.post("/api/things/", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["detail"].endswith((".", "}."))


def test_a_wrong_field_is_named(client: FlaskClient) -> None:
    answer = client.post("/api/things/", json={"name": "", "parts": ["x"]}).json
    assert set(answer) == {"detail", "code", "request_id", "name", "parts"}
    assert isinstance(answer["name"], list)


def test_a_body_on_get_is_not_read(client: FlaskClient) -> None:
    assert client.get("/api/things/", data="{", content_type="application/json").status_code == 200


@pytest.mark.parametrize("id_", ["None", "abc", "+7", "007", " 7", "0", "-1", "٣", "9" * 10, "2147483648", "9" * 30])
def test_ids_are_plain_digits(client: FlaskClient, id_: str) -> None:
    answer = client.get(f"/api/things/{id_}/")
    assert (answer.status_code, answer.mimetype) == (404, "application/json")


def test_the_wrong_method_hears_which_are_right(client: FlaskClient) -> None:
    answer = client.put("/api/things/7/")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, DELETE"
    assert "detail" in answer.json
    assert client.options("/api/things/7/").json["methods"] == ["GET", "HEAD", "DELETE"]
    assert client.options("/api/none/").status_code == 404


def test_nothing_left_has_no_body(client: FlaskClient) -> None:
    answer = client.delete("/api/things/7/")
    assert (answer.status_code, answer.data) == (204, b"")


def test_a_copy_that_is_still_right_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/api/things/")
    again = client.get("/api/things/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/api/things/?page=1", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("by_token", "is_read_only", "status"), [(True, False, 200), (True, True, 403), (False, False, 403)]
)
def test_a_get_that_changes_something_needs_a_writing_token(
    client: FlaskClient, by_token: bool, is_read_only: bool, status: int
) -> None:
    context = RequestContext(PORTAL, None, "test", by_token=by_token, is_read_only=is_read_only)
    with use_context(context):
        assert client.get("/api/things/7/stir/").status_code == status
        assert client.get("/api/things/7/").status_code == 200
        assert client.delete("/api/things/7/").status_code == (403 if is_read_only else 204)


def test_the_document_says_what_the_routes_take_and_give() -> None:
    document = json.loads(json.dumps(openapi_document(things().endpoints)))
    listed = document["paths"]["/api/things/"]["get"]
    assert [part["name"] for part in listed["parameters"]] == ["page", "page_size"]
    assert set(listed["responses"]) == {"200", "400", "401", "404", "429"}
    reference = listed["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    row = document["components"]["schemas"][reference.rsplit("/", 1)[1]]["properties"]["results"]["items"]["$ref"]
    assert document["components"]["schemas"][row.rsplit("/", 1)[1]]["properties"]["made"]["format"] == "date-time"
    posted = document["paths"]["/api/things/"]["post"]["requestBody"]
    assert posted["required"]
    assert set(posted["content"]["application/json"]["schema"]["properties"]) == {"name", "parts"}
    assert document["paths"]["/api/things/{thing_id}/"]["delete"]["responses"]["204"] == {"description": "Done."}

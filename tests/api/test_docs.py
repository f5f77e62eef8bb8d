"""The page that explains the API: everything the document has, nothing a browser could run."""

from __future__ import annotations

import html
import re

import pytest
import requests

from api.docs import operations_by_tag
from tests.support.live import Live

DOCUMENT = {
    "info": {"description": "About it."},
    "paths": {
        "/api/things/": {
            "get": {
                "operationId": "get_things",
                "tags": ["Things"],
                "summary": "All",
                "description": "First\nline.\n\nSecond.",
                "parameters": [
                    {
                        "name": "page",
                        "required": False,
                        "description": "Which.",
                        "schema": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                    }
                ],
                "responses": {
                    "200": {
                        "description": "Them.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Things"}}},
                    },
                    "401": {"description": "Log in."},
                },
            },
            "post": {
                "operationId": "post_thing",
                "tags": ["Things"],
                "summary": "New",
                "requestBody": {
                    "content": {
                        "multipart/form-data": {
                            "schema": {
                                "required": ["name", "file"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "file": {"type": "string", "format": "binary"},
                                    "note": {"enum": ["a", "b"]},
                                },
                            }
                        }
                    }
                },
                "responses": {"201": {"description": "Made."}},
            },
        }
    },
    "components": {
        "schemas": {
            "Things": {
                "properties": {"results": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}},
                "required": ["results"],
            },
            "Thing": {"properties": {"id": {"type": "integer"}, "made": {"type": "string", "format": "date-time"}}},
        }
    },
}


def test_operations_are_put_into_words() -> None:
    get, post = operations_by_tag(DOCUMENT)["Things"]
    assert get.paragraphs == ("First line.", "Second.")
    assert [(value.name, value.kind, value.description) for value in get.parameters] == [("page", "integer", "Which.")]
    assert [(value.name, value.kind) for value in get.answers[0].fields] == [("results", "list of object of id, made")]
    assert [answer.status for answer in get.refusals] == ["401"]
    assert [value.kind for value in post.body] == ["text", "file", "one of a, b"]
    assert get.example == 'curl -H "Authorization: Token KEY" HOST/api/things/'
    assert "-X POST" in post.example
    assert "-F 'name=NAME' -F 'file=@FILE'" in post.example
    assert "note" not in post.example


def test_the_page_names_every_operation_of_the_document(live: Live, owner: requests.Session) -> None:
    document = owner.get(f"{live.url}/api/schema/").json()
    answer = owner.get(f"{live.url}/api/docs")
    assert answer.headers["Content-Type"].startswith("text/html")
    text = html.unescape(re.sub(r"<[^>]+>", "", answer.text))
    for path, item in document["paths"].items():
        for method, told in item.items():
            assert re.search(rf"{method.upper()}\s+{re.escape(path)}\s+{re.escape(told['summary'])}", text), path
    assert "<script" not in answer.text.replace('<script nonce="', "", 1)


def test_no_parameter_of_an_address_is_announced_as_null(live: Live, owner: requests.Session) -> None:
    document = owner.get(f"{live.url}/api/schema/").json()
    parameters = [
        part for item in document["paths"].values() for told in item.values() for part in told.get("parameters", ())
    ]
    assert len(parameters) > 50
    assert [part["name"] for part in parameters if "null" in str(part["schema"]) or "None" in str(part["schema"])] == []


def test_who_is_signed_out_logs_in_and_comes_back(live: Live) -> None:
    answer = requests.get(f"{live.url}/api/docs/", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=%2Fapi%2Fdocs%2F")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_the_page_is_only_read(live: Live, owner: requests.Session, method: str) -> None:
    assert owner.request(method, f"{live.url}/api/docs/").status_code == 405

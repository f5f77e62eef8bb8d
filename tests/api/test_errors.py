"""The table from errors to answers, and what strangers learn from failures: nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from api import errors
from api.errors import STATUS, status_of
from services.errors import (
    InvalidInput,
    MissingColumns,
    NotFound,
    PZServerError,
    StillRunning,
    Unavailable,
)
from tests.support.files import REPOSITORY

FAILURES: dict[str, Exception] = {
    "not_found": NotFound("There is no product 7."),
    "field": InvalidInput("The name is too long.", "display_name"),
    "columns": MissingColumns("RA is missing.", ["RA"], {"ra": ["ALPHA", "RAdeg"]}),
    "running": StillRunning("The file is being read.", 0.4),
    "down": Unavailable("The database does not answer."),
    "bug": KeyError("/srv/secret/path"),
}


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    """A server whose routes only fail, each in its own way, for programs and for people."""
    server = Flask("failing", template_folder=str(REPOSITORY / "api" / "templates"))
    errors.register(server)
    server.jinja_env.globals.update(csp_nonce=lambda: "n", asset=lambda path: f"/assets/{path}")

    @server.get("/api/fail/<name>", endpoint="program")
    @server.get("/fail/<name>", endpoint="person")
    def fail(name: str) -> str:
        raise FAILURES[name]

    @server.get("/api/abort/<int:status>")
    def stop(status: int) -> str:
        abort(status)

    with server.test_client() as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "status", "more"),
    [
        ("not_found", 404, {}),
        ("field", 400, {"display_name": ["The name is too long."]}),
        ("columns", 406, {"missing": ["RA"], "candidates": {"ra": ["ALPHA", "RAdeg"]}}),
        ("running", 202, {"status": "running", "progress": 0.4}),
        ("down", 503, {}),
    ],
)
def test_programs_get_status_sentence_and_code(
    client: FlaskClient, name: str, status: int, more: dict[str, object]
) -> None:
    answer = client.get(f"/api/fail/{name}")
    failure = FAILURES[name]
    assert isinstance(failure, PZServerError)
    assert answer.status_code == status
    assert answer.get_json() == {"detail": failure.message, "code": failure.code, "request_id": "-"} | more


def test_people_get_a_page_with_the_same_status_and_sentence(client: FlaskClient) -> None:
    answer = client.get("/fail/not_found")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "There is no product 7." in answer.text


@pytest.mark.parametrize("path", ["/api/fail/bug", "/fail/bug"])
def test_the_unexpected_is_logged_and_told_without_its_secrets(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 500
    assert "request id" in answer.text.lower()
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert any(record.exc_info and "secret" in str(record.exc_info[1]) for record in caplog.records)


@pytest.mark.parametrize("status", [403, 404, 405, 411, 413, 414, 415, 429, 503])
def test_every_refusal_of_the_web_is_json_for_programs(client: FlaskClient, status: int) -> None:
    answer = client.get(f"/api/abort/{status}")
    assert answer.status_code == status
    assert answer.get_json()["detail"].endswith(".")


def test_a_subclass_answers_like_its_parent() -> None:
    class GoneForGood(NotFound):
        code = "gone"

    assert status_of(GoneForGood("It is gone.")) == STATUS[NotFound]

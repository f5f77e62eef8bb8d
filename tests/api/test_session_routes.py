"""Tokens from a session or a password, who is logged in, log-out, and which portal this is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from services.models.identity import TokenScope
from services.settings import Settings
from tests.support.live import Live, running
from tests.support.products import person


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("sessions"), environment="staging")
    with running(settings) as server:
        server.people["ann"] = person(server.container, "ann")
        server.people["editor"] = person(server.container, "editor", groups=["Admin"])
        yield server


def answers_to(live: Live, key: str) -> int:
    return requests.get(f"{live.url}/api/", headers={"Authorization": f"Token {key}"}).status_code


def with_token(live: Live, username: str, scope: TokenScope = "all", days: int | None = None) -> requests.Session:
    session = requests.Session()
    key = live.container.tokens.create(live.people[username], "named", days, scope).key
    session.headers["Authorization"] = f"Token {key}"
    return session


def test_get_token_replaces_only_the_token_without_a_label(live: Live) -> None:
    browser, program = live.session("owner1"), with_token(live, "owner1")
    keys = [browser.post(f"{live.url}/api/get_token/").json()["token"] for _ in range(2)]
    assert [answers_to(live, key) for key in keys] == [401, 200]
    third = program.post(f"{live.url}/api/get_token").json()["token"]
    assert [answers_to(live, key) for key in (keys[1], third)] == [401, 200]
    assert program.get(f"{live.url}/api/").status_code == 200


def test_a_token_that_ends_makes_none_that_outlives_it(live: Live) -> None:
    with_token(live, "owner2", days=3).post(f"{live.url}/api/get_token/")
    unnamed, named = live.container.tokens.list(live.people["owner2"])
    assert (unnamed.label, named.label) == ("", "named")
    assert unnamed.expires_at == named.expires_at is not None


def test_a_browser_needs_its_csrf_token_to_get_an_api_token(live: Live) -> None:
    browser = live.session("owner1")
    del browser.headers["X-CSRFToken"]
    assert browser.post(f"{live.url}/api/get_token/").status_code == 400
    assert requests.post(f"{live.url}/api/get_token/").status_code == 401


def test_a_password_is_worth_a_token(live: Live) -> None:
    for sent in (
        {"json": {"username": "demo", "password": "demo"}},
        {"data": {"username": "DEMO", "password": "demo"}},
    ):
        answer = requests.post(f"{live.url}/api/obtain_token/", **sent)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        assert answers_to(live, answer.json()["token"]) == 200
        assert "Set-Cookie" not in answer.headers


def test_a_wrong_authorization_header_does_not_spoil_obtaining_a_token(live: Live) -> None:
    answer = requests.post(
        f"{live.url}/api/obtain_token/",
        data={"username": "demo", "password": "demo"},
        headers={"Authorization": "Token 0000"},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("sent", [{}, {"username": "demo"}, {"username": "demo", "password": ""}, {"username": ["a"]}])
def test_half_a_credential_is_told(live: Live, sent: dict[str, object]) -> None:
    answer = requests.post(f"{live.url}/api/obtain_token/", json=sent)
    assert answer.status_code == 400
    assert "detail" in answer.json()


def test_guessing_is_slowed_down_at_both_doors(live: Live) -> None:
    wrong = {"username": "ann", "password": "guess"}
    statuses = [requests.post(f"{live.url}/api/obtain_token/", data=wrong).status_code for _ in range(5)]
    assert statuses == [400] * 5
    refusal = requests.post(f"{live.url}/api/obtain_token/", data={"username": "ann", "password": "ann"})
    assert refusal.status_code == 429
    assert int(refusal.headers["Retry-After"]) > 0
    assert "detail" in refusal.json()
    browser = live.session()
    form = {"csrf_token": browser.cookies["_csrf_token"], "username": "ann", "password": "ann"}
    assert browser.post(f"{live.url}/login", data=form).status_code == 429


@pytest.mark.parametrize(("username", "is_admin"), [("demo", False), ("curator", True), ("editor", True)])
def test_who_is_asking(live: Live, username: str, is_admin: bool) -> None:
    for session in (live.session(username), with_token(live, username, "read")):
        answer = session.post(f"{live.url}/api/logged_user/")
        assert answer.json() == {"username": live.people[username].display_name, "is_admin": is_admin}


def test_log_out_ends_the_session_and_no_token(live: Live) -> None:
    browser, program = live.session("owner1"), with_token(live, "owner1")
    assert browser.get(f"{live.url}/api/logout/").status_code == 405
    assert browser.get(f"{live.url}/api/").status_code == 200
    assert browser.post(f"{live.url}/api/logout/").status_code == 200
    assert browser.get(f"{live.url}/api/").status_code == 401
    assert program.post(f"{live.url}/api/logout/").status_code == 200
    assert program.get(f"{live.url}/api/").status_code == 200


def test_which_environment_is_open(live: Live) -> None:
    answer = requests.get(f"{live.url}/which_environment/")
    assert answer.status_code == 200
    assert answer.json() == {"enviroment_name": "staging", "is_dev": True}


def test_a_token_that_only_reads_changes_nothing(live: Live) -> None:
    reader = with_token(live, "owner1", "read")
    assert reader.get(f"{live.url}/api/").status_code == 200
    for method, path in (("POST", "/api/get_token/"), ("POST", "/files"), ("DELETE", "/files/0f0e0d0c")):
        refusal = reader.request(method, live.url + path, headers={"Upload-Length": "3"})
        assert refusal.status_code == 403, path
        assert "may only read" in refusal.json()["detail"]

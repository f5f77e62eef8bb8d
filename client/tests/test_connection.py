"""Who asks and where: tokens, hosts, refusals, tries."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
import requests

from pzserver import PzServer, PzServerError
from pzserver.errors import ConnectionFailed, InvalidInput, NotFound, RequestFailed
from pzserver.hosts import api_address, find_token
from pzserver.testing import MockPortal
from pzserver.transport import Transport


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("pz", "https://pzserver.linea.org.br/api/"),
        ("pz-dev", "https://pzserver-dev.linea.org.br/api/"),
        ("localhost", "http://localhost/api/"),
        ("https://pz.example.org", "https://pz.example.org/api/"),
        ("https://pz.example.org/", "https://pz.example.org/api/"),
        ("https://pz.example.org/api", "https://pz.example.org/api/"),
        ("https://pz.example.org/api/", "https://pz.example.org/api/"),
        (" https://pz.example.org/api/\n", "https://pz.example.org/api/"),
        ("https://example.org/portal/", "https://example.org/portal/api/"),
        ("pz.example.org", "https://pz.example.org/api/"),
        ("127.0.0.1:8050", "http://127.0.0.1:8050/api/"),
        ("localhost:8050", "http://localhost:8050/api/"),
    ],
)
def test_a_host_is_taken_as_people_write_it(host: str, address: str) -> None:
    assert api_address(host) == address


@pytest.mark.parametrize("host", ["ftp://x.org", "http://", "https://x.org/?a=1", "https://me:secret@x.org"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        api_address(host)
    assert "secret" not in str(caught.value)


def test_the_environment_names_host_and_token(monkeypatch: pytest.MonkeyPatch, portal: MockPortal) -> None:
    monkeypatch.setenv("PZSERVER_TOKEN", portal.token)
    monkeypatch.setenv("PZSERVER_HOST", portal.url)
    assert PzServer().get_product_types()


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PZSERVER_HOST", "https://other.example.org")
    monkeypatch.setenv("PZSERVER_TOKEN", "other")
    assert api_address("pz-dev").startswith("https://pzserver-dev.")
    assert find_token("mine") == "mine"


@pytest.mark.parametrize("token", [None, "", " \n"])
def test_without_a_token_there_is_a_value_error(token: str | None) -> None:
    with pytest.raises(ValueError, match="token is needed"):
        PzServer(token, "https://pz.example.org")


def test_a_token_from_a_file_with_a_final_newline_works(portal: MockPortal, tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text(f"{portal.token}\r\n")
    with (tmp_path / "token.txt").open() as file:
        token = file.read()
    assert PzServer(token=token, host=portal.url).get_releases()


@pytest.mark.parametrize("token", ["se cret", "sécret", "se\ncret", "se\x00cret"])
def test_a_token_that_cannot_be_sent_is_not_repeated(token: str) -> None:
    with pytest.raises(ValueError, match="characters") as caught:
        PzServer(token, "https://pz.example.org")
    assert "cret" not in str(caught.value)


def test_a_wrong_token_says_the_status_and_hides_the_token(portal: MockPortal) -> None:
    wrong = "f" * 40
    with pytest.raises(requests.exceptions.RequestException, match=r"^Status code 401: .*token") as caught:
        PzServer(wrong, portal.url)
    assert wrong not in "".join(traceback.format_exception(caught.value))
    assert isinstance(caught.value, PzServerError)


def test_a_server_that_is_not_there_is_a_request_exception() -> None:
    token = "f" * 40
    with pytest.raises(requests.exceptions.RequestException, match=r"^Status code None: Connection error") as caught:
        PzServer(token, "http://127.0.0.1:9")
    assert isinstance(caught.value, ConnectionFailed)
    assert token not in "".join(traceback.format_exception(caught.value))


def test_the_token_is_in_no_repr(server: PzServer, portal: MockPortal) -> None:
    seen = repr(server) + repr(server.api) + repr(server.api.transport) + repr(server.api.transport._session.auth)
    assert portal.token not in seen


def test_a_page_that_is_no_portal_is_told_as_such() -> None:
    transport = Transport("http://127.0.0.1:9/api/", "secret")
    answer = requests.Response()
    answer.status_code, answer._content, answer.url = 200, b"<html>", "http://127.0.0.1:9/api/"
    transport.send = lambda *_, **__: answer  # type: ignore[method-assign]
    with pytest.raises(RequestFailed, match="Check the host"):
        transport.json("GET", "")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_failure_of_a_safe_request_is_tried_again(server: PzServer, portal: MockPortal, status: int) -> None:
    portal.failures = [status, status]
    assert len(server.get_releases()) == 2


def test_tries_end(server: PzServer, portal: MockPortal) -> None:
    portal.failures = [503] * 10
    with pytest.raises(RequestFailed) as caught:
        server.get_releases()
    assert caught.value.status_code == 503
    assert len(portal.failures) == 6


def test_a_writing_request_is_sent_once(server: PzServer, portal: MockPortal, specz_id: int) -> None:
    portal.requests.clear()
    portal.failures = [503]
    with pytest.raises(RequestFailed):
        server.api.transport.json("PATCH", f"products/{specz_id}/", data={"description": "x"})
    assert portal.requests == [f"PATCH /api/products/{specz_id}/"]


def test_what_was_turned_away_for_its_number_is_sent_again(server: PzServer, portal: MockPortal, specz_id: int) -> None:
    portal.failures = [429]
    server.api.transport.json("PATCH", f"products/{specz_id}/", data={"description": "x"})
    assert portal.products[specz_id]["description"] == "x"


def test_a_refusal_keeps_the_words_and_reasons_of_the_server(server: PzServer) -> None:
    body = {"display_name": "x", "product_type": 1, "release": 1, "pz_code": None, "description": None, "status": 0}
    with pytest.raises(RequestFailed, match=r"belongs to no release\. release: Leave it out\.") as caught:
        server.api.transport.json("POST", "products/", json=body)
    assert caught.value.status_code == 400
    assert caught.value.body == {"detail": "A spec-z catalogue belongs to no release.", "release": ["Leave it out."]}


def test_not_found_is_a_value_error_and_a_request_exception(server: PzServer) -> None:
    with pytest.raises(NotFound) as caught:
        server.api.get("products", 999)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, requests.exceptions.RequestException)
    assert caught.value.status_code == 404


@pytest.mark.parametrize(
    "address", ["http://evil.example.org/api/x/?t=1", "//evil.example.org/api/x/?t=1", "/api/x/?t=1"]
)
def test_addresses_of_the_server_lead_nowhere_else(address: str) -> None:
    assert Transport("https://pz.example.org/api/", "t").url(address) == "https://pz.example.org/api/x/?t=1"


def test_a_netrc_file_does_not_replace_the_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, portal: MockPortal
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert PzServer(portal.token, portal.url).get_users()


def test_a_token_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput, match="must be text"):
        PzServer(12345, "https://pz.example.org")  # type: ignore[arg-type]

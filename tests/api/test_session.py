"""The guard before every request: log-in, CSRF, tokens, sessions."""

from __future__ import annotations

from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from api.session import safe_next
from app import create_server
from services.database import migrate
from services.schema import UserRow
from services.settings import Settings
from services.unit_of_work import unit_of_work
from tests.support.live import Live

PAGES = ("/", "/official_products", "/user_products", "/product/new", "/product/edit/1_a", "/product/1_a", "/nowhere")
MACHINE_PATHS = (
    ("GET", "/_dash-layout"),
    ("GET", "/_dash-dependencies"),
    ("POST", "/_dash-update-component"),
    ("GET", "/_reload-hash"),
    ("POST", "/files"),
    ("HEAD", "/files/0f0e0d0c-0000-4000-8000-000000000000"),
    ("PATCH", "/files/0f0e0d0c-0000-4000-8000-000000000000"),
    ("DELETE", "/files/0f0e0d0c-0000-4000-8000-000000000000"),
    ("GET", "/files/0f0e0d0c-0000-4000-8000-000000000000/staged"),
    ("GET", "/api/"),
    ("OPTIONS", "/api/products/"),
    ("GET", "/api/products/1/download/"),
    ("GET", "/api/products/1/download_main_file/"),
    ("GET", "/api/product-files/1/download/"),
)


@pytest.mark.parametrize("path", PAGES)
def test_signed_out_people_are_led_to_the_log_in_and_back(live: Live, path: str) -> None:
    answer = requests.get(f"{live.url}{path}?a=b%20c&d=%2F", allow_redirects=False)
    assert answer.status_code == 302
    target = urlsplit(answer.headers["Location"])
    assert target.path == "/login"
    assert parse_qs(target.query)["next"] == [f"{path}?a=b%20c&d=%2F"]


@pytest.mark.parametrize(("method", "path"), MACHINE_PATHS)
def test_signed_out_programs_hear_401_in_json(live: Live, method: str, path: str) -> None:
    answer = requests.request(method, live.url + path)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("application/json")
    if method != "HEAD":
        assert {"detail", "code", "request_id"} <= set(answer.json())


@pytest.mark.parametrize("path", ["/login", "/about", "/healthz", "/readyz", "/assets/css/tokens.css", "/robots.txt"])
def test_some_addresses_are_open(live: Live, path: str) -> None:
    assert requests.get(live.url + path, allow_redirects=False).status_code == 200


def test_log_in_leads_back_to_the_address_with_its_query(live: Live) -> None:
    browser = live.session()
    form = {
        "csrf_token": browser.cookies["_csrf_token"],
        "username": "demo",
        "password": "demo",
        "next": "/user_products?search=a%20b",
    }
    answer = browser.post(f"{live.url}/login", data=form, allow_redirects=False)
    assert answer.headers["Location"] == "/user_products?search=a%20b"


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "\\/elsewhere.example",
        "/\t/elsewhere.example",
        "/\n/elsewhere.example",
        " /a",
        "javascript:alert(1)",
        "/login?next=/a",
        "/logout",
    ],
)
def test_next_never_leads_away(target: str | None) -> None:
    assert safe_next(target) == "/"


@pytest.mark.parametrize("target", ["/", "/product/1_a?tab=table&x=%2F%2F", "/user_products?search=a//b"])
def test_next_keeps_our_own_addresses(target: str) -> None:
    assert safe_next(target) == target


def test_wrong_password_and_unknown_user_sound_the_same(live: Live) -> None:
    texts = []
    for username in ("owner2", "nobody_here"):
        browser = live.session()
        form = {"csrf_token": browser.cookies["_csrf_token"], "username": username, "password": "wrong"}
        answer = browser.post(f"{live.url}/login", data=form)
        assert answer.status_code == 401
        texts.append(answer.text.split('id="problem"')[1].split("</p>")[0])
    assert texts[0] == texts[1]


def test_too_many_failures_answer_429_and_say_how_long(live: Live) -> None:
    browser = live.session()
    form = {"csrf_token": browser.cookies["_csrf_token"], "username": "guessed", "password": "wrong"}
    statuses = [browser.post(f"{live.url}/login", data=form).status_code for _ in range(5)]
    assert statuses == [401] * 5
    answer = browser.post(f"{live.url}/login", data=form)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Wait 5 minutes" in answer.text


def test_log_in_without_csrf_token_is_refused(live: Live) -> None:
    browser = live.session()
    del browser.headers["X-CSRFToken"]
    answer = browser.post(f"{live.url}/login", data={"username": "demo", "password": "demo"})
    assert answer.status_code == 400
    assert "pz_session" not in answer.request.headers.get("Cookie", "") or "user_id" not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/_dash-update-component"), ("POST", "/files"), ("POST", "/logout"), ("DELETE", "/files/x")],
)
def test_unsafe_calls_need_the_csrf_token(live: Live, method: str, path: str) -> None:
    browser = live.session("demo")
    del browser.headers["X-CSRFToken"]
    assert browser.request(method, live.url + path, json={}, allow_redirects=False).status_code == 400
    assert browser.get(f"{live.url}/_dash-layout").status_code == 200


@pytest.mark.parametrize("path", ["/logout", "/login/demo"])
def test_addresses_that_only_take_forms_lead_to_the_log_in(live: Live, path: str) -> None:
    answer = requests.get(live.url + path, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")


def test_no_callback_takes_a_body_of_any_size(live: Live) -> None:
    """The body is announced and never sent: the answer must come before it."""
    browser = live.session("demo")
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    line = HTTPConnection(urlsplit(live.url).netloc, timeout=10)
    line.putrequest("POST", "/_dash-update-component")
    for name, value in {
        "Content-Length": str(2**30),
        "Content-Type": "application/json",
        "X-CSRFToken": str(browser.headers["X-CSRFToken"]),
        "Cookie": cookies,
    }.items():
        line.putheader(name, value)
    line.endheaders()
    assert line.getresponse().status == 413
    line.close()


def test_log_out_ends_the_session(live: Live) -> None:
    browser = live.session("demo")
    assert browser.get(f"{live.url}/_dash-layout").status_code == 200
    assert browser.get(f"{live.url}/logout", allow_redirects=False).headers["Location"] == "/login"
    assert browser.get(f"{live.url}/_dash-layout").status_code == 200
    browser.post(f"{live.url}/logout", allow_redirects=False)
    assert browser.get(f"{live.url}/_dash-layout").status_code == 401


@pytest.mark.parametrize("path", ["/logout", "/api/logout/"])
def test_a_copied_cookie_ends_with_its_session_and_no_other_does(live: Live, path: str) -> None:
    browser, elsewhere, thief = live.session("demo"), live.session("demo"), requests.Session()
    thief.cookies.update(browser.cookies)
    assert thief.get(f"{live.url}/_dash-layout").status_code == 200
    assert browser.post(live.url + path, allow_redirects=False).status_code in (200, 302)
    assert thief.get(f"{live.url}/_dash-layout").status_code == 401
    assert thief.get(f"{live.url}/", allow_redirects=False).headers["Location"].startswith("/login")
    assert elsewhere.get(f"{live.url}/_dash-layout").status_code == 200


def test_a_session_from_before_the_log_in_is_thrown_away(live: Live) -> None:
    browser = live.session()
    before, token = browser.cookies["pz_session"], browser.cookies["_csrf_token"]
    form = {"csrf_token": token, "username": "demo", "password": "demo"}
    browser.post(f"{live.url}/login", data=form)
    assert browser.cookies["pz_session"] != before
    answer = browser.post(f"{live.url}/logout", headers={"X-CSRFToken": token}, allow_redirects=False)
    assert answer.status_code == 400


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(live: Live) -> None:
    browser = live.session()
    form = {"csrf_token": browser.cookies["_csrf_token"], "username": "demo", "password": "demo"}
    answer = browser.post(f"{live.url}/login", data=form, allow_redirects=False)
    session = next(line for line in answer.raw.headers.getlist("Set-Cookie") if line.startswith("pz_session="))
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    assert "Expires=" in session


def test_demo_log_in_works_here_and_not_through_a_proxy(live: Live) -> None:
    browser = live.session()
    form = {"csrf_token": browser.cookies["_csrf_token"], "next": "/about"}
    far = browser.post(f"{live.url}/login/demo", data=form, headers={"X-Forwarded-For": "203.0.113.9"})
    assert far.status_code == 403
    near = browser.post(f"{live.url}/login/demo", data=form, allow_redirects=False)
    assert (near.status_code, near.headers["Location"]) == (302, "/about")
    assert browser.get(f"{live.url}/_dash-layout").status_code == 200


@pytest.mark.parametrize("keyword", ["Token", "token", "Bearer"])
def test_a_token_opens_the_api_without_cookie_or_csrf(live: Live, keyword: str) -> None:
    key = live.container.tokens.create(live.people["demo"]).key
    answer = requests.get(f"{live.url}/api/nothing/", headers={"Authorization": f"{keyword} {key}"})
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("header", ["Token 0000", "Token", "Basic ZGVtbzpkZW1v", "Token "])
def test_a_wrong_token_is_refused_even_with_a_session(live: Live, owner: requests.Session, header: str) -> None:
    answer = owner.get(f"{live.url}/api/nothing/", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_token_opens_no_pages(live: Live) -> None:
    key = live.container.tokens.create(live.people["demo"]).key
    answer = requests.get(f"{live.url}/_dash-layout", headers={"Authorization": f"Token {key}"})
    assert answer.status_code == 401


def test_every_answer_carries_its_request_id(live: Live) -> None:
    given = requests.get(f"{live.url}/healthz", headers={"X-Request-ID": "trace-12345678"})
    assert given.headers["X-Request-ID"] == "trace-12345678"
    made = requests.get(f"{live.url}/healthz", headers={"X-Request-ID": "bad id\x7f"})
    assert made.headers["X-Request-ID"] != "bad id\x7f"


def test_behind_https_cookies_never_travel_in_the_clear(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, base_url="https://pz.example.org")
    migrate(settings)
    with create_server(settings).test_client() as client:
        answer = client.get("/login")
    assert all("Secure" in cookie for cookie in answer.headers.getlist("Set-Cookie"))
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_a_session_of_an_older_epoch_has_ended(live: Live) -> None:
    browser = live.session("owner2")
    with unit_of_work(live.container.sessions) as unit:
        unit.session.get_one(UserRow, live.people["owner2"].user_id).session_epoch += 1
    assert browser.get(f"{live.url}/_dash-layout").status_code == 401
    with unit_of_work(live.container.sessions) as unit:
        unit.session.get_one(UserRow, live.people["owner2"].user_id).session_epoch -= 1

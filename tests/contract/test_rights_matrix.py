"""Every route of the API, asked by everybody for products they may and may not see.

A route without a row here fails the first test. A row says what kind of access the route needs; from that and the table
of who sees what follow the statuses, and what must not be in any answer: no word, number or name of a hidden product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from flask import Flask
from limits.storage import MemoryStorage
from werkzeug.routing import Rule

import api.blueprints
from api.rates import LoginBrake
from components.figures.registry import plot_csv
from services.container import Container
from services.settings import Settings
from tests.support.live import running
from tests.support.rights import EDITS, PEOPLE, SEES, STATES, Subject, World, build_world, number, word

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ALL_STATUSES = "status__in=0,1,2,3,9"

Sent = Callable[[Subject], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """What a route asks of people.

    ``needs`` is "see" (whoever sees the product), "edit" (owner and administrators; others hear 403, or 404 when they
    do not see it), "list" (everybody, filtered), "login" (everybody, about no product) or "nobody" (no account needed).
    ``ok`` are the statuses of whoever may; ``fresh`` routes change things, so whoever may gets a product of their own.
    """

    needs: str
    ok: frozenset[int] = frozenset({200})
    sent: Sent = lambda _: {}
    fresh: bool = False
    only_reads: bool = False
    """A POST that a token for reading may send."""
    writes: bool = False
    """A GET that changes something."""
    sees: dict[str, frozenset[str]] | None = None
    """Who sees the product here, where that differs."""


def see(*ok: int, **more: Any) -> Row:
    return Row("see", frozenset(ok or (200,)), **more)


def edit(*ok: int, **more: Any) -> Row:
    return Row("edit", frozenset(ok or (200,)), **more)


def about(name: str) -> Sent:
    """Filter of a list by the product."""
    return lambda subject: {"params": {name: subject.product.id}}


def _new_file(subject: Subject) -> dict[str, Any]:
    return {"data": {"product": subject.product.id, "role": 2}, "files": {"file": ("more.txt", b"more")}}


def _new_process(subject: Subject) -> dict[str, Any]:
    return {"json": {"display_name": "x", "pipeline": "combine_redshift", "inputs": [subject.product.id]}}


_NOBODY: frozenset[str] = frozenset()
SPECZ = {**SEES, "draft": _NOBODY, "gated": _NOBODY}
"""The list of published spec-z catalogues has no drafts, and the gated product is a training set."""

ROWS: dict[str, Row] = {
    "root.get_root": Row("login"),
    "schema.get_schema": Row("login"),
    "docs.docs": Row("login"),
    "session.post_get_token": Row("login"),
    "session.post_obtain_token": Row("nobody", frozenset({400}), only_reads=True),
    "session.post_logged_user": Row("login", only_reads=True),
    "session.post_log_out": Row("login"),
    "lists.get_product_types": Row("login"),
    "lists.get_one_type": Row("login"),
    "lists.options_product-types": Row("login"),
    "lists.get_releases": Row("login"),
    "lists.get_one_release": Row("login"),
    "lists.options_releases": Row("login"),
    "lists.get_users": Row("login"),
    "lists.options_users": Row("login"),
    "products.options_products": Row("login"),
    "products.get_products": Row(
        "list", sent=lambda subject: {"params": f"internal_name={subject.product.internal_name}&{ALL_STATUSES}"}
    ),
    "products.post_new_product": Row(
        "login", frozenset({201}), sent=lambda _: {"json": {"display_name": "A new one", "product_type": "other"}}
    ),
    "products.get_pending_publication": Row("login"),
    "products.get_product": see(),
    "products.patch_change_product": edit(sent=lambda _: {"data": {"pz_code": ""}}, fresh=True),
    "products.delete_delete_product": edit(204, fresh=True),
    "products_specz.options_products-specz": Row("login"),
    "products_specz.get_specz_products": Row(
        "list", sent=lambda subject: {"params": {"internal_name": subject.product.internal_name}}, sees=SPECZ
    ),
    "products_specz.get_specz_product": see(sees=SPECZ),
    "main_file.get_main_file_info": see(),
    "main_file.get_register_by_get": edit(writes=True),
    "main_file.post_register": edit(),
    "main_file.get_read_data": see(),
    "product_contents.get_contents": Row("list", sent=about("product")),
    "product_contents.get_content": see(),
    "product_contents.patch_describe": edit(sent=lambda _: {"data": {"ucd": "meta.code"}}, fresh=True),
    "product_contents.options_product-contents": Row("login"),
    "product_files.get_files": Row("list", sent=about("product_id")),
    "product_files.get_one_file": see(),
    "product_files.post_add_file": edit(201, sent=_new_file, fresh=True),
    "product_files.delete_remove_file": edit(204, fresh=True),
    "product_files.options_product-files": Row("login"),
    "downloads.get_main_file": see(),
    "downloads.get_archive": see(),
    "downloads.get_one_file": see(),
    "prepared.post_prepare_archive": see(200, 202, only_reads=True),
    "prepared.get_archive_status": see(200),
    "prepared.get_archive_file": see(403),
    "prepared.post_prepare_main_file": see(200, only_reads=True),
    "prepared.get_main_file_status": see(200),
    "prepared.get_main_file": see(403),
    "quality.get_quality": see(200, 202),
    "data_numbers.get_statistics": see(),
    "data_numbers.get_histogram": see(sent=lambda _: {"params": {"column": "mag_i"}}),
    "data_numbers.get_density": see(sent=lambda _: {"params": {"x": "ra", "y": "mag_i", "bins": "5"}}),
    "data_numbers.get_sky": see(),
    "data_numbers.get_cube": see(),
    "data_numbers.get_metrics": see(sent=lambda _: {"params": {"z_phot": "dec", "z_spec": "z_spec"}}),
    "plots.get_plot_list": see(),
    "plots.get_plot_numbers": see(),
    "moc.get_moc": see(),
    "notebook.get_notebook": see(),
    "data_table.get_table": see(),
    "compare.get_compare": see(sent=about("with")),
    "coverage.get_coverage": see(400, sent=about("target")),  # these tables have one band
    "pipelines.get_pipelines": Row("login"),
    "pipelines.get_one_pipeline": Row("login"),
    "pipelines.options_pipelines": Row("login"),
    "processes.get_processes": Row("list", sent=about("upload")),
    "processes.post_start": Row("login", frozenset({400, 403, 404}), sent=_new_process),
    "processes.options_processes": Row("login"),
    "processes.get_one_process": see(),
    "processes.delete_remove_process": edit(204, fresh=True),
    "processes.get_stop_by_get": edit(409, writes=True),
    "processes.post_stop": edit(409),
    "processes.get_logs": edit(),
    "processes.get_process_config": see(),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running(Settings(data_dir=tmp_path_factory.mktemp("rights"))) as live:
        yield build_world(live)


def routes_of(container: Container) -> list[tuple[str, Rule]]:
    """Every route below /api by its name, the one for unknown addresses aside."""
    server = Flask("routes")
    api.blueprints.register(server, container, LoginBrake(MemoryStorage()), plot_csv)
    rules = [rule for rule in server.url_map.iter_rules() if rule.rule.startswith("/api")]
    return [(rule.endpoint, rule) for rule in rules if not rule.endpoint.startswith("nowhere.")]


@pytest.fixture(scope="module")
def routes(world: World) -> dict[str, Rule]:
    return dict(routes_of(world.container))


def method_of(rule: Rule) -> str:
    """The method a route is for."""
    (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"} or {"OPTIONS"}
    return method


def test_every_route_has_a_row(world: World) -> None:
    assert {name for name, _ in routes_of(world.container)} == set(ROWS)
    assert len(routes_of(world.container)) == len(ROWS)


def expected(row: Row, who: str, state: str) -> frozenset[int]:
    """Statuses a person may hear for the product of a state."""
    if row.needs == "nobody":
        return row.ok
    if who == "anonymous":
        return frozenset({401})
    if row.needs in ("login", "list"):
        return row.ok
    if who not in (row.sees or SEES)[state]:
        return frozenset({404})
    return frozenset({403}) if row.needs == "edit" and who not in EDITS else row.ok


def told(answer: requests.Response) -> str:
    """Everything of an answer in which something could be hidden."""
    return answer.content.decode("utf-8", "replace") + str(answer.headers)


def secrets_for(who: str) -> list[str]:
    """What this person must never hear."""
    hidden = [state for state in STATES if who not in SEES[state]]
    return [secret for state in hidden for secret in (word(state), number(state))]


def leaks(answer: requests.Response, who: str) -> list[str]:
    text = told(answer)
    return [secret for secret in secrets_for(who) if secret in text]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_everybody_hears_what_they_may_and_no_more(world: World, routes: dict[str, Rule], name: str) -> None:
    row, rule = ROWS[name], routes[name]
    method, wrong = method_of(rule), []
    if name in ("prepared.get_archive_status", "prepared.get_main_file_status"):
        _prepare_all(world)
    for state in STATES:
        for who in PEOPLE:
            right = expected(row, who, state)
            subject = world.fresh(state) if row.fresh and right == row.ok else world.subjects[state]
            answer = world.ask(who, method, subject.addressed(rule.rule), **row.sent(subject), allow_redirects=False)
            sees = who in (row.sees or SEES)[state]
            is_wrong = answer.status_code not in right and not (name == "docs.docs" and answer.status_code == 302)
            if is_wrong or leaks(answer, who) or (row.needs == "list" and _miscounted(answer, sees=sees)):
                wrong.append((state, who, answer.status_code, sorted(right), leaks(answer, who), answer.text[:200]))
    assert wrong == []


def _prepare_all(world: World) -> None:
    for state in ("published", "draft", "gated"):
        for kind in ("", "main-file/"):
            path = f"/api/products/{world.subjects[state].product.id}/download/{kind}prepare/"
            assert world.ask("owner", "POST", path).status_code in (200, 202)


def _miscounted(answer: requests.Response, *, sees: bool) -> bool:
    if answer.status_code != 200:
        return False
    body = answer.json()
    return bool(body["count"] > 0) != sees or body["count"] != len(body["results"])


WITH_WORD = (
    "products.get_product",
    "main_file.get_main_file_info",
    "main_file.get_read_data",
    "product_contents.get_contents",
    "product_contents.get_content",
    "product_files.get_files",
    "product_files.get_one_file",
    "data_numbers.get_statistics",
    "data_table.get_table",
    "downloads.get_main_file",
    "downloads.get_archive",
    "downloads.get_one_file",
    "processes.get_one_process",
    "processes.get_logs",
    "processes.get_process_config",
)


@pytest.mark.parametrize("name", WITH_WORD)
def test_the_planted_words_would_be_seen(world: World, routes: dict[str, Rule], name: str) -> None:
    """Without this, the matrix could pass because the words are nowhere at all."""
    for state in ("published", "draft", "gated"):
        subject = world.subjects[state]
        answer = world.ask("owner", "GET", subject.addressed(routes[name].rule), **ROWS[name].sent(subject))
        assert word(state) in told(answer)
        if name in ("main_file.get_read_data", "data_table.get_table", "downloads.get_main_file"):
            assert number(state) in told(answer)


def test_the_etag_of_somebody_else_opens_nothing(world: World, routes: dict[str, Rule]) -> None:
    subject, asked = world.subjects["gated"], 0
    for name, rule in routes.items():
        row = ROWS[name]
        if row.needs == "see" and method_of(rule) == "GET" and row.sees is None:
            path, sent = subject.addressed(rule.rule), row.sent(subject)
            etag = world.ask("owner", "GET", path, **sent).headers.get("ETag", "*")
            for given in (etag, "*"):
                answer = world.ask("other", "GET", path, more={"If-None-Match": given, "Range": "bytes=0-9"}, **sent)
                assert answer.status_code == 404, name
                asked += 1
    assert asked > 20


def _searches(state: str) -> list[str]:
    names = ("search", "product_name", "product_name__or", "display_name", "display_name__in")
    return [f"{name}={word(state)}" for name in names]


@pytest.mark.parametrize(("route", "word", "ok"), [("compare", "with", 200), ("coverage", "target", 400)])
@pytest.mark.parametrize("who", ["other", "member", "owner", "admin"])
def test_a_hidden_product_beside_another_answers_as_if_it_did_not_exist(
    world: World, who: str, route: str, word: str, ok: int
) -> None:
    base = f"/api/products/{world.subjects['published'].product.id}/{route}/"
    nothing = world.ask(who, "GET", base, params={word: 999_999_999})
    assert nothing.status_code == 404
    for state in STATES:
        answer = world.ask(who, "GET", base, params={word: world.subjects[state].product.id, "column": "mag_i"})
        assert answer.status_code == (ok if who in SEES[state] else 404), state
        assert leaks(answer, who) == [], state
        if answer.status_code == 404:
            assert answer.json() | {"request_id": ""} == nothing.json() | {"request_id": ""}


@pytest.mark.parametrize("who", ["other", "member", "admin"])
def test_no_list_counts_or_finds_what_is_hidden(world: World, who: str) -> None:
    seen = {state for state in STATES if who in SEES[state]}
    for address in ("products", "product-contents", "product-files", "processes", "users", "releases"):
        for query in ("", f"?{ALL_STATUSES}", "?status=2", "?status=0", "?page_size=1", "?release_name=gated"):
            answer = world.ask(who, "GET", f"/api/{address}/{query}")
            assert answer.status_code in (200, 400), (address, query)
            assert leaks(answer, who) == [], (address, query)
    for state in set(STATES) - seen:
        for search in _searches(state):
            body = world.ask(who, "GET", f"/api/products/?{ALL_STATUSES}&{search}").json()
            assert (body["count"], body["results"]) == (0, []), search
    total = world.ask(who, "GET", f"/api/products/?{ALL_STATUSES}").json()
    assert total["count"] == len(total["results"])


def test_a_gated_release_is_hidden_with_its_products(world: World) -> None:
    assert world.ask("other", "GET", "/api/releases/?name=gated").json()["count"] == 0
    assert world.ask("member", "GET", "/api/releases/?name=gated").json()["count"] == 1
    new = {"display_name": "x", "product_type": "training_set", "release": "gated"}
    refusal = world.ask("other", "POST", "/api/products/", json=new)
    assert refusal.status_code in (400, 403)
    assert leaks(refusal, "other") == []


def test_a_token_for_reading_changes_nothing(world: World, routes: dict[str, Rule]) -> None:
    key = world.container.tokens.create(world.owner, "reader", scope="read").key
    world.keys["reader"] = key
    subject = world.subjects["published"]
    before = world.ask("owner", "GET", f"/api/products/{subject.product.id}/").json()
    for name, rule in routes.items():
        row, method = ROWS[name], method_of(rule)
        answer = world.ask("reader", method, subject.addressed(rule.rule), **row.sent(subject), allow_redirects=False)
        changes = row.writes or (method not in SAFE and not row.only_reads)
        right = {403} if changes else row.ok | {302}
        assert answer.status_code in right, (name, answer.status_code, answer.text[:200])
        if changes:
            assert "may only read" in answer.json()["detail"], name
    assert world.ask("owner", "GET", f"/api/products/{subject.product.id}/").json() == before


def test_a_get_that_changes_something_takes_no_browser_session(world: World, routes: dict[str, Rule]) -> None:
    browser = world.live.session("owner1")
    changing = [name for name, row in ROWS.items() if row.writes]
    assert len(changing) >= 2
    for name in changing:
        path = world.subjects["published"].addressed(routes[name].rule)
        assert browser.get(world.live.url + path).status_code == 403, name

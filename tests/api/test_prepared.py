"""Prepared downloads over real HTTP: the object clients poll, the address they fetch, interruption and resumption."""

from __future__ import annotations

import hashlib
import io
import re
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests

from api.serving import gunicorn_command
from app import create_server
from services.container import Container, build_container
from services.database import migrate
from services.jobs.processes import environment_of
from services.models.identity import Actor
from services.models.products import FileRole, Product
from services.settings import Settings
from tests.support.live import Live
from tests.support.portal import free_port
from tests.support.products import draft

BODY = np.random.default_rng(11).bytes(9_000_001)
KINDS = ("download", "download/main-file")
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
LIMIT_S = 60.0
FIELDS = {
    "id",
    "task_id",
    "status",
    "filename",
    "size",
    "checksum",
    "source_signature",
    "created_at",
    "updated_at",
    "download_url",
    "expired_time",
    "error_message",
}


def _published(container: Container, owner: Actor, name: str = "Deep field") -> Product:
    """A published product whose main file is BODY."""
    made = draft(container, owner, name)
    container.uploads.receive_file(owner, made.id, io.BytesIO(BODY), "deep field – α.csv", FileRole.MAIN)
    return container.catalog.publish(owner, made.id)


@pytest.fixture(scope="module")
def product(live: Live) -> Product:
    """A published product of owner1."""
    return _published(live.container, live.people["owner1"])


@pytest.fixture
def reader(live: Live) -> requests.Session:
    """owner2 with an API token, as the clients have one."""
    return _with_token(live.container, live.people["owner2"])


def _with_token(container: Container, person: Actor) -> requests.Session:
    session = requests.Session()
    session.headers["Authorization"] = f"Token {container.tokens.create(person).key}"
    return session


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_prepares_polls_and_fetches(live: Live, reader: requests.Session, product: Product, kind: str) -> None:
    base = f"{live.url}/api/products/{product.id}/{kind}"
    answer = reader.post(f"{base}/prepare/", headers={"Content-Type": "application/json"})
    told = answer.json()
    assert (answer.status_code, told["status"], told.keys()) == (200, "ready", FIELDS)
    assert all(UTC_TIME.fullmatch(told[name]) for name in ("created_at", "updated_at", "expired_time"))
    assert told["download_url"].startswith(f"/api/products/{product.id}/{kind}/file/?token=")
    polled = reader.get(f"{base}/status/")
    assert polled.status_code == 200
    assert {name: polled.json()[name] for name in ("id", "checksum", "source_signature")} == {
        name: told[name] for name in ("id", "checksum", "source_signature")
    }
    file = reader.get(live.url + told["download_url"])
    assert hashlib.sha256(file.content).hexdigest() == told["checksum"]
    assert file.headers["Content-Length"] == str(told["size"]) == str(len(file.content))
    assert file.headers["Content-Disposition"] == f"attachment; filename={told['filename']}"
    assert file.headers["ETag"] == f'"{told["checksum"]}"'


def test_the_file_of_each_kind_is_the_right_one(live: Live, reader: requests.Session, product: Product) -> None:
    addresses = [
        reader.post(f"{live.url}/api/products/{product.id}/{kind}/prepare/").json()["download_url"] for kind in KINDS
    ]
    archive, main = (reader.get(live.url + address) for address in addresses)
    assert main.content == BODY
    assert main.headers["Content-Type"].startswith("text/csv")
    assert archive.headers["Content-Type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(archive.content)).namelist()[0] == "product_metadata.yaml"


@pytest.mark.parametrize("kind", KINDS)
def test_slashes_do_not_matter(live: Live, reader: requests.Session, product: Product, kind: str) -> None:
    base = f"{live.url}/api//products/{product.id}/{kind}"
    told = reader.post(f"{base}/prepare", allow_redirects=False)
    assert told.status_code == 200
    assert reader.get(f"{base}/status", allow_redirects=False).status_code == 200
    bare = told.json()["download_url"].replace("/file/?", "/file?")
    assert reader.get(live.url + bare, allow_redirects=False).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_prepared_is_404(live: Live, reader: requests.Session, kind: str) -> None:
    fresh = _published(live.container, live.people["owner1"], f"Not yet {kind}")
    answer = reader.get(f"{live.url}/api/products/{fresh.id}/{kind}/status/")
    assert answer.status_code == 404
    assert "prepare" in answer.json()["detail"]


def test_an_archive_on_its_way_is_202(live: Live, reader: requests.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = _published(live.container, live.people["owner1"], "A large one")
    monkeypatch.setattr("services.prepared.INLINE_BYTES", -1)
    monkeypatch.setattr("services.prepared.LOOK_EVERY_S", 0.01)
    monkeypatch.setattr("api.prepared.WAIT_S", 0.05)
    base = f"{live.url}/api/products/{fresh.id}/download"
    answer = reader.post(f"{base}/prepare/")
    told = answer.json()
    assert (answer.status_code, told["status"], told["download_url"]) == (202, "pending", None)
    job = live.container.jobs.claim(told["task_id"], "w")
    assert job is not None
    assert reader.get(f"{base}/status/").json()["status"] == "running"
    live.container.jobs.attempt_failed(job, "The disk is full.", is_final=True)
    failed = reader.get(f"{base}/status/")
    assert (failed.status_code, failed.json()["status"]) == (200, "failed")
    assert failed.json()["error_message"] == "The disk is full."


def test_no_main_file_is_404_and_a_described_product_has_a_zip(live: Live, reader: requests.Session) -> None:
    owner = live.people["owner1"]
    described = live.container.catalog.publish(owner, draft(live.container, owner, "Described only").id)
    base = f"{live.url}/api/products/{described.id}"
    for answer in (reader.post(f"{base}/download/main-file/prepare/"), reader.get(f"{base}/download_main_file/")):
        assert answer.status_code == 404
        assert "no main file" in answer.json()["detail"]
    told = reader.post(f"{base}/download/prepare/").json()
    archive = zipfile.ZipFile(io.BytesIO(reader.get(live.url + told["download_url"]).content))
    assert archive.namelist() == ["product_metadata.yaml"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_fetch_needs_the_log_in_and_the_token_of_one_person(
    live: Live, reader: requests.Session, product: Product, kind: str
) -> None:
    address = live.url + reader.post(f"{live.url}/api/products/{product.id}/{kind}/prepare/").json()["download_url"]
    base = address.partition("?")[0]
    assert requests.get(address).status_code == 401
    for name in ("owner1", "curator"):
        other = _with_token(live.container, live.people[name]).get(address)
        assert (other.status_code, "another person" in other.json()["detail"]) == (403, True)
    for wrong in (base, f"{base}?token=", f"{base}?token=abc", address[:-3]):
        refused = reader.get(wrong)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("method", "end"), [("POST", "prepare/"), ("GET", "status/"), ("GET", "file/?token=abc")])
def test_hidden_products_have_no_downloads(
    live: Live, reader: requests.Session, kind: str, method: str, end: str
) -> None:
    hidden = draft(live.container, live.people["owner1"], "Hidden")
    for product_id in (hidden.id, 2**31 - 1):
        answer = reader.request(method, f"{live.url}/api/products/{product_id}/{kind}/{end}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    for text in ("None", "+7", "007"):
        assert reader.request(method, f"{live.url}/api/products/{text}/{kind}/{end}").status_code == 404


def test_bytes_that_are_gone_are_404(live: Live, reader: requests.Session) -> None:
    fresh = _published(live.container, live.people["owner1"], "Soon gone")
    told = reader.post(f"{live.url}/api/products/{fresh.id}/download/prepare/").json()
    live.container.storage.delete(told["checksum"])
    answer = reader.get(live.url + told["download_url"])
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("base_url", "prefix", "begin"),
    [
        ("", "", "/api/products/"),
        ("", "/portal", "/portal/api/products/"),
        ("https://pz.example.org/portal/", "/portal", "https://pz.example.org/portal/api/products/"),
    ],
)
def test_the_address_never_comes_from_the_host_header(
    migrated_settings: Settings, base_url: str, prefix: str, begin: str
) -> None:
    settings = migrated_settings.model_copy(update={"base_url": base_url})
    container = build_container(settings)
    owner = container.users.create_user("owner1", "owner1")
    product = container.catalog.publish(owner, draft(container, owner).id)
    key = container.tokens.create(owner).key
    with create_server(settings).test_client() as client:
        answer = client.post(
            f"/api/products/{product.id}/download/prepare/",
            headers={"Authorization": f"Token {key}", "Host": "evil.example"},
            environ_overrides={"SCRIPT_NAME": prefix},
        )
    container.engine.dispose()
    assert answer.json["download_url"].startswith(f"{begin}{product.id}/download/file/?token=")


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Container, Actor]]:
    """The production server, its services and a person."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("production"), port=free_port())
    migrate(settings)
    container = build_container(settings)
    owner = container.users.create_user("owner1", "owner1")
    url = f"http://127.0.0.1:{settings.port}"
    with subprocess.Popen(gunicorn_command(settings, 1), env=environment_of(settings)) as server:
        try:
            _until_ready(url)
            yield url, container, owner
        finally:
            server.terminate()
            server.wait(LIMIT_S)
            container.engine.dispose()


def _until_ready(url: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while True:
        try:
            if requests.get(f"{url}/healthz", timeout=5).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def _cut_off(url: str, key: str, n_bytes: int) -> bytes:
    """Body of a download over a bare socket, as far as it came when the line was cut after ``n_bytes``."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=LIMIT_S) as line:
        line.sendall(
            f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Token {key}\r\n\r\n".encode("ascii")
        )
        with line.makefile("rb") as answer:
            assert b" 200 " in answer.readline()
            while answer.readline().strip():
                pass
            return answer.read(n_bytes)


@pytest.mark.parametrize("where", ["live", "production"])
@pytest.mark.parametrize(
    "path", ["download/", "download_main_file/", "download/prepare/", "download/main-file/prepare/"]
)
def test_a_download_cut_off_at_60_per_cent_is_continued(request: pytest.FixtureRequest, where: str, path: str) -> None:
    url, container, owner = (
        request.getfixturevalue("production") if where == "production" else _facts(request.getfixturevalue("live"))
    )
    product = _published(container, owner, f"Cut off {path}")
    session = _with_token(container, owner)
    address = f"{url}/api/products/{product.id}/{path}"
    if "prepare" in path:
        address = url + session.post(address).json()["download_url"]
    whole = session.get(address).content
    key = str(session.headers["Authorization"]).removeprefix("Token ")
    begun = _cut_off(address, key, len(whole) * 6 // 10)
    rest = session.get(address, headers={"Range": f"bytes={len(begun)}-"})
    assert rest.status_code == 206
    assert rest.headers["Content-Range"] == f"bytes {len(begun)}-{len(whole) - 1}/{len(whole)}"
    assert rest.headers["Content-Length"] == str(len(whole) - len(begun))
    assert begun + rest.content == whole
    stale = session.get(address, headers={"Range": f"bytes={len(whole)}-"})
    assert (stale.status_code, stale.content == whole) == (200, True)
    middle = session.get(address, headers={"Range": "bytes=1000-300999"})
    assert (middle.status_code, middle.content == whole[1000:301_000]) == (206, True)


def _facts(live: Live) -> tuple[str, Container, Actor]:
    return live.url, live.container, live.people["owner1"]


def test_a_file_of_this_machine_is_handed_to_the_server(live: Live, product: Product, tmp_path: Path) -> None:
    """The production server then sends it without Python touching the bytes; other servers read blocks."""
    handed: list[int] = []

    class Wrapper:
        def __init__(self, stream: io.BufferedReader, _block: int) -> None:
            handed.append(stream.tell())
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            yield self._stream.read()

        def close(self) -> None:
            self._stream.close()

    key = live.container.tokens.create(live.people["owner2"]).key
    with create_server(live.container.settings).test_client() as client:
        for ask in ("bytes=9000000-", "bytes=0-9"):
            answer = client.get(
                f"/api/products/{product.id}/download_main_file/",
                headers={"Authorization": f"Token {key}", "Range": ask},
                environ_overrides={"wsgi.file_wrapper": Wrapper},
            )
            assert answer.data == (BODY[9_000_000:] if ask.endswith("-") else BODY[:10])
            answer.close()
    assert handed == [9_000_000], "only a part that reaches the end: not every server stops at the Content-Length"

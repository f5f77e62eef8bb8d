"""Downloads over real HTTP: lengths, ranges, names, types, and who gets what."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
import requests

from services.models.products import FileRole, Product, ProductFile
from tests.support.live import Live
from tests.support.products import draft

BODY = np.random.default_rng(7).bytes(3_000_017)
Attach = Callable[[str, bytes, FileRole], ProductFile]


@pytest.fixture(scope="module")
def product(live: Live) -> Product:
    """A published product of owner1."""
    new = draft(live.container, live.people["owner1"], "Résumé of a field")
    return live.container.catalog.publish(live.people["owner1"], new.id)


@pytest.fixture(scope="module")
def attach(live: Live, product: Product) -> Attach:
    """Give the product a file."""

    def give(name: str, body: bytes, role: FileRole) -> ProductFile:
        uploads = live.container.uploads
        return uploads.receive_file(live.people["owner1"], product.id, io.BytesIO(body), name, role)

    return give


@pytest.fixture(scope="module")
def main_url(live: Live, product: Product, attach: Attach) -> str:
    """Address of the main file, whose bytes are BODY."""
    attach("catalogue — α.csv", BODY, FileRole.MAIN)
    return f"{live.url}/api/products/{product.id}/download_main_file/"


def test_the_whole_file_arrives_with_its_exact_length(stranger: requests.Session, main_url: str) -> None:
    answer = stranger.get(main_url)
    assert answer.status_code == 200
    assert answer.content == BODY
    assert answer.headers["Content-Length"] == str(len(BODY))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Encoding" not in answer.headers


def test_the_name_is_one_plain_token_at_the_end_of_the_header(stranger: requests.Session, main_url: str) -> None:
    header = stranger.head(main_url).headers["Content-Disposition"]
    kind, _, name = header.partition("; filename=")
    assert kind == "attachment"
    assert name.endswith(".csv")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=1000000-", slice(1_000_000, None)),
        ("bytes=3000016-", slice(3_000_016, None)),
        ("bytes=-17", slice(-17, None)),
        ("bytes=2999000-9999999", slice(2_999_000, None)),
    ],
)
def test_a_range_gives_that_part(stranger: requests.Session, main_url: str, header: str, expected: slice) -> None:
    answer = stranger.get(main_url, headers={"Range": header})
    part = BODY[expected]
    first = len(BODY[: expected.start]) if expected.start >= 0 else len(BODY) + expected.start
    assert answer.status_code == 206
    assert answer.content == part
    assert answer.headers["Content-Length"] == str(len(part))
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(BODY)}"


@pytest.mark.parametrize("header", ["bytes=3000017-", "bytes=abc", "bytes=9-1", "bytes=0-1,4-5", "rows=0-1"])
def test_a_range_that_cannot_be_met_gives_the_whole_file(
    stranger: requests.Session, main_url: str, header: str
) -> None:
    answer = stranger.get(main_url, headers={"Range": header})
    assert answer.status_code == 200
    assert answer.content == BODY


def test_a_copy_that_is_still_right_is_not_sent_again(stranger: requests.Session, main_url: str) -> None:
    etag = stranger.head(main_url).headers["ETag"]
    answer = stranger.get(main_url, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert stranger.get(main_url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_part_of_an_older_file_is_not_continued(stranger: requests.Session, main_url: str) -> None:
    etag = stranger.head(main_url).headers["ETag"]
    same = stranger.get(main_url, headers={"Range": "bytes=10-", "If-Range": etag})
    other = stranger.get(main_url, headers={"Range": "bytes=10-", "If-Range": '"older"'})
    assert (same.status_code, other.status_code) == (206, 200)
    assert other.content == BODY


def test_head_says_the_same_without_the_bytes(stranger: requests.Session, main_url: str) -> None:
    head, get = stranger.head(main_url), stranger.get(main_url)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Content-Disposition"):
        assert head.headers[name] == get.headers[name]


def test_head_tells_about_the_whole_file(stranger: requests.Session, main_url: str) -> None:
    head = stranger.head(main_url, headers={"Range": "bytes=10-"})
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(BODY)))


def test_an_interrupted_download_is_resumed_to_the_same_bytes(
    live: Live, stranger: requests.Session, main_url: str
) -> None:
    with live.session("owner2") as leaving, leaving.get(main_url, stream=True) as answer:
        begun = next(answer.iter_content(1_800_000))
    rest = stranger.get(main_url, headers={"Range": f"bytes={len(begun)}-"}).content
    assert hashlib.sha256(begun + rest).digest() == hashlib.sha256(BODY).digest()


def test_paths_work_without_the_final_slash(stranger: requests.Session, main_url: str) -> None:
    answer = stranger.get(main_url.rstrip("/"), allow_redirects=False)
    assert answer.status_code == 200
    assert answer.content == BODY


def test_a_token_is_enough(live: Live, main_url: str) -> None:
    key = live.container.tokens.create(live.people["owner2"]).key
    answer = requests.get(main_url, headers={"Authorization": f"Token {key}"})
    assert answer.content == BODY


def test_the_archive_holds_every_file(live: Live, stranger: requests.Session, product: Product, main_url: str) -> None:
    answer = stranger.get(f"{live.url}/api/products/{product.id}/download/")
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].endswith(".zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist()[0] == "product_metadata.yaml"
    assert BODY in [archive.read(name) for name in archive.namelist()]
    part = stranger.get(f"{live.url}/api/products/{product.id}/download", headers={"Range": "bytes=100-"})
    assert (part.status_code, part.content) == (206, answer.content[100:])


@pytest.mark.parametrize("name", ["page.html", "plot.svg", "table.xml", "numbers.json", "table.vot"])
def test_what_a_browser_might_run_is_plain_bytes(
    live: Live, stranger: requests.Session, attach: Attach, name: str
) -> None:
    file = attach(name, b"<script>alert(1)</script>" * 100, FileRole.AUXILIARY)
    answer = stranger.get(f"{live.url}/api/product-files/{file.id}/download/", headers={"Accept-Encoding": "br, gzip"})
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == "2500"
    assert "Content-Encoding" not in answer.headers


def test_text_is_not_compressed_on_the_way(live: Live, stranger: requests.Session, attach: Attach) -> None:
    file = attach("notes.txt", b"text " * 1000, FileRole.AUXILIARY)
    answer = stranger.get(f"{live.url}/api/product-files/{file.id}/download/", headers={"Accept-Encoding": "br, gzip"})
    assert answer.headers["Content-Length"] == "5000"
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("identifier", ["99999", "0", "+7", "007", "%207", "abc", "None", "-1", "٣", "9" * 30])
@pytest.mark.parametrize(
    "path", ["products/{}/download/", "products/{}/download_main_file/", "product-files/{}/download/"]
)
def test_ids_nobody_has_answer_404_in_json(live: Live, owner: requests.Session, path: str, identifier: str) -> None:
    answer = owner.get(f"{live.url}/api/{path.format(identifier)}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_files_of_a_hidden_product_are_hidden(live: Live, owner: requests.Session, stranger: requests.Session) -> None:
    person = live.people["owner1"]
    hidden = draft(live.container, person, "Hidden")
    file = live.container.uploads.receive_file(person, hidden.id, io.BytesIO(b"a,b\n1,2\n"), "a.csv", FileRole.MAIN)
    for path in (
        f"products/{hidden.id}/download/",
        f"products/{hidden.id}/download_main_file/",
        f"product-files/{file.id}/download/",
    ):
        assert owner.get(f"{live.url}/api/{path}").status_code == 200
        assert stranger.get(f"{live.url}/api/{path}").status_code == 404

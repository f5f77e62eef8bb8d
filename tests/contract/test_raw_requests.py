"""The exact requests that released clients emit (contract, section 1), byte by byte: paths, headers, bodies.

``http.client`` sends what it is given: no path is tidied, no redirect is followed, no header is added.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.models.products import FileRole
from services.settings import Settings
from tests.support.live import Live, running
from tests.support.pipelines import catalogues, run_now
from tests.support.products import draft

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
BOUNDARY = "4f2c0d9be1a84b6f9d0c"


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Body of an answer that clients read: the type must begin like this."""
        assert self.headers["content-type"].startswith(JSON), self.headers
        return json.loads(self.body)


@dataclass
class Portal:
    """A running portal, one person's token, and ids of what lies in it."""

    live: Live
    key: str
    ids: dict[str, Any] = field(default_factory=dict)

    def send(self, method: str, path: str, content_type: str | None = JSON, body: bytes = b"", **more: str) -> Answer:
        """One request as it is written here. Clients give JSON as the type of every GET, without a body."""
        headers = {"Authorization": f"Token {self.key}", "Accept": "*/*" if method == "PATCH" else JSON, **more}
        if content_type:
            headers["Content-Type"] = content_type
        if method in ("POST", "PATCH"):
            headers["Content-Length"] = str(len(body))
        connection = http.client.HTTPConnection(urlsplit(self.live.url).netloc, timeout=60)
        try:
            connection.request(method, path, body=body or None, headers=headers)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, told, answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with running(Settings(data_dir=tmp_path_factory.mktemp("raw"))) as live:
        container, owner = live.container, live.people["owner1"]
        found = Portal(live, container.tokens.create(owner, "raw").key)
        first, second = catalogues(container, owner)
        release = container.releases.create("dp1", "Data Preview 1")
        column = container.catalog.columns(owner, first.id)[0]
        found.ids = {
            "product": first.id,
            "name": first.internal_name,
            "second": second.id,
            "release": release.id,
            "column": column.id,
            "type": 1,
        }
        yield found


LISTED = {"count", "next", "previous", "results"}
PRODUCT = {"id", "internal_name", "product_type_name", "product_type_internal_name", "is_owner", "status"}
READS = [
    ("/api/product-types/", LISTED),
    ("/api/product-types/?ordering=order", LISTED),
    ("/api/product-types/?name=specz_catalog", LISTED),
    ("/api/product-types/{type}/", {"id", "name", "display_name"}),
    ("/api/users/", LISTED),
    ("/api/releases/", LISTED),
    ("/api/releases/?name=dp1", LISTED),
    ("/api/releases/{release}/", {"id", "name", "display_name"}),
    ("/api//products/?status=1", LISTED),
    ("/api//products/?status=1&product_type_name=Spec-z%20Catalog&status=0", LISTED),
    ("/api//products/?status=1&internal_name={name}", LISTED),
    ("/api/products/{product}/", PRODUCT),
    ("/api/products/?internal_name={name}", LISTED),
    ("/api/products/{product}/main_file_info/", PRODUCT | {"main_file"}),
    ("/api/product-contents?product={product}", LISTED),
    ("/api/product-contents/?product={product}", LISTED),
    ("/api/product-files/?product_id={product}", LISTED),
    ("/api/pipelines/?name=combine_specz", LISTED),
    ("/api/pipelines/?name=training_set_maker", LISTED),
]


@pytest.mark.parametrize(("path", "keys"), READS, ids=[path for path, _ in READS])
def test_reads(portal: Portal, path: str, keys: set[str]) -> None:
    answer = portal.send("GET", path.format(**portal.ids))
    assert answer.status == 200, answer.body
    assert keys <= answer.json().keys()


@pytest.mark.parametrize("path", [path for path, _ in READS])
def test_reads_with_every_slash_doubled_and_without_the_last_one(portal: Portal, path: str) -> None:
    plain = path.format(**portal.ids)
    where, mark, query = plain.partition("?")
    expected = portal.send("GET", plain).json()
    for spelling in (where.replace("/", "//"), where.rstrip("/"), where.rstrip("/") + "///"):
        answer = portal.send("GET", spelling + mark + query)
        assert answer.status == 200, spelling
        assert answer.json() == expected, spelling


def test_the_root_is_the_token_check(portal: Portal) -> None:
    assert portal.send("GET", "/api/").json().keys() >= {"products", "users", "releases", "product-types"}
    assert portal.send("GET", "/api/", Authorization="Token " + "f" * 40).status == 401
    assert portal.send("GET", "/api/", Authorization=f"token {portal.key}").status == 200
    glued = portal.send("GET", "/api")
    assert glued.status == 404
    assert "/api/" in glued.json()["detail"]


@pytest.mark.parametrize("path", ["/api/products/", "/api//products//", "/api/products"])
def test_options_announce_every_filter(portal: Portal, path: str) -> None:
    told = portal.send("OPTIONS", path).json()
    assert len(told["filter_classes"]) >= 23
    assert {"product_type_name", "product_type_name__or", "status__in"} <= {
        row["name"] for row in told["filter_classes"]
    }
    assert "search" in told
    assert portal.send("OPTIONS", path, Authorization="").status == 401


def test_a_repeated_parameter_counts_once_the_last(portal: Portal) -> None:
    assert portal.send("GET", "/api//products/?status=1&status=0").json()["count"] == 0
    assert portal.send("GET", "/api//products/?status=0&status=1").json()["count"] >= 2


def test_a_body_on_a_get_is_never_read(portal: Portal) -> None:
    answer = portal.send("GET", f"/api/products/{portal.ids['product']}/", JSON, b"{broken", **{"Content-Length": "7"})
    assert answer.status == 200


def _multipart(fields: list[tuple[str, str]], name: str, content: bytes) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    return (
        "".join([*parts, head, "Content-Type: text/csv\r\n\r\n"]).encode()
        + content
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )


def _uploaded(portal: Portal, slash: str) -> int:
    """Steps 3 to 8 of an upload as clients of the seed era send them; every path ends in ``slash``."""
    wish = {
        "display_name": "Deep field",
        "product_type": 1,
        "release": None,
        "official_product": False,
        "pz_code": None,
        "description": None,
        "status": 0,
    }
    made = portal.send("POST", f"/api/products{slash}", JSON, json.dumps(wish).encode())
    assert made.status == 201, made.body
    product = made.json()["id"]
    body = _multipart(
        [("product", str(product)), ("role", "0"), ("type", "text/csv")], "a.csv", b"RA,DEC,zz\n1,2,0.3\n"
    )
    sent = portal.send("POST", f"/api/product-files{slash}", f"multipart/form-data; boundary={BOUNDARY}", body)
    assert sent.status == 201, sent.body
    assert (sent.json()["role_name"], sent.json()["name"]) == ("Main", "a.csv")
    registered = portal.send("GET", f"/api/products/{product}/registry{slash}")
    assert registered.status == 200, registered.body
    return int(product)


@pytest.mark.parametrize("slash", ["/", "", "//"])
def test_an_upload_with_forms_for_changes(portal: Portal, slash: str) -> None:
    product = _uploaded(portal, slash)
    refused = portal.send("PATCH", f"/api/products/{product}{slash}", FORM, b"status=1")
    assert refused.status == 406  # nothing says that zz is the redshift
    assert refused.json()["detail"]
    rows = portal.send("GET", f"/api/product-contents{slash}?product={product}").json()["results"]
    last = next(row["id"] for row in rows if row["column_name"] == "zz")
    named = portal.send("PATCH", f"/api/product-contents/{last}{slash}", FORM, b"ucd=src.redshift&alias=z")
    assert (named.status, named.json()["alias"], named.json()["ucd"]) == (200, "z", "src.redshift")
    done = portal.send("PATCH", f"/api/products/{product}{slash}", FORM, b"status=1")
    assert (done.status, done.json()["status"]) == (200, 1)
    said = portal.send("PATCH", f"/api/products/{product}{slash}", FORM, b"description=two+words")
    assert said.json()["description"] == "two words"
    assert portal.send("PATCH", f"/api/product-contents/None{slash}", FORM, b"alias=z").status == 404
    (file,) = portal.send("GET", f"/api/product-files{slash}?product_id={product}").json()["results"]
    kept = portal.send("DELETE", f"/api/product-files/{file['id']}{slash}", None)
    assert (kept.status, bool(kept.json()["detail"])) == (409, True)
    gone = portal.send("DELETE", f"/api/products/{product}{slash}", None)
    assert (gone.status, gone.body) == (204, b"")
    assert not gone.headers.get("content-type", "").startswith(JSON)


@pytest.mark.parametrize("path", ["download", "download/", "download_main_file/", "download_main_file", "//download//"])
def test_downloads_at_once(portal: Portal, path: str) -> None:
    answer = portal.send("GET", f"/api/products/{portal.ids['product']}/{path}", None)
    assert answer.status == 200
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert "content-encoding" not in answer.headers
    name = answer.headers["content-disposition"].split("filename=")[1]
    assert name == ("First.csv" if "main" in path else f"{portal.ids['name']}.zip")


@pytest.mark.parametrize("kind", ["download", "download/main-file"])
@pytest.mark.parametrize("slash", ["/", "", "//"])
def test_downloads_prepared_by_an_empty_json_body(portal: Portal, kind: str, slash: str) -> None:
    one = f"/api/products/{portal.ids['product']}/{kind}"
    prepared = portal.send("POST", f"{one}/prepare{slash}", JSON)
    assert prepared.status == 200, prepared.body
    told = portal.send("GET", f"{one}/status{slash}").json()
    assert told["status"] == "ready"
    assert told["download_url"].startswith("/api/products/")
    whole = portal.send("GET", told["download_url"], None)
    assert (whole.status, len(whole.body)) == (200, told["size"])
    part = portal.send("GET", told["download_url"], None, Range="bytes=10-")
    assert (part.status, part.body) == (206, whole.body[10:])
    assert part.headers["content-range"] == f"bytes 10-{told['size'] - 1}/{told['size']}"
    beyond = portal.send("GET", told["download_url"], None, Range=f"bytes={told['size']}-")
    assert (beyond.status, beyond.body) == (200, whole.body)


@pytest.mark.parametrize("slash", ["/", "", "//"])
@pytest.mark.parametrize("as_text", [False, True])
def test_a_pipeline(portal: Portal, slash: str, as_text: bool) -> None:
    config: Any = {"param": {"combine_type": "concatenate"}}
    wish = {
        "display_name": "x",
        "pipeline": 1,
        "inputs": [portal.ids["product"], portal.ids["second"]],
        "used_config": json.dumps(config) if as_text else config,
    }
    started = portal.send("POST", f"/api/processes{slash}", JSON, json.dumps(wish).encode())
    assert started.status == 201, started.body
    process = started.json()
    assert portal.send("GET", f"/api/products/{process['upload']}{slash}").json()["status"] == 3
    live, owner = portal.live, portal.live.people["owner1"]
    run_now(live.container, owner, live.container.processes.get(owner, process["id"]))
    assert portal.send("GET", f"/api/processes/{process['id']}{slash}").json()["status"] == "Successful"
    over = portal.send("GET", f"/api/processes/{process['id']}/stop{slash}")
    assert (over.status, bool(over.json()["detail"])) == (409, True)


def test_more_columns_than_a_page_has_come_at_once(portal: Portal, tmp_path: Path) -> None:
    container, owner = portal.live.container, portal.live.people["owner1"]
    made = draft(container, owner, "Wide", "other")
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{n}" for n in range(150)) + "\n" + ",".join("1" * 150) + "\n")
    container.uploads.receive_file(owner, made.id, path, "wide.csv", FileRole.MAIN)
    assert portal.send("GET", f"/api/products/{made.id}/registry/").status == 200
    told = portal.send("GET", f"/api/product-contents/?product={made.id}").json()
    assert told["count"] == len(told["results"]) == 150

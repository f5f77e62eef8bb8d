"""Files of products over the API: lists, sending by multipart in every order and size, removing, rights."""

from __future__ import annotations

import hashlib
import io
import socket
from urllib.parse import urlsplit

import pytest
import requests
from gunicorn.http.errors import ChunkMissingTerminator

from app import create_server
from services.models.products import FileRole, ProductStatus
from services.settings import Settings
from tests.api.conftest import UPLOAD_LIMIT_BYTES
from tests.support.ingests import catalogue_csv
from tests.support.live import Live
from tests.support.products import draft, person, published, with_file, with_status
from tests.support.released_client import ReleasedClient

MIB = 2**20
BOUNDARY = "a-boundary-of-this-test"


@pytest.fixture
def client(live: Live) -> ReleasedClient:
    """Client of owner1."""
    return ReleasedClient(live.url, live.container.tokens.create(live.people["owner1"], "test").key)


@pytest.fixture
def other(live: Live) -> ReleasedClient:
    """Client of owner2."""
    return ReleasedClient(live.url, live.container.tokens.create(live.people["owner2"], "test").key)


@pytest.fixture
def admin(live: Live) -> ReleasedClient:
    """Client of the administrator."""
    return ReleasedClient(live.url, live.container.tokens.create(live.people["curator"], "test").key)


@pytest.fixture
def product(live: Live) -> int:
    """Draft of owner1."""
    return draft(live.container, live.people["owner1"], "Files").id


def test_a_file_and_its_row(client: ReleasedClient, product: int) -> None:
    sent = client.send_file(product, b"a,b\n1,2\n", "Two  words.TAR.gz", role=2, type="application/json")
    assert sent.status_code == 201
    row = sent.json()
    times = row.pop("created"), row.pop("updated")
    assert all(time.endswith("Z") and len(time) == 27 for time in times)
    assert row == {
        "id": row["id"],
        "product": product,
        "file": f"/api/product-files/{row['id']}/download/",
        "role": 2,
        "role_name": "Auxiliary",
        "name": "Two  words.TAR.gz",
        "type": "application/gzip",
        "size": 8,
        "extension": ".tar.gz",
        "n_rows": None,
        "is_directory": False,
        "can_delete": True,
    }
    assert list(client.get(f"product-files/{row['id']}/").json()) == list(sent.json())
    assert client.get(row["file"].removeprefix("/api/")).content == b"a,b\n1,2\n"
    assert requests.get(client.base.removesuffix("/api/") + row["file"], timeout=60).status_code == 401


@pytest.mark.parametrize(("role", "label"), [(0, "Main"), (1, "Description"), (2, "Auxiliary")])
def test_roles_have_the_names_clients_compare(client: ReleasedClient, product: int, role: int, label: str) -> None:
    row = client.send_file(product, b"x", "x.html", role).json()
    assert (row["role"], row["role_name"]) == (role, label)


def test_lists(client: ReleasedClient, product: int) -> None:
    for name in ("b.txt", "a.txt", "c.txt"):
        client.send_file(product, b"x", name, role=2)
    client.send_file(product, b"x", "main.csv", role=0)
    rows = client.get(f"product-files/?product_id={product}").json()
    assert rows["count"] == 4
    assert [row["name"] for row in rows["results"]] == ["b.txt", "a.txt", "c.txt", "main.csv"]
    by_role = client.get(f"product-files/?product_id={product}&ordering=role").json()["results"]
    assert by_role[0]["name"] == "main.csv"
    assert client.get(f"product-files/?id={rows['results'][1]['id']}").json()["results"][0]["name"] == "a.txt"
    page = client.get(f"product-files/?product_id={product}&page=2&page_size=3").json()
    assert (page["count"], len(page["results"]), page["next"]) == (4, 1, None)


@pytest.mark.parametrize("wrong", ["abc", "1.5", "None"])
def test_ids_of_filters_are_numbers(client: ReleasedClient, wrong: str) -> None:
    refused = client.get(f"product-files/?product_id={wrong}")
    assert refused.status_code == 400
    assert "product_id" in refused.json()


@pytest.mark.parametrize("unknown", ["999999", "0", "-4", "99999999999999999999999"])
def test_unknown_products_have_no_files(client: ReleasedClient, unknown: str) -> None:
    assert client.get(f"product-files/?product_id={unknown}").json()["results"] == []


def test_hidden_products_show_nothing(live: Live, client: ReleasedClient, other: ReleasedClient, product: int) -> None:
    row = client.send_file(product, b"x", "x.txt", role=2).json()
    assert other.get(f"product-files/?product_id={product}").json() == {
        "count": 0,
        "next": None,
        "previous": None,
        "results": [],
    }
    assert other.get(f"product-files/{row['id']}/").status_code == 404
    assert other.delete(f"product-files/{row['id']}/").status_code == 404
    assert row["id"] not in [one["id"] for one in other.get("product-files/").json()["results"]]
    live.container.catalog.delete(live.people["owner1"], product)
    assert client.get(f"product-files/?product_id={product}").json()["count"] == 0


def test_readers_see_but_do_not_touch(live: Live, other: ReleasedClient, admin: ReleasedClient) -> None:
    product = published(live.container, live.people["owner1"], "Open").id
    file_id = with_file(
        live.container, live.container.catalog.get(live.people["owner1"], product), "b.txt", FileRole(2)
    )
    (row,) = other.get(f"product-files/?product_id={product}").json()["results"]
    assert (row["id"], row["can_delete"]) == (file_id, False)
    assert other.delete(f"product-files/{file_id}/").status_code == 403
    assert other.send_file(product, b"x", "x.txt", role=2).status_code == 403
    assert admin.send_file(product, b"x", "x.txt", role=2).status_code == 201
    assert admin.delete(f"product-files/{file_id}/").status_code == 204
    assert admin.get(f"product-files/{file_id}/").status_code == 404


def test_removing(client: ReleasedClient, product: int) -> None:
    row = client.send_file(product, b"x", "x.txt", role=2).json()
    gone = client.delete(f"product-files/{row['id']}/")
    assert (gone.status_code, gone.content) == (204, b"")
    assert "json" not in gone.headers.get("Content-Type", "")
    assert client.delete(f"product-files/{row['id']}/").status_code == 404


def test_the_main_file_of_a_published_product_stays(client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    client.publish(product)
    (main,) = client.get(f"product-files/?product_id={product}").json()["results"]
    assert main["can_delete"] is False
    refused = client.delete(f"product-files/{main['id']}/")
    assert refused.status_code == 409
    assert "published" in refused.json()["detail"]


def test_other_methods_are_refused_as_objects(client: ReleasedClient, product: int) -> None:
    row = client.send_file(product, b"x", "x.txt", role=2).json()
    refused = client.patch(f"product-files/{row['id']}/", name="y.txt")
    assert refused.status_code == 405
    assert refused.json()["detail"]
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "DELETE"}


def test_a_second_main_file_is_a_conflict(client: ReleasedClient, product: int) -> None:
    assert client.send_file(product, b"a\n1\n", "a.csv").status_code == 201
    refused = client.send_file(product, b"b\n1\n", "b.csv")
    assert refused.status_code == 409
    assert client.get(f"product-files/?product_id={product}").json()["count"] == 1


def test_names_are_unique_within_a_product(client: ReleasedClient, product: int) -> None:
    names = [client.send_file(product, b"x", name, role=2).json()["name"] for name in ("a.txt", "a.txt", "A.txt")]
    assert names == ["a.txt", "a_2.txt", "A_3.txt"]


@pytest.mark.parametrize(
    ("product_field", "role", "name", "content", "status", "field"),
    [
        (None, 0, "a.csv", b"x", 400, "product"),
        ("", 0, "a.csv", b"x", 400, "product"),
        ("999999", 0, "a.csv", b"x", 404, None),
        ("abc", 0, "a.csv", b"x", 404, None),
        ("007", 0, "a.csv", b"x", 404, None),
        ("here", "", "a.csv", b"x", 400, "role"),
        ("here", 3, "a.csv", b"x", 400, "role"),
        ("here", "Main", "a.csv", b"x", 400, "role"),
        ("here", 0, "a.csv", b"", 400, "file"),
        ("here", 0, "n" * 252 + ".csv", b"x", 400, "file"),
        ("here", 2, "product_metadata.yaml", b"x", 400, "file"),
        ("here", 2, "...", b"x", 400, "file"),
    ],
)
def test_what_is_refused(
    client: ReleasedClient,
    product: int,
    product_field: str | None,
    role: object,
    name: str,
    content: bytes,
    status: int,
    field: str | None,
) -> None:
    refused = client.send_file(product if product_field == "here" else product_field, content, name, role)
    assert refused.status_code == status, refused.text
    assert refused.json()["detail"]
    assert field is None or refused.json()[field]
    assert client.get(f"product-files/?product_id={product}").json()["count"] == 0


def test_folders_in_names_are_dropped(client: ReleasedClient, product: int) -> None:
    assert client.send_file(product, b"x", "../../etc/passwd", role=2).json()["name"] == "passwd"


@pytest.mark.parametrize("kind", ["json", "form", "text", "no boundary", "nothing"])
def test_a_file_comes_as_multipart(live: Live, product: int, kind: str) -> None:
    headers = {"Authorization": "Token " + live.container.tokens.create(live.people["owner1"], "test").key}
    bodies: dict[str, dict[str, object]] = {
        "json": {"json": {"product": product, "role": 0}},
        "form": {"data": {"product": product, "role": 0}},
        "text": {"data": b"a,b", "headers": headers | {"Content-Type": "text/csv"}},
        "no boundary": {"data": b"a,b", "headers": headers | {"Content-Type": "multipart/form-data"}},
        "nothing": {},
    }
    refused = requests.post(f"{live.url}/api/product-files/", **{"headers": headers, **bodies[kind]}, timeout=60)  # type: ignore[arg-type]
    assert refused.status_code == 400
    assert refused.json()["file"]


def _form(*parts: tuple[str, str | None, bytes], end: str = "--") -> bytes:
    """A multipart body; a part is name, file name or None, content."""
    body = b""
    for name, file_name, content in parts:
        label = "" if file_name is None else f'; filename="{file_name}"'
        body += (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{label}\r\n\r\n'.encode() + content + b"\r\n"
        )
    return body + f"--{BOUNDARY}{end}\r\n".encode()


def _post(live: Live, body: object, **headers: str) -> requests.Response:
    key = live.container.tokens.create(live.people["owner1"], "test").key
    headers = {"Authorization": f"Token {key}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **headers}
    return requests.post(f"{live.url}/api/product-files/", data=body, headers=headers, timeout=60)  # type: ignore[arg-type]


def test_fields_may_follow_the_file(live: Live, product: int) -> None:
    content = b"\r\n--a-boundary\r\n" + bytes(range(256)) * 3000 + b"\r\n"
    made = _post(
        live, _form(("file", "odd.bin", content), ("role", None, b"2"), ("product", None, str(product).encode()))
    )
    assert (made.status_code, made.json()["size"]) == (201, len(content))
    stored = live.container.catalog.file(live.people["owner1"], made.json()["id"])
    assert stored.sha256 == hashlib.sha256(content).hexdigest()


def test_other_files_and_repeated_fields(live: Live, product: int) -> None:
    made = _post(
        live,
        _form(
            ("product", None, b"999999"),
            ("preview", "p.png", b"not this one"),
            ("product", None, str(product).encode()),
            ("role", None, b"2"),
            ("file", "this.txt", b"this one"),
            ("file", "second.txt", b"ignored"),
        ),
    )
    assert (made.json()["name"], made.json()["size"]) == ("this.txt", 8)
    assert len(live.container.catalog.files(live.people["owner1"], product)) == 1


def test_a_body_of_unknown_length_is_taken(live: Live, product: int) -> None:
    body = _form(("product", None, str(product).encode()), ("role", None, b"2"), ("file", "a.txt", b"y" * 200_000))
    made = _post(live, io.BytesIO(body))
    assert made.json()["size"] == 200_000


@pytest.mark.parametrize("cut", [10, 60, 180, 300, 100_000])
def test_a_body_that_breaks_off_leaves_nothing(live: Live, product: int, cut: int) -> None:
    whole = _form(("product", None, str(product).encode()), ("role", None, b"2"), ("file", "a.txt", b"y" * 200_000))
    assert _post(live, whole[:cut]).status_code == 400
    assert live.container.catalog.files(live.people["owner1"], product) == ()


@pytest.mark.parametrize(
    "body", [b"nonsense", b"--wrong\r\n\r\n", f"--{BOUNDARY}\r\n\r\nno headers".encode(), b"--" * 90_000]
)
def test_damaged_bodies_are_refused(live: Live, body: bytes) -> None:
    assert _post(live, body).status_code == 400


def test_endless_fields_are_refused(live: Live, product: int) -> None:
    refused = _post(live, _form(("product", None, str(product).encode()), ("role", None, b"2" * 300_000)))
    assert refused.status_code == 400
    many = [(f"field{number}", None, b"x") for number in range(200)]
    assert _post(live, _form(*many)).status_code == 413


class _WrongChunks:
    """The body of a request as gunicorn hands it out when its chunks are wrong."""

    def read(self, _size: int) -> bytes:
        """Fails as gunicorn does."""
        raise ChunkMissingTerminator(b"XX")


def test_wrong_chunks_are_the_senders_fault(migrated_settings: Settings) -> None:
    server = create_server(migrated_settings)
    container = server.extensions["portal_container"]
    key = container.tokens.create(person(container, "owner")).key
    refused = server.test_client().post(
        "/api/product-files/",
        headers={"Authorization": f"Token {key}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
        environ_overrides={"wsgi.input": _WrongChunks(), "wsgi.input_terminated": True},
    )
    assert refused.status_code == 400
    assert refused.get_json()["detail"]
    container.engine.dispose()


def test_a_browser_sends_files_too(live: Live, product: int) -> None:
    browser = live.session("owner1")
    made = browser.post(
        f"{live.url}/api/product-files/", data={"product": product, "role": 2}, files={"file": ("a.txt", b"hello")}
    )
    assert (made.status_code, made.json()["size"]) == (201, 5)
    del browser.headers["X-CSRFToken"]
    refused = browser.post(f"{live.url}/api/product-files/", data={"product": product}, files={"file": b"x"})
    assert refused.status_code == 400


def test_too_much_is_refused_before_it_is_sent(live: Live, product: int) -> None:
    key = live.container.tokens.create(live.people["owner1"], "test").key
    address = urlsplit(live.url)
    head = (
        f"POST /api/product-files/ HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Token {key}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {10 * UPLOAD_LIMIT_BYTES}\r\n\r\n"
    )
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=20) as line:
        line.sendall(head.encode())
        answer = line.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 413 ")


def test_a_file_above_the_limit_leaves_nothing(live: Live, product: int) -> None:
    head = _form(("product", None, str(product).encode()), ("role", None, b"2"), end="")[: -len(BOUNDARY) - 4]
    start = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n'.encode()

    def body() -> object:
        yield head + start
        for _ in range(UPLOAD_LIMIT_BYTES // MIB):
            yield bytes(MIB)
        yield b"!" + f"\r\n--{BOUNDARY}--\r\n".encode()

    refused = _post(live, body())
    assert refused.status_code == 413
    assert "40 MiB" in refused.json()["detail"]
    assert live.container.catalog.files(live.people["owner1"], product) == ()


def test_a_file_of_just_the_limit_is_taken(live: Live, product: int, client: ReleasedClient) -> None:
    made = client.send_file(product, bytes(UPLOAD_LIMIT_BYTES), "full.bin", role=2)
    assert (made.status_code, made.json()["size"]) == (201, UPLOAD_LIMIT_BYTES)


def test_options_announce_the_filters(client: ReleasedClient) -> None:
    answer = requests.options(f"{client.base}product-files/", headers=client.get("").request.headers, timeout=60)
    assert answer.json()["filterset"] == ["id", "product_id"]


def test_a_main_file_under_way_is_not_removed(live: Live, client: ReleasedClient) -> None:
    product = client.draft(catalogue_csv())
    live.container.uploads.process(live.people["owner1"], product)
    (main,) = client.get(f"product-files/?product_id={product}").json()["results"]
    assert client.delete(f"product-files/{main['id']}/").status_code == 409
    with_status(live.container, live.container.catalog.get(live.people["owner1"], product), ProductStatus.REGISTERING)

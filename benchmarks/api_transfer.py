"""Large files over the API: ours against the barest Flask application on the same server, over real sockets."""

from __future__ import annotations

import http.client
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from benchmarks.bare_flask import FILE_VARIABLE
from benchmarks.dataset import Dataset
from benchmarks.servers import BARE, PORTAL, Server, serving
from benchmarks.timing import Line, paired
from services.container import build_container
from services.database import migrate
from services.models.products import FileRole
from services.settings import MIB, Settings
from tests.support.products import draft

FILE_BYTES = 100 * MIB
ROUNDS = 15
"""A transfer takes a twentieth of a second, so that many are needed for a steady median."""
SLOWEST = 1 / 0.7
"""A download may take this many times as long as with ``send_file``."""
SLOWEST_UPLOAD = 2.0
"""An upload may take this many times as long as copying the same stream."""
BOUNDARY = "----boundary-of-the-benchmark"
GROWTH_MIB = 16.0
"""What the server may grow by while it sends large files: far less than one of them."""


def _fetch(server: Server, path: str, key: str = "") -> None:
    """Download once and throw the bytes away."""
    parts = urlsplit(server.url)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port)
    line.request("GET", path, headers={"Authorization": f"Token {key}"} if key else {})
    answer = line.getresponse()
    assert answer.status == 200, answer.status
    buffer, n_bytes = bytearray(MIB), 0
    while count := answer.readinto(buffer):
        n_bytes += count
    assert n_bytes >= FILE_BYTES, n_bytes
    line.close()


def download(_data: Dataset) -> Iterator[Line]:
    """100 MiB main file and its zip, ours against ``send_file``, and what the server grows by."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.bin"
        path.write_bytes(np.random.default_rng(3).bytes(FILE_BYTES))
        settings = Settings(data_dir=Path(folder) / "data")
        product_id, key = _portal_with(settings, path)
        with serving(PORTAL, settings) as ours, serving(BARE, settings, **{FILE_VARIABLE: str(path)}) as bare:
            _fetch(ours, f"/api/products/{product_id}/download/", key)
            before = ours.settled_mib()
            for name, end in (("main file", "download_main_file/"), ("zip", "download/")):
                our_path = f"/api/products/{product_id}/{end}"
                times = paired(partial(_fetch, ours, our_path, key), partial(_fetch, bare, "/file"), ROUNDS)
                yield Line(f"download {name}, 100 MiB", *times, "Flask send_file", round(SLOWEST, 2))
            grown = ours.resident_mib() - before
            yield Line("download, growth of the server", grown, None, "absolute, MiB", GROWTH_MIB, "MiB")


def upload(_data: Dataset) -> Iterator[Line]:
    """100 MiB sent as multipart to the API, against the same bytes copied to a file, and what the server grows by."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.bin"
        path.write_bytes(np.random.default_rng(3).bytes(FILE_BYTES))
        settings = Settings(data_dir=Path(folder) / "data")
        product_id, key = _portal_with(settings, path)
        start, end = _around_file({"product": product_id, "role": int(FileRole.AUXILIARY)}, path.name)
        with serving(PORTAL, settings) as ours, serving(BARE, settings, **{FILE_VARIABLE: str(path)}) as bare:
            _send(ours, "/api/product-files/", path, start, end, key)
            before = ours.settled_mib()
            times = paired(
                lambda: _send(ours, "/api/product-files/", path, start, end, key),
                lambda: _send(bare, "/copy", path),
                ROUNDS,
            )
            yield Line("upload, 100 MiB", *times, "Flask, stream copied to a file", SLOWEST_UPLOAD)
            grown = ours.resident_mib() - before
            yield Line("upload, growth of the server", grown, None, "absolute, MiB", GROWTH_MIB, "MiB")


def _around_file(fields: Mapping[str, int], name: str) -> tuple[bytes, bytes]:
    """What stands before and after the bytes of a file in a multipart body."""
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{fields[key]}\r\n' for key in fields]
    start = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return "".join([*parts, start]).encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def _send(server: Server, path: str, file: Path, start: bytes = b"", end: bytes = b"", key: str = "") -> None:
    """Send a file once, between other bytes."""
    parts = urlsplit(server.url)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port)
    line.putrequest("POST", path)
    line.putheader("Content-Length", str(len(start) + file.stat().st_size + len(end)))
    line.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    line.putheader("Authorization", f"Token {key}")
    line.endheaders()
    with file.open("rb") as content:
        line.send(start)
        while block := content.read(MIB):
            line.send(block)
        line.send(end)
    answer = line.getresponse()
    assert answer.status in (200, 201), answer.read()
    line.close()


def _portal_with(settings: Settings, path: Path) -> tuple[int, str]:
    """A portal with a product of this main file: the id of the product and an API token."""
    migrate(settings)
    container = build_container(settings)
    owner = container.users.create_user("owner1", "owner1")
    product = draft(container, owner)
    with path.open("rb") as stream:
        container.uploads.receive_file(owner, product.id, stream, path.name, FileRole.MAIN)
    key = container.tokens.create(owner).key
    container.engine.dispose()
    return product.id, key


TRANSFERS = {"download": download, "upload": upload}

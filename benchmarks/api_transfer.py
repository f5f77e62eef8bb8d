"""Large files over the API: ours against the barest Flask application on the same server, over real sockets."""

from __future__ import annotations

import http.client
import tempfile
from collections.abc import Iterator
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
            before = ours.resident_mib()
            for name, end in (("main file", "download_main_file/"), ("zip", "download/")):
                our_path = f"/api/products/{product_id}/{end}"
                times = paired(
                    lambda our_path=our_path: _fetch(ours, our_path, key), lambda: _fetch(bare, "/file"), ROUNDS
                )
                yield Line(f"download {name}, 100 MiB", *times, "Flask send_file", round(SLOWEST, 2))
            grown = ours.resident_mib() - before
            yield Line("download, growth of the server", grown, None, "absolute, MiB", GROWTH_MIB, "MiB")


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


TRANSFERS = {"download": download}

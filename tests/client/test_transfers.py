"""Large files in pieces: sent and fetched over a line that breaks, on a real portal."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from pzserver import PzServer, files
from pzserver.errors import RequestFailed

MIB = 2**20


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    """Twelve MiB that no format knows."""
    path = tmp_path / "large.bin"
    path.write_bytes(np.random.default_rng(3).bytes(12 * MIB))
    return path


class BrokenLine:
    """Stands for the session of a connection, and loses some requests on their way or their answers on the way back."""

    def __init__(self, session: requests.Session, method: str, lost: dict[int, str]) -> None:
        self._session, self._method, self._lost = session, method, lost
        self.n_sent = 0

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Send a request, or not, and give its answer, or not."""
        fate = ""
        if method == self._method:
            fate = self._lost.get(self.n_sent, "")
            self.n_sent += 1
        if fate == "request":
            raise requests.exceptions.ConnectionError("the line broke")
        answer = self._session.request(method, url, **options)
        if fate == "answer":
            raise requests.exceptions.ConnectionError("the line broke")
        return answer


def breaking(server: PzServer, method: str, lost: dict[int, str]) -> BrokenLine:
    """Let a connection lose requests of one method, by their number."""
    transport = server.api.transport
    line = BrokenLine(transport._session, method, lost)
    transport._session = line  # type: ignore[assignment]
    return line


def sha256(path: Path) -> str:
    """Checksum of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_upload_goes_on_where_the_line_broke(
    server: PzServer, large_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PIECE_BYTES", 2 * MIB)
    line = breaking(server, "PATCH", {1: "request", 3: "answer"})
    upload = server.upload("in pieces", "other", large_file)
    # Six pieces; one was lost and sent again, one had arrived though its answer was lost; then publishing.
    assert line.n_sent == 6 + 1 + 1
    assert upload.is_published
    server.download_product(upload.product_id, save_in=tmp_path / "back")
    product = server.get_product_object(upload.product_id)
    assert product.main_file["name"] == "large.bin"
    with server.api.transport.stream(product.main_file["file"]) as answer:
        assert hashlib.sha256(answer.content).hexdigest() == sha256(large_file)


def test_a_line_that_stays_broken_ends_the_upload(
    server: PzServer, large_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.time, "sleep", lambda _: None)
    breaking(server, "PATCH", dict.fromkeys(range(100), "request"))
    with pytest.raises(RequestFailed, match="Connection error"):
        server.upload("never there", "other", large_file)
    assert server.get_products_list({"product_name": "never there", "status__in": [0, 1, 9]}) == []


def test_somebody_elses_file_on_the_way_cannot_be_taken(connect: Callable[[str], PzServer], large_file: Path) -> None:
    owner, other = connect("owner1"), connect("owner2")
    address = owner.api.address_of("uploads")
    assert address is not None
    staged = files.PieceByPiece(owner.api, address, large_file, lambda _: None).send()
    draft = other.upload("of another", "other", None, publish=False)
    form = {"product": (None, str(draft.product_id)), "role": (None, "0"), "staged": (None, staged)}
    with pytest.raises(RequestFailed) as caught:
        other.api.transport.json("POST", "product-files/", files=form)
    assert caught.value.status_code in (400, 404)
    assert other.get_product_object(draft.product_id).main_file == {}


def test_a_main_file_in_a_part_is_taken_up(server: PzServer, large_file: Path, tmp_path: Path) -> None:
    upload = server.upload("taken up", "other", large_file)
    prepared = server._downloader.prepare(upload.product_id, "main-file")
    assert prepared.checksum == sha256(large_file)
    folder = tmp_path / "part"
    folder.mkdir()
    (folder / f"{prepared.name}.part").write_bytes(large_file.read_bytes()[: 5 * MIB])
    asked: list[str] = []
    original = server.api.transport.send

    def listening(method: str, path: str, **options: Any) -> requests.Response:
        asked.append(dict(options.get("headers", {})).get("Range", ""))
        return original(method, path, **options)

    server.api.transport.send = listening  # type: ignore[method-assign]
    path = server._downloader.fetch(upload.product_id, "main-file", folder)
    assert sha256(path) == sha256(large_file)
    assert f"bytes={5 * MIB}-" in asked

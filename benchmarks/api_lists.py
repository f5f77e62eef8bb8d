"""Lists of products over the API: ours against a bare Flask route that answers the same bytes, over real sockets."""

from __future__ import annotations

import http.client
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.bare_flask import FILE_VARIABLE
from benchmarks.dataset import Dataset
from benchmarks.servers import BARE, PORTAL, Server, serving
from benchmarks.timing import Line, milliseconds
from services.container import build_container
from services.database import migrate
from services.settings import Settings
from tests.support.products import many_published

SIZES = (100, 1_000, 10_000)
ASKED = {
    "page of 25": "?page_size=25&status=1",
    "filtered": "?page_size=25&status=1&search=number&product_type_name=set,training&uploaded_by__or=owner,demo",
    "one product": "1000/",
    "whole list": "?status=1",
}
CONNECTIONS = (1, 8)
ENOUGH_S = 2.0
"""How long each address is asked for, at the least."""
FIRST_ID = 1000
TARGETS_MS = {"page of 25": 20.0, "filtered": 25.0, "one product": 10.0, "whole list": 300.0}
"""Median of an answer to one connection on a machine that does nothing else; with more of them, so many times that."""


def lists(_data: Dataset) -> Iterator[Line]:
    """Median time of an answer, and answers per second, for every size of portal and number of connections."""
    for n_products in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data_dir=Path(folder) / "data", api_rate="")
            key = _portal_of(settings, n_products)
            extra = {FILE_VARIABLE: str(Path(folder) / "answer.json")}
            with serving(PORTAL, settings) as ours, serving(BARE, settings, **extra) as bare:
                for name, rest in ASKED.items():
                    path = f"/api/products/{rest}"
                    (Path(folder) / "answer.json").write_bytes(_fetch(_connected(ours), path, key))
                    yield from _compared(f"{name}, {n_products:,}", (ours, path, key), bare, TARGETS_MS[name])


def _compared(name: str, asked: tuple[Server, str, str], bare: Server, target_ms: float) -> Iterator[Line]:
    for n in CONNECTIONS:
        median, per_second = _measured(n, *asked)
        baseline, bare_per_second = _measured(n, bare, "/json", "")
        against = (
            f"absolute, ms; {per_second:,.0f} a second. Flask, same bytes: {baseline:.2f} ms, {bare_per_second:,.0f}"
        )
        yield Line(f"{name}, {n} connection{'s' * (n > 1)}", median, None, against, n * target_ms)


def _measured(n_connections: int, server: Server, path: str, key: str) -> tuple[float, float]:
    """Median milliseconds of an answer, and answers per second of all connections together."""
    times: list[float] = []
    workers = [threading.Thread(target=_asking(server, path, key, times)) for _ in range(n_connections)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return statistics.median(times), len(times) / (time.perf_counter() - start)


def _asking(server: Server, path: str, key: str, times: list[float]) -> Callable[[], None]:
    def ask() -> None:
        line = _connected(server)
        _fetch(line, path, key)
        end = time.perf_counter() + ENOUGH_S
        while time.perf_counter() < end:
            times.append(milliseconds(lambda: _fetch(line, path, key)))
        line.close()

    return ask


def _connected(server: Server) -> http.client.HTTPConnection:
    parts = urlsplit(server.url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port)


def _fetch(line: http.client.HTTPConnection, path: str, key: str) -> bytes:
    line.request("GET", path, headers={"Authorization": f"Token {key}"} if key else {})
    answer = line.getresponse()
    content = answer.read()
    assert answer.status == 200, (path, answer.status, content[:200])
    return content


def _portal_of(settings: Settings, n_products: int) -> str:
    """A portal with so many products of one person: an API token of another one."""
    migrate(settings)
    container = build_container(settings)
    many_published(container, container.users.create_user("owner1", "owner1"), n_products, FIRST_ID)
    key = container.tokens.create(container.users.create_user("demo", "demo")).key
    container.engine.dispose()
    return key


LISTS = {"lists": lists}

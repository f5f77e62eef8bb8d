"""Drives one released client against a running portal. Runs in the environment of that client, not in ours.

Reads one JSON object (see ``Task``) from standard input and prints one: check -> {"outcome", "detail"}, with outcome
"passed", "failed" or "not offered" (this version has no such function).
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pandas as pd
import requests
from pzserver import PzServer

CHECKS: dict[str, Callable[[Client], None]] = {}


class NotOffered(Exception):
    """This version of the client has no such function."""


@dataclass(frozen=True)
class Task:
    """What to do: where the portal is, whose tokens, and how paths are to be written."""

    base: str
    version: str
    spelling: str
    owner_key: str
    other_key: str
    n_bulk: int


class Client:
    """A released client with what the checks need beside it."""

    def __init__(self, task: Task, folder: Path) -> None:
        self.task = task
        self.folder = folder
        self.version = tuple(int(part) for part in task.version.split("."))
        self.server = PzServer(token=task.owner_key, host=task.base)
        self.other = PzServer(token=task.other_key, host=task.base)

    def name(self, words: str) -> str:
        """Name of a product that no other run uses."""
        return f"{words} {self.task.version} {self.task.spelling}"

    def need(self, version: str) -> None:
        """NotOffered for older clients."""
        if self.version < tuple(int(part) for part in version.split(".")):
            raise NotOffered

    def upload(self, name: str, product_type: str, path: Path, columns: dict[str, str], **more: object) -> int:
        """Upload, associate and publish as a user of this version does; id of the product."""
        made = self.server.upload(name=self.name(name), product_type=product_type, main_file=str(path), **more)
        assert set(columns) <= set(made.columns), list(made.columns)
        if columns:
            made.make_columns_association(columns)
        if self.version >= (0, 2, 8):
            made.save()
        return int(made.product_id)

    def table(self, product: int | str) -> pd.DataFrame:
        """Table of a product, whatever this version gives for it."""
        if self.version < (0, 2, 9):
            return self.server.get_product(product, fmt="pandas")
        return self.server.get_product(product).to_pandas()

    def call(self, method: str, path: str, key: str | None = None, **more: object) -> requests.Response:
        """A plain request beside the client."""
        headers = {"Authorization": f"Token {key or self.task.owner_key}"}
        return requests.request(method, self.task.base + path, headers=headers, timeout=60, **more)


def check(name: str) -> Callable[[Callable[[Client], None]], Callable[[Client], None]]:
    """Register a check under the name the tests ask for."""

    def keep(function: Callable[[Client], None]) -> Callable[[Client], None]:
        CHECKS[name] = function
        return function

    return keep


def refused(function: Callable[..., object], *arguments: object) -> str:
    """What the user reads when a call fails as it should."""
    try:
        function(*arguments)
    except (requests.exceptions.RequestException, ValueError) as error:
        return str(error)
    raise AssertionError(f"{function} was not refused")


def spelt(url: str, spelling: str) -> str:
    """An address as the contract's three spellings write it: plain, every slash doubled, no final slash."""
    parts = urlsplit(url)
    before, api, after = parts.path.partition("/api/")
    if not api or not after or spelling == "plain":
        return url
    path = f"{before}//api//" + after.replace("/", "//") if spelling == "doubled" else before + api + after.rstrip("/")
    return urlunsplit(parts._replace(path=path))


def spell_requests(spelling: str) -> None:
    """From now on every request goes out in this spelling."""
    send = requests.Session.send

    def respelt(self: requests.Session, request: requests.PreparedRequest, **more: object) -> requests.Response:
        request.url = spelt(request.url, spelling)
        answer = send(self, request, **more)
        assert not answer.history, f"redirected: {request.url}"
        return answer

    requests.Session.send = respelt


def outcome_of(run: Callable[[Client], None], client: Client) -> dict[str, str]:
    """What became of one check, with everything it printed when it failed."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            run(client)
    except NotOffered:
        return {"outcome": "not offered", "detail": ""}
    except Exception:  # noqa: BLE001  # whatever it is, it is the report
        return {"outcome": "failed", "detail": f"{traceback.format_exc()}\n{printed.getvalue()[-2000:]}"}
    return {"outcome": "passed", "detail": ""}


def main() -> None:
    """Do every check and report."""
    task = Task(**json.load(sys.stdin))
    report, sys.stdout = sys.stdout, sys.stderr
    import checks_products
    import checks_uses  # noqa: F401

    spell_requests(task.spelling)
    with tempfile.TemporaryDirectory() as folder:
        client = Client(task, Path(folder))
        outcomes = {name: outcome_of(run, client) for name, run in CHECKS.items()}
    assert checks_products.FORMATS
    json.dump(outcomes, report)


if __name__ == "__main__":
    sys.modules["driver"] = sys.modules["__main__"]
    main()

"""Paths of the API as released clients write them, put right before routing and without a redirect.

Every listing of theirs asks for ``/api//products/``, and the oldest leave out the last slash. A redirect would cost a
round trip, turn POST into GET, and drop the token behind a proxy that ends TLS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

_SLASHES = re.compile("/{2,}")
API_PREFIX = "/api/"


def canonical_path(path: str) -> str:
    """Path with single slashes and one at its end, if it lies below ``/api/``; any other path as it is."""
    single = _SLASHES.sub("/", path)
    if not single.startswith(API_PREFIX):
        return path
    return single if single.endswith("/") else f"{single}/"


class CanonicalPaths:
    """WSGI middleware that hands on canonical paths."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        environ["PATH_INFO"] = canonical_path(environ.get("PATH_INFO", ""))
        return self._application(environ, start_response)

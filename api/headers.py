"""Response headers that keep a browser safe, and caches honest."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

STATIC_PREFIXES = ("/assets/", "/_dash-component-suites/", "/_favicon.ico")
NO_STORE_PATHS = ("/_dash-layout", "/_dash-dependencies")
ONE_YEAR_S = 31_536_000


def is_static(path: str) -> bool:
    """Whether a path is a file that is the same for everybody."""
    return path.startswith(STATIC_PREFIXES)


def nonce() -> str:
    """Word that marks the scripts of this answer as ours, new for every request."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def content_security_policy() -> str:
    """Policy of every page: nothing comes from elsewhere, no inline script without the nonce."""
    return (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce()}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "frame-src 'self' blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'; form-action 'self'"
    )


def register(server: Flask, *, is_https: bool) -> None:
    """Set the headers after every request of a server."""

    @server.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        if is_https:
            headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR_S}")
        if response.mimetype == "text/html":
            headers.setdefault("Content-Security-Policy", content_security_policy())
            headers.setdefault("X-Frame-Options", "SAMEORIGIN")
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if response.mimetype == "text/html" or request.path in NO_STORE_PATHS:
            headers["Cache-Control"] = "no-store"
        return response

"""What the plain pages (log-in, About, errors) need in their templates."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from api.headers import nonce


def register(server: Flask, assets: Path) -> None:
    """Offer ``csp_nonce()`` and ``asset(path)`` to the templates of a server."""

    def asset(path: str) -> str:
        """Address of a file under ``assets/``, changing with the file so that it may be cached for ever."""
        return f"/assets/{path}?m={int((assets / path).stat().st_mtime)}"

    server.jinja_env.globals.update(csp_nonce=nonce, asset=asset)

"""Where this portal lies, as addresses in answers begin."""

from __future__ import annotations

from flask import request

from services.context import portal


def site_prefix() -> str:
    """``PZSERVER_BASE_URL`` when it is set, else the deployment prefix of this request. Never the Host header."""
    return portal().settings.base_url.rstrip("/") or request.script_root

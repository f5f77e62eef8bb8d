"""The HTML document around the application: language, title, nonce on every script, theme before the first paint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dash
from dash import Dash
from flask import request

from services.context import current_context

PORTAL_NAME = "PZ Server"
BOOTSTRAP = "vendor/bootstrap/bootstrap-5.3.9.min.css"
PLOTLY = "vendor/plotly/plotly-cartesian-4.1.1.min.js"
THEME_SCRIPT = "boot/theme.js"
ICON = "favicon.svg"


class PortalDash(Dash):  # type: ignore[misc]
    """Dash with the portal's own HTML document.

    Parameters
    ----------
    nonce : callable
        Gives the word that allows the inline scripts of this answer.
    """

    def __init__(self, *args: Any, nonce: Callable[[], str], **kwargs: Any) -> None:
        self._nonce = nonce
        super().__init__(*args, **kwargs)

    def interpolate_index(self, **parts: str) -> str:
        """HTML document with the title of the page asked for."""
        scripts = "\n".join(parts[name] for name in ("config", "scripts", "renderer"))
        theme_script = f'<script src="{self._versioned(THEME_SCRIPT)}"></script>'
        return f"""<!DOCTYPE html>
<html lang="en" data-bs-theme="{current_context().theme}">
<head>
{parts["metas"]}
<title>{_escaped(document_title(request.path))}</title>
<link rel="icon" type="image/svg+xml" href="{self._versioned(ICON)}">
{self._allowed(theme_script)}
{parts["css"]}
</head>
<body>
{parts["app_entry"]}
<div hidden>{self._allowed(scripts)}</div>
</body>
</html>"""

    def _versioned(self, path: str) -> str:
        """Address of an asset, changing with the file so that it may be cached for ever."""
        changed = int((Path(self.config.assets_folder) / path).stat().st_mtime)
        return f"{self.get_asset_url(path)}?m={changed}"

    def _allowed(self, html: str) -> str:
        return html.replace("<script", f'<script nonce="{self._nonce()}"')


def page_at(path: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Registered page for a path with its path variables; an empty page when there is none.

    A variable stands for one part of the path: Dash would let it swallow slashes.
    """
    parts = path.strip("/").split("/")
    for page in dash.page_registry.values():
        wanted = (page["path_template"] or page["path"]).strip("/").split("/")
        pairs = list(zip(wanted, parts, strict=False))
        if len(wanted) == len(parts) and all(want.startswith("<") or want == part for want, part in pairs):
            return page, {want[1:-1]: part for want, part in pairs if want.startswith("<")}
    return {}, {}


def document_title(path: str) -> str:
    """Title of the browser tab."""
    found, variables = page_at(path)
    title = found.get("title", "Not found")
    words = title(**variables) if callable(title) else title
    return words if words == PORTAL_NAME else f"{words} · {PORTAL_NAME}"


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

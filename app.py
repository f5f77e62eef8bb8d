"""The portal as one Flask server: wiring only. Importing this module starts nothing."""

from __future__ import annotations

import threading
from pathlib import Path

import dash
from flask import Flask

import api.addresses
import api.blueprints
import api.compression
import api.errors
import api.etags
import api.files
import api.headers
import api.paths
import api.rates
import api.serving
import api.session
import api.templating
from api.rates import LoginBrake
from components.alerts import report_callback_error
from components.callbacks import CALLBACKS
from components.figures.registry import plot_csv
from components.shell.document import BOOTSTRAP, PLOTLY, PORTAL_NAME, PortalDash, page_at
from components.shell.layout import shell
from components.shell.page import guarded_layout, guarded_title
from services.container import Container, build_container
from services.logs import configure_logging
from services.settings import Settings
from services.statistics.warming import warm_kernels

ROOT = Path(__file__).resolve().parent
NOT_AUTOLOADED = ("vendor", "boot", "lib")
"""Folders under ``assets/`` whose files are loaded by name, or only where they are needed."""


def create_app(settings: Settings | None = None) -> dash.Dash:
    """Application with its pages, callbacks and routes, ready to serve; several may live in one process."""
    settings = settings or Settings()
    container = build_container(settings)
    server = _flask_server(settings, container)
    app = PortalDash(
        "app",
        server=server,
        use_pages=True,
        pages_folder=str(ROOT / "pages"),
        assets_folder=str(ROOT / "assets"),
        assets_path_ignore=list(NOT_AUTOLOADED),
        assets_ignore=r"tokens\.css",
        external_stylesheets=[f"/assets/{BOOTSTRAP}", _tokens_sheet()],
        external_scripts=[f"/assets/{PLOTLY}"],
        title=PORTAL_NAME,
        update_title="",
        suppress_callback_exceptions=True,  # layouts need a signed-in person, so none can be built at start
        on_error=report_callback_error,
        use_async=False,
        enable_mcp=False,
        add_log_handler=False,
        nonce=api.headers.nonce,
    )
    app.layout = shell
    _guard_pages()
    for register in CALLBACKS:
        register(app)
    return app


def create_server(settings: Settings | None = None) -> Flask:
    """WSGI application; its first request is made here, so that no visitor meets a half-registered one."""
    configure_logging()
    server: Flask = create_app(settings).server
    with server.test_client() as client:
        client.get("/healthz")
    threading.Thread(target=warm_kernels, name="warm-kernels", daemon=True).start()
    return server


def serve(settings: Settings | None = None, workers: int | None = None) -> None:
    """Production server for these settings; returns only by ending."""
    api.serving.serve(settings or Settings(), workers)


def _flask_server(settings: Settings, container: Container) -> Flask:
    server = Flask("app", root_path=str(ROOT), template_folder=str(ROOT / "api" / "templates"), static_folder=None)
    is_https = settings.base_url.startswith("https://")
    server.config.update(
        SECRET_KEY=settings.resolved_secret_key(),
        SEND_FILE_MAX_AGE_DEFAULT=api.headers.ONE_YEAR_S,
        MAX_CONTENT_LENGTH=2 * api.files.MAX_PIECE_BYTES,  # pieces of uploads are refused earlier, in better words
    )
    server.extensions["portal_container"] = container
    api.compression.register(server)
    api.headers.register(server, is_https=is_https)
    api.errors.register(server)
    api.templating.register(server, ROOT / "assets")
    api.session.register(server, container, is_https=is_https)
    counts = api.rates.open_storage(settings)
    api.rates.register(server, settings, counts)
    api.addresses.register(server, container, lambda path: bool(page_at(path)[0]))
    api.blueprints.register(server, container, LoginBrake(counts), plot_csv)
    api.etags.register(server)
    server.wsgi_app = api.paths.CanonicalPaths(server.wsgi_app)  # type: ignore[method-assign]
    return server


def _tokens_sheet() -> str:
    """Address of the design tokens: after Bootstrap, before every other sheet."""
    changed = int((ROOT / "assets" / "css" / "tokens.css").stat().st_mtime)
    return f"/assets/css/tokens.css?m={changed}"


def _guard_pages() -> None:
    for page in dash.page_registry.values():
        if callable(page["layout"]):
            page["layout"] = guarded_layout(page["layout"], page["path_template"])
        if callable(page["title"]):
            page["title"] = guarded_title(page["title"])


if __name__ == "__main__":
    from manage import manage

    manage(["serve"])

"""A Flask application with nothing around it: what the portal's transfers are measured against."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from flask import Flask, Response, request, send_file

FILE_VARIABLE = "BARE_FLASK_FILE"


def create() -> Flask:
    """Application that sends one file, named by the environment, and copies what it is sent to a file beside it."""
    server = Flask("bare")
    path = Path(os.environ[FILE_VARIABLE])

    @server.get("/healthz")
    def health() -> str:
        return "ok"

    @server.get("/file")
    def file() -> Response:
        return send_file(path, mimetype="text/csv", as_attachment=True)

    @server.get("/json")
    def answer() -> Response:
        return Response(path.read_bytes(), mimetype="application/json")

    @server.post("/copy")
    def copy() -> str:
        with path.with_suffix(".copied").open("wb") as copied:
            shutil.copyfileobj(request.stream, copied)
        return "ok"

    return server

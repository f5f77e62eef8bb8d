"""Health checks."""

from __future__ import annotations

from pathlib import Path

import requests
from flask import Flask

from api.health import health_blueprint
from services.container import build_container
from services.settings import Settings
from tests.support.live import Live


def test_a_living_process_says_so(live: Live) -> None:
    answer = requests.get(f"{live.url}/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "Set-Cookie" not in answer.headers


def test_ready_when_database_storage_and_queue_answer(live: Live) -> None:
    assert requests.get(f"{live.url}/readyz").status_code == 200


def test_not_ready_names_the_part_and_the_reason(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    container = build_container(settings)
    server = Flask("health")
    server.register_blueprint(health_blueprint(container))
    with server.test_client() as client:
        answer = client.get("/readyz")
    container.engine.dispose()
    assert answer.status_code == 503
    assert "manage.py migrate" in answer.get_json()["reasons"]["database"]

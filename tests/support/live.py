"""The server inside the test process: real sockets, a real database, and the services at hand."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from werkzeug.serving import make_server

from app import create_server
from services.container import Container, build_container
from services.database import migrate
from services.models.identity import Actor
from services.settings import Settings

CSRF_FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Live:
    """A running server and the services of its data folder. Every password equals the username."""

    url: str
    container: Container
    people: dict[str, Actor]

    def session(self, username: str | None = None) -> requests.Session:
        """Browser-like session, logged in when a name is given; its CSRF header is set."""
        session = requests.Session()
        found = CSRF_FIELD.search(session.get(f"{self.url}/login").text)
        assert found is not None
        if username:
            form = {"csrf_token": found[1], "username": username, "password": username}
            done = session.post(f"{self.url}/login", data=form, allow_redirects=False)
            assert done.status_code == 302
            session.get(f"{self.url}/about")
        session.headers["X-CSRFToken"] = session.cookies["_csrf_token"]
        return session

    def token_session(self, username: str) -> requests.Session:
        """Session of a program: a fresh API token in the header, no cookies."""
        session = requests.Session()
        key = self.container.tokens.create(self.people[username], "test").key
        session.headers["Authorization"] = f"Token {key}"
        return session


@contextmanager
def running(settings: Settings) -> Iterator[Live]:
    """Server on new data, with the four people of the demo, for the length of a ``with`` block."""
    migrate(settings)
    container = build_container(settings)
    people = {name: container.users.create_user(name, name) for name in ("demo", "owner1", "owner2")}
    people["curator"] = container.users.create_user("curator", "curator", is_admin=True)
    application = create_server(settings)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Live(f"http://127.0.0.1:{server.server_port}", container, people)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        container.engine.dispose()
        application.extensions["portal_container"].engine.dispose()

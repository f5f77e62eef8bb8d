"""Where the server is and who asks: host names, tokens, and the environment that may hold both."""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

from pzserver.errors import InvalidInput

KNOWN_HOSTS = {
    "pz": "https://pzserver.linea.org.br/api/",
    "pz-dev": "https://pzserver-dev.linea.org.br/api/",
    "localhost": "http://localhost/api/",
}
TOKEN_VARIABLE = "PZSERVER_TOKEN"  # noqa: S105 - the name of a variable, not a token
HOST_VARIABLE = "PZSERVER_HOST"
DEFAULT_HOST = "pz"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def find_token(token: str | None) -> str:
    """Token given, or else the one in ``PZSERVER_TOKEN``, without blanks and line ends around it.

    Raises
    ------
    InvalidInput
        If there is none, or if it could not be sent. The message never repeats it.
    """
    if token is not None and not isinstance(token, str):
        raise InvalidInput("The token must be text. Make one on the website: your name, then API tokens.")
    found = (token if token is not None else os.environ.get(TOKEN_VARIABLE, "")).strip()
    if not found:
        raise InvalidInput(
            f"A token is needed: PzServer(token=...), or the environment variable {TOKEN_VARIABLE}. "
            "Make one on the website: your name, then API tokens."
        )
    if not found.isascii() or not found.isprintable() or " " in found:
        raise InvalidInput("The token holds characters that no token has. Copy it again from the website.")
    return found


def api_address(host: str | None) -> str:
    """Address of the API for a host as people write it: ``pz``, a site, or the API itself.

    ``https://site``, ``https://site/api`` and ``https://site/api/`` all mean the same; without a scheme, this machine
    is asked by http and every other host by https.

    Raises
    ------
    InvalidInput
        If it is no address.
    """
    given = (host if host is not None else os.environ.get(HOST_VARIABLE) or DEFAULT_HOST).strip()
    if given in KNOWN_HOSTS:
        return KNOWN_HOSTS[given]
    parts = urlsplit(given if "://" in given else f"{_scheme_for(given)}://{given}")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InvalidInput(
            f"{given!r} is no address of a PZ Server. Give {', '.join(map(repr, KNOWN_HOSTS))} or an address "
            "like 'https://pz.example.org/api/'."
        )
    if parts.username or parts.password:
        raise InvalidInput("The address must not hold a name or password. Give the token as token=...")
    path = parts.path.rstrip("/")
    path = path if path.endswith("/api") else f"{path}/api"
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/", "", ""))


def _scheme_for(address: str) -> str:
    name = address.split("/", 1)[0]
    return "http" if name.startswith("[::1]") or name.rsplit(":", 1)[0] in LOOPBACK else "https"

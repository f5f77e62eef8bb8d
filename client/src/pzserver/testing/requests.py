"""Requests to the portal in memory: from bytes to the methods of ``MockPortal`` and back."""

from __future__ import annotations

import json
import re
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from pzserver.testing.portal import MockPortal

Row = dict[str, Any]


class Refused(Exception):
    """Answer that is no success."""

    def __init__(self, status: int, detail: str, **fields: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {"detail": detail} | fields


ROUTES: tuple[tuple[str, str, str], ...] = (
    ("GET", r"", "root"),
    ("OPTIONS", r"([a-z-]+)/", "options"),
    ("GET", r"([a-z-]+)/", "listing"),
    ("POST", r"products/", "create"),
    ("POST", r"product-files/", "receive"),
    ("POST", r"processes/", "start"),
    ("GET", r"([a-z-]+)/(\d+)/", "one"),
    ("PATCH", r"products/(\d+)/", "change"),
    ("PATCH", r"product-contents/(\d+)/", "associate"),
    ("DELETE", r"products/(\d+)/", "delete"),
    ("DELETE", r"product-files/(\d+)/", "remove_file"),
    ("GET", r"products/(\d+)/main_file_info/", "info"),
    ("GET", r"products/(\d+)/registry/", "registry"),
    ("POST", r"products/(\d+)/download/(main-file/)?prepare/", "prepare"),
    ("GET", r"products/(\d+)/download/(main-file/)?file/", "content"),
    ("GET", r"processes/(\d+)/stop/", "stop"),
)


class Request(BaseHTTPRequestHandler):
    """One request to a portal."""

    portal: MockPortal
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        """Find the route and send what it gives."""
        address = urlsplit(self.path)
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.query = dict(parse_qsl(address.query, keep_blank_values=True))
        path = re.sub("/+", "/", unquote(address.path))
        self.portal.requests.append(f"{self.command} {path}")
        try:
            self._send(*self._dispatch(path.removeprefix("/api/")))
        except Refused as refused:
            self._send(refused.status, refused.body)

    do_GET = do_POST = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _dispatch(self, path: str) -> tuple[int, Any]:
        if self.portal.failures:
            raise Refused(self.portal.failures.pop(0), "Not now.")
        if self.headers.get("Authorization") != f"Token {self.portal.token}":
            raise Refused(401, "Log in, or send an API token, to go on.")
        for method, pattern, handler in ROUTES:
            found = re.fullmatch(pattern, path)
            if method == self.command and found:
                given = getattr(self.portal, handler)(self, *found.groups())
                return given if isinstance(given, tuple) else (200, given)
        raise Refused(404, "There is nothing at this address.")

    def _send(self, status: int, content: Any) -> None:
        if isinstance(content, bytes):
            self._send_file(content)
            return
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        if body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_file(self, content: bytes) -> None:
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(found[1]) if found and int(found[1]) < len(content) else 0
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(content) - first))
        self.end_headers()
        rest = content[first:]
        if self.portal.break_after:
            rest = rest[: self.portal.break_after.pop(0)]
            self.close_connection = True
        self.portal.sent_bytes += len(rest)
        self.wfile.write(rest)

    def json(self) -> Row:
        """Body as a JSON object."""
        found: Row = json.loads(self.body)
        return found

    def form(self) -> Row:
        """Body as form fields."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def process(self) -> Row:
        """Body that starts a process: JSON, or a form with a file."""
        if self.headers["Content-Type"] == "application/json":
            return self.json()
        fields = self.multipart()[0]
        return fields | {"pipeline": int(fields["pipeline"]), "used_config": json.loads(fields["used_config"])}

    def multipart(self) -> tuple[Row, str, bytes]:
        """Fields, file name and bytes of a multipart body."""
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        fields: Row = {}
        name, content = "", b""
        for part in message_from_bytes(head + self.body).walk():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and part.get_filename():
                name, content = str(part.get_filename()), payload
            elif isinstance(payload, bytes):
                fields[str(part.get_param("name", header="Content-Disposition"))] = payload.decode()
        return fields, name, content

    def log_message(self, *_: Any) -> None:
        """Keep silent."""


def handler_of(portal: MockPortal) -> type[Request]:
    return type("Request", (Request,), {"portal": portal})

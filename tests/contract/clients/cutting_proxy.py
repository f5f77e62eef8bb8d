"""A line between a client and the portal that breaks once, in the middle of an answer."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class CuttingProxy:
    """Passes one request a connection on to a port; the next answer longer than ``min_bytes`` is cut if asked for."""

    def __init__(self, port: int, min_bytes: int) -> None:
        self._target = port
        self._min_bytes = min_bytes
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut_next = False
        self.n_cut = 0
        self.ranges: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            near, _ = self._listener.accept()
            threading.Thread(target=self._pass_on, args=(near,), daemon=True).start()

    def _pass_on(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self._target)) as far, suppress(OSError):
            head, rest = _until_blank_line(near)
            self.ranges += re.findall(rb"\r\nrange: *([^\r]+)", head, re.IGNORECASE)
            far.sendall(_closing(head) + rest)
            missing = _length(head) - len(rest)
            while missing > 0:
                data = near.recv(65536)
                far.sendall(data)
                missing -= len(data)
            self._answer(near, far)

    def _answer(self, near: socket.socket, far: socket.socket) -> None:
        head, rest = _until_blank_line(far)
        near.sendall(head)
        left = _length(head)
        if self.cut_next and left > self._min_bytes:
            self.cut_next = False
            self.n_cut += 1
            left = int(left * 0.6)
        while left > 0 and (data := rest or far.recv(65536)):
            near.sendall(data[:left])
            left -= len(data)
            rest = b""


def _until_blank_line(stream: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.recv(65536)
        if not more:
            raise ConnectionError("closed before the head was complete")
        data += more
    head, blank, rest = data.partition(b"\r\n\r\n")
    return head + blank, rest


def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


def _closing(head: bytes) -> bytes:
    """Ask for one answer a connection."""
    return re.sub(rb"\r\nconnection: *[^\r]+", b"", head, flags=re.IGNORECASE).replace(
        b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"
    )

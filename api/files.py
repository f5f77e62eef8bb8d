"""Uploads in resumable pieces (tus 1.0) at ``/files``.

The library behind it is kept in this module. It takes a piece whole into memory, so pieces are small; it knows no
people, so every call on an upload is checked against its owner here. When the last byte has come, the file is staged
in the store, and the browser learns the staged id from the header ``Upload-Staged-Id`` or from ``/files/<id>/staged``.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import logging
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request
from resumable_upload import SQLiteStorage, TusServer
from werkzeug.exceptions import LengthRequired

from api.errors import answer
from services.container import Container
from services.context import current_actor, current_context
from services.errors import InvalidInput, NotAllowed, NotFound, TooLarge, Unavailable
from services.file_names import clean_file_name

logger = logging.getLogger(__name__)

MIB = 2**20
MAX_PIECE_BYTES = 16 * MIB
"""Largest piece in one request: it is held in memory, and sent again whole when the line breaks."""
EXPIRY_S = 86_400
"""An unfinished upload may be taken up again for a day."""
SWEEP_EVERY_S = 3600
FREE_RESERVE_BYTES = 64 * MIB
"""Disk space kept free: the database must be able to write."""
MAX_WAITING_FILES = 10
"""Files of the largest size a person may have on the way: sent in part, or whole and not yet part of a product."""
MAX_UNFINISHED = 200
"""Uploads a person may have begun and not ended, however small they are."""
STAGED_HEADER = "Upload-Staged-Id"
_UPLOAD_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@contextmanager
def _disk_errors() -> Iterator[None]:
    """Unavailable in place of what the disk and the library's own database raise."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(
            "The portal cannot keep this upload right now: its disk is full or does not answer. "
            "What has arrived stays; press Retry in a few minutes."
        ) from error


class Inbox:
    """Uploads on their way, in a folder of their own under the data folder.

    Parameters
    ----------
    container : Container
        Services; finished files go to ``container.uploads.stage``.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self.folder = container.settings.resolved_data_dir / "incoming"
        self.max_bytes = container.settings.upload_max_bytes
        (self.folder / "notes").mkdir(parents=True, exist_ok=True)
        self._storage = SQLiteStorage(str(self.folder / "uploads.sqlite3"), str(self.folder / "pieces"))
        self._tus = TusServer(
            storage=self._storage,
            base_path="/files",
            max_size=self.max_bytes,
            max_chunk_size=MAX_PIECE_BYTES,
            upload_expiry=EXPIRY_S,
            on_upload_create=self._sign,
            disable_concatenation=True,
        )
        self._swept_at = 0.0

    def _sign(self, _upload_id: str, _metadata: dict[str, str], _length: int | None) -> dict[str, str]:
        return {"filename": clean_file_name(_given_name()), "owner": str(current_actor().user_id)}

    @_disk_errors()
    def handle(self, body: bytes) -> Response:
        """Let the library answer the running request."""
        headers = {key.lower(): value for key, value in request.headers}
        headers.pop("x-http-method-override", None)
        path = request.path.rstrip("/")
        status, answer_headers, answer_body = self._tus.handle_request(request.method, path, headers, body)
        return Response(answer_body, status, answer_headers)

    @_disk_errors()
    def upload(self, upload_id: str) -> dict[str, Any]:
        """What is known about an upload of the person asking; NotFound for everybody else."""
        found = self._storage.get_upload(upload_id) if _UPLOAD_ID.fullmatch(upload_id) else None
        if found is None or found["metadata"].get("owner") != str(current_actor().user_id):
            raise NotFound("There is no such upload, or it has expired. Start it again.")
        return dict(found)

    @_disk_errors()
    def staged(self, upload_id: str) -> dict[str, Any] | None:
        """Note of the staged file, made now if the last byte has come; None while bytes are missing."""
        upload = self.upload(upload_id)
        if upload["upload_length"] is None or upload["offset"] < upload["upload_length"]:
            return None
        note = self._note(upload_id)
        with _locked(note.with_suffix(".lock")):
            if not note.exists():
                self._stage(upload, note)
        return dict(json.loads(note.read_text()))

    def _stage(self, upload: dict[str, Any], note: Path) -> None:
        piece = Path(self._storage.get_file_path(upload["upload_id"]))
        file = self._container.uploads.stage(current_actor(), piece, upload["metadata"]["filename"], consume=True)
        draft = note.with_suffix(".draft")
        draft.write_text(
            json.dumps({"staged_id": file.id, "name": file.name, "size_bytes": file.size_bytes, "sha256": file.sha256})
        )
        draft.replace(note)
        piece.unlink(missing_ok=True)

    def check_room(self, length: int) -> None:
        """Refuse an upload before its first byte.

        Raises
        ------
        TooLarge
            If it is larger than the operator allows.
        Unavailable
            If the disk could not hold it.
        """
        if length > self.max_bytes:
            raise TooLarge(
                f"The file has {_mib(length)} MiB, and this portal takes files up to {_mib(self.max_bytes)} MiB. "
                "Compress it, keep only the columns that matter, or register the product without a main file."
            )
        if shutil.disk_usage(self.folder).free < length + FREE_RESERVE_BYTES:
            raise Unavailable("The portal has no room for this file right now. Tell the operator, and try again later.")

    @contextmanager
    def quota(self, length: int) -> Iterator[None]:
        """Make an upload within the block, if the person may have that many more bytes on the way.

        Raises
        ------
        TooLarge
            If they have too much on the way already.
        """
        person = current_actor()
        allowed = MAX_WAITING_FILES * self.max_bytes
        with _locked(self.folder / "notes" / f"person-{person.user_id}.lock"):
            n_uploads, n_bytes = self._unfinished(person.user_id)
            n_bytes += self._container.uploads.staged_bytes(person)
            if n_uploads >= MAX_UNFINISHED or n_bytes + length > allowed:
                raise TooLarge(
                    f"You have {n_uploads} unfinished uploads, and {_mib(n_bytes)} MiB on the way altogether; this "
                    f"portal keeps up to {MAX_UNFINISHED}, and {_mib(allowed)} MiB, for each person. Finish or cancel "
                    "some of them, or wait: what is not taken up again goes away after a day."
                )
            yield

    @_disk_errors()
    def _unfinished(self, user_id: int) -> tuple[int, int]:
        """Number of uploads of a person that wait for more bytes, and the bytes they announced."""
        with closing(sqlite3.connect(self._storage.db_path, timeout=self._storage.timeout)) as table:
            counted = table.execute(
                "SELECT COUNT(*), COALESCE(SUM(upload_length), 0) FROM uploads "
                "WHERE offset < upload_length AND json_extract(metadata, '$.owner') = ?",
                (str(user_id),),
            )
            n_uploads, n_bytes = counted.fetchone()
        return int(n_uploads), int(n_bytes)

    @_disk_errors()
    def sweep(self) -> None:
        """Forget uploads and notes older than a day, at most once an hour."""
        now = time.time()
        if now - self._swept_at < SWEEP_EVERY_S:
            return
        self._swept_at = now
        self._storage.cleanup_expired_uploads()
        for old in self._forgotten("notes", now):
            old.unlink(missing_ok=True)
        for orphan in self._forgotten("pieces", now):
            if self._storage.get_upload(orphan.name) is None:
                orphan.unlink(missing_ok=True)

    def _forgotten(self, folder: str, now: float) -> Iterator[Path]:
        for path in self.folder.glob(f"{folder}/*"):
            with suppress(FileNotFoundError):  # another process sweeps too
                if now - path.stat().st_mtime > 2 * EXPIRY_S:
                    yield path

    def _note(self, upload_id: str) -> Path:
        return self.folder / "notes" / f"{upload_id}.json"


def files_blueprint(container: Container) -> Blueprint:
    """The tus routes under ``/files``."""
    routes = Blueprint("files", __name__)
    inbox = Inbox(container)

    @routes.before_request
    def check_token() -> None:
        if current_context().is_read_only:
            raise NotAllowed("This API token may only read. Use one that may write, from the API Token page.")

    @routes.post("/files", strict_slashes=False)
    def create() -> Response:
        inbox.sweep()
        length = _announced_length()
        clean_file_name(_given_name())
        inbox.check_room(length)
        _check_piece()
        with inbox.quota(length):
            response = inbox.handle(request.get_data(cache=False))
        if response.status_code == 201 and length == 0:
            upload_id = response.headers["Location"].rsplit("/", 1)[-1]
            _name_staged(response, inbox.staged(upload_id))
        return response

    @routes.route("/files/<upload_id>", methods=["HEAD", "DELETE"])
    def ask_or_drop(upload_id: str) -> Response:
        inbox.upload(upload_id)
        return inbox.handle(b"")

    @routes.patch("/files/<upload_id>")
    def take(upload_id: str) -> Response:
        inbox.upload(upload_id)
        _check_piece()
        response = inbox.handle(request.get_data(cache=False))
        if response.status_code < 300:
            _name_staged(response, inbox.staged(upload_id))
        return response

    @routes.get("/files/<upload_id>/staged")
    def staged(upload_id: str) -> Response:
        note = inbox.staged(upload_id)
        if note is None:
            return answer(409, "The upload is not complete yet.", "conflict")
        return jsonify(note)

    return routes


def _announced_length() -> int:
    given = request.headers.get("Upload-Length", "")
    if not re.fullmatch(r"[0-9]{1,18}", given, re.ASCII):
        raise InvalidInput("The upload must say how long it is (Upload-Length).", field="Upload-Length")
    return int(given)


def _given_name() -> str:
    """Name of the file in the tus metadata of this request."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key in ("filename", "name"):
            try:
                return base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError) as error:
                raise InvalidInput("The name of the file cannot be read (Upload-Metadata).", field="file") from error
    raise InvalidInput("The upload must name its file (filename in Upload-Metadata).", field="file")


def _check_piece() -> None:
    if request.content_length is None:
        raise LengthRequired
    if request.content_length > MAX_PIECE_BYTES:
        raise TooLarge(f"A piece of an upload may have at most {MAX_PIECE_BYTES // MIB} MiB. Send smaller pieces.")


def _name_staged(response: Response, note: dict[str, Any] | None) -> None:
    if note is not None:
        response.headers[STAGED_HEADER] = str(note["staged_id"])


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / MIB:,.1f}".removesuffix(".0")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One thread of one process inside; the others wait."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

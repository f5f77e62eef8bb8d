"""Resumable uploads (tus) over real HTTP: the whole way, the limits, and who may touch what."""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import sqlite3
import subprocess
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import requests

from services.settings import Settings
from tests.api.conftest import UPLOAD_LIMIT_BYTES
from tests.support.live import Live, running
from tests.support.portal import free_port, serving

MIB = 2**20
BODY = np.random.default_rng(11).bytes(9 * MIB + 123)
TUS = {"Tus-Resumable": "1.0.0"}


def _metadata(name: str) -> str:
    return "filename " + base64.b64encode(name.encode()).decode()


def create(session: requests.Session, url: str, length: int, name: str = "catalogue.csv") -> requests.Response:
    """Announce an upload."""
    headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": _metadata(name)}
    return session.post(f"{url}/files", headers=headers)


def send(session: requests.Session, place: str, piece: bytes, offset: int) -> requests.Response:
    """Send one piece."""
    headers = TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return session.patch(place, data=piece, headers=headers)


def begin(session: requests.Session, url: str, length: int, name: str = "catalogue.csv") -> str:
    """Address of a new upload."""
    answer = create(session, url, length, name)
    assert answer.status_code == 201, answer.text
    return (
        url + answer.headers["Location"] if answer.headers["Location"].startswith("/") else answer.headers["Location"]
    )


def test_pieces_become_a_staged_file(live: Live, owner: requests.Session) -> None:
    place = begin(owner, live.url, len(BODY))
    first = send(owner, place, BODY[: 8 * MIB], 0)
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, str(8 * MIB))
    assert "Upload-Staged-Id" not in first.headers
    assert owner.get(f"{place}/staged").status_code == 409
    last = send(owner, place, BODY[8 * MIB :], 8 * MIB)
    assert last.status_code == 204
    note = owner.get(f"{place}/staged").json()
    assert note["staged_id"] == last.headers["Upload-Staged-Id"]
    assert note["name"] == "catalogue.csv"
    assert note["size_bytes"] == len(BODY)
    assert note["sha256"] == hashlib.sha256(BODY).hexdigest()


def test_a_program_uploads_in_pieces_with_its_token(live: Live) -> None:
    program = live.token_session("owner1")
    place = begin(program, live.url, 10)
    assert send(program, place, b"z\n0.1\n", 0).status_code == 204
    asked = program.head(place, headers={"Tus-Resumable": "1.0.0"})
    assert asked.headers["Upload-Offset"] == "6"
    last = send(program, place, b"0.2\n", 6)
    staged_id = last.headers["Upload-Staged-Id"]
    assert program.get(f"{place}/staged").json()["staged_id"] == staged_id
    assert requests.head(place, headers={"Authorization": "Token " + 40 * "0"}).status_code == 401


def test_an_upload_is_taken_up_where_it_stopped(live: Live, owner: requests.Session) -> None:
    place = begin(owner, live.url, len(BODY))
    send(owner, place, BODY[:MIB], 0)
    head = owner.head(place, headers=TUS)
    assert head.headers["Upload-Offset"] == str(MIB)
    assert head.headers["Upload-Length"] == str(len(BODY))
    assert send(owner, place, BODY[:MIB], 0).status_code == 409
    assert send(owner, place, BODY[MIB:], MIB).headers["Upload-Staged-Id"]


def test_a_lost_last_answer_is_no_loss(live: Live, owner: requests.Session) -> None:
    place = begin(owner, live.url, 5)
    assert send(owner, place, b"a,b\n1", 0).status_code == 204
    assert owner.head(place, headers=TUS).headers["Upload-Offset"] == "5"
    first, again = owner.get(f"{place}/staged").json(), owner.get(f"{place}/staged").json()
    assert first == again


def test_uploads_of_others_do_not_exist(live: Live, owner: requests.Session, stranger: requests.Session) -> None:
    place = begin(owner, live.url, 10)
    assert stranger.head(place, headers=TUS).status_code == 404
    assert send(stranger, place, b"x" * 10, 0).status_code == 404
    assert stranger.delete(place, headers=TUS).status_code == 404
    assert stranger.get(f"{place}/staged").status_code == 404
    assert owner.head(place, headers=TUS).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("upload_id", ["0f0e0d0c-0000-4000-8000-000000000000", "..%2f..%2fsecret_key", "x"])
def test_unknown_uploads_answer_404(live: Live, owner: requests.Session, upload_id: str) -> None:
    assert owner.head(f"{live.url}/files/{upload_id}", headers=TUS).status_code == 404


def test_a_dropped_upload_is_gone(live: Live, owner: requests.Session) -> None:
    place = begin(owner, live.url, 10)
    assert owner.delete(place, headers=TUS).status_code == 204
    assert owner.head(place, headers=TUS).status_code == 404


def test_a_file_that_is_too_large_is_refused_before_its_first_byte(live: Live, owner: requests.Session) -> None:
    answer = create(owner, live.url, UPLOAD_LIMIT_BYTES + 1)
    assert answer.status_code == 413
    assert "40 MiB" in answer.json()["detail"]
    assert create(owner, live.url, UPLOAD_LIMIT_BYTES).status_code == 201


@pytest.fixture
def newcomer(live: Live) -> requests.Session:
    """Session of somebody with nothing on the way."""
    name = f"newcomer{os.urandom(4).hex()}"
    live.container.users.create_user(name, name)
    return live.session(name)


def test_a_person_may_have_so_much_on_the_way_and_no_more(
    live: Live, newcomer: requests.Session, stranger: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.files.MAX_WAITING_FILES", 2)
    places = [begin(newcomer, live.url, UPLOAD_LIMIT_BYTES // 2) for _ in range(4)]
    refused = create(newcomer, live.url, 1)
    assert (refused.status_code, "Finish or cancel" in refused.json()["detail"]) == (413, True)
    assert stranger.delete(begin(stranger, live.url, 1), headers=TUS).status_code == 204
    newcomer.delete(places[0], headers=TUS)
    assert create(newcomer, live.url, UPLOAD_LIMIT_BYTES // 2).status_code == 201


def test_files_that_belong_to_no_product_yet_count(
    live: Live, newcomer: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.files.MAX_WAITING_FILES", 1)
    place = begin(newcomer, live.url, 1000)
    assert send(newcomer, place, b"x" * 1000, 0).headers["Upload-Staged-Id"]
    assert create(newcomer, live.url, UPLOAD_LIMIT_BYTES - 999).status_code == 413
    assert create(newcomer, live.url, UPLOAD_LIMIT_BYTES - 1000).status_code == 201


def test_a_person_may_begin_so_many_uploads_and_no_more(
    live: Live, newcomer: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.files.MAX_UNFINISHED", 3)
    assert [create(newcomer, live.url, 1).status_code for _ in range(4)] == [201, 201, 201, 413]


def test_a_file_larger_than_the_disk_is_refused(tmp_path: Path) -> None:
    with running(Settings(data_dir=tmp_path, upload_max_bytes=2**60)) as live:
        answer = create(live.session("demo"), live.url, 2**59)
    assert answer.status_code == 503
    assert "no room" in answer.json()["detail"]


def test_a_piece_that_is_too_large_is_refused(live: Live, owner: requests.Session) -> None:
    place = begin(owner, live.url, 20 * MIB)
    answer = send(owner, place, b"x" * (16 * MIB + 1), 0)
    assert answer.status_code == 413
    assert "16 MiB" in answer.json()["detail"]
    assert owner.head(place, headers=TUS).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    "trouble", [OSError(28, "No space left on device"), sqlite3.OperationalError("disk I/O error")]
)
@pytest.mark.parametrize(
    "part", ["resumable_upload.SQLiteStorage.get_upload", "resumable_upload.TusServer.handle_request"]
)
def test_a_disk_that_fills_up_is_told_in_words_and_loses_nothing(
    live: Live, owner: requests.Session, monkeypatch: pytest.MonkeyPatch, part: str, trouble: Exception
) -> None:
    place = begin(owner, live.url, 10)
    send(owner, place, b"01234", 0)

    def refuse(*_: object, **__: object) -> None:
        raise trouble

    with monkeypatch.context() as full:
        full.setattr(part, refuse)
        answer = send(owner, place, b"56789", 5)
    assert answer.status_code == 503
    assert "disk is full" in answer.json()["detail"]
    assert send(owner, place, b"56789", 5).status_code == 204


def test_more_bytes_than_announced_are_refused(live: Live, owner: requests.Session) -> None:
    place = begin(owner, live.url, 5)
    assert send(owner, place, b"x" * 50, 0).status_code >= 400
    assert owner.get(f"{place}/staged").status_code == 409


def test_a_piece_must_say_how_long_it_is(live: Live, owner: requests.Session) -> None:
    place = begin(owner, live.url, 10)
    headers = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    answer = owner.patch(place, data=iter([b"x" * 10]), headers=headers)
    assert answer.status_code == 411
    assert "Content-Length" in answer.json()["detail"]


@pytest.mark.parametrize("length", ["", "-1", "ten", "1e9", "9" * 40])
def test_an_upload_must_announce_a_length(live: Live, owner: requests.Session, length: str) -> None:
    headers = TUS | {"Upload-Length": length, "Upload-Metadata": _metadata("a.csv")}
    answer = owner.post(f"{live.url}/files", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"


@pytest.mark.parametrize("metadata", ["", "filename", "filename ***", "filename /w==", "filetype dGV4dA=="])
def test_an_upload_must_name_its_file(live: Live, owner: requests.Session, metadata: str) -> None:
    headers = TUS | {"Upload-Length": "5", "Upload-Metadata": metadata}
    answer = owner.post(f"{live.url}/files", headers=headers)
    assert answer.status_code == 400
    assert "file" in answer.json()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\data\\field.csv", "field.csv"),
        ("a\x00b\n.csv", "ab.csv"),
        ("🔭" * 60 + ".csv", None),
    ],
)
def test_names_are_cleaned(live: Live, owner: requests.Session, given: str, kept: str | None) -> None:
    place = begin(owner, live.url, 4, given)
    send(owner, place, b"a\n1\n", 0)
    name = owner.get(f"{place}/staged").json()["name"]
    assert name == kept if kept else name.endswith(".csv")
    assert len(name.encode()) <= 255


def test_an_empty_file_is_refused_with_a_sentence(live: Live, owner: requests.Session) -> None:
    answer = create(owner, live.url, 0)
    assert answer.status_code == 400
    assert "empty" in answer.json()["detail"]


def test_a_post_cannot_pretend_to_be_another_method(live: Live, owner: requests.Session) -> None:
    place = begin(owner, live.url, 10)
    answer = owner.post(place, headers=TUS | {"X-HTTP-Method-Override": "DELETE"})
    assert answer.status_code in (404, 405)
    assert owner.head(place, headers=TUS).status_code == 200


def test_a_killed_server_goes_on_where_it_was(tmp_path: Path) -> None:
    with running(Settings(data_dir=tmp_path)):
        port = free_port()
    with serving(tmp_path, port) as portal:
        session = Live(portal.url, None, {}).session("owner1")  # type: ignore[arg-type]
        place = begin(session, portal.url, len(BODY))
        send(session, place, BODY[: 4 * MIB], 0)
        _kill_tree(portal.pid)
    with serving(tmp_path, port):
        offset = int(session.head(place, headers=TUS).headers["Upload-Offset"])
        assert offset == 4 * MIB
        assert send(session, place, BODY[offset:], offset).status_code == 204
        assert session.get(f"{place}/staged").json()["sha256"] == hashlib.sha256(BODY).hexdigest()


def _kill_tree(pid: int) -> None:
    """SIGKILL to a process and everything below it, youngest first."""
    below = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    for child in below.stdout.split():
        _kill_tree(int(child))
    with suppress(ProcessLookupError):  # some end with the process they belong to
        os.kill(pid, signal.SIGKILL)

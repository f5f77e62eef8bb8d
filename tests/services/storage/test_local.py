"""What only files on a disk can do wrong."""

from __future__ import annotations

import errno
import io
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.errors import Unavailable
from services.storage.local import LocalStore


@pytest.fixture
def store(tmp_path) -> LocalStore:
    return LocalStore(tmp_path / "blobs")


def test_blobs_lie_two_folders_deep_and_cannot_be_written(store, tmp_path):
    key = store.put(io.BytesIO(b"bytes")).key
    path = tmp_path / "blobs" / key[:2] / key[2:4] / key
    assert stat.S_IMODE(path.stat().st_mode) == 0o440


def test_a_consumed_file_is_renamed_not_copied(store, tmp_path):
    path = tmp_path / "big.csv"
    path.write_bytes(b"1\n" * 1000)
    inode = path.stat().st_ino
    key = store.put_file(path, consume=True).key
    with store.local_path(key) as kept:
        assert kept.stat().st_ino == inode


@pytest.mark.parametrize(
    ("number", "word"), [(errno.ENOSPC, "full"), (errno.EACCES, "Permission denied"), (errno.EROFS, "Read-only")]
)
def test_a_disk_that_refuses_is_a_sentence(store, monkeypatch, number, word):
    def refuse(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("services.storage.local.os.fsync", refuse)
    with pytest.raises(Unavailable, match=word):
        store.put(io.BytesIO(b"bytes"))
    monkeypatch.undo()
    assert list(store.blobs()) == []
    assert list((store._arriving).iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "taken").write_text("a file where a folder should be")
    with pytest.raises(Unavailable, match="cannot keep files in"):
        LocalStore(tmp_path / "taken" / "blobs")


def test_a_folder_that_vanished_is_unavailable_not_unknown(tmp_path):
    store = LocalStore(tmp_path / "blobs")
    key = store.put(io.BytesIO(b"bytes")).key
    (tmp_path / "blobs").rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        store.open(key)
    with pytest.raises(Unavailable):
        store.put(io.BytesIO(b"more"))


def test_abandoned_drafts_are_removed_by_age(store):
    drafts = [Path(store._arriving) / name for name in ("old", "new")]
    for draft in drafts:
        draft.write_bytes(b"half")
    os.utime(drafts[0], (1, 1))
    assert store.remove_abandoned(datetime.now(UTC) - timedelta(hours=24)) == 1
    assert [draft.exists() for draft in drafts] == [False, True]

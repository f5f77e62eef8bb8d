"""Every blob store keeps the same promises: one suite, run on each implementation."""

from __future__ import annotations

import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.errors import InvalidInput, NotFound, TooLarge
from services.storage.base import BlobStore
from services.storage.registry import STORES, open_store

CONTENT = b"ra,dec,z_spec\n150.1,2.2,0.5\n" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ABSENT = "0" * 64


@pytest.fixture(params=sorted(STORES))
def store(request, tmp_path) -> BlobStore:
    addresses = {"file": (tmp_path / "blobs").as_uri()}
    return open_store(addresses[request.param])


def _keys(store: BlobStore) -> list[str]:
    return sorted(blob.key for blob in store.blobs())


def test_bytes_come_back_under_their_checksum(store):
    blob = store.put(io.BytesIO(CONTENT))
    assert (blob.key, blob.sha256, blob.size_bytes) == (SHA256, SHA256, len(CONTENT))
    with store.open(blob.key) as stream:
        assert stream.read() == CONTENT


def test_a_stream_is_read_from_an_offset_and_can_seek(store):
    key = store.put(io.BytesIO(CONTENT)).key
    with store.open(key, offset=14) as stream:
        assert stream.read(5) == CONTENT[14:19]
        stream.seek(0)
        assert stream.read(2) == CONTENT[:2]


def test_stat_tells_size_and_time(store):
    before = datetime.now(UTC) - timedelta(seconds=5)
    blob = store.stat(store.put(io.BytesIO(CONTENT)).key)
    assert blob.size_bytes == len(CONTENT)
    assert blob.modified_at is not None
    assert before < blob.modified_at < datetime.now(UTC) + timedelta(seconds=5)


def test_the_same_bytes_twice_are_one_blob_with_a_new_time(store):
    first = store.put(io.BytesIO(CONTENT))
    with store.local_path(first.key) as path:
        os.utime(path, (1, 1))
    store.put(io.BytesIO(CONTENT))
    assert _keys(store) == [SHA256]
    renewed = store.stat(first.key).modified_at
    assert renewed is not None
    assert renewed.year > 2000


def test_a_stream_longer_than_allowed_leaves_nothing(store):
    with pytest.raises(TooLarge, match="27,999"):
        store.put(io.BytesIO(CONTENT), max_bytes=len(CONTENT) - 1)
    assert _keys(store) == []
    assert store.put(io.BytesIO(CONTENT), max_bytes=len(CONTENT)).size_bytes == len(CONTENT)


def test_a_stream_that_breaks_leaves_nothing(store):
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise ConnectionError("the other side went away")
            return super().read(size)

    with pytest.raises(ConnectionError):
        store.put(Torn(CONTENT))
    assert _keys(store) == []


@pytest.mark.parametrize("consume", [True, False])
def test_a_local_file_is_stored_and_consumed_only_on_request(store, tmp_path, consume):
    path = tmp_path / "catalogue.csv"
    path.write_bytes(CONTENT)
    assert store.put_file(path, consume=consume).key == SHA256
    assert path.exists() is not consume
    with store.open(SHA256) as stream:
        assert stream.read() == CONTENT


def test_many_writers_of_equal_and_different_bytes(store):
    contents = [CONTENT + bytes([number % 3]) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        blobs = list(pool.map(lambda content: store.put(io.BytesIO(content)), contents))
    assert [blob.key for blob in blobs] == [hashlib.sha256(content).hexdigest() for content in contents]
    assert _keys(store) == sorted(hashlib.sha256(CONTENT + bytes([number])).hexdigest() for number in range(3))


@pytest.mark.parametrize("key", [ABSENT, "../../../etc/passwd", "", "abc", "A" * 64])
def test_unknown_and_malformed_keys_are_not_found(store, key):
    for question in (store.stat, store.open, store.arrow_file):
        with pytest.raises(NotFound):
            question(key)
    with pytest.raises(NotFound), store.local_path(key):
        pass


def test_delete_is_quiet_about_what_is_gone(store):
    key = store.put(io.BytesIO(CONTENT)).key
    store.delete(key)
    store.delete(key)
    assert _keys(store) == []
    with pytest.raises(NotFound):
        store.open(key)


def test_parquet_is_read_in_place(store):
    out = io.BytesIO()
    pq.write_table(pa.table({"z_spec": [0.1, 0.2]}), out)
    key = store.put(io.BytesIO(out.getvalue())).key
    assert pq.ParquetFile(store.arrow_file(key)).read().column("z_spec").to_pylist() == [0.1, 0.2]


def test_local_path_offers_the_same_bytes(store):
    key = store.put(io.BytesIO(CONTENT)).key
    with store.local_path(key) as path:
        assert isinstance(path, Path)
        assert path.read_bytes() == CONTENT


def test_check_leaves_no_trace(store):
    store.check()
    assert _keys(store) == []


def test_leftovers_of_broken_writers_go_away(store):
    store.put(io.BytesIO(CONTENT))
    assert store.remove_abandoned(datetime.now(UTC) + timedelta(hours=1)) == 0
    assert _keys(store) == [SHA256]


def test_an_unknown_scheme_says_what_is_possible():
    with pytest.raises(InvalidInput, match="file://"):
        open_store("s3://bucket/prefix")


def test_a_relative_file_address_is_refused():
    with pytest.raises(InvalidInput, match="three slashes"):
        open_store("file://srv/pzserver")

"""Bytes nobody refers to go away; all others stay."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.errors import NotFound
from services.jobs.sweeper import sweep
from services.models.products import FileRole, ProductChanges
from tests.support.ingests import catalogue_csv, ingested
from tests.support.products import draft, person

NOTHING = timedelta(seconds=-5)
"""Keeps nothing: what was made just now counts as old."""


@pytest.fixture
def owner(container):
    return person(container, "owner1")


def _keys(container) -> set[str]:
    return {blob.key for blob in container.storage.blobs()}


def test_what_rows_refer_to_stays(container, owner):
    product = ingested(container, owner, catalogue_csv())
    container.downloads.archive(owner, product.id)
    before = _keys(container)
    swept = sweep(container, keep=NOTHING)
    assert (swept.n_blobs, swept.n_staged, swept.n_archives) == (0, 0, 0)
    assert _keys(container) == before
    assert container.previews.overview(owner, product.id).n_rows > 0


def test_orphans_go_once_they_are_old(container):
    container.storage.put(io.BytesIO(b"nobody's bytes"))
    assert sweep(container).n_blobs == 0
    assert sweep(container, keep=NOTHING).n_blobs == 1
    assert _keys(container) == set()


def test_bytes_that_got_a_row_during_the_sweep_stay(container, owner, monkeypatch):
    """The list of needed bytes is as old as the sweep: each one is looked up again before it goes."""
    staged = container.uploads.stage(owner, io.BytesIO(b"1,2\n"), "a.csv")
    monkeypatch.setattr("services.jobs.sweeper._forget_staged", lambda *_: 0)
    monkeypatch.setattr("services.repositories.artifacts.ArtifactRepository.needed_keys", lambda _: set())
    assert sweep(container, keep=NOTHING).n_blobs == 0
    assert _keys(container) == {staged.key}


def test_two_sweeps_at_once_do_not_trip_over_each_other(container):
    for number in range(30):
        container.storage.put(io.BytesIO(f"orphan {number}".encode()))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: sweep(container, keep=NOTHING), range(3)))
    assert _keys(container) == set()


def test_what_vanishes_under_a_sweep_does_not_end_it(container):
    work = container.settings.resolved_data_dir / "work"
    work.mkdir()
    (work / "gone").symlink_to("nowhere")
    (work / "old").touch()
    assert sweep(container, keep=NOTHING).n_leftovers == 1
    assert not (work / "old").exists()


def test_files_staged_and_forgotten_go_with_their_bytes(container, owner):
    staged = container.uploads.stage(owner, io.BytesIO(b"1,2\n"), "a.csv")
    assert sweep(container).n_staged == 0
    swept = sweep(container, keep=NOTHING)
    assert (swept.n_staged, swept.n_blobs) == (1, 1)
    with pytest.raises(NotFound):
        container.uploads.attach(owner, draft(container, owner).id, staged.id, FileRole.MAIN)


def test_bytes_shared_with_a_product_outlive_a_forgotten_upload(container, owner):
    product = draft(container, owner)
    file = container.uploads.receive_file(owner, product.id, io.BytesIO(b"1,2\n"), "a.csv", FileRole.MAIN)
    container.uploads.stage(owner, io.BytesIO(b"1,2\n"), "b.csv")
    sweep(container, keep=NOTHING)
    with container.downloads.file(owner, file.id).open() as stream:
        assert stream.read() == b"1,2\n"


def test_the_files_of_a_deleted_product_stay_so_that_it_can_be_restored(container, owner):
    product = ingested(container, owner, catalogue_csv())
    container.catalog.delete(owner, product.id)
    sweep(container, keep=NOTHING)
    container.catalog.restore(owner, product.id)
    assert container.downloads.main_file(owner, product.id).size_bytes == len(catalogue_csv())
    assert container.previews.overview(owner, product.id).n_rows > 0


def test_leftovers_go_once_they_are_old(container):
    leftover = container.settings.resolved_data_dir / "work" / "job-1-1"
    leftover.mkdir(parents=True)
    (leftover / "half").write_bytes(b"half")
    assert sweep(container).n_leftovers == 0
    os.utime(leftover, (1, 1))
    assert sweep(container).n_leftovers == 1
    assert not leftover.exists()


def test_log_outs_are_forgotten_once_their_cookies_have_expired(container, owner, monkeypatch):
    container.users.end_session("a" * 32)
    assert sweep(container).n_sessions == 0
    assert container.users.actor_of_session(owner.user_id, "a" * 32) is None
    monkeypatch.setattr("services.jobs.sweeper.SESSION_LIFETIME", timedelta(seconds=-5))
    assert sweep(container).n_sessions == 1


def test_archives_go_with_their_bytes_once_they_have_expired(container, owner, monkeypatch):
    product = draft(container, owner)
    container.downloads.archive(owner, product.id)
    assert (sweep(container, keep=NOTHING).n_archives, len(_keys(container))) == (0, 1)
    monkeypatch.setattr("services.prepared.KEEP", timedelta(0))
    container.catalog.update(owner, product.id, ProductChanges({"description": "new"}))
    container.downloads.archive(owner, product.id)
    swept = sweep(container, keep=NOTHING)
    assert (swept.n_archives, swept.n_blobs, len(_keys(container))) == (1, 1, 1)

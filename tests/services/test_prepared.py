"""Prepared downloads: made once per state of a product, by whoever comes first, and given to the right person."""

from __future__ import annotations

import hashlib
import io
import socket
import subprocess
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import yaml
from pydantic import SecretStr

from services.container import build_container
from services.errors import Conflict, NotAllowed, NotFound, Unavailable
from services.jobs.archive import run_archive
from services.jobs.processes import environment_of, module_command
from services.jobs.service import MAX_ATTEMPTS
from services.jobs.sweeper import sweep
from services.models.jobs import Job
from services.models.prepared import PreparedKind, PreparedState
from services.models.products import FileRole, ProductChanges, ProductStatus
from services.prepared import KEEP, MAX_WAITING
from services.schema import utc_now
from tests.support.products import draft, person, published, with_status

CONTENT = b"ra,dec,z_spec\n150.1,2.2,0.5\n"
MAIN_FILE, PRODUCT = PreparedKind.MAIN_FILE, PreparedKind.PRODUCT
LIMIT_S = 120.0


@pytest.fixture
def owner(container):
    return person(container, "owner1")


@pytest.fixture
def reader(container):
    return person(container, "reader")


@pytest.fixture
def product(container, owner):
    """A published product with a main file."""
    made = draft(container, owner, "Deep Field")
    container.uploads.receive_file(owner, made.id, io.BytesIO(CONTENT), "deep.csv", FileRole.MAIN)
    with_status(container, made, ProductStatus.PUBLISHED)
    return container.catalog.get(owner, made.id)


@pytest.fixture
def by_job(monkeypatch):
    """No product is small enough to be packed at once."""
    monkeypatch.setattr("services.prepared.INLINE_BYTES", -1)


def _token(container, actor, prepared) -> str:
    return container.prepared.tokens.issue(actor, prepared.product_id, prepared.kind, prepared.key)


def _fetched(container, actor, prepared) -> bytes:
    token = _token(container, actor, prepared)
    with container.downloads.fetched(actor, prepared.product_id, prepared.kind, token).open() as stream:
        return stream.read()


def _described(container, actor, product, words: str) -> None:
    container.catalog.update(actor, product.id, ProductChanges({"description": words}))


def _job(container, prepared, worker: str = "w") -> Job:
    """The job of an archive, claimed."""
    job = container.jobs.claim(prepared.job_id, worker)
    assert job is not None
    return job


def test_a_small_product_is_ready_at_once(container, reader, product):
    prepared = container.prepared.prepare(reader, product.id, PRODUCT)
    content = _fetched(container, reader, prepared)
    assert (prepared.state, prepared.job_id, prepared.error) == (PreparedState.READY, None, None)
    assert prepared.name == f"{product.internal_name}.zip"
    assert (prepared.size_bytes, prepared.key) == (len(content), hashlib.sha256(content).hexdigest())
    assert abs(prepared.expires_at - utc_now() - KEEP) < timedelta(minutes=5)
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["product_metadata.yaml", "deep.csv"]


def test_a_main_file_is_ready_as_it_is(container, reader, product):
    prepared = container.prepared.prepare(reader, product.id, MAIN_FILE)
    assert (prepared.state, prepared.name) == (PreparedState.READY, "deep.csv")
    assert (prepared.size_bytes, prepared.key) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert _fetched(container, reader, prepared) == CONTENT


def test_the_same_archive_is_given_until_something_changes(container, owner, reader, product, monkeypatch):
    first = container.prepared.prepare(reader, product.id, PRODUCT)
    main = container.prepared.prepare(reader, product.id, MAIN_FILE)
    with monkeypatch.context() as broken:
        broken.setattr("services.prepared.build_archive", lambda *_: pytest.fail("it was built again"))
        assert container.prepared.prepare(owner, product.id, PRODUCT) == first
        assert container.downloads.archive(owner, product.id).sha256 == first.key
    _described(container, owner, product, "new words")
    second = container.prepared.prepare(reader, product.id, PRODUCT)
    assert (second.signature == first.signature, second.key == first.key) == (False, False)
    facts = zipfile.ZipFile(io.BytesIO(_fetched(container, reader, second))).read("product_metadata.yaml")
    assert yaml.safe_load(facts)["description"] == "new words"
    assert container.prepared.prepare(reader, product.id, MAIN_FILE) == main


def test_an_address_gives_the_same_bytes_although_the_product_changed(container, owner, reader, product):
    first = container.prepared.prepare(reader, product.id, PRODUCT)
    content = _fetched(container, reader, first)
    _described(container, owner, product, "new words")
    container.prepared.prepare(reader, product.id, PRODUCT)
    assert _fetched(container, reader, first) == content


def test_the_archive_of_a_download_in_one_step_is_the_prepared_one(container, owner, product):
    download = container.downloads.archive(owner, product.id)
    assert container.prepared.prepare(owner, product.id, PRODUCT).key == download.sha256
    assert container.prepared.status(owner, product.id, PRODUCT).state is PreparedState.READY


@pytest.mark.usefixtures("by_job")
def test_a_large_product_is_packed_by_one_job(container, owner, reader, product):
    waiting = container.prepared.prepare(reader, product.id, PRODUCT, wait_s=0)
    assert (waiting.state, waiting.key) == (PreparedState.PENDING, None)
    assert container.prepared.prepare(owner, product.id, PRODUCT, wait_s=0) == waiting
    assert container.queue.take(0) == waiting.job_id
    assert container.queue.take(0) is None
    assert container.jobs.latest(product.id) is None, "people would take it for the reading of the main file"
    job = _job(container, waiting)
    assert container.prepared.status(reader, product.id, PRODUCT).state is PreparedState.RUNNING
    run_archive(container, job)
    ready = container.prepared.status(reader, product.id, PRODUCT)
    assert (ready.id, ready.state, ready.signature) == (waiting.id, PreparedState.READY, waiting.signature)
    assert zipfile.ZipFile(io.BytesIO(_fetched(container, reader, ready))).read("deep.csv") == CONTENT


@pytest.mark.usefixtures("by_job")
def test_preparing_waits_for_the_job(container, reader, product):
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(container.prepared.prepare, reader, product.id, PRODUCT, LIMIT_S)
        job_id = container.queue.take(LIMIT_S)
        run_archive(container, container.jobs.claim(job_id, "w"))
        assert answer.result(LIMIT_S).state is PreparedState.READY


@pytest.mark.usefixtures("by_job")
def test_only_a_few_requests_wait(container, reader, product, monkeypatch):
    for _ in range(MAX_WAITING):
        container.prepared._waiting.acquire()
    monkeypatch.setattr("services.prepared.time.sleep", lambda _: pytest.fail("it waits"))
    assert container.prepared.prepare(reader, product.id, PRODUCT, LIMIT_S).state is PreparedState.PENDING


@pytest.mark.usefixtures("by_job")
def test_what_failed_says_why_and_is_tried_again(container, reader, product):
    first = container.prepared.prepare(reader, product.id, PRODUCT, wait_s=0)
    for _ in range(MAX_ATTEMPTS):
        container.jobs.attempt_failed(_job(container, first), "The disk is full.")
    failed = container.prepared.status(reader, product.id, PRODUCT)
    assert (failed.state, failed.error) == (PreparedState.FAILED, "The disk is full.")
    assert container.catalog.get(reader, product.id).status is ProductStatus.PUBLISHED
    second = container.prepared.prepare(reader, product.id, PRODUCT, wait_s=0)
    assert (second.id, second.state, second.error) == (first.id, PreparedState.PENDING, None)
    run_archive(container, _job(container, second))
    assert container.prepared.status(reader, product.id, PRODUCT).state is PreparedState.READY


@pytest.mark.usefixtures("by_job")
def test_a_file_whose_bytes_are_lost_fails_the_archive_at_once(container, reader, product):
    prepared = container.prepared.prepare(reader, product.id, PRODUCT, wait_s=0)
    container.storage.delete(product.main_file_sha256)
    run_archive(container, _job(container, prepared))
    failed = container.prepared.status(reader, product.id, PRODUCT)
    assert failed.state is PreparedState.FAILED
    assert "not in the storage" in failed.error


@pytest.mark.usefixtures("by_job")
def test_a_product_deleted_meanwhile_is_not_packed(container, owner, product):
    prepared = container.prepared.prepare(owner, product.id, PRODUCT, wait_s=0)
    container.catalog.delete(owner, product.id)
    run_archive(container, _job(container, prepared))
    assert "deleted" in container.jobs.get(prepared.job_id).error


@pytest.mark.usefixtures("by_job")
def test_a_change_while_the_job_waits_is_in_the_archive(container, owner, reader, product):
    waiting = container.prepared.prepare(reader, product.id, PRODUCT, wait_s=0)
    _described(container, owner, product, "changed while it waited")
    run_archive(container, _job(container, waiting))
    ready = container.prepared.status(reader, product.id, PRODUCT)
    assert (ready.state, ready.signature == waiting.signature) == (PreparedState.READY, False)
    assert b"changed while it waited" in _fetched(container, reader, ready)
    assert container.prepared.prepare(reader, product.id, PRODUCT, wait_s=0) == ready


@pytest.mark.usefixtures("by_job")
def test_an_attempt_given_to_another_worker_stores_nothing(container, reader, product):
    prepared = container.prepared.prepare(reader, product.id, PRODUCT, wait_s=0)
    late = _job(container, prepared, "late")
    container.jobs.attempt_failed(late, "The worker stopped in the middle of the work.")
    with pytest.raises(Conflict):
        run_archive(container, late)
    assert container.prepared.status(reader, product.id, PRODUCT).state is PreparedState.PENDING


@pytest.mark.usefixtures("by_job")
def test_an_archive_of_a_killed_worker_is_built_by_the_next_one(container, reader, product):
    prepared = container.prepared.prepare(reader, product.id, PRODUCT, wait_s=0)
    _job(container, prepared, f"{socket.gethostname()[:60]}/{2**22 + 1}/1/0")
    command = module_command("services.jobs.worker", "--slots", "1")
    worker = subprocess.Popen(command, env=environment_of(container.settings))
    try:
        deadline = time.monotonic() + LIMIT_S
        while container.prepared.status(reader, product.id, PRODUCT).is_active:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        worker.terminate()
        worker.wait(LIMIT_S)
    ready = container.prepared.status(reader, product.id, PRODUCT)
    assert (ready.state, container.jobs.get(ready.job_id).attempts) == (PreparedState.READY, 2)
    assert zipfile.ZipFile(io.BytesIO(_fetched(container, reader, ready))).testzip() is None


@pytest.mark.parametrize("n_bytes", [-1, 2**20], ids=["by job", "at once"])
def test_many_who_ask_at_once_share_one_archive(container, reader, product, monkeypatch, n_bytes):
    monkeypatch.setattr("services.prepared.INLINE_BYTES", n_bytes)
    together = threading.Barrier(6)

    def ask(_: int):
        together.wait()
        return container.prepared.prepare(reader, product.id, PRODUCT, wait_s=0)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(6)))
    assert len({(answer.id, answer.job_id, answer.key) for answer in answers}) == 1


def test_another_server_gives_out_what_one_prepared(container, reader, product, tmp_path):
    shared = {
        "secret_key": SecretStr("the same on both"),
        "storage_url": container.settings.resolved_storage_url,
        "database_url": container.settings.resolved_database_url,
    }
    here = build_container(container.settings.model_copy(update=shared))
    there = build_container(container.settings.model_copy(update=shared | {"data_dir": tmp_path / "there"}))
    try:
        prepared = here.prepared.prepare(reader, product.id, PRODUCT)
        assert there.prepared.status(reader, product.id, PRODUCT) == prepared
        token = _token(here, reader, prepared)
        assert there.downloads.fetched(reader, product.id, PRODUCT, token).sha256 == prepared.key
    finally:
        here.engine.dispose()
        there.engine.dispose()


def test_nothing_prepared_has_no_status(container, reader, product):
    container.prepared.prepare(reader, product.id, MAIN_FILE)
    with pytest.raises(NotFound, match="prepared"):
        container.prepared.status(reader, product.id, PRODUCT)


def test_the_status_after_a_change_is_that_of_the_new_state(container, owner, reader, product):
    first = container.prepared.prepare(reader, product.id, PRODUCT)
    _described(container, owner, product, "new words")
    assert container.prepared.status(reader, product.id, PRODUCT).signature != first.signature


def test_a_product_that_is_only_described_has_a_zip_but_no_main_file(container, owner, reader):
    described = published(container, owner)
    prepared = container.prepared.prepare(reader, described.id, PRODUCT)
    content = io.BytesIO(_fetched(container, reader, prepared))
    assert zipfile.ZipFile(content).namelist() == ["product_metadata.yaml"]
    for question in (container.prepared.prepare, container.prepared.status):
        with pytest.raises(NotFound, match="no main file"):
            question(reader, described.id, MAIN_FILE)


@pytest.mark.parametrize("status", [ProductStatus.REGISTERING, ProductStatus.PROCESSING, ProductStatus.FAILED])
@pytest.mark.parametrize("kind", PreparedKind)
def test_what_is_hidden_is_not_prepared_for_others(container, owner, reader, product, status, kind):
    prepared = container.prepared.prepare(reader, product.id, kind)
    token = _token(container, reader, prepared)
    with_status(container, product, status)
    assert container.prepared.prepare(owner, product.id, kind).state is PreparedState.READY
    for question in (container.prepared.prepare, container.prepared.status):
        with pytest.raises(NotFound):
            question(reader, product.id, kind)
    with pytest.raises(NotFound):
        container.downloads.fetched(reader, product.id, kind, token)


def test_a_token_is_for_one_person(container, reader, product):
    prepared = container.prepared.prepare(reader, product.id, PRODUCT)
    token = _token(container, reader, prepared)
    for other in (person(container, "other"), person(container, "curator", is_admin=True)):
        with pytest.raises(NotAllowed, match="another person"):
            container.downloads.fetched(other, product.id, PRODUCT, token)


def test_a_token_is_for_one_download(container, owner, reader, product):
    prepared = container.prepared.prepare(reader, product.id, PRODUCT)
    token = _token(container, reader, prepared)
    for product_id, kind in ((published(container, owner).id, PRODUCT), (product.id, MAIN_FILE)):
        with pytest.raises(NotAllowed, match="another download"):
            container.downloads.fetched(reader, product_id, kind, token)


@pytest.mark.parametrize("token", ["", "abc", "é", "a.b.c", "." * 9000])
def test_what_is_no_token_is_refused(container, reader, product, token):
    with pytest.raises(NotAllowed, match="Prepare the download again"):
        container.downloads.fetched(reader, product.id, PRODUCT, token)


def test_a_token_changed_by_one_letter_is_refused(container, reader, product):
    token = _token(container, reader, container.prepared.prepare(reader, product.id, PRODUCT))
    forged = token[:5] + ("A" if token[5] != "A" else "B") + token[6:]
    with pytest.raises(NotAllowed, match="damaged"):
        container.downloads.fetched(reader, product.id, PRODUCT, forged)


@pytest.mark.parametrize(("age_s", "is_valid"), [(890, True), (910, False)])
def test_a_token_lives_a_quarter_of_an_hour(container, reader, product, monkeypatch, age_s, is_valid):
    now = time.time()
    prepared = container.prepared.prepare(reader, product.id, PRODUCT)
    with monkeypatch.context() as earlier:
        earlier.setattr("itsdangerous.timed.time.time", lambda: now - age_s)
        token = _token(container, reader, prepared)
    if is_valid:
        assert container.downloads.fetched(reader, product.id, PRODUCT, token).sha256 == prepared.key
    else:
        with pytest.raises(NotAllowed, match="expired"):
            container.downloads.fetched(reader, product.id, PRODUCT, token)


def test_bytes_that_are_gone_are_not_found_and_built_anew(container, reader, product):
    prepared = container.prepared.prepare(reader, product.id, PRODUCT)
    token = _token(container, reader, prepared)
    container.storage.delete(prepared.key)
    with pytest.raises(NotFound, match="Prepare the download again"):
        container.downloads.fetched(reader, product.id, PRODUCT, token)
    assert container.prepared.status(reader, product.id, PRODUCT).state is PreparedState.READY
    assert container.downloads.fetched(reader, product.id, PRODUCT, token).sha256 == prepared.key


def test_an_archive_is_kept_for_a_while_and_longer_when_asked_for(container, reader, product, monkeypatch):
    monkeypatch.setattr("services.prepared.KEEP", timedelta(minutes=1))
    first = container.prepared.prepare(reader, product.id, PRODUCT)
    monkeypatch.undo()
    container.prepared.prepare(reader, product.id, PRODUCT)
    assert container.prepared.status(reader, product.id, PRODUCT).expires_at > first.expires_at + timedelta(days=1)


@pytest.mark.parametrize("kind", PreparedKind)
def test_an_expired_download_is_gone_and_can_be_prepared_again(container, reader, product, monkeypatch, kind):
    with monkeypatch.context() as short:
        short.setattr("services.prepared.KEEP", timedelta(seconds=-1))
        token = _token(container, reader, container.prepared.prepare(reader, product.id, kind))
    with pytest.raises(NotFound, match="prepared"):
        container.prepared.status(reader, product.id, kind)
    with pytest.raises(NotFound):
        container.downloads.fetched(reader, product.id, kind, token)
    assert container.prepared.prepare(reader, product.id, kind).state is PreparedState.READY
    assert sweep(container, keep=timedelta(seconds=-5)).n_archives == 0
    assert container.downloads.fetched(reader, product.id, kind, token).size_bytes > 0


def test_a_main_file_taken_back_is_not_given_out(container, owner):
    made = draft(container, owner)
    file = container.uploads.receive_file(owner, made.id, io.BytesIO(CONTENT), "a.csv", FileRole.MAIN)
    token = _token(container, owner, container.prepared.prepare(owner, made.id, MAIN_FILE))
    container.uploads.remove_file(owner, file.id)
    with pytest.raises(NotFound):
        container.downloads.fetched(owner, made.id, MAIN_FILE, token)


def test_a_full_disk_is_told_and_nothing_is_called_prepared(container, reader, product, monkeypatch):
    def refuse(source, target, length):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("services.archives.shutil.copyfileobj", refuse)
    with pytest.raises(Unavailable, match="archive could not be written"):
        container.prepared.prepare(reader, product.id, PRODUCT)
    with pytest.raises(NotFound, match="prepared"):
        container.prepared.status(reader, product.id, PRODUCT)

"""Files on their way in: rights, limits, names, conflicts, and nothing left behind by a failure."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.container import Container
from services.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooLarge, Unavailable
from services.models.jobs import JobState
from services.models.products import FileRole, NewProduct, ProductQuery, ProductStatus
from services.uploads import UploadService
from tests.support.products import draft, person, published, with_columns, with_status

CONTENT = b"ra,dec,z_spec\n150.1,2.2,0.5\n"
FREE = NewProduct("Plots", "training_results")


@pytest.fixture
def owner(container):
    return person(container, "owner1")


def _stage(container: Container, actor, name: str = "a.csv", content: bytes = CONTENT) -> str:
    return container.uploads.stage(actor, io.BytesIO(content), name).id


def test_a_staged_file_becomes_part_of_a_product(container, owner):
    staged = container.uploads.stage(owner, io.BytesIO(CONTENT), "folder/a.csv")
    assert (staged.name, staged.sha256, staged.size_bytes) == (
        "a.csv",
        hashlib.sha256(CONTENT).hexdigest(),
        len(CONTENT),
    )
    product = draft(container, owner)
    file = container.uploads.attach(owner, product.id, staged.id, FileRole.MAIN)
    assert (file.name, file.role, file.media_type, file.sha256) == ("a.csv", FileRole.MAIN, "text/csv", staged.sha256)
    assert container.catalog.files(owner, product.id) == (file,)
    with pytest.raises(NotFound):
        container.uploads.attach(owner, product.id, staged.id, FileRole.AUXILIARY)


def test_a_local_file_is_moved_only_on_request(container, owner, tmp_path):
    path = tmp_path / "piece"
    path.write_bytes(CONTENT)
    container.uploads.stage(owner, path, "a.csv")
    assert path.exists()
    container.uploads.stage(owner, path, "a.csv", consume=True)
    assert not path.exists()


def test_an_empty_file_is_refused(container, owner):
    with pytest.raises(InvalidInput, match=r"nothing\.csv is empty"):
        container.uploads.stage(owner, io.BytesIO(b""), "nothing.csv")


@pytest.mark.parametrize("as_path", [True, False])
def test_a_file_over_the_limit_is_refused_with_the_limit(container, owner, tmp_path, as_path):
    settings = container.settings.model_copy(update={"upload_max_bytes": len(CONTENT) - 1})
    uploads = UploadService(container.sessions, container.storage, container.catalog, container.jobs, settings)
    path = tmp_path / "a.csv"
    path.write_bytes(CONTENT)
    with pytest.raises(TooLarge, match=r"big\.csv is larger than the 27 bytes"):
        uploads.stage(owner, path if as_path else io.BytesIO(CONTENT), "big.csv")
    assert list(container.storage.blobs()) == []


def test_a_disk_that_is_full_is_a_sentence_and_leaves_no_row(container, owner, monkeypatch):
    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("services.storage.local.os.fsync", refuse)
    with pytest.raises(Unavailable, match="full"):
        _stage(container, owner)


def test_only_the_owner_of_a_staged_file_can_use_it(container, owner):
    other = person(container, "owner2")
    staged = _stage(container, owner)
    product = draft(container, other)
    with pytest.raises(NotFound):
        container.uploads.attach(other, product.id, staged, FileRole.MAIN)
    container.uploads.discard(other, staged)
    assert container.uploads.attach(owner, draft(container, owner).id, staged, FileRole.MAIN).name == "a.csv"


@pytest.mark.parametrize("staged_id", ["", "nonsense", "a\x00b", "../x", "é" * 40])
def test_an_unknown_staged_file_is_not_found(container, owner, staged_id):
    with pytest.raises(NotFound):
        container.uploads.attach(owner, draft(container, owner).id, staged_id, FileRole.MAIN)
    container.uploads.discard(owner, staged_id)


def test_a_discarded_file_is_gone(container, owner):
    staged = _stage(container, owner)
    container.uploads.discard(owner, staged)
    container.uploads.discard(owner, staged)
    with pytest.raises(NotFound):
        container.uploads.attach(owner, draft(container, owner).id, staged, FileRole.MAIN)


def test_others_cannot_add_files(container, owner):
    other, admin = person(container, "owner2"), person(container, "curator", is_admin=True)
    visible, hidden = published(container, owner), draft(container, owner)
    with pytest.raises(NotAllowed):
        container.uploads.receive_file(other, visible.id, io.BytesIO(CONTENT), "a.csv", FileRole.AUXILIARY)
    with pytest.raises(NotFound):
        container.uploads.receive_file(other, hidden.id, io.BytesIO(CONTENT), "a.csv", FileRole.AUXILIARY)
    assert list(container.storage.blobs()) == []
    assert container.uploads.receive_file(admin, hidden.id, io.BytesIO(CONTENT), "a.csv", FileRole.MAIN).name == "a.csv"


def test_a_second_main_file_is_a_conflict_and_leaves_nothing_staged(container, owner):
    product = draft(container, owner)
    container.uploads.receive_file(owner, product.id, io.BytesIO(CONTENT), "a.csv", FileRole.MAIN)
    with pytest.raises(Conflict, match="main file already"):
        container.uploads.receive_file(owner, product.id, io.BytesIO(CONTENT + b"1"), "b.csv", FileRole.MAIN)
    assert len(list(container.storage.blobs())) == 1
    staged = _stage(container, owner, "b.csv")
    with pytest.raises(Conflict):
        container.uploads.attach(owner, product.id, staged, FileRole.MAIN)
    assert container.uploads.attach(owner, product.id, staged, FileRole.AUXILIARY).name == "b.csv"


def test_names_are_unique_within_a_product(container, owner):
    product = draft(container, owner)
    names = [
        container.uploads.receive_file(owner, product.id, io.BytesIO(CONTENT), name, FileRole.AUXILIARY).name
        for name in ("a.csv", "A.csv", "x/a.csv")
    ]
    assert names == ["a.csv", "A_2.csv", "a_3.csv"]


def test_parallel_uploads_to_one_product_all_arrive(container, owner):
    product = draft(container, owner)

    def add(number: int) -> str:
        content = io.BytesIO(CONTENT + bytes([number % 2]))
        return container.uploads.receive_file(owner, product.id, content, "a.csv", FileRole.AUXILIARY).name

    with ThreadPoolExecutor(4) as pool:
        names = sorted(pool.map(add, range(6)))
    assert names == ["a.csv", "a_2.csv", "a_3.csv", "a_4.csv", "a_5.csv", "a_6.csv"]
    assert len(list(container.storage.blobs())) == 2


def test_of_parallel_main_files_one_wins(container, owner):
    product = draft(container, owner)
    staged = [_stage(container, owner, f"{n}.csv") for n in range(4)]

    def attach(staged_id: str) -> bool:
        try:
            container.uploads.attach(owner, product.id, staged_id, FileRole.MAIN)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attach, staged)) == [False, False, False, True]


def test_submit_makes_a_product_and_sends_its_main_file(container, owner):
    product = container.uploads.submit(
        owner,
        NewProduct("Deep", "specz_catalog"),
        main=_stage(container, owner, "deep.csv"),
        auxiliary=[_stage(container, owner, "plot.png"), _stage(container, owner, "plot.png")],
        description_files=[_stage(container, owner, "about.html")],
    )
    assert product.status is ProductStatus.PROCESSING
    assert [(file.role, file.name) for file in container.catalog.files(owner, product.id)] == [
        (FileRole.MAIN, "deep.csv"),
        (FileRole.AUXILIARY, "plot.png"),
        (FileRole.AUXILIARY, "plot_2.png"),
        (FileRole.DESCRIPTION, "about.html"),
    ]
    job = container.jobs.latest_for_product(owner, product.id)
    assert job is not None
    assert (job.kind, job.state, dict(job.payload)) == ("ingest", JobState.QUEUED, {"publish_when_ready": True})
    assert container.queue.take(0) == job.id


def test_submit_without_a_main_file_publishes_at_once(container, owner):
    product = container.uploads.submit(owner, NewProduct("Large one", "specz_catalog"), main=None)
    assert product.status is ProductStatus.PUBLISHED
    assert container.jobs.latest_for_product(owner, product.id) is None


def test_a_failed_submission_leaves_no_product(container, owner):
    staged = _stage(container, owner)
    with pytest.raises(NotFound, match="not here any more"):
        container.uploads.submit(owner, FREE, main=staged, auxiliary=["0" * 32])
    everything = ProductQuery(statuses=tuple(ProductStatus))
    assert container.catalog.search(owner, everything).total == 0
    assert container.uploads.submit(owner, FREE, main=staged).main_file_name == "a.csv"


def test_a_submission_broken_off_anywhere_leaves_no_product(container, owner, monkeypatch):
    """As when the server is killed: no draft without its file, and the staged file can be submitted again."""
    staged = _stage(container, owner)

    def broken_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(UploadService, "_sent", broken_off)
        with pytest.raises(KeyboardInterrupt):
            container.uploads.submit(owner, NewProduct("Sample", "training_set"), staged)
    assert container.catalog.search(owner, ProductQuery(statuses=tuple(ProductStatus))).total == 0
    assert container.uploads.submit(owner, NewProduct("Sample", "training_set"), staged).main_file_name == "a.csv"


def test_process_again_gives_the_job_that_waits(container, owner):
    product = draft(container, owner)
    container.uploads.receive_file(owner, product.id, io.BytesIO(CONTENT), "a.csv", FileRole.MAIN)
    first = container.uploads.process(owner, product.id, publish_when_ready=False)
    second = container.uploads.process(owner, product.id, publish_when_ready=True)
    assert first.id == second.id
    assert second.payload["publish_when_ready"] is True
    assert container.catalog.get(owner, product.id).status is ProductStatus.PROCESSING


def test_process_needs_a_main_file_and_the_right(container, owner):
    product = draft(container, owner)
    with pytest.raises(Conflict, match="no main file"):
        container.uploads.process(owner, product.id)
    with pytest.raises(NotFound):
        container.uploads.process(person(container, "owner2"), product.id)


def test_removing_the_main_file_forgets_what_was_read(container, owner):
    product = draft(container, owner)
    file = container.uploads.receive_file(owner, product.id, io.BytesIO(CONTENT), "a.csv", FileRole.MAIN)
    with_columns(container, product, "ra", "dec")
    with_status(container, product, ProductStatus.FAILED, "a.csv cannot be read.")
    container.uploads.remove_file(owner, file.id)
    after = container.catalog.get(owner, product.id)
    assert (after.status, after.status_reason, after.main_file_name) == (ProductStatus.REGISTERING, None, None)
    assert container.catalog.columns(owner, product.id) == ()
    with pytest.raises(NotFound):
        container.uploads.remove_file(owner, file.id)


def test_a_new_main_file_takes_the_place_of_the_old_one_and_is_read(container, owner):
    product = draft(container, owner)
    container.uploads.attach(owner, product.id, _stage(container, owner, "old.csv"), FileRole.MAIN)
    new, notes = _stage(container, owner, "new.csv"), _stage(container, owner, "notes.md")
    container.uploads.add_files(owner, product.id, new, description_files=[notes])
    assert [file.name for file in container.catalog.files(owner, product.id)] == ["new.csv", "notes.md"]
    assert container.catalog.get(owner, product.id).status is ProductStatus.PROCESSING
    assert container.jobs.latest(product.id).state is JobState.QUEUED


def test_a_main_file_is_not_given_up_for_one_that_is_gone(container, owner):
    product = draft(container, owner)
    old = container.uploads.attach(owner, product.id, _stage(container, owner), FileRole.MAIN)
    notes = _stage(container, owner, "notes.md")
    for main, others in (("0" * 32, [notes]), (_stage(container, owner, "new.csv"), ["0" * 32])):
        with pytest.raises(NotFound):
            container.uploads.add_files(owner, product.id, main, auxiliary=others)
        assert container.catalog.files(owner, product.id) == (old,)
    container.uploads.attach(owner, product.id, notes, FileRole.DESCRIPTION)


def test_others_and_published_products_get_no_new_main_file(container, owner):
    product = draft(container, owner)
    container.uploads.attach(owner, product.id, _stage(container, owner), FileRole.MAIN)
    stranger = person(container, "owner2")
    with pytest.raises(NotFound):
        container.uploads.add_files(stranger, product.id, _stage(container, stranger))
    with_status(container, product, ProductStatus.PUBLISHED)
    with pytest.raises(Conflict):
        container.uploads.add_files(owner, product.id, _stage(container, owner))


def test_the_main_file_of_a_published_product_stays_but_others_go(container, owner):
    product = draft(container, owner)
    main = container.uploads.receive_file(owner, product.id, io.BytesIO(CONTENT), "a.csv", FileRole.MAIN)
    extra = container.uploads.receive_file(owner, product.id, io.BytesIO(CONTENT), "b.csv", FileRole.AUXILIARY)
    with_status(container, product, ProductStatus.PUBLISHED)
    with pytest.raises(Conflict, match="published"):
        container.uploads.remove_file(owner, main.id)
    with pytest.raises(NotAllowed):
        container.uploads.remove_file(person(container, "owner2"), extra.id)
    container.uploads.remove_file(owner, extra.id)
    assert [file.name for file in container.catalog.files(owner, product.id)] == ["a.csv"]


def test_the_main_file_stays_while_it_is_read(container, owner):
    product = draft(container, owner)
    file = container.uploads.receive_file(owner, product.id, io.BytesIO(CONTENT), "a.csv", FileRole.MAIN)
    container.uploads.process(owner, product.id)
    with pytest.raises(Conflict, match="being read"):
        container.uploads.remove_file(owner, file.id)

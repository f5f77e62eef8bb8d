"""Registering main files: columns at once, statistics later, and nothing a person said is lost on the way."""

from __future__ import annotations

import gzip
import io
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.container import Container
from services.errors import Conflict, MissingColumns, NotAllowed, UnreadableTable
from services.jobs.ingest import run_ingest
from services.models.identity import Actor
from services.models.jobs import JobState
from services.models.products import FileRole, Product, ProductColumn, ProductStatus
from tests.support.ingests import N_ROWS, catalogue_csv
from tests.support.products import draft, person

NAMES = ("id", "ra", "dec", "z_spec", "z_err", "z_flag", "mag_i")


def with_main_file(
    container: Container, owner: Actor, content: bytes, name: str = "a.csv", kind: str = "specz_catalog"
) -> Product:
    """A draft with a main file, as a program makes it."""
    product = draft(container, owner, kind=kind)
    container.uploads.receive_file(owner, product.id, io.BytesIO(content), name, FileRole.MAIN)
    return product


def read_rest(container: Container, product: Product) -> None:
    """Do the waiting job of a product here and now."""
    job = container.jobs.latest(product.id)
    assert job is not None
    run_ingest(container, job.id)


def by_name(container: Container, owner: Actor, product: Product) -> dict[str, ProductColumn]:
    """Columns of a product."""
    return {column.name: column for column in container.catalog.columns(owner, product.id)}


def test_a_draft_has_its_columns_at_once(container: Container) -> None:
    owner = person(container, "owner")
    product = with_main_file(container, owner, catalogue_csv())
    done = container.registration.register_table(owner, product.id)
    assert (done.status, done.n_rows, done.n_columns) == (ProductStatus.REGISTERING, N_ROWS, len(NAMES))
    columns = container.catalog.columns(owner, product.id)
    assert tuple(column.name for column in columns) == NAMES
    assert [(c.alias, c.ucd) for c in columns] == [
        ("ID", "meta.id;meta.main"),
        ("RA", "pos.eq.ra;meta.main"),
        ("Dec", "pos.eq.dec;meta.main"),
        ("z", "src.redshift"),
        ("z_err", "stat.error;src.redshift"),
        ("z_flag", "stat.rank"),
        (None, "phot.mag"),
    ]


def test_it_is_published_while_the_file_is_read(container: Container) -> None:
    owner = person(container, "owner")
    product = with_main_file(container, owner, catalogue_csv())
    container.registration.register_table(owner, product.id)
    before = container.catalog.columns(owner, product.id)
    job = container.jobs.latest(product.id)
    assert job is not None
    assert container.jobs.claim(job.id, "a worker") is not None
    assert container.catalog.publish(owner, product.id).status is ProductStatus.PUBLISHED
    container.jobs.hand_back(container.jobs.get(job.id))
    run_ingest(container, job.id)
    assert container.catalog.get(owner, product.id).status is ProductStatus.PUBLISHED
    assert container.catalog.columns(owner, product.id) == before
    assert container.previews.overview(owner, product.id).n_rows == N_ROWS


def test_what_a_person_says_while_the_file_is_read_stays(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = person(container, "owner")
    product = with_main_file(container, owner, catalogue_csv())
    container.registration.register_table(owner, product.id)
    report = container.jobs.report

    def speak(job_id: int, fraction: float, message: str) -> None:
        if message == "Counting":
            container.catalog.set_role(owner, product.id, "mag_i", "redshift")
        report(job_id, fraction, message)

    monkeypatch.setattr(container.jobs, "report", speak)
    read_rest(container, product)
    columns = by_name(container, owner, product)
    assert columns["mag_i"].role == "redshift"
    assert columns["z_spec"].role is None


def test_a_cleared_role_is_not_guessed_again(container: Container) -> None:
    owner = person(container, "owner")
    product = with_main_file(container, owner, catalogue_csv())
    container.registration.register_table(owner, product.id)
    container.catalog.set_role(owner, product.id, "z_err", None)
    container.registration.register_table(owner, product.id)
    read_rest(container, product)
    assert by_name(container, owner, product)["z_err"].alias is None


def test_calls_at_the_same_time_double_nothing(container: Container) -> None:
    owner = person(container, "owner")
    product = with_main_file(container, owner, catalogue_csv())
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: container.registration.register_table(owner, product.id), range(4)))
    assert {one.status for one in done} == {ProductStatus.REGISTERING}
    assert tuple(column.name for column in container.catalog.columns(owner, product.id)) == NAMES


def test_without_a_main_file_there_is_nothing_to_register(sqlite_container: Container) -> None:
    owner = person(sqlite_container, "owner")
    with pytest.raises(Conflict, match="no main file"):
        sqlite_container.registration.register_table(owner, draft(sqlite_container, owner).id)


def test_only_the_owner_registers(sqlite_container: Container) -> None:
    owner, other = person(sqlite_container, "owner"), person(sqlite_container, "other")
    product = with_main_file(sqlite_container, owner, catalogue_csv())
    sqlite_container.registration.register_table(owner, product.id)
    sqlite_container.catalog.publish(owner, product.id)
    with pytest.raises(NotAllowed):
        sqlite_container.registration.register_table(other, product.id)


def test_a_failure_says_why_and_a_better_file_rescues(container: Container) -> None:
    owner = person(container, "owner")
    product = with_main_file(container, owner, b"ra,dec,z\n1,2\n3,4,5\n6,7,8\n")
    with pytest.raises(UnreadableTable, match=r"a\.csv: .*line 2"):
        container.registration.register_table(owner, product.id)
    failed = container.catalog.get(owner, product.id)
    assert failed.status is ProductStatus.FAILED
    assert "line 2" in (failed.status_reason or "")
    container.uploads.remove_file(owner, container.catalog.files(owner, product.id)[0].id)
    container.uploads.receive_file(owner, product.id, io.BytesIO(catalogue_csv()), "b.csv", FileRole.MAIN)
    assert container.registration.register_table(owner, product.id).status is ProductStatus.REGISTERING
    assert container.catalog.publish(owner, product.id).status is ProductStatus.PUBLISHED


def test_a_file_is_exchanged_while_it_is_read_in_the_background(container: Container) -> None:
    owner = person(container, "owner")
    product = with_main_file(container, owner, b"ra,dec,z\n1,2,0.3\n4,5,0.6\n")
    container.registration.register_table(owner, product.id)
    old = container.jobs.latest(product.id)
    assert old is not None
    container.uploads.remove_file(owner, container.catalog.files(owner, product.id)[0].id)
    assert container.jobs.get(old.id).state is JobState.FAILED
    container.uploads.receive_file(owner, product.id, io.BytesIO(catalogue_csv()), "b.csv", FileRole.MAIN)
    container.registration.register_table(owner, product.id)
    new = container.jobs.latest(product.id)
    assert new is not None
    assert new.id != old.id
    run_ingest(container, new.id)
    assert container.catalog.get(owner, product.id).n_rows == N_ROWS


def _zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep.zip", _zipped(("folder/deep.csv", catalogue_csv()))),
        ("deep.csv.gz", gzip.compress(catalogue_csv(), mtime=0)),
    ],
)
def test_a_table_in_an_archive_takes_its_place(sqlite_container: Container, name: str, content: bytes) -> None:
    owner = person(sqlite_container, "owner")
    product = with_main_file(sqlite_container, owner, content, name)
    sqlite_container.registration.register_table(owner, product.id)
    (file,) = sqlite_container.catalog.files(owner, product.id)
    assert (file.name, file.media_type, file.size_bytes) == ("deep.csv", "text/csv", len(catalogue_csv()))
    assert file.n_rows == N_ROWS
    assert sqlite_container.downloads.main_file(owner, product.id).size_bytes == len(catalogue_csv())
    read_rest(sqlite_container, product)
    assert sqlite_container.previews.overview(owner, product.id).n_rows == N_ROWS


def test_an_archive_of_a_free_type_stays_what_it_is(sqlite_container: Container) -> None:
    owner = person(sqlite_container, "owner")
    product = with_main_file(sqlite_container, owner, _zipped(("a.csv", catalogue_csv())), "a.zip", "other")
    sqlite_container.registration.register_table(owner, product.id)
    assert sqlite_container.catalog.files(owner, product.id)[0].name == "a.zip"


def test_an_archive_of_two_tables_is_refused(sqlite_container: Container) -> None:
    owner = person(sqlite_container, "owner")
    both = _zipped(("a.csv", catalogue_csv()), ("b.csv", catalogue_csv()))
    product = with_main_file(sqlite_container, owner, both, "both.zip")
    with pytest.raises(UnreadableTable, match="holds 2"):
        sqlite_container.registration.register_table(owner, product.id)


@pytest.mark.parametrize("kind", ["validation_results", "photoz_estimates", "training_results", "other"])
def test_free_types_take_any_file(sqlite_container: Container, kind: str) -> None:
    owner = person(sqlite_container, "owner")
    product = with_main_file(sqlite_container, owner, b"a,b\n1,2\n3\n4,5,6\n", "broken.csv", kind)
    assert sqlite_container.registration.register_table(owner, product.id).status is ProductStatus.REGISTERING
    assert sqlite_container.catalog.publish(owner, product.id).status is ProductStatus.PUBLISHED


def test_a_published_product_is_read_again(container: Container) -> None:
    owner = person(container, "owner")
    product = with_main_file(container, owner, catalogue_csv())
    container.registration.register_table(owner, product.id)
    container.catalog.publish(owner, product.id)
    read_rest(container, product)
    ids = [column.id for column in container.catalog.columns(owner, product.id)]
    assert container.registration.register_table(owner, product.id).status is ProductStatus.PUBLISHED
    read_rest(container, product)
    assert [column.id for column in container.catalog.columns(owner, product.id)] == ids


def test_names_that_say_nothing_are_asked_for(sqlite_container: Container) -> None:
    owner = person(sqlite_container, "owner")
    product = with_main_file(sqlite_container, owner, b"alpha1,beta2\n1.5,2.5\n3.5,4.5\n", kind="training_set")
    sqlite_container.registration.register_table(owner, product.id)
    with pytest.raises(MissingColumns, match="redshift"):
        sqlite_container.catalog.publish(owner, product.id)

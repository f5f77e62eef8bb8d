"""The ingest of one file, from its bytes to a product that can be looked at."""

from __future__ import annotations

import gzip
import io
import shutil

import numpy as np
import pytest

from services.errors import Conflict, InvalidInput, NoTable, NotFound, Unavailable
from services.jobs.ingest import run_claimed, run_ingest
from services.models.jobs import JobState
from services.models.products import FileRole, ProductStatus
from services.repositories.artifacts import CANONICAL, CUBE, OVERVIEW, ArtifactRepository
from services.repositories.files import FileRepository
from services.unit_of_work import reading, unit_of_work
from tests.support.ingests import N_ROWS, catalogue_csv, ingested, read_now, submitted
from tests.support.products import draft, person

GARBAGE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


@pytest.fixture
def owner(container):
    return person(container, "owner1")


def _artifacts(container, product):
    with reading(container.sessions) as session:
        return {kind: ArtifactRepository(session).find(product.id, kind) for kind in (CANONICAL, OVERVIEW, CUBE)}


def _roles(container, owner, product):
    return {column.name: column.role for column in container.catalog.columns(owner, product.id)}


def test_a_good_catalogue_is_published_with_everything(container, owner):
    product = ingested(container, owner, catalogue_csv())
    assert (product.status, product.status_reason) == (ProductStatus.PUBLISHED, None)
    assert (product.n_rows, product.n_columns) == (N_ROWS, 7)
    assert _roles(container, owner, product) == {
        "id": "id",
        "ra": "ra",
        "dec": "dec",
        "z_spec": "redshift",
        "z_err": "redshift_err",
        "z_flag": "z_flag",
        "mag_i": "mag",
    }
    columns = {column.name: column for column in container.catalog.columns(owner, product.id)}
    assert (columns["z_spec"].alias, columns["z_spec"].ucd) == ("z", "src.redshift")
    assert [column.order for column in columns.values()] == list(range(7))
    assert all(artifact is not None for artifact in _artifacts(container, product).values())
    (main,) = container.catalog.files(owner, product.id)
    assert main.n_rows == N_ROWS
    job = container.jobs.latest(product.id)
    assert (job.state, job.progress, job.attempts) == (JobState.DONE, 1.0, 1)


def test_nothing_but_blobs_is_left_on_the_disk(container, owner):
    ingested(container, owner, catalogue_csv())
    assert list((container.settings.resolved_data_dir / "work").iterdir()) == []


def test_doing_it_twice_changes_nothing(container, owner):
    product = ingested(container, owner, catalogue_csv())
    before = container.catalog.columns(owner, product.id)
    keys = {kind: artifact.key for kind, artifact in _artifacts(container, product).items()}
    container.uploads.process(owner, product.id)
    again = read_now(container, owner, product)
    assert again.status is ProductStatus.PUBLISHED
    assert container.catalog.columns(owner, product.id) == before
    assert {k: a.key for k, a in _artifacts(container, product).items()} == keys


def test_a_job_that_is_over_is_not_done_again(container, owner):
    product = ingested(container, owner, catalogue_csv())
    job = container.jobs.latest(product.id)
    run_ingest(container, job.id)
    assert container.jobs.get(job.id) == job


def test_the_same_bytes_in_two_products(container, owner):
    first = ingested(container, owner, catalogue_csv())
    second = ingested(container, owner, catalogue_csv())
    assert first.id != second.id
    assert first.main_file_sha256 == second.main_file_sha256
    assert _artifacts(container, first)[CANONICAL].key == _artifacts(container, second)[CANONICAL].key
    assert container.previews.overview(owner, second.id).n_rows == N_ROWS


def test_missing_roles_leave_a_draft_that_says_what_and_where(container, owner):
    product = ingested(container, owner, b"first,second,third\n1,2,3\n4,5,6\n")
    assert product.status is ProductStatus.REGISTERING
    for word in ("RA", "Dec", "redshift", "Columns"):
        assert word in product.status_reason
    assert product.n_rows == 2
    assert container.previews.overview(owner, product.id).n_rows == 2


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["NaN", "", "nan"], "holds no valid value"),
        (["-99", "-99.0", ""], "holds no valid value"),
        (["9.99"] * 12, "holds no valid value"),
        (["a", "b"], "holds text instead of numbers (a, b)"),
    ],
)
def test_a_redshift_column_without_a_redshift_is_named(container, owner, cells, why):
    rows = "".join(f"{10 + i},{-3 + i},{cell}\n" for i, cell in enumerate(cells))
    product = ingested(container, owner, f"ra,dec,z\n{rows}".encode())
    assert product.status is ProductStatus.REGISTERING
    assert f'Column "z", by its name the redshift, {why}' in product.status_reason
    assert any(why in note for note in product.notes)


def test_the_owner_names_the_columns_and_publishes(container, owner):
    content = catalogue_csv().replace(b"z_spec", b"gamma")
    product = ingested(container, owner, content)
    assert product.status is ProductStatus.REGISTERING
    container.catalog.set_role(owner, product.id, "gamma", "redshift")
    assert container.catalog.publish(owner, product.id).status is ProductStatus.PUBLISHED
    assert "n_z" in container.previews.overview(owner, product.id).statistics


def test_what_the_owner_said_survives_another_reading(container, owner):
    product = ingested(container, owner, catalogue_csv())
    container.catalog.set_role(owner, product.id, "z_err", "redshift")
    container.catalog.set_role(owner, product.id, "z_flag", None)
    container.uploads.process(owner, product.id)
    read_now(container, owner, product)
    roles = _roles(container, owner, product)
    assert (roles["z_err"], roles["z_flag"], roles["ra"]) == ("redshift", None, "ra")
    assert list(roles.values()).count("redshift") == 1


def test_without_the_wish_to_publish_it_stays_a_draft(container, owner):
    product = draft(container, owner, kind="specz_catalog")
    container.uploads.receive_file(owner, product.id, io.BytesIO(catalogue_csv()), "a.csv", FileRole.MAIN)
    container.uploads.process(owner, product.id, publish_when_ready=False)
    read = read_now(container, owner, product)
    assert (read.status, read.status_reason, read.n_rows) == (ProductStatus.REGISTERING, None, N_ROWS)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", GARBAGE), ("b.fits", b"SIMPLE  = broken"), ("c.parquet", b"PAR1" + b"\0" * 50 + b"PAR1")],
)
def test_an_unreadable_file_fails_with_its_name_and_keeps_its_bytes(container, owner, name, content):
    product = ingested(container, owner, content, name)
    assert product.status is ProductStatus.FAILED
    assert name in product.status_reason
    with container.downloads.main_file(owner, product.id).open() as stream:
        assert stream.read() == content
    with pytest.raises(NoTable, match=name.replace(".", r"\.")):
        container.previews.overview(owner, product.id)
    job = container.jobs.latest(product.id)
    assert (job.state, job.error) == (JobState.FAILED, product.status_reason)


def test_a_failed_product_is_rescued_by_a_new_file(container, owner):
    product = ingested(container, owner, GARBAGE)
    (bad,) = container.catalog.files(owner, product.id)
    container.uploads.remove_file(owner, bad.id)
    container.uploads.receive_file(owner, product.id, io.BytesIO(catalogue_csv()), "good.csv", FileRole.MAIN)
    container.uploads.process(owner, product.id)
    rescued = read_now(container, owner, product)
    assert (rescued.status, rescued.n_rows) == (ProductStatus.PUBLISHED, N_ROWS)


@pytest.mark.parametrize("content", [b"ra,dec,z\n", b"\n\n\n"])
def test_a_table_without_rows_is_no_table(container, owner, content):
    product = ingested(container, owner, content)
    assert product.status is ProductStatus.FAILED
    assert "a.csv" in product.status_reason


@pytest.mark.parametrize("kind", ["validation_results", "photoz_estimates", "other"])
def test_types_that_need_no_table_take_any_file_and_say_why_there_are_no_plots(container, owner, kind):
    product = ingested(container, owner, b"%PDF-1.7\n" + GARBAGE, "plots.pdf", kind)
    assert product.status is ProductStatus.PUBLISHED
    assert "no plots" in product.notes[0]
    assert "plots.pdf" in product.notes[0]
    with pytest.raises(NoTable, match="no plots"):
        container.previews.overview(owner, product.id)


@pytest.mark.parametrize("kind", ["validation_results", "photoz_estimates", "other"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ragged.csv", b"ra,dec,z\n1,2,0.3\n1,2\n1,2,3,4\n"),
        ("cut.csv.gz", gzip.compress(catalogue_csv(), mtime=0)[:-20]),
        ("cut.fits", b"SIMPLE  = broken"),
        ("cut.parquet", b"PAR1" + b"\0" * 50 + b"PAR1"),
        ("cut.h5", b"\x89HDF\r\n\x1a\n" + b"\0" * 100),
        ("rubbish.csv", bytes(range(256)) * 20),
    ],
)
def test_a_damaged_table_fails_whatever_the_type_and_keeps_its_bytes(container, owner, kind, name, content):
    product = ingested(container, owner, content, name, kind)
    assert product.status is ProductStatus.FAILED
    assert name in product.status_reason
    with container.downloads.main_file(owner, product.id).open() as stream:
        assert stream.read() == content


def test_training_results_are_never_read(container, owner):
    product = ingested(container, owner, catalogue_csv(), "model.pkl", "training_results")
    assert (product.status, product.n_rows, product.notes) == (ProductStatus.PUBLISHED, None, ())
    with pytest.raises(NoTable, match="files of any kind"):
        container.previews.overview(owner, product.id)


def test_what_a_type_should_have_is_noted_but_published(container, owner):
    no_bands = ingested(container, owner, b"id,z_spec\n1,0.5\n2,0.7\n", kind="training_set")
    assert no_bands.status is ProductStatus.PUBLISHED
    assert any("No magnitudes" in note for note in no_bands.notes)
    no_truth = ingested(container, owner, b"id,z_phot\n1,0.5\n2,0.7\n", kind="validation_results")
    assert no_truth.status is ProductStatus.PUBLISHED
    assert any("true redshifts" in note for note in no_truth.notes)


def test_guesses_without_column_names_wait_for_the_owner(container, owner):
    rows = "".join(f"{150 + i / 300:.5f} {2 + i / 400:.5f} {0.1 + i / 500:.4f}\n" for i in range(300))
    product = ingested(container, owner, rows.encode(), "nameless.dat")
    assert product.status is ProductStatus.REGISTERING
    assert "guessed" in product.status_reason
    assert container.catalog.publish(owner, product.id).status is ProductStatus.PUBLISHED


def test_a_product_deleted_meanwhile_stays_deleted_and_returns_as_a_draft(container, owner):
    product = submitted(container, owner, catalogue_csv())
    job = container.jobs.latest(product.id)
    container.catalog.delete(owner, product.id)
    run_ingest(container, job.id)
    with pytest.raises(NotFound):
        container.catalog.get(owner, product.id)
    restored = container.catalog.restore(owner, product.id)
    assert (restored.status, restored.n_rows) == (ProductStatus.REGISTERING, N_ROWS)


def test_a_replaced_attempt_stores_nothing(container, owner, monkeypatch):
    product = submitted(container, owner, catalogue_csv())
    job = container.jobs.latest(product.id)
    claimed = container.jobs.claim(job.id, "slow")

    def overtaken(*_: object) -> tuple[()]:
        container.jobs.attempt_failed(claimed, "The worker stopped.")
        container.jobs.claim(job.id, "quick")
        return ()

    monkeypatch.setattr("services.jobs.ingest.open_candidates", lambda *_: overtaken() or {})
    with pytest.raises(Conflict):
        run_claimed(container, claimed)
    assert container.catalog.columns(owner, product.id) == ()
    assert container.jobs.get(job.id).state is JobState.RUNNING


def test_what_was_read_from_a_file_that_is_no_more_is_not_stored(container, owner, monkeypatch):
    product = submitted(container, owner, catalogue_csv())
    (old,) = container.catalog.files(owner, product.id)
    new = container.uploads.stage(owner, io.BytesIO(b"z_spec\n0.1\n"), "new.csv")

    def swapped(*_: object) -> dict[str, object]:
        with unit_of_work(container.sessions) as unit:
            FileRepository(unit.session).remove(old.id)
            FileRepository(unit.session).add(product.id, new, "new.csv", FileRole.MAIN)
        return {}

    monkeypatch.setattr("services.jobs.ingest.open_candidates", swapped)
    with pytest.raises(Conflict, match="changed while it was read"):
        run_ingest(container, container.jobs.latest(product.id).id)
    assert container.catalog.columns(owner, product.id) == ()


def test_a_full_disk_is_no_fault_of_the_file(container, owner, monkeypatch):
    product = submitted(container, owner, catalogue_csv())
    job = container.jobs.latest(product.id)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("services.jobs.ingest.write_canonical", refuse)
    with pytest.raises(Unavailable, match="disk"):
        run_ingest(container, job.id)
    assert container.catalog.get(owner, product.id).status is ProductStatus.PROCESSING
    assert container.jobs.get(job.id).state is JobState.RUNNING


def test_a_disk_too_full_for_a_folder_is_told_in_words_too(container, owner, monkeypatch, tmp_path):
    product = submitted(container, owner, catalogue_csv())
    (tmp_path / "file").touch()
    monkeypatch.setattr("services.jobs.ingest.work_home", lambda _: tmp_path / "file")
    with pytest.raises(Unavailable, match="disk"):
        run_ingest(container, container.jobs.latest(product.id).id)


def test_leftovers_of_a_broken_attempt_go_away(container, owner):
    product = submitted(container, owner, catalogue_csv())
    job = container.jobs.latest(product.id)
    leftover = container.settings.resolved_data_dir / "work" / f"job-{job.id}-0"
    leftover.mkdir(parents=True)
    (leftover / "canonical.parquet.part").write_bytes(b"half")
    read_now(container, owner, product)
    assert not leftover.exists()
    shutil.rmtree(leftover, ignore_errors=True)


def test_a_velocity_chosen_as_the_redshift_is_read_as_v_over_c(container, owner):
    rows = "".join(f"{150 + i / 300:.5f},{2 + i / 400:.5f},{1000 + 20 * i}\n" for i in range(300))
    product = ingested(container, owner, f"ra,dec,Vhelio\n{rows}".encode(), "gas.csv")
    assert product.status is ProductStatus.REGISTERING
    assert container.catalog.role_map(owner, product.id).candidates["redshift"] == ("Vhelio",)
    columns = {column.name: column for column in container.catalog.set_role(owner, product.id, "Vhelio", "redshift")}
    assert columns["Vhelio"].transform == "km_s_to_z"
    n_z = container.previews.overview(owner, product.id).statistics["n_z"]
    assert (n_z.tally.n_shown, n_z.tally.n_missing, n_z.label) == (300, 0, "z = v/c")
    expected, _ = np.histogram((1000 + 20 * np.arange(300)) / 299792.458, n_z.edges)
    assert n_z.counts.tolist() == expected.tolist()
    velocity = container.previews.overview(owner, product.id).columns[2]
    assert (velocity.min, velocity.max) == (1000.0, 6980.0)
    assert container.catalog.publish(owner, product.id).status is ProductStatus.PUBLISHED


def test_other_columns_take_no_velocity_conversion(container, owner):
    product = ingested(container, owner, catalogue_csv())
    with pytest.raises(InvalidInput, match="conversion"):
        container.catalog.set_role(owner, product.id, "ra", "ra", None, "km_s_to_z")
    with pytest.raises(InvalidInput, match="conversion"):
        container.catalog.set_role(owner, product.id, "z_spec", "redshift", None, "rad_to_deg")

"""Runs from the wish to the published product: real catalogues, the real job, the real ingest."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.container import Container
from services.errors import Conflict
from services.jobs import pipeline
from services.jobs.kinds import KINDS
from services.models.identity import Actor
from services.models.jobs import JobState
from services.models.processes import ProcessQuery, ProcessStatus
from services.models.products import FileRole, ProductStatus
from tests.support.pipelines import catalogues, objects_under, output_rows, run_now, wish
from tests.support.products import person


@pytest.fixture
def owner(sqlite_container: Container) -> Actor:
    return person(sqlite_container, "owner1")


@pytest.fixture
def inputs(sqlite_container: Container, owner: Actor) -> tuple[int, int]:
    first, second = catalogues(sqlite_container, owner)
    return first.id, second.id


def test_a_run_waits_with_its_output_readable_at_once(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int]
) -> None:
    process = sqlite_container.processes.start(owner, wish(inputs))
    assert process.status is ProcessStatus.PENDING
    assert [product.id for product in process.inputs] == list(inputs)
    output = sqlite_container.catalog.get(owner, process.output.id)
    assert (output.status, output.origin) == (ProductStatus.PROCESSING, "Combine Redshift Catalogs")
    assert output.product_type == "redshift_catalog"


def test_concatenation_keeps_every_row_under_the_contracts_names(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int], tmp_path: Path
) -> None:
    process = run_now(sqlite_container, owner, sqlite_container.processes.start(owner, wish(inputs)))
    assert process.status is ProcessStatus.SUCCESSFUL
    assert process.output.status is ProductStatus.PUBLISHED
    rows = output_rows(sqlite_container, owner, process, tmp_path)
    assert list(rows[0]) == ["ID", "RA", "Dec", "z", "z_err", "z_flag", "survey", "input_product"]
    assert [row["ID"] for row in rows] == ["101", "102", "103", "9007199254740993", "9007199254740994"]
    assert [row["z"] for row in rows][:2] == [0.5, 0.7]
    assert math.isnan(rows[2]["z"])  # type: ignore[arg-type]
    assert [row["survey"] for row in rows] == ["VVDS"] * 3 + [None] * 2
    assert len({row["input_product"] for row in rows}) == 2
    schema = pq.read_schema(next(tmp_path.glob("*.parquet")))
    assert pa.types.is_dictionary(schema.field("ID").type)  # released clients make matrices of plain text


def test_the_output_knows_what_its_columns_are(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int]
) -> None:
    process = run_now(sqlite_container, owner, sqlite_container.processes.start(owner, wish(inputs)))
    words = {c.name: (c.alias, c.ucd) for c in sqlite_container.catalog.columns(owner, process.output.id)}
    assert words["RA"] == ("RA", "pos.eq.ra;meta.main")
    assert words["z"] == ("z", "src.redshift")
    assert words["z_err"] == ("z_err", "stat.error;src.redshift")
    assert words["input_product"] == (None, None)
    (file,) = sqlite_container.catalog.files(owner, process.output.id)
    assert (file.role, file.name) == (FileRole.MAIN, f"{process.output.internal_name}.parquet")
    assert file.n_rows == 5


@pytest.mark.parametrize(
    ("combine_type", "ids", "kept"),
    [
        ("concatenate_and_mark_duplicates", 5, [0, 1, 1, 1, 1]),
        ("concatenate_and_remove_duplicates", 4, [1, 1, 1, 1]),
    ],
)
def test_of_duplicates_the_surer_one_stays(
    sqlite_container: Container,
    owner: Actor,
    inputs: tuple[int, int],
    tmp_path: Path,
    combine_type: str,
    ids: int,
    kept: list[int],
) -> None:
    config = {"param": {"combine_type": combine_type}}
    started = sqlite_container.processes.start(owner, wish(inputs, used_config=config))
    rows = output_rows(sqlite_container, owner, run_now(sqlite_container, owner, started), tmp_path)
    assert len(rows) == ids
    assert [row["tie_result"] for row in rows] == kept
    assert "9007199254740993" in {row["ID"] for row in rows if row["tie_result"]}  # equal flag, smaller error


def test_a_cut_on_the_flag_leaves_rows_out_and_a_csv_can_be_asked_for(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int]
) -> None:
    config = {"param": {"z_flag_homogenized_value_to_cut": 3}, "output_format": "csv"}
    started = sqlite_container.processes.start(owner, wish(inputs, used_config=config))
    process = run_now(sqlite_container, owner, started)
    assert process.output.n_rows == 3
    assert process.output.main_file_name == f"{process.output.internal_name}.csv"
    assert "below 3" in (process.comment or "")


def test_a_flags_file_translates_flags_by_survey(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int], tmp_path: Path
) -> None:
    flags = b"VVDS:\n  4: 10\n  3: 5\ndefault:\n  2: 7\nversion: 1\n"
    started = sqlite_container.processes.start(owner, wish(inputs, flags_file=flags))
    process = run_now(sqlite_container, owner, started)
    rows = output_rows(sqlite_container, owner, process, tmp_path)
    found = [row["z_flag_homogenized"] for row in rows]
    assert found[:2] == [10, 5]
    assert found[4] == 7
    assert math.isnan(found[2])  # type: ignore[arg-type]
    assert "version" in (process.comment or "")
    told = sqlite_container.processes.configuration(owner, process.output.id)
    assert told["flag_translation"]["VVDS"] == {"4": 10, "3": 5}


def test_a_run_that_leaves_nothing_fails_with_the_reason(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int]
) -> None:
    config = {"param": {"z_flag_homogenized_value_to_cut": 100}}
    started = sqlite_container.processes.start(owner, wish(inputs, used_config=config))
    process = run_now(sqlite_container, owner, started)
    assert process.status is ProcessStatus.FAILED
    assert process.output.status is ProductStatus.FAILED
    assert "No row is left" in (process.comment or "")
    assert process.output.status_reason == process.comment
    assert "No row is left" in sqlite_container.processes.log(owner, process.id)


def test_a_training_set_holds_the_nearest_objects_with_redshifts(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int], tmp_path: Path
) -> None:
    release = sqlite_container.releases.create("dp1", "DP1")
    objects_under(sqlite_container, owner, "dp1")
    wanted = wish(inputs[:1], "training_set_maker", release=release.id)
    process = run_now(sqlite_container, owner, sqlite_container.processes.start(owner, wanted))
    assert process.status is ProcessStatus.SUCCESSFUL, process.comment
    assert (process.output.product_type, process.output.release_id) == ("training_set", release.id)
    rows = output_rows(sqlite_container, owner, process, tmp_path)
    assert [(row["object_id"], row["z"], row["spec_ID"]) for row in rows] == [(1, 0.5, "101"), (2, 0.7, "102")]
    assert rows[0]["match_arcsec"] == pytest.approx(0.0509, abs=1e-3)
    roles = sqlite_container.catalog.role_map(owner, process.output.id)
    assert [band.band for band in roles.bands] == ["r", "i"]
    assert roles.column("redshift") == "z"
    assert roles.column("ra") == "ra"


def test_a_release_without_objects_says_so(sqlite_container: Container, owner: Actor, inputs: tuple[int, int]) -> None:
    sqlite_container.releases.create("dp1", "Data Preview 1")
    wanted = wish(inputs[:1], "training_set_maker", release="dp1")
    process = run_now(sqlite_container, owner, sqlite_container.processes.start(owner, wanted))
    assert process.status is ProcessStatus.FAILED
    assert 'The release "Data Preview 1" offers no object catalogue' in (process.comment or "")
    assert process.output.status is ProductStatus.FAILED


def test_an_input_deleted_meanwhile_fails_the_run(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int]
) -> None:
    started = sqlite_container.processes.start(owner, wish(inputs))
    sqlite_container.catalog.delete(owner, inputs[1])
    process = run_now(sqlite_container, owner, started)
    assert process.status is ProcessStatus.FAILED
    assert f"Input {inputs[1]} is not there any more" in (process.comment or "")
    assert [product.id for product in process.inputs] == [inputs[0]]


def test_a_second_attempt_gives_the_same_product(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int]
) -> None:
    started = sqlite_container.processes.start(owner, wish(inputs))
    job = sqlite_container.jobs.claim(started.job_id, "first")
    assert job is not None
    pipeline._make_main_file(sqlite_container, pipeline._assignment(sqlite_container, job))  # then it dies
    sqlite_container.jobs.attempt_failed(job, "The worker stopped.")
    process = run_now(sqlite_container, owner, started)
    assert process.status is ProcessStatus.SUCCESSFUL
    assert len(sqlite_container.catalog.files(owner, process.output.id)) == 1


def test_a_file_added_while_it_runs_stays_beside_the_main_file(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int]
) -> None:
    started = sqlite_container.processes.start(owner, wish(inputs))
    taken = f"{started.output.internal_name}.parquet"
    sqlite_container.uploads.receive_file(owner, started.output.id, io.BytesIO(b"x"), taken, FileRole.AUXILIARY)
    process = run_now(sqlite_container, owner, started)
    assert process.status is ProcessStatus.SUCCESSFUL
    roles = {file.name: file.role for file in sqlite_container.catalog.files(owner, process.output.id)}
    assert roles.pop(taken) is FileRole.AUXILIARY
    assert list(roles.values()) == [FileRole.MAIN]


def test_a_run_stopped_while_it_works_stores_nothing(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int]
) -> None:
    started = sqlite_container.processes.start(owner, wish(inputs))
    job = sqlite_container.jobs.claim(started.job_id, "test")
    assert job is not None
    stopped = sqlite_container.processes.stop(owner, started.id)
    assert (stopped.status, stopped.comment) == (ProcessStatus.FAILED, "Stopped by owner1.")
    assert not sqlite_container.jobs.heartbeat(job)
    with pytest.raises(Conflict):
        KINDS[job.kind].run(sqlite_container, job)
    assert sqlite_container.catalog.files(owner, started.output.id) == ()
    assert sqlite_container.catalog.get(owner, started.output.id).status is ProductStatus.FAILED
    assert sqlite_container.jobs.get(job.id).state is JobState.FAILED


def test_a_removed_run_leaves_lists_but_not_the_history_of_its_product(
    sqlite_container: Container, owner: Actor, inputs: tuple[int, int]
) -> None:
    process = run_now(sqlite_container, owner, sqlite_container.processes.start(owner, wish(inputs)))
    sqlite_container.processes.delete(owner, process.id)
    assert sqlite_container.processes.search(owner, ProcessQuery()).total == 0
    output = sqlite_container.catalog.get(owner, process.output.id)
    assert output.status is ProductStatus.PUBLISHED
    assert sqlite_container.processes.configuration(owner, output.id)["config"] == process.used_config

"""Running a pipeline as background work: it makes the main file of its output, which is then read like any other."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from services.columns.role_maps import role_map
from services.errors import Conflict, NotFound, Unavailable
from services.file_names import unique_name
from services.jobs.ingest import run_claimed, work_home
from services.jobs.service import require_product
from services.models.identity import Actor
from services.models.jobs import Job, JobState
from services.models.processes import ProcessOrder
from services.models.products import FileRole, Product, StagedFile
from services.pipelines.base import InputTable, Outcome, Pipeline, PipelineFailed, Run
from services.pipelines.registry import PIPELINES
from services.repositories.artifacts import CANONICAL, ArtifactRepository
from services.repositories.files import FileRepository
from services.repositories.ingests import IngestRepository
from services.repositories.jobs import JobRepository
from services.repositories.processes import ProcessRepository
from services.repositories.products import ProductRepository
from services.schema import utc_now
from services.storage.base import Blob
from services.unit_of_work import UnitOfWork, reading, unit_of_work

if TYPE_CHECKING:
    from services.container import Container


@dataclass(frozen=True, slots=True)
class _Assignment:
    """A run with the person it is done for and the product it makes."""

    job: Job
    actor: Actor
    order: ProcessOrder
    output: Product

    @property
    def pipeline(self) -> Pipeline:
        return PIPELINES[self.order.pipeline]


def run_pipeline(container: Container, job: Job) -> None:
    """Do a claimed job from beginning to end; doing it twice gives the same product.

    A run that cannot give a product is no error here: the output says why, and the job ends as failed.

    Raises
    ------
    Conflict
        If the job was stopped or given to another worker meanwhile; nothing is stored then.
    Unavailable
        If the disk or the storage does not answer; the job may be tried again.
    """
    try:
        _make_main_file(container, _assignment(container, job))
    except PipelineFailed as error:
        _fail(container, job, error.message)
    else:
        run_claimed(container, job)


def _assignment(container: Container, job: Job) -> _Assignment:
    with reading(container.sessions) as session:
        order = ProcessRepository(session).order_of(job_id=job.id)
        output = ProductRepository(session).find(require_product(job))
    actor = container.users.actor(job.owner_id)
    if actor is None or order is None or output is None:
        raise PipelineFailed("The account that started this run is closed.")
    return _Assignment(job, actor, order, output)


def _make_main_file(container: Container, task: _Assignment) -> None:
    try:
        with ExitStack() as stack:
            run = _prepared(container, task, stack)
            outcome = task.pipeline.runner(run)
            blob = container.storage.put_file(outcome.path, consume=True)
    except OSError as error:
        raise Unavailable("The portal could not write the output: its disk is full or does not answer.") from error
    with unit_of_work(container.sessions) as unit:
        _attach(container, unit, task, outcome, blob)


def _prepared(container: Container, task: _Assignment, stack: ExitStack) -> Run:
    """Everything a runner needs, on local disk for as long as the stack is open."""
    home = work_home(container)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"run-{task.job.id}-", dir=home))
    config = task.order.used_config
    tables = [
        stack.enter_context(_table(container, task.actor, product_id))
        for product_id in (*task.order.input_ids, *_matched(container, task))
    ]
    n_inputs = len(task.order.input_ids)
    return Run(
        inputs=tuple(tables[:n_inputs]),
        matched=next(iter(tables[n_inputs:]), None),
        parameters=config["param"],
        output_format=config["output_format"],
        flag_translation=task.order.flag_translation or {},
        release_title=task.output.release_name or "",
        folder=Path(folder),
        report=lambda fraction, words: container.jobs.report(task.job.id, fraction, words),
    )


def _matched(container: Container, task: _Assignment) -> Sequence[int]:
    """The object catalogue to match with, for pipelines that take a release."""
    release_id = task.output.release_id
    if not task.pipeline.needs_release or release_id is None:
        return ()
    with reading(container.sessions) as session:
        found = ProcessRepository(session).objects_of_release(task.actor, release_id)
    return () if found is None else (found,)


@contextmanager
def _table(container: Container, actor: Actor, product_id: int) -> Iterator[InputTable]:
    try:
        product = container.catalog.get(actor, product_id)
    except NotFound as error:
        raise PipelineFailed(f"Input {product_id} is not there any more. Start the run with other inputs.") from error
    with reading(container.sessions) as session:
        canonical = ArtifactRepository(session).find(product_id, CANONICAL)
    if canonical is None:
        raise PipelineFailed(f"{product.internal_name} has no readable table. Start the run with other inputs.")
    roles = role_map(container.catalog.columns(actor, product_id))
    with container.storage.local_path(canonical.key) as path:
        yield InputTable(product_id, product.internal_name, product.display_name, path, roles)


def _attach(container: Container, unit: UnitOfWork, task: _Assignment, outcome: Outcome, blob: Blob) -> None:
    """Give the output its main file and the meaning of its columns, unless the run was stopped meanwhile."""
    products, files, output = ProductRepository(unit.session), FileRepository(unit.session), task.output
    products.lock(output.id)
    present = container.jobs.in_unit(unit, task.job.id)
    if present.state is not JobState.RUNNING or present.attempts != task.job.attempts:
        raise Conflict(f"Attempt {task.job.attempts} of job {task.job.id} was stopped or replaced by another one.")
    for file in products.files(output.id):
        if file.role is FileRole.MAIN:  # of an attempt that broke off later
            files.remove(file.id)
    name = unique_name(output.internal_name + outcome.path.suffix, files.names(output.id))
    files.add(output.id, _as_staged(output, blob, name), name, FileRole.MAIN)
    columns = [replace(column, order=place) for place, column in enumerate(outcome.columns)]
    IngestRepository(unit.session).replace_columns(output.id, columns)
    ProcessRepository(unit.session).comment(task.job.id, outcome.notes)
    for note in outcome.notes:
        JobRepository(unit.session).note(task.job.id, note)


def _as_staged(output: Product, blob: Blob, name: str) -> StagedFile:
    return StagedFile("", output.owner_id, name, blob.size_bytes, blob.sha256, blob.key, utc_now())


def _fail(container: Container, job: Job, reason: str) -> None:
    product_id = require_product(job)
    with unit_of_work(container.sessions) as unit:
        ProductRepository(unit.session).lock(product_id)
        container.jobs.fail(unit, job, reason)
        IngestRepository(unit.session).mark_failed(product_id, reason)
        ProductRepository(unit.session).note_event(product_id, None, "failed", reason=reason)
    container.jobs.note(job.id, reason)

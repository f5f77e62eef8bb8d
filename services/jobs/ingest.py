"""Reading the main file of a product: canonical table, what its columns mean, overview, count cube.

A plain function of a job's id: the worker calls it in a process of its own, the demo data and the tests call it
directly. Doing it twice gives the same result; what a broken attempt left behind is overwritten or swept.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.columns.matching import guess_roles, open_candidates, role_map
from services.errors import Conflict, MissingColumns, NotATable, Unavailable, UnreadableTable
from services.formats.registry import open_table
from services.jobs.judgement import reader_notes, unconfirmed, unusable_notes
from services.jobs.merging import merged_columns
from services.jobs.results import Result, canonical_result, computed_results
from services.jobs.service import is_quiet, require_product
from services.jobs.workbench import enqueue_workbench
from services.models.jobs import Job
from services.models.products import ProductColumn, ProductStatus
from services.models.roles import RoleGuess
from services.models.tables import ColumnProfile, TableInfo
from services.product_types import PRODUCT_TYPES
from services.publishing import publish_product
from services.repositories.artifacts import ArtifactRepository
from services.repositories.ingests import IngestRepository, IngestSubject, MainFile
from services.repositories.products import ProductRepository
from services.statistics.canonical_writer import CanonicalSummary, write_canonical
from services.unit_of_work import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from services.container import Container

REPORT_EVERY_S = 0.5
INLINE = "inline"
AWAIT_S = 0.2
READING_SHARE = 0.85
"""Part of the whole that reading the file takes; the rest is statistics."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of a main file. Without a table only ``notes`` say something."""

    notes: tuple[str, ...] = ()
    unusable: tuple[str, ...] = ()
    info: TableInfo | None = None
    n_rows: int | None = None
    profiles: tuple[ColumnProfile, ...] = ()
    guesses: tuple[RoleGuess, ...] = ()
    results: tuple[Result, ...] = ()

    def columns(self, before: Sequence[ProductColumn], job: Job) -> tuple[ProductColumn, ...]:
        """Columns of the table, given what was known of them before."""
        return merged_columns(before, self.profiles, self.guesses, keep_guesses=is_quiet(job))


class _Reporter:
    """Tells the job table how far the work is, but not more often than anybody looks."""

    def __init__(self, container: Container, job: Job) -> None:
        self._jobs = container.jobs
        self._job_id = job.id
        self._next = 0.0

    def __call__(self, fraction: float, message: str) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + REPORT_EVERY_S
            self._jobs.report(self._job_id, fraction, message)

    def while_reading(self, fraction: float, message: str) -> None:
        """Progress of the reading alone, as a part of the whole."""
        self(fraction * READING_SHARE, message)


def run_ingest(container: Container, job_id: int) -> None:
    """Do one ingest job from beginning to end in this process, unless a worker is quicker: then its end is awaited.

    A file that cannot be read is no error here: the product says why, and the job ends as failed.

    Raises
    ------
    Conflict
        If the job was given to another worker meanwhile; nothing is stored then.
    Unavailable
        If the storage does not answer; the job may be tried again.
    """
    while (job := container.jobs.claim(job_id, INLINE)) is None:
        if not container.jobs.get(job_id).is_active:
            return
        time.sleep(AWAIT_S)
    run_claimed(container, job)


def run_claimed(container: Container, job: Job) -> None:
    """Do an ingest job that was claimed for this attempt; errors as for ``run_ingest``."""
    subject = _begun(container, job)
    try:
        outcome = _read(container, job, subject)
    except UnreadableTable as error:
        _finish_unreadable(container, job, error.message)
    else:
        _finish(container, job, subject, outcome)


def _begun(container: Container, job: Job) -> IngestSubject:
    product_id = require_product(job)
    with unit_of_work(container.sessions) as unit:
        products = IngestRepository(unit.session)
        products.lock(product_id)
        subject = products.subject(product_id)
        if subject.status in {ProductStatus.REGISTERING, ProductStatus.FAILED} and not is_quiet(job):
            products.set_status(product_id, ProductStatus.PROCESSING)
        return subject


def _read(container: Container, job: Job, subject: IngestSubject) -> Reading:
    kind = PRODUCT_TYPES[subject.product_type]
    if subject.main_file is None or not kind.is_tabular:
        return Reading()
    try:
        with _disk_errors(), _work_folder(container, job) as folder:
            return _read_table(container, job, subject, subject.main_file, folder)
    except UnreadableTable as error:
        if kind.needed_roles or not (is_quiet(job) or isinstance(error, NotATable)):
            raise
        return Reading(notes=(f"There are no plots: the main file is not read as a table. {error.message}",))


def _read_table(container: Container, job: Job, subject: IngestSubject, main_file: MainFile, folder: Path) -> Reading:
    report = _Reporter(container, job)
    report(0.0, "Opening the file")
    canonical = folder / "canonical.parquet"
    info, summary = _write_table(container, main_file, canonical, report)
    kind = subject.product_type
    guesses = guess_roles(summary.profiles, kind)
    reading = Reading(info=info, n_rows=summary.n_rows, profiles=summary.profiles, guesses=guesses)
    roles = role_map(reading.columns(subject.columns, job))
    container.jobs.report(job.id, READING_SHARE, "Counting")
    results = computed_results(container.storage, canonical, roles, kind)
    notes = reader_notes(PRODUCT_TYPES[kind], info, roles, open_candidates(summary.profiles, kind))
    unusable = unusable_notes(PRODUCT_TYPES[kind], summary.profiles, roles)
    return replace(
        reading,
        notes=(*notes, *unusable),
        unusable=unusable,
        results=(canonical_result(container.storage, canonical), *results),
    )


def _write_table(
    container: Container, main_file: MainFile, canonical: Path, report: _Reporter
) -> tuple[TableInfo, CanonicalSummary]:
    with container.storage.local_path(main_file.key) as path:
        reader = open_table(path, main_file.name, scratch=canonical.parent, hurried=True)
        try:
            summary = write_canonical(reader, canonical, report.while_reading)
            info = reader.info
        finally:
            reader.close()
    if summary.n_rows == 0:
        raise UnreadableTable(f"{main_file.name}: the table has column names but not a single row.")
    return info, summary


def work_home(container: Container) -> Path:
    """Folder for files that live no longer than an attempt."""
    home = container.settings.resolved_data_dir / "work"
    home.mkdir(parents=True, exist_ok=True)
    return home


@contextmanager
def _disk_errors() -> Iterator[None]:
    """Trouble with the portal's own disk is no fault of the file."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            "The portal could not write what it read from the file: its disk is full or does not answer."
        ) from error


@contextmanager
def _work_folder(container: Container, job: Job) -> Iterator[Path]:
    """Folder of one attempt; what an earlier attempt of the same job left behind goes away."""
    home = work_home(container)
    folder = home / f"job-{job.id}-{job.attempts}"
    for leftover in home.glob(f"job-{job.id}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _finish_unreadable(container: Container, job: Job, reason: str) -> None:
    product_id = require_product(job)
    with unit_of_work(container.sessions) as unit:
        products = IngestRepository(unit.session)
        products.lock(product_id)
        container.jobs.fail(unit, job, reason)
        products.mark_failed(product_id, reason)
        ProductRepository(unit.session).note_event(product_id, None, "failed", reason=reason)


def _finish(container: Container, job: Job, subject: IngestSubject, outcome: Reading) -> None:
    """Store everything the reading gave, in one transaction with the end of the job.

    What people said about columns while the file was read counts: statistics that do not know it yet are computed
    again when somebody asks.
    """
    with unit_of_work(container.sessions) as unit:
        products = IngestRepository(unit.session)
        products.lock(subject.product_id)
        present = products.subject(subject.product_id)
        if present.main_file != subject.main_file:
            raise Conflict(f"The main file of product {subject.product_id} changed while it was read.")
        container.jobs.finish(unit, job, "Done")
        columns = outcome.columns(present.columns, job)
        _store(unit, subject, outcome, columns)
        _settle_status(unit, container.jobs.in_unit(unit, job.id), subject, outcome, columns)
        if outcome.results and subject.main_file is not None:
            size_bytes = subject.main_file.size_bytes
            enqueue_workbench(container.jobs, unit, subject.product_id, job.owner_id, size_bytes)


def _store(unit: UnitOfWork, subject: IngestSubject, outcome: Reading, columns: tuple[ProductColumn, ...]) -> None:
    products, artifacts = IngestRepository(unit.session), ArtifactRepository(unit.session)
    n_columns = len(columns) or None
    products.describe(subject.product_id, n_rows=outcome.n_rows, n_columns=n_columns, notes=outcome.notes)
    products.replace_columns(subject.product_id, columns)
    if subject.main_file is not None:
        products.describe_main_file(subject.main_file.id, outcome.n_rows, table_facts(outcome.info))
    artifacts.remove(subject.product_id)
    for result in outcome.results:
        artifacts.put(subject.product_id, result.kind, result.blob, version=result.version, signature=result.signature)
    ProductRepository(unit.session).note_event(subject.product_id, None, "read", n_rows=outcome.n_rows)


def table_facts(info: TableInfo | None) -> dict[str, Any] | None:
    """How the reader took the file; columns stand in rows of their own, the grid in the canonical table's file."""
    return None if info is None else {**asdict(info), "columns": len(info.columns)}


def _settle_status(
    unit: UnitOfWork, job: Job, subject: IngestSubject, outcome: Reading, columns: tuple[ProductColumn, ...]
) -> None:
    """Publish where that was asked for and nothing stands against it; else a draft that says what is missing."""
    products = IngestRepository(unit.session)
    status = products.subject(subject.product_id).status
    if status is ProductStatus.PUBLISHED:
        return products.set_status(subject.product_id, ProductStatus.PUBLISHED)
    wanted = bool(job.payload.get("publish_when_ready"))
    if is_quiet(job) and not wanted:
        return None
    doubt = unconfirmed(PRODUCT_TYPES[subject.product_type], columns) if wanted else None
    products.set_status(subject.product_id, ProductStatus.REGISTERING, doubt)
    if not wanted or doubt or status is ProductStatus.DELETED:
        return None
    try:
        publish_product(ProductRepository(unit.session), subject.product_id, job.owner_id)
    except MissingColumns as error:
        reason = " ".join(("Not published yet.", *outcome.unusable, error.message))
        products.set_status(subject.product_id, ProductStatus.REGISTERING, reason)
    return None

"""Runs of pipelines: rows in, values out. Who sees a run is decided by who sees the product it makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from services.access import CAN_SEE
from services.models.identity import Actor
from services.models.jobs import JobState
from services.models.processes import Process, ProcessOrder, ProcessPage, ProcessQuery, process_status
from services.models.products import Product, ProductStatus
from services.repositories.artifacts import CANONICAL
from services.repositories.product_rows import product_rows, read_products
from services.schema import (
    ArtifactRow,
    JobRow,
    ProcessInputRow,
    ProcessRow,
    ProductRow,
    ProductTypeRow,
    ReleaseRow,
    utc_now,
)
from services.schema.base import MAX_ID
from services.text_rules import folded, storable

_ORDERS = {"id": (ProcessRow.id,), "created_at": (ProcessRow.created_at, ProcessRow.id)}


class ProcessRepository:
    """Runs of one session; never commits."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, order: ProcessOrder, product_id: int, job_id: int, origin: str) -> int:
        """New run that makes the given product by the given job; its id."""
        row = ProcessRow(
            pipeline=order.pipeline,
            version=order.version,
            product_id=product_id,
            job_id=job_id,
            used_config=dict(order.used_config),
            flag_translation=None if order.flag_translation is None else dict(order.flag_translation),
        )
        self._session.add(row)
        self._session.flush()
        self._session.add_all(
            ProcessInputRow(process_id=row.id, product_id=input_id, position=position)
            for position, input_id in enumerate(order.input_ids)
        )
        self._session.get_one(ProductRow, product_id).origin = origin
        self._session.flush()
        return row.id

    def page(self, actor: Actor, query: ProcessQuery) -> ProcessPage:
        """Some of the runs whose outputs the actor may see, and how many there are."""
        condition = and_(*_conditions(actor, query))
        total = self._session.scalar(_joined(select(func.count())).where(condition)) or 0
        columns = _ORDERS.get(query.sort.removeprefix("-"), _ORDERS["created_at"])
        order = [column.desc() if query.sort.startswith("-") else column.asc() for column in columns]
        wanted = _joined(select(ProcessRow, JobRow)).where(condition).order_by(*order)
        rows = self._session.execute(wanted.offset(query.offset).limit(query.limit)).all()
        return ProcessPage(self._values(actor, rows), total)

    def find(self, actor: Actor, process_id: int) -> Process | None:
        """Run by id whose output the actor may see."""
        return self._one(actor, ProcessRow.id == process_id) if 0 < process_id <= MAX_ID else None

    def order_of(self, *, job_id: int = 0, product_id: int = 0) -> ProcessOrder | None:
        """What was asked for in the run of a job, or in the run that made a product, removed runs too."""
        condition = ProcessRow.job_id == job_id if job_id else ProcessRow.product_id == product_id
        row = self._session.scalar(select(ProcessRow).where(condition))
        if row is None:
            return None
        inputs = select(ProcessInputRow.product_id).where(ProcessInputRow.process_id == row.id)
        ids = self._session.scalars(inputs.order_by(ProcessInputRow.position))
        return ProcessOrder(row.pipeline, row.version, row.used_config, row.flag_translation, tuple(ids))

    def comment(self, job_id: int, notes: Iterable[str]) -> None:
        """Keep what the run of a job noticed."""
        row = self._session.scalar(select(ProcessRow).where(ProcessRow.job_id == job_id))
        if row is not None:
            row.comment = storable(" ".join(notes)) or None

    def remove(self, process_id: int) -> None:
        """Take a run out of all lists."""
        self._session.get_one(ProcessRow, process_id).deleted_at = utc_now()

    def objects_of_release(self, actor: Actor, release_id: int) -> int | None:
        """The object catalogue of a release to match with: official ones first, then the newest; None without one."""
        wanted = (
            select(ProductRow.id)
            .join(ProductTypeRow, ProductTypeRow.id == ProductRow.product_type_id)
            .join(ArtifactRow, (ArtifactRow.product_id == ProductRow.id) & (ArtifactRow.kind == CANONICAL))
            .where(
                ProductTypeRow.name == "object_catalog",
                ProductRow.release_id == release_id,
                ProductRow.status == ProductStatus.PUBLISHED,
                CAN_SEE.where(actor),
            )
            .order_by(ProductRow.official.desc(), ProductRow.created_at.desc(), ProductRow.id.desc())
        )
        return self._session.scalar(wanted.limit(1))

    def _one(self, actor: Actor, condition: ColumnElement[bool]) -> Process | None:
        wanted = _joined(select(ProcessRow, JobRow)).where(condition, *_conditions(actor, ProcessQuery()))
        return next(iter(self._values(actor, self._session.execute(wanted).all())), None)

    def _values(self, actor: Actor, rows: Sequence[Any]) -> tuple[Process, ...]:
        """Values of runs: two more statements find all outputs and all inputs that the actor may see."""
        if not rows:
            return ()
        outputs = self._products(ProductRow.id.in_([row.ProcessRow.product_id for row in rows]))
        positions = self._inputs([row.ProcessRow.id for row in rows])
        wanted = {input_id for ids in positions.values() for input_id in ids}
        inputs = self._products(and_(ProductRow.id.in_(wanted), CAN_SEE.where(actor))) if wanted else {}
        return tuple(
            _value(
                row.ProcessRow, row.JobRow, outputs, [inputs[i] for i in positions[row.ProcessRow.id] if i in inputs]
            )
            for row in rows
        )

    def _products(self, condition: ColumnElement[bool]) -> Mapping[int, Product]:
        return {product.id: product for product in read_products(self._session, product_rows().where(condition))}

    def _inputs(self, process_ids: Sequence[int]) -> Mapping[int, list[int]]:
        """Ids of inputs by run, in the order asked for."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        wanted = select(ProcessInputRow).where(ProcessInputRow.process_id.in_(process_ids))
        for row in self._session.scalars(wanted.order_by(ProcessInputRow.process_id, ProcessInputRow.position)):
            found[row.process_id].append(row.product_id)
        return found


def _joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(ProcessRow)
        .join(JobRow, JobRow.id == ProcessRow.job_id)
        .join(ProductRow, ProductRow.id == ProcessRow.product_id)
        .outerjoin(ReleaseRow, ReleaseRow.id == ProductRow.release_id)
    )


def _conditions(actor: Actor, query: ProcessQuery) -> list[ColumnElement[bool]]:
    return [
        ProcessRow.deleted_at.is_(None),
        CAN_SEE.where(actor),
        true() if query.pipelines is None else ProcessRow.pipeline.in_(query.pipelines),
        JobRow.state.in_([status.job_state for status in query.statuses]) if query.statuses else true(),
        ProductRow.release_id.in_(query.release_ids) if query.release_ids else true(),
        true() if query.has_release is None else ProductRow.release_id.is_not(None) == query.has_release,
        and_(true(), *(_in_release_names(word) for word in query.release_words)),
        or_(*(_in_release_names(word) for word in query.any_release_words)) if query.any_release_words else true(),
        ProductRow.id.in_(query.output_ids) if query.output_ids else true(),
        ProductRow.owner_id.in_(query.owner_ids) if query.owner_ids else true(),
    ]


def _in_release_names(word: str) -> ColumnElement[bool]:
    return ReleaseRow.folded_names.contains(folded(word), autoescape=True)


def _value(row: ProcessRow, job: JobRow, outputs: Mapping[int, Product], inputs: Sequence[Product]) -> Process:
    state = JobState(job.state)
    return Process(
        id=row.id,
        pipeline=row.pipeline,
        version=row.version,
        output=outputs[row.product_id],
        status=process_status(state),
        job_id=job.id,
        used_config=row.used_config,
        created_at=row.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        comment=job.error if state is JobState.FAILED else row.comment,
        inputs=tuple(inputs),
    )

"""Runs of pipelines as people start, follow, stop and remove them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services import access
from services.catalog import CatalogService, register_product
from services.errors import Conflict, InvalidInput, NotFound
from services.jobs.service import JobService
from services.models.identity import Actor
from services.models.processes import NewProcess, Process, ProcessOrder, ProcessPage, ProcessQuery
from services.models.products import NewProduct, Product, ProductStatus
from services.pipelines.base import Pipeline
from services.pipelines.config import FLAGS_FILE, checked_config, read_flags, without_flags_path
from services.pipelines.registry import PIPELINES, pipeline
from services.product_types import PRODUCT_TYPES
from services.repositories.ingests import IngestRepository
from services.repositories.jobs import JobRepository
from services.repositories.processes import ProcessRepository
from services.repositories.products import ProductRepository
from services.unit_of_work import Sessions, UnitOfWork, reading, unit_of_work

PIPELINE = "pipeline"
"""Kind of the jobs that run a pipeline."""
NO_SUCH_PROCESS = "There is no such process, or it is not open to you."


class ProcessService:
    """Runs of pipelines. Who may see the product of a run may see the run; stopping and removing is the owner's."""

    def __init__(self, sessions: Sessions, catalog: CatalogService, jobs: JobService) -> None:
        self._sessions = sessions
        self._catalog = catalog
        self._jobs = jobs

    def start(self, actor: Actor, new: NewProcess) -> Process:
        """Check a wish, make its output product and queue the work: all of it, or nothing.

        Raises
        ------
        InvalidInput
            If the pipeline, its configuration, an input or the release cannot be taken.
        NotAllowed
            If the release is closed to the actor.
        """
        chosen = pipeline(new.pipeline)
        config = without_flags_path(chosen, new.used_config, has_file=new.flags_file is not None)
        used_config = checked_config(chosen, config)
        flags = _flags(chosen, new.flags_file)
        if chosen.needs_release and (new.release is None or new.release == ""):
            raise InvalidInput(f"{chosen.title} needs a release to match with.", field="release")
        with unit_of_work(self._sessions) as unit:
            inputs = _inputs(unit, actor, chosen, new.inputs)
            order = ProcessOrder(chosen.name, chosen.version, used_config, flags, tuple(p.id for p in inputs))
            process_id = self._started(unit, actor, new, chosen, order, inputs)
        return self.get(actor, process_id)

    def _started(
        self,
        unit: UnitOfWork,
        actor: Actor,
        new: NewProcess,
        chosen: Pipeline,
        order: ProcessOrder,
        inputs: Sequence[Product],
    ) -> int:
        n_inputs = f"{len(inputs)} products" if len(inputs) > 1 else "one product"
        description = f"Made by {chosen.title} {chosen.version} from {n_inputs}."
        wanted = NewProduct(new.display_name, chosen.makes, release=new.release, description=description)
        output = register_product(unit, actor, wanted)
        IngestRepository(unit.session).set_status(output.id, ProductStatus.PROCESSING)
        payload = {"publish_when_ready": True, "size_bytes": sum(product.size_bytes for product in inputs)}
        job = self._jobs.enqueue(unit, PIPELINE, output.id, actor.user_id, payload)
        return ProcessRepository(unit.session).add(order, output.id, job.id, chosen.title)

    def search(self, actor: Actor, query: ProcessQuery) -> ProcessPage:
        """Some of the runs whose outputs the actor may see."""
        with reading(self._sessions) as session:
            return ProcessRepository(session).page(actor, query)

    def get(self, actor: Actor, process_id: int) -> Process:
        """Run by id; NotFound when there is none or its output is hidden from the actor."""
        with reading(self._sessions) as session:
            return _seen(ProcessRepository(session).find(actor, process_id))

    def stop(self, actor: Actor, process_id: int) -> Process:
        """End a run that waits or runs; its output is marked as failed. A worker notices within seconds.

        Raises
        ------
        NotAllowed
            If the run is somebody else's.
        Conflict
            If it is over already.
        """
        with unit_of_work(self._sessions) as unit:
            process = _editable(unit, actor, process_id)
            if not _stopped(unit, process, actor):
                raise Conflict(f"The process is over ({process.status}), so there is nothing to stop.")
        return self.get(actor, process_id)

    def delete(self, actor: Actor, process_id: int) -> None:
        """Remove a run, stopping it first. An output that is not published goes with it, a published one stays.

        Raises
        ------
        NotAllowed
            If the run is somebody else's.
        """
        with unit_of_work(self._sessions) as unit:
            process = _editable(unit, actor, process_id)
            _stopped(unit, process, actor)
            ProcessRepository(unit.session).remove(process_id)
            output_id = process.output.id
            is_published = IngestRepository(unit.session).subject(output_id).status is ProductStatus.PUBLISHED
        if not is_published:
            self._catalog.delete(actor, output_id)

    def log(self, actor: Actor, process_id: int) -> str:
        """Lines a run left for its owner and for administrators; NotAllowed for others."""
        with unit_of_work(self._sessions) as unit:
            process = _editable(unit, actor, process_id)
            return self._jobs.in_unit(unit, process.job_id).log

    def configuration(self, actor: Actor, product_id: int) -> Mapping[str, Any]:
        """How a product was made: ``config``, and ``flag_translation`` if a flags file was sent; empty for uploads."""
        self._catalog.get(actor, product_id)
        with reading(self._sessions) as session:
            order = ProcessRepository(session).order_of(product_id=product_id)
        if order is None:
            return {}
        flags = {} if order.flag_translation is None else {"flag_translation": order.flag_translation}
        return {"config": order.used_config, **flags}


def pipeline_of(process: Process) -> Pipeline:
    """Row of the registry that a run belongs to."""
    return PIPELINES[process.pipeline]


def _flags(chosen: Pipeline, content: bytes | None) -> dict[str, Any] | None:
    if content is None:
        return None
    if FLAGS_FILE not in {parameter.name for parameter in chosen.parameters}:
        raise InvalidInput(f"{chosen.title} takes no flags file. Leave it out.", field=FLAGS_FILE)
    return read_flags(content)


def _inputs(unit: UnitOfWork, actor: Actor, chosen: Pipeline, ids: Sequence[int]) -> tuple[Product, ...]:
    """Checked inputs in the order asked for, each once."""
    wanted = tuple(dict.fromkeys(ids))
    if not chosen.min_inputs <= len(wanted) <= chosen.max_inputs:
        raise InvalidInput(f"{chosen.title} takes {_how_many(chosen)}; {len(wanted)} were given.", field="inputs")
    products = ProductRepository(unit.session)
    return tuple(_input(products, actor, chosen, product_id) for product_id in wanted)


def _how_many(chosen: Pipeline) -> str:
    if chosen.min_inputs == chosen.max_inputs:
        return "exactly one input" if chosen.min_inputs == 1 else f"exactly {chosen.min_inputs} inputs"
    return f"{chosen.min_inputs} to {chosen.max_inputs} different inputs"


def _input(products: ProductRepository, actor: Actor, chosen: Pipeline, product_id: int) -> Product:
    product = products.find(product_id)
    if product is None or not access.CAN_SEE.allows(actor, product):
        raise InvalidInput(f"There is no product {product_id}, or it is not open to you.", field="inputs")
    if product.status is not ProductStatus.PUBLISHED:
        raise InvalidInput(f"{product.internal_name} is not published. Publish it first.", field="inputs")
    if product.product_type not in chosen.accepts:
        titles = " or ".join(PRODUCT_TYPES[name].title for name in chosen.accepts)
        raise InvalidInput(
            f"{product.internal_name} is a {product.product_type_title}; {chosen.title} takes a {titles}.",
            field="inputs",
        )
    if product.main_file_name is None:
        raise InvalidInput(f"{product.internal_name} has no main file, so there is nothing to read.", field="inputs")
    return product


def _seen(process: Process | None) -> Process:
    if process is None:
        raise NotFound(NO_SUCH_PROCESS)
    return process


def _editable(unit: UnitOfWork, actor: Actor, process_id: int) -> Process:
    process = _seen(ProcessRepository(unit.session).find(actor, process_id))
    access.require_edit(actor, process.output)
    ProductRepository(unit.session).lock(process.output.id)  # the end of the run locks it first, too
    return process


def _stopped(unit: UnitOfWork, process: Process, actor: Actor) -> bool:
    """End the job of a run and mark its output as failed; False when the job is over already."""
    reason = f"Stopped by {actor.username}."
    if not JobRepository(unit.session).cancel(process.job_id, reason):
        return False
    JobRepository(unit.session).note(process.job_id, reason)
    IngestRepository(unit.session).mark_failed(process.output.id, reason)
    ProductRepository(unit.session).note_event(process.output.id, actor.user_id, "failed", reason=reason)
    return True

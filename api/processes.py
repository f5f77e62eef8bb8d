"""Runs of pipelines: start, follow, stop, remove. Clients of every generation send their own shape of the same wish."""

from __future__ import annotations

from typing import Any

from flask import request
from pydantic import Field

from api.endpoints import Resource
from api.paging import Listing, PageQuery, listing, page_window
from api.process_wire import (
    LogPartWire,
    LogsWire,
    ProcessConfigWire,
    ProcessWire,
    process_query,
    process_wire,
)
from api.wire import Body
from services.container import Container
from services.context import current_actor
from services.models.processes import NewProcess
from services.pipelines.config import FLAGS_FILE, MAX_FLAGS_BYTES

_ONE = "/processes/<identifier:process_id>"


class ProcessesQuery(PageQuery):
    """Filters of the list of processes."""

    pipeline: str = Field(default="", description="Id, or parts of its names, comma-separated: all must match.")
    pipeline__or: str = Field(default="", description="The same, and one part is enough.")
    release_name: str = Field(default="", description="Parts of the release's names: all must match.")
    release_name__or: str = Field(default="", description="The same, and one part is enough.")
    status: str = Field(default="", description="Pending, Running, Successful or Failed.")
    release: int | None = Field(default=None, description="Id of the release.")
    upload: int | None = Field(default=None, description="Id of the output product.")
    user: int | None = Field(default=None, description="Id of the person who started it.")
    release__isnull: bool | None = None
    ordering: str = Field(default="-created_at", description="id or created_at; - for descending.")


class NewProcessBody(Body):
    """A run to start."""

    display_name: str = Field(description="Name of the output product.")
    pipeline: int | str = Field(description="Id, name or alias.")
    inputs: list[int] = Field(description="Ids of published products of an accepted type.")
    used_config: dict[str, Any] | str | None = Field(
        default=None, description="Object with `param`, or that object as JSON text; left out: the default parameters."
    )
    release: int | str | None = Field(default=None, description="Id or name; only for pipelines that match objects.")


def processes_resource(container: Container) -> Resource:
    """Routes of the runs of pipelines."""
    routes = Resource("processes", tag="Pipelines")
    _declare_list(routes, container)
    _declare_one(routes, container)

    @routes.get(
        "/products/<identifier:product_id>/process_config/",
        answers={200: ProcessConfigWire},
        summary="How a product was made",
    )
    def process_config(product_id: int) -> dict[str, Any]:
        """The configuration of the run that made it; an empty object for uploads."""
        return dict(container.processes.configuration(current_actor(), product_id))

    return routes


def _declare_list(routes: Resource, container: Container) -> None:
    @routes.get("/processes/", query=ProcessesQuery, answers={200: Listing[ProcessWire]}, summary="Processes")
    def processes(query: ProcessesQuery) -> Listing[ProcessWire]:
        """Runs of pipelines whose outputs the caller may see, the newest first."""
        actor, window = current_actor(), page_window(query)
        page = container.processes.search(actor, process_query(query.model_dump(), window))
        return listing([process_wire(process, actor) for process in page.items], page.total, window)

    @routes.post(
        "/processes/",
        body=NewProcessBody,
        files=(FLAGS_FILE,),
        answers={201: ProcessWire},
        summary="Start a pipeline",
    )
    def start(body: NewProcessBody) -> tuple[ProcessWire, int]:
        """Checks everything first, so that a refused wish leaves nothing behind. The output product exists at once with
        status 3; follow the process until it is Successful or Failed.
        """
        sent = request.files.get(FLAGS_FILE)
        new = NewProcess(
            display_name=body.display_name,
            pipeline=body.pipeline,
            inputs=tuple(body.inputs),
            used_config=body.used_config,
            release=body.release,
            flags_file=None if sent is None else sent.stream.read(MAX_FLAGS_BYTES + 1),
        )
        actor = current_actor()
        return process_wire(container.processes.start(actor, new), actor), 201

    routes.options(
        "/processes/",
        {
            "name": "Processes",
            "filter_classes": [
                {"name": name, "type": "text"} for name in ProcessesQuery.model_fields if name not in _NO_FILTERS
            ],
            "ordering": ["id", "created_at"],
        },
    )


_NO_FILTERS = frozenset({"page", "page_size", "ordering"})


def _declare_one(routes: Resource, container: Container) -> None:
    def stopped(process_id: int) -> ProcessWire:
        actor = current_actor()
        return process_wire(container.processes.stop(actor, process_id), actor)

    @routes.get(f"{_ONE}/", answers={200: ProcessWire}, summary="One process")
    def one_process(process_id: int) -> ProcessWire:
        """Pending while it waits, then Running, then Successful or Failed; `comment` says why it failed."""
        actor = current_actor()
        return process_wire(container.processes.get(actor, process_id), actor)

    @routes.delete(f"{_ONE}/", answers={204: None}, summary="Remove a process")
    def remove_process(process_id: int) -> None:
        """Stops it first. An output that is not published goes with it, a published one stays."""
        container.processes.delete(current_actor(), process_id)

    @routes.get(
        f"{_ONE}/stop/",
        answers={200: ProcessWire},
        errors=(403, 409),
        writes=True,
        token_only=True,
        summary="Stop a process (as released clients do)",
    )
    def stop_by_get(process_id: int) -> ProcessWire:
        """As POST; only with an API token, since a GET that changes something must not follow from a link."""
        return stopped(process_id)

    @routes.post(f"{_ONE}/stop/", answers={200: ProcessWire}, errors=(409,), summary="Stop a process")
    def stop(process_id: int) -> ProcessWire:
        """The output product is marked as failed. 409 when the process is over already."""
        return stopped(process_id)

    @routes.get(f"{_ONE}/logs/", answers={200: LogsWire}, errors=(403,), summary="What a process left in its log")
    def logs(process_id: int) -> LogsWire:
        """For its owner and for administrators."""
        content = container.processes.log(current_actor(), process_id)
        return LogsWire(pipeline=LogPartWire(content=content), slurm=LogPartWire(content=""))

"""The pipelines of the portal, as clients look them up before they start one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from api.endpoints import Resource
from api.paging import Listing, PageQuery, listing, page_window
from api.wire import UtcTime, Wire
from services.container import Container
from services.errors import NotFound
from services.pipelines.base import Pipeline
from services.pipelines.registry import PIPELINES, pipelines_named
from services.product_types import PRODUCT_TYPES
from services.text_rules import folded

_ORDERS = ("id", "name", "display_name", "created_at")
_WORD_BREAK = re.compile(r"[\s,]+")


class PipelineQuery(PageQuery):
    """Filters of the list of pipelines."""

    id: int | None = None
    name: str | None = Field(default=None, description="Name or alias, any case; names of earlier releases answer too.")
    search: str = Field(default="", description="Words that must stand in the display name or the description.")
    ordering: str = Field(default="-created_at", description="id, name, display_name or created_at; - for descending.")


class PipelineWire(Wire):
    """A pipeline."""

    id: int
    name: str
    display_name: str
    version: str
    description: str
    created_at: UtcTime
    system_config: dict[str, Any] = Field(description="`param` holds the default parameters: copy, edit, send back.")
    product_types_accepted: list[int] = Field(description="Ids of the product types that may go in.")
    output_product_type: int = Field(description="Id of the product type that comes out.")


def pipelines_resource(_: Container) -> Resource:
    """Routes of the pipelines."""
    routes = Resource("pipelines", tag="Pipelines")

    @routes.get("/pipelines/", query=PipelineQuery, answers={200: Listing[PipelineWire]}, summary="Pipelines")
    def pipelines(query: PipelineQuery) -> Listing[PipelineWire]:
        """Programs of the portal that make a product from products; start one with POST /processes/."""
        window = page_window(query)
        found = _ordered(_found(query), query.ordering)
        return listing(found[window.offset : window.offset + window.limit], len(found), window)

    @routes.get("/pipelines/<identifier:pipeline_id>/", answers={200: PipelineWire}, summary="One pipeline")
    def one_pipeline(pipeline_id: int) -> PipelineWire:
        """A pipeline by its id."""
        for row in PIPELINES.values():
            if row.id == pipeline_id:
                return _wire(row)
        raise NotFound("There is no such pipeline.")

    routes.options(
        "/pipelines/",
        {
            "name": "Pipelines",
            "filterset": ["id", "name"],
            "search": ["display_name", "description"],
            "ordering": list(_ORDERS),
        },
    )
    return routes


def _found(query: PipelineQuery) -> list[PipelineWire]:
    rows: Sequence[Pipeline] = tuple(PIPELINES.values()) if query.name is None else pipelines_named(query.name)
    words = [word for word in _WORD_BREAK.split(folded(query.search)) if word]
    return [
        _wire(row)
        for row in rows
        if query.id in (None, row.id) and all(word in folded(f"{row.title}\n{row.description}") for word in words)
    ]


def _ordered(rows: list[PipelineWire], ordering: str) -> list[PipelineWire]:
    """Rows in the wanted order, the newest first where it does not exist."""
    is_known = ordering.removeprefix("-") in _ORDERS
    field, is_descending = (ordering.removeprefix("-"), ordering.startswith("-")) if is_known else ("created_at", True)
    return sorted(rows, key=lambda row: (getattr(row, field), row.id), reverse=is_descending)


def _wire(row: Pipeline) -> PipelineWire:
    return PipelineWire(
        id=row.id,
        name=row.name,
        display_name=row.title,
        version=row.version,
        description=row.description,
        created_at=row.since,
        system_config=row.system_config,
        product_types_accepted=[PRODUCT_TYPES[name].id for name in row.accepts],
        output_product_type=PRODUCT_TYPES[row.makes].id,
    )

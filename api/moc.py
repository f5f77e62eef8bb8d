"""Where the objects of a product lie, as a coverage map."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response
from pydantic import ConfigDict, Field

from api.data_marks import marked
from api.data_numbers import TAG, SkyQuery
from api.data_wire import RunningWire
from api.endpoints import Content, Resource
from api.wire import Wire
from services.container import Container
from services.context import current_actor
from services.exports.moc import MOC_FORMATS, moc_of
from services.file_names import download_token
from services.models.identity import Actor


class MocQuery(SkyQuery):
    """How fine, and in what form."""

    format: Literal["fits", "json", "ascii"] = Field(default="fits", description="FITS (NUNIQ), JSON or ASCII.")


class MocWire(Wire):
    """Order -> numbers of the cells at that order."""

    model_config = ConfigDict(extra="allow", frozen=True)


def moc_resource(container: Container) -> Resource:
    """The route of the coverage map."""
    routes = Resource("moc", tag=TAG)
    answers = container.answers

    @routes.get(
        "/products/<identifier:product_id>/moc/",
        query=MocQuery,
        answers={200: Content(("application/fits", "text/plain"), MocWire), 202: RunningWire},
        errors=(422,),
        summary="Coverage of the sky (MOC)",
    )
    def moc(product_id: int, query: MocQuery) -> Any:
        """The HEALPix pixels that hold objects, as a multi-order coverage map (IVOA MOC 2.0), ICRS.

        At the resolution of `sky/`, so that its area is the one told there: an upper bound for sparse data.
        """
        actor = current_actor()
        return marked(answers.mark(actor, product_id), lambda: _sent(container, actor, product_id, query))

    return routes


def _sent(container: Container, actor: Actor, product_id: int, query: MocQuery) -> Response:
    found = container.answers.sky(actor, product_id, query.nside, query.cut)
    kind = MOC_FORMATS[query.format]
    response = Response(kind.write(moc_of(found.nside, found.pixels)))
    response.headers["Content-Type"] = kind.media_type
    name = download_token(f"{container.catalog.get(actor, product_id).internal_name}{kind.suffix}")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response

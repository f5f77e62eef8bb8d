"""Rows of a product's table: a few as JSON, or all of them as a file, streamed either way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from flask import Response, request
from pydantic import Field

from api.data_marks import marked
from api.data_numbers import CUT, TAG
from api.data_wire import RunningWire, TableWire
from api.endpoints import Content, Resource
from api.wire import Query
from services.container import Container
from services.context import current_actor
from services.exports.json_rows import write_json
from services.exports.registry import EXPORT_FORMATS
from services.file_names import download_token
from services.table_answers import Rows, RowsQuestion

MEDIA_TYPES = tuple(kind.media_type.split(";")[0] for kind in EXPORT_FORMATS.values())
FormatName = Literal["json", "csv", "parquet", "arrow", "votable", "fits"]


class TableQuery(Query):
    """Which rows and columns, in what form."""

    columns: str | None = Field(default=None, description="Names with commas between; all columns when left out.")
    cut: str | None = Field(default=None, description=CUT)
    sort: str | None = Field(default=None, description="Names with commas between, `-` before one for descending.")
    offset: int = Field(default=0, ge=0, le=2**53, description="First row, from 0.")
    limit: int | None = Field(default=None, ge=0, le=2**53, description="Most rows; all when left out.")
    format: FormatName = Field(default="json", description="JSON, or a file that is written while it is sent.")


def data_table_resource(container: Container) -> Resource:
    """The route of the rows."""
    routes = Resource("data_table", tag=TAG)
    answers = container.answers

    @routes.get(
        "/products/<identifier:product_id>/table/",
        query=TableQuery,
        answers={200: Content(MEDIA_TYPES, TableWire), 202: RunningWire},
        errors=(422,),
        summary="Rows of the table",
    )
    def table(product_id: int, query: TableQuery) -> Any:
        """Values as the source wrote them: integers exact, missing values null, sentinels untouched.

        Ties keep the order of the file, missing values sort last. Other formats than JSON come as an attachment.
        """
        question = RowsQuestion(_names(query.columns), query.cut, _names(query.sort), query.offset, query.limit)
        actor = current_actor()
        return marked(
            answers.mark(actor, product_id), lambda: _sent(answers.rows(actor, product_id, question), query.format)
        )

    return routes


def _names(text: str | None) -> tuple[str, ...]:
    """Names with commas between; one that holds a comma stands in double quotes."""
    if not text:
        return ()
    names, inside, start = [], False, 0
    for place, letter in enumerate(text):
        inside ^= letter == '"'
        if letter == "," and not inside:
            names.append(text[start:place])
            start = place + 1
    found = (_bare(name.strip()) for name in (*names, text[start:]))
    return tuple(name for name in found if name)


def _bare(name: str) -> str:
    sign = "-" if name.startswith('-"') else ""
    quoted = name.removeprefix("-") if sign else name
    if len(quoted) >= 2 and quoted[0] == quoted[-1] == '"':
        return sign + quoted[1:-1].replace('""', '"')
    return name


def _sent(rows: Rows, wanted: str) -> Response:
    if wanted == "json":
        return Response(_body(write_json(rows.export, rows.n_matching)), mimetype="application/json")
    kind = EXPORT_FORMATS[wanted]
    response = Response(_body(kind.write(rows.export)), direct_passthrough=True)
    response.headers["Content-Type"] = kind.media_type
    name = download_token(f"{rows.internal_name}{kind.suffix}")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _body(pieces: Iterator[bytes]) -> Iterator[bytes]:
    return iter(()) if request.method == "HEAD" else pieces

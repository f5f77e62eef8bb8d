"""What travels: base classes of everything the API takes and gives, and the two ways between bytes and them."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import pydantic
from flask import Response, request
from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic_core import to_json
from werkzeug.exceptions import BadRequest

from services.errors import InvalidInput


def utc_text(time: datetime) -> str:
    """Time as the contract writes it, as in ``2026-01-31T08:15:00.123456Z``."""
    if time.tzinfo is not UTC:
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return f"{time.isoformat(timespec='microseconds')[:26]}Z"


UtcTime = Annotated[
    datetime, PlainSerializer(utc_text, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
"""A time that leaves in UTC with microseconds."""


class Wire(BaseModel):
    """Base of what leaves: rows of lists, details, replies."""

    model_config = ConfigDict(frozen=True)


class Query(BaseModel):
    """Base of parameters in the address. Unknown ones are ignored, empty ones count as not given."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Body(BaseModel):
    """Base of request bodies. Unknown fields are ignored; ``model_fields_set`` tells which fields were sent."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ErrorWire(Wire):
    """Body of every refusal. A wrong field adds a key of its name with a list of reasons."""

    model_config = ConfigDict(frozen=True, extra="allow")

    detail: str
    code: str
    request_id: str


class InvalidFields(InvalidInput):
    """Several values cannot be taken; ``reasons`` maps field names to sentences."""

    def __init__(self, reasons: dict[str, list[str]]) -> None:
        first = next(iter(reasons))
        super().__init__(f"{first}: {reasons[first][0]}" if first else reasons[first][0])
        self.reasons = {name: texts for name, texts in reasons.items() if name}


Q = TypeVar("Q", bound=Query)
B = TypeVar("B", bound=Body)


def query_of(model: type[Q]) -> Q:
    """Parameters of this request; of a repeated one the last counts.

    Raises
    ------
    InvalidInput
        If a value cannot be taken.
    """
    given = {name: values[-1] for name, values in request.args.lists() if values[-1] != ""}
    return _checked(model, given)


def body_of(model: type[B]) -> B:
    """Body of this request, sent as a JSON object, a form or multipart alike.

    Raises
    ------
    InvalidInput
        If it is no object or a value cannot be taken.
    """
    return _checked(model, _json_object() if request.is_json else _form(model))


def _json_object() -> dict[str, Any]:
    if not request.get_data(cache=True):
        return {}
    try:
        sent = request.get_json()
    except (BadRequest, RecursionError) as error:
        raise InvalidInput("The body is not valid JSON. Send one JSON object.") from error
    if not isinstance(sent, dict):
        raise InvalidInput('The body must be one JSON object, as in {"name": "value"}.')
    return sent


def _form(model: type[Body]) -> dict[str, Any]:
    lists = _list_fields(model)
    return {name: values if name in lists else values[-1] for name, values in request.form.lists()}


@functools.cache
def _list_fields(model: type[Body]) -> frozenset[str]:
    """Fields that take several values; a form repeats them."""
    schema = model.model_json_schema()["properties"]
    kinds = {name: [part, *part.get("anyOf", [])] for name, part in schema.items()}
    return frozenset(name for name, parts in kinds.items() if any(part.get("type") == "array" for part in parts))


T = TypeVar("T", bound=BaseModel)


def _checked(model: type[T], given: dict[str, Any]) -> T:
    try:
        return model.model_validate(given)
    except pydantic.ValidationError as error:
        reasons: dict[str, list[str]] = {}
        for part in error.errors(include_url=False, include_input=False):
            name = str(part["loc"][0]) if part["loc"] else ""
            reasons.setdefault(name, []).append(_sentence(part["msg"]))
        raise InvalidFields(reasons) from error


def _sentence(text: str) -> str:
    text = text.removeprefix("Value error, ")
    return text if text.endswith((".", "!", "?")) else f"{text}."


def respond(value: Any) -> Response:
    """Answer from what a handler returns: a response, a wire model or dict (200), None (204), or one with a status."""
    status = 200
    if isinstance(value, tuple):
        value, status = value
    if isinstance(value, Response):
        return value
    if value is None:
        empty = Response(status=204 if status == 200 else status)
        del empty.headers["Content-Type"]
        return empty
    return Response(to_json(value, inf_nan_mode="null"), status=status, mimetype="application/json")

"""The OpenAPI document, built from the declarations of the routes (``api.endpoints``) by apispec and pydantic."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any

from apispec import APISpec
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.endpoints import Content, Endpoint, Resource
from api.errors import SENTENCES
from api.wire import ErrorWire, Wire
from services.container import Container

OPENAPI_VERSION = "3.1.0"
API_VERSION = "1.0.0"
BODY_TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
MULTIPART = "multipart/form-data"
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
_REFERENCE = "#/components/schemas/{model}"
ABOUT = """The portal's data over HTTP. Every address takes an API token in the header
`Authorization: Token <key>` (or `Bearer <key>`); make one on the API Token page of the portal.
Final and repeated slashes do not matter. Every refusal is a JSON object with a sentence in `detail`."""


class DocumentWire(Wire):
    """An OpenAPI document."""

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]


def schema_resource(_: Container, endpoints: Sequence[Endpoint]) -> Resource:
    """The route of the document that describes ``endpoints`` and itself."""
    routes = Resource("schema", tag="Portal")

    @functools.cache
    def document() -> dict[str, Any]:
        return openapi_document([*endpoints, *routes.endpoints])

    @routes.get("/schema/", answers={200: DocumentWire}, summary="This document")
    def schema() -> dict[str, Any]:
        """The OpenAPI description of every route, made from the code that answers."""
        return document()

    return routes


def openapi_document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The document as a dict ready for JSON."""
    spec = APISpec(
        title="PZ Server",
        version=API_VERSION,
        openapi_version=OPENAPI_VERSION,
        info={"description": ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
        security=[{"token": []}],
    )
    spec.components.security_scheme(
        "token",
        {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Token <key>` or `Bearer <key>`"},
    )
    references = _components(spec, endpoints)
    for endpoint in endpoints:
        path = "/api" + _PARAMETER.sub(r"{\2}", endpoint.path)
        spec.path(path, operations={endpoint.method.lower(): _operation(endpoint, references)})
    return spec.to_dict()


def _components(spec: APISpec, endpoints: Sequence[Endpoint]) -> dict[type[BaseModel], dict[str, Any]]:
    """Reference to the schema of every answer, by model."""
    answers = [_json_of(answer) for endpoint in endpoints for answer in endpoint.answers.values()]
    models = {answer: None for answer in answers if _is_model(answer)}
    wanted = [(model, "serialization") for model in (*models, ErrorWire)]
    references, definitions = models_json_schema(wanted, ref_template=_REFERENCE)  # type: ignore[arg-type]
    for name, schema in definitions["$defs"].items():
        spec.components.schema(name, schema)
    return {model: reference for (model, _), reference in references.items()}  # type: ignore[misc]


def _json_of(answer: Any) -> Any:
    return answer.or_json if isinstance(answer, Content) else answer


def _is_model(answer: Any) -> bool:
    return isinstance(answer, type) and issubclass(answer, BaseModel)


def _operation(endpoint: Endpoint, references: dict[type[BaseModel], dict[str, Any]]) -> dict[str, Any]:
    operation = {
        "operationId": endpoint.name,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": endpoint.description,
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": {
            **{str(status): _answer(status, answer, references) for status, answer in endpoint.answers.items()},
            **{str(status): _refusal(status, references) for status in _refusals(endpoint)},
        },
    }
    if endpoint.body is not None or endpoint.files:
        operation["requestBody"] = _request_body(endpoint)
    return operation


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1} if kind == "identifier" else {"type": "string"},
        }
        for kind, name in _PARAMETER.findall(endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    schema = endpoint.query.model_json_schema()
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": part.get("description", ""),
            "schema": _without_null(part),
        }
        for name, part in schema.get("properties", {}).items()
    ]


def _without_null(part: dict[str, Any]) -> dict[str, Any]:
    """Schema of a parameter: it may be left out, but "null" in an address would be the word."""
    schema = {key: value for key, value in part.items() if key not in ("description", "title", "anyOf")}
    if schema.get("default", 0) is None:
        del schema["default"]
    options = [option for option in part.get("anyOf", ()) if option.get("type") != "null"]
    return {**schema, **options[0]} if len(options) == 1 else {**schema, "anyOf": options} if options else schema


def _request_body(endpoint: Endpoint) -> dict[str, Any]:
    schema: dict[str, Any] = endpoint.body.model_json_schema() if endpoint.body else {"type": "object"}
    properties = schema.get("properties", {}) | {
        name: {"type": "string", "format": "binary"} for name in endpoint.files
    }
    schema = {**schema, "properties": properties, "required": [*schema.get("required", ()), *endpoint.files]}
    types = (MULTIPART,) if endpoint.files else BODY_TYPES
    return {"required": bool(schema["required"]), "content": {kind: {"schema": schema} for kind in types}}


def _answer(status: int, answer: Any, references: dict[type[BaseModel], dict[str, Any]]) -> dict[str, Any]:
    if answer is None:
        return {"description": "Done."}
    if isinstance(answer, Content):
        binary = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in answer.media_types}
        json = {"application/json": {"schema": references[answer.or_json]}} if answer.or_json else {}
        return {"description": "The file.", "content": json | binary}
    description = "Made." if status == 201 else "Under way, ask again." if status == 202 else "The answer."
    return {"description": description, "content": {"application/json": {"schema": references[answer]}}}


def _refusal(status: int, references: dict[type[BaseModel], dict[str, Any]]) -> dict[str, Any]:
    sentence = SENTENCES.get(status, "Refused; `detail` tells why.")
    return {"description": sentence, "content": {"application/json": {"schema": references[ErrorWire]}}}


def _refusals(endpoint: Endpoint) -> list[int]:
    """Statuses of refusals: those declared and those that follow from what the route takes."""
    statuses = {401, 429, *endpoint.errors}
    if endpoint.query or endpoint.body or endpoint.files:
        statuses.add(400)
    if endpoint.body or endpoint.files:
        statuses.add(413)
    if endpoint.writes or endpoint.token_only:
        statuses.add(403)
    if "<" in endpoint.path or endpoint.query:
        statuses.add(404)
    return sorted(statuses - set(endpoint.answers))

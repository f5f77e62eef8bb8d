"""The REST API as a page to read: made on the server from the OpenAPI document, without a script."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template

METHODS = ("get", "post", "patch", "put", "delete")
_WORDS = {"string": "text", "integer": "integer", "number": "number", "boolean": "true or false", "object": "object"}
_FORMATS = {"date-time": "time", "binary": "file"}

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter, a field of a body or of an answer."""

    name: str
    kind: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status an operation may answer, with what comes then."""

    status: str
    description: str
    content: str
    fields: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    anchor: str
    method: str
    path: str
    summary: str
    paragraphs: tuple[str, ...]
    parameters: tuple[Value, ...]
    body: tuple[Value, ...]
    body_types: tuple[str, ...]
    answers: tuple[Answer, ...]
    refusals: tuple[Answer, ...]

    @property
    def example(self) -> str:
        """The operation as a command line; words in capitals are for the reader to fill in."""
        method = "" if self.method == "GET" else f"-X {self.method} "
        sign = "-F" if self.body_types == ("multipart/form-data",) else "-d"
        required = [value for value in self.body if value.is_required]
        fields = "".join(
            f" {sign} '{value.name}={'@' if value.kind == 'file' else ''}{value.name.upper()}'" for value in required
        )
        path = self.path.replace("{", "").replace("}", "")
        return f'curl {method}-H "Authorization: Token KEY"{fields} HOST{path}'


def docs_blueprint(document: Callable[[], Schema]) -> Blueprint:
    """The route ``/api/docs/``; it answers a page to browsers that are signed in."""
    routes = Blueprint("docs", __name__)

    @functools.cache
    def contents() -> dict[str, Any]:
        told = document()
        return {"about": told["info"]["description"].replace("`", ""), "groups": operations_by_tag(told)}

    @routes.get("/api/docs/")
    def docs() -> Response:
        return Response(render_template("docs.html", **contents()))

    return routes


def operations_by_tag(document: Schema) -> dict[str, list[Operation]]:
    """Operations of a document under their tags, both in the order of the document."""
    groups: dict[str, list[Operation]] = {}
    schemas = document.get("components", {}).get("schemas", {})
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                groups.setdefault(item[method]["tags"][0], []).append(_operation(path, method, item[method], schemas))
    return groups


def _operation(path: str, method: str, told: Schema, schemas: Schema) -> Operation:
    content = told.get("requestBody", {}).get("content", {})
    body: Schema = next(iter(content.values()))["schema"] if content else {}
    answers = tuple(_answer(status, answer, schemas) for status, answer in told["responses"].items())
    return Operation(
        anchor=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        paragraphs=tuple(" ".join(part.split()) for part in told.get("description", "").split("\n\n") if part.strip()),
        parameters=tuple(_parameter(part, schemas) for part in told.get("parameters", ())),
        body=tuple(_fields(body, schemas)),
        body_types=tuple(content),
        answers=tuple(answer for answer in answers if answer.status < "400"),
        refusals=tuple(answer for answer in answers if answer.status >= "400"),
    )


def _parameter(part: Schema, schemas: Schema) -> Value:
    kind = _kind(part["schema"], schemas)
    return Value(part["name"], kind.removesuffix(" or null"), part["required"], part.get("description", ""))


def _answer(status: str, told: Schema, schemas: Schema) -> Answer:
    content = told.get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    return Answer(status, told["description"], ", ".join(content), tuple(_fields(schema, schemas)))


def _fields(schema: Schema, schemas: Schema) -> Iterator[Value]:
    schema = _resolved(schema, schemas)
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        yield Value(name, _kind(part, schemas), name in required, part.get("description", ""))


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    name = schema.get("$ref", "").rpartition("/")[2]
    return schemas.get(name, {}) if name else schema


def _kind(schema: Schema, schemas: Schema) -> str:
    """Type of a value in words: "list of text", "integer or null"."""
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(_kind(option, schemas) for option in options))
    if choices := schema.get("enum"):
        return "one of " + ", ".join(map(str, choices))
    if "$ref" in schema:
        inner = ", ".join(_resolved(schema, schemas).get("properties", {}))
        return f"object of {inner}" if inner else "object"
    kind = schema.get("type", "")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}), schemas)}"
    return _FORMATS.get(schema.get("format", "")) or _WORDS.get(kind, str(kind) or "any value")

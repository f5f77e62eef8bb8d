"""How a REST route is declared: once, for the code that answers and for the OpenAPI document alike.

A ``Resource`` is a Flask blueprint that remembers what its routes take and give. Handlers get checked values and
return wire models; what leaves as an error is raised as a class of ``services.errors``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Blueprint, Response
from werkzeug.routing import BaseConverter

from api.wire import Body, Query, Wire, body_of, query_of, respond
from services.context import READ_ONLY_TOKEN, current_context
from services.errors import NotAllowed

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Identifier(BaseConverter):
    """Id in an address: plain digits without a leading zero, so that every thing has one address.

    Nine digits at most: whatever else is not an id must fail to match here already, since the router takes a value
    that is refused later for an address that has other methods.
    """

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


@dataclass(frozen=True, slots=True)
class Content:
    """An answer that is a file or text: its media types, as the OpenAPI document names them.

    ``or_json`` is a wire model when the caller may ask for JSON instead.
    """

    media_types: tuple[str, ...] = ("application/octet-stream",)
    or_json: type[Wire] | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is known of one route.

    ``answers`` maps a status to a wire model, to ``Content``, or to None for an empty body; ``errors`` lists the
    statuses of refusals beyond those that follow from the rest (400 with a query or body, 401 always, 403 when it
    writes, 404 with an id in the path).
    """

    method: str
    path: str
    name: str
    tag: str
    summary: str
    description: str
    answers: Mapping[int, Any]
    query: type[Query] | None = None
    body: type[Body] | None = None
    files: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()
    writes: bool = False
    token_only: bool = False
    streamed: bool = False
    """The handler reads the declared body itself, as it comes in (``api.arriving``)."""


@dataclass(frozen=True)
class Resource:
    """Routes of one kind of thing below ``/api``; every path ends in a slash (see ``api.paths``)."""

    name: str
    tag: str
    endpoints: list[Endpoint] = field(default_factory=list)

    @functools.cached_property
    def blueprint(self) -> Blueprint:
        """The routes as Flask takes them."""
        return Blueprint(self.name, __name__, url_prefix="/api")

    def get(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """Declare a GET route (HEAD comes with it); keywords as the fields of ``Endpoint``."""
        return self._declare("GET", path, declared)

    def post(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """Declare a POST route."""
        return self._declare("POST", path, declared)

    def patch(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """Declare a PATCH route."""
        return self._declare("PATCH", path, declared)

    def put(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """Declare a PUT route."""
        return self._declare("PUT", path, declared)

    def delete(self, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        """Declare a DELETE route."""
        return self._declare("DELETE", path, declared)

    def options(self, path: str, announced: Mapping[str, Any]) -> None:
        """Answer OPTIONS of a list: what it can be filtered, searched and ordered by."""
        endpoint = f"options_{path.strip('/').replace('/', '_')}"
        self.blueprint.add_url_rule(
            path,
            endpoint,
            lambda: respond(dict(announced)),
            methods=["OPTIONS"],
            provide_automatic_options=False,
        )

    def _declare(self, method: str, path: str, declared: dict[str, Any]) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            writes = declared.pop("writes", method not in SAFE_METHODS)
            endpoint = Endpoint(
                method=method,
                path=path,
                name=f"{method.lower()}_{handler.__name__}",
                tag=self.tag,
                description=inspect.getdoc(handler) or "",
                writes=writes,
                **declared,
            )
            self.endpoints.append(endpoint)
            self.blueprint.add_url_rule(
                path, endpoint.name, _answering(endpoint, handler), methods=[method], provide_automatic_options=False
            )
            return handler

        return keep


def _answering(endpoint: Endpoint, handler: Callable[..., Any]) -> Callable[..., Response]:
    def answer(**parts: Any) -> Response:
        _check_token(endpoint)
        if endpoint.query is not None:
            parts["query"] = query_of(endpoint.query)
        if endpoint.body is not None and not endpoint.streamed:
            parts["body"] = body_of(endpoint.body)
        return respond(handler(**parts))

    return answer


def _check_token(endpoint: Endpoint) -> None:
    context = current_context()
    if endpoint.writes and context.is_read_only:
        raise NotAllowed(READ_ONLY_TOKEN)
    if endpoint.token_only and not context.by_token:
        raise NotAllowed("This address changes something, so it takes an API token, not a browser session.")

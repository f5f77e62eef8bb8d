"""Downloads prepared first and fetched later, as clients since 0.3.5 ask for them."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response
from pydantic import Field

from api.endpoints import Resource
from api.sending import FILE_ANSWERS, ZIP_ANSWERS, send
from api.site import site_prefix
from api.wire import Query, UtcTime, Wire
from services.container import Container
from services.context import current_actor
from services.models.prepared import Prepared, PreparedKind, PreparedState

ARCHIVE_PATH = "/products/<identifier:product_id>/download"
MAIN_FILE_PATH = f"{ARCHIVE_PATH}/main-file"
WAIT_S = 10.0
"""How long a request waits for an archive, so that most are ready at once."""


class TokenQuery(Query):
    """Parameter of a download address."""

    token: str = Field(default="", description="As given in `download_url`; valid for 15 minutes, for one person.")


class PreparedWire(Wire):
    """How far a download is."""

    id: int
    task_id: int | None = Field(description="Job that packs it; null when no job was needed.")
    status: PreparedState = Field(description="Ask again while it is pending or running.")
    filename: str
    size: int | None = Field(description="Bytes; null until it is ready.")
    checksum: str | None = Field(description="SHA-256 of the bytes; null until it is ready.")
    source_signature: str = Field(description="Changes when the product does; prepare again to get the new state.")
    created_at: UtcTime
    updated_at: UtcTime
    download_url: str | None = Field(description="Where to fetch it, with the same log-in; null until it is ready.")
    expired_time: UtcTime = Field(description="Until when it is kept; preparing it again keeps it longer.")
    error_message: str | None = Field(description="Why it failed.")


def prepared_resource(container: Container) -> Resource:
    """Routes of prepared downloads: three for the whole product, three for the main file."""
    routes = Resource("prepared", tag="Downloads")
    _add_archive_routes(routes, container)
    _add_main_file_routes(routes, container)
    return routes


def _add_archive_routes(routes: Resource, container: Container) -> None:
    @routes.post(
        f"{ARCHIVE_PATH}/prepare/",
        answers={200: PreparedWire, 202: PreparedWire},
        writes=False,
        errors=(503,),
        summary="Prepare everything as a zip",
    )
    def prepare_archive(product_id: int) -> tuple[PreparedWire, int]:
        """Packs the product, or finds the archive made earlier while nothing has changed. Waits up to 10 s, so small
        products are ready at once (200); else 202, and `status` tells the rest. A failed one is tried again.
        """
        return _prepare(container, product_id, PreparedKind.PRODUCT)

    @routes.get(f"{ARCHIVE_PATH}/status/", answers={200: PreparedWire}, errors=(503,), summary="How far the zip is")
    def archive_status(product_id: int) -> PreparedWire:
        """404 when none was prepared. After a change of the product a new archive is made."""
        return _status(container, product_id, PreparedKind.PRODUCT)

    @routes.get(
        f"{ARCHIVE_PATH}/file/", query=TokenQuery, answers=ZIP_ANSWERS, errors=(403,), summary="Fetch the prepared zip"
    )
    def archive_file(product_id: int, query: TokenQuery) -> Response:
        """Needs the log-in and the token of the same person. `Range: bytes=N-` continues an interrupted download."""
        return _fetch(container, product_id, PreparedKind.PRODUCT, query)


def _add_main_file_routes(routes: Resource, container: Container) -> None:
    @routes.post(
        f"{MAIN_FILE_PATH}/prepare/",
        answers={200: PreparedWire, 202: PreparedWire},
        writes=False,
        summary="Prepare the main file",
    )
    def prepare_main_file(product_id: int) -> tuple[PreparedWire, int]:
        """Ready at once; 404 when the product has no main file."""
        return _prepare(container, product_id, PreparedKind.MAIN_FILE)

    @routes.get(f"{MAIN_FILE_PATH}/status/", answers={200: PreparedWire}, summary="How far the main file is")
    def main_file_status(product_id: int) -> PreparedWire:
        """404 when it was not prepared."""
        return _status(container, product_id, PreparedKind.MAIN_FILE)

    @routes.get(
        f"{MAIN_FILE_PATH}/file/",
        query=TokenQuery,
        answers=FILE_ANSWERS,
        errors=(403,),
        summary="Fetch the prepared main file",
    )
    def main_file(product_id: int, query: TokenQuery) -> Response:
        """As for the prepared zip."""
        return _fetch(container, product_id, PreparedKind.MAIN_FILE, query)


def _prepare(container: Container, product_id: int, kind: PreparedKind) -> tuple[PreparedWire, int]:
    prepared = container.prepared.prepare(current_actor(), product_id, kind, WAIT_S)
    return _wire(container, prepared), 200 if prepared.state is PreparedState.READY else 202


def _status(container: Container, product_id: int, kind: PreparedKind) -> PreparedWire:
    return _wire(container, container.prepared.status(current_actor(), product_id, kind))


def _fetch(container: Container, product_id: int, kind: PreparedKind, query: TokenQuery) -> Response:
    return send(container.downloads.fetched(current_actor(), product_id, kind, query.token))


def _wire(container: Container, prepared: Prepared) -> PreparedWire:
    is_ready = prepared.state is PreparedState.READY
    return PreparedWire(
        id=prepared.id,
        task_id=prepared.job_id,
        status=prepared.state,
        filename=prepared.name,
        size=prepared.size_bytes if is_ready else None,
        checksum=prepared.key if is_ready else None,
        source_signature=prepared.signature,
        created_at=prepared.created_at,
        updated_at=prepared.updated_at,
        download_url=_address(container, prepared) if prepared.key is not None else None,
        expired_time=prepared.expires_at,
        error_message=prepared.error,
    )


def _address(container: Container, prepared: Prepared) -> str:
    """Where the bytes are fetched: below the public address when there is one, else from the root of the site.

    The name in the Host header is never part of it: behind a proxy it is wrong, and anybody may forge it.
    """
    assert prepared.key is not None
    base = site_prefix()
    path = (ARCHIVE_PATH if prepared.kind is PreparedKind.PRODUCT else MAIN_FILE_PATH).replace(
        "<identifier:product_id>", str(prepared.product_id)
    )
    token = container.prepared.tokens.issue(current_actor(), prepared.product_id, prepared.kind, prepared.key)
    return f"{base}/api{path}/file/?token={quote(token)}"

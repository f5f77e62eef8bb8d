"""Downloads in one request: main file, one file, everything as a zip. Streamed, resumable, never compressed."""

from __future__ import annotations

from flask import Response

from api.endpoints import Resource
from api.sending import FILE_ANSWERS, ZIP_ANSWERS, send
from services.container import Container
from services.context import current_actor


def downloads_resource(container: Container) -> Resource:
    """Download routes that answer with the bytes at once."""
    routes = Resource("downloads", tag="Downloads")

    @routes.get(
        "/products/<identifier:product_id>/download_main_file/",
        answers=FILE_ANSWERS,
        summary="Download the main file",
    )
    def main_file(product_id: int) -> Response:
        """The file as it was uploaded. `Range: bytes=N-` continues an interrupted download; a range that cannot be
        met gives the whole file. `ETag` is the SHA-256 of the file.
        """
        return send(container.downloads.main_file(current_actor(), product_id))

    @routes.get(
        "/products/<identifier:product_id>/download/", answers=ZIP_ANSWERS, summary="Download everything as a zip"
    )
    def archive(product_id: int) -> Response:
        """A zip of `product_metadata.yaml` and all files, whose bytes stay the same until the product changes.
        Ranges as for the main file.
        """
        return send(container.downloads.archive(current_actor(), product_id))

    @routes.get("/product-files/<identifier:file_id>/download/", answers=FILE_ANSWERS, summary="Download one file")
    def one_file(file_id: int) -> Response:
        """Any file of a product, as it was uploaded. Ranges as for the main file."""
        return send(container.downloads.file(current_actor(), file_id))

    return routes

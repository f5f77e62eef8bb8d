"""Files of products: lists, one file, sending and removing them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import Field

from api.arriving import ArrivedFile, arriving_form
from api.endpoints import Resource
from api.paging import Listing, PageQuery, listing, page_window
from api.site import site_prefix
from api.wire import Body, UtcTime, Wire
from services.container import Container
from services.context import current_actor
from services.errors import InvalidInput, NotFound, PZServerError
from services.file_names import split_suffix
from services.models.contents import ContentQuery, FileEntry
from services.models.products import FileRole, StagedFile

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_ROLES = {str(int(role)): role for role in FileRole}
_CHOICES = ", ".join(f"{int(role)} ({role.label})" for role in FileRole)
FILE_FIELD = "file"
STAGED_FIELD = "staged"


class FileQuery(PageQuery):
    """Filters of the list of files."""

    product_id: int | None = Field(default=None, description="Id of the product.")
    id: int | None = Field(default=None, description="Id of the file.")
    ordering: str = Field(default="id", description="id or role, with - before it for descending.")


class FileBody(Body):
    """What goes with a file."""

    product: int = Field(description="Id of the product, of which you are the owner.")
    role: int = Field(description=f"{_CHOICES}. A product has one main file.")
    staged: str | None = Field(
        default=None, description="In place of the file: id of one sent in pieces (tus 1.0) to the uploads of the root."
    )
    type: str | None = Field(default=None, description="Media type; the portal goes by the name of the file instead.")


class FileWire(Wire):
    """One file of a product."""

    id: int
    product: int = Field(description="Id of the product.")
    file: str = Field(description="Address of its bytes; takes the same token.")
    role: int = Field(description=_CHOICES)
    role_name: str
    name: str = Field(description="Unique within the product, so it may differ from the name that was sent.")
    type: str = Field(description="Media type.")
    size: int = Field(description="Bytes.")
    extension: str | None = Field(description="Suffix in lower case with its dot, as .csv or .tar.gz.")
    n_rows: int | None = Field(description="Rows of the table, for a main file that was read.")
    is_directory: bool
    can_delete: bool = Field(description="Whether you may remove it now.")
    created: UtcTime
    updated: UtcTime


def product_files_resource(container: Container) -> Resource:
    """Routes of the files of products."""
    routes = Resource("product_files", tag="Product files")

    @routes.get("/product-files/", query=FileQuery, answers={200: Listing[FileWire]}, summary="Files of products")
    def files(query: FileQuery) -> Listing[FileWire]:
        """Files of the products you may see; empty for others, as for an id nobody has."""
        window = page_window(query)
        found = container.contents.files(
            current_actor(), ContentQuery(query.product_id, query.id, query.ordering, window.offset, window.limit)
        )
        return listing([_file_wire(entry) for entry in found.items], found.total, window)

    @routes.get("/product-files/<identifier:file_id>/", answers={200: FileWire}, summary="One file")
    def one_file(file_id: int) -> FileWire:
        """What is known of a file; `file` is the address of its bytes."""
        return _file_wire(container.contents.file(current_actor(), file_id))

    @routes.post(
        "/product-files/",
        body=FileBody,
        files=(FILE_FIELD,),
        streamed=True,
        answers={201: FileWire},
        errors=(404, 409),
        summary="Send a file",
    )
    def add_file() -> tuple[FileWire, int]:
        """Add a file to a product, as multipart/form-data. Fields sent before the file let it be refused at once."""
        return _file_wire(_added(container)), 201

    @routes.delete("/product-files/<identifier:file_id>/", answers={204: None}, errors=(409,), summary="Remove a file")
    def remove_file(file_id: int) -> None:
        """The main file of a published product stays."""
        container.uploads.remove_file(current_actor(), file_id)

    routes.options(
        "/product-files/",
        {"name": "Product files", "filterset": ["id", "product_id"], "ordering": ["id", "role"]},
    )
    return routes


def _added(container: Container) -> FileEntry:
    staged: StagedFile | None = None
    actor = current_actor()
    try:
        form = arriving_form(container.settings.upload_max_bytes)
        for file in form.files():
            if file.field == FILE_FIELD and file.filename and staged is None:
                staged = _staged(container, form.fields, file)
        product_id, role = _target(form.fields)
        staged_id = staged.id if staged is not None else form.fields.get(STAGED_FIELD, "").strip()
        if not staged_id:
            raise InvalidInput("No file was sent. Send one in the field file, with its name.", field=FILE_FIELD)
        added = container.uploads.attach(actor, product_id, staged_id, role)
    except PZServerError:
        if staged is not None:
            container.uploads.discard(actor, staged.id)
        raise
    if role is FileRole.MAIN:
        container.registration.get_ready()
    return container.contents.file(actor, added.id)


def _staged(container: Container, fields: Mapping[str, str], file: ArrivedFile) -> StagedFile:
    """Take in the bytes; where the fields came first, who may not send them is told so before."""
    if {"product", "role"} <= fields.keys():
        container.uploads.check_room(current_actor(), *_target(fields))
    return container.uploads.stage(current_actor(), file.stream, file.filename)


def _target(fields: Mapping[str, str]) -> tuple[int, FileRole]:
    role, product = fields.get("role", "").strip(), fields.get("product", "").strip()
    if not product:
        raise InvalidInput("Say which product the file is for: send its id in the field product.", field="product")
    if role not in _ROLES:
        raise InvalidInput(f"The role of a file is one of {_CHOICES}.", field="role")
    if not _NUMBER.fullmatch(product) or not product.isascii():
        raise NotFound(f"There is no product {product[:40]!r}.")
    return int(product), _ROLES[role]


def file_address(file_id: int) -> str:
    """Address of the bytes of a file: from the root of the site, or absolute where the operator set the address."""
    return f"{site_prefix()}/api/product-files/{file_id}/download/"


def extension_of(name: str) -> str | None:
    """Suffix in lower case with its dot, double ones kept; None when there is none."""
    return split_suffix(name)[1].lower() or None


def _file_wire(entry: FileEntry) -> FileWire:
    file = entry.file
    return FileWire(
        id=file.id,
        product=file.product_id,
        file=file_address(file.id),
        role=int(file.role),
        role_name=file.role.label,
        name=file.name,
        type=file.media_type,
        size=file.size_bytes,
        extension=extension_of(file.name),
        n_rows=file.n_rows,
        is_directory=False,
        can_delete=entry.can_delete,
        created=file.created_at,
        updated=file.updated_at,
    )

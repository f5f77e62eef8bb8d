"""The main file of a product: registering its table, how to read it, and its rows."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.endpoints import Resource
from api.paging import DEFAULT_PAGE_ROWS, MAX_PAGE_ROWS, PageQuery, page_window
from api.product_files import extension_of
from api.product_wire import ProductWire, product_wire
from api.wire import ErrorWire, Wire
from services.container import Container
from services.context import current_actor
from services.errors import NotFound
from services.models.contents import Dialect, MainFileFacts
from services.models.products import Product, ProductFile
from services.models.queries import TableQuery


class AssociatedColumnWire(Wire):
    """A column and its words; both null where nobody knows."""

    column_name: str
    ucd: str | None
    alias: str | None


class MainFileWire(Wire):
    """A main file; everything is null for a product that is only described."""

    name: str | None
    type: str | None = Field(description="Media type.")
    extension: str | None = Field(description="Suffix in lower case with its dot, as .csv or .tar.gz.")
    size: int | None = Field(description="Bytes.")
    n_rows: int | None
    is_directory: bool
    associated_columns: list[AssociatedColumnWire] = Field(description="All columns in file order.")


class CsvFileWire(MainFileWire):
    """A main file in CSV, with what pandas needs to read it."""

    delimiter: str
    has_header: bool
    columns: list[str] = Field(description='Names in file order; "0", "1", ... without header.')


class MainFileInfoWire(ProductWire):
    """A product with its main file."""

    main_file: CsvFileWire | MainFileWire


class RowsWire(Wire):
    """A page of rows; ``count`` tells how many the table has."""

    count: int
    columns: list[str]
    results: list[dict[str, Any]]


def main_file_resource(container: Container) -> Resource:
    """Routes of main files."""
    routes = Resource("main_file", tag="Main file")
    register_as: dict[str, Any] = {
        "answers": {200: ProductWire},
        "errors": (409, 422),
        "writes": True,
        "token_only": True,
        "summary": "Register the table",
    }

    @routes.get(
        "/products/<identifier:product_id>/main_file_info/", answers={200: MainFileInfoWire}, summary="Main file"
    )
    def main_file_info(product_id: int) -> dict[str, Any]:
        """The product and how to read its main file; answers also while the file is still being read."""
        facts = container.contents.main_file(current_actor(), product_id)
        main_file = _main_file_wire(facts)
        return {**product_wire(facts.product, current_actor()).model_dump(), "main_file": main_file}

    @routes.get("/products/<identifier:product_id>/registry/", **register_as)
    def register_by_get(product_id: int) -> ProductWire:
        """As POST, for released clients. It takes a token, since no browser may be led to change something by GET."""
        return _registered(container, product_id)

    @routes.post("/products/<identifier:product_id>/registry/", **register_as)
    def register(product_id: int) -> ProductWire:
        """Look at the main file: find its columns, guess what they are where nobody has said so, count its rows.
        Quick; statistics follow in the background. May be repeated."""
        return _registered(container, product_id)

    @routes.get(
        "/products/<identifier:product_id>/read_data/",
        query=PageQuery,
        answers={200: RowsWire, 202: ErrorWire},
        errors=(422,),
        summary="Rows of the table",
    )
    def read_data(product_id: int, query: PageQuery) -> RowsWire:
        """A page of rows in file order, values as the file has them; null where a value is missing."""
        return _rows(container, product_id, query)

    return routes


def _registered(container: Container, product_id: int) -> ProductWire:
    product: Product = container.registration.register_table(current_actor(), product_id)
    return product_wire(product, current_actor())


def _rows(container: Container, product_id: int, query: PageQuery) -> RowsWire:
    window = page_window(query, DEFAULT_PAGE_ROWS)
    page = container.previews.rows(
        current_actor(), product_id, TableQuery(offset=window.offset, limit=min(window.limit, MAX_PAGE_ROWS))
    )
    if window.page is not None and window.page > 1 and window.offset >= page.n_total:
        raise NotFound(f"There is no page {window.page}: the table ends before it.")
    names = [column.name for column in container.contents.main_file(current_actor(), product_id).columns]
    columns = names if len(names) == len(page.columns) else list(page.columns)
    return RowsWire(
        count=page.n_total, columns=columns, results=[dict(zip(columns, row, strict=True)) for row in page.rows]
    )


def _main_file_wire(facts: MainFileFacts) -> MainFileWire:
    columns = [AssociatedColumnWire(column_name=one.name, ucd=one.ucd, alias=one.alias) for one in facts.columns]
    if facts.dialect is not None:
        return _csv_wire(facts.file, columns, facts.dialect)
    return MainFileWire(**_file_fields(facts.file), associated_columns=columns)


def _csv_wire(file: ProductFile | None, columns: list[AssociatedColumnWire], dialect: Dialect) -> CsvFileWire:
    return CsvFileWire(
        **_file_fields(file),
        associated_columns=columns,
        delimiter=dialect.delimiter,
        has_header=dialect.has_header,
        columns=list(dialect.columns),
    )


def _file_fields(file: ProductFile | None) -> dict[str, Any]:
    if file is None:
        nothing = dict.fromkeys(("name", "type", "extension", "size", "n_rows"))
        return {**nothing, "is_directory": False}
    return {
        "name": file.name,
        "type": file.media_type,
        "extension": extension_of(file.name),
        "size": file.size_bytes,
        "n_rows": file.n_rows,
        "is_directory": False,
    }

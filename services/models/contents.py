"""Files and columns as lists over several products show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from services.models.products import Product, ProductColumn, ProductFile

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ContentQuery:
    """Which files or columns, in which order, and which part of them. None: no such condition.

    ``sort`` is the name of a field, with "-" before it for descending; unknown ones are ignored.
    """

    product_id: int | None = None
    id: int | None = None
    sort: str = ""
    offset: int = 0
    limit: int = 10_000


@dataclass(frozen=True, slots=True)
class Part(Generic[Item]):
    """A part of a list, and how many items the whole has."""

    items: tuple[Item, ...]
    total: int


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file, and whether the actor may remove it."""

    file: ProductFile
    can_delete: bool


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to read a text table: ``delimiter`` as pandas takes it, names of all columns in file order.

    Columns of a file without header are called "0", "1", ...
    """

    delimiter: str
    has_header: bool
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MainFileFacts:
    """A product with its main file (None: described only), its columns, and for CSV how to read it."""

    product: Product
    file: ProductFile | None = None
    columns: tuple[ProductColumn, ...] = ()
    dialect: Dialect | None = None

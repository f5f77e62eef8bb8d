"""Products, their files and columns, and the questions asked of the lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from services.models.product_lists import ProductFilter


class ProductStatus(IntEnum):
    """Life of a product; the numbers are part of the REST contract."""

    REGISTERING = 0
    PUBLISHED = 1
    DELETED = 2
    PROCESSING = 3
    FAILED = 9

    @property
    def label(self) -> str:
        """Word people see."""
        return self.name.capitalize()


class FileRole(IntEnum):
    """What a file is to its product; the numbers and labels are part of the REST contract."""

    MAIN = 0
    DESCRIPTION = 1
    AUXILIARY = 2

    @property
    def label(self) -> str:
        """Word people and clients see."""
        return self.name.capitalize()


@dataclass(frozen=True, slots=True)
class ProductFile:
    """One stored file of a product. ``key`` is its address in the blob store, ``sha256`` its checksum."""

    id: int
    product_id: int
    role: FileRole
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    key: str
    n_rows: int | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ProductColumn:
    """One column of the main file with what it means.

    ``role`` is a name of ``services.columns.roles`` (None: no role), ``band`` belongs to magnitude and flux roles.
    ``how`` says who found the role: "owner", "ucd", "name" or "values". ``transform`` names a conversion applied for
    plots ("", "rad_to_deg", "hour_to_deg", "hms_to_deg", "dms_to_deg"). ``alias`` and ``ucd`` are the words of the
    REST contract for the core roles.
    """

    id: int
    product_id: int
    name: str
    order: int
    dtype: str
    unit: str | None = None
    ucd: str | None = None
    description: str | None = None
    alias: str | None = None
    role: str | None = None
    band: str | None = None
    how: str | None = None
    transform: str = ""
    needs_confirmation: bool = False


@dataclass(frozen=True, slots=True)
class Product:
    """One data product as an actor sees it."""

    id: int
    internal_name: str
    display_name: str
    product_type: str
    """Wire name of the type, key of ``services.product_types``."""
    product_type_title: str
    release_id: int | None
    release_name: str | None
    """Display name of the release."""
    owner_id: int
    owner_username: str
    owner_display_name: str
    official: bool
    pz_code: str | None
    description: str | None
    status: ProductStatus
    status_reason: str | None
    created_at: datetime
    updated_at: datetime
    n_rows: int | None = None
    n_columns: int | None = None
    size_bytes: int = 0
    """Bytes of all files together."""
    main_file_name: str | None = None
    main_file_sha256: str | None = None
    notes: tuple[str, ...] = ()
    """What the reader noticed in the main file, one sentence each."""
    release_group_ids: frozenset[int] = frozenset()
    """Groups the release is open to; empty when it is open to everybody or there is no release."""
    origin: str = "Upload"
    release_year: int | None = None
    process_id: int | None = None
    """Run of a pipeline that made the product; None for uploads."""
    process_status: str | None = None
    """How that run stands."""


@dataclass(frozen=True, slots=True)
class ProductRights:
    """What one actor may do with one product; ``reasons`` says why not, by action name."""

    can_edit: bool
    can_delete: bool
    can_publish: bool
    can_download_original: bool
    is_owner: bool
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewProduct:
    """What a person fills in to make a product."""

    display_name: str
    product_type: str
    """Id, name, display name or alias of the type, any case."""
    release: str | int | None = None
    pz_code: str | None = None
    description: str | None = None
    official: bool = False
    release_year: int | str | None = None
    status: int = 0
    """Products begin as drafts; nothing else is taken."""


@dataclass(frozen=True, slots=True)
class ProductChanges:
    """Fields to change; a field named in ``fields`` is set, all others stay (so None can clear a value)."""

    fields: Mapping[str, object]
    """Keys among display_name, release, pz_code, description, official, release_year, status."""


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """A listing: filters, order and page. All filters are joined by AND; several values of one filter by OR."""

    official: bool | None = None
    search: str = ""
    product_types: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    """Names of releases; "none" stands for products without a release."""
    owners: tuple[str, ...] = ()
    """User names."""
    statuses: tuple[ProductStatus, ...] = ()
    """Empty: published, and the actor's own drafts and failures when ``official`` is not True."""
    sort: str = "-created_at"
    """One of SORT_FIELDS or of the orders of programs, with "-" before it for descending; several joined by commas."""
    page: int = 1
    page_size: int = 25
    filters: tuple[ProductFilter, ...] = ()
    cursor: str = ""
    """Where to go on, as ``ProductPage.next_cursor`` told; ``page`` is passed over then."""
    checks: tuple[str, ...] = ()
    """Words of ``services.models.quality.CHECK_STATES``."""


SORT_FIELDS = (
    "display_name",
    "release",
    "product_type",
    "owner",
    "n_rows",
    "size_bytes",
    "status",
    "created_at",
)


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One page of a listing and how many match in all."""

    items: tuple[Product, ...]
    total: int
    page: int
    page_size: int
    next_cursor: str | None = None
    """Where the list goes on: products added meanwhile shift nothing. None at the end and for orders without one."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One choice of a filter with the number of products behind it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Choices of every filter for one listing, each counted with the other filters in force."""

    product_types: tuple[FacetValue, ...]
    releases: tuple[FacetValue, ...]
    owners: tuple[FacetValue, ...]
    statuses: tuple[FacetValue, ...]
    checks: tuple[FacetValue, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductEvent:
    """Something that happened to a product.

    ``what`` is one of "registered", "edited", "published", "deleted", "restored", "file_added", "file_removed",
    "read", "failed", "role_set"; ``details`` holds names and, for edits, the old and the new value of each field.
    """

    what: str
    happened_at: datetime
    actor_display_name: str | None
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file whose bytes have arrived but that belongs to no product yet."""

    id: str
    owner_id: int
    name: str
    size_bytes: int
    sha256: str
    key: str
    created_at: datetime

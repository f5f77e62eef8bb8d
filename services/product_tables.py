"""The table of a product: where it lies, what its columns mean, what was computed from it, or why there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from services.catalog import CatalogService
from services.columns.matching import role_map
from services.errors import NoTable, StillRunning
from services.jobs.results import Result
from services.jobs.service import JobService
from services.kept import Once
from services.models.identity import Actor
from services.models.products import Product, ProductColumn, ProductStatus
from services.models.roles import RoleMap
from services.product_types import PRODUCT_TYPES
from services.repositories.artifacts import CANONICAL, Artifact, ArtifactRepository
from services.repositories.ingests import IngestRepository
from services.repositories.products import ProductRepository
from services.statistics.canonical import CanonicalTable
from services.storage.base import BlobStore
from services.unit_of_work import Sessions, reading, unit_of_work

AT_ONCE = 2
"""Computations from tables at the same time per process: each may need a hundred megabytes, and two processors."""


@dataclass(frozen=True, slots=True)
class ProductTable:
    """The table of one product; ``artifacts`` are all results kept of it, by kind."""

    product: Product
    columns: tuple[ProductColumn, ...]
    roles: RoleMap
    artifacts: Mapping[str, Artifact]

    @property
    def canonical(self) -> Artifact:
        """The table itself."""
        return self.artifacts[CANONICAL]

    @property
    def signature(self) -> str:
        """Changes with every value of the table and everything that is known of its columns."""
        facts = f"{self.canonical.key} {self.product.product_type} {self.columns!r}"
        return hashlib.sha256(facts.encode()).hexdigest()[:32]


class ProductTables:
    """Finds and opens tables for an actor.

    Everything raises NotFound when the product is hidden from the actor, StillRunning with the progress while the main
    file is being read, and NoTable with the reason when there is no table.
    """

    def __init__(self, sessions: Sessions, storage: BlobStore, catalog: CatalogService, jobs: JobService) -> None:
        self._sessions = sessions
        self._catalog = catalog
        self._jobs = jobs
        self.storage = storage
        self.work = Once(AT_ONCE)
        """Who computes from tables in this process, whatever it is."""

    def find(self, actor: Actor, product_id: int) -> ProductTable:
        """The table of a product."""
        product = self._catalog.get(actor, product_id)
        with reading(self._sessions) as session:
            artifacts = ArtifactRepository(session).of_product(product_id)
        if CANONICAL not in artifacts:
            raise self._refusal(product)
        columns = self._catalog.columns(actor, product_id)
        return ProductTable(product, columns, role_map(columns), artifacts)

    @contextmanager
    def opened(self, found: ProductTable) -> Iterator[CanonicalTable]:
        """The table, for the length of a ``with`` block."""
        with CanonicalTable.open(self.storage.arrow_file(found.canonical.key)) as table:
            yield table

    def keep(self, found: ProductTable, result: Result) -> None:
        """Store what was computed, unless the main file was read again or columns got other roles meanwhile."""
        with unit_of_work(self._sessions) as unit:
            IngestRepository(unit.session).lock(found.product.id)
            artifacts = ArtifactRepository(unit.session)
            roles = role_map(ProductRepository(unit.session).columns(found.product.id))
            if roles == found.roles and artifacts.find(found.product.id, CANONICAL) == found.canonical:
                artifacts.put(
                    found.product.id,
                    result.kind,
                    result.blob,
                    version=result.version,
                    signature=result.signature,
                    verdict=result.verdict,
                )

    def _refusal(self, product: Product) -> StillRunning | NoTable:
        """Why there is no table, or that it is coming."""
        job = self._jobs.latest(product.id)
        if job is not None and job.is_active:
            return StillRunning(job.message or "Waiting for its turn", job.progress)
        return NoTable(_why_no_table(product))


def _why_no_table(product: Product) -> str:
    kind = PRODUCT_TYPES[product.product_type]
    if product.main_file_name is None:
        return "This product is described only: there is no main file to show."
    if product.status is ProductStatus.FAILED and product.status_reason:
        return product.status_reason
    if not kind.is_tabular:
        return f"{kind.title} may be files of any kind, so they are offered for download and not shown as a table."
    if product.notes:
        return product.notes[0]
    return "The main file has not been read yet."

"""A portal whose products hold the synthetic table of any size, without reading a file of that size."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import update

from benchmarks.dataset import FOLDER, Dataset
from services.container import Container, build_container
from services.database import migrate
from services.jobs.ingest import run_ingest
from services.jobs.results import CANONICAL_VERSION
from services.models.identity import Actor
from services.models.products import NewProduct
from services.repositories.artifacts import CANONICAL, ArtifactRepository
from services.schema import ProductRow
from services.settings import Settings
from services.storage.base import Blob
from services.unit_of_work import unit_of_work

SMALL_ROWS = 1000
CUT = "mag_i < 24 and redshift between 0.2 and 1.2"


@contextmanager
def portal_with(data: Dataset, n_products: int = 1) -> Iterator[tuple[Container, Actor, list[int]]]:
    """Services of a portal in a folder that goes away, somebody who owns training sets of this size, their ids."""
    with TemporaryDirectory(dir=FOLDER) as folder:
        settings = Settings(data_dir=Path(folder))
        migrate(settings)
        container = build_container(settings)
        owner = container.users.create_user("owner1", "owner1-owner1")
        yield container, owner, [_product(container, owner, data, number) for number in range(n_products)]


def share_results(container: Container, product_ids: list[int]) -> None:
    """Give what was computed of the first product to all others, which have the same table."""
    first, *others = product_ids
    with unit_of_work(container.sessions) as unit:
        artifacts = ArtifactRepository(unit.session)
        for found in artifacts.of_product(first).values():
            blob, rest = Blob(found.key, found.size_bytes), (found.version, found.signature)
            for product_id in others:
                artifacts.put(product_id, found.kind, blob, version=rest[0], signature=rest[1])


def _product(container: Container, owner: Actor, data: Dataset, number: int) -> int:
    """A product that was read from a small file of the same columns, and then given the large table."""
    staged = container.uploads.stage(owner, io.BytesIO(Dataset(SMALL_ROWS).csv().read_bytes()), "small.csv")
    product = container.uploads.submit(owner, NewProduct(f"Training set {number}", "training_set"), main=staged.id)
    job = container.jobs.latest(product.id)
    assert job is not None
    run_ingest(container, job.id)
    copy = container.settings.resolved_data_dir / "canonical.parquet"
    shutil.copyfile(data.canonical(), copy)
    blob = container.storage.put_file(copy, consume=True)
    with unit_of_work(container.sessions) as unit:
        artifacts = ArtifactRepository(unit.session)
        artifacts.remove(product.id)
        artifacts.put(product.id, CANONICAL, blob, version=CANONICAL_VERSION, signature="")
        unit.session.execute(update(ProductRow).where(ProductRow.id == product.id).values(n_rows=data.n_rows))
    return product.id

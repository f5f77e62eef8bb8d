"""Products made from bytes, read on the spot by the real ingest."""

from __future__ import annotations

import io

import numpy as np

from services.container import Container
from services.jobs.ingest import run_ingest
from services.models.identity import Actor
from services.models.products import NewProduct, Product

N_ROWS = 400


def catalogue_csv(n_rows: int = N_ROWS, seed: int = 1) -> bytes:
    """CSV of a small spectroscopic catalogue: id, ra, dec, z_spec, z_err, z_flag, mag_i."""
    random = np.random.default_rng(seed)
    columns = (
        random.uniform(149, 151, n_rows),
        random.uniform(1, 3, n_rows),
        random.gamma(2, 0.3, n_rows),
        random.uniform(1e-4, 1e-3, n_rows),
        random.normal(22, 1, n_rows),
    )
    lines = [
        f"{900000000000000000 + i},{ra:.6f},{dec:.6f},{z:.4f},{z_err:.5f},{i % 4 + 1},{mag:.3f}"
        for i, (ra, dec, z, z_err, mag) in enumerate(zip(*columns, strict=True))
    ]
    return "\n".join(["id,ra,dec,z_spec,z_err,z_flag,mag_i", *lines, ""]).encode()


def submitted(
    container: Container, owner: Actor, content: bytes, name: str = "a.csv", kind: str = "specz_catalog"
) -> Product:
    """Product with this main file, waiting to be read."""
    staged = container.uploads.stage(owner, io.BytesIO(content), name)
    return container.uploads.submit(owner, NewProduct(name.split(".")[0] or "A sample", kind), main=staged.id)


def read_now(container: Container, owner: Actor, product: Product) -> Product:
    """The product after its waiting job was done here and now."""
    job = container.jobs.latest(product.id)
    assert job is not None
    run_ingest(container, job.id)
    return container.catalog.get(owner, product.id)


def ingested(
    container: Container, owner: Actor, content: bytes, name: str = "a.csv", kind: str = "specz_catalog"
) -> Product:
    """Product with this main file, read."""
    return read_now(container, owner, submitted(container, owner, content, name, kind))

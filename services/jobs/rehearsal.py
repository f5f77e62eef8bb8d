"""``python -m services.jobs.rehearsal``: every plot of made-up products is looked at once, so that loops are compiled.

Compiled code is kept on disk, where all processes find it. The server runs this beside itself at low priority: after an
installation it takes a minute or two, and people meanwhile wait only for what it has not come to yet. Later it has
nothing to do.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numba
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from services.compiling import kept_in
from services.container import Container, build_container
from services.database import migrate
from services.errors import PZServerError
from services.jobs.child import die_with_parent
from services.jobs.ingest import run_ingest
from services.models.binnings import Binning
from services.models.comparison import CompareQuestion
from services.models.identity import Actor
from services.models.products import NewProduct
from services.settings import Settings
from services.statistics.details import DETAILS
from services.statistics.warming import warm_kernels

PATIENCE = 10
"""How far the process stands back for others, see nice(1)."""
N_ROWS = 3000
CUTS = ("z_spec < 1", "mag_i between 20 and 24 and z_flag >= 2")
KINDS = ("training_set", "validation_results")
SOURCES = Path(__file__).resolve().parents[1]

Look = Callable[[Container, Actor, list[int]], None]


def rehearse(folder: Path) -> None:
    """Look at everything in a portal of its own that lies in the folder and goes away."""
    warm_kernels()
    with TemporaryDirectory(prefix="rehearsal-", dir=folder) as corner:
        settings = Settings(data_dir=Path(corner), database_url="", storage_url="", queue_url="", demo=False)
        migrate(settings)
        container = build_container(settings)
        try:
            actor = container.users.create_user("rehearsal", os.urandom(16).hex())
            products = [_product(container, actor, kind, wide) for kind in KINDS for wide in (False, True)]
            for look in LOOKS:
                with suppress(PZServerError):  # what cannot be shown of a product needs no loop
                    look(container, actor, products)
        finally:
            container.engine.dispose()


def _product(container: Container, actor: Actor, kind: str, wide: bool) -> int:
    """A product with columns of four or eight bytes that has been read."""
    out = io.BytesIO()
    pq.write_table(_table(np.float64 if wide else np.float32), out)
    staged = container.uploads.stage(actor, io.BytesIO(out.getvalue()), "made-up.parquet")
    product = container.uploads.submit(actor, NewProduct(f"{kind} {wide}", kind), main=staged.id)
    job = container.jobs.latest(product.id)
    assert job is not None
    run_ingest(container, job.id)
    return product.id


def _table(kind: type[np.floating]) -> pa.Table:
    random = np.random.default_rng(1)
    z = random.gamma(2, 0.4, N_ROWS)
    columns = {
        "ra": random.uniform(150, 152, N_ROWS),
        "dec": random.uniform(1, 3, N_ROWS),
        "z_spec": z,
        "z_err": random.uniform(1e-4, 1e-3, N_ROWS),
        "z_phot": z + random.normal(0, 0.05, N_ROWS) * (1 + z),
        "z_phot_err": random.uniform(0.01, 0.1, N_ROWS),
        "odds": random.beta(8, 1, N_ROWS),
    }
    for number, band in enumerate("ugrizy"):
        mag = random.normal(23 - number / 5, 1.2, N_ROWS)
        columns |= {f"mag_{band}": mag, f"magerr_{band}": 0.01 + 10 ** (0.4 * (mag - 28))}
    values = {name: pa.array(column.astype(kind)) for name, column in columns.items()}
    flags = random.integers(1, 5, N_ROWS)
    surveys = np.array(["VVDS", "zCOSMOS"])[flags % 2]
    return pa.table({"id": np.arange(N_ROWS), **values, "z_flag": flags, "survey": surveys})


def _first_look(container: Container, actor: Actor, products: list[int]) -> None:
    for product_id in products:
        container.previews.overview(actor, product_id)
        container.live_cubes.cube(actor, product_id)
        for cut in CUTS:
            container.previews.overview_under(actor, product_id, cut)
        container.live_cubes.cube(actor, product_id, CUTS[0])


def _details(container: Container, actor: Actor, products: list[int]) -> None:
    offered = [row.name for row in container.details.offered(actor, products[0])]
    for name in dict.fromkeys([*offered, *DETAILS]):
        for product_id in products[:2]:
            with suppress(PZServerError):
                container.details.detail(actor, product_id, name)
                container.details.detail(actor, product_id, name, CUTS[0])


def _other_bins(container: Container, actor: Actor, products: list[int]) -> None:
    for product_id in products[:2]:
        names = container.previews.overview(actor, product_id).statistics
        words = [choice.word for choice in container.binnings.choices(actor, product_id)]
        for binning in (Binning(width=0.1), *(Binning(split=word) for word in words)):
            for name in names:
                with suppress(PZServerError):
                    container.binnings.binned(actor, product_id, name, binning, CUTS[0])


def _side_by_side(container: Container, actor: Actor, products: list[int]) -> None:
    for cut in (None, CUTS[0]):
        for pair in pairwise(products):
            container.comparison.compare(actor, CompareQuestion(pair, cut=cut))
    container.comparison.depth(actor, products[0])
    container.coverage.coverage(actor, products[0], products[2])


def _over_http(container: Container, actor: Actor, products: list[int]) -> None:
    for product_id in products:
        container.quality.report(actor, product_id)
        container.answers.sky(actor, product_id)
        container.answers.depth(actor, product_id)
        with suppress(PZServerError):
            container.answers.metrics(actor, product_id)


LOOKS: tuple[Look, ...] = (_first_look, _details, _other_bins, _side_by_side, _over_http)
"""By how likely people are to want it first."""


def signature() -> str:
    """Changes with every line of the sources and with the compiler."""
    stamps = (f"{path} {path.stat().st_mtime_ns}" for path in sorted(SOURCES.rglob("*.py")))
    return hashlib.sha256("\n".join([numba.__version__, *stamps]).encode()).hexdigest()[:16]


def main() -> None:
    """Rehearse, unless these sources were rehearsed before with what lies in the folder of compiled code."""
    die_with_parent()
    os.nice(PATIENCE)
    done = kept_in() / f"rehearsed-{signature()}"
    if done.exists():
        return
    folder = Settings().resolved_data_dir / "work"
    folder.mkdir(parents=True, exist_ok=True)
    rehearse(folder)
    for earlier in done.parent.glob("rehearsed-*"):
        earlier.unlink(missing_ok=True)
    with suppress(OSError):
        done.touch()


if __name__ == "__main__":
    main()

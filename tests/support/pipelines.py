"""Catalogues for pipelines, and runs done on the spot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from services.container import Container
from services.jobs.kinds import KINDS
from services.models.identity import Actor
from services.models.processes import NewProcess, Process
from services.models.products import NewProduct, Product, ProductStatus
from tests.support.ingests import ingested, read_now

FIRST = """ID,RA,Dec,z,z_err,z_flag,survey
101,150.0,2.0,0.5,0.001,4,VVDS
102,150.1,2.1,0.7,0.002,3,VVDS
103,150.2,2.2,-9999.0,0.001,1,VVDS
"""
SECOND = """objid,ra_deg,dec_deg,zspec,zspec_err,zflag
9007199254740993,150.00005,2.0,0.5001,0.0005,4
9007199254740994,151.0,3.0,1.2,0.003,2
"""
OBJECTS = """object_id,ra,dec,mag_i,magerr_i,mag_r,magerr_r
1,150.00001,2.00001,21.5,0.01,22.0,0.02
2,150.10001,2.1,22.5,0.02,23.0,0.03
3,155.0,5.0,20.0,0.01,20.5,0.01
"""


def catalogues(container: Container, owner: Actor) -> tuple[Product, Product]:
    """Two published redshift catalogues with one object in common; one redshift of the first is a sentinel."""
    first = ingested(container, owner, FIRST.encode(), "First.csv")
    second = ingested(container, owner, SECOND.encode(), "Second.csv")
    assert {first.status, second.status} == {ProductStatus.PUBLISHED}
    return first, second


def objects_under(container: Container, owner: Actor, release: str, content: str = OBJECTS) -> Product:
    """Object catalogue published under a release."""
    staged = container.uploads.stage(owner, io.BytesIO(content.encode()), "objects.csv")
    new = NewProduct("Objects", "object_catalog", release=release)
    product = read_now(container, owner, container.uploads.submit(owner, new, main=staged.id))
    assert product.status is ProductStatus.PUBLISHED
    return product


def wish(inputs: Sequence[int], pipeline: str = "combine_redshift_dedup", **fields: object) -> NewProcess:
    """A run to ask for."""
    return NewProcess("Combined", pipeline, tuple(inputs), **fields)  # type: ignore[arg-type]


def run_now(container: Container, actor: Actor, process: Process) -> Process:
    """The run after its job was done here and now."""
    job = container.jobs.claim(process.job_id, "test")
    assert job is not None
    KINDS[job.kind].run(container, job)
    return container.processes.get(actor, process.id)


def output_rows(container: Container, actor: Actor, process: Process, folder: Path) -> list[dict[str, object]]:
    """Rows of the main file of a run's output (Parquet)."""
    download = container.downloads.main_file(actor, process.output.id)
    path = folder / download.name
    with download.open() as stream:
        path.write_bytes(stream.read())
    return pq.read_table(path).to_pylist()

"""What is computed from a canonical table and kept in the store: the table itself, the overview, the count cube."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from services.models.roles import RoleMap
from services.models.statistics import Overview
from services.repositories.artifacts import CANONICAL, CUBE, OVERVIEW
from services.statistics.canonical import CanonicalTable
from services.statistics.cube import CountCube, build_cube, load_cube, save_cube
from services.statistics.overview import build_overview, load_overview, save_overview
from services.storage.base import Blob, BlobStore

CANONICAL_VERSION = 1
"""Layout of the canonical table; raise it when readers of the table need another one."""


CUBE_VERSION = 1
"""Axes and bins of the count cube."""


@dataclass(frozen=True, slots=True)
class Result:
    """Bytes in the store with what they were made by and from."""

    kind: str
    blob: Blob
    version: int
    signature: str
    verdict: str = ""


def canonical_result(storage: BlobStore, path: Path) -> Result:
    """Move a canonical table into the store."""
    return Result(CANONICAL, storage.put_file(path, consume=True), CANONICAL_VERSION, "")


def overview_result(storage: BlobStore, overview: Overview) -> Result:
    """Put an overview into the store."""
    out = io.BytesIO()
    save_overview(overview, out)
    out.seek(0)
    return Result(OVERVIEW, storage.put(out), signed_version(overview.version), overview.roles_signature)


def load_result(storage: BlobStore, key: str) -> Overview:
    """Overview back from the store; NotFound when its bytes are gone."""
    with storage.open(key) as stream:
        return load_overview(stream)


def computed_results(storage: BlobStore, canonical: Path, roles: RoleMap, product_type: str) -> tuple[Result, ...]:
    """Everything that is computed from a canonical table on local disk, in the store."""
    with CanonicalTable.open(canonical) as table:
        overview = build_overview(table, roles, product_type)
        cube = build_cube(table, roles)
    results = [overview_result(storage, overview)]
    if cube is not None:
        results.append(cube_result(storage, cube, overview.roles_signature))
    return tuple(results)


def cube_result(storage: BlobStore, cube: CountCube, signature: str) -> Result:
    """Put a count cube into the store; ``signature`` is that of the roles it was counted by."""
    out = io.BytesIO()
    save_cube(cube, out)
    out.seek(0)
    return Result(CUBE, storage.put(out), CUBE_VERSION, signature)


def load_cube_result(storage: BlobStore, key: str) -> CountCube:
    """Count cube back from the store; NotFound when its bytes are gone."""
    with storage.open(key) as stream:
        return load_cube(stream)


def signed_version(version: int) -> int:
    """A 32-bit checksum as the signed integer the table of artifacts holds on every back end."""
    return version - 2**32 if version >= 2**31 else version

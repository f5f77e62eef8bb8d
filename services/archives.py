"""Archives of whole products: a stored zip whose bytes depend on nothing but the product, kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from services.errors import Unavailable
from services.file_names import RESERVED, split_suffix
from services.models.products import FileRole, Product, ProductColumn, ProductFile
from services.storage.base import BlobStore

FORMAT_VERSION = 1
"""Raised when the same product would give other bytes, so that kept archives are built anew."""
_COPY_BYTES = 2**20
_EARLIEST_ZIP_YEAR = 1980


@dataclass(frozen=True, slots=True)
class Archive:
    """A finished archive on the local disk."""

    path: Path
    size_bytes: int
    sha256: str


def product_metadata(product: Product, files: Sequence[ProductFile], columns: Sequence[ProductColumn]) -> str:
    """YAML about a product: the same for every reader, so nothing in it depends on who asks."""
    main = next((file for file in files if file.role is FileRole.MAIN), None)
    facts: dict[str, Any] = {
        "id": product.id,
        "internal_name": product.internal_name,
        "display_name": product.display_name,
        "product_type_name": product.product_type_title,
        "product_type_internal_name": product.product_type,
        "release_name": product.release_name,
        "uploaded_by": product.owner_username,
        "official_product": product.official,
        "pz_code": product.pz_code,
        "description": product.description,
        "created_at": product.created_at.isoformat(),
        "updated_at": product.updated_at.isoformat(),
        "status": int(product.status),
        "product_status": product.status.label,
        "n_rows": product.n_rows,
        "main_file": None if main is None else _file_facts(main),
        "attach_files": [{"name": f.name, "type": f.media_type} for f in files if f.role is not FileRole.MAIN],
        "associated_columns": [_column_facts(column) for column in columns if column.alias or column.role],
    }
    return yaml.safe_dump(facts, sort_keys=False, allow_unicode=True)


def _file_facts(file: ProductFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "type": file.media_type,
        "extension": split_suffix(file.name)[1].lower() or None,
        "size": file.size_bytes,
        "sha256": file.sha256,
        "n_rows": file.n_rows,
    }


def _column_facts(column: ProductColumn) -> dict[str, Any]:
    facts = {
        "column_name": column.name,
        "ucd": column.ucd,
        "alias": column.alias,
        "role": column.role,
        "band": column.band,
        "unit": column.unit,
    }
    return {name: value for name, value in facts.items() if value is not None}


def archive_signature(product: Product, files: Sequence[ProductFile], columns: Sequence[ProductColumn]) -> str:
    """What the bytes of the archive follow from, as 64 hex digits; cheap, no file is read."""
    listed = [(file.name, file.sha256) for file in files]
    basis = json.dumps([FORMAT_VERSION, product_metadata(product, files, columns), listed])
    return hashlib.sha256(basis.encode()).hexdigest()


def find_archive(folder: Path, product_id: int, signature: str) -> Archive | None:
    """Archive built earlier; looking at it counts as using it, so that it is kept longer."""
    for path in folder.glob(f"{product_id}-{signature}-*.zip"):
        os.utime(path)
        return Archive(path, path.stat().st_size, path.stem.rsplit("-", 1)[-1])
    return None


def build_archive(
    folder: Path, storage: BlobStore, product: Product, files: Sequence[ProductFile], columns: Sequence[ProductColumn]
) -> Archive:
    """Write the archive; it appears under its name whole or not at all.

    Raises
    ------
    Unavailable
        If the disk does not take it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as corner:
            draft = Path(corner) / "draft.zip"
            _write(draft, storage, product, files, columns)
            return _settled(draft, folder, f"{product.id}-{archive_signature(product, files, columns)}")
    except OSError as error:
        raise Unavailable(
            "The archive could not be written: the disk of the portal is full or does not answer. "
            "Download the files one by one, or try again later."
        ) from error


def _settled(draft: Path, folder: Path, stem: str) -> Archive:
    with draft.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    path = folder / f"{stem}-{digest}.zip"
    draft.replace(path)
    return Archive(path, path.stat().st_size, digest)


def _write(
    draft: Path, storage: BlobStore, product: Product, files: Sequence[ProductFile], columns: Sequence[ProductColumn]
) -> None:
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        metadata = product_metadata(product, files, columns).encode()
        archive.writestr(_entry(RESERVED, product.created_at, len(metadata)), metadata)
        for file in files:
            entry = _entry(file.name, file.created_at, file.size_bytes)
            with storage.open(file.key) as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target, _COPY_BYTES)


def _entry(name: str, moment: datetime, size_bytes: int) -> zipfile.ZipInfo:
    """Entry with the time of the file, not of the packing: the bytes must not depend on when they were made."""
    year = max(moment.year, _EARLIEST_ZIP_YEAR)
    entry = zipfile.ZipInfo(name, (year, moment.month, moment.day, moment.hour, moment.minute, moment.second))
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    entry.file_size = size_bytes
    return entry

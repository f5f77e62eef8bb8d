"""Archives of whole products: a stored zip whose bytes depend on nothing but the product."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from services.errors import Unavailable
from services.file_names import RESERVED, split_suffix
from services.models.products import FileRole, Product, ProductColumn, ProductFile
from services.product_types import PRODUCT_TYPES
from services.storage.base import Blob, BlobStore

FORMAT_VERSION = 2
"""Raised when the same product would give other bytes, so that kept archives are built anew."""
_COPY_BYTES = 2**20
_EARLIEST_ZIP_YEAR = 1980


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive is made from."""

    product: Product
    files: Sequence[ProductFile]
    columns: Sequence[ProductColumn]

    @property
    def size_bytes(self) -> int:
        """Bytes of all files together."""
        return sum(file.size_bytes for file in self.files)

    @property
    def signature(self) -> str:
        """What the bytes of the archive follow from, as 64 hex digits; no file is read for it."""
        listed = [(file.name, file.sha256) for file in self.files]
        return hashlib.sha256(json.dumps([FORMAT_VERSION, _facts(self), listed]).encode()).hexdigest()


def product_metadata(contents: Contents) -> str:
    """YAML about a product: the same for every reader, so nothing in it depends on who asks."""
    return yaml.safe_dump(_facts(contents), sort_keys=False, allow_unicode=True)


def _facts(contents: Contents) -> dict[str, Any]:
    product, files, columns = contents.product, contents.files, contents.columns
    main = next((file for file in files if file.role is FileRole.MAIN), None)
    return {
        "id": product.id,
        "internal_name": product.internal_name,
        "display_name": product.display_name,
        "product_type_name": product.product_type_title,
        "release_name": product.release_name,
        "uploaded_by": product.owner_username,
        "official_product": product.official,
        "pz_code": product.pz_code,
        "description": product.description,
        "created_at": _utc_text(product.created_at),
        "product_type": PRODUCT_TYPES[product.product_type].id,
        "product_type_internal_name": product.product_type,
        "release": product.release_id,
        "updated_at": _utc_text(product.updated_at),
        "status": int(product.status),
        "product_status": product.status.label,
        "origin": product.origin,
        "process_id": product.process_id,
        "process_status": product.process_status,
        "release_year": product.release_year,
        "n_rows": product.n_rows,
        "main_file": None if main is None else _file_facts(main),
        "attach_files": [{"name": f.name, "type": f.media_type} for f in files if f.role is not FileRole.MAIN],
        "associated_columns": [_column_facts(column) for column in columns if column.alias or column.role],
    }


def _utc_text(moment: datetime) -> str:
    """As the API writes times: ``2026-01-31T08:15:00.123456Z``."""
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds').removesuffix('+00:00')}Z"


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


def build_archive(folder: Path, storage: BlobStore, contents: Contents) -> Blob:
    """Write the archive and put it into the store; half of one is never there.

    Parameters
    ----------
    folder : Path
        Where it is written first; best on the same disk as the store.

    Raises
    ------
    NotFound
        If the bytes of a file are not in the store.
    Unavailable
        If the disk does not take it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="archive-", dir=folder) as corner:
            draft = Path(corner) / "draft.zip"
            _write(draft, storage, contents)
            return storage.put_file(draft, consume=True)
    except OSError as error:
        raise Unavailable(
            "The archive could not be written: the disk of the portal is full or does not answer. "
            "Download the files one by one, or try again later."
        ) from error


def _write(draft: Path, storage: BlobStore, contents: Contents) -> None:
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
        metadata = product_metadata(contents).encode()
        archive.writestr(_entry(RESERVED, contents.product.created_at, len(metadata)), metadata)
        for file in contents.files:
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

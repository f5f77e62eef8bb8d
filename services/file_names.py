"""Names of files: as people gave them, as the portal keeps them, as downloads carry them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from pathlib import PurePosixPath

from services.errors import InvalidInput
from services.text_rules import is_one_line, without_direction_marks

MAX_NAME = 255
"""Characters the table keeps, and bytes common file systems allow."""
RESERVED = "product_metadata.yaml"
"""The archive of a product has a file of this name that the portal writes."""
_DOUBLE_SUFFIXES = frozenset({".gz", ".bz2", ".xz", ".zip"})

_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".dat": "text/plain",
    ".cat": "text/plain",
    ".bpz": "text/plain",
    ".ecsv": "text/plain",
    ".md": "text/markdown",
    ".fits": "application/fits",
    ".fit": "application/fits",
    ".fts": "application/fits",
    ".h5": "application/x-hdf5",
    ".hf5": "application/x-hdf5",
    ".hdf5": "application/x-hdf5",
    ".hdf": "application/x-hdf5",
    ".parquet": "application/vnd.apache.parquet",
    ".pq": "application/vnd.apache.parquet",
    ".vot": "application/x-votable+xml",
    ".vo": "application/x-votable+xml",
    ".xml": "application/xml",
    ".html": "text/html",
    ".htm": "text/html",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".zip": "application/zip",
    ".tar": "application/x-tar",
    ".gz": "application/gzip",
}
BINARY = "application/octet-stream"


def clean_file_name(name: str) -> str:
    """Name without folders and invisible characters, at most 255 bytes with its suffix kept.

    Raises
    ------
    InvalidInput
        If nothing is left, the name has more than 255 characters, or it is the one the portal needs itself.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    visible = without_direction_marks("".join(letter for letter in last if is_one_line(letter))).strip()
    if not visible.strip("."):
        raise InvalidInput("The file has no name that could be kept. Give it a name such as catalogue.csv.", "file")
    if len(visible) > MAX_NAME:
        raise InvalidInput(f"The name of the file has {len(visible)} characters, the limit is {MAX_NAME}.", "file")
    if visible.casefold() == RESERVED:
        raise InvalidInput(f"The portal writes a file named {RESERVED} itself. Rename yours.", "file")
    return _shortened(visible)


def unique_name(name: str, taken: Collection[str]) -> str:
    """The name itself, or with a number before its suffix when it is taken (upper and lower case alike)."""
    known = {other.casefold() for other in taken} | {RESERVED}
    stem, suffix = split_suffix(name)
    candidate, number = name, 2
    while candidate.casefold() in known:
        candidate = _shortened(f"{stem}_{number}{suffix}", keep=f"_{number}{suffix}")
        number += 1
    return candidate


def split_suffix(name: str) -> tuple[str, str]:
    """Stem and suffix; ``.tar.gz`` and its like stay together."""
    path = PurePosixPath(name)
    suffix = path.suffix
    inner = PurePosixPath(path.stem).suffix
    if suffix.lower() in _DOUBLE_SUFFIXES and 1 < len(inner) <= 8:
        suffix = inner + suffix
    return name[: len(name) - len(suffix)], suffix


def media_type(name: str) -> str:
    """Media type by suffix; what the sender claims is not believed."""
    return _MEDIA_TYPES.get(PurePosixPath(name.lower()).suffix, BINARY)


def download_token(name: str) -> str:
    """Name for the header of a download: letters, digits, dot, dash and underscore only, true suffix kept.

    Released clients join it to the reader's folder and choose a reader by its suffix (REST contract, section 6.1).
    """
    stem, suffix = split_suffix(name)
    return (_ascii(stem).strip("._-") or "file") + _ascii(suffix)


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "_", plain)


def _shortened(name: str, keep: str | None = None) -> str:
    """Cut the stem so that the whole name has at most 255 bytes."""
    keep = split_suffix(name)[1] if keep is None else keep
    stem = name[: len(name) - len(keep)]
    room = MAX_NAME - len(keep.encode())
    return stem.encode()[: max(room, 0)].decode("utf-8", "ignore") + keep

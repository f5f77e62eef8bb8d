"""Storage implementations by URL scheme: one row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from services.errors import InvalidInput
from services.storage.base import BlobStore
from services.storage.local import LocalStore


def _local(url: str) -> BlobStore:
    parts = urlsplit(url)
    if parts.netloc not in {"", "localhost"} or not parts.path:
        raise InvalidInput(f'The storage address "{url}" needs three slashes and a folder: file:///srv/pzserver/files.')
    return LocalStore(Path(unquote(parts.path)))


STORES: Mapping[str, Callable[[str], BlobStore]] = MappingProxyType({"file": _local})


def open_store(url: str) -> BlobStore:
    """Store behind a URL such as ``file:///srv/pzserver/files``.

    Raises
    ------
    InvalidInput
        If no implementation answers to the scheme.
    """
    scheme = urlsplit(url).scheme
    opener = STORES.get(scheme)
    if opener is None:
        known = ", ".join(f"{name}://" for name in STORES)
        raise InvalidInput(
            f'This version keeps files in {known} and not yet in "{scheme}://". Set PZSERVER_STORAGE_URL accordingly.',
            field="storage_url",
        )
    return opener(url)

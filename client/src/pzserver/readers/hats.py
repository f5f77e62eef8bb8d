"""HATS: a catalogue in many files, which comes as a zip and is opened by lsdb."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pzserver.errors import MissingExtra, UnreadableTable

if TYPE_CHECKING:
    import pandas as pd

MARKS = ("collection.properties", "hats.properties", "properties")
"""Files that mark the root of a HATS catalogue."""


def read(path: Path, main_file: Mapping[str, Any]) -> pd.DataFrame:
    """The whole catalogue in memory.

    Raises
    ------
    MissingExtra
        If lsdb is not installed.
    """
    try:
        import lsdb
    except ImportError as error:
        raise MissingExtra('This product is a HATS catalogue. Install lsdb: pip install "pzserver[hats]"') from error
    with tempfile.TemporaryDirectory(prefix="pzserver-") as folder:
        root = Path(folder)
        unpack(path, root)
        troubles = []
        for candidate in candidates(root, str(main_file.get("name") or "")):
            try:
                return _plain(lsdb.open_catalog(candidate).compute())
            except (ValueError, OSError) as error:
                troubles.append(f"{candidate.relative_to(root)}: {error}")
    raise UnreadableTable(f"{path.name} holds no HATS catalogue that opens. {' '.join(troubles)}".strip())


def unpack(path: Path, folder: Path) -> None:
    """Unpack a zip; nothing is written outside the folder."""
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if not (folder / member.filename).resolve().is_relative_to(folder.resolve()):
                    raise UnreadableTable(f"{path.name} holds a file outside its own folder: {member.filename!r}.")
            archive.extractall(folder)
    except zipfile.BadZipFile as error:
        raise UnreadableTable(f"{path.name} is no zip: {error}") from error


def candidates(root: Path, name: str) -> Iterator[Path]:
    """Folders that may be the catalogue: the named one, marked ones, the root."""
    named = root / name
    if name and named.is_dir():
        yield named
    for mark in MARKS:
        yield from sorted(found.parent for found in root.rglob(mark) if found.parent != named)
    yield root


def _plain(frame: Any) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(frame).reset_index()

"""Main files kept on disk, by the checksum of their bytes: what has been read once is not fetched again."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

SWITCH_VARIABLE = "PZSERVER_CACHE"
FOLDER_VARIABLE = "PZSERVER_CACHE_DIR"
DEFAULT_LIMIT_BYTES = 4 * 2**30
_CHECKSUM = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class DiskCache:
    """Files by checksum in a folder that only its owner may read.

    Whether somebody may read a product is asked of the server each time; only the bytes come from here.

    Attributes
    ----------
    folder : Path
        Where the files are.
    limit_bytes : int
        When there is more, files not used for the longest time go.
    """

    folder: Path
    limit_bytes: int = DEFAULT_LIMIT_BYTES

    def place(self, checksum: str) -> Path:
        """Folder of one file, made if it is not there."""
        if not _CHECKSUM.fullmatch(checksum):
            raise ValueError(f"{checksum!r} is no SHA-256")
        place = self.folder / checksum
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        return place

    def find(self, checksum: str, name: str, size_bytes: int | None) -> Path | None:
        """The file, if it is here whole."""
        path = self.folder / checksum / name
        if not path.is_file() or (size_bytes is not None and path.stat().st_size != size_bytes):
            return None
        os.utime(path.parent)
        return path

    def trim(self) -> None:
        """Let the files go that were not used for the longest time, until the rest fits."""
        places = sorted(self._places(), key=lambda place: place.stat().st_mtime)
        total = sum(_size_bytes(place) for place in places)
        for place in places[:-1]:
            if total <= self.limit_bytes:
                break
            total -= _size_bytes(place)
            shutil.rmtree(place, ignore_errors=True)

    def clear(self) -> None:
        """Let every file go."""
        for place in self._places():
            shutil.rmtree(place, ignore_errors=True)

    def _places(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [path for path in self.folder.iterdir() if _CHECKSUM.fullmatch(path.name)]


def _size_bytes(place: Path) -> int:
    return sum(path.stat().st_size for path in place.iterdir() if path.is_file())


def default_cache(wanted: bool | str | Path = True) -> DiskCache | None:
    """The cache a person asks for: True for the usual folder, a folder, or False for none.

    The environment variable ``PZSERVER_CACHE=0`` turns it off, ``PZSERVER_CACHE_DIR`` names another folder.
    """
    if wanted is False or (
        wanted is True and os.environ.get(SWITCH_VARIABLE, "1").lower() in ("0", "off", "false", "no")
    ):
        return None
    if wanted is not True:
        return DiskCache(Path(wanted).expanduser())
    from platformdirs import user_cache_path

    given = os.environ.get(FOLDER_VARIABLE)
    return DiskCache(Path(given).expanduser() if given else user_cache_path("pzserver", appauthor=False))

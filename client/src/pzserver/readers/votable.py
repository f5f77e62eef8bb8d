"""VOTable: the first table of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pzserver.errors import UnreadableTable

_REACHES_OUT = re.compile(rb"<(\w+:)?STREAM\b[^>]*\bhref\s*=|<!ENTITY", re.IGNORECASE)
PIECE_BYTES = 2**20
OVERLAP_BYTES = 4096


def read(path: Path, _main_file: Mapping[str, Any]) -> Any:
    """Astropy table of the first table; a file whose rows lie elsewhere is refused, never followed."""
    from astropy.io.votable import parse_single_table

    if _reaches_out(path):
        raise UnreadableTable(f"{path.name} points to data outside the file. That is not followed.")
    try:
        return parse_single_table(str(path), verify="ignore").to_table(use_names_over_ids=True)
    except (OSError, ValueError, TypeError, IndexError, LookupError) as error:
        raise UnreadableTable(f"{path.name} is no VOTable that could be read: {error}") from error


def _reaches_out(path: Path) -> bool:
    """Whether the file names other files or addresses to read from."""
    with path.open("rb") as source:
        tail = b""
        while piece := source.read(PIECE_BYTES):
            if _REACHES_OUT.search(tail + piece):
                return True
            tail = piece[-OVERLAP_BYTES:]
    return False

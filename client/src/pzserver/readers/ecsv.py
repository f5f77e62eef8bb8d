"""ECSV: text with units and types in its head."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pzserver.errors import UnreadableTable


def read(path: Path, _main_file: Mapping[str, Any]) -> Any:
    """Astropy table with units."""
    from astropy.table import Table

    try:
        return Table.read(path, format="ascii.ecsv")
    except (OSError, ValueError, TypeError) as error:
        raise UnreadableTable(f"{path.name} is no ECSV file that could be read: {error}") from error

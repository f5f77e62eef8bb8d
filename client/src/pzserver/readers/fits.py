"""FITS: the first table of a file."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pzserver.errors import UnreadableTable


def read(path: Path, _main_file: Mapping[str, Any]) -> Any:
    """Astropy table of the first table extension, bytes as text."""
    from astropy.io import fits
    from astropy.table import Table
    from astropy.units import UnitsWarning

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnitsWarning)
            with fits.open(path, memmap=False) as hdus:
                first = next((hdu for hdu in hdus if isinstance(hdu, fits.BinTableHDU | fits.TableHDU)), None)
                if first is None:
                    raise UnreadableTable(f"{path.name} holds images only, no table.")
                table = Table.read(first, format="fits", unit_parse_strict="silent")
    except (OSError, ValueError, TypeError) as error:
        if isinstance(error, UnreadableTable):
            raise
        raise UnreadableTable(f"{path.name} is no FITS file that could be read: {error}") from error
    table.convert_bytestring_to_unicode()
    return table

"""Coverage maps: HEALPix pixels as a multi-order coverage map (IVOA MOC 2.0) in JSON, ASCII or FITS."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from astropy.io import fits

from services.models.statistics import IntArray
from services.version import VERSION


@dataclass(frozen=True, eq=False, slots=True)
class Moc:
    """Cells (sorted nested numbers) by order, none inside another; ``order`` is the finest that was looked at."""

    order: int
    cells: Mapping[int, IntArray]


def moc_of(nside: int, pixels: IntArray) -> Moc:
    """Coverage of nested pixels at one nside: four cells of one parent become that parent, from the finest up."""
    finest = int(nside).bit_length() - 1
    cells: dict[int, IntArray] = {}
    left: IntArray = np.unique(np.asarray(pixels, np.int64))
    for order in range(finest, 0, -1):
        parents, counts = np.unique(left >> 2, return_counts=True)
        full = parents[counts == 4]
        cells[order] = left[~np.isin(left >> 2, full)]
        left = full
    cells[0] = left
    return Moc(finest, {order: cells[order] for order in sorted(cells) if cells[order].size})


def moc_json(moc: Moc) -> bytes:
    """``{"order": [cells]}``; an empty list tells the finest order where it holds no cell."""
    shown = {str(order): cells.tolist() for order, cells in moc.cells.items()}
    shown.setdefault(str(moc.order), [])
    return json.dumps(shown, separators=(",", ":")).encode()


def moc_ascii(moc: Moc) -> bytes:
    """``order/cell from-to order/...``, the form of MOC 2.0."""
    parts = [f"{order}/{' '.join(_ranges(cells))}" for order, cells in moc.cells.items()]
    if moc.order not in moc.cells:
        parts.append(f"{moc.order}/")
    return f"{' '.join(parts)}\n".encode()


def _ranges(cells: IntArray) -> list[str]:
    """Runs of cells that follow one another."""
    ends = np.flatnonzero(np.diff(cells) != 1)
    firsts, lasts = cells[np.append(0, ends + 1)].tolist(), cells[np.append(ends, cells.size - 1)].tolist()
    return [str(first) if first == last else f"{first}-{last}" for first, last in zip(firsts, lasts, strict=True)]


def moc_fits(moc: Moc) -> bytes:
    """Binary table of NUNIQ numbers, 4 x 4^order + cell."""
    numbers = [4 * 4**order + cells for order, cells in moc.cells.items()]
    column = fits.Column("UNIQ", "1K", array=np.concatenate([np.empty(0, np.int64), *numbers]))
    table = fits.BinTableHDU.from_columns([column])
    facts = {
        "MOCVERS": ("2.0", "version of the MOC standard"),
        "MOCDIM": ("SPACE", "physical dimension"),
        "ORDERING": ("NUNIQ", "coding of the cells"),
        "COORDSYS": ("C", "ICRS"),
        "MOCORD_S": (moc.order, "finest order"),
        "MOCORDER": (moc.order, "finest order, as MOC 1.1 names it"),
        "PIXTYPE": ("HEALPIX", "cells are HEALPix pixels"),
        "MOCTOOL": (f"PZ Server {VERSION}", "what made the map"),
    }
    for name, fact in facts.items():
        table.header[name] = fact
    out = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(out)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class MocFormat:
    """How a coverage map is written."""

    suffix: str
    media_type: str
    write: Callable[[Moc], bytes]


MOC_FORMATS: Mapping[str, MocFormat] = MappingProxyType(
    {
        "fits": MocFormat(".moc.fits", "application/fits", moc_fits),
        "json": MocFormat(".moc.json", "application/json", moc_json),
        "ascii": MocFormat(".moc.txt", "text/plain; charset=utf-8", moc_ascii),
    }
)

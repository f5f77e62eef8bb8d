"""A rehearsal on a tiny table: libraries are loaded and compiled loops are ready before a person's file arrives."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from services.columns.matching import guess_roles, role_map
from services.formats.registry import open_table
from services.formats.text_cells import warm_cells
from services.jobs.merging import merged_columns
from services.statistics.canonical import CanonicalTable
from services.statistics.canonical_writer import write_canonical
from services.statistics.cube import build_cube, save_cube
from services.statistics.overview import build_overview, save_overview

_HEADER = "id,ra,dec,z_spec,z_err,z_flag,survey,mag_i,magerr_i,z_phot,odds\n"
_N_ROWS = 40
_KIND = "validation_results"
"""The type with most plots."""


def warm_up(folder: Path) -> None:
    """Read a made-up table from end to end; takes about a second once per process and leaves nothing behind."""
    warm_cells()
    with tempfile.TemporaryDirectory(prefix="warm-", dir=folder) as corner:
        source, canonical = Path(corner) / "warm.csv", Path(corner) / "warm.parquet"
        source.write_text(_HEADER + "".join(_row(number) for number in range(_N_ROWS)))
        with open_table(source, source.name, scratch=Path(corner)) as reader:
            summary = write_canonical(reader, canonical)
        roles = role_map(merged_columns((), summary.profiles, guess_roles(summary.profiles, _KIND)))
        with CanonicalTable.open(canonical) as table:
            save_overview(build_overview(table, roles, _KIND), io.BytesIO())
            cube = build_cube(table, roles)
        if cube is not None:
            save_cube(cube, io.BytesIO())


def _row(number: int) -> str:
    part = number / _N_ROWS
    photometry = f"{20 + part},{0.01 + part / 100},{part + 0.02},{0.9 - part / 9}"
    return f"{number},{150 + part},{2 + part},{part + 0.01},0.001,{number % 4 + 1},VVDS,{photometry}\n"

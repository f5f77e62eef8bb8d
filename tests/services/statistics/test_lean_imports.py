"""Reading a table loads no library that it does not use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from services.formats.text_trial import SMALLEST_FILE_BYTES

REPOSITORY = Path(__file__).parents[3]

SCRIPT = """
import sys
from pathlib import Path
from benchmarks.one_file import ingest
ingest(Path(sys.argv[1]))
print(*sorted({"pandas", "polars", "pycparser", "astropy", "duckdb", "sqlalchemy"} & set(sys.modules)))
"""


def _csv(folder: Path) -> Path:
    path = folder / "table.csv"
    lines = "".join(f"{i},{10 + i / 7},{i / 9},{i / 100},{20 + i / 50},{i % 4}\n" for i in range(100))
    path.write_text("id,ra,dec,z_spec,mag_i,z_flag\n" + lines * (SMALLEST_FILE_BYTES // len(lines) + 1))
    return path


def _fits(folder: Path) -> Path:
    path, part = folder / "table.fits", np.linspace(0.1, 0.9, 500)
    columns = {"id": np.arange(500), "ra": 150 + part, "dec": part, "z_spec": part, "mag_i": 20 + part.astype("f4")}
    Table(columns | {"z_flag": np.arange(500, dtype=np.int16) % 4}).write(path)
    return path


@pytest.mark.parametrize("made", [_csv, _fits])
def test_neither_pandas_nor_others_are_imported(made: object, tmp_path: Path) -> None:
    assert callable(made)
    command = [sys.executable, "-c", SCRIPT, str(made(tmp_path))]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPOSITORY)
    assert done.stdout.split() == []

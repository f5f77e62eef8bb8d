"""Peak memory of a reader does not grow with the file: measured on a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

ROOT = Path(__file__).parents[3]
N_ROWS = 700_000
N_COLUMNS = 18

WALK = r"""
import re, sys
from pathlib import Path
from services.formats.registry import open_table
with open_table(Path(sys.argv[1]), "large") as reader:
    n_rows = sum(batch.num_rows for batch in reader.batches())
# ru_maxrss would count the parent at the moment of the fork; VmHWM belongs to this program alone
print(n_rows, int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def walked(path: Path) -> tuple[int, int]:
    """Rows met and peak resident memory in MiB of a fresh process that walks the file."""
    command = [sys.executable, "-W", "error", "-c", WALK, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    n_rows, peak_mib = map(int, done.stdout.split())
    return n_rows, peak_mib


def write_text(path: Path, delimiter: str) -> None:
    rng = np.random.default_rng(0)
    lines = [delimiter.join(f"{value:.6f}" for value in row) for row in rng.normal(22, 3, (7_000, N_COLUMNS))]
    block = "\n".join(lines) + "\n"
    with path.open("w") as file:
        file.write(delimiter.join(f"mag_{place}" for place in range(N_COLUMNS)) + "\n")
        for _ in range(N_ROWS // 7_000):
            file.write(block)


@pytest.mark.parametrize(("delimiter", "most_mib"), [(",", 450), ("  ", 450)])
def test_text_stays_below_its_bound(tmp_path: Path, delimiter: str, most_mib: int) -> None:
    path = tmp_path / "large.txt"
    write_text(path, delimiter)
    n_rows, peak_mib = walked(path)
    assert n_rows == N_ROWS
    assert peak_mib < most_mib


def test_fits_stays_below_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "large.fits"
    table = np.zeros(2 * N_ROWS, [(f"mag_{place}", "f8") for place in range(N_COLUMNS)])
    fits.BinTableHDU(table).writeto(path)
    n_rows, peak_mib = walked(path)
    assert n_rows == 2 * N_ROWS
    assert path.stat().st_size > 190 * 2**20
    assert peak_mib < 300

"""What several journeys start from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def catalogue(tmp_path: Path) -> tuple[Path, pd.DataFrame]:
    """A small catalogue whose numbers are known."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "id": np.arange(500),
            "ra": rng.uniform(10, 12, 500).round(5),
            "dec": rng.uniform(-1, 1, 500).round(5),
            "z_spec": rng.gamma(2, 0.35, 500).round(4),
            "mag_i": rng.normal(22.5, 1, 500).round(3),
            "z_flag": rng.integers(1, 5, 500),
        }
    )
    path = tmp_path / "cuts.csv"
    frame.to_csv(path, index=False)
    return path, frame

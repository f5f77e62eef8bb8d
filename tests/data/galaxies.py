"""The galaxies that most odd files hold."""

from __future__ import annotations

import numpy as np
import pandas as pd

N_ROWS = 120


def galaxies(n_rows: int = N_ROWS) -> pd.DataFrame:
    """The table most files are made of: id, ra, dec, z_spec, mag_i, always the same numbers."""
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "id": np.arange(1001, 1001 + n_rows),
            "ra": (150.0 + rng.uniform(-0.5, 0.5, n_rows)).round(6),
            "dec": (2.2 + rng.uniform(-0.5, 0.5, n_rows)).round(6),
            "z_spec": rng.gamma(3, 0.25, n_rows).round(4),
            "mag_i": rng.uniform(18, 24, n_rows).round(3),
        }
    )

"""Products side by side, and coverage of one by another, through the client on a real portal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pzserver import PzServer
from pzserver.errors import RequestFailed


def _galaxies(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    z = rng.gamma(3, 0.25, n).round(4)
    i = 25 - rng.exponential(1, n)
    r = i + 0.3 + 0.4 * z + rng.normal(0, 0.05, n)
    return pd.DataFrame({"redshift": z, "mag_g": r + 0.5, "mag_r": r, "mag_i": i}).round(4)


def test_two_training_sets_side_by_side(server: PzServer, tmp_path: Path) -> None:
    frames, ids = [_galaxies(600, 1), _galaxies(400, 2)], []
    for place, frame in enumerate(frames):
        frame.to_csv(tmp_path / f"{place}.csv", index=False)
        ids.append(server.upload(f"side by side {place}", "training_set", tmp_path / f"{place}.csv").product_id)

    found = server.compare([ids[0], f"{ids[1]}_side_by_side_1"], "redshift", width=0.1, cut="mag_i < 24.5")
    chosen = [frame["redshift"][frame["mag_i"] < 24.5] for frame in frames]
    bins = found.to_pandas()
    for number, values in zip(ids, chosen, strict=True):
        name, counts = found[number]["internal_name"], np.histogram(values, found.edges)[0]
        assert bins["count"][bins["product"] == name].tolist() == counts.tolist()
        assert found.summary().loc[name, "n_cut"] + counts.sum() == found[number]["n_total"]
    with pytest.raises(KeyError, match=f"'nothing' is not one of .*{ids[0]} .*{ids[1]}_side_by_side_1"):
        found["nothing"]
    assert 0 < found.summary()["ks"].iloc[1] < 0.2

    coverage = server.coverage(*ids)
    assert coverage.features == ["i", "g - r", "r - i"]
    assert coverage.cells()["n_target"].sum() == coverage.target["n_used"] == 400
    assert coverage.neighbours["covered"] > 0.8
    assert coverage.train["provenance"]["product_id"] == ids[0]
    with pytest.raises(RequestFailed) as caught:
        server.coverage(ids[0], ids[1], cut="mag_i <")
    assert caught.value.status_code == 400

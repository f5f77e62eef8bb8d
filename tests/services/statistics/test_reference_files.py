"""Counts and metrics on real public files equal the reference answers, where those files are at hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.formats.registry import open_table
from services.models.roles import RoleMap
from services.statistics.canonical import CanonicalTable
from services.statistics.canonical_writer import write_canonical
from services.statistics.edges import multiples
from services.statistics.histograms import histogram, n_z
from services.statistics.measured import Measured
from services.statistics.metrics import point_metrics
from services.statistics.quantiles import column_summary
from services.statistics.validity import quantity_of

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"
ANSWERS = json.loads((DATA / "reference_answers.json").read_text())["files"] if DATA.is_dir() else {}
WITH_REDSHIFT = sorted(name for name, answer in ANSWERS.items() if "redshift" in answer)
WITH_METRICS = [
    (name, key)
    for name, answer in ANSWERS.items()
    for key in answer
    if key in {"metrics_zb", "metrics_zml", "metrics_zmode"}
]


def canonical(folder: Path, name: str) -> CanonicalTable:
    reader = open_table(DATA / name, name)
    write_canonical(reader, folder / "t.parquet")
    reader.close()
    return CanonicalTable.open(folder / "t.parquet")


def column_named(table: CanonicalTable, wanted: str) -> str:
    """The column by its name, with or without the group it lies in."""
    return next(
        name for name in table.names if name == wanted or name.split("/")[-1] == wanted or name == f"col{wanted[1:]}"
    )


@pytest.mark.parametrize("name", WITH_REDSHIFT)
def test_redshift_counts_equal_the_reference(tmp_path: Path, name: str) -> None:
    answer: Mapping[str, Any] = ANSWERS[name]["redshift"]
    with canonical(tmp_path, name) as table:
        column = column_named(table, answer["column"])
        summary = column_summary(table, column, quantity_of("redshift"))
        first = round(answer["hist_first_edge"] / answer["hist_width"])
        edges = multiples(answer["hist_width"], first, first + len(answer["hist_counts"]))
        counted = histogram(table, Measured("z", column, quantity_of("redshift")), edges)
        shown = n_z(table, RoleMap({"redshift": column}))
    assert (summary.n_rows, summary.n_used) == (answer["n_total"], answer["n_valid"])
    found = (summary.min, summary.max, summary.median, summary.mean, summary.q25, summary.q75)
    np.testing.assert_allclose(
        found, [answer[key] for key in ("min", "max", "median", "mean", "q25", "q75")], atol=6e-7
    )
    assert counted.counts.tolist() == answer["hist_counts"]
    assert shown is not None
    assert (shown.tally.n_shown, shown.tally.n_missing) == (answer["n_valid"], answer["n_invalid"])


@pytest.mark.parametrize(("name", "key"), WITH_METRICS)
def test_metrics_equal_the_reference(tmp_path: Path, name: str, key: str) -> None:
    answer = ANSWERS[name][key]
    with canonical(tmp_path, name) as table:
        truth = column_named(table, ANSWERS[name]["redshift"]["column"])
        estimate = column_named(table, key.removeprefix("metrics_"))
        found = point_metrics(table, RoleMap({"redshift": truth, "z_phot": estimate}))
    assert found is not None
    assert (found.n, found.n_dropped) == (answer["n_used"], answer["n_dropped"])
    pairs = {
        "bias_median": found.bias,
        "sigma_nmad": found.sigma_nmad,
        "sigma_iqr": found.sigma_iqr,
        "sigma68": found.sigma_68,
        "rms": found.rms,
        "f_outlier_0p15": found.outlier_fraction,
    }
    for word, value in pairs.items():
        assert value == pytest.approx(answer[word], rel=1e-4, abs=1e-6), word

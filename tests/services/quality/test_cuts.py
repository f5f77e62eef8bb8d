"""Where a finding names its rows by a cut, the cut leaves exactly those rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from services.models.quality import QualityCheck
from services.models.roles import BandColumn, RoleMap
from services.quality.cuts import cut_of
from services.quality.report import build_report
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import bound_cut, kept_rows, role_words, scaled_error_columns
from services.statistics.range_words import CutWords
from tests.services.statistics.tables import canonical_table

BANDS = (BandColumn("i", "mag_i", "e_i", "mag"), BandColumn("g", "flux g", None, "flux"))
ROLES = RoleMap({"redshift": "my z", "z_phot": "zb", "ra": "ra", "dec": "dec"}, bands=BANDS)
GOOD = 40

ODD: Mapping[str, list[Any]] = {
    "my z": [np.nan, -99.0, 0.0001, -0.01, 13.0, -7.0, np.inf, 0.002, 1.5, 0.0, 12.0, 0.5],
    "zb": [0.5, 0.5, 0.0001, 3.0, 0.5, 20.0, 0.5, -99.0, 1.5, 0.15, 0.5, 0.726],
    "mag_i": [20.0, 99.0, np.nan, 41.0, 4.0, -99.0, 5.0, 24.0, 40.0, 0.0, 1.0, 23.0],
    "e_i": [0.0, -0.1, 99.0, 2.0, 2.5, np.nan, -1.0, -3.0, 0.1, 0.1, 0.1, 1e-9],
    "flux g": [np.nan, -99.0, -1.0, 0.0, 5.0, 9.0, np.inf, 1.0, 2.0, 3.0, 4.0, 5.0],
    "ra": [361.0, -181.0, 0.0, 0.0, 10.0, np.nan, -99.0, 360.0, 400.0, 0.0, 5.0, -180.0],
    "dec": [0.0, 0.0, 0.0, np.nan, -90.5, 91.0, 95.0, 90.0, -99.0, 1.0, 5.0, 0.0],
}


def _table(dtype: type, **more: Any) -> dict[str, Any]:
    rng = np.random.default_rng(2)
    usual = {"my z": 0.7, "zb": 0.71, "mag_i": 22.0, "e_i": 0.05, "flux g": 3.0, "ra": 20.0, "dec": 3.0}
    filled = {name: np.array([*odd, *(usual[name] + rng.uniform(0, 0.02, GOOD))], dtype) for name, odd in ODD.items()}
    return filled | more


def _words(table: CanonicalTable, roles: RoleMap, converted: frozenset[str] = frozenset()) -> CutWords:
    dtypes = {name: table.dtype(name) for name in table.names}
    return CutWords(dtypes, role_words(roles), converted, redshifts=scaled_error_columns(roles))


def _rows_left(table: CanonicalTable, roles: RoleMap, check: QualityCheck) -> list[int] | None:
    """Rows from 1 that the cut of a check leaves."""
    cut = cut_of(check, _words(table, roles))
    if cut is None:
        return None
    bound = bound_cut(table, roles, cut)
    assert bound is not None
    return [int(n) + 1 for n in np.flatnonzero(np.concatenate(list(kept_rows(table, bound))))]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_as_many_rows_pass_as_the_check_counted(tmp_path: Path, dtype: type) -> None:
    said = set()
    with canonical_table(tmp_path, _table(dtype)) as table:
        for check in build_report(table, ROLES, "training_set", ()).checks:
            rows = _rows_left(table, ROLES, check)
            if rows is not None:
                said.add((check.name, check.column))
                assert len(rows) == check.count, (check, rows)
                assert check.name == "point_quality" or tuple(rows[:5]) == check.example_rows, check
    assert said == {
        ("missing_redshift", "my z"),
        ("redshift_range", "my z"),
        ("stars", "my z"),
        ("missing_in_band", "mag_i"),
        ("missing_in_band", "flux g"),
        ("magnitude_range", "mag_i"),
        ("magnitude_errors", "e_i"),
        ("position_range", "ra, dec"),
        ("truth_leak", "zb, my z"),
        ("point_quality", "zb, my z"),
    }


def test_findings_of_other_kinds_and_empty_ones_have_no_cut(tmp_path: Path) -> None:
    roles = RoleMap({"redshift": "my z"})
    with canonical_table(tmp_path, {"my z": np.full(9, 0.5)}) as table:
        checks = build_report(table, roles, "training_set", ()).checks
        assert {_rows_left(table, roles, check) is None for check in checks} == {True}


def test_what_is_read_by_a_conversion_has_no_cut_but_where_the_file_is_looked_at(tmp_path: Path) -> None:
    with canonical_table(tmp_path, _table(np.float64)) as table:
        words = _words(table, ROLES, frozenset({"my z", "flux g"}))
        found = {
            (check.name, check.column)
            for check in build_report(table, ROLES, "training_set", ()).checks
            if cut_of(check, words) is not None
        }
    assert not {name for name, column in found if "my z" in column}
    assert ("missing_in_band", "flux g") in found


def test_outliers_have_no_cut_where_a_column_is_called_dz(tmp_path: Path) -> None:
    with canonical_table(tmp_path, _table(np.float64, dz=pa.array(np.zeros(len(ODD["ra"]) + GOOD)))) as table:
        checks = {check.name: check for check in build_report(table, ROLES, "training_set", ()).checks}
        assert checks["point_quality"].count > 0
        assert cut_of(checks["point_quality"], _words(table, ROLES)) is None

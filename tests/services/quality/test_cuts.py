"""Where a finding names its rows by a cut, the cut leaves exactly those rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from services.models.roles import BandColumn, RoleMap
from services.quality.cuts import cut_of
from services.quality.report import build_report
from services.statistics.cut_table import CutTable
from services.statistics.cuts import bound_cut
from tests.services.statistics.tables import canonical_table

ROLES = RoleMap({"redshift": "my z"}, bands=(BandColumn("i", "mag_i", None, "mag"),))


def test_as_many_rows_pass_as_the_check_counted(tmp_path: Path) -> None:
    z = np.array([np.nan, -99.0, 0.0001, -0.01, 0.5, 0.7, np.inf, 0.002, 1.5, 0.0])
    mag = np.array([20.0, 99.0, np.nan, 21.0, 22.0, -99.0, 23.0, 24.0, 25.0, 26.0])
    with canonical_table(tmp_path, {"my z": z, "mag_i": mag}) as table:
        checks = build_report(table, ROLES, "training_set", ()).checks
        counted = {}
        for check in checks:
            if (cut := cut_of(check)) is not None:
                bound = bound_cut(table, ROLES, cut)
                assert bound is not None
                with CutTable.of(table, bound) as left:
                    counted[check.name] = (left.n_rows, check.count)
    assert counted == {"missing_redshift": (3, 3), "stars": (3, 3), "missing_in_band": (3, 3)}


def test_findings_of_other_kinds_and_empty_ones_have_no_cut(tmp_path: Path) -> None:
    with canonical_table(tmp_path, {"my z": np.full(9, 0.5)}) as table:
        checks = build_report(table, RoleMap({"redshift": "my z"}), "training_set", ()).checks
    assert {cut_of(check) for check in checks} == {None}

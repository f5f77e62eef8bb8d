"""Every check: what it counts, which rows it names, when it warns, when it is silent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from services.columns.matching import guess_roles, role_map
from services.formats.registry import open_table
from services.jobs.merging import merged_columns
from services.models.quality import Level, QualityCheck, QualityReport, Verdict
from services.models.roles import BandColumn, RoleMap
from services.quality.findings import Limits
from services.quality.registry import CHECKS, checks_version
from services.quality.report import build_report, report_from_json, report_json
from services.statistics.canonical import CanonicalTable
from services.statistics.canonical_writer import write_canonical
from tests.services.statistics.tables import canonical_path, canonical_table

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"
ANSWERS = json.loads((DATA / "reference_answers.json").read_text())["files"] if DATA.is_dir() else {}
N = 2000


def good_columns() -> dict[str, Any]:
    """A training set nothing is wrong with."""
    rng = np.random.default_rng(7)
    i = rng.uniform(18, 24, N)
    return {
        "id": np.arange(N, dtype=np.int64) + 10**17,
        "ra": np.linspace(10, 20, N),
        "dec": np.linspace(-5, 5, N),
        "z": rng.uniform(0.05, 2, N),
        "flag": np.full(N, 4, dtype=np.int32),
        "g": i + 1.2,
        "r": i + 0.6,
        "i": i,
        "e_i": rng.uniform(0.01, 0.2, N),
    }


ROLES = RoleMap(
    columns={"id": "id", "ra": "ra", "dec": "dec", "redshift": "z", "z_flag": "flag"},
    bands=tuple(BandColumn(b, b, "e_i" if b == "i" else None, "mag", "mag") for b in "gri"),
)


def report(folder: Path, changes: dict[str, Any], roles: RoleMap = ROLES, kind: str = "training_set") -> QualityReport:
    with canonical_table(folder, good_columns() | changes) as table:
        return build_report(table, roles, kind)


def one(found: QualityReport, name: str, column: str | None = None) -> QualityCheck:
    matching = [check for check in found.checks if check.name == name and column in (None, check.column)]
    assert len(matching) == 1
    return matching[0]


def with_values(name: str, rows: Any, value: Any) -> dict[str, Any]:
    values = good_columns()[name].copy()
    values[rows] = value
    return {name: values}


def test_a_good_table_gets_a_good_verdict(tmp_path: Path) -> None:
    found = report(tmp_path, {})
    assert [check for check in found.checks if check.level is not Level.OK] == []
    assert found.verdict is Verdict.GOOD
    assert len({check.name for check in found.checks}) >= 14
    assert not any(check.advice for check in found.checks)


FAULTS: list[tuple[str, dict[str, Any], int, tuple[int, ...], Level]] = [
    ("missing_redshift", with_values("z", slice(4, 24), np.nan), 20, (5, 6, 7, 8, 9), Level.OK),
    ("missing_redshift", with_values("z", slice(4, 34), -99.0), 30, (5, 6, 7, 8, 9), Level.WARN),
    ("missing_redshift", with_values("z", slice(0, 401), 9.99), 401, (1, 2, 3, 4, 5), Level.SERIOUS),
    ("redshift_range", with_values("z", [7, 3], [25.0, -0.2]), 2, (4, 8), Level.WARN),
    ("redshift_range", with_values("z", slice(0, 21), 50.0), 21, (1, 2, 3, 4, 5), Level.SERIOUS),
    ("identical_redshifts", with_values("z", slice(0, 101), 0.5), 101, (1, 2, 3, 4, 5), Level.WARN),
    ("identical_redshifts", with_values("z", slice(0, 100), 0.5), 0, (), Level.OK),
    ("stars", with_values("z", slice(100, 112), 0.0), 12, (101, 102, 103, 104, 105), Level.WARN),
    ("insecure_flags", with_values("flag", [1, 9], 2), 2, (2, 10), Level.WARN),
    ("insecure_flags", with_values("flag", slice(0, 201), 12), 201, (1, 2, 3, 4, 5), Level.SERIOUS),
    ("position_range", with_values("dec", [1], 91.0), 1, (2,), Level.WARN),
    ("position_range", with_values("ra", [1], 361.0), 1, (2,), Level.WARN),
    ("repeated_ids", with_values("id", [0, 1], 5), 2, (1, 2), Level.WARN),
    ("repeated_ids", with_values("id", [0, 1], 9999), 0, (), Level.OK),
    ("missing_in_band", with_values("g", slice(0, 101), 99.0), 101, (1, 2, 3, 4, 5), Level.WARN),
    ("magnitude_range", with_values("g", slice(0, 3), 41.5), 3, (1, 2, 3), Level.WARN),
    ("magnitude_errors", with_values("e_i", [0, 5, 6], [0.0, -0.5, 2.5]), 3, (1, 6, 7), Level.WARN),
    ("magnitude_errors", with_values("e_i", [0, 5, 6], 99.0), 0, (), Level.OK),
]


@pytest.mark.parametrize(("name", "changes", "count", "rows", "level"), FAULTS)
def test_faults_are_counted_and_named(
    tmp_path: Path, name: str, changes: dict[str, Any], count: int, rows: tuple[int, ...], level: Level
) -> None:
    column = {"position_range": "ra, dec", "missing_in_band": "g", "magnitude_range": "g"}.get(name)
    found = one(report(tmp_path, changes), name, column)
    assert (found.count, found.example_rows, found.level) == (count, rows, level)
    assert found.fraction == count / N
    assert found.message.startswith(f"{count} of 2,000 rows ")
    assert bool(found.advice) is (level is not Level.OK)


def test_a_position_at_zero_zero_is_none(tmp_path: Path) -> None:
    found = one(report(tmp_path, with_values("ra", [3], 0.0) | with_values("dec", [3], 0.0)), "position_range")
    assert (found.count, found.example_rows) == (1, (4,))


def test_constant_positions_are_serious(tmp_path: Path) -> None:
    found = report(tmp_path, {"ra": np.full(N, 3.0)})
    assert one(found, "constant_position", "ra").level is Level.SERIOUS
    assert one(found, "constant_position", "dec").level is Level.OK
    assert found.verdict is Verdict.SERIOUS


def test_flags_as_text_count_by_the_number_they_begin_with(tmp_path: Path) -> None:
    flags = pa.array(["4.5", "1.5", "B*", None, "23", *["3"] * (N - 5)])
    assert one(report(tmp_path, {"flag": flags}), "insecure_flags").example_rows == (2,)


def test_zwarn_is_good_at_zero(tmp_path: Path) -> None:
    roles = RoleMap(columns={**ROLES.columns, "z_flag": "ZWARN"}, bands=ROLES.bands)
    flags = np.zeros(N, np.int32)
    flags[6] = 4
    found = one(report(tmp_path, {"ZWARN": flags}, roles), "insecure_flags")
    assert (found.count, found.example_rows) == (1, (7,))


def test_ids_as_text_are_compared_whole(tmp_path: Path) -> None:
    texts = [f"{n:06d}" for n in range(N)]
    texts[5] = texts[1500]
    texts[6] = texts[7] = ""
    found = one(report(tmp_path, {"id": pa.array(texts)}), "repeated_ids")
    assert (found.count, found.example_rows) == (2, (6, 1501))


def test_a_floor_of_the_errors_is_worth_a_note(tmp_path: Path) -> None:
    found = one(report(tmp_path, with_values("e_i", slice(0, 401), 0.005)), "error_floor")
    assert (found.level, "0.005" in found.message) == (Level.INFO, True)


def test_swapped_bands_show_in_the_colours(tmp_path: Path) -> None:
    columns = good_columns()
    found = report(tmp_path, {"g": columns["i"], "i": columns["g"]})
    assert one(found, "median_colours", "g, r").level is Level.WARN
    assert "g-r is -0.600" in one(found, "median_colours", "g, r").message


def test_a_narrow_pile_is_found(tmp_path: Path) -> None:
    z = np.random.default_rng(3).uniform(0.05, 2, N)
    z[:90] = np.linspace(0.7001, 0.7099, 90)
    found = one(report(tmp_path, {"z": np.where((z > 0.69) & (z < 0.72) & (np.arange(N) >= 90), 1.1, z)}), "pile_up")
    assert (found.level, found.count, found.example_rows) == (Level.WARN, 90, (1, 2, 3, 4, 5))
    assert "0.70 to 0.71" in found.message


def test_few_rows_warn_in_a_training_set_only(tmp_path: Path) -> None:
    few = {name: values[:999] for name, values in good_columns().items()}
    with canonical_table(tmp_path, few) as table:
        assert one(build_report(table, ROLES, "training_set"), "enough_rows").level is Level.WARN
        assert "enough_rows" not in {c.name for c in build_report(table, ROLES, "redshift_catalog").checks}


VALIDATION = RoleMap(columns={"redshift": "z", "z_phot": "zb", "pdf": "pdf"})


def test_leaks_poor_scatter_and_grid_ends(tmp_path: Path) -> None:
    truth = good_columns()["z"]
    estimate = truth + np.random.default_rng(5).normal(0, 0.4, N)
    estimate[:30] = truth[:30]
    estimate[30:60] = 6.0
    found = report(tmp_path, {"zb": estimate}, VALIDATION, "validation_results")
    assert (one(found, "truth_leak").count, one(found, "truth_leak").level) == (30, Level.WARN)
    assert one(found, "point_quality").level is Level.WARN
    last = next(check for check in found.checks if check.name == "grid_edges" and "last" in check.message)
    assert (last.count, last.level, last.example_rows[0]) == (30, Level.WARN, 31)


def test_pdfs_are_looked_at_one_by_one(tmp_path: Path) -> None:
    grid = np.linspace(0, 1, 21)
    pdfs = np.exp(-0.5 * ((grid - 0.5) / 0.1) ** 2) * np.ones((N, 1))
    pdfs /= pdfs.sum(axis=1, keepdims=True)
    pdfs[3, 4] = -0.1
    pdfs[5] = np.nan
    pdfs[8, 20] = 0.2
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(pdfs.ravel()), 21)
    found = report(tmp_path, {"zb": good_columns()["z"], "pdf": vectors}, VALIDATION, "validation_results")
    assert one(found, "pdf_negative").example_rows == (4,)
    assert one(found, "pdf_empty").example_rows == (6,)
    assert one(found, "pdf_at_the_edge").example_rows == (9,)
    assert one(found, "pdf_sums_to_one").level is Level.INFO


def test_quantiles_are_not_looked_at_as_densities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.full(3 * N, -0.01)), 3)
    columns = {"zb": good_columns()["z"], "pdf": vectors}
    assert one(report(tmp_path, columns, VALIDATION, "validation_results"), "pdf_negative").count == N
    monkeypatch.setattr("services.quality.estimates.form_of", lambda _: "quantiles")
    found = report(tmp_path, columns, VALIDATION, "validation_results")
    assert not [check for check in found.checks if check.name.startswith("pdf_")]


def test_a_table_without_any_role_is_checked_too(tmp_path: Path) -> None:
    assert report(tmp_path, {}, RoleMap(), "other").verdict is Verdict.GOOD


def test_redshifts_that_are_all_missing(tmp_path: Path) -> None:
    found = report(tmp_path, {"z": np.full(N, np.nan)})
    assert one(found, "missing_redshift").count == N
    assert found.verdict is Verdict.SERIOUS


def test_what_the_reader_noticed_is_a_warning(tmp_path: Path) -> None:
    with canonical_table(tmp_path, good_columns()) as table:
        found = build_report(table, ROLES, "training_set", ["line 7 has 3 values"])
    assert one(found, "reading").message == "line 7 has 3 values"
    assert found.verdict is Verdict.CHECK


def test_a_report_comes_back_as_it_was_stored(tmp_path: Path) -> None:
    found = report(tmp_path, with_values("z", slice(4, 34), -99.0))
    assert report_from_json(report_json(found)) == found
    assert found.version == checks_version()


def test_limits_are_passed_by_going_above_them() -> None:
    limits = Limits(0.01, 0.2)
    assert [limits.level(x) for x in (0.01, 0.011, 0.2, 0.21)] == [Level.OK, Level.WARN, Level.WARN, Level.SERIOUS]
    assert Limits(None, 0.0).level(0.0) is Level.OK


def test_rows_are_counted_over_all_row_groups(tmp_path: Path) -> None:
    n = 600_000
    z = np.full(n, 0.5) + np.arange(n) * 1e-7
    z[[5, 299_999, 599_999]] = 20.0
    path = canonical_path(tmp_path, {"z": z}, batch_rows=65_536)
    with CanonicalTable.open(path) as table:
        assert table.n_groups > 1
        found = one(build_report(table, RoleMap({"redshift": "z"}), "redshift_catalog"), "redshift_range")
    assert (found.count, found.example_rows) == (3, (6, 300_000, 600_000))


@pytest.mark.parametrize("name", sorted(name for name, answer in ANSWERS.items() if "n_rows" in answer))
def test_every_real_file_gets_a_report(tmp_path: Path, name: str) -> None:
    kinds = {"Spec-z Catalog": "redshift_catalog", "Training Set": "training_set"}
    kind = kinds.get(ANSWERS[name]["product_type"], "validation_results")
    reader = open_table(DATA / name, name)
    profiles = write_canonical(reader, tmp_path / "t.parquet").profiles
    reader.close()
    roles = role_map(merged_columns((), profiles, guess_roles(profiles, kind)))
    with CanonicalTable.open(tmp_path / "t.parquet") as table:
        found = build_report(table, roles, kind)
    ran = {check.name for check in found.checks}
    assert all(check.fraction <= 1 for check in found.checks)
    assert ("missing_redshift" in ran) == bool(roles.has("redshift") or roles.has("z_phot"))
    neighbours = ANSWERS[name].get("sky", {}).get("rows_with_neighbour_within_1arcsec")
    if neighbours is not None and "duplicates" in ran:
        assert one(found, "duplicates").count == neighbours
    stars = ANSWERS[name].get("redshift", {}).get("n_below_0p002")
    if stars is not None and "stars" in ran:
        assert one(found, "stars").count == stars


def test_every_check_has_a_name_of_its_own() -> None:
    assert len({row.name for row in CHECKS}) == len(CHECKS)

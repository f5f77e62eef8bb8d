"""Cuts on a table: two engines and plain Python agree on every row, and counts under cuts equal a numpy mask."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.columns.sentinels import sentinels
from services.cuts.parser import parse_cut
from services.cuts.sql import condition
from services.cuts.tree import (
    AllOf,
    AnyOf,
    Between,
    Comparison,
    Cut,
    CutError,
    Difference,
    Missing,
    Not,
    OneOf,
    Outside,
)
from services.models.roles import BandColumn, RoleMap
from services.models.statistics import Tally
from services.statistics import canonical, canonical_writer
from services.statistics.canonical import CanonicalTable
from services.statistics.cuts import bound_cut, kept_rows
from services.statistics.densities import density
from services.statistics.edges import multiples
from services.statistics.histograms import histogram
from services.statistics.measured import Measured
from services.statistics.validity import quantity_of
from tests.services.statistics.tables import canonical_path, canonical_table, redshifts, valid_redshifts

N = 3000
RNG = np.random.default_rng(6)
COLUMNS = {
    "z": redshifts(N),
    "mag": np.where(np.arange(N) % 9 == 0, np.nan, RNG.normal(24, 1, N)).astype(np.float32),
    "flag": RNG.integers(1, 5, N),
    "ra": RNG.uniform(0, 1, N),
}
CUT = "mag < 24.1 and flag >= 3 and ra between 0.25 and 0.75"

BIG = 2**60 + 1
ODD: dict[str, Any] = {
    "f32": np.array([0.38, 0.1, -0.0, 99.0, np.nan, np.inf, -np.inf, 3.4e38, 24.1, 0.5, 1e-45], np.float32),
    "f64": np.array([0.38, 0.1, -0.0, 9.99, np.nan, np.inf, -np.inf, 1e300, -0.05, 12.0, 5e-324]),
    "mag_i": np.array([24.1, 5.0, 40.0, 99.0, np.nan, 0.0, -99.0, 39.99, 5.001, 20.0, 20.0], np.float32),
    "z": np.array([0.38, 9.99, 12.0, -0.05, np.nan, -1.0, 0.0, 11.99, -0.04, 1.0, np.inf], np.float32),
    "id": pa.array([BIG, BIG + 1, 2**53, 2**53 + 1, -(2**63), 2**63 - 1, 0, 1, -1, 2, None], pa.int64()),
    "tiny": pa.array([-128, 127, 0, 1, 2, 3, None, 5, 6, 7, 99], pa.int8()),
    "large": pa.array([0, 1, 2**64 - 1, 2**63, 3, 4, 5, 6, 7, None, 9], pa.uint64()),
    "z_int": pa.array([-1, 0, 1, 5, 12, 11, 99, 3, 2, None, 4], pa.int32()),
    "name": pa.array(["a", "B", "é", "", None, "3", "3.5", "'", '"', "zz", "a"]),
    "good": pa.array([True, False, None, True, False, True, False, True, False, True, True]),
}
ROLES = RoleMap({"redshift": "z", "z_phot": "z_int"}, {}, (BandColumn("i", "mag_i", None, "mag"),))
VALID: dict[str, Callable[[float], bool]] = {
    "z": lambda x: -0.05 < x < 12 and x not in {float(np.float32(s)) for s in (9.99, 9.999, 9.9999, -1)},
    "z_int": lambda x: -0.05 < x < 12 and x != -1,
    "mag_i": lambda x: 5 < x < 40,
}
RANGES = {"z": (-0.05, 12), "z_int": (-0.05, 12), "mag_i": (5, 40)}
MARKS = {
    name: {float(np.float32(mark)) for mark in sentinels(role)}
    for name, role in (("z", "redshift"), ("z_int", "z_phot"), ("mag_i", "mag"))
}
SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne}
LARGEST = float(np.finfo(np.float32).max)
NUMERIC = [name for name in ODD if name not in ("name",)]
LITERALS = [0, 1, -1, 2**53, 2**53 + 1, BIG, 2**63 - 1, 2**63, 2**64, -(2**63), 10**300, 99, 127, 128, 12]
FRACTIONS = [0.38, 0.1, 24.1, 9.99, 0.5, -0.5, 1e-45, 1e300, -1e300, 3.4028236e38, 9007199254740993.5, -0.04, 5.001]


def _stored(name: str) -> list[Any]:
    values = ODD[name]
    return values.to_pylist() if isinstance(values, pa.Array) else [float(x) for x in values]


def _is_missing(name: str, value: Any) -> bool:
    if value is None or isinstance(value, str):
        return value is None
    if isinstance(value, float) and not math.isfinite(value):
        return True
    return name in VALID and not VALID[name](value)


def _literal(name: str, value: Any) -> Any:
    """As the column would hold it: literals are rounded like the values were."""
    if name in ("f32", "mag_i", "z") and abs(value) <= LARGEST:
        return float(np.float32(value))
    return float(value) if name == "f64" else value


def _naive(cut: Cut, row: int) -> bool | None:
    """Three-valued logic by the book: None stands for "unknown"."""
    if isinstance(cut, Not):
        inside = _naive(cut.part, row)
        return None if inside is None else not inside
    if isinstance(cut, AllOf | AnyOf):
        found = [_naive(part, row) for part in cut.parts]
        decisive = isinstance(cut, AnyOf)
        return decisive if decisive in found else None if None in found else not decisive
    if isinstance(cut.column, Difference) or cut.column == "dz":
        return _naive_derived(cut, row)
    value = _stored(cut.column)[row]
    if isinstance(cut, Outside):
        return _is_outside(cut.column, value) is cut.expected
    if isinstance(cut, Missing):
        return _is_missing(cut.column, value) is cut.expected
    return None if _is_missing(cut.column, value) else _naive_condition(cut, value)


def _is_outside(name: str, value: Any) -> bool:
    is_number = value is not None and math.isfinite(value)
    return is_number and name in RANGES and not RANGES[name][0] < value < RANGES[name][1] and value not in MARKS[name]


def _naive_derived(cut: Any, row: int) -> bool | None:
    """In double precision from the two numbers, both of which must count."""
    names = (cut.column.first, cut.column.second) if isinstance(cut.column, Difference) else ("z_int", "z")
    first, second = (_stored(name)[row] for name in names)
    is_missing = _is_missing(names[0], first) or _is_missing(names[1], second)
    value = math.nan if is_missing else float(first) - float(second)
    if cut.column == "dz" and not is_missing:
        value /= 1 + second
    if isinstance(cut, Missing):
        return (not math.isfinite(value)) is cut.expected
    if not math.isfinite(value):
        return None
    if isinstance(cut, Between):
        return bool(cut.low <= value <= cut.high)
    return value in cut.values if isinstance(cut, OneOf) else bool(SIGNS[cut.operator](value, cut.value))


def _naive_condition(cut: Any, value: Any) -> bool:
    if isinstance(cut, Between):
        return bool(_literal(cut.column, cut.low) <= value <= _literal(cut.column, cut.high))
    if isinstance(cut, OneOf):
        return any(value == _literal(cut.column, one) for one in cut.values)
    return bool(SIGNS[cut.operator](value, cut.value if isinstance(value, str) else _literal(cut.column, cut.value)))


literals = st.one_of(st.sampled_from(LITERALS), st.sampled_from(FRACTIONS), st.integers(-5, 130), st.floats(-50, 50))
texts = st.sampled_from(["a", "B", "é", "", "3", "zz", "z' or 1=1 --"])


def _conditions(columns: st.SearchStrategy[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Cut]:
    return st.one_of(
        st.builds(Comparison, columns, st.sampled_from(sorted(SIGNS)), values),
        st.builds(Between, columns, values, values),
        st.builds(OneOf, columns, st.lists(values, min_size=1, max_size=7).map(tuple)),
        st.builds(Missing, columns, st.booleans()),
    )


def _larger(smaller: st.SearchStrategy[Cut]) -> st.SearchStrategy[Cut]:
    several = st.lists(smaller, min_size=2, max_size=3).map(tuple)
    return st.one_of(smaller.map(Not), several.map(AllOf), several.map(AnyOf))


numeric = st.sampled_from(NUMERIC)
derived = st.one_of(st.builds(Difference, numeric, numeric), st.just("dz"))
small = st.one_of(st.sampled_from([0, 1, -1, 0.5, 0.0, -2]), st.floats(-3, 3))
conditions = st.one_of(
    _conditions(numeric, literals),
    _conditions(derived, small),
    _conditions(st.just("name"), texts),
    st.builds(Outside, numeric, st.booleans()),
)
cuts = st.recursive(conditions, _larger, max_leaves=6)


@pytest.fixture(scope="module")
def odd_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return canonical_path(tmp_path_factory.mktemp("cuts"), ODD)


def _by_masks(table: CanonicalTable, cut: Cut) -> list[int]:
    bound = bound_cut(table, ROLES, cut)
    assert bound is not None
    return [int(n) for n in np.flatnonzero(np.concatenate(list(kept_rows(table, bound))))]


def _by_sql(path: Path, table: CanonicalTable, cut: Cut) -> list[int]:
    bound = bound_cut(table, ROLES, cut)
    assert bound is not None
    asked = condition(bound, lambda name: f"c{table.names.index(name)}")
    places = ", ".join([*(f"c{k}" for k in range(len(table.names))), "n"])
    sql = f"SELECT n FROM read_parquet(?, file_row_number = true) AS t({places}) WHERE {asked.sql} ORDER BY n"
    with duckdb.connect() as connection:
        return [n for (n,) in connection.execute(sql, [str(path), *asked.values]).fetchall()]


@given(cuts)
@example(Not(Comparison("f64", ">", 1)))
@example(Not(OneOf("mag_i", (24.1, 99))))
@example(Comparison("f32", "<", 0.38))
@example(Not(Comparison("dz", ">", 0.15)))
@example(OneOf(Difference("mag_i", "f32"), (0.0, 19.5)))
@example(Not(OneOf(Difference("tiny", "id"), (0, 1))))
@example(Missing(Difference("f64", "good")))
@example(Outside("mag_i", expected=False))
@example(OneOf("large", (2**64 - 1, 2**64, -1)))
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_engines_and_plain_python_keep_the_same_rows(odd_path: Path, cut: Cut) -> None:
    expected = [row for row in range(len(ODD["f32"])) if _naive(cut, row)]
    with CanonicalTable.open(odd_path) as table:
        assert _by_masks(table, cut) == expected
        assert _by_sql(odd_path, table, cut) == expected


def _kept(path: Path, text: str) -> list[int]:
    with CanonicalTable.open(path) as table:
        return _by_masks(table, parse_cut(text))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("f32 = 0.38", [0]),
        ("f32 < 0.38", [1, 2, 10]),
        ("id = 1152921504606846978", [1]),
        ("id > 9007199254740992.5 and id < 1152921504606846978", [0, 3]),
        ("mag_i > 0", [0, 7, 8, 9, 10]),
        ("not mag_i > 20", [8, 9, 10]),
        ("mag_i is missing", [1, 2, 3, 4, 5, 6]),
        ("z is missing", [1, 2, 3, 4, 5, 10]),
        ("redshift < 1", [0, 6, 8]),
        ("good = 'true'", [0, 3, 5, 7, 9, 10]),
        ("good = 0", [1, 4, 6, 8]),
        ("name >= 'a' and not name in ('é', 'zz')", [0, 10]),
        ("name is missing or name = ''", [3, 4]),
        ("large > 9223372036854775808", [2]),
        ("z is outside", [2, 3]),
        ("mag_i is outside", [1, 2]),
        ("mag_i - f32 > 19", [0, 9, 10]),
        ("not mag_i - f32 > 19", [7, 8]),
        ("mag_i - f32 is missing", [1, 2, 3, 4, 5, 6]),
        ("dz < 0", [7]),
    ],
)
def test_missing_values_and_exact_numbers(odd_path: Path, text: str, rows: list[int]) -> None:
    assert _kept(odd_path, text) == rows


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("f32 < 1 and absent > 2", 13, 'no column "absent"'),
        ("name > 3", 1, "in quotes"),
        ("f32 > '3'", 1, "without quotes"),
        ("good = 'maybe'", 1, "true or false"),
        ("F32 > 3", 1, 'no column "F32"'),
        ("f32 < 1 and f64 - absent > 2", 13, 'no column "absent"'),
        ("f32 - name > 3", 1, "nothing differs from it"),
        ("f32 - f64 > 'a'", 1, "gives numbers"),
        ("f32 - f64 is outside", 1, "no range"),
        ("name is outside", 1, "no range"),
    ],
)
def test_a_cut_that_does_not_fit_the_table_is_refused(odd_path: Path, text: str, at: int, words: str) -> None:
    with CanonicalTable.open(odd_path) as table, pytest.raises(CutError, match=words) as refused:
        bound_cut(table, ROLES, text)
    assert refused.value.at == at
    assert f"character {at}" in refused.value.message


def test_vectors_are_missing_or_not_and_never_compared(tmp_path: Path) -> None:
    numbers = np.array([[1.0, np.nan], [np.nan, np.nan], [0.0, 0.0]], np.float32)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(numbers.reshape(-1)), 2)
    path = canonical_path(tmp_path, {"pdf": vectors})
    with CanonicalTable.open(path) as table:
        for text, rows in (("pdf is missing", [1]), ("pdf is not missing", [0, 2]), ("not pdf is missing", [0, 2])):
            assert _by_masks(table, parse_cut(text)) == _by_sql(path, table, parse_cut(text)) == rows
        with pytest.raises(CutError, match="several numbers"):
            bound_cut(table, RoleMap(), "pdf > 1")


def test_no_cut_is_no_cut(odd_path: Path) -> None:
    with CanonicalTable.open(odd_path) as table:
        assert bound_cut(table, ROLES, None) is None


def _keep() -> np.ndarray:
    mag = COLUMNS["mag"].astype(float) < np.float64(np.float32(24.1))
    return mag & (COLUMNS["flag"] >= 3) & (COLUMNS["ra"] >= 0.25) & (COLUMNS["ra"] <= 0.75)


@pytest.mark.parametrize("edges", [multiples(0.1, 0, 120), np.array([0.0, 0.1, 0.5, 3.0])])
def test_counts_under_a_cut_equal_a_numpy_mask(tmp_path: Path, edges: np.ndarray) -> None:
    with canonical_table(tmp_path, COLUMNS) as table:
        found = histogram(table, Measured("z", "z", quantity_of("redshift")), edges, bound_cut(table, RoleMap(), CUT))
    good = valid_redshifts(COLUMNS["z"][_keep()])
    assert (found.counts == np.histogram(good, edges)[0]).all()
    assert (found.tally.n_cut, found.tally.n_missing) == (N - _keep().sum(), _keep().sum() - good.size)
    assert found.tally.n_shown + found.tally.n_missing + found.tally.n_outside + found.tally.n_cut == N


def test_a_map_under_a_cut_equals_a_numpy_mask(tmp_path: Path) -> None:
    edges = multiples(0.5, 40, 56), multiples(0.1, 0, 10)
    with canonical_table(tmp_path, COLUMNS) as table:
        found = density(
            table, Measured("mag", "mag"), Measured("ra", "ra"), edges, bound_cut(table, RoleMap(), "flag in (1, 3)")
        )
    keep = np.isin(COLUMNS["flag"], (1, 3)) & ~np.isnan(COLUMNS["mag"])
    expected = np.histogram2d(COLUMNS["ra"][keep], COLUMNS["mag"][keep].astype(float), (edges[1], edges[0]))[0]
    assert (found.counts == expected).all()
    assert found.tally.n_cut == N - np.isin(COLUMNS["flag"], (1, 3)).sum()


def test_two_threads_count_what_one_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured, edges = Measured("z", "z", quantity_of("redshift")), multiples(0.1, 0, 120)
    mag, mag_edges = Measured("mag", "mag"), multiples(0.5, 30, 60)
    with _small_groups(tmp_path, monkeypatch) as table:
        assert table.n_groups == N / 100
        alone = _counted(table, measured, edges, mag, mag_edges)
    monkeypatch.setattr(canonical, "KEEP_BYTES", 0)
    with _small_groups(tmp_path, monkeypatch) as table:
        parts: list[list[Any]] = table.tallied((("z", ""),), list, lambda state, chunk: state.append(chunk[0]))
        together = _counted(table, measured, edges, mag, mag_edges)
    assert len(parts) == canonical.WORKERS
    everything = np.concatenate([values for part in parts for values in part])
    assert np.array_equal(np.sort(everything), np.sort(COLUMNS["z"]), equal_nan=True)
    assert [tally for _, tally in together] == [tally for _, tally in alone]
    for (counts, _), (expected, _) in zip(together, alone, strict=True):
        assert (counts == expected).all()


def test_results_of_two_threads_come_in_the_order_asked_for(tmp_path: Path) -> None:
    with canonical_table(tmp_path, COLUMNS) as table:
        found = table.each(table.names, lambda one, name: (one, name, one.memo))
    assert [name for _, name, _ in found] == list(COLUMNS)
    assert all(memo is table.memo and one is not table for one, _, memo in found)


def test_an_error_in_one_of_two_threads_ends_both(tmp_path: Path) -> None:
    def fail(_table: CanonicalTable, name: str) -> None:
        raise LookupError(name)

    with canonical_table(tmp_path, COLUMNS) as table, pytest.raises(LookupError):
        table.each(table.names, fail)


def _small_groups(folder: Path, monkeypatch: pytest.MonkeyPatch) -> CanonicalTable:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 100)
    return canonical_table(folder, COLUMNS)


def _counted(
    table: CanonicalTable, z: Measured, z_edges: np.ndarray, mag: Measured, mag_edges: np.ndarray
) -> list[tuple[np.ndarray, Tally]]:
    cut = bound_cut(table, RoleMap(), CUT)
    found = (
        histogram(table, z, z_edges),
        histogram(table, z, z_edges, cut),
        density(table, mag, z, (mag_edges, z_edges)),
        density(table, mag, z, (mag_edges, z_edges), cut),
    )
    return [(one.counts, one.tally) for one in found]


def test_an_error_in_a_thread_reaches_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "KEEP_BYTES", 0)
    with _small_groups(tmp_path, monkeypatch) as table, pytest.raises(ValueError, match="no transform"):
        table.tallied((("z", "unheard_of"),), list, lambda state, chunk: None)

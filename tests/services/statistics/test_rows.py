"""Pages of rows: order, filters and values, with NaN never taken for a number."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.errors import InvalidInput
from services.models.queries import ColumnFilter, TableQuery
from services.statistics import canonical_writer
from services.statistics.rows import DEEPEST_SORTED_ROW, table_page
from tests.services.statistics.tables import canonical_path

N = 500
RNG = np.random.default_rng(4)
MAG = np.where(np.arange(N) % 9 == 0, np.nan, RNG.integers(180, 260, N) / 10).astype(np.float32)
NAMES = [None if k % 11 == 0 else f"00{k % 7}Äbc" for k in range(N)]
FLAGS = [None if k % 13 == 0 else k % 4 for k in range(N)]
COLUMNS: dict[str, Any] = {
    "id": np.arange(N) + 2**60 + 1,
    "mag": MAG,
    "z": RNG.random(N),
    "name": pa.array(NAMES),
    "flag": pa.array(FLAGS, pa.int16()),
    "good": np.arange(N) % 2 == 0,
    'odd "name"; --': np.arange(N, dtype=np.float64),
    "pdf": pa.FixedSizeListArray.from_arrays(pa.array(np.arange(10.0 * N).astype(np.float32)), 10),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canonical_writer, "GROUP_ROWS", 150)
        return canonical_path(tmp_path_factory.mktemp("rows"), COLUMNS, batch_rows=64)


def numbers(path: Path, **query: Any) -> list[int]:
    return [n - 1 for n in table_page(path, TableQuery(**query)).row_numbers]


def test_an_unsorted_page_is_the_file(path: Path) -> None:
    page = table_page(path, TableQuery(offset=145, limit=10))
    assert page.row_numbers == tuple(range(146, 156))
    assert (page.n_total, page.n_matching) == (N, N)
    assert page.columns == tuple(COLUMNS)
    assert [row[0] for row in page.rows] == [str(2**60 + 1 + k) for k in range(145, 155)]


def test_columns_whose_names_differ_in_case_only_are_apart(tmp_path: Path) -> None:
    upper, lower = np.arange(5.0), np.arange(5.0)[::-1].copy()
    twins = canonical_path(tmp_path, {"Z": upper, "z": lower, "RA": upper, "ra": lower})
    page = table_page(twins, TableQuery(limit=2))
    assert page.rows == ((0.0, 4.0, 0.0, 4.0), (1.0, 3.0, 1.0, 3.0))
    assert numbers(twins, sort=("z",), columns=("Z",), limit=1) == [4]
    assert table_page(twins, TableQuery(columns=("z",), limit=1)).rows == ((4.0,),)
    assert numbers(twins, filters=(ColumnFilter("z", ">", 3.5),)) == [0]


def test_a_column_may_have_the_name_the_engine_gives_to_row_numbers(tmp_path: Path) -> None:
    odd = canonical_path(tmp_path, {"File_Row_Number": np.arange(100.0)[::-1].copy(), "row_number": np.arange(100.0)})
    page = table_page(odd, TableQuery(sort=("File_Row_Number",), limit=2))
    assert (page.row_numbers, page.rows) == ((100, 99), ((0.0, 99.0), (1.0, 98.0)))
    assert numbers(odd, filters=(ColumnFilter("row_number", "<", 2),)) == [0, 1]
    assert table_page(odd, TableQuery(offset=50, limit=1)).rows == ((49.0, 50.0),)


def test_values_show_as_the_source_wrote_them(path: Path) -> None:
    (row,) = table_page(path, TableQuery(columns=("mag", "name", "flag", "good", "pdf"), offset=1, limit=1)).rows
    assert row[0] == float(str(MAG[1]))
    assert row[1:4] == ("001Äbc", 1, False)
    assert row[4] == "[10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, … 2 more]"
    (first,) = table_page(path, TableQuery(columns=("mag", "name", "flag"), limit=1)).rows
    assert first == (None, None, None)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("name", "values"), [("mag", MAG), ("flag", FLAGS), ("name", NAMES)])
def test_sorted_pages_put_missing_values_last_and_ties_in_file_order(
    path: Path, name: str, values: Any, descending: bool
) -> None:
    here = [k for k in range(N) if values[k] is not None and values[k] == values[k]]
    missing = [k for k in range(N) if k not in set(here)]
    ordered = sorted(here, key=lambda k: values[k], reverse=descending)
    if descending:  # Python keeps ties in order in both directions, as we do
        ordered = sorted(here, key=lambda k: k)
        ordered.sort(key=lambda k: values[k], reverse=True)
    expected = ordered + missing
    sort = (f"-{name}" if descending else name,)
    walked = [n for offset in range(0, N, 60) for n in numbers(path, sort=sort, offset=offset, limit=60)]
    assert walked == expected


def test_several_columns_sort_one_after_the_other(path: Path) -> None:
    expected = sorted(
        range(N), key=lambda k: (FLAGS[k] is None, FLAGS[k] or 0, np.isnan(MAG[k]), -np.nan_to_num(MAG[k]), k)
    )
    assert numbers(path, sort=("flag", "-mag"), limit=N) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (ColumnFilter("mag", ">", 24), MAG > 24),
        (ColumnFilter("mag", "!=", 24), (MAG != 24) & ~np.isnan(MAG)),
        (ColumnFilter("mag", "=", 24.1), np.float32(24.1) == MAG),
        (ColumnFilter("mag", ">=", "20.3"), np.float32(20.3) <= MAG),
        (ColumnFilter("mag", "between", 20, 21.5), (MAG >= 20) & (MAG <= 21.5)),
        (ColumnFilter("mag", "missing"), np.isnan(MAG)),
        (ColumnFilter("mag", "not_missing"), ~np.isnan(MAG)),
        (ColumnFilter("flag", "missing"), [f is None for f in FLAGS]),
        (ColumnFilter("flag", ">", 2), [f is not None and f > 2 for f in FLAGS]),
        (ColumnFilter("flag", "<", 1.5), [f is not None and f < 1.5 for f in FLAGS]),
        (ColumnFilter("name", "contains", "3ä"), [n == "003Äbc" for n in NAMES]),
        (ColumnFilter("name", "starts_with", "005"), [n == "005Äbc" for n in NAMES]),
        (ColumnFilter("name", "=", "005Äbc"), [n == "005Äbc" for n in NAMES]),
        (ColumnFilter("id", "=", 2**60 + 8), [k == 7 for k in range(N)]),
        (ColumnFilter("id", "=", str(2**60 + 8)), [k == 7 for k in range(N)]),
        (ColumnFilter("good", "=", "true"), [k % 2 == 0 for k in range(N)]),
        (ColumnFilter('odd "name"; --', "<", 3), [k < 3 for k in range(N)]),
        (ColumnFilter("name", "=", "x' OR 1=1 --"), [False] * N),
    ],
)
def test_filters_select_what_plain_python_selects(path: Path, one: ColumnFilter, expected: Any) -> None:
    page = table_page(path, TableQuery(filters=(one,), limit=N))
    assert [n - 1 for n in page.row_numbers] == np.flatnonzero(expected).tolist()
    assert page.n_matching == np.count_nonzero(expected)


@given(
    low=st.floats(17, 27),
    operator=st.sampled_from(["<", "<=", ">", ">=", "!="]),
    sort=st.sampled_from([(), ("mag",), ("-z",)]),
)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_comparison_ever_lets_a_missing_value_through(
    path: Path, low: float, operator: str, sort: tuple[str, ...]
) -> None:
    page = table_page(path, TableQuery(("mag",), (ColumnFilter("mag", operator, low),), sort, limit=N))
    assert all(value is not None for (value,) in page.rows)


def test_filters_are_joined_by_and(path: Path) -> None:
    found = numbers(
        path, filters=(ColumnFilter("good", "=", True), ColumnFilter("flag", "=", 2)), sort=("-z",), limit=N
    )
    expected = [k for k in range(N) if k % 2 == 0 and FLAGS[k] == 2]
    assert found == sorted(expected, key=lambda k: -COLUMNS["z"][k])


@pytest.mark.parametrize(
    "query",
    [
        TableQuery(columns=("nowhere",)),
        TableQuery(sort=("z; DROP TABLE x",)),
        TableQuery(sort=("pdf",)),
        TableQuery(filters=(ColumnFilter("z", "like", "x"),)),
        TableQuery(filters=(ColumnFilter("z", "<", "deep"),)),
        TableQuery(filters=(ColumnFilter("pdf", "<", 1),)),
        TableQuery(offset=-1),
        TableQuery(sort=("z",), offset=DEEPEST_SORTED_ROW),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(path: Path, query: TableQuery) -> None:
    with pytest.raises(InvalidInput, match=r"\.$"):
        table_page(path, query)


def test_a_page_beyond_the_end_is_empty(path: Path) -> None:
    page = table_page(path, TableQuery(offset=N + 5, limit=10))
    assert (page.rows, page.row_numbers, page.n_total) == ((), (), N)


def test_a_changed_file_is_counted_anew(tmp_path: Path) -> None:
    query = TableQuery(filters=(ColumnFilter("x", ">", 0),))
    first = table_page(canonical_path(tmp_path, {"x": np.ones(3)}), query)
    second = table_page(canonical_path(tmp_path, {"x": np.ones(40)}), query)
    assert (first.n_matching, second.n_matching) == (3, 40)


def test_a_process_made_by_fork_opens_a_connection_of_its_own(path: Path) -> None:
    table_page(path, TableQuery(sort=("z",), limit=5))
    child = os.fork()
    if child == 0:
        os._exit(0 if len(table_page(path, TableQuery(sort=("z",), limit=5)).rows) == 5 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

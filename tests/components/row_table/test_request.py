"""Requests of the grid."""

from __future__ import annotations

from typing import Any

import pytest

from components.row_table.layout import column_definitions, count_label, grid_rows, shown_value
from components.row_table.request import MOST_ROWS, table_query
from services.errors import InvalidInput
from services.models.products import ProductColumn
from services.models.queries import ColumnFilter, TablePage

COLUMNS = ("id", "z.spec", "survey")


def asked(**request: Any) -> Any:
    return table_query({"startRow": 0, "endRow": 100, **request}, COLUMNS, COLUMNS)


def test_places_become_columns_also_those_with_dots() -> None:
    query = asked(startRow=200, endRow=300, sortModel=[{"colId": "c1", "sort": "desc"}, {"colId": "c0", "sort": "asc"}])
    assert query.sort == ("-z.spec", "id")
    assert (query.offset, query.limit) == (200, 100)


def test_filters_are_translated() -> None:
    model = {
        "c1": {"filterType": "number", "type": "inRange", "filter": 0.1, "filterTo": 0.5},
        "c2": {"operator": "AND", "conditions": [{"type": "contains", "filter": "DESI"}, {"type": "notBlank"}]},
    }
    assert asked(filterModel=model).filters == (
        ColumnFilter("z.spec", "between", 0.1, 0.5),
        ColumnFilter("survey", "contains", "DESI"),
        ColumnFilter("survey", "not_missing"),
    )


@pytest.mark.parametrize("field", ["c3", "c-1", "z.spec", "row", "c1; DROP TABLE", None])
def test_only_places_of_the_table_are_taken(field: str | None) -> None:
    with pytest.raises(InvalidInput):
        asked(sortModel=[{"colId": field, "sort": "asc"}])


def test_unknown_conditions_are_refused() -> None:
    with pytest.raises(InvalidInput):
        asked(filterModel={"c1": {"type": "regex", "filter": ".*"}})


def test_nobody_gets_the_whole_table_at_once() -> None:
    assert asked(endRow=10_000_000).limit == MOST_ROWS


def test_rows_carry_number_and_exact_texts() -> None:
    page = TablePage(("id", "z.spec"), (("900000000000000001", None),), (7,), 1, 10)
    assert grid_rows(page, {"id": 0, "z.spec": 1}) == [{"row": 7, "c0": "900000000000000001", "c1": None}]
    assert count_label(page) == "1 of 10 rows match"


def test_vectors_are_cut_to_their_first_numbers() -> None:
    assert shown_value([0.10000000149, 2, 3, 4, 5]) == "[0.1, 2, 3, 4, … 5 values]"
    assert shown_value("a") == "a"


def test_numbers_get_number_filters_and_units_stand_in_the_heading() -> None:
    columns = [
        ProductColumn(1, 7, "ra", 0, "float64", unit="deg"),
        ProductColumn(2, 7, "pdf", 1, "vector<float32>[3]"),
    ]
    _, ra, pdf = column_definitions(columns, ["0", "1"])
    assert (ra["headerName"], ra["filter"]) == ("ra [deg]", "agNumberColumnFilter")
    assert (pdf["filter"], pdf["sortable"]) == (False, False)


def test_headings_have_room_for_their_last_letters() -> None:
    names = ("z", "mag_err_g_lsst", "a" * 200)
    columns = [ProductColumn(place, 7, name, place, "float64", unit="mag") for place, name in enumerate(names)]
    short, band, endless = (found["width"] for found in column_definitions(columns, ["0", "1", "2"])[1:])
    assert short < band < endless
    assert band > 8 * len("mag_err_g_lsst [mag]")
    assert endless < 400


def test_numbers_with_decimals_are_filtered_by_a_range_at_first() -> None:
    columns = [ProductColumn(0, 7, "z_spec", 0, "float64"), ProductColumn(1, 7, "z_flag", 1, "int64")]
    _, z_spec, z_flag = column_definitions(columns, ["0", "1"])
    assert z_spec["filterParams"]["defaultOption"] == "inRange"
    assert "defaultOption" not in z_flag["filterParams"]

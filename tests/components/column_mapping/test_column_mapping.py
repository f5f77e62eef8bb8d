"""Columns tab."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.column_mapping.layout import column_panel, column_row, parsed_role, role_options, role_value
from services.models.products import ProductColumn
from services.models.roles import RoleMap
from services.models.statistics import ColumnStatistics
from services.object_pdfs import PdfRedshifts
from tests.components.tree import elements, find, words
from tests.components.values import product


def column(name: str, place: int = 0, **more: Any) -> ProductColumn:
    return ProductColumn(place, 7, name, place, more.pop("dtype", "float64"), **more)


def facts(panel: Any, name: str) -> Any:
    for element in elements(panel):
        if text := element.to_plotly_json()["props"].get(name):
            return json.loads(text)
    raise AssertionError(name)


@pytest.mark.parametrize(("role", "band"), [(None, None), ("ra", None), ("mag", "i"), ("flux", "f814w")])
def test_choices_keep_role_and_band(role: str | None, band: str | None) -> None:
    assert parsed_role(role_value(role, band)) == (role, band)


def test_bands_of_the_table_are_offered_too() -> None:
    values = [value for value, _ in role_options([column("f814w", role="mag", band="f814w")])]
    assert {"none", "redshift", "mag:u", "mag:Ks", "mag_err:f814w"} <= set(values)
    assert len(values) == len(set(values))


def test_a_row_says_role_reason_and_numbers() -> None:
    numbers = ColumnStatistics(
        "Z", "float32", 100, 95, 5, n_sentinel=3, min=0.1, median=0.38000001, max=2.0, sparkline=(1, 2)
    )
    row = column_row(4, column("Z", role="redshift", how="ucd", unit=None), numbers)
    assert (row["place"], row["role"], row["found"]) == (4, "redshift", "by UCD")
    assert (row["min"], row["median"], row["max"], row["missing"]) == ("0.1", "0.38", "2", "8")
    assert row["spark"] == [1, 2]


def test_identifiers_are_not_shown_as_rounded_numbers() -> None:
    numbers = ColumnStatistics("id", "int64", 9, 9, 0, min=9e17, median=9e17, max=9e17)
    assert column_row(0, column("id", role="id"), numbers)["max"] == "–"


def test_open_roles_come_first_with_their_candidates() -> None:
    columns = [column("ra_a", 0), column("ra_b", 1), column("z", 2, role="redshift", how="name")]
    roles = RoleMap({"redshift": "z"}, candidates={"ra": ("ra_a", "ra_b")})
    panel = column_panel(product(), columns, roles, {}, can_edit=True)
    buttons = find(panel, "Button")
    assert [words(button) for button in buttons] == ["ra_a", "ra_b"]
    assert buttons[1].to_plotly_json()["props"]["data-role-value"] == "ra"
    assert buttons[1].to_plotly_json()["props"]["data-role-place"] == "1"
    assert "Declination  (needed to publish)" in words(panel)


def test_people_who_may_not_edit_get_no_choices() -> None:
    panel = column_panel(product(), [column("z", role="redshift")], RoleMap(), {}, can_edit=False)
    assert facts(panel, "data-role-options") == []
    assert facts(panel, "data-column-rows")[0]["role_words"].startswith("Redshift")


def test_wide_tables_come_in_pages() -> None:
    columns = [column(f"c{place}", place) for place in range(250)]
    panel = column_panel(product(), columns, RoleMap(), {}, can_edit=True, start=200)
    rows = facts(panel, "data-column-rows")
    assert (len(rows), rows[0]["place"], rows[0]["name"]) == (50, 200, "c200")
    assert find(panel, "Link", href="/product/7_deep_field?tab=columns&from=100")


@pytest.mark.parametrize(
    ("found", "can_edit", "told"),
    [
        (None, True, None),
        (PdfRedshifts("pz", 61, 0.0, 3.0), True, None),
        (PdfRedshifts("pz", 61), True, "does not say at which redshifts"),
        (PdfRedshifts("pz", 61), False, "does not say at which redshifts"),
        (PdfRedshifts("pz", 61, 0.0, 3.0, by_owner=True), True, "evenly spaced redshifts from 0 to 3"),
    ],
)
def test_redshifts_of_pdfs_are_asked_for_where_the_file_has_none(
    found: PdfRedshifts | None, can_edit: bool, told: str | None
) -> None:
    panel = column_panel(product(), [column("pz")], RoleMap(), {}, can_edit=can_edit, pdfs=found)
    assert ("Redshifts of the PDFs" in words(panel)) == (told is not None)
    assert (told or "") in words(panel)
    fields = [field.to_plotly_json()["props"]["value"] for field in find(panel, "Input")]
    assert fields == ([found.first, found.last, "pz"] if told and can_edit and found else [])

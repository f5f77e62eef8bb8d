"""The cut of a product page on real services: what typing, chips, ranges and drags answer, what is shown then."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from app import create_app
from components.cut_bar.callbacks import add_condition, apply_cut, drag_cut, remove_part, set_ranges
from components.explore.callbacks import show_plots
from components.row_table.callbacks import show_rows
from services.container import Container
from services.errors import NotFound
from services.models.identity import Actor
from services.models.products import Product
from tests.components.tree import elements, find, words
from tests.support.ingests import N_ROWS, catalogue_csv, ingested
from tests.support.products import draft, person

CUT = "mag_i < 22.5 and redshift between 0.2 and 1.2"
UNCHANGED = (no_update, no_update)
PLACES = [{"index": "n_z"}, {"index": "magnitudes"}]


@pytest.fixture
def catalogue(sqlite_container: Container, owner: Actor) -> Product:
    """A catalogue that has been read."""
    return ingested(sqlite_container, owner, catalogue_csv())


@pytest.fixture
def chosen() -> np.ndarray:
    """Redshifts of the rows that pass, by numpy."""
    table = np.array([line.split(",") for line in catalogue_csv().decode().split()[1:]], dtype=np.float64)
    z, mag = table[:, 3], table[:, 6]
    return z[(mag < 22.5) & (z >= 0.2) & (z <= 1.2)]


def test_a_typed_cut_is_written_in_one_way(catalogue: Product) -> None:
    found = apply_cut(1, None, " mag_i<22.5 AND redshift between 0.2 and 1.2", catalogue.id, None)
    assert found == (CUT, CUT, "")
    assert apply_cut(1, None, CUT, catalogue.id, CUT) == (no_update, CUT, "")
    assert apply_cut(1, None, "  ", catalogue.id, CUT) == (None, "", "")


@pytest.mark.parametrize(("text", "place"), [("mag_i < ", "character 9"), ("a = 1 and b", "character 12")])
def test_a_wrong_cut_changes_nothing_but_the_message(catalogue: Product, text: str, place: str) -> None:
    *rest, message = apply_cut(1, None, text, catalogue.id, CUT)
    assert tuple(rest) == UNCHANGED
    assert place in message
    *rest, message = apply_cut(1, None, "mag_q < 24", catalogue.id, CUT)
    assert tuple(rest) == UNCHANGED
    assert 'no column "mag_q"' in message


def test_chips_are_taken_out_one_by_one(catalogue: Product) -> None:
    assert remove_part(0, catalogue.id, CUT)[0] == "redshift between 0.2 and 1.2"
    assert remove_part(0, catalogue.id, "mag_i < 22.5") == (None, "", "")


def test_ranges_go_into_the_cut_and_fields_as_they_are_change_nothing(catalogue: Product) -> None:
    assert set_ranges([0.2, None], [1.2, 23], PLACES, catalogue.id, "z_flag = 4")[0] == (
        "z_flag = 4 and redshift between 0.2 and 1.2 and mag_i <= 23"
    )
    assert set_ranges([None, None], [None, None], PLACES, catalogue.id, "redshift >= 0.2") == (None, "", "")
    with pytest.raises(PreventUpdate):
        set_ranges([0.2, None], [1.2, 22.5], PLACES, catalogue.id, CUT)


def test_a_drag_sets_the_range_of_its_columns(catalogue: Product) -> None:
    dragged = {"ranges": [["redshift", 0.25, 0.75], ["ra", 150, 150.5]]}
    assert drag_cut(dragged, catalogue.id, CUT)[0] == (
        "mag_i < 22.5 and redshift between 0.25 and 0.75 and ra between 150.0 and 150.5"
    )
    assert drag_cut({"value": ["z_flag", 4]}, catalogue.id, None)[0] == "z_flag = 4"
    for nothing in (None, {"ranges": [["nothing", 0, 1]]}):
        with pytest.raises(PreventUpdate):
            drag_cut(nothing, catalogue.id, CUT)


def test_conditions_on_any_column_are_added_or_refused_with_a_reason(catalogue: Product) -> None:
    assert add_condition(1, "z_err", None, 0.1, None, catalogue.id, "z_flag = 4")[0] == (
        "z_flag = 4 and redshift_err <= 0.1"
    )
    assert "no column" in add_condition(1, "nothing", 0, 1, None, catalogue.id, None)[2]
    with pytest.raises(PreventUpdate):
        add_condition(None, "z_err", 0, 1, None, catalogue.id, None)


def test_every_plot_whose_axes_are_columns_says_so(catalogue: Product) -> None:
    around = [
        one.to_plotly_json()["props"]
        for one in elements(show_plots("", None, None, catalogue.id)[0])
        if hasattr(one, "role")
    ]
    axes = [json.loads(props["data-cut-axes"]) for props in around if "data-cut-axes" in props]
    assert {"x": "redshift"} in axes
    assert {"x": "ra", "y": "dec"} in axes
    assert {"x": "mag_i", "y": "redshift"} in axes
    assert any(one.get("category") == "z_flag" for one in axes)


def test_plots_and_counts_follow_the_cut(catalogue: Product, chosen: np.ndarray) -> None:
    shown, fields, chips, no_chips, counts, message, *_ = show_plots("", CUT, None, catalogue.id)
    assert counts == f"{chosen.size} shown / {N_ROWS} total / {N_ROWS - chosen.size} cut away"
    assert f"{chosen.size} shown / {N_ROWS} total / 0 missing · {N_ROWS - chosen.size} cut away" in words(shown)
    assert [chip.children[0].children for chip in chips] == CUT.split(" and ", 1)
    assert (no_chips, message) == (False, "")
    assert [field.value for field in find(fields, "Input")] == [0.2, 1.2, None, 22.5]


@pytest.mark.parametrize("cut", ["mag_q < 24", "mag_i <", "'"])
def test_a_broken_cut_of_an_address_is_left_out_with_a_note(catalogue: Product, cut: str) -> None:
    shown, _, chips, no_chips, counts, message, *_ = show_plots("", cut, None, catalogue.id)
    assert find(shown, "Graph")
    assert (chips, no_chips) == ([], True)
    assert counts.startswith(f"{N_ROWS} shown")
    assert message.startswith("The cut in the address was left out, so all rows are shown.")
    assert show_rows({"startRow": 0, "endRow": 5}, catalogue.id, ["0"], cut)[1] == f"{N_ROWS} rows"


def test_rows_follow_the_cut(catalogue: Product, chosen: np.ndarray) -> None:
    answer, label = show_rows({"startRow": 0, "endRow": 400}, catalogue.id, ["3"], CUT)
    assert [row["c3"] for row in answer["rowData"]] == list(chosen)
    assert label == f"{chosen.size} of {N_ROWS} rows match"


def test_pages_carry_the_cut_of_their_address(sqlite_container: Container, catalogue: Product) -> None:
    create_app(sqlite_container.settings)
    layout: Any = importlib.import_module("pages.product").layout
    page = layout(internal_name=catalogue.internal_name, cut="z_spec < 1")
    assert find(page, "Store", id="product-cut", data="z_spec < 1")
    carriers = [link.href for link in find(page, "Link") if isinstance(getattr(link, "id", None), dict)]
    assert [address.startswith("/compare") for address in carriers].count(True) == 1
    assert len(carriers) == 1 + 7, "the tabs beside it"
    assert all("cut=z_spec+%3C+1" in address for address in carriers)
    assert "z_spec < 1" in words(layout(internal_name=catalogue.internal_name, tab="table", cut="z_spec < 1"))
    assert "all rows are shown" in words(layout(internal_name=catalogue.internal_name, tab="table", cut="q < 1"))


def test_cuts_tell_nobody_about_hidden_products(sqlite_container: Container, owner: Actor) -> None:
    hidden = draft(sqlite_container, person(sqlite_container, "owner2"))
    asks: tuple[Callable[[], Any], ...] = (
        lambda: apply_cut(1, None, CUT, hidden.id, None),
        lambda: show_plots("", CUT, None, hidden.id),
        lambda: set_ranges([], [], [], hidden.id, CUT),
        lambda: drag_cut({"ranges": [["ra", 0, 1]]}, hidden.id, None),
        lambda: add_condition(1, "ra", 0, 1, None, hidden.id, None),
    )
    for ask in asks:
        with pytest.raises(NotFound):
            ask()


def test_chosen_plots_that_a_table_does_not_have_are_named(catalogue: Product) -> None:
    *_, note, _ = show_plots("", None, {"plots": "n_z,pit,odds", "v": "1"}, catalogue.id)
    assert "nothing to show for Probability integral transforms (PIT), Odds of the photo-z:" in note
    *_, note, _ = show_plots("", None, {"plots": "n_z,healpix", "v": "1"}, catalogue.id)
    assert note == ""

"""Views in addresses: what is written is read back, what is not known is left out and said to be."""

from __future__ import annotations

import pytest
from dash.exceptions import PreventUpdate

from components.view_bar.callbacks import reset_view, set_view
from components.view_bar.view import View, view_of, view_query
from services.models.binnings import Binning

VIEW = View(
    {"magnitudes": 0.25, "n_z": 0.05},
    "z_flag",
    True,
    ("n_z", "magnitudes", "dz"),
    frozenset({"n_z"}),
    requirements=True,
)


def test_a_view_comes_back_from_its_address() -> None:
    assert view_of(view_query(VIEW)) == (VIEW, ())
    assert view_query(VIEW)["v"] == "1"
    assert view_query(View()) == {}


def test_what_the_view_says_of_a_plot() -> None:
    assert VIEW.shows("dz")
    assert not VIEW.shows("sky")
    assert View().shows("sky")
    assert VIEW.binning("n_z") == Binning(0.05, "z_flag")
    assert not View().binning("n_z")
    assert VIEW.style.normalised
    assert VIEW.style.requirements
    assert not View().style.requirements


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ({"plots": "n_z,nothing"}, '"nothing"'),
        ({"bins": "n_z:wide"}, "n_z:wide"),
        ({"bins": "sky:0.1"}, "sky:0.1"),
        ({"bins": "n_z:-1"}, "n_z:-1"),
        ({"bins": "n_z:inf"}, "n_z:inf"),
        ({"log": "nothing"}, '"nothing"'),
        ({"colour": "red"}, '"colour"'),
        ({"v": "2"}, "newer portal"),
    ],
)
def test_what_is_not_known_is_left_out_with_a_note(query: dict[str, str], note: str) -> None:
    view, (sentence,) = view_of(query)
    assert note in sentence
    assert not view.widths
    assert view.plots in ((), ("n_z",))


def test_marks_of_advertising_and_the_other_parameters_need_no_note() -> None:
    assert view_of({"utm_source": "mail", "tab": "explore", "cut": "z < 1", "row": "3"}) == (View(), ())


def test_fields_make_the_view_and_bins_of_other_plots_stay() -> None:
    places = [{"index": "n_z"}]
    query = view_query(View({"n_z": 0.1, "odds": 0.05}))
    assert set_view("survey", True, ["n_z"], [0.02], places, query) == {
        "v": "1",
        "plots": "n_z",
        "bins": "n_z:0.02,odds:0.05",
        "split": "survey",
        "norm": "1",
    }
    assert set_view("none", False, [], [None], places, query)["bins"] == "odds:0.05"
    assert set_view("none", False, [], [0.1], places, query, requirements=True)["req"] == "1"
    with pytest.raises(PreventUpdate):
        set_view("", False, [], [0.1], places, query)


def test_everything_is_taken_back_at_once() -> None:
    assert reset_view(1, [{"index": "n_z"}]) == ({}, [], "none", False, False, [], [None])
    with pytest.raises(PreventUpdate):
        reset_view(None, [])

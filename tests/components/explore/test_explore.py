"""Explore tab."""

from __future__ import annotations

import json
from dataclasses import replace

from components.explore.layout import no_plots, numbers_table, plot_names, plots
from components.figures.numbers import Numbers
from components.figures.registry import FIGURES
from services.statistics.range_words import CutWords
from tests.components.tree import elements, find, words
from tests.components.values import histogram, overview, product


def test_plots_stand_in_the_order_of_the_product_type() -> None:
    statistics = overview(odds=histogram([1]), z_error=histogram([1]), n_z=histogram([1])).statistics
    assert plot_names(product(), statistics) == ("n_z", "z_error", "odds")


def test_every_plot_has_caption_summary_tools_and_numbers() -> None:
    shown = plots(product(), overview(n_z=histogram([1, 2])).statistics)
    assert "3 shown / 3 total / 0 missing · column Z" in words(shown)
    (image,) = [e for e in elements(shown) if e.to_plotly_json()["props"].get("role") == "img"]
    assert image.to_plotly_json()["props"]["aria-label"].startswith("Redshift distribution N(z): values from 0 to 0.2")
    assert [words(button) for button in find(shown, "Button")] == ["Log", "CSV", "PNG", "SVG", "Expand"]
    assert words(find(shown, "Summary")) == "Numbers"


def test_square_plots_are_taller_than_the_others() -> None:
    heights = {name: int(row.height_px) for name, row in FIGURES.items()}
    assert heights["z_phot_z_spec"] > heights["n_z"]
    (graph,) = find(plots(product(), overview(n_z=histogram([1])).statistics), "Graph")
    assert graph.style == {"height": f"{heights['n_z']}px"}


def test_notes_of_the_reader_are_shown_above() -> None:
    assert "18 names for 19 columns" in words(plots(product(notes=("18 names for 19 columns",)), overview().statistics))


def test_a_table_without_known_columns_leads_to_the_columns_tab() -> None:
    assert find(plots(product(), overview().statistics), "Link", href="/product/7_deep_field?tab=columns")


def test_products_without_plots_say_why() -> None:
    assert "free format" in words(no_plots(product(product_type="training_results")))
    assert "data kept elsewhere" in words(no_plots(product(main_file_name=None)))


def test_numbers_are_cut_with_a_word_about_it() -> None:
    rows = tuple((index, index + 1) for index in range(1000))
    place = numbers_table(Numbers(("low", "high"), rows), "N(z)")
    facts = json.loads(place.to_plotly_json()["props"]["data-numbers"])
    assert facts["caption"] == "N(z): first 300 of 1,000 rows"
    assert facts["rows"][1] == ["1", "2"]


def test_dragging_cuts_where_a_cut_can_say_it_and_zooms_elsewhere() -> None:
    statistics = overview(n_z=histogram([1, 2]), z_error=replace(histogram([1, 2]), column="derived")).statistics
    cut_words = CutWords({"Z": "float32"}, {})
    n_z, z_error = (graph.figure.layout for graph in find(plots(product(), statistics, cut_words), "Graph"))
    assert (n_z.dragmode, n_z.selectdirection) == ("select", "h")
    assert z_error.dragmode is None

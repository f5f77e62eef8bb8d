"""Cut bar: chips, fields of ranges, what is suggested for conditions on any column."""

from __future__ import annotations

import pytest
from dash.exceptions import PreventUpdate

from components.cut_bar.callbacks import clear_cut
from components.cut_bar.layout import chips, choices, counts_text, cut_bar, cut_line, range_fields
from services.cuts.parser import parse_cut
from services.cuts.parts import RangeWord
from services.statistics.range_words import CutWords
from tests.components.figures.statistics_samples import flags
from tests.components.tree import find, words
from tests.components.values import product

REDSHIFT = RangeWord("n_z", "Redshift", "redshift", ("redshift", "z_spec"))


def test_every_condition_has_a_chip_with_its_own_button() -> None:
    found = chips(parse_cut("mag_i < 24 and (flag = 3 or flag = 4)"))
    assert [words(chip).split(" ×")[0] for chip in found] == ["mag_i < 24", "flag = 3 or flag = 4"]
    buttons = find(found, "Button")
    assert [button.id["index"] for button in buttons] == [0, 1]
    assert buttons[1].to_plotly_json()["props"]["aria-label"] == "Remove flag = 3 or flag = 4"
    assert chips(None) == []


def test_fields_show_the_range_of_the_cut() -> None:
    (low, high) = find(range_fields((REDSHIFT,), parse_cut("z_spec >= 0.2 and mag_i < 24")), "Input")
    assert (low.value, high.value) == (0.2, None)
    assert words(range_fields((REDSHIFT,), None)) == "Redshift Redshift  from Redshift  to"


def test_the_bar_begins_with_the_cut_of_the_address_and_hides_without_a_table() -> None:
    bar = cut_bar(product(), "z < 1")
    assert find(bar, "Input")[0].value == "z < 1"
    assert not bar.hidden
    assert cut_bar(product(n_rows=None), None).hidden


def test_counts_add_up() -> None:
    assert counts_text(1_200, 10_000) == "1,200 shown / 10,000 total / 8,800 cut away"


def test_the_table_tells_its_cut_with_the_way_back() -> None:
    line = cut_line(product(), parse_cut("z < 1 and b = 'x&y'"), "")
    assert "z < 1 and b = 'x&y'" in words(line)
    back, everything = find(line, "Link")
    assert back.href == "/product/7_deep_field?tab=explore&cut=z+%3C+1+and+b+%3D+%27x%26y%27"
    assert everything.href == "/product/7_deep_field?tab=table"
    assert "all rows are shown. No." in words(cut_line(product(), None, "No."))
    assert cut_line(product(), None, "") is None


def test_clear_waits_for_a_click() -> None:
    assert clear_cut(1) == (None, "", "")
    with pytest.raises(PreventUpdate):
        clear_cut(None)


def test_columns_and_values_of_categories_are_suggested() -> None:
    words_of = CutWords({"z": "float32", "q_z": "int16", "pdf": "vector float32"}, {"redshift": "z", "z_flag": "q_z"})
    columns, values = choices(words_of, {"z_flag": flags()})
    assert [option.value for option in columns.children] == ["redshift", "z_flag"]
    assert [option.value for option in values.children] == ["4", "3", ""]
    assert values.children[0].label == "z_flag = 4"

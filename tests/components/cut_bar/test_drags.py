"""What a plot says about its axes, and what a drag across it or a click on its bars makes of a cut."""

from __future__ import annotations

from typing import Any

import pytest

from components.cut_bar.drags import cut_of_drag, drag_layout, plot_words, rounded, with_condition
from services.cuts.parser import parse_cut
from services.cuts.parts import Range
from services.cuts.tree import Cut, CutError
from services.cuts.writing import written
from services.models.colours import ColourColour
from services.statistics.range_words import CutWords
from tests.components.figures import statistics_samples as samples

DTYPES = {
    "Z": "float32",
    "imag": "float32",
    "gmag": "float32",
    "rmag": "float32",
    "ra": "float64",
    "dec": "float64",
    "q_z": "int16",
    "survey": "string",
    "pdf": "vector float32",
    "flux": "float64",
    "zp": "float64",
}
COLOURS = {"x": "gmag - mag_r", "y": "mag_r - mag_i"}
WORDS = CutWords(
    DTYPES, {"redshift": "Z", "mag_i": "imag", "mag_r": "rmag", "z_flag": "q_z"}, frozenset({"flux"}), "ra", ("zp", "Z")
)


def text(cut: Cut | None) -> str:
    return "" if cut is None else written(cut)


@pytest.mark.parametrize(
    ("statistic", "axes", "direction"),
    [
        (samples.histogram(), {"x": "redshift"}, "h"),
        (samples.magnitudes(), {"x": "mag_r"}, "h"),
        (samples.density(), {"x": "redshift", "y": "mag_i"}, "any"),
        (samples.density(x_column="g - r"), {"y": "mag_i"}, "v"),
        (samples.density(x_column="gmag - imag"), {"x": "gmag - mag_i", "y": "mag_i"}, "any"),
        (samples.density(x_column="rmag - flux"), {"y": "mag_i"}, "v"),
        (ColourColour(samples.density(x_column="gmag - rmag", y_column="rmag - imag"), 1), COLOURS, "any"),
        (samples.histogram(column="zp, Z"), {"x": "dz"}, "h"),
        (samples.sky(), {"x": "ra", "y": "dec"}, "any"),
        (samples.flags(), {"category": "z_flag", "values": [4, 3, None]}, None),
        (samples.histogram(column="z_phot, z_spec"), {}, None),
        (samples.histogram(column="flux"), {}, None),
        (object(), {}, None),
    ],
)
def test_plots_say_which_words_their_axes_stand_for(statistic: Any, axes: Any, direction: str | None) -> None:
    assert plot_words(statistic, WORDS) == axes
    assert drag_layout(axes).get("selectdirection") == direction
    assert plot_words(statistic, None) == {}


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        ([1.23456, 0.20004], (0.2, 1.23)),
        ([0.123456, 0.223456], (0.123, 0.223)),
        ([17.251, 24.349], (17.25, 24.35)),
        ([0.5, 0.5], None),
        (["a", "b"], None),
        ([0, 1, 2], None),
        ([0, float("inf")], None),
        ([], None),
    ],
)
def test_a_drag_is_rounded_to_what_a_hand_can_aim_at(ends: Any, found: Range | None) -> None:
    assert rounded(ends) == found


@pytest.mark.parametrize(
    ("before", "dragged", "after"),
    [
        ("", {"ranges": [["redshift", 0.25, 0.75]]}, "redshift between 0.25 and 0.75"),
        ("Z >= 0.1 and z_flag = 4", {"ranges": [["redshift", 0.25, 0.75]]}, None),
        (
            "odds > 0.5",
            {"ranges": [["redshift", 0.25, 0.75], ["mag_i", 20, 24]]},
            "odds > 0.5 and redshift between 0.25 and 0.75 and mag_i between 20.0 and 24.0",
        ),
        ("", {"ranges": [["ra", 359, 361]]}, "ra >= 359.0 or ra <= 1.0"),
        ("ra >= 359.0 or ra <= 1.0", {"ranges": [["ra", 361, 362]]}, "ra between 1.0 and 2.0"),
        ("ra >= 359.0 or ra <= 1.0", {"ranges": [["ra", 10, 370]]}, ""),
        (
            "rmag - imag < 1",
            {"ranges": [["gmag - mag_r", 0.25, 0.75], ["mag_r - mag_i", -0.5, 0.5]]},
            "mag_r - mag_i between -0.5 and 0.5 and gmag - mag_r between 0.25 and 0.75",
        ),
        ("dz < 1", {"ranges": [["dz", -0.15, 0.15]]}, "dz between -0.15 and 0.15"),
        ("z_flag = 3", {"ranges": [["gmag - flux", 0, 1], ["a - b - c", 0, 1]]}, "z_flag = 3"),
        ("", {"value": ["z_flag", 4]}, "z_flag = 4"),
        ("z_flag = 4", {"value": ["z_flag", 3]}, "z_flag in (4, 3)"),
        ("q_z in (4, 3) and mag_i < 24", {"value": ["z_flag", 4]}, "z_flag = 3 and mag_i < 24"),
        ("z_flag = 4", {"value": ["z_flag", 4]}, ""),
        ("", {"value": ["survey", "zCOSMOS"]}, "survey = 'zCOSMOS'"),
        ("mag_i < 24", {"ranges": [["survey", 0, 1], ["nothing", 0, 1], ["flux", 0, 1]]}, "mag_i < 24"),
        ("mag_i < 24", {"value": ["pdf", 3]}, "mag_i < 24"),
        ("mag_i < 24", {"value": [3]}, "mag_i < 24"),
        ("mag_i < 24", {}, "mag_i < 24"),
    ],
)
def test_drags_and_clicks_become_cuts(before: str, dragged: Any, after: str | None) -> None:
    found = text(cut_of_drag(parse_cut(before) if before else None, dragged, WORDS))
    assert found == ("redshift between 0.25 and 0.75 and z_flag = 4" if after is None else after)
    assert not found or written(parse_cut(found)) == found


def test_conditions_on_any_column_come_from_fields() -> None:
    cut = with_condition(None, WORDS, " dec ", (-1, None), None)
    cut = with_condition(cut, WORDS, "z_flag", (None, None), " 3 ")
    cut = with_condition(cut, WORDS, "survey", (None, None), "VVDS")
    assert text(with_condition(cut, WORDS, "q_z", (None, None), "4")) == (
        "dec >= -1 and z_flag in (3, 4) and survey = 'VVDS'"
    )
    cut = with_condition(None, WORDS, "gmag - imag", (None, 2), None)
    assert text(with_condition(cut, WORDS, "dz", (-1, None), None)) == "gmag - mag_i <= 2 and dz >= -1"


@pytest.mark.parametrize(
    ("name", "ends", "value", "words"),
    [
        ("nothing", (0, 1), None, "no column"),
        (None, (0, 1), None, "no column"),
        ("survey", (0, 1), None, "no range"),
        ("flux", (0, 1), None, "no range"),
        ("dec", (None, None), "", "how low"),
        ("gmag - rmag", (None, None), None, "how low"),
        ("dz", (None, None), "0", "is computed"),
        ("gmag - survey", (0, 1), None, "no column"),
        ("q_z", (None, None), "good", "holds numbers"),
        ("q_z", (None, None), "nan", "holds numbers"),
        ("q_z", (None, None), "1" * 400, "holds numbers"),
        ("q_z", (None, None), "1" * 5000, "holds numbers"),
        ("pdf", (None, None), "1", "several numbers"),
    ],
)
def test_fields_that_make_no_condition_say_why(name: Any, ends: Range, value: str | None, words: str) -> None:
    with pytest.raises(CutError, match=words):
        with_condition(None, WORDS, name, ends, value)

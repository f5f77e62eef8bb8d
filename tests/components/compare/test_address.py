"""A comparison as an address, and back."""

from __future__ import annotations

import pytest

from components.compare.address import CompareView, compare_address, parameters_of, view_of

FULL = CompareView(
    ("12_a", "15_b"), "mag_i", is_normalised=False, width=0.25, cut="mag_i < 24", is_log=True, coverage=("15_b",)
)


@pytest.mark.parametrize("view", [FULL, CompareView(), CompareView(("1_x",), is_log=True)])
def test_an_address_gives_the_same_view(view: CompareView) -> None:
    assert view_of(parameters_of(view)) == (view, [])


def test_the_address_is_versioned_and_short() -> None:
    assert parameters_of(CompareView(("1_a", "2_b"))) == {"v": "1", "products": "1_a,2_b", "norm": "1"}
    assert compare_address("1_a", "2_b") == "/compare?v=1&products=1_a,2_b&norm=1"
    assert compare_address("1_a", cut="z < 1") == "/compare?v=1&products=1_a&norm=1&cut=z+%3C+1"


def test_what_is_not_known_is_ignored_with_a_note() -> None:
    view, notes = view_of({"v": "7", "products": "1_a, 1_a,,2_b", "colour": "red", "width": "-3", "log": "maybe"})
    assert view == CompareView(("1_a", "2_b"))
    assert len(notes) == 3
    for part, note in zip(('"colour"', "another version", "bin width"), notes, strict=True):
        assert part in note


def test_coverage_of_what_is_not_compared_with_the_first_is_ignored_with_a_note() -> None:
    view, notes = view_of({"products": "1_a,2_b,3", "coverage": "1_a,3_c,4_d,2_b"})
    assert view.coverage == ("3_c", "2_b")
    assert [note.split('"')[1] for note in notes] == ["1_a", "4_d"]


def test_of_a_repeated_parameter_the_last_counts() -> None:
    assert view_of({"x": ["redshift", "mag_i"], "width": "nan"})[0] == CompareView(x="mag_i")

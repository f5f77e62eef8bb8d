"""A cut as a list of conditions: taking one out, setting the range of a column."""

from __future__ import annotations

import pytest

from services.cuts.parser import parse_cut
from services.cuts.parts import OPEN, Range, RangeWord, parts_of, range_of, with_range, without_part
from services.cuts.writing import written

REDSHIFT = RangeWord("n_z", "Redshift", "redshift", ("redshift", "z_spec"))


def _text(cut: object) -> str:
    return "" if cut is None else written(cut)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a < 1", ["a < 1"]),
        ("a < 1 and b = 2 and not c in (3, 4)", ["a < 1", "b = 2", "not c in (3, 4)"]),
        ("a < 1 and (b = 2 or c = 3)", ["a < 1", "b = 2 or c = 3"]),
        ("a < 1 or b = 2", ["a < 1 or b = 2"]),
    ],
)
def test_parts_are_what_and_joins(text: str, parts: list[str]) -> None:
    assert list(map(_text, parts_of(parse_cut(text)))) == parts


def test_a_part_is_taken_out_by_its_place() -> None:
    cut = parse_cut("a < 1 and (b = 2 or c = 3) and d > 4")
    assert _text(without_part(cut, 0)) == "(b = 2 or c = 3) and d > 4"
    assert _text(without_part(cut, 1)) == "a < 1 and d > 4"
    assert _text(without_part(cut, 9)) == _text(cut)
    assert without_part(parse_cut("a < 1"), 0) is None
    assert without_part(None, 0) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("redshift between 0.2 and 1.2", (0.2, 1.2)),
        ("z_spec >= 0.2", (0.2, None)),
        ("z_spec >= 0.2 and redshift <= 1 and redshift <= 3", (0.2, 1)),
        ("redshift < 1", (None, 1)),
        ("redshift > 0.5 and redshift <= 1", (0.5, 1)),
        ("not redshift < 1", OPEN),
        ("redshift between '0.2' and '1.2'", OPEN),
        ("redshift <= 1 or redshift >= 3", OPEN),
        ("mag_i <= 24", OPEN),
    ],
)
def test_ranges_are_read_from_the_parts_on_the_column(text: str, found: Range) -> None:
    assert range_of(parse_cut(text), REDSHIFT.names) == found


@pytest.mark.parametrize(
    ("text", "wanted", "after"),
    [
        ("", (0.2, 1.2), "redshift between 0.2 and 1.2"),
        ("", (1.2, 0.2), "redshift between 0.2 and 1.2"),
        ("mag_i < 24", (0.2, None), "mag_i < 24 and redshift >= 0.2"),
        ("z_spec >= 0.1 and mag_i < 24 and z_spec <= 2", (None, 1), "redshift <= 1 and mag_i < 24"),
        ("mag_i < 24 and redshift between 0 and 1 and flag = 4", (0.5, 0.6), None),
        ("redshift <= 1", OPEN, ""),
        ("mag_i < 24", OPEN, "mag_i < 24"),
    ],
)
def test_a_range_takes_the_place_of_those_there_were(text: str, wanted: Range, after: str | None) -> None:
    found = _text(with_range(parse_cut(text) if text else None, REDSHIFT, wanted))
    assert found == (after if after is not None else "mag_i < 24 and redshift between 0.5 and 0.6 and flag = 4")
    if wanted[0] is None or wanted[1] is None or wanted[0] < wanted[1]:
        assert range_of(parse_cut(found) if found else None, REDSHIFT.names) == wanted

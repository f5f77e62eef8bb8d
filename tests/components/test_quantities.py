"""Numbers, sizes and dates for people."""

from __future__ import annotations

import pytest

from components.quantities import count_text, date_element, number_text, size_text
from tests.components.values import THEN


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (3_355_443, "3.2 MiB"), (200 * 2**20, "200 MiB"), (None, "–")],
)
def test_sizes(size: int | None, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (float("nan"), "–"), (0.38000000001, "0.38"), (4.0, "4"), (1_000_000.0, "1,000,000"), (-99.0, "-99")],
)
def test_numbers_show_no_noise(value: float | None, text: str) -> None:
    assert number_text(value) == text


def test_counts_carry_thousands_separators() -> None:
    assert (count_text(1234567), count_text(None)) == ("1,234,567", "–")


def test_dates_are_iso_with_utc_on_hover() -> None:
    element = date_element(THEN)
    assert element.children == "2026-03-04"
    assert element.title == "2026-03-04 05:06:07 UTC"

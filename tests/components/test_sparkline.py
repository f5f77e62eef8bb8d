"""N(z) the size of a word."""

from __future__ import annotations

import re
from base64 import b64decode
from xml.etree import ElementTree as ET

import pytest

from components.sparkline import HEIGHT_PX, N_BARS, redshift_counts, sparkline
from tests.components.values import histogram, overview


def bars(counts: list[int]) -> list[float]:
    svg = b64decode(sparkline(histogram(counts), "x").src.split(",")[1]).decode()
    return [float(bar.get("height") or 0) for bar in ET.fromstring(svg)]


def test_bars_are_proportional_to_the_counts() -> None:
    assert bars([0, 2, 4, 1, 0]) == [HEIGHT_PX / 2, HEIGHT_PX, HEIGHT_PX / 4]


@pytest.mark.parametrize("n_bins", [1, 47, 48, 49, 200])
def test_many_bins_are_added_up(n_bins: int) -> None:
    assert 1 <= len(bars([5] * n_bins)) <= N_BARS


def test_words_say_what_the_picture_shows() -> None:
    image = sparkline(histogram([0, 2000, 4, 0]), "Deep field")
    assert image.alt == "N(z) of Deep field: 2,004 objects, z from 0.10 to 0.30"
    assert re.match(r"data:image/svg\+xml;base64,", image.src)


def test_truth_before_estimate_and_nothing_without_either() -> None:
    truth, estimate, empty = histogram([1]), histogram([2]), histogram([0])
    assert redshift_counts(overview(n_z=truth, n_z_phot=estimate)) is truth
    assert redshift_counts(overview(n_z=empty, n_z_phot=estimate)) is estimate
    assert redshift_counts(overview()) is None

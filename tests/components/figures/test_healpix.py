from __future__ import annotations

from dataclasses import replace

import numpy as np

from components.figures.healpix import (
    healpix_caption,
    healpix_figure,
    healpix_finding,
    healpix_numbers,
)
from tests.components.figures.statistics_samples import healpix


def test_the_map_is_drawn_as_it_is_with_ra_to_the_left() -> None:
    figure = healpix_figure(healpix())
    assert figure.layout.xaxis.range[0] > figure.layout.xaxis.range[1]
    assert (np.asarray(figure.data[0].z) == healpix().grid.counts).all()
    assert figure.data[1].marker.colorbar.title.text == "per pixel"


def test_words_name_nside_and_area() -> None:
    words = healpix_caption(healpix())
    assert "HEALPix nside 64, nested, pixels of 0.839 deg²" in words
    assert "0.5 deg² occupied at nside 256" in words
    assert words.endswith("columns RA, DEC")
    assert healpix_finding(healpix()) == (
        "2 occupied pixels with 5.96 objects per deg² on average; the fullest, at RA 150, Dec +2 deg, holds 7."
    )


def test_numbers_are_the_pixels() -> None:
    numbers = healpix_numbers(healpix())
    assert numbers.header == ("nside", "pixel_nested", "ra_deg", "dec_deg", "count", "count_per_deg2")
    assert numbers.rows[0] == (64, 11, 150.0, 2.0, 7, round(7 / healpix().pixel_deg2, 3))
    assert len(numbers.rows) == 2


def test_nothing_under_a_cut_is_said() -> None:
    whole, none = healpix(), np.empty(0)
    grid = replace(whole.grid, counts=0 * whole.grid.counts)
    empty = replace(whole, grid=grid, pixels=none, counts=none, ra_deg=none, dec_deg=none)
    assert healpix_figure(empty).layout.annotations[0].text.startswith("No row")
    assert healpix_finding(empty) == "no row with a position."
    assert healpix_numbers(empty).rows == ()

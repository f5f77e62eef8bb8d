"""Cuts on colours and on errors of the photo-z, on a product page: dragged, counted, and equal to numpy."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from components.cut_bar.callbacks import drag_cut
from components.explore.callbacks import show_detail, show_plots
from components.row_table.callbacks import show_rows
from services.container import Container
from services.models.identity import Actor
from services.models.products import Product
from tests.components.tree import elements
from tests.support.ingests import ingested

N_ROWS = 500
NAMES = ("id", "z_spec", "z_phot", "mag_g", "mag_r", "mag_i")
BOX = {"ranges": [["mag_g - mag_r", 0.2, 0.8], ["mag_r - mag_i", -0.3, 0.4]]}
CUT = "mag_g - mag_r between 0.2 and 0.8 and mag_r - mag_i between -0.3 and 0.4"


def _numbers() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(11)
    z_spec = rng.gamma(2, 0.3, N_ROWS).round(4)
    table = {"id": np.arange(N_ROWS), "z_spec": z_spec, "z_phot": (z_spec + rng.normal(0, 0.1, N_ROWS)).round(4)}
    mag_i = rng.normal(22, 1, N_ROWS)
    bands = {"mag_g": mag_i + rng.normal(0.8, 0.5, N_ROWS), "mag_r": mag_i + rng.normal(0.3, 0.4, N_ROWS)}
    table |= {name: values.round(3) for name, values in (bands | {"mag_i": mag_i}).items()}
    table["mag_r"][::7] = 99.0
    table["z_phot"][::11] = -99.0
    return table


TABLE = _numbers()


@pytest.fixture
def estimates(sqlite_container: Container, owner: Actor) -> Product:
    """Validation results with three bands, read."""
    rows = zip(*(TABLE[name].tolist() for name in NAMES), strict=True)
    text = "\n".join([",".join(NAMES), *(",".join(map(str, row)) for row in rows), ""])
    return ingested(sqlite_container, owner, text.encode(), kind="validation_results")


def _axes(product: Product, plot: str) -> Any:
    shown = show_detail(1, product.id, None, {"index": plot})
    around = [one.to_plotly_json()["props"] for one in elements(shown)]
    return next(json.loads(props["data-cut-axes"]) for props in around if "data-cut-axes" in props)


def test_plots_of_colours_and_errors_say_what_a_drag_cuts(estimates: Product) -> None:
    assert _axes(estimates, "colour_colour") == {"x": "mag_g - mag_r", "y": "mag_r - mag_i"}
    assert _axes(estimates, "colour_magnitude") == {"x": "mag_r - mag_i", "y": "mag_i"}
    assert _axes(estimates, "z_colour") == {"x": "mag_r - mag_i", "y": "redshift"}
    assert _axes(estimates, "dz") == {"x": "dz"}


def test_a_box_on_colours_cuts_the_plots_and_the_table(estimates: Product) -> None:
    cut, text, message = drag_cut(BOX, estimates.id, None)
    assert (cut, text, message) == (CUT, CUT, "")
    seen = TABLE["mag_r"] != 99
    blue, red = TABLE["mag_g"] - TABLE["mag_r"], TABLE["mag_r"] - TABLE["mag_i"]
    keep = seen & (blue >= 0.2) & (blue <= 0.8) & (red >= -0.3) & (red <= 0.4)
    counts = show_plots("", cut, None, estimates.id)[4]
    assert counts == f"{keep.sum()} shown / {N_ROWS} total / {N_ROWS - keep.sum()} cut away"
    rows = show_rows({"startRow": 0, "endRow": N_ROWS}, estimates.id, ["0"], cut)[0]["rowData"]
    assert [row["c0"] for row in rows] == TABLE["id"][keep].tolist()


def test_a_range_of_errors_cuts_what_they_are_computed_from(estimates: Product) -> None:
    cut = drag_cut({"ranges": [["dz", -0.05, 0.05]]}, estimates.id, "mag_i < 22")[0]
    assert cut == "mag_i < 22 and dz between -0.05 and 0.05"
    errors = (TABLE["z_phot"] - TABLE["z_spec"]) / (1 + TABLE["z_spec"])
    counted = (TABLE["z_phot"] > -0.05) & (TABLE["mag_i"] < 22)
    keep = counted & (np.abs(errors) <= 0.05)
    assert show_plots("", cut, None, estimates.id)[4].startswith(f"{keep.sum()} shown / {N_ROWS} total")

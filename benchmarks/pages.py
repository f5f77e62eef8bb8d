"""What a product page costs the server once its overview is stored, and what travels."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio

from benchmarks.dataset import ROLES, Dataset
from benchmarks.timing import ROUNDS, Line, median_ms
from components.figures.registry import FIGURES, draw
from services.statistics.canonical import CanonicalTable
from services.statistics.overview import build_overview, load_overview, save_overview

SCATTER_POINTS = 20_000


def product_page(data: Dataset) -> Iterator[Line]:
    """Load the overview of a million rows and draw all default plots."""
    with CanonicalTable.open(data.canonical()) as table:
        overview = build_overview(table, ROLES, "training_set")
    stored = io.BytesIO()
    save_overview(overview, stored)

    def page() -> None:
        loaded = load_overview(io.BytesIO(stored.getvalue()))
        for name in FIGURES.keys() & loaded.statistics.keys():
            pio.to_json(draw(name, loaded.statistics))

    yield Line("product page, all plots", median_ms(page), None, "absolute, ms", 300)


def role_change(data: Dataset) -> Iterator[Line]:
    """After a change of roles: the overview computed from the canonical table and stored."""

    def recompute() -> None:
        with CanonicalTable.open(data.canonical()) as table:
            save_overview(build_overview(table, ROLES, "training_set"), io.BytesIO())

    yield Line("overview after a role change", median_ms(recompute, ROUNDS), None, "absolute, ms", 500)


def scatter_bytes(_data: Dataset) -> Iterator[Line]:
    """A scatter of 20,000 points: typed arrays against lists."""
    rng = np.random.default_rng(1)
    x, y = rng.random((2, SCATTER_POINTS)).astype(np.float32)
    typed = len(pio.to_json(go.Figure(go.Scatter(x=x, y=y, mode="markers")).update_layout(template="none")))
    lists = len(json.dumps({"data": [{"x": x.tolist(), "y": y.tolist(), "mode": "markers", "type": "scatter"}]}))
    yield Line("20k scatter", typed / 1000, lists / 1000, "lists as JSON", 0.35, "kB")


PAGES = {"page": product_page, "roles": role_change, "scatter": scatter_bytes}

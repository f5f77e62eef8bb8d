"""Catalogues that lack something, on real services: every plot offered can be shown, counted and put into words."""

from __future__ import annotations

import numpy as np
import plotly.io as pio
import pytest

from components.explore.callbacks import show_details, show_plots
from components.explore.details import detail_body
from components.explore.reading import one_statistic
from components.figures.numbers import numbers_csv
from components.figures.registry import row_for
from components.view_bar.view import View, view_of
from services.container import Container, build_container
from services.context import RequestContext, use_context
from services.models.identity import Actor
from services.models.products import Product
from tests.components.tree import find, words
from tests.support.ingests import ingested

N = 200
BANDS_40 = tuple(f"f{k:03d}w" for k in range(40))


def _text(columns: dict[str, np.ndarray]) -> bytes:
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    lines = (",".join("" if value != value else str(value) for value in row) for row in rows)
    return "\n".join([",".join(columns), *lines, ""]).encode()


def _catalogue(n: int = N, *, without: tuple[str, ...] = (), nothing: bool = False) -> bytes:
    random = np.random.default_rng(3)
    z_spec = random.gamma(2, 0.3, n).round(4)
    columns = {
        "id": np.arange(n),
        "ra": random.uniform(10, 12, n).round(5),
        "dec": random.uniform(-1, 1, n).round(5),
        "z_spec": z_spec,
        "z_phot": (z_spec + random.normal(0, 0.05, n)).clip(0).round(4),
        "odds": random.uniform(0, 1, n).round(3),
        "z_flag": random.integers(1, 5, n),
        **{f"mag_{band}": random.normal(23, 1, n).round(3) for band in "ugrizy"},
        **{f"magerr_{band}": random.uniform(0.01, 0.2, n).round(4) for band in "ugrizy"},
    }
    kept = {name: values for name, values in columns.items() if not name.startswith(without or ("-",))}
    if nothing:
        kept = {name: values if name == "id" else np.full(n, np.nan) for name, values in kept.items()}
    return _text(kept)


def _forty_bands() -> bytes:
    random = np.random.default_rng(4)
    columns = {f"mag_{band}": random.normal(23, 1, N).round(3) for band in BANDS_40}
    return _text({"id": np.arange(N), "z_spec": random.gamma(2, 0.3, N).round(4), **columns})


CATALOGUES = {
    "everything": _catalogue(),
    "no bands": _catalogue(without=("mag",)),
    "no positions": _catalogue(without=("ra", "dec")),
    "no redshift": _catalogue(without=("z_", "odds")),
    "three rows": _catalogue(3),
    "one row": _catalogue(1),
    "no value at all": _catalogue(nothing=True),
    "forty bands": _forty_bands(),
}
KINDS = ("validation_results", "photoz_estimates", "other")
CUTS = (None, "id < 1", "id < 0")


def _check_details(product: Product, names: list[str], cut: str | None) -> None:
    for name in names:
        found = one_statistic(product.id, name, cut, View())
        body = detail_body(name, found)
        assert find(body, "Graph") or find(body, "Table") or "No row holds" in words(body)
        if found is not None:
            row = row_for(name, found)
            assert row.caption(found)
            assert row.summary(found).startswith(row.title)
            assert numbers_csv(row.numbers(found), row.caption(found)).startswith("#")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lacking", sorted(CATALOGUES))
def test_every_plot_that_is_offered_can_be_shown(
    sqlite_container: Container, owner: Actor, lacking: str, kind: str
) -> None:
    product = ingested(sqlite_container, owner, CATALOGUES[lacking], kind=kind)
    for cut in CUTS:
        shown, *_ = show_plots("", cut, None, product.id)
        cards, _ = show_details("", None, product.id)
        graphs = find(shown, "Graph")
        assert graphs or cards or "No column of this table is known" in words(shown)
        for graph in graphs:
            assert graph.figure.data or graph.figure.layout.annotations, "an empty panel without a reason"
        _check_details(product, [card.to_plotly_json()["props"]["data-plot"] for card in cards], cut)


def test_another_process_draws_the_same_picture(sqlite_container: Container, owner: Actor) -> None:
    product = ingested(sqlite_container, owner, CATALOGUES["everything"], kind="validation_results")
    query = {"v": "1", "bins": "n_z:0.05", "split": "z_flag", "norm": "1"}
    assert view_of(query)[1] == ()

    def picture() -> list[str]:
        shown, *_ = show_plots("", "mag_i < 23", query, product.id, ["n_z"])
        detail = detail_body("dz", one_statistic(product.id, "dz", "mag_i < 23", View()))
        return [pio.to_json(graph.figure) for graph in [*find(shown, "Graph"), *find(detail, "Graph")]]

    here = picture()
    elsewhere = build_container(sqlite_container.settings)
    with use_context(RequestContext(elsewhere, owner, "test", base_url="http://pz.example")):
        assert picture() == here
    assert len(here) > 5

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pzserver import PzServer
from pzserver.errors import InvalidInput
from pzserver.product_object import PzProduct
from pzserver.testing import MockPortal

CURVE = {"values": [0.5, None], "err_low": [0.1, 0.1], "err_high": [0.2, 0.3]}
TWO_SAMPLE = {"ks": 0.1, "ks_p": 0.02, "wasserstein": 0.3, "kl": None, "median_difference": 0.1}
SAMPLE = {"column": "z", "n": 3, "mean": 0.5, "median": 0.4, "std": 0.1, "cut_note": None}
SAMPLE |= {"n_shown": 3, "n_total": 9, "n_missing": 1, "n_outside": 0, "n_cut": 5}
FIRST = {"id": 1, "internal_name": "1_a", "counts": [1, 2], "curve": CURVE, **SAMPLE}
COMPARED = {
    "column": "redshift",
    "title": "z_spec",
    "unit": "a $1 unit",
    "edges": [0, 0.5, 1],
    "normalised": True,
    "cut": None,
    "products": [
        FIRST | {"difference": None, "ratio": None, "two_sample": None},
        FIRST
        | {"id": 2, "internal_name": "2_b", "counts": [2, 1], "difference": CURVE, "ratio": CURVE}
        | {"two_sample": TWO_SAMPLE},
    ],
    "definitions": {"ks": "largest difference"},
}
COVERAGE = {
    "features": ["i", "r - i"],
    "limit_mag": 29.0,
    "cut": "z > 0",
    "train": {"n_used": 9, "provenance": {"columns": ["z", "mag_i"]}},
    "target": {"n_used": 8, "provenance": {"columns": ["mag_i"]}},
    "neighbours": {"d_ref": 0.5, "covered": 0.9, "edges": [0, 1, 2], "train": [3, 4], "target": [5, 6]},
    "map": {"x_edges": [0, 1], "y_edges": [0, 1], "target": [[3]], "covered": [[2]]},
    "redshifts": {"effective_n": 7.5, "edges": [0, 0.5, 1], "plain": CURVE, "weighted": CURVE, "target": None},
    "som": {"train": [[3, 0], [0, 1]], "target": [[2, 7], [0, 1]], "sigma_z": [[0.1, None], [None, None]]},
    "definitions": {"som": "cells"},
}

Asked = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def product(server: PzServer, specz_id: int) -> PzProduct:
    return server.get_product_object(specz_id)


@pytest.fixture
def asked(server: PzServer, product: PzProduct, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Questions about numbers, which the portal in memory does not answer."""
    found: Asked = []
    real = server.api.transport.json

    def answer(method: str, path: str, **given: Any) -> Any:
        if path.endswith(("/compare/", "/coverage/")):
            found.append((path, given["params"]))
            return COMPARED if path.endswith("/compare/") else COVERAGE
        return real(method, path, **given)

    monkeypatch.setattr(server.api.transport, "json", answer)
    return found


def test_products_are_compared_by_id_or_name(product: PzProduct, portal: MockPortal, asked: Asked) -> None:
    other = portal.add_product("Wide field")
    name = portal.products[other]["internal_name"]
    found = product.compare([name, "7"], "redshift", width=0.5, cut="z > 0", normalised=False)
    path = f"products/{product.product_id}/compare/"
    assert asked == [
        (path, {"with": f"{other},7", "norm": "0", "column": "redshift", "width": 0.5, "cut": "z > 0"}),
    ]
    assert (found.column, found.definitions) == ("redshift", {"ks": "largest difference"})
    product.compare(7)
    assert asked[-1] == (path, {"with": "7"})
    with pytest.raises(InvalidInput):
        product.compare([None])  # type: ignore[list-item]


def test_numbers_come_as_arrays_and_tables(server: PzServer, specz_id: int, asked: Asked) -> None:
    found = server.compare([specz_id, 2])
    assert asked[0][0] == f"products/{specz_id}/compare/"
    np.testing.assert_array_equal(found.edges, [0, 0.5, 1])
    np.testing.assert_array_equal(found[2]["ratio"]["values"], [0.5, np.nan])
    assert found["1_a"]["two_sample"] is None
    bins = found.to_pandas()
    assert bins["product"].tolist() == ["1_a", "1_a", "2_b", "2_b"]
    assert bins["count"].tolist() == [1, 2, 2, 1]
    assert bins["high"].tolist() == [0.5, 1, 0.5, 1]
    np.testing.assert_array_equal(bins["difference"], [np.nan, np.nan, 0.5, np.nan])
    np.testing.assert_array_equal(bins["value_err_high"], [0.2, 0.3, 0.2, 0.3])
    table = found.summary()
    assert table.loc["2_b", "wasserstein"] == 0.3
    assert np.isnan(table.loc["1_a", "ks"])
    assert table["n"].tolist() == [3, 3]


def test_a_comparison_is_drawn(server: PzServer, specz_id: int, asked: Asked) -> None:
    figure = server.compare([specz_id, 2]).draw()
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["1_a", "2_b"]
    assert axes.get_ylabel() == "density per unit"
    figure.canvas.draw()


def test_coverage_comes_as_arrays_and_tables(server: PzServer, specz_id: int, asked: Asked) -> None:
    found = server.coverage(specz_id, 6, cut="z > 0")
    assert asked == [(f"products/{specz_id}/coverage/", {"target": 6, "cut": "z > 0"})]
    assert (found.features, found.train["provenance"]["columns"]) == (["i", "r - i"], ["z", "mag_i"])
    cells = found.cells()
    assert cells[["row", "column", "n_target", "n_train"]].to_numpy().tolist() == [
        [0, 0, 2, 3],
        [0, 1, 7, 0],
        [1, 0, 0, 0],
        [1, 1, 1, 1],
    ]
    np.testing.assert_array_equal(cells["sigma_z"], [0.1, np.nan, np.nan, np.nan])
    assert found.distances().to_numpy().tolist() == [[0, 1, 3, 5], [1, 2, 4, 6]]
    assert found.weighted_redshifts().columns.tolist() == [
        "low",
        "high",
        "plain",
        "plain_err",
        "weighted",
        "weighted_err",
    ]
    figure = found.draw()
    assert len(figure.axes[0].get_legend().get_texts()) == 2
    figure.canvas.draw()

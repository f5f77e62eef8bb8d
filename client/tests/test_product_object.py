"""One product as an object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pzserver import PzProduct, PzServer, analysis
from pzserver.errors import NotOwner
from pzserver.testing import MockPortal


@pytest.fixture
def product(server: PzServer, specz_id: int) -> PzProduct:
    """The spec-z catalogue as an object."""
    return server.get_product_object(specz_id)


@pytest.fixture
def foreign(server: PzServer, portal: MockPortal, specz_id: int) -> PzProduct:
    """The same, as somebody else sees it."""
    portal.products[specz_id] |= {"is_owner": False, "can_update": False, "can_delete": False, "uploaded_by": "owner1"}
    return server.get_product_object(specz_id)


def test_it_knows_its_fields_and_main_file(product: PzProduct, specz_id: int) -> None:
    assert product.product_id == specz_id
    assert product.attributes["display_name"] == "Deep field"
    assert product.main_file["name"] == "deep.csv"
    assert product.get_main_file_info()["columns"] == ["RA", "DEC", "z", "note"]
    assert repr(product) == "<PzProduct '1_deep_field'>"


def test_a_described_product_has_an_empty_main_file(server: PzServer, portal: MockPortal) -> None:
    assert server.get_product_object(portal.add_product("Described")).main_file == {}


def test_files_are_attached_by_role(product: PzProduct, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>about</p>")
    product.attach_auxiliary_file(tmp_path / "page.html")
    product.attach_description_file(str(tmp_path / "page.html"))
    assert [row["name"] for row in product.get_auxiliary_files()] == ["notes.txt", "page.html"]
    assert [row["name"] for row in product.get_description_files()] == ["page.html"]
    with pytest.raises(FileNotFoundError):
        product.attach_auxiliary_file(tmp_path / "none")


def test_files_are_removed_but_not_the_main_file(product: PzProduct) -> None:
    (row,) = product.get_auxiliary_files()
    product.remove_file(row["id"])
    assert product.get_auxiliary_files() == []
    with pytest.raises(ValueError, match="main file"):
        product.remove_file(product.main_file["id"])
    with pytest.raises(ValueError, match="no file 99"):
        product.remove_file(99)


def test_the_description_is_replaced(product: PzProduct, portal: MockPortal) -> None:
    product.update_description("New & better")
    assert product.attributes["description"] == "New & better"
    assert portal.products[1]["description"] == "New & better"


def test_others_may_look_only(foreign: PzProduct, server: PzServer, portal: MockPortal, tmp_path: Path) -> None:
    (tmp_path / "a.html").touch()
    portal.requests.clear()
    for attempt in (
        lambda: foreign.attach_auxiliary_file(tmp_path / "a.html"),
        lambda: foreign.attach_description_file(tmp_path / "a.html"),
        lambda: foreign.remove_file(2),
        lambda: foreign.update_description("x"),
        lambda: foreign.delete(),
    ):
        with pytest.raises(NotOwner, match="owner1"):
            attempt()
    assert portal.requests == []
    with pytest.raises(ValueError, match="owner1"):
        server.delete_product(1)
    assert portal.products[1]["status"] == 1


def test_an_administrator_may_what_the_server_says(server: PzServer, portal: MockPortal, specz_id: int) -> None:
    portal.products[specz_id] |= {"is_owner": False}
    server.get_product_object(specz_id).update_description("by the curator")
    assert server.delete_product(specz_id) is None
    assert portal.products[specz_id]["status"] == 2


def test_a_plot_comes_as_arrays_with_its_provenance(product: PzProduct, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    grid = {"kind": "Density", "counts": [[1, 2], [3, 4]], "x_label": "RA"}
    value = {"kind": "SkyDensity", "grid": grid, "counts": [1, None], "names": ["a", "b"], "items": [[1], [1, 2]]}
    told = {"cut": "z > 0", "n_rows": 9}

    def answer(_method: str, path: str, params: dict[str, Any]) -> Any:
        asked.append((path, params))
        if path.endswith("/plots/"):
            return {"count": 1, "results": [{"name": "sky"}]}
        empty = "odds" in path
        return {"name": "sky", "title": "Sky", "provenance": told, "value": None if empty else value}

    monkeypatch.setattr(product._api.transport, "json", answer)
    plot = product.plot("sky", cut="z > 0")
    assert asked == [(f"products/{product.product_id}/plots/sky/", {"cut": "z > 0"})]
    assert (plot.kind, plot.title, plot.provenance) == ("SkyDensity", "Sky", told)
    np.testing.assert_array_equal(plot["grid"]["counts"], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(plot["counts"], [1, np.nan])
    assert (plot["names"], plot["grid"]["x_label"]) == (["a", "b"], "RA")
    assert [len(item) for item in plot["items"]] == [1, 2]
    assert (product.plot("odds").kind, product.plot("odds").value) == ("", {})
    assert product.plots() == [{"name": "sky"}]
    assert product.plot("a/b").name
    assert asked[-1][0].endswith("/plots/a%2Fb/")


def test_a_histogram_is_asked_of_the_server(product: PzProduct, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    answers = [
        {"status": "running", "progress": 0.4},
        {"column": "z", "edges": [0, 0.5, 1], "counts": [3, 4], "n_shown": 7, "n_total": 9, "n_missing": 1}
        | {"n_outside": 1, "cut": "z > 0", "series": [{"value": "a", "counts": [1, 2]}]},
    ]

    def answer(_method: str, _path: str, params: dict[str, Any]) -> Any:
        asked.append(params)
        return answers.pop(0)

    monkeypatch.setattr(analysis, "POLL_S", 0.0)
    monkeypatch.setattr(product._api.transport, "json", answer)
    histogram = product.histogram("z", width=0.5, low=0, high=1, cut="z > 0", split="survey")
    expected = {"column": "z", "width": 0.5, "min": 0, "max": 1, "cut": "z > 0", "split": "survey"}
    assert asked == [expected, expected]
    np.testing.assert_array_equal(histogram.counts, [3, 4])
    np.testing.assert_array_equal(histogram.series["a"], [1, 2])
    assert (histogram.n_shown, histogram.n_total, histogram.n_missing, histogram.n_outside) == (7, 9, 1, 1)
    assert histogram.to_pandas()["count"].tolist() == [3, 4]
    axes = histogram.plot()
    assert axes.get_xlabel() == "z"

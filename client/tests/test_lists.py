"""Lists: complete, filtered, shown."""

from __future__ import annotations

from typing import Any

import pytest

from pzserver import PzServer
from pzserver.filters import announced_filters, filter_parameters
from pzserver.tables import Table, cell_text
from pzserver.testing import MockPortal


def headings(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Names of the columns of the table just printed."""
    return [name.strip() for name in capsys.readouterr().out.splitlines()[0].split("  ") if name.strip()]


@pytest.fixture
def three_products(portal: MockPortal) -> MockPortal:
    """A catalogue, a training set of a release, and validation results."""
    portal.add_product("Deep field", "redshift_catalog")
    portal.add_product("Train", "training_set", release=1, release_name="LSST DP0")
    portal.add_product("Results", "validation_results", status=1)
    portal.add_product("Draft", "training_set", status=0)
    return portal


def test_lists_of_general_things_are_lists_of_dicts(server: PzServer) -> None:
    assert [row["name"] for row in server.get_product_types()][:2] == ["redshift_catalog", "training_set"]
    assert {row["username"] for row in server.get_users()} == {"demo"}
    assert [row["display_name"] for row in server.get_releases()] == ["LSST DP0", "LSST DP1"]


@pytest.mark.parametrize("old", [True, False])
def test_a_list_is_complete_however_the_server_pages(portal: MockPortal, server: PzServer, old: bool) -> None:
    for number in range(251):
        portal.add_product(f"Product {number}")
    portal.page_rows = 100 if old else None
    ids = [row["id"] for row in server.get_products_list()]
    assert ids == list(range(251, 0, -1))


def test_pages_named_by_the_server_are_followed(server: PzServer, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: dict[str, Any] = {
        "releases/": {"count": 3, "next": "/api/releases/?cursor=a", "results": [{"id": 1}, {"id": 2}]},
        "/api/releases/?cursor=a": {"count": 3, "next": None, "results": [{"id": 2}, {"id": 3}]},
    }
    monkeypatch.setattr(server.api.transport, "json", lambda method, path, **_: pages[path])
    assert [row["id"] for row in server.get_releases()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"release": "LSST DP0", "product_type": "Training Set"}, ["Train"]),
        ({"release": "DP0"}, ["Train"]),
        ({"product_type__or": ["Spec-z Catalog", "training set"]}, ["Train", "Deep field"]),
        ({"product_type": "results"}, ["Results"]),
        ({"product_type": "Reference Redshift Catalog"}, ["Deep field"]),
        ({"internal_name__in": ["1_deep_field", "3_results"]}, ["Results", "Deep field"]),
        ({"status": 0}, ["Draft"]),
        (None, ["Results", "Train", "Deep field"]),
    ],
)
def test_filters_of_the_tutorials_find_their_products(
    server: PzServer, three_products: MockPortal, filters: dict[str, Any] | None, names: list[str]
) -> None:
    assert [row["display_name"] for row in server.get_products_list(filters=filters)] == names


def test_an_unknown_filter_is_a_value_error_that_lists_the_known_ones(server: PzServer) -> None:
    with pytest.raises(ValueError, match="colour") as caught:
        server.get_products_list({"colour": "red"})
    words = str(caught.value).partition("used: ")[2].rstrip(".").split(", ")
    assert words == sorted(words)
    assert {"product_type", "release__or", "status", "search"} < set(words)
    assert "product_type_name" not in words


def test_filters_are_asked_for_once_a_connection(server: PzServer, portal: MockPortal) -> None:
    server.get_products_list({"release": "a"})
    server.get_products_list({"release": "b"})
    assert portal.requests.count("OPTIONS /api/products/") == 1


def test_values_of_filters_become_text() -> None:
    known = frozenset({"release_name", "official_product", "status__in"})
    filters = {"release": "A & B", "official_product": True, "status__in": [0, 1]}
    expected = {"release_name": "A & B", "official_product": "true", "status__in": "0,1"}
    assert filter_parameters(filters, known) == expected


def test_filters_are_announced_in_either_form() -> None:
    assert announced_filters({"filterset": ["id", "name"]}) == {"id", "name"}
    assert announced_filters({"filter_classes": [{"name": "status"}], "search": []}) == {"status", "search"}


def test_tables_have_the_columns_people_know(
    server: PzServer, three_products: MockPortal, capsys: pytest.CaptureFixture[str]
) -> None:
    server.display_product_types()
    assert headings(capsys) == ["Product Type", "product_type", "Description"]
    server.display_users()
    assert headings(capsys) == ["Username", "Name"]
    server.display_releases()
    assert headings(capsys) == ["Name", "Release", "Description"]
    server.display_products_list()
    words = (
        "id internal_name product_name product_type release uploaded_by official_product pz_code description created_at"
    )
    assert headings(capsys) == words.split()


def test_a_table_shows_what_is_in_the_rows(
    server: PzServer, three_products: MockPortal, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server.display_products_list(filters={"release": "DP0"}) is None
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].split()[:4] == ["2", "2_train", "Train", "Training"]


def test_cells_of_other_people_are_harmless() -> None:
    table = Table(["<b>"], [["<script>alert(1)</script> & \x1b[2J"]])
    assert "<script>" not in table._repr_html_()
    assert "&lt;script&gt;" in table._repr_html_()
    assert "\x1b" not in str(table)


def test_long_cells_go_on_in_the_next_line() -> None:
    table = Table(["id", "description"], [["1", "word " * 40]])
    lines = str(table).splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) <= 64


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (["a", None, 1], "a, , 1"), ({"a": 1, "b": None}, "a: 1"), (True, "True")]
)
def test_values_read_well_in_a_cell(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_the_low_level_object_answers_as_before(server: PzServer, three_products: MockPortal) -> None:
    assert server.api.get("products", 1)["display_name"] == "Deep field"
    found = server.api.get_by_name("product-types", "specz_catalog")
    assert found is not None
    assert found["name"] == "redshift_catalog"
    assert server.api.get_by_name("releases", "none") is None
    assert server.api.get_by_attribute("releases", "id", 2)["count"] == 1
    assert "product_type_name__or" in server.api.options("products")["filter"]
    assert len(server.api.get_products(status=0)) == 1

"""Product page, upload form and edit form on real services: what the callbacks answer and what the layouts refuse."""

from __future__ import annotations

import importlib
import io
from typing import Any

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from app import create_app
from components.column_mapping.callbacks import show_columns
from components.delete_dialog.callbacks import delete_product, undo_delete
from components.explore.callbacks import show_plots
from components.product_edit.callbacks import save, save_files
from components.product_edit.layout import field_values
from components.product_summary.callbacks import show_progress
from components.row_table.callbacks import show_rows, show_table
from components.upload_form.callbacks import submit
from components.upload_form.layout import FIELDS
from services.container import Container
from services.errors import NotAllowed, NotFound
from services.models.identity import Actor
from services.models.products import FileRole, Product, ProductStatus
from tests.components.tree import elements, find, words
from tests.support.ingests import N_ROWS, catalogue_csv, ingested, submitted
from tests.support.products import draft, person, published, with_file, with_status

EMPTY = {"files": [], "pending": 0}


@pytest.fixture
def catalogue(sqlite_container: Container, owner: Actor) -> Product:
    """A catalogue that has been read."""
    return ingested(sqlite_container, owner, catalogue_csv())


def layout_of(module: str, container: Container, **parts: str) -> Any:
    """What a page's own layout gives, on an application that was really built."""
    create_app(container.settings)
    return importlib.import_module(module).layout(**parts)


def staged(container: Container, owner: Actor, content: bytes, name: str) -> dict[str, Any]:
    file = container.uploads.stage(owner, io.BytesIO(content), name)
    return {"files": [{"staged_id": file.id, "name": file.name, "size_bytes": file.size_bytes}], "pending": 0}


def test_the_table_appears_once_the_file_has_been_read(sqlite_container: Container, owner: Actor) -> None:
    waiting = submitted(sqlite_container, owner, catalogue_csv())
    page = layout_of("pages.product", sqlite_container, internal_name=waiting.internal_name, tab="table")
    assert "row-table-place" in {str(getattr(element, "id", None)) for element in elements(page)}
    assert show_table("", waiting.id) is no_update
    read = ingested(sqlite_container, owner, catalogue_csv())
    assert "row-table-grid" in {str(getattr(element, "id", None)) for element in elements(show_table("", read.id))}


def test_plots_are_over_all_rows(owner: Actor, catalogue: Product) -> None:
    shown, _, _, _, counts, message, is_hidden, *_ = show_plots("", None, None, catalogue.id)
    assert len(find(shown, "Graph")) >= 5
    assert f"{N_ROWS} shown / {N_ROWS} total / 0 missing · column z_spec" in words(shown)
    assert (counts, message, is_hidden) == (f"{N_ROWS} shown / {N_ROWS} total / 0 cut away", "", False)


def test_plots_wait_while_the_file_is_read_and_say_why_there_are_none(
    sqlite_container: Container, owner: Actor
) -> None:
    waiting = submitted(sqlite_container, owner, catalogue_csv())
    shown, *_, is_hidden = show_plots("", "z_spec < 1", None, waiting.id)
    assert "The plot is on its way" in words(shown)
    assert is_hidden
    words_only = published(sqlite_container, owner)
    shown, *_, is_hidden = show_plots("", "z_spec < 1", None, words_only.id)
    assert not find(shown, "Graph")
    assert is_hidden


def test_nobody_sees_plots_rows_or_columns_of_a_hidden_product(sqlite_container: Container, owner: Actor) -> None:
    hidden = draft(sqlite_container, person(sqlite_container, "owner2"))
    for ask in (
        lambda: show_plots("", None, None, hidden.id),
        lambda: show_rows({"startRow": 0, "endRow": 10}, hidden.id, ["0"]),
        lambda: show_columns("", hidden.id, 0),
        lambda: show_progress(1, None, None, hidden.id),
        lambda: delete_product(1, hidden.id),
    ):
        with pytest.raises(NotFound):
            ask()


def test_rows_are_paged_sorted_and_filtered(owner: Actor, catalogue: Product) -> None:
    answer, label = show_rows({"startRow": 390, "endRow": 490}, catalogue.id, ["0", "3"])
    assert (answer["rowCount"], len(answer["rowData"]), label) == (N_ROWS, 10, f"{N_ROWS} rows")
    assert answer["rowData"][-1]["row"] == N_ROWS
    assert answer["rowData"][0]["c0"] == str(900000000000000390)
    model = {"c5": {"type": "equals", "filter": 4}}
    answer, label = show_rows({"startRow": 0, "endRow": 5, "filterModel": model}, catalogue.id, ["0", "5"])
    assert {row["c5"] for row in answer["rowData"]} == {4}
    assert label == f"{N_ROWS // 4} of {N_ROWS} rows match"


def test_columns_show_roles_and_numbers(owner: Actor, catalogue: Product) -> None:
    shown = show_columns("", catalogue.id, None)
    rows = [e.to_plotly_json()["props"].get("data-column-rows") for e in elements(shown)]
    assert any(row and '"role": "redshift"' in row for row in rows)


def test_progress_stops_asking_when_the_product_stands_still(sqlite_container: Container, owner: Actor) -> None:
    product = submitted(sqlite_container, owner, catalogue_csv())
    strip, stops, *_ = show_progress(1, None, None, product.id)
    assert not stops
    assert find(strip, "Progress")
    with_status(sqlite_container, product, ProductStatus.FAILED, "a.csv is torn.")
    strip, stops, new_head, _ = show_progress(2, None, None, product.id)
    assert stops
    assert "a.csv is torn." in words(strip)
    assert "Failed" in words(new_head)


def test_a_form_makes_a_product_and_leads_to_its_page(sqlite_container: Container, owner: Actor) -> None:
    main = staged(sqlite_container, owner, catalogue_csv(), "a.csv")
    address, *errors = submit(1, "New one", "training_set", "", "", "text", None, main, EMPTY, EMPTY, None)
    assert address.endswith("_new_one")
    assert errors == [None] * len(FIELDS)


@pytest.mark.parametrize(
    ("name", "kind", "main", "no_file", "field"),
    [
        ("A", "training_set", EMPTY, False, "main_file"),
        ("A", "training_set", {"files": [], "pending": 1}, False, "main_file"),
        ("A", None, EMPTY, True, "product_type"),
        ("", "training_set", EMPTY, True, "display_name"),
        ("A", "training_set", {"files": [{"staged_id": "gone"}], "pending": 0}, False, "form"),
    ],
)
def test_refusals_appear_beside_their_field(
    name: str, kind: str | None, main: dict[str, Any], no_file: bool, field: str, owner: Actor
) -> None:
    _, *errors = submit(1, name, kind, "", "", "", None, main, EMPTY, EMPTY, no_file)
    assert [place for place, error in zip(FIELDS, errors, strict=True) if error] == [field]


def test_edits_lead_back_and_refusals_stay(sqlite_container: Container, owner: Actor) -> None:
    product = published(sqlite_container, owner)
    address, *_ = save(1, product.id, "Renamed", "", "", "words", None, None)
    assert address == f"/product/{product.internal_name}?tab=about"
    assert sqlite_container.catalog.get(owner, product.id).display_name == "Renamed"
    assert any(save(1, product.id, "x" * 300, "", "", "", None, None)[1:])


def test_two_open_forms_do_not_undo_each_other(sqlite_container: Container, owner: Actor) -> None:
    product = published(sqlite_container, owner)
    opened = field_values(product)
    save(1, product.id, "Renamed", "", "", product.description, None, opened)
    address, *_ = save(1, product.id, product.display_name, "", "", "New words", None, opened)
    now = sqlite_container.catalog.get(owner, product.id)
    assert address
    assert (now.display_name, now.description) == ("Renamed", "New words")
    refused = save(1, product.id, "Another name", "", "", "New words", None, opened)
    assert "changed by somebody else" in str(refused[1])
    assert sqlite_container.catalog.get(owner, product.id).display_name == "Renamed"


def test_a_failed_main_file_is_replaced_and_read(sqlite_container: Container, owner: Actor) -> None:
    product = draft(sqlite_container, owner)
    with_file(sqlite_container, product, "torn.csv")
    main = staged(sqlite_container, owner, catalogue_csv(), "whole.csv")
    address, error = save_files(1, product.id, main, EMPTY, EMPTY)
    assert (address, error) == (f"/product/{product.internal_name}", None)
    files = sqlite_container.catalog.files(owner, product.id)
    assert [file.name for file in files if file.role is FileRole.MAIN] == ["whole.csv"]
    assert sqlite_container.catalog.get(owner, product.id).status is ProductStatus.PROCESSING


def test_a_deleted_product_comes_back_by_undo(sqlite_container: Container, owner: Actor) -> None:
    product = published(sqlite_container, owner)
    assert "was deleted" in words(delete_product(1, product.id))
    with pytest.raises(NotFound):
        sqlite_container.catalog.get(owner, product.id)
    assert undo_delete(1, product.id) == f"/product/{product.internal_name}"
    with pytest.raises(PreventUpdate):
        undo_delete(0, product.id)


def test_layouts_bear_unknown_parameters_and_show_the_tab_asked_for(
    sqlite_container: Container, owner: Actor, catalogue: Product
) -> None:
    parts = {"internal_name": catalogue.internal_name, "utm_source": "x"}
    assert find(layout_of("pages.product", sqlite_container, **parts), "Interval")
    assert find(layout_of("pages.product", sqlite_container, tab="table", **parts), "AgGrid")
    assert "a.csv" in words(layout_of("pages.product", sqlite_container, tab="files", **parts))
    assert "Main file read" in words(layout_of("pages.product", sqlite_container, tab="history", **parts))
    assert find(layout_of("pages.product_new", sqlite_container, x="y"), "Textarea")


def test_only_people_with_the_right_open_the_edit_form(sqlite_container: Container, owner: Actor) -> None:
    mine = published(sqlite_container, owner)
    theirs = published(sqlite_container, person(sqlite_container, "owner2"))
    form = layout_of("pages.product_edit", sqlite_container, internal_name=mine.internal_name)
    assert find(form, "Input", value="A sample")
    with pytest.raises(NotAllowed):
        layout_of("pages.product_edit", sqlite_container, internal_name=theirs.internal_name)
    with pytest.raises(NotFound):
        layout_of("pages.product", sqlite_container, internal_name="999_nothing")

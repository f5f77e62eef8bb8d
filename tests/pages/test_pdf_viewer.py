"""The PDF viewer on real services: what the card shows, and how one comes to another object."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from components.figures.object_pdf import object_pdf_figure
from components.pdf_viewer import callbacks
from components.pdf_viewer.callbacks import choose_row, show_pdf
from components.pdf_viewer.layout import Ids, pdf_viewer, row_number
from services.container import Container
from services.models.identity import Actor
from services.models.products import Product
from tests.components.tree import find, words
from tests.services.test_object_pdfs import N, ensemble
from tests.support.ingests import catalogue_csv, ingested


@pytest.fixture
def product(sqlite_container: Container, owner: Actor, tmp_path: Any) -> Product:
    return ingested(sqlite_container, owner, ensemble(tmp_path), "a.hdf5", "validation_results")


def _ask(monkeypatch: pytest.MonkeyPatch, which: str, product: Product, row: int | None, text: str = "") -> Any:
    triggered = SimpleNamespace(triggered_id=which, triggered=[{"value": 1}])
    monkeypatch.setattr(callbacks, "ctx", triggered)
    return choose_row(1, 1, 1, 1, text, row, product.id)


def test_the_card_shows_the_object_of_the_address(product: Product) -> None:
    body, is_hidden = show_pdf("", 3, product.id)
    assert not is_hidden
    text = words(body)
    for part in ("id 900000000000000014 · row 3 of 300", "z_spec", "z_phot", "68 % from", "PIT"):
        assert part in text
    assert "row 1 of 300" in words(show_pdf("", None, product.id)[0])
    assert "row 5 has no PDF" in words(show_pdf("", 5, product.id)[0])


def test_without_pdfs_the_card_is_hidden(sqlite_container: Container, owner: Actor) -> None:
    table = ingested(sqlite_container, owner, catalogue_csv())
    assert show_pdf("", 3, table.id) == (None, True)


def test_neighbours_and_ends(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _ask(monkeypatch, Ids.after, product, None) == (2, "")
    assert _ask(monkeypatch, Ids.before, product, 9) == (8, "")
    assert _ask(monkeypatch, Ids.before, product, 1) == (no_update, "This is the first object.")
    assert _ask(monkeypatch, Ids.after, product, N) == (no_update, "This is the last object.")


def test_an_id_or_a_row_is_found_or_refused_in_words(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _ask(monkeypatch, Ids.show, product, 1, "900000000000000021") == (4, "")
    assert _ask(monkeypatch, Ids.field, product, 1, "row 17") == (17, "")
    row, message = _ask(monkeypatch, Ids.show, product, 1, "nothing")
    assert row is no_update
    assert 'No object has the id "nothing"' in message
    assert "Type the id" in _ask(monkeypatch, Ids.show, product, 1, "  ")[1]
    monkeypatch.setattr(callbacks, "ctx", SimpleNamespace(triggered_id=None, triggered=[{"value": None}]))
    with pytest.raises(PreventUpdate):
        choose_row(0, 0, 0, 0, "", 1, product.id)


def test_rows_of_addresses() -> None:
    assert [row_number(text) for text in ("12", "0", None, "x", "1" * 14, "-3")] == [12, 1, None, None, None, None]
    (store,) = find(pdf_viewer("12"), "Store", id=Ids.row)
    assert store.data == 12


def test_the_figure_has_lines_for_what_is_known(product: Product, sqlite_container: Container, owner: Actor) -> None:
    found = sqlite_container.object_pdfs.pdf(owner, product.id, 3)
    assert found is not None
    figure = object_pdf_figure(found)
    assert [trace.name for trace in figure.data] == ["central 68 %", "PDF", "z_spec", "z_phot"]
    assert figure.data[0].x[0] == found.low
    assert figure.layout.xaxis.range[0] < found.z_spec < figure.layout.xaxis.range[1]
    without = sqlite_container.object_pdfs.pdf(owner, product.id, 7)
    assert without is not None
    assert [trace.name for trace in object_pdf_figure(without).data] == ["central 68 %", "PDF"]

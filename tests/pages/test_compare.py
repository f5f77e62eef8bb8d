"""The Compare page on real services: what addresses show, how the view changes, what stays hidden."""

from __future__ import annotations

from typing import Any

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from components.compare import callbacks
from components.compare.address import CompareView, parameters_of
from components.compare.callbacks import apply_cut, choose, show_comparison, show_depth, show_found, show_numbers
from components.compare.layout import Ids, compare_frame
from services.container import Container
from services.models.identity import Actor
from services.models.products import Product
from tests.components.tree import find, words
from tests.support.ingests import catalogue_csv, ingested
from tests.support.products import draft, person


@pytest.fixture
def pair(sqlite_container: Container, owner: Actor) -> tuple[Product, Product]:
    return (
        ingested(sqlite_container, owner, catalogue_csv(), "first.csv"),
        ingested(sqlite_container, owner, catalogue_csv(300, 7), "second.csv"),
    )


def data(*products: Product, **more: Any) -> dict[str, str]:
    return parameters_of(CompareView(tuple(product.internal_name for product in products), **more))


def test_two_products_are_drawn_with_their_numbers(pair: tuple[Product, Product]) -> None:
    items, choices, chosen, hint, notes, panel, more, drawn = show_comparison(data(*pair))
    assert [pair[place].display_name in words(items[place]) for place in (0, 1)] == [True, True]
    assert [choice["value"] for choice in choices][:2] == ["redshift", "mag_i"]
    assert (chosen, hint, notes, more) == ("redshift", "0.1", None, [])
    assert "400 shown / 400 total / 0 missing · column z_spec" in words(panel)
    text = words(show_numbers(drawn, data(*pair)))
    for part in ("Wasserstein-1", "KS D", "logarithm", "400", "300"):
        assert part in text
    assert show_numbers(None, data(*pair)) is None


def test_what_cannot_be_shown_is_said(pair: tuple[Product, Product], owner: Actor) -> None:
    _, _, chosen, _, notes, panel, *_ = show_comparison(data(*pair, x="z_phot"))
    assert chosen == "redshift"
    assert 'Not all of these products have "z_phot"' in words(notes)
    assert panel is not None
    assert "KS D" in words(show_numbers(1, data(*pair, x="z_phot")))
    *_, notes, panel, _, _ = show_comparison(data(*pair, width=1e-7))
    assert "bin width" in words(notes)
    assert panel is None
    *_, notes, panel, _, _ = show_comparison(data(*pair, cut="mag_i < 22 and nothing > 3"))
    assert words(panel).count("The cut does not fit") == 2


@pytest.mark.parametrize(("n", "sentence"), [(0, "Add two products"), (1, "Add a product")])
def test_fewer_than_two_products_say_what_to_do(pair: tuple[Product, Product], n: int, sentence: str) -> None:
    *_, panel, more, drawn = show_comparison(data(*pair[:n]))
    assert drawn is None
    assert sentence in words(panel)
    assert more is None


def test_hidden_products_leave_a_note_and_no_word(sqlite_container: Container, pair: tuple[Product, Product]) -> None:
    hidden = draft(sqlite_container, person(sqlite_container, "owner2"), "zq secret qz", "training_set")
    shown = show_comparison(parameters_of(CompareView((pair[0].internal_name, pair[1].internal_name, str(hidden.id)))))
    assert "not there, or not open to you" in words(shown[4])
    assert "secret" not in "".join(words(part) for part in shown if part is not no_update)
    assert "secret" not in words(show_found("secret", data(pair[0])))


def test_products_to_add_are_of_the_same_type_until_words_are_typed(
    sqlite_container: Container, owner: Actor, pair: tuple[Product, Product]
) -> None:
    estimates = b"id,z_phot\n" + b"".join(b"%d,%.3f\n" % (i, i / 60) for i in range(90))
    other = ingested(sqlite_container, owner, estimates, "estimates.csv", "photoz_estimates")
    assert [words(item).startswith(f"Add {pair[1].display_name}") for item in show_found("", data(pair[0]))] == [True]
    assert f"Add {other.display_name}" in words(show_found("estimates", data(pair[0])))
    assert "No other product" in words(show_found("no such words", data(pair[0])))
    full = data(*(ingested(sqlite_container, owner, catalogue_csv(40), f"n{k}.csv") for k in range(4)))
    assert "the most" in words(show_found("", full))


class _Pressed:
    def __init__(self, kind: str, name: str) -> None:
        self.triggered_id = {"type": kind, "index": name}
        self.triggered = [{"value": 1}]


def test_buttons_add_remove_and_reorder(pair: tuple[Product, Product], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (product.internal_name for product in pair)
    for kind, name, before, after in (
        (Ids.add, second, (first,), f"{first},{second}"),
        (Ids.remove, first, (first, second), second),
        (Ids.first, second, (first, second), f"{second},{first}"),
    ):
        monkeypatch.setattr(callbacks, "ctx", _Pressed(kind, name))
        changed, search = callbacks.change_products([1], [None], [None], parameters_of(CompareView(before)))
        assert (changed["products"], search) == (after, "")


def test_controls_change_the_view_and_nothing_else_does() -> None:
    view = {"v": "1", "products": "1_a,2_b", "norm": "1"}
    assert choose("mag_i", 0.5, "counts", True, view) == {
        "v": "1",
        "products": "1_a,2_b",
        "x": "mag_i",
        "norm": "0",
        "width": "0.5",
        "log": "1",
    }
    with pytest.raises(PreventUpdate):
        choose(None, None, "norm", False, view)
    kept = {**view, "x": "mag_i", "width": "0.5"}
    assert "width" not in choose("redshift", 0.5, "norm", False, kept)


def test_a_typed_cut_is_written_in_one_way_and_a_wrong_one_changes_nothing() -> None:
    assert apply_cut(1, None, " mag_i<22", {"cut": "x > 1"}) == ({"v": "1", "norm": "1", "cut": "mag_i < 22"}, "")
    assert apply_cut(1, None, "", {"cut": "x > 1"})[0] == {"v": "1", "norm": "1"}
    unchanged, message = apply_cut(1, None, "mag_i <", {})
    assert unchanged is no_update
    assert "character" in message


VALIDATION = "z_spec,z_phot\n" + "".join(f"{i / 100},{i / 100 + (-1) ** i * 0.02}\n" for i in range(1, 90))
TRAINING = "z_spec,mag_i,mag_err_i\n" + "".join(f"{i / 100},{20 + i / 30},{0.02 + i / 400}\n" for i in range(200))


def test_validations_show_their_metrics_side_by_side(sqlite_container: Container, owner: Actor) -> None:
    both = [ingested(sqlite_container, owner, VALIDATION.encode(), f"v{k}.csv", "validation_results") for k in (1, 2)]
    more = show_comparison(data(*both))[6]
    assert "Metrics of the photo-z" in words(more)
    assert "0.01" in words(more)


def test_depth_is_computed_when_asked_for(sqlite_container: Container, owner: Actor) -> None:
    both = [ingested(sqlite_container, owner, TRAINING.encode(), f"t{k}.csv", "training_set") for k in (1, 2)]
    assert "Depth per band" in words(show_comparison(data(*both))[6])
    with pytest.raises(PreventUpdate):
        show_depth(None, data(*both))
    assert "25." in words(show_depth(1, data(*both)))


def test_the_page_begins_with_the_view_of_its_address() -> None:
    frame = compare_frame(CompareView(("1_a",), cut="mag_i < 3", width=0.2), ["A note."])
    assert "A note." in words(frame)
    assert find(frame, "Input", id=Ids.cut)[0].value == "mag_i < 3"
    assert find(frame, "Input", id=Ids.width)[0].value == 0.2
    assert find(frame, "Store", id=Ids.view)[0].data["products"] == "1_a"

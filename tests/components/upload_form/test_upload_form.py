"""Upload form."""

from __future__ import annotations

from components.upload_form.callbacks import refusals, show_needs
from components.upload_form.layout import FIELDS, type_needs, upload_form
from components.upload_form.zone import is_waiting, staged_ids
from services.errors import Conflict, InvalidInput
from services.product_types import PRODUCT_TYPES
from tests.components.tree import elements, find, words


def test_refusals_stand_beside_the_field_they_concern() -> None:
    assert refusals(InvalidInput("No name.", "display_name"))[FIELDS.index("display_name")] == "No name."
    assert refusals(InvalidInput("Empty.", "file"))[FIELDS.index("main_file")] == "Empty."
    for error in (Conflict("Taken."), InvalidInput("Odd.", "no_such_field"), InvalidInput("Odd.")):
        sentences = refusals(error)
        assert sentences[FIELDS.index("form")] == error.message
        assert sum(sentence is not None for sentence in sentences) == 1


def test_every_field_has_a_place_for_its_refusal() -> None:
    form = upload_form((), 100, is_admin=False)
    ids = {getattr(element, "id", None) for element in elements(form)}
    assert {f"upload-form-error-{field}" for field in FIELDS} <= ids


def test_every_type_can_be_chosen_and_says_what_it_needs() -> None:
    (select,) = [item for item in find(upload_form((), 100, is_admin=False), "Select") if item.id == "upload-form-type"]
    assert {option["value"] for option in select.options} == set(PRODUCT_TYPES)
    assert "Right ascension, Declination, Redshift" in words(type_needs(PRODUCT_TYPES["redshift_catalog"]))


def test_release_and_pz_code_are_hidden_where_the_type_has_none() -> None:
    assert show_needs("redshift_catalog")[1:] == (True, True)
    assert show_needs("training_set")[1:] == (False, True)
    assert show_needs("photoz_estimates")[1:] == (False, False)
    assert show_needs(None) == (None, True, True)


def test_zones_know_the_limit_and_only_the_others_take_several_files() -> None:
    zones = {
        props["data-upload-zone"]: props
        for element in elements(upload_form((), 12345, is_admin=False))
        if "data-upload-zone" in (props := element.to_plotly_json()["props"])
    }
    assert {props["data-upload-max-bytes"] for props in zones.values()} == {"12345"}
    assert {name for name, props in zones.items() if props["data-upload-multiple"] == "false"} == {"upload-form-main"}


def test_what_a_zone_keeps() -> None:
    assert staged_ids({"files": [{"staged_id": "a"}, {"staged_id": "b"}], "pending": 1}) == ("a", "b")
    assert is_waiting({"files": [], "pending": 1})
    assert (staged_ids(None), is_waiting(None)) == ((), False)


def test_submit_is_pressed_again_when_all_files_have_arrived() -> None:
    (submit,) = find(upload_form((), 100, is_admin=False), "Button", id="upload-form-submit")
    assert submit.to_plotly_json()["props"]["data-submit-when-arrived"] == "true"

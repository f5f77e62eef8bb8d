"""Edit form."""

from __future__ import annotations

from components.product_edit.callbacks import refusals
from components.product_edit.layout import FIELDS, edited_files, product_edit_form
from services.errors import InvalidInput, NotAllowed
from services.models.products import FileRole, ProductFile, ProductStatus
from tests.components.tree import elements, find
from tests.components.values import THEN, product

MAIN = ProductFile(3, 7, FileRole.MAIN, "deep.csv", "text/csv", 10, "ab" * 32, "key", None, THEN, THEN)


def test_the_form_is_filled_with_what_is_there() -> None:
    form = product_edit_form(product(), (), (), 100, is_admin=False)
    assert find(form, "Input", id="product-edit-name", value="Deep field")
    assert find(form, "Textarea", value="Spectra\nof a *deep* field")


def test_every_refusal_has_its_place() -> None:
    ids = {getattr(element, "id", None) for element in elements(product_edit_form(product(), (), (), 1, is_admin=True))}
    assert {f"product-edit-error-{field}" for field in FIELDS} <= set(map(str, ids))
    assert refusals(InvalidInput("Too long.", "pz_code"))[FIELDS.index("pz_code")] == "Too long."
    assert refusals(NotAllowed("No."))[FIELDS.index("form")] == "No."


def test_the_main_file_of_a_published_product_stays() -> None:
    assert find(edited_files(product(), [MAIN]), "Button", disabled=True)
    assert find(edited_files(product(status=ProductStatus.FAILED), [MAIN]), "Button", disabled=False)

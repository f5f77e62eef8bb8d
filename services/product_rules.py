"""What the fields of a product may hold, and which fields go together (REST contract, sections 3 and 15)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from services.columns.roles import ROLES
from services.errors import Conflict, InvalidInput
from services.models.products import ProductStatus
from services.product_types import ProductType
from services.text_rules import folded, is_one_line, slug, storable, without_direction_marks

MAX_NAME = 255
MAX_PZ_CODE = 55
MAX_DESCRIPTION = 100_000
"""Characters; far more than anybody writes, little enough to send with a page."""
MAX_SLUG = 200
_YEARS = range(1900, 2200)
_MOVES = {
    ProductStatus.REGISTERING: (ProductStatus.PUBLISHED, ProductStatus.FAILED),
    ProductStatus.FAILED: (ProductStatus.REGISTERING, ProductStatus.PUBLISHED),
    ProductStatus.PROCESSING: (ProductStatus.PUBLISHED, ProductStatus.FAILED),
}
"""From where to where a status may go."""
_SHORT_TITLES = {"ra": "RA", "dec": "Dec"}


def clean_name(value: object) -> str:
    """Display name, trimmed; InvalidInput unless it is one line of 1 to 255 characters."""
    given = without_direction_marks(_text(value, "display_name", "name"))
    text = unicodedata.normalize("NFC", given.strip())
    if not any(letter.isprintable() and not letter.isspace() for letter in text):
        raise InvalidInput("The product needs a name.", field="display_name")
    if len(text) > MAX_NAME:
        raise InvalidInput(
            f"The name has {len(text)} characters, the limit is {MAX_NAME}. Shorten it.", field="display_name"
        )
    if not is_one_line(text):
        raise InvalidInput("The name has line breaks or control characters. Write it on one line.", "display_name")
    return text


def clean_pz_code(value: object) -> str | None:
    """Name of the photo-z code, trimmed, None when empty; InvalidInput when it is not one short line."""
    text = _text(value, "pz_code", "photo-z code").strip()
    if len(text) > MAX_PZ_CODE or not is_one_line(text):
        raise InvalidInput(f"The photo-z code is one line of at most {MAX_PZ_CODE} characters.", field="pz_code")
    return text or None


def clean_description(value: object) -> str | None:
    """Description, None when empty; InvalidInput when it is too long."""
    text = storable(_text(value, "description", "description"))
    if len(text) > MAX_DESCRIPTION:
        raise InvalidInput(
            f"The description has {len(text):,} characters, the limit is {MAX_DESCRIPTION:,}. "
            "Put the long version into a description file.",
            field="description",
        )
    return text if text.strip() else None


def clean_release_year(value: object) -> int | None:
    """Year of release; InvalidInput unless it is a whole year or empty."""
    if value is None or value == "":
        return None
    text = str(value)
    if not (text.isascii() and text.isdigit()) or int(text[:9]) not in _YEARS:
        raise InvalidInput("The release year has four digits, such as 2026.", field="release_year")
    return int(text)


def clean_official(value: object) -> bool:
    """Whether a product is official; InvalidInput unless it is a yes or a no."""
    if not isinstance(value, bool):
        raise InvalidInput("Official is either true or false.", field="official")
    return value


def clean_status(value: object) -> ProductStatus:
    """Status by its number; InvalidInput unless there is one."""
    if isinstance(value, int) and not isinstance(value, bool) and value in set(ProductStatus):
        return ProductStatus(value)
    numbers = ", ".join(f"{int(status)} ({status.label})" for status in ProductStatus)
    raise InvalidInput(f"There is no such status. Choose one of: {numbers}.", field="status")


def check_first_status(value: object) -> None:
    """InvalidInput unless a new product begins as a draft."""
    if clean_status(value) is not ProductStatus.REGISTERING:
        raise InvalidInput("A new product has the status 0. Publish it with status 1 when it is complete.", "status")


def check_move(old: ProductStatus, new: ProductStatus) -> None:
    """Conflict when a product cannot be taken from one status to the other by hand."""
    if new not in _MOVES.get(old, ()):
        hint = "Delete it instead." if new is ProductStatus.DELETED else "Its status stays as it is."
        raise Conflict(f"A product cannot go from {old.label} to {new.label}. {hint}")


def _text(value: object, field: str, words: str) -> str:
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"The {words} must be text.", field=field)
    return value or ""


def check_fields(product_type: ProductType, release_id: int | None, pz_code: str | None) -> None:
    """InvalidInput when the type takes no release or no photo-z code and one is given."""
    if release_id is not None and not product_type.allows_release:
        raise InvalidInput(f"A {product_type.title} belongs to no release. Leave the release empty.", field="release")
    if pz_code is not None and not product_type.allows_pz_code:
        raise InvalidInput(f"A {product_type.title} has no photo-z code. Leave the field empty.", field="pz_code")


def internal_name(product_id: int, display_name: str) -> str:
    """``<id>_<slug>``, the word in addresses: ``6_simple_training_set``; ``<id>_product`` when no letter is left."""
    return f"{product_id}_{slug(display_name, MAX_SLUG) or 'product'}"


def searched_text(*texts: str | None) -> str:
    """What searches look at: texts folded, a line each."""
    return folded("\n".join(text for text in texts if text))


def missing_roles(product_type: ProductType, roles: Iterable[str | None]) -> tuple[str, ...]:
    """Roles a product of this type needs before it is published and that no column has."""
    known = set(roles)
    return tuple(role for role in product_type.needed_roles if role not in known)


def role_titles(roles: Iterable[str]) -> tuple[str, ...]:
    """Roles as people call them: RA, Dec, redshift."""
    return tuple(_SHORT_TITLES.get(role) or ROLES[role].name for role in roles)


def check_publishable(status: ProductStatus, reason: str | None, *, has_main_file: bool) -> None:
    """Conflict when somebody wants to publish a product whose main file is being read or could not be read."""
    if status is ProductStatus.PROCESSING:
        raise Conflict("The main file is still being read. Publish the product when that is done.")
    if status is ProductStatus.FAILED and has_main_file:
        why = f" {reason}" if reason else ""
        raise Conflict(f"The main file could not be read, so the product cannot be published.{why}")

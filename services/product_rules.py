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

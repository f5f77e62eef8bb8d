"""The filters of product lists as they stand in an address: what each takes, and what OPTIONS tells of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from api.paging import PageQuery
from services.models.product_lists import ORDER_FIELDS, TEXT_FIELDS, FilterField, ProductFilter
from services.models.products import ProductStatus
from services.models.quality import CHECK_STATES
from services.product_types import PRODUCT_TYPES

SEARCHED = ("display_name", "internal_name", "description", "pz_code", "username", "first_name", "last_name")
"""Texts of a product that ``search`` looks at; it looks at the names of its columns, too."""
_WHOLE = re.compile(r"-?[0-9]+")
_MAX_DIGITS = 20
"""Numbers are cut here: they are nobody's id by then."""
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def _parts(value: Any) -> tuple[str, ...]:
    return tuple(part for part in (piece.strip() for piece in str(value).split(",")) if part)


def _text(value: Any) -> str:
    return unicodedata.normalize("NFC", str(value))


def _whole(value: Any) -> int:
    text = str(value).strip()
    if not (text.isascii() and _WHOLE.fullmatch(text)):
        raise ValueError(f"This is a whole number, not {text[:40]!r}.")
    return int(text[:_MAX_DIGITS])


def _flag(value: Any) -> bool:
    text = str(value).strip().lower()
    if text not in _FLAGS:
        raise ValueError(f"This is true or false, not {text[:40]!r}.")
    return _FLAGS[text]


def _type_id(value: Any) -> int:
    number = _whole(value)
    if all(kind.id != number for kind in PRODUCT_TYPES.values()):
        raise ValueError(f"There is no product type {number}. The list product-types/ tells which there are.")
    return number


def _status(value: Any) -> int:
    number = _whole(value)
    if number not in set(ProductStatus):
        raise ValueError(f"There is no status {number}.")
    return number


def _check_state(value: Any) -> str:
    word = str(value).strip().lower()
    if word not in CHECK_STATES:
        raise ValueError(f"Checks come to one of {', '.join(CHECK_STATES)}, not {word[:40]!r}.")
    return word


def _each(one: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda value: tuple(one(part) for part in _parts(value))


def _list_of(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})(,({pattern}))*$"})


def _choices(numbers: list[int]) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "enum": numbers})


_TYPE_IDS = [kind.id for kind in PRODUCT_TYPES.values()]
_STATUS_NUMBERS = [int(status) for status in ProductStatus]
_ID_PATTERN = "[1-9][0-9]{0,8}"
_TEXT = WithJsonSchema({"type": "string"})
_NO_VALUES: tuple[Any, ...] = ()

TextParts = Annotated[tuple[str, ...], BeforeValidator(_parts), _TEXT]
ExactText = Annotated[str, AfterValidator(_text)]
ExactTexts = Annotated[tuple[str, ...], BeforeValidator(_each(_text)), _TEXT]
Id = Annotated[int, BeforeValidator(_whole), WithJsonSchema({"type": "integer"})]
Ids = Annotated[tuple[int, ...], BeforeValidator(_each(_whole)), _list_of(_ID_PATTERN)]
TypeId = Annotated[int, BeforeValidator(_type_id), _choices(_TYPE_IDS)]
TypeIds = Annotated[tuple[int, ...], BeforeValidator(_each(_type_id)), _list_of("|".join(map(str, _TYPE_IDS)))]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Flags = Annotated[tuple[bool, ...], BeforeValidator(_each(_flag)), _list_of("true|false")]
Status = Annotated[int, BeforeValidator(_status), _choices(_STATUS_NUMBERS)]
Statuses = Annotated[tuple[int, ...], BeforeValidator(_each(_status)), _list_of("|".join(map(str, _STATUS_NUMBERS)))]

CheckStates = Annotated[tuple[str, ...], BeforeValidator(_each(_check_state)), _list_of("|".join(CHECK_STATES))]

_ALL_PARTS = "Parts of the text, joined by commas; all must be found, in any case."
_ANY_PART = "Parts of the text, joined by commas; one of them must be found, in any case."
_EXACT = "The whole text, in this case."
_EXACT_LIST = "Whole texts, joined by commas."
_IDS = "Ids, joined by commas."


class ProductsQuery(PageQuery):
    """Parameters of lists of products. All filters are joined by AND."""

    product_type_name: TextParts = Field(
        _NO_VALUES, description=f"Name, display name or alias of the type. {_ALL_PARTS}"
    )
    product_type_name__or: TextParts = Field(_NO_VALUES, description=_ANY_PART)
    release_name: TextParts = Field(_NO_VALUES, description=f"Name or display name of the release. {_ALL_PARTS}")
    release_name__or: TextParts = Field(_NO_VALUES, description=_ANY_PART)
    uploaded_by: TextParts = Field(_NO_VALUES, description=f"User name, first or last name of the owner. {_ALL_PARTS}")
    uploaded_by__or: TextParts = Field(_NO_VALUES, description=_ANY_PART)
    product_name: TextParts = Field(_NO_VALUES, description=f"Display name or internal name. {_ALL_PARTS}")
    product_name__or: TextParts = Field(_NO_VALUES, description=_ANY_PART)
    internal_name: ExactText | None = Field(None, description=_EXACT)
    internal_name__in: ExactTexts = Field(_NO_VALUES, description=_EXACT_LIST)
    display_name: ExactText | None = Field(None, description=_EXACT)
    display_name__in: ExactTexts = Field(_NO_VALUES, description=_EXACT_LIST)
    product_type: TypeId | None = Field(None, description="Id of the product type.")
    product_type__in: TypeIds = Field(_NO_VALUES, description=_IDS)
    release: Id | None = Field(None, description="Id of the release.")
    release__in: Ids = Field(_NO_VALUES, description=_IDS)
    release__isnull: Flag | None = Field(None, description="Whether the product belongs to no release.")
    user: Id | None = Field(None, description="Id of the owner.")
    user__in: Ids = Field(_NO_VALUES, description=_IDS)
    official_product: Flag | None = None
    official_product__in: Flags = Field(_NO_VALUES, description="true and false, joined by commas.")
    status: Status | None = Field(None, description="0 registering, 1 published, 3 processing, 9 failed.")
    status__in: Statuses = Field(_NO_VALUES, description="Numbers, joined by commas.")
    checks: CheckStates = Field(
        _NO_VALUES, description="Verdicts of the automatic checks, joined by commas; not_run: there is none."
    )
    search: str = Field("", description="Words; each must stand in a name, the description, the owner or a column.")
    ordering: str = Field(
        "", description=f"{', '.join(ORDER_FIELDS)}; with a minus sign before it descending; several joined by commas."
    )
    cursor: str = Field(
        "", description="Where to go on: next_cursor of an answer with the same filters and order. Instead of page."
    )


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A filter of an address: the field it looks at, and whether all of its values must match."""

    name: str
    field: FilterField
    kind: str
    every: bool = False


def _of_texts(field: FilterField) -> tuple[_Parameter, ...]:
    return _Parameter(field, field, "text", every=True), _Parameter(f"{field}__or", field, "text")


def _of_values(field: FilterField, kind: str) -> tuple[_Parameter, ...]:
    return _Parameter(field, field, kind), _Parameter(f"{field}__in", field, kind)


PARAMETERS = (
    *(parameter for field in sorted(TEXT_FIELDS) for parameter in _of_texts(field)),  # type: ignore[arg-type]
    *_of_values("internal_name", "text"),
    *_of_values("display_name", "text"),
    *_of_values("product_type", "number"),
    *_of_values("release", "number"),
    _Parameter("release__isnull", "release__isnull", "boolean"),
    *_of_values("user", "number"),
    *_of_values("official_product", "boolean"),
    *_of_values("status", "choice"),
)
"""Filters of lists of products that look at one field of a product."""

_CHECKS = {
    "name": "checks",
    "type": "choice",
    "choices": [{"value": state, "display_name": state.replace("_", " ").capitalize()} for state in CHECK_STATES],
}
"""The filter by verdict, as OPTIONS tells it."""


def filters_of(query: ProductsQuery) -> tuple[ProductFilter, ...]:
    """Filters of an address as the services take them."""
    given = ((parameter, _values(getattr(query, parameter.name))) for parameter in PARAMETERS)
    return tuple(ProductFilter(parameter.field, values, parameter.every) for parameter, values in given if values)


def _values(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def sort_of(query: ProductsQuery) -> str:
    """Order of an address as the services take it; fields that do not exist are passed over."""
    words = [word.strip() for word in query.ordering.split(",")]
    known = [word for word in words if word.removeprefix("-") in ORDER_FIELDS]
    return ",".join(("-" if word.startswith("-") else "") + ORDER_FIELDS[word.removeprefix("-")] for word in known)


def announcement(name: str) -> dict[str, Any]:
    """What OPTIONS tells of a list of products. Clients refuse every filter that is not named here."""
    return {
        "name": name,
        "filter_classes": [*(_announced(parameter) for parameter in PARAMETERS), _CHECKS],
        "search": list(SEARCHED),
        "ordering": list(ORDER_FIELDS),
    }


def _announced(parameter: _Parameter) -> dict[str, Any]:
    told: dict[str, Any] = {"name": parameter.name, "type": parameter.kind}
    if parameter.field == "status":
        told["choices"] = [{"value": int(status), "display_name": status.label} for status in ProductStatus]
    return told

"""Filters of product lists as SQL conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Integer

from services.access import unindexed
from services.errors import InvalidInput
from services.models.product_lists import MAX_WORDS, TEXT_FIELDS, ProductFilter
from services.models.quality import NOT_RUN
from services.product_types import PRODUCT_TYPES, ProductType
from services.repositories.artifacts import QUALITY
from services.schema import ArtifactRow, ProductColumnRow, ProductRow, ReleaseRow, UserRow
from services.schema.base import MAX_ID
from services.text_rules import folded, storable

_WORD_BREAK = re.compile(r"[\s,]+")
_LINE_BREAK = "\n"


class _Position(FunctionElement[int]):
    """Where a text first stands in another one, counted from 1; 0: nowhere."""

    type = Integer()
    inherit_cache = True


@compiles(_Position)
def _strpos(element: _Position, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(_Position, "sqlite")
def _instr(element: _Position, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


def searched(search: str) -> ColumnElement[bool]:
    """Every word must stand in at least one of the searched texts.

    Raises
    ------
    InvalidInput
        If there are too many words.
    """
    return and_(true(), *(_has_word(word) for word in _few(_WORD_BREAK.split(folded(search)), "search")))


def _few(words: Sequence[str], field: str) -> tuple[str, ...]:
    """Words without doubles."""
    wanted = tuple(dict.fromkeys(word for word in words if word))
    if len(wanted) > MAX_WORDS:
        raise InvalidInput(f"At most {MAX_WORDS} words can be searched for at once. Leave some out.", field=field)
    return wanted


def _has_word(word: str) -> ColumnElement[bool]:
    in_columns = select(ProductColumnRow.product_id).where(ProductColumnRow.folded_name.contains(word, autoescape=True))
    return or_(
        ProductRow.folded_text.contains(word, autoescape=True),
        owned_by(UserRow.folded_names.contains(word, autoescape=True)),
        ProductRow.id.in_(in_columns),
    )


def owned_by(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Products of the people who meet a condition, who are few: found once, not again for each product."""
    return unindexed(ProductRow.owner_id).in_(select(UserRow.id).where(condition))


def released_in(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Products of the releases that meet a condition."""
    return unindexed(ProductRow.release_id).in_(select(ReleaseRow.id).where(condition))


def checked(states: Sequence[str], report_version: int) -> ColumnElement[bool]:
    """Products whose checks came to one of some verdicts, or have not run; all when none is named."""
    if not states:
        return true()
    reports = select(ArtifactRow.product_id).where(is_report(report_version))
    found = ProductRow.id.in_(reports.where(ArtifactRow.verdict.in_([word for word in states if word != NOT_RUN])))
    return or_(found, ProductRow.id.not_in(reports)) if NOT_RUN in states else found


def is_report(version: int) -> ColumnElement[bool]:
    """Reports of checks that still hold, with their verdict."""
    return and_(ArtifactRow.kind == QUALITY, ArtifactRow.version == version, ArtifactRow.verdict != "")


def passes(condition: ProductFilter) -> ColumnElement[bool]:
    """Products that pass a filter.

    Raises
    ------
    InvalidInput
        If it has too many parts.
    """
    if condition.field == "release__isnull":
        return or_(false(), *(_lacks_release(bool(value)) for value in condition.values))
    if condition.field not in TEXT_FIELDS:
        return _EXACT[condition.field].in_(_storable(condition.values))
    parts = _few([folded(str(value)) for value in condition.values], condition.field)
    if not parts:
        return true()
    hits = [_TEXTS[condition.field](part) if _LINE_BREAK not in part else false() for part in parts]
    return and_(*hits) if condition.every else or_(*hits)


def _lacks_release(wanted: bool) -> ColumnElement[bool]:
    return ProductRow.release_id.is_(None) if wanted else ProductRow.release_id.is_not(None)


def _storable(values: Sequence[str | int]) -> list[str | int]:
    """Values that the tables can hold: others equal nothing."""
    return [value for value in values if (storable(value) == value if isinstance(value, str) else abs(value) <= MAX_ID)]


def _in_type_names(part: str) -> ColumnElement[bool]:
    return unindexed(ProductRow.product_type_id).in_(
        [kind.id for kind in PRODUCT_TYPES.values() if _is_called(kind, part)]
    )


def _is_called(kind: ProductType, part: str) -> bool:
    return any(part in folded(word) for word in (kind.name, kind.title, kind.long_title, *kind.aliases))


def _in_product_names(part: str) -> ColumnElement[bool]:
    """The display name is the first line of the searched text; what is found first before its end lies within it."""
    found, end = _Position(ProductRow.folded_text, part), func.length(ProductRow.folded_text)
    line_break = func.coalesce(func.nullif(_Position(ProductRow.folded_text, _LINE_BREAK), 0), end + 1)
    return or_(found.between(1, line_break - 1), ProductRow.internal_name.contains(part, autoescape=True))


_TEXTS: Mapping[str, Callable[[str], ColumnElement[bool]]] = MappingProxyType(
    {
        "product_type_name": _in_type_names,
        "release_name": lambda part: released_in(ReleaseRow.folded_names.contains(part, autoescape=True)),
        "uploaded_by": lambda part: owned_by(UserRow.folded_names.contains(part, autoescape=True)),
        "product_name": _in_product_names,
    }
)

_EXACT: Mapping[str, ColumnElement[Any] | InstrumentedAttribute[Any]] = MappingProxyType(
    {
        "internal_name": ProductRow.internal_name,
        "display_name": ProductRow.display_name,
        "product_type": unindexed(ProductRow.product_type_id),
        "release": unindexed(ProductRow.release_id),
        "user": unindexed(ProductRow.owner_id),
        "official_product": ProductRow.official,
        "status": unindexed(ProductRow.status),
    }
)

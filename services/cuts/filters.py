"""Filters of the table of rows on pages, as cuts: one language behind both."""

from __future__ import annotations

from typing import Any

from services.cuts.tree import COMPARISONS, Between, Comparison, Cut, CutError, Missing, TextTest, Value
from services.cuts.words import number
from services.errors import InvalidInput
from services.models.queries import ColumnFilter

TEXT_TESTS = ("contains", "starts_with", "ends_with")
TRUE_WORDS = frozenset({"true", "1", "t", "yes"})


def cut_of_filter(one: ColumnFilter, dtype: str) -> Cut:
    """Tree of one filter on a column of this type (a word of ``TableColumn``).

    Raises
    ------
    InvalidInput
        If there is no such operator, or the value is no number where the column holds numbers.
    """
    if one.operator in ("missing", "not_missing"):
        return Missing(one.column, one.operator == "missing")
    if one.operator in TEXT_TESTS:
        return TextTest(one.column, one.operator, str(one.value))
    if one.operator == "between":
        return Between(one.column, _value(one.value, one.column, dtype), _value(one.value_to, one.column, dtype))
    if one.operator not in COMPARISONS:
        raise InvalidInput(f'There is no condition "{one.operator}".', field="filter")
    return Comparison(one.column, one.operator, _value(one.value, one.column, dtype))


def _value(value: Any, column: str, dtype: str) -> Value:
    """A value as the column's type takes it; forms send numbers as text."""
    if dtype == "string" or dtype.startswith("vector"):
        return str(value)
    if dtype == "bool":
        return int(str(value).strip().casefold() in TRUE_WORDS)
    try:
        return number(str(value).strip())
    except (CutError, ValueError) as error:
        raise InvalidInput(f'"{value}" is not a number, but the column "{column}" holds numbers.', "filter") from error

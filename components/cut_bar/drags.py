"""What a plot tells the browser about cutting: the words along its axes, so that a drag or a click becomes a cut."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from services.cuts.parts import OPEN, Range, values_of, with_range, with_value_changed, with_values
from services.cuts.tree import Cut, CutError, Value
from services.models.details import AnyStatistic
from services.models.statistics import CategoryCounts
from services.statistics.plot_axes import axes_of
from services.statistics.range_words import CutWords, number_of

DRAGGED_DIGITS = 2
"""Digits of a dragged range beyond the first one of its length: finer than a hand can aim."""

Axes = dict[str, Any]
"""``x`` and ``y``: words that a drag limits; ``category`` and ``values``: the word and what its bars stand for."""


def plot_words(statistic: AnyStatistic, words: CutWords | None) -> Axes:
    """Words along the axes of a plot, as far as a cut can say them; empty for plots that only zoom."""
    if words is None:
        return {}
    axes = axes_of(statistic)
    found = {"x": words.axis(axes.x), "y": words.axis(axes.y), "category": words.category(axes.category)}
    named: Axes = {axis: word.text for axis, word in found.items() if word is not None}
    if "category" in named and isinstance(statistic, CategoryCounts):
        named["values"] = category_values(statistic, words)
    return named


def category_values(counts: CategoryCounts, words: CutWords) -> list[Value | None]:
    """Values of the bars as a cut names them, in their order; None for one that no cut can name."""
    return [words.value(counts.column, value) for value in counts.values]


def drag_attributes(axes: Axes) -> dict[str, str]:
    """Attributes of the element around a plot, for ``assets/js/drags.js``."""
    return {"data-cut-axes": json.dumps(axes)} if axes else {}


def drag_layout(axes: Axes) -> dict[str, str]:
    """Layout of a figure whose drags cut."""
    if not {"x", "y"} & axes.keys():
        return {}
    direction = "any" if {"x", "y"} <= axes.keys() else "h" if "x" in axes else "v"
    return {"dragmode": "select", "selectdirection": direction}


def cut_of_drag(cut: Cut | None, dragged: Mapping[str, Any], words: CutWords) -> Cut | None:
    """The cut after a drag or a click as the browser reports it; unchanged where it says nothing usable.

    ``ranges`` is a list of word, low and high; ``value`` a word with the value of the bar that was clicked.
    """
    for word, *ends in dragged.get("ranges") or ():
        column, wanted = words.named(str(word)), rounded(ends)
        if column is not None and wanted is not None:
            cut = with_range(cut, column, wanted)
    match dragged.get("value"):
        case [str() as word, int() | float() | str() as value]:
            category = words.category(words.column(word))
            return cut if category is None else with_value_changed(cut, category, value)
    return cut


def rounded(ends: Sequence[Any]) -> Range | None:
    """A dragged range rounded to what a hand can aim at; None for none."""
    if len(ends) != 2 or not all(isinstance(end, int | float) for end in ends) or ends[0] == ends[1]:
        return None
    low, high = sorted(map(float, ends))
    if not math.isfinite(high - low):
        return None
    digits = max(0, DRAGGED_DIGITS - math.floor(math.log10(high - low)))
    return round(low, digits), round(high, digits)


def with_condition(cut: Cut | None, words: CutWords, name: str | None, ends: Range, value: str | None) -> Cut | None:
    """The cut with a condition that was put into fields: a value to add, else a range.

    Raises
    ------
    CutError
        If there is no such column, it cannot be limited so, or the fields are empty.
    """
    asked = (name or "").strip()
    column, number = words.column(asked), words.named(asked)
    if column is None and number is None:
        raise CutError(f'There is no column "{asked[:100]}" in this table.', 1)
    if value and column is not None:
        return _with_value(cut, words, column, value.strip())
    if value:
        raise CutError(f'"{asked[:100]}" is computed: say how low or how high.', 1)
    if number is None:
        raise CutError(f'The column "{asked[:100]}" has no range that could be cut; say what it is equal to.', 1)
    if ends == OPEN:
        raise CutError("Say how low, how high, or equal to what.", 1)
    return with_range(cut, number, ends)


def _with_value(cut: Cut | None, words: CutWords, column: str, value: str) -> Cut | None:
    category = words.category(column)
    if category is None:
        raise CutError(f'The column "{column[:100]}" holds several numbers a row and cannot be compared.', 1)
    try:
        wanted: Value = number_of(value) if words.holds_numbers(column) else value
    except ValueError as error:
        raise CutError(f'The column "{column[:100]}" holds numbers, so it is never "{value[:40]}".', 1) from error
    before = values_of(cut, category.names)
    return with_values(cut, category, tuple(dict.fromkeys((*before, wanted))))

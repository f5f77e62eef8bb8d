"""Sliders of the cut bar: where the cut stands on the bin edges of the plots, and the cut after a thumb was let go."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from dash import html

from services.cuts.parts import RangeWord, parts_of, range_of, sets_range, values_of, with_limits, with_values
from services.cuts.tree import Comparison, Cut, joined
from services.cuts.writing import written
from services.models.live import LiveAxis
from services.statistics.live_cube import LivePlan
from services.statistics.range_words import CutWords

Limit = tuple[str, float]
"""Operator and number of a comparison."""


def low_limit(edge: float, dtype: str) -> Limit:
    """What lets pass exactly the bins from an edge on: literals are compared as the column holds them."""
    return (">=" if _as_stored(edge, dtype) >= edge else ">"), edge


def high_limit(edge: float, dtype: str) -> Limit:
    """What lets pass exactly the bins below an edge."""
    return ("<" if _as_stored(edge, dtype) >= edge else "<="), edge


def _as_stored(edge: float, dtype: str) -> float:
    return float(np.float32(edge)) if dtype == "float32" else edge


def place_on_edges(cut: Cut | None, axis: LiveAxis, word: RangeWord, dtype: str) -> tuple[int, int] | None:
    """Numbers of the edges between which a cut leaves a column; None where it limits it otherwise."""
    assert axis.edges is not None
    edges = axis.edges.tolist()
    lows = {low_limit(edge, dtype): number for number, edge in enumerate(edges)}
    highs = {high_limit(edge, dtype): number for number, edge in enumerate(edges)}
    first, last = 0, len(edges) - 1
    parts = [part for part in parts_of(cut) if sets_range(part, word.names)]
    for part in parts:
        limit = (part.operator, part.value) if isinstance(part, Comparison) else ("", 0)
        if limit in lows:
            first = lows[limit]
        elif limit in highs:
            last = highs[limit]
        else:
            return None
    operators = [part.operator[0] for part in parts if isinstance(part, Comparison)]
    return (first, last) if len(set(operators)) == len(operators) and first < last else None


def slid(cut: Cut | None, change: Mapping[str, Any], plan: LivePlan, words: CutWords) -> Cut | None:
    """The cut after sliders or check boxes were changed, as the browser reports it.

    ``redshift`` and ``magnitude`` are numbers of two edges, ``flag`` numbers of values; the ends of an axis, and no
    value, are no limit.
    """
    for axis in (plan.redshift, plan.magnitude):
        ends, word = _numbers(change.get(axis.name)), words.number(axis.column)
        if ends is not None and len(ends) == 2 and word is not None and axis.edges is not None:
            cut = with_limits(cut, word, _limits(axis, word, words.dtypes[axis.column], *ends))
    chosen, word = _numbers(change.get(plan.flag.name)), words.category(plan.flag.column)
    if chosen is not None and word is not None:
        values = [plan.flag.values[number] for number in chosen if 0 <= number < len(plan.flag.values)]
        cut = with_values(cut, word, tuple(value for value in values if value is not None))
    return cut


def _numbers(found: Any) -> list[int] | None:
    """A list of whole numbers; None for anything else."""
    is_list = isinstance(found, list) and all(isinstance(one, int) for one in found)
    return found if is_list else None


def _limits(axis: LiveAxis, word: RangeWord, dtype: str, first: int, last: int) -> tuple[Cut, ...]:
    assert axis.edges is not None
    edges = axis.edges.tolist()
    new: list[Cut] = []
    if 0 < first < len(edges):
        new.append(Comparison(word.word, *low_limit(edges[first], dtype)))
    if 0 <= last < len(edges) - 1:
        new.append(Comparison(word.word, *high_limit(edges[last], dtype)))
    return tuple(new)


def live_state(cut: Cut | None, plan: LivePlan, words: CutWords) -> dict[str, Any]:
    """What ``assets/js/cube.js`` needs to know: axes, where the cut stands on them, and what else is cut.

    ``base`` of an axis is the cut that the cube must have been counted under while this axis is dragged: all
    conditions but those along the axes themselves. A range that lies between edges stays in it until its own axis is
    dragged.
    """
    axes, own = _axes(cut, plan, words)
    on_edges = [part for name, parts in own.items() if axes[name]["exact"] for part in parts]
    for name, axis in axes.items():
        gone = [*on_edges, *own[name]]
        rest = joined(tuple(part for part in parts_of(cut) if part not in gone))
        axis["base"] = "" if rest is None else written(rest)
    return axes


def _axes(cut: Cut | None, plan: LivePlan, words: CutWords) -> tuple[dict[str, dict[str, Any]], dict[str, list[Cut]]]:
    """The axes that can be cut, and by their names the conditions of the cut along each."""
    axes: dict[str, dict[str, Any]] = {}
    own: dict[str, list[Cut]] = {}
    for axis in (plan.redshift, plan.magnitude):
        word = words.number(axis.column)
        if word is not None and axis.edges is not None:
            place = place_on_edges(cut, axis, word, words.dtypes[axis.column])
            facts = {"plot": axis.plot, "edges": axis.edges.tolist(), "exact": place is not None}
            axes[axis.name] = {**facts, "at": place or _nearest(cut, axis, word)}
            own[axis.name] = [part for part in parts_of(cut) if sets_range(part, word.names)]
    flag = words.category(plan.flag.column)
    if flag is not None:
        own["flag"] = [part for part in parts_of(cut) if values_of(part, flag.names)]
        chosen, values = values_of(cut, flag.names), plan.flag.values
        is_exact = len(own["flag"]) < 2 and all(value in values for value in chosen)
        at = sorted(values.index(value) for value in chosen if value in values)
        axes["flag"] = {"plot": plan.flag.plot, "values": list(values), "exact": is_exact, "at": at}
    return axes, own


def _nearest(cut: Cut | None, axis: LiveAxis, word: RangeWord) -> tuple[int, int]:
    """Edges nearest to a range that lies between them."""
    assert axis.edges is not None
    low, high = range_of(cut, word.names)
    final = axis.edges.size - 1
    first = 0 if low is None else int(np.abs(axis.edges - low).argmin())
    last = final if high is None else int(np.abs(axis.edges - high).argmin())
    return min(first, final - 1), max(last, min(first, final - 1) + 1)


def sliders(state: Mapping[str, Any], titles: Mapping[str, str], plan: LivePlan) -> list[Any]:
    """Places in which ``assets/js/cube.js`` builds the sliders and check boxes."""
    facts = {
        "data-live": json.dumps(state),
        "data-live-titles": json.dumps(titles),
        "data-live-of": plan.signature,
        "data-live-column": plan.magnitude.column,
    }
    return [html.Div(className="cut-sliders", **facts)] if state else []


def slider_titles(range_words: Sequence[RangeWord], plan: LivePlan) -> dict[str, str]:
    """Words beside the sliders, as beside the fields of the same columns."""
    named = {word.word: word.title for word in range_words}
    titles = {axis.name: named.get(axis.word, axis.column) for axis in (plan.redshift, plan.magnitude)}
    return {**titles, "flag": f"Flag ({plan.flag.column})"}

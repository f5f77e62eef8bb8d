"""The view of an address: which plots, in which bins, split and scaled how. The cut is a parameter of its own.

Addresses are kept and sent around for years, so every parameter is read leniently: what this version does not know is
left out, and a note says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from components.figures.registry import FIGURES, Style
from services.models.binnings import Binning

VERSION = 1
"""Raised when the meaning of a parameter changes; addresses say which one they were written for."""

KNOWN_ELSEWHERE = frozenset({"tab", "cut", "from", "row", "pdf", "v"})
"""Parameters of a product page that are no part of the view."""
TRACKING = "utm_"
LONGEST_SPLIT = 200


@dataclass(frozen=True, slots=True)
class View:
    """What a person set. ``widths`` maps a plot to the width of its bins; no ``plots`` means all."""

    widths: Mapping[str, float] = field(default_factory=dict)
    split: str = ""
    normalised: bool = False
    plots: tuple[str, ...] = ()
    log: frozenset[str] = frozenset()
    requirements: bool = False

    def shows(self, name: str) -> bool:
        """Whether a plot is part of the view."""
        return not self.plots or name in self.plots

    def binning(self, name: str) -> Binning:
        """How a histogram is to be counted."""
        return Binning(self.widths.get(name), self.split)

    @property
    def style(self) -> Style:
        """How plots are drawn."""
        return Style(self.normalised, self.log, self.requirements)


def view_query(view: View) -> dict[str, str]:
    """Parameters of the address that stand for a view; none for the view everybody starts with."""
    facts = {
        "plots": ",".join(view.plots),
        "bins": ",".join(f"{name}:{width:g}" for name, width in view.widths.items()),
        "split": view.split,
        "norm": "1" if view.normalised else "",
        "req": "1" if view.requirements else "",
        "log": ",".join(sorted(view.log)),
    }
    given = {name: words for name, words in facts.items() if words}
    return {"v": str(VERSION), **given} if given else {}


def view_of(query: Mapping[str, str | None]) -> tuple[View, tuple[str, ...]]:
    """View of an address, and a sentence for everything in it that was left out."""
    notes: list[str] = []
    view = View(
        widths=_widths(query.get("bins") or "", notes),
        split=(query.get("split") or "")[:LONGEST_SPLIT],
        normalised=query.get("norm") == "1",
        plots=_plots(query.get("plots") or "", notes),
        log=frozenset(_plots(query.get("log") or "", notes)),
        requirements=query.get("req") == "1",
    )
    _check_names(query, notes)
    return view, tuple(dict.fromkeys(notes))


def _check_names(query: Mapping[str, str | None], notes: list[str]) -> None:
    known = KNOWN_ELSEWHERE | {"plots", "bins", "split", "norm", "log", "req"}
    notes += [_unknown(name) for name in query if name not in known and not name.startswith(TRACKING)]
    version = query.get("v") or ""
    if version.isascii() and version.isdecimal() and int(version[:9]) > VERSION:
        notes.append("The address was written by a newer portal; what this one does not know was left out.")


def _plots(text: str, notes: list[str]) -> tuple[str, ...]:
    names = [name for name in text.split(",") if name]
    notes += [f'There is no plot "{name[:60]}"; it was left out.' for name in names if name not in FIGURES]
    return tuple(dict.fromkeys(name for name in names if name in FIGURES))


def _widths(text: str, notes: list[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in filter(None, text.split(",")):
        name, _, number = item.partition(":")
        width = _number(number)
        if name in FIGURES and FIGURES[name].has_bins and width:
            found[name] = width
        else:
            notes.append(f'The bins "{item[:60]}" of the address make no sense here; they were left out.')
    return found


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None


def _unknown(name: str) -> str:
    return f'"{name[:60]}" in the address means nothing to this portal; it was left out.'

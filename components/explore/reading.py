"""What the plots of a page show: the statistics under its cut, in the bins of its view."""

from __future__ import annotations

from dataclasses import dataclass, field

from components.cut_bar.layout import counts_text
from components.cut_bar.reading import usable_cut
from components.figures.registry import FIGURES
from components.view_bar.view import View
from services.context import current_actor, portal
from services.cuts.tree import Cut
from services.cuts.writing import written
from services.errors import InvalidInput, NotFound
from services.models.details import AnyStatistic
from services.models.statistics import CutOverview, Overview
from services.statistics.details import DETAILS


@dataclass(frozen=True, slots=True)
class Shown:
    """Statistics of the first look, by name; where all rows went; sentences on what of the view was left out."""

    statistics: dict[str, AnyStatistic]
    counts: str
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = field(default=())
    """All plots the first look has, also those the view leaves out."""


def shown_statistics(product_id: int, cut: Cut | None, view: View) -> Shown:
    """Everything the first look shows; what of the view does not fit the table is left out and said to be."""
    found, counts = _overview(product_id, cut)
    statistics: dict[str, AnyStatistic] = dict(found.statistics)
    notes = []
    for name in statistics:
        if view.shows(name) and _is_counted_again(name, view):
            try:
                statistics[name] = _binned(product_id, name, view, cut)
            except InvalidInput as error:
                notes.append(error.message)
    return Shown(statistics, counts, tuple(dict.fromkeys(notes)), tuple(found.statistics))


def one_statistic(product_id: int, name: str, cut: str | None, view: View) -> AnyStatistic | None:
    """One plot's numbers as the page shows them; None where there is nothing to compute them from.

    Raises
    ------
    NotFound
        If the table has no such plot any more.
    """
    usable, _reason = usable_cut(product_id, cut)
    if name in DETAILS:
        text = None if usable is None else written(usable)
        return portal().details.detail(current_actor(), product_id, name, text)
    statistics = _overview(product_id, usable)[0].statistics
    if name not in statistics or name not in FIGURES:
        raise NotFound("This plot is not there any more. Reload the page.")
    if _is_counted_again(name, view):
        return _binned(product_id, name, view, usable)
    return statistics[name]


def _is_counted_again(name: str, view: View) -> bool:
    return name in FIGURES and FIGURES[name].has_bins and bool(view.binning(name))


def _binned(product_id: int, name: str, view: View, cut: Cut | None) -> AnyStatistic:
    text = None if cut is None else written(cut)
    return portal().binnings.binned(current_actor(), product_id, name, view.binning(name), text)


def _overview(product_id: int, cut: Cut | None) -> tuple[Overview | CutOverview, str]:
    """The first look under a cut, and where all rows went."""
    actor, previews = current_actor(), portal().previews
    if cut is None:
        whole = previews.overview(actor, product_id)
        return whole, counts_text(whole.n_rows, whole.n_rows)
    under = previews.overview_under(actor, product_id, written(cut))
    return under, counts_text(under.n_shown, under.n_total)

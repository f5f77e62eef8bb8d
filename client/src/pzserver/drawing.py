"""Pictures of the portal's plots with matplotlib, from the numbers the portal sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from pzserver.plots import pyplot

Row = dict[str, Any]
METRICS = ("bias", "sigma_nmad", "outlier_fraction")


class Plot(Protocol):
    """What a picture is made from, as ``pzserver.analysis.Plot`` has it."""

    @property
    def name(self) -> str:
        """Which plot."""

    @property
    def title(self) -> str:
        """What stands above it."""

    @property
    def kind(self) -> str:
        """What its numbers are."""

    @property
    def value(self) -> Row:
        """Its numbers."""

    @property
    def provenance(self) -> Row:
        """Where they come from."""

    def __getitem__(self, field: str) -> Any:
        """One field of the numbers."""


def draw(plot: Plot, ax: Any = None) -> Any:
    """Draw a plot of the portal and return its figure.

    Parameters
    ----------
    plot : Plot
        As ``PzProduct.plot`` gives it.
    ax : matplotlib axes, optional
        Where to draw, for plots of one panel; a new figure when left out.
    """
    painter = PAINTERS.get(plot.kind)
    if painter is None:
        axes = ax if ax is not None else pyplot().subplots()[1]
        _say(axes, "No row holds what this plot is made from" if not plot.kind else f"{plot.kind}: see plot.value")
        axes.set_title(plot.title)
        return axes.figure
    figure = painter(plot, ax)
    figure.suptitle(plot.title if not plot.provenance.get("cut") else f"{plot.title}\n{plot.provenance['cut']}")
    return figure


def _on_axes(paint: Callable[[Any, Row], None]) -> Callable[[Plot, Any], Any]:
    """Painter of a plot with a single panel."""

    def painter(plot: Plot, ax: Any) -> Any:
        axes = ax if ax is not None else pyplot().subplots(layout="constrained")[1]
        paint(axes, plot.value)
        return axes.figure

    return painter


def _say(axes: Any, words: str) -> None:
    axes.text(0.5, 0.5, words, ha="center", va="center", transform=axes.transAxes)
    axes.set_axis_off()


def _name(label: str, column: str, unit: str | None = None) -> str:
    words = label if column in ("", label) else f"{label} ({column})"
    return _plain(f"{words} [{unit}]" if unit and "[" not in words else words)


def _plain(words: str) -> str:
    """Words in which matplotlib finds no mathematics."""
    return words.replace("$", r"\$")


def _histogram(axes: Any, value: Row) -> None:
    edges, counts = value["edges"], value["counts"]
    axes.stairs(counts, edges, fill=True, alpha=0.6)
    middles = (edges[:-1] + edges[1:]) / 2
    axes.errorbar(middles, counts, [value["err_low"], value["err_high"]], fmt="none", ecolor="0.3", elinewidth=0.8)
    axes.set(xlabel=_name(value["label"], value["column"], value.get("unit")), ylabel="objects per bin")


def _histogram_set(axes: Any, value: Row) -> None:
    for item in value["items"]:
        axes.stairs(item["counts"], item["edges"], label=_plain(item.get("band") or item["label"]), linewidth=1.4)
    axes.set(xlabel="magnitude", ylabel="objects per bin")
    if value["items"]:
        axes.legend(ncols=2)


def _grouped_histogram(axes: Any, value: Row) -> None:
    whole = value["whole"]
    for name, counts in zip(value["groups"], value["counts"], strict=True):
        axes.stairs(counts, whole["edges"], label=_plain(str(name)), linewidth=1.4)
    axes.set(xlabel=_name(whole["label"], whole["column"], whole.get("unit")), ylabel="objects per bin")
    axes.legend()


def _tomography(axes: Any, value: Row) -> None:
    edges = value["edges"]
    for one, counts in zip(value["bins"], value["counts"], strict=True):
        total = counts.sum() * (edges[1] - edges[0])
        name = f"{one['low']:.3g} to {one['high']:.3g}"
        axes.stairs(counts / total if total else counts, edges, label=name, linewidth=1.4)
    axes.set(xlabel=_name("z_spec", value["z_spec"], None), ylabel="normalised to area 1")
    axes.legend(title="z_phot")


def _density(axes: Any, grid: Row) -> None:
    from matplotlib.colors import LogNorm

    counts = np.where(grid["counts"] > 0, grid["counts"], np.nan)
    if not np.isfinite(counts).any():
        _say(axes, "No row has both values")
        return
    top = max(2.0, float(np.nanmax(counts)))
    drawn = axes.pcolormesh(grid["x_edges"], grid["y_edges"], counts, norm=LogNorm(1, top), cmap="cividis")
    axes.figure.colorbar(drawn, ax=axes, label="objects per cell")
    axes.set(
        xlabel=_name(grid["x_label"], grid["x_column"], grid.get("x_unit")),
        ylabel=_name(grid["y_label"], grid["y_column"], grid.get("y_unit")),
    )


def _sky(axes: Any, grid: Row) -> None:
    """A density with right ascension to the left, a degree as long on both axes."""
    _density(axes, grid)
    if axes.axison:
        middle = np.radians((grid["y_edges"][0] + grid["y_edges"][-1]) / 2)
        axes.set_aspect(1 / max(float(np.cos(middle)), 0.1))
        axes.invert_xaxis()
        axes.xaxis.set_major_formatter(lambda ra, _: f"{ra % 360:g}")


def _fields(plot: Plot, _: Any) -> Any:
    grids = [field["grid"] for field in plot["fields"]]
    n_rows = (len(grids) + 1) // 2
    figure, axes = pyplot().subplots(n_rows, 2, figsize=(9, 3.6 * n_rows), squeeze=False, layout="constrained")
    for panel, grid in zip(axes.flat, grids, strict=False):
        _sky(panel, grid)
        panel.set_title(f"{int(grid['counts'].sum()):,} objects", fontsize="medium")
    for panel in axes.flat[len(grids) :]:
        panel.set_axis_off()
    return figure


def _categories(axes: Any, value: Row) -> None:
    names, counts = list(map(str, value["values"])), list(value["counts"])
    if value["n_other"]:
        names, counts = [*names, "all others"], [*counts, value["n_other"]]
    axes.barh([_plain(name) for name in names], counts)
    axes.invert_yaxis()
    axes.set(xlabel="objects", ylabel=_name(value["label"], value["column"]))


def _binned_metrics(plot: Plot, _: Any) -> Any:
    bins = plot["bins"]
    x = [(one["low"] + one["high"]) / 2 for one in bins]
    return _metric_panels(x, bins, _name(plot["label"], plot["column"], plot.value.get("unit")))


def _odds_cut(plot: Plot, _: Any) -> Any:
    steps = plot["steps"]
    return _metric_panels([one["threshold"] for one in steps], [one["bin"] for one in steps], "odds above")


def _metric_panels(x: list[float], bins: list[Row], label: str) -> Any:
    figure, axes = pyplot().subplots(len(METRICS), 1, sharex=True, figsize=(6.4, 7), layout="constrained")
    for panel, name in zip(axes, METRICS, strict=True):
        errors = [one["errors"].get(name) or 0.0 for one in bins]
        panel.errorbar(x, [one["metrics"][name] for one in bins], errors, fmt="o-", markersize=3)
        panel.set_ylabel(name)
    axes[-1].set_xlabel(label)
    return figure


def _metric_table(axes: Any, value: Row) -> None:
    cells = [[row["name"], f"{row['value']:.4g}", _error(row)] for row in value["rows"] if row["value"] is not None]
    axes.set_axis_off()
    if cells:
        axes.table(cells, colLabels=["metric", "value", "68 %"], loc="center")


def _error(row: Row) -> str:
    if row.get("error") is not None:
        return f"± {row['error']:.2g}"
    return "" if row.get("low") is None else f"{row['low']:.4g} to {row['high']:.4g}"


def _pit(plot: Plot, ax: Any) -> Any:
    axes = ax if ax is not None else pyplot().subplots(layout="constrained")[1]
    pit = plot["metrics"]["pit"]
    if plot.name == "qq":
        axes.plot(pit["levels"], pit["quantiles"])
        axes.plot([0, 1], [0, 1], "--", color="0.5")
        axes.set(xlabel="level", ylabel="quantile of the PITs")
    else:
        axes.stairs(pit["counts"], pit["edges"], fill=True, alpha=0.6)
        axes.axhspan(*plot["band"], color="0.5", alpha=0.3)
        axes.set(xlabel="PIT", ylabel="objects per bin")
    return axes.figure


def _stacked_pdf(axes: Any, value: Row) -> None:
    axes.plot(value["grid"], value["stacked"], label="mean PDF")
    truth = value.get("truth")
    if truth and truth["counts"].sum():
        widths = np.diff(truth["edges"])
        axes.stairs(truth["counts"] / truth["counts"].sum() / widths, truth["edges"], label="true redshifts")
    axes.set(xlabel="redshift", ylabel="density")
    axes.legend()


def _depth(plot: Plot, ax: Any) -> Any:
    axes = ax if ax is not None else pyplot().subplots(layout="constrained")[1]
    for band in plot["bands"]:
        if plot.name == "mag_errors":
            bins = band["errors"]
            x = [(one["low"] + one["high"]) / 2 for one in bins]
            axes.plot(x, [one["median"] for one in bins], label=_plain(band["band"]))
        else:
            axes.stairs(band["counts"]["counts"], band["counts"]["edges"], label=_plain(band["band"]))
    axes.set(
        xlabel="magnitude", yscale="log", ylabel="median error" if plot.name == "mag_errors" else "objects per bin"
    )
    axes.legend(ncols=2)
    return axes.figure


def _missing(axes: Any, value: Row) -> None:
    per_block = np.maximum(np.diff(value["row_edges"]), 1)
    drawn = axes.imshow(value["counts"] / per_block, aspect="auto", vmin=0, vmax=1, interpolation="nearest")
    axes.set_yticks(range(len(value["columns"])), [_plain(name) for name in value["columns"]])
    axes.set(xlabel="block of rows")
    axes.figure.colorbar(drawn, ax=axes, label="share missing")


def _close_objects(axes: Any, value: Row) -> None:
    axes.stairs(value["counts"], value["edges"], fill=True)
    axes.set(xlabel="separation [arcsec]", ylabel="pairs")


def _inner(paint: Callable[[Any, Row], None]) -> Callable[[Any, Row], None]:
    return lambda axes, value: paint(axes, value["grid"])


PAINTERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "Histogram": _on_axes(_histogram),
    "HistogramSet": _on_axes(_histogram_set),
    "GroupedHistogram": _on_axes(_grouped_histogram),
    "Tomography": _on_axes(_tomography),
    "Density": _on_axes(_density),
    "SkyDensity": _on_axes(_inner(_sky)),
    "ColourColour": _on_axes(_inner(_density)),
    "ConeDensity": _on_axes(_inner(_density)),
    "SkyFields": _fields,
    "HealpixMap": _on_axes(_inner(_sky)),
    "CategoryCounts": _on_axes(_categories),
    "BinnedMetrics": _binned_metrics,
    "OddsCut": _odds_cut,
    "MetricTable": _on_axes(_metric_table),
    "PdfQuality": _pit,
    "StackedPdf": _on_axes(_stacked_pdf),
    "DepthReport": _depth,
    "MissingMap": _on_axes(_missing),
    "CloseObjects": _on_axes(_close_objects),
}
"""How numbers of each kind are drawn."""

"""A view of a product as a Jupyter notebook that draws it with the Python client."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 200_000
"""Rows of a file up to which the notebook also fetches them; of larger files it shows how."""


@dataclass(frozen=True, slots=True)
class NotebookPlot:
    """One plot of the view; ``options`` are further arguments of ``get_plot``, such as a width of bins."""

    name: str
    title: str
    columns: tuple[str, ...]
    options: tuple[tuple[str, float | str], ...] = ()


@dataclass(frozen=True, slots=True)
class NotebookView:
    """What a notebook is made of: where the product is, what it is, which rows and plots are shown."""

    api_url: str
    page_url: str
    product_id: int
    display_name: str
    type_title: str
    owner: str
    file_name: str
    sha256: str
    n_rows: int
    cut: str | None
    software: str
    made_at: str
    plots: tuple[NotebookPlot, ...]
    has_metrics: bool = False


def notebook_bytes(view: NotebookView) -> bytes:
    """The notebook (nbformat 4.5) as a file, without outputs; the same view gives the same bytes."""
    cells = [*_head(view), *_rows(view), *_findings(view)]
    for plot in view.plots:
        cells += _plot_cells(plot)
    document = {
        "cells": [_with_id(cell, place) for place, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _with_id(cell: dict[str, Any], place: int) -> dict[str, Any]:
    digest = hashlib.sha256(f"{place} {cell['source']}".encode()).hexdigest()
    return {"id": digest[:8], **cell}


def _words(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(*lines: str) -> dict[str, Any]:
    source = "\n".join(lines).splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}


def _plain(text: str) -> str:
    """Words of people as Markdown shows them: nothing in them is markup, a link or a new line."""
    escaped = "".join(f"\\{letter}" if letter in "\\`*_{}[]()#+!|<>$~&" else letter for letter in text)
    return " ".join(escaped.split())


def _head(view: NotebookView) -> Iterator[dict[str, Any]]:
    facts = (
        ("Type", view.type_title),
        ("Owner", view.owner),
        ("File", view.file_name),
        ("Rows", f"{view.n_rows:,}"),
        ("Cut", view.cut or "none: all rows"),
        ("Made", f"{view.made_at} by {view.software}"),
    )
    table = "\n".join(f"| {name} | {_plain(words)} |" for name, words in facts)
    yield _words(
        f"# {_plain(view.display_name)}\n\n"
        f"The view of <{view.page_url}>, drawn from Python. Numbers come from the portal, in the bins of its page.\n\n"
        f"| | |\n|---|---|\n{table}\n| SHA-256 | `{view.sha256}` |\n\n"
        'Install the client with `pip install "pzserver[plot]"` and make a token on the page *API Token* of the portal.'
    )
    yield _code(
        "import os",
        "from getpass import getpass",
        "",
        "import matplotlib.pyplot as plt",
        "from pzserver import PzServer",
        "",
        f"PRODUCT = {view.product_id}",
        f"CUT = {view.cut!r}",
        f"SHA256 = {view.sha256!r}",
        "",
        'token = os.environ.get("PZSERVER_TOKEN") or getpass("API token: ")',
        f"pz = PzServer(token, host={view.api_url!r})",
        "product = pz.get_product_object(PRODUCT)",
    )


def _rows(view: NotebookView) -> Iterator[dict[str, Any]]:
    names = list(dict.fromkeys(name for plot in view.plots for name in plot.columns))
    call = f'rows = pz.get_product(PRODUCT, columns={names!r}, cut=CUT, fmt="pandas")'
    if view.n_rows <= MOST_ROWS:
        yield _words(
            "## Rows\n\nThe columns behind the plots, as the file has them: missing values are not yet taken out."
        )
        yield _code(call, "rows.describe()")
    else:
        yield _words(f"## Rows\n\nThe plots below need no rows. All of them, {view.n_rows:,} before the cut, come with")
        yield _code(f"# {call}")


def _findings(view: NotebookView) -> Iterator[dict[str, Any]]:
    yield _words("## Checks\n\nFindings of the automatic checks, over all rows.")
    yield _code(
        "report = product.quality()",
        'print("Verdict:", report["verdict"])',
        'for check in report["checks"]:',
        '    if check["level"] in ("warn", "serious"):',
        "        print(f\"{check['level']}: {check['column']}: {check['message']}\")",
    )
    if view.has_metrics:
        yield _words("## Metrics\n\ndz = (z_phot - z_spec) / (1 + z_spec); errors from the bootstrap.")
        yield _code(
            "metrics = product.metrics(cut=CUT)",
            'for name in ("bias", "sigma_nmad", "outlier_fraction"):',
            "    print(f\"{name:17} {metrics[name]:.4g} ± {metrics['errors'].get(name, float('nan')):.2g}\")",
        )


def _plot_cells(plot: NotebookPlot) -> Sequence[dict[str, Any]]:
    columns = ", ".join(f"`{name}`" for name in plot.columns if "`" not in name)
    options = "".join(f", {name}={value!r}" for name, value in plot.options)
    return (
        _words(f"## {_plain(plot.title)}\n\nColumns {columns}" if columns else f"## {_plain(plot.title)}"),
        _code(
            f"plot = product.plot({plot.name!r}, cut=CUT{options})",
            'if plot.provenance["main_file_sha256"] != SHA256:',
            '    print("The file has changed since this notebook was made.")',
            "plot.draw()",
            "plt.show()",
        ),
    )

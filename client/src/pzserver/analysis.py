"""Numbers that the server counts over all rows, so that no table has to be fetched for them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from pzserver.api import PzServerApi, Row
from pzserver.arrays import arrays
from pzserver.downloads import CHUNK_BYTES
from pzserver.errors import DownloadFailed, RequestFailed
from pzserver.progress import progress_bar
from pzserver.transport import Answer

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from pzserver.comparison import Comparison
    from pzserver.coverage import Coverage

    Numbers = np.ndarray[tuple[int], np.dtype[Any]]

POLL_S = 1.0
LONGEST_WAIT_S = 1800.0
ACCEPTED = 202
"""Status of an answer that is still being computed."""


@dataclass(frozen=True)
class Histogram:
    """Exact counts of one column in bins.

    Attributes
    ----------
    column : str
        Column counted.
    edges : ndarray of float64, shape (n + 1,)
        Edges of the bins; a bin holds its lower edge, the last bin both.
    counts : ndarray of int64, shape (n,)
        Rows in each bin.
    n_shown, n_total, n_missing, n_outside : int
        Rows in the bins, in the file, without a value, and outside the range.
    cut : str or None
        Selection of rows.
    series : dict
        With ``split``: value of the splitting column to its counts.
    """

    column: str
    edges: Numbers
    counts: Numbers
    n_shown: int
    n_total: int
    n_missing: int
    n_outside: int
    cut: str | None = None
    series: dict[str, Numbers] = field(default_factory=dict)

    def to_pandas(self) -> pd.DataFrame:
        """Table with ``low``, ``high`` and ``count`` of each bin."""
        import pandas as pd

        return pd.DataFrame({"low": self.edges[:-1], "high": self.edges[1:], "count": self.counts})

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw the bins and return the axes; options go to ``matplotlib.axes.Axes.stairs``."""
        from pzserver.plots import pyplot

        axes = ax if ax is not None else pyplot().subplots()[1]
        axes.stairs(self.counts, self.edges, **({"fill": True} | options))
        axes.set(xlabel=self.column, ylabel="Rows")
        return axes


@dataclass(frozen=True)
class Plot:
    """Numbers that a plot of the portal is drawn from, over all rows or under a cut.

    Attributes
    ----------
    name, title : str
        Which plot.
    kind : str
        What the numbers are: ``Histogram``, ``HistogramSet``, ``Density``, ``SkyDensity``, ``CategoryCounts``...;
        empty when no row holds what the plot is made from.
    value : dict
        The numbers: lists of numbers are arrays, missing ones NaN. The API's page describes each kind.
    provenance : dict
        Product, file with its SHA-256, rows, columns, cut and software.
    """

    name: str
    title: str
    kind: str
    value: Row
    provenance: Row

    def __getitem__(self, field: str) -> Any:
        """One field of the numbers."""
        return self.value[field]

    def draw(self, ax: Any = None) -> Any:
        """Draw it with matplotlib and return the figure; ``ax`` takes plots of one panel."""
        from pzserver.drawing import draw

        return draw(self, ax)


def plot_of(answer: Row) -> Plot:
    """The plot that an answer of the server describes."""
    value = answer["value"] or {}
    numbers = {name: arrays(item) for name, item in value.items() if name != "kind"}
    return Plot(answer["name"], answer["title"], value.get("kind", ""), numbers, answer["provenance"])


class ProductNumbers:
    """Questions about one product's table.

    Parameters
    ----------
    api : PzServerApi
        Server asked.
    product_id : int
        Product.
    """

    def __init__(self, api: PzServerApi, product_id: int, *, show_progress: bool = True) -> None:
        self._api = api
        self._product_id = product_id
        self._show_progress = show_progress

    def ask(self, question: str, **params: Any) -> Row:
        """Answer to ``statistics``, ``quality``, ``metrics``, ``plots``...; waits while it is computed."""
        path = f"products/{self._product_id}/{question}/"
        deadline = time.monotonic() + LONGEST_WAIT_S
        while True:
            answer: Row = self._api.transport.json("GET", path, params=_given(params))
            if answer.get("status") not in ("pending", "running"):
                return answer
            if time.monotonic() > deadline:
                raise RequestFailed(
                    "The server is still computing. Try again later.", status_code=ACCEPTED, body=answer
                )
            time.sleep(POLL_S)

    def compare(self, others: object, **options: Any) -> Comparison:
        """This product and others on common bins; one or several, by id or internal name."""
        from pzserver.comparison import comparison_of

        names = list(others) if isinstance(others, Iterable) and not isinstance(others, str) else [others]
        ids = ",".join(str(self._api.product_id(name)) for name in names)
        normalised = options.pop("normalised", True)
        return comparison_of(self.ask("compare", **{"with": ids}, norm=None if normalised else "0", **options))

    def coverage(self, target: object, cut: str | None = None) -> Coverage:
        """How well this product covers another one, by id or internal name."""
        from pzserver.coverage import coverage_of

        return coverage_of(self.ask("coverage", target=self._api.product_id(target), cut=cut))

    def histogram(self, column: str | None = None, *, role: str | None = None, **options: Any) -> Histogram:
        """Counts of a column, or of the column with a role such as ``redshift``."""
        import numpy as np

        if column is None and role is None:
            role = "redshift"
        given = {"min": options.pop("low", None), "max": options.pop("high", None)} | options
        answer = self.ask("histogram", column=column, role=role, **given)
        return Histogram(
            column=answer["column"],
            edges=np.array(answer["edges"], dtype=np.float64),
            counts=np.array(answer.get("counts") or [], dtype=np.int64),
            cut=answer.get("cut"),
            series={str(one["value"]): np.array(one["counts"], dtype=np.int64) for one in answer.get("series") or ()},
            **{name: answer[name] for name in ("n_shown", "n_total", "n_missing", "n_outside")},
        )

    def to_parquet(self, path: str | Path, **selection: Any) -> Path:
        """Stream rows and columns of the table into a Parquet file, never holding them in memory.

        ``selection`` takes columns, cut, sort, offset and limit.
        """
        target = Path(path).expanduser()
        partial = target.with_name(f"{target.name}.part")
        for word in ("columns", "sort"):
            if selection.get(word) is not None:
                selection[word] = _names(selection[word])
        try:
            self._save_table(partial, _given(selection | {"format": "parquet"}))
        except requests.exceptions.RequestException as error:
            partial.unlink(missing_ok=True)
            if isinstance(error, RequestFailed):
                raise
            raise DownloadFailed(f"The table of product {self._product_id} did not arrive whole. Try again.") from error
        return partial.replace(target)

    def _save_table(self, partial: Path, params: Row) -> None:
        with (
            self._open_table(params) as answer,
            partial.open("wb") as file,
            progress_bar(partial.stem, 0, wanted=self._show_progress) as advance,
        ):
            for chunk in answer.iter_content(CHUNK_BYTES):
                file.write(chunk)
                advance(len(chunk))

    @contextmanager
    def _open_table(self, params: Row) -> Iterator[Answer]:
        """Answer with the table, once the server has read it."""
        deadline = time.monotonic() + LONGEST_WAIT_S
        while True:
            with self._api.transport.stream(f"products/{self._product_id}/table/", params=params) as answer:
                if answer.status_code != ACCEPTED:
                    yield answer
                    return
            if time.monotonic() > deadline:
                raise RequestFailed("The server is still reading the table. Try again later.", status_code=ACCEPTED)
            time.sleep(POLL_S)


def _names(columns: str | Sequence[str]) -> str:
    """Names with commas between, as the server takes them: one that holds a comma or a quote is put in quotes."""
    return columns if isinstance(columns, str) else ",".join(map(_quoted, columns))


def _quoted(name: str) -> str:
    sign = "-" if name.startswith("-") else ""
    bare = name.removeprefix("-")
    return f'{sign}"{bare.replace(chr(34), 2 * chr(34))}"' if "," in name or '"' in name else name


def _given(params: Row) -> Row:
    return {name: value for name, value in params.items() if value is not None}

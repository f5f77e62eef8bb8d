"""Numbers that the server counts over all rows, so that no table has to be fetched for them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pzserver.api import PzServerApi, Row
from pzserver.downloads import CHUNK_BYTES
from pzserver.errors import RequestFailed
from pzserver.progress import progress_bar

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Numbers = np.ndarray[tuple[int], np.dtype[Any]]

POLL_S = 1.0
LONGEST_WAIT_S = 1800.0


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
        """Answer to ``statistics``, ``quality``, ``metrics``, ``density`` or ``sky``; waits while it is computed."""
        path = f"products/{self._product_id}/{question}/"
        deadline = time.monotonic() + LONGEST_WAIT_S
        while True:
            answer: Row = self._api.transport.json("GET", path, params=_given(params))
            if answer.get("status") not in ("pending", "running"):
                return answer
            if time.monotonic() > deadline:
                raise RequestFailed("The server is still computing. Try again later.", status_code=202, body=answer)
            time.sleep(POLL_S)

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
        if selection.get("columns") is not None:
            columns = selection["columns"]
            selection["columns"] = columns if isinstance(columns, str) else ",".join(columns)
        params = _given(selection | {"format": "parquet"})
        with (
            self._api.transport.stream(f"products/{self._product_id}/table/", params=params) as answer,
            partial.open("wb") as file,
            progress_bar(target.name, int(answer.headers.get("Content-Length", 0)), wanted=self._show_progress) as seen,
        ):
            for chunk in answer.iter_content(CHUNK_BYTES):
                file.write(chunk)
                seen(len(chunk))
        return partial.replace(target)


def _given(params: Row) -> Row:
    return {name: value for name, value in params.items() if value is not None}

"""Products side by side, as the server compares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pzserver.api import Row
from pzserver.arrays import arrays

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Numbers = np.ndarray[tuple[int], np.dtype[Any]]

SAMPLE = ("column", "n", "mean", "median", "std", "n_shown", "n_total", "n_missing", "n_outside", "n_cut")
CURVES = ("curve", "difference", "ratio")
PARTS = ("values", "err_low", "err_high")


@dataclass(frozen=True)
class Comparison:
    """Two to four products on common bins, the one that others are compared with first.

    Attributes
    ----------
    column, title : str
        Quantity compared, and what it is called.
    unit : str or None
        Unit of its values.
    edges : ndarray of float64, shape (n + 1,)
        Edges of the bins.
    normalised : bool
        Whether values are counts / (n x width).
    cut : str or None
        Selection of rows.
    products : list of dict
        Of each product ``counts``, ``curve``, ``difference`` and ``ratio`` to the first (each ``values``, ``err_low``,
        ``err_high``), ``two_sample``, ``n``, ``mean``, ``median``..., ``cut_note``.
    definitions : dict
        What each of the two-sample numbers is.
    """

    column: str
    title: str
    unit: str | None
    edges: Numbers
    normalised: bool
    cut: str | None
    products: list[Row]
    definitions: dict[str, str]

    def __getitem__(self, name: int | str) -> Row:
        """One product by its id or internal name."""
        for one in self.products:
            if name in (one["id"], one["internal_name"]):
                return one
        names = ", ".join(f"{one['id']} ({one['internal_name']})" for one in self.products)
        raise KeyError(f"{name!r} is not one of the products compared: {names}")

    def to_pandas(self) -> pd.DataFrame:
        """One row for each bin of each product: ``product``, ``low``, ``high``, ``count``, values and errors."""
        import pandas as pd

        return pd.concat([self._bins(one) for one in self.products], ignore_index=True)

    def _bins(self, product: Row) -> pd.DataFrame:
        import numpy as np
        import pandas as pd

        nothing = np.full(len(product["counts"]), np.nan)
        frame = pd.DataFrame({"product": product["internal_name"], "low": self.edges[:-1], "high": self.edges[1:]})
        frame["count"] = product["counts"]
        for curve in CURVES:
            name = "value" if curve == "curve" else curve
            for part in PARTS:
                column = name if part == "values" else f"{name}_{part}"
                frame[column] = product[curve][part] if product[curve] else nothing
        return frame

    def summary(self) -> pd.DataFrame:
        """One row for each product, by internal name: its sample, and the two-sample numbers against the first."""
        import pandas as pd

        rows = [{name: one[name] for name in SAMPLE} | (one["two_sample"] or {}) for one in self.products]
        return pd.DataFrame(rows, index=pd.Index([one["internal_name"] for one in self.products], name="product"))

    def draw(self, ax: Any = None) -> Any:
        """Draw the products over each other with matplotlib and return the figure."""
        from pzserver.plots import pyplot

        axes = ax if ax is not None else pyplot().subplots(layout="constrained")[1]
        for one in self.products:
            axes.stairs(one["curve"]["values"], self.edges, label=one["internal_name"], linewidth=1.4)
        label = f"{self.title} [{self.unit}]" if self.unit else self.title
        axes.set(xlabel=label.replace("$", r"\$"), ylabel="density per unit" if self.normalised else "objects per bin")
        axes.legend()
        return axes.figure


def comparison_of(answer: Row) -> Comparison:
    """The comparison that an answer of the server describes."""
    found = arrays(answer)
    return Comparison(**{name: found[name] for name in Comparison.__dataclass_fields__})

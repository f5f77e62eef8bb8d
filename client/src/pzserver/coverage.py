"""How well a training set covers another product, as the server finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pzserver.api import Row
from pzserver.arrays import arrays

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Coverage:
    """Coverage of a target by a training set, from seeded samples of both.

    Attributes
    ----------
    features : list of str
        Magnitude and colours in which they are compared.
    limit_mag : float
        Magnitude at which objects stand that are not detected in a band.
    cut : str or None
        Selection of rows.
    train, target : dict
        Rows drawn and used of each, ``cut_note`` and ``provenance``.
    neighbours : dict
        ``d_ref``, the share ``covered`` with its error, and counts of distances.
    map : dict
        Objects of the target and covered ones in cells of magnitude and colour.
    redshifts : dict
        Effective N and the N(z) of the training set as it is and weighted to the target.
    som : dict
        Arrays over the cells of a self-organising map, and what they tell.
    definitions : dict
        What each part is.
    """

    features: list[str]
    limit_mag: float
    cut: str | None
    train: Row
    target: Row
    neighbours: Row
    map: Row
    redshifts: Row
    som: Row
    definitions: dict[str, str]

    def cells(self) -> pd.DataFrame:
        """Cells of the self-organising map: ``row``, ``column``, ``n_target``, ``n_train``, ``sigma_z``."""
        import numpy as np
        import pandas as pd

        rows, columns = np.indices(self.som["target"].shape)
        counts = {f"n_{name}": self.som[name].ravel() for name in ("target", "train")}
        places = {"row": rows.ravel(), "column": columns.ravel()}
        return pd.DataFrame({**places, **counts, "sigma_z": self.som["sigma_z"].ravel()})

    def distances(self) -> pd.DataFrame:
        """Bins of the distance to the nearest training object; the last one holds all beyond."""
        import pandas as pd

        near = self.neighbours
        edges = {"low": near["edges"][:-1], "high": near["edges"][1:]}
        return pd.DataFrame({**edges, "n_train": near["train"], "n_target": near["target"]})

    def weighted_redshifts(self) -> pd.DataFrame:
        """N(z) as densities with errors: ``plain``, ``weighted`` and, where its truth is known, ``target``."""
        import pandas as pd

        z = self.redshifts
        frame = pd.DataFrame({"low": z["edges"][:-1], "high": z["edges"][1:]})
        for name in ("plain", "weighted", "target"):
            if z[name] is not None:
                frame[name], frame[f"{name}_err"] = z[name]["values"], z[name]["err_high"]
        return frame

    def draw(self, ax: Any = None) -> Any:
        """Draw the weighted N(z) with matplotlib and return the figure."""
        from pzserver.plots import pyplot

        axes = ax if ax is not None else pyplot().subplots(layout="constrained")[1]
        named = {"plain": "training set", "weighted": "weighted to the target", "target": "target, true"}
        for name, label in named.items():
            if (curve := self.redshifts[name]) is not None:
                axes.stairs(curve["values"], self.redshifts["edges"], label=label, linewidth=1.4)
        axes.set(xlabel="z_spec", ylabel="density per unit", title=f"{self.neighbours['covered']:.1%} covered")
        axes.legend()
        return axes.figure


def coverage_of(answer: Row) -> Coverage:
    """The coverage that an answer of the server describes."""
    found = arrays(answer)
    return Coverage(**{name: found[name] for name in Coverage.__dataclass_fields__})

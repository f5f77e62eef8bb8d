"""Tables with their metadata: what ``get_product`` returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pzserver.console import say
from pzserver.metadata import metadata_frame
from pzserver.tables import Table, cell_text

if TYPE_CHECKING:
    import pandas as pd

PREVIEW_ROWS = 10
UCD_RA, UCD_DEC, UCD_REDSHIFT = "pos.eq.ra;meta.main", "pos.eq.dec;meta.main", "src.redshift"
ALIASES = {UCD_RA: "RA", UCD_DEC: "Dec", UCD_REDSHIFT: "z"}


class Catalog:
    """A table and what is known of it.

    Parameters
    ----------
    data : pandas.DataFrame, optional
        The table; it stays reachable, with all its own methods, as ``.data``.
    metadata : dict, optional
        As ``PzServer.get_product_metadata`` gives it.
    metadata_df : pandas.DataFrame, optional
        The same as a table of keys and values; made from ``metadata`` if left out.
    """

    def __init__(
        self,
        data: pd.DataFrame | None = None,
        metadata: dict[str, Any] | None = None,
        metadata_df: pd.DataFrame | None = None,
    ) -> None:
        self.data = data
        self.metadata = metadata
        self._metadata_df = metadata_df

    @property
    def metadata_df(self) -> pd.DataFrame | None:
        """Metadata as a table with the columns ``key`` and ``value``."""
        if self._metadata_df is None and self.metadata is not None:
            self._metadata_df = metadata_frame(self.metadata)
        return self._metadata_df

    @property
    def columns(self) -> list[dict[str, Any]] | None:
        """Columns with a meaning: dicts of column_name, ucd and alias; None if nothing is known of them."""
        main_file = (self.metadata or {}).get("main_file") or {}
        known: list[dict[str, Any]] | None = main_file.get("columns_association")
        return known

    @property
    def colnames(self) -> list[str]:
        """Names of all columns of the table."""
        return [str(name) for name in self._table().columns]

    def display_metadata(self) -> None:
        """Show the metadata."""
        frame = self.metadata_df
        if frame is None:
            say("This catalog has no metadata.")
            return
        Table(
            ["key", "value"], [[str(k), cell_text(v)] for k, v in zip(frame["key"], frame["value"], strict=True)]
        ).show()

    def to_pandas(self) -> pd.DataFrame:
        """The table as a DataFrame (the same object as ``.data``)."""
        return self._table()

    def to_astropy(self) -> Any:
        """The table as an ``astropy.table.Table``."""
        from pzserver.conversion import to_astropy

        return to_astropy(self._table())

    def to_parquet(self, path: str | Path) -> Path:
        """Write the table to a Parquet file and give its path."""
        target = Path(path).expanduser()
        self._table().to_parquet(target, index=False)
        return target

    def column_for(self, ucd: str) -> str | None:
        """Name of the column with a UCD, or with the alias that stands for it; None if there is none."""
        known = self.columns or []
        by_ucd = next((row["column_name"] for row in known if row.get("ucd") == ucd), None)
        return by_ucd or next((row["column_name"] for row in known if row.get("alias") == ALIASES.get(ucd, ucd)), None)

    def _table(self) -> pd.DataFrame:
        if self.data is None:
            raise ValueError("This catalog holds no table.")
        return self.data

    def _columns_for_plot(self, **ucds: str) -> dict[str, str] | None:
        """Columns that a plot needs, by word; says which are missing."""
        found = {word: self.column_for(ucd) for word, ucd in ucds.items()}
        missing = [word for word, column in found.items() if column is None]
        if missing:
            say(
                f"No plot: the column of {' and of '.join(missing)} is not known. "
                "Name it on the product page, or with make_columns_association() of an upload."
            )
            return None
        return {word: column for word, column in found.items() if column is not None}

    def __len__(self) -> int:
        return 0 if self.data is None else len(self.data)

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, key: Any) -> Any:
        return self._table()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.colnames)

    def __contains__(self, name: object) -> bool:
        return name in self.colnames

    def __repr__(self) -> str:
        name = (self.metadata or {}).get("display_name")
        of = f" {name!r}" if name else ""
        shape = "no table" if self.data is None else f"{len(self.data)} rows x {self.data.shape[1]} columns"
        return f"<{type(self).__name__}{of}: {shape}>"

    def _repr_html_(self) -> str:
        import html

        head = "" if self.data is None else self.data.head(PREVIEW_ROWS).to_html(index=False, border=0)
        return f"<p>{html.escape(repr(self).strip('<>'))}</p>{head}"


class SpeczCatalog(Catalog):
    """Spectroscopic redshifts and positions."""

    def plot(self, savefig: bool = False) -> str | None:
        """Draw the positions and the redshifts.

        Parameters
        ----------
        savefig : bool
            Write ``specz_catalog.png`` into the working folder, and return that name.
        """
        columns = self._columns_for_plot(RA=UCD_RA, Dec=UCD_DEC, redshift=UCD_REDSHIFT)
        if columns is None:
            return None
        from pzserver.plots import plot_specz_catalog

        return plot_specz_catalog(self._table(), columns, savefig=savefig)


class TrainingSet(Catalog):
    """Magnitudes, their errors, and true redshifts."""

    def plot(self, mag_name: str | None = None, savefig: bool = False) -> str | None:
        """Draw the redshifts; with a magnitude also that, and both against each other.

        Parameters
        ----------
        mag_name : str, optional
            Column of the magnitude.
        savefig : bool
            Write ``train_set.png`` into the working folder, and return that name.
        """
        columns = self._columns_for_plot(redshift=UCD_REDSHIFT)
        if columns is None:
            return None
        if mag_name is not None and mag_name not in self:
            raise ValueError(f"There is no column {mag_name!r}. The columns are: {', '.join(self.colnames)}.")
        from pzserver.plots import plot_training_set

        return plot_training_set(self._table(), columns["redshift"], mag_name, savefig=savefig)


CLASSES: Mapping[str, type[Catalog]] = {
    "redshift_catalog": SpeczCatalog,
    "specz_catalog": SpeczCatalog,
    "training_set": TrainingSet,
}
"""Name of a product type to its class; other types are plain DataFrames."""


def wrap(data: pd.DataFrame, metadata: dict[str, Any]) -> Any:
    """The table as an object of the class of its product type, or as it is for types without one."""
    cls = CLASSES.get(str(metadata.get("product_type_internal_name") or ""))
    if cls is None:
        cls = {"Spec-z Catalog": SpeczCatalog, "Training Set": TrainingSet}.get(str(metadata.get("product_type_name")))
    return data if cls is None else cls(data, metadata)

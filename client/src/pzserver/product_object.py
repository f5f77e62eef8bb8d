"""One product, and what its owner can do with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pzserver.analysis import Histogram, Plot, ProductNumbers, plot_of
from pzserver.api import PzServerApi, Row
from pzserver.errors import NotFound, NotOwner
from pzserver.files import AUXILIARY, DESCRIPTION, FileSender
from pzserver.metadata import fetch_metadata
from pzserver.upload import existing_file

if TYPE_CHECKING:
    from pzserver.comparison import Comparison
    from pzserver.coverage import Coverage


class PzProduct:
    """A product of the portal; ``PzServer.get_product_object`` makes it.

    Attributes
    ----------
    product_id : int
        Id on the server.
    attributes : dict
        Fields of the product.
    main_file : dict
        Row of the main file, empty if there is none.
    """

    def __init__(self, product_id: object, api: PzServerApi, *, show_progress: bool = True) -> None:
        self._api = api
        self.attributes: Row = fetch_metadata(api, product_id, with_main_file=False)
        self.product_id: int = self.attributes["id"]
        self._files = FileSender(api, show_progress=show_progress)
        self._numbers = ProductNumbers(api, self.product_id, show_progress=show_progress)
        self.main_file: Row = next(
            (row for row in self._files.of_product(self.product_id) if row["role_name"] == "Main"), {}
        )

    def __repr__(self) -> str:
        return f"<PzProduct {self.attributes['internal_name']!r}>"

    def get_main_file_info(self) -> Row:
        """What is known of the main file, its columns included."""
        info: Row = fetch_metadata(self._api, self.product_id)["main_file"]
        return info

    def attach_auxiliary_file(self, path: str | Path) -> None:
        """Send a file that belongs to the product."""
        self._attach(path, AUXILIARY)

    def attach_description_file(self, path: str | Path) -> None:
        """Send an HTML page that is shown on the product page."""
        self._attach(path, DESCRIPTION)

    def get_auxiliary_files(self) -> list[Row]:
        """Rows of the auxiliary files."""
        return self._with_role("Auxiliary")

    def get_description_files(self) -> list[Row]:
        """Rows of the description files."""
        return self._with_role("Description")

    def remove_file(self, file_id: int) -> None:
        """Remove an auxiliary or description file.

        Raises
        ------
        NotFound
            If the product has no such file (a ValueError).
        NotOwner
            If the product is not yours, or the file is the main file (a ValueError).
        """
        self._check_may("can_update", "remove its files")
        if file_id == self.main_file.get("id"):
            raise NotOwner("The main file cannot be removed. Delete the product instead.")
        if file_id not in [row["id"] for row in self._files.of_product(self.product_id)]:
            raise NotFound(f"Product {self.product_id} has no file {file_id!r}.", status_code=404)
        self._files.remove(file_id)

    def update_description(self, text: str) -> None:
        """Replace the description."""
        self._check_may("can_update", "describe it")
        answer = self._api.transport.json("PATCH", f"products/{self.product_id}/", data={"description": text})
        self.attributes.update(answer)

    def delete(self) -> None:
        """Delete the product."""
        self._check_may("can_delete", "delete it")
        self._api.transport.json("DELETE", f"products/{self.product_id}/")

    def histogram(
        self,
        column: str | None = None,
        *,
        role: str | None = None,
        bins: int | None = None,
        width: float | None = None,
        low: float | None = None,
        high: float | None = None,
        cut: str | None = None,
        split: str | None = None,
    ) -> Histogram:
        """Exact counts of a column over all rows, made by the server.

        Parameters
        ----------
        column : str, optional
            Column; left out, the one with the role.
        role : str, optional
            ``redshift`` (the default), ``z_phot``, ``ra`` and so on.
        bins, width : int, float, optional
            Number of bins, or their width.
        low, high : float, optional
            Range.
        cut : str, optional
            Rows to count, e.g. ``"z > 0.5 and mag_g - mag_r > 0.3"``.
        split : str, optional
            Column whose values get counts of their own.
        """
        return self._numbers.histogram(
            column, role=role, bins=bins, width=width, low=low, high=high, cut=cut, split=split
        )

    def statistics(self) -> Row:
        """Rows, columns with their ranges and means, and which column has which role."""
        return self._numbers.ask("statistics")

    def quality(self) -> Row:
        """What a check of the table has found."""
        return self._numbers.ask("quality")

    def metrics(self, z_phot: str | None = None, z_spec: str | None = None, cut: str | None = None) -> Row:
        """Bias, scatter and outliers of photometric redshifts against true ones."""
        return self._numbers.ask("metrics", z_phot=z_phot, z_spec=z_spec, cut=cut)

    def density(self, x: str, y: str, bins: int | None = None, cut: str | None = None) -> Row:
        """Counts of two columns against each other."""
        return self._numbers.ask("density", x=x, y=y, bins=bins, cut=cut)

    def sky(self, nside: int | None = None, cut: str | None = None) -> Row:
        """Counts in HEALPix pixels (nested), and the area they cover."""
        return self._numbers.ask("sky", nside=nside, cut=cut)

    def plots(self) -> list[Row]:
        """Plots that the product's page shows: name, title, columns."""
        rows: list[Row] = self._numbers.ask("plots")["results"]
        return rows

    def plot(self, name: str, cut: str | None = None, *, width: float | None = None, split: str | None = None) -> Plot:
        """Numbers that a plot of the product's page is drawn from, with their provenance.

        Parameters
        ----------
        name : str
            As ``plots`` lists it, e.g. ``"n_z"``.
        cut : str, optional
            Rows to count; the bins stay those of all rows.
        width : float, optional
            Width of the bins of a histogram, in place of the page's.
        split : str, optional
            Role or column by which a histogram is split.
        """
        return plot_of(self._numbers.ask(f"plots/{quote(name, safe='')}", cut=cut, width=width, split=split))

    def compare(
        self,
        others: int | str | Sequence[int | str],
        column: str | None = None,
        *,
        width: float | None = None,
        cut: str | None = None,
        normalised: bool = True,
    ) -> Comparison:
        """This product and one to three others on common bins, and how far they are from it.

        Parameters
        ----------
        others : int, str or sequence
            Ids or internal names.
        column : str, optional
            What all have: a role (``redshift``, ``odds``...), ``mag_i``, ``any_z``, or a column; left out, the first.
        width : float, optional
            Width of the bins.
        cut : str, optional
            Rows to count; a product it does not fit counts whole and says so in ``cut_note``.
        normalised : bool
            Whether values are counts / (n x width).
        """
        return self._numbers.compare(others, column=column, width=width, cut=cut, normalised=normalised)

    def coverage(self, target: int | str, cut: str | None = None) -> Coverage:
        """How well this training set covers another product: nearest neighbours, weights, a map of colours.

        Parameters
        ----------
        target : int or str
            Id or internal name.
        cut : str, optional
            Rows to draw from; a table it does not fit counts whole and says so in ``cut_note``.
        """
        return self._numbers.coverage(target, cut)

    def to_parquet(self, path: str | Path, **selection: Any) -> Path:
        """Stream the table into a Parquet file; ``columns``, ``cut``, ``sort`` and ``limit`` select from it."""
        return self._numbers.to_parquet(path, **selection)

    def _attach(self, path: str | Path, role: int) -> None:
        found = existing_file(path)
        self._check_may("can_update", "attach files")
        self._files.send(self.product_id, found, role)

    def _with_role(self, role_name: str) -> list[Row]:
        return [row for row in self._files.of_product(self.product_id) if row["role_name"] == role_name]

    def _check_may(self, right: str, what: str) -> None:
        check_may(self.attributes, right, what)


def check_may(product: Row, right: str, what: str) -> None:
    """Refuse what only the owner and administrators may do.

    Raises
    ------
    NotOwner
        If the server says that the person asking may not.
    """
    if not product.get(right, product.get("is_owner") is True):
        raise NotOwner(
            f"Product {product['id']} belongs to {product.get('uploaded_by')}. "
            f"Only its owner or an administrator can {what}."
        )

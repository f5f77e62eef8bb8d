"""What columns mean: the words people type, and the aliases and UCDs they stand for."""

from __future__ import annotations

from pzserver.api import PzServerApi, Row
from pzserver.errors import NotFound

SYSTEM_COLUMNS: dict[str, tuple[str, str]] = {
    "id": ("ID", "meta.id;meta.main"),
    "ra": ("RA", "pos.eq.ra;meta.main"),
    "dec": ("Dec", "pos.eq.dec;meta.main"),
    "z": ("z", "src.redshift"),
    "z_err": ("z_err", "stat.error;src.redshift"),
    "z_flag": ("z_flag", "stat.rank"),
    "survey": ("survey", "meta.curation"),
}
"""Word in lower case to alias and UCD."""
REQUIRED: dict[str, tuple[str, ...]] = {
    "redshift_catalog": ("RA", "Dec", "z"),
    "training_set": ("z",),
    "object_catalog": ("RA", "Dec"),
}
"""Name of a product type to the aliases without which it cannot be published."""


class ColumnMap:
    """Columns of one product, and their meaning."""

    def __init__(self, api: PzServerApi, product_id: int) -> None:
        self._api = api
        self._product_id = product_id

    def rows(self) -> list[Row]:
        """Rows of all columns, in the order of the file."""
        return self._api.get_all("product-contents", product=self._product_id)

    def set(self, association: dict[str, str]) -> None:
        """Give columns their meaning.

        Parameters
        ----------
        association : dict
            Column to a word of ``SYSTEM_COLUMNS`` in any case, or to a free alias.

        Raises
        ------
        NotFound
            If there is no such column; then nothing has been changed.
        """
        ids = {row["column_name"]: row["id"] for row in self.rows()}
        unknown = [name for name in association if name not in ids]
        if unknown:
            raise NotFound(
                f"No column {', '.join(map(repr, unknown))}. The columns are: {', '.join(ids)}.", status_code=404
            )
        for name, word in association.items():
            self._change(ids[name], _meaning(word))

    def clear(self, names: list[str]) -> None:
        """Take the meaning from columns."""
        ids = {row["column_name"]: row["id"] for row in self.rows()}
        for name in names:
            self._change(ids[name], {"ucd": "", "alias": ""})

    def missing(self, product_type: str) -> tuple[str, ...]:
        """Aliases that a type needs and no column has."""
        known = {row.get("alias") for row in self.rows()}
        return tuple(alias for alias in REQUIRED.get(product_type, ()) if alias not in known)

    def _change(self, content_id: int, meaning: dict[str, str]) -> None:
        self._api.transport.json("PATCH", f"product-contents/{content_id}/", data=meaning)


def _meaning(word: str) -> dict[str, str]:
    system = SYSTEM_COLUMNS.get(str(word).strip().lower())
    return {"alias": str(word)} if system is None else {"alias": system[0], "ucd": system[1]}

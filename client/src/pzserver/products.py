"""``get_product``: from an id to a table in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pzserver.analysis import ProductNumbers
from pzserver.api import PzServerApi, Row
from pzserver.cache import DiskCache
from pzserver.catalogs import wrap
from pzserver.downloads import Downloader
from pzserver.errors import InvalidInput, NoMainFile, NotTabular, RequestFailed, TooBig, UnreadableTable

Format = Literal["pandas", "astropy"]
FORMATS = (None, "pandas", "astropy")
FREE_FORM_TYPES = frozenset({"validation_results", "training_results"})
FREE_FORM_TITLES = frozenset({"Validation Results", "Photo-z Validation Results", "Training Results"})
LARGEST_BYTES = 200 * 2**20


class ProductReader:
    """Reads main files of one server into memory, through a cache on disk."""

    def __init__(
        self, api: PzServerApi, downloader: Downloader, cache: DiskCache | None, *, show_progress: bool
    ) -> None:
        self._api = api
        self._downloader = downloader
        self._cache = cache
        self._show_progress = show_progress

    def whole(self, metadata: Row, *, take_big: bool) -> Any:
        """Table of the main file, as a DataFrame or an astropy Table.

        Raises
        ------
        NotTabular, NoMainFile, TooBig
            If it is not to be read.
        """
        _check_tabular(metadata)
        main_file = _main_file(metadata)
        size = main_file.get("size") or 0
        if size > LARGEST_BYTES and not take_big:
            raise TooBig(
                f"The main file has {size / 2**20:,.0f} MB, more than {LARGEST_BYTES // 2**20} MB. "
                "Take some columns and rows with columns=[...] and cut='...', "
                "get all with get_big_products=True, or download_product()."
            )
        with tempfile.TemporaryDirectory(prefix="pzserver-") as folder:
            path = self._file(metadata["id"], Path(folder))
            try:
                return _read(path, main_file)
            except UnreadableTable as error:
                return self._read_by_server(metadata["id"], error)

    def selection(self, metadata: Row, **selection: Any) -> Any:
        """Some columns and rows, chosen by the server."""
        _main_file(metadata)
        numbers = ProductNumbers(self._api, metadata["id"], show_progress=self._show_progress)
        with tempfile.TemporaryDirectory(prefix="pzserver-") as folder:
            return _read(numbers.to_parquet(Path(folder) / "selection.parquet", **selection), {})

    def _file(self, product_id: int, folder: Path) -> Path:
        prepared = self._downloader.prepare(product_id, "main-file")
        if self._cache is None or prepared.checksum is None:
            return self._downloader.fetch(product_id, "main-file", folder, prepared)
        kept = self._cache.find(prepared.checksum, prepared.name, prepared.size_bytes)
        if kept is not None:
            return kept
        place = self._cache.place(prepared.checksum)
        path = self._downloader.fetch(product_id, "main-file", place, prepared)
        self._cache.trim()
        return path

    def _read_by_server(self, product_id: int, reason: UnreadableTable) -> Any:
        """The table as the server reads it, for files that are not understood here."""
        try:
            return self.selection({"id": product_id, "main_file": {"name": "table"}})
        except RequestFailed as error:
            raise reason from error


def check_format(fmt: str | None) -> None:
    """Refuse an unknown ``fmt``."""
    if fmt not in FORMATS:
        raise InvalidInput(f"fmt={fmt!r} is not known. Choose None (an object with .data), 'pandas' or 'astropy'.")


def in_format(table: Any, metadata: Row, fmt: str | None) -> Any:
    """The table in the form that was asked for."""
    from pzserver.conversion import to_astropy, to_pandas

    if fmt == "astropy":
        return to_astropy(table)
    frame = to_pandas(table)
    return frame if fmt == "pandas" else wrap(frame, metadata)


def selection_of(columns: str | Sequence[str] | None, cut: str | None, limit: int | None) -> Row:
    """Parameters of a selection; empty if the whole table is wanted."""
    wanted: Row = {"columns": columns, "cut": cut, "limit": limit}
    return {name: value for name, value in wanted.items() if value is not None}


def _check_tabular(metadata: Row) -> None:
    name, title = metadata.get("product_type_internal_name"), metadata.get("product_type_name")
    if name in FREE_FORM_TYPES or title in FREE_FORM_TITLES:
        raise NotTabular(
            f"{title} have a free form, not a table. Use download_product({metadata['id']}) to get the files."
        )


def _main_file(metadata: Row) -> Row:
    main_file: Row = metadata.get("main_file") or {}
    if not main_file.get("name"):
        raise NoMainFile(
            f"Product {metadata['id']} has no main file: it is described only. "
            "Its description may tell where the data are."
        )
    return main_file


def _read(path: Path, main_file: Row) -> Any:
    from pzserver.readers import read_table

    return read_table(path, main_file)

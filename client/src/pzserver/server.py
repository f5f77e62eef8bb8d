"""``PzServer``: the portal as one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pzserver import tables
from pzserver.api import PzServerApi, Row
from pzserver.cache import default_cache
from pzserver.console import say
from pzserver.downloads import Downloader
from pzserver.hosts import api_address, find_token
from pzserver.metadata import fetch_metadata, metadata_frame, shown_rows
from pzserver.transport import ANSWER_LIMIT_S, Transport
from pzserver.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from pzserver.analysis import Plot, ProductNumbers
    from pzserver.comparison import Comparison
    from pzserver.coverage import Coverage
    from pzserver.pipelines import CRCProcess, CSCProcess, Process, TSMProcess
    from pzserver.product_object import PzProduct
    from pzserver.upload import PzUpload

TSM_PIPELINE = "training_set_maker"
COMBINE_PIPELINE = "combine_redshift_dedup"
OLD_COMBINE_PIPELINE = "combine_specz"


class PzServer:
    """A PZ Server, seen by the person whose token it is.

    Parameters
    ----------
    token : str, optional
        API token from the website; left out, the environment variable ``PZSERVER_TOKEN`` is read. Blanks and line
        ends around it do no harm.
    host : str, optional
        ``"pz"``, ``"pz-dev"``, ``"localhost"``, or the address of a portal, with or without ``/api/``; left out,
        ``PZSERVER_HOST`` is read, then ``"pz"`` is taken.
    timeout_s : float
        Longest silence of the server before giving up, seconds.
    cache : bool or path
        Whether main files are kept on disk, or where.
    progress : bool
        Whether long transfers show a bar.

    Raises
    ------
    InvalidInput
        If there is no token (a ValueError).
    RequestFailed
        If the server cannot be reached or refuses the token (a ``requests.exceptions.RequestException``).
    """

    def __init__(
        self,
        token: str | None = None,
        host: str | None = None,
        *,
        timeout_s: float = ANSWER_LIMIT_S,
        cache: bool | str | Path = True,
        progress: bool = True,
    ) -> None:
        transport = Transport(
            api_address(host), find_token(token), timeout_s=timeout_s, agent=f"pzserver/{__version__}"
        )
        self.api = PzServerApi(transport)
        self._progress = progress
        self._downloader = Downloader(transport, show_progress=progress)
        self.cache = default_cache(cache)
        self.api.check()

    def __repr__(self) -> str:
        return f"PzServer(host={self.api.transport.base_url!r})"

    # General information

    def get_product_types(self) -> list[Row]:
        """Product types."""
        return self.api.get_all("product-types", ordering="order")

    def display_product_types(self) -> None:
        """Show the product types."""
        tables.show_rows(self.get_product_types(), tables.PRODUCT_TYPES)

    def get_users(self) -> list[Row]:
        """People who have uploaded products."""
        return self.api.get_all("users")

    def display_users(self) -> None:
        """Show the people who have uploaded products."""
        tables.show_rows(self.get_users(), tables.USERS)

    def get_releases(self) -> list[Row]:
        """Data releases."""
        return self.api.get_all("releases")

    def display_releases(self) -> None:
        """Show the data releases."""
        tables.show_rows(self.get_releases(), tables.RELEASES)

    def get_products_list(self, filters: Mapping[str, Any] | None = None) -> list[Row]:
        """Published products, newest first.

        Parameters
        ----------
        filters : mapping, optional
            Attribute to a value or a list of values; several attributes must all fit. ``release``, ``product_type``,
            ``uploaded_by`` and ``product_name`` look for a part of the text in any case; with ``__or`` one of
            several parts is enough, and ``__in`` takes a list of exact values.

        Raises
        ------
        InvalidInput
            If an attribute is not known; the message lists those that are.
        """
        return self.api.get_products(filters)

    def display_products_list(self, filters: Mapping[str, Any] | None = None) -> None:
        """Show published products; filters as in ``get_products_list``."""
        tables.show_rows(self.get_products_list(filters), tables.PRODUCTS)

    # One product

    def get_product_metadata(self, product_id: int | str, mainfile_info: bool = True) -> Row:
        """Everything known of a product.

        Parameters
        ----------
        product_id : int or str
            Id, digits, or internal name.
        mainfile_info : bool
            Whether ``main_file`` is asked for too.

        Raises
        ------
        NotFound
            If there is no such product that you may see (a ValueError).
        """
        return fetch_metadata(self.api, product_id, with_main_file=mainfile_info)

    def display_product_metadata(self, product_id: int | str | None = None, show: bool = True) -> pd.DataFrame | None:
        """Show what is known of a product; with ``show=False`` give it as a DataFrame."""
        metadata = fetch_metadata(self.api, product_id)
        if not show:
            return metadata_frame(metadata)
        rows = [[key, tables.cell_text(value)] for key, value in shown_rows(metadata)]
        tables.Table(["key", "value"], rows).show()
        return None

    def download_product(self, product_id: int | str | None = None, save_in: str | Path = ".") -> None:
        """Download all files of a product as one zip.

        Parameters
        ----------
        product_id : int or str
            Id, digits, or internal name.
        save_in : path
            Folder, made if it is not there.

        Raises
        ------
        RequestFailed
            If it does not come; a part that came is kept, and the same call goes on from there.
        """
        say("Connecting to PZ Server...")
        say(f"File saved as: {self.fetch_product(product_id, save_in)}")
        say("Done!")

    def fetch_product(self, product_id: int | str | None, save_in: str | Path = ".") -> Path:
        """``download_product`` for programs: says nothing and gives the path of the zip."""
        return self._downloader.fetch(self.api.product_id(product_id), "product", Path(save_in).expanduser())

    def get_product(
        self,
        product_id: int | str | None = None,
        fmt: str | None = None,
        get_big_products: bool = False,
        *,
        columns: str | Sequence[str] | None = None,
        cut: str | None = None,
        limit: int | None = None,
    ) -> Any:
        """Read the table of a product into memory.

        Parameters
        ----------
        product_id : int or str
            Id, digits, or internal name.
        fmt : {None, "pandas", "astropy"}
            None gives a ``SpeczCatalog`` or ``TrainingSet`` (a DataFrame for other types), else a
            ``pandas.DataFrame`` or an ``astropy.table.Table``.
        get_big_products : bool
            Read more than 200 MB too.
        columns : sequence of str, optional
            Only these columns, chosen by the server before anything is sent.
        cut : str, optional
            Only rows that fulfil it, e.g. ``"z > 0.5 and mag_i between 18 and 24"`` or ``"mag_g - mag_r > 0.3"``.
        limit : int, optional
            At most this many rows.

        Raises
        ------
        NotTabular, TooBig, InvalidInput
            If it cannot be read like this (a ValueError).
        NoMainFile
            If there is none (a FileNotFoundError).
        """
        from pzserver.products import ProductReader, check_format, in_format, selection_of

        check_format(fmt)
        say("Connecting to PZ Server...")
        metadata = fetch_metadata(self.api, product_id)
        reader = ProductReader(self.api, self._downloader, self.cache, show_progress=self._progress)
        selection = selection_of(columns, cut, limit)
        if selection:
            table = reader.selection(metadata, **selection)
        else:
            table = reader.whole(metadata, take_big=get_big_products)
        return in_format(table, metadata, fmt)

    def get_product_object(self, product_id: int | str) -> PzProduct:
        """A product to work on: its files, description, histograms."""
        from pzserver.product_object import PzProduct

        return PzProduct(product_id, self.api, show_progress=self._progress)

    def get_plot(self, product_id: int | str, name: str, cut: str | None = None) -> Plot:
        """Numbers that a plot of a product's page is drawn from, with their provenance; see ``PzProduct.plot``."""
        return self.get_product_object(product_id).plot(name, cut)

    def compare(self, product_ids: Sequence[int | str], column: str | None = None, **options: Any) -> Comparison:
        """Two to four products on common bins, and how far each is from the first; see ``PzProduct.compare``."""
        first, *others = product_ids
        return self._numbers(first).compare(others, column=column, **options)

    def coverage(self, train_id: int | str, target_id: int | str, cut: str | None = None) -> Coverage:
        """How well a training set covers another product; see ``PzProduct.coverage``."""
        return self._numbers(train_id).coverage(target_id, cut)

    def to_parquet(self, product_id: int | str, path: str | Path, **selection: Any) -> Path:
        """Stream the table of a product into a Parquet file, without holding it in memory.

        ``columns``, ``cut``, ``sort`` and ``limit`` select from it.
        """
        return self._numbers(product_id).to_parquet(path, **selection)

    def delete_product(self, product_id: int | str) -> None:
        """Delete a product of yours.

        Raises
        ------
        NotOwner
            If you may not (a ValueError).
        """
        from pzserver.product_object import check_may

        product = fetch_metadata(self.api, product_id, with_main_file=False)
        check_may(product, "can_delete", "delete it")
        self.api.transport.json("DELETE", f"products/{product['id']}/")

    def transform_df(self, dataframe: pd.DataFrame, metadata: Row) -> Any:
        """A DataFrame as ``SpeczCatalog`` or ``TrainingSet``, by the product type in the metadata."""
        from pzserver.catalogs import wrap

        return wrap(dataframe, metadata)

    # Upload

    def upload(
        self,
        name: str,
        product_type: str,
        main_file: str | Path | None,
        release: str | None = None,
        pz_code: str | None = None,
        auxiliary_files: Sequence[str | Path] | None = None,
        description: str | None = None,
        *,
        publish: bool | None = None,
    ) -> PzUpload:
        """Upload a product.

        It is published at once when the columns that its type needs are known; else it stays a draft and says which
        are missing.

        Parameters
        ----------
        name : str
            Up to 255 letters.
        product_type : str
            Name of the type in any case, e.g. ``"specz_catalog"`` or ``"Training Set"``.
        main_file : path or None
            The data; None describes data that lie elsewhere.
        release : str, optional
            Name of the release the data belong to; none for spec-z catalogues.
        pz_code : str, optional
            Photo-z code, for validation results and photo-z tables.
        auxiliary_files : sequence of paths, optional
            Files that belong to it.
        description : str, optional
            Text for the product page.
        publish : bool, optional
            True insists on publishing, False leaves a draft.

        Raises
        ------
        FileNotFoundError
            If a file is not there; nothing has been sent then.
        InvalidInput
            If the type or release is not known (a ValueError).
        RequestFailed
            If the server refuses; the unfinished product is removed.
        RequiredColumnsException
            With ``publish=True``, if columns are missing.
        """
        from pzserver.upload import PzUpload, UploadData

        given: dict[str, Any] = {
            "name": name,
            "product_type": product_type,
            "main_file": main_file,
            "release": release,
            "pz_code": pz_code,
            "auxiliary_files": auxiliary_files,
            "description": description,
        }
        return PzUpload(UploadData(**given), self.api, publish=publish, show_progress=self._progress)

    # Pipelines

    def combine_redshift_catalogs(self, name: str, comment: str | None = None) -> CRCProcess:
        """Prepare a run that makes one redshift catalogue of several."""
        from pzserver.pipelines import CRCProcess, Pipeline

        return CRCProcess(name, Pipeline(COMBINE_PIPELINE, self.api), self.api, comment)

    def combine_specz_catalogs(self, name: str, comment: str | None = None) -> CSCProcess:
        """``combine_redshift_catalogs`` under its older name."""
        from pzserver.pipelines import CSCProcess, Pipeline

        return CSCProcess(name, Pipeline(OLD_COMBINE_PIPELINE, self.api), self.api, comment)

    def training_set_maker(self, name: str, comment: str | None = None) -> TSMProcess:
        """Prepare a run that makes a training set of a redshift catalogue and a release."""
        from pzserver.pipelines import Pipeline, TSMProcess

        return TSMProcess(name, Pipeline(TSM_PIPELINE, self.api), self.api, comment)

    def make_training_set(self, name: str, comment: str | None = None) -> TSMProcess:
        """``training_set_maker`` under its older name."""
        return self.training_set_maker(name, comment)

    def run_and_wait(self, process: Process, every_s: float = 5.0, longest_s: float = 1800.0) -> None:
        """Start a process, wait for its end, and print how it ended."""
        if process.process is None:
            process.run()
        status = process.wait(every_s=every_s, longest_s=longest_s)
        reason = f" {process.failure()}" if status == "Failed" else ""
        made = f" Product {process.output['internal_name']}." if status == "Successful" and process.output else ""
        say(f"Process {process.name!r}: {status}.{made}{reason}")

    def wait_processing(self, process: Process, every_s: float = 5.0, longest_s: float = 1800.0) -> str:
        """Wait for the end of a started process, and give its status."""
        return process.wait(every_s=every_s, longest_s=longest_s)

    def _numbers(self, product_id: int | str) -> ProductNumbers:
        from pzserver.analysis import ProductNumbers

        return ProductNumbers(self.api, self.api.product_id(product_id), show_progress=self._progress)

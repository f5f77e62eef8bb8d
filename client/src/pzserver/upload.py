"""``upload``: files on this computer become a product of the portal."""

from __future__ import annotations

from collections.abc import KeysView
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from pzserver.api import PUBLISHED, PzServerApi, Row
from pzserver.columns import SYSTEM_COLUMNS, ColumnMap
from pzserver.console import say
from pzserver.errors import InvalidInput, RequestFailed, RequiredColumnsException
from pzserver.files import AUXILIARY, MAIN, FileSender

__all__ = ["PzUpload", "RequiredColumnsException", "UploadData"]
NOT_ACCEPTABLE = 406


class UploadData(BaseModel):
    """What is to be uploaded, checked before the first request."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: str = Field(min_length=1, max_length=255)
    product_type: str = Field(min_length=1)
    release: str | None = None
    main_file: Path | None = Field(default=None, strict=False)
    pz_code: str | None = Field(default=None, max_length=55)
    auxiliary_files: list[Path] | None = Field(default=None)
    description: str | None = None

    @field_validator("auxiliary_files", mode="before")
    @classmethod
    def _as_paths(cls, value: Any) -> Any:
        return (
            [Path(item) if isinstance(item, str) else item for item in value]
            if isinstance(value, list | tuple)
            else value
        )

    @field_validator("main_file")
    @classmethod
    def _exists(cls, value: Path | None) -> Path | None:
        return value if value is None else existing_file(value)

    @field_validator("auxiliary_files")
    @classmethod
    def _all_exist(cls, value: list[Path] | None) -> list[Path] | None:
        return value if value is None else [existing_file(path) for path in value]


def existing_file(path: str | Path) -> Path:
    """Path of a file that is there.

    Raises
    ------
    FileNotFoundError
        If it is not.
    """
    found = Path(path).expanduser()
    if not found.is_file():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    return found


class PzUpload:
    """A product that has just been uploaded; ``PzServer.upload`` makes it.

    Attributes
    ----------
    upload : UploadData
        What was to be uploaded.
    product_id : int
        Id on the server.
    product : dict
        The product as the server last told it.
    files_id : list of int
        Ids of the files sent.
    """

    def __init__(
        self, data: UploadData, api: PzServerApi, *, publish: bool | None = None, show_progress: bool = True
    ) -> None:
        self.upload = data
        self.files_id: list[int] = []
        self._api = api
        self._sender = FileSender(api, show_progress=show_progress)
        self._own_associations: list[str] = []
        self._names: dict[str, int] | None = None
        self.product: Row = self._register()
        self.product_id: int = self.product["id"]
        self._columns = ColumnMap(api, self.product_id)
        try:
            self._fill(data)
        except BaseException as error:
            self._take_back(error)
            raise
        if publish is not False:
            self._publish_at_once(must=publish is True)

    def _register(self) -> Row:
        product_type = find_named(self._api, "product-types", self.upload.product_type)
        release = find_named(self._api, "releases", self.upload.release) if self.upload.release else None
        answer: Row = self._api.transport.json(
            "POST",
            "products/",
            json={
                "display_name": self.upload.name,
                "product_type": product_type["id"],
                "release": release["id"] if release else None,
                "official_product": False,
                "pz_code": self.upload.pz_code,
                "description": self.upload.description,
                "status": 0,
            },
        )
        return answer

    def _fill(self, data: UploadData) -> None:
        if data.main_file is not None:
            self.files_id.append(self._sender.send(self.product_id, data.main_file, MAIN)["id"])
        for path in data.auxiliary_files or ():
            self.add_auxiliary_file(path)
        if data.main_file is not None:
            self._api.transport.json("GET", f"products/{self.product_id}/registry/")
            self._names = {row["column_name"]: row["id"] for row in self._columns.rows()}

    def _take_back(self, error: BaseException) -> None:
        """Remove the half-made draft; where that fails too, tell its id."""
        try:
            self._api.transport.json("DELETE", f"products/{self.product_id}/")
        except RequestFailed:
            error.add_note(
                f"The unfinished product {self.product_id} is still on the server; delete_product() removes it."
            )

    def _publish_at_once(self, *, must: bool) -> None:
        try:
            self.save()
        except RequiredColumnsException as error:
            if must:
                raise
            say(str(error))
        except RequestFailed as error:
            error.add_note(
                f"Product {self.product_id} is a complete draft on the server; save() or the website publishes it."
            )
            raise

    @property
    def columns(self) -> KeysView[str] | None:
        """Names of the columns of the main file; None if it has none."""
        return self._names.keys() if self._names else None

    @property
    def system_columns(self) -> dict[str, tuple[str, str]]:
        """Words with a meaning: word to alias and UCD."""
        return dict(SYSTEM_COLUMNS)

    @property
    def is_published(self) -> bool:
        """Whether everybody can see it."""
        return bool(self.product.get("status") == PUBLISHED)

    def make_columns_association(self, association: dict[str, str]) -> None:
        """Say what columns mean, e.g. ``{"my_ra": "RA", "my_dec": "Dec", "my_z": "z"}``.

        Words that are no ``system_columns`` become free aliases. What the server has guessed is overridden.

        Raises
        ------
        NotFound
            If there is no such column (a RequestException and a ValueError).
        """
        self._columns.set(association)
        self._own_associations += [name for name in association if name not in self._own_associations]

    def reset_columns_association(self) -> None:
        """Take back what ``make_columns_association`` of this object has said."""
        self._columns.clear(self._own_associations)
        self._own_associations = []

    def check_required_columns(self) -> dict[str, Any]:
        """Whether the columns that the type needs are known: ``{"success": bool, "message": str}``."""
        missing = self._missing()
        return {
            "success": not missing,
            "message": self._missing_text(missing) if missing else "All needed columns are known.",
        }

    def add_auxiliary_file(self, path: str | Path) -> None:
        """Send one more file that belongs to the product.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        """
        self.files_id.append(self._sender.send(self.product_id, existing_file(path), AUXILIARY)["id"])

    def save(self) -> None:
        """Publish; nothing happens if it is published.

        Raises
        ------
        RequiredColumnsException
            If columns are missing that the type needs.
        """
        if self.is_published:
            return
        try:
            self.product = self._api.transport.json("PATCH", f"products/{self.product_id}/", data={"status": PUBLISHED})
        except RequestFailed as error:
            if error.status_code != NOT_ACCEPTABLE:
                raise
            body = error.body if isinstance(error.body, dict) else {}
            missing = self._missing() or tuple(map(str, body.get("missing") or ()))
            raise RequiredColumnsException(self._missing_text(missing), missing) from error

    def _missing(self) -> tuple[str, ...]:
        if self.upload.main_file is None:
            return ()
        return self._columns.missing(str(self.product.get("product_type_internal_name")))

    def _missing_text(self, missing: tuple[str, ...]) -> str:
        names = ", ".join(missing) or "columns"
        example = ", ".join(f'"<column>": "{name}"' for name in missing)
        return (
            f"Product {self.product_id} is a draft: {names} not known. "
            f"Its columns are {', '.join(self.columns or ())}. "
            f"Name them with make_columns_association({{{example}}}), then save()."
        )

    def __str__(self) -> str:
        return self.upload.name

    def __repr__(self) -> str:
        state = "published" if self.is_published else "draft"
        return f"<PzUpload {self.product_id} {self.upload.name!r}: {state}>"


def find_named(api: PzServerApi, entity: str, name: str) -> Row:
    """Row of a list by its name or display name, in any case, or by what else the server knows it as.

    Raises
    ------
    InvalidInput
        If there is none; the message lists the names.
    """
    answered = api.get_all(entity, name=name)
    if len(answered) == 1:
        return answered[0]
    rows = api.get_all(entity)
    wanted = name.strip().casefold()
    for field in ("name", "display_name"):
        fitting = [row for row in rows if str(row[field]).casefold() == wanted]
        if len(fitting) == 1:
            return fitting[0]
    word = {"product-types": "product type", "releases": "release", "pipelines": "pipeline"}.get(entity, entity)
    known = ", ".join(f"{row['name']} ({row['display_name']})" for row in rows) or "none"
    raise NotNamed(f"There is no {word} {name!r}. Known: {known}.")


class NotNamed(InvalidInput):
    """No row of that name."""

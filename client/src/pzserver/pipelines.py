"""Pipelines of the portal: what they take, and one run of each kind."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path

from pzserver.api import PzServerApi, Row, product_key
from pzserver.console import say
from pzserver.errors import InvalidInput, NotFound, RequestFailed
from pzserver.upload import existing_file, find_named

NOT_STARTED = "The process has not been started: call run() first."
WAITING = frozenset({"Pending", "Queued", "Running", "Stopping"})
OUTPUT_FORMAT = "output_format"
FLAGS_FILE = "flags_translation_file"


class Pipeline:
    """A pipeline of the portal.

    Attributes
    ----------
    pipeline_id, name, display_name, version, description
        As the server tells them.
    system_config, parameters : dict
        The operator's configuration, and the default parameters in it.
    acceptable_product_types : tuple of dict
        Product types it takes.
    output_product_type : dict
        Product type it makes.
    """

    def __init__(self, name: str, api: PzServerApi) -> None:
        row = api.get_by_name("pipelines", name) or find_named(api, "pipelines", name)
        self.pipeline_id: int = row["id"]
        self.name: str = row["name"]
        self.display_name: str = row["display_name"]
        self.version: str | None = row.get("version")
        self.description: str | None = row.get("description")
        self.system_config: Row = row.get("system_config") or {}
        self.parameters: Row = self.system_config.get("param") or {}
        self.acceptable_product_types = tuple(
            api.get("product-types", type_id) for type_id in row.get("product_types_accepted") or ()
        )
        made = row.get("output_product_type")
        self.output_product_type: Row = api.get("product-types", made) if made is not None else {}

    def __repr__(self) -> str:
        return f"<Pipeline {self.name!r} {self.version or ''}>"


class Process:
    """One run of a pipeline.

    Parameters
    ----------
    name : str
        Name of the product it makes.
    pipeline : Pipeline
        What is run.
    api : PzServerApi
        Where.
    """

    def __init__(self, name: str, pipeline: Pipeline, api: PzServerApi, comment: str | None = None) -> None:
        self.name = name
        self.comment = comment
        self.pipeline = pipeline
        self.config: Row = copy.deepcopy(pipeline.parameters)
        self.process_config: Row = {}
        self.inputs: list[int] = []
        self.output: Row | None = None
        self.process: Row | None = None
        self._api = api

    @property
    def used_config(self) -> Row:
        """What is sent: parameters under ``param``, beside them what concerns the run itself."""
        return {"param": self.config} | self.process_config

    def set_config(self, config: Row) -> None:
        """Change parameters; a nested dict replaces the one before it whole."""
        given = dict(config)
        if OUTPUT_FORMAT in given:
            self.process_config[OUTPUT_FORMAT] = given.pop(OUTPUT_FORMAT)
        self.config.update(given)

    def available_product_types(self) -> list[str]:
        """Names of the product types it takes."""
        return [row["name"] for row in self.pipeline.acceptable_product_types]

    def available_product_types_id(self) -> list[int]:
        """Ids of the product types it takes."""
        return [row["id"] for row in self.pipeline.acceptable_product_types]

    def get_product(self, product_id: object = None, internal_name: str | None = None) -> Row:
        """Product that the pipeline can take.

        Raises
        ------
        InvalidInput
            If neither an id nor a name is given, or the product is of another type.
        NotFound
            If there is no such product.
        """
        key = (
            product_key(product_id if product_id is not None else internal_name)
            if (product_id is not None or internal_name is not None)
            else None
        )
        if key is None:
            raise InvalidInput("Give the product's id, or its internal name.")
        product = self._api.get("products", key) if isinstance(key, int) else self._by_internal_name(key)
        accepted = self.available_product_types_id()
        if product["product_type"] not in accepted:
            raise InvalidInput(
                f"{self.pipeline.display_name} does not take {product['internal_name']!r}, "
                f"which is of the type {product['product_type_name']}. "
                f"It takes: {', '.join(self.available_product_types())}."
            )
        return product

    def _by_internal_name(self, name: str) -> Row:
        rows = self._api.get_all("products", internal_name=name)
        if not rows:
            raise NotFound(f"Product {name!r} was not found.", status_code=404)
        return rows[0]

    def append_input(self, product_id: int) -> None:
        """Add an input, once."""
        if product_id not in self.inputs:
            self.inputs.append(product_id)

    def empty_input(self) -> None:
        """Forget all inputs."""
        self.inputs = []

    def run(self) -> Row:
        """Start it.

        Returns
        -------
        dict
            ``id``, ``status``, and ``output`` with id, display_name and internal_name of the product to be; empty
            if it has been started before.
        """
        if self.process is not None:
            say(f"Process {self.process['id']} has been started before: {self.check_status()}.")
            return {}
        self.process = self.submit(self._data(), self._attachments())
        product = self._api.get("products", self.process["upload"])
        self.output = {key: product[key] for key in ("id", "display_name", "internal_name")}
        return {"output": self.output, "id": self.process["id"], "status": self.process["status"]}

    def _data(self) -> Row:
        if not self.inputs:
            raise InvalidInput("The process has no input.")
        data: Row = {
            "display_name": self.name,
            "pipeline": self.pipeline.pipeline_id,
            "inputs": self.inputs,
            "used_config": self.used_config,
        }
        return data if self.comment is None else data | {"comment": self.comment}

    def _attachments(self) -> dict[str, Path]:
        return {}

    def submit(self, data: Row, files: dict[str, Path] | None = None) -> Row:
        """Send a run to the server as it is, and give its row."""
        if not files:
            started: Row = self._api.transport.json("POST", "processes/", json=data)
            return started
        fields = data | {"used_config": json.dumps(data["used_config"])}
        read = {key: (path.name, path.read_bytes()) for key, path in files.items()}
        answer: Row = self._api.transport.json("POST", "processes/", data=fields, files=read)
        return answer

    def check_status(self) -> str:
        """Pending, Queued, Running, Successful, Failed or Stopping; a sentence before the start."""
        if self.process is None:
            return NOT_STARTED
        self.process = self._api.get("processes", self.process["id"])
        return str(self.process["status"])

    def stop(self) -> Row | str:
        """Stop it and give its row; a sentence before the start."""
        if self.process is None:
            return NOT_STARTED
        self.process = self._api.transport.json("GET", f"processes/{self.process['id']}/stop/")
        return self.process

    def wait(self, *, every_s: float, longest_s: float) -> str:
        """Status when it has ended, or after the longest wait."""
        deadline = time.monotonic() + longest_s
        while (status := self.check_status()) in WAITING and time.monotonic() < deadline:
            time.sleep(every_s)
        return status

    def failure(self) -> str:
        """Why it failed, as far as the server tells."""
        process = self.process or {}
        told = process.get("error") or process.get("error_message") or process.get("comment")
        if told or self.process is None:
            return str(told or "")
        try:
            logs = self._api.transport.json("GET", f"processes/{process['id']}/logs/")
        except RequestFailed:
            return ""
        lines = str((logs.get("pipeline") or {}).get("content") or "").strip().splitlines()
        return lines[-1] if lines else ""

    def summary(self, extra_info: Row | None = None) -> None:
        """Print what is going to be run, or has been."""
        lines = {
            "Name": self.name,
            "Pipeline": f"{self.pipeline.display_name} {self.pipeline.version or ''}".strip(),
            "Inputs": ", ".join(map(str, self.inputs)) or "none",
            "Configuration": json.dumps(self.used_config, indent=2, default=str),
            **(extra_info or {}),
            "Output": self.output["internal_name"] if self.output else "none yet",
            "Status": self.check_status(),
        }
        say("\n".join(f"{word}: {value}" for word, value in lines.items()))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


class CRCProcess(Process):
    """Several redshift catalogues become one."""

    def __init__(self, name: str, pipeline: Pipeline, api: PzServerApi, comment: str | None = None) -> None:
        super().__init__(name, pipeline, api, comment)
        self.input_catalogs: list[Row] = []
        self._flags_translation: Path | None = None

    def append_catalog(self, _id: object = None, internal_name: str | None = None, *, specz_id: object = None) -> None:
        """Add a catalogue by its id or internal name; one that is there is not added again."""
        product = self.get_product(_id if _id is not None else specz_id, internal_name)
        if product["id"] not in self.inputs:
            self.append_input(product["id"])
            self.input_catalogs.append(
                {"name": product["display_name"], "internal_name": product["internal_name"], "id": product["id"]}
            )

    def empty_input(self) -> None:
        """Forget all catalogues."""
        super().empty_input()
        self.input_catalogs = []

    def set_flags_translation(self, path: str | Path) -> None:
        """Use a translation of quality flags of your own (a YAML file)."""
        self._flags_translation = existing_file(path)

    def _attachments(self) -> dict[str, Path]:
        return {FLAGS_FILE: self._flags_translation} if self._flags_translation else {}

    def summary(self, extra_info: Row | None = None) -> None:
        """Print what is going to be combined, or has been."""
        names = ", ".join(row["internal_name"] for row in self.input_catalogs) or "none"
        super().summary({"Catalogs": names} | (extra_info or {}))


class CSCProcess(CRCProcess):
    """The same under its older name."""


class TSMProcess(Process):
    """A redshift catalogue and a release become a training set."""

    def __init__(self, name: str, pipeline: Pipeline, api: PzServerApi, comment: str | None = None) -> None:
        super().__init__(name, pipeline, api, comment)
        self.redshift: Row | None = None
        self.release: Row | None = None

    @property
    def specz(self) -> Row | None:
        """The redshift catalogue, under its older name."""
        return self.redshift

    def set_redshift(self, _id: object = None, internal_name: str | None = None) -> None:
        """Choose the redshift catalogue."""
        product = self.get_product(_id, internal_name)
        self.empty_input()
        self.append_input(product["id"])
        self.redshift = {
            "name": product["display_name"],
            "internal_name": product["internal_name"],
            "id": product["id"],
        }

    def set_specz(self, specz_id: object = None, internal_name: str | None = None) -> None:
        """Choose the redshift catalogue, under its older name."""
        self.set_redshift(specz_id, internal_name)

    def set_release(self, name: str | int | None = None, release_id: int | str | None = None) -> None:
        """Choose the release by name or by id; older notebooks gave the id first.

        Raises
        ------
        InvalidInput
            If there is no such release.
        """
        if isinstance(name, int) or isinstance(release_id, str):
            name, release_id = release_id, name
        if isinstance(release_id, int):
            self.release = self._api.get("releases", release_id)
        elif isinstance(name, str):
            self.release = find_named(self._api, "releases", name)
        else:
            raise InvalidInput("Give the name of the release, or release_id.")

    def _data(self) -> Row:
        if self.release is None:
            raise InvalidInput("The process has no release: call set_release() first.")
        return super()._data() | {"release": self.release["id"]}

    def summary(self, extra_info: Row | None = None) -> None:
        """Print what the training set is made of."""
        own = {
            "Redshift catalog": self.redshift["internal_name"] if self.redshift else "none",
            "Release": self.release["display_name"] if self.release else "none",
        }
        super().summary(own | (extra_info or {}))

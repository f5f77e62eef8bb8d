"""A small portal in memory, on this machine, to try programs against: ``with MockPortal() as portal: ...``.

It speaks the part of the REST API that this package uses, knows one person, and forgets everything at the end.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import threading
import zipfile
from http.server import ThreadingHTTPServer
from typing import Any

from pzserver.testing.requests import Refused, Request, handler_of

Row = dict[str, Any]
TOKEN = "0123456789abcdef0123456789abcdef01234567"  # noqa: S105 - of a portal that lives for a test
OWNER = "demo"
CREATED_AT = "2026-01-31T08:15:00.123456Z"
ROLE_NAMES = ("Main", "Description", "Auxiliary")
ALIASES = {
    "ra": ("RA", "pos.eq.ra;meta.main"),
    "dec": ("Dec", "pos.eq.dec;meta.main"),
    "z": ("z", "src.redshift"),
}
REQUIRED = {"redshift_catalog": {"RA", "Dec", "z"}, "training_set": {"z"}}
TYPES = (
    ("redshift_catalog", "Spec-z Catalog", ("specz_catalog", "Reference Redshift Catalog")),
    ("training_set", "Training Set", ()),
    ("validation_results", "Validation Results", ()),
    ("photoz_estimates", "Photo-z Table", ("photoz_table",)),
)
FILTERS = [
    "product_type_name",
    "product_type_name__or",
    "release_name",
    "release_name__or",
    "uploaded_by",
    "uploaded_by__or",
    "product_name",
    "product_name__or",
    "internal_name",
    "display_name",
    "internal_name__in",
    "display_name__in",
    "product_type",
    "release",
    "user",
    "product_type__in",
    "release__in",
    "user__in",
    "official_product",
    "official_product__in",
    "status",
    "status__in",
    "release__isnull",
]


class MockPortal:
    """A portal on a free loopback port.

    Attributes
    ----------
    url, token : str
        What ``PzServer`` takes as host and token.
    products, contents, files, processes : dict
        Rows by id; change them as you like.
    requests : list of str
        Method and path of every request, in order.
    break_after : list of int
        Bytes after which the next downloads break off, one number a download.
    failures : list of int
        Statuses with which the next requests are answered.
    page_rows : int or None
        Rows of a page when the list is to be cut without saying so, as old servers do.
    sent_bytes : int
        Bytes of files sent.
    has_header : bool
        What is told of CSV files.
    """

    def __init__(self) -> None:
        self.token = TOKEN
        self.products: dict[int, Row] = {}
        self.contents: dict[int, Row] = {}
        self.files: dict[int, Row] = {}
        self.bytes: dict[int, bytes] = {}
        self.processes: dict[int, Row] = {}
        self.requests: list[str] = []
        self.break_after: list[int] = []
        self.failures: list[int] = []
        self.page_rows: int | None = None
        self.sent_bytes = 0
        self.has_header = True
        self.releases = [_named(1, "lsst_dp0", "LSST DP0"), _named(2, "lsst_dp1", "LSST DP1")]
        self.types = [_named(n, name, title) for n, (name, title, _) in enumerate(TYPES, 1)]
        self.users = [{"username": OWNER, "first_name": "", "last_name": "Demo", "display_name": "Demo"}]
        self.pipelines = [
            _pipeline(1, "combine_redshift_dedup", "Combine Redshift Catalogs", 1, {"combine_type": "concatenate"}),
            _pipeline(2, "training_set_maker", "Training Set Maker", 2, {"crossmatch": {"n_neighbors": 1}}),
        ]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> MockPortal:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add_product(self, name: str, product_type: str = "training_set", **fields: Any) -> int:
        """Register a published product and give its id."""
        number = max(self.products, default=0) + 1
        kind = next(row for row in self.types if row["name"] == product_type)
        slug = re.sub(r"[^a-z0-9_]", "", name.lower().replace(" ", "_"))
        row = {"id": number, "internal_name": f"{number}_{slug}", "display_name": name}
        row |= {"product_type": kind["id"], "product_type_name": kind["display_name"]}
        row |= {"product_type_internal_name": kind["name"], "release": None, "release_name": None}
        row |= {"uploaded_by": OWNER, "official_product": False, "pz_code": None, "description": None}
        row |= {"created_at": CREATED_AT, "status": 1, "is_owner": True, "can_delete": True, "can_update": True}
        self.products[number] = row | fields
        return number

    def add_file(self, product_id: int, name: str, content: bytes, role: int = 0) -> int:
        """Give a product a file and read its columns if it is a CSV; gives the file's id."""
        number = max(self.files, default=0) + 1
        suffix = f".{name.rsplit('.', 1)[-1].lower()}" if "." in name else None
        self.bytes[number] = content
        self.files[number] = {"id": number, "product": product_id, "role": role, "role_name": ROLE_NAMES[role]}
        self.files[number] |= {"name": name, "type": None, "size": len(content), "extension": suffix, "n_rows": None}
        if role == 0 and suffix == ".csv":
            self._read_columns(product_id, content)
        return number

    def main_file(self, product_id: int) -> Row | None:
        """Row of the main file."""
        return next((row for row in self.files.values() if row["product"] == product_id and row["role"] == 0), None)

    def _read_columns(self, product_id: int, content: bytes) -> None:
        names = next(csv.reader(io.StringIO(content.decode())), [])
        for order, name in enumerate(names):
            alias, ucd = ALIASES.get(name.lower(), (None, None))
            number = max(self.contents, default=0) + 1
            self.contents[number] = {"id": number, "product": product_id, "column_name": name, "order": order}
            self.contents[number] |= {"alias": alias, "ucd": ucd}

    # Answers: each takes the request and the numbers in its path

    def root(self, _: Request) -> Any:
        """Addresses of the lists."""
        return {name: f"{self.url}/api/{name}/" for name in ("products", "product-types", "releases", "users")}

    def listing(self, request: Request, name: str) -> Any:
        """Rows of a list that fit the query."""
        rows = [row for row in self._rows(name) if _fits(row, request.query)]
        if name == "products":
            rows.sort(key=lambda row: -row["id"])
        if self.page_rows is None:
            return {"count": len(rows), "next": None, "previous": None, "results": rows}
        first = (int(request.query.get("page", 1)) - 1) * self.page_rows
        return {"count": len(rows), "results": rows[first : first + self.page_rows]}

    def _rows(self, name: str) -> list[Row]:
        stored = {"products": self.products, "product-contents": self.contents, "product-files": self.files}
        fixed = {"product-types": self.types, "releases": self.releases, "users": self.users}
        if name in stored:
            return [row for row in stored[name].values() if row.get("status") != 2]
        if name not in fixed | {"pipelines": self.pipelines}:
            raise Refused(404, "There is no such list.")
        return (fixed | {"pipelines": self.pipelines})[name]

    def one(self, _: Request, name: str, number: str) -> Any:
        """One row."""
        if name == "processes":
            return self.processes[int(number)]
        for row in self._rows(name):
            if row["id"] == int(number):
                return row
        raise Refused(404, f"There is no {name} {number} that you can see.")

    def options(self, _: Request, __: str) -> Any:
        """What the list of products can be asked."""
        return {"name": "Products", "filter_classes": [{"name": name} for name in FILTERS], "search": ["display_name"]}

    def info(self, request: Request, number: str) -> Any:
        """Product with its main file."""
        product = self.one(request, "products", number)
        file = self.main_file(int(number))
        keys = ("name", "type", "extension", "size", "n_rows")
        told: Row = {key: file[key] if file else None for key in keys} | {"is_directory": False}
        columns = [row for row in self.contents.values() if row["product"] == int(number)]
        told["associated_columns"] = [{key: row[key] for key in ("column_name", "ucd", "alias")} for row in columns]
        if told["extension"] == ".csv":
            told |= {
                "delimiter": ",",
                "has_header": self.has_header,
                "columns": [row["column_name"] for row in columns],
            }
        return product | {"main_file": told}

    def create(self, request: Request) -> Any:
        """New draft."""
        asked = request.json()
        kind = next(row for row in self.types if row["id"] == asked["product_type"])
        if kind["name"] == "redshift_catalog" and asked["release"]:
            raise Refused(400, "A spec-z catalogue belongs to no release.", release=["Leave it out."])
        number = self.add_product(asked["display_name"], kind["name"])
        keep = {key: asked[key] for key in ("release", "pz_code", "description", "status")}
        self.products[number] |= keep
        return 201, self.products[number]

    def change(self, request: Request, number: str) -> Any:
        """Change a product; publishing needs the columns of its type."""
        product = self.one(request, "products", number)
        changes: Row = request.form()
        if "status" in changes:
            known = {row["alias"] for row in self.contents.values() if row["product"] == product["id"]}
            needed = REQUIRED.get(product["product_type_internal_name"], set())
            missing = sorted(needed - known) if self.main_file(product["id"]) else []
            if missing:
                raise Refused(406, f"Columns are missing: {', '.join(missing)}.", missing=missing)
            changes["status"] = int(changes["status"])
        product |= changes
        return product

    def delete(self, request: Request, number: str) -> Any:
        """Delete a product."""
        self.one(request, "products", number)["status"] = 2
        return 204, None

    def registry(self, request: Request, number: str) -> Any:
        """Read the main file: only CSV can be read here."""
        file = self.main_file(int(number))
        if file is not None and file["extension"] != ".csv":
            raise Refused(422, "The table cannot be read.")
        return self.one(request, "products", number)

    def associate(self, request: Request, number: str) -> Any:
        """Change alias and UCD of a column."""
        row: Row = self.one(request, "product-contents", number)
        row |= {key: value or None for key, value in request.form().items()}
        return row

    def receive(self, request: Request) -> Any:
        """Take a file."""
        fields, name, content = request.multipart()
        if not content:
            raise Refused(400, "The file is empty.", file=["It has no bytes."])
        return 201, self.files[self.add_file(int(fields["product"]), name, content, int(fields["role"]))]

    def remove_file(self, request: Request, number: str) -> Any:
        """Remove a file."""
        del self.files[self.one(request, "product-files", number)["id"]]
        return 204, None

    def prepare(self, request: Request, number: str, part: str | None) -> Any:
        """Make a download ready."""
        name, content = self._content(request, int(number), part)
        checksum = hashlib.sha256(content).hexdigest()
        url = f"/api/products/{number}/download/{part or ''}file/?token=t"
        return {"status": "ready", "filename": name, "size": len(content), "checksum": checksum, "download_url": url}

    def content(self, request: Request, number: str, part: str | None) -> Any:
        """Bytes of a download."""
        return self._content(request, int(number), part)[1]

    def _content(self, request: Request, number: int, part: str | None) -> tuple[str, bytes]:
        product = self.one(request, "products", str(number))
        files = [row for row in self.files.values() if row["product"] == number]
        if part is not None:
            main = next((row for row in files if row["role"] == 0), None)
            if main is None:
                raise Refused(404, "The product has no main file.")
            return main["name"], self.bytes[main["id"]]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(zipfile.ZipInfo("product_metadata.yaml"), f"id: {number}\n")
            for row in files:
                archive.writestr(zipfile.ZipInfo(row["name"]), self.bytes[row["id"]])
        return f"{product['internal_name']}.zip", packed.getvalue()

    def start(self, request: Request) -> Any:
        """Start a process, which is over at once."""
        asked = request.process()
        output = self.add_product(asked["display_name"])
        number = max(self.processes, default=0) + 1
        self.processes[number] = asked | {"id": number, "upload": output, "status": "Pending"}
        return 201, dict(self.processes[number])

    def stop(self, _: Request, number: str) -> Any:
        """Stop a process."""
        self.processes[int(number)]["status"] = "Stopping"
        return self.processes[int(number)]


def _named(number: int, name: str, title: str) -> Row:
    row = {"id": number, "name": name, "display_name": title, "description": f"About {title}"}
    return row | {"order": number, "created_at": CREATED_AT}


def _pipeline(number: int, name: str, title: str, output: int, parameters: Row) -> Row:
    row = _named(number, name, title) | {"version": "1.0", "system_config": {"param": parameters}}
    return row | {"product_types_accepted": [1], "output_product_type": output}


def _fits(row: Row, query: Row) -> bool:
    """Whether a row fits a query, for the parameters that matter in tests."""
    for key, value in query.items():
        parts = [part.strip().lower() for part in value.split(",") if part.strip()]
        if key in ("page", "page_size", "ordering") or not parts:
            continue
        if key in ("product_type_name", "product_type_name__or", "release_name", "release_name__or"):
            text = _type_words(row) if key.startswith("product_type") else str(row.get("release_name")).lower()
            if not (any if key.endswith("__or") else all)(part in text for part in parts):
                return False
        elif key == "name":
            titles = {title: (name, *aliases) for name, title, aliases in TYPES}
            names = titles.get(row["display_name"], (row["name"],))
            if value.lower() not in [name.lower() for name in names]:
                return False
        elif key.endswith("__in"):
            if str(row.get(key.removesuffix("__in"))) not in value.split(","):
                return False
        elif str(row.get({"product_id": "product"}.get(key, key))) != value:
            return False
    return True


def _type_words(row: Row) -> str:
    return " ".join(
        word.lower()
        for name, title, aliases in TYPES
        for word in (name, title, *aliases)
        if row["product_type_name"] == title
    )

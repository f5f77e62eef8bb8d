"""Checks 1 to 8 of the conformance list: access, lists, filters, uploads, metadata, tables."""

from __future__ import annotations

import itertools
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from astropy.table import Table
from driver import Client, check, refused
from pzserver import PzServer
from pzserver.catalog import SpeczCatalog

N_ROWS = 40
POSITIONS = {"ra": "RA", "dec": "Dec", "z": "z"}


def catalogue() -> pd.DataFrame:
    """A small redshift catalogue."""
    random = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "dec": random.uniform(-5, 5, N_ROWS).round(6),
            "ra": random.uniform(10, 20, N_ROWS).round(6),
            "z": random.uniform(0.1, 2, N_ROWS).round(4),
        }
    )


def write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False)


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path)


def write_fits(table: pd.DataFrame, path: Path) -> None:
    Table.from_pandas(table).write(path)


def write_hdf5(table: pd.DataFrame, path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name in table.columns:
            file[name] = table[name].to_numpy()


FORMATS = {"csv": write_csv, "parquet": write_parquet, "fits": write_fits, "hdf5": write_hdf5}


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """The same columns (HDF5 sorts them) and values."""
    assert sorted(map(str, found.columns)) == sorted(map(str, expected.columns)), list(found.columns)
    for name in expected.columns:
        np.testing.assert_array_equal(np.asarray(found[name], dtype=float), expected[name].to_numpy())


@check("01 wrong token")
def wrong_token(client: Client) -> None:
    assert "401" in refused(PzServer, "f" * 40, client.task.base)


@check("02 three lists")
def three_lists(client: Client) -> None:
    types = {row["name"]: row["display_name"] for row in client.server.get_product_types()}
    assert types["redshift_catalog"] == "Spec-z Catalog"
    assert len(types) == 7
    releases = {row["name"]: row["display_name"] for row in client.server.get_releases()}
    assert releases["dp1"] == "Data Preview 1"
    people = {row["username"] for row in client.server.get_users()}
    assert {"owner1", "curator"} <= people
    assert all(
        row.keys() == {"username", "first_name", "last_name", "display_name"} for row in client.server.get_users()
    )
    client.server.display_product_types()
    client.server.display_users()
    client.server.display_releases()
    client.server.display_products_list()


@check("03 filters")
def filters(client: Client) -> None:
    def names(**wanted: object) -> set[str]:
        return {row["display_name"] for row in client.server.get_products_list(wanted)}

    first, second, objects = "First", "Second", "Objects"
    both = {first, second}
    assert both | {objects} <= names()
    for word in ("Spec-z Catalog", "spec-z", "Reference Redshift Catalog", "specz_catalog", "redshift_catalog"):
        assert both <= names(product_type=word), word
        assert objects not in names(product_type=word), word
    assert {*both, objects} <= names(product_type__or=["Spec-z Catalog", "objects"])
    assert names(product_type=["Spec-z", "objects"]) == set()
    assert objects in names(release="dp1")
    assert objects in names(release="preview 1", product_type="Objects Catalog")
    assert objects in names(release__or=["nothing", "Preview"])
    assert first not in names(release="dp1")
    assert names(uploaded_by="OWNER2") == set()
    assert both <= names(uploaded_by__or=["owner1", "nobody"])
    assert names(product_name="Firs") >= {first}
    assert names(product_name__or=["First", "Secon"]) >= both
    assert names(display_name="First") == {first}
    assert names(display_name="first") == set()
    assert names(display_name__in=["First", "Second"]) == both
    ids = {row["display_name"]: row for row in client.server.get_products_list({"display_name__in": "First,Second"})}
    internal = [row["internal_name"] for row in ids.values()]
    assert names(internal_name=internal[0]) | names(internal_name=internal[1]) == both
    assert names(internal_name__in=internal) == both
    assert both <= names(product_type__in="1,2")
    assert objects not in names(product_type__in=[1, 2])
    assert objects in names(release__in=[_release_id(client)])
    assert names(official_product=True) == names(official_product="true") == names(official_product__in="1")
    assert both <= names(official_product=False)
    assert both <= names(release__isnull=True)
    assert both & names(status=0) == set()
    assert both <= names(status__in="1,9")
    assert both <= names(search="owner1")
    assert names(search="First owner2") == set()
    assert "product_type__or" in refused(client.server.get_products_list, {"colour": "red"})


def _release_id(client: Client) -> int:
    return next(int(row["id"]) for row in client.server.get_releases() if row["name"] == "dp1")


def _uploads(product_type: str, suffix: str) -> None:
    @check(f"04 upload {suffix} as {product_type}")
    def upload(client: Client) -> None:
        table, path = catalogue(), client.folder / f"{product_type}.{suffix}"
        FORMATS[suffix](table, path)
        notes = client.folder / f"notes_{product_type}_{suffix}.txt"
        notes.write_text("how it was made\n")
        name = f"{product_type} {suffix}"
        product = client.upload(name, product_type, path, POSITIONS, release=None, auxiliary_files=[str(notes)])
        metadata = client.server.get_product_metadata(product)
        assert metadata["status"] == 1, metadata["status"]
        assert metadata["main_file"]["n_rows"] == N_ROWS
        aliases = {
            row["column_name"]: row["alias"] for row in metadata["main_file"]["columns_association"] if row["alias"]
        }
        assert aliases == POSITIONS, aliases
        assert_same(client.table(product), table)
        if client.version < (0, 2, 9):
            whole = client.server.get_product(product)
            assert isinstance(whole, SpeczCatalog), type(whole)
            assert {row["ucd"] for row in whole.columns} >= {"pos.eq.ra;meta.main", "src.redshift"}
            whole.display_metadata()
            whole.plot(savefig=True)
            assert Path("specz_catalog.png").exists(), "the columns to plot were not found"
            Path("specz_catalog.png").unlink()


for _type, _suffix in itertools.product(("specz_catalog", "redshift_catalog"), FORMATS):
    _uploads(_type, _suffix)


@check("05 wide table")
def wide_table(client: Client) -> None:
    names = ["z", *(f"c{number:03d}" for number in range(149))]
    path = client.folder / "wide.csv"
    pd.DataFrame(np.arange(450.0).reshape(3, 150) / 1000, columns=names).to_csv(path, index=False)
    product = client.upload("Wide", "training_set", path, {"z": "z", "c140": "my own word"})
    rows = client.server.api.get_by_attribute("product-contents", "product", product)["results"]
    assert [row["column_name"] for row in rows] == names
    assert rows[141]["alias"] == "my own word"


@check("06 150 products")
def many_products(client: Client) -> None:
    found = client.server.get_products_list({"product_name": "Bulk"})
    assert len(found) == client.task.n_bulk
    assert len({row["id"] for row in found}) == client.task.n_bulk


@check("07 metadata")
def metadata(client: Client) -> None:
    (row,) = client.server.get_products_list({"display_name": "First"})
    for word in (row["id"], str(row["id"]), row["internal_name"]):
        told = client.server.get_product_metadata(word)
        assert told["internal_name"] == row["internal_name"]
        assert told["main_file"]["name"] == "First.csv"
        assert told["main_file"]["extension"] == ".csv"
        shown = client.server.display_product_metadata(word, show=False)
        pairs = dict(zip(shown["key"], shown["value"], strict=True))
        assert pairs["product_name"] == "First"
        assert pairs["main_file"] == "First.csv"
        assert list(pairs)[:3] == ["id", "internal_name", "product_name"]
        client.server.display_product_metadata(word)
    for word in (10**6, "no_such_product"):
        assert "not found" in refused(client.server.get_product_metadata, word)


@check("08 headerless CSV")
def headerless(client: Client) -> None:
    values = catalogue().assign(mag=np.linspace(18, 25, N_ROWS).round(3))
    path = client.folder / "headerless.csv"
    values.to_csv(path, index=False, header=False)
    made = client.server.upload(name=client.name("Headerless"), product_type="other", main_file=str(path))
    columns = list(made.columns)
    assert len(columns) == 4
    made.make_columns_association({columns[1]: "RA", columns[2]: "z"})
    if client.version >= (0, 2, 8):
        made.save()
    found = client.table(made.product_id)
    assert found.shape == (N_ROWS, 4), found.shape
    np.testing.assert_array_equal(found.to_numpy(dtype=float), values.to_numpy())
    if client.version < (0, 2, 9):
        np.testing.assert_array_equal(
            client.server.get_product(made.product_id).to_numpy(dtype=float), values.to_numpy()
        )

"""What a program learns before it reads a main file, and that pandas reads it right with that."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pandas as pd
import pytest

from services.jobs.ingest import run_ingest
from tests.support.ingests import N_ROWS, catalogue_csv
from tests.support.live import Live
from tests.support.released_client import ReleasedClient

HEADERLESS = b"1,150.1,2.2,0.5,x\n2,150.2,2.3,0.6,y\n3,150.3,2.4,0.7,z\n"


@pytest.fixture
def client(live: Live) -> ReleasedClient:
    """Client of owner1."""
    return ReleasedClient(live.url, live.container.tokens.create(live.people["owner1"], "test").key)


def facts(client: ReleasedClient, product: int) -> dict[str, Any]:
    """The main file as a client sees it."""
    answer = client.get(f"products/{product}/main_file_info/")
    assert answer.status_code == 200, answer.text
    main_file = answer.json()["main_file"]
    assert isinstance(main_file, dict)
    return main_file


def frame(client: ReleasedClient, product: int, names: list[str]) -> pd.DataFrame:
    """The main file read as the released clients do, with these names."""
    said = facts(client, product)
    content = client.get(f"products/{product}/download_main_file/").content
    header = 0 if said["has_header"] else None
    return pd.read_csv(io.BytesIO(content), sep=said["delimiter"], header=header, names=names)


def test_all_fields_of_the_product_come_first(client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv(), "deep.csv")
    info = client.get(f"products/{product}/main_file_info/").json()
    main_file = info.pop("main_file")
    assert list(info.items()) == list(client.get(f"products/{product}/").json().items())
    columns = main_file.pop("columns")
    associated = main_file.pop("associated_columns")
    assert main_file == {
        "name": "deep.csv",
        "type": "text/csv",
        "extension": ".csv",
        "size": len(catalogue_csv()),
        "n_rows": N_ROWS,
        "is_directory": False,
        "delimiter": ",",
        "has_header": True,
    }
    assert columns == ["id", "ra", "dec", "z_spec", "z_err", "z_flag", "mag_i"]
    assert [one["column_name"] for one in associated] == columns
    assert associated[1] == {"column_name": "ra", "ucd": "pos.eq.ra;meta.main", "alias": "RA"}
    assert associated[6] == {"column_name": "mag_i", "ucd": "phot.mag", "alias": None}


def test_it_stays_the_same_when_the_whole_file_was_read(live: Live, client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv(), "deep.csv")
    before = facts(client, product)
    job = live.container.jobs.latest(product)
    assert job is not None
    run_ingest(live.container, job.id)
    assert facts(client, product) == before


def test_a_headerless_file_with_some_columns_mapped(client: ReleasedClient) -> None:
    product = client.registered(HEADERLESS, "bare.csv", 2)
    columns = client.columns(product)
    assert list(columns) == ["0", "1", "2", "3", "4"]
    for row in columns.values():
        client.patch(f"product-contents/{row['id']}/", ucd="", alias="")
    mapped = client.patch(f"product-contents/{columns['3']['id']}/", ucd="src.redshift", alias="z")
    assert mapped.json()["column_name"] == "3"
    said = facts(client, product)
    assert (said["has_header"], said["columns"]) == (False, ["0", "1", "2", "3", "4"])
    assert [one["alias"] for one in said["associated_columns"]] == [None, None, None, "z", None]
    names = [one["column_name"] for one in said["associated_columns"]]
    assert frame(client, product, names)["3"].tolist() == [0.5, 0.6, 0.7]
    assert client.publish(product).status_code == 200


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        (b"a;b\n1;2\n3;4\n", ";"),
        (b"a\tb\n1\t2\n3\t4\n", "\t"),
        (b"a|b\n1|2\n3|4\n", "|"),
        (b"a b\n1 2\n3 4\n", r"\s+"),
        (b"a    b\n1    2\n3   44\n", r"\s+"),
        (b"a\n1\n3\n", ","),
    ],
)
@pytest.mark.parametrize("is_registered", [True, False])
def test_delimiters_as_pandas_takes_them(
    client: ReleasedClient, content: bytes, delimiter: str, is_registered: bool
) -> None:
    product = client.draft(content, "odd.csv", 7)
    if is_registered:
        assert client.register(product).status_code == 200
    said = facts(client, product)
    assert (said["delimiter"], said["has_header"]) == (delimiter, True)
    table = frame(client, product, said["columns"])
    assert table["a"].tolist() == [1, 3]
    assert list(table.columns) == said["columns"]


def test_a_headerless_file_that_nobody_registered(client: ReleasedClient) -> None:
    said = facts(client, client.draft(HEADERLESS, "bare.csv", 7))
    assert (said["has_header"], said["columns"]) == (False, ["0", "1", "2", "3", "4"])
    assert said["n_rows"] is None


def test_what_is_only_called_csv(client: ReleasedClient) -> None:
    said = facts(client, client.draft(b"\x00\x01\x02" * 50, "odd.csv", 7))
    assert (said["delimiter"], said["has_header"]) == (",", True)


@pytest.mark.parametrize(
    ("name", "content", "extension"),
    [
        ("T.FITS", b"SIMPLE  = no", ".fits"),
        ("a.tar.gz", gzip.compress(b"x", mtime=0), ".tar.gz"),
        ("catalogue", b"a b\n1 2\n", None),
        ("notes.txt", b"a,b\n1,2\n", ".txt"),
    ],
)
def test_other_files_say_nothing_of_delimiters(
    client: ReleasedClient, name: str, content: bytes, extension: str | None
) -> None:
    said = facts(client, client.draft(content, name, 7))
    assert said["extension"] == extension
    assert set(said) == {"name", "type", "extension", "size", "n_rows", "is_directory", "associated_columns"}


def test_a_product_that_is_only_described(client: ReleasedClient) -> None:
    product = client.post_product("Too large for the portal", 4).json()["id"]
    assert client.publish(product).status_code == 200
    said = facts(client, product)
    assert said == {
        "name": None,
        "type": None,
        "extension": None,
        "size": None,
        "n_rows": None,
        "is_directory": False,
        "associated_columns": [],
    }
    assert client.delete(f"products/{product}/").status_code == 204
    assert client.get(f"products/{product}/main_file_info/").status_code == 404


def test_hidden_and_unknown_products(live: Live, client: ReleasedClient) -> None:
    product = client.registered(catalogue_csv())
    other = ReleasedClient(live.url, live.container.tokens.create(live.people["owner2"], "test").key)
    assert other.get(f"products/{product}/main_file_info/").status_code == 404
    assert client.get("products/999999/main_file_info/").status_code == 404
    client.publish(product)
    seen = other.get(f"products/{product}/main_file_info/").json()
    assert (seen["is_owner"], seen["main_file"]["n_rows"]) == (False, N_ROWS)

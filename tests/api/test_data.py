"""Numbers and rows of a table over HTTP: the contract's shapes, numpy's counts, refusals, copies still right."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from astropy.io import fits
from astropy.io.votable import parse_single_table
from numpy.typing import NDArray

from services.exports.registry import EXPORT_FORMATS
from services.models.products import NewProduct
from tests.support.ingests import catalogue_csv, ingested, submitted
from tests.support.live import Live

N = 400
ROUTES = ("statistics", "histogram", "density", "sky", "cube", "table", "metrics")
ASKED: dict[str, dict[str, str]] = {
    "statistics": {},
    "histogram": {"column": "z_spec"},
    "density": {"x": "mag_i", "y": "z_spec"},
    "sky": {"nside": "64"},
    "cube": {"cut": "z_flag = 4"},
    "table": {"limit": "3"},
    "metrics": {"z_phot": "z_err", "z_spec": "z_spec"},
}


@pytest.fixture(scope="module")
def reader(live: Live) -> requests.Session:
    """A program with a token of somebody who owns nothing."""
    session = requests.Session()
    session.headers["Authorization"] = f"Token {live.container.tokens.create(live.people['owner2'], 'data').key}"
    return session


@pytest.fixture(scope="module")
def base(live: Live) -> str:
    """Address of a published spec-z catalogue."""
    product = ingested(live.container, live.people["owner1"], catalogue_csv(N), "data.csv")
    return f"{live.url}/api/products/{product.id}"


@pytest.fixture(scope="module")
def numbers() -> dict[str, NDArray[np.float64]]:
    """The catalogue, read by numpy."""
    lines = catalogue_csv(N).decode().split()
    table = np.array([line.split(",") for line in lines[1:]], dtype=np.float64)
    return dict(zip(lines[0].split(","), table.T, strict=True))


def _get(session: requests.Session, address: str, **parameters: Any) -> requests.Response:
    return session.get(address, params=parameters, timeout=60)


def _json(session: requests.Session, address: str, **parameters: Any) -> Any:
    answer = _get(session, address, **parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    return answer.json()


def test_statistics_tell_every_column_and_its_role(reader: requests.Session, base: str, numbers: Any) -> None:
    found = _json(reader, f"{base}/statistics/")
    assert (found["n_rows"], found["n_columns"]) == (N, 7)
    assert found["roles"]["redshift"] == {"column": "z_spec", "how": "name", "unit": None}
    assert found["roles"]["z_phot"] is None
    assert found["roles"]["pdf"] is None
    assert found["roles"]["magnitudes"]["i"]["kind"] == "mag"
    column = next(one for one in found["columns"] if one["name"] == "z_spec")
    assert (column["n_valid"], column["n_missing"], column["n_sentinel"]) == (N, 0, 0)
    assert column["median"] == pytest.approx(np.median(numbers["z_spec"]))
    assert column["std"] == pytest.approx(numbers["z_spec"].std())
    assert found["computed_at"].endswith("Z")
    assert list(column) == [
        *("name", "dtype", "unit", "ucd", "description", "n_valid", "n_missing", "n_sentinel"),
        *("min", "max", "mean", "median", "std"),
    ]


def test_a_histogram_is_that_of_numpy(reader: requests.Session, base: str, numbers: Any) -> None:
    cut = "mag_i < 22 and z_flag >= 3"
    found = _json(reader, f"{base}/histogram/", role="redshift", bins=20, min=0, max=2, cut=cut, split="z_flag")
    keep = (numbers["mag_i"] < 22) & (numbers["z_flag"] >= 3)
    counts, edges = np.histogram(numbers["z_spec"][keep], 20, (0, 2))
    assert found["counts"] == counts.tolist()
    assert found["edges"] == edges.tolist()
    assert (found["column"], found["cut"], found["n_total"]) == ("z_spec", cut, N)
    assert found["n_shown"] + found["n_missing"] + found["n_outside"] + found["n_cut"] == N
    assert [one["value"] for one in found["series"]] == [3, 4]
    assert np.array_equal(np.sum([one["counts"] for one in found["series"]], axis=0), counts)
    assert _json(reader, f"{base}/histogram/", column="ra", width=0.5)["series"] is None


def test_a_map_is_that_of_numpy(reader: requests.Session, base: str, numbers: Any) -> None:
    found = _json(reader, f"{base}/density/", x="mag_i", y="z_spec", bins=30, cut="z_flag = 4")
    keep = numbers["z_flag"] == 4
    counts, x_edges, _ = np.histogram2d(numbers["mag_i"][keep], numbers["z_spec"][keep], 30)
    assert found["counts"] == counts.T.tolist()
    assert found["x_edges"] == x_edges.tolist()
    assert found["n_shown"] + found["n_cut"] == N
    assert len(_json(reader, f"{base}/density/", x="ra", y="dec")["counts"]) == 200


def test_the_sky_in_pixels(reader: requests.Session, base: str) -> None:
    found = _json(reader, f"{base}/sky/", nside=64)
    assert (found["nside"], found["ordering"], found["n_shown"]) == (64, "nested", N)
    assert sum(found["counts"]) == N
    assert found["area_deg2"] == pytest.approx(len(found["pixels"]) * 41252.96 / (12 * 64 * 64), rel=1e-5)


def test_the_cube_gives_plots_under_cuts_on_its_edges(reader: requests.Session, base: str, numbers: Any) -> None:
    found = _json(reader, f"{base}/cube/")
    counts = np.array(found["counts"]).reshape(found["shape"])
    flag, redshift, magnitude = found["axes"]
    assert [axis["column"] for axis in found["axes"]] == ["z_flag", "z_spec", "mag_i"]
    assert [axis["plot"] for axis in found["axes"]] == ["z_flag", "n_z", "magnitudes"]
    assert (counts.sum(), found["n_total"], found["n_cut"], found["cut"]) == (N, N, 0, None)
    edges = magnitude["edges"]
    keep = (numbers["z_flag"] == flag["values"][1]) & (numbers["mag_i"] >= edges[3]) & (numbers["mag_i"] < edges[9])
    n_z = counts[1, 2:-1, 3 + 2 : 9 + 2].sum(axis=1)
    assert np.array_equal(n_z, np.histogram(numbers["z_spec"][keep], redshift["edges"])[0])
    under = _json(reader, f"{base}/cube/", cut="ra > 150.5")
    assert sum(under["counts"]) == np.count_nonzero(numbers["ra"] > 150.5) == N - under["n_cut"]


def test_metrics_have_errors_and_bins(reader: requests.Session, base: str, numbers: Any) -> None:
    found = _json(reader, f"{base}/metrics/", z_phot="z_err", z_spec="redshift", cut="z_flag > 2")
    keep = numbers["z_flag"] > 2
    dz = (numbers["z_err"] - numbers["z_spec"])[keep] / (1 + numbers["z_spec"][keep])
    assert (found["n"], found["n_dropped"], found["n_cut"], found["pdf"]) == (keep.sum(), 0, N - keep.sum(), None)
    assert found["bias"] == pytest.approx(np.median(dz))
    assert found["outlier_fraction"] == pytest.approx(np.mean(np.abs(dz) > 0.15))
    assert set(found["errors"]) == {"bias", "sigma_nmad", "sigma_68", "sigma_iqr", "rms", "outlier_fraction"}
    assert found["bins"]
    nothing = _json(reader, f"{base}/metrics/", z_phot="z_err", z_spec="z_spec", cut="z_spec > 11")
    assert (nothing["n"], nothing["bias"], nothing["errors"]) == (0, None, {})


def test_rows_as_json(reader: requests.Session, base: str, numbers: Any) -> None:
    found = _json(reader, f"{base}/table/", columns="id,z_spec", cut="z_flag = 4", sort="-z_spec", offset=1, limit=2)
    assert (found["count"], found["columns"]) == (N // 4, ["id", "z_spec"])
    best = np.argsort(-np.where(numbers["z_flag"] == 4, numbers["z_spec"], -1))[1:3]
    assert found["results"] == [{"id": 900000000000000000 + int(row), "z_spec": numbers["z_spec"][row]} for row in best]
    assert len(_json(reader, f"{base}/table/")["results"]) == N
    assert _json(reader, f"{base}/table/", limit=0)["results"] == []


def _read(name: str, content: bytes) -> Mapping[str, Any]:
    match name:
        case "csv":
            lines = content.decode().split()
            values = [line.split(",") for line in lines[1:]]
            return {key: [row[k] for row in values] for k, key in enumerate(lines[0].split(","))}
        case "parquet":
            return dict(pq.read_table(io.BytesIO(content)).to_pydict())
        case "arrow":
            return dict(pa.ipc.open_stream(content).read_all().to_pydict())
        case "votable":
            found = parse_single_table(io.BytesIO(content)).array
        case "fits":
            found = fits.getdata(io.BytesIO(content), 1)
        case "json":
            rows = json.loads(content)["results"]
            return {key: [row[key] for row in rows] for key in rows[0]}
    return {key: found[key].tolist() for key in found.dtype.names}


@pytest.mark.parametrize("name", [*EXPORT_FORMATS, "json"])
def test_rows_as_files(reader: requests.Session, base: str, name: str, numbers: Any) -> None:
    answer = _get(reader, f"{base}/table/", format=name, columns="id,z_spec", cut="z_spec < 0.5", sort="id")
    keep = numbers["z_spec"] < 0.5
    found = _read(name, answer.content)
    assert [int(value) for value in found["id"]] == [900000000000000000 + int(row) for row in np.flatnonzero(keep)]
    assert [float(value) for value in found["z_spec"]] == numbers["z_spec"][keep].tolist()
    assert "Content-Encoding" not in answer.headers
    if name != "json":
        assert not answer.headers["Content-Type"].startswith("application/json")
        product_id = base.rpartition("/")[2]
        expected = f"attachment; filename={product_id}_data{EXPORT_FORMATS[name].suffix}"
        assert answer.headers["Content-Disposition"] == expected


@pytest.mark.parametrize("route", ROUTES)
def test_a_copy_that_is_still_right_is_not_made_again(
    reader: requests.Session, base: str, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _get(reader, f"{base}/{route}/", **ASKED[route])
    assert first.headers["Cache-Control"] == "private, no-cache"

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("computed although the caller has it")

    monkeypatch.setattr("services.live_cubes.live_counts", forbidden)
    for name in ("asked_histogram", "asked_density", "sky_pixels", "metric_report", "count_matching"):
        monkeypatch.setattr(f"services.table_answers.{name}", forbidden)
    same = reader.get(
        f"{base}/{route}/", params=ASKED[route], headers={"If-None-Match": first.headers["ETag"]}, timeout=60
    )
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["ETag"] == first.headers["ETag"]


def test_another_question_and_another_role_have_other_marks(live: Live, base: str) -> None:
    owner = live.people["owner1"]
    product = ingested(live.container, owner, catalogue_csv(40), "roles.csv")
    session = requests.Session()
    session.headers["Authorization"] = f"Token {live.container.tokens.create(owner, 'marks').key}"
    address = f"{live.url}/api/products/{product.id}/histogram/"
    first = _get(session, address, role="redshift", bins=5)
    assert _get(session, address, role="redshift", bins=6).headers["ETag"] != first.headers["ETag"]
    live.container.catalog.set_role(owner, product.id, "z_err", "redshift")
    second = session.get(
        address, params={"role": "redshift", "bins": "5"}, headers={"If-None-Match": first.headers["ETag"]}, timeout=60
    )
    assert (second.status_code, second.json()["column"]) == (200, "z_err")


@pytest.mark.parametrize(
    ("route", "parameters", "field"),
    [
        ("histogram", {}, "column"),
        ("histogram", {"column": "absent"}, "column"),
        ("histogram", {"role": "z_phot"}, "role"),
        ("histogram", {"column": "z_spec", "bins": "0"}, "bins"),
        ("histogram", {"column": "z_spec", "bins": "ten"}, "bins"),
        ("histogram", {"column": "z_spec", "min": "3", "max": "1"}, "min"),
        ("histogram", {"column": "z_spec", "cut": "z_spec <"}, "cut"),
        ("histogram", {"column": "z_spec", "cut": "absent < 1"}, "cut"),
        ("histogram", {"column": "z_spec", "split": "id"}, "split"),
        ("density", {"x": "z_spec"}, "y"),
        ("density", {"x": "z_spec", "y": "mag_i", "bins": "5000"}, "bins"),
        ("sky", {"nside": "3"}, "nside"),
        ("cube", {"cut": "absent < 1"}, "cut"),
        ("metrics", {}, "z_phot"),
        ("metrics", {"z_phot": "z_spec", "z_spec": "z_spec"}, "z_phot"),
        ("table", {"columns": "id,absent"}, "column"),
        ("table", {"cut": "1=1"}, "cut"),
        ("table", {"sort": "-absent"}, "column"),
        ("table", {"limit": "-1"}, "limit"),
        ("table", {"offset": "1.5"}, "offset"),
        ("table", {"format": "xlsx"}, "format"),
        ("table", {"cut": "z_spec < 1; drop table products", "format": "csv"}, "cut"),
    ],
)
def test_a_question_without_sense_is_refused_in_a_sentence(
    reader: requests.Session, base: str, route: str, parameters: dict[str, str], field: str
) -> None:
    answer = _get(reader, f"{base}/{route}/", **parameters)
    assert answer.status_code == 400
    assert answer.json()[field]
    assert answer.json()["detail"]


def test_a_cut_that_cannot_be_read_names_the_place(reader: requests.Session, base: str) -> None:
    assert "character 16" in _get(reader, f"{base}/table/", cut="z_spec < 1 and &").json()["detail"]


@pytest.mark.parametrize("route", ROUTES)
def test_hidden_absent_running_and_described_products(live: Live, reader: requests.Session, route: str) -> None:
    owner, container = live.people["owner1"], live.container
    own = requests.Session()
    own.headers["Authorization"] = f"Token {container.tokens.create(owner, 'states').key}"
    waiting = submitted(container, owner, catalogue_csv(5), f"waiting_{route}.csv")
    described = container.catalog.publish(
        owner, container.catalog.register(owner, NewProduct(f"D {route}", "other")).id
    )
    address = f"{live.url}/api/products"
    running = _get(own, f"{address}/{waiting.id}/{route}/", **ASKED[route])
    assert (running.status_code, running.json()["status"], running.json()["progress"]) == (202, "running", 0)
    none = _get(reader, f"{address}/{described.id}/{route}/", **ASKED[route])
    assert (none.status_code, none.json()["code"]) == (422, "no_table")
    assert _get(reader, f"{address}/{waiting.id}/{route}/", **ASKED[route]).status_code == 404
    assert _get(reader, f"{address}/99999/{route}/", **ASKED[route]).status_code == 404
    assert requests.get(f"{address}/{described.id}/{route}/", timeout=60).status_code == 401
    job = container.jobs.latest(waiting.id)
    assert job is not None
    from services.jobs.ingest import run_ingest

    run_ingest(container, job.id)


def test_columns_with_commas_are_named_in_quotes(live: Live, reader: requests.Session) -> None:
    content = b'"a,b",ra,dec,z_spec\n1,2,3,0.5\n2,3,4,0.6\n'
    product = ingested(live.container, live.people["owner1"], content, "commas.csv")
    address = f"{live.url}/api/products/{product.id}/table/"
    found = _json(reader, address, columns='"a,b",ra', sort='-"a,b"')
    assert found["results"] == [{"a,b": 2, "ra": 3}, {"a,b": 1, "ra": 2}]


def test_columns_without_names_are_known_by_their_places(live: Live, reader: requests.Session) -> None:
    product = ingested(
        live.container, live.people["owner1"], b"1.5,20,0.5\n2.5,30,0.6\n3.5,40,0.7\n", "bare.csv", "other"
    )
    address = f"{live.url}/api/products/{product.id}"
    listed = _json(reader, f"{live.url}/api/product-contents/", product=product.id)["results"]
    assert [column["column_name"] for column in listed] == ["0", "1", "2"]
    assert _json(reader, f"{address}/table/", cut='"1" > 25 and "2" < 0.65')["count"] == 1
    assert _json(reader, f"{address}/histogram/", column="2", bins="2")["counts"] == [1, 2]
    assert _json(reader, f"{address}/density/", x="0", y="1", bins="1")["counts"] == [[3]]
    assert _json(reader, f"{address}/table/", columns="1", sort="-0", limit="1")["results"] == [{"col2": 40}]


def test_head_promises_without_computing(reader: requests.Session, base: str) -> None:
    answer = reader.head(f"{base}/table/", params={"format": "csv"}, timeout=60)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"].startswith("text/csv")


def test_the_document_names_every_form_of_the_rows(live: Live, reader: requests.Session) -> None:
    document = _json(reader, f"{live.url}/api/schema/")
    content = document["paths"]["/api/products/{product_id}/table/"]["get"]["responses"]["200"]["content"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/TableWire"}
    assert {kind.media_type.split(";")[0] for kind in EXPORT_FORMATS.values()} == set(content) - {"application/json"}

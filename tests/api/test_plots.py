"""The plots of a product over HTTP: those of the page, with the numbers of the page, and where they come from."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
import requests

from components.figures.numbers import numbers_csv
from components.figures.registry import FIGURES
from services.models.products import NewProduct
from services.version import VERSION
from tests.support.ingests import catalogue_csv, ingested
from tests.support.live import Live

N = 400
CUT = "mag_i < 22 and z_flag >= 3"


@pytest.fixture(scope="module")
def reader(live: Live) -> requests.Session:
    session = requests.Session()
    session.headers["Authorization"] = f"Token {live.container.tokens.create(live.people['owner2'], 'plots').key}"
    return session


@pytest.fixture(scope="module")
def base(live: Live) -> str:
    product = ingested(live.container, live.people["owner1"], catalogue_csv(N), "data.csv")
    return f"{live.url}/api/products/{product.id}/plots"


def _table() -> dict[str, np.ndarray]:
    lines = catalogue_csv(N).decode().split()
    table = np.array([line.split(",") for line in lines[1:]], dtype=np.float64)
    return dict(zip(lines[0].split(","), table.T, strict=True))


def _json(session: requests.Session, address: str, **parameters: str) -> Any:
    answer = session.get(address, params=parameters, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_list_names_the_plots_of_the_page(reader: requests.Session, base: str) -> None:
    found = _json(reader, f"{base}/")
    facts = {row["name"]: row for row in found["results"]}
    assert found["count"] == len(facts)
    assert {"n_z", "sky", "z_flag"} <= set(facts)
    assert not {"metrics", "odds"} & set(facts)
    assert facts["n_z"] == {
        "name": "n_z",
        "title": "Redshift distribution",
        "columns": ["z_spec"],
        "stage": "first look",
        "url": f"{base}/n_z/",
    }
    assert facts["sky"]["columns"] == ["ra", "dec"]
    assert all(_json(reader, row["url"])["name"] == row["name"] for row in facts.values())


def test_numbers_are_those_of_numpy_and_say_where_they_come_from(reader: requests.Session, base: str) -> None:
    found, table = _json(reader, f"{base}/n_z/"), _table()
    value = found["value"]
    assert value["kind"] == "Histogram"
    assert value["counts"] == np.histogram(table["z_spec"], value["edges"])[0].tolist()
    assert (value["tally"]["kind"], value["tally"]["n_total"]) == ("Tally", N)
    told = found["provenance"]
    assert told["main_file_sha256"] == hashlib.sha256(catalogue_csv(N)).hexdigest()
    assert (told["n_rows"], told["columns"], told["cut"]) == (N, ["z_spec"], None)
    assert (told["main_file"], told["software"]) == ("data.csv", f"PZ Server {VERSION}")


def test_csv_is_that_of_the_page(live: Live, reader: requests.Session, base: str) -> None:
    owner, number = live.people["owner1"], int(base.split("/")[-2])
    for name, cut in (("n_z", CUT), ("sky", None), ("missing_map", CUT)):
        answer = reader.get(f"{base}/{name}/", params={"format": "csv", "cut": cut}, timeout=60)
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"].endswith(f"_{name}.csv")
        found = live.container.plots.numbers(owner, number, name, cut).value
        row = FIGURES[name]
        assert answer.content.decode() == numbers_csv(row.numbers(found), row.caption(found), cut or "")
    split = reader.get(f"{base}/n_z/", params={"format": "csv", "width": "0.2", "split": "z_flag"}, timeout=60).text
    assert split.splitlines()[1].startswith("bin_low,bin_high,")
    assert reader.get(f"{base}/n_z/?format=xml", timeout=60).status_code == 400


def test_csv_of_metrics_and_of_a_plot_without_rows(live: Live, reader: requests.Session) -> None:
    rows = "".join(f"{i / 100},{i / 100 + (-1) ** i * 0.02}\n" for i in range(1, 90))
    content = f"z_spec,z_phot\n{rows}".encode()
    product = ingested(live.container, live.people["owner1"], content, "v.csv", "validation_results")
    base = f"{live.url}/api/products/{product.id}/plots"
    metrics = reader.get(f"{base}/metrics/?format=csv", timeout=60).text
    assert metrics.startswith("# 89 pairs / 0 dropped")
    assert "\nmetric,value\nn,89\n" in metrics
    empty = reader.get(f"{base}/metrics/", params={"format": "csv", "cut": "z_spec > 5"}, timeout=60)
    assert (empty.status_code, "no numbers" in empty.json()["detail"]) == (404, True)
    assert _json(reader, f"{base}/metrics/", cut="z_spec > 5")["value"] is None


def test_a_cut_keeps_the_bins(reader: requests.Session, base: str) -> None:
    whole, under, table = _json(reader, f"{base}/n_z/"), _json(reader, f"{base}/n_z/", cut=CUT), _table()
    keep = (table["mag_i"] < 22) & (table["z_flag"] >= 3)
    assert under["value"]["edges"] == whole["value"]["edges"]
    assert under["value"]["counts"] == np.histogram(table["z_spec"][keep], whole["value"]["edges"])[0].tolist()
    assert under["value"]["tally"]["n_cut"] == N - int(keep.sum())
    assert under["provenance"]["cut"] == CUT


def test_bands_and_maps_come_as_nested_lists(reader: requests.Session, base: str) -> None:
    bands, table = _json(reader, f"{base}/magnitudes/")["value"], _table()
    assert (bands["kind"], [item["kind"] for item in bands["items"]]) == ("HistogramSet", ["Histogram"])
    sky = _json(reader, f"{base}/sky/")["value"]
    grid = sky["grid"]
    counts, _, _ = np.histogram2d(table["dec"], table["ra"], (grid["y_edges"], grid["x_edges"]))
    assert (sky["kind"], grid["kind"], grid["counts"]) == ("SkyDensity", "Density", counts.astype(int).tolist())
    assert sum(sky["counts"]) == N


@pytest.mark.parametrize(
    ("name", "parameters", "status", "code"),
    [
        ("n_zz", {}, 404, "not_found"),
        ("odds", {}, 404, "not_found"),
        ("n_z", {"cut": "mag_i <"}, 400, None),
        ("n_z", {"cut": "no_such > 3"}, 400, None),
        ("dz", {}, 404, "not_found"),
    ],
)
def test_refusals(
    reader: requests.Session, base: str, name: str, parameters: dict[str, str], status: int, code: str | None
) -> None:
    answer = reader.get(f"{base}/{name}/", params=parameters, timeout=60)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert code is None or answer.json()["code"] == code


def test_a_copy_still_right_is_not_sent_again(reader: requests.Session, base: str) -> None:
    first = reader.get(f"{base}/n_z/", timeout=60)
    again = reader.get(f"{base}/n_z/", headers={"If-None-Match": first.headers["ETag"]}, timeout=60)
    other = reader.get(f"{base}/n_z/?cut=z_spec<1", headers={"If-None-Match": first.headers["ETag"]}, timeout=60)
    assert (again.status_code, again.content, other.status_code) == (304, b"", 200)


def test_no_table_no_plots(live: Live, reader: requests.Session) -> None:
    owner, catalog = live.people["owner1"], live.container.catalog
    product = catalog.publish(owner, catalog.register(owner, NewProduct("Described", "other")).id)
    for path in ("plots/", "plots/n_z/"):
        answer = reader.get(f"{live.url}/api/products/{product.id}/{path}", timeout=60)
        assert (answer.status_code, answer.json()["code"]) == (422, "no_table")


def test_a_coverage_map_has_the_area_of_the_sky(live: Live, reader: requests.Session, base: str) -> None:
    product = base.removesuffix("/plots")
    sky = _json(reader, f"{product}/sky/", nside="64", cut=CUT)
    cells = _json(reader, f"{product}/moc/", nside="64", cut=CUT, format="json")
    share = sum(len(numbers) / (12 * 4 ** int(order)) for order, numbers in cells.items())
    assert share == pytest.approx(len(sky["pixels"]) / (12 * 64**2))
    answer = reader.get(f"{product}/moc/", timeout=60)
    assert answer.headers["Content-Type"] == "application/fits"
    assert answer.headers["Content-Disposition"].endswith(".moc.fits")
    assert answer.content.startswith(b"SIMPLE  =")
    assert reader.get(f"{product}/moc/?format=ascii", timeout=60).text.count("/") >= 1
    assert reader.get(f"{product}/moc/?nside=3", timeout=60).status_code == 400


def test_a_histogram_in_other_bins_and_split(reader: requests.Session, base: str) -> None:
    found, table = _json(reader, f"{base}/n_z/", width="0.2", split="z_flag", cut="mag_i < 22")["value"], _table()
    keep = table["mag_i"] < 22
    assert found["kind"] == "GroupedHistogram"
    edges = found["whole"]["edges"]
    assert np.allclose(np.diff(edges), 0.2)
    for flag, counts in zip(found["groups"], found["counts"], strict=True):
        mine = keep & (table["z_flag"] == float(flag))
        assert counts == np.histogram(table["z_spec"][mine], edges)[0].tolist()
    assert _json(reader, f"{base}/sky/", width="0.2")["value"]["kind"] == "SkyDensity"
    assert reader.get(f"{base}/n_z/?split=id", timeout=60).status_code == 400


def test_a_notebook_holds_the_plots_that_are_asked_for(reader: requests.Session, base: str) -> None:
    address = f"{base.removesuffix('/plots')}/notebook/"
    found = _json(reader, address, plots="sky,n_z,none", bins="n_z:0.1", cut=CUT)
    code = "".join("".join(cell["source"]) for cell in found["cells"] if cell["cell_type"] == "code")
    assert code.index("product.plot('sky', cut=CUT)") < code.index("product.plot('n_z', cut=CUT, width=0.1)")
    assert code.count("product.plot(") == 2
    whole = _json(reader, address)
    n_plots = _json(reader, f"{base}/")["count"]
    assert sum("product.plot(" in "".join(cell["source"]) for cell in whole["cells"]) == n_plots
    for query in ("cut=absent<1", "cut=(", "bins=n_z"):
        assert reader.get(f"{address}?{query}", timeout=60).status_code == 400

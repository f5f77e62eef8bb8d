"""Products of every format and size, and what their owners do with them, through the client on a real portal."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from astropy.table import Table
from pzserver import PzServer
from pzserver.errors import NotOwner, RequestFailed

N_ROWS = 2000
RNG = np.random.default_rng(20261122)


@pytest.fixture(scope="session")
def galaxies() -> pd.DataFrame:
    """Positions, redshifts and a magnitude; some redshifts are missing."""
    z = RNG.gamma(3.0, 0.3, N_ROWS)
    z[::50] = np.nan
    columns = {
        "id": np.arange(10**15, 10**15 + N_ROWS),
        "ra": RNG.uniform(150, 151, N_ROWS),
        "dec": RNG.uniform(2, 3, N_ROWS),
        "z": z,
        "mag_i": RNG.uniform(17, 25, N_ROWS),
        "survey": np.array(["deep", "wide"])[RNG.integers(0, 2, N_ROWS)],
    }
    return pd.DataFrame(columns)


def write(frame: pd.DataFrame, path: Path) -> Path:
    """The table in the format that the suffix names."""
    table = Table.from_pandas(frame)
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    elif path.suffix == ".fits":
        table.write(path)
    elif path.suffix == ".vot":
        table.write(path, format="votable")
    else:
        with h5py.File(path, "w") as file:
            for name in frame.columns:
                values = frame[name].to_numpy()
                file[name] = values.astype("S") if name == "survey" else values
    return path


@pytest.mark.parametrize("suffix", ["csv", "parquet", "fits", "hdf5", "vot", "txt"])
def test_a_table_comes_back_as_it_went(server: PzServer, galaxies: pd.DataFrame, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"galaxies.{suffix}"
    if suffix == "txt":
        galaxies.to_csv(path, sep=" ", index=False, na_rep="nan")
    else:
        write(galaxies, path)
    upload = server.upload(f"galaxies in {suffix}", "specz_catalog", path)
    assert upload.is_published
    frame = server.get_product(upload.product_id, fmt="pandas")
    assert set(frame.columns) == set(galaxies.columns)
    pd.testing.assert_frame_equal(
        frame[list(galaxies.columns)], galaxies, check_dtype=False, check_exact=True, check_column_type=False
    )
    assert len(server.get_product(upload.product_id, fmt="astropy")) == N_ROWS


@pytest.fixture(scope="module")
def galaxies_id(
    token_of: Callable[[str], str], portal: object, galaxies: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> int:
    """Product with the galaxies, of owner1."""
    path = write(galaxies, tmp_path_factory.mktemp("galaxies") / "galaxies.parquet")
    server = PzServer(token_of("owner1"), portal.url, cache=False)  # type: ignore[attr-defined]
    return server.upload("galaxies", "specz_catalog", path).product_id


def test_some_columns_and_rows_are_chosen_by_the_server(
    server: PzServer, galaxies: pd.DataFrame, galaxies_id: int, tmp_path: Path
) -> None:
    chosen = server.get_product(galaxies_id, fmt="pandas", columns=["id", "z"], cut="z > 0.5 and mag_i < 21")
    expected = galaxies[(galaxies["z"] > 0.5) & (galaxies["mag_i"] < 21)][["id", "z"]].reset_index(drop=True)
    assert 0 < len(expected) < N_ROWS
    pd.testing.assert_frame_equal(chosen, expected, check_dtype=False)
    path = server.to_parquet(galaxies_id, tmp_path / "bright.parquet", cut="mag_i < 18", sort="-mag_i")
    bright = pd.read_parquet(path)
    assert bright["mag_i"].tolist() == sorted(galaxies["mag_i"][galaxies["mag_i"] < 18], reverse=True)
    with pytest.raises(RequestFailed) as caught:
        server.get_product(galaxies_id, cut="z >")
    assert caught.value.status_code == 400


def test_a_histogram_counts_every_row(server: PzServer, galaxies: pd.DataFrame, galaxies_id: int) -> None:
    histogram = server.get_product_object(galaxies_id).histogram("z", bins=20, low=0, high=2, cut="mag_i < 22")
    chosen = galaxies["z"][galaxies["mag_i"] < 22]
    counts, _ = np.histogram(chosen.dropna(), histogram.edges)
    np.testing.assert_array_equal(histogram.counts, counts)
    assert len(histogram.counts) == 20
    assert histogram.n_missing == chosen.isna().sum()
    assert histogram.n_total == N_ROWS
    by_role = server.get_product_object(galaxies_id).histogram(role="redshift", bins=5)
    assert by_role.column == "z"
    split = server.get_product_object(galaxies_id).histogram("z", bins=20, low=0, high=2, split="survey")
    assert set(split.series) == {"deep", "wide"}


def test_numbers_of_a_product(server: PzServer, galaxies: pd.DataFrame, galaxies_id: int) -> None:
    product = server.get_product_object(galaxies_id)
    statistics = product.statistics()
    assert (statistics["n_rows"], statistics["n_columns"]) == (N_ROWS, 6)
    by_name = {row["name"]: row for row in statistics["columns"]}
    assert by_name["mag_i"]["max"] == pytest.approx(galaxies["mag_i"].max())
    assert product.quality()["verdict"] in ("good", "check", "serious")
    assert sum(map(sum, product.density("z", "mag_i", bins=10)["counts"])) == galaxies["z"].notna().sum()
    assert sum(product.sky(nside=64)["counts"]) == N_ROWS


def test_a_wide_table_can_be_associated_to_its_last_column(server: PzServer, tmp_path: Path) -> None:
    names = [f"c{number:03d}" for number in range(150)]
    path = tmp_path / "wide.csv"
    pd.DataFrame(RNG.uniform(0, 1, (5, 150)), columns=names).to_csv(path, index=False)
    upload = server.upload("wide", "training_set", path, publish=False)
    assert len(upload.columns or ()) == 150
    upload.make_columns_association({"c140": "z"})
    upload.save()
    assert server.get_product(upload.product_id).column_for("src.redshift") == "c140"


def test_a_headerless_table_keeps_its_values(server: PzServer, tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("150.1,2.1,0.35\n150.2,2.2,0.71\n")
    upload = server.upload("headerless", "specz_catalog", path, publish=False)
    assert list(upload.columns or ()) == ["0", "1", "2"]
    upload.make_columns_association({"0": "RA", "1": "Dec", "2": "z"})
    upload.save()
    assert server.get_product(upload.product_id)["2"].tolist() == [0.35, 0.71]


def test_a_described_product_is_shown_downloaded_and_deleted(server: PzServer, tmp_path: Path) -> None:
    upload = server.upload("described only", "training_set", None, description="Too large: ask the owner.")
    assert server.display_product_metadata(upload.product_id) is None
    server.download_product(upload.product_id, save_in=tmp_path)
    with zipfile.ZipFile(tmp_path / f"{upload.product_id}_described_only.zip") as archive:
        assert archive.namelist() == ["product_metadata.yaml"]
    with pytest.raises(FileNotFoundError):
        server.get_product(upload.product_id)
    server.delete_product(upload.product_id)
    with pytest.raises(ValueError, match="not found"):
        server.get_product_metadata(upload.product_id)


def test_files_follow_and_go_and_the_description_changes(server: PzServer, galaxies_id: int, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>About</p>")
    product = server.get_product_object(galaxies_id)
    product.attach_auxiliary_file(tmp_path / "page.html")
    product.attach_description_file(tmp_path / "page.html")
    assert len(product.get_auxiliary_files()) == 1
    (row,) = product.get_description_files()
    product.remove_file(row["id"])
    assert product.get_description_files() == []
    with pytest.raises(ValueError, match="main file"):
        product.remove_file(product.main_file["id"])
    product.update_description("A & B = β")
    assert server.get_product_metadata(galaxies_id)["description"] == "A & B = β"


def test_other_people_may_only_look(connect: Callable[[str], PzServer], galaxies_id: int, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>About</p>")
    other = connect("owner2")
    with pytest.raises(NotOwner):
        other.delete_product(galaxies_id)
    with pytest.raises(NotOwner):
        other.get_product_object(galaxies_id).attach_auxiliary_file(tmp_path / "page.html")
    with pytest.raises(RequestFailed) as caught:
        other.api.transport.json("PATCH", f"products/{galaxies_id}/", data={"description": "mine"})
    assert caught.value.status_code == 403
    connect("curator").get_product_object(galaxies_id).update_description("By the curator")


def test_a_list_of_many_products_is_complete(server: PzServer) -> None:
    for number in range(110):
        server.upload(f"countless {number}", "other", None)
    found = server.get_products_list({"product_name": "countless"})
    assert len(found) == 110
    small = server.api.get_all("products", page_size=50, product_name="countless")
    assert [row["id"] for row in small] == [row["id"] for row in found]


def test_a_refused_upload_leaves_nothing_behind(server: PzServer, tmp_path: Path) -> None:
    path = tmp_path / "broken.fits"
    path.write_bytes(b"SIMPLE  =" + b"\x00" * 5000)
    with pytest.raises(RequestFailed) as caught:
        server.upload("broken", "specz_catalog", path)
    assert caught.value.status_code == 422
    assert server.get_products_list({"product_name": "broken", "status__in": [0, 1, 9]}) == []
    with pytest.raises(RequestFailed):
        server.upload("with a code", "specz_catalog", None, pz_code="BPZ")

"""One product: metadata, download, table."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import astropy.table
import numpy as np
import pandas as pd
import pytest
import requests

from pzserver import PzServer, SpeczCatalog, TrainingSet, products
from pzserver.cache import DiskCache
from pzserver.downloads import safe_file_name
from pzserver.errors import DownloadFailed, NotFound
from pzserver.testing import MockPortal


@pytest.mark.parametrize("key", [1, "1", " 1 ", "1_deep_field", np.int64(1)])
def test_a_product_is_found_by_id_digits_and_internal_name(server: PzServer, specz_id: int, key: int | str) -> None:
    metadata = server.get_product_metadata(key)
    assert metadata["id"] == specz_id
    assert metadata["main_file"]["name"] == "deep.csv"


@pytest.mark.parametrize("key", [999, "999", "no_such_name", None, "", True, 1.5, ["1"]])
def test_what_is_no_product_is_a_value_error(server: PzServer, specz_id: int, key: object) -> None:
    with pytest.raises(ValueError, match=r"product|Product"):
        server.get_product_metadata(key)  # type: ignore[arg-type]


def test_a_lookup_that_fails_otherwise_is_a_value_error_and_a_request_exception(
    server: PzServer, portal: MockPortal, specz_id: int
) -> None:
    portal.failures = [500]
    with pytest.raises(ValueError, match="could not be looked up") as caught:
        server.get_product_metadata(specz_id)
    assert isinstance(caught.value, requests.exceptions.RequestException)
    assert caught.value.__cause__ is not None


def test_the_main_file_has_all_columns_and_the_known_meanings(server: PzServer, specz_id: int) -> None:
    main_file = server.get_product_metadata(specz_id)["main_file"]
    assert main_file["columns"] == ["RA", "DEC", "z", "note"]
    assert main_file["columns_association"] == [
        {"column_name": "RA", "ucd": "pos.eq.ra;meta.main", "alias": "RA"},
        {"column_name": "DEC", "ucd": "pos.eq.dec;meta.main", "alias": "Dec"},
        {"column_name": "z", "ucd": "src.redshift", "alias": "z"},
    ]
    assert "main_file" not in server.get_product_metadata(specz_id, mainfile_info=False)


def test_metadata_are_shown_as_keys_and_values(
    server: PzServer, specz_id: int, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = server.display_product_metadata("1_deep_field", show=False)
    assert frame is not None
    assert list(frame.columns) == ["key", "value"]
    seed_keys = (
        "id internal_name product_name product_type release uploaded_by official_product pz_code description created_at"
    )
    keys = list(frame["key"])
    assert keys[:10] == seed_keys.split()
    assert keys[-1] == "main_file"
    values = dict(zip(keys, frame["value"], strict=True))
    assert (values["main_file"], values["n_columns"], values["size"]) == ("deep.csv", 4, "0.00 MB")
    assert capsys.readouterr().out == ""
    assert server.display_product_metadata(specz_id) is None
    assert "1_deep_field" in capsys.readouterr().out


def test_a_described_product_has_metadata_and_no_table(server: PzServer, portal: MockPortal) -> None:
    number = portal.add_product("Described", "training_set")
    assert server.get_product_metadata(number)["main_file"]["name"] is None
    frame = server.display_product_metadata(number, show=False)
    assert frame is not None
    assert frame["value"].iloc[-1] is None
    with pytest.raises(FileNotFoundError, match="no main file"):
        server.get_product(number)


# Download


def test_a_download_is_one_zip_with_all_files(
    server: PzServer, specz_id: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server.download_product(specz_id, save_in=tmp_path / "new" / "folder") is None
    path = tmp_path / "new" / "folder" / "1_deep_field.zip"
    assert zipfile.ZipFile(path).namelist() == ["product_metadata.yaml", "deep.csv", "notes.txt"]
    assert list(path.parent.iterdir()) == [path]
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["Connecting to PZ Server...", f"File saved as: {path}", "Done!"]


def test_a_broken_download_goes_on_where_it_stopped(server: PzServer, portal: MockPortal, tmp_path: Path) -> None:
    number = portal.add_product("Large")
    content = np.random.default_rng(1).bytes(3_000_000)
    portal.add_file(number, "large.bin", content)
    portal.break_after = [1_800_000]
    server.download_product(number, save_in=tmp_path)
    with zipfile.ZipFile(tmp_path / "1_large.zip") as archive:
        assert archive.read("large.bin") == content
    assert portal.sent_bytes < 1.5 * 3_000_000


def test_a_download_that_keeps_breaking_keeps_its_part(server: PzServer, portal: MockPortal, tmp_path: Path) -> None:
    number = portal.add_product("Large")
    portal.add_file(number, "large.bin", np.random.default_rng(1).bytes(6_000_000))
    portal.break_after = [1_500_000] * 3
    with pytest.raises(DownloadFailed, match=r"1_large\.zip\.part"):
        server.download_product(number, save_in=tmp_path)
    assert (tmp_path / "1_large.zip.part").stat().st_size > 1_000_000
    server.download_product(number, save_in=tmp_path)
    assert zipfile.ZipFile(tmp_path / "1_large.zip").testzip() is None


def test_a_part_of_another_file_is_thrown_away(server: PzServer, specz_id: int, tmp_path: Path) -> None:
    (tmp_path / "1_deep_field.zip.part").write_bytes(b"something else")
    server.download_product(specz_id, save_in=tmp_path)
    assert zipfile.ZipFile(tmp_path / "1_deep_field.zip").testzip() is None


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("a.csv", "a.csv"),
        ("../../etc/x", "x"),
        ("..\\x", "x"),
        (".bashrc", "bashrc"),
        ("a\x00b:c", "a_b_c"),
        ("", "download"),
    ],
)
def test_names_from_the_server_stay_in_the_folder(given: str, name: str) -> None:
    assert safe_file_name(given) == name


def test_an_unknown_product_cannot_be_downloaded(server: PzServer, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        server.download_product(999, save_in=tmp_path)


# Table


def test_by_default_a_catalogue_is_an_object_of_its_class(server: PzServer, specz_id: int) -> None:
    catalog = server.get_product(specz_id)
    assert type(catalog) is SpeczCatalog
    assert isinstance(catalog.data, pd.DataFrame)
    assert list(catalog.data.columns) == ["RA", "DEC", "z", "note"]
    assert catalog.data["z"].tolist() == [0.5, 1.25, 2.0]
    assert catalog.metadata["internal_name"] == "1_deep_field"


def test_a_training_set_and_other_types_have_their_classes(server: PzServer, portal: MockPortal) -> None:
    for kind in ("training_set", "photoz_estimates"):
        portal.add_file(portal.add_product(kind, kind), "a.csv", b"z\n1.0\n")
    assert type(server.get_product(1)) is TrainingSet
    assert type(server.get_product(2)) is pd.DataFrame


def test_the_form_can_be_chosen(server: PzServer, specz_id: int) -> None:
    assert type(server.get_product(specz_id, fmt="pandas")) is pd.DataFrame
    table = server.get_product(specz_id, fmt="astropy")
    assert type(table) is astropy.table.Table
    assert table.colnames == ["RA", "DEC", "z", "note"]


def test_an_unknown_form_is_a_value_error_that_tells_the_choices(server: PzServer, specz_id: int) -> None:
    with pytest.raises(ValueError, match="'pandas' or 'astropy'"):
        server.get_product(specz_id, fmt="numpy")


def test_free_form_products_are_refused(server: PzServer, portal: MockPortal) -> None:
    number = portal.add_product("Plots", "validation_results")
    with pytest.raises(ValueError, match="download_product"):
        server.get_product(number)


def test_a_big_product_is_read_only_when_asked_for(
    server: PzServer, specz_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "LARGEST_BYTES", 10)
    with pytest.raises(ValueError, match="get_big_products=True"):
        server.get_product(specz_id)
    assert len(server.get_product(specz_id, get_big_products=True)) == 3


def test_a_headerless_csv_has_the_names_of_the_server(server: PzServer, portal: MockPortal) -> None:
    number = portal.add_product("Headerless")
    file_id = portal.add_file(number, "a.csv", b"0,1,2\n")
    portal.bytes[file_id] = b"1.5,2.5,x\n3.5,4.5,y\n"
    portal.files[file_id]["size"] = 20
    portal.has_header = False
    frame = server.get_product(number, fmt="pandas")
    assert list(frame.columns) == ["0", "1", "2"]
    assert frame["0"].tolist() == [1.5, 3.5]
    assert frame["2"].tolist() == ["x", "y"]


# Cache


def file_requests(portal: MockPortal) -> int:
    """How often a main file has been sent."""
    return sum(line.endswith("/main-file/file/") for line in portal.requests)


def test_what_has_been_read_is_not_fetched_again(server: PzServer, portal: MockPortal, specz_id: int) -> None:
    first = server.get_product(specz_id, fmt="pandas")
    pd.testing.assert_frame_equal(server.get_product(specz_id, fmt="pandas"), first)
    assert file_requests(portal) == 1


def test_changed_bytes_are_fetched(server: PzServer, portal: MockPortal, specz_id: int) -> None:
    server.get_product(specz_id)
    file = portal.main_file(specz_id)
    assert file is not None
    portal.bytes[file["id"]] = b"RA,DEC,z,note\n1,2,3,new\n"
    assert server.get_product(specz_id)["note"].tolist() == ["new"]


def test_the_cache_gives_nothing_that_the_server_does_not_allow(
    server: PzServer, portal: MockPortal, specz_id: int
) -> None:
    server.get_product(specz_id)
    portal.products[specz_id]["status"] = 2
    with pytest.raises(NotFound):
        server.get_product(specz_id)


@pytest.mark.parametrize("by_variable", [True, False])
def test_the_cache_can_be_turned_off(
    portal: MockPortal, specz_id: int, monkeypatch: pytest.MonkeyPatch, by_variable: bool
) -> None:
    if by_variable:
        monkeypatch.setenv("PZSERVER_CACHE", "0")
    server = PzServer(portal.token, portal.url, cache=by_variable)
    server.get_product(specz_id)
    server.get_product(specz_id)
    assert server.cache is None
    assert file_requests(portal) == 2


def test_the_cache_lets_the_oldest_go_and_only_its_owner_in(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "kept", limit_bytes=250)
    for number in range(4):
        place = cache.place(f"{number}" * 64)
        (place / "a.csv").write_bytes(b"x" * 100)
        (place / "a.csv").touch()
        os.utime(place, (number, number))
    assert cache.find("0" * 64, "a.csv", 100) is not None
    cache.trim()
    assert sorted(path.name[0] for path in cache.folder.iterdir()) == ["0", "3"]
    assert cache.folder.stat().st_mode & 0o077 == 0
    cache.clear()
    assert list(cache.folder.iterdir()) == []


def test_a_file_cut_short_in_the_cache_is_fetched_again(server: PzServer, portal: MockPortal, specz_id: int) -> None:
    server.get_product(specz_id)
    assert server.cache is not None
    kept = next(server.cache.folder.rglob("deep.csv"))
    kept.write_bytes(b"RA")
    assert len(server.get_product(specz_id)) == 3

"""What the seed tutorial does with the client, step by step, on a real portal."""

from __future__ import annotations

import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

import astropy.table
import pandas as pd
import pytest
from pzserver import PzServer, SpeczCatalog, TrainingSet
from pzserver.errors import RequiredColumnsException

from tests.support.portal import Portal

CATALOGUE = "RA,DEC,z,flag\n150.1,2.1,0.35,4\n150.2,2.2,0.71,3\n150.3,2.3,1.20,4\n"
TRAINING = "objid,mag_i_lsst,err_i_lsst,z\n1,21.5,0.02,0.4\n2,22.5,0.03,0.9\n3,23.5,0.05,1.4\n"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with the files of the tutorial, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.csv").write_text(CATALOGUE)
    (tmp_path / "train.csv").write_text(TRAINING)
    (tmp_path / "example.html").write_text("<p>How it was made</p>")
    (tmp_path / "example.ipynb").write_text('{"cells": []}')
    return tmp_path


@pytest.fixture
def product_id(server: PzServer, example: Path) -> int:
    """Product uploaded with the seed's words."""
    data_to_upload = {
        "name": "example upload via lib",
        "product_type": "specz_catalog",  # Product type
        "release": None,  # LSST release, use None if not LSST data
        "main_file": "example.csv",  # full path
        "auxiliary_files": ["example.html", "example.ipynb"],  # full path
    }
    upload = server.upload(**data_to_upload)
    return upload.product_id


def test_a_token_read_from_a_file_connects(portal: Portal, token_of: Callable[[str], str], tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text(token_of("demo") + "\n")
    with (tmp_path / "token.txt").open() as file:
        token = file.read()
    for host in (portal.url, f"{portal.url}/", f"{portal.url}/api", f"{portal.url}/api/"):
        assert PzServer(token=token, host=host).get_product_types()


def test_the_lists_are_shown(server: PzServer, product_id: int, capsys: pytest.CaptureFixture[str]) -> None:
    server.display_product_types()
    assert "Spec-z Catalog" in capsys.readouterr().out
    server.display_users()
    assert "owner1" in capsys.readouterr().out
    server.display_releases()
    assert "Release" in capsys.readouterr().out
    server.display_products_list()
    assert f"{product_id}_example_upload_via_lib" in capsys.readouterr().out
    names = [row["display_name"] for row in server.get_product_types()]
    assert names[:2] == ["Spec-z Catalog", "Training Set"]


def test_the_filters_of_the_tutorial_are_understood(server: PzServer, product_id: int) -> None:
    train = server.upload("filter me", "training_set", "train.csv").product_id
    both = server.get_products_list(filters={"product_type__or": ["Spec-z Catalog", "training set"]})
    assert {product_id, train} <= {row["id"] for row in both}
    assert (
        server.get_products_list(filters={"product_type": "Training Set", "product_name": "FILTER"})[0]["id"] == train
    )
    assert server.get_products_list(filters={"release": "LSST DP0", "product_type": "Training Set"}) == []
    assert {row["product_type_name"] for row in server.get_products_list(filters={"product_type": "results"})} <= {
        "Validation Results",
        "Training Results",
    }
    assert server.get_products_list({"internal_name__in": [f"{train}_filter_me"]})[0]["id"] == train
    with pytest.raises(ValueError, match="product_type__or"):
        server.get_products_list({"colour": "red"})


def test_the_upload_is_published_for_everybody(connect: Callable[[str], PzServer], product_id: int) -> None:
    seen = connect("demo").get_product_metadata(product_id)
    assert (seen["status"], seen["is_owner"], seen["main_file"]["n_rows"]) == (1, False, 3)


def test_metadata_are_found_by_id_digits_and_name(server: PzServer, product_id: int) -> None:
    for key in (product_id, str(product_id), f"{product_id}_example_upload_via_lib"):
        frame = server.display_product_metadata(key, show=False)
        assert frame is not None
        values = dict(zip(frame["key"], frame["value"], strict=True))
        assert values["id"] == product_id
        assert values["main_file"] == "example.csv"
        assert values["columns"] == ["RA", "DEC", "z", "flag"]
    with pytest.raises(ValueError, match="not found"):
        server.get_product_metadata(999_999)


def test_a_download_holds_every_file(server: PzServer, product_id: int, example: Path) -> None:
    server.download_product(product_id, save_in=".")
    with zipfile.ZipFile(f"{product_id}_example_upload_via_lib.zip") as archive:
        names = archive.namelist()
        assert names[0] == "product_metadata.yaml"
        assert set(names[1:]) == {"example.csv", "example.html", "example.ipynb"}
        assert archive.read("example.csv").decode() == CATALOGUE


def test_the_contents_come_in_every_form(server: PzServer, product_id: int, example: Path) -> None:
    catalog = server.get_product(product_id)
    assert type(catalog) is SpeczCatalog
    catalog.display_metadata()
    assert catalog.data["z"].tolist() == [0.35, 0.71, 1.20]
    catalog.data.info()
    assert catalog.data.describe().loc["count", "z"] == 3
    assert catalog.plot(savefig=True) == "specz_catalog.png"
    assert type(server.get_product(product_id, fmt="pandas")) is pd.DataFrame
    assert type(server.get_product(product_id, fmt="astropy")) is astropy.table.Table


def test_a_training_set_is_an_object_with_plots(server: PzServer, example: Path) -> None:
    trainset = server.get_product(server.upload("training", "Training Set", "train.csv").product_id)
    assert type(trainset) is TrainingSet
    assert trainset.plot(mag_name="mag_i_lsst", savefig=True) == "train_set.png"


def test_the_address_with_the_internal_name_opens_the_page(portal: Portal, product_id: int) -> None:
    with urllib.request.urlopen(f"{portal.url}/product/{product_id}_example_upload_via_lib") as answer:
        assert answer.status == 200


def test_unclear_columns_make_a_draft_that_can_be_finished(server: PzServer, example: Path) -> None:
    Path("unclear.csv").write_text("a1,a2,a3\n150.1,2.1,0.35\n150.2,2.2,0.71\n")
    upload = server.upload("unclear", "specz_catalog", "unclear.csv")
    assert not upload.is_published
    assert upload.check_required_columns()["success"] is False
    with pytest.raises(RequiredColumnsException) as caught:
        upload.save()
    assert set(caught.value.missing) == {"RA", "Dec", "z"}
    upload.make_columns_association({"a1": "RA", "a2": "Dec", "a3": "z"})
    upload.save()
    assert upload.is_published
    assert [row["alias"] for row in server.get_product(upload.product_id).columns] == ["RA", "Dec", "z"]

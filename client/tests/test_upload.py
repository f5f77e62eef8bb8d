"""Uploads: what is sent, what is published, what stays behind when it fails."""

from __future__ import annotations

from email import message_from_bytes
from pathlib import Path
from typing import Any

import pydantic
import pytest
import requests

from pzserver import PzServer
from pzserver.errors import InvalidInput, NotFound, RequestFailed
from pzserver.multipart import MultipartFile
from pzserver.testing import MockPortal
from pzserver.upload import PzUpload, RequiredColumnsException

PUBLISHED, DRAFT, DELETED = 1, 0, 2


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with the files of the tutorial, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.csv").write_text("ra,dec,z\n1.5,2.5,0.5\n")
    (tmp_path / "unclear.csv").write_text("my_ra,my_dec,my_z\n1.5,2.5,0.5\n")
    (tmp_path / "example.html").write_text("<p>hello</p>")
    (tmp_path / "example.ipynb").write_text("{}")
    return tmp_path


def upload(server: PzServer, **changes: Any) -> PzUpload:
    """The seed's upload, with changes."""
    data_to_upload = {
        "name": "example upload via lib",
        "product_type": "specz_catalog",
        "release": None,
        "main_file": "example.csv",
        "auxiliary_files": ["example.html", "example.ipynb"],
    }
    return server.upload(**(data_to_upload | changes))  # type: ignore[arg-type]


def test_the_seed_upload_is_a_published_product(server: PzServer, portal: MockPortal, files: Path) -> None:
    done = upload(server)
    assert portal.products[done.product_id]["status"] == PUBLISHED
    assert done.is_published
    rows = [(row["name"], row["role"], row["size"]) for row in portal.files.values()]
    assert rows == [("example.csv", 0, 21), ("example.html", 2, 12), ("example.ipynb", 2, 2)]
    assert portal.bytes[1] == (files / "example.csv").read_bytes()
    assert done.files_id == [1, 2, 3]
    assert str(done) == "example upload via lib"
    assert done.upload.product_type == "specz_catalog"
    assert done.columns is not None
    assert list(done.columns) == ["ra", "dec", "z"]


def test_saving_a_published_product_does_nothing(server: PzServer, portal: MockPortal, files: Path) -> None:
    done = upload(server)
    portal.requests.clear()
    assert done.save() is None
    assert portal.requests == []


@pytest.mark.parametrize("word", ["redshift_catalog", "SPECZ_CATALOG", "Spec-z Catalog", "reference redshift catalog"])
def test_a_type_has_many_names(server: PzServer, portal: MockPortal, files: Path, word: str) -> None:
    done = upload(server, product_type=word)
    assert portal.products[done.product_id]["product_type_internal_name"] == "redshift_catalog"


@pytest.mark.parametrize("word", ["lsst_dp1", "LSST DP1", "lsst dp1"])
def test_a_release_has_two_names(server: PzServer, portal: MockPortal, files: Path, word: str) -> None:
    done = upload(server, product_type="training_set", release=word)
    assert portal.products[done.product_id]["release"] == 2


def test_unclear_columns_leave_a_draft_that_says_what_is_missing(
    server: PzServer, portal: MockPortal, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = upload(server, main_file="unclear.csv")
    assert portal.products[done.product_id]["status"] == DRAFT
    said = capsys.readouterr().out
    assert f"Product {done.product_id} is a draft: RA, Dec, z not known." in said
    assert done.check_required_columns()["success"] is False
    with pytest.raises(RequiredColumnsException, match="my_ra, my_dec, my_z") as caught:
        done.save()
    assert set(caught.value.missing) == {"RA", "Dec", "z"}
    done.make_columns_association({"my_ra": "RA", "my_dec": "Dec", "my_z": "z"})
    assert done.check_required_columns()["success"] is True
    done.save()
    assert portal.products[done.product_id]["status"] == PUBLISHED


def test_words_become_aliases_and_ucds(server: PzServer, portal: MockPortal, files: Path) -> None:
    done = upload(server, main_file="unclear.csv")
    done.make_columns_association({"my_ra": "ra", "my_z": "my own word"})
    meaning = {row["column_name"]: (row["alias"], row["ucd"]) for row in portal.contents.values()}
    assert meaning["my_ra"] == ("RA", "pos.eq.ra;meta.main")
    assert meaning["my_z"] == ("my own word", None)
    done.reset_columns_association()
    assert {row["alias"] for row in portal.contents.values()} == {None}
    assert done.system_columns["z_err"] == ("z_err", "stat.error;src.redshift")


def test_an_unknown_column_changes_nothing(server: PzServer, portal: MockPortal, files: Path) -> None:
    done = upload(server, main_file="unclear.csv")
    with pytest.raises(NotFound, match="my_ra, my_dec") as caught:
        done.make_columns_association({"my_ra": "RA", "nowhere": "Dec"})
    assert isinstance(caught.value, requests.exceptions.RequestException)
    assert {row["alias"] for row in portal.contents.values()} == {None}


def test_publishing_can_be_insisted_on_or_left(server: PzServer, portal: MockPortal, files: Path) -> None:
    assert not upload(server, publish=False).is_published
    with pytest.raises(RequiredColumnsException):
        upload(server, main_file="unclear.csv", publish=True)


def test_a_product_can_be_described_only(server: PzServer, portal: MockPortal, files: Path) -> None:
    done = upload(server, main_file=None, auxiliary_files=None, description="Data at the observatory")
    assert done.is_published
    assert done.columns is None
    assert portal.products[done.product_id]["description"] == "Data at the observatory"
    assert done.check_required_columns()["success"] is True


@pytest.mark.parametrize("changes", [{"main_file": "none.csv"}, {"auxiliary_files": ["example.html", "none.html"]}])
def test_a_file_that_is_not_there_is_told_before_anything_is_sent(
    server: PzServer, portal: MockPortal, files: Path, changes: dict[str, Any]
) -> None:
    portal.requests.clear()
    with pytest.raises(FileNotFoundError, match="none"):
        upload(server, **changes)
    assert portal.requests == []


@pytest.mark.parametrize(
    "changes", [{"name": 5}, {"name": "x" * 256}, {"pz_code": "x" * 56}, {"main_file": 7}, {"auxiliary_files": "a.csv"}]
)
def test_wrong_values_are_told_before_anything_is_sent(
    server: PzServer, portal: MockPortal, files: Path, changes: dict[str, Any]
) -> None:
    portal.requests.clear()
    with pytest.raises(pydantic.ValidationError):
        upload(server, **changes)
    assert portal.requests == []


@pytest.mark.parametrize(
    "changes", [{"product_type": "photometry"}, {"product_type": "training_set", "release": "DR9"}]
)
def test_an_unknown_type_or_release_is_a_value_error(
    server: PzServer, portal: MockPortal, files: Path, changes: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="Known: "):
        upload(server, **changes)
    assert portal.products == {}


def test_a_refused_file_leaves_no_draft_behind(server: PzServer, portal: MockPortal, files: Path) -> None:
    (files / "empty.html").touch()
    with pytest.raises(RequestFailed, match="empty"):
        upload(server, auxiliary_files=["empty.html"])
    assert [row["status"] for row in portal.products.values()] == [DELETED]


def test_a_table_that_cannot_be_read_leaves_no_draft_behind(server: PzServer, portal: MockPortal, files: Path) -> None:
    with pytest.raises(RequestFailed, match="cannot be read"):
        upload(server, main_file="example.html")
    assert [row["status"] for row in portal.products.values()] == [DELETED]


def test_a_draft_that_cannot_be_removed_is_named(
    server: PzServer, portal: MockPortal, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        portal.failures = [500, 500]

    monkeypatch.setattr(portal, "receive", refuse)
    refuse_first = server.api.transport.json

    def with_failures(method: str, path: str, **options: Any) -> Any:
        if path == "product-files/":
            portal.failures = [500, 500]
        return refuse_first(method, path, **options)

    monkeypatch.setattr(server.api.transport, "json", with_failures)
    with pytest.raises(RequestFailed) as caught:
        upload(server)
    assert "unfinished product 1 is still on the server" in "".join(caught.value.__notes__)


def test_more_files_can_follow(server: PzServer, portal: MockPortal, files: Path) -> None:
    done = upload(server, auxiliary_files=None)
    done.add_auxiliary_file("example.html")
    assert done.files_id == [1, 2]
    with pytest.raises(FileNotFoundError):
        done.add_auxiliary_file("none.html")


def test_a_body_is_as_long_as_it_says_and_read_by_others(tmp_path: Path) -> None:
    path = tmp_path / 'a "name".csv'
    path.write_bytes(b"\r\n--x" * 300_000)
    sent: list[int] = []
    body = MultipartFile({"product": "1", "role": "é"}, path, sent.append)
    joined = b"".join(body)
    assert len(joined) == len(body)
    assert sum(sent) == 1_500_000
    head = f"Content-Type: {body.content_type}\r\n\r\n".encode()
    product, role, file = message_from_bytes(head + joined).get_payload()
    assert product.get_payload() == "1"
    assert role.get_payload(decode=True) == "é".encode()
    assert file.get_filename() == "a %22name%22.csv"
    assert file.get_payload(decode=True) == path.read_bytes()


def test_a_large_file_is_never_whole_in_memory(server: PzServer, tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(64 * 2**20)
    assert max(map(len, MultipartFile({}, path))) <= 2**20


def test_errors_of_uploads_are_of_this_package() -> None:
    assert issubclass(InvalidInput, ValueError)
    assert RequiredColumnsException.__module__ == "pzserver.errors"

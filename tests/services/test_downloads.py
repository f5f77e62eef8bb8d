"""Files on their way out: exact bytes, stable archives, rights."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile

import pytest
import yaml

from services.errors import NotFound, Unavailable
from services.models.products import FileRole, ProductChanges, ProductStatus
from tests.support.products import draft, person, published, with_columns, with_status

PRODUCT_FIELDS = [
    "id",
    "internal_name",
    "display_name",
    "product_type_name",
    "release_name",
    "uploaded_by",
    "official_product",
    "pz_code",
    "description",
    "created_at",
    "product_type",
    "product_type_internal_name",
    "release",
    "updated_at",
    "status",
    "product_status",
    "origin",
    "process_id",
    "process_status",
    "release_year",
]
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
CONTENT = b"ra,dec,z_spec\n150.1,2.2,0.5\n"


@pytest.fixture
def owner(container):
    return person(container, "owner1")


@pytest.fixture
def product(container, owner):
    """A published product with four files."""
    made = draft(container, owner, "Deep Field", description="Größe: **klein**")
    files = [
        ("deep field.csv", FileRole.MAIN, CONTENT),
        ("page.html", FileRole.DESCRIPTION, b"<script>alert(1)</script>"),
        ("schön.txt", FileRole.AUXILIARY, b"text"),
        ("facts.json", FileRole.AUXILIARY, b"{}"),
    ]
    for name, role, content in files:
        container.uploads.receive_file(owner, made.id, io.BytesIO(content), name, role)
    with_columns(container, made, "ra", "dec")
    with_status(container, made, ProductStatus.PUBLISHED)
    return container.catalog.get(owner, made.id)


def _archive(container, actor, product_id: int) -> tuple[bytes, zipfile.ZipFile]:
    with container.downloads.archive(actor, product_id).open() as stream:
        content = stream.read()
    return content, zipfile.ZipFile(io.BytesIO(content))


def test_the_main_file_comes_back_byte_for_byte(container, product):
    download = container.downloads.main_file(person(container, "reader"), product.id)
    assert (download.name, download.size_bytes, download.media_type) == ("deep_field.csv", len(CONTENT), "text/csv")
    assert download.etag == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    with download.open() as stream:
        assert stream.read() == CONTENT
    with download.open(20) as stream:
        assert stream.read() == CONTENT[20:]


def test_files_a_browser_would_run_or_a_client_would_parse_are_plain_bytes(container, owner, product):
    types = {
        file.name: container.downloads.file(owner, file.id).media_type
        for file in container.catalog.files(owner, product.id)
    }
    assert types["page.html"] == types["facts.json"] == "application/octet-stream"
    assert types["schön.txt"] == "text/plain"


def test_the_archive_holds_metadata_first_and_every_file(container, owner, product):
    download = container.downloads.archive(owner, product.id)
    content, archive = _archive(container, owner, product.id)
    assert download.name == f"{product.internal_name}.zip"
    assert download.size_bytes == len(content)
    assert download.sha256 == hashlib.sha256(content).hexdigest()
    assert archive.namelist() == ["product_metadata.yaml", "deep field.csv", "page.html", "schön.txt", "facts.json"]
    assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
    assert archive.read("deep field.csv") == CONTENT
    assert archive.testzip() is None


def test_the_metadata_says_the_same_to_everybody(container, owner, product):
    _, archive = _archive(container, owner, product.id)
    facts = yaml.safe_load(archive.read("product_metadata.yaml"))
    assert (facts["id"], facts["display_name"], facts["uploaded_by"]) == (product.id, "Deep Field", "owner1")
    assert facts["description"] == "Größe: **klein**"
    assert facts["main_file"]["name"] == "deep field.csv"
    assert [file["name"] for file in facts["attach_files"]] == ["page.html", "schön.txt", "facts.json"]
    assert list(facts)[:9] == PRODUCT_FIELDS[:9]
    assert set(PRODUCT_FIELDS) <= facts.keys()
    assert UTC_TIME.fullmatch(facts["created_at"])
    assert not {"is_owner", "can_update", "can_delete"} & facts.keys()
    assert _archive(container, person(container, "reader"), product.id)[0] == _archive(container, owner, product.id)[0]


def test_the_archive_is_built_once_and_its_bytes_are_stable(container, owner, product, monkeypatch):
    first = container.downloads.archive(owner, product.id)
    with monkeypatch.context() as broken:
        broken.setattr("services.prepared.build_archive", lambda *_: pytest.fail("it was built again"))
        assert container.downloads.archive(owner, product.id).etag == first.etag
    container.storage.delete(first.sha256)
    assert container.downloads.archive(owner, product.id).etag == first.etag
    assert _archive(container, owner, product.id)[1].testzip() is None


def test_an_edit_makes_a_new_archive(container, owner, product):
    before = container.downloads.archive(owner, product.id).etag
    container.catalog.update(owner, product.id, ProductChanges({"description": "new"}))
    described = container.downloads.archive(owner, product.id).etag
    container.catalog.set_role(owner, product.id, "ra", "ra")
    assert len({before, described, container.downloads.archive(owner, product.id).etag}) == 3


def test_a_product_that_is_only_described_has_an_archive_but_no_main_file(container, owner):
    product = published(container, owner)
    assert _archive(container, owner, product.id)[1].namelist() == ["product_metadata.yaml"]
    with pytest.raises(NotFound, match="described only"):
        container.downloads.main_file(owner, product.id)


def test_a_failed_original_is_open_to_owner_and_admin_only(container, owner, product):
    with_status(container, product, ProductStatus.FAILED, "unreadable")
    file_id = container.catalog.files(owner, product.id)[0].id
    for actor in (owner, person(container, "curator", is_admin=True)):
        with container.downloads.file(actor, file_id).open() as stream:
            assert stream.read() == CONTENT
    reader = person(container, "reader")
    for question in (container.downloads.main_file, container.downloads.archive):
        with pytest.raises(NotFound):
            question(reader, product.id)
    with pytest.raises(NotFound):
        container.downloads.file(reader, file_id)


def test_a_deleted_product_gives_nothing_to_anybody(container, owner, product):
    file_id = container.catalog.files(owner, product.id)[0].id
    container.catalog.delete(owner, product.id)
    with pytest.raises(NotFound):
        container.downloads.archive(owner, product.id)
    with pytest.raises(NotFound):
        container.downloads.file(owner, file_id)


def test_a_disk_that_is_full_is_a_sentence_and_leaves_no_half_archive(container, owner, product, monkeypatch):
    def refuse(source, target, length):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("services.archives.shutil.copyfileobj", refuse)
    with pytest.raises(Unavailable, match="archive could not be written"):
        container.downloads.archive(owner, product.id)
    assert list((container.settings.resolved_data_dir / "work").iterdir()) == []

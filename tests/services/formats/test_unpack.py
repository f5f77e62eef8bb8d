"""Archives: one table inside, and everything an archive can try."""

from __future__ import annotations

import errno
import gzip
import io
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from services.errors import UnreadableTable
from services.formats import unpack
from services.formats.registry import open_table
from tests.support.table_samples import read_whole, text_file, write_tar, write_zip

CSV = b"id,z\n1,0.5\n2,0.6\n"


def refusal(path: Path) -> str:
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(UnreadableTable) as caught:
        read_whole(path)
    assert str(path.parent) not in caught.value.message
    assert sorted(path.parent.rglob("*")) == before
    return caught.value.message


def test_notes_and_hidden_files_are_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    members = {"README.txt": b"x", "__MACOSX/._t.csv": b"x", ".DS_Store": b"x", "data/t.csv": CSV, "plot.png": b"x"}
    write_zip(path, members)
    assert read_whole(path)["id"].to_pylist() == [1, 2]


def test_a_lone_readme_is_the_table(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", {"README": CSV})
    assert read_whole(tmp_path / "a.zip").num_rows == 2


@pytest.mark.parametrize("members", [{"a.csv": CSV, "b.csv": CSV}, {"README.md": CSV, "LICENSE": CSV}])
def test_none_or_several_tables_are_refused(tmp_path: Path, members: dict[str, bytes]) -> None:
    write_zip(tmp_path / "a.zip", members)
    assert "must hold one table" in refusal(tmp_path / "a.zip")


def test_empty_archives(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", {})
    write_tar(tmp_path / "a.tar", {".hidden": b"x"})
    assert "archive is empty" in refusal(tmp_path / "a.zip")
    assert "archive is empty" in refusal(tmp_path / "a.tar")
    assert "inside is empty" in refusal(text_file(tmp_path, gzip.compress(b""), "a.csv.gz"))


@pytest.mark.parametrize("name", ["../t.csv", "/etc/t.csv", "a/../../t.csv", "..\\t.csv", "C:\\t.csv"])
def test_members_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    write_zip(tmp_path / "a.zip", {name: CSV})
    write_tar(tmp_path / "a.tar", {name: CSV})
    assert "outside of its folder" in refusal(tmp_path / "a.zip")
    assert "outside of its folder" in refusal(tmp_path / "a.tar")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        entry = tarfile.TarInfo("t.csv")
        entry.type, entry.linkname = kind, "/etc/hostname"
        archive.addfile(entry)
    assert "link or device" in refusal(path)


def test_symbolic_links_in_zips_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("t.csv")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/hostname")
    assert "link or device" in refusal(path)


def test_bombs_are_stopped_early(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb", compresslevel=9) as out:
        for _ in range(80):
            out.write(bytes(2**20))
    write_zip(tmp_path / "a.zip", {"t.csv": bytes(80 * 2**20)})
    assert "zip bomb" in refusal(text_file(tmp_path, bomb.getvalue(), "a.csv.gz"))
    assert "zip bomb" in refusal(tmp_path / "a.zip")


def test_too_many_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "MAX_UNPACKED_BYTES", 10)
    assert "unpacks to more than" in refusal(text_file(tmp_path, gzip.compress(CSV), "a.csv.gz"))


def test_sizes_a_zip_claims_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    write_zip(path, {"t.csv": CSV * 100})
    data = path.read_bytes()
    lie = data.replace(struct.pack("<I", len(CSV) * 100), struct.pack("<I", 5))
    assert "damaged" in refusal(text_file(tmp_path, lie, "lie.zip"))


def test_archives_in_archives_are_refused(tmp_path: Path) -> None:
    packed = gzip.compress(CSV)
    write_zip(tmp_path / "a.zip", {"t.csv.gz": packed})
    assert "itself packed (gzip)" in refusal(tmp_path / "a.zip")
    assert "unpack it once" in refusal(text_file(tmp_path, gzip.compress(packed), "a.gz.gz"))


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.97])
def test_cut_off_archives_say_so(tmp_path: Path, keep: float) -> None:
    data = gzip.compress(b"".join(b"%d,0.%d\n" % (k, k * 7919 % 10007) for k in range(5000)))
    assert "cut off" in refusal(text_file(tmp_path, data[: int(len(data) * keep)], "a.csv.gz"))


def test_encrypted_and_office_files_are_named(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.xlsx", {"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"})
    assert "Excel workbook" in refusal(tmp_path / "a.xlsx")
    write_zip(tmp_path / "a.zip", {"t.csv": CSV})
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refusal(text_file(tmp_path, bytes(data), "locked.zip"))


def test_a_zip_packed_by_an_unknown_method_says_so(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", {"t.csv": CSV})
    data = bytearray((tmp_path / "a.zip").read_bytes())
    listed = data.index(b"PK\x01\x02") + 10
    data[8:10] = data[listed : listed + 2] = b"\x09\x00"  # Deflate64, as Windows packs large files
    assert "method that is not known" in refusal(text_file(tmp_path, bytes(data), "windows.zip"))


def test_a_full_disk_is_not_blamed_on_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full")  # where it exists, every write to it fails as on a full disk
    path = text_file(tmp_path, gzip.compress(CSV), "a.csv.gz")
    folder = tmp_path / "scratch"
    folder.mkdir()
    if full.exists():
        (folder / "unpacked").symlink_to(full)
    else:
        monkeypatch.setattr(unpack, "_copy", _no_room)
    with pytest.raises(OSError, match="No space left"):
        unpack.unpack(path, "a.csv.gz", folder, "gzip")
    monkeypatch.setattr(unpack, "_copy", _no_room)
    with pytest.raises(OSError, match="No space left"):
        open_table(path, "a.csv.gz", folder)


def _no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")

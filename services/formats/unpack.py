"""Opens gzip, bzip2, xz, zip and tar with one table inside, and is not fooled by what such files can claim.

Nothing is written under a name the archive chose, nothing outside of the scratch folder, and never more than the caps.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Any

from services.formats.base import is_own_disk, not_a_table, unreadable
from services.formats.column_names import listed
from services.formats.foreign import office_title

MAX_UNPACKED_BYTES = 8 * 2**30
"""Largest file that may come out of an archive."""

MAX_RATIO = 200
"""Most bytes out per byte in, once RATIO_FREE_BYTES are out: catalogues stay below 30, bombs reach 1000."""

RATIO_FREE_BYTES = 64 * 2**20
MAX_MEMBERS = 10_000
COPY_BYTES = 2**20
HEAD_BYTES = 1024

DAMAGED: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    RuntimeError,
    OverflowError,
    KeyError,
    IndexError,
)
"""What the unpackers raise on damaged bytes; the last four come from zipfile on odd headers."""

_SIDE_FILES = frozenset({"readme", "license", "licence", "copying", "changelog", "manifest", "citation", "checksums"})
_SIDE_SUFFIXES = frozenset(
    {".md", ".rst", ".pdf", ".png", ".jpg", ".jpeg", ".sha256", ".md5", ".py", ".ipynb", ".yaml"}
)


def packing(head: bytes) -> str | None:
    """How a file is packed, from its first bytes: gzip, bzip2, xz, zip, tar; None when it is not."""
    for mark, kind in ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"PK\x03\x04", "zip")):
        if head.startswith(mark):
            return kind
    if head.startswith(b"PK\x05\x06"):
        return "zip"
    return "tar" if head[257:262] == b"ustar" else None


def unpack(path: Path, name: str, folder: Path, kind: str) -> tuple[Path, str]:
    """The one table inside a packed file, written into ``folder``, and the name to call it."""
    try:
        if kind == "zip":
            return _from_zip(path, name, folder)
        if kind == "tar":
            return _from_tar(path, name, folder)
        return _from_stream(path, name, folder, kind)
    except NotImplementedError as error:  # a kind of RuntimeError, so it comes first
        raise unreadable(name, f"the {kind} file is packed by a method that is not known here: use deflate.") from error
    except DAMAGED as error:
        if is_own_disk(error):
            raise
        raise unreadable(name, f"the {kind} file is damaged or cut off.") from error


def _from_stream(path: Path, name: str, folder: Path, kind: str) -> tuple[Path, str]:
    """One compressed file, or a compressed tar."""
    openers: dict[str, Callable[..., Any]] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
    target = folder / "unpacked"
    with openers[kind](path, "rb") as packed:
        _copy(packed, target, path.stat().st_size, name)
    inner = PurePosixPath(name).stem or name
    inside = _kind_of(target)
    if inside == "tar":
        return _from_tar(target, name, folder)
    if inside:
        raise unreadable(name, f"inside the {kind} file lies another packed file ({inside}): please unpack it once.")
    return target, inner


def _kind_of(path: Path) -> str | None:
    with path.open("rb") as file:
        return packing(file.read(HEAD_BYTES))


def _copy(packed: IO[bytes], target: Path, packed_bytes: int, name: str) -> None:
    """Writes the unpacked bytes, and stops when they are more than a catalogue can be."""
    total = 0
    with target.open("wb") as out:
        while block := packed.read(COPY_BYTES):
            total += len(block)
            if total > MAX_UNPACKED_BYTES:
                raise unreadable(name, f"it unpacks to more than {MAX_UNPACKED_BYTES // 2**30} GiB: refused.")
            if total > RATIO_FREE_BYTES and total > MAX_RATIO * packed_bytes:
                raise unreadable(
                    name, f"it unpacks to more than {MAX_RATIO} times its size, as a zip bomb does: refused."
                )
            out.write(block)


def _from_zip(path: Path, name: str, folder: Path) -> tuple[Path, str]:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        document = office_title([entry.filename for entry in entries[:MAX_MEMBERS]])
        if document:
            raise not_a_table(name, f"this is {document}.")
        for entry in entries:
            kind = stat.S_IFMT(entry.external_attr >> 16)
            _check_member(name, entry.filename, kind in (0, stat.S_IFREG, stat.S_IFDIR))
        chosen = _only_table(name, [entry.filename for entry in entries if not entry.is_dir()])
        entry = next(entry for entry in entries if entry.filename == chosen)
        if entry.flag_bits & 1:
            raise unreadable(name, f"the member {_shown(chosen)} is encrypted.")
        with archive.open(entry) as packed:
            return _member(packed, chosen, name, folder, max(1, entry.compress_size))


def _from_tar(path: Path, name: str, folder: Path) -> tuple[Path, str]:
    with tarfile.open(path, "r:") as archive:
        entries = []
        for entry in archive:
            _check_member(name, entry.name, entry.isreg() or entry.isdir())
            entries.append(entry)
            if len(entries) > MAX_MEMBERS:
                raise unreadable(name, f"the archive holds more than {MAX_MEMBERS} members.")
        chosen = _only_table(name, [entry.name for entry in entries if entry.isreg()])
        packed = archive.extractfile(next(entry for entry in entries if entry.name == chosen and entry.isreg()))
        if packed is None:
            raise unreadable(name, f"the member {_shown(chosen)} cannot be read.")
        with packed:
            return _member(packed, chosen, name, folder, path.stat().st_size)


def _member(packed: IO[bytes], chosen: str, name: str, folder: Path, packed_bytes: int) -> tuple[Path, str]:
    target = folder / "member"
    _copy(packed, target, packed_bytes, name)
    inside = _kind_of(target)
    if inside:
        raise unreadable(name, f"the member {_shown(chosen)} is itself packed ({inside}): please unpack it once.")
    return target, PurePosixPath(chosen).name


def _check_member(name: str, member: str, is_plain: bool) -> None:
    parts = PurePosixPath(member.replace("\\", "/")).parts
    if member.startswith(("/", "\\")) or ".." in parts or (parts and parts[0][1:2] == ":") or "\0" in member:
        raise unreadable(name, f"the archive wants to write outside of its folder ({_shown(member)}): refused.")
    if not is_plain:
        raise unreadable(name, f"the archive holds a link or device ({_shown(member)}): refused.")


def _shown(member: str) -> str:
    printable = "".join(letter if letter.isprintable() else "?" for letter in member)
    return printable if len(printable) <= 80 else f"{printable[:77]}..."


def _only_table(name: str, members: Sequence[str]) -> str:
    """The member that is the table: the only one, leaving hidden files and, if need be, notes and pictures aside."""
    if len(members) > MAX_MEMBERS:
        raise unreadable(name, f"the archive holds more than {MAX_MEMBERS} members.")
    visible = [member for member in members if not _is_hidden(member)]
    if not visible:
        raise unreadable(name, "the archive is empty.")
    tables = [member for member in visible if not _is_side_file(member)] if len(visible) > 1 else visible
    if len(tables) != 1:
        found = listed([_shown(member) for member in tables or visible])
        raise not_a_table(name, f"the archive must hold one table, but holds {len(tables)}: {found}.")
    return tables[0]


def _is_hidden(member: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in PurePosixPath(member).parts)


def _is_side_file(member: str) -> bool:
    path = PurePosixPath(member.lower())
    return path.stem.split(".")[0] in _SIDE_FILES or path.suffix in _SIDE_SUFFIXES

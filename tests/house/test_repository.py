"""What lies in the repository: small files, no machine's own paths, pinned requirements, a licence."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.files import REPOSITORY

MAX_FILE_BYTES = 2_000_000
# Written apart, so that this file does not accuse itself.
PRIVATE = re.compile("|".join(["/wo" + "rk/", "/ro" + "ot/", "/ho" + r"me/\w+", "/tm" + r"p/\w+", "/Use" + r"rs/\w+"]))
REGISTRIES = re.compile(
    "|".join(["py" + r"pi\.org", "files\\." + "pythonhosted", "registry\\." + "npmjs"]), re.IGNORECASE
)
TEXT_SUFFIXES = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".css",
    ".js",
    ".cfg",
    ".ini",
    ".yaml",
    ".yml",
    ".sh",
    ".html",
    ".mako",
    "",
}
MIN_TEXT_FILES = 40


def tracked_files() -> list[Path]:
    """Every file under version control that still exists."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True).stdout
    paths = [REPOSITORY / name for name in listing.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def own_text_files() -> list[Path]:
    """Tracked text files we wrote: vendored ones keep what their authors wrote."""
    files = [
        p for p in tracked_files() if p.suffix in TEXT_SUFFIXES and "vendor" not in p.parts and ".min." not in p.name
    ]
    assert len(files) > MIN_TEXT_FILES
    return files


def _hits(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in own_text_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()[:100]}")
    return found


def test_no_tracked_file_is_larger_than_two_megabytes() -> None:
    large = [path.name for path in tracked_files() if path.stat().st_size > MAX_FILE_BYTES]
    assert large == []


def test_no_path_of_one_machine_is_written_down() -> None:
    assert _hits(PRIVATE) == []


def test_no_package_registry_is_named() -> None:
    assert _hits(REGISTRIES) == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name: str) -> None:
    lines = [line.split("#")[0].strip() for line in (REPOSITORY / name).read_text().splitlines()]
    wanted = [line for line in lines if line and not line.startswith("-r ") and line != "-e ./client"]
    assert wanted
    assert [line for line in wanted if not re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z0-9,]+\])?==[\w.]+", line)] == []


def test_every_vendored_package_brings_its_licence() -> None:
    folders = {path.parent for path in tracked_files() if "vendor" in path.parts and path.suffix in {".js", ".css"}}
    assert folders
    without = [str(folder) for folder in folders if not _has_licence(folder)]
    assert without == []


def _has_licence(folder: Path) -> bool:
    while folder.name != "vendor":
        if any(folder.glob("LICEN[CS]E*")):
            return True
        folder = folder.parent
    return any(folder.glob("LICEN[CS]E*"))


def test_continuous_integration_runs_what_people_run() -> None:
    script = (REPOSITORY / ".ci" / "run").read_text()
    assert "make test" in script
    assert "make test" in (REPOSITORY / "README.md").read_text()


def test_make_lists_its_targets() -> None:
    shown = subprocess.run(["make"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "test-all", "check", "bench"):
        assert re.search(rf"^make {target} ", shown, re.MULTILINE), shown

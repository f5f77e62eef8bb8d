"""First looks: what they find, and that nothing a file does to the looking process reaches its parent."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from services.errors import NotATable, UnreadableTable
from services.formats.registry import open_table
from services.jobs import looking
from services.jobs.looking import Looker, Task
from services.jobs.looking_child import look_at
from services.settings import Settings


@pytest.fixture
def looker(tmp_path: Path) -> Iterator[Looker]:
    """Looker of an empty portal."""
    yield Looker(Settings(data_dir=tmp_path / "data"))
    gc.collect()


def children(folder: Path) -> list[psutil.Process]:
    """Looking processes of the portal of one test; other portals of this test process may have theirs."""
    data_dir = str((folder / "data").resolve())
    found = [child for child in psutil.Process().children() if looking.MODULE in child.cmdline()]
    return [child for child in found if child.environ().get("PZSERVER_DATA_DIR") == data_dir]


def written(folder: Path, content: bytes, name: str = "a.csv") -> Task:
    """A file to look at."""
    path = folder / name
    path.write_bytes(content)
    return Task(str(path), name)


def test_a_look_across_processes_is_a_look_in_this_one(looker: Looker, tmp_path: Path) -> None:
    task = written(tmp_path, b"id,ra,note\n1,150.5,x\n2,nan,\n3,151.5,y\n")
    found = looker.look(task)
    assert found == look_at(task)
    assert (found.info.n_rows, found.info.delimiter, found.info.has_header) == (3, ",", True)
    assert [profile.n_valid for profile in found.profiles] == [3, 2, 2]
    assert found.profiles[2].examples == ("x", "y")


def test_odd_files_are_what_their_readers_say(odd_files: dict[str, Path]) -> None:
    n_tables = 0
    for name, path in odd_files.items():
        try:
            reader = open_table(path, name)
        except UnreadableTable:
            with pytest.raises(UnreadableTable):
                look_at(Task(str(path), name))
            continue
        with reader:
            assert look_at(Task(str(path), name)).info == reader.info
        n_tables += 1
    assert n_tables > 10


def test_refusals_keep_their_class_and_words(looker: Looker, tmp_path: Path) -> None:
    with pytest.raises(NotATable, match=r"^a\.png: this is"):
        looker.look(written(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(100), "a.png"))
    with pytest.raises(UnreadableTable, match=r"^b\.csv: line 3"):
        looker.look(written(tmp_path, b"a,b\n1,2\n3\n4,5\n", "b.csv"))


def test_one_process_serves_look_after_look(looker: Looker, tmp_path: Path) -> None:
    looker.get_ready()
    (first,) = children(tmp_path)
    for _ in range(3):
        looker.look(written(tmp_path, b"a,b\n1,2\n"))
    looker.get_ready()
    assert [child.pid for child in children(tmp_path)] == [first.pid]


def test_its_process_goes_with_it(tmp_path: Path) -> None:
    looker = Looker(Settings(data_dir=tmp_path / "data"))
    looker.look(written(tmp_path, b"a,b\n1,2\n"))
    (child,) = children(tmp_path)
    del looker
    gc.collect()
    assert psutil.wait_procs([child], timeout=10)[1] == []


def _stuck(folder: Path) -> Task:
    """A file that never gives a byte."""
    pipe = folder / "stuck.csv"
    os.mkfifo(pipe)
    return Task(str(pipe), pipe.name)


def test_a_crash_is_told_and_forgotten(looker: Looker, tmp_path: Path) -> None:
    looker.get_ready()
    (child,) = children(tmp_path)
    threading.Timer(1.0, lambda: child.send_signal(signal.SIGSEGV)).start()
    with pytest.raises(UnreadableTable, match=r"stuck\.csv: the process that read the file broke off"):
        looker.look(_stuck(tmp_path))
    assert looker.look(written(tmp_path, b"a,b\n1,2\n")).info.n_rows == 1


def test_one_that_died_while_it_waited_is_replaced(looker: Looker, tmp_path: Path) -> None:
    looker.look(written(tmp_path, b"a,b\n1,2\n"))
    (child,) = children(tmp_path)
    child.kill()
    child.wait(10)
    assert looker.look(written(tmp_path, b"a,b\n1,2\n")).info.n_rows == 1


def test_endless_looks_are_ended(looker: Looker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "WALL_S", 0.5)
    began = time.monotonic()
    with pytest.raises(UnreadableTable, match="took too long"):
        looker.look(_stuck(tmp_path))
    assert time.monotonic() - began < 30
    assert children(tmp_path) == []


def test_hungry_looks_are_ended(looker: Looker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "MEMORY_LIMIT_BYTES", 1)
    with pytest.raises(UnreadableTable, match="too much memory"):
        looker.look(_stuck(tmp_path))


def test_many_columns_are_sampled_shorter(tmp_path: Path) -> None:
    names = ",".join(f"c{place}" for place in range(500))
    rows = (",".join([str(row)] * 500) + "\n" for row in range(9000))
    found = look_at(written(tmp_path, (names + "\n" + "".join(rows)).encode()))
    assert found.info.n_rows == 9000
    assert {profile.n_rows for profile in found.profiles} == {8000}

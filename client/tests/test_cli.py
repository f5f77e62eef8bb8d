"""The command ``pzserver``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pzserver.cli import main
from pzserver.testing import MockPortal


@pytest.fixture(autouse=True)
def _settings(portal: MockPortal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PZSERVER_TOKEN", portal.token)
    monkeypatch.setenv("PZSERVER_HOST", portal.url)
    monkeypatch.chdir(tmp_path)


def test_products_are_listed(specz_id: int, portal: MockPortal, capsys: pytest.CaptureFixture[str]) -> None:
    portal.add_product("Train")
    assert main(["list", "--type", "spec", "--filter", "status=1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "1_deep_field" in lines[1]
    assert main(["list", "--json"]) == 0
    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == [2, 1]


@pytest.mark.parametrize(
    ("what", "word"), [("product-types", "Training Set"), ("releases", "LSST DP0"), ("users", "demo")]
)
def test_other_lists_are_listed(what: str, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", what]) == 0
    assert word in capsys.readouterr().out


def test_a_product_is_shown(specz_id: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "1_deep_field"]) == 0
    assert "deep.csv" in capsys.readouterr().out
    assert main(["show", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["main_file"]["columns"] == ["RA", "DEC", "z", "note"]


def test_a_product_is_fetched_and_stdout_is_its_path(specz_id: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["get", "1", "-o", "here"]) == 0
    assert capsys.readouterr().out == f"{Path('here') / '1_deep_field.zip'}\n"
    assert Path("here/1_deep_field.zip").is_file()


def test_a_file_is_put(portal: MockPortal, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.csv").write_text("my_z\n0.5\n")
    Path("a.html").write_text("<p>")
    arguments = ["put", "a.csv", "--name", "Mine", "--type", "training_set", "--attach", "a.html"]
    assert main([*arguments, "--column", "my_z=z", "--json"]) == 0
    product = json.loads(capsys.readouterr().out)
    assert (product["display_name"], product["status"]) == ("Mine", 1)
    assert [row["name"] for row in portal.files.values()] == ["a.csv", "a.html"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "99"], "not found"),
        (["put", "none.csv", "--name", "x", "--type", "training_set"], "none.csv"),
        (["list", "--filter", "status"], "KEY=VALUE"),
        (["list", "--token-file", "none.txt"], "none.txt"),
    ],
)
def test_a_failure_is_one_sentence_and_status_1(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err


def test_the_token_can_come_from_a_file(
    portal: MockPortal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PZSERVER_TOKEN")
    Path("token.txt").write_text(f"{portal.token}\n")
    assert main(["list", "users", "--token-file", "token.txt"]) == 0
    assert "Demo" in capsys.readouterr().out


def test_it_is_installed_as_a_command(specz_id: int) -> None:
    command = [str(Path(sys.executable).with_name("pzserver")), "list", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)[0]["id"] == specz_id

"""How the code is written: short functions, short files, no catch-alls, laws of import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.files import REPOSITORY

ROOMS = ("services", "api", "pages", "components", "benchmarks")
MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 400
MAX_MEDIAN_FUNCTION_LINES = 8
FORBIDDEN_MODULE_NAMES = {"utils", "helpers", "common", "misc"}
FORBIDDEN_IN_TESTS = re.compile(r"pytest\.(skip|xfail)|mark\.(skip|skipif|xfail)|importor" + "skip")


def sources() -> list[Path]:
    """Our Python files outside the tests."""
    found = [path for room in ROOMS for path in sorted((REPOSITORY / room).rglob("*.py"))]
    return [*found, *(REPOSITORY / name for name in ("app.py", "manage.py"))]


def functions() -> Iterator[tuple[str, int]]:
    """Name with place, and lines without the docstring, of every function."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(REPOSITORY)}:{node.lineno} {node.name}", _lines(node)


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body and body[-1].end_lineno else 0


def test_no_function_is_long() -> None:
    assert [f"{name}: {lines} lines" for name, lines in functions() if lines > MAX_FUNCTION_LINES] == []


def test_most_functions_are_short() -> None:
    lengths = sorted(lines for _, lines in functions())
    assert len(lengths) > 100
    assert lengths[len(lengths) // 2] <= MAX_MEDIAN_FUNCTION_LINES


def test_no_file_is_long() -> None:
    lengths = {str(path.relative_to(REPOSITORY)): len(path.read_text().splitlines()) for path in sources()}
    assert {name: lines for name, lines in lengths.items() if lines >= MAX_FILE_LINES} == {}


def test_every_module_says_what_it_is() -> None:
    silent = [
        path for path in sources() if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert [str(path.relative_to(REPOSITORY)) for path in silent] == []


def test_modules_are_named_for_what_they_hold() -> None:
    assert [str(path) for path in sources() if path.stem in FORBIDDEN_MODULE_NAMES] == []


def test_no_test_is_skipped() -> None:
    tests = [path for path in (REPOSITORY / "tests").rglob("*.py") if path != Path(__file__).resolve()]
    assert tests
    assert [str(path.relative_to(REPOSITORY)) for path in tests if FORBIDDEN_IN_TESTS.search(path.read_text())] == []


def test_import_laws_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports"))]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("module", ["app", "manage"])
def test_importing_an_entry_point_starts_nothing(module: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); import {module}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []

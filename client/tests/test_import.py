"""Importing the package changes nothing and loads little."""

from __future__ import annotations

import subprocess
import sys

import pytest

import pzserver

HEAVY = ("matplotlib", "IPython", "lsdb", "astropy", "pandas", "numpy", "h5py", "pyarrow", "tqdm", "pydantic")


def loaded_after(statement: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after a statement."""
    code = f"{statement}\nimport sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_loads_no_heavy_library() -> None:
    assert loaded_after("from pzserver import PzServer").isdisjoint(HEAVY)


def test_catalogues_load_neither_astropy_nor_matplotlib() -> None:
    loaded = loaded_after("from pzserver import Catalog, SpeczCatalog, TrainingSet, Pipeline")
    assert loaded.isdisjoint({"matplotlib", "IPython", "astropy"})


def test_every_public_name_can_be_imported() -> None:
    assert [name for name in pzserver.__all__ if not hasattr(pzserver, name)] == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        pzserver.nothing  # noqa: B018


def test_the_version_is_told_in_two_ways() -> None:
    assert pzserver.get_version() == pzserver.__version__ == "0.4.0"


def test_reading_a_catalogue_leaves_the_options_of_pandas_alone() -> None:
    code = (
        "import pandas as pd; before = pd.get_option('display.max_rows'), pd.get_option('display.width')\n"
        "from pzserver import SpeczCatalog; SpeczCatalog(pd.DataFrame({'z': [1.0]}))._repr_html_()\n"
        "assert before == (pd.get_option('display.max_rows'), pd.get_option('display.width'))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

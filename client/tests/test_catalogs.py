"""Catalog objects: the seed's attributes, what newer notebooks ask, pictures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import astropy.table
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from pzserver import Catalog, SpeczCatalog, TrainingSet
from pzserver.plots import magnitude_range, redshift_range

RNG = np.random.default_rng(7)
META: dict[str, Any] = {
    "id": 1,
    "display_name": "<i>Deep</i>",
    "main_file": {
        "name": "a.csv",
        "columns": ["RA", "DEC", "z"],
        "columns_association": [
            {"column_name": "RA", "ucd": "pos.eq.ra;meta.main", "alias": "RA"},
            {"column_name": "DEC", "ucd": "pos.eq.dec;meta.main", "alias": "Dec"},
            {"column_name": "z", "ucd": "src.redshift", "alias": "z"},
        ],
    },
}


@pytest.fixture
def frame() -> pd.DataFrame:
    """Positions, redshifts and magnitudes of a hundred galaxies."""
    z = RNG.uniform(0.2, 1.8, 100)
    z[3], z[4] = np.nan, -99.0
    columns = {"RA": RNG.uniform(0, 10, 100), "DEC": RNG.uniform(-5, 5, 100), "z": z}
    return pd.DataFrame(columns | {"mag_i_lsst": RNG.uniform(18, 25, 100)})


@pytest.fixture(autouse=True)
def _in_a_folder_that_goes_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.chdir(tmp_path)
    yield
    plt.close("all")


def test_classes_derive_from_catalog_and_hold_what_they_are_given(frame: pd.DataFrame) -> None:
    catalog = SpeczCatalog(frame, META)
    assert isinstance(catalog, Catalog)
    assert isinstance(TrainingSet(), Catalog)
    assert catalog.data is frame
    assert catalog.metadata is META
    assert catalog.columns == META["main_file"]["columns_association"]
    assert catalog.metadata_df is not None
    assert list(catalog.metadata_df.columns) == ["key", "value"]


def test_an_empty_catalog_says_so() -> None:
    catalog = Catalog()
    assert (catalog.data, catalog.metadata, catalog.metadata_df, catalog.columns) == (None, None, None, None)
    assert len(catalog) == 0
    assert repr(catalog) == "<Catalog: no table>"
    with pytest.raises(ValueError, match="no table"):
        catalog.to_pandas()


def test_newer_notebooks_find_what_they_ask(frame: pd.DataFrame, tmp_path: Path) -> None:
    catalog = TrainingSet(frame, META)
    assert catalog.to_pandas() is frame
    assert isinstance(catalog.to_astropy(), astropy.table.Table)
    assert len(catalog) == 100
    assert catalog["z"].equals(frame["z"])
    assert catalog.colnames == ["RA", "DEC", "z", "mag_i_lsst"]
    assert list(catalog) == catalog.colnames
    pd.testing.assert_frame_equal(pd.read_parquet(catalog.to_parquet(tmp_path / "a.parquet")), frame)


def test_the_preview_shows_rows_and_escapes_names(frame: pd.DataFrame) -> None:
    preview = SpeczCatalog(frame, META)._repr_html_()
    assert "&lt;i&gt;Deep" in preview
    assert "<i>" not in preview
    assert preview.count("<tr") == 11


def test_metadata_can_be_shown(frame: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    SpeczCatalog(frame, META).display_metadata()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["key", "value"]
    assert lines[-1].split() == ["main_file", "a.csv"]
    Catalog().display_metadata()
    assert "no metadata" in capsys.readouterr().out


def test_a_specz_catalogue_draws_sky_and_redshifts(frame: pd.DataFrame) -> None:
    assert SpeczCatalog(frame, META).plot() is None
    sky, redshifts = plt.gcf().axes
    assert ("(deg)" in sky.get_xlabel(), "(deg)" in sky.get_ylabel()) == (True, True)
    assert len(redshifts.patches) == 30
    assert sum(bar.get_height() for bar in redshifts.patches) == 98


def test_a_specz_catalogue_can_be_saved(frame: pd.DataFrame) -> None:
    assert SpeczCatalog(frame, META).plot(savefig=True) == "specz_catalog.png"
    assert Path("specz_catalog.png").stat().st_size > 1000


def test_a_training_set_draws_redshifts(frame: pd.DataFrame) -> None:
    assert TrainingSet(frame, META).plot() is None
    (axes,) = plt.gcf().axes
    assert len(axes.patches) == 30
    assert sum(bar.get_height() for bar in axes.patches) == 98


def test_a_training_set_draws_three_panels_with_a_magnitude(frame: pd.DataFrame) -> None:
    assert TrainingSet(frame, META).plot(mag_name="mag_i_lsst", savefig=True) == "train_set.png"
    assert Path("train_set.png").stat().st_size > 1000
    magnitudes, redshifts, both = plt.gcf().axes
    assert magnitudes.get_xlabel() == "mag_i_lsst"
    assert (len(magnitudes.patches), len(redshifts.patches)) == (30, 30)
    assert both.lines[0].get_xdata().size == 98


def test_an_unknown_magnitude_is_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="mag_x"):
        TrainingSet(frame, META).plot(mag_name="mag_x")


@pytest.mark.parametrize("metadata", [None, {"main_file": {"name": None}}, {"main_file": {"columns_association": []}}])
def test_without_known_columns_there_is_a_sentence_and_no_plot(
    frame: pd.DataFrame, metadata: dict[str, Any] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert SpeczCatalog(frame, metadata).plot() is None
    assert "RA and of Dec and of redshift" in capsys.readouterr().out
    assert TrainingSet(frame, metadata).plot(savefig=True) is None
    assert not Path("train_set.png").exists()


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"), [(0.05, 1.0, (0, 1.1)), (0.5, 12.0, (0.4, 10)), (0.1, 10.0, (0, 10.1))]
)
def test_the_redshift_axis_reaches_a_little_beyond(
    lowest: float, highest: float, expected: tuple[float, float]
) -> None:
    assert redshift_range(np.array([lowest, highest])) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"), [(17.0, 25.0, (16.8, 25.2)), (12.0, 31.0, (16, 28)), (16.0, 30.0, (15.8, 30.2))]
)
def test_the_magnitude_axis_reaches_a_little_beyond(
    lowest: float, highest: float, expected: tuple[float, float]
) -> None:
    assert magnitude_range(np.array([lowest, highest])) == pytest.approx(expected)


def test_without_matplotlib_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None; sys.modules['matplotlib.pyplot'] = None\n"
        "from pzserver.plots import pyplot\n"
        "try:\n    pyplot()\nexcept ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "pzserver[plot]"' in done.stdout

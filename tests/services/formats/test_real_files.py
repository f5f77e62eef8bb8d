"""Every real file developers have at hand, against the answers that came with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.errors import UnreadableTable
from tests.support.table_samples import numbers, opened, read_whole

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"
"""Beside a checkout of the developers; elsewhere the self-made files of this room cover the same traps."""

UNREADABLE = {"qp_test-quant.h5": "pickled Python objects", "desi_rrdetails-test.h5": "no single table"}


def answers() -> dict[str, dict[str, Any]]:
    path = DATA / "reference_answers.json"
    return json.loads(path.read_text())["files"] if path.exists() else {}


def test_rows_and_names_are_those_of_the_reference() -> None:
    for name, answer in answers().items():
        if name in UNREADABLE:
            continue
        with opened(DATA / name) as reader:
            found = [column.name for column in reader.info.columns]
            n_rows = sum(batch.num_rows for batch in reader.batches())
        assert n_rows == answer["n_rows"], name
        expected = [column for column in answer.get("columns", ()) if column != "..."]
        if expected != ["c1", "c2", "c3"]:
            assert set(expected) <= set(found), name


def test_redshifts_are_those_of_the_reference() -> None:
    sentinels = [-99.0, -9.99, -9.0, -1.0, 9.99, 9.999, 9.9999]
    renamed = {"c3": "col3"}
    for name, answer in answers().items():
        reference = answer.get("redshift")
        if name in UNREADABLE or not isinstance(reference, dict):
            continue
        table = read_whole(DATA / name)
        column = renamed.get(reference["column"], str(reference["column"]))
        redshift = numbers(table, column)
        valid = redshift[np.isfinite(redshift) & (redshift > -0.05) & (redshift < 12) & ~np.isin(redshift, sentinels)]
        assert valid.size == reference["n_valid"], name
        for value, key in ((valid.min(), "min"), (np.median(valid), "median"), (valid.max(), "max")):
            assert value == pytest.approx(reference[key], abs=1e-6), (name, key)


def test_files_without_a_table_are_refused_with_the_stated_reason() -> None:
    for name in answers().keys() & UNREADABLE.keys():
        with pytest.raises(UnreadableTable, match=UNREADABLE[name]) as caught:
            opened(DATA / name)
        assert "Inside: " in caught.value.message
        assert caught.value.message.startswith(name)


def test_particulars() -> None:
    if not answers():
        return
    with opened(DATA / "desi_redrock-test.fits") as reader:
        names = {column.name for column in reader.info.columns}
    assert {"TARGETID", "Z", "COEFF", "FIBERMAP.TARGET_RA", "FIBERMAP.TARGET_DEC"} <= names
    with opened(DATA / "dc2_knn_pdf_validation.hdf5") as reader:
        assert reader.info.grid[0] == 0.0
        assert reader.info.grid[-1] == pytest.approx(3.2)
        assert len(reader.info.grid) == 321
    assert read_whole(DATA / "vvds_deep_veryreliable.csv")["ds_spectra.NUM"][0].as_py() == "020086348"
    with opened(DATA / "ned_query_refcode.xml") as reader:
        ucds = {column.name: column.ucd for column in reader.info.columns}
    assert ucds["Redshift"] == "src.redshift"

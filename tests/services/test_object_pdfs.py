"""PDFs of single objects: the right row, the right numbers, found by id or by row."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from services.errors import NotFound
from services.statistics import canonical_writer
from tests.support.ingests import catalogue_csv, ingested
from tests.support.products import person

N = 300
GRID = np.linspace(0, 3, 61)


def ensemble(folder, *, ids=True) -> bytes:
    """A qp ensemble: row 5 holds no PDF, row 7 no truth."""
    random = np.random.default_rng(1)
    z = random.uniform(0.4, 2.2, N)
    vectors = np.exp(-0.5 * ((GRID - z[:, None] - 0.05) / 0.1) ** 2) * random.uniform(1, 3, N)[:, None]
    vectors[4], z[6] = 0, np.nan
    with h5py.File(folder / "a.hdf5", "w") as file:
        file["meta/xvals"] = GRID[None]
        file["meta/pdf_name"] = np.array([b"interp"])
        file["data/yvals"] = vectors
        file["ancil/z_spec"] = z
        file["ancil/zmode"] = z + 0.05
        if ids:
            file["ancil/objectId"] = 900000000000000000 + np.arange(N) * 7
    return (folder / "a.hdf5").read_bytes()


@pytest.fixture
def owner(container):
    return person(container, "owner1")


@pytest.fixture
def product(container, owner, tmp_path, monkeypatch):
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 64)
    monkeypatch.setattr(canonical_writer, "SMALLEST_GROUP_ROWS", 64)
    return ingested(container, owner, ensemble(tmp_path), "a.hdf5", "validation_results")


@pytest.mark.parametrize("row", [1, 64, 65, N])
def test_the_pdf_is_that_of_the_row(container, owner, product, tmp_path, row):
    found = container.object_pdfs.pdf(owner, product.id, row)
    with h5py.File(tmp_path / "a.hdf5") as file:
        vector, z = file["data/yvals"][row - 1], float(file["ancil/z_spec"][row - 1])
    wanted = vector / np.trapezoid(vector, GRID)
    cumulative = np.concatenate([[0], np.cumsum((wanted[1:] + wanted[:-1]) / 2 * np.diff(GRID))])
    assert (found.row, found.n_rows) == (row, N)
    assert found.object_id == str(900000000000000000 + (row - 1) * 7)
    np.testing.assert_allclose(np.interp(GRID, found.redshifts, found.density), wanted, atol=1e-12)
    assert (found.z_spec, found.z_phot) == (pytest.approx(z), pytest.approx(z + 0.05))
    assert found.pit == pytest.approx(np.interp(z, GRID, cumulative))
    ends = np.interp([0.158655, 0.5, 0.841345], cumulative, GRID)
    assert [found.low, found.median, found.high] == pytest.approx(list(ends))


def test_only_one_row_group_is_read(container, owner, product, monkeypatch):
    read = []
    from services.statistics.canonical import CanonicalTable

    whole = CanonicalTable.group_arrays
    monkeypatch.setattr(CanonicalTable, "group_arrays", lambda self, g, names: read.append(g) or whole(self, g, names))
    container.object_pdfs.pdf(owner, product.id, 130)
    assert set(read) == {2}


def test_rows_outside_are_the_nearest_and_a_row_without_pdf_is_none(container, owner, product):
    assert container.object_pdfs.pdf(owner, product.id, 10**6).row == N
    assert container.object_pdfs.pdf(owner, product.id, 5) is None
    without_truth = container.object_pdfs.pdf(owner, product.id, 7)
    assert (without_truth.z_spec, without_truth.pit) == (None, None)


def test_objects_are_found_by_id_and_by_row(container, owner, product):
    def find(words):
        return container.object_pdfs.row_of(owner, product.id, words)

    assert find("900000000000000014") == 3
    assert find(" 900000000000000021 ") == 4
    assert find("12") == find("row 12") == find("#12") == 12
    for words in ("900000000000000015", "galaxy", "0", str(N + 1), ""):
        with pytest.raises(NotFound):
            find(words)


def test_without_ids_there_are_rows(container, owner, tmp_path):
    product = ingested(container, owner, ensemble(tmp_path, ids=False), "a.hdf5", "photoz_estimates")
    assert container.object_pdfs.has_pdfs(owner, product.id)
    assert container.object_pdfs.row_of(owner, product.id, "12") == 12


def test_tables_without_pdfs_say_so(container, owner):
    product = ingested(container, owner, catalogue_csv())
    assert not container.object_pdfs.has_pdfs(owner, product.id)
    assert container.object_pdfs.pdf(owner, product.id, 1) is None

"""PDFs of single objects: the right row, the right numbers, found by id or by row."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from services.columns.pdf_ends import grid_ends, grid_transform
from services.errors import InvalidInput, NotFound
from services.object_pdfs import PdfRedshifts
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


def run_csv(folder) -> bytes:
    """The same PDFs as ``ensemble`` over columns P0 to P60 of a CSV file, which says nothing of redshifts."""
    ensemble(folder)
    with h5py.File(folder / "a.hdf5") as file:
        z, vectors = file["ancil/z_spec"][()], file["data/yvals"][()]
    names = ["id", "z_spec", *(f"P{place}" for place in range(GRID.size))]
    rows = [[str(i), repr(float(z[i])), *map(repr, vectors[i].tolist())] for i in range(N)]
    return "\n".join(",".join(row) for row in [names, *rows]).encode()


def test_pdfs_over_a_run_of_columns_are_drawn_once_the_owner_states_their_redshifts(container, owner, tmp_path):
    product = ingested(container, owner, run_csv(tmp_path), "a.csv", "validation_results")
    assert any("Columns P0 to P60 are read as one PDF" in note for note in product.notes)
    assert any("does not say at which redshifts pdf holds" in note for note in product.notes)
    assert container.object_pdfs.redshifts(owner, product.id) == PdfRedshifts("pdf", 61)
    assert not container.object_pdfs.has_pdfs(owner, product.id)
    assert container.details.detail(owner, product.id, "pit") is None

    container.catalog.set_role(owner, product.id, "pdf", "pdf", None, grid_transform(0, 3))
    assert container.object_pdfs.redshifts(owner, product.id) == PdfRedshifts("pdf", 61, 0.0, 3.0, by_owner=True)
    by_run = container.object_pdfs.pdf(owner, product.id, 64)
    by_file = ingested(container, owner, (tmp_path / "a.hdf5").read_bytes(), "b.hdf5", "validation_results")
    by_grid = container.object_pdfs.pdf(owner, by_file.id, 64)
    np.testing.assert_allclose(by_run.density, by_grid.density, rtol=1e-12)
    assert by_run.pit == pytest.approx(by_grid.pit)
    ours, theirs = (container.details.detail(owner, one.id, "pit").metrics for one in (product, by_file))
    assert (ours.n, ours.cde_loss, ours.crps) == (theirs.n, pytest.approx(theirs.cde_loss), pytest.approx(theirs.crps))
    assert container.details.detail(owner, product.id, "stacked_pdf") is not None


def test_programs_are_told_the_names_that_the_file_has(container, owner, tmp_path):
    product = ingested(container, owner, run_csv(tmp_path), "a.csv", "validation_results")
    names = container.contents.main_file(owner, product.id).dialect.columns
    assert (names[2], names[-1], len(names)) == ("P0", "P60", 63)


@pytest.mark.parametrize(("first", "last"), [(None, 3), (3, 0), (1, 1), (0, 1000), (float("nan"), 1)])
def test_redshifts_that_do_not_rise_are_refused(first, last):
    with pytest.raises(InvalidInput):
        grid_transform(first, last)


def test_only_ends_of_a_grid_are_a_conversion_of_pdfs(container, owner, product):
    for transform in ("grid:3:0", "grid:0", "grid:0:x", "km_s_to_z"):
        with pytest.raises(InvalidInput):
            container.catalog.set_role(owner, product.id, "yvals", "pdf", None, transform)
    assert grid_ends(grid_transform(-0.123456789, 12.3456789)) == pytest.approx((-0.1234568, 12.34568))
    assert len(grid_transform(-0.123456789, 1.23456789e-05)) <= 32
    assert grid_ends("km_s_to_z") is None

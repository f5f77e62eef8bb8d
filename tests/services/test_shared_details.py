"""Details that are made with other details: computed once, right under a cut, and kept in the store."""

from __future__ import annotations

from dataclasses import replace

import h5py
import numpy as np
import pytest

import services.details
from services.cut_tables import CutTables
from services.details import DetailService
from services.product_tables import ProductTables
from services.statistics import details as registry
from services.statistics.details import DETAILS
from tests.support.ingests import ingested
from tests.support.products import person

N = 200


@pytest.fixture
def owner(container):
    return person(container, "owner1")


@pytest.fixture
def product(container, owner, tmp_path):
    random = np.random.default_rng(1)
    grid = np.linspace(0, 3, 61)
    z = random.uniform(0.2, 2.4, N)
    with h5py.File(tmp_path / "a.hdf5", "w") as file:
        file["meta/xvals"] = grid[None]
        file["meta/pdf_name"] = np.array([b"interp"])
        file["data/yvals"] = np.exp(-0.5 * ((grid - z[:, None] - 0.02) / 0.1) ** 2)
        file["ancil/z_spec"] = z
        file["ancil/zmode"] = z + 0.02
    return ingested(container, owner, (tmp_path / "a.hdf5").read_bytes(), "a.hdf5", "validation_results")


@pytest.fixture
def computed(monkeypatch):
    """Names of the details in the order they are computed."""
    seen: list[str] = []

    def watched(row):
        def compute(*arguments):
            seen.append(row.name)
            return row.compute(*arguments)

        return replace(row, compute=compute)

    monkeypatch.setattr("services.details.DETAILS", {name: watched(row) for name, row in DETAILS.items()})
    return seen


def test_what_others_use_is_computed_once(container, owner, product, computed):
    table = container.details.detail(owner, product.id, "metric_table")
    pit = container.details.detail(owner, product.id, "pit")
    qq = container.details.detail(owner, product.id, "qq")
    assert computed == ["pit", "metric_table", "qq"]
    assert table.n_pdfs == pit.metrics.n == N
    assert table.value("crps").value == pit.metrics.crps == qq.metrics.crps
    assert table.value("bias") is not None


def test_under_a_cut_rows_are_counted_once(container, owner, product):
    kept = {
        name: container.details.detail(owner, product.id, name, "z_spec < 1") for name in ("pit", "qq", "metric_table")
    }
    n = kept["pit"].metrics.n
    assert 0 < n < N
    for found in kept.values():
        assert (found.tally.n_total, found.tally.n_shown, found.tally.n_cut) == (N, n, N - n)
    assert kept["metric_table"].value("pit_mean").value == kept["qq"].metrics.pit.mean


def test_another_process_reads_them_from_the_store(container, owner, product, computed):
    first = container.details.detail(owner, product.id, "metric_table")
    computed.clear()
    tables = ProductTables(container.sessions, container.storage, container.catalog, container.jobs)
    again = DetailService(tables, CutTables(tables), container.previews).detail(owner, product.id, "metric_table")
    assert computed == []
    assert again == first


def test_what_is_used_is_a_detail() -> None:
    used = {name for row in registry.DETAILS.values() for name in row.uses}
    assert used <= set(registry.DETAILS)
    assert not any(registry.DETAILS[name].uses for name in used)


def test_plots_of_bins_are_made_together(container, owner, product, monkeypatch):
    made = []
    one_walk = services.details._made

    def watched(rows, *arguments):
        made.append([row.name for row in rows])
        return one_walk(rows, *arguments)

    monkeypatch.setattr(services.details, "_made", watched)
    names = ["metrics_by_z_spec", "metrics_by_z_phot"]
    wholes = [container.details.detail(owner, product.id, name) for name in reversed(names)]
    under = [container.details.detail(owner, product.id, name, "z_spec < 1") for name in names]
    assert made == [names, names]
    assert [found.label for found in (*wholes, *under)] == ["z_phot", "z_spec", "z_spec", "z_phot"]
    assert [found.high for found in under] == [found.high for found in reversed(wholes)]
    assert all(0 < found.tally.n_cut < N for found in under)
    tables = ProductTables(container.sessions, container.storage, container.catalog, container.jobs)
    elsewhere = DetailService(tables, CutTables(tables), container.previews)
    assert all(elsewhere.known(owner, product.id, name) for name in names)

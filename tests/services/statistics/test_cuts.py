"""Counts under cuts equal a numpy mask, with one, two and three cuts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.models.statistics import Tally
from services.statistics import canonical, canonical_writer
from services.statistics.cuts import RangeCut, cut_histogram, kept_rows
from services.statistics.densities import density
from services.statistics.edges import multiples
from services.statistics.histograms import histogram
from services.statistics.measured import Measured
from services.statistics.validity import quantity_of
from tests.services.statistics.tables import canonical_table, redshifts, valid_redshifts

N = 3000
RNG = np.random.default_rng(6)
COLUMNS = {
    "z": redshifts(N),
    "mag": np.where(np.arange(N) % 9 == 0, np.nan, RNG.normal(24, 1, N)).astype(np.float32),
    "flag": RNG.integers(1, 5, N),
    "ra": RNG.uniform(0, 1, N),
}
CUTS = (RangeCut("mag", high=24.1), RangeCut("flag", low=3), RangeCut("ra", 0.25, 0.75))


@pytest.mark.parametrize("n_cuts", [0, 1, 2, 3])
def test_counts_under_cuts_equal_a_numpy_mask(tmp_path: Path, n_cuts: int) -> None:
    masks = [
        COLUMNS["mag"].astype(float) < 24.1,
        COLUMNS["flag"] >= 3,
        (COLUMNS["ra"] >= 0.25) & (COLUMNS["ra"] < 0.75),
    ]
    keep = np.all([np.ones(N, bool), *masks[:n_cuts]], axis=0)
    edges = multiples(0.1, 0, 120)
    with canonical_table(tmp_path, COLUMNS) as table:
        found = cut_histogram(table, Measured("z", "z", quantity_of("redshift")), edges, CUTS[:n_cuts])
    good = valid_redshifts(COLUMNS["z"][keep])
    assert (found.counts == np.histogram(good, edges)[0]).all()
    assert (found.tally.n_cut, found.tally.n_missing) == (N - keep.sum(), keep.sum() - good.size)
    assert found.tally.n_shown + found.tally.n_missing + found.tally.n_outside + found.tally.n_cut == N


def test_two_threads_count_what_one_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured, edges = Measured("z", "z", quantity_of("redshift")), multiples(0.1, 0, 120)
    mag, mag_edges = Measured("mag", "mag"), multiples(0.5, 30, 60)
    with _small_groups(tmp_path, monkeypatch) as table:
        assert table.n_groups == N / 100
        alone = _counted(table, measured, edges, mag, mag_edges)
    monkeypatch.setattr(canonical, "KEEP_BYTES", 0)
    with _small_groups(tmp_path, monkeypatch) as table:
        parts = table.tallied((("z", ""),), list, lambda state, chunk: state.append(chunk[0]))
        together = _counted(table, measured, edges, mag, mag_edges)
    assert len(parts) == canonical.WORKERS
    everything = np.concatenate([values for part in parts for values in part])
    assert np.array_equal(np.sort(everything), np.sort(COLUMNS["z"]), equal_nan=True)
    assert [tally for _, tally in together] == [tally for _, tally in alone]
    for (counts, _), (expected, _) in zip(together, alone, strict=True):
        assert (counts == expected).all()


def test_results_of_two_threads_come_in_the_order_asked_for(tmp_path: Path) -> None:
    with canonical_table(tmp_path, COLUMNS) as table:
        found = table.each(table.names, lambda one, name: (one, name, one.memo))
    assert [name for _, name, _ in found] == list(COLUMNS)
    assert all(memo is table.memo and one is not table for one, _, memo in found)


def test_an_error_in_one_of_two_threads_ends_both(tmp_path: Path) -> None:
    def fail(_table: canonical.CanonicalTable, name: str) -> None:
        raise LookupError(name)

    with canonical_table(tmp_path, COLUMNS) as table, pytest.raises(LookupError):
        table.each(table.names, fail)


def _small_groups(folder: Path, monkeypatch: pytest.MonkeyPatch) -> canonical.CanonicalTable:
    monkeypatch.setattr(canonical_writer, "GROUP_ROWS", 100)
    return canonical_table(folder, COLUMNS)


def _counted(
    table: canonical.CanonicalTable, z: Measured, z_edges: np.ndarray, mag: Measured, mag_edges: np.ndarray
) -> list[tuple[np.ndarray, Tally]]:
    found = (
        histogram(table, z, z_edges),
        cut_histogram(table, z, z_edges, CUTS),
        density(table, mag, z, (mag_edges, z_edges)),
    )
    return [(one.counts, one.tally) for one in found]


def test_an_error_in_a_thread_reaches_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "KEEP_BYTES", 0)
    with _small_groups(tmp_path, monkeypatch) as table, pytest.raises(ValueError, match="no transform"):
        table.tallied((("z", "unheard_of"),), list, lambda state, chunk: None)


def test_a_missing_value_fails_every_cut(tmp_path: Path) -> None:
    with canonical_table(tmp_path, COLUMNS) as table:
        kept = np.concatenate(list(kept_rows(table, (RangeCut("mag"),))))
    assert (kept == ~np.isnan(COLUMNS["mag"])).all()

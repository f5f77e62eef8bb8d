"""What tables have in common, their common bins, and the curves drawn of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.errors import InvalidInput
from services.models.roles import BandColumn, RoleMap
from services.models.statistics import Histogram, Tally
from services.statistics.comparison import MOST_COMPARED_BINS, common_edges, curve_of, difference, ratio
from services.statistics.histograms import histogram
from services.statistics.poisson import poisson_errors
from services.statistics.quantiles import Summary, summary_of
from services.statistics.shared_quantities import measured_word, shared_quantities
from tests.services.statistics.tables import canonical_table

TRAINING = RoleMap(
    {"redshift": "zspec", "ra": "ra"},
    bands=(BandColumn("i", "mi", "ei", "mag"), BandColumn("g", "fg", None, "flux", "nJy", 31.4)),
)
OTHER = RoleMap({"redshift": "Z", "z_phot": "zb"}, bands=(BandColumn("i", "MAG_I", None, "mag"),))
TABLE = RoleMap({"z_phot": "zml"})
FLOATS = dict.fromkeys(("zspec", "ra", "mi", "ei", "fg", "snr", "class"), "float64")
OTHERS = {"Z": "float32", "zb": "float32", "MAG_I": "float32", "snr": "int64", "class": "text", "mi": "float64"}


def words(*tables: tuple[RoleMap, dict[str, str]]) -> list[str]:
    return [quantity.word for quantity in shared_quantities(tables)]


def test_roles_are_common_before_names_and_types_must_be_numbers() -> None:
    assert words((TRAINING, FLOATS), (OTHER, OTHERS)) == ["redshift", "mag_i", "mi", "snr"]
    assert words((TRAINING, FLOATS), (TRAINING, FLOATS)) == [
        *("redshift", "mag_i", "mag_g", "ra", "ei", "snr", "class")
    ]
    assert shared_quantities([]) == ()


def test_photometric_redshifts_stand_in_where_there_is_no_other() -> None:
    assert words((TRAINING, FLOATS), (TABLE, {"zml": "float64"})) == ["any_z"]
    assert words((OTHER, OTHERS), (TABLE, {"zml": "float64"})) == ["z_phot"]
    assert words((TABLE, {"zml": "float64"}), (RoleMap(), {"x": "float64"})) == []


def test_a_word_is_the_column_of_each_table(tmp_path: Path) -> None:
    columns = {name: np.ones(3) for name in ("zspec", "mi", "fg", "snr")}
    with canonical_table(tmp_path, columns) as table:
        found = {word: measured_word(table, TRAINING, word) for word in ("redshift", "any_z", "mag_i", "mag_g", "snr")}
        with pytest.raises(InvalidInput):
            measured_word(table, TRAINING, "z_phot")
    assert [one.column for one in found.values()] == ["zspec", "zspec", "mi", "fg", "snr"]
    assert found["redshift"].quantity.name == "redshift"
    assert found["mag_g"].transform


def _summary(values: np.ndarray) -> Summary:
    return summary_of(lambda: iter([values]))


def test_edges_cover_all_samples_with_the_bins_of_the_one_that_needs_the_widest() -> None:
    rng = np.random.default_rng(1)
    many, few = rng.gamma(2, 0.4, 100_000), rng.gamma(2, 0.5, 300)
    edges = common_edges("redshift", [_summary(many), _summary(few)], None)
    assert edges[0] == 0
    assert edges[-1] > max(many.max(), few.max())
    assert np.diff(edges) == pytest.approx(0.1)
    assert np.diff(common_edges("redshift", [_summary(many[many < 3])], None)) == pytest.approx(0.02)
    assert np.diff(common_edges("redshift", [_summary(many)], 0.25)) == pytest.approx(0.25)


def test_a_long_tail_of_any_column_lies_outside_but_none_of_a_magnitude() -> None:
    values = np.append(np.random.default_rng(2).normal(0, 1, 10_000), 1e9)
    edges = common_edges("flux", [_summary(values)], None)
    assert edges[-1] < 10
    assert common_edges("mag_i", [_summary(np.append(np.full(5000, 20.0) + np.arange(5000) / 5000, 39))], None)[-1] > 39


@pytest.mark.parametrize("width", [0, -1, np.nan, np.inf, 1e-9])
def test_widths_that_cannot_be_shown_are_refused(width: float) -> None:
    with pytest.raises(InvalidInput, match=f"{MOST_COMPARED_BINS:,} bins"):
        common_edges("redshift", [_summary(np.array([0.1, 3.0]))], width)


@pytest.mark.parametrize("values", [np.array([]), np.full(9, 2.5), np.full(9, 0.0), np.array([np.nan])])
def test_nothing_and_a_single_value_have_bins_too(values: np.ndarray) -> None:
    for word in ("redshift", "mag_i", "anything"):
        edges = common_edges(word, [_summary(values)], None)
        assert edges.size > 5
        assert np.all(np.diff(edges) > 0)


def _histogram(*counts: int) -> Histogram:
    errors = poisson_errors(np.array(counts))
    edges = np.arange(len(counts) + 1) * 0.5
    return Histogram("z", "z", edges, np.array(counts), *errors, Tally(sum(counts), sum(counts)))


def test_normalised_curves_have_the_area_one_and_their_errors_scale_alike() -> None:
    one = _histogram(0, 10, 30, 60)
    curve = curve_of(one, is_normalised=True)
    assert np.sum(curve.values * 0.5) == pytest.approx(1)
    assert curve.err_high == pytest.approx(one.err_high / (100 * 0.5))
    assert curve_of(one, is_normalised=False).values.tolist() == [0, 10, 30, 60]
    assert curve_of(_histogram(0, 0), is_normalised=True).values.tolist() == [0, 0]


def test_differences_and_ratios_carry_both_errors_and_leave_gaps() -> None:
    first, other = (curve_of(_histogram(*counts), is_normalised=False) for counts in ((0, 40, 0, 10), (0, 20, 5, 0)))
    less, by = difference(other, first), ratio(other, first)
    assert np.isnan(less.values).tolist() == [True, False, False, False]
    assert less.values[1:].tolist() == [-20, 5, -10]
    assert less.err_high[1] == pytest.approx(np.hypot(other.err_high[1], first.err_low[1]))
    assert less.err_low[1] == pytest.approx(np.hypot(other.err_low[1], first.err_high[1]))
    assert np.isnan(by.values).tolist() == [True, False, True, True]
    assert by.values[1] == 0.5
    assert by.err_high[1] == pytest.approx(0.5 * np.hypot(other.err_high[1] / 20, first.err_low[1] / 40))


def test_the_same_edges_count_both_tables(tmp_path: Path) -> None:
    values = np.random.default_rng(5).uniform(0, 1, 400).round(3)
    edges = common_edges("x", [_summary(values)], None)
    with canonical_table(tmp_path, {"x": values}) as table:
        found = histogram(table, measured_word(table, RoleMap(), "x"), edges)
    assert np.array_equal(found.counts, np.histogram(values, edges)[0])

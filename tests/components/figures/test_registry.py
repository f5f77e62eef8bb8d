from __future__ import annotations

import pytest

from components.figures.registry import FIGURES, draw
from services.models.details import AnyStatistic
from services.models.statistics import PointMetrics
from services.product_types import PRODUCT_TYPES
from services.statistics.details import DETAILS
from services.statistics.registry import ACCOMPANYING, STATISTICS
from tests.components.figures import catalogue_samples as catalogues
from tests.components.figures import photometry_samples as photometry
from tests.components.figures import statistics_samples as samples
from tests.components.figures import validation_samples

SAMPLES: dict[str, AnyStatistic] = {
    "n_z": samples.histogram(),
    "n_z_phot": samples.histogram(label="z_phot"),
    "magnitudes": samples.magnitudes(),
    "z_magnitude": samples.density(),
    "sky": samples.sky(),
    "z_error": samples.histogram(label="z_error"),
    "z_flag": samples.flags(),
    "survey": samples.flags(),
    "z_phot_z_spec": samples.density(),
    "odds": samples.histogram(label="odds"),
    "dz": samples.histogram(label="dz"),
    "tomography": samples.tomography(),
    "number_counts": photometry.depth_report(),
    "mag_errors": photometry.depth_report(),
    "colour_magnitude": samples.density(x_label="g - r", x_column="gmag - rmag"),
    "colour_colour": photometry.colours(),
    "z_colour": samples.density(x_label="g - r", x_column="gmag - rmag"),
    "z_flag_n_z": catalogues.groups(),
    "survey_n_z": catalogues.groups(),
    "cone": catalogues.cone(),
    "duplicates": catalogues.close_objects(),
    "missing_map": catalogues.missing(),
    "metrics_by_z_spec": validation_samples.binned(),
    "metrics_by_z_phot": validation_samples.binned("z_phot", "zb"),
    "metrics_by_magnitude": validation_samples.binned("i magnitude", "mag_i"),
    "sky_fields": samples.fields(),
    "healpix": samples.healpix(),
    "metric_table": validation_samples.table(),
    "odds_cut": validation_samples.odds(),
    "pit": validation_samples.quality(),
    "qq": validation_samples.quality(),
    "stacked_pdf": validation_samples.stacked(),
    "z_phot_failed": validation_samples.failed(),
}


def test_every_plot_of_every_product_type_has_a_figure() -> None:
    assert {name for row in PRODUCT_TYPES.values() for name in row.plots} <= set(FIGURES)


def test_every_statistic_has_a_figure_or_accompanies_one() -> None:
    assert set(FIGURES) | set(ACCOMPANYING) == {*STATISTICS, *DETAILS}
    assert not set(STATISTICS) & set(DETAILS)
    assert {row.companion for row in FIGURES.values() if row.companion} <= set(ACCOMPANYING)


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_every_figure_draws_with_cartesian_traces_only(name: str) -> None:
    figure = draw(name, SAMPLES)
    assert {trace.type for trace in figure.data} <= {"bar", "scatter", "heatmap"}
    assert figure.data


def test_metrics_reach_the_figure_that_shows_them() -> None:
    metrics = PointMetrics(10, 0, 0.0, 0.05, 0.05, 0.05, 0.1, 0.1)
    figure = draw("z_phot_z_spec", {**SAMPLES, "metrics": metrics})
    assert "N 10" in figure.layout.annotations[0].text

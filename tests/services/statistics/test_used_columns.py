from __future__ import annotations

import math

import numpy as np

from services.models.roles import BandColumn, RoleMap
from services.statistics.plain_values import plain_value
from services.statistics.used_columns import needed_columns, used_columns
from tests.components.figures import statistics_samples as samples

ROLES = RoleMap(
    columns={"ra": "RAJ", "z_phot": "zp", "odds": "o"},
    bands=(BandColumn("g", "gmag", "gerr", "mag"), BandColumn("r", "rmag", None, "mag")),
)


def test_needed_columns_are_those_of_the_first_role_that_is_known() -> None:
    assert needed_columns((("redshift", "z_phot"), ("mag", "ref_mag")), ROLES) == ("zp", "gmag", "rmag")
    assert needed_columns((("mag_err",), ("colour",)), ROLES) == ("gerr", "gmag", "rmag")
    assert needed_columns((("any",),), ROLES) == ()
    assert needed_columns((("redshift",),), ROLES) == ()


def test_used_columns_are_found_at_any_depth_and_behind_commas() -> None:
    columns = {"z_spec", "mag_g", "mag_i", "ra", "dec", "redshift"}
    assert used_columns(samples.histogram(column="z_spec"), columns) == ("z_spec",)
    assert used_columns(samples.histogram(column="mag_i, z_spec"), columns) == ("mag_i", "z_spec")
    assert used_columns(samples.histogram(column="mag_g - mag_i"), columns) == ("mag_g", "mag_i")
    assert set(used_columns(samples.sky(), columns)) == {"ra", "dec"}
    assert used_columns(None, columns) == ()


def test_plain_values_have_no_classes_left() -> None:
    plain = plain_value(samples.sky())
    assert plain["kind"] == "SkyDensity"
    assert isinstance(plain["grid"]["counts"][0], list)
    assert plain_value({"a": (np.int64(3), np.float32(0.5), None)}) == {"a": [3, 0.5, None]}
    assert math.isnan(plain_value(np.array([np.nan]))[0])

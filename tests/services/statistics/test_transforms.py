"""Units and notations become the numbers their roles promise."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from astropy.coordinates import Angle

from services.statistics.transforms import flux_to_mag, transformed


def test_sexagesimal_text_reads_as_astropy_reads_it() -> None:
    plain = ["12:34:56.7", "-00:30:00", "+5 06 07", "23 59 59.99"]
    np.testing.assert_allclose(transformed(pa.array(plain), "dms_to_deg"), Angle(plain, unit="deg").deg, rtol=1e-15)
    np.testing.assert_allclose(transformed(pa.array(plain), "hms_to_deg"), Angle(plain, unit="hourangle").deg)


def test_letters_and_missing_seconds_are_understood() -> None:
    found = transformed(pa.array(["23h59m59s", "-12d30m15.5s", " 01:30 "]), "dms_to_deg")
    np.testing.assert_allclose(found, [23 + 59 / 60 + 59 / 3600, -(12.5 + 15.5 / 3600), 1.5])


def test_other_text_is_missing() -> None:
    assert np.isnan(transformed(pa.array(["", "north", None, "12"]), "hms_to_deg")).all()
    assert np.isnan(transformed(pa.array(["0.5"]), "")).all()


def test_angles_velocities_and_fluxes() -> None:
    assert transformed(pa.array([np.pi]), "rad_to_deg")[0] == pytest.approx(180.0)
    assert transformed(pa.array([1.5]), "hour_to_deg")[0] == 22.5
    assert transformed(pa.array([2997.92458]), "km_s_to_z")[0] == pytest.approx(0.01)
    found = transformed(pa.array([3631e9, 0.0, -5.0]), flux_to_mag(31.4))
    assert found[0] == pytest.approx(0.0, abs=1e-3)
    assert np.isnan(found[1:]).all()


def test_floats_pass_through_untouched() -> None:
    values = np.array([0.38], np.float32)
    assert transformed(pa.array(values), "").dtype == np.float32


def test_an_unknown_transform_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no transform"):
        transformed(pa.array([1.0]), "furlongs")

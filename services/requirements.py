"""What surveys require of photometric redshifts, with the source: for lines on plots, never for a verdict."""

from __future__ import annotations

from dataclasses import dataclass

LSST_SOURCE = "LSST requirements for i < 25 and 0.3 < z < 3, as quoted by Graham et al. 2018 (AJ 155, 1)"
DESC_SOURCE = "DESC Science Requirements Document (arXiv:1809.01669)"


@dataclass(frozen=True, slots=True)
class Requirement:
    """Largest value of a metric in dz = (z_phot - z_spec) / (1 + z_spec).

    ``metric`` is the field of ``PointMetrics`` it is drawn beside, ``words`` what the source limits: not always the
    same, so they stand at the line. ``is_signed``: the negative of it is a limit, too.
    """

    metric: str
    limit: float
    words: str
    is_signed: bool = False


LSST = (
    Requirement("bias", 0.003, "LSST: |bias| < 0.003", is_signed=True),
    Requirement("sigma_nmad", 0.02, "LSST: rms < 0.02"),
    Requirement("outlier_fraction", 0.10, "LSST: 3σ outliers < 10 %"),
)
"""Of single objects."""

DESC_MEANS = (("year 1", 0.002), ("year 10", 0.001))
"""How well, in units of 1 + z, the mean redshift of a tomographic bin of weak lensing sources must be known."""

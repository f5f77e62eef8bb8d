"""The statistics of a first look: one row each, from which overviews, plots and their freshness follow.

What takes longer, or is looked at less often, is a row of ``details``.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.models.roles import RoleMap
from services.models.statistics import Statistic
from services.product_types import PRODUCT_TYPES
from services.statistics.canonical import CanonicalTable
from services.statistics.categories import survey, z_flag
from services.statistics.densities import z_magnitude, z_phot_z_spec
from services.statistics.histograms import magnitude_histograms, n_z, n_z_phot, odds, z_error
from services.statistics.metrics import point_metrics
from services.statistics.needs import Needs, needs_met
from services.statistics.sky import sky

Compute = Callable[[CanonicalTable, RoleMap], Statistic | None]


@dataclass(frozen=True, slots=True)
class StatisticRow:
    """One statistic. ``compute`` gives None where the table holds no value for it.

    Raise ``version`` when the numbers change: every stored overview is then computed again.
    """

    name: str
    title: str
    needs: Needs
    compute: Compute
    version: int = 1

    def allowed_by(self, roles: RoleMap) -> bool:
        """Whether the roles of a table suffice."""
        return needs_met(self.needs, roles)


_ROWS = (
    StatisticRow("n_z", "Redshift distribution", (("redshift",),), n_z),
    StatisticRow("n_z_phot", "Photometric redshift distribution", (("z_phot",),), n_z_phot),
    StatisticRow("magnitudes", "Magnitude distributions", (("mag",),), magnitude_histograms),
    StatisticRow(
        "z_magnitude", "Redshift against magnitude", (("redshift", "z_phot"), ("mag", "ref_mag")), z_magnitude
    ),
    StatisticRow("sky", "Sky density", (("ra",), ("dec",)), sky),
    StatisticRow("z_error", "Redshift errors", (("redshift_err", "z_phot_err"),), z_error),
    StatisticRow("z_flag", "Quality flags", (("z_flag",),), z_flag),
    StatisticRow("survey", "Surveys", (("survey", "instrument"),), survey),
    StatisticRow(
        "z_phot_z_spec", "Photometric against spectroscopic redshift", (("z_phot",), ("redshift",)), z_phot_z_spec
    ),
    StatisticRow("odds", "Odds", (("odds",),), odds),
    StatisticRow("metrics", "Photo-z metrics", (("z_phot",), ("redshift",)), point_metrics),
)

ACCOMPANYING = ("metrics",)
"""Statistics that are no plot of their own: computed for every type whose roles allow them."""


def _by_name(rows: tuple[StatisticRow, ...]) -> Mapping[str, StatisticRow]:
    table: dict[str, StatisticRow] = {}
    for row in rows:
        if row.name in table:
            raise ValueError(f"statistic {row.name} is registered twice")
        table[row.name] = row
    return MappingProxyType(table)


STATISTICS = _by_name(_ROWS)

COLUMNS_VERSION = 1
"""Version of the summaries of all columns."""


def registry_version() -> int:
    """One number that changes with every row and every version: what a stored overview was computed with."""
    rows = [f"{row.name}:{row.version}" for row in _ROWS]
    return zlib.crc32("|".join([f"columns:{COLUMNS_VERSION}", *rows]).encode())


def offered(product_type: str, roles: RoleMap) -> tuple[StatisticRow, ...]:
    """Statistics of a product type, by its wire name, that these roles allow, in the order of the type."""
    names = (*PRODUCT_TYPES[product_type].plots, *ACCOMPANYING)
    rows = (STATISTICS[name] for name in names if name in STATISTICS)
    return tuple(row for row in rows if row.allowed_by(roles))

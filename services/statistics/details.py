"""The details of a product: statistics computed when somebody looks at their plot, one row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.models.details import AnyStatistic
from services.models.roles import RoleMap
from services.models.statistics import Overview
from services.product_types import PRODUCT_TYPES
from services.statistics.binned_metrics import (
    BY_MAGNITUDE,
    BY_Z_PHOT,
    BY_Z_SPEC,
    metrics_by_magnitude,
    metrics_by_z_phot,
    metrics_by_z_spec,
    metrics_in_bins,
)
from services.statistics.canonical import CanonicalTable
from services.statistics.colours import colour_colour, colour_magnitude, z_colour
from services.statistics.cone import cone
from services.statistics.depth_details import band_counts, band_errors
from services.statistics.duplicates import duplicates
from services.statistics.failed_estimates import failed_estimates
from services.statistics.grouped import survey_n_z, z_flag_n_z
from services.statistics.healpix_map import healpix_map
from services.statistics.metric_table import metric_table
from services.statistics.missing_map import missing_map
from services.statistics.needs import Needs, needs_met
from services.statistics.odds_cut import odds_cut
from services.statistics.pdf_details import pdf_quality, same_quality
from services.statistics.scaled_errors import dz
from services.statistics.sky_fields import has_fields, is_one_field, sky_fields
from services.statistics.stacked import stacked_pdf
from services.statistics.tomography import tomography

Details = Mapping[str, AnyStatistic | None]
"""Details by name."""
Compute = Callable[[CanonicalTable, RoleMap, AnyStatistic | None], AnyStatistic | None]
Together = Callable[[CanonicalTable, RoleMap, Details], Details]
"""Several details at once, given those over all rows when the table is what a cut left (else nothing)."""


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One detail. ``needs`` as in ``statistics.registry``; raise ``version`` when the numbers change.

    ``compute`` is given the table, its roles, and the detail over all rows when the table is what a cut left of it
    (else None): axes stay those of the whole table. It gives None where there is nothing to compute.
    """

    name: str
    title: str
    needs: Needs
    compute: Compute
    version: int = 1
    worth: Callable[[Overview], bool] | None = None
    """Whether a table whose roles suffice has anything to show here, by its overview; None: always."""
    uses: tuple[str, ...] = ()
    together: Together | None = None
    """Computes this detail and all others that name the same function, for little more than this one alone."""

    def allowed_by(self, roles: RoleMap) -> bool:
        """Whether the roles of a table suffice."""
        return needs_met(self.needs, roles)


_PAIR: Needs = (("z_phot",), ("redshift",))
_PDF_AND_TRUTH: Needs = (("pdf",), ("redshift",))

_ROWS: tuple[DetailRow, ...] = (
    DetailRow("dz", "Errors of the photo-z", _PAIR, dz, version=2),
    DetailRow(BY_Z_SPEC, "Metrics in bins of z_spec", _PAIR, metrics_by_z_spec, version=2, together=metrics_in_bins),
    DetailRow(BY_Z_PHOT, "Metrics in bins of z_phot", _PAIR, metrics_by_z_phot, version=2, together=metrics_in_bins),
    DetailRow(
        BY_MAGNITUDE,
        "Metrics in bins of magnitude",
        (*_PAIR, ("mag", "ref_mag")),
        metrics_by_magnitude,
        version=2,
        together=metrics_in_bins,
    ),
    DetailRow("tomography", "Tomographic bins", _PAIR, tomography),
    DetailRow("number_counts", "Number counts", (("mag",),), band_counts),
    DetailRow("mag_errors", "Magnitude errors and depth", (("mag_err",),), band_errors),
    DetailRow("colour_magnitude", "Colour against magnitude", (("colour",),), colour_magnitude),
    DetailRow("colour_colour", "Colour against colour", (("colours",),), colour_colour),
    DetailRow("z_colour", "Redshift against colour", (("redshift", "z_phot"), ("colour",)), z_colour),
    DetailRow("sky_fields", "Fields on the sky", (("ra",), ("dec",)), sky_fields, worth=has_fields),
    DetailRow("healpix", "HEALPix density", (("ra",), ("dec",)), healpix_map, version=2, worth=is_one_field),
    DetailRow("metric_table", "All metrics", (("redshift",), ("z_phot", "pdf")), metric_table, uses=("pit",)),
    DetailRow("odds_cut", "Metrics against a threshold of the odds", (*_PAIR, ("odds",)), odds_cut, version=2),
    DetailRow("pit", "Probability integral transforms", _PDF_AND_TRUTH, pdf_quality),
    DetailRow("qq", "Quantiles of the probability integral transforms", _PDF_AND_TRUTH, same_quality, uses=("pit",)),
    DetailRow("z_phot_failed", "Objects without a photo-z", (("z_phot",),), failed_estimates),
    DetailRow("stacked_pdf", "Stacked PDF", (("pdf",),), stacked_pdf),
    DetailRow("z_flag_n_z", "N(z) by quality flag", (("redshift",), ("z_flag",)), z_flag_n_z),
    DetailRow("survey_n_z", "N(z) by survey", (("redshift",), ("survey", "instrument")), survey_n_z),
    DetailRow("cone", "Cone diagram", (("ra",), ("dec",), ("redshift", "z_phot")), cone),
    DetailRow("duplicates", "Objects within 1 arcsec", (("ra",), ("dec",)), duplicates),
    DetailRow("missing_map", "Missing values", (("any",),), missing_map),
)


def _by_name(rows: tuple[DetailRow, ...]) -> Mapping[str, DetailRow]:
    table: dict[str, DetailRow] = {}
    for row in rows:
        if row.name in table:
            raise ValueError(f"detail {row.name} is registered twice")
        table[row.name] = row
    return MappingProxyType(table)


DETAILS = _by_name(_ROWS)


def made_with(row: DetailRow, roles: RoleMap) -> tuple[DetailRow, ...]:
    """The details that come with one, itself among them, in the same order for each of them."""
    if row.together is None:
        return (row,)
    return tuple(one for one in DETAILS.values() if one.together is row.together and one.allowed_by(roles))


def offered_details(product_type: str, roles: RoleMap) -> tuple[DetailRow, ...]:
    """Details of a product type, by its wire name, that these roles allow, in the order of the type."""
    rows = (DETAILS[name] for name in PRODUCT_TYPES[product_type].plots if name in DETAILS)
    return tuple(row for row in rows if row.allowed_by(roles))

"""The product types: one row each, from which forms, checks, filters, the API, docs and tests follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class ProductType:
    """One kind of product.

    ``needed_roles`` must be known before a product with a main file is published; ``welcome_roles`` are asked for and
    missed with a warning. ``plots`` are names of ``services.statistics.registry`` and ``services.statistics.details``
    in the order they are offered.
    """

    id: int
    name: str
    title: str
    long_title: str
    blurb: str
    order: int
    aliases: tuple[str, ...] = ()
    is_tabular: bool = True
    needed_roles: tuple[str, ...] = ()
    welcome_roles: tuple[str, ...] = ()
    allows_release: bool = True
    allows_pz_code: bool = False
    plots: tuple[str, ...] = ()


_CATALOGUE_PLOTS = ("n_z", "magnitudes", "z_magnitude", "sky", "sky_fields", "healpix", "z_error", "z_flag", "survey")
_SPECTRA_PLOTS = ("z_flag_n_z", "survey_n_z", "cone", "duplicates")
_COLOUR_PLOTS = ("colour_magnitude", "colour_colour", "z_colour")

_VALIDATION_PLOTS = (
    "metric_table",
    "metrics_by_z_spec",
    "metrics_by_z_phot",
    "metrics_by_magnitude",
    "tomography",
    "odds_cut",
    "pit",
    "qq",
    "stacked_pdf",
)

_ROWS = (
    ProductType(
        id=1,
        name="redshift_catalog",
        title="Spec-z Catalog",
        long_title="Spec-z Catalog",
        blurb="Catalog of spectroscopic redshifts and positions (usually equatorial coordinates).",
        order=1,
        aliases=("specz_catalog", "Redshift Catalog", "Reference Redshift Catalog"),
        needed_roles=("ra", "dec", "redshift"),
        welcome_roles=("id", "redshift_err", "z_flag", "survey"),
        allows_release=False,
        plots=(
            *("n_z", "sky", "sky_fields", "healpix", "z_magnitude", "magnitudes", "z_error", "z_flag", "survey"),
            *(*_SPECTRA_PLOTS, "missing_map"),
        ),
    ),
    ProductType(
        id=2,
        name="training_set",
        title="Training Set",
        long_title="Training Set",
        blurb="Sample for training photo-z algorithms: magnitudes, their errors, and true redshifts.",
        order=2,
        needed_roles=("redshift",),
        welcome_roles=("mag", "mag_err"),
        plots=(*_CATALOGUE_PLOTS, "number_counts", "mag_errors", *_COLOUR_PLOTS, "missing_map"),
    ),
    ProductType(
        id=3,
        name="validation_results",
        title="Validation Results",
        long_title="Photo-z Validation Results",
        blurb="Results of a photo-z validation: estimates with truth, metrics, plots (free format).",
        order=4,
        aliases=("Photo-z Validation Results",),
        welcome_roles=("redshift", "z_phot"),
        allows_pz_code=True,
        plots=(
            *("z_phot_z_spec", "n_z", "n_z_phot", "odds", *_CATALOGUE_PLOTS[1:], "dz", *_VALIDATION_PLOTS),
            *_COLOUR_PLOTS,
        ),
    ),
    ProductType(
        id=4,
        name="photoz_estimates",
        title="Photo-z Table",
        long_title="Photo-z Table",
        blurb="Photo-z estimates of a survey, ideally in the format of the Rubin data releases.",
        order=5,
        aliases=("photoz_table", "Photo-z Estimates"),
        welcome_roles=("id", "z_phot"),
        allows_pz_code=True,
        plots=(
            *("n_z_phot", "odds", "z_error", "z_magnitude", "magnitudes", "sky", "sky_fields", "healpix"),
            "z_phot_failed",
            "stacked_pdf",
            "missing_map",
        ),
    ),
    ProductType(
        id=5,
        name="training_results",
        title="Training Results",
        long_title="Training Results",
        blurb="What a photo-z training left behind: models and logs (free format).",
        order=3,
        is_tabular=False,
    ),
    ProductType(
        id=6,
        name="object_catalog",
        title="Objects Catalog",
        long_title="Objects Catalog",
        blurb="Photometry and positions of objects, without redshifts.",
        order=6,
        aliases=("objects_catalog",),
        needed_roles=("ra", "dec"),
        welcome_roles=("id", "mag"),
        allows_pz_code=True,
        plots=(
            *("magnitudes", "sky", "sky_fields", "healpix", "n_z", "z_magnitude", "z_error", "z_flag", "survey"),
            *("number_counts", "mag_errors", *_COLOUR_PLOTS, "missing_map"),
        ),
    ),
    ProductType(
        id=7,
        name="other",
        title="Other",
        long_title="Other",
        blurb="Anything else worth sharing, tabular or not.",
        order=7,
        allows_pz_code=True,
        plots=(
            *("n_z", "n_z_phot", "z_phot_z_spec", *_CATALOGUE_PLOTS[1:], *_SPECTRA_PLOTS),
            *("number_counts", "mag_errors", *_COLOUR_PLOTS, "missing_map"),
        ),
    ),
)


def _by_name(rows: tuple[ProductType, ...]) -> Mapping[str, ProductType]:
    table: dict[str, ProductType] = {}
    for row in rows:
        if row.name in table:
            raise ValueError(f"product type {row.name} is registered twice")
        table[row.name] = row
    return MappingProxyType(table)


PRODUCT_TYPES = _by_name(_ROWS)


def _folded(word: str) -> str:
    return " ".join(word.replace("_", " ").replace("-", " ").casefold().split())


_BY_WORD = {_folded(word): row for row in _ROWS for word in (row.name, row.title, row.long_title, *row.aliases)}


def product_type(name: str) -> ProductType:
    """Type for a name, display name or alias, any case.

    Raises
    ------
    InvalidInput
        If no type answers to that word; the message lists the names.
    """
    row = _BY_WORD.get(_folded(name))
    if row is None:
        names = ", ".join(sorted(PRODUCT_TYPES))
        raise InvalidInput(f'There is no product type "{name}". Choose one of: {names}.', field="product_type")
    return row


_BY_ID = {str(row.id): row for row in _ROWS}


def product_type_of(word: str) -> ProductType:
    """Type for an id written as text, or for a word as ``product_type`` takes it; InvalidInput if there is none."""
    return _BY_ID.get(word.strip()) or product_type(word)

"""The table of demo products: one row each."""

from __future__ import annotations

from services.demo import catalogues, estimates, training
from services.demo.recipe import Recipe
from services.models.products import NewProduct

DEMO, OWNER1, OWNER2, CURATOR = "demo", "owner1", "owner2", "curator"
OWNERS = (DEMO, OWNER1, OWNER2, CURATOR)
FIRST_RELEASE, SECOND_RELEASE = "sdr1", "sdr2"

LARGE_TRAINING_SET = "Training set, full depth"
"""Name of the product whose number of rows is chosen when seeding."""
LARGE_ROWS = 1_000_000
SMALL_ROWS = 300

_SIMULATED = "\n\nSimulated from published formulas; no real sky was observed."


def _official(
    name: str, product_type: str, description: str, release: str | None = SECOND_RELEASE, pz_code: str | None = None
) -> NewProduct:
    return NewProduct(name, product_type, release, pz_code, description + _SIMULATED, official=True)


def _users(
    name: str, product_type: str, description: str, release: str | None = None, pz_code: str | None = None
) -> NewProduct:
    return NewProduct(name, product_type, release, pz_code, description + _SIMULATED)


RECIPES = (
    Recipe(
        OWNER1,
        _users(
            "Equatorial spec-z compilation",
            "redshift_catalog",
            "Four surveys around **RA 0h** on one flag scale.\n\n| flag | meaning |\n|---|---|\n| 4 | 99 % sure |\n"
            "| 3 | 95 % sure |\n| 2 | a guess |\n| 1 | unknown |\n\nFailures have redshift -99.",
        ),
        catalogues.equatorial_compilation,
        12_000,
    ),
    Recipe(
        OWNER2,
        _users(
            "Southern redshift survey",
            "redshift_catalog",
            "Fibre spectroscopy of one pointing, named as redrock writes them; `ZWARN` 0 is good, a bit is a warning.",
        ),
        catalogues.southern_survey,
        15_000,
    ),
    Recipe(
        DEMO,
        _users(
            "Deep slit spectroscopy",
            "redshift_catalog",
            "A magnitude-limited sample (i < 24) with flags on the scale of the VIMOS surveys: 3 and 4 are secure, "
            "9 rests on a single line, 1x are broad-line AGN.",
        ),
        catalogues.deep_spectroscopy,
        6_000,
    ),
    Recipe(
        CURATOR,
        _official(
            "Reference redshift compilation",
            "redshift_catalog",
            "Secure redshifts of three fields, one row an object.",
            release=None,
        ),
        catalogues.reference_compilation,
        36_000,
    ),
    Recipe(
        CURATOR,
        _official(
            LARGE_TRAINING_SET,
            "training_set",
            "Galaxies to i = 25.3 with magnitudes of ten survey years and true redshifts. Errors follow the model of "
            "Ivezic et al. (2019).",
        ),
        training.full_depth,
        LARGE_ROWS,
    ),
    Recipe(
        DEMO,
        _users(
            "Training set, deep south",
            "training_set",
            "HDF5 as RAIL reads it: group `photometry`, non-detections 99.",
            FIRST_RELEASE,
        ),
        training.photometry_group,
        20_000,
    ),
    Recipe(
        OWNER1,
        _users(
            "Training set with fluxes",
            "training_set",
            "cModel fluxes in nJy instead of magnitudes; an AB magnitude is 31.4 - 2.5 log10(flux).",
            FIRST_RELEASE,
        ),
        training.flux_table,
        10_000,
    ),
    Recipe(
        DEMO,
        _users(
            "Validation with PDFs",
            "validation_results",
            "A qp ensemble on a grid of 301 redshifts, with truth and point estimates beside it.",
            FIRST_RELEASE,
            "kNN",
        ),
        estimates.with_densities,
        4_000,
    ),
    Recipe(
        OWNER2,
        _users(
            "Validation with report",
            "validation_results",
            "Point estimates against truth; the plot and the report lie among the auxiliary files.",
            FIRST_RELEASE,
            "BPZ",
        ),
        estimates.with_report,
        9_000,
    ),
    Recipe(
        CURATOR,
        _official(
            "Validation, full depth",
            "validation_results",
            "Estimates with 68 % intervals for a random part of the full-depth sample.",
            pz_code="FlexZBoost",
        ),
        estimates.official_validation,
        50_000,
    ),
    Recipe(
        CURATOR,
        _official(
            "Photo-z table, deep east",
            "photoz_estimates",
            "Mode, 68 % interval and odds of every object; no truth.",
            pz_code="FlexZBoost",
        ),
        estimates.official_table,
        100_000,
    ),
    Recipe(
        OWNER2,
        _users(
            "Photo-z table, deep south",
            "photoz_estimates",
            "Whitespace columns under the numbered header that BPZ writes.",
            FIRST_RELEASE,
            "BPZ",
        ),
        estimates.numbered_table,
        8_000,
    ),
    Recipe(
        OWNER1,
        _users(
            "Photo-z table, whole survey",
            "photoz_estimates",
            "Estimates with PDFs for 1.2 billion objects, 1.9 TB in 4,096 Parquet files: above the upload limit, so "
            "this page describes the product only. Ask the owner for access to the files.",
            SECOND_RELEASE,
            "kNN",
        ),
    ),
    Recipe(
        CURATOR,
        _official(
            "Boosted trees for six bands",
            "training_results",
            "The model behind the official estimates, with the log of its training.",
        ),
        training.trained_model,
        60,
    ),
    Recipe(
        CURATOR,
        _official("Objects, deep south", "object_catalog", "Positions and six cModel magnitudes of one pointing."),
        catalogues.object_catalogue,
        60_000,
    ),
    Recipe(
        CURATOR,
        _official("Pointings of the survey", "other", "Centres, seeing and depth of the visits."),
        catalogues.field_list,
        900,
    ),
)


def small_recipes(n_products: int) -> tuple[Recipe, ...]:
    """Small training sets "Small sample 0001" and on, owners in turn."""
    return tuple(
        Recipe(
            OWNERS[number % 3],
            _users(f"Small sample {number:04d}", "training_set", f"Sample number {number}."),
            training.small_sample,
            SMALL_ROWS,
        )
        for number in range(1, n_products + 1)
    )

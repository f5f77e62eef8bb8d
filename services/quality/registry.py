"""Every automatic check, one row each. A new check is one function and one row here.

Limits are those of the project's guide for photo-z data; each function yields one result per column it looked at,
also when nothing was found, so that a report tells what was checked.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.models.quality import QualityCheck
from services.product_types import PRODUCT_TYPES
from services.quality import estimates, identity, photometry, positions, redshifts
from services.quality.findings import Subject

TRAINING = ("training_set",)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check: its name (unique, and that of its main result), what it is called, where it applies.

    ``product_types`` empty means all of them. Raise ``version`` when results change: stored reports become stale.
    """

    name: str
    title: str
    run: Callable[[Subject], Iterator[QualityCheck]]
    product_types: tuple[str, ...] = ()
    version: int = 1

    def applies_to(self, product_type: str) -> bool:
        """Whether products of a type are checked by it."""
        return not self.product_types or product_type in self.product_types


CHECKS: tuple[CheckRow, ...] = (
    CheckRow("missing_redshift", "Missing redshifts", redshifts.missing_redshift),
    CheckRow("redshift_range", "Redshifts out of range", redshifts.redshift_range),
    CheckRow("identical_redshifts", "One redshift in many rows", redshifts.identical_redshifts),
    CheckRow("pile_up", "Pile-up in N(z)", redshifts.pile_up),
    CheckRow("stars", "Stars", redshifts.stars, TRAINING),
    CheckRow("insecure_flags", "Insecure redshifts", redshifts.insecure_flags, TRAINING),
    CheckRow("position_range", "Positions out of range", positions.position_range),
    CheckRow("constant_position", "Constant positions", positions.constant_position),
    CheckRow("duplicates", "Duplicates on the sky", positions.duplicates),
    CheckRow("repeated_ids", "Repeated ids", identity.repeated_ids),
    CheckRow("missing_in_band", "Missing photometry", photometry.missing_in_band),
    CheckRow("magnitude_range", "Magnitudes out of range", photometry.magnitude_range),
    CheckRow("magnitude_errors", "Magnitude errors", photometry.magnitude_errors),
    CheckRow("error_floor", "Floor of the errors", photometry.error_floor),
    CheckRow("median_colours", "Colours", photometry.median_colours),
    CheckRow("enough_rows", "Number of rows", identity.enough_rows, TRAINING),
    CheckRow("grid_edges", "Estimates at the end of the grid", estimates.grid_edges),
    CheckRow("truth_leak", "Leak of truth", redshifts.truth_leak),
    CheckRow("point_quality", "Scatter and outliers", estimates.point_quality, version=2),
    CheckRow("pdf_values", "PDFs", estimates.pdf_values),
)

assert len({row.name for row in CHECKS}) == len(CHECKS), "a check is listed twice"
assert all(name in PRODUCT_TYPES for row in CHECKS for name in row.product_types), "a check names no product type"


def check_title(name: str) -> str:
    """What a result is called: that of its check, or its name in words for results beside the main one."""
    titles = {row.name: row.title for row in CHECKS}
    return titles.get(name, name.replace("_", " ").capitalize().replace("Pdf", "PDF"))


def checks_version() -> int:
    """Number that changes whenever a check is added, removed or changed."""
    facts = sorted((row.name, row.version, row.product_types) for row in CHECKS)
    return zlib.crc32(json.dumps(facts).encode())

"""The rows of a finding as a cut, where the language of cuts can say which they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.cuts.tree import Comparison, Cut, Missing
from services.cuts.writing import written
from services.models.quality import QualityCheck
from services.quality.redshifts import STAR_REDSHIFT

_CUTS: Mapping[str, Callable[[str], Cut]] = MappingProxyType(
    {
        "missing_redshift": Missing,
        "missing_in_band": Missing,
        "stars": lambda column: Comparison(column, "<", STAR_REDSHIFT),
    }
)


def cut_of(check: QualityCheck) -> str | None:
    """Cut that leaves the rows a check counted; None where no cut says it.

    For missing values these are all that count for nothing, values outside the valid range of the role included.
    """
    make = _CUTS.get(check.name)
    return written(make(check.column)) if make and check.count else None

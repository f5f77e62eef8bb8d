"""The rows of a finding as a cut, where the language of cuts can say which they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.cuts.tree import DZ, AllOf, AnyOf, Comparison, Cut, Difference, Missing, Outside, columns_of
from services.cuts.writing import written
from services.models.quality import QualityCheck
from services.quality.photometry import LARGEST_MAG_ERROR
from services.quality.redshifts import STAR_REDSHIFT
from services.statistics.metrics import OUTLIER_LIMIT
from services.statistics.range_words import CutWords

AS_STORED = frozenset({"missing_in_band", "magnitude_errors"})
"""Checks that look at the numbers of the file, whatever conversion plots ask for."""


def cut_of(check: QualityCheck, words: CutWords) -> str | None:
    """Cut that leaves exactly the rows a check counted, in the words of the table; None where no cut says it.

    Checks read some columns through a conversion, while cuts compare the numbers of the file.
    """
    columns = check.column.split(", ")
    make = _CUTS.get((check.name, len(columns)))
    is_said = check.name in AS_STORED or not words.converted.intersection(columns)
    if make is None or not check.count or not is_said:
        return None
    cut = make(*columns)
    return None if DZ in columns_of(cut) and not words.has_dz else written(cut)


def _unmeasured(column: str) -> Cut:
    """Empty, or a number that stands for none; numbers out of range are missing too but there."""
    return AllOf((Missing(column), Outside(column, expected=False)))


def _is_there(column: str) -> Cut:
    return AnyOf((Missing(column, expected=False), Outside(column)))


def _wrong_error(column: str) -> Cut:
    return AnyOf((Outside(column), Comparison(column, "<=", 0), Comparison(column, ">", LARGEST_MAG_ERROR)))


def _wrong_position(ra: str, dec: str) -> Cut:
    at_zero = AllOf((Comparison(ra, "=", 0), Comparison(dec, "=", 0)))
    return AllOf((AnyOf((Outside(ra), Outside(dec), at_zero)), _is_there(ra), _is_there(dec)))


def _equal(estimate: str, truth: str) -> Cut:
    return Comparison(Difference(estimate, truth), "=", 0)


def _outliers(*_columns: str) -> Cut:
    """``dz`` is computed from the two columns of the check."""
    return AnyOf((Comparison(DZ, "<", -OUTLIER_LIMIT), Comparison(DZ, ">", OUTLIER_LIMIT)))


_CUTS: Mapping[tuple[str, int], Callable[..., Cut]] = MappingProxyType(
    {
        ("missing_redshift", 1): _unmeasured,
        ("missing_in_band", 1): _unmeasured,
        ("redshift_range", 1): Outside,
        ("magnitude_range", 1): Outside,
        ("magnitude_errors", 1): _wrong_error,
        ("stars", 1): lambda column: Comparison(column, "<", STAR_REDSHIFT),
        ("position_range", 2): _wrong_position,
        ("truth_leak", 2): _equal,
        ("point_quality", 2): _outliers,
    }
)
"""By the name of a check and how many columns it looks at."""

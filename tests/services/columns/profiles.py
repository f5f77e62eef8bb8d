"""Column profiles for tests: written out by hand, or measured on arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.models.roles import RoleGuess
from services.models.tables import ColumnProfile


def number(name: str, low: float, high: float, median: float | None = None, **more: object) -> ColumnProfile:
    """Numeric column of 1000 rows, float64 unless told."""
    middle = (low + high) / 2 if median is None else median
    facts: dict[str, object] = {"dtype": "float64", "n_rows": 1000, "n_valid": 1000, "is_constant": low == high}
    return ColumnProfile(name, minimum=low, maximum=high, median=middle, **{**facts, **more})  # type: ignore[arg-type]


def whole(name: str, low: int = 1, high: int = 1000) -> ColumnProfile:
    """Column of whole numbers."""
    return number(name, low, high, dtype="int64")


def text(name: str, *examples: str, **more: object) -> ColumnProfile:
    """Column of text."""
    return ColumnProfile(name, "string", 1000, 1000, examples=examples or ("a", "b"), **more)  # type: ignore[arg-type]


def vector(name: str, length: int = 301) -> ColumnProfile:
    """Column with several numbers a row."""
    return ColumnProfile(name, f"vector<float64>[{length}]", 1000, 1000)


def redshift(name: str, median: float = 0.7, **more: object) -> ColumnProfile:
    """Column with values of a redshift."""
    return number(name, min(median, 0.01), 3.2, median, **more)


def mags(*names: str) -> list[ColumnProfile]:
    """Columns with values of magnitudes."""
    return [number(name, 17.2, 27.9, 23.4) for name in names]


def errors(*names: str) -> list[ColumnProfile]:
    """Columns with values of magnitude errors."""
    return [number(name, 0.005, 1.2, 0.05) for name in names]


def fluxes(*names: str, unit: str | None = None) -> list[ColumnProfile]:
    """Columns with values of fluxes, some below zero."""
    return [number(name, -50.0, 90000.0, 320.0, unit=unit) for name in names]


def sky(ra: str, dec: str) -> list[ColumnProfile]:
    """Position columns of a field in degrees."""
    return [number(ra, 149.4, 150.8, 150.1), number(dec, 1.6, 2.8, 2.2)]


def roles(guesses: Iterable[RoleGuess]) -> Mapping[str, str]:
    """Guesses as ``{"ra": "RA", "mag u": "MAG_U", ...}``."""
    return {f"{g.role} {g.band}" if g.band else g.role: g.column for g in guesses}

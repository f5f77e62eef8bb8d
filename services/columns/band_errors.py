"""Which error column belongs to which magnitude or flux: by name, else by order."""

from __future__ import annotations

from collections.abc import Sequence

from services.columns.band_words import PhotometryName, photometry_name
from services.columns.names import parse_name, word_set
from services.models.tables import ColumnProfile

_NO_MATTER = word_set("dered corr cor ab obs vega app")
"""Words that a magnitude may carry without its error column repeating them."""

_ERROR_HINTS = ("err", "unc", "sig")


class ErrorColumns:
    """Error columns of a table, ready to be asked for the partner of a magnitude or flux."""

    def __init__(self, profiles: Sequence[ColumnProfile]) -> None:
        names = (photometry_name(profile.name) for profile in profiles if profile.is_numeric)
        errors = [name for name in names if name and name.is_error]
        self._errors = [error for error in errors if error.kind or error.band != "z" or _has_sister(error, errors)]

    def partner(self, name: PhotometryName, kind: str) -> str | None:
        """Error column of the same band, table and scheme, None when there is none.

        Errors that name no quantity (``e_u``) serve magnitudes and fluxes. The closest name wins.
        """
        fitting = [error for error in self._errors if _fits(error, name, kind)]
        fitting.sort(key=lambda error: (error.rest != name.rest, error.tags != name.tags))
        return fitting[0].column if fitting else None


def _has_sister(error: PhotometryName, errors: Sequence[PhotometryName]) -> bool:
    """Whether other bands have errors of the same scheme: ``e_z`` alone is the error of a redshift."""
    scheme = (error.table, error.kind, error.rest, error.tags)
    return any((other.table, other.kind, other.rest, other.tags) == scheme and other.band != "z" for other in errors)


def _fits(error: PhotometryName, name: PhotometryName, kind: str) -> bool:
    if (error.table, error.band) != (name.table, name.band) or error.kind not in ("", kind):
        return False
    if error.tags and name.tags and error.tags != name.tags:
        return False
    return set(error.rest) - _NO_MATTER == set(name.rest) - _NO_MATTER


def error_follows(columns: Sequence[str], profiles: Sequence[ColumnProfile]) -> dict[str, str | None]:
    """Pairs by order (mag, err, mag, err): taken only when an error column follows every one of the columns."""
    places = {profile.name: place for place, profile in enumerate(profiles)}
    after = {column: places[column] + 1 for column in columns}
    followers = {c: profiles[n] if n < len(profiles) else None for c, n in after.items()}
    if all(follower and _is_nameless_error(follower) for follower in followers.values()):
        return {column: follower.name for column, follower in followers.items() if follower}
    return dict.fromkeys(columns)


def _is_nameless_error(profile: ColumnProfile) -> bool:
    text = parse_name(profile.name).text
    says_error = text.startswith("e_") or text == "e" or any(hint in text for hint in _ERROR_HINTS)
    return profile.is_numeric and says_error and photometry_name(profile.name) is None

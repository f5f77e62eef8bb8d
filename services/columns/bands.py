"""Photometry of a table: which columns are magnitudes or fluxes in which band, with their errors.

Columns named by one scheme (``mag_{band}_lsst``) form a group. The group with most standard bands gives the plain band
names; other groups only add bands that it lacks (``B_cfh12k`` from another table of a join).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.columns.band_errors import ErrorColumns, error_follows
from services.columns.band_names import STANDARD_BANDS, band_label, band_order
from services.columns.band_words import PHOTOMETRY_WORDS, PhotometryName, photometry_name
from services.columns.evidence import CONSTANT_ROWS
from services.columns.names import parse_name
from services.columns.sentinels import MAGNITUDE_RANGE
from services.columns.units import CGS_FLUX, flux_unit, unit_family
from services.models.tables import ColumnProfile

RUBIN_FLUX_UNIT = "nJy"
_RUBIN_FLUX = re.compile(
    r"^[ugrizy]_(?:\w*_)?(?:cModel|gaap\w*|psf|kron|sersic|ap\d+|free\w*|calib\w*|bdChi2|bdE)Flux$"
)
_PAIRED_FLUX = re.compile(r"^f_(?P<filter>.+)$")
_PAIRED_ERROR_MARKS = ("e_", "ferr_", "ef_", "f_err_", "err_")
_BARE_MEDIAN_MAG = (12.0, 30.0)
"""A column with only a band letter for a name is a magnitude when its median lies here (domain rule 4)."""

_CGS_FLUX_BELOW = 1e-20
"""No flux unit but erg/s/cm2/Hz gives numbers this small for galaxies (1 nJy = 1e-32)."""

_MEASURES = (
    "cmodel",
    "gaap",
    "model",
    "auto",
    "kron",
    "petro",
    "total",
    "tot",
    "sersic",
    "",
    "iso",
    "psf",
    "aper",
    "ap",
)
_WORST_MEASURES = ("fiber", "fibertot", "true", "mc")


@dataclass(frozen=True, slots=True)
class FoundBand:
    """Photometry in one band: ``kind`` is "mag" or "flux", ``unit`` the flux unit if known, ``reason`` for people."""

    band: str
    column: str
    error_column: str | None
    kind: str
    unit: str | None
    how: str
    reason: str


@dataclass(slots=True)
class _Group:
    """Columns named by one scheme."""

    table: str
    kind: str
    rest: tuple[str, ...]
    members: list[tuple[PhotometryName, ColumnProfile]] = field(default_factory=list)

    @property
    def n_standard(self) -> int:
        return len({name.band for name, _ in self.members} & {*STANDARD_BANDS, "K"})

    @property
    def rank(self) -> tuple[int, int, int, int, int, int]:
        """Sort key, best group first: standard bands, magnitudes before fluxes, kind of measurement, plain names."""
        return (
            -self.n_standard,
            self.kind != "mag",
            _measure_rank(self.rest),
            bool(self.table),
            len(self.rest),
            -len(self.members),
        )

    @property
    def is_johnson(self) -> bool:
        """Whether U R I in capitals mean Johnson-Cousins bands: B or V is there and g is not."""
        bands = {name.band for name, _ in self.members}
        return bool(bands & {"B", "V"}) and "g" not in bands


def find_photometry(profiles: Sequence[ColumnProfile]) -> tuple[FoundBand, ...]:
    """Magnitudes and fluxes of a table, one column per band, sorted by wavelength.

    Parameters
    ----------
    profiles : sequence of ColumnProfile
        All columns in file order; values may veto a name (a ``z`` with median 0.5 is no magnitude).
    """
    errors = ErrorColumns(profiles)
    paired = _paired_fluxes(profiles)
    taken = {band.column for band in paired} | {band.error_column for band in paired}
    groups = sorted(_groups([p for p in profiles if p.name not in taken]), key=lambda group: group.rank)
    found: dict[str, FoundBand] = {band.band.lower(): band for band in paired}
    for place, group in enumerate(groups):
        for band in _bands_of(group, errors, profiles, is_main=place == 0 and not paired):
            is_own_name = place == 0 or band.band.endswith("_sel")
            key = band.band.lower() if is_own_name else band.band.split("_")[0].lower()
            found.setdefault(key, band)
    return tuple(sorted(found.values(), key=lambda band: band_order(band.band)))


def implied_flux_unit(column: str) -> str | None:
    """nJy for names of Rubin's object tables (``u_cModelFlux``), None else."""
    return RUBIN_FLUX_UNIT if _RUBIN_FLUX.match(parse_name(column).base) else None


def _groups(profiles: Iterable[ColumnProfile]) -> list[_Group]:
    groups: dict[tuple[str, str, tuple[str, ...]], _Group] = {}
    for profile in profiles:
        name = photometry_name(profile.name)
        if name is None or name.is_error or not _has_values(profile):
            continue
        kind = _kind(name, profile)
        if kind == "flux" or _may_be_magnitude(profile):
            key = (name.table, kind, name.rest)
            groups.setdefault(key, _Group(*key)).members.append((name, profile))
    return [accepted for group in groups.values() if (accepted := _accepted(group))]


def _has_values(profile: ColumnProfile) -> bool:
    return profile.is_numeric and profile.n_valid > 0 and not (profile.is_constant and profile.n_rows >= CONSTANT_ROWS)


def _kind(name: PhotometryName, profile: ColumnProfile) -> str:
    """Quantity by unit, then name, then UCD; "" when only the values can tell."""
    family = unit_family(profile.unit)
    if family in ("mag", "flux"):
        return family
    ucd = (profile.ucd or "").lower()
    return name.kind or ("mag" if ucd.startswith("phot.mag") else "flux" if ucd.startswith("phot.flux") else "")


def _may_be_magnitude(profile: ColumnProfile) -> bool:
    low, high = MAGNITUDE_RANGE
    return (
        profile.maximum is not None and profile.minimum is not None and profile.maximum > low and profile.minimum < high
    )


def _accepted(group: _Group) -> _Group | None:
    """The group itself, or for names without a quantity the members whose values are magnitudes."""
    if group.kind:
        return group
    low, high = _BARE_MEDIAN_MAG
    members = [
        (name, profile)
        for name, profile in group.members
        if profile.dtype.startswith("float") and profile.median is not None and low <= profile.median <= high
    ]
    is_plain = not group.rest or set(group.rest) <= PHOTOMETRY_WORDS
    if len(members) >= 3 or (members and is_plain):
        return _Group(group.table, "mag", group.rest, members)
    return None


def _measure_rank(rest: tuple[str, ...]) -> int:
    ranks = [_one_measure_rank(word) for word in rest]
    return max(ranks, default=_MEASURES.index(""))


def _one_measure_rank(word: str) -> int:
    if word.startswith(_WORST_MEASURES):
        return len(_MEASURES)
    known = [place for place, measure in enumerate(_MEASURES) if measure and word.startswith(measure)]
    return min(known, default=0)


def _bands_of(
    group: _Group, errors: ErrorColumns, profiles: Sequence[ColumnProfile], *, is_main: bool
) -> Iterable[FoundBand]:
    """Bands of a group with their labels; a band observed twice keeps its plain name for the commoner camera."""
    cameras = Counter(tag for name, _ in group.members for tag in name.tags)
    members = sorted(group.members, key=lambda member: -sum(cameras[tag] for tag in member[0].tags))
    by_name = {name.column: errors.partner(name, group.kind) for name, _ in members}
    if not any(by_name.values()):
        by_name = error_follows([name.column for name, _ in group.members], profiles)
    seen: set[str] = set()
    for name, profile in members:
        label = _label(name, group, is_main=is_main)
        if label in seen:
            label = f"{label}_{'_'.join(name.tags)}"
        if label not in seen:
            seen.add(label)
            yield _found(label, profile, by_name.get(name.column), group.kind)


def _label(name: PhotometryName, group: _Group, *, is_main: bool) -> str:
    if not is_main and "spec" in name.table.lower():
        return f"{name.band.upper() if name.capital else name.band}_sel"  # selection magnitude of the survey
    band = name.band.upper() if group.is_johnson and name.capital and name.band in "uri" else name.band
    return band if is_main or not name.table else f"{band}_{name.table.lower().removeprefix('ds_')}"


def _found(band: str, profile: ColumnProfile, error: str | None, kind: str) -> FoundBand:
    unit = "mag" if kind == "mag" else _flux_unit(profile)
    pair = f', error "{error}"' if error else ", no error column found"
    quantity = "magnitude" if kind == "mag" else f"flux [{unit}]" if unit else "flux, unit not stated"
    how = "values" if not (photometry_name(profile.name) or profile.unit) else "name"
    return FoundBand(band, profile.name, error, kind, unit, how, f"by name: {quantity} in band {band}{pair}")


def _flux_unit(profile: ColumnProfile) -> str | None:
    stated = flux_unit(profile.unit) or profile.unit or implied_flux_unit(profile.name)
    if stated or profile.median is None or profile.maximum is None:
        return stated
    return CGS_FLUX if 0 < max(abs(profile.median), abs(profile.maximum)) < _CGS_FLUX_BELOW else None


def _paired_fluxes(profiles: Sequence[ColumnProfile]) -> list[FoundBand]:
    """``f_<filter>`` with a matching ``e_<filter>`` or ``ferr_<filter>``, whatever the filter is called."""
    by_text = {profile.name.lower(): profile for profile in profiles}
    found: dict[str, FoundBand] = {}
    for profile in profiles:
        match = _PAIRED_FLUX.match(profile.name.lower())
        if not match or not profile.is_numeric:
            continue
        error = next(
            (by_text[m + match["filter"]].name for m in _PAIRED_ERROR_MARKS if m + match["filter"] in by_text), None
        )
        if error:
            label = _filter_label(profile.name, match["filter"], found)
            found[label] = _found(label, profile, error, "flux")
    return list(found.values())


def _filter_label(column: str, filter_name: str, taken: dict[str, FoundBand]) -> str:
    """Band of the filter, with its camera when the band is taken, else the word of the file."""
    name = photometry_name(column)
    stem = filter_name.split("/")[-1].split(".")[0]
    labels = [name.band, "_".join((name.band, *name.tags))] if name else []
    labels += [band_label(stem) or stem, filter_name]
    return next(label for label in labels if label not in taken or label == filter_name)

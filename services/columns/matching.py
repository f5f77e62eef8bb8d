"""Guesses of column roles with their reasons, and the role map that statistics ask.

Order of decisions: photometry first (it settles whether ``z`` is a band), then one role after the other by points.
A role is taken when its best column has 60 points or more and leads by 20; names of an earlier tier, plain names and
the partner of a chosen RA settle what points leave open; otherwise nothing is taken and the candidates are offered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.columns.bands import FoundBand, find_photometry
from services.columns.evidence import UNIT_POINTS, Evidence, evidence
from services.columns.headerless import guess_by_values
from services.columns.names import is_place_name, parse_name
from services.columns.positions import angle_unit, are_radians
from services.columns.role_maps import open_roles, role_map
from services.columns.roles import BAND_ROLES, ROLES
from services.columns.sentinels import sentinels
from services.columns.sexagesimal import angle_format
from services.models.roles import RoleGuess
from services.models.tables import ColumnProfile

__all__ = ["guess_roles", "open_candidates", "open_roles", "role_map", "unusable_columns"]

ACCEPT_SCORE, LEAD_SCORE = 60.0, 20.0
PHOTO_Z_TYPES = ("validation_results", "photoz_estimates")
_PHOTO_Z_ONLY = ("z_phot_err", "z_low", "z_high", "odds")
_GENERIC_REDSHIFTS = ("z", "redshift", "z_best", "zbest", "z_final", "zfinal")
_SHARED_WORDS = ("z_err", "zerr", "err_z", "z_quality", "z_conf", "zconf")
_VALUE_ROLES = tuple(name for name in ROLES if name not in BAND_ROLES)


Table = dict[str, list[Evidence]]
"""Role name to its candidate columns, best first."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """What a role came to: the column taken, or the columns it is left open between."""

    taken: Evidence | None
    open_between: tuple[str, ...] = ()


def guess_roles(profiles: Sequence[ColumnProfile], product_type: str) -> tuple[RoleGuess, ...]:
    """Roles that the columns of a table have, as far as they are clear.

    Parameters
    ----------
    profiles : sequence of ColumnProfile
        All columns in file order.
    product_type : str
        Wire name of the type: in photo-z products estimate and truth are told apart.

    Returns
    -------
    tuple of RoleGuess
        At most one per column. Roles with two equally good columns are absent; ask ``open_candidates``.
    """
    if profiles and all(is_place_name(profile.name) for profile in profiles):
        return guess_by_values(profiles)
    bands = find_photometry(profiles)
    choices = _choices(profiles, bands, product_type)
    taken = {role: choice.taken for role, choice in choices.items() if choice.taken}
    return (*_value_guesses(taken), *_band_guesses(bands))


def open_candidates(profiles: Sequence[ColumnProfile], product_type: str) -> Mapping[str, tuple[str, ...]]:
    """Roles left open because several columns are equally good, with those columns, best first."""
    if profiles and all(is_place_name(profile.name) for profile in profiles):
        return {}
    choices = _choices(profiles, find_photometry(profiles), product_type)
    return {role: choice.open_between for role, choice in choices.items() if choice.open_between}


def unusable_columns(profiles: Sequence[ColumnProfile], role: str) -> Mapping[str, str]:
    """Columns whose name is that of a role but whose values cannot be, and why."""
    named = [p for p in profiles if ROLES[role].tier(parse_name(p.name).text) is not None]
    return {p.name: why for p in named if (why := _why_unusable(p, role))}


def _why_unusable(profile: ColumnProfile, role: str) -> str:
    is_placeholder = profile.is_constant and profile.median in sentinels(role)
    if profile.is_numeric and (profile.n_valid == 0 or is_placeholder):
        return "holds no valid value (only NaN, blanks or placeholders such as -99)"
    is_text = profile.dtype == "string" and ROLES[role].kind == "number" and angle_format(profile.examples) is None
    examples = ", ".join(profile.examples[:2])
    return f"holds text instead of numbers ({examples})" if is_text and len(examples) < 80 else ""


def _choices(profiles: Sequence[ColumnProfile], bands: Sequence[FoundBand], product_type: str) -> dict[str, _Choice]:
    photometric = {band.column for band in bands} | {band.error_column for band in bands if band.error_column}
    table = _evidence_table([p for p in profiles if p.name not in photometric], profiles)
    _settle_photo_z(table, product_type)
    choices = {role: _choose(found) for role, found in table.items() if role != "dec"}
    choices["dec"] = _choose_partner(table["dec"], choices["ra"].taken)
    return _one_role_each(choices)


def _evidence_table(
    candidates: Sequence[ColumnProfile], profiles: Sequence[ColumnProfile]
) -> dict[str, list[Evidence]]:
    table: dict[str, list[Evidence]] = {}
    for role in _VALUE_ROLES:
        found = (evidence(role, p, is_first=p is profiles[0]) for p in candidates)
        table[role] = sorted((e for e in found if e), key=lambda e: (-e.score, e.tier))
    return table


def _settle_photo_z(table: Table, product_type: str) -> None:
    """Truth against estimate (domain rule 5), and columns that only speak of an estimate."""
    is_photo_z = product_type in PHOTO_Z_TYPES
    if is_photo_z and not table["z_phot"]:
        _lend_generic_redshift(table, product_type)
    has_estimate = bool(table["z_phot"])
    if not (is_photo_z or has_estimate):
        for role in _PHOTO_Z_ONLY:
            table[role] = []
    if is_photo_z:
        _prefer_photo_z_words(table)


def _text(found: Evidence) -> str:
    return parse_name(found.profile.name).text


def _lend_generic_redshift(table: Table, product_type: str) -> None:
    """A plain ``z`` in a photo-z product is the estimate: in a table without truth, or beside a named truth."""
    generic = [e for e in table["redshift"] if _text(e) in _GENERIC_REDSHIFTS and e.how == "name"]
    named = [e for e in table["redshift"] if e not in generic and e.score >= ACCEPT_SCORE]
    if generic and (named or product_type == "photoz_estimates"):
        table["redshift"] = [e for e in table["redshift"] if e not in generic]
        reason = "by name: a redshift in a photo-z product without another estimate"
        table["z_phot"] = [replace(e, role="z_phot", reason=reason) for e in generic]


def _prefer_photo_z_words(table: Table) -> None:
    """In a photo-z product ``z_err`` and ``z_quality`` belong to the estimate unless the estimate has its own."""
    for truth, estimate in (("redshift_err", "z_phot_err"), ("z_flag", "odds")):
        shared = [e for e in table[truth] if _text(e) in _SHARED_WORDS]
        table[truth] = [e for e in table[truth] if e not in shared]
        if not table[estimate]:
            table[estimate] = [replace(e, role=estimate) for e in shared]


def _choose(found: Sequence[Evidence]) -> _Choice:
    """Best column of a role by points, then by what settles ties."""
    if not found or found[0].score < ACCEPT_SCORE:
        return _Choice(None, tuple(e.profile.name for e in found))
    rivals = [e for e in found if e.score > found[0].score - LEAD_SCORE]
    if len(rivals) > 1:
        rivals = _clearer_positions(rivals)
        best_tier = min(e.tier for e in rivals)
        rivals = [e for e in rivals if e.tier == best_tier]
    return _Choice(rivals[0]) if len(rivals) == 1 else _Choice(None, tuple(e.profile.name for e in rivals))


def _clearer_positions(rivals: list[Evidence]) -> list[Evidence]:
    """Of equally good positions: numbers before text, plain names before variants, real values before placeholders."""
    if rivals[0].role not in ("ra", "dec"):
        return rivals
    numbers = [e for e in rivals if e.profile.is_numeric] or rivals
    return _without_placeholder_zeros(_without_variants(numbers))


def _without_variants(rivals: list[Evidence]) -> list[Evidence]:
    """Drop ``ra_centroid_win`` beside ``ra_centroid``: a longer name is a variant of the plain one."""
    names = {_text(e) for e in rivals}
    return [e for e in rivals if not any(_text(e).startswith(f"{name}_") for name in names)]


def _without_placeholder_zeros(rivals: list[Evidence]) -> list[Evidence]:
    """Drop those that reach exactly 0, which stands for "no counterpart" there, where another one does not."""
    clean = [e for e in rivals if e.profile.minimum != 0.0]
    return clean or rivals


def _choose_partner(found: Sequence[Evidence], ra: Evidence | None) -> _Choice:
    """Dec, with points for the column named like the chosen RA."""
    if ra is None:
        return _choose(found)
    wanted = parse_name(ra.profile.name)
    scored = [replace(e, score=e.score + _partner_points(wanted.table, wanted.text, e)) for e in found]
    return _choose(sorted(scored, key=lambda e: (-e.score, e.tier)))


def _partner_points(table: str, ra_text: str, dec: Evidence) -> float:
    name = parse_name(dec.profile.name)
    partners = {ra_text.replace("ra", word) for word in ("dec", "de", "decl")} | {ra_text.replace("alpha", "delta")}
    return UNIT_POINTS if name.table == table and name.text in partners - {ra_text} else 0.0


def _one_role_each(choices: dict[str, _Choice]) -> dict[str, _Choice]:
    """A column wanted for two roles goes to the one with more points; the other role stays open."""
    best: dict[str, Evidence] = {}
    for choice in choices.values():
        if choice.taken and choice.taken.score > (best[n].score if (n := choice.taken.profile.name) in best else 0.0):
            best[n] = choice.taken
    return {
        role: choice if not choice.taken or best[choice.taken.profile.name] is choice.taken else _Choice(None)
        for role, choice in choices.items()
    }


def _value_guesses(taken: Mapping[str, Evidence]) -> list[RoleGuess]:
    guesses = []
    if "id" not in taken and "name" in taken:  # objects known by name only: the name is the identifier
        taken = {**{role: e for role, e in taken.items() if role != "name"}, "id": replace(taken["name"], role="id")}
    for role in (name for name in ROLES if name in taken):
        found = taken[role]
        guesses.append(_position_guess(found, taken) if role in ("ra", "dec") else _plain_guess(found))
    return guesses


def _plain_guess(found: Evidence) -> RoleGuess:
    unit = found.profile.unit or parse_name(found.profile.name).unit or ROLES[found.role].unit
    return RoleGuess(found.profile.name, found.role, found.how, found.score, found.reason, unit=unit)


def _position_guess(found: Evidence, taken: Mapping[str, Evidence]) -> RoleGuess:
    ra, dec = taken.get("ra"), taken.get("dec")
    is_radians = bool(ra and dec and are_radians(ra.profile, dec.profile))
    angle = angle_unit(found.role, found.profile, pair_is_radians=is_radians)
    reason = f"{found.reason}; {angle.note}" if angle.note else found.reason
    return replace(
        _plain_guess(found),
        reason=reason,
        transform=angle.transform,
        unit=angle.unit,
        needs_confirmation=angle.needs_confirmation,
    )


def _band_guesses(bands: Sequence[FoundBand]) -> list[RoleGuess]:
    guesses = []
    for band in bands:
        guess = RoleGuess(band.column, band.kind, band.how, ACCEPT_SCORE, band.reason, band=band.band, unit=band.unit)
        guesses.append(guess)
        if band.error_column:
            reason = f'by name: error of "{band.column}"'
            guesses.append(replace(guess, column=band.error_column, role=f"{band.kind}_err", reason=reason))
    return guesses

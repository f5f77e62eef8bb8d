"""Names of columns: making them unique, and telling a catalogue from other tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

REDSHIFT_NAMES = re.compile(
    r"redshift|z_?spec|spec_?z|zs|zsp|z_?best|z_?final|z_?true|z_?helio|zhel|zcmb|z|zpec|"
    r"z_?phot|photo_?z|z_?photo|z_?b|z_?mode|z_?mean|z_?median|z_?ml"
)
RA_NAMES = re.compile(r"(target_|coord_|mean_fiber_|fiber_|_)?ra(j2000|_j2000|_deg|deg|_targ)?|alpha(_j2000)?")
DEC_NAMES = re.compile(
    r"(target_|coord_|mean_fiber_|fiber_|_)?(dec|decl|de)(j2000|_j2000|_deg|deg|_targ)?|delta(_j2000)?"
)
ID_NAMES = re.compile(r"id|num|name|(coadd_)?(obj|object|source|target|spec|spec_?obj|gal|galaxy|cata)s?_?id")
MAG_NAMES = re.compile(r"[ugrizyjhk]|.*mag.*|.*flux.*")

REDSHIFT_WEIGHT = 8
"""A table with a redshift is the catalogue even when a sibling knows position and id."""


def plain_name(name: str) -> str:
    """Name as it is compared: without table prefix and unit, lower case, blanks and dashes as underscores."""
    without_unit = re.sub(r"[(\[].*$", "", name).strip()
    return re.sub(r"[-\s]+", "_", without_unit.rsplit(".", 1)[-1].lower())


def has_position(names: Iterable[str]) -> bool:
    """Whether right ascension and declination are among the names."""
    plain = [plain_name(name) for name in names]
    return any(map(RA_NAMES.fullmatch, plain)) and any(map(DEC_NAMES.fullmatch, plain))


def catalogue_score(names: Iterable[str]) -> int:
    """How much a list of column names looks like that of a catalogue; larger is more."""
    plain = [plain_name(name) for name in names]
    score = REDSHIFT_WEIGHT if any(map(REDSHIFT_NAMES.fullmatch, plain)) else 0
    score += 2 * any(map(RA_NAMES.fullmatch, plain)) + 2 * any(map(DEC_NAMES.fullmatch, plain))
    return score + any(map(ID_NAMES.fullmatch, plain)) + any(map(MAG_NAMES.fullmatch, plain))


def unique_names(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names without gaps and doubles, and sentences that tell what was changed.

    An empty name becomes ``col<position>``; the second ``x`` becomes ``x_2``.
    """
    filled = [name.strip() or f"col{position}" for position, name in enumerate(names, start=1)]
    taken, result, doubles = set(filled), [], []
    seen: set[str] = set()
    for name in filled:
        if name in seen:
            doubles.append(name)
            name = _free_name(name, taken)
            taken.add(name)
        seen.add(name)
        result.append(name)
    return tuple(result), (*_empty_warning(names), *_double_warning(doubles))


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _empty_warning(names: Sequence[str]) -> tuple[str, ...]:
    places = [f"col{position}" for position, name in enumerate(names, start=1) if not name.strip()]
    return (f"Columns without a name were called {listed(places)}.",) if places else ()


def _double_warning(doubles: Sequence[str]) -> tuple[str, ...]:
    if not doubles:
        return ()
    return (f"Column names that occur twice were numbered: {listed(list(dict.fromkeys(doubles)))}.",)


def listed(words: Sequence[str], most: int = 6) -> str:
    """Words joined for a sentence; the rest is counted when there are many."""
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"

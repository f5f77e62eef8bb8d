"""Names of the columns of a text table: from a comment, from its first record, or none at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.formats.column_names import ID_NAMES, listed, plain_name
from services.formats.text_dialect import is_missing, is_number

_NUMBERED = re.compile(r"(\d+)[.:]?\s+(\S+)(.*)")
_TYPED = re.compile(r"[A-Za-z]:(\S+)")
_UNIT = re.compile(r"[(\[]([^)\]]+)[)\]]\s*$")
_UNIT_WORDS = frozenset(
    [
        *("-", "--", "---", "none", "dimensionless", "%", '"', "'"),
        *("deg", "degree", "degrees", "rad", "radian", "radians", "arcsec", "arcsecs", "arcmin", "mas", "sr"),
        *("h:m:s", "d:m:s", "hms", "dms", "hourangle", "yr", "day", "d", "jd", "mjd", "s", "sec", "hz"),
        *("mag", "ab", "abmag", "vega", "dex", "jy", "mjy", "ujy", "njy", "nmgy", "nanomaggy", "nanomaggies", "erg"),
        *("km", "pc", "kpc", "mpc", "cm", "um", "nm", "micron", "microns", "angstrom", "angstroms", "k"),
        *("msun", "lsun", "solmass", "count", "counts", "ct", "adu", "electron", "pix", "pixel", "pixels"),
        *("boolean", "char", "short", "int", "long", "float", "double", "string"),
    ]
)
_UNIT_PARTS = re.compile(r"[\s/*^().]+|(?<=[a-z])[+-]?\d+|log")
_FRAMED = re.compile(r"\[.*\]|\(.*\)")
_RULE = re.compile(r"[-=]{2,}")
_COMMENT_MARKS = frozenset({"%", "!", "//", ";"})
"""Marks that other programs than ours put before a header line, when a blank follows them."""

_FEWEST_COUNTED = 3
"""So many rows that count 1, 2, 3 are no chance."""

_MOST_NAMES_OFF = 3
"""A comment whose words miss the number of columns by more than this is prose, not a header."""


@dataclass(frozen=True, slots=True)
class Header:
    """Names found for ``width`` columns.

    ``in_first_record`` tells whether the first record is the header, ``n_unit_records`` how many below it hold units.
    ``needs_confirmation`` is set when a person must look at the names.
    """

    names: tuple[str, ...]
    has_header: bool
    in_first_record: bool = False
    needs_confirmation: bool = False
    warnings: tuple[str, ...] = ()
    units: tuple[str | None, ...] = ()
    n_unit_records: int = 0


def numbered_names(width: int) -> tuple[str, ...]:
    """col1 .. col<width>."""
    return tuple(f"col{position}" for position in range(1, width + 1))


def find_header(comments: Sequence[str], records: Sequence[Sequence[str]], delimiter: str | None) -> Header:
    """Names for the columns of ``records``, whose first one may be the header itself."""
    first, rest = records[0], records[1:]
    n_unit_records = _count_unit_records(rest)
    if n_unit_records:
        header = _from_record(first, rest[n_unit_records:], _width_below(first, rest[n_unit_records:]))
        return replace(header, units=_units(rest[0], len(header.names)), n_unit_records=n_unit_records)
    width = _width_below(first, rest)
    if is_header_record(first, rest):
        return _from_record(first, rest, width)
    width = _common_width(records)
    numbered = _numbered_header(comments, width)
    if numbered:
        return numbered
    named = _comment_names(comments, width, delimiter)
    if named:
        return _fitted(named, width, in_first_record=False)
    warning = "The file has no column names, so they were called col1, col2, ...: say what they are under Columns."
    return Header(numbered_names(width), has_header=False, needs_confirmation=True, warnings=(warning,))


def _common_width(records: Sequence[Sequence[str]]) -> int:
    """Commonest number of cells, without an empty cell that a trailing delimiter makes on every record."""
    width = Counter(map(len, records)).most_common(1)[0][0]
    full = [record for record in records if len(record) == width]
    is_trailing = width > 1 and all(not record[-1].strip() for record in full)
    return width - 1 if is_trailing and len(full) > 1 else width


def is_header_record(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether a record holds names: words stand above numbers, or there are no numbers at all."""
    if not any(cell.strip() for cell in first) or all(is_number(cell) or is_missing(cell) for cell in first):
        return False
    words = numbers = 0
    for place, cell in enumerate(first):
        below = [record[place] for record in rest if place < len(record) and not is_missing(record[place])]
        if below and sum(map(is_number, below)) > len(below) / 2:
            words += not is_number(cell) and not is_missing(cell)
            numbers += is_number(cell)
    return words > numbers or (words == numbers == 0 and not any(map(is_number, first)))


def _width_below(first: Sequence[str], rest: Sequence[Sequence[str]]) -> int:
    """Number of columns of the rows below a first record, which decides where the rows do not agree."""
    widths = Counter(map(len, rest))
    if not rest or max(widths.values()) <= len(rest) / 2 or set(widths) == {1}:
        return len(first) - (len(first) > 1 and not first[-1].strip())
    if widths[len(first)] == max(widths.values()):
        return _common_width([record for record in rest if len(record) == len(first)])
    return _common_width(rest)


def _count_unit_records(rest: Sequence[Sequence[str]]) -> int:
    """Records between names and numbers that hold units, or the dashes VizieR rules its tables with."""
    count = next((place for place, record in enumerate(rest[:4]) if any(map(is_number, record))), 0)
    numeric = [place for place, cell in enumerate(rest[count]) if is_number(cell)] if count else []
    return count if all(_is_unit_record(record, numeric) for record in rest[:count]) else 0


def _is_unit_record(record: Sequence[str], numeric: Sequence[int]) -> bool:
    """Whether a record holds units only, one of them at least above numbers."""
    units = {place: cell.strip().lower() for place, cell in enumerate(record) if not is_missing(cell)}
    return any(place in units for place in numeric) and all(map(_is_unit, units.values()))


def _is_unit(cell: str) -> bool:
    if _RULE.fullmatch(cell) or _FRAMED.fullmatch(cell):
        return True
    return all(word in _UNIT_WORDS for word in _UNIT_PARTS.split(cell) if word)


def _units(record: Sequence[str], width: int) -> tuple[str | None, ...]:
    units = tuple(_bare_unit(cell.strip()) for cell in record)
    return units if len(units) == width and any(units) else ()


def _bare_unit(cell: str) -> str | None:
    bare = cell[1:-1].strip() if _FRAMED.fullmatch(cell) else cell
    return None if is_missing(bare) or _RULE.fullmatch(bare) else bare


def _from_record(first: Sequence[str], rest: Sequence[Sequence[str]], width: int) -> Header:
    names = [cell.strip() for cell in first]
    if names[0] in _COMMENT_MARKS and len(names) > 1:
        names.pop(0)
    full_width = Counter(map(len, rest)).most_common(1)[0][0] if rest else len(names)
    if len(names) == full_width and names[-1]:
        width = full_width  # the last column is named, so it is a column, empty as it may be
    if len(names) == width + 1 and not names[-1]:
        names.pop()
    longer = [record for record in rest if len(record) != len(names)]
    if names[-1] and all(len(record) == len(names) + 1 and not record[-1].strip() for record in longer):
        width = len(names)  # a trailing delimiter, on some records or on all
    if len(names) == width - 1 and _has_row_numbers(names, rest):
        warning = (
            f"The header has one name less than there are columns ({listed(names)}): the first one counts the rows."
        )
        return Header(("row", *names), has_header=True, in_first_record=True, warnings=(warning,))
    return _fitted(tuple(names), width, in_first_record=True)


def _has_row_numbers(names: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the column without a name is the first one, as R writes row names: it counts 1, 2, 3, ... there."""
    counted = [record[0] for record in rest] == [str(number) for number in range(1, len(rest) + 1)]
    is_named = ID_NAMES.fullmatch(plain_name(names[0])) is not None or missing_error_name(names) is not None
    return counted and len(rest) >= _FEWEST_COUNTED and not is_named


def _fitted(names: tuple[str, ...], width: int, in_first_record: bool) -> Header:
    """The names when there is one per column; else the most honest thing that can be said."""
    if len(names) == width:
        return Header(names, has_header=True, in_first_record=in_first_record)
    found = f"The header has {len(names)} names for {width} columns"
    place_and_name = missing_error_name(names) if len(names) == width - 1 else None
    if place_and_name is None:
        asked = "say what they are under Columns."
        warning = f"{found} ({listed(names)}): the columns were called col1, col2, ...: {asked}"
        return Header(
            numbered_names(width),
            has_header=True,
            in_first_record=in_first_record,
            needs_confirmation=True,
            warnings=(warning,),
        )
    place, name = place_and_name
    warning = f"{found}: by the order of the error columns the missing one is {name}, column {place + 1}. Please check."
    repaired = (*names[:place], name, *names[place:])
    return Header(
        repaired, has_header=True, in_first_record=in_first_record, needs_confirmation=True, warnings=(warning,)
    )


def missing_error_name(names: Sequence[str]) -> tuple[int, str] | None:
    """Place and name of the one error column missing from a header, if the order of the others tells.

    Error columns (``eu``, ``eg``, ... or ``u_err``, ...) follow the order of their quantities, so that a gap in the
    run of quantities with partners names the missing one. None when no gap or more than one could be meant.
    """
    for pattern in ("e{}", "e_{}", "err_{}", "{}_err", "{}err", "d{}", "d_{}"):
        errors = {pattern.format(name): name for name in names}
        partners = {errors[name]: place for place, name in enumerate(names) if name in errors}
        quantities = [name for name in names if name not in errors]
        known = [place for place, name in enumerate(quantities) if name in partners]
        if len(known) < 2:
            continue
        gaps = [place for place in range(known[0], known[-1]) if place not in known]
        ends = [place for place in (known[0] - 1, known[-1] + 1) if 0 <= place < len(quantities)]
        chosen = gaps or ends
        if len(chosen) == 1:
            missing = chosen[0]
            return _place_of_error(names, quantities, partners, missing), pattern.format(quantities[missing])
    return None


def _place_of_error(names: Sequence[str], quantities: Sequence[str], partners: dict[str, int], missing: int) -> int:
    if all(names.index(quantity) + 1 == place for quantity, place in partners.items()):
        return names.index(quantities[missing]) + 1  # error columns stand right behind their quantities
    after = quantities[missing + 1] if missing + 1 < len(quantities) else None
    if after in partners:
        return partners[after]
    return partners[quantities[missing - 1]] + 1


def _numbered_header(comments: Sequence[str], width: int) -> Header | None:
    """Names from lines such as ``#  1 id`` (BPZ) or ``#  2 MAG_AUTO  Kron magnitude [mag]`` (SExtractor)."""
    found: dict[int, tuple[str, str | None]] = {}
    for comment in comments:
        match = _NUMBERED.fullmatch(comment)
        if (match and int(match[1]) == max(found, default=0) + 1) or (match and found and int(match[1]) > max(found)):
            unit = _UNIT.search(match[3])
            found[int(match[1])] = (match[2], unit[1] if unit else None)
    if len(found) < 2 or min(found) != 1 or max(found) > width:
        if len(found) >= 2 and min(found) == 1 and len(found) == max(found):
            return _fitted(tuple(name for name, _ in found.values()), width, in_first_record=False)
        return None
    names, units = _spread(found, width)
    return Header(names, has_header=True, units=units)


def _spread(found: dict[int, tuple[str, str | None]], width: int) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    """SExtractor numbers a vector once: its further columns get the name with a running number."""
    names, units, count = [], [], 0
    current: tuple[str, str | None] = ("", None)
    for position in range(1, width + 1):
        count = 0 if position in found else count + 1
        current = found.get(position, current)
        names.append(f"{current[0]}_{count}" if count else current[0])
        units.append(current[1])
    return tuple(names), tuple(units)


def _comment_names(comments: Sequence[str], width: int, delimiter: str | None) -> tuple[str, ...] | None:
    """The comment line that holds the names, cut into names; None when no comment looks like it."""
    cut = [_cut_names(comment, width, delimiter) for comment in comments]
    fitting = [place for place, names in enumerate(cut) if len(names) == width and _are_names(names)]
    if fitting:
        last = fitting[-1]
        above = last - 1
        return cut[above] if above in fitting and _explains(cut[last], cut[above]) else cut[last]
    near = [names for names in cut[-2:] if len(names) > 1 and abs(len(names) - width) <= _MOST_NAMES_OFF]
    likely = [names for names in near if _are_names(names)]
    return likely[-1] if likely else None


def _cut_names(comment: str, width: int, delimiter: str | None) -> tuple[str, ...]:
    """Names of a comment, cut at the delimiter that gives the right number, else at that of the data."""
    ways = [delimiter, ";", ",", "\t", "|", None]
    cuts = [[cell.strip() for cell in (comment.split(way) if way else comment.split())] for way in ways]
    best = next((cells for cells in cuts if len(cells) == width), None) or max(cuts, key=len)
    typed = [_TYPED.fullmatch(cell) for cell in best]
    # ANNZ writes the C type before each name: "F:MAG_U;...;D:Z".
    return tuple(match[1] for match in typed if match) if all(typed) else tuple(best)


def _are_names(cells: Sequence[str]) -> bool:
    return len(set(cells)) == len(cells) and not any(is_number(cell) for cell in cells) and all(cells)


def _explains(below: Sequence[str], above: Sequence[str]) -> bool:
    """Whether a line only comments the names above it: units, or codes that repeat some names (EAZY translations)."""
    units = sum(cell.strip("[]()").lower() in _UNIT_WORDS for cell in below)
    return bool(set(below) & set(above)) or units > len(below) / 2

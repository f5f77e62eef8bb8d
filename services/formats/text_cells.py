"""One compiled pass from the bytes of a delimited table to its values, for plain rows of columns with known types.

Fields are classified by the same rules as in ``text_scan`` while their digits are added up, so what the columns hold
is known afterwards and can be compared with what was expected. Anything unusual ends the pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from services.formats.text_automaton import (
    EMPTY,
    FLOAT,
    FORTRAN,
    HUGE,
    INTEGER,
    LEADING_ZERO,
    NAN_WORD,
    NEGATIVE,
    PADDED,
    UNSIGNED,
    WORD,
    ByteArray,
)
from services.formats.text_numbers import (
    MOST_DIGITS,
    SPARE_BYTES,
    UNDECIDED,
    bytes_at,
    digits_at,
    double_bits,
    exact_double,
)
from services.formats.text_scan import N_COUNTERS, QUOTED, STRAY, Grammar, scan_field

KINDS = {"float64": 0, "int64": 1, "uint64": 2, "string": 3}
"""Types of the canonical table that text is read into."""

_FLOAT, _CODE = KINDS["float64"], KINDS["string"]
SETTLED_TEXT = len(KINDS)
"""Kind of a column that is text whatever comes: its fields are not looked at."""

MOST_SLOW = 65_536
"""Numbers of a block that may be left to Python."""

N_ROWS, N_SLOW, STATUS = range(3)
FINE, UNUSUAL = 0, 1
_SIGN_BIT = np.uint64(2**63)
_BYTE = np.uint64(0xFF)
_LINE_FEED = np.uint8(ord("\n"))
_NAN = np.float64(np.nan).view(np.uint64)


@numba.njit(cache=True, nogil=True)
def _integer_bits(first, n_digits, digits, negative):  # type: ignore[no-untyped-def]
    """Meaning of an integer of one to 19 digits."""
    if bytes_at(first) & _BYTE == 48:
        if n_digits > 1:
            return LEADING_ZERO
        return FLOAT if negative else INTEGER
    if digits < _SIGN_BIT:
        return INTEGER | NEGATIVE if negative else INTEGER
    if negative:
        return INTEGER | NEGATIVE if digits == _SIGN_BIT else HUGE
    return UNSIGNED


@numba.njit(cache=True, nogil=True)
def _exponent(place):  # type: ignore[no-untyped-def]
    """Place after the exponent that begins at an ``e`` and its value; place -1 when it is none or a long one."""
    place += 1
    sign = bytes_at(place) & _BYTE
    place += sign == 45 or sign == 43
    end, digits, n_digits, n_behind = digits_at(place)
    if n_behind >= 0 or not 0 < n_digits < 4:
        return np.int64(-1), np.int64(0)
    return end, -np.int64(digits) if sign == 45 else np.int64(digits)


@numba.njit(cache=True, nogil=True)
def _number(start):  # type: ignore[no-untyped-def]
    """A field read as a number: place of its end, meaning (0: not a plain number), digits, power of ten, sign."""
    negative = bytes_at(start) & _BYTE == 45
    first = start + 1 if negative else start
    place, digits, n_digits, n_behind = digits_at(first)
    power, bits = np.int64(0), 0
    if n_behind >= 0:
        power, bits = -n_behind, FLOAT
    if n_digits == 0 or n_digits > MOST_DIGITS:
        return place, 0, digits, power, negative
    if (bytes_at(place) & _BYTE) | np.uint64(32) == 101:
        place, more = _exponent(place)
        power, bits = power + more, FLOAT if place >= 0 else 0
    elif bits == 0:
        bits = _integer_bits(first, n_digits, digits, negative)
    return place, bits, digits, power, negative


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _double(digits, power, negative):  # type: ignore[no-untyped-def]
    """Bits of a number as a double; UNDECIDED when the fast ways cannot tell."""
    value = exact_double(digits, power)
    bits = np.float64(value).view(np.uint64) if value == value else double_bits(digits, power)
    return bits | _SIGN_BIT if negative else bits


@numba.njit(cache=True, nogil=True)
def _value(kind, digits, power, negative):  # type: ignore[no-untyped-def]
    """Bits of a number in the type of its column."""
    if kind == _FLOAT:
        return _double(digits, power, negative)
    return np.uint64(-np.int64(digits)) if negative else digits


@numba.njit(cache=True, nogil=True)
def _ends_field(place, delimiter):  # type: ignore[no-untyped-def]
    """Whether a field ends at an address."""
    byte = bytes_at(place) & _BYTE
    return byte == delimiter or byte == 10 or (byte == 13 and (bytes_at(place + 1) & _BYTE) == 10)


@numba.njit(cache=True, nogil=True)
def _end_of_text(place, delimiter):  # type: ignore[no-untyped-def]
    """Address of the end of a field that is not looked at."""
    byte = bytes_at(place) & _BYTE
    while byte != delimiter and byte != 10 and byte != 13:
        place += 1
        byte = bytes_at(place) & _BYTE
    return place


@numba.njit(cache=True, nogil=True)
def _begins_plainly(place, delimiter):  # type: ignore[no-untyped-def]
    """Whether neither a blank line nor a comment nor a padded field begins at an address."""
    byte = bytes_at(place) & _BYTE
    return not (byte == 10 or byte == 13 or byte == 32 or byte == 35 or (byte == 9 and delimiter != 9))


@numba.njit(cache=True, nogil=True)
def _odd_field(buffer, start, delimiter, classes, scratch):  # type: ignore[no-untyped-def]
    """Place after a field that is no short number, and its meaning; place -1 where only the full scan will do."""
    if buffer[start] == delimiter or buffer[start] == 10:
        return start, EMPTY
    place, bits, _ = scan_field(buffer, start, classes, scratch)
    if bits & (PADDED | FORTRAN) or scratch[QUOTED] or scratch[STRAY]:
        return -1, bits
    return place, bits


@numba.njit(cache=True, nogil=True)
def _span(base, start, end):  # type: ignore[no-untyped-def]
    """Start and length of a field in one number, without the first half of a line end."""
    if end > start and (bytes_at(base + end - 1) & _BYTE) == 13:
        end -= 1
    return np.uint64(start) | np.uint64(end - start) << np.uint64(32)


@numba.njit(cache=True, nogil=True)
def parse(  # type: ignore[no-untyped-def]
    buffer, n_bytes, base, delimiter, classes, kinds, seen, out, missing, slow, counters
):
    """Read all rows in the first bytes of a buffer, which end with a line feed.

    Parameters
    ----------
    buffer : uint8, shape (n_bytes + SPARE_BYTES or more,)
    base : int
        Address of the buffer in memory.
    delimiter : int
    classes : uint8, shape (256,)
        As for ``text_scan``.
    kinds, seen : int64, shape (n_columns,)
        What the columns are; ``seen`` gains what their fields are.
    out : uint64, shape (n_columns, n_rows)
        Bits of the values; of text the start in the buffer and, 32 bits up, the length.
    missing : bool, shape (n_columns, n_rows)
        Set where a column of numbers has no value.
    slow : int64, shape (MOST_SLOW, 4)
        Column, row, start and end of the numbers that are left to the caller.
    counters : int64, shape (3,)
        Rows, slow numbers and status.
    """
    place, row, n_slow, n_columns = 0, 0, 0, kinds.size
    scratch = np.zeros(N_COUNTERS, np.int64)
    counters[STATUS] = UNUSUAL
    while place < n_bytes:
        if not _begins_plainly(base + place, delimiter):
            return
        for column in range(n_columns):
            start, kind = place, kinds[column]
            if kind == SETTLED_TEXT:
                place = _end_of_text(base + start, delimiter) - base
                out[column, row] = _span(base, start, place)
            else:
                end, bits, digits, power, negative = _number(base + start)
                place = end - base
                if bits != 0 and _ends_field(end, delimiter):
                    value = _value(kind, digits, power, negative)
                    is_slow = kind == _FLOAT and value | _SIGN_BIT == UNDECIDED
                else:
                    place, bits = _odd_field(buffer, start, delimiter, classes, scratch)
                    value, is_slow = _NAN, bits & (EMPTY | WORD | NAN_WORD) == 0
                    missing[column, row] = not is_slow
                    if place < 0 or n_slow + is_slow > MOST_SLOW:
                        return
                seen[column] |= bits
                out[column, row] = value
                if kind == _CODE:
                    out[column, row] = _span(base, start, place)
                elif is_slow:
                    slow[n_slow, 0], slow[n_slow, 1], slow[n_slow, 2], slow[n_slow, 3] = column, row, start, place
                    n_slow += 1
            if buffer[place] == 13 and buffer[place + 1] == 10:
                place += 1
            if buffer[place] != (10 if column == n_columns - 1 else delimiter):
                return
            place += 1
        row += 1
    counters[N_ROWS], counters[N_SLOW], counters[STATUS] = row, n_slow, FINE


@numba.njit(cache=True, nogil=True)
def gather(buffer, spans, offsets, letters):  # type: ignore[no-untyped-def]
    """Copy fields, given as ``parse`` notes text, behind one another; their ends go to ``offsets[1:]`` (int32)."""
    end = 0
    for row in range(spans.size):
        start = np.int64(spans[row] & np.uint64(2**32 - 1))
        for place in range(start, start + np.int64(spans[row] >> np.uint64(32))):
            letters[end] = buffer[place]
            end += 1
        offsets[row + 1] = end


@dataclass(frozen=True, slots=True)
class Cells:
    """Values of some rows as ``parse`` leaves them; ``buffer`` is only lent."""

    buffer: ByteArray
    out: NDArray[np.uint64]
    missing: NDArray[np.bool_]
    slow: NDArray[np.int64]


def parsed_cells(
    data: bytearray, n_bytes: int, grammar: Grammar, kinds: NDArray[np.int64], seen: NDArray[np.int64]
) -> Cells | None:
    """All rows in the first bytes of some data, which end with a line feed; None when something in them is unusual.

    Parameters
    ----------
    data : bytearray
        At least ``SPARE_BYTES`` longer than ``n_bytes``.
    grammar : Grammar
        With a delimiter.
    kinds : int64, shape (n_columns,)
        Values of ``KINDS``, or ``SETTLED_TEXT``.
    seen : int64, shape (n_columns,)
        Gains what the fields of every column are.
    """
    buffer = np.frombuffer(data, np.uint8)
    n_rows = int(np.count_nonzero(buffer[:n_bytes] == _LINE_FEED))  # three times as fast as ``data.count``
    out = np.empty((kinds.size, n_rows), np.uint64)
    missing = np.zeros((kinds.size, n_rows), np.bool_)
    slow = np.empty((MOST_SLOW, 4), np.int64)
    counters = np.zeros(3, np.int64)
    delimiter = ord(grammar.delimiter or " ")
    parse(
        *(buffer, n_bytes, buffer.ctypes.data, delimiter, grammar.classes()),
        *(kinds, seen, out, missing, slow, counters),
    )
    if counters[STATUS] != FINE or counters[N_ROWS] != n_rows:
        return None
    return Cells(buffer, out, missing, slow[: counters[N_SLOW]])


def warm_cells() -> None:
    """Compile, or load from disk, the loops above."""
    line = b"1,2.5,x\n"
    kinds = np.array([KINDS["int64"], KINDS["float64"], SETTLED_TEXT])
    cells = parsed_cells(bytearray(line + bytes(SPARE_BYTES)), len(line), Grammar(",", quoting=True), kinds, 0 * kinds)
    if cells is not None:
        gather(cells.buffer, cells.out[2], np.zeros(2, np.int32), np.empty(1, np.uint8))

"""One compiled pass over a text table: what every column holds, and where records begin.

A finite automaton reads each field once and tells whether it is an integer, a number, a word for "missing" or text. So
types are known for the whole file before the first value is handed out, at a fraction of the cost of parsing it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from services import compiling  # noqa: F401 - a lighter start
from services.formats.text_automaton import (
    ACCEPTED,
    CLASS_BLANK,
    CLASS_DELIMITER,
    CLASS_NEWLINE,
    CLASS_OTHER,
    CLASS_QUOTE,
    CLASS_RETURN,
    EMPTY,
    FLOAT,
    HUGE,
    INTEGER,
    NEGATIVE,
    PADDED,
    START,
    TALLY_DOT,
    TALLY_EXPONENT,
    TALLY_OTHER,
    TALLY_SIGN,
    TEXT,
    TEXT_STATE,
    TRANSITIONS,
    UNSIGNED,
    WORD_BITS,
    WORD_BYTES,
    WORD_CODES,
    ByteArray,
    byte_classes,
    byte_tallies,
)

# Counters a scan keeps, as places of one array.
CONSUMED, ROWS, LINES, COMMENTS, BLANKS, TRAILING, QUOTED, STRAY, PADDED_QUOTE, STATUS, WIDTH = range(11)
N_COUNTERS = 11
STATUS_FINE, STATUS_WIDTH, STATUS_OPEN_QUOTE = 0, 1, 2


@numba.njit(cache=True, nogil=True)
def _long_integer_bits(buffer, start, end):  # type: ignore[no-untyped-def]
    """Whether an integer of more than 18 digits fits into 64 bits, by comparing its digits with the limits."""
    negative = buffer[start] == 45
    first = start + 1 if negative else start
    n_digits = end - first
    if n_digits > 20 or (negative and n_digits > 19):
        return HUGE
    value = np.uint64(0)
    for place in range(first, min(end, first + 19)):
        value = value * np.uint64(10) + np.uint64(buffer[place] - 48)
    if n_digits == 20:
        last = np.uint64(buffer[end - 1] - 48)
        top = np.uint64(1844674407370955161)
        return UNSIGNED if value < top or (value == top and last <= np.uint64(5)) else HUGE
    limit = np.uint64(9223372036854775808) if negative else np.uint64(9223372036854775807)
    if value <= limit:
        return INTEGER
    return HUGE if negative else UNSIGNED


@numba.njit(cache=True, nogil=True)
def _word_bits(buffer, start, end):  # type: ignore[no-untyped-def]
    """Whether a field that is no number is a known word; TEXT else."""
    while end > start and (buffer[end - 1] == 32 or buffer[end - 1] == 9 or buffer[end - 1] == 13):
        end -= 1
    while start < end and (buffer[start] == 32 or buffer[start] == 9):
        start += 1
    if end == start:
        return EMPTY
    if end - start > WORD_BYTES:
        return TEXT
    code = np.uint64(0)
    for place in range(start, end):
        letter = buffer[place]
        if 65 <= letter <= 90:
            letter += 32
        code = code * np.uint64(256) + np.uint64(letter)
    for known in range(WORD_CODES.size):
        if WORD_CODES[known] == code:
            return WORD_BITS[known]
    return TEXT


@numba.njit(cache=True, nogil=True)
def _field_bits(buffer, state, start, end):  # type: ignore[no-untyped-def]
    """Meaning of the field buffer[start:end] that left the automaton in ``state``."""
    bits = ACCEPTED[state]
    if bits & TEXT:
        return _word_bits(buffer, start, end)
    if bits & INTEGER:
        if end - start > 18:
            while buffer[end - 1] < 48:
                end -= 1
            while buffer[start] == 32 or buffer[start] == 9:
                start += 1
            if end - start > 18:
                bits = _long_integer_bits(buffer, start, end) | (bits & PADDED)
        if buffer[start] == 45:
            bits |= NEGATIVE
    return bits


@numba.njit(cache=True, nogil=True)
def _past_idle_line(buffer, start, classes):  # type: ignore[no-untyped-def]
    """Place after the line and its kind: 1 blank, 2 comment, 0 a record (place stays), -1 cut off by the buffer."""
    place, n_bytes = start, buffer.size
    while place < n_bytes and (buffer[place] == 13 or buffer[place] == 32 or buffer[place] == 9):
        if classes[buffer[place]] == CLASS_DELIMITER and classes[32] != classes[9]:
            return start, 0
        place += 1
    if place == n_bytes:
        return start, -1
    if buffer[place] == 10:
        return place + 1, 1
    if buffer[place] != 35:
        return start, 0
    while place < n_bytes and buffer[place] != 10:
        place += 1
    return (place + 1, 2) if place < n_bytes else (start, -1)


@numba.njit(cache=True, nogil=True)
def _plain_bits(buffer, start, end, tally):  # type: ignore[no-untyped-def]
    """Meaning of the commonest fields from the tally of their bytes alone; 0 when the automaton must look."""
    if end == start:
        return EMPTY
    first = buffer[start]
    if tally >= TALLY_OTHER:
        return TEXT if end - start > WORD_BYTES else 0
    if tally >= TALLY_EXPONENT:
        return 0
    has_digit = tally & (TALLY_DOT - 1) != 0
    marks = tally // TALLY_DOT
    if not has_digit or (marks > 1 and not (marks == 1 + TALLY_SIGN // TALLY_DOT and first == 45)):
        return 0
    if marks >= 1:
        return FLOAT
    if end - start > 18 or (first == 48 and end - start > 1):
        return 0
    return INTEGER


@numba.njit(cache=True, nogil=True)
def scan_field(buffer, place, classes, counters):  # type: ignore[no-untyped-def]  # noqa: C901 - one automaton
    """Reads one field with the automaton; gives the place of its end (-1: none), meaning, line feeds inside."""
    n_bytes, begin, field_start, state = buffer.size, place, place, START
    in_quotes, was_quoted, n_feeds = False, False, 0
    while place < n_bytes:
        byte = buffer[place]
        kind = classes[byte]
        if in_quotes:
            if byte != 34:
                n_feeds += byte == 10
                state = TRANSITIONS[state, kind if kind < CLASS_DELIMITER else CLASS_OTHER]
            elif place + 1 < n_bytes and buffer[place + 1] == 34:
                place += 1
                state = TEXT_STATE
            else:
                in_quotes = False
        elif kind < CLASS_DELIMITER:
            if was_quoted and kind != CLASS_BLANK:
                counters[STRAY] += 1
                state = TEXT_STATE
            elif not was_quoted:
                if state == START and kind != CLASS_BLANK:
                    field_start = place
                state = TRANSITIONS[state, kind]
        elif kind == CLASS_QUOTE and state == START and not was_quoted:
            in_quotes = was_quoted = True
            counters[QUOTED] += 1
            counters[PADDED_QUOTE] += place > begin
            field_start = place + 1
        elif kind == CLASS_QUOTE:
            counters[STRAY] += 1
            state = TEXT_STATE
        elif kind == CLASS_RETURN and (place + 1 == n_bytes or buffer[place + 1] != 10):
            state = TEXT_STATE
        elif kind != CLASS_RETURN:
            end = place
            while was_quoted and buffer[end] != 34:
                end -= 1
            bits = EMPTY if state == START else _field_bits(buffer, state, field_start, max(end, field_start))
            return place, bits, n_feeds
        place += 1
    return -1, 0, n_feeds


@numba.njit(cache=True, nogil=True)
def _scan_record(buffer, place, classes, tallies, whitespace, seen, counters):  # type: ignore[no-untyped-def]
    """Reads one record of a buffer that ends with a line feed; gives the place after it, -1 when a quote stays open."""
    n_columns, column, bits, n_lines = seen.size, 0, 0, 1
    while True:
        while whitespace and classes[buffer[place]] == CLASS_DELIMITER:
            place += 1
        end, tally = place, 0
        while tallies[buffer[end]] >= 0:
            tally += tallies[buffer[end]]
            end += 1
        kind = classes[buffer[end]]
        is_return = kind == CLASS_RETURN and end + 1 < buffer.size and buffer[end + 1] == 10
        if whitespace and end == place and (kind == CLASS_NEWLINE or is_return):
            place = end + 1 if is_return else end
            break
        bits = 0
        if kind in (CLASS_DELIMITER, CLASS_NEWLINE) or is_return:
            bits = _plain_bits(buffer, place, end, tally)
            end += is_return
        if bits == 0:
            end, bits, n_feeds = scan_field(buffer, place, classes, counters)
            if end < 0:
                return -1
            n_lines += n_feeds
        if column < n_columns:
            seen[column] |= bits
        column += 1
        place = end
        if classes[buffer[end]] == CLASS_NEWLINE:
            break
        place += 1
    if column == n_columns + 1 and bits == EMPTY:
        counters[TRAILING] += 1
    elif column != n_columns:
        counters[STATUS], counters[WIDTH] = STATUS_WIDTH, column
        return place + 1
    counters[LINES] += n_lines
    return place + 1


@numba.njit(cache=True, nogil=True)
def _scan(buffer, classes, tallies, whitespace, seen, counters):  # type: ignore[no-untyped-def]
    """Reads all complete records of a buffer into ``seen`` and ``counters``; stops at the first of another width."""
    place = 0
    while place < buffer.size:
        after, idle = _past_idle_line(buffer, place, classes)
        if idle == -1:
            break
        if idle > 0:
            counters[BLANKS if idle == 1 else COMMENTS] += 1
            counters[LINES] += 1
        else:
            after = _scan_record(buffer, place, classes, tallies, whitespace, seen, counters)
            if after < 0 or counters[STATUS] != STATUS_FINE:
                break
            counters[ROWS] += 1
        place = after
    counters[CONSUMED] = place


@numba.njit(cache=True, nogil=True)
def _rewrite(buffer, out, classes, whitespace):  # type: ignore[no-untyped-def]
    """Copies records without blank lines, comments and blanks before fields; runs of blanks become one blank."""
    place, written, n_bytes = 0, 0, buffer.size
    while place < n_bytes:
        after, idle = _past_idle_line(buffer, place, classes)
        if idle != 0:
            place = after if idle > 0 else n_bytes
            continue
        in_quotes, at_start, first = False, True, True
        while place < n_bytes:
            byte = buffer[place]
            kind = classes[byte]
            place += 1
            if kind == CLASS_QUOTE and (at_start or in_quotes):
                in_quotes = not in_quotes
            if not in_quotes:
                if kind == CLASS_NEWLINE:
                    break
                if kind == CLASS_RETURN and place < n_bytes and buffer[place] == 10:
                    continue
                if whitespace and kind == CLASS_DELIMITER:
                    at_start = True
                    continue
                if at_start and kind == CLASS_BLANK:
                    continue
            if at_start and whitespace and not first:
                out[written] = 32
                written += 1
            first = False
            out[written] = byte
            written += 1
            at_start = kind == CLASS_DELIMITER and not in_quotes
        out[written] = 10
        written += 1
    return written


@dataclass(frozen=True, slots=True)
class Grammar:
    """How records are cut and numbers written. ``delimiter`` None means runs of blanks and tabs."""

    delimiter: str | None
    quoting: bool
    decimal: str = "."

    def classes(self) -> ByteArray:
        """Byte classes of this grammar."""
        return byte_classes(self.delimiter, self.quoting, self.decimal)


def scan(buffer: bytes, grammar: Grammar, seen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counters of all complete records in a buffer; ``seen`` gains what their fields are, one mask a column.

    The buffer ends with a line feed.
    """
    counters = np.zeros(N_COUNTERS, dtype=np.int64)
    classes = grammar.classes()
    data = np.frombuffer(buffer, np.uint8)
    _scan(data, classes, byte_tallies(classes), grammar.delimiter is None, seen, counters)
    return counters


def rewrite(buffer: bytes, grammar: Grammar) -> bytes:
    """The records of a buffer alone, one a line, fields split by one delimiter (a blank for runs of blanks)."""
    out = np.empty(len(buffer) + 1, dtype=np.uint8)
    written = _rewrite(np.frombuffer(buffer, np.uint8), out, grammar.classes(), grammar.delimiter is None)
    return out[:written].tobytes()

"""Decimal text to binary numbers in compiled loops, rounded correctly.

A decimal w * 10^q with few digits is one exact multiplication or division (Clinger, PLDI 1990); others take the product
of w with a 128-bit power of five (Lemire, "Number parsing at a gigabyte per second", 2021). What neither decides is
left to the caller, who has slower ways.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from services import compiling  # noqa: F401 - a folder for compiled code

LEAST_POWER, MOST_POWER = -80, 60
"""Powers of ten decided here; catalogues stay far inside."""

MOST_DIGITS = 19
"""Any number of so many digits fits 64 bits."""

_EXACT_POWERS = np.array([10.0**power for power in range(23)])
_EXACT_MANTISSA = np.uint64(2**53)
_LOW_HALF = np.uint64(2**32 - 1)
_ALL_BITS = np.uint64(2**64 - 1)
_PRECISION_MASK = np.uint64(2**9 - 1)
_HIDDEN_BIT = np.uint64(2**52)
_SIGN_BIT = np.uint64(2**63)


def _power_of_five(power: int) -> int:
    """The 128 leading bits of 5^power: cut off for positive powers, cut off and one more for negative ones."""
    if power >= 0:
        value = 5**power
        return value << 128 - value.bit_length() if value.bit_length() <= 128 else value >> value.bit_length() - 128
    inverse = 5**-power
    n_bits = (inverse - 1).bit_length()
    value = 2 ** (n_bits + 127 if power >= -27 else 2 * n_bits + 128) // inverse + 1
    return value >> max(0, value.bit_length() - 128)


def _halves() -> NDArray[np.uint64]:
    powers = [_power_of_five(power) for power in range(LEAST_POWER, MOST_POWER + 1)]
    return np.array([[value >> 64 for value in powers], [value & (2**64 - 1) for value in powers]], dtype=np.uint64)


_UPPER_HALVES, _LOWER_HALVES = _halves()

UNDECIDED = np.uint64(2**64 - 1)
"""Answer of ``double_bits`` when it cannot tell: the bits of no number that comes out otherwise."""


@numba.njit(cache=True, nogil=True)
def _product(left, right):  # type: ignore[no-untyped-def]
    """Upper and lower 64 bits of a product."""
    shift = np.uint64(32)
    a, b = left >> shift, left & _LOW_HALF
    c, d = right >> shift, right & _LOW_HALF
    low, cross, other = b * d, a * d, b * c
    middle = (low >> shift) + (cross & _LOW_HALF) + (other & _LOW_HALF)
    high = a * c + (cross >> shift) + (other >> shift) + (middle >> shift)
    return high, (middle << shift) | (low & _LOW_HALF)


@intrinsic
def _leading_zeros(_context: Any, value: Any) -> Any:
    """Zero bits before the first one of a uint64 that is not 0."""

    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(value), code


@intrinsic
def _trailing_zeros(_context: Any, value: Any) -> Any:
    """Zero bits after the last one of a uint64 that is not 0."""

    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(value), code


@intrinsic
def bytes_at(_context: Any, address: Any) -> Any:  # noqa: ARG001 - its name is that of the argument
    """Eight bytes of memory as one uint64, the first one lowest; they need not be aligned.

    Loops that are given an address rather than an array spare the counting of references, which costs more than
    the loops themselves.
    """

    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        number = ir.IntType(64)
        loaded = builder.load(builder.inttoptr(arguments[0], number.as_pointer()))
        loaded.align = 1
        return loaded

    return types.uint64(types.int64), code


SPARE_BYTES = 16
"""Bytes that must follow the last field of a buffer, since fields are read eight bytes at a time."""

_ZEROS = np.uint64(0x3030303030303030)
_ABOVE_NINE = np.uint64(0x7676767676767676)
_HIGH_BITS = np.uint64(0x8080808080808080)
_POINT = np.uint64(ord(".") ^ ord("0"))
_BYTE = np.uint64(0xFF)
_TENS = np.array([10**n for n in range(9)], dtype=np.uint64)


@numba.njit(cache=True, nogil=True)
def _eight_digits(cells, n_digits):  # type: ignore[no-untyped-def]
    """Number of the first 1 to 8 bytes of ``cells``, each the value of a digit (the multiplications of fast_float)."""
    cells <<= np.uint64(64) - (n_digits << np.uint64(3))
    pairs = cells * np.uint64(10) + (cells >> np.uint64(8))
    every_other = np.uint64(0x000000FF000000FF)
    upper = (pairs & every_other) * np.uint64(0x000F424000000064)
    lower = ((pairs >> np.uint64(16)) & every_other) * np.uint64(0x0000271000000001)
    return (upper + lower) >> np.uint64(32)


@numba.njit(cache=True, nogil=True)
def _run(place, digits):  # type: ignore[no-untyped-def]
    """Appends a run of digits to a number; gives the place after it and the number (of the first 19 or so digits)."""
    while True:
        cells = bytes_at(place) ^ _ZEROS
        others = ((cells + _ABOVE_NINE) | cells) & _HIGH_BITS
        if others == 0:
            digits = digits * _TENS[8] + _eight_digits(cells, np.uint64(8))
            place += 8
            continue
        n_digits = _trailing_zeros(others) >> np.uint64(3)
        if n_digits:
            digits = digits * _TENS[n_digits] + _eight_digits(cells, n_digits)
        return place + np.int64(n_digits), digits


@numba.njit(cache=True, nogil=True)
def digits_at(place):  # type: ignore[no-untyped-def]
    """Digits from an address on, with or without a point: place after them, number, how many, how many behind the
    point (-1 without one).

    The number is wrong when there are more than ``MOST_DIGITS``.
    """
    cells = bytes_at(place) ^ _ZEROS
    others = ((cells + _ABOVE_NINE) | cells) & _HIGH_BITS
    if others:
        n_whole = _trailing_zeros(others) >> np.uint64(3)
        shift = n_whole << np.uint64(3)
        if (cells >> shift) & _BYTE != _POINT:
            digits = _eight_digits(cells, n_whole) if n_whole else np.uint64(0)
            return place + np.int64(n_whole), digits, np.int64(n_whole), np.int64(-1)
        others &= others - np.uint64(1)
        if others:  # all of it lies in these eight bytes
            n_both = (_trailing_zeros(others) >> np.uint64(3)) - np.uint64(1)
            whole = (np.uint64(1) << shift) - np.uint64(1)
            joined = (cells & whole) | ((cells >> np.uint64(8)) & ~whole)
            digits = _eight_digits(joined, n_both) if n_both else np.uint64(0)
            return place + np.int64(n_both) + 1, digits, np.int64(n_both), np.int64(n_both - n_whole)
    point, digits = _run(place, np.uint64(0))
    if bytes_at(point) & _BYTE != 46:
        return point, digits, point - place, np.int64(-1)
    end, digits = _run(point + 1, digits)
    return end, digits, end - place - 1, end - point - 1


@numba.njit(cache=True, nogil=True)
def double_bits(digits, power):  # type: ignore[no-untyped-def]
    """Bits of the double nearest to digits * 10^power (digits: uint64, power: int64), ties to even, or UNDECIDED."""
    if digits == 0:
        return np.uint64(0)
    if power < LEAST_POWER or power > MOST_POWER:
        return UNDECIDED
    n_zeros = _leading_zeros(digits)
    shifted = digits << n_zeros
    high, low = _product(shifted, _UPPER_HALVES[power - LEAST_POWER])
    if high & _PRECISION_MASK == _PRECISION_MASK:
        more, _ = _product(shifted, _LOWER_HALVES[power - LEAST_POWER])
        low += more
        high += np.uint64(more > low)
    if low == _ALL_BITS and (power < -27 or power > 55):
        return UNDECIDED
    upper = high >> np.uint64(63)
    drop = upper + np.uint64(9)
    mantissa = high >> drop
    exponent = ((217706 * power) >> 16) + 1086 + np.int64(upper) - np.int64(n_zeros)
    is_tie = low <= 1 and -4 <= power <= 23 and mantissa & np.uint64(3) == 1 and mantissa << drop == high
    if is_tie:
        mantissa &= ~np.uint64(1)
    mantissa = (mantissa + (mantissa & np.uint64(1))) >> np.uint64(1)
    if mantissa >= _HIDDEN_BIT << np.uint64(1):
        mantissa = _HIDDEN_BIT
        exponent += 1
    if exponent <= 0 or exponent >= 2047:
        return UNDECIDED
    return (np.uint64(exponent) << np.uint64(52)) | (mantissa & ~_HIDDEN_BIT)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def exact_double(digits, power):  # type: ignore[no-untyped-def]
    """digits * 10^power by one operation on two exact doubles; NaN when they are not exact."""
    if digits <= _EXACT_MANTISSA:
        if -22 <= power <= 0:
            return np.float64(digits) / _EXACT_POWERS[-power]
        if 0 < power <= 22:
            return np.float64(digits) * _EXACT_POWERS[power]
    return np.nan

"""The tables of the automaton that tells what a field of text is: integer, number, word for "missing", or text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# What a field can be, as bits of one mask per column.
EMPTY, INTEGER, LEADING_ZERO, FLOAT, FORTRAN, WORD, NAN_WORD, TEXT = 1, 2, 4, 8, 16, 32, 64, 128
UNSIGNED, HUGE, NEGATIVE, PADDED = 256, 512, 1024, 2048

# Classes of bytes. From CLASS_DELIMITER on they steer the records, below they steer the automaton.
CLASS_OTHER, CLASS_BLANK, CLASS_ZERO, CLASS_DIGIT, CLASS_PLUS, CLASS_MINUS, CLASS_DOT, CLASS_E, CLASS_D = range(9)
CLASS_DELIMITER, CLASS_NEWLINE, CLASS_RETURN, CLASS_QUOTE = 9, 10, 11, 12

WORD_BYTES = 8
MISSING_WORDS = ("null", "none", "na", "n/a", "<na>", "--", "-", "...", "masked")
NAN_WORDS = ("nan", "+nan", "-nan")
INFINITY_WORDS = ("inf", "+inf", "-inf", "infinity")

ByteArray = NDArray[np.uint8]


def _packed(word: str) -> int:
    return int.from_bytes(word.encode(), "big")


WORD_CODES = np.array([_packed(word) for word in MISSING_WORDS + NAN_WORDS + INFINITY_WORDS], dtype=np.uint64)
WORD_BITS = np.array(
    [WORD] * len(MISSING_WORDS) + [NAN_WORD] * len(NAN_WORDS) + [FLOAT] * len(INFINITY_WORDS), dtype=np.int64
)

_NUMBER_STATES = {"zero": FLOAT, "int": INTEGER, "lead": LEADING_ZERO, "mzero": FLOAT, "pint": FLOAT, "frac": FLOAT}
_NUMBER_STATES |= {"edig": FLOAT, "ddig": FORTRAN}
_NUMBER_STATES["zero"] = INTEGER
_OPEN_STATES = ("start", "text", "minus", "plus", "dot", "exp", "esign", "fexp", "dsign")
_STATES = (*_OPEN_STATES, *_NUMBER_STATES, *(f"{name}_pad" for name in _NUMBER_STATES))
START = _STATES.index("start")
TEXT_STATE = _STATES.index("text")


def _edges() -> list[tuple[str, str, str]]:
    """Transitions of the automaton: state, classes (z zero, n other digit, p plus, m minus, . e d), next state."""
    edges = [("start", "z", "zero"), ("start", "n", "int"), ("start", "m", "minus"), ("start", "p", "plus")]
    edges += [("start", ".", "dot"), ("minus", "z", "mzero"), ("minus", "n", "int"), ("minus", ".", "dot")]
    edges += [("plus", "z", "mzero"), ("plus", "n", "pint"), ("plus", ".", "dot"), ("dot", "zn", "frac")]
    edges += [("zero", "zn", "lead"), ("mzero", "zn", "lead"), ("lead", "zn", "lead"), ("int", "zn", "int")]
    edges += [("pint", "zn", "pint"), ("frac", "zn", "frac")]
    for state in ("zero", "mzero", "lead", "int", "pint", "frac"):
        edges += [(state, "e", "exp"), (state, "d", "fexp")]
        edges += [(state, ".", "frac")] if state != "frac" else []
    edges += [("exp", "pm", "esign"), ("exp", "zn", "edig"), ("esign", "zn", "edig"), ("edig", "zn", "edig")]
    edges += [("fexp", "pm", "dsign"), ("fexp", "zn", "ddig"), ("dsign", "zn", "ddig"), ("ddig", "zn", "ddig")]
    return edges


def _transitions() -> ByteArray:
    letters = {
        "z": CLASS_ZERO,
        "n": CLASS_DIGIT,
        "p": CLASS_PLUS,
        "m": CLASS_MINUS,
        ".": CLASS_DOT,
        "e": CLASS_E,
        "d": CLASS_D,
    }
    table = np.full((len(_STATES), CLASS_DELIMITER), TEXT_STATE, dtype=np.uint8)
    for state, classes, after in _edges():
        for letter in classes:
            table[_STATES.index(state), letters[letter]] = _STATES.index(after)
    table[START, CLASS_BLANK] = START
    for state in _NUMBER_STATES:
        padded = _STATES.index(f"{state}_pad")
        table[[_STATES.index(state), padded], CLASS_BLANK] = padded
    return table


def _accepted() -> NDArray[np.int64]:
    bits = np.full(len(_STATES), TEXT, dtype=np.int64)
    bits[START] = EMPTY
    for state, meaning in _NUMBER_STATES.items():
        bits[_STATES.index(state)] = meaning
        bits[_STATES.index(f"{state}_pad")] = meaning | PADDED
    return bits


# The tally of a field counts its bytes by kind in one number: digits, points, minus signs, exponent marks, others.
TALLY_DOT, TALLY_SIGN, TALLY_EXPONENT, TALLY_OTHER = 1 << 20, 1 << 28, 1 << 34, 1 << 44


def byte_tallies(classes: ByteArray) -> NDArray[np.int64]:
    """What each byte adds to the tally of its field; -1 for those that end the quick look at it."""
    tallies = np.full(256, TALLY_OTHER, dtype=np.int64)
    tallies[(classes == CLASS_ZERO) | (classes == CLASS_DIGIT)] = 1
    tallies[(classes == CLASS_E) | (classes == CLASS_D) | (classes == CLASS_PLUS)] = TALLY_EXPONENT
    tallies[classes == CLASS_DOT], tallies[classes == CLASS_MINUS] = TALLY_DOT, TALLY_SIGN
    tallies[(classes == CLASS_BLANK) | (classes >= CLASS_DELIMITER)] = -1
    return tallies


TRANSITIONS = _transitions()
ACCEPTED = _accepted()


def byte_classes(delimiter: str | None, quoting: bool, decimal: str = ".") -> ByteArray:
    """Class of each byte for one delimiter; None means runs of blanks and tabs."""
    classes = np.zeros(256, dtype=np.uint8)
    classes[[ord(" "), ord("\t")]] = CLASS_BLANK
    classes[ord("0")] = CLASS_ZERO
    classes[ord("1") : ord("9") + 1] = CLASS_DIGIT
    for letter, kind in (
        ("+", CLASS_PLUS),
        ("-", CLASS_MINUS),
        (decimal, CLASS_DOT),
        ("e", CLASS_E),
        ("E", CLASS_E),
        ("d", CLASS_D),
        ("D", CLASS_D),
    ):
        classes[ord(letter)] = kind
    for letter in delimiter or " \t":
        classes[ord(letter)] = CLASS_DELIMITER
    classes[ord("\n")], classes[ord("\r")] = CLASS_NEWLINE, CLASS_RETURN
    if quoting:
        classes[ord('"')] = CLASS_QUOTE
    return classes

"""How text is taken, kept and compared: the same in every field, on every back end."""

from __future__ import annotations

import re
import unicodedata

_UNWANTED = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, lone surrogates, line and paragraph separators. Joiners stay: emoji and scripts need them."""

_DIRECTION_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
"""Marks that turn the direction of what follows: they make ``exe.csv`` look like ``csv.exe``."""


def without_direction_marks(text: str) -> str:
    """Text that is shown in the order in which it is written; scripts from right to left need no marks for that."""
    return _DIRECTION_MARKS.sub("", text)


def storable(text: str) -> str:
    """Text that every back end can keep: without NUL and without lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def is_one_line(text: str) -> bool:
    """Whether text fits a field of one line: no line breaks, no control characters."""
    return not any(unicodedata.category(letter) in _UNWANTED for letter in text)


def folded(text: str) -> str:
    """Text for comparing without regard to case, in all alphabets (É = é, β = Β, ß = ss)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", storable(text)).casefold())


def sort_key(text: str) -> str:
    """Text for ordering lists: folded and without accents, so that É stands beside e."""
    letters = unicodedata.normalize("NFKD", folded(text))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def slug(text: str, max_length: int) -> str:
    """ASCII for an address: accents dropped, blanks to ``_``, lower case, then only letters, digits and ``_``."""
    letters = sort_key(text).encode("ascii", "ignore").decode()
    underscored = "".join("_" if letter.isspace() else letter for letter in letters)
    return "".join(letter for letter in underscored if letter.isalnum() or letter == "_")[:max_length]

"""The words of the cut language: a text cut into tokens, each with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.cuts.tree import CutError, Value

KEYWORDS = frozenset({"and", "or", "not", "between", "in", "is", "missing"})
"""In any case; a column of such a name is written in double quotes."""

NAME = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
"""A name that needs no quotes; dots as in ``ds_spectra.Z``."""

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<number>{_NUMBER})(?![\w.])
      | (?P<name>{NAME.pattern})
      | "(?P<quoted>(?:[^"]|"")*)"
      | '(?P<text>(?:[^']|'')*)'
      | (?P<sign><=|>=|!=|<|>|=|\(|\)|,|-)
    )""",
    re.VERBOSE,
)
_UNWRITTEN = {"==": "=", "<>": "!=", "&&": "and", "||": "or", "&": "and", "|": "or", "!": "not"}
"""How other languages write it, for the message."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word: ``kind`` is number, name, quoted, text, sign, keyword or end."""

    kind: str
    text: str
    at: int

    @property
    def shown(self) -> str:
        """The word as a message names it."""
        return "the end" if self.kind == "end" else f'"{self.text[:40]}"'

    @property
    def value(self) -> Value:
        """Number or text of a token that has one."""
        return number(self.text, self.at) if self.kind == "number" else self.text


def number(text: str, at: int = 1) -> int | float:
    """Number written in digits: whole ones exact, others in double precision.

    Raises
    ------
    CutError
        If it is beyond every number a column can hold.
    """
    value = float(text)
    if not math.isfinite(value):
        raise CutError(f"The number at character {at} is too large.", at)
    return int(text) if text.lstrip("+-").isdigit() else value


def tokens(text: str) -> Iterator[Token]:
    """Words of a text, then a token of kind "end".

    Raises
    ------
    CutError
        At the first character that begins no word.
    """
    place = 0
    end = len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise _strange(text, place)
        yield _token(match)
        place = match.end()
    yield Token("end", "", len(text) + 1)


def _token(match: re.Match[str]) -> Token:
    kind = str(match.lastgroup)
    word, at = match[kind], match.start(kind) + 1
    if kind == "name" and word.lower() in KEYWORDS:
        return Token("keyword", word.lower(), at)
    if kind in ("quoted", "text"):
        mark = '"' if kind == "quoted" else "'"
        return Token(kind, word.replace(mark * 2, mark), at - 1)
    return Token(kind, word, at)


def _strange(text: str, place: int) -> CutError:
    while text[place].isspace():
        place += 1
    rest = text[place:]
    if rest[0] in "\"'":
        what = f"the quote that opens here ({rest[0]}) is never closed"
    else:
        found = next((word for word in _UNWRITTEN if rest.startswith(word)), rest[0])
        other = f"; write {_UNWRITTEN[found]}" if found in _UNWRITTEN else ""
        what = f'"{found}" is not a part of the language{other}'
    return CutError(f"The cut cannot be read at character {place + 1}: {what}.", place + 1)

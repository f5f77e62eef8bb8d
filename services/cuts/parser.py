"""Text to tree. Precedence as everywhere: ``not`` before ``and`` before ``or``; words in any case.

cut        = all { "or" all }
all        = one { "and" one }
one        = "not" one | "(" cut ")" | condition
condition  = term ( sign value | "between" value "and" value | "in" "(" value { "," value } ")"
                  | "is" [ "not" ] ( "missing" | "outside" ) )
term       = column [ "-" column ]
column     = bare name | "name in double quotes"
value      = number | 'text in single quotes' | "text in double quotes"

The language only grows: a text that was a cut stays the same cut, because addresses with cuts are kept. No new word
takes a name away from columns: "outside" counts only after "is", "dz" only where no column is called so.
"""

from __future__ import annotations

from collections.abc import Callable

from services.cuts.tree import (
    COMPARISONS,
    DEEPEST,
    MOST_CHARACTERS,
    AllOf,
    AnyOf,
    Between,
    Column,
    Comparison,
    Cut,
    CutError,
    Difference,
    Missing,
    Not,
    OneOf,
    Outside,
    Value,
)
from services.cuts.words import Token, tokens


def parse_cut(text: str) -> Cut:
    """Tree of a cut.

    Raises
    ------
    CutError
        If it is no cut; the message names the character (from 1), what was expected and what was found.
    """
    if len(text) > MOST_CHARACTERS:
        raise CutError(f"A cut has at most {MOST_CHARACTERS:,} characters.", MOST_CHARACTERS + 1)
    reader = _Reader(list(tokens(text)))
    cut = reader.any_of(0)
    reader.take("end", "", '"and", "or" or the end')
    return cut


def parse_column(text: str) -> Column:
    """What a condition is about, alone: a column or a difference of two.

    Raises
    ------
    CutError
        If it is neither.
    """
    reader = _Reader(list(tokens(text)))
    column = reader.column("a column name")
    reader.take("end", "", '"-" or the end')
    return column


class _Reader:
    """Tokens and the place in them."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._place = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _is_at(self, kind: str, text: str) -> bool:
        return self._next.kind == kind and self._next.text == text

    def _pass(self, kind: str, text: str) -> bool:
        """Step over this token if it comes next."""
        found = self._is_at(kind, text)
        self._place += found
        return found

    def take(self, kind: str, text: str, expected: str) -> None:
        """Step over this token, which must come next."""
        if not self._pass(kind, text):
            raise self._unexpected(expected)

    def _unexpected(self, expected: str) -> CutError:
        found = self._next
        return CutError(
            f"The cut cannot be read at character {found.at}: expected {expected}, found {found.shown}.", found.at
        )

    def any_of(self, depth: int) -> Cut:
        """Parts joined by "or"."""
        parts = self._parts("or", self._all_of, depth)
        return parts[0] if len(parts) == 1 else AnyOf(parts)

    def _all_of(self, depth: int) -> Cut:
        parts = self._parts("and", self._one, depth)
        return parts[0] if len(parts) == 1 else AllOf(parts)

    def _parts(self, word: str, part: Callable[[int], Cut], depth: int) -> tuple[Cut, ...]:
        kind = AnyOf if word == "or" else AllOf
        parts = [part(depth)]
        while self._pass("keyword", word):
            parts.append(part(depth))
        flat = (inner for one in parts for inner in (one.parts if isinstance(one, kind) else (one,)))
        return tuple(flat)

    def _one(self, depth: int) -> Cut:
        if depth > DEEPEST:
            raise CutError(
                f"The cut is nested deeper than {DEEPEST} times at character {self._next.at}.", self._next.at
            )
        if self._pass("keyword", "not"):
            return Not(self._one(depth + 1))
        if self._pass("sign", "("):
            inside = self.any_of(depth + 1)
            self.take("sign", ")", '"and", "or" or ")"')
            return inside
        return self._condition()

    def _condition(self) -> Cut:
        at = self._next.at
        return self._about(self.column('a column name, "not" or "("'), at)

    def column(self, expected: str) -> Column:
        """A column, or what two of them differ by."""
        first = self._name(expected)
        return Difference(first, self._name("a column name")) if self._pass("sign", "-") else first

    def _name(self, expected: str) -> str:
        found = self._next
        if found.kind not in ("name", "quoted"):
            raise self._unexpected(expected)
        self._place += 1
        return found.text

    def _about(self, column: Column, at: int) -> Cut:
        operator = self._next
        if operator.kind == "sign" and operator.text in COMPARISONS:
            self._place += 1
            return Comparison(column, operator.text, self._value(), at)
        if self._pass("keyword", "between"):
            low = self._value()
            self.take("keyword", "and", '"and"')
            return Between(column, low, self._value(), at)
        if self._pass("keyword", "in"):
            return OneOf(column, self._values(), at)
        if self._pass("keyword", "is"):
            return self._state(column, at)
        raise self._unexpected('a comparison (< <= > >= = !=), "between", "in" or "is missing"')

    def _state(self, column: Column, at: int) -> Cut:
        expected = not self._pass("keyword", "not")
        if self._next.kind == "name" and self._next.text.lower() == "outside":
            self._place += 1
            return Outside(column, expected, at)
        self.take("keyword", "missing", '"missing"' if not expected else '"missing" or "not missing"')
        return Missing(column, expected, at)

    def _values(self) -> tuple[Value, ...]:
        self.take("sign", "(", '"("')
        values = [self._value()]
        while self._pass("sign", ","):
            values.append(self._value())
        self.take("sign", ")", '"," or ")"')
        return tuple(values)

    def _value(self) -> Value:
        found = self._next
        if found.kind not in ("number", "text", "quoted"):
            raise self._unexpected("a number or a quoted text")
        self._place += 1
        return found.value

"""How a person wants a histogram counted again: in bins of a width, split by another column."""

from __future__ import annotations

from dataclasses import dataclass

EQUAL, LENS = "tomographic-equal", "tomographic-lens"
"""Words for splits by bins of redshift: five with equal numbers of objects, or 0.2 wide from 0.2 to 1.2."""


@dataclass(frozen=True, slots=True)
class Binning:
    """``width`` of a bin in the units of the quantity; ``split`` a role, a column or one of the words above."""

    width: float | None = None
    split: str = ""

    def __bool__(self) -> bool:
        return self.width is not None or bool(self.split)


@dataclass(frozen=True, slots=True)
class SplitChoice:
    """A way to split: its word in addresses, and the words people read."""

    word: str
    title: str

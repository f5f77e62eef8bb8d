"""Which values of a quantity count, in the form the compiled loops take: see ``services.columns.sentinels``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.columns.sentinels import sentinels, valid_range


@dataclass(frozen=True, slots=True)
class Quantity:
    """Rule for the values of one physical quantity: ``low < x < high`` and x is none of ``sentinels``."""

    name: str
    sentinels: tuple[float, ...] = ()
    low: float = -math.inf
    high: float = math.inf

    def sentinels_as(self, dtype: np.dtype[Any]) -> NDArray[np.float64]:
        """Sentinels as a column of this type would hold them, as float64: float32(9.99) in a float32 column."""
        wanted = np.asarray(self.sentinels, dtype=np.float64)
        return wanted.astype(np.float32).astype(np.float64) if dtype == np.float32 else wanted


ANY = Quantity("any")
"""Every finite number counts."""

PROFILE = Quantity(
    "profile",
    (
        *(-1.6375e30, -99999.0, -9999.0, -999.9, -999.0, -99.99, -99.9, -99.0),
        *(99.0, 99.9, 99.99, 99.999, 999.0, 999.9, 9999.0, 99999.0),
    ),
)
"""What the guess of roles leaves out before anybody knows what a column is."""


def quantity_of(role: str | None) -> Quantity:
    """Rule for the values of a role; every finite number counts for roles without one."""
    low, high = valid_range(role) or (-math.inf, math.inf)
    marks = sentinels(role)
    return Quantity(role or "any", marks, low, high) if marks or valid_range(role) else ANY

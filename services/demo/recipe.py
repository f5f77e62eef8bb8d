"""What a demo product is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.models.products import NewProduct


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Files of one product, written into a scratch folder."""

    main: Path | None = None
    auxiliary: tuple[Path, ...] = ()
    description: tuple[Path, ...] = ()


FileMaker = Callable[[np.random.Generator, Path, int], DemoFiles]
"""Random numbers, folder to write into, number of rows."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One demo product: whose it is, what its page says, how its files are made (None: it has no files)."""

    owner: str
    new: NewProduct
    make: FileMaker | None = None
    n_rows: int = 0

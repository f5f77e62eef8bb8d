"""Spares numba what none of our loops needs; imported by every room that has compiled loops."""

from __future__ import annotations

import sys

if "cffi" not in sys.modules:
    # numba makes a parser of C at its start, in case a loop should call C: 0.2 s. Without cffi it does not.
    sys.modules["cffi"] = None  # type: ignore[assignment]
    from numba.core.typing import cffi_utils  # noqa: F401

    del sys.modules["cffi"]

from numba.np import linalg


def _no_blas() -> None:
    raise ImportError("no compiled loop multiplies matrices")


# numba imports scipy.linalg at the first call of any loop, only to learn whether np.dot could be compiled: 0.15 s and
# 20 MiB in each process that reads a file.
linalg.ensure_blas = _no_blas

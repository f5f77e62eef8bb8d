"""Spares numba what none of our loops needs; imported by every room that has compiled loops."""

from __future__ import annotations

from numba.np import linalg


def _no_blas() -> None:
    raise ImportError("no compiled loop multiplies matrices")


# numba imports scipy.linalg at the first call of any loop, only to learn whether np.dot could be compiled: 0.15 s and
# 20 MiB in each process that reads a file.
linalg.ensure_blas = _no_blas

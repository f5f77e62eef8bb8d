"""Where compiled loops are kept, and what numba is spared that none of them needs; imported wherever loops are."""

from __future__ import annotations

import fcntl
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if "cffi" not in sys.modules:
    # numba makes a parser of C at its start, in case a loop should call C: 0.2 s. Without cffi it does not.
    sys.modules["cffi"] = None  # type: ignore[assignment]
    from numba.core.typing import cffi_utils  # noqa: F401

    del sys.modules["cffi"]

from numba import config
from numba.np import linalg

_HERE = Path(__file__).parent / "statistics"
if not config.CACHE_DIR and not os.access(_HERE, os.W_OK):
    # The sources are read-only: the data folder is not, and is known to every process of the server.
    data = os.environ.get("PZSERVER_DATA_DIR") or str(Path(tempfile.gettempdir()) / f"pzserver-{os.getuid()}")
    config.CACHE_DIR = str(Path(data).expanduser().resolve() / "compiled")


def kept_in() -> Path:
    """Folder that compiled code lies in, or under."""
    folder = Path(config.CACHE_DIR) if config.CACHE_DIR else _HERE / "__pycache__"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def compiling_alone() -> Iterator[None]:
    """One process compiles, others wait and then find the result on disk."""
    with (kept_in() / "compiling.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _no_blas() -> None:
    raise ImportError("no compiled loop multiplies matrices")


# numba imports scipy.linalg at the first call of any loop, only to learn whether np.dot could be compiled: 0.15 s and
# 20 MiB in each process that reads a file.
linalg.ensure_blas = _no_blas

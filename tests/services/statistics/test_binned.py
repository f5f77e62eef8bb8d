"""Values that lie in a file count as memory of the process only while they are looked at."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import numpy as np
import psutil
import pytest

from services.statistics import binned
from services.statistics.binned import laid_out, let_go, stretches

N = 2**22
MIB = 2**20


def _mapped_mib() -> float:
    return psutil.Process().memory_info().shared / MIB


def _pieces() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for at in range(0, N, 2**18):
        numbers = np.arange(at, at + 2**18, dtype=np.float64)
        yield numbers, (numbers % 4).astype(np.int64) - 1


def test_values_in_a_file_are_let_go_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryFile() as spool:
        laid_out(lambda: iter([(np.ones(2), np.zeros(2, np.int64))]), 3, spool)  # loads the compiler
    monkeypatch.setattr(binned, "IN_MEMORY", 0)
    before = _mapped_mib()
    with tempfile.TemporaryFile() as spool:
        found = laid_out(_pieces, 3, spool)
        assert found.values.nbytes == 24 * MIB
        assert _mapped_mib() - before < 8
        for k in range(3):
            assert np.array_equal(np.concatenate(list(found.walk(k)())), np.arange(k + 1, N, 4))
        assert sum(part.sum() for part in stretches(found.values)()) == found.values.sum()
        assert _mapped_mib() - before > 16
        let_go(found.values)
        assert _mapped_mib() - before < 8
        found.values[7] = -1.0
        let_go(found.values)
        assert found.values[7] == -1.0


def test_values_in_memory_stay() -> None:
    values = np.arange(10.0)
    let_go(values)
    assert [part.tolist() for part in stretches(values)()] == [values.tolist()]

"""Checks of object ids and of the table as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from services.models.quality import Level, QualityCheck
from services.quality.findings import N_EXAMPLES, Flagged, Limits, Subject, finding, note

FEWEST_TRAINING_ROWS = 1000
NO_ID = 9999
"""Number that stands for "no id" in some catalogues."""

Hashes = NDArray[np.uint64]


def repeated_ids(subject: Subject) -> Iterator[QualityCheck]:
    """Rows whose id another row has too."""
    name = subject.roles.column("id")
    if name is None or not subject.table.dtype(name).startswith(("int", "uint", "str")):
        return
    rows = _repeated_rows(subject, name)
    found = Flagged(rows.size, (rows[:N_EXAMPLES] + 1).tolist())
    advice = "Joins by this id will multiply rows. Check whether it names objects or measurements."
    yield finding("repeated_ids", name, found, subject.table.n_rows, Limits(0.0, 0.01), "share their id", advice)


def _repeated_rows(subject: Subject, name: str) -> NDArray[np.int64]:
    """Numbers (from 0) of rows whose id comes more than once; rows without an id do not count.

    Text ids are compared by 64-bit hashes: among ten million ids a false match has a chance of 3 in a million.
    Memory is 8 bytes a row: the rows are looked up on a second walk, and only when an id repeats.
    """
    repeated = _repeated_keys(subject, name)
    rows, first = [np.empty(0, np.int64)], 0
    for (values,) in subject.table.arrow_chunks([name]) if repeated.size else ():
        rows.append(np.flatnonzero(np.isin(_keys(values), repeated) & _present(values)) + first)
        first += len(values)
    return np.concatenate(rows)


def _repeated_keys(subject: Subject, name: str) -> Hashes:
    keys, n = np.empty(subject.table.n_rows, np.uint64), 0
    for (values,) in subject.table.arrow_chunks([name]):
        given = _keys(values)[_present(values)]
        keys[n : n + given.size] = given
        n += given.size
    keys = keys[:n]
    keys.sort()
    return np.unique(keys[1:][keys[1:] == keys[:-1]])


def _present(values: pa.Array) -> NDArray[np.bool_]:
    given = values.is_valid().to_numpy(zero_copy_only=False)
    none: Any = "" if pa.types.is_string(values.type) else NO_ID
    differs = pc.coalesce(pc.not_equal(values, none), pa.scalar(value=False)).to_numpy(zero_copy_only=False)
    found: NDArray[np.bool_] = given & differs
    return found


def _keys(values: pa.Array) -> Hashes:
    """One number per id: equal for equal ids."""
    if pa.types.is_integer(values.type):
        return values.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64).view(np.uint64)
    import duckdb  # only for text ids

    texts = pa.table({"id": values})
    with duckdb.connect() as connection:
        connection.register("texts", texts)
        return np.asarray(connection.execute("SELECT hash(id) AS key FROM texts").fetchnumpy()["key"])


def enough_rows(subject: Subject) -> Iterator[QualityCheck]:
    """A training set of fewer than 1000 rows."""
    n = subject.table.n_rows
    level = Level.OK if n >= FEWEST_TRAINING_ROWS else Level.WARN
    advice = "Estimators trained on so few objects depend on chance: look for a larger sample."
    yield note("enough_rows", "", level, f"The table has {n:,} rows.", advice)

"""Numbers as the source wrote them, for formats of text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def written_numbers(values: pa.Array) -> pa.Array:
    """float32 as the double that reads the same: 0.38, not 0.3799999952316284. Null for NaN; other types untouched."""
    if not pa.types.is_floating(values.type):
        return values
    if pa.types.is_float32(values.type):
        values = pc.cast(pc.cast(values, pa.string()), pa.float64())
    numbers = values.to_numpy(zero_copy_only=False)
    return pa.array(numbers, mask=np.isnan(numbers))


def vector_texts(values: pa.Array) -> pa.Array:
    """Vectors as texts, numbers with blanks between; null where all are NaN."""
    size = int(values.type.list_size)
    flat = values.values.slice(values.offset * size, len(values) * size)
    texts = pc.cast(flat, pa.string()).to_pylist()
    rows = [texts[start : start + size] for start in range(0, len(texts), size)] if size else [[]] * len(values)
    return pa.array([None if set(row) <= {"nan"} else " ".join(row) for row in rows], pa.string())

"""Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pzserver.errors import UnreadableTable

if TYPE_CHECKING:
    import pandas as pd


def read(path: Path, _main_file: Mapping[str, Any]) -> pd.DataFrame:
    """DataFrame with every column of the file; a named index is a column like the others."""
    import pandas as pd
    import pyarrow as pa

    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    # Arrow says OSError of pages it cannot make sense of, and the other two of the rest of a damaged file.
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise UnreadableTable(f"{path.name} is no Parquet file that could be read: {error}") from error
    return frame.reset_index() if any(name is not None for name in frame.index.names) else frame

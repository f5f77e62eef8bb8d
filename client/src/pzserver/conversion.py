"""Tables between pandas and astropy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def to_pandas(table: Any) -> pd.DataFrame:
    """DataFrame of a DataFrame or an astropy Table; columns of arrays become columns of lists of numbers."""
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        return table
    deep = [name for name in table.colnames if table[name].ndim > 1]
    flat = table.copy(copy_data=False)
    flat.remove_columns(deep)
    frame: pd.DataFrame = flat.to_pandas(index=False)
    for name in deep:
        frame[name] = pd.Series(list(table[name]), dtype=object)
    return frame[list(table.colnames)]


def to_astropy(table: Any) -> Any:
    """Astropy Table of an astropy Table or a DataFrame."""
    import pandas as pd
    from astropy.table import Table

    return Table.from_pandas(table) if isinstance(table, pd.DataFrame) else table

"""Text tables: CSV as the server describes it, and columns separated by blanks, tabs or bars."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pzserver.errors import UnreadableTable

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = (",", ";", "\t", "|")
BLANKS = r"\s+"
HEAD_LINES = 1000
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eEdD][-+]?\d+)?|nan|inf|-inf|", re.IGNORECASE)


def read(path: Path, main_file: Mapping[str, Any]) -> pd.DataFrame:
    """DataFrame of a text file, with the column names that the server uses."""
    import pandas as pd

    with path.open(encoding="utf-8-sig", errors="replace") as source:
        head = [line.rstrip("\r\n") for line in itertools.islice(source, HEAD_LINES)]
    n_comments = sum(1 for _ in itertools.takewhile(lambda line: not line.strip() or line.startswith("#"), head))
    comments, body = head[:n_comments], [line for line in head[n_comments:] if line.strip()]
    if not body:
        raise UnreadableTable(f"{path.name} holds no rows.")
    separator = _separator(main_file.get("delimiter"), body)
    columns = [str(name) for name in main_file.get("columns") or ()]
    has_header = _has_header(main_file.get("has_header"), columns, comments, body, separator)
    try:
        frame = pd.read_csv(
            path,
            sep=separator,
            header=0 if has_header else None,
            skiprows=n_comments,
            index_col=False,
            encoding="utf-8-sig",
            encoding_errors="replace",
            low_memory=False,
            skipinitialspace=True,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UnreadableTable(f"{path.name} is no table that could be read: {error}") from error
    return _named(frame, columns or _commented_names(comments, frame.shape[1], separator))


def _separator(given: object, body: Sequence[str]) -> str:
    """Separator that the server told, else the one that cuts all lines alike into most fields."""
    if isinstance(given, str) and given:
        return BLANKS if given.isspace() and given != "\t" else given
    best = max(SEPARATORS, key=lambda separator: _even_fields(body, separator))
    return best if _even_fields(body, best) > 1 else BLANKS


def _even_fields(body: Sequence[str], separator: str) -> int:
    counts = {line.count(separator) for line in body}
    return counts.pop() + 1 if len(counts) == 1 else 0


def _fields(line: str, separator: str) -> list[str]:
    parts = line.split() if separator == BLANKS else line.split(separator)
    return [part.strip().strip("\"'") for part in parts]


def _has_header(
    told: object, columns: Sequence[str], comments: Sequence[str], body: Sequence[str], separator: str
) -> bool:
    """Whether the first line that is no comment holds names."""
    first = _fields(body[0], separator)
    if columns and first == list(columns):
        return True
    if _commented_names(comments, len(first), separator):
        return False
    if isinstance(told, bool):
        return told
    return not any(_NUMBER.fullmatch(field) for field in first)


def _commented_names(comments: Sequence[str], n_columns: int, separator: str) -> list[str]:
    """Names in the last comment before the rows, if it has one for each column."""
    last = next((line for line in reversed(comments) if line.strip()), "")
    names = _fields(last.lstrip("# \t"), separator)
    is_header = last.startswith("#") and len(names) == n_columns and not any(_NUMBER.fullmatch(name) for name in names)
    return names if is_header else []


def _named(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    if len(columns) == frame.shape[1]:
        frame.columns = list(columns)
    else:
        frame.columns = [str(name) for name in frame.columns]
    return frame

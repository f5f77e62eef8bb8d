"""Main files of every format as tables in memory."""

from pzserver.readers.registry import read_table

__all__ = ["read_table"]

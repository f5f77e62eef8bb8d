"""The formats in which rows of a table leave: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.exports.arrow_files import write_arrow, write_parquet
from services.exports.base import Write
from services.exports.csv_text import write_csv
from services.exports.fits_table import write_fits
from services.exports.votable_xml import write_votable


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format: the word that asks for it, suffix and media type of the file, and its writer."""

    name: str
    suffix: str
    media_type: str
    write: Write


_ROWS = (
    ExportFormat("csv", ".csv", "text/csv; charset=utf-8; header=present", write_csv),
    ExportFormat("parquet", ".parquet", "application/vnd.apache.parquet", write_parquet),
    ExportFormat("arrow", ".arrows", "application/vnd.apache.arrow.stream", write_arrow),
    ExportFormat("votable", ".vot", "application/x-votable+xml", write_votable),
    ExportFormat("fits", ".fits", "application/fits", write_fits),
)

EXPORT_FORMATS: Mapping[str, ExportFormat] = MappingProxyType({row.name: row for row in _ROWS})
assert len(EXPORT_FORMATS) == len(_ROWS), "an export format is registered twice"

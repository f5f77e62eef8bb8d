"""Text tables for those who take all rows at once and do not need to know anything before (docs/decisions/0035)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from services.formats.base import ClosingReader, Surprise
from services.formats.text import TextReader, guess_layout, layout_of, open_text
from services.formats.text_pieces import Layout, NotInThisEncoding
from services.formats.text_stream import marked_encoding
from services.formats.text_trial import SMALLEST_FILE_BYTES, Trial, trial_of
from services.models.tables import TableInfo


def open_hurried(path: Path, name: str) -> TextReader | HurriedText:
    """A reader with a ``trial`` where the file is large and looks plain, else one that has scanned the file."""
    layout = _plain_layout(path, name)
    trial = trial_of(path, layout) if layout else None
    return HurriedText(path, name, layout, trial) if layout and trial else open_text(path, name)


def _plain_layout(path: Path, name: str) -> Layout | None:
    if path.stat().st_size < SMALLEST_FILE_BYTES:
        return None
    with path.open("rb") as file:
        if marked_encoding(file.read(4)) != ("utf-8", 0):
            return None
    try:
        return layout_of(path, name, "utf-8", guess_layout)
    except NotInThisEncoding:
        return None


class HurriedText(ClosingReader):
    """A text table of which only samples were looked at."""

    def __init__(self, path: Path, name: str, layout: Layout, trial: Trial) -> None:
        super().__init__(name)
        self._path, self._layout = path, layout
        self.trial = trial

    @property
    def info(self) -> TableInfo:
        """As ``TextReader`` tells it, once all rows of the trial were taken; ``Surprise`` before."""
        if self.trial.findings is None:
            raise Surprise
        return TextReader(self._path, self.name, self._layout, self.trial.findings).info

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows, the thorough way."""
        return open_text(self._path, self.name).batches(columns)

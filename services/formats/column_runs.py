"""PDFs spread over a run of columns (P0, P1, ... P300): joined into one column of vectors while the table is read.

A run is at least 8 columns of numbers whose names begin with a word for PDFs and end with integers that follow each
other. In text a column of zeros looks like integers, so some may be; a run of nothing else holds codes. What their
redshifts are is not guessed: they come from a grid in the file, or from the owner of the product.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa

from services.formats.arrays import arrow_type
from services.formats.base import ClosingReader, TableReader, Trial, TriedReader
from services.models.tables import TableColumn, TableInfo

FEWEST, MOST = 8, 20_000
STEMS = frozenset({"p", "pz", "pdf", "pdfs", "pdz", "p_z", "pdf_z", "z_pdf", "zpdf", "pz_bin", "pdf_bin", "photoz_pdf"})
"""What the names of a run begin with, without case."""
JOINED = "pdf"
_MEMBER = re.compile(r"(?P<stem>.*[A-Za-z])(?P<open>[_.\[( ]*)(?P<number>\d{1,5})(?P<close>[\])]?)")
_NUMBERS = ("float", "int", "uint")
_TWICE = -2
"""A number that follows none: two columns of one number make no run."""


@dataclass(frozen=True, slots=True)
class Run:
    """Columns that hold one PDF together, in the order of their numbers, and the column they become."""

    members: tuple[str, ...]
    column: TableColumn

    @property
    def words(self) -> str:
        """A sentence for people."""
        first, last = self.members[0], self.members[-1]
        return (
            f"Columns {first} to {last} are read as one PDF of {len(self.members)} numbers: column {self.column.name}."
        )


def found_runs(columns: Sequence[TableColumn]) -> tuple[Run, ...]:
    """Runs among the columns of a table."""
    groups: dict[tuple[str, str, str], dict[int, TableColumn]] = {}
    for column in columns:
        match = _MEMBER.fullmatch(column.name)
        if match and column.dtype.startswith(_NUMBERS) and match["stem"].rpartition(".")[2].lower() in STEMS:
            members = groups.setdefault((match["stem"], match["open"], match["close"]), {})
            number = int(match["number"])
            members[_TWICE if number in members else number] = column
    taken = {column.name.lower() for column in columns}
    runs = []
    for group in groups.values():
        numbers = sorted(group)
        run = [group[number] for number in numbers]
        is_counted = all(after == before + 1 for before, after in pairwise(numbers))
        if FEWEST <= len(run) <= MOST and is_counted and any(one.dtype.startswith("float") for one in run):
            runs.append(_run(run, taken))
    return tuple(runs)


def _run(members: Sequence[TableColumn], taken: set[str]) -> Run:
    """The members as one column, of a name that no other column has."""
    names = (JOINED, *(f"{JOINED}_{number}" for number in range(2, len(taken) + 3)))
    name = next(name for name in names if name not in taken)
    taken.add(name)
    item = "float32" if all(member.dtype == "float32" for member in members) else "float64"
    text = f"{members[0].name} to {members[-1].name} of the file"
    column = TableColumn(name, f"vector<{item}>[{len(members)}]", members[0].unit, None, text)
    return Run(tuple(member.name for member in members), column)


def run_widths(columns: Sequence[TableColumn]) -> frozenset[int]:
    """Numbers a row of every run, for those who look for its grid."""
    return frozenset(len(run.members) for run in found_runs(columns))


def joined(reader: TableReader) -> TableReader:
    """The same table with its runs joined; the reader itself when it has none."""
    trial = reader.trial if isinstance(reader, TriedReader) else None
    runs = found_runs(reader.info.columns if trial is None else trial.columns)
    return JoinedReader(reader, runs) if runs else reader


class _Joining:
    """How rows as they are read become rows as they are handed out."""

    def __init__(self, columns: Sequence[TableColumn], runs: tuple[Run, ...]) -> None:
        self.runs: Mapping[str, Run] = {run.column.name: run for run in runs}
        at_first = {run.members[0]: run.column for run in runs}
        hidden = {name for run in runs for name in run.members}
        kept = [at_first.get(column.name, column) for column in _with_firsts(columns, hidden, at_first)]
        self.columns = tuple(kept)

    def sources(self, names: Sequence[str]) -> tuple[str, ...]:
        """Columns of the file that make these columns."""
        found = [self.runs[name].members if name in self.runs else (name,) for name in names]
        return tuple(dict.fromkeys(name for members in found for name in members))

    def batch(self, batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
        """Rows with these columns."""
        arrays = [
            _vectors(batch, self.runs[name]) if name in self.runs else batch.column(batch.schema.get_field_index(name))
            for name in names
        ]
        return pa.RecordBatch.from_arrays(arrays, names=list(names))


def _with_firsts(
    columns: Sequence[TableColumn], hidden: set[str], at_first: Mapping[str, TableColumn]
) -> Iterator[TableColumn]:
    """Columns of the file without the members of runs, but for the first of each."""
    return (column for column in columns if column.name not in hidden or column.name in at_first)


def _vectors(batch: pa.RecordBatch, run: Run) -> pa.FixedSizeListArray:
    target = arrow_type(run.column.dtype)
    values = np.empty((batch.num_rows, len(run.members)), target.value_type.to_pandas_dtype())
    for place, name in enumerate(run.members):
        stored = batch.column(batch.schema.get_field_index(name))
        values[:, place] = stored.cast(target.value_type, safe=False).to_numpy(zero_copy_only=False)
    return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), target.list_size)


class JoinedTrial:
    """A trial of a table with runs, see ``Trial``."""

    def __init__(self, trial: Trial, runs: tuple[Run, ...]) -> None:
        self._trial, self._joining = trial, _Joining(trial.columns, runs)

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """The columns, if the samples tell the truth."""
        return self._joining.columns

    @property
    def n_rows_expected(self) -> int:
        """About how many rows there will be."""
        return self._trial.n_rows_expected

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows in file order."""
        names = [column.name for column in self.columns]
        for batch in self._trial.batches():
            yield self._joining.batch(batch, names)


class JoinedReader(ClosingReader):
    """A table with runs of columns, each handed out as one column of vectors."""

    def __init__(self, reader: TableReader, runs: tuple[Run, ...]) -> None:
        super().__init__("")
        self._reader, self._runs = reader, runs

    @property
    def trial(self) -> Trial | None:
        """The trial of the reader below, see ``TriedReader``."""
        trial = self._reader.trial if isinstance(self._reader, TriedReader) else None
        return None if trial is None else JoinedTrial(trial, self._runs)

    @property
    def info(self) -> TableInfo:
        """What the table says about itself, and what was joined."""
        info = self._reader.info
        words = tuple(run.words for run in self._runs)
        return replace(info, columns=_Joining(info.columns, self._runs).columns, warnings=(*info.warnings, *words))

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[pa.RecordBatch]:
        """All rows in file order, see ``TableReader``."""
        joining = _Joining(self._reader.info.columns, self._runs)
        names = columns or tuple(column.name for column in joining.columns)
        for batch in self._reader.batches(joining.sources(names)):
            yield joining.batch(batch, names)

    def close(self) -> None:
        """Release the file."""
        self._reader.close()

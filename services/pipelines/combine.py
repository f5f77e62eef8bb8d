"""Redshift catalogues put together: rows of all inputs under the same columns, duplicates marked or removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from services.pipelines.base import InputTable, Outcome, PipelineFailed, Run
from services.pipelines.positions import groups_within
from services.pipelines.tables import (
    TableWriter,
    numbers,
    owned_column,
    present_roles,
    role_batches,
    role_column,
    role_types,
)
from services.product_rules import role_titles

CONCATENATE = "concatenate"
MARK = "concatenate_and_mark_duplicates"
REMOVE = "concatenate_and_remove_duplicates"
COMBINE_TYPES = (CONCATENATE, MARK, REMOVE)
CUT = "z_flag_homogenized_value_to_cut"

SOURCE_COLUMN = "input_product"
FLAG_COLUMN = "z_flag_homogenized"
GROUP_COLUMN = "duplicate_group"
KEPT_COLUMN = "tie_result"

_JUDGING = ("redshift", "ra", "dec", "redshift_err", "z_flag", "survey")
DUPLICATE_RADIUS_ARCSEC = 1.0
MAX_ROWS = 5_000_000
"""Rows among which duplicates are looked for: their positions are held in memory."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is known of all rows together, in the order in which they are written."""

    flag: NDArray[np.float64]
    is_kept: NDArray[np.bool_]
    group: NDArray[np.int64] | None
    is_best: NDArray[np.bool_] | None


def combine(run: Run) -> Outcome:
    """Write the rows of all inputs one after another, with the columns of every role that any input has.

    Numbers that are no valid values of their role (sentinels, NaN) are left empty.

    Raises
    ------
    PipelineFailed
        If nothing is left to write, or there are too many rows to look for duplicates.
    """
    roles = present_roles(run.inputs)
    _require_columns(run, roles)
    kinds = role_types(run.inputs, roles)
    with_flag = bool(run.flag_translation) or run.parameters[CUT] is not None
    run.report(0.0, "Reading the inputs")
    judged = _judged(run, kinds)
    with TableWriter(run.folder, "combined", run.output_format) as writer:
        n_before = 0
        for table in run.inputs:
            for batch in role_batches(table, kinds):
                n_rows = len(batch["redshift"])
                part = slice(n_before, n_before + n_rows)
                writer.write(_piece(table, batch, judged, part, with_flag=with_flag))
                n_before += n_rows
    if writer.n_rows == 0:
        raise PipelineFailed("No row is left: the cut on the quality flag removes every one. Choose a lower value.")
    columns = tuple(owned_column(role_column(role), role) for role in roles)
    return Outcome(writer.path, columns, _notes(run, judged))


def _require_columns(run: Run, roles: Sequence[str]) -> None:
    needed = ("redshift",) if run.parameters["combine_type"] == CONCATENATE else ("redshift", "ra", "dec")
    missing = role_titles(role for role in needed if role not in roles)
    if missing:
        raise PipelineFailed(f"No input has a column for {', '.join(missing)}. Choose the columns of the inputs first.")


def _piece(
    table: InputTable, batch: Mapping[str, pa.Array], judged: _Judged, part: slice, *, with_flag: bool
) -> pa.Table:
    columns: dict[str, Any] = {role_column(role): values for role, values in batch.items()}
    n_rows = part.stop - part.start
    columns[SOURCE_COLUMN] = pa.array([table.internal_name]).take(pa.array(np.zeros(n_rows, np.int64)))
    if with_flag:
        columns[FLAG_COLUMN] = pa.array(judged.flag[part])
    if judged.group is not None and judged.is_best is not None:
        columns[GROUP_COLUMN] = pa.array(judged.group[part])
        columns[KEPT_COLUMN] = pa.array(judged.is_best[part].astype(np.int8))
    return pa.table(columns).filter(pa.array(judged.is_kept[part]))


def _judged(run: Run, kinds: Mapping[str, pa.DataType]) -> _Judged:
    """Walk once through all rows and decide what becomes of each."""
    parts: list[Mapping[str, NDArray[np.float64]]] = []
    for table in run.inputs:
        for batch in role_batches(table, {role: kinds[role] for role in _JUDGING if role in kinds}):
            flag = _translated_flags(batch, run.flag_translation, table) if run.flag_translation else _flags(batch)
            shown: dict[str, NDArray[np.float64]] = {
                role: numbers(batch[role]) for role in ("ra", "dec", "redshift_err") if role in batch
            }
            parts.append({**shown, "flag": flag})
    every = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    cut = run.parameters[CUT]
    is_kept = np.ones(len(every["flag"]), np.bool_) if cut is None else every["flag"] >= cut
    if run.parameters["combine_type"] == CONCATENATE:
        return _Judged(every["flag"], is_kept, None, None)
    run.report(0.4, "Looking for duplicates")
    return _with_duplicates(every, is_kept, remove=run.parameters["combine_type"] == REMOVE)


def _with_duplicates(every: Mapping[str, NDArray[np.float64]], is_kept: NDArray[np.bool_], *, remove: bool) -> _Judged:
    if int(is_kept.sum()) > MAX_ROWS:
        raise PipelineFailed(
            f"Duplicates are looked for among at most {MAX_ROWS:,} rows; here are {int(is_kept.sum()):,}. "
            "Use combine_type concatenate, or fewer inputs."
        )
    rows = np.flatnonzero(is_kept)
    none = np.full(len(is_kept), np.nan)
    labels = groups_within(every["ra"][rows], every["dec"][rows], DUPLICATE_RADIUS_ARCSEC)
    best = _best_rows(labels, every["flag"][rows], every.get("redshift_err", none)[rows])
    group, is_best = np.zeros(len(is_kept), np.int64), np.zeros(len(is_kept), np.bool_)
    group[rows] = np.where(np.bincount(labels)[labels] > 1, labels + 1, 0) if len(rows) else 0
    is_best[rows[best]] = True
    return _Judged(every["flag"], is_kept & is_best if remove else is_kept, group, is_best)


def _best_rows(labels: NDArray[np.int64], flag: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.int64]:
    """One row of each group: the highest flag, then the smallest error, then the first."""
    order = np.lexsort((np.nan_to_num(error, nan=np.inf), -np.nan_to_num(flag, nan=-np.inf), labels))
    _, first = np.unique(labels[order], return_index=True)
    best: NDArray[np.int64] = order[first]
    return best


def _flags(batch: Mapping[str, pa.Array]) -> NDArray[np.float64]:
    """Flags as the numbers they are, NaN for words."""
    return numbers(batch["z_flag"]) if "z_flag" in batch else np.full(len(batch["redshift"]), np.nan)


def _translated_flags(
    batch: Mapping[str, pa.Array], translation: Mapping[str, Any], table: InputTable
) -> NDArray[np.float64]:
    """Flags by the person's file, which names surveys, inputs, or "default"; NaN where it says nothing."""
    n_rows = len(batch["redshift"])
    translated = np.full(n_rows, np.nan)
    if "z_flag" not in batch:
        return translated
    words = _flag_words(batch["z_flag"])
    surveys = pc.fill_null(batch["survey"], "") if "survey" in batch else pa.array([""] * n_rows, pa.string())
    for survey in pc.unique(surveys).to_pylist():
        names = (survey, table.internal_name, table.display_name, "default")
        flags: Mapping[str, Any] = next(
            (translation[name] for name in names if isinstance(translation.get(name), Mapping)), {}
        )
        _translate(translated, words, pc.equal(surveys, survey), flags)
    return translated


def _translate(translated: NDArray[np.float64], words: pa.Array, of_survey: pa.Array, table: Mapping[str, Any]) -> None:
    for word, value in table.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            chosen = pc.and_(of_survey, pc.fill_null(pc.equal(words, word), fill_value=False))
            translated[chosen.to_numpy(zero_copy_only=False)] = value


def _flag_words(values: pa.Array) -> pa.Array:
    """Flags as a file names them: 4.0 is "4"."""
    if pa.types.is_string(values.type):
        return pc.utf8_trim_whitespace(values)
    plain = values.to_numpy(zero_copy_only=False)
    return pa.array([None if np.isnan(x) else f"{x:g}" for x in plain], pa.string())


def _notes(run: Run, judged: _Judged) -> tuple[str, ...]:
    n_rows = len(judged.is_kept)
    notes = [f"{n_rows:,} rows of {len(run.inputs)} catalogues."]
    unknown = sorted(str(key) for key, value in run.flag_translation.items() if not isinstance(value, Mapping))
    if unknown:
        notes.append(f"Not used of the flags file: {', '.join(unknown[:5])}. It maps a survey to flag: new flag.")
    cut = run.parameters[CUT]
    if cut is not None:
        notes.append(f"Rows with a homogenized flag below {cut:g} or without one were left out.")
    if judged.group is not None and judged.is_best is not None:
        n_doubles = int((~judged.is_best & (judged.group > 0)).sum())
        done = "left out" if run.parameters["combine_type"] == REMOVE else "marked"
        notes.append(f"{n_doubles:,} duplicates within {DUPLICATE_RADIUS_ARCSEC:g} arcsec were {done}.")
    return tuple(notes)

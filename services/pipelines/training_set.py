"""Training sets: objects of a release that lie where a redshift was measured, with their photometry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from services.models.products import ProductColumn
from services.pipelines.base import InputTable, Outcome, PipelineFailed, Run
from services.pipelines.positions import Nearest, nearest_rows
from services.pipelines.tables import (
    TableWriter,
    numbers,
    owned_column,
    present_roles,
    role_batches,
    role_column,
    role_types,
)
from services.statistics.canonical import CanonicalTable

CLOSEST, ALL = "closest", "all"
SEPARATION_COLUMN = "match_arcsec"
_MATCHED_ROLES = ("id", "ra", "dec")
"""Roles that the objects keep; those of the redshift catalogue are called spec_... beside them."""


def make_training_set(run: Run) -> Outcome:
    """Match redshifts with the nearest objects of the release; write the objects with the redshifts beside them.

    Raises
    ------
    PipelineFailed
        If the release has no object catalogue, or nothing matches.
    """
    if run.matched is None:
        raise PipelineFailed(
            f'The release "{run.release_title}" offers no object catalogue to match with. '
            "Publish an Objects Catalog under this release first, then run the pipeline again."
        )
    (source,) = run.inputs
    spectra = _spectra(source)
    run.report(0.1, "Matching positions")
    objects, spec_rows, separation = _pairs(run, spectra)
    if not len(objects):
        radius = run.parameters["crossmatch"]["radius_arcsec"]
        raise PipelineFailed(f"No object lies within {radius:g} arcsec of a redshift. Choose a larger radius_arcsec.")
    names = _names(run.matched, spectra)
    with TableWriter(run.folder, "training_set", run.output_format) as writer:
        for piece, chosen in _objects(run.matched, objects):
            beside = {names[key]: values.take(pa.array(spec_rows[chosen])) for key, values in spectra.items()}
            beside[SEPARATION_COLUMN] = pa.array(separation[chosen])
            writer.write(_beside(piece, beside))
    note = f"{writer.n_rows:,} matches of {len(spectra['redshift']):,} redshifts with {run.matched.display_name}."
    return Outcome(writer.path, _meanings(run.matched, names), (note,))


def _spectra(source: InputTable) -> dict[str, pa.Array]:
    """Rows of the redshift catalogue that have a position and a redshift, by role."""
    roles = present_roles([source])
    if not {"ra", "dec", "redshift"} <= set(roles):
        raise PipelineFailed("The redshift catalogue needs columns for RA, Dec and redshift. Choose them first.")
    kinds = role_types([source], roles)
    table = pa.concat_tables(pa.table(batch) for batch in role_batches(source, kinds))
    whole = {role: table.column(role).combine_chunks() for role in roles}
    is_usable = np.all([np.isfinite(numbers(whole[role])) for role in ("ra", "dec", "redshift")], axis=0)
    return {role: values.filter(pa.array(is_usable)) for role, values in whole.items()}


def _pairs(
    run: Run, spectra: Mapping[str, pa.Array]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Row of the object, row of the redshift and their separation, of every match, in the order of the objects."""
    assert run.matched is not None
    crossmatch = run.parameters["crossmatch"]
    positions = _positions(run.matched)
    places = numbers(spectra["ra"]), numbers(spectra["dec"])
    nearest = nearest_rows(*places, positions, crossmatch["n_neighbors"], crossmatch["radius_arcsec"])
    spec_rows, neighbours = np.nonzero(nearest.row >= 0)
    return _settled(nearest, spec_rows, neighbours, closest_only=run.parameters["duplicate_criteria"] == CLOSEST)


def _settled(
    nearest: Nearest, spec_rows: NDArray[np.int64], neighbours: NDArray[np.int64], *, closest_only: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Matches in the order of the objects; of several redshifts for one object the nearest, if wanted."""
    objects, separation = nearest.row[spec_rows, neighbours], nearest.separation_arcsec[spec_rows, neighbours]
    order = np.lexsort((spec_rows, separation, objects))
    objects, spec_rows, separation = objects[order], spec_rows[order], separation[order]
    if closest_only:
        objects, first = np.unique(objects, return_index=True)
        spec_rows, separation = spec_rows[first], separation[first]
    return objects, spec_rows, separation


def _positions(table: InputTable) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    for batch in role_batches(table, {"ra": pa.float64(), "dec": pa.float64()}):
        yield numbers(batch["ra"]), numbers(batch["dec"])


def _plain_names(table: InputTable) -> list[str]:
    """Columns of the objects with one value a row; stored PDFs are not passed on."""
    with CanonicalTable.open(table.path) as opened:
        return [name for name in opened.names if not opened.dtype(name).startswith("vector")]


def _objects(table: InputTable, wanted: NDArray[np.int64]) -> Iterator[tuple[pa.Table, slice]]:
    """The wanted rows (ascending, doubles allowed) in pieces, each with the part of ``wanted`` it answers."""
    names = _plain_names(table)
    units = {band.column: band.unit for band in table.roles.bands}
    n_before = 0
    with CanonicalTable.open(table.path) as opened:
        for arrays in opened.arrow_chunks(names):
            n_rows = len(arrays[0])
            part = slice(*np.searchsorted(wanted, [n_before, n_before + n_rows]))
            rows = pa.array(wanted[part] - n_before)
            fields = [_field(name, values, units.get(name)) for name, values in zip(names, arrays, strict=True)]
            yield pa.table([values.take(rows) for values in arrays], schema=pa.schema(fields)), part
            n_before += n_rows


def _field(name: str, values: pa.Array, unit: str | None) -> pa.Field:
    return pa.field(name, values.type, metadata={"unit": unit} if unit else None)


def _beside(piece: pa.Table, more: Mapping[str, pa.Array]) -> pa.Table:
    for name, values in more.items():
        piece = piece.append_column(name, values)
    return piece


def _names(objects: InputTable, spectra: Mapping[str, pa.Array]) -> dict[str, str]:
    """Output name of each role of the redshift catalogue, different from every column of the objects."""
    taken = {*_plain_names(objects), SEPARATION_COLUMN}
    names: dict[str, str] = {}
    for role in spectra:
        name = f"spec_{role_column(role)}" if role in _MATCHED_ROLES else role_column(role)
        while name in taken:
            name = f"spec_{name}"
        names[role] = name
        taken.add(name)
    return names


def _meanings(objects: InputTable, names: Mapping[str, str]) -> tuple[ProductColumn, ...]:
    """Positions and photometry mean what they mean in the object catalogue, redshifts come from the other one."""
    roles = objects.roles
    kept = [
        owned_column(name, role, transform=roles.transforms.get(role, ""))
        for role in _MATCHED_ROLES
        if (name := roles.column(role)) is not None
    ]
    spectral = [owned_column(name, role) for role, name in names.items() if role not in _MATCHED_ROLES]
    return (*kept, *_photometry(objects), *spectral)


def _photometry(objects: InputTable) -> Sequence[ProductColumn]:
    columns: list[ProductColumn] = []
    for band in objects.roles.bands:
        columns.append(replace(owned_column(band.column, band.kind, band.band), unit=band.unit))
        if band.error_column is not None:
            columns.append(owned_column(band.error_column, f"{band.kind}_err", band.band))
    return columns

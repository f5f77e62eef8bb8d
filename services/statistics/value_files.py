"""A value object as one file: a zip archive with one JSON document and the arrays as .npy members. Never a pickle."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from services.models import (
    colours,
    cone,
    depth,
    duplicates,
    groups,
    healpix,
    measures,
    missing,
    sky_fields,
    tomography,
    validation,
)
from services.models import statistics as models
from services.models.details import AnyStatistic
from services.models.statistics import Overview

DOCUMENT = "overview.json"
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The same numbers give the same bytes, so that the store keeps them once."""

_CLASSES = {
    cls.__name__: cls
    for cls in (
        models.Overview,
        tomography.Tomography,
        tomography.TomographicBin,
        models.ColumnStatistics,
        models.Tally,
        models.Histogram,
        models.HistogramSet,
        models.Density,
        models.SkyDensity,
        models.CategoryCounts,
        models.PointMetrics,
        measures.MetricsBin,
        measures.PitStatistics,
        measures.PdfMetrics,
        measures.MetricsReport,
        depth.DepthReport,
        depth.BandDepth,
        depth.NumberCounts,
        depth.ErrorBin,
        depth.LimitingMagnitude,
        validation.BinnedMetrics,
        colours.ColourColour,
        sky_fields.SkyFields,
        sky_fields.SkyField,
        healpix.HealpixMap,
        validation.MetricValue,
        validation.MetricTable,
        validation.PdfQuality,
        validation.StackedPdf,
        validation.OddsStep,
        validation.OddsCut,
        validation.FailedEstimates,
        cone.ConeDensity,
        duplicates.CloseObjects,
        groups.GroupedHistogram,
        missing.MissingMap,
    )
}
Target = str | Path | BinaryIO


def save_overview(overview: Overview, target: Target) -> None:
    """Write an overview to a path or a binary stream."""
    _save(overview, target)


def save_detail(detail: AnyStatistic | None, target: Target) -> None:
    """Write a detail, or that there is none, to a path or a binary stream."""
    _save(detail, target)


def load_detail(source: Target) -> AnyStatistic | None:
    """Read what ``save_detail`` wrote."""
    found: AnyStatistic | None = _load(source)
    return found


def _save(value: Any, target: Target) -> None:
    arrays: list[NDArray[Any]] = []
    document = json.dumps(_plain(value, arrays), separators=(",", ":"))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo(DOCUMENT, FIXED_TIME), document, zipfile.ZIP_DEFLATED, compresslevel=1)
        for number, array in enumerate(arrays):
            archive.writestr(zipfile.ZipInfo(_member(number), FIXED_TIME), npy_bytes(array), zipfile.ZIP_DEFLATED, 1)


def load_overview(source: Target) -> Overview:
    """Read what ``save_overview`` wrote."""
    found: Overview = _load(source)
    return found


def _load(source: Target) -> Any:
    with zipfile.ZipFile(source) as archive:
        return _rich(json.loads(archive.read(DOCUMENT)), archive)


def _member(number: int) -> str:
    return f"arrays/{number}.npy"


def npy_bytes(array: NDArray[Any]) -> bytes:
    """An array as a .npy file."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def _plain(value: Any, arrays: list[NDArray[Any]]) -> Any:
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _plain(getattr(value, field.name), arrays) for field in dataclasses.fields(value)}
        return {"class": type(value).__name__, "fields": fields}
    if isinstance(value, dict):
        return {"dict": {key: _plain(item, arrays) for key, item in value.items()}}
    if isinstance(value, tuple):
        return [_plain(item, arrays) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _rich(value: Any, archive: zipfile.ZipFile) -> Any:
    if isinstance(value, list):
        return tuple(_rich(item, archive) for item in value)
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return np.lib.format.read_array(io.BytesIO(archive.read(_member(value["array"]))), allow_pickle=False)
    if "dict" in value:
        return {key: _rich(item, archive) for key, item in value["dict"].items()}
    cls = _CLASSES[value["class"]]
    return cls(**{name: _rich(item, archive) for name, item in value["fields"].items()})

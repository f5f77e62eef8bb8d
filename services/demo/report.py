"""What people put beside a validation: a picture and an HTML page with the metrics."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

from services.demo.photoz import Estimates
from services.models.statistics import FloatArray

N_PIXELS = 320
MAX_Z = 3.0

COLOUR_STOPS = np.array(
    [[255, 255, 255], [68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]], dtype=float
)
"""White for no objects, then five colours of the viridis map (Smith & van der Walt 2015), 0..255."""


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png(pixels: np.ndarray) -> bytes:
    """PNG file (W3C recommendation, 8-bit RGB, no filter) of uint8 (height, width, 3)."""
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def density_png(z_spec: FloatArray, z_phot: FloatArray) -> bytes:
    """Picture of z_phot (up) against z_spec (right), both 0..3, with the 1:1 line."""
    counts, _, _ = np.histogram2d(z_phot, z_spec, bins=N_PIXELS // 4, range=[[0, MAX_Z], [0, MAX_Z]])
    level = np.log1p(counts[::-1]) / max(np.log1p(counts.max()), 1.0)
    level = np.kron(level, np.ones((4, 4)))
    stops = np.linspace(0, 1, len(COLOUR_STOPS))
    pixels = np.stack([np.interp(level, stops, COLOUR_STOPS[:, k]) for k in range(3)], axis=-1).astype(np.uint8)
    diagonal = np.arange(N_PIXELS)
    pixels[N_PIXELS - 1 - diagonal, diagonal] = (200, 30, 30)
    return png(pixels)


def metrics(z_spec: FloatArray, z_phot: FloatArray) -> dict[str, float]:
    """Median bias, sigma_NMAD (Brammer et al. 2008, ApJ 686, 1503) and fraction with abs(dz) > 0.15."""
    dz = (z_phot - z_spec) / (1 + z_spec)
    bias = float(np.median(dz))
    return {
        "bias": bias,
        "sigma_NMAD": 1.4826 * float(np.median(np.abs(dz - bias))),
        "outlier fraction": float(np.mean(np.abs(dz) > 0.15)),
    }


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Validation report</title></head><body>
<h1>Validation report</h1>
<p>{n_objects:,} simulated galaxies, dz = (z_phot - z_spec) / (1 + z_spec).</p>
<table><thead><tr><th>metric</th><th>all</th><th>odds &gt; 0.8</th></tr></thead><tbody>
{rows}
</tbody></table>
<p>The picture z_phot_vs_z_spec.png shows the same objects.</p>
</body></html>
"""


def write_report(folder: Path, z_spec: FloatArray, estimates: Estimates) -> tuple[Path, Path]:
    """Picture and page, written into ``folder``."""
    picture, page = folder / "z_phot_vs_z_spec.png", folder / "validation_report.html"
    picture.write_bytes(density_png(z_spec, estimates.z_phot))
    sure = estimates.odds > 0.8
    everything, best = metrics(z_spec, estimates.z_phot), metrics(z_spec[sure], estimates.z_phot[sure])
    rows = "\n".join(f"<tr><td>{k}</td><td>{everything[k]:.4f}</td><td>{best[k]:.4f}</td></tr>" for k in everything)
    page.write_text(_PAGE.format(n_objects=z_spec.size, rows=rows))
    return picture, page

"""Objects per HEALPix pixel on the sky."""

from __future__ import annotations

import plotly.graph_objects as go

from components.figures.captions import tally_text
from components.figures.numbers import Numbers
from components.figures.sky import sky_map
from services.models.healpix import HealpixMap


def healpix_figure(found: HealpixMap) -> go.Figure:
    """The pixels in the colours of their counts, RA to the left."""
    return sky_map(found.grid, "per pixel")


def healpix_caption(found: HealpixMap) -> str:
    """Where the rows went, size of the pixels, area, columns."""
    drawn = f"HEALPix nside {found.nside:,}, nested, pixels of {found.pixel_deg2:.3g} deg²"
    area = f"{found.area_deg2:.3g} deg² occupied at nside {found.area_nside:,}"
    return f"{tally_text(found.grid.tally)} · {drawn} · {area} · columns {found.grid.x_column}, {found.grid.y_column}"


def healpix_finding(found: HealpixMap) -> str:
    """Fullest pixel and density in words."""
    if not found.counts.size:
        return "no row with a position."
    fullest = int(found.counts.argmax())
    place = f"RA {found.ra_deg[fullest]:.4g}, Dec {found.dec_deg[fullest]:+.4g} deg"
    mean = float(found.counts.mean()) / found.pixel_deg2
    return (
        f"{found.counts.size:,} occupied pixels with {mean:,.3g} objects per deg² on average; "
        f"the fullest, at {place}, holds {int(found.counts.max()):,}."
    )


def healpix_numbers(found: HealpixMap) -> Numbers:
    """Occupied pixels in nested order with their centres."""
    header = ("nside", "pixel_nested", "ra_deg", "dec_deg", "count", "count_per_deg2")
    area = found.pixel_deg2
    columns = (found.pixels, found.ra_deg, found.dec_deg, found.counts)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return Numbers(
        header,
        tuple((found.nside, pixel, round(ra, 6), round(dec, 6), n, round(n / area, 3)) for pixel, ra, dec, n in rows),
    )

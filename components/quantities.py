"""How numbers, sizes and dates are written for people."""

from __future__ import annotations

import math
from datetime import datetime

from dash import html

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def count_text(count: int | None) -> str:
    """Whole number with thousands separators; a dash when unknown."""
    return "–" if count is None else f"{count:,}"


def size_text(size_bytes: int | None) -> str:
    """Bytes in the largest unit that keeps the number above 1, such as ``3.2 MiB``."""
    if size_bytes is None:
        return "–"
    power = min(int(math.log(size_bytes, 1024)), len(_UNITS) - 1) if size_bytes > 0 else 0
    return f"{size_bytes} B" if power == 0 else f"{size_bytes / 1024**power:.3g} {_UNITS[power]}"


def number_text(value: float | None) -> str:
    """Up to six significant digits, so that single-precision noise is not shown; a dash for None and NaN."""
    if value is None or math.isnan(value):
        return "–"
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}" if abs(value) >= 1e5 else str(int(value))
    return f"{value:.6g}"


def date_element(moment: datetime) -> html.Time:
    """ISO date; the whole moment in UTC on hover."""
    return html.Time(
        f"{moment:%Y-%m-%d}", dateTime=moment.isoformat(), title=f"{moment:%Y-%m-%d %H:%M:%S} UTC", className="date"
    )

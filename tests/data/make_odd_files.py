"""Small odd files, one trap each, made from nothing."""

from __future__ import annotations

from pathlib import Path


def make_odd_files(folder: Path) -> dict[str, Path]:
    """Write every odd file into ``folder``; name of the trap to its path."""
    folder.mkdir(parents=True, exist_ok=True)
    return {}

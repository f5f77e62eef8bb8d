"""What tells tables of fixed places from other text, by their first lines."""

from __future__ import annotations

import re

IPAC, CDS = "ipac", "cds"
CDS_MARK = "Byte-by-byte Description"
RULE = re.compile(r"-{20,}\s*")


def fixed_width_kind(head: bytes) -> str | None:
    """Which of the two kinds a file is; None for all others."""
    text = head.decode("latin-1")
    if CDS_MARK in text and sum(map(bool, map(RULE.fullmatch, text.splitlines()))) >= 2:
        return CDS
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith("\\")][:6]
    framed = [line.startswith("|") and line.endswith("|") and len(line) > 2 for line in lines]
    if not framed or not framed[0] or all(framed):
        return None
    bars = {tuple(place for place, letter in enumerate(line) if letter == "|") for line in lines[: framed.index(False)]}
    return IPAC if len(bars) == 1 and lines[framed.index(False)].startswith(" ") else None

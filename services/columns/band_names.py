"""Photometric bands: how they are spelled in column names, and their order by wavelength."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_WAVELENGTHS_NM: Mapping[str, float] = MappingProxyType(
    {
        "FUV": 153.0,
        "NUV": 231.0,
        "u": 365.0,
        "U": 366.0,
        "B": 445.0,
        "g": 480.0,
        "bp": 511.0,
        "V": 551.0,
        "r": 622.0,
        "R": 650.0,
        "VIS": 715.0,
        "i": 755.0,
        "rp": 777.0,
        "ic": 790.0,
        "I": 798.0,
        "z": 869.0,
        "y": 971.0,
        "J": 1250.0,
        "H": 1650.0,
        "Ks": 2150.0,
        "K": 2190.0,
        "W1": 3370.0,
        "ch1": 3560.0,
        "ch2": 4510.0,
        "W2": 4620.0,
        "ch3": 5760.0,
        "ch4": 7960.0,
        "W3": 12080.0,
        "W4": 22190.0,
    }
)
"""Effective wavelengths of the usual systems, for the order only (SVO filter profiles, rounded)."""

STANDARD_BANDS = ("u", "g", "r", "i", "z", "y", "J", "H", "Ks")
"""The bands of the survey era, each with one fixed hue in every plot."""

_LABELS: Mapping[str, str] = MappingProxyType(
    {
        **{letter: letter for letter in "ugrizy"},
        **{letter: letter.upper() for letter in "bvjhk"},
        **{word: word.upper() for word in ("fuv", "nuv", "vis")},
        **{word: word for word in ("bp", "rp", "ic")},
        **dict.fromkeys(("ks",), "Ks"),
        **dict.fromkeys(("kp",), "K"),
        "gp": "g",
        "ip": "i",
        "zpp": "z",
        **{f"w{n}": f"W{n}" for n in range(1, 5)},
        **{f"ch{n}": f"ch{n}" for n in range(1, 5)},
    }
)
_HST_OPTICAL = frozenset(
    (218, 225, 275, 300, 336, 390, 435, 438, 450, 467, 475, 502, 555, 600, 606, 625, 702, 775, 791)
)
_HST_RED = frozenset((814, 850))
_SPACE_FILTER = re.compile(r"^f(\d{3})(w|m|n|x|lp|w2)?$")
_NARROW_FILTER = re.compile(r"^(ib|ia|nb|l)\d{3,4}$")


def band_label(word: str) -> str | None:
    """Band that a word spells, in the portal's spelling: Z -> z, ks -> Ks, F606W -> f606w; None when it spells none."""
    text = word.lower()
    if _SPACE_FILTER.match(text):
        return text
    if _NARROW_FILTER.match(text):
        return text.upper()
    return _LABELS.get(text)


def wavelength_nm(band: str) -> float | None:
    """Rough effective wavelength of a band, nm; None when the band is not known. ``B_cfh12k`` counts as B."""
    stem = band.split("_")[0]
    if stem in _WAVELENGTHS_NM:
        return _WAVELENGTHS_NM[stem]
    if space := _SPACE_FILTER.match(stem.lower()):
        number = int(space[1])
        return float(number) if number in _HST_OPTICAL | _HST_RED else 10.0 * number
    if narrow := re.match(r"^(?:IB|IA|NB|L)(\d{3,4})$", stem):
        number = int(narrow[1])
        return 10.0 * number if number < 200 else float(number)
    return None


def band_order(band: str) -> tuple[float, str]:
    """Key that sorts bands by wavelength, unknown ones last and by name."""
    known = wavelength_nm(band)
    return (known if known is not None else float("inf"), band)

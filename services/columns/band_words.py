"""Photometric column names taken apart: quantity, band, error or not, and what is left of the name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.columns.band_names import band_label
from services.columns.names import ColumnName, parse_name, word_set

ERROR_WORDS = word_set("e err errs error errors sig sigma unc uncert uncertainty msigcom cmsig magerr fluxerr")

SURVEY_TAGS = word_set(
    "lsst rubin hsc sdss des decam decals ls kids viking vista uvista ultravista video vhs ukidss uds wircam cfht"
    " cfhtls megacam megaprime ps1 panstarrs 2mass twomass wise unwise allwise irac spitzer galex hst acs wfc3 jwst"
    " nircam miri niriss euclid nisp nir roman subaru suprime sc cosmos omegacam vst skymapper splus jpas"
)
"""Names of surveys and cameras: they tell where a band was observed, not what was measured."""

PHOTOMETRY_WORDS = word_set("obs dered corr cor ab app vega auto psf model cmodel gaap kron petro total tot")
"""Words that stay beside a lone band letter without making it something else than a magnitude."""

_NOT_PHOTOMETRY = word_set(
    "color colour lim limit limiting depth extinction ebv flag flags mask class nobs ivar invvar snr s2n sky zp"
    " zeropoint fwhm radius type chi chi2 abs absolute spec image images id ids gaia bkg frac fraction shape mu sb"
    " surface ratio transmission lambda index mad count counts n num ra dec x y0 pos mass age nobs model_id"
)
_NOT_PHOTOMETRY_STARTS = ("tsnr", "fluxfrac", "magn", "extinction", "mask", "flag", "image", "fluxrad")

_QUANTITY = re.compile(r"^(?P<before>.*?)(?P<kind>mpro|mag|flux|flx)(?P<after>.*)$")
_ERROR_BEFORE = re.compile(r"^(?:err|error|sigma|sig|e|d)(?P<rest>.*)$")
_ERROR_AFTER = re.compile(r"^(?:errors|error|errs|err|sigma|sig|unc)(?P<rest>.*)$")
_BAND_THEN_ERROR = re.compile(r"^(?P<band>.+?)(?P<mark>err|error|sigma|sig|unc)(?P<rest>.*)$")
_ATTACHED_ERROR = re.compile(r"^(?:sigma|err|sig|e|d)(?P<band>.+)$")


@dataclass(frozen=True, slots=True)
class PhotometryName:
    """A column name that may be photometry.

    ``kind`` is "mag", "flux" or "" when only the band is spelled; ``rest`` the words that are neither quantity, band,
    error nor survey (what was measured, in lower case), ``tags`` the survey words.
    """

    column: str
    table: str
    band: str
    kind: str
    is_error: bool
    rest: tuple[str, ...]
    tags: tuple[str, ...]
    capital: bool


@dataclass(slots=True)
class _Reading:
    """What has been understood of a name so far."""

    kind: str = ""
    is_error: bool = False
    bands: list[str] | None = None
    spelled: str = ""
    rest: list[str] | None = None

    def take_band(self, label: str, spelled: str) -> None:
        self.bands = [*(self.bands or []), label]
        self.spelled = spelled

    def take_rest(self, word: str) -> None:
        self.rest = [*(self.rest or []), word]


def photometry_name(column: str) -> PhotometryName | None:
    """Take a column name apart as photometry of exactly one band; None when it is none.

    Absolute magnitudes (``M_I``), colours, limits, flags and the like are none.
    """
    name = parse_name(column)
    if not _may_be_photometry(name):
        return None
    reading = _Reading()
    words = name.words
    for place, word in enumerate(words):
        _read_word(reading, word, is_edge=place in (0, len(words) - 1), is_first=place == 0, is_alone=len(words) == 1)
    bands = reading.bands or []
    if len(bands) != 1:
        return None
    return _assembled(name, reading, bands[0])


def _assembled(name: ColumnName, reading: _Reading, band: str) -> PhotometryName:
    rest = [word for word in reading.rest or [] if word not in SURVEY_TAGS]
    tags = dict.fromkeys(word for word in reading.rest or [] if word in SURVEY_TAGS)
    capital = reading.spelled[:1].isupper()
    return PhotometryName(
        name.original, name.table, band, reading.kind, reading.is_error, tuple(rest), tuple(tags), capital
    )


def _may_be_photometry(name: ColumnName) -> bool:
    words = [word.lower() for word in name.words]
    if not words or name.words[0] == "M" or "-" in name.base:
        return False
    return not any(
        word in _NOT_PHOTOMETRY or word.startswith(_NOT_PHOTOMETRY_STARTS) for word in words if word != "magnitude"
    )


def _read_word(reading: _Reading, word: str, *, is_edge: bool, is_first: bool, is_alone: bool) -> None:
    text = word.lower()
    if text in ("magerr", "fluxerr", "ferr"):
        reading.kind, reading.is_error = ("mag" if text == "magerr" else "flux"), True
    elif text in ERROR_WORDS:
        reading.is_error = True
    elif label := band_label(text):
        reading.take_band(label, word)
    elif text == "m" and is_edge and not is_alone:
        reading.kind = reading.kind or "mag"
    elif text == "f" and is_first and not is_alone:
        reading.kind = reading.kind or "flux"
    elif found := _QUANTITY.match(text):
        _read_quantity(reading, word, found)
    else:
        _read_attached(reading, word)


def _read_quantity(reading: _Reading, word: str, found: re.Match[str]) -> None:
    """``umag``, ``psfMagErr``, ``MAGBERR``, ``abmag``, ``gaap1p0Flux``, ``w1sigmpro``: quantity with its neighbours."""
    reading.kind = "flux" if found["kind"] in ("flux", "flx") else "mag"
    before, after = found["before"], found["after"]
    if error := _ERROR_AFTER.match(after):
        reading.is_error, after = True, error["rest"]
    elif len(after) > 1 and (error := _BAND_THEN_ERROR.match(after)) and band_label(error["band"]):
        reading.is_error, after = True, error["band"] + error["rest"]
    if not band_label(before):
        before = _without_error_before(reading, before)
    _read_neighbour(reading, before, word[: len(before)])
    _read_neighbour(
        reading, "" if after in ("s", "nitude", "nitudes", "es") else after, word[-len(after) :] if after else ""
    )


def _without_error_before(reading: _Reading, before: str) -> str:
    for mark in ("sigma", "sig", "err"):
        if before.endswith(mark) and (before == mark or band_label(before.removesuffix(mark))):
            reading.is_error = True
            return before.removesuffix(mark)
    found = _ERROR_BEFORE.match(before)
    if found and (not found["rest"] or band_label(found["rest"])):
        reading.is_error = True
        return found["rest"]
    return before


def _read_neighbour(reading: _Reading, text: str, spelled: str) -> None:
    if label := band_label(text):
        reading.take_band(label, spelled)
    elif text:
        reading.take_rest(text)


def _read_attached(reading: _Reading, word: str) -> None:
    """``eu`` (error of u), ``uerr``, ``gHSC`` (band and camera), or just a word."""
    text = word.lower()
    error = _ATTACHED_ERROR.match(text)
    late = _BAND_THEN_ERROR.match(text)
    if text in SURVEY_TAGS:
        reading.take_rest(text)
    elif error and (label := band_label(error["band"])):
        reading.is_error = True
        reading.take_band(label, error["band"])
    elif late and not late["rest"] and (label := band_label(late["band"])):
        reading.is_error = True
        reading.take_band(label, late["band"])
    elif text[1:] in SURVEY_TAGS and (label := band_label(text[0])):
        reading.take_band(label, word[0])
        reading.take_rest(text[1:])
    else:
        reading.take_rest(text)

"""Names, units, bands and the registry of roles."""

from __future__ import annotations

import pytest

from services.columns import roles
from services.columns.band_names import STANDARD_BANDS, band_label, band_order
from services.columns.names import is_place_name, parse_name
from services.columns.units import unit_family, zero_point_mag


@pytest.mark.parametrize(
    ("name", "table", "text", "unit"),
    [
        ("ds_spectra.Z", "ds_spectra", "z", None),
        ("RA(deg)", "", "ra", "deg"),
        ("Object Name", "", "object_name", None),
        ("f_hsc/gHSC.pb", "", "f_hsc/ghsc.pb", None),
        ("ancil/zmode", "ancil", "zmode", None),
        ("Flux [erg/s]", "", "flux", "erg/s"),
        ("i-z", "", "i_z", None),
    ],
)
def test_names_are_taken_apart(name: str, table: str, text: str, unit: str | None) -> None:
    parsed = parse_name(name)
    assert (parsed.table, parsed.text, parsed.unit, parsed.original) == (table, text, unit, name)


@pytest.mark.parametrize(
    ("name", "is_place"), [("c1", True), ("col12", True), ("0", True), ("z1", False), ("f300w", False)]
)
def test_names_that_only_count(name: str, is_place: bool) -> None:
    assert is_place_name(name) is is_place


@pytest.mark.parametrize(
    ("unit", "zero_point"),
    [
        ("nJy", 31.4),
        ("uJy", 23.9),
        ("microjansky", 23.9),
        ("mJy", 16.4),
        ("Jy", 8.90),
        ("nanomaggy", 22.5),
        ("erg s-1 cm-2 Hz-1", -48.6),
        ("erg / (Hz s cm2)", -48.6),
        ("MJy", None),
        ("nanomaggy^-2", None),
        ("counts", None),
        (None, None),
    ],
)
def test_zero_points(unit: str | None, zero_point: float | None) -> None:
    assert zero_point_mag(unit) == zero_point


@pytest.mark.parametrize(
    ("unit", "family"), [("degrees", "deg"), ("Radian", "rad"), ("km s-1", "km/s"), ("K", None), ("", "")]
)
def test_unit_families(unit: str, family: str | None) -> None:
    assert unit_family(unit) == family


def test_bands_sort_by_wavelength_and_strangers_go_last() -> None:
    shuffled = ["zeta", "Ks", "H", "J", "y", "z", "i", "r", "g", "u", "f158", "B_cfh12k", "IB427"]
    assert [b for b in sorted(shuffled, key=band_order) if b in STANDARD_BANDS] == list(STANDARD_BANDS)
    assert sorted(shuffled, key=band_order)[-1] == "zeta"
    assert sorted(["f158", "J", "H"], key=band_order) == ["J", "f158", "H"]


def test_band_spellings() -> None:
    assert [band_label(w) for w in ("U", "KS", "Y", "F606W", "nuv", "IB427", "x")] == [
        "u",
        "Ks",
        "y",
        "f606w",
        "NUV",
        "IB427",
        None,
    ]


def test_core_roles_carry_the_words_of_the_contract() -> None:
    words = {name: (roles.ROLES[name].alias, roles.ROLES[name].ucd) for name in roles.CORE_ROLES}
    assert words == {
        "id": ("ID", "meta.id;meta.main"),
        "ra": ("RA", "pos.eq.ra;meta.main"),
        "dec": ("Dec", "pos.eq.dec;meta.main"),
        "redshift": ("z", "src.redshift"),
        "redshift_err": ("z_err", "stat.error;src.redshift"),
        "z_flag": ("z_flag", "stat.rank"),
        "survey": ("survey", "meta.curation"),
    }


def test_aliases_and_ucds_find_their_role() -> None:
    assert roles.role_for_alias("ra") == "ra"
    assert roles.role_for_alias("Z_FLAG") == "z_flag"
    assert roles.role_for_alias("my column") is None
    assert roles.role_for_ucd("POS_EQ_RA_MAIN") == "ra"
    assert roles.role_for_ucd("src.redshift;meta.number") is None
    assert roles.role_for_contract_ucd("src.redshift") == "redshift"


def test_a_role_given_twice_is_refused() -> None:
    row = roles.ROLES["ra"]
    with pytest.raises(ValueError, match="registered twice"):
        roles._registry((row, row))
    with pytest.raises(ValueError, match="registered twice"):
        roles._registry((row, roles.Role("ra2", "t", "a", alias="RA")))


def test_titles() -> None:
    assert roles.role_title("mag", "u") == "Magnitude u"
    assert roles.role_title("ra") == "Right ascension"

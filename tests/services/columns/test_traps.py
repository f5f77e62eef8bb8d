"""Traps of real files, remade with profiles written out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.columns.matching import guess_roles, open_candidates
from services.models.roles import RoleGuess
from services.models.tables import ColumnProfile
from tests.services.columns.profiles import errors, fluxes, mags, number, redshift, roles, sky, text, whole


def found(profiles: Sequence[ColumnProfile], product_type: str = "training_set") -> dict[str, str]:
    return dict(roles(guess_roles(profiles, product_type)))


def guess(role: str, profiles: Sequence[ColumnProfile], product_type: str = "redshift_catalog") -> RoleGuess:
    return next(g for g in guess_roles(profiles, product_type) if g.role == role)


def test_z_band_beside_redshift_z() -> None:
    roles_found = found([*mags("MAG_U", "MAG_G", "MAG_R", "MAG_I", "MAG_Z"), redshift("Z")])
    assert roles_found["redshift"] == "Z"
    assert roles_found["mag z"] == "MAG_Z"


def test_bare_z_is_the_band_when_it_holds_magnitudes() -> None:
    roles_found = found([redshift("zs"), *mags("u", "g", "r", "i", "z"), *errors("eu", "eg", "er", "ei", "ez")])
    assert roles_found["redshift"] == "zs"
    assert roles_found["mag z"] == "z"
    assert roles_found["mag_err z"] == "ez"


def test_bare_z_is_the_redshift_when_it_holds_redshifts() -> None:
    roles_found = found([*mags("u", "g", "r", "i"), redshift("z"), number("z_err", 0.0, 0.01, 0.001)])
    assert roles_found["redshift"] == "z"
    assert roles_found["redshift_err"] == "z_err"
    assert "mag z" not in roles_found


def test_misspelt_redshift_and_photometry_named_phot_z() -> None:
    bands = [*mags(*(f"{b}_photzi25" for b in "ugriz")), *errors(*(f"e{b}_photzi25" for b in "ugriz"))]
    table = [whole("id_zcosmos"), redshift("zpec"), number("cc", 0, 24.5), *sky("alpha", "delta"), *bands]
    table.insert(5, whole("id_photzi25"))
    roles_found = found(table, "redshift_catalog")
    assert roles_found["redshift"] == "zpec"
    assert roles_found["id"] == "id_zcosmos"
    assert roles_found["mag z"] == "z_photzi25"
    assert roles_found["mag_err z"] == "ez_photzi25"
    assert "z_phot" not in roles_found


def test_prefixed_names_and_a_second_table_of_magnitudes() -> None:
    table = [
        text("ds_spectra.NUM", "020086348"),
        *sky("ds_spectra.ALPHA", "ds_spectra.DELTA"),
        redshift("ds_spectra.Z"),
    ]
    table += mags("ds_spectra.MAGI", *(f"ds_cfh12k.MAG_AUTO_{b}" for b in "UBVRI"), *(f"MAG_AUTO_{b}" for b in "UGRIZ"))
    table += errors("ds_cfh12k.MAGERR_AUTO_B", "MAGERR_AUTO_U", "MAGERR_AUTO_Z")
    roles_found = found(table, "redshift_catalog")
    assert roles_found["redshift"] == "ds_spectra.Z"
    assert roles_found["id"] == "ds_spectra.NUM"
    assert [roles_found[f"mag {b}"] for b in "ugriz"] == [f"MAG_AUTO_{b}" for b in "UGRIZ"]
    assert roles_found["mag B_cfh12k"] == "ds_cfh12k.MAG_AUTO_B"
    assert roles_found["mag_err B_cfh12k"] == "ds_cfh12k.MAGERR_AUTO_B"
    assert roles_found["mag I_sel"] == "ds_spectra.MAGI"


def test_constant_positions_lose_against_real_ones() -> None:
    zeros = [number("ra", 0.0, 0.0), number("dec", 0.0, 0.0)]
    real = [number("ra_centroid", 269.7, 269.9, unit="deg"), number("dec_centroid", 66.0, 66.1, unit="deg")]
    more = [number("ra_centroid_win", 269.7, 269.9, unit="deg"), number("dec_centroid_win", 66.0, 66.1, unit="deg")]
    more += [number("ra_centroid_err", 0.0, 0.1, unit="deg")]
    roles_found = found([whole("label"), *zeros, *real, *more], "object_catalog")
    assert (roles_found["ra"], roles_found["dec"]) == ("ra_centroid", "dec_centroid")


@pytest.mark.parametrize("n_rows", [1, 3])
def test_a_few_equal_rows_are_no_placeholder(n_rows: int) -> None:
    values = (("ra", 10.0), ("dec", -3.0), ("z", 0.4))
    table = [number(name, value, value, n_rows=n_rows, n_valid=n_rows) for name, value in values]
    table.append(number("mag_i", 22.0, 22.0, n_rows=n_rows, n_valid=n_rows))
    assert found(table, "redshift_catalog") == {"ra": "ra", "dec": "dec", "redshift": "z", "mag i": "mag_i"}


def test_velocity_is_not_a_redshift() -> None:
    roles_found = found([whole("AGCNr"), *sky("RAdeg_HI", "Decdeg_HI"), number("Vhelio", -430, 16254, 4947)])
    assert roles_found["velocity"] == "Vhelio"
    assert "redshift" not in roles_found


def test_placeholder_positions_lose_a_tie() -> None:
    table = [number("RAdeg_HI", 0.01, 2.0), number("Decdeg_HI", 13.8, 32.1)]
    table += [number("RAdeg_OC", 0.0, 2.0), number("DECdeg_OC", 0.0, 32.1)]
    assert found(table) == {"ra": "RAdeg_HI", "dec": "Decdeg_HI"}


@pytest.mark.parametrize("pair", [("z_spec", "zspec"), ("z", "z_helio"), ("redshift", "z"), ("z_best", "z_spec")])
def test_two_equally_good_redshifts_are_left_open(pair: tuple[str, str]) -> None:
    table = [*sky("ra", "dec"), redshift(pair[0]), redshift(pair[1])]
    assert "redshift" not in found(table, "redshift_catalog")
    assert open_candidates(table, "redshift_catalog")["redshift"] == pair


def test_ucd_beats_names_and_counts_are_no_redshifts() -> None:
    table = [
        text("Object Name", ucd="meta.id;meta.main"),
        number("RA(deg)", 12.0, 351.0, ucd="pos.eq.ra;meta.main"),
        number("DEC(deg)", -44.0, 71.0, ucd="pos.eq.dec;meta.main"),
        redshift("Redshift", ucd="src.redshift"),
        number("Redshift Points", 1, 30, 4, dtype="int32", ucd="src.redshift;meta.number"),
        text("Redshift Flag", ucd="meta.code;src.redshift"),
        number("z", 0.1, 2.0, 0.5, ucd="phot.mag;em.opt.I"),
    ]
    roles_found = found(table, "redshift_catalog")
    assert roles_found["redshift"] == "Redshift"
    assert roles_found["z_flag"] == "Redshift Flag"
    assert roles_found["id"] == "Object Name"
    assert guess("redshift", table).how == "ucd"


def test_truth_and_estimate_of_a_bpz_table() -> None:
    table = [whole("id"), redshift("zb"), redshift("zbmin"), redshift("zbmax"), number("odds", 0, 1), redshift("zml")]
    table += [number("chisq", 0, 90), redshift("zspec"), number("M0", 18, 25)]
    assert found(table, "validation_results") == {
        "id": "id",
        "redshift": "zspec",
        "z_phot": "zb",
        "z_low": "zbmin",
        "z_high": "zbmax",
        "odds": "odds",
        "ref_mag": "M0",
    }


@pytest.mark.parametrize("estimate", ["z", "redshift"])
def test_plain_redshift_of_a_photo_z_table_is_the_estimate(estimate: str) -> None:
    roles_found = found([whole("id"), redshift(estimate)], "photoz_estimates")
    assert roles_found == {"id": "id", "z_phot": estimate}


def test_plain_z_beside_a_named_truth_is_the_estimate() -> None:
    roles_found = found([redshift("z"), redshift("z_spec")], "validation_results")
    assert roles_found == {"redshift": "z_spec", "z_phot": "z"}


def test_quality_of_a_photo_z_is_not_a_redshift_flag() -> None:
    table = [whole("objid"), redshift("z_photo"), number("z_quality", 0, 1), *mags("i_LSST_obs")]
    wanted = {"id": "objid", "z_phot": "z_photo", "odds": "z_quality", "mag i": "i_LSST_obs"}
    assert found(table, "photoz_estimates") == wanted


def test_fluxes_are_never_magnitudes() -> None:
    table = [*fluxes("f_f300w", "f_irimj"), *errors("e_f300w", "e_irimj"), redshift("z_spec", median=-1.0)]
    roles_found = found(table)
    assert roles_found == {
        "redshift": "z_spec",
        "flux f300w": "f_f300w",
        "flux_err f300w": "e_f300w",
        "flux irimj": "f_irimj",
        "flux_err irimj": "e_irimj",
    }


def test_absolute_magnitudes_and_colours_stay_out() -> None:
    table = [number("M_I", -24.0, -15.0), number("g-r", -0.5, 2.0), number("u_g", -0.5, 2.0), *mags("m_I")]
    assert found(table) == {"mag i": "m_I"}


def test_errors_pair_by_order_when_names_do_not_tell() -> None:
    a, b = mags("mag_g", "mag_r")
    c, d = errors("error_1", "error_2")
    assert found([a, c, b, d]) == {"mag g": "mag_g", "mag_err g": "error_1", "mag r": "mag_r", "mag_err r": "error_2"}


def test_johnson_bands_keep_their_capitals() -> None:
    assert set(found(mags("Bmag", "Vmag", "Rmag", "Imag"))) == {"mag B", "mag V", "mag R", "mag I"}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"low": 0.1, "high": 30.0, "median": 21.0}, "a magnitude"),
        ({"low": 0.5, "high": 0.5}, "constant"),
        ({"low": 0.1, "high": 1.0, "n_valid": 3}, "99.7 % missing"),
        ({"low": 0.1, "high": 1.0, "unit": "mag"}, "a unit that redshifts do not have"),
    ],
)
def test_values_veto_a_redshift(values: dict[str, float], reason: str) -> None:
    assert "redshift" not in found([number("redshift", **values)]), reason


def test_values_veto_positions_out_of_range() -> None:
    assert found([number("ra", -300.0, 500.0), number("dec", -120.0, 90.0)]) == {}


def test_text_where_numbers_are_due() -> None:
    assert "redshift" not in found([text("redshift", "n/a", "high")])


def test_columns_of_an_identifier_beyond_double_precision() -> None:
    big = 3.6e18
    assert found([number("objectId", big, big, dtype="int64")], "object_catalog") == {"id": "objectId"}


def test_headerless_radians() -> None:
    table = [number("c1", 0.0001, 6.2827), number("c2", -0.567, 0.0434), number("c3", 0.1079, 3.514, 1.47)]
    guesses = {g.role: g for g in guess_roles(table, "redshift_catalog")}
    assert {role: g.column for role, g in guesses.items()} == {"ra": "c1", "dec": "c2", "redshift": "c3"}
    assert guesses["ra"].transform == guesses["dec"].transform == "rad_to_deg"
    assert guesses["redshift"].transform == ""
    assert all(g.needs_confirmation and g.how == "values" for g in guesses.values())


def test_headerless_degrees_with_an_identifier() -> None:
    table = [whole("col1"), number("col2", 0.0, 359.0), number("col3", -60.0, 30.0), number("col4", 0.0, 1.9, 0.4)]
    guesses = guess_roles(table, "redshift_catalog")
    assert roles(guesses) == {"id": "col1", "ra": "col2", "dec": "col3", "redshift": "col4"}
    assert {g.transform for g in guesses} == {""}


def test_headerless_redshift_and_magnitude_are_not_a_position() -> None:
    assert guess_roles([number("c1", 0.1, 2.0, 0.5), number("c2", 17.0, 25.0)], "training_set") == ()


@pytest.mark.parametrize(
    ("ra", "transform", "needs_confirmation"),
    [
        (number("ra", 1.0, 2.0, unit="rad"), "rad_to_deg", False),
        (number("ra", 1.0, 23.9, unit="hourangle"), "hour_to_deg", False),
        (number("ra", 0.1, 23.9), "", True),
        (number("ra_deg", 0.1, 23.9), "", False),
        (number("ra", 0.1, 23.9, unit="deg"), "", False),
        (number("ra", -179.0, 179.0), "", False),
        (text("ra", "10:42:33.1", "23:00:01"), "hms_to_deg", False),
        (text("ra", "150:42:33.1", "149:00:01"), "dms_to_deg", False),
        (text("ra", "10h42m33.1s"), "hms_to_deg", False),
    ],
)
def test_units_of_right_ascension(ra: ColumnProfile, transform: str, needs_confirmation: bool) -> None:
    dec = number("dec", -1.0, 1.0, unit=ra.unit if ra.unit in ("rad", "deg") else None)
    ra_guess = guess("ra", [ra, dec])
    assert (ra_guess.transform, ra_guess.needs_confirmation) == (transform, needs_confirmation)


def test_sexagesimal_declination() -> None:
    table = [text("ra", "10:42:33.1"), text("dec", "-01:30:00", "+12:00:01.5")]
    assert guess("dec", table).transform == "dms_to_deg"


def test_named_radians_over_the_whole_sky_ask_for_confirmation() -> None:
    table = [number("ra", 0.001, 6.282), number("dec", -1.2, 1.3)]
    assert guess("ra", table).transform == "rad_to_deg"
    assert guess("ra", table).needs_confirmation


def test_every_guess_says_why() -> None:
    table = [whole("id"), *sky("ra", "dec"), redshift("z"), *mags("mag_i")]
    assert all(g.reason.startswith("by ") for g in guess_roles(table, "training_set"))


def test_duplicate_column_names_by_number_do_not_break() -> None:
    assert found([redshift("z"), redshift("z_1")]) == {"redshift": "z"}


def test_no_columns_no_roles() -> None:
    assert guess_roles([], "other") == ()
    assert open_candidates([], "other") == {}

"""Column names of well-known surveys find their roles."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.columns.matching import guess_roles, open_candidates
from services.models.tables import ColumnProfile
from tests.services.columns.profiles import errors, fluxes, mags, number, redshift, roles, sky, text, vector, whole


def found(profiles: Sequence[ColumnProfile], product_type: str = "redshift_catalog") -> dict[str, str]:
    return dict(roles(guess_roles(profiles, product_type)))


def test_sdss_spec_obj() -> None:
    table = [
        whole("specObjID"),
        whole("mjd"),
        *sky("ra", "dec"),
        redshift("z"),
        number("zErr", 0.0, 0.01, 0.0001),
        whole("zWarning", 0, 128),
        text("class", "GALAXY", "QSO"),
        redshift("z_noqso"),
    ]
    assert found(table) == {
        "id": "specObjID",
        "ra": "ra",
        "dec": "dec",
        "redshift": "z",
        "redshift_err": "zErr",
        "z_flag": "zWarning",
    }


def test_desi_zcatalog() -> None:
    table = [
        whole("TARGETID"),
        *sky("TARGET_RA", "TARGET_DEC"),
        *sky("MEAN_FIBER_RA", "MEAN_FIBER_DEC"),
        number("STD_FIBER_RA", 0.0, 0.1),
        redshift("Z"),
        number("ZERR", 0.0, 0.01, 0.0001),
        whole("ZWARN", 0, 2048),
        number("CHI2", 8000, 12000),
        *fluxes("FLUX_G", "FLUX_R", "FLUX_Z", "FLUX_W1", "FIBERFLUX_G", "FIBERFLUX_R", "FIBERFLUX_Z", unit="nanomaggy"),
        number("FLUX_IVAR_G", 0.1, 900.0),
        number("FLUX_IVAR_Z", 0.1, 900.0),
        number("EBV", 0.01, 0.2, unit="mag"),
    ]
    assert found(table) == {
        "id": "TARGETID",
        "ra": "TARGET_RA",
        "dec": "TARGET_DEC",
        "redshift": "Z",
        "redshift_err": "ZERR",
        "z_flag": "ZWARN",
        "flux g": "FLUX_G",
        "flux r": "FLUX_R",
        "flux z": "FLUX_Z",
        "flux W1": "FLUX_W1",
    }


def test_gama() -> None:
    table = [
        whole("CATAID"),
        *sky("RA", "DEC"),
        redshift("Z"),
        whole("NQ", 1, 4),
        text("SURVEY", "GAMA"),
        whole("PROB"),
    ]
    wanted = {"id": "CATAID", "ra": "RA", "dec": "DEC", "redshift": "Z", "z_flag": "NQ", "survey": "SURVEY"}
    assert found(table) == wanted


def test_cosmos2020_keeps_two_codes_apart_and_joins_cameras() -> None:
    table = [
        whole("ID"),
        *sky("ALPHA_J2000", "DELTA_J2000"),
        *mags("CFHT_u_MAG", "HSC_g_MAG", "HSC_r_MAG", "HSC_i_MAG", "HSC_z_MAG", "HSC_y_MAG"),
        *errors("CFHT_u_MAGERR", "HSC_i_MAGERR", "HSC_y_MAGERR", "UVISTA_Y_MAGERR"),
        *mags("UVISTA_Y_MAG", "UVISTA_J_MAG", "UVISTA_Ks_MAG"),
        *fluxes("HSC_i_FLUX", unit="uJy"),
        redshift("lp_zBEST"),
        redshift("ez_z_phot"),
    ]
    roles_found = found(table, "photoz_estimates")
    assert {k: v for k, v in roles_found.items() if k.startswith("mag ")} == {
        "mag u": "CFHT_u_MAG",
        "mag g": "HSC_g_MAG",
        "mag r": "HSC_r_MAG",
        "mag i": "HSC_i_MAG",
        "mag z": "HSC_z_MAG",
        "mag y": "HSC_y_MAG",
        "mag y_uvista": "UVISTA_Y_MAG",
        "mag J": "UVISTA_J_MAG",
        "mag Ks": "UVISTA_Ks_MAG",
    }
    assert roles_found["mag_err y"] == "HSC_y_MAGERR"
    assert roles_found["mag_err y_uvista"] == "UVISTA_Y_MAGERR"
    assert "z_phot" not in roles_found
    assert "redshift" not in roles_found
    assert set(open_candidates(table, "photoz_estimates")["z_phot"]) == {"lp_zBEST", "ez_z_phot"}


def test_euclid() -> None:
    table = [
        whole("OBJECT_ID"),
        number("RIGHT_ASCENSION", 52.0, 54.0, unit="deg"),
        number("DECLINATION", -29.0, -27.0, unit="deg"),
        *fluxes("FLUX_VIS_UNIF", "FLUX_Y_UNIF", "FLUX_J_UNIF", "FLUX_H_UNIF", unit="uJy"),
        *fluxes("FLUXERR_VIS_UNIF", "FLUXERR_Y_UNIF", "FLUXERR_J_UNIF", "FLUXERR_H_UNIF", unit="uJy"),
        redshift("PHZ_MODE_1"),
        redshift("PHZ_MEDIAN"),
    ]
    roles_found = found(table, "photoz_estimates")
    assert roles_found["ra"] == "RIGHT_ASCENSION"
    assert roles_found["dec"] == "DECLINATION"
    assert roles_found["z_phot"] == "PHZ_MODE_1"
    assert roles_found["flux H"] == "FLUX_H_UNIF"
    assert roles_found["flux_err VIS"] == "FLUXERR_VIS_UNIF"


def test_hsc_with_matched_spectra() -> None:
    table = [
        whole("object_id"),
        *sky("ra", "dec"),
        *mags("g_cmodel_mag", "i_cmodel_mag", "z_cmodel_mag", "g_psf_mag", "i_psf_mag", "z_psf_mag"),
        *errors("g_cmodel_magerr", "i_cmodel_magerr", "z_cmodel_magerr"),
        number("a_g", 0.0, 0.3),
        redshift("specz_redshift"),
        number("specz_redshift_err", 0.0, 0.01, 0.0001),
        text("specz_flag_homogeneous", "True", "False"),
        text("specz_name", "SDSS-1", "SDSS-2"),
        redshift("photoz_best"),
    ]
    assert found(table, "training_set") == {
        "id": "object_id",
        "ra": "ra",
        "dec": "dec",
        "redshift": "specz_redshift",
        "redshift_err": "specz_redshift_err",
        "z_flag": "specz_flag_homogeneous",
        "z_phot": "photoz_best",
        "mag g": "g_cmodel_mag",
        "mag i": "i_cmodel_mag",
        "mag z": "z_cmodel_mag",
        "mag_err g": "g_cmodel_magerr",
        "mag_err i": "i_cmodel_magerr",
        "mag_err z": "z_cmodel_magerr",
    }


def test_kids() -> None:
    bands = ("u", "g", "r", "i", "Z", "Y", "J", "H", "Ks")
    table = [
        text("ID", "KiDSDR4 J1"),
        *sky("RAJ2000", "DECJ2000"),
        *mags("MAG_AUTO", *(f"MAG_GAAP_{b}" for b in bands), *(f"MAG_LIM_{b}" for b in bands)),
        *errors(*(f"MAGERR_GAAP_{b}" for b in bands)),
        *fluxes(*(f"FLUX_GAAP_{b}" for b in bands)),
        number("COLOUR_GAAP_u_g", -1, 3),
        redshift("Z_B"),
        redshift("Z_B_MIN"),
        redshift("Z_B_MAX"),
        redshift("Z_ML"),
        number("ODDS", 0.0, 1.0),
        number("T_B", 1.0, 6.0),
    ]
    roles_found = found(table, "photoz_estimates")
    assert roles_found["z_phot"] == "Z_B"
    assert (roles_found["z_low"], roles_found["z_high"], roles_found["odds"]) == ("Z_B_MIN", "Z_B_MAX", "ODDS")
    assert "redshift" not in roles_found
    assert [roles_found[f"mag {b}"] for b in ("u", "z", "y", "Ks")] == [f"MAG_GAAP_{b}" for b in ("u", "Z", "Y", "Ks")]
    assert [roles_found[f"mag_err {b}"] for b in ("z", "Ks")] == ["MAGERR_GAAP_Z", "MAGERR_GAAP_Ks"]
    assert not [role for role in roles_found if role.startswith("flux")]


def test_des() -> None:
    table = [
        whole("COADD_OBJECT_ID"),
        *sky("RA", "DEC"),
        *mags("MAG_AUTO_G_DERED", "MAG_AUTO_R_DERED", "MAG_AUTO_I_DERED", "MAG_AUTO_Z_DERED"),
        *errors("MAGERR_AUTO_G", "MAGERR_AUTO_R", "MAGERR_AUTO_I", "MAGERR_AUTO_Z"),
        redshift("DNF_Z"),
        number("DNF_ZSIGMA", 0.001, 0.5, 0.04),
    ]
    roles_found = found(table, "photoz_estimates")
    assert roles_found["z_phot"] == "DNF_Z"
    assert roles_found["z_phot_err"] == "DNF_ZSIGMA"
    assert roles_found["mag z"] == "MAG_AUTO_Z_DERED"
    assert roles_found["mag_err z"] == "MAGERR_AUTO_Z"


@pytest.mark.parametrize(
    ("names", "error_names"),
    [
        (("j_m", "h_m", "k_m"), ("j_msigcom", "h_msigcom", "k_msigcom")),
        (("Jmag", "Hmag", "Kmag"), ("e_Jmag", "e_Hmag", "e_Kmag")),
    ],
)
def test_2mass_in_both_spellings(names: tuple[str, ...], error_names: tuple[str, ...]) -> None:
    roles_found = found([*sky("RAJ2000", "DEJ2000"), *mags(*names), *errors(*error_names)], "object_catalog")
    assert [roles_found[f"mag {b}"] for b in "JHK"] == list(names)
    assert [roles_found[f"mag_err {b}"] for b in "JHK"] == list(error_names)


def test_rubin_object_table_takes_cmodel_before_psf_and_has_no_redshift() -> None:
    bands = "ugrizy"
    table = [
        whole("objectId"),
        *sky("coord_ra", "coord_dec"),
        *fluxes(*(f"{b}_psfFlux" for b in bands), *(f"{b}_cModelFlux" for b in bands)),
        *errors(*(f"{b}_psfFluxErr" for b in bands), *(f"{b}_cModelFluxErr" for b in bands)),
        number("refExtendedness", 0.0, 1.0),
    ]
    guesses = guess_roles(table, "object_catalog")
    roles_found = roles(guesses)
    assert "redshift" not in roles_found
    assert [roles_found[f"flux {b}"] for b in bands] == [f"{b}_cModelFlux" for b in bands]
    assert [roles_found[f"flux_err {b}"] for b in bands] == [f"{b}_cModelFluxErr" for b in bands]
    assert {g.unit for g in guesses if g.role == "flux"} == {"nJy"}


def test_vipers() -> None:
    table = [
        text("id_IAU", "VIPERS 1"),
        whole("num"),
        *sky("alpha", "delta"),
        *mags("selmag", "u", "g", "r", "i", "z"),
        number("errselmag", 0.0, 0.1),
        redshift("zspec"),
        number("zflg", 0.0, 29.5),
    ]
    roles_found = found(table)
    wanted = {"id": "num", "ra": "alpha", "redshift": "zspec", "z_flag": "zflg", "ref_mag": "selmag", "mag z": "z"}
    assert {role: roles_found.get(role) for role in wanted} == wanted


def test_rail_estimates_with_truth() -> None:
    table = [redshift("z_mode"), redshift("z_true"), redshift("z_mean"), *mags("mag_i_lsst"), vector("yvals")]
    wanted = {"z_phot": "z_mode", "redshift": "z_true", "mag i": "mag_i_lsst", "pdf": "yvals"}
    assert found(table, "validation_results") == wanted


def test_deep2_names_with_the_band_inside_the_word() -> None:
    table = [whole("OBJNO"), *sky("RA", "DEC"), *mags("MAGB", "MAGR", "MAGI"), *errors("MAGBERR", "MAGRERR", "MAGIERR")]
    table += [redshift("Z"), number("Z_ERR", 0, 0.01, 0.001), whole("ZQUALITY", -2, 4)]
    roles_found = found(table)
    assert [roles_found[f"mag {b}"] for b in "BRI"] == ["MAGB", "MAGR", "MAGI"]
    assert [roles_found[f"mag_err {b}"] for b in "BRI"] == ["MAGBERR", "MAGRERR", "MAGIERR"]
    assert roles_found["redshift"] == "Z"
    assert roles_found["redshift_err"] == "Z_ERR"


def test_sdss_photo_obj_prefers_model_magnitudes() -> None:
    table = [whole("objID"), *sky("ra", "dec")]
    for kind in ("fiberMag", "psfMag", "modelMag"):
        table += [*mags(*(f"{kind}_{b}" for b in "ugriz")), *errors(*(f"{kind}Err_{b}" for b in "ugriz"))]
    roles_found = found(table, "object_catalog")
    assert [roles_found[f"mag {b}"] for b in "ugriz"] == [f"modelMag_{b}" for b in "ugriz"]
    assert [roles_found[f"mag_err {b}"] for b in "ugriz"] == [f"modelMagErr_{b}" for b in "ugriz"]


def test_primus() -> None:
    table = [text("OBJNAME", "P1"), *sky("RA", "DEC"), redshift("ZPRIMUS"), whole("ZPRIMUS_ZQUALITY", 2, 4)]
    assert found(table) == {"id": "OBJNAME", "ra": "RA", "dec": "DEC", "redshift": "ZPRIMUS"}


def test_vizier_degrees_before_sexagesimal_text() -> None:
    table = [
        number("_RAJ2000", 0.0, 360.0, unit="deg", ucd="pos.eq.ra"),
        number("_DEJ2000", -9.0, 9.0, unit="deg", ucd="pos.eq.dec"),
        text("RAJ2000", "10 00 01.2", unit='"h:m:s"', ucd="pos.eq.ra;meta.main"),
        text("DEJ2000", "+01 02 03", unit='"d:m:s"', ucd="pos.eq.dec;meta.main"),
        redshift("zsp", ucd="src.redshift"),
        number("e_zsp", 0.0, 0.1, 0.001, ucd="stat.error;src.redshift"),
        *mags("imag", "gmag"),
        *errors("e_imag", "e_gmag"),
    ]
    roles_found = found(table)
    assert (roles_found["ra"], roles_found["dec"]) == ("_RAJ2000", "_DEJ2000")
    assert (roles_found["redshift"], roles_found["redshift_err"]) == ("zsp", "e_zsp")
    assert (roles_found["mag i"], roles_found["mag_err i"]) == ("imag", "e_imag")


def test_cosmos2015_mixes_systems() -> None:
    names = ("u_MAG_APER3", "B_MAG_APER3", "V_MAG_APER3", "r_MAG_APER3", "ip_MAG_APER3", "zpp_MAG_APER3", "Y_MAG_APER3")
    roles_found = found([*mags(*names, "Ks_MAG_APER3"), number("MNUV", -24.0, -15.0), redshift("PHOTOZ")])
    bands = [role.removeprefix("mag ") for role in roles_found if role.startswith("mag ")]
    assert bands == ["u", "B", "V", "r", "i", "z", "y", "Ks"]
    assert roles_found["z_phot"] == "PHOTOZ"


def test_simbad_by_ucd() -> None:
    table = [
        text("main_id", ucd="meta.id;meta.main"),
        number("ra", 0.0, 360.0, ucd="pos.eq.ra;meta.main"),
        number("dec", -90.0, 89.0, ucd="pos.eq.dec;meta.main"),
        redshift("rvz_redshift", ucd="src.redshift"),
        number("rvz_radvel", 0.0, 9e4, ucd="spect.dopplerVeloc.opt"),
    ]
    wanted = {"id": "main_id", "ra": "ra", "dec": "dec", "redshift": "rvz_redshift", "velocity": "rvz_radvel"}
    assert found(table) == wanted


def test_candels_fluxes_of_many_cameras() -> None:
    names = ("CTIO_U", "ACS_F606W", "WFC3_F160W", "IRAC_CH1")
    table = [*fluxes(*(f"{n}_FLUX" for n in names)), *errors(*(f"{n}_FLUXERR" for n in names))]
    roles_found = found(table, "training_set")
    assert [roles_found[f"flux {b}"] for b in ("u", "f606w", "f160w", "ch1")] == [f"{n}_FLUX" for n in names]
    assert roles_found["flux_err f606w"] == "ACS_F606W_FLUXERR"

"""The column roles of the field: one row each, from which guesses, axis labels, forms and the REST aliases follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["number", "text", "any", "vector"]


@dataclass(frozen=True, slots=True)
class Role:
    """What a column can mean.

    ``synonyms`` are exact names after normalisation, in tiers: a name of an earlier tier is preferred over one of a
    later tier (a photo-z named mode over one named mean), names of one tier are equally good. ``pattern`` is the
    weaker hint. ``ucd`` and ``alias`` are the words of the REST contract, ``ucds`` further UCDs that say the same.
    ``kind`` is what the values must be.
    """

    name: str
    title: str
    axis_label: str
    kind: Kind = "number"
    unit: str | None = None
    ucd: str | None = None
    alias: str | None = None
    synonyms: tuple[tuple[str, ...], ...] = ()
    pattern: str = ""
    ucds: tuple[str, ...] = ()
    per_band: bool = False

    def tier(self, text: str) -> int | None:
        """Place of a normalised name among the synonyms, 0 is best; None when it is none of them."""
        return next((place for place, names in enumerate(self.synonyms) if text in names), None)

    def hints(self, text: str) -> bool:
        """Whether a normalised name fits the weaker pattern."""
        return bool(self.pattern) and re.search(self.pattern, text) is not None


def _words(*tiers: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(tier.split()) for tier in tiers)


_ROWS = (
    Role(
        name="id",
        title="Identifier",
        axis_label="ID",
        kind="any",
        ucd="meta.id;meta.main",
        alias="ID",
        ucds=("meta.id", "id_main", "meta.record"),
        synonyms=_words(
            "id objid objectid object_id source_id sourceid targetid target_id specid specobjid cataid galaxy_id"
            " galaxyid coadd_object_id coadd_objects_id num id_spec idspec diaobjectid sourceid objno obj_id"
            " ident obsid",
            "label number nr",
        ),
        pattern=r"(^|_)(obj|source|src|gal|galaxy|target|spec|cat)?_?(id|ids|nr|num|no)$|^id_|nr$|_id_",
    ),
    Role(
        name="name",
        title="Object name",
        axis_label="Name",
        kind="text",
        synonyms=_words("name object_name objname object designation iau_name id_iau source_name target_name main_id"),
        pattern=r"(^|_)name$",
    ),
    Role(
        name="ra",
        title="Right ascension",
        axis_label="RA [deg]",
        unit="deg",
        ucd="pos.eq.ra;meta.main",
        alias="RA",
        ucds=("pos.eq.ra", "pos_eq_ra_main", "pos_eq_ra"),
        synonyms=_words(
            "ra raj2000 _raj2000 ra_j2000 alpha alpha_j2000 coord_ra target_ra ra_deg ra_targ radeg right_ascension"
            " rightascension ramean raicrs ra_icrs _ra ra2000 ra_2000 plug_ra alphaj2000",
            "alphawin_j2000 fiber_ra mean_fiber_ra",
        ),
        pattern=r"(^|_)ra(_|$)|^ra_?deg(_|$)|right_?asc|^alpha(_|$)",
    ),
    Role(
        name="dec",
        title="Declination",
        axis_label="Dec [deg]",
        unit="deg",
        ucd="pos.eq.dec;meta.main",
        alias="Dec",
        ucds=("pos.eq.dec", "pos_eq_dec_main", "pos_eq_dec"),
        synonyms=_words(
            "dec decl dej2000 _dej2000 decj2000 dec_j2000 delta delta_j2000 coord_dec target_dec dec_deg decdeg dedeg"
            " declination decmean deicrs de_icrs _de de dec_targ dec2000 dec_2000 plug_dec deltaj2000",
            "deltawin_j2000 fiber_dec mean_fiber_dec",
        ),
        pattern=r"(^|_)de(c|cl)?(_|$)|^dec?_?deg(_|$)|declination|^delta(_|$)",
    ),
    Role(
        name="redshift",
        title="Redshift (spectroscopic or true)",
        axis_label="z_spec",
        ucd="src.redshift",
        alias="z",
        ucds=("redshift_hc", "src.redshift;meta.main", "src.redshift.spec"),
        synonyms=_words(
            "redshift z_spec zspec spec_z specz zs zsp z_sp z_best zbest zfinal z_final z_true ztrue z_helio zhel zcmb"
            " z z_cmb zhelio specz_redshift z_specz zspec_best true_z truez redshift_spec spec_redshift zprimus"
        ),
        pattern=r"z.?sp|zpec|redshift|z_?true|(^|_)specz?_z",
    ),
    Role(
        name="redshift_err",
        title="Redshift error",
        axis_label="z_spec error",
        ucd="stat.error;src.redshift",
        alias="z_err",
        synonyms=_words(
            "z_err err_z zerr e_z e_zsp dz redshift_err sigma_z z_unc e_zspec zspec_err z_spec_err err_zspec ez_spec"
            " z_error zerror redshift_error specz_err specz_redshift_err specz_redshift_error z_best_err"
        ),
        pattern=r"(^|_)(err|e|sig|sigma|d)_?z(sp|spec|hel|helio|best)?$|z.*_(err|error|unc|sigma)$",
    ),
    Role(
        name="z_flag",
        title="Redshift quality flag",
        axis_label="Quality flag",
        kind="any",
        ucd="stat.rank",
        alias="z_flag",
        ucds=("meta.code;src.redshift", "src.redshift;meta.code", "meta.code.qual;src.redshift"),
        synonyms=_words(
            "z_flag zflag zflags flag_des zquality z_quality redshift_flag zflg z_flg zwarn zwarning qz q_z z_qual"
            " zqual flag_z flag_zspec zspec_flag z_spec_flag q_zspec q_zsp f_zsp f_z z_conf zconf"
            " specz_flag_homogeneous specz_flag redshift_quality z_q zq nq zspec_quality",
            "q qop cc conf quality flag_spec",
        ),
        pattern=r"z.*(flag|flg|qual|conf|warn)",
    ),
    Role(
        name="survey",
        title="Survey",
        axis_label="Survey",
        kind="any",
        ucd="meta.curation",
        alias="survey",
        synonyms=_words("survey survey_name", "project source origin catalog catalogue ref"),
        pattern=r"survey",
    ),
    Role(
        name="instrument",
        title="Instrument",
        axis_label="Instrument",
        kind="any",
        ucd="instr",
        synonyms=_words("instrument inst spectrograph", "telescope"),
        pattern=r"instr",
    ),
    Role(
        name="z_phot",
        title="Photo-z estimate",
        axis_label="z_phot",
        ucd="src.redshift.phot",
        synonyms=_words(
            "z_phot zphot z_photo zphoto photoz photo_z phot_z zb z_b z_ph zph photoz_best zphot_best z_phot_best"
            " redshift_phot z_photoz photo_redshift photoz_z",
            "z_mode zmode mode_z photoz_mode phz_mode_1 mode z_peak",
            "z_median zmedian median_z photoz_median phz_median z_med",
            "z_mean zmean mean_z photoz_mean zmean_sof dnf_zmean_sof",
            "z_ml zml z_mc zmc z_a z_mc_sof photoz_mc",
        ),
        pattern=r"z.?phot|photo.?z|z_?m(ode|ean|ed)|(^|_)(lp|ez|bpz|eazy|lephare|dnf|annz|gpz|knn|tpz|phz|fzboost)_?z"
        r"(best|pdf|_?b)?(_|$)",
    ),
    Role(
        name="z_phot_err",
        title="Photo-z error",
        axis_label="z_phot error",
        ucd="stat.error;src.redshift.phot",
        synonyms=_words(
            "z_phot_err zphot_err e_zphot e_z_phot photoz_err photoz_std z_std zstd e_zph dnf_zsigma z_photo_err"
            " zphot_error z_phot_std sigma_zphot photoz_error z_phot_error dnf_zsigma_sof z_sigma zsigma z_sigma68"
        ),
        pattern=r"z.?phot.*(err|std|sig)|(^|_)e_?z_?ph",
    ),
    Role(
        name="z_low",
        title="Photo-z lower bound",
        axis_label="z_low",
        synonyms=_words(
            "z_low z_lo z_lower zbmin z_b_min z_err68_low z_err68_min l68 z_l68 zl68 z_phot_min z_min zmin z_inf"
            " photoz_err68_min zphot_min zphot_low z_phot_low z_low_68 z68_low lp_zpdf_l68 photoz_low zl_68",
            "z_err95_low z_err95_min l95 z_l95 zl95 photoz_err95_min z_low_95 z95_low",
        ),
    ),
    Role(
        name="z_high",
        title="Photo-z upper bound",
        axis_label="z_high",
        synonyms=_words(
            "z_high z_hi z_upper zbmax z_b_max z_err68_high z_err68_max u68 z_u68 zu68 z_phot_max z_max zmax z_sup"
            " photoz_err68_max zphot_max zphot_high z_phot_high z_high_68 z68_high lp_zpdf_u68 photoz_high zu_68",
            "z_err95_high z_err95_max u95 z_u95 zu95 photoz_err95_max z_high_95 z95_high",
        ),
    ),
    Role(
        name="odds",
        title="Photo-z quality (odds)",
        axis_label="Photo-z quality",
        synonyms=_words(
            "odds bpz_odds photoz_odds z_odds",
            "z_conf zconf pz_conf photoz_conf photoz_conf_best",
            "z_quality photoz_risk_best",
            "chi2 chisq",
        ),
    ),
    Role(
        name="pdf",
        title="Photo-z PDF",
        axis_label="p(z)",
        kind="vector",
        synonyms=_words("pdf pz pdz pdfs pdf_z p_z z_pdf zpdf photoz_pdf phz_pdf", "yvals", "quants locs"),
        pattern=r"(^|_)(pdf|pdz|pz)(_|$|\d)",
    ),
    Role(
        name="velocity",
        title="Radial velocity",
        axis_label="Velocity [km/s]",
        unit="km/s",
        ucds=("src.veloc.hc", "src.veloc", "spect.dopplerveloc", "phys.veloc", "spect.dopplerveloc.opt"),
        synonyms=_words(
            "velocity vhelio cz vrad v_helio v_hel vel helio_vel cz_helio czhelio rv radial_velocity v_rad"
        ),
        pattern=r"(^|_)(vhel|cz|veloc|vrad)",
    ),
    Role(
        name="ref_mag",
        title="Reference magnitude",
        axis_label="Reference magnitude",
        unit="mag",
        synonyms=_words("m0 m_0 ref_mag mag_ref refmag mag_sel selmag sel_mag mag_prior prior_mag"),
    ),
    Role(
        name="mag",
        title="Magnitude",
        axis_label="Magnitude",
        unit="mag",
        ucd="phot.mag",
        per_band=True,
    ),
    Role(
        name="mag_err",
        title="Magnitude error",
        axis_label="Magnitude error",
        unit="mag",
        ucd="stat.error;phot.mag",
        per_band=True,
    ),
    Role(name="flux", title="Flux", axis_label="Flux", ucd="phot.flux", per_band=True),
    Role(name="flux_err", title="Flux error", axis_label="Flux error", ucd="stat.error;phot.flux", per_band=True),
)


def _registry(rows: Iterable[Role]) -> Mapping[str, Role]:
    """Rows by name; a name, alias or synonym given twice is a mistake in the table."""
    table: dict[str, Role] = {}
    aliases: set[str] = set()
    for row in rows:
        if row.name in table or row.alias in aliases:
            raise ValueError(f"column role {row.name} is registered twice")
        table[row.name] = row
        aliases |= {row.alias} if row.alias else set()
    return MappingProxyType(table)


ROLES = _registry(_ROWS)
"""Column roles by name, in the order in which people are offered them."""

BAND_ROLES = tuple(role.name for role in _ROWS if role.per_band)

CORE_ROLES = tuple(role.name for role in _ROWS if role.alias)
"""Roles that the REST contract knows by an alias."""

_BY_ALIAS = {row.alias.lower(): row.name for row in _ROWS if row.alias}
_BY_UCD = {row.ucd: row.name for row in _ROWS if row.alias and row.ucd}
_BY_ANY_UCD = {ucd: row.name for row in _ROWS for ucd in (row.ucd, *row.ucds) if ucd}


def role_for_alias(alias: str | None) -> str | None:
    """Role for an alias of the REST contract ("RA", "z_err", ...; any case), None when it is a free text."""
    return _BY_ALIAS.get((alias or "").strip().lower())


def role_for_contract_ucd(ucd: str | None) -> str | None:
    """Core role for exactly the UCD the REST contract gives it, None else."""
    return _BY_UCD.get(normal_ucd(ucd))


def role_for_ucd(ucd: str | None) -> str | None:
    """Role that a UCD stands for, secondary words and UCD1 included; None when it stands for none.

    ``;meta.number`` after a redshift means a count, so a longer UCD is not cut down to a known one.
    """
    return _BY_ANY_UCD.get(normal_ucd(ucd))


def normal_ucd(ucd: str | None) -> str:
    """UCD in lower case without blanks."""
    return re.sub(r"\s+", "", ucd or "").lower()


def role_title(role: str, band: str | None = None) -> str:
    """Words for a role, with its band where it has one: "Magnitude u"."""
    title = ROLES[role].title
    return f"{title} {band}" if band else title

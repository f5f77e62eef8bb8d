"""From stored columns to the role map."""

from __future__ import annotations

from services.columns.matching import open_roles, role_map
from services.models.products import ProductColumn


def column(name: str, role: str | None = None, band: str | None = None, **more: object) -> ProductColumn:
    return ProductColumn(0, 0, name, 0, "float64", role=role, band=band, **more)  # type: ignore[arg-type]


def test_roles_transforms_and_bands_sorted_by_wavelength() -> None:
    roles = role_map(
        [
            column("K", "mag", "Ks"),
            column("z_mag", "mag", "z"),
            column("mag_u", "mag", "u"),
            column("mag_u_err", "mag_err", "u"),
            column("RA", "ra", transform="rad_to_deg"),
            column("Z", "redshift"),
            column("note"),
        ]
    )
    assert roles.columns == {"ra": "RA", "redshift": "Z"}
    assert roles.transforms == {"ra": "rad_to_deg"}
    assert [(b.band, b.column, b.error_column) for b in roles.bands] == [
        ("u", "mag_u", "mag_u_err"),
        ("z", "z_mag", None),
        ("Ks", "K", None),
    ]


def test_zero_points_by_unit_and_by_rubin_name() -> None:
    columns = [
        column("i_cModelFlux", "flux", "i"),
        column("FLUX_R", "flux", "r", unit="nanomaggy"),
        column("FLUX_J", "flux", "J", unit="uJy"),
        column("f_h", "flux", "H"),
    ]
    zero_points = {band.band: band.zero_point_mag for band in role_map(columns).bands}
    assert zero_points == {"i": 31.4, "r": 22.5, "J": 23.9, "H": None}


def test_magnitudes_win_over_fluxes_in_the_same_band() -> None:
    (band,) = role_map([column("flux_i", "flux", "i"), column("mag_i", "mag", "i")]).bands
    assert (band.column, band.kind) == ("mag_i", "mag")


def test_candidates_for_roles_that_nobody_has() -> None:
    roles = role_map([column("z_spec"), column("zspec"), column("mag_i", "mag", "i")])
    assert roles.candidates["redshift"] == ("z_spec", "zspec")
    assert "redshift" not in role_map([column("z_spec", "redshift"), column("zspec")]).candidates


def test_open_roles_of_a_type_with_their_candidates() -> None:
    columns = [column("alpha", "ra"), column("delta", "dec"), column("z_spec"), column("zspec"), column("note")]
    missing = open_roles(columns, "redshift_catalog")
    assert missing["redshift"] == ("z_spec", "zspec")
    assert missing["survey"] == ("z_spec", "zspec", "note")
    assert "ra" not in missing


def test_fluxes_stand_in_for_magnitudes() -> None:
    assert set(open_roles([column("z", "redshift"), column("f", "flux", "g")], "training_set")) == set()

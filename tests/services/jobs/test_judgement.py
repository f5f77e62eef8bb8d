"""Words about a table that was read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.jobs.judgement import has_role, reader_notes, unconfirmed
from services.models.products import ProductColumn
from services.models.roles import BandColumn, RoleMap
from services.models.tables import TableInfo
from services.product_types import PRODUCT_TYPES

INFO = TableInfo("text", (), 3, warnings=("The reader noticed this.",), grid=(0.0, 1.0))
BAND = (BandColumn("i", "mag_i", None, "mag"),)


def _notes(kind: str, roles: RoleMap, **rivals: tuple[str, ...]) -> tuple[str, ...]:
    return reader_notes(PRODUCT_TYPES[kind], INFO, roles, rivals)


def test_warnings_of_the_reader_come_first():
    assert _notes("redshift_catalog", RoleMap())[0] == "The reader noticed this."


@pytest.mark.parametrize(
    ("kind", "roles", "word"),
    [
        ("validation_results", RoleMap({"z_phot": "zb"}), "true redshifts"),
        ("validation_results", RoleMap({"redshift": "z"}), "photo-z estimates"),
        ("training_set", RoleMap({"redshift": "z"}), "magnitudes"),
        ("photoz_estimates", RoleMap({"id": "id"}), "photo-z estimates"),
    ],
)
def test_what_a_type_should_have_is_missed(kind, roles, word):
    assert any(word in note for note in _notes(kind, roles)[1:])


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        ("validation_results", RoleMap({"z_phot": "zb", "redshift": "z"})),
        ("photoz_estimates", RoleMap({"pdf": "yvals"})),
        ("training_set", RoleMap({"redshift": "z"}, bands=BAND)),
        ("redshift_catalog", RoleMap()),
    ],
)
def test_what_is_there_or_not_asked_for_is_not_missed(kind, roles):
    assert _notes(kind, roles) == INFO.warnings


def test_pdfs_of_unknown_redshifts_are_told():
    notes = reader_notes(PRODUCT_TYPES["photoz_estimates"], replace(INFO, grid=()), RoleMap({"pdf": "pz"}), {})
    assert notes[-1].startswith("The file does not say at which redshifts pz holds its PDFs.")


def test_equally_good_columns_are_named_when_the_role_matters():
    (note,) = _notes("redshift_catalog", RoleMap(), redshift=("z1", "z2", "z3"), odds=("a", "b"))[1:]
    assert "z1, z2 and z3" in note
    assert _notes("redshift_catalog", RoleMap({"redshift": "z1"}), redshift=("z1", "z2"))[1:] == ()
    assert _notes("redshift_catalog", RoleMap(), redshift=("z1",))[1:] == ()


def test_photometry_counts_in_any_band_and_photo_z_as_a_pdf():
    assert has_role(RoleMap(bands=BAND), "mag")
    assert has_role(RoleMap({"pdf": "yvals"}), "z_phot")
    assert not has_role(RoleMap(), "mag")


def test_only_needed_roles_wait_for_the_owner():
    kind = PRODUCT_TYPES["training_set"]
    sure = ProductColumn(1, 1, "col1", 0, "float64", role="redshift")
    unsure = ProductColumn(1, 1, "col2", 1, "float64", role="redshift", needs_confirmation=True)
    unneeded = ProductColumn(1, 1, "col3", 2, "float64", role="ra", needs_confirmation=True)
    assert unconfirmed(kind, [sure, unneeded]) is None
    assert "col2" in (unconfirmed(kind, [unsure]) or "")

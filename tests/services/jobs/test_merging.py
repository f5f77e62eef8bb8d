"""Columns after a reading: the owner's word stays, guesses are made anew."""

from __future__ import annotations

from dataclasses import replace

from services.jobs.merging import merged_columns
from services.models.products import ProductColumn
from services.models.roles import RoleGuess
from services.models.tables import ColumnProfile

PROFILES = tuple(ColumnProfile(name, "float64", 10, 10, ucd=f"file.{name}") for name in ("a", "b", "c"))
REDSHIFT_B = RoleGuess("b", "redshift", "name", 80.0, "by name")


def _merged(before, *guesses, profiles=PROFILES):
    return {column.name: column for column in merged_columns(before, profiles, guesses)}


def test_a_guess_brings_the_words_of_the_contract():
    columns = _merged((), REDSHIFT_B)
    assert (columns["b"].role, columns["b"].how, columns["b"].alias) == ("redshift", "name", "z")
    assert columns["b"].ucd == "src.redshift"
    assert (columns["a"].role, columns["a"].alias, columns["a"].ucd) == (None, None, "file.a")
    assert [column.order for column in columns.values()] == [0, 1, 2]


def test_unit_transform_band_and_doubt_of_a_guess_are_kept():
    guess = RoleGuess("a", "mag", "values", 60.0, "", band="i", transform="", unit="mag", needs_confirmation=True)
    column = _merged((), guess)["a"]
    assert (column.band, column.unit, column.needs_confirmation) == ("i", "mag", True)


def test_what_the_owner_set_stays_and_the_guess_for_another_column_goes():
    owned = ProductColumn(7, 1, "a", 0, "float64", alias="z", ucd="src.redshift", role="redshift", how="owner")
    columns = _merged((owned,), REDSHIFT_B)
    assert (columns["a"].role, columns["a"].how) == ("redshift", "owner")
    assert columns["b"].role is None


def test_a_role_the_owner_took_away_is_not_guessed_again():
    cleared = ProductColumn(7, 1, "b", 1, "float64", how="owner")
    column = _merged((cleared,), REDSHIFT_B)["b"]
    assert (column.role, column.alias, column.how) == (None, None, "owner")


def test_the_owners_word_about_a_column_that_is_gone_frees_the_role():
    owned = ProductColumn(7, 1, "gone", 0, "float64", role="redshift", how="owner")
    assert _merged((owned,), REDSHIFT_B)["b"].role == "redshift"


def test_a_band_the_owner_set_leaves_the_other_bands_to_the_guess():
    owned = ProductColumn(7, 1, "a", 0, "float64", role="mag", band="i", how="owner")
    mag_i = RoleGuess("b", "mag", "name", 60.0, "", band="i")
    mag_r = RoleGuess("c", "mag", "name", 60.0, "", band="r")
    columns = _merged((owned,), mag_i, mag_r)
    assert [columns[name].band for name in "abc"] == ["i", None, "r"]


def test_alias_and_ucd_given_by_hand_survive():
    free = ProductColumn(7, 1, "a", 0, "float64", alias="my words", ucd="phys.size")
    guessed = ProductColumn(8, 1, "b", 1, "float64", alias="z", ucd="src.redshift.special", role="redshift", how="name")
    columns = _merged((free, guessed), REDSHIFT_B)
    assert (columns["a"].alias, columns["a"].ucd) == ("my words", "phys.size")
    assert columns["b"].ucd == "src.redshift.special"


def test_words_of_a_guess_go_when_the_guess_goes():
    guessed = ProductColumn(8, 1, "b", 1, "float64", alias="z", ucd="src.redshift", role="redshift", how="name")
    column = _merged((guessed,))["b"]
    assert (column.role, column.alias, column.ucd) == (None, None, "file.b")


def test_a_new_type_of_a_column_is_taken_over():
    before = ProductColumn(7, 1, "a", 5, "string", role="id", how="owner")
    column = _merged((before,), profiles=(replace(PROFILES[0], dtype="int64"),))["a"]
    assert (column.dtype, column.order, column.role) == ("int64", 0, "id")


def _kept(before, *guesses):
    columns = merged_columns(before, PROFILES, guesses, keep_guesses=True)
    return {column.name: column for column in columns}


def test_an_earlier_guess_stays_when_asked():
    guessed = ProductColumn(
        7, 1, "a", 0, "float64", alias="z", ucd="src.redshift", role="redshift", how="name", needs_confirmation=True
    )
    columns = _kept((guessed,), REDSHIFT_B)
    assert (columns["a"].role, columns["a"].alias, columns["a"].how) == ("redshift", "z", "name")
    assert columns["a"].needs_confirmation
    assert (columns["b"].role, columns["b"].alias) == (None, None)


def test_an_earlier_guess_is_refined_by_an_equal_one():
    guessed = ProductColumn(7, 1, "a", 0, "float64", alias="RA", ucd="mine", role="ra", how="name")
    column = _kept((guessed,), RoleGuess("a", "ra", "name", 80.0, "", transform="rad_to_deg"))["a"]
    assert (column.transform, column.alias, column.ucd) == ("rad_to_deg", "RA", "mine")


def test_what_is_open_is_filled_beside_earlier_guesses():
    guessed = ProductColumn(7, 1, "a", 0, "float64", role="ra", how="name")
    cleared = ProductColumn(8, 1, "c", 2, "float64", how="owner")
    columns = _kept((guessed, cleared), REDSHIFT_B, RoleGuess("c", "dec", "name", 80.0, ""))
    assert [columns[name].role for name in "abc"] == ["ra", "redshift", None]

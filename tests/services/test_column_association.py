"""What the owner says about columns."""

import pytest

from services.container import Container
from services.errors import InvalidInput, NotFound
from services.models.identity import Actor
from services.models.products import Product, ProductColumn
from services.schema import ProductColumnRow
from services.unit_of_work import unit_of_work
from tests.support.products import draft, person, with_columns


def _subject(container: Container) -> tuple[Actor, Product]:
    owner = person(container, "owner1")
    made = draft(container, owner)
    with_columns(container, made, "RA", "Dec", "z", "z2", "mag1", "mag2")
    return owner, made


def _by_name(columns: tuple[ProductColumn, ...]) -> dict[str, ProductColumn]:
    return {column.name: column for column in columns}


def test_a_core_role_brings_the_words_of_the_contract(container: Container) -> None:
    owner, made = _subject(container)
    column = _by_name(container.catalog.set_role(owner, made.id, "RA", "ra"))["RA"]
    assert (column.role, column.alias, column.ucd, column.how) == ("ra", "RA", "pos.eq.ra;meta.main", "owner")
    assert not column.needs_confirmation
    event = container.catalog.history(owner, made.id)[0]
    assert event.details == {"column": "RA", "role": "ra", "band": None}


def test_a_role_has_one_column(container: Container) -> None:
    owner, made = _subject(container)
    container.catalog.set_role(owner, made.id, "z", "redshift")
    columns = _by_name(container.catalog.set_role(owner, made.id, "z2", "redshift"))
    assert (columns["z"].role, columns["z"].alias, columns["z"].ucd) == (None, None, None)
    assert (columns["z2"].role, columns["z2"].alias) == ("redshift", "z")
    assert container.catalog.role_map(owner, made.id).column("redshift") == "z2"


def test_magnitudes_share_a_role_but_not_a_band(container: Container) -> None:
    owner, made = _subject(container)
    container.catalog.set_role(owner, made.id, "mag1", "mag", "i")
    columns = _by_name(container.catalog.set_role(owner, made.id, "mag2", "mag", "r"))
    assert (columns["mag1"].band, columns["mag2"].band) == ("i", "r")
    columns = _by_name(container.catalog.set_role(owner, made.id, "mag2", "mag", "i"))
    assert (columns["mag1"].role, columns["mag2"].band) == (None, "i")


def test_a_role_taken_away_stays_away(container: Container) -> None:
    owner, made = _subject(container)
    container.catalog.set_role(owner, made.id, "z", "redshift")
    column = _by_name(container.catalog.set_role(owner, made.id, "z", None))["z"]
    assert (column.role, column.alias, column.ucd, column.how) == (None, None, None, "owner")


def test_a_ucd_of_the_file_survives_a_plain_role(container: Container) -> None:
    owner, made = _subject(container)
    with unit_of_work(container.sessions) as unit:
        unit.session.query(ProductColumnRow).filter_by(name="z2").one().ucd = "src.redshift.phot;stat.mean"
    container.catalog.set_role(owner, made.id, "z2", "z_phot")
    assert _by_name(container.catalog.set_role(owner, made.id, "z2", None))["z2"].ucd == "src.redshift.phot;stat.mean"


@pytest.mark.parametrize(
    ("unit", "dtype", "role", "transform"),
    [
        ("rad", "float64", "ra", "rad_to_deg"),
        ("hourangle", "float64", "ra", "hour_to_deg"),
        (None, "string", "ra", "hms_to_deg"),
        (None, "string", "dec", "dms_to_deg"),
        ("deg", "float64", "dec", ""),
        ("rad", "float64", "redshift", ""),
    ],
)
def test_the_unit_of_a_position_decides_its_conversion(
    sqlite_container: Container, unit: str | None, dtype: str, role: str, transform: str
) -> None:
    owner, made = _subject(sqlite_container)
    with unit_of_work(sqlite_container.sessions) as work:
        row = work.session.query(ProductColumnRow).filter_by(name="RA").one()
        row.unit, row.dtype = unit, dtype
    columns = _by_name(sqlite_container.catalog.set_role(owner, made.id, "RA", role))
    assert columns["RA"].transform == transform


def test_a_conversion_given_wins(container: Container) -> None:
    owner, made = _subject(container)
    columns = _by_name(container.catalog.set_role(owner, made.id, "RA", "ra", transform="hour_to_deg"))
    assert columns["RA"].transform == "hour_to_deg"


@pytest.mark.parametrize(
    ("role", "band", "transform", "field"),
    [
        ("nonsense", None, "", "role"),
        ("mag", None, "", "band"),
        ("mag", "x" * 33, "", "band"),
        ("redshift", "i", "", "band"),
        ("ra", None, "furlongs", "transform"),
        ("redshift", None, "rad_to_deg", "transform"),
    ],
)
def test_what_does_not_go_together_changes_nothing(
    sqlite_container: Container, role: str, band: str | None, transform: str, field: str
) -> None:
    owner, made = _subject(sqlite_container)
    before = sqlite_container.catalog.set_role(owner, made.id, "z", "redshift")
    with pytest.raises(InvalidInput) as caught:
        sqlite_container.catalog.set_role(owner, made.id, "z", role, band, transform)
    assert caught.value.field == field
    assert sqlite_container.catalog.columns(owner, made.id) == before
    with pytest.raises(NotFound, match="no column"):
        sqlite_container.catalog.set_role(owner, made.id, "absent", "ra")

"""Rights: each rule's yes/no and its SQL condition agree, and the table of the contract holds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from services import access
from services.container import Container
from services.errors import NotAllowed, NotFound
from services.models.identity import Actor, Release
from services.models.products import ProductStatus
from services.repositories.products import ProductRepository
from services.schema import GroupRow, ProductRow, ReleaseRow, release_groups, utc_now
from tests.support.products import draft, person

RULES = {
    "see": access.CAN_SEE,
    "edit": access.CAN_EDIT,
    "delete": access.CAN_DELETE,
    "restore": access.CAN_RESTORE,
    "own": access.IS_OWN,
}
N_GROUPS = 3
ACTORS = st.builds(
    Actor,
    user_id=st.integers(1, 3),
    username=st.just("somebody"),
    display_name=st.just("Somebody"),
    is_admin=st.booleans(),
    group_ids=st.frozensets(st.integers(1, N_GROUPS)),
)


@dataclass(frozen=True)
class Case:
    """A product to be: its owner, its status, and its release as (is_public, groups), None for no release."""

    owner_id: int
    status: ProductStatus
    release: tuple[bool, frozenset[int]] | None


CASES = st.builds(
    Case,
    owner_id=st.integers(1, 3),
    status=st.sampled_from(ProductStatus),
    release=st.none() | st.tuples(st.booleans(), st.frozensets(st.integers(1, N_GROUPS))),
)


@pytest.fixture
def shape_product(container: Container) -> Iterator[Callable[[Case], Session]]:
    """Turns the one product of the portal into any case, within a transaction that is never committed."""
    owners = [person(container, f"owner{number}") for number in (1, 2, 3)]
    assert [owner.user_id for owner in owners] == [1, 2, 3]
    product = draft(container, owners[0])
    with container.sessions() as session:
        session.add_all(GroupRow(name=f"group{number}") for number in range(1, N_GROUPS + 1))
        session.add(ReleaseRow(name="dp1", display_name="DP1", folded_names="", sort_name="", created_at=utc_now()))
        session.commit()

        def shape(case: Case) -> Session:
            session.rollback()
            session.execute(delete(release_groups))
            is_public, groups = case.release or (False, frozenset())
            session.execute(update(ReleaseRow).values(is_public=is_public))
            for group_id in groups:
                session.execute(insert(release_groups).values(release_id=1, group_id=group_id))
            release_id = None if case.release is None else 1
            values = {"owner_id": case.owner_id, "status": int(case.status), "release_id": release_id}
            session.execute(update(ProductRow).where(ProductRow.id == product.id).values(values))
            session.expire_all()
            return session

        yield shape
        session.rollback()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actor=ACTORS, case=CASES)
def test_yes_or_no_and_sql_agree(shape_product: Callable[[Case], Session], actor: Actor, case: Case) -> None:
    session = shape_product(case)
    product = ProductRepository(session).find(1)
    assert product is not None
    for name, rule in RULES.items():
        selected = session.scalar(select(ProductRow.id).where(rule.where(actor))) is not None
        assert selected == rule.allows(actor, product), name


def _product(session: Session) -> access.Guarded:
    product = ProductRepository(session).find(1)
    assert product is not None
    return product


OWNER = Actor(1, "owner1", "Owner")
OTHER = Actor(2, "owner2", "Other", group_ids=frozenset({2}))
ADMIN = Actor(3, "owner3", "Admin", is_admin=True)


@pytest.mark.parametrize("status", [ProductStatus.REGISTERING, ProductStatus.PROCESSING, ProductStatus.FAILED])
def test_unpublished_products_are_hidden_from_others(
    shape_product: Callable[[Case], Session], status: ProductStatus
) -> None:
    product = _product(shape_product(Case(1, status, None)))
    assert access.CAN_SEE.allows(OWNER, product)
    assert access.CAN_SEE.allows(ADMIN, product)
    with pytest.raises(NotFound):
        access.require_sight(OTHER, product)
    with pytest.raises(NotFound):
        access.require_edit(OTHER, product)


def test_deleted_products_are_hidden_from_everybody_and_restored_by_owner_or_admin(
    shape_product: Callable[[Case], Session],
) -> None:
    product = _product(shape_product(Case(1, ProductStatus.DELETED, None)))
    for actor in (OWNER, OTHER, ADMIN):
        assert not access.CAN_SEE.allows(actor, product)
        assert not access.CAN_EDIT.allows(actor, product)
    access.require_restore(OWNER, product)
    access.require_restore(ADMIN, product)
    with pytest.raises(NotFound):
        access.require_restore(OTHER, product)


@pytest.mark.parametrize(
    ("release", "is_open"),
    [
        (None, True),
        ((True, frozenset({1})), True),
        ((False, frozenset()), True),
        ((False, frozenset({1})), False),
        ((False, frozenset({1, 2})), True),
    ],
)
def test_a_release_opens_published_products_to_its_groups(
    shape_product: Callable[[Case], Session], release: tuple[bool, frozenset[int]] | None, is_open: bool
) -> None:
    product = _product(shape_product(Case(1, ProductStatus.PUBLISHED, release)))
    assert access.CAN_SEE.allows(OTHER, product) == is_open
    assert access.CAN_SEE.allows(OWNER, product)
    assert access.CAN_SEE.allows(ADMIN, product)


def test_others_see_published_products_but_may_not_change_them(shape_product: Callable[[Case], Session]) -> None:
    product = _product(shape_product(Case(1, ProductStatus.PUBLISHED, None)))
    with pytest.raises(NotAllowed, match="owner"):
        access.require_edit(OTHER, product)
    given = access.rights(OTHER, product)
    assert (given.can_edit, given.can_delete, given.can_publish, given.is_owner) == (False, False, False, False)
    assert given.can_download_original
    assert set(given.reasons) == {"edit", "delete", "publish"}
    own = access.rights(OWNER, product)
    assert (own.can_edit, own.can_delete, own.is_owner) == (True, True, True)
    assert not own.can_publish
    assert "already" in own.reasons["publish"]


def test_a_product_being_read_cannot_be_published_yet(shape_product: Callable[[Case], Session]) -> None:
    product = _product(shape_product(Case(1, ProductStatus.PROCESSING, None)))
    given = access.rights(OWNER, product)
    assert not given.can_publish
    assert "still being read" in given.reasons["publish"]


def test_only_admins_mark_products_official_and_list_everybody() -> None:
    access.require_official(ADMIN)
    with pytest.raises(NotAllowed):
        access.require_official(OWNER)
    assert access.may_list_everybody(ADMIN)
    assert not access.may_list_everybody(OWNER)


def test_releases_follow_the_rule_of_products() -> None:
    closed = Release(1, "dp1", "DP1", None, is_public=False, group_ids=frozenset({1}), created_at=utc_now())
    assert access.may_see_release(ADMIN, closed)
    assert not access.may_see_release(OTHER, closed)
    with pytest.raises(NotAllowed):
        access.require_release(OTHER, closed)

"""Who may see and do what: every decision of the portal about rights is made here.

A rule answers two questions that must never disagree: may this actor do it to this product, and which rows of the
product table does that hold for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from services.errors import NotAllowed, NotFound
from services.models.identity import Actor, Release
from services.models.products import ProductRights, ProductStatus
from services.schema import ProductRow, ReleaseRow, release_groups

NO_SUCH_PRODUCT = "There is no such product, or it is not open to you."
_NOT_YOURS = "Only the owner or an administrator may do this."
_STILL_READ = "The main file is still being read; it can be published when that is done."


class Guarded(Protocol):
    """What rules look at in a product. ``release_group_ids`` is empty when its release is open to everybody."""

    @property
    def owner_id(self) -> int:
        """Who made it."""

    @property
    def status(self) -> ProductStatus:
        """Where it stands."""

    @property
    def release_group_ids(self) -> frozenset[int]:
        """Groups its release is restricted to."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A yes/no for one product and the SQL condition for all; combined with ``&``, ``|`` and ``~``."""

    allows: Callable[[Actor, Guarded], bool]
    where: Callable[[Actor], ColumnElement[bool]]

    def __and__(self, other: Rule) -> Rule:
        return Rule(
            lambda actor, product: self.allows(actor, product) and other.allows(actor, product),
            lambda actor: and_(self.where(actor), other.where(actor)),
        )

    def __or__(self, other: Rule) -> Rule:
        return Rule(
            lambda actor, product: self.allows(actor, product) or other.allows(actor, product),
            lambda actor: or_(self.where(actor), other.where(actor)),
        )

    def __invert__(self) -> Rule:
        return Rule(
            lambda actor, product: not self.allows(actor, product),
            lambda actor: not_(self.where(actor)),
        )


def unindexed(column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]) -> ColumnElement[Any]:
    """Column as a condition that most rows meet should name it.

    With an index on one side of an OR, SQLite collects and sorts all rows, where walking the list in its order and
    stopping at the end of the page is a hundred times faster.
    """
    return column + 0


def _has_status(status: ProductStatus) -> Rule:
    return Rule(lambda _, product: product.status == status, lambda _: unindexed(ProductRow.status) == status)


def _closed_releases(actor: Actor) -> ColumnElement[bool]:
    """Products in a release that is open to other groups only."""
    own = select(release_groups.c.release_id).where(release_groups.c.group_id.in_(actor.group_ids))
    restricted = select(release_groups.c.release_id)
    closed = select(ReleaseRow.id).where(
        not_(ReleaseRow.is_public), ReleaseRow.id.in_(restricted), ReleaseRow.id.not_in(own)
    )
    return and_(ProductRow.release_id.is_not(None), ProductRow.release_id.in_(closed))


_IS_ADMIN = Rule(lambda actor, _: actor.is_admin, lambda actor: true() if actor.is_admin else false())
_IS_OWNER = Rule(
    lambda actor, product: product.owner_id == actor.user_id,
    lambda actor: unindexed(ProductRow.owner_id) == actor.user_id,
)
_IS_PUBLISHED = _has_status(ProductStatus.PUBLISHED)
_IS_DELETED = _has_status(ProductStatus.DELETED)
_RELEASE_OPEN = Rule(
    lambda actor, product: not product.release_group_ids or bool(product.release_group_ids & actor.group_ids),
    lambda actor: not_(_closed_releases(actor)),
)

CAN_SEE = ~_IS_DELETED & (_IS_OWNER | _IS_ADMIN | (_IS_PUBLISHED & _RELEASE_OPEN))
"""Published: everybody its release is open to. Drafts, failures, running: owner and admins. Deleted: nobody."""
CAN_EDIT = ~_IS_DELETED & (_IS_OWNER | _IS_ADMIN)
CAN_DELETE = CAN_EDIT
CAN_RESTORE = _IS_DELETED & (_IS_OWNER | _IS_ADMIN)
IS_OWN = ~_IS_DELETED & _IS_OWNER


def require_sight(actor: Actor, product: Guarded | None) -> None:
    """Let pass who may see the product.

    Raises
    ------
    NotFound
        If there is none, or the actor may not know that there is.
    """
    if product is None or not CAN_SEE.allows(actor, product):
        raise NotFound(NO_SUCH_PRODUCT)


def require_edit(actor: Actor, product: Guarded | None) -> None:
    """Let pass who may change or delete the product.

    Raises
    ------
    NotFound
        If the actor may not even see it.
    NotAllowed
        If they see it but it belongs to somebody else.
    """
    require_sight(actor, product)
    if product is not None and not CAN_EDIT.allows(actor, product):
        raise NotAllowed(_NOT_YOURS)


def require_restore(actor: Actor, product: Guarded | None) -> None:
    """Let pass who may take back the deletion of the product; NotFound for everybody else."""
    if product is None or not CAN_RESTORE.allows(actor, product):
        raise NotFound(NO_SUCH_PRODUCT)


def rights(actor: Actor, product: Guarded) -> ProductRights:
    """Everything an actor may do with one product, with a reason for each thing they may not."""
    edits = CAN_EDIT.allows(actor, product)
    reasons = {} if edits else dict.fromkeys(("edit", "delete", "publish"), _NOT_YOURS)
    if edits and product.status is ProductStatus.PUBLISHED:
        reasons["publish"] = "The product is published already."
    if edits and product.status is ProductStatus.PROCESSING:
        reasons["publish"] = _STILL_READ
    sees = CAN_SEE.allows(actor, product)
    if not sees:
        reasons["download"] = NO_SUCH_PRODUCT
    return ProductRights(
        can_edit=edits,
        can_delete=CAN_DELETE.allows(actor, product),
        can_publish="publish" not in reasons,
        can_download_original=sees,
        is_owner=_IS_OWNER.allows(actor, product),
        reasons=reasons,
    )


def may_see_release(actor: Actor, release: Release) -> bool:
    """Public releases and those without groups: everybody; others: their groups and admins."""
    return actor.is_admin or release.is_public or not release.group_ids or bool(release.group_ids & actor.group_ids)


def require_release(actor: Actor, release: Release) -> None:
    """NotAllowed when the actor may not put products into this release."""
    if not may_see_release(actor, release):
        raise NotAllowed("This release is not open to you. Choose another one, or ask an administrator for access.")


def require_official(actor: Actor) -> None:
    """NotAllowed when the actor may not mark products as official."""
    if not actor.is_admin:
        raise NotAllowed("Only administrators may mark a product as official.")


def may_list_everybody(actor: Actor) -> bool:
    """Whether the actor may list every account, not only those with products."""
    return actor.is_admin

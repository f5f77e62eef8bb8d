"""Lists of products: filters, counts behind every choice, order and page, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.access import CAN_SEE, IS_OWN, unindexed
from services.models.identity import Actor
from services.models.products import Facets, FacetValue, Product, ProductPage, ProductQuery, ProductStatus
from services.models.quality import CHECK_STATES, NOT_RUN
from services.product_orders import Order, cursor_after, orders_of, place_of
from services.product_types import product_type
from services.repositories.people import display_name
from services.repositories.product_filters import checked, is_report, owned_by, passes, released_in, searched
from services.repositories.product_rows import SIZE_BYTES, product_rows, read_products
from services.schema import ArtifactRow, ProductRow, ProductTypeRow, ReleaseRow, UserRow
from services.text_rules import folded

NO_RELEASE = "none"
"""Stands for products without a release among the releases of a filter."""
MAX_PAGE_SIZE = 10_000
_LONG_LIST = 1000
"""Up to so many rows the ids are found first, since sorting whole rows to show a few costs more than all the rest."""
_MAX_OFFSET = 2**62
_UNPUBLISHED = (ProductStatus.REGISTERING, ProductStatus.PROCESSING, ProductStatus.FAILED)

_ORDERS: Mapping[str, ColumnElement[Any] | InstrumentedAttribute[Any]] = MappingProxyType(
    {
        "id": ProductRow.id,
        "display_name": ProductRow.sort_name,
        "release": ReleaseRow.sort_name,
        "product_type": ProductTypeRow.display_name,
        "product_type_id": ProductRow.product_type_id,
        "owner": UserRow.folded_username,
        "n_rows": ProductRow.n_rows,
        "size_bytes": SIZE_BYTES,
        "status": ProductRow.status,
        "created_at": ProductRow.created_at,
    }
)
_OF_OTHER_TABLES = frozenset({"release", "product_type", "owner"})
_MAY_BE_EMPTY = frozenset({"release", "n_rows"})


@dataclass(frozen=True, slots=True)
class _Conditions:
    """The filters of one query, apart, so that each facet can leave its own out. ``base`` is always in force."""

    base: ColumnElement[bool]
    product_types: ColumnElement[bool]
    releases: ColumnElement[bool]
    owners: ColumnElement[bool]
    statuses: ColumnElement[bool]
    checks: ColumnElement[bool]

    def all_but(self, left_out: str = "") -> ColumnElement[bool]:
        """Every condition except the one of that name."""
        names = ("base", "product_types", "releases", "owners", "statuses", "checks")
        return and_(*(getattr(self, name) for name in names if name != left_out))


def _conditions(actor: Actor, query: ProductQuery, report_version: int) -> _Conditions:
    return _Conditions(
        base=and_(
            CAN_SEE.where(actor), _is_official(query.official), searched(query.search), *map(passes, query.filters)
        ),
        product_types=_of_types(query.product_types),
        releases=_of_releases(query.releases),
        owners=_of_owners(query.owners),
        statuses=_of_statuses(actor, query),
        checks=checked(query.checks, report_version),
    )


def _is_official(official: bool | None) -> ColumnElement[bool]:
    return true() if official is None else ProductRow.official == official


def _of_types(words: Sequence[str]) -> ColumnElement[bool]:
    return unindexed(ProductRow.product_type_id).in_([product_type(word).id for word in words]) if words else true()


def _of_releases(names: Sequence[str]) -> ColumnElement[bool]:
    if not names:
        return true()
    named = released_in(ReleaseRow.name.in_([name for name in names if name != NO_RELEASE]))
    return or_(named, ProductRow.release_id.is_(None)) if NO_RELEASE in names else named


def _of_owners(usernames: Sequence[str]) -> ColumnElement[bool]:
    return owned_by(UserRow.folded_username.in_([folded(name) for name in usernames])) if usernames else true()


def _of_statuses(actor: Actor, query: ProductQuery) -> ColumnElement[bool]:
    if query.statuses:
        return unindexed(ProductRow.status).in_([int(status) for status in query.statuses])
    if query.official:
        return ProductRow.status == ProductStatus.PUBLISHED
    own = and_(IS_OWN.where(actor), unindexed(ProductRow.status).in_(_UNPUBLISHED))
    return or_(unindexed(ProductRow.status) == ProductStatus.PUBLISHED, own)


def _ordered(statement: Select[Any], orders: Sequence[Order]) -> Select[Any]:
    return statement.order_by(*(_direction(order) for order in orders))


def _direction(order: Order) -> ColumnElement[Any]:
    column = _ORDERS[order.name]
    directed = column.desc() if order.is_descending else column.asc()
    return directed.nulls_last() if order.name in _MAY_BE_EMPTY else directed


def _after(orders: Sequence[Order], place: Sequence[Any]) -> ColumnElement[bool]:
    """What follows a place: beyond it in one field, and equal to it in all fields before that one."""
    beyond = [_beyond(order, value) for order, value in zip(orders, place, strict=True)]
    equal = [_ORDERS[order.name] == value for order, value in zip(orders, place, strict=True)]
    return or_(*(and_(*equal[:number], condition) for number, condition in enumerate(beyond)))


def _beyond(order: Order, value: Any) -> ColumnElement[bool]:
    column = _ORDERS[order.name]
    return column < value if order.is_descending else column > value


def _joined(statement: Select[Any]) -> Select[Any]:
    return (
        statement.select_from(ProductRow)
        .join(ProductTypeRow, ProductTypeRow.id == ProductRow.product_type_id)
        .join(UserRow, UserRow.id == ProductRow.owner_id)
        .outerjoin(ReleaseRow, ReleaseRow.id == ProductRow.release_id)
    )


class ProductSearch:
    """Questions about many products at once, of one session.

    ``report_version`` is the version of the reports of checks that still hold.
    """

    def __init__(self, session: Session, report_version: int) -> None:
        self._session = session
        self._report_version = report_version

    def page(self, actor: Actor, query: ProductQuery) -> ProductPage:
        """One page of the products that pass every filter, and how many there are."""
        condition = _conditions(actor, query, self._report_version).all_but()
        size = min(max(query.page_size, 1), MAX_PAGE_SIZE)
        number = max(query.page, 1)
        orders = orders_of(query.sort)
        start = 0 if query.cursor else min((number - 1) * size, _MAX_OFFSET)
        place = _after(orders, place_of(orders, query.cursor)) if query.cursor else true()
        found = self._some(and_(condition, place), orders, size + 1, start)
        is_end = len(found) <= size
        is_counted = is_end and not query.cursor and (bool(found) or start == 0)
        total = start + len(found) if is_counted else self._count(condition)
        items = found[:size]
        return ProductPage(items, total, number, size, None if is_end else cursor_after(orders, items[-1]))

    def _count(self, condition: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count()).select_from(ProductRow).where(condition)) or 0

    def _some(
        self, condition: ColumnElement[bool], orders: Sequence[Order], limit: int, offset: int = 0
    ) -> tuple[Product, ...]:
        """Some products in an order."""
        if limit > _LONG_LIST:
            statement = _ordered(product_rows().where(condition), orders).limit(limit).offset(offset)
            return read_products(self._session, statement)
        ids = select(ProductRow.id)
        if any(order.name in _OF_OTHER_TABLES for order in orders):
            ids = _joined(ids)
        ids = _ordered(ids.where(condition), orders).limit(limit).offset(offset)
        return read_products(self._session, _ordered(product_rows().where(ProductRow.id.in_(ids)), orders))

    def newest(self, actor: Actor, n: int) -> tuple[Product, ...]:
        """The newest published products."""
        published = and_(CAN_SEE.where(actor), unindexed(ProductRow.status) == ProductStatus.PUBLISHED)
        return self._some(published, orders_of(""), n)

    def oldest_draft(self, actor: Actor) -> Product | None:
        """The actor's own draft that was made first."""
        mine = and_(ProductRow.owner_id == actor.user_id, ProductRow.status == ProductStatus.REGISTERING)
        return next(iter(self._some(mine, orders_of("created_at,id"), 1)), None)

    def counts(self, actor: Actor) -> tuple[int, int]:
        """Published products: official ones, and those of users."""
        published = and_(CAN_SEE.where(actor), ProductRow.status == ProductStatus.PUBLISHED)
        official = func.coalesce(func.sum(case((ProductRow.official, 1), else_=0)), 0)
        n_official, n_all = self._session.execute(select(official, func.count()).where(published)).one()
        return int(n_official), int(n_all) - int(n_official)

    def facets(self, actor: Actor, query: ProductQuery) -> Facets:
        """Choices of every filter, each counted with the other filters in force; chosen ones stay even at 0."""
        conditions = _conditions(actor, query, self._report_version)
        return Facets(
            product_types=self._type_facet(conditions, query),
            releases=self._release_facet(conditions, query),
            owners=self._owner_facet(conditions, query),
            statuses=self._status_facet(conditions, query),
            checks=self._check_facet(conditions, query),
        )

    def _counted(self, conditions: _Conditions, facet: str, *columns: Any) -> Sequence[Any]:
        statement = _joined(select(*columns, func.count().label("n"))).where(conditions.all_but(facet))
        return self._session.execute(statement.group_by(*columns)).all()

    def _type_facet(self, conditions: _Conditions, query: ProductQuery) -> tuple[FacetValue, ...]:
        rows = self._counted(conditions, "product_types", ProductTypeRow.name)
        counts = dict.fromkeys((product_type(word).name for word in query.product_types), 0)
        counts |= _counts(rows)
        chosen = sorted((product_type(name) for name in counts), key=lambda row: row.order)
        return tuple(FacetValue(row.name, row.title, counts[row.name]) for row in chosen)

    def _release_facet(self, conditions: _Conditions, query: ProductQuery) -> tuple[FacetValue, ...]:
        rows = self._counted(conditions, "releases", ReleaseRow.name, ReleaseRow.display_name)
        found = {
            name or NO_RELEASE: FacetValue(name or NO_RELEASE, title or "No release", n) for name, title, n in rows
        }
        return _with_chosen(found, query.releases)

    def _owner_facet(self, conditions: _Conditions, query: ProductQuery) -> tuple[FacetValue, ...]:
        rows = self._counted(conditions, "owners", UserRow.id)
        counts = _counts(rows)
        people = self._session.scalars(select(UserRow).where(UserRow.id.in_(counts))) if counts else ()
        found = {row.username: FacetValue(row.username, display_name(row), counts[row.id]) for row in people}
        known = {folded(name) for name in found}
        return _with_chosen(found, [name for name in query.owners if folded(name) not in known])

    def _status_facet(self, conditions: _Conditions, query: ProductQuery) -> tuple[FacetValue, ...]:
        rows = self._counted(conditions, "statuses", ProductRow.status)
        counts = dict.fromkeys((int(status) for status in query.statuses), 0) | _counts(rows)
        return tuple(
            FacetValue(ProductStatus(status).name.lower(), ProductStatus(status).label, counts[status])
            for status in sorted(counts)
            if status != ProductStatus.DELETED
        )

    def _check_facet(self, conditions: _Conditions, query: ProductQuery) -> tuple[FacetValue, ...]:
        reports = and_(ArtifactRow.product_id == ProductRow.id, is_report(self._report_version))
        counted: tuple[Any, ...] = (ArtifactRow.verdict, func.count())
        statement = _joined(select(*counted)).outerjoin(ArtifactRow, reports)
        rows = self._session.execute(statement.where(conditions.all_but("checks")).group_by(ArtifactRow.verdict)).all()
        counts = dict.fromkeys(query.checks, 0) | {word or NOT_RUN: n for word, n in rows}
        return tuple(FacetValue(word, word, counts[word]) for word in CHECK_STATES if word in counts)


def _counts(rows: Sequence[Any]) -> dict[Any, int]:
    return dict(map(tuple, rows))


def _with_chosen(found: Mapping[str, FacetValue], chosen: Sequence[str]) -> tuple[FacetValue, ...]:
    missing = {value: FacetValue(value, value, 0) for value in chosen if value not in found}
    return tuple(sorted({**found, **missing}.values(), key=lambda choice: folded(choice.label)))

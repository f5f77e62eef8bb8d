"""Lists of products: filters, counts behind every choice, order and page, in a fixed number of statements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.access import CAN_SEE, IS_OWN
from services.models.identity import Actor
from services.models.products import Facets, FacetValue, Product, ProductPage, ProductQuery, ProductStatus
from services.product_types import product_type
from services.repositories.people import display_name
from services.repositories.products import SIZE_BYTES, product_rows, product_values
from services.schema import ProductColumnRow, ProductRow, ProductTypeRow, ReleaseRow, UserRow
from services.text_rules import folded

NO_RELEASE = "none"
"""Stands for products without a release among the releases of a filter."""
MAX_PAGE_SIZE = 10_000
_MAX_OFFSET = 2**62
_DEFAULT_SORT = "-created_at"
_WORD_BREAK = re.compile(r"[\s,]+")
_UNPUBLISHED = (ProductStatus.REGISTERING, ProductStatus.PROCESSING, ProductStatus.FAILED)

_ORDERS: Mapping[str, ColumnElement[Any] | InstrumentedAttribute[Any]] = MappingProxyType(
    {
        "display_name": ProductRow.sort_name,
        "release": ReleaseRow.sort_name,
        "product_type": ProductTypeRow.display_name,
        "owner": UserRow.folded_username,
        "n_rows": ProductRow.n_rows,
        "size_bytes": SIZE_BYTES,
        "status": ProductRow.status,
        "created_at": ProductRow.created_at,
    }
)


@dataclass(frozen=True, slots=True)
class _Conditions:
    """The filters of one query, apart, so that each facet can leave its own out. ``base`` is always in force."""

    base: ColumnElement[bool]
    product_types: ColumnElement[bool]
    releases: ColumnElement[bool]
    owners: ColumnElement[bool]
    statuses: ColumnElement[bool]

    def all_but(self, left_out: str = "") -> ColumnElement[bool]:
        """Every condition except the one of that name."""
        names = ("base", "product_types", "releases", "owners", "statuses")
        return and_(*(getattr(self, name) for name in names if name != left_out))


def _conditions(actor: Actor, query: ProductQuery) -> _Conditions:
    return _Conditions(
        base=and_(CAN_SEE.where(actor), _is_official(query.official), *_searched(query.search)),
        product_types=_of_types(query.product_types),
        releases=_of_releases(query.releases),
        owners=_of_owners(query.owners),
        statuses=_of_statuses(actor, query),
    )


def _is_official(official: bool | None) -> ColumnElement[bool]:
    return true() if official is None else ProductRow.official == official


def _searched(search: str) -> list[ColumnElement[bool]]:
    """Every word must stand in at least one of the searched texts."""
    return [_has_word(word) for word in _WORD_BREAK.split(folded(search)) if word]


def _has_word(word: str) -> ColumnElement[bool]:
    in_columns = select(ProductColumnRow.product_id).where(ProductColumnRow.folded_name.contains(word, autoescape=True))
    return or_(
        ProductRow.folded_text.contains(word, autoescape=True),
        UserRow.folded_names.contains(word, autoescape=True),
        ProductRow.id.in_(in_columns),
    )


def _of_types(words: Sequence[str]) -> ColumnElement[bool]:
    return ProductTypeRow.name.in_([product_type(word).name for word in words]) if words else true()


def _of_releases(names: Sequence[str]) -> ColumnElement[bool]:
    if not names:
        return true()
    named = ReleaseRow.name.in_([name for name in names if name != NO_RELEASE])
    return or_(named, ProductRow.release_id.is_(None)) if NO_RELEASE in names else named


def _of_owners(usernames: Sequence[str]) -> ColumnElement[bool]:
    return UserRow.folded_username.in_([folded(name) for name in usernames]) if usernames else true()


def _of_statuses(actor: Actor, query: ProductQuery) -> ColumnElement[bool]:
    if query.statuses:
        return ProductRow.status.in_([int(status) for status in query.statuses])
    published = ProductRow.status == ProductStatus.PUBLISHED
    if query.official:
        return published
    return or_(published, and_(IS_OWN.where(actor), ProductRow.status.in_(_UNPUBLISHED)))


def _order(sort: str) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Order by a field, the newest first where that field is equal; fields that do not exist are passed over."""
    if sort.removeprefix("-") not in _ORDERS:
        sort = _DEFAULT_SORT
    column = _ORDERS[sort.removeprefix("-")]
    return (column.desc() if sort.startswith("-") else column.asc()).nulls_last(), ProductRow.id.desc()


def _joined(statement: Select[Any]) -> Select[Any]:
    return (
        statement.select_from(ProductRow)
        .join(ProductTypeRow, ProductTypeRow.id == ProductRow.product_type_id)
        .join(UserRow, UserRow.id == ProductRow.owner_id)
        .outerjoin(ReleaseRow, ReleaseRow.id == ProductRow.release_id)
    )


class ProductSearch:
    """Questions about many products at once, of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(self, actor: Actor, query: ProductQuery) -> ProductPage:
        """One page of the products that pass every filter, and how many there are."""
        condition = _conditions(actor, query).all_but()
        size = min(max(query.page_size, 1), MAX_PAGE_SIZE)
        number = max(query.page, 1)
        total = self._session.scalar(_joined(select(func.count())).where(condition)) or 0
        statement = product_rows().where(condition).order_by(*_order(query.sort))
        offset = min((number - 1) * size, _MAX_OFFSET)
        rows = self._session.execute(statement.limit(size).offset(offset)).all() if offset < total else []
        return ProductPage(product_values(self._session, rows), total, number, size)

    def newest(self, actor: Actor, n: int) -> tuple[Product, ...]:
        """The newest published products."""
        published = and_(CAN_SEE.where(actor), ProductRow.status == ProductStatus.PUBLISHED)
        statement = product_rows().where(published).order_by(*_order(_DEFAULT_SORT)).limit(n)
        return product_values(self._session, self._session.execute(statement).all())

    def counts(self, actor: Actor) -> tuple[int, int]:
        """Published products: official ones, and those of users."""
        published = and_(CAN_SEE.where(actor), ProductRow.status == ProductStatus.PUBLISHED)
        official = func.coalesce(func.sum(case((ProductRow.official, 1), else_=0)), 0)
        n_official, n_all = self._session.execute(select(official, func.count()).where(published)).one()
        return int(n_official), int(n_all) - int(n_official)

    def facets(self, actor: Actor, query: ProductQuery) -> Facets:
        """Choices of every filter, each counted with the other filters in force; chosen ones stay even at 0."""
        conditions = _conditions(actor, query)
        return Facets(
            product_types=self._type_facet(conditions, query),
            releases=self._release_facet(conditions, query),
            owners=self._owner_facet(conditions, query),
            statuses=self._status_facet(conditions, query),
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


def _counts(rows: Sequence[Any]) -> dict[Any, int]:
    return dict(map(tuple, rows))


def _with_chosen(found: Mapping[str, FacetValue], chosen: Sequence[str]) -> tuple[FacetValue, ...]:
    missing = {value: FacetValue(value, value, 0) for value in chosen if value not in found}
    return tuple(sorted({**found, **missing}.values(), key=lambda choice: folded(choice.label)))

"""Products as one statement reads them: plain columns, no mapped objects, since lists are long."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, Row, Select, cast, func, select
from sqlalchemy.orm import Session, aliased

from services.models.jobs import JobState
from services.models.processes import process_status
from services.models.products import FileRole, Product, ProductStatus
from services.schema import (
    JobRow,
    ProcessRow,
    ProductFileRow,
    ProductRow,
    ProductTypeRow,
    ReleaseRow,
    UserRow,
    release_groups,
)

UPLOAD = "Upload"
"""Origin of products that no pipeline made."""
MainFileRow = aliased(ProductFileRow, name="main_file")

SIZE_BYTES = (
    select(cast(func.coalesce(func.sum(ProductFileRow.size_bytes), 0), BigInteger))
    .where(ProductFileRow.product_id == ProductRow.id)
    .correlate(ProductRow)
    .scalar_subquery()
)
"""Bytes of all files of a product together."""

_FULL_NAME = func.trim(UserRow.first_name + " " + UserRow.last_name)

_COLUMNS: Mapping[str, Any] = MappingProxyType(
    {
        "id": ProductRow.id,
        "internal_name": ProductRow.internal_name,
        "display_name": ProductRow.display_name,
        "product_type": ProductTypeRow.name,
        "product_type_title": ProductTypeRow.display_name,
        "release_id": ProductRow.release_id,
        "release_name": ReleaseRow.display_name,
        "owner_id": ProductRow.owner_id,
        "owner_username": UserRow.username,
        "owner_display_name": func.coalesce(func.nullif(_FULL_NAME, ""), UserRow.username),
        "official": ProductRow.official,
        "pz_code": ProductRow.pz_code,
        "description": ProductRow.description,
        "status": ProductRow.status,
        "status_reason": ProductRow.status_reason,
        "created_at": ProductRow.created_at,
        "updated_at": ProductRow.updated_at,
        "n_rows": ProductRow.n_rows,
        "n_columns": ProductRow.n_columns,
        "size_bytes": SIZE_BYTES,
        "main_file_name": MainFileRow.name,
        "main_file_sha256": MainFileRow.sha256,
        "notes": ProductRow.notes,
        "release_group_ids": ReleaseRow.is_public,  # the groups themselves are many per row: another statement
        "origin": ProductRow.origin,
        "release_year": ProductRow.release_year,
        "process_id": ProcessRow.id,
        "process_status": JobRow.state,
    }
)
"""Where each field of ``Product`` comes from, in the order of the fields."""

_RELEASE, _STATUS, _NOTES, _GROUPS, _PROCESS = (
    list(_COLUMNS).index(name) for name in ("release_id", "status", "notes", "release_group_ids", "process_status")
)
_STATUSES = {int(status): status for status in ProductStatus}
_NOBODY: frozenset[int] = frozenset()


@functools.cache
def product_rows() -> Select[Any]:
    """Every product with its type, owner, release and main file: what ``read_products`` reads, one row each."""
    return (
        select(*_COLUMNS.values())
        .join(ProductTypeRow, ProductTypeRow.id == ProductRow.product_type_id)
        .join(UserRow, UserRow.id == ProductRow.owner_id)
        .outerjoin(ReleaseRow, ReleaseRow.id == ProductRow.release_id)
        .outerjoin(MainFileRow, (MainFileRow.product_id == ProductRow.id) & (MainFileRow.role == FileRole.MAIN))
        .outerjoin(ProcessRow, (ProductRow.origin != UPLOAD) & (ProcessRow.product_id == ProductRow.id))
        .outerjoin(JobRow, JobRow.id == ProcessRow.job_id)
    )


def read_products(session: Session, statement: Select[Any]) -> tuple[Product, ...]:
    """Values of a statement made from ``product_rows``; one more finds the groups of restricted releases, if any."""
    session.flush()  # below the session nothing is flushed by itself
    rows = session.connection().execute(statement).all()
    groups = _groups_of_releases(session, {row[_RELEASE] for row in rows if row[_GROUPS] is False})
    return tuple(_product(row, groups) for row in rows)


def _product(row: Row[Any], groups: Mapping[int, frozenset[int]]) -> Product:
    """By position: long lists spend their time here."""
    state = row[_PROCESS]
    values = (
        *row[:_STATUS],
        _STATUSES[row[_STATUS]],
        *row[_STATUS + 1 : _NOTES],
        tuple(row[_NOTES]),
        groups.get(row[_RELEASE], _NOBODY),
        *row[_GROUPS + 1 : _PROCESS],
        state and process_status(JobState(state)).value,
    )
    return Product(*values)


def _groups_of_releases(session: Session, release_ids: set[int]) -> Mapping[int, frozenset[int]]:
    groups: defaultdict[int, set[int]] = defaultdict(set)
    if release_ids:
        wanted = select(release_groups).where(release_groups.c.release_id.in_(release_ids))
        for release_id, group_id in session.execute(wanted):
            groups[release_id].add(group_id)
    return {release_id: frozenset(ids) for release_id, ids in groups.items()}

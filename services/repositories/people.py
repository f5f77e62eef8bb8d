"""People, groups, releases and tokens: SQL in, values out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.errors import Conflict
from services.models.identity import Actor, Release, TokenInfo, TokenScope, UserSummary
from services.models.products import ProductStatus
from services.schema import (
    ApiTokenRow,
    EndedSessionRow,
    GroupRow,
    ProductRow,
    ReleaseRow,
    UserRow,
    release_groups,
    user_groups,
)
from services.text_rules import folded

ADMIN_GROUP = "Admin"
"""Its members are administrators, as accounts are that were opened as such."""


def display_name(row: UserRow) -> str:
    """First and last name, the user name where both are empty."""
    return f"{row.first_name} {row.last_name}".strip() or row.username


def actor_from(session: Session, row: UserRow) -> Actor:
    """The person of a row with the groups they are in."""
    statement = select(GroupRow.id, GroupRow.name).join(user_groups).where(user_groups.c.user_id == row.id)
    return _actor(row, [(group_id, name) for group_id, name in session.execute(statement)])


def _actor(row: UserRow, groups: Iterable[tuple[int | None, str | None]]) -> Actor:
    """Person from a row and the ids and names of groups, None where an outer join found none."""
    names = {group_id: name for group_id, name in groups if group_id is not None}
    return Actor(
        user_id=row.id,
        username=row.username,
        display_name=display_name(row),
        is_admin=row.is_admin or ADMIN_GROUP in names.values(),
        group_ids=frozenset(names),
        email=row.email,
        session_epoch=row.session_epoch,
    )


def find_user(session: Session, username: str) -> UserRow | None:
    """Active or inactive person of that name, any case."""
    return session.scalar(select(UserRow).where(UserRow.folded_username == folded(username)))


def active_actor(session: Session, user_id: int, session_id: str | None = None) -> Actor | None:
    """Person of that id, None when unknown or closed, or when the given browser session was logged out."""
    statement = select(UserRow, GroupRow.id, GroupRow.name).select_from(UserRow)
    statement = statement.outerjoin(user_groups).outerjoin(GroupRow)
    if session_id is not None:
        statement = statement.where(~exists().where(EndedSessionRow.id == session_id))
    rows = session.execute(statement.where(UserRow.id == user_id, UserRow.is_active)).all()
    return _actor(rows[0][0], [(group_id, name) for _, group_id, name in rows]) if rows else None


def end_session(session: Session, session_id: str) -> None:
    """Note that a browser session was logged out; no error when it was already."""
    with suppress(IntegrityError), session.begin_nested():
        session.add(EndedSessionRow(id=session_id))


def forget_ended_sessions(session: Session, before: datetime) -> int:
    """Forget log-outs from before that time; gives how many."""
    gone = delete(EndedSessionRow).where(EndedSessionRow.ended_at < before).returning(EndedSessionRow.id)
    return len(session.scalars(gone).all())


def group_ids(session: Session, names: Iterable[str]) -> set[int]:
    """Ids of these groups; unknown ones are made."""
    wanted = set(names)
    known = {row.name: row.id for row in session.scalars(select(GroupRow).where(GroupRow.name.in_(wanted)))}
    for name in sorted(wanted - known.keys()):
        row = GroupRow(name=name)
        session.add(row)
        session.flush()
        known[name] = row.id
    return set(known.values())


def add_user(session: Session, row: UserRow, groups: Iterable[str]) -> None:
    """New person in these groups; Conflict when the user name is taken, in any case."""
    _add(session, row, f'There is already a user named "{row.username}". Choose another name.')
    if rows := [{"user_id": row.id, "group_id": group_id} for group_id in group_ids(session, groups)]:
        session.execute(insert(user_groups), rows)


def set_password_hash(session: Session, user_id: int, password_hash: str) -> None:
    """Keep another hash of a password."""
    session.execute(update(UserRow).where(UserRow.id == user_id).values(password_hash=password_hash))


def add_release(session: Session, row: ReleaseRow, groups: Iterable[str]) -> Release:
    """New release restricted to these groups; Conflict when the name is taken."""
    _add(session, row, f'There is already a release named "{row.name}". Choose another name.')
    ids = frozenset(group_ids(session, groups))
    if rows := [{"release_id": row.id, "group_id": group_id} for group_id in ids]:
        session.execute(insert(release_groups), rows)
    return _release(row, ids)


def _add(session: Session, row: UserRow | ReleaseRow, taken: str) -> None:
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(taken) from error


def summaries(session: Session, *, with_products_only: bool, and_user_id: int) -> tuple[UserSummary, ...]:
    """People by user name: everybody, or those with a published product and one more."""
    statement = select(UserRow).where(UserRow.is_active).order_by(UserRow.folded_username)
    if with_products_only:
        owns = select(ProductRow.owner_id).where(ProductRow.status == ProductStatus.PUBLISHED)
        statement = statement.where(UserRow.id.in_(owns) | (UserRow.id == and_user_id))
    rows = session.scalars(statement)
    return tuple(UserSummary(row.username, row.first_name, row.last_name, display_name(row)) for row in rows)


def releases(session: Session) -> tuple[Release, ...]:
    """Every release with its groups, newest first."""
    groups: defaultdict[int, set[int]] = defaultdict(set)
    for release_id, group_id in session.execute(select(release_groups)):
        groups[release_id].add(group_id)
    rows = session.scalars(select(ReleaseRow).order_by(ReleaseRow.created_at.desc(), ReleaseRow.id.desc()))
    return tuple(_release(row, frozenset(groups[row.id])) for row in rows)


def _release(row: ReleaseRow, groups: frozenset[int]) -> Release:
    return Release(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        description=row.description,
        is_public=row.is_public,
        group_ids=groups,
        created_at=row.created_at,
    )


def token_info(row: ApiTokenRow) -> TokenInfo:
    """A token without its secret."""
    scope: TokenScope = "all" if row.scope == "all" else "read"  # a word of a newer version never means more
    return TokenInfo(row.id, row.label, row.prefix, row.created_at, row.expires_at, row.last_used_at, scope)


def tokens_of(session: Session, user_id: int) -> tuple[TokenInfo, ...]:
    """Tokens of one person, newest first."""
    statement = select(ApiTokenRow).where(ApiTokenRow.user_id == user_id)
    rows: Sequence[ApiTokenRow] = session.scalars(
        statement.order_by(ApiTokenRow.created_at.desc(), ApiTokenRow.id.desc())
    ).all()
    return tuple(token_info(row) for row in rows)


def remove_token(session: Session, user_id: int, token_id: int) -> bool:
    """Remove one token of a person; False when they have none of that id."""
    gone = session.execute(
        delete(ApiTokenRow).where(ApiTokenRow.id == token_id, ApiTokenRow.user_id == user_id).returning(ApiTokenRow.id)
    )
    return gone.scalar() is not None


def remove_unnamed_tokens(session: Session, user_id: int) -> None:
    """Remove the tokens of a person that have no label."""
    session.execute(delete(ApiTokenRow).where(ApiTokenRow.user_id == user_id, ApiTokenRow.label == ""))


def token_by_hash(session: Session, key_hash: str) -> tuple[ApiTokenRow, Actor] | None:
    """Token whose key has this SHA-256 and its person; None when unknown or the account is closed.

    One statement: every request of a program asks.
    """
    statement = (
        select(ApiTokenRow, UserRow, GroupRow.id, GroupRow.name)
        .join(UserRow, UserRow.id == ApiTokenRow.user_id)
        .outerjoin(user_groups, user_groups.c.user_id == UserRow.id)
        .outerjoin(GroupRow, GroupRow.id == user_groups.c.group_id)
        .where(ApiTokenRow.key_hash == key_hash, UserRow.is_active)
    )
    rows = session.execute(statement).all()
    return (rows[0][0], _actor(rows[0][1], [(row[2], row[3]) for row in rows])) if rows else None


def mark_token_used(session: Session, token_id: int, moment: datetime) -> None:
    """Keep when a token was last used."""
    session.execute(update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(last_used_at=moment))

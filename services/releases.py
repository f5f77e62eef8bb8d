"""Data releases: which exist, and who sees what belongs to them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from services.access import may_see_release
from services.errors import InvalidInput
from services.models.identity import Actor, Release
from services.repositories import people
from services.schema import ReleaseRow
from services.text_rules import folded, is_one_line, sort_key, storable
from services.unit_of_work import Sessions, reading, unit_of_work
from services.users import clean_group_names

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
_MAX_DISPLAY_NAME = 255
NO_RELEASE = "none"
"""Stands for products without a release in filters, so no release may be called so."""


class ReleaseService:
    """Releases of the survey that products belong to."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def visible(self, actor: Actor) -> tuple[Release, ...]:
        """Releases the actor may see, newest first."""
        with reading(self._sessions) as session:
            return tuple(release for release in people.releases(session) if may_see_release(actor, release))

    def create(
        self,
        name: str,
        display_name: str,
        description: str | None = None,
        groups: Iterable[str] = (),
        is_public: bool = False,
    ) -> Release:
        """Make a release for everybody, or for groups (made when new) if any are given and it is not public.

        Raises
        ------
        InvalidInput
            If a name cannot be taken.
        Conflict
            If the name is taken.
        """
        row = _new_row(name, display_name, description, is_public=is_public)
        names = clean_group_names(groups)
        with unit_of_work(self._sessions) as uow:
            return people.add_release(uow.session, row, names)


def _new_row(name: str, display_name: str, description: str | None, *, is_public: bool) -> ReleaseRow:
    title = display_name.strip()
    if _NAME.fullmatch(name) is None or name.casefold() == NO_RELEASE:
        raise InvalidInput(
            "The name of a release starts with a letter or digit and has up to 255 letters, digits, _ . and -; "
            '"none" is taken.',
            field="name",
        )
    if not title or len(title) > _MAX_DISPLAY_NAME or not is_one_line(title):
        raise InvalidInput("The display name of a release is plain text of 1 to 255 characters.", "display_name")
    return ReleaseRow(
        name=name,
        display_name=title,
        folded_names=folded(f"{name}\n{title}"),
        sort_name=sort_key(title),
        description=storable(description) if description else None,
        is_public=is_public,
    )

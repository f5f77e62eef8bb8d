"""Every expected failure of the portal: one tree, each class with a stable code and a message fit for people.

The edges translate: ``api/errors.py`` maps a class to a status, ``components/alerts.py`` to what the eye sees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class PZServerError(Exception):
    """Root of all expected failures.

    Parameters
    ----------
    message : str
        One or two sentences: what happened, why, and the next step. Shown to people as it is.
    """

    code = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(PZServerError):
    """The thing does not exist, or the actor may not know that it does."""

    code = "not_found"


class NotAllowed(PZServerError):
    """The actor sees the thing but may not do this to it."""

    code = "not_allowed"


class NotSignedIn(PZServerError):
    """Nobody is signed in, or the session has ended."""

    code = "not_signed_in"


class InvalidInput(PZServerError):
    """A value given by a person cannot be taken.

    Parameters
    ----------
    message : str
        What is wrong and what would be right.
    field : str, optional
        Name of the form field or parameter it concerns.
    """

    code = "invalid_input"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Conflict(PZServerError):
    """The thing is in a state that forbids the change."""

    code = "conflict"


class MissingColumns(PZServerError):
    """A product cannot be published because needed column roles are not known.

    Parameters
    ----------
    message : str
        Names what is missing and where to set it.
    missing : sequence of str
        The missing roles, by the aliases that would tell them ("RA", "Dec", "z").
    candidates : mapping, optional
        Alias to the column names it could be chosen from.
    """

    code = "missing_columns"

    def __init__(
        self, message: str, missing: Sequence[str], candidates: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        super().__init__(message)
        self.missing = tuple(missing)
        self.candidates = {role: tuple(names) for role, names in (candidates or {}).items()}


class TooLarge(PZServerError):
    """More bytes than the operator allows."""

    code = "too_large"


class UnreadableTable(PZServerError):
    """A file cannot be read as a table: the message names the file, the place and the reason."""

    code = "unreadable_table"


class NotATable(UnreadableTable):
    """A file is not a damaged table but something else: a document, a picture, a model, an archive of many files."""


class NoTable(PZServerError):
    """The product has no table to answer from; the message says why."""

    code = "no_table"


class StillRunning(PZServerError):
    """The answer is being prepared; ask again.

    Parameters
    ----------
    message : str
        What is being done.
    progress : float
        Fraction done, 0..1.
    """

    code = "still_running"

    def __init__(self, message: str, progress: float = 0.0) -> None:
        super().__init__(message)
        self.progress = progress


class Unavailable(PZServerError):
    """A part the portal needs (database, storage, queue) does not answer."""

    code = "unavailable"

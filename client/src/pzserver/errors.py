"""What can go wrong, as exceptions people can catch by what they know.

Every class derives from ``PzServerError`` and from the built-in or ``requests`` class that notebooks written for
earlier clients catch: ``ValueError``, ``FileNotFoundError``, ``ImportError``, ``requests.exceptions.RequestException``.
"""

from __future__ import annotations

import requests


class PzServerError(Exception):
    """Anything this package raises on purpose."""


class InvalidInput(PzServerError, ValueError):
    """What was asked for cannot be: an unknown filter, a missing token, a file of the wrong kind."""


class NotOwner(InvalidInput):
    """Only the owner of a product, or an administrator, may change it."""


class NotTabular(InvalidInput):
    """The product has no table that could be read into memory."""


class TooBig(InvalidInput):
    """The main file is larger than is read without asking."""


class UnreadableTable(InvalidInput):
    """The main file is there, but its table could not be read."""


class NoMainFile(PzServerError, FileNotFoundError):
    """The product is described only: it has no main file."""


class MissingExtra(PzServerError, ImportError):
    """An optional library is needed for this."""


class RequestFailed(PzServerError, requests.exceptions.RequestException):
    """The server refused, or could not be reached.

    Attributes
    ----------
    status_code : int or None
        HTTP status; None when no answer came.
    body : object
        The server's answer: a dict for JSON, else text.
    request_id : str or None
        What the operator needs to find the request in the log.
    """

    def __init__(
        self, message: str, *, status_code: int | None = None, body: object = None, request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.response = None
        self.request = None
        self.status_code = status_code
        self.body = body
        self.request_id = request_id


class ConnectionFailed(RequestFailed):
    """No answer came: wrong address, no network, or a time-out."""


class DownloadFailed(RequestFailed):
    """A file did not arrive whole; what arrived is kept in ``<name>.part`` and taken up by the next try."""


class NotFound(InvalidInput, RequestFailed):
    """There is no such thing on the server, or it is not visible to you."""


class RequiredColumnsException(PzServerError):
    """Columns that this type of product needs are not known, so it cannot be published.

    Attributes
    ----------
    missing : tuple of str
        Names of the missing roles, e.g. ``("RA", "Dec")``.
    """

    def __init__(self, message: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.missing = missing
